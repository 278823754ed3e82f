"""The pages: what waits is counted on every page, and what cannot be meant is refused with a sentence."""

from __future__ import annotations

import datetime
import re

import psycopg
import pytest
from django.db import connection, utils
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import rotas
from nowrongdoor.agencies.models import Rota, Shift
from nowrongdoor.cases import need_to_know
from nowrongdoor.notifications.models import Notification, Preference
from nowrongdoor.outbox.models import Message
from tests import servers, signing_in
from tests.leads import stories
from tests.outbox import postbox, sending

pytestmark = pytest.mark.django_db
SENT = {
    **dict.fromkeys(("offers", "answers", "closings", "reminders"), "at_once"),
    **{"email": "", "digest_at": "8", "quiet_from": "", "quiet_to": "", "time_zone": ""},
}
DAY = datetime.timedelta(days=1)


def signed_in(viewer: viewers.Viewer) -> Client:
    return signing_in.sign_in(Client(), viewer)


def test_what_waits_is_counted_in_the_menu_and_the_title_of_every_page_until_it_is_opened() -> None:
    hsi = stories.person("HSI")
    case = stories.case()
    client = signed_in(hsi)
    for path in ("/worklist", "/mandates", "/notifications"):
        page = client.get(path).content.decode()
        assert re.search(r"<title>\(1\) ", page), path
        assert re.search(r'href="/notifications"[^>]*>Notifications <span class="count">1<span', page), path
    assert "An offer waits for your agency’s answer." in page
    assert case.reference in page
    client.post("/notifications/seen")
    assert "<title>(1) " in client.get("/worklist").content.decode()  # an offer that waits stays new
    client.get(f"/cases/{case.reference}")
    assert "<title>(" not in client.get("/worklist").content.decode()


def test_a_notification_of_a_case_that_one_is_kept_away_from_names_no_case() -> None:
    hsi, away = stories.person("HSI"), stories.person("HSI")
    case = stories.case()
    assert away.user_id
    need_to_know.exclude(case.id, person_id=away.user_id, because="Knows the family well.", by=hsi, at=timezone.now())
    assert case.reference in signed_in(hsi).get("/notifications").content.decode()
    page = signed_in(away).get("/notifications").content.decode()
    assert "An offer waits" in page
    assert case.reference not in page


def test_pages_of_notifications_turn() -> None:
    hsi = stories.person("HSI")
    for _ in range(27):
        stories.case()
    client = signed_in(hsi)
    first, second = (client.get(f"/notifications?page={number}").content.decode() for number in (1, 2))
    assert (first.count("An offer waits"), second.count("An offer waits")) == (25, 2)
    assert 'href="/notifications?page=2" rel="next"' in first
    for wrong in ("0", "-1", "x", "9" * 30, ""):
        assert client.get(f"/notifications?page={wrong}").status_code == 200


def test_a_time_zone_that_does_not_exist_is_refused_with_a_sentence() -> None:
    hsi = stories.person("HSI")
    client = signed_in(hsi)
    for path, sent in (("/notifications/preferences", SENT), ("/language", {"language": "en"})):
        answer = client.post(path, {**sent, "time_zone": "Mars/Olympus"})
        assert answer.status_code == 422
        assert "There’s no time zone called “Mars/Olympus”. Choose one from the list." in answer.content.decode()
    assert Preference.objects.count() == 0
    answer = client.post("/notifications/preferences", {**SENT, "time_zone": "America/Denver"})
    assert answer.status_code == 302
    assert signing_in.person(hsi).time_zone == "America/Denver"


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"quiet_from": "22"}, "Choose both when quiet hours begin and when they end, or neither."),
        ({"quiet_to": "7"}, "Choose both when quiet hours begin and when they end, or neither."),
        ({"quiet_from": "7", "quiet_to": "7"}, "Quiet hours have to end at another hour than they begin."),
        ({"email": "pat"}, "Enter an email address like name@example.gov."),
        ({"email": "pat@example.gov\r\nBcc: all@example.gov"}, "Enter an email address like name@example.gov."),
        ({"digest_at": "25"}, "Select a valid choice"),
        ({"offers": "never"}, "Select a valid choice"),
        ({"email": "pat@example.gov"}, "This installation sends no email, so leave the address empty."),
    ],
)
def test_what_cannot_be_meant_is_refused_beside_its_field(sent: dict[str, str], sentence: str) -> None:
    answer = signed_in(stories.person("HSI")).post("/notifications/preferences", {**SENT, **sent})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Preference.objects.count() == 0


def test_an_address_is_confirmed_on_the_page_with_the_code_that_came(post: postbox.Postbox) -> None:
    hsi = stories.person("HSI")
    client = signed_in(hsi)
    chosen = {**SENT, "email": "pat@example.gov", "quiet_from": "22", "quiet_to": "7"}
    page = client.post("/notifications/preferences", chosen, follow=True).content.decode()
    assert "We’re sending a code to pat@example.gov." in page
    assert sending.deliver(timezone.now()) == 1
    code = re.search(r"address: (\d{4} \d{4})", post.came[0].get_content())
    assert code
    assert client.post("/notifications/address", {"code": ""}).status_code == 422
    wrong = client.post("/notifications/address", {"code": "1234 5678"})
    assert (wrong.status_code, "isn’t the code" in wrong.content.decode()) == (422, True)
    page = client.post("/notifications/address", {"code": code[1]}, follow=True).content.decode()
    assert "pat@example.gov is confirmed." in page
    stories.case()
    assert Notification.objects.filter(person=hsi.user_id).count() == 1


def test_mail_comes_in_the_language_in_which_somebody_chose_it(post: postbox.Postbox) -> None:
    """Their browser asks for Spanish; for their account they never chose a language."""
    hsi = stories.person("HSI")
    client = signed_in(hsi)
    page = client.get("/notifications/preferences", headers={"accept-language": "es-US"}).content.decode()
    assert '<option value="es-us" selected>' in page
    client.post("/notifications/preferences", {**SENT, "email": "pat@example.gov", "language": "es-us"})
    assert sending.deliver(timezone.now()) == 1
    assert post.came[0]["Subject"] == "Confirme su dirección de correo"
    client.post("/notifications/preferences", SENT)
    assert signing_in.person(hsi).language == "es-us"


def test_codes_are_tried_ten_times(post: postbox.Postbox) -> None:
    client = signed_in(stories.person("HSI"))
    client.post("/notifications/preferences", {**SENT, "email": "pat@example.gov"})
    tries = [client.post("/notifications/address", {"code": "1234 5678"}).status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]


def test_mail_that_does_not_get_through_is_shown_to_its_person_and_to_an_administrator(settings: Settings) -> None:
    hsi, admin = stories.person("HSI"), stories.person("HSI", viewers.Role.ADMINISTRATOR)
    now = timezone.now()
    sending.send_to(
        settings,
        {
            **{"NWD_SMTP": f"localhost:{servers.free_port()}", "NWD_SMTP_TLS": "off"},
            **{"NWD_MAIL_FROM": postbox.SENDER, "NWD_SITE": postbox.SITE},
        },
    )
    sending.wants_mail(hsi, now)
    stories.case(at=now)
    sending.minute(now)
    own = signed_in(hsi).get("/notifications/preferences").content.decode()
    assert "Your last email wasn’t delivered" in own
    assert "The mail server can’t be reached. Mail is kept and tried again." in own
    page = signed_in(admin).get("/notifications/delivery").content.decode()
    assert "Email isn’t getting through" in page
    assert "1 email of your agency has waited since" in page
    assert "Pat of HSI" in page
    assert signed_in(hsi).get("/notifications/delivery").status_code == 404
    stranger = stories.person("FBI", viewers.Role.ADMINISTRATOR)
    assert "Pat of HSI" not in signed_in(stranger).get("/notifications/delivery").content.decode()
    sending.deliver(now + 3 * DAY)
    assert "Given up" in signed_in(admin).get("/notifications/delivery").content.decode()
    for viewer in (hsi, admin):
        page = signed_in(viewer).get("/notifications").content.decode()
        assert "An email to somebody at your agency couldn’t be delivered." in page


def test_who_is_on_call_is_kept_on_a_page_and_only_coordinators_can_be() -> None:
    hsi, other = stories.person("HSI"), stories.person("HSI")
    advocate = stories.person("HSI", viewers.Role.ADVOCATE)
    client = signed_in(hsi)
    assert "Your agency keeps no on-call list" in client.get("/on-call").content.decode()
    now = timezone.localtime()
    shift = {
        "person": str(other.user_id),
        "step": "1",
        "from_at": now.strftime("%Y-%m-%dT%H:%M"),
        "to_at": (now + DAY).strftime("%Y-%m-%dT%H:%M"),
    }
    without_list = client.post("/on-call/shifts", shift)
    assert "keeps no on-call list. Start one first." in without_list.content.decode()
    assert "Nobody is on call now" in client.post("/on-call/start", follow=True).content.decode()
    assert "already keeps" in client.post("/on-call/start", follow=True).content.decode()
    for sent, sentence in (
        ({"person": str(advocate.user_id)}, "only coordinators can accept offers"),
        ({"to_at": shift["from_at"]}, "The shift has to end after it begins."),
        ({"from_at": "2026-01-01T08:00", "to_at": "2026-01-02T08:00"}, "This shift is over already."),
        ({"to_at": (now + 40 * DAY).strftime("%Y-%m-%dT%H:%M")}, "A shift can last 31 days at most."),
        ({"person": ""}, "Choose who is on call."),
    ):
        refused = client.post("/on-call/shifts", {**shift, **sent})
        assert refused.status_code == 422
        assert sentence in refused.content.decode(), sentence
    assert Shift.objects.count() == 0
    page = client.post("/on-call/shifts", shift, follow=True).content.decode()
    assert "Somebody is on call without a gap until" in page
    row = Shift.objects.get()
    stranger = signed_in(stories.person("FBI"))
    assert stranger.post(f"/on-call/shifts/{row.id}/end").status_code == 404
    assert client.post(f"/on-call/shifts/{row.id}/end").status_code == 302
    assert "Nobody is on call now" in client.get("/on-call").content.decode()
    client.post("/on-call/end")
    assert Rota.objects.get().ended_by_id == hsi.user_id
    assert signed_in(advocate).get("/on-call").status_code == 404


def test_the_database_keeps_others_from_being_on_call() -> None:
    """As somebody who writes past the actions would."""
    hsi, advocate = stories.person("HSI"), stories.person("HSI", viewers.Role.ADVOCATE)
    now = timezone.now()
    rota = rotas.begin(by=hsi, at=now)
    with (
        pytest.raises(utils.IntegrityError, match="whoever is on call is an active coordinator"),
        row_security.looking(hsi),
    ):
        Shift.objects.create(
            rota=rota,
            agency_id=hsi.agency_id,
            person=signing_in.person(advocate),
            step=1,
            from_at=now,
            to_at=now + DAY,
            by=rota.by,
            at=now,
        )


def test_another_person_sees_none_of_it(post: postbox.Postbox) -> None:
    hsi, colleague = stories.person("HSI"), stories.person("HSI", viewers.Role.ADVOCATE)
    sending.wants_mail(hsi, timezone.now())
    stories.case()
    with row_security.looking(colleague):
        assert [model.objects.count() for model in (Notification, Preference, Message)] == [0, 0, 0]
    with row_security.looking(hsi):
        assert [model.objects.count() for model in (Notification, Preference, Message)] == [1, 1, 1]
    assert isinstance(connection.connection, psycopg.Connection)
