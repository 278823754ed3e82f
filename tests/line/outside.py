"""Whoever is in contact from outside, over HTTP: what a telephone provider says for them, and the page of a chat.

Whoever asks while a process of ours is down asks again, as a provider and a browser do.
"""

from __future__ import annotations

import contextlib
import re
import time
import urllib.parse
import uuid
from collections.abc import Callable, Mapping

import httpx
from twilio.request_validator import RequestValidator

from tests.channels import peer

HOOK = "/line/providers/telephone"
PART = {"Nwd-Chat": "yes"}


def ask(act: Callable[[], httpx.Response]) -> httpx.Response:
    """Ask until it is answered with something else than a fault of ours."""
    while True:
        with contextlib.suppress(httpx.TransportError):
            answer = act()
            if answer.status_code < 500:
                return answer
        time.sleep(0.1)


def say(url: str, fields: Mapping[str, str], query: str = "") -> str:
    """Say something as the provider does, signed, until it is acknowledged, and return what a call does next."""
    address = f"{peer.ADDRESS}?{query}" if query else peer.ADDRESS
    signature = RequestValidator(peer.TOKEN).compute_signature(address, dict(fields))
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    at, body = f"{url}{HOOK}{f'?{query}' if query else ''}", urllib.parse.urlencode(fields)
    answer = ask(lambda: httpx.post(at, content=body, headers=headers, timeout=30))
    assert answer.status_code == 200, answer.status_code
    return answer.text


class Chat:
    """Somebody who chats. `number`: gives them an address of their own."""

    def __init__(self, url: str, number: int) -> None:
        headers = {"X-Forwarded-For": f"10.9.{number // 250}.{number % 250}", "Origin": url}
        self.client = httpx.Client(base_url=url, headers=headers, timeout=30)
        begin = re.search(r'name="chat" value="([^"]+)"', ask(lambda: self.client.get("/chat")).text)
        assert begin
        sent = {"do": "begin", "chat": begin[1]}
        assert ask(lambda: self.client.post("/chat", data=sent)).status_code == 303

    def write(self, words: str, *, times: int = 1) -> None:
        """Write something until it is kept, as often under the same key."""
        sent = {"do": "write", "words": words, "key": str(uuid.uuid4())}
        for _ in range(times):
            answer = ask(lambda: self.client.post("/chat", data=sent, headers=PART))
            assert answer.headers.get("Nwd-Chat") == "kept", answer.status_code

    def leave(self) -> None:
        """End it."""
        ask(lambda: self.client.post("/chat", data={"do": "end"}))
        self.client.close()
