"""What every room declares of its tables, put together: this alone knows all rooms, and hands it down.

The promise: a table is declared once, by the room that keeps it, in values of types that `access`, `vault` and `audit`
define; nothing is found by name while the program runs. What does not fit together is refused when it starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from django.db import models

from nowrongdoor.access import policies
from nowrongdoor.agencies import seals
from nowrongdoor.agencies import tables as agencies
from nowrongdoor.audit import noted, words
from nowrongdoor.audit import tables as audit
from nowrongdoor.benefits import tables as benefits
from nowrongdoor.cases import tables as cases
from nowrongdoor.duties import tables as duties
from nowrongdoor.leads import tables as leads
from nowrongdoor.line import tables as line
from nowrongdoor.mailbox import tables as mailbox
from nowrongdoor.mandates import tables as mandates
from nowrongdoor.notifications import tables as notifications
from nowrongdoor.outbox import tables as outbox
from nowrongdoor.prevalence import tables as prevalence
from nowrongdoor.protocols import tables as protocols
from nowrongdoor.records import tables as records
from nowrongdoor.referrals import tables as referrals
from nowrongdoor.releases import tables as releases
from nowrongdoor.retention import tables as retention
from nowrongdoor.services import tables as services
from nowrongdoor.signals import tables as signals
from nowrongdoor.triage import tables as triage
from nowrongdoor.vault import inventory
from nowrongdoor.vault import tables as vault
from nowrongdoor.wrapup import tables as wrapup

_Kind = TypeVar("_Kind", policies.Rows, policies.Functions, inventory.Columns, words.Verb, noted.Kept)
Declared = policies.Rows | policies.Functions | inventory.Columns | words.Verb | noted.Kept
# From the lowest room up: functions that a room asks are there before its own.
ROOMS: Sequence[tuple[str, Sequence[Declared]]] = (
    ("audit", audit.DECLARED),
    ("agencies", agencies.DECLARED),
    ("signals", signals.DECLARED),
    ("outbox", outbox.DECLARED),
    ("services", services.DECLARED),
    ("referrals", referrals.DECLARED),
    ("mailbox", mailbox.DECLARED),
    ("line", line.DECLARED),
    ("wrapup", wrapup.DECLARED),
    ("cases", cases.DECLARED),
    ("vault", vault.DECLARED),
    ("duties", duties.DECLARED),
    ("triage", triage.DECLARED),
    ("mandates", mandates.DECLARED),
    ("leads", leads.DECLARED),
    ("releases", releases.DECLARED),
    ("benefits", benefits.DECLARED),
    ("retention", retention.DECLARED),
    ("notifications", notifications.DECLARED),
    ("protocols", protocols.DECLARED),
    ("prevalence", prevalence.DECLARED),
    ("records", records.DECLARED),
)
PHRASES: policies.Phrases = (
    *records.PHRASES,
    *protocols.PHRASES,
    *releases.PHRASES,
    *duties.PHRASES,
    *mailbox.PHRASES,
    *wrapup.PHRASES,
    *line.PHRASES,
    *cases.PHRASES,
    *agencies.PHRASES,
    *outbox.PHRASES,
    *services.PHRASES,
    *referrals.PHRASES,
    *signals.PHRASES,
    *audit.PHRASES,
    *vault.PHRASES,
    *policies.PHRASES,
)


class DoesNotFit(RuntimeError):
    """What rooms declare does not fit together; the message says what is missing, or there twice, and where."""


def _every(kind: type[_Kind]) -> tuple[_Kind, ...]:
    return tuple(each for _, declared in ROOMS for each in declared if isinstance(each, kind))


ROWS = _every(policies.Rows)
COLUMNS = _every(inventory.Columns)
VERBS = _every(words.Verb)
FUNCTIONS = _every(policies.Functions)
KEPT = _every(noted.Kept)


def hand_down() -> None:
    """Tell the trail the words of every verb, and which rows it notes, once everything was checked. DoesNotFit."""
    check(ROWS, COLUMNS, VERBS)
    words.hand_down(VERBS)
    noted.hand_down(KEPT, [seals.look_over])


def check(rows: Iterable[policies.Rows], columns: Iterable[inventory.Columns], verbs: Iterable[words.Verb]) -> None:
    """Refuse a table that is declared twice or by half, a column that no table has, and a verb with two sentences.
    DoesNotFit."""
    of_rows, of_columns = [each.table for each in rows], [each.table for each in columns]
    _once(of_rows, "The rows of the table {} are declared twice.")
    _once(of_columns, "The columns of the table {} are declared twice.")
    _once([verb.code for verb in verbs], "The verb {} is declared twice.")
    for table in set(of_rows) ^ set(of_columns):
        what = "inventory.Columns" if table in of_rows else "policies.Rows"
        raise DoesNotFit(f"The table {table} is declared by half: write its {what} in its room's tables.py.")
    for each in rows:
        _known(each.table, each.model, each.columns)
    for each_kept in columns:
        _known(each_kept.table, each_kept.model, each_kept.all)


def _once(names: Sequence[str], sentence: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise DoesNotFit(sentence.format(name))


def _known(table: str, model: type[models.Model], names: Sequence[str]) -> None:
    there = {column for field in model._meta.local_concrete_fields if (column := field.column)}
    for name in names:
        if name not in there and tuple(names) != policies.EVERY_COLUMN:
            raise DoesNotFit(f"The table {table} has no column {name}, which its room's tables.py names.")
