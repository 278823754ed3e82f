"""`nwd person` and `nwd token`: what an administrator keeps of people and systems, until pages do it.

The promise: a password or a token is shown to whoever asked for it, once, and is in no history.
"""

from __future__ import annotations

import datetime

import click
from django.core import exceptions
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions, inviting, setting_up
from nowrongdoor.agencies import queries as directory
from nowrongdoor.agencies.models import User
from nowrongdoor.core.language import gettext as _

BY = click.option("--by", required=True, help="Sign-in name of the administrator who does this.")
ROLES = [role.value for role in viewers.Role if role is not viewers.Role.MACHINE]


@click.group()
def person() -> None:
    """Add people and deactivate them."""


@person.command("add")
@click.argument("name")
@click.option("--full-name", required=True)
@click.option("--agency", "agency_code", required=True, help="Code of the agency.")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.password_option()
@row_security.system()
def add_person(name: str, full_name: str, agency_code: str, role: str, password: str) -> None:
    """Add a person. You’re asked for the password, so it stays out of your shell history."""
    new = actions.NewPerson(name, full_name, agency_code, viewers.Role(role))
    try:
        added = actions.add_person(new, password=password, at=timezone.now())
    except (actions.NameTaken, directory.NoSuchAgency) as error:
        raise click.UsageError(str(error)) from None
    except exceptions.ValidationError as error:
        raise click.UsageError(" ".join(error.messages)) from None
    click.echo(_("%(full_name)s can sign in as %(name)s.") % {"full_name": full_name, "name": name})
    _tell(setting_up.make(added, by=None, at=timezone.now()))


@person.command("setup-code")
@click.argument("name")
@click.option("--reset", is_flag=True, help="Take the second factor away that they lost, and end their sessions.")
@row_security.system()
def make_setup_code(name: str, *, reset: bool) -> None:
    """Print a code with which somebody sets up two-factor sign-in, where no other administrator of their agency can.
    Make sure that it is them."""
    colleague = User.objects.select_for_update().filter(name=name, is_active=True).first()
    if colleague is None:
        raise click.UsageError(_("Nobody active has the sign-in name '%(name)s'.") % {"name": name})
    if reset:
        _tell(inviting.reset_second_factor(colleague.id, by=None, at=timezone.now()).code)
    elif setting_up.has_factor(colleague.id):
        raise click.UsageError(_("%(name)s has two-factor sign-in. If they lost it, say --reset.") % {"name": name})
    else:
        _tell(setting_up.make(colleague, by=None, at=timezone.now()))


def _tell(code: str) -> None:
    click.echo(_("Setup code for their second factor (works once, for 24 hours): %(code)s") % {"code": code})


@person.command("disable")
@click.argument("name")
@BY
@row_security.system()
def disable_person(name: str, by: str) -> None:
    """Deactivate a person. What they wrote stays, with their name."""
    colleague = User.objects.filter(name=name).first()
    if colleague is None:
        raise click.UsageError(_("Nobody has the sign-in name '%(name)s'.") % {"name": name})
    actions.disable(colleague, by=administrator(by))
    click.echo(_("%(name)s can no longer sign in.") % {"name": name})


@click.group()
def token() -> None:
    """Tokens that let other systems send signals."""


@token.command("make")
@click.argument("label")
@click.option("--agency", "agency_code", required=True, help="Code of the agency whose system it is.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it ends. Without this, it never does.")
@row_security.system()
def make_token(label: str, agency_code: str, days: int | None) -> None:
    """Create a token and print it once; only its digest is kept."""
    lasts = datetime.timedelta(days=days) if days else None
    try:
        agency = directory.by_code(agency_code)
        key = actions.make_token(agency, label=label, by=None, at=timezone.now(), lasts=lasts)
    except (directory.NoSuchAgency, actions.ReceivesNothing) as error:
        raise click.UsageError(str(error)) from None
    click.echo(key)


@token.command("revoke")
@click.argument("label")
@click.option("--agency", "agency_code", required=True)
@row_security.system()
def revoke_token(label: str, agency_code: str) -> None:
    """Revoke an agency’s tokens with this label."""
    try:
        count = actions.revoke_token(label, agency_code=agency_code, at=timezone.now())
    except directory.NoSuchAgency as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"Revoked {count}.")


@row_security.system()
def administrator(name: str) -> viewers.Viewer:
    """Return the administrator of this sign-in name, for commands that are signed by one. click.UsageError."""
    person = User.objects.filter(name=name, role=viewers.Role.ADMINISTRATOR.value, is_active=True).first()
    viewer = person.viewer() if person else None
    if viewer is None:
        raise click.UsageError(_("'%(name)s' isn’t an administrator who can sign in.") % {"name": name})
    return viewer
