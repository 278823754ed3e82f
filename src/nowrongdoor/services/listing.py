"""Each service as it is matched, made of the rows that are kept: whom it takes, where, in which languages, and when.

The promise: what is matched follows from the rows and nothing else, and is made anew with every change of them.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import itertools
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from nowrongdoor.bulk import writing
from nowrongdoor.core import gazetteer, holidays, places
from nowrongdoor.core.services import package, profile, service
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
    room: str | None


def list_all(rows: package.Rows, whole: Directory) -> Sequence[str]:
    """Make every service anew, in the system's context, and say what of them could not be read."""
    problems: list[str] = []
    by_service = {name: _by(rows.get(name, {}), "service_id") for name in _OF_SERVICE}
    listings: list[_Listing] = []
    hours: list[_Opening] = []
    for row_id, row in rows.get("services", {}).items():
        listed = _listed(row_id, row, rows, by_service, whole)
        read = profile.understand(listed, profile.installed(), _where(_state(listed)))
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
        room = None
        if of_it := matched.room:
            room = writing.as_text({"left": of_it.left, "confirmed_at": of_it.confirmed_at.isoformat()})
        hours.append(_Opening(uuid.UUID(row_id), matched.is_hidden, writing.as_text(listed.schedules), room))
    gone = set(models.Listing.objects.values_list("id", flat=True)) - {each.id for each in listings}
    models.Listing.objects.filter(id__in=gone).delete()
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
        is_hidden=row_id in whole.hidden,
        areas=areas,
        languages=languages,
        schedules=[(each, sorted({tag.code for tag in whole.tags(str(each["id"]))})) for each in schedules],
        capacities=[
            (each, str(units.get(str(each.get("unit_id", "")), {}).get("identifier", ""))) for each in capacities
        ],
    )


def _state(listed: profile.Listed) -> str:
    """Return the first State that a service is for, empty where its areas name none."""
    places_of = (place_of(str(each.get("extent", ""))) for each in listed.areas)
    return next((place[0] for place in places_of if place), "")


@functools.cache
def _where(state: str) -> profile.Where:
    """Say in which zone a State is, and when offices are closed there; without a State, in the country's."""
    calendar = holidays.installed(state)
    return profile.Where(zone=places.zone(state), place=place_of, is_closed_on=lambda day: day in calendar.of(day.year))


@functools.cache
def place_of(extent: str) -> tuple[str, str] | None:
    """Return the State and the county that an area names, the State alone where it names no county."""
    if extent in places.installed().states:
        return extent, ""
    return gazetteer.county(extent)


def written(matched: service.Service) -> dict[str, object]:
    """Write what does not change with the hour, for `opened`. Of a hidden place only what everybody may read."""
    return {
        "kinds": sorted(matched.kinds),
        "areas": [[area.state, sorted(area.counties)] for area in matched.shown_areas()],
        "languages": sorted(matched.languages),
        "interprets": matched.interprets,
        "conditions": [_condition(each) for each in matched.conditions],
        "limits": sorted(matched.limits),
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


@dataclasses.dataclass(slots=True)
class Held:
    """A service as it is kept, and its opening where whoever looks is shown that: else `schedules` is None.
    `vetted_until`: None where nobody vouches for its organization, or whoever looks is not told."""

    id: uuid.UUID
    name: str
    reads: Mapping[str, Any]
    schedules: Sequence[tuple[Row, Sequence[str]]] | None
    room: Mapping[str, Any] | None
    vetted_until: datetime.datetime | None


def held(rows: QuerySet[models.Listing], most: int, *, at: datetime.datetime) -> Sequence[Held]:
    """Read services by name, so many at most, as they stand at an instant, in the context of whoever looks."""
    vetted = models.Vetting.objects.filter(
        organization=OuterRef("organization"), ended_at=None, until__gt=at, agency__active=True
    )
    more = {
        "schedules": F("opening__schedules"),
        "room": F("opening__room"),
        "vetted_until": Subquery(vetted.order_by("-until", "id").values("until")[:1]),
    }
    names = [each.name for each in dataclasses.fields(Held)]
    read = rows.annotate(**more).order_by("name", "id").values_list(*names)
    return list(itertools.starmap(Held, read[:most]))


def opened(
    row: Held,
    *,
    count: models.FreeRoom | None = None,
    at: datetime.datetime,
) -> service.Service:
    """Return a service as it is at an instant. Where its opening is not shown, nobody knows when somebody is there.
    `count`: how much room somebody who works there says there is, which counts where it is newer than the directory."""
    reads = row.reads
    areas = [Area(state, frozenset(counties)) for state, counties in reads["areas"]]
    hours, room = service.Hours.UNKNOWN, None
    if row.schedules is not None:
        hours = profile.hours(row.schedules, _where(areas[0].state), at=at)
    if row.room is not None:
        room = service.Room(row.room["left"], datetime.datetime.fromisoformat(row.room["confirmed_at"]))
    if count is not None and (room is None or count.at >= room.confirmed_at):
        room = service.Room(count.free, count.at)
    return service.Service(
        id=str(row.id),
        name=row.name,
        kinds=frozenset(reads["kinds"]),
        areas=areas,
        languages=frozenset(reads["languages"]),
        interprets=reads["interprets"],
        hours=hours,
        conditions=[_read_condition(each) for each in reads["conditions"]],
        room=room,
        vetted_until=row.vetted_until,
        limits=frozenset(reads["limits"]),
        is_hidden=reads["is_hidden"],
    )
