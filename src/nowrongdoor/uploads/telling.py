"""What is taken out of each kind of file, and what stays in it: the one table for pages, messages and docs.

The promise: whoever attaches a file is told both. `tests/uploads/test_telling.py` plants a mark in every place that is
said to be emptied and finds it gone, and in every place that is said to stay and finds it there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.uploads import kinds


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """What was removed from a file of a kind, and what is still in it; phrases that go on after a colon."""

    removed: tuple[str, ...]
    kept: tuple[str, ...]


_IN_PHOTOGRAPHS = gettext_lazy("camera, place, time and thumbnail in photographs")
_PICTURE = Told(
    removed=(
        gettext_lazy("camera, place, time, author and description (EXIF, XMP, IPTC, text)"),
        gettext_lazy("thumbnail, further pictures, and whatever follows the end of the picture"),
    ),
    kept=(gettext_lazy("all that the picture shows, such as faces, papers, screens and places"),),
)
_TEXT = Told(
    removed=(),
    kept=(gettext_lazy("the text itself, as it is, including any names, numbers or e-mail addresses in it"),),
)
_OFFICE = (
    gettext_lazy("author, company, dates, program, template and labels (document properties)"),
    gettext_lazy("names of who commented or changed something, and when"),
    gettext_lazy("numbers of editing sessions and of the document"),
    gettext_lazy("printer, paths on a disk, and names of picture files"),
    _IN_PHOTOGRAPHS,
)
WHAT: Mapping[kinds.Kind, Told] = {
    kinds.Kind.PDF: Told(
        removed=(
            gettext_lazy("author, title, program and dates (document information, XMP)"),
            gettext_lazy("names of who commented, and when"),
            gettext_lazy("signatures with their certificates"),
            gettext_lazy("earlier versions of the file, thumbnails, and data that programs left"),
            gettext_lazy("links to other files, and parts that lie in other files"),
            gettext_lazy("coordinates behind maps and pictures, and color profiles"),
            gettext_lazy("whatever else is not needed to show a page or read it aloud"),
            _IN_PHOTOGRAPHS,
        ),
        kept=(
            gettext_lazy("all text and pictures, also under a black bar or in a layer that is switched off"),
            gettext_lazy("text of comments, bookmarks and form fields"),
            gettext_lazy("descriptions for reading aloud, names of layers, and addresses behind links"),
        ),
    ),
    kinds.Kind.PNG: _PICTURE,
    kinds.Kind.JPEG: _PICTURE,
    kinds.Kind.TEXT: _TEXT,
    kinds.Kind.CSV: _TEXT,
    kinds.Kind.XLSX: Told(
        removed=_OFFICE,
        kept=(
            gettext_lazy(
                "all cells, also on hidden sheets, rows and columns, in names, and in the data behind a pivot table"
            ),
            gettext_lazy("text of comments, descriptions of pictures, and addresses behind links"),
        ),
    ),
    kinds.Kind.DOCX: Told(
        removed=_OFFICE,
        kept=(
            gettext_lazy("all text, also hidden text and words deleted while changes were tracked"),
            gettext_lazy("text of comments, descriptions of pictures, and addresses behind links"),
        ),
    ),
}

PAGE = gettext_lazy(
    "Hidden details of who made the file, where, when and on what device are taken out. What it says and shows stays "
    "as it is, with any names, numbers or addresses in it. E-mails, contact cards and web pages are not taken: copy "
    "the words you need into a text file."
)


_SENT = """
## What a sender adds to their contact

Somebody who told us something adds up to 10 files by their receipt (`signals/files.py`). They are of the same kinds
and lose the same, with these differences:

- **The sender chooses.** By default only the copy is kept, without hidden details. If they say so, the original is kept
  besides, with its SHA-256, both sealed. Then a file of which no copy can be made is kept, too, and says why.
- **Nobody opens a file before a scanner looked at it**, even where no scanner is required. Where none can look, it is
  kept sealed, and the worker tries again every minute. What a scanner calls harmful is refused; if it does so later,
  the file stays sealed for good.
- **Who opens it.** The copy: whoever opens cases at the agency that took the contact, and investigators at the agency
  that leads its case. The original: the investigators of these two, each time with an event on the trail.
- **Isolated.** Whoever sees a picture that nobody may have isolates it, for good. From then on it opens only for an
  investigator at a law enforcement agency (`POLICES` in `core/mandates/rules.py`) that takes part in the case, and is
  in no print and no collection for discovery. No file has a preview or a thumbnail.
- **The end.** Destroying the key of the contact destroys its files and their digests.

The database says the same by itself: `nwd_hands_out` in `signals/tables.py` shows content to nobody else, and triggers
of migration 0034 keep what a scanner found and what was isolated.
"""


def after(kind: kinds.Kind) -> str:
    """Return what to tell somebody whose file was attached."""
    content = WHAT[kind]
    removed = (
        (_("Taken out: %(names)s.") % {"names": "; ".join(content.removed)})
        if content.removed
        else _("Nothing was taken out of it.")
    )
    return _("The file is attached. %(removed)s Still in it: %(names)s.") % {
        "removed": removed,
        "names": "; ".join(map(str, content.kept)),
    }


def as_markdown() -> str:
    """Return docs/files.md."""
    lines = [
        "# Files",
        "",
        "Made from `src/nowrongdoor/uploads/telling.py`; a test compares the two.",
        "",
        PAGE,
        "",
        "| kind | taken out | still in it |",
        "|---|---|---|",
    ]
    for kind, content in WHAT.items():
        removed, kept = ("<br>".join(map(str, each)) for each in (content.removed, content.kept))
        lines.append(f"| {kind.words} | {removed or 'nothing'} | {kept} |")
    lines += [
        "",
        "Any other kind is refused, with a sentence that says how to send it instead. That includes texts that name",
        "their sender or author: e-mails, web archives, contact cards, calendars, web pages, RTF, XML and SVG. A text",
        "that quotes the head of an e-mail with an address, or a card or calendar, is refused as well. The list also",
        "includes OpenDocument, old Office and Outlook files, and whatever runs, calls out, or brings in another file.",
    ]
    return "\n".join(lines) + "\n" + _SENT
