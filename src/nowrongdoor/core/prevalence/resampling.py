"""How far the answer moves when the data are drawn again, with the whole choice of a model repeated each time.

Bootstrap: as many people as were seen, drawn with the observed shares of histories. Jackknife: one person less in each
history. BCa limits put both together (Efron 1987; DiCiccio and Efron 1996; for multiple systems estimates Chan,
Silverman and Vincent 2021, section 3.3).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
from scipy import special

from nowrongdoor.core.prevalence import fitting, tables

LEVELS = (95, 90, 80, 68)
EDGE = 10  # a limit with fewer replicates beyond it rests on a handful of draws
CHUNK_BYTES = 48 << 20  # of counts that are estimated at once
Estimator = Callable[[fitting.Floats], fitting.Floats]


@dataclasses.dataclass(frozen=True)
class Jackknife:
    """The estimate with one person less in each history that somebody has, and the acceleration that follows."""

    histories: tuple[int, ...]
    estimates: fitting.Floats
    acceleration: float


@dataclasses.dataclass(frozen=True)
class Limit:
    """An interval at one level, and whether a limit is among the most extreme replicates, so that it would move with
    their number."""

    level: int
    low: float
    high: float
    low_is_extreme: bool
    high_is_extreme: bool


def draws(table: tables.Table, replicates: int, dice: np.random.Generator) -> Iterator[fitting.Floats]:
    """Draw the people again, in chunks of bounded size: 2^k rows, a column for each replicate
    (Efron 1979; multinomial as in Chan, Silverman and Vincent 2021, section 3.3)."""
    held = np.array(table.histories_by_name)
    shares = table.counts[held] / table.counts.sum()
    width = at_once(table.lists)
    for begun in range(0, replicates, width):
        counts = np.zeros((len(table.counts), min(width, replicates - begun)))
        counts[held] = dice.multinomial(table.people, shares, counts.shape[1]).T
        yield counts


def at_once(lists: int) -> int:
    """Say how many tables of so many lists are held in memory at once."""
    return max(1, CHUNK_BYTES // (8 << lists))


def jackknife(table: tables.Table, estimate: Estimator) -> Jackknife:
    """Leave one person out of each history in turn, and count each as often as there are people with it
    (Chan, Silverman and Vincent 2021, section 3.3)."""
    held = np.array(table.histories)
    parts, width = [], at_once(table.lists)
    for begun in range(0, len(held), width):
        part = held[begun : begun + width]
        counts = np.repeat(table.counts[:, None], len(part), axis=1)
        counts[part, np.arange(len(part))] -= 1
        parts.append(estimate(counts))
    estimates = np.concatenate(parts)
    return Jackknife(table.histories, estimates, acceleration(estimates, table.counts[held]))


def acceleration(estimates: fitting.Floats, weights: fitting.Floats) -> float:
    """Return the acceleration of BCa limits from jackknife estimates (DiCiccio and Efron 1996, equation 6.6);
    0 where leaving out a person changes nothing, or everything."""
    sound = np.isfinite(estimates)
    estimates, weights = estimates[sound], weights[sound]
    if not weights.sum():
        return 0.0
    apart = (estimates * weights).sum() / weights.sum() - estimates
    spread = (weights * apart**2).sum()
    return float((weights * apart**3).sum() / (6.0 * spread**1.5)) if spread > 0 else 0.0


def bca(replicates: fitting.Floats, estimate: float, pull: float, level: int) -> Limit:
    """Return BCa limits (Efron 1987, equation 2.3), with the quantiles of Hyndman and Fan 1996, type 8, as
    SparseMSE takes them. Infinite replicates count as above everything. Without number where no replicate is below the
    estimate, or all are, and where the acceleration is too strong for the correction to mean anything."""
    shift = special.ndtri((replicates < estimate).mean())
    z = special.ndtri(np.array([(100 - level) / 200, (100 + level) / 200])) + shift
    if not np.isfinite(shift) or (pull * z >= 1.0).any():
        return Limit(level, float("nan"), float("nan"), low_is_extreme=True, high_is_extreme=True)
    shares = special.ndtr(shift + z / (1.0 - pull * z))
    return _limit(replicates, shares, level)


def percentile(replicates: fitting.Floats, level: int) -> Limit:
    """Return the plain quantiles of the replicates (Efron 1979)."""
    return _limit(replicates, np.array([(100 - level) / 200, (100 + level) / 200]), level)


def quantile(ordered: fitting.Floats, share: float) -> float:
    """Return a quantile of type 8 (Hyndman and Fan 1996) of sorted values, some of which may be infinite."""
    count = len(ordered)
    place = count * share + (share + 1.0) / 3.0
    below = int(np.floor(place + 4e-16 * max(place, 1.0)))
    part = place - below
    part = 0.0 if abs(part) < 4e-16 * max(place, 1.0) else part
    low = ordered[min(max(below, 1), count) - 1]
    high = ordered[min(max(below + 1, 1), count) - 1]
    return float(low if part == 0.0 or low == high else (1.0 - part) * low + part * high)


def _limit(replicates: fitting.Floats, shares: fitting.Floats, level: int) -> Limit:
    ordered = np.sort(replicates)
    places = len(ordered) * shares
    return Limit(
        level,
        quantile(ordered, float(shares[0])),
        quantile(ordered, float(shares[1])),
        low_is_extreme=bool(not EDGE <= places[0] <= len(ordered) - EDGE),
        high_is_extreme=bool(not EDGE <= places[1] <= len(ordered) - EDGE),
    )
