"""What must hold for every table: nothing depends on how a file is laid out, and verdicts agree with the program."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nowrongdoor.core.prevalence import (
    estimating,
    exhaustive,
    existence,
    fitting,
    models,
    reading,
    resampling,
    stepwise,
    tables,
)
from tests.prevalence import published

STEPWISE = estimating.Settings()


@st.composite
def some_tables(draw: st.DrawFn, most_lists: int = 4, most: int = 40) -> tables.Table:
    lists = draw(st.integers(3, most_lists))
    counts = draw(
        st.lists(st.sampled_from([0, 0, 1, 2, 3, 5, 8, most]), min_size=(1 << lists) - 1, max_size=(1 << lists) - 1)
    )
    return published.made(lists, dict(enumerate(counts, start=1)))


def permuted(table: tables.Table, order: tuple[int, ...]) -> tables.Table:
    """The same lists in another order."""
    counts = np.zeros_like(table.counts)
    for history in range(len(counts)):
        moved = sum(1 << new for new, old in enumerate(order) if history >> old & 1)
        counts[moved] = table.counts[history]
    return tables.of_counts([table.names[each] for each in order], counts)


def told(text: str) -> str:
    """What a file says: its table's digest, or what is wrong with it."""
    try:
        return reading.read(text).table.digest
    except tables.TableError as error:
        return str(error)


def answer(table: tables.Table) -> float:
    return float(stepwise.select(table.counts[:, None], lists=table.lists, threshold=0.05).estimate[0])


@given(table=some_tables(), data=st.data())
@settings(max_examples=60)
def test_the_order_of_lists_changes_nothing(table: tables.Table, data: st.DataObject) -> None:
    order = tuple(data.draw(st.permutations(range(table.lists))))
    assert answer(permuted(table, order)) == pytest.approx(answer(table), rel=1e-6)


@given(table=some_tables(), data=st.data())
@settings(max_examples=40)
def test_neither_order_of_rows_nor_zero_rows_nor_split_histories_change_the_table(
    table: tables.Table, data: st.DataObject
) -> None:
    rows = [(history, int(table.counts[history])) for history in table.histories]
    split = [(history, part) for history, count in rows for part in (count // 2, count - count // 2)]
    layout = data.draw(st.permutations([*split, (1, 0), (3, 0)]))

    def text(rows: list[tuple[int, int]]) -> str:
        lines = [",".join([*table.names, "count"])]
        lines += [",".join([*(str(h >> at & 1) for at in range(table.lists)), str(n)]) for h, n in rows]
        return "\n".join(lines)

    assume(rows)  # a file without a row is refused in words, which another test holds
    assert told(text(layout)) == told(text(rows))


@given(table=some_tables(most_lists=4, most=9), data=st.data())
@settings(max_examples=80)
def test_a_quick_verdict_is_the_linear_program_s(table: tables.Table, data: st.DataObject) -> None:
    totals = table.on_all()
    if not totals[0]:
        return
    chosen = data.draw(st.sets(st.sampled_from(models.pairs(table.lists))))
    model = models.with_terms(table.lists, chosen)
    quick = existence.quick(totals, model, lists=table.lists)
    program = existence.verdict(totals, model, lists=table.lists)
    assert quick.estimable == program.estimable


def check_ranking(table: tables.Table, order: int) -> None:
    """Every hierarchical model is put to the linear program."""
    ranking = exhaustive.rank(table.counts, lists=table.lists, order=order)
    codes = range(1 << len(ranking.candidates))
    every = {exhaustive.decode(code, ranking.candidates, lists=table.lists) for code in codes}
    totals = table.on_all()
    sound = {model for model in every if existence.verdict(totals, model, lists=table.lists).estimable}
    assert {ranking.model(each) for each in range(len(ranking.codes))} == sound
    assert len(ranking.codes) + len(ranking.without_maximum) == len(every)


@given(table=some_tables(most_lists=4, most=9))
@settings(max_examples=25)
def test_exactly_the_models_with_a_maximum_are_ranked(table: tables.Table) -> None:
    totals = table.on_all()
    if existence.verdict(totals, models.main_effects(table.lists), lists=table.lists).estimable:
        check_ranking(table, 2)
    else:
        with pytest.raises(existence.NoMaximum):
            exhaustive.rank(table.counts, lists=table.lists)


def test_exactly_the_models_with_a_maximum_are_ranked_with_triples_too() -> None:
    dice = np.random.default_rng(11)
    checked = 0
    while checked < 3:
        counts = dice.poisson(dice.uniform(0.1, 3.0, 16))
        table = published.made(4, dict(enumerate(counts[1:], start=1)))
        main = existence.verdict(table.on_all(), models.main_effects(4), lists=4)
        if main.estimable:
            check_ranking(table, 3)
            checked += 1


@given(table=some_tables(most_lists=4, most=60))
@settings(max_examples=40)
def test_a_fit_has_the_totals_that_were_seen(table: tables.Table) -> None:
    """The likelihood equations, checked cell by cell without the fitting code."""
    try:
        model = estimating.choose(table, STEPWISE)
        fitted = estimating.fit(table, model)
    except existence.NoMaximum:
        return
    cells = np.arange(1, len(table.counts))
    for term in model:
        inside = cells[(cells & term) == term]
        assert fitted.expected[inside].sum() == pytest.approx(table.counts[inside].sum(), rel=1e-6, abs=1e-6)
    design = np.array([[(cell & term) == term for term in model] for cell in cells[fitted.expected[1:] > 0]])
    finite = [at for at, term in enumerate(model) if np.isfinite(fitted.coefficients[term])]
    logs = np.log(fitted.expected[cells[fitted.expected[1:] > 0]])
    told = np.array([fitted.coefficients[model[at]] for at in finite])
    np.testing.assert_allclose(design[:, finite] @ told, logs, atol=1e-8)


def test_batches_give_what_one_at_a_time_gives() -> None:
    table = published.table("UKdat")
    dice = np.random.default_rng(3)
    counts = np.concatenate(list(resampling.draws(table, 60, dice)), axis=1)
    together = stepwise.select(counts, lists=table.lists, threshold=0.02).estimate
    alone = [stepwise.select(counts[:, [each]], lists=table.lists, threshold=0.02).estimate[0] for each in range(60)]
    np.testing.assert_allclose(together, alone, rtol=1e-8)


def test_draws_are_the_same_for_the_same_seed_however_they_are_chunked(monkeypatch: pytest.MonkeyPatch) -> None:
    table = published.table("Kosovo")
    whole = np.concatenate(list(resampling.draws(table, 500, np.random.default_rng(8))), axis=1)
    monkeypatch.setattr(resampling, "CHUNK_BYTES", 8 * 16 * 7)
    parts = list(resampling.draws(table, 500, np.random.default_rng(8)))
    assert len(parts) > 50
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)
    assert (whole.sum(axis=0) == table.people).all()


def test_elimination_across_columns_solves_what_lapack_solves() -> None:
    dice = np.random.default_rng(5)
    root = dice.normal(size=(300, 7, 9))
    matrix = root @ root.transpose(0, 2, 1) + np.eye(7)
    right = dice.normal(size=(300, 7))
    ours = fitting.solve(np.moveaxis(matrix, 0, -1).copy(), right.T.copy())
    np.testing.assert_allclose(ours.T, np.linalg.solve(matrix, right[:, :, None])[:, :, 0], rtol=1e-9)
