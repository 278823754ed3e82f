"""`python -m nowrongdoor.site.migrating`, as the owner: the schema up to date, and the run-time role's privileges."""

from __future__ import annotations

import os
import subprocess
import sys

from nowrongdoor.site import cluster


class Failed(RuntimeError):
    """The migration ended with an error, which it told by itself."""


def run() -> None:
    """Migrate in a process of its own, so that this one never holds the owner's connection."""
    cluster.address(cluster.OWNER)  # refused here, in words, if it cannot be used
    environment = {**os.environ, "NWD_ROLE": "owner"}
    if subprocess.run([sys.executable, "-m", "nowrongdoor.site.migrating"], env=environment, check=False).returncode:
        raise Failed("The schema could not be brought up to date; the message is above.")


def is_needed() -> bool:
    """Return whether the schema is behind the code."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.utils import ProgrammingError

    try:
        executor = MigrationExecutor(connection)
    except ProgrammingError:  # the run-time role may not even look: nothing was ever migrated
        return True
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


if __name__ == "__main__":
    import django
    from django.core import management

    os.environ["DJANGO_SETTINGS_MODULE"] = "nowrongdoor.site.settings"
    django.setup()
    from django.db.utils import OperationalError
    from django.utils import timezone

    from nowrongdoor.access import grants, policies
    from nowrongdoor.site import declared, reference

    try:
        management.call_command("migrate", verbosity=0, interactive=False)
        policies.apply(declared.ROWS, declared.FUNCTIONS)
        grants.apply(declared.ROWS)
        reference.load(at=timezone.now())
        reference.stand_by()
    except OperationalError as error:
        sys.exit(f"The database refuses: {' '.join(str(error).split())}")
