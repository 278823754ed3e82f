"""What the run-time role may do to each table, as far as a privilege says it; rooms declare it with their rows.

The promise: it owns nothing, deletes nothing that people wrote, rewrites no history, and changes only the columns that
some action changes. Applied after every migration, and read back from the catalogue by a test.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction
from psycopg import sql

from nowrongdoor.access import policies

APP = "nwd_app"
# Tables of the framework and the queue, whose rows come and go.
FREE = "django_session", "cache_entry", "procrastinate_", "rate_limit"
READ = "django_migrations", "django_content_type", "auth_"
# What the run-time role calls, or its statements do: every function but those that only a trigger runs.
CALLED = """
SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p
 WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype <> 'trigger'::regtype ORDER BY 1
"""


def apply(tables: Iterable[policies.Rows]) -> None:
    """Give the run-time role exactly these privileges; run as the owner.

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
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}")
        with transaction.atomic():
            cursor.execute(f"REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, {APP}")
            cursor.execute(CALLED)
            for (function,) in cursor.fetchall():
                cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {APP}")


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
