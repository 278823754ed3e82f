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
    in `terms`, and `alive` no longer holds the histories they rule out."""

    lists: int
    candidates: fitting.Masks
    totals: fitting.Floats
    terms: fitting.Masks  # rows from `used` on mean nothing
    beta: fitting.Floats
    used: fitting.Masks
    within: fitting.Flags
    alive: fitting.Flags | None
    expected: fitting.Floats

    @classmethod
    def of(cls, totals: fitting.Floats, start: fitting.Fits, candidates: fitting.Masks, *, lists: int) -> Batch:
        """This will start every column from lists that know nothing of each other."""
        columns = totals.shape[1]
        most = 1 + lists + len(candidates)
        terms = np.zeros((most, columns), dtype=np.int64)
        terms[: lists + 1] = np.array(models.main_effects(lists))[:, None]
        beta = np.zeros((most, columns))
        beta[: lists + 1] = start.coefficients
        within = np.zeros((len(candidates), columns), dtype=np.bool_)
        used = np.full(columns, lists + 1)
        return cls(lists, candidates, totals, terms, beta, used, within, None, start.expected)

    def keep(self, columns: fitting.Flags | fitting.Masks) -> Batch:
        """This will give these columns as a batch of their own."""
        return Batch(
            self.lists,
            self.candidates,
            self.totals[:, columns],
            self.terms[:, columns],
            self.beta[:, columns],
            self.used[columns],
            self.within[:, columns],
            None if self.alive is None else self.alive[:, columns],
            self.expected[:, columns],
        )

    def model(self, column: int) -> models.Model:
        """This will give the model of one column."""
        return models.with_terms(self.lists, map(int, self.candidates[self.within[:, column]]))

    def log_likelihood(self) -> fitting.Floats:
        """This will give the Poisson log likelihood of each column, without the factorials of the counts."""
        rows = np.arange(len(self.terms))[:, None]
        weighted = np.where(rows < self.used, np.take_along_axis(self.totals, self.terms, axis=0) * self.beta, 0.0)
        total: fitting.Floats = weighted.sum(axis=0) - self.expected[0]
        return total

    def extend(self, look: fitting.Masks, which: fitting.Masks) -> fitting.Flags:
        """This will fit the columns `look` with the candidate `which` in addition, store those that have one maximum,
        and say which (Chan, Silverman and Vincent 2021, section 3.1)."""
        held = np.zeros(look.size, dtype=np.bool_)
        new = self.candidates[which]
        empty = self.totals[new, look] == 0
        if empty.any() and self.alive is None:
            self.alive = np.ones(self.totals.shape, dtype=np.bool_)
        sizes = self.used[look] + ~empty
        for size in np.unique(sizes):
            part = np.flatnonzero(sizes == size)
            held[part] = self._extend_alike(look[part], new[part], which[part], empty[part], int(size))
        return held

    def _extend_alike(
        self, who: fitting.Masks, new: fitting.Masks, which: fitting.Masks, empty: fitting.Flags, size: int
    ) -> fitting.Flags:
        totals, terms, beta = self.totals[:, who], self.terms[:size, who], self.beta[:size, who]
        some = np.flatnonzero(~empty)
        terms[size - 1, some] = new[some]
        # To where this one coefficient alone would go: its expected count becomes the count seen.
        with np.errstate(divide="ignore", invalid="ignore"):
            beta[size - 1, some] = np.log(totals[new[some], some] / self.expected[new[some], who[some]])
        alive = None if self.alive is None else self.alive[:, who]
        if alive is not None and empty.any():
            histories = np.arange(len(totals))[:, None]
            alive[:, empty] &= (histories & new[empty]) != new[empty]
        fits = fitting.fit(totals, terms, alive, beta, lists=self.lists)
        good = fits.converged.copy()
        for column in np.flatnonzero(~good):
            model = models.with_terms(self.lists, [*self.model(who[column])[1:], int(new[column])])
            good[column] = self._rescue(fits, totals, terms, alive, model, int(column))
        won = who[good]
        self.terms[:size, won] = terms[:, good]
        self.beta[:size, won] = fits.coefficients[:, good]
        self.used[won] = size
        self.within[which[good], won] = True
        self.expected[:, won] = fits.expected[:, good]
        if alive is not None and self.alive is not None:
            self.alive[:, won] = alive[:, good]
        return good

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
        better = fitting.climb(totals[:, one], terms[:, one], None if alive is None else alive[:, one], lists=self.lists)
        fits.coefficients[:, one] = better.coefficients
        fits.expected[:, one] = better.expected
        fits.unseen[one] = better.unseen
        return bool(better.converged[0])


def start(totals: fitting.Floats, candidates: fitting.Masks, *, lists: int) -> tuple[Batch, fitting.Fits]:
    """This will fit independent lists to each column; those of the batch whose fit did not converge have no maximum."""
    begun = independence.fit(totals, lists=lists)
    return Batch.of(totals, begun, candidates, lists=lists), begun
