"""Scanned pages in black and white, as PDF holds them (JBIG2; ITU-T T.88, 7.2): segments without programs' notes."""

from __future__ import annotations

from nowrongdoor.core.language import gettext as _
from nowrongdoor.uploads import refusing

_NOTE = 62  # an extension, such as a comment
_PAGE = 48
_REGIONS = frozenset({4, 6, 7, 20, 22, 23, 36, 38, 39, 40, 42, 43})
_UNKNOWN_LENGTH = 0xFFFFFFFF


def clean(content: bytes, *, most: int) -> bytes:
    """Return the segments without notes, and without what follows the last one. `most`: points of one picture.
    refusing.Damaged."""
    kept, at = [], 0
    while at + 11 <= len(content):
        kind, start, length = _head(content, at)
        body = content[start : start + length]
        if length == _UNKNOWN_LENGTH or len(body) < length:
            raise refusing.Damaged(_("picture in the document"))
        if kind == _PAGE or kind in _REGIONS:
            width, height = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
            # A page may leave its height open; the stripes that it then comes in are regions with a height.
            if width * (0 if height == _UNKNOWN_LENGTH else height) > most:
                raise refusing.Damaged(_("picture in the document"))
        if kind != _NOTE:
            kept.append(content[at : start + length])
        at = start + length
    return b"".join(kept)


def _head(content: bytes, at: int) -> tuple[int, int, int]:
    """Return the type of a segment, where its data starts, and how long that is."""
    number, flags = int.from_bytes(content[at : at + 4], "big"), content[at + 4]
    count, size = content[at + 5] >> 5, 1
    if count == 7:  # more than four segments that this one refers to
        count = int.from_bytes(content[at + 5 : at + 9], "big") & 0x1FFFFFFF
        size = 4 + (count + 8) // 8
    reference = 1 if number <= 256 else 2 if number <= 65536 else 4
    start = at + 5 + size + count * reference + (4 if flags & 0x40 else 1)
    return flags & 0x3F, start + 4, int.from_bytes(content[start : start + 4], "big")
