"""Intervals that take the chosen model for the truth. They leave out that it was chosen, so they are too short; they
are shown because other programs show them, and named for what they leave out."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import special

from nowrongdoor.core.prevalence import estimating, fitting, independence

POINTS = 64
ROUNDS = 6
LARGEST = 700.0  # a greater exponent makes no number
WIDEST = 1e4  # times the estimate of the unseen: beyond it a limit is called infinite


@dataclasses.dataclass(frozen=True)
class Interval:
    """Limits for everybody, seen and unseen, at one level."""

    level: int
    low: float
    high: float


def wald(fitted: estimating.Fitted, *levels: int) -> tuple[Interval, ...]:
    """Return limits from the curvature at the maximum, on the log scale of the unseen (Wald 1943; as
    SparseMSE's estimatepopulation.0 gives them)."""
    error, middle, people = _error_of_intercept(fitted), np.log(fitted.unseen), fitted.table.people
    reaches = [float(special.ndtri((100 + level) / 200)) * error for level in levels]
    return tuple(
        Interval(level, people + _unseen(middle - reach), people + _unseen(middle + reach))
        for level, reach in zip(levels, reaches, strict=True)
    )


def _unseen(logarithm: float) -> float:
    return float(np.exp(logarithm)) if logarithm < LARGEST else float("inf")


def _error_of_intercept(fitted: estimating.Fitted) -> float:
    """Infinite where the curvature is lost in rounding."""
    finite = np.array([each for each in fitted.model if np.isfinite(fitted.coefficients[each])])
    cells = np.flatnonzero(fitted.expected[1:] > 0) + 1
    design = ((cells[:, None] & finite) == finite).astype(float)
    try:
        weights = _weights_of_r(fitted.table.counts[cells], design)
        if weights is None:
            weights = fitted.expected[cells]
        upper = np.linalg.qr(design * np.sqrt(weights)[:, None])[1]
        first = np.zeros(len(upper))
        first[0] = 1.0
        return float(np.linalg.norm(np.linalg.solve(upper.T, first)))
    except np.linalg.LinAlgError:
        return float("inf")


def _weights_of_r(counts: fitting.Floats, design: fitting.Floats) -> fitting.Floats | None:
    """The weights from which R's glm takes the curvature: those before its last step. They differ from the expected
    counts by up to 1e-4 in sparse tables, and are taken so that both programs print the same limits (stats::glm.fit).
    None where its steps would not come to an end."""
    expected = counts + 0.1
    logs, before = np.log(expected), np.inf
    with np.errstate(all="ignore"):
        for _ in range(fitting.STEPS):
            weights, roots = expected, np.sqrt(expected)
            across, upper = np.linalg.qr(design * roots[:, None])
            right = across.T @ (roots * (logs + (counts - expected) / expected))
            logs = design @ np.linalg.solve(upper, right)
            expected = np.exp(logs)
            deviance = 2.0 * float((special.xlogy(counts, counts / expected) - (counts - expected)).sum())
            if not np.isfinite(deviance):
                return None
            if abs(deviance - before) < 1e-8 * (abs(deviance) + 0.1):
                return weights
            before = deviance
    return None


def profile(fitted: estimating.Fitted, level: int) -> Interval:
    """Return the numbers of unseen people that a likelihood ratio does not rule out (Cormack 1992). Where the
    likelihood stays level without end, the upper limit is infinite."""
    bar = float(special.chdtri(1, (100 - level) / 100)) / 2.0
    middle = np.log(max(fitted.unseen, 1e-6))
    top = float(_heights(fitted, np.array([middle]))[0])
    low = _crossing(fitted, middle, np.log(1e-6), top - bar)
    high = _crossing(fitted, middle, middle + np.log(WIDEST), top - bar)
    people = fitted.table.people
    return Interval(
        level,
        people + (0.0 if low is None else float(np.exp(low))),
        float("inf") if high is None else people + float(np.exp(high)),
    )


def _crossing(fitted: estimating.Fitted, inside: float, outside: float, wanted: float) -> float | None:
    """Where the profile falls to a height, by ever finer grids; None where it stays above."""
    for _ in range(ROUNDS):
        grid = np.linspace(inside, outside, POINTS)
        below = np.flatnonzero(_heights(fitted, grid) < wanted)
        if not below.size:
            return None
        first = max(int(below[0]), 1)
        inside, outside = float(grid[first - 1]), float(grid[first])
    return (inside + outside) / 2.0


def _heights(fitted: estimating.Fitted, log_unseen: fitting.Floats) -> fitting.Floats:
    """The log likelihood of so many unseen people, everything else at its best: the multinomial one, with the table
    filled up."""
    table = fitted.table
    finite = np.array([each for each in fitted.model if np.isfinite(fitted.coefficients[each])])
    columns = len(log_unseen)
    unseen = np.exp(log_unseen)
    terms = np.repeat(finite[:, None], columns, axis=1)
    alive = np.repeat((fitted.expected > 0)[:, None], columns, axis=1)
    wanted = np.repeat(table.on_all()[finite][:, None], columns, axis=1)
    wanted[0] += unseen
    cross = fitting.crossings(terms, table.lists)
    beta = np.repeat(np.array([fitted.coefficients[int(each)] for each in finite])[:, None], columns, axis=1)
    with np.errstate(all="ignore"):
        for _ in range(fitting.STEPS * 2):
            expected, dark = fitting.expectations(beta, terms, alive, table.lists)
            expected[0] += dark  # the empty history counts here: only the intercept sees it
            matrix = fitting.information(expected, cross)
            step = fitting.solve(matrix, wanted - expected.ravel().take(cross[0]))
            largest = np.abs(step).max(axis=0)
            beta += step * np.minimum(1.0, fitting.LONGEST_STEP / largest)
            if not (largest >= 1e-8).any():
                break
    everybody = table.people + unseen
    shares = (wanted * beta).sum(axis=0) - everybody * np.log(everybody)
    heights = special.gammaln(everybody + 1) - special.gammaln(unseen + 1) + shares
    return np.nan_to_num(np.asarray(heights, dtype=np.float64), nan=-np.inf)


def two_lists(people: int, pair: independence.TwoLists, level: int) -> Interval:
    """Return limits that cannot fall below the people seen (Chao 1987, equation 12), for two lists."""
    unseen = pair.estimate - people
    if unseen <= 0 or not np.isfinite(pair.error):
        return Interval(level, float(people), float("inf") if not np.isfinite(pair.error) else float(people))
    reach = float(special.ndtri((100 + level) / 200)) * float(np.log1p((pair.error / unseen) ** 2)) ** 0.5
    return Interval(level, people + unseen / float(np.exp(reach)), people + unseen * float(np.exp(reach)))
