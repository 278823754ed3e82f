"""The fictional services of the demonstration: taken in as any directory is, and vouched for by the hotline.

None of them exists: every name is made up, and every number is one that nobody has.
"""

from __future__ import annotations

import datetime
import importlib.resources
import json
import pathlib
import tempfile
from typing import Any

from nowrongdoor.access import viewers
from nowrongdoor.services import importing, models, vetting

FOR = datetime.timedelta(days=300)
BEDS = datetime.timedelta(hours=2)  # since somebody said how many there are


def documents(*, at: datetime.datetime) -> list[dict[str, Any]]:
    """Return them as nested HSDS, as if their beds had been counted lately: the file's own day is long over."""
    file = importlib.resources.files("nowrongdoor.site").joinpath("demonstration_services.json")
    held: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    for organization in held:
        for service in organization["services"]:
            for room in service.get("capacities", ()):
                room["updated"] = (at - BEDS).isoformat()
    return held


def fill(*, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Take them in, and vouch for all but one."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "services.json"
        path.write_text(json.dumps(documents(at=at)), encoding="utf-8")
        outcome = importing.take(path, at=at)
    assert not outcome.refused, outcome.refused
    names = models.DirectoryRow.objects.filter(table="organizations").values_list("content__name", "listed")
    for name, organization in sorted(names):
        if not name.startswith("Samaritan"):
            vetting.vet(organization, until=at + FOR, by=by, at=at)
