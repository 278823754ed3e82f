"""Who answers for a case, on a day, by a mandate table.

Every rule, clock and gate is a condition over facts. For each stretch of days in which the same rules are in force,
each value of each fact has a bit mask of the conditions that allow it; a case's conditions are the AND of its values'
masks. Equal masks have equal decisions, so a decision is made once and remembered.

The order is declared, never the order of lines: of the leads that apply, the smallest precedence is asked first, then
those marked `next`, then the backstop, which cannot decline.
"""

from __future__ import annotations

import bisect
import dataclasses
import datetime
from collections.abc import Iterable, Iterator, Sequence

from nowrongdoor.core.mandates import barring, facts, rules, table

LEAD = "lead"  # how the table names whoever leads as the one who owes a clock
RECEIVER = "RECEIVER"  # and whoever has a case already, where it is nobody else's: they keep it


class NobodyLeads(LookupError):
    """No lead, or no backstop, comes out: the table was not proved."""


class NotCovered(ValueError):
    """The table says nothing about this day."""


class OtherFacts(ValueError):
    """The facts were read for a table that asks about others; their positions mean nothing here."""


@dataclasses.dataclass(frozen=True)
class Duty:
    """What the law asks of one agency, under one rule."""

    agency: str
    role: rules.Role
    rule: str
    why: str
    law: rules.Law


@dataclasses.dataclass(frozen=True)
class Notice:
    """Somebody who must be told, and by when; no clock when the law sets none."""

    duty: Duty
    clock: rules.Clock | None


@dataclasses.dataclass(frozen=True)
class Withheld:
    """Somebody who would be asked or told if it were not for a gate."""

    duty: Duty
    gate: rules.Gate


@dataclasses.dataclass(frozen=True)
class Decision:
    """What a table says about a case. `chain`: who is asked for the lead, in this order, each once; the last is the
    backstop. `withheld`: who is neither asked nor told, because a gate forbids it."""

    table: str
    chain: tuple[Duty, ...]
    support: tuple[Duty, ...]
    prosecute: tuple[Duty, ...]
    civil: tuple[Duty, ...]
    aid: tuple[Duty, ...]
    notices: tuple[Notice, ...]
    clocks: tuple[rules.Clock, ...]
    gates: tuple[rules.Gate, ...]
    withheld: tuple[Withheld, ...]

    @property
    def lead(self) -> Duty:
        """Return the one agency that the law names first."""
        return self.chain[0]


Conditioned = rules.Rule | rules.Clock | rules.Gate


class Epoch:
    """A stretch of days in which the same rules, clocks and gates are in force, as masks over their conditions."""

    def __init__(self, content: table.Table, first_day: datetime.date) -> None:
        self.first_day = first_day
        self.rules = tuple(sorted((r for r in content.rules if in_force(r, first_day)), key=_order))
        self.conditioned: tuple[Conditioned, ...] = (
            *self.rules,
            *(c for c in content.clocks if in_force(c, first_day)),
            *(g for g in content.gates if in_force(g, first_day)),
        )
        self.allow = masks(content.vocabulary, [each.when for each in self.conditioned])

    def applying(self, bits: int) -> Iterator[Conditioned]:
        """List what a mask holds, rules in order of precedence first."""
        while bits:
            low = bits & -bits
            yield self.conditioned[low.bit_length() - 1]
            bits ^= low


class Decider:
    """A table made ready to decide quickly; it remembers its decisions."""

    def __init__(self, content: table.Table) -> None:
        self.table = content
        self._days = content.epochs
        self._epochs = [Epoch(content, day) for day in content.epochs]
        self._memory: list[dict[int, Decision]] = [{} for _ in self._epochs]

    def decide(self, given: facts.Facts, on: datetime.date) -> Decision:
        """Decide. NotCovered for a day outside the table; NobodyLeads when the table is not total; OtherFacts."""
        asked = self.table.vocabulary
        if given.vocabulary is not asked and given.vocabulary.digest != asked.digest:
            raise OtherFacts(f"The facts are not those that the table '{self.table.name}' asks about.")
        number = bisect.bisect_right(self._days, on) - 1
        if number < 0 or (self.table.covers_to is not None and on > self.table.covers_to):
            raise NotCovered(_covered(self.table, on))
        epoch = self._epochs[number]
        bits = -1
        for allowed, choice in zip(epoch.allow, given.choices, strict=True):
            bits &= allowed[choice]
        memory = self._memory[number]
        decision = memory.get(bits)
        if decision is None:
            decision = memory[bits] = _decide(self.table, list(epoch.applying(bits)))
        return decision


def decide(content: table.Table, given: facts.Facts, on: datetime.date) -> Decision:
    """Decide one case; a `Decider` is the way for many."""
    return Decider(content).decide(given, on)


def masks(vocabulary: facts.Vocabulary, conditions: Sequence[rules.When]) -> list[list[int]]:
    """Return, for each attribute and each of its values, the mask of the conditions that allow it."""
    every = (1 << len(conditions)) - 1
    allow = [[every] * len(attribute.values) for attribute in vocabulary.attributes]
    for number, when in enumerate(conditions):
        for name, values in when:
            position = vocabulary.positions[name]
            choices = {vocabulary.choices[position][value] for value in values}
            for choice in range(len(allow[position])):
                if choice not in choices:
                    allow[position][choice] &= ~(1 << number)
    return allow


def in_force(dated: Conditioned, day: datetime.date) -> bool:
    """Return whether a rule, clock or gate holds on a day."""
    starts, ends = dated.dates.valid_from, dated.dates.valid_to
    return (starts is None or starts <= day) and (ends is None or day <= ends)


def _order(rule: rules.Rule) -> tuple[int, int, str]:
    place = {rules.Role.LEAD: 0, rules.Role.NEXT: 1, rules.Role.BACKSTOP: 2}.get(rule.role, 3)
    return (place, rule.precedence or 0, rule.id)


def _decide(content: table.Table, applying: Iterable[Conditioned]) -> Decision:
    chosen = list(applying)
    gates = tuple(each for each in chosen if isinstance(each, rules.Gate))
    holding: list[rules.Rule] = []
    withheld: list[Withheld] = []
    carried: set[str] = set()
    for rule in chosen:
        if not isinstance(rule, rules.Rule):
            continue
        gate = barring.gate_against(rule, gates, agencies=content.agencies, clocks=content.clocks_by_id)
        if gate is None:
            holding.append(rule)
        else:
            withheld.append(Withheld(_duty(rule), gate))
            carried.update(rule.clocks)

    reached = {rule.agency for rule in holding}  # whoever is told for one reason is not kept out for another

    def runs(clock: rules.Clock) -> bool:
        """A deadline of the lead to tell somebody who is not told does not run; one that binds somebody else by law
        does."""
        is_only_to_tell = clock.id in carried and clock.holder == LEAD
        is_stopped = any(barring.stops(gate, clock, agencies=content.agencies) for gate in gates)
        return not is_only_to_tell and not is_stopped

    return Decision(
        table=content.digest,
        chain=_chain(holding, is_a_lead_withheld=any(each.duty.role is rules.Role.LEAD for each in withheld)),
        support=_of(holding, rules.Role.SUPPORT),
        prosecute=_of(holding, rules.Role.PROSECUTE),
        civil=_of(holding, rules.Role.CIVIL),
        aid=_of(holding, rules.Role.AID),
        notices=tuple(_notices(content, holding)),
        clocks=tuple(each for each in chosen if isinstance(each, rules.Clock) and runs(each)),
        gates=gates,
        withheld=tuple(each for each in withheld if each.duty.agency not in reached),
    )


def _chain(duties: Sequence[rules.Rule], *, is_a_lead_withheld: bool) -> tuple[Duty, ...]:
    """Put whoever may be asked in order. Where gates bar every lead, which no proved table lets happen, the backstop is
    asked at once: a table that was proved before this was looked at must not leave somebody waiting."""
    leads = [rule for rule in duties if rule.role is rules.Role.LEAD]
    backstop = next((rule for rule in duties if rule.role is rules.Role.BACKSTOP), None)
    if backstop is None or not (leads or is_a_lead_withheld):
        raise NobodyLeads(
            "No agency comes out for this case. The table is not total: `nwd mandates prove` shows where."
        )
    if not leads:
        return (_duty(backstop),)
    if leads[0].ends_chain:
        asked = leads[:1]
    else:
        asked = [*leads, *(rule for rule in duties if rule.role is rules.Role.NEXT)]
    chain: dict[str, Duty] = {}
    for rule in asked:
        if rule.agency != backstop.agency:  # the backstop comes last, whatever else names it
            chain.setdefault(rule.agency, _duty(rule))
    if asked[0].agency == backstop.agency:
        return (_duty(asked[0]),)  # it is first already, and there is nobody behind it
    chain[backstop.agency] = _duty(backstop)
    return tuple(chain.values())


def _notices(content: table.Table, holding: Sequence[rules.Rule]) -> Iterator[Notice]:
    for rule in holding:
        if rule.role is rules.Role.NOTIFY:
            for clock in rule.clocks:
                yield Notice(_duty(rule), content.clocks_by_id[clock])
            if not rule.clocks:
                yield Notice(_duty(rule), None)


def _of(holding: Sequence[rules.Rule], role: rules.Role) -> tuple[Duty, ...]:
    return tuple(_duty(rule) for rule in holding if rule.role is role)


def _duty(rule: rules.Rule) -> Duty:
    return Duty(rule.agency, rule.role, rule.id, rule.why, rule.law)


def _covered(content: table.Table, on: datetime.date) -> str:
    until = f" to {content.covers_to}" if content.covers_to else ""
    return f"The table '{content.name}' says nothing about {on}: it covers {content.covers_from}{until}."
