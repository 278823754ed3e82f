"""What an installation's country wants to know of services for people who were trafficked, beside what HSDS asks of any
service: the published profile (services.toml, which a country may leave out), and services read by it.

The promise: whom a service takes is said in the country's own codes and in nothing else; what of its rows cannot be
read so is named, and makes it take nobody in silence.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.services import openings, service
from nowrongdoor.core.services.hsds import Row
from nowrongdoor.core.services.service import Accepts, Area, Asks, Between, Condition, Hours, Room, Unusable

FILE = "services.toml"
TAXONOMY = "no-wrong-door"  # the name of the taxonomy whose terms have the codes of a profile
AGE = "age"  # the fact that HSDS asks for itself
KIND, LIMIT, TAKES, HIDDEN = "kind", "limit", "takes", "hidden"  # codes of tags; of schedules these:
ON_CALL, NOT_ON_HOLIDAYS = "on-call", "not-on-holidays"
COUNTRY, STATE, COUNTY = "country", "state", "county"  # what `extent_type` of a service area may say


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """What a service does. `unit`: what it has room in, by the identifier of HSDS units; empty where it has none.
    `goes_along`: it's often needed with another, as a ride is with a bed."""

    code: str
    words: str
    unit: str
    goes_along: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Fact:
    """Something a service may ask of whoever comes. `values`: the answers, by code; empty for a number; `is_several`:
    several may hold. `none`: for a number, the answer that there is none; empty where there always is one."""

    code: str
    question: str
    values: Mapping[str, str]
    none: str
    is_several: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """What a law says of whom a service may help, shown beside it."""

    code: str
    words: str
    citation: str
    evidence: str


@dataclasses.dataclass(frozen=True)
class Profile:
    """All of it."""

    version: str
    kinds: Mapping[str, Kind]
    facts: Mapping[str, Fact]
    limits: Mapping[str, Limit]


NOTHING = Profile("", {}, {}, {})


def read(text: str) -> Profile:
    """Read a country's services.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    version = content.text("version")
    kinds: dict[str, Kind] = {}
    for each in content.each("kind"):
        kind = Kind(each.text("id"), each.text("words"), each.text("unit", ""), each.yes("goes_along"))
        each.end()
        kinds[kind.code] = kind
    facts: dict[str, Fact] = {}
    for each in content.each("fact"):
        values = each.one("values") if each.has("values") else None
        answers = {code: values.text(code) for code in values.left()} if values else {}
        fact = Fact(each.text("id"), each.text("question"), answers, each.text("none", ""), each.yes("several"))
        if values and fact.none:
            raise each.wrong("none", _("only a number can be none: take it out"))
        each.end()
        facts[fact.code] = fact
    limits: dict[str, Limit] = {}
    for each in content.each("limit"):
        limit = Limit(each.text("id"), each.text("words"), each.text("citation"), entries.evidence(each))
        each.end()
        limits[limit.code] = limit
    content.end()
    return Profile(version, kinds, facts, limits)


@functools.cache
def installed() -> Profile:
    """Return the profile of the country that is installed."""
    try:
        return read(jurisdictions.text(FILE))
    except jurisdictions.NoSuchFile:
        return NOTHING


@dataclasses.dataclass(frozen=True, slots=True)
class Tag:
    """An attribute whose term is the profile's: its code, and its value."""

    code: str
    value: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The rows of one service, as far as they matter for finding it. `schedules`: each with the codes of its own tags;
    `capacities`: each with the identifier of its unit; `is_hidden`: nobody is told where it is."""

    row: Row
    tags: Sequence[Tag]
    is_hidden: bool = False
    areas: Sequence[Row] = ()
    languages: Sequence[Row] = ()
    schedules: Sequence[tuple[Row, Collection[str]]] = ()
    capacities: Sequence[tuple[Row, str]] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Understood:
    """A service as it is matched, but for when it is open and who vouches for it, and what of its rows could not be
    read. `found`: None where nobody finds it."""

    found: service.Service | None
    problems: Sequence[str]


Place = Callable[[str], tuple[str, str] | None]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What is known of places and days: the zone of a service's own place; the State and the county that "Clark, NV"
    names, or the State and nothing for "NV"; and on which days offices are closed."""

    zone: datetime.tzinfo
    place: Place
    is_closed_on: openings.Closed


def understand(listed: Listed, profile: Profile, where: Where) -> Understood:
    """Read a service by a profile."""
    problems: list[str] = []
    kinds = _codes(KIND, listed.tags, profile.kinds, _("There is no kind of service “%(code)s”."), problems)
    limits = _codes(LIMIT, listed.tags, profile.limits, _("There is no limit “%(code)s”."), problems)
    conditions = _conditions(listed, profile, problems)
    problems += times(listed.schedules, where)[1]
    areas = _areas(listed.areas, where, problems)
    row = listed.row
    if row.get("status") != "active":
        problems.append(_("Nobody finds it: its status is “%(status)s”.") % {"status": row.get("status", "")})
    if not kinds:
        problems.append(_("Nobody finds it: no tag says what it does."))
    if not areas:
        problems.append(_("Nobody finds it: no service area says where it helps."))
    if row.get("status") != "active" or not kinds or not areas:
        return Understood(None, problems)
    units = {profile.kinds[kind].unit for kind in kinds} - {""}
    as_matched = service.Service(
        id=str(row["id"]),
        name=str(row["name"]),
        kinds=kinds,
        areas=areas,
        languages=frozenset(_language(str(each["code"])) for each in listed.languages if "code" in each),
        interprets=bool(row.get("interpretation_services")),
        hours=Hours.UNKNOWN,
        conditions=conditions,
        room=_room([each for each, unit in listed.capacities if unit in units]),
        limits=limits,
        is_hidden=listed.is_hidden,
    )
    return Understood(as_matched, problems)


def _language(code: str) -> str:
    return code.replace("_", "-").partition("-")[0].lower()


def _codes(code: str, held: Sequence[Tag], known: Collection[str], unknown: str, problems: list[str]) -> frozenset[str]:
    """Return the values of tags of one code, as far as they are known."""
    values = {tag.value for tag in held if tag.code == code}
    problems += [unknown % {"code": each} for each in sorted(values.difference(known))]
    return frozenset(values.intersection(known))


def _conditions(listed: Listed, profile: Profile, problems: list[str]) -> Sequence[Condition]:
    """Read whom it takes. What can't be read is asked of it: nobody is sent there in vain."""
    conditions: list[Condition] = []
    row = listed.row
    if AGE in profile.facts and ("minimum_age" in row or "maximum_age" in row):
        conditions += _between(AGE, str(row.get("minimum_age", "")), str(row.get("maximum_age", "")), problems)
    for tag in listed.tags:
        kind, _colon, code = tag.code.partition(":")
        if kind != TAKES:
            continue
        fact = profile.facts.get(code)
        if fact is None:
            problems.append(_("No service asks for “%(code)s”.") % {"code": code})
        elif not fact.values:
            least, _dash, most = tag.value.partition("-")
            conditions += _between(code, least, most, problems)
        elif wrong := sorted(set(tag.value.split("|")) - fact.values.keys()):
            problems.append(
                _("%(code)s: write some of %(values)s, with | between them, and not %(wrong)s.")
                % {"code": code, "values": ", ".join(fact.values), "wrong": ", ".join(wrong)}
            )
            conditions.append(Asks(code))
        else:
            conditions.append(Accepts(code, frozenset(tag.value.split("|"))))
    return conditions


def _between(code: str, least: str, most: str, problems: list[str]) -> Sequence[Condition]:
    try:
        return [Between(code, int(least) if least else None, int(most) if most else None)]
    except Unusable as error:
        problems.append(str(error))
    except ValueError:
        problems.append(_("%(code)s: write two whole numbers as 18-24, or one of them as 18- or -24.") % {"code": code})
    return [Asks(code)]


def times(
    schedules: Iterable[tuple[Row, Collection[str]]], where: Where
) -> tuple[Sequence[openings.Opening], Sequence[str]]:
    """Read schedules, each with the codes of its own tags, and say of those that cannot be read why."""
    read: list[openings.Opening] = []
    problems: list[str] = []
    for row, codes in schedules:
        closed = where.is_closed_on if NOT_ON_HOLIDAYS in codes else openings.never
        try:
            read.append(openings.read(row, where.zone, is_on_call=ON_CALL in codes, is_closed_on=closed))
        except Unusable as error:
            problems.append(str(error))
    return read, problems


def hours(schedules: Iterable[tuple[Row, Collection[str]]], where: Where, *, at: datetime.datetime) -> Hours:
    """Say whether somebody is there at an instant."""
    read, problems = times(schedules, where)
    return openings.hours(read, at=at, is_all_known=not problems)


def _areas(rows: Iterable[Row], where: Where, problems: list[str]) -> Sequence[Area]:
    """Read for where it is. Counties of one State are one area: that of a single one says where a hidden place is."""
    counties: dict[str, set[str]] = {}
    whole: set[str] = set()
    for row in rows:
        kind, extent = str(row.get("extent_type", "")), str(row.get("extent", ""))
        place = where.place(extent) if kind in (STATE, COUNTY) else None
        if kind == COUNTRY:
            whole.add("")
        elif place and kind == STATE and not place[1]:
            whole.add(place[0])
        elif place and kind == COUNTY and place[1]:
            counties.setdefault(place[0], set()).add(place[1])
        else:
            problems.append(
                _(
                    "The area “%(area)s” can’t be read: write extent_type country, state or county, and extent as NV "
                    "or as Clark, NV."
                )
                % {"area": row.get("name") or extent}
            )
    if "" in whole:
        return [Area()]
    return [
        *(Area(state) for state in sorted(whole)),
        *(Area(state, frozenset(counties[state])) for state in sorted(counties.keys() - whole)),
    ]


def _room(rows: Iterable[Row]) -> Room | None:
    """Return the room that there is: all of its beds, as old as the oldest number among them."""
    held = list(rows)
    if not held:
        return None
    return Room(
        sum(max(0, int(each["available"])) for each in held),
        min(datetime.datetime.fromisoformat(str(each["updated"])) for each in held),
    )
