"""What may be told of a case or of a signal, to whom, why, and what to say aloud about it: read from what the mandate
table in force decides on its facts, and from nothing else.

The promise: the page says "must", "may", or "may not" of each kind of recipient before anything is written, and a
report to somebody who may not be told is refused by the same answer.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Mapping, Sequence

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Case, CaseSignal
from nowrongdoor.core import country_words, places, protocols, reference
from nowrongdoor.core.language import pgettext
from nowrongdoor.core.mandates import explain, table
from nowrongdoor.core.protocols import Immigration, Verdict
from nowrongdoor.mailbox import desk
from nowrongdoor.mandates import queries as tables
from nowrongdoor.protocols import library
from nowrongdoor.signals import reaching
from nowrongdoor.signals.models import Signal

TOLD_BY = "source"  # the fact by which somebody says who is telling
ONLOOKER = "bystander"


class NotThere(LookupError):
    """There is no such case or signal, or it isn't the viewer's to report: the answer is the same."""


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about: a case that the agency takes part in, or a signal that it received and that no case holds
    yet. `since`: when the agency first heard of it, from which the minutes count."""

    case_id: uuid.UUID | None
    signal_id: uuid.UUID | None
    reference: str
    facts: Mapping[str, str]
    place: places.Place
    since: datetime.datetime
    is_withdrawn: bool
    own_signals: Sequence[uuid.UUID]  # that the viewer's agency received

    @property
    def key_id(self) -> uuid.UUID:
        """Return whose key seals what is written about it."""
        key_id = self.case_id or self.signal_id
        assert key_id is not None  # one of them is
        return key_id

    @property
    def is_in_danger(self) -> bool:
        """Return whether somebody is in danger now, as the facts say."""
        return self.facts.get("urgency") == "immediate_danger"

    @property
    def is_case(self) -> bool:
        """Return whether it is a case."""
        return self.case_id is not None


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """A kind of recipient, whether it is told, what is said aloud about it, and whom the library has for it."""

    kind: protocols.Kind
    weighed: protocols.Weighed
    sentence: str
    is_first: bool
    recipients: Sequence[tuple[library.RecipientShown, protocols.Weighed]]

    @property
    def verdict_words(self) -> str:
        """Say the verdict."""
        return verdict_words(self.weighed.verdict)

    @property
    def limit_words(self) -> str:
        """Say by when, where the table sets it."""
        return explain.limit_in_words(self.weighed.limit)


@dataclasses.dataclass(frozen=True, slots=True)
class Considered:
    """All that is said before a report is written. `limits`: what restricts the words, whoever gets them; `trouble`:
    why no table can decide now; `is_unaware`: whoever speaks for the person says that they don't know of it."""

    subject: Subject
    answers: Sequence[Answer]
    limits: Sequence[protocols.Statement]
    content: table.Table
    trouble: str
    is_unaware: bool


def of_case(access: cases.Access, viewer: viewers.Viewer) -> Subject:
    """Take a case that the viewer opened, in the caller's context. NotThere."""
    if access.sight is not cases.Sight.CASE:
        raise NotThere
    case = access.case
    held = CaseSignal.objects.filter(case=case)
    own = (
        held.filter(receiver=viewer.agency_id).order_by("arrived_at", "signal_id").values_list("arrived_at", flat=True)
    )
    arrived = next((each for each in own[:1] if each is not None), None)
    since = min(arrived, case.opened_at) if arrived else case.opened_at
    is_withdrawn = _is_withdrawn(list(held.values_list("signal_id", flat=True)))
    return Subject(
        case.id,
        None,
        case.reference,
        case.facts,
        places.Place(case.state, case.district),
        since,
        is_withdrawn,
        list(held.filter(receiver=viewer.agency_id).order_by("signal_id").values_list("signal_id", flat=True)),
    )


def case_of(typed: str, viewer: viewers.Viewer) -> str:
    """Return the reference of the case that holds a signal of the viewer's agency, empty where none does. NotThere."""
    with row_security.looking(viewer):
        row = _signal(typed, viewer)
        return Case.objects.filter(signals__signal=row.id).values_list("reference", flat=True).first() or ""


def _signal(typed: str, viewer: viewers.Viewer) -> Signal:
    try:
        row = Signal.objects.filter(reference=reference.read(typed), receiver=viewer.agency_id).first()
    except reference.UnreadableReference:
        row = None
    if row is None:
        raise NotThere
    return row


def of_signal(typed: str, viewer: viewers.Viewer) -> Subject:
    """Take a signal that the viewer's agency received, in the caller's context. NotThere."""
    row = _signal(typed, viewer)
    known = Case.objects.filter(signals__signal=row.id).values_list("facts", flat=True).first()
    return Subject(
        None,
        row.id,
        row.reference,
        row.facts if known is None else known,
        places.Place(row.state, row.district),
        row.arrived_at,
        _is_withdrawn([row.id]),
        [row.id],
    )


@row_security.system()  # that it was taken back binds an agency that sees no mailbox too
def _is_withdrawn(signals: Sequence[uuid.UUID]) -> bool:
    return bool(desk.taken_back(list(signals)))


def consider(subject: Subject, *, by: viewers.Viewer, at: datetime.datetime) -> Considered:
    """Say of each kind of recipient whether it is told, and list whom the library has where the case is."""
    with row_security.looking(by):
        record.looked("report.considered", subject.key_id, by=by, at=at, case_id=subject.case_id)
        there = _there(subject, by=by, at=at)
    book = tables.deciding()
    content = tables.shown(book)
    known, answers = protocols.installed(), []
    ground = _ground(book, subject, at=at) if book else None
    for kind in known.in_order(subject.facts):
        own = [each for each in there if each.kind == kind.code]
        weighed = _weighed(kind, Immigration.NO, ground)  # the kind by itself; each recipient by what they do
        recipients = sorted(((each, _weighed(kind, each.immigration, ground)) for each in own), key=_by_risk)
        sentence = say(weighed, country_words.worded(kind.called), subject.facts)
        answers.append(Answer(kind, weighed, sentence, kind.is_first(subject.facts), recipients))
    limits = protocols.limits(ground) if ground else ()
    tellers = [reaching.of(each, by=by, at=at) for each in subject.own_signals]
    is_unaware = any(each.answers.get("proxy_knows") == "no" for each in tellers)
    return Considered(subject, answers, limits, content, "" if book else tables.trouble(), is_unaware)


def recipients(
    subject: Subject, *, by: viewers.Viewer, at: datetime.datetime
) -> list[tuple[library.RecipientShown, protocols.Weighed]]:
    """List whom the library has where the case is, each with whether it is told."""
    with row_security.looking(by):
        there = _there(subject, by=by, at=at)
    book = tables.deciding()
    ground = _ground(book, subject, at=at) if book else None
    kinds = {kind.code: kind for kind in protocols.installed().kinds}
    known = [(each, _weighed(kinds[each.kind], each.immigration, ground)) for each in there if each.kind in kinds]
    return sorted(known, key=_by_risk)


def _there(subject: Subject, *, by: viewers.Viewer, at: datetime.datetime) -> Sequence[library.RecipientShown]:
    """List whom the library has where this is: nobody, while nobody has said in which State that is."""
    return library.of_agency(by, at=at, state=subject.place.state) if subject.place.state else []


def _by_risk(weighed: tuple[library.RecipientShown, protocols.Weighed]) -> bool:
    return weighed[1].is_risky


def of_recipient(
    subject: Subject, kind_code: str, immigration: Immigration, *, at: datetime.datetime
) -> protocols.Weighed:
    """Say whether this one recipient is told, now."""
    kind = protocols.installed().kind(kind_code)
    book = tables.deciding()
    if kind is None or book is None:
        return _undecided()
    return _weighed(kind, immigration, _ground(book, subject, at=at))


def verdict_words(verdict: Verdict) -> str:
    """Say a verdict in a word or two."""
    return {
        Verdict.MUST: pgettext("whether a recipient is told", "Must tell"),
        Verdict.MAY: pgettext("whether a recipient is told", "May tell"),
        Verdict.MAY_NOT: pgettext("whether a recipient is told", "May not tell"),
    }[verdict]


def say(weighed: protocols.Weighed, who: str, facts: Mapping[str, str]) -> str:
    """Return the sentence to say aloud to whoever is telling, before anything is written."""
    if weighed.verdict is Verdict.MUST:
        sentence = pgettext(
            "said aloud to a caller",
            "The law requires that %(who)s be told. I’ll read you what it says before it’s sent.",
        )
    elif weighed.verdict is Verdict.MAY_NOT:
        sentence = pgettext(
            "said aloud to a caller",
            "I won’t tell %(who)s about this. If that changes for you, tell me, and we’ll talk first.",
        )
    elif weighed.is_danger:
        sentence = pgettext(
            "said aloud to a caller",
            "Someone may be in danger now, so I can ask %(who)s to stop it. I won’t say who you are unless you agree.",
        )
    elif facts.get(TOLD_BY) == ONLOOKER:
        sentence = pgettext(
            "said aloud to a caller",
            "Thank you for telling us. With your okay, I’ll pass this to %(who)s. We can’t tell you what comes of it.",
        )
    else:
        sentence = pgettext(
            "said aloud to a caller",
            "If you want, I can report this to %(who)s. You decide, and I’ll read you what I wrote first.",
        )
    return sentence % {"who": who}


def _weighed(kind: protocols.Kind, immigration: Immigration, ground: protocols.Ground | None) -> protocols.Weighed:
    if ground is None:
        return _undecided()
    return protocols.weigh(kind, immigration, ground, protocols.installed().enforces)


def _undecided() -> protocols.Weighed:
    words = pgettext(
        "why a report may not be made", "No mandate table can decide now, so nobody is told. Ask an administrator."
    )
    return protocols.Weighed(Verdict.MAY_NOT, protocols.Statement(words, "", "policy"))


def _ground(book: tables.Book, subject: Subject, *, at: datetime.datetime) -> protocols.Ground:
    ruled = book.rule(subject.facts, at=at)
    return protocols.Ground(ruled.decision, book.content, ruled.held_back, subject.is_withdrawn)
