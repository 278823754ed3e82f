"""No cell of an export runs on a colleague's machine, and our own files read back alike."""

from __future__ import annotations

import csv
import datetime
import io

import hypothesis
from hypothesis import strategies

from nowrongdoor.core import formulas
from nowrongdoor.publishing import csv_out


def test_what_would_run_is_only_shown() -> None:
    assert csv_out.guarded("=1+1") == "'=1+1"
    assert list(csv_out.lines(["head"], [["a;=1+1", "b"]])) == ["head\r\n", "a;'=1+1,b\r\n"]


def test_numbers_and_days_of_our_own_stay_as_they_are() -> None:
    day = datetime.date(2026, 11, 24)
    assert [csv_out.guarded(cell) for cell in (-5, 2.5, None, day)] == ["-5", "2.5", "", "2026-11-24"]


@hypothesis.given(strategies.lists(strategies.lists(strategies.text("'=+-@\t\r\n ,;\"aé＝", max_size=6), min_size=1)))
def test_a_whole_table_is_safe_and_reads_back_alike(rows: list[list[str]]) -> None:
    text = "".join(csv_out.lines(["head"], rows))
    header, *read = csv.reader(io.StringIO(text, newline=""))
    assert header == ["head"]
    assert formulas.find(text) is None
    assert [[formulas.plain(cell) for cell in row] for row in read] == rows
