"""The living page of components in the browser: every state, light, dark and in forced colors, at every width, both
directions of writing, by keyboard and by touch; and what a page says before its session ends."""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nowrongdoor.access import guards, idle, row_security, sessions
from nowrongdoor.agencies.models import User
from tests import servers
from tests.journeys import looking
from tests.leads import stories

pytestmark = pytest.mark.journey
WIDTHS = (320, 390, 1280)


@pytest.fixture
def session_key(live: servers.Web) -> str:
    """A session of somebody who passed both steps."""
    with row_security.system():
        person = User.objects.get(id=str(stories.person("HOTLINE").user_id))
        client = Client()
        client.force_login(person)
        session = client.session
        steps = [{"method": "password", "at": time.time()}, {"method": "mfa", "at": time.time()}]
        session[guards.STEPS], session[f"{guards.STEPS}_user"] = steps, str(person.id)
        session.save()
    connection.close()
    assert session.session_key
    return str(session.session_key)


@pytest.fixture
def context(live: servers.Web, browser: Browser, session_key: str) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=f"http://localhost:{live.port}", reduced_motion="reduce", has_touch=True)
    enter(opened, live, session_key)
    yield opened
    opened.close()


def enter(context: BrowserContext, live: servers.Web, session_key: str) -> None:
    address = f"http://localhost:{live.port}"
    context.add_cookies([{"name": "sessionid", "value": session_key, "url": address}])


def wrong_with(page: Page) -> list[str]:
    page.evaluate(AXE_SCRIPT)
    found = [str(each) for each in page.evaluate(looking.AXE, looking.WCAG)]
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, f"{over} px too wide"] if over > 0 else found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("look", ["light", "dark", "forced", "rtl"])
def test_every_component_is_whole_in_every_look_at_every_width(context: BrowserContext, look: str, width: int) -> None:
    page = context.new_page()
    watched = looking.Watched(page)
    page.emulate_media(
        color_scheme="dark" if look == "dark" else "light", forced_colors="active" if look == "forced" else "none"
    )
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/components")
    if look == "rtl":
        page.evaluate("document.documentElement.dir = 'rtl'")
    assert wrong_with(page) == []
    assert watched.complaints == []
    looking._picture(page, f"components-{look}", str(width))


def test_dark_is_dark_and_paper_is_light(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/components")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(ground) == "rgb(27, 27, 27)"
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    expect(page.locator(".print-header")).to_be_visible()
    expect(page.locator(".print-header")).to_contain_text("CUI//SP-PRVCY")
    expect(page.locator(".print-header")).to_contain_text("Printed by Pat")
    expect(page.get_by_role("navigation", name="On this page")).to_be_hidden()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_the_first_wrong_field_has_the_focus_and_the_summary_leads_to_each(
    live: servers.Web,
    browser: Browser,
    session_key: str,
    has_scripts: bool,  # noqa: FBT001
) -> None:
    context = browser.new_context(base_url=f"http://localhost:{live.port}", java_script_enabled=has_scripts)
    enter(context, live, session_key)
    page = context.new_page()
    page.goto("/components")
    expect(page.locator("#wrong_wrong-name")).to_be_focused()
    summary = page.get_by_role("alert").filter(has_text="There’s a problem")
    link = summary.get_by_role("link", name=re.compile("Until when"))
    link.press("Enter")
    expect(page.locator("#wrong_wrong-until")).to_be_focused()
    expect(page.locator("#wrong_wrong-until")).to_have_accessible_description(re.compile("A year at most.*required"))
    context.close()


def test_a_tag_explains_itself_by_keyboard_and_by_touch(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/components")
    explanation = page.get_by_text("general knowledge that nobody has checked yet")
    expect(explanation).to_be_hidden()
    tag = page.locator("#tags").locator("..").get_by_role("button", name="unverified")
    tag.press("Enter")
    expect(explanation).to_be_visible()
    page.keyboard.press("Escape")
    expect(explanation).to_be_hidden()
    tag.tap()
    expect(explanation).to_be_visible()


def test_a_table_is_blocks_on_a_phone_and_says_each_column(context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto("/components")
    cells = page.get_by_role("table", name="Notifications").get_by_role("cell")
    shown = cells.evaluate_all("(all) => all.map((each) => getComputedStyle(each, '::before').content)")
    assert shown == ['"What"', '"Cases"', '"Due"'] * 2
    boxes = [each.bounding_box() for each in cells.all()[:2]]
    assert boxes[0]
    assert boxes[1]
    assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"]


def test_in_page_navigation_leads_without_scripts(live: servers.Web, browser: Browser, session_key: str) -> None:
    context = browser.new_context(base_url=f"http://localhost:{live.port}", java_script_enabled=False)
    enter(context, live, session_key)
    page = context.new_page()
    page.goto("/components")
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="Tables and lists").click()
    assert page.url.endswith("#tables")
    expect(page.locator("#tables")).to_be_in_viewport()
    context.close()


# --- before a session ends ---


def clicked(session_key: str, ago: datetime.timedelta) -> None:
    """Move the last click of a session back."""
    session = sessions.SessionStore(session_key)
    session[idle.SEEN] = int(time.time() - ago.total_seconds())
    session.save()
    connection.close()


def typing(context: BrowserContext) -> Page:
    """Open a form and write in it, on a computer whose clock can be moved on. What was typed is saved: that counts as a
    click, so none is left that could count later."""
    page = context.new_page()
    page.clock.install()
    page.goto("/signals/new")
    page.get_by_label("What happened, in their words?").fill("She said she can’t leave.")
    expect(page.locator("#draft")).to_contain_text("Draft saved")
    return page


MINUTES = 60 * 1000


def test_five_minutes_before_its_end_a_session_says_so_and_one_press_keeps_it(
    context: BrowserContext, session_key: str
) -> None:
    page = typing(context)
    warning = page.get_by_role("dialog", name="Do you want to stay signed in?")
    page.clock.fast_forward(23 * MINUTES)
    expect(warning).to_be_hidden()
    clicked(session_key, datetime.timedelta(minutes=25, seconds=10))
    page.clock.fast_forward(2 * MINUTES)
    expect(warning).to_be_visible()
    expect(warning).to_contain_text(re.compile(r"signed out at \d+:\d\d"))
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(looking.AXE, looking.WCAG) == []
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    expect(page.get_by_label("What happened, in their words?")).to_be_focused()
    expect(page.get_by_label("What happened, in their words?")).to_have_value("She said she can’t leave.")
    assert idle.ends_at(sessions.SessionStore(session_key)) > time.time() + 29 * 60
    connection.close()


def test_before_the_last_end_of_a_session_it_says_so_and_offers_no_way_to_stay(
    context: BrowserContext, session_key: str
) -> None:
    page = typing(context)
    session = sessions.SessionStore(session_key)
    session[idle.BEGAN] = int(time.time() - idle.LONGEST + 120)
    session.save()
    connection.close()
    page.clock.fast_forward(25 * MINUTES)
    warning = page.get_by_role("dialog")
    expect(warning).to_contain_text(re.compile(r"signed out at \d+:\d\d"))
    expect(warning.get_by_role("heading", name="Your session ends soon")).to_be_visible()
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(looking.AXE, looking.WCAG) == []
    page.keyboard.press("Enter")
    expect(warning).to_be_hidden()
    expect(page.get_by_label("What happened, in their words?")).to_have_value("She said she can’t leave.")


def test_a_click_in_another_tab_counts(context: BrowserContext, session_key: str) -> None:
    page = typing(context)
    clicked(session_key, datetime.timedelta(minutes=3))
    with page.expect_response(re.compile("/session")) as asked:
        page.clock.fast_forward(25 * MINUTES)
    assert asked.value.status == 200
    expect(page.get_by_role("dialog")).to_be_hidden()
    left = idle.ends_at(sessions.SessionStore(session_key)) - time.time()
    connection.close()
    assert left < 27.5 * 60  # what the page asked by itself was no click


def test_a_session_that_is_over_says_so_and_what_was_typed_can_still_be_sent(
    context: BrowserContext, live: servers.Web, session_key: str
) -> None:
    page = typing(context)
    sessions.SessionStore(session_key).delete()
    connection.close()
    page.clock.fast_forward(31 * MINUTES)
    over = page.get_by_role("dialog")
    expect(over).to_contain_text("You’re signed out")
    expect(over).to_contain_text("What you entered is still on this page")
    expect(over.get_by_role("link", name="Sign in (opens a new tab)")).to_be_focused()
    over.get_by_role("button", name="Close").click()
    expect(page.get_by_label("What happened, in their words?")).to_have_value("She said she can’t leave.")
    page.get_by_label("Phone call").check()
    page.get_by_role("button", name="Save and see who leads").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re signed out, and this wasn’t saved")
    expect(page.get_by_label("What happened")).to_have_value("She said she can’t leave.")
