"""`nwd table`: which mandate tables are kept, and which one is in force.

Beside `commands`, which needs no database: these verbs need one. `force` stands in `leads`, because it changes who is
asked to lead.
"""

from __future__ import annotations

import json
import pathlib

import click
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.cases.models import Case
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import table as tables
from nowrongdoor.mandates import actions, commands, queries
from nowrongdoor.mandates.models import MandateTable
from nowrongdoor.operating import printing


@click.group()
def table() -> None:
    """Mandate tables: which are kept, and which one is in force."""


@table.command("list")
@printing.AS_JSON
@row_security.system()
def list_tables(as_json: bool) -> None:  # noqa: FBT001
    """The tables that are kept, the one in force first."""
    rows = [
        {
            "digest": each.digest,
            "name": each.name,
            "version": each.version,
            "proved": bool(each.proved_digest),
            "in_force": each.in_force,
        }
        for each in queries.tables()
    ]
    printing.rows(rows, as_json=as_json)


@table.command("add")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path))
@printing.AS_JSON
@row_security.system()
def add_table(folder: pathlib.Path, as_json: bool) -> None:  # noqa: FBT001
    """Keep a table and its proof. It is not in force yet. Everything that is wrong with its files is told at once."""
    row = actions.add(commands.read_folder(folder, as_json=as_json).files, at=timezone.now())
    if as_json:
        click.echo(json.dumps({"digest": row.digest, "proved": bool(row.proved_digest)}))
        return
    click.echo(f"{row.digest}  {'proved' if row.proved_digest else 'NOT proved: it cannot be put in force'}")


@table.command("facts")
@printing.AS_JSON
@row_security.system()
def list_facts(as_json: bool) -> None:  # noqa: FBT001
    """The facts that are asked about now: those of the table in force, or of the shipped one where none is."""
    commands.print_facts(queries.asked(), as_json=as_json)


@table.command("changes")
@click.argument("digest", required=False)
@printing.AS_JSON
@row_security.system()
def list_changes(digest: str | None, as_json: bool) -> None:  # noqa: FBT001
    """What a table would change of the one in force: questions, rules, agencies. Default: the table that is shipped."""
    try:
        content = tables.read(queries.files_of(find(digest))) if digest else tables.shipped()
        waiting = queries.waiting(content)
    except queries.CannotDecide as error:
        raise click.ClickException(str(error)) from None
    except tables.TableError as error:
        raise click.ClickException(_("This version cannot read the table:\n") + "\n".join(error.problems)) from None
    changes = waiting.changes if waiting else ()
    if as_json:
        rows = [
            {"part": c.kind.name.lower(), "change": c.what.name.lower(), "id": c.id, "words": c.words} for c in changes
        ]
        printing.rows(rows, as_json=True)
        return
    if waiting is None:
        click.echo(_("%(name)s %(version)s is in force.") % {"name": content.name, "version": content.version})
        return
    click.echo(
        _("%(name)s %(version)s is not in force. %(summary)s")
        % {"name": content.name, "version": content.version, "summary": waiting.summary}
    )
    for heading, chosen in waiting.by_kind:
        click.echo(f"\n{heading}")
        for each in chosen:
            click.echo(f"  {each.what.value}: {each.id}: {each.words}")


@table.command("past")
@row_security.system()
def past_cases() -> None:
    """Print every case with its facts and day, a JSON line each, for `nwd mandates compare`. Names nobody."""
    rows = Case.objects.order_by("opened_at", "id").values_list("reference", "opened_at", "facts")
    for reference, opened_at, facts in rows.iterator():
        day = timezone.localdate(opened_at).isoformat()
        click.echo(json.dumps({"case": reference, "on": day, "facts": facts}))


def find(digest: str) -> MandateTable:
    """Find the one kept table whose digest begins so."""
    rows = list(MandateTable.objects.filter(digest__startswith=digest).order_by("digest")[:2])
    if len(rows) != 1:
        many = _("More than one kept table's digest begins") if rows else _("No kept table's digest begins")
        raise click.UsageError(
            _("%(many)s with '%(digest)s'; `nwd table list` shows them.") % {"many": many, "digest": digest}
        )
    return rows[0]
