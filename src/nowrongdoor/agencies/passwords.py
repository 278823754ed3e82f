"""Passwords: how they are hashed, and how one is checked when a whole shift signs in at once.

The promise: a process hashes at most two passwords at once (each takes 100 MB for a moment; the others wait), and a
password is checked outside of any transaction, with the connection given back, so that whoever waits holds up nobody.
Where a whole shift waits already, whoever comes next is told so; and browsers that nobody knows fill half of the line
at most, so that a flood of them keeps nobody out who signed in before. A name that nobody has takes the same steps.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import secrets
import threading

from allauth.account.internal import userkit
from django.contrib.auth import hashers

from nowrongdoor.access import row_security, turns
from nowrongdoor.agencies import models, seals

OF_STRANGERS = 150  # who wait in one process: a shift of 120 whom no browser knows yet, and some more
TURNS = turns.Turns(at_once=2, in_line=2 * OF_STRANGERS, longest=120.0)
_strangers = threading.BoundedSemaphore(OF_STRANGERS)
_making = threading.Lock()


class Argon2(hashers.Argon2PasswordHasher):
    """Argon2id as Django sets it, a few at once."""

    def encode(self, password: str, salt: str) -> str:
        """Hash a password, in its turn. turns.Crowded."""
        with TURNS.taken():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether a password is the right one, in its turn. turns.Crowded."""
        with TURNS.taken():
            return super().verify(password, encoded)


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """A password that was looked at: for which name, and whose it is. None: it is wrong, or there is no such name."""

    name: str
    password: str
    person: models.User | None

    def is_of(self, name: str, password: str) -> bool:
        """Return whether it is this name and this password that were looked at."""
        return (self.name, self.password) == (name, password)


def check(name: str, password: str) -> Checked:
    """Look whether a password is right. Call it outside of any transaction. turns.Crowded."""
    with row_security.entry():
        person = userkit.get_user_by_username(name)
        if isinstance(person, models.User) and not seals.holds(person):
            person = None
    turns.give_connection_back()
    nobody = _of_nobody()  # for a known name too, so that the first of a process tells nothing

    def renew(right: str) -> None:
        """Hash it anew where Django's settings moved on since."""
        assert isinstance(person, models.User)
        person.set_password(right)
        with row_security.entry():
            person.save(update_fields=["password"])

    is_right = hashers.check_password(password, person.password if person else nobody, renew)
    return Checked(name, password, person if is_right and isinstance(person, models.User) else None)


def hashed(password: str) -> str:
    """Hash a new password. Call it outside of any transaction. turns.Crowded."""
    return hashers.make_password(password)


def among_strangers() -> contextlib.AbstractContextManager[None]:
    """Have one of the places in line that are for browsers that nobody knows. turns.Crowded."""
    return turns.place_in(_strangers)


def _of_nobody() -> str:
    with _making:  # a whole shift would otherwise make it at once
        return _hash_of_nobody()


@functools.cache
def _hash_of_nobody() -> str:
    return hashers.make_password(secrets.token_urlsafe(32))
