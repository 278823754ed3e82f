"""How the log is written: what went wrong, for whoever runs it, and nothing that a person wrote or looked for.

The promise: an address is logged as its pattern (`cases/<reference>`), never as it was typed; the values that
PostgreSQL puts into its messages are left out; an outage of the database is one line, not a page.
"""

from __future__ import annotations

import copy
import logging

import psycopg
from django.db import utils
from procrastinate import exceptions

OUTAGES = (psycopg.OperationalError, utils.OperationalError, exceptions.ConnectorException)
QUOTING = (
    "DETAIL:",
    "CONTEXT:",
    "LINE ",
    "STATEMENT:",
    "QUERY:",
)  # lines of PostgreSQL's that repeat what it was given
NOWHERE = "(no such address)"


class Plain(logging.Formatter):
    """Formats a record without what people wrote."""

    def format(self, record: logging.LogRecord) -> str:
        shown = copy.copy(record)
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple):
            match = getattr(request, "resolver_match", None)
            pattern = match.route if match else NOWHERE
            shown.args = tuple(pattern if each == request.path else each for each in record.args)
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, OUTAGES):
            shown.msg, shown.args = f"{shown.getMessage()}: {error.__cause__ or error}", ()
            shown.exc_info, shown.exc_text = None, None
            return " ".join(super().format(shown).split())
        shown.exc_text = None  # another handler may have kept one
        return super().format(shown)

    def formatException(self, ei: object) -> str:  # noqa: N802  the library's name
        lines = super().formatException(ei).splitlines()  # type: ignore[arg-type]
        return "\n".join(line for line in lines if not line.lstrip().startswith(QUOTING))
