"""A report as a value: what is said, in which order, whatever it is shown on. A terminal, a page, a file and a PDF show
the same one, and a kept run shows it as it was said then.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

import pydantic

from nowrongdoor.core import language


@dataclasses.dataclass(frozen=True)
class Words:
    """Paragraphs, a sentence or a few each."""

    paragraphs: tuple[str, ...]
    kind: Literal["words"] = "words"


@dataclasses.dataclass(frozen=True)
class Points:
    """A list of sentences."""

    items: tuple[str, ...]
    kind: Literal["points"] = "points"


@dataclasses.dataclass(frozen=True)
class Grid:
    """A table. The first column names the row; all others hold figures and end at the same edge, except the `worded`
    ones. `shades`: how dark each figure is shown, 0 to 5, for a table that is itself the picture."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    worded: tuple[int, ...] = ()
    shades: tuple[tuple[int, ...], ...] = ()
    kind: Literal["grid"] = "grid"


@dataclasses.dataclass(frozen=True)
class Span:
    """One line of a Spread: a value where one is shown, and how far it reaches to both sides where that is known."""

    label: str
    middle: float | None
    low: float | None = None
    high: float | None = None


@dataclasses.dataclass(frozen=True)
class Spread:
    """A picture of answers one below the other on one logarithmic scale, with a line at the answer they are compared
    to. What has no finite answer is not drawn; `alt` says so."""

    name: str
    caption: str
    alt: str
    spans: tuple[Span, ...]
    against: float | None = None
    unit: str = "people"
    kind: Literal["spread"] = "spread"


@dataclasses.dataclass(frozen=True)
class Column:
    """How much lies from here to there."""

    low: float
    high: float
    height: float


@dataclasses.dataclass(frozen=True)
class Mark:
    """A place on a scale that has a name."""

    label: str
    at: float


@dataclasses.dataclass(frozen=True)
class Columns:
    """A picture of how often answers fall where, on a logarithmic scale, with marks."""

    name: str
    caption: str
    alt: str
    columns: tuple[Column, ...]
    marks: tuple[Mark, ...]
    kind: Literal["columns"] = "columns"


@dataclasses.dataclass(frozen=True)
class Dot:
    """A model: its answer, how much worse than the best it is, and its share of the weight."""

    at: float
    worse: float
    weight: float


@dataclasses.dataclass(frozen=True)
class Cloud:
    """A picture of models: answers from left to right on a logarithmic scale, better ones higher."""

    name: str
    caption: str
    alt: str
    dots: tuple[Dot, ...]
    kind: Literal["cloud"] = "cloud"


Picture = Spread | Columns | Cloud
Block = Annotated[Words | Points | Grid | Spread | Columns | Cloud, pydantic.Field(discriminator="kind")]


@dataclasses.dataclass(frozen=True)
class Part:
    """A heading and what stands below it."""

    heading: str
    blocks: tuple[Block, ...]


@dataclasses.dataclass(frozen=True)
class Document:
    """A whole report. `headline`: the answer in a sentence or two. `one_number`: whether it is a single one.
    `language`: the one it is written in; those of before had one."""

    title: str
    headline: str
    one_number: bool
    parts: tuple[Part, ...]
    language: str = language.SOURCE

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Return the pictures in their order."""
        blocks = (block for part in self.parts for block in part.blocks)
        return tuple(each for each in blocks if isinstance(each, Spread | Columns | Cloud))


_ADAPTER = pydantic.TypeAdapter(Document)


def write(document: Document) -> str:
    """Return a document as JSON."""
    return _ADAPTER.dump_json(document).decode()


def read(text: str) -> Document:
    """Read what `write` wrote, in this version or an earlier one. pydantic.ValidationError."""
    return _ADAPTER.validate_json(text)
