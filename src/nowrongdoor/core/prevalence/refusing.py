"""When one number would be a lie: the rule, and the set of answers that is given instead.

The rule: where models that the data can hardly tell apart, or tables with a list left out or two lists taken for one,
give answers that lie further apart than a factor of two, no single number is given.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from nowrongdoor.core.prevalence import near, stability

FACTOR = 2.0
MOST_ON_EARTH = 1e10


@dataclasses.dataclass(frozen=True)
class Range:
    """Answers that one kind of check leads to."""

    source: str
    low: float
    high: float
    weight: float | None = None


@dataclasses.dataclass(frozen=True)
class Refusal:
    """Why no single number is given, a sentence each, and the set that is. `endless`: the changed tables that have no
    finite answer, which no range can hold."""

    reasons: tuple[str, ...]
    ranges: tuple[Range, ...]
    overridden_by: str = ""
    endless: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """This will say the set in a sentence."""
        groups = [each for each in self.ranges if each.source == "models"]
        said = " or ".join(about(each.low, each.high) for each in groups)
        others = [about(each.low, each.high) for each in self.ranges if each.source == "lists"]
        tail = f" With a list left out or two taken for one: {others[0]}." if others else ""
        if self.endless:
            tail += f" There is no finite answer {_listed(self.endless)}."
        return f"The data fit {said} people.{tail}"


def decide(
    estimate: float,
    close: near.Near | None,
    dropped: Sequence[stability.Changed],
    merged: Sequence[stability.Changed],
    *,
    overridden_by: str = "",
) -> Refusal | None:
    """This will refuse, or give None where one number is fair."""
    reasons: list[str] = []
    ranges: list[Range] = []
    if close:
        lowest, highest = min(close.low, estimate), max(close.high, estimate)
        ranges += [Range("models", each.low, each.high, each.weight) for each in close.groups]
        if _apart(lowest, highest):
            if not _apart(ranges[0].low, ranges[-1].high):  # the groups' middles would hide why it is refused
                ranges = [Range("models", close.low, close.high, 1.0)]
            reasons.append(
                f"{len(close.models)} models are within {near.UNITS:.0f} BIC units of the best, and their answers, "
                f"with this one, reach from {number(lowest)} to {number(highest)}."
            )
    else:
        ranges.append(Range("models", estimate, estimate))
    answers = {each.words: each.estimate for each in (*dropped, *merged)}
    finite = {words: each for words, each in answers.items() if np.isfinite(each)}
    low, high = min([estimate, *finite.values()]), max([estimate, *finite.values()])
    if _apart(low, high):
        least, most = (_which(finite, each) for each in (low, high))
        reasons.append(f"The answer is {number(low)} {least}, but {number(high)} {most}.")
    endless = [words for words, each in answers.items() if np.isinf(each)]
    if endless:
        reasons.append(f"There is no finite answer {_listed(endless)}: all rests on what they add.")
    if not reasons:
        return None
    if _apart(low, high):
        ranges.append(Range("lists", low, high))
    return Refusal(tuple(reasons), tuple(ranges), overridden_by, tuple(endless))


def about(low: float, high: float) -> str:
    """This will say a range in two or three digits."""
    first, second = number(low), number(high)
    return f"about {first}" if first == second else f"about {first} to {second}"


def number(value: float) -> str:
    """This will write a number of people with three digits that mean something."""
    if np.isnan(value):
        return "not known"
    if not np.isfinite(value):
        return "without end"
    if value > MOST_ON_EARTH:
        return f"{MOST_ON_EARTH:,.0f} and more"
    if value < 1_000:
        return f"{value:.0f}"
    digits = len(str(int(value))) - 3
    return f"{round(value, -digits):,.0f}"


def _apart(low: float, high: float) -> bool:
    return high > FACTOR * low


def _which(answers: dict[str, float], value: float) -> str:
    return next((_said(words) for words, each in answers.items() if each == value), "with all lists")


def _said(words: str) -> str:
    return words if words.startswith("without") else f"with {words}"


def _listed(words: Sequence[str]) -> str:
    return "; ".join(_said(each) for each in words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")
