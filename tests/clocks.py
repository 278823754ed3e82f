"""The database's clock set forward, as only its owner can: for stories that go on for years. The guard that nobody
writes an instant ahead of it is tried in `tests/access/test_instants.py`, by the real clock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg

YEARS = 10
_SAYS = "CREATE OR REPLACE FUNCTION nwd_clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE RETURN "


def set_ahead(owner: str) -> None:
    """Let the policies of a database take it for years later than it is."""
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute(f"{_SAYS} statement_timestamp() + interval '{YEARS} years'")


def set_right(owner: str) -> None:
    """Let them have the real time again."""
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute(f"{_SAYS} statement_timestamp()")


@contextlib.contextmanager
def ahead(owner: str) -> Iterator[None]:
    """Set it ahead for as long as something takes."""
    set_ahead(owner)
    try:
        yield
    finally:
        set_right(owner)
