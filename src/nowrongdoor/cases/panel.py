"""What a case's page shows of what is written in it: signals, people, notes, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import http
from django.utils.translation import gettext as _

from nowrongdoor.access import viewers
from nowrongdoor.cases import files, forms, models, people, person_words, queries
from nowrongdoor.ui import slices, tags
from nowrongdoor.ui.panels import Panel
from nowrongdoor.uploads import checking, telling

NOTES, FILES = 20, 15  # on one page of their part


def everybody(access: queries.Access, shown: Sequence[people.PersonShown], *, can_write: bool) -> Panel:
    """Show the people of a case, each as the viewer may read it, and the form for another."""
    rows = [_person(person, can_write=can_write) for person in shown]
    context = {
        "case": access.case,
        "people": rows,
        "person_form": forms.PersonForm() if can_write else None,
    }
    return Panel("cases/_people.html", context)


def _person(person: people.PersonShown, *, can_write: bool) -> Mapping[str, object]:
    return {
        "is": person,
        "roles": [(role, person_words.ROLES[role.role]) for role in person.roles],
        "relations": [(each, person_words.RELATIONS[each.kind]) for each in person.relations],
        "can_write": can_write and person.is_ours,
    }


def signals(access: queries.Access, rows: Sequence[queries.SignalShown]) -> Panel:
    """Show the signals of a case: their words only to the agency that took each."""
    return Panel("cases/_signals.html", {"case": access.case, "signals": rows})


def notes(
    viewer: viewers.Viewer,
    access: queries.Access,
    heads: Sequence[queries.NoteHead],
    asked: http.QueryDict,
) -> Panel:
    """Show the notes that the viewer may read, a page at a time: pinned ones first, then the newest; one list of them
    where the address asks for it."""
    mine = [each for each in heads if each.audience == models.Note.Audience.ROLE and each.is_ours]
    for_me = [each for each in heads if each.for_role == viewer.role.value]
    lists = {"": heads, "role": mine, "for_me": for_me}
    chosen = asked.get("list", "")
    rows = sorted(lists.get(chosen, heads), key=lambda head: (head.pinned_at is not None, head.at), reverse=True)
    page = slices.of(rows, asked, name="notes", size=NOTES, anchor="notes")
    context = {
        "case": access.case,
        "is_whole": _is_whole(access),
        "notes": queries.open_notes(access, page.rows),
        "page": page,
        "chosen": chosen if chosen in lists else "",
        "all_notes": len(heads),
        "of_role": len(mine),
        "for_me": len(for_me),
        "list_words": forms.LISTS.get(viewer.role, ""),
        "addressed": {role.value: words for role, words in forms.ADDRESSED.items()},
        "note_form": forms.NoteForm(viewer.role),
    }
    return Panel("cases/_notes.html", context)


def attached(
    viewer: viewers.Viewer,
    access: queries.Access,
    rows: Sequence[files.FileShown],
    asked: http.QueryDict,
    form: forms.FileForm | None = None,
) -> Panel:
    """Show the files that the viewer may open, newest first, and the form for another, again where it was refused."""
    context = {
        "case": access.case,
        "page": slices.of(rows[::-1], asked, name="files", size=FILES, anchor="files"),
        "is_whole": _is_whole(access),
        "can_attach": _is_whole(access) and access.key is not None,
        "file_form": form or file_form(viewer),
        "file_kinds": [(kind.words, content) for kind, content in telling.WHAT.items()],
    }
    return Panel("cases/_files.html", context)


def file_form(viewer: viewers.Viewer, sent: dict[str, str] | None = None) -> forms.FileForm:
    """Return the form for a file, with what it says before anybody chooses one."""
    hint = _("PDF, PNG or JPEG picture, plain text, CSV, Excel or Word; at most {size}. {told}")
    return forms.FileForm(viewer.role, sent, hint.format(size=tags.as_size(checking.LIMIT), told=telling.PAGE))


def _is_whole(access: queries.Access) -> bool:
    return access.sight is queries.Sight.CASE
