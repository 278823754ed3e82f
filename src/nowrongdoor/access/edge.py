"""What is decided before Django sees a request: how much may be sent, and that even the barest answer has its headers.

The promise: no body is stored or held in memory past its limit, whether or not the sender said how long it is. Django's
own limit trusts the Content-Length, which a chunked body does not have, and does not count uploaded files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from django.template import loader

from nowrongdoor.access import headers

Message = Mapping[str, Any]  # the shape that ASGI gives its messages
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Scope = dict[str, Any]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_LIMIT = 2_000_000  # bytes of a form or of JSON; the settings give Django the same
UPLOAD_LIMIT = 25_000_000  # bytes of a form that carries files, all held in memory: the settings say why
TAKES_FILES = re.compile(r"/cases/[^/]+/files")  # no other address takes so much; a test asks the URLconf
TOO_LARGE = "This is too large: send at most {limit:,} bytes at once."


def guard(application: Application) -> Application:
    """This will wrap an ASGI application so that it never reads past the limit, and never answers without headers."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        limit = _limit(scope["path"], scope["headers"])
        read = 0
        has_begun = is_too_large = False

        async def count() -> Message:
            nonlocal read, is_too_large
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                is_too_large = True
                return {"type": "http.disconnect"}  # Django drops what it has and ends quietly
            return message

        async def with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                message = {**message, "headers": _completed(message.get("headers", ()))}
            await send(message)

        if _declared(scope["headers"]) > limit:
            await _refuse(with_headers, limit, scope["headers"])
            return
        await application(scope, count, with_headers)
        if is_too_large and not has_begun:
            await _refuse(with_headers, limit, scope["headers"])

    return guarded


def _header(given: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for each, value in given if each.lower() == name), b"")


def _limit(path: str, given: Iterable[tuple[bytes, bytes]]) -> int:
    has_files = _header(given, b"content-type").lower().startswith(b"multipart/form-data")
    return UPLOAD_LIMIT if has_files and TAKES_FILES.fullmatch(path) else BODY_LIMIT


def _declared(given: Iterable[tuple[bytes, bytes]]) -> int:
    length = _header(given, b"content-length")
    return int(length) if length.isdigit() else 0


def _completed(given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    there = [(bytes(name), bytes(value)) for name, value in given]
    names = {name.lower() for name, _ in there}
    said = {**headers.ALWAYS, **headers.UNLESS_SAID}.items()
    missing = ((name.lower().encode(), value.encode()) for name, value in said)
    return there + [(name, value) for name, value in missing if name not in names]


async def _refuse(send: Send, limit: int, asked: Iterable[tuple[bytes, bytes]]) -> None:
    """A person gets a page, another system a sentence in JSON."""
    if b"text/html" in _header(asked, b"accept"):
        kind, body = b"text/html; charset=utf-8", loader.render_to_string("413.html").encode()
    else:
        kind, body = b"application/json", json.dumps({"problems": [TOO_LARGE.format(limit=limit)]}).encode()
    given = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": given})
    await send({"type": "http.response.body", "body": body})
