"""Reports as their agency reads them, how long they took, and what other agencies of a case see of them."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import statistics
import uuid
from collections.abc import Mapping, Sequence

from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.audit import record
from nowrongdoor.cases.models import CaseSignal, Participant
from nowrongdoor.core import country_words, protocols
from nowrongdoor.core.language import pgettext
from nowrongdoor.protocols import library, models, reporting
from nowrongdoor.signals.models import Signal
from nowrongdoor.vault import keys, sealing

SHOWN = 100  # on one page
MEASURED = datetime.timedelta(days=90)


class State(enum.Enum):
    """How far a report is."""

    REVIEW = "review"
    RETURNED = "returned"
    READY = "ready"
    SENT = "sent"
    CONFIRMED = "confirmed"


@dataclasses.dataclass(frozen=True, slots=True)
class SendingShown:
    """That a report left, with its words open."""

    id: uuid.UUID
    number: int
    contact: library.Contact
    was_proved: bool
    how: str
    at: datetime.datetime
    by: str
    confirmed_at: datetime.datetime | None
    confirmed_by: str
    confirmation: str
    confirmed_name: str


@dataclasses.dataclass(frozen=True, slots=True)
class OutcomeShown:
    """What came of a report: for whoever works on the case, without a word of the report. `kind` of the recipient and
    `code` of what came of it, in whatever language."""

    id: uuid.UUID
    report_id: uuid.UUID
    kind: str
    code: str
    kind_words: str
    result: str
    agency: str
    at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class ReportShown:
    """A report with its words open; the words of its parts by their names. In a list, no words are opened."""

    id: uuid.UUID
    reference: str
    is_case: bool
    protocol_id: uuid.UUID
    recipient: str
    place_and_kind: tuple[str, str, str]
    kind_words: str
    edition: str
    version: int
    since: datetime.datetime
    at: datetime.datetime
    by: str
    by_id: uuid.UUID
    words_by: str
    words_by_id: uuid.UUID
    in_danger: bool
    review_due_at: datetime.datetime | None
    reviewed_at: datetime.datetime | None
    reviewed_by: str
    returned_at: datetime.datetime | None
    returned_by: str
    sent_at: datetime.datetime | None
    is_confirmed: bool
    result: str
    parts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    danger_because: str = ""
    comment: str = ""
    sendings: Sequence[SendingShown] = ()
    outcomes: Sequence[OutcomeShown] = ()

    @property
    def state(self) -> State:
        """Return how far it is."""
        if self.is_confirmed:
            return State.CONFIRMED
        if self.sent_at is not None:
            return State.SENT
        if self.returned_at is not None:
            return State.RETURNED
        return State.READY if self.reviewed_at is not None or self.in_danger else State.REVIEW

    @property
    def state_words(self) -> str:
        """Say how far it is."""
        return {
            State.REVIEW: pgettext("how far a report is", "Waits for review"),
            State.RETURNED: pgettext("how far a report is", "Returned to the writer"),
            State.READY: pgettext("how far a report is", "Ready to send"),
            State.SENT: pgettext("how far a report is", "Sent, not confirmed"),
            State.CONFIRMED: pgettext("how far a report is", "Confirmed"),
        }[self.state]

    @property
    def waits_for_review(self) -> bool:
        """Return whether somebody has to review it, before it leaves or after."""
        return self.reviewed_at is None and self.returned_at is None

    @property
    def minutes(self) -> int | None:
        """Count the minutes from the contact until it left first, none while it hasn't."""
        return int((self.sent_at - self.since).total_seconds() // 60) if self.sent_at else None

    @property
    def shown_parts(self) -> Sequence[tuple[str, str]]:
        """List its parts in order, each under its words."""
        names = {part.code: country_words.worded(part.words) for part in protocols.installed().parts}
        return [(names.get(code, code), words) for code, words in self.parts.items()]


@dataclasses.dataclass(frozen=True, slots=True)
class Pace:
    """How long reports took from the contact until they left: how many left, and the minutes within which half did."""

    count: int
    median: int


def listed(viewer: viewers.Viewer, *, at: datetime.datetime) -> Sequence[ReportShown]:
    """List the agency's reports: those that wait for a review first, the soonest due on top; then the newest."""
    with row_security.looking(viewer):
        record.looked("reports.listed", viewer.agency_id, by=viewer, at=at)
        waiting = _rows(viewer).filter(reviewed_at=None, returned_at=None).order_by("review_due_at", "at", "id")[:SHOWN]
        others = _rows(viewer).exclude(reviewed_at=None, returned_at=None).order_by("-at", "id")[:SHOWN]
        return _shown([*waiting, *others])


def of_case(viewer: viewers.Viewer, case_id: uuid.UUID) -> Sequence[ReportShown]:
    """List the agency's reports about a case and about the signals that it took of it, newest first; the caller looks
    and opened the case."""
    return _shown(list(_of_case(viewer, case_id).order_by("-at", "id")))


def _of_case(viewer: viewers.Viewer, case_id: uuid.UUID) -> QuerySet[models.Report]:
    signals = CaseSignal.objects.filter(case=case_id, receiver=viewer.agency_id).values("signal")
    return _rows(viewer).filter(Q(case=case_id) | Q(signal__in=signals))


@dataclasses.dataclass(frozen=True, slots=True)
class OfSignal:
    """The agency's reports about a signal and about the case that holds it, newest first; `may_report`: whether the
    viewer may write another one."""

    reports: Sequence[ReportShown]
    may_report: bool


def of_signal(viewer: viewers.Viewer, signal_id: uuid.UUID) -> OfSignal:
    """Read what the agency reported of a signal that it received: nothing, for whoever is kept away from its case."""
    with row_security.looking(viewer):
        works = Participant.objects.filter(agency=viewer.agency_id, to_at=None, case__closed_at=None)
        signals = Signal.objects.filter(id=signal_id, receiver=viewer.agency_id).annotate(
            is_held=Exists(CaseSignal.objects.filter(signal=OuterRef("id"))),
            is_worked_on=Exists(works.filter(case__signals__signal=OuterRef("id"))),
            is_kept=Func(F("id"), function="nwd_kept_from_signal", output_field=BooleanField()),
        )
        known = signals.values_list("is_held", "is_worked_on", "is_kept").first()
        may_report = known is not None and not known[2] and (known[1] or not known[0])
        of_case = CaseSignal.objects.filter(signal=signal_id).values("case")
        rows = list(_rows(viewer).filter(Q(signal=signal_id) | Q(case__in=of_case)).order_by("-at", "id"))
        return OfSignal(_shown(rows), may_report)


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """How many reports wait for a review, and how many of them are about danger."""

    count: int
    in_danger: int


def waiting(viewer: viewers.Viewer) -> Waiting:
    """Count the agency's reports that wait for a review."""
    with row_security.looking(viewer):
        rows = models.Report.objects.filter(agency=viewer.agency_id, reviewed_at=None, returned_at=None)
        return Waiting(**rows.aggregate(count=Count("id"), in_danger=Count("id", filter=Q(in_danger=True))))


def read(report_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> ReportShown:
    """Read a report with all that was done with it. reporting.NotThere."""
    with row_security.looking(by):
        row = _rows(by).filter(id=report_id).first()
        if row is None:
            raise reporting.NotThere
        record.looked("report.read", row.id, by=by, at=at, case_id=row.case_id)
        (shown,) = _shown([row])
        return _opened(row, shown)


def opened_of_case(viewer: viewers.Viewer, case_id: uuid.UUID) -> Sequence[ReportShown]:
    """List the agency's reports about a case with their words open, oldest first: for whoever collects its records. The
    caller looks, opened the case, and puts it on record."""
    rows = list(_of_case(viewer, case_id).order_by("at", "id"))
    return [_opened(row, shown) for row, shown in zip(rows, _shown(rows), strict=True)]


def _opened(row: models.Report, shown: ReportShown) -> ReportShown:
    key = keys.open_all([row.key_id]).get(row.key_id)
    written = keys.shown(key, row.words, row.place("words"))
    return dataclasses.replace(
        shown,
        parts=json.loads(written) if key else {"": keys.ERASED},
        danger_because=keys.shown(key, row.danger_because, row.place("danger_because")),
        comment=keys.shown(key, row.comment, row.place("comment")),
        sendings=_sendings(row, key),
        outcomes=_outcomes(models.Outcome.objects.filter(report=row)),
    )


def outcomes_of(case_id: uuid.UUID) -> Sequence[OutcomeShown]:
    """List what came of every agency's reports about a case, newest first; the caller looks."""
    return _outcomes(models.Outcome.objects.filter(case=case_id))


def pace(viewer: viewers.Viewer, *, at: datetime.datetime) -> Pace | None:
    """Measure the agency's reports that left in the last 90 days, none where none did."""
    with row_security.looking(viewer):
        first = models.Sending.objects.filter(agency=viewer.agency_id, number=1, at__gt=at - MEASURED)
        spans = [
            (left - since).total_seconds() / 60
            for left, since in first.order_by("at", "id").values_list("at", "report__since")
        ]
    return Pace(len(spans), int(statistics.median(spans))) if spans else None


def _rows(viewer: viewers.Viewer) -> QuerySet[models.Report]:
    return (
        models.Report.objects.filter(agency=viewer.agency_id)
        .select_related("case", "signal", "protocol")
        .annotate(
            by_name=agencies.name_of("by_id"),
            writer=agencies.name_of("words_by_id"),
            reviewer=agencies.name_of("reviewed_by_id"),
            returner=agencies.name_of("returned_by_id"),
        )
    )


def _shown(rows: Sequence[models.Report]) -> list[ReportShown]:
    ids = [row.id for row in rows]
    left: dict[uuid.UUID, list[models.Sending]] = {row_id: [] for row_id in ids}
    for sending in models.Sending.objects.filter(report__in=ids).order_by("number"):
        left[sending.report_id].append(sending)
    results = dict(models.Outcome.objects.filter(report__in=ids).order_by("at", "id").values_list("report", "result"))
    opened = keys.open_all(row.protocol_id for row in rows)
    shown = []
    for row in rows:
        sent = left[row.id]
        about = row.case or row.signal
        contact = keys.shown(opened.get(row.protocol_id), row.protocol.contact, row.protocol.place())
        result = results.get(row.id, "")
        shown.append(
            ReportShown(
                id=row.id,
                reference=about.reference if about else "",
                is_case=row.case_id is not None,
                protocol_id=row.protocol_id,
                recipient=_name_in(contact),
                place_and_kind=row.protocol.place_and_kind,
                kind_words=kind_words(row.protocol.kind),
                edition=row.edition,
                version=row.version,
                since=row.since,
                at=row.at,
                by=getattr(row, "by_name"),  # noqa: B009  annotated
                by_id=row.by_id,
                words_by=getattr(row, "writer"),  # noqa: B009
                words_by_id=row.words_by_id,
                in_danger=row.in_danger,
                review_due_at=row.review_due_at,
                reviewed_at=row.reviewed_at,
                reviewed_by=getattr(row, "reviewer") or "",  # noqa: B009
                returned_at=row.returned_at,
                returned_by=getattr(row, "returner") or "",  # noqa: B009
                sent_at=sent[0].at if sent else None,
                is_confirmed=any(each.confirmed_at for each in sent),
                result=str(models.Outcome.Result(result).label) if result else "",
            )
        )
    return shown


def kind_words(code: str) -> str:
    """Name a kind of recipient."""
    known = protocols.installed().kind(code)
    return country_words.worded(known.name) if known else code


def _name_in(contact: str) -> str:
    return str(json.loads(contact)["body"]) if contact.startswith("{") else contact


def _sendings(row: models.Report, key: sealing.Key | None) -> list[SendingShown]:
    named = models.Sending.objects.filter(report=row).annotate(
        by_name=agencies.name_of("by_id"), confirmer=agencies.name_of("confirmed_by_id")
    )
    return [
        SendingShown(
            each.id,
            each.number,
            library.read_contact(keys.shown(key, each.recipient, each.place("recipient"))),
            each.was_proved,
            str(models.Sending.How(each.how).label),
            each.at,
            each.by_name,
            each.confirmed_at,
            each.confirmer or "",
            keys.shown(key, each.confirmation, each.place("confirmation")),
            keys.shown(key, each.confirmed_name, each.place("confirmed_name")),
        )
        for each in named.order_by("number", "id")
    ]


def _outcomes(rows: QuerySet[models.Outcome]) -> list[OutcomeShown]:
    return [
        OutcomeShown(
            row.id,
            row.report_id,
            row.kind,
            row.result,
            kind_words(row.kind),
            str(models.Outcome.Result(row.result).label),
            row.agency.name,
            row.at,
        )
        for row in rows.select_related("agency").order_by("-at", "-id")
    ]
