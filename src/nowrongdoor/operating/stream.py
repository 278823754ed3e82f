"""Sealing a file of any length, chunk by chunk: AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway
and Vizár, CRYPTO 2015), so that a chunk that is changed, moved, dropped or cut off does not open."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import IO

from cryptography import exceptions
from cryptography.hazmat.primitives.ciphers import aead

from nowrongdoor.core.language import gettext as _

MAGIC = b"nwd-backup-1\n"
CHUNK = 1 << 20
TAG = 16


class Damaged(Exception):
    """The file was changed or cut off, or the key is another one's."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("%(name)s does not open: it was changed or cut off, or this is not its key.") % {"name": name}
        )


def seal(source: IO[bytes], target: IO[bytes], key: bytes) -> None:
    """Seal everything that can be read."""
    cipher, prefix = aead.AESGCM(key), os.urandom(7)
    target.write(MAGIC + prefix)
    number, chunk = 0, source.read(CHUNK)
    while True:
        following = source.read(CHUNK)
        target.write(cipher.encrypt(_nonce(prefix, number, is_last=not following), chunk, MAGIC))
        if not following:
            return
        number, chunk = number + 1, following


def opened(source: IO[bytes], key: bytes, name: str) -> Iterator[bytes]:
    """Open what `seal` made, chunk by chunk. Damaged."""
    cipher = aead.AESGCM(key)
    if source.read(len(MAGIC)) != MAGIC:
        raise Damaged(name)
    prefix = source.read(7)
    number, chunk = 0, source.read(CHUNK + TAG)
    while True:
        following = source.read(CHUNK + TAG)
        try:
            yield cipher.decrypt(_nonce(prefix, number, is_last=not following), chunk, MAGIC)
        except (exceptions.InvalidTag, ValueError):
            raise Damaged(name) from None
        if not following:
            return
        number, chunk = number + 1, following


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + struct.pack(">I?", number, is_last)
