"""Who has a contact: somebody who said yes; and nobody leaves one behind."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import line
from nowrongdoor.core.line import Medium
from nowrongdoor.line import models, moving, shifts, writing
from nowrongdoor.line.models import State
from tests.leads import stories
from tests.line import floors

MINUTE, SECOND = datetime.timedelta(minutes=1), datetime.timedelta(seconds=1)
pytestmark = pytest.mark.django_db


def text(name: str = "a", *, call: str = "pair", at: datetime.datetime | None = None) -> models.Contact:
    return floors.take(floors.event(Kind.WROTE, name, medium=Medium.TEXT, call=call, words=floors.WORDS), at=at)


def test_a_colleague_who_was_asked_takes_over_and_the_legs_say_who_had_it_when() -> None:
    first, second = floors.on_shift(), floors.on_shift(ready=False)
    contact = text()
    assert contact.person_id == first.user_id
    assert second.user_id is not None
    with pytest.raises(line.Refused, match="Nobody asked you"):
        moving.take_over(contact.id, by=second, at=timezone.now())
    moving.ask(contact.id, second.user_id, by=first, at=timezone.now())
    assert floors.now(contact).person_id == first.user_id, "it stays where it is until they say yes"
    at = timezone.now()
    moving.take_over(contact.id, by=second, at=at)
    with row_security.looking(first):
        legs = list(contact.legs.order_by("began_at").values_list("person", "ended_at"))
    assert legs == [(first.user_id, at), (second.user_id, None)]


def test_whoever_says_no_leaves_it_where_it_is() -> None:
    first, second = floors.on_shift(), floors.on_shift(ready=False)
    contact = text()
    assert second.user_id is not None
    moving.ask(contact.id, second.user_id, by=first, at=timezone.now())
    moving.decline(contact.id, by=second, at=timezone.now())
    assert floors.now(contact).asked_id is None
    assert floors.now(contact).person_id == first.user_id


def test_a_coordinator_takes_over_and_asks_in_place_of_somebody() -> None:
    first, chief = floors.on_shift(), floors.on_shift(viewers.Role.COORDINATOR, ready=False)
    contact = text()
    moving.take_over(contact.id, by=chief, at=timezone.now())
    assert floors.now(contact).person_id == chief.user_id
    assert first.user_id is not None
    moving.ask(contact.id, first.user_id, by=chief, at=timezone.now())
    moving.take_over(contact.id, by=first, at=timezone.now())
    assert floors.now(contact).person_id == first.user_id


def test_nobody_of_another_agency_finds_a_contact() -> None:
    contact = text()
    stranger = stories.person("HSI")
    for act in (
        lambda: moving.answer(contact.id, by=stranger, at=timezone.now()),
        lambda: moving.take_over(contact.id, by=stranger, at=timezone.now()),
        lambda: moving.end(contact.id, by=stranger, at=timezone.now()),
        lambda: writing.of(contact.id, by=stranger, at=timezone.now()),
        lambda: writing.write(contact.id, "x", message_id=uuid.uuid4(), by=stranger, at=timezone.now()),
        lambda: writing.whisper(contact.id, "x", message_id=uuid.uuid4(), by=stranger, at=timezone.now()),
    ):
        with pytest.raises(moving.NoSuchContact):
            act()


def test_a_shift_ends_once_somebody_else_has_each_contact() -> None:
    person = floors.on_shift()
    contact = text()
    with pytest.raises(line.Refused, match="You still have 1"):
        shifts.end("", by=person, at=timezone.now())
    with (
        row_security.looking(person),
        pytest.raises(IntegrityError, match="somebody else has each"),
        transaction.atomic(),
    ):
        models.Seat.objects.update(ready_since=None, ended_at=timezone.now())
    moving.to_list(contact.id, by=person, at=timezone.now())
    shifts.end("The one on the list is waiting for a ride.", by=person, at=timezone.now())
    assert floors.now(contact).state == State.VOICEMAIL


@pytest.mark.usefixtures("clock_ahead")
def test_a_text_of_somebody_whose_page_is_gone_rings_again_and_goes_to_the_next() -> None:
    at = timezone.now()
    gone, there = floors.on_shift(at=at), floors.on_shift(at=at + MINUTE)
    contact = text(at=at + MINUTE)
    assert contact.person_id == gone.user_id
    later = at + 7 * MINUTE
    shifts.heard(by=there, at=later)
    moving.give_back(contact.agency_id, at=later)
    assert floors.now(contact).person_id == there.user_id
    assert shifts.heard(by=gone, at=later) is None, "their shift is over"


def test_a_call_of_somebody_whose_page_is_gone_goes_on_until_they_hang_up() -> None:
    at = timezone.now()
    floors.on_shift(at=at)
    contact = floors.take(floors.event(Kind.RANG, "a"), at=at)
    moving.give_back(contact.agency_id, at=at + 10 * MINUTE)
    assert floors.now(contact).state == State.ANSWERED
    floors.take(floors.event(Kind.LEFT, "b"), at=at + 11 * MINUTE)
    moving.give_back(contact.agency_id, at=at + 12 * MINUTE)
    assert floors.now(contact).state == State.VOICEMAIL, "somebody writes it down"


def test_whoever_pauses_gets_nothing_and_whoever_talks_gets_no_second() -> None:
    person = floors.on_shift()
    shifts.pause(by=person, at=timezone.now())
    waiting = text()
    assert waiting.state == State.RINGING
    shifts.ready(by=person, at=timezone.now())
    assert floors.now(waiting).person_id == person.user_id
    moving.end(waiting.id, by=person, at=timezone.now())
    call = floors.take(floors.event(Kind.RANG, "c", call="call-9"))
    assert call.person_id == person.user_id
    assert text("d", call="other").state == State.RINGING


def test_whoever_is_learning_gets_practice_and_nobody_else_gets_them() -> None:
    learning = floors.on_shift(is_trainee=True)
    real = text()
    practice = floors.take(
        floors.event(Kind.WROTE, "p", medium=Medium.TEXT, call="practice", address="+15550102", words="practice")
    )
    assert real.state == State.RINGING
    assert practice.person_id == learning.user_id


def test_danger_is_answered_first() -> None:
    first, second = text("a", call="one"), text("b", call="two")
    chief = stories.person("HOTLINE")
    moving.in_danger(second.id, by=chief, at=timezone.now())
    person = floors.on_shift(texts=1)
    assert floors.now(second).person_id == person.user_id
    assert floors.now(first).state == State.RINGING


def test_a_message_is_kept_once_and_a_whisper_is_not_for_the_one_who_called() -> None:
    person = floors.on_shift()
    contact = text()
    name = uuid.uuid4()
    for _ in range(3):
        writing.write(contact.id, "We are here.", message_id=name, by=person, at=timezone.now())
    chief = stories.person("HOTLINE")
    writing.whisper(contact.id, "Ask whether they are alone.", message_id=uuid.uuid4(), by=chief, at=timezone.now())
    with pytest.raises(line.Refused, match="Somebody else"):
        writing.write(contact.id, "Hello.", message_id=uuid.uuid4(), by=chief, at=timezone.now())
    ways = [(each.way, each.words) for each in writing.of(contact.id, by=person, at=timezone.now())]
    assert ways == [
        ("in", floors.WORDS),
        ("out", "We are here."),
        ("whisper", "Ask whether they are alone."),
    ]


def test_a_test_becomes_no_signal() -> None:
    learning = floors.on_shift(is_trainee=True)
    practice = floors.take(
        floors.event(Kind.WROTE, "p", medium=Medium.TEXT, call="practice", address="+15550102", words="practice")
    )
    receipt = stories.signal()
    with pytest.raises(line.Refused, match="practice"):
        moving.became(practice.id, receipt.signal_id, by=learning, at=timezone.now())
    with (
        row_security.looking(learning),
        pytest.raises(IntegrityError, match="a_test_becomes_no_signal"),
        transaction.atomic(),
    ):
        models.Contact.objects.filter(id=practice.id).update(signal=receipt.signal_id)


def test_whoever_was_asked_first_gets_it_when_they_come_after_another_group_was_asked() -> None:
    at = timezone.now()
    contact = text(at=at)
    with row_security.system():
        moving.decide(contact.agency_id, at=at + 3 * MINUTE)
    assert floors.now(contact).group == "backup"
    person = floors.on_shift(at=at + 4 * MINUTE)
    assert (floors.now(contact).person_id, floors.now(contact).group) == (person.user_id, "night")


def test_a_caller_is_answered_by_nobody_who_has_no_telephone() -> None:
    person = floors.on_shift(telephone="", ready=False)
    call = floors.take(floors.event(Kind.RANG, "a"))
    with pytest.raises(line.Refused, match="no telephone"):
        moving.answer(call.id, by=person, at=timezone.now())
    assert floors.now(call).state == State.RINGING
    floors.take(floors.event(Kind.PRESSED, "b", words="1"))
    floors.take(floors.event(Kind.LEFT, "c"))
    moving.answer(call.id, by=person, at=timezone.now())
    assert floors.now(call).person_id == person.user_id, "a message of somebody who left needs no telephone"


def test_whoever_has_room_again_gets_what_waits_at_once() -> None:
    person = floors.on_shift(texts=1)
    first, second = text("a", call="one"), text("b", call="two")
    assert second.state == State.RINGING
    moving.to_list(first.id, by=person, at=timezone.now())
    assert floors.now(second).person_id == person.user_id


@pytest.mark.usefixtures("clock_ahead")
def test_whoever_waits_for_a_word_rings_for_somebody_else_and_the_silent_desk_pauses() -> None:
    at = timezone.now()
    silent = floors.on_shift(at=at)
    contact = floors.take(floors.event(Kind.WROTE, "a", medium=Medium.TEXT, words=floors.WORDS, at=at), at=at)
    assert contact.person_id == silent.user_id
    _heard(silent, at + moving.SILENT)
    with row_security.system():
        moving.give_back(contact.agency_id, at=at + moving.SILENT - SECOND)
        assert floors.now(contact).person_id == silent.user_id
        moving.give_back(contact.agency_id, at=at + moving.SILENT)
    assert floors.now(contact).state == State.RINGING
    seat = shifts.of(silent)
    assert seat is not None
    assert seat.ready_since is None
    awake = floors.on_shift(at=at + moving.SILENT)
    assert floors.now(contact).person_id == awake.user_id


@pytest.mark.usefixtures("clock_ahead")
def test_whoever_answered_is_left_in_peace_while_they_wait_for_whoever_wrote() -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at)
    contact = floors.take(floors.event(Kind.WROTE, "a", medium=Medium.TEXT, words=floors.WORDS, at=at), at=at)
    writing.write(contact.id, "We are here.", message_id=uuid.uuid4(), by=desk, at=at + SECOND)
    _heard(desk, at + 3 * moving.SILENT)
    with row_security.system():
        moving.give_back(contact.agency_id, at=at + 3 * moving.SILENT)
    assert floors.now(contact).person_id == desk.user_id


def test_a_call_that_nobody_told_the_end_of_is_over_after_twelve_hours() -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at)
    contact = floors.take(floors.event(Kind.RANG, "a", at=at), at=at)
    with row_security.system():
        moving.give_back(contact.agency_id, at=at + moving.LONGEST_CALL - SECOND)
        assert floors.now(contact).person_id == desk.user_id
        moving.give_back(contact.agency_id, at=at + moving.LONGEST_CALL)
    assert floors.now(contact).state == State.VOICEMAIL
    assert shifts.of(desk) is None


def test_nobody_takes_a_second_call_nor_a_live_one_while_they_learn() -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at)
    floors.take(floors.event(Kind.RANG, "a", at=at), at=at)
    second = floors.take(floors.event(Kind.RANG, "b", call="call-2", sender="+15550188", at=at), at=at)
    with pytest.raises(line.Refused, match="on the phone with somebody else"):
        moving.answer(second.id, by=desk, at=at)
    learner = floors.on_shift(at=at, is_trainee=True)
    with pytest.raises(line.Refused, match="practice shift"):
        moving.answer(second.id, by=learner, at=at)
    assert floors.now(second).state == State.RINGING


def test_a_mail_in_progress_keeps_nobody_from_a_call() -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at)
    mail = floors.take(floors.event(Kind.WROTE, "m", medium=Medium.MAIL, call="m", words=floors.WORDS, at=at), at=at)
    moving.answer(mail.id, by=desk, at=at)
    call = floors.take(floors.event(Kind.RANG, "a", at=at), at=at)
    assert (floors.now(mail).person_id, call.person_id) == (desk.user_id, desk.user_id)


def test_a_contact_ends_once_its_last_message_has_left() -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at)
    contact = floors.take(floors.event(Kind.WROTE, "a", medium=Medium.TEXT, words=floors.WORDS, at=at), at=at)
    message_id = uuid.uuid4()
    writing.write(contact.id, "We are here.", message_id=message_id, by=desk, at=at)
    with pytest.raises(line.Refused, match="still being sent"):
        moving.end(contact.id, by=desk, at=at)
    writing.send(message_id, at=at)
    moving.end(contact.id, by=desk, at=at)
    assert floors.now(contact).state == State.ENDED


def _heard(person: viewers.Viewer, at: datetime.datetime) -> None:
    assert shifts.heard(by=person, at=at)
