"""HSDS in and out: a package of tables (a folder or a zip of CSV files) and nested JSON, both read into the same rows.

The promise: every row is taken once or refused with its place and its cause; one that stands in nothing that is
there is refused, and what else it names that is nowhere is noted; and what is written reads back as the same rows.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import json
import pathlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TextIO

from nowrongdoor.core import formulas
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.services import hsds
from nowrongdoor.core.services.hsds import Row, Table

LARGEST = 1_000_000_000  # bytes of one file, unpacked
DEEPEST = 12  # of JSON: the standard's own deepest is half of that
Rows = Mapping[str, Mapping[str, Row]]
_NO_TABLE = gettext_lazy("HSDS %(version)s has no such table, so nothing of it is kept.")
_NO_COLUMN = gettext_lazy("HSDS %(version)s has no such column here, so it isn’t kept: %(names)s.")
_NOWHERE = gettext_lazy("%(names)s: no such row is here or was taken before.")
_TWICE = gettext_lazy("The id of this row was used before, with other values.")

# What stands inside of what in nested JSON: the name there, the table, and the field that names the outer row.
INSIDE: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "organizations": {
        "additional_websites": ("url", "organization_id"),
        "funding": ("funding", "organization_id"),
        "contacts": ("contacts", "organization_id"),
        "phones": ("phones", "organization_id"),
        "locations": ("locations", "organization_id"),
        "programs": ("programs", "organization_id"),
        "organization_identifiers": ("organization_identifiers", "organization_id"),
        "services": ("services", "organization_id"),
    },
    "services": {
        "additional_urls": ("url", "service_id"),
        "phones": ("phones", "service_id"),
        "schedules": ("schedules", "service_id"),
        "service_areas": ("service_areas", "service_id"),
        "service_at_locations": ("service_at_location", "service_id"),
        "languages": ("languages", "service_id"),
        "funding": ("funding", "service_id"),
        "cost_options": ("cost_options", "service_id"),
        "required_documents": ("required_documents", "service_id"),
        "contacts": ("contacts", "service_id"),
        "capacities": ("service_capacity", "service_id"),
    },
    "service_at_location": {
        "service_areas": ("service_areas", "service_at_location_id"),
        "contacts": ("contacts", "service_at_location_id"),
        "phones": ("phones", "service_at_location_id"),
        "schedules": ("schedules", "service_at_location_id"),
    },
    "locations": {
        "languages": ("languages", "location_id"),
        "addresses": ("addresses", "location_id"),
        "contacts": ("contacts", "location_id"),
        "accessibility": ("accessibility", "location_id"),
        "phones": ("phones", "location_id"),
        "schedules": ("schedules", "location_id"),
    },
    "contacts": {"phones": ("phones", "contact_id")},
    "phones": {"languages": ("languages", "phone_id")},
}
# What a row names and may hold whole: the name there, the table, and the field of the row itself.
NAMED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "services": {"organization": ("organizations", "organization_id"), "program": ("programs", "program_id")},
    "service_at_location": {"location": ("locations", "location_id"), "service": ("services", "service_id")},
    "service_capacity": {"unit": ("units", "unit_id")},
    "attributes": {"taxonomy_term": ("taxonomy_terms", "taxonomy_term_id")},
    "taxonomy_terms": {"taxonomy_detail": ("taxonomies", "taxonomy_id")},
}
# What stands inside of a row of any table: the table, the field that names the row, and the one that names its table.
ANYWHERE: Mapping[str, tuple[str, str, str]] = {
    "attributes": ("attributes", "link_id", "link_entity"),
    "metadata": ("metadata", "resource_id", "resource_type"),
}
LINKS = frozenset(
    [
        *(field for held in INSIDE.values() for _of, field in held.values()),
        *(field for _of, field, _says in ANYWHERE.values()),
    ]
)
BY_ITSELF = ("services", "locations")  # they stand in an organization, and by themselves where it is not there
# A row that names several outer rows stands in the first of these.
NEAREST = ("contact_id", "phone_id", "service_at_location_id", "location_id", "service_id", "organization_id")
# Each table after those that its rows name.
ORDER = (
    *("taxonomies", "taxonomy_terms", "units", "organizations", "programs", "locations", "services"),
    *("service_at_location", "contacts", "phones", "languages", "schedules", "service_areas", "service_capacity"),
    *("addresses", "accessibility", "cost_options", "funding", "organization_identifiers", "required_documents", "url"),
    *("attributes", "metadata", "meta_table_descriptions"),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Given:
    """A row as it was given. `place`: the file and the line, or where in the JSON."""

    table: str
    place: str
    row: Row


@dataclasses.dataclass(frozen=True, slots=True)
class Refused:
    """What was not taken, where it stands, and why."""

    place: str
    cause: str


@dataclasses.dataclass(frozen=True, slots=True)
class Noted:
    """What is to be known of a row that was taken."""

    place: str
    cause: str


class Unusable(ValueError):
    """The whole package cannot be read; the message says why and what to do."""


def read(path: pathlib.Path) -> Iterator[Given | Refused]:
    """Read a folder or a zip of CSV files, or a file of nested JSON. Rows come in the order of their tables where they
    are tables. Unusable."""
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise Unusable(_("There is no such file or folder: %(path)s.") % {"path": path})
    if zipfile.is_zipfile(path):
        try:
            return _zip(path)
        except zipfile.BadZipFile as error:
            cause = _("%(path)s is no zip that can be read: %(error)s.")
            raise Unusable(cause % {"path": path, "error": error}) from None
    return _json(path)


def _folder(path: pathlib.Path) -> Iterator[Given | Refused]:
    files = {each.name: each for each in sorted(path.iterdir()) if each.is_file()}

    def content(name: str) -> bytes:
        with files[name].open("rb") as stream:
            return stream.read(LARGEST + 1)

    return _tables(files, content, str(path))


def _zip(path: pathlib.Path) -> Iterator[Given | Refused]:
    with zipfile.ZipFile(path) as packed:
        listed = packed.infolist()
    files: dict[str, zipfile.ZipInfo] = {}
    for each in listed:
        name = pathlib.PurePosixPath(each.filename).name
        if each.is_dir() or not name:
            continue
        if name in files:
            raise Unusable(_("%(name)s is in this zip twice. Keep one of them.") % {"name": name})
        files[name] = each

    def content(name: str) -> bytes:
        try:
            with zipfile.ZipFile(path) as packed, packed.open(files[name]) as stream:
                return stream.read(LARGEST + 1)  # what its header says of its size may be false
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
            raise Unusable(
                _("%(name)s in this zip can’t be read: %(error)s.") % {"name": name, "error": error}
            ) from None

    return _tables(files, content, str(path))


def _tables(names: Iterable[str], content: Callable[[str], bytes], path: str) -> Iterator[Given | Refused]:
    known = hsds.tables()
    given = {name[:-4].lower(): name for name in names if name.lower().endswith(".csv")}
    if not given.keys() & known.keys():
        raise Unusable(
            _("%(path)s holds no table of HSDS %(version)s, such as services.csv.")
            % {"path": path, "version": hsds.VERSION}
        )
    return _of_tables(given, content)


def _of_tables(given: Mapping[str, str], content: Callable[[str], bytes]) -> Iterator[Given | Refused]:
    known = hsds.tables()
    for table, name in given.items():
        if table not in known:
            yield Refused(name, _NO_TABLE % {"version": hsds.VERSION})
    for table in ORDER:
        if table in given:
            yield from _csv(known[table], given[table], content(given[table]))


def _csv(table: Table, name: str, data: bytes) -> Iterator[Given | Refused]:
    if len(data) > LARGEST:
        yield Refused(name, _("This is larger than %(limit)s bytes. Split it.") % {"limit": f"{LARGEST:,}"})
        return
    try:
        stream = io.StringIO(data.decode("utf-8-sig"), newline="")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        yield Refused(_at(name, line), _("This isn’t UTF-8, so none of this file is taken. Save it as CSV UTF-8."))
        return
    yield from _lines(table, name, stream)


def _lines(table: Table, name: str, stream: TextIO) -> Iterator[Given | Refused]:
    lines = csv.reader(stream, strict=True)
    begins = 1
    try:
        heading = next(lines, [])
        if twice := sorted({each for each in heading if heading.count(each) > 1}):
            yield Refused(_at(name, 1), _("This column is here twice: %(names)s.") % {"names": ", ".join(twice)})
            return
        if "id" not in heading:
            yield Refused(_at(name, 1), _("The first line names the columns, and one of them is id."))
            return
        if unknown := [each for each in heading if each not in table.fields]:
            yield Refused(_at(name, 1), _NO_COLUMN % {"version": hsds.VERSION, "names": ", ".join(unknown)})
        begins = lines.line_num + 1
        for cells in lines:
            place, begins = _at(name, begins), lines.line_num + 1
            if not cells:
                continue
            if len(cells) != len(heading):
                cause = _("This line has %(found)s cells, and the first line has %(wanted)s.")
                yield Refused(place, cause % {"found": len(cells), "wanted": len(heading)})
                continue
            yield _read(table, place, dict(zip(heading, map(formulas.plain, cells), strict=True)))
    except csv.Error as error:
        cause = _("From here on this file can’t be read: %(error)s. A quotation mark may be open.")
        yield Refused(_at(name, begins), cause % {"error": error})


def _at(name: str, line: int) -> str:
    return _("%(name)s, line %(line)s") % {"name": name, "line": line}


def _read(table: Table, place: str, cells: Mapping[str, object]) -> Given | Refused:
    try:
        return Given(table.name, place, table.read(cells))
    except hsds.Unreadable as error:
        return Refused(place, str(error))


def _json(path: pathlib.Path) -> Iterator[Given | Refused]:
    if path.stat().st_size > LARGEST:
        raise Unusable(
            _("%(path)s is larger than %(limit)s bytes. Split it.") % {"path": path, "limit": f"{LARGEST:,}"}
        )
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        cause = _("%(path)s is neither a zip of tables nor JSON that can be read: %(error)s.")
        raise Unusable(cause % {"path": path, "error": error}) from None
    return _united(_documents(content, path.name))


def _united(items: Iterable[Given | Refused]) -> Iterator[Given | Refused]:
    """A row may stand in each row that it names, every time without the field that its place says: it's one row. Rows
    come after those that they name."""
    rows: dict[tuple[str, str], Given] = {}
    for each in items:
        if isinstance(each, Refused):
            yield each
            continue
        own = (each.table, str(each.row["id"]))
        before = rows.get(own)
        if before and any(before.row.get(name, value) != value for name, value in each.row.items()):
            yield Refused(each.place, str(_TWICE))
        else:
            place = before.place if before else each.place
            rows[own] = Given(each.table, place, {**each.row, **(before.row if before else {})})
    yield from sorted(rows.values(), key=lambda each: ORDER.index(each.table))


def _documents(content: object, name: str) -> Iterator[Given | Refused]:
    known = hsds.tables()
    if isinstance(content, dict) and any(f"{table}.csv" in content for table in known):
        for table, rows in content.items():
            yield from _each(table.removesuffix(".csv"), rows, f"{name} {table}")
        return
    if isinstance(content, dict) and "contents" in content:
        content = content["contents"]
    for number, each in enumerate(content if isinstance(content, list) else [content]):
        at = f"{name} [{number}]" if isinstance(content, list) else name
        table = _table_of(each) if isinstance(each, dict) else None
        if table is None:
            yield Refused(at, _("This is neither an organization, a service, a location, nor a term of HSDS."))
            continue
        yield from _nested(table, each, at, {}, 0)


def _table_of(each: Mapping[str, object]) -> str | None:
    """Tell what a document is by what only such a one has."""
    signs = {
        "services": ("status", "service_at_locations", "organization"),
        "service_at_location": ("service", "location"),
        "locations": ("location_type",),
        "taxonomy_terms": ("taxonomy_id", "taxonomy_detail", "parent_id", "taxonomy", "term_uri", "code"),
        "organizations": ("services", "legal_status", "website", "organization_identifiers", "programs", "locations"),
        "units": ("scheme", "identifier"),
        "taxonomies": ("version",),
    }
    table_name = next((table for table, names in signs.items() if any(name in each for name in names)), None)
    return table_name or ("organizations" if {"name", "description"} <= each.keys() else None)


def _each(table: str, rows: object, at: str) -> Iterator[Given | Refused]:
    if table not in hsds.tables():
        yield Refused(at, _NO_TABLE % {"version": hsds.VERSION})
    else:
        yield from _parts(table, rows, at, {}, 0)


def _nested(
    name: str, given: Mapping[str, object], at: str, outer: Mapping[str, str], depth: int
) -> Iterator[Given | Refused]:
    """Yield what a document names, then its own row, then what stands in it. `outer`: what its place says of it."""
    table = hsds.tables()[name]
    if depth > DEEPEST:
        yield Refused(at, _("This stands deeper in other things than HSDS has it."))
        return
    own = {key: value for key, value in given.items() if key in table.fields}
    for field, value in outer.items():
        if own.setdefault(field, value) != value and field in LINKS:
            cause = _("%(field)s names another row than the one that this stands in.")
            yield Refused(at, cause % {"field": field})
            return
    inside = INSIDE.get(name, {})
    named = NAMED.get(name, {})
    for key, (of, field) in named.items():
        if (whole := given.get(key)) is None:
            continue
        if not isinstance(whole, dict):
            yield Refused(f"{at}.{key}", _("Write an object here."))
            continue
        own.setdefault(field, whole.get("id"))
        yield from _nested(of, whole, f"{at}.{key}", {}, depth + 1)
    if unknown := [key for key in given if key not in table.fields and key not in {*inside, *named, *ANYWHERE}]:
        yield Refused(at, _NO_COLUMN % {"version": hsds.VERSION, "names": ", ".join(unknown)})
    row = _read(table, at, own)
    yield row
    if isinstance(row, Refused):
        yield from _all_refused(given, {*inside, *ANYWHERE}, at)
        return
    own_id = str(row.row["id"])
    for key, (of, field) in inside.items():
        yield from _parts(of, given.get(key), f"{at}.{key}", {field: own_id}, depth)
    for key, (of, field, says) in ANYWHERE.items():
        yield from _parts(of, given.get(key), f"{at}.{key}", {field: own_id, says: name}, depth)


def _parts(table: str, rows: object, at: str, outer: Mapping[str, str], depth: int) -> Iterator[Given | Refused]:
    if rows is None:
        return
    if not isinstance(rows, list):
        yield Refused(at, _("Write a list here."))
        return
    for number, each in enumerate(rows):
        if isinstance(each, dict):
            yield from _nested(table, each, f"{at}[{number}]", outer, depth + 1)
        else:
            yield Refused(f"{at}[{number}]", _("Write an object here."))


def _all_refused(given: Mapping[str, object], keys: Iterable[str], at: str) -> Iterator[Refused]:
    for key in keys:
        if rows := given.get(key):
            count = len(rows) if isinstance(rows, list) else 1
            for number in range(count):
                yield Refused(f"{at}.{key}[{number}]", _("It stands in a row that was refused."))


def checked(
    items: Iterable[Given | Refused], *, knows: Callable[[str, str], bool]
) -> Iterator[Given | Refused | Noted]:
    """Let a row through once, and only where some row in which it stands came before or is known already. The same row
    twice is taken once; the same id with other values is refused; what else it names that is nowhere is noted. `knows`:
    whether a table has a row already."""
    known = hsds.tables()
    digests: dict[tuple[str, str], int] = {}

    def is_there(table: str, row_id: str) -> bool:
        return (table, row_id) in digests or knows(table, row_id)

    for each in items:
        if isinstance(each, Refused):
            yield each
            continue
        own = (each.table, str(each.row["id"]))
        digest = hash(tuple(sorted((key, str(value)) for key, value in each.row.items())))
        if own in digests:
            if digests[own] != digest:
                yield Refused(each.place, str(_TWICE))
            continue
        digests[own] = digest
        links = {name: field.to for name, field in known[each.table].links.items() if name in each.row}
        missing = [name for name, to in links.items() if not is_there(to, str(each.row[name]))]
        stands_in = [field for field, of, _outer in outers(each.table, each.row) if of]
        if each.table not in BY_ITSELF and stands_in and set(stands_in) <= set(missing):
            del digests[own]
            yield Refused(each.place, _NOWHERE % {"names": ", ".join(missing)})
            continue
        yield each
        if missing:
            yield Noted(each.place, _NOWHERE % {"names": ", ".join(missing)})


def tabular(rows: Rows) -> Iterator[tuple[str, str]]:
    """Write a package of tables: the name and the text of each file, rows by id. Tables without a row are left out."""
    for name in ORDER:
        if not rows.get(name):
            continue
        table = hsds.tables()[name]
        text = io.StringIO(newline="")
        lines = csv.DictWriter(text, list(table.fields), lineterminator="\r\n")
        lines.writeheader()
        lines.writerows(_shown(rows[name][key]) for key in sorted(rows[name]))
        yield table.file, text.getvalue()


def _shown(row: Row) -> dict[str, object]:
    """Mark what a spreadsheet would work out in the cells of a row."""
    return {name: formulas.guarded(value) if isinstance(value, str) else value for name, value in row.items()}


class Nesting:
    """Rows as nested documents. A row stands in the nearest outer row that it names (`NEAREST`)."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._inside: dict[tuple[str, str, str], list[str]] = {}
        self.reached: set[tuple[str, str]] = set()
        for name, held in rows.items():
            for row_id in sorted(held):
                named = outers(name, held[row_id])
                nearest = next((field for field, of, outer in named if not of or outer in rows.get(of, {})), None)
                if nearest:
                    self._inside.setdefault((name, nearest, str(held[row_id][nearest])), []).append(row_id)

    def document(self, name: str, row_id: str, *, without: frozenset[str] = frozenset()) -> dict[str, object]:
        """Return a row with everything that stands in it and that it names. `without`: tables that are left out, as
        those in which this itself stands."""
        self.reached.add((name, row_id))
        row: dict[str, object] = dict(self.rows[name][row_id])
        beyond = without | {name}
        for key, (of, field) in NAMED.get(name, {}).items():
            held = str(row.get(field, ""))
            if of not in beyond and held in self.rows.get(of, {}):
                row[key] = self.document(of, held, without=beyond)
        for key, (of, field) in INSIDE.get(name, {}).items():
            if of not in beyond:
                self._put(row, key, (of, field, row_id), beyond)
        for key, (of, field, _says) in ANYWHERE.items():
            if of not in beyond:
                self._put(row, key, (of, field, row_id), beyond)
        return row

    def _put(self, row: dict[str, object], key: str, held: tuple[str, str, str], beyond: frozenset[str]) -> None:
        of, field, _id = held
        parts = [self.document(of, each, without=beyond) for each in self._inside.get(held, ())]
        for part in parts:
            del part[field]
        if parts:
            row[key] = parts


@functools.cache
def _nearest(name: str) -> Sequence[str]:
    held = {field for inside in INSIDE.values() for of, field in inside.values() if of == name}
    return [field for field in NEAREST if field in held]


def outers(name: str, row: Row) -> Sequence[tuple[str, str, str]]:
    """Name the rows in which a row may stand, nearest first: the field, the table, and the id. What is of any row names
    no table that one could rely on: it's empty."""
    if name in ANYWHERE:
        field = ANYWHERE[name][1]
        return [(field, "", str(row[field]))] if field in row else []
    links = hsds.tables()[name].links
    return [(field, links[field].to, str(row[field])) for field in _nearest(name) if field in row]


def documents(rows: Rows) -> Iterator[tuple[str, str]]:
    """Write nested JSON: the name and the text of each file. Organizations hold what is theirs; services and locations
    of none stand in files of their own, and rows that stand in nothing in the last one, by table."""
    nesting = Nesting(rows)
    for name in ("organizations", "services", "locations"):
        whole: list[dict[str, object]] = []
        for row_id in sorted(rows.get(name, {})):
            if (name, row_id) not in nesting.reached:
                whole.append(nesting.document(name, row_id))
        if whole:
            yield f"{name}.json", _as_json(whole)
    left = {
        f"{name}.csv": [rows[name][row_id] for row_id in sorted(rows[name]) if (name, row_id) not in nesting.reached]
        for name in ORDER
        if name in rows
    }
    if any(left.values()):
        yield "others.json", _as_json({name: held for name, held in left.items() if held})


def _as_json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def gathered(items: Iterable[Given | Refused | Noted]) -> tuple[dict[str, dict[str, Row]], Sequence[Refused | Noted]]:
    """Return all rows by table and id, and what was refused or noted."""
    rows: dict[str, dict[str, Row]] = {}
    others: list[Refused | Noted] = []
    for each in items:
        if isinstance(each, Given):
            rows.setdefault(each.table, {})[str(each.row["id"])] = each.row
        else:
            others.append(each)
    return rows, others
