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
        click.echo("  ".join(_in_words(name, value) for name, value in row.items()))


def _in_words(name: str, value: object) -> str:
    """Say a truth by its name: "in force", "not proved"."""
    words = name.removeprefix("is_").replace("_", " ")
    if isinstance(value, bool):
        return words if value else f"not {words}"
    return "" if value is None else str(value)
