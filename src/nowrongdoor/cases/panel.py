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


def signals_and_people(viewer: viewers.Viewer, access: queries.Access) -> Panel:
    """Show the signals and the people of a case, each as the viewer may read it, in two queries."""
    context = {
        "case": access.case,
        "signals": queries.signals(viewer, access.case.id),
        "people": people.shown(viewer, access.case.id, access.key),
        "person_fields": [(name, words) for name, (_, words) in parts.FIELDS.items()],
    }
    return Panel("cases/_signals_and_people.html", context)


def notes(access: queries.Access, rows: Sequence[queries.NoteShown]) -> Panel:
    """Show the notes that the viewer may read, and the form for another."""
    return Panel("cases/_notes.html", {"case": access.case, "is_whole": _is_whole(access), "notes": rows})


def attached(access: queries.Access, rows: Sequence[files.FileShown], form: FileForm) -> Panel:
    """Show the files that the viewer may open, and the form for another, again where it was refused."""
    context = {
        "case": access.case,
        "files": rows,
        "can_attach": _is_whole(access) and access.key is not None,
        "file_form": form,
        "file_accept": kinds.ACCEPT,
        "file_limit": checking.LIMIT,
        "file_told": telling.PAGE,
        "file_kinds": [(kind.words, content) for kind, content in telling.WHAT.items()],
        "label_limit": files.LABEL_LIMIT,
    }
    return Panel("cases/_files.html", context)


def _is_whole(access: queries.Access) -> bool:
    return access.sight is queries.Sight.CASE
