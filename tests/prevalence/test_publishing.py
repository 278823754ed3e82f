"""What may be published gives no small count away, to readers or to attackers who run the program themselves."""

from __future__ import annotations

import datetime
import functools
import io
import json
import pathlib
import re
from collections.abc import Hashable, Mapping

import pikepdf
import pytest

from nowrongdoor.core.prevalence import estimating, refusing, running, tables, telling
from nowrongdoor.prevalence import publishing, reporting
from nowrongdoor.publishing import documents, html, pdf, terminal
from tests import claims
from tests.prevalence import attacking, published
from tests.site.test_command import nwd

NOON = datetime.datetime(2026, 1, 15, 12, tzinfo=datetime.UTC)
# Small tables, made so that one number is given for the first and refused for the second.
GIVEN = {1: 228, 2: 232, 4: 18, 3: 152, 5: 13, 6: 13, 7: 8}
REFUSED = {1: 244, 2: 48, 4: 60, 3: 142, 5: 111, 6: 4, 7: 12}
# Four lists, independent of each other: 600 people, and six small counts.
FOUR = {1: 92, 2: 71, 4: 54, 8: 38, 3: 31, 5: 23, 6: 18, 9: 16, 10: 13, 12: 9, 7: 8, 11: 5, 13: 4, 14: 3, 15: 1}


def table(counts: dict[int, int]) -> tables.Table:
    names = ("Police", "Shelters", "Hotline", "Labor")
    return tables.of_histories(names[: max(counts).bit_length()], counts)


@functools.cache
def told(name: str) -> running.Run:
    counts = {"given": GIVEN, "refused": REFUSED}
    held = table(counts[name]) if name in counts else published.table(name)
    return running.run(held, estimating.Settings(), replicates=200, seed=77_001)


def made(run: running.Run) -> publishing.Published:
    return publishing.publish(telling.as_plain(run), version="x", name="some-name")


def everything(run: running.Run) -> str:
    """Every form that a public report takes, as the text of each."""
    document = publishing.report(made(run))
    with pikepdf.open(io.BytesIO(pdf.write(document, {}, at=NOON))) as file:
        assert len(file.attachments) == 0
        assert "/Metadata" in file.Root
        objects = " ".join(str(each) for each in file.objects if not isinstance(each, pikepdf.Stream))
        objects += file.Root.Metadata.read_bytes().decode()
    return "\n".join(
        (
            terminal.write(document),
            html.alone(document, {}),
            documents.write(document),
            json.dumps(publishing.as_plain(made(run))),
            objects,
        )
    )


@pytest.mark.parametrize("name", ["given", "refused", "UKdat_5", "Kosovo"])
def test_a_public_report_holds_no_figure_that_the_table_can_be_worked_out_from(name: str) -> None:
    run = told(name)
    inside, outside = terminal.write(reporting.report(run)), everything(run)
    digest = run.table.digest
    assert digest in inside  # the whole report does hold them
    assert "77001" in inside
    assert claims.every(digest[at : at + 8] not in outside for at in range(len(digest) - 7))
    assert "77001" not in outside
    for word in ("AIC", "BIC ", "eviance", "data:image", "<img", "seed 7"):
        assert word not in outside
    exact = {f"{size:,}" for size in run.checks.overlap.sizes if size > 99} | {f"{run.table.people:,}"}
    assert exact
    figures = " ".join(re.sub(r"<style>.*?</style>", "", outside, flags=re.DOTALL).split())
    assert not [each for each in exact if re.search(rf"(?<![\d,.]){each}(?![\d,])", figures.split("%PDF")[0])]
    assert "What this report leaves out" in outside


@pytest.mark.parametrize("name", ["given", "refused", "UKdat_5", "Kosovo"])
def test_every_number_that_is_published_is_one_of_the_grid(name: str) -> None:
    plain = json.loads(json.dumps(publishing.as_plain(made(told(name)))))
    refused, interval = plain["refused"], plain["interval"]
    numbers = [plain["estimate"], plain["seen"], *(interval if isinstance(interval, list) else [])]
    if isinstance(refused, dict):
        numbers += [each[end] for each in refused["set"] for end in ("low", "high")]
    written = [each for each in numbers if each is not None]
    assert 1 <= len(written) <= 4
    for each in written:
        assert isinstance(each, float)
        digits = f"{each:.0f}".rstrip("0") or "0"
        assert digits in {"1", "12", "15", "2", "25", "3", "4", "5", "6", "8"}, each


@pytest.mark.parametrize(
    ("value", "nearest"),
    [(12, 12.0), (13, 12.0), (14, 15.0), (99, 100.0), (621, 600.0), (2_744, 2_500.0), (11_313, 12_000.0), (0, 0.0)],
)
def test_a_number_is_rounded_to_the_grid(value: float, nearest: float) -> None:
    assert publishing.rounded(value) == nearest


def test_few_people_are_published_without_a_number() -> None:
    run = running.run(table({1: 2, 2: 2, 4: 2, 3: 1, 5: 1, 6: 1}), estimating.Settings(), replicates=0, seed=1)
    assert run.table.people < publishing.FEW
    plain = publishing.as_plain(made(run))
    assert (plain["estimate"], plain["seen"], plain["interval"], plain["refused"]) == (None, None, None, None)
    assert publishing.headline(made(run)).startswith("Fewer than 11 people were seen")


def with_another_method(run: running.Run) -> str:
    """Two public reports on one table: the run's own, and one by BIC."""
    again = running.run(run.table, estimating.Settings(estimating.Method.BIC), replicates=0, seed=running.SEED)
    return attacking.published(run) + attacking.published(again)


def with_another_seed(run: running.Run) -> str:
    """Two public reports on one table: the run's own, and one from another seed."""
    again = running.run(run.table, run.settings, replicates=100, seed=running.SEED + 1)
    return attacking.published(run) + attacking.published(again)


@pytest.mark.parametrize(
    ("counts", "replicates", "told"),
    [
        (GIVEN, 0, attacking.published),
        (GIVEN, 100, attacking.published),
        (REFUSED, 0, attacking.published),
        (FOUR, 0, attacking.published),
        (FOUR, 100, attacking.published),
        (GIVEN, 100, with_another_seed),
        (GIVEN, 0, with_another_method),
    ],
)
def test_replaying_the_program_leaves_each_small_count_its_whole_range(
    counts: dict[int, int], replicates: int, told: attacking.Told
) -> None:
    """Shown for these tables, by a table with each value that is told the same. It says nothing of other tables."""
    found = attacking.possible(table(counts), told, replicates=replicates)
    assert set(found) == {history for history, count in counts.items() if count < publishing.FEW}
    assert {cell: sorted(values) for cell, values in found.items()} == {each: list(attacking.RANGE) for each in found}


def test_the_attack_finds_a_count_from_a_report_that_holds_the_exact_fit() -> None:
    """The test of the attack: with what 0.2.0 published, only the true value is left."""

    def as_0_2_0(run: running.Run) -> str:
        assert run.answer.fitted
        return f"{run.answer.fitted.aic:.2f} {run.answer.fitted.bic:.2f} {run.table.digest} {run.checks.overlap.sizes}"

    assert attacking.possible(table(GIVEN), as_0_2_0, replicates=0, tries=1) == {7: {8}}


# 70 is the last number of people that is told as 60, so each table that is told the same is looked at.
MOST = 70


def test_no_table_of_two_lists_gives_a_small_count_away() -> None:
    """Every table of so many people, not a sample. Nobody on both lists has no estimate, which leaves ten values."""
    left = list(attacking.left_of_two_lists(lambda figures: publishing.publish(figures, version="x"), MOST))
    assert len(left) > 50_000
    assert min(left) == 10


def test_an_estimate_from_two_lists_would_give_a_small_count_away() -> None:
    """The test of the attack: were the rounded answer told, as with three lists, some count would have one value."""

    def told(figures: Mapping[str, telling.Plain]) -> Hashable:
        return publishing.publish({**figures, "lists": ["A", "B", "C"]}, version="x")

    assert min(attacking.left_of_two_lists(told, 40)) == 1


def test_eleven_people_seen_are_told_as_twelve() -> None:
    """So that what is published is no small count, and does not say that it was eleven."""
    eleven, twelve = (publishing.publish(attacking.of_two_lists(only, 2, 3), version="x").seen for only in (6, 7))
    assert (eleven, twelve) == (12.0, 12.0)


@pytest.mark.parametrize("counts", [(40, 30, 20), (9, 30, 11), (300, 4, 25), (9, 9, 5)])
def test_the_attack_on_two_lists_publishes_what_the_program_does(counts: tuple[int, int, int]) -> None:
    held = tables.of_histories(("A", "B"), dict(zip((1, 2, 3), counts, strict=True)))
    run = running.run(held, estimating.Settings(estimating.Method.INDEPENDENCE), replicates=50, seed=1)
    figures = attacking.of_two_lists(*counts)
    assert run.answer.estimate == figures["estimate"]
    told = publishing.publish(json.loads(json.dumps(telling.as_plain(run))), version="x")
    assert publishing.publish(figures, version="x") == told
    assert publishing.headline(told).endswith(
        "people were seen. No estimate from two lists is published, because even rounded it could tell how many people "
        "are on both."
    )


def test_few_on_more_than_one_list_are_published_without_an_estimate() -> None:
    few, enough = (
        running.run(table(counts), estimating.Settings(), replicates=0, seed=1)
        for counts in ({1: 60, 2: 50, 4: 40, 3: 4, 5: 3, 6: 3}, {1: 60, 2: 50, 4: 40, 3: 4, 5: 3, 6: 4})
    )
    plain = publishing.as_plain(made(few))
    assert (plain["estimate"], plain["interval"], plain["refused"]) == (None, None, None)
    assert (plain["seen"], plain["withheld"]) == (150.0, publishing.Withheld.OVERLAPS.value)
    assert publishing.headline(made(few)) == (
        "About 150 people were seen. Fewer than 11 of them are on more than one list, too few to publish an estimate."
    )
    assert publishing.as_plain(made(enough))["withheld"] is None


def test_public_covers_the_json_and_says_nothing_else(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "lists.csv"
    file.write_text(published.text("UKdat_5"), encoding="utf-8")
    done = nwd("prevalence", "estimate", str(file), "--bootstrap", "50", "--public", "--json")
    assert done.returncode == 0
    plain = json.loads(done.stdout)
    assert plain["public"] is True
    assert plain["estimate"] is None
    assert plain["refused"]["causes"] == ["models", "lists"]
    assert plain["seen"] == 2_500
    assert done.stderr == ""


def test_a_run_of_0_2_0_is_published_by_today_s_rules() -> None:
    """Its figures have no causes, and its number may come from a model that does not fit."""
    figures = {**json.loads(json.dumps(telling.as_plain(told("given"))))}
    for new in ("fit", "read_as", "rows"):
        del figures[new]
    sound = publishing.publish(figures, version="0.2.0")
    assert sound.estimate is not None
    unsound = publishing.publish({**figures, "p_of_fit": 1e-6}, version="0.2.0")
    assert unsound.estimate is None
    assert unsound.interval is None
    assert unsound.causes == (refusing.Cause.FIT,)
    old = json.loads(json.dumps(telling.as_plain(told("UKdat_5"))))
    del old["refused"]["causes"], old["fit"]
    assert publishing.publish(old, version="0.2.0").causes == (refusing.Cause.MODELS, refusing.Cause.LISTS)
