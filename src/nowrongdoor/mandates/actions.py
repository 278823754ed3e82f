"""Keeping mandate tables: add, prove, put in force; and keeping what was ruled on cases."""

from __future__ import annotations

import dataclasses
import datetime
import time
import uuid
from collections.abc import Mapping, Sequence

from django.db import transaction

from nowrongdoor.access import row_security
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.core.mandates import prove, table, vocabulary
from nowrongdoor.mandates import models, queries
from nowrongdoor.work import queue


@dataclasses.dataclass(frozen=True, slots=True)
class Ruling:
    """What was ruled on a version of a case's facts."""

    case_id: uuid.UUID
    facts_version: int
    ruled: queries.Ruled


@dataclasses.dataclass(frozen=True, slots=True)
class RulingRow:
    """What a table says of some facts, kept once."""

    digest: bytes
    table: uuid.UUID
    body: str


@dataclasses.dataclass(frozen=True, slots=True)
class DecisionRow:
    """Which ruling holds for a version of a case's facts."""

    id: uuid.UUID
    case: uuid.UUID
    ruling: bytes
    facts_version: int
    at: datetime.datetime


@row_security.system()
def keep_all(rulings: Sequence[Ruling], *, book: queries.Book, at: datetime.datetime) -> None:
    """Write a decision for each case, in the caller's transaction and for the system: no agency rules on a case."""
    distinct = {each.ruled.digest: each.ruled.text for each in rulings}
    writing.add_missing(
        models.Ruling,
        [RulingRow(digest=digest, table=book.table_id, body=text) for digest, text in distinct.items()],
        key=["digest"],
        returning="digest",
    )
    writing.add(
        models.Decision,
        (
            DecisionRow(
                id=new_id(), case=each.case_id, ruling=each.ruled.digest, facts_version=each.facts_version, at=at
            )
            for each in rulings
        ),
    )


def _watch() -> prove.Watch:
    """Return a limit for a proof that somebody waits for; a table that needs longer is not proved."""
    return prove.Watch(clock=time.monotonic, seconds=prove.LIMIT)


def add(files: Mapping[str, str], *, at: datetime.datetime) -> models.MandateTable:
    """Keep a table as it was read, and its proof when it holds; the same table is kept once.
    table.TableError when it cannot be read."""
    content = table.read(files)
    kept = models.MandateTable.objects.filter(digest=content.digest).first()
    if kept is not None:
        return kept
    proof = prove.prove(content, _watch())
    return models.MandateTable.objects.create(
        name=content.name,
        version=content.version,
        digest=content.digest,
        files={name: files[name] for name in table.OTHER_FILES},
        facts={
            "asked": content.vocabulary.asked,
            "files": {name: files[name] for name in (*vocabulary.FILES, *vocabulary.OPTIONAL_FILES) if name in files},
        },
        added_at=at,
        proof=proof.as_json(),
        proved_digest=proof.digest if proof.holds else "",
        facts_digest=proof.facts_digest if proof.holds else "",
        proved_at=at,
    )


def choose_country(code: str, *, at: datetime.datetime) -> None:
    """Keep the country that an installation is made for; one that is kept stays."""
    models.Country.objects.bulk_create([models.Country(code=code, chosen_at=at)], ignore_conflicts=True)


def put_in_force(
    table_id: uuid.UUID, *, agency_id: uuid.UUID, by: uuid.UUID | None, at: datetime.datetime
) -> models.MandateTable:
    """Prove a table again, on its own facts and as this release reads it, and put it in force instead of the one
    before. What was proved before stays as it was: where the reading changed since, it is kept as a table of its own.
    Where an administrator does it, the agencies at the end of its chains stand by from now on (migration 0015).
    prove.NotProved with a witness in words; table.TableError."""
    with transaction.atomic():
        chosen = models.MandateTable.objects.select_for_update().get(id=table_id)
        files = queries.files_of(chosen)
        content = table.read(files)
        proof = prove.require(content, _watch())
        if (proof.digest, proof.facts_digest) != (chosen.digest, chosen.facts_digest):
            chosen = models.MandateTable.objects.select_for_update().get(id=add(files, at=at).id)
        models.MandateTable.objects.filter(in_force=True).exclude(id=chosen.id).update(in_force=False)
        chosen.in_force, chosen.in_force_since, chosen.in_force_by_id = True, at, by
        chosen.backstops = sorted(queries.backstops_of(content))
        chosen.save(update_fields=["in_force", "in_force_since", "in_force_by", "backstops"])
        deed = record.Deed("mandates.in_force", agency_id, chosen.id, by, details={"digest": chosen.digest})
        record.record(deed, at=at)
        queue.defer(queue.FOLLOW_TABLE)
    return chosen
