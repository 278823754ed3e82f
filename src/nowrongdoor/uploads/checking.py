"""The one way in for a file that somebody sends: what `check` gives back may be kept and shown; nothing else may.

The promise: the content says what a file is; only seven kinds come in; what would run is refused; what `telling` lists
as taken out of a kind is gone; and where a scanner is required, nothing comes in that it has not seen. The name that
the sender gave is not kept, because names of files name people.
"""

from __future__ import annotations

import dataclasses

from nowrongdoor.core.language import gettext as _
from nowrongdoor.uploads import kinds, office, pdfs, pictures, refusing, scanning, texts

LIMIT = 20_000_000  # bytes; a scanned letter or a phone's photograph fits many times


class TooLarge(refusing.Refused):
    """The file is larger than LIMIT, or became so when it was cleaned: a picture that is drawn again may grow."""

    def __init__(self, when: str = "") -> None:
        super().__init__(
            _("This file is too large%(when)s: send at most %(limit)s MB, or send it in parts.")
            % {"when": when, "limit": LIMIT // 1000000}
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Clean:
    """A file that may be kept. `was_scanned` is False only where no scanner is required."""

    name: str
    kind: kinds.Kind
    content: bytes
    was_scanned: bool


def check(name: str, content: bytes) -> Clean:
    """Return the harmless part of a file, or raise refusing.Refused with what to do.

    `name` is only asked whether a text is meant as a table, or as an e-mail or the like, which is refused."""
    if not content:
        raise refusing.Refused(_("This file is empty. Choose it again; if it opens on your device, save it once more."))
    if len(content) > LIMIT:
        raise TooLarge
    was_scanned = scanning.scan(content)  # before anything here takes it apart
    kind = kinds.of(content, name)
    return Clean(kind.file_name, kind, stripped(kind, content), was_scanned)


def stripped(kind: kinds.Kind, content: bytes) -> bytes:
    """Return the harmless part of a file of a kind, without what `telling` lists as taken out. refusing.Refused."""
    clean = _CLEAN[kind](content)
    if len(clean) > LIMIT:
        raise TooLarge(_(" once it is cleaned"))
    return clean


_CLEAN = {
    kinds.Kind.PDF: pdfs.clean,
    kinds.Kind.PNG: pictures.clean_png,
    kinds.Kind.JPEG: pictures.clean_jpeg,
    kinds.Kind.TEXT: texts.clean,
    kinds.Kind.CSV: texts.clean_table,
    kinds.Kind.XLSX: office.clean,
    kinds.Kind.DOCX: office.clean,
}
