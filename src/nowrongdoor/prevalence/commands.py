"""`nwd prevalence`: how many people there are, from lists that overlap. Needs no database and no Django.

Exit codes: 0 done, also where a set is given instead of one number; 1 there is no estimate; 2 the call or its file is
wrong.
"""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import sys
import time
from typing import TYPE_CHECKING, NoReturn, NotRequired, TypedDict, Unpack

import click

from nowrongdoor.core.language import gettext as _

if TYPE_CHECKING:
    from nowrongdoor.core.prevalence import estimating, reading, running
    from nowrongdoor.publishing import documents

# NumPy takes a quarter of a second to load, so it is loaded where a verb starts to work, and not for --help.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
FILE = click.Path(exists=True, dir_okay=False, path_type=pathlib.Path)
NEW_FILE = click.Path(dir_okay=False, path_type=pathlib.Path)
METHODS = ("stepwise", "bic", "dga", "independence")

HTML = click.option("--html", type=NEW_FILE, help="Write the report as one HTML file, pictures included.")
PDF = click.option("--pdf", type=NEW_FILE, help="Write the report as a tagged PDF.")
PUBLIC = click.option(
    "--public", "is_public", is_flag=True, help="Make every output, --json too, one that may be published: rounded."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON value.")
COUNTS = click.option("--counts", default="", metavar="COLUMN", help="The column that says how many people a row is.")
PEOPLE = click.option("--people", is_flag=True, help="Each row is one person; there are no counts.")
LEAVE_OUT = click.option(
    "--leave-out", multiple=True, metavar="COLUMN", help="A column that is not a list, such as an age. May be repeated."
)
METHOD = click.option(
    "--method",
    type=click.Choice(METHODS),
    default="stepwise",
    show_default=True,
    help="How a model is chosen. `independence` is your statement that lists know nothing of each other.",
)
ORDER = click.option(
    "--order", type=click.Choice(["2", "3"]), default="2", show_default=True, help="bic: pairs, or three lists too."
)
THRESHOLD = click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.02,
    show_default=True,
    help="stepwise: the largest p-value that still takes a pair in.",
)
SEED = click.option("--seed", type=click.IntRange(0), default=1234, show_default=True, help="Where the dice start.")
THREADS = click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="Processor cores.")


class Given(TypedDict):
    """What `estimate` and `diagnose` are called with."""

    file: pathlib.Path
    counts: str
    people: bool
    leave_out: tuple[str, ...]
    method: str
    order: str
    threshold: float
    seed: int
    threads: int
    html: pathlib.Path | None
    pdf: pathlib.Path | None
    is_public: bool
    as_json: bool
    replicates: NotRequired[int | None]
    name: NotRequired[str]


@click.group(
    epilog="""\b
Examples:
  nwd prevalence estimate lists.csv
  nwd prevalence estimate lists.csv --method bic --order 3 --bootstrap 0 --json
  nwd prevalence diagnose lists.csv
  nwd prevalence simulate --people 5000 --lists 5 --tables 200

A file has a row for each history (0 or 1 for each list, then a count), or a row for each person, or a row for each
record with the columns person and list. A column counts people if it is named count, frequency or n, or if --counts
names it; other numbers are never taken for counts.
"""
)
def prevalence() -> None:
    """How many people there are, seen and unseen, from lists that overlap."""


@prevalence.command("estimate")
@click.argument("file", type=FILE)
@COUNTS
@PEOPLE
@LEAVE_OUT
@METHOD
@ORDER
@THRESHOLD
@click.option(
    "--bootstrap",
    "replicates",
    type=click.IntRange(0, 1_000_000),
    help="Replicates; 0 for none. Default: 20,000, with bic 1,000.",
)
@SEED
@THREADS
@click.option(
    "--override-by", "name", default="", help="Show one number though the checks advise against it: your name."
)
@HTML
@PDF
@PUBLIC
@AS_JSON
def estimate_(**given: Unpack[Given]) -> None:
    """Estimate, check, and say whether one number may be given."""
    _tell(given)


@prevalence.command("diagnose")
@click.argument("file", type=FILE)
@COUNTS
@PEOPLE
@LEAVE_OUT
@METHOD
@ORDER
@THRESHOLD
@SEED
@THREADS
@HTML
@PDF
@PUBLIC
@AS_JSON
def diagnose_(**given: Unpack[Given]) -> None:
    """Every check, without a bootstrap: what can be estimated, what fits, what the answer hangs on."""
    _tell({**given, "replicates": 0})


@prevalence.command("replicates")
@click.argument("file", type=FILE)
@click.argument("counts", type=FILE)
@METHOD
@ORDER
@THRESHOLD
@THREADS
@AS_JSON
def replicates_(
    file: pathlib.Path,
    counts: pathlib.Path,
    method: str,
    order: str,
    threshold: float,
    threads: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Refit resampled COUNTS of another program: a line each, in the order of FILE's rows.

    A first column named `estimate` is compared. BCa limits come from these replicates and FILE's own jackknife.
    """
    begun = _begin(threads)
    from nowrongdoor.core.prevalence import estimating, exhaustive, existence, refitting, tables

    read = _read(file)
    try:
        result = refitting.refit(read, _text(counts), _settings(method, order, threshold))
    except tables.TableError as error:
        raise click.UsageError(
            _("%(name)s cannot be used.\n%(error)s") % {"name": counts.name, "error": error}
        ) from None
    except exhaustive.TooManyModels as error:
        raise click.UsageError(str(error)) from None
    except (estimating.CannotEstimate, existence.NoMaximum) as error:
        _no_estimate(error, as_json=as_json, read=read)
    if as_json:
        _print({**result.as_plain(), "cpu_seconds": time.process_time() - begun})
    else:
        click.echo(result.words)


@prevalence.command("simulate")
@click.option("--people", type=click.IntRange(50, 10_000_000), default=5_000, show_default=True, help="The truth.")
@click.option("--lists", type=click.IntRange(3, 8), default=5, show_default=True)
@click.option("--reach", type=click.FloatRange(0.001, 0.9), default=0.08, show_default=True, help="Chance of a list.")
@click.option("--dependence", type=click.FloatRange(-3, 3), default=0.8, show_default=True, help="On the log scale.")
@click.option("--dependent-pairs", type=click.IntRange(0, 28), default=2, show_default=True)
@click.option("--unlike", type=click.FloatRange(0, 5), default=0.0, show_default=True, help="How unlike people are.")
@click.option("--tables", type=click.IntRange(1, 100_000), default=200, show_default=True)
@click.option("--bootstrap", "replicates", type=click.IntRange(50, 100_000), default=1_000, show_default=True)
@THRESHOLD
@SEED
@THREADS
@AS_JSON
def simulate_(
    people: int,
    lists: int,
    reach: float,
    dependence: float,
    dependent_pairs: int,
    unlike: float,
    tables: int,
    replicates: int,
    threshold: float,
    seed: int,
    threads: int,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Draw tables from a known truth, and count how often the intervals hold it."""
    begun = _begin(threads)
    from nowrongdoor.core.prevalence import models, simulation

    if dependent_pairs > len(models.pairs(lists)):
        raise click.UsageError(
            _("%(lists)s lists have %(count)s pairs, not %(dependent_pairs)s.")
            % {"lists": lists, "count": len(models.pairs(lists)), "dependent_pairs": dependent_pairs}
        )
    truth = simulation.truth(
        people=people,
        lists=lists,
        reach=reach,
        dependence=dependence,
        dependent_pairs=dependent_pairs,
        unlike=unlike,
        seed=seed,
    )
    study = simulation.study(
        truth,
        tables_drawn=tables,
        replicates=replicates,
        threshold=threshold,
        seed=seed,
        on_progress=_progress(quiet=as_json),
    )
    if as_json:
        _print({**study.as_plain(), "cpu_seconds": time.process_time() - begun})
    else:
        click.echo(study.words)


def _begin(threads: int) -> float:
    for each in THREAD_VARIABLES:
        os.environ[each] = str(threads)
    return time.process_time()


def _settings(method: str, order: str, threshold: float) -> estimating.Settings:
    from nowrongdoor.core.prevalence import estimating

    if order == "3" and method != "bic":
        raise click.UsageError(_("--order 3 goes with --method bic: the other methods use pairs only."))
    return estimating.Settings(estimating.Method(method), threshold, int(order))


def _tell(given: Given) -> None:
    """Runs, shows and writes what was asked for, and counts the seconds of the processor by what they were spent on."""
    _begin(given["threads"])
    from nowrongdoor.core.prevalence import estimating, exhaustive, existence, reading, running, telling
    from nowrongdoor.prevalence import publishing, reporting
    from nowrongdoor.publishing import terminal

    declared = reading.Declared(given["counts"], given["people"], given["leave_out"])
    read = _read(given["file"], declared)
    table, seed, as_json = read.table, given["seed"], given["as_json"]
    settings = _settings(given["method"], given["order"], given["threshold"])
    replicates = given.get("replicates")
    if replicates is None:
        replicates = running.replicates_for(settings.method)
    started = time.process_time()
    try:
        answer = running.answer(table, settings, replicates=replicates, seed=seed, on_progress=_progress(quiet=as_json))
        answered = time.process_time()
        checks = running.look(table, settings, answer, seed=seed)
    except exhaustive.TooManyModels as error:
        raise click.UsageError(str(error)) from None
    except (estimating.CannotEstimate, existence.NoMaximum) as error:
        _no_estimate(error, as_json=as_json, read=read, is_public=given["is_public"])
    name = given.get("name", "").strip()
    run = running.conclude(table, settings, answer, checks, overridden_by=name, source=read.source)
    checked = time.process_time()
    version = reporting.version()
    published = publishing.publish(telling.as_plain(run), version=version) if given["is_public"] else None
    document = publishing.report(published) if published else reporting.report(run)
    has_files = _write_files(document, given["html"], given["pdf"])
    if as_json and published:
        _print(publishing.as_plain(published))
    elif as_json:
        spent = {"start": started, "estimate": answered - started, "checks": checked - answered}
        _print(
            {
                **telling.as_plain(run),
                "version": version,
                "cpu_seconds": spent["estimate"],
                "cpu_seconds_by_part": spent,
            }
        )
    elif has_files:
        click.echo(document.headline)
        if not published:
            click.echo(_("Read as: %(words)s") % {"words": read.source.words}, err=True)
    else:
        click.echo(terminal.write(document), nl=False)


def _no_estimate(error: ValueError, *, as_json: bool, read: reading.Read, is_public: bool = False) -> NoReturn:
    if as_json:
        details = {} if is_public else {"seen": read.table.people, "read_as": read.source.words}
        _print({"estimate": None, **details, "refused": {"reason": str(error), "reasons": [str(error)], "set": []}})
    elif not is_public:
        click.echo(_("Read as: %(words)s") % {"words": read.source.words}, err=True)
    click.echo(_("There is no estimate. %(error)s") % {"error": error}, err=True)
    sys.exit(1)


def _write_files(document: documents.Document, html_file: pathlib.Path | None, pdf_file: pathlib.Path | None) -> bool:
    if not html_file and not pdf_file:
        return False
    from nowrongdoor.publishing import charts, html, pdf

    pictures = {each.name: charts.draw(each) for each in document.pictures}
    if html_file:
        _write(html_file, html.alone(document, pictures).encode())
    if pdf_file:
        _write(pdf_file, pdf.write(document, pictures, at=datetime.datetime.now(datetime.UTC)))
    return True


def _progress(*, quiet: bool) -> running.Progress | None:
    if quiet or not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        click.echo(f"\r{done:,} of {total:,}", nl=done == total, err=True)

    return show


def _read(file: pathlib.Path, declared: reading.Declared | None = None) -> reading.Read:
    from nowrongdoor.core.prevalence import reading, tables

    try:
        return reading.read(_text(file), declared)
    except tables.TableError as error:
        raise click.UsageError(_("%(name)s cannot be used.\n%(error)s") % {"name": file.name, "error": error}) from None


def _text(file: pathlib.Path) -> str:
    from nowrongdoor.core.prevalence import reading

    try:
        return reading.decode(file.read_bytes())
    except reading.NotText as error:
        raise click.UsageError(_("%(name)s cannot be read. %(error)s") % {"name": file.name, "error": error}) from None


def _write(file: pathlib.Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise click.UsageError(
            _("%(file)s cannot be written: %(strerror)s.") % {"file": file, "strerror": error.strerror}
        ) from None
    click.echo(f"Wrote {file}.", err=True)


def _print(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
