"""Word documents and Excel workbooks: packages of parts (ECMA-376), let in part by part from a list.

What would run, call out or bring a file along is refused; what tells of people, programs and places on a disk is
emptied; pictures go through `pictures`; and the package is packed anew, so that nothing hides between its parts.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError  # noqa: S405  names only; defusedxml does the reading

import defusedxml
from defusedxml import ElementTree

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.uploads import pictures, refusing

PARTS = 3_000
UNPACKED = 80_000_000  # bytes of all parts together; a package of a few bytes may claim to be far larger
_TYPES = "application/vnd.openxmlformats-officedocument."
WORKBOOK = _TYPES + "spreadsheetml.sheet.main+xml"
DOCUMENT = _TYPES + "wordprocessingml.document.main+xml"
CONTENTS = "[Content_Types].xml"
_RUNS = re.compile(r"macroenabled|vbaproject|oleobject|activex|ms-excel\.(?:intlmacrosheet|macrosheet)", re.IGNORECASE)
# Parts that run, call out or bring something along, by what their names hold.
_REFUSED_PARTS = {
    "vbaproject": "macros",
    "vbadata": "macros",
    "macrosheets/": "macros",
    "dialogsheets/": "macros",
    "activex/": gettext_lazy("a control that runs"),
    "ctrlprops/": gettext_lazy("a control that runs"),
    "customui": gettext_lazy("a control that runs"),
    "webextensions/": gettext_lazy("a control that runs"),
    "embeddings/": gettext_lazy("another file inside"),
    "afchunk": gettext_lazy("another file inside"),
    "externallinks/": gettext_lazy("a link to another file"),
    "connections.xml": gettext_lazy("a connection to a database"),
    "querytables/": gettext_lazy("a connection to a database"),
    "xl/revisions/": gettext_lazy("the list of changes of a shared workbook"),
    "xl/usernames": gettext_lazy("the list of people who share a workbook"),
}
_NAME = re.compile(r"[A-Za-z0-9_ .\-\[\]/]+\.(?:xml|rels|vml|png|jpe?g)", re.ASCII)
_PRINTER = re.compile(r"xl/printersettings/[a-z0-9]+\.bin")  # the name of somebody's printer and computer
# Relationships that bring such a part along under any name.
_REFUSED_LINKS = (
    *("/aFChunk", "/attachedTemplate", "/connections", "/control", "/ctrlProp", "/externalLink", "/externalLinkPath"),
    *("/frame", "/mailMergeSource", "/oleObject", "/package", "/queryTable", "/subDocument", "/webextension"),
)
_FORMULAS = frozenset({"f", "definedName", "formula", "formula1", "formula2"})
_CALLS_OUT = re.compile(r"\b(?:WEBSERVICE|RTD|CALL|REGISTER(?:\.ID)?|EXEC|IMAGE)\s*\(|\w\s*\|\s*'", re.IGNORECASE)
_FIELDS = frozenset({"instrText", "delInstrText"})
_FETCHES = "DDE(?:AUTO)?|INCLUDETEXT|INCLUDEPICTURE|DATABASE|IMPORT"
_FIELD_RUNS = re.compile(rf"(?:^|[\s\"])(?:{_FETCHES})[\s\"]", re.IGNORECASE)
_FOLLOWED = frozenset({"hyperlink", "hlinkClick", "hlinkHover", "hlinkMouseOver"})  # by a person who clicks
_ENCODING = re.compile(rb"<\?xml[^>]*\bencoding\s*=\s*[\"']([^\"']+)")
# What names a person, a moment or a place on a disk, and what stands there instead.
_VALUE = rb"\s*=\s*(?:\"[^\"<]*\"|'[^'<]*')"
_A_PATH = rb"(?:[a-z]:[\\/]|\\\\|file:|/Users/|/home/)[^\"'<]*|[^\"'<]*\.(?:png|jpe?g|gif|bmp|tiff?|heic)"


def _attribute(names: bytes, element: bytes = rb"") -> re.Pattern[bytes]:
    """An attribute with its value, of any element or of those named; the first group is what stays."""
    inside = rb"<(?:\w+:)?(?:" + element + rb")\b[^<>]*?\s" if element else rb"\s"
    return re.compile(rb"(" + inside + rb"(?:\w+:)?(?:" + names + rb"))" + _VALUE)


_TOLD: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (_attribute(rb"author|userId|userName|displayName|providerId|refreshedBy"), rb'\1="Author"'),
    (_attribute(rb"initials"), rb'\1="A"'),
    (_attribute(rb"user", rb"scenario"), rb'\1="Author"'),
    (_attribute(rb"comment", rb"scenario"), rb'\1=""'),
    (_attribute(rb"name", rb"customWorkbookView|customSheetView"), rb'\1="View"'),
    (_attribute(rb"name", rb"docPr|cNvPr"), rb'\1="Picture"'),
    (re.compile(rb"(\sdescr)\s*=\s*([\"'])(?:" + _A_PATH + rb")\2", re.IGNORECASE), rb'\1=""'),
    (re.compile(rb"\s(?:\w+:date(?:Utc)?|dT|dateTime|refreshedDate(?:Iso)?)" + _VALUE), rb""),
    (re.compile(rb"\s(?:\w+:)?(?:rsid\w*|securityDescriptor|destinationFile|codeName)" + _VALUE), rb""),
    (re.compile(rb"(<v:imagedata\b[^<>]*?)\so:(?:title|href)" + _VALUE), rb"\1"),
    # an address that a drawing of old names itself, for its reader to fetch
    (re.compile(rb"\s(?:\w+:)?(?:src|althref)" + _VALUE), rb""),
    (re.compile(rb"(<(?:\w+:)?author>)[^<]*<"), rb"\1Author<"),
    (re.compile(rb"<\w+:(?:absPath|docId|docVar)\b[^<>]*/>"), rb""),
    (re.compile(rb"<\w+:rsids>.*?</\w+:rsids>", re.DOTALL), rb""),
    (re.compile(rb"<!--.*?-->", re.DOTALL), rb""),
    (re.compile(rb"<\?(?!xml\s).*?\?>", re.DOTALL), rb""),
)
_EMPTY = {
    "docprops/core.xml": b'<?xml version="1.0" encoding="UTF-8"?><cp:coreProperties '
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docprops/app.xml": b'<?xml version="1.0" encoding="UTF-8"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docmetadata/labelinfo.xml": b'<?xml version="1.0" encoding="UTF-8"?><clbl:labelList '
    b'xmlns:clbl="http://schemas.microsoft.com/office/2020/mipLabelMetadata"/>',
    "docprops/custom.xml": b'<?xml version="1.0" encoding="UTF-8"?><Properties '
    b'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
}
_OWN_DATA = re.compile(r"customxml/item\d+\.xml")  # what a document store wrote down of the file
_THUMBNAIL = re.compile(rb"<Relationship\b[^>]*/metadata/thumbnail\"[^>]*/>")


def main_part(content: bytes) -> str | None:
    """Say WORKBOOK or DOCUMENT, or None for any other package. Damaged, ActiveContent."""
    parts = dict(_parts(content))
    if CONTENTS not in parts:
        return None
    types = [value for each in _read(parts[CONTENTS]) if (value := each.get("ContentType"))]
    if any(_RUNS.search(each) for each in types):
        raise refusing.ActiveContent(_("macros or another program"))
    mains = [each for each in types if each in (WORKBOOK, DOCUMENT)]
    return mains[0] if len(mains) == 1 else None


def clean(content: bytes) -> bytes:
    """Return the package without its metadata. ActiveContent, Damaged, Refused."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        parts = dict(_parts(content))
        elsewhere = _elsewhere(parts)
        for name, part in parts.items():
            cleaned = _clean_part(name, part, elsewhere.get(name.lower(), frozenset()))
            if cleaned is not None:
                package.writestr(zipfile.ZipInfo(name), cleaned, zipfile.ZIP_DEFLATED)  # all of 1980
    return out.getvalue()


def _parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Every part once, within limits, whatever the package says of itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = [each for each in package.infolist() if not each.is_dir()]
            names = [each.filename.lower() for each in entries]
            if len(entries) > PARTS or sum(each.file_size for each in entries) > UNPACKED:
                raise refusing.Refused(_("This file unpacks to too much to check. Send it in parts, or as PDF."))
            if len(set(names)) != len(names) or any(each.flag_bits & 0x1 for each in entries):
                raise refusing.Damaged("file")
            for each in entries:
                # Never more than it declared: that is what was added up above.
                yield each.filename, package.read(each)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError) as error:
        if isinstance(error, refusing.Refused):
            raise
        raise refusing.Damaged("file") from error


def _read(part: bytes) -> Element:
    try:
        return ElementTree.fromstring(part, forbid_dtd=True)
    except (ParseError, defusedxml.DefusedXmlException, ValueError) as error:
        raise refusing.Damaged("file") from error


class _Words:
    """What a part says that a program would follow by itself, as its reader reads it, however it is written: formulas,
    fields in pieces, and links to elsewhere (`ids`). Nothing else of a large sheet is kept."""

    def __init__(self, ids: frozenset[str]) -> None:
        self.formulas: list[str] = []
        self.fields: list[str] = []
        self._ids = ids
        self._inside: list[list[str] | None] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element. refusing.ActiveContent."""
        name = tag.rpartition("}")[2]
        if name in _FORMULAS:
            self.formulas.append("")
        self._inside.append(self.formulas if name in _FORMULAS else self.fields if name in _FIELDS else None)
        for key, value in attributes.items():
            if key.rpartition("}")[2] == "instr":
                self.fields.append(value)
            if value in self._ids and key.rpartition("}")[0].endswith("/relationships") and name not in _FOLLOWED:
                raise refusing.ActiveContent(_("a link to something elsewhere"))

    def data(self, text: str) -> None:
        """Read a piece of text."""
        if self._inside and (words := self._inside[-1]) is not None:
            words.append(words.pop() + text if words is self.formulas else text)

    def end(self, tag: str) -> None:
        """End an element."""
        self._inside.pop()

    def close(self) -> None:
        """End with nothing."""


def _refuse_what_runs(part: bytes, ids: frozenset[str]) -> None:
    """Refuse a part that is no XML, such as an e-mail under the name of one, or that would run or fetch something."""
    words = _Words(ids)
    try:
        parser = ElementTree.XMLParser(target=words, forbid_dtd=True)
        parser.feed(part)
        parser.close()
    except (ParseError, defusedxml.DefusedXmlException, ValueError) as error:
        if isinstance(error, refusing.Refused):
            raise
        raise refusing.Damaged("file") from error
    if _FIELD_RUNS.search(f" {''.join(words.fields)} "):
        raise refusing.ActiveContent(_("a field that fetches something"))
    if any(map(_CALLS_OUT.search, words.formulas)):
        raise refusing.ActiveContent(_("a formula that calls out"))


def _elsewhere(parts: Mapping[str, bytes]) -> dict[str, frozenset[str]]:
    """Return by part which of its links lead out of the package."""
    by_part = {}
    for name, part in parts.items():
        folder, is_rels, of = name.lower().rpartition("_rels/")
        if is_rels and of.endswith(".rels"):
            links = (each for each in _read(part) if each.get("TargetMode") == "External")
            by_part[folder + of.removesuffix(".rels")] = frozenset(each.get("Id", "") for each in links)
    return by_part


def _clean_part(name: str, part: bytes, elsewhere: frozenset[str]) -> bytes | None:
    """Gives a part as it may stay, or None for one that is left out."""
    lower = name.lower()
    for piece, what in _REFUSED_PARTS.items():
        if piece in lower:
            raise refusing.ActiveContent(what)
    if lower.startswith("docprops/thumbnail."):
        return None
    if lower in _EMPTY:
        return _EMPTY[lower]
    if lower.startswith(("docprops/", "docmetadata/")):
        raise refusing.ActiveContent(_("properties that cannot be checked"))
    if _PRINTER.fullmatch(lower):
        return b""
    if not _NAME.fullmatch(name) or ".." in name or name.startswith("/"):
        raise refusing.ActiveContent(_("a part that cannot be checked"))
    if lower.endswith(".png"):
        return pictures.clean_png(part)
    if lower.endswith((".jpg", ".jpeg")):
        return pictures.without_segments(part)
    return _clean_xml(name, part, elsewhere)


def _clean_xml(name: str, part: bytes, elsewhere: frozenset[str]) -> bytes:
    declared = _ENCODING.match(part.lstrip(b"\xef\xbb\xbf"))
    # Comments in CDATA are text, and text that looks like a comment is never written so by an office program.
    if b"<![CDATA[" in part and b"<!--" in part:
        raise refusing.Damaged("file")
    if b"\0" in part or b"<!" in part.replace(b"<!--", b"").replace(b"<![CDATA[", b""):
        raise refusing.Damaged("file")  # another encoding, or declarations that office programs never write
    if declared and declared.group(1).lower() not in (b"utf-8", b"us-ascii"):
        raise refusing.Damaged("file")
    if _OWN_DATA.fullmatch(name.lower()):
        return b'<?xml version="1.0" encoding="UTF-8"?><removed/>'
    if name.lower().endswith(".rels"):
        _refuse_links_out(part)
        return _THUMBNAIL.sub(b"", part)
    _refuse_what_runs(part, elsewhere)
    for pattern, instead in _TOLD:
        part = pattern.sub(instead, part)
    return part


def _refuse_links_out(part: bytes) -> None:
    """A link that a person follows may stay; one that the program follows by itself may not."""
    for each in _read(part):
        kind, target = each.get("Type", ""), each.get("Target", "")
        if _RUNS.search(kind) or kind.endswith(_REFUSED_LINKS):
            raise refusing.ActiveContent(_("a link to another file"))
        is_followed = kind.endswith("/hyperlink") and target.startswith(("http://", "https://", "mailto:", "tel:", "#"))
        if each.get("TargetMode") == "External" and not is_followed:
            raise refusing.ActiveContent(_("a link to something elsewhere"))
