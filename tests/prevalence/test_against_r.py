"""The same numbers as R's programs, on R's own draws."""

from __future__ import annotations

import numpy as np
import pytest

from nowrongdoor.core.prevalence import estimating, exhaustive, graphs, intervals, models, reading, resampling, stepwise
from tests.prevalence import published

THRESHOLDS = ("0.001", "0.01", "0.02", "0.05", "0.1", "0.5")


@pytest.mark.parametrize("name", published.WITH_REPLICATES)
def test_every_replicate_of_r_gets_r_s_estimate(name: str) -> None:
    drawn, by_r = published.replicates(name)
    ours = stepwise.select(drawn, lists=published.table(name).lists, threshold=0.02)
    assert len(by_r) == 1_000
    np.testing.assert_allclose(ours.estimate, by_r, rtol=1e-6)


@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("name", published.NAMES)
def test_the_stepwise_choice_takes_r_s_path_to_r_s_estimate(name: str, threshold: str) -> None:
    table, by_r = published.table(name), published.R[name]["stepwise"][threshold]
    steps = estimating.path(table, threshold=float(threshold))
    model = models.with_terms(table.lists, (each.pair for each in steps))
    fitted = estimating.fit(table, model)
    assert fitted.estimate == pytest.approx(by_r["estimate"], rel=1e-7)
    assert fitted.deviance == pytest.approx(by_r["deviance"], rel=1e-7)
    assert fitted.df == by_r["df"]
    assert fitted.aic == pytest.approx(by_r["aic"], rel=1e-9)
    taken = [models.name(each.pair, table.names) for each in steps]
    finite = [each for each in taken if each not in by_r["empty"]]
    assert finite == [each for each in by_r["coefficients"] if ":" in each]
    assert {models.name(each, table.names) for each in fitted.at_minus_infinity} == set(by_r["empty"])
    for term, value in fitted.coefficients.items():
        if np.isfinite(value):
            assert value == pytest.approx(by_r["coefficients"][models.name(term, table.names)], abs=1e-6)


@pytest.mark.parametrize("name", published.NAMES)
def test_all_pairs_at_once_have_r_s_estimate_deviance_and_wald_limits(name: str) -> None:
    table, by_r = published.table(name), published.R[name]["all_pairs"]
    fitted = estimating.fit(table, models.with_terms(table.lists, models.pairs(table.lists)))
    assert (fitted.estimate, fitted.deviance) == pytest.approx((by_r["estimate"], by_r["deviance"]), rel=1e-7)
    (limits,) = intervals.wald(fitted, 95)
    assert [limits.low, limits.high] == pytest.approx(by_r["wald95"], rel=1e-7)


@pytest.mark.parametrize("name", published.NAMES)
def test_the_jackknife_and_its_acceleration_are_r_s(name: str) -> None:
    ours = resampling.jackknife(published.table(name), estimates(name))
    by_r = published.R[name]
    in_file_order = dict(zip(ours.histories, ours.estimates, strict=True))
    rows = reading.read(published.text(name)).rows
    np.testing.assert_allclose([in_file_order[each] for each in rows], by_r["jackknife"], rtol=1e-7)
    assert ours.acceleration == pytest.approx(by_r["acceleration"], abs=1e-7)


@pytest.mark.parametrize("name", published.WITH_REPLICATES)
def test_bca_limits_from_r_s_replicates_and_jackknife_are_r_s(name: str) -> None:
    _, replicates = published.replicates(name)
    by_r = published.R[name]
    for level in resampling.LEVELS:
        limit = resampling.bca(replicates, by_r["stepwise"]["0.02"]["estimate"], by_r["acceleration"], level)
        share = (100 - level) / 200
        wanted = by_r["bca"][f"{share:g}"], by_r["bca"][f"{1 - share:g}"]
        assert (limit.low, limit.high) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("name", published.WITH_RANKING)
def test_the_ranking_by_bic_is_r_s(name: str) -> None:
    table, by_r = published.table(name), published.R[name]["bic"]
    ranking = exhaustive.rank(table.counts, lists=table.lists)
    assert len(ranking.codes) == by_r["models"]
    for rank, (model, estimate, bic) in enumerate(by_r["top"]):
        assert models.bracket(ranking.model(rank)) == model
        assert ranking.bic[rank] == pytest.approx(bic, abs=1e-6)
        assert ranking.estimate[rank] == pytest.approx(estimate, rel=1e-7)
    near = ranking.estimate[ranking.near(10.0)]
    assert len(near) == by_r["within_10"]
    assert [near.min(), near.max()] == pytest.approx(by_r["range_within_10"], rel=1e-7)


def estimates(name: str) -> resampling.Estimator:
    lists = published.table(name).lists
    return lambda counts: stepwise.select(counts, lists=lists, threshold=0.02).estimate


@pytest.mark.parametrize("name", published.WITH_RANKING)
def test_the_average_over_graphs_is_dga_s(name: str) -> None:
    by_r = published.R[name]["dga"]
    posterior = graphs.average(published.table(name))
    assert len(posterior.graphs) == by_r["graphs"]
    assert posterior.mean == pytest.approx(by_r["mean"], rel=1e-9)
    assert posterior.weights.max() == pytest.approx(by_r["top_weight"], rel=1e-9)
    for share, people in by_r["quantiles"].items():
        assert posterior.quantile(float(share)) == people
    heavy = graphs.average(published.table(name), delta=1.0)  # a prior that outweighs sparse tables
    for share, people in by_r["quantiles_delta1"].items():
        assert heavy.quantile(float(share)) == people
