"""What a file is: by its content; a name can only keep a text out, or say that a text is meant as a table."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.uploads import office, refusing, texts


class Kind(enum.Enum):
    """The kinds that come in: how each is called, stored, sent and named on a page."""

    PDF = ("document.pdf", "application/pdf", "PDF")
    PNG = ("picture.png", "image/png", gettext_lazy("PNG picture"))
    JPEG = ("picture.jpg", "image/jpeg", gettext_lazy("JPEG picture"))
    TEXT = ("text.txt", "text/plain; charset=utf-8", gettext_lazy("plain text"))
    CSV = ("table.csv", "text/csv; charset=utf-8", gettext_lazy("CSV table"))
    XLSX = (
        "workbook.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        gettext_lazy("Excel workbook"),
    )
    DOCX = (
        "document.docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        gettext_lazy("Word document"),
    )

    def __init__(self, file_name: str, media_type: str, words: str) -> None:
        self.file_name = file_name
        self.media_type = media_type
        self.words = words

    @property
    def code(self) -> str:
        """Return the code under which the kind is kept, which is also the ending of a name."""
        return self.file_name.rpartition(".")[2]


class UnknownKind(refusing.Refused):
    """It is none of the kinds that come in."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This kind of file cannot be taken in. Send a PDF, a PNG or JPEG picture, plain "
                "text in UTF-8, a CSV table, an Excel workbook (.xlsx) or a Word document "
                "(.docx)."
            )
        )


BY_CODE: Mapping[str, Kind] = {kind.code: kind for kind in Kind}
ACCEPT = ",".join(kind.media_type.partition(";")[0] for kind in Kind)  # for a form: what the browser offers to choose


# A kind must begin at the first byte: a file that is two kinds at once hides one of them further on.
_BEGINNINGS = {b"%PDF-": Kind.PDF, b"\x89PNG\r\n\x1a\n": Kind.PNG, b"\xff\xd8\xff": Kind.JPEG}


def by_beginning(content: bytes) -> Kind | None:
    """Return the kind that the first bytes say, None for one that takes more than these to know."""
    return next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), None)


def of(content: bytes, name: str) -> Kind:
    """Return what a file is. UnknownKind, Damaged, SaysWhoSentIt."""
    if kind := by_beginning(content):
        return kind
    if content.startswith(b"PK\x03\x04"):
        main = office.main_part(content)
        if main is None:
            raise UnknownKind
        return {office.WORKBOOK: Kind.XLSX, office.DOCUMENT: Kind.DOCX}[main]
    text = texts.read(content)
    if text is None:
        raise UnknownKind
    texts.refuse_messages(text, name)
    return Kind.CSV if name.lower().endswith(".csv") and texts.is_table(text) else Kind.TEXT
