"""Who is looking: the one value that every guard asks, and the roles that a person may have.

The promise: whoever looks is named with an agency and a role before any secret row is read; nobody looks as nobody.
"""

from __future__ import annotations

import dataclasses
import enum
import uuid
from collections.abc import Mapping

from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.parts import Part


class Role(enum.Enum):
    """What a person does in an agency; its record says the rest."""

    ADVOCATE = gettext_lazy("advocate")
    COORDINATOR = gettext_lazy("coordinator")
    INVESTIGATOR = gettext_lazy("investigator")
    VICTIM_SPECIALIST = "victim_specialist"
    PROVIDER = gettext_lazy("provider")
    ANALYST = gettext_lazy("analyst")
    OUTREACH = gettext_lazy("outreach")
    GRANTS = gettext_lazy("grants")
    INSPECTOR = gettext_lazy("inspector")
    ADMINISTRATOR = gettext_lazy("administrator")
    MACHINE = gettext_lazy("machine")  # another system that hands in signals with a token

    @property
    def record(self) -> Record:
        """Return all that is said of the role."""
        return RECORDS[self]

    @property
    def sentence(self) -> str:
        """Say in one sentence what the role may do."""
        return self.record.sentence

    @property
    def words(self) -> str:
        """Name the role for a page."""
        return self.record.words

    @property
    def sees_cases(self) -> bool:
        """Return whether the role opens the cases that its agency takes part in. Whoever does signs in with two
        factors."""
        return self.record.sees_cases

    @property
    def needs_two_factors(self) -> bool:
        """Return whether the role signs in with a second factor, without exception."""
        return self.sees_cases or self.record.two_factors


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """A page that a role finds on every page: the name of its address, and its words."""

    address: str
    words: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """All that is said of a role, in one place. `parts`: of a person whom its own agency wrote down, and of one that a
    release or a legal duty shows it. `pages`: what the top of every page links to, before what everybody finds there;
    `more`: the foot of the page."""

    words: str
    sentence: str
    first_page: str = "mandates"
    sees_cases: bool = False
    two_factors: bool = False  # though it opens no case
    parts: frozenset[Part] = frozenset()
    pages: tuple[Link, ...] = ()
    more: tuple[Link, ...] = ()

    @property
    def navigation(self) -> tuple[Link, ...]:
        """List the links at the top of every page, in order."""
        return (
            *self.pages,
            Link("what_if", gettext_lazy("Who would answer?")),
            Link("mandates", gettext_lazy("Mandates")),
        )


_CASES = (Link("cases", gettext_lazy("Cases")), Link("find_people", gettext_lazy("People")))
_EMERGENCY = Link("emergency", gettext_lazy("Open a case in an emergency"))
_REVIEW = Link("emergencies", gettext_lazy("Review emergency access"))
_NEW_SIGNAL = Link("new_signal", gettext_lazy("New signal"))
_DESKS = (Link("demands", gettext_lazy("Subpoenas and warrants")), Link("breaches", gettext_lazy("Breaches")))
_REPORTS = Link("reports", gettext_lazy("Reports to law enforcement"))
_LIBRARY = Link("protocols", gettext_lazy("Protocol library"))
_MINE = Link("my_contacts", gettext_lazy("My contacts"))
_LINE = Link("line", gettext_lazy("The line"))
_HELP = Link("find_help", gettext_lazy("Find help"))
_REFERRALS = Link("referrals", gettext_lazy("Referrals"))
_SENDERS = Link("senders", gettext_lazy("Messages from the public"))
RECORDS: Mapping[Role, Record] = {
    Role.ADVOCATE: Record(
        words=gettext_lazy("advocate"),
        sentence=gettext_lazy(
            "Records signals, stays with the person who called, and sees what became of every signal."
        ),
        first_page="new_signal",
        sees_cases=True,
        parts=frozenset(Part),
        pages=(_NEW_SIGNAL, _LINE, _HELP, _MINE, *_CASES),
        more=(_REFERRALS, _SENDERS, _REPORTS, _LIBRARY, _EMERGENCY),
    ),
    Role.COORDINATOR: Record(
        words=gettext_lazy("coordinator"),
        sentence=gettext_lazy("Answers offers, meets deadlines, and leads the agency’s cases."),
        first_page="worklist",
        sees_cases=True,
        parts=frozenset({Part.IDENTITY, Part.LOCATION}),
        pages=(Link("worklist", gettext_lazy("Worklist")), _NEW_SIGNAL, *_CASES),
        more=(
            *(_LINE, _HELP, _REFERRALS, _SENDERS, _REPORTS, _LIBRARY, _EMERGENCY, _REVIEW),
            Link("retention", gettext_lazy("Records retention")),
            *_DESKS,
        ),
    ),
    Role.INVESTIGATOR: Record(
        words=gettext_lazy("investigator"),
        sentence=gettext_lazy(
            "Works on the agency's cases and sees who the people in them are, but not immigration matters."
        ),
        first_page="cases",
        sees_cases=True,
        parts=frozenset({Part.IDENTITY, Part.LOCATION}),
        pages=_CASES,
        more=(_EMERGENCY,),
    ),
    Role.VICTIM_SPECIALIST: Record(
        words=gettext_lazy("victim specialist"),
        sentence=gettext_lazy(
            "Helps the people in the agency’s cases, keeps their releases, and sees everything they shared."
        ),
        first_page="cases",
        sees_cases=True,
        parts=frozenset(Part),
        pages=(*_CASES, _HELP),
        more=(_REFERRALS, _EMERGENCY),
    ),
    Role.PROVIDER: Record(
        words=gettext_lazy("provider"),
        sentence=gettext_lazy(
            "Answers referrals, and says how much room a service has. At an agency that works on cases: sees how to "
            "reach the people in them."
        ),
        first_page="asked",
        sees_cases=True,
        parts=frozenset({Part.LOCATION}),
        pages=(Link("asked", gettext_lazy("Referrals to you")), *_CASES),
    ),
    Role.ANALYST: Record(
        words=gettext_lazy("analyst"),
        sentence=gettext_lazy(
            "Estimates how many people there are, and sees figures and mandate tables; opens no case."
        ),
        first_page="prevalence",
        pages=(Link("prevalence", gettext_lazy("Estimates of unseen victims")),),
    ),
    Role.OUTREACH: Record(
        words=gettext_lazy("outreach"), sentence=gettext_lazy("Keeps training and campaigns; opens no case.")
    ),
    Role.GRANTS: Record(
        words=gettext_lazy("grants"), sentence=gettext_lazy("Keeps awards and their results; opens no case.")
    ),
    Role.INSPECTOR: Record(
        words=gettext_lazy("inspector"),
        sentence=gettext_lazy("Sees who looked at what and when, and reviews emergency access; opens no case."),
        first_page="trail",
        two_factors=True,
        pages=(Link("trail", gettext_lazy("Trail")),),
        more=(_REVIEW,),
    ),
    Role.ADMINISTRATOR: Record(
        words=gettext_lazy("administrator"),
        sentence=gettext_lazy("Keeps the agency's people and tokens, and puts proved tables in force; opens no case."),
        first_page="staff",
        two_factors=True,
        pages=(
            Link("administration", gettext_lazy("Administration")),
            Link("staff", gettext_lazy("Staff")),
            Link("routing", gettext_lazy("Routing")),
        ),
        more=_DESKS,
    ),
    Role.MACHINE: Record(
        words=gettext_lazy("machine"),
        sentence=gettext_lazy("Sends signals with a token, and reads only those."),
    ),
}
FICTIONAL = "(fictional)"  # ends the full name of everybody on a demonstration
ANSWERS = Role.COORDINATOR  # the role that answers offers; an agency without somebody who has it is asked in vain
SEES_CASES = frozenset(role for role in Role if role.sees_cases)


def who_sees(part: Part) -> list[Role]:
    """List the roles that see a part of a person."""
    return [role for role in Role if part in role.record.parts]


@dataclasses.dataclass(frozen=True, slots=True)
class Viewer:
    """One person (or token) of one agency; `user_id` is None for a token."""

    user_id: uuid.UUID | None
    name: str
    role: Role
    agency_id: uuid.UUID
    agency_code: str
    agency_name: str
