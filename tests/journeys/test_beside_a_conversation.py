"""An advocate answers a chat by keyboard alone, with all that stands beside it, while whoever chats sees their side."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from nowrongdoor.access import viewers
from nowrongdoor.line import channels, plan
from tests import servers
from tests.journeys import looking
from tests.journeys.test_by_keyboard import reach
from tests.journeys.test_on_the_screen import Somebody
from tests.line import floors

pytestmark = pytest.mark.journey
WIDTHS = (1280, 390)
TABS = 150  # the form beside the conversation has a hundred


@pytest.fixture
def house(committed_db: None, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[servers.Web]:
    """A web server of each test's own, with lines."""
    floors.install(tmp_path, monkeypatch)
    with servers.Web(NWD_DEMONSTRATION="1") as web:
        web.wait_until_answering(120)
        yield web
    plan.installed.cache_clear()
    channels.of_provider.cache_clear()


@pytest.fixture
def closing() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


def advocate(house: servers.Web, browser: Browser, closing: contextlib.ExitStack, **more: bool) -> Somebody:
    """Somebody on shift who takes nothing by itself, signed in."""
    person: viewers.Viewer = floors.on_shift(ready=False)
    connection.close()
    found = Somebody(browser, house, person, **more)
    closing.callback(found.context.close)
    return found


def visitor(house: servers.Web, browser: Browser, closing: contextlib.ExitStack, **more: bool | str) -> Page:
    """Somebody who begins a chat, in Spanish unless said otherwise."""
    given = {"locale": "es-MX", **more}
    context = browser.new_context(base_url=f"http://localhost:{house.port}", **given)  # type: ignore[arg-type]
    closing.callback(context.close)
    page = context.new_page()
    page.goto("/chat")
    page.locator("#begin button").click()
    expect(page.locator("#end button")).to_be_visible()
    return page


def pictured(page: Page, name: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        looking._picture(page, f"console {name}", str(width))
    page.set_viewport_size(looking.WIDE)  # type: ignore[arg-type]


def press(page: Page, name: str) -> None:
    reach(page, name, tabs=TABS)
    page.keyboard.press("Enter")


def go(page: Page, name: str) -> None:
    """Presses what leads to another page, and waits for it."""
    reach(page, name, tabs=TABS)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_chat_is_answered_written_in_handed_on_and_ended_by_keyboard_alone(
    house: servers.Web, browser: Browser, closing: contextlib.ExitStack
) -> None:
    ada, they = advocate(house, browser, closing), visitor(house, browser, closing)
    page, log = ada.page, they.get_by_role("log")
    page.goto("/line")
    go(page, "Web chat")
    go(page, "Answer")
    expect(page.get_by_role("heading", name="Write to them")).to_be_visible()
    reach(page, "Your message", tabs=TABS)
    page.keyboard.type("Buenas noches.")
    go(page, "Send")
    expect(log).to_contain_text("Buenas noches.")
    # A saved reply goes into the message, after what is typed, and is sent from there.
    reach(page, "Your message", tabs=TABS)
    page.keyboard.type("Buenas.")
    press(page, "Saved replies")
    reach(page, "Hola. Soy una persona", tabs=TABS)
    page.keyboard.press("ArrowDown")
    ada.look("console-replies")
    pictured(page, "replies")
    go(page, "Put it in the message")
    box = page.get_by_label("Your message")
    expect(box).to_be_focused()
    expect(box).to_have_value("Buenas.\n¿Puede escribir ahora con seguridad?")
    go(page, "Send")
    expect(log).to_contain_text("¿Puede escribir ahora con seguridad?")
    # Sent as it is, what is typed stays.
    reach(page, "Your message", tabs=TABS)
    page.keyboard.type("half a")
    press(page, "Saved replies")
    go(page, "Send it as it is")
    expect(page.get_by_text("Choose a reply.").first).to_be_visible()
    reach(page, "Hola. Soy una persona", tabs=TABS)
    page.keyboard.press("Space")
    go(page, "Send it as it is")
    expect(log).to_contain_text("Hola. Soy una persona")
    expect(page.get_by_label("Your message")).to_have_value("half a")
    page.reload()
    # Somebody is with them: one press here, and one press there.
    go(page, "Somebody is with them")
    expect(page.get_by_text("Only yes or no is asked")).to_be_visible()
    expect(log).to_contain_text("Responda solo sí o no.")
    pictured(they, "theirs")
    given: list[str] = []
    for answer in ("Sí", "No", "Sí"):
        they.get_by_role("button", name=answer, exact=True).click()
        given.append(answer)
        expect(log.locator(".is-own .words")).to_have_text(given)
    page.reload()
    expect(page.locator("#live .words")).to_contain_text(["Sí", "No", "Sí", "Responda solo sí o no."])  # newest first
    expect(page.locator("#live").get_by_text("Yes", exact=True)).to_have_count(2)
    go(page, "Send: “You can write in your own words again.”")
    expect(log).to_contain_text("Ya puede escribir otra vez")
    expect(they.get_by_role("button", name="Sí")).to_have_count(0)
    # An interpreter, with the wait.
    press(page, "Interpreter or relay")
    go(page, "I’m waiting for them")
    expect(page.get_by_text("waiting 0 minutes for an interpreter or relay: Español")).to_be_visible()
    ada.look("console-waiting")
    go(page, "The interpreter or relay is here")
    expect(page.get_by_text("after 0 minutes")).to_be_visible()
    # What to say, and whom to hand them on to.
    press(page, "What to say")
    press(page, "Safety first")
    press(page, "Hand them on")
    expect(page.get_by_role("link", name="988", exact=True)).to_have_attribute("href", "tel:988")
    ada.look("console-hand-on")
    pictured(page, "hand-on")
    reach(page, "Handed on to", tabs=TABS)
    page.keyboard.type("988")
    reach(page, "Who took them over?", tabs=TABS)
    page.keyboard.type("Rosa")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Noted who took them over.")).to_be_visible()
    part = page.get_by_role("listitem").filter(has_text="handed on to")
    expect(part).to_contain_text("988 Suicide & Crisis Lifeline: Rosa")
    press(page, "End this contact")
    go(page, "End this contact")
    expect(page.get_by_text("This contact is over.")).to_be_visible()
    expect(log).to_contain_text("Este chat terminó")


def test_without_a_script_replies_are_picked_and_one_press_answers(
    house: servers.Web, browser: Browser, closing: contextlib.ExitStack
) -> None:
    ada = advocate(house, browser, closing, java_script_enabled=False)
    they = visitor(house, browser, closing, locale="en-US", java_script_enabled=False)
    page = ada.page
    page.goto("/line")
    page.get_by_role("link", name="Web chat").click()
    page.get_by_role("button", name="Answer").click()
    page.get_by_text("Saved replies", exact=True).first.click()
    page.get_by_label("Is another time better?").check()
    page.get_by_role("button", name="Put it in the message").click()
    expect(page.get_by_label("Your message")).to_have_value("Is another time better?")
    page.get_by_role("button", name="Somebody is with them").click()
    inner = they.frame_locator("iframe")
    expect(inner.get_by_text("Answer only yes or no.")).to_be_visible(timeout=15_000)
    pictured(they, "theirs-no-script")
    inner.get_by_role("button", name="Stop").click()
    expect(they.get_by_role("heading", level=1)).to_have_text("Chat")
    expect(inner.locator(".is-own .words")).to_have_text("Stop")
    expect(inner.get_by_role("button", name="Yes")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Only yes or no is asked")).to_have_count(0)
