"""Signals: another system hands one in, and reads back what became of it.

The promise: a 201 means that the signal is on disk. The sender's Idempotency-Key makes every retry safe, and a token
sees only what its own agency handed in.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Annotated, Literal

import ninja
from django.utils import timezone
from pydantic import AwareDatetime, ConfigDict, Field

from nowrongdoor.access import row_security
from nowrongdoor.api.problems import Problem
from nowrongdoor.api.tokens import Request
from nowrongdoor.audit import record
from nowrongdoor.core import instants
from nowrongdoor.core.mandates import facts
from nowrongdoor.intake import queries as intake
from nowrongdoor.leads import retrying
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals

Channel = Literal["call", "text", "chat", "web", "email", "letter", "visit", "complaint", "system"]
router = ninja.Router()


class SignalIn(ninja.Schema):
    """One contact. Facts and answers that are not named are unknown, which is an answer too."""

    model_config = ConfigDict(extra="forbid")

    door: Channel = "system"
    facts: dict[str, str] = Field(default_factory=dict, description="See `nwd table facts --json`.")
    answers: dict[str, Literal["yes", "no"]] = Field(
        default_factory=dict, description="Indicators of the screening instruments, by id."
    )
    state: Annotated[str, Field(max_length=40)] = ""
    district: Annotated[str, Field(max_length=40)] = ""
    narrative: Annotated[str, Field(max_length=signals.NARRATIVE_LIMIT)] = ""
    contacted_at: AwareDatetime | None = Field(
        default=None, description="When the contact was made, with its offset from UTC. Never in the future."
    )
    arrived_at: AwareDatetime | None = Field(
        default=None,
        description="When your agency got it; the law's deadlines run from here. Left out: when the contact was made, "
        "for a call, text, chat, web form or visit; else when it is handed in.",
    )
    long_ago: bool = Field(
        default=False, description="Confirms that a time of more than a year ago is right; it is refused otherwise."
    )


class ConflictOut(ninja.Schema):
    """Facts of a signal that can't all be true."""

    facts: list[str] = Field(description="Their names.")
    sentence: str = Field(description="What can't be true, and what to correct.")


class SignalOut(ninja.Schema):
    """The receipt, and what became of the signal so far. Nothing here names a person."""

    id: uuid.UUID
    reference: str
    received_at: datetime.datetime = Field(description="When it was handed in here, by our clock.")
    arrived_at: datetime.datetime = Field(description="When your agency got it.")
    contacted_at: datetime.datetime | None = Field(description="When the contact was made, where somebody said so.")
    case_reference: str | None
    lead: str = Field(description="Code of the agency that answers for the case now.")
    asked: str | None = Field(description="Code of the agency that the lead is offered to.")
    answer_due_at: datetime.datetime | None
    closed: bool
    conflicts: list[ConflictOut] = Field(
        description="Facts of this signal that can't all be true, as they were sent. They are kept, count as unknown, "
        "and the lead agency is asked which is right."
    )


@router.post(
    "",
    response={
        201: SignalOut,
        200: SignalOut,
        400: Problem,
        401: Problem,
        409: Problem,
        413: Problem,
        422: Problem,
        429: Problem,
    },
    operation_id="take_signal",
    summary="Hand in a signal",
)
def take_signal(
    request: Request,
    contact: SignalIn,
    idempotency_key: Annotated[str, ninja.Header(alias="Idempotency-Key", min_length=1, max_length=signals.KEY_LIMIT)],
) -> ninja.Status[SignalOut | Problem]:
    """201: the signal is stored. 200: it was stored before under the same key. 409: the key belongs to another one, or
    your agency closed meanwhile."""
    viewer = request.auth
    sent = signals.Contact(
        key=idempotency_key,
        channel=contact.door,
        facts=contact.facts,
        answers=contact.answers,
        state=contact.state,
        district=contact.district,
        narrative=contact.narrative,
        times=instants.Instants(contact.contacted_at, contact.arrived_at, contact.long_ago),
    )

    @retrying.unless_closed
    def keep() -> tuple[signals.Receipt, SignalOut]:
        with row_security.looking(viewer):
            asked = tables.asked()
            receipt = signals.take(sent, asked=asked, receiver_id=viewer.agency_id, by=None, at=timezone.now())
            return receipt, _shown(intake.signal_status(viewer, receipt.reference, asked=asked), asked)

    try:
        receipt, shown = keep()
    except signals.Unreadable as error:
        return ninja.Status(422, Problem(problems=list(error.problems)))
    except (signals.KeyReused, retrying.AgencyClosed) as error:
        return ninja.Status(409, Problem(problems=[str(error)]))
    code = 201 if receipt.outcome is signals.Outcome.NEW else 200
    return ninja.Status(code, shown)


@router.get(
    "/{reference}",
    response={200: SignalOut, frozenset({401, 404, 429}): Problem},
    operation_id="read_signal",
    summary="See what became of a signal",
)
def read_signal(request: Request, reference: str) -> ninja.Status[SignalOut | Problem]:
    """200: where it stands now. 404: there is none, or another agency handed it in."""
    try:
        with row_security.looking(request.auth):
            asked = tables.asked()
            status = intake.signal_status(request.auth, reference, asked=asked)
            record.looked("signal.read", status.id, by=request.auth, at=timezone.now())
            return ninja.Status(200, _shown(status, asked))
    except intake.NoSuchSignal as error:
        return ninja.Status(404, Problem(problems=[str(error)]))


def _shown(status: intake.SignalStatus, asked: facts.Vocabulary) -> SignalOut:
    return SignalOut(
        id=status.id,
        reference=status.reference,
        received_at=status.received_at,
        arrived_at=status.arrived_at,
        contacted_at=status.contacted_at,
        case_reference=status.case_reference,
        lead=status.lead_code,
        asked=status.asked_code,
        answer_due_at=status.due_at,
        closed=status.is_closed,
        conflicts=[
            ConflictOut(facts=list(each.names), sentence=each.sentence)
            for each in facts.read(status.told, asked).facts.conflicts
        ],
    )
