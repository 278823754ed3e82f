"""Taking signals in: stored, on the trail and queued in one transaction, and only then acknowledged.

The same sender's key gives the same receipt for ever, however often it is sent; the same key with other words is a
mistake that is refused, never a second signal and never a silent overwrite.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import functools
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import cast

from django.db import transaction

from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.bulk import writing
from nowrongdoor.core import instants, likeness, mistakes, places, reference
from nowrongdoor.core.language import gettext
from nowrongdoor.core.mandates import facts as facts_of
from nowrongdoor.core.triage import answers
from nowrongdoor.signals import models
from nowrongdoor.vault import keys, sealing
from nowrongdoor.vault.models import DataKey
from nowrongdoor.work import queue

KEY_LIMIT = 200
# A contact that arrives as it is made; what is sent or passed on may arrive later.
LIVE = frozenset(
    channel.value
    for channel in (
        models.Channel.CALL,
        models.Channel.TEXT,
        models.Channel.CHAT,
        models.Channel.WEB,
        models.Channel.VISIT,
    )
)
NARRATIVE_LIMIT = 50_000
WAY_LIMIT = 300  # characters of each answer about reaching somebody


class KeyReused(Exception):
    """The sender used a key again for other words; nothing was taken."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "The key of this signal was already used for a different one. Send the first one "
                "unchanged to get its receipt again, or use a new key for a new signal."
            )
        )


class Unreadable(ValueError):
    """The signal cannot be taken as it is; each problem says what to write instead."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problems))


@dataclasses.dataclass(frozen=True, slots=True)
class WayBack:
    """How to reach whoever made a contact, as they said that it is safe (`words`, by the names of the form), and until
    when it is. There is none where nobody said so."""

    words: Mapping[str, str]
    until: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Contact:
    """What came through a channel. `facts`: codes by name, absent is unknown. `answers`: yes/no by indicator. `said`:
    what the sender said, in one form, where that is not simply the fields below: what is read from the same words
    changes with the day and with the reader. `telling`: what was said of whoever made the contact, by the names of
    the form; `way_back`: how to reach them. `id`: drawn before, where a row about it is there first."""

    key: str
    channel: str
    facts: Mapping[str, str]
    answers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    state: str = ""
    district: str = ""
    narrative: str = ""
    people: Sequence[Mapping[str, str]] = ()
    raw: Mapping[str, object] | None = None
    said: str = ""
    times: instants.Instants = instants.UNTOLD
    telling: Mapping[str, str] = dataclasses.field(default_factory=dict)
    way_back: WayBack | None = None
    id: uuid.UUID | None = None

    @property
    def timed(self) -> instants.Instants:
        """Return its instants: what came through a live channel arrived as it was made, unless somebody says
        otherwise."""
        if self.channel in LIVE and self.times.arrived_at is None:
            return dataclasses.replace(self.times, arrived_at=self.times.contacted_at)
        return self.times


class Outcome(enum.Enum):
    """What taking a contact came to."""

    NEW = "new"
    AGAIN = "again"  # the same words under the same key: the receipt of the first time
    DIFFERENT = "different"  # other words under a key that was used: nothing was taken


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    """The proof that a signal is kept, unless its outcome is DIFFERENT."""

    signal_id: uuid.UUID
    reference: str
    outcome: Outcome


@dataclasses.dataclass(frozen=True, slots=True)
class SignalRow:
    """A new signal, its words sealed."""

    id: uuid.UUID
    reference: str
    receiver: uuid.UUID
    key: bytes
    digest: bytes
    likeness: bytes
    channel: str
    received_at: datetime.datetime
    arrived_at: datetime.datetime
    contacted_at: datetime.datetime | None
    taken_by: uuid.UUID | None
    facts: str
    answers: str
    state: str
    district: str
    narrative: bytes
    people: bytes
    routed_at: datetime.datetime | None
    raw: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class TellingRow:
    """What was said of whoever made a contact, sealed."""

    signal: uuid.UUID
    receiver: uuid.UUID
    answers: bytes
    way_back: bytes
    way_back_until: datetime.datetime | None
    at: datetime.datetime


def take(
    contact: Contact,
    *,
    asked: facts_of.Vocabulary,
    receiver_id: uuid.UUID,
    by: uuid.UUID | None,
    at: datetime.datetime,
) -> Receipt:
    """Store one signal and queue its routing. `asked`: the facts that are asked about now. Unreadable, KeyReused."""
    with transaction.atomic():
        receipt = take_all([contact], asked=asked, receiver_id=receiver_id, by=by, at=at)[0]
        if receipt.outcome is Outcome.DIFFERENT:
            raise KeyReused
        if receipt.outcome is Outcome.NEW:
            deed = record.Deed("signal.taken", receiver_id, receipt.signal_id, by, details={"door": contact.channel})
            record.record(deed, at=at)
            queue.defer(queue.ROUTE, signal_id=str(receipt.signal_id))
    return receipt


def take_all(
    contacts: Sequence[Contact],
    *,
    asked: facts_of.Vocabulary,
    receiver_id: uuid.UUID,
    by: uuid.UUID | None,
    at: datetime.datetime,
    routed_at: datetime.datetime | None = None,
) -> list[Receipt]:
    """Store signals in the caller's transaction and return a receipt for each, in order; the caller routes them (at
    once, if it names `routed_at`) and writes the trail. Contacts must not share a key. There may be none. Unreadable.
    """
    for contact in contacts:
        check(contact, asked, at=at)
    ids = [contact.id or new_id() for contact in contacts]
    index = keys.index(receiver_id)
    tokens = [index.token("signal key", contact.key) for contact in contacts]
    digests = [index.token("signal", _said(contact)) for contact in contacts]
    minted = keys.Minted(ids)

    def row(signal_id: uuid.UUID, key: bytes, digest: bytes, contact: Contact) -> SignalRow:
        def sealed(field: str, text: str) -> bytes:
            return minted[signal_id].seal(text, place_of(signal_id, field, receiver_id))

        return SignalRow(
            id=signal_id,
            reference=reference.of(signal_id),
            receiver=receiver_id,
            key=key,
            digest=digest,
            likeness=_likeness(index, contact),
            channel=contact.channel,
            received_at=at,
            arrived_at=contact.timed.arrival(typed_at=at),
            contacted_at=contact.timed.contacted_at,
            taken_by=by,
            facts=writing.as_text(contact.facts),
            answers=writing.as_text(contact.answers),
            state=contact.state,
            district=contact.district,
            narrative=sealed("narrative", contact.narrative),
            people=sealed("people", _text(contact.people)),
            routed_at=routed_at,
            raw=sealed("raw", _text(contact.raw)),
        )

    rows = map(row, ids, tokens, digests, contacts)
    added = writing.add_missing(models.Signal, rows, key=["receiver", "key"], returning="id")
    minted.keep(DataKey.Of.SIGNAL, cast(set[uuid.UUID], added))
    tellings = [
        _telling(contact, signal_id, minted[signal_id], receiver_id, at)
        for signal_id, contact in zip(ids, contacts, strict=True)
        if signal_id in added and (contact.telling or contact.way_back)
    ]
    if tellings:
        writing.add(models.Telling, tellings)
    if len(added) == len(ids):
        return [Receipt(signal_id, reference.of(signal_id), Outcome.NEW) for signal_id in ids]
    return _receipts(tokens, ids, digests, added, receiver_id)


def _telling(
    contact: Contact, signal_id: uuid.UUID, key: sealing.Key, receiver_id: uuid.UUID, at: datetime.datetime
) -> TellingRow:
    back = contact.way_back
    return TellingRow(
        signal=signal_id,
        receiver=receiver_id,
        answers=key.seal(_text(contact.telling), telling_place(signal_id, "answers", receiver_id)),
        way_back=key.seal(_text(back.words), telling_place(signal_id, "way_back", receiver_id)) if back else b"",
        way_back_until=back.until if back else None,
        at=at,
    )


def receipts_of_earlier(contacts: Sequence[Contact], *, receiver_id: uuid.UUID) -> list[Receipt | None]:
    """Return for each contact the receipt under which its key was taken before, or None; nothing is stored."""
    index = keys.index(receiver_id)
    tokens = [index.token("signal key", contact.key) for contact in contacts]
    earlier = _earlier(tokens, receiver_id)
    receipts: list[Receipt | None] = []
    for token, contact in zip(tokens, contacts, strict=True):
        if token not in earlier:
            receipts.append(None)
            continue
        kept_id, digest = earlier[token]
        outcome = Outcome.AGAIN if digest == index.token("signal", _said(contact)) else Outcome.DIFFERENT
        receipts.append(Receipt(kept_id, reference.of(kept_id), outcome))
    return receipts


def check(contact: Contact, asked: facts_of.Vocabulary, *, at: datetime.datetime) -> None:
    """Refuse a contact that cannot be stored, or that answers what neither this table nor an older one asks:
    Unreadable names the first problems. Facts that can't all be true are no reason: they are kept as they were told."""
    problems = []
    if not contact.key or len(contact.key) > KEY_LIMIT:
        problems.append(
            gettext("A signal needs a key of 1 to %(key_limit)s characters, chosen by the sender.")
            % {"key_limit": KEY_LIMIT}
        )
    if contact.channel not in models.Channel.values:
        problems.append(
            gettext("'door' cannot be %(channel)s: write one of %(names)s.")
            % {"channel": f"{contact.channel!r}", "names": ", ".join(models.Channel.values)}
        )
    if len(contact.narrative) > NARRATIVE_LIMIT:
        problems.append(
            gettext("Keep the narrative under %(narrative_limit)s characters.")
            % {"narrative_limit": f"{NARRATIVE_LIMIT:,}"}
        )
    words = [contact.key, contact.narrative, contact.state, contact.district, *contact.telling.values()]
    if contact.way_back:
        words += contact.way_back.words.values()
    if any("\x00" in each for each in words):
        problems.append(gettext("Text cannot hold the character NUL: take it out and send again."))
    problems += mistakes.first(
        gettext("No instrument asks '%(name)s'.") % {"name": name}
        for name in contact.answers
        if name not in _questions()
    )
    if not set(contact.answers.values()) <= {"yes", "no"}:
        problems.append(gettext("An answer is yes or no; leave out what is not known."))
    problems += _problems_of_place(contact)
    problems += [f"'{name}': {problem}" for name, problem in contact.timed.problems(typed_at=at).items()]
    try:
        facts_of.read_strictly(contact.facts, asked)
    except facts_of.FactsError as error:
        problems += error.problems
    if problems:
        raise Unreadable(problems)


def _problems_of_place(contact: Contact) -> list[str]:
    known = places.installed()
    if contact.state and contact.state not in known.states:
        return [
            gettext("'state' cannot be %(state)s: write %(spelled)s, or leave it out.")
            % {"state": f"{contact.state!r}", "spelled": known.spelled}
        ]
    if contact.district and (contact.district not in known.names or "-" not in contact.district):
        like = (
            (gettext("write a code like %(example)s, or leave it out") % {"example": known.example})
            if "-" in known.example
            else gettext("leave it out")
        )
        return [
            gettext("'district' cannot be %(district)s: %(like)s.")
            % {"district": f"{contact.district!r}", "like": like}
        ]
    if contact.district and contact.state != contact.district.partition("-")[0]:
        return [gettext("'state' must be the state of 'district'.")]
    return []


@functools.cache
def _questions() -> frozenset[str]:
    return frozenset(answers.questions())


def _said(contact: Contact) -> str:
    if contact.said:
        return f"{contact.channel}\n{contact.said}"
    parts: list[object] = [
        contact.channel,
        dict(contact.facts),
        dict(contact.answers),
        contact.state,
        contact.district,
        contact.narrative,
        [dict(person) for person in contact.people],
        contact.raw,
    ]
    said_of_times = (contact.times.contacted_at, contact.times.arrived_at)
    if any(said_of_times):  # what was sent without them before keeps its digest
        parts.append([each and each.astimezone(datetime.UTC).isoformat() for each in said_of_times])
    if contact.telling or contact.way_back:
        parts.append([dict(contact.telling), dict(contact.way_back.words) if contact.way_back else {}])
    return writing.as_text(parts)


def _likeness(index: sealing.Index, contact: Contact) -> bytes:
    """The token by which the receiver finds likely copies of what came through the public form."""
    words = likeness.folded(contact.narrative) if contact.channel == models.Channel.WEB else ""
    return index.token("signal words", words) if words else b""


def _text(value: Sequence[Mapping[str, str]] | Mapping[str, object] | None) -> str:
    return writing.as_text(value) if value else ""


def people_of(signal: models.Signal, opened: keys.Keys) -> Sequence[Mapping[str, str]]:
    """Open what a signal says of people. keys.Erased."""
    if not signal.people:
        return ()
    text = opened[signal.id].open(signal.people, place_of(signal.id, "people", signal.receiver_id))
    return tuple(json.loads(text))


def key_token(receiver_id: uuid.UUID, key: str) -> bytes:
    """Return the token under which an agency keeps the sender's key of a signal."""
    return keys.index(receiver_id).token("signal key", key)


def place_of(signal_id: uuid.UUID, field: str, receiver_id: uuid.UUID) -> sealing.Place:
    """Say where a sealed text of a signal belongs."""
    return sealing.Place("signal", signal_id, field, receiver_id)


def telling_place(signal_id: uuid.UUID, field: str, receiver_id: uuid.UUID) -> sealing.Place:
    """Say where a sealed text about whoever made a contact belongs."""
    return sealing.Place("telling", signal_id, field, receiver_id)


def _receipts(
    tokens: Sequence[bytes],
    ids: Sequence[uuid.UUID],
    digests: Sequence[bytes],
    added: set[writing.Value],
    receiver_id: uuid.UUID,
) -> list[Receipt]:
    """Return the receipts of contacts of which some had a key that was taken before."""
    again = [token for token, signal_id in zip(tokens, ids, strict=True) if signal_id not in added]
    earlier = _earlier(again, receiver_id)
    receipts = []
    for token, signal_id, digest in zip(tokens, ids, digests, strict=True):
        if signal_id in added:
            kept_id, outcome = signal_id, Outcome.NEW
        else:
            kept_id, kept_digest = earlier[token]
            outcome = Outcome.AGAIN if kept_digest == digest else Outcome.DIFFERENT
        receipts.append(Receipt(kept_id, reference.of(kept_id), outcome))
    return receipts


def _earlier(tokens: Sequence[bytes], receiver_id: uuid.UUID) -> Mapping[bytes, tuple[uuid.UUID, bytes]]:
    """The id and the digest of the signals that were taken under these keys."""
    rows = models.Signal.objects.filter(receiver_id=receiver_id, key__in=tokens).order_by("id")
    return {
        bytes(key): (signal_id, bytes(digest)) for key, signal_id, digest in rows.values_list("key", "id", "digest")
    }
