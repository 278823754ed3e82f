"""What is said to be taken out of a file is gone, what is said to stay is there, and pages and docs say the same."""

from __future__ import annotations

import io
import pathlib
import time
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pikepdf
import pytest
from openpyxl.comments import Comment
from PIL import Image

from nowrongdoor.uploads import kinds, pdfs, pictures, refusing, telling
from tests import claims
from tests.uploads import files
from tests.uploads.files import TOLD
from tests.uploads.test_checking import everything_in

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "files.md"
PERSON = f"{TOLD} O'Brien"  # an apostrophe ends no name
SAID = "Zdenka-Words-5520"  # stands for what a file says or shows


def cleaned(content: bytes, name: str = "x") -> bytes:
    return everything_in(files.read(name, content).content)


def word(body: str = "", root: str = "", **parts: str | bytes) -> bytes:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w" xmlns:v="v" xmlns:o="o" xmlns:wp="wp" '
        f'xmlns:w15="w15"{root}><w:body>{body}</w:body></w:document>'
    )
    named = {name.replace("__", "/").replace("_xml", ".xml"): part for name, part in parts.items()}
    return files.document({"word/document.xml": text, **named})


def xml(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><w:x xmlns:w="w" xmlns:w14="w14" xmlns:w15="w15">{inside}</w:x>'


def sheet(inside: str) -> bytes:
    """A workbook with a piece of XML of another part in it."""
    out = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(files.workbook()))
    with zipfile.ZipFile(out, "w") as package:
        for name in source.namelist():
            package.writestr(name, source.read(name))
        package.writestr("xl/more.xml", f'<?xml version="1.0"?><x xmlns:x15ac="a">{inside}</x>')
    return out.getvalue()


REMOVED_OFFICE = {
    "author of a change": word(f'<w:ins w:author="{PERSON}" w:date="{TOLD}"/>'),
    "author in single quotes": word(f"<w:del w:author = '{TOLD}'/>"),
    "initials": word(f'<w:comment w:initials="{PERSON}"/>'),
    "who comments": word(word__people_xml=xml(f'<w15:person w15:author="{PERSON}"/>')),
    "account of who comments": word(
        word__people_xml=xml(f'<w15:presenceInfo w15:providerId="{TOLD}" w15:userId="{PERSON}"/>')
    ),
    "sessions": word(f'<w:p w:rsidR="{TOLD}" w:rsidRDefault="{TOLD}"/>'),
    "list of sessions": word(word__settings_xml=xml(f'<w:rsids><w:rsid w:val="{TOLD}"/></w:rsids>')),
    "number of the document": word(word__settings_xml=xml(f'<w15:docId w15:val="{TOLD}"/>')),
    "variables": word(word__settings_xml=xml(f'<w:docVar w:name="x" w:val="{TOLD}"/>')),
    "core properties": word(docProps__core_xml=xml(TOLD)),
    "program properties": word(docProps__app_xml=xml(f"<w:Company>{TOLD}</w:Company>")),
    "custom properties": word(docProps__custom_xml=xml(TOLD)),
    "label": word(docMetadata__LabelInfo_xml=xml(f'<w:label w:siteId="{TOLD}"/>')),
    "store": word(customXml__item1_xml=xml(TOLD)),
    "picture's name": word(f'<wp:docPr wp:id="1" name="{PERSON}.jpg" descr="x"/>'),
    "picture's path": word(f'<wp:docPr id="1" descr="C:\\Users\\{TOLD}\\x"/>'),
    "picture's file": word(f'<wp:docPr id="1" descr="{TOLD}.jpeg"/>'),
    "old picture's title": word(f'<v:imagedata r="1" o:title="{PERSON}"/>'),
    "comment in XML": word(f"<!-- {TOLD} -->"),
    "instruction in XML": word(f"<?tool {TOLD}?>"),
    "path of the workbook": sheet(f'<x15ac:absPath url="{TOLD}"/>'),
    "who shares it": sheet(f'<fileSharing userName="{PERSON}"/>'),
    "view": sheet(f'<customWorkbookView guid="1" name="{PERSON} - Personal View"/>'),
    "scenario": sheet(f'<scenario name="x" user="{PERSON}" comment="Created by {TOLD}"/>'),
    "who may change": sheet(f'<protectedRange securityDescriptor="{TOLD}"/>'),
    "who refreshed": sheet(f'<pivotCacheDefinition refreshedBy="{PERSON}" refreshedDate="{TOLD}"/>'),
    "person of a thread": sheet(f'<person displayName="{PERSON}" userId="{TOLD}"/>'),
    "time of a thread": sheet(f'<threadedComment dT="{TOLD}"/>'),
}


@pytest.mark.parametrize("what", REMOVED_OFFICE)
def test_what_names_somebody_in_an_office_file_is_gone(what: str) -> None:
    assert TOLD.encode() in everything_in(REMOVED_OFFICE[what])
    assert TOLD.encode() not in cleaned(REMOVED_OFFICE[what])


@pytest.mark.parametrize(
    "content",
    [
        word(f"<w:del><w:r><w:delText>{SAID}</w:delText></w:r></w:del>"),
        word(f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>{SAID}</w:t></w:r>"),
        word(f'<wp:docPr id="1" descr="A letter of {SAID} and/or others"/>'),
    ],
    ids=["deleted", "hidden", "description"],
)
def test_what_a_document_says_stays_as_it_is_told(content: bytes) -> None:
    assert SAID.encode() in cleaned(content)


def test_a_workbook_keeps_its_hidden_sheets_and_words_of_comments_without_their_author() -> None:
    book = openpyxl.load_workbook(io.BytesIO(files.workbook()))
    hidden = book.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    hidden["A1"] = SAID
    book["First"]["A1"].comment = Comment("what was said", TOLD)
    out = io.BytesIO()
    book.save(out)
    assert TOLD.encode() in everything_in(out.getvalue())
    kept = cleaned(out.getvalue())
    assert (SAID.encode() in kept, b"what was said" in kept, TOLD.encode() in kept) == (True, True, False)


@pytest.mark.parametrize("part", ["xl/revisions/revisionHeaders.xml", "xl/userNames.xml", "docProps/more.xml"])
def test_a_list_of_people_that_cannot_be_emptied_is_refused(part: str) -> None:
    with pytest.raises(refusing.ActiveContent, match=r"Save it without, or print it to PDF\.$"):
        files.read("x", files.document({part: "<x/>"}))


def jpeg_of(*segments: tuple[int, bytes]) -> bytes:
    """A JPEG with segments right after its beginning."""
    out = io.BytesIO()
    Image.new("RGB", (16, 16), (9, 9, 9)).save(out, "JPEG", progressive=True)
    plain = out.getvalue()
    more = b"".join(bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2, "big") + data for marker, data in segments)
    return plain[:2] + more + plain[2:]


MARK = TOLD.encode()
PLACES_IN_A_JPEG = {
    "Exif": jpeg_of((0xE1, b"Exif\0\0" + MARK)),
    "XMP": jpeg_of((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + MARK)),
    "IPTC": jpeg_of((0xED, b"Photoshop 3.0\0" + MARK)),
    "color profile": jpeg_of((0xE2, b"ICC_PROFILE\0\1\1" + MARK)),
    "comment": jpeg_of((0xFE, MARK)),
    "JFIF thumbnail": jpeg_of((0xE0, b"JFIF\0\1\1\0\0\1\0\1\x02\x02" + MARK)),
    "JFIF extension": jpeg_of((0xE0, b"JFXX\0\x10" + MARK)),
    "after Adobe's": jpeg_of((0xEE, b"Adobe\0\x64\0\0\0\0\1" + MARK)),
    "after the end": jpeg_of() + MARK,
    "a second picture": jpeg_of() + jpeg_of((0xE1, b"Exif\0\0" + MARK)),
}


@pytest.mark.parametrize("what", PLACES_IN_A_JPEG)
def test_a_photograph_tells_nothing_alone_or_inside_a_document(what: str) -> None:
    content = PLACES_IN_A_JPEG[what]
    assert MARK in content
    assert MARK not in cleaned(content)
    bare = pictures.without_segments(content)
    assert MARK not in bare
    with Image.open(io.BytesIO(bare)) as shown:
        shown.load()
        assert shown.size == (16, 16)
    assert MARK not in cleaned(files.document({"word/media/image1.jpeg": content}))


def annotated(**more: Any) -> bytes:
    def change(pdf: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents=SAID, **more
        )
        pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(note)])

    return changed(change)


def changed(change: Callable[[pikepdf.Pdf], None]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdfs.clean(files.pdf()))) as pdf:
        change(pdf)
        pdf.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def signed(pdf: pikepdf.Pdf) -> None:
    by = pikepdf.Dictionary(
        Type=pikepdf.Name.Sig, Name=TOLD, Reason=TOLD, ContactInfo=TOLD, Contents=TOLD, ByteRange=[0, 1, 2, 3]
    )
    field = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="s", Rect=[0, 0, 0, 0], Subtype=pikepdf.Name.Widget)
    field.V = pdf.make_indirect(by)
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([pdf.make_indirect(field)]))


def article(pdf: pikepdf.Pdf) -> None:
    thread = pdf.make_indirect(pikepdf.Dictionary(I=pikepdf.Dictionary(Author=TOLD)))
    pdf.Root.Threads = pikepdf.Array([thread])
    bead = pdf.make_indirect(pikepdf.Dictionary(T=thread, R=[0, 0, 1, 1]))
    pdf.pages[0].obj.B = pikepdf.Array([bead])


def layer(pdf: pikepdf.Pdf) -> None:
    usage = pikepdf.Dictionary(CreatorInfo=pikepdf.Dictionary(Creator=TOLD))
    pdf.Root.OCProperties = pikepdf.Dictionary(
        OCGs=pikepdf.Array([pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=SAID, Usage=usage))])
    )


def earlier_version() -> bytes:
    """A file to which a second version was added, in which the first version's words are no more."""
    first = changed(lambda pdf: pdf.Root.__setattr__("Told", pdf.make_indirect(pikepdf.String(TOLD))))
    with pikepdf.open(io.BytesIO(first)) as pdf:
        number = pdf.Root.Told.objgen[0]
    at = len(first)
    start = first.rindex(b"startxref") + len(b"startxref")
    before = int(first[start:].split()[0])
    with pikepdf.open(io.BytesIO(first)) as pdf:
        root, size = pdf.Root.objgen[0], len(pdf.objects) + 1
    new = f"{number} 0 obj\n(other)\nendobj\n".encode()
    table = (
        f"xref\n{number} 1\n{at:010} 00000 n \ntrailer\n<< /Size {size} /Root {root} 0 R /Prev {before} >>\n".encode()
    )
    return first + new + table + f"startxref\n{at + len(new)}\n%%EOF\n".encode()


REMOVED_PDF = {
    "author of a comment": annotated(T=TOLD),
    "time of a comment": annotated(M=TOLD),
    "name of a comment": annotated(NM=TOLD),
    "signature": changed(signed),
    "article": changed(article),
    "layer": changed(layer),
    "earlier version": earlier_version(),
}


@pytest.mark.parametrize("what", REMOVED_PDF)
def test_what_names_somebody_in_a_pdf_is_gone(what: str) -> None:
    assert MARK in REMOVED_PDF[what]
    assert MARK not in cleaned(REMOVED_PDF[what])


def test_a_pdf_keeps_the_words_of_a_comment_and_the_names_of_its_fields_as_it_is_told() -> None:
    assert SAID.encode() in cleaned(annotated(T=TOLD))

    def form(pdf: pikepdf.Pdf) -> None:
        field = pikepdf.Dictionary(FT=pikepdf.Name.Tx, T=SAID, Rect=[0, 0, 0, 0], Subtype=pikepdf.Name.Widget)
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([pdf.make_indirect(field)]))

    assert SAID.encode() in cleaned(changed(form))


MAIL = "From: Ana <ana@example.test>\r\nTo: bo@example.test\r\nSubject: x\r\n\r\nHello\r\n"
SAYS_WHO_SENT_IT = {
    "an e-mail": MAIL,
    "an e-mail as a server writes it": "\r\nReceived: from x\r\n\tby y; Mon\r\nSubject: x\r\n\r\nHello",
    "a message under its subject": "Subject: x\nX-Own: y\nMessage-ID: <1>\n\nHello",
    "a folder of e-mails": "From ana@example.test Thu Jan  1 10:00:00 2026\nHello\n",
    "a web archive": "MIME-Version: 1.0\nContent-Type: multipart/related\n\n--x\n",
    "a contact card": "Here it is\nBEGIN:VCARD\nFN:Ana\nEND:VCARD\n",
    "a calendar entry": "BEGIN:VCALENDAR\nORGANIZER:mailto:ana@example.test\n",
    "a web page": "<!-- saved -->\n<!DOCTYPE html><meta name=author content=Ana>",
    "rich text": "{\\rtf1{\\info{\\author Ana}}}",
    "a flat document": '<?xml version="1.0"?><office:document/>',
    "a drawing": '<svg xmlns="http://www.w3.org/2000/svg"><title>Ana</title></svg>',
    "a directory entry": "dn: cn=Ana,dc=example\n",
    "a card after two marks": "\ufeff\ufeffBEGIN:VCARD\nFN:Ana\n",
    "a card after a space without width": "\u200bBEGIN:VCARD\nFN:Ana\n",
    "a card in pieces": "BEG\u200bIN:VCARD\nFN:Ana\n",
    "a card in a group": "item1.BEGIN:VCARD\nitem1.FN:Ana\n",
    "a card in a table": 'a,b\n"BEGIN:VCARD",1\n"FN:Ana",2\n',
    "a card in a table's cells": '"BEGIN","VCARD"\n"FN","Ana"\n',
    "a card for a camera": "Scan this: MECARD:N:Ana;TEL:1;;",
    "a card in JSON": '["vcard",[["fn",{},"text","Ana"]]]',
    "a calendar in a line": "x BEGIN:VCALENDAR",
    "an e-mail after two marks": "\ufeff\ufeff" + MAIL,
    "an e-mail after a space without width": "\u200b" + MAIL,
    "a forwarded e-mail": "See below.\n\n---------- Forwarded message ---------\n" + MAIL,
    "a forwarded e-mail in bold": "*From:* Ana <ana@example.test>\n*Date:* today\n",
    "an e-mail as the web sends it": "HTTP/1.1 200 OK\r\n" + MAIL,
    "an e-mail after a filter": "X_Spam: no\r\nX Filter\r\n" + MAIL,
    "a quoted e-mail": "> " + MAIL.replace("\r\n", "\r\n> "),
    "an e-mail quoted twice": ">> " + MAIL.replace("\r\n", "\r\n>> "),
    "an e-mail in a table": '"From: Ana <ana@example.test>",1\n"Subject: x",2\n',
    "a folded e-mail": "Hello\nTo:\n  Ana\n  <ana@example.test>\nSubject: x\n",
    "an e-mail with old line ends": "Hello\r" + MAIL.replace("\r\n", "\r"),
    "a message in a text": "She said: From: nobody\n\n" + MAIL,
    "a German e-mail": "Hallo\nVon: Ana <ana@example.test>\nBetreff: x\n",
    "a Spanish e-mail": "Hola\nDe: Ana <ana@example.test>\nAsunto: x\n",
    "a folder with a short line": "From ana@example.test\nHello\n",
    "a folder with a day": "From - Thu Jan 1\nHello\n",
    "a track": '<!-- made by Ana --><gpx version="1.1"><metadata><author>Ana</author></metadata></gpx>',
    "places": "<!-- a -->\n<!-- b -->\n<kml><Document/></kml>",
    "a drawing after a comment": "<!-- Ana --><svg><title>Ana</title></svg>",
    "XML after a comment": "<!-- Ana --><?xml version='1.0'?><x/>",
    "XML of any kind": '<x:list who="Ana" xmlns:x="x"/>',
}


@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
@pytest.mark.parametrize("what", SAYS_WHO_SENT_IT)
def test_a_text_that_carries_its_sender_is_refused_with_another_way_to_send_it(what: str, code: str) -> None:
    for name in ("note.txt", "table.csv", ""):
        with pytest.raises(refusing.SaysWhoSentIt, match=r"plain text file and send that, or print it to PDF"):
            files.read(name, SAYS_WHO_SENT_IT[what].encode(code))


@pytest.mark.parametrize("ending", [".eml", ".MHT", ".vcf", ".ics", ".html", ".rtf", ".msg", ".xml"])
def test_a_name_alone_can_keep_a_text_out(ending: str) -> None:
    assert files.read("x.txt", b"words").kind is kinds.Kind.TEXT
    with pytest.raises(refusing.SaysWhoSentIt):
        files.read("x" + ending, b"words")


@pytest.mark.parametrize(
    "text",
    [
        "From: the night shift\nTo: the day shift\nSubject: keys\n\nThey are with ana@example.test\n",
        "From: the night shift\n" + "-\n" * 10 + "To: ana@example.test\n",
        "12:30 Ana: come at once\n12:31 Bo: ana@example.test\n",
        "Note: see below\n",
    ],
    ids=["a memorandum", "lines far apart", "a chat", "a note"],
)
def test_a_text_that_somebody_wrote_is_kept_word_for_word(text: str) -> None:
    assert files.read("x.txt", text.encode()).content.decode() == text


def test_a_long_text_is_searched_in_a_time_that_grows_with_its_length() -> None:
    for piece in ("<!--a-->", "\n", " ", ">", "BEGIN ", "  To: x\n", "From ", "[", "*"):
        begun = time.monotonic()
        assert files.read("x.txt", ("x" + piece * (2_000_000 // len(piece))).encode()).kind is kinds.Kind.TEXT
        assert files.read("x.txt", (piece * (2_000_000 // len(piece)) + "x").encode()).kind is kinds.Kind.TEXT
        assert time.monotonic() - begun < 30, piece


def test_an_e_mail_under_the_name_of_a_part_is_refused() -> None:
    for name in ("word/note.xml", "word/note.vml"):
        assert files.read("", files.document({name: "<x/>"})).kind is kinds.Kind.DOCX
        with pytest.raises(refusing.Damaged, match="cannot be read"):
            files.read("", files.document({name: MAIL}))


def opendocument() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("meta.xml", f"<creator>{TOLD}</creator>")
    return out.getvalue()


@pytest.mark.parametrize("content", [opendocument(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + MARK])
def test_a_kind_that_cannot_be_cleaned_is_refused(content: bytes) -> None:
    with pytest.raises(kinds.UnknownKind, match="Send a PDF"):
        files.read("x.odt", content)


def test_every_kind_is_told_and_the_docs_say_the_same() -> None:
    assert set(telling.WHAT) == set(kinds.Kind)
    assert DOCS.read_text() == telling.as_markdown(), "write telling.as_markdown() to docs/files.md"
    for kind in kinds.Kind:
        said = telling.after(kind)
        assert claims.every(phrase in said for phrase in (*telling.WHAT[kind].removed, *telling.WHAT[kind].kept))
    assert "including any names, numbers or e-mail addresses in it" in telling.after(kinds.Kind.TEXT)
