"""A decision in words and as JSON, each part with its citation and how well it is founded."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nowrongdoor.core import country_words
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy, ngettext
from nowrongdoor.core.mandates import asking, decide, facts, rules

Json = dict[str, object]
_LIMIT = re.compile(r"(\d+) (hour|calendar day|business day|day|week|month|year)s?")

# Codes that are said as words: what a clock counts in, and how well a statement is founded (rules.py).
CODES = (
    *(gettext_lazy("promptly"), gettext_lazy("immediately")),
    *(gettext_lazy("statute"), gettext_lazy("secondary"), gettext_lazy("unverified"), gettext_lazy("policy")),
)


def limit_in_words(limit: str) -> str:
    """Say how long a deadline runs, which is kept as "24 hours" or "promptly"."""
    match = _LIMIT.fullmatch(limit)
    if match is None:
        return _(limit) if limit else ""
    number = int(match[1])
    spans = {
        "hour": ngettext("%(count)d hour", "%(count)d hours", number),
        "calendar day": ngettext("%(count)d calendar day", "%(count)d calendar days", number),
        "business day": ngettext("%(count)d business day", "%(count)d business days", number),
        "day": ngettext("%(count)d day", "%(count)d days", number),
        "week": ngettext("%(count)d week", "%(count)d weeks", number),
        "month": ngettext("%(count)d month", "%(count)d months", number),
        "year": ngettext("%(count)d year", "%(count)d years", number),
    }
    return spans[match[2]] % {"count": number}


def in_words(given: facts.Facts, *, also: Iterable[str] = ()) -> str:
    """Name what is known of a case: "labor, adult, on a vessel". `also`: attributes to name although they
    are unknown."""
    named = set(given.known()) | set(also)
    words = [country_words.worded(a.words(given[a.name])) for a in given.vocabulary.attributes if a.name in named]
    return ", ".join(words) or _("nothing known")


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
