"""Taking in a file: every row becomes a case or a reason, a chunk of rows at a time.

The promise: a bad row loses nothing but itself, a crash loses nothing but the chunk that was being written, and a
rerun takes nothing twice, because a row's key is made of what it says.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import functools
import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from nowrongdoor.access import walls
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.core import places
from nowrongdoor.core.intake import row
from nowrongdoor.core.triage import answers
from nowrongdoor.mandates import queries as tables
from nowrongdoor.referrals.actions import retrying, routing
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Door

CHUNK = 2_000
Progress = Callable[[int], None]


@dataclasses.dataclass
class Report:
    """What became of a file. `leads` counts cases by the desk that the mandate table asks first; `offers` by the
    agency that was really asked (a body that is not on the system, or that nobody can answer for, is passed over).
    `waiting`: rows taken that no table can decide on now; the worker routes them as soon as one can."""

    taken: int = 0
    waiting: int = 0
    taken_before: int = 0
    refused: list[row.Refusal] = dataclasses.field(default_factory=list)
    warnings: dict[str, None] = dataclasses.field(default_factory=dict)
    leads: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    offers: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    @property
    def refused_rows(self) -> int:
        """This will count refused rows; a row may have several reasons."""
        return len({(refusal.sheet, refusal.line) for refusal in self.refused})


def take_file(
    items: Iterable[row.Row | row.Refusal],
    *,
    receiver_id: uuid.UUID,
    by: uuid.UUID | None,
    at: datetime.datetime,
    progress: Progress,
) -> Report:
    """This will take what a reader yields, and call `progress` with the rows done so far after each chunk."""
    report = Report()
    done = 0
    for chunk in _chunks(items):
        rows = []
        for item in chunk:
            if isinstance(item, row.Refusal):
                report.refused.append(item)
            elif _is_readable(item, report):
                rows.append(item)
        _take(rows, report, receiver_id=receiver_id, by=by, at=at)
        done += len(chunk)
        progress(done)
    return report


@retrying.unless_closed
def _take(
    rows: Sequence[row.Row],
    report: Report,
    *,
    receiver_id: uuid.UUID,
    by: uuid.UUID | None,
    at: datetime.datetime,
) -> None:
    directory = agencies.directory()
    with walls.house():
        try:
            book = tables.in_force()
        except tables.CannotDecide as error:
            book = None
            report.warnings[str(error)] = None
        receipts = signals.take_all(
            [_contact(each) for each in rows], receiver_id=receiver_id, by=by, at=at, routed_at=at if book else None
        )
        arrived = [
            routing.Arrived(
                receipt.signal_id,
                receiver_id,
                at,
                Door.IMPORT.value,
                each.facts,
                each.answers,
                places.Place(),
                each.people,
            )
            for each, receipt in zip(rows, receipts, strict=True)
            if receipt.outcome is signals.Outcome.NEW
        ]
        routed = routing.route_all(arrived, book=book, directory=directory, at=at) if book else []
    for each, receipt in zip(rows, receipts, strict=True):
        report.warnings.update(dict.fromkeys(each.warnings))
        if receipt.outcome is signals.Outcome.DIFFERENT:
            words = "This key was taken before with other words; nothing was changed."
            report.refused.append(row.refusal(each.line, "", words, each.key, each.sheet))
        elif receipt.outcome is signals.Outcome.AGAIN:
            report.taken_before += 1
    report.taken += len(arrived)
    report.waiting += len(arrived) - len(routed)
    report.leads.update(each.plan.ruled.decision.lead.agency for each in routed)
    report.offers.update(
        each.plan.offer.office.code if each.plan.offer else directory[receiver_id].code for each in routed
    )


def _is_readable(each: row.Row, report: Report) -> bool:
    try:
        signals.check(_contact(each))
    except signals.Unreadable as error:
        report.refused += [row.refusal(each.line, "", problem, "", each.sheet) for problem in error.problems]
        return False
    return True


def _contact(each: row.Row) -> signals.Contact:
    return signals.Contact(
        key=each.key,
        door=Door.IMPORT.value,
        facts=each.facts,
        answers=_said(each.answers),
        narrative=each.narrative,
        people=each.people,
        raw={"entries": [dataclasses.asdict(entry) for entry in each.raw]} if each.raw else None,
    )


@functools.lru_cache(maxsize=65_536)
def _said(given: answers.Answers) -> Mapping[str, str]:
    """Answers as they are stored, made once for equal ones."""
    yes = dict.fromkeys(answers.named(given.yes), "yes")
    return yes | dict.fromkeys(answers.named(given.no), "no")


def _chunks(items: Iterable[row.Row | row.Refusal]) -> Iterator[list[row.Row | row.Refusal]]:
    iterator = iter(items)
    while chunk := list(itertools.islice(iterator, CHUNK)):
        yield chunk
