"""What the agency that leads a case asks of one it came from: what the person said, a way to reach them, a release.

The promise: an open request is on both worklists, and is answered, refused with a reason, or withdrawn, once. A way to
reach somebody is given by a release in force, or in a call in which they speak for themselves: never in the words of an
answer, which no release would end.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db.models import BooleanField, F, Func

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Case, CaseSignal, Tenure
from nowrongdoor.cases.person_models import Person
from nowrongdoor.core import handoff
from nowrongdoor.core.language import gettext as _
from nowrongdoor.releases import actions, messaging, models
from nowrongdoor.vault import keys, sealing

What = models.CaseRequest.What
State = models.CaseRequest.State


class NoSuchRequest(LookupError):
    """There is no such request, or it is between other agencies: the answer is the same."""


class NobodyChosen(actions.Refused):
    """A way to reach somebody, or a release, was asked for without saying whose."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Choose a person that this agency added to the case. If it added no one, write it a message and ask it "
                "to add the person first."
            )
        )


class Over(actions.Refused):
    """It was answered, refused or withdrawn before."""


def ask(
    case_id: uuid.UUID,
    *,
    to_agency_id: uuid.UUID,
    what: str,
    person_id: uuid.UUID | None,
    because: str,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.CaseRequest:
    """Ask an agency that the case came from. cases.NoSuchCase, actions.Refused."""
    assert by.user_id is not None  # a token has no page
    with row_security.looking(by):
        case = Case.objects.select_for_update().filter(id=case_id).first()
        if case is None:
            raise cases.NoSuchCase
        row_security.act_on(case.id)
        if case.lead_id != by.agency_id or case.closed_at is not None:
            raise actions.Refused(_("Only the agency that leads this case can ask for that."))
        if to_agency_id not in {each.id for each in givers(by, case)}:
            raise actions.Refused(_("Choose an agency that this case came from."))
        if what not in What.values:
            raise actions.Refused(_("Choose what you need."))
        if what == What.WORDS.value:
            person_id = None
        elif not person_id or not Person.objects.filter(id=person_id, case=case, owner_id=to_agency_id).exists():
            raise NobodyChosen
        open_ones = models.CaseRequest.objects.filter(case=case, agency_id=by.agency_id, state=State.ASKED.value)
        if (to_agency_id, what, person_id) in set(open_ones.values_list("to_agency_id", "what", "person_id")):
            raise actions.Refused(_("You asked for this already. They have not answered yet."))
        row_id = new_id()
        urgency = case.facts.get("urgency", "unknown")
        row = models.CaseRequest.objects.create(
            id=row_id,
            case=case,
            agency_id=by.agency_id,
            by_id=by.user_id,
            at=at,
            to_agency_id=to_agency_id,
            what=what,
            person_id=person_id,
            because=keys.of(case.id).seal(
                _words(because, _("why you need it")), _place(row_id, "because", by.agency_id)
            ),
            due_at=at + handoff.NOTICE_TARGETS.get(urgency, handoff.NOTICE_TARGETS["unknown"]),
            state=State.ASKED.value,
        )
        _record("request.asked", row, by=by, at=at)
    return row


def answer(
    request_id: uuid.UUID,
    *,
    words: str = "",
    release_id: uuid.UUID | None = None,
    called_at: datetime.datetime | None = None,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.CaseRequest:
    """Answer with words, with a release in force, or by a call with both agencies in which the person spoke.
    NoSuchRequest, Over, actions.Refused."""
    with row_security.looking(by):
        row = _locked(request_id, by)
        if row.to_agency_id != by.agency_id:
            raise NoSuchRequest
        if called_at is not None and called_at > at:
            raise actions.Refused(_("Enter when the call was; it can’t be later than now."))
        is_words = row.what == What.WORDS.value
        if called_at is not None:
            words, release_id = "", None
        elif is_words:
            words, release_id = _words(words, _("what the person said")), None
            messaging.check_names(row.case_id, row.agency_id, words, by=by)
        else:
            words = ""
            if release_id not in {each.id for each in releases_for(row, at=at)}:
                raise actions.Refused(
                    _(
                        "Choose a release in force that lets them see this. If there’s none, ask the person to sign "
                        "one, or offer a call in which they speak for themselves: that needs none."
                    )
                )
        row.answer = keys.of(row.case_id).seal(words, _place(row.id, "answer", row.to_agency_id))
        row.release_id, row.called_at = release_id, called_at
        _end(row, State.ANSWERED, by=by, at=at)
    return row


def refuse(request_id: uuid.UUID, *, reason: str, by: viewers.Viewer, at: datetime.datetime) -> models.CaseRequest:
    """Refuse a request, and say why. NoSuchRequest, Over, actions.Refused."""
    with row_security.looking(by):
        row = _locked(request_id, by)
        if row.to_agency_id != by.agency_id:
            raise NoSuchRequest
        words = _words(reason, _("why you refuse"))
        row.reason = keys.of(row.case_id).seal(words, _place(row.id, "reason", row.to_agency_id))
        _end(row, State.REFUSED, by=by, at=at)
    return row


def withdraw(request_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.CaseRequest:
    """Withdraw a request that nobody answered yet. NoSuchRequest, Over."""
    with row_security.looking(by):
        row = _locked(request_id, by)
        if row.agency_id != by.agency_id:
            raise NoSuchRequest
        _end(row, State.WITHDRAWN, by=by, at=at)
    return row


def releases_for(row: models.CaseRequest, *, at: datetime.datetime) -> Sequence[models.Release]:
    """List the releases in force by which a request could be answered; none that a suspect signed."""
    if row.person_id is None:
        return []
    rows = models.Release.objects.filter(
        person_id=row.person_id, agency_id=row.to_agency_id, recipient_id=row.agency_id, revoked_at=None
    )
    holds = Func(F("id"), function="nowrongdoor_holds", output_field=BooleanField())
    rows = rows.annotate(holds=holds).filter(holds=True, expires_at__gt=at).order_by("-given_at", "-id")
    return [each for each in rows if row.what == What.RELEASE.value or "location" in each.parts]


def givers(viewer: viewers.Viewer, case: Case) -> Sequence[agencies.Office]:
    """List the agencies that a case came from: they took it or a signal of it, or led it. The caller acts on it."""
    sources: set[uuid.UUID] = {case.received_by_id}
    sources |= set(CaseSignal.objects.filter(case=case).values_list("receiver_id", flat=True))
    sources |= set(Tenure.objects.filter(case=case).values_list("agency_id", flat=True))
    return [each for each in agencies.directory().offices if each.id in sources and each.id != viewer.agency_id]


@dataclasses.dataclass(frozen=True, slots=True)
class RequestShown:
    """A request as one of its two sides reads it."""

    id: uuid.UUID
    is_ours: bool
    agency: str
    to_agency: str
    what: What
    person: int | None
    because: str
    at: datetime.datetime
    due_at: datetime.datetime
    state: State
    over_at: datetime.datetime | None
    reason: str
    answer: str
    release_until: datetime.datetime | None
    is_release_over: bool
    called_at: datetime.datetime | None
    releases: Sequence[models.Release]

    @property
    def is_open(self) -> bool:
        """Return whether it waits for an answer."""
        return self.state is State.ASKED


def shown(viewer: viewers.Viewer, access: cases.Access, *, at: datetime.datetime) -> Sequence[RequestShown]:
    """List the requests on a case that the viewer's agency made or got, the open ones first, then the newest."""
    rows = models.CaseRequest.objects.filter(case=access.case).select_related(
        "agency", "to_agency", "person", "release"
    )
    listed = [
        RequestShown(
            id=row.id,
            is_ours=row.agency_id == viewer.agency_id,
            agency=row.agency.name,
            to_agency=row.to_agency.name,
            what=What(row.what),
            person=row.person.number if row.person else None,
            because=access.opened(row.because, _place(row.id, "because", row.agency_id)),
            at=row.at,
            due_at=row.due_at,
            state=State(row.state),
            over_at=row.over_at,
            reason=access.opened(row.reason, _place(row.id, "reason", row.to_agency_id)) if row.reason else "",
            answer=access.opened(row.answer, _place(row.id, "answer", row.to_agency_id)) if row.answer else "",
            release_until=row.release.expires_at if row.release and row.release.revoked_at is None else None,
            is_release_over=row.release is not None and row.release.expires_at <= at,
            called_at=row.called_at,
            releases=releases_for(row, at=at)
            if row.state == State.ASKED.value and row.to_agency_id == viewer.agency_id and row.person_id
            else (),
        )
        for row in rows.order_by("-at", "-id")
    ]
    return sorted(listed, key=lambda each: not each.is_open)


def _locked(request_id: uuid.UUID, by: viewers.Viewer) -> models.CaseRequest:
    row = models.CaseRequest.objects.select_for_update(of=("self",)).filter(id=request_id).first()
    if row is None:
        raise NoSuchRequest
    row_security.act_on(row.case_id)
    if row.state != State.ASKED.value:
        raise Over(_("This request was ended before. Nothing was changed."))
    return row


_ENDED = {
    State.ANSWERED: "request.answered",
    State.REFUSED: "request.refused",
    State.WITHDRAWN: "request.withdrawn",
}


def _end(row: models.CaseRequest, state: State, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    row.state, row.over_at, row.over_by_id = state.value, at, by.user_id
    row.save(update_fields=["state", "over_at", "over_by", "reason", "answer", "release", "called_at"])
    _record(_ENDED[state], row, by=by, at=at)


def _words(words: str, what: str) -> str:
    words = words.strip()
    if not words or len(words) > actions.LIMIT or "\x00" in words:
        sentence = _("Write {what}, in at most {limit} characters.")
        raise actions.Refused(sentence.format(what=what, limit=f"{actions.LIMIT:,}"))
    return words


def _place(row_id: uuid.UUID, field: str, agency_id: uuid.UUID) -> sealing.Place:
    return sealing.Place("case_request", row_id, field, agency_id)


def _record(verb: str, row: models.CaseRequest, *, by: viewers.Viewer, at: datetime.datetime) -> None:
    details: dict[str, record.Detail] = {"what": row.what}
    record.record(record.Deed(verb, by.agency_id, row.id, by.user_id, row.case_id, details), at=at)
