"""What a spreadsheet works out instead of showing it, wherever a cell could begin (OWASP, "CSV Injection").

The promise: under each of SEPARATORS and the one that a table names itself, whether a spreadsheet honors quotation
marks or not, `find` sees what would run, nothing of `guarded` runs, and reading it back gives the same text:
`plain(guarded(text)) == text`. Whoever tells a spreadsheet another separator, such as a colon, is not covered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

SEPARATORS = ",;\t|"
MARK = "'"
_LINE_ENDS = "\r\n"
# What may stand between the beginning of a cell and its formula: blanks, quotation marks, and marks without a width.
_BEFORE = '\\s"\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff'
# A sign is only a number's, or a telephone's, when nothing but more of it follows to the end of the cell.
_ONLY_A_NUMBER = re.compile(rf"[0-9 .()/%+\-]*(?:[{SEPARATORS}{_LINE_ENDS}\"]|\Z)")
_FIRST_LINE = re.compile(rf"[{_BEFORE}]*sep=(.)", re.IGNORECASE)  # how a table tells Excel its separator


def _beginnings(text: str, skipped: str, separators: str = SEPARATORS) -> Iterator[re.Match[str]]:
    """Find what could begin a formula, each with all that stands before it: read once, however long it is."""
    run = f"[{_BEFORE}{skipped}{re.escape(separators)}]"
    ends = separators + _LINE_ENDS
    for match in re.finditer(rf"(?<!{run})({run}*)(?:[=@＝＠﹦﹫]|([+\-＋－﹢﹣]))", text):
        if match.start() == 0 or not set(match[1]).isdisjoint(ends):
            yield match


def find(text: str) -> int | None:
    """Return where the first formula is, None where there is none. A mark as `guarded` sets it is none, and neither is
    a number with a sign."""
    own = _FIRST_LINE.match(text)
    for match in _beginnings(text, "", SEPARATORS + (own[1] if own else "")):
        is_number = match[2] is not None and _ONLY_A_NUMBER.match(text, match.end())
        if not is_number:
            return match.end(1)
    return None


def guarded(text: str) -> str:
    """Mark what a spreadsheet would work out, so that it shows it, and every sign: what follows a number in the next
    cell may belong to it under another separator. Earlier marks count too: each is taken back once."""
    return _joined(text, [(match.end(1), match.end(1), MARK) for match in _beginnings(text, MARK)])


def plain(written: str) -> str:
    """Read back what `guarded` wrote."""
    marked = [match for match in _beginnings(written, MARK) if match[1].endswith(MARK)]
    return _joined(written, [(match.end(1) - 1, match.end(1), "") for match in marked])


def _joined(text: str, changes: Iterable[tuple[int, int, str]]) -> str:
    """Return a text with other words from one place to another."""
    pieces, at = [], 0
    for start, end, instead in changes:
        pieces += [text[at:start], instead]
        at = end
    return "".join([*pieces, text[at:]])
