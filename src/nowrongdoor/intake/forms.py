"""The forms of taking a signal in, and of saying that a call was made."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import cast

from django import forms
from django.http import QueryDict

from nowrongdoor.core import gazetteer, instants, places
from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.core.mandates import facts
from nowrongdoor.duties import actions as duties
from nowrongdoor.intake import telling_forms, wishes
from nowrongdoor.signals.models import Channel
from nowrongdoor.ui import questions, rendering

CHANNELS = [(code, words) for code, words in Channel.choices if code not in (Channel.SYSTEM, Channel.IMPORT)]
# By no default: it would answer for whoever forgets the question.
NO_CHANNEL = _("Choose how they reached you.")
NO_SOURCE = _("Choose who is telling us. If you don’t know, choose “Not known.”")
SOURCE = "source"
TIMES = ("contacted_at", "arrived_at", "long_ago")
# Who is in touch most often; everybody else is an official or a professional.
OFTEN = ("survivor", "proxy", "bystander")
EMPTY = _(
    "Nothing is entered about this contact. If the line dropped or nobody spoke, check “Save it without anything else” "
    "at the end of the form: a silent call can be a sign too."
)


class DoneForm(forms.Form):
    """How somebody was told, in a few words. `signal`: the reference of the receipt that it is on."""

    signal = forms.CharField(widget=forms.HiddenInput)
    how = forms.CharField(
        label=_("How did you do it?"),
        help_text=_("For example: by telephone at 3:10 a.m., dispatcher 12. Leave out names."),
        max_length=duties.HOW_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages=dict.fromkeys(("required", "max_length"), str(duties.HowMissing())),
    )


class ReportedForm(DoneForm):
    """How a report that a law requires was made, and what its receiver gave for it."""

    confirmation = forms.CharField(
        label=_("What confirmation number did they give you?"),
        help_text=_("If they give none, write the name and badge of whoever took the report."),
        max_length=duties.CONFIRMATION_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages=dict.fromkeys(("required", "max_length"), str(duties.ConfirmationMissing())),
    )


class AnswerForm(forms.Form):
    """Which yes-or-no question is answered. `seen`: the version of the draft that its writer has seen."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(widget=forms.HiddenInput)
    code = forms.CharField(widget=forms.HiddenInput)


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


@dataclasses.dataclass(frozen=True, slots=True)
class Follows:
    """A fact that follows from another answer, and the sentence that says so."""

    name: str
    code: str
    because: str


class SignalForm(telling_forms.ReachForm, telling_forms.PeopleForm, questions.FactsForm):
    """Everything that is asked about one contact."""

    key = forms.CharField(widget=forms.HiddenInput, required=False)
    contact = forms.UUIDField(widget=forms.HiddenInput, required=False)  # with the line, that this becomes a signal of
    # What was answered with no while somebody listened, so that it isn't asked again.
    refused = forms.Field(widget=forms.MultipleHiddenInput, required=False)
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
    town = forms.CharField(
        label=_("Town, county, or ZIP code"),
        help_text=_("It finds the place below, and isn’t kept. Add the State if you know it, like “Elko, NV.”"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_empty = forms.BooleanField(
        label=_("Save it without anything else: the line dropped, or nobody spoke"), required=False
    )

    def __init__(
        self,
        asked: facts.Vocabulary,
        sent: QueryDict | None = None,
        *,
        key: str = "",
        case: str = "",
        contact: str = "",
        channel: str = "",
    ) -> None:
        self._asked = asked
        self._is_empty_refused = False
        early = (asked.safety, *asked.first)
        initial = {"key": key, "case": case, "contact": contact, "channel": channel}
        super().__init__(asked, sent, radios=[name for name in early if name != SOURCE], initial=initial)
        indicator = self.fields["indicator"]
        assert isinstance(indicator, forms.MultipleChoiceField)
        indicator.choices = _indicators
        if SOURCE in self.fields:
            source = self.fields[SOURCE]
            assert isinstance(source, forms.ChoiceField)
            told_by = cast("Iterable[tuple[str, str]]", source.choices)
            source.choices = lambda: [("", _("Choose one")), *_grouped(list(told_by))]
            source.initial = ""
        self.add_people(sent)
        if gazetteer.installed() is None:
            del self.fields["town"]
        self.focus_on = asked.safety

    def clean(self) -> dict[str, object]:
        """Ask who tells us where that decides who is asked, and say what cannot all be true."""
        known: dict[str, object] = super().clean() or self.cleaned_data
        if SOURCE in self.fields and self._is_source_missing(known):
            self.add_error(SOURCE, str(NO_SOURCE))
        for name, problem in {**self.problems_of_reach(), **self.problems_of_people()}.items():
            self.add_error(name, problem)
        self._ask_which_place(known)
        self._ask_whose_wish(known)
        self.say(self._conflicts())
        if not self.errors and not known.get("is_empty") and self._says_nothing(known):
            self._is_empty_refused = True
            self.add_error(None, str(EMPTY))
        return known

    def _ask_which_place(self, known: dict[str, object]) -> None:
        """Take the place that a town, county or ZIP code names; ask which where it can be several."""
        town = str(known.get("town", "")).strip()
        if not town or known.get("place"):
            return
        codes = list(dict.fromkeys(code for each in self.towns for code in each.codes))
        if not codes:
            self.add_error("town", _("We don’t know this place. Check how it’s spelled, or choose the place below."))
        elif len(codes) == 1:
            known["place"] = codes[0]
        else:
            names = places.names()
            place = self.fields["place"]
            assert isinstance(place, forms.ChoiceField)
            first = [(code, names[code]) for code in codes]
            choices = list(cast("Iterable[tuple[str, str]]", place.choices))
            rest = [choice for choice in choices if choice[0] and choice[0] not in codes]
            place.choices = [*choices[:1], (_("It can be in"), first), (_("Elsewhere"), rest)]
            self.add_error("place", _("%(town)s can be in more than one place. Ask which.") % {"town": town})

    @property
    def towns(self) -> Sequence[gazetteer.Found]:
        """Return where the town, county or ZIP code can be."""
        return gazetteer.find(str(self["town"].value() or "")) if "town" in self.fields else ()

    @property
    def towns_in_words(self) -> Sequence[tuple[str, Sequence[str], gazetteer.Law | None]]:
        """Return each of these with its county, the names of the places it can be in, and the law that says so."""
        names = places.names()
        return [(f"{each.name}, {each.county}", [names[code] for code in each.codes], each.law) for each in self.towns]

    def _ask_whose_wish(self, known: Mapping[str, object]) -> None:
        """Refuse a yes of somebody who does not know that anybody was told."""
        if self.given.get(SOURCE) != "proxy" or known.get("proxy_knows") != "no":
            return
        agreed = [name for name in wishes.ALL if self.given.get(name) in ("report_agreed", "yes")]
        for name in agreed:
            self.add_error(
                name,
                _("The person doesn’t know about this contact, so they can’t have agreed. Choose “Not known.”"),
            )

    def _says_nothing(self, known: Mapping[str, object]) -> bool:
        """Whether nobody said anything but who they are."""
        known_facts = {name for name in self.given if name != SOURCE}
        words = (
            known.get("indicator"),
            known.get("place"),
            known.get("town"),
            known.get("case"),
            self.people,
            self.telling,
        )
        return not (known_facts or any(words) or str(known.get("narrative", "")).strip())

    def ask_nothing_yet(self) -> None:
        """Show what was typed as it stands: somebody who is not done yet is not told what is missing."""
        self.full_clean()
        self._errors = forms.utils.ErrorDict(renderer=self.renderer)

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
        """Return the facts that were told, with those that follow from what else was said."""
        return {**self._answered, **{each.name: each.code for each in self.follows}}

    @property
    def _answered(self) -> dict[str, str]:
        return questions.read({name: str(self.data.get(name, "")) for name in self._asked.names}, self._asked)

    @property
    def follows(self) -> Sequence[Follows]:
        """Return the facts that follow from what was said elsewhere on the page, each with why."""
        answered, asked = self._answered, self._asked.positions
        follows = []
        is_proxy = answered.get(SOURCE) == "proxy"
        is_child = self.is_child_there or (is_proxy and self.data.get("proxy_children") == "yes")
        if is_child and "age" in asked and answered.get("age") != "under_18":
            follows.append(Follows("age", "under_18", _("A child is there, so this is handled as a child’s case.")))
        is_unsafe = is_proxy and self.data.get("proxy_police") == "no"
        if is_unsafe and "wish_police" in asked and answered.get("wish_police", facts.UNKNOWN) == facts.UNKNOWN:
            because = _("The person wouldn’t be safe if police came, so police aren’t told.")
            follows.append(Follows("wish_police", "no", because))
        return follows

    @property
    def wish(self) -> Sequence[tuple[forms.BoundField, str]]:
        """Return what the person wants, question by question, as it will be saved."""
        given = self.given
        return [
            (self[name], self._asked.attribute(name).words(given.get(name, facts.UNKNOWN)))
            for name in wishes.ALL
            if name in self._asked.positions
        ]

    @property
    def indicators(self) -> Collection[str]:
        """Return the codes of the indicators that this form offers."""
        field = self.fields["indicator"]
        assert isinstance(field, forms.MultipleChoiceField)
        return {
            code
            for _group, options in cast("list[tuple[str, list[tuple[str, str]]]]", field.choices)
            for code, _ in options
        }

    @property
    def is_empty_asked(self) -> bool:
        """Return whether somebody is asked if they mean to save nothing."""
        return self._is_empty_refused or bool(self["is_empty"].value())

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
        """Return what is asked of everybody, but for who is telling us."""
        return [self[name] for name in self._asked.first if name != SOURCE]

    @property
    def source(self) -> forms.BoundField | None:
        """Return the question of who is telling us, where it is asked."""
        return self[SOURCE] if SOURCE in self.fields else None

    @property
    def is_proxy(self) -> bool:
        """Return whether somebody speaks for the person."""
        return self._answered.get(SOURCE) == "proxy" or self.is_proxy_told

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


def _indicators() -> list[tuple[str, object]]:
    """List the boxes in their groups."""
    return [
        (group.title, [(option.code, option.words) for option in group.options]) for group in questions.indicators(())
    ]


def _grouped(choices: Sequence[tuple[str, str]]) -> list[tuple[str, object]]:
    """Put who is in touch most often first, and everybody else into a group of their own."""
    often = [choice for choice in choices if choice[0] in OFTEN]
    if len(often) < len(OFTEN):
        return list(choices)
    rest = [choice for choice in choices if choice[0] not in (*OFTEN, facts.UNKNOWN)]
    unknown = [choice for choice in choices if choice[0] == facts.UNKNOWN]
    return [*often, (_("An official or a professional"), rest), *unknown]
