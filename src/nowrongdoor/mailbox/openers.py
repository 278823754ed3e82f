"""From a receipt to what opens its mailbox: a hash that is slow on purpose (Argon2id, RFC 9106).

The promise: the receipt itself is kept nowhere, and whoever copies the database cannot try receipts out: the salt comes
from the index key, which only the key provider unwraps. One hash gives two values: the first is kept and finds the row,
the second is kept nowhere and seals what only the sender may read.
"""

from __future__ import annotations

import dataclasses

from argon2 import low_level

from nowrongdoor.access import turns
from nowrongdoor.core import receipts
from nowrongdoor.vault import keys, sealing

MEMORY = 19 * 1024  # KiB; with two passes and one lane what OWASP's Password Storage Cheat Sheet asks for at least
PASSES = 2
_HALF = 32  # bytes
# As many at once as there are cores to spare; each waits for less than half a second, unless it is overloaded.
TURNS = turns.Turns(at_once=2, in_line=20, longest=10.0)


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Opener:
    """What a receipt opens its mailbox with. `hash` is kept; `secret` never is."""

    hash: bytes
    secret: bytes

    @property
    def key(self) -> sealing.Key:
        """Return the key of what only the sender may read."""
        return sealing.Key(self.secret)

    @property
    def carried(self) -> bytes:
        """Return it as bytes, for a page that carries it sealed from one screen to the next."""
        return self.hash + self.secret


def of(receipt: receipts.Receipt) -> Opener:
    """Make what opens the mailbox of a receipt. It takes about 20 ms of CPU and 19 MiB: never inside a transaction.
    turns.Crowded, which is answered for the view (access/proving.py)."""
    salt = keys.salt_of_receipts()
    with TURNS.taken():
        made = low_level.hash_secret_raw(
            receipt.secret,
            salt,
            time_cost=PASSES,
            memory_cost=MEMORY,
            parallelism=1,
            hash_len=2 * _HALF,
            type=low_level.Type.ID,
        )
    return Opener(made[:_HALF], made[_HALF:])


def carried(content: bytes) -> Opener:
    """Take it up again from a page that carried it. ValueError."""
    if len(content) != 2 * _HALF:
        raise ValueError("no opener has this length")
    return Opener(content[:_HALF], content[_HALF:])
