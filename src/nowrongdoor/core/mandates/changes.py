"""What another table would change: which questions, rules, deadlines, gates and agencies are new, gone or otherwise.

An administrator asks this before a newer table is put in force. The promise: two tables with equal digests differ in
nothing that is listed here, and two with others differ in something.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping, Sequence

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import facts, rules, table

Part = rules.Rule | rules.Clock | rules.Gate | rules.Agency | rules.LeftOut | facts.Impossible | facts.ReadAs


class Kind(enum.Enum):
    """Which part of a table changes; the value is how a list of them is headed."""

    TABLE = gettext_lazy("The table itself")
    QUESTION = gettext_lazy("Questions")
    IMPOSSIBLE = gettext_lazy("What cannot be true together")
    READ_AS = gettext_lazy("How answers to older tables are read")
    AGENCY = gettext_lazy("Agencies")
    RULE = gettext_lazy("Rules")
    CLOCK = gettext_lazy("Deadlines")
    GATE = gettext_lazy("Sharing restrictions")
    LEFT_OUT = gettext_lazy("Known, and deliberately no rule")


class What(enum.Enum):
    """What happens to it; the value is the word before it."""

    NEW = gettext_lazy("New")
    GONE = gettext_lazy("Gone")
    OTHER = gettext_lazy("Changed")


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """One thing that is new, gone or otherwise: its id in the table, and what it says or what of it changed."""

    kind: Kind
    what: What
    id: str
    words: str


# How a person calls the fields that are not called so already.
_WORDS = {
    "by_place": gettext_lazy("offices by place"),
    "can_decline": gettext_lazy("whether it can decline"),
    "agency": "who",
    "when": gettext_lazy("when it applies"),
    "precedence": "order",
    "ends_chain": gettext_lazy("whether anybody is asked after it"),
    "required_by_law": gettext_lazy("whether a law commands it"),
    "clocks": "deadlines",
    "holder": gettext_lazy("who owes it"),
    "told": gettext_lazy("who is told"),
    "limit": gettext_lazy("how long"),
    "lets_through": gettext_lazy("who is told all the same"),
    "passes": gettext_lazy("which notices pass"),
    "means": gettext_lazy("what it is read as"),
}


def between(before: table.Table, after: table.Table) -> tuple[Change, ...]:
    """List what changes from one table to another, in the order of `Kind` and of the tables."""
    return (
        *_of_table(before, after),
        *_of_questions(before.vocabulary, after.vocabulary),
        *_of_parts(Kind.IMPOSSIBLE, _impossible(before), _impossible(after)),
        *_of_parts(Kind.READ_AS, _read_as(before), _read_as(after)),
        *_of_parts(Kind.AGENCY, before.agencies, after.agencies),
        *_of_parts(Kind.RULE, _by_id(before.rules), _by_id(after.rules)),
        *_of_parts(Kind.CLOCK, before.clocks_by_id, after.clocks_by_id),
        *_of_parts(Kind.GATE, _by_id(before.gates), _by_id(after.gates)),
        *_of_parts(
            Kind.LEFT_OUT,
            _numbered(before.left_out),
            _numbered(after.left_out),
        ),
    )


def counted(changes: Sequence[Change]) -> str:
    """Say how many of each kind there are, in one line: "Rules: 3 new, 1 changed. Agencies: 1 new." """
    parts = []
    for kind in Kind:
        of_kind = [each.what for each in changes if each.kind is kind]
        counts = [f"{of_kind.count(what)} {what.value.lower()}" for what in What if what in of_kind]
        if counts:
            parts.append(f"{kind.value}: {', '.join(counts)}.")
    return " ".join(parts)


def _of_table(before: table.Table, after: table.Table) -> Iterator[Change]:
    for name in ("name", "version", "covers_from", "covers_to"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change(Kind.TABLE, What.OTHER, name.replace("_", " "), f"{old or 'open'} → {new or 'open'}")


def _of_questions(before: facts.Vocabulary, after: facts.Vocabulary) -> Iterator[Change]:
    for name in after.names:
        asked = after.attribute(name)
        if name not in before.positions:
            yield Change(Kind.QUESTION, What.NEW, name, asked.question)
            continue
        old, new = before.attribute(name).codes, asked.codes
        if old != new:
            added = [asked.words(code) for code in new if code not in old]
            dropped = [before.attribute(name).words(code) for code in old if code not in new]
            differences = [(_("new answer: %(words)s") % {"words": words}) for words in added] + [
                (_("no longer an answer: %(words)s") % {"words": words}) for words in dropped
            ]
            yield Change(Kind.QUESTION, What.OTHER, name, "; ".join(differences) or _("order of the answers"))
    for name in before.names:
        if name not in after.positions:
            yield Change(Kind.QUESTION, What.GONE, name, before.attribute(name).question)
    kept_before = [name for name in before.names if name in after.positions]
    kept_after = [name for name in after.names if name in before.positions]
    if kept_before != kept_after:
        yield Change(Kind.QUESTION, What.OTHER, "order", _("the questions come in another order"))


def _of_parts(kind: Kind, before: Mapping[str, Part], after: Mapping[str, Part]) -> Iterator[Change]:
    for key, new in after.items():
        old = before.get(key)
        if old is None:
            yield Change(kind, What.NEW, key, _says(new))
        elif old != new:
            yield Change(kind, What.OTHER, key, ", ".join(_fields(old, new)))
    for key, gone in before.items():
        if key not in after:
            yield Change(kind, What.GONE, key, _says(gone))
    is_in_order = kind is not Kind.AGENCY  # these have no order that means anything
    if is_in_order and [key for key in before if key in after] != [key for key in after if key in before]:
        yield Change(kind, What.OTHER, "order", _("they come in another order"))


def _fields(old: Part, new: Part) -> Iterator[str]:
    for field in dataclasses.fields(new):
        if getattr(old, field.name) != getattr(new, field.name):
            yield _WORDS.get(field.name, field.name.replace("_", " "))


def _says(part: Part) -> str:
    """Return what a part of a table says, in its own words."""
    match part:
        case rules.Rule():
            return f"{part.agency}, {part.role.value}: {part.why}"
        case rules.Clock():
            return f"{part.holder}, {part.limit.words}: {part.duty}"
        case rules.Gate():
            return part.effect
        case rules.Agency():
            return part.name
        case rules.LeftOut():
            return part.reason
        case facts.Impossible():
            return part.sentence
        case facts.ReadAs():
            return f"read as {_answers(part.means) or 'nothing'}"


def _numbered(parts: Sequence[rules.LeftOut]) -> Mapping[str, Part]:
    """Map what is left out by its source; a source that is there again has its number."""
    named: dict[str, Part] = {}
    for each in parts:
        again = sum(1 for key in named if key == each.source or key.startswith(f"{each.source}, again "))
        named[f"{each.source}, again {again}" if again else each.source] = each
    return named


def _impossible(content: table.Table) -> Mapping[str, Part]:
    """Map what is impossible by its id; how it is worded is no change of the table."""
    return {each.id: each for each in content.vocabulary.impossible}


def _read_as(content: table.Table) -> Mapping[str, Part]:
    return {_answers(each.was): each for each in content.vocabulary.read_as}


def _answers(given: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name}: {code}" for name, code in given)


def _by_id(parts: Sequence[rules.Rule] | Sequence[rules.Gate]) -> Mapping[str, Part]:
    return {each.id: each for each in parts}
