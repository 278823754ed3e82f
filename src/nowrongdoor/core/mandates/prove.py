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
Of a gap it says which few of these facts make it whatever the others are.

A search may be too long: the question is as hard as any that computers know. `Watch` gives it a limit; then the proof
says what is not shown, which rules are left, and what to split, and it does not hold.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from nowrongdoor.core.language import gettext, gettext_lazy
from nowrongdoor.core.mandates import barring, cover, decide, explain, facts, rules, table

LIMIT = 60.0  # seconds, for whoever waits for an answer
STEPS = 300  # so long a search for where a rule comes first may be while others were not looked at yet
FEW = 6  # a gap told by more facts than these is looked for elsewhere too
NEAREST = 3  # so many rules that miss a gap by one fact are named
SMALL = 2  # so many known facts are searched through completely for the smallest witness


class Claim(enum.Enum):
    """What was to be shown; the value is how a fault begins."""

    LEAD = gettext_lazy("no lead for")
    BACKSTOP = gettext_lazy("no backstop for")
    ORDER = gettext_lazy("two rules come first for")
    DEAD = gettext_lazy("never comes first")
    EXPIRED = gettext_lazy("in force on no day that the table covers")
    EMPTY = "names"
    DAYS = gettext_lazy("covers no day")
    BARRED = gettext_lazy("asks somebody to lead whom a gate bars, for")
    KIND = gettext_lazy("asks an agency for what its kind may not do")
    UNFOUNDED = gettext_lazy("is let past gates, and no law commands it")
    IMPOSSIBLE = gettext_lazy("declares nothing that a table can use")


@dataclasses.dataclass(frozen=True)
class Fault:
    """A claim that fails: the sentence, the rules it is about, and facts and a day that show it."""

    claim: Claim
    sentence: str
    rules: tuple[str, ...]
    on: datetime.date | None = None
    witness: facts.Facts | None = None
    matters: Mapping[str, str] | None = None


@dataclasses.dataclass(frozen=True)
class Unfinished:
    """What was not shown in time: the sentence, the rules that are left, and the fact to split the table by."""

    sentence: str
    rules: tuple[str, ...]
    split_by: str


class OutOfTime(RuntimeError):
    """The limit of a proof is reached."""


class Watch:
    """Looks at the time during a proof, and tells how far it is. `clock` counts seconds; without `seconds` there is no
    limit. `tell` hears what is being shown, how much of it is done, and how much there is."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        seconds: float | None = None,
        tell: Callable[[str, int, int], None] | None = None,
    ) -> None:
        self._clock, self._seconds, self._tell = clock, seconds, tell
        self._started = clock()

    def look(self) -> None:
        """Stop the proof where its time is over. OutOfTime."""
        if self._seconds is not None and self._clock() - self._started > self._seconds:
            raise OutOfTime

    def tell(self, what: str, done: int, of: int) -> None:
        """Say how far the proof is."""
        self.look()
        if self._tell is not None:
            self._tell(what, done, of)

    @property
    def limit(self) -> float:
        """Return the limit in seconds; 0 where there is none."""
        return self._seconds or 0.0


NO_LIMIT = Watch(clock=lambda: 0.0)


@dataclasses.dataclass(frozen=True)
class Proof:
    """What was shown of which content. `points`: how many cases are possible, over which it was shown; `impossible`:
    how many are declared not to be; `epochs`: first days of its stretches; `unfinished`: what was not shown within the
    limit, None when all was looked at."""

    digest: str
    facts_digest: str
    points: int
    impossible: int
    epochs: tuple[datetime.date, ...]
    covers_to: datetime.date | None
    leads: int
    faults: tuple[Fault, ...]
    unfinished: Unfinished | None = None

    @property
    def holds(self) -> bool:
        """Return whether every claim was shown."""
        return not self.faults and self.unfinished is None

    @property
    def sentences(self) -> tuple[str, ...]:
        """List what fails, and what was not shown."""
        return (*(each.sentence for each in self.faults), *([self.unfinished.sentence] if self.unfinished else []))

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
                    "matters": dict(fault.matters) if fault.matters is not None else None,
                }
                for fault in self.faults
            ],
            "unfinished": dataclasses.asdict(self.unfinished) if self.unfinished else None,
        }


class NotProved(ValueError):
    """The table cannot be put in force; the message lists the faults with their witnesses."""

    def __init__(self, proof: Proof) -> None:
        self.proof = proof
        super().__init__("\n".join(proof.sentences))


def prove(content: table.Table, watch: Watch = NO_LIMIT) -> Proof:
    """Try to show every claim, and gather what fails and what there was no time for."""
    faults = list(_names(content))
    if not content.epochs:
        faults.append(
            Fault(
                Claim.DAYS,
                gettext("the table covers no day: it ends before %(covers_from)s")
                % {"covers_from": content.covers_from},
                (),
            )
        )
    faults += _expired(content)
    faults += _impossible(content)
    alive: dict[str, bool] = {}
    unfinished = None
    for day in content.epochs:
        stretch = _Stretch(content, day, watch)
        try:
            for fault in stretch.faults(alive):
                faults.append(fault)
        except OutOfTime:
            unfinished = stretch.unfinished(alive, watch)
            break
    points = _possible(content.vocabulary)
    by_id = {rule.id: rule for rule in content.rules}
    faults += [
        Fault(
            Claim.DEAD,
            gettext("%(role)s '%(rule_id)s' %(dead)s: others always do")
            % {"role": by_id[rule_id].role.value, "rule_id": rule_id, "dead": Claim.DEAD.value},
            (rule_id,),
        )
        for rule_id, is_alive in alive.items()
        if not is_alive and unfinished is None  # a rule may come first on days that were not looked at
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
        unfinished=unfinished,
    )


def require(content: table.Table, watch: Watch = NO_LIMIT) -> Proof:
    """Return the proof of a table, or raise NotProved."""
    proof = prove(content, watch)
    if not proof.holds:
        raise NotProved(proof)
    return proof


def _names(content: table.Table) -> Iterator[Fault]:
    for rule in content.rules:
        if rule.agency not in content.agencies:
            yield Fault(
                Claim.EMPTY,
                gettext("rule '%(id)s' names the agency '%(agency)s', which is not listed")
                % {"id": rule.id, "agency": rule.agency},
                (rule.id,),
            )
        for clock in rule.clocks:
            if clock not in content.clocks_by_id:
                yield Fault(
                    Claim.EMPTY,
                    gettext("rule '%(id)s' names the clock '%(clock)s', which is not listed")
                    % {"id": rule.id, "clock": clock},
                    (rule.id,),
                )
        agency = content.agencies.get(rule.agency)
        needed = rules.May.LEAD if rule.role in rules.IN_ORDER else rules.May.BE_TOLD
        if agency and needed not in agency.kind.may:
            verb = gettext("asked to lead") if needed is rules.May.LEAD else gettext("told of a case")
            sentence = gettext("rule '%(id)s' names '%(agency)s': a body of kind '%(kind)s' is never %(verb)s") % {
                "id": rule.id,
                "agency": rule.agency,
                "kind": agency.kind.value,
                "verb": verb,
            }
            yield Fault(Claim.KIND, sentence, (rule.id,))
        if rule.role is rules.Role.BACKSTOP and agency and agency.can_decline:
            sentence = gettext("backstop '%(id)s' names '%(agency)s', which can decline") % {
                "id": rule.id,
                "agency": rule.agency,
            }
            yield Fault(Claim.EMPTY, sentence, (rule.id,))
    roles = {rule.id: rule.role for rule in content.rules}
    for gate in content.gates:
        for rule_id in gate.passes:
            if rule_id not in roles:
                yield Fault(
                    Claim.EMPTY,
                    gettext("gate '%(id)s' lets pass '%(rule_id)s', which is not listed")
                    % {"id": gate.id, "rule_id": rule_id},
                    (),
                )
    for conditioned in _all(content):
        for name, values in conditioned.when:
            if not values:
                yield Fault(
                    Claim.EMPTY,
                    gettext("'%(id)s' names no value of '%(name)s'") % {"id": conditioned.id, "name": name},
                    (conditioned.id,),
                )


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
    return gettext(
        "a conflict would make '%(open_names)s' unknown and so open gate '%(id)s'; let the "
        "gate hold for 'unknown' too, or leave this fact out"
    ) % {"open_names": open_names[0], "id": gate.id}


def _misuse(entry: facts.Impossible) -> str | None:
    unknown = [name for name, values in entry.when if facts.UNKNOWN in values]
    if not entry.when:
        return gettext(
            "without a condition it would make every case impossible; name the answers that exclude each other"
        )
    if unknown:
        return gettext("what is unknown excludes nothing; take 'unknown' out of '%(unknown)s'") % {
            "unknown": unknown[0]
        }
    if len(entry.when) == 1:
        return gettext("one fact excludes nothing by itself; take its answers out of 'values', or name a second fact")
    if not all(values for _, values in entry.when):
        return gettext("no case can meet it, because it names no value of a fact")
    return None


def _impossible(content: table.Table) -> Iterator[Fault]:
    """Tell each declaration that a table cannot use, and what holds only where something is declared impossible."""
    asked = content.vocabulary
    start = f"'{{}}' {Claim.IMPOSSIBLE.value}: {{}}"
    for entry in asked.impossible:
        misuse = _misuse(entry)
        if misuse is None and asked.safety in entry.names:
            misuse = gettext("a conflict would make '%(safety)s' unknown, and nobody would be called; leave it out") % {
                "safety": asked.safety
            }
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
            because = gettext(
                "no case can meet it, because other entries declare all of it impossible already; take it out"
            )
            yield Fault(Claim.IMPOSSIBLE, start.format(entry.id, because), (entry.id,))
    for each in conditioned[len(entries) :]:
        box = _box(each, asked)
        if entries and all(box) and cubes.witness(box, every) is None:
            names = ", ".join(f"'{entries[number].id}'" for number in _numbers(cubes.meeting(box, every)))
            sentence = gettext(
                "'%(id)s' holds in no possible case: its condition is declared impossible by %(names)s"
            ) % {"id": each.id, "names": names}
            yield Fault(Claim.EMPTY, sentence, (each.id,))


class _Stretch:
    """One stretch of days: its leads, nexts and backstops as cubes."""

    def __init__(self, content: table.Table, day: datetime.date, watch: Watch = NO_LIMIT) -> None:
        self.content, self.day, self.watch = content, day, watch
        self.doing = gettext("whether some lead applies to every case")
        self.settled: set[str] = set()  # the rules of which it was shown on these days whether they come first
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
        self.cubes = cover.Cubes(self.allow, len(conditions), watch.look)
        self.boxes = [self._box(rule) for rule in self.rules]
        self.leads = self._mask(rules.Role.LEAD)

    def faults(self, alive: dict[str, bool]) -> Iterator[Fault]:
        for role, claim in ((rules.Role.LEAD, Claim.LEAD), (rules.Role.BACKSTOP, Claim.BACKSTOP)):
            self.doing = gettext("whether some %(role)s applies to every case") % {"role": role.value}
            self.watch.tell(self.doing, 0, 1)
            gap = self._possible(self.cubes.space, self._mask(role))
            if gap is not None:
                yield self._gap(claim, self._mask(role), gap)
        self.doing = gettext("whether any two rules share a precedence")
        yield from self._overlaps()
        self.doing = gettext("whether a gate bars somebody who is asked to lead")
        for number, gate in enumerate(self.gates, start=len(self.rules)):
            self.watch.tell(self.doing, number - len(self.rules), len(self.gates))
            yield from self._barred(number, gate)
        yield from self._unfounded()
        self.doing = gettext("where each lead comes first")
        for role in (rules.Role.LEAD, rules.Role.BACKSTOP):
            self._mark_alive(role, alive)

    def unfinished(self, alive: Mapping[str, bool], watch: Watch) -> Unfinished:
        """Say what was not shown in time, which rules are left, and by which fact the table is best split."""
        left = [
            rule
            for rule in self.rules
            if rule.role is not rules.Role.NEXT and not alive.get(rule.id, False) and rule.id not in self.settled
        ]
        named = [name for rule in left or self.rules for name, _ in rule.when]
        names = self.content.vocabulary.names
        split_by = max(names, key=lambda name: (named.count(name), -names.index(name))) if named else ""
        sentence = gettext(
            "not shown within %(limit)s seconds: %(doing)s, on the days from %(day)s; "
            "%(count)s of %(count_2)s rules are left"
        ) % {
            "limit": f"{watch.limit:g}",
            "doing": self.doing,
            "day": self.day,
            "count": f"{len(left):,}",
            "count_2": f"{len(self.rules):,}",
        }
        if split_by:
            codes = self.content.vocabulary.attribute(split_by).codes
            sentence += gettext(
                ". Split the table by '%(split_by)s', which %(count)s of them ask about: "
                "write them in groups, one for each of %(names)s, and name it in every rule; "
                "or give the proof more time"
            ) % {"split_by": split_by, "count": f"{named.count(split_by):,}", "names": ", ".join(codes)}
        return Unfinished(sentence, tuple(rule.id for rule in left), split_by)

    def _possible(self, box: cover.Box, outside: int, *, steps: int | None = None) -> cover.Box | None:
        """Find a part of a box that is possible and lies outside the conditions `outside`, or None."""
        return self.cubes.witness(box, outside | self.impossible, steps=steps)

    def _gap(self, claim: Claim, among: int, gap: cover.Box) -> Fault:
        """Tell a gap by the facts that make it: whatever the others are, none of the rules applies. The witness has the
        fewest known facts, unless another gap is told by far fewer facts."""
        witness = self._smallest(gap, functools.partial(_none_of, among))
        matters = self._matters(witness, among)
        if len(witness.known()) > SMALL or len(matters) > FEW:
            for box in (self._widened(gap, among), self._narrowed(among)):
                part = self._possible(box, among) if box else None
                if part is None:
                    continue
                other = facts.Facts(tuple(mask.bit_length() - 1 for mask in part), self.content.vocabulary)
                needed = self._matters(other, among)
                if len(needed) * (2 if len(witness.known()) <= SMALL else 1) < len(matters):
                    witness, matters = other, needed
        fault = self._fault(claim, f"{claim.value}: {self._gap_words(witness, matters, among)}", (), witness)
        return dataclasses.replace(fault, matters={name: witness[name] for name in matters})

    def _gap_words(self, witness: facts.Facts, matters: Sequence[str], among: int) -> str:
        """Name what is known, of what is unknown that which most rules ask about, how many facts do not matter, and
        which rules come nearest."""
        asked = [each for each in self.content.vocabulary.attributes if each.name in matters]
        unknown = [each for each in asked if witness[each.name] == facts.UNKNOWN]
        positions, choices = self.content.vocabulary.positions, witness.choices
        keeps = {each: (among & ~self.allow[positions[each.name]][choices[positions[each.name]]]) for each in unknown}
        first = sorted(unknown, key=lambda each: -keeps[each].bit_count())[:FEW]
        words = [each.words(witness[each.name]) for each in asked if each not in unknown or each in first]
        case = ", ".join(words) or gettext("any case")
        if len(unknown) > len(first):
            more = len(unknown) - len(first)
            case += f" and {more} more fact{'s' if more > 1 else ''} unknown"
        others = len(self.content.vocabulary.names) - len(matters)
        if others:
            case += f" ({'the other fact does' if others == 1 else f'the other {others} facts do'} not matter)"
        return case + self._nearest(witness, among)

    def _nearest(self, witness: facts.Facts, among: int) -> str:
        """Name the rules that speak of what is known in a gap and miss it by one fact, and that fact."""
        known, asked = witness.known(), self.content.vocabulary
        near = []
        for number in reversed(list(_numbers(among))):
            when = dict(self.rules[number].when)
            out = [name for name, values in when.items() if witness[name] not in values]
            if len(out) == 1 and (when.keys() & known.keys()) - set(out):
                near.append(
                    gettext("'%(id)s' but for %(words)s")
                    % {"id": self.rules[number].id, "words": asked.attribute(out[0]).words(witness[out[0]])}
                )
        return (gettext("; what comes nearest: %(names)s") % {"names": ", ".join(near[:NEAREST])}) if near else ""

    def _narrowed(self, among: int) -> cover.Box | None:
        """Look for a gap by settling one fact after the other, each time the answer that keeps most rules out."""
        box, left = list(self.cubes.space), among
        open_ = set(range(len(box)))
        while left:
            if not open_:
                return None
            self.watch.look()
            choices = ((a, v) for a in sorted(open_) for v in range(len(self.allow[a])))
            attribute, value = min(choices, key=lambda each: (left & self.allow[each[0]][each[1]]).bit_count())
            box[attribute] = 1 << value
            left &= self.allow[attribute][value]
            open_.discard(attribute)
        return tuple(box)

    def _widened(self, box: cover.Box, among: int) -> cover.Box:
        """Let each fact of a gap have any value where it stays a gap, those that rules ask about most often last."""
        wide = list(box)
        asks = [sum((among & ~value).bit_count() for value in values) for values in self.allow]
        for attribute in sorted(range(len(wide)), key=lambda a: asks[a]):
            kept, wide[attribute] = wide[attribute], self.cubes.space[attribute]
            if self.cubes.meeting(tuple(wide), among):
                wide[attribute] = kept
        return tuple(wide)

    def _matters(self, witness: facts.Facts, among: int) -> list[str]:
        """Choose as few facts of a gap as can be found so that each rule is kept from applying by one of them. Taking
        one away opens the gap to some rule: first what keeps out most is taken, then whatever is not needed is left."""
        keeps = [among & ~values[choice] for values, choice in zip(self.allow, witness.choices, strict=True)]
        chosen: list[int] = []
        left = among
        while left:
            self.watch.look()
            best = max(range(len(keeps)), key=lambda a: ((keeps[a] & left).bit_count(), -a))
            chosen.append(best)
            left &= ~keeps[best]
        for attribute in list(chosen):
            others = 0
            for other in chosen:
                others |= keeps[other] if other != attribute else 0
            if others == among:
                chosen.remove(attribute)
        names = self.content.vocabulary.names
        return [names[attribute] for attribute in sorted(chosen)]

    def _overlaps(self) -> Iterator[Fault]:
        same: dict[tuple[rules.Role, int | None], int] = {}
        for number, rule in enumerate(self.rules):
            place = (rule.role, rule.precedence)
            meeting = self.cubes.meeting(self.boxes[number], same.get(place, 0))
            same[place] = same.get(place, 0) | 1 << number
            for other in _numbers(meeting):
                both = _common(self.boxes[number], self.boxes[other])
                box = self._possible(both, 0)
                if box is None:
                    continue
                shows = functools.partial(_all_of, (1 << number) | (1 << other))
                witness = self._smallest(box, shows)
                names = (self.rules[other].id, rule.id)
                sentence = gettext(
                    "%(order)s: %(words)s ('%(names)s' and '%(names_2)s' are both %(role)s "
                    "with precedence %(precedence)s; give one of them another)"
                ) % {
                    "order": Claim.ORDER.value,
                    "words": self._words(witness),
                    "names": names[0],
                    "names_2": names[1],
                    "role": rule.role.value,
                    "precedence": rule.precedence,
                }
                yield self._fault(Claim.ORDER, sentence, names, witness)
                break

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
            sentence = gettext(
                "%(barred)s: %(words)s (%(role)s '%(id)s' names '%(agency)s', which gate "
                "'%(id_2)s' bars; narrow its condition, or end the chain before it)"
            ) % {
                "barred": Claim.BARRED.value,
                "words": self._words(witness),
                "role": rule.role.value,
                "id": rule.id,
                "agency": rule.agency,
                "id_2": gate.id,
            }
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
                    rule, gates, gettext("'required_by_law' is for a notice whose statute, read, sets a deadline")
                )
            gates = [gate for gate in self.gates if rule.id in gate.passes]
            if gates and rule.role is not rules.Role.NOTIFY:
                yield self._let_past(
                    rule, gates, gettext("gate '%(id)s' may let nothing pass but a notice") % {"id": gates[0].id}
                )
            elif gates and not barring.is_only_in_danger(rule):
                because = gettext(
                    "gate '%(id)s' may let a notice pass only in immediate danger: limit the "
                    "notice's 'when' to urgency = [\"immediate_danger\"], or take it out of "
                    "'passes'"
                ) % {"id": gates[0].id}
                yield self._let_past(rule, gates, because)
        for clock in self.content.clocks:
            if not decide.in_force(clock, self.day) or self._is_carried(clock):
                continue
            gates = [gate for gate in self.gates if self._tells_barred(gate, clock)]
            if gates:
                because = gettext(
                    "gate '%(id)s' bars '%(told)s', which this deadline is to tell: let a "
                    "notice carry it, or narrow its condition"
                ) % {"id": gates[0].id, "told": clock.told}
                yield self._let_past(clock, gates, because)

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
        sentence = f"{what} '{rule.id}' {Claim.UNFOUNDED.value}: {self._words(witness)} ({because})"
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
        """Note for each rule of a role whether it comes first somewhere. Searches that are short for all of them come
        before those that are long, so that little is left where the time is over."""
        mine = self._mask(role)
        for steps in (STEPS, None):
            waiting = [
                number
                for number, rule in enumerate(self.rules)
                if rule.role is role and not alive.get(rule.id, False) and rule.id not in self.settled
            ]
            for done, number in enumerate(waiting):
                self.watch.tell(self.doing, done, len(waiting))
                earlier = mine & ((1 << number) - 1)
                rule_id = self.rules[number].id
                try:
                    alive[rule_id] = self._possible(self.boxes[number], earlier, steps=steps) is not None
                except cover.TooLong:
                    continue
                self.settled.add(rule_id)

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

    def _words(self, witness: facts.Facts) -> str:
        return explain.in_words(witness)


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
