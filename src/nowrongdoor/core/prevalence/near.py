"""Models that the data can hardly tell from the best one: how far their answers lie apart, and where they gather.

Ten units of BIC are odds of about 150 to 1 (Kass and Raftery 1995), so whatever is nearer must be shown.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from nowrongdoor.core.prevalence import exhaustive, existence, fitting, independence, models, tables

UNITS = 10.0
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
APART = 1.25  # answers further apart than this factor, with no model of weight between them, are two groups
LIGHT = 0.01  # of all weight: a model this light fills no gap between groups
SMALL_GROUP = 0.05
CORE = (0.16, 0.84)  # what a group is described by
MOST_TRIED = 3_000


@dataclasses.dataclass(frozen=True)
class NearModel:
    """A model, its answer, how much worse than the best it is, and its share of the weight exp(-BIC/2)."""

    model: models.Model
    estimate: float
    bic: float
    deviance: float
    weight: float


@dataclasses.dataclass(frozen=True)
class Group:
    """Answers that lie together: the middle two thirds of their weight."""

    low: float
    high: float
    weight: float


@dataclasses.dataclass(frozen=True)
class Near:
    """All models within ten units, best first. `tried`: how many models were looked at; `every`: whether that was all
    there are."""

    models: tuple[NearModel, ...]
    groups: tuple[Group, ...]
    quantiles: tuple[tuple[float, float], ...]
    tried: int
    every: bool
    without_maximum: int
    order: int

    @property
    def low(self) -> float:
        return min(each.estimate for each in self.models)

    @property
    def high(self) -> float:
        return max(each.estimate for each in self.models)


def look(table: tables.Table, *, order: int) -> Near:
    """Find the models near the best: all models where they can be counted out, else those that a walk from
    model to neighbouring model meets (Madigan and Raftery 1994). existence.NoMaximum."""
    if table.lists <= exhaustive.MOST_LISTS.get(order, 0):
        ranking = exhaustive.rank(table.counts, lists=table.lists, order=order)
        ranks = ranking.near(UNITS)
        chosen = [ranking.model(int(each)) for each in ranks]
        return _near(
            chosen,
            (ranking.estimate[ranks], ranking.bic[ranks], ranking.deviance[ranks]),
            (len(ranking.codes) + len(ranking.without_maximum), len(ranking.without_maximum)),
            every=True,
            order=order,
        )
    return _walk(table)


def _near(
    chosen: Sequence[models.Model],
    measured: tuple[fitting.Floats, fitting.Floats, fitting.Floats],
    tried: tuple[int, int],
    *,
    every: bool,
    order: int,
) -> Near:
    estimate, bic, deviance = measured
    weight = np.exp(-(bic - bic[0]) / 2.0)
    weight /= weight.sum()
    models_near = tuple(
        NearModel(model, float(n), float(b), float(d), float(w))
        for model, n, b, d, w in zip(chosen, estimate, bic, deviance, weight, strict=True)
    )
    quantiles = tuple((each, weighted_quantile(estimate, weight, each)) for each in QUANTILES)
    return Near(models_near, groups(estimate, weight), quantiles, tried[0], every, tried[1], order)


def weighted_quantile(values: fitting.Floats, weights: fitting.Floats, share: float) -> float:
    """Return the smallest value that holds so much of the weight up to it."""
    ordered = np.argsort(values)
    reached = np.cumsum(weights[ordered]) / weights.sum()
    return float(values[ordered][min(int(np.searchsorted(reached, share)), len(values) - 1)])


def groups(values: fitting.Floats, weights: fitting.Floats) -> tuple[Group, ...]:
    """Gather answers that lie together, smallest first; those of hardly any weight are left out."""
    heavy = weights >= min(LIGHT * weights.sum(), weights.max())
    ordered = np.argsort(values[heavy])
    values, weights = values[heavy][ordered], weights[heavy][ordered]
    cuts = np.flatnonzero(values[1:] > APART * values[:-1]) + 1
    clusters = []
    for part in np.split(np.arange(len(values)), cuts):
        share = float(weights[part].sum() / weights.sum())
        low, high = (weighted_quantile(values[part], weights[part], each) for each in CORE)
        clusters.append(Group(low, high, share))
    return tuple(each for each in clusters if each.weight >= SMALL_GROUP) or tuple(clusters)


def best_of(counts: fitting.Floats, known: Sequence[models.Model], *, lists: int) -> fitting.Floats:
    """Return, for each column of counts, the answer of the model among these with the smallest BIC (Silverman,
    Chan and Vincent 2024, section 3); infinite where none has a maximum. A fit that does not converge is taken for one
    without maximum."""
    totals = fitting.on_all(counts, lists)
    begun = independence.fit(totals, lists=lists)
    answer = np.where(begun.converged, np.inf, totals[0] + begun.unseen)
    best = np.full(counts.shape[1], np.inf)
    held = np.flatnonzero(begun.converged)
    width = 8 * fitting.together(1 << lists)
    for left in range(0, held.size, width):
        own = held[left : left + width]
        some = totals[:, own]
        start = fitting.Fits(begun.coefficients[:, own], some, begun.unseen[own], begun.converged[own])
        for model in known:
            fits, height = _fit(some, [model] * own.size, start, lists)
            bic = np.where(fits.converged, -2.0 * height + len(model) * np.log(some[0]), np.inf)
            better = bic < best[own]
            best[own] = np.where(better, bic, best[own])
            answer[own] = np.where(better, some[0] + fits.unseen, answer[own])
    return answer


def _fit(
    totals: fitting.Floats, chosen: Sequence[models.Model], begun: fitting.Fits, lists: int
) -> tuple[fitting.Fits, fitting.Floats]:
    """Fits a model to each column, and gives the log likelihoods without the factorials."""
    size = max(len(each) for each in chosen)
    terms = np.full((size, len(chosen)), 1 << lists)
    for column, model in enumerate(chosen):
        terms[: len(model), column] = model
    seen = np.take_along_axis(totals, terms, axis=0)
    empty = (seen == 0) & (terms < 1 << lists)
    alive = None
    if empty.any():
        alive = np.ones((1 << lists, len(chosen)), dtype=np.bool_)
        histories = np.arange(1 << lists)[:, None]
        for row in np.flatnonzero(empty.any(axis=1)):
            out = empty[row]
            alive[:, out] &= (histories & terms[row, out]) != terms[row, out]
        terms[empty] = 1 << lists
    start = np.zeros(terms.shape)
    start[: lists + 1] = begun.coefficients
    fits = fitting.fit(totals, terms, alive, start, lists=lists)
    height = (np.take_along_axis(totals, terms, axis=0) * fits.coefficients).sum(axis=0) - fits.expected[0]
    return fits, height


def _walk(table: tables.Table) -> Near:
    lists, totals = table.lists, table.on_all()[:, None]
    begun = independence.fit(totals, lists=lists)
    if not begun.converged[0]:
        raise existence.NoMaximum(existence.why_not(totals[:, 0], lists=lists))
    pairs = models.pairs(lists)
    known: dict[frozenset[int], tuple[float, float, float]] = {}
    lost, spread = 0, set()
    waiting = [frozenset[int]()]
    while waiting and len(known) + lost < MOST_TRIED:
        fits, height = _fit(
            np.repeat(totals, len(waiting), axis=1),
            [models.with_terms(lists, each) for each in waiting],
            _repeated(begun, len(waiting)),
            lists,
        )
        for at, each in enumerate(waiting):
            bic = -2.0 * height[at] + (1 + lists + len(each)) * np.log(totals[0, 0])
            known[each] = (bic if fits.converged[at] else np.inf, totals[0, 0] + fits.unseen[at], height[at])
        best = min(value[0] for value in known.values())
        close = sorted((value[0], sorted(each)) for each, value in known.items() if value[0] <= best + UNITS)
        waiting = []
        for here in (frozenset(each) for _, each in close):
            if here in spread:
                continue
            spread.add(here)
            waiting += [beside for pair in pairs if (beside := here ^ {pair}) not in known]
            if len(waiting) > MOST_TRIED // 10:
                break
        waiting = list(dict.fromkeys(waiting))[: MOST_TRIED // 5]
    return _found(table, known)


def _repeated(fits: fitting.Fits, columns: int) -> fitting.Fits:
    return fitting.Fits(
        np.repeat(fits.coefficients, columns, axis=1),
        np.repeat(fits.expected, columns, axis=1),
        np.repeat(fits.unseen, columns),
        np.repeat(fits.converged, columns),
    )


def _found(table: tables.Table, known: dict[frozenset[int], tuple[float, float, float]]) -> Near:
    offset = exhaustive.offset(table.counts)
    held = sorted((value[0], tuple(sorted(each)), value) for each, value in known.items() if np.isfinite(value[0]))
    held = [each for each in held if each[0] <= held[0][0] + UNITS]
    measured = np.array([each[2] for each in held])
    return _near(
        [models.with_terms(table.lists, each[1]) for each in held],
        (measured[:, 1], measured[:, 0] + offset.likelihood, offset.saturated - 2.0 * measured[:, 2]),
        (len(known), sum(1 for each in known.values() if not np.isfinite(each[0]))),
        every=False,
        order=2,
    )
