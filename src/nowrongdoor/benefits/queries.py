"""The benefits letters of a person, as values with their words opened."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db.models import F

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.benefits.models import BenefitsLetter, State
from nowrongdoor.cases import queries as cases
from nowrongdoor.core import benefits, country_words
from nowrongdoor.mandates import queries as tables


@dataclasses.dataclass(frozen=True, slots=True)
class LetterShown:
    """A letter as its page shows it. `name`: of its kind, in the viewer's language; `last_on`: its last day, after it
    was extended the new one; `days_left`: until then, below zero once it is over, None where it has no last day."""

    id: uuid.UUID
    kind: str
    name: str
    state: State
    requested_on: datetime.date | None
    received_on: datetime.date | None
    ended_on: datetime.date | None
    expires_on: datetime.date | None
    last_on: datetime.date | None
    days_left: int | None
    number: str
    is_extended: bool
    may_be_extended: bool
    ends: bool
    at: datetime.datetime
    by: str
    answered_by: str
    struck_at: datetime.datetime | None
    struck_by: str

    @property
    def waits(self) -> bool:
        """Return whether nobody noted yet what became of it."""
        return self.state is State.REQUESTED and self.struck_at is None

    @property
    def is_over(self) -> bool:
        """Return whether its last day has passed."""
        return self.days_left is not None and self.days_left < 0


def of_person(
    viewer: viewers.Viewer, access: cases.Access, person_id: uuid.UUID, *, today: datetime.date
) -> Sequence[LetterShown]:
    """List a person's letters that row security shows: what was noted last comes first, and what was struck at the
    end."""
    rows = (
        BenefitsLetter.objects.filter(person=person_id, case=access.case.id, owner=viewer.agency_id)
        .annotate(
            who=agencies.name_of("by_id"),
            answerer=agencies.name_of("answered_by_id"),
            striker=agencies.name_of("struck_by_id"),
        )
        .order_by(F("struck_at").desc(nulls_first=True), "-at", "-id")
    )
    return [
        LetterShown(
            id=row.id,
            kind=row.kind,
            name=name_of(row.kind),
            state=State(row.state),
            requested_on=row.requested_on,
            received_on=row.received_on,
            ended_on=row.ended_on,
            expires_on=row.expires_on,
            last_on=row.last_on,
            days_left=(row.last_on - today).days if row.last_on else None,
            number=access.opened(row.number, row.place()) if row.number else "",
            is_extended=row.extended_to is not None,
            may_be_extended=_may_be_extended(row),
            ends=bool((known := benefits.installed().letter(row.kind)) and known.ends),
            at=row.at,
            by=row.who,
            answered_by=row.answerer or "",
            struck_at=row.struck_at,
            struck_by=row.striker or "",
        )
        for row in rows
    ]


def _may_be_extended(row: BenefitsLetter) -> bool:
    known = benefits.installed().letter(row.kind)
    return bool(known and known.more_days and row.expires_on and row.extended_to is None and row.struck_at is None)


def name_of(code: str) -> str:
    """Name a kind of letter, in the viewer's language."""
    known = benefits.installed().letter(code)
    return country_words.worded(known.name) if known else code


@dataclasses.dataclass(frozen=True, slots=True)
class ClockShown:
    """A deadline that a law sets an office about these letters."""

    holder: str
    duty: str
    limit: str
    citation: str
    evidence: str


def clocks() -> Sequence[ClockShown]:
    """List the deadlines of the mandate table that a letter starts or ends with, and whom each binds."""
    content, codes = tables.shown(), []
    for letter in benefits.installed().letters:
        codes += [code for code in (*letter.clocks, *letter.until_end) if code not in codes]
    known = (content.clocks_by_id[code] for code in codes if code in content.clocks_by_id)
    return [
        ClockShown(
            content.agencies[clock.holder].name if clock.holder in content.agencies else clock.holder,
            clock.duty,
            clock.limit.words,
            clock.law.citation,
            clock.law.evidence_words,
        )
        for clock in known
    ]
