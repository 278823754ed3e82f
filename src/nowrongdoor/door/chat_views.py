"""The web chat: somebody writes to whoever is on the line now, with a script or without.

The promise: nothing that somebody typed is lost. What was sent is kept before it is acknowledged, once for its key;
what was not sent stays on the page. The visitor is known by one cookie (access/chats.py).
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence

from django import http, shortcuts, urls
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from nowrongdoor.access import chats, guards, headers, proving
from nowrongdoor.core import language, line
from nowrongdoor.door import chat_forms, views
from nowrongdoor.line import chatting
from nowrongdoor.ui import kept_language

PART = "Nwd-Chat"  # on what a script asks for, and on the answer that is meant for it
PASSED = "Nwd-Passed"  # on that answer: what spares the next message the wait of a flood
WAITS, WAITS_KEY = "waits", "waits_key"  # of a form that takes along what a script sent, and nobody acknowledged
AT_ONCE = 40  # such messages that one form keeps; the page that answers shows the rest
HOUR = datetime.timedelta(hours=1)
MINUTE = datetime.timedelta(minutes=1)


@guards.public
@csrf_exempt  # the cookie comes along from our own pages alone (SameSite=Strict), and `_is_foreign` refuses the rest
@proving.storing_when(lambda request: request.POST.get("do", "") == "begin")
@require_http_methods(["GET", "POST"])
def chat(request: http.HttpRequest) -> http.HttpResponse:
    """Chat with whoever is on the line now."""
    if not chatting.line_code():
        raise http.Http404
    visitor = _visitor(request)
    do = "" if request.method == "GET" or _is_foreign(request) else request.POST.get("do", "write")
    if do == "begin":
        return _begin(request)
    if do == "write":
        return _write(request, visitor)
    unsent = _waited(request, visitor) if do else []
    if do == "end":
        return _end(request, visitor)
    return _page(request, visitor, chat_forms.Message(initial=_typed(request, unsent)))


@guards.public
@require_GET
def chat_lines(request: http.HttpRequest) -> http.HttpResponse:
    """Read what was written in your chat."""
    if not chatting.line_code():
        raise http.Http404
    chat = _read(_visitor(request))
    is_part = PART in request.headers
    context = {**_context(chat), "is_inner": not is_part}
    template = "door/_chat_lines.html" if is_part else "door/chat_lines.html"
    answer = shortcuts.render(request, template, context)
    if is_part:
        answer[PART] = "read"
    else:
        answer[headers.CSP] = headers.FRAMED
    if chat is not None:
        _renew(request, answer)
    return answer


def _is_foreign(request: http.HttpRequest) -> bool:
    """Return whether another site sent a form."""
    return bool(request.headers.get("Origin")) and not views.is_ours(request)


def _carried(request: http.HttpRequest) -> chats.Carried | None:
    return chats.read(request.COOKIES.get(chats.COOKIE, ""), at=timezone.now())


def _renew(request: http.HttpRequest, answer: http.HttpResponse) -> None:
    if carried := _carried(request):
        chats.renew(answer, carried, at=timezone.now())


def _visitor(request: http.HttpRequest) -> chatting.Visitor | None:
    carried = _carried(request)
    return chatting.Visitor(carried.line, carried.agency_id, carried.secret) if carried else None


def _read(visitor: chatting.Visitor | None) -> chatting.Chat | None:
    try:
        return chatting.read(visitor, at=timezone.now()) if visitor else None
    except chatting.NoSuchChat:
        return None


def _waited(request: http.HttpRequest, visitor: chatting.Visitor | None) -> list[str]:
    """Keep what waited on a page to be sent, each message once for its key, and return what is not kept."""
    unsent = []
    pairs = zip(request.POST.getlist(WAITS), request.POST.getlist(WAITS_KEY), strict=False)
    for number, (words, key) in enumerate(pairs):
        form = chat_forms.Message({"words": words, "key": key})
        if number >= AT_ONCE or not form.is_valid() or not _is_kept(visitor, form):
            unsent.append(words)
    return unsent


def _is_kept(visitor: chatting.Visitor | None, form: chat_forms.Message) -> bool:
    try:
        _keep(visitor, form)
    except (chatting.NoSuchChat, line.Refused):
        return False
    return True


def _keep(visitor: chatting.Visitor | None, form: chat_forms.Message) -> None:
    """Keep a message. NoSuchChat, line.Refused."""
    if visitor is None:
        raise chatting.NoSuchChat
    chatting.write(visitor, form.cleaned_data["words"], key=form.cleaned_data["key"], at=timezone.now())


def _typed(request: http.HttpRequest, unsent: Sequence[str]) -> dict[str, str]:
    """Return what somebody typed before they asked for another language, after what could not be kept; nothing that
    another site sent."""
    if request.method == "GET" or _is_foreign(request):
        return {"key": str(uuid.uuid4())}
    words = "\n".join([*unsent, *filter(None, [request.POST.get("words", "")])])
    return {"words": words, "key": request.POST.get("key", "") or str(uuid.uuid4())}


def _begin(request: http.HttpRequest) -> http.HttpResponse:
    if _read(_visitor(request)) is not None:
        return _here()  # they have one, in another window
    at, secret = timezone.now(), chats.read_drawn(request.POST.get("chat", ""))
    if secret is None:
        return _here()  # a page of ours from yesterday, or none: from a new one it begins
    answer = _here()
    try:
        visitor = chatting.begin(chatting.line_code(), secret, language=_spoken(), at=at)
    except chatting.NoSuchChat:
        return answer  # they ended it, and came back to the page before it
    chats.give(answer, chats.Carried(visitor.line, visitor.agency_id, visitor.secret, visitor.topic, at, at))
    return answer


def _spoken() -> str:
    """Return the language of the page as people on shift name theirs: a script matters to them, a region does not."""
    code, _, rest = (translation.get_language() or language.SOURCE).partition("-")
    return f"{code}-{rest}" if len(rest) > 2 else code


def _end(request: http.HttpRequest, visitor: chatting.Visitor | None) -> http.HttpResponse:
    if visitor is not None:
        chatting.end(visitor, at=timezone.now())
    answer = shortcuts.render(request, "door/chat_ended.html")
    chats.take_away(answer)
    return answer


def _write(request: http.HttpRequest, visitor: chatting.Visitor | None) -> http.HttpResponse:
    form = chat_forms.Message(request.POST)
    is_part, status = PART in request.headers, 422
    if form.is_valid():
        try:
            _keep(visitor, form)
        except chatting.NoSuchChat:
            status = 410
        except line.Refused as error:
            form.add_error("words", str(error))
        else:
            return _part(request, visitor) if is_part else _here()
    if is_part:
        answer = http.HttpResponse(
            "\n".join(str(each) for each in form.errors.get("words", [])), status=status, content_type="text/plain"
        )
        answer[PART] = "refused"
        return answer
    return _page(request, visitor, form, status=status)


def _part(request: http.HttpRequest, visitor: chatting.Visitor | None) -> http.HttpResponse:
    answer = shortcuts.render(request, "door/_chat_lines.html", _context(_read(visitor)))
    answer[PART] = "kept"
    if passed := proving.passed(request):
        answer[PASSED] = passed
    _renew(request, answer)
    return answer


def _page(
    request: http.HttpRequest, visitor: chatting.Visitor | None, form: chat_forms.Message, *, status: int = 200
) -> http.HttpResponse:
    chat = _read(visitor)
    unsent = form["words"].value() or "" if chat is None else ""
    opened = chatting.open_line(chatting.line_code(), at=timezone.now())
    context = {
        **_context(chat),
        "form": form,
        "kept": bool(chat),  # another language is a button of the form
        "is_wrong": bool(form.errors) or status != 200,
        "is_closed": chat is None and bool(visitor is not None or unsent),
        "unsent": chat_forms.Message(initial={"words": unsent, "key": ""}, auto_id="unsent_%s") if unsent else None,
        "is_staffed": opened.is_staffed,
        "minutes": opened.longest // MINUTE,
        "hours": max(1, opened.within // HOUR),
        "stream": chats.STREAM,
        "begin": None if chat else chat_forms.Begin(initial={"chat": chats.drawn(chatting.draw_secret())}),
    }
    answer = shortcuts.render(request, "door/chat.html" if chat else "door/chat_begin.html", context, status=status)
    answer[headers.CSP] = headers.FRAMES
    if chat is not None:
        _renew(request, answer)
    elif visitor is not None:
        chats.take_away(answer)
    return answer


def _context(chat: chatting.Chat | None) -> dict[str, object]:
    answers = chat_forms.Answer.each() if chat and chat.is_short else []
    return {"chat": chat, "stand": chat.stand.value if chat else "gone", "answers": answers}


def _here() -> http.HttpResponse:
    answer = http.HttpResponseRedirect(kept_language.keeping(urls.reverse("chat")))
    answer.status_code = 303
    return answer
