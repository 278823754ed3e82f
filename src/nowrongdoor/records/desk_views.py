"""The pages of the two desks: subpoenas and warrants, and breaches. Each view makes one call inward."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

from django import forms as django_forms
from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from nowrongdoor.access import guards
from nowrongdoor.cases import queries as cases
from nowrongdoor.core import records_law
from nowrongdoor.core.language import gettext as _
from nowrongdoor.records import breaches, demands, desks, forms, models, tables

HANDLERS = guards.role(*tables.HANDLERS)


@contextlib.contextmanager
def _refusals(form: django_forms.Form) -> Iterator[None]:
    """Say in a form what is refused, beside its field; what is not there, or another agency's, is not found."""
    try:
        yield
    except desks.NotThere:
        raise http.Http404 from None
    except desks.Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
    except cases.NoSuchCase as refusal:
        form.add_error("reference", str(refusal))


@HANDLERS
@require_GET
def show_demands(request: guards.Request) -> http.HttpResponse:
    """See the subpoenas, warrants, and other demands that your agency received."""
    return _demands(request)


def _demands(request: guards.Request, form: forms.DemandForm | None = None) -> http.HttpResponse:
    listed = demands.listed(request.viewer, at=timezone.now())
    context = {
        "demands": listed,
        "most": desks.SHOWN if len(listed) == desks.SHOWN else 0,
        "laws": records_law.installed().of(records_law.Desk.DEMANDS),
        "form": form or forms.DemandForm(),
    }
    return shortcuts.render(request, "records/demands.html", context, status=422 if form else 200)


@HANDLERS
@require_POST
def log_demand(request: guards.Request) -> http.HttpResponse:
    """Log a subpoena, a warrant, or another demand."""
    form = forms.DemandForm(request.POST)
    if form.is_valid():
        received = demands.Received(**{**form.cleaned_data, "kind": models.Demand.Kind(form.cleaned_data["kind"])})
        with _refusals(form):
            row = demands.log(received, by=request.viewer, at=timezone.now())
            messages.success(request, _("Logged. Tell counsel before you answer anybody."))
            return shortcuts.redirect("demand", row.id)
    return _demands(request, form)


@HANDLERS
@require_GET
def show_demand(request: guards.Request, demand_id: uuid.UUID) -> http.HttpResponse:
    """See one demand: its dates, who was told, and what left."""
    return _demand(request, demand_id)


def _demand(
    request: guards.Request,
    demand_id: uuid.UUID,
    *,
    standing: forms.StandingForm | None = None,
    left: forms.LeftForm | None = None,
    closing: forms.CloseDemandForm | None = None,
) -> http.HttpResponse:
    """The page; a form with a problem keeps what was written in it."""
    try:
        demand = demands.read(demand_id, by=request.viewer, at=timezone.now())
    except desks.NotThere:
        raise http.Http404 from None
    now = {
        "return_at": demand.return_at,
        "motion_at": demand.motion_at,
        "counsel_at": demand.counsel_at,
        "notice": demand.notice.value if demand.notice else "",
        "notice_at": demand.notice_at,
        "forbidden_by": demand.forbidden_by,
    }
    context = {
        "demand": demand,
        "laws": records_law.installed().of(records_law.Desk.DEMANDS),
        "standing": standing or forms.StandingForm(initial=now, auto_id="s-%s"),
        "left": left or forms.LeftForm(auto_id="l-%s"),
        "closing": closing or forms.CloseDemandForm(auto_id="c-%s"),
    }
    is_refused = standing or left or closing
    return shortcuts.render(request, "records/demand.html", context, status=422 if is_refused else 200)


@HANDLERS
@require_POST
def change_demand(request: guards.Request, demand_id: uuid.UUID) -> http.HttpResponse:
    """Save a demand’s dates, when counsel was told, and whether the person was notified."""
    form = forms.StandingForm(request.POST, auto_id="s-%s")
    if form.is_valid():
        sent = form.cleaned_data
        notice = models.Demand.Notice(sent["notice"]) if sent["notice"] else None
        standing = demands.Standing(**{**sent, "notice": notice})
        with _refusals(form):
            demands.change(demand_id, standing, by=request.viewer, at=timezone.now())
            messages.success(request, _("Saved."))
            return shortcuts.redirect("demand", demand_id)
    return _demand(request, demand_id, standing=form)


@HANDLERS
@require_POST
def note_left(request: guards.Request, demand_id: uuid.UUID) -> http.HttpResponse:
    """Note a record that left for a demand, with its digest."""
    form = forms.LeftForm(request.POST, auto_id="l-%s")
    if form.is_valid():
        sent = form.cleaned_data
        with _refusals(form):
            case = cases.find(request.viewer, sent["reference"]) if sent["reference"] else None
            demands.note_record(
                demand_id,
                name=sent["record"],
                digest=sent["digest"],
                case=case,
                by=request.viewer,
                at=timezone.now(),
            )
            messages.success(request, _("Added to what left."))
            return shortcuts.redirect("demand", demand_id)
    return _demand(request, demand_id, left=form)


@HANDLERS
@require_POST
def close_demand(request: guards.Request, demand_id: uuid.UUID) -> http.HttpResponse:
    """Close a demand, and say how it ended."""
    form = forms.CloseDemandForm(request.POST, auto_id="c-%s")
    if form.is_valid():
        outcome, how = models.Demand.Outcome(form.cleaned_data["outcome"]), form.cleaned_data["how"]
        with _refusals(form):
            demands.close(demand_id, outcome=outcome, how=how, by=request.viewer, at=timezone.now())
            messages.success(request, _("The demand is closed."))
            return shortcuts.redirect("demand", demand_id)
    return _demand(request, demand_id, closing=form)


@HANDLERS
@require_GET
def show_letter(request: guards.Request) -> http.HttpResponse:
    """Print the answer that neither confirms nor denies that your agency knows anybody."""
    return shortcuts.render(request, "records/letter.html", {"agency": request.viewer.agency_name})


@HANDLERS
@require_GET
def show_breaches(request: guards.Request) -> http.HttpResponse:
    """See your agency’s breaches, and which still wait for a confirmation."""
    return _breaches(request)


def _breaches(request: guards.Request, form: forms.BreachForm | None = None) -> http.HttpResponse:
    listed = breaches.listed(request.viewer, at=timezone.now())
    context = {
        "breaches": listed,
        "most": desks.SHOWN if len(listed) == desks.SHOWN else 0,
        "laws": records_law.installed().of(records_law.Desk.BREACHES),
        "form": form or forms.BreachForm(),
    }
    return shortcuts.render(request, "records/breaches.html", context, status=422 if form else 200)


@HANDLERS
@require_POST
def log_breach(request: guards.Request) -> http.HttpResponse:
    """Log a breach: its clock starts when it was noticed."""
    form = forms.BreachForm(request.POST)
    if form.is_valid():
        sent = form.cleaned_data
        what = [models.Breach.What(each) for each in sent["what"]]
        with _refusals(form):
            row = breaches.log(
                _known(form), noticed_at=sent["noticed_at"], what=what, by=request.viewer, at=timezone.now()
            )
            messages.success(
                request, _("Logged. Notify the agency that made the award, and add its confirmation here.")
            )
            return shortcuts.redirect("breach", row.id)
    return _breaches(request, form)


@HANDLERS
@require_GET
def show_breach(request: guards.Request, breach_id: uuid.UUID) -> http.HttpResponse:
    """See one breach: its clock, and who was told."""
    return _breach(request, breach_id)


def _breach(
    request: guards.Request,
    breach_id: uuid.UUID,
    *,
    known: forms.KnownForm | None = None,
    telling: forms.TellForm | None = None,
    closing: django_forms.Form | None = None,
) -> http.HttpResponse:
    """The page; a form with a problem keeps what was written in it."""
    try:
        breach = breaches.read(breach_id, by=request.viewer, at=timezone.now())
    except desks.NotThere:
        raise http.Http404 from None
    now = {"kind": breach.kind.value, "happened_at": breach.happened_at, "people": breach.people}
    context = {
        "breach": breach,
        "laws": records_law.installed().of(records_law.Desk.BREACHES),
        "known": known or forms.KnownForm(initial=now, auto_id="k-%s"),
        "telling": telling or forms.TellForm(auto_id="t-%s"),
        "closing": closing or django_forms.Form(),
    }
    is_refused = known or telling or closing
    return shortcuts.render(request, "records/breach.html", context, status=422 if is_refused else 200)


@HANDLERS
@require_POST
def change_breach(request: guards.Request, breach_id: uuid.UUID) -> http.HttpResponse:
    """Save what is known of a breach now."""
    form = forms.KnownForm(request.POST, auto_id="k-%s")
    if form.is_valid():
        with _refusals(form):
            breaches.change(breach_id, _known(form), by=request.viewer, at=timezone.now())
            messages.success(request, _("Saved."))
            return shortcuts.redirect("breach", breach_id)
    return _breach(request, breach_id, known=form)


@HANDLERS
@require_POST
def tell_of_breach(request: guards.Request, breach_id: uuid.UUID) -> http.HttpResponse:
    """Note who was told of a breach, and their confirmation number."""
    form = forms.TellForm(request.POST, auto_id="t-%s")
    if form.is_valid():
        sent = form.cleaned_data
        with _refusals(form):
            breaches.tell(
                breach_id,
                breaches.Recipient(sent["recipient"]),
                told_at=sent["told_at"],
                confirmation=sent["confirmation"],
                by=request.viewer,
                at=timezone.now(),
            )
            messages.success(request, _("Notice added."))
            return shortcuts.redirect("breach", breach_id)
    return _breach(request, breach_id, telling=form)


@HANDLERS
@require_POST
def close_breach(request: guards.Request, breach_id: uuid.UUID) -> http.HttpResponse:
    """Close a breach whose notice was confirmed."""
    form = django_forms.Form(request.POST)
    form.full_clean()
    with _refusals(form):
        breaches.close(breach_id, by=request.viewer, at=timezone.now())
        messages.success(request, _("The breach is closed."))
        return shortcuts.redirect("breach", breach_id)
    return _breach(request, breach_id, closing=form)


def _known(form: forms.KnownForm) -> breaches.Known:
    sent = form.cleaned_data
    return breaches.Known(kind=models.Breach.Kind(sent["kind"]), happened_at=sent["happened_at"], people=sent["people"])
