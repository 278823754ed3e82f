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

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
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
            return _(" Did you mean '%(each)s'?") % {"each": each}
    nearest = difflib.get_close_matches(word, choices, n=1)
    return (_(" Did you mean '%(nearest)s'?") % {"nearest": nearest[0]}) if nearest else ""


def kind_of(value: object) -> str:
    """Say in words what kind of value this is."""
    match value:
        case bool():
            return _("true or false")
        case int():
            return _("a whole number")
        case float():
            return _("a number with a decimal point")
        case str():
            return "text"
        case datetime.datetime():
            return _("a day with a time")
        case datetime.date():
            return "a day"
        case datetime.time():
            return "a time"
        case list():
            return "a list"
    return _("a group of keys")


def text(longest: int = 2_000) -> Check:
    """Ask for a line of text."""

    def check(value: object) -> str:
        if not isinstance(value, str):
            return _("is %(kind_of)s: write text in quotation marks") % {"kind_of": kind_of(value)}
        if not value.strip():
            return _("is empty: write the text, or leave the key out where it may be missing")
        if value != value.strip():
            return _("begins or ends with a space: take it away")
        if any(each in value for each in "\t\r\n"):
            return _("holds a line break or a tab: write it on one line")
        if len(value) > longest:
            return _("is %(count)s characters long: at most %(longest)s fit") % {
                "count": f"{len(value):,}",
                "longest": f"{longest:,}",
            }
        if value.casefold().strip(" .") in _PLACEHOLDERS or not any(each.isalnum() for each in value):
            return _("says nothing ('%(value)s'): write the text") % {"value": value}
        return ""

    return check


def _code(pattern: re.Pattern[str], form: str) -> Check:
    def check(value: object) -> str:
        if not isinstance(value, str):
            return _("is %(kind_of)s: write text in quotation marks") % {"kind_of": kind_of(value)}
        if not value.strip():
            return _("is empty: write it")
        if not pattern.fullmatch(value):
            return _("cannot be '%(value)s': write %(form)s") % {"value": value, "form": form}
        return ""

    return check


id_ = _code(
    _ID, gettext_lazy("plain letters A to Z, digits, hyphens, dots and underscores, at most 60, like lead-child")
)
agency = _code(_AGENCY, gettext_lazy("plain capital letters, digits and underscores, at most 40, like LOCAL_POLICE"))
name = _code(_NAME, gettext_lazy("small plain letters, digits and underscores, at most 60, like under_18"))
BASES = (rules.Evidence.STATUTE.value, rules.Evidence.POLICY.value)  # who sets a limit: law, or a choice
RESERVED = frozenset({"version", "impossible", "unknown"})  # each means something else where facts are named
version = _code(_VERSION, gettext_lazy("numbers with dots between them, like 2026.1"))


def fact_name(value: object) -> str:
    """Ask for a name that a fact can have."""
    if isinstance(value, str) and value in RESERVED:
        return _("cannot be '%(value)s', which means something else: choose another name") % {"value": value}
    return name(value)


def one_of(allowed: type[enum.Enum] | Sequence[str]) -> Check:
    """Ask for one of a few words."""
    words = [str(each.value) for each in allowed] if isinstance(allowed, type) else list(allowed)

    def check(value: object) -> str:
        if not isinstance(value, str):
            return _("is %(kind_of)s: write one of %(names)s, in quotation marks") % {
                "kind_of": kind_of(value),
                "names": ", ".join(words),
            }
        return (
            ""
            if value in words
            else (
                _("cannot be '%(value)s'.%(near)s Write one of %(names)s")
                % {"value": value, "near": near(value, words), "names": ", ".join(words)}
            )
        )

    return check


def number(last: int) -> Check:
    """Ask for a whole number from 1."""

    def check(value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, int):
            return _("is %(kind_of)s: write a whole number from 1 to %(last)s, without quotation marks") % {
                "kind_of": kind_of(value),
                "last": f"{last:,}",
            }
        return (
            ""
            if 1 <= value <= last
            else (
                _("cannot be %(value)s: write a whole number from 1 to %(last)s")
                % {"value": value, "last": f"{last:,}"}
            )
        )

    return check


def yes_or_no(value: object) -> str:
    """Ask for true or false."""
    return (
        ""
        if isinstance(value, bool)
        else (_("is %(kind_of)s: write true or false, without quotation marks") % {"kind_of": kind_of(value)})
    )


def day(value: object) -> str:
    """Ask for a day that a law can mean."""
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        return _("is %(kind_of)s: write a day like 2024-08-28, without quotation marks and without a time") % {
            "kind_of": kind_of(value)
        }
    if not EARLIEST <= value <= LATEST:
        return _(
            "cannot be %(isoformat)s: leave the key out where there is no first or no last "
            "day, and else write a day from %(earliest)s to %(latest)s"
        ) % {"isoformat": value.isoformat(), "earliest": EARLIEST, "latest": LATEST}
    return ""


def fit_day(value: object) -> datetime.date | None:
    """Return a value that is a day that a law can mean, and None for any other."""
    return value if isinstance(value, datetime.date) and not day(value) else None


def evidence(value: object) -> str:
    """Ask for how well a statement is founded: one word or several, joined by +."""
    words = [each.value for each in rules.Evidence]
    if not isinstance(value, str):
        return _("is %(kind_of)s: write one or more of %(names)s, joined by +") % {
            "kind_of": kind_of(value),
            "names": ", ".join(words),
        }
    given = value.split("+")
    wrong = next((each for each in given if each not in words), None)
    if wrong is not None:
        return _("cannot be '%(value)s'.%(near)s Write one or more of %(names)s, joined by +") % {
            "value": value,
            "near": near(wrong, words),
            "names": ", ".join(words),
        }
    return _("names one word twice: write it once") if len(set(given)) < len(given) else ""


def list_of(check_one: Check, *, at_least: int = 1) -> Check:
    """Ask for a list of so many, each once."""

    def check(value: object) -> str:
        if not isinstance(value, list):
            return _('is %(kind_of)s: write a list in brackets, like ["a", "b"]') % {"kind_of": kind_of(value)}
        if len(value) < at_least:
            return _("is an empty list: write what belongs in it, or leave the key out where it may be missing")
        for each in value:
            if problem := check_one(each):
                return _("holds an entry that %(problem)s") % {"problem": problem}
        doubled = next((each for number, each in enumerate(value) if each in value[:number]), None)
        return (_("names '%(doubled)s' twice: write it once") % {"doubled": doubled}) if doubled is not None else ""

    return check


def link(value: object) -> str:
    """Ask for an address of a page."""
    is_link = isinstance(value, str) and _LINK.fullmatch(value)
    return "" if is_link else _("is no address of a page: write it like https://www.example.org/law")


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
