"""The one JSON API: /api/v1. Another system hands in signals and reads back what became of them.

The promise: a 201 means that the signal is on disk. The sender's Idempotency-Key makes every retry safe, and a token
sees only what its own agency handed in.
"""

from __future__ import annotations

import datetime
import json
import uuid
from typing import Annotated, Literal

import ninja
from django import http
from django.utils import timezone
from ninja import errors, security
from pydantic import ConfigDict, Field

from nowrongdoor.access import limits, row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.audit import record
from nowrongdoor.mandates import queries as tables
from nowrongdoor.referrals import queries as referrals
from nowrongdoor.referrals.actions import retrying
from nowrongdoor.signals import actions as signals

Channel = Literal["call", "text", "chat", "web", "email", "letter", "visit", "complaint", "system"]


class AgencyToken(security.HttpBearer):
    """`Authorization: Bearer …`: the token of an agency's system."""

    def authenticate(self, request: http.HttpRequest, token: str) -> viewers.Viewer | None:
        with row_security.entry():
            viewer = agencies.viewer_of_token(token)
        # A known token has a budget of its own, whoever else knocks from the same address.
        if viewer is None:
            limits.spend(limits.Budget.UNKNOWN_TOKEN, limits.address_of(request), at=timezone.now())
        else:
            limits.spend(limits.Budget.TOKEN, agencies.digest_of(token).hex(), at=timezone.now())
        return viewer


class Request(http.HttpRequest):
    """A request whose token was recognised."""

    auth: viewers.Viewer


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


class SignalOut(ninja.Schema):
    """The receipt, and what became of the signal so far. Nothing here names a person."""

    id: uuid.UUID
    reference: str
    received_at: datetime.datetime
    case_reference: str | None
    lead: str = Field(description="Code of the agency that answers for the case now.")
    asked: str | None = Field(description="Code of the agency that the lead is offered to.")
    answer_due_at: datetime.datetime | None
    closed: bool


class Problem(ninja.Schema):
    """What is wrong, in sentences that say what to do."""

    problems: list[str]


api = ninja.NinjaAPI(
    title="No Wrong Door",
    version="1",
    description="Hand in a signal; see what became of it.",
    auth=AgencyToken(),
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,  # docs/openapi.json holds it; a test keeps the two alike
)


@api.exception_handler(errors.ValidationError)
def _not_readable(request: http.HttpRequest, error: errors.ValidationError) -> http.HttpResponse:
    said = [f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors]
    return api.create_response(request, {"problems": said}, status=422)


@api.exception_handler(errors.AuthenticationError)
def _not_known(request: http.HttpRequest, error: errors.AuthenticationError) -> http.HttpResponse:
    said = "Send the token of your agency's system as 'Authorization: Bearer …'; an administrator makes one."
    return api.create_response(request, {"problems": [said]}, status=401)


@api.exception_handler(errors.HttpError)
def _not_taken(request: http.HttpRequest, error: errors.HttpError) -> http.HttpResponse:
    return api.create_response(request, {"problems": [str(error)]}, status=error.status_code)


@api.exception_handler(limits.TooMany)
def _not_now(request: http.HttpRequest, error: limits.TooMany) -> http.HttpResponse:
    answer = api.create_response(request, {"problems": [str(error)]}, status=429)
    answer["Retry-After"] = str(error.seconds)
    return answer


@api.post(
    "/signals",
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
    )

    @retrying.unless_closed
    def keep() -> tuple[signals.Receipt, referrals.SignalStatus]:
        with row_security.looking(viewer):
            asked = tables.asked()
            receipt = signals.take(sent, asked=asked, receiver_id=viewer.agency_id, by=None, at=timezone.now())
            return receipt, referrals.signal_status(viewer, receipt.reference)

    try:
        receipt, status = keep()
    except signals.Unreadable as error:
        return ninja.Status(422, Problem(problems=list(error.problems)))
    except (signals.KeyReused, retrying.AgencyClosed) as error:
        return ninja.Status(409, Problem(problems=[str(error)]))
    code = 201 if receipt.outcome is signals.Outcome.NEW else 200
    return ninja.Status(code, _shown(status))


@api.get(
    "/signals/{reference}",
    response={200: SignalOut, frozenset({401, 404, 429}): Problem},
    operation_id="read_signal",
    summary="See what became of a signal",
)
def read_signal(request: Request, reference: str) -> ninja.Status[SignalOut | Problem]:
    """200: where it stands now. 404: there is none, or another agency handed it in."""
    try:
        with row_security.looking(request.auth):
            status = referrals.signal_status(request.auth, reference)
            record.looked("signal.read", status.id, by=request.auth, at=timezone.now())
            return ninja.Status(200, _shown(status))
    except referrals.NoSuchSignal as error:
        return ninja.Status(404, Problem(problems=[str(error)]))


def _shown(status: referrals.SignalStatus) -> SignalOut:
    return SignalOut(
        id=status.id,
        reference=status.reference,
        received_at=status.received_at,
        case_reference=status.case_reference,
        lead=status.lead_code,
        asked=status.asked_code,
        answer_due_at=status.due_at,
        closed=status.is_closed,
    )


def document() -> str:
    """Write the API's OpenAPI document, which docs/openapi.json keeps."""
    return json.dumps(api.get_openapi_schema(), indent=2, sort_keys=True) + "\n"
