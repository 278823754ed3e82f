"""What would change under a proposed table: whose load, which cases, and why.

An agency asks this before it signs an agreement: replay past cases under both tables and look at the difference. The
promise: where nothing is listed of a case, its agencies, their order, its notices, deadlines and restrictions stay as
they are.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nowrongdoor.core.mandates import decide, facts, rules, table


@dataclasses.dataclass(frozen=True)
class Past:
    """A case as it was, on the day it was decided."""

    case: str
    facts: facts.Facts
    on: datetime.date


@dataclasses.dataclass(frozen=True)
class Move:
    """A case whose lead would be another agency, under which rules before and after."""

    case: str
    on: datetime.date
    facts: facts.Facts
    before: decide.Duty
    after: decide.Duty


class Part(enum.Enum):
    """What of a decision can differ; the value is its key in JSON."""

    ORDER = "order"  # who is asked to lead, first to last
    LAW = "law"  # what the lead stands on, where it is the same agency
    NOTICES = "notices"
    CLOCKS = "clocks"
    GATES = "gates"
    PROSECUTE = "prosecute"
    SUPPORT = "support"
    CIVIL = "civil"
    AID = "aid"


@dataclasses.dataclass(frozen=True)
class Shift:
    """What would be gone from one part of a decision, and what would be new in it. Of the order, all of it: first as it
    is, then as it would be."""

    part: Part
    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Difference:
    """A case that would be decided otherwise, in at least one part."""

    case: str
    on: datetime.date
    facts: facts.Facts
    shifts: tuple[Shift, ...]


@dataclasses.dataclass(frozen=True)
class Comparison:
    """`load`: cases led by each agency, before and after. `involved`: cases that reach it in any role. `moves`: cases
    with another lead. `differences`: cases of which anything differs, the moved ones among them."""

    cases: int
    load: Mapping[str, tuple[int, int]]
    involved: Mapping[str, tuple[int, int]]
    moves: tuple[Move, ...]
    differences: tuple[Difference, ...]

    @property
    def shifts(self) -> Sequence[tuple[Shift, Sequence[str]]]:
        """List each shift once with the cases that it befalls: by part, then the most frequent first."""
        befalls: dict[Shift, list[str]] = {}
        for each in self.differences:
            for shift in each.shifts:
                befalls.setdefault(shift, []).append(each.case)
        parts = list(Part)
        return sorted(befalls.items(), key=lambda pair: (parts.index(pair[0].part), -len(pair[1])))


def compare(before: table.Table, after: table.Table, past: Iterable[Past]) -> Comparison:
    """Decide every case under both tables, each of which reads its facts as it asks them (facts.read); what cannot all
    be true counts as unknown. decide.NotCovered for a day that one of them does not cover."""
    deciders = (decide.Decider(before), decide.Decider(after))
    leads: tuple[collections.Counter[str], ...] = (collections.Counter(), collections.Counter())
    reached: tuple[collections.Counter[str], ...] = (collections.Counter(), collections.Counter())
    moves: list[Move] = []
    differences: list[Difference] = []
    count = 0
    for case in past:
        count += 1
        old, new = (decider.decide(_asked(case.facts, decider.table), case.on) for decider in deciders)
        for side, decision in enumerate((old, new)):
            leads[side][decision.lead.agency] += 1
            reached[side].update(_involved(decision))
        if old.lead.agency != new.lead.agency:
            moves.append(Move(case.case, case.on, case.facts, old.lead, new.lead))
        if shifts := tuple(_shifts(old, new)):
            differences.append(Difference(case.case, case.on, case.facts, shifts))
    return Comparison(count, _pairs(*leads), _pairs(*reached), tuple(moves), tuple(differences))


def _shifts(old: decide.Decision, new: decide.Decision) -> Iterator[Shift]:
    before, after = _says(old), _says(new)
    if old.lead.agency != new.lead.agency:
        before, after = {**before, Part.LAW: ()}, {**after, Part.LAW: ()}  # a move tells both
    for part in Part:
        had, has = before[part], after[part]
        if part is Part.ORDER and had != has:
            yield Shift(part, had, has)
        elif part is not Part.ORDER and set(had) != set(has):
            yield Shift(
                part,
                tuple(sorted(each for each in set(had) if each not in has)),
                tuple(sorted(each for each in set(has) if each not in had)),
            )


def _says(decision: decide.Decision) -> Mapping[Part, tuple[str, ...]]:
    """Return what a decision says, so that two that say the same of a part are equal there, whatever rule says it."""
    return {
        Part.ORDER: tuple(duty.agency for duty in decision.chain),
        Part.LAW: (f"{decision.lead.agency}: {decision.lead.law.citation} [{decision.lead.law.evidence_words}]",),
        Part.NOTICES: tuple(
            f"{each.duty.agency}, {each.clock.limit.words if each.clock else 'no deadline'}"
            for each in decision.notices
        ),
        Part.CLOCKS: tuple(_clock(each) for each in decision.clocks),
        Part.GATES: tuple(_gate(each) for each in decision.gates),
        Part.PROSECUTE: tuple(duty.agency for duty in decision.prosecute),
        Part.SUPPORT: tuple(duty.agency for duty in decision.support),
        Part.CIVIL: tuple(duty.agency for duty in decision.civil),
        Part.AID: tuple(duty.agency for duty in decision.aid),
    }


def _clock(given: rules.Clock) -> str:
    since = f" after {given.event}" if given.event else ""
    to = f", to {given.told}" if given.told else ""
    return f"{given.id}: {given.holder}{to}, {given.limit.words}{since} ({given.basis.value})"


def _gate(given: rules.Gate) -> str:
    if given.lets_through is None:
        return f"{given.id}: keeps it from nobody"
    let = ", ".join(kind.value.replace("_", " ") for kind in rules.Kind if kind not in given.bars)
    passes = f", and {', '.join(sorted(given.passes))}" if given.passes else ""
    return f"{given.id}: only {let or 'nobody'}{passes}"


def _asked(given: facts.Facts, content: table.Table) -> facts.Facts:
    """Return what a table makes of the facts of a case."""
    return facts.read(given.known(), content.vocabulary).facts.settled


def _involved(decision: decide.Decision) -> set[str]:
    duties = (*decision.support, *decision.prosecute, *decision.civil, *decision.aid)
    return {
        decision.lead.agency,
        *(d.agency for d in duties),
        *(n.duty.agency for n in decision.notices),
    }


def _pairs(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    names = sorted({*before, *after}, key=lambda name: (-max(before.get(name, 0), after.get(name, 0)), name))
    return {name: (before.get(name, 0), after.get(name, 0)) for name in names}
