"""The elements of a severe form of trafficking in 22 USC 7102: sex trafficking and labor.

Promise: each element is met, not met or unknown, with what it rests on; an unknown element is never
taken as absent; a commercial sex act of a person under 18 needs no means.

Parallel only, never applied here: UN Protocol art. 3 (act, means, purpose; no means under 18, for
labour as well, where 22 USC 7102(11)(B) keeps the means).
"""

from __future__ import annotations

import dataclasses
import functools

from nowrongdoor.core.triage import answers, assessment

VERSION = "22-usc-7102/1"
EVIDENCE = "statute"
PARALLEL = "Parallel: UN Protocol art. 3 (act, means, purpose; means not needed under 18)."

State = assessment.State
Finding = assessment.Finding


@dataclasses.dataclass(frozen=True, slots=True)
class Circumstances:
    """The facts of a case that the elements ask about; `unknown` where nobody said."""

    age: str = "unknown"
    commercial_sex: str = "unknown"
    labor: str = "unknown"
    means: str = "unknown"


_STATES = {"yes": State.SHOWN, "no": State.NOT_SHOWN}


def _from_fact(name: str, words: str, attribute: str, value: str) -> Finding:
    state = _STATES.get(value, State.UNDECIDED)
    known = state is not State.UNDECIDED
    return Finding(
        name=name,
        words=words,
        state=state,
        rests_on=(f"{attribute}={value}",) if known else (),
        could_change=() if known else (attribute,),
    )


def _from_answers(
    given: answers.Answers, name: str, words: str, ids: tuple[str, ...], fact: Finding | None = None
) -> Finding:
    """Any yes meets the element; only no to all of them denies it. A fact given counts as one."""
    bits = answers.bits()
    yes = tuple(i for i in ids if given.yes & bits[i])
    no = tuple(i for i in ids if given.no & bits[i])
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


def _act(given: answers.Answers) -> Finding:
    return _from_answers(
        given,
        "act",
        "recruiting, harboring, transporting, providing or obtaining a person",
        ("tvpa.act",),
    )


def _means(given: answers.Answers, circumstances: Circumstances) -> Finding:
    words = "force, fraud or coercion"
    return _from_answers(
        given,
        "means",
        words,
        ("tvpa.force", "tvpa.fraud", "tvpa.coercion"),
        _from_fact("means", words, "means", circumstances.means),
    )


def _means_or_age(given: answers.Answers, circumstances: Circumstances) -> Finding:
    """22 USC 7102(11)(A): induced by force, fraud or coercion, or the person is under 18."""
    means = _means(given, circumstances)
    words = "force, fraud or coercion, or a person under 18"
    if circumstances.age == "under_18":
        rests_on = ("age=under_18", *(means.rests_on if means.state is State.SHOWN else ()))
        return Finding("means_or_age", words, State.SHOWN, rests_on, ())
    if circumstances.age == "adult":
        rests_on = ("age=adult", *means.rests_on) if means.rests_on else ()
        return Finding("means_or_age", words, means.state, rests_on, means.could_change)
    if means.state is State.SHOWN:
        return Finding("means_or_age", words, State.SHOWN, means.rests_on, ())
    return Finding("means_or_age", words, State.UNDECIDED, (), ("age", *means.could_change))


def _whole(instrument: str, source: str, findings: tuple[Finding, ...]) -> assessment.Assessment:
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
        instrument=instrument,
        version=VERSION,
        source=source,
        evidence=EVIDENCE,
        conclusion=conclusion,
        findings=findings,
        missing=missing,
        could_become=could_become,
        remark=PARALLEL,
    )


@functools.lru_cache(maxsize=65_536)
def sex_trafficking(given: answers.Answers, circumstances: Circumstances) -> assessment.Assessment:
    """Say which elements of sex trafficking, 22 USC 7102(11)(A), are indicated."""
    return _whole(
        "tvpa-sex-trafficking",
        "22 USC 7102(11)(A), (12)",
        (
            _act(given),
            _from_fact("purpose", "a commercial sex act", "commercial_sex", circumstances.commercial_sex),
            _means_or_age(given, circumstances),
        ),
    )


@functools.lru_cache(maxsize=65_536)
def labor_trafficking(given: answers.Answers, circumstances: Circumstances) -> assessment.Assessment:
    """Say which elements of labor trafficking, 22 USC 7102(11)(B), are indicated."""
    return _whole(
        "tvpa-labor-trafficking",
        "22 USC 7102(11)(B)",
        (
            _act(given),
            _from_fact("labor", "labor or services", "labor", circumstances.labor),
            _means(given, circumstances),
            _from_answers(
                given,
                "purpose",
                "for involuntary servitude, peonage, debt bondage or slavery",
                ("tvpa.servitude",),
            ),
        ),
    )
