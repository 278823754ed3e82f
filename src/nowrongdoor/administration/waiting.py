"""What waits for an administrator: one sentence each, and where to go."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator, Sequence

from nowrongdoor.access import viewers
from nowrongdoor.administration import health
from nowrongdoor.agencies import inviting, queries
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import ngettext
from nowrongdoor.mandates import queries as tables
from nowrongdoor.retention import queries as retention

TOKEN_ENDS = datetime.timedelta(days=14)  # policy: how long before its end a token is spoken of


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits; `address` is the name of the page where an administrator acts on it, empty where others
    do."""

    words: str
    address: str = ""


def items(viewer: viewers.Viewer, *, lines: Sequence[health.Line], at: datetime.datetime) -> Sequence[Item]:
    """List what waits, what keeps cases from somebody who answers first."""
    return [*_routing(), *_people(viewer, at), *_tokens(viewer, at), *_disposals(viewer), *_health(lines)]


def _routing() -> Iterator[Item]:
    if trouble := tables.trouble():
        yield Item(trouble, "routing")
    elif shipped := tables.waiting_shipped():
        yield Item(
            _("This version ships another mandate table, which isn’t in force: %(name)s, version %(version)s.")
            % {"name": shipped.content.name, "version": shipped.content.version},
            "routing",
        )
    if words := health.signals_waiting():
        yield Item(words, "routing")


def _people(viewer: viewers.Viewer, at: datetime.datetime) -> Iterator[Item]:
    directory = queries.directory()
    office = directory[viewer.agency_id]
    if office.may_lead and not office.is_answered:
        yield Item(_("Offers pass your agency over: %(reason)s.") % {"reason": office.why_not}, "staff")
    elif any(each.id == office.id for each in directory.soon_passed_over):
        yield Item(_("Offers will soon pass your agency over, because no coordinator signs in."), "staff")
    rows = inviting.waiting(viewer, at=at)
    if count := sum(each.is_over for each in rows):
        words = ngettext("%(count)s invitation expired unused.", "%(count)s invitations expired unused.", count)
        yield Item(words % {"count": count}, "staff")
    if count := sum(each.is_stopped and not each.is_over for each in rows):
        words = ngettext(
            "%(count)s invitation stopped, because whoever sent it is no longer an administrator.",
            "%(count)s invitations stopped, because whoever sent them is no longer an administrator.",
            count,
        )
        yield Item(words % {"count": count}, "staff")
    if count := sum(not each.is_over and not each.is_stopped for each in rows):
        words = ngettext("%(count)s invitation is waiting.", "%(count)s invitations are waiting.", count)
        yield Item(words % {"count": count}, "staff")


def _tokens(viewer: viewers.Viewer, at: datetime.datetime) -> Iterator[Item]:
    ending = [
        each
        for each in queries.tokens(viewer.agency_id)
        if each.revoked_at is None and each.ends_at and each.ends_at <= at + TOKEN_ENDS
    ]
    if count := len(ending):
        words = ngettext("%(count)s token ends soon or has ended.", "%(count)s tokens end soon or have ended.", count)
        yield Item(words % {"count": count}, "tokens")


def _disposals(viewer: viewers.Viewer) -> Iterator[Item]:
    if count := retention.count_waiting(viewer.agency_id):
        words = ngettext(
            "%(count)s disposal needs a second person. A coordinator who didn’t request it approves it.",
            "%(count)s disposals need a second person. A coordinator who didn’t request them approves them.",
            count,
        )
        yield Item(words % {"count": count})


def _health(lines: Sequence[health.Line]) -> Iterator[Item]:
    if count := sum(each.health is health.Health.ACT for each in lines):
        words = ngettext(
            "%(count)s health check of the installation needs action.",
            "%(count)s health checks of the installation need action.",
            count,
        )
        yield Item(words % {"count": count}, "health")
