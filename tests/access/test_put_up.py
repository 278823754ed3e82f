"""Policies and privileges are put up anew after every migration, while processes serve: nobody is refused or shown an
empty table in between."""

from __future__ import annotations

import threading

import psycopg

from nowrongdoor.operating import schema
from tests import at_home

ASKED = ("agency", "rootkey", "mandate_table", "finding", "user")


def test_who_reads_meanwhile_is_neither_refused_nor_shown_less(committed_db: None) -> None:
    over, found, refusals = threading.Event(), set(), []

    def read() -> None:
        with at_home.seeing_all() as database:
            database.autocommit = True
            while not over.is_set():
                for table in ASKED:
                    try:
                        row = database.execute(f"SELECT count(*) FROM nowrongdoor_{table}").fetchone()  # noqa: S608
                    except psycopg.errors.InsufficientPrivilege as error:
                        refusals.append(str(error))
                    else:
                        assert row
                        found.add((table, row[0]))

    with at_home.breaking_in() as database:
        counts = {
            (table, database.execute(f"SELECT count(*) FROM nowrongdoor_{table}").fetchone()[0])  # type: ignore[index]  # noqa: S608
            for table in ASKED
        }
    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        schema.migrate()
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert refusals == []
    assert found == counts
