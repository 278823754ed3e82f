"""What each screen asks, as Django forms. Nothing has to be answered but the first question."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from django import forms
from django.conf import settings
from django.utils import translation

from nowrongdoor.core import country_words, doors, gazetteer, language, places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy, pgettext_lazy
from nowrongdoor.door import flow
from nowrongdoor.intake import telling_forms
from nowrongdoor.signals import actions as signals
from nowrongdoor.ui import rendering

WORDS_LIMIT = 10_000  # characters, so that a form fits into what anybody may send (access/edge.py) in every script
PLACE_LIMIT = 200
QUESTION_LIMIT = 200
DETAIL_LIMIT = 300
ELSEWHERE = "none"  # of several places that fit: none of these
OTHER_JOB = "elsewhere"  # no fact's code, so that it says nothing of who is telling; it is an answer all the same

# Whose words lead elsewhere than a bystander's: by the codes of the fact about who is telling.
JOBS: Sequence[tuple[str, rendering.Described]] = (
    ("law_enforcement", rendering.Described(gettext_lazy("Police or other law enforcement"))),
    ("child_welfare", rendering.Described(gettext_lazy("Child welfare"))),
    ("school", rendering.Described(gettext_lazy("A school"), gettext_lazy("School records stay with the school."))),
    ("clinician", rendering.Described(gettext_lazy("Health care"))),
    (
        "provider",
        rendering.Described(
            gettext_lazy("Victim services"), gettext_lazy("Don’t say who the person is, unless they agreed in writing.")
        ),
    ),
    (
        "lawyer",
        rendering.Described(gettext_lazy("The person’s lawyer"), gettext_lazy("Only what your client agreed to.")),
    ),
    ("consulate", rendering.Described(gettext_lazy("A consulate"))),
    ("government", rendering.Described(gettext_lazy("Another government office"))),
    (OTHER_JOB, rendering.Described(gettext_lazy("Something else"))),
)


class ScreenForm(forms.Form):
    """The fields of one screen. `about`: the kind of agency it is about, on the screens that ask about one."""

    says_optional = False  # each screen says that it can be skipped

    def __init__(self, sent: Mapping[str, str] | None, answers: Mapping[str, str], about: str = "") -> None:
        super().__init__(sent, initial=dict(answers))
        self.answers, self.about = answers, about

    @classmethod
    def names(cls, answers: Mapping[str, str], about: str = "") -> Sequence[str]:
        """List the names of the fields that somebody with these answers has on this screen."""
        return tuple(cls.base_fields)

    @property
    def typed(self) -> Mapping[str, str]:
        """Return what was sent as it was typed, right or wrong, so that nothing is lost on another screen's way."""
        return {name: str(self.data.get(name, "")).strip() for name in self.fields}

    @property
    def is_too_long(self) -> bool:
        """Return whether more was typed than can be kept on the way to another screen."""
        return any(
            len(self.typed[name]) > (getattr(field, "max_length", 0) or 20) for name, field in self.fields.items()
        )

    def offer(self, name: str, options: Sequence[tuple[str, str | rendering.Described]]) -> None:
        """Set what can be chosen in a field."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = options  # a choice's words may have a line below them


def _choice(label: str, options: Sequence[tuple[str, str | rendering.Described]] = ()) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=options, widget=forms.RadioSelect, required=False)


def _line(label: str, hint: str = "", most: int = signals.WAY_LIMIT) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=most,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _words(label: str, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=WORDS_LIMIT,
        strip=True,
        widget=forms.Textarea(attrs={"autocomplete": "off", "rows": 8}),
        error_messages={
            "max_length": gettext_lazy(
                "Keep it under %(limit_value)d characters. You entered %(show_value)d. You can write more in your "
                "mailbox after you send this."
            )
        },
    )


YOUR_ANSWER = gettext_lazy("Your answer")
YES_NO_UNKNOWN: Sequence[tuple[str, str]] = (
    ("yes", gettext_lazy("Yes")),
    ("no", gettext_lazy("No")),
    ("", gettext_lazy("I don’t know, or I’d rather not say")),
)


class Who(ScreenForm):
    """Who writes. It alone has to be answered, because the next questions depend on it."""

    stance = forms.ChoiceField(
        label=gettext_lazy("Who are you?"),
        widget=forms.RadioSelect,
        choices=[
            (flow.Stance.PERSON.value, gettext_lazy("I need help")),
            (flow.Stance.PROXY.value, gettext_lazy("I’m asking for somebody else")),
            (flow.Stance.BYSTANDER.value, gettext_lazy("I saw or heard something")),
            (flow.Stance.OFFICIAL.value, gettext_lazy("I’m writing for my work")),
        ],
        error_messages={
            "required": gettext_lazy("Choose who you are. It’s the only question that needs an answer."),
            "invalid_choice": gettext_lazy("Choose one of these."),
        },
    )


class Job(ScreenForm):
    """For whom an official works."""

    job = _choice(gettext_lazy("Choose what fits best"), JOBS)


class Details(ScreenForm):
    """The short questions of a door by occupation. Each is a line that may stay empty."""

    def __init__(self, sent: Mapping[str, str] | None, answers: Mapping[str, str], about: str = "") -> None:
        super().__init__(sent, answers, about)
        door = doors.installed().by_code(about)
        for ask in door.asks if door else ():
            self.fields[detail(ask)] = _line(country_words.worded(ask.words), most=DETAIL_LIMIT)

    @classmethod
    def names(cls, answers: Mapping[str, str], about: str = "") -> Sequence[str]:
        """List the door's own."""
        door = doors.installed().by_code(about)
        return tuple(detail(ask) for ask in door.asks) if door else ()


def detail(ask: doors.Ask) -> str:
    """Name the field of a short question."""
    return f"detail_{ask.id}"


class Knows(ScreenForm):
    """Whether the person knows that somebody writes for them."""

    proxy_knows = _choice(YOUR_ANSWER, YES_NO_UNKNOWN)


class Visit(ScreenForm):
    """Whether the person would be safe if police came."""

    proxy_police = _choice(YOUR_ANSWER, YES_NO_UNKNOWN)


class Children(ScreenForm):
    """Whether there are children."""

    proxy_children = _choice(YOUR_ANSWER, YES_NO_UNKNOWN)


class What(ScreenForm):
    """What is happening, in free words."""

    words = _words(
        gettext_lazy("In your own words"),
        gettext_lazy("Write as much or as little as you like. You don’t have to give any names."),
    )

    def __init__(self, sent: Mapping[str, str] | None, answers: Mapping[str, str], about: str = "") -> None:
        super().__init__(sent, answers, about)
        self.fields["words"].required = False


class Where(ScreenForm):
    """Where it is: a town, a county or a ZIP code; of several places that fit, which."""

    place = _line(gettext_lazy("Town, county, or ZIP code"), most=PLACE_LIMIT)
    place_code = _choice(gettext_lazy("Which of these do you mean?"))

    def __init__(self, sent: Mapping[str, str] | None, answers: Mapping[str, str], about: str = "") -> None:
        known = places_of((answers if sent is None else sent).get("place", ""))
        if sent is not None and sent.get("place_code") not in (*known, ELSEWHERE):
            sent = {**sent, "place_code": ""}  # it was chosen for another name
        super().__init__(sent, answers, about)
        self.fields["place"].help_text = country_words.worded(places.installed().hint)
        if len(known) > 1:
            none = _("None of these, or I don’t know")
            self.offer("place_code", [*known.items(), (ELSEWHERE, none)])
        else:
            del self.fields["place_code"]

    @classmethod
    def names(cls, answers: Mapping[str, str], about: str = "") -> Sequence[str]:
        """List the place, and which of several where more than one fits."""
        return ("place", "place_code") if len(places_of(answers.get("place", ""))) > 1 else ("place",)

    def clean(self) -> None:
        """Ask which place is meant, where several fit and nobody was asked yet."""
        if "place_code" in self.fields and not self.cleaned_data.get("place_code"):
            self.add_error("place_code", _("More than one place is called that. Choose one, or “None of these.”"))


def places_of(typed: str) -> Mapping[str, str]:
    """Map the codes of the places that fit what was typed to their names: a state by its name or code, a town, a
    county, or a ZIP code."""
    states, by_name = _states(language.current())
    plain = typed.strip().casefold()
    if plain.upper() in states:
        return {plain.upper(): states[plain.upper()]}
    names = {code: states[code] for code in by_name.get(plain, ())}
    fitting = gazetteer.find(typed)
    for each in fitting:
        code = each.codes[0] if len(each.codes) == 1 else each.state
        # Nobody knows districts by name: a place is told by its state, and by its county where several there fit.
        is_told_apart = code == each.state or each.name == each.county or not _is_twice(each, fitting)
        name = each.name if is_told_apart else f"{each.name} ({each.county})"
        name = f"{name}, {states[each.state]}"
        names.setdefault(code, name)
    return names


@functools.cache
def _states(_language: str) -> tuple[Mapping[str, str], Mapping[str, Sequence[str]]]:
    """Name the states in the language that is spoken, and find their codes by name; worked out once for each."""
    states = {code: country_words.worded(name) for code, name in places.installed().states.items()}
    by_name: dict[str, list[str]] = {}
    for code, name in states.items():
        by_name.setdefault(name.casefold(), []).append(code)
    return states, by_name


def _is_twice(place: gazetteer.Found, fitting: Sequence[gazetteer.Found]) -> bool:
    return sum(each.state == place.state for each in fitting) > 1


class Urgency(ScreenForm):
    """Whether somebody is in danger."""

    urgency = _choice(
        gettext_lazy("Is somebody in danger?"),
        [
            ("immediate_danger", gettext_lazy("Yes, right now")),
            ("within_24h", gettext_lazy("Not this minute, but it’s urgent: today or tomorrow")),
            ("none", gettext_lazy("Not right now")),
            ("", gettext_lazy("I don’t know, or I’d rather not say")),
        ],
    )


WISHES: Sequence[tuple[str, rendering.Described]] = (
    (
        "",
        rendering.Described(
            pgettext_lazy("safety", "Talk with an advocate first"), pgettext_lazy("safety", "Nobody else is told.")
        ),
    ),
    (
        "help",
        rendering.Described(
            pgettext_lazy("safety", "I want help only"), pgettext_lazy("safety", "No report to anybody.")
        ),
    ),
    (
        flow.REPORT,
        rendering.Described(
            pgettext_lazy("safety", "I want to report it"), pgettext_lazy("safety", "Next, we ask who may be told.")
        ),
    ),
)
WISHES_FOR: Sequence[tuple[str, rendering.Described]] = (
    WISHES[0],
    ("help", rendering.Described(pgettext_lazy("safety", "The person wants help only"), WISHES[1][1].hint)),
    (flow.REPORT, rendering.Described(pgettext_lazy("safety", "The person wants to report it"), WISHES[2][1].hint)),
)


class Wish(ScreenForm):
    """What the person wants, as they say it or as whoever speaks for them does. Nothing chosen is the first."""

    wish = _choice(gettext_lazy("Choose what fits best"), WISHES)

    def __init__(self, sent: Mapping[str, str] | None, answers: Mapping[str, str], about: str = "") -> None:
        super().__init__(sent, answers, about)
        if flow.stance_of(answers) is flow.Stance.PROXY:
            self.offer("wish", WISHES_FOR)


AGENCY: Sequence[tuple[str, str]] = (
    ("yes", gettext_lazy("Yes")),
    ("no", gettext_lazy("No")),
    ("", gettext_lazy("Not yet. Ask me later.")),
)


class Agency(ScreenForm):
    """Whether one kind of agency may be told. No answer counts as no."""

    def __init__(self, sent: Mapping[str, str] | None, answers: Mapping[str, str], about: str = "") -> None:
        super().__init__(sent, answers, about)
        self.fields[about] = _choice(YOUR_ANSWER, AGENCY)

    @classmethod
    def names(cls, answers: Mapping[str, str], about: str = "") -> Sequence[str]:
        """List the kind of agency that it asks about."""
        return (about,)


class Reach(ScreenForm):
    """Whether it is safe to be contacted."""

    reach_safe = _choice(
        YOUR_ANSWER,
        [
            ("yes", gettext_lazy("Yes, it’s safe to contact me")),
            ("no", gettext_lazy("No. I’ll come back to this site with my receipt.")),
        ],
    )


class How(ScreenForm):
    """How, until when, and what to say if somebody else answers."""

    reach_number = _line(gettext_lazy("What number, or what other way?"))
    reach_until = forms.ChoiceField(
        label=gettext_lazy("For how long is it safe?"),
        help_text=gettext_lazy("Then it’s erased."),
        choices=[("", gettext_lazy("Choose")), *telling_forms.UNTIL.items()],
        required=False,
    )
    reach_times = _line(gettext_lazy("At what times?"))
    reach_answer = _line(
        gettext_lazy("If somebody else answers, what do we say?"), gettext_lazy("For example: “Wrong number.”")
    )
    reach_language = _line(gettext_lazy("What language do you want to speak?"))

    def __init__(self, sent: Mapping[str, str] | None, answers: Mapping[str, str], about: str = "") -> None:
        super().__init__(sent, answers, about)
        spoken = language.name_of(translation.get_language() or settings.LANGUAGE_CODE)
        self.initial.setdefault("reach_language", spoken)

    def clean(self) -> None:
        """Keep a way back whole, or not at all."""
        number, until = self.cleaned_data.get("reach_number"), self.cleaned_data.get("reach_until")
        if number and not until and "reach_until" not in self.errors:
            self.add_error("reach_until", _("Choose for how long it’s safe. Then we erase it."))
        if until and not number and "reach_number" not in self.errors:
            self.add_error("reach_number", _("Enter the number or the way, or skip this question."))


class Safety(ScreenForm):
    """A question that only the person can answer."""

    question = _line(
        gettext_lazy("Your question"), gettext_lazy("For example: “What did I call my first bike?”"), QUESTION_LIMIT
    )
    answer = _line(YOUR_ANSWER, most=QUESTION_LIMIT)

    def clean(self) -> None:
        """Keep a question with its answer, or neither."""
        question, answer = self.cleaned_data.get("question"), self.cleaned_data.get("answer")
        if question and not answer and "answer" not in self.errors:
            self.add_error("answer", _("Enter the answer to your question, or skip both."))
        if answer and not question and "question" not in self.errors:
            self.add_error("question", _("Enter the question that this answers, or skip both."))


class Check(ScreenForm):
    """Nothing more is asked before it is sent."""


FORMS: Mapping[flow.Screen, type[ScreenForm]] = {
    flow.Screen.WHO: Who,
    flow.Screen.JOB: Job,
    flow.Screen.DETAILS: Details,
    flow.Screen.KNOWS: Knows,
    flow.Screen.VISIT: Visit,
    flow.Screen.CHILDREN: Children,
    flow.Screen.WHAT: What,
    flow.Screen.WHERE: Where,
    flow.Screen.URGENCY: Urgency,
    flow.Screen.WISH: Wish,
    flow.Screen.AGENCY: Agency,
    flow.Screen.REACH: Reach,
    flow.Screen.HOW: How,
    flow.Screen.SAFETY: Safety,
    flow.Screen.CHECK: Check,
}
