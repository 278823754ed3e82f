"""Which services can take somebody now: in which order to ask them, why, and why not each other one.

The promise: the order follows one rule (`ORDER`) that is shown, whatever the order of what is given; each service is
offered or left out with every reason; what is not known about somebody is a question to ask, never a no; and where a
hidden place is changes nothing of the order but by the area that everybody may read.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections import Counter
from collections.abc import Iterable, Sequence

from nowrongdoor.core.services import service
from nowrongdoor.core.services.service import Hours, Verdict

FRESH = datetime.timedelta(hours=12)  # for which a number of beds is believed; policy, no law sets it


class Why(enum.Enum):
    """Why a service is left out."""

    KIND = "kind"  # it does something else
    AREA = "area"
    LANGUAGE = "language"  # it neither speaks it nor interprets
    CONDITION = "condition"  # it does not take somebody of whom this is true
    FULL = "full"
    CLOSED = "closed"  # and somebody is needed there now
    NOT_VETTED = "not_vetted"


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `fact`: of a condition, which one; empty otherwise."""

    why: Why
    fact: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What somebody needs, and where they are. `is_now`: somebody has to be there now; `language`, `state`
    and `county` are empty where they are not known: then none is in the way, and each is a question."""

    kind: str
    facts: service.Facts
    language: str
    state: str = ""
    county: str = ""
    is_now: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Offered:
    """A service that may take them. `ask`: facts of which it has to be asked first, in the service's own order; `has
    room`: None where nobody has said lately."""

    service: service.Service
    ask: Sequence[str]
    has_room: bool | None
    speaks: bool
    is_near: bool


@dataclasses.dataclass(frozen=True, slots=True)
class LeftOut:
    """A service that is not offered, with every reason."""

    service: service.Service
    reasons: Sequence[Reason]


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """Who can be asked, in order; who cannot; and of these, whom one single change would bring in."""

    offered: Sequence[Offered]
    left_out: Sequence[LeftOut]

    @property
    def misses(self) -> Sequence[LeftOut]:
        """List those that are left out for one reason alone, but for what they do."""
        return [each for each in self.left_out if len(each.reasons) == 1 and each.reasons[0].why is not Why.KIND]

    @property
    def questions(self) -> Sequence[str]:
        """List what to ask next: first what most services want to know, so that few things are asked."""
        wanted = Counter(fact for each in self.offered for fact in each.ask)
        return sorted(wanted, key=lambda fact: (-wanted[fact], fact))


# Each says, of somebody who is offered, what comes first; the next one decides where one says the same of two.
ORDER = ("taken_for_sure", "somebody_is_there", "has_room", "speaks", "near", "name")
_THERE = {Hours.OPEN: 0, Hours.ON_CALL: 1, Hours.LATER: 2, Hours.UNKNOWN: 3}
_ROOM = {True: 0, None: 1}


def match(needs: Needs, services: Iterable[service.Service], *, now: datetime.datetime) -> Found:
    """Find who can take somebody. Each service is in one of the two lists, once."""
    offered: list[Offered] = []
    left_out: list[LeftOut] = []
    for each in services:
        reasons, ask = _judged(needs, each, now)
        if reasons:
            left_out.append(LeftOut(each, reasons))
        else:
            has_room = None if _room(each, now) is None else True
            is_near = any(needs.county in area.counties for area in each.shown_areas()) if needs.county else False
            offered.append(Offered(each, ask, has_room, needs.language in each.languages, is_near))
    return Found(
        sorted(offered, key=_place),
        sorted(left_out, key=lambda one: (len(one.reasons), one.service.name, one.service.id)),
    )


def _place(each: Offered) -> tuple[bool, int, int, bool, bool, str, str]:
    """Say where somebody stands, as ORDER has it."""
    of = each.service
    return (bool(each.ask), _THERE[of.hours], _ROOM[each.has_room], not each.speaks, not each.is_near, of.name, of.id)


def _judged(needs: Needs, each: service.Service, now: datetime.datetime) -> tuple[Sequence[Reason], Sequence[str]]:
    """Return why it is left out, with every reason, and what has to be asked."""
    reasons: list[Reason] = []
    ask: list[str] = []
    if needs.kind not in each.kinds:
        reasons.append(Reason(Why.KIND))
    if each.vetted_until is None or each.vetted_until <= now:
        reasons.append(Reason(Why.NOT_VETTED))
    place = _serves(needs, each)
    if place is Verdict.NO:
        reasons.append(Reason(Why.AREA))
    elif place is Verdict.ASK:
        ask.append("place")
    if not needs.language:
        ask.append("language")
    elif needs.language not in each.languages and not each.interprets:
        reasons.append(Reason(Why.LANGUAGE))
    if needs.is_now and each.hours is Hours.LATER:
        reasons.append(Reason(Why.CLOSED))
    if _room(each, now) == 0:
        reasons.append(Reason(Why.FULL))
    for condition in each.conditions:
        verdict = condition.verdict(needs.facts)
        if verdict is Verdict.NO:
            reasons.append(Reason(Why.CONDITION, condition.fact))
        elif verdict is Verdict.ASK:
            ask.append(condition.fact)
    return reasons, ask


def _serves(needs: Needs, each: service.Service) -> Verdict:
    """Say whether one of its areas holds where they are, as everybody may read them: else somebody would find a hidden
    place by asking for one county after another. Of a county that is not known one asks."""
    verdicts = {_holds(area, needs) for area in each.shown_areas()}
    return next((one for one in (Verdict.YES, Verdict.ASK) if one in verdicts), Verdict.NO)


def _holds(area: service.Area, needs: Needs) -> Verdict:
    if not area.state:
        return Verdict.YES
    if not needs.state:
        return Verdict.ASK
    if area.state != needs.state:
        return Verdict.NO
    if not area.counties:
        return Verdict.YES
    if not needs.county:
        return Verdict.ASK
    return Verdict.YES if needs.county in area.counties else Verdict.NO


def _room(each: service.Service, now: datetime.datetime) -> int | None:
    """Return how many more it takes, None where nobody said lately: a number that is old, or of a time that is still to
    come, says nothing, in either way."""
    if each.room is None or not now - FRESH < each.room.confirmed_at <= now:
        return None
    return each.room.left
