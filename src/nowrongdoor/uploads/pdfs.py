"""PDF: refused when anything in it would run, call out or bring a file along; saved anew without its metadata.

Every object of the file is looked at, whether a page uses it or not, and whatever a reader would do with it.
Source of the names: ISO 32000-2:2020, 12.6 (actions), 7.11.4 (embedded files), 14.3 (metadata), 12.7.8 (XFA).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

import pikepdf

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.uploads import pictures, refusing

OBJECTS = 200_000
DEPTH = 100
# What an action may not be, by its /S; those left (GoTo, Named, URI…) only lead somewhere when a person follows them.
ACTIONS: Mapping[str, str] = {
    "/JavaScript": gettext_lazy("a script"),
    "/Launch": gettext_lazy("a command that starts a program"),
    "/SubmitForm": gettext_lazy("a form that sends itself away"),
    "/ImportData": gettext_lazy("a form that reads a file"),
    "/GoToE": gettext_lazy("another file inside"),
    "/GoToR": gettext_lazy("a link to a file on somebody's device"),
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
# Taken out wherever they are: what tells of author, program and times, what starts by itself, small copies of pages,
# articles (12.4.3) with their authors, and what proves a signature (12.8), which does not hold for a file saved anew.
DROPPED = (
    "/Metadata",
    "/PieceInfo",
    "/LastModified",
    "/Thumb",
    "/AA",
    "/OpenAction",
    "/Collection",
    "/SpiderInfo",
    "/Author",
    "/Creator",
    "/Producer",
    "/CreationDate",
    "/ModDate",
    "/CreatorInfo",
    "/Threads",
    "/DSS",
    "/Perms",
    "/IDS",
    "/URLS",
)
# Of a comment (12.5.6.2): who wrote it, and when. On a field of a form /T is the field's own name, and stays.
_OF_A_COMMENT = ("/T", "/M", "/NM")
_OF_A_SIGNATURE = (
    "/Name",
    "/M",
    "/Location",
    "/Reason",
    "/ContactInfo",
    "/Cert",
    "/Contents",
    "/ByteRange",
    "/Prop_Build",
)


def clean(content: bytes) -> bytes:
    """Return the PDF without its metadata. ActiveContent, Damaged, Refused."""
    try:
        with pikepdf.open(io.BytesIO(content), inherit_page_attributes=False) as pdf:
            if pdf.is_encrypted:
                raise refusing.Refused(
                    _("This PDF is locked. Open it, print it to a new PDF without a password, send that.")
                )
            if len(pdf.objects) > OBJECTS:
                raise refusing.Refused(_("This PDF is too complicated to check. Print it to a new PDF, and send that."))
            if not len(pdf.pages):
                raise refusing.Damaged("PDF")
            for thing in pdf.objects:
                for each in _dictionaries(thing, 0):
                    _refuse_active(each)
                    for key in (*DROPPED, *_names_of_people(each)):
                        if key in each:
                            del each[key]
                if isinstance(thing, pikepdf.Stream):
                    _strip_picture(thing)
            for key in ("/Info", "/ID"):
                if key in pdf.trailer:
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
    except (pikepdf.PdfError, TypeError, ValueError, KeyError, RuntimeError) as error:
        raise refusing.Damaged("PDF") from error


def _names_of_people(each: pikepdf.Object) -> tuple[str, ...]:
    kind = each.get("/Type")
    if "/ByteRange" in each or kind in (pikepdf.Name.Sig, pikepdf.Name("/DocTimeStamp")):
        return _OF_A_SIGNATURE
    if each.get("/FT") == pikepdf.Name.Sig:
        return ("/V",)
    if kind == pikepdf.Name.Page:
        return ("/B",)  # the page's part of an article
    is_comment = "/Rect" in each and "/FT" not in each and each.get("/Subtype") != pikepdf.Name.Widget
    return _OF_A_COMMENT if is_comment else ()


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


def _strip_picture(stream: pikepdf.Stream) -> None:
    """A photograph in a PDF is the camera's own file, with the place where it was taken."""
    filters = stream.get("/Filter")
    names = [str(filters)] if isinstance(filters, pikepdf.Name) else [str(each) for each in filters or ()]
    if names == ["/DCTDecode"]:
        parameters = stream.get("/DecodeParms")
        if not (parameters is None or isinstance(parameters, (pikepdf.Dictionary, pikepdf.Array))):
            raise refusing.Damaged("PDF")
        bare = pictures.without_segments(stream.read_raw_bytes())
        stream.write(bare, filter=pikepdf.Name.DCTDecode, decode_parms=parameters)
    elif "/JPXDecode" in names or "/DCTDecode" in names:
        raise refusing.Refused(
            _("This PDF holds a picture in a format that cannot be checked. Print it to a new PDF, and send that.")
        )
