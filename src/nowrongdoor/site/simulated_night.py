"""An installation for one simulated night: `nwd line simulate` starts this with a scratch folder, and prints what it
prints.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import sys

from nowrongdoor.operating import cluster, database, schema


def main(calls: str, staff: str, seed: str, faults: str) -> None:
    """Make the database, play, and stop the database again."""
    database.prepare()
    try:
        _forget_the_disk()
        schema.migrate()
        from nowrongdoor.line import simulating

        agency = simulating.agency()
        pathlib.Path(os.environ["NWD_LINE"]).write_text(
            simulating.PLAN.replace("AGENCY", agency.code), encoding="utf-8"
        )
        night = simulating.Night(calls=int(calls), staff=int(staff), seed=int(seed), has_faults=bool(faults))
        print(json.dumps(dataclasses.asdict(simulating.Game(night, agency).play())))
    finally:
        from django.db import connections

        connections.close_all()
        cluster.stop(cluster.var() / "postgres")


def _forget_the_disk() -> None:
    """Wait for no disk: what is played goes with its folder, and a crash ends the game."""
    with cluster.as_superuser(cluster.var() / "postgres", "postgres") as superuser:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            superuser.execute(f"ALTER SYSTEM SET {setting} = off")
        superuser.execute("SELECT pg_reload_conf()")


if __name__ == "__main__":
    main(*sys.argv[1:5])
