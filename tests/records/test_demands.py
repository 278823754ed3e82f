"""Subpoenas and warrants: who reads the log, what must be settled before a record leaves, and the letter in between."""

from __future__ import annotations

import datetime
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.notifications.models import Notification
from nowrongdoor.records import demands, desks, reminding
from nowrongdoor.records.models import Demand, DemandRecord
from nowrongdoor.vault import keys
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
CANARY = "canary-of-a-subpoena"
DAY = datetime.timedelta(days=1)
HANDLERS = (viewers.Role.COORDINATOR, viewers.Role.ADMINISTRATOR)
OTHERS = [role for role in viewers.Role if role not in (*HANDLERS, viewers.Role.MACHINE)]


def logged(by: viewers.Viewer, **dates: datetime.datetime) -> Demand:
    received = demands.Received(
        kind=Demand.Kind.SUBPOENA,
        received_at=timezone.now(),
        receiver="Pat",
        party="The county court",
        docket="26-cv-118",
        asks=CANARY,
        **dates,
    )
    return demands.log(received, by=by, at=timezone.now())


def settled(
    demand: Demand, by: viewers.Viewer, notice: Demand.Notice | None = Demand.Notice.GIVEN, forbidden_by: str = ""
) -> None:
    now = timezone.now()
    standing = demands.Standing(
        return_at=None,
        motion_at=None,
        counsel_at=now,
        notice=notice,
        notice_at=now if notice else None,
        forbidden_by=forbidden_by,
    )
    demands.change(demand.id, standing, by=by, at=now)


def left(demand: Demand, by: viewers.Viewer, digest: str = "a" * 64) -> DemandRecord:
    return demands.note_record(demand.id, name="A note", digest=digest, case=None, by=by, at=timezone.now())


@pytest.mark.parametrize("role", HANDLERS)
def test_whoever_handles_records_logs_a_demand_and_reads_it(client: Client, role: viewers.Role) -> None:
    person = stories.person("HOTLINE", role)
    signing_in.sign_in(client, person)
    sent = {"kind": "subpoena", "received_at": "2026-11-20T09:00", "receiver": "Pat", "party": "A court"}
    answer = client.post("/records/demands/log", {**sent, "docket": "26-cv-118", "asks": CANARY})
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert CANARY in page
    assert "26-cv-118" in client.get("/records/demands").content.decode()
    with row_security.system():
        verbs = set(Event.objects.filter(by_id=person.user_id).values_list("verb", flat=True))
        row = Demand.objects.get()
    assert {"demand.logged", "demand.read", "demands.listed"} <= verbs
    assert CANARY.encode() not in bytes(row.asks)


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_else_of_the_agency_finds_the_page_or_the_row(client: Client, role: viewers.Role) -> None:
    demand = logged(stories.person("HOTLINE"))
    other = stories.person("HOTLINE", role)
    signing_in.sign_in(client, other)
    for path in ("/records/demands", f"/records/demands/{demand.id}", "/records/letter"):
        assert client.get(path).status_code == 404
    with row_security.looking(other):
        assert list(Demand.objects.all()) == []
        assert demand.id not in keys.open_all([demand.id])


def test_another_agency_finds_neither_the_demand_nor_its_key(client: Client) -> None:
    demand = logged(stories.person("HOTLINE"))
    other = stories.person("HSI")
    signing_in.sign_in(client, other)
    assert client.get(f"/records/demands/{demand.id}").status_code == 404
    with row_security.looking(other):
        assert demand.id not in keys.open_all([demand.id])
    with pytest.raises(desks.NotThere):
        demands.close(demand.id, outcome=Demand.Outcome.NOTHING, how="", by=other, at=timezone.now())


def test_nothing_is_put_down_as_having_left_before_notice_is_settled(client: Client) -> None:
    by = stories.person("HOTLINE")
    demand = logged(by)
    signing_in.sign_in(client, by)
    sent = {"digest": "A" * 64, "record": "A note"}
    refused = client.post(f"/records/demands/{demand.id}/left", sent)
    assert refused.status_code == 422
    assert "First say whether the person was notified" in refused.content.decode()
    settled(demand, by)
    assert client.post(f"/records/demands/{demand.id}/left", sent).status_code == 302
    page = client.get(f"/records/demands/{demand.id}").content.decode()
    assert "a" * 64 in page
    twice = client.post(f"/records/demands/{demand.id}/left", sent)
    assert "This record is in the list already." in twice.content.decode()


def test_a_notice_on_which_a_record_left_is_not_called_withheld_afterward() -> None:
    by = stories.person("HOTLINE")
    demand = logged(by)
    settled(demand, by)
    left(demand, by)
    for notice, order in ((Demand.Notice.WITHHELD, "Order of November 20."), (Demand.Notice.TRIED, "")):
        with pytest.raises(desks.Refused) as refusal:
            settled(demand, by, notice, order)
        assert refusal.value.field == "notice"
    settled(demand, by)  # its dates are changed all the same


def test_notice_is_withheld_only_by_an_order_that_is_named_and_is_not_taken_back() -> None:
    by = stories.person("HOTLINE")
    demand = logged(by)
    with pytest.raises(desks.Refused) as refusal:
        settled(demand, by, Demand.Notice.WITHHELD)
    assert refusal.value.field == "forbidden_by"
    settled(demand, by, Demand.Notice.WITHHELD, "Order of November 20, until lifted.")
    assert demands.read(demand.id, by=by, at=timezone.now()).forbidden_by == "Order of November 20, until lifted."
    with pytest.raises(desks.Refused) as refusal:
        settled(demand, by, None)
    assert refusal.value.field == "notice"
    with pytest.raises(desks.Refused) as refusal:
        settled(demand, by, Demand.Notice.GIVEN, "Order of November 20, until lifted.")
    assert refusal.value.field == "forbidden_by"
    settled(demand, by, Demand.Notice.GIVEN)
    assert demands.read(demand.id, by=by, at=timezone.now()).forbidden_by == ""


def test_a_record_of_a_case_is_named_by_its_collection_and_a_wrong_digest_is_refused(client: Client) -> None:
    by = stories.person("HOTLINE")
    case = stories.case(at=timezone.now())
    demand = logged(by)
    settled(demand, by)
    signing_in.sign_in(client, by)
    collection = client.get(f"/cases/{case.reference}/discovery.json").json()
    sent = {"reference": case.reference, "digest": collection["records"][0]["sha256"]}
    assert client.post(f"/records/demands/{demand.id}/left", sent).status_code == 302
    whole = {"reference": case.reference, "digest": collection["sha256"]}
    assert client.post(f"/records/demands/{demand.id}/left", whole).status_code == 302
    names = [each.name for each in demands.read(demand.id, by=by, at=timezone.now()).records]
    first = collection["records"][0]
    assert names == [
        f"{case.reference}: {first['record']} {first['name']}",
        f"{case.reference}: {len(collection['records'])} records",
    ]
    wrong = client.post(f"/records/demands/{demand.id}/left", {**sent, "digest": "c" * 64})
    assert wrong.status_code == 422
    with row_security.system():  # whoever tries digests is on record, too
        assert Event.objects.filter(verb="discovery.collected", details__form="demand").count() == 3
    assert "No record that you can open in this case has this digest now." in wrong.content.decode()
    nowhere = client.post(f"/records/demands/{demand.id}/left", {**sent, "reference": "AAAA-BBBB-CCCC"})
    assert nowhere.status_code == 422


def test_how_it_ended_agrees_with_what_left_and_stays() -> None:
    by = stories.person("HOTLINE")
    demand = logged(by)
    settled(demand, by)
    now = timezone.now()
    with pytest.raises(desks.Refused, match="Add each record"):
        demands.close(demand.id, outcome=Demand.Outcome.COMPLIED, how="", by=by, at=now)
    left(demand, by)
    with pytest.raises(desks.Refused, match="can’t end without a handover"):
        demands.close(demand.id, outcome=Demand.Outcome.WITHDRAWN, how="", by=by, at=now)
    demands.close(demand.id, outcome=Demand.Outcome.PARTLY, how="One note.", by=by, at=now)
    with pytest.raises(desks.Refused, match="closed before"):
        left(demand, by, "b" * 64)
    shown = demands.read(demand.id, by=by, at=now)
    assert (shown.outcome, shown.how, len(shown.records)) == (Demand.Outcome.PARTLY, "One note.", 1)


def test_the_letter_is_the_same_byte_for_byte_whether_there_is_such_a_case_or_not(client: Client) -> None:
    by = stories.person("HOTLINE")
    signing_in.sign_in(client, by)

    def paper(query: str = "") -> bytes:
        page = client.get(f"/records/letter{query}").content
        found = re.search(rb'<section class="note paper">.*?</section>', page, re.DOTALL)
        assert found
        return found[0]

    before = paper()
    assert b"neither confirm nor deny" in before
    case = stories.case(at=timezone.now())
    settled(logged(by), by)
    assert paper() == before
    assert paper("?reference=AAAA-BBBB-CCCC") == before
    assert paper(f"?reference={case.reference}") == before


def test_its_dates_are_reminded_of_a_week_and_a_day_ahead_without_saying_what_they_are() -> None:
    coordinator, advocate = stories.person("HOTLINE"), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    administrator = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    now = timezone.now()
    demand = logged(coordinator, return_at=now + 30 * DAY, motion_at=now + 14 * DAY)

    def told(at: datetime.datetime) -> list[uuid.UUID]:
        reminding.remind(at=at)
        with row_security.system():
            rows = Notification.objects.filter(thing_id=demand.id, kind="deadline_near", case=None)
            return sorted(rows.values_list("person_id", flat=True))

    assert told(now + 6 * DAY) == []
    both = sorted(each.user_id for each in (coordinator, administrator) if each.user_id)
    week = told(now + 8 * DAY)
    assert set(both) <= set(week)
    assert advocate.user_id not in week
    assert told(now + 9 * DAY) == week
    assert len(told(now + 13 * DAY + DAY / 2)) == 2 * len(week)
    demands.close(demand.id, outcome=Demand.Outcome.NOTHING, how="", by=coordinator, at=timezone.now())
    assert len(told(now + 29 * DAY)) == 2 * len(week)


def test_a_date_that_is_logged_late_is_reminded_of_once() -> None:
    coordinator = stories.person("HOTLINE")
    now = timezone.now()
    demand = logged(coordinator, return_at=now + DAY / 2)
    for _ in range(2):
        reminding.remind(at=now)
        with row_security.system():
            assert Notification.objects.filter(thing_id=demand.id, person_id=coordinator.user_id).count() == 1
