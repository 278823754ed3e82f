"""What a case's page shows of what is written in it: signals and people, notes, files."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from nowrongdoor.access import viewers
from nowrongdoor.cases import files, people, queries
from nowrongdoor.cases.models import Note
from nowrongdoor.core import parts
from nowrongdoor.ui.panels import Panel
from nowrongdoor.uploads import checking, kinds, telling


@dataclasses.dataclass(frozen=True, slots=True)
class FileForm:
    """The form for a file as it was sent, with the field that is wrong and why; empty before anybody sent it."""

    label: str = ""
    audience: str = Note.Audience.AGENCY.value
    field: str = ""
    problem: str = ""


def signals_and_people(viewer: viewers.Viewer, found: queries.Found) -> Panel:
    """Show the signals and the people of a case, each as the viewer may read it, in two queries."""
    context = {
        "case": found.case,
        "signals": queries.signals(viewer, found.case.id),
        "people": people.shown(viewer, found.case.id, found.key),
        "person_fields": [(name, words) for name, (_, words) in parts.FIELDS.items()],
    }
    return Panel("cases/_signals_and_people.html", context)


def notes(found: queries.Found, rows: Sequence[queries.NoteShown]) -> Panel:
    """Show the notes that the viewer may read, and the form for another."""
    return Panel("cases/_notes.html", {"case": found.case, "is_whole": _is_whole(found), "notes": rows})


def attached(found: queries.Found, rows: Sequence[files.FileShown], form: FileForm) -> Panel:
    """Show the files that the viewer may open, and the form for another, again where it was refused."""
    context = {
        "case": found.case,
        "files": rows,
        "can_attach": _is_whole(found) and found.key is not None,
        "file_form": form,
        "file_accept": kinds.ACCEPT,
        "file_limit": checking.LIMIT,
        "file_told": telling.PAGE,
        "file_kinds": [(kind.words, content) for kind, content in telling.WHAT.items()],
        "label_limit": files.LABEL_LIMIT,
    }
    return Panel("cases/_files.html", context)


def _is_whole(found: queries.Found) -> bool:
    return found.sight is queries.Sight.CASE
