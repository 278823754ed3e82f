"""Plain text and tables in plain text: UTF-8, nothing that is not text, no formula, and no e-mail, contact card or page
in the dress of a text: these carry their sender or author, and a text is kept as it is."""

from __future__ import annotations

import csv
import io
import re

from nowrongdoor.core import formulas
from nowrongdoor.core.language import gettext, gettext_lazy
from nowrongdoor.uploads import refusing

# What hides a line from a search and from nobody's eyes: marks without a width, and signs of quoting in front of it.
_UNSEEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029]")
_QUOTED = re.compile(r"^(?:[ \t]*[>|*\"'“”„‘’«»])+ ?", re.MULTILINE)
# What a text is instead, by what stands anywhere in it.
_ANYWHERE: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"BEGIN[\"']?\s*[:;,]\s*[\"']?VCARD\b|\bMECARD\s*:|\"vcard\"\s*[,:]", re.IGNORECASE),
        gettext_lazy("a contact card"),
    ),
    (
        re.compile(r"BEGIN[\"']?\s*[:;,]\s*[\"']?VCALENDAR\b|\"vcalendar\"\s*[,:]", re.IGNORECASE),
        gettext_lazy("a calendar entry"),
    ),
    (re.compile(r"^[ \t]*BEGIN:[ \t]*V[A-Z]+\b", re.IGNORECASE | re.MULTILINE), gettext_lazy("a calendar entry")),
    # a folder of messages in one file (RFC 4155)
    (
        re.compile(r"(?:\A|\n\n)From \S+(?:@\S+[ \t]*$|[ \t]+(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)", re.MULTILINE),
        gettext_lazy("an e-mail"),
    ),
)
# What a text is instead, by how it begins after any comments.
_FIRST: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"From \S+.* \d\d:\d\d"), gettext_lazy("an e-mail")),
    (re.compile(r"\{\\rtf", re.IGNORECASE), gettext_lazy("an RTF document")),
    (re.compile(r"<(?:!doctype\s+html|html|head|meta|body)\b", re.IGNORECASE), gettext_lazy("a web page")),
    (
        re.compile(r"<(?:\?xml|!doctype|(?:\w+:)?(?:svg|gpx|kml))\b|<[\w:.-]+\s[^<>]*\bxmlns\b", re.IGNORECASE),
        gettext_lazy("an XML or SVG file"),
    ),
    (re.compile(r"%!PS"), gettext_lazy("a PostScript file")),
    (re.compile(r"(?:version:\s*1\s+)?dn::? ", re.IGNORECASE), gettext_lazy("a directory entry")),
)
_NAMED: tuple[tuple[tuple[str, ...], str], ...] = (
    ((".eml", ".emlx", ".mbox", ".mht", ".mhtml", ".msg"), gettext_lazy("an e-mail")),
    ((".vcf", ".vcard"), gettext_lazy("a contact card")),
    ((".ics", ".ical", ".vcs"), gettext_lazy("a calendar entry")),
    ((".html", ".htm", ".xhtml"), gettext_lazy("a web page")),
    ((".rtf",), gettext_lazy("an RTF document")),
    ((".xml", ".svg"), gettext_lazy("an XML or SVG file")),
)
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)[ \t]*:(.*)")  # RFC 5322, 2.2: a field of a message's head
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
# A line of a message's head wherever it stands, with the lines that are folded under it; programs write it in their
# reader's language when they quote a message.
_HEAD_LINE = re.compile(
    r"^[ \t]*(?:(from|to|cc|bcc|subject|date|sent|sender|message-id|received|reply-to|return-path"
    r"|von|an|betreff|de|para|asunto)[ \t]*\*?[ \t]*[:：]|(from)[ \t](?=[ \t]*[^\s@]+@))"
    r"(?=(.*(?:\n[ \t]+\S.*){0,10}))",
    re.IGNORECASE | re.MULTILINE,
)
_NEAR = 10  # lines
_ADDRESS = re.compile(r"[^\s@]@[^\s@]")
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
    """Refuse a text that is an e-mail, a contact card or another kind that names its author, or that quotes one.
    SaysWhoSentIt."""
    plain = _QUOTED.sub("", _LINE_END.sub("\n", _UNSEEN.sub("", text))).lstrip()
    for pattern, what in _ANYWHERE:
        if pattern.search(plain):
            raise refusing.SaysWhoSentIt(what)
    first = _after_comments(plain)
    for pattern, what in _FIRST:
        if pattern.match(plain, first):
            raise refusing.SaysWhoSentIt(what)
    if _is_message(plain) or _quotes_message(plain):
        raise refusing.SaysWhoSentIt(gettext("an e-mail"))
    for endings, what in _NAMED:
        if name.lower().endswith(endings):
            raise refusing.SaysWhoSentIt(what)


def _after_comments(text: str) -> int:
    """Return where a text goes on after comments as XML writes them."""
    at = 0
    while text.startswith("<!--", at) and (end := text.find("-->", at)) >= 0:
        at = end + len("-->")
        while at < len(text) and text[at].isspace():
            at += 1
    return at


def _quotes_message(text: str) -> bool:
    """Whether two different lines of a message's head stand near each other, and one of them carries an address."""
    near: list[tuple[int, str, bool]] = []
    line = counted = 0
    for match in _HEAD_LINE.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        near = [each for each in near if line - each[0] < _NEAR]
        near.append((line, (match[1] or match[2]).lower(), bool(_ADDRESS.search(match[3]))))
        if len({name for _, name, _ in near}) > 1 and any(has_address for _, _, has_address in near):
            return True
        near = list({(name, has_address): (at, name, has_address) for at, name, has_address in near}.values())
    return False


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
    """Return whether every line has the same number of cells, two or more, with any separator that tables have."""
    return any(_is_table(text, separator) for separator in formulas.SEPARATORS)


def _is_table(text: str, separator: str) -> bool:
    try:
        widths = {len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if row}
    except csv.Error:  # a cell that no spreadsheet would hold
        return False
    return len(widths) == 1 and widths.pop() > 1


def clean(content: bytes) -> bytes:
    """Return the text in UTF-8, without a mark in front."""
    text = read(content)
    if text is None:
        raise refusing.Damaged("text")
    return text.encode()


def clean_table(content: bytes) -> bytes:
    """Return the table unchanged, or refuse it when a spreadsheet would run one of its cells."""
    text = clean(content).decode()
    if (at := formulas.find(text)) is not None:
        line = len(_LINE_END.sub("\n", text[:at]).split("\n"))
        raise refusing.ActiveContent(gettext("a formula (line %(line)s)") % {"line": line})
    return text.encode()
