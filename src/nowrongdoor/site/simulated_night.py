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


if __name__ == "__main__":
    main(*sys.argv[1:5])
