"""The questions that the instruments ask and a set of answers to them.

Promise: an answer set is a frozen value of two bit masks, so that equal answers are equal whatever
the order they came in, and an instrument's result can be remembered for them. What is in neither
mask is unknown.
"""

from __future__ import annotations

import csv
import dataclasses
import enum
import functools
import importlib.resources
from collections.abc import Mapping

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext as _

FILE = "instruments.toml"


class Answer(enum.Enum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Grade(enum.Enum):
    """How much an ILO indicator weighs; a blank cell of the source is no grade at all."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"
    NONE = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Indicator:
    id: str
    dimension: int
    words: str
    adult_labour: Grade
    child_labour: Grade
    adult_sexual: Grade
    child_sexual: Grade
    evidence: str


class UnknownQuestionError(ValueError):
    """An answer names a question that no instrument asks."""


class ContradictoryAnswersError(ValueError):
    """The same question is answered with yes and with no."""


@dataclasses.dataclass(frozen=True, slots=True)
class ElementQuestions:
    """What a country's law asks that no ILO indicator states: words by id, and which one asks about the act."""

    words: Mapping[str, str]
    act: str


def read_elements(text: str) -> ElementQuestions:
    """Read the questions of a country's instruments.toml; `elements` reads the rest. entries.Unreadable."""
    content = entries.read(text, FILE)
    words: dict[str, str] = {}
    for each in content.each("question"):
        words[each.text("id")] = each.text("words")
        each.end()
    if content.text("act") not in words:
        raise content.wrong("act", _("write the id of the question that asks about the act"))
    return ElementQuestions(words, content.text("act"))


@functools.cache
def elements() -> ElementQuestions:
    """Return the questions of the country that is installed."""
    return read_elements(jurisdictions.text(FILE))


@functools.cache
def indicators() -> tuple[Indicator, ...]:
    """The 67 operational indicators, in the order of the published list."""
    text = importlib.resources.files(__package__).joinpath("ilo_indicators.csv").read_text(encoding="utf-8")
    return tuple(
        Indicator(
            id=row["id"],
            dimension=int(row["dimension"]),
            words=row["words"],
            adult_labour=Grade(row["adult_labour"]),
            child_labour=Grade(row["child_labour"]),
            adult_sexual=Grade(row["adult_sexual"]),
            child_sexual=Grade(row["child_sexual"]),
            evidence=row["evidence"],
        )
        for row in csv.DictReader(text.splitlines())
    )


@functools.cache
def questions() -> tuple[str, ...]:
    """Every question id; its place is its bit."""
    return (*(indicator.id for indicator in indicators()), *elements().words)


@functools.cache
def bits() -> Mapping[str, int]:
    """Each question's bit mask."""
    return {question: 1 << place for place, question in enumerate(questions())}


@dataclasses.dataclass(frozen=True, slots=True)
class Answers:
    """Which questions were answered yes and which no."""

    yes: int = 0
    no: int = 0

    def __post_init__(self) -> None:
        if self.yes & self.no:
            names = ", ".join(named(self.yes & self.no))
            raise ContradictoryAnswersError(_("Answered with yes and with no: %(names)s.") % {"names": names})
        if min(self.yes, self.no) < 0 or (self.yes | self.no) >> len(questions()):
            raise UnknownQuestionError(_("The answer masks name questions that do not exist."))


def answers_of(given: Mapping[str, Answer]) -> Answers:
    """Gather answers by question id; a question left out is unknown."""
    yes = no = 0
    for question, answer in given.items():
        try:
            bit = bits()[question]
        except KeyError:
            raise UnknownQuestionError(_("No instrument asks %(question)s.") % {"question": f"{question!r}"}) from None
        if answer is Answer.YES:
            yes |= bit
        elif answer is Answer.NO:
            no |= bit
    return Answers(yes=yes, no=no)


def named(mask: int) -> tuple[str, ...]:
    """The question ids in a mask, in the order of the list."""
    return tuple(name for place, name in enumerate(questions()) if mask >> place & 1)
