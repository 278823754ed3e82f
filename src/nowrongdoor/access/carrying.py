"""Sealing what a page carries from one form to the next: nothing of it stays here, and its source tells nothing."""

from __future__ import annotations

import base64
import hashlib

from cryptography import fernet
from django.conf import settings


def cipher(use: bytes) -> fernet.Fernet:
    """Return what seals fields for one use, at most 16 bytes: what was sealed for another does not open."""
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=use).digest()
    return fernet.Fernet(base64.urlsafe_b64encode(key))
