"""To whom an agency reports, and whether it must, may, or may not: the kinds of recipient that a country's file names
(protocols.toml, which a country may leave out), each weighed by what the mandate table decided.

The promise: there is one set of rules. What is said here of a recipient is read from a decision of the table in force
(its notices, its gates, what it holds back), and adds no rule of its own; where a gate bars the kind, or the sender
took consent back, the answer is "may not", unless a law that was read commands the notice, or somebody is in danger
now. Whoever may work with immigration enforcement counts as if they did: only a "no" that somebody got there is a no.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
from collections.abc import Collection, Mapping, Sequence

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries
from nowrongdoor.core.language import pgettext
from nowrongdoor.core.mandates import barring, decide, rules, table

FILE = "protocols.toml"


class Immigration(enum.Enum):
    """Whether a recipient works with whoever enforces immigration law."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Verdict(enum.Enum):
    """Whether a kind of recipient is told."""

    MUST = "must"
    MAY = "may"
    MAY_NOT = "may_not"


@dataclasses.dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, what it rests on, and how well that is founded."""

    words: str = ""
    citation: str = ""
    evidence: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """A kind of recipient. `called`: what it is called in a sentence; `body`: what sort of body it is to gates;
    `desks`: whom of the table it stands for; `first`: the facts with which it is asked before others, and `why`."""

    code: str
    name: str
    called: str
    body: rules.Kind
    desks: Sequence[str]
    first: Mapping[str, Sequence[str]]
    why: Statement

    def is_first(self, known: Mapping[str, str]) -> bool:
        """Return whether a report on these facts goes here before others."""
        return bool(self.first) and all(known.get(name) in codes for name, codes in self.first.items())


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A part of a report."""

    code: str
    words: str


@dataclasses.dataclass(frozen=True)
class Protocols:
    """What a country says of reports. `immigration`: the question whether a recipient works with whoever enforces
    immigration law, and `enforces`, what it counts as if it does; `instead`: which reports this does not replace."""

    version: str
    immigration: str
    enforces: rules.Kind | None
    instead: Statement
    edition: str
    parts: Sequence[Part]
    kinds: Sequence[Kind]

    def kind(self, code: str) -> Kind | None:
        """Find a kind by its code."""
        return next((each for each in self.kinds if each.code == code), None)

    def in_order(self, known: Mapping[str, str]) -> Sequence[Kind]:
        """List the kinds, those that these facts name first before the others."""
        return sorted(self.kinds, key=lambda kind: not kind.is_first(known))


NOTHING = Protocols("", "", None, Statement(), "", (), ())


@dataclasses.dataclass(frozen=True, slots=True)
class Weighed:
    """Whether a recipient is told, and why. `limit`: by when, in words, where the table sets it; `holder`: whom a duty
    binds, a code of the table or plain words; `is_danger`: it is told because somebody is in danger now; `is_risky`: a
    gate keeps it from whoever enforces immigration law, and this one does, or may."""

    verdict: Verdict
    reason: Statement
    limit: str = ""
    holder: str = ""
    is_danger: bool = False
    is_risky: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Ground:
    """What a recipient is weighed by: a decision, the table that made it, the rules that tell nobody while nobody has
    said who is telling (`held_back`), and whether the sender took consent back."""

    decision: decide.Decision
    content: table.Table
    held_back: Collection[str]
    is_withdrawn: bool = False


def weigh(kind: Kind, immigration: Immigration, ground: Ground, enforces: rules.Kind | None) -> Weighed:
    """Say whether a kind of recipient is told. One that works with whoever enforces immigration law, or of which nobody
    knows, is looked at as such a body, too."""
    by_id = {rule.id: rule for rule in ground.content.rules}
    notices = [each for each in ground.decision.notices if each.duty.agency in kind.desks]
    against = None
    if immigration is not Immigration.NO and enforces is not None:
        against = barring.gate_against_kind(enforces, ground.decision.gates)
    is_risky = against is not None
    for notice in notices:
        if barring.is_commanded(by_id[notice.duty.rule], ground.content.clocks_by_id):
            return dataclasses.replace(_told(Verdict.MUST, notice), is_risky=is_risky)
    for notice in notices:
        if barring.is_only_in_danger(by_id[notice.duty.rule]):
            return dataclasses.replace(_told(Verdict.MAY, notice), is_danger=True, is_risky=is_risky)
    if ground.is_withdrawn:
        words = pgettext("why a report may not be made", "The sender took their consent back. Nobody else is told.")
        return Weighed(Verdict.MAY_NOT, Statement(words, "", rules.Evidence.POLICY.value))
    gate = barring.gate_against_kind(kind.body, ground.decision.gates) or against
    if gate is not None:
        return Weighed(Verdict.MAY_NOT, Statement(gate.effect, gate.law.citation, gate.law.evidence_words))
    if ground.held_back and kind.body not in rules.HELPS:
        words = pgettext(
            "why a report may not be made",
            "Nobody has said who is telling us, or what the person wants. Ask that first.",
        )
        return Weighed(Verdict.MAY_NOT, Statement(words, "", rules.Evidence.POLICY.value))
    if notices:
        return _told(Verdict.MAY, notices[0])
    words = pgettext("why a report may be made", "No sharing restriction keeps this from them.")
    return Weighed(Verdict.MAY, Statement(words, "", rules.Evidence.POLICY.value))


def limits(ground: Ground) -> Sequence[Statement]:
    """List what restricts what is said, to whomever it is."""
    return [
        Statement(gate.effect, gate.law.citation, gate.law.evidence_words)
        for gate in ground.decision.gates
        if not gate.bars
    ]


def _told(verdict: Verdict, notice: decide.Notice) -> Weighed:
    law = notice.duty.law
    limit, holder = (notice.clock.limit.words, notice.clock.holder) if notice.clock else ("", "")
    return Weighed(verdict, Statement(notice.duty.why, law.citation, law.evidence_words), limit, holder)


def read(text: str) -> Protocols:
    """Read a country's protocols.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    immigration, instead, template = content.one("immigration"), content.one("instead"), content.one("template")
    parts, kinds = [], []
    for line in content.each("part"):
        parts.append(Part(line.text("id"), line.text("words")))
        line.end()
    for line in content.each("kind"):
        kinds.append(_kind(line))
        line.end()
    for names, line in (([each.code for each in parts], template), ([each.code for each in kinds], content)):
        if len(set(names)) < len(names):
            raise line.wrong("id", "write each once")
    known = Protocols(
        content.text("version"),
        immigration.text("words"),
        _body(immigration),
        _statement(instead),
        template.text("edition"),
        parts,
        kinds,
    )
    for line in (immigration, instead, template, content):
        line.end()
    return known


def _kind(line: entries.Entry) -> Kind:
    first: dict[str, Sequence[str]] = {}
    if line.has("first"):
        when = line.one("first")
        first = {name: when.texts(name) for name in when.left()}
        when.end()
    why = Statement(line.text("why"), line.text("citation"), entries.evidence(line)) if first else Statement()
    return Kind(line.text("id"), line.text("name"), line.text("called"), _body(line), line.texts("desks"), first, why)


def _statement(line: entries.Entry) -> Statement:
    return Statement(line.text("words"), line.text("citation"), entries.evidence(line))


def _body(line: entries.Entry) -> rules.Kind:
    try:
        return rules.Kind(line.text("is"))
    except ValueError:
        raise line.wrong("is", f"write one of {', '.join(each.value for each in rules.Kind)}") from None


@functools.cache
def installed() -> Protocols:
    """Return what the installed country says, which is nothing where it has no such file."""
    return read(jurisdictions.text(FILE)) if jurisdictions.has(FILE) else NOTHING
