"""Correcting what a signal says: whoever took it writes the words anew, or says that it was entered in error. What it
said before stays, sealed with the same key, for whoever may read the signal."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext
from nowrongdoor.signals import actions, models
from nowrongdoor.vault import keys, sealing

REASON_LIMIT = 1_000


class Refused(ValueError):
    """It cannot be corrected like this; the message says why."""


class NotTheirs(LookupError):
    """There is no such signal, or somebody else took it: the answer is the same."""

    def __init__(self) -> None:
        super().__init__(gettext("Only whoever took a signal corrects it."))


class ChangedMeanwhile(Exception):
    """The signal was corrected after its page was shown."""

    def __init__(self) -> None:
        super().__init__(gettext("This signal was corrected in the meantime. Read it again, then correct it."))


@dataclasses.dataclass(frozen=True, slots=True)
class Correction:
    """One correction: what the signal said from then on, by whom, and why."""

    number: int
    words: str
    because: str
    is_error: bool
    by: str
    at: datetime.datetime


def correct(
    signal_id: uuid.UUID, *, narrative: str, because: str, seen: int, by: viewers.Viewer, at: datetime.datetime
) -> None:
    """Write what a signal says from now on. `seen`: how many corrections the writer has seen. Refused, NotTheirs,
    ChangedMeanwhile."""
    if not narrative.strip():
        raise Refused(gettext("Write what the signal should say. If it should say nothing, mark it as an error."))
    if len(narrative) > actions.NARRATIVE_LIMIT:
        raise Refused(
            gettext("Keep the narrative under %(narrative_limit)s characters.")
            % {"narrative_limit": f"{actions.NARRATIVE_LIMIT:,}"}
        )
    _add(signal_id, "signal.corrected", narrative, because, seen, by, at)


def mark_as_error(signal_id: uuid.UUID, *, because: str, seen: int, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Say that a signal was entered in error. Refused, NotTheirs, ChangedMeanwhile."""
    _add(signal_id, "signal.in_error", "", because, seen, by, at)


def of_all(
    signal_ids: Collection[uuid.UUID], *, by: viewers.Viewer, opened: keys.Keys | None = None
) -> Mapping[uuid.UUID, Sequence[Correction]]:
    """Open the corrections of signals that the viewer's agency took, oldest first."""
    rows = (
        models.SignalCorrection.objects.filter(signal__in=signal_ids, agency=by.agency_id)
        .order_by("signal", "number")
        .annotate(who=agencies.name_of("by_id"))
    )
    by_signal: dict[uuid.UUID, list[Correction]] = {}
    kept = list(rows)
    known = opened or keys.open_all({row.signal_id for row in kept}) if kept else None
    for row in kept:
        assert known is not None
        key = known.get(row.signal_id)
        words, because = (
            keys.shown(key, sealed, _place(row.id, field, row.agency_id))
            for field, sealed in (("narrative", row.narrative), ("because", row.because))
        )
        by_signal.setdefault(row.signal_id, []).append(
            Correction(row.number, words, because, row.is_error, row.who, row.at)
        )
    return by_signal


def _add(
    signal_id: uuid.UUID, verb: str, narrative: str, because: str, seen: int, by: viewers.Viewer, at: datetime.datetime
) -> None:
    assert by.user_id is not None  # a token has no page
    if not because.strip() or len(because) > REASON_LIMIT or "\x00" in because + narrative:
        raise Refused(gettext("Write why, in at most %(limit)s characters.") % {"limit": f"{REASON_LIMIT:,}"})
    with row_security.looking(by):
        signal = models.Signal.objects.select_for_update().filter(
            id=signal_id, receiver=by.agency_id, taken_by=by.user_id
        )
        if not signal.exists():
            raise NotTheirs
        if models.SignalCorrection.objects.filter(signal=signal_id).count() != seen:
            raise ChangedMeanwhile
        key, row_id = keys.of(signal_id), new_id()
        models.SignalCorrection.objects.create(
            id=row_id,
            signal_id=signal_id,
            agency_id=by.agency_id,
            number=seen + 1,
            narrative=key.seal(narrative.strip(), _place(row_id, "narrative", by.agency_id)),
            because=key.seal(because.strip(), _place(row_id, "because", by.agency_id)),
            is_error=verb == "signal.in_error",
            by_id=by.user_id,
            at=at,
        )
        record.record(record.Deed(verb, by.agency_id, signal_id, by.user_id), at=at)


def _place(row_id: uuid.UUID, field: str, agency_id: uuid.UUID) -> sealing.Place:
    return sealing.Place("signal_correction", row_id, field, agency_id)
