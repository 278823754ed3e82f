"""The journeys that carry the work, in Spanish and in the made-up language whose words are two fifths longer: nobody
meets a word of English on the way, and nothing runs off a telephone's screen.

With NWD_PICTURES=<folder> there are pictures afterwards.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import translation
from playwright.sync_api import Browser, Page, expect

from nowrongdoor.access import viewers
from nowrongdoor.operating import folder as operating_folder
from tests import servers
from tests.journeys import furnishing, looking
from tests.journeys.test_main_job import _choose
from tests.journeys.test_on_the_screen import Somebody
from tests.journeys.test_worklist import ANSWERS, DANGER, KEYSTROKES, SECONDS, answer
from tests.languages import pseudo, reading, speaking, walking
from tests.leads import stories

pytestmark = pytest.mark.journey
SPANISH, MADE_UP = "es-US", pseudo.CODE
TELEPHONES = (320, 390)
# HTMX tells the console of a session that is over; and no standard knows the made-up language.
TOLD = ("Response Status Error Code 401", "htmx:sendError", "htmx:afterRequest")
COUNTED_DOWN = re.compile(r"[+-]\d+ (min|h|d)")  # by the browser, for a language that it does not know
UNKNOWN = re.compile(r"valid-lang|html-lang-valid")
TOO_WIDE = """(width) => [...document.querySelectorAll("main *, header *, footer *")]
    .filter((each) => !each.closest(".figures, .picture, .usa-sr-only, [hidden], table"))
    .filter((each) => each.getBoundingClientRect().right > width + 1 && each.getClientRects().length)
    .slice(0, 3).map((each) => each.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def live_processes(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Web]:
    """The real system, whose pages are offered in the made-up language too."""
    folder = str(pseudo.country(tmp_path_factory.mktemp("country") / "us"))
    kept = operating_folder.var() / operating_folder.COUNTRY  # which country the installation remembers
    before = kept.read_text("utf-8")
    with servers.Web(NWD_DEMONSTRATION="1", NWD_COUNTRY=folder) as web, servers.Worker(NWD_COUNTRY=folder):
        yield web
    kept.write_text(before, "utf-8")


@pytest.fixture(params=[SPANISH, MADE_UP])
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def closing() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


class Speaker:
    """Somebody whose browser asks for a language, and the words of the product in it."""

    def __init__(self, somebody: Somebody, code: str) -> None:
        self.somebody, self.code = somebody, code
        self.page: Page = somebody.page

    def say(self, message: str, **values: str) -> str:
        """A sentence of the product as this person reads it."""
        if self.code == MADE_UP:
            words = pseudo.said(message)
        else:
            with translation.override("es"):
                words = translation.gettext(message)
            assert words != message
        return words.format(**values)

    def meets(self, message: str, **values: str) -> re.Pattern[str]:
        """What finds a sentence on a page, whatever stands around it."""
        return re.compile(re.escape(self.say(message, **values)))

    def look(self, name: str) -> None:
        """Nothing is left in English, nothing is wider than a telephone, and everybody can use it."""
        page, language = self.page, self.code.lower()
        assert page.locator("html").get_attribute("lang") == language
        if self.code == MADE_UP:
            names = reading.without(speaking.NAMES | self.names())
            shown = COUNTED_DOWN.sub("", page.content())
            assert list(reading.untranslated(shown, names)) == []
        self.somebody.watched.forget_answers()
        self.somebody.watched.complaints[:] = [
            each for each in self.somebody.watched.complaints if not each.startswith(TOLD)
        ]
        wrong = looking.look(
            page, self.somebody.watched, name=f"{self.code}-{name}", skip=self.say("Skip to main content")
        )
        assert [each for each in wrong if not UNKNOWN.search(each)] == []
        for width in TELEPHONES:
            page.set_viewport_size({"width": width, "height": 800})
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert (over <= 0, page.evaluate(TOO_WIDE, width)) == (True, []), f"{name}: {over} px at {width}"
        page.set_viewport_size(looking.WIDE)  # type: ignore[arg-type]

    def names(self) -> set[str]:
        found = speaking.names()
        connection.close()
        return found


def speaker(
    live: servers.Web,
    browser: Browser,
    closing: contextlib.ExitStack,
    code: str,
    agency: str,
    role: viewers.Role = viewers.Role.COORDINATOR,
) -> Speaker:
    found = Somebody(browser, live, stories.person(agency, role), locale=code)
    closing.callback(found.context.close)
    return Speaker(found, code)


def test_a_call_at_night_is_owned_before_it_ends_and_accepted_live(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack, code: str
) -> None:
    stories.staff()
    connection.close()
    ada = speaker(live, browser, closing, code, "HOTLINE", viewers.Role.ADVOCATE)
    sam = speaker(live, browser, closing, code, "HSI")
    sam.page.goto("/worklist")
    expect(sam.page.get_by_text(sam.meets("You’re all caught up"))).to_be_visible()
    sam.look("caught-up")
    page = ada.page
    page.goto("/signals/new")
    ada.look("new-signal")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    _choose(page, "channel", "call")
    page.locator("select[name=source]").select_option("bystander")
    for name, code in (("labor", "yes"), ("means", "yes"), ("nationality", "foreign")):
        _choose(page, name, code)
    page.get_by_label(ada.meets("What happened, in their words?")).fill("The foreman keeps their passports.")
    page.get_by_role("button", name=ada.say("Save and see who leads")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=ada.meets("The signal is saved"))).to_be_visible()
    ada.look("receipt")
    expect(sam.page.locator(".entry")).to_have_count(1, timeout=10_000)  # live
    sam.look("offer")
    sam.page.keyboard.press("j")
    sam.page.keyboard.press("a")
    sam.page.keyboard.press("a")
    expect(sam.page.locator(".usa-alert--success")).to_be_visible()
    reference = sam.page.locator(".usa-alert--success a").inner_text()
    expect(sam.page.locator(".usa-alert--success")).to_contain_text(
        sam.say("You now lead case {case}.", case=reference)
    )
    page.get_by_role("link", name=re.compile(r"^\w{4}-\w{4}-\w{4}$")).click()
    expect(page.get_by_role("heading", name=ada.meets("What’s happening"))).to_be_visible()
    expect(page.get_by_text("The foreman keeps their passports.")).to_be_visible()
    ada.look("case")


def test_forty_answers_in_spanish_take_at_most_120_keystrokes_and_hardly_a_page_above_a_second(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack
) -> None:
    sam = speaker(live, browser, closing, SPANISH, "HSI")
    made = [stories.case() for _ in range(ANSWERS)]
    connection.close()
    pressed, nearly_all = answer(sam.page, ANSWERS)
    assert sam.page.locator("html").get_attribute("lang") == "es-us"
    assert pressed <= KEYSTROKES
    assert nearly_all < SECONDS
    assert {stories.lead_of(case) for case in made} == {"HSI"}
    connection.close()


def test_my_session_ended_and_an_offer_came(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack, code: str
) -> None:
    sam = speaker(live, browser, closing, code, "HSI")
    first = stories.case()
    connection.close()
    page = sam.page
    page.goto("/worklist")
    page.keyboard.press("j")
    page.keyboard.press("d")
    page.keyboard.type("No hay agentes en ese distrito.")
    sam.somebody.sign_out_everywhere()
    expect(page.locator("#signed-out")).to_be_visible(timeout=15_000)
    other = stories.case(DANGER)
    connection.close()
    sam.look("signed-out-writing")
    sam.somebody.sign_in()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#signed-out")).to_be_hidden()
    expect(page.locator("#waiting")).to_be_visible(timeout=10_000)
    expect(page.locator("details[open] textarea")).to_have_value("No hay agentes en ese distrito.")
    page.locator("details[open]").get_by_role("button", name=sam.say("Decline")).click()
    again = page.get_by_role("button", name=sam.say("Send it again"))
    if again.count():  # the token of this page was the old session's
        sam.look("send-again")
        again.click()
    expect(page.locator(".usa-alert--success")).to_contain_text(first.reference)
    expect(page.locator(".entry", has_text=other.reference)).to_be_visible()
    sam.look("declined")


def test_every_page_fits_a_telephone_in_the_longest_words(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack
) -> None:
    house = furnishing.furnish()
    connection.close()
    wide: list[str] = []
    seen: set[str] = set()
    for name in ("", *walking.BETWEEN_THEM):
        context = browser.new_context(base_url=f"http://localhost:{live.port}", locale=MADE_UP)
        if name:
            key = walking.client(name).session.session_key
            connection.close()
            context.add_cookies([{"name": "sessionid", "value": str(key), "url": f"http://localhost:{live.port}"}])
        page = context.new_page()
        for address in walking.shown_to(house, name):
            answer = page.request.get(address, max_redirects=0)
            is_page = "text/html" in answer.headers["content-type"] and "content-disposition" not in answer.headers
            if answer.status != 200 or not is_page or address in seen:
                continue
            seen.add(address)
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
            for width in TELEPHONES:
                page.set_viewport_size({"width": width, "height": 800})
                over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                stick_out = page.evaluate(TOO_WIDE, width)
                if over > 0 or stick_out:
                    wide.append(f"{name} {address} {width}: {over} px, {stick_out}")
            if looking.PICTURES:
                looking._picture(page, f"{name or 'visitor'} {address}", "390")
            page.set_viewport_size(looking.WIDE)  # type: ignore[arg-type]
        context.close()
    assert len(seen) > 30
    assert wide == [], "\n".join(wide)
