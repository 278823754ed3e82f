"""Who joins a contact: an interpreter or a relay, for whom one waits, or somebody outside to whom the person is handed
on warmly, noted by name.

The promise: whom one waits for, since when, and whether they came stays with the contact; so does who took somebody
over. Nothing about the person leaves here by this: they speak for themselves.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.core import country, language, line, public_help
from nowrongdoor.core.language import gettext, gettext_lazy
from nowrongdoor.line import models, moving, reach
from nowrongdoor.vault import keys

# Whom one may wait for besides an interpreter of a language, whose code stands in the same place.
HELPERS: Mapping[str, str] = {
    "relay": gettext_lazy("relay operator (TTY)"),
    "video": gettext_lazy("sign-language interpreter by videophone"),
    "other": gettext_lazy("interpreter of another language"),
}
EMERGENCY, ELSEWHERE = "emergency", "elsewhere"  # to whom somebody is handed on, besides the country's lines


def helper_name(code: str) -> str:
    """Name whom one waits for: a language, or the kind of help."""
    return str(HELPERS[code]) if code in HELPERS else language.name_of(code)


def outside() -> Mapping[str, str]:
    """Name to whom somebody can be handed on, by code: the emergency number, the country's lines, anybody else."""
    return {
        EMERGENCY: country.installed().emergency,
        **{code: each.name for code, each in public_help.installed().taking_over.items()},
        ELSEWHERE: gettext("Somebody else"),
    }


def interpreter(contact_id: uuid.UUID, to: str, *, by: viewers.Viewer, at: datetime.datetime) -> models.Leg:
    """Note that one waits for an interpreter or a relay from now on. `to`: a language, or one of HELPERS.
    moving.NoSuchContact, line.Refused."""
    with row_security.looking(by):
        row = moving.own(contact_id, by)
        leg = models.Leg.objects.create(
            contact=row,
            agency_id=by.agency_id,
            kind=models.Leg.Kind.INTERPRETER,
            to=to,
            asked_at=at,
            by_id=by.user_id,
        )
        _note("interpreter.asked", leg, by, at, to=to)
    return leg


def came(leg_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Note that they are there; the same again changes nothing. moving.NoSuchContact."""
    with row_security.looking(by):
        leg = _joined(leg_id, by)
        if leg.began_at is None and leg.ended_at is None:
            leg.began_at = at
            leg.save(update_fields=["began_at"])
            _note("interpreter.came", leg, by, at)


def left(leg_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    """Note that they are gone, or did not come; the same again changes nothing. moving.NoSuchContact."""
    with row_security.looking(by):
        leg = _joined(leg_id, by)
        if leg.ended_at is None:
            leg.ended_at = at
            leg.save(update_fields=["ended_at"])
            _note("interpreter.left", leg, by, at, has_come=int(leg.began_at is not None))


def hand_on(contact_id: uuid.UUID, to: str, name: str, *, by: viewers.Viewer, at: datetime.datetime) -> models.Leg:
    """Note that the person was handed on to somebody outside, and to whom by name. `to`: one of `outside`.
    moving.NoSuchContact, line.Refused."""
    if to not in outside():
        raise line.Refused(gettext("Choose to whom you handed them on."))
    if not name.strip():
        raise line.Refused(gettext("Enter the name of whoever took them over."))
    with row_security.looking(by):
        row = moving.own(contact_id, by)
        leg = models.Leg(
            contact=row, agency_id=by.agency_id, kind=models.Leg.Kind.OUTSIDE, to=to, began_at=at, by_id=by.user_id
        )
        leg.words = keys.of(row.id).seal(name.strip(), reach.place_of(leg.id, "words", by.agency_id, "contact_leg"))
        leg.save(force_insert=True)
        _note("contact.handed_outside", leg, by, at, to=to)
    return leg


def _joined(leg_id: uuid.UUID, by: viewers.Viewer) -> models.Leg:
    """Return an interpreter or a relay of a contact of the viewer's agency, locked."""
    rows = models.Leg.objects.select_for_update().filter(id=leg_id, agency=by.agency_id)
    leg = rows.filter(kind=models.Leg.Kind.INTERPRETER).first()
    if leg is None:
        raise moving.NoSuchContact
    return leg


def _note(verb: str, leg: models.Leg, by: viewers.Viewer, at: datetime.datetime, **details: record.Detail) -> None:
    record.record(record.Deed(verb, leg.agency_id, leg.contact_id, by.user_id, details=details), at=at)
