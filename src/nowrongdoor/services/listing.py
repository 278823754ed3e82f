"""Each service as it is matched, made of the rows that are kept: whom it takes, where, in which languages, and when.

The promise: what is matched follows from the rows and nothing else, and is made anew with every change of them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import functools
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nowrongdoor.bulk import writing
from nowrongdoor.core import gazetteer, holidays, places
from nowrongdoor.core.services import openings, package, profile, service
from nowrongdoor.core.services.directory import Directory
from nowrongdoor.core.services.hsds import Row
from nowrongdoor.core.services.service import Accepts, Area, Asks, Between, Condition
from nowrongdoor.services import models

AT_ONCE = 2_000


@dataclasses.dataclass(frozen=True, slots=True)
class _Listing:
    id: uuid.UUID
    organization: uuid.UUID | None
    name: str
    kinds: str
    states: str
    reads: str


@dataclasses.dataclass(frozen=True, slots=True)
class _Opening:
    listing: uuid.UUID
    is_for_staff: bool
    schedules: str
    room: str


def list_all(rows: package.Rows, whole: Directory) -> Sequence[str]:
    """Make every service anew, in the system's context, and say what of them could not be read."""
    problems: list[str] = []
    by_service = {name: _by(rows.get(name, {}), "service_id") for name in _OF_SERVICE}
    listings: list[_Listing] = []
    hours: list[_Opening] = []
    for row_id, row in rows.get("services", {}).items():
        listed = _listed(row_id, row, rows, by_service, whole)
        read = understood(listed, is_hidden=row_id in whole.hidden)
        problems += [f"{row['name']} ({row_id}): {problem}" for problem in read.problems]
        if read.found is None:
            continue
        matched = read.found
        organization = row.get("organization_id")
        listings.append(
            _Listing(
                uuid.UUID(row_id),
                uuid.UUID(str(organization)) if organization else None,
                matched.name,
                writing.as_text(sorted(matched.kinds)),
                writing.as_text(sorted({area.state for area in matched.areas})),
                writing.as_text(written(matched)),
            )
        )
        schedules = [[each, [tag.code for tag in tags]] for each, tags in listed.schedules]
        room = matched.room and {"left": matched.room.left, "confirmed_at": matched.room.confirmed_at.isoformat()}
        hours.append(_Opening(uuid.UUID(row_id), matched.is_hidden, writing.as_text(schedules), writing.as_text(room)))
    models.Listing.objects.exclude(id__in=[each.id for each in listings]).delete()
    for start in range(0, len(listings), AT_ONCE):
        writing.put(
            models.Listing,
            listings[start : start + AT_ONCE],
            key=("id",),
            compare=("organization", "name", "kinds", "states", "reads"),
        )
        writing.put(
            models.Opening,
            hours[start : start + AT_ONCE],
            key=("listing",),
            compare=("is_for_staff", "schedules", "room"),
        )
    return problems


_OF_SERVICE = ("service_areas", "languages", "schedules", "service_capacity")


def _by(rows: Mapping[str, Row], field: str) -> Mapping[str, Sequence[Row]]:
    rows_of: dict[str, list[Row]] = {}
    for row in rows.values():
        if field in row:
            rows_of.setdefault(str(row[field]), []).append(row)
    return rows_of


def _listed(
    row_id: str,
    row: Row,
    rows: package.Rows,
    by_service: Mapping[str, Mapping[str, Sequence[Row]]],
    whole: Directory,
) -> profile.Listed:
    areas, languages, schedules, capacities = (by_service[name].get(row_id, ()) for name in _OF_SERVICE)
    units = rows.get("units", {})
    return profile.Listed(
        row=row,
        tags=whole.tags(row_id),
        areas=areas,
        languages=languages,
        schedules=[(each, whole.tags(str(each["id"]))) for each in schedules],
        capacities=[
            (each, str(units.get(str(each.get("unit_id", "")), {}).get("identifier", ""))) for each in capacities
        ],
    )


def understood(listed: profile.Listed, *, is_hidden: bool) -> profile.Understood:
    """Read a service by the country's profile."""
    extents = [str(each.get("extent", "")) for each in listed.areas]
    state = next((place[0] for extent in extents if (place := place_of(extent))), "")
    where = profile.Where(zone=places.zone(state), place=place_of, is_closed_on=_closed(state))
    read = profile.understand(listed, profile.installed(), where, vetted_until=None)
    if read.found is None:
        return read
    return dataclasses.replace(read, found=dataclasses.replace(read.found, is_hidden=is_hidden))


@functools.cache
def place_of(extent: str) -> tuple[str, str] | None:
    """Return the State and the county that an area names, the State alone where it names no county."""
    if extent in places.installed().states:
        return extent, ""
    return gazetteer.county(extent)


def _closed(state: str) -> Callable[[datetime.date], bool]:
    calendar = holidays.installed(state)
    return lambda day: day in calendar.of(day.year)


def written(matched: service.Service) -> dict[str, object]:
    """Write what does not change with the hour, for `opened`. Of a hidden place only what everybody may read."""
    return {
        "areas": [[area.state, sorted(area.counties)] for area in matched.shown_areas()],
        "languages": sorted(matched.languages),
        "interprets": matched.interprets,
        "conditions": [_condition(each) for each in matched.conditions],
        "is_hidden": matched.is_hidden,
    }


def _condition(each: Condition) -> list[object]:
    match each:
        case Accepts():
            return ["accepts", each.fact, sorted(each.values)]
        case Between():
            return ["between", each.fact, each.least, each.most]
        case Asks():
            return ["asks", each.fact]


def _read_condition(each: Sequence[Any]) -> Condition:
    match each:
        case ["accepts", fact, values]:
            return Accepts(fact, frozenset(values))
        case ["between", fact, least, most]:
            return Between(fact, least, most)
        case ["asks", fact]:
            return Asks(fact)
    raise ValueError(f"{each} is no condition.")


def opened(
    row: models.Listing,
    opening: models.Opening | None,
    *,
    vetted_until: datetime.datetime | None,
    at: datetime.datetime,
) -> service.Service:
    """Return a service as it is at an instant. `opening`: None where the viewer is not shown it: then nobody knows."""
    reads = row.reads
    areas = [Area(state, frozenset(counties)) for state, counties in reads["areas"]]
    state = areas[0].state
    hours, room = service.Hours.UNKNOWN, None
    if opening is not None:
        read: list[openings.Opening] = []
        for each, codes in opening.schedules:
            with contextlib.suppress(service.Unusable):
                closed = _closed(state) if profile.NOT_ON_HOLIDAYS in codes else openings.never
                is_on_call = profile.ON_CALL in codes
                read.append(openings.read(each, places.zone(state), is_on_call=is_on_call, is_closed_on=closed))
        hours = openings.now(read, at=at, is_all_known=len(read) == len(opening.schedules)).hours
        if opening.room is not None:
            room = service.Room(opening.room["left"], datetime.datetime.fromisoformat(opening.room["confirmed_at"]))
    return service.Service(
        id=str(row.id),
        name=row.name,
        kinds=frozenset(row.kinds),
        areas=areas,
        languages=frozenset(reads["languages"]),
        interprets=reads["interprets"],
        hours=hours,
        conditions=[_read_condition(each) for each in reads["conditions"]],
        room=room,
        vetted_until=vetted_until,
        is_hidden=reads["is_hidden"],
    )
