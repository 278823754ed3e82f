"""Policies and privileges are put up anew after every migration, while processes serve: nobody is refused or shown an
empty table in between."""

from __future__ import annotations

import threading

import psycopg
import pytest

from nowrongdoor.access import signing
from nowrongdoor.operating import cluster, schema
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


def test_where_the_owner_may_make_no_schema_whoever_can_is_told_how(django_db_setup: None) -> None:
    """On a database that belongs to somebody else, as docs/running.md has it."""
    data = cluster.var() / "postgres"
    with cluster.as_superuser(data, "postgres") as superuser:
        superuser.execute("CREATE DATABASE somebody_elses")
        try:
            theirs = psycopg.conninfo.make_conninfo(**{**cluster.address(cluster.OWNER), "dbname": "somebody_elses"})
            with psycopg.connect(theirs) as database, pytest.raises(signing.NoSchema) as refusal:
                signing.keep(database.cursor())  # type: ignore[arg-type]  # it asks what both have
        finally:
            superuser.execute("DROP DATABASE somebody_elses WITH (FORCE)")
    assert "CREATE SCHEMA guards AUTHORIZATION nwd_owner; in somebody_elses" in str(refusal.value)


@pytest.mark.parametrize("guard", ["nowrongdoor_is_me(uuid)", "nwd_is_suspect(uuid)"])
def test_a_migration_that_was_broken_off_before_guards_were_put_away_is_not_over(
    committed_db: None, owner: str, guard: str
) -> None:
    assert not schema.is_behind()
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute(f"ALTER FUNCTION guards.{guard} SET SCHEMA public".encode())
        try:
            assert schema.is_behind()
        finally:
            database.execute(f"ALTER FUNCTION public.{guard} SET SCHEMA guards".encode())
    assert not schema.is_behind()
