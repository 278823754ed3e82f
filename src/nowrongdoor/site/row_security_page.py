"""Who sees and writes the rows of every table, on one page, from what the rooms declare (docs/row-security.md)."""

from __future__ import annotations

import re

from nowrongdoor.access import policies
from nowrongdoor.site import declared

_ROLES = re.compile(r"\(SELECT nwd_role\(\) IN \(([^)]*)\)\)")
HEAD = (
    "# Row security on one page",
    "",
    "Written by `python -m tests.documents` from what the rooms declare in their `tables.py`. A",
    "test compares this page with that, and both with the policies of a real database.",
    "",
    "Every sentence is about a transaction and whom it looks for (`access/row_security.py`). The system is the worker",
    "and the keeper's commands; the case it opened is the one that an action opened by its guard. A verb that is not",
    "listed nobody may do. What triggers refuse besides is in docs/architecture.md.",
)


def document() -> str:
    """Write docs/row-security.md: every table, and who sees, adds, changes and takes away its rows."""
    lines = [*HEAD]
    for room, declarations in declared.ROOMS:
        for rows in declarations:
            if isinstance(rows, policies.Rows):
                lines += ["", f"### {room}: `{rows.table}`", ""]
                if rows.why:
                    lines.append(f"- everybody reads it: {rows.why}")
                else:
                    lines.append(f"- **see**: {in_words(rows.see)}")
                lines.append(f"- **add**: {in_words(rows.add)}")
                if rows.change != policies.NOBODY:
                    named = "every column" if rows.columns == policies.EVERY_COLUMN else ", ".join(rows.columns)
                    lines.append(f"- **change** ({named}): {in_words(rows.change)}")
                if rows.becomes:
                    lines.append(f"- **and afterwards**: {in_words(rows.becomes)}")
                if rows.remove != policies.NOBODY:
                    lines.append(f"- **take away**: {in_words(rows.remove)}")
    return "\n".join(lines) + "\n"


def in_words(condition: str) -> str:
    """Put words in the place of the conditions that rooms share; what only one table asks stays SQL."""
    if condition == policies.NOBODY:
        return "nobody"
    text = condition
    for sql, phrase in declared.PHRASES:
        text = re.sub(rf"(?<![\w.]){re.escape(sql)}", phrase, text)
    text = _ROLES.sub(lambda match: f"as {match[1].replace(chr(39), '').replace('_', ' ').replace(', ', ' or ')}", text)
    return " ".join(text.replace("@.", "").replace(" OR ", " or ").replace(" AND ", " and ").split())
