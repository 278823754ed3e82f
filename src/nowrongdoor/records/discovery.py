"""Collecting for discovery: which records an agency may have to disclose of a case, with a digest of each.

The promise: it is read as the pages of the case are read, so that nothing is listed that the viewer could not open
there; what those pages show to be there and is not listed, is named with the reason; and the same records give the same
digests in every language, whoever collects them in the same role.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import files, people
from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import contents
from nowrongdoor.core import reference
from nowrongdoor.protocols import queries as protocols
from nowrongdoor.releases import asking, messaging
from nowrongdoor.releases import queries as releases
from nowrongdoor.signals import files as sent


class NoSuchPerson(LookupError):
    """The viewer's agency added nobody with this number to the case."""


class Sort(enum.Enum):
    """What sort of record it is."""

    SIGNAL = "signal"
    NOTE = "note"
    FILE = "file"
    FACTS = "facts"
    PERSON = "person"
    RELEASE = "release"
    DISCLOSURE = "disclosure"
    REQUEST = "request"
    MESSAGE = "message"
    REPORT = "report"
    OUTCOME = "outcome"
    HANDOFF = "handoff"
    DECISION = "decision"
    ASSESSMENT = "assessment"
    DUTY = "duty"
    CLOSING = "closing"
    REOPENING = "reopening"

    @property
    def words(self) -> str | Promise:
        """Name it."""
        return _SORTS[self]


_SORTS = {
    Sort.SIGNAL: pgettext_lazy("a record", "Signal"),
    Sort.NOTE: pgettext_lazy("a record", "Note"),
    Sort.FILE: pgettext_lazy("a record", "File"),
    Sort.FACTS: pgettext_lazy("a record", "Facts"),
    Sort.PERSON: pgettext_lazy("a record", "Person"),
    Sort.RELEASE: pgettext_lazy("a record", "Release"),
    Sort.DISCLOSURE: pgettext_lazy("a record", "Disclosure under a duty"),
    Sort.REQUEST: pgettext_lazy("a record", "Request between agencies"),
    Sort.MESSAGE: pgettext_lazy("a record", "Message between agencies"),
    Sort.REPORT: pgettext_lazy("a record", "Report to law enforcement"),
    Sort.OUTCOME: pgettext_lazy("a record", "What came of a report"),
    Sort.HANDOFF: pgettext_lazy("a record", "Hand-off"),
    Sort.DECISION: pgettext_lazy("a record", "Ruling of the mandate table"),
    Sort.ASSESSMENT: pgettext_lazy("a record", "Assessment"),
    Sort.DUTY: pgettext_lazy("a record", "Notice or deadline"),
    Sort.CLOSING: pgettext_lazy("a record", "Why the case was closed"),
    Sort.REOPENING: pgettext_lazy("a record", "Why the case was reopened"),
}


class Why(enum.Enum):
    """Why something that is there is not listed."""

    WORK_PRODUCT = "work_product"
    ELSEWHERE = "elsewhere"
    SEALED = "sealed"
    WITHDRAWN = "withdrawn"
    DESTROYED = "destroyed"
    NOT_ASKED = "not_asked"
    ISOLATED = "isolated"
    NOT_OPENED = "not_opened"
    REPORTED = "reported"
    OTHER_ROLES = "other_roles"

    @property
    def words(self) -> str | Promise:
        """Say why, with the law where there is one."""
        return _WHY[self]


_WHY = {
    Why.WORK_PRODUCT: gettext_lazy(
        "Attorney work product. Ask the attorney (Fed. R. Crim. P. 16(a)(2); Fed. R. Civ. P. 26(b)(3); unverified)."
    ),
    Why.ELSEWHERE: gettext_lazy("The agency that took it in keeps its text. Ask that agency."),
    Why.SEALED: gettext_lazy("Sealed by the agency that added the person. Ask that agency."),
    Why.WITHDRAWN: gettext_lazy("Withdrawn by its agency. Its content is kept sealed and opens for nobody here."),
    Why.DESTROYED: gettext_lazy("Destroyed by an approved disposal."),
    Why.NOT_ASKED: gettext_lazy("About another person of the case."),
    Why.ISOLATED: gettext_lazy("Isolated. Only an investigator at a law enforcement agency can open it."),
    Why.NOT_OPENED: gettext_lazy("It doesn’t open for you: it isn’t scanned yet, is harmful, or is for others."),
    Why.REPORTED: gettext_lazy(
        "Advocates and coordinators of the agency that made the report can open it. Ask that agency."
    ),
    # Said of everybody, whether there are any, so that it tells nothing of anybody
    Why.OTHER_ROLES: gettext_lazy("If there are any: only advocates and victim specialists can open them. Ask one."),
}


_WHY_NOT = {sent.State.ISOLATED: Why.ISOLATED, sent.State.ERASED: Why.DESTROYED}


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """A record: which it is, when it was written, by which agency, of how many bytes, and their SHA-256 in hex."""

    sort: Sort
    name: str
    at: datetime.datetime | None
    agency: str
    size: int
    digest: str
    person: uuid.UUID | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is there and is not listed."""

    sort: Sort
    name: str
    at: datetime.datetime | None
    agency: str
    why: Why


@dataclasses.dataclass(frozen=True, slots=True)
class Collection:
    """What was collected. `digest`: of the list, so that a line taken out or put in shows. `numbers`: of the people
    whom the viewer's agency added, who can be asked for."""

    items: Sequence[Item]
    left_out: Sequence[LeftOut]
    agencies: Sequence[str]
    numbers: Sequence[int]
    digest: str


def collect(
    viewer: viewers.Viewer, access: cases.Access, *, person: int | None, form: str, at: datetime.datetime
) -> Collection:
    """Collect the records of a case, and put it on record. `person`: the number of somebody whom the viewer's agency
    added; what is about somebody else is then left out. `form`: how it leaves. NoSuchPerson."""
    shown = contents.read(viewer, access)
    ours = {each.number: each.id for each in shown.people if each.is_ours}
    if person is not None and person not in ours:
        raise NoSuchPerson
    reading = _Reading(viewer, access, shown, at)
    reading.read()
    items, left_out = list(reading.items), list(reading.left_out)
    if person is not None:
        others = [each for each in items if each.person not in (None, ours[person])]
        items = [each for each in items if each.person in (None, ours[person])]
        left_out += [LeftOut(each.sort, each.name, each.at, each.agency, Why.NOT_ASKED) for each in others]
    digest = hashlib.sha256(canonical([line(each) for each in items])).hexdigest()
    details: dict[str, record.Detail] = {"form": form, "records": len(items), "left_out": len(left_out)}
    details |= {"digest": digest, "person": person}
    authority = record.Authority.MANDATE if access.relations else record.Authority.EMERGENCY
    case_id = access.case.id
    record.looked(
        "discovery.collected", case_id, by=viewer, at=at, case_id=case_id, authority=authority, details=details
    )
    row_security.act_on(case_id)  # to name the other agencies of the case
    agencies = [each.name for each in messaging.recipients(viewer, access.case)] if shown.is_whole else []
    return Collection(items, left_out, agencies, sorted(ours), digest)


def line(item: Item) -> dict[str, str | int | None]:
    """Return a record as a line of the list, in codes that no language changes."""
    return {
        "record": item.sort.value,
        "name": item.name,
        "at": item.at.isoformat() if item.at else None,
        "agency": item.agency,
        "bytes": item.size,
        "sha256": item.digest,
    }


def canonical(value: object) -> bytes:
    """Write a value in the one way that a digest is taken of: JSON with sorted keys and no blanks, in UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return str(value.value) if isinstance(value, enum.Enum) else str(value)


class _Reading:
    """Reads a case as its pages do; what it finds is in `items` and `left_out`."""

    def __init__(
        self, viewer: viewers.Viewer, access: cases.Access, shown: contents.Contents, at: datetime.datetime
    ) -> None:
        self.viewer, self.access, self.shown, self.at = viewer, access, shown, at
        self.items: list[Item] = []
        self.left_out: list[LeftOut] = []

    def read(self) -> None:
        """Read all of it."""
        self._signals()
        self._notes()
        self._files()
        if self.shown.is_whole:
            self._facts()
            self._people()
            self._sent()
            self._between()
            self._reports()
        self._answered_for()
        if self.shown.is_whole:
            self._closings()

    def _add(
        self,
        sort: Sort,
        name: str,
        at: datetime.datetime | None,
        agency: str,
        value: object,
        person: uuid.UUID | None = None,
    ) -> None:
        """Add a record: the digest of a text is of its UTF-8, that of a file of its bytes, else of the fields."""
        content = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else canonical(value)
        self.items.append(
            Item(sort, name, at, agency, len(content), hashlib.sha256(content).hexdigest(), person),
        )

    def _leave(self, sort: Sort, name: str, at: datetime.datetime | None, agency: str, why: Why) -> None:
        self.left_out.append(LeftOut(sort, name, at, agency, why))

    @property
    def _is_destroyed(self) -> bool:
        return self.access.key is None

    def _signals(self) -> None:
        for signal in self.shown.signals:
            known = (Sort.SIGNAL, signal.reference, signal.received_at, signal.receiver)
            if not signal.is_ours or self._is_destroyed:
                self._leave(*known, Why.DESTROYED if signal.is_ours else Why.ELSEWHERE)
                continue
            self._add(*known, signal.narrative)
            if signal.answers:
                self._add(
                    Sort.SIGNAL, f"{signal.reference} answers", signal.received_at, signal.receiver, signal.answers
                )
            self._versions(Sort.SIGNAL, signal.reference, signal.receiver, signal.versions)

    def _versions(self, sort: Sort, name: str, agency: str, versions: Sequence[cases.VersionShown]) -> None:
        """Add what was said before a correction, and why it was corrected: newest first in a note, and numbered so."""
        for number, version in enumerate(versions, start=1):
            wording = {"text": version.text, "because": version.because, "by": version.by}
            self._add(sort, f"{name} before correction {number}", version.at, agency, wording)

    def _notes(self) -> None:
        if self._is_destroyed:
            for head in self.shown.notes:
                self._leave(Sort.NOTE, str(head.id), head.at, head.agency, Why.DESTROYED)
            return
        for note in cases.open_notes(self.access, self.shown.notes):
            self._add(Sort.NOTE, str(note.head.id), note.head.at, note.head.agency, note.text)
            self._versions(Sort.NOTE, str(note.head.id), note.head.agency, note.versions[::-1])

    def _files(self) -> None:
        for file in self.shown.files:
            known = (Sort.FILE, str(file.id), file.at, file.agency)
            if file.withdrawn or file.is_erased:
                self._leave(*known, Why.DESTROYED if file.is_erased else Why.WITHDRAWN)
                continue
            content = files.opened(self.viewer, self.access, file.id, at=self.at)
            self._add(*known, content.content)

    def _sent(self) -> None:
        """Add what senders added to the contacts of the case: never what somebody isolated."""
        case_id, receivers = self.access.case.id, {each.reference: each.receiver for each in self.shown.signals}
        signal_ids = cases.signal_ids(self.access) if self.shown.sent else []
        collected = sent.collected(signal_ids, by=self.viewer, case_id=case_id)
        for each in collected:
            name, agency = f"{each.file_id}, {each.form}", receivers.get(reference.of(each.signal_id), "")
            self.items.append(Item(Sort.FILE, name, each.at, agency, each.size, each.digest))
        listed = {each.file_id for each in collected}
        for file in self.shown.sent:
            if file.id not in listed:
                known = (Sort.FILE, str(file.id), file.at, receivers.get(reference.of(file.signal_id), ""))
                self._leave(*known, _WHY_NOT.get(file.state, Why.NOT_OPENED))

    def _facts(self) -> None:
        case = self.access.case
        for version in self.shown.history:
            fields = {"facts": version.facts, "why": version.why, "place": version.place.code}
            self._add(Sort.FACTS, f"version {version.version}", version.at, "", fields)
        if not self.shown.history:
            place = {"state": case.state, "district": case.district}
            self._add(Sort.FACTS, "version 1", case.opened_at, case.received_by.name, {"facts": case.facts, **place})

    def _people(self) -> None:
        for person in self.shown.people:
            name = f"person {person.number} of {person.owner}"
            if self._is_destroyed:
                self._leave(Sort.PERSON, name, None, person.owner, Why.DESTROYED)
                continue
            if not person.parts and not person.is_ours:
                self._leave(Sort.PERSON, name, None, person.owner, Why.SEALED)
                continue
            self._person(person, name)

    def _person(self, person: people.PersonShown, name: str) -> None:
        def add(sort: Sort, what: str, at: datetime.datetime | None, value: object) -> None:
            self._add(sort, what, at, person.owner, value, person.id)

        for part in person.parts:
            add(Sort.PERSON, f"{name}, {part.part.value}", None, part.details)
        for role in person.roles:
            add(Sort.PERSON, f"{name}, role {role.id}", role.from_at, dataclasses.asdict(role))
        for relation in person.relations:
            add(Sort.PERSON, f"{name}, relation {relation.id}", relation.from_at, dataclasses.asdict(relation))
        if not person.is_ours:
            return
        self._leave(Sort.PERSON, f"{name}, benefits letters", None, person.owner, Why.OTHER_ROLES)
        for release in releases.releases(self.viewer, self.access, person.id, at=self.at):
            add(Sort.RELEASE, str(release.id), release.given_at, _without(release, "holds", "is_signed_by_suspect"))
            if release.has_text:
                words = releases.signed_text(self.viewer, self.access, release.id)
                add(Sort.RELEASE, f"{release.id} as signed", release.given_at, words)
        for number, disclosure in enumerate(releases.disclosures(self.viewer, self.access, person.id)[::-1], start=1):
            add(Sort.DISCLOSURE, f"{name}, disclosure {number}", disclosure.at, dataclasses.asdict(disclosure))

    def _between(self) -> None:
        for request in asking.shown(self.viewer, self.access, at=self.at):
            known = (Sort.REQUEST, str(request.id), request.at, request.agency)
            if self._is_destroyed:
                self._leave(*known, Why.DESTROYED)
            else:
                self._add(*known, _without(request, "releases", "is_ours"))
        for message in messaging.shown(self.viewer, self.access):
            known = (Sort.MESSAGE, str(message.id), message.at, message.agency)
            if message.for_prosecutors or self._is_destroyed:
                self._leave(*known, Why.WORK_PRODUCT if message.for_prosecutors else Why.DESTROYED)
            else:
                self._add(*known, message.text)

    def _reports(self) -> None:
        """Reports are read by advocates and coordinators of their agency alone. Of those of which the case's page shows
        what came, it is said that they are there."""
        with row_security.looking(self.viewer):
            reports = protocols.opened_of_case(self.viewer, self.access.case.id)
            outcomes = protocols.outcomes_of(self.access.case.id)[::-1]
        for report in reports:
            known = (Sort.REPORT, str(report.id), report.at, self.viewer.agency_name)
            if self._is_destroyed:
                self._leave(*known, Why.DESTROYED)
            else:
                left = [_without(each, "id", "how", "by", "confirmed_by", "contact") for each in report.sendings]
                recipients = [dataclasses.asdict(each.contact) for each in report.sendings]
                fields = {"parts": report.parts, "danger_because": report.danger_because, "comment": report.comment}
                self._add(*known, {**fields, "version": report.version, "left": left, "recipients": recipients})

        for each in outcomes:
            fields = {"report": str(each.report_id), "kind": each.kind, "result": each.code}
            self._add(Sort.OUTCOME, str(each.id), each.at, each.agency, fields)
        read = {report.id for report in reports}
        for report_id, agency in {each.report_id: each.agency for each in outcomes}.items():
            if report_id not in read:
                self._leave(Sort.REPORT, str(report_id), None, agency, Why.REPORTED)

    def _answered_for(self) -> None:
        page = self.shown.page
        for step in page.steps:
            fields = _without(step, "to_is_answered")
            self._add(Sort.HANDOFF, str(step.id), step.offered_at, step.from_agency, fields)
        for duty in page.all_duties:
            self._add(Sort.DUTY, str(duty.id), duty.since, duty.agency or duty.desk, _without(duty, "how", "place"))
        if page.ruling:
            self._add(Sort.DECISION, "the newest", None, "", page.ruling)
        for number, assessment in enumerate(page.assessments, start=1):
            self._add(Sort.ASSESSMENT, f"the newest, {number}", None, "", assessment)

    def _closings(self) -> None:
        case = self.access.case
        for number, each in enumerate(self.shown.reopenings, start=1):
            name = f"{case.reference}, reopening {number}"  # by whoever led it when it was closed
            self._ended(Sort.CLOSING, f"{name}, closed before", each.closed_at, each.agency, each.closed_because)
            self._ended(Sort.REOPENING, name, each.at, each.agency, each.because)
        if case.closed_at:
            self._ended(Sort.CLOSING, case.reference, case.closed_at, case.lead.name, self.access.closed_because)

    def _ended(self, sort: Sort, name: str, at: datetime.datetime, agency: str, because: str) -> None:
        if self._is_destroyed:
            self._leave(sort, name, at, agency, Why.DESTROYED)
        else:
            self._add(sort, name, at, agency, because)


def _without(value: object, *names: str) -> dict[str, object]:
    """Return the fields of a value but for those that change with the moment or the reader."""
    assert dataclasses.is_dataclass(value)
    return {name: getattr(value, name) for name in _names(dataclasses.fields(value)) if name not in names}


def _names(fields: Iterable[dataclasses.Field[object]]) -> Iterable[str]:
    return (field.name for field in fields)
