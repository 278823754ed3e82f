"""Many rows in one statement, inside the caller's transaction.

`add` adds them all; `add_missing` adds those whose key is not there yet and says which were new. A row is a frozen
dataclass of the room that writes it: its fields are named as the model's, so that nothing is matched by position and
names of tables and columns are written nowhere twice. Each column travels as one array: COPY would be cheaper still,
but PostgreSQL allows it on no table that has row policies.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import operator
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import psycopg
from django.db import IntegrityError, connection, models

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = str | int | bool | bytes | uuid.UUID | datetime.datetime | None
BETWEEN, NOTHING = "\x1f", "\x1e"  # of ASCII: the unit and record separators, which no text of ours holds
# How a value is written, by its exact type: what is none of these is refused here, not guessed at.
WRITTEN: Mapping[type, Callable[..., str]] = {
    str: str,
    int: str,
    bool: str,
    bytes: lambda value: "\\x" + value.hex(),
    uuid.UUID: operator.attrgetter("hex"),
    datetime.datetime: datetime.datetime.isoformat,
    type(None): lambda _: NOTHING,
}


class Mixed(TypeError):
    """The rows of one call are of more than one class."""


def add(model: type[models.Model], rows: Iterable[DataclassInstance]) -> int:
    """Add the rows and count them. Fields hold values as the column takes them; JSON is text from `as_text`."""
    rows = list(rows)
    if rows:
        names = _names(rows)
        with connection.cursor() as cursor:
            cursor.execute(_insert(model, names), _columns(rows, names))
    return len(rows)


def add_missing(
    model: type[models.Model], rows: Iterable[DataclassInstance], *, key: Sequence[str], returning: str
) -> set[Value]:
    """Add the rows whose key is not taken, and return the `returning` field of each that was added."""
    rows = list(rows)
    if not rows:
        return set()
    names = _names(rows)
    taken = ", ".join(_quote(_column(model, name)) for name in key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_insert(model, names)} ON CONFLICT ({taken}) DO NOTHING RETURNING {_quote(_column(model, returning))}",
            _columns(rows, names),
        )
        return {row[0] for row in cursor.fetchall()}


def put(
    model: type[models.Model],
    rows: Iterable[DataclassInstance],
    *,
    key: Sequence[str],
    compare: Sequence[str],
    also: Sequence[str] = (),
) -> int:
    """Add the rows whose key is not taken, and write the others over where one of the `compare` fields differs, with
    the `also` fields then. Returns how many were added or written over."""
    rows = list(rows)
    if not rows:
        return 0
    names = _names(rows)
    table = _quote(model._meta.db_table)
    taken = ", ".join(_quote(_column(model, name)) for name in key)
    writes = ", ".join(
        f"{name} = EXCLUDED.{name}" for name in (_quote(_column(model, each)) for each in (*compare, *also))
    )
    old, new = (", ".join(f"{of}.{_quote(_column(model, name))}" for name in compare) for of in (table, "EXCLUDED"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_insert(model, names)} ON CONFLICT ({taken}) DO UPDATE SET {writes} "
            f"WHERE ({old}) IS DISTINCT FROM ({new})",
            _columns(rows, names),
        )
        return int(cursor.rowcount)


def as_text(value: object) -> str:
    """Write JSON text with sorted keys: equal values give equal text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):  # a read-only view of a dict
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON.")


def _insert(model: type[models.Model], fields: Iterable[str]) -> str:
    names, arrays = [], []
    for name in fields:
        field = model._meta.get_field(name)
        assert isinstance(field, models.Field)
        names.append(_quote(str(field.column)))
        # Without a length: a cast to varchar(14) would cut a longer text in silence, where the column refuses it.
        kind = re.sub(r"[(].*[)]", "", field.rel_db_type(connection) or "")
        arrays.append(f"(string_to_array(%s, chr(31), chr(30)))[1:%s]::{kind}[]")
    table = _quote(model._meta.db_table)
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608


def _names(rows: Sequence[DataclassInstance]) -> list[str]:
    kinds = set(map(type, rows))
    if len(kinds) > 1:
        raise Mixed(f"Rows of one call must be of one class: {', '.join(sorted(kind.__name__ for kind in kinds))}.")
    return [field.name for field in dataclasses.fields(rows[0])]


def _columns(rows: Sequence[DataclassInstance], names: Iterable[str]) -> list[str | int]:
    """Write each column as one text that the database splits again: far cheaper than an array literal. A last, empty
    element that the slice leaves out keeps a single empty text apart from no text at all."""
    columns: list[str | int] = []
    for name in names:
        values: list[Value] = list(map(operator.attrgetter(name), rows))
        text = _text(values)
        # Looked for by identity: equality asks each id, in Python, whether it equals None.
        empty = sum(value is None for value in values) if NOTHING in text else 0
        if text.count(BETWEEN) != len(values) or text.count(NOTHING) != empty:
            raise ValueError("Text cannot hold the characters U+001E and U+001F: take them out and try again.")
        columns += [text, len(values)]
    return columns


def _text(values: Sequence[Value]) -> str:
    first = values[0]
    # Who received them, and when, is often the same object in every row; looking at the last tells most columns apart.
    if first is values[-1] and values.count(first) == len(values):
        return (_one(first) + BETWEEN) * len(values)
    kinds = set(map(type, values))
    texts = map(_writer(kinds.pop()) if len(kinds) == 1 else _one, values)
    return BETWEEN.join(texts) + BETWEEN


def _one(value: Value) -> str:
    return _writer(type(value))(value)


def constraint_of(error: IntegrityError) -> str | None:
    """Name the constraint that refused."""
    cause = error.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None


def _writer(kind: type) -> Callable[..., str]:
    if kind not in WRITTEN:
        raise TypeError(f"A {kind.__name__} cannot be written into a column.")
    return WRITTEN[kind]


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return str(field.column)


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
