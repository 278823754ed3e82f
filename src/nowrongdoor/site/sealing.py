"""`nwd database seal`: what follows once no process of an earlier release serves any more. What everybody signs in
with, and may do, is sealed, and whoever says for whom they look must sign it.

It stands here because the database's own commands lie below the people whom it seals.
"""

from __future__ import annotations

import datetime
import sys

import click

from nowrongdoor.core.language import gettext as _
from nowrongdoor.operating import schema
from nowrongdoor.operating.database import database, prepare, refuse_without_owner


@database.command("seal")
@click.option("--anew", is_flag=True, help="Also whoever isn’t as they were sealed. It’s in the trail.")
def seal(anew: bool) -> None:  # noqa: FBT001  click calls it by name
    """Seal what everybody signs in with, and may do, once nothing of an earlier release serves any more.

    From then on nobody without a seal comes in, and whoever doesn’t sign for whom they look is shown nothing.
    """
    refuse_without_owner()
    prepare()
    if schema.is_behind():
        raise click.ClickException(_("The schema is behind. Run `nwd database migrate` first."))
    from nowrongdoor.agencies import seals
    from nowrongdoor.vault import keys

    keys.refuse_a_root_that_does_not_open()  # before anybody is cut off
    schema.migrate(alone=True)

    done = seals.seal_everybody(at=datetime.datetime.now(tz=datetime.UTC), anew="yes" if anew else "")
    click.echo(
        _("Sealed now: %(now)s. Sealed already: %(right)s. Not as they were sealed: %(wrong)s.")
        % {"now": f"{done.now:,}", "right": f"{done.right:,}", "wrong": f"{len(done.wrong):,}"}
    )
    for person_id in done.wrong:
        click.echo(_("Person %(person)s doesn’t come in: they aren’t as they were sealed.") % {"person": person_id})
    if done.wrong and seals.is_from_before():
        click.echo(
            _(
                "Nobody in this database has a seal, and this machine has seen one: so it is with a backup from before "
                "sealing. If you restored such a one, `nwd database seal --anew` seals everybody as they are."
            )
        )
    elif done.wrong:
        click.echo(
            _("Run `nwd audit verify`, and look at each of them. `nwd database seal --anew` seals them as they are.")
        )
    sys.exit(1 if done.wrong else 0)
