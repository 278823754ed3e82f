"""`nwd mandates`: ask the mandate table, prove it, and see what a change would do. Needs no database.

Exit codes: 0 done; 1 the answer is no (not proved); 2 the call or its input is wrong; 3 the limit was reached before
there was an answer.
"""

from __future__ import annotations

import datetime
import json
import pathlib
import sys
import time
from collections.abc import Iterator
from typing import TextIO

import click

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import ngettext
from nowrongdoor.core.mandates import asking, explain, facts, prove, reading, table, tables_in_words
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
    print_facts(_table(folder, as_json=as_json).vocabulary, as_json=as_json)


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
    content = _table(folder, as_json=as_json)
    answers = _facts(_json(_read(file, _("the facts")), _("the facts")), content)
    day = on.date() if on else _today()
    try:
        given = facts.possible(answers.facts)
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
                "read_as": [explain.reading(each) for each in answers.read_as],
                **explain.as_json(decision),
                "next_question": explain.question(question) if question else None,
            }
        )
    else:
        for each in answers.read_as:
            click.echo(tables_in_words.reading(each, content))
        click.echo(tables_in_words.decision(decision, given, content, day, question))


@mandates.command("prove")
@TABLE
@click.option(
    "--limit",
    type=click.FloatRange(min=0, min_open=True),
    default=prove.LIMIT,
    show_default=True,
    help="Stop after so many seconds.",
)
@click.option("--progress/--no-progress", default=None, help="Tell how far the proof is. Default: on a terminal.")
@AS_JSON
def prove_(folder: pathlib.Path | None, limit: float, progress: bool | None, as_json: bool) -> None:  # noqa: FBT001
    """Show that every possible case has exactly one lead on every day, or a case that has not.

    Exits 0 when it is shown, 1 when something fails, 2 when the table is refused, and 3 when nothing fails and the
    limit was reached before all was shown.
    """
    content = _table(folder, as_json=as_json)
    is_told = sys.stderr.isatty() if progress is None else progress
    watch = prove.Watch(clock=time.monotonic, seconds=limit, tell=_Progress() if is_told else None)
    proof = prove.prove(content, watch)
    if is_told:
        click.echo(err=True)
    if as_json:
        _print(proof.as_json())
    elif proof.holds:
        until = _("until %(day)s") % {"day": proof.covers_to} if proof.covers_to else _("with no end")
        click.echo(
            _("Proved. Each of %(points)s possible cases has exactly one lead, on every day from %(epochs)s %(until)s.")
            % {"points": f"{proof.points:,}", "epochs": proof.epochs[0], "until": until}
        )
        if proof.impossible:
            click.echo(
                _("%(impossible)s others are declared impossible and left out.")
                % {"impossible": f"{proof.impossible:,}"}
            )
        click.echo(_("Table %(digest)s") % {"digest": proof.digest})
    else:
        count = ngettext("%(count)d fault", "%(count)d faults", len(proof.faults)) % {"count": len(proof.faults)}
        sentence = _("Not proved: %(count)s, and not finished.") if proof.unfinished else _("Not proved: %(count)s.")
        click.echo(sentence % {"count": count})
        for sentence in proof.sentences:
            click.echo(f"  - {sentence}")
    sys.exit(0 if proof.holds else 1 if proof.faults else 3)


class _Progress:
    """Writes on one line of the error output what is being shown, a few times in a second."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, what: str, done: int, of: int) -> None:
        now = time.monotonic()
        if now - self._last >= 0.2:
            self._last = now
            click.echo(f"\r\033[KProving {what}: {done:,} of {of:,}", nl=False, err=True)


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
    """Replay past cases under the PROPOSED table: whose load changes, which cases move, and why, and what differs in
    the order of asking, in notices, deadlines and sharing restrictions.

    Each line of the file: {"case": "…", "on": "2026-01-31", "facts": {…}}
    """
    before, after = _table(folder, as_json=as_json), _table(proposed, as_json=as_json)
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
    click.echo(
        _("%(cases)s cases; %(moves)s would have another lead, %(differences)s would differ in something.\n")
        % {
            "cases": f"{result.cases:,}",
            "moves": f"{len(result.moves):,}",
            "differences": f"{len(result.differences):,}",
        }
    )
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
        click.echo(_("\nand %(count)s more; --json lists them all.") % {"count": f"{len(result.moves) - SHOWN:,}"})
    for shift, cases in result.shifts[:SHOWN]:
        click.echo("\n" + "\n".join(tables_in_words.shift(shift, cases)))
    if len(result.shifts) > SHOWN:
        click.echo(
            _("\nand %(count)s more differences; --json lists them all.") % {"count": f"{len(result.shifts) - SHOWN:,}"}
        )


@mandates.command("show")
@TABLE
@AS_JSON
def show(folder: pathlib.Path | None, as_json: bool) -> None:  # noqa: FBT001
    """The whole table, as a document (Markdown) or as JSON."""
    content = _table(folder, as_json=as_json)
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


def _table(folder: pathlib.Path | None, *, as_json: bool) -> table.Table:
    """Read a table, and tell on the error output what may surprise in it."""
    if folder is None:
        return table.shipped()
    read = read_folder(folder, as_json=as_json)
    return read.content


def read_folder(folder: pathlib.Path, *, as_json: bool) -> reading.Reading:
    """Read a folder that comes in. Where it is refused, print every problem and end with 2."""
    try:
        read = reading.folder(folder)
    except reading.Refused as error:
        if as_json:
            _print({"refused": [each.as_json() for each in error.faults]})
        else:
            count = ngettext("%(count)d problem", "%(count)d problems", len(error.faults)) % {
                "count": len(error.faults)
            }
            click.echo(
                _("The table in %(folder)s is refused: %(count)s.") % {"folder": folder, "count": count}, err=True
            )
            for problem in error.problems:
                click.echo(f"  - {problem}", err=True)
        sys.exit(2)
    for warning in read.warnings:
        click.echo(f"Note: {warning.words}", err=True)
    return read


def _facts(value: object, content: table.Table, where: str = "") -> facts.Reading:
    if not isinstance(value, dict):
        raise click.UsageError(where + _('Facts are a JSON object, like {"labor": "yes"}.'))
    try:
        return facts.read_strictly(value, content.vocabulary)
    except facts.FactsError as error:
        raise click.UsageError("\n".join(f"{where}{each}" for each in error.problems)) from None


def _past(file: TextIO, content: table.Table) -> Iterator[comparing.Past]:
    for number, line in enumerate(_read(file, _("the file")).splitlines(), start=1):
        if not line.strip():
            continue
        entry = _json(line, _("line %(number)s") % {"number": number})
        try:
            assert isinstance(entry, dict)
            day = datetime.date.fromisoformat(entry["on"])
            known = _facts(entry["facts"], content, f"Line {number}: ").facts
            yield comparing.Past(str(entry["case"]), known, day)
        except (AssertionError, KeyError, TypeError, ValueError):
            raise click.UsageError(
                _('Line %(number)s is not like {"case": "…", "on": "2026-01-31", "facts": {…}}.') % {"number": number}
            ) from None


def _read(file: TextIO, what: str) -> str:
    try:
        return file.read()
    except UnicodeDecodeError:
        raise click.UsageError(_("%(what)s cannot be read: save the file as UTF-8.") % {"what": what}) from None


def _json(text: str, what: str) -> object:
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_each_once)
    except RecursionError:
        raise click.UsageError(_("%(what)s cannot be read: it is nested too deeply.") % {"what": what}) from None
    except json.JSONDecodeError as error:
        raise click.UsageError(
            _('%(what)s cannot be read as JSON, like {"labor": "yes"}: %(error)s.') % {"what": what, "error": error}
        ) from None


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Keep every key, and refuse one that stands twice: the last would count, and nobody would hear of the first."""
    given = dict(pairs)
    if len(given) < len(pairs):
        names = [name for name, _value in pairs]
        twice = ", ".join(repr(each) for each in sorted({name for name in names if names.count(name) > 1}))
        raise click.UsageError(_("%(names)s is there twice. Keep one answer.") % {"names": twice})
    return given


def _today() -> datetime.date:
    return datetime.datetime.now(tz=datetime.UTC).astimezone().date()


def _print(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
