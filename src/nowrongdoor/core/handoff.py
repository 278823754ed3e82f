"""The hand-off of a lead: its states, who may move it, who is asked next, and how long they have.

The promise: a lead moves only to somebody who said yes. Every transition that is allowed is a row of TRANSITIONS;
what is not there is refused with a sentence. A hand-off that is over stays over.

No statute sets a time for accepting a referral, so every window here is policy and is labelled so. That a refusal
must be written down follows the precedent of 22 USC 7104b(a)(2), under which an inspector general who declines to
investigate records why.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Collection, Mapping, Sequence
from typing import Generic, TypeVar

from nowrongdoor.core.language import gettext, gettext_lazy


class State(enum.Enum):
    """Where a hand-off stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"  # nobody answered within the window
    REVOKED = "revoked"  # the lead took the offer back
    SUPERSEDED = "superseded"  # the facts, the rules or the agencies changed, or another stepped forward

    @property
    def is_over(self) -> bool:
        """Return whether nothing can happen to it any more."""
        return self is not State.OFFERED


class Kind(enum.Enum):
    """Why the lead was offered, and so how it may end."""

    MANDATE = "mandate"  # the table names this agency
    BACKSTOP = "backstop"  # the end of the chain: accepted by standing agreement, at once
    STEP_FORWARD = "step_forward"  # an agency of the chain took it before it was asked
    SUCCESSION = "succession"  # an agency closed and another took over its cases
    REQUEST = "request"  # the lead itself chose whom to ask: it gives the case back, or passes it on
    UNDO = "undo"  # whoever accepted by mistake gives the lead back at once, to the agency that offered it


class Verb(enum.Enum):
    """What can be done to an open offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    EXPIRE = "expire"
    REVOKE = "revoke"
    SUPERSEDE = "supersede"


class Actor(enum.Enum):
    """Who does it."""

    OFFERED_AGENCY = "offered_agency"
    LEAD_AGENCY = "lead_agency"
    SYSTEM = "system"


@dataclasses.dataclass(frozen=True)
class Transition:
    """A verb's outcome, who may do it, and whether a reason must be written."""

    to: State
    actors: frozenset[Actor]
    needs_reason: bool


TRANSITIONS: Mapping[Verb, Transition] = {
    Verb.ACCEPT: Transition(State.ACCEPTED, frozenset({Actor.OFFERED_AGENCY}), needs_reason=False),
    Verb.DECLINE: Transition(State.DECLINED, frozenset({Actor.OFFERED_AGENCY}), needs_reason=True),
    Verb.EXPIRE: Transition(State.EXPIRED, frozenset({Actor.SYSTEM}), needs_reason=False),
    Verb.REVOKE: Transition(State.REVOKED, frozenset({Actor.LEAD_AGENCY}), needs_reason=True),
    Verb.SUPERSEDE: Transition(State.SUPERSEDED, frozenset({Actor.SYSTEM}), needs_reason=True),
}

# How long an offer stays open, by the urgency of the case. Policy, not law; the shorter, the more danger.
WINDOWS: Mapping[str, datetime.timedelta] = {
    "immediate_danger": datetime.timedelta(minutes=15),
    "within_24h": datetime.timedelta(hours=2),
    "none": datetime.timedelta(hours=72),
    "unknown": datetime.timedelta(hours=24),
}
# What a notice without a statutory limit is due by, counted from the case's opening. Policy as well.
NOTICE_TARGETS: Mapping[str, datetime.timedelta] = {
    "immediate_danger": datetime.timedelta(hours=1),
    "within_24h": datetime.timedelta(hours=24),
    "none": datetime.timedelta(days=5),
    "unknown": datetime.timedelta(days=3),
}
REASON_LIMIT = 2_000
# How long a person may take their own yes back. Policy: long enough to see the mistake, short enough that nobody has
# begun to rely on it. The database has the same limit (migration 0023).
UNDO_WITHIN = datetime.timedelta(minutes=2)
# The kinds of hand-off that somebody said yes to, and so can undo.
UNDOABLE = frozenset({Kind.MANDATE, Kind.REQUEST, Kind.STEP_FORWARD})


class Refused(Exception):
    """The hand-off cannot move like that; the message is fit to show."""


class Over(Refused):
    """Somebody else, or the clock, was first."""


class NotYours(Refused):
    """The agency may not do this to this offer."""


class CannotUndo(Refused):
    """This yes cannot be taken back any more; a hand-off back to the agency that offered still can be asked for."""


class ReasonMissing(Refused):
    """A decision that others must understand was given without a reason."""


_SAID = {
    State.ACCEPTED: gettext_lazy("This offer was already accepted. Nothing was changed."),
    State.DECLINED: gettext_lazy("This offer was already declined. Nothing was changed."),
    State.EXPIRED: gettext_lazy("This offer ran out and went to the next agency. Nothing was changed."),
    State.REVOKED: gettext_lazy("This offer was withdrawn by the lead agency. Nothing was changed."),
    State.SUPERSEDED: gettext_lazy(
        "This offer was replaced, because the facts, the rules or the agencies changed. Nothing was changed."
    ),
}
_WHOSE = {
    Verb.ACCEPT: gettext_lazy("Only the offered agency can accept this offer."),
    Verb.DECLINE: gettext_lazy("Only the offered agency can decline this offer."),
    Verb.EXPIRE: gettext_lazy("Only the system can expire this offer."),
    Verb.REVOKE: gettext_lazy("Only the lead agency can revoke this offer."),
    Verb.SUPERSEDE: gettext_lazy("Only the system can supersede this offer."),
}


def move(*, state: State, verb: Verb, actor: Actor, reason: str) -> State:
    """Return the state after a verb, or raise Over, NotYours or ReasonMissing."""
    transition = TRANSITIONS[verb]
    if state.is_over:
        raise Over(_SAID[state])
    if actor not in transition.actors:
        raise NotYours(_WHOSE[verb])
    if transition.needs_reason and not reason.strip():
        raise ReasonMissing(
            gettext("Enter a reason. It stays on the record, so that others can understand the decision.")
        )
    check_text(reason)
    return transition.to


def check_text(text: str) -> None:
    """Raise Refused for a reason that cannot be kept: too long, or with a character no text can hold."""
    if len(text) > REASON_LIMIT:
        raise Refused(
            gettext("Keep the reason under %(reason_limit)s characters; it has %(count)s.")
            % {"reason_limit": f"{REASON_LIMIT:,}", "count": f"{len(text):,}"}
        )
    if "\x00" in text:
        raise Refused(gettext("The text has a character that can’t be saved (NUL). Remove it, and send it again."))


Stop = TypeVar("Stop")


@dataclasses.dataclass(frozen=True)
class Ask(Generic[Stop]):
    """The next agency to ask. `is_backstop`: it accepts at once and cannot decline."""

    stop: Stop
    position: int
    is_backstop: bool


def next_in_chain(
    stops: Sequence[tuple[str, Stop]],
    *,
    lead: str,
    gone_past: Collection[str],
    reachable: Collection[str],
) -> Ask[Stop] | None:
    """Find whom to ask next, or None when the lead is where it belongs.

    stops: agency code and what stands for it, in the order of the chain, the backstop last. lead: the code of the
    agency that leads now. gone_past: codes that declined or did not answer. reachable: codes of agencies in which
    somebody can answer; the chain passes over others, and the backstop must be among them (LookupError otherwise).
    """
    last = len(stops) - 1
    for position, (code, stop) in enumerate(stops):
        if code == lead:
            return None  # everybody before it was asked: the case is already where the chain has come to
        if position == last:
            if code not in reachable:
                raise LookupError(f"The backstop {code} is not an open agency here: open it before routing.")
            return Ask(stop, position, is_backstop=True)
        if code in gone_past or code not in reachable:
            continue
        return Ask(stop, position, is_backstop=False)
    raise LookupError("The chain is empty: the mandate table in force was not proved.")


def passed_over(
    stops: Sequence[tuple[str, Stop]],
    *,
    lead: str,
    asked: Ask[Stop] | None,
    gone_past: Collection[str],
    unanswered: Collection[str],
) -> list[Ask[Stop]]:
    """List whom the chain came past because nobody there can answer: those before whoever is asked, or, where nobody
    is, before the lead. unanswered: codes of agencies on the system in which nobody can sign in and answer."""
    codes = [code for code, _ in stops]
    reached = asked.position if asked else codes.index(lead)
    before = enumerate(stops[:reached])
    return [
        Ask(stop, position, is_backstop=False)
        for position, (code, stop) in before
        if code in unanswered and code not in gone_past
    ]


def check_undo(*, kind: Kind, is_own: bool, is_lead: bool, ago: datetime.timedelta) -> None:
    """Raise CannotUndo where an acceptance stands. `is_own`: whoever undoes it gave it; `is_lead`: by this yes the
    agency still leads; `ago`: how long since the yes."""
    if kind not in UNDOABLE or not is_own:
        raise CannotUndo(gettext("Only the person who accepted can undo it. You can offer the lead back instead."))
    if not is_lead:
        raise CannotUndo(gettext("Your agency no longer leads this case by that acceptance. Nothing was changed."))
    if ago > UNDO_WITHIN:
        raise CannotUndo(
            gettext("More than two minutes have passed, so the lead stays. You can offer the lead back instead.")
        )


def told_from(*, urgency: str, at: datetime.datetime) -> datetime.datetime:
    """Say from when others may be told of an acceptance given `at`: once it can no longer be undone, and in danger at
    once."""
    return at if urgency == "immediate_danger" else at + UNDO_WITHIN


def due(*, urgency: str, at: datetime.datetime) -> datetime.datetime:
    """Say until when an offer made at `at` stays open. KeyError for an urgency without a window."""
    return at + WINDOWS[urgency]
