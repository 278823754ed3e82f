"""The forms of benefits letters: that one was requested, that it came, what became of it. None asks what happened to
the person, and none has a box for words but the number on the letter."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from nowrongdoor.benefits import actions
from nowrongdoor.benefits.models import State
from nowrongdoor.core import benefits, country_words
from nowrongdoor.services.forms import OneForm
from nowrongdoor.ui import rendering

Sent = Mapping[str, object] | None
_NO_DAY = {"required": gettext_lazy("Enter the day."), "invalid": gettext_lazy("Enter the day.")}


def _kinds() -> list[tuple[str, rendering.Described]]:
    return [
        (
            letter.code,
            rendering.Described(
                country_words.worded(letter.name),
                country_words.worded(letter.whom.words),
                letter.whom.citation,
                letter.whom.evidence,
            ),
        )
        for letter in benefits.installed().letters
    ]


class _KindForm(OneForm):
    """Which letter."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("a benefits letter", "Which letter?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose which letter.")},
    )

    def __init__(self, which: uuid.UUID, data: Sent = None) -> None:
        super().__init__(which, data)
        self.fields["kind"].choices = _kinds()  # type: ignore[attr-defined]


class RequestForm(_KindForm):
    """A letter was requested."""

    DO = "request"
    on = rendering.DayField(label=pgettext_lazy("a benefits letter", "When was it requested?"), error_messages=_NO_DAY)


class _NumberForm(OneForm):
    """A letter came."""

    on = rendering.DayField(label=pgettext_lazy("a benefits letter", "When did it come?"), error_messages=_NO_DAY)
    letter_number = forms.CharField(
        label=gettext_lazy("Number on the letter (optional)"),
        help_text=gettext_lazy("It’s sealed, and only your role at your agency can read it."),
        max_length=actions.NUMBER_LIMIT,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    last_on = rendering.DayField(
        label=gettext_lazy("Last day that the letter names"),
        help_text=gettext_lazy("Leave it blank if the letter names none."),
        required=False,
        error_messages=_NO_DAY,
    )


class CameForm(_NumberForm):
    """A letter came that was requested. `ends`: whether one of this kind has a last day."""

    DO = "came"

    def __init__(self, which: uuid.UUID, data: Sent = None, *, ends: bool = True) -> None:
        super().__init__(which, data)
        if not ends:
            del self.fields["last_on"]


class UnaskedForm(_KindForm, _NumberForm):
    """A letter came that nobody here requested."""

    DO = "unasked"


class EndForm(OneForm):
    """A letter was refused, or its request was withdrawn."""

    DO = "end"
    state = forms.ChoiceField(
        label=pgettext_lazy("a benefits letter", "What became of it?"),
        choices=[
            (State.REFUSED.value, gettext_lazy("It was refused")),
            (State.WITHDRAWN.value, gettext_lazy("The request was withdrawn")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what became of it.")},
    )
    on = rendering.DayField(label=pgettext_lazy("a benefits letter", "On which day?"), error_messages=_NO_DAY)


class ExtendForm(OneForm):
    """A letter was extended."""

    DO = "extend"
    last_on = rendering.DayField(
        label=pgettext_lazy("a benefits letter", "What is its new last day?"), error_messages=_NO_DAY
    )


class StrikeForm(OneForm):
    """What was noted of a letter is wrong."""

    DO = "strike"
