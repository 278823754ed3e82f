"""Of a PDF only what is known stays: each place where something else could lie is planted with a mark, and is empty."""

from __future__ import annotations

import functools
import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
import typst
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from nowrongdoor.uploads import checking, jbig2, pdf_keys, pdfs, pictures, refusing
from tests.uploads import files
from tests.uploads.files import TOLD
from tests.uploads.test_checking import everything_in
from tests.uploads.test_telling import changed, jpeg_of

MARK = TOLD.encode()
SHOWN = b"Zora-Shown-4410"  # stands for what the page shows


def on_the_root(**keys: Any) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        for key, value in keys.items():
            pdf.Root[f"/{key}"] = value

    return change


def on_the_page(**keys: Any) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        for key, value in keys.items():
            pdf.pages[0].obj[f"/{key}"] = value

    return change


def note(subtype: str = "Text", **keys: Any) -> Callable[[Pdf], None]:
    """A comment on the page."""
    thing = Dictionary(Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=[0, 0, 9, 9])
    for key, value in keys.items():
        thing[f"/{key}"] = value
    return lambda pdf: on_the_page(Annots=Array([pdf.make_indirect(thing)]))(pdf)


def field(**keys: Any) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        made = Dictionary(FT=Name.Tx, T="f", Subtype=Name.Widget, Rect=[0, 0, 9, 9])
        for key, value in keys.items():
            made[f"/{key}"] = value
        one = pdf.make_indirect(made)
        pdf.Root.AcroForm = Dictionary(Fields=Array([one]))
        pdf.pages[0].obj.Annots = Array([one])

    return change


def stream(pdf: Pdf, content: bytes = b"", **keys: Any) -> Stream:
    made = Stream(pdf, content)
    for key, value in keys.items():
        made[f"/{key}"] = value
    return made


def form(content: bytes = b"0 0 1 1 re f", **keys: Any) -> Callable[[Pdf], None]:
    """A drawing on the page, with more keys than it needs."""

    def change(pdf: Pdf) -> None:
        drawing = stream(pdf, content, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9], **keys)
        pdf.pages[0].Resources.XObject.F = drawing

    return change


def image(**keys: Any) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        for key, value in keys.items():
            pdf.pages[0].Resources.XObject.P[f"/{key}"] = value

    return change


def content(words: bytes) -> Callable[[Pdf], None]:
    return lambda pdf: on_the_page(Contents=Stream(pdf, words))(pdf)


def resource(kind: str, value: Callable[[Pdf], Any]) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        pdf.pages[0].Resources[f"/{kind}"] = Dictionary(X=value(pdf))

    return change


def bookmark(**keys: Any) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        one = pdf.make_indirect(Dictionary(Title="x"))
        for key, value in keys.items():
            one[f"/{key}"] = value
        pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=one, Last=one, Count=1))

    return change


def another_page(pdf: Pdf) -> None:
    """A page that is in no list of pages, behind a link."""
    hidden = pdf.make_indirect(Dictionary(Type=Name.Page, Contents=Stream(pdf, b"(" + MARK + b") Tj")))
    note("Link", Dest=Array([hidden, Name.Fit]))(pdf)


def after_its_end(pdf: Pdf) -> None:
    packed = pdf.make_stream(b"")
    packed.write(zlib.compress(b"x" * 64) + MARK, filter=Name.FlateDecode)
    packed.Subtype = Name.Type1C
    descriptor = pdf.make_indirect(Dictionary(Type=Name.FontDescriptor, FontName=Name.A, FontFile3=packed))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.A, FontDescriptor=descriptor)
    resource("Font", lambda pdf: font)(pdf)


def packed_twice(pdf: Pdf) -> None:
    raw = zlib.compress(jpeg_of((0xE1, b"Exif\0\0" + MARK)))
    pdf.pages[0].Resources.XObject.P.write(raw, filter=Array([Name.FlateDecode, Name.DCTDecode]))


def segment(number: int, kind: int, body: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(body)) + body


A_PAGE = segment(0, 48, struct.pack(">IIIIBH", 8, 8, 0, 0, 0, 0))


def scan(*segments: bytes) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        scanned = pdf.pages[0].Resources.XObject.P
        shared = stream(pdf, segment(1, 62, MARK), Ana=TOLD)
        scanned.write(b"".join(segments), filter=Name.JBIG2Decode, decode_parms=Dictionary(JBIG2Globals=shared))

    return change


def address(kind: str, **keys: Any) -> Dictionary:
    return files.action(kind, **keys)


AWAY = Dictionary(Type=Name.Filespec, F=f"\\\\example.test\\{TOLD}", UF=TOLD)
TELLS = Dictionary(Private=TOLD)
PLANTED: dict[str, Callable[[Pdf], None]] = {
    # what lies elsewhere: a reader would fetch it, and so say who reads
    "external stream": form(F=AWAY, FFilter=Name.FlateDecode, FDecodeParms=Dictionary(X=TOLD)),
    "external content of a page": lambda pdf: on_the_page(Contents=stream(pdf, b"", F=AWAY))(pdf),
    "external picture": image(F=AWAY),
    "reference to another file's page": form(Ref=Dictionary(F=AWAY, Page=1, ID=Array([TOLD, TOLD]))),
    "other pictures instead": image(Alternates=Array([Dictionary(Image=Dictionary(F=AWAY))])),
    "OPI of a picture": image(OPI=Dictionary({"/1.3": Dictionary(Type=Name.OPI, F=AWAY, Comments=TOLD)})),
    "OPI of a drawing": form(OPI=Dictionary({"/2.0": Dictionary(Type=Name.OPI, F=AWAY, MainImage=TOLD)})),
    "link to another file": note("Link", A=address("GoToR", F=AWAY, D=TOLD)),
    "link to another file, in a chain": note(
        "Link", A=address("GoTo", D=Array([0, Name.Fit]), Next=Array([address("GoToR", F=AWAY)]))
    ),
    "link to another file, when a page is turned": on_the_page(AA=Dictionary(O=address("GoToR", F=AWAY))),
    "link to another file, when opened": on_the_root(OpenAction=address("GoToR", F=AWAY)),
    "link to another file, in a bookmark": bookmark(A=address("GoToR", F=AWAY)),
    "link to another file, in a field": field(A=address("GoToR", F=AWAY), AA=Dictionary(E=address("GoToR", F=AWAY))),
    "link to another file, by name": on_the_root(
        Names=Dictionary(Dests=Dictionary(Names=Array(["x", Dictionary(D=address("GoToR", F=AWAY))])))
    ),
    "address fetched when opened": on_the_root(OpenAction=address("URI", URI=f"https://x.test/{TOLD}")),
    "address fetched when a page is turned": on_the_page(AA=Dictionary(O=address("URI", URI=f"https://x/{TOLD}"))),
    "address of a file": note("Link", A=address("URI", URI=f"file://example.test/{TOLD}")),
    "address that is a script": note("Link", A=address("URI", URI=f" JavaScript:{TOLD}")),
    "address before all addresses": on_the_root(URI=Dictionary(Base=f"https://x.test/{TOLD}")),
    "unknown action": note("Link", A=address("Thread", F=AWAY, D=TOLD)),
    "article of another file": on_the_root(Threads=Array([Dictionary(F=AWAY, I=Dictionary(Title=TOLD))])),
    "files that belong to it": on_the_root(AF=Array([AWAY])),
    "files that belong to a page": on_the_page(AF=Array([AWAY])),
    "files that belong to a comment": note(AF=Array([AWAY])),
    "file behind a comment": note(FS=AWAY),
    "certificates asked for elsewhere": field(FT=Name.Sig, SV=Dictionary(Cert=Dictionary(URL=TOLD))),
    "shared review": on_the_root(Collection=Dictionary(Schema=Dictionary(N=TOLD))),
    "name of a legal statement": on_the_root(Legal=Dictionary(Attestation=TOLD)),
    "requirement": on_the_root(Requirements=Array([Dictionary(S=Name.EnableJavaScripts, RH=TOLD)])),
    "capture": on_the_root(SpiderInfo=Dictionary(C=Array([Dictionary(URL=TOLD)]))),
    "extension": on_the_root(Extensions=Dictionary(Ana=Dictionary(URL=TOLD))),
    "unknown on the root": on_the_root(Ana=TELLS),
    "unknown on a page": on_the_page(Ana=Array([TELLS])),
    "permission of a reader": on_the_root(Perms=Dictionary(UR3=Dictionary(Name=TOLD))),
    "profile of a printer": lambda pdf: on_the_root(
        OutputIntents=Array([Dictionary(Info=TOLD, DestOutputProfile=Stream(pdf, MARK))])
    )(pdf),
    # who, when and where
    "author of a comment": note(T=TOLD),
    "author of a highlight": note("Highlight", T=TOLD),
    "author of a comment that claims to be a field": note(T=TOLD, FT=Name.Tx),
    "author of a comment in a list of fields": lambda pdf: (
        note(T=TOLD)(pdf),
        on_the_root(AcroForm=Dictionary(Fields=Array(list(pdf.pages[0].obj.Annots))))(pdf),
    )[0],
    "author of a comment without a place": lambda pdf: on_the_page(
        Annots=Array([Dictionary(Subtype=Name.Text, T=TOLD)])
    )(pdf),
    "time of a comment": note(M=TOLD, CreationDate=TOLD),
    "number of a comment": note(NM=TOLD),
    "subject of a comment": note(Subj=TOLD),
    "window of a comment": note(Popup=Dictionary(Subtype=Name.Popup, T=TOLD, M=TOLD)),
    "what a comment answers": note(IRT=Dictionary(Subtype=Name.Text, Rect=[0, 0, 1, 1], T=TOLD)),
    "state of a comment": note(State=TOLD, StateModel=TOLD),
    "rich words of a comment": note(RC=f'<body><p data-author="{TOLD}"/></body>'),
    "data of a comment": note(ExData=TELLS, Measure=Dictionary(R=TOLD)),
    "unknown kind of comment": note("Tracking", Contents=TOLD),
    "seal of a field": field(FT=Name.Sig, V=Dictionary(Type=Name.Sig, Name=TOLD), Lock=TELLS),
    "name of a field for programs": field(TM=TOLD),
    "rich value of a field": field(RV=f"<p {TOLD}/>"),
    "unknown of a form": on_the_root(AcroForm=Dictionary(Fields=Array([]), Ana=Dictionary(T=TOLD))),
    "place of a map": on_the_page(VP=Array([Dictionary(Measure=Dictionary(GPTS=Array([51, 7]), GCS=TOLD))])),
    "place of a picture": image(Measure=Dictionary(Subtype=Name.GEO, GCS=TOLD), PtData=TELLS),
    "place of a drawing": form(Measure=Dictionary(Subtype=Name.GEO, GCS=TOLD)),
    "metadata of a page": lambda pdf: on_the_page(Metadata=Stream(pdf, MARK))(pdf),
    "metadata of a picture": image(Metadata=TELLS, ID=TOLD, Name=Name(f"/{TOLD}")),
    "metadata of a drawing": form(Metadata=TELLS, PieceInfo=TELLS, LastModified=TOLD, Name=Name(f"/{TOLD}")),
    "unknown of a picture": image(Ana=Array([Array([TELLS])])),
    "time of a page": on_the_page(LastModified=TOLD, ID=TOLD, PieceInfo=TELLS, SeparationInfo=TELLS),
    "thumbnail of a page": lambda pdf: on_the_page(Thumb=Stream(pdf, MARK))(pdf),
    "page that is in no list": another_page,
    "numbers of its parts": on_the_root(
        StructTreeRoot=Dictionary(
            IDTree=Dictionary(Names=Array([TOLD, Dictionary()])),
            ClassMap=Dictionary(X=Dictionary(O=Name.UserProperties, P=Array([Dictionary(V=TOLD)]))),
            K=Dictionary(S=Name.P, ID=TOLD, T=TOLD, A=Dictionary(O=Name.UserProperties, P=Array([TELLS]))),
        )
    ),
    "files of its parts": on_the_root(StructTreeRoot=Dictionary(K=Dictionary(S=Name.P, AF=Array([AWAY]), Ref=TELLS))),
    "who made a layer": on_the_root(
        OCProperties=Dictionary(
            OCGs=Array([Dictionary(Name="x", Usage=Dictionary(CreatorInfo=TELLS, User=Dictionary(Name=TOLD)))]),
            D=Dictionary(Creator=TOLD, Name=TOLD),
            Configs=Array([Dictionary(Creator=TOLD)]),
        )
    ),
    "color profile": resource(
        "ColorSpace", lambda pdf: Array([Name.ICCBased, stream(pdf, MARK, N=3, Alternate=Name.DeviceRGB)])
    ),
    "color profile under a palette": resource(
        "ColorSpace", lambda pdf: Array([Name.Indexed, Array([Name.ICCBased, stream(pdf, MARK, N=3)]), 0, b"\0\0\0"])
    ),
    "metadata of a color": resource(
        "ColorSpace", lambda pdf: Array([Name.CalGray, Dictionary(WhitePoint=[1, 1, 1], Ana=TOLD)])
    ),
    "metadata of a font": resource(
        "Font",
        lambda pdf: Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            FontDescriptor=Dictionary(Ana=TOLD, FontFile2=stream(pdf, b"x", Metadata=Stream(pdf, MARK), Ana=TOLD)),
        ),
    ),
    "metadata of a shading": resource("Shading", lambda pdf: Dictionary(ShadingType=2, Metadata=TELLS)),
    "metadata of a pattern": resource(
        "Pattern", lambda pdf: stream(pdf, b"% " + MARK + b"\n", PatternType=1, Metadata=TELLS, PieceInfo=TELLS)
    ),
    "halftone of a state": resource(
        "ExtGState", lambda pdf: Dictionary(LW=1, HT=Dictionary(HalftoneName=TOLD), HTO=Array([TELLS]))
    ),
    "mark with data": resource("Properties", lambda pdf: Dictionary(MCID=0, Metadata=TELLS, Ana=TOLD)),
    # between the operators of a page, and behind the end of what is packed
    "comment in content": content(b"% " + MARK + b"\n0 0 1 1 re f"),
    "comment inside a list": content(b"BT [(a) % " + MARK + b"\n] TJ ET"),
    "comment in a drawing": form(b"% " + MARK + b"\n0 0 1 1 re f"),
    "comment in how a comment looks": lambda pdf: note(
        AP=Dictionary(N=stream(pdf, b"% " + MARK + b"\n", Subtype=Name.Form, PieceInfo=TELLS))
    )(pdf),
    "comment in a glyph": resource(
        "Font", lambda pdf: Dictionary(Subtype=Name.Type3, CharProcs=Dictionary(a=Stream(pdf, b"% " + MARK + b"\n")))
    ),
    "note for programs": content(b"/Ana << /Who (" + MARK + b") >> DP 0 0 1 1 re f"),
    "mark that names somebody": content(b"/Span << /MCID 0 /Who (" + MARK + b") /In << /X 1 >> >> BDC EMC"),
    "text that nothing draws": content(b"(" + MARK + b") n [(" + MARK + b")] 0 d 0 0 1 1 re f"),
    "unknown operator": content(b"BX /" + MARK + b" ana EX 0 0 1 1 re f"),
    "after the end of a font": after_its_end,
    "photograph packed twice": packed_twice,
    "note in a scanned page": scan(A_PAGE, segment(2, 62, MARK)),
    "after the end of a scanned page": scan(A_PAGE, b"", MARK[:10] + b"\0" * 0),
    "trailer": lambda pdf: pdf.trailer.__setitem__("/Ana", TELLS),
    "thing that nothing leads to": lambda pdf: pdf.trailer.__setitem__("/Ana", pdf.make_indirect(Dictionary(X=TOLD))),
}


@functools.cache  # what is planted belongs to one file
def planted(what: str) -> bytes:
    return changed(PLANTED[what])


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_not_known_is_taken_out(what: str) -> None:
    mark = MARK[:10]  # a short one may stand where a long one would be read as something else
    assert mark in everything_in(planted(what))
    assert mark not in everything_in(files.read("", planted(what)).content)


def test_nothing_that_leads_out_of_the_file_is_left_but_addresses_that_a_person_follows() -> None:
    for what in PLANTED:
        with pikepdf.open(io.BytesIO(files.read("", planted(what)).content)) as pdf:
            kept = [each for each in pdf.objects if isinstance(each, (Dictionary, Stream))]
            assert kept
            named = {key for each in kept for key in each.keys()}  # noqa: SIM118  a stream has no __iter__
            assert named.isdisjoint({"/Ref", "/OPI", "/FFilter", "/AA", "/OpenAction", "/AF", "/FS", "/EF", "/UF"})


def test_what_a_page_shows_stays() -> None:
    words = b"BT /X 9 Tf (" + SHOWN + b") Tj ET /Span << /MCID 0 /ActualText (" + SHOWN + b"2) >> BDC EMC"
    inline = b"BI /W 1 /H 1 /CS /G /BPC 8 ID \xaa EI"

    def change(pdf: Pdf) -> None:
        page = pdf.pages[0]
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources.Font = Dictionary(X=font)
        page.obj.Contents = Array([Stream(pdf, words[:20]), Stream(pdf, words[20:] + b" " + inline)])
        note("Link", Contents=SHOWN.decode() + "3", A=address("URI", URI="https://x.test/" + SHOWN.decode() + "4"))(pdf)
        bookmark(Title=SHOWN.decode() + "5", Dest=Array([page.obj, Name.Fit]))(pdf)
        pdf.Root.StructTreeRoot = Dictionary(
            K=Array([Dictionary(S=Name.Figure, Pg=page.obj, Alt=SHOWN.decode() + "6", K=0)])
        )

    with pikepdf.open(io.BytesIO(files.read("", changed(change)).content)) as pdf:
        shown = pdf.pages[0].Contents.read_bytes()
        assert (SHOWN in shown, SHOWN + b"2" in shown, b"\xaa" in shown) == (True, True, True)
        link = pdf.pages[0].obj.Annots[0]
        assert str(link.Contents) == SHOWN.decode() + "3"
        assert str(link.A.URI) == "https://x.test/" + SHOWN.decode() + "4"
        assert str(pdf.Root.Outlines.First.Title) == SHOWN.decode() + "5"
        assert pdf.Root.Outlines.First.Dest[0].objgen == pdf.pages[0].obj.objgen
        part = pdf.Root.StructTreeRoot.K[0]
        assert (str(part.Alt), int(part.K), part.Pg.objgen) == (SHOWN.decode() + "6", 0, pdf.pages[0].obj.objgen)


def test_a_report_of_ours_stays_the_same_report_and_can_be_read_aloud() -> None:
    source = b'#set document(title: "x")\n= Findings\nOf #link("https://x.test")[people].\n#pagebreak()\n== More'
    report = typst.compile(source, pdf_standards=["ua-1"])
    with (
        pikepdf.open(io.BytesIO(report)) as before,
        pikepdf.open(io.BytesIO(files.read("", report).content)) as after,
    ):
        assert len(after.pages) == 2
        for old, new in zip(before.pages, after.pages, strict=True):
            assert set(new.Resources.keys()) == set(old.Resources.keys()) - {"/Properties"}
            assert [str(each.operator) for each in pikepdf.parse_content_stream(new)] == [
                str(each.operator) for each in pikepdf.parse_content_stream(old)
            ]
        assert after.Root.MarkInfo.Marked
        assert str(after.Root.Lang) == str(before.Root.Lang)
        assert _parts_read_aloud(after.Root.StructTreeRoot) == _parts_read_aloud(before.Root.StructTreeRoot)


def _parts_read_aloud(part: Any) -> list[str]:
    if not isinstance(part, (Dictionary, Array)):
        return []
    inside = list(part) if isinstance(part, Array) else [part.get("/K")]
    own = [str(part.S)] if isinstance(part, Dictionary) and "/S" in part else []
    return own + [each for one in inside for each in _parts_read_aloud(one)]


def test_a_thing_that_is_reached_as_two_things_keeps_only_what_both_may_say() -> None:
    def change(pdf: Pdf) -> None:
        both = stream(pdf, b"", Subtype=Name.Form, BBox=[0, 0, 1, 1], FontFile=Dictionary(X=TOLD), Widths=[1])
        pdf.pages[0].Resources.XObject.F = both
        pdf.pages[0].Resources.Font = Dictionary(F=Dictionary(Type=Name.Font, FontDescriptor=Dictionary(FontFile=both)))

    with pikepdf.open(io.BytesIO(files.read("", changed(change)).content)) as pdf:
        assert set(pdf.pages[0].Resources.XObject.F.keys()) == {"/Length", "/Filter", "/Subtype"}


def flate(size: int) -> bytes:
    """A megabyte for each kilobyte."""
    packing = zlib.compressobj(9)
    return b"".join([*(packing.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)), packing.flush()])


def vast(**keys: Any) -> bytes:
    return changed(image(**keys))


def bomb(*filters: Name, raw: bytes, as_picture: bool = False) -> bytes:
    def change(pdf: Pdf) -> None:
        target = pdf.pages[0].Resources.XObject.P if as_picture else pdf.pages[0].Contents
        target.write(raw, filter=Array(list(filters)))

    return changed(change)


def in_circles(pdf: Pdf) -> None:
    pdf.Root.Pages.Kids.append(pdf.Root.Pages)


def many_pages_of_few(pdf: Pdf) -> None:
    """Ten thousand million pages: each list names the next one ten times."""
    below = pdf.Root.Pages
    for _ in range(10):
        below = pdf.make_indirect(Dictionary(Type=Name.Pages, Count=10, Kids=Array([below] * 10)))
    pdf.Root.Pages = below


def many_pages(pdf: Pdf) -> None:
    for _ in range(pdfs.PAGES):
        pdf.add_blank_page()


def drawn_again_and_again(pdf: Pdf) -> None:
    large = Stream(pdf, b"0 0 m\n" * 1_000_000)
    pdf.pages[0].obj.Contents = Array([large] * 20)


def deep(pdf: Pdf) -> None:
    inside = Array([])
    for _ in range(300):
        inside = Array([inside])
    pdf.Root.X = inside


def drawings_in_drawings(pdf: Pdf, *, above: int = 12) -> None:
    """A page of ten drawings, each of ten drawings, and so on."""
    below = stream(pdf, b"0 0 1 1 re f", Subtype=Name.Form, BBox=[0, 0, 9, 9])
    for _ in range(above):
        inside = Dictionary(XObject=Dictionary(D=pdf.make_indirect(below)))
        below = stream(pdf, b"/D Do " * 10, Subtype=Name.Form, BBox=[0, 0, 9, 9], Resources=inside)
    pdf.pages[0].Resources.XObject.D = below
    content(b"/D Do")(pdf)


def drawing_in_itself(pdf: Pdf) -> None:
    drawings_in_drawings(pdf, above=1)
    drawing = pdf.pages[0].Resources.XObject.D
    drawing.Resources.XObject.D = drawing


BOMBS: dict[str, Callable[[], bytes]] = {
    "a picture": lambda: bomb(Name.FlateDecode, raw=flate(pdfs.STREAM + 1_000_000), as_picture=True),
    "content": lambda: bomb(Name.FlateDecode, raw=flate(pdfs.CONTENT + 1_000_000)),
    "packed twice": lambda: bomb(
        Name.FlateDecode, Name.FlateDecode, raw=zlib.compress(flate(pdfs.STREAM + 1_000_000)), as_picture=True
    ),
    "a picture of many points": lambda: vast(Width=100_000, Height=100_000),
    "a picture of no size": lambda: vast(Width="x"),
    "a fax of many points": lambda: changed(
        lambda pdf: pdf.pages[0].Resources.XObject.P.write(
            b"x", filter=Name.CCITTFaxDecode, decode_parms=Dictionary(Columns=1_000_000, Rows=1_000_000)
        )
    ),
    "a scanned page of many points": lambda: changed(
        scan(segment(0, 48, struct.pack(">IIIIBH", 1 << 20, 1 << 20, 0, 0, 0, 0)))
    ),
    "a small picture on the page of many points": lambda: changed(
        content(b"BI /W 99999 /H 99999 /CS /G /BPC 8 ID x EI")
    ),
    "content drawn again and again": lambda: changed(drawn_again_and_again),
    "drawings in drawings": lambda: changed(drawings_in_drawings),
    "drawing in itself": lambda: changed(drawing_in_itself),
    "drawing that draws with what its page has": lambda: changed(form(b"/P Do")),
    "pages in circles": lambda: changed(in_circles),
    "pages of pages": lambda: changed(many_pages_of_few),
    "too many pages": lambda: changed(many_pages),
    "lists in lists": lambda: changed(deep),
}


@pytest.mark.parametrize("what", BOMBS)
def test_what_a_reader_would_choke_on_is_refused(what: str) -> None:
    content = BOMBS[what]()
    assert len(content) < checking.LIMIT
    with pytest.raises(refusing.Refused, match=r"(?:complicated to check|cannot be read|too large|cannot be checked)"):
        files.read("", content)


def test_a_page_of_a_thousand_drawings_is_drawn() -> None:
    kept = files.read("", changed(lambda pdf: drawings_in_drawings(pdf, above=3))).content
    assert kept.count(b"/Form") == 4


@pytest.mark.parametrize("filters", [[Name.JPXDecode], [Name.DCT], [Name.Ana], [Name.DCTDecode, Name.FlateDecode]])
def test_a_picture_that_cannot_be_looked_into_is_refused(filters: list[Name]) -> None:
    with pytest.raises(pdfs.UnknownPicture):
        files.read("", bomb(*filters, raw=files.jpeg(), as_picture=True))
    inline = b"BI /W 1 /H 1 /CS /RGB /BPC 8 /F /DCT ID " + jpeg_of((0xE1, b"Exif\0\0" + MARK)) + b" EI"
    with pytest.raises(pdfs.UnknownPicture):
        files.read("", changed(content(inline)))


def test_a_jpeg_in_a_document_that_a_reader_would_choke_on_is_refused() -> None:
    large = jpeg_of().replace(b"\x00\x10\x00\x10", b"\xff\xff\xff\xff", 1)
    many = jpeg_of()
    scan_at = many.index(b"\xff\xda")
    again = many[scan_at : many.index(b"\xff", scan_at + 12)]
    many = many[:scan_at] + again * (pictures.SCANS + 1) + many[scan_at:]
    for content, error in ((large, pictures.TooManyPoints), (many, refusing.Damaged)):
        with pytest.raises(error):
            pictures.without_segments(content)
        with pytest.raises(error):
            files.read("", files.document({"word/media/image1.jpeg": content}))


def test_segments_of_a_scanned_page_stay_in_their_order() -> None:
    text = segment(1, 38, struct.pack(">IIII", 8, 8, 0, 0) + b"points")
    many = struct.pack(">IBIB", 70_000, 38 | 0x40, 0xE0000005, 0) + b"\0" * 20 + struct.pack(">II", 1, 3) + b"end"
    note = segment(2, 62, MARK)
    assert jbig2.clean(A_PAGE + note + text + many, most=64) == A_PAGE + text + many
    for broken in (A_PAGE[:-1], A_PAGE + text[:7] + b"\xff" * 4 + text[11:]):
        with pytest.raises(refusing.Damaged):
            jbig2.clean(broken, most=64)


def test_every_thing_that_a_key_leads_to_is_in_the_table() -> None:
    dispatched = {"xobject", "thing", "shown", "order", pdf_keys.TEXT, pdf_keys.PLAIN, pdf_keys.GONE}
    named = {role for keys in (*pdf_keys.KEYS.values(), pdf_keys.OF_A_STREAM) for role in keys.values()}
    assert named - dispatched <= set(pdf_keys.KEYS)
    assert set(pdf_keys.KEYS) - named == {"catalog", "form", "image"}
