"""Reads the text of one of a table's files, and remembers on which line each entry and key stands.

The promise: one broken entry hides nothing. Where a file does not parse as a whole, each of its entries is read by
itself, and only those that are broken are told, in words and with their line. Python's own parser gives no lines, so
`positions` finds the headers and keys; everything else is left to the parser.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy

Path = tuple[str | int, ...]
Entry = dict[str, object]

_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PLAIN = re.compile(r"""\s*[\w-]+\s*=\s*(?:"[^"\\]*"|[\w.-]+)\s*$|\s*$|\s*#""")  # a line that opens nothing
_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_CURLY = re.compile("[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]")

# How the parser's sentences begin, and what a person is told instead.
_WORDS = (
    ("Cannot overwrite a value", gettext_lazy("a key stands twice in this entry. Keep one of them.")),
    ("Duplicate inline table key", gettext_lazy("a key stands twice between the braces { }. Keep one of them.")),
    ("Cannot declare", gettext_lazy("this section stands twice, or was begun in another form. Keep one of them.")),
    ("Cannot mutate immutable", gettext_lazy("a key or section stands twice. Keep one of them.")),
    ("Expected '=' after a key", gettext_lazy("write a key, then =, then its value.")),
    ("Invalid statement", gettext_lazy("write a key, then =, then its value.")),
    (
        "Expected newline or end of document",
        gettext_lazy("something stands after the value. Put it on a line of its own."),
    ),
    ("Unclosed array", gettext_lazy("a list has no closing bracket ].")),
    ("Unclosed inline table", gettext_lazy("a condition has no closing brace }.")),
    ("Unterminated string", gettext_lazy("a text has no closing quotation mark.")),
    ('Expected "\'"', gettext_lazy("a text has no closing quotation mark.")),
    ("Illegal character '\\n'", gettext_lazy("a text has no closing quotation mark on its line.")),
    (
        "Illegal character",
        gettext_lazy("a character stands here that no file may hold. Delete it and type the line again."),
    ),
    ("Unescaped '\\' in a string", gettext_lazy("write \\\\ for a backslash in a text.")),
    ("Invalid date or datetime", gettext_lazy("there is no such day. Write it like 2024-08-28.")),
    (
        "Expected ']",
        gettext_lazy("close the header of this section: [[rule]] with two brackets on each side, or [age] with one."),
    ),
    (
        "Invalid value",
        gettext_lazy(
            'this value cannot be read. Put text in quotation marks, like "yes"; write true or false without them.'
        ),
    ),
    ("Invalid initial character", gettext_lazy("a key is plain letters, digits, hyphens and underscores.")),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a text: its line, and what to write instead."""

    line: int
    words: str


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    """What a file says, where it says it, what could not be read, and which lines were left out for that.
    `has_lost`: an entry could not be read at all, so what names it is no fault of its own."""

    content: Entry
    lines: dict[Path, int]
    faults: tuple[Fault, ...]
    without: frozenset[int]
    has_lost: bool

    def is_whole(self, *path: str | int) -> bool:
        """Return whether every line of an entry was read, so that what is not there is missing."""
        if not self.without:
            return True
        starts, depth = self.line(*path), len(path)
        others = [line for other, line in self.lines.items() if len(other) <= depth and line > starts]
        ends = min(others, default=None)
        return not any(starts <= line and (ends is None or line < ends) for line in self.without)

    def line(self, *path: str | int) -> int:
        """Return the line of an entry or key, or of what it stands in; 1 where nothing is known."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


def read(text: str) -> File:
    """Read a text whole, or entry by entry where something in it is broken."""
    counts: dict[Path, int] = {}
    try:
        return File(tomllib.loads(text), dict(positions(text, first=1, counts=counts)), (), frozenset(), has_lost=False)
    except (ValueError, RecursionError) as whole:
        content: Entry = {}
        lines: dict[Path, int] = {}
        faults: list[Fault] = []
        has_lost = False
        for first, part in _entries(text):
            parsed, left, wrong = _rest(part, first)
            faults += wrong
            try:
                _merge(content, parsed)
            except ValueError as error:
                faults += [] if faults else [_fault(error, part, first)]  # else it is what the one before led to
                has_lost = True
            else:
                has_lost |= not parsed and bool(wrong)
                if parsed or not wrong:
                    lines |= dict(positions(left, first=first, counts=counts))
        without = frozenset(each.line for each in faults)
        return File(content, lines, tuple(faults) or (_fault(whole, text, 1),), without, has_lost)


def _rest(part: str, first: int) -> tuple[Entry, str, list[Fault]]:
    """Read an entry without the lines that cannot be read, as far as that leaves the others as they are."""
    faults: list[Fault] = []
    lines = part.split("\n")
    while True:
        try:
            return tomllib.loads("\n".join(lines)), "\n".join(lines), faults
        except (ValueError, RecursionError) as error:
            fault = _fault(error, "\n".join(lines), first)
            faults.append(fault)
            at = fault.line - first
            is_placed = "(at line" in str(error) or str(error).startswith("Exceeds")
            if not is_placed or not lines[at].strip() or lines[at].lstrip().startswith("["):
                return {}, part, faults
            lines[at] = ""


def positions(text: str, *, first: int, counts: dict[Path, int]) -> Iterator[tuple[Path, int]]:
    """Find the line of each header and key. `counts`: how many entries of each kind came before this text."""
    here: Path = ()
    quote, depth = "", 0
    for number, line in enumerate(text.split("\n"), start=first):
        if not quote and not depth:
            header, key = _HEADER.match(line), _KEY.match(line)
            if header:
                here = _entered(_path(header[2]), counts, is_one_of_many=header[1] == "[[")
                yield here, number
            elif key:
                yield (*here, *_path(key[1])), number
        quote, depth = _after(line, quote, depth)


def _entered(path: Path, counts: dict[Path, int], *, is_one_of_many: bool) -> Path:
    """Return where a header leads: the next entry of its kind, or a part of the last one."""
    reached: Path = ()
    for part in path[:-1]:
        reached = (*reached, part)
        if reached in counts:
            reached = (*reached, counts[reached] - 1)
    reached = (*reached, *path[-1:])
    if is_one_of_many:
        counts[reached] = counts.get(reached, 0) + 1
        return (*reached, counts[reached] - 1)
    return reached


def _path(key: str) -> Path:
    """Return the parts of a key, quoted or dotted."""
    return tuple(part.strip().strip("\"'") for part in re.findall(r"""\s*[\w-]+\s*|"[^"]*"|'[^']*'""", key))


def _after(line: str, quote: str, depth: int) -> tuple[str, int]:
    """Follow a line: within which long text, and how many brackets, the next one begins."""
    if not quote and _PLAIN.match(line):
        return quote, depth
    at = 0
    while at < len(line):
        if quote:
            if line[at] == "\\" and quote[0] == '"':
                at += 2
            elif line.startswith(quote, at):
                at, quote = at + len(quote), ""
            else:
                at += 1
            continue
        if line[at] == "#":
            break
        if line[at] in "\"'":
            quote = line[at] * 3 if line.startswith(line[at] * 3, at) else line[at]
            at += len(quote)
            continue
        depth += (line[at] in "[{") - (line[at] in "]}")
        at += 1
    return (quote if len(quote) == 3 else ""), max(depth, 0)


def _entries(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text before each header, with the number of each part's first line."""
    part: list[str] = []
    first = 1
    for number, line in enumerate(text.split("\n"), start=1):
        if re.match(r"\s*\[\[?\s*[\w\"'.-]+\s*(\]|$|#)", line) and part:
            yield first, "\n".join(part)
            part, first = [], number
        part.append(line)
    yield first, "\n".join(part)


def _merge(content: Entry, more: Entry) -> None:
    """Add what an entry says to what was read before it. ValueError when a section is there already."""
    for key, value in more.items():
        there = content.get(key)
        if isinstance(there, list) and isinstance(value, list):
            there.extend(value)
        elif isinstance(there, list) and there and isinstance(there[-1], dict) and isinstance(value, dict):
            _merge(there[-1], value)
        elif isinstance(there, dict) and isinstance(value, dict) and not set(there) & set(value):
            there.update(value)
        elif key in content:
            raise ValueError("Cannot declare")
        else:
            content[key] = value


def _fault(error: Exception, text: str, first: int) -> Fault:
    lines = text.split("\n")
    if isinstance(error, RecursionError):
        deepest = max(range(len(lines)), key=lambda number: lines[number].count("[") + lines[number].count("{"))
        return Fault(first + deepest, _("lists stand within lists far too deeply. Write one list of values."))
    message = str(error)
    if message.startswith("Exceeds the limit"):  # the one sentence without a line
        longest = max(range(len(lines)), key=lambda number: sum(each.isdigit() for each in lines[number]))
        return Fault(first + longest, _("this number is far too long."))
    at = _AT.search(message)
    number = int(at[1]) if at and at[1] else (1 if at is None else len("\n".join(lines).rstrip().split("\n")))
    message = _AT.sub("", message)
    if number <= len(lines) and _CURLY.search(lines[number - 1]) and not message.startswith("Cannot"):
        return Fault(first + number - 1, _('write straight quotation marks " instead of curly ones.'))
    for begins, words in _WORDS:
        if message.startswith(begins):
            return Fault(first + number - 1, words)
    return Fault(first + number - 1, _("this line cannot be read (%(message)s).") % {"message": message})
