"""The people of a case: written down in parts, each sealed, each found again only by the agency that wrote it; and what
they are in the case, and how they're related.

The promise: whoever is both victim and offender is one person with two roles, each with its dates, and is never entered
twice for it.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import F, Max
from django.utils.translation import gettext as _

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.cases import models, person_models
from nowrongdoor.core import instants, parts
from nowrongdoor.vault import keys, sealing

# What a signal says of how somebody stands in it: their role, and that they are the `kind` of the person whose place in
# the list is `of`. It has rows of its own (`stand`), and is no part of what is known of a person.
STANDING = ("role", "kind", "of")
VALUE_LIMIT = 1_000
FOUND_LIMIT = 50


class Refused(ValueError):
    """The person cannot be written down as it is."""


class NoSuchPerson(LookupError):
    """There is no such person whom the viewer's agency wrote down in this case: the answer is the same."""


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
class RoleShown:
    """What somebody is in the case, and from when to when, as far as it's known."""

    id: uuid.UUID
    role: str
    from_at: datetime.datetime | None
    to_at: datetime.datetime | None
    by: str


@dataclasses.dataclass(frozen=True, slots=True)
class RelationShown:
    """How the person stands to another: `kind` of `other`, whose number this is."""

    id: uuid.UUID
    kind: str
    other: int
    from_at: datetime.datetime | None
    to_at: datetime.datetime | None
    by: str


@dataclasses.dataclass(slots=True)
class PersonShown:
    """A person of the case, with the parts that the viewer's role, agency or a release opens; often none. What they are
    in the case, and how they're related, only the agency that wrote it down reads. `has_lawyer`: the viewer can read
    that they have a lawyer of their own."""

    id: uuid.UUID
    number: int
    owner: str
    is_ours: bool
    parts: list[PartShown]
    roles: list[RoleShown]
    relations: list[RelationShown]
    has_lawyer: bool = False


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
        known = {name: value for name, value in each.details.items() if name not in STANDING}
        for part, details in parts.split(known).items():
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
            for word in sorted(set(parts.searchable(known)))
        ]
    writing.add(person_models.PersonPart, kept)
    writing.add(person_models.PersonToken, tokens)


def add(case_id: uuid.UUID, details: Mapping[str, str], *, by: viewers.Viewer, at: datetime.datetime) -> uuid.UUID:
    """Write down a person of a case that the viewer has opened. Refused."""
    given = {name: value.strip() for name, value in details.items() if value.strip()}
    if not given:
        raise Refused(_("Enter at least one detail. Leave blank anything the person didn’t want to share."))
    if any(len(value) > VALUE_LIMIT or "\x00" in value for value in given.values()):
        raise Refused(_("Keep each answer under {limit} characters.").format(limit=f"{VALUE_LIMIT:,}"))
    with row_security.looking(by):
        models.Case.objects.select_for_update().get(id=case_id)  # one number at a time
        ours = person_models.Person.objects.filter(case_id=case_id, owner_id=by.agency_id)
        number = (ours.aggregate(last=Max("number"))["last"] or 0) + 1
        add_all([New(case_id, by.agency_id, number, given)], keys.open_all([case_id]))
        person_id = ours.values_list("id", flat=True).get(number=number)
        deed = record.Deed("person.written", by.agency_id, person_id, by.user_id, case_id)
        record.record(deed, at=at)
    return person_id


def add_role(
    person_id: uuid.UUID,
    role: str,
    *,
    from_at: datetime.datetime | None,
    to_at: datetime.datetime | None,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> person_models.PersonRole:
    """Write down what somebody is in the case: one more role of the same person, who is never entered twice for it.
    NoSuchPerson, Refused."""
    assert by.user_id is not None  # a token has no page
    if role not in person_models.PersonRole.Role.values:
        raise Refused(_("Choose a role."))
    _check_dates(from_at, to_at, at)
    with row_security.looking(by):
        person = _locked_person(person_id, by)
        if to_at is None and person_models.PersonRole.objects.filter(person=person, role=role, to_at=None).exists():
            raise Refused(_("The person has this role already. End it first if you want to enter another period."))
        row = person_models.PersonRole.objects.create(
            person=person,
            case_id=person.case_id,
            owner_id=by.agency_id,
            role=role,
            from_at=from_at,
            to_at=to_at,
            at=at,
            by_id=by.user_id,
        )
        _record("person.role_added", person, {"role": role}, by, at)
    return row


def add_to(
    case_id: uuid.UUID, people: Sequence[Mapping[str, str]], *, by: viewers.Viewer, at: datetime.datetime
) -> None:
    """Write down the people of a further signal of a case that the viewer has opened, in the caller's transaction."""
    if not people:
        return
    ours = person_models.Person.objects.filter(case_id=case_id, owner_id=by.agency_id)
    last = ours.aggregate(last=Max("number"))["last"] or 0
    new = [New(case_id, by.agency_id, number, person) for number, person in enumerate(people, start=last + 1)]
    add_all(new, keys.open_all([case_id]))
    stand(case_id, people, after=last, by=by, at=at)


def stand(
    case_id: uuid.UUID,
    people: Sequence[Mapping[str, str]],
    *,
    after: int = 0,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> None:
    """Write down what the people of a signal are in the case, and how they are related, as it says. `after`: the number
    of the last person who was there before."""
    if not any(name in person for person in people for name in STANDING):
        return
    with row_security.looking(by):
        ours = person_models.Person.objects.filter(case_id=case_id, owner_id=by.agency_id, number__gt=after)
        by_place = {str(number - after): person_id for person_id, number in ours.values_list("id", "number")}
        for place, person in enumerate(people, start=1):
            if person.get("role"):
                add_role(by_place[str(place)], person["role"], from_at=None, to_at=None, by=by, at=at)
            if person.get("kind") and person.get("of") in by_place:
                relate(by_place[str(place)], by_place[person["of"]], person["kind"], from_at=None, by=by, at=at)


def end_role(role_id: uuid.UUID, *, to_at: datetime.datetime, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Say when somebody ceased to be something in the case. NoSuchPerson, Refused."""
    with row_security.looking(by):
        row = person_models.PersonRole.objects.select_for_update().filter(id=role_id, owner_id=by.agency_id).first()
        if row is None:
            raise NoSuchPerson
        _end(row, to_at, at)
        _record("person.role_ended", row.person, {"role": row.role}, by, at)


def relate(
    person_id: uuid.UUID,
    other_id: uuid.UUID,
    kind: str,
    *,
    from_at: datetime.datetime | None,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> person_models.PersonRelation:
    """Write down how somebody stands to another person of the case whom the same agency wrote down. NoSuchPerson,
    Refused."""
    assert by.user_id is not None  # a token has no page
    if kind not in person_models.PersonRelation.Kind.values:
        raise Refused(_("Choose how they’re related."))
    if person_id == other_id:
        raise Refused(_("Choose another person: nobody is related to themselves."))
    _check_dates(from_at, None, at)
    with row_security.looking(by):
        person = _locked_person(person_id, by)
        other = person_models.Person.objects.filter(id=other_id, case_id=person.case_id, owner_id=by.agency_id).first()
        if other is None:
            raise NoSuchPerson
        held = person_models.PersonRelation.objects.filter(person=person, other=other, kind=kind, to_at=None)
        if held.exists():
            raise Refused(_("This relation is on record already."))
        row = person_models.PersonRelation.objects.create(
            person=person,
            other=other,
            case_id=person.case_id,
            owner_id=by.agency_id,
            kind=kind,
            from_at=from_at,
            at=at,
            by_id=by.user_id,
        )
        _record("person.relation_added", person, {"kind": kind}, by, at)
    return row


def end_relation(
    relation_id: uuid.UUID, *, to_at: datetime.datetime, by: viewers.Viewer, at: datetime.datetime
) -> None:
    """Say when two people ceased to be related in a way. NoSuchPerson, Refused."""
    with row_security.looking(by):
        ours = person_models.PersonRelation.objects.select_for_update()
        row = ours.filter(id=relation_id, owner_id=by.agency_id).first()
        if row is None:
            raise NoSuchPerson
        _end(row, to_at, at)
        _record("person.relation_ended", row.person, {"kind": row.kind}, by, at)


def _end(
    row: person_models.PersonRole | person_models.PersonRelation, to_at: datetime.datetime, at: datetime.datetime
) -> None:
    if row.to_at is not None:
        raise Refused(_("It has ended already."))
    _check_dates(row.from_at, to_at, at)
    row.to_at = to_at
    row.save(update_fields=["to_at"])


def _check_dates(from_at: datetime.datetime | None, to_at: datetime.datetime | None, at: datetime.datetime) -> None:
    if any(each is not None and each > at for each in (from_at, to_at)):
        raise Refused(_("Choose a day that isn’t in the future."))
    if any(each is not None and each < instants.EARLIEST for each in (from_at, to_at)):
        raise Refused(_("Enter the year with four digits, like 2026."))
    if from_at and to_at and to_at < from_at:
        raise Refused(_("The last day comes before the first. Check both dates."))


def _locked_person(person_id: uuid.UUID, by: viewers.Viewer) -> person_models.Person:
    person = person_models.Person.objects.filter(id=person_id, owner_id=by.agency_id).first()
    if person is None:
        raise NoSuchPerson
    models.Case.objects.select_for_update().get(id=person.case_id)  # one at a time, as people are added
    return person


def _record(
    verb: str,
    person: person_models.Person,
    details: Mapping[str, record.Detail],
    by: viewers.Viewer,
    at: datetime.datetime,
) -> None:
    deed = record.Deed(verb, by.agency_id, person.id, by.user_id, person.case_id, details)
    record.record(deed, at=at)


def shown(viewer: viewers.Viewer, case_id: uuid.UUID, key: sealing.Key | None) -> Sequence[PersonShown]:
    """List a case's people with the parts, roles and relations that row security shows, in three queries. `key`: the
    case's, None when it was destroyed."""
    rows = person_models.Person.objects.filter(case_id=case_id).order_by("owner__name", "number", "id", "parts__part")
    columns = ("id", "number", "owner__name", "owner_id", "parts__id", "parts__part", "parts__details")
    by_id: dict[uuid.UUID, PersonShown] = {}
    for person_id, number, owner, owner_id, part_id, part, details in rows.values_list(*columns):
        is_ours = owner_id == viewer.agency_id
        person = by_id.setdefault(person_id, PersonShown(person_id, number, owner, is_ours, [], [], []))
        if part_id is None:
            continue
        values = _values(key, details, part_id, owner_id)
        person.parts.append(_labelled(part, values))
        person.has_lawyer = person.has_lawyer or parts.LAWYER in (values or ())
    if not any(person.is_ours for person in by_id.values()):
        return list(by_id.values())
    roles = person_models.PersonRole.objects.filter(case_id=case_id, owner_id=viewer.agency_id)
    of_roles = roles.order_by("from_at", "at", "id").annotate(who=agencies.name_of("by_id"))
    for role in of_roles:
        by_id[role.person_id].roles.append(RoleShown(role.id, role.role, role.from_at, role.to_at, role.who))
    relations = person_models.PersonRelation.objects.filter(case_id=case_id, owner_id=viewer.agency_id)
    of_relations = relations.order_by("at", "id").annotate(who=agencies.name_of("by_id"), number=F("other__number"))
    for row in of_relations:
        shown_as = RelationShown(row.id, row.kind, row.number, row.from_at, row.to_at, row.who)
        by_id[row.person_id].relations.append(shown_as)
    return list(by_id.values())


def of_number(case_id: uuid.UUID, owner_id: uuid.UUID, number: int) -> uuid.UUID | None:
    """Find whom an agency wrote down in a case under a number. The caller acts on the case."""
    rows = person_models.Person.objects.filter(case_id=case_id, owner_id=owner_id, number=number)
    return rows.values_list("id", flat=True).first()


def parts_shown(case_id: uuid.UUID, person_id: uuid.UUID) -> Sequence[PartShown]:
    """List the parts of a person that row security shows; for a service that takes no part in the case, and is shown by
    a release alone what they are."""
    rows = person_models.PersonPart.objects.filter(case_id=case_id, person_id=person_id).order_by("part", "id")
    held = list(rows.values_list("id", "owner_id", "part", "details"))
    key = keys.open_all([case_id]).get(case_id) if held else None
    return [_labelled(part, _values(key, details, part_id, owner_id)) for part_id, owner_id, part, details in held]


def _values(
    key: sealing.Key | None, details: bytes | memoryview, part_id: uuid.UUID, owner_id: uuid.UUID
) -> Mapping[str, str] | None:
    """Open a part; None where its key was destroyed."""
    if key is None:
        return None
    values: Mapping[str, str] = json.loads(key.open(details, _place(part_id, owner_id)))
    return values


def _labelled(part: str, values: Mapping[str, str] | None) -> PartShown:
    labels = None if values is None else [(parts.label_of(name), value) for name, value in values.items()]
    return PartShown(parts.Part(part), labels)


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


ALIKE_LIMIT = 20
ENOUGH = 2  # words of a name, numbers or addresses that two cases share before they are proposed

# The tokens are keyed by agency, and row security shows an agency its own alone; the condition says so once more.
_ALIKE = """
SELECT c.reference, count(DISTINCT theirs.token), c.opened_at, c.closed_at IS NULL
  FROM nowrongdoor_person_token ours
  JOIN nowrongdoor_person mine ON mine.id = ours.person_id AND mine.case_id = %(case)s
  JOIN nowrongdoor_person_token theirs ON theirs.owner_id = ours.owner_id AND theirs.token = ours.token
  JOIN nowrongdoor_person other ON other.id = theirs.person_id AND other.case_id <> %(case)s
  JOIN nowrongdoor_case c ON c.id = other.case_id
 WHERE ours.owner_id = %(agency)s
 GROUP BY c.id HAVING count(DISTINCT theirs.token) >= %(enough)s
 ORDER BY count(DISTINCT theirs.token) DESC, c.id DESC LIMIT %(limit)s
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Alike:
    """A case in which the viewer's agency wrote down somebody with the same words of a name, numbers or addresses."""

    reference: str
    shared: int
    opened_at: datetime.datetime
    is_open: bool


def alike(viewer: viewers.Viewer, case_id: uuid.UUID) -> Sequence[Alike]:
    """Propose the cases that may be the same, the most alike first, by what the viewer's own agency wrote down and by
    nothing else: identifying information is not compared with another agency's, hashed or not (gate G01)."""
    values: dict[str, uuid.UUID | int] = {
        "case": case_id,
        "agency": viewer.agency_id,
        "enough": ENOUGH,
        "limit": ALIKE_LIMIT,
    }
    with connection.cursor() as database:
        database.execute(_ALIKE, values)
        return [Alike(*row) for row in database.fetchall()]


def _place(part_id: uuid.UUID, owner_id: uuid.UUID) -> sealing.Place:
    return sealing.Place("person_part", part_id, "details", owner_id)


def names(people: Iterable[PersonShown]) -> Mapping[uuid.UUID, str]:
    """Say how to speak of each person on a page without naming them."""
    return {
        person.id: _("Person {number} of {agency}").format(number=person.number, agency=person.owner)
        for person in people
    }
