"""`python -m tests.documents` writes the documents that are made from the code; `tests/site/test_documents.py` compares
them, so that none of them tells of yesterday's code."""

from __future__ import annotations

import collections
import os
import pathlib
from collections.abc import Callable, Mapping

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIGNERS = {"User", "Agency"}  # nearly every table points at them: drawn, they would hide all else


def sources() -> str:
    """Return docs/sources.md."""
    from nowrongdoor.core.mandates import sources

    return sources.document()


def mandates() -> str:
    """Return docs/mandates.md: the shipped mandate table in words."""
    from nowrongdoor.core.mandates import table, tables_in_words

    return tables_in_words.document(table.shipped())


def openapi() -> str:
    """Return docs/openapi.json: what other systems may ask of the API."""
    from nowrongdoor.api import application

    return application.document()


def tables() -> str:
    """Return docs/tables.md: the tables of each room, and what they point at, from the models."""
    from django.apps import apps
    from django.db import models

    rooms: dict[str, list[type[models.Model]]] = collections.defaultdict(list)
    for model in apps.get_app_config("nowrongdoor").get_models():
        rooms[model.__module__.split(".")[1]].append(model)
    lines = [
        "# The tables",
        "",
        "What each room keeps, and what it points at. Made from the models by `python -m tests.documents`. Agencies",
        "and people who sign are left out of the picture: nearly every table points at them. The lists name them.",
        "",
        "```mermaid",
        "erDiagram",
    ]
    known = {model for models_of in rooms.values() for model in models_of}
    for room in sorted(rooms):
        for model in sorted(rooms[room], key=_name):
            for field in model._meta.local_fields:
                target = field.related_model
                if isinstance(target, type) and target in known and _name(target) not in SIGNERS:
                    ends = "|o" if field.null else "||"
                    many = "|o" if field.unique else "o{"
                    lines.append(f"    {_name(target)} {ends}--{many} {_name(model)} : {field.name}")
    lines.append("```")
    for room in sorted(rooms):
        lines += ["", f"## {room}", "", "| table | what a row is | points at |", "|---|---|---|"]
        for model in sorted(rooms[room], key=_name):
            says = " ".join((model.__doc__ or "").split()).partition(". ")[0].rstrip(".")
            points = [
                f"{field.name} → {_name(field.related_model)}"
                for field in model._meta.local_fields
                if isinstance(field.related_model, type)
            ]
            lines.append(f"| `{model._meta.db_table}` {_name(model)} | {says} | {', '.join(points)} |")
    return "\n".join([*lines, *_owned()]) + "\n"


def _owned() -> list[str]:
    """Say of each table whose record it keeps, until when, and with which tags."""
    from nowrongdoor.records import owned

    lines = [
        *("", "## Who owns the record", ""),
        "Of every table of the database, those of the framework too: whose record a row is, how long it is kept after",
        "its case was closed, and why it may be withheld from somebody who asks for it under the Freedom of",
        "Information Act (5 USC 552). The last column says what ownership and reasons rest on; a schedule says so",
        "itself. Which of its systems of records a federal agency keeps a row in, and what a State’s public-records",
        "law asks, has not been read up: both are unverified.",
        *("", "| table | whose record | kept | why it may be withheld | evidence |", "|---|---|---|---|---|"),
    ]
    for table, each in sorted(owned.BY_TABLE.items()):
        schedule = each.kept.schedule
        kept = (
            str(each.kept.otherwise)
            if schedule is None
            else f"{schedule.kept_for}: {schedule.citation} ({schedule.evidence})"
        )
        owners = ", or ".join(str(owner.words) for owner in each.owners)
        tags = "; ".join(f"{tag.words} ({tag.citation})" if tag.citation else str(tag.words) for tag in each.tags)
        lines.append(f"| `{table}` | {owners} | {kept} | {tags} | {each.evidence} |")
    return lines


def _name(model: type) -> str:
    return model.__name__


def row_security() -> str:
    """Return docs/row-security.md."""
    from nowrongdoor.site import row_security_page

    return row_security_page.document()


DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "docs/mandates.md": mandates,
    "docs/openapi.json": openapi,
    "docs/sources.md": sources,
    "docs/tables.md": tables,
    "docs/row-security.md": row_security,
}

if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nowrongdoor.site.settings")
    django.setup()
    for path, write in DOCUMENTS.items():
        (ROOT / path).write_text(write(), encoding="utf-8")
        print(f"Wrote {path}")
