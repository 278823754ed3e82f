"""What a context tells the database, said on a connection of a test's own, as the system itself says it: signed."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from nowrongdoor.access import row_security, viewers


def of(viewer: viewers.Viewer | None) -> Mapping[str, str]:
    """Return what is said where a viewer looks; nothing for nobody."""
    if viewer is None:
        return {}
    return {
        row_security.AGENCY: str(viewer.agency_id),
        row_security.ROLE: viewer.role.value,
        row_security.PERSON: str(viewer.user_id or ""),
    }


def say(database: psycopg.Connection, values: Mapping[str, str]) -> None:
    """Say it for the rest of the transaction: with the case that was opened, where one is named."""
    for name, value in row_security.settings(values).items():
        database.execute("SELECT set_config(%s, %s, true)", [name, value])
