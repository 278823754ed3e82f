"""The worklist: everything one agency must act on or leads, filtered and sorted, in one query however much there is.

The list is a table that the database keeps (`models.Entry`). Each order has an index that is read from the cursor on
and no further than a page, and the first index answers every filter by itself. So a page costs the same at a hundred
cases and at a hundred thousand.
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
from collections.abc import Collection, Mapping, Sequence

from django.db import connection

from nowrongdoor.access import viewers
from nowrongdoor.duties import kinds as duty_kinds
from nowrongdoor.duties import models

PAGE = 25
COUNT_LIMIT = 1_000
MATCH_LIMIT = 100  # to which what filters find is counted
DAY, WEEK = datetime.timedelta(days=1), datetime.timedelta(days=7)
Value = uuid.UUID | int | str | datetime.datetime | list[str] | list[uuid.UUID]


class Kind(enum.Enum):
    """What an entry asks for, as addresses name it."""

    OFFER = "offer"
    NOTICE = "notice"
    CLOCK = "clock"
    REQUEST = "request"
    TASK = "task"
    LEAD = "lead"

    @property
    def kept_as(self) -> str:
        """Return the kind of the entry as the table names it."""
        return _KEPT_AS[self]


_KEPT_AS: Mapping[Kind, str] = {
    Kind.OFFER: duty_kinds.Kind.ANSWER.value,
    Kind.NOTICE: duty_kinds.Kind.NOTICE.value,
    Kind.CLOCK: duty_kinds.Kind.DEADLINE.value,
    Kind.REQUEST: duty_kinds.Kind.REQUEST.value,
    Kind.TASK: duty_kinds.Kind.TASK.value,
    Kind.LEAD: models.LEAD,
}
_SHOWN_AS = {kept: kind for kind, kept in _KEPT_AS.items()}


class Due(enum.Enum):
    """Until when something is due."""

    LATE = "late"
    DAY = "day"
    WEEK = "week"
    NEVER = "none"


class Has(enum.Enum):
    """Who of the agency has it."""

    ME = "me"
    NOBODY = "nobody"
    SOMEBODY_ELSE = "others"


class Urgency(enum.Enum):
    """How urgent a case is, by the fact that every country's table asks (core/mandates/vocabulary.py, NEEDED)."""

    DANGER = "immediate_danger"
    SOON = "within_24h"
    NONE = "none"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Return its place in the order of urgency, the most urgent first."""
        return list(Urgency).index(self)


class Sort(enum.Enum):
    """In which order the list is."""

    DUE = "due"
    URGENT = "urgent"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclasses.dataclass(frozen=True, slots=True)
class _Order:
    """The columns of an order, the id last so that no two rows are equal, and whether it begins with the greatest."""

    columns: str
    is_descending: bool = False


_ORDERS: Mapping[Sort, _Order] = {
    Sort.DUE: _Order("e.comes_at, e.id"),
    Sort.URGENT: _Order("e.rank, e.comes_at, e.id"),
    Sort.NEWEST: _Order("e.since, e.id", is_descending=True),
    Sort.OLDEST: _Order("e.since, e.id"),
}
# By which facts of a case a list is filtered, where the country's table asks them: what kind of matter it is.
MATTERS: Mapping[str, str] = {"labor": "yes", "commercial_sex": "yes", "age": "under_18"}


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries a list shows, and in which order; whatever is None or empty leaves nothing out. `matter`: a fact
    and its code ("labor=yes")."""

    kind: Kind | None = None
    place: str = ""
    urgency: Urgency | None = None
    due: Due | None = None
    matter: str = ""
    from_agency: uuid.UUID | None = None
    has: Has | None = None
    sort: Sort = Sort.DUE

    @property
    def is_filtered(self) -> bool:
        """Return whether anything is left out."""
        return dataclasses.replace(self, sort=Sort.DUE) != Wanted()


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
    """Where a page of an order starts: just after (or before) this entry, by what the order compares."""

    sort: Sort
    way: Way
    rank: int
    at: datetime.datetime
    id: uuid.UUID

    def as_text(self) -> str:
        """Write the cursor for an address."""
        plain = f"{self.sort.value} {self.way.value} {self.rank} {self.at.isoformat()} {self.id}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to act on, and why it came to this agency. `basis` says whether law or policy set the due time.
    `urgency` and `place` are empty where they are not known, or the viewer cannot open the case."""

    kind: Kind
    facts: Mapping[str, str]
    id: uuid.UUID
    due_at: datetime.datetime | None
    basis: str
    since: datetime.datetime
    typed_at: datetime.datetime | None  # when what it rests on was entered, where that was later than it arrived
    rule: str
    why: str
    citation: str
    evidence: str
    case_id: uuid.UUID | None
    case_reference: str  # "" where it is about no case, or about one that the viewer cannot open
    place: str
    from_agency: str
    desk: str  # whom to tell, for a notice by hand
    by_hand: bool
    role: str
    person_id: uuid.UUID | None
    person: str
    given_at: datetime.datetime | None
    asked: str  # of a lead: the agency that has an open offer of it
    asked_until: datetime.datetime | None
    comes_at: datetime.datetime
    rank: int

    @property
    def urgency(self) -> str:
        """Return the code of how urgent the case is."""
        return self.facts.get("urgency", "")

    @property
    def can_be_acknowledged(self) -> bool:
        """Return whether one click is all that it asks for."""
        is_news = self.kind is Kind.TASK and not duty_kinds.ends_by_itself(self.rule)
        return (is_news or (self.kind is Kind.NOTICE and not self.by_hand)) and bool(self.case_reference)

    @property
    def words(self) -> str:
        """Say what it asks, where that isn't what a rule says."""
        return duty_kinds.words(self.rule, self.desk) if self.kind in (Kind.REQUEST, Kind.TASK) else self.why

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
    """How much there is of each kind, counted up to COUNT_LIMIT; and, up to MATCH_LIMIT, how much I have, nobody has,
    the filters of this page find, and each saved search finds."""

    of_kind: Mapping[Kind, int]
    mine: int
    nobodys: int
    matching: int
    of_searches: Sequence[int]

    @property
    def total(self) -> int:
        """Add the kinds up."""
        return sum(self.of_kind.values())

    @property
    def offers(self) -> int:
        """Count the offers."""
        return self.of_kind[Kind.OFFER]

    @property
    def notices(self) -> int:
        """Count the notices."""
        return self.of_kind[Kind.NOTICE]

    @property
    def clocks(self) -> int:
        """Count the deadlines."""
        return self.of_kind[Kind.CLOCK]

    @property
    def leads(self) -> int:
        """Count the cases that the agency leads."""
        return self.of_kind[Kind.LEAD]


# Only where the agency takes part in a case, or did, does a filter look at what the case is about: otherwise a list
# would tell of a case that nobody there can open.
_OPENS = """EXISTS (SELECT FROM nowrongdoor_participant p
                     WHERE p.case_id = e.case_id AND p.agency_id = %(agency)s)"""
_PAGE = """
WITH e AS MATERIALIZED (
  SELECT e.id, e.kind, e.case_id, e.from_agency_id, e.since, e.due_at, e.comes_at, e.rank, e.person_id, e.given_at
    FROM nowrongdoor_entry e WHERE {where} ORDER BY {order} LIMIT %(limit)s
)
SELECT e.kind, coalesce(c.facts, '{{}}'), e.id, e.due_at, coalesce(d.basis, ''), e.since,
       (SELECT max(s.received_at) FROM nowrongdoor_case_signal s
         WHERE s.case_id = c.id AND s.arrived_at = e.since AND s.received_at > s.arrived_at),
       coalesce(nullif(d.rule, ''), d.clock, ''), coalesce(d.why, ''), coalesce(d.citation, ''),
       coalesce(d.evidence, ''), c.id, coalesce(c.reference, ''), coalesce(nullif(c.district, ''), c.state, ''),
       CASE WHEN c.id IS NULL AND e.kind <> 'answer' THEN '' ELSE coalesce(f.name, '') END,
       coalesce(d.desk, ''), coalesce(d.by_hand, false), coalesce(d.role, ''),
       e.person_id, coalesce(nwd_name_of(e.person_id), ''), e.given_at, coalesce(a.name, ''), h.due_at, e.comes_at,
       e.rank
  FROM e
  LEFT JOIN nowrongdoor_duty d ON d.id = e.id AND e.kind <> 'lead'
  LEFT JOIN nowrongdoor_case c ON c.id = e.case_id
  LEFT JOIN nowrongdoor_agency f ON f.id = e.from_agency_id
  LEFT JOIN nowrongdoor_handoff h ON e.kind = 'lead' AND h.case_id = c.id AND h.state = 'offered'
  LEFT JOIN nowrongdoor_agency a ON a.id = h.to_agency_id
 ORDER BY {order}
"""
_COLUMNS = (
    *("id", "due_at", "basis", "since", "typed_at", "rule", "why", "citation", "evidence", "case_id"),
    *("case_reference", "place", "from_agency", "desk", "by_hand", "role", "person_id", "person", "given_at", "asked"),
    *("asked_until", "comes_at", "rank"),
)


def page(
    viewer: viewers.Viewer,
    wanted: Wanted = Wanted(),
    *,
    cursor: Cursor | None = None,
    at: datetime.datetime | None = None,
) -> Page:
    """Read one page of an agency's list, in one query. `at`: the instant to which "late" and "within a day" refer.
    UnreadableCursor for the cursor of another order."""
    order, way = _ORDERS[wanted.sort], cursor.way if cursor else Way.NEXT
    if cursor and cursor.sort is not wanted.sort:
        raise UnreadableCursor
    is_descending = order.is_descending is (way is Way.NEXT)
    where, values = _conditions(viewer, wanted, at or datetime.datetime.now(datetime.UTC))
    if cursor:
        after = order.columns.replace("e.rank", "%(rank)s").replace("e.id", "%(after)s")
        after = after.replace("e.comes_at", "%(moment)s").replace("e.since", "%(moment)s")
        where.append(f"({order.columns}) {'<' if is_descending else '>'} ({after})")
        values |= {"rank": cursor.rank, "moment": cursor.at, "after": cursor.id}
    entries = _read(where, values, order.columns, limit=PAGE + 1, way="DESC" if is_descending else "ASC")
    is_more, entries = len(entries) > PAGE, entries[:PAGE]
    if way is Way.PREVIOUS:
        entries.reverse()
        return _page(entries, wanted.sort, is_next=True, is_previous=is_more)
    return _page(entries, wanted.sort, is_next=is_more, is_previous=cursor is not None)


def some(viewer: viewers.Viewer, ids: Collection[uuid.UUID]) -> Sequence[Entry]:
    """Read entries that somebody chose, due first, in one query; those that left the list meanwhile are not there."""
    where, values = _conditions(viewer, Wanted(), datetime.datetime.now(datetime.UTC))
    where.append("e.id = ANY (%(ids)s)")
    values["ids"] = list(ids)
    return _read(where, values, _ORDERS[Sort.DUE].columns, limit=len(ids), way="ASC")


def _read(where: Sequence[str], values: Mapping[str, Value], columns: str, *, limit: int, way: str) -> list[Entry]:
    order = ", ".join(f"{column} {way}" for column in columns.split(", "))
    with connection.cursor() as database:
        database.execute(_PAGE.format(where=" AND ".join(where), order=order), {**values, "limit": limit})
        rows = database.fetchall()
    return [
        Entry(kind=_SHOWN_AS[kind], facts=json.loads(facts), **dict(zip(_COLUMNS, row, strict=True)))
        for kind, facts, *row in rows
    ]


def last_page(viewer: viewers.Viewer, wanted: Wanted, *, at: datetime.datetime) -> Page:
    """Read the last page of a list, for whoever was on one that is empty now."""
    first, last = datetime.datetime(1, 1, 2, tzinfo=datetime.UTC), models.NO_DUE_TIME + DAY / 2
    end = (first, uuid.UUID(int=0)) if _ORDERS[wanted.sort].is_descending else (last, uuid.UUID(int=2**128 - 1))
    counted = page(viewer, wanted, cursor=Cursor(wanted.sort, Way.PREVIOUS, len(Urgency), *end), at=at)
    return dataclasses.replace(counted, next=None)


def counts(
    viewer: viewers.Viewer,
    wanted: Wanted = Wanted(),
    searches: Sequence[Wanted] = (),
    *,
    at: datetime.datetime | None = None,
) -> Counts:
    """Count what is on an agency's list, in one query: each kind, what I have and nobody has, what is wanted, and what
    each saved search finds."""
    now, parts = at or datetime.datetime.now(datetime.UTC), []
    everything: dict[str, Value] = {}
    asked = [
        *(Wanted(kind=kind) for kind in Kind),
        Wanted(has=Has.ME),
        Wanted(has=Has.NOBODY),
        wanted,
        *searches,
    ]
    for number, each in enumerate(asked):
        where, values = _conditions(viewer, each, now)
        renamed = {f"{name}_{number}": value for name, value in values.items()}
        condition = " AND ".join(where)
        for name in values:
            condition = condition.replace(f"%({name})s", f"%({name}_{number})s")
        limit = COUNT_LIMIT if number < len(Kind) else MATCH_LIMIT
        parts.append(
            f"SELECT {number}, count(*) FROM (SELECT FROM nowrongdoor_entry e WHERE {condition} LIMIT {limit}) x"  # noqa: S608  ours
        )
        everything |= renamed
    with connection.cursor() as database:
        database.execute(" UNION ALL ".join(parts), everything)
        counted = dict(database.fetchall())
    numbers = [counted[number] for number in range(len(asked))]
    of_kind, rest = dict(zip(Kind, numbers, strict=False)), numbers[len(Kind) :]
    return Counts(of_kind, rest[0], rest[1], rest[2], rest[3:])


def _conditions(viewer: viewers.Viewer, wanted: Wanted, at: datetime.datetime) -> tuple[list[str], dict[str, Value]]:
    """Write the conditions in SQL, with their values."""
    assert viewer.user_id is not None  # a token has no list
    where, values = ["e.agency_id = %(agency)s"], dict[str, Value](agency=viewer.agency_id)

    def ask(condition: str, **given: Value) -> None:
        where.append(condition)
        values.update(given)

    if wanted.kind:
        ask("e.kind = %(kind)s", kind=wanted.kind.kept_as)
    else:
        ask("e.kind = ANY (%(kinds)s)", kinds=list(_SHOWN_AS))
    if wanted.has is Has.ME:
        ask("e.person_id = %(me)s", me=viewer.user_id)
    elif wanted.has is Has.NOBODY:
        ask("e.person_id IS NULL")
    elif wanted.has is Has.SOMEBODY_ELSE:
        ask("e.person_id <> %(me)s", me=viewer.user_id)
    if wanted.due is Due.NEVER:
        ask("e.comes_at = %(never)s", never=models.NO_DUE_TIME)
    elif wanted.due:
        ends = {Due.LATE: at, Due.DAY: at + DAY, Due.WEEK: at + WEEK}[wanted.due]
        ask("e.comes_at < %(ends)s", ends=ends)
    if wanted.urgency:
        ask("e.rank = %(urgency)s", urgency=wanted.urgency.rank)
    if wanted.place:
        state = wanted.place.partition("-")[0]
        ask("e.state = %(state)s", state=state)
        if state != wanted.place:
            ask("e.district = %(district)s", district=wanted.place)
    if wanted.matter:
        ask("%(matter)s = ANY (e.matters)", matter=wanted.matter)
    if wanted.from_agency:
        ask("e.from_agency_id = %(from)s", **{"from": wanted.from_agency})
    if wanted.urgency or wanted.place or wanted.matter or wanted.from_agency:
        where.append(_OPENS)
    return where, values


def digest(page: Page, counts: Counts, next_of: Sequence[str]) -> str:
    """Return a short digest of what a page shows, by which it says what it shows already. `next_of`: the agency that
    each entry's button would ask."""
    return hashlib.blake2b(repr((page, counts, next_of)).encode(), digest_size=12).hexdigest()


def read_cursor(text: str) -> Cursor:
    """Read a cursor from an address. UnreadableCursor."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        sort, way, rank, at, entry_id = plain.split(" ")
        moment = datetime.datetime.fromisoformat(at)
        if moment.tzinfo is None or not 0 <= int(rank) < len(Urgency):
            raise UnreadableCursor
        return Cursor(Sort(sort), Way(way), int(rank), moment, uuid.UUID(entry_id))
    except (ValueError, binascii.Error):
        raise UnreadableCursor from None


def _page(entries: list[Entry], sort: Sort, *, is_next: bool, is_previous: bool) -> Page:
    if not entries:
        return Page((), None, None)

    def cursor(entry: Entry, way: Way) -> str:
        moment = entry.comes_at if sort in (Sort.DUE, Sort.URGENT) else entry.since
        return Cursor(sort, way, entry.rank, moment, entry.id).as_text()

    return Page(
        tuple(entries),
        cursor(entries[-1], Way.NEXT) if is_next else None,
        cursor(entries[0], Way.PREVIOUS) if is_previous else None,
    )
