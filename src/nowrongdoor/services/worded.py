"""Why a service is offered or left out, in words."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from nowrongdoor.core import country_words, language
from nowrongdoor.core.services import matching, profile
from nowrongdoor.core.services.matching import Why
from nowrongdoor.core.services.service import Hours
from nowrongdoor.services import forms
from nowrongdoor.services.finding import Answer, Phone


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """A service to call. `refer`: the form that asks it; `room_at`: when somebody there said how much room there is;
    `ask`: what it asks of whoever comes; `limits`: what a law says of whom it may help."""

    name: str
    refer: forms.ReferForm
    is_hidden: bool
    phones: Sequence[Phone]
    hours: str
    is_open: bool
    room: str
    room_at: datetime.datetime | None
    speaks: str
    is_near: bool
    ask: Sequence[str]
    limits: Sequence[profile.Limit]


@dataclasses.dataclass(frozen=True, slots=True)
class Miss:
    """A service that is left out, and why; `phones`: where it may be worth a call all the same."""

    name: str
    reasons: Sequence[str]
    phones: Sequence[Phone] = ()


def offers(
    answer: Answer,
    phones: Mapping[str, Sequence[Phone]],
    needs: matching.Needs,
    goes: forms.Goes,
) -> Sequence[Offer]:
    """Say of each service that is offered what whoever calls it needs to know. `goes`: the referral that it is
    for."""
    return [
        Offer(
            name=each.service.name,
            refer=forms.ReferForm.of(each.service.id, needs.kind, goes, holds=each.service.id in answer.counted),
            is_hidden=each.service.is_hidden,
            phones=phones.get(each.service.id, ()),
            hours=_HOURS[each.service.hours](),
            is_open=each.service.hours in (Hours.OPEN, Hours.ON_CALL),
            room=_room(each),
            room_at=each.service.room.confirmed_at if each.service.room and each.has_room else None,
            speaks=_speaks(each, needs),
            is_near=each.is_near,
            ask=[question(fact) for fact in each.ask],
            limits=[profile.installed().limits[code] for code in sorted(each.service.limits)],
        )
        for each in answer.found.offered
    ]


def misses(
    left_out: Sequence[matching.LeftOut], needs: matching.Needs, phones: Mapping[str, Sequence[Phone]] | None = None
) -> Sequence[Miss]:
    """Say of services that are left out every reason. `phones`: their numbers, which are shown unless nobody vouches
    for them."""
    return [
        Miss(
            each.service.name,
            [_reason(one, needs) for one in each.reasons],
            ()
            if phones is None or any(one.why is Why.NOT_VETTED for one in each.reasons)
            else phones.get(each.service.id, ()),
        )
        for each in left_out
    ]


def question(fact: str) -> str:
    """Return what a service asks."""
    if fact == "place":
        return _("In which county are they?")
    if fact == "language":
        return _("Which language do they speak?")
    return country_words.worded(profile.installed().facts[fact].question)


_HOURS = {
    Hours.OPEN: lambda: _("Somebody is there now"),
    Hours.ON_CALL: lambda: _("On call now"),
    Hours.LATER: lambda: _("Closed now"),
    Hours.UNKNOWN: lambda: _("Hours not known"),
}


def _room(each: matching.Offered) -> str:
    room = each.service.room
    if room is None:
        return ""
    if each.has_room is None:
        return _("No recent count of free places")
    return _("%(count)s free at last count") % {"count": room.left}


def _speaks(each: matching.Offered, needs: matching.Needs) -> str:
    if not needs.language:
        return ""
    words = _("Speaks %(language)s") if each.speaks else _("Interprets for %(language)s")
    return words % {"language": _language(needs)}


def _language(needs: matching.Needs) -> str:
    """Name a language in that of the page, where Django knows its name there."""
    try:
        return str(translation.get_language_info(needs.language)["name_translated"])
    except KeyError:
        return language.name_of(needs.language)


def _reason(one: matching.Reason, needs: matching.Needs) -> str:
    match one.why:
        case Why.KIND:
            return _("It does something else.")
        case Why.AREA:
            return _("It’s for another area.")
        case Why.LANGUAGE:
            return _("It doesn’t speak %(language)s, and has no interpreter.") % {"language": _language(needs)}
        case Why.FULL:
            return _("It’s full.")
        case Why.CLOSED:
            return _("It’s closed now.")
        case Why.NOT_VETTED:
            return _("No agency vouches for it now.")
        case Why.CONDITION:
            return _("It can’t take them because of the answer to: “%(question)s”") % {"question": question(one.fact)}
