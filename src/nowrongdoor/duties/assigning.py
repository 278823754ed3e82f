"""Who of an agency has what on its worklist: assign it to a colleague, take it, release it.

The promise: one person at most has an entry, a coordinator of the agency whose list it is, by the word of somebody
there; whoever comes second gets a sentence and changes nothing. The database refuses anything else (migration 0018),
takes it back when a person leaves, and each change is an event of the trail.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.utils.translation import gettext as _

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import User
from nowrongdoor.audit import record
from nowrongdoor.cases.models import Exclusion
from nowrongdoor.duties import models


class NoSuchEntry(LookupError):
    """It left the list, or is on another agency's: the answer is the same."""

    def __init__(self) -> None:
        super().__init__(_("This is no longer on your agency’s worklist. Nothing was changed."))


class TakenMeanwhile(Exception):
    """Somebody else took it, or let go of it, since the page was opened."""

    def __init__(self, name: str) -> None:
        if name:
            words = _("%(person)s has this now. Nothing was changed. Reload the page to see the list as it is.")
            super().__init__(words % {"person": name})
        else:
            super().__init__(
                _("Nobody has this any longer. Nothing was changed. Reload the page to see the list as it is.")
            )


class CannotHaveIt(ValueError):
    """Whoever was chosen has no worklist, or may not see the case."""

    def __init__(self) -> None:
        super().__init__(
            _("Choose an active coordinator of your agency who isn’t kept away from this case. Nothing was changed.")
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the agency who may have what is on its worklist."""

    id: uuid.UUID
    name: str


def colleagues(viewer: viewers.Viewer) -> Sequence[Colleague]:
    """List who works from an agency's worklist, by name."""
    people = User.objects.filter(agency_id=viewer.agency_id, is_active=True, role=viewers.ANSWERS.value)
    return [Colleague(*row) for row in people.order_by("full_name", "id").values_list("id", "full_name")]


def give(
    entry_id: uuid.UUID,
    *,
    to: uuid.UUID | None,
    seen: uuid.UUID | None,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.Entry:
    """Give an entry to somebody of the agency; to nobody (None) when it is released. `seen`: who had it on the page
    that this was decided on. NoSuchEntry, TakenMeanwhile, CannotHaveIt."""
    with row_security.looking(by):
        entry = models.Entry.objects.select_for_update(of=("self",)).filter(id=entry_id, agency=by.agency_id).first()
        if entry is None:
            raise NoSuchEntry
        if entry.person_id == to:
            return entry
        if entry.person_id != seen:
            raise TakenMeanwhile(_name_of(entry))
        if to is not None:
            _check(entry, to, by)
        entry.person_id, entry.given_by_id, entry.given_at = (to, by.user_id, at) if to else (None, None, None)
        entry.save(update_fields=["person", "given_by", "given_at"])
        details: dict[str, record.Detail] = {"from": str(seen) if seen else None, "to": str(to) if to else None}
        deed = record.Deed(
            "entry.released" if to is None else "entry.taken" if to == by.user_id else "entry.assigned",
            by.agency_id,
            entry.id,
            by.user_id,
            entry.case_id,
            details,
        )
        record.record(deed, at=at)
    return entry


def _check(entry: models.Entry, to: uuid.UUID, by: viewers.Viewer) -> None:
    known = User.objects.filter(id=to, agency_id=by.agency_id, is_active=True, role=viewers.ANSWERS.value).exists()
    is_kept_away = entry.case_id and Exclusion.objects.filter(person=to, case=entry.case_id, lifted_at=None).exists()
    if not known or is_kept_away or entry.only_for_id not in (None, to):
        raise CannotHaveIt


def _name_of(entry: models.Entry) -> str:
    if entry.person_id is None:
        return ""
    return str(models.Entry.objects.values_list(agencies.name_of("person_id"), flat=True).get(id=entry.id))
