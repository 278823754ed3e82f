"""Django's cache, kept in PostgreSQL as JSON: what every web process must know, such as which one-time codes were used.

The promise: nothing that the table holds can run. A value is text that is read as JSON; what is no JSON, too long or
run out counts as missing. A key is kept as a keyed hash, so the table names nobody. Whoever adds a key first is the
only one who did, whichever process they asked. The table is unlogged, because a crash may forget.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import time

from django.conf import settings
from django.core.cache.backends import base
from django.db import connection

from nowrongdoor.access.models import CacheEntry

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
LONGEST = 10_000  # characters of a value; a constraint says so too
FOREVER = "infinity"
_MISSING = object()

GET = "SELECT value FROM cache_entry WHERE key = %(key)s AND expires_at > to_timestamp(%(now)s)"
SET = """
INSERT INTO cache_entry (key, value, expires_at) VALUES (%(key)s, %(value)s, {until})
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
"""
ADD = """
INSERT INTO cache_entry AS kept (key, value, expires_at) VALUES (%(key)s, %(value)s, {until})
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
    WHERE kept.expires_at <= to_timestamp(%(now)s)
RETURNING 1
"""
TOUCH = """
UPDATE cache_entry SET expires_at = {until} WHERE key = %(key)s AND expires_at > to_timestamp(%(now)s) RETURNING 1
"""
INCREASE = """
UPDATE cache_entry SET value = (value::bigint + %(delta)s)::text
 WHERE key = %(key)s AND expires_at > to_timestamp(%(now)s) AND value ~ '^-?[0-9]{1,18}$'
RETURNING value
"""
DELETE = "DELETE FROM cache_entry WHERE key = %(key)s"
_UNTIL = "to_timestamp(%(until)s)"


class NotJson(ValueError):
    """A value cannot be kept: it would not come back as it was."""

    def __init__(self, value: object) -> None:
        super().__init__(
            f"The cache keeps JSON of at most {LONGEST:,} characters, and would not give back this "
            f"{type(value).__name__} as it was. Give it text, numbers, lists or dictionaries with text as keys."
        )


class Cache(base.BaseCache):
    """The cache that `CACHES` names. The methods are Django's."""

    def __init__(self, location: str, params: dict[str, object]) -> None:
        super().__init__(params)

    def get(self, key: str, default: object = None, version: int | None = None) -> object:
        """Return the value of a key, or the default."""
        value = self._read(GET, key, version)
        return default if value is _MISSING else value

    def set(
        self, key: str, value: Json, timeout: float | None = base.DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep a value under a key, whatever was there. NotJson."""
        self._write(SET, key, version, timeout, value)

    def add(
        self, key: str, value: Json, timeout: float | None = base.DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Keep a value where there is none, and say whether this call did. NotJson."""
        return self._write(ADD, key, version, timeout, value)

    def touch(self, key: str, timeout: float | None = base.DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value for another while, and say whether there is one."""
        return self._write(TOUCH, key, version, timeout, None)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add to a whole number at once, so that no two processes count the same. ValueError where there is none."""
        value = self._read(INCREASE, key, version, delta=delta)
        if not isinstance(value, int):
            raise ValueError("There is no whole number under this key.")
        return value

    def delete(self, key: str, version: int | None = None) -> bool:
        """Take a key away, and say whether it was there."""
        with connection.cursor() as cursor:
            cursor.execute(DELETE, {"key": self._kept_as(key, version)})
            return bool(cursor.rowcount == 1)

    def clear(self) -> None:
        """Take every key away."""
        CacheEntry.objects.all().delete()

    def _read(self, statement: str, key: str, version: int | None, **more: int) -> object:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"key": self._kept_as(key, version), "now": time.time(), **more})
            row = cursor.fetchone()
        return _MISSING if row is None else _read(row[0])

    def _write(self, statement: str, key: str, version: int | None, timeout: float | None, value: Json) -> bool:
        until = self.get_backend_timeout(timeout)
        given: dict[str, bytes | str | float | None] = {
            "key": self._kept_as(key, version),
            "value": _written(value),
            "now": time.time(),
            "until": until,
        }
        with connection.cursor() as cursor:
            cursor.execute(statement.format(until=f"'{FOREVER}'" if until is None else _UNTIL), given)
            return bool(cursor.rowcount == 1)

    def _kept_as(self, key: str, version: int | None) -> bytes:
        """Whoever holds the table cannot try names against it: the hash is keyed, its key is not in the database."""
        secret = hashlib.blake2b(settings.SECRET_KEY.encode(), person=b"nwd cache").digest()
        return hashlib.blake2b(self.make_key(key, version).encode(), key=secret, digest_size=32).digest()


def forget_old(*, at: datetime.datetime) -> int:
    """Take away the values that ran out, and count them."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache_entry WHERE expires_at <= %s", [at])
        return int(cursor.rowcount)


def _written(value: Json) -> str:
    try:
        text = json.dumps(value, allow_nan=False)
        if len(text) <= LONGEST and json.loads(text) == value:
            return text
    except (TypeError, ValueError, RecursionError):
        pass
    raise NotJson(value)


def _read(text: object) -> object:
    """What is no JSON was not written here, and is as good as nothing."""
    if not isinstance(text, str) or len(text) > LONGEST:
        return _MISSING
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _MISSING
