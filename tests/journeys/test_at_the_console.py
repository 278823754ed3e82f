"""Beside a conversation somebody writes down what they hear: no letter older than five seconds is lost to a browser, a
web process, a worker, a database or a session that ends; and what is not kept yet is in the page's memory alone."""

from __future__ import annotations

import contextlib
import pathlib
import time
import uuid
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core.line import Medium
from nowrongdoor.line import channels, models, plan, writing
from nowrongdoor.signals import drafts
from tests import servers
from tests.journeys.test_on_the_screen import Somebody
from tests.line import floors

pytestmark = pytest.mark.journey
OLD = 5.0  # seconds
ANEW = "htmx.trigger(document.getElementById('live'), 'changed')"
KEPT = "[localStorage.length, sessionStorage.length, document.cookie]"
DATABASES = "async () => [(await indexedDB.databases()).length, 'caches' in window ? (await caches.keys()).length : 0]"


@pytest.fixture
def closing() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def house(committed_db: None, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[servers.Web]:
    """A web server of each test's own, with lines."""
    floors.install(tmp_path, monkeypatch)
    with servers.Web(NWD_DEMONSTRATION="1") as web:
        web.wait_until_answering(120)
        yield web
    plan.installed.cache_clear()
    channels.of_provider.cache_clear()


class Desk:
    """An advocate who has one text on their screen, and types beside it."""

    def __init__(self, browser: Browser, web: servers.Web, closing: contextlib.ExitStack) -> None:
        self._browser, self._web, self._closing = browser, web, closing
        self.viewer = floors.on_shift()
        wrote = floors.event(Kind.WROTE, "a", medium=Medium.TEXT, call="pair", words="Can you help me?")
        self.contact: models.Contact = floors.take(wrote)
        connection.close()
        self.count = 0
        self.open()

    def open(self) -> None:
        """Open the contact in a browser that remembers nothing."""
        self.somebody = Somebody(self._browser, self._web, self.viewer)
        self._closing.callback(self.somebody.context.close)
        self.page: Page = self.somebody.page
        self.page.goto(f"/line/contacts/{self.contact.id}")

    @property
    def words(self) -> str:
        """What stands in the form on the screen."""
        return self.page.get_by_label("What happened, in their words?").input_value()

    def type(self, seconds: float, *, checked: bool = True) -> None:
        """Type without a pause; nothing that is older than five seconds may be missing at any moment."""
        field = self.page.get_by_label("What happened, in their words?")
        field.focus()
        field.press("Control+End")  # "End" alone is that of a line
        typed: list[tuple[float, str]] = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.count += 1
            self.page.keyboard.type(f"{self.count} ", delay=60)
            typed.append((time.monotonic(), f"{self.count}"))
            if checked and self.count % 4 == 0:
                old = [word for at, word in typed if at < time.monotonic() - OLD]
                assert set(old) <= set(self.kept().split()), "a letter that is older than five seconds is not kept"

    def kept(self) -> str:
        """What is kept as their draft."""
        assert self.viewer.user_id
        with contextlib.suppress(drafts.NoSuchDraft):
            draft_id = uuid.uuid5(self.contact.id, self.viewer.user_id.hex)
            opened = drafts.open_again(draft_id, by=self.viewer, at=timezone.now())
            return opened.fields.get("narrative", [""])[0]
        return ""

    def all_is_kept(self, *, within: float = OLD) -> None:
        """What stands on the screen is kept, soon."""
        until = time.monotonic() + within
        while self.kept().split() != self.words.split() and time.monotonic() < until:
            time.sleep(0.2)
        connection.close()
        shown = self.words.split()
        assert self.kept().split() == shown == [str(each + 1) for each in range(len(shown))]
        connection.close()

    def nothing_is_on_the_device(self) -> None:
        assert self.page.evaluate(KEPT) == [0, 0, ""]
        assert self.page.evaluate(DATABASES) == [0, 0]


@pytest.fixture
def desk(house: servers.Web, browser: Browser, closing: contextlib.ExitStack) -> Desk:
    return Desk(browser, house, closing)


def test_no_letter_older_than_five_seconds_is_lost_whatever_is_killed(desk: Desk, house: servers.Web) -> None:
    notice = desk.page.locator("#not-kept")
    with servers.Worker() as worker:
        desk.type(8)
        expect(notice).to_be_hidden()
        worker.kill9()
        desk.type(2)
        desk.all_is_kept()
    house.kill9()
    desk.type(3, checked=False)
    expect(notice).to_be_visible(timeout=6_000)
    expect(notice).to_be_in_viewport()
    desk.somebody.look("console-not-kept")
    desk.nothing_is_on_the_device()
    house.start()
    house.wait_until_answering(120)
    desk.all_is_kept(within=10)
    assert len(desk.words.split()) == desk.count
    expect(notice).to_be_hidden()
    servers.kill_database()
    desk.type(3, checked=False)
    expect(notice).to_be_visible(timeout=20_000)
    expect(notice).to_contain_text("only in this window, and nowhere on this device")
    desk.nothing_is_on_the_device()
    servers.start_database()
    desk.all_is_kept(within=40)
    expect(notice).to_be_hidden()
    desk.type(7)
    desk.somebody.context.close()  # as a browser that is killed: nothing more is sent
    before = desk.kept().split()
    connection.close()
    desk.open()
    assert desk.words.split() == before
    assert desk.count - len(before) < OLD / 0.12
    desk.nothing_is_on_the_device()


def test_an_answer_that_was_lost_stops_nothing_and_another_window_still_does(desk: Desk) -> None:
    page = desk.page
    lost = 0

    def lose(route: Route) -> None:
        nonlocal lost
        lost += 1
        route.fetch()
        route.abort()

    page.route("**/signals/drafts", lose, times=2)
    desk.type(6, checked=False)
    desk.all_is_kept()
    assert lost == 2
    expect(page.locator("#draft")).to_contain_text("Draft saved")
    page.get_by_role("button", name="Save and see who leads").click()  # nobody said yet who is telling
    expect(page.get_by_role("alert").first).to_be_visible()
    page.wait_for_load_state()  # until then the page says where the focus goes
    desk.type(3)
    desk.all_is_kept()
    other = page.context.new_page()
    other.goto(f"/line/contacts/{desk.contact.id}")
    other.get_by_label("What happened, in their words?").press("Control+End")
    other.keyboard.type("elsewhere ")
    expect(other.locator("#draft")).to_contain_text("Draft saved", timeout=10_000)
    page.get_by_label("What happened, in their words?").press_sequentially("here ")
    expect(page.locator("#draft")).to_contain_text("changed in another window", timeout=10_000)
    assert "elsewhere" in desk.kept()


def test_a_message_and_what_stands_beside_it_wait_for_a_database_that_is_down(desk: Desk) -> None:
    page = desk.page
    page.get_by_label("Your message").fill("We are here.")
    desk.type(1, checked=False)
    page.get_by_role("button", name="Send", exact=True).click()  # at once: what was typed beside it goes along
    expect(page.get_by_text("We are here.")).to_be_visible()
    desk.all_is_kept(within=0)
    page.get_by_label("Your message").fill("Are you safe?")
    servers.kill_database()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#not-sent")).to_be_visible(timeout=20_000)
    expect(page.get_by_label("Your message")).to_have_value("Are you safe?")
    desk.somebody.look("console-not-sent")
    servers.start_database()
    sent = page.locator(".usa-timeline, ol").get_by_text("Are you safe?")
    for _ in range(3):  # as somebody does who sees that it wasn't sent
        page.get_by_role("button", name="Send", exact=True).click()
        with contextlib.suppress(AssertionError):
            expect(sent).to_be_visible(timeout=15_000)
            break
    said = [each.words for each in writing.of(desk.contact.id, by=desk.viewer, at=timezone.now())]
    connection.close()
    assert said == ["Can you help me?", "We are here.", "Are you safe?"]


def test_after_signing_in_again_elsewhere_what_was_typed_meanwhile_is_kept(desk: Desk) -> None:
    page = desk.page
    desk.type(3)
    desk.somebody.sign_out_everywhere()
    before = len(desk.words.split())
    desk.type(3, checked=False)
    expect(page.locator("#signed-out")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("dialog")).to_be_visible()  # once they pause: no letter goes into it instead
    desk.somebody.sign_in()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # back from the other tab
    expect(page.locator("#signed-out")).to_be_hidden()
    desk.all_is_kept(within=15)
    assert len(desk.words.split()) == desk.count > before, "the page is the one in which they typed on"
    expect(page.locator("#not-kept")).to_be_hidden()


def test_a_button_of_a_part_that_comes_anew_while_it_is_pressed_does_what_it_says(desk: Desk) -> None:
    page = desk.page
    page.goto("/line")

    held: list[Route] = []
    page.route("**/session*", lambda route: held.append(route), times=1)
    part = page.locator("#live form").first
    part.evaluate("form => form.dataset.old = 'yes'")
    page.get_by_role("button", name="Pause: no new contacts").click()
    while not held:
        page.wait_for_timeout(50)
    page.evaluate(ANEW)
    expect(part).not_to_have_attribute("data-old", "yes")
    held[0].continue_()
    expect(page.get_by_text("and take no new contacts")).to_be_visible()
    page.route("**/session*", lambda route: route.abort())
    page.get_by_role("button", name="Take contacts again").click()
    notice = page.locator("#not-sent")
    expect(notice).to_be_visible()
    part.evaluate("form => form.dataset.old = 'yes'")
    page.evaluate(ANEW)
    expect(part).not_to_have_attribute("data-old", "yes")
    expect(notice).to_be_visible()


def test_what_stands_in_the_message_box_stays_there_whatever_else_is_pressed(desk: Desk) -> None:
    page = desk.page
    page.get_by_label("Your message").fill("Are you safe where")
    page.get_by_role("button", name="They’re in danger").click()
    expect(page.get_by_role("heading", name="They’re in danger")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("Are you safe where")
    assert "typed" not in desk.kept()
    page.get_by_label("Your message").fill("Are you safe now?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".usa-timeline, ol").get_by_text("Are you safe now?")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("")
