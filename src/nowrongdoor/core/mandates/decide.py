"""Who answers for a case, on a day, by a mandate table.

Every rule, clock and gate is a condition over facts. For each stretch of days in which the same rules are in force,
each value of each fact has a bit mask of the conditions that allow it; a case's conditions are the AND of its values'
masks. Equal masks have equal decisions, so a decision is made once and remembered. What a gate keeps from whom is a
mask too, so that a decision that nobody made before costs no more than a few operations on masks.

The order is declared, never the order of lines: of the leads that apply, the smallest precedence is asked first, then
those marked `next`, then the backstop, which cannot decline.
"""

from __future__ import annotations

import bisect
import dataclasses
import datetime
import functools
from collections.abc import Iterator, Sequence

from nowrongdoor.core.language import gettext
from nowrongdoor.core.mandates import barring, facts, rules, table

LEAD = "lead"  # how the table names whoever leads as the one who owes a clock
REMEMBERED = 100_000  # decisions of one stretch of days: then it begins anew
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


Conditioned = rules.Rule | rules.Clock | rules.Gate


class Epoch:
    """A stretch of days in which the same rules, clocks and gates are in force, as masks over their conditions.

    What a gate keeps from whom does not depend on the case, so it is one mask for each gate, asked of `barring` once.
    """

    def __init__(self, content: table.Table, first_day: datetime.date) -> None:
        self.first_day = first_day
        self.table = content.digest
        self.rules = tuple(sorted((r for r in content.rules if in_force(r, first_day)), key=_order))
        self.clocks = tuple(c for c in content.clocks if in_force(c, first_day))
        self.gates = tuple(g for g in content.gates if in_force(g, first_day))
        self.conditioned: tuple[Conditioned, ...] = (*self.rules, *self.clocks, *self.gates)
        self.allow = masks(content.vocabulary, [each.when for each in self.conditioned])
        self.duties = tuple(_duty(rule) for rule in self.rules)
        self.notices = tuple(
            tuple(Notice(duty, content.clocks_by_id[clock]) for clock in rule.clocks) or (Notice(duty, None),)
            for rule, duty in zip(self.rules, self.duties, strict=True)
        )
        at_clocks, at_gates = len(self.rules), len(self.rules) + len(self.clocks)
        self.every_rule = (1 << at_clocks) - 1
        self.every_clock = (1 << at_gates) - 1 - self.every_rule
        self.every_gate = (1 << len(self.conditioned)) - (1 << at_gates)
        self.of_role = {
            role: sum(1 << number for number, rule in enumerate(self.rules) if rule.role is role) for role in rules.Role
        }
        self.keeps_out: dict[int, int] = {}  # a gate's bit: the rules and clocks that it stops
        for at, gate in enumerate(self.gates, start=at_gates):
            self.keeps_out[1 << at] = sum(
                1 << number
                for number, rule in enumerate(self.rules)
                if barring.keeps_from(gate, rule, agencies=content.agencies, clocks=content.clocks_by_id)
            ) | sum(
                1 << number
                for number, clock in enumerate(self.clocks, start=at_clocks)
                if barring.stops(gate, clock, agencies=content.agencies)
            )
        # The lead's deadlines that are only for telling somebody whom a rule names.
        self.carries = tuple(
            sum(
                1 << number
                for number, clock in enumerate(self.clocks, start=at_clocks)
                if clock.id in rule.clocks and clock.holder == LEAD
            )
            for rule in self.rules
        )

    def applying(self, bits: int) -> Iterator[Conditioned]:
        """List what a mask holds, rules in order of precedence first."""
        return (self.conditioned[number] for number in _numbers(bits))


class Decision:
    """What a table says about a case. Who is asked and told follows from the conditions that hold, and is worked out
    when somebody looks at it: most who decide want to know one thing.

    NobodyLeads when no lead, or no backstop, comes out.
    """

    def __init__(self, epoch: Epoch, bits: int) -> None:
        self._epoch = epoch
        kept_out, shut = 0, bits & epoch.every_gate
        while shut:
            low = shut & -shut
            kept_out |= epoch.keeps_out[low]
            shut ^= low
        self._bits, self._kept_out = bits, kept_out
        self._holding = holding = bits & epoch.every_rule & ~kept_out
        self._withheld = bits & epoch.every_rule & kept_out
        leads = epoch.of_role[rules.Role.LEAD]
        if not holding & epoch.of_role[rules.Role.BACKSTOP] or not (bits & leads):
            raise NobodyLeads(
                gettext("No agency comes out for this case. The table is not total: `nwd mandates prove` shows where.")
            )

    @property
    def table(self) -> str:
        """Return the digest of the table."""
        return self._epoch.table

    @functools.cached_property
    def chain(self) -> tuple[Duty, ...]:
        """List who is asked for the lead, in this order, each once; the last is the backstop.

        Where gates bar every lead, which no proved table lets happen, the backstop is asked at once: a table that was
        proved before this was looked at must not leave somebody waiting.
        """
        epoch = self._epoch
        leads = self._of(rules.Role.LEAD)
        backstop = epoch.duties[next(_numbers(self._holding & epoch.of_role[rules.Role.BACKSTOP]))]
        if not leads:
            return (backstop,)
        if leads[0].agency == backstop.agency:
            return (leads[0],)  # it is first already, and there is nobody behind it
        first = next(_numbers(self._holding & epoch.of_role[rules.Role.LEAD]))
        asked = leads[:1] if epoch.rules[first].ends_chain else (*leads, *self._of(rules.Role.NEXT))
        chain: dict[str, Duty] = {}
        for duty in asked:
            if duty.agency != backstop.agency:  # the backstop comes last, whatever else names it
                chain.setdefault(duty.agency, duty)
        chain[backstop.agency] = backstop
        return tuple(chain.values())

    @property
    def lead(self) -> Duty:
        """Return the one agency that the law names first: the first of `chain`."""
        of_role = self._epoch.of_role
        first = self._holding & of_role[rules.Role.LEAD] or self._holding & of_role[rules.Role.BACKSTOP]
        return self._epoch.duties[(first & -first).bit_length() - 1]

    @functools.cached_property
    def support(self) -> tuple[Duty, ...]:
        """List who supports."""
        return self._of(rules.Role.SUPPORT)

    @functools.cached_property
    def prosecute(self) -> tuple[Duty, ...]:
        """List who prosecutes."""
        return self._of(rules.Role.PROSECUTE)

    @functools.cached_property
    def civil(self) -> tuple[Duty, ...]:
        """List who enforces civil law."""
        return self._of(rules.Role.CIVIL)

    @functools.cached_property
    def aid(self) -> tuple[Duty, ...]:
        """List who helps the person."""
        return self._of(rules.Role.AID)

    @functools.cached_property
    def notices(self) -> tuple[Notice, ...]:
        """List who must be told, and by when."""
        mine = self._holding & self._epoch.of_role[rules.Role.NOTIFY]
        return tuple(notice for number in _numbers(mine) for notice in self._epoch.notices[number])

    @functools.cached_property
    def clocks(self) -> tuple[rules.Clock, ...]:
        """List the deadlines that run. A deadline of the lead to tell somebody who is not told does not; one that binds
        somebody else by law does."""
        only_to_tell = 0
        for number in _numbers(self._withheld):
            only_to_tell |= self._epoch.carries[number]
        running = self._bits & self._epoch.every_clock & ~self._kept_out & ~only_to_tell
        return tuple(each for each in self._epoch.applying(running) if isinstance(each, rules.Clock))

    @functools.cached_property
    def gates(self) -> tuple[rules.Gate, ...]:
        """List the gates that are shut."""
        shut = self._epoch.applying(self._bits & self._epoch.every_gate)
        return tuple(each for each in shut if isinstance(each, rules.Gate))

    @functools.cached_property
    def withheld(self) -> tuple[Withheld, ...]:
        """List who is neither asked nor told, because a gate forbids it. Whoever is told for one reason is not kept out
        for another."""
        epoch = self._epoch
        reached = {epoch.rules[number].agency for number in _numbers(self._holding)}
        shut = [1 << number for number in _numbers(self._bits & epoch.every_gate)]
        kept = (number for number in _numbers(self._withheld) if epoch.rules[number].agency not in reached)
        return tuple(Withheld(epoch.duties[number], self._first(shut, number)) for number in kept)

    def _first(self, shut: Sequence[int], number: int) -> rules.Gate:
        """Return the first gate that keeps a case from whom a rule names."""
        low = next(low for low in shut if self._epoch.keeps_out[low] >> number & 1)
        gate = self._epoch.conditioned[low.bit_length() - 1]
        assert isinstance(gate, rules.Gate)
        return gate

    def _of(self, role: rules.Role) -> tuple[Duty, ...]:
        return tuple(self._epoch.duties[number] for number in _numbers(self._holding & self._epoch.of_role[role]))

    def __eq__(self, other: object) -> bool:
        """Return whether both say the same."""
        return isinstance(other, Decision) and all(getattr(self, name) == getattr(other, name) for name in SAYS)

    def __hash__(self) -> int:
        """Return a number that equal decisions share."""
        return hash((self.table, self.chain, self.clocks))


SAYS = ("table", "chain", "support", "prosecute", "civil", "aid", "notices", "clocks", "gates", "withheld")


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
            raise OtherFacts(
                gettext("The facts are not those that the table '%(name)s' asks about.") % {"name": self.table.name}
            )
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
            if len(memory) >= REMEMBERED:
                memory.clear()
            decision = memory[bits] = Decision(epoch, bits)
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


def _numbers(bits: int) -> Iterator[int]:
    """List the positions of the bits of a mask, lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def _duty(rule: rules.Rule) -> Duty:
    return Duty(rule.agency, rule.role, rule.id, rule.why, rule.law)


def _covered(content: table.Table, on: datetime.date) -> str:
    if content.covers_to:
        return gettext(
            "The table '%(name)s' says nothing about %(on)s: it covers every day from %(covers_from)s to %(covers_to)s."
        ) % {"name": content.name, "on": on, "covers_from": content.covers_from, "covers_to": content.covers_to}
    return gettext("The table '%(name)s' says nothing about %(on)s: it covers every day from %(covers_from)s on.") % {
        "name": content.name,
        "on": on,
        "covers_from": content.covers_from,
    }
