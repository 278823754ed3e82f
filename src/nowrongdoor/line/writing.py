"""What is written in a contact: to whoever is there, and in a whisper to a colleague who has it.

The promise: what somebody wrote is kept before anything is sent; it is sent once for all that a provider tells us, and
what did not arrive is shown as that. Nobody who wanted no more messages gets one.
"""

from __future__ import annotations

import dataclasses
import datetime
import logging
import uuid
from collections.abc import Sequence

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing as writing_rows
from nowrongdoor.channels import protocol
from nowrongdoor.core import line
from nowrongdoor.core.language import gettext
from nowrongdoor.line import channels, models, moving, plan, reach, replies, taking, waking
from nowrongdoor.vault import keys, sealing
from nowrongdoor.work import queue

Way, Outcome = models.ContactMessage.Way, models.ContactMessage.Outcome
LOG = logging.getLogger(__name__)
LONGEST = 1_600  # characters, which is what ten texts hold
TRIES = 5
CLOCKS = datetime.timedelta(minutes=1)  # by which those of a provider may differ from ours
MOST_FETCHES = 15  # tries to get a recording, which are more than four days
LONGEST_PAUSE = datetime.timedelta(days=1)  # between two of them
HAS_PROVIDER = (models.Medium.TEXT, models.Medium.MAIL)


class SentOtherwise(line.Refused):
    """A message was sent before with other words; the message of this is fit to show."""


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """One thing that was written. `by`: the name of a colleague; empty for whoever called, and for the line itself.
    `is_awaited`: its recording is still to be fetched. `left`: the name, at `provider`, of a recording that could not
    be fetched, or of which a copy could not be deleted there, however often that was tried. `meaning`: what a saved
    reply, or an answer to one, says in the reader's language."""

    id: uuid.UUID
    way: models.ContactMessage.Way
    words: str
    by: str
    at: datetime.datetime
    outcome: str
    seconds: int
    is_recorded: bool
    is_awaited: bool
    left: str
    provider: str
    meaning: str


def write(
    contact_id: uuid.UUID, words: str, *, message_id: uuid.UUID, by: viewers.Viewer, at: datetime.datetime
) -> None:
    """Write to whoever is in contact; the same message again is kept once. moving.NoSuchContact, line.Refused."""
    with row_security.looking(by):
        row = moving.own(contact_id, by)
        if row.medium == models.Medium.VOICE:
            raise line.Refused(gettext("They are on the telephone. There is nobody to write to."))
        _keep(row, Way.OUT, words, message_id=message_id, by=by, at=at)


def whisper(
    contact_id: uuid.UUID, words: str, *, message_id: uuid.UUID, by: viewers.Viewer, at: datetime.datetime
) -> None:
    """Write to the colleague who has a contact; whoever called never sees it. moving.NoSuchContact, line.Refused."""
    with row_security.looking(by):
        row = _of(contact_id, by)
        if row.state != models.State.ANSWERED:
            raise line.Refused(gettext("Nobody has this contact now."))
        _keep(row, Way.WHISPER, words, message_id=message_id, by=by, at=at)


def of(contact_id: uuid.UUID, *, shown: str | None = None, by: viewers.Viewer, at: datetime.datetime) -> Sequence[Said]:
    """Open everything that was written in a contact, oldest first; noted, unless a page that is open shows the newest
    of it already (`shown`: its id, empty for nothing written). moving.NoSuchContact."""
    with row_security.looking(by):
        messages = opened(_of(contact_id, by))
        if shown != (str(messages[-1].id) if messages else ""):
            record.looked("contact.read", contact_id, by=by, at=at)
        return messages


def opened(row: models.Contact) -> Sequence[Said]:
    """Open everything that row security shows of what was written in a contact, oldest first."""
    key = keys.open_all([row.id]).get(row.id)
    columns = ("id", "way", "words", "at", "outcome", "seconds", "fetched_at", "gone_at", "ref", "tries")
    of_line = plan.installed().lines.get(row.line)
    rows = row.messages.order_by("at", "id").values_list(*columns, agencies.name_of("by_id"))
    meanings = replies.meanings()
    return [
        Said(
            id_,
            Way(way),
            shown := keys.shown(key, words, place(id_, "words", row.agency_id)).strip(),
            name or "",
            at,
            outcome,
            seconds,
            fetched_at is not None,
            fetched_at is None and bool(ref) and tries < MOST_FETCHES,
            left=keys.shown(key, ref, place(id_, "ref", row.agency_id))
            if way == Way.VOICEMAIL and gone_at is None and tries >= MOST_FETCHES
            else "",
            provider=of_line.provider if of_line else "",
            meaning="" if (meaning := meanings.get(replies.folded(shown), "")) == shown else meaning,
        )
        for id_, way, words, at, outcome, seconds, fetched_at, gone_at, ref, tries, name in rows
    ]


def recording(message_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> bytes:
    """Open what was recorded, to be listened to; noted. moving.NoSuchContact, vault.keys.Erased."""
    with row_security.looking(by):
        row = models.ContactMessage.objects.filter(id=message_id, agency=by.agency_id, way=Way.VOICEMAIL).first()
        if row is None or not row.recording:
            raise moving.NoSuchContact
        sound = keys.of(row.contact_id).open_bytes(row.recording, place(row.id, "recording", row.agency_id))
        record.looked("contact.heard", row.contact_id, by=by, at=at)
    return sound


def place(message_id: uuid.UUID, field: str, agency_id: uuid.UUID) -> sealing.Place:
    """Say where words of a message belong."""
    return reach.place_of(message_id, field, agency_id, "contact_message")


def to_send(*, at: datetime.datetime) -> Sequence[uuid.UUID]:
    """List messages that wait to be sent for a while already: whoever was to send them stopped."""
    with row_security.system():
        late = models.ContactMessage.objects.filter(
            outcome=Outcome.WAITING, at__lte=at - datetime.timedelta(seconds=30)
        )
        return list(late.order_by("at", "id").values_list("id", flat=True)[:1_000])


def send(message_id: uuid.UUID, *, at: datetime.datetime) -> None:
    """Hand a message to its provider, unless that was done. That it was tried is kept first: so a message that makes
    the worker fail is not tried for ever."""
    with row_security.system():
        message = models.ContactMessage.objects.select_for_update(skip_locked=True).filter(id=message_id).first()
        if message is None or message.outcome != Outcome.WAITING:
            return
        message.tries += 1
        message.save(update_fields=["tries"])
        tries = message.tries
    with row_security.system():
        message = models.ContactMessage.objects.select_for_update(skip_locked=True).filter(id=message_id).first()
        if message is None or message.outcome != Outcome.WAITING:
            return
        contact = models.Contact.objects.get(id=message.contact_id)
        to = reach.opened(contact)
        if to is None or tries > TRIES:
            message.outcome = Outcome.FAILED
            message.save(update_fields=["outcome"])
            return
        key = keys.of(contact.id)
        words = key.open(message.words, place(message.id, "words", message.agency_id))
        _one_by_one(contact)
        try:
            ref = _taken(message, contact, to, words) if tries > 1 else ""
            if not ref:
                address = plan.installed().lines[contact.line].address
                channel = channels.of_line(contact.line)
                ref = channel.send(to.sender, words, address=address, key=message.id.hex, thread=to.thread)
        except protocol.NotSent as error:
            LOG.warning("A message of the line %s was not sent: %s.", contact.line, error.code)
            if error.is_final or tries >= TRIES:
                message.outcome = Outcome.FAILED
                message.save(update_fields=["outcome"])
            return
        message.outcome = Outcome.SENT
        message.ref = key.seal(ref, place(message.id, "ref", message.agency_id))
        message.sent_as = taking.sent_token(keys.index(message.agency_id), ref)
        message.save(update_fields=["outcome", "ref", "sent_as"])


def _one_by_one(contact: models.Contact) -> None:
    """Wait for whoever sends in the same contact now: what they send is then known by its name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"nowrongdoor send {contact.id}"])


def _taken(message: models.ContactMessage, contact: models.Contact, to: reach.Reach, words: str) -> str:
    """Return the provider's name for a message that it took before, though whoever handed it over was stopped before
    they could note that; empty where it took none, or cannot tell. protocol.NotSent."""
    address, since = plan.installed().lines[contact.line].address, message.at - CLOCKS
    refs = channels.of_line(contact.line).sent(to.sender, words, address=address, since=since)
    index = keys.index(message.agency_id)
    tokens = {ref: taking.sent_token(index, ref) for ref in refs}
    known = models.ContactMessage.objects.filter(agency=message.agency_id, sent_as__in=tokens.values())
    others = {bytes(each) for each in known.values_list("sent_as", flat=True)}
    return next((ref for ref, token in tokens.items() if token not in others), "")


def to_fetch(*, at: datetime.datetime) -> Sequence[uuid.UUID]:
    """List voicemails whose sound is still at the provider's, and is to be asked for now."""
    with row_security.system():
        rows = models.ContactMessage.objects.filter(
            Q(try_at=None) | Q(try_at__lte=at), way=Way.VOICEMAIL, gone_at=None, tries__lt=MOST_FETCHES
        ).exclude(ref=b"")
        return list(rows.order_by("at", "id").values_list("id", flat=True)[:1_000])


def fetch(message_id: uuid.UUID, *, at: datetime.datetime) -> None:
    """Get a voicemail's sound and keep it sealed; then have the provider delete its copy. Each is kept when it is done;
    what cannot be done now is tried again after longer and longer, MOST_FETCHES times in all, and then left where it
    is. That it was tried is kept first."""
    with row_security.system():
        message = models.ContactMessage.objects.select_for_update(skip_locked=True).filter(id=message_id).first()
        if message is None or message.gone_at is not None or message.tries >= MOST_FETCHES:
            return
        message.try_at = at + min(datetime.timedelta(minutes=2**message.tries), LONGEST_PAUSE)
        message.tries += 1
        message.save(update_fields=["tries", "try_at"])
    try:
        _fetch(message_id, at)
    except (protocol.NotSent, LookupError) as error:  # its line may be gone from the plan, or its key destroyed
        code = error.code if isinstance(error, protocol.NotSent) else type(error).__name__
        LOG.warning("The sound of the voicemail %s could not be fetched or deleted: %s.", message_id, code)
        is_final = isinstance(error, protocol.NotSent) and error.is_final
        _leave(message_id, is_final=is_final, is_nowhere=code == "gone" or isinstance(error, keys.Erased), at=at)


def _leave(message_id: uuid.UUID, *, is_final: bool, is_nowhere: bool, at: datetime.datetime) -> None:
    """Ask for a recording no more, if this was the last try: its contact says where it is, and is on a list once more
    where it was over before anybody could listen. `is_nowhere`: nobody has it, or nobody can name it any more."""
    with row_security.system():
        message = models.ContactMessage.objects.get(id=message_id)
        if not is_final and not is_nowhere and message.tries < MOST_FETCHES:
            return
        moving.alone(message.agency_id)
        message.tries, message.ref = MOST_FETCHES, b"" if is_nowhere else message.ref
        message.save(update_fields=["tries", "ref"])
        if not is_nowhere and message.fetched_at is None:
            row = models.Contact.objects.select_for_update().get(id=message.contact_id)
            if row.over_at is not None:
                moving.listed(row, plan.installed().groups.get(row.group), at=at)


def _fetch(message_id: uuid.UUID, at: datetime.datetime) -> None:
    with row_security.system():
        message = models.ContactMessage.objects.select_for_update(skip_locked=True).filter(id=message_id).first()
        if message is None or message.gone_at is not None:
            return
        contact = models.Contact.objects.get(id=message.contact_id)
        key = keys.of(contact.id)
        ref = key.open(message.ref, place(message.id, "ref", message.agency_id))
        channel = channels.of_line(contact.line)
        if message.fetched_at is None:
            sound = channel.fetch(ref)
            message.recording = key.seal_bytes(sound, place(message.id, "recording", message.agency_id))
            message.fetched_at, message.tries = at, 0  # to have the copy deleted is tried as often
            message.save(update_fields=["recording", "fetched_at", "tries"])
    channel.delete(ref)
    with row_security.system():
        models.ContactMessage.objects.filter(id=message_id).update(gone_at=at)


def _keep(
    row: models.Contact,
    way: models.ContactMessage.Way,
    words: str,
    *,
    message_id: uuid.UUID,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> None:
    words = words.strip()
    if not words:
        raise line.Refused(gettext("Write something first."))
    if len(words) > LONGEST:
        raise line.Refused(gettext("This is too long: keep it under %(limit)s characters.") % {"limit": f"{LONGEST:,}"})
    has_provider = row.medium in HAS_PROVIDER and bool(row.reach)
    message = models.ContactMessage(
        id=message_id,
        contact=row,
        agency_id=row.agency_id,
        way=way,
        by_id=by.user_id,
        at=at,
        words=keys.of(row.id).seal(words, place(message_id, "words", row.agency_id)),
    )
    if way is Way.OUT:
        message.outcome = Outcome.WAITING if has_provider else Outcome.DELIVERED
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError as error:
        guard = writing_rows.constraint_of(error)
        if guard == "nobody_is_written_to_after_a_stop":
            raise line.Refused(
                gettext("They wrote STOP: they get no message any more, until they write START.")
            ) from None
        if guard != "nowrongdoor_contact_message_pkey":
            raise
        kept = models.ContactMessage.objects.filter(id=message_id, contact=row, by=by.user_id, way=way).first()
        if kept is None or keys.of(row.id).open(kept.words, place(message_id, "words", row.agency_id)) != words:
            raise SentOtherwise(
                gettext("Your message went out as it was before you changed it. What you wrote now was not sent.")
            ) from None
        return
    waking.wake(row)
    if way is Way.OUT and has_provider:
        queue.defer(queue.SEND_ON_LINE, message_id=str(message_id))


def _of(contact_id: uuid.UUID, by: viewers.Viewer) -> models.Contact:
    row = models.Contact.objects.filter(id=contact_id, agency=by.agency_id).first()
    if row is None:
        raise moving.NoSuchContact
    return row
