"""The keys of a PDF that stay: for each thing in it, what it may say, and what stands there. Any other key goes.

A key leads to a thing of the table, to TEXT, or to nothing more than numbers and names. Those stay under every key
that is known; a text stays only where it is TEXT; a list holds what its key may hold. Source: ISO 32000-2:2020, the
tables of 7.3 to 14.8. Left out on purpose, besides what nobody needs to see a page: /F, /FFilter and /FDecodeParms of a
stream (its content lies in another file), /Ref (a page of another file), /OPI and /Alternates (other pictures instead),
/Metadata, /PieceInfo, /AF, /AA and /OpenAction, /T, /M and /NM of a comment, /Measure, /VP and /PtData (places).
"""

from __future__ import annotations

from collections.abc import Mapping

TEXT = "text"
PLAIN = "plain"  # numbers and names alone
PAGE = "page"  # one of the file's pages; it has its own turn
GONE = ""
ANY = "*"  # for a table of names that the file chose itself


def _keys(plain: str = "", text: str = "", **others: str) -> Mapping[str, str]:
    return {
        **{f"/{key}": PLAIN for key in plain.split()},
        **{f"/{key}": TEXT for key in text.split()},
        **{key if key == ANY else f"/{key}": role for key, role in others.items()},
    }


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _named(role: str) -> Mapping[str, str]:
    return {ANY: role}


_STRUCT = "StructParent StructParents"
_ANNOTATION = _keys(
    "Type Subtype Rect F AS Border C QuadPoints H IC CA ca L LE LL LLE LLO Cap CP CO IT Vertices InkList RD Open Name "
    f"Sy Q Repeat {_STRUCT}",
    "Contents DA DS OverlayText",
    P=PAGE,
    AP="appearance",
    BS="border",
    BE="border",
    OC="layer",
    A="action",
    Dest="destination",
    RO="xobject",
)
_FUNCTION = _keys(
    "FunctionType Domain Range Size BitsPerSample Order Encode Decode C0 C1 N Bounds", Functions="function"
)
_CMAP = _keys("Type CMapName WMode BaseEncoding Differences", CIDSystemInfo="collection", UseCMap="encoding")

KEYS: Mapping[str, Mapping[str, str]] = {
    "catalog": _keys(
        "Type Version",
        "Lang",
        Pages="pages",
        PageLabels="labels",
        Names="names",
        Dests="destinations",
        Outlines="bookmark",
        AcroForm="fields",
        StructTreeRoot="structure",
        MarkInfo="marks",
        OCProperties="layers",
    ),
    "marks": _keys("Marked Suspects UserProperties"),
    "pages": _keys("Type Count MediaBox CropBox Rotate", Kids="pages", Parent="pages", Resources="resources"),
    PAGE: _keys(
        f"Type MediaBox CropBox BleedBox TrimBox ArtBox Rotate UserUnit Tabs {_STRUCT}",
        Parent="pages",
        Resources="resources",
        Contents="contents",
        Annots="annotation",
        Group="group",
    ),
    "contents": {},
    "group": _keys("Type S I K", CS="color"),
    "labels": _keys("Type S St Limits", "P", Kids="labels", Nums="labels"),
    # Where a link or a bookmark leads inside the file.
    "names": _keys(Dests="places"),
    "places": _keys(text="Limits", Kids="places", Names="destination"),
    "destinations": _named("destination"),
    "destination": _keys(D="destination"),
    "bookmark": _keys(
        "Type Count C F",
        "Title",
        First="bookmark",
        Last="bookmark",
        Next="bookmark",
        Prev="bookmark",
        Parent="bookmark",
        Dest="destination",
        A="action",
    ),
    "action": _keys("Type S", "URI", D="destination"),
    # What stands on a page besides its own content.
    "annotation": _ANNOTATION,
    "field": {
        **_ANNOTATION,
        **_keys(
            "FT Ff MaxLen I TI",
            "T TU V DV Opt",
            Kids="field",
            Parent="field",
            MK="caption",
        ),
    },
    "fields": _keys("NeedAppearances Q", "DA", Fields="field", DR="resources"),
    "caption": _keys("R BC BG TP", "CA RC AC"),
    "border": _keys("Type W S D I"),
    "appearance": _keys(N="shown", R="shown", D="shown"),
    "shown": _named("xobject"),
    # How the file is read aloud.
    "structure": _keys(
        "Type S MCID ParentTreeNextKey Limits C",
        "Alt ActualText E Lang",
        K="structure",
        P="structure",
        Pg=PAGE,
        A="attributes",
        RoleMap="attributes",
        ParentTree="structure",
        Kids="structure",
        Nums="structure",
        Obj="thing",
        Stm="xobject",
    ),
    "attributes": _named(PLAIN),
    # Layers.
    "layers": _keys(OCGs="layer", D="switches"),
    "layer": _keys("Type Intent P", "Name", OCGs="layer", VE="layer", Usage="usage"),
    "usage": _keys("PrintState ViewState ExportState Subtype", Print="usage", View="usage", Export="usage"),
    "switches": _keys(
        "BaseState Intent ListMode",
        ON="layer",
        OFF="layer",
        Order="order",
        RBGroups="layer",
        Locked="layer",
        AS="switches",
        Event=PLAIN,
        Category=PLAIN,
        OCGs="layer",
    ),
    # What content draws with.
    "resources": _keys(
        "ProcSet",
        ExtGState="states",
        ColorSpace="colors",
        Pattern="patterns",
        Shading="shadings",
        XObject="xobjects",
        Font="fonts",
        Properties="properties",
    ),
    "states": _named("state"),
    # Without the colors that a file puts in place of the plain ones: those are what its profiles are replaced with.
    "colors": {**_named("color"), **_keys(DefaultGray=GONE, DefaultRGB=GONE, DefaultCMYK=GONE)},
    "patterns": _named("pattern"),
    "shadings": _named("shading"),
    "xobjects": _named("xobject"),
    "fonts": _named("font"),
    "properties": _named("layer"),
    "state": _keys(
        "Type LW LC LJ ML D RI OP op OPM FL SM SA BM CA ca AIS TK",
        Font="font",
        BG="function",
        BG2="function",
        UCR="function",
        UCR2="function",
        TR="function",
        TR2="function",
        SMask="mask",
    ),
    "mask": _keys("Type S BC", G="xobject", TR="function"),
    "function": _FUNCTION,
    "color": {**_FUNCTION, **_keys("WhitePoint BlackPoint Gamma Matrix")},
    "pattern": _keys(
        "Type PatternType PaintType TilingType BBox XStep YStep Matrix",
        Resources="resources",
        Shading="shading",
        ExtGState="state",
    ),
    "shading": _keys(
        "ShadingType Background BBox AntiAlias Domain Coords Extend Matrix BitsPerCoordinate BitsPerComponent "
        "BitsPerFlag VerticesPerRow Decode",
        ColorSpace="color",
        Function="function",
    ),
    "form": _keys(f"Type Subtype FormType BBox Matrix {_STRUCT}", Resources="resources", Group="group", OC="layer"),
    "image": _keys(
        f"Type Subtype Width Height BitsPerComponent Intent ImageMask Decode Interpolate SMaskInData Matte {_STRUCT}",
        ColorSpace="color",
        Mask="xobject",
        SMask="xobject",
        OC="layer",
    ),
    "font": _keys(
        "Type Subtype BaseFont FirstChar LastChar Widths DW W DW2 W2 FontBBox FontMatrix",
        FontDescriptor="descriptor",
        DescendantFonts="font",
        Encoding="encoding",
        ToUnicode="encoding",
        CIDSystemInfo="collection",
        CIDToGIDMap="data",
        CharProcs="glyphs",
        Resources="resources",
    ),
    "glyphs": _named("glyph"),
    "glyph": {},
    "encoding": _CMAP,
    "collection": _keys("Supplement", "Registry Ordering"),
    "descriptor": _keys(
        "Type FontName FontStretch FontWeight Flags FontBBox ItalicAngle Ascent Descent Leading CapHeight XHeight "
        "StemV StemH AvgWidth MaxWidth MissingWidth",
        "FontFamily CharSet",
        FontFile="data",
        FontFile2="data",
        FontFile3="data",
        CIDSet="data",
    ),
    "data": _keys("Length1 Length2 Length3 Subtype"),  # of a font program
    "parameters": _keys(
        "Predictor Colors BitsPerComponent Columns EarlyChange K EndOfLine EncodedByteAlign Rows EndOfBlock BlackIs1 "
        "DamagedRowsBeforeError ColorTransform",
        JBIG2Globals="data",
    ),
}
# What every stream says of itself besides.
OF_A_STREAM = _keys("Length Filter", DecodeParms="parameters")
# Where a text stands in a list, rather than under a key: the name of a place, of a group of layers, a palette.
TEXT_IN_LISTS = frozenset({TEXT, "destination", "order", "color"})

ANNOTATIONS = _words(
    "/Text /Link /FreeText /Line /Square /Circle /Polygon /PolyLine /Highlight /Underline /Squiggly /StrikeOut "
    "/Stamp /Caret /Ink /Redact /Watermark /Widget"
)
FILTERS = _words(
    "/FlateDecode /LZWDecode /ASCII85Decode /ASCIIHexDecode /RunLengthDecode /CCITTFaxDecode /DCTDecode /JBIG2Decode"
)
PICTURES = _words("/CCITTFaxDecode /DCTDecode /JBIG2Decode")  # these need eyes of their own
IN_LINE = _words(  # of a picture that stands between the operators of a page
    "/Width /Height /ColorSpace /BitsPerComponent /Decode /DecodeParms /Filter /ImageMask /Intent /Interpolate "
    "/Length /L"
)
# The operators of a page's content (annex A), without those of notes for programs (MP, DP) and of PostScript.
OPERATORS = _words(
    "b B b* B* BT c cm CS cs d d0 d1 Do EMC ET f F f* G g gs h i j J K k l m M n q Q re RG rg ri s S SC sc SCN scn sh "
    "T* Tc Td TD Tf TJ Tj TL Tm Tr Ts Tw Tz v w W W* y ' \" BMC BDC"
)
SAY_TEXT = _words("TJ Tj ' \"")  # the only ones that carry a text
OF_A_MARK = _keys("MCID Type Subtype", "ActualText Alt E Lang")  # what a mark around content may say
