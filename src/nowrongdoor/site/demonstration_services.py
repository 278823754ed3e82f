"""The fictional services of the demonstration: taken in as any directory is, and vouched for by the hotline.

None of them exists: every name is made up, and every number is one that nobody has.
"""

from __future__ import annotations

import datetime
import importlib.resources
from collections.abc import Callable

from nowrongdoor.access import viewers
from nowrongdoor.core.services.package import Given
from nowrongdoor.services import importing, models, vetting

FOR = datetime.timedelta(days=300)
BEDS = datetime.timedelta(hours=2)  # since somebody said how many there are


def fill(*, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Take them in, as if their beds had been counted lately, and vouch for all but one."""
    package = importlib.resources.files("nowrongdoor.site").joinpath("demonstration_services.json")
    with importlib.resources.as_file(package) as path:
        outcome = importing.take(path, at=at, change=_counted(at))
    assert not outcome.refused, outcome.refused
    names = models.DirectoryRow.objects.filter(table="organizations").values_list("content__name", "listed")
    for name, organization in sorted(names):
        if not name.startswith("Samaritan"):
            vetting.vet(organization, until=at + FOR, by=by, at=at)


def _counted(at: datetime.datetime) -> Callable[[Given], Given]:
    """Say of each number of beds that it was counted lately: the file's own day is long over."""

    def counted(given: Given) -> Given:
        if given.table != "service_capacity":
            return given
        return Given(given.table, given.place, {**given.row, "updated": (at - BEDS).isoformat()})

    return counted
