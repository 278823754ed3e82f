"""The ways in which a test looks at the database past the actions and pages. There are no others.

The promise: a test never looks blind. The run-time role sees no row of a secret table until it says for whom it looks,
so an assertion over what a bare connection finds cannot fail. Each way here is named for what it sees, and a static
test forbids a connection of the run-time role anywhere else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg
from django.db import connection
from django.db.backends import signals
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from nowrongdoor.access import row_security, signing
from nowrongdoor.operating import cluster

CASE_OWNED = (
    "case, case_signal, case_facts, tenure, participant, earlier_part, person, note, case_file, assessment, finding, "
    "decision, ruling, handoff, duty, signal, auditevent, token, exclusion, emergency, "
    "hold, disposal, release, disclosure, person_part, person_token, datakey, auditseal, auditanchor, invitation, "
    "prevalence_run, closing, entry, saved_search, notification, message, preference, shift, rota, app_password, "
    "case_request, case_message, case_link, draft, telling, signal_correction, returned_call, "
    "signal_file, signal_file_content, reopening, demand, demand_record, breach, breach_notice, "
    "mailbox, mailbox_post, unfinished, protocol, report, report_sending, report_outcome, "
    "contact, contact_leg, contact_message, line_event, line_stop, call_back, seat, "
    "contact_type, caller_flag, contact_review, emergency_money, "
    "directory_row, listing, listing_opening, vetting, provider, free_room, referral, referral_ask, referral_plan, "
    "benefits_letter, setup_code"
)
OF_OTHERS = (
    "procrastinate_jobs, mfa_authenticator, socialaccount_socialaccount, cache_entry, rate_limit, django_session"
)


def sight() -> str:
    """Write what lets a connection see every row: the system's context, signed."""
    signed = signing.signature({row_security.SYSTEM: "all"})
    return f"SET {row_security.SYSTEM} = 'all'; SET {row_security.SIGNED} = '{signed}'"


def stay() -> None:
    """Let every new connection of this process work for the system outside of any context, from now on."""
    signals.connection_created.connect(_tell)
    connection.close()


def leave() -> None:
    """Let new connections see nothing again."""
    signals.connection_created.disconnect(_tell)


@contextlib.contextmanager
def seeing_all() -> Iterator[psycopg.Connection]:
    """Connect as the run-time role, with the system's sight of every row."""
    with seeing_nothing() as database:
        database.execute(sight())
        database.commit()
        yield database


@contextlib.contextmanager
def seeing_nothing() -> Iterator[psycopg.Connection]:
    """Connect as the run-time role for a test of row security: it says itself for whom it looks."""
    with psycopg.connect(psycopg.conninfo.make_conninfo(**cluster.address(cluster.APP))) as database:
        yield database


@contextlib.contextmanager
def breaking_in() -> Iterator[psycopg.Connection]:
    """Connect as the cluster's superuser in a transaction that is rolled back: what no role may do is planted so."""
    with cluster.as_superuser(cluster.var() / "postgres", cluster.NAME) as database:
        database.autocommit = False
        try:
            yield database
        finally:
            database.rollback()


def empty_cases(owner: psycopg.Connection) -> None:
    """Take away, as the owner, all cases and what hangs on them. A page that is still open in a browser may read them
    in another order just then: whoever the database gives up on tries again."""
    tables = ", ".join(f"nowrongdoor_{name.strip()}" for name in CASE_OWNED.split(","))
    for _ in range(3):
        with contextlib.suppress(psycopg.errors.DeadlockDetected):
            owner.execute(f"TRUNCATE {tables}, {OF_OTHERS} CASCADE")
            return
    owner.execute(f"TRUNCATE {tables}, {OF_OTHERS} CASCADE")


def rows(owner: psycopg.Connection) -> dict[str, int]:
    """Return how many rows each table has, as the owner counts them; without empty ones, without those of the queue,
    in which a worker that serves a whole file of tests goes on to write, and without root keys, which are only added.
    """
    tables = [
        name
        for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        if not name.startswith(("procrastinate_", "nowrongdoor_rootkey"))
    ]
    one = sql.SQL("SELECT {}, count(*) FROM {}")
    each = [one.format(sql.Literal(name), sql.Identifier(name)) for name in tables]
    return {name: count for name, count in owner.execute(sql.SQL(" UNION ALL ").join(each)) if count}


def _tell(connection: BaseDatabaseWrapper, **_: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sight())
