"""Pictures drawn again, point by point, so that only what can be seen is kept: no place, camera, time or thumbnail."""

from __future__ import annotations

import io
import struct

from PIL import Image, ImageOps

from nowrongdoor.core.language import gettext as _
from nowrongdoor.uploads import refusing

POINTS = 60_000_000  # more than a phone's camera has; a picture of a few bytes may claim to be far larger
QUALITY = 92
_ADOBE, _JFIF = 0xEE, 0xE0  # how its colors are coded, and its resolution: needed to draw it, and nothing else
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # each says how large the picture is
SCANS = 100  # of one picture; a progressive one has about ten, and each takes a reader as long as the whole
_NO_THUMBNAIL = b"\0\0"


class TooManyPoints(refusing.Refused):
    """It has, or says that it has, more points than anybody's reader should draw."""

    def __init__(self) -> None:
        super().__init__(
            _("This picture is too large: send at most %(points)s megapixels.") % {"points": POINTS // 1000000}
        )


def clean_png(content: bytes) -> bytes:
    """Draw a PNG again. Damaged, Refused."""
    picture = _points(content, "PNG")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def clean_jpeg(content: bytes) -> bytes:
    """Draw a JPEG again, the right way up. Damaged, Refused."""
    picture = _points(content, "JPEG")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _points(content: bytes, kind: str) -> Image.Image:
    """Reads a picture and copies its points into a new one, which knows nothing else of the first."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as given:
            if given.width * given.height > POINTS:
                raise TooManyPoints
            upright = ImageOps.exif_transpose(given)
            mode = upright.mode
            if kind == "JPEG":
                wanted = "L" if mode == "L" else "RGB"
            elif mode in ("1", "L", "RGB", "RGBA") and "transparency" not in upright.info:
                wanted = mode
            else:
                wanted = "RGBA"
            plain = upright if mode == wanted else upright.convert(wanted)
            return Image.frombytes(wanted, plain.size, plain.tobytes())
    except refusing.Refused:
        raise
    except (OSError, SyntaxError, ValueError, struct.error, EOFError, Image.DecompressionBombError) as error:
        raise refusing.Damaged("picture") from error


def without_segments(jpeg: bytes) -> bytes:
    """Return a JPEG from inside a document without what cameras and programs wrote in it, and without what follows its
    first picture; its points are not drawn again. Damaged, TooManyPoints. (ITU T.81, B.1; JFIF 1.02)"""
    if not jpeg.startswith(b"\xff\xd8"):
        raise refusing.Damaged(_("picture in the document"))
    kept, at, scans = [jpeg[:2]], 2, 0
    while at + 2 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        if marker == 0xD9:  # the end of the picture, wherever the file ends
            return b"".join([*kept, jpeg[at : at + 2]])
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        segment = jpeg[at:end]
        if marker in _FRAMES:
            height, width = int.from_bytes(segment[5:7], "big"), int.from_bytes(segment[7:9], "big")
            if height * width > POINTS:
                raise TooManyPoints
        if marker == 0xDA:  # points follow, until a marker that is not one of theirs
            scans += 1
            if scans > SCANS:
                raise refusing.Damaged(_("picture in the document"))
            end = _end_of_points(jpeg, end)
            kept.append(jpeg[at:end])
        elif marker == _JFIF and segment[4:9] == b"JFIF\0" and len(segment) >= 18:
            kept.append(segment[:2] + (16).to_bytes(2, "big") + segment[4:16] + _NO_THUMBNAIL)
        elif marker == _ADOBE and segment[4:9] == b"Adobe" and len(segment) >= 16:
            kept.append(segment[:2] + (14).to_bytes(2, "big") + segment[4:16])
        elif not 0xE0 <= marker <= 0xEF and marker != 0xFE:
            kept.append(segment)
        at = end
    raise refusing.Damaged(_("picture in the document"))


def _end_of_points(jpeg: bytes, at: int) -> int:
    while (at := jpeg.find(b"\xff", at)) >= 0 and at + 1 < len(jpeg):
        if jpeg[at + 1] != 0 and not 0xD0 <= jpeg[at + 1] <= 0xD7:
            return at
        at += 2
    raise refusing.Damaged(_("picture in the document"))
