"""What may be published gives no small count away, to readers or to attackers who run the program themselves."""

from __future__ import annotations

import datetime
import functools
import io
import json
import pathlib
import re

import pikepdf
import pytest

from nowrongdoor.core.prevalence import estimating, refusing, running, tables, telling
from nowrongdoor.prevalence import documents, html, pdf, publishing, reporting, terminal
from tests import claims
from tests.prevalence import attacking, published
from tests.site.test_command import nwd

NOON = datetime.datetime(2026, 1, 15, 12, tzinfo=datetime.UTC)
# Small tables, made so that one number is given for the first and refused for the second.
GIVEN = {1: 228, 2: 232, 4: 18, 3: 152, 5: 13, 6: 13, 7: 8}
REFUSED = {1: 244, 2: 48, 4: 60, 3: 142, 5: 111, 6: 4, 7: 12}


def table(counts: dict[int, int]) -> tables.Table:
    return tables.of_histories(("Police", "Shelters", "Hotline"), counts)


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


@pytest.mark.parametrize(("counts", "replicates"), [(GIVEN, 0), (REFUSED, 0)])
def test_replaying_the_program_leaves_each_small_count_its_whole_range(counts: dict[int, int], replicates: int) -> None:
    found = attacking.possible(table(counts), attacking.published, replicates=replicates)
    assert found
    assert {cell: sorted(values) for cell, values in found.items()} == {each: list(attacking.RANGE) for each in found}


def test_the_attack_finds_a_count_from_a_report_that_holds_the_exact_fit() -> None:
    """The test of the attack: with what 0.2.0 published, only the true value is left."""

    def as_0_2_0(run: running.Run) -> str:
        assert run.answer.fitted
        return f"{run.answer.fitted.aic:.2f} {run.answer.fitted.bic:.2f} {run.table.digest} {run.checks.overlap.sizes}"

    assert attacking.possible(table(GIVEN), as_0_2_0, replicates=0, tries=1) == {7: {8}}


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
