"""The directory: how long a package takes to come in, and again; and what it costs to find who can take somebody, at
several sizes, so that growth shows."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import functools
import pathlib
import random
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence

from bench import chat, result

NAMESPACE = uuid.UUID("2f6b4c1e-88f0-4a3c-8d6a-5d0f5f0b7c11")
KINDS = ("shelter", "case_management", "legal_immigration", "medical", "mental_health", "food_and_clothes")
LANGUAGES = ("en", "es", "zh", "ht", "ar", "ru")
SEARCHES = 40
PAGES = 20


@dataclasses.dataclass(frozen=True)
class Size:
    """How many services there are, step by step."""

    services: Sequence[int] = (10_000, 100_000)


FULL = Size()
TINY = Size((50, 100))


def run(size: Size) -> Iterator[result.Result]:
    """Measure. However it ends, nothing of it keeps running."""
    with chat.house() as folder:
        for count in size.services:
            package = folder / f"package {count}"
            rows = write(package, count)
            yield from importing(package, count, rows)
            yield from matching(folder, count)
            yield from paging(count)


def importing(package: pathlib.Path, count: int, rows: int) -> Iterator[result.Result]:
    """Take a package in, and then the same again."""
    from django.utils import timezone

    from nowrongdoor.services import importing as room

    for what in ("take in", "take in again"):
        begun = time.perf_counter()
        outcome = room.take(package, at=timezone.now())
        note = (
            f"{rows:,} rows, {outcome.taken:,} new, {outcome.same:,} the same; at most 120 for 100,000, {chat.load()}"
        )
        assert outcome.refused == []
        yield result.Result(f"{what} {count:,} services", time.perf_counter() - begun, "s", 1, note)


def spent(act: Callable[[], object], times: int) -> float:
    """Return the CPU of this process and of the database, in milliseconds, that an act costs: the median of so many."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = pathlib.Path(f"/proc/{cursor.fetchone()[0]}/schedstat")

    def cpu() -> int:
        return time.process_time_ns() + int(backend.read_text(encoding="ascii").split()[0])

    act()
    costs = []
    for _ in range(times):
        before = cpu()
        act()
        costs.append((cpu() - before) / 1e6)
    return statistics.median(costs)


def paging(count: int) -> Iterator[result.Result]:
    """Read pages of the list of services, and one organization with all that is its own, as another program does."""
    from nowrongdoor.services import public

    pages = max(1, count // public.SIZE)
    for number in sorted({1, (pages + 1) // 2, pages}):
        asked = public.Asked("services", page=number)
        cost = spent(functools.partial(public.page, asked), PAGES)
        yield result.Result(f"page {number:,} of {count:,} services", cost, "ms CPU", PAGES, chat.load())
    organization = uuid.uuid5(NAMESPACE, "organization 7")
    asked = public.Asked("services", narrowed={public.NARROWED["services"]["organization_id"]: organization})
    for what, act in (
        ("the services of an organization", functools.partial(public.page, asked)),
        ("an organization with all that it has", functools.partial(public.document, "organizations", organization)),
    ):
        yield result.Result(f"{what}, among {count:,}", spent(act, PAGES), "ms CPU", PAGES, chat.load())


def matching(folder: pathlib.Path, count: int) -> Iterator[result.Result]:
    """Look for help for many people at noon, as whoever sees everything; somebody vouches for each organization."""
    import psycopg

    from nowrongdoor.access import row_security
    from nowrongdoor.core.services import matching as core
    from nowrongdoor.core.services import service
    from nowrongdoor.operating import cluster, serving
    from nowrongdoor.services import finding

    noon = vouch()
    with psycopg.connect(**cluster.address(cluster.OWNER), autocommit=True) as owner:  # type: ignore[arg-type]
        owner.execute("VACUUM ANALYZE")
    dice, seen, offered = random.Random(count), list[int](), list[int]()

    def look() -> None:
        needs = core.Needs(
            kind=dice.choice(KINDS),
            facts=service.Facts({"gender": frozenset({"woman"})}, {"age": 24}),
            language=dice.choice(LANGUAGES),
            state=dice.choice(("NY", "CA", "NV", "TX")),
        )
        answer = finding.match(needs, at=noon)
        offered.append(len(answer.found.offered))
        seen.append(offered[-1] + len(answer.found.left_out))

    serving.spare_what_is_loaded()  # as the web server does
    with row_security.system():
        cost = spent(look, SEARCHES)
        somewhere = core.Needs(kind=KINDS[0], facts=service.Facts(), language="", state="NV")
        counted = spent(functools.partial(finding.elsewhere, somewhere), SEARCHES)
    note = (
        f"{statistics.median(seen):,.0f} of that kind and State looked at, {statistics.median(offered):,.0f} offered; "
        f"at most 20, {chat.load()}"
    )
    yield result.Result(f"match among {count:,} services", cost, "ms CPU", SEARCHES, note)
    note = f"where nobody is offered, beside a match; {chat.load()}"
    yield result.Result(f"count the others among {count:,} services", counted, "ms CPU", SEARCHES, note)


def vouch() -> datetime.datetime:
    """Vouch for every organization that nobody vouches for, and return the next Monday's noon."""
    from django.utils import timezone
    from tests.leads import stories

    from nowrongdoor.access import row_security, viewers
    from nowrongdoor.services import models

    now = timezone.now()
    with row_security.system():
        by = stories.person("HOTLINE", viewers.Role.COORDINATOR)
    assert by.user_id is not None
    with row_security.looking(by):
        vetted = models.Vetting.objects.values("organization")
        rows = models.DirectoryRow.objects.filter(table="organizations").exclude(listed__in=vetted)
        models.Vetting.objects.bulk_create(
            [
                models.Vetting(
                    organization=row_id,
                    agency_id=by.agency_id,
                    by_id=by.user_id,
                    at=now,
                    until=now + models.LONGEST_VETTING,
                )
                for row_id in rows.values_list("listed", flat=True)
            ],
            batch_size=2_000,
        )
    monday = now + datetime.timedelta(days=7 - now.weekday())
    return monday.replace(hour=20, minute=0)


def write(folder: pathlib.Path, count: int) -> int:
    """Write a package of made-up services, and return how many rows it has."""
    folder.mkdir()
    dice = random.Random(count)
    from nowrongdoor.core import places

    states = sorted(places.installed().states)
    term = {code: str(uuid.uuid5(NAMESPACE, code)) for code in ("kind", "takes:gender", "takes:age")}
    tables: dict[str, list[Mapping[str, object]]] = {
        "taxonomies": [{"id": str(uuid.uuid5(NAMESPACE, "t")), "name": "no-wrong-door", "description": "The profile"}],
        "taxonomy_terms": [
            {"id": row_id, "code": code, "name": code, "description": code, "taxonomy": "no-wrong-door"}
            for code, row_id in term.items()
        ],
    }
    for number in range(count):
        own = {name: str(uuid.uuid5(NAMESPACE, f"{name} {number}")) for name in ("service", "area", "tongue", "hours")}
        organization = str(uuid.uuid5(NAMESPACE, f"organization {number // 4}"))
        if number % 4 == 0:
            tables.setdefault("organizations", []).append(
                {"id": organization, "name": f"Organization {number // 4}", "description": "Made up."}
            )
        of = {"service_id": own["service"]}
        tables.setdefault("services", []).append(
            {
                **{"id": own["service"], "organization_id": organization, "name": f"Service {number}"},
                **{"status": "active", "description": "Made up, to be measured. " * 4},
            }
        )
        tables.setdefault("service_areas", []).append(
            {"id": own["area"], **of, "extent_type": "state", "extent": dice.choice(states)}
        )
        tables.setdefault("languages", []).append({"id": own["tongue"], **of, "code": dice.choice(LANGUAGES)})
        tables.setdefault("schedules", []).append(
            {
                **{"id": own["hours"], **of, "freq": "WEEKLY", "byday": "MO,TU,WE,TH,FR"},
                **{"opens_at": "09:00", "closes_at": "17:00"},
            }
        )
        for code, value in (("kind", dice.choice(KINDS)), ("takes:gender", "woman|other"), ("takes:age", "18-")):
            row_id = str(uuid.uuid5(NAMESPACE, f"{code} {number}"))
            tables.setdefault("attributes", []).append(
                {"id": row_id, "link_id": own["service"], "taxonomy_term_id": term[code], "value": value}
            )
    for name, held in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
            lines = csv.DictWriter(stream, list(held[0]))
            lines.writeheader()
            lines.writerows(held)
    return sum(map(len, tables.values()))
