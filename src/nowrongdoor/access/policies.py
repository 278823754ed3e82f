"""Which rows the run-time role sees and writes: how a room declares it, and how it is put up after every migration.

The promise (4 of the design): deny by default. A table that no room declares has row security and no policy, so that it
is empty to everybody; a test reads the catalogue and fails on it. Every verb has a condition of its own, because
whoever may read a row may seldom write one. The conditions ask what `row_security` said and signed for this
transaction, and nothing else.

Note [No circles]: a policy that reads a table is itself subject to that table's policy. So `participant` has plain
conditions of its own, and only the others ask it; what must be known before a row is there, a function asks that looks
past row security.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, models, transaction

from nowrongdoor.access import signing, viewers

_ROLES = ", ".join(sorted(f"'{role.value}'" for role in viewers.SEES_CASES))
CONTEXT = f"""{signing.FUNCTIONS}
CREATE OR REPLACE FUNCTION nwd_clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN statement_timestamp();
CREATE OR REPLACE FUNCTION nwd_said(name text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN current_setting(name, true) <> '' AND nwd_is_signed() THEN current_setting(name, true) END;
CREATE OR REPLACE FUNCTION nwd_agency() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nwd_said('nwd.agency')::uuid;
CREATE OR REPLACE FUNCTION nwd_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nwd_said('nwd.person')::uuid;
CREATE OR REPLACE FUNCTION nwd_case() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nwd_said('nwd.case')::uuid;
CREATE OR REPLACE FUNCTION nwd_visitor() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
    RETURN decode(nwd_said('nwd.visitor'), 'hex');
CREATE OR REPLACE FUNCTION nwd_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(nwd_said('nwd.role'), '');
CREATE OR REPLACE FUNCTION nwd_house() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(nwd_said('nwd.house') = 'all', false);
CREATE OR REPLACE FUNCTION nwd_entry() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(nwd_said('nwd.house') IN ('entry', 'all'), false);
CREATE OR REPLACE FUNCTION nwd_sees_cases() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nwd_role() IN ({_ROLES});
{signing.TRIGGERS}"""
# In parentheses with SELECT each is asked once a statement, not once a row.
ME, PERSON, THIS_CASE = "(SELECT nwd_agency())", "(SELECT nwd_person())", "(SELECT nwd_case())"
VISITOR = "(SELECT nwd_visitor())"
SYSTEM, ENTRY, SEES_CASES = "(SELECT nwd_house())", "(SELECT nwd_entry())", "(SELECT nwd_sees_cases())"
EVERYBODY, NOBODY = "true", "false"
MINE = f"agency_id = {ME}"
SIGNED = f"{MINE} AND by_id = {PERSON}"
EVERY_COLUMN = ("*",)
AHEAD = "5 minutes"  # how far the clock of a web host may be ahead of the database's
Phrases = Sequence[tuple[str, str]]  # a condition in SQL, and what the page says in its place


def role_is(*roles: viewers.Role) -> str:
    """Ask whether the viewer has one of the roles."""
    names = ", ".join(f"'{role.value}'" for role in roles)
    return f"(SELECT nwd_role() IN ({names}))"


HANDS_IN = role_is(viewers.Role.MACHINE)


def system_or(*conditions: str) -> str:
    """Let the system's own context through, and whoever meets one of the conditions."""
    return " OR ".join((SYSTEM, *conditions))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rows:
    """Which rows of a table are shown (`see`), and which may be added, changed and taken away. In a condition, @ stands
    for the table: inside a subquery a bare name would be the subquery's own. Privileges follow: a verb that nobody may
    do is not granted.

    An instant that somebody writes is not ahead of the database's clock: what was done was done by now. Those that say
    when something ends or falls due are declared, with how far ahead they may lie (`later`)."""

    model: type[models.Model]
    see: str
    add: str
    change: str = NOBODY
    becomes: str = ""  # what a changed row must be, where that is less than what may be changed
    remove: str = NOBODY
    columns: Sequence[str] = ()  # those that may be changed; the others are written once
    why: str = ""  # for a table that everybody reads
    later: Mapping[str, str] = dataclasses.field(default_factory=dict)  # column to interval, in SQL's words

    @property
    def table(self) -> str:
        """Name the table."""
        return self.model._meta.db_table

    @property
    def instants(self) -> list[str]:
        """Name the columns that hold an instant."""
        fields = self.model._meta.concrete_fields
        return [field.column or "" for field in fields if isinstance(field, models.DateTimeField)]

    def by_now(self, columns: Iterable[str]) -> str:
        """Ask, in SQL, that none of these instants lies further ahead than it may, whoever but the system writes it."""

        def ahead(column: str) -> str:
            return f"{self.later[column]} {AHEAD}" if column in self.later else AHEAD

        return " AND ".join(
            f"coalesce(greatest({', '.join(alike)}) <= (SELECT nwd_clock() + interval '{span}'), true)"
            for span, alike in itertools.groupby(sorted(columns, key=ahead), ahead)
        )


@dataclasses.dataclass(frozen=True)
class Functions:
    """Functions that policies, triggers and queries ask, in SQL that may run again: each bound when it is made, or by
    a search path of its own."""

    sql: str


def public(
    model: type[models.Model], why: str, *, add: str = SYSTEM, change: str = NOBODY, columns: Sequence[str] = ()
) -> Rows:
    """Declare a table that everybody reads, and why; only the system writes it."""
    return Rows(model=model, see=EVERYBODY, add=add, change=change, columns=columns, why=why)


# Tables of the framework and the queue: no row belongs to a case, a signal, a person or an agency.
APART = ("django_", "procrastinate_", "auth_", "rate_limit", "cache_entry")
PHRASES: Phrases = (
    (MINE, "a row of its own agency"),
    (f"user_id = {PERSON}", "a row of its own person"),
    (f"by_id = {PERSON}", "signed by its own person"),
    (f"id = {PERSON}", "its own person"),
    (f"receiver_id = {ME}", "received by its own agency"),
    (f"owner_id = {ME}", "written down by its own agency"),
    (f"recipient_id = {ME}", "told to its own agency"),
    (f"opener = {VISITOR}", "the visitor's own, by their receipt"),
    (f"id = {ME}", "its own agency"),
    (f"case_id = {THIS_CASE}", "a row of the case it opened"),
    (f"id = {THIS_CASE}", "the case it opened"),
    *((role_is(role), f"as {role.words}") for role in viewers.Role),
    (SYSTEM, "the system"),
    (ENTRY, "the sign-in or the system"),
    (SEES_CASES, "in a role that opens cases"),
    (ME, "its own agency"),
    (PERSON, "its own person"),
    (THIS_CASE, "the case it opened"),
)


def apply(tables: Iterable[Rows], functions: Iterable[Functions]) -> None:
    """Write all row policies anew; run as the owner, after `migrate`. Processes serve meanwhile: each table's policies
    change at once, so that nobody is shown it without them."""
    declared = {rows.table: rows for rows in tables}
    with connection.cursor() as cursor:
        for sql in (CONTEXT, *(each.sql for each in functions)):
            cursor.execute(sql)
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            if table.startswith(APART):
                continue
            with transaction.atomic():
                cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
                cursor.execute(
                    "SELECT policyname FROM pg_policies WHERE schemaname = 'public' AND tablename = %s", [table]
                )
                for (policy,) in cursor.fetchall():
                    cursor.execute(f'DROP POLICY "{policy}" ON "{table}"')
                if table in declared:
                    for statement in statements(declared[table]):
                        cursor.execute(statement)


def statements(rows: Rows) -> list[str]:
    """Write a table's policies in SQL."""
    table = f'"{rows.table}"'
    changed = [each for each in rows.instants if each in rows.columns or rows.columns == EVERY_COLUMN]
    see, add, change, becomes, remove = (
        text.replace("@", table)
        for text in (
            rows.see,
            _in_time(rows.add, rows.by_now(rows.instants)),
            rows.change,
            _in_time(rows.becomes or rows.change, rows.by_now(changed)),
            rows.remove,
        )
    )
    return [
        f"CREATE POLICY see ON {table} FOR SELECT USING ({see})",
        f"CREATE POLICY add ON {table} FOR INSERT WITH CHECK ({add})",
        f"CREATE POLICY change ON {table} FOR UPDATE USING ({change}) WITH CHECK ({becomes})",
        f"CREATE POLICY remove ON {table} FOR DELETE USING ({remove})",
    ]


def _in_time(condition: str, by_now: str) -> str:
    """Add to a condition that what is written is not ahead of its time, unless the system alone may write."""
    if not by_now or condition in (SYSTEM, NOBODY):
        return condition
    return f"({condition}) AND ({SYSTEM} OR {by_now})"
