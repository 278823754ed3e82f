"""A case's reference that was typed wrong, told kindly: what is wrong with it, and which of one's own cases was meant.

The promise: nothing is said of a case that the viewer can't open. What is proposed is looked up as they look.
"""

from __future__ import annotations

from collections.abc import Sequence

from django import http, shortcuts

from nowrongdoor.access import guards
from nowrongdoor.cases.models import Case
from nowrongdoor.core import reference

SHOWN = 5


def answer(request: guards.Request, typed: str) -> http.HttpResponse:
    """Answer with what may have been meant, or as for any page that isn't there."""
    near = _near(typed)
    meant = Case.objects.filter(reference__in=near).order_by("-id")[:SHOWN].values_list("reference", flat=True)
    context = {"is_readable": bool(near), "meant": list(meant)}
    return shortcuts.render(request, "casework/mistyped.html", context, status=404)


def _near(typed: str) -> Sequence[str]:
    """List the references that differ from what was typed in one letter, or in two neighbors that changed places."""
    letters = reference.letters_of(typed)
    if len(letters) not in (11, 12, 13):
        return []
    found: set[str] = set()
    if len(letters) == 13:  # one too many
        found = {letters[:at] + letters[at + 1 :] for at in range(13)}
    elif len(letters) == 11:  # one too few
        found = {letters[:at] + each + letters[at:] for at in range(12) for each in reference.ALPHABET}
    else:
        found = {letters[:at] + each + letters[at + 1 :] for at in range(12) for each in reference.ALPHABET}
        found |= {letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :] for at in range(11)}
    return [
        f"{each[:4]}-{each[4:8]}-{each[8:]}" for each in found if all(letter in reference.ALPHABET for letter in each)
    ]
