"""The people of a case: written down in parts, each sealed, each found again only by the agency that wrote it."""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Max

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.cases import models, person_models
from nowrongdoor.core import parts
from nowrongdoor.vault import keys, sealing

VALUE_LIMIT = 1_000
FOUND_LIMIT = 50


class Refused(ValueError):
    """The person cannot be written down as it is."""


@dataclasses.dataclass(frozen=True, slots=True)
class New:
    """A person to be written down."""

    case_id: uuid.UUID
    owner_id: uuid.UUID
    number: int
    details: Mapping[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class PersonRow:
    """That there is somebody."""

    id: uuid.UUID
    case: uuid.UUID
    owner: uuid.UUID
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class PartRow:
    """A part of a person, sealed."""

    id: uuid.UUID
    person: uuid.UUID
    case: uuid.UUID
    owner: uuid.UUID
    part: str
    details: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class TokenRow:
    """A search token of a person."""

    id: uuid.UUID
    person: uuid.UUID
    owner: uuid.UUID
    token: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class PartShown:
    """One part as the viewer may read it: labels and values; None when its key was destroyed."""

    part: parts.Part
    details: Sequence[tuple[str, str]] | None


@dataclasses.dataclass(frozen=True, slots=True)
class PersonShown:
    """A person of the case, with the parts that the viewer's role, agency or a release opens; often none."""

    id: uuid.UUID
    number: int
    owner: str
    is_ours: bool
    parts: list[PartShown]


def add_all(new: Sequence[New], sealed_with: keys.Keys) -> None:
    """Write people down, in the caller's transaction."""
    if not new:
        return
    ids = [new_id() for _ in new]
    writing.add(
        person_models.Person,
        [
            PersonRow(id=person_id, case=each.case_id, owner=each.owner_id, number=each.number)
            for person_id, each in zip(ids, new, strict=True)
        ],
    )
    kept: list[PartRow] = []
    tokens: list[TokenRow] = []
    for person_id, each in zip(ids, new, strict=True):
        for part, details in parts.split(each.details).items():
            part_id = new_id()
            sealed = sealed_with[each.case_id].seal(writing.as_text(details), _place(part_id, each.owner_id))
            kept.append(
                PartRow(
                    id=part_id,
                    person=person_id,
                    case=each.case_id,
                    owner=each.owner_id,
                    part=part.value,
                    details=sealed,
                )
            )
        index = keys.index(each.owner_id)
        tokens += [
            TokenRow(id=new_id(), person=person_id, owner=each.owner_id, token=index.token("person", word))
            for word in sorted(set(parts.searchable(each.details)))
        ]
    writing.add(person_models.PersonPart, kept)
    writing.add(person_models.PersonToken, tokens)


def add(case_id: uuid.UUID, details: Mapping[str, str], *, by: viewers.Viewer, at: datetime.datetime) -> uuid.UUID:
    """Write down a person of a case that the viewer has opened. Refused."""
    given = {name: value.strip() for name, value in details.items() if value.strip()}
    if not given:
        raise Refused("Enter at least one detail. Leave blank anything the person didn’t want to share.")
    if any(len(value) > VALUE_LIMIT or "\x00" in value for value in given.values()):
        raise Refused(f"Keep each answer under {VALUE_LIMIT:,} characters.")
    with row_security.looking(by):
        models.Case.objects.select_for_update().get(id=case_id)  # one number at a time
        ours = person_models.Person.objects.filter(case_id=case_id, owner_id=by.agency_id)
        number = (ours.aggregate(last=Max("number"))["last"] or 0) + 1
        add_all([New(case_id, by.agency_id, number, given)], keys.open_all([case_id]))
        person_id = ours.values_list("id", flat=True).get(number=number)
        deed = record.Deed("person.written", by.agency_id, person_id, by.user_id, case_id)
        record.record(deed, at=at)
    return person_id


def shown(viewer: viewers.Viewer, case_id: uuid.UUID, key: sealing.Key | None) -> Sequence[PersonShown]:
    """List a case's people with the parts that row security shows, in one query. `key`: the case's, None when
    it was destroyed."""
    rows = person_models.Person.objects.filter(case_id=case_id).order_by("owner__name", "number", "id", "parts__part")
    columns = ("id", "number", "owner__name", "owner_id", "parts__id", "parts__part", "parts__details")
    by_id: dict[uuid.UUID, PersonShown] = {}
    for person_id, number, owner, owner_id, part_id, part, details in rows.values_list(*columns):
        is_ours = owner_id == viewer.agency_id
        person = by_id.setdefault(person_id, PersonShown(person_id, number, owner, is_ours, []))
        if part_id is None:
            continue
        values = None if key is None else json.loads(key.open(details, _place(part_id, owner_id)))
        labels = None if values is None else [(parts.label_of(name), value) for name, value in values.items()]
        person.parts.append(PartShown(parts.Part(part), labels))
    return list(by_id.values())


def find(viewer: viewers.Viewer, typed: str) -> Sequence[str]:
    """Find, within the viewer's own agency, the cases of people who match every word or number that was
    typed; it gives references, newest first."""
    asked = set(parts.words(typed))
    if not asked:
        return ()
    index = keys.index(viewer.agency_id)
    cases: set[uuid.UUID] | None = None
    for word in asked:
        rows = person_models.PersonToken.objects.filter(owner_id=viewer.agency_id, token=index.token("person", word))
        holders = set(rows.values_list("person__case_id", flat=True))
        cases = holders if cases is None else cases & holders
    rows_found = models.Case.objects.filter(id__in=cases or ()).order_by("-id")
    return list(rows_found.values_list("reference", flat=True)[:FOUND_LIMIT])


def _place(part_id: uuid.UUID, owner_id: uuid.UUID) -> sealing.Place:
    return sealing.Place("person_part", part_id, "details", owner_id)


def names(people: Iterable[PersonShown]) -> Mapping[uuid.UUID, str]:
    """Say how to speak of each person on a page without naming them."""
    return {person.id: f"Person {person.number} of {person.owner}" for person in people}
