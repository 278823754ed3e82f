"""What leaves by mail, when, in which language, and what it never says."""

from __future__ import annotations

import dataclasses
import datetime

import pytest
from pytest_django.fixtures import Settings

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import rotas
from nowrongdoor.agencies.models import User
from nowrongdoor.core import handoff
from nowrongdoor.core.notices import How
from nowrongdoor.intake import routing
from nowrongdoor.leads import answering, changing
from nowrongdoor.notifications import actions, planning
from nowrongdoor.notifications.models import Notification, Preference
from nowrongdoor.operating import mail
from nowrongdoor.outbox.models import Message
from tests import claims, signing_in
from tests.leads import stories
from tests.outbox import postbox, sending

pytestmark = pytest.mark.django_db
NOON, MINUTE, DAY = stories.NOON, datetime.timedelta(minutes=1), datetime.timedelta(days=1)
NIGHT = datetime.datetime(2026, 11, 24, 4, 30, tzinfo=datetime.UTC)  # half past eleven at night in New York
DANGER = {**stories.FORCED_LABOR, "urgency": "immediate_danger"}
QUIET = dataclasses.replace(sending.CHOICE, quiet=(22, 7))


def test_a_mail_says_what_waits_and_nothing_of_any_case(post: postbox.Postbox) -> None:
    hsi = stories.person("HSI")
    sending.wants_mail(hsi, NOON)
    receipt = stories.signal(
        {**DANGER, "age": "under_18"}, narrative="She is called Zuzana.", state="NY", district="NY-S", at=NOON
    )
    routing.route([receipt.signal_id], at=NOON)
    offer = Notification.objects.get(person=hsi.user_id, kind="offer_waits")
    assert offer.case
    assert sending.minute(NOON) == 1
    (came,) = post.came
    assert came["Subject"] == "An offer waits for your agency’s answer"
    assert came.get_content().splitlines() == [
        "An offer waits for your agency’s answer.",
        "",
        "This message has no details on purpose. Sign in to see them:",
        "https://nwd.example.gov/notifications",
        "",
        "To choose what is sent to you, and when:",
        "https://nwd.example.gov/notifications/preferences",
        "",
        "No Wrong Door",
    ]
    whole = came.as_string()
    for secret in ("Zuzana", offer.case.reference, str(offer.case_id), "NY", "danger", "Homeland", "Pat of"):
        assert secret not in whole, secret


def test_mail_is_in_the_language_of_whoever_reads_it(post: postbox.Postbox) -> None:
    hsi = stories.person("HSI")
    agencies.choose_language("es-us", "", by=hsi)
    sending.wants_mail(hsi, NOON)
    stories.case(at=NOON)
    assert sending.minute(NOON) == 1
    (came,) = post.came
    assert came["Subject"] == "Una oferta espera la respuesta de su agencia"
    assert "An offer" not in came.get_content()
    assert "https://nwd.example.gov/notifications" in came.get_content()


def test_what_came_together_is_one_mail(post: postbox.Postbox) -> None:
    hope, hsi = stories.person("HOTLINE"), stories.person("HSI")
    sending.wants_mail(hope, NOON)
    for case in [stories.case(at=NOON) for _ in range(3)]:
        answering.decline(stories.offer_of(case).id, reason="No agents.", by=hsi, at=NOON)
    answering.accept(stories.offer_of(stories.case(at=NOON)).id, by=hsi, at=NOON)
    assert sending.minute(NOON + handoff.UNDO_WITHIN) == 1
    (came,) = post.came
    assert came["Subject"] == "4 notifications wait for you"
    assert came.get_content().splitlines()[:2] == [
        "A case your agency offered was accepted.",
        "3 offers of your agency were declined.",
    ]


def test_without_a_confirmed_address_everything_stays_in_the_page(post: postbox.Postbox) -> None:
    without, unconfirmed = stories.person("HSI"), stories.person("HSI")
    actions.choose(sending.CHOICE, by=unconfirmed, at=NOON)
    Message.objects.all().update(over_at=NOON, outcome="needless")
    stories.case(at=NOON)
    assert sending.minute(NOON) == 0
    planned = Notification.objects.filter(person__in=[without.user_id, unconfirmed.user_id])
    assert [(row.planned_at, row.message_id) for row in planned] == [(NOON, None)] * 2


def test_each_choice_decides_for_its_own_subject(post: postbox.Postbox) -> None:
    hope = stories.person("HOTLINE")
    sending.wants_mail(hope, NOON, dataclasses.replace(sending.CHOICE, answers=How.PAGE, closings=How.DIGEST))
    case, hsi = stories.case(at=NOON), stories.person("HSI")
    answering.accept(stories.offer_of(case).id, by=hsi, at=NOON)
    changing.close(case.id, because="She is home.", by=hsi, at=NOON)
    assert sending.minute(NOON) == 0
    eight = datetime.datetime(2026, 11, 24, 13, tzinfo=datetime.UTC)  # in New York
    assert sending.minute(eight - MINUTE) == 0
    assert sending.minute(eight) == 1
    (came,) = post.came
    assert came["Subject"] == "A case your agency handed over was closed"


def test_quiet_hours_hold_mail_back_until_they_end(post: postbox.Postbox) -> None:
    hsi = stories.person("HSI")
    sending.wants_mail(hsi, NOON, QUIET)
    stories.case({**stories.FORCED_LABOR, "urgency": "none"}, at=NIGHT)
    seven = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)  # in New York
    assert [sending.minute(at) for at in (NIGHT, seven - MINUTE, seven)] == [0, 0, 1]


def test_quiet_hours_are_those_of_the_persons_own_zone(post: postbox.Postbox) -> None:
    hsi = stories.person("HSI")
    agencies.choose_language("", "America/Los_Angeles", by=hsi)
    sending.wants_mail(hsi, NOON, QUIET)
    stories.case({**stories.FORCED_LABOR, "urgency": "none"}, at=NIGHT)  # half past eight in the evening there
    assert sending.minute(NIGHT) == 1


def test_whoever_is_on_call_hears_of_an_urgent_offer_in_quiet_hours_and_others_do_not(post: postbox.Postbox) -> None:
    first, other = stories.person("HSI"), stories.person("HSI")
    sending.wants_mail(first, NOON, dataclasses.replace(QUIET, email="first@example.gov", offers=How.PAGE))
    sending.wants_mail(other, NOON, dataclasses.replace(QUIET, email="other@example.gov"))
    rotas.begin(by=first, at=NOON)
    assert first.user_id
    rotas.add(first.user_id, rotas.FIRST, from_at=NOON, to_at=NOON + DAY, by=first, at=NOON)
    stories.case(DANGER, at=NIGHT)
    sending.minute(NIGHT)
    assert [came["To"] for came in post.came] == ["first@example.gov"]
    sending.minute(NIGHT + 5 * MINUTE)
    assert sorted(came["To"] for came in post.came) == ["first@example.gov", "first@example.gov", "other@example.gov"]
    assert post.came[-1]["Subject"] == "An offer waits, and nobody at your agency has opened it"


def test_with_nobody_on_the_list_everybody_hears_of_an_urgent_offer_in_quiet_hours(post: postbox.Postbox) -> None:
    one, two = stories.person("HSI"), stories.person("HSI")
    for person, address in ((one, "one@example.gov"), (two, "two@example.gov")):
        sending.wants_mail(person, NOON, dataclasses.replace(QUIET, email=address))
    rotas.begin(by=one, at=NOON)
    stories.case(DANGER, at=NIGHT)
    sending.minute(NIGHT)
    assert sorted(came["To"] for came in post.came) == ["one@example.gov", "two@example.gov"]


def test_another_address_gets_no_mail_before_its_code_came_back(post: postbox.Postbox) -> None:
    hsi = stories.person("HSI")
    sending.wants_mail(hsi, NOON)
    actions.choose(dataclasses.replace(sending.CHOICE, email="new@example.gov"), by=hsi, at=NOON)
    stories.case(at=NOON)
    assert sending.minute(NOON) == 1
    (check,) = post.came
    assert (check["To"], check["Subject"]) == ("new@example.gov", "Confirm your email address")
    code = check.get_content().split("address: ")[1].split("\n")[0]
    message = Message.objects.filter(kind="address_check").order_by("-id")[0]
    assert "".join(code.split()) == actions.code_of(message, "new@example.gov")
    with pytest.raises(actions.Refused, match="isn’t the code"):
        actions.confirm("00000000", by=hsi, at=NOON)
    actions.confirm(code, by=hsi, at=NOON)
    assert Preference.objects.get(person=hsi.user_id).email_checked_at == NOON


def test_a_code_works_for_an_hour(post: postbox.Postbox) -> None:
    hsi, hour = stories.person("HSI"), datetime.timedelta(hours=1)
    actions.choose(sending.CHOICE, by=hsi, at=NOON)
    code = actions.code_of(Message.objects.get(kind="address_check"), sending.ADDRESS)
    with pytest.raises(actions.Refused, match="isn’t the code"):
        actions.confirm(code, by=hsi, at=NOON + hour + MINUTE)
    actions.send_code(by=hsi, at=NOON + 2 * hour)
    newest = Message.objects.filter(kind="address_check").order_by("-id")[0]
    actions.confirm(actions.code_of(newest, sending.ADDRESS), by=hsi, at=NOON + 3 * hour)


def test_nobody_fills_a_mailbox_with_codes(post: postbox.Postbox) -> None:
    hsi = stories.person("HSI")
    actions.choose(sending.CHOICE, by=hsi, at=NOON)
    for _ in range(actions.MOST_CODES - 1):
        actions.send_code(by=hsi, at=NOON)
    with pytest.raises(actions.Refused, match="several codes already"):
        actions.send_code(by=hsi, at=NOON)
    actions.send_code(by=hsi, at=NOON + 2 * datetime.timedelta(hours=1))


def test_the_code_of_one_address_confirms_no_other(post: postbox.Postbox) -> None:
    hsi = stories.person("HSI")
    actions.choose(sending.CHOICE, by=hsi, at=NOON)
    old = Message.objects.get(kind="address_check")
    actions.choose(dataclasses.replace(sending.CHOICE, email="new@example.gov"), by=hsi, at=NOON)
    with pytest.raises(actions.Refused):
        actions.confirm(actions.code_of(old, sending.ADDRESS), by=hsi, at=NOON)


def test_an_installation_without_a_mail_server_says_so(settings: Settings) -> None:
    settings.MAIL = mail.read({})
    hsi = stories.person("HSI")
    with pytest.raises(actions.Refused, match="sends no email"):
        actions.choose(sending.CHOICE, by=hsi, at=NOON)
    assert Preference.objects.count() == 0
    actions.choose(dataclasses.replace(sending.CHOICE, email=""), by=hsi, at=NOON)
    stories.case(at=NOON)
    assert sending.minute(NOON) == 0
    assert not Notification.objects.filter(planned_at=None).exists()


def test_somebody_who_was_switched_off_gets_no_mail(post: postbox.Postbox) -> None:
    hsi = stories.person("HSI")
    sending.wants_mail(hsi, NOON)
    stories.case(at=NOON)
    planning.plan(at=NOON)
    User.objects.filter(name=signing_in.person(hsi).name).update(is_active=False)
    assert sending.deliver(NOON) == 0
    assert Message.objects.get(kind="news").outcome == "needless"


def test_what_is_planned_is_planned_once_however_often_it_runs(post: postbox.Postbox) -> None:
    hsi = stories.person("HSI")
    sending.wants_mail(hsi, NOON)
    stories.case(at=NOON)
    for _ in range(3):
        planning.plan(at=NOON)
    assert Message.objects.filter(kind="news").count() == 1
    assert claims.every(row.planned_at for row in Notification.objects.all())
    assert viewers.ANSWERS is hsi.role
