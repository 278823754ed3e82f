"""The pages on which an agency's analysts estimate how many people there are, and keep every run."""

from __future__ import annotations

import json
import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import record
from nowrongdoor.core.language import gettext as _
from nowrongdoor.prevalence import actions, forms, models, publishing, queries
from nowrongdoor.publishing import html, pdf

ANALYSTS = guards.role(viewers.Role.ANALYST)


@ANALYSTS
@require_GET
def show_runs(request: guards.Request) -> http.HttpResponse:
    """See your agency’s estimates of unseen victims."""
    return shortcuts.render(request, "prevalence/runs.html", {"runs": queries.runs(request.viewer)})


@ANALYSTS
@require_http_methods(["GET", "POST"])
def new_run(request: guards.Request) -> http.HttpResponse:
    """Make an estimate of unseen victims from overlapping lists."""
    if request.method == "GET":
        return shortcuts.render(request, "prevalence/new.html", {"form": forms.EstimateForm()})
    form = forms.EstimateForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            run = actions.ask(form.wanted, by=request.viewer, at=timezone.now())
        except actions.Refused as refusal:
            for problem in refusal.problems:
                form.add_error(None, problem)
        else:
            return shortcuts.redirect("run", run.id)
    return shortcuts.render(request, "prevalence/new.html", {"form": form}, status=422)


@ANALYSTS
@require_GET
def show_run(request: guards.Request, run_id: uuid.UUID) -> http.HttpResponse:
    """Open an estimate."""
    shown = _find(request, run_id)
    if guards.is_part(request):  # the page asks whether it is done
        answer = http.HttpResponse(status=204)
        if shown.run.ended_at is not None:
            answer["HX-Refresh"] = "true"
        return answer
    office = record.Authority.OFFICE
    record.looked("prevalence.read", run_id, by=request.viewer, at=timezone.now(), authority=office)
    return shortcuts.render(request, "prevalence/run.html", {"shown": shown, "run": shown.run})


@ANALYSTS
@require_POST
def override(request: guards.Request, run_id: uuid.UUID) -> http.HttpResponse:
    """Show one number although the checks advise against it."""
    try:
        run = actions.override(run_id, by=request.viewer, at=timezone.now())
    except actions.Refused:
        raise http.Http404 from None
    messages.success(request, _("Asked for, in your name. The report says so."))
    return shortcuts.redirect("run", run.id)


@ANALYSTS
@require_GET
def compare(request: guards.Request) -> http.HttpResponse:
    """Compare estimates."""
    try:
        chosen = [uuid.UUID(each) for each in request.GET.getlist("run")]
        document = queries.compare(request.viewer, chosen)
    except (ValueError, queries.NoSuchRun):
        raise http.Http404 from None
    if len(set(chosen)) < 2:
        messages.error(
            request,
            _("Choose at least two estimates to compare, and at most %(most_compared)s.")
            % {"most_compared": queries.MOST_COMPARED},
        )
        return shortcuts.redirect("prevalence")
    return shortcuts.render(request, "prevalence/compare.html", {"body": html.body(document, {})})


@ANALYSTS
@require_GET
def save_html(request: guards.Request, run_id: uuid.UUID) -> http.HttpResponse:
    """Download the report of an estimate as an HTML file."""
    run = _ended(request, run_id)
    return _file(
        request, html.alone(queries.document(run), run.pictures or {}).encode(), "text/html; charset=utf-8", run, "html"
    )


@ANALYSTS
@require_GET
def save_pdf(request: guards.Request, run_id: uuid.UUID) -> http.HttpResponse:
    """Download the report of an estimate as a PDF."""
    run = _ended(request, run_id)
    assert run.ended_at is not None
    if "public" in request.GET:
        published = publishing.publish(run.figures or {}, version=run.version, name=str(run.id))
        made = pdf.write(publishing.report(published), {}, at=run.ended_at)
    else:
        made = pdf.write(queries.document(run), run.pictures or {}, at=run.ended_at)
    return _file(request, made, "application/pdf", run, "pdf")


@ANALYSTS
@require_GET
def save_figures(request: guards.Request, run_id: uuid.UUID) -> http.HttpResponse:
    """Download the figures of an estimate as JSON."""
    run = _ended(request, run_id)
    text = json.dumps({**(run.figures or {}), "version": run.version}, indent=2, ensure_ascii=False)
    return _file(request, text.encode(), "application/json", run, "json")


@ANALYSTS
@require_GET
def save_table(request: guards.Request, run_id: uuid.UUID) -> http.HttpResponse:
    """Download the table behind an estimate as CSV."""
    run = _find(request, run_id).run
    return _file(request, queries.table_lines(run).encode(), "text/csv; charset=utf-8", run, "csv")


def _find(request: guards.Request, run_id: uuid.UUID) -> queries.Shown:
    try:
        return queries.find(request.viewer, run_id)
    except queries.NoSuchRun:
        raise http.Http404 from None


def _ended(request: guards.Request, run_id: uuid.UUID) -> models.Run:
    run = _find(request, run_id).run
    if run.report is None:
        raise http.Http404
    return run


def _file(request: guards.Request, content: bytes, media_type: str, run: models.Run, ending: str) -> http.HttpResponse:
    office = record.Authority.OFFICE
    record.looked("prevalence.saved", run.id, by=request.viewer, at=timezone.now(), authority=office)
    answer = http.HttpResponse(content, content_type=media_type)
    # By the run's own id, which is random: a part of the table's digest would let somebody try tables.
    answer["Content-Disposition"] = f'attachment; filename="prevalence-{run.at:%Y-%m-%d}-{run.id.hex[-8:]}.{ending}"'
    return answer
