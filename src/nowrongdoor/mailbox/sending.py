"""Sending a contact through the public form: the signal and the mailbox that leads back to it, in one transaction.

The promise: a contact that was acknowledged is never lost and never doubled; the same form sent again, after a double
click or a crash, gives the same receipt. Whoever sends sees nothing but what they sent.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid

from django.db import IntegrityError

from nowrongdoor.access import row_security
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.core import likeness, reference
from nowrongdoor.core.language import gettext
from nowrongdoor.core.mandates import facts as facts_of
from nowrongdoor.mailbox import models, openers
from nowrongdoor.signals import actions as signals
from nowrongdoor.vault import sealing

QUESTION_LIMIT = 200  # characters


class Unreadable(ValueError):
    """The safety question cannot be kept as it is; the message says what to write instead."""


@dataclasses.dataclass(frozen=True, slots=True)
class Safety:
    """A question that the person answers before they are shown more than a stranger, in their own words."""

    question: str
    answer: str


@dataclasses.dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, as far as they said. `stance`: a models.Mailbox.Stance; `language`: of the pages they read; `heard`:
    the short code of the page where they heard of us, empty for none."""

    stance: str
    language: str
    heard: str = ""
    safety: Safety | None = None


def send(
    contact: signals.Contact,
    sender: Sender,
    *,
    asked: facts_of.Vocabulary,
    receiver_id: uuid.UUID,
    opener: openers.Opener,
    at: datetime.datetime,
) -> signals.Receipt:
    """Keep a contact with its mailbox, and queue its routing. `asked`: the facts that are asked about now. Unreadable;
    signals.Unreadable, signals.KeyReused."""
    check(sender)
    try:
        with row_security.visiting(opener.hash):
            return (
                _again(contact, receiver_id)
                if _is_open(opener)
                else _send(contact, sender, asked, receiver_id, opener, at)
            )
    except IntegrityError as error:
        if writing.constraint_of(error) != "a_receipt_opens_one_mailbox":
            raise
    with row_security.visiting(opener.hash):  # the same form, sent twice at once: the other was first
        return _again(contact, receiver_id)


def check(sender: Sender) -> None:
    """Refuse a safety question that cannot be kept. Unreadable."""
    safety = sender.safety
    if safety is None:
        return
    if sender.stance != models.Mailbox.Stance.PERSON:
        raise Unreadable(gettext("Only whoever asks for help for themselves can set a safety question."))
    if not safety.question.strip() or not same(safety.answer):
        raise Unreadable(gettext("Write both the question and its answer, or leave both out."))
    if max(len(safety.question), len(safety.answer)) > QUESTION_LIMIT or "\x00" in safety.question + safety.answer:
        raise Unreadable(
            gettext("Keep the question and the answer under %(limit)s characters each.") % {"limit": QUESTION_LIMIT}
        )


def same(answer: str) -> str:
    """Write an answer as it is compared: case, accents, spaces and punctuation don't matter."""
    return likeness.letters(answer)


def place_of(mailbox_id: uuid.UUID, field: str) -> sealing.Place:
    """Say where what only a sender reads belongs: in no agency."""
    return sealing.Place("mailbox", mailbox_id, field, mailbox_id)


def _is_open(opener: openers.Opener) -> bool:
    return models.Mailbox.objects.filter(opener=opener.hash).exists()


def _again(contact: signals.Contact, receiver_id: uuid.UUID) -> signals.Receipt:
    (earlier,) = signals.receipts_of_earlier([contact], receiver_id=receiver_id)
    if earlier is None or earlier.outcome is signals.Outcome.DIFFERENT:
        raise signals.KeyReused
    return earlier


def _send(
    contact: signals.Contact,
    sender: Sender,
    asked: facts_of.Vocabulary,
    receiver_id: uuid.UUID,
    opener: openers.Opener,
    at: datetime.datetime,
) -> signals.Receipt:
    mailbox_id, signal_id = new_id(), contact.id or new_id()
    safety = sender.safety
    models.Unfinished.objects.filter(opener=opener.hash).delete()  # once there is a mailbox, nobody sees it any more
    models.Mailbox(
        id=mailbox_id,
        signal_id=signal_id,
        reference=reference.of(signal_id),
        agency_id=receiver_id,
        opener=opener.hash,
        stance=sender.stance,
        language=sender.language,
        heard=sender.heard,
        question=opener.key.seal(safety.question.strip(), place_of(mailbox_id, "question")) if safety else b"",
        answer=opener.key.seal(same(safety.answer), place_of(mailbox_id, "answer")) if safety else b"",
        opened_at=at,
        ends_at=at + models.LASTS,
    ).save(force_insert=True)
    receipt = signals.take(
        dataclasses.replace(contact, id=signal_id), asked=asked, receiver_id=receiver_id, by=None, at=at
    )
    deed = record.Deed("mailbox.opened", receiver_id, signal_id, details={"stance": sender.stance})
    record.record(deed, at=at)
    return receipt
