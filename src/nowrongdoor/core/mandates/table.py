"""A mandate table: dated, cited rules read from a folder of plain files.

The files are the table: table.toml (its name and the days it covers), facts.toml (what it asks about a case),
agencies.toml, leads.toml, supports.toml, notices.toml, clocks.toml, gates.toml and left_out.toml; words/en.toml says
how people read the facts, and read_as.toml, where there is one, how answers to older tables are read. What is read is
frozen, and `digest` names exactly this content, the words of the facts
aside, so that a proof can say what it proved. A file that cannot be read is refused with the file, the entry and what
to write instead.

`read` takes what a database keeps, in the spellings of every release, so that a kept table stays what it was. A table
that comes in passes `reading` first, which is strict.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from nowrongdoor import jurisdictions
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import facts, vocabulary
from nowrongdoor.core.mandates import rules as parts

RULE_FILES = ("leads.toml", "supports.toml", "notices.toml")
OTHER_FILES = ("table.toml", "agencies.toml", *RULE_FILES, "clocks.toml", "gates.toml", "left_out.toml")
FILES = (*vocabulary.FILES, *OTHER_FILES)


class TableError(ValueError):
    """The table cannot be read; each problem names the file, the entry and what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclasses.dataclass(frozen=True)
class Table:
    """All that one version of the mandate table says. `covers_to` None: until further notice."""

    name: str
    version: str
    covers_from: datetime.date
    covers_to: datetime.date | None
    vocabulary: facts.Vocabulary
    agencies: Mapping[str, parts.Agency]
    rules: tuple[parts.Rule, ...]
    clocks: tuple[parts.Clock, ...]
    gates: tuple[parts.Gate, ...]
    left_out: tuple[parts.LeftOut, ...]
    digest: str

    @functools.cached_property
    def clocks_by_id(self) -> Mapping[str, parts.Clock]:
        """Map a clock's id to the clock."""
        return {clock.id: clock for clock in self.clocks}

    @functools.cached_property
    def epochs(self) -> tuple[datetime.date, ...]:
        """List the first day of each stretch in which the same rules are in force; nothing changes
        between one and the next, so to speak about these days is to speak about every day covered."""
        days = {self.covers_from}
        spans = [each.dates for each in self.rules] + [each.dates for each in self.clocks]
        for dates in (*spans, *(each.dates for each in self.gates)):
            if dates.valid_from:
                days.add(dates.valid_from)
            if dates.valid_to:
                days.add(dates.valid_to + datetime.timedelta(days=1))
        return tuple(
            sorted(d for d in days if d >= self.covers_from and (self.covers_to is None or d <= self.covers_to))
        )


@functools.cache
def shipped() -> Table:
    """Read the table that the project ships for the country that is installed."""
    return read(shipped_files())


def shipped_files() -> dict[str, str]:
    """Return the shipped table's files, by name."""
    optional = (name for name in vocabulary.OPTIONAL_FILES if jurisdictions.has(name))
    return {name: jurisdictions.text(name) for name in (*FILES, *optional)}


def read(files: Mapping[str, str]) -> Table:
    """Read a table from the texts of its files, by name. TableError names every problem at once."""
    problems: list[str] = []
    parsed: dict[str, dict[str, object]] = {}
    for name in (*FILES, *vocabulary.OPTIONAL_FILES):
        try:
            parsed[name] = tomllib.loads(files.get(name, ""))
        except tomllib.TOMLDecodeError as error:
            problems.append(_("%(name)s: %(error)s. Mend the line that it names.") % {"name": name, "error": error})
            parsed[name] = {}
    known = vocabulary.read(parsed[vocabulary.FACTS], parsed[vocabulary.WORDS], parsed[vocabulary.READ_AS], problems)
    reader = _Reader(known, problems)
    table = Table(
        name=reader.text(parsed["table.toml"], "name", "table.toml"),
        version=reader.text(parsed["table.toml"], "version", "table.toml"),
        covers_from=reader.day(parsed["table.toml"], "covers_from", "table.toml") or datetime.date.min,
        covers_to=reader.day(parsed["table.toml"], "covers_to", "table.toml"),
        vocabulary=known,
        agencies={a.code: a for a in reader.all(parsed, "agencies.toml", "agency", reader.agency)},
        rules=tuple(rule for name in RULE_FILES for rule in reader.all(parsed, name, "rule", reader.rule)),
        clocks=tuple(reader.all(parsed, "clocks.toml", "clock", reader.clock)),
        gates=tuple(reader.all(parsed, "gates.toml", "gate", reader.gate)),
        left_out=tuple(reader.all(parsed, "left_out.toml", "left_out", reader.left_out)),
        digest="",
    )
    problems += _doubles(table)
    if problems:
        raise TableError(problems)
    return dataclasses.replace(table, digest=digest_of(table))


def digest_of(table: Table) -> str:
    """Name the content of a table: equal meaning, equal digest, whatever the layout of its files. Of its facts the
    names and codes count, what is impossible and how older answers are read, and how they are worded does not. A table
    without the last two has the digest that it had before there were any."""
    plain = dataclasses.asdict(dataclasses.replace(table, digest="", vocabulary=facts.Vocabulary(())))
    asked = table.vocabulary
    plain["vocabulary"] = asked.digest
    if asked.impossible:
        plain["impossible"] = [dataclasses.asdict(dataclasses.replace(each, sentence="")) for each in asked.impossible]
    if asked.read_as:
        plain["read_as"] = [dataclasses.asdict(each) for each in asked.read_as]
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def _doubles(table: Table) -> Iterator[str]:
    for what, ids in (
        ("rule", [rule.id for rule in table.rules]),
        ("clock", [clock.id for clock in table.clocks]),
        ("gate", [gate.id for gate in table.gates]),
    ):
        for each in sorted({each for each in ids if ids.count(each) > 1}):
            yield _("The %(what)s '%(each)s' is there twice: give one of them another id.") % {
                "what": what,
                "each": each,
            }


Entry = dict[str, object]
T = TypeVar("T")
# The kinds that a table up to 2026.1 could bar: later ones are barred by it too, and its digest stays what it was.
_LATER = frozenset({parts.Kind.STATE_AND_LOCAL, parts.Kind.IMMIGRATION_ENFORCEMENT})
_LISTED_ONCE = tuple(kind for kind in parts.Kind if kind not in _LATER and parts.May.BE_TOLD in kind.may)


class _Reader:
    """Reads entries and gathers problems instead of stopping at the first."""

    def __init__(self, known: facts.Vocabulary, problems: list[str]) -> None:
        self.known = known
        self.problems = problems

    def all(self, parsed: Mapping[str, Entry], name: str, key: str, make: Callable[[Entry, str], T]) -> Iterator[T]:
        entries = parsed[name].get(key, [])
        if not isinstance(entries, list):
            self.problems.append(_("%(name)s: write each entry under [[%(key)s]].") % {"name": name, "key": key})
            return
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, dict):
                self.problems.append(
                    _("%(name)s: write each entry under [[%(key)s]], not as a list.") % {"name": name, "key": key}
                )
                continue
            where = f"{name}, {key} {entry.get('id') or entry.get('code') or number}"
            before = len(self.problems)
            try:
                made = make(entry, where)
            except ValueError as error:
                self.problems.append(f"{where}: {error}")
                continue
            if len(self.problems) == before:
                yield made

    def agency(self, entry: Entry, where: str) -> parts.Agency:
        return parts.Agency(
            code=self.text(entry, "code", where),
            name=self.text(entry, "name", where),
            department=self.text(entry, "department", where),
            kind=parts.Kind(self.text(entry, "kind", where)),
            by_place=parts.ByPlace(entry.get("by_place", "none")),
            can_decline=bool(entry.get("can_decline", True)),
            note=str(entry.get("note", "")),
        )

    def rule(self, entry: Entry, where: str) -> parts.Rule:
        role = parts.Role(self.text(entry, "role", where))
        precedence = entry.get("precedence")
        if role in parts.IN_ORDER and not isinstance(precedence, int):
            self.problems.append(
                _("%(where)s: a %(role)s rule needs a whole number as precedence, 1 first.")
                % {"where": where, "role": role.value}
            )
        return parts.Rule(
            id=self.text(entry, "id", where),
            role=role,
            when=self.when(entry, where),
            agency=self.text(entry, "agency", where),
            law=self.law(entry, where),
            dates=self.dates(entry, where),
            why=self.text(entry, "why", where),
            precedence=precedence if isinstance(precedence, int) else None,
            ends_chain=bool(entry.get("ends_chain", False)),
            clocks=self.texts(entry, "clocks", where),
            required_by_law=bool(entry.get("required_by_law", False)),
        )

    def clock(self, entry: Entry, where: str) -> parts.Clock:
        unit = parts.Unit(self.text(entry, "unit", where))
        amount = entry.get("amount")
        if unit.has_number != isinstance(amount, int):
            self.problems.append(
                _("%(where)s: 'amount' is a whole number for %(unit)s, and absent for promptly.")
                % {"where": where, "unit": unit.value}
            )
        return parts.Clock(
            id=self.text(entry, "id", where),
            when=self.when(entry, where),
            holder=self.text(entry, "holder", where),
            told=str(entry.get("told", "")),
            duty=self.text(entry, "duty", where),
            starts=parts.Starts(self.text(entry, "starts", where)),
            event=str(entry.get("event", "")),
            limit=parts.Limit(unit, amount if isinstance(amount, int) else None),
            basis=parts.Evidence(self.text(entry, "basis", where)),
            law=self.law(entry, where),
            dates=self.dates(entry, where),
        )

    def gate(self, entry: Entry, where: str) -> parts.Gate:
        return parts.Gate(
            id=self.text(entry, "id", where),
            when=self.when(entry, where),
            effect=self.text(entry, "effect", where),
            lets_through=self.let_through(entry, where),
            passes=self.texts(entry, "passes", where),
            law=self.law(entry, where),
            dates=self.dates(entry, where),
        )

    def let_through(self, entry: Entry, where: str) -> tuple[parts.Kind, ...] | None:
        """Read whom a gate lets through. Tables up to 2026.1 list whom it bars instead, and let all others through."""
        if "lets_through" in entry and "bars" in entry:
            self.problems.append(_("%(where)s: write 'lets_through' and leave out 'bars'.") % {"where": where})
        if "lets_through" in entry:
            return tuple(parts.Kind(kind) for kind in self.texts(entry, "lets_through", where))
        barred = {parts.Kind(kind) for kind in self.texts(entry, "bars", where)}
        if not barred:
            return None
        return tuple(kind for kind in _LISTED_ONCE if kind not in barred)

    def left_out(self, entry: Entry, where: str) -> parts.LeftOut:
        return parts.LeftOut(self.text(entry, "source", where), self.text(entry, "reason", where))

    def law(self, entry: Entry, where: str) -> parts.Law:
        evidence = tuple(parts.Evidence(part) for part in self.text(entry, "evidence", where).split("+"))
        return parts.Law(self.text(entry, "authority", where), evidence, self.texts(entry, "sources", where))

    def dates(self, entry: Entry, where: str) -> parts.Dates:
        return parts.Dates(self.day(entry, "valid_from", where), self.day(entry, "valid_to", where))

    def when(self, entry: Entry, where: str) -> parts.When:
        given = entry.get("when", {})
        if not isinstance(given, dict):
            self.problems.append(_("%(where)s: write 'when' as { fact = [values] }.") % {"where": where})
            return ()
        conditions = []
        for name, values in given.items():
            problem = self.known.problem_with_name(name)
            if problem is None and not (isinstance(values, list) and values):
                problem = _("'%(name)s' needs a list of values.") % {"name": name}
            if problem is None:
                wrong = [self.known.problem_with_value(name, value) for value in values]
                problem = next((each for each in wrong if each), None)
            if problem:
                self.problems.append(f"{where}: {problem}")
            else:
                conditions.append((name, tuple(str(value) for value in values)))
        return tuple(conditions)

    def text(self, entry: Entry, key: str, where: str) -> str:
        value = entry.get(key)
        if not isinstance(value, str) or not value.strip():
            self.problems.append(_("%(where)s: '%(key)s' is missing; write it as text.") % {"where": where, "key": key})
            return ""
        return value

    def texts(self, entry: Entry, key: str, where: str) -> tuple[str, ...]:
        value = entry.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.problems.append(_("%(where)s: '%(key)s' is a list of texts.") % {"where": where, "key": key})
            return ()
        return tuple(value)

    def day(self, entry: Entry, key: str, where: str) -> datetime.date | None:
        value = entry.get(key)
        if value is None:
            return None
        if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
            self.problems.append(
                _("%(where)s: '%(key)s' is a day, like 2024-08-28, without quotes.") % {"where": where, "key": key}
            )
            return None
        return value
