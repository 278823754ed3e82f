"""`nwd import`: take in a file of cases, and say what became of every row."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import io
import json
import pathlib
import sys
import time
from collections.abc import Iterable

import click
from django.db import Error as DatabaseError
from django.utils import timezone

from nowrongdoor.agencies import queries as agencies
from nowrongdoor.core.intake import ctdc, htcds, htcds_workbook, row
from nowrongdoor.core.language import gettext as _
from nowrongdoor.intake import importing

SHOWN = 20
WORKBOOK = b"PK\x03\x04"
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path))
AGENCY = click.option(
    "--agency",
    default="HOTLINE",
    show_default=True,
    help="Code of the agency that received these cases.",
)
EQUAL_ROWS = click.option(
    "--equal-rows",
    type=click.Choice([each.value for each in importing.EqualRows]),
    default=importing.EqualRows.ASK.value,
    show_default=True,
    help="What a row without an id is that says the same as a row of another file: other people (next month's file), "
    "the same people (a corrected file), or hold it back and ask.",
)
TOLD_BY = click.option(
    "--told-by",
    default="",
    help="Who told what is in the file, as in the fact `source`: law_enforcement, child_welfare, hotline ... Until "
    "somebody says so, nobody who enforces is asked to lead these cases.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(
    name="import",
    epilog="""\b
Examples:
  nwd import htcds cases.xlsx --agency HOTLINE
  nwd import ctdc ctdc_north_america.csv --json
  nwd import ctdc february.csv --equal-rows other-people

\b
Exit codes: 0 every row was taken, now or before; 1 some rows were refused or held back (the report says why);
2 wrong call.
""",
)
def import_() -> None:
    """Import a file of cases. Importing the same file again adds nothing, and a bad row is left out without losing
    the others."""


@import_.command("ctdc")
@FILE
@AGENCY
@EQUAL_ROWS
@TOLD_BY
@AS_JSON
def import_ctdc(file: pathlib.Path, agency: str, equal_rows: str, told_by: str, as_json: bool) -> None:  # noqa: FBT001  click calls it
    """Case profiles in the 19 columns of the Counter-Trafficking Data Collaborative."""
    with file.open("rb") as stream:
        source = _source(stream, equal_rows, told_by)
        _import(ctdc.read(stream), source, agency, as_json=as_json)


@import_.command("htcds")
@FILE
@AGENCY
@EQUAL_ROWS
@TOLD_BY
@AS_JSON
def import_htcds(file: pathlib.Path, agency: str, equal_rows: str, told_by: str, as_json: bool) -> None:  # noqa: FBT001  click calls it
    """A Human Trafficking Case Data Standard 2.0 workbook (.xlsx) or CSV; the content says which."""
    today = timezone.localdate()
    with file.open("rb") as stream:
        source = _source(stream, equal_rows, told_by)
        is_packed = stream.read(len(WORKBOOK)) == WORKBOOK
        stream.seek(0)
        if is_packed or file.suffix.lower() in (".xlsx", ".xlsm"):
            items = htcds_workbook.read_workbook(stream, on=today, sender=agency)
        else:
            items = htcds.read_csv(stream, on=today, sender=agency)
        _import(items, source, agency, as_json=as_json)


def _source(stream: io.BufferedReader, equal_rows: str, told_by: str) -> importing.Source:
    digest = hashlib.file_digest(stream, "sha256").hexdigest()
    stream.seek(0)
    return importing.Source(digest, importing.EqualRows(equal_rows), told_by)


def _import(items: Iterable[row.Row | row.Refusal], source: importing.Source, agency: str, *, as_json: bool) -> None:
    try:
        receiver = agencies.by_code(agency)
    except agencies.NoSuchAgency as error:
        raise click.UsageError(str(error)) from None
    source = dataclasses.replace(source, place=receiver.place)
    begun = time.monotonic()

    def progress(done: int) -> None:
        if sys.stderr.isatty() and time.monotonic() - begun > 1:
            click.echo(
                f"\r{done:,} rows, {done / (time.monotonic() - begun):,.0f} a second",
                nl=False,
                err=True,
            )

    report = importing.Report()
    stopped = ""
    try:
        importing.take_file(
            items, source, receiver_id=receiver.id, by=None, at=timezone.now(), progress=progress, report=report
        )
    except DatabaseError as error:
        first_line = str(error).partition("\n")[0]
        stopped = _(
            "The database stopped the import (%(first_line)s). What is reported was kept; run the same call again."
        ) % {"first_line": first_line}
    if sys.stderr.isatty():
        click.echo("\r", nl=False, err=True)
    seconds = datetime.timedelta(seconds=time.monotonic() - begun)
    click.echo(json.dumps(_as_json(report, seconds, stopped), indent=2) if as_json else _in_words(report, seconds))
    if stopped:
        click.echo(stopped, err=True)
    sys.exit(1 if report.refused or report.held or stopped else 0)


def _as_json(report: importing.Report, took: datetime.timedelta, stopped: str) -> dict[str, object]:
    return {
        "taken": report.taken,
        "waiting": report.waiting,
        "taken_before": report.taken_before,
        "refused": report.refused_rows,
        "held": len(report.held),
        "stopped": stopped,
        "reasons": [
            {
                "sheet": each.sheet,
                "line": each.line,
                "column": each.column,
                "reason": each.reason,
                "value": each.value,
            }
            for each in (*report.refused, *report.held)
        ],
        "warnings": list(report.warnings),
        "readings": dict(report.readings.most_common()),
        "leads": dict(report.leads.most_common()),
        "offers": dict(report.offers.most_common()),
        "seconds": round(took.total_seconds(), 2),
    }


def _in_words(report: importing.Report, took: datetime.timedelta) -> str:
    lines = [
        _("Taken: %(taken)s. Taken before: %(taken_before)s. Refused: %(refused_rows)s. (%(total_seconds)s s)")
        % {
            "taken": f"{report.taken:,}",
            "taken_before": f"{report.taken_before:,}",
            "refused_rows": f"{report.refused_rows:,}",
            "total_seconds": f"{took.total_seconds():.1f}",
        }
    ]
    if report.waiting:
        lines.append(
            _("Of these, waiting for a mandate table that can decide: %(waiting)s.")
            % {"waiting": f"{report.waiting:,}"}
        )
    if report.leads:
        lines.append(_("Who the law names first:"))
        lines += [f"  {count:>8,}  {desk}" for desk, count in report.leads.most_common()]
    if report.refused:
        lines.append("Refused:")
        lines += [f"  {_where(each)}: {each.reason}" for each in report.refused[:SHOWN]]
        if len(report.refused) > SHOWN:
            lines.append(
                _("  and %(count)s more; --json lists them all.") % {"count": f"{len(report.refused) - SHOWN:,}"}
            )
    if report.held:
        numbers = ", ".join(str(each.line) for each in report.held[:SHOWN])
        more = _(" and %(count)s more") % {"count": f"{len(report.held) - SHOWN:,}"} if len(report.held) > SHOWN else ""
        lines += [
            _("Held back: %(count)s. Each says the same as a row of another file (line %(numbers)s%(more)s).")
            % {"count": f"{len(report.held):,}", "numbers": numbers, "more": more},
            _("  If they are other people, run this again with --equal-rows other-people."),
            _("  If they are the same people, for instance in a corrected file, with --equal-rows same-people."),
        ]
    lines += [_("Note: %(warning)s") % {"warning": warning} for warning in list(report.warnings)[:SHOWN]]
    if len(report.warnings) > SHOWN:
        lines.append(_("Note: %(count)s more; --json lists them all.") % {"count": f"{len(report.warnings) - SHOWN:,}"})
    if report.readings:
        lines.append(_("How it was read:"))
        lines += [f"  {count:>8,}  {reading}" for reading, count in report.readings.most_common()]
    return "\n".join(lines)


def _where(refusal: row.Refusal) -> str:
    """`Sheet1 line 4, prs_Birthdate`; line 0 is the whole sheet or file."""
    place = [refusal.sheet, _("line %(number)s") % {"number": refusal.line} if refusal.line else "", refusal.column]
    if not refusal.column:
        place[2] = (
            _("the whole line") if refusal.line else _("the whole sheet") if refusal.sheet else _("the whole file")
        )
    return ", ".join(each for each in place if each)
