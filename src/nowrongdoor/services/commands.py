"""`nwd services`: take a directory of services in, write it out, and find who can take somebody."""

from __future__ import annotations

import dataclasses
import datetime
import json
import pathlib
import uuid

import click

from nowrongdoor.core import places
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.services import matching, package
from nowrongdoor.core.services import needs as reading
from nowrongdoor.core.services.profile import installed

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def services() -> None:
    """The directory of services (Open Referral HSDS 3.1)."""


@services.command("import")
@click.argument("path", type=click.Path(path_type=pathlib.Path))
@AS_JSON
def import_(path: pathlib.Path, as_json: bool) -> None:  # noqa: FBT001  click calls it by name
    """Take in a folder or a zip of CSV files, or nested JSON. Each row is taken once or refused with its place; what is
    the same changes nothing. Exits 1 if something was refused."""
    from django.utils import timezone

    from nowrongdoor.services import importing

    try:
        outcome = importing.take(path, at=timezone.now(), say=lambda words: click.echo(words, err=True))
    except package.Unusable as error:
        raise click.ClickException(str(error)) from None
    refused = [{"line": each.place, "cause": each.cause} for each in outcome.refused]
    if as_json:
        counts = {"taken": outcome.taken, "changed": outcome.changed, "same": outcome.same}
        click.echo(json.dumps({**counts, "refused": refused, "notes": list(outcome.problems)}, ensure_ascii=False))
    else:
        click.echo(
            _("%(taken)s rows were taken, %(changed)s changed, %(same)s were the same, %(refused)s were refused.")
            % {
                "taken": f"{outcome.taken:,}",
                "changed": f"{outcome.changed:,}",
                "same": f"{outcome.same:,}",
                "refused": f"{len(refused):,}",
            }
        )
        for each in refused:
            click.echo(f"{each['line']}: {each['cause']}")
        for note in outcome.problems:
            click.echo(note)
    if refused:
        raise click.exceptions.Exit(1)


@services.command("export")
@click.argument("folder", type=click.Path(path_type=pathlib.Path, file_okay=False))
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
def export(folder: pathlib.Path, form: str) -> None:
    """Write what everybody may read of the directory into a folder."""
    from nowrongdoor.services import exporting

    for name in exporting.write(folder, form):
        click.echo(str(folder / name))


@services.command("match")
@click.option("--needs", "file", type=click.Path(path_type=pathlib.Path, exists=True, dir_okay=False), required=True)
@AS_JSON
def match(file: pathlib.Path, as_json: bool) -> None:  # noqa: FBT001  click calls it by name
    """Find who can take somebody now, in order, each with why; and who cannot, each with every reason."""
    from django.utils import timezone

    from nowrongdoor.access import row_security
    from nowrongdoor.services import finding

    try:
        needs = reading.read(file.read_text(encoding="utf-8"), installed())
    except (reading.Unreadable, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: {error}") from None
    with row_security.system():
        answer, elsewhere = finding.match(needs, at=timezone.now()), finding.elsewhere(needs)
    answered = answer.found
    printed = {
        "rule": list(matching.ORDER),
        "ranked": [
            {"id": each.service.id, "name": each.service.name, "why": _why(each), "ask": list(each.ask)}
            for each in answered.offered
        ],
        "excluded": [
            {"id": each.service.id, "name": each.service.name, "reasons": [_reason(one) for one in each.reasons]}
            for each in answered.left_out
        ],
        "ask_next": list(answered.questions),
        "elsewhere": elsewhere,
        "is_cut": answer.is_cut,
    }
    if as_json:
        click.echo(json.dumps(printed, ensure_ascii=False))
        return
    for number, each in enumerate(answered.offered, start=1):
        click.echo(f"{number}. {each.service.name}: {', '.join(_why(each))}")
    for out in answered.left_out:
        click.echo(f"– {out.service.name}: {', '.join(_reason(one) for one in out.reasons)}")
    if not answered.offered:
        click.echo(_("No service that is kept here can take them now."))


@services.command("unmet")
@click.option("--month", type=click.DateTime(["%Y-%m"]), required=True, help="For example 2026-11.")
@AS_JSON
def unmet(month: datetime.datetime, as_json: bool) -> None:  # noqa: FBT001  click calls it by name
    """Count how often somebody looked for help in a month, and how often nothing was found, by need and State. Each
    look counts; it's for whoever runs the installation, and not for publication: small numbers are not protected."""
    from nowrongdoor.services import unmet as counting

    since = month.replace(tzinfo=places.zone(""))
    rows = counting.counted(since=since, until=(since + datetime.timedelta(days=32)).replace(day=1))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(each) for each in rows]))
        return
    for each in rows:
        click.echo(
            _("%(kind)s, %(state)s: searches %(looked)s, nothing found %(nothing)s")
            % {**dataclasses.asdict(each), "state": each.state or _("no State")}
        )
    if not rows:
        click.echo(_("Nobody looked for help in this month."))


def _why(each: matching.Offered) -> list[str]:
    """Say where it stands in each step of the rule, in codes."""
    return [
        *(f"ask_{fact}" for fact in each.ask),
        f"hours_{each.service.hours.value}",
        "has_room" if each.has_room else "room_not_known",
        "speaks" if each.speaks else "interprets",
        *(["near"] if each.is_near else []),
    ]


def _reason(one: matching.Reason) -> str:
    return f"{one.why.value}: {one.fact}" if one.fact else one.why.value


@services.command()
@click.argument("organization", type=click.UUID)
@click.argument("agency")
def join(organization: uuid.UUID, agency: str) -> None:
    """Let the people of an agency of the kind "provider" answer for an organization of the directory: they say how much
    room its services have, and whether they take somebody. Whoever answered before does no more."""
    from django.utils import timezone

    from nowrongdoor.services import room, vetting

    try:
        room.join(organization, agency, at=timezone.now())
    except vetting.Refused as error:
        raise click.ClickException(str(error)) from None
    click.echo(_("From now on %(code)s answers for it.") % {"code": agency})


@services.command()
@click.argument("organization", type=click.UUID)
def leave(organization: uuid.UUID) -> None:
    """Let nobody answer for an organization any more: whoever refers calls it."""
    from django.utils import timezone

    from nowrongdoor.services import room

    if not room.leave(organization, at=timezone.now()):
        raise click.ClickException(_("Nobody answers for this organization."))
    click.echo(_("From now on nobody answers for it here."))
