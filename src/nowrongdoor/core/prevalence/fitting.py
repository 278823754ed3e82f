"""Fitting Poisson log-linear models, thousands at once.

The promise: what converged is the maximum of the likelihood, to about ten digits; what did not says so.

Arrays have one column for each fit. A model's term is a set of lists, and its covariate in a history is whether the
history contains that set; so log expectations are sums over subsets, sufficient statistics are sums over supersets, and
the information between terms a and b is the expected count of those who are on every list of a and of b. Both sums take
k additions a cell (Yates 1937), which no design matrix can match.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Masks = NDArray[np.int64]
Flags = NDArray[np.bool_]

STEPS = 25
SLOW_STEPS = 500
CLOSE = 1e-5  # Newton's steps shrink quadratically: after one this small, about ten digits stand
LONGEST_STEP = 4.0  # a longer one, on the log scale, is a leap out of where the quadratic holds
FLAT = 1e-9  # a pivot this small beside its own diagonal: the terms cannot be told apart
COLUMNS = 384  # fits done together, so that what they work on stays in the processor's cache
CELLS = 1 << 15  # and fewer of them where the table is large


@dataclasses.dataclass(frozen=True)
class Fits:
    """What came of many fits. `expected` has a row for each set of lists: how many are expected on all of them, the
    unseen left out; row 0 is everybody seen. `unseen` is the expected count of those on no list."""

    coefficients: Floats
    expected: Floats
    unseen: Floats
    converged: Flags


def sum_over_supersets(values: Floats, lists: int) -> None:
    """This will replace each row by the sum of the rows of all sets that contain its own (Yates 1937)."""
    for bit in range(lists):
        view = values.reshape(-1, 2, 1 << bit, values.shape[-1])
        view[:, 0] += view[:, 1]


def sum_over_subsets(values: Floats, lists: int) -> None:
    """This will replace each row by the sum of the rows of all sets that it contains (Yates 1937)."""
    for bit in range(lists):
        view = values.reshape(-1, 2, 1 << bit, values.shape[-1])
        view[:, 1] += view[:, 0]


def on_all(counts: Floats, lists: int) -> Floats:
    """This will say how many are on all lists of each set, whatever else they are on: row 0 is everybody seen.
    `counts`: 2^k rows of histories, row 0 without meaning, a column for each table."""
    totals = np.array(counts, dtype=np.float64, order="C")
    totals[0] = 0.0
    sum_over_supersets(totals, lists)
    return totals


def together(cells: int) -> int:
    """This will say how many fits are best done at once for a table of so many histories."""
    return max(16, min(COLUMNS, CELLS * 2 // cells))


def fit(totals: Floats, terms: Masks, alive: Flags | None, start: Floats, *, lists: int) -> Fits:
    """This will fit a model to each column by Newton's method (Chan, Silverman and Vincent 2021, section 2).

    `totals`: from `on_all`. `terms`: a row for each term, a column for each fit; the same number in all.
    `alive`: the histories that can occur at all; None for every one. `start`: a coefficient for each term."""
    parameters, columns = terms.shape
    cells = 1 << lists
    done = Fits(
        np.array(start),
        np.empty((cells, columns)),
        np.empty(columns),
        np.zeros(columns, dtype=np.bool_),
    )
    width = together(cells)
    for left in range(0, columns, width):
        part = slice(left, min(left + width, columns))
        _fit_some(totals[:, part], terms[:, part], None if alive is None else alive[:, part], done, left, lists)
    return done


def _fit_some(totals: Floats, terms: Masks, alive: Flags | None, done: Fits, left: int, lists: int) -> None:
    width = terms.shape[1]
    own = np.arange(left, left + width)
    beta = done.coefficients[:, own].copy()
    wanted = np.take_along_axis(totals, terms, axis=0)
    with np.errstate(all="ignore"):
        for step in range(STEPS + 1):
            expected, unseen = expectations(beta, terms, alive, lists)
            if step == STEPS:
                break
            change, sound = _newton(expected, terms, wanted)
            largest = np.abs(change).max(axis=0)
            shrink = np.minimum(1.0, LONGEST_STEP / largest)
            beta += change * shrink
            near = (largest < CLOSE) & sound
            lost = ~np.isfinite(largest) | ~sound
            over = near | lost
            if not over.any():
                continue
            if not over.all() and over.mean() < 0.25 and step < STEPS - 1:
                continue
            stay = ~over
            ended = own[over]
            done.coefficients[:, ended] = beta[:, over]
            done.converged[ended] = near[over]
            exact, dark = expectations(beta[:, over], terms[:, over], None if alive is None else alive[:, over], lists)
            done.expected[:, ended] = exact
            done.unseen[ended] = dark
            own, beta, terms, wanted = own[stay], beta[:, stay], terms[:, stay], wanted[:, stay]
            alive = None if alive is None else alive[:, stay]
            if not own.size:
                return
    done.coefficients[:, own] = beta
    done.expected[:, own] = expected
    done.unseen[own] = unseen


def expectations(beta: Floats, terms: Masks, alive: Flags | None, lists: int) -> tuple[Floats, Floats]:
    """This will give the expected count on all lists of each set, and of those on no list, at these coefficients."""
    columns = beta.shape[1]
    cells = np.zeros((1 << lists, columns))
    np.put_along_axis(cells, terms, beta, axis=0)
    sum_over_subsets(cells, lists)
    np.exp(cells, out=cells)
    if alive is not None:
        cells *= alive
    unseen = cells[0].copy()
    cells[0] = 0.0
    sum_over_supersets(cells, lists)
    return cells, unseen


def _newton(expected: Floats, terms: Masks, wanted: Floats) -> tuple[Floats, Flags]:
    """The step of Newton's method in each column, and whether its equations could be solved."""
    parameters, columns = terms.shape
    here = np.arange(columns)
    flat = (terms[:, None, :] | terms[None, :, :]) * columns + here
    matrix = expected.ravel().take(flat)
    step = wanted - matrix[:, 0]
    return solve(matrix, step)


def solve(matrix: Floats, right: Floats) -> tuple[Floats, Flags]:
    """This will solve a symmetric positive system in each column, in place, and say where that could be done.
    Elimination without exchange is stable here (Golub and Van Loan 2013, section 4.2)."""
    size = len(matrix)
    diagonal = matrix[np.arange(size), np.arange(size)].copy()
    for row in range(size - 1):
        factor = matrix[row + 1 :, row] / matrix[row, row]
        matrix[row + 1 :, row + 1 :] -= factor[:, None] * matrix[row, row + 1 :][None]
        right[row + 1 :] -= factor * right[row]
    for row in range(size - 1, -1, -1):
        if row < size - 1:
            right[row] -= (matrix[row, row + 1 :] * right[row + 1 :]).sum(axis=0)
        right[row] /= matrix[row, row]
    pivots = matrix[np.arange(size), np.arange(size)]
    sound = (pivots > FLAT * diagonal).all(axis=0)
    return right, sound


def climb(totals: Floats, terms: Masks, alive: Flags | None, *, lists: int) -> Fits:
    """This will fit one column slowly and surely: Newton's direction, each step halved until the likelihood grows
    (Wedderburn 1976 shows that there is one maximum to climb to)."""
    wanted = np.take_along_axis(totals, terms, axis=0)
    beta = np.zeros(terms.shape)
    beta[0] = np.log(totals[0] / (1 << lists))
    expected, unseen = expectations(beta, terms, alive, lists)
    height = (wanted * beta).sum() - expected[0, 0]
    for _ in range(SLOW_STEPS):
        change, _sound = _newton(expected, terms, wanted)
        if not np.isfinite(change).all():
            break
        scale = 1.0
        while scale > 1e-12:
            tried = beta + scale * change
            with np.errstate(over="ignore"):
                there, dark = expectations(tried, terms, alive, lists)
            gained = (wanted * tried).sum() - there[0, 0] - height
            if gained > -1e-12 * abs(height):
                break
            scale /= 2
        beta, expected, unseen, height = tried, there, dark, height + gained
        if np.abs(change * scale).max() < 1e-9:
            return Fits(beta, expected, unseen, np.ones(1, dtype=np.bool_))
    return Fits(beta, expected, unseen, np.zeros(1, dtype=np.bool_))
