"""Averaging over every decomposable graph, as dga does it (Madigan and York 1997).

Under a graph in which every circle of four has a chord, the chance of the table given the number of unseen people has a
closed form: taking out one list after the other, each with neighbours that all know each other, it is a product of
Dirichlet integrals of small tables. So the answer is exact, and needs neither fitting nor sampling.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from scipy import special

from nowrongdoor.core.language import gettext
from nowrongdoor.core.prevalence import exhaustive, fitting, models, tables

MOST_LISTS = 6  # 18,154 graphs; with seven there are 617,675
POINTS = 1_000
MOST_UNSEEN = 30  # times the people seen, as dga's own examples take it
EDGE_MASS = 0.005
FEWEST_POINTS = 20
CHUNK = 1_000


@dataclasses.dataclass(frozen=True)
class Posterior:
    """What is believed after seeing the table. `people`: possible numbers, seen and unseen; `chance`: of each;
    `graphs`: codes of the decomposable graphs, and `weights`: what each contributes."""

    people: fitting.Floats
    chance: fitting.Floats
    graphs: fitting.Masks
    weights: fitting.Floats
    delta: float

    @property
    def mean(self) -> float:
        return float(self.people @ self.chance)

    def quantile(self, share: float) -> float:
        """Return the smallest number that holds so much of the chance up to it."""
        return float(self.people[int(np.searchsorted(np.cumsum(self.chance), share))])

    @property
    def step(self) -> float:
        """How far the numbers that were considered lie apart."""
        return float(np.diff(self.people).max()) if len(self.people) > 1 else 1.0

    @property
    def is_coarse(self) -> bool:
        """Whether the middle 95 of 100 lie on so few numbers that the limits say little."""
        return self.step > 1.0 and self.quantile(0.975) - self.quantile(0.025) < FEWEST_POINTS * self.step

    @property
    def reaches_the_edge(self) -> bool:
        """Whether more than a trace of the chance lies at the largest numbers that were considered."""
        return float(self.chance[-POINTS // 100 :].sum()) > EDGE_MASS


def average(table: tables.Table, *, delta: float | None = None, most: int = MOST_UNSEEN) -> Posterior:
    """Average over all decomposable graphs, with a chance of 1/N for each number N beforehand, the same for
    each graph, and `delta` imagined people in each history, by default 2^-k (Madigan and York 1997, section 3).
    exhaustive.TooManyModels."""
    check(table)
    lists, people = table.lists, table.people
    delta = 2.0**-lists if delta is None else delta
    unseen = np.unique(np.round(np.linspace(1, most * people, POINTS)))
    integrals = _integrals(table, unseen, delta)
    coefficient = (
        special.gammaln(unseen + people + 1.0)
        - special.gammaln(unseen + 1.0)
        - special.gammaln(table.counts[1:] + 1.0).sum()
        - np.log(people + unseen)
    )
    graphs, design = decomposable(lists)
    top, chance, weights = -np.inf, np.zeros(len(unseen)), np.zeros(len(graphs))
    for begun in range(0, len(graphs), CHUNK):
        part = slice(begun, begun + CHUNK)
        heights = design[part] @ integrals + coefficient
        highest = max(top, float(heights.max()))
        scale = np.exp(top - highest) if np.isfinite(top) else 0.0
        mass = np.exp(heights - highest)
        chance, weights, top = chance * scale + mass.sum(axis=0), weights * scale, highest
        weights[part] = mass.sum(axis=1)
    total = chance.sum()
    return Posterior(people + unseen, chance / total, graphs, weights / total, delta)


def heaviest(posterior: Posterior, *, lists: int) -> models.Model:
    """Return the model of the graph with the largest weight: every set of lists that are joined to each other."""
    code = int(posterior.graphs[int(posterior.weights.argmax())])
    joined = {pair for at, pair in enumerate(models.pairs(lists)) if code >> at & 1}
    cliques = (
        each
        for each in range(1, 1 << lists)
        if all(1 << a | 1 << b in joined for a, b in itertools.combinations(models.members(each), 2))
    )
    return models.with_terms(lists, cliques)


def check(table: tables.Table) -> None:
    """Refuse a table with more graphs than can be averaged over. exhaustive.TooManyModels."""
    if table.lists > MOST_LISTS:
        raise exhaustive.TooManyModels(
            gettext(
                "With %(lists)s lists there are too many graphs to average over: up to "
                "%(most_lists)s lists can be done. Use the method stepwise, or merge lists that "
                "work alike."
            )
            % {"lists": table.lists, "most_lists": MOST_LISTS}
        )


def decomposable(lists: int) -> tuple[fitting.Masks, fitting.Floats]:
    """Find the decomposable graphs and write each as a product (Lauritzen 1996, section 2.1.3): a row for
    each, a column for each set of lists, 1 for a clique and -1 for what separates two."""
    pairs = models.pairs(lists)
    codes = np.arange(1 << len(pairs), dtype=np.int64)
    near = np.zeros((lists, len(codes)), dtype=np.int64)
    for each, pair in enumerate(pairs):
        first, second = models.members(pair)
        has = codes >> each & 1
        near[first] |= has << second
        near[second] |= has << first
    design = np.zeros((len(codes), 1 << lists))
    left = np.full(len(codes), (1 << lists) - 1, dtype=np.int64)
    for _ in range(lists):
        out = _simplicial(near, left)
        rows = np.flatnonzero(out >= 0)
        around = near[out[rows], rows] & left[rows]
        np.add.at(design, (rows, around | 1 << out[rows]), 1.0)
        np.add.at(design, (rows, around), -1.0)
        left[rows] &= ~(1 << out[rows])
    whole = left == 0
    return codes[whole], design[whole]


def _simplicial(near: fitting.Masks, left: fitting.Masks) -> fitting.Masks:
    """In each graph a list, among those left, whose neighbours all know each other; -1 where there is none."""
    vertices = np.full(len(left), -1, dtype=np.int64)
    for each in range(len(near)):
        around = near[each] & left
        alike = (left >> each & 1 == 1) & (vertices < 0)
        for other in range(len(near)):
            asked = around >> other & 1 == 1
            alike &= ~asked | (around & ~(near[other] | 1 << other) == 0)
        vertices[alike] = each
    return vertices


def _integrals(table: tables.Table, unseen: fitting.Floats, delta: float) -> fitting.Floats:
    """For each set of lists and each number of unseen people, the log of the Dirichlet integral of its small table."""
    lists = table.lists
    histories = np.arange(len(table.counts))
    result = np.empty((len(table.counts), len(unseen)))
    for chosen in range(len(table.counts)):
        small = np.bincount(histories & chosen, weights=table.counts, minlength=len(table.counts))
        cells = histories[(histories & chosen) == histories]
        weight = delta * 2.0 ** (lists - chosen.bit_count())
        fixed = special.gammaln(small[cells[1:]] + weight).sum() - len(cells) * special.gammaln(weight)
        result[chosen] = special.gammaln(small[0] + unseen + weight) + fixed
    return result
