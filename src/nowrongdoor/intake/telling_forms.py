"""What a contact's page asks about whoever is in touch: whether they speak for somebody, how to reach them safely, and
who else is there. None of it has to be answered, and what was not said to be safe is not kept."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Mapping, Sequence
from typing import cast

from django import forms
from django.http import QueryDict

from nowrongdoor.cases import person_words
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.signals import actions as signals

MOST_PEOPLE = 20
OF_AGE = 18
NOT_ASKED = ("", gettext_lazy("Not asked"))
YES_NO = (NOT_ASKED, ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))
# Until when a way back holds, in days; it is dropped then.
UNTIL = {
    "1": gettext_lazy("24 hours"),
    "3": gettext_lazy("3 days"),
    "7": gettext_lazy("A week"),
    "30": gettext_lazy("30 days"),
}
PROXY = ("proxy_knows", "proxy_police", "proxy_children")
REACH = ("reach_number", "reach_until", "reach_times", "reach_answer")
SPOKEN = ("reach_language", "reach_interpreter")


def _line(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=signals.WAY_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _yes_no(label: str, help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, help_text=help_text, choices=YES_NO, required=False)


class ReachForm(forms.Form):
    """How to reach whoever is in touch, and whether to at all; and, where they speak for somebody, whether that person
    knows."""

    proxy_knows = _yes_no(gettext_lazy("Does the person know that you’re being told?"))
    proxy_police = _yes_no(gettext_lazy("Would the person be safe if police came?"))
    proxy_children = _yes_no(
        gettext_lazy("Are there children?"),
        gettext_lazy("Add each of them under “Who else is there?” An age is enough."),
    )
    reach_safe = forms.ChoiceField(
        label=gettext_lazy("Is it safe to contact them again?"),
        help_text=gettext_lazy("Ask. If they don’t say yes, no number is kept."),
        choices=[
            NOT_ASKED,
            ("yes", gettext_lazy("Yes, they said it’s safe")),
            ("no", gettext_lazy("No")),
            ("silent", gettext_lazy("They didn’t say")),
        ],
        required=False,
    )
    reach_number = _line(
        gettext_lazy("What number, or what other way?"), gettext_lazy("Only what they told you. Never use caller ID.")
    )
    reach_until = forms.ChoiceField(
        label=gettext_lazy("For how long is it safe?"),
        help_text=gettext_lazy("Then it’s erased."),
        choices=[("", gettext_lazy("Choose")), *UNTIL.items()],
        required=False,
    )
    reach_times = _line(gettext_lazy("At what times?"))
    reach_answer = _line(
        gettext_lazy("If somebody else answers, what do we say?"),
        gettext_lazy("For example: “Wrong number.” A voicemail greeting says nothing about us."),
    )
    reach_language = _line(gettext_lazy("What language do they want to speak?"))
    reach_interpreter = _yes_no(gettext_lazy("Do they need an interpreter?"))

    def problems_of_reach(self) -> Mapping[str, str]:
        """Return what has to be asked before a way back is kept, by field."""
        known = self.cleaned_data
        problems = {}
        if not known.get("reach_safe") and any(known.get(name) for name in REACH):
            problems["reach_safe"] = _(
                "Ask whether it’s safe to contact them. If they didn’t say, choose that: the number isn’t kept then."
            )
        if known.get("reach_safe") == "yes":
            if not known.get("reach_number"):
                problems["reach_number"] = _("Enter the number or the way, or choose “No” above.")
            if not known.get("reach_until"):
                problems["reach_until"] = _("Choose for how long it’s safe. It’s erased then.")
        return problems

    def way_back(self, at: datetime.datetime) -> signals.WayBack | None:
        """Return how to reach them, where they said that it is safe."""
        known = self.cleaned_data
        if known.get("reach_safe") != "yes":
            return None
        words = {name: known[name] for name in REACH if name != "reach_until" and known[name]}
        return signals.WayBack(words, at + datetime.timedelta(days=int(known["reach_until"])))

    @property
    def is_way_dropped(self) -> bool:
        """Return whether a way was given that nobody said is safe."""
        known = self.cleaned_data
        return known.get("reach_safe") in ("no", "silent") and any(known.get(name) for name in REACH)

    @property
    def telling(self) -> Mapping[str, str]:
        """Return what else was said of whoever is in touch."""
        names = ("reach_safe", *PROXY, *SPOKEN)
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}

    @property
    def proxy(self) -> Sequence[forms.BoundField]:
        """Return what is asked of somebody who speaks for the person."""
        return [self[name] for name in PROXY]

    @property
    def reach(self) -> Sequence[forms.BoundField]:
        """Return what is asked about reaching them."""
        return [self[name] for name in ("reach_safe", *REACH, *SPOKEN)]

    @property
    def is_reach_told(self) -> bool:
        """Return whether anything was said about reaching them, or is wrong."""
        return any(field.errors or field.value() for field in self.reach)

    @property
    def is_proxy_told(self) -> bool:
        """Return whether any question about a proxy has an answer, or is wrong."""
        return any(field.errors or field.value() for field in self.proxy)


def in_words(answers: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Return what was said of whoever is in touch, each under its question, in the order of the form."""
    shown = []
    for name, field in ReachForm.base_fields.items():
        if name in answers:
            options = cast("list[tuple[str, str]]", field.choices) if isinstance(field, forms.ChoiceField) else []
            shown.append((str(field.label), str(dict(options).get(answers[name], answers[name]))))
    return shown


@dataclasses.dataclass(frozen=True, slots=True)
class Somebody:
    """One line of the list of people: its number and its fields."""

    number: int
    fields: Sequence[forms.BoundField]


class PeopleForm(forms.Form):
    """Who else is there: as many lines as were filled, and one more."""

    KINDS = ("called", "age", "role", "kind", "of")

    def add_people(self, sent: QueryDict | None) -> None:
        """Make the fields of each person."""
        names = [re.fullmatch(r"person-([1-9][0-9]?)-\w+", name) for name in sent or ()]
        filled = [int(match[1]) for match in names if match and sent and sent.get(match[0], "").strip()]
        self.count = min(max(filled, default=0) + 1, MOST_PEOPLE)
        for number in range(1, self.count + 1):
            self._add(number)

    def _add(self, number: int) -> None:
        others = [(str(each), _("Person %(number)s") % {"number": each}) for each in range(1, self.count + 1)]
        self.fields[f"person-{number}-called"] = _line(_("What do they want to be called?"))
        self.fields[f"person-{number}-age"] = forms.RegexField(
            r"^\s*\d{1,3}\s*$",
            label=_("Age, or your best guess"),
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            error_messages={"invalid": _("Write the age in years, like 9. If you can’t guess, leave it blank.")},
        )
        self.fields[f"person-{number}-role"] = forms.ChoiceField(
            label=_("What are they in this?"),
            choices=[("", _("Not known")), *((code, str(words)) for code, words in person_words.ROLES.items())],
            required=False,
        )
        self.fields[f"person-{number}-kind"] = forms.ChoiceField(
            label=_("They’re the"),
            choices=[("", _("Not known")), *((code, str(words)) for code, words in person_words.RELATIONS.items())],
            required=False,
        )
        self.fields[f"person-{number}-of"] = forms.ChoiceField(
            label=_("of"),
            choices=[("", _("Choose")), *(each for each in others if each[0] != str(number))],
            required=False,
        )

    def problems_of_people(self) -> Mapping[str, str]:
        """Return what does not fit together in the list, by field."""
        problems = {}
        for number in range(1, self.count + 1):
            kind, of = (self.cleaned_data.get(f"person-{number}-{name}") for name in ("kind", "of"))
            if kind and not of:
                problems[f"person-{number}-of"] = _("Choose whose, or leave the relation blank.")
            elif of and not kind:
                problems[f"person-{number}-kind"] = _("Choose how they’re related, or leave both blank.")
            elif of and not self._line(int(of)):
                problems[f"person-{number}-of"] = _("Nothing is entered for that person. An age is enough.")
        return problems

    @property
    def somebody(self) -> Sequence[Somebody]:
        """Return the lines of the list."""
        numbers = range(1, self.count + 1)
        return [Somebody(each, [self[f"person-{each}-{name}"] for name in self.KINDS]) for each in numbers]

    @property
    def people(self) -> Sequence[Mapping[str, str]]:
        """Return who is there, in order; whom a relation is to is counted among these."""
        filled = [number for number in range(1, self.count + 1) if self._line(number)]
        place = {str(number): str(position) for position, number in enumerate(filled, start=1)}
        people = []
        for number in filled:
            line = self._line(number)
            people.append({**line, **({"of": place[line["of"]]} if line.get("of") else {})})
        return people

    @property
    def is_child_there(self) -> bool:
        """Return whether somebody under 18 is there who isn't said to be an offender."""
        ages = (
            str(self.data.get(f"person-{number}-age", "")).strip()
            for number in range(1, self.count + 1)
            if self.data.get(f"person-{number}-role") != "offender"
        )
        return any(age.isdigit() and int(age) < OF_AGE for age in ages)

    def _line(self, number: int) -> dict[str, str]:
        known = {name: str(self.cleaned_data.get(f"person-{number}-{name}", "")).strip() for name in self.KINDS}
        return {name: value for name, value in known.items() if value}
