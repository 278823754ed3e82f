"""Reading an agency's estimates. Each function gives finished values; templates run no queries."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import io
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils import safestring

from nowrongdoor.access import viewers
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.core import language
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.prevalence import estimating, goodness, refusing
from nowrongdoor.prevalence import models
from nowrongdoor.publishing import csv_out, documents, html
from nowrongdoor.ui import tags

SHOWN = 200
MOST_COMPARED = 6
# An answer of 0.2.0, which did not test the fit, from a model that today's rules reject. In JSON null is less than any
# number, so p is asked for from both sides.
MISFIT = Q(refused=False, figures__p_of_fit__gte=0, figures__p_of_fit__lt=goodness.REJECTED) & ~Q(
    figures__has_key="fit"
)


_METHODS = {
    estimating.Method.STEPWISE: gettext_lazy("stepwise, by p-value"),
    estimating.Method.BIC: gettext_lazy("best model, by BIC"),
    estimating.Method.DGA: gettext_lazy("average over models (dga)"),
    estimating.Method.INDEPENDENCE: gettext_lazy("independent lists"),
}


class NoSuchRun(LookupError):
    """It is not there, or not the viewer's; the two are told apart nowhere."""

    def __init__(self) -> None:
        super().__init__(_("We can’t find this estimate."))


@dataclasses.dataclass(frozen=True, slots=True)
class Listed:
    """A run in a list."""

    id: uuid.UUID
    at: datetime.datetime
    by: str
    lists: Sequence[str]
    people: str
    digest: str
    method: str
    answer: str
    is_waiting: bool
    is_refused: bool
    version: str


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A run on its page. `body` is empty while it waits, or where it failed. `notice`: what today's rules say of a
    report that an earlier version made; `language`: the one that the report is kept in."""

    run: models.Run
    by: str
    body: safestring.SafeString
    notice: str
    language: str
    method: str


def runs(viewer: viewers.Viewer) -> Sequence[Listed]:
    """Return the estimates of the viewer's agency, newest first."""
    rows = _rows(viewer).annotate(who=agencies.name_of("by_id"))
    newest = rows.defer("table", "figures", "report", "pictures", "headline").order_by("-at", "-id")[:SHOWN]
    return [
        Listed(
            row.id,
            row.at,
            row.who,
            row.lists,
            f"{row.people:,}",
            row.digest,
            method_words(row.method),
            _answer(row),
            row.ended_at is None,
            _is_refused(row),
            row.version,
        )
        for row in newest
    ]


def find(viewer: viewers.Viewer, run_id: uuid.UUID) -> Shown:
    """Return one estimate of the viewer's agency. NoSuchRun."""
    row = _rows(viewer).filter(id=run_id).annotate(who=agencies.name_of("by_id")).first()
    if row is None:
        raise NoSuchRun
    body, kept_in = safestring.SafeString(""), language.current()
    if row.report is not None and row.pictures is not None:
        report = document(row)
        body, kept_in = html.body(report, row.pictures), report.language
    return Shown(row, row.who, body, _notice(row), kept_in, method_words(row.method))


def _rows(viewer: viewers.Viewer) -> QuerySet[models.Run]:
    """The runs of the viewer's agency, each with whether today's rules reject a model that an earlier version took."""
    mine = models.Run.objects.filter(agency_id=viewer.agency_id)
    return mine.annotate(is_misfit=Case(When(MISFIT, then=Value(True)), default=Value(False)))


def _is_misfit(run: models.Run) -> bool:
    return bool(getattr(run, "is_misfit"))  # noqa: B009  of `_rows`, which the model does not know


def _is_refused(run: models.Run) -> bool:
    """Whether no single number of a run may be shown, by its own rules or today's."""
    return bool(run.refused) or _is_misfit(run)


def _notice(run: models.Run) -> str:
    """What today's rules say of a report that an earlier version made: it is shown as it was made."""
    figures = run.figures or {}
    if not figures or "fit" in figures:
        return ""
    sentence = _("Version %(version)s made this report, and it is shown as it was made.") % {"version": run.version}
    if _is_misfit(run):
        sentence += _(
            " Its model does not fit the data. This version gives no single number in that case: do not use it."
        )
    elif run.refused:
        sentence += _(" It still shows the method's own answer, which the checks advise against: do not use it.")
    return _("%(sentence)s Make the estimate again to have it checked by today's rules.") % {"sentence": sentence}


def document(run: models.Run) -> documents.Document:
    """Return the report of a run that ended, as it was told then."""
    return documents.read(json.dumps(run.report))


def method_words(code: str) -> str:
    """Name a method as short as a table needs it."""
    return str(_METHODS[estimating.Method(code)])


def table_lines(run: models.Run) -> str:
    """Return the table of a run for a spreadsheet."""
    header, *rows = csv.reader(io.StringIO(run.table))
    return "".join(csv_out.lines(header, rows))


def _answer(run: models.Run) -> str:
    """What came of a run, in a few words."""
    if run.ended_at is None:
        return _("In progress")
    if run.failed:
        return _("No estimate")
    if _is_refused(run):
        return _("No single number")
    return (
        _("No finite answer")
        if run.estimate is None
        else _("About %(number)s") % {"number": refusing.number(run.estimate)}
    )


def compare(viewer: viewers.Viewer, run_ids: Sequence[uuid.UUID]) -> documents.Document:
    """Lay estimates of the viewer's agency side by side, and say what is the same. NoSuchRun."""
    by_id = {row.id: row for row in _rows(viewer).filter(id__in=run_ids)}
    if len(by_id) != len(set(run_ids)):
        raise NoSuchRun
    rows = [by_id[run_id] for run_id in dict.fromkeys(run_ids)][:MOST_COMPARED]
    blocks: list[documents.Block] = [documents.Points(tuple(_same(rows)))]
    blocks.append(
        documents.Grid(
            _("Side by side"),
            ("", *(_("Run %(at)s") % {"at": at} for at in range(1, len(rows) + 1))),
            tuple(_lines(rows)),
            worded=tuple(range(1, len(rows) + 1)),
        )
    )
    parts = (documents.Part(_("What differs"), tuple(blocks)),)
    return documents.Document(_("Estimates compared"), "", True, parts, language.current())


def _same(rows: Sequence[models.Run]) -> Sequence[str]:
    sentences = [
        _("All rest on the same table.")
        if len({row.digest for row in rows}) == 1
        else _("They do not rest on the same table, so the answers need not agree.")
    ]
    if len({row.version for row in rows}) > 1:
        sentences.append(_("They were worked out by different versions of the program."))
    numbers = [
        row.estimate for row in rows if row.estimate is not None and row.refused is False and not _is_misfit(row)
    ]
    if len(numbers) > 1 and refusing.number(min(numbers)) == refusing.number(max(numbers)):
        sentences.append(_("Their answers agree: %(number)s.") % {"number": refusing.number(min(numbers))})
    elif len(numbers) > 1:
        sentences.append(
            _("Their answers reach from %(number)s to %(number_2)s, a factor of %(numbers)s.")
            % {
                "number": refusing.number(min(numbers)),
                "number_2": refusing.number(max(numbers)),
                "numbers": f"{max(numbers) / min(numbers):.2f}",
            }
        )
    if any(_is_refused(row) for row in rows):
        sentences.append(_("An estimate that gives no single number is compared by what it rests on only."))
    return sentences


def _lines(rows: Sequence[models.Run]) -> Iterator[tuple[str, ...]]:
    for name, line in _LINES.items():
        cells = [line(row) for row in rows]
        if any(cells):
            yield name, *cells


def _figure(run: models.Run, name: str) -> str:
    value = (run.figures or {}).get(name)
    return f"{value:,.2f}" if isinstance(value, float) else "" if value is None else str(value)


def _model(run: models.Run) -> str:
    model = (run.figures or {}).get("model")
    return str(model.get("by_number", "")) if isinstance(model, Mapping) else ""


def _interval(run: models.Run) -> str:
    if run.ended_at is None or run.failed or _is_refused(run):
        return ""
    ends = (refusing.number(float("inf") if end is None else end) for end in (run.low, run.high))
    return " to ".join(ends)


_LINES: Mapping[str, Callable[[models.Run], str]] = {
    "Asked": lambda run: tags.moment(run.at),
    "Lists": lambda run: ", ".join(run.lists),
    "People seen": lambda run: f"{run.people:,}",
    "Table": lambda run: run.digest[:12],
    "Method": lambda run: run.method,
    "Threshold": lambda run: f"{run.threshold:g}" if run.method == "stepwise" else "",
    "Order": lambda run: str(run.order) if run.method == "bic" else "",
    "Replicates": lambda run: f"{run.replicates:,}",
    "Seed": lambda run: str(run.seed),
    "One number?": lambda run: {None: run.failed or _("In progress"), True: "No", False: "Yes"}[
        run.refused if run.refused is None else _is_refused(run)
    ],
    "Answer": lambda run: "" if run.ended_at is None or run.failed else _answer(run),
    "Interval, 95 %": _interval,
    "Model": _model,
    "Deviance": lambda run: _figure(run, "deviance"),
    "Degrees of freedom": lambda run: _figure(run, "df"),
    "BIC": lambda run: _figure(run, "bic"),
    "Version": lambda run: run.version,
}
