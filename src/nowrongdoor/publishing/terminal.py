"""A report on a terminal: words, tables and pictures of block characters, 100 columns wide where names allow."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence

from nowrongdoor.core.language import gettext
from nowrongdoor.core.prevalence import refusing
from nowrongdoor.publishing import documents

WIDTH = 100
DRAWN = 48  # columns of a picture
LINES = 12  # rows of a cloud
EIGHTHS = " ▁▂▃▄▅▆▇█"


def write(document: documents.Document) -> str:
    """Write a whole report."""
    return "\n".join(_document(document)) + "\n"


def _document(document: documents.Document) -> Iterator[str]:
    yield from _wrapped(document.headline)
    for part in document.parts:
        yield ""
        yield part.heading
        yield "─" * len(part.heading)
        for at, block in enumerate(part.blocks):
            if at and not isinstance(block, documents.Words | documents.Points):
                yield ""
            yield from _block(block)


def _block(block: documents.Block) -> Iterator[str]:
    match block:
        case documents.Words():
            for each in block.paragraphs:
                yield from _wrapped(each)
        case documents.Points():
            for each in block.items:
                yield from textwrap.wrap(each, WIDTH, initial_indent="  - ", subsequent_indent="    ")
        case documents.Grid():
            yield from _grid(block)
        case documents.Spread():
            yield from _spread(block)
        case documents.Columns():
            yield from _columns(block)
        case documents.Cloud():
            yield from _cloud(block)


def _wrapped(words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH)


def _grid(grid: documents.Grid) -> Iterator[str]:
    yield from _wrapped(grid.caption)
    widths = [max(len(row[at]) for row in (grid.columns, *grid.rows)) for at in range(len(grid.columns))]
    for row in (grid.columns, *grid.rows):
        cells = [
            cell.ljust(width) if at == 0 or at in grid.worded else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"  {'  '.join(cells)}".rstrip()


class _Scale:
    """Places on a logarithmic scale of so many columns."""

    def __init__(self, values: Sequence[float], width: int) -> None:
        low, high = min(values), max(values)
        # A scale shorter than a tenth would make a mountain of rounding.
        room = max(math.log(high / low), 0.1)
        self._low, self._room, self._width = math.log(low) - 0.02 * room, 1.04 * room, width
        self.words = f"{refusing.number(low)} … {refusing.number(high)}"

    def place(self, value: float) -> int:
        share = (math.log(value) - self._low) / self._room
        return min(self._width - 1, max(0, int(share * self._width)))


def _spread(spread: documents.Spread) -> Iterator[str]:
    ends = [end for span in spread.spans for end in (span.middle, span.low, span.high) if end]
    ends += [spread.against] if spread.against else []
    if not ends:
        return
    scale = _Scale(ends, DRAWN)
    against = gettext("; ┆ is the answer above") if spread.against else ""
    yield from _wrapped(f"{spread.caption} ({scale.words}{against})")
    widest = max(len(span.label) for span in spread.spans)
    for span in spread.spans:
        line = [" "] * DRAWN
        if spread.against:
            line[scale.place(spread.against)] = "┆"
        if span.low is not None and span.high is not None:
            first, last = scale.place(max(span.low, min(ends))), scale.place(span.high)
            line[first : last + 1] = "─" * (last + 1 - first)
        if span.middle:
            line[scale.place(span.middle)] = "●"
        yield f"  {span.label:<{widest}}  {''.join(line)}  {_told(span)}"


def _told(span: documents.Span) -> str:
    if span.low is None or span.high is None:
        return refusing.number(span.middle or 0.0)
    return f"{refusing.number(span.low)} to {refusing.number(span.high)}"


def _columns(columns: documents.Columns) -> Iterator[str]:
    yield from _wrapped(columns.caption)
    if not columns.columns:
        return
    most = max(each.height for each in columns.columns)
    for line in range(3, -1, -1):
        yield "  " + "".join(EIGHTHS[_eighths(each.height / most * 4 - line)] for each in columns.columns)
    first, last = columns.columns[0].low, columns.columns[-1].high
    scale = _Scale([first, last], len(columns.columns))
    pointer = [" "] * len(columns.columns)
    for mark in columns.marks:
        pointer[scale.place(min(max(mark.at, first), last))] = "▲"
    yield "  " + "".join(pointer)
    marks = "; ".join(f"{mark.label} {refusing.number(mark.at)}" for mark in columns.marks)
    yield from _wrapped(f"  {scale.words}. ▲ {marks}")


def _eighths(height: float) -> int:
    return min(8, max(0, math.ceil(height * 8)))


def _cloud(cloud: documents.Cloud) -> Iterator[str]:
    scale = _Scale([each.at for each in cloud.dots], DRAWN)
    worst = max((each.worse for each in cloud.dots), default=0.0)
    yield from _wrapped(f"{cloud.caption} ({scale.words})")
    lines = [[" "] * DRAWN for _ in range(LINES)]
    for dot in sorted(cloud.dots, key=lambda each: each.weight):
        height = 0 if not worst else min(LINES - 1, int(dot.worse / worst * LINES))
        lines[height][scale.place(dot.at)] = "●" if dot.weight >= 0.05 else "·"
    for at, line in enumerate(lines):
        yield f"  {at / LINES * worst:>5.1f} {''.join(line)}".rstrip()
