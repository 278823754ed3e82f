"""Sessions that whoever reads their table can neither use nor read.

The promise: the cookie holds 256 random bits and the database only their SHA-256, which is as hard to turn round as the
bits are to guess; what a session remembers is sealed with a key that is made of the same bits and kept nowhere. So a
dump gives nobody a cookie, and what is copied into another session's row does not open there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets

from asgiref import sync
from cryptography import exceptions
from cryptography.hazmat.primitives.ciphers import aead
from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

NONCE = 12  # bytes; random, and a session is written far less often than 2**32 times (SP 800-38D, 8.3)
Remembered = dict[str, object]


def kept_as(session_key: str) -> str:
    """Return what the database holds of a session's key: the whole SHA-256, in the 40 characters there are."""
    return base64.b85encode(hashlib.sha256(session_key.encode()).digest()).decode()


class SessionStore(db.SessionStore):
    """Django's sessions in the database, by digest. The methods are its own; each says which row it means by
    `kept_as`."""

    def exists(self, session_key: str) -> bool:
        """Return whether there is a session of this key."""
        return super().exists(kept_as(session_key))

    def delete(self, session_key: str | None = None) -> None:
        """End the session of this key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(kept_as(key))

    def create_model_instance(self, data: Remembered) -> AbstractBaseSession:
        """Make the row that keeps this session."""
        row = super().create_model_instance(data)
        row.session_key = kept_as(row.session_key)
        return row

    def encode(self, session_dict: Remembered) -> str:
        """Sign what is remembered, as Django does, and seal it."""
        nonce = os.urandom(NONCE)
        signed = super().encode(session_dict).encode()
        return base64.b85encode(nonce + self._cipher().encrypt(nonce, signed, None)).decode()

    def decode(self, session_data: bytes | str) -> Remembered:
        """Open what is remembered; nothing, when it was changed or belongs to another session."""
        try:
            sealed = base64.b85decode(session_data)
            signed = self._cipher().decrypt(sealed[:NONCE], sealed[NONCE:], None)
        except (ValueError, exceptions.InvalidTag):
            return {}
        return dict(super().decode(signed.decode()))

    def _cipher(self) -> aead.AESGCM:
        assert self.session_key is not None  # a row is found by its key, and made with one
        return aead.AESGCM(hmac.digest(self.session_key.encode(), b"what a session remembers", hashlib.sha256))

    def _get_new_session_key(self) -> str:
        return secrets.token_urlsafe(32)  # nobody else's: the database would refuse it, and Django try again

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        if self.session_key is None:
            return None
        rows = self.model.objects.filter(session_key=kept_as(self.session_key), expire_date__gt=timezone.now())
        row = rows.order_by("session_key").first()
        if row is None:
            self._session_key = None
        return row

    # What asynchronous code asks is answered by the methods above, so that there is one way only.

    async def aexists(self, session_key: str) -> bool:
        """Do as `exists`."""
        return await sync.sync_to_async(self.exists)(session_key)

    async def adelete(self, session_key: str | None = None) -> None:
        """Do as `delete`."""
        await sync.sync_to_async(self.delete)(session_key)

    async def aload(self) -> Remembered:
        """Do as `load`."""
        return await sync.sync_to_async(self.load)()

    async def asave(self, must_create: bool = False) -> None:  # noqa: FBT001  Django's own signature
        """Do as `save`."""
        await sync.sync_to_async(self.save)(must_create)

    async def acreate(self) -> None:
        """Do as `create`."""
        await sync.sync_to_async(self.create)()
