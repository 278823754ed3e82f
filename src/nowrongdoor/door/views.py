"""The screens on which anybody writes to whoever receives it here: one question each, nothing kept before it is sent.

Everything that is sent to these addresses is answered with a page, without a redirect: what was answered travels in the
page, because there is no session that could hold it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from django import http, shortcuts
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from nowrongdoor.access import guards, proving
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.core import public_help, receipts, short_codes
from nowrongdoor.core.language import gettext as _
from nowrongdoor.door import box_forms, flow, forms, kept, receiving, telling
from nowrongdoor.mailbox import openers, sending, unfinished
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals

STORING = ("send", "quiet", "save")  # what a form of `tell` does that keeps anything


@guards.public
@csrf_exempt  # no cookie is set here and there is no session to ride on: the sealed field shows that the page was ours
@proving.storing_when(lambda request: request.POST.get("do", "") in STORING)
@require_http_methods(["GET", "POST"])
def tell(request: http.HttpRequest) -> http.HttpResponse:
    """Ask for help or tell what you saw, one question at a time."""
    if not public_help.installed().receiver:
        raise http.Http404
    if request.method == "GET":
        heard = request.GET.get("d", "")
        return screen(request, kept.begun(heard=heard if short_codes.is_code(heard) else ""), flow.FIRST)
    try:
        state = kept.open_field(request.POST.get("kept", ""), at=timezone.now())
    except kept.NotOurs:
        return _begin_again(request)
    return _answer(request, state)


def screen(
    request: http.HttpRequest,
    state: kept.State,
    step: flow.Step,
    form: forms.ScreenForm | None = None,
    *,
    problem: str = "",
    status: int = 200,
) -> http.HttpResponse:
    """Show one screen of somebody's way. `problem`: what went wrong, besides what the form says itself."""
    steps = telling.steps_of(state)
    form = form or telling.form_of(step, state.answers)
    context = {
        "state": state,
        "kept": kept.seal(state, at=timezone.now()),
        "step": step,
        "number": steps.index(step) + 1 if step in steps else 1,
        "heading": telling.heading_of(step, state.answers),
        "form": form,
        "problem": problem,
        "is_wrong": bool(form.errors or problem),
        "stance": state.answers.get("stance", ""),
    }
    if step.screen is flow.Screen.AGENCY:
        context["wish"] = telling.wish_of(step.about)
    if step == flow.LAST:
        context["answered"] = telling.shown(state)
    template = "door/check.html" if step == flow.LAST else "door/screen.html"
    return shortcuts.render(request, template, context, status=status)


def _begin_again(request: http.HttpRequest) -> http.HttpResponse:
    """Start anew where the page was open for too long, or is not ours. What was typed on it is kept, unless another
    site sent it."""
    sent = request.POST.dict()
    at, _dash, about = sent.get("at", "").partition("-")
    heard = about if at == flow.Screen.DETAILS.value and short_codes.is_code(about) else ""
    state = kept.begun(heard=heard)
    if is_ours(request):
        names = [name for kind in forms.FORMS.values() for name in kind.base_fields]
        names += forms.Details.names({}, heard)
        typed = {name: sent[name][: forms.WORDS_LIMIT] for name in names if sent.get(name)}
        state = dataclasses.replace(state, answers=typed)
    problem = _(
        "This page was open for too long, so we have to start again. What you wrote on it is still here: it comes up "
        "when we get to that question. Nothing was sent."
    )
    return screen(request, state, flow.FIRST, problem=problem, status=422)


def is_ours(request: http.HttpRequest) -> bool:
    """Return whether one of our own pages sent a form, and not another site."""
    return request.headers.get("Origin", "") == f"{request.scheme}://{request.get_host()}"


def _answer(request: http.HttpRequest, state: kept.State) -> http.HttpResponse:
    """Take one screen's answers, and show what was asked for."""
    step = flow.read(request.POST.get("at", ""), telling.steps_of(state))
    do = request.POST.get("do", "")
    if do == "stop":
        return _stop(request, state)
    if do == "skip" and step != flow.FIRST:
        form = telling.form_of(step, state.answers, {})
        return _go_on(request, _with(state, step, form.typed), step)
    form = telling.form_of(step, state.answers, request.POST.dict())
    if do in ("send", "quiet"):
        return _send(request, state, is_receipt_shown=do == "send")
    goes_on = do not in ("back", "save", "show") and not request.POST.get("change")
    if (goes_on or form.is_too_long) and not form.is_valid():
        return screen(request, state, step, form, status=422)
    before, state = state, _with(state, step, form.typed, is_seen=form.is_valid())
    if flow.stance_of(before.answers) is not flow.stance_of(state.answers):
        state = telling.without_wish(state)
    if do == "save":
        return _save(request, state)
    if do == "back":
        return screen(request, state, flow.before(step, telling.steps_of(state)))
    if change := request.POST.get("change"):
        state = dataclasses.replace(state, is_change=True)
        return screen(request, state, flow.read(change, telling.steps_of(state)))
    return _go_on(request, state, step) if goes_on else screen(request, state, step)


def _with(state: kept.State, step: flow.Step, typed: Mapping[str, str], *, is_seen: bool = True) -> kept.State:
    """Add what was typed on a screen. One that cannot be taken as it is counts as not seen, and is asked once more."""
    others = tuple(name for name in state.seen if name != step.name)
    return dataclasses.replace(
        state, answers={**state.answers, **typed}, seen=(*others, step.name) if is_seen else others
    )


def _go_on(request: http.HttpRequest, state: kept.State, step: flow.Step) -> http.HttpResponse:
    steps = telling.steps_of(state)
    following = flow.after(step, steps, state.seen, is_change=state.is_change)
    if following == flow.LAST:
        state = dataclasses.replace(state, is_change=False)
    return screen(request, state, following)


def _stop(request: http.HttpRequest, state: kept.State) -> http.HttpResponse:
    """Let go of everything: it was in the page alone, and what was saved to finish later goes too."""
    if state.is_kept:
        unfinished.erase(openers.of(state.receipt))
    return shortcuts.render(request, "door/stopped.html")


def _save(request: http.HttpRequest, state: kept.State) -> http.HttpResponse:
    """Keep what was answered so far for whoever has the receipt."""
    state = dataclasses.replace(state, is_kept=True)
    step = flow.resumed(telling.steps_of(state), state.seen)
    try:
        until = unfinished.keep(openers.of(state.receipt), telling.saved(state).text, at=timezone.now())
    except unfinished.TooLong as error:
        return screen(request, state, step, problem=str(error), status=422)
    except unfinished.AlreadySent:
        return _sent_before(request, state, openers.of(state.receipt))
    context = {
        "until": until,
        "state": state,
        "kept": kept.seal(state, at=timezone.now()),
        "step": step,
        "receipt": receiving.written(state.receipt),
    }
    return shortcuts.render(request, "door/saved.html", context)


@guards.public
@csrf_exempt  # for the reason that `tell` has; the receipt is the proof
@proving.storing_when(lambda request: False)
@require_http_methods(["GET", "POST"])
def resume(request: http.HttpRequest) -> http.HttpResponse:
    """Go on with what you saved, with its receipt."""
    form = receiving.ReceiptForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if (asked := proving.for_receipt(request)) is not None:
            return asked
        receipt: receipts.Receipt = form.cleaned_data["receipt"]
        try:
            state = kept.read(unfinished.open_again(openers.of(receipt)))
            return screen(request, state, flow.resumed(telling.steps_of(state), state.seen))
        except unfinished.NothingKept as error:
            form.add_error("receipt", str(error))
    context = {"form": form, "is_wrong": bool(form.errors)}
    return shortcuts.render(request, "door/resume.html", context, status=422 if form.is_bound else 200)


def _send(request: http.HttpRequest, state: kept.State, *, is_receipt_shown: bool) -> http.HttpResponse:
    """Send it. The same page sent again is the same signal, with the same receipt."""
    if (step := telling.problem_of(state)) is not None:
        sent = state.answers if step.name in state.seen else None
        return screen(request, state, step, telling.form_of(step, state.answers, sent), status=422)
    now, asked = timezone.now(), tables.asked()
    contact = telling.contact(state, asked, at=now)
    office = agencies.directory().office(
        public_help.installed().receiver, state=contact.state, district=contact.district
    )
    if office is None:
        problem = _("Nobody can receive this right now. Nothing was sent. Please call instead: the numbers are below.")
        return screen(request, state, flow.LAST, problem=problem, status=503)
    opener = openers.of(state.receipt)
    try:
        sending.send(contact, telling.sender(state), asked=asked, receiver_id=office.id, opener=opener, at=now)
    except (signals.Unreadable, sending.Unreadable) as error:
        return screen(request, state, flow.LAST, problem=str(error), status=422)
    except signals.KeyReused:
        return _sent_before(request, state, opener)
    context = {
        "state": state,
        "stance": state.answers.get("stance", ""),
        "receipt": receiving.written(state.receipt) if is_receipt_shown else None,
        "is_urgent": state.answers.get("urgency") == "immediate_danger",
    }
    return shortcuts.render(request, "door/sent.html", context)


def _sent_before(request: http.HttpRequest, state: kept.State, opener: openers.Opener) -> http.HttpResponse:
    """Say that it was sent before, and offer what was typed since as a correction."""
    again = box_forms.Correction(initial={"words": state.answers.get("words", "")}, auto_id="correct_%s")
    sealed = kept.seal_visit(kept.Visit(opener), at=timezone.now())
    context = {"state": state, "form": again, "kept": sealed}
    return shortcuts.render(request, "door/sent_before.html", context, status=409)
