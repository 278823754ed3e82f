"""What is read of a case around its lead: hand-offs, what is owed, the decision; and lists of cases. Everything
starts from a `Access` case, which `cases` opened."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import uuid
from collections.abc import Mapping, Sequence

from django.db import connection

from nowrongdoor.access import viewers
from nowrongdoor.cases import queries as cases
from nowrongdoor.duties import kinds
from nowrongdoor.duties import queries as duties
from nowrongdoor.leads import queries as leads

PAGE = 25


@dataclasses.dataclass(frozen=True)
class CasePage:
    """All that a case page shows about who answers for it. On HISTORY sight only `steps` of the viewer's agency."""

    access: cases.Access
    ruling: Mapping[str, object] | None
    assessments: Sequence[Mapping[str, object]]
    steps: Sequence[leads.Step]
    all_duties: Sequence[duties.Duty]

    @property
    def notices(self) -> Sequence[duties.Duty]:
        """List who was told, or must be."""
        return [each for each in self.all_duties if each.kind is kinds.Kind.NOTICE]

    @property
    def deadlines(self) -> Sequence[duties.Duty]:
        """List what must be done by a day."""
        return [each for each in self.all_duties if each.kind is kinds.Kind.DEADLINE]

    @property
    def is_led_by_nobody(self) -> bool:
        """Return whether the lead fell to a backstop that is not reached."""
        lead = next((step for step in self.steps if step.id == self.access.case.lead_handoff_id), None)
        return lead is not None and not lead.to_is_answered

    @property
    def open_offer(self) -> leads.Step | None:
        """Find the offer that waits for an answer."""
        return next((step for step in self.steps if step.is_open), None)


def case_page(viewer: viewers.Viewer, access: cases.Access) -> CasePage:
    """Read what the viewer may see of a case, in four queries (one on HISTORY sight)."""
    steps = leads.steps(access)
    if access.sight is cases.Sight.HISTORY:
        return CasePage(access, None, (), [s for s in steps if s.to_agency_id == viewer.agency_id], ())
    ruling, assessments = _said_of(access.case.id)
    shown = [
        dataclasses.replace(
            each,
            words=access.opened(each.how, each.place),
            confirmed=access.opened(each.confirmation, each.confirmation_place)
            if each.confirmation and each.confirmation_place
            else "",
        )
        if each.how and each.place
        else each
        for each in duties.of_case(access.case.id, kinds.Kind.NOTICE, kinds.Kind.DEADLINE)
    ]
    return CasePage(access, ruling, assessments, steps, shown)


# The newest of each: what was decided, and what the instruments said; in one query.
_SAID = """
SELECT (SELECT r.body FROM nowrongdoor_decision d JOIN nowrongdoor_ruling r ON r.digest = d.ruling_id
         WHERE d.case_id = %(case)s ORDER BY d.at DESC, d.id DESC LIMIT 1),
       (SELECT f.body FROM nowrongdoor_assessment a JOIN nowrongdoor_finding f ON f.digest = a.finding_id
         WHERE a.case_id = %(case)s ORDER BY a.at DESC, a.id DESC LIMIT 1)
"""


def _said_of(case_id: uuid.UUID) -> tuple[Mapping[str, object], Sequence[Mapping[str, object]]]:
    with connection.cursor() as database:
        database.execute(_SAID, {"case": case_id})
        ruling, findings = database.fetchone()
    return json.loads(ruling), tuple(json.loads(findings))


class Tab(enum.Enum):
    """Which of an agency's cases a list shows."""

    ALL = "all"
    LEADING = "leading"
    PASSED_ON = "passed_on"


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A case in a list: who leads it now, who is being asked, and how this agency takes part."""

    facts: Mapping[str, str]
    id: uuid.UUID
    reference: str
    opened_at: datetime.datetime
    closed_at: datetime.datetime | None
    lead: str
    is_lead: bool
    asked: str | None
    due_at: datetime.datetime | None
    relations: Sequence[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Rows:
    """A page of cases, newest first; `next` and `previous` are references to go on from, None at the ends."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None


# Ids grow with time, so the id is the order; {beyond} keeps the page to one index range.
_MINE: Mapping[Tab, str] = {
    Tab.ALL: """
SELECT DISTINCT p.case_id AS id FROM nowrongdoor_participant p
 WHERE p.agency_id = %(agency)s {beyond_case} ORDER BY p.case_id {order} LIMIT %(limit)s""",
    Tab.LEADING: """
SELECT c.id FROM nowrongdoor_case c
 WHERE c.lead_id = %(agency)s AND c.closed_at IS NULL {beyond} ORDER BY c.id {order} LIMIT %(limit)s""",
    Tab.PASSED_ON: """
SELECT DISTINCT p.case_id AS id FROM nowrongdoor_participant p JOIN nowrongdoor_case c ON c.id = p.case_id
 WHERE p.agency_id = %(agency)s AND p.relation IN ('received', 'led') AND c.lead_id <> p.agency_id {beyond_case}
 ORDER BY p.case_id {order} LIMIT %(limit)s""",
}
_ROWS = """
SELECT c.facts, c.id, c.reference, c.opened_at, c.closed_at, l.name, c.lead_id = %(agency)s, a.name, h.due_at,
       ARRAY(SELECT p.relation FROM nowrongdoor_participant p
              WHERE p.case_id = c.id AND p.agency_id = %(agency)s ORDER BY p.from_at, p.relation)
  FROM ({mine}) AS mine
  JOIN nowrongdoor_case c ON c.id = mine.id
  JOIN nowrongdoor_agency l ON l.id = c.lead_id
  LEFT JOIN nowrongdoor_handoff h ON h.case_id = c.id AND h.state = 'offered'
  LEFT JOIN nowrongdoor_agency a ON a.id = h.to_agency_id
 ORDER BY c.id {order}
"""


def list_cases(viewer: viewers.Viewer, *, tab: Tab = Tab.ALL, after: str = "", before: str = "") -> Rows:
    """List cases the viewer's agency takes or took part in, newest first, from a cursor (a row's id as
    text) on. ValueError for a cursor that is no id."""
    order, sign, cursor = ("ASC", ">", before) if before else ("DESC", "<", after)
    values: dict[str, uuid.UUID | int] = {"agency": viewer.agency_id, "limit": PAGE + 1}
    beyond = beyond_case = ""
    if cursor:
        values["cursor"] = uuid.UUID(cursor)
        beyond, beyond_case = f"AND c.id {sign} %(cursor)s", f"AND p.case_id {sign} %(cursor)s"
    mine = _MINE[tab].format(beyond=beyond, beyond_case=beyond_case, order=order)
    with connection.cursor() as database:
        database.execute(_ROWS.format(mine=mine, order=order), values)
        lines = [Row(json.loads(facts), *row) for facts, *row in database.fetchall()]
    is_more, rows = len(lines) > PAGE, lines[:PAGE]
    if before:
        rows.reverse()
    if not rows:
        return Rows((), None, None)
    is_next, is_previous = (True, is_more) if before else (is_more, bool(after))
    return Rows(tuple(rows), str(rows[-1].id) if is_next else None, str(rows[0].id) if is_previous else None)
