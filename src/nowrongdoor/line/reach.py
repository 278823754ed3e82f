"""How to answer somebody: the provider's name for the conversation and their number or address, sealed while the
contact is not over, and nowhere afterwards.
"""

from __future__ import annotations

import dataclasses
import json
import uuid

from nowrongdoor.line import models
from nowrongdoor.vault import keys, sealing


@dataclasses.dataclass(frozen=True, slots=True)
class Reach:
    """`conversation`: the provider's name for it; `sender`: theirs, empty where it is hidden; `keys`: their answers by
    keys so far, to be called back, with a space between; `thread`: of the last mail, which an answer names; `person`:
    with whose desk a call was connected last."""

    conversation: str
    sender: str
    keys: str = ""
    thread: str = ""
    person: str = ""


def place_of(row_id: uuid.UUID, field: str, agency_id: uuid.UUID, table: str = "contact") -> sealing.Place:
    """Say where words of a contact belong."""
    return sealing.Place(table, row_id, field, agency_id)


def sealed(reach: Reach, key: sealing.Key, contact_id: uuid.UUID, agency_id: uuid.UUID) -> bytes:
    """Seal it."""
    return key.seal(json.dumps(dataclasses.asdict(reach)), place_of(contact_id, "reach", agency_id))


def change(contact: models.Contact, key: sealing.Key, **values: str) -> None:
    """Note more of how to answer a contact that is not over, in the caller's transaction."""
    now = opened(contact, key)
    assert now is not None  # how to answer ends with the contact alone
    contact.reach = sealed(dataclasses.replace(now, **values), key, contact.id, contact.agency_id)
    contact.save(update_fields=["reach"])


def opened(contact: models.Contact, key: sealing.Key | None = None) -> Reach | None:
    """Open it; None where the contact is over, or came by no provider. vault.keys.Erased."""
    if not contact.reach:
        return None
    key = key or keys.of(contact.id)
    return Reach(**json.loads(key.open(contact.reach, place_of(contact.id, "reach", contact.agency_id))))
