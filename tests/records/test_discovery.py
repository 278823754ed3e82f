"""Collecting for discovery: whatever the viewer can open, with digests; what is there and left out, with the reason."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import TypedDict

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import files, noting, people
from nowrongdoor.cases.models import Case, Note
from nowrongdoor.leads import changing, reopening
from nowrongdoor.records import discovery
from nowrongdoor.releases import messaging
from tests import claims, signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
SAID, BEFORE, THEIRS = (
    "She said that he kept her papers.",
    "She said that he kept her card.",
    "canary-of-another-agency",
)


@pytest.fixture
def case() -> Case:
    """A case that the hotline received, in which HSI takes part, and each wrote for itself."""
    case = stories.case(at=stories.NOON)
    stories.told(case, "HSI")
    hotline, hsi = stories.person("HOTLINE"), stories.person("HSI")
    note = cases.add_note(case.id, text=BEFORE, audience=Note.Audience.AGENCY, by=hotline, at=stories.NOON)
    noting.correct(note.id, text=SAID, because="It was the passport.", seen=0, by=hotline, at=timezone.now())
    cases.add_note(case.id, text=THEIRS, audience=Note.Audience.AGENCY, by=hsi, at=stories.NOON)
    stories.attach(case.id, b"a receipt", label="Receipt", by=hotline)
    gone = stories.attach(case.id, b"the wrong one", label="Wrong", by=hotline)
    files.withdraw(case.id, gone.id, because="Another person's.", by=hotline, at=timezone.now())
    people.add(case.id, {"name": "Ana (fictional)"}, by=hotline, at=stories.NOON)
    people.add(case.id, {"name": "Bea (fictional)"}, by=hotline, at=stories.NOON)
    people.add(case.id, {"name": THEIRS}, by=hsi, at=stories.NOON)
    return case


class Line(TypedDict):
    """A record of the download, listed or left out; `why` and `why_words` of what is left out."""

    record: str
    name: str
    agency: str
    sha256: str
    why: str


class Asked(TypedDict):
    """What the download holds."""

    records: list[Line]
    left_out: list[Line]
    sha256: str


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def asked(client: Client, viewer: viewers.Viewer, case: Case, query: str = "") -> Asked:
    signing_in.sign_in(client, viewer)
    answer = client.get(f"/cases/{case.reference}/discovery.json{query}")
    assert answer.status_code == 200
    found: Asked = json.loads(answer.content)
    return found


def test_what_the_viewer_can_open_is_listed_with_a_digest_that_anybody_can_check(client: Client, case: Case) -> None:
    told = asked(client, stories.person("HOTLINE"), case)
    records = told["records"]
    digests = {(each["record"], each["sha256"]) for each in records}
    assert ("note", sha(SAID.encode())) in digests
    assert ("file", sha(b"a receipt")) in digests
    assert [each["agency"] for each in records if each["name"].endswith("before correction 1")] == [
        stories.agency("HOTLINE").name
    ]
    assert {"signal", "note", "file", "facts", "person", "handoff", "decision", "assessment", "duty"} <= {
        each["record"] for each in records
    }
    again = json.dumps(records, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert told["sha256"] == sha(again)


def test_what_another_agency_keeps_is_not_in_it_and_its_sealed_person_is_named_as_left_out(
    client: Client, case: Case
) -> None:
    viewer = stories.person("HOTLINE")
    told = asked(client, viewer, case)
    assert sha(THEIRS.encode()) not in json.dumps(told)
    left_out = told["left_out"]
    hsi = stories.agency("HSI").name
    assert [(each["record"], each["why"]) for each in left_out if each["agency"] == hsi] == [("person", "sealed")]
    assert [each["why"] for each in left_out if each["record"] == "file"] == ["withdrawn"]
    page = client.get(f"/cases/{case.reference}/discovery").content.decode()
    assert hsi in page
    assert THEIRS not in page
    theirs = asked(Client(), stories.person("HSI"), case)
    signals = [each["why"] for each in theirs["left_out"] if each["record"] == "signal"]
    assert signals == ["elsewhere"]
    assert sha(SAID.encode()) not in json.dumps(theirs)
    assert sha(THEIRS.encode()) in json.dumps(theirs)


def test_benefits_letters_are_named_as_left_out_for_everybody_whether_there_are_any(client: Client, case: Case) -> None:
    left_out = asked(client, stories.person("HOTLINE"), case)["left_out"]
    letters = [each for each in left_out if each["why"] == "other_roles"]
    assert claims.every(each["name"].endswith(", benefits letters") for each in letters)


def test_for_one_person_the_others_are_left_out_and_said(client: Client, case: Case) -> None:
    viewer = stories.person("HOTLINE")
    whole, one = asked(client, viewer, case), asked(client, viewer, case, "?person=1")
    names = [each["name"] for each in one["records"] if each["record"] == "person"]
    assert claims.every(name.startswith("person 1 of ") for name in names)
    not_asked = [each["name"] for each in one["left_out"] if each["why"] == "not_asked"]
    assert claims.every(name.startswith("person 2 of ") for name in not_asked)
    assert len(whole["records"]) == len(one["records"]) + len(not_asked)
    for wrong in ("3", "x", "-1", "9" * 30):
        assert client.get(f"/cases/{case.reference}/discovery?person={wrong}").status_code == 404


def test_why_a_case_was_closed_and_reopened_is_listed_each_time(client: Client, case: Case) -> None:
    hotline = stories.person("HOTLINE")
    changing.close(case.id, because="She is home.", by=hotline, at=timezone.now())
    reopening.reopen(case.id, because="She called again.", by=hotline, at=timezone.now())
    changing.close(case.id, because="Home again.", by=hotline, at=timezone.now())
    told = [each for each in asked(client, hotline, case)["records"] if each["record"] in ("closing", "reopening")]
    assert [(each["record"], each["sha256"]) for each in told] == [
        ("closing", sha(b"She is home.")),
        ("reopening", sha(b"She called again.")),
        ("closing", sha(b"Home again.")),
    ]


def test_the_digests_are_the_same_in_every_language_and_each_time(client: Client, case: Case) -> None:
    viewer = stories.person("HOTLINE")
    first = asked(client, viewer, case)
    client.post("/language", {"language": "es-us"})
    assert "Registros" in client.get(f"/cases/{case.reference}/discovery").content.decode()
    in_spanish = json.loads(client.get(f"/cases/{case.reference}/discovery.json").content)
    assert str(discovery.Why.SEALED.words) not in [each["why_words"] for each in in_spanish["left_out"]]
    assert in_spanish["sha256"] == first["sha256"]


def test_attorney_work_product_is_named_and_never_listed(client: Client, case: Case) -> None:
    agencies.add_missing([agencies.New(code, code, code, "Justice", "prosecutor") for code in ("USAO_A", "USAO_B")])
    one, other = stories.person("USAO_A"), stories.person("USAO_B")
    for code in ("USAO_A", "USAO_B"):
        stories.told(case, code)
    message = messaging.send(
        case.id, to_agency_id=other.agency_id, text="The theory is.", for_prosecutors=True, by=one, at=timezone.now()
    )
    told = asked(client, other, case)
    assert {"record": "message", "why": "work_product"}.items() <= next(
        each for each in told["left_out"] if each["name"] == str(message.id)
    ).items()
    assert sha(b"The theory is.") not in json.dumps(told)
    assert str(message.id) not in json.dumps(asked(Client(), stories.person("HOTLINE"), case))


def test_each_collection_is_in_the_trail_with_the_digest_of_its_list(client: Client, case: Case) -> None:
    viewer = stories.person("HOTLINE")
    told = asked(client, viewer, case)
    with row_security.system():
        event = Event.objects.filter(verb="discovery.collected").latest("id")
        read = Event.objects.filter(verb="file.read", by_id=viewer.user_id).count()
    assert (event.by_id, event.case_id) == (viewer.user_id, case.id)
    assert event.details["digest"] == told["sha256"]
    assert (event.details["form"], event.details["person"]) == ("json", None)
    assert read == 1  # its content was opened


def test_the_table_for_a_spreadsheet_says_the_same(client: Client, case: Case) -> None:
    told = asked(client, stories.person("HOTLINE"), case)
    answer = client.get(f"/cases/{case.reference}/discovery.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    listed = [row["sha256"] for row in rows if row["listed"] == "yes"]
    assert listed == [each["sha256"] for each in told["records"]]
    assert [row["sha256"] for row in rows if row["listed"] == "list"] == [told["sha256"]]
    assert [row["why"] for row in rows if row["listed"] == "no"] == [each["why"] for each in told["left_out"]]


def test_whoever_cannot_open_the_case_or_collects_nothing_finds_no_page(client: Client, case: Case) -> None:
    outsider = signing_in.sign_in(client, stories.person("EEOC"))
    assert outsider.get(f"/cases/{case.reference}/discovery").status_code == 404
    advocate = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADVOCATE))
    assert advocate.get(f"/cases/{case.reference}/discovery").status_code == 404
    assert "discovery" not in advocate.get(f"/cases/{case.reference}").content.decode()
    coordinator = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    assert f"/cases/{case.reference}/discovery" in coordinator.get(f"/cases/{case.reference}").content.decode()


def test_every_sort_and_every_reason_has_words() -> None:
    assert claims.every(str(each.words) for each in (*discovery.Sort, *discovery.Why))
