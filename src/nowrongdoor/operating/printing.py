"""How commands print rows: a line each for people, or JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import click

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def rows(values: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    """Print the values of each row."""
    if as_json:
        click.echo(json.dumps(list(values), indent=2))
        return
    for row in values:
        click.echo("  ".join(str(value) for value in row.values()))
