"""Nobody writes that something was done later than it is: written from what the rooms declare, and tried on each table
and each instant, by the database's own clock."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors, sql

from nowrongdoor.access import policies
from nowrongdoor.operating import cluster
from nowrongdoor.site import declared
from tests import clocks
from tests.access.test_writing import columns_of, fill, looks
from tests.promises import world as promised

STRANGER = {"nwd.agency": "00000000-0000-0000-0000-000000000001", "nwd.house": ""}
OF_THE_SYSTEM = (policies.SYSTEM, policies.NOBODY)


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    """A copy of the database with a row in every table, as a superuser."""
    with django_db_blocker.unblock(), promised.copied() as (database, _ids):  # type: ignore[attr-defined]
        fill(database)
        database.commit()
        clocks.set_right(psycopg.conninfo.make_conninfo(**{**cluster.address(cluster.OWNER), "dbname": promised.NAME}))
        yield database


def written() -> Iterator[tuple[policies.Rows, str, str]]:
    """Each table with an instant that somebody but the system may write, and by which verb."""
    for rows in declared.ROWS:
        for instant in rows.instants:
            if rows.add not in OF_THE_SYSTEM:
                yield rows, "INSERT", instant
            if rows.change not in OF_THE_SYSTEM and {instant, *policies.EVERY_COLUMN} & set(rows.columns):
                yield rows, "UPDATE", instant


def test_every_instant_that_somebody_may_write_is_held_against_the_clock(database: psycopg.Connection) -> None:
    """Read from the catalogue, not from what is declared."""
    asked = {
        (table, verb): text or ""
        for table, verb, text in database.execute("SELECT tablename, cmd, with_check FROM pg_policies").fetchall()
    }
    loose = [
        (rows.table, verb, instant)
        for rows, verb, instant in written()
        if instant not in asked[rows.table, verb].rpartition("nwd_house")[2]
    ]
    assert loose == []
    assert len(list(written())) > 150


def test_no_instant_is_written_ahead_of_its_time(database: psycopg.Connection) -> None:
    """With nothing else in the way: no other condition, no trigger, each privilege."""
    free = {}
    for rows, _verb, _instant in written():
        free[rows.table] = dataclasses.replace(rows, see="true", add="(true)", change="true", becomes="true")
    for table, rows in free.items():
        database.execute(sql.SQL("GRANT ALL ON {} TO nwd_app").format(sql.Identifier(table)))
        for verb in ("see", "add", "change", "remove"):
            database.execute(sql.SQL("DROP POLICY {} ON {}").format(sql.Identifier(verb), sql.Identifier(table)))
        for statement in policies.statements(rows):
            database.execute(statement.encode())
    refused: list[tuple[str, str, str]] = []
    let: list[tuple[str, str, str]] = []
    for rows, verb, instant in written():
        for ahead, kept in ((-1, let), (6, refused)):
            span = f"{rows.later.get(instant, '0 days')} {ahead} minutes"
            if not tried(database, free[rows.table], verb, instant, span):
                kept.append((rows.table, verb, instant))
    assert refused == [(rows.table, verb, instant) for rows, verb, instant in written()]
    assert let == []


def tried(database: psycopg.Connection, rows: policies.Rows, verb: str, instant: str, span: str) -> bool:
    """Write one row of the table with an instant so far ahead; return whether row security let it through."""
    names = [each.name for each in columns_of(database, rows.table)]
    others = [each for each in rows.instants if each != instant]
    table, column = sql.Identifier(rows.table), sql.Identifier(instant)
    when = sql.SQL("clock_timestamp() + interval {}").format(sql.Literal(span))
    if verb == "UPDATE":
        statement = sql.SQL("UPDATE {} SET {} = {}").format(table, column, when)
        if several := [each for each in others if each in rows.columns or rows.columns == policies.EVERY_COLUMN]:
            gone = sql.SQL(", ").join(sql.SQL("{} = now()").format(sql.Identifier(each)) for each in several)
            statement = sql.SQL("{}, {}").format(statement, gone)
    else:
        values = [
            when if each == instant else sql.SQL("now()") if each in others else sql.Identifier(each) for each in names
        ]
        statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
            table, sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", ").join(values), table
        )
    try:
        with database.transaction(force_rollback=True):
            database.execute("SET LOCAL session_replication_role = replica")
            looks(database, STRANGER)
            database.execute(statement)
    except errors.InsufficientPrivilege as error:
        return "row-level security" not in str(error)
    except errors.IntegrityError:
        return True  # row security is asked first
    return True
