"""`nwd audit`: verify the trail, anchor it, export it."""

from __future__ import annotations

import dataclasses
import datetime
import json
import pathlib
import sys
import time

import click

from nowrongdoor.audit import verifying
from nowrongdoor.core.language import gettext as _


@click.group()
def audit() -> None:
    """The trail of who read and wrote what: verify it, anchor it, export it."""


@audit.command("verify")
@click.option(
    "--anchor",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path),
    help="A file with an anchor that was kept outside.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(file: pathlib.Path | None, as_json: bool) -> None:  # noqa: FBT001
    """Look at every event, link and anchor, and at the rows that events note; exit 1 and name what was touched."""
    try:
        printed = verifying.read(file.read_text()) if file else None
    except verifying.UnreadableAnchor as error:
        raise click.UsageError(str(error)) from None
    begun = time.monotonic()
    verdict = verifying.verify(printed=printed)
    seconds = time.monotonic() - begun
    if as_json:
        click.echo(json.dumps({**dataclasses.asdict(verdict), "holds": verdict.holds, "seconds": round(seconds, 3)}))
    elif verdict.holds:
        click.echo(
            _(
                "The trail holds: %(events)s events in %(links)s links, %(anchors)s anchors, and %(rows)s rows as it "
                "noted them (%(seconds)s s)."
            )
            % {
                "events": f"{verdict.events:,}",
                "links": f"{verdict.links:,}",
                "anchors": f"{verdict.anchors:,}",
                "rows": f"{verdict.rows:,}",
                "seconds": f"{seconds:.1f}",
            }
        )
    else:
        click.echo(_("The trail does NOT hold. %(wrong)s") % {"wrong": "\n".join((verdict.wrong, *verdict.also))})
    if not as_json:
        for words in verdict.unseen:
            click.echo(words)
    if verdict.anew and not as_json:
        click.echo(
            _(
                "Rows were noted anew %(times)s times, as after an upgrade that was taken back. What was changed "
                "before the last time is compared with nothing: look whether you know of each."
            )
            % {"times": verdict.anew}
        )
    sys.exit(0 if verdict.holds else 1)


@audit.command("anchor")
def anchor() -> None:
    """Print a line that pins the whole trail as it is now. Publish it, or send it to the other agencies."""
    click.echo(verifying.anchor(at=datetime.datetime.now(tz=datetime.UTC)).as_text())
