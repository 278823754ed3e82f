"""Somebody who writes to us through the public pages, without a script: what a page holds is what the next one gets."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from django.test import Client

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class Visitor:
    """A browser on the public pages. `page`: the newest answer."""

    def __init__(self, path: str = "/tell", **headers: str) -> None:
        self.client = Client(headers=headers)
        self.page: Any = self.client.get(path)

    def send(self, path: str = "/tell", **typed: str) -> Any:
        """Send the page's form with what was typed. A field that the test names stands for the page's own."""
        self.page = self.client.post(path, {**self.hidden, **typed}, headers={"origin": "http://testserver"})
        return self.page

    def answer(self, **typed: str) -> Any:
        """Answer a question and go on."""
        return self.send(do="next", **typed)

    @property
    def hidden(self) -> Mapping[str, str]:
        """Return what the form of the page carries: of several, the first form's."""
        form = self.page.content.decode().partition('id="screen"')[2].partition("</form>")[0]
        return {name: html.unescape(value) for name, value in HIDDEN.findall(form)}

    @property
    def at(self) -> str:
        """Return the name of the question that the page asks."""
        return self.hidden.get("at", "")

    @property
    def words(self) -> str:
        """Return what the page says, without its tags."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.page.content.decode())).split())

    @property
    def receipt(self) -> str:
        """Return the receipt that the page shows."""
        found = re.search(r'class="receipt-words[^"]*"[^>]*>([^<]*)<', self.page.content.decode())
        return html.unescape(found[1]) if found else ""
