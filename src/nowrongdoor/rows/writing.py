"""Many rows in one statement, inside the caller's transaction.

`add` adds them all; `add_missing` adds those whose key is not there yet and says which were new. Each column travels
as one array: COPY would be cheaper still, but PostgreSQL allows it on no table that has row policies. Both take a
model, so that names of tables and columns are written nowhere twice.
"""

from __future__ import annotations

import datetime
import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from django.db import connection, models

Value = str | int | bool | bytes | uuid.UUID | datetime.datetime | None
BETWEEN, NOTHING = "\x1f", "\x1e"  # of ASCII: the unit and record separators, which no text of ours holds
Json = Mapping[str, object] | Sequence[object]


def add(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
    """Add the rows and count them. Values come in the order of `fields`; JSON as text from `as_text`."""
    columns = list(zip(*rows, strict=True))
    if columns:
        with connection.cursor() as cursor:
            cursor.execute(_insert(model, fields), _told(columns))
    return len(columns[0]) if columns else 0


def add_missing(
    model: type[models.Model],
    key: Sequence[str],
    columns: Mapping[str, Sequence[Value]],
    *,
    returning: str,
) -> set[Value]:
    """Add rows given as columns of equal length, skip those whose key is taken, and return the `returning` field of
    each row that was added. Columns may be empty: then nothing is asked of the database."""
    if not any(columns.values()):
        return set()
    taken = ", ".join(_quote(_column(model, name)) for name in key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_insert(model, columns)} ON CONFLICT ({taken}) DO NOTHING RETURNING {_quote(_column(model, returning))}",
            _told(list(columns.values())),
        )
        return {row[0] for row in cursor.fetchall()}


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


def _told(columns: Sequence[Sequence[Value]]) -> list[str | int]:
    """Writes each column as one text that the database splits again: far cheaper than an array literal. A last, empty
    element that the slice leaves out keeps a single empty text apart from no text at all."""
    told: list[str | int] = []
    for values in columns:
        kinds = set(map(type, values))
        texts = values if kinds == {str} else map(_one, values)
        text = BETWEEN.join(cast(Iterable[str], texts)) + BETWEEN
        if text.count(BETWEEN) != len(values) or text.count(NOTHING) != values.count(None):
            raise ValueError("Text cannot hold the characters U+001E and U+001F: take them out and try again.")
        told += [text, len(values)]
    return told


def _one(value: Value) -> str:
    if type(value) is str:
        return value
    if value is None:
        return NOTHING
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, uuid.UUID):
        return value.hex
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return str(field.column)


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
