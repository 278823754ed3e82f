"""The tables of Open Referral HSDS 3.1 (Human Services Data Specification, openreferral.org), and what a value of each
of their fields is. The fields are facts of that standard, kept as data in hsds_fields.csv.

The promise: a value is read the same from a cell of a table and from JSON, and written as the standard has it; what
is no such value is refused with the reason, and nothing is guessed.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
import decimal
import enum
import functools
import importlib.resources
import re
import uuid
from collections.abc import Callable, Mapping

from nowrongdoor.core.language import gettext as _

VERSION = "3.1"
LONGEST = 20_000  # characters of one value
Value = str | int | float
Row = Mapping[str, Value]

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_URI = re.compile(r"https?://[^\s/?#\[\]]+([/?#]\S*)?|(mailto|tel):\S+")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Unreadable(ValueError):
    """A value is none of its field; the message says what to write instead."""


class Kind(enum.Enum):
    """What a field holds."""

    ID = "id"
    TEXT = "text"
    NUMBER = "number"
    URI = "uri"
    EMAIL = "email"
    DAY = "day"
    TIME = "time"
    INSTANT = "instant"


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One field of a table. `to`: the table whose row it names, empty for none; `values`: the only ones it takes, empty
    for any."""

    name: str
    kind: Kind
    is_required: bool
    to: str
    values: tuple[str, ...]

    def read(self, given: object) -> Value | None:
        """Read a cell, or what stands in JSON; None where nothing does. Unreadable."""
        if given is None or given == "":
            return None
        if isinstance(given, bool) or not isinstance(given, str | int | float | decimal.Decimal):
            raise Unreadable(_("%(field)s: write text or a number.") % {"field": self.name})
        if self.kind is Kind.NUMBER:
            return self._number(str(given))
        if isinstance(given, int):
            given = str(given)
        if not isinstance(given, str):
            raise Unreadable(_("%(field)s: write text, in quotation marks.") % {"field": self.name})
        if len(given) > LONGEST:
            raise Unreadable(
                _("%(field)s: write at most %(limit)s characters.") % {"field": self.name, "limit": f"{LONGEST:,}"}
            )
        if _CONTROLS.search(given):
            raise Unreadable(_("%(field)s holds a character that nobody can see.") % {"field": self.name})
        if self.values and given not in self.values:
            raise Unreadable(
                _("%(field)s: write one of %(values)s.") % {"field": self.name, "values": ", ".join(self.values)}
            )
        return _READS[self.kind](self, given)

    def _number(self, text: str) -> int | float:
        try:
            read = decimal.Decimal(text.strip())
        except decimal.InvalidOperation:
            read = decimal.Decimal("NaN")
        if not read.is_finite() or abs(read) > 10**15:
            raise Unreadable(_("%(field)s: write a number.") % {"field": self.name})
        return int(read) if read == read.to_integral_value() else float(read)


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """A table of the standard, with its fields in their order."""

    name: str
    fields: Mapping[str, Field]

    @property
    def file(self) -> str:
        """Return the name of its file in a package."""
        return f"{self.name}.csv"

    @property
    def links(self) -> Mapping[str, Field]:
        """Return the fields that name a row of a table."""
        return {name: field for name, field in self.fields.items() if field.to}

    def read(self, given: Mapping[str, object]) -> Row:
        """Read a row. Fields that are empty are left out. Unreadable."""
        row = {name: value for name, field in self.fields.items() if (value := field.read(given.get(name))) is not None}
        for name, field in self.fields.items():
            if field.is_required and name not in row:
                raise Unreadable(_("%(field)s is missing.") % {"field": name})
        return row


@functools.cache
def tables() -> Mapping[str, Table]:
    """Return all tables by name."""
    text = importlib.resources.files(__package__).joinpath("hsds_fields.csv").read_text(encoding="utf-8")
    fields_of: dict[str, dict[str, Field]] = {}
    for line in csv.DictReader(text.splitlines()):
        field = Field(
            line["field"],
            Kind(line["kind"]),
            line["required"] == "yes",
            line["to"],
            tuple(filter(None, line["values"].split("|"))),
        )
        fields_of.setdefault(line["table"], {})[field.name] = field
    return {name: Table(name, fields) for name, fields in fields_of.items()}


def _text(_field: Field, given: str) -> str:
    return given


def _id(field: Field, given: str) -> str:
    try:
        return str(uuid.UUID(given))
    except ValueError:
        raise Unreadable(_("%(field)s: write a UUID.") % {"field": field.name}) from None


def _uri(field: Field, given: str) -> str:
    if not _URI.fullmatch(given):
        raise Unreadable(_("%(field)s: write an address that begins with https://.") % {"field": field.name})
    return given


def _email(field: Field, given: str) -> str:
    if not _EMAIL.fullmatch(given):
        raise Unreadable(_("%(field)s: write an e-mail address.") % {"field": field.name})
    return given


def _day(field: Field, given: str) -> str:
    try:
        return datetime.date.fromisoformat(given).isoformat()
    except ValueError:
        raise Unreadable(_("%(field)s: write a date as 2026-11-29.") % {"field": field.name}) from None


def _time(field: Field, given: str) -> str:
    if not _TIME.fullmatch(given):
        raise Unreadable(
            _("%(field)s: write a time as 09:00, or with its zone as 09:00-05:00.") % {"field": field.name}
        )
    return given


def _instant(field: Field, given: str) -> str:
    try:
        read = datetime.datetime.fromisoformat(given)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise Unreadable(
            _("%(field)s: write a time with its zone, as 2026-11-29T09:00:00-05:00.") % {"field": field.name}
        )
    return given


_READS: Mapping[Kind, Callable[[Field, str], str]] = {
    Kind.ID: _id,
    Kind.TEXT: _text,
    Kind.URI: _uri,
    Kind.EMAIL: _email,
    Kind.DAY: _day,
    Kind.TIME: _time,
    Kind.INSTANT: _instant,
}
