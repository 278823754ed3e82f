"""What is said of an estimate: refused where it must be, the same on a terminal, in JSON, in HTML and in a PDF."""

from __future__ import annotations

import datetime
import functools
import io
import json
import pathlib
import re
import subprocess
import sys
from collections.abc import Sequence

import pikepdf
import pytest
from bench import coverage
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.prevalence import estimating, existence, refusing, running, stability, tables, telling
from nowrongdoor.prevalence import reporting
from nowrongdoor.publishing import charts, documents, html, pdf, terminal
from tests import claims
from tests.prevalence import published
from tests.site.test_command import nwd

REPLICATES = 300


@functools.cache
def told(name: str, method: estimating.Method = estimating.Method.STEPWISE, *, by: str = "") -> running.Run:
    settings = estimating.Settings(method)
    return running.run(published.table(name), settings, replicates=REPLICATES, seed=5, overridden_by=by)


def test_the_united_kingdom_s_five_lists_give_a_set_of_two_groups() -> None:
    run = told("UKdat_5")
    assert run.refusal
    groups = [each for each in run.refusal.ranges if each.source == "models"]
    assert len(groups) == 2
    (first, second) = groups
    assert 11_000 < first.low < first.high < 12_500
    assert 22_000 < second.low < second.high < 26_500
    said = reporting.headline(run)
    assert said.startswith("No single number can be given.")
    assert "about 11,300 to 12,300 or about 23,000 to 26,000 people" in said
    assert f"{run.answer.estimate:,.0f}" not in said


def test_a_number_is_given_where_models_and_lists_agree() -> None:
    """The same set-up as the refusal: five lists, made so that each is independent of the others."""
    counts = {}
    reach = (0.3, 0.25, 0.2, 0.15, 0.1)
    for history in range(1, 32):
        chance = 1.0
        for each, share in enumerate(reach):
            chance *= share if history >> each & 1 else 1.0 - share
        counts[history] = round(10_000 * chance)
    run = running.run(published.made(5, counts), estimating.Settings(), replicates=REPLICATES, seed=5)
    assert run.refusal is None
    assert reporting.headline(run).startswith("About 10,000 people")
    assert run.answer.estimate == pytest.approx(10_000, rel=0.01)


def test_one_number_against_advice_names_who_asked_and_keeps_the_reasons() -> None:
    run = told("UKdat_5", by="Pat Example")
    document = reporting.report(run)
    assert document.one_number
    assert "because Pat Example asked for it" in document.headline
    assert run.refusal
    assert claims.every(reason in terminal_text(document) for reason in run.refusal.reasons)


def test_a_steady_answer_from_a_model_that_does_not_fit_is_refused() -> None:
    run = told("Kosovo")
    assert run.answer.fitted
    assert run.answer.fitted.deviance == pytest.approx(39.9, abs=0.1)
    assert run.answer.fitted.df == 5
    assert run.refusal
    assert run.refusal.causes == (refusing.Cause.FIT,)
    assert "deviance 39.9 on 5" in run.refusal.reasons[0]
    assert any("three lists at once fit far better" in each for each in run.warnings)


@pytest.mark.parametrize(
    ("answers", "refused"),
    [((1_000.0, 1_990.0), False), ((1_000.0, 2_010.0), True), ((520.0, 1_000.0), False), ((490.0, 1_000.0), True)],
)
def test_a_factor_of_two_between_the_lists_answers_refuses(answers: tuple[float, float], refused: bool) -> None:  # noqa: FBT001
    changed = [stability.Changed(f"without {at}", 10, each) for at, each in enumerate(answers)]
    assert bool(refusing.decide(1_000.0, None, changed, (), seen=10)) is refused


def test_an_answer_without_end_refuses() -> None:
    changed = [stability.Changed("without A", 10, float("inf"))]
    refusal = refusing.decide(1_000.0, None, changed, (), seen=10)
    assert refusal
    assert "no finite answer without A" in refusal.reasons[0]


def terminal_text(document: documents.Document) -> str:
    return " ".join(terminal.write(document).split())


def said_in(block: documents.Block) -> Sequence[str]:
    match block:
        case documents.Words():
            return block.paragraphs
        case documents.Points():
            return block.items
        case documents.Grid():
            return [block.caption, *(cell for row in block.rows for cell in row)]
        case _:
            return [block.caption]


@pytest.mark.parametrize("method", estimating.Method)
def test_every_report_says_the_same_on_a_terminal_and_in_html(method: estimating.Method) -> None:
    document = reporting.report(told("NewOrl_5", method))
    pictures = {each.name: charts.draw(each) for each in document.pictures}
    assert len(pictures) == len(document.pictures)
    page = html.alone(document, pictures)
    words = re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))
    screen = terminal_text(document)
    for part in document.parts:
        assert part.heading in words
        assert part.heading in screen
        for block in part.blocks:
            for each in said_in(block):
                written = each.replace("'", "&#x27;").replace("<", "&lt;")
                assert " ".join(written.split()) in words
                assert " ".join(each.split()) in screen


def test_a_report_alone_asks_nobody_for_anything() -> None:
    document = reporting.report(told("UKdat_5"))
    page = html.alone(document, {each.name: charts.draw(each) for each in document.pictures})
    addresses = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", page)
    assert addresses
    assert claims.every(each.startswith("data:image/svg+xml;base64,") for each in addresses)
    assert "<script" not in page


def test_names_of_lists_are_words_and_never_markup() -> None:
    wild = '<script>alert(1)</script>", "#image("/etc/passwd") $x$ [*'
    table = published.table("NewOrl_5")
    run = running.run(type(table)((wild, *table.names[1:]), table.counts), estimating.Settings(), replicates=0, seed=1)
    document = reporting.report(run)
    pictures = {each.name: charts.draw(each) for each in document.pictures}
    page = html.alone(document, pictures)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)" in page
    for svg in pictures.values():
        ElementTree.fromstring(svg)  # it is whole
        assert "<script>" not in svg


@pytest.mark.parametrize(("name", "standard"), [("Shelter", True), ("\U0010fffd", False)])
def test_a_name_that_no_typeface_has_costs_the_standard_and_never_the_report(name: str, standard: bool) -> None:  # noqa: FBT001
    """For the last sign of all no machine has a face."""
    with pikepdf.open(io.BytesIO(_pdf_with(name))) as made:
        assert made.Root.MarkInfo.Marked
        with made.open_metadata() as metadata:
            assert ("pdfuaid:part" in metadata) is standard


def test_a_name_in_arabic_never_costs_the_report() -> None:
    """Whether the machine has a face for it, and so whether the standard is kept, is its own affair."""
    with pikepdf.open(io.BytesIO(_pdf_with("ملجأ"))) as made:
        assert made.Root.MarkInfo.Marked


def _pdf_with(name: str) -> bytes:
    """A report in which one list has this name."""
    table = published.table("NewOrl_5")
    names = (name, *table.names[1:])
    run = running.run(type(table)(names, table.counts), estimating.Settings(), replicates=0, seed=1)
    document = reporting.report(run)
    drawn = {each.name: charts.draw(each) for each in document.pictures}
    return pdf.write(document, drawn, at=datetime.datetime.now(datetime.UTC))


@given(
    lists=st.integers(2, 4),
    counts=st.lists(st.sampled_from([0, 0, 1, 2, 7, 40, 10**6]), min_size=15, max_size=15),
    method=st.sampled_from(estimating.Method),
    replicates=st.sampled_from([0, 1, 2, 30]),
)
@settings(max_examples=40)
def test_every_answer_can_be_told(lists: int, counts: list[int], method: estimating.Method, replicates: int) -> None:
    """However few, however large, however far without end."""
    try:
        table = tables.of_histories("ABCD"[:lists], dict(enumerate(counts[: (1 << lists) - 1], start=1)))
        run = running.run(table, estimating.Settings(method), replicates=replicates, seed=1)
    except (tables.TableError, estimating.CannotEstimate, existence.NoMaximum):
        return
    document = reporting.report(run)
    assert documents.read(documents.write(document)) == document
    said = terminal.write(document)
    assert "nan" not in said.casefold()
    assert document.headline.split()[0] in said
    for picture in document.pictures[:1]:
        assert charts.draw(picture).startswith("<svg")


@pytest.mark.parametrize("as_json", [False, True])
def test_no_estimate_is_1_and_a_wrong_call_is_2(tmp_path: pathlib.Path, as_json: bool) -> None:  # noqa: FBT001
    file, counts = tmp_path / "lists.csv", tmp_path / "counts.csv"
    file.write_text("A,B,C,n\n1,0,0,5\n0,1,0,5\n0,0,1,5\n", encoding="utf-8")
    counts.write_text("a,b,c\n5,5,5\n", encoding="utf-8")
    more = ["--json"] if as_json else []
    for call in (["estimate", str(file)], ["diagnose", str(file)], ["replicates", str(file), str(counts)]):
        done = nwd("prevalence", *call, *more)
        assert done.returncode == 1, call
        assert "Nobody is on two lists" in done.stderr
        if as_json:
            assert json.loads(done.stdout)["estimate"] is None
        assert nwd("prevalence", *call, "--method", "guess", *more).returncode == 2


@pytest.fixture
def files(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "lists.csv").write_text(published.text("UKdat_5"), encoding="utf-8")
    return tmp_path


def test_the_command_writes_html_and_a_tagged_pdf_that_says_what_it_is(files: pathlib.Path) -> None:
    done = nwd(
        *("prevalence", "estimate", str(files / "lists.csv"), "--bootstrap", "200"),
        *("--html", str(files / "r.html"), "--pdf", str(files / "r.pdf")),
    )
    assert (done.returncode, done.stdout[:20]) == (0, "No single number can")
    assert (files / "r.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    with pikepdf.open(files / "r.pdf") as made:
        assert made.Root.MarkInfo.Marked
        assert str(made.Root.Lang).startswith("en")
        with made.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
        figures = [
            each for each in made.objects if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure"
        ]
        alts = {" ".join(str(each.Alt).split()) for each in figures}
    run = running.run(published.table("UKdat_5"), estimating.Settings(), replicates=200, seed=running.SEED)
    pictures = reporting.report(run).pictures
    # No picture of thresholds: a point of it would be the number that is refused.
    assert [each.name for each in pictures] == ["intervals", "near", "near-triples", "lists", "links", "replicates"]
    assert alts == {" ".join(each.alt.split()) for each in pictures}


def test_a_file_that_cannot_be_written_is_said(files: pathlib.Path) -> None:
    done = nwd("prevalence", "diagnose", str(files / "lists.csv"), "--html", str(files / "nowhere" / "r.html"))
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_the_json_names_what_was_promised(files: pathlib.Path) -> None:
    done = nwd("prevalence", "estimate", str(files / "lists.csv"), "--bootstrap", "200", "--seed", "9", "--json")
    value = json.loads(done.stdout)
    promised = {"estimate", "interval", "model", "deviance", "df", "bic", "verdicts", "refused", "cpu_seconds"}
    assert promised <= set(value)
    assert set(value["interval"]["95"]) == {"bca", "percentile", "wald", "profile"}
    assert value["model"]["minus_infinity"] == []
    assert value["refused"]["reason"]
    again = json.loads(
        nwd("prevalence", "estimate", str(files / "lists.csv"), "--bootstrap", "200", "--seed", "9", "--json").stdout
    )
    spent = ("cpu_seconds", "cpu_seconds_by_part")
    assert {k: v for k, v in value.items() if k not in spent} == {k: v for k, v in again.items() if k not in spent}


def test_the_python_of_the_core_needs_no_django() -> None:
    code = "import sys; import nowrongdoor.core.prevalence.running; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_figure_is_finite_or_null() -> None:
    for name in published.NAMES:
        text = json.dumps(telling.as_plain(told(name)), allow_nan=False)
        assert json.loads(text)["seen"] == published.table(name).people


ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_example_in_the_guide_prints_what_it_says() -> None:
    guide = (ROOT / "docs" / "prevalence.md").read_text(encoding="utf-8")
    example = re.search(r"```\n\$ nwd (prevalence estimate tests/\S+)\n(.*?)```", guide, flags=re.DOTALL)
    assert example
    done = subprocess.run(
        [sys.executable, "-m", "nowrongdoor.site.command", *example[1].split()],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.startswith(example[2])


@pytest.mark.parametrize("verb", ["estimate", "diagnose", "replicates", "simulate"])
def test_every_option_in_the_guide_is_one_of_the_command(verb: str) -> None:
    guide = (ROOT / "docs" / "prevalence.md").read_text(encoding="utf-8")
    known = set(re.findall(r"--[a-z-]+", nwd("prevalence", verb, "--help").stdout))
    for line in re.findall(rf"\$ nwd prevalence {verb} (.*)", guide):
        assert set(re.findall(r"--[a-z-]+", line)) <= known


def test_a_line_of_the_coverage_study_comes_out_again() -> None:
    page = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    for scenario in coverage.SCENARIOS:
        assert f"| {scenario.words} |" in page
    three = next(each for each in coverage.SCENARIOS if each.lists == 3)
    assert coverage.line(three, coverage.study(three)) in page
