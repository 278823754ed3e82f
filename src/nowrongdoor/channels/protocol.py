"""What every channel of a line can do, whichever provider carries it: receive, send, say what became of it, and list
what there was, for a second look.

The promise: an event has one id for its provider, however often and late it is sent; what is not signed by the provider
comes in as nothing at all (`Forged`).
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Mapping, Sequence
from typing import Protocol

from nowrongdoor.core.line import Medium


class Kind(enum.Enum):
    """What happened at a provider."""

    RANG = "rang"  # a call began
    LEFT = "left"  # whoever called hung up, or the call ended at the provider's
    UNANSWERED = "unanswered"  # the telephone that a call was connected with rang, and nobody picked up
    TALKED = "talked"  # whoever a call was connected with hung up
    PRESSED = "pressed"  # keys, in `words`: an answer to an `Ask`
    WROTE = "wrote"  # a text or a mail
    RECORDED = "recorded"  # a message was left, which `fetch` gets by `media`
    STOPPED = "stopped"  # no message to this sender again
    STARTED = "started"  # and again, if they like
    DELIVERED = "delivered"  # a message of ours, named by `ref`
    FAILED = "failed"


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `id`: the same for the same thing, by webhook or by `list`; `conversation`: what belongs
    together (a call, or the two sides of texts); `address`: ours, `sender`: theirs, empty where it is hidden; `at`: by
    the provider's clock, None where it doesn't say."""

    id: str
    kind: Kind
    medium: Medium
    conversation: str
    address: str
    sender: str
    at: datetime.datetime | None
    words: str = ""
    media: str = ""
    seconds: int = 0  # that a recording is long
    ref: str = ""
    thread: str = ""  # what an answer to a mail names, so that both stand together in the writer's mailbox


@dataclasses.dataclass(frozen=True, slots=True)
class Incoming:
    """What came over HTTP from a provider, as it came: the address that they were given, the names of headers in small
    letters, the body as bytes."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Forged(Exception):
    """It isn't signed by the provider."""


class Unreadable(Exception):
    """It is signed, and says nothing that this channel knows; the message says what was missing."""


class NotSent(Exception):
    """The provider did not take it. `is_final`: trying again is no use."""

    def __init__(self, code: str, *, is_final: bool) -> None:
        super().__init__(code)
        self.code = code
        self.is_final = is_final


# What a call does next, in order. The words are in the language of whoever calls.
@dataclasses.dataclass(frozen=True, slots=True)
class Say:
    """Read words aloud."""

    words: str
    language: str


@dataclasses.dataclass(frozen=True, slots=True)
class Hold:
    """Wait so many seconds, then ask again what to do."""

    seconds: int


@dataclasses.dataclass(frozen=True, slots=True)
class Ask:
    """Read words aloud and wait for one key, or for the digits of a number with # behind them, which comes in as
    `Kind.PRESSED`."""

    words: str
    language: str
    seconds: int
    is_number: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """Take a message of at most so many seconds, which comes in as `Kind.RECORDED`."""

    seconds: int


@dataclasses.dataclass(frozen=True, slots=True)
class Connect:
    """Let whoever calls talk with this telephone. `is_recorded` is not there: a call is never recorded."""

    to: str
    seconds: int  # that it may ring


@dataclasses.dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


Step = Say | Hold | Ask | Record | Connect | HangUp


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    """What a provider is answered over HTTP."""

    type: str
    body: bytes


class Channel(Protocol):
    """One way in and out, at one provider's account."""

    media: frozenset[Medium]

    def receive(self, incoming: Incoming) -> Sequence[Event]:
        """Read what the provider sent. Forged, Unreadable."""
        ...

    def reply(self, steps: Sequence[Step]) -> Reply:
        """Write what the call does next (empty: nothing, which is also the answer to a text)."""
        ...

    def turn(self, conversation: str, steps: Sequence[Step]) -> None:
        """Tell the provider what a call does from now on. NotSent."""
        ...

    def send(self, to: str, words: str, *, address: str, key: str, thread: str = "") -> str:
        """Send a message from an address of ours and return the provider's name for it; the same key is not sent twice,
        where the provider can tell. `thread`: of the event that it answers. NotSent."""
        ...

    def sent(self, to: str, words: str, *, address: str, since: datetime.datetime) -> Sequence[str]:
        """Name the messages of ours with these words that the provider took since then, for whoever does not know
        whether it took one; none where it cannot tell. NotSent."""
        ...

    def status(self, ref: str) -> Kind | None:
        """Ask what became of a message of ours: delivered, failed, or None while it is under way. NotSent."""
        ...

    def list(self, since: datetime.datetime) -> Sequence[Event]:
        """List what came in since then, for whoever has missed a webhook. NotSent."""
        ...

    def fetch(self, media: str) -> bytes:
        """Get a recording. NotSent."""
        ...

    def delete(self, media: str) -> None:
        """Have the provider delete its copy; one that is gone is deleted. NotSent."""
        ...
