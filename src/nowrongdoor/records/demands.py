"""The desk for subpoenas and warrants: what is demanded of an agency, who was told, and what left.

The promise: whoever handles records at the agency that got a demand reads it, and nobody else; nothing is put down as
having left before it is settled whether the person is notified; and every record that left has its digest.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections.abc import Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import queries as cases
from nowrongdoor.core.language import gettext as _
from nowrongdoor.records import desks, discovery, models
from nowrongdoor.vault import keys
from nowrongdoor.vault.models import DataKey

LIMIT = 4_000  # characters of what is asked
SHORT = 300  # of everything else
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A demand as it came in. `receiver`: who took it; `party`: the court or the party."""

    kind: models.Demand.Kind
    received_at: datetime.datetime
    receiver: str
    party: str
    docket: str
    asks: str
    return_at: datetime.datetime | None = None
    motion_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a demand stands: its dates, when counsel was told, and whether the person was notified. `forbidden_by`: the
    order that forbids it."""

    return_at: datetime.datetime | None
    motion_at: datetime.datetime | None
    counsel_at: datetime.datetime | None
    notice: models.Demand.Notice | None
    notice_at: datetime.datetime | None
    forbidden_by: str


@dataclasses.dataclass(frozen=True, slots=True)
class RecordShown:
    """A record that left."""

    name: str
    digest: str
    at: datetime.datetime
    by: str


@dataclasses.dataclass(frozen=True, slots=True)
class DemandShown:
    """A demand with its words open. `records`: what left, oldest first; in a list, none."""

    id: uuid.UUID
    kind: models.Demand.Kind
    received_at: datetime.datetime
    receiver: str
    party: str
    docket: str
    asks: str
    return_at: datetime.datetime | None
    motion_at: datetime.datetime | None
    counsel_at: datetime.datetime | None
    notice: models.Demand.Notice | None
    notice_at: datetime.datetime | None
    forbidden_by: str
    at: datetime.datetime
    by: str
    closed_at: datetime.datetime | None
    closed_by: str
    outcome: models.Demand.Outcome | None
    how: str
    records: Sequence[RecordShown] = ()

    @property
    def is_open(self) -> bool:
        """Return whether it still waits for its end."""
        return self.closed_at is None


def log(received: Received, *, by: viewers.Viewer, at: datetime.datetime) -> models.Demand:
    """Log a demand, sealed with a key of its own. desks.Refused."""
    assert by.user_id is not None  # a token has no page
    if received.received_at > at:
        raise desks.Refused("received_at", _("Enter when it was received; it can’t be later than now."))
    texts = {
        "receiver": _words("receiver", received.receiver, _("who took it")),
        "party": _words("party", received.party, _("which court or party it’s from")),
        "docket": _words("docket", received.docket, _("the docket number"), is_required=False),
        "asks": _words("asks", received.asks, _("what it asks for"), limit=LIMIT),
    }
    row = models.Demand(
        id=new_id(),
        agency_id=by.agency_id,
        kind=received.kind.value,
        received_at=received.received_at,
        return_at=received.return_at,
        motion_at=received.motion_at,
        at=at,
        by_id=by.user_id,
    )
    minted = keys.Minted([row.id])
    for column, text in texts.items():
        setattr(row, column, minted[row.id].seal(text, row.place(column)))
    with row_security.looking(by):
        row.save(force_insert=True)
        minted.keep(DataKey.Of.DEMAND)
        desks.note("demand.logged", row, {"kind": row.kind}, by=by, at=at)
    return row


def change(demand_id: uuid.UUID, standing: Standing, *, by: viewers.Viewer, at: datetime.datetime) -> models.Demand:
    """Say how a demand stands now. desks.NotThere, desks.Refused."""
    with row_security.looking(by):
        row = desks.locked(models.Demand, demand_id, by)
        for field, moment in (("counsel_at", standing.counsel_at), ("notice_at", standing.notice_at)):
            if moment is not None and moment > at:
                raise desks.Refused(field, _("This can’t be later than now."))
        was_given = row.notice == models.Demand.Notice.GIVEN.value and standing.notice is not models.Demand.Notice.GIVEN
        is_relied_on = was_given and models.DemandRecord.objects.filter(demand=row).exists()
        if is_relied_on or (standing.notice is None and row.notice):
            raise desks.Refused(
                "notice", _("Say whether the person was notified. What was said before isn’t taken back.")
            )
        if standing.notice is None and standing.notice_at is not None:
            raise desks.Refused("notice", _("Say whether the person was notified."))
        if standing.notice is not None and standing.notice_at is None:
            raise desks.Refused("notice_at", _("Enter when."))
        is_withheld = standing.notice is models.Demand.Notice.WITHHELD
        if standing.forbidden_by.strip() and not is_withheld:
            raise desks.Refused(
                "forbidden_by", _("Say above that an order forbids notifying the person, or empty this.")
            )
        forbidden_by = ""
        if is_withheld:
            forbidden_by = _words("forbidden_by", standing.forbidden_by, _("which order forbids it"))
        row.return_at, row.motion_at, row.counsel_at = standing.return_at, standing.motion_at, standing.counsel_at
        row.notice = standing.notice.value if standing.notice else ""
        row.notice_at = standing.notice_at if standing.notice else None
        row.forbidden_by = keys.of(row.id).seal(forbidden_by, row.place("forbidden_by"))
        row.save(update_fields=["return_at", "motion_at", "counsel_at", "notice", "notice_at", "forbidden_by"])
        desks.note("demand.changed", row, {"notice": row.notice}, by=by, at=at)
    return row


def note_record(
    demand_id: uuid.UUID,
    *,
    name: str,
    digest: str,
    case: cases.Access | None,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.DemandRecord:
    """Note that a record left. `case`: whose collection for discovery it is in; its name is then taken from there, and
    a digest that is not in it is refused. desks.NotThere, desks.Refused."""
    assert by.user_id is not None  # a token has no page
    digest = digest.strip().lower()
    if not DIGEST.fullmatch(digest):
        raise desks.Refused("digest", _("Enter the SHA-256 of what left: 64 digits and letters from a to f."))
    if case is not None and name.strip():
        raise desks.Refused("record", _("Leave this empty: a record of a case is named as in its collection."))
    with row_security.looking(by):
        _receiving(demand_id, digest, by)
    if case is not None:  # outside, so that the trail keeps who collected, whatever comes of it
        name = _name_in(case, digest, by=by, at=at)
    with row_security.looking(by):
        row = _receiving(demand_id, digest, by)
        left = models.DemandRecord(
            id=new_id(), demand=row, agency_id=by.agency_id, digest=digest, at=at, by_id=by.user_id
        )
        left.name = keys.of(row.id).seal(_words("record", name, _("which record it is")), left.place())
        left.save(force_insert=True)
        desks.note("demand.record_left", row, {"digest": digest}, by=by, at=at)
    return left


def close(
    demand_id: uuid.UUID, *, outcome: models.Demand.Outcome, how: str, by: viewers.Viewer, at: datetime.datetime
) -> models.Demand:
    """Close a demand, and say how it ended. desks.NotThere, desks.Refused."""
    with row_security.looking(by):
        row = desks.locked(models.Demand, demand_id, by)
        handed_over = outcome in (models.Demand.Outcome.COMPLIED, models.Demand.Outcome.PARTLY)
        if handed_over != models.DemandRecord.objects.filter(demand=row).exists():
            raise desks.Refused(
                "outcome",
                _("Add each record that left before you close it.")
                if handed_over
                else _("Records left for this demand, so it can’t end without a handover."),
            )
        words = _words("how", how, _("how it ended"), is_required=False)
        row.closed_at, row.closed_by_id, row.outcome = at, by.user_id, outcome.value
        row.how = keys.of(row.id).seal(words, row.place("how"))
        row.save(update_fields=["closed_at", "closed_by", "outcome", "how"])
        desks.note("demand.closed", row, {"outcome": row.outcome}, by=by, at=at)
    return row


def listed(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[DemandShown]:
    """List the demands on the viewer's agency: the open ones first, then those closed last; desks.SHOWN at most."""
    with row_security.looking(viewer):
        record.looked("demands.listed", viewer.agency_id, by=viewer, at=at)
        in_order = desks.rows(models.Demand, viewer).order_by(desks.OPEN_FIRST, "-received_at", "id")
        shown = list(in_order[: desks.SHOWN])
        opened = keys.open_all(row.id for row in shown)
        return [_shown(row, opened) for row in shown]


def read(demand_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> DemandShown:
    """Read a demand with what left for it. desks.NotThere."""
    with row_security.looking(by):
        row = desks.rows(models.Demand, by).filter(id=demand_id).first()
        if row is None:
            raise desks.NotThere
        record.looked("demand.read", row.id, by=by, at=at)
        opened = keys.open_all([row.id])
        left = models.DemandRecord.objects.filter(demand=row).annotate(by_name=agencies.name_of("by_id"))
        records = [
            RecordShown(keys.shown(opened.get(row.id), each.name, each.place()), each.digest, each.at, each.by_name)
            for each in left.order_by("at", "id")
        ]
        return dataclasses.replace(_shown(row, opened), records=records)


def _shown(row: models.Demand, opened: keys.Keys) -> DemandShown:
    key = opened.get(row.id)
    return DemandShown(
        id=row.id,
        kind=models.Demand.Kind(row.kind),
        received_at=row.received_at,
        receiver=keys.shown(key, row.receiver, row.place("receiver")),
        party=keys.shown(key, row.party, row.place("party")),
        docket=keys.shown(key, row.docket, row.place("docket")),
        asks=keys.shown(key, row.asks, row.place("asks")),
        return_at=row.return_at,
        motion_at=row.motion_at,
        counsel_at=row.counsel_at,
        notice=models.Demand.Notice(row.notice) if row.notice else None,
        notice_at=row.notice_at,
        forbidden_by=keys.shown(key, row.forbidden_by, row.place("forbidden_by")),
        at=row.at,
        by=getattr(row, "by_name"),  # noqa: B009  annotated
        closed_at=row.closed_at,
        closed_by=getattr(row, "closer") or "",  # noqa: B009
        outcome=models.Demand.Outcome(row.outcome) if row.outcome else None,
        how=keys.shown(key, row.how, row.place("how")),
    )


def _receiving(demand_id: uuid.UUID, digest: str, by: viewers.Viewer) -> models.Demand:
    """Locks a demand for which this record may leave now."""
    row = desks.locked(models.Demand, demand_id, by)
    if not row.notice:
        raise desks.Refused("digest", _("First say whether the person was notified, or which order forbids it."))
    if models.DemandRecord.objects.filter(demand=row, digest=digest).exists():
        raise desks.Refused("digest", _("This record is in the list already."))
    return row


def _name_in(case: cases.Access, digest: str, *, by: viewers.Viewer, at: datetime.datetime) -> str:
    """Names a record as its case's collection does; the digest of a list stands for the whole of it."""
    collection = discovery.collect(by, case, person=None, form="demand", at=at)
    if collection.digest == digest:
        return f"{case.case.reference}: {len(collection.items)} records"
    for item in collection.items:
        if item.digest == digest:
            return f"{case.case.reference}: {item.sort.value} {item.name}"
    raise desks.Refused("digest", _("No record that you can open in this case has this digest now."))


def _words(field: str, words: str, what: str, *, limit: int = SHORT, is_required: bool = True) -> str:
    words = words.strip()
    if (is_required and not words) or len(words) > limit or "\x00" in words:
        sentence = _("Write {what}, in at most {limit} characters.")
        raise desks.Refused(field, sentence.format(what=what, limit=f"{limit:,}"))
    return words
