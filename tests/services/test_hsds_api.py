"""The directory for other programs: every list and row by the standard's names, nothing that is for staff, by address
no more than its share, and what is searched for in no address."""

from __future__ import annotations

import json
import pathlib
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nowrongdoor.access import limits, row_security, viewers
from nowrongdoor.core.services import package
from nowrongdoor.services import importing, models, public
from nowrongdoor.services.models import DirectoryRow
from nowrongdoor.site import demonstration_services
from tests import signing_in
from tests.services.test_directory import chief, filled

__all__ = ["chief", "filled"]
NOBODY = uuid.UUID(int=7)


@pytest.fixture(autouse=True)
def plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of this comes from one address."""
    monkeypatch.setitem(limits.BURSTS, limits.Budget.DIRECTORY, 1_000_000)


def get(address: str, client: Client | None = None, status: int = 200) -> dict[str, Any]:
    answer = (client or Client()).get(f"/hsds/{address}")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    content: dict[str, Any] = json.loads(answer.content)
    return content


def post(address: str, content: object, status: int = 200) -> dict[str, Any]:
    answer = Client().post(f"/hsds/{address}", json.dumps(content), content_type="application/json")
    assert answer.status_code == status
    held: dict[str, Any] = json.loads(answer.content)
    return held


def every(name: str, size: int = 2) -> Iterator[dict[str, Any]]:
    """Go through all pages of a list."""
    number = 1
    while True:
        page = get(f"{name}?page={number}&per_page={size}")
        assert page["size"] == len(page["contents"]) <= size
        yield from page["contents"]
        if page["last_page"]:
            return
        number += 1


def shown() -> package.Rows:
    """Return all rows that are not for staff alone."""
    rows: dict[str, dict[str, Any]] = {}
    public_rows = DirectoryRow.objects.filter(is_for_staff=False)
    for table, listed, content in public_rows.values_list("table", "listed", "content"):
        rows.setdefault(table, {})[str(listed)] = content
    return rows


@pytest.mark.parametrize("name", public.TABLES)
def test_every_row_is_on_one_page_and_whole_at_its_own_address(filled: viewers.Viewer, name: str) -> None:
    rows = shown()
    held = list(every(name))
    assert held == [rows.get(public.TABLES[name], {})[key] for key in sorted(rows.get(public.TABLES[name], {}))]
    assert (len(held) > 1) is (name not in ("taxonomies", "service_at_locations"))
    whole = package.Nesting(rows)
    for row in held:
        assert get(f"{name}/{row['id']}") == json.loads(json.dumps(whole.document(public.TABLES[name], row["id"])))


def test_any_page_of_a_whole_list_takes_as_many_queries_and_counts_few_rows(
    chief: viewers.Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "HUNDRED", 2)
    demonstration_services.fill(by=chief, at=timezone.now())
    rows = [shown()["services"][key] for key in sorted(shown()["services"])]
    assert len(rows) > 2 * models.HUNDRED
    for size in (1, 2, 3, 100):
        for start in range(0, len(rows) + 2, size):
            with CaptureQueriesContext(connection) as queries:
                page = public.page(public.Asked("services", page=start // size + 1, size=size))
            assert (page["contents"], page["total_items"]) == (rows[start : start + size], len(rows))
            assert len(queries) == 3
            assert not [each for each in queries if "COUNT" in each["sql"] and '"hundred" = ' not in each["sql"]]


def test_where_each_hundred_begins_follows_what_is_taken_in_and_what_is_hidden(
    filled: viewers.Viewer, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begins() -> list[tuple[uuid.UUID, int]]:
        held = DirectoryRow.objects.filter(table="organizations", hundred__isnull=False).order_by("hundred")
        return [(each.listed, each.hundred) for each in held if each.hundred is not None]

    def taken(*numbers: int) -> list[tuple[uuid.UUID, int]]:
        ids = [str(uuid.UUID(int=number)) for number in numbers]
        path = tmp_path / "organizations.json"
        path.write_text(json.dumps([{"id": each, "name": "Another", "description": "Another."} for each in ids]))
        importing.take(path, at=timezone.now())
        return begins()

    monkeypatch.setattr(models, "HUNDRED", 2)
    ids = sorted(uuid.UUID(key) for key in shown()["organizations"])
    assert begins() == [(ids[0], 0)]
    ids = [uuid.UUID(int=7), *ids]
    assert taken(7) == [(each, number) for number, each in enumerate(ids[::2])]
    with row_security.system():
        before = list(DirectoryRow.objects.order_by("id").values())
    assert taken(7) == [(each, number) for number, each in enumerate(ids[::2])]
    with row_security.system():
        assert list(DirectoryRow.objects.order_by("id").values()) == before
        DirectoryRow.objects.filter(listed=ids[0]).delete()
    ids = [uuid.UUID(int=8), uuid.UUID(int=9), *ids[1:]]
    assert taken(8, 9) == [(each, number) for number, each in enumerate(ids[::2])]


def test_nothing_for_staff_alone_is_in_any_answer_whoever_asks(filled: viewers.Viewer) -> None:
    with row_security.system():
        everything = importing.kept()
        hidden = {str(each) for each in DirectoryRow.objects.filter(is_for_staff=True).values_list("listed", flat=True)}
    assert len(hidden) > 1
    staff = signing_in.sign_in(Client(), filled)
    for client in (Client(), staff):
        for name, table in public.TABLES.items():
            for key in everything.get(table, {}):
                answer = client.get(f"/hsds/{name}/{key}")
                assert not [each for each in hidden if each in answer.content.decode()]
    with row_security.system():
        assert not [each for each in hidden if each in json.dumps(public.page(public.Asked("services", size=100)))]


def test_what_is_searched_for_is_sent_and_never_in_an_address(filled: viewers.Viewer) -> None:
    names = [each["name"] for each in post("services", {"search": "stays LANTERN"})["contents"]]
    assert names == ["Lantern House: somebody who stays with you"]
    assert post("services", {"search": "nowhere at all"}) == {
        **{"total_items": 0, "total_pages": 0, "page_number": 1, "size": 0},
        **{"first_page": True, "last_page": True, "empty": True, "contents": []},
    }
    assert post("services", {"search": "100% _"})["total_items"] == 0  # no pattern of anything
    assert "POST" in get("services?search=lantern", status=400)["problems"][0]


def test_a_list_is_narrowed_by_what_its_rows_name(filled: viewers.Viewer) -> None:
    organization = next(each for each in every("organizations") if each["name"].startswith("Lantern"))
    of_it = get(f"services?organization_id={organization['id']}")["contents"]
    assert {each["organization_id"] for each in of_it} == {organization["id"]}
    assert len(of_it) == 2


def test_what_is_where_is_narrowed_by_the_service_and_by_the_place(committed_db: None, tmp_path: pathlib.Path) -> None:
    def link(place: int) -> dict[str, object]:
        return {"id": str(uuid.uuid4()), "location": {"id": str(uuid.UUID(int=place)), "location_type": "physical"}}

    content = [
        {"id": str(uuid.UUID(int=number)), "name": "One", "status": "active", "service_at_locations": links}
        for number, links in ((1, [link(11), link(12)]), (2, [link(12)]))
    ]
    (tmp_path / "services.json").write_text(json.dumps(content))
    assert importing.take(tmp_path / "services.json", at=timezone.now()).refused == []
    links = list(every("service_at_locations"))
    assert len(links) == 3
    for each in links:
        for narrowed in ("service_id", "location_id"):
            found = get(f"service_at_locations?{narrowed}={each[narrowed]}")["contents"]
            assert found == [one for one in links if one[narrowed] == each[narrowed]]
            assert get(f"service_at_locations?{narrowed}={NOBODY}")["total_items"] == 0
        assert each["id"] in json.dumps(get(f"services/{each['service_id']}"))


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("services?page=0", "page is a number from 1 to 100000"),
        ("services?page=x", "page is a number"),
        ("services?per_page=101", "per_page is a number from 1 to 100"),
        ("services?proximity=1", "isn’t narrowed by proximity"),
        ("services?organization_id=1", "organization_id is the id of a row"),
    ],
)
def test_what_cannot_be_read_says_why(committed_db: None, address: str, why: str) -> None:
    assert why in get(address, status=400)["problems"][0]


@pytest.mark.parametrize("sent", ["[]", "{", '{"search": 1}', '{"search": "a b c d e f g"}', '{"search": "\\u0000"}'])
def test_a_search_that_cannot_be_read_is_refused(committed_db: None, sent: str) -> None:
    answer = Client().post("/hsds/services", sent, content_type="application/json")
    assert answer.status_code == 400
    for odd in ('{"search": "\\ud800"}', "[" * 3_000, '{"\\ud800": 1}'):
        assert Client().post("/hsds/services", odd, content_type="application/json").status_code == 400
    assert Client().post("/hsds/services", {"search": "a form"}).status_code == 400
    assert Client().post("/hsds/services", " " * 5000, content_type="application/json").status_code == 400


@pytest.mark.parametrize("address", ["contacts", f"contacts/{NOBODY}", f"services/{NOBODY}"])
def test_what_is_not_there_is_not_found(committed_db: None, address: str) -> None:
    assert "There is no such" in get(address, status=404)["problems"][0]


def test_it_says_what_it_is_and_what_its_codes_mean(committed_db: None) -> None:
    about = get("")
    assert about["version"] == "3.1"
    assert about["profile"].endswith("/hsds/profile")
    codes = {(each["code"], each["value"]): each["words"] for each in get("profile")["codes"]}
    assert codes["kind", "shelter"] == "A safe place to sleep tonight"
    assert codes["takes:age", ""] == "How old are you?"


def test_one_address_reads_no_more_than_its_share(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.BURSTS, limits.Budget.DIRECTORY, 3)
    client = Client(REMOTE_ADDR="198.51.100.7")
    assert [client.get("/hsds/services").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert client.get("/hsds/services")["Retry-After"]
    assert Client(REMOTE_ADDR="198.51.100.8").get("/hsds/services").status_code == 200


def test_a_hidden_service_says_neither_when_nor_where_nor_how_much_room(filled: viewers.Viewer) -> None:
    hidden = list(DirectoryRow.objects.filter(table="services", is_hidden=True))
    assert len(hidden) > 0
    for row in hidden:
        document = get(f"services/{row.listed}")
        assert not {"schedules", "capacities", "contacts", "service_at_locations"} & set(document)
        assert document["name"] == row.content["name"]
