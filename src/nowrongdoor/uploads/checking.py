"""The one way in for a file that somebody sends: what `check` gives back may be kept and shown; nothing else may.

The promise: the content says what a file is; only seven kinds come in; what would run is refused; what `telling` lists
as taken out of a kind is gone; and where a scanner is required, nothing comes in that it has not seen. The name that
the sender gave is not kept, because names of files name people.
"""

from __future__ import annotations

import dataclasses

from nowrongdoor.core.language import gettext as _
from nowrongdoor.uploads import apart, kinds, reading, refusing, scanning

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

    `name` is only asked whether a text is meant as a table, or as an e-mail or the like, which is refused. The file is
    read in a process of its own."""
    if not content:
        raise refusing.Refused(_("This file is empty. Choose it again; if it opens on your device, save it once more."))
    if len(content) > LIMIT:
        raise TooLarge
    was_scanned = scanning.scan(content)  # before anything here takes it apart
    kind, clean = look(name, content).clean()
    return Clean(kind.file_name, kind, clean, was_scanned)


def look(name: str, content: bytes) -> reading.Looked:
    """Return a file's kind, and its harmless part without what `telling` lists as taken out, or why there is none."""
    looked = apart.look(name, content)
    if looked.content is not None and len(looked.content) > LIMIT:
        return reading.Looked(looked.kind, refused=TooLarge(_(" once it is cleaned")))
    return looked
