"""What rooms declare of their tables, beside the catalogue of a real database and the page that tells it."""

from __future__ import annotations

import dataclasses
import pathlib

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from nowrongdoor.access import grants, policies, signing, viewers
from nowrongdoor.audit import words
from nowrongdoor.core.parts import Part
from nowrongdoor.operating import cluster
from nowrongdoor.site import declared, row_security_page
from tests import claims

ROOT = pathlib.Path(__file__).parents[2]
POLICIES = """
SELECT tablename, policyname, cmd, permissive, roles::text, qual, with_check FROM pg_policies
 WHERE schemaname = 'public' ORDER BY tablename, policyname
"""


def test_every_table_is_declared_by_one_room_and_every_room_declares_tables_that_are_there(owner: str) -> None:
    with psycopg.connect(owner) as database:
        rows = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    there = {name for (name,) in rows if not name.startswith(policies.APART)}
    assert {each.table for each in declared.ROWS} == there
    assert {each.table for each in declared.COLUMNS} == there


def test_the_policies_of_the_database_are_those_that_the_rooms_declare(
    owner: str, django_db_blocker: pytest.FixtureRequest
) -> None:
    """Put up anew from the declarations, beside what is there: nothing differs."""
    with psycopg.connect(owner) as database:
        database.execute(f"SET LOCAL search_path = {grants.GUARDS_PATH}")  # where they are put away
        before = database.execute(POLICIES).fetchall()
        assert len(before) == 4 * len(declared.ROWS)
        for each in declared.ROWS:
            for name in ("see", "add", "change", "remove"):
                database.execute(
                    sql.SQL("DROP POLICY {} ON {}").format(sql.Identifier(name), sql.Identifier(each.table))
                )
            for statement in policies.statements(each):
                database.execute(sql.SQL(statement))
        assert database.execute(POLICIES).fetchall() == before
        database.rollback()


def test_the_page_of_row_security_is_what_the_rooms_declare() -> None:
    assert (ROOT / "docs" / "row-security.md").read_text(encoding="utf-8") == row_security_page.document()


def test_the_page_names_every_table_and_leaves_no_context_in_sql() -> None:
    page = row_security_page.document()
    assert claims.every(f"`{each.table}`" in page for each in declared.ROWS)
    for name in ("nwd_agency()", "nwd_house()", "nwd_entry()", "nwd_sees_cases()", "nwd_acts_on"):
        assert name not in page


def test_what_does_not_fit_together_is_refused_and_says_what_is_missing() -> None:
    rows, columns, verbs = declared.ROWS, declared.COLUMNS, declared.VERBS
    declared.check(rows, columns, verbs)
    with pytest.raises(declared.DoesNotFit, match=r"nowrongdoor_auditevent is declared by half.*inventory.Columns"):
        declared.check(rows, [each for each in columns if each.table != "nowrongdoor_auditevent"], verbs)
    with pytest.raises(declared.DoesNotFit, match=r"nowrongdoor_note is declared by half.*policies.Rows"):
        declared.check([each for each in rows if each.table != "nowrongdoor_note"], columns, verbs)
    with pytest.raises(declared.DoesNotFit, match="declared twice"):
        declared.check([*rows, rows[0]], columns, verbs)
    with pytest.raises(declared.DoesNotFit, match=r"case\.read is declared twice"):
        declared.check(rows, columns, [*verbs, words.Verb("case.read", "saw")])
    with pytest.raises(declared.DoesNotFit, match="has no column shoe_size"):
        declared.check([dataclasses.replace(rows[0], columns=("shoe_size",)), *rows[1:]], columns, verbs)


def test_a_column_that_may_change_belongs_to_rows_that_may_be_changed() -> None:
    """A privilege without a policy, or a policy without a privilege, is half a declaration."""
    for each in declared.ROWS:
        assert (each.table, bool(each.columns)) == (each.table, each.change != policies.NOBODY)


def test_a_table_that_no_room_declares_is_empty_to_everybody() -> None:
    assert grants.privileges(None) == []
    assert grants.of_framework("nowrongdoor_new") == []


def test_the_trail_knows_the_words_of_every_verb_and_shows_the_code_of_any_other() -> None:
    for verb in declared.VERBS:
        assert words.of(verb.code) == verb.words
    assert words.of("case.unheard_of") == "case.unheard_of"


def test_a_role_is_one_record() -> None:
    assert set(viewers.RECORDS) == set(viewers.Role)
    assert {role for role in viewers.Role if role.record.sees_cases} == viewers.SEES_CASES
    for role in viewers.Role:
        assert bool(role.record.parts) is role.sees_cases, role
        assert role.record.first_page in {link.address for link in role.record.navigation}, role
    assert viewers.who_sees(Part.IMMIGRATION) == [viewers.Role.ADVOCATE, viewers.Role.VICTIM_SPECIALIST]
    assert viewers.Role.PROVIDER not in viewers.who_sees(Part.IDENTITY)
    assert cluster.APP == signing.APP
    assert connection.vendor == "postgresql"
