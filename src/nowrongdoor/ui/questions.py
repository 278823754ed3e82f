"""The facts as a form asks them: what matters first, the rest behind one click, unknown as the first answer to each."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection, Mapping, Sequence

from django import forms

from nowrongdoor.core import country_words, places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import facts
from nowrongdoor.core.triage import answers, elements

DIMENSIONS = {
    1: gettext_lazy("How the person was found: deception"),
    2: gettext_lazy("How the person was found: coercion"),
    3: gettext_lazy("How the person was found: vulnerability"),
    4: gettext_lazy("Exploitation"),
    5: gettext_lazy("Coercion now"),
    6: gettext_lazy("Vulnerability now"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose."""

    code: str
    words: str
    is_chosen: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """One question with its answers; the first is always that it is not known."""

    name: str
    text: str
    law: str
    options: Sequence[Option]
    problem: str = ""
    field: forms.BoundField | None = None

    @property
    def is_known(self) -> bool:
        """Return whether anything but unknown is chosen."""
        return not self.options[0].is_chosen


@dataclasses.dataclass(frozen=True, slots=True)
class Indicators:
    """The indicators of one dimension, as boxes to tick."""

    title: str
    options: Sequence[Option]


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """All questions of a page."""

    safety: Question
    first: Sequence[Question]
    more: Sequence[Question]
    places: forms.BoundField

    @property
    def is_more_known(self) -> bool:
        """Return whether any of the later questions has an answer."""
        return any(question.is_known for question in self.more)


class FactsForm(forms.Form):
    """The questions of a table as fields, with the place. Each has unknown for its first answer; what was sent and is
    no answer is said beside the field. Answers are listed only where they are drawn or checked: most of what is sent
    says nothing of most fields."""

    says_optional = False  # everything may stay unknown, and says so itself
    place = forms.ChoiceField(label=gettext_lazy("Where is it?"), required=False)

    def __init__(
        self,
        asked: facts.Vocabulary,
        sent: Mapping[str, object] | None = None,
        *,
        radios: Collection[str] = (),
        initial: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(sent, auto_id="fact-%s", initial=dict(initial or {}))
        for attribute in asked.attributes:
            self.fields[attribute.name] = forms.ChoiceField(
                label=country_words.worded(attribute.question),
                choices=functools.partial(_answers, attribute),
                widget=forms.RadioSelect if attribute.name in radios else forms.Select,
                initial=facts.UNKNOWN,
                required=False,
            )
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)
        place.choices = _places
        place.help_text = country_words.worded(places.installed().hint)

    def say(self, conflicts: Sequence[facts.Impossible]) -> None:
        """Say beside each fact that is part of a conflict what cannot be."""
        if not hasattr(self, "cleaned_data"):
            self.full_clean()
        for each in conflicts:
            for name in each.names:
                self.add_error(name, each.sentence)


def form(
    chosen: Mapping[str, str],
    asked: facts.Vocabulary,
    place: places.Place = places.Place(),  # noqa: B008  a frozen value
    conflicts: Sequence[facts.Impossible] = (),
) -> Form:
    """Make the questions of a table with what was answered so far, to it or to one before. Each fact that is part of a
    conflict says so beside it."""
    known, problems = facts.read(chosen, asked).facts, problems_of(conflicts)
    answered = {a.name: known[a.name] for a in asked.attributes}
    shown = FactsForm(asked, {**answered, "place": place.code})
    shown.say(conflicts)
    by_name = {a.name: _question(a, known[a.name], problems.get(a.name, ""), shown[a.name]) for a in asked.attributes}
    early = {asked.safety, *asked.first}
    return Form(
        safety=by_name[asked.safety],
        first=[by_name[name] for name in asked.first],
        more=[question for name, question in by_name.items() if name not in early],
        places=shown["place"],
    )


def problems_of(conflicts: Sequence[facts.Impossible]) -> Mapping[str, str]:
    """Return the sentences that stand beside each fact that is part of a conflict."""
    problems: dict[str, str] = {}
    for each in conflicts:
        for name in each.names:
            problems[name] = " ".join(filter(None, (problems.get(name), country_words.worded(each.sentence))))
    return problems


def read(sent: Mapping[str, str], asked: facts.Vocabulary) -> dict[str, str]:
    """Take the facts out of what a browser sent; unknown is left out. Codes are checked by the action."""
    return {name: sent[name] for name in asked.names if sent.get(name) and sent[name] != facts.UNKNOWN}


def indicators(ticked: Sequence[str]) -> Sequence[Indicators]:
    """Make the boxes of the ILO indicators and of the elements of the country's law."""
    groups = [
        Indicators(
            str(title),
            [Option(i.id, _(i.words), i.id in ticked) for i in answers.indicators() if i.dimension == dimension],
        )
        for dimension, title in DIMENSIONS.items()
    ]
    asked = [Option(key, country_words.worded(words), key in ticked) for key, words in answers.elements().words.items()]
    return [Indicators(country_words.worded(elements.installed().heading), asked), *groups]


def _question(attribute: facts.Attribute, chosen: str, problem: str, field: forms.BoundField) -> Question:
    options = [Option(code, words, code == chosen) for code, words in _answers(attribute)]
    return Question(attribute.name, country_words.worded(attribute.question), attribute.law, options, problem, field)


def _answers(attribute: facts.Attribute) -> Sequence[tuple[str, str]]:
    codes = (facts.UNKNOWN, *attribute.codes[:-1])
    plain = {facts.UNKNOWN: _("Not known")}
    if set(codes) == {facts.UNKNOWN, "yes", "no"}:
        plain |= {"yes": _("Yes"), "no": _("No")}
    return [(code, plain.get(code) or _sentence(country_words.worded(attribute.words(code)))) for code in codes]


def _places() -> Sequence[tuple[str, str]]:
    return [("", _("Not known")), *country_words.place_names().items()]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
