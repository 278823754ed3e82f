"""Reading the mandate table in force, and what it ruled on a case.

The promise: only a table that the database says is in force rules and says what is asked; it is parsed once per process
and recognised by its digest, which every call compares.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence

from django.db.models import F, Max, OuterRef, Q, Subquery
from django.utils import timezone

from nowrongdoor.bulk import writing
from nowrongdoor.cases.models import Case, CaseFacts
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import asking, barring, decide, explain, facts, prove, rules, table
from nowrongdoor.core.mandates import changes as changes_of
from nowrongdoor.mandates import models

# The facts by which a person says who is telling, or what the person concerned wants.
TELLER = frozenset({"source", "wishes"})


class CannotDecide(LookupError):
    """No case can be decided now, and nothing is lost by it: signals are kept and wait. The message says what an
    administrator does."""


class NothingInForce(CannotDecide):
    """No mandate table is in force, so nobody can be asked."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "No mandate table is in force, so nobody can be asked to lead. Signals are saved "
                "and wait. An administrator puts a proved table in force: `nwd table list`, then "
                "`nwd table force`."
            )
        )


class ProvedOnOtherFacts(CannotDecide):
    """The table in force cannot be read as it was proved: its facts are others than it was proved on, or this version
    does not understand its files."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The mandate table in force was proved for other questions and answers than this "
                "version reads in it, so it decides nothing. Signals are saved and wait. An "
                "administrator puts a proved table in force: `nwd table list`, then `nwd table "
                "force`."
            )
        )


@dataclasses.dataclass(frozen=True, eq=False)
class Ruled:
    """What the table says about some facts on a day, with the text and digest under which it is kept. `as_told`: the
    facts as they were told, whichever table asked; `known`: as this one reads them; `conflicts`: what of them cannot
    all be true, so that the facts concerned counted as unknown; `held_back`: the rules that would ask or tell somebody
    who enforces, which ask and tell nobody while nobody has said who is telling."""

    decision: decide.Decision
    as_told: Mapping[str, str]
    known: Mapping[str, str]
    conflicts: Sequence[facts.Impossible]
    urgency: str
    text: str
    digest: bytes
    held_back: Collection[str]
    agencies: Mapping[str, rules.Agency]

    def gate_against(self, *, desk: str, kind: str) -> rules.Gate | None:
        """Return the first gate that keeps the case from an agency when no rule names it, or None. What kind of body a
        desk is, the table says; `kind` is for an agency that the table does not name."""
        known = self.agencies.get(desk)
        return barring.gate_against_kind(known.kind if known else rules.Kind(kind), self.decision.gates)


def backstops_of(content: table.Table) -> set[str]:
    """List the desks at the end of a table's chains; whoever has a case already and keeps it is no desk."""
    return {each.agency for each in content.rules if each.role is rules.Role.BACKSTOP} - {decide.RECEIVER}


class Book:
    """A mandate table that rules, and remembers what it ruled."""

    def __init__(self, table_id: uuid.UUID, content: table.Table) -> None:
        self.table_id = table_id
        self.content = content
        self._decider = decide.Decider(content)
        self._ruled: dict[tuple[tuple[int, ...], datetime.date], Ruled] = {}
        self._enforcing = frozenset(
            rule.id
            for rule in content.rules
            if barring.enforcing(rule, agencies=content.agencies, clocks=content.clocks_by_id)
        )

    @property
    def backstops(self) -> set[str]:
        """List the desks that answer where nobody else does."""
        return backstops_of(self.content)

    def rule(self, given: Mapping[str, str], *, at: datetime.datetime) -> Ruled:
        """Rule on facts as they were told (codes by name; absent is unknown). Answers to an older table are read as
        this one asks; what cannot all be true counts as unknown."""
        on = timezone.localdate(at)
        try:
            reading = facts.Reading(facts.parse(given, self.content.vocabulary), ())
        except facts.FactsError:  # rare, so it is not looked at first
            reading = facts.read(given, self.content.vocabulary)
        key = (reading.facts.choices, on)
        ruled = self._ruled.get(key)
        if ruled is None:
            if len(self._ruled) > 100_000:
                self._ruled.clear()
            ruled = self._ruled[key] = self._rule(reading.facts, on)
        if reading.read_as:
            answers = {name: code for name, code in given.items() if code != facts.UNKNOWN}
            return dataclasses.replace(ruled, as_told=answers)
        return ruled

    def next_question(self, given: Mapping[str, str], *, at: datetime.datetime) -> asking.Question | None:
        """Return the question whose answer could change who is asked to lead, or None."""
        reading = facts.read(given, self.content.vocabulary)
        return asking.next_question(self._decider, reading.facts, timezone.localdate(at))

    def _rule(self, parsed: facts.Facts, on: datetime.date) -> Ruled:
        settled, conflicts = parsed.settled, parsed.conflicts
        decision = self._decider.decide(settled, on)
        ruling = explain.as_json(decision)
        if conflicts:
            ruling["conflicts"] = [explain.conflict(each) for each in conflicts]
        text, known = writing.as_text(ruling), parsed.known()
        return Ruled(
            decision=decision,
            as_told=known,
            known=known,
            conflicts=conflicts,
            urgency=settled["urgency"],
            text=text,
            digest=hashlib.sha256(text.encode()).digest(),
            held_back=self._enforcing if is_teller_unknown(known, self.content.vocabulary) else (),
            agencies=self.content.agencies,
        )


def is_teller_unknown(known: Mapping[str, str], asked: facts.Vocabulary) -> bool:
    """Return whether nobody has said yet who is telling, nor what the person wants, and nobody is in danger: then
    somebody is asked that first. A table that asks neither has no such case."""
    return set(asked.names) >= TELLER and not TELLER & set(known) and known.get("urgency") != "immediate_danger"


def in_force() -> Book:
    """Open the table in force, in one small query. NothingInForce; ProvedOnOtherFacts, because what was shown of some
    facts says nothing about others: one more answer to a question may leave a case without a lead."""
    row = models.MandateTable.objects.filter(in_force=True).values_list("id", "digest", "facts_digest").first()
    if row is None:
        raise NothingInForce
    return read_book(*row)


def deciding() -> Book | None:
    """Open the table in force; None where none can decide."""
    try:
        return in_force()
    except CannotDecide:
        return None


def shown(book: Book | None = None) -> table.Table:
    """Return the table whose questions are asked and whose words are shown: the one in force, and the shipped one where
    none can decide, because signals are taken all the same. `book`: the one in force, where somebody opened it already.
    """
    book = book or deciding()
    return book.content if book else table.shipped()


def asked() -> facts.Vocabulary:
    """Return the facts that are asked about now."""
    return shown().vocabulary


def danger_notices(content: table.Table) -> Sequence[str]:
    """List the rules that tell somebody only because a person is in immediate danger, in the order of the table. Where
    none can decide, ask it of the shipped one (`shown`): whoever waits for a table must still see whom to call."""
    notices = (rule for rule in content.rules if rule.role is rules.Role.NOTIFY)
    return [rule.id for rule in notices if barring.is_only_in_danger(rule)]


def trouble() -> str:
    """Say in a sentence why no case can be decided now, and what to do; nothing where one can."""
    try:
        in_force()
    except CannotDecide as error:
        return str(error)
    return ""


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """A table that is not in force, and what it would change of the one that is."""

    content: table.Table
    changes: Sequence[changes_of.Change]

    @property
    def summary(self) -> str:
        """Count the changes, in a line."""
        return changes_of.counted(self.changes)

    @property
    def by_kind(self) -> Sequence[tuple[str, Sequence[changes_of.Change]]]:
        """List the changes under the heading of each kind that has any."""
        headed = [(kind.value, [each for each in self.changes if each.kind is kind]) for kind in changes_of.Kind]
        return [(heading, chosen) for heading, chosen in headed if chosen]


def waiting_shipped() -> Waiting | None:
    """Return the table that this version ships with what it would change, or None where it is the one in force. Without
    a table in force that can decide, there is nothing to compare it with."""
    shipped = table.shipped()
    try:
        return waiting(shipped)
    except CannotDecide:
        return Waiting(shipped, ())


def waiting(content: table.Table) -> Waiting | None:
    """Return a table with what it would change, or None where it is the one in force. CannotDecide."""
    now = in_force().content
    return None if now.digest == content.digest else Waiting(content, changes_of.between(now, content))


def country() -> str:
    """Return the code of the country that this installation is for, empty while it is being made."""
    return models.Country.objects.values_list("code", flat=True).first() or ""


def proved_book(kept: models.MandateTable) -> Book:
    """Read a kept table as it would rule, proved again where this release reads it otherwise than it was proved.
    prove.NotProved, table.TableError."""
    content = table.read(files_of(kept))
    if (content.digest, content.vocabulary.digest) != (kept.proved_digest, kept.facts_digest):
        prove.require(content)
    return Book(kept.id, content)


def is_any_in_force() -> bool:
    """Return whether any table rules."""
    return models.MandateTable.objects.filter(in_force=True).exists()


def ruled_of(case_id: uuid.UUID) -> Ruled:
    """Rule again as the latest decision on a case was made: same table, same day, and the facts that it was made on, so
    that what was proved then still holds. ProvedOnOtherFacts when the table can no longer be read."""
    latest = (
        models.Decision.objects.filter(case_id=case_id)
        .select_related("ruling__table")
        .defer("ruling__table__files", "ruling__table__facts", "ruling__table__proof")
        .order_by("-at", "-id")[0]
    )
    given = CaseFacts.objects.values_list("facts", flat=True).get(case_id=case_id, version=latest.facts_version)
    kept = latest.ruling.table
    return read_book(kept.id, kept.digest, kept.facts_digest).rule(given, at=latest.at)


def after_last(case_id: uuid.UUID, at: datetime.datetime) -> datetime.datetime:
    """Return an instant that no decision on a case comes after, even when the clock was set back."""
    last = models.Decision.objects.filter(case_id=case_id).aggregate(at=Max("at"))["at"]
    return max(at, last + datetime.timedelta(microseconds=1)) if last else at


def decided_otherwise(table_id: uuid.UUID, *, limit: int) -> Sequence[uuid.UUID]:
    """List open cases, oldest first, whose latest decision was made by another table than this one, or on earlier facts
    than they have now."""
    latest = models.Decision.objects.filter(case=OuterRef("id")).order_by("-at", "-id")
    rows = Case.objects.filter(closed_at=None).annotate(
        table=Subquery(latest.values("ruling__table")[:1]), decided_on=Subquery(latest.values("facts_version")[:1])
    )
    chosen = rows.filter(~Q(table=table_id) | Q(decided_on__lt=F("facts_version")))
    return list(chosen.order_by("opened_at", "id").values_list("id", flat=True)[:limit])


def tables() -> Sequence[models.MandateTable]:
    """List the tables, the one in force first, then the newest."""
    return list(models.MandateTable.objects.defer("files", "facts").order_by("-in_force", "-added_at", "id"))


def files_of(kept: models.MandateTable) -> dict[str, str]:
    """Return the files of a kept table, those of its facts among them."""
    return {**kept.files, **kept.facts["files"]}


@functools.lru_cache(maxsize=8)
def read_book(table_id: uuid.UUID, digest: str, facts_digest: str) -> Book:
    """Read a kept table, once in a process, under the digest by which it is kept. Where the shipped table asks about
    the same facts, its words are shown: they are newer, and no proof rests on them. ProvedOnOtherFacts."""
    shipped = table.shipped()
    if (shipped.digest, shipped.vocabulary.digest) == (digest, facts_digest):
        return Book(table_id, shipped)
    try:
        content = table.read(files_of(models.MandateTable.objects.get(id=table_id)))
    except table.TableError:
        raise ProvedOnOtherFacts from None
    if content.vocabulary.digest != facts_digest:
        raise ProvedOnOtherFacts
    if facts_digest == shipped.vocabulary.digest:
        own = content.vocabulary  # what is impossible and how older answers are read, the proof rests on
        words = dataclasses.replace(shipped.vocabulary, impossible=own.impossible, read_as=own.read_as)
        content = dataclasses.replace(content, vocabulary=words)
    return Book(table_id, dataclasses.replace(content, digest=digest))
