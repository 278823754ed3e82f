"""Asking for an estimate, and working it out: the first is one transaction with its task; the second may run again
after any crash, and writes its answer once."""

from __future__ import annotations

import dataclasses
import datetime
import json
import time
import uuid
from collections.abc import Mapping

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.prevalence import (
    estimating,
    exhaustive,
    existence,
    graphs,
    reading,
    running,
    tables,
    telling,
)
from nowrongdoor.core.prevalence import models as terms
from nowrongdoor.prevalence import models, reporting
from nowrongdoor.publishing import documents
from nowrongdoor.work import queue

MOST_REPLICATES = 100_000
NAME_LIMIT = 100
COUNTED = "people"  # the last column of a kept table


class Refused(ValueError):
    """It cannot be asked for as it is; `problems` say why, a sentence each, and what to do."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for: the text of a file, what they say of its columns, and how to estimate from it."""

    text: str
    settings: estimating.Settings
    replicates: int
    seed: int
    declared: reading.Declared | None = None


def ask(wanted: Wanted, *, by: viewers.Viewer, at: datetime.datetime) -> models.Run:
    """Keep a table of counts and queue its estimate. What a row of the file told beyond its history is not kept; what
    was read, and how, goes to the worker and into the report. Refused."""
    try:
        read = reading.read(wanted.text, wanted.declared)
        _check(read.table, wanted)
    except tables.TableError as error:
        raise Refused(*error.problems) from None
    except (estimating.CannotEstimate, exhaustive.TooManyModels, existence.NoMaximum) as error:
        raise Refused(str(error)) from None
    return _keep(read.table, read.source, wanted.settings, wanted.replicates, wanted.seed, None, by=by, at=at)


def source_of(wanted: Wanted) -> reading.Source:
    """Return what was read, and how. tables.TableError."""
    return reading.read(wanted.text, wanted.declared).source


def override(run_id: uuid.UUID, *, by: viewers.Viewer, at: datetime.datetime) -> models.Run:
    """Ask for one number though the checks advise against it, in the viewer's name. Refused."""
    with row_security.looking(by):
        old = models.Run.objects.filter(id=run_id, agency_id=by.agency_id, refused=True).first()
        if old is None:
            raise Refused(_("We can’t find this estimate, or it already gives a single number."))
        table, source = _kept_table(old), _source(old.figures or {})
        return _keep(table, source, _settings(old), old.replicates, old.seed, old, by=by, at=at)


def work_out(run_id: uuid.UUID, *, source: reading.Source | None = None, at: datetime.datetime) -> None:
    """Estimate and write down what came of it, unless that was done. `source`: what was read, and how, when it was
    asked for; the kept table no longer shows it."""
    with row_security.system():
        run = models.Run.objects.annotate(who=agencies.name_of("by_id")).get(id=run_id)
    if run.ended_at is not None:
        return
    begun = time.process_time()
    try:
        result = running.run(
            _kept_table(run),
            _settings(run),
            replicates=run.replicates,
            seed=run.seed,
            overridden_by=run.who if run.overrides_id else "",
            source=source,
        )
    except (estimating.CannotEstimate, exhaustive.TooManyModels, existence.NoMaximum) as error:
        _end(run_id, at=at, failed=str(error))
        return
    document = reporting.report(result)
    limits = reporting.main_interval(result.answer)
    _end(
        run_id,
        at=at,
        version=reporting.version(),
        cpu_seconds=time.process_time() - begun,
        estimate=telling.finite(result.answer.estimate),
        low=telling.finite(limits[1]) if limits else None,
        high=telling.finite(limits[2]) if limits else None,
        refused=not document.one_number,
        headline=document.headline,
        figures=telling.as_plain(result),
        report=json.loads(documents.write(document)),
        pictures=_drawn(document),
    )


def as_csv(table: tables.Table) -> str:
    """Write a table with a row for each history that somebody has."""
    rows = [[*table.names, COUNTED]]
    for history in table.histories:
        within = terms.members(history)
        rows.append([*(str(int(each in within)) for each in range(table.lists)), f"{int(table.counts[history])}"])
    return "".join(",".join(_quoted(cell) for cell in row) + "\n" for row in rows)


def _check(table: tables.Table, wanted: Wanted) -> None:
    estimating.check(table, wanted.settings)
    if wanted.settings.method is estimating.Method.BIC:
        exhaustive.candidates_of(table.lists, wanted.settings.order)
    if wanted.settings.method is estimating.Method.DGA:
        graphs.check(table)
    long = [name for name in table.names if len(name) > NAME_LIMIT]
    if long:
        raise Refused(
            _("The name of a list has at most %(name_limit)s characters; shorten %(long)s…")
            % {"name_limit": NAME_LIMIT, "long": f"{long[0][:40]!r}"}
        )
    if not 0 <= wanted.replicates <= MOST_REPLICATES:
        raise Refused(
            _("Replicates: a number from 0 to %(most_replicates)s.") % {"most_replicates": f"{MOST_REPLICATES:,}"}
        )


def _kept_table(run: models.Run) -> tables.Table:
    return reading.read(run.table, reading.Declared(counts=COUNTED)).table


def _source(figures: Mapping[str, object]) -> reading.Source | None:
    """What the figures of a run say was read; None for one of 0.2.0, which did not say."""
    rows, words = figures.get("rows"), figures.get("read_as")
    return (
        reading.Source(reading.Form[rows.upper()], words) if isinstance(rows, str) and isinstance(words, str) else None
    )


def _keep(
    table: tables.Table,
    source: reading.Source | None,
    settings: estimating.Settings,
    replicates: int,
    seed: int,
    overrides: models.Run | None,
    *,
    by: viewers.Viewer,
    at: datetime.datetime,
) -> models.Run:
    assert by.user_id is not None  # a token has no page
    with row_security.looking(by):
        run = models.Run.objects.create(
            agency_id=by.agency_id,
            at=at,
            by_id=by.user_id,
            lists=list(table.names),
            people=table.people,
            table=as_csv(table),
            digest=table.digest,
            method=settings.method.value,
            order=settings.order,
            threshold=settings.threshold,
            replicates=replicates,
            seed=seed,
            overrides=overrides,
        )
        deed = record.Deed(
            "prevalence.overridden" if overrides else "prevalence.asked",
            by.agency_id,
            run.id,
            by.user_id,
            details={"table": table.digest},
            authority=record.Authority.OFFICE,
        )
        record.record(deed, at=at)
        source_words = {"rows": source.form.name.lower(), "read_as": source.words} if source else {}
        queue.defer(queue.ESTIMATE, run_id=str(run.id), **source_words)
    return run


def _settings(run: models.Run) -> estimating.Settings:
    return estimating.Settings(estimating.Method(run.method), run.threshold, run.order)


def _end(run_id: uuid.UUID, *, at: datetime.datetime, **values: object) -> None:
    with row_security.system():
        run = models.Run.objects.select_for_update().get(id=run_id)
        if run.ended_at is not None:
            return
        run.ended_at = at
        for name, value in values.items():
            setattr(run, name, value)
        run.save(update_fields=["ended_at", *values])
        record.record(record.Deed("prevalence.worked_out", run.agency_id, run.id), at=at)


def _drawn(document: documents.Document) -> Mapping[str, str]:
    # Drawing takes a JavaScript engine of 80 MB along; only the worker loads it.
    from nowrongdoor.publishing import charts

    return {picture.name: charts.draw(picture) for picture in document.pictures}


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"\n\r;\t') else cell
