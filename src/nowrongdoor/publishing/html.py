"""A report as HTML: below the head of a page of ours, or as one file that needs nothing else. Both from one template,
by an engine of its own, so that a command makes the file without settings and a database."""

from __future__ import annotations

import base64
import dataclasses
import functools
import pathlib
from collections.abc import Mapping, Sequence

from django import template
from django.utils import safestring

from nowrongdoor.publishing import documents

TEMPLATES = pathlib.Path(__file__).resolve().parent.parent / "templates"


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table, and how."""

    words: str
    style: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Grid:
    """A table with a style for each cell."""

    caption: str
    head: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    kind: str = "grid"


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """A drawn picture, as an address that holds it."""

    caption: str
    alt: str
    source: str
    kind: str = "picture"


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A heading with an id for links, and what stands below it."""

    id: str
    heading: str
    blocks: Sequence[documents.Words | documents.Points | Grid | Picture]


def body(document: documents.Document, pictures: Mapping[str, str]) -> safestring.SafeString:
    """Write the parts of a report. `pictures`: SVG by name, for every picture of the document."""
    parts = [
        Part(str(at), part.heading, [_laid_out(block, pictures) for block in part.blocks])
        for at, part in enumerate(document.parts)
    ]
    return _engine().render_to_string("publishing/_document.html", {"parts": parts})


def alone(document: documents.Document, pictures: Mapping[str, str]) -> str:
    """Write a report as one HTML file."""
    styles = (TEMPLATES / "publishing" / "alone.css").read_text(encoding="utf-8")
    context = {
        "language": document.language,
        "title": document.title,
        "headline": document.headline,
        "styles": safestring.mark_safe(styles),  # noqa: S308  a file of ours
        "body": body(document, pictures),
    }
    return _engine().render_to_string("publishing/alone.html", context)


@functools.cache
def _engine() -> template.Engine:
    return template.Engine(dirs=[str(TEMPLATES)])


def _laid_out(
    block: documents.Block, pictures: Mapping[str, str]
) -> documents.Words | documents.Points | Grid | Picture:
    match block:
        case documents.Words() | documents.Points():
            return block
        case documents.Grid():
            return _grid(block)
        case _:
            drawn = base64.b64encode(pictures[block.name].encode()).decode()
            return Picture(block.caption, block.alt, f"data:image/svg+xml;base64,{drawn}")


def _grid(grid: documents.Grid) -> Grid:
    def styled(row: Sequence[str], shades: Sequence[int]) -> Sequence[Cell]:
        return [
            Cell(words, "" if at == 0 or at in grid.worded else " ".join(("number", *_shade(shades, at))))
            for at, words in enumerate(row)
        ]

    shades = grid.shades or [()] * len(grid.rows)
    return Grid(
        grid.caption,
        styled(grid.columns, ()),
        [styled(row, dark) for row, dark in zip(grid.rows, shades, strict=True)],
    )


def _shade(shades: Sequence[int], at: int) -> Sequence[str]:
    return [f"shade-{shades[at]}"] if at < len(shades) and shades[at] else []
