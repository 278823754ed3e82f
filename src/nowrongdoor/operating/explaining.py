"""`nwd explain`: from a name in an error to its sentence and its file.

The database names the guard that refused (`a_lead_was_accepted`), a rule the source that it rests on (M03). The
promise: every guard of the schema is found here (a test asks the catalogue), without a database, in the files that came
along.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import functools
import pathlib
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

import click

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import sources

PACKAGE = pathlib.Path(__file__).resolve().parent.parent
# Where a guard is declared in SQL: after one of these words. In Python it is the name of a constraint.
_IN_SQL = re.compile(r"\b(?:ADD CONSTRAINT|CREATE (?:CONSTRAINT )?TRIGGER|CREATE UNIQUE INDEX)\s+(?P<name>[a-z_0-9]+)")
_REFUSAL = re.compile(r"nowrongdoor_refuse\(\s*'((?:[^']|'')+)'")


@dataclasses.dataclass(frozen=True, slots=True)
class Guard:
    """A constraint, trigger or index with a name of its own. `because`: the comment above it, or its model's words."""

    name: str
    sentence: str
    because: str
    file: str
    line: int


@functools.cache
def guards() -> Mapping[str, Sequence[Guard]]:
    """Return every named guard that the files declare, by name; some names stand on two tables."""
    by_name: dict[str, list[Guard]] = {}
    for guard in _declared():
        # A migration repeats what a model says; the model comes first.
        if guard.name not in by_name or not guard.file.endswith(".py"):
            by_name.setdefault(guard.name, []).append(guard)
    return by_name


@click.command()
@click.argument("name")
def explain(name: str) -> None:
    """Say what NAME means: a guard that an error names, or the number of a source."""
    known = sources.shipped()
    if name in known:
        click.echo(f"{name}. {known[name].words}")
        click.echo(f"  {known[name].founded_on}")
        for link in known[name].links:
            click.echo(f"  {link}")
        return
    if name not in guards():
        near = difflib.get_close_matches(name, [*guards(), *known], n=3)
        meant = (_(" Did you mean %(names)s?") % {"names": ", ".join(near)}) if near else ""
        raise click.UsageError(
            _("No guard of the database and no source is called '%(name)s'.%(meant)s") % {"name": name, "meant": meant}
        )
    for guard in guards()[name]:
        click.echo(guard.sentence)
        for line in textwrap.wrap(guard.because, 96):
            click.echo(f"  {line}")
        click.echo(f"  {guard.file}, line {guard.line}")


def _declared() -> Iterator[Guard]:
    migrations = PACKAGE / "migrations"
    for file in sorted(PACKAGE.glob("*/*.py")):
        if file.parent != migrations and "(models.Model)" in file.read_text(encoding="utf-8"):
            yield from _in_models(file)
    for file in sorted(migrations.glob("*.sql")):
        if not file.stem.endswith("_undo"):
            yield from _in_sql(file)
    for file in sorted(migrations.glob("0*.py")):
        yield from _in_sql(file)
        yield from _in_models(file)


def _in_models(file: pathlib.Path) -> Iterator[Guard]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for part in tree.body:
        because = " ".join((ast.get_docstring(part) or "").split()) if isinstance(part, ast.ClassDef) else ""
        for call in ast.walk(part):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Constraint"):
                for given in call.keywords:
                    if given.arg == "name" and isinstance(given.value, ast.Constant):
                        yield _guard(str(given.value.value), "", because, file, given.value.lineno)


def _in_sql(file: pathlib.Path) -> Iterator[Guard]:
    text = file.read_text(encoding="utf-8")
    for match in _IN_SQL.finditer(text):
        before = text[: match.start()]
        statement = text[match.start() :].partition(";")[0]
        refusal = _REFUSAL.search(statement)
        sentence = refusal.group(1).replace("''", "'") if refusal else ""
        yield _guard(match.group("name"), sentence, _comment(before), file, before.count("\n") + 1)


def _guard(name: str, sentence: str, because: str, file: pathlib.Path, line: int) -> Guard:
    words = sentence or name.replace("_", " ")
    place = file.relative_to(PACKAGE.parent).as_posix()
    return Guard(name, f"{words[0].upper()}{words[1:]}.", because, place, line)


def _comment(before: str) -> str:
    """Return the comment nearest above, within the same paragraph."""
    paragraph = re.split(r"\n[ \t]*\n", before)[-1].splitlines()
    lines: list[str] = []
    for line in reversed(paragraph):
        mark = re.match(r"\s*(?:--|#) ?(.*)", line)
        if mark:
            lines.insert(0, mark.group(1).strip())
        elif lines:
            break
    return " ".join(lines)
