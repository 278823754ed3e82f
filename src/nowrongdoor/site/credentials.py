"""Secrets that this machine makes for itself, each once, each in a file that only its user can read."""

from __future__ import annotations

import os
import pathlib
import secrets


def read_or_make(file: pathlib.Path) -> str:
    """This will read a secret, or make it with 512 random bits. Two processes that make it at once get the same."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text()
    with os.fdopen(handle, "w") as stream:
        stream.write(secret := secrets.token_urlsafe(64))
    return secret
