"""Turns at what is slow on purpose, so that whoever tries receipts or passwords out cannot burn the machine.

The promise: a process does at most so many at once, whoever asks. Others wait their turn, with the connection to the
database given back; where too many wait already, whoever comes next is told at once: on a form that anybody may send by
the page that asks for patience (proving.py), elsewhere by 503 and when to try again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Iterator

from django import http, shortcuts
from django.db import connection

TRY_AGAIN = 60  # seconds; the page says a minute


class Crowded(Exception):
    """Too many wait for a turn. Nothing was done."""


@dataclasses.dataclass(slots=True)
class Turns:
    """One kind of what is slow, in one process. `longest`: the seconds for which somebody waits at most."""

    at_once: int
    in_line: int
    longest: float
    _turns: threading.BoundedSemaphore = dataclasses.field(init=False)
    _line: threading.BoundedSemaphore = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self._turns = threading.BoundedSemaphore(self.at_once)
        self._line = threading.BoundedSemaphore(self.at_once + self.in_line)

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Do something slow when it is one's turn. Call it outside of any transaction. Crowded."""
        with place_in(self._line):
            give_connection_back()
            if not self._turns.acquire(timeout=self.longest):
                raise Crowded
            try:
                yield
            finally:
                self._turns.release()


@contextlib.contextmanager
def place_in(line: threading.BoundedSemaphore) -> Iterator[None]:
    """Have a place in a line. Crowded where there is none."""
    if not line.acquire(blocking=False):
        raise Crowded
    try:
        yield
    finally:
        line.release()


def give_connection_back() -> None:
    """Let others have this thread's connection while it waits."""
    if not connection.in_atomic_block:
        connection.close()


def too_many(request: http.HttpRequest) -> http.HttpResponse:
    """Answer 503 with a sentence, and say when to try again."""
    answer = shortcuts.render(request, "503.html", status=503)
    answer["Retry-After"] = str(TRY_AGAIN)
    return answer
