"""Saving and finishing later: every answer so far, under the receipt that the sender will have anyway.

The promise: nobody but whoever has the receipt opens it, not even the system: its key is made from the receipt. It ends
after a week, or when it is sent or erased; what was being saved while it was sent shows nothing, and ends after a week.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence

from nowrongdoor.access import row_security
from nowrongdoor.agencies.models import new_id
from nowrongdoor.core.language import gettext
from nowrongdoor.mailbox import models, openers
from nowrongdoor.vault import sealing

LIMIT = 100_000  # characters
AT_ONCE = 1_000


class NothingKept(LookupError):
    """Nothing unfinished opens with this receipt: there is nothing, it was sent, or it ended."""

    def __init__(self) -> None:
        super().__init__(
            gettext("Nothing that you saved opens with this receipt. What is saved is erased after seven days.")
        )


class AlreadySent(Exception):
    """It was sent: what was kept to finish later would show the safety question and its answer to whoever asks."""


class TooLong(ValueError):
    """It is more than can be kept."""

    def __init__(self) -> None:
        super().__init__(gettext("This is too long to save. Shorten it, or send it now."))


def keep(opener: openers.Opener, words: str, *, at: datetime.datetime) -> datetime.datetime:
    """Keep what was answered so far, in place of what was kept before, and return until when. TooLong, AlreadySent."""
    if len(words) > LIMIT:
        raise TooLong
    ends_at = at + models.UNFINISHED_LASTS
    with row_security.visiting(opener.hash):
        if models.Mailbox.objects.filter(opener=opener.hash).exists():
            raise AlreadySent
        row = models.Unfinished.objects.select_for_update().filter(opener=opener.hash).first()
        if row is None:
            row = models.Unfinished(id=new_id(), opener=opener.hash)
        is_new = row._state.adding
        row.words = opener.key.seal(words, _place(row.id))
        row.kept_at, row.ends_at = at, ends_at
        row.save(force_insert=is_new, update_fields=None if is_new else ["words", "kept_at", "ends_at"])
    return ends_at


def open_again(opener: openers.Opener) -> str:
    """Open what was kept. NothingKept."""
    with row_security.visiting(opener.hash):
        row = models.Unfinished.objects.filter(opener=opener.hash).first()
    if row is None:
        raise NothingKept
    return opener.key.open(row.words, _place(row.id))


def erase(opener: openers.Opener) -> None:
    """Erase what was kept, if anything was."""
    with row_security.visiting(opener.hash):
        models.Unfinished.objects.filter(opener=opener.hash).delete()


@row_security.system()
def ended() -> Sequence[uuid.UUID]:
    """List what is over; nobody is shown it any more."""
    return list(models.Unfinished.objects.order_by("ends_at", "id").values_list("id", flat=True)[:AT_ONCE])


@row_security.system()
def end(unfinished_id: uuid.UUID) -> None:
    """Erase what is over."""
    models.Unfinished.objects.filter(id=unfinished_id).delete()


def _place(unfinished_id: uuid.UUID) -> sealing.Place:
    return sealing.Place("unfinished", unfinished_id, "words", unfinished_id)
