"""A sender's mailbox in their browser: what a third party sees and what the person does, behind which proof."""

from __future__ import annotations

import datetime
import secrets

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.core import receipts
from nowrongdoor.door import kept
from nowrongdoor.mailbox import desk, openers, visiting
from nowrongdoor.mailbox.models import Mailbox, Post
from nowrongdoor.signals.models import Signal
from tests.door import walking
from tests.leads import stories

pytestmark = pytest.mark.django_db
BIKE = {"question": "What did I call my first bike?", "answer": "Blitz"}


def sent(stance: str, **safety: str) -> str:
    """Send something, and return the receipt."""
    visitor = walking.Visitor()
    visitor.answer(stance=stance)
    while visitor.at != "check":
        visitor.answer(**safety) if visitor.at == "safety" and safety else visitor.send(do="skip")
    visitor.send(do="send")
    return visitor.receipt


def opened(receipt: str) -> walking.Visitor:
    visitor = walking.Visitor("/mailbox")
    visitor.send("/mailbox", receipt=receipt)
    return visitor


def asks(words: str, kind: Post.Kind = Post.Kind.QUESTION) -> str:
    """The hotline reads what was sent and writes to its sender; return the post's id."""
    with row_security.system():
        signal_id = Signal.objects.get().id
    by = stories.person("HOTLINE")
    desk.read(signal_id, by=by, at=timezone.now())
    desk.write(signal_id, kind, words, by=by, at=timezone.now())
    with row_security.system():
        return str(Post.objects.latest("at").id)


def test_a_third_party_sees_that_it_was_received_and_read_thanks_and_questions() -> None:
    receipt = sent("bystander")
    visitor = opened(receipt)
    assert "Nobody has read it yet." in visitor.words
    question = asks("Which door was it?")
    visitor = opened(receipt)
    assert "A person read it." in visitor.words
    assert "Which door was it?" in visitor.words
    assert "Who is responsible" not in visitor.words
    visitor.send("/mailbox", do="reply", to=question, words="The red one.")
    assert "Your answer was sent." in visitor.words
    assert "We have a question" not in visitor.words
    visitor.send("/mailbox", do="learn", answer="anything")
    assert visitor.page.status_code == 422
    assert "is responsible since" not in visitor.words


def test_a_persons_messages_are_shown_only_after_their_own_question_and_once_more_at_each_opening() -> None:
    receipt = sent("person", **BIKE)
    asks("Zuzana asks for you.", Post.Kind.MESSAGE)
    visitor = opened(receipt)
    assert BIKE["question"] in visitor.words
    assert "Zuzana" not in visitor.words
    visitor.send("/mailbox", do="learn", answer="Comet")
    assert visitor.page.status_code == 422
    assert "Zuzana" not in visitor.words
    visitor.send("/mailbox", do="learn", answer=" blitz!")
    assert visitor.page.status_code == 200
    assert "Zuzana asks for you." in visitor.words
    visitor.send("/mailbox", do="write", words="Thank you.")
    assert "Zuzana asks for you." in visitor.words
    assert "Zuzana" not in opened(receipt).words


def test_a_person_writes_corrects_takes_consent_back_and_asks_for_erasure() -> None:
    visitor = opened(sent("person"))
    visitor.send("/mailbox", do="write", words="I moved.")
    visitor.send("/mailbox", do="write", words="I moved.")  # a double click
    assert visitor.words.count("I moved.") == 1
    visitor.send("/mailbox", do="correct", words="It was May.")
    assert "It was May." in visitor.words
    visitor.send("/mailbox", do="withdraw")
    assert "Nobody else is told." in visitor.words
    visitor.send("/mailbox", do="erase")
    assert "You asked us to erase it." in visitor.words
    with row_security.system():
        row = Mailbox.objects.get()
    assert row.withdrawn_at is not None
    assert row.erasure_asked_at is not None
    assert visitor.client.cookies == {}
    assert "csrfmiddlewaretoken" not in visitor.page.content.decode()


@pytest.mark.parametrize("do", ["write", "correct", "learn"])
def test_what_is_empty_is_said_beside_its_field(do: str) -> None:
    visitor = opened(sent("person", **BIKE))
    visitor.send("/mailbox", do=do)
    assert visitor.page.status_code == 422
    assert "<title>Error:" in visitor.page.content.decode()


def test_a_receipt_that_opens_nothing_or_is_mistyped_says_what_to_look_at() -> None:
    receipt = sent("person")
    visitor = opened(receipts.draw(secrets.randbits).words("en"))
    assert visitor.page.status_code == 422
    assert "No mailbox opens with this receipt." in visitor.words
    visitor = opened(receipt.rpartition(" ")[0])
    assert "You entered 7." in visitor.words
    assert opened(receipt).page.status_code == 200


def test_a_page_that_was_open_for_too_long_closes_and_keeps_what_was_written() -> None:
    receipt = sent("person")
    visitor = opened(receipt)
    opener = openers.of(receipts.read(receipt))
    at = timezone.now() - kept.SITTING - datetime.timedelta(minutes=1)
    visitor.send("/mailbox", do="write", words="I moved.", kept=kept.seal_visit(kept.Visit(opener), at=at))
    assert visitor.page.status_code == 422
    assert "your mailbox closed" in visitor.words
    assert "I moved." in visitor.words
    assert visiting.visit(opener, at=timezone.now()).posts == []


def test_what_is_sealed_for_writing_opens_no_mailbox() -> None:
    visitor = walking.Visitor()
    field = visitor.hidden["kept"]
    visitor.send("/mailbox", kept=field, do="withdraw")
    assert visitor.page.status_code == 422
    assert "your mailbox closed" in visitor.words


def test_a_message_that_was_typed_goes_along_to_another_language() -> None:
    visitor = opened(sent("bystander"))
    visitor.send("/mailbox?in=es", do="show", words="He comes home at six.")
    assert "He comes home at six." in visitor.page.content.decode()
    assert "Su buzón" in visitor.words
    with row_security.system():
        assert not Post.objects.filter(kind="message").exists()
