"""What the agencies of a case ask of each other and write to each other: one page, and each thing done there."""

from __future__ import annotations

import uuid

from django import http, shortcuts
from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from nowrongdoor.access import guards, row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.cases import people
from nowrongdoor.cases import queries as cases
from nowrongdoor.casework import acting
from nowrongdoor.core import disclosure_grounds
from nowrongdoor.releases import actions, asking, forms, messaging, models
from nowrongdoor.ui import tags

WORKERS = guards.role(*viewers.SEES_CASES)


@WORKERS
@require_GET
def show(request: guards.Request, reference: str) -> http.HttpResponse:
    """Requests and messages between the agencies of a case, those of your agency."""
    return _page(request, _opened(request, reference))


def _opened(request: guards.Request, reference: str) -> cases.Access:
    access = acting.open_case(request, reference)
    if access.sight is not cases.Sight.CASE:
        raise http.Http404
    return access


def _page(
    request: guards.Request,
    access: cases.Access,
    *,
    ask: forms.AskForm | None = None,
    message: forms.MessageForm | None = None,
) -> http.HttpResponse:
    """The page; a form that was not taken stays open with what was written."""
    viewer, now = request.viewer, timezone.now()
    record.looked("messages.read", access.case.id, by=viewer, at=now, case_id=access.case.id)
    row_security.act_on(access.case.id)  # to name the other agencies of the case
    rows = [(row, _answers(row)) for row in asking.shown(viewer, access, at=now)]
    can_write = access.case.closed_at is None and access.key is not None
    context = {
        "case": access.case,
        "requests": rows,
        "messages_shown": messaging.shown(viewer, access),
        "ask": (ask or _ask_form(request, access)) if can_write and access.is_lead else None,
        "message": (message or _message_form(request, access)) if access.key is not None else None,
        "discovery": disclosure_grounds.installed().discovery,
    }
    status = 422 if (ask and ask.errors) or (message and message.errors) else 200
    return shortcuts.render(request, "casework/between.html", context, status=status)


def _answers(row: asking.RequestShown) -> dict[str, object]:
    """Return the forms by which a request can be answered."""
    if not row.is_open or row.is_ours:
        return {}
    until = _("until {moment}")
    releases = [(str(each.id), until.format(moment=tags.moment(each.expires_at))) for each in row.releases]
    return {
        "words": forms.AnswerForm(auto_id=f"words-{row.id.hex}-%s") if row.what is asking.What.WORDS else None,
        "release": forms.ReleasedForm(releases, f"release-{row.id.hex}-%s") if releases else None,
        "call": forms.CalledForm(auto_id=f"call-{row.id.hex}-%s"),
        "refuse": forms.RefuseForm(auto_id=f"refuse-{row.id.hex}-%s"),
    }


def _ask_form(request: guards.Request, access: cases.Access, sent: http.QueryDict | None = None) -> forms.AskForm:
    givers = [(str(each.id), each.name) for each in asking.givers(request.viewer, access.case)]
    words = _("Person {number} of {agency}")
    known = [
        (str(each.id), words.format(number=each.number, agency=each.owner))
        for each in people.shown(request.viewer, access.case.id, access.key)
        if not each.is_ours
    ]
    return forms.AskForm(givers, known, sent)


def _message_form(
    request: guards.Request, access: cases.Access, sent: http.QueryDict | None = None
) -> forms.MessageForm:
    others = messaging.recipients(request.viewer, access.case)
    is_prosecutor = any(messaging.is_for_prosecutors(request.viewer, each) for each in others)
    return forms.MessageForm([(str(each.id), each.name) for each in others], is_prosecutor=is_prosecutor, sent=sent)


@acting.COORDINATORS
@require_POST
def ask(request: guards.Request, reference: str) -> http.HttpResponse:
    """Ask an agency that the case came from for words, a way to reach somebody, or a release."""
    access = _opened(request, reference)
    row_security.act_on(access.case.id)
    form = _ask_form(request, access, request.POST)
    if form.is_valid():
        sent = form.cleaned_data
        try:
            asking.ask(
                access.case.id,
                to_agency_id=uuid.UUID(sent["to"]),
                what=sent["what"],
                person_id=uuid.UUID(sent["person"]) if sent["person"] else None,
                because=sent["because"],
                by=request.viewer,
                at=timezone.now(),
            )
        except actions.Refused as refusal:
            form.add_error("person" if isinstance(refusal, asking.NobodyChosen) else "what", str(refusal))
        else:
            messages.success(request, _("They were asked. You find their answer on your worklist."))
            return shortcuts.redirect("between", access.case.reference)
    return _page(request, access, ask=form)


@WORKERS
@require_POST
def send(request: guards.Request, reference: str) -> http.HttpResponse:
    """Write to another agency of a case."""
    access = _opened(request, reference)
    row_security.act_on(access.case.id)
    form = _message_form(request, access, request.POST)
    if form.is_valid():
        sent = form.cleaned_data
        try:
            messaging.send(
                access.case.id,
                to_agency_id=uuid.UUID(sent["to"]),
                text=sent["text"],
                for_prosecutors=bool(sent.get("for_prosecutors")),
                by=request.viewer,
                at=timezone.now(),
            )
        except actions.Refused as refusal:
            form.add_error("to" if isinstance(refusal, actions.Gate) else "text", str(refusal))
        else:
            messages.success(request, _("Message sent. It’s on their worklist."))
            return shortcuts.redirect("between", access.case.reference)
    return _page(request, access, message=form)


@WORKERS
@require_POST
def answer_request(request: guards.Request, request_id: uuid.UUID) -> http.HttpResponse:
    """Answer a request: in words, by a release in force, or by a call in which the person spoke."""

    def act() -> str:
        if "called_at" in request.POST:
            form = forms.CalledForm(request.POST)
            if not form.is_valid():
                raise actions.Refused(_("Enter the day and time of the call."))
            asking.answer(request_id, called_at=form.cleaned_data["called_at"], by=request.viewer, at=timezone.now())
        elif "release" in request.POST:
            chosen = request.POST["release"]
            release_id = uuid.UUID(chosen) if models.Release.objects.filter(id__in=_ids(chosen)).exists() else None
            asking.answer(request_id, release_id=release_id, by=request.viewer, at=timezone.now())
        else:
            asking.answer(request_id, words=request.POST.get("words", ""), by=request.viewer, at=timezone.now())
        return _("Answered. They find it on their worklist.")

    return acting.do(request, act)


def _ids(text: str) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text)]
    except ValueError:
        return []


@WORKERS
@require_POST
def refuse_request(request: guards.Request, request_id: uuid.UUID) -> http.HttpResponse:
    """Refuse a request, and say why."""

    def act() -> str:
        asking.refuse(request_id, reason=request.POST.get("reason", ""), by=request.viewer, at=timezone.now())
        return _("Refused. They read your reason.")

    return acting.do(request, act)


@acting.COORDINATORS
@require_POST
def withdraw_request(request: guards.Request, request_id: uuid.UUID) -> http.HttpResponse:
    """Withdraw what your agency asked for."""

    def act() -> str:
        asking.withdraw(request_id, by=request.viewer, at=timezone.now())
        return _("Your request is withdrawn.")

    return acting.do(request, act)
