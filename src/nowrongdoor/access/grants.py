"""What the run-time role may do to each table: what is not listed as more is read and insert, nothing else.

The promise: it owns nothing, deletes nothing that people wrote, rewrites no history, and changes only the columns that
some action changes. Kept as data, applied after every migration, and read back from the catalogue by a test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

APP = "nwd_app"
# Columns that may change, by table. Absent: rows are written once.
CHANGES: Mapping[str, Sequence[str]] = {
    "agency": ["active", "closed_at", "succeeded_by_id", "name", "department"],
    "closing": ["given_up_at"],
    "invitation": ["used_at", "withdrawn_at"],
    "user": ["generation", "password", "last_login", "full_name", "role", "is_active"],
    "token": ["revoked_at"],
    "signal": ["routed_at"],
    "case": [
        *(
            "lead_id",
            "lead_since",
            "lead_handoff_id",
            "facts",
            "facts_version",
            "state",
            "district",
        ),
        *("closed_at", "closed_by_id", "closed_because"),
    ],
    "participant": ["to_at"],
    "handoff": ["state", "over_at", "over_by_id", "reason"],
    "notice": ["agency_id", "by_hand", "acknowledged_at", "acknowledged_by_id", "how", "withdrawn_at"],
    "duty": ["agency_id", "by_hand", "follows_lead", "done_at", "done_by_id", "how", "withdrawn_at"],
    "clock": ["agency_id", "follows_lead", "met_at", "met_by_id", "how", "withdrawn_at"],
    "exclusion": ["lifted_at", "lifted_by_id"],
    "emergency": ["reviewed_at", "reviewed_by_id", "justified", "review"],
    "release": ["revoked_at", "revoked_by_id"],
    "hold": ["lifted_at", "lifted_by_id"],
    "disposal": ["approved_at", "approved_by_id", "stopped_at", "destroyed"],
    "rootkey": ["retired_at"],  # a key is never overwritten: to wrap one anew adds a row
    "prevalence_run": [
        *("version", "ended_at", "failed", "cpu_seconds", "estimate", "low", "high", "refused", "headline"),
        *("figures", "report", "pictures"),
    ],
    "mandate_table": ["in_force", "in_force_since", "in_force_by_id"],
}
DESTROYED = ["datakey", "person_token"]  # by a disposal alone: a trigger asks for it (guards.sql)
READ_ONLY = ["tenure", "auditseal"]  # triggers write them
# Tables of the framework and the queue, whose rows come and go.
FREE = (
    *("django_session", "cache_entry", "procrastinate_", "rate_limit"),
    "django_cache",  # nothing reads it; web processes of 0.2.0 write it until they end, and 0.4.0 drops it
    *("mfa_", "account_", "socialaccount_"),
)
READ = "django_migrations", "django_content_type", "auth_"


def apply() -> None:
    """Return the run-time role exactly these privileges; run as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f'REVOKE ALL ON "{table}" FROM {APP}')
            for privilege in privileges(table):
                cursor.execute(f'GRANT {privilege} ON "{table}" TO {APP}')
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}")
        cursor.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {APP}")


def privileges(table: str) -> list[str]:
    """List what the run-time role may do to a table, in SQL's words."""
    if table.startswith(FREE):
        return ["SELECT, INSERT, UPDATE, DELETE"]
    if table.startswith(READ):
        return ["SELECT"]
    name = table.removeprefix("nowrongdoor_")
    if name in READ_ONLY:
        return ["SELECT"]
    columns = ", ".join(CHANGES.get(name, ()))
    return ["SELECT, INSERT", *(["DELETE"] if name in DESTROYED else []), *([f"UPDATE ({columns})"] if columns else [])]
