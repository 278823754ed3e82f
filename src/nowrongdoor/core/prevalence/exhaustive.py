"""Every hierarchical model, ranked by the Bayesian information criterion, as MultipleSystemsEstimation does it
(Silverman 2020, section 3; Silverman, Chan and Vincent 2024, section 2).

Models are fitted level by level, each from the one with its last term left out: a step away from its own maximum.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import special

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.prevalence import batches, existence, fitting, models

MOST_LISTS = {2: 6, 3: 5}  # 2^21 pair models of seven lists, and 3.7 million of order 3 with six, are out of reach


class TooManyModels(ValueError):
    """There are more models than can be looked at one by one."""


@dataclasses.dataclass(frozen=True)
class Ranking:
    """Every model that has one maximum, smallest BIC first, and those that have none.

    `codes`: bit i says that candidate i is in the model. BIC counts every term, those at minus infinity included, and
    takes the number of people seen as the sample size."""

    lists: int
    candidates: tuple[int, ...]
    codes: fitting.Masks
    estimate: fitting.Floats
    bic: fitting.Floats
    deviance: fitting.Floats
    without_maximum: fitting.Masks

    def model(self, rank: int) -> models.Model:
        """Return the model at a rank, 0 the best."""
        return decode(int(self.codes[rank]), self.candidates, lists=self.lists)

    def near(self, units: float) -> fitting.Masks:
        """Return the ranks of the models within so many units of the best."""
        return np.flatnonzero(self.bic <= self.bic[0] + units) if self.bic.size else np.zeros(0, dtype=np.int64)


@dataclasses.dataclass(frozen=True)
class Offset:
    """What to add to -2 log likelihood without factorials, for the whole of it and for the deviance."""

    likelihood: float
    saturated: float


def offset(counts: fitting.Floats) -> Offset:
    """Return what all models of a table have in common (McCullagh and Nelder 1989, section 2.3)."""
    return Offset(
        2.0 * float(special.gammaln(counts + 1.0).sum()),
        2.0 * float(special.xlogy(counts, counts).sum() - counts.sum()),
    )


def decode(code: int, candidates: tuple[int, ...], *, lists: int) -> models.Model:
    """Turn a code into the model it stands for."""
    return models.with_terms(lists, (term for each, term in enumerate(candidates) if code >> each & 1))


def candidates_of(lists: int, order: int) -> tuple[int, ...]:
    """Return the terms beyond single lists, up to so many lists at once. TooManyModels, ValueError."""
    if order not in MOST_LISTS:
        raise ValueError(_("The order is 2 (pairs) or 3 (pairs and triples)."))
    if lists > MOST_LISTS[order]:
        raise TooManyModels(
            _(
                "With %(lists)s lists there are too many models of order %(order)s to fit every "
                "one: up to %(most_lists)s lists can be done. Use the method stepwise, or merge "
                "lists that work alike."
            )
            % {"lists": lists, "order": order, "most_lists": MOST_LISTS[order]}
        )
    # The highest of all would use up what there is to see: with it the unseen could be any number.
    return (models.pairs(lists) if lists > 2 else ()) + (models.triples(lists) if order == 3 and lists > 3 else ())


def rank(counts: fitting.Floats, *, lists: int, order: int = 2) -> Ranking:
    """Fit every hierarchical model to one table of 2^k counts (Silverman, Chan and Vincent 2024, section 2).
    existence.NoMaximum when not even independent lists have one; TooManyModels."""
    candidates = candidates_of(lists, order)
    totals = fitting.on_all(counts[:, None], lists)
    level, begun = batches.start(totals, np.array(candidates, dtype=np.int64), lists=lists)
    if not begun.converged[0]:
        raise existence.NoMaximum(existence.why_not(totals[:, 0], lists=lists))
    codes = np.zeros(1, dtype=np.int64)
    without = np.zeros(1 << len(candidates), dtype=np.bool_)
    levels = [_measured(codes, level)]
    while codes.size:
        parents, which = _children(codes, candidates)
        codes = codes[parents] | (1 << which)
        # A model has no maximum where one with a term less has none (see existence), so few are asked about.
        hopeless = np.zeros(codes.size, dtype=np.bool_)
        for each in range(len(candidates)) if without.any() else ():
            hopeless |= (codes >> each & 1 == 1) & without[codes & ~(1 << each)]
        without[codes[hopeless]] = True
        codes, which, level = codes[~hopeless], which[~hopeless], level.keep(parents[~hopeless])
        level.grow()
        held = level.extend(np.arange(codes.size), which)
        without[codes[~held]] = True
        codes, level = codes[held], level.keep(held)
        levels.append(_measured(codes, level))
    # Where no model failed, every one was found.
    every = _every(candidates) if without.any() else np.zeros(0, dtype=np.int64)
    return _ranking(counts, levels, every, candidates, lists)


def _every(candidates: tuple[int, ...]) -> fitting.Masks:
    """The codes of all hierarchical models."""
    levels = [np.zeros(1, dtype=np.int64)]
    while levels[-1].size:
        parents, which = _children(levels[-1], candidates)
        levels.append(levels[-1][parents] | (1 << which))
    return np.concatenate(levels)


def _children(codes: fitting.Masks, candidates: tuple[int, ...]) -> tuple[fitting.Masks, fitting.Masks]:
    """Each model once: its parent lacks its last term. Triples come after pairs, so parents are hierarchical too."""
    parents, which = [], []
    bit_of = {term: each for each, term in enumerate(candidates)}
    for each, term in enumerate(candidates):
        needs = 0
        for part in bit_of:
            if part != term and part & term == part:
                needs |= 1 << bit_of[part]
        fit = np.flatnonzero((codes >> each == 0) & (codes & needs == needs))
        parents.append(fit)
        which.append(np.full(fit.size, each))
    return np.concatenate(parents), np.concatenate(which)


_Measured = tuple[fitting.Masks, fitting.Floats, fitting.Floats]


def _measured(codes: fitting.Masks, level: batches.Batch) -> _Measured:
    return codes, np.exp(level.beta[0]), level.log_likelihood()


def _ranking(
    counts: fitting.Floats,
    levels: list[_Measured],
    every: fitting.Masks,
    candidates: tuple[int, ...],
    lists: int,
) -> Ranking:
    codes, unseen, height = (np.concatenate(each) for each in zip(*levels, strict=True))
    n = counts.sum()
    constant = offset(counts)
    bic = constant.likelihood - 2.0 * height + (1 + lists + np.bitwise_count(codes)) * np.log(n)
    deviance = constant.saturated - 2.0 * height
    ranked = np.lexsort((codes, np.round(bic, 9)))
    gone = np.setdiff1d(every, codes)
    return Ranking(
        lists, candidates, codes[ranked], n + unseen[ranked], bic[ranked], np.maximum(deviance[ranked], 0.0), gone
    )
