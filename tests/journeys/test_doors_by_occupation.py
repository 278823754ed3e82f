"""Somebody at work types a short code from a card, on a telephone and without scripts: the page of their occupation
opens, says whom to call and what it does not replace, and leads on to the form. A colleague prints the card."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from nowrongdoor.core import country, country_words, doors
from tests import servers
from tests.journeys import looking

pytestmark = pytest.mark.journey
INSTALLED = doors.installed().each
OVER = "document.documentElement.scrollWidth - innerWidth"
SIZES = ((1280, 900), (320, 800), (390, 844))  # the last is the one that axe looks at


def scanned(page: Page) -> list[str]:
    """What a telephone reads off the screen."""
    with Image.open(io.BytesIO(page.screenshot(full_page=True))) as picture:
        return [each.text for each in zxingcpp.read_barcodes(picture.convert("L"))]


def test_every_door_opens_on_a_telephone_and_is_whole(live: servers.Web, browser: Browser) -> None:
    context = browser.new_context(base_url=f"http://localhost:{live.port}", locale="en-US")
    context.route("**/*.js", lambda route: route.abort())  # axe is a script; those of the pages are kept out
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    watched = looking.Watched(page)
    wrong: list[str] = []
    paths = [reverse("doors")]
    paths += [reverse(name, args=[door.code]) for door in INSTALLED for name in ("door", "door_card")]
    paths += [reverse("door", args=["HWT542"])]  # one wrong sign
    for path in paths:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            if (over := page.evaluate(OVER)) > 0:
                wrong.append(f"{path} {width}: {over} px too wide")
            looking._picture(page, f"occupation {path}", str(width))
        if path.endswith("/card"):
            assert scanned(page) == [f"http://localhost:{live.port}{path.removesuffix('/card')}"]
        page.evaluate(AXE_SCRIPT)
        wrong += [f"{path}: {each}" for each in page.evaluate(looking.AXE, looking.WCAG)]
    assert wrong == []
    assert watched.strangers(page) == set()
    assert context.cookies() == []


def test_somebody_with_a_card_reaches_the_page_of_their_work(live: servers.Web, browser: Browser) -> None:
    context = browser.new_context(
        base_url=f"http://localhost:{live.port}", java_script_enabled=False, locale="en-US",
        viewport={"width": 390, "height": 844},
    )  # fmt: skip
    page = context.new_page()
    door = INSTALLED[0]
    page.goto("/d/hwt-542")  # one wrong digit
    expect(page.get_by_role("heading", level=1)).to_have_text("This code isn’t right")
    page.get_by_role("link", name=door.name).click()
    expect(page).to_have_url(re.compile(f"/d/{door.code}$"))
    expect(page).to_have_title(f"{door.name} | No Wrong Door")
    number = country.installed().emergency
    expect(page.get_by_role("main").locator(f'a[href="tel:{number}"]')).to_be_in_viewport()
    expect(page.get_by_role("main").locator('a[href="tel:+18663472423"]')).to_be_visible()
    expect(page.get_by_text("This does not replace your report to your carrier")).to_be_visible()
    expect(page.get_by_text("give that to your carrier for its log")).to_be_visible()
    on = page.get_by_role("link", name="Write what you saw")
    expect(on).to_have_attribute("href", f"/tell?d={door.code}")
    page.goto("/d/hwt 543")
    expect(page).to_have_url(re.compile(f"/d/{door.code}$"))
    page.get_by_role("link", name="Print a card for your colleagues").click()
    expect(page.get_by_role("img", name=f"QR code that leads to localhost:{live.port}/d/{door.code}")).to_be_visible()
    expect(page.locator(".door-card .short")).to_have_text(f"localhost:{live.port}/d/{door.code}")
    page.get_by_role("link", name="Back to the page").click()
    page.get_by_role("link", name="Other occupations").click()
    expect(page.locator(".doors li")).to_have_count(len(INSTALLED))
    assert context.cookies() == []


def go_on(page: Page, do: str = "next") -> None:
    page.locator(f'button[name="do"][value="{do}"]').click()


def at_the_question(page: Page) -> str:
    return page.locator('input[name="at"]').get_attribute("value") or ""


@pytest.mark.parametrize("number", range(len(INSTALLED)), ids=[door.id for door in INSTALLED])
def test_each_door_leads_through_its_own_form_to_a_receipt_each_in_another_language(
    live: servers.Web, browser: Browser, number: int
) -> None:
    door, codes = INSTALLED[number], country_words.offered_to_public()
    code = codes[number % len(codes)]
    context = browser.new_context(
        base_url=f"http://localhost:{live.port}", java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto(f"/d/{door.code}?in={code}")
    page.locator(f'main a[href*="d={door.code}"]').click()
    page.locator(f'input[name="stance"][value="{door.stance.value}"]').check()
    go_on(page)
    if at_the_question(page) == "job":
        page.locator('input[name="job"][value="government"]').check()
        go_on(page)
    assert at_the_question(page) == f"details-{door.code}"
    assert page.locator("html").get_attribute("dir") == ("rtl" if code == "ar" else "ltr")
    for size in SIZES:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        looking._picture(page, f"occupation details {door.id} {code}", str(size[0]))
        assert page.locator("main").evaluate("main => main.scrollWidth <= innerWidth")
    for ask in door.asks:
        page.locator(f'input[name="detail_{ask.id}"]').fill(f"{ask.id} 12")
    go_on(page)
    while at_the_question(page) != "check":
        go_on(page, "skip")
    looking._picture(page, f"occupation check {door.id} {code}", "390")
    for ask in door.asks:
        expect(page.locator("main")).to_contain_text(f"{ask.id} 12")
    go_on(page, "send")
    assert len((page.locator(".receipt-words").text_content() or "").split()) in (5, 8)  # words, or groups of digits
    assert context.cookies() == []


def test_on_paper_a_card_is_the_card_and_nothing_in_its_way(live: servers.Web, browser: Browser) -> None:
    page = browser.new_context(base_url=f"http://localhost:{live.port}", locale="en-US").new_page()
    page.goto(reverse("door_card", args=[INSTALLED[0].code]))
    page.emulate_media(media="print")
    expect(page.locator(".door-card")).to_be_visible()
    for gone in (page.get_by_role("link", name="Leave this page"), page.get_by_text("cut out the card"),
                 page.get_by_role("contentinfo")):  # fmt: skip
        expect(gone).to_be_hidden()
    assert scanned(page) == [f"http://localhost:{live.port}/d/{INSTALLED[0].code}"]
    looking._picture(page, "occupation card on paper", "print")
