"""Tables at the edge: every run ends in time with numbers, or with a sentence, and never with a warning of NumPy's."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.prevalence import (
    estimating,
    exhaustive,
    existence,
    fitting,
    graphs,
    independence,
    near,
    refusing,
    resampling,
    running,
    stability,
    stepwise,
    tables,
    telling,
)
from tests import claims
from tests.prevalence import published
from tests.prevalence.test_properties import permuted

pytestmark = pytest.mark.filterwarnings("error")

BILLION = 10**9
EDGES = {
    "one person on two lists": (3, {1: 50, 2: 60, 4: 70, 3: 1}),
    "one of a trillion on two lists": (3, {1: 500 * BILLION, 2: 600 * BILLION, 4: 700 * BILLION, 3: 1}),
    "a trillion": (3, {1: 10**12, 2: 10**12, 4: 10**12, 3: 10**11, 5: 10**11, 6: 10**10, 7: BILLION}),
    "lists within lists": (4, {1: 50, 3: 20, 7: 5, 15: 2, 8: 4}),
    "nobody on one list alone": (3, {3: 1, 5: 1, 6: 1}),
    "all alike": (3, dict.fromkeys(range(1, 8), 1)),
    "two worlds": (4, {1: 20, 2: 20, 3: 5, 4: 20, 8: 20, 12: 5}),
    "hardly anybody unseen": (3, {3: 1000, 5: 1000, 6: 1000, 7: 10**6}),
    "two lists": (2, {1: 5, 2: 6, 3: 2}),
    "pairs that tie": (4, {1: 10, 2: 10, 4: 10, 8: 10, 3: 5, 5: 5, 9: 5, 6: 5, 10: 5, 12: 5}),
}


def check(run: running.Run) -> None:
    """What must hold of any answer."""
    json.dumps(telling.as_plain(run), allow_nan=False)
    answer = run.answer
    assert math.isfinite(answer.estimate)
    assert answer.estimate >= run.table.people
    for kind in (answer.wald, answer.profile, answer.credible):
        for wide, narrow in itertools.pairwise(kind):
            assert wide.low <= narrow.low * (1 + 1e-9)
            assert narrow.high <= wide.high * (1 + 1e-9)
        for limits in kind:
            assert limits.low <= answer.estimate * (1 + 1e-9)
            assert answer.estimate <= limits.high * (1 + 1e-9)
    if answer.resampled:
        assert claims.every(not limit.low > limit.high for limit in answer.resampled.bca)
    if run.refusal:
        check_set(run, run.refusal)


def check_set(run: running.Run, refusal: refusing.Refusal) -> None:
    """What must hold of any set: it shows the models and the lists that it can, and never a set of one."""
    shown = {source: [each for each in refusal.ranges if each.source == source] for source in ("models", "lists")}
    assert [*shown["models"], *shown["lists"]] == list(refusal.ranges)
    for each in refusal.ranges:
        assert math.isfinite(each.high)
        assert each.low <= each.high
    assert not [each for each in shown["models"] if each.low < run.table.people]
    assert bool(shown["models"]) == (len(answers_of_models(run, refusal)) > 1)
    assert bool(shown["lists"]) == (refusing.Cause.LISTS in refusal.causes)
    says_a_set = any(
        words in refusal.words for words in ("those near it say about", "The data fit about", "one: about")
    )
    assert says_a_set == bool(refusal.ranges)


def answers_of_models(run: running.Run, refusal: refusing.Refusal) -> set[str]:
    """The answers, in words, of the models that a set can rest on. None where the chosen model is rejected and no best
    model is known that is not."""
    is_rejected = refusing.Cause.FIT in refusal.causes
    close = run.checks.fitting if is_rejected else run.checks.close
    if close is None:
        return set()
    if is_rejected or refusing.Cause.MODELS in refusal.causes:
        return {refusing.number(each.estimate) for each in close.models}
    return {refusing.number(end) for each in close.groups for end in (each.low, each.high)}


@pytest.mark.parametrize("method", list(estimating.Method))
@pytest.mark.parametrize("name", EDGES)
def test_a_table_at_the_edge_ends_with_numbers(name: str, method: estimating.Method) -> None:
    table = published.made(*EDGES[name])
    chosen = estimating.Settings(method=method)
    if table.lists == 2 and method is not estimating.Method.INDEPENDENCE:
        with pytest.raises(estimating.CannotEstimate):
            estimating.check(table, chosen)
    else:
        check(running.run(table, chosen, replicates=30, seed=1))


@given(data=st.data())
@settings(max_examples=15)
def test_wild_tables_end_with_numbers_or_a_sentence(data: st.DataObject) -> None:
    lists = data.draw(st.integers(2, 4))
    sizes = st.sampled_from([0, 0, 0, 1, 1, 2, 5, 30, 1000, 10**6])
    counts = data.draw(st.lists(sizes, min_size=(1 << lists) - 1, max_size=(1 << lists) - 1))
    with contextlib.suppress(tables.TableError, estimating.CannotEstimate, existence.NoMaximum):
        table = tables.of_histories(list("ABCD"[:lists]), dict(enumerate(counts, start=1)))
        check(running.run(table, estimating.Settings(), replicates=20, seed=1))


@pytest.mark.parametrize("lists", [2, 3])
def test_lists_without_an_overlap_have_no_estimate(lists: int) -> None:
    table = published.made(lists, {1 << at: 50 for at in range(lists)})
    with pytest.raises(existence.NoMaximum, match="Nobody is on two lists"):
        running.run(table, estimating.Settings(method=estimating.Method.INDEPENDENCE), replicates=20, seed=1)
    counts = table.counts[:, None]
    for method in estimating.Method:
        if lists == 2 or method is not estimating.Method.DGA:
            assert np.isinf(estimating.estimates(counts, lists=lists, settings=estimating.Settings(method=method)))


def test_one_of_a_trillion_people_on_two_lists_is_enough_for_a_maximum_and_its_digits_stand() -> None:
    """Two lists of n/2 and n/2 + 1: N is exactly their product."""
    size = 10**12
    totals = published.made(2, {1: size - 1, 2: size, 3: 1}).on_all()[:, None]
    found = independence.fit(totals, lists=2)
    assert found.converged[0]
    assert totals[0, 0] + found.unseen[0] == pytest.approx(size * (size + 1), rel=1e-12)
    assert not independence.fit(published.made(2, {1: size, 2: size}).on_all()[:, None], lists=2).converged[0]


@pytest.mark.parametrize(("replicates", "pull"), [([2.0] * 50, 0.0), ([0.5] * 50, 0.0), ([0.5, 2.0] * 25, 0.9)])
def test_limits_that_the_correction_cannot_give_are_none(replicates: list[float], pull: float) -> None:
    limit = resampling.bca(np.array(replicates), 1.0, pull, 95)
    assert math.isnan(limit.low)
    assert math.isnan(limit.high)
    assert refusing.number(limit.low) == "not known"


def test_a_jackknife_and_a_bootstrap_without_an_end_give_limits_without_an_end() -> None:
    run = running.run(published.made(3, {1: 50, 2: 60, 4: 70, 3: 1}), estimating.Settings(), replicates=200, seed=1)
    assert run.answer.resampled is not None
    assert 0.2 < run.answer.resampled.share_infinite < 0.6
    assert math.isinf(run.answer.resampled.percentile[0].high)
    assert np.isinf(run.answer.resampled.jackknife.estimates).any()
    assert any("no finite answer" in each for each in run.warnings)
    assert run.refusal is not None
    assert "There is no finite answer without A" in run.refusal.words


def test_wrong_links_take_as_long_for_a_million_people_as_for_a_hundred() -> None:
    table = published.made(3, {1: 10**6, 2: 10**6, 4: 10**6, 3: 10**6, 5: 10**5, 7: 3})
    begun = time.process_time()
    found = stability.by_links(table, stability.repeating(estimating.Settings()), np.random.default_rng(1))
    assert time.process_time() - begun < 2.0
    assert claims.every(each.low <= each.middle <= each.high for each in found)


def test_wrong_links_move_people_and_make_none() -> None:
    table = published.table("UKdat_5")
    seen = []

    def repeat(counts: fitting.Floats, lists: int) -> fitting.Floats:
        seen.append(counts)
        return np.asarray(counts.sum(axis=0))

    stability.by_links(table, repeat, np.random.default_rng(1))
    records = np.bitwise_count(np.arange(1 << table.lists)).astype(float)
    for counts in seen:
        assert counts.min() >= 0
        np.testing.assert_array_equal(records @ counts, np.full(counts.shape[1], records @ table.counts))


def test_thousands_of_models_without_a_maximum_need_few_linear_programs() -> None:
    table = published.made(6, {1: 20, 2: 20, 3: 5, 4: 20, 8: 20, 12: 5, 16: 30, 32: 9, 48: 2})
    existence._verdict.cache_clear()
    ranking = exhaustive.rank(table.counts, lists=6)
    assert len(ranking.codes) + len(ranking.without_maximum) == 1 << 15
    assert len(ranking.without_maximum) > 1_000
    assert existence._verdict.cache_info().misses < 100


def test_what_is_estimated_at_once_is_bounded() -> None:
    """Twelve dense lists: four thousand histories, each left out once."""
    dice = np.random.default_rng(2)
    counts = dice.poisson(3.0, 1 << 12).astype(float)
    table = tables.of_counts([f"L{at}" for at in range(12)], counts)
    widths = []

    def repeat(some: fitting.Floats, lists: int = 12) -> fitting.Floats:
        widths.append(some.nbytes)
        return np.asarray(some.sum(axis=0))

    knife = resampling.jackknife(table, repeat)
    assert len(knife.estimates) == len(table.histories)
    assert len(stability.by_one_person(table, repeat)) > 1_000
    assert max(widths) <= resampling.CHUNK_BYTES
    assert stability.histories_tried(table)[0] == stability.MOST_HISTORIES


@pytest.mark.parametrize("name", ["UKdat_5", "Kosovo"])
@pytest.mark.parametrize("method", list(estimating.Method))
def test_the_order_of_lists_changes_neither_estimate_nor_interval_nor_refusal(
    name: str, method: estimating.Method
) -> None:
    table, chosen = published.table(name), estimating.Settings(method=method)
    order = tuple(reversed(range(table.lists)))
    first, second = (running.run(each, chosen, replicates=60, seed=3) for each in (table, permuted(table, order)))
    assert second.answer.estimate == pytest.approx(first.answer.estimate, rel=1e-9)
    for kind in ("wald", "profile", "credible"):
        for one, two in zip(getattr(first.answer, kind), getattr(second.answer, kind), strict=True):
            assert (two.low, two.high) == pytest.approx((one.low, one.high), rel=1e-7)
    if first.answer.resampled and second.answer.resampled:
        for one, two in zip(first.answer.resampled.bca, second.answer.resampled.bca, strict=True):
            assert (two.low, two.high) == pytest.approx((one.low, one.high), rel=1e-6, nan_ok=True)
    assert (first.refusal is None) == (second.refusal is None)
    if first.refusal and second.refusal:
        assert second.refusal.words == first.refusal.words


def test_the_set_is_as_wide_as_the_reason_for_it() -> None:
    """The middle of one group would hide that its ends lie apart."""
    run = running.run(published.table("NewOrl_5"), estimating.Settings(), replicates=0, seed=1)
    assert run.refusal is not None
    assert "716 to 2,750" in run.refusal.words
    assert "716 to 2,750" in run.refusal.reasons[0]


@pytest.mark.parametrize("method", list(estimating.Method))
def test_the_united_kingdom_gets_a_set_from_every_method(method: estimating.Method) -> None:
    run = running.run(published.table("UKdat_5"), estimating.Settings(method=method), replicates=0, seed=1)
    assert run.refusal is not None
    assert "about 11,300 to 12,300 or about 23,000 to 26,000" in run.refusal.words


@pytest.mark.parametrize(
    ("method", "fit"),
    [
        (estimating.Method.STEPWISE, "deviance 39.9 on 5"),
        (estimating.Method.BIC, "deviance 39.9 on 5"),
        (estimating.Method.INDEPENDENCE, "deviance"),
    ],
)
def test_kosovo_does_not_fit_with_pairs_only_and_does_with_threes(method: estimating.Method, fit: str) -> None:
    run = running.run(published.table("Kosovo"), estimating.Settings(method), replicates=0, seed=1)
    assert run.refusal
    assert run.refusal.reasons[0].startswith(f"The chosen model does not fit, so the data contradict it: {fit}")
    assert run.warnings[0].startswith("Models with three lists at once fit far better")
    threes = estimating.Settings(estimating.Method.BIC, order=3)
    fits = running.run(published.table("Kosovo"), threes, replicates=0, seed=1).refusal
    assert fits
    assert fits.causes == (refusing.Cause.LISTS,)


def test_a_grid_too_coarse_for_its_answer_is_said() -> None:
    table = published.made(3, {1: 10**5, 2: 10**5, 4: 10**5, 3: 10**5, 5: 10**5, 6: 10**5, 7: 10**5})
    run = running.run(table, estimating.Settings(method=estimating.Method.DGA), replicates=0, seed=1)
    assert graphs.average(table).is_coarse
    assert any("numbers of people that were considered" in each for each in run.warnings)
    assert not graphs.average(published.table("Kosovo")).is_coarse


def test_no_model_near_the_best_is_lost_where_models_are_only_searched_for() -> None:
    """Six lists, where all can be counted out: the walk meets every model that the ranking has within ten units."""
    table = published.table("UKdat")
    ranking = exhaustive.rank(table.counts, lists=6)
    within = {ranking.model(int(each)) for each in ranking.near(near.UNITS)}
    walked = near._walk(table)
    assert {each.model for each in walked.models} == within
    assert (walked.low, walked.high) == pytest.approx((near.look(table, order=2).low, near.look(table, order=2).high))


def test_ten_lists_are_bounded_in_time() -> None:
    dice = np.random.default_rng(7)
    people = (dice.random((3_000, 10)) < np.linspace(0.02, 0.08, 10)) @ (1 << np.arange(10))
    counts = np.bincount(people, minlength=1 << 10).astype(float)
    table = tables.of_counts([f"L{at}" for at in range(10)], np.where(np.arange(1 << 10) > 0, counts, 0.0))
    begun = time.process_time()
    check(running.run(table, estimating.Settings(), replicates=100, seed=1))
    assert time.process_time() - begun < 10.0
    assert np.isfinite(stepwise.select(table.counts[:, None], lists=10, threshold=0.5).estimate).all()
