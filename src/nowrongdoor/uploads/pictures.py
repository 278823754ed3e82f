"""Pictures drawn again, point by point, so that only what can be seen is kept: no place, camera, time or thumbnail."""

from __future__ import annotations

import io
import struct

from PIL import Image, ImageOps

from nowrongdoor.uploads import refusing

POINTS = 60_000_000  # more than a phone's camera has; a picture of a few bytes may claim to be far larger
QUALITY = 92
_KEPT = (0xE0, 0xE2, 0xEE)  # JFIF, colour profile, Adobe's colour transform: how to draw it, and nothing else


def clean_png(content: bytes) -> bytes:
    """This will draw a PNG again. Damaged, Refused."""
    picture = _points(content, "PNG")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def clean_jpeg(content: bytes) -> bytes:
    """This will draw a JPEG again, the right way up. Damaged, Refused."""
    picture = _points(content, "JPEG")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _points(content: bytes, kind: str) -> Image.Image:
    """Reads a picture and copies its points into a new one, which knows nothing else of the first."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as given:
            if given.width * given.height > POINTS:
                raise refusing.Refused(f"This picture is too large: send at most {POINTS // 1_000_000} megapixels.")
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
    """This will take what cameras and programs wrote out of a JPEG inside a document, without drawing it again."""
    if not jpeg.startswith(b"\xff\xd8"):
        raise refusing.Damaged("picture in the document")
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        if marker == 0xDA:  # the points begin
            end = jpeg.rfind(b"\xff\xd9")
            return b"".join([*kept, jpeg[at : end + 2] if end > at else jpeg[at:]])
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big") + 2
        is_told = 0xE0 <= marker <= 0xEF and marker not in _KEPT
        if not is_told and marker != 0xFE:
            kept.append(jpeg[at : at + length])
        at += length
    raise refusing.Damaged("picture in the document")
