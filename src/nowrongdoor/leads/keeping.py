"""`nwd table force`: put a mandate table in force. What it would do is printed first, and happens once it is confirmed.

It belongs to the group of `mandates.keeping`, and stands here because it changes who is asked to lead.
"""

from __future__ import annotations

import click
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.agencies import keeping
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import prove
from nowrongdoor.core.mandates import table as tables
from nowrongdoor.leads import forcing
from nowrongdoor.mandates.keeping import find, table

__all__ = ["table"]


@table.command("force")
@click.argument("digest")
@keeping.BY
@click.option("--yes", "is_confirmed", is_flag=True, help="Confirm what is printed, without being asked.")
def force_table(digest: str, by: str, is_confirmed: bool) -> None:  # noqa: FBT001  click calls it by name
    """Put a table in force, once you have seen what it would do and confirmed it.

    It is proved again; the worker decides open cases again and routes what waited. Refused only while nobody answers at
    the end of its chains.
    """
    administrator = keeping.administrator(by)
    with row_security.system():
        row = find(digest)
    try:
        effect = forcing.effect_of(row.id, at=timezone.now())
        for line in _in_words(effect):
            click.echo(line)
        if effect.behind:
            raise forcing.NobodyBehind(effect.behind)
        if not is_confirmed:
            click.confirm(
                _("Put %(name)s %(version)s in force?") % {"name": effect.name, "version": effect.version}, abort=True
            )
        forcing.force(row.id, seen=effect.seen, by=administrator, at=timezone.now())
    except tables.TableError as error:
        raise click.ClickException(_("This version cannot read the table:\n") + "\n".join(error.problems)) from None
    except prove.NotProved as error:
        raise click.ClickException(_("Not proved, so not in force:\n%(error)s") % {"error": error}) from None
    except (forcing.NobodyBehind, forcing.ShownOtherwise) as error:
        raise click.ClickException(str(error)) from None
    click.echo(_("In force: %(name)s %(version)s.") % {"name": row.name, "version": row.version})


def _in_words(effect: forcing.Effect) -> list[str]:
    lines = [f"{effect.name} {effect.version}, digest {effect.digest[:12]}"]
    if effect.missing:
        lines.append(_("Nobody answers for these agencies of its chains; cases pass them over:"))
        lines += [
            f"  {each.cases:>6,} open {'case' if each.cases == 1 else 'cases'}  {each.name} ({each.code}): {each.why}"
            for each in effect.missing
        ]
    else:
        lines.append(_("Somebody answers for every agency of its chains."))
    lines += [
        _("Of %(open_cases)s open cases,") % {"open_cases": f"{effect.open_cases:,}"},
        _("  %(offers)s would get another offer of the lead") % {"offers": f"{effect.offers:>6,}"},
        _("  %(notices)s would get other notices") % {"notices": f"{effect.notices:>6,}"},
        _("  %(deadlines)s would get other deadlines") % {"deadlines": f"{effect.deadlines:>6,}"},
        _("  %(stay)s have a lead that accepted, which stays until another agency accepts")
        % {"stay": f"{effect.stay:>6,}"},
    ]
    if effect.stand_by:
        lines.append(
            _("From then on these stand by, and lead every case that nobody else takes: %(names)s.")
            % {"names": ", ".join(effect.stand_by)}
        )
    return lines
