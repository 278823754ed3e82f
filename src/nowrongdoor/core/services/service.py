"""One service as far as it matters for finding it: what it does, where, when, in which languages, for whom, and whether
there is room.

The promise: of a service whose place is hidden nothing here says where it is; its area is a State or more.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Mapping, Sequence

from nowrongdoor.core.language import gettext as _


class Unusable(ValueError):
    """What is said of a service contradicts itself; the message says what to write instead."""


class Verdict(enum.Enum):
    """What a condition says of somebody. Of what is not known one asks; it is never taken for a no."""

    YES = "yes"
    ASK = "ask"
    NO = "no"


@dataclasses.dataclass(frozen=True, slots=True)
class Accepts:
    """Only people of whom a fact is one of some values: "women", "labor trafficking", "with a dog"."""

    fact: str
    values: frozenset[str]

    def verdict(self, facts: Facts) -> Verdict:
        """Say whether it takes somebody."""
        known = facts.values.get(self.fact)
        if known is None:
            return Verdict.ASK
        return Verdict.YES if known <= self.values else Verdict.NO


@dataclasses.dataclass(frozen=True, slots=True)
class Between:
    """Only people of whom a number lies between two, both included; None for no end: the age of somebody, or of the
    oldest son who comes along."""

    fact: str
    least: int | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if self.least is not None and self.most is not None and self.least > self.most:
            raise Unusable(
                _("%(fact)s: from %(least)s to %(most)s takes nobody. Write the lower number first.")
                % {"fact": self.fact, "least": self.least, "most": self.most}
            )

    def verdict(self, facts: Facts) -> Verdict:
        """Say whether it takes somebody. Of whom it is known that there is none (no son comes along), it does."""
        if self.fact in facts.without:
            return Verdict.YES
        known = facts.numbers.get(self.fact)
        if known is None:
            return Verdict.ASK
        is_within = (self.least is None or known >= self.least) and (self.most is None or known <= self.most)
        return Verdict.YES if is_within else Verdict.NO


@dataclasses.dataclass(frozen=True, slots=True)
class Asks:
    """Something that it asks of everybody, and that cannot be told beforehand: nobody is sent there in vain."""

    fact: str

    def verdict(self, facts: Facts) -> Verdict:
        """Say that one has to ask."""
        return Verdict.ASK


Condition = Accepts | Between | Asks


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """What is known of whoever looks for help: only what somebody said because a service asks for it. `values`: by fact
    all that holds (somebody hurt in two ways is both); `without`: numbers of which it is known that there is none."""

    values: Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    numbers: Mapping[str, int] = dataclasses.field(default_factory=dict)
    without: frozenset[str] = frozenset()


@dataclasses.dataclass(frozen=True, slots=True)
class Area:
    """Whom a service is for by place: everybody (no State), those of a State, or those of some of its counties."""

    state: str = ""
    counties: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.counties and not self.state:
            raise Unusable(
                _("Write the State of these counties: %(names)s.") % {"names": ", ".join(sorted(self.counties))}
            )

    @property
    def is_one_county(self) -> bool:
        """Return whether it says where a place is, however little else is said: half of the counties that have a
        shelter have one."""
        return len(self.counties) == 1


class Hours(enum.Enum):
    """Whether somebody is there now."""

    OPEN = "open"
    ON_CALL = "on_call"
    LATER = "later"
    UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True, slots=True)
class Room:
    """How many more can be taken, as somebody of the service said at an instant."""

    left: int
    confirmed_at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service. `kinds`: what it does, by codes of the directory; `areas`: one of them is enough; `vetted_until`:
    None where it was never vetted; `limits`: what a law says of whom it may help, by codes; `is_hidden`: nobody is told
    where it is."""

    id: str
    name: str
    kinds: frozenset[str]
    areas: Sequence[Area]
    languages: frozenset[str]
    interprets: bool
    hours: Hours
    conditions: Sequence[Condition] = ()
    room: Room | None = None
    vetted_until: datetime.datetime | None = None
    limits: frozenset[str] = frozenset()
    is_hidden: bool = False

    def __post_init__(self) -> None:
        if not self.areas:
            raise Unusable(
                _("%(name)s: say for which area it is, or that it is for the whole country.") % {"name": self.name}
            )

    def shown_areas(self) -> Sequence[Area]:
        """Say for which areas it is, as everybody may read it: of a hidden place none that is a single county."""
        if not self.is_hidden:
            return self.areas
        return [Area(area.state) if area.is_one_county else area for area in self.areas]
