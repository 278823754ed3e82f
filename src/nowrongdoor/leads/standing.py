"""Who would be asked next for the cases that an agency leads, so that a page shows a button only where somebody is.

The promise: it is what `changing.ask_next` would do at this moment, worked out the same way and for many cases at once.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from collections.abc import Collection, Mapping

from django.db import connection

from nowrongdoor.agencies import queries as agencies
from nowrongdoor.core import places
from nowrongdoor.leads import answering, planning
from nowrongdoor.mandates import queries as tables


@dataclasses.dataclass(frozen=True, slots=True)
class _Decided:
    """The latest decision on a case, with the facts that it was made on."""

    case_id: uuid.UUID
    lead_id: uuid.UUID
    state: str
    district: str
    table_id: uuid.UUID
    digest: str
    facts_digest: str
    facts: str
    at: datetime.datetime


_DECIDED = """
SELECT DISTINCT ON (c.id) c.id, c.lead_id, c.state, c.district, t.id, t.digest, t.facts_digest, f.facts, d.at
  FROM nowrongdoor_case c
  JOIN nowrongdoor_decision d ON d.case_id = c.id
  JOIN nowrongdoor_ruling r ON r.digest = d.ruling_id
  JOIN nowrongdoor_mandate_table t ON t.id = r.table_id
  JOIN nowrongdoor_case_facts f ON f.case_id = c.id AND f.version = d.facts_version
 WHERE c.id = ANY (%(cases)s) AND c.closed_at IS NULL
 ORDER BY c.id, d.at DESC, d.id DESC
"""


def next_of(case_ids: Collection[uuid.UUID], directory: agencies.Directory) -> Mapping[uuid.UUID, agencies.Office]:
    """Find whom the chain has next for each of these cases, in two queries; a case with nobody next is left out, and so
    is one that no table can decide."""
    if not case_ids:
        return {}
    with connection.cursor() as database:
        database.execute(_DECIDED, {"cases": list(case_ids)})
        decided = [_Decided(*row) for row in database.fetchall()]
    gone_past = answering.gone_past_of(case_ids)
    asked_of = {}
    for each in decided:
        try:
            book = tables.read_book(each.table_id, each.digest, each.facts_digest)
        except tables.CannotDecide:
            continue
        asked = planning.next_asked(
            book.rule(json.loads(each.facts), at=each.at),
            places.Place(each.state, each.district),
            lead_id=each.lead_id,
            gone_past=gone_past[each.case_id],
            directory=directory,
        )
        if asked.offer:
            asked_of[each.case_id] = asked.offer.office
    return asked_of
