"""The one shape in which every instrument answers.

Promise: a result always carries what it rests on, what is still unknown and could change it, the
version of the instrument, and the sentence that a screening is not a legal finding.
"""

from __future__ import annotations

import dataclasses
import enum

from nowrongdoor.core.language import gettext_lazy

CAVEAT = gettext_lazy(
    "This is a screening, not a legal finding. A single indicator never decides; an authority or a court does."
)


class State(enum.Enum):
    """Whether something is shown by what is known. Unknown is never read as no."""

    SHOWN = "shown"
    NOT_SHOWN = "not shown"
    UNDECIDED = "undecided"


class Conclusion(enum.Enum):
    """What an instrument says as a whole; the value is the sentence for the person."""

    TRAFFICKED_FOR_FORCED_LABOUR = gettext_lazy("Indicators of trafficking for forced labour are shown.")
    DECEPTION_AND_EXPLOITATION = gettext_lazy(
        "Deception and exploitation are shown, without coercion at the destination."
    )
    LABOUR_RIGHTS_CASE = gettext_lazy("Exploitation alone is shown: a labour-rights case.")
    EXPLOITATION_UNNAMED = gettext_lazy(
        "Exploitation is shown in a combination for which the published rule names no result."
    )
    EXPLOITATION_NOT_SHOWN = gettext_lazy("Exploitation is not shown.")
    ELEMENTS_SHOWN = gettext_lazy("Every element is indicated by what is recorded.")
    ELEMENTS_NOT_SHOWN = gettext_lazy("At least one element is recorded as absent.")
    CANNOT_SAY_YET = gettext_lazy("What is known does not decide this yet.")
    CONTEXT_ONLY = gettext_lazy(
        "The indicators are shown as context: no grades for sexual exploitation were found, so no verdict is computed."
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One dimension or element: its state, what it rests on, what could still change it."""

    name: str
    words: str
    state: State
    rests_on: tuple[str, ...]
    could_change: tuple[str, ...]
    strong: int = 0
    medium: int = 0
    weak: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Assessment:
    """What one version of one instrument says about a case."""

    instrument: str
    version: str
    source: str
    evidence: str
    conclusion: Conclusion
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    could_become: tuple[Conclusion, ...] = ()
    glosses_on: tuple[str, ...] = ()
    glosses_off: tuple[str, ...] = ()
    remark: str = ""
    caveat: str = CAVEAT

    @property
    def words(self) -> str:
        """The conclusion as a sentence fit to show."""
        return self.conclusion.value
