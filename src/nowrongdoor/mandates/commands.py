"""`nwd mandates`: ask the mandate table, prove it, and see what a change would do. Needs no database.

Exit codes: 0 done; 1 the answer is no (not proved); 2 the call or its input is wrong.
"""

from __future__ import annotations

import datetime
import json
import pathlib
import sys
from collections.abc import Iterator
from typing import TextIO

import click

from nowrongdoor.core.mandates import asking, explain, facts, prove, table, tables_in_words
from nowrongdoor.core.mandates import compare as comparing
from nowrongdoor.core.mandates import decide as deciding

FOLDER = click.Path(exists=True, file_okay=False, path_type=pathlib.Path)
TABLE = click.option("--table", "folder", type=FOLDER, help="A folder with another table. Default: the shipped one.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON value.")
SHOWN = 20


@click.group(
    epilog="""\b
Examples:
  nwd mandates facts
  echo '{"labor": "yes", "nationality": "foreign"}' | nwd mandates decide --facts -
  nwd mandates prove --table my-table/
  nwd mandates compare my-table/ --on past-cases.jsonl
"""
)
def mandates() -> None:
    """Who answers for which case, by dated and cited law."""


@mandates.command("facts")
@TABLE
@AS_JSON
def facts_(folder: pathlib.Path | None, as_json: bool) -> None:  # noqa: FBT001  click calls it by name
    """The facts that a table asks about, and the values each can have.

    `nwd table facts` lists those of the table in force.
    """
    print_facts(_table(folder).vocabulary, as_json=as_json)


@mandates.command("decide")
@click.option(
    "--facts",
    "file",
    type=click.File("r", encoding="utf-8"),
    required=True,
    help="JSON; - for input.",
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day. Default: today.")
@TABLE
@AS_JSON
def decide_(file: TextIO, on: datetime.datetime | None, folder: pathlib.Path | None, as_json: bool) -> None:  # noqa: FBT001
    """Who leads, who is asked next, who supports, who must be told and by when, and what may not be shared.

    A fact that is not named is unknown. Answers to the questions of an older table are read as this one asks them, and
    facts that cannot all be true are refused (exit code 2; with --json as {"refused": […]}).
    """
    content = _table(folder)
    reading = _facts(_json(_read(file, "the facts"), "the facts"), content)
    day = on.date() if on else _today()
    try:
        given = facts.possible(reading.facts)
        decider = deciding.Decider(content)
        decision, question = decider.decide(given, day), asking.next_question(decider, given, day)
    except facts.ImpossibleFacts as error:
        if not as_json:
            raise click.UsageError("\n".join(error.problems)) from None
        _print({"refused": list(error.problems)})
        sys.exit(2)
    except deciding.NotCovered as error:
        raise click.UsageError(str(error)) from None
    except deciding.NobodyLeads as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if as_json:
        _print(
            {
                "on": day.isoformat(),
                "facts": given.known(),
                "read_as": [explain.reading(each) for each in reading.read_as],
                **explain.as_json(decision),
                "next_question": explain.question(question) if question else None,
            }
        )
    else:
        for each in reading.read_as:
            click.echo(tables_in_words.reading(each, content))
        click.echo(tables_in_words.decision(decision, given, content, day, question))


@mandates.command("prove")
@TABLE
@AS_JSON
def prove_(folder: pathlib.Path | None, as_json: bool) -> None:  # noqa: FBT001
    """Show that every possible case has exactly one lead on every day, or a case that has not. Exits 0 only if so."""
    proof = prove.prove(_table(folder))
    if as_json:
        _print(proof.as_json())
    elif proof.holds:
        until = f"until {proof.covers_to}" if proof.covers_to else "with no end"
        click.echo(
            f"Proved. Each of {proof.points:,} possible cases has exactly one lead, "
            f"on every day from {proof.epochs[0]} {until}."
        )
        if proof.impossible:
            click.echo(f"{proof.impossible:,} others are declared impossible and left out.")
        click.echo(f"Table {proof.digest}")
    else:
        click.echo(f"Not proved: {len(proof.faults)} fault{'s' if len(proof.faults) != 1 else ''}.")
        for fault in proof.faults:
            click.echo(f"  - {fault.sentence}")
    sys.exit(0 if proof.holds else 1)


@mandates.command("compare")
@click.argument("proposed", type=FOLDER)
@click.option(
    "--on",
    "file",
    type=click.File("r", encoding="utf-8"),
    required=True,
    help="Past cases, a JSON line each.",
)
@TABLE
@AS_JSON
def compare_(proposed: pathlib.Path, file: TextIO, folder: pathlib.Path | None, as_json: bool) -> None:  # noqa: FBT001
    """Replay past cases under the PROPOSED table: whose load changes, which cases move, and why.

    Each line of the file: {"case": "…", "on": "2026-01-31", "facts": {…}}
    """
    before, after = _table(folder), _table(proposed)
    try:
        result = comparing.compare(before, after, _past(file, before))
    except deciding.NotCovered as error:
        raise click.UsageError(str(error)) from None
    except deciding.NobodyLeads as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if as_json:
        _print(tables_in_words.comparison(result))
        return
    click.echo(f"{result.cases:,} cases; {len(result.moves):,} would have another lead.\n")
    click.echo(f"{'Agency':<18}{'leads now':>12}{'would lead':>12}{'told now':>12}{'would be told':>15}")
    for agency, (old, new) in result.involved.items():
        leads = result.load.get(agency, (0, 0))
        if old != new or leads[0] != leads[1]:
            click.echo(f"{agency:<18}{leads[0]:>12,}{leads[1]:>12,}{old:>12,}{new:>15,}")
    for move in result.moves[:SHOWN]:
        click.echo(
            f"\n{move.case}: {move.before.agency} -> {move.after.agency}  ({explain.in_words(move.facts)})\n"
            f"  before: {move.before.rule}, {move.before.law.citation}\n"
            f"  after:  {move.after.rule}, {move.after.law.citation}"
        )
    if len(result.moves) > SHOWN:
        click.echo(f"\nand {len(result.moves) - SHOWN:,} more; --json lists them all.")


@mandates.command("show")
@TABLE
@AS_JSON
def show(folder: pathlib.Path | None, as_json: bool) -> None:  # noqa: FBT001
    """The whole table, as a document (Markdown) or as JSON."""
    content = _table(folder)
    if as_json:
        _print(tables_in_words.everything(content))
    else:
        click.echo(tables_in_words.document(content), nl=False)


def print_facts(asked: facts.Vocabulary, *, as_json: bool) -> None:
    """Print the facts of a table, and the values each can have."""
    if as_json:
        _print([tables_in_words.attribute(each) for each in asked.attributes])
        return
    for attribute in asked.attributes:
        click.echo(f"{attribute.name}: {attribute.question}  [{attribute.law}; {attribute.evidence}]")
        for value in attribute.values:
            click.echo(f"    {value.code:<24} {value.words}")


def _table(folder: pathlib.Path | None) -> table.Table:
    try:
        return table.load(folder) if folder else table.shipped()
    except table.TableError as error:
        raise click.UsageError("The table cannot be read.\n" + "\n".join(error.problems)) from None


def _facts(value: object, content: table.Table) -> facts.Reading:
    if not isinstance(value, dict):
        raise click.UsageError('Facts are a JSON object, like {"labor": "yes"}.')
    try:
        return facts.read_strictly(value, content.vocabulary)
    except facts.FactsError as error:
        raise click.UsageError("\n".join(error.problems)) from None


def _past(file: TextIO, content: table.Table) -> Iterator[comparing.Past]:
    for number, line in enumerate(_read(file, "the file").splitlines(), start=1):
        if not line.strip():
            continue
        entry = _json(line, f"line {number}")
        try:
            assert isinstance(entry, dict)
            day = datetime.date.fromisoformat(entry["on"])
            yield comparing.Past(str(entry["case"]), _facts(entry["facts"], content).facts, day)
        except (AssertionError, KeyError, TypeError, ValueError):
            raise click.UsageError(
                f'Line {number} is not like {{"case": "…", "on": "2026-01-31", "facts": {{…}}}}.'
            ) from None


def _read(file: TextIO, what: str) -> str:
    try:
        return file.read()
    except UnicodeDecodeError:
        raise click.UsageError(f"{what} cannot be read: save the file as UTF-8.") from None


def _json(text: str, what: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise click.UsageError(f"{what} cannot be read: it is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise click.UsageError(f"{what} cannot be read as JSON: {error}.") from None


def _today() -> datetime.date:
    return datetime.datetime.now(tz=datetime.UTC).astimezone().date()


def _print(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
