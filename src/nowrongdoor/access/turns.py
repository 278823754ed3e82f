"""Turns at what is slow on purpose, so that whoever tries receipts out cannot burn the machine.

The promise: a process hashes at most so many receipts at once, whoever sends them. Others wait their turn, with the
connection to the database given back; where too many wait already, whoever comes next is asked for patience
(proving.py), and nobody is refused.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from django.db import connection

AT_ONCE = 2  # in one process: as many as there are cores to spare
IN_LINE = 20  # who wait in one process; each for less than half a second, as long as it is not overloaded
LONGEST = 10.0  # seconds

_turns = threading.BoundedSemaphore(AT_ONCE)
_line = threading.BoundedSemaphore(AT_ONCE + IN_LINE)


class Crowded(Exception):
    """Too many wait for a turn. Nothing was done."""


@contextlib.contextmanager
def taken() -> Iterator[None]:
    """Do something slow when it is one's turn. Call it outside of any transaction. Crowded."""
    if not _line.acquire(blocking=False):
        raise Crowded
    try:
        if not connection.in_atomic_block:
            connection.close()  # others may have it meanwhile
        if not _turns.acquire(timeout=LONGEST):
            raise Crowded
        try:
            yield
        finally:
            _turns.release()
    finally:
        _line.release()
