"""A case on which many work: the agencies, notes and files of a long one."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import Agency
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import noting
from nowrongdoor.cases.models import Case, Note
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import kinds
from tests.leads import stories

AGENCIES, NOTES, FILES = 40, 300, 50


def fill(case: Case, by: viewers.Viewer, *, agencies: int = AGENCIES, notes: int = NOTES, files: int = FILES) -> None:
    """Notify agencies of a case, and write notes and attach files to it; every tenth note was corrected once."""
    with row_security.system():
        duties.owe(*_owings(case, agencies), at=stories.NOON)
    for number in range(notes):
        at = stories.NOON + datetime.timedelta(minutes=number)
        text = f"Note {number:03}. " + "She called again, and the man who keeps her papers was there. " * 8
        note = cases.add_note(case.id, text=text, audience=Note.Audience.TEAM, by=by, at=at)
        if number % 10 == 0:
            noting.correct(note.id, text=f"{text} (Corrected.)", because="A wrong name.", seen=0, by=by, at=at)
    for number in range(files):
        stories.attach(case.id, by=by, label=f"Letter {number:02}", audience=Note.Audience.TEAM)


def _owings(case: Case, count: int) -> Sequence[duties.Owing]:
    told = Agency.objects.filter(active=True, may_be_told=True).order_by("code")[:count]
    assert len(told) == count
    return [
        duties.Owing(
            kind=kinds.Kind.NOTICE,
            case_id=case.id,
            agency_id=agency.id,
            desk=f"crowd-{number}",
            why="The law says that this agency learns of it.",
            citation="22 USC 7105",
            evidence="statute",
            basis="policy",
            due_at=stories.NOON + datetime.timedelta(days=2, minutes=number),
            role="notify",
            rule=f"crowd-{number}",
        )
        for number, agency in enumerate(told)
    ]
