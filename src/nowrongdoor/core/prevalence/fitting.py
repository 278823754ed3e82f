"""Fitting Poisson log-linear models, thousands at once.

The promise: what converged is the maximum of the likelihood, to about ten digits; what did not says so.

Arrays have one column for each fit. A model's term is a set of lists, and its covariate in a history is whether the
history contains that set; so log expectations are sums over subsets, sufficient statistics are sums over supersets, and
the information between terms a and b is the expected count of those who are on every list of a and of b. Both sums take
k additions a cell (Yates 1937), which no design matrix can match.

Fits of one batch may have different numbers of terms: a row without a term holds 2^k, and every array of totals has one
row more than there are sets, which stays zero and answers for it.
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
CLOSE = 3e-5  # Newton's steps shrink quadratically: after one this small, about nine digits stand
LONGEST_STEP = 4.0  # a longer one, on the log scale, is a leap out of where the quadratic holds
FLAT = 1e-9  # a pivot this small beside its own diagonal: the terms cannot be told apart
COLUMNS = 384  # fits done together, so that what they work on stays in the processor's cache
CELLS = 1 << 15  # and fewer of them where the table is large
FEW = 200  # below so many columns LAPACK, one column after the other, is quicker than elimination across them


@dataclasses.dataclass(frozen=True)
class Fits:
    """What came of many fits. `expected` has a row for each set of lists: how many are expected on all of them, the
    unseen left out; row 0 is everybody seen. `unseen` is the expected count of those on no list."""

    coefficients: Floats
    expected: Floats
    unseen: Floats
    converged: Flags


def sum_over_supersets(values: Floats, lists: int) -> None:
    """Replace each of 2^k rows by the sum of the rows of all sets that contain its own (Yates 1937)."""
    for bit in range(lists):
        view = values.reshape(-1, 2, 1 << bit, values.shape[-1])
        view[:, 0] += view[:, 1]


def undo_sum_over_supersets(values: Floats, lists: int) -> None:
    """Turn sums over supersets back into what was summed (Moebius inversion; Rota 1964)."""
    for bit in range(lists):
        view = values.reshape(-1, 2, 1 << bit, values.shape[-1])
        view[:, 0] -= view[:, 1]


def sum_over_subsets(values: Floats, lists: int) -> None:
    """Replace each of 2^k rows by the sum of the rows of all sets that it contains (Yates 1937)."""
    for bit in range(lists):
        view = values.reshape(-1, 2, 1 << bit, values.shape[-1])
        view[:, 1] += view[:, 0]


def on_all(counts: Floats, lists: int) -> Floats:
    """Say how many are on all lists of each set, whatever else they are on: row 0 is everybody seen, and the
    last row is zero. `counts`: 2^k rows of histories, row 0 without meaning, a column for each table."""
    totals = np.zeros((len(counts) + 1, counts.shape[1]))
    totals[1:-1] = counts[1:]
    sum_over_supersets(totals[:-1], lists)
    return totals


def together(cells: int) -> int:
    """Say how many fits are best done at once for a table of so many histories."""
    return max(16, min(COLUMNS, CELLS * 2 // cells))


def fit(totals: Floats, terms: Masks, alive: Flags | None, start: Floats, *, lists: int) -> Fits:
    """Fit a model to each column by Newton's method (Chan, Silverman and Vincent 2021, section 2).

    `totals`: from `on_all`. `terms`: a column for each fit. `alive`: the histories that can occur at all; None for
    every one. `start`: a coefficient for each term."""
    columns = terms.shape[1]
    cells = 1 << lists
    done = Fits(
        np.array(start),
        np.empty((cells + 1, columns)),
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
    cross = crossings(terms, lists)
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            expected, _unseen = expectations(beta, terms, alive, lists)
            change = _newton(expected, cross, wanted)
            largest = np.abs(change).max(axis=0)
            beta += change * np.minimum(1.0, LONGEST_STEP / largest)
            near = largest < CLOSE
            over = near | ~np.isfinite(largest)
            if over.mean() < 0.25:
                continue  # not worth the copying
            _note(done, own[over], beta[:, over], terms[:, over], _of(alive, over), near[over])
            own, beta, terms, wanted = own[~over], beta[:, ~over], terms[:, ~over], wanted[:, ~over]
            alive, near = _of(alive, ~over), near[~over]
            if not own.size:
                return
            cross = crossings(terms, lists)
        _note(done, own, beta, terms, alive, near)


def _of(alive: Flags | None, columns: Flags) -> Flags | None:
    return None if alive is None else alive[:, columns]


def _note(done: Fits, own: Masks, beta: Floats, terms: Masks, alive: Flags | None, near: Flags) -> None:
    lists = len(done.expected).bit_length() - 1
    expected, unseen = expectations(beta, terms, alive, lists)
    done.coefficients[:, own], done.expected[:, own], done.unseen[own] = beta, expected, unseen
    # Where all histories can occur the terms are independent; where some cannot, it has to be seen.
    done.converged[own] = near if alive is None else near & _told_apart(expected, crossings(terms, lists))


def expectations(beta: Floats, terms: Masks, alive: Flags | None, lists: int) -> tuple[Floats, Floats]:
    """Return the expected count on all lists of each set, and of those on no list, at these coefficients."""
    totals = np.zeros(((1 << lists) + 1, beta.shape[1]))
    totals[terms, np.arange(beta.shape[1])] = beta
    cells = totals[:-1]
    sum_over_subsets(cells, lists)
    np.exp(cells, out=cells)
    if alive is not None:
        cells *= alive
    unseen = cells[0].copy()
    cells[0] = 0.0
    sum_over_supersets(cells, lists)
    totals[-1] = 0.0
    return totals, unseen


def crossings(terms: Masks, lists: int) -> Masks:
    """Say where the information between each two terms lies in an array of expectations."""
    both: Masks = np.minimum(terms[:, None, :] | terms[None, :, :], 1 << lists)
    both *= terms.shape[1]
    both += np.arange(terms.shape[1])
    return both


def information(expected: Floats, cross: Masks) -> Floats:
    """Return the Poisson information matrix of each column (McCullagh and Nelder 1989, section 2.5)."""
    matrix = expected.ravel().take(cross)
    own = np.arange(len(matrix))
    without = cross[own, own] >= expected.size - expected.shape[1]
    matrix[own, own] += without  # a row without a term stays where it is
    return matrix


def _newton(expected: Floats, cross: Masks, wanted: Floats) -> Floats:
    """The step of Newton's method in each column; without number where its equations cannot be solved."""
    matrix = information(expected, cross)
    right = wanted - expected.ravel().take(cross[0])
    if wanted.shape[1] < FEW:
        try:
            stacked = np.ascontiguousarray(np.moveaxis(matrix, -1, 0))
            return np.ascontiguousarray(np.linalg.solve(stacked, right.T[:, :, None])[:, :, 0].T)
        except np.linalg.LinAlgError:
            pass  # of one column only; the others shall not suffer from it
    return solve(matrix, right)


def _told_apart(expected: Floats, cross: Masks) -> Flags:
    """Whether each pivot of the information matrix is more than rounding."""
    matrix = information(expected, cross)
    own = np.arange(len(matrix))
    diagonal = matrix[own, own].copy()
    try:
        roots = np.linalg.cholesky(np.ascontiguousarray(np.moveaxis(matrix, -1, 0)))
        pivots = roots[:, own, own].T ** 2
    except np.linalg.LinAlgError:  # in one column at least
        solve(matrix, np.zeros(matrix.shape[1:]))
        pivots = matrix[own, own]
    return np.asarray((pivots > FLAT * diagonal).all(axis=0))


def solve(matrix: Floats, right: Floats) -> Floats:
    """Solve a symmetric positive system in each column, in place; the pivots stay on the diagonal.
    Elimination without exchange is stable here (Golub and Van Loan 2013, section 4.2)."""
    size = len(matrix)
    for row in range(size - 1):
        factor = matrix[row + 1 :, row] / matrix[row, row]
        matrix[row + 1 :, row + 1 :] -= factor[:, None] * matrix[row, row + 1 :][None]
        right[row + 1 :] -= factor * right[row]
    for row in range(size - 1, -1, -1):
        right[row] /= matrix[row, row]
        right[:row] -= matrix[:row, row] * right[row]
    return right


def climb(totals: Floats, terms: Masks, alive: Flags | None, *, lists: int) -> Fits:
    """Fit one column slowly and surely: Newton's direction, each step halved until the likelihood grows
    (Wedderburn 1976 shows that there is one maximum to climb to)."""
    wanted = np.take_along_axis(totals, terms, axis=0)
    beta = np.zeros(terms.shape)
    beta[0] = np.log(totals[0] / (1 << lists))
    expected, unseen = expectations(beta, terms, alive, lists)
    height = (wanted * beta).sum() - expected[0, 0]
    for _ in range(SLOW_STEPS):
        change = _newton(expected, crossings(terms, lists), wanted)
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
