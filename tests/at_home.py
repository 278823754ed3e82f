"""What a test arranges and looks up by itself, on connections of its own, it does for the house."""

from __future__ import annotations

from django.db import connection
from django.db.backends import signals
from django.db.backends.base.base import BaseDatabaseWrapper


def stay() -> None:
    """From now on, every new connection of this process works for the house outside of any context."""
    signals.connection_created.connect(_tell)
    connection.close()


def leave() -> None:
    signals.connection_created.disconnect(_tell)


def _tell(connection: BaseDatabaseWrapper, **_: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET nwd.house = 'all'")
