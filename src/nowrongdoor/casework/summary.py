"""The paragraph at the top of a case's page: what is happening, who, whether anybody is in danger, who leads and since
when, what is owed next and by whom, and the one thing that the viewer can do about it."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence

from nowrongdoor.access import viewers
from nowrongdoor.casework import contents
from nowrongdoor.core import country_words
from nowrongdoor.core.mandates import facts, table
from nowrongdoor.duties import kinds
from nowrongdoor.duties.queries import Duty
from nowrongdoor.leads import queries as leads
from nowrongdoor.ui import tags


class Act(enum.Enum):
    """What the viewer can do next."""

    ANSWER = "answer"  # the offer that their agency was made
    NOTIFY = "notify"  # a body that isn't on this system
    ACKNOWLEDGE = "acknowledge"  # a notification of their agency
    CORRECT = "correct"  # facts that can’t all be right
    COMPLETE = "complete"  # what their agency owes by a day
    NOTHING = "nothing"


@dataclasses.dataclass(frozen=True, slots=True)
class Summary:
    """The paragraph's parts. `known`: facts in words; `danger`: what is known of it, empty for nothing; `next_offer` or
    `next_duty`: what is owed next in the whole case; `duty`: what the viewer's own agency owes first."""

    known: Sequence[str]
    danger: str
    is_urgent: bool
    is_soon: bool
    people: int
    next_offer: leads.Step | None
    next_duty: Duty | None
    act: Act
    duty: Duty | None


def of(shown: contents.Contents, reading: facts.Reading, content: table.Table) -> Summary:
    """Put the paragraph together from what was read."""
    page, viewer = shown.page, shown.viewer
    safety = content.vocabulary.attribute(content.vocabulary.safety)
    code = reading.facts.known().get(safety.name, "")
    waiting = sorted((each for each in page.all_duties if each.done_at is None), key=lambda each: each.due_at)
    offer = page.open_offer
    first = waiting[0] if waiting else None
    is_offer_first = offer is not None and (first is None or (offer.due_at or first.due_at) <= first.due_at)
    ours = next((each for each in waiting if each.agency_id == viewer.agency_id), None)
    return Summary(
        known=[
            words
            for words in tags.fact_words(page.access.case.facts, content)
            if words != country_words.worded(safety.words(code))
        ]
        if code
        else tags.fact_words(page.access.case.facts, content),
        danger=country_words.worded(safety.words(code)) if code else "",
        is_urgent=bool(code) and code == safety.codes[0],
        is_soon=bool(code) and code == safety.codes[1],
        people=len(shown.people),
        next_offer=offer if is_offer_first else None,
        next_duty=None if is_offer_first else first,
        act=_act(viewer, offer, ours),
        duty=ours,
    )


def _act(viewer: viewers.Viewer, offer: leads.Step | None, ours: Duty | None) -> Act:
    if viewer.role is not viewers.ANSWERS:
        return Act.NOTHING
    if offer is not None and offer.to_agency_id == viewer.agency_id:
        return Act.ANSWER
    if ours is None:
        return Act.NOTHING
    if ours.kind is kinds.Kind.DEADLINE:
        return Act.CORRECT if ours.is_correction else Act.COMPLETE
    return Act.NOTIFY if ours.by_hand else Act.ACKNOWLEDGE
