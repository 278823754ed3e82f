"""Taking what a provider says: once, whenever and however often it comes.

The promise: an event is taken in one transaction with what it does, or not at all; what comes again, late, or in
another order gives the same one contact. A contact is found by a token of the provider's name for it, and of whoever
calls nothing is kept but a token, and how to answer them until the contact is over.
"""

from __future__ import annotations

import dataclasses
import datetime
import logging
import uuid
from collections.abc import Iterable

from django.db import DatabaseError
from django.db.models import QuerySet

from nowrongdoor.access import row_security
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import Agency
from nowrongdoor.audit import record
from nowrongdoor.channels import protocol
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import line, line_plan
from nowrongdoor.line import calling_back, models, moving, plan, reach, waking
from nowrongdoor.line.models import State
from nowrongdoor.vault import keys, sealing
from nowrongdoor.vault.models import DataKey

LOG = logging.getLogger(__name__)
LEAVE_A_MESSAGE = "1"
OF_OURS = (Kind.DELIVERED, Kind.FAILED)
SOON = datetime.timedelta(seconds=10)


class NoSuchLine(LookupError):
    """No line has this address."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Coming:
    """An event on its way in: of which line, at which agency, with which tokens."""

    line: line_plan.Line
    group: line_plan.Group
    agency_id: uuid.UUID
    index: sealing.Index
    event: protocol.Event
    at: datetime.datetime
    language: str

    @property
    def conversation(self) -> bytes:
        return conversation_token(self.index, self.line.code, self.event.conversation)

    @property
    def caller(self) -> bytes:
        return caller_token(self.index, self.event.sender)

    @property
    def happened_at(self) -> datetime.datetime:
        """When it happened, as the provider says; never later than now, by our own clock."""
        return min(self.event.at or self.at, self.at)


def conversation_token(index: sealing.Index, line_code: str, conversation: str) -> bytes:
    """Return the token of what belongs together on one line: a call, the two sides of texts, a chat."""
    return index.token("line conversation", f"{line_code}\x00{conversation}")


def caller_token(index: sealing.Index, sender: str) -> bytes:
    """Return the token of a number or an address: equal whenever they call this agency, empty where it is hidden."""
    return index.token("line caller", sender) if sender else b""


def take(
    provider: str, event: protocol.Event, *, how: models.LineEvent.How, at: datetime.datetime
) -> models.Contact | None:
    """Take one event, and return the contact that it is of, None where it is of none. NoSuchLine."""
    return take_on(_line_of(provider, event), provider, event, how=how, at=at)


def take_all(provider: str, events: Iterable[protocol.Event], *, at: datetime.datetime) -> None:
    """Take what was found by looking again, each alone, and decide on all of it at the end: a call that was over before
    anybody heard of it goes to nobody. One that cannot be taken is named in the log and stops no other."""
    concerned: set[uuid.UUID] = set()
    for event in events:
        try:
            with row_security.system():
                contact = _take(_line_of(provider, event), provider, event, models.LineEvent.How.FOUND, at)
        except (DatabaseError, LookupError, ValueError) as error:
            LOG.warning("The provider %s has something that could not be taken: %s.", provider, type(error).__name__)
        else:
            concerned |= {contact.agency_id} if contact else set()
    for agency_id in sorted(concerned):
        with row_security.system():
            moving.decide(agency_id, at=at)


@row_security.system()
def take_on(
    of_line: line_plan.Line,
    provider: str,
    event: protocol.Event,
    *,
    how: models.LineEvent.How,
    at: datetime.datetime,
    language: str = "",
) -> models.Contact | None:
    """Take one event of a line. `language`: of whoever is in contact, where they chose one. A call that asks again what
    it hears is the same event, and its wait ends by that, whatever else stands still."""
    contact = _take(of_line, provider, event, how, at, language)
    if contact is not None:
        moving.decided(contact.agency_id, at=at)
    return contact


def _take(
    of_line: line_plan.Line,
    provider: str,
    event: protocol.Event,
    how: models.LineEvent.How,
    at: datetime.datetime,
    language: str = "",
) -> models.Contact | None:
    agency_id = agencies.by_code(of_line.agency).id
    group = plan.installed().groups[of_line.group]
    coming = _Coming(of_line, group, agency_id, keys.index(agency_id), event, at, language or of_line.language)
    moving.alone(agency_id)
    token = coming.index.token("line event", f"{provider}\x00{event.id}")
    taken = models.LineEvent.objects.filter(agency=agency_id, provider=provider, event=token).select_related("contact")
    if (before := taken.first()) is not None:
        return before.contact
    contact = _ACTS[event.kind](coming, _of(coming))
    if contact is None and event.kind in OF_OURS:
        return None  # what became of a message of which we don't know yet that it was sent: it is found again
    models.LineEvent.objects.create(
        agency_id=agency_id,
        provider=provider,
        event=token,
        kind=event.kind.value,
        how=how,
        contact=contact,
        at=coming.happened_at,
        taken_at=at,
    )
    return contact


def _line_of(provider: str, event: protocol.Event) -> line_plan.Line:
    """Find the line of an event: by its address, or, where the provider names none, by the call that it is of. A
    recording that is told before its call is of the one line there is; of several, it is found by looking again."""
    installed = plan.installed()
    if event.address:
        of_line = installed.at(provider, event.address, event.medium)
        if of_line is None:
            raise NoSuchLine
        return of_line
    return _line_of_call(installed, provider, event)


@row_security.system()
def _line_of_call(installed: line_plan.Plan, provider: str, event: protocol.Event) -> line_plan.Line:
    lines = [each for each in installed.lines_of(provider) if each.medium is event.medium]
    agencies_by_code = dict(Agency.objects.filter(code__in={each.agency for each in lines}).values_list("code", "id"))
    for each in lines:
        if agency_id := agencies_by_code.get(each.agency):
            token = conversation_token(keys.index(agency_id), each.code, event.conversation)
            if models.Contact.objects.filter(agency=agency_id, conversation=token).exists():
                return each
    if len(lines) != 1:
        raise NoSuchLine
    return lines[0]


def _of(coming: _Coming) -> models.Contact | None:
    """Find the contact of a conversation. Of texts, the one that is not over; of a call, that call's."""
    rows = models.Contact.objects.select_for_update().filter(agency=coming.agency_id, conversation=coming.conversation)
    if coming.event.medium is not line.Medium.VOICE:
        rows = rows.filter(over_at=None)
    return rows.order_by("-rang_at", "-id").first()


def _begin(coming: _Coming, state: State) -> models.Contact:
    """Begin a contact; it waits from now on, whenever the provider says that it began."""
    event, group, at = coming.event, coming.group, coming.at
    row = models.Contact(
        agency_id=coming.agency_id,
        line=coming.line.code,
        medium=event.medium.value,
        use=coming.line.use,
        conversation=coming.conversation,
        caller=coming.caller,
        language=coming.language,
        skill=coming.line.skill,
        state=state,
        group=group.code,
        rang_at=coming.happened_at,
        since=at,
    )
    if state is State.RINGING:
        row.asked_at, row.ends_at = at, at + group.queue.longest
        if event.medium is line.Medium.VOICE:  # they have been waiting since it rang
            row.ends_at = max(row.rang_at + group.queue.longest, at + SOON)
    else:
        row.due_at = at + group.answers_within
    minted = keys.Minted([row.id])
    row.reach = reach.sealed(
        reach.Reach(event.conversation, event.sender, thread=event.thread), minted[row.id], row.id, coming.agency_id
    )
    row.save(force_insert=True)
    minted.keep(DataKey.Of.CONTACT)
    record.record(record.Deed("contact.rang", coming.agency_id, row.id, None, details={"line": row.line}), at=at)
    return row


def _rang(coming: _Coming, row: models.Contact | None) -> models.Contact | None:
    if row is not None:
        return row
    row = _begin(coming, State.RINGING)
    # No call waits longer: what the provider says so late is over there, whether we heard that or not.
    if coming.happened_at <= coming.at - models.LONGEST_WAIT:
        _abandon(coming, row)
    return row


def _left(coming: _Coming, row: models.Contact | None) -> models.Contact | None:
    if row is None:
        row = _begin(coming, State.RINGING)  # that it rang comes later, or never came
    if row.state == State.RINGING:
        _abandon(coming, row)
    elif row.over_at is None and row.left_at is None:
        row.left_at = coming.happened_at
        row.save(update_fields=["left_at"])
        record.record(record.Deed("contact.left", row.agency_id, row.id, None), at=coming.at)
    return row


def _abandon(coming: _Coming, row: models.Contact) -> None:
    """Somebody left while they waited. What they wrote somebody reads; and a contact that rang again, because whoever
    had it was gone, somebody writes down: both go on the list."""
    row.left_at = coming.happened_at
    row.save(update_fields=["left_at"])
    if row.answered_at is not None or row.messages.filter(way=models.ContactMessage.Way.IN).exists():
        moving.listed(row, coming.group, at=coming.at)
        return
    moving.over(row, State.ABANDONED, at=coming.at)
    record.record(record.Deed("contact.abandoned", row.agency_id, row.id, None), at=coming.at)


def _pressed(coming: _Coming, row: models.Contact | None) -> models.Contact | None:
    row = row or _begin(coming, State.RINGING)  # that it rang comes later
    if row.state != State.RINGING:
        return row
    key = keys.of(row.id)
    now = reach.opened(row, key)
    assert now is not None  # it rings, so it is not over
    before = now.keys.split()
    if not before and coming.event.words == LEAVE_A_MESSAGE:
        moving.listed(row, coming.group, at=coming.at)
        record.record(record.Deed("contact.listed", row.agency_id, row.id, None), at=coming.at)
        return row
    asked = calling_back.answered(before, coming.event.words)
    if isinstance(asked, calling_back.Asked):
        calling_back.keep(row, asked, key, at=coming.at)
        moving.listed(row, coming.group, at=coming.at)
    else:
        reach.change(row, key, keys=" ".join(asked))
    return row


def _wrote(coming: _Coming, row: models.Contact | None) -> models.Contact | None:
    if row is None:
        row = _begin(coming, State.VOICEMAIL if coming.event.medium is line.Medium.MAIL else State.RINGING)
    elif row.state == State.VOICEMAIL and coming.event.medium is not line.Medium.MAIL:
        moving.rung(row, coming.group, at=coming.at)
    if coming.event.thread:
        reach.change(row, keys.of(row.id), thread=coming.event.thread)
    _keep(coming, row, models.ContactMessage.Way.IN)
    return row


def _unanswered(coming: _Coming, row: models.Contact | None) -> models.Contact | None:
    """Nobody picked up at the desk: whoever has it gets no more until they say so, and it rings again."""
    row = row or _begin(coming, State.RINGING)
    if row.state == State.ANSWERED and row.left_at is None and not _is_anothers(row):
        models.Seat.objects.filter(person=row.person_id, ended_at=None).update(ready_since=None)
        moving.rung(row, coming.group, at=coming.at)
        record.record(record.Deed("contact.returned", row.agency_id, row.id, None), at=coming.at)
    return row


def _talked(coming: _Coming, row: models.Contact | None) -> models.Contact | None:
    """Whoever had it hung up: the call is over, and they write it down. If a colleague took it over meanwhile, it goes
    on with them: the call asks what it hears next."""
    if row is not None and row.state == State.ANSWERED and _is_anothers(row):
        return row
    return _left(coming, row)


def _is_anothers(row: models.Contact) -> bool:
    """Whether a call was connected with somebody else than whoever has it now."""
    now = reach.opened(row)
    return now is not None and now.person not in ("", str(row.person_id))


def _recorded(coming: _Coming, row: models.Contact | None) -> models.Contact | None:
    if row is None:
        row = _begin(coming, State.VOICEMAIL)
    _keep(coming, row, models.ContactMessage.Way.VOICEMAIL)
    if row.state in (State.RINGING, State.ABANDONED, State.ENDED):
        moving.listed(row, coming.group, at=coming.at)
    return row


def _keep(coming: _Coming, row: models.Contact, way: models.ContactMessage.Way) -> None:
    key = keys.of(row.id)
    message = models.ContactMessage(
        contact=row, agency_id=row.agency_id, way=way, at=coming.happened_at, seconds=coming.event.seconds
    )
    place = reach.place_of(message.id, "words", row.agency_id, "contact_message")
    message.words = key.seal(coming.event.words or ("" if way == "voicemail" else " "), place)
    if coming.event.media:
        place = reach.place_of(message.id, "ref", row.agency_id, "contact_message")
        message.ref = key.seal(coming.event.media, place)
    message.save(force_insert=True)
    waking.wake(row)


def _stops(coming: _Coming) -> QuerySet[models.Stop]:
    return models.Stop.objects.filter(agency=coming.agency_id, line=coming.line.code, caller=coming.caller)


def _stopped(coming: _Coming, row: models.Contact | None) -> models.Contact | None:
    # Where a number is hidden, nobody can be written to; and what they wrote later counts, in whatever order it came.
    if coming.caller and not _stops(coming).filter(ended_at__gt=coming.happened_at).exists():
        _stop(coming)
    return row and _left(coming, row)


def _stop(coming: _Coming) -> None:
    if not _stops(coming).filter(ended_at=None).exists():
        stop = models.Stop.objects.create(
            agency_id=coming.agency_id, line=coming.line.code, caller=coming.caller, at=coming.happened_at
        )
        record.record(record.Deed("line.stopped", coming.agency_id, stop.id, None), at=coming.at)
    models.ContactMessage.objects.filter(
        contact__agency=coming.agency_id,
        contact__line=coming.line.code,
        contact__caller=coming.caller,
        outcome=models.ContactMessage.Outcome.WAITING,
    ).update(outcome=models.ContactMessage.Outcome.FAILED)


def _started(coming: _Coming, row: models.Contact | None) -> models.Contact | None:
    stops = list(_stops(coming).filter(ended_at=None, at__lte=coming.happened_at))
    for stop in stops:
        stop.ended_at = coming.happened_at
        stop.save(update_fields=["ended_at"])
        record.record(record.Deed("line.started", coming.agency_id, stop.id, None), at=coming.at)
    if not stops and coming.caller:  # kept, because the STOP before it may come after it
        at = coming.happened_at
        models.Stop.objects.create(
            agency_id=coming.agency_id, line=coming.line.code, caller=coming.caller, at=at, ended_at=at
        )
    return row


def _became(coming: _Coming, _row: models.Contact | None) -> models.Contact | None:
    """Note what became of a message of ours."""
    token = sent_token(coming.index, coming.event.ref)
    message = models.ContactMessage.objects.filter(agency=coming.agency_id, sent_as=token).first()
    if message is None:
        return None
    if message.outcome in (models.ContactMessage.Outcome.WAITING, models.ContactMessage.Outcome.SENT):
        message.outcome = models.ContactMessage.Outcome(coming.event.kind.value)
        message.save(update_fields=["outcome"])
    return message.contact


def sent_token(index: sealing.Index, ref: str) -> bytes:
    """Return the token of a provider's name for a message of ours."""
    return index.token("line message", ref)


_ACTS = {
    Kind.RANG: _rang,
    Kind.LEFT: _left,
    Kind.UNANSWERED: _unanswered,
    Kind.TALKED: _talked,
    Kind.PRESSED: _pressed,
    Kind.WROTE: _wrote,
    Kind.RECORDED: _recorded,
    Kind.STOPPED: _stopped,
    Kind.STARTED: _started,
    Kind.DELIVERED: _became,
    Kind.FAILED: _became,
}
