"""A contact with a line that people call, text, or chat with: which moves there are, who has it, and who gets it next.

The promise: a contact that is not over is held by exactly one, a queue, a person, or a list with a deadline; and each
wait has an instant at which it ends, whoever is on shift and whatever waits besides (`decide`). Nobody holds forever.

No statute sets how long a caller may wait or how soon a message is answered, so every time here is policy.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nowrongdoor.core.language import gettext


class State(enum.Enum):
    """Where a contact stands."""

    RINGING = "ringing"
    ANSWERED = "answered"
    VOICEMAIL = "voicemail"  # it left a message, or what it wrote waits for somebody
    ENDED = "ended"
    ABANDONED = "abandoned"  # whoever called left before anybody answered

    @property
    def is_over(self) -> bool:
        """Return whether nobody has it any more."""
        return self in (State.ENDED, State.ABANDONED)


class Holder(enum.Enum):
    """What has a contact."""

    QUEUE = "queue"
    PERSON = "person"
    LIST = "list"
    NOBODY = "nobody"


HOLDERS: Mapping[State, Holder] = {
    State.RINGING: Holder.QUEUE,
    State.ANSWERED: Holder.PERSON,
    State.VOICEMAIL: Holder.LIST,
    State.ENDED: Holder.NOBODY,
    State.ABANDONED: Holder.NOBODY,
}


class Verb(enum.Enum):
    """What can happen to a contact."""

    ANSWER = "answer"
    OVERFLOW = "overflow"  # another group is asked
    HAND_ON = "hand_on"  # from one person to another, who said yes
    RETURN = "return"  # whoever had it is gone: it rings again
    RECORD = "record"
    RING = "ring"  # it waited on a list, and whoever it is wrote again: they are there now
    LEAVE = "leave"  # whoever called hung up, or wrote no more
    END = "end"


# What is not here cannot happen. Whoever leaves while somebody talks with them leaves a contact to be written down: the
# person who had it ends it.
TRANSITIONS: Mapping[tuple[State, Verb], State] = {
    (State.RINGING, Verb.ANSWER): State.ANSWERED,
    (State.RINGING, Verb.OVERFLOW): State.RINGING,
    (State.RINGING, Verb.RECORD): State.VOICEMAIL,
    (State.RINGING, Verb.LEAVE): State.ABANDONED,
    (State.ANSWERED, Verb.HAND_ON): State.ANSWERED,
    (State.ANSWERED, Verb.RETURN): State.RINGING,
    (State.ANSWERED, Verb.RECORD): State.VOICEMAIL,
    (State.ANSWERED, Verb.END): State.ENDED,
    # The message that they left came in after that they had left, or after that somebody had ended an empty contact.
    (State.ABANDONED, Verb.RECORD): State.VOICEMAIL,
    (State.ENDED, Verb.RECORD): State.VOICEMAIL,
    (State.VOICEMAIL, Verb.ANSWER): State.ANSWERED,
    (State.VOICEMAIL, Verb.RING): State.RINGING,
    (State.VOICEMAIL, Verb.END): State.ENDED,
}


class Refused(Exception):
    """A contact cannot move like that; the message is fit to show."""


def after(state: State, verb: Verb) -> State:
    """Return where a contact stands after something happened to it. Refused."""
    try:
        return TRANSITIONS[state, verb]
    except KeyError:
        if state.is_over:
            raise Refused(gettext("This contact is over. Look at it again.")) from None
        raise Refused(gettext("Somebody else was first with this contact. Look at it again.")) from None


class Medium(enum.Enum):
    """How somebody is in contact."""

    VOICE = "voice"
    TEXT = "text"
    CHAT = "chat"
    MAIL = "mail"  # nobody waits at the other end: it is on a list from the first


@dataclasses.dataclass(frozen=True, slots=True)
class Overflow:
    """Which group is asked next, once a contact waited so long in one."""

    to: str
    after: datetime.timedelta


@dataclasses.dataclass(frozen=True, slots=True)
class Group:
    """People who answer together, by their rota. `longest`: how long a contact that began here waits in all."""

    code: str
    longest: datetime.timedelta
    overflow: Overflow | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Ringing:
    """A contact that waits. `group`: who is asked now, since `asked_at`; `before`: who was asked before, and may still
    answer; `ends_at`: when its wait ends at the latest; `skill`: what whoever answers has to know, empty for
    nothing."""

    id: str
    medium: Medium
    group: str
    since: datetime.datetime
    asked_at: datetime.datetime
    ends_at: datetime.datetime
    language: str
    skill: str = ""
    is_danger: bool = False
    before: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Free:
    """Somebody on shift. `since`: since when they have been waiting for a contact; `room`: how many more of each medium
    they can have now; a call takes all of it."""

    id: str
    groups: frozenset[str]
    languages: frozenset[str]
    since: datetime.datetime
    room: Mapping[Medium, int]
    skills: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Move:
    """What happens to a contact now. `to`: the person who answers or the group that is asked, empty otherwise;
    `group`: as one of which they answer; `needs_interpreter`: that person doesn't speak its language."""

    contact: str
    verb: Verb
    to: str = ""
    needs_interpreter: bool = False
    group: str = ""


class Unusable(ValueError):
    """Groups with which somebody could wait forever; the message says which, and what to write."""


def check(groups: Iterable[Group]) -> Mapping[str, Group]:
    """Map groups by their code, once it is sure that every wait with them ends. Unusable."""
    known: dict[str, Group] = {}
    for group in groups:
        if group.code in known:
            raise Unusable(gettext("%(group)s: two groups have this code. Give each its own.") % {"group": group.code})
        known[group.code] = group
    for group in known.values():
        times = [group.longest, *([group.overflow.after] if group.overflow else [])]
        if min(times) <= datetime.timedelta(0):
            raise Unusable(gettext("%(group)s: write a time that is longer than nothing.") % {"group": group.code})
        if group.overflow and group.overflow.to not in known:
            raise Unusable(
                gettext("%(group)s: %(other)s is no group. Name one, or leave it empty.")
                % {"group": group.code, "other": group.overflow.to}
            )
    return known


def rung(
    contact: str,
    medium: Medium,
    group: Group,
    *,
    language: str,
    skill: str = "",
    is_danger: bool = False,
    at: datetime.datetime,
) -> Ringing:
    """Return a contact that begins to wait in a group."""
    return Ringing(contact, medium, group.code, at, at, at + group.longest, language, skill, is_danger)


def decide(
    ringing: Iterable[Ringing], free: Iterable[Free], groups: Mapping[str, Group], *, now: datetime.datetime
) -> Sequence[Move]:
    """Say what happens at this instant: who answers what, who is asked next, whose wait is over. At most one move for
    each contact, whatever the order of what is given. Whoever is in danger comes first, then whoever waits longest; a
    contact goes to whoever speaks its language, of these to whoever has been waiting longest, and rather to somebody
    with an interpreter than to nobody."""
    people = {person.id: person for person in free}
    room = {person.id: dict(person.room) for person in people.values()}
    moves: list[Move] = []
    for contact in sorted(ringing, key=lambda each: (not each.is_danger, each.since, each.id)):
        fitting = [
            person
            for person in people.values()
            if not person.groups.isdisjoint({contact.group, *contact.before})
            and (not contact.skill or contact.skill in person.skills)
            and room[person.id].get(contact.medium, 0) > 0
        ]
        if fitting:
            best = min(fitting, key=lambda each: (contact.language not in each.languages, each.since, each.id))
            asked = contact.group if contact.group in best.groups else min(contact.before & best.groups)
            moves.append(Move(contact.id, Verb.ANSWER, best.id, contact.language not in best.languages, asked))
            room[best.id] = _left(room[best.id], contact.medium)
        elif now >= contact.ends_at:
            moves.append(Move(contact.id, Verb.RECORD))
        elif (overflow := groups[contact.group].overflow) and now >= contact.asked_at + overflow.after:
            moves.append(Move(contact.id, Verb.OVERFLOW, overflow.to))
    return moves


def overflowed(contact: Ringing, to: str, *, at: datetime.datetime) -> Ringing:
    """Return a contact for which another group is asked too. When its wait ends stays."""
    return dataclasses.replace(contact, group=to, asked_at=at, before=contact.before | {contact.group})


def next_at(ringing: Iterable[Ringing], groups: Mapping[str, Group]) -> datetime.datetime | None:
    """Return when something has to be decided even if nothing happens until then, None where nobody waits."""
    return min(_instants(ringing, groups), default=None)


def _instants(ringing: Iterable[Ringing], groups: Mapping[str, Group]) -> Iterator[datetime.datetime]:
    for contact in ringing:
        yield contact.ends_at
        if overflow := groups[contact.group].overflow:
            yield contact.asked_at + overflow.after


def _left(room: Mapping[Medium, int], medium: Medium) -> dict[Medium, int]:
    """What room somebody has left: nobody who is on the telephone writes to others, or is called again; who writes
    with somebody that waits for each word is not called. A mail keeps nobody from a call: it can lie a while."""
    if medium is Medium.VOICE:
        return {}
    left = {each: count - (each is medium) for each, count in room.items()}
    if medium is Medium.MAIL:
        return left
    return {each: count for each, count in left.items() if each is not Medium.VOICE}
