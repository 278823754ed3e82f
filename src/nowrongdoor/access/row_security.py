"""For whom the database shows rows, one transaction at a time: row security, seen from the code.

The promise (4 of the design): nothing is shown to nobody. Every statement runs inside one of five contexts, each a
transaction; outside of them every secret table is empty.

- `looking(viewer)`: what one person's agency, role and name may see.
- `act_on(case)`: inside it, once a case was opened: all rows of this one case, because a hand-off
  writes rows for two agencies.
- `system()`: the worker and the keeper's commands, which serve every agency.
- `entry()`: the sign-in, which must find a person before anybody looks.
- `visiting(opener)`: somebody who told us something: the one mailbox that their receipt opens.

What a context says is signed (`access/signing.py`).
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import uuid
from collections.abc import Iterator, Mapping

from django.db import connection, transaction

from nowrongdoor.access import signing, viewers

AGENCY, ROLE, PERSON, CASE, SYSTEM, VISITOR = signing.NAMES
SIGNED = signing.SIGNED
NOBODY: Mapping[str, str] = dict.fromkeys((*signing.NAMES, SIGNED), "")


@dataclasses.dataclass(slots=True)
class _Context:
    values: Mapping[str, str]
    case: str = ""


_now: contextvars.ContextVar[_Context | None] = contextvars.ContextVar("row_security", default=None)


class NotLooking(RuntimeError):
    """A case was to be acted on outside of any context: a mistake of the code."""


@contextlib.contextmanager
def looking(viewer: viewers.Viewer) -> Iterator[None]:
    """Show, in a transaction, what a viewer may see."""
    values = {AGENCY: str(viewer.agency_id), ROLE: viewer.role.value, PERSON: str(viewer.user_id or "")}
    with _within(values):
        yield


@contextlib.contextmanager
def system(*, by: viewers.Viewer | None = None) -> Iterator[None]:
    """Show every row, in a transaction, to work that belongs to no single agency. `by`: whom the trail names."""
    with _within({SYSTEM: "all", **_named(by)}):
        yield


@contextlib.contextmanager
def entry(*, by: viewers.Viewer | None = None) -> Iterator[None]:
    """Show, in a transaction, people, their factors and tokens, and nothing else, so that one can sign in. `by`: whom
    the trail names, where it is not the person themselves."""
    with _within({SYSTEM: "entry", **_named(by)}):
        yield


@contextlib.contextmanager
def visiting(opener: bytes) -> Iterator[None]:
    """Show, in a transaction, the mailbox that a receipt opens, and nothing else. `opener`: the hash of the receipt."""
    with _within({VISITOR: opener.hex()}):
        yield


def _named(by: viewers.Viewer | None) -> Mapping[str, str]:
    return {PERSON: str(by.user_id)} if by and by.user_id else {}


def serving(viewer: viewers.Viewer | None) -> contextlib.AbstractContextManager[None]:
    """Look as the viewer, or work for the system when a rule or a clock does it."""
    return looking(viewer) if viewer else system()


def act_on(case_id: uuid.UUID) -> None:
    """Show every row of one case for the rest of the context. The caller has opened it (`cases.queries.find`)."""
    context = _now.get()
    if context is None:
        raise NotLooking
    if context.case != str(case_id):
        context.case = str(case_id)
        _set(settings({**context.values, CASE: context.case}))


@contextlib.contextmanager
def _within(values: Mapping[str, str]) -> Iterator[None]:
    outer = _now.get()
    with transaction.atomic():
        if outer is None or outer.values != values:
            _set(settings(values))
        inner = _Context(values, outer.case if outer and outer.values == values else "")
        token = _now.set(inner)
        try:
            yield
        finally:
            _now.reset(token)
        # The transaction's end clears it, and a rolled-back savepoint puts back what was: what is left is a good end.
        if outer is not None and (outer.values != values or outer.case != inner.case):
            _set(settings({**outer.values, CASE: outer.case}))


def settings(values: Mapping[str, str]) -> Mapping[str, str]:
    """Return everything that a context tells the database: what it says, nothing of all else, and the signature."""
    return {**NOBODY, **values, SIGNED: signing.signature(values)}


def _set(values: Mapping[str, str]) -> None:
    calls = ", ".join("set_config(%s, %s, true)" for _ in values)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", [text for pair in values.items() for text in pair])
