"""Promise 3: the prover is exact. It is held against brute force, an SMT solver, and seeded faults (T3)."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import itertools
import random
import time
from collections.abc import Iterator, Mapping

import pytest
import z3

from nowrongdoor.core.mandates import cover, decide, prove, rules, table
from tests import claims
from tests.core.mandates import tables

SEEDS = range(300)
SHIPPED = table.shipped()
NOW = tables.on_day(SHIPPED, datetime.date(2026, 11, 24))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_prover_says_what_counting_through_says(seed: int) -> None:
    content = tables.at_random(seed)
    gap, overlap, dead = tables.counted_through(content)
    proof = prove.prove(content)
    claims = {fault.claim for fault in proof.faults}
    assert (prove.Claim.LEAD in claims) == gap
    assert (prove.Claim.ORDER in claims) == overlap
    if not overlap:  # with a shared precedence "first" has two readings; the order must be mended before
        assert {fault.rules[0] for fault in proof.faults if fault.claim is prove.Claim.DEAD} == dead


def test_the_generator_reaches_every_kind_of_table() -> None:
    came = collections.Counter(tables.counted_through(tables.at_random(seed))[:2] for seed in SEEDS)
    assert set(came) == {(False, False), (False, True), (True, False), (True, True)}
    assert min(came.values()) >= 10


@pytest.mark.parametrize("seed", SEEDS)
def test_every_witness_shows_its_fault(seed: int) -> None:
    content = tables.at_random(seed)
    for fault in prove.prove(content).faults:
        if fault.witness is None or fault.on is None:
            continue
        applying = [each for each in content.rules if tables.holds(each, fault.witness, fault.on)]
        leads = [each for each in applying if each.role is rules.Role.LEAD]
        if fault.claim is prove.Claim.LEAD:
            assert leads == []
            with pytest.raises(decide.NobodyLeads):
                decide.decide(content, fault.witness, fault.on)
        if fault.claim is prove.Claim.ORDER:
            pair = [each for each in leads if each.id in fault.rules]
            assert len(pair) == 2
            assert pair[0].precedence == pair[1].precedence


@pytest.mark.parametrize("seed", range(60))
def test_no_smaller_witness_of_a_gap_exists(seed: int) -> None:
    content = tables.at_random(seed)
    for fault in prove.prove(content).faults:
        if fault.claim is not prove.Claim.LEAD or fault.witness is None or fault.on is None:
            continue
        leads = [each for each in content.rules if each.role is rules.Role.LEAD]
        sizes = [
            len(point.known())
            for point in tables.points(content.vocabulary)
            if not any(tables.holds(each, point, fault.on) for each in leads)
        ]
        if min(sizes) <= prove.SMALL:
            assert len(fault.witness.known()) == min(sizes)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_gap_is_told_by_facts_that_make_it_whatever_the_others_are_and_by_none_too_many(seed: int) -> None:
    content = tables.at_random(seed)
    for fault in prove.prove(content).faults:
        if fault.claim is not prove.Claim.LEAD:
            continue
        assert fault.matters is not None
        assert fault.on is not None
        assert fault.witness is not None
        assert fault.matters.items() <= {a.name: fault.witness[a.name] for a in content.vocabulary.attributes}.items()
        assert not is_open_to(content, fault.matters, fault.on)
        for name in fault.matters:
            fewer = {other: code for other, code in fault.matters.items() if other != name}
            assert is_open_to(content, fewer, fault.on)


def test_a_fact_that_keeps_out_most_rules_does_not_matter_where_two_others_keep_out_all() -> None:
    known = tables.vocabulary(2, 2, 2)
    most, one, other = (("a0", ("v0",)), ("a1", ("v0",)), ("a2", ("v0",)))
    whens = [(one,), (one, most), (one, most), (other, most), (other, most), (other,)]
    content = tables.of(known, [tables.rule(number, when) for number, when in enumerate(whens)])
    (fault,) = [each for each in prove.prove(content).faults if each.claim is prove.Claim.LEAD]
    assert fault.matters == {"a1": "unknown", "a2": "unknown"}


def is_open_to(content: table.Table, names: Mapping[str, str], day: datetime.date) -> bool:
    """Whether some case with these facts has a lead."""
    return any(
        tables.holds(each, point, day)
        for point in tables.points(content.vocabulary)
        if all(point[name] == code for name, code in names.items())
        for each in content.rules
        if each.role is rules.Role.LEAD
    )


@pytest.mark.parametrize("seed", range(100))
def test_searches_that_are_put_off_until_last_say_what_counting_through_says(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove, "STEPS", 0)
    content = tables.at_random(seed)
    _, overlap, dead = tables.counted_through(content)
    if not overlap:
        faults = prove.prove(content).faults
        assert {fault.rules[0] for fault in faults if fault.claim is prove.Claim.DEAD} == dead


# --- a limit ---


def many(number: int, *, attributes: int = 28, widest: int = 1, seed: int = 1) -> table.Table:
    """A table of so many leads of six conditions each, with one behind them that catches the rest."""
    dice = random.Random(seed)
    known = tables.vocabulary(*(dice.choice((3, 3, 3, 4, 5)) for _ in range(attributes)))

    def when() -> rules.When:
        chosen = dice.sample(known.attributes, 6)
        return tuple((a.name, tuple(sorted(dice.sample(a.codes, min(widest, len(a.codes) - 1))))) for a in chosen)

    leads = [tables.rule(n, when(), precedence=n + 1) for n in range(number)]
    leads.append(tables.rule(number, (), precedence=number + 1))
    kinds = {each.agency: rules.Kind.SERVICES for each in leads} | {"B": rules.Kind.SERVICES}
    return tables.of(known, leads, (), kinds)


def test_three_thousand_rules_of_six_conditions_are_proved_within_the_limit() -> None:
    proof = prove.prove(many(3_000), prove.Watch(clock=time.process_time, seconds=prove.LIMIT))
    assert (proof.faults, proof.unfinished) == ((), None)


def test_a_proof_that_takes_too_long_says_what_is_left_and_what_to_split_and_does_not_hold() -> None:
    content = many(400, widest=2)
    ticks = itertools.count()
    proof = prove.prove(content, prove.Watch(clock=lambda: float(next(ticks)), seconds=1_000))
    assert not proof.holds
    assert proof.unfinished is not None
    left = set(proof.unfinished.rules)
    assert left
    assert left < {each.id for each in content.rules}
    assert "not shown within 1000 seconds: where each lead comes first" in proof.unfinished.sentence
    assert f"Split the table by '{proof.unfinished.split_by}', which" in proof.unfinished.sentence
    asked = collections.Counter(name for each in content.rules if each.id in left for name, _ in each.when)
    assert asked[proof.unfinished.split_by] == max(asked.values())
    assert proof.faults == ()  # a rule that was not looked at is not called dead
    with pytest.raises(prove.NotProved, match="not shown within 1000 seconds"):
        prove.require(content, prove.Watch(clock=lambda: float(next(ticks)), seconds=1_000))


def test_what_is_shown_is_told_on_the_way() -> None:
    heard: list[tuple[str, int, int]] = []
    prove.prove(SHIPPED, prove.Watch(clock=lambda: 0.0, tell=lambda *each: heard.append(each)))
    assert {what for what, _, _ in heard} == {
        "whether some lead applies to every case",
        "whether some backstop applies to every case",
        "whether a gate bars somebody who is asked to lead",
        "where each lead comes first",
    }
    assert claims.every(done < of for _, done, of in heard)


def smt_finds_a_gap(content: table.Table, day: datetime.date) -> bool:
    """Asks Z3 whether a case without a lead exists on a day."""
    solver = z3.Solver()
    variables = {a.name: z3.Int(a.name) for a in content.vocabulary.attributes}
    for a in content.vocabulary.attributes:
        solver.add(variables[a.name] >= 0, variables[a.name] < len(a.values))
    leads = [each for each in content.rules if each.role is rules.Role.LEAD and decide.in_force(each, day)]
    for when in [*(each.when for each in leads), *(each.when for each in content.vocabulary.impossible)]:
        allowed = []
        for name, values in when:
            codes = content.vocabulary.attribute(name).codes
            allowed.append(z3.Or([variables[name] == codes.index(value) for value in values]))
        solver.add(z3.Not(z3.And(allowed)))
    return bool(solver.check() == z3.sat)


@pytest.mark.parametrize("seed", range(40))
def test_an_smt_solver_agrees_on_generated_tables(seed: int) -> None:
    content = tables.at_random(1_000 + seed)
    gap = any(smt_finds_a_gap(content, day) for day in content.epochs)
    assert gap == any(fault.claim is prove.Claim.LEAD for fault in prove.prove(content).faults)


def test_an_smt_solver_agrees_that_the_shipped_table_is_total() -> None:
    assert claims.no(smt_finds_a_gap(SHIPPED, day) for day in SHIPPED.epochs)
    holed = without(SHIPPED, "lead-not-known-yet")
    assert smt_finds_a_gap(holed, holed.epochs[0])


def test_the_shipped_table_is_proved_over_its_whole_space() -> None:
    proof = prove.require(SHIPPED)
    assert proof.points + proof.impossible == SHIPPED.vocabulary.size > 10**15
    assert proof.impossible > 0
    assert proof.epochs == SHIPPED.epochs
    assert proof.digest == SHIPPED.digest


# --- seeded faults of the shipped table: every one must be found, with a witness where a case can show it ---


def changed(content: table.Table, rule_id: str, **fields: object) -> table.Table:
    found = [each.id for each in content.rules]
    assert rule_id in found
    new = tuple(
        dataclasses.replace(each, **fields) if each.id == rule_id else each  # type: ignore[arg-type]
        for each in content.rules
    )
    return dataclasses.replace(content, rules=new)


def without(content: table.Table, rule_id: str) -> table.Table:
    return dataclasses.replace(content, rules=tuple(each for each in content.rules if each.id != rule_id))


def mutants() -> Iterator[tuple[str, table.Table, prove.Claim]]:
    leads = sorted((r for r in NOW.rules if r.role is rules.Role.LEAD), key=lambda r: r.precedence or 0)
    # gaps: the rules that catch the rest, taken away or narrowed by one value of one attribute
    for rule_id in ("lead-not-known-yet", "lead-labor", "lead-sex"):
        yield f"gap: without {rule_id}", without(NOW, rule_id), prove.Claim.LEAD
    dice = random.Random(7)
    for rule_id in ("lead-not-known-yet", "lead-labor", "lead-sex"):
        rule = next(each for each in leads if each.id == rule_id)
        free = [a for a in NOW.vocabulary.attributes if a.name not in dict(rule.when)]
        for a in dice.sample(free, 7):
            kept = a.codes[:-1]  # a table that nobody told what to do when this is unknown
            yield (
                f"gap: {rule_id} forgets {a.name} unknown",
                changed(NOW, rule_id, when=(*rule.when, (a.name, kept))),
                prove.Claim.LEAD,
            )
    # a gap on some days only
    for rule_id in ("lead-not-known-yet", "lead-labor", "lead-sex"):
        ends = rules.Dates(None, datetime.date(2025, 6, 30))
        yield f"gap: {rule_id} ends in 2025", changed(SHIPPED, rule_id, dates=ends), prove.Claim.LEAD
        starts = rules.Dates(datetime.date(2024, 2, 1), None)
        yield f"gap: {rule_id} starts in 2024", changed(SHIPPED, rule_id, dates=starts), prove.Claim.LEAD
    # undeclared order: each lead given the precedence of one that it can meet
    for earlier, later in itertools.pairwise(leads):
        if meet(earlier, later):
            yield (
                f"order: {later.id} as {earlier.id}",
                changed(NOW, later.id, precedence=earlier.precedence),
                prove.Claim.ORDER,
            )
    # dead: a rule behind one that always comes before it
    for each in leads[1:]:
        shadow = dataclasses.replace(each, id=f"shadow-of-{each.id}", precedence=0, agency="HOTLINE")
        yield (
            f"dead: {each.id} behind its shadow",
            dataclasses.replace(NOW, rules=(shadow, *NOW.rules)),
            prove.Claim.DEAD,
        )
    # expired, misspelled, and a backstop that can say no or is missing
    for each in leads[:6]:
        old = rules.Dates(None, datetime.date(2022, 12, 31))
        yield f"expired: {each.id}", changed(NOW, each.id, dates=old), prove.Claim.EXPIRED
        yield f"agency: {each.id}", changed(NOW, each.id, agency="FIB"), prove.Claim.EMPTY
    yield "backstop: none", without(NOW, "backstop"), prove.Claim.BACKSTOP
    yield "backstop: can decline", changed(NOW, "backstop", agency="FBI"), prove.Claim.EMPTY
    yield "backstop: two at once", changed(NOW, "backstop", precedence=1), prove.Claim.ORDER
    yield "kind: a lead that is only told", changed(NOW, "lead-labor", agency="NCMEC"), prove.Claim.KIND
    for kind in (kind for kind in rules.Kind if not kind.may):
        told = dataclasses.replace(NOW.agencies["HHS_OTIP"], kind=kind)
        agencies = {**NOW.agencies, "HHS_OTIP": told}
        yield f"kind: a notice to a {kind.value}", dataclasses.replace(NOW, agencies=agencies), prove.Claim.KIND
    yield "clock: unknown", changed(NOW, "notify-hhs-child", clocks=("D99",)), prove.Claim.EMPTY


def meet(one: rules.Rule, other: rules.Rule) -> bool:
    first, second = dict(one.when), dict(other.when)
    return all(set(first[name]) & set(second[name]) for name in first.keys() & second.keys())


MUTANTS = list(mutants())


def test_there_are_enough_seeded_faults_of_every_kind() -> None:
    kinds = collections.Counter(name.partition(":")[0] for name, _, _ in MUTANTS)
    assert len(MUTANTS) >= 60
    assert {"gap", "order", "dead", "expired", "agency", "backstop", "kind", "clock"} == set(kinds)


@pytest.mark.parametrize(("name", "mutant", "claim"), MUTANTS, ids=[name for name, _, _ in MUTANTS])
def test_every_seeded_fault_is_found_with_a_witness(name: str, mutant: table.Table, claim: prove.Claim) -> None:
    found = [fault for fault in prove.prove(mutant).faults if fault.claim is claim]
    assert found, name
    with pytest.raises(prove.NotProved):
        prove.require(mutant)
    if claim in (prove.Claim.LEAD, prove.Claim.BACKSTOP):
        assert found[0].witness is not None
        assert found[0].on is not None
        with pytest.raises(decide.NobodyLeads):
            decide.decide(mutant, found[0].witness, found[0].on)
    if claim is prove.Claim.ORDER:
        assert found[0].witness is not None
        assert found[0].on is not None
        both = [r for r in mutant.rules if r.id in found[0].rules]
        assert claims.every(tables.holds(each, found[0].witness, found[0].on) for each in both)


def test_a_gap_is_told_in_words_with_what_is_unknown_and_matters() -> None:
    rule = next(each for each in SHIPPED.rules if each.id == "lead-labor")
    mutant = changed(NOW, "lead-labor", when=(*rule.when, ("nationality", ("us_citizen", "foreign"))))
    (fault,) = [f for f in prove.prove(mutant).faults if f.claim is prove.Claim.LEAD]
    assert fault.sentence.startswith("no lead for: ")
    assert "labor" in fault.sentence
    assert fault.witness is not None
    assert len(fault.witness.known()) == 1
    assert "'lead-labor' but for nationality not known" in fault.sentence
    assert fault.matters is not None
    assert len(fault.matters) < len(SHIPPED.vocabulary.names)
    others = len(SHIPPED.vocabulary.names) - len(fault.matters)
    assert f"(the other {others} facts do not matter)" in fault.sentence


def test_the_cover_search_finds_the_one_point_that_is_left() -> None:
    """A union of half-spaces that covers all but one point of 2^16."""
    known = tables.vocabulary(*([2] * 16))
    leads = [tables.rule(n, ((f"a{n}", ("v0",)),)) for n in range(16)]
    allow = decide.masks(known, [each.when for each in leads])
    cubes = cover.Cubes(allow, 16)
    assert cubes.witness(cubes.space, cubes.every) == (2,) * 16
