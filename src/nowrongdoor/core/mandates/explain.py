"""A decision in words and as JSON, each part with its citation and how well it is founded."""

from __future__ import annotations

from collections.abc import Iterable

from nowrongdoor.core.mandates import asking, decide, facts, rules

Json = dict[str, object]


def in_words(given: facts.Facts, *, also: Iterable[str] = ()) -> str:
    """Name what is known of a case: "labor, adult, on a vessel". `also`: attributes to name although they
    are unknown."""
    named = set(given.known()) | set(also)
    words = [a.words(given[a.name]) for a in given.vocabulary.attributes if a.name in named]
    return ", ".join(words) or "nothing known"


def reading(given: facts.ReadAs) -> Json:
    """Return what was read as what as JSON values; as nothing, where it is not asked any more."""
    return {"was": dict(given.was), "is": dict(given.means)}


def conflict(given: facts.Impossible) -> Json:
    """Return answers that cannot all be true as JSON values."""
    return {"id": given.id, "sentence": given.sentence, "facts": list(given.names), **law(given.law)}


def question(given: asking.Question) -> Json:
    """Return the question to ask next as JSON values, with whom each possible answer would ask to lead."""
    return {
        "name": given.attribute.name,
        "words": given.attribute.question,
        "answers": [{"code": a.value.code, "words": a.value.words, "lead": a.lead} for a in given.answers],
    }


def as_json(decision: decide.Decision) -> Json:
    """Return a decision as JSON values."""
    return {
        "table": decision.table,
        "lead": duty(decision.lead),
        "chain": [duty(each) for each in decision.chain],
        "support": [duty(each) for each in decision.support],
        "prosecute": [duty(each) for each in decision.prosecute],
        "civil": [duty(each) for each in decision.civil],
        "aid": [duty(each) for each in decision.aid],
        "notices": [{**duty(n.duty), "clock": clock(n.clock) if n.clock else None} for n in decision.notices],
        "clocks": [clock(each) for each in decision.clocks],
        "gates": [gate(each) for each in decision.gates],
        "withheld": [withheld(each) for each in decision.withheld],
    }


def duty(given: decide.Duty) -> Json:
    """Return a duty as JSON values."""
    return {
        "agency": given.agency,
        "role": given.role.value,
        "rule": given.rule,
        "why": given.why,
        **law(given.law),
    }


def withheld(given: decide.Withheld) -> Json:
    """Return somebody who is neither asked nor told as JSON values, with the gate and what it says."""
    return {**duty(given.duty), "gate": given.gate.id, "because": given.gate.effect}


def clock(given: rules.Clock) -> Json:
    """Return a clock as JSON values."""
    return {
        "id": given.id,
        "holder": given.holder,
        "told": given.told,
        "duty": given.duty,
        "starts": given.starts.value,
        "event": given.event,
        "limit": given.limit.words,
        "unit": given.limit.unit.value,
        "amount": given.limit.amount,
        "basis": given.basis.value,
        **law(given.law),
    }


def gate(given: rules.Gate) -> Json:
    """Return a gate as JSON values."""
    return {
        "id": given.id,
        "effect": given.effect,
        "bars": [kind.value for kind in given.bars],
        "passes": list(given.passes),
        **law(given.law),
    }


def law(given: rules.Law) -> Json:
    """Return what a statement stands on."""
    return {
        "citation": given.citation,
        "evidence": given.evidence_words,
        "sources": list(given.sources),
    }
