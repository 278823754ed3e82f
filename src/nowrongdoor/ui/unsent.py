"""A form that could not be taken, so that nobody has to write it again: every field that was sent, text first.

The promise: what somebody typed or picked stays on the page that says why it was not saved, whole, in a form that sends
it again to where it was going: after a session that ended, and after an action that was refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from django import http, shortcuts

from nowrongdoor.core import parts

TOKEN = "csrfmiddlewaretoken"  # noqa: S105  the name of a field; the new form has a token of its own
# What a page puts into its own form: where to go back to, and which version was seen. Nobody picked it.
OURS = (TOKEN, "back", "key", "seen_version", "seen", "what", "signal")
# The fields into which people write, as the pages call them. A test finds each in the templates.
TEXTS: Mapping[str, str] = {
    "narrative": "What happened",
    "text": "Note",
    "reason": "Reason",
    "because": "Reason",
    "how": "How, and whom you reached",
    "label": "What the file is",
    "case": "Case reference",
    "reference": "Case reference",
    "q": "Name, number, or email",
    "name": "Sign-in name",
    "full_name": "Full name",
    "days": "Days without a sign-in",
    "contacted_at": "When the contact was made",
    "arrived_at": "When your agency got it",
    "purpose": "Purpose of the release",
    "witness": "Who was there",
    "words": "Review",
    "table": "Table",
    "counts": "Column of counts",
    "leave_out": "Columns to leave out",
    **{f"person_{name}": words for name, (_, words) in parts.FIELDS.items()},
}


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One field as it was sent; `words` names it for a person, and is empty for a choice that was picked."""

    name: str
    value: str
    words: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Unsent:
    """What was sent and not taken."""

    texts: Sequence[Field]
    choices: Sequence[Field]

    @property
    def has_words(self) -> bool:
        """Return whether somebody wrote anything."""
        return any(field.value.strip() for field in self.texts)

    @property
    def has_picks(self) -> bool:
        """Return whether somebody picked anything."""
        return any(field.name not in OURS for field in self.choices)


def of(sent: http.QueryDict) -> Unsent:
    """Return what a form holds, without its token."""
    fields = [Field(name, value, TEXTS.get(name, "")) for name, values in sent.lists() for value in values]
    return Unsent(
        texts=[field for field in fields if field.words and field.value],
        choices=[field for field in fields if field.name != TOKEN and not (field.words and field.value)],
    )


def refused(request: http.HttpRequest, problem: str, *, back: str) -> http.HttpResponse:
    """Answer a form that an action refused: why, and every word of it in a form that sends it again."""
    context = {"unsent": of(request.POST), "problem": problem, "back": back}
    return shortcuts.render(request, "ui/refused.html", context, status=422)
