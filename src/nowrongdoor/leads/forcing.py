"""Putting a mandate table in force: what it would change is shown first, and what was shown is what is confirmed.

The promise: a table comes into force only while somebody answers at the end of its chains; who is missing before that
is named with how many open cases would pass them over; and a lead that accepted stays until another one accepts.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import hashlib
import itertools
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.cases.models import Case
from nowrongdoor.core import handoff, places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import decide, rules
from nowrongdoor.core.mandates import table as mandate_table
from nowrongdoor.duties import kinds
from nowrongdoor.duties import queries as duty_queries
from nowrongdoor.leads import answering, changing, models, planning, queries
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates import queries as tables
from nowrongdoor.mandates.models import MandateTable

AT_A_TIME = 1_000


class NoSuchTable(LookupError):
    """No such table is kept."""

    def __init__(self) -> None:
        super().__init__(_("No such mandate table is kept. `nwd table list` shows them."))


class NobodyBehind(handoff.Refused):
    """Nobody answers at the end of the chains, so that a case could end with nobody."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        named = "; ".join(f"{each.name} ({each.why})" for each in missing)
        super().__init__(
            _(
                "This table can’t come into force yet. Whoever stands at the end of its chains "
                "leads every case that nobody else takes, and nobody answers there: %(named)s. A "
                "coordinator has to sign in there first."
            )
            % {"named": named}
        )


class ShownOtherwise(handoff.Refused):
    """What it would do is no longer what was shown."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "What this table would change is no longer what you were shown. Nothing was "
                "changed: look at it again, then confirm."
            )
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Missing:
    """An agency of a chain that nobody answers for, why, and how many open cases would pass it over."""

    code: str
    name: str
    why: str
    cases: int


@dataclasses.dataclass(frozen=True, slots=True)
class Effect:
    """What putting a table in force would do. `offers`, `notices`, `deadlines`: open cases that would get another offer
    of the lead, other notices, other deadlines; `stay`: open cases whose lead accepted, and stays."""

    table_id: uuid.UUID
    name: str
    version: str
    digest: str
    missing: Sequence[Missing]
    behind: Sequence[Missing]  # of these, those at the end of a chain: while there is one, nothing is put in force
    stand_by: Sequence[str]  # who would begin to stand by
    open_cases: int
    offers: int
    notices: int
    deadlines: int
    stay: int

    @property
    def seen(self) -> str:
        """Return a short digest of what was shown, by which a confirmation says what it confirms. Without the counts,
        which move with every case that comes in."""
        who = [(each.code, each.why) for each in self.missing]
        return hashlib.blake2b(repr((self.digest, who, self.stand_by)).encode(), digest_size=12).hexdigest()


@dataclasses.dataclass(frozen=True, slots=True)
class _Open:
    """An open case, as far as it is decided again."""

    id: uuid.UUID
    facts: Mapping[str, str]
    place: places.Place
    lead_id: uuid.UUID
    has_accepted: bool


@row_security.system()
def effect_of(table_id: uuid.UUID, *, at: datetime.datetime) -> Effect:
    """Work out what putting a kept table in force would do, and change nothing. NoSuchTable, prove.NotProved,
    table.TableError."""
    kept = MandateTable.objects.filter(id=table_id).first()
    if kept is None:
        raise NoSuchTable
    book, directory = tables.proved_book(kept), agencies.directory()
    passed: collections.Counter[str] = collections.Counter()
    counted: collections.Counter[str] = collections.Counter()
    for chunk in _decided_again(book, directory, at=at):
        ids = [case.id for case, _, _ in chunk]
        running = duty_queries.of_cases(ids, kinds.Kind.NOTICE, kinds.Kind.DEADLINE)
        standing = {
            each.case_id: each
            for each in models.Handoff.objects.filter(case__in=ids, state=handoff.State.OFFERED.value)
        }
        for case, plan, came_past in chunk:
            passed.update(came_past)
            counted.update(_changes(plan, case, standing.get(case.id), running[case.id], at=at))
    missing = _missing(book.content, directory, passed, on=timezone.localdate(at))
    backstops = book.backstops
    answered = {desk for desk in backstops if any(each.is_answered for each in directory.of_desk(desk))}
    codes = {each.code for desk in backstops - answered for each in directory.of_desk(desk)} | (backstops - answered)
    new = [each.name for desk in sorted(backstops) for each in directory.of_desk(desk) if not each.stands_by]
    return Effect(
        table_id=kept.id,
        name=kept.name,
        version=kept.version,
        digest=kept.digest,
        missing=missing,
        behind=[each for each in missing if each.code in codes],
        stand_by=new,
        open_cases=counted["open"],
        offers=counted["offer"],
        notices=counted["notice"],
        deadlines=counted["deadline"],
        stay=counted["accepted"],
    )


@row_security.system()
def force(table_id: uuid.UUID, *, seen: str, by: viewers.Viewer, at: datetime.datetime) -> MandateTable:
    """Put a table in force, as `effect_of` showed it. `seen`: the digest of what was shown. NoSuchTable,
    ShownOtherwise, NobodyBehind, prove.NotProved, table.TableError."""
    effect = effect_of(table_id, at=at)
    if effect.behind:
        raise NobodyBehind(effect.behind)
    if effect.seen != seen:
        raise ShownOtherwise
    return mandates.put_in_force(table_id, agency_id=by.agency_id, by=by.user_id, at=at)


@row_security.system()
def missing_now(book: tables.Book, *, at: datetime.datetime) -> Sequence[Missing]:
    """List the agencies of the chains of the table in force that nobody answers for, and how many open cases pass them
    over on the facts they have now: an agency that is not on the system leaves no hand-off behind, and counts too."""
    directory = agencies.directory()
    passed: collections.Counter[str] = collections.Counter()
    for chunk in _decided_again(book, directory, at=at):
        for _case, _lead, came_past in chunk:
            passed.update(came_past)
    return _missing(book.content, directory, passed, on=timezone.localdate(at))


def _decided_again(
    book: tables.Book, directory: agencies.Directory, *, at: datetime.datetime
) -> Iterator[list[tuple[_Open, planning.Plan, Sequence[str]]]]:
    """Decide the open cases by a table, some at a time: each with its plan and with whom its chain comes past. Cases
    that are alike are planned once."""
    plans: dict[tuple[object, ...], tuple[planning.Plan, Sequence[str]]] = {}
    for chunk in _open_cases():
        gone = answering.gone_past_of([each.id for each in chunk])
        decided = []
        for case in chunk:
            ruled, past = book.rule(case.facts, at=at), gone[case.id]
            key = (id(ruled), case.place, case.lead_id, frozenset(past))
            if key not in plans:
                plan = planning.plan(ruled, case.place, lead_id=case.lead_id, gone_past=past, directory=directory)
                plans[key] = plan, _came_past(plan, case, past, directory)
            decided.append((case, *plans[key]))
        yield decided


def _open_cases() -> Iterator[list[_Open]]:
    rows = Case.objects.filter(closed_at=None).order_by("id")
    given_back = models.Handoff.objects.filter(
        id=OuterRef("lead_handoff_id"), kind=handoff.Kind.UNDO.value, to_agency=OuterRef("received_by")
    )
    rows = rows.annotate(accepted=Q(lead_handoff_id__isnull=False) & ~Exists(given_back))
    columns = rows.values_list("id", "facts", "state", "district", "lead_id", "accepted")
    cases = (
        _Open(case_id, facts, places.Place(state, district), lead_id, accepted)
        for case_id, facts, state, district, lead_id, accepted in columns.iterator(chunk_size=AT_A_TIME)
    )
    while chunk := list(itertools.islice(cases, AT_A_TIME)):
        yield chunk


def _changes(
    plan: planning.Plan,
    case: _Open,
    standing: models.Handoff | None,
    running: Sequence[duty_queries.Duty],
    *,
    at: datetime.datetime,
) -> Iterator[str]:
    yield "open"
    if case.has_accepted:
        yield "accepted"
    if plan.offer is not None and (
        standing is None or not changing.still_offered(standing, plan.offer, urgency=plan.ruled.urgency, at=at)
    ):
        yield "offer"
    picked = changing.sort_out(plan, running, lead_id=case.lead_id, at=at)
    if picked.told or any(duty.kind is kinds.Kind.NOTICE for duty in picked.gone):
        yield "notice"
    if picked.owed or any(duty.kind is kinds.Kind.DEADLINE for duty in picked.gone):
        yield "deadline"


def _came_past(plan: planning.Plan, case: _Open, gone: Collection[str], directory: agencies.Directory) -> Sequence[str]:
    """The codes of those whom the chain comes past because nobody answers there: before whoever is asked, or the
    lead. Nobody, while nobody is asked until somebody says who is telling."""
    codes: list[str] = []
    if plan.offer is None and plan.ruled.held_back:
        return codes
    for position, duty in enumerate(plan.ruled.decision.chain):
        if duty.agency == decide.RECEIVER:
            break
        office = directory.office(duty.agency, state=case.place.state, district=case.place.district)
        is_reached = plan.offer.position == position if plan.offer else bool(office and office.id == case.lead_id)
        if is_reached:
            break
        if duty.agency not in gone and not (office and office.is_answered):
            codes.append(office.code if office else duty.agency)
    return codes


def _missing(
    content: mandate_table.Table, directory: agencies.Directory, passed: Mapping[str, int], *, on: datetime.date
) -> Sequence[Missing]:
    desks = {
        rule.agency: content.agencies[rule.agency]
        for rule in content.rules
        if rule.role in rules.IN_ORDER
        and rule.agency != decide.RECEIVER  # it has the case already
        and (rule.dates.valid_to is None or rule.dates.valid_to >= on)
    }
    missing = []
    for desk, agency in sorted(desks.items()):
        offices = directory.of_desk(desk)
        is_elsewhere = passed.get(desk, 0) and desk not in {each.code for each in offices}  # offices, but not there
        if not offices or is_elsewhere:
            missing.append(Missing(desk, agency.name, queries.NOT_HERE, passed.get(desk, 0)))
        missing += [
            Missing(each.code, each.name, each.why_not, passed.get(each.code, 0))
            for each in offices
            if not each.is_answered
        ]
    return missing
