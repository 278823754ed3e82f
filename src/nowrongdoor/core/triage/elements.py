"""The elements of trafficking in a country's own law, as its file says (instruments.toml), and which are indicated.

Promise: each element is met, not met or unknown, with what it rests on; an unknown element is never taken as absent;
one that a fact spares (a commercial sex act of a person under 18 needs no means) holds by itself.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.triage import answers, assessment

State = assessment.State
Finding = assessment.Finding
_STATES = {"yes": State.SHOWN, "no": State.NOT_SHOWN}
UNKNOWN = "unknown"


@dataclasses.dataclass(frozen=True, slots=True)
class Spared:
    """The value of a fact with which an element holds by itself."""

    fact: str
    value: str


@dataclasses.dataclass(frozen=True, slots=True)
class Element:
    """One element: asked by questions, by a fact (empty: by none), or by both."""

    name: str
    words: str
    questions: tuple[str, ...]
    fact: str
    spared_by: Spared | None


@dataclasses.dataclass(frozen=True, eq=False)
class Instrument:
    """What a law calls trafficking: all of its elements. Instruments are alike only if they are the same."""

    id: str
    title: str
    version: str
    source: str
    evidence: str
    remark: str
    elements: tuple[Element, ...]

    @functools.cached_property
    def facts(self) -> tuple[str, ...]:
        """List the facts that it reads, in order."""
        read = [each.fact for each in self.elements if each.fact]
        read += [each.spared_by.fact for each in self.elements if each.spared_by]
        return tuple(dict.fromkeys(read))


@dataclasses.dataclass(frozen=True, eq=False)
class Instruments:
    """A country's instruments. `heading`: over their questions on a form; `instead`: what is said where the ILO's
    indicators are only context."""

    version: str
    heading: str
    instead: str
    each: tuple[Instrument, ...]

    @functools.cached_property
    def titles(self) -> Mapping[str, str]:
        """Map an instrument's id to its title."""
        return {instrument.id: instrument.title for instrument in self.each}

    @functools.cached_property
    def facts(self) -> tuple[str, ...]:
        """List the facts that any of them reads, in order."""
        return tuple(dict.fromkeys(name for instrument in self.each for name in instrument.facts))


def read(text: str) -> Instruments:
    """Read the instruments of a country's instruments.toml; `answers` reads its questions. entries.Unreadable."""
    content = entries.read(text, answers.FILE)
    instruments = []
    for each in content.each("instrument"):
        instruments.append(
            Instrument(
                each.text("id"),
                each.text("title"),
                each.text("version"),
                each.text("source"),
                each.text("evidence"),
                each.text("remark", ""),
                tuple(_element(element) for element in each.each("element")),
            )
        )
        each.end()
    read = Instruments(content.text("version"), content.text("heading"), content.text("instead"), tuple(instruments))
    content.leave("question", "act")  # `answers` reads them
    content.end()
    return read


@functools.cache
def installed() -> Instruments:
    """Return the instruments of the country that is installed."""
    return read(jurisdictions.text(answers.FILE))


@functools.lru_cache(maxsize=65_536)
def assess(instrument: Instrument, given: answers.Answers, facts: tuple[str, ...]) -> assessment.Assessment:
    """Say which elements are indicated. `facts`: a value for each of `instrument.facts`, in their order."""
    by_name = dict(zip(instrument.facts, facts, strict=True))
    findings = tuple(_finding(element, given, by_name) for element in instrument.elements)
    states = {finding.state for finding in findings}
    missing: tuple[str, ...] = ()
    if State.NOT_SHOWN in states:
        conclusion = assessment.Conclusion.ELEMENTS_NOT_SHOWN
    elif State.UNDECIDED in states:
        conclusion = assessment.Conclusion.CANNOT_SAY_YET
        missing = tuple(question for finding in findings for question in finding.could_change)
    else:
        conclusion = assessment.Conclusion.ELEMENTS_SHOWN
    could_become = (
        (assessment.Conclusion.ELEMENTS_SHOWN, assessment.Conclusion.ELEMENTS_NOT_SHOWN)
        if conclusion is assessment.Conclusion.CANNOT_SAY_YET
        else ()
    )
    return assessment.Assessment(
        instrument=instrument.id,
        version=instrument.version,
        source=instrument.source,
        evidence=instrument.evidence,
        conclusion=conclusion,
        findings=findings,
        missing=missing,
        could_become=could_become,
        remark=instrument.remark,
    )


def _element(content: entries.Entry) -> Element:
    spared_by = None
    if content.has("spared_by"):
        spared = content.one("spared_by")
        spared_by = Spared(spared.text("fact"), spared.text("value"))
        spared.end()
    questions, fact = content.texts("questions", ()), content.text("fact", "")
    if not questions and not fact:
        raise content.wrong("fact", _("write the fact or the 'questions' that ask about this element"))
    read = Element(content.text("name"), content.text("words"), questions, fact, spared_by)
    content.end()
    return read


def _finding(element: Element, given: answers.Answers, facts: Mapping[str, str]) -> Finding:
    asked = _from_answers(element, given, facts) if element.questions else _from_fact(element, facts)
    return _spared(element, asked, facts) if element.spared_by else asked


def _from_fact(element: Element, facts: Mapping[str, str]) -> Finding:
    value = facts[element.fact]
    state = _STATES.get(value, State.UNDECIDED)
    known = state is not State.UNDECIDED
    return Finding(
        name=element.name,
        words=element.words,
        state=state,
        rests_on=(f"{element.fact}={value}",) if known else (),
        could_change=() if known else (element.fact,),
    )


def _from_answers(element: Element, given: answers.Answers, facts: Mapping[str, str]) -> Finding:
    """Any yes meets the element; only no to all of them denies it. A fact given counts as one."""
    name, words, ids = element.name, element.words, element.questions
    bits = answers.bits()
    yes = tuple(i for i in ids if given.yes & bits[i])
    no = tuple(i for i in ids if given.no & bits[i])
    fact = _from_fact(element, facts) if element.fact else None
    if fact is not None and fact.state is State.SHOWN:
        yes = (*yes, *fact.rests_on)
    if yes:
        return Finding(name, words, State.SHOWN, yes, ())
    if fact is not None and fact.state is State.NOT_SHOWN:
        return Finding(name, words, State.NOT_SHOWN, fact.rests_on, ())
    if len(no) == len(ids):
        return Finding(name, words, State.NOT_SHOWN, no, ())
    open_ = tuple(i for i in ids if i not in no)
    return Finding(name, words, State.UNDECIDED, (), open_)


def _spared(element: Element, asked: Finding, facts: Mapping[str, str]) -> Finding:
    """Return what is indicated where a fact can spare the element: while it is unknown, only a yes settles it."""
    assert element.spared_by is not None
    name, value = element.spared_by.fact, facts[element.spared_by.fact]
    condition = f"{name}={value}"
    if value == element.spared_by.value:
        rests_on = (condition, *(asked.rests_on if asked.state is State.SHOWN else ()))
        return dataclasses.replace(asked, state=State.SHOWN, rests_on=rests_on, could_change=())
    if value != UNKNOWN:
        return dataclasses.replace(asked, rests_on=(condition, *asked.rests_on) if asked.rests_on else ())
    if asked.state is State.SHOWN:
        return asked
    return dataclasses.replace(asked, state=State.UNDECIDED, rests_on=(), could_change=(name, *asked.could_change))
