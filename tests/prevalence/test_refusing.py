"""A refused number is shown nowhere, and a model is rejected by a p-value that holds for its table."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from nowrongdoor.core.prevalence import estimating, goodness, models, reading, refusing, running, tables, telling
from nowrongdoor.prevalence import reporting
from nowrongdoor.publishing import charts, documents, html, terminal
from tests import claims
from tests.prevalence import published

# Diabetes in a community in Italy, four lists (Bruno and others 1994, Diabetes Care 17(6); `Diabetes` of the R package
# CARE1, whose manual gives the sizes that a test below holds these counts to).
DIABETES = tables.of_histories(
    ("L1", "L2", "L3", "L4"),
    {15: 58, 7: 157, 11: 18, 3: 104, 13: 46, 5: 650, 9: 12, 1: 709, 14: 14, 6: 20, 10: 7, 2: 74, 12: 8, 4: 182, 8: 10},
)


def test_the_lists_of_the_diabetes_table_are_as_long_as_its_source_says() -> None:
    totals = DIABETES.on_all()
    assert [int(totals[each]) for each in (1, 2, 4, 8)] == [1754, 452, 1135, 173]
    assert DIABETES.people == 2069


@functools.cache
def told(name: str, method: estimating.Method = estimating.Method.STEPWISE, by: str = "") -> running.Run:
    table = DIABETES if name == "diabetes" else published.table(name)
    return running.run(table, estimating.Settings(method), replicates=200, seed=5, overridden_by=by)


def everything(run: running.Run) -> str:
    """Every form of a report: terminal, page, pictures and the kept document."""
    document = reporting.report(run)
    pictures = {each.name: charts.draw(each) for each in document.pictures}
    return "\n".join(
        (terminal.write(document), html.alone(document, pictures), *pictures.values(), documents.write(document))
    )


def test_a_model_that_does_not_fit_gives_no_number_and_says_so_first() -> None:
    run = told("diabetes")
    assert run.refusal
    assert run.refusal.causes == (refusing.Cause.FIT,)
    assert run.checks.fit
    assert run.checks.fit.p == pytest.approx(2.7e-9, rel=0.02)
    assert run.checks.fit.reference is goodness.Reference.CHI_SQUARE
    assert reporting.headline(run) == (
        "No single number can be given. The chosen model does not fit the data. 2,069 people were seen. "
        "Another model does fit: it and those near it say about 2,470 to 2,790 people."
    )
    plain = telling.as_plain(run)
    assert plain["estimate"] == pytest.approx(2279.0, abs=1.0)
    assert plain["seen"] == 2069


@pytest.mark.parametrize("method", [estimating.Method.STEPWISE, estimating.Method.INDEPENDENCE])
def test_a_refused_number_is_nowhere_in_the_report(method: estimating.Method) -> None:
    refused, shown = told("diabetes", method), told("diabetes", method, "Pat Example")
    estimate = refused.answer.estimate
    canaries = (f"{estimate:,.0f}", refusing.number(estimate), f"{estimate:.0f}.", f"{estimate:.1f}")
    assert any(each in everything(shown) for each in canaries)  # the canary sings where the number is asked for
    assert [each for each in canaries if each in everything(refused)] == []


@pytest.mark.parametrize("name", ["UKdat_5", "NewOrl_5"])
def test_a_refused_number_is_at_most_the_end_of_a_range(name: str) -> None:
    run = told(name)
    assert run.is_refused
    exact = (f"{run.answer.estimate:,.0f}", f"{run.answer.estimate:.2f}")
    report = everything(run)
    assert [each for each in exact if each in report] == []


def test_the_p_value_of_a_sparse_table_is_that_of_tables_from_the_model() -> None:
    """Four lists of few people: chi-square would let a bad model pass, or reject a good one."""
    sparse = told("UKdat_5").answer.fitted
    dense = told("diabetes").answer.fitted
    assert sparse
    assert dense
    assert goodness.is_sparse(sparse)
    assert not goodness.is_sparse(dense)
    found = goodness.test(sparse, np.random.default_rng(1))
    assert found.reference is goodness.Reference.BOOTSTRAP
    assert 0.05 < found.p < 0.3  # chi-square says 0.63
    assert sparse.p_of_fit > 0.6


def test_the_bootstrap_rejects_a_true_model_as_seldom_as_it_says() -> None:
    """Tables from independent lists, too sparse for chi-square: p is about uniform."""
    dice = np.random.default_rng(3)
    chances = np.array([np.prod([0.12 if h >> at & 1 else 0.88 for at in range(4)]) for h in range(16)])
    found = []
    for _ in range(60):
        table = tables.of_counts("ABCD", dice.multinomial(300, chances).astype(float))
        fitted = estimating.fit(table, models.main_effects(4))
        found.append(goodness.test(fitted, dice))
    assert claims.every(each.reference is goodness.Reference.BOOTSTRAP for each in found)
    assert 0.35 < np.mean([each.p for each in found]) < 0.65
    assert claims.no(each.is_rejected for each in found)


def test_an_interval_that_misses_the_models_that_fit_best_refuses() -> None:
    run = told("diabetes")
    close = run.checks.close
    assert close
    inside, outside = (close.low * 0.9, close.high), (close.high * 1.01, close.high * 1.2)
    found = refusing.decide(close.low, close, (), (), seen=10, interval=outside)
    assert found
    assert found.causes == (refusing.Cause.INTERVAL,)
    assert refusing.decide(close.low, close, (), (), seen=10, interval=inside) is None


def test_a_list_inside_another_is_named() -> None:
    text = "A,B,C,count\n1,0,0,50\n1,1,0,20\n0,0,1,40\n1,0,1,9\n1,1,1,6\n"
    run = running.run(reading.read(text).table, estimating.Settings(), replicates=0, seed=1)
    assert [(each.name, each.other, each.both) for each in run.checks.inside] == [("B", "A", 26)]
    assert any("Everyone on the list B is also on the list A" in each for each in run.warnings)
    apart = reading.read(text + "0,1,0,5\n").table
    assert running.run(apart, estimating.Settings(), replicates=0, seed=1).checks.inside == ()


def test_a_report_that_0_2_0_kept_is_still_read() -> None:
    """Its parts said whether they count few people, and each of its spans had a middle."""
    kept = (
        '{"title":"t","headline":"h","one_number":true,"parts":[{"heading":"x","few":true,"blocks":[{"kind":"spread",'
        '"name":"n","caption":"c","alt":"a","spans":[{"label":"l","middle":3.0,"low":null,"high":null}],"against":3.0,'
        '"unit":"people"}]}]}'
    )
    assert documents.read(kept).parts[0].heading == "x"
