"""Whom a gate keeps a case from: the one answer on which both deciding and proving rest.

The promise: deny by default. A gate that bars anybody names the kinds of agency it lets through; every other kind is
barred, one that nobody thought of when the gate was written too. There are two ways past it, and both are written where
they can be seen: a notice that a statute commands somebody to give, and a notice of immediate danger that the gate
itself names. A deadline to tell somebody gets past only where a statute sets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nowrongdoor.core.mandates import rules

Agencies = Mapping[str, rules.Agency]
Clocks = Mapping[str, rules.Clock]


def gate_against(
    rule: rules.Rule, gates: Iterable[rules.Gate], *, agencies: Agencies, clocks: Clocks
) -> rules.Gate | None:
    """Return the first of the gates that keeps a case from a rule's agency, or None when it may be asked or told."""
    return next((gate for gate in gates if keeps_from(gate, rule, agencies=agencies, clocks=clocks)), None)


def keeps_from(gate: rules.Gate, rule: rules.Rule, *, agencies: Agencies, clocks: Clocks) -> bool:
    """Return whether a gate that is shut keeps a case from a rule's agency."""
    if agencies[rule.agency].kind not in gate.bars:
        return False
    if rule.role is not rules.Role.NOTIFY:
        return True  # nothing but a notice gets past a gate: nobody is asked to lead, or to join in, against it
    return rule.id not in gate.passes and not is_commanded(rule, clocks)


def is_commanded(rule: rules.Rule, clocks: Clocks) -> bool:
    """Return whether a law commands a notice: the statute was read, and one of its deadlines binds somebody to give it.

    Practice and policy command nothing, and neither does a statute that merely allows or that binds only the agency
    that would be told.
    """
    if not rule.required_by_law or rule.role is not rules.Role.NOTIFY:
        return False
    is_read = rules.Evidence.STATUTE in rule.law.evidence
    is_guessed = bool({rules.Evidence.UNVERIFIED, rules.Evidence.POLICY} & set(rule.law.evidence))
    carried = [clocks[each] for each in rule.clocks if each in clocks]
    binds = any(each.basis is rules.Evidence.STATUTE and each.holder != rule.agency for each in carried)
    return is_read and not is_guessed and binds


def enforcing(rule: rules.Rule, *, agencies: Agencies, clocks: Clocks) -> bool:
    """Return whether a rule asks or tells somebody who enforces, although no law commands it."""
    return agencies[rule.agency].kind not in rules.HELPS and not is_commanded(rule, clocks)


def is_only_in_danger(rule: rules.Rule) -> bool:
    """Return whether a rule applies in immediate danger and at no other time."""
    return ("urgency", ("immediate_danger",)) in rule.when


def stops(gate: rules.Gate, clock: rules.Clock, *, agencies: Agencies) -> bool:
    """Return whether a gate that is shut stops a deadline: it would put the case on the worklist of an agency that the
    gate bars, or have somebody tell such an agency."""
    holder = agencies.get(clock.holder)
    is_held_by_barred = holder is not None and holder.kind in gate.bars
    return is_held_by_barred or tells_barred(gate, clock, agencies=agencies)


def tells_barred(gate: rules.Gate, clock: rules.Clock, *, agencies: Agencies) -> bool:
    """Return whether a deadline is to tell an agency that a gate bars, and no law that anybody looked up sets it."""
    agency = agencies.get(clock.told)
    is_guessed = bool({rules.Evidence.UNVERIFIED, rules.Evidence.POLICY} & set(clock.law.evidence))
    is_law = clock.basis is rules.Evidence.STATUTE and not is_guessed
    return agency is not None and agency.kind in gate.bars and not is_law


def gate_against_kind(kind: rules.Kind, gates: Iterable[rules.Gate]) -> rules.Gate | None:
    """Return the first of the gates that keeps a case from a kind of agency when no rule names it, or None."""
    return next((gate for gate in gates if kind in gate.bars), None)
