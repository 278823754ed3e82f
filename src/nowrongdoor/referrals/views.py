"""The pages on which an advocate refers somebody, and somebody who works for a service answers. Each view makes one
call inward."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django import forms as django_forms
from django import http, shortcuts
from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from nowrongdoor.access import guards
from nowrongdoor.cases import queries as cases
from nowrongdoor.core.services import profile
from nowrongdoor.referrals import actions, forms, models, queries
from nowrongdoor.referrals.models import State
from nowrongdoor.services import finding, room, tables, vetting
from nowrongdoor.services.forms import AgainForm, OneForm, ReferForm
from nowrongdoor.services.models import FreeRoom

FINDERS = guards.role(*tables.FINDERS)
PROVIDERS = guards.role(*tables.PROVIDERS)
MONTHS = 13  # how many months a provider may choose from


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """An ask with what may be done about it now."""

    ask: models.Ask
    need: str
    tag: str
    phones: Sequence[finding.Phone] = ()
    accept: django_forms.Form | None = None
    wait: django_forms.Form | None = None
    decline: django_forms.Form | None = None
    is_over: bool = False
    came: django_forms.Form | None = None
    withdraw: django_forms.Form | None = None


@FINDERS
@require_http_methods(["GET", "POST"])
def referrals(request: guards.Request) -> http.HttpResponse:
    """See whom your agency referred, and refer somebody to a service."""
    if request.method == "POST":
        return _ask(request)
    going_on, closed = queries.ours(request.viewer)
    due = queries.to_follow_up(request.viewer, at=timezone.now())
    context = {name: queries.lines(rows) for name, rows in (("due", due), ("going_on", going_on), ("closed", closed))}
    return shortcuts.render(request, "referrals/ours.html", context)


def _ask(request: guards.Request) -> http.HttpResponse:
    form = ReferForm(request.POST)
    if not form.is_valid():
        raise http.Http404
    sent, now = form.cleaned_data, timezone.now()
    referral_id = sent["referral"]
    try:
        referral_id = referral_id or actions.begin(sent["kind"], along=sent["along"], by=request.viewer, at=now)
        if not actions.ask_or_plan(referral_id, sent["service"], holds=sent["holds"], by=request.viewer, at=now):
            messages.success(request, _("Added to your list to ask next. No bed is held there."))
    except actions.NoSuchReferral:
        raise http.Http404 from None
    except actions.Refused as error:
        messages.error(request, str(error))
        if referral_id is None:
            return shortcuts.redirect("find_help")
    return shortcuts.redirect("referral", referral_id)


@FINDERS
@require_http_methods(["GET", "POST"])
def referral(request: guards.Request, referral_id: uuid.UUID) -> http.HttpResponse:
    """See which services were asked for somebody, and note what they answered and how it ended."""
    try:
        if request.method == "POST":
            return _act(request, reverse("referral", args=[referral_id]))
        return _referral(request, referral_id)
    except actions.NoSuchReferral:
        raise http.Http404 from None


def _referral(request: guards.Request, referral_id: uuid.UUID) -> http.HttpResponse:
    row = queries.one(referral_id, request.viewer)
    asks = list(row.asks.all())
    numbers = finding.phones([each.service for each in asks], by=request.viewer)
    now = timezone.now()
    rows = [
        _row(each, now, is_ours=True, may_answer=each.provider_id is None, phones=numbers.get(str(each.service), ()))
        for each in asks
    ]
    is_taken = any(each.state == State.ACCEPTED and each.came != models.Came.DID_NOT_COME for each in asks)
    is_asked = is_taken or any(each.state == State.ASKED for each in asks)
    waits = any(each.state in (State.ASKED, State.WAITLISTED) for each in asks)
    around = queries.around(row, request.viewer)
    is_open = row.closed_at is None
    context = {
        "around": around,
        "then": [
            (
                name,
                forms.NextForm(row.id, service=service) if is_open and not is_asked else None,
                forms.OffForm(row.id, service=service),
            )
            for service, name in around.then
        ],
        "with_it": queries.lines(around.with_it),
        "again": AgainForm.of(row.kind, referral=row.id),
        "goes_along": [
            (queries.need(kind.code), AgainForm.of(kind.code, along=row.id))
            for kind in profile.installed().kinds.values()
            if kind.goes_along and kind.code != row.kind
        ],
        "case_form": forms.CaseForm(row.id),
        "follow_up": forms.FollowUpForm(row.id),
        "done": forms.DoneForm(row.id) if around.follow_up_at else None,
        "is_asked": is_asked,
        "is_taken": is_taken,
        "referral": row,
        "need": queries.need(row.kind),
        "rows": rows,
        "is_open": is_open,
        "waits": waits,
        "closing": forms.CloseForm(row.id) if is_open and not waits else None,
    }
    return shortcuts.render(request, "referrals/one.html", context)


@PROVIDERS
@require_http_methods(["GET", "POST"])
def asked(request: guards.Request) -> http.HttpResponse:
    """Answer whether your service takes somebody, and say how much room it has."""
    if request.method == "POST":
        try:
            return _act(request, reverse("asked"))
        except actions.NoSuchReferral:
            raise http.Http404 from None
    return _asked(request)


def _asked(request: guards.Request) -> http.HttpResponse:
    now = timezone.now()
    rows = [_row(each, now, is_ours=False, may_answer=True) for each in queries.asked(request.viewer, at=now)]
    promised = {
        row.ask.service: row.ask.answered_at for row in reversed(rows) if row.ask.state == State.ACCEPTED
    }  # when each service last said yes
    served = [
        (
            each,
            forms.RoomForm(each.id, free=each.count.free if each.count else None),
            forms.SameForm(each.id, each.count.free)
            if each.count and _is_still_right(each.count, promised.get(each.id))
            else None,
        )
        for each in room.served(request.viewer)
    ]
    context = {
        "shows": queries.shows(request.viewer),
        "waiting": [each for each in rows if each.ask.state == State.ASKED],
        "taken": [each for each in rows if each.ask.state != State.ASKED and not each.is_over],
        "ended": [each for each in rows if each.is_over],
        "served": served,
    }
    return shortcuts.render(request, "referrals/asked.html", context)


def _is_still_right(count: FreeRoom, promised_at: datetime.datetime | None) -> bool:
    """Say whether one press may confirm a count: not after a yes that it doesn't know of."""
    return promised_at is None or promised_at <= count.at


@PROVIDERS
@require_GET
def asked_for(request: guards.Request, ask_id: uuid.UUID) -> http.HttpResponse:
    """See what somebody allowed your service to see, for as long as they allow it."""
    try:
        ask, shown = queries.shown_of(ask_id, request.viewer, at=timezone.now())
    except actions.NoSuchReferral:
        raise http.Http404 from None
    context = {"ask": ask, "need": queries.need(ask.kind), "shown": shown}
    return shortcuts.render(request, "referrals/shown.html", context)


@PROVIDERS
@require_GET
def totals(request: guards.Request) -> http.HttpResponse:
    """See monthly totals of referrals to your service, without names."""
    first = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    starts = [first]
    for _month in range(MONTHS):
        starts.append((starts[-1] - datetime.timedelta(days=1)).replace(day=1))
    asked_for = request.GET.get("month", "")
    chosen = next((each for each in starts if f"{each:%Y-%m}" == asked_for), first)
    end = min((chosen + datetime.timedelta(days=32)).replace(day=1), timezone.localtime())
    context = {
        "rows": queries.totals(request.viewer, since=chosen, until=end),
        "month": _named(chosen),
        "months": [(f"{each:%Y-%m}", _named(each)) for each in starts],
    }
    return shortcuts.render(request, "referrals/totals.html", context)


def _named(month: datetime.datetime) -> str:
    return str(date_format(month, "F Y"))


def _row(
    ask: models.Ask,
    now: datetime.datetime,
    *,
    is_ours: bool,
    may_answer: bool,
    phones: Sequence[finding.Phone] = (),
) -> Row:
    is_asked = ask.state == State.ASKED and ask.until > now
    waits = is_asked or ask.state == State.WAITLISTED
    may_come = ask.state == State.ACCEPTED and not ask.came  # and may be said to have come after the referral is closed
    open_now = (*((State.ASKED,) if is_asked else ()), State.WAITLISTED, State.ACCEPTED)
    return Row(
        ask=ask,
        need=queries.need(ask.kind),
        tag=_TAGS.get(State(ask.state), ""),
        phones=phones,
        accept=forms.AcceptForm(ask.id) if may_answer and waits else None,
        wait=forms.WaitForm(ask.id) if may_answer and is_asked else None,
        decline=forms.DeclineForm(ask.id) if may_answer and (waits or ask.may_be_taken_back) else None,
        is_over=ask.state == State.WITHDRAWN or (ask.closed_at is not None and not may_come),
        came=forms.CameForm(ask.id) if may_answer and may_come else None,
        withdraw=forms.WithdrawForm(ask.id) if is_ours and ask.state in open_now and not ask.came else None,
    )


_TAGS = {State.ASKED: "waiting", State.WAITLISTED: "waiting", State.ACCEPTED: "open"}


def _act(request: guards.Request, back: str) -> http.HttpResponse:
    """Do what a form asks, and say that it was done or why not."""
    try:
        which = uuid.UUID(request.POST.get("which", ""))
    except ValueError:
        raise http.Http404 from None
    kind = _FORMS.get(request.POST.get("do", ""))
    if kind is None:
        raise http.Http404
    form = kind(which, request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
        return shortcuts.redirect(back)
    try:
        messages.success(request, _do(form, request))
    except (actions.Refused, vetting.Refused) as error:
        messages.error(request, str(error))
    return shortcuts.redirect(back)


def _do(form: OneForm, request: guards.Request) -> str:
    by, now, which = request.viewer, timezone.now(), form.row_id
    match form:
        case forms.AcceptForm():
            actions.answer(which, State.ACCEPTED, by=by, at=now)
            if by.role in tables.PROVIDERS:
                return _("Saved: you take them. Now update how many more you can take.")
            return _("Saved: they said yes.")
        case forms.WaitForm():
            actions.answer(which, State.WAITLISTED, by=by, at=now)
            return _("Saved: on the waiting list. Another service can be asked meanwhile.")
        case forms.DeclineForm():
            actions.answer(which, State.DECLINED, reason=form.cleaned_data["reason"], by=by, at=now)
            return _("Saved: no.")
        case forms.CameForm():
            actions.note_came(which, form.cleaned_data["came"], by=by, at=now)
            return _("Saved.")
        case forms.NextForm():
            actions.ask(which, form.cleaned_data["service"], holds=form.cleaned_data["holds"], by=by, at=now)
            return _("Asked. Call them now, with the person on the line.")
        case forms.OffForm():
            actions.take_off(which, form.cleaned_data["service"], by=by, at=now)
            return _("Taken off the list.")
        case forms.CaseForm():
            try:
                access = cases.find(by, form.cleaned_data["reference"])
            except cases.NoSuchCase:
                raise actions.Refused(_("We can’t find a case with this reference.")) from None
            actions.say_whom(which, access.case.id, form.cleaned_data["number"], by=by, at=now)
            return _("Saved. No service can open the case.")
        case forms.FollowUpForm():
            day = datetime.datetime.combine(form.cleaned_data["day"], datetime.time(), timezone.get_current_timezone())
            actions.follow_up(which, day, by=by, at=now)
            return _("Saved. You’ll be reminded on that day.")
        case forms.DoneForm():
            actions.follow_up(which, None, by=by, at=now)
            return _("Saved.")
        case forms.WithdrawForm():
            actions.withdraw(which, by=by, at=now)
            return _("Withdrawn. Call the service too, if it expects them.")
        case forms.CloseForm():
            actions.close(which, form.cleaned_data["outcome"], by=by, at=now)
            return _("The referral is closed.")
        case forms.RoomForm():
            room.say(which, form.cleaned_data["free"], by=by, at=now)
            return _("Thank you. Advocates see this number now.")
    raise http.Http404


_FORMS: dict[str, type[OneForm]] = {
    each.DO: each
    for each in (
        *(forms.AcceptForm, forms.WaitForm, forms.DeclineForm, forms.CameForm, forms.WithdrawForm),
        *(forms.CloseForm, forms.RoomForm, forms.NextForm, forms.OffForm, forms.CaseForm),
        *(forms.FollowUpForm, forms.DoneForm),
    )
}
_FORMS[forms.SameForm.DO] = forms.RoomForm
