"""The facts as a form asks them: what matters first, the rest behind one click, unknown as the first answer to each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

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
    places: Sequence[Option]

    @property
    def is_more_known(self) -> bool:
        """Return whether any of the later questions has an answer."""
        return any(question.is_known for question in self.more)


def form(
    chosen: Mapping[str, str],
    asked: facts.Vocabulary,
    place: places.Place = places.Place(),  # noqa: B008  a frozen value
    conflicts: Sequence[facts.Impossible] = (),
) -> Form:
    """Make the questions of a table with what was answered so far, to it or to one before. Each fact that is part of a
    conflict says so beside it."""
    known, problems = facts.read(chosen, asked).facts, problems_of(conflicts)
    by_name = {a.name: _question(a, known[a.name], problems.get(a.name, "")) for a in asked.attributes}
    early = {asked.safety, *asked.first}
    return Form(
        safety=by_name[asked.safety],
        first=[by_name[name] for name in asked.first],
        more=[question for name, question in by_name.items() if name not in early],
        places=[
            Option("", _("Not known"), not place.code),
            *(Option(code, words, code == place.code) for code, words in places.names().items()),
        ],
    )


def problems_of(conflicts: Sequence[facts.Impossible]) -> Mapping[str, str]:
    """Return the sentences that stand beside each fact that is part of a conflict."""
    problems: dict[str, str] = {}
    for each in conflicts:
        for name in each.names:
            problems[name] = " ".join(filter(None, (problems.get(name), country_words.said(each.sentence))))
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
    asked = [Option(key, country_words.said(words), key in ticked) for key, words in answers.elements().words.items()]
    return [Indicators(country_words.said(elements.installed().heading), asked), *groups]


def _question(attribute: facts.Attribute, chosen: str, problem: str) -> Question:
    codes = (facts.UNKNOWN, *attribute.codes[:-1])
    plain = {facts.UNKNOWN: _("Not known")}
    if set(codes) == {facts.UNKNOWN, "yes", "no"}:
        plain |= {"yes": _("Yes"), "no": _("No")}
    return Question(
        attribute.name,
        country_words.said(attribute.question),
        attribute.law,
        [
            Option(code, plain.get(code) or _sentence(country_words.said(attribute.words(code))), code == chosen)
            for code in codes
        ],
        problem,
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
