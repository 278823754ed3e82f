"""Many rows in one statement, inside the caller's transaction.

`copy` streams rows with COPY, the cheapest way PostgreSQL has; `add_missing` adds those whose key is not there yet and
says which were new. Both take a model, so that names of tables and columns are written nowhere twice.
"""

from __future__ import annotations

import datetime
import json
import re
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection, models

Value = str | int | bool | bytes | uuid.UUID | datetime.datetime | None
Json = Mapping[str, object] | Sequence[object]


def copy(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
    """This will add the rows and count them. Values come in the order of `fields`; JSON as text from `as_text`."""
    count = 0
    # A stream's errors come when it ends, past the cursor's own translation: hence the outermost `with`.
    statement = _copy_statement(model, fields)
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row(row)
            count += 1
    return count


def add_missing(
    model: type[models.Model],
    key: Sequence[str],
    columns: Mapping[str, Sequence[Value]],
    *,
    returning: str,
) -> set[Value]:
    """This will add rows given as columns of equal length, skip those whose key is taken, and give the `returning`
    field of each row that was added."""
    table, types = _quote(model._meta.db_table), []
    for name in columns:
        field = model._meta.get_field(name)
        assert isinstance(field, models.Field)
        # Without a length: a cast to varchar(14) would cut a longer text in silence, where the column refuses it.
        kind = re.sub(r"\(.*\)", "", field.rel_db_type(connection) or "")
        types.append((_quote(_column(model, name)), kind))
    names = ", ".join(column for column, _ in types)
    arrays = ", ".join(f"%s::{kind}[]" for _, kind in types)
    taken = ", ".join(_quote(_column(model, name)) for name in key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) "  # noqa: S608  names come from models
            f"ON CONFLICT ({taken}) DO NOTHING RETURNING {_quote(_column(model, returning))}",
            [list(values) for values in columns.values()],
        )
        return {row[0] for row in cursor.fetchall()}


def as_text(value: object) -> str:
    """This will write JSON text with sorted keys: equal values give equal text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):  # a read-only view of a dict
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON.")


def _copy_statement(model: type[models.Model], fields: Collection[str]) -> str:
    columns = ", ".join(_quote(_column(model, name)) for name in fields)
    return f"COPY {_quote(model._meta.db_table)} ({columns}) FROM STDIN"


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return str(field.column)


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
