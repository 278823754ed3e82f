"""Whether the schema is behind the code, and bringing it up to date as the owner.

The promise: a process that serves never holds the owner's connection. What migrates is a process of its own, and the
composition root says what it does (`python -m nowrongdoor.site.migrating`).
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Set

from psycopg import errors

from nowrongdoor.access import grants
from nowrongdoor.core.language import gettext as _
from nowrongdoor.operating import cluster

LOCK_TIMEOUT = "150ms"  # less than a deadlock is looked for in, so that nobody's transaction is broken off
PAUSE, TRIES = 0.5, 60  # seconds; half a minute
ALONE, NEW_KEY = "alone", "new-key"
APPLIED = "SELECT app, name FROM django_migrations"
MIGRATE = "nowrongdoor.site.migrating"  # started, never imported: it knows the rows that an installation begins with


class NotMigrated(RuntimeError):
    """The migration ended with an error, which it told by itself."""


class Busy(RuntimeError):
    """There was no moment for it; says what to do."""

    def __init__(self) -> None:
        super().__init__(
            "For half a minute somebody's work held the tables that must change. Nothing is half done: run this again "
            "when there is less to do."
        )


def between_others(act: Callable[[], object], *, tries: int = TRIES) -> None:
    """Do what takes tables for itself, and may be done again, between two transactions of those who work meanwhile.

    Whoever asks for a table waits for those who have it, and everybody else behind them. So what cannot be had at once
    is given back, and asked for again a little later. Busy.
    """
    from django.db import connection
    from django.db.utils import OperationalError

    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
    for _try in range(tries):
        try:
            act()
        except OperationalError as error:
            if not isinstance(error.__cause__, errors.LockNotAvailable):
                raise
            time.sleep(PAUSE)
        else:
            break
    else:
        raise Busy
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


def migrate(*, alone: bool = False, new_key: bool = False) -> None:
    """Bring the schema up to date, in a process of its own. `alone`: no process of an earlier release serves meanwhile,
    or will. `new_key`: NWD_SECRET_KEY was changed. NotMigrated."""
    cluster.address(cluster.OWNER)  # refused here, in words, if it cannot be used
    environment = {**os.environ, "NWD_ROLE": "owner"}
    command = [sys.executable, "-m", MIGRATE, *([ALONE] if alone else []), *([NEW_KEY] if new_key else [])]
    if subprocess.run(command, env=environment, check=False).returncode:
        raise NotMigrated(_("The schema could not be brought up to date; the message is above."))


@functools.cache
def newest() -> Set[tuple[str, str]]:
    """Return the newest migrations of this code, by app and name: where they are applied, those before them are."""
    from django.db.migrations.loader import MigrationLoader

    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def is_behind() -> bool:
    """Return whether the schema is behind the code, or its migration was broken off before the end."""
    from django.db import connection
    from django.db.utils import ProgrammingError

    with connection.cursor() as cursor:
        try:
            cursor.execute(APPLIED)
        except ProgrammingError:  # there is no such table, or the run-time role may not look: nothing was migrated
            return True
        applied = set(cursor.fetchall())
    return not newest() <= applied or not grants.are_guards_away()
