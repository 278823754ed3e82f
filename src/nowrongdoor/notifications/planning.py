"""How what somebody was told is to leave: with which message, from when on, or not at all.

The promise: everything is looked at once, when it may be told and not before, and committed with its message. What
comes for one person while a message still waits goes with that one, so that eight thousand offers are one mail.
"""

from __future__ import annotations

import datetime
import uuid
import zoneinfo
from collections.abc import Mapping

from django.db.models import Q

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import languages, rotas
from nowrongdoor.core import notices
from nowrongdoor.leads import queries as leads
from nowrongdoor.notifications import models
from nowrongdoor.notifications.kinds import Kind
from nowrongdoor.outbox import delivering
from nowrongdoor.outbox import kinds as outbox
from nowrongdoor.outbox.models import Message

AT_ONCE = 1_000
ON_CALL = (Kind.OFFER_WAITS, Kind.OFFER_UNOPENED)  # what whoever is on call must hear, if the offer is urgent


@row_security.system()
def plan(*, at: datetime.datetime) -> bool:
    """Plan some of what was not looked at, oldest first; False when nothing was left."""
    if not delivering.sends_mail():
        models.Notification.objects.filter(planned_at=None, at__lte=at).update(planned_at=at)
        return False
    rows = list(
        models.Notification.objects.filter(planned_at=None, at__lte=at)
        .select_for_update(skip_locked=True)
        .select_related("person__agency")
        .order_by("id")[:AT_ONCE]
    )
    preferences = _preferences([row.person_id for row in rows])
    on_call = rotas.on_call(at=at, agency_ids={row.agency_id for row in rows})
    urgent = _urgent(rows, at=at)
    waiting: dict[tuple[uuid.UUID, datetime.datetime], list[uuid.UUID]] = {}
    for row in rows:
        due_at = _due(row, preferences.get(row.person_id), on_call, is_urgent=row.thing_id in urgent, at=at)
        if due_at is not None:
            waiting.setdefault((row.person_id, due_at), []).append(row.id)
    models.Notification.objects.filter(id__in=[row.id for row in rows]).update(planned_at=at)
    agency_of = {row.person_id: row.agency_id for row in rows}
    for (person_id, due_at), ids in waiting.items():
        message = _message_for(person_id, agency_of[person_id], due_at=due_at, at=at)
        models.Notification.objects.filter(id__in=ids).update(message=message)
    return bool(rows)


def _due(
    row: models.Notification,
    preference: models.Preference | None,
    on_call: Mapping[uuid.UUID, rotas.OnCall],
    *,
    is_urgent: bool,
    at: datetime.datetime,
) -> datetime.datetime | None:
    kind = Kind(row.kind)
    if preference is None or kind.subject is None or row.seen_at or row.over_at or not row.person.is_active:
        return None
    how = notices.How(getattr(preference, kind.subject.value))
    listed = on_call.get(row.agency_id)
    is_on_call = is_urgent and (
        kind is Kind.OFFER_UNOPENED
        or (kind is Kind.OFFER_WAITS and listed is not None and row.person_id in listed.to_tell(0))
    )
    # Of these only whoever is on call hears, or whom it was passed on to; besides who is on shift, and works.
    is_on_call |= kind.is_heard_on_call and row.person.role == viewers.ANSWERS.value
    return notices.due(how, hours_of(preference, row.person.time_zone), at=at, is_on_call=is_on_call)


def hours_of(preference: models.Preference, time_zone: str) -> notices.Hours:
    """Return a person's own day. A time zone that this machine no longer knows is the country's; the page says so."""
    zone: zoneinfo.ZoneInfo = languages.zone_of(languages.Choice(time_zone=time_zone))
    return notices.Hours(zone, preference.digest_at, preference.quiet_from, preference.quiet_to)


def _preferences(person_ids: list[uuid.UUID]) -> Mapping[uuid.UUID, models.Preference]:
    rows = models.Preference.objects.filter(~Q(email=""), person__in=person_ids, email_checked_at__isnull=False)
    return {row.person_id: row for row in rows}


def _urgent(rows: list[models.Notification], *, at: datetime.datetime) -> set[uuid.UUID]:
    if not any(Kind(row.kind) in ON_CALL for row in rows):
        return set()
    return {offer.id for offer in leads.waiting_offers(within=notices.URGENT, at=at)}


def _message_for(
    person_id: uuid.UUID, agency_id: uuid.UUID, *, due_at: datetime.datetime, at: datetime.datetime
) -> Message:
    """Finds a message to the person that waits untried and leaves no later, or puts one into the outbox."""
    kind = outbox.Kind.NEWS if due_at <= at else outbox.Kind.DIGEST
    waits = Message.objects.select_for_update(skip_locked=True).filter(
        person=person_id, kind=kind.value, tries=0, over_at=None
    )
    same = waits.filter(due_at__lte=due_at) if kind is outbox.Kind.NEWS else waits.filter(due_at=due_at)
    return same.order_by("id").first() or delivering.queue(
        kind, agency_id=agency_id, person_id=person_id, due_at=due_at, at=at
    )
