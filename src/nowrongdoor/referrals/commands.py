"""`nwd import`: take in a file of cases, and say what became of every row."""

from __future__ import annotations

import datetime
import json
import pathlib
import sys
import time
from collections.abc import Iterable

import click
from django.utils import timezone

from nowrongdoor.agencies import queries as agencies
from nowrongdoor.core.intake import ctdc, htcds, htcds_workbook, row
from nowrongdoor.referrals.actions import importing

SHOWN = 20
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path))
AGENCY = click.option(
    "--agency",
    default="HOTLINE",
    show_default=True,
    help="Code of the agency that received these cases.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(
    name="import",
    epilog="""\b
Examples:
  nwd import htcds cases.xlsx --agency HSI
  nwd import ctdc ctdc_north_america.csv --json

\b
Exit codes: 0 every row was taken, now or before; 1 some rows were refused (the report says why); 2 wrong call.
""",
)
def import_() -> None:
    """Take in a file of cases. A rerun takes nothing twice; a bad row loses nothing but itself."""


@import_.command("ctdc")
@FILE
@AGENCY
@AS_JSON
def import_ctdc(file: pathlib.Path, agency: str, as_json: bool) -> None:  # noqa: FBT001  click calls it by name
    """Case profiles in the columns of the CTDC Global Synthetic Dataset."""
    with file.open("rb") as stream:
        _import(ctdc.read(stream), agency, as_json=as_json)


@import_.command("htcds")
@FILE
@AGENCY
@AS_JSON
def import_htcds(file: pathlib.Path, agency: str, as_json: bool) -> None:  # noqa: FBT001  click calls it by name
    """A Human Trafficking Case Data Standard 2.0 workbook (.xlsx) or CSV."""
    today = timezone.localdate()
    with file.open("rb") as stream:
        if file.suffix.lower() in (".xlsx", ".xlsm"):
            items = htcds_workbook.read_workbook(stream, on=today, sender=agency)
        else:
            items = htcds.read_csv(stream, on=today, sender=agency)
        _import(items, agency, as_json=as_json)


def _import(items: Iterable[row.Row | row.Refusal], agency: str, *, as_json: bool) -> None:
    try:
        receiver = agencies.by_code(agency)
    except agencies.NoSuchAgency as error:
        raise click.UsageError(str(error)) from None
    begun = time.monotonic()

    def progress(done: int) -> None:
        if sys.stderr.isatty() and time.monotonic() - begun > 1:
            click.echo(
                f"\r{done:,} rows, {done / (time.monotonic() - begun):,.0f} a second",
                nl=False,
                err=True,
            )

    report = importing.take_file(items, receiver_id=receiver.id, by=None, at=timezone.now(), progress=progress)
    if sys.stderr.isatty():
        click.echo("\r", nl=False, err=True)
    seconds = datetime.timedelta(seconds=time.monotonic() - begun)
    click.echo(json.dumps(_as_json(report, seconds), indent=2) if as_json else _in_words(report, seconds))
    sys.exit(1 if report.refused else 0)


def _as_json(report: importing.Report, took: datetime.timedelta) -> dict[str, object]:
    return {
        "taken": report.taken,
        "waiting": report.waiting,
        "taken_before": report.taken_before,
        "refused": report.refused_rows,
        "reasons": [
            {
                "sheet": each.sheet,
                "line": each.line,
                "column": each.column,
                "reason": each.reason,
                "value": each.value,
            }
            for each in report.refused
        ],
        "warnings": list(report.warnings),
        "leads": dict(report.leads.most_common()),
        "offers": dict(report.offers.most_common()),
        "seconds": round(took.total_seconds(), 2),
    }


def _in_words(report: importing.Report, took: datetime.timedelta) -> str:
    lines = [
        f"Taken: {report.taken:,}. Taken before: {report.taken_before:,}. Refused: {report.refused_rows:,}. "
        f"({took.total_seconds():.1f} s)"
    ]
    if report.waiting:
        lines.append(f"Of these, waiting for a mandate table that can decide: {report.waiting:,}.")
    if report.leads:
        lines.append("Who the law names first:")
        lines += [f"  {count:>8,}  {desk}" for desk, count in report.leads.most_common()]
    if report.refused:
        lines.append("Refused:")
        lines += [
            f"  {each.sheet} line {each.line}, {each.column or 'the whole line'}: {each.reason}"
            for each in report.refused[:SHOWN]
        ]
        if len(report.refused) > SHOWN:
            lines.append(f"  and {len(report.refused) - SHOWN:,} more; --json lists them all.")
    lines += [f"Note: {warning}" for warning in report.warnings]
    return "\n".join(lines)
