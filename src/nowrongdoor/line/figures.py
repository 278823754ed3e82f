"""What happened on the line in a month, counted anew from the contacts each time it is asked: for the agency itself, or
for whom the law names. Nothing here is public.

The promise: tests and practice are in no figure; a figure that cannot be counted from what is kept is named, with why.
Reports that left are counted by the room that keeps them, which knows the line (protocols/figures.py).
"""

from __future__ import annotations

import dataclasses
import datetime
import statistics
import uuid
import zoneinfo
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from django.conf import settings

from nowrongdoor.access import row_security
from nowrongdoor.core import line_indicators
from nowrongdoor.core.language import gettext as _
from nowrongdoor.line import models
from nowrongdoor.line.models import State

SHIFTS = {"night": range(8), "day": range(8, 16), "evening": range(16, 24)}  # hours by the clock of the installation


class NotOver(ValueError):
    """The month is not over, so its figures would change."""


@dataclasses.dataclass(frozen=True, slots=True)
class Month:
    """What happened in a month. `waits_s`: seconds until somebody answered whoever waited for it, middle and nine in
    ten, None where nobody did; mail waits for nobody, nor does whoever is answered from the list. `indicators`: those
    of the form, each a number, numbers by code, or None; `not_counted`: why not."""

    month: str
    edition: str
    edition_name: str
    evidence: str
    contacts: int
    by_mode: Mapping[str, int]
    by_end: Mapping[str, int]
    by_shift: Mapping[str, int]
    by_state: Mapping[str, int]
    by_language: Mapping[str, int]
    signals: int
    danger: int
    voicemails: int
    call_backs: Mapping[str, int]
    waits_s: Mapping[str, int | None]
    indicators: Mapping[str, int | Mapping[str, int] | None]
    not_counted: Mapping[str, str]


class Reports(Protocol):
    """Counts the reports of what came by an agency's line that left in a time, by the kind of recipient."""

    def __call__(
        self, agency_id: uuid.UUID, begins: datetime.datetime, ends: datetime.datetime, /
    ) -> Mapping[str, int]: ...


def of_month(agency_id: uuid.UUID, first: datetime.date, *, reports: Reports, at: datetime.datetime) -> Month:
    """Count a month of an agency's line, by the clock of the installation. NotOver."""
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    begins = datetime.datetime.combine(first, datetime.time(), zone)
    after = (first.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    ends = datetime.datetime.combine(after, datetime.time(), zone)
    if ends > at:
        raise NotOver(_("%(month)s isn’t over yet.") % {"month": f"{first:%Y-%m}"})
    within = {"agency": agency_id, "use": models.Use.LIVE, "rang_at__gte": begins, "rang_at__lt": ends}
    with row_security.system():
        left = reports(agency_id, begins, ends)
        rows = list(
            models.Contact.objects.filter(**within).values_list(
                *("medium", "state", "language", "rang_at", "answered_at", "is_danger", "signal", "signal__state")
            )
        )
        voicemails = models.ContactMessage.objects.filter(
            way=models.ContactMessage.Way.VOICEMAIL, **{f"contact__{name}": value for name, value in within.items()}
        ).count()
        call_backs = Counter(
            outcome or "open"
            for outcome in models.CallBack.objects.filter(
                **{f"contact__{name}": value for name, value in within.items()}
            ).values_list("outcome", flat=True)
        )
    by_mode = Counter(medium for medium, *_ in rows)
    waits = sorted(
        (answered - rang).total_seconds()
        for medium, _st, _l, rang, answered, *_ in rows
        if answered and medium != models.Medium.MAIL and answered - rang <= models.LONGEST_WAIT
    )
    edition = line_indicators.of_month(first)
    counted, not_counted = _indicators(
        edition, {"signals_by_mode": _sorted(by_mode), "law_enforcement_notifications": left}
    )
    return Month(
        month=f"{first:%Y-%m}",
        edition=edition.id if edition else "",
        edition_name=edition.name if edition else "",
        evidence=edition.evidence if edition else "",
        contacts=len(rows),
        by_mode=_sorted(by_mode),
        by_end=_sorted(Counter(_end(state, answered is not None) for _m, state, _l, _r, answered, *_ in rows)),
        by_shift=_sorted(Counter(_shift(rang.astimezone(zone).hour) for _m, _st, _l, rang, *_ in rows)),
        by_state=_sorted(Counter(place or "not known" for *_, signal, place in rows if signal)),
        by_language=_sorted(Counter(language for _m, _st, language, *_ in rows)),
        signals=sum(signal is not None for *_, signal, _place in rows),
        danger=sum(is_danger for *_, is_danger, _signal, _place in rows),
        voicemails=voicemails,
        call_backs=_sorted(call_backs),
        waits_s={"middle": _rounded(waits, 0.5), "nine_in_ten": _rounded(waits, 0.9)},
        indicators=counted,
        not_counted=not_counted,
    )


def _indicators(
    edition: line_indicators.Edition | None, known: Mapping[str, Mapping[str, int]]
) -> tuple[Mapping[str, int | Mapping[str, int] | None], Mapping[str, str]]:
    reasons = {
        "potential_victims": _("how many people a contact is about is not kept with it"),
        "emergency_service_requests": _("requests for shelter, extraction, and transportation are not kept yet"),
        "individual_referrals": _("referrals to services are not kept with contacts"),
        "referral_partners": _("referrals to services are not kept with contacts"),
    }
    if edition is None:
        return {}, {}
    if not edition.indicators:
        return {}, {"*": _("the list of indicators of this edition was not found")}
    counted = {name: known.get(name) for name in edition.indicators}
    return counted, {name: reasons[name] for name in edition.indicators if name in reasons}


def _end(state: str, was_answered: bool) -> str:  # noqa: FBT001
    if state in (State.RINGING, State.ANSWERED):
        return "open"
    if state == State.ABANDONED:
        return "abandoned"
    return "answered" if was_answered else "on the list"


def _shift(hour: int) -> str:
    return next(name for name, hours in SHIFTS.items() if hour in hours)


def _rounded(waits: Sequence[float], share: float) -> int | None:
    if not waits:
        return None
    return round(statistics.median(waits) if share == 0.5 else waits[min(len(waits) - 1, int(len(waits) * share))])


def _sorted(counts: Mapping[str, int]) -> Mapping[str, int]:
    return dict(sorted(counts.items()))
