"""Whom a gate bars is neither asked nor told, whatever the facts, and no table that counts on it is proved (T26)."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import json
import pathlib
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.mandates import barring, decide, facts, prove, rules, table
from tests import claims
from tests.core.mandates import tables

SHIPPED = table.shipped()
DECIDER = decide.Decider(SHIPPED)
TODAY = datetime.date(2026, 11, 24)
NWD = pathlib.Path(sys.executable).parent / "nwd"
KIND = {code: agency.kind for code, agency in SHIPPED.agencies.items()}
HELPS = rules.HELPS
NOW = tables.on_day(SHIPPED, TODAY)
RULES = {rule.id: rule for rule in SHIPPED.rules}
GATES = {gate.id: gate for gate in SHIPPED.gates}


def reached(decision: decide.Decision) -> dict[str, str]:
    """Everybody whom a decision asks or tells, by the rule that does it."""
    duties = (*decision.chain, *decision.support, *decision.prosecute, *decision.civil, *decision.aid)
    return {each.rule: each.agency for each in (*duties, *(notice.duty for notice in decision.notices))}


def held(decision: decide.Decision) -> set[str]:
    """Every agency that has a deadline on its worklist."""
    return {clock.holder for clock in decision.clocks} & set(SHIPPED.agencies)


# --- what people brought ---

WANTS = "the person wants services only"
BROUGHT = {
    f"{WANTS}, and nobody asked the age": (
        {"source": "survivor", "wishes": "services_only", "urgency": "none", "labor": "yes", "nationality": "foreign"},
        {"HSI", "FBI", "WHD", "HTPU", "USAO", "DOL_OIG"},
    ),
    f"{WANTS}, through a shelter": (
        {
            "age": "adult",
            "source": "bystander",
            "wishes": "services_only",
            "urgency": "none",
            "commercial_sex": "yes",
            "means": "yes",
        },
        {"FBI", "HSI", "HTPU", "USAO"},
    ),
    f"{WANTS}, through the hotline": (
        {
            "age": "adult",
            "source": "hotline",
            "wishes": "services_only",
            "urgency": "none",
            "labor": "yes",
            "nationality": "foreign",
        },
        {"HSI", "FBI", "CCHT", "USCIS", "WHD", "HTPU", "USAO", "DOL_OIG"},
    ),
    f"{WANTS}, on a base, under a contract, over a border": (
        {
            "age": "adult",
            "source": "survivor",
            "wishes": "services_only",
            "urgency": "none",
            "labor": "yes",
            "federal_award": "dod",
            "military_nexus": "civilian_on_installation",
            "cross_border": "yes",
            "forced_labor_goods": "yes",
        },
        {"HSTC", "DEBARMENT", "FLETF", "DOD_OIG", "FBI", "HSI", "CBP", "ILAB"},
    ),
}


@pytest.mark.parametrize(("given", "withheld"), BROUGHT.values(), ids=BROUGHT)
def test_the_command_asks_and_tells_nobody_who_enforces(given: Mapping[str, str], withheld: set[str]) -> None:
    command = [str(NWD), "mandates", "decide", "--facts", "-", "--on", "2026-01-15"]
    done = subprocess.run([*command, "--json"], input=json.dumps(given), capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert [duty["agency"] for duty in said["chain"]] == ["HOTLINE", "HHS_OTIP"]
    parts = ("chain", "support", "prosecute", "civil", "aid", "notices")
    assert {KIND[duty["agency"]] for part in parts for duty in said[part]} <= HELPS
    assert withheld <= {duty["agency"] for duty in said["withheld"]}
    assert {(duty["gate"], duty["because"]) for duty in said["withheld"]} == {("G09", GATES["G09"].effect)}
    words = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True).stdout
    kept_from = next(line for line in words.splitlines() if line.startswith("Not asked or notified: "))
    assert claims.every(SHIPPED.agencies[code].name in kept_from for code in withheld)
    assert words.endswith(f"{GATES['G09'].effect}\n")


OPEN = ["HSI", "FBI", "LOCAL_POLICE", "STATE_AG", "WHD", "STATE_LABOR", "DOJ_COORDINATOR"]
SILENT = {"source": "survivor", "labor": "yes", "means": "yes", "nationality": "foreign"}


@pytest.mark.parametrize(
    ("more", "chain", "gates"),
    [
        ({}, ["HOTLINE", "HHS_OTIP"], {"G09-silence"}),
        ({"age": "adult", "urgency": "within_24h"}, ["HOTLINE", "HHS_OTIP"], {"G09-silence"}),
        ({"source": "proxy"}, ["HOTLINE", "HHS_OTIP"], {"G09-silence"}),
        ({"source": "clinician"}, ["HOTLINE", "HHS_OTIP"], {"G09-silence"}),
        ({"source": "consulate"}, ["HOTLINE", "HHS_OTIP"], {"G09-silence"}),
        ({"urgency": "immediate_danger"}, ["HOTLINE", "HHS_OTIP"], {"G09-silence"}),
        ({"wishes": "report_agreed"}, OPEN, set()),
        ({"age": "under_18"}, [*OPEN[:-1], "CHILD_WELFARE", OPEN[-1]], set()),
        ({"source": "bystander"}, OPEN, set()),
    ],
)
def test_while_a_person_in_need_has_not_said_what_they_want_an_advocate_comes_first(
    more: Mapping[str, str], chain: list[str], gates: set[str]
) -> None:
    decision = DECIDER.decide(facts.parse({**SILENT, **more}, SHIPPED.vocabulary), TODAY)
    assert [duty.agency for duty in decision.chain] == chain
    assert {gate.id for gate in decision.gates if gate.bars} == gates
    assert {each.gate.id for each in decision.withheld} == gates


def test_danger_calls_police_and_asks_nobody_whom_the_wish_bars() -> None:
    told = {"wishes": "services_only", "age": "adult", "urgency": "immediate_danger", "labor": "yes"}
    decision = DECIDER.decide(facts.parse({**told, "nationality": "foreign"}, SHIPPED.vocabulary), TODAY)
    assert [duty.agency for duty in decision.chain] == ["HOTLINE", "HHS_OTIP"]
    outside = {agency: rule for rule, agency in reached(decision).items() if KIND[agency] not in HELPS}
    assert outside == {"EMERGENCY": "notify-emergency", "LOCAL_POLICE": "notify-local-danger"}
    assert {"FBI", "HSI", "USCIS", "CCHT"} <= {each.duty.agency for each in decision.withheld}
    assert "LOCAL_POLICE" not in {each.duty.agency for each in decision.withheld}


def test_a_deadline_puts_no_case_on_the_worklist_of_somebody_barred() -> None:
    missing = facts.parse({"missing_child": "yes"}, SHIPPED.vocabulary)
    assert "D09" in {clock.id for clock in DECIDER.decide(missing, TODAY).clocks}
    wish = missing.changed({"wishes": "services_only"})
    assert "D09" not in {clock.id for clock in DECIDER.decide(wish, TODAY).clocks}


def test_a_duty_that_binds_somebody_else_goes_on_although_we_tell_nobody() -> None:
    sponsor = {"visa": "j1", "source": "exchange_sponsor", "wishes": "services_only"}
    decision = DECIDER.decide(facts.parse(sponsor, SHIPPED.vocabulary), TODAY)
    assert "STATE_ECA" in {each.duty.agency for each in decision.withheld}
    assert "D12" in {clock.id for clock in decision.clocks}


points = st.tuples(*(st.integers(0, len(a.values) - 1) for a in SHIPPED.vocabulary.attributes))


@settings(max_examples=400, deadline=None)
@given(points, st.sampled_from(["adult", "unknown"]), st.sampled_from(SHIPPED.epochs))
def test_a_wish_for_services_only_holds_whatever_else_is_said(
    point: tuple[int, ...], age: str, day: datetime.date
) -> None:
    wish = facts.Facts(point, SHIPPED.vocabulary).changed({"age": age, "wishes": "services_only"})
    decision = DECIDER.decide(wish, day)
    in_danger = {"notify-emergency", "notify-local-danger"} if wish["urgency"] == "immediate_danger" else set()
    past = {rule for rule, agency in reached(decision).items() if KIND[agency] not in HELPS} - in_danger
    assert {rule for rule in past if not barring.is_commanded(RULES[rule], SHIPPED.clocks_by_id)} == set()
    assert {KIND[agency] for agency in held(decision)} <= HELPS


def test_what_a_law_commands_is_a_short_list_that_is_read_here_too() -> None:
    """Each was looked up by a person: a statute, read, that binds somebody other than the agency told."""
    commanded = {rule.id for rule in SHIPPED.rules if barring.is_commanded(rule, SHIPPED.clocks_by_id)}
    assert commanded == {rule.id for rule in SHIPPED.rules if rule.required_by_law}
    assert {rule for rule in commanded if KIND[RULES[rule].agency] not in HELPS} == {
        "notify-care-police",
        "notify-care-missing-police",
        "notify-care-missing-ncmec",
        "notify-cybertip-provider",
        "notify-dod-oig",
        "notify-agency-oig",
        "notify-dod-oig-officer",
        "notify-agency-oig-officer",
    }


@pytest.mark.parametrize("kind", rules.Kind)
def test_a_gate_bars_every_kind_that_it_does_not_name(kind: rules.Kind) -> None:
    gate = tables.gate(0, (), *(HELPS - {kind}))
    assert kind in gate.bars
    assert kind not in dataclasses.replace(gate, lets_through=(kind,)).bars
    assert dataclasses.replace(gate, lets_through=None).bars == ()


def test_a_table_of_the_old_spelling_is_read_as_it_was_meant() -> None:
    gates = """
[[gate]]
id = "G1"
when = { labor = ["yes"] }
effect = "No police."
bars = ["law_enforcement"]
authority = "policy"
evidence = "policy"
sources = ["G09"]
"""
    old = table.read(table.shipped_files() | {"gates.toml": gates})
    later = (rules.Kind.STATE_AND_LOCAL, rules.Kind.IMMIGRATION_ENFORCEMENT)
    none = tuple(kind for kind in rules.Kind if not kind.may)
    assert old.gates[0].bars == (rules.Kind.LAW_ENFORCEMENT, *later, *none)
    both = gates.replace("bars =", 'lets_through = ["hotline"]\nbars =')
    with pytest.raises(table.TableError, match="leave out 'bars'"):
        table.read(table.shipped_files() | {"gates.toml": both})


# --- the proof, against counting ---


def barred_at(content: table.Table, point: facts.Facts) -> set[tuple[str, str]]:
    """Which rules ask somebody at a point whom which gates bar there? The chain is built a second time, plainly."""
    applying = [each for each in content.rules if tables.holds(each, point, tables.START)]
    leads = sorted((r for r in applying if r.role is rules.Role.LEAD), key=lambda r: r.precedence or 0)
    nexts = [r for r in applying if r.role is rules.Role.NEXT]
    chain = leads[:1] if leads[0].ends_chain else [*leads, *nexts]
    chain += [r for r in applying if r.role is rules.Role.BACKSTOP]
    shut = [gate for gate in content.gates if tables.holds(gate, point, tables.START)]
    return {(r.id, gate.id) for r in chain for gate in shut if content.agencies[r.agency].kind in gate.bars}


def barred_in_chains(content: table.Table) -> set[tuple[str, str]]:
    """The same, at any point of the space."""
    return {each for point in tables.points(content.vocabulary) for each in barred_at(content, point)}


SEEDS = range(250)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_prover_finds_exactly_the_barred_that_counting_finds(seed: int) -> None:
    content = tables.barred_at_random(seed)
    found = faults(content, prove.Claim.BARRED)
    assert {fault.rules for fault in found} == barred_in_chains(content)
    for fault in found:
        assert fault.witness is not None
        at_witness = barred_at(content, fault.witness)
        assert fault.rules in at_witness
        if "backstop0" in {rule for rule, _ in at_witness}:
            with pytest.raises(decide.NobodyLeads):
                decide.decide(content, fault.witness, TODAY)
        else:
            (agency,) = {rule.agency for rule in content.rules if rule.id == fault.rules[0]}
            assert agency not in {duty.agency for duty in decide.decide(content, fault.witness, TODAY).chain}


def test_the_generator_makes_tables_with_and_without_such_faults() -> None:
    came = collections.Counter(bool(barred_in_chains(tables.barred_at_random(seed))) for seed in SEEDS)
    assert min(came[False], came[True]) >= 40


@pytest.mark.parametrize("seed", range(60))
def test_no_smaller_witness_of_somebody_barred_exists(seed: int) -> None:
    content = tables.barred_at_random(seed)
    for fault in faults(content, prove.Claim.BARRED):
        sizes = [
            len(point.known())
            for point in tables.points(content.vocabulary)
            if fault.rules in barred_at(content, point)
        ]
        assert fault.witness is not None
        if min(sizes) <= prove.SMALL:
            assert len(fault.witness.known()) == min(sizes)


# --- the proof, against faults put into the shipped table: each must be found ---


def with_gate(gate_id: str, **fields: object) -> table.Table:
    assert gate_id in GATES
    gates = (
        dataclasses.replace(gate, **fields) if gate.id == gate_id else gate  # type: ignore[arg-type]
        for gate in NOW.gates
    )
    return dataclasses.replace(NOW, gates=tuple(gates))


def with_rule(rule_id: str, **fields: object) -> table.Table:
    assert rule_id in RULES
    changed = (
        dataclasses.replace(rule, **fields) if rule.id == rule_id else rule  # type: ignore[arg-type]
        for rule in NOW.rules
    )
    return dataclasses.replace(NOW, rules=tuple(changed))


def faults(content: table.Table, claim: prove.Claim) -> list[prove.Fault]:
    return [fault for fault in prove.prove(content).faults if fault.claim is claim]


def test_the_shipped_table_bars_nobody_whom_it_asks() -> None:
    assert prove.require(SHIPPED).faults == ()


def solver_says(content: table.Table, gate: rules.Gate) -> bool:
    """Asks Z3 whether somebody whom a gate bars can stand in a chain on a day that the table covers."""
    return any(_solved(content, gate, day) for day in content.epochs)


def _solved(content: table.Table, gate: rules.Gate, day: datetime.date) -> bool:
    variables = {a.name: z3.Int(a.name) for a in content.vocabulary.attributes}

    def holds(when: rules.When) -> z3.BoolRef:
        parts = []
        for name, values in when:
            codes = content.vocabulary.attribute(name).codes
            parts.append(z3.Or([variables[name] == codes.index(value) for value in values]))
        return z3.And(parts)

    def firsts(role: rules.Role) -> Iterator[tuple[rules.Rule, z3.BoolRef]]:
        """Each rule of a role with the condition under which it comes first."""
        before: list[z3.BoolRef] = []
        for rule in sorted((r for r in in_force if r.role is role), key=lambda r: r.precedence or 0):
            yield rule, z3.And(holds(rule.when), z3.Not(z3.Or(before)))
            before.append(holds(rule.when))

    in_force = [rule for rule in content.rules if decide.in_force(rule, day)]
    leads = list(firsts(rules.Role.LEAD))
    is_open = z3.Or([first for rule, first in leads if not rule.ends_chain])
    standing = [(rule, z3.Or(first, z3.And(is_open, holds(rule.when)))) for rule, first in leads]
    standing += [(r, z3.And(is_open, holds(r.when))) for r in in_force if r.role is rules.Role.NEXT]
    standing += list(firsts(rules.Role.BACKSTOP))
    solver = z3.Solver()
    for a in content.vocabulary.attributes:
        solver.add(variables[a.name] >= 0, variables[a.name] < len(a.values))
    solver.add(holds(gate.when))
    for entry in content.vocabulary.impossible:
        solver.add(z3.Not(holds(entry.when)))
    solver.add(z3.Or([stands for rule, stands in standing if content.agencies[rule.agency].kind in gate.bars]))
    return bool(solver.check() == z3.sat)


@pytest.mark.parametrize("kind", rules.Kind)
@pytest.mark.parametrize("gate_id", ["G02", "G01-no-release", "G09", "G09-federal", "G12", "G13-no-tie"])
def test_a_gate_that_bars_one_kind_more_or_less_is_proved_as_an_smt_solver_says(gate_id: str, kind: rules.Kind) -> None:
    gate = GATES[gate_id]
    let = set(rules.Kind) if gate.lets_through is None else set(gate.lets_through)
    mutant = with_gate(gate_id, lets_through=tuple(sorted(let ^ {kind}, key=str)))
    changed = next(each for each in mutant.gates if each.id == gate_id)
    found = faults(mutant, prove.Claim.BARRED)
    assert bool(found) == solver_says(mutant, changed)
    for fault in found:
        assert fault.rules[1] == gate_id
        assert fault.witness is not None


def test_of_those_mutants_enough_are_found() -> None:
    found = [
        (gate.id, kind)
        for gate in SHIPPED.gates
        if gate.id in ("G01", "G04", "G08")
        for kind in rules.Kind
        if faults(with_gate(gate.id, lets_through=tuple(set(rules.Kind) - {kind})), prove.Claim.BARRED)
    ]
    assert {gate for gate, _ in found} == {"G01", "G04", "G08"}
    assert len(found) >= 20


BARRING = [gate for gate in SHIPPED.gates if gate.bars]


def _meets(one: rules.When, other: rules.When) -> bool:
    first, second = dict(one), dict(other)
    return all(set(first[name]) & set(second[name]) for name in first.keys() & second.keys())


IN_CHAIN = sorted(
    rule.id
    for rule in NOW.rules
    if rule.role in rules.IN_ORDER and any(_meets(rule.when, gate.when) for gate in BARRING)
)


@pytest.mark.parametrize("rule_id", IN_CHAIN)
def test_every_rule_of_the_chain_that_comes_before_the_wish_is_found(rule_id: str) -> None:
    rule = RULES[rule_id]
    mutant = with_rule(rule_id, agency="HSI", role=rules.Role.LEAD, precedence=0, ends_chain=False)
    expected = {(rule_id, gate.id) for gate in BARRING if KIND["HSI"] in gate.bars and _meets(rule.when, gate.when)}
    assert expected
    found = {fault.rules for fault in faults(mutant, prove.Claim.BARRED)}
    assert expected <= found


def test_only_rules_for_children_and_for_other_wishes_never_meet_a_wish_for_services() -> None:
    in_order = [rule for rule in NOW.rules if rule.role in rules.IN_ORDER]
    apart = [dict(rule.when) for rule in in_order if not _meets(rule.when, GATES["G09"].when)]
    of_adults = [when for when in apart if when.get("age") != ("under_18",)]
    assert claims.every("services_only" not in when.get("wishes", ()) for when in of_adults)
    assert len(IN_CHAIN) == len(in_order)  # each meets some gate: of who tells, if not of a wish


ENDING = [
    ("lead-services-only", "G09"),
    ("lead-provider-no-release", "G01-no-release"),
    ("lead-lawyer-no-wish", "G11"),
    ("lead-advocate-first", "G09-silence"),
    ("lead-referral-abroad", "G13-no-tie"),
    ("lead-wage-complaint", "G12"),
]


@pytest.mark.parametrize(("ending", "gate_id"), ENDING)
def test_a_chain_that_does_not_end_is_found_at_every_rule_that_it_would_go_on_to(ending: str, gate_id: str) -> None:
    found = faults(with_rule(ending, ends_chain=False), prove.Claim.BARRED)
    expected = {
        rule.id
        for rule in SHIPPED.rules
        if rule.role.is_in_chain
        and KIND[rule.agency] in GATES[gate_id].bars
        and _meets(rule.when, GATES[gate_id].when)
        and decide.in_force(rule, TODAY)
    }
    assert len(expected) >= 20
    assert {fault.rules[0] for fault in found if fault.rules[1] == gate_id} == expected


@pytest.mark.parametrize(
    "rule_id", ["backstop-services", "backstop-provider-no-wish", "backstop-advocate-first", "backstop-wage-complaint"]
)
def test_a_backstop_that_is_barred_is_found(rule_id: str) -> None:
    found = faults(with_rule(rule_id, agency="DOJ_COORDINATOR"), prove.Claim.BARRED)
    assert {fault.rules[0] for fault in found} == {rule_id}


APART = sorted(rule.id for rule in NOW.rules if rule.role not in rules.IN_ORDER and not rule.required_by_law)
BESIDE = [
    rule_id
    for rule_id in APART
    if any(
        rule_id not in gate.passes
        and KIND[RULES[rule_id].agency] in gate.bars
        and _meets(RULES[rule_id].when, gate.when)
        for gate in BARRING
    )
]


@pytest.mark.parametrize("rule_id", BESIDE)
def test_calling_practice_a_law_lets_nobody_past_a_gate_and_is_found(rule_id: str) -> None:
    mutant = with_rule(rule_id, required_by_law=True)
    found = faults(mutant, prove.Claim.UNFOUNDED)
    assert {fault.rules[0] for fault in found} == {rule_id}
    witness, gate = found[0].witness, GATES[found[0].rules[1]]
    assert witness is not None
    assert found[0].on is not None
    assert tables.holds(gate, witness, found[0].on)
    assert tables.holds(RULES[rule_id], witness, found[0].on)
    decision = decide.decide(mutant, witness, found[0].on)
    past = {rule for rule, agency in reached(decision).items() if agency == RULES[rule_id].agency}
    assert past <= set(gate.passes)  # only 911 and local police, and only by the notices that stop the danger


@pytest.mark.parametrize("rule_id", sorted(set(APART) - set(BESIDE)))
def test_calling_practice_a_law_is_found_where_no_gate_stands_in_its_way_too(rule_id: str) -> None:
    found = faults(with_rule(rule_id, required_by_law=True), prove.Claim.UNFOUNDED)
    assert {fault.rules for fault in found} == {(rule_id,)}


def test_there_are_many_whom_practice_would_tell() -> None:
    assert len(BESIDE) >= 50


@pytest.mark.parametrize("rule_id", ["support-danger-fbi", "prosecute-labor", "aid-immigration", "lead-labor"])
def test_a_gate_lets_nothing_pass_but_a_notice(rule_id: str) -> None:
    mutant = with_gate("G09", passes=(*GATES["G09"].passes, rule_id))
    assert {fault.rules for fault in faults(mutant, prove.Claim.UNFOUNDED)} == {(rule_id, "G09")}
    wish = facts.parse(
        {"wishes": "services_only", "urgency": "immediate_danger", "labor": "yes", "nationality": "foreign"},
        SHIPPED.vocabulary,
    )
    assert rule_id not in reached(decide.decide(mutant, wish, TODAY))


def test_a_gate_that_names_no_rule_is_found() -> None:
    (fault,) = faults(with_gate("G09", passes=("notify-emergency", "notify-polise")), prove.Claim.EMPTY)
    assert "'notify-polise', which is not listed" in fault.sentence


def test_a_barred_chain_is_told_in_words_with_what_to_do() -> None:
    found = faults(with_rule("lead-services-only", ends_chain=False), prove.Claim.BARRED)
    labor = next(fault for fault in found if fault.rules == ("lead-labor", "G09"))
    assert labor.sentence.startswith("asks somebody to lead whom a gate bars, for: labor, wants services only (lead ")
    assert "gate 'G09' bars; narrow its condition, or end the chain before it" in labor.sentence
    assert labor.witness is not None
    assert labor.witness.known() == {"labor": "yes", "wishes": "services_only"}


def test_a_table_of_before_never_leaves_a_person_waiting_because_everybody_is_barred() -> None:
    """A table that an earlier release proved may ask somebody barred: they are not asked, and the backstop is."""
    without = tuple(rule for rule in SHIPPED.rules if rule.id not in ("lead-services-only", "backstop-services"))
    gates = tuple(dataclasses.replace(gate, lets_through=(*HELPS, rules.Kind.COORDINATION)) for gate in SHIPPED.gates)
    older = dataclasses.replace(SHIPPED, rules=without, gates=gates)
    wish = facts.parse({"wishes": "services_only", "labor": "yes"}, SHIPPED.vocabulary)
    assert [duty.agency for duty in decide.decide(older, wish, TODAY).chain] == ["DOJ_COORDINATOR"]
    assert not prove.prove(older).holds


# --- deadlines that tell, and what a gate lets past ---


def with_clock(**fields: object) -> table.Table:
    """The shipped table and a deadline more, of the lead, to tell Wage and Hour, which no rule carries."""
    (model,) = (clock for clock in SHIPPED.clocks if clock.id == "D18")
    made = {"id": "X1", "when": (("source", ("unknown",)),), "told": "WHD", "duty": "Tell Wage and Hour."} | fields
    return dataclasses.replace(NOW, clocks=(*NOW.clocks, dataclasses.replace(model, **made)))  # type: ignore[arg-type]


WISH = facts.parse({"wishes": "services_only", "labor": "yes"}, SHIPPED.vocabulary)
READ = rules.Law("29 USC 201", (rules.Evidence.STATUTE,), ("M35",))
GUESSED = rules.Law("29 USC 201", (rules.Evidence.UNVERIFIED,), ("M35",))


@pytest.mark.parametrize(
    ("basis", "law"),
    [(rules.Evidence.POLICY, READ), (rules.Evidence.SECONDARY, READ), (rules.Evidence.STATUTE, GUESSED)],
)
def test_a_deadline_that_no_law_sets_tells_nobody_whom_a_gate_bars(basis: rules.Evidence, law: rules.Law) -> None:
    mutant = with_clock(basis=basis, law=law)
    assert "X1" not in {clock.id for clock in decide.decide(mutant, WISH, TODAY).clocks}
    agreed = WISH.changed({"wishes": "report_agreed"})
    assert "X1" in {clock.id for clock in decide.decide(mutant, agreed, TODAY).clocks}
    (fault,) = faults(mutant, prove.Claim.UNFOUNDED)
    assert fault.rules == ("X1", "G09")
    assert fault.sentence.startswith("clock 'X1' is let past gates, and no law commands it: ")
    assert "gate 'G09' bars 'WHD', which this deadline is to tell" in fault.sentence


@pytest.mark.parametrize(
    "fields",
    [
        {"basis": rules.Evidence.STATUTE, "law": READ},
        {"told": "HHS_ORR"},
        {"told": "the employer"},
    ],
)
def test_a_deadline_of_a_statute_or_to_tell_whoever_helps_runs_whatever_the_wish(fields: dict[str, object]) -> None:
    content = with_clock(**fields)
    assert "X1" in {clock.id for clock in decide.decide(content, WISH, TODAY).clocks}
    assert prove.prove(content).holds


CHILD_HERE = (("source", ("unknown",)), ("age", ("under_18",)), ("territory", ("united_states",)))


def test_a_deadline_that_meets_no_gate_or_whose_notice_is_withheld_is_proved() -> None:
    assert prove.prove(with_clock(when=CHILD_HERE)).holds
    carried = with_clock(told="COMMAND")
    notices = tuple(
        dataclasses.replace(rule, clocks=("X1",)) if rule.id == "notify-command" else rule for rule in carried.rules
    )
    carried = dataclasses.replace(carried, rules=notices)
    assert prove.prove(carried).holds
    on_base = WISH.changed({"military_nexus": "service_member", "tell_suspects_side": "yes"})
    assert "X1" not in {clock.id for clock in decide.decide(carried, on_base, TODAY).clocks}
    assert "X1" not in {clock.id for clock in decide.decide(carried, WISH, TODAY).clocks}


AT_ANY_TIME = sorted(
    rule.id
    for rule in SHIPPED.rules
    if rule.role is rules.Role.NOTIFY and dict(rule.when).get("urgency") != ("immediate_danger",)
)


@pytest.mark.parametrize("rule_id", AT_ANY_TIME)
def test_a_gate_lets_no_notice_pass_but_one_of_immediate_danger(rule_id: str) -> None:
    found = faults(with_gate("G09", passes=(*GATES["G09"].passes, rule_id)), prove.Claim.UNFOUNDED)
    assert {fault.rules[0] for fault in found} == {rule_id}
    assert "gate 'G09' may let a notice pass only in immediate danger" in found[0].sentence


@pytest.mark.parametrize(
    "urgency", [("immediate_danger", "within_24h"), ("within_24h",), ("immediate_danger", "unknown")]
)
def test_a_notice_that_a_gate_names_is_for_immediate_danger_alone(urgency: tuple[str, ...]) -> None:
    found = faults(with_rule("notify-local-danger", when=(("urgency", urgency),)), prove.Claim.UNFOUNDED)
    assert {fault.rules[0] for fault in found} == {"notify-local-danger"}
    assert prove.prove(with_rule("notify-local-danger", when=(("urgency", ("immediate_danger",)),))).holds
