"""Keeping notices and clocks: acknowledged by the body that was told, or met by the one who owes it.

The promise: each has its own acknowledgement, signed and dated; what is done stays done.
"""

from __future__ import annotations

import datetime
import uuid

from django.db.models import Q
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.duties import models
from nowrongdoor.vault import keys, sealing

HOW_LIMIT = 300


class NoSuchDuty(LookupError):
    """There is no such notice or clock, or it is not this agency's: the answer is the same."""

    def __init__(self) -> None:
        super().__init__("There is no such notice or clock, or it is not your agency's to answer.")


class AlreadyDone(Exception):
    """Somebody did it before."""

    def __init__(self, at: datetime.datetime) -> None:
        local = timezone.localtime(at)
        super().__init__(f"This was already done on {local:%B %-d, %Y at %-I:%M %p %Z}. Nothing was changed.")


class HowMissing(ValueError):
    """Others must be able to see how it was done."""

    def __init__(self) -> None:
        super().__init__(f"Write in a few words how it was done, in at most {HOW_LIMIT} characters.")


def acknowledge(notice_id: uuid.UUID, *, how: str, by: viewers.Viewer, at: datetime.datetime) -> models.Notice:
    """Note that a body was told. One that is told by hand needs to say how, and may be told by the agency that received
    the case as well as by its lead: whoever has the person on the line calls 911. NoSuchDuty, AlreadyDone,
    HowMissing."""
    with row_security.looking(by):
        notice = (
            models.Notice.objects.select_for_update(of=("self",))
            .filter(
                Q(agency_id=by.agency_id) | Q(by_hand=True, case__received_by=by.agency_id),
                id=notice_id,
                withdrawn_at=None,
            )
            .first()
        )
        if notice is None:
            raise NoSuchDuty
        if notice.acknowledged_at is not None:
            raise AlreadyDone(notice.acknowledged_at)
        if _cannot_be_kept(how) or (notice.by_hand and not how.strip()):
            raise HowMissing
        notice.acknowledged_at, notice.acknowledged_by_id = at, by.user_id
        place = sealing.Place("notice", notice.id, "how", notice.agency_id)
        notice.how = keys.of(notice.case_id).seal(how.strip(), place)
        notice.save(update_fields=["acknowledged_at", "acknowledged_by", "how"])
        deed = record.Deed("notice.acknowledged", by.agency_id, notice.id, by.user_id, notice.case_id)
        record.record(deed, at=at)
    return notice


def meet(clock_id: uuid.UUID, *, how: str, by: viewers.Viewer, at: datetime.datetime) -> models.Clock:
    """Note that a deadline was met, and how. NoSuchDuty, AlreadyDone, HowMissing."""
    with row_security.looking(by):
        clock = (
            models.Clock.objects.select_for_update(of=("self",))
            .filter(id=clock_id, agency_id=by.agency_id, withdrawn_at=None)
            .first()
        )
        if clock is None:
            raise NoSuchDuty
        if clock.met_at is not None:
            raise AlreadyDone(clock.met_at)
        if not how.strip() or _cannot_be_kept(how):
            raise HowMissing
        clock.met_at, clock.met_by_id = at, by.user_id
        clock.how = keys.of(clock.case_id).seal(how.strip(), sealing.Place("clock", clock.id, "how", by.agency_id))
        clock.save(update_fields=["met_at", "met_by", "how"])
        record.record(record.Deed("clock.met", by.agency_id, clock.id, by.user_id, clock.case_id), at=at)
    return clock


def _cannot_be_kept(how: str) -> bool:
    return len(how) > HOW_LIMIT or "\x00" in how
