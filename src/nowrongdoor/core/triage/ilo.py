"""The operational-indicator rule of the ILO and the European Commission for labour exploitation.

Promise: the conclusion follows the published rule and nothing else; unknown is never read as no;
another yes never weakens a dimension. Sexual exploitation gets no computed verdict, because its
grades were not found.

Source: ILO and European Commission, Operational indicators of trafficking in human beings (2009),
as told by another party: evidence `secondary`.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import itertools
from collections.abc import Callable

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.triage import answers, assessment

VERSION = "ilo-ec-2009/1"
SOURCE = "ILO and European Commission, Operational indicators of trafficking in human beings, 2009"
EVIDENCE = "secondary"

DIMENSIONS = {
    1: gettext_lazy("Deceptive recruitment"),
    2: gettext_lazy("Coercive recruitment"),
    3: gettext_lazy("Recruitment by abuse of vulnerability"),
    4: gettext_lazy("Exploitation"),
    5: gettext_lazy("Coercion at destination"),
    6: gettext_lazy("Abuse of vulnerability at destination"),
}

State = assessment.State
Conclusion = assessment.Conclusion


class Scale(enum.Enum):
    """Which published column of grades is applied."""

    ADULT = "ilo-labour-adult"
    CHILD = "ilo-labour-child"


class Gloss(enum.Enum):
    """A reading that goes beyond the bare rule: off unless asked for, and named in the result."""

    CHILD_NEEDS_NO_MEANS = gettext_lazy("for a child, an act with positive exploitation suffices")
    VULNERABILITY_STANDS_FOR_MEANS = gettext_lazy("a positive vulnerability dimension may stand in for means")


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """How many graded indicators of a dimension hold."""

    strong: int = 0
    medium: int = 0
    weak: int = 0

    def plus(self, other: Counts) -> Counts:
        return Counts(self.strong + other.strong, self.medium + other.medium, self.weak + other.weak)


def is_positive(counts: Counts) -> bool:
    """True with 2 strong; 1 strong + 1 other; 3 medium; or 2 medium + 1 weak."""
    return (
        counts.strong >= 2
        or (counts.strong >= 1 and counts.medium + counts.weak >= 1)
        or counts.medium >= 3
        or (counts.medium >= 2 and counts.weak >= 1)
    )


_ONE = {
    answers.Grade.STRONG: Counts(strong=1),
    answers.Grade.MEDIUM: Counts(medium=1),
    answers.Grade.WEAK: Counts(weak=1),
}


@functools.cache
def _grades_that_matter(known: Counts, open_: Counts) -> frozenset[answers.Grade]:
    """The grades of which one more yes tips the dimension in some completion of the answers."""
    return frozenset(
        grade
        for grade, one in _ONE.items()
        if any(
            not is_positive(before) and is_positive(before.plus(one))
            for strong in range(open_.strong + 1 - one.strong)
            for medium in range(open_.medium + 1 - one.medium)
            for weak in range(open_.weak + 1 - one.weak)
            for before in (known.plus(Counts(strong, medium, weak)),)
        )
    )


def grade_of(indicator: answers.Indicator, scale: Scale) -> answers.Grade:
    """The indicator's weight on a scale."""
    return indicator.adult_labour if scale is Scale.ADULT else indicator.child_labour


@functools.cache
def _masks(scale: Scale, dimension: int) -> dict[answers.Grade, int]:
    masks = dict.fromkeys(_ONE, 0)
    for indicator in answers.indicators():
        grade = grade_of(indicator, scale)
        if indicator.dimension == dimension and grade in masks:
            masks[grade] |= answers.bits()[indicator.id]
    return masks


def _count(masks: dict[answers.Grade, int], mask: int) -> Counts:
    return Counts(
        (masks[answers.Grade.STRONG] & mask).bit_count(),
        (masks[answers.Grade.MEDIUM] & mask).bit_count(),
        (masks[answers.Grade.WEAK] & mask).bit_count(),
    )


@functools.lru_cache(maxsize=16_384)
def dimension_finding(dimension: int, scale: Scale, yes: int, unknown: int) -> assessment.Finding:
    """Weigh one dimension; `yes` and `unknown` hold its own indicators only."""
    masks = _masks(scale, dimension)
    known, open_ = _count(masks, yes), _count(masks, unknown)
    could_change: tuple[str, ...] = ()
    if is_positive(known):
        state = State.SHOWN
    elif is_positive(known.plus(open_)):
        state = State.UNDECIDED
        mask = 0
        for grade in _grades_that_matter(known, open_):
            mask |= masks[grade] & unknown
        could_change = answers.named(mask)
    else:
        state = State.NOT_SHOWN
    return assessment.Finding(
        name=f"ilo.{dimension}",
        words=DIMENSIONS[dimension],
        state=state,
        rests_on=answers.named(yes),
        could_change=could_change,
        strong=known.strong,
        medium=known.medium,
        weak=known.weak,
    )


def conclude(positive: tuple[bool, ...], act: State, scale: Scale, glosses: frozenset[Gloss]) -> Conclusion:
    """Apply the published combination rule to six dimensions, taken as decided."""
    deceptive, coercive, vulnerable, exploitation, coercion, vulnerable_there = positive
    if not exploitation:
        return Conclusion.EXPLOITATION_NOT_SHOWN
    if (
        Gloss.CHILD_NEEDS_NO_MEANS in glosses
        and scale is Scale.CHILD
        and (act is State.SHOWN or deceptive or coercive or vulnerable)
    ):
        return Conclusion.TRAFFICKED_FOR_FORCED_LABOUR
    if Gloss.VULNERABILITY_STANDS_FOR_MEANS in glosses:
        # Each vulnerability dimension stands in at its own stage only: the one at recruitment for
        # deceptive or coercive recruitment, the one at the destination for coercion there.
        coercive = coercive or vulnerable
        coercion = coercion or vulnerable_there
    if coercion and (deceptive or coercive):
        return Conclusion.TRAFFICKED_FOR_FORCED_LABOUR
    if deceptive:
        return Conclusion.DECEPTION_AND_EXPLOITATION
    if not coercive and not coercion:
        return Conclusion.LABOUR_RIGHTS_CASE
    return Conclusion.EXPLOITATION_UNNAMED


_POSSIBLE: dict[State, tuple[State, ...]] = {
    State.SHOWN: (State.SHOWN,),
    State.NOT_SHOWN: (State.NOT_SHOWN,),
    State.UNDECIDED: (State.NOT_SHOWN, State.SHOWN),
}


@functools.cache
def _outlook(
    states: tuple[State, ...], act: State, scale: Scale, glosses: frozenset[Gloss]
) -> tuple[Conclusion, tuple[Conclusion, ...], frozenset[int]]:
    """The conclusion now, those that further answers may bring, and the dimensions that may.

    Dimensions share no indicator, so every completion of the undecided ones can be reached.
    Place 6 stands for the act.
    """
    full = (*states, act)

    def conclusion_of(completion: tuple[State, ...]) -> Conclusion:
        positive = tuple(state is State.SHOWN for state in completion[:6])
        return conclude(positive, completion[6], scale, glosses)

    reachable: set[Conclusion] = set()
    matters: set[int] = set()
    for completion in itertools.product(*(_POSSIBLE[state] for state in full)):
        here = conclusion_of(completion)
        reachable.add(here)
        for place, state in enumerate(full):
            if state is State.UNDECIDED:
                flipped = (*completion[:place], State.SHOWN, *completion[place + 1 :])
                if conclusion_of(flipped) is not here:
                    matters.add(place)
    now = conclusion_of(tuple(s if s is State.SHOWN else State.NOT_SHOWN for s in full))
    if now is Conclusion.EXPLOITATION_NOT_SHOWN and len(reachable) > 1:
        shown = Conclusion.CANNOT_SAY_YET
    else:
        shown = now
    others = tuple(c for c in Conclusion if c in reachable and c is not shown)
    return shown, others, frozenset(matters)


@functools.cache
def _all_of(dimension: int) -> int:
    mask = 0
    for indicator in answers.indicators():
        if indicator.dimension == dimension:
            mask |= answers.bits()[indicator.id]
    return mask


def assess(given: answers.Answers, scale: Scale, glosses: frozenset[Gloss] = frozenset()) -> assessment.Assessment:
    """Say what the labour indicators show on one scale of grades."""
    findings = tuple(
        dimension_finding(
            dimension,
            scale,
            given.yes & _all_of(dimension),
            _all_of(dimension) & ~(given.yes | given.no),
        )
        for dimension in DIMENSIONS
    )
    act = _act_state(given)
    conclusion, others, matters = _outlook(tuple(finding.state for finding in findings), act, scale, glosses)
    missing = tuple(
        question for place, finding in enumerate(findings) if place in matters for question in finding.could_change
    )
    if 6 in matters:
        missing = (*missing, answers.elements().act)
    return assessment.Assessment(
        instrument=scale.value,
        version=VERSION,
        source=SOURCE,
        evidence=EVIDENCE,
        conclusion=conclusion,
        findings=findings,
        missing=missing,
        could_become=others,
        glosses_on=_glosses(lambda gloss: gloss in glosses),
        glosses_off=_glosses(lambda gloss: gloss not in glosses),
        remark=_("Dimensions 3 and 6 enter the conclusion only through a gloss."),
    )


def _act_state(given: answers.Answers) -> State:
    bit = answers.bits()[answers.elements().act]
    if given.yes & bit:
        return State.SHOWN
    return State.NOT_SHOWN if given.no & bit else State.UNDECIDED


def _glosses(wanted: Callable[[Gloss], bool]) -> tuple[str, ...]:
    return tuple(gloss.value for gloss in Gloss if wanted(gloss))


def context(given: answers.Answers, *, instead: str) -> assessment.Assessment:
    """Show the indicators for sexual exploitation without a verdict (no grades found). `instead`: what is assessed."""
    findings = tuple(
        assessment.Finding(
            name=f"ilo.{dimension}",
            words=words,
            state=State.UNDECIDED,
            rests_on=answers.named(given.yes & _all_of(dimension)),
            could_change=(),
        )
        for dimension, words in DIMENSIONS.items()
    )
    return assessment.Assessment(
        instrument="ilo-sexual-context",
        version=VERSION,
        source=SOURCE,
        evidence=EVIDENCE,
        conclusion=Conclusion.CONTEXT_ONLY,
        findings=findings,
        missing=(),
        glosses_off=_glosses(lambda gloss: True),
        remark=instead,
    )
