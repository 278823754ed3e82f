"""Whatever separator a spreadsheet is told, it works nothing out that somebody wrote."""

from __future__ import annotations

import csv
import io

import hypothesis
import pytest
from hypothesis import strategies

from nowrongdoor.core import formulas

RUNS = "cmd|'/C calc'!A0"
BEGINS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫")
SEPARATORS = (",", ";", "\t", "|", "\n", "\r")
BEFORE = ("", " ", "\u00a0", '"', '""', ' "', "\ufeff", "\u200b", '\ufeff "')
WRITTEN = strategies.text("'=+-@\t\r\n ,;|\"aé＝1(\ufeff", max_size=12)


def opened(text: str, separator: str, *, honors_quotes: bool) -> list[str]:
    """The cells as a spreadsheet splits them."""
    if honors_quotes:
        return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]
    lines = text.replace("\r", "\n").split("\n")
    return [cell for line in lines for cell in line.split(separator)]


def is_worked_out(cell: str) -> bool:
    """Said again, and plainly."""
    return cell.lstrip(' \t\r\n\u00a0\ufeff\u200b"').startswith(BEGINS)


@pytest.mark.parametrize("begin", BEGINS)
@pytest.mark.parametrize("before", BEFORE)
def test_a_formula_is_found_wherever_a_cell_could_begin(begin: str, before: str) -> None:
    assert formulas.find(before + begin + RUNS) == len(before)
    for separator in SEPARATORS:
        for words in ("a", '"a', 'a "b', '"a""'):
            text = words + separator + before + begin + RUNS
            assert formulas.find(text) == len(words + separator + before)
            assert formulas.guarded(text) == words + separator + before + "'" + begin + RUNS


@pytest.mark.parametrize(
    "text",
    ["", "Zuzana", "a=b", "1-888", "'quoted'", "x@y.test", "-5;+7 %", "+1 (888) 373-7888,x", "a - b", "'=1"],
)
def test_words_and_numbers_stay_as_they_are(text: str) -> None:
    assert formulas.find(text) is None
    assert formulas.find(f"a,{text}\n{text}") is None


@pytest.mark.parametrize("text", ["Zuzana", "a=b", "1-888", "1 (888) 373-7888", "a - b", "x@y.test"])
def test_nothing_else_is_marked(text: str) -> None:
    assert formulas.guarded(text) == text


def test_a_table_that_names_a_separator_of_its_own_is_read_by_it() -> None:
    assert formulas.find("a^=1\n") is None
    assert formulas.find("sep=^\na^=1\n") == len("sep=^\na^")
    assert formulas.find("\ufeffSEP=^\na^=1\n") == len("\ufeffSEP=^\na^")


@hypothesis.given(WRITTEN)
def test_what_is_marked_is_only_shown_and_reads_back_alike(text: str) -> None:
    marked = formulas.guarded(text)
    assert formulas.find(marked) is None
    assert formulas.plain(marked) == text


@hypothesis.given(strategies.lists(strategies.lists(WRITTEN, min_size=1, max_size=3), min_size=1, max_size=3))
def test_a_table_is_safe_under_every_separator_with_and_without_quotation_marks(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["head"], *([formulas.guarded(cell) for cell in row] for row in rows)])
    assert "head" in out.getvalue()
    for separator in ",;\t|":
        for honors_quotes in (True, False):
            cells = opened(out.getvalue(), separator, honors_quotes=honors_quotes)
            assert not [cell for cell in cells if is_worked_out(cell)]


def test_a_long_text_is_read_in_a_time_that_grows_with_its_length() -> None:
    for piece in ("\t", " ", '"', "- ", "-1", ",-", "'", "\n+"):
        text = piece * (1_000_000 // len(piece)) + "x"
        formulas.find(text)
        assert formulas.plain(formulas.guarded(text)) == text
