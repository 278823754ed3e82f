"""Somebody chats with the line in the browser: with scripts and without, wide and narrow, while the web is killed."""

from __future__ import annotations

import datetime
import pathlib
import re
import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nowrongdoor.access import limits, row_security, viewers
from nowrongdoor.access.limits import Budget
from nowrongdoor.access.models import RateLimit
from nowrongdoor.line import channels, models, plan, shifts, writing
from tests import servers
from tests.journeys import looking
from tests.line import floors

pytestmark = pytest.mark.journey
WIDTHS = (1280, 390)
Open = Callable[..., BrowserContext]


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
def visit(house: servers.Web, browser: Browser) -> Iterator[Open]:
    """Opens a browser as a visitor."""
    opened: list[BrowserContext] = []

    def somebody(locale: str = "en-US", *, scripts: bool = True) -> BrowserContext:
        context = browser.new_context(
            base_url=f"http://localhost:{house.port}", locale=locale, java_script_enabled=scripts
        )
        opened.append(context)
        return context

    yield somebody
    for each in opened:
        each.close()


def staff() -> viewers.Viewer:
    person = floors.on_shift()
    connection.close()
    return person


def contact() -> models.Contact:
    (row,) = floors.contacts()
    connection.close()
    return row


def answer(words: str, *, by: viewers.Viewer) -> None:
    shifts.heard(by=by, at=timezone.now())
    writing.write(contact().id, words, message_id=uuid.uuid4(), by=by, at=timezone.now())
    connection.close()


def whisper(words: str) -> None:
    chief = floors.on_shift(ready=False)
    writing.whisper(contact().id, words, message_id=uuid.uuid4(), by=chief, at=timezone.now())
    connection.close()


def words_of(by: viewers.Viewer) -> list[str]:
    rows = [each.words for each in writing.of(contact().id, by=by, at=timezone.now())]
    connection.close()
    return rows


def write(page: Page, words: str) -> None:
    page.get_by_label("Your message").fill(words)
    page.get_by_role("button", name="Send message").click()


def begin(page: Page) -> None:
    page.goto("/chat")
    page.get_by_role("button", name="Begin the chat").click()
    expect(page.get_by_role("button", name="Send message")).to_be_visible()
    page.wait_for_load_state()  # its script has taken the place of the form


def spent() -> None:
    """Let everybody have sent all that one may, and so much more that it lasts for a minute."""
    most = datetime.timedelta(seconds=limits.EACH[Budget.PUBLIC_FORM] * limits.BURSTS[Budget.PUBLIC_FORM])
    assert RateLimit.objects.update(full_at=timezone.now() + most + limits.MARGIN)
    connection.close()


def pictured(page: Page, name: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        looking._picture(page, f"chat {name}", str(width))


def test_both_sides_write_with_a_script_and_every_page_is_whole(visit: Open) -> None:
    context = visit()
    page = context.new_page()
    watched = looking.Watched(page)
    wrong: list[str] = []

    def look(name: str) -> None:
        watched.forget_answers()
        wrong.extend(looking.look(page, watched, name=f"chat {name}"))
        pictured(page, name)

    page.goto("/chat")
    expect(page.get_by_text("Nobody is here right now")).to_be_visible()
    assert context.cookies() == []
    look("begin-nobody")
    person = staff()
    page.reload()
    look("begin")
    page.get_by_role("button", name="Begin the chat").click()
    expect(page.get_by_text("Somebody is here with you.")).to_be_visible()
    (cookie,) = context.cookies()
    assert (cookie["name"], cookie["path"], cookie["httpOnly"], cookie["sameSite"], cookie["expires"]) == (
        "chat",
        "/chat",
        True,
        "Strict",
        -1,
    )
    write(page, "Can I ask something first?")
    expect(page.get_by_role("log")).to_contain_text("Can I ask something first?")
    begun = time.monotonic()
    answer("Yes. Ask.", by=person)
    expect(page.get_by_role("log")).to_contain_text("Yes. Ask.", timeout=3_000)
    assert time.monotonic() - begun < 3
    whisper("Ask whether they are alone.")
    answer("Are you safe?", by=person)
    expect(page.get_by_role("log")).to_contain_text("Are you safe?")
    assert "alone" not in page.content()
    look("talking")
    page.evaluate("document.documentElement.dir = 'rtl'")
    pictured(page, "talking-rtl")
    page.get_by_role("button", name="End this chat").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You ended the chat")
    assert context.cookies() == []
    look("ended")
    page.goto("/chat")
    assert "Yes. Ask." not in page.content()
    assert wrong == []


def test_without_a_script_the_messages_refresh_and_what_is_typed_stays(visit: Open) -> None:
    person = staff()
    page = visit(scripts=False).new_page()
    page.goto("/chat")
    page.get_by_role("button", name="Begin the chat").click()
    write(page, "Hello?")
    inner = page.frame_locator("iframe")
    expect(inner.get_by_text("Hello?")).to_be_visible()
    page.get_by_label("Your message").fill("half a sentence")
    answer("We are here.", by=person)
    whisper("Ask whether they are alone.")
    expect(inner.get_by_text("We are here.")).to_be_visible(timeout=15_000)
    expect(page.get_by_label("Your message")).to_have_value("half a sentence")
    expect(inner.get_by_text("alone")).to_have_count(0)
    pictured(page, "no-script")
    page.get_by_role("button", name="Send message").click()
    expect(inner.get_by_text("half a sentence")).to_be_visible()
    assert words_of(person) == ["Hello?", "We are here.", "Ask whether they are alone.", "half a sentence"]
    page.get_by_role("button", name="End this chat").click()
    assert page.context.cookies() == []


def test_a_killed_web_process_loses_no_message_and_doubles_none(visit: Open, house: servers.Web) -> None:
    person = staff()
    page = visit().new_page()
    page.goto("/chat")
    page.get_by_role("button", name="Begin the chat").click()
    write(page, "one")
    expect(page.get_by_role("log")).to_contain_text("one")
    house.kill9()
    write(page, "two")
    expect(page.get_by_text("We can’t be reached right now.")).to_be_visible()
    write(page, "three")
    page.get_by_label("Your message").fill("and still typing")
    pictured(page, "down")
    house.start()
    house.wait_until_answering(120)
    expect(page.get_by_role("log")).to_contain_text("three", timeout=30_000)
    expect(page.get_by_text("We can’t be reached right now.")).to_be_hidden()
    expect(page.get_by_label("Your message")).to_have_value("and still typing")
    for number in range(8):  # killed in the middle of being sent, again and again
        write(page, f"n{number}")
        house.kill9()
        house.start()
    house.wait_until_answering(120)
    expect(page.get_by_role("log")).to_contain_text("n7", timeout=60_000)
    expect(page.locator("#chat-waits")).to_be_hidden()
    assert words_of(person) == ["one", "two", "three", *(f"n{number}" for number in range(8))]
    answer("We read all of it.", by=person)
    expect(page.get_by_role("log")).to_contain_text("We read all of it.", timeout=15_000)
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_a_chat_that_closes_meanwhile_gives_everything_back_that_was_not_kept(visit: Open, house: servers.Web) -> None:
    context = visit()
    page = context.new_page()
    begin(page)
    house.kill9()
    write(page, "one")
    write(page, "two")
    page.get_by_label("Your message").fill("and still typing")
    with row_security.system():
        models.Contact.objects.update(left_at=timezone.now())
    connection.close()
    house.start()
    house.wait_until_answering(120)
    expect(page.get_by_text("It wasn’t sent.")).to_be_visible(timeout=30_000)
    expect(page.get_by_label("What you wrote")).to_have_value("one\ntwo\nand still typing")
    expect(page.get_by_role("button", name="Begin the chat")).to_be_visible()
    pictured(page, "closed-unsent")


def test_another_language_takes_along_what_waits_and_what_is_typed(visit: Open) -> None:
    person = staff()
    page = visit().new_page()
    begin(page)
    expect(page.get_by_text("Somebody is here with you.")).to_be_visible()
    page.route("**/chat", lambda route: route.continue_() if route.request.is_navigation_request() else None)
    write(page, "one")  # nobody acknowledges it
    write(page, "two")
    page.get_by_label("Your message").fill("and still typing")
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^es"))
    expect(page.locator("#id_words")).to_have_value("and still typing")
    assert words_of(person) == ["one", "two"]


def test_in_a_flood_the_page_stays_and_what_waits_is_sent_when_its_time_is_over(
    visit: Open, house: servers.Web
) -> None:
    person = staff()
    page = visit().new_page()
    begin(page)
    expect(page.get_by_text("Somebody is here with you.")).to_be_visible()
    spent()
    write(page, "one")
    expect(page.get_by_text("A lot is being sent to us right now.")).to_be_visible()
    write(page, "two")
    page.get_by_label("Your message").fill("and still typing")
    pictured(page, "busy")
    expect(page.get_by_role("log")).to_contain_text("two", timeout=60_000)
    expect(page.get_by_text("A lot is being sent to us right now.")).to_be_hidden()
    expect(page.get_by_label("Your message")).to_have_value("and still typing")
    assert words_of(person) == ["one", "two"]


def test_a_phone_that_cannot_limit_an_answer_by_itself_chats_with_the_script(visit: Open) -> None:
    context = visit()
    context.add_init_script("delete AbortSignal.timeout")
    page = context.new_page()
    begin(page)
    write(page, "from an older phone")
    expect(page.get_by_role("log")).to_contain_text("from an older phone")


@pytest.mark.parametrize(
    "lacks", ["SubmitEvent.prototype.submitter", "HTMLFormElement.prototype.requestSubmit", "window.AbortController"]
)
def test_a_phone_that_lacks_what_the_script_needs_has_the_page_without_it(visit: Open, lacks: str) -> None:
    context = visit()
    context.add_init_script(f"delete {lacks}")
    page = context.new_page()
    begin(page)
    write(page, "from an old phone")
    expect(page.frame_locator("iframe").get_by_text("from an old phone")).to_be_visible()


def test_what_is_there_is_read_once_and_the_state_is_not_read_aloud_again_with_each_message(visit: Open) -> None:
    person = staff()
    page = visit().new_page()
    reads: list[str] = []
    page.on("request", lambda request: reads.append(request.url) if request.resource_type == "fetch" else None)
    begin(page)
    expect(page.get_by_text("Somebody is here with you.")).to_be_visible()
    page.wait_for_timeout(3_000)
    assert len(reads) == 1
    page.evaluate(
        """() => { window.states = 0; new MutationObserver((all) => { for (const { addedNodes } of all)
        for (const each of addedNodes) if (each.className === "chat-state") window.states += 1;
        }).observe(document.getElementById("chat-log"), { childList: true, subtree: true }) }"""
    )
    write(page, "one")
    answer("We are here.", by=person)
    expect(page.get_by_role("log")).to_contain_text("We are here.")
    assert page.evaluate("window.states") == 0
    assert page.locator("#chat-log > :last-child").get_attribute("data-stand") == "talking"


def test_after_one_look_that_failed_the_next_one_reads_it_and_says_that_all_is_well(visit: Open) -> None:
    person = staff()
    page = visit().new_page()
    begin(page)
    expect(page.get_by_text("Somebody is here with you.")).to_be_visible()
    page.route("**/chat/lines", lambda route: route.abort(), times=1)
    answer("We are here.", by=person)
    expect(page.get_by_text("The connection is slow.")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("We are here.", timeout=30_000)
    expect(page.get_by_text("The connection is slow.")).to_be_hidden()


def test_a_page_whose_chat_is_closed_says_so_and_asks_no_more(visit: Open, house: servers.Web) -> None:
    context = visit()
    page = context.new_page()
    begin(page)
    expect(page.get_by_text("Nobody is here right now.")).to_be_visible()
    house.kill9()
    context.clear_cookies()
    house.start()
    house.wait_until_answering(120)
    expect(page.get_by_text("This chat is closed on this device.")).to_be_visible(timeout=30_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(25_000)
    assert asked == []
    expect(page.get_by_text("The connection is slow.")).to_be_hidden()


def test_a_button_that_is_pressed_twice_on_a_slow_line_begins_one_chat(visit: Open) -> None:
    page = visit().new_page()
    page.goto("/chat")
    page.evaluate("for (let n = 0; n < 2; n++) document.querySelector('#begin button').click()")
    expect(page.get_by_role("button", name="Send message")).to_be_visible()
    assert contact().left_at is None


def test_leaving_at_once_ends_the_chat_on_this_device(visit: Open) -> None:
    context = visit()
    page = context.new_page()
    page.goto("/chat")
    page.get_by_role("button", name="Begin the chat").click()
    write(page, "help")
    expect(page.get_by_role("log")).to_contain_text("help")
    for elsewhere in ("https://**", "http://weather**"):
        context.route(elsewhere, lambda route: route.fulfill(body="elsewhere"))
    for _ in range(3):
        page.keyboard.press("Escape")
    deadline = time.monotonic() + 10
    while context.cookies() and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert context.cookies() == []
    page.goto("/chat")
    assert "help</p>" not in page.content()
    expect(page.get_by_role("button", name="Begin the chat")).to_be_visible()


def test_in_spanish_the_chat_speaks_spanish_to_the_line_too(visit: Open) -> None:
    page = visit("es-MX").new_page()
    page.goto("/chat")
    page.locator("#begin button").click()
    expect(page).to_have_url(re.compile("/chat$"))
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^es"))
    assert contact().language == "es"
    pictured(page, "es")
