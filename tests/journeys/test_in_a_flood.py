"""Somebody writes while their address floods us, in the browser: with a script they do nothing, and without one they
wait and press a button."""

from __future__ import annotations

import contextlib
import itertools
import re
import time
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from nowrongdoor.access import limits
from nowrongdoor.access.limits import Budget
from tests import servers
from tests.journeys import looking

pytestmark = pytest.mark.journey
TYPED = "They keep the passports of the cooks.\n中文 <b>"


def flood() -> None:
    """Spend what this machine’s address has for the next minute, as a flood that goes on does."""
    with contextlib.suppress(limits.TooMany):
        later = timezone.now() + limits.MARGIN  # further ahead no instant counts
        for _ in itertools.count():
            limits.spend(Budget.PUBLIC_FORM, "127.0.0.1", at=later, times=10)


@pytest.fixture
def live(committed_db: None) -> Iterator[servers.Web]:
    """A web server of each test's own: a process keeps in mind for a while whom it asks."""
    with servers.Web(NWD_DEMONSTRATION="1") as web:
        web.wait_until_answering(120)
        yield web


def come_to_the_words(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("I saw or heard something").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("In your own words").fill(TYPED)
    flood()


def test_with_a_script_the_form_goes_on_by_itself_with_every_word(live: servers.Web, browser: Browser) -> None:
    context = browser.new_context(base_url=live.url, locale="en-US")
    page = context.new_page()
    watched = looking.Watched(page)
    come_to_the_words(page, "/tell")
    held: list[Route] = []

    def hold(route: Route) -> None:
        """Hold back what the page sends by itself, so that it is seen before, however busy the machine is."""
        if "ticket=" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/*", hold)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("status")).to_have_text(
        "This page sends it for you in a few seconds. You don’t need to do anything."
    )
    page.unroute("**/*")
    for route in held:
        route.continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("Where is it?", timeout=30_000)
    page.get_by_role("button", name="Back").click()  # nobody is asked twice
    expect(page.get_by_label("In your own words")).to_have_value(TYPED)
    assert watched.complaints == []
    assert context.cookies() == []
    context.close()


def test_the_page_that_asks_is_whole_by_every_width_and_for_a_screen_reader(
    live: servers.Web, browser: Browser
) -> None:
    context = browser.new_context(base_url=live.url, locale="en-US")
    page = context.new_page()
    watched = looking.Watched(page)
    page.route("**/prove.js", lambda route: route.fulfill(body="", content_type="text/javascript"))  # it would go on
    come_to_the_words(page, "/tell")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Please wait a moment")
    assert looking.look(page, watched, name="flood") == []
    context.close()


def test_without_a_script_they_wait_and_press_a_button_and_the_page_is_whole(
    live: servers.Web, browser: Browser
) -> None:
    context = browser.new_context(base_url=live.url, locale="en-US", java_script_enabled=False)
    page = context.new_page()
    come_to_the_words(page, "/tell")
    page.get_by_role("button", name="Continue").click()
    asked_at = time.monotonic()
    expect(page.get_by_role("heading", level=1)).to_have_text("Please wait a moment")
    assert page.locator("#wait-status").inner_text() == ""
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#wait-by-hand")).to_contain_text(re.compile(r"Not quite yet. Wait \d+ more seconds"))
    time.sleep(max(0, 21 - (time.monotonic() - asked_at)))
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Where is it?")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("In your own words")).to_have_value(TYPED)
    context.close()
