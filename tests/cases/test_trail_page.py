"""The inspector's page of the trail: narrowed by day, person, kind and case; in pages; small with many events."""

from __future__ import annotations

import datetime
import re
import uuid
import zoneinfo

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.audit import record
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import trail
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def write(verb: str, *, by: viewers.Viewer, at: datetime.datetime, case_id: uuid.UUID | None = None) -> None:
    with row_security.system():
        record.record(record.Deed(verb, by.agency_id, by.agency_id, by.user_id, case_id), at=at)


def inspector(code: str = "HOTLINE") -> viewers.Viewer:
    return stories.person(code, viewers.Role.INSPECTOR)


def rows(page: bytes) -> list[str]:
    """What the table of events says was done, row by row."""
    table = page.decode().partition('id="events"')[2]
    return [" ".join(each.split()) for each in re.findall(r'data-label="What"[^>]*>(.*?)</td>', table, re.DOTALL)]


def test_a_day_is_one_of_the_readers_zone(client: Client) -> None:
    viewer = inspector()
    new_york = zoneinfo.ZoneInfo("America/New_York")  # on this day the clocks go forward: it has 23 hours
    midnight = datetime.datetime(2026, 3, 8, tzinfo=new_york).astimezone(datetime.UTC)
    for at, verb in (
        (midnight - HOUR / 60, "person.disabled"),
        (midnight, "person.enabled"),
        (midnight + 22.5 * HOUR, "person.invited"),
        (midnight + 23 * HOUR, "person.joined"),
    ):
        write(verb, by=viewer, at=at)
    signing_in.sign_in(client, viewer)
    agencies.choose_language("", "America/New_York", by=viewer)
    answer = client.get("/trail", {"from_on": "2026-03-08", "to_on": "2026-03-08"})
    assert rows(answer.content) == ["invited somebody to the agency", "reactivated somebody at the agency"]
    assert b"A day in your time zone, America/New_York." in answer.content
    assert b"2 events match." in answer.content
    agencies.choose_language("", "Asia/Tokyo", by=viewer)
    answer = client.get("/trail", {"from_on": "2026-03-08", "to_on": "2026-03-08"})
    assert rows(answer.content) == [
        "reactivated somebody at the agency",
        "deactivated somebody at the agency",
    ]


def test_person_kind_and_case_narrow_it_together(client: Client) -> None:
    case, other = stories.case(), stories.case()
    viewer, looker, writer = inspector(), stories.person("HOTLINE"), stories.person("HOTLINE")
    now = timezone.now()
    with row_security.looking(looker):
        record.looked("case.read", case.id, by=looker, at=now, case_id=case.id)
        record.looked("case.read", other.id, by=looker, at=now, case_id=other.id)
    write("note.added", by=writer, at=now, case_id=case.id)
    signing_in.sign_in(client, viewer)

    def found(**asked: str) -> list[str]:
        answer = client.get("/trail", asked)
        assert answer.status_code == 200
        return rows(answer.content)

    assert found(person=str(looker.user_id)) == ["viewed the case"] * 2
    assert found(person=str(looker.user_id), case=case.reference) == ["viewed the case"]
    assert found(person=str(looker.user_id), kind="write") == []
    assert found(person=str(looker.user_id), kind="read", case=other.reference.lower()) == ["viewed the case"]
    assert found(person=str(writer.user_id), kind="note.added") == ["wrote a note"]
    assert found(kind="case.read", case=other.reference) == ["viewed the case"]


def test_what_was_sent_is_carried_into_the_address_as_ids_alone(client: Client) -> None:
    case, viewer = stories.case(), inspector()
    signing_in.sign_in(client, viewer)
    typed = case.reference.lower().replace("-", " ")
    sent = {"from_on": "2026-11-01", "to_on": "", "person": str(viewer.user_id), "kind": "read", "case": typed}
    answer = client.post("/trail", sent)
    assert answer.status_code == 302
    assert answer["Location"] == (f"/trail?from_on=2026-11-01&person={viewer.user_id}&kind=read&case={case.reference}")
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"from_on": "yesterday"}, "Enter a day between January 1, 2000"),
        ({"to_on": "9999-12-31"}, "Enter a day between January 1, 2000"),
        ({"from_on": "0001-01-01"}, "Enter a day between January 1, 2000"),
        ({"from_on": "2026-11-02", "to_on": "2026-11-01"}, "This day is before the first one."),
        ({"person": "hope"}, "Choose someone in your agency."),
        ({"kind": "everything"}, "The trail has no such kind of event."),
        ({"case": "AAAA"}, "is not a reference"),
        ({"case": "x" * 50}, "at most 40 characters"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_bad_input_is_explained_at_its_field_and_shows_no_events(sent: dict[str, str], words: str, method: str) -> None:
    client = signing_in.sign_in(Client(), inspector())
    answer = getattr(client, method)("/trail", sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    (field,) = sent if len(sent) == 1 else ("to_on",)
    assert words in page
    assert re.search(rf'href="#{field}"', page)
    assert rows(answer.content) == []


def test_somebody_of_another_agency_cannot_be_asked_about() -> None:
    theirs = stories.person("HSI")
    client = signing_in.sign_in(Client(), inspector())
    assert client.get("/trail", {"person": str(theirs.user_id)}).status_code == 422
    own = signing_in.sign_in(Client(), inspector("HSI"))
    assert own.get("/trail", {"person": str(theirs.user_id)}).status_code == 200


@pytest.mark.parametrize(
    "role", [role for role in viewers.Role if role not in (viewers.Role.INSPECTOR, viewers.Role.MACHINE)]
)
def test_nobody_but_an_inspector_asks_the_trail(role: viewers.Role) -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE", role))
    assert client.get("/trail", {"kind": "read"}).status_code == 404
    assert client.post("/trail", {"kind": "read"}).status_code == 404


def test_the_look_itself_is_on_the_trail(client: Client) -> None:
    viewer = inspector()
    signing_in.sign_in(client, viewer)
    client.get("/trail", {"kind": "write"})
    since = Event.objects.filter(by_id=viewer.user_id).exclude(verb="session.began")
    events = list(since.values_list("verb", "kind", "authority"))
    assert events == [("trail.read", "read", "office")]


def test_pages_turn_to_older_and_newer_without_losing_an_event() -> None:
    viewer = inspector()
    same = timezone.now()
    for number in range(trail.PAGE * 2 + 5):
        write("note.added", by=viewer, at=same - datetime.timedelta(seconds=number // 3))  # several at one instant
    asked = trail.Asked(kind="note.added")
    with row_security.looking(viewer):
        everything = [event.id for event in Event.objects.filter(verb="note.added").order_by("-at", "-id")]
        pages = [trail.page(viewer, asked)]
        while pages[-1].older:
            pages.append(trail.page(viewer, asked, trail.read_cursor(pages[-1].older, is_newer=False)))
        back = [pages[-1]]
        while back[-1].newer:
            back.append(trail.page(viewer, asked, trail.read_cursor(back[-1].newer, is_newer=True)))
    assert [len(page.events) for page in pages] == [trail.PAGE, trail.PAGE, 5]
    assert sum(len(page.events) for page in pages) == len(everything) == pages[0].count
    assert [page.events for page in reversed(back)] == [page.events for page in pages]
    assert pages[0].newer == ""


@pytest.mark.parametrize("wrong", ["x", "1", "1-", "-1-1", "9" * 30 + "-1", "1-" + "9" * 40])
def test_a_place_that_is_none_leads_to_the_first_page(wrong: str) -> None:
    client = signing_in.sign_in(Client(), inspector())
    answer = client.get("/trail", {"kind": "read", "before": wrong})
    assert (answer.status_code, answer["Location"]) == (302, "/trail?kind=read")
