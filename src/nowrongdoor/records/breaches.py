"""The breach desk: what happened, how many people it is about, and who was told within the day.

The promise: a breach stays open, and reminds, until whoever had to be told confirmed it with a number; and nothing here
can name anybody, because nothing here is words.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections.abc import Collection, Mapping, Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.core import notices
from nowrongdoor.core.language import gettext as _
from nowrongdoor.records import desks, models

CLOCK = datetime.timedelta(hours=24)  # from noticing it (policy: a condition of awards)
DAY = datetime.timedelta(days=1)
MOST = 2_147_483_647  # people: what the column holds
Recipient = models.BreachNotice.Recipient


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a breach now. `happened_at`: None where it has not happened, or nobody knows when."""

    kind: models.Breach.Kind
    happened_at: datetime.datetime | None
    people: int


@dataclasses.dataclass(frozen=True, slots=True)
class NoticeShown:
    """That somebody was told."""

    recipient: Recipient
    told_at: datetime.datetime
    confirmation: str
    by: str


@dataclasses.dataclass(frozen=True, slots=True)
class BreachShown:
    """A breach as its page shows it."""

    id: uuid.UUID
    kind: models.Breach.Kind
    happened_at: datetime.datetime | None
    noticed_at: datetime.datetime
    due_at: datetime.datetime
    what: Sequence[models.Breach.What]
    people: int
    by: str
    closed_at: datetime.datetime | None
    closed_by: str
    notices: Sequence[NoticeShown]

    @property
    def is_open(self) -> bool:
        """Return whether it was not closed."""
        return self.closed_at is None

    @property
    def is_confirmed(self) -> bool:
        """Return whether whoever had to be told within the day confirmed it."""
        return any(each.recipient is Recipient.AWARD and each.confirmation for each in self.notices)


def log(
    known: Known,
    *,
    noticed_at: datetime.datetime,
    what: Sequence[models.Breach.What],
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.Breach:
    """Log a breach: from when it was noticed, the clock runs. desks.Refused."""
    assert by.user_id is not None  # a token has no page
    _check(known, at=at)
    if noticed_at > at:
        raise desks.Refused("noticed_at", _("Enter when it was noticed; it can’t be later than now."))
    if not what:
        raise desks.Refused("what", _("Choose at least one sort of information."))
    with row_security.looking(by):
        row = models.Breach.objects.create(
            id=new_id(),
            agency_id=by.agency_id,
            kind=known.kind.value,
            happened_at=known.happened_at,
            noticed_at=noticed_at,
            what=sorted({each.value for each in what}),
            people=known.people,
            at=at,
            by_id=by.user_id,
        )
        desks.note("breach.logged", row, {"kind": row.kind, "people": row.people}, by=by, at=at)
    return row


def change(breach_id: uuid.UUID, known: Known, *, by: viewers.Viewer, at: datetime.datetime) -> models.Breach:
    """Say what is known now; the trail keeps what was known before. desks.NotThere, desks.Refused."""
    _check(known, at=at)
    with row_security.looking(by):
        row = desks.locked(models.Breach, breach_id, by)
        row.kind, row.happened_at, row.people = known.kind.value, known.happened_at, known.people
        row.save(update_fields=["kind", "happened_at", "people"])
        desks.note("breach.changed", row, {"kind": row.kind, "people": row.people}, by=by, at=at)
    return row


def tell(
    breach_id: uuid.UUID,
    recipient: Recipient,
    *,
    told_at: datetime.datetime,
    confirmation: str,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.BreachNotice:
    """Note who was told, and the number that they gave for it, if they did. desks.NotThere, desks.Refused."""
    assert by.user_id is not None  # a token has no page
    confirmation = confirmation.strip().upper()
    if told_at > at:
        raise desks.Refused("told_at", _("Enter when they were told; it can’t be later than now."))
    if confirmation and not re.fullmatch(models.CONFIRMATION, confirmation):
        raise desks.Refused(
            "confirmation",
            _(
                "Enter the number alone: up to five letters, then at least three digits, with hyphens, periods, or "
                "slashes. No names and no spaces."
            ),
        )
    with row_security.looking(by):
        row = desks.locked(models.Breach, breach_id, by)
        same = models.BreachNotice.objects.filter(breach=row, recipient=recipient.value, told_at=told_at)
        if same.filter(confirmation=confirmation).exists():
            raise desks.Refused("told_at", _("This notice is in the list already."))
        notice = models.BreachNotice.objects.create(
            id=new_id(),
            breach=row,
            agency_id=by.agency_id,
            recipient=recipient.value,
            told_at=told_at,
            confirmation=confirmation,
            at=at,
            by_id=by.user_id,
        )
        details: dict[str, record.Detail] = {"recipient": recipient.value, "confirmed": int(bool(confirmation))}
        desks.note("breach.told", row, details, by=by, at=at)
    return notice


def close(breach_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Breach:
    """Close a breach whose notice was confirmed. desks.NotThere, desks.Refused."""
    with row_security.looking(by):
        row = desks.locked(models.Breach, breach_id, by)
        confirmed = models.BreachNotice.objects.filter(breach=row, recipient=Recipient.AWARD.value)
        if not confirmed.exclude(confirmation="").exists():
            raise desks.Refused(
                "",
                _(
                    "It stays open until the agency that made the award, or your privacy office, confirms your notice "
                    "with a number. Add that number first."
                ),
            )
        row.closed_at, row.closed_by_id = at, by.user_id
        row.save(update_fields=["closed_at", "closed_by"])
        desks.note("breach.closed", row, {}, by=by, at=at)
    return row


def listed(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[BreachShown]:
    """List the breaches of the viewer's agency: the open ones first, then those closed last; desks.SHOWN at most."""
    with row_security.looking(viewer):
        record.looked("breaches.listed", viewer.agency_id, by=viewer, at=at)
        in_order = desks.rows(models.Breach, viewer).order_by(desks.OPEN_FIRST, "-noticed_at", "id")
        rows = list(in_order[: desks.SHOWN])
        notices_of = _notices([row.id for row in rows])
        return [_shown(row, notices_of[row.id]) for row in rows]


def read(breach_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> BreachShown:
    """Read a breach with its notices. desks.NotThere."""
    with row_security.looking(by):
        row = desks.rows(models.Breach, by).filter(id=breach_id).first()
        if row is None:
            raise desks.NotThere
        record.looked("breach.read", row.id, by=by, at=at)
        return _shown(row, _notices([row.id])[row.id])


def step(*, noticed_at: datetime.datetime, at: datetime.datetime) -> datetime.datetime | None:
    """Return what a reminder is about now: the end of the clock from eight hours before it; then each day after it, for
    as long as the notice has no confirmation. None: too early."""
    due_at = noticed_at + CLOCK
    if at < notices.remind_at(since=noticed_at, due_at=due_at):
        return None
    return due_at + max(0, (at - due_at) // DAY) * DAY


def _check(known: Known, *, at: datetime.datetime) -> None:
    if known.happened_at is not None and known.happened_at > at:
        raise desks.Refused(
            "happened_at", _("It can’t have happened later than now. If it hasn’t happened, leave this empty.")
        )
    if not 0 <= known.people <= MOST:
        raise desks.Refused("people", _("Enter a number of people."))


def _notices(breach_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[NoticeShown]]:
    """Reads who was told, by breach, oldest first."""
    by_breach: dict[uuid.UUID, list[NoticeShown]] = {breach_id: [] for breach_id in breach_ids}
    rows = models.BreachNotice.objects.filter(breach__in=breach_ids).annotate(by_name=agencies.name_of("by_id"))
    for row in rows.order_by("told_at", "id"):
        shown = NoticeShown(Recipient(row.recipient), row.told_at, row.confirmation, row.by_name)
        by_breach[row.breach_id].append(shown)
    return by_breach


def _shown(row: models.Breach, notices_of_it: Sequence[NoticeShown]) -> BreachShown:
    return BreachShown(
        id=row.id,
        kind=models.Breach.Kind(row.kind),
        happened_at=row.happened_at,
        noticed_at=row.noticed_at,
        due_at=row.noticed_at + CLOCK,
        what=[models.Breach.What(each) for each in row.what],
        people=row.people,
        by=getattr(row, "by_name"),  # noqa: B009  annotated
        closed_at=row.closed_at,
        closed_by=getattr(row, "closer") or "",  # noqa: B009
        notices=notices_of_it,
    )
