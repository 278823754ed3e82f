"""The forms of taking a signal in, and of saying that a call was made."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import cast

from django import forms
from django.http import QueryDict

from nowrongdoor.core import instants, places
from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.core.mandates import facts
from nowrongdoor.duties import actions as duties
from nowrongdoor.signals.models import Channel
from nowrongdoor.ui import questions, rendering

CHANNELS = [(code, words) for code, words in Channel.choices if code not in (Channel.SYSTEM, Channel.IMPORT)]
# By no default: it would answer for whoever forgets the question.
NO_CHANNEL = _("Choose how they reached you.")
NO_SOURCE = _("Choose who is telling us. If you don’t know, choose “Not known.”")
SOURCE = "source"
TIMES = ("contacted_at", "arrived_at", "long_ago")


class DoneForm(forms.Form):
    """How somebody was told, in a few words."""

    how = forms.CharField(
        label=_("How did you do it?"),
        help_text=_("For example: by telephone at 3:10 a.m., dispatcher 12. Leave out names."),
        max_length=duties.HOW_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages=dict.fromkeys(("required", "max_length"), str(duties.HowMissing())),
    )


def _time(label: str, help_text: str) -> forms.DateTimeField:
    """Make a field for a time, in the time zone of the pages, as browsers send it."""
    return forms.DateTimeField(
        label=label,
        help_text=help_text,
        required=False,
        widget=rendering.Moment,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        error_messages={"invalid": _("Enter a date and a time, or leave it blank.")},
    )


class SignalForm(questions.FactsForm):
    """Everything that is asked about one contact."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    channel = forms.ChoiceField(
        label=_("How did they reach you?"),
        choices=CHANNELS,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), NO_CHANNEL),
    )
    narrative = forms.CharField(
        label=_("What happened, in their words?"),
        help_text=_("Only your agency can read this. Leave out names you don’t need."),
        widget=forms.Textarea(attrs={"maxlength": 50_000}),
        required=False,
        strip=False,
    )
    indicator = forms.MultipleChoiceField(
        label=_("Indicators"),
        help_text=_("This is a screening, not a legal finding. An unchecked box means “not known,” never “no.”"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    contacted_at = _time(_("When was the contact made?"), _("For example, the date of a letter, or when they called."))
    arrived_at = _time(
        _("When did your agency get it?"),
        _(
            "Deadlines set by law run from here. Leave it blank for a call, text, chat, web form, or visit: it’s when "
            "the contact was made."
        ),
    )
    long_ago = forms.BooleanField(label=_("Yes, it was more than a year ago"), required=False)
    case = forms.CharField(
        label=_("Is this about a case you already have?"),
        help_text=_("If so, enter its reference, like K7QM-2XWD-94HT. If not, leave this blank."),
        required=False,
        widget=forms.TextInput(attrs={"class": "mono", "maxlength": 20, "autocomplete": "off"}),
    )

    def __init__(
        self, asked: facts.Vocabulary, sent: QueryDict | None = None, *, key: str = "", case: str = ""
    ) -> None:
        self._asked = asked
        early = (asked.safety, *asked.first)
        super().__init__(
            asked, sent, radios=[name for name in early if name != SOURCE], initial={"key": key, "case": case}
        )
        indicator = self.fields["indicator"]
        assert isinstance(indicator, forms.MultipleChoiceField)
        indicator.choices = [
            (group.title, [(option.code, option.words) for option in group.options])
            for group in questions.indicators(())
        ]
        if SOURCE in self.fields:
            source = self.fields[SOURCE]
            assert isinstance(source, forms.ChoiceField)
            source.choices = [("", _("Choose one")), *cast("list[tuple[str, str]]", source.choices)]
            source.initial = ""
        self.focus_on = asked.safety

    def clean(self) -> dict[str, object]:
        """Ask who tells us where that decides who is asked, and say what cannot all be true."""
        known: dict[str, object] = super().clean() or self.cleaned_data
        if SOURCE in self.fields and self._is_source_missing(known):
            self.add_error(SOURCE, str(NO_SOURCE))
        self.say(self._conflicts())
        return known

    def _is_source_missing(self, known: Mapping[str, object]) -> bool:
        """Whether nobody said who tells us, where that decides who is asked: a wish decides by itself, and danger comes
        first."""
        is_told = known.get(SOURCE) or known.get("wishes", facts.UNKNOWN) not in ("", None, facts.UNKNOWN)
        return not is_told and known.get("urgency") != "immediate_danger"

    def _conflicts(self) -> Sequence[facts.Impossible]:
        """Return what cannot all be true of the answers. An answer that no form offers is refused beside its field."""
        try:
            return facts.parse(self.given, self._asked).conflicts
        except facts.FactsError:
            return ()

    def only(self, problem: str) -> None:
        """Say this alone is wrong: somebody who is not done yet is not told what is missing."""
        self.cleaned_data = {}
        self._errors = forms.utils.ErrorDict(renderer=self.renderer)
        self.add_error(None, problem)

    def renew_key(self, key: str) -> None:
        """Take the form, if it is sent again, for another signal."""
        assert isinstance(self.data, QueryDict)
        sent = self.data.copy()
        sent["key"] = key
        self.data = sent

    @property
    def given(self) -> dict[str, str]:
        """Return the facts that were told."""
        return questions.read({name: str(self.data.get(name, "")) for name in self._asked.names}, self._asked)

    @property
    def where(self) -> places.Place:
        """Return the place that was told."""
        return places.read(str(self.cleaned_data["place"]))

    @property
    def instants(self) -> instants.Instants:
        """Return the times that were told."""
        known = self.cleaned_data
        typed: list[datetime.datetime | None] = [known.get(name) for name in TIMES[:2]]
        return instants.Instants(typed[0], typed[1], known["long_ago"])

    @property
    def safety(self) -> forms.BoundField:
        """Return the question that comes before all others."""
        return self[self._asked.safety]

    @property
    def first(self) -> Sequence[forms.BoundField]:
        """Return what is asked of everybody."""
        return [self[name] for name in self._asked.first]

    @property
    def more(self) -> Sequence[forms.BoundField]:
        """Return what is asked where it comes up."""
        early = {self._asked.safety, *self._asked.first}
        return [self[name] for name in self._asked.names if name not in early]

    @property
    def times(self) -> Sequence[forms.BoundField]:
        """Return what is asked of a contact that was not made just now."""
        return [self[name] for name in TIMES]

    @property
    def is_more_known(self) -> bool:
        """Return whether any later question has an answer, or is wrong."""
        return any(field.errors or field.value() not in (None, "", facts.UNKNOWN) for field in self.more)

    @property
    def is_any_ticked(self) -> bool:
        """Return whether an indicator is ticked, or wrong."""
        return bool(self["indicator"].value() or self["indicator"].errors)

    @property
    def is_any_time_told(self) -> bool:
        """Return whether a time was told, or is wrong."""
        return any(field.errors or field.value() for field in self.times)
