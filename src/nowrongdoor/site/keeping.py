"""`nwd agency`: list, add and close agencies.

It stands here because it speaks of three rooms: agencies have their rows, the mandate table in force says which there
may be, and closing one moves the cases that it leads.
"""

from __future__ import annotations

import click
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import keeping
from nowrongdoor.agencies import queries as directory
from nowrongdoor.agencies.models import Agency
from nowrongdoor.core import places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import decide, rules
from nowrongdoor.intake import closing
from nowrongdoor.mandates import queries as kept
from nowrongdoor.operating import printing


@click.group()
def agency() -> None:
    """Agencies: list, add, close."""


@agency.command("list")
@printing.AS_JSON
@row_security.system()
def list_agencies(as_json: bool) -> None:  # noqa: FBT001
    """All agencies, open and closed."""
    rows = Agency.objects.order_by("code").values("code", "desk", "place", "name", "active")
    printing.rows([dict(row) for row in rows], as_json=as_json)


@agency.command("add")
@click.argument("code")
@click.option("--desk", help="Which agency of the mandate table it is, or is an office of.")
@click.option("--place", default="", help=f"Where an office is: a code like {places.installed().example}.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in rules.Kind if not kind.may]),
    help="Instead of --desk: a body that works with agencies and takes part in no case.",
)
@click.option("--name", required=True)
@row_security.system()
def add_agency(code: str, desk: str | None, place: str, kind: str | None, name: str) -> None:
    """Add an office of an agency that has many; or a provider, a carrier or a grantee."""
    if (desk is None) == (kind is None):
        raise click.UsageError(
            _(
                "Write --desk for an agency that the mandate table names, or --kind for a body "
                "that takes part in no case."
            )
        )
    new = agencies.New(code, code, name, "", kind, place) if kind else _office(code, desk or "", place, name)
    if not agencies.add_missing([new]):
        raise click.UsageError(
            _("There is an agency with the code '%(code)s', or one for this desk and place, already.") % {"code": code}
        )
    click.echo(f"Added {name}.")


def _office(code: str, desk: str, place: str, name: str) -> agencies.New:
    try:
        known = kept.in_force().content.agencies.get(desk)
    except kept.CannotDecide as error:
        raise click.ClickException(str(error)) from None
    if known is None or desk == decide.RECEIVER:
        raise click.UsageError(_("The mandate table in force names no agency '%(desk)s'.") % {"desk": desk})
    try:
        places.read(place)
    except places.UnknownPlace as error:
        raise click.UsageError(str(error)) from None
    return agencies.New(code, desk, name, known.department, known.kind.value, place)


@agency.command("close")
@click.argument("code")
@click.option("--into", help="Code of the agency that takes over what it leads.")
@keeping.BY
def close_agency(code: str, into: str | None, by: str) -> None:
    """Close an agency. What it leads moves to the one named by --into; nothing is lost."""
    try:
        closed = closing.close_agency(code, into=into, by=keeping.administrator(by), at=timezone.now())
    except (closing.StillNeeded, directory.NoSuchAgency, kept.CannotDecide) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Closed {closed.name}.")
