"""The entries of a table's files, each by itself: where it stands, which keys it has, and what their values are.

The promise: every key is one that `keys` lists for its section, and every value is what that key asks for. One fault
hides no other: each entry and each key is looked at whatever is wrong with the one before.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.mandates import characters, keys, layout

Entry = dict[str, object]
Files = Mapping[str, layout.File]
# What older tables wrote, and what is written instead.
FORMERLY = {
    "bars": gettext_lazy(
        "Tables up to 2026.1 wrote it; write 'lets_through' with the kinds that are told all the same."
    ),
}
_CALLED = {
    "agency": gettext_lazy("an agency"),
    "impossible": gettext_lazy("an impossible combination"),
    "left_out": gettext_lazy("a source left out"),
    "read_as": gettext_lazy("a way to read older facts"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, or may surprise: the file, the line, the entry, and what to write instead."""

    file: str
    line: int
    entry: str
    sentence: str

    @property
    def words(self) -> str:
        """Read 'leads.toml, line 12, rule lead-child: ...'."""
        entry = f", {self.entry}" if self.entry else ""
        return f"{self.file}, line {self.line}{entry}: {self.sentence}"

    def as_json(self) -> dict[str, object]:
        """Return the problem as JSON values."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, slots=True)
class Statement:
    """One entry of a file, with where it stands."""

    file: str
    source: layout.File
    kind: str
    number: int
    entry: Entry

    @property
    def label(self) -> str:
        """Name the entry as a person finds it: by its id, code or name, else by its number."""
        for key in ("id", "code", "name", "source"):
            if isinstance(self.entry.get(key), str) and self.entry[key]:
                return f"{self.kind} {self.entry[key]}"
        return f"{self.kind} number {self.number + 1}"

    def problem(self, sentence: str, *path: str) -> Problem:
        """Tell a problem at the line of one of its keys."""
        return Problem(self.file, self.source.line(self.kind, self.number, *path), self.label, sentence)

    def text(self, key: str) -> str:
        """Return a text, or nothing where there is none."""
        value = self.entry.get(key)
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> Sequence[str]:
        """Return the texts of a list, as far as they are some."""
        value = self.entry.get(key)
        return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []

    def day(self, key: str) -> datetime.date | None:
        """Return a day, or None where there is no fit one."""
        return keys.fit_day(self.entry.get(key))

    def meets(self, other: Statement) -> bool:
        """Return whether both are in force on some day."""
        return not _is_before(self.day("valid_to"), other.day("valid_from")) and not _is_before(
            other.day("valid_to"), self.day("valid_from")
        )


def statements_of(name: str, file: layout.File) -> Iterator[Statement]:
    """List the entries of a file."""
    for kind in keys.SHAPES[name].entries:
        entries = file.content.get(kind)
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(entry, dict):
                yield Statement(name, file, kind, number, entry)


def shapes(files: Files) -> Iterator[Problem]:
    """Tell of keys at the top of a file and of sections that do not belong there."""
    for name, file in files.items():
        shape = keys.SHAPES.get(name)
        if shape is None:
            continue
        allowed = (*shape.top, *shape.entries)
        for key, value in file.content.items():
            line = file.line(key) if (key,) in file.lines else file.line(key, 0)
            if key in shape.entries:
                if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
                    yield Problem(
                        name,
                        line,
                        "",
                        _("write the header [[%(key)s]], with two brackets, above each entry.") % {"key": key},
                    )
            elif key not in shape.top:
                yield Problem(
                    name, line, "", _no_such(key, _("%(name)s has no") % {"name": name}, allowed, shape.entries)
                )
            elif problem := shape.top[key].check(value):
                yield Problem(name, line, "", f"'{key}' {problem}.")
        if file.content or name == "table.toml":
            for key, rule in shape.top.items():
                if rule.is_needed and key not in file.content and not file.without:
                    yield Problem(name, 1, "", _("'%(key)s' is missing. %(how)s") % {"key": key, "how": _how(rule)})


def called(kind: str) -> str:
    """Return what a kind of entry is called, with its article."""
    return _CALLED.get(kind, f"a {kind}")


def _no_such(key: str, who_has_no: str, allowed: Collection[str], headers: Collection[str] = ()) -> str:
    if key in FORMERLY:
        return f"{who_has_no} '{key}'. {FORMERLY[key]}"
    near = keys.near(key, allowed)
    shown = ", ".join(f"[[{each}]]" if each in headers else each for each in allowed)
    return f"{who_has_no} '{key}'.{near} It may have {shown or 'no keys at all'}."


def _how(rule: keys.Key) -> str:
    wrong = rule.check(None)
    return f"{wrong.partition(': ')[2].capitalize()}." if ": " in wrong else _("Write it.")


def keys_of(each: Statement) -> Iterator[Problem]:
    """Tell of keys that an entry may not have, must have, or has with a value of another kind."""
    shape = keys.SHAPES[each.file].entries[each.kind]
    a = called(each.kind)
    for key, value in each.entry.items():
        if key not in shape:
            yield each.problem(_no_such(key, _("%(a)s has no") % {"a": a}, shape), key)
        elif problem := shape[key].check(value):
            yield each.problem(f"'{key}' {problem}.", key)
    for key, rule in shape.items():
        if rule.is_needed and key not in each.entry and each.source.is_whole(each.kind, each.number):
            how = _("Write when = {} for a statement that always holds.") if key == "when" else _how(rule)
            yield each.problem(_("'%(key)s' is missing. %(how)s") % {"key": key, "how": how})


def alike(given: Sequence[Statement], key: str, *, are_dated: bool = False) -> Iterator[Problem]:
    """Tell of two entries with the same id, or with ids that look the same. `are_dated`: entries with the same one are
    fine as long as they are in force on different days."""
    seen: dict[str, list[Statement]] = {}
    for each in given:
        code = each.text(key)
        if not code:
            continue
        others = seen.setdefault(characters.looks(code), [])
        for other in others:
            line = f"{other.file}, line {other.source.line(other.kind, other.number)}"
            if other.text(key) == code and are_dated and not each.meets(other):
                continue
            if other.text(key) == code:
                at_once = _(" with the same days") if are_dated else ""
                yield each.problem(
                    _("there is %(called)s '%(code)s' already%(at_once)s (%(line)s). Change one of them.")
                    % {"called": called(other.kind), "code": code, "at_once": at_once, "line": line},
                    key,
                )
            else:
                yield each.problem(
                    _("'%(code)s' looks like '%(text)s' (%(line)s). Change one of them.")
                    % {"code": code, "text": other.text(key), "line": line},
                    key,
                )
            break
        others.append(each)


def _is_before(ends: datetime.date | None, starts: datetime.date | None) -> bool:
    return ends is not None and starts is not None and ends < starts
