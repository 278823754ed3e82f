"""What would change under a proposed table: whose load, which cases, and why.

An agency asks this before it signs an agreement: replay past cases under both tables and look at the difference.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
from collections.abc import Iterable, Mapping

from nowrongdoor.core.mandates import decide, facts, table


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


@dataclasses.dataclass(frozen=True)
class Comparison:
    """`load`: cases led by each agency, before and after. `involved`: cases that reach it in any role."""

    cases: int
    load: Mapping[str, tuple[int, int]]
    involved: Mapping[str, tuple[int, int]]
    moves: tuple[Move, ...]


def compare(before: table.Table, after: table.Table, past: Iterable[Past]) -> Comparison:
    """Decide every case under both tables, each of which reads its facts as it asks them (facts.read); what cannot all
    be true counts as unknown. decide.NotCovered for a day that one of them does not cover."""
    deciders = (decide.Decider(before), decide.Decider(after))
    leads: tuple[collections.Counter[str], ...] = (collections.Counter(), collections.Counter())
    reached: tuple[collections.Counter[str], ...] = (collections.Counter(), collections.Counter())
    moves = []
    count = 0
    for case in past:
        count += 1
        old, new = (decider.decide(_asked(case.facts, decider.table), case.on) for decider in deciders)
        for side, decision in enumerate((old, new)):
            leads[side][decision.lead.agency] += 1
            reached[side].update(_involved(decision))
        if old.lead.agency != new.lead.agency:
            moves.append(Move(case.case, case.on, case.facts, old.lead, new.lead))
    return Comparison(count, _pairs(*leads), _pairs(*reached), tuple(moves))


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
