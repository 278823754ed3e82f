"""Tables drawn from a truth that is known, to see how often an interval that promises 95 % holds it.

Binette and Steorts (2022) did so for the field's programs; this is how to ask again. It
also asks what the refusal is worth: how often one number is withheld, and whether the set then holds the truth.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.prevalence import (
    estimating,
    existence,
    fitting,
    intervals,
    models,
    near,
    refusing,
    resampling,
    stability,
    stepwise,
    tables,
    telling,
)

LEVEL = 95
KINDS = ("bca", "percentile", "wald")


@dataclasses.dataclass(frozen=True, eq=False)
class Truth:
    """How many people there are, and the chance of each history; place 0 is the chance of being on no list."""

    people: int
    chances: fitting.Floats
    names: tuple[str, ...]
    dependent: tuple[int, ...]

    @property
    def lists(self) -> int:
        return len(self.names)


@dataclasses.dataclass(frozen=True, eq=False)
class Study:
    """What came of many tables: estimates, the limits of each kind of interval, a row for each kind, whether one number
    was refused, and whether the set that is then given holds the truth."""

    truth: Truth
    estimates: fitting.Floats
    low: fitting.Floats
    high: fitting.Floats
    refused: fitting.Flags
    in_set: fitting.Flags
    without: int
    replicates: int

    def held(self, kind: str) -> fitting.Flags:
        """Say of each table whether the interval of this kind holds the truth."""
        row = KINDS.index(kind)
        return np.asarray((self.low[row] <= self.truth.people) & (self.truth.people <= self.high[row]))

    def coverage(self, kind: str) -> tuple[float, float]:
        """Return the share of intervals that hold the truth, and its standard error."""
        return _share(self.held(kind))

    @property
    def honest_coverage(self) -> tuple[float, float]:
        """Return the share of answers that hold the truth as they are given: the BCa interval where one number
        is, the set where it is refused."""
        return _share(np.where(self.refused, self.in_set, self.held("bca")))

    def as_plain(self) -> dict[str, telling.Plain]:
        """Return every figure by name."""
        return {
            "people": self.truth.people,
            "lists": self.truth.lists,
            "dependent_pairs": [models.name(each, self.truth.names) for each in self.truth.dependent],
            "expected_seen": float(self.truth.people * (1.0 - self.truth.chances[0])),
            "tables": len(self.estimates),
            "tables_without_estimate": self.without,
            "replicates": self.replicates,
            "level": LEVEL,
            "coverage": {kind: telling.finite(self.coverage(kind)[0]) for kind in KINDS},
            "standard_error": {kind: telling.finite(self.coverage(kind)[1]) for kind in KINDS},
            "share_refused": telling.finite(_share(self.refused)[0]),
            "honest_coverage": telling.finite(self.honest_coverage[0]),
            "median_estimate": telling.finite(float(np.median(self.estimates))) if self.estimates.size else None,
            "median_width": {
                kind: telling.finite(float(np.median(self.high[row] - self.low[row]))) if self.estimates.size else None
                for row, kind in enumerate(KINDS)
            },
            "estimates": [telling.finite(each) for each in self.estimates],
        }

    @property
    def words(self) -> str:
        """Say the study in a few lines."""
        seen = self.truth.people * (1.0 - self.truth.chances[0])
        sentences = [
            _(
                "%(count)s tables of %(people)s people on %(lists)s lists; about %(seen)s seen "
                "each time; %(without)s tables had no estimate."
            )
            % {
                "count": f"{len(self.estimates):,}",
                "people": f"{self.truth.people:,}",
                "lists": self.truth.lists,
                "seen": f"{seen:,.0f}",
                "without": f"{self.without:,}",
            },
            (_("Median estimate %(median)s.") % {"median": f"{np.median(self.estimates):,.0f}"})
            if self.estimates.size
            else _("No table had an estimate."),
        ]
        for kind in KINDS:
            share, error = self.coverage(kind)
            sentences.append(
                _("%(kind)s %(level)s %% intervals held the truth in %(share)s (standard error %(error)s)")
                % {"kind": f"{kind:<11}", "level": LEVEL, "share": f"{share:.1%}", "error": f"{error:.1%}"}
            )
        share, error = self.honest_coverage
        sentences.append(
            _(
                "One number was refused for %(share)s of the tables; what was given, interval or "
                "set, held the truth in %(share_2)s (standard error %(error)s)"
            )
            % {"share": f"{_share(self.refused)[0]:.1%}", "share_2": f"{share:.1%}", "error": f"{error:.1%}"}
        )
        return "\n".join(sentences)


def truth(
    *, people: int, lists: int, reach: float, dependence: float, dependent_pairs: int, unlike: float = 0.0, seed: int
) -> Truth:
    """Make a truth: lists of unlike reach around `reach`, and some pairs on which being on one changes the
    odds of the other by exp(dependence), upwards and downwards in turn (as in Binette and Steorts 2022, section 4).
    `unlike`: between the half of the people that is easier to see and the other half, the odds of each list differ by
    exp(unlike); no model of pairs says this, so it shows what happens where the assumptions fail."""
    dice = np.random.default_rng(seed)
    histories = np.arange(1 << lists)
    odds = np.log(reach / (1.0 - reach)) + np.linspace(0.7, -0.7, lists)
    heights = np.array([sum(odds[each] for each in models.members(int(history))) for history in histories])
    dependent = tuple(sorted(int(each) for each in dice.choice(models.pairs(lists), dependent_pairs, replace=False)))
    for at, pair in enumerate(dependent):
        heights[(histories & pair) == pair] += dependence if at % 2 == 0 else -dependence
    lists_on = np.bitwise_count(histories)
    halves = np.exp(heights + np.multiply.outer([0.5 * unlike, -0.5 * unlike], lists_on))
    chances = (halves / halves.sum(axis=1, keepdims=True)).mean(axis=0)
    return Truth(people, chances, tuple(chr(ord("A") + each) for each in range(lists)), dependent)


def study(
    known: Truth,
    *,
    tables_drawn: int,
    replicates: int,
    threshold: float,
    seed: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Draw tables, estimate each with bootstrap and jackknife, and keep the limits (Binette and Steorts 2022,
    section 4; bootstrap of Chan, Silverman and Vincent 2021, section 3.3)."""
    dice = np.random.default_rng([seed, 1])
    estimates, rows, refusals, without = [], [], [], 0
    for number in range(tables_drawn):
        counts = dice.multinomial(known.people, known.chances).astype(np.float64)
        table = tables.of_counts(known.names, counts)
        try:
            estimating.check(table, estimating.Settings())
        except existence.NoMaximum:
            without += 1
            continue
        estimate, limits = _limits(table, replicates, threshold, dice)
        estimates.append(estimate)
        rows.append(limits)
        refusals.append(_refused(table, estimate, threshold, known.people))
        if on_progress:
            on_progress(number + 1, tables_drawn)
    held = np.array(rows).reshape(len(rows), len(KINDS), 2)
    refused, in_set = np.array(refusals, dtype=np.bool_).reshape(len(rows), 2).T
    return Study(known, np.array(estimates), held[:, :, 0].T, held[:, :, 1].T, refused, in_set, without, replicates)


def _refused(table: tables.Table, estimate: float, threshold: float, people: int) -> tuple[bool, bool]:
    """Whether one number is refused by the rules on models and lists, and whether the set holds so many people. The
    rules on the fit and on the interval are not part of the study."""
    repeat = stability.repeating(estimating.Settings(threshold=threshold))
    close = near.look(table, order=2)
    changed = stability.without_each(table, repeat), stability.merging_each(table, repeat)
    refusal = refusing.decide(estimate, close, *changed, seen=table.people)
    return refusal is not None, refusal is not None and any(each.low <= people <= each.high for each in refusal.ranges)


def _share(held: fitting.Flags) -> tuple[float, float]:
    share = float(held.mean()) if held.size else float("nan")
    return share, float((share * (1.0 - share) / max(held.size, 1)) ** 0.5)


def _limits(
    table: tables.Table, replicates: int, threshold: float, dice: np.random.Generator
) -> tuple[float, list[tuple[float, float]]]:
    def repeat(counts: fitting.Floats) -> fitting.Floats:
        return stepwise.select(counts, lists=table.lists, threshold=threshold).estimate

    chosen = estimating.choose(table, estimating.Settings(threshold=threshold))
    fitted = estimating.fit(table, chosen)
    drawn = np.concatenate([repeat(each) for each in resampling.draws(table, replicates, dice)])
    pull = resampling.jackknife(table, repeat).acceleration
    bca = resampling.bca(drawn, fitted.estimate, pull, LEVEL)
    plain = resampling.percentile(drawn, LEVEL)
    (wald,) = intervals.wald(fitted, LEVEL)
    return fitted.estimate, [(bca.low, bca.high), (plain.low, plain.high), (wald.low, wald.high)]
