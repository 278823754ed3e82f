"""Which question comes next, for whoever writes: pure, so that every way through is proved to end.

The promise: nobody is asked more than their way of being in touch needs. Every question but the first can be skipped;
which agencies may be told is asked one by one, and only of whoever wants a report.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Collection, Mapping, Sequence

Answers = Mapping[str, str]  # by the names of the fields; absent or empty is no answer


class Stance(enum.Enum):
    """How whoever writes stands to the person."""

    PERSON = "person"
    PROXY = "proxy"
    BYSTANDER = "bystander"
    OFFICIAL = "official"


class Screen(enum.Enum):
    """What one screen asks, by the name that travels in its form."""

    WHO = "who"
    JOB = "job"
    DETAILS = "details"
    KNOWS = "knows"
    VISIT = "visit"
    CHILDREN = "children"
    WHAT = "what"
    WHERE = "where"
    URGENCY = "urgency"
    WISH = "wish"
    AGENCY = "agency"
    REACH = "reach"
    HOW = "how"
    SAFETY = "safety"
    CHECK = "check"


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One screen on somebody's way. `about`: the kind of agency that it asks about, or the door of the occupation that
    asks; empty on all others."""

    screen: Screen
    about: str = ""

    @property
    def name(self) -> str:
        """Return its name in a form."""
        return f"{self.screen.value}-{self.about}" if self.about else self.screen.value


FIRST, LAST = Step(Screen.WHO), Step(Screen.CHECK)
REPORT = "report"  # the answer to Screen.WISH after which agencies are asked about

# In which order the screens come. Whose wish counts is asked about it; the person alone has something to protect with a
# question of their own.
WAYS: Mapping[Stance, Sequence[Screen]] = {
    Stance.PERSON: (
        Screen.WHAT,
        Screen.WHERE,
        Screen.URGENCY,
        Screen.WISH,
        Screen.AGENCY,
        Screen.REACH,
        Screen.HOW,
        Screen.SAFETY,
    ),
    Stance.PROXY: (
        Screen.KNOWS,
        Screen.VISIT,
        Screen.CHILDREN,
        Screen.WHAT,
        Screen.WHERE,
        Screen.URGENCY,
        Screen.WISH,
        Screen.AGENCY,
        Screen.REACH,
        Screen.HOW,
    ),
    Stance.BYSTANDER: (Screen.DETAILS, Screen.WHAT, Screen.WHERE, Screen.URGENCY, Screen.REACH, Screen.HOW),
    Stance.OFFICIAL: (
        Screen.JOB,
        Screen.DETAILS,
        Screen.WHAT,
        Screen.WHERE,
        Screen.URGENCY,
        Screen.REACH,
        Screen.HOW,
    ),
}
# Screens that only some answers lead to.
ONLY_WHERE: Mapping[Screen, Callable[[Answers], bool]] = {
    Screen.AGENCY: lambda answers: answers.get("wish") == REPORT,
    Screen.HOW: lambda answers: answers.get("reach_safe") == "yes",
}


def stance_of(answers: Answers) -> Stance | None:
    """Return how whoever writes stands to the person, None until they said so."""
    stances = {each.value: each for each in Stance}
    return stances.get(answers.get("stance", ""))


def way(answers: Answers, facts: Sequence[str], door: str = "") -> Sequence[Step]:
    """List the screens for what was answered so far, from the first to the last. `facts`: the kinds of agencies that
    are asked about, in their order; `door`: the door by which somebody came that has questions of its own. Before
    anybody said who they are there is the first alone."""
    stance = stance_of(answers)
    if stance is None:
        return (FIRST,)
    about = {Screen.AGENCY: facts, Screen.DETAILS: [door] if door else []}  # one screen for each, maybe none
    steps = [FIRST]
    for screen in WAYS[stance]:
        if screen in ONLY_WHERE and not ONLY_WHERE[screen](answers):
            continue
        steps += [Step(screen, each) for each in about.get(screen, [""])]
    return (*steps, LAST)


def read(name: str, steps: Sequence[Step]) -> Step:
    """Return the step that a form names, or the first where it names none of these."""
    return next((step for step in steps if step.name == name), FIRST)


def after(step: Step, steps: Sequence[Step], seen: Collection[str], *, is_change: bool) -> Step:
    """Return what comes after a step that was answered or skipped. `seen`: the names of those that were. Whoever
    changes one answer comes back to the check, by way of what the change asks besides."""
    if is_change:
        return next((each for each in steps if each.name not in seen and each != LAST), steps[-1])
    position = steps.index(step) if step in steps else 0
    return steps[min(position + 1, len(steps) - 1)]


def before(step: Step, steps: Sequence[Step]) -> Step:
    """Return what came before a step; the first has nothing before it."""
    position = steps.index(step) if step in steps else 0
    return steps[max(position - 1, 0)]


def resumed(steps: Sequence[Step], seen: Collection[str]) -> Step:
    """Return where somebody goes on: the first screen that they have not seen."""
    return next((each for each in steps if each.name not in seen), steps[-1])
