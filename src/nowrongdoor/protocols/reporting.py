"""Reports to law enforcement: written, reviewed by somebody else, sent, confirmed, sent again, and what came of them.

The promise (F16 of the field's rules): a report that isn't about danger leaves only after a coordinator who didn't
write it reviewed these very words, and whom they go to; one about danger leaves at once, and stays on a list until
somebody reviewed it. Nobody is told whom the mandate table bars. "Confirmed" stands only with the recipient's own
number, or the name of whoever has it.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from collections.abc import Mapping

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.audit import record
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import CaseSignal
from nowrongdoor.core import country_words, protocols
from nowrongdoor.core.language import pgettext
from nowrongdoor.core.protocols import Immigration, Verdict
from nowrongdoor.protocols import library, models, weighing
from nowrongdoor.vault import keys, sealing

LIMIT = 4_000  # characters of a part of a report
SHORT = 300  # of a comment, a reason, a number, a name


class NotThere(LookupError):
    """There is no such report, or it isn't the viewer's: the answer is the same."""


class Refused(ValueError):
    """It cannot be done; the message says why, and `field` where."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


class ChangedMeanwhile(Refused):
    """Somebody changed the words since they were shown."""

    def __init__(self) -> None:
        super().__init__(
            "", pgettext("a report", "Somebody changed this report meanwhile. Read it again. Nothing was saved.")
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A report as somebody writes it: what it says, by the parts of the template; and why it cannot wait for a review,
    empty where it can."""

    protocol_id: uuid.UUID
    parts: Mapping[str, str]
    danger_because: str = ""


def write(subject: weighing.Subject, written: Written, *, by: viewers.Viewer, at: datetime.datetime) -> models.Report:
    """Write a report about a case or a signal, sealed with its key. Refused."""
    assert by.user_id is not None  # a token has no page
    with row_security.looking(by):
        if subject.signal_id and CaseSignal.objects.filter(signal=subject.signal_id).exists():
            raise Refused("", pgettext("a report", "This signal is part of a case now. Write the report there."))
        _recipient(subject, written.protocol_id, by=by, at=at)
        row = models.Report(
            id=new_id(),
            agency_id=by.agency_id,
            case_id=subject.case_id,
            signal_id=subject.signal_id,
            protocol_id=written.protocol_id,
            edition=protocols.installed().edition,
            since=min(subject.since, at),
            at=at,
            by_id=by.user_id,
            words_at=at,
            words_by_id=by.user_id,
        )
        _fill(row, written, at=at)
        row.save(force_insert=True)
        _note("report.written", row, {"danger": int(row.in_danger)}, by=by, at=at)
    return row


def change(
    report_id: uuid.UUID, written: Written, *, seen: int, by: viewers.Viewer, at: datetime.datetime
) -> models.Report:
    """Change a report that hasn't left; its words need a review again. `seen`: the version that was shown. NotThere,
    Refused, ChangedMeanwhile."""
    assert by.user_id is not None  # a token has no page
    with row_security.looking(by):
        row = _locked(report_id, by, seen=seen)
        if models.Sending.objects.filter(report=row).exists():
            raise Refused("", pgettext("a report", "This report was sent, so it stays as it is. Write another one."))
        _recipient(subject_of(row, by=by), written.protocol_id, by=by, at=at)
        row.protocol_id = written.protocol_id
        row.version += 1
        row.words_at, row.words_by_id = at, by.user_id
        row.reviewed_at = row.reviewed_by_id = row.reviewed_version = row.returned_at = row.returned_by_id = None
        _fill(row, written, at=at)
        row.save(
            update_fields=[
                *("protocol", "words", "version", "words_at", "words_by", "in_danger", "danger_because"),
                *("review_due_at", "reviewed_at", "reviewed_by", "reviewed_version", "returned_at", "returned_by"),
            ]
        )
        _note("report.changed", row, {"version": row.version}, by=by, at=at)
    return row


def review(
    report_id: uuid.UUID, *, comment: str, seen: int, by: viewers.Viewer, at: datetime.datetime
) -> models.Report:
    """Say that these words may leave, or that they were right to. `seen`: the version that was read. NotThere, Refused,
    ChangedMeanwhile."""
    with row_security.looking(by):
        row = _reviewing(report_id, by, seen=seen)
        row.reviewed_at, row.reviewed_by_id, row.reviewed_version = at, by.user_id, row.version
        row.comment = _and_noted(row, comment)
        row.save(update_fields=["reviewed_at", "reviewed_by", "reviewed_version", "comment"])
        _note("report.reviewed", row, {"version": row.version}, by=by, at=at)
    return row


def send_back(
    report_id: uuid.UUID, *, comment: str, seen: int, by: viewers.Viewer, at: datetime.datetime
) -> models.Report:
    """Have it changed by whoever wrote it before anybody approves it. NotThere, Refused, ChangedMeanwhile."""
    with row_security.looking(by):
        row = _reviewing(report_id, by, seen=seen)
        if row.in_danger:
            words = pgettext(
                "a report", "This can be sent at any time, because somebody is in danger. Talk with whoever wrote it."
            )
            raise Refused("", words)
        row.returned_at, row.returned_by_id = at, by.user_id
        row.comment = _sealed(row, "comment", comment)
        row.save(update_fields=["returned_at", "returned_by", "comment"])
        _note("report.returned", row, {"version": row.version}, by=by, at=at)
    return row


def send(
    report_id: uuid.UUID,
    *,
    protocol_id: uuid.UUID,
    how: models.Sending.How,
    seen: int,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.Sending:
    """Note that a report left now, the first time or again, to its recipient or to another choice. NotThere, Refused,
    ChangedMeanwhile."""
    assert by.user_id is not None  # a token has no page
    with row_security.looking(by):
        row = _locked(report_id, by, seen=seen)
        if not row.in_danger and row.reviewed_version != row.version:
            raise Refused("", pgettext("a report", "A coordinator who didn’t write this report reviews it first."))
        to = _recipient(subject_of(row, by=by), protocol_id, by=by, at=at)
        if not row.in_danger and to.place_and_kind != row.protocol.place_and_kind:
            words = pgettext("a report", "This report was reviewed for another recipient. Change it, and ask again.")
            raise Refused("recipient", words)
        sending = models.Sending(
            id=new_id(),
            report=row,
            agency_id=by.agency_id,
            number=models.Sending.objects.filter(report=row).count() + 1,
            protocol_id=to.id,
            was_proved=library.is_proved(to, at=at),
            how=how.value,
            at=at,
            by_id=by.user_id,
        )
        contact = keys.of(to.id).open(to.contact, to.place())
        sending.recipient = _key(row).seal(contact, sending.place("recipient"))
        sending.save(force_insert=True)
        _note("report.sent", row, {"number": sending.number, "how": how.value}, by=by, at=at)
    return sending


def confirm(
    report_id: uuid.UUID,
    sending_id: uuid.UUID,
    *,
    number: str,
    name: str,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.Sending:
    """Note the recipient's own number, or who there said that they have it. NotThere, Refused."""
    with row_security.looking(by):
        rows = models.Sending.objects.select_for_update(of=("self",)).filter(id=sending_id, report=report_id)
        sending = rows.filter(agency=by.agency_id).select_related("report").first()
        if sending is None:
            raise NotThere
        if sending.confirmed_at is not None:
            raise Refused("", pgettext("a report", "This was confirmed before. Nothing was changed."))
        if not number.strip() and not name.strip():
            raise Refused(
                "confirmation",
                pgettext("a report", "Enter their report number, or the name of whoever has it there."),
            )
        key = _key(sending.report)
        for column, words in (("confirmation", number), ("confirmed_name", name)):
            kept = _words(column, words, is_required=False)
            setattr(sending, column, key.seal(kept, sending.place(column)) if kept else b"")
        sending.confirmed_at, sending.confirmed_by_id = at, by.user_id
        sending.save(update_fields=["confirmed_at", "confirmed_by", "confirmation", "confirmed_name"])
        _note("report.confirmed", sending.report, {"number": sending.number}, by=by, at=at)
    return sending


def note_outcome(
    report_id: uuid.UUID, result: models.Outcome.Result, *, by: viewers.Viewer, at: datetime.datetime
) -> models.Outcome:
    """Note what its recipient said came of a report: every agency of the case reads that. NotThere, Refused."""
    assert by.user_id is not None  # a token has no page
    with row_security.looking(by):
        row = _locked(report_id, by)
        last = models.Sending.objects.filter(report=row).select_related("protocol").order_by("-number").first()
        if last is None:
            raise Refused("result", pgettext("a report", "This report hasn’t been sent yet."))
        held = CaseSignal.objects.filter(signal=row.signal_id, receiver=by.agency_id) if row.signal_id else None
        case_id = row.case_id or (held.values_list("case_id", flat=True).first() if held is not None else None)
        outcome = models.Outcome.objects.create(
            id=new_id(),
            report=row,
            agency_id=by.agency_id,
            case_id=case_id,
            kind=last.protocol.kind,
            result=result.value,
            at=at,
            by_id=by.user_id,
        )
        _note("report.outcome", row, {"result": result.value}, by=by, at=at)
    return outcome


def subject_of(row: models.Report, *, by: viewers.Viewer) -> weighing.Subject:
    """Take up again what a report is about, in the caller's context. NotThere."""
    try:
        if row.case_id is not None:
            return weighing.of_case(cases.find(by, row.case.reference), by)  # type: ignore[union-attr]
        return weighing.of_signal(row.signal.reference, by)  # type: ignore[union-attr]
    except (weighing.NotThere, cases.NoSuchCase):
        raise NotThere from None


def subject_by_id(report_id: uuid.UUID, *, by: viewers.Viewer) -> weighing.Subject:
    """Take up what a report is about. NotThere, where the agency doesn't work on it any more, too."""
    with row_security.looking(by):
        row = models.Report.objects.select_related("case", "signal").filter(id=report_id, agency=by.agency_id).first()
        if row is None:
            raise NotThere
        return subject_of(row, by=by)


def _recipient(
    subject: weighing.Subject, protocol_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime
) -> models.Protocol:
    """Find a recipient in use who may be told of this."""
    row = models.Protocol.objects.filter(id=protocol_id, agency=by.agency_id, retired_at=None).first()
    if row is None:
        raise Refused("recipient", pgettext("a report", "Choose a recipient from your agency’s library."))
    weighed = weighing.of_recipient(subject, row.kind, Immigration(row.immigration), at=at)
    if weighed.verdict is Verdict.MAY_NOT:
        words = pgettext("a report", "They may not be told: %(why)s")
        raise Refused("recipient", words % {"why": country_words.worded(weighed.reason.words)})
    return row


def _fill(row: models.Report, written: Written, *, at: datetime.datetime) -> None:
    """Seal what is written into a row, with why it cannot wait and until when it is reviewed then."""
    written_there = {code: _words(code, words, limit=LIMIT, is_required=False) for code, words in written.parts.items()}
    kept = {part.code: written_there[part.code] for part in protocols.installed().parts if written_there.get(part.code)}
    if not kept:
        raise Refused("", pgettext("a report", "Write at least one part of the report."))
    row.words = _key(row).seal(json.dumps(kept, ensure_ascii=False), row.place("words"))
    row.danger_because = _sealed(row, "danger_because", written.danger_because, is_required=False)
    row.in_danger = bool(row.danger_because)
    row.review_due_at = at + models.REVIEW_WITHIN if row.in_danger else None


def _and_noted(row: models.Report, comment: str) -> bytes:
    """Seal what a reviewer notes below what was said as it was returned."""
    noted = _words("comment", comment, is_required=False)
    key, place = _key(row), row.place("comment")
    before = key.open(row.comment, place) if row.comment else ""
    words = "\n".join(filter(None, [before, noted]))
    return key.seal(words, place) if words else b""


def _locked(report_id: uuid.UUID, by: viewers.Viewer, *, seen: int | None = None) -> models.Report:
    row = models.Report.objects.select_for_update().filter(id=report_id, agency=by.agency_id).first()
    if row is None:
        raise NotThere
    if seen is not None and seen != row.version:
        raise ChangedMeanwhile
    return row


def _reviewing(report_id: uuid.UUID, by: viewers.Viewer, *, seen: int) -> models.Report:
    row = _locked(report_id, by, seen=seen)
    if by.role is not viewers.Role.COORDINATOR or by.user_id in (row.by_id, row.words_by_id):
        raise Refused("", pgettext("a report", "A coordinator who didn’t write this report reviews it."))
    if row.reviewed_at is not None:
        raise Refused("", pgettext("a report", "This report was reviewed before. Nothing was changed."))
    if row.returned_at is not None:
        raise Refused(
            "", pgettext("a report", "This report was returned. It’s reviewed again once somebody changes it.")
        )
    return row


def _key(row: models.Report) -> sealing.Key:
    try:
        return keys.of(row.key_id)
    except keys.Erased as error:
        raise Refused("", str(error)) from None


def _sealed(row: models.Report, column: str, words: str, *, is_required: bool = True) -> bytes:
    kept = _words(column, words, is_required=is_required)
    return _key(row).seal(kept, row.place(column)) if kept else b""


def _words(field: str, words: str, *, limit: int = SHORT, is_required: bool = True) -> str:
    kept = words.replace("\r\n", "\n").replace("\r", "\n").strip()
    if (is_required and not kept) or len(kept) > limit or "\x00" in kept:
        sentence = pgettext("a report", "Write this in at most %(limit)s characters.")
        raise Refused(field, sentence % {"limit": f"{limit:,}"})
    return kept


def _note(
    verb: str, row: models.Report, details: Mapping[str, record.Detail], *, by: viewers.Viewer, at: datetime.datetime
) -> None:
    deed = record.Deed(verb, by.agency_id, row.id, by.user_id, case_id=row.case_id, details=details)
    record.record(deed, at=at)
