"""Owing, withdrawing, handing over, and doing what is owed. Rooms above call these and write no duty themselves.

The promise: a duty is done by whoever owes it, signed and dated, and what is done stays done. Only what still waits is
withdrawn or moves to somebody else.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.core.language import gettext as _
from nowrongdoor.duties import kinds, models
from nowrongdoor.duties.kinds import Kind, Source
from nowrongdoor.vault import keys

HOW_LIMIT = 300
CONFIRMATION_LIMIT = 100


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Owing:
    """What somebody is about to owe on a case, and why. `models.Duty` says what the fields mean."""

    kind: Kind
    case_id: uuid.UUID
    agency_id: uuid.UUID | None
    desk: str
    why: str
    citation: str
    evidence: str
    basis: str
    since: datetime.datetime | None = None  # from which it is counted; None: from now
    due_at: datetime.datetime
    source: Source = Source.MANDATE
    thing: str = ""
    thing_id: uuid.UUID | None = None
    by_hand: bool = False
    follows_lead: bool = False
    role: str = ""
    rule: str = ""
    clock: str = ""
    limit: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DutyRow:
    """A new duty, as the table keeps it."""

    id: uuid.UUID
    kind: str
    case: uuid.UUID
    thing: str
    thing_id: uuid.UUID | None
    source: str
    agency: uuid.UUID | None
    desk: str
    by_hand: bool
    follows_lead: bool
    role: str
    rule: str
    clock: str
    why: str
    limit: str
    citation: str
    evidence: str
    basis: str
    since: datetime.datetime
    due_at: datetime.datetime
    how: bytes


class NoSuchDuty(LookupError):
    """There is no such notice or clock, or it is not this agency's: the answer is the same."""

    def __init__(self) -> None:
        super().__init__(_("We can’t find this notice or deadline, or your agency isn’t the one to answer it."))


class AlreadyDone(Exception):
    """Somebody did it before."""

    def __init__(self, at: datetime.datetime) -> None:
        local = timezone.localtime(at)
        super().__init__(
            _("This was already done on %(local)s. Nothing was changed.")
            % {"local": f"{local:%B %-d, %Y at %-I:%M %p %Z}"}
        )


class HowMissing(ValueError):
    """Others must be able to see how it was done."""

    def __init__(self) -> None:
        super().__init__(
            _("Write in a few words how it was done, in at most %(how_limit)s characters.") % {"how_limit": HOW_LIMIT}
        )


class ConfirmationMissing(ValueError):
    """A report that a law requires is not complete here before whoever received it confirmed it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Write the confirmation number that they gave you, in at most %(limit)s characters. If they gave none, "
                "ask for one, or for the name and badge of whoever took the report. Until then it stays open here."
            )
            % {"limit": CONFIRMATION_LIMIT}
        )


class NotCorrected(Exception):
    """Facts in conflict are settled by correcting them, and by no note."""

    def __init__(self) -> None:
        super().__init__(
            "This deadline isn’t complete yet: the facts of the case still can’t all be right. Correct them on the "
            "case’s page. If nobody can say which is right, choose “Not known.” The deadline then goes away by itself."
        )


def owe(*owings: Owing, at: datetime.datetime) -> None:
    """Write what is owed from now on, all of it in one statement."""
    rows = [
        DutyRow(
            id=new_id(),
            kind=each.kind.value,
            case=each.case_id,
            thing=each.thing,
            thing_id=each.thing_id,
            source=each.source.value,
            agency=each.agency_id,
            desk=each.desk,
            by_hand=each.by_hand,
            follows_lead=each.follows_lead,
            role=each.role,
            rule=each.rule,
            clock=each.clock,
            why=each.why,
            limit=each.limit,
            citation=each.citation,
            evidence=each.evidence,
            basis=each.basis,
            since=each.since or at,
            due_at=each.due_at,
            how=b"",
        )
        for each in owings
    ]
    writing.add(models.Duty, rows)


def withdraw(duty_ids: Collection[uuid.UUID], *, at: datetime.datetime) -> None:
    """Take back duties that nobody did yet."""
    if duty_ids:
        models.Duty.objects.filter(id__in=duty_ids, done_at=None, withdrawn_at=None).update(withdrawn_at=at)


def withdraw_about(thing: str, thing_id: uuid.UUID, *, clocks: Collection[str] = (), at: datetime.datetime) -> None:
    """Take back what nobody did yet about a thing of another room: all of it, or by these clocks alone."""
    about = models.Duty.objects.filter(thing=thing, thing_id=thing_id, done_at=None, withdrawn_at=None)
    if clocks:
        about = about.filter(clock__in=clocks)
    about.update(withdrawn_at=at)


# An answer stays with the agency that was asked.
_FOLLOW = """
UPDATE nowrongdoor_duty d SET agency_id = c.lead_id
  FROM nowrongdoor_case c
 WHERE c.id = ANY(%(cases)s) AND d.case_id = c.id AND (d.by_hand OR d.follows_lead) AND d.done_at IS NULL
"""


def follow_leads(case_ids: Collection[uuid.UUID]) -> None:
    """Move what the lead owes to whoever leads these cases now."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW, {"cases": list(case_ids)})


def end_what_is_private(case_id: uuid.UUID, *, from_agency_id: uuid.UUID, at: datetime.datetime) -> None:
    """Withdraw what an agency that closes owes on a case and no other may read: what follows from benefits letters."""
    _waiting(from_agency_id).filter(case=case_id, thing=kinds.BENEFITS_LETTER).update(withdrawn_at=at)


def hand_over(case_id: uuid.UUID, *, from_agency_id: uuid.UUID, to_agency_id: uuid.UUID) -> None:
    """Move what an agency still owes on a case to the agency that takes over from it."""
    _waiting(from_agency_id).filter(case=case_id).update(agency_id=to_agency_id)


def leave_to_lead(case_id: uuid.UUID, *, from_agency_id: uuid.UUID, lead_id: uuid.UUID) -> None:
    """Move what an agency still owes on a case to the lead, which tells by hand whom it has to tell."""
    _waiting(from_agency_id).filter(case=case_id).update(
        agency_id=lead_id,
        by_hand=Q(kind=Kind.NOTICE.value),
        follows_lead=Q(kind=Kind.DEADLINE.value),
    )


def cases_owed_on(agency_id: uuid.UUID) -> set[uuid.UUID]:
    """List the cases on which an agency still owes something other than an answer."""
    return set(_waiting(agency_id).filter(case__isnull=False).values_list("case", flat=True))


def owes(agency_id: uuid.UUID) -> bool:
    """Return whether an agency still owes anything other than an answer."""
    return _waiting(agency_id).exists()


def _waiting(agency_id: uuid.UUID) -> QuerySet[models.Duty]:
    """Find what an agency still owes; its answers are the offers' own."""
    return models.Duty.objects.filter(agency=agency_id, done_at=None, withdrawn_at=None).exclude(kind=Kind.ANSWER.value)


def acknowledge(
    notice_id: uuid.UUID, *, how: str, confirmation: str = "", by: viewers.Viewer, at: datetime.datetime
) -> models.Duty:
    """Note that a body was told, or that a task was read. A notice by hand needs to say how, and may be given by the
    agency that received the case as well as by its lead: whoever has the person on the line calls for help. A report
    that a law requires needs the confirmation of whoever received it. NoSuchDuty, AlreadyDone, HowMissing,
    ConfirmationMissing."""
    with row_security.looking(by):
        notice = _locked(
            models.Duty.objects.filter(
                Q(agency_id=by.agency_id) | Q(by_hand=True, case__received_by=by.agency_id),
                Q(kind=Kind.NOTICE.value) | Q(kind=Kind.TASK.value, case__isnull=False),
                id=notice_id,
                withdrawn_at=None,
            )
        )
        if kinds.ends_by_itself(notice.rule):
            raise NoSuchDuty
        if notice.by_hand and not how.strip():
            raise HowMissing
        if notice.is_report_by_law and not confirmation.strip():
            raise ConfirmationMissing
        _confirm(notice, confirmation)
        _finish(notice, how, by=by, at=at)
        deed = record.Deed("notice.acknowledged", by.agency_id, notice.id, by.user_id, notice.case_id)
        record.record(deed, at=at)
    return notice


def meet(deadline_id: uuid.UUID, *, how: str, by: viewers.Viewer, at: datetime.datetime) -> models.Duty:
    """Note that a deadline was met, and how. NoSuchDuty, AlreadyDone, HowMissing; NotCorrected for one that asks which
    facts are right, which the correction itself ends."""
    with row_security.looking(by):
        deadline = _locked(
            models.Duty.deadlines().filter(
                id=deadline_id, agency_id=by.agency_id, case__isnull=False, withdrawn_at=None
            )
        )
        if kinds.is_correction(deadline.clock):
            raise NotCorrected
        if not how.strip():
            raise HowMissing
        _finish(deadline, how, by=by, at=at)
        record.record(record.Deed("clock.met", by.agency_id, deadline.id, by.user_id, deadline.case_id), at=at)
    return deadline


def _locked(duties: QuerySet[models.Duty]) -> models.Duty:
    duty = duties.select_for_update(of=("self",)).first()
    if duty is None:
        raise NoSuchDuty
    if duty.done_at is not None:
        raise AlreadyDone(duty.done_at)
    return duty


def _confirm(notice: models.Duty, confirmation: str) -> None:
    """Seals what whoever received a report gave for it."""
    if len(confirmation) > CONFIRMATION_LIMIT or "\x00" in confirmation:
        raise ConfirmationMissing
    if notice.by_hand and confirmation.strip():
        assert notice.case_id is not None  # a notice is about a case
        notice.confirmation = keys.of(notice.case_id).seal(confirmation.strip(), notice.place("confirmation"))


def _finish(duty: models.Duty, how: str, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    if len(how) > HOW_LIMIT or "\x00" in how:
        raise HowMissing
    assert duty.case_id is not None  # only what is owed on a case has a verb so far
    duty.done_at, duty.done_by_id = at, by.user_id
    duty.how = keys.of(duty.case_id).seal(how.strip(), duty.place())
    duty.save(update_fields=["done_at", "done_by", "how", "confirmation"])
