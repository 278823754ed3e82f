"""What a provider says is taken once, whenever and however often it comes, and gives one contact."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.audit.models import Event as TrailEvent
from nowrongdoor.channels import protocol
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import line
from nowrongdoor.core.line import Medium
from nowrongdoor.line import calling_back, models, moving, shifts, speaking, taking, writing
from nowrongdoor.line.models import State
from nowrongdoor.vault.models import DataKey
from tests.line import floors

MINUTE = datetime.timedelta(minutes=1)
pytestmark = pytest.mark.django_db


def test_a_call_with_nobody_on_shift_is_on_a_list_with_a_deadline_once_its_wait_is_over() -> None:
    at = timezone.now()
    contact = floors.take(floors.event(Kind.RANG, "a", at=at), at=at)
    assert contact.state == State.RINGING
    assert contact.ends_at == at + 10 * MINUTE
    with row_security.system():
        moving.decide(contact.agency_id, at=at + 2 * MINUTE)
    assert floors.now(contact).group == "backup"
    with row_security.system():
        moving.decide(contact.agency_id, at=at + 10 * MINUTE - datetime.timedelta(seconds=1))
    assert floors.now(contact).state == State.RINGING
    with row_security.system():
        moving.decide(contact.agency_id, at=at + 10 * MINUTE)
    listed = floors.now(contact)
    assert listed.state == State.VOICEMAIL
    assert listed.due_at == at + 60 * MINUTE


def test_a_call_goes_to_whoever_is_ready_and_is_theirs() -> None:
    person = floors.on_shift()
    contact = floors.take(floors.event(Kind.RANG, "a"))
    assert (contact.state, contact.person_id) == (State.ANSWERED, person.user_id)
    with row_security.looking(person):
        legs = list(contact.legs.values_list("kind", "person", "ended_at"))
    assert legs == [("held", person.user_id, None)]


# A call that left a message: it rang, chose to, left one, and hung up.
CALL = [
    floors.event(Kind.RANG, "a"),
    floors.event(Kind.PRESSED, "b", words="1"),
    floors.event(Kind.RECORDED, "c", media="https://provider.example/r/1", seconds=12),
    floors.event(Kind.LEFT, "d"),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_call_with_a_message_is_one_contact_on_the_list_in_any_order_and_five_times(order: tuple[int, ...]) -> None:
    for number in [*order, *order, *order, *order, *order]:
        floors.take(CALL[number])
    (contact,) = floors.contacts()
    assert contact.state == State.VOICEMAIL
    with row_security.system():
        assert contact.messages.filter(way="voicemail", seconds=12).count() == 1
        assert models.LineEvent.objects.count() == 4


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_whoever_hung_up_before_anybody_answered_is_one_abandoned_contact(order: tuple[int, ...]) -> None:
    both = [floors.event(Kind.RANG, "a"), floors.event(Kind.LEFT, "b")]
    for number in order * 5:
        floors.take(both[number])
    (contact,) = floors.contacts()
    assert contact.state == State.ABANDONED
    assert bytes(contact.reach) == b""


def test_a_call_that_is_told_two_hours_late_holds_nobody() -> None:
    at = timezone.now()
    contact = floors.take(floors.event(Kind.RANG, "a", at=at - datetime.timedelta(hours=2)), at=at)
    assert contact.state == State.ABANDONED
    assert contact.rang_at == at - datetime.timedelta(hours=2)


def test_a_text_that_is_told_two_hours_late_waits_from_now_on() -> None:
    at = timezone.now()
    what = floors.event(Kind.WROTE, "a", medium=Medium.TEXT, words=floors.WORDS, at=at - datetime.timedelta(hours=2))
    contact = floors.take(what, at=at)
    assert contact.state == State.RINGING
    assert contact.ends_at == at + 10 * MINUTE


def test_three_texts_of_one_number_are_one_contact_and_what_comes_after_its_end_another() -> None:
    person = floors.on_shift()
    for number in range(3):
        contact = floors.take(
            floors.event(Kind.WROTE, f"t{number}", medium=Medium.TEXT, call="pair", words=f"{number}")
        )
    assert len(floors.contacts()) == 1
    words = writing.of(contact.id, by=person, at=timezone.now())
    assert [each.words for each in words] == ["0", "1", "2"]
    moving.end(contact.id, by=person, at=timezone.now())
    floors.take(floors.event(Kind.WROTE, "t4", medium=Medium.TEXT, call="pair", words="again"))
    both = floors.contacts()
    assert len(both) == 2
    assert bytes(both[0].caller) == bytes(both[1].caller) != b""


def test_who_writes_again_from_the_list_rings_again_and_is_due_when_it_was() -> None:
    at = timezone.now()
    contact = floors.take(floors.event(Kind.WROTE, "a", medium=Medium.TEXT, words="hello"), at=at)
    with row_security.system():
        moving.decide(contact.agency_id, at=at + 10 * MINUTE)
    assert floors.now(contact).state == State.VOICEMAIL
    contact = floors.take(floors.event(Kind.WROTE, "b", medium=Medium.TEXT, words="still here"), at=at + 30 * MINUTE)
    assert contact.state == State.RINGING
    with row_security.system():
        moving.decide(contact.agency_id, at=at + 40 * MINUTE)
    assert floors.now(contact).due_at == at + 60 * MINUTE


def test_a_mail_is_on_the_list_from_the_first() -> None:
    contact = floors.take(floors.event(Kind.WROTE, "m", medium=Medium.MAIL, sender="ana@mail.example", words="Help"))
    assert contact.state == State.VOICEMAIL


def test_stop_is_honored_until_start_and_what_waits_is_not_sent() -> None:
    person = floors.on_shift()
    contact = floors.take(floors.event(Kind.WROTE, "a", medium=Medium.TEXT, call="pair", words="hello"))
    writing.write(contact.id, "We are here.", message_id=contact.id, by=person, at=timezone.now())
    floors.take(floors.event(Kind.STOPPED, "b", medium=Medium.TEXT, call="pair"))
    with row_security.system():
        assert contact.messages.get(way="out").outcome == "failed"
    with pytest.raises(line.Refused, match="STOP"):
        writing.write(contact.id, "Hello?", message_id=person.user_id, by=person, at=timezone.now())  # type: ignore[arg-type]
    floors.take(floors.event(Kind.STARTED, "c", medium=Medium.TEXT, call="pair"))
    writing.write(contact.id, "Hello again.", message_id=person.user_id, by=person, at=timezone.now())  # type: ignore[arg-type]
    with row_security.system():
        assert contact.messages.filter(way="out").count() == 2


def test_words_before_a_stop_are_read_by_somebody() -> None:
    floors.take(floors.event(Kind.WROTE, "a", medium=Medium.TEXT, call="pair", words="help"))
    contact = floors.take(floors.event(Kind.STOPPED, "b", medium=Medium.TEXT, call="pair"))
    assert contact.state == State.VOICEMAIL
    assert contact.due_at is not None


def test_a_stop_of_a_hidden_number_is_of_nobody() -> None:
    floors.take(floors.event(Kind.WROTE, "a", medium=Medium.TEXT, call="pair", sender="", words="help"))
    floors.take(floors.event(Kind.STOPPED, "b", medium=Medium.TEXT, call="pair", sender=""))
    with row_security.system():
        assert not models.Stop.objects.exists()


def test_whoever_asks_by_keys_is_called_back_only_after_they_said_that_it_is_safe() -> None:
    at = timezone.now()
    contact = floors.take(floors.event(Kind.RANG, "a"), at=at)
    for number, key in enumerate(floors.CALL_ME):
        with row_security.system():
            assert not models.CallBack.objects.exists()
        floors.take(floors.event(Kind.PRESSED, f"p{number}", words=key), at=at)
    with row_security.system():
        call_back = models.CallBack.objects.get()
    assert call_back.until == at + datetime.timedelta(hours=8)
    assert call_back.otherwise == "hang_up"
    assert floors.now(contact).state == State.VOICEMAIL


SAFE = floors.SAFE
UNSAFE = [
    ["9"],
    ["2", "3"],
    ["2", SAFE, "3"],
    ["2", SAFE, "2", SAFE],
    ["2", SAFE, "1", "9", "9"],
    ["2", "911", "1", "2"],
]


@pytest.mark.parametrize("keys", UNSAFE, ids=" ".join)
def test_whoever_does_not_say_that_it_is_safe_stays_on_the_line(keys: Sequence[str]) -> None:
    contact = floors.take(floors.event(Kind.RANG, "a"))
    for number, key in enumerate(keys):
        floors.take(floors.event(Kind.PRESSED, f"p{number}", words=key))
    with row_security.system():
        assert not models.CallBack.objects.exists()
    assert floors.now(contact).state == State.RINGING


def test_a_key_that_means_nothing_leaves_the_question_open() -> None:
    floors.take(floors.event(Kind.RANG, "a"))
    for number, key in enumerate(["2", "911", SAFE, "7", "2", "5550188", "1", "9", "2", "7", "2"]):
        floors.take(floors.event(Kind.PRESSED, f"p{number}", words=key))
    person = floors.on_shift(ready=False)
    (wish,) = calling_back.of(person, at=timezone.now())
    assert calling_back.take(wish.id, by=person, at=timezone.now()) == "5550188"


@pytest.mark.parametrize("sender", [floors.CALLER, ""], ids=["shown", "hidden"])
def test_nobody_is_called_at_the_number_that_they_called_from_unless_they_press_it(sender: str) -> None:
    for number, key in enumerate(["", *floors.CALL_ME]):
        kind = Kind.PRESSED if key else Kind.RANG
        floors.take(floors.event(kind, f"p{number}", sender=sender, words=key))
    person = floors.on_shift(ready=False)
    (wish,) = calling_back.of(person, at=timezone.now())
    assert calling_back.take(wish.id, by=person, at=timezone.now()) == floors.SAFE


@pytest.mark.usefixtures("clock_ahead")
def test_whoever_calls_back_says_what_came_of_it_though_its_time_ended_while_they_talked() -> None:
    at = timezone.now()
    for number, key in enumerate(["", *floors.CALL_ME]):
        floors.take(floors.event(Kind.PRESSED if key else Kind.RANG, f"p{number}", words=key), at=at)
    person, hours = floors.on_shift(ready=False), datetime.timedelta(hours=1)
    (wish,) = calling_back.of(person, at=at)
    calling_back.take(wish.id, by=person, at=wish.until - hours / 6)
    assert calling_back.run_out(at=wish.until + hours / 6) == 0
    with pytest.raises(line.Refused):
        calling_back.take(wish.id, by=person, at=wish.until + hours / 6)
    calling_back.ended(wish.id, models.CallBack.Outcome.REACHED, by=person, at=wish.until + hours / 3)
    with row_security.system():
        assert models.CallBack.objects.get().outcome == models.CallBack.Outcome.REACHED


def test_nothing_of_whoever_calls_stands_in_the_trail_or_in_a_row_in_the_clear() -> None:
    contact = floors.take(floors.event(Kind.WROTE, "a", medium=Medium.TEXT, words=floors.WORDS))
    with row_security.system():
        rows = [*models.Contact.objects.values_list(), *models.ContactMessage.objects.values_list()]
        rows += [
            *models.LineEvent.objects.values_list(),
            *TrailEvent.objects.filter(subject_id=contact.id).values_list(),
        ]
        assert DataKey.objects.filter(subject_id=contact.id, of="contact").count() == 1
    text = b"".join(
        bytes(value) if isinstance(value, memoryview | bytes) else str(value).encode() for row in rows for value in row
    )
    for word in (floors.CALLER, floors.WORDS, "passports"):
        assert word.encode() not in text


def test_an_address_that_no_line_has_is_refused() -> None:
    with pytest.raises(taking.NoSuchLine):
        floors.take(floors.event(Kind.RANG, "a", address="+15550777"))


@pytest.mark.parametrize(("of_line", "hears"), [("es", "Gracias"), ("vi", "Thank you"), ("en", "Thank you")])
def test_a_call_hears_its_language_or_the_first_where_nobody_reviewed_it(of_line: str, hears: str) -> None:
    contact = floors.take(floors.event(Kind.RANG, "a"))
    with row_security.system():
        models.Contact.objects.filter(id=contact.id).update(language=of_line)
    said = [step for step in speaking.steps(contact, at=contact.since) if isinstance(step, protocol.Say)]
    assert said[0].words.startswith(hears)


def test_a_message_that_comes_after_somebody_ended_an_empty_call_is_on_the_list() -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at)
    contact = floors.take(floors.event(Kind.RANG, "a", at=at), at=at)
    moving.end(contact.id, by=desk, at=at)
    assert floors.now(contact).state == State.ENDED
    shifts.pause(by=desk, at=at)
    listed = floors.take(floors.event(Kind.RECORDED, "b", media="RE1", seconds=9, at=at), at=at + MINUTE)
    assert (listed.id, listed.state) == (contact.id, State.VOICEMAIL)
    assert listed.due_at is not None


def test_a_call_that_asks_again_ends_its_wait_though_no_clock_runs() -> None:
    at = timezone.now()
    ring = floors.event(Kind.RANG, "a", at=at)
    contact = floors.take(ring, at=at)
    assert floors.take(ring, at=at + 10 * MINUTE - datetime.timedelta(seconds=1)).state == State.RINGING
    assert floors.take(ring, at=at + 10 * MINUTE).state == State.VOICEMAIL
    with row_security.system():
        assert models.LineEvent.objects.filter(contact=contact).count() == 1


def test_a_stop_that_is_told_late_does_not_undo_a_later_start() -> None:
    at = timezone.now()
    started = floors.event(Kind.STARTED, "b", medium=Medium.TEXT, call="pair", at=at + MINUTE)
    stopped = floors.event(Kind.STOPPED, "a", medium=Medium.TEXT, call="pair", at=at)
    for event in (started, stopped):
        taking.take("telephone", event, how=models.LineEvent.How.TOLD, at=at + 2 * MINUTE)
    with row_security.system():
        assert not models.Stop.objects.filter(ended_at=None).exists()
    again = floors.event(Kind.STOPPED, "c", medium=Medium.TEXT, call="pair", at=at + 3 * MINUTE)
    taking.take("telephone", again, how=models.LineEvent.How.TOLD, at=at + 3 * MINUTE)
    with row_security.system():
        assert models.Stop.objects.filter(ended_at=None).count() == 1


def test_what_was_found_by_looking_again_is_taken_whole_before_it_is_decided_on() -> None:
    at = timezone.now()
    floors.on_shift(at=at)
    rang, left = (
        floors.event(kind, name, at=at - after)
        for kind, name, after in ((Kind.RANG, "a", 2 * MINUTE), (Kind.LEFT, "b", MINUTE))
    )
    nowhere = floors.event(Kind.RANG, "n", call="n", address="+15550999", at=at)
    taking.take_all("telephone", [nowhere, rang, left], at=at)
    (contact,) = floors.contacts()
    assert contact.state == State.ABANDONED
    assert contact.answered_at is None
