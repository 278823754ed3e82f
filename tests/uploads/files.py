"""Small files to send: honest ones that tell too much, and ones that would run."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import openpyxl
import pikepdf
from PIL import Image, PngImagePlugin

from nowrongdoor.uploads import checking, office, reading

TOLD = "Zuzana-Canary-7391"  # stands for whatever must not stay: an author, a place, a camera


def read(name: str, content: bytes) -> checking.Clean:
    """What `checking.check` gives back, without the process of its own that it takes: see test_apart.py for that."""
    kind, clean = reading.look(name, content).clean()
    return checking.Clean(kind.file_name, kind, clean, was_scanned=False)


def jpeg(width: int = 64, height: int = 48) -> bytes:
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright
    exif[0x010F] = TOLD
    exif.get_ifd(0x8825)[29] = TOLD  # the day of the place
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=TOLD.encode())
    return out.getvalue() + TOLD.encode()


def png(mode: str = "RGB") -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", TOLD)
    told.add_itxt("XML:com.adobe.xmp", TOLD)
    out = io.BytesIO()
    Image.new(mode, (20, 10)).save(out, "PNG", pnginfo=told)
    return out.getvalue() + TOLD.encode()


def claims_to_be_vast() -> bytes:
    """A PNG of a few bytes that says it has ten billion points."""
    small = png()
    header = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:]


def pdf(**root: pikepdf.Object) -> bytes:
    """A page with a photograph, and everything that tells; `root` goes into the document's root."""
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(200, 200))
        photograph = pikepdf.Stream(document, jpeg())
        photograph.Type, photograph.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        photograph.Width, photograph.Height, photograph.BitsPerComponent = 64, 48, 8
        photograph.ColorSpace, photograph.Filter = pikepdf.Name.DeviceRGB, pikepdf.Name.DCTDecode
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=photograph))
        page.Contents = pikepdf.Stream(document, b"q 100 0 0 100 0 0 cm /P Do Q")
        page.PieceInfo = pikepdf.Dictionary(Tool=pikepdf.String(TOLD))
        document.docinfo["/Author"] = TOLD
        document.Root.Metadata = pikepdf.Stream(document, f"<x>{TOLD}</x>".encode())
        document.Root.Metadata.Type = pikepdf.Name.Metadata
        for name, value in root.items():
            document.Root[f"/{name}"] = document.make_indirect(value)
        out = io.BytesIO()
        document.save(
            out, fix_metadata_version=False, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable
        )
        return out.getvalue()


def action(kind: str, **more: Any) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(Type=pikepdf.Name.Action, S=pikepdf.Name(f"/{kind}"), **more)


def locked_pdf() -> bytes:
    with pikepdf.open(io.BytesIO(pdf())) as document:
        out = io.BytesIO()
        document.save(out, encryption=pikepdf.Encryption(owner="x", user="y"))
        return out.getvalue()


def workbook(formula: str = "=SUM(A1:A2)") -> bytes:
    book = openpyxl.Workbook()
    book.properties.creator = book.properties.lastModifiedBy = TOLD
    sheet = book.create_sheet("First", 0)
    sheet.append([1, formula])
    sheet.append(["Zuzana is safe"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def document(parts: dict[str, str | bytes] | None = None, kind: str = office.DOCUMENT) -> bytes:
    """A Word document with the fewest parts, and more or other ones."""
    who = f'w:author="{TOLD}" w:initials="{TOLD}" w:date="2026-01-01T00:00:00Z"'
    words = f"<w:p><w:ins {who}><w:r><w:t>Safe</w:t></w:r></w:ins></w:p>"
    all_parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        f'content-types"><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
        "_rels/.rels": relationships("officeDocument", "word/document.xml"),
        "word/document.xml": '<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.'
        f'org/wordprocessingml/2006/main"><w:body>{words}</w:body></w:document>',
        "docProps/core.xml": f"<cp:coreProperties xmlns:cp='x'><c>{TOLD}</c></cp:coreProperties>",
        "docProps/thumbnail.jpeg": jpeg(),
        "word/media/image1.jpeg": jpeg(),
        "word/media/image2.png": png(),
        "customXml/item1.xml": f"<owner>{TOLD}</owner>",
        **(parts or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.comment = TOLD.encode()
        for name, part in all_parts.items():
            package.writestr(name, part)
    return out.getvalue()


def relationships(kind: str, target: str, more: str = "") -> str:
    base = "http://schemas.openxmlformats.org"
    return (
        f'<?xml version="1.0"?><Relationships xmlns="{base}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{base}/officeDocument/2006/relationships/{kind}" Target="{target}" {more}/></Relationships>'
    )
