"""What every page owes to whoever opens it, looked at in the browser: one list of checks for all journeys."""

from __future__ import annotations

import os
import pathlib
import re
import urllib.parse

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import ConsoleMessage, Page, Request

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = """async (tags) => (await axe.run({runOnly: tags, resultTypes: ["violations"]})).violations.map(
    (each) => `${each.id}: ${each.nodes[0].html}`)"""
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 800}
# A folder for pictures of everything that is looked at, for somebody to look at too. None are taken without it.
PICTURES = os.environ.get("NWD_PICTURES", "")
# Tables of words stack on a telephone; a grid of figures or a picture may scroll.
SIDEWAYS = """() => [...document.querySelectorAll("main table")].filter((each) => !each.closest(".figures, .picture")
    && [each, each.parentElement].some((box) => box.scrollWidth > box.clientWidth + 1)).map((each) => each.innerText)"""
FOCUSED = """() => {
    const on = document.activeElement, box = on.getBoundingClientRect(), style = getComputedStyle(on);
    return {
        name: on.textContent.trim(), ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        seen: box.width > 1 && box.height > 1 && box.top >= 0 && box.left >= 0 && box.right <= innerWidth
    };
}"""


class Watched:
    """What the browser says while a page is open: complaints on its console, and whom it asks for what."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.asked: set[str] = set()
        self._given_up = 0  # requests of a part of a page that was left before they were answered
        page.emulate_media(reduced_motion="reduce")  # nothing has to be waited for
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._sent)
        page.on("requestfailed", self._failed)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _sent(self, request: Request) -> None:
        self.asked.add(urllib.parse.urlsplit(request.url).netloc)

    def _failed(self, request: Request) -> None:
        if request.failure == "net::ERR_ABORTED" and "hx-request" in request.headers:
            self._given_up += 1

    def forget_left(self) -> None:
        """Where a page was left while a part of it was on its way, htmx says twice that it was given up."""
        for each in ("htmx:afterRequest", "htmx:sendError", "htmx:sendAbort"):
            for _ in range(self._given_up):
                if said := next((complaint for complaint in self.complaints if complaint.startswith(each)), None):
                    self.complaints.remove(said)
        self._given_up = 0

    def forget_answers(self) -> None:
        """Where a page's own answer is an error, as it should be, the browser says so too."""
        self.complaints = [each for each in self.complaints if not each.startswith("Failed to load resource")]

    def strangers(self, page: Page) -> set[str]:
        """Hosts other than the page's own. What is written in the page itself (`data:`) has no host."""
        return self.asked - {urllib.parse.urlsplit(page.url).netloc, ""}


DOUBLED = """() => [...document.querySelectorAll("[id]")].map((each) => each.id)
  .filter((id, at, ids) => ids.indexOf(id) !== at)"""


def look(page: Page, watched: Watched, *, name: str = "", skip: str = "Skip to main content") -> list[str]:
    """List what is wrong with the page that is open, at both widths and from right to left. `skip`: what the first link
    says in the page's language."""
    name = name or urllib.parse.urlsplit(page.url).path
    watched.forget_left()
    wrong = [f"console: {each}" for each in watched.complaints] + [f"asks {each}" for each in watched.strangers(page)]
    watched.complaints.clear()
    watched.asked.clear()
    page.locator("h1").first.wait_for()
    page.evaluate(AXE_SCRIPT)
    wrong += [f"two things have the id {each!r}" for each in page.evaluate(DOUBLED)]
    if (count := page.locator("h1").count()) != 1:
        wrong.append(f"{count} headings of the first level")
    for width, size in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        wrong += [f"{width}: {each}" for each in page.evaluate(AXE, WCAG)]
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            wrong.append(f"{width}: {over} px too wide")
        if width == "narrow":
            wrong += [f"a table scrolls sideways: {each[:60]}" for each in page.evaluate(SIDEWAYS)]
        _picture(page, name, width)
    page.evaluate("document.documentElement.dir = 'rtl'")
    if (over := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        wrong.append(f"narrow, from right to left: {over} px too wide")
    _picture(page, name, "rtl")
    page.evaluate("document.documentElement.dir = 'ltr'")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    return [f"{name}: {each}" for each in wrong + _first_tab(page, skip)]


def _first_tab(page: Page, skip: str) -> list[str]:
    """From the top of the page, or from the field that is ready for typing, where the page has one."""
    ready = page.evaluate("document.activeElement !== document.body")
    page.keyboard.press("Tab")
    focused = page.evaluate(FOCUSED)
    if not focused["seen"] or not focused["ring"]:
        return [f"the focus after one Tab cannot be seen: {focused}"]
    if not ready and focused["name"] != skip:
        return [f"the first Tab leads to {focused['name']!r}"]
    return []


def _picture(page: Page, name: str, width: str) -> None:
    if PICTURES:
        folder = pathlib.Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        file = re.sub(r"\W+", "-", name).strip("-") or "start"
        page.screenshot(path=folder / f"{file}-{width}.png", full_page=True)
