"""Signals that are likely copies of each other: proposed to the one agency that received them, never refused or merged.

The promise (F5): only what the viewer's own agency received is compared, by a token that no other agency's index makes;
and only what came through the public form, where a flood could come from.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence

from nowrongdoor.access import viewers
from nowrongdoor.signals.models import Signal

MOST = 20  # that a page names


@dataclasses.dataclass(frozen=True, slots=True)
class CopyShown:
    """A signal with the same words, and the case that holds it, as far as the viewer may open that one."""

    reference: str
    received_at: datetime.datetime
    case: str | None


def of_case(viewer: viewers.Viewer, case_id: uuid.UUID) -> Sequence[CopyShown]:
    """List the copies of each signal of a case that the viewer's agency received."""
    rows = Signal.objects.filter(in_case__case=case_id, receiver=viewer.agency_id).order_by("received_at", "id")
    own = [(code, bytes(token)) for code, token in rows.values_list("reference", "likeness")]
    copies = of_all(viewer, [token for _, token in own])
    return [each for code, token in own for each in others(copies.get(token, ()), code)]


def others(copies: Sequence[CopyShown], code: str) -> Sequence[CopyShown]:
    """Return the copies of a signal without itself, at most MOST."""
    return [each for each in copies if each.reference != code][:MOST]


def of_all(viewer: viewers.Viewer, tokens: Collection[bytes]) -> Mapping[bytes, Sequence[CopyShown]]:
    """List by token the signals that the viewer's agency received with these words, newest first, at most MOST and one
    of each. Without tokens nothing is asked."""
    by_token: dict[bytes, list[CopyShown]] = {}
    for token in {bytes(each) for each in tokens if each}:
        rows = Signal.objects.filter(receiver_id=viewer.agency_id, likeness=token)
        newest = rows.order_by("-received_at", "-id")[: MOST + 1]
        for code, received_at, case in newest.values_list("reference", "received_at", "in_case__case__reference"):
            by_token.setdefault(token, []).append(CopyShown(code, received_at, case))
    return by_token
