"""Whether a model's largest likelihood is reached at all, and whether only one set of coefficients reaches it.

A pair (or triple) of lists in the model that nobody is on drives its coefficient to minus infinity: that is treated as
its value, and the histories it rules out leave the table. What remains has a maximum exactly when some table without a
zero has the same totals (Fienberg and Rinaldo 2012, theorem 3; Chan, Silverman and Vincent 2021, section 3.1), which a
linear program decides; the coefficients are told apart when the design has full rank. A fit that converged proves both
by itself, so the program runs only where one did not.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from nowrongdoor.core.prevalence import fitting, independence, models

REMEMBERED = 8_192  # verdicts; a bootstrap asks about the same faces again and again
STRICT = 1e-9  # of the largest total: a smallest cell below it is rounding, not a solution
STILL = 1e-7  # of its largest change: a history that changes less along a proof's direction stays as it is


class NoMaximum(ValueError):
    """The likelihood of this table has no maximum, so there is nothing to estimate."""


@dataclasses.dataclass(frozen=True, eq=False)
class Proof:
    """Why a model has no single maximum: a direction for the coefficients of `terms` along which the log expectation of
    each history changes by `heights`. Of the histories that can occur none rises, those that somebody has stay, and
    some fall without end; or all stay, and the coefficients cannot be told apart."""

    terms: frozenset[int]
    heights: fitting.Floats

    def holds(self, finite: fitting.Masks, cells: fitting.Masks, held: fitting.Masks) -> bool:
        """This will say whether it proves the same of a model with these finite terms and possible histories."""
        heights = self.heights[cells]
        return bool(
            self.terms.issubset(finite.tolist())
            and heights.max() <= STILL
            and not (heights[np.isin(cells, held)] < -STILL).any()
        )


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether the maximum is reached, and whether only one set of coefficients reaches it."""

    exists: bool
    identifiable: bool
    proof: Proof | None = dataclasses.field(default=None, compare=False, repr=False)

    @property
    def estimable(self) -> bool:
        return self.exists and self.identifiable

    @property
    def words(self) -> str:
        """This will say it in a sentence."""
        if self.estimable:
            return "The likelihood has one maximum, and only one set of coefficients reaches it."
        if self.exists:
            return "Different coefficients fit equally well, so the number of unseen people is not determined."
        if self.identifiable:
            return "The likelihood has no maximum: some coefficients run off without end."
        return "The likelihood has no maximum, and different coefficients fit equally well."


def verdict(totals: fitting.Floats, model: models.Model, *, lists: int) -> Verdict:
    """This will decide on one model by the linear program and the rank (Fienberg and Rinaldo 2012, section 3).
    `totals`: one column of `fitting.on_all`."""
    finite, cells = split(totals, model, lists=lists)
    if not len(cells):
        return Verdict(exists=False, identifiable=False)
    held = np.isin(cells, somebody_has(totals, lists=lists))
    return _verdict(tuple(finite.tolist()), tuple(cells.tolist()), tuple(held.tolist()), lists)


def somebody_has(totals: fitting.Floats, *, lists: int) -> fitting.Masks:
    """This will name the histories that somebody has."""
    counts = np.array(totals[:-1, None])
    fitting.undo_sum_over_supersets(counts, lists)
    return np.flatnonzero(counts[1:, 0] > 0) + 1


@functools.lru_cache(maxsize=REMEMBERED)
def _verdict(finite: tuple[int, ...], cells: tuple[int, ...], held: tuple[bool, ...], lists: int) -> Verdict:
    """Only which histories somebody has matters, not how many: any such table lies on the same face."""
    terms, rows, seen = np.array(finite), np.array(cells), np.array(held)
    design = _design(rows, terms)
    identifiable = len(rows) >= len(terms) and int(np.linalg.matrix_rank(design)) == len(terms)
    exists, direction = _interior(design, design.T @ seen)
    if not identifiable:
        direction = np.linalg.svd(design)[2][-1]
    if exists and identifiable:
        return Verdict(exists, identifiable)
    return Verdict(exists, identifiable, _proof(direction, terms, rows, rows[seen], lists))


def _design(rows: fitting.Masks, terms: fitting.Masks) -> fitting.Floats:
    return np.asarray((rows[:, None] & terms[None, :]) == terms[None, :], dtype=np.float64)


def _proof(
    direction: fitting.Floats, terms: fitting.Masks, cells: fitting.Masks, held: fitting.Masks, lists: int
) -> Proof | None:
    """What the direction proves, if rounding left it fit to prove something."""
    moving = np.abs(direction) > STILL * np.abs(direction).max(initial=0.0)
    heights = _design(np.arange(1 << lists), terms[moving]) @ direction[moving]
    largest = np.abs(heights).max()
    for sign in (1.0, -1.0):
        found = Proof(frozenset(terms[moving].tolist()), sign * heights / max(largest, 1e-300))
        if found.terms and found.holds(terms, cells, held):
            return found
    return None


def why_not(totals: fitting.Floats, *, lists: int) -> str:
    """This will say why not even independent lists have a maximum (the facets of Darroch's 1958 likelihood)."""
    sizes = [totals[1 << each] for each in range(lists)]
    if any(each == 0 for each in sizes):
        return "One of the lists has nobody on it. Leave that list out."
    if any(each == totals[0] for each in sizes):
        return "One of the lists contains everybody who was seen, so nothing shows who is missed. Leave that list out."
    return (
        "Nobody is on two lists, so nothing shows how many people all lists miss: the estimate would be infinite. "
        "More linkage between the lists, or longer lists, are needed."
    )


def split(totals: fitting.Floats, model: models.Model, *, lists: int) -> tuple[fitting.Masks, fitting.Masks]:
    """This will name the terms with finite coefficients, and the histories that the others leave possible."""
    terms = np.asarray(model, dtype=np.int64)
    # A list that nobody is on cannot be left out so: the maximum of every model that has it runs off.
    infinite = terms[(totals[terms] == 0) & (np.bitwise_count(terms) > 1)]
    cells = np.arange(1, 1 << lists, dtype=np.int64)
    ruled_out = ((cells[:, None] & infinite[None, :]) == infinite[None, :]).any(axis=1)
    finite = terms[~np.isin(terms, infinite)]
    return finite, cells[~ruled_out]


def _interior(design: fitting.Floats, wanted: fitting.Floats) -> tuple[bool, fitting.Floats]:
    """Whether a table without a zero has these totals, and a direction that shows it where none has."""
    from scipy import optimize  # loaded only where a fit did not converge

    # Cells x = s + slack with slack >= 0; the largest s for which the totals hold.
    scale = max(float(wanted.max()), 1.0)
    equations = np.column_stack([design.T, design.sum(axis=0)])
    objective = np.zeros(equations.shape[1])
    objective[-1] = -1.0
    found = optimize.linprog(objective, A_eq=equations, b_eq=wanted / scale, bounds=(0, None), method="highs")
    if found.status != 0 or found.x is None:
        return False, np.zeros(design.shape[1])
    return bool(found.x[-1] > STRICT), np.asarray(found.eqlin.marginals)


def quick(totals: fitting.Floats, model: models.Model, *, lists: int) -> Verdict:
    """This will decide on one model by fitting it, and by the linear program only where that fails: the fitted table
    has no zero and the same totals, so it is itself the proof (Fienberg and Rinaldo 2012, theorem 3)."""
    begun = independence.fit(totals[:, None], lists=lists)
    if begun.converged[0]:
        finite, cells = split(totals, model, lists=lists)
        alive = np.zeros((1 << lists, 1), dtype=np.bool_)
        alive[cells] = alive[0] = True
        start = independence.begin(begun, finite)
        if len(cells) >= len(finite):
            fits = fitting.fit(totals[:, None], finite[:, None], alive, start, lists=lists)
            if fits.converged[0]:
                return Verdict(exists=True, identifiable=True)
    return verdict(totals, model, lists=lists)
