"""The `nwd` command: one place that knows every verb, and loads a room only when its verb is called.

Pure verbs (`mandates`) never load Django, so they start in well under half a second.
Exit codes: 0 done, 1 the answer is no (not proved, rows refused), 2 the call or its input is wrong.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

# verb -> (where its click command is, whether it needs Django and a database)
VERBS: dict[str, tuple[str, bool]] = {
    "mandates": ("nowrongdoor.mandates.commands:mandates", False),
    "import": ("nowrongdoor.referrals.commands:import_", True),
    "table": ("nowrongdoor.site.keeping:table", True),
    "agency": ("nowrongdoor.site.keeping:agency", True),
    "person": ("nowrongdoor.site.keeping:person", True),
    "token": ("nowrongdoor.site.keeping:token", True),
    "up": ("nowrongdoor.site.up:up", False),
    "database": ("nowrongdoor.site.up:database", False),
    "manage": ("nowrongdoor.site.up:manage", True),
}


class Verbs(click.Group):
    """Finds a verb in VERBS and imports its module only then."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        place, needs_database = VERBS[cmd_name]
        if needs_database:
            from nowrongdoor.site import up

            # `--help` must answer on a machine where no database was ever started.
            if {"--help", "-h"} & set(sys.argv):
                up.ready()
            else:
                up.prepare_and_fill()
        module, _, name = place.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


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
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nowrongdoor.site.settings")
    main()
