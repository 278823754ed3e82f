"""The `nwd` command: one place that knows every verb, and loads a room only when its verb is called.

Pure verbs (`mandates`, `prevalence`, `explain`) never load Django, so they start in well under half a second.
Exit codes: 0 done, 1 the answer is no (not proved, rows refused), 2 the call or its input is wrong.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import sys

import click

from nowrongdoor import jurisdictions
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.operating import folder, terminal


@dataclasses.dataclass(frozen=True)
class Verb:
    """Where a verb's click command is, what it does in a line, and whether it needs the database."""

    place: str
    does: str
    needs_database: bool = False


VERBS: dict[str, Verb] = {
    "up": Verb("nowrongdoor.site.up:up", gettext_lazy("Start the whole system on this machine.")),
    "web": Verb(
        "nowrongdoor.operating.serving:web", gettext_lazy("Serve the pages and the API, for a process manager.")
    ),
    "worker": Verb(
        "nowrongdoor.operating.serving:worker",
        gettext_lazy("Route signals and track deadlines, for a process manager."),
    ),
    "mandates": Verb(
        "nowrongdoor.mandates.commands:mandates", gettext_lazy("Who answers for which case, by dated and cited law.")
    ),
    "prevalence": Verb(
        "nowrongdoor.prevalence.commands:prevalence",
        gettext_lazy("How many people there are, from lists that overlap."),
    ),
    "import": Verb("nowrongdoor.intake.commands:import_", gettext_lazy("Import a file of cases."), needs_database=True),
    "line": Verb(
        "nowrongdoor.site.line_commands:line", gettext_lazy("Play a night on the line, and say what happened.")
    ),
    "services": Verb(
        "nowrongdoor.services.commands:services",
        gettext_lazy("Take in a directory of services, and find who can help."),
        needs_database=True,
    ),
    "table": Verb(
        "nowrongdoor.leads.keeping:table",
        gettext_lazy("Keep mandate tables, and put one in force."),
        needs_database=True,
    ),
    "agency": Verb(
        "nowrongdoor.site.keeping:agency", gettext_lazy("List, add and close agencies."), needs_database=True
    ),
    "person": Verb(
        "nowrongdoor.agencies.keeping:person", gettext_lazy("Add people and deactivate them."), needs_database=True
    ),
    "token": Verb(
        "nowrongdoor.agencies.keeping:token", gettext_lazy("Let other systems send signals."), needs_database=True
    ),
    "country": Verb("nowrongdoor.operating.country:country", gettext_lazy("Check a country’s folder.")),
    "database": Verb(
        "nowrongdoor.site.sealing:database",
        gettext_lazy("Migrate, seal people, check, or stop the embedded database."),
    ),
    "audit": Verb(
        "nowrongdoor.audit.commands:audit", gettext_lazy("Verify and anchor the trail."), needs_database=True
    ),
    "vault": Verb(
        "nowrongdoor.vault.commands:vault",
        gettext_lazy("Show the status of keys, and renew them."),
        needs_database=True,
    ),
    "backup": Verb(
        "nowrongdoor.operating.backing_up:backup",
        gettext_lazy("Back up data and keys, sealed, in separate folders."),
        needs_database=True,
    ),
    "restore": Verb("nowrongdoor.operating.backing_up:restore", gettext_lazy("Restore a backup to an empty place.")),
    "explain": Verb("nowrongdoor.operating.explaining:explain", gettext_lazy("Say what the name in an error means.")),
    "manage": Verb(
        "nowrongdoor.operating.database:manage",
        gettext_lazy("Django’s own commands, for maintainers."),
        needs_database=True,
    ),
}


SERVERS = {"web", "worker"}  # a process manager starts them: what they keep and log is in the country's own language


class Verbs(click.Group):
    """Finds a verb in VERBS and imports its module only then. What whoever runs it can mend is told in a sentence."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with contextlib.suppress(OSError, jurisdictions.NoSuchCountry):  # told when a verb is called
            folder.recall_country()
            if not SERVERS & set(args[:1]):
                terminal.speak()
        return super().parse_args(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        click.Group.format_help(terminal.localized(self), ctx, formatter)

    def invoke(self, ctx: click.Context) -> object:
        try:
            folder.recall_country()
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit, SystemExit, BrokenPipeError):
            raise  # told already
        except _mendable() as error:
            raise click.ClickException(_sentence(error)) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(verb.does)) for name, verb in VERBS.items()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        verb = VERBS[cmd_name]
        if verb.needs_database:
            from nowrongdoor.operating import database
            from nowrongdoor.site import up

            # `--help` must answer on a machine where no database was ever started.
            if {"--help", "-h"} & set(sys.argv):
                database.ready()
            else:
                up.prepare_and_fill()
        module, _, name = verb.place.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return terminal.localized(command)


def _mendable() -> tuple[type[Exception], ...]:
    """Return what the machine or the database may refuse. Looked at only when something else was raised, so that
    the pure verbs load none of it."""
    import psycopg
    from django.core import exceptions
    from django.db import utils

    from nowrongdoor.core import entries
    from nowrongdoor.core.mandates import table
    from nowrongdoor.operating import addresses, cluster, country, credentials, schema
    from nowrongdoor.vault import providers

    of_the_machine = (addresses.Unusable, cluster.PathTooLong, cluster.DoesNotStart, schema.NotMigrated)
    of_the_settings = (exceptions.ImproperlyConfigured, credentials.Empty, providers.Unusable, providers.NoSuchKey)
    of_the_files = (jurisdictions.NoSuchCountry, jurisdictions.UnusableFile, entries.Unreadable, table.TableError)
    of_the_country = (country.AnotherCountry, country.Unfit)
    theirs = (psycopg.OperationalError, utils.OperationalError, OSError)
    return (*of_the_machine, *of_the_settings, *of_the_files, *of_the_country, *theirs)


def _sentence(error: Exception) -> str:
    import psycopg
    from django.db import utils

    if isinstance(error, psycopg.OperationalError | utils.OperationalError):
        return _("The database refuses: %(reason)s") % {"reason": " ".join(str(error).split())}
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)


@click.command(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  nwd up                                            start the whole system on this machine
  nwd mandates decide --facts case.json --json      who answers for these facts today, and why
  nwd mandates prove                                show that every case has exactly one lead
  nwd import htcds cases.xlsx                       take in a Case Data Standard workbook
""",
)
@click.version_option(package_name="nowrongdoor", prog_name="nwd")
def main() -> None:
    """No Wrong Door: one agency answers for every signal, from the first second."""


if __name__ == "__main__":
    main(prog_name="nwd")
