"""Small tables and spaces that tests can count through, made at random from a seed."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import itertools
import random
from collections.abc import Iterator, Mapping
from typing import TypeVar

from nowrongdoor.core.mandates import decide, facts, rules, table

Part = TypeVar("Part", rules.Rule, rules.Clock, rules.Gate)

START = datetime.date(2024, 1, 1)
LAW = rules.Law("22 USC 7102", (rules.Evidence.STATUTE,), ("M01",))


def vocabulary(*sizes: int) -> facts.Vocabulary:
    """A space with one attribute per size, `unknown` being one of its values."""
    return facts.Vocabulary(
        tuple(
            facts.Attribute(
                f"a{number}",
                f"a{number}?",
                "",
                "",
                (*(facts.Value(f"v{v}", f"a{number}=v{v}") for v in range(size - 1)), facts.Value("unknown", "?")),
            )
            for number, size in enumerate(sizes)
        )
    )


def rule(
    number: int,
    when: rules.When,
    *,
    role: rules.Role = rules.Role.LEAD,
    precedence: int | None = None,
    starts: datetime.date | None = None,
    ends: datetime.date | None = None,
    ends_chain: bool = False,
) -> rules.Rule:
    agency = "B" if role is rules.Role.BACKSTOP else f"A{number}"
    return rules.Rule(
        id=f"{role.value}{number}",
        role=role,
        when=when,
        agency=agency,
        law=LAW,
        dates=rules.Dates(starts, ends),
        why="",
        precedence=number + 1 if precedence is None else precedence,
        ends_chain=ends_chain,
        clocks=(),
        required_by_law=False,
    )


def gate(number: int, when: rules.When, *lets_through: rules.Kind) -> rules.Gate:
    return rules.Gate(f"gate{number}", when, "", lets_through, (), LAW, rules.Dates(None, None))


def of(
    known: facts.Vocabulary,
    leads: list[rules.Rule],
    gates: tuple[rules.Gate, ...] = (),
    kinds: Mapping[str, rules.Kind] | None = None,
) -> table.Table:
    """A table of these leads with one backstop, B. Agencies are of the kind OTHER where `kinds` says nothing else."""
    backstop = rule(0, (), role=rules.Role.BACKSTOP)
    codes = {each.agency for each in leads} | {"B"}
    named = kinds or {}
    made = table.Table(
        name="test",
        version="1",
        covers_from=START,
        covers_to=None,
        vocabulary=known,
        agencies={
            code: rules.Agency(code, code, "", named.get(code, rules.Kind.OTHER), rules.ByPlace.NONE, code != "B", "")
            for code in codes
        },
        rules=(*leads, backstop),
        clocks=(),
        gates=gates,
        left_out=(),
        digest="",
    )
    return dataclasses.replace(made, digest=table.digest_of(made))


def at_random(seed: int) -> table.Table:
    """A table that may have gaps, overlaps and dead rules, over a space of a few hundred points and several epochs."""
    dice = random.Random(seed)
    known = vocabulary(*(dice.choice((2, 2, 3, 4)) for _ in range(dice.randint(2, 5))))
    leads = []
    for number in range(dice.randint(1, 9)):
        when = tuple(
            (a.name, tuple(sorted(dice.sample(a.codes, dice.randint(1, len(a.codes) - 1)))))
            for a in known.attributes
            if dice.random() < 0.45
        )
        starts = START + datetime.timedelta(days=dice.choice((10, 20))) if dice.random() < 0.2 else None
        ends = START + datetime.timedelta(days=dice.choice((9, 19, 29))) if dice.random() < 0.2 else None
        leads.append(rule(number, when, precedence=dice.randint(1, 6), starts=starts, ends=ends))
    if dice.random() < 0.5:
        leads.append(rule(99, (), precedence=99))
    return of(known, leads)


def barred_at_random(seed: int) -> table.Table:
    """A table of leads and nexts, some of which end the chain, with gates that bar some of their agencies."""
    dice = random.Random(seed)
    known = vocabulary(*(dice.choice((2, 3)) for _ in range(dice.randint(2, 5))))

    def when(share: float) -> rules.When:
        return tuple(
            (a.name, tuple(sorted(dice.sample(a.codes, dice.randint(1, len(a.codes) - 1)))))
            for a in known.attributes
            if dice.random() < share
        )

    leads = [rule(n, when(0.5), precedence=n + 1, ends_chain=dice.random() < 0.4) for n in range(dice.randint(1, 5))]
    leads += [rule(n, when(0.4), role=rules.Role.NEXT) for n in range(20, 20 + dice.randint(0, 3))]
    leads.append(rule(99, (), precedence=99))
    kinds = {each.agency: dice.choice((rules.Kind.SERVICES, rules.Kind.HOTLINE)) for each in leads}
    kinds["B"] = dice.choice((rules.Kind.SERVICES, rules.Kind.SERVICES, rules.Kind.HOTLINE))
    gates = tuple(gate(n, when(0.6), rules.Kind.SERVICES) for n in range(dice.randint(0, 2)))
    return of(known, leads, gates, kinds)


def on_day(content: table.Table, day: datetime.date) -> table.Table:
    """A table of one stretch: what another says on a day and ever after, so that many faults of it are soon proved."""

    def kept(parts: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple(each for each in parts if decide.in_force(each, day))

    return dataclasses.replace(
        content, covers_from=day, rules=kept(content.rules), clocks=kept(content.clocks), gates=kept(content.gates)
    )


def points(known: facts.Vocabulary) -> Iterator[facts.Facts]:
    """Every point of a space."""
    for choices in itertools.product(*(range(len(a.values)) for a in known.attributes)):
        yield facts.Facts(choices, known)


def holds(each: rules.Rule | rules.Gate, point: facts.Facts, day: datetime.date) -> bool:
    """Whether a rule applies, said a second time and as plainly as can be."""
    starts, ends = each.dates.valid_from, each.dates.valid_to
    in_force = (starts is None or day >= starts) and (ends is None or day <= ends)
    return in_force and all(point[name] in values for name, values in each.when)


def impossible(number: int, *when: tuple[str, tuple[str, ...]]) -> facts.Impossible:
    return facts.Impossible(f"impossible{number}", when, f"Sentence {number}.", LAW)


def with_impossible(content: table.Table, seed: int) -> table.Table:
    """A table that declares some pairs and triples of answers impossible, none of them unknown."""
    dice = random.Random(seed)
    known = content.vocabulary
    entries = []
    for number in range(dice.randint(1, 4)):
        names = dice.sample(known.names, min(len(known.names), dice.choice((2, 2, 3))))
        when = [
            (name, tuple(sorted(dice.sample(codes, dice.randint(1, len(codes))))))
            for name in sorted(names)
            for codes in [known.attribute(name).codes[:-1]]
        ]
        entries.append(impossible(number, *when))
    return declaring(content, *entries)


def declaring(content: table.Table, *entries: facts.Impossible) -> table.Table:
    made = dataclasses.replace(content, vocabulary=dataclasses.replace(content.vocabulary, impossible=entries))
    return dataclasses.replace(made, digest=table.digest_of(made))


def is_possible(point: facts.Facts) -> bool:
    """Whether nothing declares a point impossible, said a second time and as plainly as can be."""
    return not any(all(point[name] in values for name, values in each.when) for each in point.vocabulary.impossible)


def possible_points(known: facts.Vocabulary) -> Iterator[facts.Facts]:
    """Every possible point of a space."""
    return (point for point in points(known) if is_possible(point))


def counted_through(content: table.Table) -> tuple[bool, bool, set[str]]:
    """Counts through every possible point of every epoch: is there a gap, an undeclared order, and which leads are
    dead?"""
    leads = [each for each in content.rules if each.role is rules.Role.LEAD]
    gap = overlap = False
    first: set[str] = set()
    seen: set[str] = set()
    for day in content.epochs:
        seen |= {each.id for each in leads if decide.in_force(each, day)}
        for point in possible_points(content.vocabulary):
            applying = [each for each in leads if holds(each, point, day)]
            gap |= not applying
            order = collections.Counter(each.precedence for each in applying)
            overlap |= any(count > 1 for count in order.values())
            if applying:
                least = min(each.precedence or 0 for each in applying)
                first |= {each.id for each in applying if each.precedence == least}
    return gap, overlap, seen - first
