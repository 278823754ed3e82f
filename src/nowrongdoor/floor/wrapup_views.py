"""What is done beside a contact and after it: what it was about, flags, money, reviews; and contacts that are over."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms, http, shortcuts, urls
from django.contrib import messages
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from nowrongdoor.access import guards, viewers
from nowrongdoor.audit import record
from nowrongdoor.core import line as core_line
from nowrongdoor.core.language import gettext as _
from nowrongdoor.floor import wrapup_forms
from nowrongdoor.line import moving
from nowrongdoor.line import queries as contacts
from nowrongdoor.wrapup import flags, money, queries, reviewing, sorting

_WORKS = guards.role(viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)
_NOT_THERE = (moving.NoSuchContact, flags.NoSuchFlag, money.NoSuchMoney)


@_WORKS
@require_http_methods(["GET", "POST"])
def wrap_up(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    """Say what a contact was about, flag somebody who calls again, ask for money for a hotel or ride, and review what
    was drawn by lot."""
    if request.method != "POST":
        return _shown(request, contact_id)
    form, act = _DOES.get(request.POST.get("do", ""), (None, None))
    if form is None or act is None:
        raise http.Http404
    sent = form(request.POST)
    if not sent.is_valid():
        return _shown(request, contact_id, sent, status=422)
    try:
        act(request, contact_id, sent)
    except _NOT_THERE:
        raise http.Http404 from None
    except core_line.Refused as error:
        sent.add_error(None, str(error))
        return _shown(request, contact_id, sent, status=422)
    return shortcuts.redirect("line_wrapup", contact_id)


@_WORKS
@require_http_methods(["GET", "POST"])
def past(request: guards.Request) -> http.HttpResponse:
    """See contacts with the line that are over, and draw some of them by lot for review."""
    by, draw = request.viewer, wrapup_forms.DrawForm(request.POST or None)
    is_chief = by.role is viewers.Role.COORDINATOR
    if request.method == "POST":
        if not is_chief:
            raise http.Http404
        if draw.is_valid():
            try:
                count = reviewing.draw(draw.cleaned_data["count"], by=by, at=timezone.now())
            except (core_line.Refused, reviewing.NothingToDraw) as error:
                draw.add_error(None, str(error))
            else:
                messages.success(request, _("Drawn: %(count)s.") % {"count": count})
                return shortcuts.redirect("line_past")
    record.looked("past.viewed", by.agency_id, by=by, at=timezone.now())
    narrow = wrapup_forms.NarrowForm(request.GET)
    wish: dict[str, Any] = narrow.cleaned_data if narrow.is_valid() else {}
    kind, is_mine = wish.get("kind", ""), wish.get("mine", False)
    page = _number(request.GET.get("page", ""))
    listed = queries.past(by, kind=kind, is_mine=is_mine, page=page)
    context = {
        "listed": listed.rows,
        "narrow": narrow,
        "narrowed": bool(kind or is_mine),
        "is_chief": is_chief,
        "drawn": queries.drawn(by) if is_chief else (),
        "draw": draw,
        "previous": _page_at(request, page - 1) if page > 1 else "",
        "next": _page_at(request, page + 1) if listed.more else "",
    }
    status = 422 if draw.errors else 200
    return shortcuts.render(request, "floor/past.html", context, status=status)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and 0 < len(text) < 5 and int(text) else 1


def _page_at(request: guards.Request, page: int) -> str:
    given = {name: value for name, value in request.GET.items() if name in ("kind", "mine") and value}
    return f"{urls.reverse('line_past')}?{urlencode({**given, 'page': page})}"


def _shown(
    request: guards.Request, contact_id: uuid.UUID, sent: wrapup_forms.DoForm | None = None, *, status: int = 200
) -> http.HttpResponse:
    by, now = request.viewer, timezone.now()
    try:
        row = contacts.contact(contact_id, by)
    except moving.NoSuchContact:
        raise http.Http404 from None
    beside = queries.beside(contact_id, by, at=now)
    record.looked("contact.read", contact_id, by=by, at=now)
    is_chief = by.role is viewers.Role.COORDINATOR

    def form(of: type[wrapup_forms.DoForm], which: object = "", *, kind: str = "") -> wrapup_forms.DoForm:
        """Return a form as it was sent, or as it is to be filled in."""
        if type(sent) is of and sent.data.get("which", "") == str(which):
            return sent
        return of(which=str(which), kind=kind)

    def on_money(each: queries.Asked) -> tuple[queries.Asked, wrapup_forms.DoForm | None, wrapup_forms.DoForm | None]:
        """Add what may be done: note what it cost, or decide on it."""
        can_spend = each.is_approved and each.spent is None
        can_decide = is_chief and not each.decided_at and not each.is_own
        return (
            each,
            form(wrapup_forms.SpentForm, each.id) if can_spend else None,
            form(wrapup_forms.DecideForm, each.id) if can_decide else None,
        )

    context = {
        "row": row,
        "beside": beside,
        "sent": sent,
        "typing": form(wrapup_forms.TypeForm, kind=beside.type.kind if beside.type else ""),
        "flags": [(each, form(wrapup_forms.TakeOffForm, each.id)) for each in beside.flags],
        "flagging": form(wrapup_forms.FlagForm),
        "money": [on_money(each) for each in beside.money],
        "paying": form(wrapup_forms.MoneyForm),
        "reviewing": form(wrapup_forms.ReviewForm) if is_chief and beside.review and not beside.review.at else None,
    }
    return shortcuts.render(request, "floor/wrapup.html", context, status=status)


def _type(request: guards.Request, contact_id: uuid.UUID, form: forms.Form) -> None:
    sorting.sort(contact_id, form.cleaned_data["kind"], by=request.viewer, at=timezone.now())


def _flag(request: guards.Request, contact_id: uuid.UUID, form: forms.Form) -> None:
    assert isinstance(form, wrapup_forms.FlagForm)
    now, given = timezone.now(), form.cleaned_data
    flags.put_on(contact_id, given["flag"], given["knows"], until=form.until(now), by=request.viewer, at=now)


def _take_off(request: guards.Request, contact_id: uuid.UUID, form: forms.Form) -> None:
    flags.take_off(form.cleaned_data["which"], by=request.viewer, at=timezone.now())


def _ask(request: guards.Request, contact_id: uuid.UUID, form: forms.Form) -> None:
    given = form.cleaned_data
    money.ask(contact_id, given["need"], given["amount"], given["what_for"], by=request.viewer, at=timezone.now())
    messages.success(request, _("A coordinator decides on it. You see here what they decided."))


def _decide(request: guards.Request, contact_id: uuid.UUID, form: forms.Form) -> None:
    given = form.cleaned_data
    money.decide(given["which"], is_approved=given["answer"] == "approve", by=request.viewer, at=timezone.now())


def _spend(request: guards.Request, contact_id: uuid.UUID, form: forms.Form) -> None:
    given = form.cleaned_data
    money.spend(given["which"], given["spent"], by=request.viewer, at=timezone.now())


def _review(request: guards.Request, contact_id: uuid.UUID, form: forms.Form) -> None:
    assert isinstance(form, wrapup_forms.ReviewForm)
    reviewing.write(contact_id, form.answers, form.cleaned_data["comment"], by=request.viewer, at=timezone.now())


_Act = Callable[[guards.Request, uuid.UUID, forms.Form], None]
_DOES: Mapping[str, tuple[type[wrapup_forms.DoForm], _Act]] = {
    form.WHAT: (form, act)
    for form, act in (
        (wrapup_forms.TypeForm, _type),
        (wrapup_forms.FlagForm, _flag),
        (wrapup_forms.TakeOffForm, _take_off),
        (wrapup_forms.MoneyForm, _ask),
        (wrapup_forms.DecideForm, _decide),
        (wrapup_forms.SpentForm, _spend),
        (wrapup_forms.ReviewForm, _review),
    )
}
