"""What somebody has answered so far: it travels sealed in their own page, and nowhere else.

The promise: while somebody fills in, nothing of it is in a cookie, in a session or in the database. The page holds one
field that only this installation opens, for a day, so that a page left open on a borrowed phone tells nothing in its
source. The key of the signal and the secret of the receipt are drawn with the first screen and travel in it: whatever
is sent twice is one signal, with one receipt.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import secrets
import uuid
from collections.abc import Mapping

from cryptography import fernet

from nowrongdoor.access import carrying
from nowrongdoor.core import receipts
from nowrongdoor.mailbox import openers

LASTS = datetime.timedelta(hours=24)
SITTING = datetime.timedelta(minutes=30)  # how long a page of a mailbox stays open without a click
_WRITING, _VISITING = b"nwd door writing", b"nwd door visits"  # no field of one kind opens as the other


class NotOurs(Exception):
    """The field is not one that this installation sealed, or it is too old."""


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """What somebody has answered. `key`: the signal's; `secret`: the receipt's; `heard`: the short code of the page
    where they heard of us; `answers`: by the names of the fields; `seen`: the screens that they answered or skipped;
    `is_change`: whether they came to change one answer; `is_kept`: whether it was saved to finish later."""

    key: str
    secret: bytes
    heard: str = ""
    answers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    seen: tuple[str, ...] = ()
    is_change: bool = False
    is_kept: bool = False

    @property
    def receipt(self) -> receipts.Receipt:
        """Return the receipt that opens their mailbox once it is sent."""
        return receipts.of(self.secret)

    @property
    def text(self) -> str:
        """Write it as text."""
        values = dataclasses.asdict(self) | {"secret": self.secret.hex()}
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def begun(*, heard: str = "") -> State:
    """Return the state of somebody who has just come, with a key and a secret of its own."""
    return State(uuid.uuid4().hex, receipts.draw(secrets.randbits).secret, heard)


def read(text: str) -> State:
    """Read a state as `State.text` writes it."""
    values = json.loads(text)
    return State(**{**values, "secret": bytes.fromhex(values["secret"]), "seen": tuple(values["seen"])})


def seal(state: State, *, at: datetime.datetime) -> str:
    """Seal a state for the page."""
    return _sealed(state.text.encode(), _WRITING, at)


def open_field(text: str, *, at: datetime.datetime) -> State:
    """Open what `seal` made within the last day. NotOurs."""
    return read(_opened(text, _WRITING, LASTS, at).decode())


@dataclasses.dataclass(frozen=True, slots=True)
class Visit:
    """What opens a mailbox on its next page. `is_known`: whether the safety question was answered since the receipt."""

    opener: openers.Opener
    is_known: bool = False


def seal_visit(visit: Visit, *, at: datetime.datetime) -> str:
    """Seal what opens a mailbox, so that a page of it can be followed by the next without the receipt."""
    return _sealed(bytes([visit.is_known]) + visit.opener.carried, _VISITING, at)


def open_visit(text: str, *, at: datetime.datetime) -> Visit:
    """Open what `seal_visit` made within the last half hour. NotOurs."""
    content = _opened(text, _VISITING, SITTING, at)
    return Visit(openers.carried(content[1:]), content[:1] == b"\x01")


def _sealed(content: bytes, use: bytes, at: datetime.datetime) -> str:
    return carrying.cipher(use).encrypt_at_time(content, int(at.timestamp())).decode()


def _opened(text: str, use: bytes, lasts: datetime.timedelta, at: datetime.datetime) -> bytes:
    try:
        return carrying.cipher(use).decrypt_at_time(text.encode(), int(lasts.total_seconds()), int(at.timestamp()))
    except fernet.InvalidToken:
        raise NotOurs from None
