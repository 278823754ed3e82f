"""How far this machine's clock is from the database's, which takes nothing that is dated later than its own."""

from __future__ import annotations

import time

import psycopg
from django.db.backends.utils import CursorWrapper

FAR_AHEAD = 4 * 60  # seconds; what is written may be five minutes ahead (access/policies.py)


def seconds_ahead(cursor: psycopg.Cursor | CursorWrapper) -> float:
    """Return by how many seconds this machine's clock is ahead of the database's; less than nothing: behind it."""
    before = time.time()
    cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
    (theirs,) = cursor.fetchone() or (before,)
    return (before + time.time()) / 2 - float(theirs)
