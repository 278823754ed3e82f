"""Who told us, and how to reach them: read by the agency that took the signal, and dropped when it ends or they say so.

The promise: how to reach somebody is kept only where they said that it is safe, only until the day they named, and is
never derived from anything else.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from collections.abc import Collection, Mapping, Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext
from nowrongdoor.signals import actions, models
from nowrongdoor.vault import keys

AT_ONCE = 1_000


@dataclasses.dataclass(frozen=True, slots=True)
class Telling:
    """What was said of whoever made a contact: answers by the names of the form, and how to reach them while that
    holds. Empty where nothing was said, or its key was destroyed."""

    answers: Mapping[str, str]
    way_back: Mapping[str, str]
    until: datetime.datetime | None


def of(signal_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> Telling:
    """Open what was said of whoever made a contact that the viewer's agency took."""
    with row_security.looking(by):
        row = models.Telling.objects.filter(signal=signal_id, receiver=by.agency_id).first()
        key = keys.open_all([signal_id]).get(signal_id) if row else None
    if row is None or key is None:
        return Telling({}, {}, None)
    is_over = row.way_back_until is None or row.way_back_until <= at
    answers, way_back = (
        key.open(sealed, actions.telling_place(signal_id, field, row.receiver_id))
        for field, sealed in (("answers", row.answers), ("way_back", b"" if is_over else row.way_back))
    )
    return Telling(
        json.loads(answers) if answers else {},
        json.loads(way_back) if way_back else {},
        None if is_over else row.way_back_until,
    )


def drop(signal_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Erase how to reach somebody, because they said so; where nothing is kept, nothing is done."""
    with row_security.looking(by):
        rows = models.Telling.objects.filter(signal=signal_id, receiver=by.agency_id).exclude(way_back=b"")
        if rows.update(way_back=b"", way_back_until=None):
            record.record(record.Deed("way_back.dropped", by.agency_id, signal_id, by.user_id), at=at)


@row_security.system()
def ended(*, at: datetime.datetime) -> Sequence[uuid.UUID]:
    """List signals whose way back ended."""
    rows = models.Telling.objects.filter(way_back_until__lte=at).order_by("way_back_until", "signal")
    return list(rows.values_list("signal", flat=True)[:AT_ONCE])


@row_security.system()
def end(signal_id: uuid.UUID, *, at: datetime.datetime) -> None:
    """Erase how to reach somebody once that ended."""
    row = models.Telling.objects.select_for_update().filter(signal=signal_id, way_back_until__lte=at).first()
    if row is not None:
        row.way_back, row.way_back_until = b"", None
        row.save(update_fields=["way_back", "way_back_until"])
        record.record(record.Deed("way_back.ended", row.receiver_id, signal_id), at=at)


@dataclasses.dataclass(frozen=True, slots=True)
class Returned:
    """A call that somebody returned."""

    result: str
    by: str
    at: datetime.datetime


class NotAResult(ValueError):
    """Nobody said what came of the call."""

    def __init__(self) -> None:
        super().__init__(gettext("Choose what came of the call."))


class NoSuchSignal(LookupError):
    """There is no such signal, or another agency took it: the answer is the same."""


def note_call(signal_id: uuid.UUID, result: str, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Note that somebody called back whoever made a contact, and what came of it. NoSuchSignal, NotAResult."""
    assert by.user_id is not None  # a token has no page
    if result not in models.ReturnedCall.Result.values:
        raise NotAResult
    with row_security.looking(by):
        if not models.Signal.objects.filter(id=signal_id, receiver=by.agency_id).exists():
            raise NoSuchSignal
        models.ReturnedCall.objects.create(
            signal_id=signal_id, agency_id=by.agency_id, result=result, by_id=by.user_id, at=at
        )
        record.record(
            record.Deed("call.returned", by.agency_id, signal_id, by.user_id, details={"result": result}), at=at
        )


def returned(signal_ids: Collection[uuid.UUID], *, by: viewers.Viewer) -> Mapping[uuid.UUID, Sequence[Returned]]:
    """List the calls that the viewer's agency returned, oldest first."""
    rows = models.ReturnedCall.objects.filter(signal__in=signal_ids, agency=by.agency_id).order_by("at", "id")
    by_signal: dict[uuid.UUID, list[Returned]] = {}
    for row in rows.annotate(who=agencies.name_of("by_id")):
        by_signal.setdefault(row.signal_id, []).append(Returned(row.get_result_display(), row.who, row.at))
    return by_signal
