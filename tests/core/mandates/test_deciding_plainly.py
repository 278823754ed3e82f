"""The same decision, made a second time and plainly: rule after rule, gate after gate, with no mask."""

from __future__ import annotations

import dataclasses
import datetime
import random
from collections.abc import Iterator, Sequence

import pytest

from nowrongdoor.core.mandates import barring, decide, facts, rules, table

DAY = datetime.date(2026, 1, 15)


@dataclasses.dataclass(frozen=True)
class Plain:
    """What a decision says."""

    table: str
    chain: tuple[decide.Duty, ...]
    support: tuple[decide.Duty, ...]
    prosecute: tuple[decide.Duty, ...]
    civil: tuple[decide.Duty, ...]
    aid: tuple[decide.Duty, ...]
    notices: tuple[decide.Notice, ...]
    clocks: tuple[rules.Clock, ...]
    gates: tuple[rules.Gate, ...]
    withheld: tuple[decide.Withheld, ...]


def decided(content: table.Table, given: facts.Facts, on: datetime.date) -> Plain:
    def holds(each: decide.Conditioned) -> bool:
        return decide.in_force(each, on) and all(given[name] in values for name, values in each.when)

    gates = tuple(gate for gate in content.gates if holds(gate))
    applying = sorted((rule for rule in content.rules if holds(rule)), key=place)
    holding: list[rules.Rule] = []
    withheld: list[decide.Withheld] = []
    carried: set[str] = set()
    for rule in applying:
        gate = barring.gate_against(rule, gates, agencies=content.agencies, clocks=content.clocks_by_id)
        if gate is None:
            holding.append(rule)
        else:
            withheld.append(decide.Withheld(duty(rule), gate))
            carried.update(rule.clocks)
    reached = {rule.agency for rule in holding}

    def runs(clock: rules.Clock) -> bool:
        is_only_to_tell = clock.id in carried and clock.holder == decide.LEAD
        is_stopped = any(barring.stops(gate, clock, agencies=content.agencies) for gate in gates)
        return holds(clock) and not is_only_to_tell and not is_stopped

    def of(role: rules.Role) -> tuple[decide.Duty, ...]:
        return tuple(duty(rule) for rule in holding if rule.role is role)

    return Plain(
        content.digest,
        chain(holding),
        of(rules.Role.SUPPORT),
        of(rules.Role.PROSECUTE),
        of(rules.Role.CIVIL),
        of(rules.Role.AID),
        tuple(notices(content, holding)),
        tuple(each for each in content.clocks if runs(each)),
        gates,
        tuple(each for each in withheld if each.duty.agency not in reached),
    )


def place(rule: rules.Rule) -> tuple[int, int, str]:
    at = [rules.Role.LEAD, rules.Role.NEXT, rules.Role.BACKSTOP]
    return (at.index(rule.role) if rule.role in at else 3, rule.precedence or 0, rule.id)


def chain(holding: Sequence[rules.Rule]) -> tuple[decide.Duty, ...]:
    leads = [rule for rule in holding if rule.role is rules.Role.LEAD]
    backstop = next(rule for rule in holding if rule.role is rules.Role.BACKSTOP)
    if not leads:
        return (duty(backstop),)
    following = [] if leads[0].ends_chain else [rule for rule in holding if rule.role is rules.Role.NEXT]
    asked = leads[:1] if leads[0].ends_chain else [*leads, *following]
    if asked[0].agency == backstop.agency:
        return (duty(asked[0]),)
    by_agency = {rule.agency: rule for rule in reversed(asked) if rule.agency != backstop.agency}
    in_order = sorted(by_agency.values(), key=asked.index)
    return (*(duty(rule) for rule in in_order), duty(backstop))


def notices(content: table.Table, holding: Sequence[rules.Rule]) -> Iterator[decide.Notice]:
    for rule in holding:
        if rule.role is rules.Role.NOTIFY:
            for clock in rule.clocks:
                yield decide.Notice(duty(rule), content.clocks_by_id[clock])
            if not rule.clocks:
                yield decide.Notice(duty(rule), None)


def duty(rule: rules.Rule) -> decide.Duty:
    return decide.Duty(rule.agency, rule.role, rule.id, rule.why, rule.law)


def at_random(asked: facts.Vocabulary, dice: random.Random, known: float) -> facts.Facts:
    """Facts of which each is known with a chance."""
    last = [len(each.values) - 1 for each in asked.attributes]
    return facts.Facts(tuple(dice.randrange(n + 1) if dice.random() < known else n for n in last), asked)


@pytest.mark.parametrize("known", [0.1, 0.4, 1.0])
def test_a_decision_says_what_going_through_rule_by_rule_says(known: float) -> None:
    content, dice = table.shipped(), random.Random(f"plainly {known}")
    decider = decide.Decider(content)
    for _ in range(700):
        given = at_random(content.vocabulary, dice, known)
        decision, plain = decider.decide(given, DAY), decided(content, given, DAY)
        assert {name: getattr(decision, name) for name in decide.SAYS} == {
            name: getattr(plain, name) for name in decide.SAYS
        }
        assert decision.lead == plain.chain[0]


def test_a_decider_remembers_so_many_decisions_and_then_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "REMEMBERED", 5)
    content, dice = table.shipped(), random.Random(5)
    decider = decide.Decider(content)
    given = [at_random(content.vocabulary, dice, 0.5) for _ in range(40)]
    assert [decider.decide(each, DAY) for each in given] == [decide.decide(content, each, DAY) for each in given]
    assert max(map(len, decider._memory)) <= 5
