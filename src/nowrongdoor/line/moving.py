"""What happens to a contact: somebody answers it, asks a colleague to take it over, ends it; another group is asked;
its wait is over.

The promise: each is one transaction that finds the contact as it was, or refuses. Contacts of one agency are decided on
one after another (`alone`), so that two never go to the same free person.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import OuterRef, Subquery

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core import line, line_plan
from nowrongdoor.core.language import gettext
from nowrongdoor.line import models, plan, waking
from nowrongdoor.line.models import State
from nowrongdoor.work import queue

LOST = datetime.timedelta(seconds=90)  # since a page was last heard of: whoever it was of gets no more contacts
GONE = datetime.timedelta(minutes=5)  # and then loses what they have
SILENT = datetime.timedelta(minutes=10)  # that whoever wrote waits for a word, before it rings for somebody else
LONGEST_CALL = datetime.timedelta(hours=12)  # then nobody is talking any more, whatever the provider did not tell


class NoSuchContact(LookupError):
    """There is no such contact, or it is another agency's: the answer is the same."""


def alone(agency_id: uuid.UUID) -> None:
    """Wait for whoever moves contacts of the same agency now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"nowrongdoor line {agency_id}"])


def decide(agency_id: uuid.UUID, *, at: datetime.datetime) -> Sequence[line.Move]:
    """Do what has to happen at this instant, in the caller's transaction of the system: who answers what, who is asked
    next, whose wait is over. Another instant does the rest."""
    alone(agency_id)
    return decided(agency_id, at=at)


def decided(agency_id: uuid.UUID, *, at: datetime.datetime) -> Sequence[line.Move]:
    """Do what `decide` does, for a caller who is `alone` already."""
    groups = plan.installed().groups
    # Locked, so that a contact that somebody takes at the same instant is theirs, and is not decided on again.
    waiting_rows = models.Contact.objects.select_for_update().filter(agency=agency_id, state=State.RINGING)
    rows = {row.id: row for row in waiting_rows.order_by("id")}
    if not rows:
        return []
    queues = _queues(groups, rows.values())
    people = free(agency_id, at=at)
    moves: list[line.Move] = []
    for trains in (False, True):  # who is learning gets practice, and nobody who calls gets somebody who is learning
        waiting = [ringing(row) for row in rows.values() if (row.use == models.Use.TRAINEE) is trains]
        moves += line.decide(waiting, people[trains], queues, now=at)
    for move in moves:
        row = rows[uuid.UUID(move.contact)]
        if move.verb is line.Verb.ANSWER:
            row.group = move.group
            answered_by(row, uuid.UUID(move.to), at=at)
            _note("contact.answered", row, at, needs_interpreter=int(move.needs_interpreter))
        elif move.verb is line.Verb.OVERFLOW:
            row.group, row.asked_at = move.to, at
            row.save(update_fields=["group", "asked_at"])
            _note("contact.overflowed", row, at, group=move.to)
        else:
            listed(row, groups.get(row.group), at=at)
            _note("contact.listed", row, at)
    return moves


def _queues(groups: Mapping[str, line_plan.Group], rows: Iterable[models.Contact]) -> dict[str, line.Group]:
    """Groups as contacts wait in them. One that is no longer in the file still ends each wait in it."""
    queues = {code: group.queue for code, group in groups.items()}
    for row in rows:
        queues.setdefault(row.group, line.Group(row.group, models.LONGEST_WAIT))
    return queues


def ringing(row: models.Contact) -> line.Ringing:
    """Return a contact that waits, as it is decided on: by its language, whichever country's it is."""
    assert row.asked_at is not None  # a_contact_has_exactly_one_holder
    assert row.ends_at is not None
    return line.Ringing(
        str(row.id),
        line.Medium(row.medium),
        row.group,
        row.since,
        row.asked_at,
        row.ends_at,
        row.language.partition("-")[0],
        row.skill,
        row.is_danger,
        _asked_before(row),
    )


def _asked_before(row: models.Contact) -> frozenset[str]:
    """The groups that were asked before the one that is asked now: from the line's own along what the plan says, which
    may lead back to where it began."""
    installed = plan.installed()
    of_line = installed.lines.get(row.line)
    if of_line is None or row.asked_at == row.since:
        return frozenset()
    asked: list[str] = []
    code = of_line.group
    while code not in asked and (group := installed.groups.get(code)) and group.queue.overflow:
        asked.append(code)
        code = group.queue.overflow.to
        if code == row.group:
            return frozenset(asked) - {row.group}
    return frozenset()  # the plan was changed meanwhile


def free(agency_id: uuid.UUID, *, at: datetime.datetime) -> Mapping[bool, Sequence[line.Free]]:
    """List who of an agency takes contacts now, with the room that they have left; apart (True) who is learning."""
    # Locked, so that whoever pauses or ends their shift at this instant is asked before or not at all.
    rows = models.Seat.objects.select_for_update().filter(
        agency=agency_id, ended_at=None, ready_since__isnull=False, seen_at__gt=at - LOST
    )
    seats = list(rows.order_by("ready_since", "id"))
    people: dict[bool, list[line.Free]] = {False: [], True: []}
    if not seats:
        return people
    held: dict[uuid.UUID, list[str]] = {}
    having = models.Contact.objects.filter(agency=agency_id, state=State.ANSWERED).exclude(medium=models.Medium.MAIL)
    for person_id, medium in having.values_list("person", "medium"):
        held.setdefault(person_id, []).append(medium)
    for seat in seats:
        having_now = held.get(seat.person_id, [])
        if models.Medium.VOICE in having_now:
            continue
        left = seat.texts - len(having_now)
        room = dict.fromkeys((line.Medium.TEXT, line.Medium.CHAT), left) if left > 0 else {}
        if not having_now and seat.takes(line.Medium.VOICE):
            room[line.Medium.VOICE] = 1
        assert seat.ready_since is not None
        people[seat.is_trainee].append(
            line.Free(
                str(seat.person_id),
                frozenset(seat.groups),
                frozenset(each.partition("-")[0] for each in seat.languages),
                seat.ready_since,
                room,
                frozenset(seat.skills),
            )
        )
    return people


def answered_by(row: models.Contact, person_id: uuid.UUID, *, at: datetime.datetime) -> None:
    """Let somebody have a contact, in the caller's transaction."""
    row.state, row.person_id, row.asked_id = State.ANSWERED, person_id, None
    row.since, row.asked_at, row.ends_at, row.due_at = at, None, None, None
    row.answered_at = row.answered_at or at
    row.save(
        update_fields=["state", "group", "person", "asked", "since", "asked_at", "ends_at", "due_at", "answered_at"]
    )
    waking.wake(row)


def listed(row: models.Contact, group: line_plan.Group | None, *, at: datetime.datetime) -> None:
    """Put a contact on its group's list, in the caller's transaction. What was there before is due when it was due, or
    in a minute."""
    within = group.answers_within if group else datetime.timedelta(hours=1)
    row.state, row.person_id, row.asked_id = State.VOICEMAIL, None, None
    row.since, row.asked_at, row.ends_at, row.over_at = at, None, None, None
    row.due_at = max(row.rang_at + within, at + datetime.timedelta(minutes=1))
    row.due_at = min(row.due_at, at + models.LONGEST_LIST)
    row.save(update_fields=["state", "person", "asked", "since", "asked_at", "ends_at", "due_at", "over_at"])
    waking.wake(row)


def rung(row: models.Contact, group: line_plan.Group | None, *, at: datetime.datetime) -> None:
    """Let a contact ring, in the caller's transaction."""
    row.state, row.person_id, row.asked_id = State.RINGING, None, None
    row.since = row.asked_at = at
    row.ends_at, row.due_at = at + (group.queue.longest if group else models.LONGEST_WAIT), None
    row.save(update_fields=["state", "person", "asked", "since", "asked_at", "ends_at", "due_at"])
    waking.wake(row)


def over(row: models.Contact, state: State, *, at: datetime.datetime) -> None:
    """End a contact, in the caller's transaction; how to answer it ends too."""
    row.state, row.person_id, row.asked_id, row.reach = state, None, None, b""
    row.asked_at = row.ends_at = row.due_at = None
    row.over_at = at
    row.save(update_fields=["state", "person", "asked", "reach", "asked_at", "ends_at", "due_at", "over_at"])
    waking.wake(row)


def answer(contact_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Contact:
    """Take a contact that waits, or is on a list. NoSuchContact, line.Refused."""
    with row_security.looking(by):
        row = locked(contact_id, by)
        _may(row, line.Verb.ANSWER)
        _can_talk(row, seat_of(by))
        assert by.user_id is not None
        answered_by(row, by.user_id, at=at)
        _note("contact.answered", row, at, by)
    return row


def ask(contact_id: uuid.UUID, person_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Ask a colleague on shift to take a contact over; it stays where it is until they say yes. NoSuchContact,
    line.Refused."""
    with row_security.looking(by):
        row = locked(contact_id, by)
        _may(row, line.Verb.HAND_ON)
        if row.person_id == person_id:
            raise line.Refused(gettext("They have this contact already."))
        if by.user_id != row.person_id and by.role is not viewers.Role.COORDINATOR:
            raise line.Refused(gettext("Somebody else has this contact. Ask them, or a coordinator."))
        if not models.Seat.objects.filter(agency=by.agency_id, person=person_id, ended_at=None).exists():
            raise line.Refused(gettext("They are not on shift. Choose somebody who is."))
        row.asked_id = person_id
        row.save(update_fields=["asked"])
        _note("contact.asked", row, at, by, person=str(person_id))


def take_over(contact_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Take over a contact from a colleague who asked, or as a coordinator. NoSuchContact, line.Refused."""
    with row_security.looking(by):
        row = locked(contact_id, by)
        _may(row, line.Verb.HAND_ON)
        was_asked = row.asked_id == by.user_id
        if row.person_id == by.user_id:
            raise line.Refused(gettext("You have this contact already."))
        if not was_asked and by.role is not viewers.Role.COORDINATOR:
            raise line.Refused(gettext("Nobody asked you to take this contact over. A coordinator may."))
        _can_talk(row, seat_of(by))
        assert by.user_id is not None
        answered_by(row, by.user_id, at=at)
        if _is_on_the_telephone(row):
            queue.defer(queue.TURN_ON_LINE, contact_id=str(row.id))
        _note("contact.handed_on" if was_asked else "contact.taken_over", row, at, by)
    _next(by, at)


def decline(contact_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Say no to a colleague who asked: they keep the contact. NoSuchContact."""
    with row_security.looking(by):
        row = locked(contact_id, by)
        if row.asked_id == by.user_id or row.person_id == by.user_id:
            row.asked_id = None
            row.save(update_fields=["asked"])
            _note("contact.declined", row, at, by)


def to_list(contact_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Put a contact that one has on its group's list, with a deadline. NoSuchContact, line.Refused."""
    with row_security.looking(by):
        row = own(contact_id, by)
        listed(row, plan.installed().groups.get(row.group), at=at)
        _note("contact.listed", row, at, by)
    _next(by, at)


def end(contact_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """End a contact that one has. NoSuchContact, line.Refused."""
    with row_security.looking(by):
        row = own(contact_id, by)
        if row.messages.filter(outcome=models.ContactMessage.Outcome.WAITING).exists():
            raise line.Refused(gettext("Your last message is still being sent. Try again in a moment."))
        over(row, State.ENDED, at=at)
        _note("contact.ended", row, at, by)
    _next(by, at)


def in_danger(contact_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Say that whoever is in contact is in danger: it is answered before all others. NoSuchContact, line.Refused."""
    with row_security.looking(by):
        row = locked(contact_id, by)
        if row.over_at:
            raise line.Refused(gettext("This contact is over. Look at it again."))
        row.is_danger = True
        row.save(update_fields=["is_danger"])
        _note("contact.in_danger", row, at, by)


def became(contact_id: uuid.UUID, signal_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Note which signal a contact became, as somebody who had it; the same again changes nothing. NoSuchContact,
    line.Refused."""
    with row_security.looking(by):
        row = locked(contact_id, by)
        if row.signal_id == signal_id:
            return
        if row.signal_id or row.use != models.Use.LIVE:
            raise line.Refused(gettext("This contact became a signal already, or is a test or practice."))
        if not row.legs.filter(kind=models.Leg.Kind.HELD, person=by.user_id).exists():
            raise line.Refused(gettext("Whoever had this contact writes it down. Take it over first."))
        row.signal_id = signal_id
        row.save(update_fields=["signal"])
        _note("contact.became", row, at, by)


@row_security.system()
def give_back(agency_id: uuid.UUID, *, at: datetime.datetime) -> None:
    """Let contacts ring again whose person is gone: their page was not heard of for long, or whoever wrote to them
    waits for a word. A call in which somebody may still be talking stays, until they hang up; then it goes on the list,
    to be written down."""
    alone(agency_id)
    for seat in models.Seat.objects.filter(agency=agency_id, ended_at=None, seen_at__lte=at - GONE):
        _leave(seat, at)
    for row in _silent(agency_id, at):
        models.Seat.objects.filter(person=row.person_id, ended_at=None).update(ready_since=None)
        rung(row, plan.installed().groups.get(row.group), at=at)
        _note("contact.returned", row, at)
    decided(agency_id, at=at)


def _leave(seat: models.Seat, at: datetime.datetime) -> None:
    """Take what somebody has who is gone, and end their shift once they have nothing."""
    having = models.Contact.objects.select_for_update().filter(agency=seat.agency_id, state=State.ANSWERED)
    is_talking = False
    for row in having.filter(person=seat.person_id).order_by("id"):
        if row.medium == models.Medium.VOICE and row.left_at is None and row.since > at - LONGEST_CALL:
            is_talking = True
            continue
        group = plan.installed().groups.get(row.group)
        if row.medium in (models.Medium.VOICE, models.Medium.MAIL):
            listed(row, group, at=at)
        else:
            rung(row, group, at=at)
        _note("contact.returned", row, at)
    if not is_talking:
        seat.ready_since, seat.ended_at = None, at
        seat.save(update_fields=["ready_since", "ended_at"])
        record.record(record.Deed("shift.lost", seat.agency_id, seat.id, None), at=at)


def _silent(agency_id: uuid.UUID, at: datetime.datetime) -> Sequence[models.Contact]:
    """List contacts in which somebody who is there wrote, and got no word for long."""
    theirs = models.ContactMessage.Way.IN
    both = models.ContactMessage.objects.filter(
        contact=OuterRef("pk"), way__in=(theirs, models.ContactMessage.Way.OUT)
    ).order_by("-at", "-id")
    rows = models.Contact.objects.select_for_update(of=("self",)).filter(
        agency=agency_id,
        state=State.ANSWERED,
        medium__in=(models.Medium.TEXT, models.Medium.CHAT),
        left_at=None,
        since__lte=at - SILENT,
    )
    with_last = rows.annotate(last=Subquery(both.values("way")[:1]), last_at=Subquery(both.values("at")[:1]))
    return list(with_last.filter(last=theirs, last_at__lte=at - SILENT).order_by("id"))


def own(contact_id: uuid.UUID, by: viewers.Viewer) -> models.Contact:
    """Return a contact that the viewer has, locked, in their transaction. NoSuchContact, line.Refused."""
    row = locked(contact_id, by)
    if row.over_at:
        raise line.Refused(gettext("This contact is over. Look at it again."))
    if row.person_id != by.user_id:
        raise line.Refused(gettext("Somebody else has this contact. Take it over first."))
    return row


def seat_of(by: viewers.Viewer) -> models.Seat:
    """Return the viewer's shift. line.Refused where they are on none."""
    seat = models.Seat.objects.filter(person=by.user_id, agency=by.agency_id, ended_at=None).first()
    if seat is None:
        raise line.Refused(gettext("You are not on shift. Begin your shift first."))
    return seat


def _is_on_the_telephone(row: models.Contact) -> bool:
    return row.medium == models.Medium.VOICE and row.left_at is None and bool(row.reach)


def _can_talk(row: models.Contact, seat: models.Seat) -> None:
    """Refuse what somebody could not do: talk without a telephone, or with two at once; nor is a live contact for
    whoever is learning."""
    if seat.is_trainee and row.use != models.Use.TRAINEE:
        raise line.Refused(gettext("You’re on a practice shift, and this contact is live. Ask a colleague to take it."))
    if not _is_on_the_telephone(row):
        return
    if not seat.telephone:
        raise line.Refused(
            gettext("You have no telephone on this shift. End it, and begin again with the number at your desk.")
        )
    talking = models.Contact.objects.filter(person=seat.person_id, state=State.ANSWERED, medium=models.Medium.VOICE)
    if talking.filter(left_at=None).exclude(id=row.id).exists():
        raise line.Refused(gettext("You’re on the phone with somebody else."))


def _next(by: viewers.Viewer, at: datetime.datetime) -> None:
    """Somebody has room again: they get what waits."""
    with row_security.system():
        decide(by.agency_id, at=at)


def locked(contact_id: uuid.UUID, by: viewers.Viewer) -> models.Contact:
    """Return a contact of the viewer's agency, locked, in their transaction. NoSuchContact."""
    row = models.Contact.objects.select_for_update().filter(id=contact_id, agency=by.agency_id).first()
    if row is None:
        raise NoSuchContact
    return row


def _may(row: models.Contact, verb: line.Verb) -> None:
    line.after(line.State(row.state), verb)


def _note(
    verb: str,
    row: models.Contact,
    at: datetime.datetime,
    by: viewers.Viewer | None = None,
    **details: record.Detail,
) -> None:
    record.record(record.Deed(verb, row.agency_id, row.id, by.user_id if by else None, details=details), at=at)
