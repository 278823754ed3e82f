"""A form that could not be taken, so that nobody has to write it again: every field that was sent, text first.

The promise: what somebody typed or picked stays on the page that says why it was not saved, whole, in a form that sends
it again to where it was going: after a session that ended, and after an action that was refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from django import forms, http, shortcuts
from django.utils import functional

from nowrongdoor.core import country_words, parts, protocols
from nowrongdoor.core.language import gettext_lazy, pgettext_lazy

TOKEN = "csrfmiddlewaretoken"  # noqa: S105  the name of a field; the new form has a token of its own
# What a page puts into its own form: where to go back to, and which version was seen. Nobody picked it.
OURS = (TOKEN, "back", "key", "seen_version", "seen", "shown", "page", "turn", "what", "signal")
_of_country = functional.lazy(country_words.worded, str)
# The fields into which people write, as the pages call them. A test finds each in the templates.
TEXTS: Mapping[str, str] = {
    "narrative": gettext_lazy("What happened"),
    "text": gettext_lazy("Note"),
    "reason": gettext_lazy("Reason"),
    "because": gettext_lazy("Reason"),
    "how": gettext_lazy("How, and whom you reached"),
    "confirmation": gettext_lazy("Confirmation number"),
    "label": gettext_lazy("What the file is"),
    "case": gettext_lazy("Case reference"),
    "reference": gettext_lazy("Case reference"),
    "q": gettext_lazy("Name, number, or email"),
    "sought": gettext_lazy("Reference or sender’s ID"),
    "name": gettext_lazy("Sign-in name"),
    "number": gettext_lazy("Which number is safe?"),
    "email": gettext_lazy("Email address"),
    "full_name": gettext_lazy("Full name"),
    "days": gettext_lazy("Days without a sign-in"),
    "system": gettext_lazy("Name of the system"),
    "contacted_at": gettext_lazy("When the contact was made"),
    "arrived_at": gettext_lazy("When your agency got it"),
    "town": gettext_lazy("Town, county, or ZIP code"),
    "reach_number": gettext_lazy("How to reach them"),
    "reach_times": gettext_lazy("When to reach them"),
    "reach_answer": gettext_lazy("What to say if somebody else answers"),
    "reach_language": gettext_lazy("The language they want to speak"),
    "purpose": gettext_lazy("Purpose of the release"),
    "witness": gettext_lazy("Who was there"),
    "longer": gettext_lazy("Why it lasts longer"),
    "co_signer": gettext_lazy("Parent or guardian who signs"),
    "excluded": gettext_lazy("Who may not sign or learn of this"),
    "code": gettext_lazy("Code on the paper"),
    "receiver": gettext_lazy("Who took the demand"),
    "party": gettext_lazy("Which court or party it’s from"),
    "docket": gettext_lazy("Docket number"),
    "asks": gettext_lazy("What it asks for"),
    "forbidden_by": gettext_lazy("Which order forbids notifying the person"),
    "digest": gettext_lazy("SHA-256 of what left"),
    "record": gettext_lazy("Which record left"),
    "received_at": gettext_lazy("When it was received"),
    "return_at": gettext_lazy("When the answer is due"),
    "motion_at": gettext_lazy("Until when counsel can file a motion"),
    "counsel_at": gettext_lazy("When counsel was told"),
    "notice_at": gettext_lazy("When the person was notified"),
    "happened_at": gettext_lazy("When the breach happened"),
    "noticed_at": gettext_lazy("When the breach was noticed"),
    "told_at": gettext_lazy("When they were told"),
    "signed_at": gettext_lazy("When it was signed"),
    "called_at": gettext_lazy("When the call was"),
    "into": gettext_lazy("Reference of the case that goes on"),
    "words": gettext_lazy("Review"),
    "free": gettext_lazy(
        "How many more can you take? Leave out those you’ve said yes to. A bed on hold counts as free."
    ),
    "taken_by": gettext_lazy("Who took them over?"),
    "table": gettext_lazy("Table"),
    "counts": gettext_lazy("Column of counts"),
    "place": gettext_lazy("Where are they?"),
    "leave_out": gettext_lazy("Columns to leave out"),
    "body": pgettext_lazy("a recipient of reports", "Agency"),
    "unit": pgettext_lazy("a recipient of reports", "Unit"),
    "officer": pgettext_lazy("a recipient of reports", "Who there takes reports?"),
    "telephone": pgettext_lazy("a recipient of reports", "Phone"),
    "county": pgettext_lazy("a recipient of reports", "County"),
    "hours": pgettext_lazy("a recipient of reports", "Hours"),
    "wants": pgettext_lazy("a recipient of reports", "What do they want in a report?"),
    "danger_because": pgettext_lazy("a report", "Why it can’t wait"),
    "confirmed_name": pgettext_lazy("a report", "Who there has it"),
    "knows": gettext_lazy("What helps whoever answers next?"),
    "amount": gettext_lazy("Up to how much?"),
    "what_for": gettext_lazy("What does whoever decides need to know?"),
    "spent": gettext_lazy("What did it cost?"),
    "comment": gettext_lazy("Comment"),
    "letter_number": gettext_lazy("Number on the letter"),
    **{f"part_{part.code}": _of_country(part.words) for part in protocols.installed().parts},
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
    problem: str = ""

    @property
    def fields(self) -> Sequence[forms.Form]:
        """Return a form for each text, because a name may have been sent twice; the first says what is wrong."""
        made = [_written(field, number) for number, field in enumerate(self.texts, start=1)]
        if made and self.problem:
            made[0].add_error(self.texts[0].name, self.problem)
        return made

    @property
    def has_words(self) -> bool:
        """Return whether somebody wrote anything."""
        return any(field.value.strip() for field in self.texts)

    @property
    def has_picks(self) -> bool:
        """Return whether somebody picked anything."""
        return any(field.name not in OURS for field in self.choices)


def _written(field: Field, number: int) -> forms.Form:
    form = forms.Form({field.name: field.value}, auto_id=f"unsent-{number}-%s")
    form.fields[field.name] = forms.CharField(label=field.words, widget=forms.Textarea, required=False)
    form.says_optional = False  # type: ignore[attr-defined]
    form.full_clean()
    return form


def of(sent: http.QueryDict, problem: str = "") -> Unsent:
    """Return what a form holds, without its token, and what is wrong with it."""
    fields = [Field(name, value, TEXTS.get(name, "")) for name, values in sent.lists() for value in values]
    return Unsent(
        texts=[field for field in fields if field.words and field.value],
        choices=[field for field in fields if field.name != TOKEN and not (field.words and field.value)],
        problem=problem,
    )


def refused(request: http.HttpRequest, problem: str, *, back: str) -> http.HttpResponse:
    """Answer a form that an action refused: why, and every word of it in a form that sends it again."""
    context = {"unsent": of(request.POST, problem), "problem": problem, "back": back}
    return shortcuts.render(request, "ui/refused.html", context, status=422)
