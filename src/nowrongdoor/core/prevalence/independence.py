"""Lists that know nothing of each other: two lists in closed form, more by one equation.

With two lists there is nothing in the data that could show a dependence, so nothing here is offered without the user
stating the assumption.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from nowrongdoor.core.prevalence import fitting

ROUNDS = 200
SMALL = 1e-3


@dataclasses.dataclass(frozen=True)
class TwoLists:
    """An estimate from two lists, and its standard error."""

    estimate: float
    error: float


def lincoln_petersen(first: int, second: int, both: int) -> TwoLists:
    """Multiply the lists' sizes and divide by those on both; infinite where nobody is
    (Petersen 1896, Lincoln 1930; variance in Seber 1982, section 3.1)."""
    if not both:
        return TwoLists(float("inf"), float("inf"))
    variance = first * second * (first - both) * (second - both) / both**3
    return TwoLists(first * second / both, variance**0.5)


def chapman(first: int, second: int, both: int) -> TwoLists:
    """Do the same with less bias where few are on both (Chapman 1951; variance of Seber 1970)."""
    estimate = (first + 1) * (second + 1) / (both + 1) - 1
    variance = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return TwoLists(estimate, variance**0.5)


def fit(totals: fitting.Floats, *, lists: int) -> fitting.Fits:
    """Fit independent lists to each column: the total N solves n = N (1 - product of (1 - t/N))
    (Darroch 1958, equation 7). A list that nobody is on leaves the others' N as it is; nobody on two lists makes N
    infinite; a list that everybody is on makes it n. In these three cases `converged` is false: no maximum."""
    n = totals[0]
    sizes = totals[[1 << each for each in range(lists)]]
    with np.errstate(all="ignore"):
        share = sizes / n
        excess = (sizes.sum(axis=0) - n) / n  # whole numbers, so the sign is exact
        spread = excess > 0
        full = (sizes >= n).any(axis=0)
        u = _root(share, excess, spread & ~full)
        grand = np.where(full, n, np.where(spread, n / u, np.inf))
        chance = sizes / grand
        coefficients = np.empty((lists + 1, n.size))
        coefficients[0] = np.log(grand) + np.log1p(-chance).sum(axis=0)
        coefficients[1:] = np.log(chance) - np.log1p(-chance)
        expected = np.broadcast_to(grand, totals.shape).copy()
        expected[-1] = 0.0
        for each in range(lists):
            view = expected[:-1].reshape(-1, 2, 1 << each, n.size)
            view[:, 1] *= chance[each]
        expected[0] = n
    unseen = np.where(n > 0, grand - n, 0.0)
    sound = spread & ~full & (sizes > 0).all(axis=0)
    return fitting.Fits(coefficients, expected, unseen, sound)


def estimates(counts: fitting.Floats, *, lists: int) -> fitting.Floats:
    """Estimate each column of counts, seen and unseen."""
    totals = fitting.on_all(counts, lists)
    return np.asarray(totals[0] + fit(totals, lists=lists).unseen)


def _root(share: fitting.Floats, excess: fitting.Floats, wanted: fitting.Flags) -> fitting.Floats:
    """The u = n/N between 0 and 1 at which the sum of log(1 - share u) is log(1 - u): Newton, kept in a bracket.
    `excess`: the sum of the shares, less one; it is told apart, since next to nothing is left of the logs beside it."""
    low, high = np.zeros(share.shape[1]), np.ones(share.shape[1])
    u = np.full(share.shape[1], 0.5)
    for _ in range(ROUNDS):
        value = _bend(share * u).sum(axis=0) - _bend(u) - excess * u
        slope = u / (1.0 - u) - (share * share * u / (1.0 - share * u)).sum(axis=0) - excess
        high = np.where(value > 0, u, high)
        low = np.where(value > 0, low, u)
        guess = u - value / slope
        inside = (guess > low) & (guess < high)
        following = np.where(inside, guess, 0.5 * (low + high))
        if np.all(~wanted | (np.abs(following - u) <= 4e-15 * u)):
            return following
        u = following
    return u


def _bend(x: fitting.Floats) -> fitting.Floats:
    """log(1 - x) + x, to all digits also where x is small."""
    return np.where(x < SMALL, -x * x * (1 / 2 + x * (1 / 3 + x * (1 / 4 + x / 5))), np.log1p(-x) + x)


def begin(fits: fitting.Fits, terms: fitting.Masks) -> fitting.Floats:
    """Return coefficients to start from, where only single lists matter: a row for each term."""
    start = np.zeros((len(terms), fits.unseen.size))
    for row, term in enumerate(terms):
        if int(term).bit_count() <= 1:
            start[row] = fits.coefficients[int(term).bit_length()]
    return start
