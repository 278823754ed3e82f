"""Whether rows are what the trail says was written: each room declares which of its rows are noted, and how.

The promise: a row that was changed, put there or taken away past the system is named. Triggers note in the trail the
digest of a row, in the transaction that writes it (migration 0044); the comparison below makes the digests anew, and
uses nothing that lives in the database but its built-in functions. What somebody signed in with is compared with what
was noted by then, so that a password that was put in its place for an hour is named, too.

What remains: whoever connects as the run-time role, and says to look as somebody, writes as the system does.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.db import models
from django.db.backends import utils

from nowrongdoor.core.language import gettext as _
from nowrongdoor.operating import cluster

NOTED, SIGNED_IN, PROVED = "rows.noted", "session.began", "session.proved"
MOST = 100  # findings that are named
# How the triggers write values as text.
PLAINLY = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL bytea_output = 'hex'"
# The first event that counts: rows are noted from the first one on, and anew after each way up from an older schema.
SINCE = """
SELECT coalesce(min(id), 0) FROM nowrongdoor_auditevent WHERE verb = %(noted)s AND tx = (
  SELECT tx FROM nowrongdoor_auditevent WHERE verb = %(noted)s AND details ? 'begun' ORDER BY id DESC LIMIT 1)
"""
# Rows that somebody wrote who is neither the run-time role nor the owner, who migrates.
PAST = """
SELECT id, details ->> 'of', (SELECT min(line) FROM jsonb_object_keys(details -> 'rows') AS line), details ->> 'as'
  FROM nowrongdoor_auditevent
 WHERE verb = %(noted)s AND id >= %(since)s AND details ->> 'as' <> %(owner)s ORDER BY id LIMIT %(most)s
"""
UNLIKE = """
WITH told AS (
  SELECT DISTINCT ON (line) line, digest, id FROM nowrongdoor_auditevent, jsonb_each_text(details -> 'rows')
      AS noted (line, digest)
   WHERE verb = %(noted)s AND id >= %(since)s AND details ->> 'of' = %(name)s ORDER BY line, id DESC)
SELECT coalesce(told.line, there.line), told.id, nullif(told.digest, '') IS NULL, there.line IS NULL
  FROM told FULL JOIN (SELECT w.id::text AS line, {digest} AS digest FROM {table} w) AS there USING (line)
 WHERE nullif(told.digest, '') IS DISTINCT FROM there.digest ORDER BY 1 LIMIT %(most)s
"""
# A row that was changed unseen, and then by the system: what it was before is not what had been noted of it.
BETWEEN = """
WITH noted AS (
  SELECT id, details ->> 'of' AS of, line, details -> 'was' ->> line AS was,
         lag(digest) OVER (PARTITION BY details ->> 'of', line ORDER BY id) AS before
    FROM nowrongdoor_auditevent, jsonb_each_text(details -> 'rows') AS noted (line, digest)
   WHERE verb = %(noted)s AND id >= %(since)s)
SELECT id, of, line FROM noted WHERE was <> coalesce(before, '') ORDER BY id LIMIT %(most)s
"""
# Rows are noted anew where the schema came up again: what was changed before then is compared with nothing.
ANEW = """
SELECT count(DISTINCT tx) - 1 FROM nowrongdoor_auditevent WHERE verb = %(noted)s AND details ? 'begun'
"""
# What somebody signed in with, or showed again later, must have been noted before. It may have been replaced in the
# quarter of an hour before: so long a sign-in may take (the second step waits for its code).
WITH_WHAT = """
WITH noted AS (
  SELECT details ->> 'of' || ' ' || line AS what, digest, id,
         lead(id) OVER later AS until, lead(at) OVER later AS until_at
    FROM nowrongdoor_auditevent, jsonb_each_text(details -> 'rows') AS noted (line, digest)
   WHERE verb = %(noted)s AND id >= %(since)s AND details ->> 'of' IN ('password', 'factor', 'identity')
  WINDOW later AS (PARTITION BY details ->> 'of', line ORDER BY id))
SELECT came.id, came.subject_id::text, shown.what
  FROM nowrongdoor_auditevent came, jsonb_each_text(came.details) AS shown (what, digest)
 WHERE came.verb = ANY(%(signed_in)s) AND came.id >= %(since)s AND NOT EXISTS (
   SELECT FROM noted WHERE noted.what = shown.what AND noted.digest = shown.digest AND noted.id < came.id
      AND (noted.until IS NULL OR noted.until > came.id OR noted.until_at > came.at - interval '15 minutes'))
 ORDER BY came.id, shown.what LIMIT %(most)s
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """Rows that the trail notes: under which name, and which of their columns, as migration 0044 has them. `what`:
    one of them, in a sentence."""

    name: str
    model: type[models.Model]
    columns: Sequence[str]
    what: str

    @property
    def digest(self) -> str:
        """Write, in SQL, the digest of a row `w`: of one column as it is, of more as a row."""
        names = [f"w.{column}" for column in self.columns]
        text = f"ROW({', '.join(names)})::text" if len(names) > 1 else names[0]
        return f"left(encode(sha256(convert_to({text}, 'UTF8')), 'hex'), 32)"


def digest(text: str) -> str:
    """Return the digest of a text, as triggers make it of rows of one column."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclasses.dataclass(frozen=True, slots=True)
class LookedOver:
    """What a room found that looked at its own rows with a key, which the trail has not: what is wrong, with the event
    where there is one; how many rows; and what could not be looked at, as a sentence."""

    wrong: Sequence[tuple[str, int | None]]
    rows: int
    unseen: str


LookOver = Callable[[], LookedOver]
_kept: list[Kept] = []
_looks: list[LookOver] = []


def hand_down(kept: Iterable[Kept], looks: Iterable[LookOver]) -> None:
    """Learn which rows are noted, and who looks at rows with a key."""
    _kept[:] = kept
    _looks[:] = looks


def look_over() -> Sequence[LookedOver]:
    """Have rooms look at their rows with a key. The caller sees every row."""
    return [look() for look in _looks]


def wrong(database: utils.CursorWrapper) -> Iterator[tuple[str, int | None]]:
    """Say of every row that is not as the trail noted it what is wrong, with the event where there is one. The caller
    sees every row, and has verified the trail itself."""
    database.execute(PLAINLY)
    given: dict[str, str | int | list[str]] = {
        **{"noted": NOTED, "owner": cluster.OWNER, "most": MOST},
        "signed_in": [SIGNED_IN, PROVED],
    }
    database.execute(SINCE, given)
    (since,) = database.fetchone()
    given["since"] = since
    words = {each.name: each.what for each in _kept}
    database.execute(PAST, given)
    for event, name, line, who in database.fetchall():
        sentence = _("%(what)s %(row)s was written past the system, by %(who)s (event %(event)s).")
        yield sentence % {"what": words.get(name, name), "row": line, "who": who, "event": event}, event
    database.execute(BETWEEN, given)
    for event, name, line in database.fetchall():
        sentence = _("%(what)s %(row)s was changed past the system before event %(event)s changed it.")
        yield sentence % {"what": words.get(name, name), "row": line, "event": event}, event
    for kept in _kept:
        statement = UNLIKE.format(digest=kept.digest, table=kept.model._meta.db_table)
        database.execute(statement, {**given, "name": kept.name})
        for line, event, is_unknown, is_gone in database.fetchall():
            yield _unlike(kept.what, line, event, is_unknown=is_unknown, is_gone=is_gone), event
    database.execute(WITH_WHAT, given)
    for event, person, shown in database.fetchall():
        sentence = _("Person %(person)s signed in with what was not theirs then: %(what)s (event %(event)s).")
        yield sentence % {"person": person, "what": shown, "event": event}, event


def times_anew(database: utils.CursorWrapper) -> int:
    """Count how often every row was noted anew: what was changed before the last time is compared with nothing."""
    database.execute(ANEW, {"noted": NOTED})
    return max(0, int(database.fetchone()[0]))


def count(database: utils.CursorWrapper) -> int:
    """Count the rows that are compared."""
    tables = (kept.model._meta.db_table for kept in _kept)
    every = " UNION ALL ".join(f"SELECT count(*) AS rows FROM {table}" for table in tables)  # noqa: S608  our own
    database.execute(f"SELECT sum(rows) FROM ({every}) AS counted")  # noqa: S608
    return int(database.fetchone()[0])


def _unlike(what: str, line: str, event: int | None, *, is_unknown: bool, is_gone: bool) -> str:
    if is_unknown:
        return _("%(what)s %(row)s was added past the system: no event says so.") % {"what": what, "row": line}
    if is_gone:
        words = _("%(what)s %(row)s is gone, which event %(event)s noted.")
    else:
        words = _("%(what)s %(row)s was changed past the system: it isn’t as event %(event)s noted it.")
    return words % {"what": what, "row": line, "event": event}
