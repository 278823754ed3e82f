"""Saved replies: in the language of whoever is in contact, as somebody reviewed them, and the mode of yes and no."""

from __future__ import annotations

import pathlib
import re
import uuid

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone, translation

from nowrongdoor.core import language
from nowrongdoor.core.line import Medium
from nowrongdoor.line import chatting, moving, replies, writing
from nowrongdoor.line.models import ContactMessage
from tests.languages import speaking
from tests.languages.test_public_languages import reviewed
from tests.line import floors

CODES = [code for code, _ in settings.PUBLIC_LANGUAGES]
# What none of them may say, whoever else reads it: what the line is about, and who is asked to help.
TELLING = re.compile(r"traffick|abus|victim|police|hotline|immigra|violen|help|danger|forced", re.IGNORECASE)


def words(code: str, to: str, medium: Medium = Medium.CHAT) -> str:
    reply = replies.offered(to, medium).of(code)
    assert reply is not None
    return reply.words


def test_there_are_ten_languages_and_every_sentence_is_another_in_each() -> None:
    assert len(CODES) == 10
    sentences = {**replies.SENTENCES, **replies.ANSWERS}
    same = []
    for code, sentence in sentences.items():
        english = replies._in("en-us", sentence)
        assert english == str.__str__(sentence)
        same += [(code, each) for each in CODES if each != "en-us" and replies._in(each, sentence) == english]
    assert same == [("no", "es-us")], "the two say it alike"
    for each in CODES:
        assert len({replies.folded(replies._in(each, sentence)) for sentence in sentences.values()}) == len(sentences)


def test_no_language_takes_for_the_mode_what_another_says_otherwise() -> None:
    by_words: dict[str, set[str]] = {}
    for code, _, said in replies._said(CODES):
        by_words.setdefault(replies.folded(said), set()).add(code)
    assert {said: codes for said, codes in by_words.items() if len(codes) > 1} == {}


def test_none_says_what_this_is_about() -> None:
    english = [str.__str__(each) for each in (*replies.SENTENCES.values(), *replies.ANSWERS.values())]
    assert [each for each in english if TELLING.search(each)] == []
    assert TELLING.search("The hotline is here")


def test_what_names_a_button_of_the_chat_names_it_as_the_page_does() -> None:
    for code in CODES:
        with translation.override(code):
            buttons = [translation.gettext(each) for each in ("Leave this page", "End this chat")]
        assert [each for each in buttons if each not in replies._in(code, replies.SENTENCES["leave"])] == [], code


def test_each_medium_has_its_own() -> None:
    of = {medium: {each.code for each in replies.offered("en", medium).replies} for medium in replies.WRITTEN}
    assert of[Medium.CHAT] ^ of[Medium.TEXT] == {"leave", "delete"}


@pytest.mark.parametrize("to", ["vi", "es", "pt", "zh-hans", "ar"])
def test_without_a_review_replies_are_in_the_first_language_and_say_why(to: str) -> None:
    offer = replies.offered(to, Medium.CHAT)
    assert (offer.language, offer.why) == ("en-us", replies.Why.UNREVIEWED)
    assert words("only", to) == "Answer only yes or no."


def test_with_a_review_they_are_in_that_language_with_ours_beneath(tmp_path: pathlib.Path) -> None:
    with speaking.installed(reviewed(tmp_path / "us", "vi")):
        offer = replies.offered("vi", Medium.CHAT)
        assert (offer.language, offer.why) == ("vi", replies.Why.SPOKEN)
        reply = offer.of("only")
        assert reply is not None
        assert reply.words == "Chỉ cần trả lời có hoặc không."
        assert reply.meaning == "Answer only yes or no."
        assert replies.offered("ko", Medium.CHAT).why is replies.Why.UNREVIEWED


def test_one_sentence_that_the_reader_left_out_keeps_them_in_the_first_language(tmp_path: pathlib.Path) -> None:
    with speaking.installed(reviewed(tmp_path / "us", "vi", left_out=1)):
        assert replies.offered("vi", Medium.CHAT).why is replies.Why.UNREVIEWED


@override_settings(DEMONSTRATION=True)
def test_a_demonstration_says_them_and_that_nobody_has_reviewed_them() -> None:
    offer = replies.offered("es", Medium.TEXT)
    assert (offer.language, offer.why) == ("es-us", replies.Why.DEMONSTRATION)
    assert words("only", "es") == "Responda solo sí o no."


def test_a_language_that_no_page_speaks_gets_the_first_and_is_named_so() -> None:
    offer = replies.offered("mam", Medium.TEXT)
    assert (offer.language, offer.why) == ("en-us", replies.Why.UNKNOWN)


def test_the_meaning_is_in_the_language_of_whoever_sends_it() -> None:
    with language.speaking("es-us"):
        reply = replies.offered("en", Medium.TEXT).of("back")
        assert replies.meanings()[replies.folded("I’ll be right back.")] == "Vuelvo enseguida."
    assert reply is not None
    assert (reply.words, reply.meaning) == ("I’ll be right back.", "Vuelvo enseguida.")


ONLY, FREELY = "Answer only yes or no.", "You can write in your own words again."


@pytest.mark.parametrize(
    ("written", "is_asked"),
    [
        ([], False),
        ([(True, ONLY)], True),
        ([(True, "Chỉ cần trả lời có hoặc không.")], True),
        ([(True, ONLY), (False, "Yes"), (True, "Are you in the kitchen?"), (False, "no")], True),
        ([(True, ONLY), (True, FREELY)], False),
        ([(True, FREELY), (True, ONLY)], True),
        ([(True, ONLY), (False, "Stop")], False),
        ([(True, ONLY), (False, "Dừng")], False),
        ([(True, ONLY), (False, "Stop"), (True, ONLY)], True),
        ([(False, ONLY)], False),  # they repeat what we wrote
        ([(True, ONLY), (False, FREELY), (True, "Stop")], True),
    ],
)
def test_only_yes_or_no_is_asked_from_one_sentence_until_another_or_stop(
    written: list[tuple[bool, str]],
    is_asked: bool,  # noqa: FBT001
) -> None:
    assert replies.asks_yes_or_no(written) is is_asked


@pytest.mark.django_db
def test_a_chat_is_short_while_somebody_is_there_and_in_that_contact_alone() -> None:
    person = floors.on_shift()
    visitor = chatting.begin("chat", "one", language="es", at=timezone.now())
    (contact,) = floors.contacts()

    def is_short() -> bool:
        return chatting.read(visitor, at=timezone.now()).is_short

    assert not is_short()
    writing.write(contact.id, ONLY, message_id=uuid.uuid4(), by=person, at=timezone.now())
    assert is_short()
    moving.to_list(contact.id, by=person, at=timezone.now())
    assert not is_short()
    moving.answer(contact.id, by=person, at=timezone.now())
    assert is_short()
    moving.end(contact.id, by=person, at=timezone.now())
    assert not is_short()
    chatting.write(visitor, "again", key=uuid.uuid4(), at=timezone.now())
    assert chatting.read(visitor, at=timezone.now()).stand is chatting.Stand.TALKING
    assert not is_short()


@pytest.mark.django_db
def test_a_whisper_begins_no_mode_for_the_visitor() -> None:
    floors.on_shift()
    visitor = chatting.begin("chat", "one", language="en", at=timezone.now())
    chief = floors.on_shift(ready=False)
    (contact,) = floors.contacts()
    writing.whisper(contact.id, ONLY, message_id=uuid.uuid4(), by=chief, at=timezone.now())
    assert not chatting.read(visitor, at=timezone.now()).is_short
    assert ContactMessage.Way.WHISPER in [each.way for each in writing.of(contact.id, by=chief, at=timezone.now())]
