"""The parts of a mandate table: agencies, rules, clocks and gates, as dated and cited values.

The promise: nothing here decides anything. A rule is a condition over facts, an agency, a role, two dates and the
law it stands on; `decide` and `prove` read these and nothing else.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import functools
from collections.abc import Mapping

# A condition: each named attribute must have one of the listed values; what is not named does not matter.
When = tuple[tuple[str, tuple[str, ...]], ...]


class Role(enum.Enum):
    """What a rule asks of its agency."""

    LEAD = "lead"  # answerable for the case; the smallest precedence that applies is asked first
    NEXT = "next"  # asked when those before it declined, never first
    BACKSTOP = "backstop"  # the end of every chain; cannot decline
    SUPPORT = "support"
    PROSECUTE = "prosecute"
    CIVIL = "civil"  # civil or administrative enforcement
    NOTIFY = "notify"
    AID = "aid"  # helps the victim

    @property
    def is_in_chain(self) -> bool:
        """Return whether the role takes part in asking who leads."""
        return self in (Role.LEAD, Role.NEXT)


# The roles of which one comes before the other.
IN_ORDER = frozenset({Role.LEAD, Role.NEXT, Role.BACKSTOP})


class Evidence(enum.Enum):
    """How well a statement is founded (the domain's own words)."""

    STATUTE = "statute"  # the text was read, in a 2023-04 snapshot
    SECONDARY = "secondary"  # another party's account was read
    UNVERIFIED = "unverified"  # general knowledge: users are told so
    POLICY = "policy"  # a choice of this table, not law


class May(enum.Enum):
    """What an agency may do in a case because of its kind."""

    LEAD = "lead"  # be asked to lead, and accept
    BE_TOLD = "be_told"  # be notified, take part, open the case
    RECEIVE = "receive"  # take in signals, and lead what it receives until somebody accepts


class Kind(enum.Enum):
    """What sort of body an agency is; gates bar kinds, not names.

    Whoever investigates is of three kinds, because a person is asked about each of them by itself. The last three work
    with agencies and take part in no case: a provider keeps nobody's client but its own, and a carrier or a grantee
    reports what it owes.
    """

    LAW_ENFORCEMENT = "law_enforcement"
    STATE_AND_LOCAL = "state_and_local"  # police of a place or region, and its own prosecutors
    IMMIGRATION_ENFORCEMENT = "immigration_enforcement"  # investigates crime where immigration law is enforced too
    PROSECUTOR = "prosecutor"
    INSPECTOR_GENERAL = "inspector_general"
    REGULATOR = "regulator"
    IMMIGRATION = "immigration"
    SERVICES = "services"
    CHILD_WELFARE = "child_welfare"
    COORDINATION = "coordination"
    HOTLINE = "hotline"
    OTHER = "other"
    PROVIDER = "provider"
    CARRIER = "carrier"
    GRANTEE = "grantee"

    @property
    def may(self) -> frozenset[May]:
        """Return what an agency of this kind may do in a case."""
        return _MAY.get(self, frozenset(May))


# Who investigates crimes: the only ones that may hold what nobody else may look at.
POLICES = frozenset({Kind.LAW_ENFORCEMENT, Kind.STATE_AND_LOCAL, Kind.IMMIGRATION_ENFORCEMENT})
# Who helps a person and enforces nothing.
HELPS = frozenset({Kind.SERVICES, Kind.HOTLINE, Kind.CHILD_WELFARE})

# A body of no named kind is told, and asked for nothing: a military command, a debarring official, a clearinghouse.
_MAY: Mapping[Kind, frozenset[May]] = {
    Kind.OTHER: frozenset({May.BE_TOLD}),
    Kind.PROVIDER: frozenset(),
    Kind.CARRIER: frozenset(),
    Kind.GRANTEE: frozenset(),
}


class ByPlace(enum.Enum):
    """Which part of a place picks the office of an agency that has many."""

    NONE = "none"
    STATE = "state"
    DISTRICT = "district"
    LOCAL = "local"


class Unit(enum.Enum):
    """What a clock counts in. The last two carry no number: the law gives none."""

    HOURS = "hours"
    BUSINESS_DAYS = "business_days"
    DAYS = "days"
    WEEKS = "weeks"
    YEARS = "years"
    PROMPTLY = "promptly"
    IMMEDIATELY = "immediately"

    @property
    def has_number(self) -> bool:
        """Return whether a limit in this unit carries a number."""
        return self not in (Unit.PROMPTLY, Unit.IMMEDIATELY)


class Starts(enum.Enum):
    """What sets a clock going."""

    DISCOVERY = "discovery"  # the moment the case is opened
    EVENT = "event"  # something that happens later, named by the clock


@dataclasses.dataclass(frozen=True)
class Limit:
    """How long a clock runs: 24 hours, 1 business day, or promptly."""

    unit: Unit
    amount: int | None

    @property
    def words(self) -> str:
        """Read '24 hours' or 'promptly'."""
        if self.amount is None:
            return self.unit.value
        name = self.unit.value.replace("_", " ")
        return f"{self.amount} {name[:-1] if self.amount == 1 else name}"


@dataclasses.dataclass(frozen=True)
class Dates:
    """The days a statement is in force, both ends included; None is open."""

    valid_from: datetime.date | None
    valid_to: datetime.date | None


@dataclasses.dataclass(frozen=True)
class Law:
    """What a statement stands on: citation, how well that is founded, and our stable ids of the rows it carries."""

    citation: str
    evidence: tuple[Evidence, ...]
    sources: tuple[str, ...]

    @property
    def evidence_words(self) -> str:
        """Read 'statute+secondary'."""
        return "+".join(each.value for each in self.evidence)


@dataclasses.dataclass(frozen=True)
class Agency:
    """Somebody who can be asked, told or named, as it is called on these days. `by_place` ones are a role that many
    offices fill."""

    code: str
    name: str
    department: str
    kind: Kind
    by_place: ByPlace
    can_decline: bool
    note: str
    dates: Dates = Dates(None, None)


@dataclasses.dataclass(frozen=True)
class Rule:
    """When these facts hold on these days, this agency has this role.

    `clocks` are ids of the deadlines that a notice runs under. `required_by_law` lets a notice through a gate that bars
    its kind of agency, because a statute commands somebody to give it whatever the survivor wishes; it counts only
    where `barring.is_commanded` finds that statute, and a table that says it of anything else is not proved.
    """

    id: str
    role: Role
    when: When
    agency: str
    law: Law
    dates: Dates
    why: str
    precedence: int | None
    ends_chain: bool
    clocks: tuple[str, ...]
    required_by_law: bool


@dataclasses.dataclass(frozen=True)
class Clock:
    """A deadline: who owes what to whom, counted from discovery or a named event, and whether law or policy set it.
    `holder` is an agency's code, `lead` (whoever leads), or plain words for a body outside the table."""

    id: str
    when: When
    holder: str
    told: str
    duty: str
    starts: Starts
    event: str
    limit: Limit
    basis: Evidence
    law: Law
    dates: Dates


@dataclasses.dataclass(frozen=True)
class Gate:
    """A hard stop on sharing, and what it does here.

    `lets_through`: the kinds of agency that are asked and told while the gate is shut, and no others; None for a gate
    that keeps a case from nobody. `passes`: ids of notices that go past it all the same, because the gate's own source
    says so (a call that stops a danger).
    """

    id: str
    when: When
    effect: str
    lets_through: tuple[Kind, ...] | None
    passes: tuple[str, ...]
    law: Law
    dates: Dates

    @functools.cached_property
    def bars(self) -> tuple[Kind, ...]:
        """Return the kinds of agency that it keeps a case from: every one that it does not let through."""
        if self.lets_through is None:
            return ()
        return tuple(kind for kind in Kind if kind not in self.lets_through)


@dataclasses.dataclass(frozen=True)
class LeftOut:
    """A known row that is deliberately no rule here, and why."""

    source: str
    reason: str
