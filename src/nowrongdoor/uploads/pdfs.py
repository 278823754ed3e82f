"""PDF: refused when anything in it would run or bring a file along; of the rest, only what is known stays.

Every object of the file is looked at, whether a page uses it or not, for what a reader would run. Then the file is
walked from its root: a key that `pdf_keys` does not list for its thing goes, with all behind it, and so does what only
notes for programs say in the content of pages. What nothing leads to any more is not saved.
Source of the names: ISO 32000-2:2020, 12.6 (actions), 7.11.4 (embedded files), 12.7.8 (XFA).
"""

from __future__ import annotations

import collections
import io
import zlib
from collections.abc import Iterator, Mapping

import pikepdf

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.uploads import jbig2, pdf_keys, pictures, refusing

OBJECTS = 200_000
PAGES = 5_000
DEPTH = 100
UNPACKED = 1_000_000_000  # bytes of all streams together
STREAM = 250_000_000  # bytes of one: a picture of as many points as `pictures` takes, in four colors
CONTENT = 40_000_000  # bytes of what is drawn on all pages together, without pictures
PIECE = 65_536  # bytes
NESTED = 50  # drawings in drawings
DRAWINGS = 100_000  # on one page, with those in them
BITS = pictures.POINTS * 8  # of one picture's points in one color; a page in black and white may have more points
# What an action may not be, by its /S; the others are kept where they only lead somewhere.
ACTIONS: Mapping[str, str] = {
    "/JavaScript": gettext_lazy("a script"),
    "/Launch": gettext_lazy("a command that starts a program"),
    "/SubmitForm": gettext_lazy("a form that sends itself away"),
    "/ImportData": gettext_lazy("a form that reads a file"),
    "/GoToE": gettext_lazy("another file inside"),
    "/Rendition": gettext_lazy("sound or film"),
    "/Movie": gettext_lazy("sound or film"),
    "/Sound": gettext_lazy("sound or film"),
    "/RichMediaExecute": gettext_lazy("sound or film"),
    "/GoTo3DView": gettext_lazy("a 3-D scene"),
}
# What a thing on a page may not be, by its /Subtype or /Type.
THINGS: Mapping[str, str] = {
    "/FileAttachment": gettext_lazy("another file inside"),
    "/EmbeddedFile": gettext_lazy("another file inside"),
    "/RichMedia": gettext_lazy("sound or film"),
    "/Screen": gettext_lazy("sound or film"),
    "/Movie": gettext_lazy("sound or film"),
    "/Sound": gettext_lazy("sound or film"),
    "/3D": gettext_lazy("a 3-D scene"),
}
KEYS: Mapping[str, str] = {
    "/JS": gettext_lazy("a script"),
    "/JavaScript": gettext_lazy("a script"),
    "/EmbeddedFiles": gettext_lazy("another file inside"),
    "/EF": gettext_lazy("another file inside"),
    "/XFA": gettext_lazy("a form that runs by itself"),
    "/RichMediaContent": gettext_lazy("sound or film"),
}
# What a link may lead to outside of the file, when a person follows it.
ADDRESSES = ("http://", "https://", "mailto:", "tel:")
# A stream that is one of these is content: it is drawn, and may be read as a page is.
_DRAWN = frozenset({"form", "glyph", "pattern"})
_STREAMS = _DRAWN | {"contents", "image", "function", "color", "shading", "encoding", "data"}
_DRAW = pikepdf.Operator("Do")
_LISTS = frozenset({"pages", "annotation", "field"})  # where a gap in a list would be a fault
_PLAIN_COLORS = {1: pikepdf.Name.DeviceGray, 3: pikepdf.Name.DeviceRGB, 4: pikepdf.Name.DeviceCMYK}


class TooMuch(refusing.Refused):
    """It holds more than can be looked at, or more than a reader could show."""

    def __init__(self) -> None:
        super().__init__(_("This PDF is too complicated to check. Print it to a new PDF, and send that."))


class UnknownPicture(refusing.Refused):
    """A picture in it is packed in a way that nothing here can look into."""

    def __init__(self) -> None:
        super().__init__(
            _("This PDF holds a picture in a format that cannot be checked. Print it to a new PDF, and send that.")
        )


def clean(content: bytes) -> bytes:
    """Return the PDF without its metadata. ActiveContent, Damaged, Refused."""
    try:
        with pikepdf.open(io.BytesIO(content), inherit_page_attributes=False) as pdf:
            if pdf.is_encrypted:
                raise refusing.Refused(
                    _("This PDF is locked. Open it, print it to a new PDF without a password, send that.")
                )
            if len(pdf.objects) > OBJECTS or len(pdf.pages) > PAGES:
                raise TooMuch
            if not len(pdf.pages):
                raise refusing.Damaged("PDF")
            for thing in pdf.objects:
                for each in _dictionaries(thing, 0):
                    _refuse_active(each)
            _Known(pdf).keep()
            for key in set(pdf.trailer.keys()) - {"/Root", "/Size"}:
                del pdf.trailer[key]
            out = io.BytesIO()
            pdf.save(out, deterministic_id=True, fix_metadata_version=False)
            return out.getvalue()
    except pikepdf.PasswordError as error:
        raise refusing.Refused(
            _("This PDF needs a password. Print it to a new PDF without one, and send that.")
        ) from error
    except refusing.Refused:
        raise
    # The library lets these out, too, for names and values that no honest file has.
    except (pikepdf.PdfError, TypeError, ValueError, KeyError, IndexError, AttributeError, RuntimeError) as error:
        raise refusing.Damaged("PDF") from error


def _dictionaries(thing: pikepdf.Object, depth: int) -> Iterator[pikepdf.Object]:
    """Every dictionary inside one object, itself included; what it only points at has its own turn."""
    if depth > DEPTH:
        raise refusing.Damaged("PDF")
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        yield thing
        inside: Iterator[object] = iter([thing.get(key) for key in thing.keys()])  # noqa: SIM118  a stream has no __iter__
    elif isinstance(thing, pikepdf.Array):
        inside = iter(list(thing))
    else:
        return
    for each in inside:
        if isinstance(each, pikepdf.Object) and not each.is_indirect:
            yield from _dictionaries(each, depth + 1)


def _refuse_active(each: pikepdf.Object) -> None:
    for key, what in KEYS.items():
        if key in each:
            raise refusing.ActiveContent(what)
    for key, refused in (("/S", ACTIONS), ("/Subtype", THINGS), ("/Type", THINGS)):
        value = each.get(key)
        if isinstance(value, pikepdf.Name) and str(value) in refused:
            raise refusing.ActiveContent(refused[str(value)])


class _Known:
    """What of a file is known, thing by thing, in the order in which its root leads to them.

    A thing that is reached as two things keeps only what both may say."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._pages = {page.obj.objgen: page.obj for page in pdf.pages}
        self._seen: set[tuple[tuple[int, int], str]] = set()
        self._todo: list[tuple[pikepdf.Object, str]] = []
        self._streams: list[tuple[pikepdf.Stream, str]] = []
        self._draws: dict[tuple[int, int], collections.Counter[tuple[int, int]]] = {}
        self._unpacked = self._drawn = 0

    def keep(self) -> None:
        """Take the rest out."""
        self._todo.append((self._pdf.Root, "catalog"))
        while self._todo:
            thing, role = self._todo.pop()
            if isinstance(thing, pikepdf.Array):
                self._keep_in_list(thing, role)
            else:
                self._keep_keys(thing, role)
        for page in self._pages.values():
            if "/Contents" in page:
                page.Contents = self._pdf.make_stream(self._content_of(page, _parts(page.Contents)))
        for stream, role in self._streams:
            self._pack(stream, role)
        counted: dict[tuple[int, int], int] = {}
        for each in list(self._draws):
            self._refuse_endless(each, counted, 0)

    def _keep_keys(self, thing: pikepdf.Object, role: str) -> None:
        known: Mapping[str, str] = pdf_keys.KEYS[role]
        if isinstance(thing, pikepdf.Stream):
            known = {**known, **pdf_keys.OF_A_STREAM}
            if role != "contents":  # those of a page are written together
                self._streams.append((thing, role))
        for key in set(thing.keys()):
            inside = known.get(key, known.get(pdf_keys.ANY, pdf_keys.GONE))
            if not inside or not self._stays(thing.get(key), inside):
                del thing[key]

    def _keep_in_list(self, things: pikepdf.Array, role: str) -> None:
        if role == "color" and len(things) > 1 and things[0] == pikepdf.Name.ICCBased:
            # A profile may name a screen and whose it is; the plain colors stand for it.
            channels = things[1].get("/N") if isinstance(things[1], pikepdf.Stream) else None
            plain = _PLAIN_COLORS.get(channels) if isinstance(channels, int) else None
            if plain is None:
                raise refusing.Damaged("PDF")
            things[0] = plain
            del things[1:]
        for at in reversed(range(len(things))):
            if not self._stays(things[at], role):
                if role in _LISTS:
                    del things[at]
                else:
                    things[at] = None

    def _stays(self, value: object, role: str) -> bool:
        """Whether a value may stand where a thing is expected; what it holds is looked at in its turn."""
        if not isinstance(value, pikepdf.Object) or isinstance(value, pikepdf.Name):
            return True
        if isinstance(value, pikepdf.String):
            return role in pdf_keys.TEXT_IN_LISTS
        if role in (pdf_keys.PLAIN, pdf_keys.TEXT) and not isinstance(value, pikepdf.Array):
            return False
        if not isinstance(value, (pikepdf.Array, pikepdf.Dictionary, pikepdf.Stream)):
            return False
        inside: str | None = role if isinstance(value, pikepdf.Array) else self._is_a(value, role)
        if inside is None:
            return False
        if not value.is_indirect or (value.objgen, inside) not in self._seen:
            self._seen.add((value.objgen, inside))
            self._todo.append((value, inside))
        return True

    def _is_a(self, value: pikepdf.Object, role: str) -> str | None:
        """Return which thing of the table stands here, None for one that is not in it, or that is out of place."""
        is_stream, kind = isinstance(value, pikepdf.Stream), str(value.get("/Subtype", ""))
        if role == "thing":
            role = "xobject" if is_stream else "annotation"
        if role == "xobject" or (role == "shown" and is_stream):
            named = {"/Image": "image", "/Form": "form"}.get(kind)
            return named if is_stream else None
        if role in ("pages", pdf_keys.PAGE):
            if value.objgen in self._pages:
                return pdf_keys.PAGE
            return "pages" if role == "pages" and "/Kids" in value else None
        if role == "annotation" or (role == "field" and kind):
            if kind not in pdf_keys.ANNOTATIONS:
                return None
            return "field" if kind == "/Widget" else "annotation"
        if role == "destination":
            return pdf_keys.PAGE if value.objgen in self._pages else role if "/D" in value else None
        if role == "action":
            leads = value.get("/S")
            is_address = leads == pikepdf.Name.URI and str(value.get("/URI", "")).strip().lower().startswith(ADDRESSES)
            return role if leads == pikepdf.Name.GoTo or is_address else None
        if role == "order":
            role = "layer"
        return role if not is_stream or role in _STREAMS else None

    def _pack(self, stream: pikepdf.Stream, role: str) -> None:
        """Pack a stream anew, so that it holds what its reader sees of it, and no more."""
        filters = _filters(stream)
        if role == "image":
            _refuse_vast(stream.get("/Width"), stream.get("/Height"), stream.get("/BitsPerComponent", 1))
        if role in _DRAWN:
            stream.write(self._content_of(stream, [stream]))
        elif filters and filters[-1] in pdf_keys.PICTURES:
            self._pack_picture(stream, filters)
        elif filters == ["/FlateDecode"]:
            raw = stream.read_raw_bytes()
            own = _parameters(stream, 1)[0]
            stream.write(raw[: self._end_of(raw)], filter=pikepdf.Name.FlateDecode, decode_parms=own)
        elif pdf_keys.PICTURES.isdisjoint(filters):
            stream.write(self._unpack(stream))
        else:
            raise UnknownPicture

    def _pack_picture(self, stream: pikepdf.Stream, filters: list[str]) -> None:
        """Keep a picture in its own format, without what else is packed around it or in it."""
        parameters = _parameters(stream, len(filters))
        raw = stream.read_raw_bytes()
        if len(filters) > 1:
            around = self._pdf.make_stream(raw)
            around.Filter = pikepdf.Array(map(pikepdf.Name, filters[:-1]))
            around.DecodeParms = pikepdf.Array([each if len(each) else None for each in parameters[:-1]])
            raw = self._unpack(around)
        own = parameters[-1]
        if filters[-1] == "/DCTDecode":
            # A photograph in a PDF is the camera's own file, with the place where it was taken.
            raw = pictures.without_segments(raw)
        elif filters[-1] == "/JBIG2Decode":
            if isinstance(shared := own.get("/JBIG2Globals"), pikepdf.Stream):
                shared.write(jbig2.clean(self._unpack(shared), most=BITS))
            raw = jbig2.clean(raw, most=BITS)
        else:
            _refuse_vast(own.get("/Columns", 1728), own.get("/Rows", 0), 1)
        stream.write(raw, filter=pikepdf.Name(filters[-1]), decode_parms=own)

    def _unpack(self, stream: pikepdf.Stream) -> bytes:
        if _filters(stream) == ["/FlateDecode"]:
            self._end_of(stream.read_raw_bytes())
        content = stream.read_bytes()
        self._count(len(content), len(content))
        return content

    def _end_of(self, packed: bytes) -> int:
        """Count what a stream unpacks to, piece by piece, and return where it ends."""
        unpacking, size = zlib.decompressobj(), 0
        for start in range(0, len(packed), PIECE):
            rest = packed[start : start + PIECE]
            while rest and not unpacking.eof:
                try:
                    more = len(unpacking.decompress(rest, PIECE))
                except zlib.error as error:
                    raise refusing.Damaged("PDF") from error
                size += more
                self._count(more, size)
                rest = unpacking.unconsumed_tail
            if unpacking.eof:
                return min(start + PIECE, len(packed)) - len(unpacking.unused_data)
        return len(packed)

    def _count(self, more: int, whole: int) -> None:
        self._unpacked += more
        if self._unpacked > UNPACKED or whole > STREAM:
            raise TooMuch

    def _content_of(self, thing: pikepdf.Object, streams: list[pikepdf.Stream]) -> bytes:
        """Return what streams of a page or a drawing draw together, operator by operator."""
        content = b"\n".join(map(self._unpack, streams))
        self._drawn += len(content)
        if self._drawn > CONTENT:
            raise TooMuch
        instructions = pikepdf.parse_content_stream(self._pdf.make_stream(content))
        kept = [each for each in instructions if _is_drawn(each)]
        named = collections.Counter(str(each.operands[0]) for each in kept if each.operator == _DRAW and each.operands)
        there = _resources(thing).get("/XObject", pikepdf.Dictionary()) if named else pikepdf.Dictionary()
        self._draws[thing.objgen] = collections.Counter()
        for name, times in named.items():
            if isinstance(drawing := there.get(name), pikepdf.Stream):
                self._draws[thing.objgen][drawing.objgen] += times
        return pikepdf.unparse_content_stream(kept)

    def _refuse_endless(self, thing: tuple[int, int], counted: dict[tuple[int, int], int], depth: int) -> int:
        """Return how many drawings a page or a drawing draws, with those in them. TooMuch, also for circles."""
        if thing not in counted:
            if depth > NESTED:
                raise TooMuch
            inside = self._draws.get(thing, collections.Counter())
            counted[thing] = 1 + sum(
                times * self._refuse_endless(each, counted, depth + 1) for each, times in inside.items()
            )
            if counted[thing] > DRAWINGS:
                raise TooMuch
        return counted[thing]


def _resources(thing: pikepdf.Object) -> pikepdf.Object:
    """Return what a page or a drawing draws with: its own, or those that stand above it. TooMuch."""
    above = 0
    while "/Resources" not in thing:
        if isinstance(thing, pikepdf.Stream) and "/Subtype" not in thing:
            return pikepdf.Dictionary()  # a glyph: its font has them
        if "/Parent" not in thing or above > NESTED:
            raise TooMuch  # a drawing that draws with what its page has: no program writes that any more
        thing, above = thing.Parent, above + 1
    return thing.Resources


def _parts(contents: pikepdf.Object) -> list[pikepdf.Stream]:
    """List the streams of a page's content: one, or some in a list."""
    return [
        each
        for each in ([contents] if isinstance(contents, pikepdf.Stream) else list(contents))
        if isinstance(each, pikepdf.Stream)
    ]


def _filters(stream: pikepdf.Object) -> list[str]:
    """List how a stream is packed, the last that was done first. UnknownPicture."""
    filters = stream.get("/Filter")
    names = [filters] if isinstance(filters, pikepdf.Name) else [] if filters is None else list(filters)
    if not pdf_keys.FILTERS.issuperset(map(str, names)):
        raise UnknownPicture
    return [str(each) for each in names]


def _parameters(stream: pikepdf.Stream, count: int) -> list[pikepdf.Dictionary]:
    """List how each of a stream's filters is set."""
    given = stream.get("/DecodeParms")
    each = list(given) if isinstance(given, pikepdf.Array) else [given]
    return [one if isinstance(one, pikepdf.Dictionary) else pikepdf.Dictionary() for one in [*each, *[None] * count]][
        :count
    ]


def _refuse_vast(width: object, height: object, bits: object) -> None:
    """Refuse a picture that a few bytes say is larger than a reader can show."""
    if not (isinstance(width, int) and isinstance(height, int) and isinstance(bits, int)):
        raise refusing.Damaged("PDF")
    if width * height * bits > BITS:
        raise pictures.TooManyPoints


def _is_drawn(instruction: pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage) -> bool:
    """Whether an instruction stays. What a mark around content says for programs is taken out of it."""
    if isinstance(instruction, pikepdf.ContentStreamInlineImage):
        image = instruction.iimage.obj
        if not pdf_keys.IN_LINE.issuperset(image.keys()) or not pdf_keys.PICTURES.isdisjoint(_filters(image)):
            raise UnknownPicture
        _refuse_vast(image.get("/Width"), image.get("/Height"), image.get("/BitsPerComponent", 1))
        return True
    operator = str(instruction.operator)
    if operator not in pdf_keys.OPERATORS:
        return False
    if operator in pdf_keys.SAY_TEXT:
        return True
    operands = instruction.operands
    if operator == "BDC" and len(operands) == 2 and isinstance(operands[1], pikepdf.Dictionary):
        for key in set(operands[1].keys()):
            role = pdf_keys.OF_A_MARK.get(key)
            if role is None or not _is_simple(operands[1].get(key), may_say=role == pdf_keys.TEXT):
                del operands[1][key]
        return True
    return all(map(_is_simple, operands))


def _is_simple(value: object, *, may_say: bool = False) -> bool:
    """Whether a value is a number or a name, a list of these, or a text where one may be."""
    if isinstance(value, pikepdf.Array):
        return all(map(_is_simple, list(value)))
    return (
        not isinstance(value, pikepdf.Object)
        or isinstance(value, pikepdf.Name)
        or (may_say and isinstance(value, pikepdf.String))
    )
