"""When one number would be a lie: the rule, and the set of answers that is given instead.

The rule: no single number is given where the chosen model does not fit; where its interval and the models that the data
can hardly tell from the best do not meet; and where those models, or tables with a list left out or two lists merged,
give answers that lie further apart than a factor of two. The refused number is no part of the set.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence

import numpy as np

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.prevalence import goodness, near, stability

FACTOR = 2.0
MOST_ON_EARTH = 1e10


@dataclasses.dataclass(frozen=True)
class Range:
    """Answers that one kind of check leads to."""

    source: str
    low: float
    high: float
    weight: float | None = None


class Cause(enum.Enum):
    """Why no single number is given, without a figure."""

    FIT = gettext_lazy("The chosen model does not fit the lists, so its answer cannot be trusted.")
    INTERVAL = gettext_lazy("The interval around the answer lies outside what the best-fitting models say.")
    MODELS = gettext_lazy("Models that fit the lists about equally well give answers more than a factor of two apart.")
    LISTS = gettext_lazy("Leaving out one list, or merging two, changes the answer by more than a factor of two.")
    ENDLESS = gettext_lazy("When one of the lists is left out, or two are merged, there is no finite answer.")


@dataclasses.dataclass(frozen=True)
class Refusal:
    """Why no single number is given, a sentence each, and the set that is. `seen`: how many people were seen.
    `endless`: the changed tables that have no finite answer, which no range can hold."""

    causes: tuple[Cause, ...]
    reasons: tuple[str, ...]
    ranges: tuple[Range, ...]
    seen: int
    overridden_by: str = ""
    endless: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Return the reason, how many were seen, and the set, a sentence each."""
        groups = [each for each in self.ranges if each.source == "models"]
        is_contradicted = Cause.FIT in self.causes
        sentences = (
            [_("The chosen model does not fit the data."), _("%(seen)s people were seen.") % {"seen": f"{self.seen:,}"}]
            if is_contradicted
            else []
        )
        if groups:
            who = _("Another model does fit: it and those near it say") if is_contradicted else _("The data fit")
            sentences.append(f"{who} {' or '.join(about(each.low, each.high) for each in groups)} people.")
        sentences += [
            (_("With a list left out or two taken for one: %(about)s.") % {"about": about(each.low, each.high)})
            for each in self.ranges
            if each.source == "lists"
        ]
        if self.endless:
            sentences.append(_("There is no finite answer %(listed)s.") % {"listed": _listed(self.endless)})
        if not is_contradicted:
            sentences.append(_("%(seen)s people were seen.") % {"seen": f"{self.seen:,}"})
        return " ".join(sentences)


def decide(
    estimate: float,
    close: near.Near | None,
    dropped: Sequence[stability.Changed],
    merged: Sequence[stability.Changed],
    *,
    seen: int,
    fit: goodness.Goodness | None = None,
    fitting: near.Near | None = None,
    interval: tuple[float, float] | None = None,
    overridden_by: str = "",
) -> Refusal | None:
    """Refuse, or return None where one number is fair. `fit`: of the chosen model. `fitting`: where that is rejected,
    models near the best that do fit. `interval`: of the answer, at 95 percent."""
    if fit and fit.is_rejected:
        sentences = (_("The chosen model does not fit, so the data contradict it: %(words)s.") % {"words": fit.words},)
        return Refusal(
            (Cause.FIT,), sentences, _without_points(_gathered(fitting) if fitting else ()), seen, overridden_by
        )
    causes: list[Cause] = []
    reasons: list[str] = []
    ranges: list[Range] = []
    if close:
        lowest, highest = min(close.low, estimate), max(close.high, estimate)
        ranges += _groups(close)
        if interval and (interval[0] > close.high or interval[1] < close.low):
            causes.append(Cause.INTERVAL)
            reasons.append(
                _(
                    "The 95 %% interval, %(number)s to %(number_2)s, lies outside the answers of "
                    "the %(count)s models within %(units)s BIC units of the best, %(number_3)s "
                    "to %(number_4)s."
                )
                % {
                    "number": number(interval[0]),
                    "number_2": number(interval[1]),
                    "count": len(close.models),
                    "units": f"{near.UNITS:.0f}",
                    "number_3": number(close.low),
                    "number_4": number(close.high),
                }
            )
        if _apart(lowest, highest):
            ranges = _gathered(close)
            causes.append(Cause.MODELS)
            reasons.append(
                _(
                    "%(count)s models are within %(units)s BIC units of the best, and their "
                    "answers, with the chosen model's, reach from %(number)s to %(number_2)s."
                )
                % {
                    "count": len(close.models),
                    "units": f"{near.UNITS:.0f}",
                    "number": number(lowest),
                    "number_2": number(highest),
                }
            )
    answers = {each.words: each.estimate for each in (*dropped, *merged)}
    finite = {words: each for words, each in answers.items() if np.isfinite(each)}
    low, high = min([estimate, *finite.values()]), max([estimate, *finite.values()])
    if _apart(low, high):
        causes.append(Cause.LISTS)
        reasons.append(_moved(finite, low, high))
    endless = [words for words, each in answers.items() if np.isinf(each)]
    if endless:
        causes.append(Cause.ENDLESS)
        reasons.append(
            _("There is no finite answer %(listed)s: everything rests on what they add.") % {"listed": _listed(endless)}
        )
    if not causes:
        return None
    if _apart(low, high):
        ranges.append(Range("lists", low, high))
    return Refusal(tuple(causes), tuple(reasons), _without_points(ranges), seen, overridden_by, tuple(endless))


def _groups(close: near.Near) -> list[Range]:
    return [Range("models", each.low, each.high, each.weight) for each in close.groups]


def _gathered(close: near.Near) -> list[Range]:
    """Return where the answers of models gather, or where that is in one place, how far all of them reach: the middle
    of one group would hide that its ends lie apart."""
    groups = _groups(close)
    return groups if _apart(groups[0].low, groups[-1].high) else [Range("models", close.low, close.high, 1.0)]


def _without_points(ranges: Sequence[Range]) -> tuple[Range, ...]:
    """Leaves out a set of one: it would be the single number that is refused."""
    groups = [each for each in ranges if each.source == "models"]
    if len(groups) == 1 and number(groups[0].low) == number(groups[0].high):
        return tuple(each for each in ranges if each.source != "models")
    return tuple(ranges)


def about(low: float, high: float) -> str:
    """Return a range in words, with three digits each."""
    first, second = number(low), number(high)
    return f"about {first}" if first == second else f"about {first} to {second}"


def number(value: float) -> str:
    """Return a number of people in words, with three digits."""
    if np.isnan(value):
        return _("not known")
    if not np.isfinite(value):
        return _("without end")
    if value > MOST_ON_EARTH:
        return _("%(most_on_earth)s and more") % {"most_on_earth": f"{MOST_ON_EARTH:,.0f}"}
    if value < 1_000:
        return f"{value:.0f}"
    digits = len(str(int(value))) - 3
    return f"{round(value, -digits):,.0f}"


def _apart(low: float, high: float) -> bool:
    return high > FACTOR * low


def _moved(answers: dict[str, float], low: float, high: float) -> str:
    """What moves the answer furthest, without the answer that is refused."""
    ends = {_said(words): each for each in (low, high) for words in answers if answers[words] == each}
    amounts = [f"{number(each)} {words}" for words, each in ends.items()]
    if len({number(each) for each in ends.values()}) > 1:
        return f"The answer is {' but '.join((amounts[0], amounts[-1]))}."
    return _("The answer is %(amounts)s, more than a factor of %(factor)s from the answer with all lists.") % {
        "amounts": amounts[0],
        "factor": f"{FACTOR:.0f}",
    }


def _said(words: str) -> str:
    return words if words.startswith("without") else f"with {words}"


def _listed(words: Sequence[str]) -> str:
    return "; ".join(_said(each) for each in words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")
