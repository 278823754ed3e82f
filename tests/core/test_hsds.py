"""HSDS in and out: any rows come back as they were, and each that cannot is refused with its place and its cause."""

from __future__ import annotations

import json
import pathlib
import tempfile
import uuid
import zipfile
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core import formulas
from nowrongdoor.core.services import hsds, package
from nowrongdoor.core.services.hsds import Field, Kind, Table, Value
from nowrongdoor.core.services.package import Given, Noted, Refused, Rows

HOPE, BEDS = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
ORGANIZATION = {"id": HOPE, "name": "Hope", "description": "Houses people."}
SERVICE = {"id": BEDS, "name": "Beds", "status": "active", "organization_id": HOPE}
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from('\n",;'), min_size=1, max_size=12)


def read(path: pathlib.Path) -> tuple[Rows, Sequence[Refused | Noted]]:
    return package.gathered(package.checked(package.read(path), knows=lambda table, row_id: False))


def folder(path: pathlib.Path, tables: Mapping[str, str]) -> pathlib.Path:
    for name, text in tables.items():
        (path / name).write_bytes(text.encode())
    return path


def test_each_table_comes_after_those_that_its_rows_name() -> None:
    known = hsds.tables()
    assert set(package.ORDER) == set(known)
    assert len(package.ORDER) == len(known) == 24
    for number, name in enumerate(package.ORDER):
        for field in known[name].links.values():
            assert field.to in package.ORDER[: number + 1], (name, field.name)


def test_what_stands_in_nested_json_are_fields_of_the_standard() -> None:
    known = hsds.tables()
    for outer, inside in package.INSIDE.items():
        for table, field in inside.values():
            assert known[table].fields[field].to == outer
    for outer, named in package.NAMED.items():
        for table, field in named.values():
            assert known[outer].fields[field].to == table
    for table, field, says in package.ANYWHERE.values():
        assert known[table].fields[field].kind is Kind.ID
        assert known[table].fields[says].kind is Kind.TEXT


def values(field: Field) -> st.SearchStrategy[Value]:
    if field.values:
        return st.sampled_from(field.values)
    numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6, allow_nan=False).map(lambda one: round(one, 4))
    return {
        Kind.ID: st.uuids().map(str),
        Kind.TEXT: TEXT,
        Kind.NUMBER: numbers.map(lambda one: int(one) if one == int(one) else one),
        Kind.URI: st.sampled_from(["https://example.org/a?b=c", "http://example.org"]),
        Kind.EMAIL: st.just("a@example.org"),
        Kind.DAY: st.dates().map(str),
        Kind.TIME: st.sampled_from(["09:00", "23:59:59", "09:00-05:00", "17:30Z"]),
        Kind.INSTANT: st.just("2026-11-29T09:00:00-05:00"),
    }[field.kind]


@st.composite
def anything(draw: st.DrawFn) -> Rows:
    """Some rows of every table that name each other."""
    rows: dict[str, dict[str, hsds.Row]] = {}
    for name in package.ORDER:
        table = hsds.tables()[name]
        held: dict[str, hsds.Row] = {}
        for _ in range(draw(st.integers(0, 2))):
            row = dict(draw(row_of(table, rows)))
            held[str(row["id"])] = row
        if held:
            rows[name] = held
    return rows


@st.composite
def row_of(draw: st.DrawFn, table: Table, rows: Rows) -> hsds.Row:
    row: dict[str, Value] = {}
    for name, field in table.fields.items():
        if not field.is_required and not draw(st.booleans()):
            continue
        if field.to:
            if known := sorted(rows.get(field.to, {})):
                row[name] = draw(st.sampled_from(known))
        else:
            row[name] = draw(values(field))
    return row


@settings(max_examples=60)
@given(anything(), st.sampled_from(["folder", "zip", "json"]))
def test_any_rows_come_back_as_they_were(rows: Rows, form: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name)
        if form == "json":
            back: dict[str, dict[str, hsds.Row]] = {}
            for file, text in package.documents(rows):
                (path / file).write_text(text)
                for item in package.read(path / file):
                    assert isinstance(item, Given), item
                    held = back.setdefault(item.table, {})
                    held[str(item.row["id"])] = {**held.get(str(item.row["id"]), {}), **item.row}
            assert back == rows
            return
        folder(path, dict(package.tabular(rows)))
        if form == "zip" and rows:
            with zipfile.ZipFile(path / "all.zip", "w") as packed:
                for table in path.glob("*.csv"):
                    packed.write(table, f"inside/{table.name}")
            path = path / "all.zip"
        if not rows:
            with pytest.raises(package.Unusable, match=r"such as services\.csv"):
                read(path)
            return
        assert read(path) == (rows, [])


def test_no_cell_of_a_package_is_worked_out_by_a_spreadsheet() -> None:
    row: hsds.Row = {"id": "0b4c2f5e-3e0f-4a57-8f3e-5e2d1c0b9a87", "name": "Help; =1+1", "description": "@here"}
    [(name, text)] = package.tabular({"organizations": {str(row["id"]): row}})
    assert formulas.find(text) is None
    with tempfile.TemporaryDirectory() as place:
        assert read(folder(pathlib.Path(place), {name: text})) == ({"organizations": {str(row["id"]): row}}, [])


@settings(max_examples=60)
@given(anything(), st.data())
def test_each_row_is_taken_once_or_refused_once_whatever_is_wrong_with_it(rows: Rows, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        files = dict(package.tabular(rows))
        if not files:
            return
        file = data.draw(st.sampled_from(sorted(files)))
        table = file.removesuffix(".csv")
        broken = {row_id: dict(row) for row_id, row in rows[table].items()}
        row_id = data.draw(st.sampled_from(sorted(broken)))
        broken[row_id][data.draw(st.sampled_from(sorted(broken[row_id])))] = "\x07"
        files[file] = dict(package.tabular({table: broken}))[file]
        taken, others = read(folder(pathlib.Path(name), files))
        refused = [each for each in others if isinstance(each, Refused)]
        assert sum(map(len, taken.values())) + len(refused) == sum(map(len, rows.values()))
        assert row_id not in taken.get(table, {})
        assert any(each.place.startswith(file) for each in refused)


@pytest.mark.parametrize(
    ("field", "given", "why"),
    [
        ("id", "1", "id: write a UUID."),
        ("id", "", "id is missing."),
        ("name", "", "name is missing."),
        ("name", "a\x00b", "a character that nobody can see"),
        ("name", "x" * 20_001, "at most 20,000 characters"),
        ("status", "open", "status: write one of active, inactive, defunct, temporarily closed."),
        ("minimum_age", "eighteen", "minimum_age: write a number."),
        ("minimum_age", "NaN", "minimum_age: write a number."),
        ("email", "nobody", "email: write an e-mail address."),
        ("url", "javascript:alert(1)", "begins with https://"),
        ("url", "https://[", "begins with https://"),
        ("assured_date", "29.11.2026", "write a date as 2026-11-29"),
        ("last_modified", "2026-11-29T09:00:00", "write a time with its zone"),
    ],
)
def test_what_is_no_value_of_its_field_is_refused_with_its_place(
    tmp_path: pathlib.Path, field: str, given: str, why: str
) -> None:
    row = {**SERVICE, field: given}
    names = sorted(row)
    cells = ",".join(f'"{row[name]}"' for name in names)
    path = folder(
        tmp_path,
        {
            "organizations.csv": f"id,name,description\n{HOPE},Hope,Houses people.\n",
            "services.csv": f"{','.join(names)}\n{cells}\n",
        },
    )
    taken, refused = read(path)
    assert list(taken) == ["organizations"]
    (only,) = refused
    assert only.place == "services.csv, line 2"
    assert why in only.cause


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        ("id,name,color\n", "line 1", "no such column here, so it isn’t kept: color"),
        ("id,name,name\n", "line 1", "This column is here twice: name."),
        ("name,description\n", "line 1", "one of them is id"),
        ("", "line 1", "one of them is id"),
        (f"id,name,description\n{HOPE},Hope\n", "line 2", "2 cells, and the first line has 3"),
        (f'id,name,description\n{HOPE},"Ho\npe",x\n{HOPE},"open', "line 4", "A quotation mark may be open"),
        (f"id,name,description\n{HOPE},Hope,a\n{HOPE},Hope,b\n", "line 3", "used before, with other values"),
    ],
)
def test_a_file_that_is_no_table_says_where_and_why(tmp_path: pathlib.Path, text: str, place: str, why: str) -> None:
    _taken, refused = read(folder(tmp_path, {"organizations.csv": text}))
    (only,) = refused
    assert only.place == f"organizations.csv, {place}"
    assert why in only.cause


def test_bytes_that_are_no_utf_8_say_on_which_line(tmp_path: pathlib.Path) -> None:
    (tmp_path / "organizations.csv").write_bytes(b"id,name,description\n1,Caf\xe9,x\n")
    _taken, refused = read(tmp_path)
    assert refused == [
        Refused("organizations.csv, line 2", "This isn’t UTF-8, so none of this file is taken. Save it as CSV UTF-8.")
    ]


def test_a_table_that_the_standard_does_not_have_is_named(tmp_path: pathlib.Path) -> None:
    path = folder(tmp_path, {"organizations.csv": "id,name,description\n", "beds.csv": "id\n"})
    _taken, refused = read(path)
    assert [each.place for each in refused] == ["beds.csv"]


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"{", "neither a zip of tables nor JSON"), (b"[" * 100_000, "neither a zip"), (b"PK\x03\x04", "neither a zip")],
)
def test_a_file_that_is_neither_is_refused_whole(tmp_path: pathlib.Path, content: bytes, why: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(package.Unusable, match=why):
        read(path)
    with pytest.raises(package.Unusable, match="no such file or folder"):
        read(tmp_path / "y")


@pytest.mark.parametrize(
    ("document", "places"),
    [
        ({**ORGANIZATION, "phones": "555"}, ["x.json.phones"]),
        ({**ORGANIZATION, "phones": ["555"]}, ["x.json.phones[0]"]),
        ({**ORGANIZATION, "services": [{**SERVICE, "organization_id": BEDS}]}, ["x.json.services[0]"]),
        ({**SERVICE, "status": "open", "phones": [{}, {}]}, ["x.json", "x.json.phones[0]", "x.json.phones[1]"]),
        ({**SERVICE, "organization": {"id": HOPE}}, ["x.json.organization", "x.json"]),
        ([ORGANIZATION, 3], ["x.json [1]"]),
        ({"contents": [{"id": HOPE}]}, ["x.json [0]"]),
        (
            {"services.csv": [SERVICE, 1], "beds.csv": []},
            ["x.json services.csv[1]", "x.json beds.csv", "x.json services.csv[0]"],
        ),
        ({**ORGANIZATION, "color": "red"}, ["x.json"]),
        ({**ORGANIZATION, "name": True}, ["x.json"]),
    ],
)
def test_json_says_where_it_is_wrong(tmp_path: pathlib.Path, document: object, places: list[str]) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(document))
    _taken, refused = read(path)
    assert [each.place for each in refused] == places


def test_a_row_that_stands_in_none_that_is_there_is_refused(tmp_path: pathlib.Path) -> None:
    path = folder(tmp_path, {"schedules.csv": f"id,service_id\n{HOPE},{BEDS}\n"})
    taken, refused = read(path)
    assert taken == {}
    assert refused == [Refused("schedules.csv, line 2", "service_id: no such row is here or was taken before.")]


def test_what_a_row_names_beside_what_it_stands_in_may_be_nowhere_and_is_noted(tmp_path: pathlib.Path) -> None:
    gone = str(uuid.UUID(int=9))
    path = folder(
        tmp_path,
        {
            "organizations.csv": f"id,name,description,parent_organization_id\n{HOPE},Hope,x,{gone}\n",
            "services.csv": f"id,name,status,organization_id,program_id\n{BEDS},Beds,active,{HOPE},{gone}\n",
            "schedules.csv": f"id,service_id,location_id\n{uuid.UUID(int=4)},{BEDS},{gone}\n",
        },
    )
    taken, noted = read(path)
    assert {name: len(held) for name, held in taken.items()} == {"organizations": 1, "services": 1, "schedules": 1}
    why = "no such row is here or was taken before."
    assert noted == [
        Noted("organizations.csv, line 2", f"parent_organization_id: {why}"),
        Noted("services.csv, line 2", f"program_id: {why}"),
        Noted("schedules.csv, line 2", f"location_id: {why}"),
    ]
    (document,) = json.loads(dict(package.documents(taken))["organizations.json"])
    assert [each["location_id"] for each in document["services"][0]["schedules"]] == [gone]


def test_a_row_that_stands_in_two_others_is_one(tmp_path: pathlib.Path) -> None:
    phone = {"id": str(uuid.UUID(int=3)), "number": "+1 555 010 0100"}
    path = tmp_path / "x.json"
    path.write_text(json.dumps({**ORGANIZATION, "phones": [phone], "services": [{**SERVICE, "phones": [phone]}]}))
    taken, refused = read(path)
    assert refused == []
    assert taken["phones"] == {phone["id"]: {**phone, "organization_id": HOPE, "service_id": BEDS}}
    path.write_text(
        json.dumps({**ORGANIZATION, "phones": [phone, {**phone, "number": "+1 555 010 0101"}], "services": []})
    )
    taken, refused = read(path)
    assert [each.place for each in refused] == ["x.json.phones[1]"]
    assert taken["phones"][phone["id"]]["number"] == phone["number"]
