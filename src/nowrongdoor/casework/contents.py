"""All that a case's page, its print and its PDF show of a case to one viewer, read once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from nowrongdoor.access import viewers
from nowrongdoor.cases import files, people
from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import queries
from nowrongdoor.signals import files as sent


@dataclasses.dataclass(frozen=True, slots=True)
class Contents:
    """What the viewer may see of a case. An agency that takes part no longer sees what it wrote itself, and no people,
    signals or duties. `notes` aren't opened yet: a page opens those that it shows. `sent`: files that somebody added
    to a contact of the case."""

    viewer: viewers.Viewer
    page: queries.CasePage
    history: Sequence[cases.FactsShown]
    reopenings: Sequence[cases.ReopeningShown]
    signals: Sequence[cases.SignalShown]
    people: Sequence[people.PersonShown]
    notes: Sequence[cases.NoteHead]
    files: Sequence[files.FileShown]
    sent: Sequence[sent.FileShown]

    @property
    def is_whole(self) -> bool:
        """Return whether the viewer's agency takes part now."""
        return self.page.access.sight is cases.Sight.CASE


def read(viewer: viewers.Viewer, access: cases.Access) -> Contents:
    """Read it, in a number of queries that doesn't grow with the case."""
    is_whole = access.sight is cases.Sight.CASE
    return Contents(
        viewer=viewer,
        page=queries.case_page(viewer, access),
        history=cases.facts_history(access) if is_whole else (),
        reopenings=cases.reopenings(access) if is_whole else (),
        signals=cases.signals(viewer, access.case.id) if is_whole else (),
        people=people.shown(viewer, access.case.id, access.key) if is_whole else (),
        notes=cases.note_heads(viewer, access),
        files=files.listed(viewer, access),
        sent=_sent(viewer, access) if is_whole else (),
    )


def _sent(viewer: viewers.Viewer, access: cases.Access) -> Sequence[sent.FileShown]:
    case_id = access.case.id
    by_signal = sent.listed(cases.signal_ids(access), by=viewer, case_id=case_id)
    return [row for rows in by_signal.values() for row in rows]
