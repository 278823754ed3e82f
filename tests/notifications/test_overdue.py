"""What is overdue on the line or of reports is told to whoever is to do it, once; and no more once it is done."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import pathlib
import uuid
from collections.abc import Iterator, Sequence

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import rotas
from nowrongdoor.agencies.models import User
from nowrongdoor.cases import need_to_know
from nowrongdoor.channels.protocol import Kind as Event
from nowrongdoor.core import notices
from nowrongdoor.core.line import Medium
from nowrongdoor.line import calling_back, channels, models, moving, plan, shifts
from nowrongdoor.notifications import actions, clock
from nowrongdoor.notifications.kinds import Kind
from nowrongdoor.notifications.models import Notification
from nowrongdoor.protocols import library, reporting
from nowrongdoor.protocols.models import Report, Sending
from nowrongdoor.wrapup import money
from tests import signing_in
from tests.leads import stories
from tests.line import floors
from tests.outbox import postbox, sending
from tests.protocols import test_reporting as reports

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = (datetime.timedelta(**{unit: 1}) for unit in ("minutes", "hours", "days"))
AT = datetime.datetime(2026, 11, 10, 14, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def lines(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    floors.install(tmp_path, monkeypatch)
    yield
    plan.installed.cache_clear()
    channels.of_provider.cache_clear()


def heard(kind: Kind, *, stands: bool = True) -> list[uuid.UUID | None]:
    """Who was told of something, in the order in which they were; of what still stands, or all that was."""
    rows = Notification.objects.filter(kind=kind.value)
    rows = rows.filter(over_at=None) if stands else rows
    return list(rows.order_by("at", "id").values_list("person_id", flat=True))


def look(at: datetime.datetime, times: int = 2) -> None:
    for _ in range(times):
        clock.tell_of_overdue(at=at)


def rang(at: datetime.datetime = AT, call: str = "a", **more: object) -> models.Contact:
    return floors.take(floors.event(Event.RANG, call, call=call, at=at, **more), at=at)  # type: ignore[arg-type]


def left(at: datetime.datetime = AT, call: str = "left") -> models.Contact:
    """A call that left a message, and hung up."""
    rang(at, call)
    return floors.take(floors.event(Event.RECORDED, f"{call} sound", call=call, media="RE1", seconds=3, at=at), at=at)


def on_call(*people: viewers.Viewer) -> None:
    """Keep a list, with the first on call, and the second."""
    rotas.begin(by=people[0], at=AT - DAY)
    for step, person in zip((rotas.FIRST, rotas.SECOND), people, strict=False):
        assert person.user_id
        rotas.add(person.user_id, step, from_at=AT - DAY, to_at=AT + 5 * DAY, by=people[0], at=AT - DAY)


def test_what_is_overdue_on_a_list_goes_to_the_group_on_shift_and_on_until_all_coordinators_heard() -> None:
    first, second, third = (stories.person("HOTLINE") for _ in range(3))
    on_call(first, second)
    contact = left()
    group = floors.on_shift(at=AT, ready=False)
    floors.on_shift(at=AT, ready=False, groups=["backup"])
    floors.on_shift(at=AT, ready=False, is_trainee=True)
    assert contact.due_at
    look(contact.due_at - MINUTE)
    assert heard(Kind.LIST_OVERDUE) == []
    look(contact.due_at)
    assert set(heard(Kind.LIST_OVERDUE)) == {group.user_id, first.user_id}
    look(contact.due_at + 10 * MINUTE)
    assert set(heard(Kind.LIST_OVERDUE)) == {group.user_id, first.user_id, second.user_id}
    look(contact.due_at + 20 * MINUTE)
    people = {group.user_id, first.user_id, second.user_id, third.user_id}
    assert set(heard(Kind.LIST_OVERDUE)) == people
    look(contact.due_at + DAY)
    assert len(heard(Kind.LIST_OVERDUE)) == len(people)
    moving.answer(contact.id, by=group, at=contact.due_at + DAY)
    assert heard(Kind.LIST_OVERDUE) == []
    moving.to_list(contact.id, by=group, at=contact.due_at + DAY)
    look(contact.due_at + 2 * DAY, times=1)
    assert set(heard(Kind.LIST_OVERDUE)) == people  # it is due anew, so it is told anew


def test_a_caller_for_whom_nobody_is_there_is_told_of_until_somebody_has_them() -> None:
    chief, backup = stories.person("HOTLINE"), floors.on_shift(at=AT, groups=["backup"])
    contact = rang()
    look(AT)
    assert heard(Kind.NOBODY_ON_SHIFT) == [chief.user_id]
    shifts.heard(by=backup, at=AT + 2 * MINUTE)
    moving.answer(contact.id, by=backup, at=AT + 2 * MINUTE)
    assert heard(Kind.NOBODY_ON_SHIFT) == []


@pytest.mark.parametrize(
    ("state", "is_there"), [("busy", True), ("paused", False), ("lost", False), ("deskless", False)]
)
def test_whoever_paused_or_is_not_heard_of_answers_nobody(state: str, is_there: bool) -> None:  # noqa: FBT001
    chief = stories.person("HOTLINE")
    person = floors.on_shift(at=AT, telephone="" if state == "deskless" else "+15550111")
    if state == "busy":
        rang(call="before")
    if state == "paused":
        shifts.pause(by=person, at=AT)
    at = AT + 2 * MINUTE if state == "lost" else AT
    contact = rang(at)
    assert contact.state == models.State.RINGING
    look(at)
    assert set(heard(Kind.NOBODY_ON_SHIFT)) == (set() if is_there else {chief.user_id, person.user_id})


@pytest.mark.parametrize(("texts", "is_there"), [(0, False), (3, True)])
def test_whoever_takes_no_texts_answers_none(texts: int, is_there: bool) -> None:  # noqa: FBT001
    chief, person = stories.person("HOTLINE"), floors.on_shift(at=AT, texts=texts)
    for number in range(texts + 1):  # one more than they can have
        contact = floors.take(
            floors.event(Event.WROTE, f"{number}", medium=Medium.TEXT, call=f"{number}", words="x", at=AT), at=AT
        )
    assert contact.state == models.State.RINGING
    look(AT)
    assert set(heard(Kind.NOBODY_ON_SHIFT)) == (set() if is_there else {chief.user_id, person.user_id})


def test_money_that_waits_is_told_to_whoever_may_decide_until_somebody_did() -> None:
    chief, asker, other = (stories.person("HOTLINE") for _ in "abc")
    floors.on_shift(at=AT)
    contact = floors.take(floors.event(Event.WROTE, "a", medium=Medium.TEXT, call="a", words="x", at=AT), at=AT)
    which = money.ask(contact.id, "hotel", decimal.Decimal(90), "A night.", by=asker, at=AT)
    look(AT)
    assert set(heard(Kind.MONEY_WAITS)) == {chief.user_id, other.user_id}
    money.decide(which, is_approved=True, by=chief, at=AT + MINUTE)
    assert heard(Kind.MONEY_WAITS) == []
    own = money.ask(contact.id, "hotel", decimal.Decimal(90), "A night.", by=other, at=AT)
    money.decide(own, is_approved=False, by=chief, at=AT)
    look(AT + MINUTE)
    assert heard(Kind.MONEY_WAITS) == []


def test_one_kind_that_fails_keeps_no_other_from_being_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the file of the lines cannot be read."""

    def fails(*, at: datetime.datetime) -> Sequence[notices.Matter]:
        raise ValueError(at)

    chief = stories.person("HOTLINE")
    monkeypatch.setitem(clock.OVERDUE, Kind.NOBODY_ON_SHIFT, fails)
    contact = left()
    assert contact.due_at is not None
    look(contact.due_at)
    assert heard(Kind.LIST_OVERDUE) == [chief.user_id]


def test_a_call_back_that_nobody_makes_is_told_of_before_its_time_is_over() -> None:
    chief = stories.person("HOTLINE")
    for number, key in enumerate(["", *floors.CALL_ME]):
        floors.take(floors.event(Event.PRESSED if key else Event.RANG, f"b{number}", call="b", words=key, at=AT), at=AT)
    group = floors.on_shift(at=AT, ready=False)
    (wish,) = calling_back.of(group, at=AT)
    near = wish.until - (wish.until - wish.asked_at) / 3
    look(near - MINUTE)
    calling_back.take(wish.id, by=group, at=near)
    look(near)
    assert heard(Kind.CALL_BACK_NEAR) == []  # somebody is calling
    look(near + calling_back.CALLS)
    assert set(heard(Kind.CALL_BACK_NEAR)) == {chief.user_id, group.user_id}
    calling_back.ended(wish.id, models.CallBack.Outcome.REACHED, by=group, at=near + calling_back.CALLS)
    assert heard(Kind.CALL_BACK_NEAR) == []
    assert len(heard(Kind.CALL_BACK_NEAR, stands=False)) == 2


def test_a_voicemail_whose_sound_does_not_come_is_told_of_until_it_does_or_its_contact_is_over() -> None:
    chief = stories.person("HOTLINE")
    kept, gone = left(call="kept"), left(call="gone")
    look(AT + 14 * MINUTE)
    assert heard(Kind.RECORDING_MISSING) == []
    with row_security.system():
        models.ContactMessage.objects.filter(contact=gone).update(ref=b"")  # the provider has none
    look(AT + 14 * MINUTE)
    assert heard(Kind.RECORDING_MISSING) == [chief.user_id]
    look(AT + 15 * MINUTE)
    assert heard(Kind.RECORDING_MISSING) == [chief.user_id, chief.user_id]
    with row_security.system():
        models.ContactMessage.objects.filter(contact=kept).update(fetched_at=AT + 16 * MINUTE)
    assert heard(Kind.RECORDING_MISSING) == [chief.user_id]
    person = floors.on_shift(at=AT + 16 * MINUTE, ready=False)
    moving.answer(gone.id, by=person, at=AT + 16 * MINUTE)
    moving.end(gone.id, by=person, at=AT + 17 * MINUTE)
    assert heard(Kind.RECORDING_MISSING) == []


def test_nobody_is_told_of_practice() -> None:
    stories.person("HOTLINE")
    at = AT
    floors.take(
        floors.event(Event.WROTE, "p", medium=Medium.TEXT, call="x", address="+15550102", words="x", at=at), at=at
    )
    look(at)
    with row_security.system():
        moving.decide(stories.agency("HOTLINE").id, at=at + 10 * MINUTE)
    (contact,) = floors.contacts()
    assert contact.state == models.State.VOICEMAIL
    look(at + DAY)
    assert not Notification.objects.exists()


def alone(*people: viewers.Viewer) -> None:
    """Let nobody else be at the hotline; a case of these tests comes with a coordinator."""
    others = User.objects.filter(agency=people[0].agency_id).exclude(id__in=[person.user_id for person in people])
    others.update(is_active=False)


def danger(writer: viewers.Viewer, to: uuid.UUID, at: datetime.datetime) -> Report:
    return reports.written(writer, to, danger="He is on his way.", at=at)


@pytest.mark.usefixtures("clock_ahead")
def test_a_review_that_is_overdue_is_told_to_whoever_may_review_it() -> None:
    now = timezone.now()
    chief, away, writer = (stories.person("HOTLINE") for _ in range(3))
    report = danger(writer, reports.kept(chief), now)
    alone(chief, away, writer)
    assert report.review_due_at
    assert report.case_id
    assert away.user_id
    need_to_know.exclude(report.case_id, person_id=away.user_id, because="Knows them.", by=chief, at=now)
    look(report.review_due_at - MINUTE)
    assert heard(Kind.REVIEW_OVERDUE) == []
    look(report.review_due_at)
    look(report.review_due_at + DAY)
    assert heard(Kind.REVIEW_OVERDUE) == [chief.user_id]
    reporting.review(report.id, comment="", seen=1, by=chief, at=report.review_due_at + DAY)
    assert heard(Kind.REVIEW_OVERDUE) == []


def test_where_nobody_may_review_it_whoever_brings_somebody_in_hears_of_it() -> None:
    now, writer = timezone.now(), stories.person("HOTLINE")
    admin = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    danger(writer, reports.kept(writer), now)
    alone(writer, admin)
    look(now + DAY)
    assert set(heard(Kind.REVIEW_OVERDUE)) == {writer.user_id, admin.user_id}


def test_a_report_that_nobody_confirmed_is_told_to_its_sender_each_time_that_it_left() -> None:
    now = timezone.now()
    chief, sender = stories.person("HOTLINE"), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    to = reports.kept(chief)
    slow, fast = reports.written(sender, to), danger(sender, to, now)
    reports.reviewed(slow, chief)
    alone(chief, sender)
    first, at_once = (reports.sent(each, to, sender) for each in (slow, fast))
    look(at_once.at + HOUR - MINUTE)
    assert heard(Kind.REPORT_UNCONFIRMED) == []
    look(at_once.at + HOUR)
    assert set(heard(Kind.REPORT_UNCONFIRMED)) == {chief.user_id, sender.user_id}
    confirm(at_once, by=sender)
    look(first.at + DAY)
    again = reports.sent(slow, to, sender)
    assert heard(Kind.REPORT_UNCONFIRMED) == []
    look(again.at + DAY - MINUTE, times=1)
    assert heard(Kind.REPORT_UNCONFIRMED) == []
    look(again.at + DAY)
    assert len(heard(Kind.REPORT_UNCONFIRMED)) == 2
    confirm(again, by=sender)
    assert heard(Kind.REPORT_UNCONFIRMED) == []
    assert len(heard(Kind.REPORT_UNCONFIRMED, stands=False)) == 6


@pytest.mark.usefixtures("clock_ahead")
def test_a_report_that_leaves_again_in_time_is_confirmed_within_its_time_anew() -> None:
    chief, sender = stories.person("HOTLINE"), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    to = reports.kept(chief)
    report = reports.written(sender, to)
    reports.reviewed(report, chief)
    now = timezone.now()
    for at in (now, now + 20 * HOUR):
        reporting.send(report.id, protocol_id=to, how=Sending.How.PHONE, seen=1, by=sender, at=at)
    look(now + DAY + MINUTE)
    assert heard(Kind.REPORT_UNCONFIRMED) == []
    look(now + 20 * HOUR + DAY)
    assert sender.user_id in heard(Kind.REPORT_UNCONFIRMED)


def confirm(sending: Sending, by: viewers.Viewer) -> None:
    reporting.confirm(sending.report_id, sending.id, number="26-1", name="", by=by, at=timezone.now())


@pytest.mark.usefixtures("clock_ahead")
def test_an_agency_whose_library_is_to_be_proved_hears_of_it_once_a_week_until_it_is() -> None:
    now, chief = timezone.now(), stories.person("HOTLINE")
    proved, never = reports.kept(chief), reports.kept(chief, choice=2)
    library.prove(proved, by=chief, at=now)
    look(now + 6 * DAY)
    assert heard(Kind.PROOF_OVERDUE) == []
    for day in (8, 9, 13):
        look(now + day * DAY)
    assert heard(Kind.PROOF_OVERDUE) == [chief.user_id]
    look(now + 15 * DAY)
    assert heard(Kind.PROOF_OVERDUE) == [chief.user_id] * 2
    library.retire(never, by=chief, at=now + 15 * DAY)
    assert heard(Kind.PROOF_OVERDUE) == []
    with row_security.system():
        again_at = library.read(proved, by=chief, at=now).prove_again_at
    assert again_at
    look(again_at)
    assert heard(Kind.PROOF_OVERDUE) == [chief.user_id]
    library.prove(proved, by=chief, at=again_at)
    assert heard(Kind.PROOF_OVERDUE) == []


def test_the_page_says_what_and_leads_there_and_names_nobody(client: Client) -> None:
    chief = stories.person("HOTLINE")
    contact = left()
    look(contact.due_at or AT)
    signing_in.sign_in(client, chief)
    page = client.get("/notifications").content.decode()
    assert str(Kind.LIST_OVERDUE.sentence) in page
    assert str(Kind.RECORDING_MISSING.sentence) in page
    assert '<a href="/line">' in page
    assert floors.CALLER not in page


def test_what_was_done_as_it_was_being_told_is_over() -> None:
    chief, agency = stories.person("HOTLINE"), stories.agency("HOTLINE").id
    assert chief.user_id
    contact = rang()
    with row_security.system():
        for kind in (kind for kind in Kind if kind in clock.OVERDUE):
            actions.tell([actions.Occurrence(kind, agency, frozenset([chief.user_id]), uuid.uuid4(), AT)], at=AT)
        actions.tell([actions.Occurrence(Kind.LIST_OVERDUE, agency, frozenset([chief.user_id]), contact.id, AT)], at=AT)
    over = Notification.objects.exclude(over_at=None).values_list("kind", flat=True)
    assert sorted(over) == sorted([*(kind.value for kind in clock.OVERDUE), Kind.LIST_OVERDUE.value])


def test_whoever_is_on_call_gets_mail_in_quiet_hours_that_says_how_many_and_nothing_of_them(
    post: postbox.Postbox,
) -> None:
    chief, group = stories.person("HOTLINE"), floors.on_shift(at=AT, ready=False)
    quiet = dataclasses.replace(sending.CHOICE, quiet=(0, 23))
    sending.wants_mail(chief, AT, dataclasses.replace(quiet, email="chief@example.gov"))
    sending.wants_mail(group, AT, dataclasses.replace(quiet, email="group@example.gov"))
    post.came.clear()
    due_at = max(contact.due_at or AT for contact in (left(call="a"), left(call="b")))
    sending.minute(due_at + MINUTE)
    (came,) = post.came
    assert came["To"] == "chief@example.gov"
    assert str(Kind.LIST_OVERDUE.of_many(2)) in came.get_content()
    assert str(Kind.RECORDING_MISSING.of_many(2)) in came.get_content()
    for secret in (floors.CALLER, floors.WORDS, "night", str(floors.contacts()[0].id)):
        assert secret not in came.as_string()
