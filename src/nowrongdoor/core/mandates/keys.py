"""Which keys each section of a mandate table's files may have, and what each value must be.

The promise: what is not written here is refused, and so is a value of another kind, however Python would read it. A
check returns a sentence that says what to write, or nothing; where it stands is said by `reading`.
"""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import enum
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from nowrongdoor.core.mandates import characters, rules, sources

Check = Callable[[object], str]

# The table's days. A day beyond these is no day of any law, and mostly a way to say "always" or "for ever".
EARLIEST, LATEST = datetime.date(1800, 1, 1), datetime.date(2098, 12, 31)
LAST_PRECEDENCE = 99_999
# The longest limit in each unit: beyond it, a number was mistyped.
LONGEST = {"hours": 8_760, "business_days": 2_600, "days": 3_653, "weeks": 520, "years": 100}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_AGENCY = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_VERSION = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,3}")
_LINK = re.compile(r"https://[^\s/]+(/\S*)?")
_PLACEHOLDERS = frozenset(
    {"nobody", "none", "n/a", "na", "tbd", "tbc", "todo", "fixme", "unknown", "xxx", "placeholder"}
)


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """One key of a section: what its value must be, and whether it must be there."""

    check: Check
    is_needed: bool = True


Keys = Mapping[str, Key]


def near(word: str, allowed: Iterable[str]) -> str:
    """Ask whether the nearest allowed word was meant, or say nothing."""
    choices = list(allowed)
    for each in choices:
        if characters.looks(each) == characters.looks(word):
            return f" Did you mean '{each}'?"
    nearest = difflib.get_close_matches(word, choices, n=1)
    return f" Did you mean '{nearest[0]}'?" if nearest else ""


def kind_of(value: object) -> str:
    """Say in words what kind of value this is."""
    match value:
        case bool():
            return "true or false"
        case int():
            return "a whole number"
        case float():
            return "a number with a decimal point"
        case str():
            return "text"
        case datetime.datetime():
            return "a day with a time"
        case datetime.date():
            return "a day"
        case datetime.time():
            return "a time"
        case list():
            return "a list"
    return "a group of keys"


def text(longest: int = 2_000) -> Check:
    """Ask for a line of text."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            return f"is {kind_of(value)}: write text in quotation marks"
        if not value.strip():
            return "is empty: write the text, or leave the key out where it may be missing"
        if value != value.strip():
            return "begins or ends with a space: take it away"
        if any(each in value for each in "\t\r\n"):
            return "holds a line break or a tab: write it on one line"
        if len(value) > longest:
            return f"is {len(value):,} characters long: at most {longest:,} fit"
        if value.casefold().strip(" .") in _PLACEHOLDERS or not any(each.isalnum() for each in value):
            return f"says nothing ('{value}'): write the text"
        return ""

    return check


def _code(pattern: re.Pattern[str], form: str) -> Check:
    def check(value: object) -> str:
        if not isinstance(value, str):
            return f"is {kind_of(value)}: write text in quotation marks"
        if not value.strip():
            return "is empty: write it"
        if not pattern.fullmatch(value):
            return f"cannot be '{value}': write {form}"
        return ""

    return check


id_ = _code(_ID, "plain letters A to Z, digits, hyphens, dots and underscores, at most 60, like lead-child")
agency = _code(_AGENCY, "plain capital letters, digits and underscores, at most 40, like LOCAL_POLICE")
name = _code(_NAME, "small plain letters, digits and underscores, at most 60, like under_18")
BASES = (rules.Evidence.STATUTE.value, rules.Evidence.POLICY.value)  # who sets a limit: law, or a choice
RESERVED = frozenset({"version", "impossible", "unknown"})  # each means something else where facts are named
version = _code(_VERSION, "numbers with dots between them, like 2026.1")


def fact_name(value: object) -> str:
    """Ask for a name that a fact can have."""
    if isinstance(value, str) and value in RESERVED:
        return f"cannot be '{value}', which means something else: choose another name"
    return name(value)


def one_of(allowed: type[enum.Enum] | Sequence[str]) -> Check:
    """Ask for one of a few words."""
    words = [str(each.value) for each in allowed] if isinstance(allowed, type) else list(allowed)

    def check(value: object) -> str:
        if not isinstance(value, str):
            return f"is {kind_of(value)}: write one of {', '.join(words)}, in quotation marks"
        return "" if value in words else f"cannot be '{value}'.{near(value, words)} Write one of {', '.join(words)}"

    return check


def number(last: int) -> Check:
    """Ask for a whole number from 1."""

    def check(value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, int):
            return f"is {kind_of(value)}: write a whole number from 1 to {last:,}, without quotation marks"
        return "" if 1 <= value <= last else f"cannot be {value}: write a whole number from 1 to {last:,}"

    return check


def yes_or_no(value: object) -> str:
    """Ask for true or false."""
    return "" if isinstance(value, bool) else f"is {kind_of(value)}: write true or false, without quotation marks"


def day(value: object) -> str:
    """Ask for a day that a law can mean."""
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        return f"is {kind_of(value)}: write a day like 2024-08-28, without quotation marks and without a time"
    if not EARLIEST <= value <= LATEST:
        return (
            f"cannot be {value.isoformat()}: leave the key out where there is no first or no last day, and else write "
            f"a day from {EARLIEST} to {LATEST}"
        )
    return ""


def fit_day(value: object) -> datetime.date | None:
    """Return a value that is a day that a law can mean, and None for any other."""
    return value if isinstance(value, datetime.date) and not day(value) else None


def evidence(value: object) -> str:
    """Ask for how well a statement is founded: one word or several, joined by +."""
    words = [each.value for each in rules.Evidence]
    if not isinstance(value, str):
        return f"is {kind_of(value)}: write one or more of {', '.join(words)}, joined by +"
    given = value.split("+")
    wrong = next((each for each in given if each not in words), None)
    if wrong is not None:
        return f"cannot be '{value}'.{near(wrong, words)} Write one or more of {', '.join(words)}, joined by +"
    return "names one word twice: write it once" if len(set(given)) < len(given) else ""


def list_of(check_one: Check, *, at_least: int = 1) -> Check:
    """Ask for a list of so many, each once."""

    def check(value: object) -> str:
        if not isinstance(value, list):
            return f'is {kind_of(value)}: write a list in brackets, like ["a", "b"]'
        if len(value) < at_least:
            return "is an empty list: write what belongs in it, or leave the key out where it may be missing"
        for each in value:
            if problem := check_one(each):
                return f"holds an entry that {problem}"
        doubled = next((each for number, each in enumerate(value) if each in value[:number]), None)
        return f"names '{doubled}' twice: write it once" if doubled is not None else ""

    return check


def link(value: object) -> str:
    """Ask for an address of a page."""
    is_link = isinstance(value, str) and _LINK.fullmatch(value)
    return "" if is_link else "is no address of a page: write it like https://www.example.org/law"


def anything(value: object) -> str:
    """Ask for nothing: `reading` looks at it with the rest of the table."""
    return ""


_LAW = {"authority": Key(text()), "evidence": Key(evidence), "sources": Key(list_of(id_))}
_DATES = {"valid_from": Key(day, is_needed=False), "valid_to": Key(day, is_needed=False)}
_STATED = {
    "when": Key(anything),
    **_LAW,
}

TABLE: Keys = {
    "name": Key(text(200)),
    "version": Key(version),
    "covers_from": Key(day),
    "covers_to": Key(day, is_needed=False),
}
FACT: Keys = {
    "name": Key(fact_name),
    "values": Key(list_of(name)),
    "law": Key(text()),
    "evidence": Key(evidence),
}
FACTS_TOP: Keys = {"safety": Key(name), "first": Key(list_of(name))}
IMPOSSIBLE: Keys = {"id": Key(id_), **_STATED}
READ_AS: Keys = {"was": Key(anything), "is": Key(anything)}
AGENCY: Keys = {
    "code": Key(agency),
    "name": Key(text(200)),
    "department": Key(text(200)),
    "kind": Key(one_of(rules.Kind)),
    "by_place": Key(one_of(rules.ByPlace), is_needed=False),
    "can_decline": Key(yes_or_no, is_needed=False),
    "note": Key(text(), is_needed=False),
    **_DATES,
}
RULE: Keys = {
    "id": Key(id_),
    "role": Key(one_of(rules.Role)),
    "agency": Key(agency),
    "why": Key(text()),
    "precedence": Key(number(LAST_PRECEDENCE), is_needed=False),
    "ends_chain": Key(yes_or_no, is_needed=False),
    "clocks": Key(list_of(id_), is_needed=False),
    "required_by_law": Key(yes_or_no, is_needed=False),
    **_STATED,
    **_DATES,
}
# The keys that only rules of these roles have.
ONLY_OF: Mapping[str, frozenset[rules.Role]] = {
    "precedence": rules.IN_ORDER,
    "ends_chain": frozenset({rules.Role.LEAD}),
    "clocks": frozenset({rules.Role.NOTIFY}),
    "required_by_law": frozenset({rules.Role.NOTIFY}),
}
CLOCK: Keys = {
    "id": Key(id_),
    "holder": Key(text(200)),
    "told": Key(text(200), is_needed=False),
    "duty": Key(text()),
    "starts": Key(one_of(rules.Starts)),
    "event": Key(text(), is_needed=False),
    "unit": Key(one_of(rules.Unit)),
    "amount": Key(number(max(LONGEST.values())), is_needed=False),
    "basis": Key(one_of(BASES)),
    **_STATED,
    **_DATES,
}
GATE: Keys = {
    "id": Key(id_),
    "effect": Key(text()),
    "lets_through": Key(list_of(one_of(rules.Kind)), is_needed=False),
    "passes": Key(list_of(id_), is_needed=False),
    **_STATED,
    **_DATES,
}
LEFT_OUT: Keys = {"source": Key(id_), "reason": Key(text())}
SOURCE: Keys = {
    "id": Key(id_),
    "kind": Key(one_of(tuple(sources.KINDS))),
    "who": Key(text(), is_needed=False),
    "about": Key(text(), is_needed=False),
    "says": Key(text(), is_needed=False),
    "citation": Key(text(), is_needed=False),
    "evidence": Key(list_of(one_of(rules.Evidence)), is_needed=False),
    "rests_on": Key(list_of(id_), is_needed=False),
    "links": Key(list_of(link, at_least=0), is_needed=False),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """What one file holds: keys at its top, and entries under one or more headers, each with what it is called."""

    top: Keys
    entries: Mapping[str, Keys]
    roles: frozenset[rules.Role] = frozenset()


_R = rules.Role
SHAPES: Mapping[str, Shape] = {
    "table.toml": Shape(TABLE, {}),
    "facts.toml": Shape(FACTS_TOP, {"fact": FACT, "impossible": IMPOSSIBLE}),
    "read_as.toml": Shape({}, {"read_as": READ_AS}),
    "agencies.toml": Shape({}, {"agency": AGENCY}),
    "leads.toml": Shape({}, {"rule": RULE}, frozenset({_R.LEAD, _R.NEXT, _R.BACKSTOP})),
    "supports.toml": Shape({}, {"rule": RULE}, frozenset({_R.SUPPORT, _R.PROSECUTE, _R.CIVIL, _R.AID})),
    "notices.toml": Shape({}, {"rule": RULE}, frozenset({_R.NOTIFY})),
    "clocks.toml": Shape({}, {"clock": CLOCK}),
    "gates.toml": Shape({}, {"gate": GATE}),
    "left_out.toml": Shape({}, {"left_out": LEFT_OUT}),
    "sources.toml": Shape({"version": Key(version)}, {"source": SOURCE}),
}
