"""No provider at all: a line on which nothing comes in and nothing goes out.

The promise: it says so, once in the log and each time to whoever would send.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence

from nowrongdoor.channels.protocol import Event, Forged, Incoming, Kind, NotSent, Reply, Step
from nowrongdoor.core.language import gettext
from nowrongdoor.core.line import Medium

CODE = "null"

_log = logging.getLogger(__name__)


class Null:
    """The channel. `name`: of the provider in the settings."""

    media: frozenset[Medium] = frozenset()

    def __init__(self, name: str) -> None:
        self._name = name
        self._has_warned = False

    def receive(self, incoming: Incoming) -> Sequence[Event]:
        """Refuse whatever comes: nobody signs here. Forged."""
        raise Forged

    def reply(self, steps: Sequence[Step]) -> Reply:
        """Write nothing."""
        return Reply("text/plain; charset=utf-8", b"")

    def turn(self, conversation: str, steps: Sequence[Step]) -> None:
        """Refuse. NotSent."""
        raise self._refusal()

    def send(self, to: str, words: str, *, address: str, key: str, thread: str = "") -> str:
        """Refuse. NotSent."""
        raise self._refusal()

    def sent(self, to: str, words: str, *, address: str, since: datetime.datetime) -> Sequence[str]:
        """Name none."""
        return ()

    def status(self, ref: str) -> Kind | None:
        """Refuse: nothing of ours was ever sent. NotSent."""
        raise self._refusal()

    def list(self, since: datetime.datetime) -> Sequence[Event]:
        """List nothing."""
        return []

    def fetch(self, media: str) -> bytes:
        """Refuse. NotSent."""
        raise self._refusal()

    def delete(self, media: str) -> None:
        """Do nothing: there is no copy."""

    def _refusal(self) -> NotSent:
        if not self._has_warned:
            self._has_warned = True
            _log.warning(gettext("Provider %(name)s is of kind null: nothing is sent.") % {"name": self._name})
        return NotSent(CODE, is_final=True)
