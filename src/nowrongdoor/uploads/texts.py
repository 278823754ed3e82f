"""Plain text and tables in plain text: UTF-8, nothing that is not text, no formula, and no e-mail, contact card or page
in the dress of a text: these carry their sender or author, and a text is kept as it is."""

from __future__ import annotations

import csv
import io
import re

from nowrongdoor.uploads import refusing

# What a spreadsheet would work out instead of show. A signed number is only a number.
_FORMULA = re.compile(r"\s*(?:[=@＝＠]|[+\-＋－](?!\s*[\d.,]+\s*%?\s*$))")
# What a text is instead, by how it begins or by a line that nothing else has.
_INSTEAD: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^\s*BEGIN:\s*VCARD\b", re.IGNORECASE | re.MULTILINE), "a contact card"),
    (re.compile(r"^\s*BEGIN:\s*V[A-Z]+\b", re.IGNORECASE | re.MULTILINE), "a calendar entry"),
    (re.compile(r"\s*From \S+.* \d\d:\d\d"), "an e-mail"),  # a folder of messages in one file (RFC 4155)
    (re.compile(r"\s*\{\\rtf", re.IGNORECASE), "an RTF document"),
    (re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|meta|body)\b", re.IGNORECASE | re.DOTALL), "a web page"),
    (re.compile(r"\s*(?:<\?xml\b|<svg\b)", re.IGNORECASE), "an XML or SVG file"),
    (re.compile(r"\s*%!PS"), "a PostScript file"),
    (re.compile(r"\s*(?:version:\s*1\s+)?dn::? ", re.IGNORECASE), "a directory entry"),
)
_NAMED: tuple[tuple[tuple[str, ...], str], ...] = (
    ((".eml", ".emlx", ".mbox", ".mht", ".mhtml", ".msg"), "an e-mail"),
    ((".vcf", ".vcard"), "a contact card"),
    ((".ics", ".ical", ".vcs"), "a calendar entry"),
    ((".html", ".htm", ".xhtml"), "a web page"),
    ((".rtf",), "an RTF document"),
    ((".xml", ".svg"), "an XML or SVG file"),
)
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*:(.*)")  # RFC 5322, 2.2: a field of a message's head
_FOLDED = re.compile(r"\r?\n[ \t]+")
# Fields that only a message that was sent has; the others also stand above a memorandum, then without an address.
_OF_A_MESSAGE = frozenset(
    {
        "received",
        "x-received",
        "return-path",
        "message-id",
        "mime-version",
        "delivered-to",
        "dkim-signature",
        "arc-seal",
        "authentication-results",
        "content-transfer-encoding",
        "x-mailer",
        "x-originating-ip",
    }
)
_OF_PEOPLE = frozenset({"from", "to", "cc", "bcc", "sender", "reply-to"})
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read(content: bytes) -> str | None:
    """Return the text of UTF-8, or of UTF-16 that says so; None when it is not text."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = content.decode("utf-16")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if _HIDDEN.search(text) else text


def refuse_messages(text: str, name: str) -> None:
    """Refuse a text that is an e-mail, a contact card or another kind that names its author. SaysWhoSentIt."""
    for pattern, what in _INSTEAD:
        if pattern.search(text) if pattern.flags & re.MULTILINE else pattern.match(text):
            raise refusing.SaysWhoSentIt(what)
    if _is_message(text):
        raise refusing.SaysWhoSentIt("an e-mail")
    for endings, what in _NAMED:
        if name.lower().endswith(endings):
            raise refusing.SaysWhoSentIt(what)


def _is_message(text: str) -> bool:
    """Whether the text begins with the head of a message."""
    head = re.split(r"\r?\n[ \t]*\r?\n", text.lstrip(), maxsplit=1)[0]
    for line in _FOLDED.sub(" ", head).splitlines():
        field = _FIELD.fullmatch(line.rstrip())
        if field is None:
            return False
        name, value = field[1].lower(), field[2]
        if name in _OF_A_MESSAGE or (name in _OF_PEOPLE and "@" in value):
            return True
    return False


def is_table(text: str) -> bool:
    """This will say whether every line has the same number of cells, two or more."""
    widths = {len(row) for row in _rows(text) if row}
    return len(widths) == 1 and widths.pop() > 1


def clean(content: bytes) -> bytes:
    """This will give the text in UTF-8, without a mark in front."""
    text = read(content)
    if text is None:
        raise refusing.Damaged("text")
    return text.encode()


def clean_table(content: bytes) -> bytes:
    """This will give the table unchanged, or refuse it when a spreadsheet would run one of its cells."""
    text = clean(content).decode()
    for line, row in enumerate(_rows(text), start=1):
        for column, cell in enumerate(row, start=1):
            if _FORMULA.match(cell):
                raise refusing.ActiveContent(f"a formula (row {line}, column {column})")
    return text.encode()


def _rows(text: str) -> list[list[str]]:
    separator = max(",;\t", key=text.partition("\n")[0].count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise refusing.Damaged("table") from error
