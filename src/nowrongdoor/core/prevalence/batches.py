"""Many tables, each with a model of its own, that grow by a term at a time. The selections stand on this.

The promise: a column took its term only if the larger model has one maximum; a fit that did not converge is asked about
by the linear program, never guessed.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from nowrongdoor.core.prevalence import existence, fitting, independence, models


@dataclasses.dataclass
class Batch:
    """A column for each table and its model. `candidates` are the terms that a model may take in; `within` says which
    it has. Terms that nobody's history contains are in the model with a coefficient of minus infinity: they have no row
    in `terms` (their row holds 2^k), and `alive` no longer holds the histories they rule out."""

    lists: int
    candidates: fitting.Masks
    totals: fitting.Floats
    terms: fitting.Masks
    beta: fitting.Floats
    within: fitting.Flags
    alive: fitting.Flags | None
    expected: fitting.Floats

    @classmethod
    def of(cls, totals: fitting.Floats, start: fitting.Fits, candidates: fitting.Masks, *, lists: int) -> Batch:
        """Start every column from lists that know nothing of each other."""
        columns = totals.shape[1]
        terms = np.repeat(np.array(models.main_effects(lists))[:, None], columns, axis=1)
        within = np.zeros((len(candidates), columns), dtype=np.bool_)
        return cls(lists, candidates, totals, terms, start.coefficients, within, None, start.expected)

    def keep(self, columns: fitting.Flags | fitting.Masks) -> Batch:
        """Return these columns as a batch of their own."""
        return Batch(
            self.lists,
            self.candidates,
            self.totals[:, columns],
            self.terms[:, columns],
            self.beta[:, columns],
            self.within[:, columns],
            None if self.alive is None else self.alive[:, columns],
            self.expected[:, columns],
        )

    def model(self, column: int) -> models.Model:
        """Return the model of one column."""
        return models.with_terms(self.lists, map(int, self.candidates[self.within[:, column]]))

    def log_likelihood(self) -> fitting.Floats:
        """Return the Poisson log likelihood of each column, without the factorials of the counts."""
        total: fitting.Floats = (np.take_along_axis(self.totals, self.terms, axis=0) * self.beta).sum(axis=0)
        height: fitting.Floats = total - self.expected[0]
        return height

    def grow(self) -> None:
        """Make room for one term more in every column."""
        self.terms = np.vstack([self.terms, np.full((1, self.totals.shape[1]), 1 << self.lists)])
        self.beta = np.vstack([self.beta, np.zeros((1, self.totals.shape[1]))])

    def extend(self, look: fitting.Masks, which: fitting.Masks) -> fitting.Flags:
        """Fit the columns `look` with the candidate `which` in addition, in the last row, store those that
        have one maximum, and say which (Chan, Silverman and Vincent 2021, section 3.1)."""
        new = self.candidates[which]
        totals, terms, beta = self.totals[:, look], self.terms[:, look], self.beta[:, look]
        columns = np.arange(look.size)
        seen = totals[new, columns]
        empty = seen == 0
        terms[-1] = np.where(empty, 1 << self.lists, new)
        # To where this one coefficient alone would go: its expected count becomes the count seen.
        with np.errstate(divide="ignore", invalid="ignore"):
            beta[-1] = np.where(empty, 0.0, np.log(seen / self.expected[new, look]))
        alive = self._alive(look, new, empty)
        fits = fitting.fit(totals, terms, alive, beta, lists=self.lists)
        good = fits.converged.copy()
        for column in np.flatnonzero(~good):
            model = models.with_terms(self.lists, [*self.model(look[column])[1:], int(new[column])])
            good[column] = self._rescue(fits, totals, terms, alive, model, int(column))
        won = look[good]
        self.terms[:, won] = terms[:, good]
        self.beta[:, won] = fits.coefficients[:, good]
        self.within[which[good], won] = True
        self.expected[:, won] = fits.expected[:, good]
        if alive is not None and self.alive is not None:
            self.alive[:, won] = alive[:, good]
        return good

    def _alive(self, look: fitting.Masks, new: fitting.Masks, empty: fitting.Flags) -> fitting.Flags | None:
        """The histories that can occur in these columns; None where all can."""
        if self.alive is None:
            if not empty.any():
                return None
            self.alive = np.ones((1 << self.lists, self.totals.shape[1]), dtype=np.bool_)
        alive = self.alive[:, look]
        if empty.any():
            histories = np.arange(1 << self.lists)[:, None]
            alive[:, empty] &= (histories & new[empty]) != new[empty]
        return alive

    def _rescue(
        self,
        fits: fitting.Fits,
        totals: fitting.Floats,
        terms: fitting.Masks,
        alive: fitting.Flags | None,
        model: models.Model,
        column: int,
    ) -> bool:
        """Asks the linear program about a fit that did not converge; where there is a maximum, climbs to it."""
        if not existence.verdict(totals[:, column], model, lists=self.lists).estimable:
            return False
        one = slice(column, column + 1)
        better = fitting.climb(
            totals[:, one], terms[:, one], None if alive is None else alive[:, one], lists=self.lists
        )
        fits.coefficients[:, one] = better.coefficients
        fits.expected[:, one] = better.expected
        fits.unseen[one] = better.unseen
        return bool(better.converged[0])


def start(totals: fitting.Floats, candidates: fitting.Masks, *, lists: int) -> tuple[Batch, fitting.Fits]:
    """Fit independent lists to each column; those of the batch whose fit did not converge have no maximum."""
    begun = independence.fit(totals, lists=lists)
    return Batch.of(totals, begun, candidates, lists=lists), begun
