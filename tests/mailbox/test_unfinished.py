"""What somebody saved to finish later opens with its receipt until it is sent, and not after, however the two meet."""

from __future__ import annotations

import secrets
import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from nowrongdoor.core import receipts
from nowrongdoor.mailbox import openers, sending, unfinished
from tests.mailbox import senders


def test_what_was_being_saved_while_it_was_sent_opens_with_no_receipt(committed_db: None) -> None:
    """The policies of unfinished rows stop it: neither of the two transactions sees the other's row."""
    opener = openers.of(receipts.draw(secrets.randbits))
    is_saved, may_end = threading.Event(), threading.Event()

    def save() -> None:
        try:
            with transaction.atomic():
                unfinished.keep(opener, "Rosa is the answer", at=timezone.now())
                is_saved.set()
                assert may_end.wait(30)
        finally:
            connection.close()

    saving = threading.Thread(target=save)
    saving.start()
    assert is_saved.wait(30)
    senders.again(senders.contact(), sending.Sender("person", "en"), opener)
    may_end.set()
    saving.join(30)
    assert not saving.is_alive()
    with pytest.raises(unfinished.NothingKept):
        unfinished.open_again(opener)
