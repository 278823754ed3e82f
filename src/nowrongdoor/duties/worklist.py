"""The worklist: everything one agency must act on, what is due first, in one query however much there is.

Three indexes that hold only what is open (offer, notice, clock), each read from the cursor on and no further than a
page, are merged by due time. So the page costs the same at a hundred cases and at a hundred thousand.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import enum
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence

from django.db import connection

from nowrongdoor.access import viewers

PAGE = 25
COUNT_LIMIT = 1_000


class Kind(enum.Enum):
    """What an entry asks for."""

    OFFER = "offer"
    NOTICE = "notice"
    CLOCK = "clock"


class Way(enum.Enum):
    """In which direction a page is turned."""

    NEXT = "next"
    PREVIOUS = "previous"


class UnreadableCursor(ValueError):
    """The page address was cut or changed."""

    def __init__(self) -> None:
        super().__init__("This page address is not complete. Start again from the first page.")


@dataclasses.dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page starts: just after (or before) this entry."""

    due_at: datetime.datetime
    id: uuid.UUID
    way: Way

    def as_text(self) -> str:
        """Write the cursor for an address."""
        plain = f"{self.way.value} {self.due_at.isoformat()} {self.id}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """One thing to act on, and why it came to this agency. `basis` says whether law or policy set the due time."""

    kind: Kind
    facts: Mapping[str, str]
    id: uuid.UUID
    due_at: datetime.datetime
    basis: str
    since: datetime.datetime
    rule: str
    why: str
    citation: str
    evidence: str
    case_reference: str
    from_agency: str
    desk: str  # whom to tell, for a notice by hand
    by_hand: bool
    role: str


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """A page of entries; a cursor is None where there is nothing more that way."""

    entries: Sequence[Entry]
    next: str | None
    previous: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of each kind, counted up to COUNT_LIMIT."""

    offers: int
    notices: int
    clocks: int

    @property
    def total(self) -> int:
        """Add them up."""
        return self.offers + self.notices + self.clocks


# Any of the parts may stand alone or first, so that none names the columns: the page does.
_OFFERS = """
SELECT 'offer', id, case_id, due_at, 'policy', offered_at, rule, why, citation, evidence, from_agency_id, '', false,
       'lead'
  FROM nowrongdoor_handoff WHERE to_agency_id = %(agency)s AND state = 'offered'
"""
_NOTICES = """
SELECT 'notice', id, case_id, due_at, basis, sent_at, rule, why, citation, evidence, NULL::uuid, desk, by_hand, role
  FROM nowrongdoor_notice WHERE agency_id = %(agency)s AND acknowledged_at IS NULL AND withdrawn_at IS NULL
"""
_CLOCKS = """
SELECT 'clock', id, case_id, due_at, basis, started_at, clock, duty, citation, evidence, NULL::uuid, desk, false,
       'clock'
  FROM nowrongdoor_clock WHERE agency_id = %(agency)s AND met_at IS NULL AND withdrawn_at IS NULL
"""
_PARTS: Mapping[Kind, str] = {Kind.OFFER: _OFFERS, Kind.NOTICE: _NOTICES, Kind.CLOCK: _CLOCKS}
_PAGE = """
SELECT e.kind, c.facts, e.id, e.due_at, e.basis, e.since, e.rule, e.why, e.citation, e.evidence, c.reference,
       coalesce(f.name, r.name), e.desk, e.by_hand, e.role
  FROM ({parts}) AS e (kind, id, case_id, due_at, basis, since, rule, why, citation, evidence, from_id, desk, by_hand,
                       role)
  JOIN nowrongdoor_case c ON c.id = e.case_id
  JOIN nowrongdoor_agency r ON r.id = c.received_by_id
  LEFT JOIN nowrongdoor_agency f ON f.id = e.from_id
 ORDER BY e.due_at {order}, e.id {order} LIMIT %(limit)s
"""
_COUNTS = ", ".join(
    f"(SELECT count(*) FROM ({part} LIMIT {COUNT_LIMIT}) AS counted)"  # noqa: S608  constants above
    for part in _PARTS.values()
)


def page(viewer: viewers.Viewer, *, kinds: Sequence[Kind] = tuple(Kind), cursor: Cursor | None = None) -> Page:
    """Read one page of what the viewer's agency must act on, in one query."""
    way = cursor.way if cursor else Way.NEXT
    order, beyond = ("ASC", ">") if way is Way.NEXT else ("DESC", "<")
    after = f" AND (due_at, id) {beyond} (%(due)s, %(id)s)" if cursor else ""
    parts = " UNION ALL ".join(
        f"({_PARTS[kind]}{after} ORDER BY due_at {order}, id {order} LIMIT %(limit)s)" for kind in kinds
    )
    values: dict[str, uuid.UUID | int | datetime.datetime] = {"agency": viewer.agency_id, "limit": PAGE + 1}
    if cursor:
        values |= {"due": cursor.due_at, "id": cursor.id}
    with connection.cursor() as database:
        database.execute(_PAGE.format(parts=parts, order=order), values)
        rows = database.fetchall()
    entries = [Entry(Kind(kind), json.loads(facts), *row) for kind, facts, *row in rows[:PAGE]]
    is_more = len(rows) > PAGE
    if way is Way.PREVIOUS:
        entries.reverse()
        return _page(entries, is_next=True, is_previous=is_more)
    return _page(entries, is_next=is_more, is_previous=cursor is not None)


def counts(viewer: viewers.Viewer) -> Counts:
    """Count what is open for the viewer's agency, each kind up to COUNT_LIMIT, in one query."""
    with connection.cursor() as database:
        database.execute(f"SELECT {_COUNTS}", {"agency": viewer.agency_id})
        return Counts(*database.fetchone())


def digest(page: Page, counts: Counts) -> str:
    """Return a short digest of what a page shows, by which it says what it shows already."""
    return hashlib.blake2b(repr((page, counts)).encode(), digest_size=12).hexdigest()


def read_cursor(text: str) -> Cursor:
    """Read a cursor from an address. UnreadableCursor."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        way, due_at, entry_id = plain.split(" ")
        return Cursor(datetime.datetime.fromisoformat(due_at), uuid.UUID(entry_id), Way(way))
    except (ValueError, binascii.Error):
        raise UnreadableCursor from None


def _page(entries: list[Entry], *, is_next: bool, is_previous: bool) -> Page:
    if not entries:
        return Page((), None, None)
    first, last = entries[0], entries[-1]
    return Page(
        tuple(entries),
        Cursor(last.due_at, last.id, Way.NEXT).as_text() if is_next else None,
        Cursor(first.due_at, first.id, Way.PREVIOUS).as_text() if is_previous else None,
    )
