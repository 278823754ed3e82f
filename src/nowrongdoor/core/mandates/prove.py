"""Shows that a mandate table gives every possible case exactly one lead, on every day that it covers.

The claim is over the whole space of facts, every value including unknown, but for what the table declares impossible,
and is exact: nothing is sampled.
For each stretch of days in which the same rules are in force it shows that
  - some lead applies at every point, and some backstop (totality);
  - no two leads that can both apply share a precedence, nor two nexts, nor two backstops (the order is declared);
  - no lead or backstop is dead: each comes first somewhere;
  - nobody whom a gate bars stands in a chain, nor in a notice, a support, a prosecution, civil enforcement or aid;
and for the table that every rule is in force on some day that it covers, names an agency and clocks that exist, and
has a condition that can hold in a possible case. What is declared impossible leaves out some cases and never a whole
answer, and where facts conflict, nobody is called less and no gate opens that was shut. There is no default lead that
could hide a gap: what catches the rest is a rule like any other, with its own condition. What a gate bars is asked of
`barring`, as `decide` asks it: `decide` tells nobody who is barred, and what is shown here is that no table counts on
that, by asking somebody barred to lead or by calling a law what is none.

Where a claim fails, the fault carries a witness: facts, as few as possible, on a day, that `decide` can be asked about.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import functools
import itertools
from collections.abc import Callable, Iterator, Sequence

from nowrongdoor.core.mandates import barring, cover, decide, explain, facts, rules, table

SMALL = 2  # so many known facts are searched through completely for the smallest witness


class Claim(enum.Enum):
    """What was to be shown; the value is how a fault begins."""

    LEAD = "no lead for"
    BACKSTOP = "no backstop for"
    ORDER = "two rules come first for"
    DEAD = "never comes first"
    EXPIRED = "in force on no day that the table covers"
    EMPTY = "names"
    DAYS = "covers no day"
    BARRED = "asks somebody to lead whom a gate bars, for"
    KIND = "asks an agency for what its kind may not do"
    UNFOUNDED = "is let past gates, and no law commands it"
    IMPOSSIBLE = "declares nothing that a table can use"


@dataclasses.dataclass(frozen=True)
class Fault:
    """A claim that fails: the sentence, the rules it is about, and facts and a day that show it."""

    claim: Claim
    sentence: str
    rules: tuple[str, ...]
    on: datetime.date | None = None
    witness: facts.Facts | None = None


@dataclasses.dataclass(frozen=True)
class Proof:
    """What was shown of which content. `points`: how many cases are possible, over which it was shown; `impossible`:
    how many are declared not to be; `epochs`: first days of its stretches."""

    digest: str
    facts_digest: str
    points: int
    impossible: int
    epochs: tuple[datetime.date, ...]
    covers_to: datetime.date | None
    leads: int
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Return whether every claim was shown."""
        return not self.faults

    def as_json(self) -> dict[str, object]:
        """Return the proof as JSON values."""
        return {
            "holds": self.holds,
            "digest": self.digest,
            "facts_digest": self.facts_digest,
            "points": self.points,
            "impossible": self.impossible,
            "epochs": [day.isoformat() for day in self.epochs],
            "covers_to": self.covers_to.isoformat() if self.covers_to else None,
            "leads": self.leads,
            "faults": [
                {
                    "claim": fault.claim.name.lower(),
                    "sentence": fault.sentence,
                    "rules": list(fault.rules),
                    "on": fault.on.isoformat() if fault.on else None,
                    "witness": fault.witness.known() if fault.witness else None,
                }
                for fault in self.faults
            ],
        }


class NotProved(ValueError):
    """The table cannot be put in force; the message lists the faults with their witnesses."""

    def __init__(self, proof: Proof) -> None:
        self.proof = proof
        super().__init__("\n".join(fault.sentence for fault in proof.faults))


def prove(content: table.Table) -> Proof:
    """Try to show every claim, and gather what fails."""
    faults = list(_names(content))
    if not content.epochs:
        faults.append(Fault(Claim.DAYS, f"the table covers no day: it ends before {content.covers_from}", ()))
    faults += _expired(content)
    faults += _impossible(content)
    alive: dict[str, bool] = {}
    for day in content.epochs:
        faults += _Stretch(content, day).faults(alive)
    points = _possible(content.vocabulary)
    by_id = {rule.id: rule for rule in content.rules}
    faults += [
        Fault(
            Claim.DEAD,
            f"{by_id[rule_id].role.value} '{rule_id}' {Claim.DEAD.value}: others always do",
            (rule_id,),
        )
        for rule_id, is_alive in alive.items()
        if not is_alive
    ]
    return Proof(
        digest=content.digest,
        facts_digest=content.vocabulary.digest,
        points=points,
        impossible=content.vocabulary.size - points,
        epochs=content.epochs,
        covers_to=content.covers_to,
        leads=sum(rule.role is rules.Role.LEAD for rule in content.rules),
        faults=tuple(_once(faults)),
    )


def require(content: table.Table) -> Proof:
    """Return the proof of a table, or raise NotProved."""
    proof = prove(content)
    if not proof.holds:
        raise NotProved(proof)
    return proof


def _names(content: table.Table) -> Iterator[Fault]:
    for rule in content.rules:
        if rule.agency not in content.agencies:
            yield Fault(
                Claim.EMPTY,
                f"rule '{rule.id}' names the agency '{rule.agency}', which is not listed",
                (rule.id,),
            )
        for clock in rule.clocks:
            if clock not in content.clocks_by_id:
                yield Fault(
                    Claim.EMPTY,
                    f"rule '{rule.id}' names the clock '{clock}', which is not listed",
                    (rule.id,),
                )
        agency = content.agencies.get(rule.agency)
        needed = rules.May.LEAD if rule.role in rules.IN_ORDER else rules.May.BE_TOLD
        if agency and needed not in agency.kind.may:
            verb = "asked to lead" if needed is rules.May.LEAD else "told of a case"
            sentence = f"rule '{rule.id}' names '{rule.agency}': a body of kind '{agency.kind.value}' is never {verb}"
            yield Fault(Claim.KIND, sentence, (rule.id,))
        if rule.role is rules.Role.BACKSTOP and agency and agency.can_decline:
            sentence = f"backstop '{rule.id}' names '{rule.agency}', which can decline"
            yield Fault(Claim.EMPTY, sentence, (rule.id,))
    roles = {rule.id: rule.role for rule in content.rules}
    for gate in content.gates:
        for rule_id in gate.passes:
            if rule_id not in roles:
                yield Fault(Claim.EMPTY, f"gate '{gate.id}' lets pass '{rule_id}', which is not listed", ())
    for conditioned in _all(content):
        for name, values in conditioned.when:
            if not values:
                yield Fault(Claim.EMPTY, f"'{conditioned.id}' names no value of '{name}'", (conditioned.id,))


def _all(content: table.Table) -> Iterator[decide.Conditioned]:
    yield from content.rules
    yield from content.clocks
    yield from content.gates


def _expired(content: table.Table) -> Iterator[Fault]:
    for dated in _all(content):
        if not any(decide.in_force(dated, day) for day in content.epochs):
            yield Fault(Claim.EXPIRED, f"'{dated.id}' is {Claim.EXPIRED.value}", (dated.id,))


def _possible(asked: facts.Vocabulary) -> int:
    """Count the points that nothing declares impossible."""
    entries = _usable(asked)
    return cover.Cubes(decide.masks(asked, [each.when for each in entries]), len(entries)).count_outside()


def _usable(asked: facts.Vocabulary) -> list[facts.Impossible]:
    """List the declarations that leave out some points and no whole answer. What nobody knows excludes nothing, so with
    these alone a case stays possible when one of its facts is not known any more."""
    return [each for each in asked.impossible if _misuse(each) is None]


def _opens(gate: rules.Gate, entry: facts.Impossible) -> str | None:
    """Say where a conflict would open a gate that the facts shut as they were told, because a fact that counts as
    unknown is one that the gate does not hold for: a person's no stays a no, whatever else was told."""
    shut = dict(gate.when)
    shared = [(name, values) for name, values in entry.when if name in shut]
    is_shut = bool(gate.bars and shared) and all(set(values) & set(shut[name]) for name, values in shared)
    open_names = [name for name, _ in shared if facts.UNKNOWN not in shut[name]]
    if not is_shut or not open_names:
        return None
    return (
        f"a conflict would make '{open_names[0]}' unknown and so open gate '{gate.id}'; let the gate hold for "
        "'unknown' too, or leave this fact out"
    )


def _misuse(entry: facts.Impossible) -> str | None:
    unknown = [name for name, values in entry.when if facts.UNKNOWN in values]
    if not entry.when:
        return "without a condition it would make every case impossible; name the answers that exclude each other"
    if unknown:
        return f"what is unknown excludes nothing; take 'unknown' out of '{unknown[0]}'"
    if len(entry.when) == 1:
        return "one fact excludes nothing by itself; take its answers out of 'values', or name a second fact"
    if not all(values for _, values in entry.when):
        return "no case can meet it, because it names no value of a fact"
    return None


def _impossible(content: table.Table) -> Iterator[Fault]:
    """Tell each declaration that a table cannot use, and what holds only where something is declared impossible."""
    asked = content.vocabulary
    start = f"'{{}}' {Claim.IMPOSSIBLE.value}: {{}}"
    for entry in asked.impossible:
        misuse = _misuse(entry)
        if misuse is None and asked.safety in entry.names:
            misuse = f"a conflict would make '{asked.safety}' unknown, and nobody would be called; leave it out"
        if misuse is None:
            misuse = next(filter(None, (_opens(gate, entry) for gate in content.gates)), None)
        if misuse:
            yield Fault(Claim.IMPOSSIBLE, start.format(entry.id, misuse), (entry.id,))
    entries = _usable(asked)
    conditioned: list[decide.Conditioned | facts.Impossible] = [*entries, *_all(content)]
    cubes = cover.Cubes(decide.masks(asked, [each.when for each in conditioned]), len(conditioned))
    every = (1 << len(entries)) - 1
    for number, entry in enumerate(entries):
        if cubes.witness(_box(entry, asked), every & ~(1 << number)) is None:
            because = "no case can meet it, because other entries declare all of it impossible already; take it out"
            yield Fault(Claim.IMPOSSIBLE, start.format(entry.id, because), (entry.id,))
    for each in conditioned[len(entries) :]:
        box = _box(each, asked)
        if entries and all(box) and cubes.witness(box, every) is None:
            names = ", ".join(f"'{entries[number].id}'" for number in _numbers(cubes.meeting(box, every)))
            sentence = f"'{each.id}' holds in no possible case: its condition is declared impossible by {names}"
            yield Fault(Claim.EMPTY, sentence, (each.id,))


class _Stretch:
    """One stretch of days: its leads, nexts and backstops as cubes."""

    def __init__(self, content: table.Table, day: datetime.date) -> None:
        self.content, self.day = content, day
        in_order = [r for r in content.rules if r.role in rules.IN_ORDER and decide.in_force(r, day)]
        self.rules = sorted(in_order, key=lambda rule: (rule.role.value, rule.precedence or 0, rule.id))
        self.gates = [gate for gate in content.gates if gate.bars and decide.in_force(gate, day)]
        # The bits of gates come after those of rules, and then those of what is impossible.
        conditions: list[decide.Conditioned | facts.Impossible] = [
            *self.rules,
            *self.gates,
            *_usable(content.vocabulary),
        ]
        self.impossible = (1 << len(conditions)) - (1 << len(self.rules) + len(self.gates))
        self.allow = decide.masks(content.vocabulary, [each.when for each in conditions])
        self.cubes = cover.Cubes(self.allow, len(conditions))
        self.boxes = [self._box(rule) for rule in self.rules]
        self.leads = self._mask(rules.Role.LEAD)

    def faults(self, alive: dict[str, bool]) -> Iterator[Fault]:
        for role, claim in ((rules.Role.LEAD, Claim.LEAD), (rules.Role.BACKSTOP, Claim.BACKSTOP)):
            among = self._mask(role)
            gap = self._possible(self.cubes.space, among)
            if gap is not None:
                witness = self._smallest(gap, functools.partial(_none_of, among))
                yield self._fault(claim, f"{claim.value}: {self._words(witness, among)}", (), witness)
        yield from self._overlaps()
        for number, gate in enumerate(self.gates, start=len(self.rules)):
            yield from self._barred(number, gate)
        yield from self._unfounded()
        for role in (rules.Role.LEAD, rules.Role.BACKSTOP):
            self._mark_alive(role, alive)

    def _overlaps(self) -> Iterator[Fault]:
        for number, rule in enumerate(self.rules):
            same = 0
            for other in range(number):
                if self.rules[other].role is rule.role and self.rules[other].precedence == rule.precedence:
                    same |= 1 << other
            if not same:
                continue
            meeting = _numbers(self.cubes.meeting(self.boxes[number], same))
            boxes = ((other, self._possible(_common(self.boxes[number], self.boxes[other]), 0)) for other in meeting)
            other, box = next(((other, box) for other, box in boxes if box is not None), (0, None))
            if box is None:
                continue
            both = (1 << number) | (1 << other)
            witness = self._smallest(box, functools.partial(_all_of, both))
            names = (self.rules[other].id, rule.id)
            sentence = (
                f"{Claim.ORDER.value}: {self._words(witness, 0)} ('{names[0]}' and '{names[1]}' are both "
                f"{rule.role.value} with precedence {rule.precedence}; give one of them another)"
            )
            yield self._fault(Claim.ORDER, sentence, names, witness)

    def _barred(self, gate_number: int, gate: rules.Gate) -> Iterator[Fault]:
        """Tell each rule that puts somebody in a chain whom a gate bars there."""
        gate_box = self._box(gate)
        for number, rule in enumerate(self.rules):
            if not self._keeps_from(gate, rule):
                continue
            both = _common(self.boxes[number], gate_box)
            box = self._in_chain(number, both)
            if box is None:
                continue
            witness = self._smallest(box, functools.partial(self._stands, number, 1 << gate_number), both)
            sentence = (
                f"{Claim.BARRED.value}: {self._words(witness, 0)} ({rule.role.value} '{rule.id}' names "
                f"'{rule.agency}', which gate '{gate.id}' bars; narrow its condition, or end the chain before it)"
            )
            yield self._fault(Claim.BARRED, sentence, (rule.id, gate.id), witness)

    def _in_chain(self, number: int, box: cover.Box) -> cover.Box | None:
        """Find a part of a box in which a rule stands in the chain, or None when it never does.

        A backstop does where it is the first of them. A lead or a next does where the first lead is this rule or one
        that does not end the chain; so each of those is tried as the first.
        """
        rule = self.rules[number]
        if not all(box):
            return None
        if rule.role is rules.Role.BACKSTOP:
            return self._possible(box, self._before(number))
        leads = [each for each, other in enumerate(self.rules) if other.role is rules.Role.LEAD]
        ending = list(itertools.takewhile(lambda each: self.rules[each].ends_chain, leads))
        if number not in ending and self._possible(box, sum(1 << each for each in ending)) is None:
            return None  # the usual case, at the price of one question: the chain ends before it everywhere
        for first in leads:
            if first == number or not self.rules[first].ends_chain:
                both = _common(box, self.boxes[first])
                witness = self._possible(both, self._before(first)) if all(both) else None
                if witness is not None:
                    return witness
        return None

    def _stands(self, number: int, also: int, bits: int) -> bool:
        """Return whether a rule stands in the chain at a point where `also` applies, before any gate is asked."""
        if bits & also != also or not bits >> number & 1:
            return False
        if self.rules[number].role is rules.Role.BACKSTOP:
            return not bits & self._before(number)
        leads = bits & self.leads
        if not leads:
            return False
        first = (leads & -leads).bit_length() - 1
        return first == number or not self.rules[first].ends_chain

    def _unfounded(self) -> Iterator[Fault]:
        """Tell what is let past gates although no law commands it: a notice, a deadline, or what a gate names that is
        no notice of immediate danger."""
        for rule in self.content.rules:
            if not decide.in_force(rule, self.day):
                continue
            if rule.required_by_law and not barring.is_commanded(rule, self.content.clocks_by_id):
                gates = [gate for gate in self.gates if self._keeps_from(gate, rule)]
                yield self._let_past(
                    rule, gates, "'required_by_law' is for a notice whose statute, read, sets a deadline"
                )
            gates = [gate for gate in self.gates if rule.id in gate.passes]
            if gates and rule.role is not rules.Role.NOTIFY:
                yield self._let_past(rule, gates, f"gate '{gates[0].id}' may let nothing pass but a notice")
            elif gates and not barring.is_only_in_danger(rule):
                because = (
                    f"gate '{gates[0].id}' may let a notice pass only in immediate danger: limit the notice's 'when' "
                    "to urgency = [\"immediate_danger\"], or take it out of 'passes'"
                )
                yield self._let_past(rule, gates, because)
        for clock in self.content.clocks:
            if not decide.in_force(clock, self.day) or self._is_carried(clock):
                continue
            gates = [gate for gate in self.gates if self._tells_barred(gate, clock)]
            if gates:
                because = (
                    f"gate '{gates[0].id}' bars '{clock.told}', which this deadline is to tell: let a notice carry it, "
                    "or narrow its condition"
                )
                yield self._let_past(clock, gates, because)

    def _possible(self, box: cover.Box, outside: int) -> cover.Box | None:
        """Find a part of a box that is possible and lies outside the conditions `outside`, or None."""
        return self.cubes.witness(box, outside | self.impossible)

    def _is_carried(self, clock: rules.Clock) -> bool:
        """Return whether a rule tells whom a deadline is to tell: where a gate withholds it, the page says so."""
        return any(clock.id in rule.clocks and rule.agency == clock.told for rule in self.content.rules)

    def _tells_barred(self, gate: rules.Gate, clock: rules.Clock) -> bool:
        both = _common(self._box(gate), self._box(clock))
        does_meet = all(both) and self._possible(both, 0) is not None
        return does_meet and barring.tells_barred(gate, clock, agencies=self.content.agencies)

    def _let_past(self, rule: rules.Rule | rules.Clock, gates: Sequence[rules.Gate], because: str) -> Fault:
        meeting = [(gate, _common(self._box(rule), self._box(gate))) for gate in gates]
        meeting = [(gate, box) for gate, box in meeting if all(box) and self._possible(box, 0) is not None]
        gate, within = meeting[0] if meeting else (None, self._box(rule))
        box = self._possible(within, 0) or within
        # Unknown is the last value: what a box leaves open is unknown, and nothing smaller lies in it.
        witness = facts.Facts(tuple(mask.bit_length() - 1 for mask in box), self.content.vocabulary)
        names = (rule.id, gate.id) if gate else (rule.id,)
        what = rule.role.value if isinstance(rule, rules.Rule) else "clock"
        sentence = f"{what} '{rule.id}' {Claim.UNFOUNDED.value}: {self._words(witness, 0)} ({because})"
        return self._fault(Claim.UNFOUNDED, sentence, names, witness)

    def _keeps_from(self, gate: rules.Gate, rule: rules.Rule) -> bool:
        content = self.content
        return rule.agency in content.agencies and barring.keeps_from(
            gate, rule, agencies=content.agencies, clocks=content.clocks_by_id
        )

    def _before(self, number: int) -> int:
        """Return the mask of the rules of the same role that come before one."""
        role = self.rules[number].role
        return sum(1 << each for each in range(number) if self.rules[each].role is role)

    def _mark_alive(self, role: rules.Role, alive: dict[str, bool]) -> None:
        earlier = 0
        for number, rule in enumerate(self.rules):
            if rule.role is not role:
                continue
            if not alive.get(rule.id, False):
                alive[rule.id] = self._possible(self.boxes[number], earlier) is not None
            earlier |= 1 << number

    def _fault(self, claim: Claim, sentence: str, ids: tuple[str, ...], witness: facts.Facts) -> Fault:
        since = f" (from {self.day})" if len(self.content.epochs) > 1 else ""
        return Fault(claim, sentence + since, ids, self.day, witness)

    def _mask(self, role: rules.Role) -> int:
        return sum(1 << number for number, rule in enumerate(self.rules) if rule.role is role)

    def _box(self, rule: decide.Conditioned) -> cover.Box:
        return _box(rule, self.content.vocabulary)

    def _bits(self, choices: Sequence[int]) -> int:
        bits = self.cubes.every
        for values, choice in zip(self.allow, choices, strict=True):
            bits &= values[choice]
        return bits

    def _smallest(self, box: cover.Box, shows: Callable[[int], bool], within: cover.Box | None = None) -> facts.Facts:
        """Find a witness with the fewest known facts: all with up to SMALL of them are tried, and beyond that what can
        be left unknown in a found one is. `within`: a box that holds every witness, which spares trying others."""
        vocabulary = self.content.vocabulary
        needed = {a for a, mask in enumerate(within or ()) if not mask >> len(self.allow[a]) - 1}  # never unknown
        nothing = list(vocabulary.nothing_known.choices)
        pairs = [(a, v) for a, values in enumerate(self.allow) for v in range(len(values) - 1)]
        for size in range(SMALL + 1):
            for known in itertools.combinations(pairs, size):
                named = {attribute for attribute, _ in known}
                if len(named) < size or not needed <= named:
                    continue
                choices = list(nothing)
                for attribute, value in known:
                    choices[attribute] = value
                bits = self._bits(choices)
                if not bits & self.impossible and shows(bits):
                    return facts.Facts(tuple(choices), vocabulary)
        choices = [mask.bit_length() - 1 for mask in box]  # unknown is the last value: taken where the box has it
        for attribute, unknown in enumerate(nothing):
            kept, choices[attribute] = choices[attribute], unknown
            if not shows(self._bits(choices)):  # what was possible stays so with less known (_usable)
                choices[attribute] = kept
        return facts.Facts(tuple(choices), vocabulary)

    def _words(self, witness: facts.Facts, among: int) -> str:
        """Names what is known, and what is unknown although knowing it would close the gap."""
        missing = []
        if among:
            for attribute in self.content.vocabulary.attributes:
                if witness[attribute.name] == facts.UNKNOWN and any(
                    self._bits(witness.changed({attribute.name: code}).choices) & among for code in attribute.codes[:-1]
                ):
                    missing.append(attribute.name)
        return explain.in_words(witness, also=missing)


def _once(faults: Sequence[Fault]) -> Iterator[Fault]:
    """A fault that lasts over several stretches is told once, for the first."""
    seen = set()
    for fault in faults:
        key = (fault.claim, fault.rules, fault.witness.choices if fault.witness else fault.sentence)
        if key not in seen:
            seen.add(key)
            yield fault


def _box(conditioned: decide.Conditioned | facts.Impossible, asked: facts.Vocabulary) -> cover.Box:
    masks = [(1 << len(attribute.values)) - 1 for attribute in asked.attributes]
    for name, values in conditioned.when:
        position = asked.positions[name]
        masks[position] &= sum(1 << asked.choices[position][value] for value in set(values))
    return tuple(masks)


def _numbers(mask: int) -> Iterator[int]:
    """List the positions of the bits of a mask."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _common(one: cover.Box, other: cover.Box) -> cover.Box:
    return tuple(a & b for a, b in zip(one, other, strict=True))


def _none_of(among: int, bits: int) -> bool:
    return not bits & among


def _all_of(both: int, bits: int) -> bool:
    return bits & both == both
