"""Working on the line: one's shift, what waits, and one contact with all that is done in it."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping

from django import http, shortcuts
from django.contrib import messages
from django.core import signing
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nowrongdoor.access import guards, idle, streams, viewers
from nowrongdoor.audit import record
from nowrongdoor.core import line as core_line
from nowrongdoor.core import reference as references
from nowrongdoor.core.language import gettext as _
from nowrongdoor.floor import aids, forms
from nowrongdoor.intake import draft_views, panel
from nowrongdoor.intake import forms as intake
from nowrongdoor.line import calling_back, joining, models, moving, queries, shifts, writing
from nowrongdoor.mandates import queries as tables
from nowrongdoor.protocols import queries as protocols
from nowrongdoor.protocols.tables import KEEPERS, REPORTERS
from nowrongdoor.signals import drafts
from nowrongdoor.signals.models import Channel
from nowrongdoor.vault import keys
from nowrongdoor.wrapup import queries as beside

WORKERS = (viewers.Role.ADVOCATE, viewers.Role.COORDINATOR)
_WORKS = guards.role(*WORKERS)


@_WORKS
@require_GET
def line(request: guards.Request) -> http.HttpResponse:
    """Begin your shift on the line, and see who waits, what is on the list, whom to call back, and who is on shift."""
    return _line(request, _shift_form(request))


@_WORKS
@require_POST
def shift(request: guards.Request, step: str) -> http.HttpResponse:
    """Begin or end your shift, or say whether you take contacts."""
    now, by = timezone.now(), request.viewer
    form = _shift_form(request, request.POST if step == "begin" else None)
    ending = forms.HandOverForm(request.POST if step == "end" else None)
    try:
        if step == "begin":
            if not form.is_valid():
                return _line(request, form, status=422)
            shifts.begin(form.wish, by=by, at=now)
            shifts.ready(by=by, at=now)
        elif step == "ready":
            shifts.ready(by=by, at=now)
        elif step == "pause":
            shifts.pause(by=by, at=now)
        elif step == "end":
            if not ending.is_valid():
                return _line(request, form, ending=ending, status=422)
            shifts.end(ending.cleaned_data["words"].strip(), by=by, at=now)
            messages.success(request, _("Your shift is over. Somebody else has everything that isn’t."))
        else:
            raise http.Http404
    except core_line.Refused as error:
        messages.error(request, str(error))
    return shortcuts.redirect("line")


@_WORKS
@require_GET
def contact(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    """Talk or write with somebody, and write down what they say."""
    return _contact(request, contact_id)


@_WORKS
@require_POST
def act(request: guards.Request, contact_id: uuid.UUID, act: str) -> http.HttpResponse:
    """Do something in a contact: answer it, write, whisper, hand it over or on, put it on the list, or end it."""
    if act not in _ACTS:
        raise http.Http404
    try:
        return _ACTS[act](request, contact_id)
    except moving.NoSuchContact:
        raise http.Http404 from None
    except core_line.Refused as error:
        messages.error(request, str(error))
        return _back(request, contact_id)


@_WORKS
@require_http_methods(["GET", "POST"])
def call_back(request: guards.Request, call_back_id: uuid.UUID) -> http.HttpResponse:
    """Call somebody back who asked for it, and say what came of it."""
    now, by = timezone.now(), request.viewer
    try:
        if "outcome" in request.POST:
            outcome = request.POST["outcome"]
            known = {each.value: each for each in (models.CallBack.Outcome.REACHED, models.CallBack.Outcome.DROPPED)}
            calling_back.ended(call_back_id, known.get(outcome), by=by, at=now)
            return shortcuts.redirect("line")
        wish = next((each for each in calling_back.of(by, at=now) if each.id == call_back_id), None)
        if wish is None:
            raise http.Http404
        number = calling_back.take(call_back_id, by=by, at=now) if request.method == "POST" else ""
    except moving.NoSuchContact:
        raise http.Http404 from None
    except core_line.Refused as error:
        messages.error(request, str(error))
        return shortcuts.redirect("line")
    return shortcuts.render(request, "floor/call_back.html", {"wish": wish, "number": number})


@_WORKS
@require_GET
def sound(request: guards.Request, message_id: uuid.UUID) -> http.HttpResponse:
    """Listen to a voicemail."""
    try:
        content = writing.recording(message_id, by=request.viewer, at=timezone.now())
    except (moving.NoSuchContact, keys.Erased):
        raise http.Http404 from None
    return http.HttpResponse(content, content_type="audio/mpeg", headers={"Content-Disposition": "inline"})


def _line(
    request: guards.Request,
    form: forms.ShiftForm,
    *,
    ending: forms.HandOverForm | None = None,
    status: int = 200,
) -> http.HttpResponse:
    now, by = timezone.now(), request.viewer
    if not queries.has_line(by):
        return shortcuts.render(request, "floor/no_line.html", {})
    is_part = guards.is_part(request)
    _is_on_shift(request, now)
    context: dict[str, object] = {
        "floor": queries.floor(by, at=now),
        "untyped": beside.without_a_type(by, at=now),
        "money": beside.to_decide(by) if by.role is viewers.Role.COORDINATOR else (),
        "reviews": protocols.waiting(by) if by.role in KEEPERS else None,
        "at": now,
        "stream": streams.LINE,
    }
    if is_part:
        response = shortcuts.render(request, "floor/_line.html", context)
    else:
        record.looked("floor.viewed", by.agency_id, by=by, at=now)
        context |= {
            "form": form,
            "ending": ending or forms.HandOverForm(),
            "handed_on": queries.handed_on(by, at=now),
        }
        response = shortcuts.render(request, "floor/line.html", context, status=status)
    streams.admit(request, response)
    return response


def _shift_form(request: guards.Request, data: http.QueryDict | None = None) -> forms.ShiftForm:
    return forms.ShiftForm(queries.groups(request.viewer), queries.skills(request.viewer), data)


def _is_on_shift(request: guards.Request, now: datetime.datetime) -> bool:
    """Note that the page of somebody on shift is open. It keeps their session open, though they only wait or listen:
    signed out, they would get no call and not know it."""
    seat = shifts.heard(by=request.viewer, at=now)
    if seat is not None and guards.is_part(request) and now - seat.began_at < shifts.LONGEST:
        idle.note(request)
    return seat is not None


def _shows(viewer: viewers.Viewer, contact_id: uuid.UUID) -> signing.Signer:
    """Sign what somebody's open page shows of a contact, so that nobody reads by saying that it was shown to them."""
    return signing.Signer(salt=f"shown {viewer.user_id} {contact_id}")


def _shown(request: guards.Request, contact_id: uuid.UUID) -> str | None:
    """Return the newest message that an open page of the viewer's shows already; None where it opens now."""
    if not guards.is_part(request):
        return None
    try:
        return _shows(request.viewer, contact_id).unsign(request.headers.get("Nwd-Shown", ""))
    except signing.BadSignature:
        return None


def _contact(
    request: guards.Request,
    contact_id: uuid.UUID,
    *,
    write: forms.ReplyForm | None = None,
    calling: forms.CallBackForm | None = None,
    handing: forms.HandOnForm | None = None,
    whisper: forms.WriteForm | None = None,
    unsent: str = "",
    status: int = 200,
) -> http.HttpResponse:
    now, by = timezone.now(), request.viewer
    try:
        row = queries.contact(contact_id, by)
        talk = writing.of(contact_id, shown=_shown(request, contact_id), by=by, at=now)
    except moving.NoSuchContact:
        raise http.Http404 from None
    is_on_shift = _is_on_shift(request, now)
    is_mine = row.person_id == by.user_id
    context: dict[str, object] = {
        "row": row,
        "said": talk,
        "shown": _shows(request.viewer, contact_id).sign(str(talk[-1].id) if talk else ""),
        "parts": queries.parts(contact_id, by),
        "besides": queries.besides(contact_id, by),
        "beside": beside.beside(contact_id, by, at=now),
        **aids.short(row, talk),
        "is_mine": is_mine,
        # What stands beside the part that is brought up to date is as it was when the page was opened.
        "is_moved": request.headers.get("Nwd-Mine", "") == ("no" if is_mine else "yes"),
        "is_written": row.medium is not models.Medium.VOICE,
        "is_asked": row.asked_id == by.user_id,
        "is_chief": by.role is viewers.Role.COORDINATOR,
        "is_on_shift": is_on_shift,
        "signal": references.of(row.signal_id) if row.signal_id else "",
        "at": now,
        "stream": streams.LINE,
    }
    if guards.is_part(request):
        response = shortcuts.render(request, "floor/_contact.html", context)
    else:
        people = queries.people(by, at=now)
        others = [(each.id, each.name) for each in people if each.id not in (row.person_id, by.user_id)]
        context |= _writing_down(request, row) if is_mine and not row.signal_id and row.use is models.Use.LIVE else {}
        form, typed = context.get("form"), _typed(request)
        context |= {
            "reported": protocols.of_signal(by, row.signal_id) if row.signal_id and by.role in REPORTERS else None
        }
        context |= {
            "write": write or forms.ReplyForm.with_words(aids.offer(row), typed),
            "whisper": whisper or forms.WriteForm.fresh("whisper"),
            "ask": forms.AskForm(others) if others else None,
            "calling": calling or forms.CallBackForm(),
            "handing": handing or forms.HandOnForm(),
            "interpreter": forms.InterpreterForm(row.language),
            "scripts": aids.scripts(row, form if isinstance(form, intake.SignalForm) else None),
            "unsent": unsent or ("" if is_mine and row.state is models.State.ANSWERED else typed),
        }
        response = shortcuts.render(request, "floor/contact.html", context, status=status)
    streams.admit(request, response)
    return response


CHANNELS = {
    models.Medium.VOICE: Channel.CALL,
    models.Medium.TEXT: Channel.TEXT,
    models.Medium.CHAT: Channel.CHAT,
    models.Medium.MAIL: Channel.EMAIL,
}


def _writing_down(request: guards.Request, row: queries.Row) -> dict[str, object]:
    """Return what the form beside the conversation needs: the draft of whoever has the contact, or an empty one."""
    assert request.viewer.user_id is not None  # a token opens no page
    draft_id = uuid.uuid5(row.id, request.viewer.user_id.hex)
    asked = tables.asked()
    try:
        opened = drafts.open_again(draft_id, by=request.viewer, at=timezone.now())
    except drafts.NoSuchDraft:
        channel = CHANNELS[row.medium].value
        form = intake.SignalForm(asked, key=draft_id.hex, contact=str(row.id), channel=channel)
        form.focus_on = form.focus_on if row.medium is models.Medium.VOICE else ""
        return panel.shown(request, form)
    form = intake.SignalForm(asked, draft_views.fields_of(opened, key=draft_id.hex))
    form.ask_nothing_yet()
    return panel.shown(request, form, kept=opened.kept)


def _back(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    """Go back to the conversation; with what stands in the message box, which a redirect would lose."""
    return _contact(request, contact_id) if _typed(request) else shortcuts.redirect("line_contact", contact_id)


def _typed(request: guards.Request) -> str:
    """Return what stands in the message box when another button of the page is pressed."""
    typed = request.POST.get("typed", "")
    return typed if typed.strip() else ""


def _answer(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    moving.answer(contact_id, by=request.viewer, at=timezone.now())
    return _back(request, contact_id)


def _end(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    moving.end(contact_id, by=request.viewer, at=timezone.now())
    messages.success(request, _("This contact is over."))
    return shortcuts.redirect("line")


def _to_list(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    moving.to_list(contact_id, by=request.viewer, at=timezone.now())
    return shortcuts.redirect("line")


def _take_over(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    moving.take_over(contact_id, by=request.viewer, at=timezone.now())
    return _back(request, contact_id)


def _decline(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    moving.decline(contact_id, by=request.viewer, at=timezone.now())
    return shortcuts.redirect("line")


def _danger(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    moving.in_danger(contact_id, by=request.viewer, at=timezone.now())
    return _back(request, contact_id)


def _ask(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    people = [(each.id, each.name) for each in queries.people(request.viewer, at=timezone.now())]
    form = forms.AskForm(people, request.POST)
    if form.is_valid():
        moving.ask(contact_id, form.cleaned_data["person"], by=request.viewer, at=timezone.now())
        messages.success(request, _("They were asked. The contact stays where it is until they say yes."))
    else:
        messages.error(request, _("Choose a colleague."))
    return _back(request, contact_id)


def _reply(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    """Send a saved reply as it is."""
    form = forms.OneReplyForm(request.POST)
    offer = aids.offer(queries.contact(contact_id, request.viewer))
    picked = offer.of(form.cleaned_data["reply"]) if offer and form.is_valid() else None
    if picked is None:
        raise http.Http404
    key = form.cleaned_data["key"]
    writing.write(contact_id, picked.words, message_id=key, by=request.viewer, at=timezone.now())
    return _back(request, contact_id)


def _from_reply(request: guards.Request, contact_id: uuid.UUID, form: forms.ReplyForm) -> http.HttpResponse:
    """Put a saved reply into the message, or send it as it is; what is typed stays."""
    if form.picked is None:
        form.add_error("reply", _("Choose a reply."))
        return _contact(request, contact_id, write=form, status=422)
    if request.POST["do"] == "fill":
        words = "\n".join(filter(None, [form.typed, form.picked.words]))
        return _contact(request, contact_id, write=forms.ReplyForm.with_words(form.offer, words))
    try:
        answer = _reply(request, contact_id)
    except core_line.Refused as error:
        form.add_error("reply", str(error))
        return _contact(request, contact_id, write=form, status=422)
    if not form.typed:
        return answer
    return _contact(request, contact_id, write=forms.ReplyForm.with_words(form.offer, form.typed))


def _write(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    form = forms.ReplyForm(aids.offer(queries.contact(contact_id, request.viewer)), request.POST)
    if request.POST.get("do") in ("fill", "reply"):
        return _from_reply(request, contact_id, form)
    if not form.is_valid():
        return _contact(request, contact_id, write=form, status=422)
    given = form.cleaned_data
    try:
        writing.write(contact_id, given["words"], message_id=given["key"], by=request.viewer, at=timezone.now())
    except core_line.Refused as error:
        row = queries.contact(contact_id, request.viewer)
        if row.person_id != request.viewer.user_id:  # a colleague took it over meanwhile, or it is over
            return _kept_on_the_page(request, contact_id, str(error), given["words"])
        if isinstance(error, writing.SentOtherwise):
            form = forms.ReplyForm.with_words(form.offer, given["words"])  # under a key of its own
            messages.error(request, str(error))
            return _contact(request, contact_id, write=form, status=409)
        form.add_error("words", str(error))
        return _contact(request, contact_id, write=form, status=422)
    return _back(request, contact_id)


def _kept_on_the_page(request: guards.Request, contact_id: uuid.UUID, why: str, words: str) -> http.HttpResponse:
    """Show why something was not done, with what was typed: it may be known to nobody else."""
    messages.error(request, why)
    return _contact(request, contact_id, unsent=words, status=409)


def _whisper(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    form = forms.WriteForm(request.POST, auto_id="whisper-%s")
    if not form.is_valid():
        return _contact(request, contact_id, whisper=form, status=422)
    given = form.cleaned_data
    try:
        writing.whisper(contact_id, given["words"], message_id=given["key"], by=request.viewer, at=timezone.now())
    except core_line.Refused as error:
        return _kept_on_the_page(request, contact_id, str(error), given["words"])
    return _back(request, contact_id)


def _interpreter(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    form = forms.InterpreterForm(queries.contact(contact_id, request.viewer).language, request.POST)
    if not form.is_valid():
        raise http.Http404
    joining.interpreter(contact_id, form.cleaned_data["to"], by=request.viewer, at=timezone.now())
    return _back(request, contact_id)


def _hand_on(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    form = forms.HandOnForm(request.POST)
    if not form.is_valid():
        return _contact(request, contact_id, handing=form, status=422)
    given = form.cleaned_data
    try:
        joining.hand_on(contact_id, given["to"], given["taken_by"], by=request.viewer, at=timezone.now())
    except core_line.Refused as error:
        return _kept_on_the_page(request, contact_id, str(error), given["taken_by"])
    messages.success(request, _("Noted who took them over. This contact stays with you until you end it."))
    return _back(request, contact_id)


def _part(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    """Note that somebody came, or left."""
    try:
        part_id = uuid.UUID(request.POST.get("part", ""))
    except ValueError:
        raise http.Http404 from None
    do = joining.came if request.POST.get("did") == "came" else joining.left
    do(part_id, by=request.viewer, at=timezone.now())
    return _back(request, contact_id)


def _call_back(request: guards.Request, contact_id: uuid.UUID) -> http.HttpResponse:
    form = forms.CallBackForm(request.POST)
    if not form.is_valid():
        return _contact(request, contact_id, calling=form, status=422)
    try:
        calling_back.ask(contact_id, form.asked, by=request.viewer, at=timezone.now())
    except core_line.Refused as error:
        return _kept_on_the_page(request, contact_id, str(error), form.cleaned_data["number"])
    messages.success(request, _("They’re on the list of people to call back."))
    return _back(request, contact_id)


_ACTS: Mapping[str, Callable[[guards.Request, uuid.UUID], http.HttpResponse]] = {
    "answer": _answer,
    "ask": _ask,
    "call-back": _call_back,
    "danger": _danger,
    "decline": _decline,
    "end": _end,
    "hand-on": _hand_on,
    "interpreter": _interpreter,
    "list": _to_list,
    "part": _part,
    "reply": _reply,
    "take-over": _take_over,
    "whisper": _whisper,
    "write": _write,
}
