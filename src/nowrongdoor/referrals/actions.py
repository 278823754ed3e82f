"""Referring somebody to a service: asking one after another, answering, and noting whether it worked.

The promise: a referral names nobody. Whoever gives a service hears about the person from the person, or on a call that
all three are in.
"""

from __future__ import annotations

import datetime
import uuid

from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.cases import people
from nowrongdoor.cases.models import Case
from nowrongdoor.core.language import gettext
from nowrongdoor.core.services import profile
from nowrongdoor.referrals import models
from nowrongdoor.referrals.models import State
from nowrongdoor.services import room
from nowrongdoor.services.models import Listing

ASK_FOR = datetime.timedelta(hours=2)
_OPEN = (State.ASKED, State.WAITLISTED, State.ACCEPTED)


class Refused(ValueError):
    """It was not done; the message says why and what to do."""


class NoSuchReferral(LookupError):
    """There is none, or it is another agency's: the answer is the same."""


def begin(kind: str, *, along: uuid.UUID | None = None, by: viewers.Viewer, at: datetime.datetime) -> uuid.UUID:
    """Begin a referral for one need. `along`: the referral that it goes with. Refused, NoSuchReferral."""
    assert by.user_id is not None  # a token refers nobody
    if kind not in profile.installed().kinds:
        raise Refused(gettext("Choose what they need."))
    with row_security.looking(by):
        with_it = _own(along, by) if along else None
        row = models.Referral.objects.create(id=new_id(), agency_id=by.agency_id, kind=kind, by_id=by.user_id, at=at)
        models.Plan.objects.create(referral=row, agency_id=by.agency_id, by_id=by.user_id, along=with_it)
        _note("referral.begun", row.id, by, at)
    return row.id


def ask(
    referral_id: uuid.UUID, service: uuid.UUID, *, holds: bool, by: viewers.Viewer, at: datetime.datetime
) -> uuid.UUID:
    """Ask a service whether it takes them. `holds`: and to keep a bed until it answers, which only somebody who works
    there promises. Refused, NoSuchReferral."""
    assert by.user_id is not None  # a token asks nobody
    lapse(at=at)
    try:
        with row_security.looking(by):
            return _ask(referral_id, service, holds=holds, by=by, at=at)
    except IntegrityError as error:
        raise Refused(_why_not(error)) from None


def _ask(
    referral_id: uuid.UUID, service: uuid.UUID, *, holds: bool, by: viewers.Viewer, at: datetime.datetime
) -> uuid.UUID:
    referral = _own(referral_id, by)
    listing = _listing(referral, service)
    assert by.user_id is not None  # asked above
    provider = room.answering([service]).get(service)
    count = room.latest([service]).get(service) if holds else None
    if holds and (provider is None or count is None):
        raise Refused(gettext("Nobody has said here how many beds it has. Ask again without holding a bed."))
    row = models.Ask.objects.create(
        id=new_id(),
        referral=referral,
        agency_id=by.agency_id,
        kind=referral.kind,
        service=service,
        name=listing.name,
        provider_id=provider,
        room=count,
        slot=_free_slot(count.id, count.free) if count else None,
        by_id=by.user_id,
        at=at,
        until=at + ASK_FOR,
    )
    plan = _plan_of(referral, by)
    if service in plan.asked_next:
        _keep(plan, by, asked_next=[each for each in plan.asked_next if each != service])
    _note("referral.asked", referral.id, by, at)
    return row.id


def _listing(referral: models.Referral, service: uuid.UUID) -> Listing:
    listing = Listing.objects.filter(id=service).first()
    if listing is None or referral.kind not in listing.kinds:
        raise Refused(gettext("This service doesn’t do that. Choose another one."))
    return listing


def ask_or_plan(
    referral_id: uuid.UUID, service: uuid.UUID, *, holds: bool, by: viewers.Viewer, at: datetime.datetime
) -> bool:
    """Ask a service; while another one is asked, note this one to ask next. Return whether it was asked. Refused,
    NoSuchReferral."""
    lapse(at=at)
    with row_security.looking(by):
        referral = _own(referral_id, by)
        is_free = not referral.asks.filter(models.BUSY).exists()
        if not is_free:
            _put_in_line(referral, service, by, at)
    if is_free:
        ask(referral_id, service, holds=holds, by=by, at=at)
    return is_free


def _put_in_line(referral: models.Referral, service: uuid.UUID, by: viewers.Viewer, at: datetime.datetime) -> None:
    if referral.asks.filter(models.BUSY | Q(state=State.WAITLISTED), service=service).exists():
        raise Refused(gettext("This service is asked already, takes them, or has them on its waiting list."))
    plan = _plan_of(referral, by)
    if service in plan.asked_next:
        raise Refused(gettext("This service is on the list to ask next already."))
    _listing(referral, service)
    if len(plan.asked_next) >= models.MOST_NEXT:
        raise Refused(gettext("Five services are on the list to ask next. Take one off first."))
    _keep(plan, by, asked_next=[*plan.asked_next, service])
    _note("referral.planned", referral.id, by, at)


def take_off(referral_id: uuid.UUID, service: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Ask a service no more after the others. Refused, NoSuchReferral."""
    with row_security.looking(by):
        plan = _plan_of(_own(referral_id, by), by)
        _keep(plan, by, asked_next=[each for each in plan.asked_next if each != service])
        _note("referral.planned", referral_id, by, at)


def say_whom(
    referral_id: uuid.UUID,
    case_id: uuid.UUID,
    number: int | None,
    *,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> None:
    """Say for which case of the agency an open referral is, and for which of the people whom it wrote down there, by
    number: a service learns nothing by that. Refused, NoSuchReferral."""
    with row_security.looking(by):
        plan = _plan_of(_own(referral_id, by), by)
        if not Case.objects.filter(id=case_id).exists():
            raise Refused(gettext("We can’t find a case with this reference."))
        row_security.act_on(case_id)
        person_id = people.of_number(case_id, by.agency_id, number) if number else None
        if number and person_id is None:
            raise Refused(gettext("No person your agency added to the case has this number. Check the case’s page."))
        _keep(plan, by, case_id=case_id, person_id=person_id)
        deed = record.Deed("referral.of_case", by.agency_id, referral_id, by.user_id, case_id)
        record.record(deed, at=at)


def follow_up(
    referral_id: uuid.UUID, when: datetime.datetime | None, *, by: viewers.Viewer, at: datetime.datetime
) -> None:
    """Note when the person wants to be asked how it went, only if they said so; None: it is done, or they want it no
    more. A referral that is closed keeps it. Refused, NoSuchReferral."""
    if when is not None and not at < when <= at + models.LAST_FOLLOW_UP:
        raise Refused(gettext("Choose a day after today, within a year."))
    with row_security.looking(by):
        row = models.Referral.objects.filter(id=referral_id, agency=by.agency_id).first()
        if row is None:
            raise NoSuchReferral
        _keep(_plan_of(row, by), by, follow_up_at=when)
        _note("referral.follow_up", referral_id, by, at, what="noted" if when else "done")


def _plan_of(referral: models.Referral, by: viewers.Viewer) -> models.Plan:
    """Lock what an agency keeps of its referral, and act on the case that it is for."""
    plan = models.Plan.objects.select_for_update().get(referral=referral, agency=by.agency_id)
    if plan.case_id:
        row_security.act_on(plan.case_id)
    return plan


def _keep(plan: models.Plan, by: viewers.Viewer, **values: object) -> None:
    """Keep some columns of a plan, in the name of whoever changes them."""
    plan.by_id = by.user_id or plan.by_id  # a token plans nothing
    for name, value in values.items():
        setattr(plan, name, value)
    plan.save(update_fields=["by_id", *values])


def _free_slot(room_id: uuid.UUID, free: int) -> int:
    """Return the first bed that nobody asked for. Two who ask at the same instant choose the same one: one of them
    gets it."""
    taken = set(
        models.Ask.objects.filter(room=room_id, state__in=[State.ASKED, State.ACCEPTED]).values_list("slot", flat=True)
    )
    return next((slot for slot in range(1, free + 1) if slot not in taken), free + 1)


def answer(ask_id: uuid.UUID, state: str, *, reason: str = "", by: viewers.Viewer, at: datetime.datetime) -> None:
    """Say whether a service takes somebody: as somebody who works there; where nobody there signs in, as whoever called
    it. Refused, NoSuchReferral."""
    if state not in (State.ACCEPTED, State.DECLINED, State.WAITLISTED):
        raise Refused(gettext("Choose an answer."))
    if (state == State.DECLINED) != (reason in models.Reason.values):
        raise Refused(gettext("Choose why not."))
    try:
        with row_security.looking(by):
            row = _locked(ask_id)
            if (row.provider_id or row.agency_id) != by.agency_id:
                raise Refused(gettext("Only people who work there can answer."))
            takes_back = state == State.DECLINED and row.may_be_taken_back
            if not takes_back and (row.state not in (State.ASKED, State.WAITLISTED) or state == row.state):
                raise Refused(
                    gettext("This was already answered, or has ended. Reload the page to see where it stands.")
                )
            if row.state == State.ASKED and at > row.until:
                raise Refused(
                    gettext("The time to answer has passed. If they haven’t called you, call the agency that asked.")
                )
            _move(row, state, by, at, reason=reason)
            _note("referral.answered", row.referral_id, by, at, answer=state)
    except IntegrityError as error:
        raise Refused(_why_not(error, is_answer=True)) from None


def withdraw(ask_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Take back what a service was asked. Refused, NoSuchReferral."""
    with row_security.looking(by):
        row = _locked(ask_id)
        if row.agency_id != by.agency_id:
            raise NoSuchReferral
        if row.state not in _OPEN or row.came:
            raise Refused(gettext("This was already answered, or has ended. Reload the page to see where it stands."))
        _move(row, State.WITHDRAWN, by, at)
        _note("referral.withdrawn", row.referral_id, by, at)


def note_came(ask_id: uuid.UUID, what: str, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Say whether somebody came whom a service took. Refused, NoSuchReferral."""
    if what not in models.Came.values:
        raise Refused(gettext("Choose an answer."))
    with row_security.looking(by):
        row = _locked(ask_id)
        if row.state != State.ACCEPTED or (row.provider_id or row.agency_id) != by.agency_id:
            raise Refused(gettext("Only people who work there can say whether somebody came."))
        row.came = what
        row.save(update_fields=["came"])
        _note("referral.came", row.referral_id, by, at, what=what)


def close(referral_id: uuid.UUID, outcome: str, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Close a referral with what became of it. Refused, NoSuchReferral."""
    if outcome not in models.Outcome.values:
        raise Refused(gettext("Choose how it ended."))
    with row_security.looking(by):
        row = _own(referral_id, by)
        if row.asks.filter(state__in=[State.ASKED, State.WAITLISTED]).exists():
            raise Refused(gettext("A service is still asked, or has them on its waiting list. Withdraw that first."))
        row.closed_at, row.closed_by_id, row.outcome = at, by.user_id, outcome
        row.save(update_fields=["closed_at", "closed_by", "outcome"])
        _note("referral.closed", row.id, by, at, outcome=outcome)


def lapse(*, at: datetime.datetime) -> int:
    """End every ask whose time is over, by the database's clock, without an answer, so that its bed is free for
    others; and those of a service for which somebody else answers now. Return how many."""
    with row_security.system():
        rows = models.Ask.objects.select_for_update(of=("self",), skip_locked=True).order_by("id")
        ids = set(rows.filter(state=State.ASKED, until__lt=Now()).values_list("id", flat=True))
        waits = rows.filter(state__in=[State.ASKED, State.WAITLISTED])
        asks = list(waits.values_list("id", "service", "provider"))
        answering = room.answering({service for _id, service, _provider in asks})
        ids |= {row_id for row_id, service, was in asks if answering.get(service) != was}
        ended = models.Ask.objects.filter(id__in=ids)
        return ended.update(state=State.LAPSED, answered_at=at, answered_by=None, room=None, slot=None)


def _own(referral_id: uuid.UUID, by: viewers.Viewer) -> models.Referral:
    rows = models.Referral.objects.select_for_update()
    row = rows.filter(id=referral_id, agency=by.agency_id).first()
    if row is None:
        raise NoSuchReferral
    if row.closed_at is not None:
        raise Refused(gettext("This referral is closed. Begin another one."))
    return row


def _locked(ask_id: uuid.UUID) -> models.Ask:
    row = models.Ask.objects.select_for_update().filter(id=ask_id).first()
    if row is None:
        raise NoSuchReferral
    return row


def _move(row: models.Ask, state: str, by: viewers.Viewer, at: datetime.datetime, *, reason: str = "") -> None:
    row.state, row.answered_at, row.answered_by_id, row.reason = state, at, by.user_id, reason
    if state != State.ACCEPTED:
        row.room, row.slot = None, None  # others may ask for it
    row.save(update_fields=["state", "answered_at", "answered_by", "reason", "room", "slot"])


def _note(verb: str, referral_id: uuid.UUID, by: viewers.Viewer, at: datetime.datetime, **details: str) -> None:
    record.record(record.Deed(verb, by.agency_id, referral_id, by.user_id, details=dict(details)), at=at)


def _why_not(error: IntegrityError, *, is_answer: bool = False) -> str:
    """Say what a constraint refused, to whoever asks, or to whoever answers."""
    guard = writing.constraint_of(error)
    if is_answer and guard in ("one_service_is_asked_at_a_time", "an_ask_moves_as_whoever_answers_says"):
        return gettext("It can’t be accepted here now. Call the agency that asked before you say yes.")
    match guard:
        case "a_bed_is_asked_for_once" | "a_bed_is_one_of_those_there_are":
            return gettext(
                "No bed is left that nobody else is asking for. Ask again without holding a bed, or ask another "
                "service."
            )
        case "one_service_is_asked_at_a_time":
            return gettext("Another service is asked already, or takes them. Withdraw that first.")
        case "an_ask_is_of_a_vetted_service":
            return gettext("No agency vouches for this service now. Choose another one.")
        case "an_ask_names_who_signs_in_for_the_service":
            return gettext("Who answers for this service has just changed. Try again.")
    raise error
