"""Noting a person's benefits letters, and what follows from them: that somebody sees to the next one in time, and what
a law asks of the office that gives them.

The promise: an agency is told before a letter runs out and no lasting one came; a deadline that binds the office that
decides is owed by that office alone, and only where it noted the letter itself. No letter is made here, and nothing
else looks at whether somebody has one.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterator, Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import Agency, new_id
from nowrongdoor.audit import record
from nowrongdoor.benefits import models
from nowrongdoor.benefits.models import BenefitsLetter, State
from nowrongdoor.cases.models import Case
from nowrongdoor.cases.person_models import Person
from nowrongdoor.core import benefits, deadlines, holidays, instants, places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import rules
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import kinds
from nowrongdoor.duties import queries as duty_queries
from nowrongdoor.mandates import queries as tables
from nowrongdoor.vault import keys

NUMBER_LIMIT = 60
THING = kinds.BENEFITS_LETTER
SOON, SOON_AGAIN = (
    "letter-ends",
    "letter-ends-again",
)  # the deadlines of a letter's end, and of the end it was extended to


class Refused(ValueError):
    """It can't be noted like that; the message says what to do. `field`: what to change on the form."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class NoSuchLetter(LookupError):
    """There is no such person or letter that the viewer may note something of: the answer is the same."""


def request(
    person_id: uuid.UUID, kind: str, *, on: datetime.date, by: viewers.Viewer, at: datetime.datetime
) -> uuid.UUID:
    """Note that a letter was requested for a person. NoSuchLetter, Refused."""
    assert by.user_id is not None  # a token has no page
    with row_security.looking(by):
        person, agency = _own(person_id, by)
        _kind(kind)
        _check_day(on, "on", _today(agency, at))
        waiting = BenefitsLetter.objects.filter(person=person, kind=kind, state=State.REQUESTED, struck_at=None)
        if waiting.exists():
            raise Refused(_("This letter was requested already. Record below what became of it."), "kind")
        row = BenefitsLetter.objects.create(
            id=new_id(),
            person=person,
            case_id=person.case_id,
            owner_id=by.agency_id,
            kind=kind,
            state=State.REQUESTED,
            requested_on=on,
            at=at,
            by_id=by.user_id,
        )
        _record(row, by, at)
    return row.id


def receive_unasked(
    person_id: uuid.UUID,
    kind: str,
    *,
    on: datetime.date,
    number: str,
    last_on: datetime.date | None,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> uuid.UUID:
    """Note a letter that came without anybody here asking for it. NoSuchLetter, Refused."""
    assert by.user_id is not None  # a token has no page
    with row_security.looking(by):
        person, agency = _own(person_id, by)
        row = BenefitsLetter(
            id=new_id(),
            person=person,
            case_id=person.case_id,
            owner_id=by.agency_id,
            kind=_kind(kind).code,
            at=at,
            by_id=by.user_id,
        )
        _came(row, agency, on, number, last_on, by, at)
        row.save(force_insert=True)
        _follow(row, agency, at)
        _record(row, by, at)
    return row.id


def receive(
    letter_id: uuid.UUID,
    *,
    on: datetime.date,
    number: str,
    last_on: datetime.date | None,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> None:
    """Note that a letter came that was requested: its number, and its last day as the letter names it. NoSuchLetter,
    Refused."""
    with row_security.looking(by):
        row, agency = _locked(letter_id, by)
        _check_waits(row)
        _came(row, agency, on, number, last_on, by, at)
        row.save(update_fields=["state", "received_on", "expires_on", "number", "answered_at", "answered_by"])
        _follow(row, agency, at)
        _record(row, by, at)


def end(letter_id: uuid.UUID, state: State, *, on: datetime.date, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Note that a letter was refused, or that its request was withdrawn. NoSuchLetter, Refused."""
    if state not in (State.REFUSED, State.WITHDRAWN):
        raise Refused(_("Choose what became of it."), "state")
    with row_security.looking(by):
        row, agency = _locked(letter_id, by)
        _check_waits(row)
        _check_day(on, "on", _today(agency, at), row.requested_on)
        row.state, row.ended_on, row.answered_at, row.answered_by_id = state, on, at, by.user_id
        row.save(update_fields=["state", "ended_on", "answered_at", "answered_by"])
        if state is State.REFUSED:  # what binds the office that decides begins with every decision
            duties.owe(*_of_law(row, _kind(row.kind), agency), at=at)
        _record(row, by, at)


def extend(letter_id: uuid.UUID, *, last_on: datetime.date, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Note that a letter was extended, once, and its new last day. NoSuchLetter, Refused."""
    with row_security.looking(by):
        row, agency = _locked(letter_id, by)
        known = benefits.installed().letter(row.kind)
        if row.state != State.RECEIVED or row.expires_on is None or known is None or not known.more_days:
            raise Refused(_("Only a letter with a last day can be extended."))
        if row.extended_to is not None:
            raise Refused(_("This letter was extended already."))
        latest = row.expires_on + datetime.timedelta(days=known.more_days)
        if not row.expires_on < last_on <= latest:
            raise Refused(
                _("Enter a day after the last day so far, and at most {days} days later.").format(days=known.more_days),
                "last_on",
            )
        row.extended_to, row.extended_at, row.extended_by_id = last_on, at, by.user_id
        row.save(update_fields=["extended_to", "extended_at", "extended_by"])
        _remind(row.person, agency, at)
        _move_end(row, known, agency, at)
        _record(row, by, at)


def strike(letter_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Strike what was noted by mistake: it stays, with who struck it, and nothing follows from it any more.
    NoSuchLetter, Refused."""
    with row_security.looking(by):
        row, agency = _locked(letter_id, by)
        row.struck_at, row.struck_by_id = at, by.user_id
        row.save(update_fields=["struck_at", "struck_by"])
        duties.withdraw_about(THING, row.id, at=at)
        _remind(row.person, agency, at)
        _record(row, by, at)


def _own(person_id: uuid.UUID, by: viewers.Viewer) -> tuple[Person, Agency]:
    """Find a person whom the viewer's agency added, and lock their case: one of them is noted at a time."""
    person = Person.objects.filter(id=person_id, owner_id=by.agency_id).first()
    if person is None:
        raise NoSuchLetter
    row_security.act_on(person.case_id)
    Case.objects.select_for_update().get(id=person.case_id)
    return person, Agency.objects.get(id=by.agency_id)


def _locked(letter_id: uuid.UUID, by: viewers.Viewer) -> tuple[BenefitsLetter, Agency]:
    row = BenefitsLetter.objects.filter(id=letter_id, owner_id=by.agency_id).first()
    if row is None:
        raise NoSuchLetter
    _person, agency = _own(row.person_id, by)
    row = BenefitsLetter.objects.select_for_update(of=("self",)).select_related("person").get(id=letter_id)
    if row.struck_at is not None:
        raise Refused(_("This was marked as a mistake. Add it again if it’s right after all."))
    return row, agency


def _kind(code: str) -> benefits.Letter:
    known = benefits.installed().letter(code)
    if known is None:
        raise Refused(_("Choose which letter."), "kind")
    return known


def _check_waits(row: BenefitsLetter) -> None:
    if row.state != State.REQUESTED:
        raise Refused(_("What became of this letter is on record already. Reload the page to see it."))


def _check_day(on: datetime.date, field: str, today: datetime.date, requested_on: datetime.date | None = None) -> None:
    if on > today:
        raise Refused(_("Choose a day that isn’t in the future."), field)
    if on < instants.EARLIEST.date():
        raise Refused(_("Enter the year with four digits, like 2026."), field)
    if requested_on is not None and on < requested_on:
        raise Refused(_("This day comes before the letter was requested. Check both."), field)


def _came(
    row: BenefitsLetter,
    agency: Agency,
    on: datetime.date,
    number: str,
    last_on: datetime.date | None,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> None:
    known = _kind(row.kind)
    _check_day(on, "on", _today(agency, at), row.requested_on)
    if len(number) > NUMBER_LIMIT or "\x00" in number:
        raise Refused(_("Keep the number under {limit} characters.").format(limit=NUMBER_LIMIT), "number")
    if known.ends:
        latest = on + datetime.timedelta(days=known.days)
        if last_on is None or not on <= last_on <= latest:
            raise Refused(
                _("Enter the last day that the letter names: {days} days after it came at most.").format(
                    days=known.days
                ),
                "last_on",
            )
    elif last_on is not None:
        raise Refused(_("This kind of letter names no last day. Leave it blank."), "last_on")
    row.state, row.received_on, row.expires_on = State.RECEIVED, on, last_on
    row.answered_at, row.answered_by_id = at, by.user_id
    try:
        row.number = keys.of(row.case_id).seal(number.strip(), row.place())
    except keys.Erased as error:
        raise Refused(str(error)) from None


def _follow(row: BenefitsLetter, agency: Agency, at: datetime.datetime) -> None:
    """Start what follows from a letter that came."""
    _remind(row.person, agency, at)
    duties.owe(*_of_law(row, _kind(row.kind), agency), at=at)


def _remind(person: Person, agency: Agency, at: datetime.datetime) -> None:
    """Owe that somebody sees to each letter of a person that ends, while no lasting one came; and nothing else."""
    known = benefits.installed()
    rows = BenefitsLetter.objects.filter(person=person, owner=agency, state=State.RECEIVED, struck_at=None)
    letters = list(rows.order_by("at", "id"))
    lasting = {row.kind for row in letters}
    standing = duty_queries.clocks_about(THING, [row.id for row in letters])
    owed = []
    for row in letters:
        kind = known.letter(row.kind)
        clock = SOON_AGAIN if row.extended_to else SOON
        is_to_come = row.last_on is not None and row.last_on >= _today(agency, at)
        wanted = clock if kind and kind.before and kind.before not in lasting and is_to_come else ""
        if over := {SOON, SOON_AGAIN} - {wanted}:
            duties.withdraw_about(THING, row.id, clocks=over, at=at)
        if wanted and wanted not in standing[row.id]:
            owed.append(_reminder(row, person, wanted, agency, at))
    if owed:
        duties.owe(*owed, at=at)


def _reminder(row: BenefitsLetter, person: Person, clock: str, agency: Agency, at: datetime.datetime) -> duties.Owing:
    known = benefits.installed()
    assert known.reminder  # a file that names a letter that ends, has it
    assert row.last_on  # only a letter that ends is reminded of
    return duties.Owing(
        kind=kinds.Kind.DEADLINE,
        case_id=row.case_id,
        agency_id=agency.id,
        desk=agency.code,
        why=f"Person {person.number}: {known.reminder.words}",
        citation="",
        evidence="",
        basis=rules.Evidence.POLICY.value,
        due_at=deadlines.end_of(known.remind_on(row.last_on, _today(agency, at)), places.zone(agency.place)),
        source=kinds.Source.PERSON,
        thing=THING,
        thing_id=row.id,
        clock=clock,
    )


def _of_law(row: BenefitsLetter, kind: benefits.Letter, agency: Agency) -> Iterator[duties.Owing]:
    """Tell what a law asks of the office that gave a letter: nothing of any other agency."""
    decided_on = row.received_on or row.ended_on
    assert decided_on  # it came, or was refused
    zone = places.zone(agency.place)
    given = datetime.datetime.combine(decided_on, datetime.time.min, zone)  # noting late makes no more time
    for clock in _binding(kind.clocks, agency):
        until = deadlines.after(
            clock.limit, given, basis=clock.basis, zone=zone, calendar=holidays.installed(agency.place)
        )
        yield _owed(row, clock, agency, given, until)
    for clock in _binding(kind.until_end, agency) if row.received_on else ():
        assert row.last_on  # whose file names such a deadline, ends
        yield _owed(row, clock, agency, given, deadlines.Deadline(deadlines.end_of(row.last_on, zone), clock.basis))


def _move_end(row: BenefitsLetter, kind: benefits.Letter, agency: Agency, at: datetime.datetime) -> None:
    """Let what is over with a letter's last day be over with its new one."""
    clocks = list(_binding(kind.until_end, agency))
    if not clocks:
        return
    duties.withdraw_about(THING, row.id, clocks=[clock.id for clock in clocks], at=at)
    met = duty_queries.clocks_about(THING, [row.id])[row.id]
    left = [each for each in _of_law(row, kind, agency) if each.clock in kind.until_end and each.clock not in met]
    if left:
        duties.owe(*left, at=at)


def _binding(codes: Sequence[str], agency: Agency) -> Iterator[rules.Clock]:
    """Find those deadlines of the mandate table that bind an agency by its own desk."""
    known = tables.shown().clocks_by_id
    for code in codes:
        clock = known.get(code)
        if clock is not None and clock.holder == agency.desk:
            yield clock


def _owed(
    row: BenefitsLetter, clock: rules.Clock, agency: Agency, given: datetime.datetime, until: deadlines.Deadline
) -> duties.Owing:
    return duties.Owing(
        kind=kinds.Kind.DEADLINE,
        case_id=row.case_id,
        agency_id=agency.id,
        desk=clock.holder,
        why=f"Person {row.person.number}: {clock.duty}",
        limit=clock.limit.words,
        citation=clock.law.citation,
        evidence=clock.law.evidence_words,
        basis=until.basis.value,
        since=given,
        due_at=until.due_at,
        source=kinds.Source.PERSON,
        thing=THING,
        thing_id=row.id,
        clock=clock.id,
    )


def today(viewer: viewers.Viewer, *, at: datetime.datetime) -> datetime.date:
    """Return which day it is at the viewer's agency."""
    return _today(Agency.objects.get(id=viewer.agency_id), at)


def _today(agency: Agency, at: datetime.datetime) -> datetime.date:
    return at.astimezone(places.zone(agency.place)).date()


def _record(row: models.BenefitsLetter, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Note that something was noted: what, the trail doesn't say, because people read it who see no letter."""
    record.record(record.Deed("person.noted", by.agency_id, row.person_id, by.user_id, row.case_id), at=at)
