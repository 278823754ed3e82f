"""Whether the schema is behind the code, and bringing it up to date as the owner.

The promise: a process that serves never holds the owner's connection. What migrates is a process of its own, and the
composition root says what it does (`python -m nowrongdoor.site.migrating`).
"""

from __future__ import annotations

import os
import subprocess
import sys

from nowrongdoor.core.language import gettext as _
from nowrongdoor.operating import cluster

MIGRATE = "nowrongdoor.site.migrating"  # started, never imported: it knows the rows that an installation begins with


class NotMigrated(RuntimeError):
    """The migration ended with an error, which it told by itself."""


def migrate() -> None:
    """Bring the schema up to date, in a process of its own. NotMigrated."""
    cluster.address(cluster.OWNER)  # refused here, in words, if it cannot be used
    environment = {**os.environ, "NWD_ROLE": "owner"}
    if subprocess.run([sys.executable, "-m", MIGRATE], env=environment, check=False).returncode:
        raise NotMigrated(_("The schema could not be brought up to date; the message is above."))


def is_behind() -> bool:
    """Return whether the schema is behind the code."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.utils import ProgrammingError

    try:
        executor = MigrationExecutor(connection)
    except ProgrammingError:  # the run-time role may not even look: nothing was ever migrated
        return True
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
