"""What another table would change for past cases: lead, order, law, notices, deadlines, restrictions, who takes part,
each told once with the cases it befalls, and nothing told of a case that stays as it is."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.mandates import compare, decide, facts, rules, table

NWD = pathlib.Path(sys.executable).parent / "nwd"
SHIPPED = table.shipped()
ON = max(SHIPPED.epochs)
FORCED = {"age": "adult", "labor": "yes", "means": "yes", "nationality": "foreign"}
CHILD = {"age": "under_18", "labor": "yes", "means": "yes", "nationality": "foreign"}
TIP = {"source": "bystander", "age": "adult", "commercial_sex": "yes", "means": "yes"}
WISH = {"wishes": "services_only", "age": "adult", "labor": "yes"}
Part = compare.Part


Said = TypeVar("Said", rules.Rule, rules.Clock, rules.Gate)


def rewritten(each_id: str, **fields: object) -> table.Table:
    """The shipped table with one rule, clock or gate said otherwise."""

    def put(parts: tuple[Said, ...]) -> tuple[Said, ...]:
        return tuple(
            dataclasses.replace(each, **fields) if each.id == each_id else each  # type: ignore[arg-type]
            for each in parts
        )

    changed = [put(SHIPPED.rules), put(SHIPPED.clocks), put(SHIPPED.gates)]
    assert changed != [SHIPPED.rules, SHIPPED.clocks, SHIPPED.gates]
    return dataclasses.replace(
        SHIPPED, rules=put(SHIPPED.rules), clocks=put(SHIPPED.clocks), gates=put(SHIPPED.gates), digest="another"
    )


def without(rule_id: str) -> table.Table:
    return dataclasses.replace(SHIPPED, rules=tuple(r for r in SHIPPED.rules if r.id != rule_id), digest="another")


def replay(after: table.Table, *told: Mapping[str, str]) -> compare.Comparison:
    past = [
        compare.Past(f"case-{n}", facts.parse(each, SHIPPED.vocabulary), ON) for n, each in enumerate(told, start=1)
    ]
    return compare.compare(SHIPPED, after, past)


MOVES: Mapping[str, tuple[Callable[[], table.Table], Mapping[str, str], compare.Shift]] = {
    "another order behind the same lead": (
        lambda: rewritten("next-police", precedence=999),
        FORCED,
        compare.Shift(
            Part.ORDER,
            ("HSI", "FBI", "LOCAL_POLICE", "STATE_AG", "WHD", "STATE_LABOR", "DOJ_COORDINATOR"),
            ("HSI", "FBI", "STATE_AG", "WHD", "STATE_LABOR", "LOCAL_POLICE", "DOJ_COORDINATOR"),
        ),
    ),
    "another law of the same lead": (
        lambda: rewritten("lead-sex", law=rules.Law("34 USC 1", (rules.Evidence.POLICY,), ("M12",))),
        TIP,
        compare.Shift(Part.LAW, ("FBI: 28 USC 533; 18 USC ch 77 [secondary]",), ("FBI: 34 USC 1 [policy]",)),
    ),
    "a notice that is gone": (
        lambda: without("notify-tip-attorney-general"),
        TIP,
        compare.Shift(Part.NOTICES, ("STATE_AG, no deadline",), ()),
    ),
    "a notice with another deadline": (
        lambda: rewritten("D01", limit=rules.Limit(rules.Unit.HOURS, 48)),
        CHILD,
        compare.Shift(Part.NOTICES, ("HHS_OTIP, 24 hours",), ("HHS_OTIP, 48 hours",)),
    ),
    "another deadline": (
        lambda: rewritten("D18", limit=rules.Limit(rules.Unit.PROMPTLY, None)),
        {"urgency": "within_24h"},
        compare.Shift(Part.CLOCKS, ("D18: lead, 24 hours (policy)",), ("D18: lead, promptly (policy)",)),
    ),
    "a restriction that lets more through": (
        lambda: rewritten("G09", lets_through=(rules.Kind.SERVICES, rules.Kind.HOTLINE)),
        WISH,
        compare.Shift(
            Part.GATES,
            ("G09: only services, child welfare, hotline, and notify-emergency, notify-local-danger",),
            ("G09: only services, hotline, and notify-emergency, notify-local-danger",),
        ),
    ),
    "who prosecutes": (
        lambda: without("prosecute-adult-sex"),
        TIP,
        compare.Shift(Part.PROSECUTE, ("HTPU",), ()),
    ),
    "who supports": (
        lambda: without("support-truck"),
        {"truck": "yes"},
        compare.Shift(Part.SUPPORT, ("LOCAL_POLICE",), ()),
    ),
    "who enforces civil law": (
        lambda: without("civil-driver"),
        {"truck": "yes"},
        compare.Shift(Part.CIVIL, ("FMCSA",), ()),
    ),
    "who helps": (lambda: without("aid-grants"), {"means": "yes"}, compare.Shift(Part.AID, ("OVC",), ())),
}


@pytest.mark.parametrize("name", MOVES)
def test_each_part_that_would_differ_is_told_with_its_cases(name: str) -> None:
    after, told, shift = MOVES[name]
    result = replay(after(), told, {"labor": "yes", "means": "no", "age": "adult"}, told)
    assert result.moves == ()
    assert dict(result.shifts)[shift] == ["case-1", "case-3"]
    assert [each.case for each in result.differences] == ["case-1", "case-3"]


def test_each_part_has_a_case_that_shows_it() -> None:
    assert {shift.part for _, _, shift in MOVES.values()} == set(Part)


def test_another_lead_is_a_move_and_another_order_and_its_law_is_told_once() -> None:
    result = replay(rewritten("lead-labor-foreign", agency="FBI"), FORCED)
    assert [(each.before.agency, each.after.agency) for each in result.moves] == [("HSI", "FBI")]
    assert {shift.part for shift, _ in result.shifts} == {Part.ORDER}


def test_a_rule_of_another_name_that_says_the_same_is_no_difference() -> None:
    result = replay(rewritten("lead-labor-foreign", id="renamed", precedence=51), FORCED, CHILD)
    assert (result.differences, result.shifts, result.cases) == ((), [], 2)


points = st.tuples(*(st.integers(0, len(a.values) - 1) for a in SHIPPED.vocabulary.attributes))
LAST = [rule for rule in SHIPPED.rules if decide.in_force(rule, ON) and rule.role is not rules.Role.BACKSTOP]


@settings(max_examples=25, deadline=None)
@given(points, st.sampled_from(LAST))
def test_nothing_is_told_of_a_case_only_where_everybody_is_asked_and_told_as_before(
    point: tuple[int, ...], gone: rules.Rule
) -> None:
    case = facts.Facts(point, SHIPPED.vocabulary).settled
    after = without(gone.id)
    try:
        result = compare.compare(SHIPPED, after, [compare.Past("one", case, ON)])
    except decide.NobodyLeads:
        assert gone.role is rules.Role.LEAD
        return
    old, new = (decide.decide(each, case, ON) for each in (SHIPPED, after))
    is_same = [
        [duty.agency for duty in old.chain] == [duty.agency for duty in new.chain],
        old.lead.law == new.lead.law or old.lead.agency != new.lead.agency,
        {(n.duty.agency, n.clock) for n in old.notices} == {(n.duty.agency, n.clock) for n in new.notices},
        old.clocks == new.clocks,
        old.gates == new.gates,
        *(
            {duty.agency for duty in getattr(old, role)} == {duty.agency for duty in getattr(new, role)}
            for role in ("prosecute", "support", "civil", "aid")
        ),
    ]
    assert (result.differences == ()) is all(is_same)


def test_the_command_tells_it_in_words_and_as_json(tmp_path: pathlib.Path) -> None:
    (tmp_path / "words").mkdir()
    for name, text in table.shipped_files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    clocks = (tmp_path / "clocks.toml").read_text(encoding="utf-8")
    assert clocks.count("amount = 24") >= 2
    (tmp_path / "clocks.toml").write_text(clocks.replace("amount = 24", "amount = 12", 1), encoding="utf-8")
    past = "".join(json.dumps({"case": name, "on": ON.isoformat(), "facts": CHILD}) + "\n" for name in ("A", "B"))
    command = [str(NWD), "mandates", "compare", str(tmp_path), "--on", "-"]
    words = subprocess.run(command, input=past, capture_output=True, text=True, check=True).stdout
    assert "2 cases; 0 would have another lead, 2 would differ in something." in words
    assert "Must be told, in A and 1 more:\n  no longer: HHS_OTIP, 24 hours\n  new:       HHS_OTIP, 12 hours\n" in words
    said = json.loads(
        subprocess.run([*command, "--json"], input=past, capture_output=True, text=True, check=True).stdout
    )
    told = {"part": "notices", "gone": ["HHS_OTIP, 24 hours"], "new": ["HHS_OTIP, 12 hours"]}
    assert {**told, "cases": 2, "first": "A"} in said["shifts"]
    assert [each["case"] for each in said["differences"]] == ["A", "B"]
    assert told in said["differences"][0]["shifts"]
