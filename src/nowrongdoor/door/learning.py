"""What a person learns of their own contact, once they answered their safety question.

The promise (F7): only the person themselves learns more than that it was received and read; and while a hold covers
the case, they are shown the very same as when there is nothing yet, so that the page tells nobody of an operation.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence

from nowrongdoor.access import row_security
from nowrongdoor.audit import record
from nowrongdoor.cases.models import Case, CaseSignal, Participant
from nowrongdoor.mailbox import openers, visiting
from nowrongdoor.retention import queries as retention


@dataclasses.dataclass(frozen=True, slots=True)
class Learned:
    """Who is responsible now and since when; and the other agencies that take part, in order of their names."""

    lead: str
    since: datetime.datetime
    others: Sequence[str]
    is_open: bool


def learn(opener: openers.Opener, answer: str, *, at: datetime.datetime) -> Learned | None:
    """Return what the person may learn now, or None where there is nothing to show. visiting.NoSuchMailbox,
    visiting.WrongAnswer, limits.TooMany."""
    signal_id = visiting.check_answer(opener, answer, at=at)
    with row_security.system():
        held = CaseSignal.objects.filter(signal=signal_id).values_list("case", flat=True).first()
        cases = Case.objects.select_related("lead")
        case = cases.filter(id=held).first() if held else None
        while case is not None and case.merged_into_id is not None:  # it goes on there
            case = cases.get(id=case.merged_into_id)
        if case is None or retention.is_held(case.id):
            return None
        others = Participant.objects.filter(case=case, to_at=None).exclude(agency=case.lead_id)
        names = sorted(set(others.values_list("agency__name", flat=True)))
        record.record(record.Deed("mailbox.learned", case.lead_id, signal_id, case_id=case.id), at=at)
    return Learned(case.lead.name, case.lead_since, names, case.closed_at is None)
