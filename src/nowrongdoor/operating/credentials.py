"""Secrets that this machine makes for itself, each once, each in a file that only its user can read."""

from __future__ import annotations

import contextlib
import os
import pathlib
import secrets

from nowrongdoor.core.language import gettext


class Empty(ValueError):
    """A secret's file is there and holds nothing, which would let anybody in."""

    def __init__(self, file: pathlib.Path) -> None:
        super().__init__(
            gettext("%(file)s is empty. Bring it back from a backup of the keys, or delete it to have a new one made.")
            % {"file": file}
        )


def read_or_make(file: pathlib.Path) -> str:
    """Return a secret, made with 512 random bits if it is not there. Two processes that make it at once get the same.

    It appears under its name only when it is whole: a disk that fills up, or a crash, leaves no empty secret behind.
    Empty.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        fresh = file.with_name(f".{file.name}.{os.getpid()}-{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
                stream.write(secrets.token_urlsafe(64))
                stream.flush()
                os.fsync(stream.fileno())
            with contextlib.suppress(FileExistsError):  # somebody else was quicker: theirs is the secret
                os.link(fresh, file)
        finally:
            fresh.unlink(missing_ok=True)
    secret = file.read_text()
    if not secret.strip():
        raise Empty(file)
    return secret
