"""What is left to do after a contact, as one list in order of urgency.

The promise: whatever a law wants of this case is on the list, and it is open until whoever got the report confirmed it
outside, or acknowledged it here.
"""

from __future__ import annotations

import enum
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nowrongdoor.core import calls as numbers
from nowrongdoor.core.mandates import table
from nowrongdoor.duties import kinds
from nowrongdoor.duties import queries as duties
from nowrongdoor.intake import forms, queries, wishes
from nowrongdoor.signals import reaching
from nowrongdoor.signals.models import ReturnedCall

_SENTENCE_WITH_NUMBER = re.compile(r"[^.;]*\b1-\d{3}-\d{3}-\d{4}\b[^.;]*")


class What(enum.StrEnum):
    """What a step is about, the most urgent first."""

    DANGER = "danger"
    LAW = "law"
    LEAD = "lead"
    CALL_BACK = "call_back"
    WISH = "wish"
    RELEASE = "release"
    TELL = "tell"


class State(enum.StrEnum):
    """How far a step is."""

    OPEN = "open"
    DONE = "done"
    HANDED_OVER = "handed_over"
    NOT_KEPT = "not_kept"  # nobody says on record what they told the person


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `number`: the directory's words with the number of whoever gets a report, empty where it has none."""

    what: What
    state: State
    call: queries.Call | None = None
    how: numbers.Call | None = None
    duty: duties.Duty | None = None
    number: str = ""
    form: forms.DoneForm | None = None

    @property
    def is_open(self) -> bool:
        """Return whether somebody still has to do it."""
        return self.state is State.OPEN


def of(
    status: queries.SignalStatus,
    content: table.Table,
    telling: reaching.Telling,
    returned: Sequence[reaching.Returned],
    *,
    form: Callable[[uuid.UUID, type[forms.DoneForm]], forms.DoneForm],
) -> Sequence[Step]:
    """List what is left to do after a contact. `form`: makes the form of a duty, with what was refused in it."""
    calls = queries.calls(status, content)
    owed = duties.of_case(status.case_id, kinds.Kind.NOTICE, kinds.Kind.DEADLINE) if status.case_id else ()
    by_law = {duty.id for duty in owed if duty.is_report_by_law}
    steps = [
        Step(
            What.DANGER,
            State.DONE if call.done_at else State.OPEN,
            call=call,
            how=numbers.installed().to(call.desk),
            form=None if call.done_at else form(call.id, forms.ReportedForm if call.id in by_law else forms.DoneForm),
        )
        for call in calls
    ]
    called = {call.id for call in calls}
    wanted = (duty for duty in owed if duty.basis == "statute" and duty.id not in called)
    steps.extend(_by_law(duty, content, form) for duty in wanted)
    steps.append(Step(What.LEAD, _state_of_lead(status)))
    if telling.until is not None:
        is_reached = any(call.result == ReturnedCall.Result.REACHED.label for call in returned)
        steps.append(Step(What.CALL_BACK, State.DONE if is_reached else State.OPEN))
    facts = status.facts or status.told
    has_wish = any(facts.get(name) not in (None, "", "unknown") for name in wishes.ALL)
    steps.append(Step(What.WISH, State.DONE if has_wish else State.OPEN))
    if status.case_id is not None:
        steps.append(Step(What.RELEASE, State.DONE if status.has_release else State.OPEN))
    return (*steps, Step(What.TELL, State.NOT_KEPT))


def _by_law(
    duty: duties.Duty, content: table.Table, form: Callable[[uuid.UUID, type[forms.DoneForm]], forms.DoneForm]
) -> Step:
    state = State.OPEN
    if duty.done_at is not None:
        state = State.HANDED_OVER if duty.kind is kinds.Kind.NOTICE else State.DONE
    known = content.agencies.get(duty.desk)
    number = _SENTENCE_WITH_NUMBER.search(known.note) if known else None
    is_told_here = duty.is_report_by_law and duty.done_at is None
    return Step(
        What.LAW,
        state,
        duty=duty,
        number=number[0].strip() if number else "",
        form=form(duty.id, forms.ReportedForm) if is_told_here else None,
    )


def _state_of_lead(status: queries.SignalStatus) -> State:
    if status.is_closed:
        return State.DONE
    has_moved = status.case_id is not None and status.is_led_elsewhere
    return State.HANDED_OVER if has_moved and status.asked is None else State.OPEN
