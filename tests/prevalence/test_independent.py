"""The same numbers as a second implementation that shares nothing with the first: slow, plain, from the R programs' own
rules (SparseMSE's stepwisefit, checkident and bcaconfvalues; MultipleSystemsEstimation's fit_hier_model; dga's bma.cr)
and from what their documents print."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from scipy import optimize, special, stats

from nowrongdoor.core.prevalence import (
    estimating,
    exhaustive,
    existence,
    fitting,
    graphs,
    intervals,
    models,
    resampling,
    stepwise,
    tables,
)
from tests.prevalence import published

Term = tuple[int, ...]
KOREA = {0b100: 41, 0b010: 5, 0b001: 5, 0b011: 54, 0b101: 6, 0b111: 12}  # Ball, Shin and Yang 2018
WESTERN = {  # Farrell and others 2019
    **{0b00001: 52, 0b00010: 90, 0b00100: 114, 0b00101: 4, 0b00110: 6, 0b01000: 45, 0b01001: 2, 0b01010: 1},
    **{0b01110: 1, 0b10000: 21, 0b10001: 5, 0b10101: 1, 0b11000: 3},
}
ARTIFICIAL = {0b001: 40, 0b010: 30, 0b100: 20, 0b011: 6}  # Chan, Silverman and Vincent 2021, table 2


@dataclasses.dataclass(frozen=True)
class Plain:
    """A table as rows of zeros and ones with a count each."""

    rows: fitting.Floats
    counts: fitting.Floats

    @classmethod
    def of(cls, table: tables.Table) -> Plain:
        cells = range(1, 1 << table.lists)
        rows = [[cell >> at & 1 for at in range(table.lists)] for cell in cells]
        return cls(np.array(rows, dtype=float), table.counts[1:])

    def column(self, term: Term) -> fitting.Floats:
        return np.asarray(self.rows[:, list(term)].prod(axis=1))

    def on(self, term: Term) -> float:
        return float(self.counts @ self.column(term))

    def split(self, model: Sequence[Term]) -> tuple[list[Term], fitting.Flags, fitting.Floats]:
        empty = [term for term in model if len(term) > 1 and self.on(term) == 0]
        kept = np.ones(len(self.rows), dtype=bool)
        for term in empty:
            kept &= self.column(term) == 0
        finite = [term for term in model if term not in empty]
        return finite, kept, np.stack([self.column(term)[kept] for term in finite], axis=1)


def model_of(lists: int, terms: Sequence[Term]) -> list[Term]:
    found = {(), *((each,) for each in range(lists))}
    for term in terms:
        found |= {part for size in range(1, len(term) + 1) for part in itertools.combinations(term, size)}
    return sorted(found, key=lambda each: (len(each), each))


def mask(term: Term) -> int:
    return sum(1 << each for each in term)


def pairs_of(lists: int) -> list[Term]:
    return list(itertools.combinations(range(lists), 2))


def checkident(table: Plain, model: Sequence[Term]) -> tuple[bool, bool]:
    """Fienberg and Rinaldo's program as SparseMSE writes it, and the rank."""
    finite, _, design = table.split(model)
    cells = len(design)
    wanted = np.array([table.on(term) for term in finite])
    found = optimize.linprog(
        np.r_[np.zeros(cells), -1.0],
        A_ub=np.c_[-np.eye(cells), np.ones(cells)],
        b_ub=np.zeros(cells),
        A_eq=np.c_[design.T, np.zeros(len(finite))],
        b_eq=wanted / max(wanted.max(), 1.0),
    )
    exists = found.status == 0 and found.x is not None and bool(found.x[-1] > 1e-9)
    return exists, int(np.linalg.matrix_rank(design)) == len(finite)


@dataclasses.dataclass(frozen=True)
class Glm:
    estimate: float
    deviance: float
    df: int
    aic: float
    bic: float
    expected: fitting.Floats
    kept: fitting.Flags


def glm(table: Plain, model: Sequence[Term]) -> Glm:
    """Poisson regression by weighted least squares, from the counts and a tenth, as R's glm."""
    finite, kept, design = table.split(model)
    counts = table.counts[kept]
    logs = np.log(counts + 0.1)
    for _ in range(60):
        means = np.exp(logs)
        roots = np.sqrt(means)
        beta = np.linalg.lstsq(design * roots[:, None], roots * (logs + counts / means - 1.0), rcond=1e-15)[0]
        logs = design @ beta
    means, seen = np.exp(logs), table.counts.sum()
    deviance = 2.0 * float(np.sum(special.xlogy(counts, counts / means) - counts + means))
    minus_two = -2.0 * float(np.sum(stats.poisson.logpmf(counts, means)))
    bic = minus_two + len(model) * math.log(seen)
    aic = minus_two + 2.0 * len(model)
    return Glm(seen + math.exp(beta[0]), deviance, len(counts) - len(finite), aic, bic, means, kept)


def stepwisefit(table: Plain, lists: int, threshold: float) -> tuple[list[tuple[Term, float, float]], bool]:
    """Pairs with their p-values and the estimate then; whether two pairs tied, where R's choice is by rounding."""
    fit = glm(table, model_of(lists, []))
    path: list[tuple[Term, float, float]] = []
    tied = False
    while True:
        taken = [term for term, _, _ in path]
        ranked = []
        for pair in (each for each in pairs_of(lists) if each not in taken):
            mean, seen = float(fit.expected @ table.column(pair)[fit.kept]), table.on(pair)
            p = min(stats.poisson.cdf(seen, mean), stats.poisson.sf(seen - 1, mean))
            if p < threshold and all(checkident(table, model_of(lists, [*taken, pair]))):
                ranked.append((p, pair))
        if not ranked:
            return path, tied
        p, pair = min(ranked)
        tied |= sum(each <= p * (1 + 1e-7) for each, _ in ranked) > 1
        fit = glm(table, model_of(lists, [*taken, pair]))
        path.append((pair, p, fit.estimate))


def hierarchies(lists: int, order: int) -> Iterator[list[Term]]:
    terms = [term for size in range(2, order + 1) for term in itertools.combinations(range(lists), size)]
    for chosen in itertools.product((False, True), repeat=len(terms)):
        held = {term for term, is_in in zip(terms, chosen, strict=True) if is_in}
        if all(part in held for term in held for part in itertools.combinations(term, len(term) - 1) if len(part) > 1):
            yield model_of(lists, sorted(held))


def random_tables(seed: int, how_many: int, lists: Sequence[int]) -> Iterator[tables.Table]:
    """Sparse and dense ones, with pairs that attract, repel, or never meet; independent lists have a maximum in all."""
    dice = np.random.default_rng(seed)
    while how_many:
        k = int(dice.choice(lists))
        cells = np.arange(1 << k)
        logs = np.full(1 << k, dice.uniform(1.0, 5.0)) - dice.uniform(0.5, 3.0) * (np.bitwise_count(cells) - 1.0)
        for pair in models.pairs(k):
            logs[(cells & pair) == pair] += dice.choice([0.0, dice.normal(0.0, 1.2), -30.0], p=[0.3, 0.5, 0.2])
        counts = dice.poisson(np.exp(np.minimum(logs, 10.0)))
        table = published.made(k, dict(enumerate(map(int, counts[1:]), start=1)))
        if table.people and all(checkident(Plain.of(table), model_of(k, []))):
            how_many -= 1
            yield table


def test_the_stepwise_choice_is_that_of_a_plain_one() -> None:
    compared = 0
    for number, table in enumerate(random_tables(1, 24, [3, 4, 5, 6])):
        threshold = (0.001, 0.02, 0.1, 0.5)[number % 4]
        path, tied = stepwisefit(Plain.of(table), table.lists, threshold)
        if tied:
            continue
        ours = stepwise.select(table.counts[:, None], lists=table.lists, threshold=threshold)
        assert [pair for pair in ours.order[:, 0] if pair >= 0] == [mask(pair) for pair, _, _ in path]
        for at, (_, p, estimate) in enumerate(path):
            assert ours.p[at, 0] == pytest.approx(p, rel=1e-6)
            assert ours.after[at, 0] == pytest.approx(estimate, rel=1e-7)
        plain = glm(Plain.of(table), model_of(table.lists, [pair for pair, _, _ in path]))
        assert ours.estimate[0] == pytest.approx(plain.estimate, rel=1e-7)
        fitted = estimating.fit(table, models.with_terms(table.lists, (mask(pair) for pair, _, _ in path)))
        assert (fitted.estimate, fitted.aic, fitted.bic) == pytest.approx((plain.estimate, plain.aic, plain.bic))
        assert fitted.deviance == pytest.approx(plain.deviance, rel=1e-7, abs=1e-7)
        assert fitted.df == plain.df
        compared += 1
    assert compared > 15


@pytest.mark.parametrize(("lists", "order", "every"), [(3, 2, 8), (4, 2, 64), (4, 3, 113)])
def test_every_hierarchical_model_is_ranked_as_a_plain_fit_says(lists: int, order: int, every: int) -> None:
    for table in random_tables(10 * lists + order, 3, [lists]):
        ranking, plain = exhaustive.rank(table.counts, lists=lists, order=order), Plain.of(table)
        ours = {ranking.model(at): at for at in range(len(ranking.codes))}
        found = list(hierarchies(lists, min(order, lists - 1)))
        assert len(found) == every == len(ranking.codes) + len(ranking.without_maximum)
        for model in found:
            at = ours.get(models.with_terms(lists, map(mask, model)))
            assert (at is not None) == all(checkident(plain, model))
            if at is not None:
                fit = glm(plain, model)
                assert ranking.estimate[at] == pytest.approx(fit.estimate, rel=1e-6)
                assert ranking.bic[at] == pytest.approx(fit.bic, rel=1e-8)
                assert ranking.deviance[at] == pytest.approx(fit.deviance, rel=1e-6, abs=1e-6)


def test_models_ruled_out_without_asking_have_no_maximum() -> None:
    """Five lists, hardly anybody on two: that a part of a model has no maximum speaks for thousands of models."""
    dice, lost = np.random.default_rng(7), 0
    for table in random_tables(3, 12, [5]):
        few = np.minimum(table.counts, dice.integers(0, 3, 32)) * (dice.random(32) < 0.7)
        sparse = tables.of_counts(table.names, few)
        plain = Plain.of(sparse)
        if not sparse.people or not all(checkident(plain, model_of(5, []))):
            continue
        ranking = exhaustive.rank(sparse.counts, lists=5)
        without = set(ranking.without_maximum.tolist())
        lost += len(without)
        for code in map(int, dice.integers(0, 1 << 10, 40)):
            pairs = [models.members(ranking.candidates[at]) for at in range(10) if code >> at & 1]
            assert (code in without) != all(checkident(plain, model_of(5, pairs)))
    assert lost > 1_000


def test_the_verdict_on_a_model_is_the_linear_program_s_and_the_rank_s() -> None:
    dice = np.random.default_rng(2)
    seen = set()
    for table in random_tables(4, 30, [3, 4, 5]):
        plain, totals = Plain.of(table), table.on_all()
        for _ in range(4):
            pairs = [pair for pair in pairs_of(table.lists) if dice.random() < 0.6]
            expected = checkident(plain, model_of(table.lists, pairs))
            model = models.with_terms(table.lists, map(mask, pairs))
            for verdict in (existence.quick, existence.verdict):
                found = verdict(totals, model, lists=table.lists)
                assert (found.exists, found.identifiable) == expected
            seen.add(expected)
    assert seen >= {(True, True), (False, True), (True, False)}


def test_dga_s_average_is_the_formula_s() -> None:
    """Cliques and separators by hand: four lists in a path, AB, BC, CD, beside four that know nothing of each other."""
    table = next(random_tables(5, 1, [4]))
    posterior = graphs.average(table)
    unseen, lists, delta = posterior.people - table.people, 4, 1 / 16
    plain = Plain.of(table)

    def small(term: Term) -> fitting.Floats:
        weight = delta * 2.0 ** (lists - len(term))
        total = np.zeros(len(unseen))
        for seen in itertools.product((0.0, 1.0), repeat=len(term)):
            alike = (plain.rows[:, list(term)] == np.array(seen)).all(axis=1)
            missing = 0.0 if any(seen) else unseen
            total = total + special.gammaln(table.counts[1:][alike].sum() + missing + weight) - special.gammaln(weight)
        return np.asarray(total)

    def log_mass(cliques: Sequence[Term], separators: Sequence[Term]) -> fitting.Floats:
        whole = special.gammaln(1.0) - special.gammaln(posterior.people + 1.0)
        parts = sum((small(each) for each in cliques), np.zeros(len(unseen)))
        parts = parts - sum((small(each) for each in separators), np.zeros(len(unseen)))
        prior = special.gammaln(posterior.people + 1.0) - special.gammaln(unseen + 1.0) - np.log(posterior.people)
        return np.asarray(parts + (len(cliques) - len(separators)) * whole + prior)

    path = log_mass([(0, 1), (1, 2), (2, 3)], [(1,), (2,)])
    alone = log_mass([(0,), (1,), (2,), (3,)], [])
    ratio = np.logaddexp.reduce(path) - np.logaddexp.reduce(alone)
    codes = dict(zip(posterior.graphs.tolist(), posterior.weights.tolist(), strict=True))
    in_path = sum(1 << models.pairs(4).index(mask(pair)) for pair in [(0, 1), (1, 2), (2, 3)])
    assert math.log(codes[in_path] / codes[0]) == pytest.approx(ratio, abs=1e-9)
    assert len(codes) == 61
    assert posterior.chance.sum() == pytest.approx(1.0)


def quantile_8(values: fitting.Floats, share: float) -> float:
    return float(np.quantile(values, share, method="median_unbiased"))


def test_bca_limits_are_bcaconfvalues() -> None:
    dice = np.random.default_rng(6)
    for pull in (-0.05, 0.0, 0.08):
        replicates, estimate = dice.lognormal(7.0, 0.4, 997), 1_100.0
        shift = stats.norm.ppf((replicates < estimate).mean())
        for level in resampling.LEVELS:
            z = stats.norm.ppf([(100 - level) / 200, (100 + level) / 200]) + shift
            low, high = stats.norm.cdf(shift + z / (1.0 - pull * z))
            limit = resampling.bca(replicates, estimate, pull, level)
            wanted = quantile_8(replicates, low), quantile_8(replicates, high)
            assert (limit.low, limit.high) == pytest.approx(wanted, rel=1e-12)


def test_profile_limits_are_where_the_likelihood_ratio_says() -> None:
    bar = stats.chi2.ppf(0.95, 1) / 2.0

    def height(plain: Plain, model: Sequence[Term], unseen: float) -> float:
        rows = np.vstack([np.zeros(plain.rows.shape[1]), plain.rows])
        full = Plain(rows, np.r_[unseen, plain.counts])
        means = glm(full, model).expected
        everybody = full.counts.sum()
        shares = special.xlogy(full.counts, means / everybody).sum()
        return float(special.gammaln(everybody + 1) - special.gammaln(unseen + 1) + shares)

    for table in random_tables(8, 4, [3, 4]):
        plain, model = Plain.of(table), model_of(table.lists, [])
        fitted = estimating.fit(table, models.main_effects(table.lists))
        limits = intervals.profile(fitted, 95)
        top = height(plain, model, fitted.unseen)
        for end in (limits.low, limits.high):
            if math.isfinite(end) and end - table.people > 1e-3:
                assert top - height(plain, model, end - table.people) == pytest.approx(bar, rel=1e-4)


@pytest.mark.parametrize(
    ("people", "lists", "model", "estimate", "deviance", "aic", "bic", "df"),
    [
        (KOREA, 3, "[12,3]", 268.7778, 8.566946, 44.90767, 58.9686, 2),
        (WESTERN, 5, "[15,2,3,4]", 2483.384, 26.58423, 91.8395, 118.7443, 24),
    ],
)
def test_published_tables_have_the_stepwise_fit_that_r_prints(
    people: dict[int, int], lists: int, model: str, estimate: float, deviance: float, aic: float, bic: float, df: int
) -> None:
    table = published.made(lists, people)
    fitted = estimating.fit(table, estimating.choose(table, estimating.Settings()))
    assert models.bracket(fitted.model) == model
    assert (fitted.estimate, fitted.deviance) == pytest.approx((estimate, deviance), rel=1e-6)
    assert (fitted.aic, fitted.bic) == pytest.approx((aic, bic), rel=1e-6)
    assert fitted.df == df


def test_korea_has_the_six_models_that_r_prints() -> None:
    table = published.made(3, KOREA)
    ranking = exhaustive.rank(table.counts, lists=3)
    found = [(models.bracket(ranking.model(at)), ranking.estimate[at], ranking.bic[at]) for at in range(6)]
    assert len(ranking.codes) == 6
    assert [model for model, _, _ in found] == ["[12,23]", "[12,3]", "[13,23]", "[23,1]", "[13,2]", "[1,2,3]"]
    by_r = [157.1667, 57.14081, 268.7778, 58.96860, 123.4630, 91.89711, 126.1944, 138.06368, 126.9394, 155.16018]
    assert [number for _, *numbers in found[:5] for number in numbers] == pytest.approx(by_r, rel=1e-6)


@pytest.mark.parametrize(("method", "acceleration"), [("independence", -0.001934882042658579), ("bic", -0.008783628)])
def test_korea_has_the_acceleration_that_r_prints(method: str, acceleration: float) -> None:
    settings = estimating.Settings(method=estimating.Method(method))

    def repeat(counts: fitting.Floats) -> fitting.Floats:
        return estimating.estimates(counts, lists=3, settings=settings)

    knife = resampling.jackknife(published.made(3, KOREA), repeat)
    assert knife.acceleration == pytest.approx(acceleration, rel=1e-6)


@pytest.mark.parametrize(
    ("pairs", "code"), [([], 0), ([3], 1), ([5], 0), ([6], 0), ([3, 5], 1), ([3, 6], 1), ([5, 6], 0), ([3, 5, 6], 2)]
)
def test_the_artificial_table_gets_the_verdicts_of_table_3(pairs: list[int], code: int) -> None:
    totals = published.made(3, ARTIFICIAL).on_all()
    verdict = existence.verdict(totals, models.with_terms(3, pairs), lists=3)
    assert (not verdict.exists) + 2 * (not verdict.identifiable) == code
