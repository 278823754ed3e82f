"""The worklist: everything one agency must act on, what is due first, in one query of one table however much there is.

An index of what is open, by agency, kind and due time, is read for each kind from the cursor on and no further than a
page. So the page costs the same at a hundred cases and at a hundred thousand.
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
from nowrongdoor.duties import kinds as duty_kinds

PAGE = 25
COUNT_LIMIT = 1_000


class Kind(enum.Enum):
    """What an entry asks for, as addresses name it. Requests and tasks join once a room writes them."""

    OFFER = "offer"
    NOTICE = "notice"
    CLOCK = "clock"

    @property
    def duty(self) -> duty_kinds.Kind:
        """Return the kind of duty that such an entry shows."""
        return _DUTIES[self]


_DUTIES: Mapping[Kind, duty_kinds.Kind] = {
    Kind.OFFER: duty_kinds.Kind.ANSWER,
    Kind.NOTICE: duty_kinds.Kind.NOTICE,
    Kind.CLOCK: duty_kinds.Kind.DEADLINE,
}


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
    typed_at: datetime.datetime | None  # when what it rests on was entered, where that was later than it arrived
    rule: str
    why: str
    citation: str
    evidence: str
    case_reference: str  # "" where it is about no case, or about one that the viewer cannot open
    from_agency: str
    desk: str  # whom to tell, for a notice by hand
    by_hand: bool
    role: str

    @property
    def is_correction(self) -> bool:
        """Return whether it asks for the facts of the case to be corrected, which alone ends it."""
        return self.kind is Kind.CLOCK and duty_kinds.is_correction(self.rule)


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


_ENTRIES = """
SELECT k.kind AS name, d.*
  FROM unnest(%(kinds)s::text[]) AS k (kind)
 CROSS JOIN LATERAL (
   SELECT * FROM nowrongdoor_duty
    WHERE agency_id = %(agency)s AND kind = k.kind AND done_at IS NULL AND withdrawn_at IS NULL {after}
    ORDER BY due_at {order}, id {order} LIMIT %(limit)s
 ) AS d
"""
_PAGE = f"""
SELECT e.kind, coalesce(c.facts, '{{{{}}}}'), e.id, e.due_at, e.basis, e.since,
       (SELECT max(s.received_at) FROM nowrongdoor_case_signal s
         WHERE s.case_id = c.id AND s.arrived_at = e.since AND s.received_at > s.arrived_at),
       coalesce(nullif(e.rule, ''), e.clock), e.why, e.citation, e.evidence, coalesce(c.reference, ''),
       coalesce(f.name, r.name, ''), e.desk, e.by_hand, e.role
  FROM ({_ENTRIES}) AS e
  LEFT JOIN nowrongdoor_case c ON c.id = e.case_id
  LEFT JOIN nowrongdoor_agency r ON r.id = c.received_by_id
  LEFT JOIN nowrongdoor_agency f ON f.id = e.from_agency_id
 ORDER BY e.due_at {{order}}, e.id {{order}} LIMIT %(limit)s
"""  # noqa: S608  constants above
_COUNTS = f"""
SELECT k.kind, count(d)
  FROM unnest(%(kinds)s::text[]) AS k (kind)
  LEFT JOIN LATERAL (
    SELECT FROM nowrongdoor_duty
     WHERE agency_id = %(agency)s AND kind = k.kind AND done_at IS NULL AND withdrawn_at IS NULL LIMIT {COUNT_LIMIT}
  ) AS d ON true
 GROUP BY k.kind
"""  # noqa: S608  constants above


def page(viewer: viewers.Viewer, *, kinds: Sequence[Kind] = tuple(Kind), cursor: Cursor | None = None) -> Page:
    """Read one page of what the viewer's agency must act on, in one query."""
    way = cursor.way if cursor else Way.NEXT
    order, beyond = ("ASC", ">") if way is Way.NEXT else ("DESC", "<")
    after = f" AND (due_at, id) {beyond} (%(due)s, %(id)s)" if cursor else ""
    values: dict[str, uuid.UUID | int | datetime.datetime | list[str]] = {
        "agency": viewer.agency_id,
        "kinds": [kind.duty.value for kind in kinds],
        "limit": PAGE + 1,
    }
    if cursor:
        values |= {"due": cursor.due_at, "id": cursor.id}
    with connection.cursor() as database:
        database.execute(_PAGE.format(after=after, order=order), values)
        rows = database.fetchall()
    shown_as = {kind.duty.value: kind for kind in kinds}
    entries = [Entry(shown_as[kind], json.loads(facts), *row) for kind, facts, *row in rows[:PAGE]]
    is_more = len(rows) > PAGE
    if way is Way.PREVIOUS:
        entries.reverse()
        return _page(entries, is_next=True, is_previous=is_more)
    return _page(entries, is_next=is_more, is_previous=cursor is not None)


def counts(viewer: viewers.Viewer) -> Counts:
    """Count what is open for the viewer's agency, each kind up to COUNT_LIMIT, in one query."""
    with connection.cursor() as database:
        database.execute(_COUNTS, {"agency": viewer.agency_id, "kinds": [kind.duty.value for kind in Kind]})
        by_kind = dict(database.fetchall())
    return Counts(*(by_kind[kind.duty.value] for kind in Kind))


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
