"""Whether a model's largest likelihood is reached at all, and whether only one set of coefficients reaches it.

A pair (or triple) of lists in the model that nobody is on drives its coefficient to minus infinity: that is treated as
its value, and the histories it rules out leave the table. What remains has a maximum exactly when some table without a
zero has the same totals (Fienberg and Rinaldo 2012, theorem 3; Chan, Silverman and Vincent 2021, section 3.1), which a
linear program decides; the coefficients are told apart when the design has full rank. A fit that converged proves both
by itself, so the program runs only where one did not.

A model without a single maximum has none with a further term either. There is a direction along which no possible
history rises, those that somebody has stay, and some fall, or none falls. A further finite coefficient leaves it what
it is. A further term at minus infinity only rules histories out: if one that falls is left, the same direction shows
that there is no maximum; if none is left, that the coefficients are not told apart.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.prevalence import fitting, independence, models

REMEMBERED = 8_192  # verdicts; a bootstrap asks about the same faces again and again
STRICT = 1e-9  # of the largest total: a smallest cell below it is rounding, not a solution


class NoMaximum(ValueError):
    """The likelihood of this table has no maximum, so there is nothing to estimate."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether the maximum is reached, and whether only one set of coefficients reaches it."""

    exists: bool
    identifiable: bool

    @property
    def estimable(self) -> bool:
        return self.exists and self.identifiable

    @property
    def words(self) -> str:
        """Say it in a sentence."""
        if self.estimable:
            return _("The likelihood has one maximum, and only one set of coefficients reaches it.")
        if self.exists:
            return _("Different coefficients fit equally well, so the number of unseen people is not determined.")
        if self.identifiable:
            return _("The likelihood has no maximum: some coefficients run off without end.")
        return _("The likelihood has no maximum, and different coefficients fit equally well.")


def verdict(totals: fitting.Floats, model: models.Model, *, lists: int) -> Verdict:
    """Decide on one model by the linear program and the rank (Fienberg and Rinaldo 2012, section 3).
    `totals`: one column of `fitting.on_all`."""
    finite, cells = split(totals, model, lists=lists)
    if not len(cells):
        return Verdict(exists=False, identifiable=False)
    counts = np.array(totals[:-1, None])
    fitting.undo_sum_over_supersets(counts, lists)
    held = frozenset(int(each) for each in cells[counts[cells, 0] > 0])
    return _verdict(tuple(int(each) for each in finite), tuple(int(each) for each in cells), held)


@functools.lru_cache(maxsize=REMEMBERED)
def _verdict(finite: tuple[int, ...], cells: tuple[int, ...], held: frozenset[int]) -> Verdict:
    """Only which histories somebody has matters, not how many: any such table lies on the same face."""
    terms, rows = np.array(finite), np.array(cells)
    design = ((rows[:, None] & terms[None, :]) == terms[None, :]).astype(float)
    identifiable = len(rows) >= len(terms) and int(np.linalg.matrix_rank(design)) == len(terms)
    seen = np.array([each in held for each in cells], dtype=float)
    return Verdict(_has_interior(design, design.T @ seen), identifiable)


def why_not(totals: fitting.Floats, *, lists: int) -> str:
    """Say why not even independent lists have a maximum (the facets of Darroch's 1958 likelihood)."""
    sizes = [totals[1 << each] for each in range(lists)]
    if any(each == 0 for each in sizes):
        return _("One of the lists has nobody on it. Leave that list out.")
    if any(each == totals[0] for each in sizes):
        return _(
            "One of the lists contains everybody who was seen, so nothing shows who is missed. Leave that list out."
        )
    return _(
        "Nobody is on two lists, so nothing shows how many people all lists miss: the "
        "estimate would be infinite. More linkage between the lists, or longer lists, are "
        "needed."
    )


def split(totals: fitting.Floats, model: models.Model, *, lists: int) -> tuple[fitting.Masks, fitting.Masks]:
    """Name the terms with finite coefficients, and the histories that the others leave possible."""
    terms = np.asarray(model, dtype=np.int64)
    # A list that nobody is on cannot be left out so: the maximum of every model that has it runs off.
    infinite = terms[(totals[terms] == 0) & (np.bitwise_count(terms) > 1)]
    cells = np.arange(1, 1 << lists, dtype=np.int64)
    ruled_out = ((cells[:, None] & infinite[None, :]) == infinite[None, :]).any(axis=1)
    finite = terms[~np.isin(terms, infinite)]
    return finite, cells[~ruled_out]


def _has_interior(design: fitting.Floats, wanted: fitting.Floats) -> bool:
    from scipy import optimize  # loaded only where a fit did not converge

    # Cells x = s + slack with slack >= 0; the largest s for which the totals hold.
    scale = max(float(wanted.max()), 1.0)
    equations = np.column_stack([design.T, design.sum(axis=0)])
    objective = np.zeros(equations.shape[1])
    objective[-1] = -1.0
    solution = optimize.linprog(objective, A_eq=equations, b_eq=wanted / scale, bounds=(0, None), method="highs")
    return solution.status == 0 and solution.fun is not None and bool(-solution.fun > STRICT)


def quick(totals: fitting.Floats, model: models.Model, *, lists: int) -> Verdict:
    """Decide on one model by fitting it, and by the linear program only where that fails: the fitted table
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
