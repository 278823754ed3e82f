"""`nwd table`, `nwd agency`, `nwd person`, `nwd token`: what an administrator keeps, until pages do it."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping, Sequence

import click
from django.core import exceptions
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import queries as directory
from nowrongdoor.agencies.models import Agency, User
from nowrongdoor.cases.models import Case
from nowrongdoor.core.mandates import prove
from nowrongdoor.core.mandates import table as tables
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates import commands
from nowrongdoor.mandates import queries as kept
from nowrongdoor.mandates.models import MandateTable
from nowrongdoor.referrals.actions import closing

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
BY = click.option("--by", required=True, help="Sign-in name of the administrator who does this.")
ROLES = [role.value for role in viewers.Role if role is not viewers.Role.MACHINE]


@click.group()
def table() -> None:
    """Mandate tables: which are kept, and which one is in force."""


@table.command("list")
@AS_JSON
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
        for each in kept.tables()
    ]
    _print(rows, as_json=as_json)


@table.command("add")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path))
@row_security.system()
def add_table(folder: pathlib.Path) -> None:
    """Keep a table and its proof. It is not in force yet."""
    try:
        row = mandates.add(tables.files_in(folder), at=timezone.now())
    except tables.TableError as error:
        raise click.UsageError("\n".join(error.problems)) from None
    click.echo(f"{row.digest}  {'proved' if row.proved_digest else 'NOT proved: it cannot be put in force'}")


@table.command("force")
@click.argument("digest")
@BY
@row_security.system()
def force_table(digest: str, by: str) -> None:
    """Prove a table again and put it in force; the worker decides open cases again and routes what waited."""
    administrator = _administrator(by)
    row = _kept(digest)
    try:
        mandates.put_in_force(row.id, agency_id=administrator.agency_id, by=administrator.user_id, at=timezone.now())
    except tables.TableError as error:
        raise click.ClickException("This version cannot read the table:\n" + "\n".join(error.problems)) from None
    except prove.NotProved as error:
        raise click.ClickException(f"Not proved, so not in force:\n{error}") from None
    click.echo(f"In force: {row.name} {row.version}.")


@table.command("facts")
@AS_JSON
@row_security.system()
def list_facts(as_json: bool) -> None:  # noqa: FBT001
    """The facts that are asked about now: those of the table in force, or of the shipped one where none is."""
    commands.print_facts(kept.asked(), as_json=as_json)


@table.command("changes")
@click.argument("digest", required=False)
@AS_JSON
@row_security.system()
def list_changes(digest: str | None, as_json: bool) -> None:  # noqa: FBT001
    """What a table would change of the one in force: questions, rules, agencies. Default: the table that is shipped."""
    try:
        content = tables.read(kept.files_of(_kept(digest))) if digest else tables.shipped()
        waiting = kept.waiting(content)
    except kept.CannotDecide as error:
        raise click.ClickException(str(error)) from None
    except tables.TableError as error:
        raise click.ClickException("This version cannot read the table:\n" + "\n".join(error.problems)) from None
    changes = waiting.changes if waiting else ()
    if as_json:
        rows = [
            {"part": c.kind.name.lower(), "change": c.what.name.lower(), "id": c.id, "words": c.words} for c in changes
        ]
        _print(rows, as_json=True)
        return
    if waiting is None:
        click.echo(f"{content.name} {content.version} is in force.")
        return
    click.echo(f"{content.name} {content.version} is not in force. {waiting.summary}")
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


def _kept(digest: str) -> MandateTable:
    """Find the one kept table whose digest begins so."""
    found = list(MandateTable.objects.filter(digest__startswith=digest).order_by("digest")[:2])
    if len(found) != 1:
        many = "More than one kept table's digest begins" if found else "No kept table's digest begins"
        raise click.UsageError(f"{many} with '{digest}'; `nwd table list` shows them.")
    return found[0]


@click.group()
def agency() -> None:
    """Agencies: list, add, close."""


@agency.command("list")
@AS_JSON
@row_security.system()
def list_agencies(as_json: bool) -> None:  # noqa: FBT001
    """All agencies, open and closed."""
    rows = Agency.objects.order_by("code").values("code", "desk", "place", "name", "active")
    _print([dict(row) for row in rows], as_json=as_json)


@agency.command("add")
@click.argument("code")
@click.option("--desk", required=True, help="Which agency of the mandate table it is, or is an office of.")
@click.option("--place", default="", help="State (NY) or district (NY-S) of an office.")
@click.option("--name", required=True)
@row_security.system()
def add_agency(code: str, desk: str, place: str, name: str) -> None:
    """Add an office, such as a U.S. Attorney's."""
    try:
        known = kept.in_force().content.agencies.get(desk)
    except kept.CannotDecide as error:
        raise click.ClickException(str(error)) from None
    if known is None:
        raise click.UsageError(f"The mandate table in force names no agency '{desk}'.")
    new = agencies.New(code, desk, name, known.department, known.kind.value, place)
    if not agencies.add_missing([new]):
        raise click.UsageError(f"There is an agency with the code '{code}', or one for this desk and place, already.")
    click.echo(f"Added {name}.")


@agency.command("close")
@click.argument("code")
@click.option("--into", help="Code of the agency that takes over what it leads.")
@BY
def close_agency(code: str, into: str | None, by: str) -> None:
    """Close an agency. What it leads moves to the one named by --into; nothing is lost."""
    try:
        closed = closing.close_agency(code, into=into, by=_administrator(by), at=timezone.now())
    except (closing.StillNeeded, directory.NoSuchAgency, kept.CannotDecide) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Closed {closed.name}.")


@click.group()
def person() -> None:
    """People: add, switch off."""


@person.command("add")
@click.argument("name")
@click.option("--full-name", required=True)
@click.option("--agency", "agency_code", required=True, help="Code of the agency.")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.password_option()
@row_security.system()
def add_person(name: str, full_name: str, agency_code: str, role: str, password: str) -> None:
    """Add a person; the password is asked for, so that it is in no history."""
    new = agencies.NewPerson(name, full_name, agency_code, viewers.Role(role))
    try:
        agencies.add_person(new, password=password, at=timezone.now())
    except (agencies.NameTaken, directory.NoSuchAgency) as error:
        raise click.UsageError(str(error)) from None
    except exceptions.ValidationError as error:
        raise click.UsageError(" ".join(error.messages)) from None
    click.echo(f"{full_name} can sign in as {name}.")


@person.command("disable")
@click.argument("name")
@BY
@row_security.system()
def disable_person(name: str, by: str) -> None:
    """Switch a person off. What they wrote stays, signed."""
    found = User.objects.filter(name=name).first()
    if found is None:
        raise click.UsageError(f"Nobody signs in as '{name}'.")
    agencies.disable(found, by=_administrator(by), at=timezone.now())
    click.echo(f"{name} cannot sign in any more.")


@click.group()
def token() -> None:
    """Tokens with which other systems hand in signals."""


@token.command("make")
@click.argument("label")
@click.option("--agency", "agency_code", required=True, help="Code of the agency whose system it is.")
@row_security.system()
def make_token(label: str, agency_code: str) -> None:
    """Make a token and print it, once: only its digest is kept."""
    try:
        found = directory.by_code(agency_code)
    except directory.NoSuchAgency as error:
        raise click.UsageError(str(error)) from None
    click.echo(agencies.make_token(found, label=label, by=None, at=timezone.now()))


@token.command("revoke")
@click.argument("label")
@click.option("--agency", "agency_code", required=True)
@row_security.system()
def revoke_token(label: str, agency_code: str) -> None:
    """Revoke an agency's tokens of this label."""
    try:
        count = agencies.revoke_token(label, agency_code=agency_code, at=timezone.now())
    except directory.NoSuchAgency as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"Revoked {count}.")


@row_security.system()
def _administrator(name: str) -> viewers.Viewer:
    found = User.objects.filter(name=name, role=viewers.Role.ADMINISTRATOR.value, is_active=True).first()
    viewer = found.viewer() if found else None
    if viewer is None:
        raise click.UsageError(f"'{name}' is no administrator who can sign in.")
    return viewer


def _print(rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(list(rows), indent=2))
        return
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values()))
