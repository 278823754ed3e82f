"""A web chat is one contact, kept once, and shown to whoever has its secret and to nobody else."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.audit.models import Event
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import line
from nowrongdoor.line import chatting, models, moving, writing
from nowrongdoor.line.models import ContactMessage, State
from nowrongdoor.vault.models import DataKey
from tests.line import floors

MINUTE = datetime.timedelta(minutes=1)
HELLO = "Can I ask something first?"
pytestmark = pytest.mark.django_db


def begun(name: str = "one", *, at: datetime.datetime | None = None, language: str = "es") -> chatting.Visitor:
    return chatting.begin("chat", name, language=language, at=at or timezone.now())


def wrote(visitor: chatting.Visitor, words: str = HELLO, *, key: uuid.UUID | None = None) -> None:
    chatting.write(visitor, words, key=key or uuid.uuid4(), at=timezone.now())


def read(visitor: chatting.Visitor) -> chatting.Chat:
    return chatting.read(visitor, at=timezone.now())


def words_of(visitor: chatting.Visitor) -> list[tuple[bool, str]]:
    return [(each.is_own, each.words) for each in read(visitor).written]


def shown(visitor: chatting.Visitor) -> tuple[int, list[str]]:
    """How many contacts, and which ways of messages, the database shows to whoever has a secret: no filter of ours."""
    with row_security.visiting(visitor.token):
        ways = ContactMessage.objects.order_by("at", "id").values_list("way", flat=True)
        return models.Contact.objects.count(), list(ways)


def test_a_chat_is_one_contact_however_often_it_is_begun_and_speaks_its_language() -> None:
    for _ in range(5):
        begun()
    (contact,) = floors.contacts()
    assert (contact.state, contact.medium, contact.language) == (State.RINGING, "chat", "es")


def test_the_same_key_is_kept_once_and_both_sides_are_read() -> None:
    person = floors.on_shift()
    visitor, key = begun(), uuid.uuid4()
    for _ in range(3):
        wrote(visitor, key=key)
    (contact,) = floors.contacts()
    writing.write(contact.id, "Yes. Ask.", message_id=uuid.uuid4(), by=person, at=timezone.now())
    assert words_of(visitor) == [(True, HELLO), (False, "Yes. Ask.")]
    assert read(visitor).stand is chatting.Stand.TALKING


def test_a_whisper_and_a_voicemail_are_not_shown_to_the_visitor_by_the_database_itself() -> None:
    person = floors.on_shift()
    visitor = begun()
    wrote(visitor)
    (contact,) = floors.contacts()
    chief = floors.on_shift(ready=False)
    writing.whisper(contact.id, "Ask whether they are alone.", message_id=uuid.uuid4(), by=chief, at=timezone.now())
    seen = [each.way for each in writing.of(contact.id, by=person, at=timezone.now())]
    assert seen == ["in", "whisper"]
    assert shown(visitor) == (1, ["in"])


def test_another_secret_or_another_line_opens_nothing() -> None:
    visitor = begun("one")
    wrote(visitor)
    floors.take(floors.event(Kind.WROTE, "a", medium=line.Medium.TEXT, words=floors.WORDS, call="one"))
    for other in (
        chatting.Visitor("chat", visitor.agency_id, "two"),
        chatting.Visitor("texts", visitor.agency_id, "one"),
    ):
        assert shown(other) == (0, [])
        with pytest.raises(chatting.NoSuchChat):
            read(other)
        with pytest.raises(chatting.NoSuchChat):
            wrote(other)
    assert shown(visitor) == (1, ["in"])


def test_the_token_of_a_conversation_by_text_opens_nothing_either() -> None:
    contact = floors.take(floors.event(Kind.WROTE, "a", medium=line.Medium.TEXT, words=floors.WORDS))
    with row_security.visiting(bytes(contact.conversation)):
        assert models.Contact.objects.count() == ContactMessage.objects.count() == 0
    chat = begun()
    with row_security.visiting(chat.token):
        assert models.Contact.objects.count() == 1


def test_a_visitor_writes_changes_and_reads_nothing_else_of_the_line() -> None:
    floors.on_shift()
    visitor = begun()
    wrote(visitor)
    with row_security.visiting(visitor.token):
        assert models.Contact.objects.update(is_danger=True) == 0
        for model in (models.Seat, models.Leg, models.LineEvent, models.CallBack, models.Stop):
            assert model.objects.count() == 0
    assert read(visitor).written


def test_whoever_left_opens_nothing_any_more_and_what_they_wrote_is_on_the_list() -> None:
    visitor = begun()
    wrote(visitor)
    chatting.end(visitor, at=timezone.now())
    chatting.end(visitor, at=timezone.now())
    (contact,) = floors.contacts()
    assert contact.state == State.VOICEMAIL
    assert shown(visitor) == (0, [])
    with pytest.raises(chatting.NoSuchChat):
        wrote(visitor)


def test_whoever_left_without_a_word_is_abandoned() -> None:
    visitor = begun()
    chatting.end(visitor, at=timezone.now())
    (contact,) = floors.contacts()
    assert contact.state == State.ABANDONED


def test_whoever_leaves_while_somebody_is_there_leaves_it_to_that_person() -> None:
    person = floors.on_shift()
    visitor = begun()
    chatting.end(visitor, at=timezone.now())
    (contact,) = floors.contacts()
    assert (contact.state, contact.person_id) == (State.ANSWERED, person.user_id)
    assert contact.left_at is not None


def test_whoever_leaves_a_chat_that_is_over_closes_it_for_its_secret() -> None:
    person = floors.on_shift()
    visitor = begun()
    for words in ("first", "second"):
        wrote(visitor, words)
        moving.end(floors.contacts()[-1].id, by=person, at=timezone.now())
    assert read(visitor).stand is chatting.Stand.OVER
    chatting.end(visitor, at=timezone.now())
    assert [each.left_at is None for each in floors.contacts()] == [False, False]
    assert shown(visitor) == (0, [])
    with pytest.raises(chatting.NoSuchChat):
        read(visitor)
    with pytest.raises(chatting.NoSuchChat):
        wrote(visitor)
    with pytest.raises(chatting.NoSuchChat):
        begun()
    assert len(floors.contacts()) == 2


def test_nothing_is_taken_in_a_chat_that_is_left_at_the_same_instant() -> None:
    visitor = begun()
    chatting.end(visitor, at=timezone.now())
    with pytest.raises(chatting.NoSuchChat):  # what `write` does once it saw that the chat is there
        chatting._take(visitor, Kind.WROTE, "wrote late", words=HELLO, language="en", at=timezone.now())
    assert len(floors.contacts()) == 1


def test_nobody_there_is_shown_at_once_and_the_wait_ends_on_a_list() -> None:
    at = timezone.now()
    visitor = begun(at=at)
    assert read(visitor).stand is chatting.Stand.NOBODY
    assert not chatting.open_line("chat", at=at).is_staffed
    with row_security.system():
        moving.decide(visitor.agency_id, at=at + 10 * MINUTE)
    after = read(visitor)
    assert after.stand is chatting.Stand.LISTED
    assert after.until == at + 60 * MINUTE
    wrote(visitor)
    assert read(visitor).stand is chatting.Stand.NOBODY, "it rings again"


def test_somebody_on_shift_who_is_busy_makes_it_a_wait() -> None:
    floors.on_shift(texts=1)
    begun("another")
    assert read(begun()).stand is chatting.Stand.WAITING


@pytest.mark.parametrize("seat", [{"ready": False}, {"texts": 0}, {"is_trainee": True}])
def test_whoever_pauses_or_takes_no_chats_is_nobody_who_comes(seat: dict[str, object]) -> None:
    floors.on_shift(**seat)  # type: ignore[arg-type]
    assert read(begun()).stand is chatting.Stand.NOBODY
    assert not chatting.open_line("chat", at=timezone.now()).is_staffed


def test_what_is_written_after_the_end_waits_for_somebody_anew() -> None:
    person = floors.on_shift()
    visitor = begun()
    wrote(visitor, "first")
    (contact,) = floors.contacts()
    moving.end(contact.id, by=person, at=timezone.now())
    assert read(visitor).stand is chatting.Stand.OVER
    wrote(visitor, "second")
    assert len(floors.contacts()) == 2
    assert words_of(visitor) == [(True, "first"), (True, "second")]


def test_an_hour_after_its_end_a_chat_opens_no_more() -> None:
    person = floors.on_shift()
    visitor = begun()
    (contact,) = floors.contacts()
    moving.end(contact.id, by=person, at=timezone.now() - 61 * MINUTE)
    assert shown(visitor) == (0, [])


def test_nothing_and_too_much_are_refused() -> None:
    visitor = begun()
    for words in ("", "   ", "x" * (chatting.LONGEST + 1)):
        with pytest.raises(line.Refused):
            wrote(visitor, words)
    wrote(visitor, "x" * chatting.LONGEST)
    assert len(read(visitor).written) == 1


def test_the_secret_is_in_no_row_and_not_in_what_is_told() -> None:
    secret = chatting.draw_secret()
    visitor = begun(secret)
    wrote(visitor)
    with row_security.system(), connection.cursor() as cursor:
        for model in (models.Contact, ContactMessage, models.LineEvent, Event, DataKey):
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t")  # noqa: S608  names of our own
            text = "".join(row for (row,) in cursor.fetchall())
            assert secret not in text
            assert secret.encode().hex() not in text
    assert visitor.token.hex()[:32] != visitor.topic.hex
