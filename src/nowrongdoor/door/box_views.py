"""The pages of a sender's mailbox: opened with the receipt, and each following page with what that page carried.

The promise: a mailbox page ends after half an hour without a click, sets no cookie, and shows a third party nothing
but that it was received, whether it was read, thanks and questions (F7).
"""

from __future__ import annotations

import dataclasses
import functools
import uuid
from collections.abc import Callable, Mapping

from django import forms, http, shortcuts
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from nowrongdoor.access import guards, limits, proving
from nowrongdoor.core.language import gettext as _
from nowrongdoor.door import box_forms, kept, learning, receiving, views
from nowrongdoor.mailbox import openers, visiting
from nowrongdoor.signals import file_forms, files
from nowrongdoor.vault import keys

ADD = "add"


@dataclasses.dataclass(frozen=True, slots=True)
class Sitting:
    """One request of somebody who has their mailbox open. `sent`: what their form held; `is_known`: whether they
    answered their safety question since they opened it."""

    request: http.HttpRequest
    opener: openers.Opener
    sent: Mapping[str, str]
    is_known: bool = False


@guards.public
@csrf_exempt  # no cookie is set here and there is no session to ride on: the receipt, or what it sealed, is the proof
@proving.storing_when(lambda request: request.POST.get("do", "") in ACTS)
@require_http_methods(["GET", "POST"])
def mailbox(request: http.HttpRequest) -> http.HttpResponse:
    """Open your mailbox with your receipt: read, answer, add, correct, or take back your consent."""
    if request.method == "GET":
        return _closed(request, receiving.ReceiptForm())
    sent = request.POST.dict()
    if "kept" in sent:
        return _visit_on(request, sent)
    form = receiving.ReceiptForm(sent)
    if form.is_valid():
        if (asked := proving.for_receipt(request)) is not None:
            return asked
        try:
            return _page(Sitting(request, openers.of(form.cleaned_data["receipt"]), sent))
        except visiting.NoSuchMailbox as error:
            form.add_error("receipt", str(error))
    return _closed(request, form, status=422)


@guards.public
@csrf_exempt  # as above
@proving.storing_when(lambda request: False)  # only whoever opened a mailbox sends a file, and was asked for it then
@require_POST
def add_file(request: http.HttpRequest) -> http.HttpResponse:
    """Add a picture or document to what you told us."""
    return _visit_on(request, {"kept": "", **request.POST.dict(), "do": ADD})


def _visit_on(request: http.HttpRequest, sent: Mapping[str, str]) -> http.HttpResponse:
    try:
        opened = kept.open_visit(sent["kept"], at=timezone.now())
    except kept.NotOurs:
        words = sent.get("words", "") if views.is_ours(request) else ""
        problem = _("This page was open for too long, so your mailbox closed. Enter your receipt to open it again.")
        return _closed(request, receiving.ReceiptForm(), problem=problem, words=words, status=422)
    try:
        return ACTS.get(sent.get("do", ""), _show)(Sitting(request, opened.opener, sent, opened.is_known))
    except visiting.NoSuchMailbox as error:
        return _closed(request, receiving.ReceiptForm(), problem=str(error), status=422)


def _closed(
    request: http.HttpRequest,
    form: receiving.ReceiptForm,
    *,
    problem: str = "",
    words: str = "",
    status: int = 200,
) -> http.HttpResponse:
    """Ask for the receipt. `words`: what was written on a page that closed meanwhile."""
    unsent = box_forms.Message({"words": words}, auto_id="unsent_%s") if words else None
    context = {
        "form": form,
        "problem": problem,
        "is_wrong": bool(form.errors or problem),
        "unsent": unsent,
    }
    return shortcuts.render(request, "door/closed.html", context, status=status)


def _page(
    sitting: Sitting,
    *,
    wrong: Mapping[str, forms.Form] | None = None,
    notice: str = "",
    learned: learning.Learned | None = None,
    is_asked: bool = False,
    words: str = "",
) -> http.HttpResponse:
    """Show the mailbox. `wrong`: the forms that could not be taken, by name (a question's by its id); `notice`: what
    was done; `learned`: what the person may know after their safety question (`is_asked`), which is shown this
    once; `words`: a message that was typed and not sent."""
    now = timezone.now()
    is_known, wrong = sitting.is_known or is_asked, wrong or {}
    visit = visiting.visit(sitting.opener, is_known=is_known, at=now)
    is_shown = not visit.question or is_known
    posts = {post.id: post for post in visit.posts}
    context = {
        "visit": visit,
        "kept": kept.seal_visit(kept.Visit(sitting.opener, is_shown), at=now),
        "is_shown": is_shown,
        "notice": notice,
        "learned": learned,
        "is_asked": is_asked,
        "posts": [(post, posts.get(post.to) if post.to else None) for post in visit.posts],
        "questions": [(post, wrong.get(str(post.id)) or _answer_form(post)) for post in visit.open_questions],
        "message": wrong.get("write") or box_forms.Message(initial={"words": words}, auto_id="write_%s"),
        "correction": wrong.get("correct") or box_forms.Correction(auto_id="correct_%s"),
        "safety": wrong.get("learn") or box_forms.Safety(auto_id="learn_%s"),
        "file_form": wrong.get(ADD) or file_forms.SentFileForm(),
        "added": files.added(sitting.opener.hash) if is_shown else (),
        "can_add": files.can_add(sitting.opener.hash),
        "problems": list(wrong.values()),
        "is_wrong": bool(wrong),
    }
    return shortcuts.render(sitting.request, "door/mailbox.html", context, status=422 if wrong else 200)


def _show(sitting: Sitting) -> http.HttpResponse:
    return _page(sitting, words=sitting.sent.get("words", ""))


def _answer_form(post: visiting.Post) -> box_forms.Answer:
    return box_forms.Answer(initial={"to": post.id}, auto_id=f"{post.id}_%s")


def _write(sitting: Sitting) -> http.HttpResponse:
    act = functools.partial(visiting.write, sitting.opener, at=timezone.now())
    form = box_forms.Message(sitting.sent, auto_id="write_%s")
    return _written(sitting, "write", form, act, _("Sent. Come back here to see if there’s an answer."))


def _reply(sitting: Sitting) -> http.HttpResponse:
    try:
        to = uuid.UUID(sitting.sent.get("to", ""))
    except ValueError:  # none of our pages sends that; what was typed is kept as a message
        return _page(sitting, words=sitting.sent.get("words", ""))
    asked = str(to)
    form = box_forms.Answer(sitting.sent, auto_id=f"{asked}_%s")
    act = functools.partial(visiting.write, sitting.opener, to=to, at=timezone.now())
    return _written(sitting, asked, form, act, _("Your answer was sent."))


def _correct(sitting: Sitting) -> http.HttpResponse:
    act = functools.partial(visiting.correct, sitting.opener, at=timezone.now())
    form = box_forms.Correction(sitting.sent, auto_id="correct_%s")
    return _written(sitting, "correct", form, act, _("Your correction was sent."))


def _written(
    sitting: Sitting, name: str, form: forms.Form, act: Callable[[str], None], notice: str
) -> http.HttpResponse:
    if form.is_valid():
        try:
            act(form.cleaned_data["words"])
            return _page(sitting, notice=notice)
        except visiting.Refused as error:
            form.add_error("words", str(error))
    return _page(sitting, wrong={name: form})


def _add(sitting: Sitting) -> http.HttpResponse:
    form = file_forms.SentFileForm(sitting.sent, sitting.request.FILES)
    if (ready := form.look()) is not None:
        visiting.visit(sitting.opener, at=timezone.now())  # one that closed meanwhile says so
        try:
            files.add_own(sitting.opener.hash, ready, at=timezone.now())
        except files.TooMany as error:
            form.add_error("file", str(error))
        except keys.Erased:
            raise visiting.NoSuchMailbox from None
        else:
            return _page(
                sitting, notice=_("The file was added. Nobody can open it until a virus scanner has checked it.")
            )
    return _page(sitting, wrong={ADD: form})


def _learn(sitting: Sitting) -> http.HttpResponse:
    form = box_forms.Safety(sitting.sent, auto_id="learn_%s")
    if form.is_valid():
        try:
            learned = learning.learn(sitting.opener, form.cleaned_data["answer"], at=timezone.now())
            return _page(sitting, learned=learned, is_asked=True)
        except (visiting.WrongAnswer, limits.TooMany) as error:
            form.add_error("answer", str(error))
    return _page(sitting, wrong={"learn": form})


def _withdraw(sitting: Sitting) -> http.HttpResponse:
    visiting.withdraw(sitting.opener, at=timezone.now())
    return _page(sitting, notice=_("You took back your consent. From now on, nobody else is told."))


def _ask_erasure(sitting: Sitting) -> http.HttpResponse:
    visiting.ask_erasure(sitting.opener, at=timezone.now())
    return _page(sitting, notice=_("Your request was sent. A person answers it here."))


ACTS: Mapping[str, Callable[[Sitting], http.HttpResponse]] = {
    "write": _write,
    "reply": _reply,
    "correct": _correct,
    "learn": _learn,
    "withdraw": _withdraw,
    "erase": _ask_erasure,
    ADD: _add,
}
