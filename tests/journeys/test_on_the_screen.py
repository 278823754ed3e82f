"""What happens on the screen when a session ends, a key is pressed by mistake, or somebody is searched for."""

from __future__ import annotations

import contextlib
import pathlib
import re
import sys
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nowrongdoor.access import viewers
from nowrongdoor.agencies import inviting
from nowrongdoor.agencies.models import User
from nowrongdoor.cases import people
from nowrongdoor.cases.models import Case
from nowrongdoor.signals.models import Signal
from tests import servers, signing_in
from tests.journeys import looking
from tests.journeys.test_signing_in import PASSWORD
from tests.leads import stories

pytestmark = pytest.mark.journey
CANARIES = ("Kanarkova", "kanarek@example.org", "Papagayo", "KakaduKakadu")


class Somebody:
    """A person of an agency in a browser of their own, signed in as both steps would have."""

    def __init__(self, browser: Browser, web: servers.Web, viewer: viewers.Viewer, **more: bool | str) -> None:
        self.web, self.viewer = web, viewer
        self.context: BrowserContext = browser.new_context(base_url=web.url, **more)  # type: ignore[arg-type]
        self.sign_in()
        self.page: Page = self.context.new_page()
        self.watched = looking.Watched(self.page)

    def sign_in(self) -> None:
        """Signs in, or in again: also gives the browser the new token that a new sign-in brings."""
        client = Client()
        signing_in.sign_in(client, self.viewer)
        connection.close()
        self.context.clear_cookies()
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.web.url}
        self.context.add_cookies([cookie])  # type: ignore[list-item]

    def sign_out_everywhere(self) -> None:
        inviting.end_sessions(by=self.viewer, at=timezone.now())
        connection.close()

    def look(self, name: str) -> None:
        """Looks at a page on which something went wrong on purpose: HTMX tells the console so too."""
        self.watched.forget_answers()
        told = ("Response Status Error Code 401", "htmx:sendError", "htmx:afterRequest")
        said = [each for each in self.watched.complaints if not each.startswith(told)]
        self.watched.complaints[:] = said
        assert looking.look(self.page, self.watched, name=name) == []


@pytest.fixture
def closing() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def sam(live: servers.Web, browser: Browser, closing: contextlib.ExitStack) -> Somebody:
    """A coordinator of the agency that is asked first."""
    found = Somebody(browser, live, stories.person("HSI"))
    closing.callback(found.context.close)
    return found


@pytest.fixture
def ada(live: servers.Web, browser: Browser, closing: contextlib.ExitStack) -> Somebody:
    """An advocate at the hotline."""
    found = Somebody(browser, live, stories.person("HOTLINE", viewers.Role.ADVOCATE))
    closing.callback(found.context.close)
    return found


def test_a_worklist_says_that_the_session_is_over_and_stays_to_be_read(sam: Somebody) -> None:
    case = stories.case()
    connection.close()
    page = sam.page
    page.goto("/worklist")
    expect(page.get_by_role("heading", name=re.compile(case.reference))).to_be_visible()
    sam.sign_out_everywhere()
    notice = page.locator("#signed-out")
    expect(notice).to_be_visible(timeout=15_000)
    expect(notice).to_contain_text(re.compile(r"Since \d.*, this page no longer updates"))
    expect(page.get_by_role("heading", name=re.compile(case.reference))).to_be_visible()
    expect(page.get_by_label("Password")).to_have_count(0)
    link = page.get_by_role("link", name=re.compile("Sign in again"))
    assert str(link.get_attribute("href")).endswith("/sign-in?next=%2Fworklist")
    sam.look("worklist-signed-out")
    sam.sign_in()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # back from the other tab
    expect(page.locator("#signed-out")).to_be_hidden()
    other = stories.case()
    connection.close()
    expect(page.get_by_role("heading", name=re.compile(other.reference))).to_be_visible(timeout=10_000)


def test_a_reason_that_is_being_written_outlives_the_session(sam: Somebody) -> None:
    case = stories.case()
    connection.close()
    page = sam.page
    page.goto("/worklist")
    page.keyboard.press("j")
    page.keyboard.press("d")
    page.keyboard.type("No agents in that district.")
    sam.sign_out_everywhere()
    expect(page.locator("#signed-out")).to_be_visible(timeout=15_000)
    sam.sign_in()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#signed-out")).to_be_hidden()
    expect(page.get_by_label(re.compile("Why are you declining"))).to_have_value("No agents in that district.")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_label("Reason")).to_have_value("No agents in that district.")
    sam.look("unsent-decline")
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text(f"You declined case {case.reference}.")).to_be_visible()


def test_a_page_of_facts_says_so_too_and_takes_no_sign_in_page_into_itself(sam: Somebody) -> None:
    page = sam.page
    page.goto("/mandates/what-if")
    before = page.locator("#ruling").inner_text()
    sam.sign_out_everywhere()
    page.get_by_label("Is the person under 18?").select_option("under_18")
    expect(page.locator("#signed-out")).to_be_visible()
    assert page.locator("#ruling").inner_text() == before
    sam.look("what-if-signed-out")


def test_a_lost_line_is_said_and_taken_back(sam: Somebody, live: servers.Web) -> None:
    page = sam.page
    page.goto("/worklist")
    expect(page.get_by_text("all caught up")).to_be_visible()
    live.kill9()
    expect(page.locator("#not-live")).to_be_visible(timeout=15_000)
    sam.look("worklist-not-live")
    live.start()
    live.wait_until_answering()
    expect(page.locator("#not-live")).to_be_hidden(timeout=30_000)
    case = stories.case()
    connection.close()
    expect(page.get_by_role("heading", name=re.compile(case.reference))).to_be_visible(timeout=10_000)


def test_without_scripts_a_session_that_is_over_leads_to_the_sign_in_and_back(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack
) -> None:
    viewer = stories.person("HSI")
    plain = Somebody(browser, live, viewer, java_script_enabled=False)
    closing.callback(plain.context.close)
    plain.page.goto("/worklist")
    plain.sign_out_everywhere()
    plain.page.reload()
    assert plain.page.url.endswith("/sign-in?next=/worklist")


def test_a_signal_that_is_being_typed_outlives_the_session_with_every_answer(ada: Somebody) -> None:
    page = ada.page
    page.goto("/signals/new")
    page.get_by_label("Response needed within 24 hours").or_(page.locator("input[value=within_24h]")).first.check()
    page.locator("input[name=channel][value=text]").check()
    page.get_by_label("What happened, in their words?").fill("The foreman keeps\ntheir passports.")
    page.get_by_label("Who is telling us?").select_option("unknown")
    page.locator("input[name=labor][value=yes]").check()
    page.get_by_text("Indicators, if they came up").click()
    page.locator("input[name=indicator]").nth(3).check()
    ticked = page.locator("input[name=indicator]").nth(3).get_attribute("value")
    ada.sign_out_everywhere()
    page.get_by_role("button", name="Save and see who leads").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("signed out, and this wasn’t saved"))
    expect(page.get_by_label("What happened")).to_have_value("The foreman keeps\ntheir passports.")
    ada.look("signed-out-signal")
    ada.sign_in()  # in another tab; the token of this page is now an old one
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This wasn’t saved yet")
    ada.look("unsent-signal")
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("heading", name="The signal is")).to_be_visible()
    signal = Signal.objects.get()
    connection.close()
    assert (signal.channel, signal.facts["labor"], signal.facts["urgency"]) == ("text", "yes", "within_24h")
    assert signal.answers == {ticked: "yes"}


@pytest.mark.parametrize("how", ["with scripts", "without"])
def test_enter_in_a_field_saves_no_half_filled_signal(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack, how: str
) -> None:
    scripts = how == "with scripts"
    viewer = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    ada = Somebody(browser, live, viewer, java_script_enabled=scripts)
    closing.callback(ada.context.close)
    page = ada.page
    page.goto("/signals/new")
    words = page.get_by_label("What happened, in their words?")
    words.focus()
    page.keyboard.type("One.")
    page.keyboard.press("Enter")
    page.keyboard.type("Two.")
    for name in ("urgency", "channel", "labor", "indicator", "case"):
        field = f"input[name={name}]"
        if name == "indicator":
            page.get_by_text("Indicators, if they came up").click()
        page.locator(field).first.focus()
        page.keyboard.press("Enter")
        if scripts:
            page.wait_for_timeout(200)
            expect(page.get_by_role("alert")).to_have_count(0)
        else:  # the form comes back, with everything in it
            expect(page.get_by_role("alert")).to_contain_text("Pressing Enter in a field doesn’t save")
        expect(words).to_have_value("One.\nTwo.")
        assert Signal.objects.count() == 0, name
        connection.close()
    page.get_by_label("Who is telling us?").select_option("unknown")
    if scripts:
        expect(page.get_by_text("You can also press")).to_be_visible()
        ada.look("new-signal")
        page.locator("input[name=labor]").first.focus()
        page.keyboard.press("Control+Enter")
        expect(page.get_by_label("Phone call")).to_be_focused()  # nobody said yet how she was reached
        assert Signal.objects.count() == 0
        connection.close()
        page.keyboard.press("Space")
        page.locator("input[name=labor]").first.focus()
        page.keyboard.press("Control+Enter")
    else:
        page.get_by_label("Text message").check()
        page.get_by_role("button", name="Save and see who leads").focus()
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The signal is")).to_be_visible()
    assert Signal.objects.count() == 1
    connection.close()


def test_the_lead_is_taken_after_one_question_by_key_pointer_and_touch(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack, sam: Somebody
) -> None:
    first = stories.case()
    connection.close()
    page = sam.page
    page.goto("/worklist")
    page.keyboard.press("j")
    question = page.get_by_text(f"Accept lead for case {first.reference}?")
    for _ in range(2):
        page.keyboard.press("a")
        expect(question).to_be_visible()
        expect(page.get_by_role("button", name="Accept lead")).to_be_focused()
        page.keyboard.press("Escape")
        expect(question).to_be_hidden()
    page.keyboard.down("a")
    page.keyboard.down("a")  # held down: the key repeats
    page.keyboard.down("a")
    page.keyboard.up("a")
    page.wait_for_timeout(300)
    expect(question).to_be_visible()
    sam.look("worklist-confirm")
    assert stories.lead_of(first) == "HOTLINE"
    connection.close()
    page.get_by_role("button", name="Cancel").click()
    expect(question).to_be_hidden()

    other = stories.case()
    connection.close()
    touching = Somebody(browser, live, sam.viewer, has_touch=True)
    closing.callback(touching.context.close)
    touching.page.goto(f"/cases/{other.reference}")
    touching.page.locator("details.confirm > summary").first.tap()
    expect(touching.page.get_by_text(f"Accept lead for case {other.reference}?")).to_be_visible()
    touching.look("case-confirm")
    assert stories.lead_of(other) == "HOTLINE"
    connection.close()
    touching.page.get_by_role("button", name="Accept lead").tap()
    expect(touching.page.get_by_text(f"You now lead case {other.reference}.")).to_be_visible()
    page.locator(f".entry:has-text('{first.reference}') details.confirm > summary").click()
    expect(page.get_by_role("button", name="Accept lead")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"You now lead case {first.reference}.")).to_be_visible()
    assert (stories.lead_of(first), stories.lead_of(other)) == ("HSI", "HSI")
    connection.close()


def test_stepping_forward_asks_once_too(live: servers.Web, browser: Browser, closing: contextlib.ExitStack) -> None:
    case = stories.told(stories.case(), "FBI")
    fay = Somebody(browser, live, stories.person("FBI"))
    closing.callback(fay.context.close)
    page = fay.page
    page.goto(f"/cases/{case.reference}")
    page.locator("details.confirm > summary").click()
    expect(page.get_by_text(f"Take the lead for case {case.reference}?")).to_be_visible()
    assert stories.lead_of(case) == "HOTLINE"
    connection.close()
    expect(page.get_by_role("button", name="Take the lead")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"You now lead case {case.reference}.")).to_be_visible()


def test_a_change_waits_while_a_question_is_open_and_comes_when_it_is_closed(sam: Somebody) -> None:
    first = stories.case()
    connection.close()
    page = sam.page
    page.goto("/worklist")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_text(f"Accept lead for case {first.reference}?")).to_be_visible()
    other = stories.case()
    connection.close()
    expect(page.locator("#waiting")).to_be_visible(timeout=10_000)
    expect(page.get_by_text(f"Accept lead for case {first.reference}?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name=re.compile(other.reference))).to_be_visible(timeout=10_000)
    expect(page.locator("#waiting")).to_be_hidden()


def test_names_and_secrets_are_in_no_log_and_no_address(
    committed_db: None, browser: Browser, closing: contextlib.ExitStack, tmp_path: pathlib.Path
) -> None:
    """The application that the product serves, made to write down every address that it is asked for."""
    web = servers.Web(NWD_DEMONSTRATION="1")
    serve = [sys.executable, "-m", "uvicorn", "nowrongdoor.site.asgi:application", "--port", str(web.port)]
    web.command = [*serve, "--access-log", "--log-level", "info", "--lifespan", "off"]  # `nwd web` has no such option
    web.log = tmp_path / "web.log"
    closing.enter_context(web)
    closing.enter_context(servers.Worker())
    web.wait_until_answering()
    case, hope = stories.case(), stories.person("HOTLINE")
    people.add(case.id, {"name": f"Zuzana {CANARIES[0]}", "email": CANARIES[1]}, by=hope, at=timezone.now())
    looked = User.objects.filter(full_name=stories.person("HOTLINE").name).latest("id")
    administrator = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)
    inspector = stories.person("HOTLINE", viewers.Role.INSPECTOR)
    connection.close()
    addresses: list[str] = []

    def somebody(viewer: viewers.Viewer) -> Page:
        found = Somebody(browser, web, viewer)
        closing.callback(found.context.close)
        found.page.on("request", lambda sent: addresses.append(f"{sent.url} {sent.headers.get('referer', '')}"))
        found.page.on("framenavigated", lambda frame: addresses.append(frame.url))
        return found.page

    page = somebody(hope)
    page.goto("/people")
    for typed in (CANARIES[0], CANARIES[1], CANARIES[2]):
        page.get_by_label("Name, number, or email").fill(typed)
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_role("heading", level=2)).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Name, number, or email")).to_have_value(CANARIES[1])  # no question of the browser's
    page.get_by_role("link", name=case.reference).click()
    expect(page.get_by_role("heading", name=re.compile(case.reference))).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name=case.reference)).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name=case.reference)).to_be_visible()

    page = somebody(inspector)
    page.goto("/trail")
    page.get_by_label("Who did it?").select_option(str(looked.id))
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_label("Who did it?")).to_have_value(str(looked.id))

    page = somebody(administrator)
    page.goto("/staff")
    page.get_by_label("Sign-in name").fill("nina")
    page.get_by_label("Full name").fill(f"Nina {CANARIES[3]}")
    page.get_by_role("main").locator("#role").select_option("advocate")
    page.get_by_role("button", name="Invite").click()
    link = page.locator(".secret").inner_text()
    code = link.partition("#")[2]
    assert len(code) == 43
    for scripts in (True, False):  # the second finds the form in which to paste the link
        context = browser.new_context(base_url=web.url, java_script_enabled=scripts)
        closing.callback(context.close)
        guest = context.new_page()
        guest.on(
            "request", lambda sent: addresses.append(f"{sent.url.partition('#')[0]} {sent.headers.get('referer')}")
        )
        guest.goto(link)
        if not scripts:
            guest.get_by_label("Paste your invitation link").fill(link)
            guest.get_by_role("button", name="Continue").click()
        expect(guest.get_by_role("heading", name=re.compile("Welcome"))).to_be_visible()
        assert "#" not in guest.url
        if scripts:
            guest.go_back()
            assert code not in guest.url
            assert "#" not in str(guest.evaluate("location.href"))
    guest.get_by_label(re.compile("Choose a password")).fill(PASSWORD)
    guest.get_by_label("Enter the password again").fill(PASSWORD)
    guest.get_by_role("button", name="Join").click()
    expect(guest.get_by_text("You can sign in now")).to_be_visible()
    web.stop()

    logged = web.log.read_text()
    assert "GET /people?search=1" in logged  # addresses are written down
    assert "POST /join" in logged
    for canary in (*CANARIES, looked.name, code, PASSWORD):
        assert canary.lower() not in logged.lower(), canary
        assert not [each for each in addresses if canary.lower() in each.lower()], canary
    assert Case.objects.count() == 1


def test_what_is_typed_stays_while_the_network_is_away(ada: Somebody) -> None:
    connection.close()
    page = ada.page
    page.goto("/signals/new")
    page.get_by_label("What happened, in their words?").fill("They keep the passports in the office.")
    ada.context.set_offline(True)
    page.get_by_role("button", name="Save and see who leads").click()
    expect(page.locator("#not-sent")).to_be_focused()
    expect(page.get_by_label("What happened, in their words?")).to_have_value("They keep the passports in the office.")
    assert Signal.objects.count() == 0
    connection.close()
    ada.context.set_offline(False)
    page.get_by_label("Phone call").check()
    page.get_by_label("Who is telling us?").select_option("survivor")
    page.get_by_role("button", name="Save and see who leads").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The signal is saved")
    assert Signal.objects.count() == 1
    connection.close()
