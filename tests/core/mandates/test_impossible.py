"""What a table declares impossible: the proof ranges over the possible cases alone and counts them (against counting
through), a declaration that no table can use is a fault, and facts in conflict open no gate."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.mandates import decide, facts, prove, rules, table
from tests import claims
from tests.core.mandates import tables

SEEDS = range(200)
SHIPPED = table.shipped()
Claim = prove.Claim


def random_table(seed: int) -> table.Table:
    return tables.with_impossible(tables.at_random(seed), seed)


def faults(content: table.Table, claim: prove.Claim) -> list[prove.Fault]:
    return [fault for fault in prove.prove(content).faults if fault.claim is claim]


# --- the proof, against counting through ---


def brute(content: table.Table) -> tuple[bool, bool, set[str], set[str]]:
    """What counting through says, and which rules hold nowhere."""
    holding = {
        each.id
        for each in content.rules
        for point in tables.possible_points(content.vocabulary)
        if all(point[name] in values for name, values in each.when)
    }
    return (*tables.counted_through(content), {each.id for each in content.rules} - holding)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_prover_says_what_counting_through_the_possible_points_says(seed: int) -> None:
    content = random_table(seed)
    gap, overlap, dead, nowhere = brute(content)
    proof = prove.prove(content)
    found = {fault.claim for fault in proof.faults}
    assert (Claim.LEAD in found) == gap
    assert (Claim.ORDER in found) == overlap
    assert {fault.rules[0] for fault in proof.faults if fault.claim is Claim.EMPTY} == nowhere
    if not overlap:
        assert {fault.rules[0] for fault in proof.faults if fault.claim is Claim.DEAD} == dead
    assert proof.points == sum(1 for _ in tables.possible_points(content.vocabulary))
    assert proof.points + proof.impossible == content.vocabulary.size


def test_the_generator_makes_tables_of_every_kind_and_the_declarations_matter() -> None:
    came = collections.Counter(brute(random_table(seed))[:2] for seed in SEEDS)
    assert set(came) == {(False, False), (False, True), (True, False), (True, True)}
    assert any(brute(random_table(seed))[3] for seed in SEEDS)
    closed = [
        seed
        for seed in SEEDS
        if faults(tables.at_random(seed), Claim.LEAD) and not faults(random_table(seed), Claim.LEAD)
    ]
    assert len(closed) >= 3  # the only gaps of these are impossible


@pytest.mark.parametrize("seed", SEEDS)
def test_every_witness_is_possible_and_as_small_as_can_be(seed: int) -> None:
    content = random_table(seed)
    for fault in prove.prove(content).faults:
        if fault.witness is None:
            continue
        assert tables.is_possible(fault.witness)
        assert fault.on is not None
        if fault.claim is Claim.ORDER:
            both = [each for each in content.rules if each.id in fault.rules]
            assert claims.every(tables.holds(each, fault.witness, fault.on) for each in both)
        if fault.claim is Claim.LEAD:
            with pytest.raises(decide.NobodyLeads):
                decide.decide(content, fault.witness, fault.on)
            leads = [each for each in content.rules if each.role is rules.Role.LEAD]
            sizes = [
                len(point.known())
                for point in tables.possible_points(content.vocabulary)
                if not any(tables.holds(each, point, fault.on) for each in leads)
            ]
            if min(sizes) <= prove.SMALL:
                assert len(fault.witness.known()) == min(sizes)


def stands(content: table.Table, number_of_gate: int, rule: rules.Rule, point: facts.Facts) -> bool:
    """Whether a rule stands in the chain of a point at which a gate is shut that bars its agency, built plainly."""
    gate = content.gates[number_of_gate]
    day = tables.START
    if not tables.holds(gate, point, day) or content.agencies[rule.agency].kind not in gate.bars:
        return False
    applying = [each for each in content.rules if tables.holds(each, point, day)]
    leads = sorted((r for r in applying if r.role is rules.Role.LEAD), key=lambda r: r.precedence or 0)
    if rule not in applying:
        return False
    if rule.role is rules.Role.BACKSTOP:
        return True
    return rule == leads[0] or not leads[0].ends_chain


@pytest.mark.parametrize("seed", SEEDS)
def test_somebody_barred_is_found_where_it_is_possible_and_nowhere_else(seed: int) -> None:
    content = tables.with_impossible(tables.barred_at_random(seed), seed)
    expected = {
        (rule.id, gate.id)
        for rule in content.rules
        for number, gate in enumerate(content.gates)
        if any(stands(content, number, rule, point) for point in tables.possible_points(content.vocabulary))
    }
    found = faults(content, Claim.BARRED)
    assert {fault.rules for fault in found} == expected
    for fault in found:
        assert fault.witness is not None
        assert tables.is_possible(fault.witness)


def test_some_are_barred_only_where_it_is_impossible() -> None:
    less = [
        seed
        for seed in SEEDS
        if len(faults(tables.with_impossible(tables.barred_at_random(seed), seed), Claim.BARRED))
        < len(faults(tables.barred_at_random(seed), Claim.BARRED))
    ]
    assert len(less) >= 10


@pytest.mark.parametrize("seed", range(60))
def test_possible_cases_are_counted_exactly_however_many_declarations_there_are(seed: int) -> None:
    dice = random.Random(seed)
    known = tables.vocabulary(*(dice.choice((2, 3, 4)) for _ in range(6)))
    content = tables.of(known, [tables.rule(0, ())])
    entries = []
    for number in range(dice.randint(5, 12)):
        names = dice.sample(known.names, 2)
        entries.append(tables.impossible(number, *((name, ("v0",)) for name in names)))
    content = tables.declaring(content, *entries)
    assert prove.prove(content).points == sum(1 for _ in tables.possible_points(content.vocabulary))


def test_many_declarations_are_counted_without_looking_at_each_point() -> None:
    """Eighty attributes of three answers in forty pairs that exclude each other: (9 - 1) ** 40."""
    known = tables.vocabulary(*([3] * 80))
    pairs = [tables.impossible(n, (f"a{n}", ("v0",)), (f"a{n + 40}", ("v1",))) for n in range(40)]
    content = tables.declaring(tables.of(known, [tables.rule(0, ())], kinds=KINDS), *pairs)
    proof = prove.prove(content)
    assert proof.holds
    assert proof.points == 8**40
    assert proof.impossible == 9**40 - 8**40


def test_the_shipped_table_counts_what_is_possible() -> None:
    """Counted a second time, over the facts alone that its declarations name."""
    asked = SHIPPED.vocabulary
    names = sorted({name for each in asked.impossible for name in each.names})
    small = dataclasses.replace(asked, attributes=tuple(asked.attribute(name) for name in names))
    possible = sum(1 for _ in tables.possible_points(small))
    assert prove.require(SHIPPED).points == asked.size // small.size * possible


# --- declarations that no table can use ---


KNOWN = tables.vocabulary(3, 3, 3)
KINDS = dict.fromkeys(("A0", "A1", "B"), rules.Kind.HOTLINE)
PLAIN = tables.of(KNOWN, [tables.rule(0, ())], kinds=KINDS)
V0, V1 = ("v0",), ("v1",)
UNUSABLE = {
    "everything": ([tables.impossible(0)], "it would make every case impossible"),
    "one fact": ([tables.impossible(0, ("a0", V0))], "one fact excludes nothing by itself"),
    "unknown": ([tables.impossible(0, ("a0", V0), ("a1", ("unknown", "v0")))], "take 'unknown' out of 'a1'"),
    "no value": ([tables.impossible(0, ("a0", V0), ("a1", ()))], "no case can meet it, because it names no value"),
    "the same twice": (
        [tables.impossible(0, ("a0", V0), ("a1", V0)), tables.impossible(1, ("a0", ("v0", "v1")), ("a1", V0))],
        "no case can meet it, because other entries declare all of it impossible already",
    ),
    "covered by two": (
        [
            tables.impossible(0, ("a0", V0), ("a1", V0)),
            tables.impossible(1, ("a0", V1), ("a2", V0)),
            tables.impossible(2, ("a0", ("v0", "v1")), ("a1", V0), ("a2", V0)),
        ],
        "no case can meet it, because other entries declare all of it impossible already",
    ),
}


@pytest.mark.parametrize(("entries", "sentence"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_declaration_that_no_table_can_use_is_a_fault(entries: list[facts.Impossible], sentence: str) -> None:
    content = tables.declaring(PLAIN, *entries)
    (fault,) = prove.prove(content).faults
    assert fault.claim is Claim.IMPOSSIBLE
    assert sentence in fault.sentence
    assert fault.rules[0] in {each.id for each in entries}


def test_what_holds_only_where_it_is_impossible_is_a_fault() -> None:
    nowhere = tables.rule(1, (("a0", V0), ("a1", V0)), role=rules.Role.NEXT)
    content = tables.of(KNOWN, [tables.rule(0, ()), nowhere], kinds=KINDS)
    entry = tables.impossible(0, ("a0", V0), ("a1", V0))
    assert prove.prove(content).holds
    (fault,) = prove.prove(tables.declaring(content, entry)).faults
    assert (fault.claim, fault.rules) == (Claim.EMPTY, (nowhere.id,))
    assert "its condition is declared impossible by 'impossible0'" in fault.sentence


def test_a_declaration_that_makes_the_danger_unknown_is_a_fault() -> None:
    entry = tables.impossible(0, ("urgency", ("immediate_danger",)), ("age", ("adult",)))
    entries = (*SHIPPED.vocabulary.impossible, entry)
    found = faults(tables.declaring(SHIPPED, *entries), Claim.IMPOSSIBLE)
    assert ["nobody would be called" in fault.sentence for fault in found] == [True]


@pytest.mark.parametrize(
    "when",
    [
        (("wishes", ("services_only",)), ("visa", ("h2a",))),
        (("wishes", ("services_only", "report_agreed")), ("source", ("law_enforcement",))),
        (("wishes", ("services_only",)), ("age", ("adult",))),
    ],
)
def test_a_declaration_that_would_open_a_gate_is_a_fault(when: rules.When) -> None:
    entries = (*SHIPPED.vocabulary.impossible, tables.impossible(0, *when))
    found = faults(tables.declaring(SHIPPED, *entries), Claim.IMPOSSIBLE)
    assert ["make 'wishes' unknown and so open gate 'G09'" in fault.sentence for fault in found] == [True]


def test_a_declaration_that_meets_no_shut_gate_is_none() -> None:
    entry = tables.impossible(0, ("wishes", ("report_agreed",)), ("visa", ("h2a",)))
    assert prove.prove(tables.declaring(SHIPPED, *SHIPPED.vocabulary.impossible, entry)).holds


# --- facts in conflict count as unknown, all that a conflict names, and open no gate ---


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_told_what_is_routed_is_possible_and_shuts_the_same_gates(seed: int) -> None:
    content = tables.with_impossible(tables.barred_at_random(seed), seed)
    opening = {fault.rules[0] for fault in faults(content, Claim.IMPOSSIBLE) if "open gate" in fault.sentence}
    opened = set()
    for point in tables.points(content.vocabulary):
        settled = point.settled
        assert tables.is_possible(settled)
        named = {name for each in point.conflicts for name in each.names}
        assert {name for name in content.vocabulary.names if settled[name] != point[name]} <= named
        assert {settled[name] for name in named} <= {"unknown"}
        for gate in content.gates:
            if tables.holds(gate, point, tables.START) and not tables.holds(gate, settled, tables.START):
                opened |= {each.id for each in point.conflicts}
    assert bool(opened) <= bool(opening)
    assert opening <= opened


def test_some_generated_tables_would_open_a_gate_and_some_would_not() -> None:
    found = collections.Counter(
        any(
            "open gate" in fault.sentence
            for fault in faults(tables.with_impossible(tables.barred_at_random(seed), seed), Claim.IMPOSSIBLE)
        )
        for seed in SEEDS
    )
    assert min(found[True], found[False]) >= 20


points = st.tuples(*(st.integers(0, len(a.values) - 1) for a in SHIPPED.vocabulary.attributes))
CONFLICTING = [
    dict.fromkeys(each.names) | {name: values[0] for name, values in each.when}
    for each in SHIPPED.vocabulary.impossible
]


@settings(max_examples=200, deadline=None)
@given(points, st.sampled_from(CONFLICTING))
def test_facts_in_conflict_never_reach_somebody_whom_a_gate_barred(
    point: tuple[int, ...], told: dict[str, str]
) -> None:
    given_facts = facts.Facts(point, SHIPPED.vocabulary).changed(told)
    assert given_facts.conflicts
    day = SHIPPED.epochs[-1]
    shut = [each for each in SHIPPED.gates if each.bars and tables.holds(each, given_facts, day)]
    decision = decide.decide(SHIPPED, given_facts.settled, day)
    assert {each.id for each in shut} <= {each.id for each in decision.gates}


def test_two_conflicts_at_once_are_both_said_and_everything_they_name_is_unknown() -> None:
    entries = [tables.impossible(0, ("a0", V0), ("a1", V0)), tables.impossible(1, ("a1", V0), ("a2", V1))]
    asked = tables.declaring(PLAIN, *entries).vocabulary
    told = facts.parse({"a0": "v0", "a1": "v0", "a2": "v1"}, asked)
    assert told.conflicts == tuple(entries)
    assert told.settled.known() == {}
    with pytest.raises(facts.ImpossibleFacts) as refused:
        facts.possible(told)
    assert refused.value.problems == ("Sentence 0.", "Sentence 1.")
    left = told.changed({"a2": "v0"})
    assert left.conflicts == (entries[0],)
    assert left.settled.known() == {"a2": "v0"}
    assert left.known() == {"a0": "v0", "a1": "v0", "a2": "v0"}


# --- the digest ---


def test_a_table_without_such_sections_keeps_the_digest_of_before() -> None:
    """Written down with the code of before there were any."""
    assert table.digest_of(tables.barred_at_random(3)).startswith("33c32a8341")


def test_what_is_impossible_counts_in_the_digest_and_its_sentence_does_not() -> None:
    entry = tables.impossible(0, ("a0", V0), ("a1", V0))
    declared = tables.declaring(PLAIN, entry)
    digests = {
        PLAIN.digest,
        declared.digest,
        tables.declaring(PLAIN, dataclasses.replace(entry, when=(("a0", V0), ("a2", V0)))).digest,
        tables.declaring(PLAIN, dataclasses.replace(entry, law=dataclasses.replace(entry.law, sources=()))).digest,
    }
    assert len(digests) == 4
    assert tables.declaring(PLAIN, dataclasses.replace(entry, sentence="Otherwise.")).digest == declared.digest
    assert declared.vocabulary.digest == PLAIN.vocabulary.digest


def test_pairs_of_the_shipped_declarations_are_what_their_law_says() -> None:
    told = {each.id: dict(each.when) for each in SHIPPED.vocabulary.impossible}
    assert told["adult-unaccompanied-child"] == {"age": ("adult",), "unaccompanied_child": ("yes",)}
    assert told["citizen-on-a-visa"] == {"nationality": ("us_citizen",), "visa": ("a3_g5", "h2a", "h2b", "j1", "other")}
    for one, other in itertools.combinations(SHIPPED.vocabulary.impossible, 2):
        assert one.sentence != other.sentence
