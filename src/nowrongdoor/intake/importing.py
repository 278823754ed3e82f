"""Taking in a file: every row becomes a case or a reason, a chunk of rows at a time.

The promise: a bad row loses nothing but itself, a crash loses nothing but the chunk that was being written, and the
same file takes nothing twice. A row without an id of its sender's own is known only by what it says. An equal row of
another file may be the same person (a corrected file) or somebody else (next month's): that is asked, never guessed,
and until somebody answers the row is held back and reported.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import enum
import functools
import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from nowrongdoor.access import row_security
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.core import instants, places
from nowrongdoor.core.intake import row
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import facts
from nowrongdoor.core.triage import answers
from nowrongdoor.intake import routing
from nowrongdoor.leads import retrying
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Channel

CHUNK = 2_000
Progress = Callable[[int], None]


class EqualRows(enum.Enum):
    """What a row without an id is that says the same as a row of another file."""

    ASK = "ask"
    OTHER_PEOPLE = "other-people"
    SAME_PEOPLE = "same-people"


HELD = gettext_lazy("says the same as a row that came in from another file, or through an earlier version: held back")
CONFLICT = gettext_lazy(
    "Facts that can’t all be right, kept as they are and counted as not known; a deadline asks which is right."
)
REUSED = gettext_lazy(
    "this CaseId came in before with other words, or through an earlier version: nothing was changed, because an "
    "import changes no case"
)


@dataclasses.dataclass
class Report:
    """What became of a file. Rows that are `held` wait for an answer: EqualRows. `readings` counts rows by the
    assumption they rest on. `leads` counts cases by the desk that the mandate table asks first; `offers` by the agency
    that was really asked (a body that is not on the system, or that nobody can answer for, is passed over). `waiting`:
    rows taken that no table can decide on now; the worker routes them as soon as one can."""

    taken: int = 0
    waiting: int = 0
    taken_before: int = 0
    refused: list[row.Refusal] = dataclasses.field(default_factory=list)
    held: list[row.Refusal] = dataclasses.field(default_factory=list)
    warnings: dict[str, None] = dataclasses.field(default_factory=dict)
    readings: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    leads: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    offers: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    @property
    def refused_rows(self) -> int:
        """Count refused rows; a row may have several reasons."""
        return len({(refusal.sheet, refusal.line) for refusal in self.refused})


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: the SHA-256 of the file, and what its rows are that equal those of another file. `told_by`:
    who told what is in it, where a person said so; until then nobody who enforces is asked. `place`: that of the agency
    that got them."""

    digest: str
    equal_rows: EqualRows = EqualRows.ASK
    told_by: str = ""
    place: str = ""


def take_file(
    items: Iterable[row.Row | row.Refusal],
    source: Source,
    *,
    receiver_id: uuid.UUID,
    by: uuid.UUID | None,
    at: datetime.datetime,
    progress: Progress,
    report: Report | None = None,
) -> Report:
    """Take what a reader yields, and call `progress` with the rows done so far after each chunk. `report` is filled
    chunk by chunk, so that whoever gave it knows what was done even when this is interrupted."""
    report = Report() if report is None else report
    done = 0
    for chunk in _chunks(items):
        asked = tables.asked()
        rows = []
        for item in chunk:
            if isinstance(item, row.Refusal):
                report.refused.append(item)
            elif _is_readable(item, source, asked, report, at=at):
                rows.append(item)
        _take(rows, source, report, asked=asked, receiver_id=receiver_id, by=by, at=at)
        done += len(chunk)
        progress(done)
    return report


@retrying.unless_closed
def _take(
    rows: Sequence[row.Row],
    source: Source,
    report: Report,
    *,
    asked: facts.Vocabulary,
    receiver_id: uuid.UUID,
    by: uuid.UUID | None,
    at: datetime.datetime,
) -> None:
    directory = agencies.directory()
    with row_security.system():
        try:
            book = tables.in_force()
        except tables.CannotDecide as error:
            book = None
            report.warnings[str(error)] = None
        take = functools.partial(
            signals.take_all,
            asked=asked,
            receiver_id=receiver_id,
            by=by,
            at=at,
            routed_at=at if book else None,
        )
        contacts = [_contact(each, source) for each in rows]
        receipts = _settled(rows, contacts, take(contacts), source, take, receiver_id)
        arrived = [
            routing.Arrived(
                receipt.signal_id,
                receiver_id,
                at,
                contact.timed.arrival(typed_at=at),
                Channel.IMPORT.value,
                _facts(each, source),
                each.answers,
                places.Place(each.state),
                each.people,
            )
            for each, contact, receipt in zip(rows, contacts, receipts, strict=True)
            if receipt.outcome is signals.Outcome.NEW
        ]
        routed = routing.route_all(arrived, book=book, directory=directory, at=at) if book else []
    for each, receipt in zip(rows, receipts, strict=True):
        report.warnings.update(dict.fromkeys(each.warnings))
        if receipt.outcome is signals.Outcome.DIFFERENT:
            if each.has_id:
                report.refused.append(row.refusal(each.line, "CaseId", REUSED, each.case_id, each.sheet))
            else:
                report.held.append(row.refusal(each.line, "", HELD, "", each.sheet))
        elif receipt.outcome is signals.Outcome.AGAIN:
            report.taken_before += 1
    news = zip(rows, receipts, strict=True)
    report.readings.update(
        note for each, receipt in news if receipt.outcome is signals.Outcome.NEW for note in each.notes
    )
    report.readings.update(f"{CONFLICT} {each.sentence}" for case in routed for each in case.plan.ruled.conflicts)
    report.taken += len(arrived)
    report.waiting += len(arrived) - len(routed)
    report.leads.update(each.plan.ruled.decision.lead.agency for each in routed)
    report.offers.update(
        each.plan.offer.office.code if each.plan.offer else directory[receiver_id].code for each in routed
    )


def _settled(
    rows: Sequence[row.Row],
    contacts: Sequence[signals.Contact],
    receipts: Sequence[signals.Receipt],
    source: Source,
    take: Callable[[Sequence[signals.Contact]], Sequence[signals.Receipt]],
    receiver_id: uuid.UUID,
) -> list[signals.Receipt]:
    """Settles the rows without an id whose key belongs to an equal row of another file. Taken as another person, such a
    row has a key of its own, made of its file: so the same file, sent again or gone on with, finds it again."""
    settled = list(receipts)
    places_of = [
        at_row
        for at_row, (each, receipt) in enumerate(zip(rows, receipts, strict=True))
        if receipt.outcome is signals.Outcome.DIFFERENT and not each.has_id
    ]
    if not places_of:
        return settled
    own = [
        dataclasses.replace(contacts[at_row], key=row.key(f"{source.digest}\n{rows[at_row].key}", 1))
        for at_row in places_of
    ]
    later: Sequence[signals.Receipt | None]
    if source.equal_rows is EqualRows.OTHER_PEOPLE:
        later = take(own)
    else:
        later = signals.receipts_of_earlier(own, receiver_id=receiver_id)
    for at_row, receipt in zip(places_of, later, strict=True):
        if receipt is not None:
            settled[at_row] = receipt
        elif source.equal_rows is EqualRows.SAME_PEOPLE:
            settled[at_row] = dataclasses.replace(receipts[at_row], outcome=signals.Outcome.AGAIN)
    return settled


def _is_readable(
    each: row.Row, source: Source, asked: facts.Vocabulary, report: Report, *, at: datetime.datetime
) -> bool:
    try:
        signals.check(_contact(each, source), asked, at=at)
    except signals.Unreadable as error:
        report.refused += [row.refusal(each.line, "", problem, "", each.sheet) for problem in error.problems]
        return False
    return True


def _contact(each: row.Row, source: Source) -> signals.Contact:
    return signals.Contact(
        key=each.key,
        channel=Channel.IMPORT.value,
        facts=_facts(each, source),
        answers=_said(each.answers),
        state=each.state,
        narrative=each.narrative,
        people=each.people,
        raw={"entries": [dataclasses.asdict(entry) for entry in each.raw]} if each.raw else None,
        said=each.said if each.has_id else f"{source.digest}\n{each.said}",
        times=_instants(each.arrived_on, source.place) if each.arrived_on else instants.UNTOLD,
    )


def _facts(each: row.Row, source: Source) -> Mapping[str, str]:
    return {"source": source.told_by, **each.facts} if source.told_by else each.facts


@functools.lru_cache(maxsize=65_536)
def _instants(day: datetime.date, place: str) -> instants.Instants:
    """A day alone is taken from its first moment where the agency is, so that no clock runs out later than the law's. A
    file says by itself that something was long ago."""
    begun = datetime.datetime.combine(day, datetime.time(), places.zone(place))
    return instants.Instants(arrived_at=begun.astimezone(datetime.UTC), is_long_ago=True)


@functools.lru_cache(maxsize=65_536)
def _said(given: answers.Answers) -> Mapping[str, str]:
    """Answers as they are stored, made once for equal ones."""
    yes = dict.fromkeys(answers.named(given.yes), "yes")
    return yes | dict.fromkeys(answers.named(given.no), "no")


def _chunks(items: Iterable[row.Row | row.Refusal]) -> Iterator[list[row.Row | row.Refusal]]:
    iterator = iter(items)
    while chunk := list(itertools.islice(iterator, CHUNK)):
        yield chunk
