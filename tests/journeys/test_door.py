"""Somebody writes to us from a borrowed phone, in the browser: each screen is whole at every width and from right to
left, works without scripts, sets no cookie, and is left in an instant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import servers
from tests.journeys import looking

pytestmark = pytest.mark.journey
Open = Callable[..., BrowserContext]
WIDTHS = (1280, 390)


@pytest.fixture
def visit(live: servers.Web, browser: Browser) -> Iterator[Open]:
    """Opens a browser as a visitor, without scripts unless asked for."""
    opened: list[BrowserContext] = []

    def somebody(locale: str = "en-US", *, scripts: bool = False) -> BrowserContext:
        context = browser.new_context(
            base_url=f"http://localhost:{live.port}", locale=locale, java_script_enabled=scripts
        )
        opened.append(context)
        return context

    yield somebody
    for each in opened:
        each.close()


def go_on(page: Page, heading: str) -> None:
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_a_person_writes_and_comes_back_and_every_screen_is_whole(visit: Open) -> None:
    page = visit(scripts=True).new_page()
    watched = looking.Watched(page)
    wrong: list[str] = []

    def look(name: str) -> None:
        watched.forget_answers()
        wrong.extend(looking.look(page, watched, name=f"door {name}"))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            looking._picture(page, f"door {name}", str(width))

    page.goto("/tell")
    look("who")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title(re.compile("^Error: Contact us"))
    look("who-wrong")
    page.get_by_label("I need help").check()
    go_on(page, "What’s happening?")
    look("what")
    page.get_by_label("In your own words").fill("They keep my passport. " * 20)
    go_on(page, "Where is it?")
    page.get_by_label("Town, county, or ZIP code").fill("Springfield")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("where-wrong")
    page.get_by_label("Town, county, or ZIP code").fill("Elko, NV")
    go_on(page, "How urgent is it?")
    look("urgency")
    page.get_by_label("Not right now").check()
    go_on(page, "What do you want to happen?")
    look("wish")
    page.get_by_label("I want to report it").check()
    go_on(page, "Do you want the police to be told?")
    look("agency")
    page.get_by_label("Yes", exact=True).check()
    go_on(page, "Do you want the FBI to be told?")
    page.get_by_role("button", name="Skip this question").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("enforces immigration law")
    look("immigration")
    page.get_by_label("No", exact=True).check()
    go_on(page, "Is it safe to contact you?")
    look("reach")
    page.get_by_label("Yes, it’s safe to contact me").check()
    go_on(page, "How can we reach you?")
    page.get_by_label("What number, or what other way?").fill("555 0100")
    page.get_by_role("button", name="Continue").click()
    look("how-wrong")
    page.get_by_label("For how long is it safe?").select_option("A week")
    go_on(page, "A question that only you can answer")
    look("safety")
    page.get_by_label("Your question").fill("What did I call my first bike?")
    page.get_by_label("Your answer").fill("Blitz")
    go_on(page, "Check your answers")
    look("check")
    page.get_by_role("button", name="Save and finish later").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Saved")
    look("saved")
    receipt = page.locator(".receipt-words").inner_text()
    page.goto("/tell/resume")
    page.get_by_label("Your receipt").fill("nothing at all")
    page.get_by_role("button", name="Continue").click()
    look("resume-wrong")
    page.get_by_label("Your receipt").fill(receipt)
    go_on(page, "Check your answers")
    page.get_by_role("button", name=re.compile("^Change, Do you want the FBI|^Change ?, Do you want the FBI")).click()
    page.get_by_label("Yes", exact=True).check()
    go_on(page, "Check your answers")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We got it. Thank you.")
    look("sent")
    assert page.locator(".receipt-words").inner_text() == receipt
    page.get_by_role("link", name="Open your mailbox").click()
    look("closed")
    page.get_by_role("textbox", name="Your receipt").fill(receipt.upper())
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your mailbox")
    look("mailbox")
    page.get_by_role("button", name="Send message").click()
    look("mailbox-wrong")
    page.get_by_label("Your message").fill("Please write back here.")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("status")).to_contain_text("Sent.")
    look("mailbox-written")
    assert wrong == []
    assert page.context.cookies() == []
