"""What a file is, by its content alone."""

from __future__ import annotations

import enum

from nowrongdoor.uploads import office, refusing, texts


class Kind(enum.Enum):
    """The kinds that come in: how each is called, stored and sent."""

    PDF = ("document.pdf", "application/pdf")
    PNG = ("picture.png", "image/png")
    JPEG = ("picture.jpg", "image/jpeg")
    TEXT = ("text.txt", "text/plain; charset=utf-8")
    CSV = ("table.csv", "text/csv; charset=utf-8")
    XLSX = ("workbook.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    DOCX = ("document.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")

    def __init__(self, file_name: str, media_type: str) -> None:
        self.file_name = file_name
        self.media_type = media_type


class UnknownKind(refusing.Refused):
    """It is none of the kinds that come in."""

    def __init__(self) -> None:
        super().__init__(
            "This kind of file cannot be taken in. Send a PDF, a PNG or JPEG picture, plain text in UTF-8, a CSV "
            "table, an Excel workbook (.xlsx) or a Word document (.docx)."
        )


# A kind must begin at the first byte: a file that is two kinds at once hides one of them further on.
_BEGINNINGS = {b"%PDF-": Kind.PDF, b"\x89PNG\r\n\x1a\n": Kind.PNG, b"\xff\xd8\xff": Kind.JPEG}


def of(content: bytes, name: str) -> Kind:
    """This will say what a file is. UnknownKind, Damaged."""
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    if content.startswith(b"PK\x03\x04"):
        main = office.main_part(content)
        if main is None:
            raise UnknownKind
        return {office.WORKBOOK: Kind.XLSX, office.DOCUMENT: Kind.DOCX}[main]
    text = texts.read(content)
    if text is None:
        raise UnknownKind
    return Kind.CSV if name.lower().endswith(".csv") and texts.is_table(text) else Kind.TEXT
