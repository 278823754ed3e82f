"""HTCDS records from CSV and from a workbook: all or nothing per case, and nothing lost."""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.intake import htcds, htcds_cells, htcds_facts, htcds_workbook, row
from nowrongdoor.core.triage import answers
from tests import claims

ON = datetime.date(2026, 1, 31)
Item = row.Row | row.Refusal
Read = Callable[[Sequence[Mapping[str, str]]], list[Item]]


def csv_bytes(records: Sequence[Mapping[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    columns = list(dict.fromkeys(name for record in records for name in record))
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode()


def from_csv(data: bytes, sender: str = "") -> list[Item]:
    return list(htcds.read_csv(io.BytesIO(data), on=ON, sender=sender))


def from_workbook(data: bytes) -> list[Item]:
    return list(htcds_workbook.read_workbook(io.BytesIO(data), on=ON))


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(list(line))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(records: Sequence[Mapping[str, str]]) -> list[Item]:
    return from_csv(csv_bytes(records))


def as_flat_sheet(records: Sequence[Mapping[str, str]]) -> list[Item]:
    columns = list(dict.fromkeys(name for record in records for name in record))
    lines: list[list[object]] = [[*columns]]
    lines.extend([record.get(name) for name in columns] for record in records)
    return from_workbook(workbook({"Cases": lines}))


BOTH = pytest.mark.parametrize("read", [as_csv, as_flat_sheet], ids=["csv", "flat sheet"])


def only_row(items: list[Item]) -> row.Row:
    (item,) = items
    assert isinstance(item, row.Row), item
    return item


def only_refusal(items: list[Item]) -> row.Refusal:
    (item,) = items
    assert isinstance(item, row.Refusal), item
    return item


def test_the_standard_has_84_fields_in_ten_sections() -> None:
    assert len(htcds_cells.fields()) == 84
    assert len(htcds_cells.sections()) == 10
    assert sum(field.is_deprecated for field in htcds_cells.fields().values()) == 3


@BOTH
@pytest.mark.parametrize(
    ("column", "value", "facts", "indicators"),
    [
        ("vic_TypeOfExploitation", "ForcedLabour", {"labor": "yes"}, ()),
        ("vic_TypeOfExploitation", "Forced labour", {"labor": "yes"}, ()),
        ("VIC_TYPEOFEXPLOITATION", "servitude; Other", {"labor": "yes"}, ()),
        ("vic_TypeOfExploitation", "OrganRemoval", {}, ()),
        (
            "vic_TypeOfExploitation",
            "SexualExploitation|ChildLabour",
            {"commercial_sex": "yes", "labor": "yes"},
            (),
        ),
        ("vic_TypeOfSexExploitation", "Prostitution", {"commercial_sex": "yes"}, ()),
        ("vic_ForcedLabourIndustry", "F_Construction", {"labor": "yes"}, ()),
        ("vic_MethodsOfControl", "Other", {}, ()),
        ("vic_MethodsOfControl", "FalsePromises", {"means": "yes"}, ()),
        ("vic_MethodsOfControl", "DebtBondage", {"means": "yes"}, ("ilo.5.debt",)),
        (
            "vic_MethodsOfControl",
            "Withholds documents;ExcessiveWorkingHours",
            {"means": "yes"},
            ("ilo.4.hours", "ilo.5.documents"),
        ),
        ("prs_Citizenship", "us", {"nationality": "us_citizen"}, ()),
        ("prs_Citizenship", "MX;USA", {"nationality": "us_citizen"}, ()),
        ("prs_Citizenship", "MX", {"nationality": "foreign"}, ()),
        ("vic_AgeWhenTrafficked", "17", {"age": "under_18"}, ()),
        ("vic_AgeWhenTrafficked", "18", {"age": "adult"}, ()),
        ("prs_Birthdate", "2008-02-01", {"age": "under_18"}, ()),
        ("prs_Birthdate", "2008-01-31", {"age": "adult"}, ()),
        ("prs_FirstName", "Ana", {}, ()),
    ],
)
def test_a_record_says_what_it_says_and_no_more(
    read: Read, column: str, value: str, facts: dict[str, str], indicators: tuple[str, ...]
) -> None:
    taken = only_row(read([{"CaseId": "A", column: value}]))
    assert dict(taken.facts) == facts
    assert answers.named(taken.answers.yes) == indicators
    assert taken.answers.no == 0


@BOTH
@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("vic_TypeOfExploitation", "Nonsense", "is not one of the standard's values"),
        ("vic_MethodsOfControl", "DebtBondage;Nonsense", "is not one of the standard's values"),
        ("prs_Birthdate", "31/01/2000", "must be a date as YYYY-MM-DD"),
        ("prs_Birthdate", "2001-02-29", "must be a date as YYYY-MM-DD"),
        ("prs_Deceased", "maybe", "must be true or false"),
        ("vic_AgeWhenTrafficked", "young", "must be a number"),
        ("vic_AgeWhenTrafficked", "nan", "must be a number"),
        ("vic_AgeWhenTrafficked", "-1", "must lie between 0 and 130"),
        ("vic_AgeWhenTrafficked", "1.5", "must be a whole number"),
        ("prs_MailingLatitude", "91", "must lie between -90 and 90"),
        (
            "prs_Citizenship",
            "Mexico",
            "must be a two- or three-letter ISO 3166 country code",
        ),
        (
            "prs_PrimaryLanguage",
            "Spanish!",
            "must be a two- or three-letter ISO 639 language code",
        ),
    ],
)
def test_a_bad_cell_keeps_its_record_out_and_no_other(read: Read, column: str, value: str, reason: str) -> None:
    items = read(
        [
            {"CaseId": "A", "prs_FirstName": "Ana", column: ""},
            {"CaseId": "B", "prs_FirstName": "Bo", column: value},
            {"CaseId": "C", "prs_FirstName": "Cy", column: ""},
        ]
    )
    faults = [item for item in items if isinstance(item, row.Refusal)]
    assert [(f.line, f.column, f.reason, f.value) for f in faults] == [(3, column, reason, value)]
    assert [item.case_id for item in items if isinstance(item, row.Row)] == ["A", "C"]


@BOTH
def test_a_case_with_one_bad_line_is_refused_as_a_whole(read: Read) -> None:
    lines = [
        {"CaseId": "A", "PersonId": "1", "prs_FirstName": "Ana", "vic_AgeWhenTrafficked": "16"},
        {"CaseId": "A", "PersonId": "2", "prs_FirstName": "Bo", "vic_AgeWhenTrafficked": "x"},
    ]
    assert only_refusal(read(lines)).line == 3
    lines[1]["vic_AgeWhenTrafficked"] = "30"
    both = only_row(read(lines))
    assert both.facts["age"] == "under_18"
    assert [person["prs_FirstName"] for person in both.people] == ["Ana", "Bo"]
    assert htcds_facts.NOTE_ANY in both.notes


def test_the_two_ages_are_read_together() -> None:
    born = {"CaseId": "A", "prs_Birthdate": "1990-01-01"}
    now_only = only_row(as_csv([born]))
    assert (now_only.facts["age"], now_only.notes) == ("adult", (htcds_facts.NOTE_NOW,))
    then = only_row(as_csv([born | {"vic_AgeWhenTrafficked": "15"}]))
    assert (then.facts["age"], then.notes) == ("under_18", (htcds_facts.NOTE_THEN,))
    impossible = only_refusal(as_csv([born | {"vic_AgeWhenTrafficked": "40"}]))
    assert "more than the age today" in impossible.reason
    unborn = only_refusal(as_csv([{"CaseId": "A", "prs_Birthdate": "2026-02-01"}]))
    assert "after the day of import" in unborn.reason


def test_a_perpetrators_age_and_citizenship_are_not_the_victims() -> None:
    taken = only_row(
        as_csv(
            [
                {"CaseId": "A", "PersonId": "1", "prs_Citizenship": "US", "per_RoleInProcess": ""},
                {
                    "CaseId": "A",
                    "PersonId": "2",
                    "prs_Citizenship": "MX",
                    "per_RoleInProcess": "Smuggler",
                },
            ]
        )
    )
    assert dict(taken.facts) == {"nationality": "us_citizen"}


@BOTH
def test_unknown_and_deprecated_columns_go_in_with_a_warning(read: Read) -> None:
    taken = only_row(read([{"CaseId": "A", "Mood": "low", "vic_DetailsOfVulnerabilities": "alone"}]))
    assert len(taken.warnings) == 2
    assert ("Mood", "low") in [value for entry in taken.raw for value in entry.values]
    assert taken.narrative == "Details Of Vulnerabilities: alone"


@BOTH
def test_the_key_follows_the_senders_case_id_or_else_the_content(read: Read) -> None:
    first = only_row(read([{"CaseId": "A", "prs_FirstName": "Ana"}]))
    corrected = only_row(read([{"CaseId": "A", "prs_FirstName": "Anna"}]))
    other = only_row(read([{"CaseId": "B", "prs_FirstName": "Ana"}]))
    assert first.key == corrected.key != other.key
    nameless = [{"prs_FirstName": "Ana"}, {"prs_FirstName": "Bo"}, {"prs_FirstName": "Ana"}]
    keys = [item.key for item in read(nameless) if isinstance(item, row.Row)]
    again = [item.key for item in read(nameless[::-1]) if isinstance(item, row.Row)]
    assert len(set(keys)) == 3
    assert set(again) == set(keys)


def test_the_same_case_id_of_two_senders_is_two_cases() -> None:
    data = csv_bytes([{"CaseId": "A", "prs_FirstName": "Ana"}])
    assert only_row(from_csv(data, "ngo")).key != only_row(from_csv(data, "police")).key


@BOTH
def test_a_line_without_its_case_id_is_refused(read: Read) -> None:
    items = read([{"CaseId": "A", "prs_FirstName": "x"}, {"CaseId": " ", "prs_FirstName": "y"}])
    assert [type(item) for item in items] == [row.Refusal, row.Row]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'B,"open,', "not well-formed CSV"),
        (b"B", "1 fields where the header has 2"),
        (b"B,x,y", "3 fields where the header has 2"),
        (b"B,\xffx", "control character"),
        (b"B,\x00x", "control character"),
        (b"B," + b"x" * 32_001, "longer than 32000 characters"),
    ],
)
def test_a_broken_line_of_a_csv_costs_itself_only(line: bytes, reason: str) -> None:
    data = b"CaseId,prs_FirstName\r\nA,x\r\n" + line + b'\r\nC,"y"\r\n'
    items = from_csv(b"\xef\xbb\xbf" + data)
    (fault,) = [item for item in items if isinstance(item, row.Refusal)]
    assert fault.line == 3
    assert reason in fault.reason
    assert [item.case_id for item in items if isinstance(item, row.Row)] == ["A", "C"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"\r\n\r\n", "the file is empty"),
        (b"a,b\r\n1,2\r\n", "the header has no field of the standard"),
        (b"prs_Title,PRS_TITLE\r\n1,2\r\n", "the header has this column twice"),
    ],
)
def test_a_csv_that_is_no_case_file_takes_nothing(data: bytes, reason: str) -> None:
    assert only_refusal(from_csv(data)).reason == reason


SECTIONED: dict[str, list[list[object]]] = {
    "Person": [
        ["CaseId", "PersonId", "prs_FirstName", "prs_Birthdate"],
        ["A", "1", "Ana", datetime.datetime(2010, 5, 4)],  # noqa: DTZ001  Excel has no zones
        ["B", 7, "Bo", None],
    ],
    "Person - Victim Context": [
        ["CaseId", "PersonId", "vic_TypeOfExploitation", "vic_AgeWhenTrafficked"],
        ["A", "1", "Sexual exploitation", 14],
        ["B", 7, "ForcedLabour", 40.0],
    ],
    "Case Comment": [["CaseId", "cco_CaseComment"], ["A", "first"], ["A", "second"]],
    "Nothing here": [],
}


def test_sheets_of_one_case_come_together() -> None:
    first, second = from_workbook(workbook(SECTIONED))
    assert isinstance(first, row.Row)
    assert isinstance(second, row.Row)
    assert dict(first.facts) == {"age": "under_18", "commercial_sex": "yes"}
    assert first.person == {"prs_FirstName": "Ana", "prs_Birthdate": "2010-05-04"}
    assert first.narrative == "Case Comment: first\n\nCase Comment: second"
    assert dict(second.facts) == {"age": "adult", "labor": "yes"}


def test_a_formula_is_refused_where_its_value_is_taken() -> None:
    def with_name(value: str) -> list[Item]:
        return from_workbook(workbook({"Person": [["CaseId", "prs_FirstName"], ["A", value]]}))

    fault = only_refusal(with_name('=HYPERLINK("x")'))
    assert (fault.sheet, fault.line, fault.column) == ("Person", 2, "prs_FirstName")
    assert "formula" in fault.reason
    assert only_row(with_name("HYPERLINK")).person["prs_FirstName"] == "HYPERLINK"


def test_a_hidden_sheet_is_reported_and_not_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(SECTIONED)))
    assert len(from_workbook(saved(book))) == 2
    book["Case Comment"].sheet_state = "hidden"
    fault, first, _ = from_workbook(saved(book))
    assert isinstance(fault, row.Refusal)
    assert (fault.sheet, fault.reason) == ("Case Comment", "the sheet is hidden and was not read")
    assert isinstance(first, row.Row)
    assert first.narrative == ""


def test_a_merged_cell_counts_for_its_first_line_only() -> None:
    lines = [["CaseId", "prs_FirstName"], ["A", "Ana"], ["B", "Ana"]]
    assert len(from_workbook(workbook({"Person": [*lines]}))) == 2
    book = openpyxl.load_workbook(io.BytesIO(workbook({"Person": [*lines]})))
    book["Person"].merge_cells("A2:A3")
    fault, taken = from_workbook(saved(book))
    assert isinstance(fault, row.Refusal)
    assert (fault.line, fault.column) == (3, "CaseId")
    assert isinstance(taken, row.Row)


@pytest.mark.parametrize(
    ("sheet", "reason"),
    [
        ([["prs_FirstName"], ["Ana"]], "a section's sheet needs a CaseId"),
        ([["Mood"], ["low"]], "the header has no field of the standard"),
        ([["CaseId", "prs_Title", "prs_Title"], ["A", "x", "y"]], "this column twice"),
        ([["CaseId", "prs_Title"], ["A", "x", "stray"]], "a column without a heading"),
    ],
)
def test_a_bad_sheet_is_refused(sheet: list[list[object]], reason: str) -> None:
    items = from_workbook(workbook({"Person": [*sheet]}))
    assert any(isinstance(item, row.Refusal) and reason in item.reason for item in items)
    assert claims.no(isinstance(item, row.Row) for item in items)


def test_what_is_no_workbook_is_refused_in_one_sentence() -> None:
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("hello.txt", "hello")
    bomb = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(workbook(SECTIONED)))
    entity = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "boom">]><a>&e;</a>'
    with zipfile.ZipFile(bomb, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, entity if name == "xl/workbook.xml" else source.read(name))
    for data in (b"", b"not a zip", plain.getvalue(), bomb.getvalue()):
        assert only_refusal(from_workbook(data)).reason == ("the file is not a readable .xlsx workbook")


def content(items: list[Item]) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Records in one canonical order, so that two exports can be held against each other."""
    rows = [item for item in items if isinstance(item, row.Row)]
    assert len(rows) == len(items)
    return sorted((item.case_id, htcds.canonical(item.raw), tuple(sorted(item.facts.items()))) for item in rows)


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufffe\uffff"),
    max_size=12,
)
TRICKY = ["=1+1", "two\nlines", "00123", '"', "_x0041_"]
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "CaseId": st.sampled_from(["A", "B", "C-1"]),
            "PersonId": st.sampled_from(["", "1", "2"]),
            "prs_FirstName": st.just("Ana"),
        },
        optional={
            "prs_SecondName": WORDS,
            "cco_CaseComment": WORDS | st.sampled_from(["=1+1", "two\nlines", "00123", '"', "_x0041_"]),
            "vic_MethodsOfControl": st.sampled_from(["DebtBondage;Other", "False promises"]),
            "vic_AgeWhenTrafficked": st.integers(0, 130).map(str),
            "hte_City": WORDS,
            "Mood": WORDS,
        },
    ),
    min_size=1,
    max_size=6,
)


@given(RECORDS)
@settings(deadline=None, max_examples=60)
def test_import_export_import_is_equal_in_both_forms(records: list[dict[str, str]]) -> None:
    first = from_csv(csv_bytes(records))
    rows = [item for item in first if isinstance(item, row.Row)]
    by_csv = from_csv(htcds.write_csv(rows))
    by_workbook = from_workbook(htcds_workbook.write_workbook(rows))
    assert content(by_csv) == content(first)
    assert content(by_workbook) == content(first)
    assert {i.key for i in by_csv if isinstance(i, row.Row)} == {i.key for i in rows}
    once = htcds.write_csv([i for i in by_csv if isinstance(i, row.Row)])
    assert sorted(once.splitlines()) == sorted(htcds.write_csv(rows).splitlines())
