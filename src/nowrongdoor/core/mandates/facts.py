"""Facts: the finite, typed attributes of a case that the law asks about, each of which may be unknown.

Because every attribute has a short list of values, the space of all possible cases is finite: that is what lets
`prove` speak about every case instead of a sample. The promise kept here: a `Facts` value always names one value of
every attribute of its vocabulary (`unknown` when nobody said), and a mapping that says anything else is refused with
a sentence that tells what to write instead. What was told is never rewritten: answers to an older table are read as
this one asks, answers that cannot all be true count as unknown, and each time that is said.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from nowrongdoor.core import mistakes
from nowrongdoor.core.language import gettext
from nowrongdoor.core.mandates import rules

UNKNOWN = "unknown"
Told = Mapping[str, str]  # codes by name, of this table's questions or an older one's; absent is unknown


class FactsError(ValueError):
    """The facts cannot be read; each problem is a sentence fit to show."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))


@dataclasses.dataclass(frozen=True)
class Value:
    """One answer: its code in data, and the plain words that a person reads."""

    code: str
    words: str


@dataclasses.dataclass(frozen=True)
class Attribute:
    """One question about a case, its possible answers, and the law that asks it."""

    name: str
    question: str
    law: str
    evidence: str
    values: tuple[Value, ...]

    @functools.cached_property
    def codes(self) -> tuple[str, ...]:
        """List the codes in their declared order; the last is `unknown`."""
        return tuple(value.code for value in self.values)

    def words(self, code: str) -> str:
        """Return the plain words of a value."""
        return self.values[self.codes.index(code)].words


@dataclasses.dataclass(frozen=True)
class Impossible:
    """Answers that cannot all be true of one case: the sentence that says so, and the law it rests on."""

    id: str
    when: rules.When
    sentence: str
    law: rules.Law

    @property
    def names(self) -> tuple[str, ...]:
        """List the facts concerned."""
        return tuple(name for name, _ in self.when)


@dataclasses.dataclass(frozen=True)
class ReadAs:
    """How answers to an older table are read: those in `was`, said together, mean what `means` says. Where `means` is
    empty, this table does not ask about them any more."""

    was: tuple[tuple[str, str], ...]
    means: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """All attributes, in their order. `safety` and `first`: which of them a form asks before the others, in this order.
    `words_version`: that of the questions' and answers' words. `impossible`: which answers cannot be true together.
    `read_as`: how answers to older tables are read."""

    attributes: tuple[Attribute, ...]
    safety: str = ""
    first: tuple[str, ...] = ()
    words_version: str = ""
    impossible: tuple[Impossible, ...] = ()
    read_as: tuple[ReadAs, ...] = ()

    def __post_init__(self) -> None:
        for attribute in self.attributes:
            if attribute.codes[-1] != UNKNOWN or len(set(attribute.codes)) != len(attribute.codes):
                raise ValueError(
                    gettext("%(name)s: codes must differ and end with 'unknown'") % {"name": attribute.name}
                )

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """List the attribute names in order."""
        return tuple(attribute.name for attribute in self.attributes)

    @functools.cached_property
    def positions(self) -> Mapping[str, int]:
        """Map an attribute's name to its position."""
        return {name: position for position, name in enumerate(self.names)}

    @functools.cached_property
    def choices(self) -> tuple[Mapping[str, int], ...]:
        """Map, for each attribute, a value's code to its position."""
        return tuple({code: i for i, code in enumerate(a.codes)} for a in self.attributes)

    @functools.cached_property
    def size(self) -> int:
        """Count the points of the whole space."""
        points = 1
        for attribute in self.attributes:
            points *= len(attribute.values)
        return points

    @functools.cached_property
    def asked(self) -> list[list[str | list[str]]]:
        """List what can be answered: every attribute's name and codes, in order, and no words that a page shows. A
        proof speaks about exactly these; rewording a question changes none of them."""
        return [[attribute.name, list(attribute.codes)] for attribute in self.attributes]

    @functools.cached_property
    def digest(self) -> str:
        """Return the SHA-256 of `asked`, in the one form in which PostgreSQL writes it too."""
        return hashlib.sha256(json.dumps(self.asked, ensure_ascii=True).encode()).hexdigest()

    @functools.cached_property
    def nothing_known(self) -> Facts:
        """Be the case about which nobody said anything."""
        return Facts(tuple(len(a.values) - 1 for a in self.attributes), self)

    def asks(self, name: str, code: object) -> bool:
        """Return whether an answer is one of this table's."""
        return name in self.positions and code in self.choices[self.positions[name]]

    def attribute(self, name: str) -> Attribute:
        """Find an attribute by name; KeyError when there is none."""
        return self.attributes[self.positions[name]]

    def problem_with_name(self, name: str) -> str | None:
        """Say what is wrong with an attribute's name, or nothing."""
        if name in self.positions:
            return None
        near = difflib.get_close_matches(name, self.names, n=1)
        hint = (
            (gettext("did you mean '%(near)s'?") % {"near": near[0]})
            if near
            else gettext("`nwd table facts` lists them, and without a database `nwd mandates facts`.")
        )
        return gettext("There is no fact called '%(name)s': %(hint)s") % {"name": name, "hint": hint}

    def problem_with_value(self, name: str, value: object) -> str | None:
        """Say what is wrong with a value of a known attribute, or nothing."""
        codes = self.attribute(name).codes
        if isinstance(value, str) and value in codes:
            return None
        written = repr(value) if isinstance(value, str) else json.dumps(value, default=str)  # true, not True
        return gettext("'%(name)s' cannot be %(value)s: write one of %(names)s.") % {
            "name": name,
            "value": written,
            "names": ", ".join(codes),
        }


@dataclasses.dataclass(frozen=True, slots=True)
class Facts:
    """One value for every attribute: a point of the space. `choices` holds positions, for speed."""

    choices: tuple[int, ...]
    vocabulary: Vocabulary = dataclasses.field(repr=False, compare=False)

    def __getitem__(self, name: str) -> str:
        """Return the code chosen for an attribute."""
        position = self.vocabulary.positions[name]
        return self.vocabulary.attributes[position].codes[self.choices[position]]

    def known(self) -> dict[str, str]:
        """Map each attribute that is not unknown to its code, in the vocabulary's order."""
        return {
            attribute.name: attribute.codes[choice]
            for attribute, choice in zip(self.vocabulary.attributes, self.choices, strict=True)
            if attribute.codes[choice] != UNKNOWN
        }

    @property
    def conflicts(self) -> tuple[Impossible, ...]:
        """List what these facts say that cannot all be true."""
        return tuple(
            each for each in self.vocabulary.impossible if all(self[name] in values for name, values in each.when)
        )

    @property
    def settled(self) -> Facts:
        """Be the same case with every fact unknown that a conflict names: which of them is right, nobody knows yet."""
        doubted = {name for each in self.conflicts for name in each.names}
        return self.changed(dict.fromkeys(doubted, UNKNOWN)) if doubted else self

    def changed(self, changes: Mapping[str, str]) -> Facts:
        """Be the same case with some facts said otherwise; FactsError as in `parse`."""
        return parse({**self.known(), **changes}, self.vocabulary)


@dataclasses.dataclass(frozen=True)
class Reading:
    """What a table makes of facts that were kept: the facts in its own questions, and which older answers it read as
    what."""

    facts: Facts
    read_as: tuple[ReadAs, ...]


def parse(given: Mapping[str, object], vocabulary: Vocabulary) -> Facts:
    """Read facts by name and code; what is absent is unknown. FactsError names the first mistakes at once."""
    each = (vocabulary.problem_with_name(name) or vocabulary.problem_with_value(name, given[name]) for name in given)
    if problems := mistakes.first(filter(None, each)):
        raise FactsError(problems)
    choices = list(vocabulary.nothing_known.choices)
    for name, value in given.items():
        position = vocabulary.positions[name]
        choices[position] = vocabulary.choices[position][str(value)]
    return Facts(tuple(choices), vocabulary)


class ImpossibleFacts(FactsError):
    """The facts cannot all be true; `conflicts` says which, and each problem is the sentence of one."""

    def __init__(self, conflicts: Sequence[Impossible]) -> None:
        self.conflicts = tuple(conflicts)
        super().__init__(each.sentence for each in conflicts)


def possible(given: Facts) -> Facts:
    """Return facts that can all be true. ImpossibleFacts."""
    if given.conflicts:
        raise ImpossibleFacts(given.conflicts)
    return given


def read(given: Told, vocabulary: Vocabulary) -> Reading:
    """Read what was kept as a table asks it. An answer in its own questions means what it says, and counts before an
    older one. Of two older readings that would answer one question differently, the one that names more of what was
    told counts, then the first in the file. What no reading names and the table does not ask is read as nothing."""
    kept = {name: code for name, code in given.items() if vocabulary.asks(name, code)}
    older = {name: code for name, code in given.items() if name not in kept and code != UNKNOWN}
    if not older:
        return Reading(parse(kept, vocabulary), ())
    known = {name: code for name, code in kept.items() if code != UNKNOWN}
    readings: list[ReadAs] = []
    matching = [each for each in vocabulary.read_as if all(given.get(name) == code for name, code in each.was)]
    for each in sorted(matching, key=lambda one: -len(one.was)):
        means = tuple((name, code) for name, code in each.means if name not in known)
        if means:
            known.update(means)
            readings.append(ReadAs(each.was, means))
    used = {name for each in readings for name, _ in each.was}
    readings += [ReadAs(((name, code),)) for name, code in older.items() if name not in used]
    return Reading(parse(known, vocabulary), tuple(readings))


def read_strictly(given: Mapping[str, object], vocabulary: Vocabulary) -> Reading:
    """Read facts that somebody sends, who may still answer an older table: an answer that neither this table nor one
    of its older readings knows is a mistake. FactsError names the first mistakes at once."""
    older = {pair for each in vocabulary.read_as for pair in each.was}
    older |= {(name, UNKNOWN) for name, _ in older if name not in vocabulary.positions}
    parse({n: code for n, code in given.items() if not isinstance(code, str) or (n, code) not in older}, vocabulary)
    return read({name: str(code) for name, code in given.items()}, vocabulary)
