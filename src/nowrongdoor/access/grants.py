"""What the run-time role may do to each table, as far as a privilege says it; rooms declare it with their rows.

The promise: it owns nothing, deletes nothing that people wrote, rewrites no history, and changes only the columns that
some action changes. Applied after every migration, and read back from the catalogue by a test.

Note [Guards]: a function that only triggers, checks and policies ask answers about any row, because it must. They hold
it by its id; so it is kept in a schema whose names the run-time role may not use, and a statement of ours, or one that
somebody slipped in, cannot call it. A migration finds it where migrations put it: it is brought back before each.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from nowrongdoor.access import policies
from nowrongdoor.access.signing import APP, GUARDS

# Tables of the framework and the queue, whose rows come and go.
FREE = "django_session", "cache_entry", "procrastinate_", "rate_limit"
READ = "django_migrations", "django_content_type", "auth_"
# What the run-time role calls, or its statements do: every function but those that only a trigger runs.
CALLED = """
SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname IN ('public', 'guards') AND p.prorettype <> 'trigger'::regtype ORDER BY 1
"""
# The numbers of the queue's own rows; all of ours are ids, or identities, which need no privilege.
_COUNTED = """
SELECT oid::regclass::text FROM pg_catalog.pg_class
 WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace AND starts_with(relname, 'procrastinate_') ORDER BY 1
"""
# Those that a statement of ours, a default, or a trigger that runs as whoever writes, asks by name. All but the last
# three answer whoever knows the id of a case or a lead; processes of the release before ask them, too.
BY_NAME = (
    "nowrongdoor_holds",
    "nowrongdoor_is_held",
    "nowrongdoor_is_untouched",
    "nowrongdoor_merged_with",
    "nowrongdoor_event_line",
    "nowrongdoor_steers",
    "nowrongdoor_transaction",
)
# Those of the rooms that policies alone ask, and that answer about any row.
BY_POLICIES = ("nwd_is_provider", "nwd_is_suspect")
PATH, GUARDS_PATH = "pg_catalog, public, pg_temp", "pg_catalog, guards, public, pg_temp"
_MOVED = """
SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p
 WHERE p.pronamespace = %s::regnamespace AND p.prorettype <> 'trigger'::regtype
   AND (starts_with(p.proname, 'nowrongdoor_') AND p.proname <> ALL (%s) OR p.proname = ANY (%s)) ORDER BY 1
"""
_LOOKING = """
SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname IN ('public', 'guards') AND p.prosecdef AND %s = ANY (p.proconfig) ORDER BY 1
"""


def apply(tables: Iterable[policies.Rows]) -> None:
    """Give the run-time role exactly these privileges; run as the owner, once there is the schema of the guards.

    It makes no table of its own, not even one for a moment, and calls no function but those that policies, triggers and
    queries ask; a trigger's own function nobody calls. Processes serve meanwhile: the privileges of a table, and those
    of all functions, change at once, so that nobody is refused what they may do before and after.
    """
    declared = {rows.table: rows for rows in tables}
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (database,) = cursor.fetchone()
        cursor.execute(no_tables_of_its_own(database))
        cursor.execute(f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {APP}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            with transaction.atomic():
                cursor.execute(f'REVOKE ALL ON "{table}" FROM PUBLIC, {APP}')
                for privilege in of_framework(table) or privileges(declared.get(table)):
                    cursor.execute(f'GRANT {privilege} ON "{table}" TO {APP}')
        cursor.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {APP}")
        cursor.execute(_COUNTED)
        for (sequence,) in cursor.fetchall():
            cursor.execute(f"GRANT USAGE ON SEQUENCE {sequence} TO {APP}")
        with transaction.atomic():
            _put_away(cursor)
            cursor.execute(f"REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public, {GUARDS} FROM PUBLIC, {APP}")
            cursor.execute(CALLED)
            for (function,) in cursor.fetchall():
                cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {APP}")


def _put_away(cursor: CursorWrapper) -> None:
    """Move guards where no statement of the run-time role finds them; the owner's functions look there first."""
    _move(cursor, "public", GUARDS, PATH, GUARDS_PATH)


def bring_back(**_signal: object) -> None:
    """Put guards where migrations look for them; before each migration, as the owner."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s) IS NOT NULL", [GUARDS])
        if cursor.fetchone() == (True,):
            _move(cursor, GUARDS, "public", GUARDS_PATH, PATH)


def _move(cursor: CursorWrapper, there: str, to: str, path: str, becomes: str) -> None:
    cursor.execute(_MOVED, [there, list(BY_NAME), list(BY_POLICIES)])
    for (function,) in cursor.fetchall():
        cursor.execute(f"ALTER FUNCTION {function} SET SCHEMA {to}")
    cursor.execute(_LOOKING, [f"search_path={path}"])
    for (function,) in cursor.fetchall():
        cursor.execute(f"ALTER FUNCTION {function} SET search_path = {becomes}")


def are_guards_away() -> bool:
    """Return whether no guard stands where the run-time role finds it, as while a migration runs, or after one that was
    broken off."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, ["public", list(BY_NAME), list(BY_POLICIES)])
        return cursor.fetchone() is None


def no_tables_of_its_own(database: str) -> sql.Composed:
    """Take from the run-time role, and from everybody, that they make temporary tables in a database."""
    return sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC, {}").format(
        sql.Identifier(database), sql.Identifier(APP)
    )


def privileges(rows: policies.Rows | None) -> list[str]:
    """List what the run-time role may do to a declared table, in SQL's words; nothing to one that is not declared."""
    if rows is None:
        return []
    verbs = ["SELECT"]
    if rows.add != policies.NOBODY:
        verbs.append("INSERT")
    if rows.remove != policies.NOBODY:
        verbs.append("DELETE")
    if rows.columns == policies.EVERY_COLUMN:
        verbs.append("UPDATE")
    elif rows.columns:
        verbs.append(f"UPDATE ({', '.join(rows.columns)})")
    return verbs


def of_framework(table: str) -> list[str]:
    """List what the run-time role may do to a table of the framework or the queue; nothing for any other."""
    if table.startswith(FREE):
        return ["SELECT", "INSERT", "UPDATE", "DELETE"]
    return ["SELECT"] if table.startswith(READ) else []
