"""HTCDS records from CSV and from a workbook: all or nothing per case, and nothing lost."""

from __future__ import annotations

import csv
import datetime
import io
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.intake import country, htcds, htcds_cells, htcds_facts, htcds_workbook, row
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
    assert (then.facts["age"], then.notes) == ("under_18", (country.installed().note_child_then,))
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
        (b"B,\xffx", "is not UTF-8: save the file as CSV UTF-8"),
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


def test_a_merged_cell_holds_for_each_of_its_lines_and_is_told() -> None:
    lines = [["CaseId", "prs_FirstName"], ["A", "Ana"], ["B", "Bo"]]
    assert len(from_workbook(workbook({"Person": [*lines]}))) == 2
    book = openpyxl.load_workbook(io.BytesIO(workbook({"Person": [*lines]})))
    book["Person"].merge_cells("A2:A3")
    taken = only_row(from_workbook(saved(book)))
    assert taken.case_id == "A"
    assert [person["prs_FirstName"] for person in taken.people] == ["Ana", "Bo"]
    assert "Sheet 'Person' has merged cells: each holds for all its lines." in taken.warnings


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
    for record in records:  # one person has one age
        record["vic_AgeWhenTrafficked"] = str(10 + len(record["CaseId"] + record["PersonId"] * 7))
    first = from_csv(csv_bytes(records))
    rows = [item for item in first if isinstance(item, row.Row)]
    by_csv = from_csv(htcds.write_csv(rows))
    by_workbook = from_workbook(htcds_workbook.write_workbook(rows))
    assert content(by_csv) == content(first)
    assert content(by_workbook) == content(first)
    assert {i.key for i in by_csv if isinstance(i, row.Row)} == {i.key for i in rows}
    once = htcds.write_csv([i for i in by_csv if isinstance(i, row.Row)])
    assert sorted(once.splitlines()) == sorted(htcds.write_csv(rows).splitlines())


ADULT = {"CaseId": "A", "prs_FirstName": "Ana", "prs_Birthdate": "1990-01-01", "prs_Citizenship": "US"}
CHILD = {"CaseId": "A", "prs_FirstName": "Bo", "prs_Birthdate": "2012-01-01", "prs_Citizenship": "PH"}


@BOTH
@pytest.mark.parametrize("ids", [("", ""), ("1", "2"), ("", "2"), ("1", "")])
@pytest.mark.parametrize("turned", [False, True])
def test_two_people_of_a_case_are_two_and_the_child_decides(read: Read, ids: tuple[str, str], turned: bool) -> None:  # noqa: FBT001
    lines = [ADULT | {"PersonId": ids[0]}, CHILD | {"PersonId": ids[1]}]
    taken = only_row(read(lines[::-1] if turned else lines))
    assert sorted(person["prs_FirstName"] for person in taken.people) == ["Ana", "Bo"]
    assert dict(taken.facts) == {"age": "under_18", "nationality": "foreign"}
    said = only_row(read(lines)).said
    assert taken.said == said, "a sorted file says the same"


def test_lines_that_were_read_as_two_people_without_an_id_are_told() -> None:
    assert only_row(as_csv([ADULT, CHILD])).warnings == (
        "Case A has no PersonId on lines 2, 3: each was read as another person.",
    )


def test_a_person_said_twice_is_one_person_and_told() -> None:
    taken = only_row(as_csv([ADULT | {"cco_CaseComment": "x"}, ADULT | {"cco_CaseComment": "y"}]))
    assert [person["prs_FirstName"] for person in taken.people] == ["Ana"]
    assert taken.warnings == ("Lines 2, 3 of case A say the same of a person: read as one person.",)


def test_people_whom_nothing_names_are_counted_one_by_one() -> None:
    nameless = {"CaseId": "A", "vic_TypeOfExploitation": "ForcedLabour"}
    taken = only_row(as_csv([nameless, nameless]))
    assert taken.people == ({}, {})
    assert htcds_facts.NOTE_ANY in taken.notes


@BOTH
@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("prs_Birthdate", "1990-01-01", "2012-01-01"),
        ("prs_FirstName", "Ana", "Bo"),
        ("vic_AgeWhenTrafficked", "30", "12"),
    ],
)
def test_two_people_under_one_person_id_are_refused_and_one_is_taken(
    read: Read, column: str, first: str, second: str
) -> None:
    lines = [{"CaseId": "A", "PersonId": "1", column: first}, {"CaseId": "A", "PersonId": "1", column: first}]
    assert isinstance(only_row(read(lines)), row.Row)
    lines[1][column] = second
    fault = only_refusal(read(lines))
    assert (fault.line, fault.column) == (3, column)
    assert "another one than on line 2" in fault.reason


def test_several_people_over_several_sheets_need_person_ids() -> None:
    def book(*names: str) -> list[Item]:
        people: list[list[object]] = [["CaseId", "prs_FirstName"]]
        people += [["A", name] for name in names]
        context: list[list[object]] = [["CaseId", "vic_AgeWhenTrafficked"], ["A", 16]]
        return from_workbook(workbook({"Person": people, "Person - Victim Context": context}))

    assert only_row(book("Ana")).facts["age"] == "under_18"
    fault = only_refusal(book("Ana", "Bo"))
    assert (fault.line, fault.column) == (3, "PersonId")
    assert "several people" in fault.reason


def test_a_child_who_was_made_to_recruit_is_still_a_victim() -> None:
    line = {"CaseId": "A", "vic_AgeWhenTrafficked": "15", "per_RoleInProcess": ""}
    assert only_row(as_csv([line])).facts["age"] == "under_18"
    line["per_RoleInProcess"] = "RecruiterOrIntermediary"
    assert only_row(as_csv([line])).facts["age"] == "under_18"


@BOTH
@pytest.mark.parametrize("status", ["Closed", "Closed Referred"])
def test_a_closed_case_is_not_opened_again(read: Read, status: str) -> None:
    assert isinstance(only_row(read([{"CaseId": "A", "cas_Status": "Active"}])), row.Row)
    fault = only_refusal(read([{"CaseId": "A", "cas_Status": status}]))
    assert (fault.line, fault.column) == (2, "cas_Status")
    assert "the case is closed" in fault.reason


@BOTH
def test_who_is_no_victim_is_asked_of_no_agency(read: Read) -> None:
    nobody = CHILD | {"PersonId": "2", "vic_TraffickingStatus": "Not a victim of trafficking"}
    fault = only_refusal(read([nobody]))
    assert (fault.column, "nobody in it is a victim" in fault.reason) == ("vic_TraffickingStatus", True)
    taken = only_row(read([ADULT | {"PersonId": "1"}, nobody]))
    assert dict(taken.facts) == {"age": "adult", "nationality": "us_citizen"}
    assert any("said to be no victims" in warning for warning in taken.warnings)


@BOTH
@pytest.mark.parametrize("born", ["1899-12-31", "1900-01-01", "0001-01-01"])
def test_a_spreadsheets_empty_date_is_nobodys_birth_date(read: Read, born: str) -> None:
    assert only_row(read([ADULT | {"prs_Birthdate": "1926-01-01"}])).facts["age"] == "adult"
    fault = only_refusal(read([ADULT | {"prs_Birthdate": born}]))
    assert (fault.line, fault.column) == (2, "prs_Birthdate")


def test_who_was_a_child_on_the_day_it_happened_is_taken_as_one() -> None:
    born = {"CaseId": "A", "prs_Birthdate": "2005-01-01"}
    assert only_row(as_csv([born])).facts["age"] == "adult"
    taken = only_row(as_csv([born | {"hte_Date": "2020-01-01"}]))
    assert (taken.facts["age"], country.installed().note_child_at_event in taken.notes) == ("under_18", True)


@pytest.mark.parametrize(
    ("other", "cases", "told"),
    [
        ("T9\u200b", 1, ()),
        ("T9 ", 1, ()),
        ("t9", 2, ("The CaseIds T9, t9 look alike; each was read as a case of its own.",)),
        ("Ｔ９", 2, ("The CaseIds T9, Ｔ９ look alike; each was read as a case of its own.",)),
    ],
)
def test_ids_that_look_alike_are_one_or_told(other: str, cases: int, told: tuple[str, ...]) -> None:
    items = as_csv([ADULT | {"CaseId": "T9"}, CHILD | {"CaseId": other}])
    rows = [item for item in items if isinstance(item, row.Row)]
    assert (len(rows), len(items)) == (cases, cases)
    assert {warning for taken in rows for warning in taken.warnings if "alike" in warning} == set(told)


@pytest.mark.parametrize(
    "value",
    [
        "Forced labour; Sexual exploitation",
        "Forced labour, Sexual exploitation",
        "ForcedLabour SexualExploitation",
        "Forced labour\nSexual exploitation;",
        " forced\xa0LABOR\u200b | sexual  exploitation ",
    ],
)
def test_several_choices_are_read_however_they_are_set_apart(value: str) -> None:
    taken = only_row(as_csv([{"CaseId": "A", "vic_TypeOfExploitation": value}]))
    assert dict(taken.facts) == {"labor": "yes", "commercial_sex": "yes"}


@pytest.mark.parametrize("value", ["ForcedLabour Nonsense", "Forced labour, Nonsense"])
def test_one_wrong_choice_among_several_is_refused(value: str) -> None:
    assert only_refusal(as_csv([{"CaseId": "A", "vic_TypeOfExploitation": value}])).value == value


@pytest.mark.parametrize("value", ["1990-5-1", "1990-05-01 00:00:00", "1990-05-01T00:00:00"])
def test_a_date_that_can_be_read_only_one_way_is_read(value: str) -> None:
    assert only_row(as_csv([ADULT | {"prs_Birthdate": value}])).people[0]["prs_Birthdate"] == "1990-05-01"


@pytest.mark.parametrize("value", ["5/1/1990", "01.05.1990", "1990", "32994", "1990-05-01 13:30:00"])
def test_a_date_that_could_be_another_is_refused(value: str) -> None:
    assert only_refusal(as_csv([ADULT | {"prs_Birthdate": value}])).column == "prs_Birthdate"


CSV = csv_bytes([ADULT, CHILD | {"CaseId": "B"}])


@pytest.mark.parametrize(
    "data",
    [
        CSV.replace(b",", b";"),
        CSV.decode().replace(",", "\t").encode("utf-16"),
        CSV.decode().encode("utf-16"),
        CSV.replace(b"\r\n", b"\r"),
        b"Case list 2026\r\n,,,\r\n" + CSV,
        CSV.replace(b"prs_FirstName", "\u200bPRS_firstname\xa0".encode()),
    ],
    ids=["semicolons", "UTF-16 tabs", "UTF-16", "CR", "a title above", "invisible"],
)
def test_how_a_program_saves_a_csv_changes_nothing_of_what_it_says(data: bytes) -> None:
    assert [item.said for item in from_csv(data) if isinstance(item, row.Row)] == [
        item.said for item in from_csv(CSV) if isinstance(item, row.Row)
    ]
    assert len(from_csv(data)) == 2


def test_a_title_above_the_headings_of_a_sheet_is_told() -> None:
    lines = [["Case list"], ["Case", "Person"], ["CaseId", "prs_FirstName"], ["A", "Ana"]]
    taken = only_row(from_workbook(workbook({"Cases": [*lines]})))
    assert taken.warnings == (htcds.ABOVE,)


def test_a_number_that_a_spreadsheet_has_changed_is_refused() -> None:
    def with_number(number: object) -> list[Item]:
        return from_workbook(workbook({"Person": [["CaseId", "prs_IdentityNumber"], ["A", number]]}))

    assert only_row(with_number("123456789012345678")).person["prs_IdentityNumber"] == "123456789012345678"
    fault = only_refusal(with_number(123456789012345678))
    assert (fault.line, fault.column) == (2, "prs_IdentityNumber")
    assert "more than 15 digits" in fault.reason


def test_hidden_lines_and_columns_are_read_and_told() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook({"Person": [["CaseId", "prs_FirstName"], ["A", "Ana"]]})))
    assert only_row(from_workbook(saved(book))).warnings == ()
    book["Person"].row_dimensions[2].hidden = True
    book["Person"].column_dimensions["B"].hidden = True
    taken = only_row(from_workbook(saved(book)))
    assert taken.person["prs_FirstName"] == "Ana"
    assert taken.warnings == (
        "Sheet 'Person' hides columns; they were read like all others.",
        "Sheet 'Person' hides lines; they were read like all others.",
    )


@pytest.mark.parametrize("names", [lambda at: f"a{at}", lambda _: "same", lambda _: ""], ids=["each", "same", "empty"])
def test_a_table_of_a_million_columns_is_refused_at_once_in_the_words_of_the_workbook(
    names: Callable[[int], str],
) -> None:
    wide = ["CaseId", "prs_FirstName", *(names(at) for at in range(1_000_000))]
    begun = time.monotonic()
    (refused,) = from_csv(",".join(wide).encode() + b"\n1,Ana\n")
    assert time.monotonic() - begun < 30
    (of_workbook,) = from_workbook(workbook({"All": [wide[:1_001], ["1", "Ana"]]}))
    assert isinstance(refused, row.Refusal)
    assert isinstance(of_workbook, row.Refusal)
    assert (refused.line, refused.column, refused.reason) == (1, "", "has more than 1000 columns")
    assert of_workbook.reason == refused.reason


def test_a_table_of_a_thousand_columns_is_read() -> None:
    names = ["CaseId", "prs_FirstName", *(f"own{at}" for at in range(998))]
    (taken,) = from_csv((",".join(names) + "\n" + ",".join(["1", "Ana", *["x"] * 998])).encode())
    assert isinstance(taken, row.Row)
