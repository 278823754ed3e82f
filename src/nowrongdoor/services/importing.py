"""Taking a directory in: each row once or refused with its place and cause; what is the same changes nothing.

The promise: rows of one package go in together or not at all; where a hidden place is is refused, and taken out where
it was kept before somebody said that it is hidden; and whatever changed, each service is matched by what is kept now.
"""

from __future__ import annotations

import dataclasses
import datetime
import pathlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from nowrongdoor.access import row_security
from nowrongdoor.agencies.models import new_id
from nowrongdoor.bulk import writing
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.services import directory, package
from nowrongdoor.core.services.directory import Directory, Key, Shown
from nowrongdoor.core.services.hsds import Row
from nowrongdoor.core.services.package import Given, Noted, Refused
from nowrongdoor.services import listing, models, public

AT_ONCE = 2_000
Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a package: how many rows were new, changed, and the same; what was refused; and which services
    nobody finds, or are read in part, and why."""

    taken: int
    changed: int
    same: int
    refused: Sequence[Refused]
    problems: Sequence[str]


@dataclasses.dataclass(frozen=True, slots=True)
class _Standing:
    """To what a row belongs, whether it is for staff alone, and whether it is of what is hidden."""

    root: str
    is_for_staff: bool
    is_hidden: bool


@dataclasses.dataclass(frozen=True, slots=True)
class _Kept:
    """A row as it is kept."""

    id: uuid.UUID
    table: str
    listed: uuid.UUID
    root: uuid.UUID
    content: str
    is_for_staff: bool
    is_hidden: bool
    at: datetime.datetime

    @classmethod
    def of(cls, table: str, row: Row, standing: _Standing, at: datetime.datetime) -> _Kept:
        """Write a row down."""
        return cls(
            id=new_id(),
            table=table,
            listed=uuid.UUID(str(row["id"])),
            root=uuid.UUID(standing.root),
            content=writing.as_text(row),
            is_for_staff=standing.is_for_staff,
            is_hidden=standing.is_hidden,
            at=at,
        )


def take(path: pathlib.Path, *, at: datetime.datetime, say: Say = lambda words: None) -> Outcome:
    """Take a package in: a folder or a zip of CSV files, or nested JSON. package.Unusable."""
    with row_security.system():
        _alone()
        before, shown_to = _as_it_was()
        known = shown_to.keys()
        say(_("Reading %(path)s") % {"path": path})
        given: dict[Key, Given] = {}
        refused: list[Refused] = []
        problems: list[str] = []
        for each in package.checked(package.read(path), knows=lambda table, row_id: (table, row_id) in known):
            if isinstance(each, Refused):
                refused.append(each)
            elif isinstance(each, Noted):
                problems.append(f"{each.place}: {each.cause}")
            else:
                given[each.table, str(each.row["id"])] = each
        merged = {name: dict(held) for name, held in before.items()}
        for (name, row_id), each in given.items():
            if before.get(name, {}).get(row_id) != each.row:
                merged.setdefault(name, {})[row_id] = each.row
        say(_("Looking through %(count)s rows") % {"count": f"{sum(map(len, merged.values())):,}"})
        whole = Directory(
            merged, hidden=frozenset(row_id for (_name, row_id), was in shown_to.items() if was.is_hidden)
        )
        settled = {
            key: _still(each, shown_to.get(key), is_same=before.get(key[0], {}).get(key[1]) == merged[key[0]][key[1]])
            for key, each in whole.settled()
        }
        nowhere = {key for key, each in settled.items() if each.shown is Shown.NOBODY}
        for key in nowhere:
            del merged[key[0]][key[1]]
            if key in given:
                cause = _("It says where a hidden place is, which isn’t kept.")
                refused.append(Refused(given.pop(key).place, cause))
        new = [key for key in given if key not in known]
        changed = [key for key, each in given.items() if key in known and before[key[0]][key[1]] != each.row]
        _drop(nowhere & known)
        say(_("Keeping %(count)s rows") % {"count": f"{len(new) + len(changed):,}"})
        standing = {
            key: _Standing(
                each.root, each.shown is not Shown.EVERYBODY, key[0] in directory.ROOTS and key[1] in whole.hidden
            )
            for key, each in settled.items()
        }
        _write(
            _Kept.of(name, row, standing[name, row_id], at)
            for name, held in merged.items()
            for row_id, row in held.items()
            if row is not before.get(name, {}).get(row_id) or standing[name, row_id] != shown_to[name, row_id]
        )
        _count_hundreds()
        problems += [*whole.leaks, *listing.list_all(merged, whole)]
    return Outcome(len(new), len(changed), len(given) - len(new) - len(changed), refused, problems)


def kept() -> package.Rows:
    """Return all rows that are kept, in the system's context."""
    rows: dict[str, dict[str, Row]] = {}
    for name, listed, content in models.DirectoryRow.objects.values_list("table", "listed", "content").iterator():
        rows.setdefault(name, {})[str(listed)] = content
    return rows


def _as_it_was() -> tuple[package.Rows, Mapping[Key, _Standing]]:
    rows: dict[str, dict[str, Row]] = {}
    standing: dict[Key, _Standing] = {}
    held = models.DirectoryRow.objects.values_list("table", "listed", "content", "root", "is_for_staff", "is_hidden")
    for name, listed, content, root, is_for_staff, is_hidden in held.iterator():
        rows.setdefault(name, {})[str(listed)] = content
        standing[name, str(listed)] = _Standing(str(root), is_for_staff, is_hidden)
    return rows, standing


def _still(now: directory.Settled, was: _Standing | None, *, is_same: bool) -> directory.Settled:
    """Leave to staff what was for staff alone, until it is given otherwise: the address that it told a part of was not
    kept, so that nothing here could say so again."""
    if was and was.is_for_staff and is_same and was.root == now.root and now.shown is Shown.EVERYBODY:
        return dataclasses.replace(now, shown=Shown.STAFF)
    return now


def _alone() -> None:
    """Let one package after the other in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('nowrongdoor_directory_row'))")


def _drop(keys: Iterable[Key]) -> None:
    for name, row_id in keys:
        models.DirectoryRow.objects.filter(table=name, listed=row_id).delete()


def _write(rows: Iterable[_Kept]) -> None:
    """Keep each row as it is now."""
    for some in _batches(rows):
        writing.put(
            models.DirectoryRow,
            some,
            key=("table", "listed"),
            compare=("root", "content", "is_for_staff", "is_hidden"),
            also=("at",),
        )


def _count_hundreds() -> None:
    """Say where in each list every hundred begins, so that no page has to count the rows before it."""
    rows = models.DirectoryRow.objects
    number = Window(RowNumber(), partition_by="table", order_by="listed")
    of_lists = rows.filter(is_for_staff=False, table__in=public.TABLES.values()).annotate(before=number - 1)
    firsts = of_lists.annotate(rest=F("before") % models.HUNDRED).filter(rest=0).values_list("id", "before")
    wanted = {row_id: before // models.HUNDRED for row_id, before in firsts}
    held = dict(rows.filter(hundred__isnull=False).values_list("id", "hundred"))
    rows.filter(id__in=[row_id for row_id in held if held[row_id] != wanted.get(row_id)]).update(hundred=None)
    moved = [
        models.DirectoryRow(id=row_id, hundred=wanted[row_id]) for row_id, _hundred in wanted.items() - held.items()
    ]
    rows.bulk_update(moved, ["hundred"], batch_size=AT_ONCE // 4)


def _batches(rows: Iterable[_Kept]) -> Iterator[list[_Kept]]:
    some: list[_Kept] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some
