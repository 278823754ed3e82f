"""`nwd line`: play a night on the line, and say what happened in a month.

It stands here because a simulation needs a whole installation of its own, in a scratch database that goes with it.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import click

from nowrongdoor.core.language import gettext as _
from nowrongdoor.operating import database
from nowrongdoor.site import up

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def line() -> None:
    """The line that people call, write to and chat with."""


@line.command("simulate")
@click.option(
    "--calls", type=click.IntRange(1, 100_000), default=1_000, show_default=True, help="How many people call."
)
@click.option("--staff", type=click.IntRange(0, 200), default=1, show_default=True, help="How many people answer.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed is the same night.")
@click.option("--faults", is_flag=True, help="The provider says things twice, late or never; pages and the clock stop.")
@AS_JSON
def simulate(calls: int, staff: int, seed: int, faults: bool, as_json: bool) -> None:  # noqa: FBT001  click calls it
    """Play a night of eight hours in a scratch database, by the actions that production uses, on a clock of its own."""
    with tempfile.TemporaryDirectory(prefix="nwd-line-") as folder:
        call = [sys.executable, "-m", "nowrongdoor.site.simulated_night", str(calls), str(staff), str(seed)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
        environment |= {"NWD_VAR": folder, "NWD_LINE": str(pathlib.Path(folder) / "line.toml")}
        played = subprocess.run(
            [*call, "faults" if faults else ""], env=environment, capture_output=True, text=True, check=False
        )
    if played.returncode:
        raise click.ClickException(played.stderr.strip().rpartition("\n")[2] or _("The night did not come to its end."))
    outcome = json.loads(played.stdout)
    if as_json:
        click.echo(json.dumps(outcome))
        return
    for name, value in outcome.items():
        click.echo(f"{name.replace('_', ' ')}: {value:,}")


@line.command("report")
@click.option("--month", required=True, help="A month that is over, like 2026-10.")
@click.option("--agency", help="Code of the agency whose line it is, where several have one.")
@AS_JSON
def report(month: str, agency: str | None, as_json: bool) -> None:  # noqa: FBT001  click calls it
    """Count what happened on the line in a month, from the contacts: for the agency, or for whom the law names."""
    try:
        first = datetime.datetime.strptime(month, "%Y-%m").replace(tzinfo=datetime.UTC).date()
    except ValueError:
        raise click.BadParameter(_("write a month like 2026-10"), param_hint="--month") from None
    up.prepare_and_fill()
    from nowrongdoor.agencies import queries as agencies
    from nowrongdoor.line import figures, plan
    from nowrongdoor.protocols import figures as reports

    codes = sorted({group.agency for group in plan.installed().groups.values()})
    if agency is None and len(codes) != 1:
        raise click.UsageError(
            _("Name the agency with --agency: %(codes)s.") % {"codes": ", ".join(codes) or _("none has a line")}
        )
    try:
        counted = figures.of_month(
            agencies.by_code(agency or codes[0]).id,
            first,
            reports=reports.left,
            at=datetime.datetime.now(tz=datetime.UTC),
        )
    except (agencies.NoSuchAgency, figures.NotOver) as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(counted), ensure_ascii=False))
        return
    for name, value in dataclasses.asdict(counted).items():
        click.echo(f"{name.replace('_', ' ')}: {_in_words(value)}")


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items()) or "–"
    return "–" if value in (None, "") else str(value)


@line.command("check")
def check() -> None:
    """Read the file that NWD_LINE names, open each provider, and find each agency. Exits 1 if one isn’t there."""
    up.prepare_and_fill()
    from nowrongdoor.agencies import queries as agencies
    from nowrongdoor.core import entries
    from nowrongdoor.line import channels, plan

    try:
        installed = plan.installed()
        for name in installed.providers:
            channels.of_provider(name)
        for code in sorted({group.agency for group in installed.groups.values()}):
            agencies.by_code(code)
    except (entries.Unreadable, agencies.NoSuchAgency) as error:
        raise click.ClickException(str(error)) from None
    for each in installed.lines.values():
        click.echo(
            f"{each.code}: {each.medium.value}, {each.address or _('a page of its own')}, {each.agency}, {each.use}"
        )
    if not installed.lines:
        click.echo(_("There is no line."))


@line.command("mail")
@click.option("--host", default="127.0.0.1", show_default=True, help="This machine alone: LMTP has no sign-in.")
@click.option("--port", type=click.IntRange(1, 65535), default=8024, show_default=True)
def mail(host: str, port: int) -> None:
    """Take mail for the line from a mail server on this machine, by LMTP (docs/line-mail.md); stops on SIGTERM."""
    database.prepare()
    database.refuse_tables_of_its_own()
    database.refuse_another_country()
    from nowrongdoor.channels import lmtp
    from nowrongdoor.channels import mail as mailing
    from nowrongdoor.line import channels, plan, receiving

    installed = plan.installed()
    opened = {name: channels.of_provider(name) for name, keys in installed.providers.items() if keys["kind"] == "mail"}
    if not opened:
        raise click.ClickException(_("NWD_LINE names no provider of kind mail."))
    by_address = {channel.address: name for name, channel in opened.items() if isinstance(channel, mailing.Mail)}
    try:
        lmtp.serve(
            host,
            port,
            lambda event: receiving.mail(by_address[event.address], event),
            channels=[each for each in opened.values() if isinstance(each, mailing.Mail)],
        )
    except lmtp.NotLocal as error:
        raise click.ClickException(str(error)) from None
