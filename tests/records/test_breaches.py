"""The breach desk: numbers and codes alone, and open until whoever had to be told confirmed it."""

from __future__ import annotations

import datetime

import pytest
from django.db import models
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.notifications.models import Notification
from nowrongdoor.records import breaches, desks, reminding
from nowrongdoor.records.models import Breach, BreachNotice
from tests import signing_in
from tests.leads import stories

NOON = stories.NOON
HOUR = datetime.timedelta(hours=1)


def logged(by: viewers.Viewer, at: datetime.datetime, people: int = 3) -> Breach:
    known = breaches.Known(kind=Breach.Kind.ACTUAL, happened_at=None, people=people)
    return breaches.log(known, noticed_at=at, what=[Breach.What.CONTACT], by=by, at=at)


def told(breach: Breach, by: viewers.Viewer, confirmation: str, to: str = "award") -> None:
    now = timezone.now()
    recipient = BreachNotice.Recipient(to)
    breaches.tell(breach.id, recipient, told_at=now, confirmation=confirmation, by=by, at=now)


@pytest.mark.parametrize(
    ("after", "about"),
    [
        (datetime.timedelta(), None),
        (15 * HOUR, None),
        (16 * HOUR, 24 * HOUR),
        (24 * HOUR, 24 * HOUR),
        (47 * HOUR, 24 * HOUR),
        (48 * HOUR, 48 * HOUR),
        (100 * HOUR, 96 * HOUR),
    ],
)
def test_a_reminder_comes_before_the_day_is_over_and_on_each_day_after_it(
    after: datetime.timedelta, about: datetime.timedelta | None
) -> None:
    found = breaches.step(noticed_at=NOON, at=NOON + after)
    assert found == (None if about is None else NOON + about)


def test_no_column_of_a_breach_or_its_notices_holds_words() -> None:
    neither = (models.UUIDField, models.ForeignKey, models.DateTimeField, models.PositiveIntegerField)
    others = {
        f"{model.__name__}.{field.name}"
        for model in (Breach, BreachNotice)
        for field in model._meta.local_concrete_fields
        if not isinstance(field, neither)
    }
    # Each of them has a check: a code of a list, or a number (tests/promises/on_desks.py attacks all four).
    assert others == {"Breach.kind", "Breach.what", "BreachNotice.recipient", "BreachNotice.confirmation"}


@pytest.mark.django_db
def test_it_is_logged_by_number_and_stays_open_until_the_notice_is_confirmed(client: Client) -> None:
    by = stories.person("HOTLINE")
    signing_in.sign_in(client, by)
    sent = {"kind": "actual", "noticed_at": "2026-11-20T09:00", "what": ["identity", "contact"], "people": "40"}
    named = client.post("/records/breaches/log", {**sent, "people": "Zuzana"})
    assert named.status_code == 422
    assert "Enter a whole number." in named.content.decode()
    answer = client.post("/records/breaches/log", sent)
    assert answer.status_code == 302
    there = answer["Location"]
    assert "Notify the agency that made the award" in client.get(there).content.decode()
    refused = client.post(f"{there}/close")
    assert refused.status_code == 422
    assert "Add that number first." in refused.content.decode()
    notice = {"recipient": "award", "told_at": "2026-11-20T10:00", "confirmation": "Zuzana Novak"}
    assert "No names and no spaces." in client.post(f"{there}/tell", notice).content.decode()
    assert client.post(f"{there}/tell", {**notice, "confirmation": ""}).status_code == 302
    assert client.post(f"{there}/close").status_code == 422
    assert client.post(f"{there}/tell", {**notice, "confirmation": "ojp-2026-00117"}).status_code == 302
    assert "OJP-2026-00117" in client.get(there).content.decode()
    assert client.post(f"{there}/close").status_code == 302
    with row_security.system():
        row = Breach.objects.get()
    assert (row.people, row.closed_by_id) == (40, by.user_id)


@pytest.mark.django_db
def test_the_number_of_somebody_else_closes_nothing() -> None:
    by = stories.person("HOTLINE")
    breach = logged(by, timezone.now())
    told(breach, by, "CAD-20417", to="police")
    with pytest.raises(desks.Refused, match="stays open"):
        breaches.close(breach.id, by=by, at=timezone.now())
    told(breach, by, "OJP-2026-00117")
    assert breaches.close(breach.id, by=by, at=timezone.now()).closed_at


@pytest.mark.django_db
def test_what_is_known_later_changes_the_number_and_the_trail_keeps_the_one_before() -> None:
    by = stories.person("HOTLINE")
    now = timezone.now()
    breach = logged(by, now, people=3)
    breaches.change(breach.id, breaches.Known(kind=Breach.Kind.ACTUAL, happened_at=now, people=90), by=by, at=now)
    assert breaches.read(breach.id, by=by, at=now).people == 90
    with row_security.system():
        kept = Event.objects.filter(subject_id=breach.id, kind="write").order_by("id").values_list("details", flat=True)
        assert [each["people"] for each in kept] == [3, 90]


@pytest.mark.django_db
@pytest.mark.parametrize("role", [viewers.Role.ADVOCATE, viewers.Role.INVESTIGATOR, viewers.Role.INSPECTOR])
def test_whoever_handles_no_records_finds_no_page(client: Client, role: viewers.Role) -> None:
    breach = logged(stories.person("HOTLINE"), timezone.now())
    handler = signing_in.sign_in(client, stories.person("HOTLINE", viewers.Role.ADMINISTRATOR))
    assert handler.get(f"/records/breaches/{breach.id}").status_code == 200
    other = signing_in.sign_in(Client(), stories.person("HOTLINE", role))
    stranger = signing_in.sign_in(Client(), stories.person("HSI"))
    assert other.get("/records/breaches").status_code == 404
    assert other.get(f"/records/breaches/{breach.id}").status_code == 404
    assert stranger.get(f"/records/breaches/{breach.id}").status_code == 404


@pytest.mark.django_db
def test_a_notice_sent_by_a_double_click_is_in_the_list_once(client: Client) -> None:
    by = stories.person("HOTLINE")
    breach = logged(by, timezone.now() - HOUR)
    signing_in.sign_in(client, by)
    there = f"/records/breaches/{breach.id}"
    at = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    sent = {"recipient": "award", "told_at": at, "confirmation": "OJP-2026-117"}
    first, second = (client.post(f"{there}/tell", sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 422)
    assert "This notice is in the list already." in second.content.decode()
    with row_security.system():
        assert BreachNotice.objects.filter(breach=breach).count() == 1


@pytest.mark.django_db
def test_it_reminds_each_day_until_the_notice_is_confirmed() -> None:
    by = stories.person("HOTLINE")
    now = timezone.now()
    breach = logged(by, now)

    def reminders(at: datetime.datetime) -> int:
        reminding.remind(at=at)
        with row_security.system():
            return Notification.objects.filter(thing_id=breach.id, person_id=by.user_id).count()

    assert reminders(now) == 0
    assert reminders(now + 17 * HOUR) == 1
    assert reminders(now + 18 * HOUR) == 1
    assert reminders(now + 49 * HOUR) == 2
    told(breach, by, "")
    assert reminders(now + 73 * HOUR) == 3
    told(breach, by, "OJP-2026-00117")
    assert reminders(now + 97 * HOUR) == 3
