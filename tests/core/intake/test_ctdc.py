"""Case profiles: what goes in, what is refused and why, and that nothing goes in twice."""

from __future__ import annotations

import io
import pathlib
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor.core.intake import country, ctdc, row
from nowrongdoor.core.triage import answers

SAMPLE = (pathlib.Path(__file__).parents[2] / "data" / "ctdc_sample.csv").read_bytes()
HEADER = ",".join(ctdc.COLUMNS).encode()
BLANK = ",".join(["0"] * len(ctdc.COLUMNS)).encode()


def read(data: bytes) -> list[row.Row | row.Refusal]:
    return list(ctdc.read(io.BytesIO(data)))


def taken(data: bytes) -> list[row.Row]:
    return [item for item in read(data) if isinstance(item, row.Row)]


def refused(data: bytes) -> list[row.Refusal]:
    return [item for item in read(data) if isinstance(item, row.Refusal)]


def profile(**given_: str) -> bytes:
    values = dict.fromkeys(ctdc.COLUMNS, "0") | given_
    return ",".join(values.values()).encode()


def one(**given_: str) -> row.Row:
    (found,) = taken(HEADER + b"\n" + profile(**given_) + b"\n")
    return found


def test_the_sample_goes_in_whole_with_a_key_of_its_own_for_each_row() -> None:
    rows = taken(SAMPLE)
    assert len(rows) == 40
    assert len({item.key for item in rows}) == 40
    assert row.summarise(read(SAMPLE)) == row.Summary(40, 0, (), ())


@pytest.mark.parametrize(
    ("column", "value", "attribute", "expected"),
    [
        (ctdc.AGE, "0", "age", None),
        (ctdc.AGE, "1", "age", "under_18"),
        (ctdc.AGE, "2", "age", "under_18"),
        (ctdc.AGE, "3", "age", "adult"),
        (ctdc.AGE, "9", "age", "adult"),
        (ctdc.SEXUAL, "1", "commercial_sex", "yes"),
        (ctdc.SEXUAL, "0", "commercial_sex", None),
        (ctdc.LABOUR, "1", "labor", "yes"),
        (ctdc.LABOUR, "0", "labor", None),
        (ctdc.CITIZEN, "1", "nationality", "us_citizen"),
        (ctdc.CITIZEN, "0", "nationality", None),
        *((name, "1", "means", "yes") for name in ctdc.MEANS),
        *((name, "0", "means", None) for name in ctdc.MEANS),
    ],
)
def test_a_one_is_a_yes_and_a_zero_is_never_a_no(column: str, value: str, attribute: str, expected: str | None) -> None:
    assert one(**{column: value}).facts.get(attribute) == expected


def test_every_assumption_is_named_on_the_row_that_rests_on_it() -> None:
    assert one().notes == ()
    assert one(**{ctdc.AGE: "4"}).notes == (ctdc.NOTE_AGE,)
    assert one(**{ctdc.CITIZEN: "1", ctdc.SEXUAL: "1"}).notes == (ctdc.NOTE_SEX, country.installed().note_citizen)


def test_only_unambiguous_columns_answer_an_indicator() -> None:
    everything = one(**dict.fromkeys(ctdc.MEANS, "1"))
    assert answers.named(everything.answers.yes) == ("ilo.4.hours", "ilo.5.documents")
    assert everything.answers.no == 0


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (profile(**{ctdc.LABOUR: "2"}), ctdc.LABOUR, "must be 0 or 1"),
        (profile(**{"Woman": "yes"}), "Woman", "must be 0 or 1"),
        (profile(**{ctdc.AGE: "10"}), ctdc.AGE, "must be one digit, 0 to 9"),
        (profile(**{ctdc.DURATION: "x"}), ctdc.DURATION, "must be one digit, 0 to 9"),
        (profile(**{"Woman": "１"}), "Woman", "must be 0 or 1"),
        (BLANK + b",0", "", "20 fields where the header has 19"),
        (BLANK[:-2], "", "18 fields where the header has 19"),
        (b'"0' + BLANK[1:], "", "a quote is not closed or stands inside a field"),
        (b"\xff" + BLANK, "", "not UTF-8 at byte 1 of the line: save it as CSV UTF-8"),
        (b"0\x00" + BLANK[1:], "", "holds a NUL character"),
        (b"0" * 5_000, "", "line is longer than 4096 bytes"),
    ],
)
def test_a_bad_line_is_refused_with_its_place_and_the_rest_goes_in(line: bytes, column: str, reason: str) -> None:
    data = b"\n".join([HEADER, BLANK, line, BLANK, b""])
    (fault,) = refused(data)
    assert (fault.line, fault.column, fault.reason) == (3, column, reason)
    assert len(fault.value) <= row.SHOWN_VALUE_LIMIT + 1
    assert [item.line for item in taken(data)] == [2, 4]


def test_every_bad_cell_of_a_line_is_reported() -> None:
    bad = profile(**{ctdc.AGE: "x", "Woman": "7"})
    assert [(f.column, f.value) for f in refused(HEADER + b"\n" + bad)] == [
        (ctdc.AGE, "x"),
        ("Woman", "7"),
    ]


@pytest.mark.parametrize(
    ("header", "column", "reason"),
    [
        (HEADER.replace(b",Woman", b""), "Woman", "the header misses this column"),
        (
            HEADER + b",Extra",
            "Extra",
            "the header has a column that is not known, which may change what the others say: if it does not, "
            "take it out",
        ),
        (HEADER + b",Woman", "Woman", "the header has this column twice"),
        (b"", "", "the file is empty"),
        (b"\xfe" + HEADER, "", "not UTF-8 at byte 1 of the line: save it as CSV UTF-8"),
    ],
)
def test_a_file_with_a_bad_header_takes_nothing(header: bytes, column: str, reason: str) -> None:
    data = header + b"\n" + BLANK if header else b""
    assert taken(data) == []
    assert (column, reason) in [(fault.column, fault.reason) for fault in refused(data)]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\n\n"),
        lambda data: data.rstrip(b"\n"),
        lambda data: data.replace(b"Woman", b'"Woman"'),
        lambda data: b"\n".join(b",".join(reversed(line.split(b","))) for line in data.rstrip().split(b"\n")),
    ],
    ids=["byte order mark", "CRLF", "empty lines", "no last line end", "quotes", "column order"],
)
def test_the_dress_of_a_file_does_not_change_its_keys(change: Callable[[bytes], bytes]) -> None:
    assert [item.key for item in taken(change(SAMPLE))] == [item.key for item in taken(SAMPLE)]


@given(st.randoms(use_true_random=False))
def test_a_reordered_file_has_the_same_keys(chance: random.Random) -> None:
    header, *lines = SAMPLE.rstrip().split(b"\n")
    chance.shuffle(lines)
    again = taken(b"\n".join([header, *lines]))
    assert {item.key for item in again} == {item.key for item in taken(SAMPLE)}


def test_a_corrected_file_adds_only_what_was_refused() -> None:
    bad = SAMPLE + profile(**{"Woman": "8"}) + b"\n"
    good = SAMPLE + profile(**{"Woman": "1", ctdc.AGE: "9", ctdc.DURATION: "7"}) + b"\n"
    before, after = ({item.key for item in taken(data)} for data in (bad, good))
    assert before < after
    assert len(after - before) == 1


def _utf_16(data: bytes) -> bytes:
    return data.decode().replace(",", "\t").encode("utf-16")


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b",", b";"),
        lambda data: data.replace(b",", b"\t"),
        _utf_16,
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: HEADER.lower() + data[len(HEADER) :],
        lambda data: HEADER.replace(b"Woman", b"\xe2\x80\x8bWoman ") + data[len(HEADER) :],
        lambda data: HEADER + data[len(HEADER) :].replace(b"1", b"1.0").replace(b",0", b",0.0"),
        lambda data: HEADER + data[len(HEADER) :].replace(b",0", b","),
        lambda data: data + b"," * 18 + b"\n",
    ],
    ids=[
        "semicolons",
        "tabs",
        "UTF-16 tabs",
        "UTF-16",
        "CR",
        "small letters",
        "invisible",
        "1.0",
        "blanks",
        "empty row",
    ],
)
def test_how_a_program_saves_a_table_changes_nothing_of_what_it_says(change: Callable[[bytes], bytes]) -> None:
    changed = change(SAMPLE)
    assert changed != SAMPLE
    assert refused(changed) == []
    assert [item.key for item in taken(changed)] == [item.key for item in taken(SAMPLE)]


def test_an_empty_cell_read_as_not_recorded_is_told() -> None:
    assert one(**{"Woman": ""}).notes == (ctdc.NOTE_BLANK,)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"yearOfRegistration,gender,ageBroad,majorityStatus,isForcedLabour\n2015,F,18--20,Adult,0\n", "k-anonymized"),
        (b"yearOfRegistration,gender,ageBroad,traffickMonths\n2019,Woman,30--38,0--12\n", "the later synthetic data"),
        (b"name,date\nx,y\n", "the first line has 0 of the 19 headings"),
        (b"PK\x03\x04rest of a workbook", "this is a workbook"),
        (b"\xd0\xcf\x11\xe0rest", "a file of an old Office program"),
        (SAMPLE.decode().encode("utf-16-le"), "seems to be UTF-16 without its mark"),
        (b"\xff\xfea", "begins as UTF-16 and does not go on so"),
    ],
)
def test_a_file_of_another_kind_is_named_once_for_what_it_is(data: bytes, reason: str) -> None:
    (fault,) = read(data)
    assert isinstance(fault, row.Refusal)
    assert reason in fault.reason
