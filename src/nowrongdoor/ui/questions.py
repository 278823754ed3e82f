"""The facts as a form asks them: what matters first, the rest behind one click, unknown as the first answer to each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from nowrongdoor.core import places
from nowrongdoor.core.mandates import facts
from nowrongdoor.core.triage import answers, elements

DIMENSIONS = {
    1: "How the person was found: deception",
    2: "How the person was found: coercion",
    3: "How the person was found: vulnerability",
    4: "Exploitation",
    5: "Coercion now",
    6: "Vulnerability now",
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
) -> Form:
    """Make the questions of a table with what was answered so far."""
    by_name = {a.name: _question(a, chosen.get(a.name, facts.UNKNOWN)) for a in asked.attributes}
    early = {asked.safety, *asked.first}
    return Form(
        safety=by_name[asked.safety],
        first=[by_name[name] for name in asked.first],
        more=[question for name, question in by_name.items() if name not in early],
        places=[
            Option("", "Not known", not place.code),
            *(Option(code, words, code == place.code) for code, words in places.names().items()),
        ],
    )


def read(sent: Mapping[str, str], asked: facts.Vocabulary) -> dict[str, str]:
    """Take the facts out of what a browser sent; unknown is left out. Codes are checked by the action."""
    return {name: sent[name] for name in asked.names if sent.get(name) and sent[name] != facts.UNKNOWN}


def indicators(ticked: Sequence[str]) -> Sequence[Indicators]:
    """Make the boxes of the ILO indicators and of the elements of the country's law."""
    groups = [
        Indicators(
            title,
            [Option(i.id, i.words, i.id in ticked) for i in answers.indicators() if i.dimension == dimension],
        )
        for dimension, title in DIMENSIONS.items()
    ]
    asked = [Option(key, words, key in ticked) for key, words in answers.elements().words.items()]
    return [Indicators(elements.installed().heading, asked), *groups]


def _question(attribute: facts.Attribute, chosen: str) -> Question:
    codes = (facts.UNKNOWN, *attribute.codes[:-1])
    plain = {facts.UNKNOWN: "Not known"}
    if set(codes) == {facts.UNKNOWN, "yes", "no"}:
        plain |= {"yes": "Yes", "no": "No"}
    return Question(
        attribute.name,
        attribute.question,
        attribute.law,
        [Option(code, plain.get(code) or _sentence(attribute.words(code)), code == chosen) for code in codes],
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
