"""Calling somebody back: only where they say that the number is safe, until when, and what to say to somebody else.

The promise: nobody is called back who did not ask for it, nor after the time that they named; the number is opened for
the one who calls, and noted each time; it is gone when this is over (F15 is the rule of the field behind all this).
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid
from collections.abc import Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.audit import record
from nowrongdoor.core import line
from nowrongdoor.core.language import gettext
from nowrongdoor.line import models, moving, reach
from nowrongdoor.vault import keys, sealing

Otherwise, Outcome = models.CallBack.Otherwise, models.CallBack.Outcome
MOST_TRIES = 3
CALLS = datetime.timedelta(minutes=15)  # for which a number is with whoever opened it
NO_TIME, TALKING = datetime.timedelta(), datetime.timedelta(hours=1)


# By keys: after "call me back" comes the number, whether it is right and safe, until when, and what to say to somebody
# else.
NUMBER = re.compile("[0-9]{7,15}")
UNTIL = {"1": datetime.timedelta(hours=1), "2": datetime.timedelta(hours=8), "3": datetime.timedelta(days=3)}
IF_ANOTHER = {"1": Otherwise.WRONG_NUMBER, "2": Otherwise.HANG_UP}


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for. `number`: as they said it; `within`: for how long it is safe to call."""

    number: str
    within: datetime.timedelta
    otherwise: models.CallBack.Otherwise


@dataclasses.dataclass(frozen=True, slots=True)
class Open:
    """A call back that is still to be made; the number stays sealed. `taken_by`: who is calling, empty for nobody."""

    id: uuid.UUID
    contact_id: uuid.UUID
    group: str
    language: str
    asked_at: datetime.datetime
    until: datetime.datetime
    otherwise: models.CallBack.Otherwise
    tries: int
    taken_by: str


def answered(before: Sequence[str], key: str) -> Asked | Sequence[str]:
    """Read the next answer by keys: the whole wish, or the answers that stand so far. None stands once somebody says
    no, or begins with a key that means nothing; later such a key leaves the question open, to be asked again."""
    answers = [*before, key]
    match answers:
        case ["2"] | [_, _, "1"]:  # call me back; it is right, and safe
            return answers
        case [_, number] if NUMBER.fullmatch(number):
            return answers
        case [_, _, _, until] if until in UNTIL:
            return answers
        case [_, number, _, until, otherwise] if otherwise in IF_ANOTHER:
            return Asked(number, UNTIL[until], IF_ANOTHER[otherwise])
        case [_, _, "2"]:  # another number
            return before[:1]
        case [_] | [_, _, "3"]:
            return []
    return before


def keep(
    row: models.Contact,
    asked: Asked,
    key: sealing.Key,
    *,
    by: viewers.Viewer | None = None,
    at: datetime.datetime,
) -> models.CallBack:
    """Keep a wish, in the caller's transaction."""
    call_back = models.CallBack(
        contact=row,
        agency_id=row.agency_id,
        group=row.group,
        otherwise=asked.otherwise,
        at=at,
        until=at + asked.within,
        by_id=by.user_id if by else None,
    )
    call_back.number = key.seal(asked.number, reach.place_of(call_back.id, "number", row.agency_id, "call_back"))
    call_back.save(force_insert=True)
    record.record(
        record.Deed(
            "call_back.asked", row.agency_id, row.id, by.user_id if by else None, details={"by_keys": int(not by)}
        ),
        at=at,
    )
    return call_back


def ask(contact_id: uuid.UUID, asked: Asked, *, by: viewers.Viewer, at: datetime.datetime) -> models.CallBack:
    """Note that whoever one talks with wants to be called back. moving.NoSuchContact, line.Refused."""
    if not asked.number.strip():
        raise line.Refused(gettext("Enter the number that they say is safe."))
    with row_security.looking(by):
        row = moving.own(contact_id, by)
        if models.CallBack.objects.filter(contact=row).exists():
            raise line.Refused(gettext("They are to be called back already."))
        return keep(row, asked, keys.of(row.id), by=by, at=at)


def of(by: viewers.Viewer, *, at: datetime.datetime) -> Sequence[Open]:
    """List whom the viewer's agency is to call back, those first whose time ends first."""
    rows = models.CallBack.objects.filter(agency=by.agency_id, over_at=None, until__gt=at).order_by("until", "id")
    columns = ("id", "contact", "group", "contact__language", "at", "until", "otherwise", "tries")
    with row_security.looking(by):
        return [
            Open(id_, contact, group, language, asked_at, until, Otherwise(otherwise), tries, taken_by or "")
            for id_, contact, group, language, asked_at, until, otherwise, tries, taken_by in rows.values_list(
                *columns, agencies.name_of("taken_by_id")
            )
        ]


def take(call_back_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> str:
    """Open the number, for whoever calls now; each time is noted. moving.NoSuchContact, line.Refused once its time is
    over."""
    with row_security.looking(by):
        row = _open(call_back_id, by, at)
        if row.taken_by_id not in (None, by.user_id) and row.taken_at and at - row.taken_at < CALLS:
            raise line.Refused(gettext("A colleague is calling them now."))
        number = keys.of(row.contact_id).open(row.number, reach.place_of(row.id, "number", row.agency_id, "call_back"))
        row.taken_by_id, row.taken_at = by.user_id, at
        row.save(update_fields=["taken_by", "taken_at"])
        record.looked("call_back.taken", row.contact_id, by=by, at=at)
    return number


def ended(
    call_back_id: uuid.UUID, outcome: models.CallBack.Outcome | None, *, by: viewers.Viewer, at: datetime.datetime
) -> None:
    """Say what came of it; None: nobody answered, so it is tried again, MOST_TRIES times in all. moving.NoSuchContact,
    line.Refused."""
    with row_security.looking(by):
        row = _open(call_back_id, by, at, talked=TALKING)
        if row.taken_by_id != by.user_id:
            raise line.Refused(gettext("A colleague is calling them now."))
        row.tries = row.tries + 1
        if outcome is None and (row.tries >= MOST_TRIES or row.until <= at):
            outcome = Outcome.RAN_OUT
        if outcome is None:
            row.taken_by, row.taken_at = None, None
            row.save(update_fields=["tries", "taken_by", "taken_at"])
            return
        _over(row, outcome, at)
        record.record(
            record.Deed(
                "call_back.over", row.agency_id, row.contact_id, by.user_id, details={"outcome": outcome.value}
            ),
            at=at,
        )


@row_security.system()
def run_out(*, at: datetime.datetime) -> int:
    """End those whose time is over, and return how many: nobody is called after it. Whoever called before is left time
    to say what came of it."""
    over = models.CallBack.objects.filter(over_at=None, until__lte=at)
    rows = list(over.exclude(taken_at__gt=at - TALKING).order_by("until")[:1_000])
    for row in rows:
        _over(row, Outcome.RAN_OUT, at)
        record.record(
            record.Deed("call_back.over", row.agency_id, row.contact_id, None, details={"outcome": "ran_out"}), at=at
        )
    return len(rows)


def _over(row: models.CallBack, outcome: models.CallBack.Outcome, at: datetime.datetime) -> None:
    row.number, row.over_at, row.outcome = b"", at, outcome
    row.save(update_fields=["number", "over_at", "outcome", "tries"])


def _open(
    call_back_id: uuid.UUID, by: viewers.Viewer, at: datetime.datetime, *, talked: datetime.timedelta = NO_TIME
) -> models.CallBack:
    rows = models.CallBack.objects.select_for_update().filter(id=call_back_id, agency=by.agency_id)
    row = rows.first()
    if row is None:
        raise moving.NoSuchContact
    if row.over_at or row.until <= at - talked:
        raise line.Refused(gettext("The time in which it is safe to call them is over, so the number is gone."))
    return row
