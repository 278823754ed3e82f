"""Sealing a text so that it opens only where it was put: AES-256-GCM (NIST SP 800-38D), the place as associated data.

The promise (5 of the design): a sealed text moved to another table, row, field or agency does not open, and without
the key of its case or signal it opens nowhere.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import os
import uuid

from cryptography import exceptions
from cryptography.hazmat.primitives.ciphers import aead

VERSION = b"\x01"
NONCE = 12  # bytes; random, and a key seals far fewer than 2**32 texts (SP 800-38D, 8.3)
KEY = 32  # bytes
OVERHEAD = len(VERSION) + NONCE + 16  # bytes that sealing adds: the version, the nonce, the tag


class DoesNotOpen(Exception):
    """A sealed text was changed, moved, or sealed with another key. It is never shown as if it were empty."""

    def __init__(self, place: Place) -> None:
        super().__init__(f"A sealed text does not open where it stands: {place.table} {place.row}, {place.field}.")


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed text belongs: its table, row and field, and the agency that answers for it."""

    table: str
    row: uuid.UUID
    field: str
    agency: uuid.UUID

    def bound(self) -> bytes:
        """Write the place as associated data."""
        return b"\x00".join((self.table.encode(), self.row.bytes, self.field.encode(), self.agency.bytes))


class Key:
    """The key of one case or one signal."""

    __slots__ = ("_cipher",)

    def __init__(self, secret: bytes) -> None:
        self._cipher = aead.AESGCM(secret)

    def seal(self, text: str, place: Place) -> bytes:
        """Seal a text for a place; nothing stays nothing."""
        return self.seal_bytes(text.encode(), place)

    def open(self, sealed: bytes | memoryview, place: Place) -> str:
        """Open a text that was sealed for this place. DoesNotOpen."""
        return self.open_bytes(sealed, place).decode()

    def seal_bytes(self, content: bytes, place: Place) -> bytes:
        """Seal the content of a file for a place, OVERHEAD bytes longer; nothing stays nothing."""
        if not content:
            return b""
        nonce = os.urandom(NONCE)
        return VERSION + nonce + self._cipher.encrypt(nonce, content, VERSION + place.bound())

    def open_bytes(self, sealed: bytes | memoryview, place: Place) -> bytes:
        """Open the content of a file that was sealed for this place. DoesNotOpen."""
        content = memoryview(sealed)
        if not content:
            return b""
        if content[:1] != VERSION:
            raise DoesNotOpen(place)
        try:
            return self._cipher.decrypt(content[1 : 1 + NONCE], content[1 + NONCE :], VERSION + place.bound())
        except exceptions.InvalidTag:
            raise DoesNotOpen(place) from None


def new_secret() -> bytes:
    """Make a key's 256 random bits."""
    return os.urandom(KEY)


def wrap(secret: bytes, *, under: bytes, label: bytes) -> bytes:
    """Seal a key under another key, for one purpose."""
    nonce = os.urandom(NONCE)
    return nonce + aead.AESGCM(under).encrypt(nonce, secret, label)


def unwrap(wrapped: bytes, *, under: bytes, label: bytes) -> bytes:
    """Open a key that `wrap` sealed. cryptography's InvalidTag when it is another one's."""
    return aead.AESGCM(under).decrypt(wrapped[:NONCE], wrapped[NONCE:], label)


def commitment(secret: bytes, label: bytes) -> bytes:
    """Return what tells whether two wrapped texts hold the same secret, and nothing else: a secret has 256 random bits,
    so its SHA-256 says no more of it."""
    return hashlib.sha256(label + secret).digest()


class Index:
    """Tokens by which one agency finds equal values among its own rows, and nobody without the secret finds anything
    (HMAC-SHA-256, RFC 2104). Two agencies' tokens of the same value have nothing in common."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes, agency: uuid.UUID) -> None:
        self._secret = hmac.digest(secret, b"index\x00" + agency.bytes, hashlib.sha256)

    def token(self, kind: str, value: str) -> bytes:
        """Return the token of a value, 32 bytes."""
        return hmac.digest(self._secret, kind.encode() + b"\x00" + value.encode(), hashlib.sha256)
