"""Waking the page of whoever chats: it hears that something changed, and reads what through its own guard.

The promise: what is told holds no word, and no name of a conversation that opens anything.
"""

from __future__ import annotations

import hashlib
import uuid

from django.db import connection

from nowrongdoor.line import models


def topic_of(conversation: bytes) -> uuid.UUID:
    """Return what a page of a conversation listens for, by the token of the conversation."""
    return uuid.UUID(bytes=hashlib.sha256(b"nwd chat" + bytes(conversation)).digest()[:16])


def wake(row: models.Contact) -> None:
    """Tell the open page of a chat to look again, once this transaction is committed."""
    if row.medium == models.Medium.CHAT:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('worklist', %s)", [f"{row.agency_id} {topic_of(bytes(row.conversation))}"])
