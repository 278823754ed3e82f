"""The calendar: what is due as references alone, for whoever has a password of this one thing."""

from __future__ import annotations

import base64
import datetime
import logging
import re

import icalendar
import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import limits, row_security, viewers
from nowrongdoor.agencies import app_passwords
from nowrongdoor.agencies.models import AppPassword, User
from nowrongdoor.audit.models import Event
from nowrongdoor.cases.models import Case
from nowrongdoor.duties.models import Entry
from nowrongdoor.intake import closing, routing
from nowrongdoor.notifications import calendar
from tests import claims, signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
FEED = "/calendar.ics"
NAMES = {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "TRANSP"}


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def made(viewer: viewers.Viewer) -> dict[str, str]:
    """The header of a program for which the viewer made a password."""
    password = app_passwords.make(app_passwords.Scope.CALENDAR, by=viewer, at=timezone.now())
    return basic(password.sign_in_name, password.secret)


def events(answer: object) -> list[icalendar.Event]:
    content = getattr(answer, "content")  # noqa: B009  the test client's answer
    found = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return [event for event in found if isinstance(event, icalendar.Event)]


def test_the_feed_has_what_is_due_as_kinds_references_and_instants_and_nothing_else() -> None:
    hsi = stories.person("HSI")
    receipt = stories.signal(
        {**stories.FORCED_LABOR, "age": "under_18", "urgency": "within_24h"},
        narrative="She is called Zuzana.",
        people=({"name": "Zuzana", "prs_FirstName": "Zuzana"},),
        state="NY",
        district="NY-S",
    )
    routing.route([receipt.signal_id], at=timezone.now())
    case = Case.objects.get(signals__signal_id=receipt.signal_id)
    answer = Client().get(FEED, headers=made(hsi))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    found = events(answer)
    assert claims.every({str(name) for name in event} == NAMES for event in found)
    assert {str(event["SUMMARY"]) for event in found} == {f"Answer the offer, case {case.reference}"}
    (entry,) = Entry.objects.filter(agency=hsi.agency_id)
    assert [event["DTSTART"].dt for event in found] == [entry.due_at.replace(microsecond=0)]  # type: ignore[union-attr]
    said = answer.content.decode().replace("BEGIN:VCALENDAR", "").replace(case.reference, "")  # letters by chance
    for secret in ("Zuzana", "NY", "labor", "Pat", "danger", str(case.id)):
        assert secret not in said, secret


def test_without_the_right_password_nothing_is_shown_and_the_answer_asks_for_it() -> None:
    hsi, fbi = stories.person("HSI"), stories.person("FBI")
    stories.case()
    right = made(hsi)
    other = signing_in.person(fbi).name
    secret = base64.b64decode(right["Authorization"].split()[1]).decode().partition(":")[2]
    for wrong in (
        {},
        basic(signing_in.person(hsi).name, "wrong"),
        basic(other, secret),
        {"Authorization": f"Bearer {secret}"},
        {"Authorization": "Basic not base64"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()},
    ):
        answer = Client().get(FEED, headers=wrong)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Basic realm=")
        assert b"VCALENDAR" not in answer.content
    assert Client().get(FEED, headers=right).status_code == 200
    assert Client().get(f"{FEED}?password={secret}").status_code == 401  # no address holds a secret


def test_a_password_ends_when_it_is_revoked_or_its_person_leaves_or_changes_to_a_role_without_cases() -> None:
    hsi = stories.person("HSI")
    first, second, name = made(hsi), made(hsi), signing_in.person(hsi).name
    row = AppPassword.objects.order_by("made_at", "id")[0]
    app_passwords.revoke(row.id, by=hsi, at=timezone.now())
    assert [Client().get(FEED, headers=each).status_code for each in (first, second)] == [401, 200]
    User.objects.filter(name=name).update(role="analyst")
    assert Client().get(FEED, headers=second).status_code == 401
    User.objects.filter(name=name).update(role="coordinator", is_active=False)
    assert Client().get(FEED, headers=second).status_code == 401
    User.objects.filter(name=name).update(is_active=True)
    assert Client().get(FEED, headers=second).status_code == 200
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    closing.close_agency("HSI", into="FBI", by=admin, at=timezone.now())
    assert Client().get(FEED, headers=second).status_code == 401


def test_a_password_opens_the_calendar_and_nothing_else() -> None:
    hsi = stories.person("HSI")
    header, case = made(hsi), stories.case()
    for path in ("/worklist", f"/cases/{case.reference}", "/calendar", "/notifications"):
        assert Client().get(path, headers=header).status_code == 302, path
    assert Client().get("/api/v1/signals/AAAA-BBBB-CCCC", headers=header).status_code == 401


def test_a_password_is_shown_once_kept_as_a_digest_and_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    hsi = stories.person("HSI")
    client = signing_in.sign_in(Client(), hsi)
    with caplog.at_level(logging.DEBUG):
        page = client.post("/calendar/passwords", follow=True).content.decode()
        found = re.search(r'class="mono secret">([^<]+)<', page)
        assert found
        secret = found[1]
        name = signing_in.person(hsi).name
        assert Client().get(FEED, headers=basic(name, secret)).status_code == 200
        assert Client().get(FEED, headers=basic("nobody", secret)).status_code == 401
    assert secret not in client.get("/calendar").content.decode()
    assert secret not in "\n".join(record.getMessage() for record in caplog.records)
    row = AppPassword.objects.get()
    assert len(bytes(row.digest)) == 32
    assert row.used_on == timezone.now().astimezone(datetime.UTC).date()
    details = [str(each) for each in Event.objects.values_list("details", flat=True)]
    assert claims.no(secret in each for each in details)


def test_somebody_has_five_at_most_and_revokes_only_their_own() -> None:
    hsi, colleague = stories.person("HSI"), stories.person("HSI")
    for _ in range(app_passwords.MOST):
        made(hsi)
    with pytest.raises(app_passwords.TooMany, match="5 passwords at most"):
        made(hsi)
    with row_security.looking(hsi):
        row = app_passwords.of(hsi)[0]
    with pytest.raises(app_passwords.NoSuchPassword):
        app_passwords.revoke(row.id, by=colleague, at=timezone.now())
    client = signing_in.sign_in(Client(), colleague)
    assert client.post(f"/calendar/passwords/{row.id}/revoke").status_code == 404


def test_guessing_is_slowed_down_and_a_program_that_knows_its_password_is_let_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(limits.BURSTS, limits.Budget.UNKNOWN_TOKEN, 3)
    monkeypatch.setitem(limits.EACH, limits.Budget.UNKNOWN_TOKEN, 3_600.0)  # however slow this machine is
    header = made(stories.person("HSI"))
    wrong = [Client().get(FEED, headers=basic("x", "y")).status_code for _ in range(5)]
    assert wrong == [401, 401, 401, 429, 429]
    assert Client().get(FEED, headers=header).status_code == 200


def test_whoever_answers_no_offers_gets_only_what_they_have() -> None:
    stories.case({**stories.FORCED_LABOR, "age": "under_18"}, receiver="HSI")
    hsi, advocate = stories.person("HSI"), stories.person("HSI", viewers.Role.ADVOCATE)
    now = timezone.now()
    assert [len(icalendar.Calendar.from_ical(calendar.feed(each, at=now)).walk("VEVENT")) for each in (advocate,)] == [
        0
    ]
    assert len(icalendar.Calendar.from_ical(calendar.feed(hsi, at=now)).walk("VEVENT")) > 0
    assert Event.objects.filter(verb="calendar.read", by_id=hsi.user_id).count() == 1
