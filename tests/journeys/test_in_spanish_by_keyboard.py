"""The working day in Spanish and by keyboard alone: the calls that must not go wrong, and what follows a yes.

Nothing is clicked, and no element is focused by the test: Tab leads to it, as it does somebody without a mouse.
"""

from __future__ import annotations

import contextlib
import datetime
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from nowrongdoor.access import viewers
from nowrongdoor.cases import people
from nowrongdoor.duties.models import Duty
from nowrongdoor.leads import answering
from nowrongdoor.signals.models import Signal
from tests import servers
from tests.journeys.test_in_other_languages import SPANISH, Speaker, speaker
from tests.leads import stories

pytestmark = pytest.mark.journey
TABS = 250  # more than any page here has
FOCUSED = """() => {
    const on = document.activeElement, named = document.getElementById(on.getAttribute("aria-labelledby"));
    const text = (named ?? on.labels?.[0] ?? on).textContent.trim().replace(/\\s+/g, " ");
    return {text, ring: getComputedStyle(on).outlineStyle, tag: on.tagName, value: on.value ?? "", checked: on.checked};
}"""


@pytest.fixture
def closing() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


class Hands:
    """Somebody without a mouse on one page."""

    def __init__(self, speaker: Speaker) -> None:
        self.speaker = speaker
        self.page: Page = speaker.page

    def to(self, selector: str) -> None:
        """Presses Tab until what is so has the focus, and sees that it shows."""
        for _ in range(TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                assert self.page.evaluate(FOCUSED)["ring"] != "none", selector
                return
        raise AssertionError(f"{selector} cannot be reached by keyboard")

    def choose(self, name: str, code: str) -> None:
        """Answers a question: Tab to it, and along its answers with the arrow keys."""
        self.to(f"[name={name}]")
        for _ in range(TABS):
            on = self.page.evaluate(FOCUSED)
            if on["value"] == code:
                if on["tag"] == "INPUT" and not on["checked"]:
                    self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{name}={code} cannot be reached by keyboard")

    def type(self, name: str, words: str) -> None:
        self.to(f"[name={name}]")
        self.page.keyboard.type(words)

    def moment(self, name: str, at: datetime.datetime) -> None:
        """Types a day and a time into the browser's own field, part after part as it is shown."""
        self.to(f"[name={name}]")
        self.page.keyboard.type(f"{at:%m%d%Y}")
        self.page.keyboard.press("ArrowRight")  # a year may have six digits
        self.page.keyboard.type(f"{at:%I%M%p}")
        assert self.page.evaluate(FOCUSED)["value"] == f"{at:%Y-%m-%dT%H:%M}"

    def press(self, message: str, selector: str = "a, button, summary") -> None:
        """Presses what begins with a sentence of the product."""
        words = self.speaker.say(message)
        for _ in range(TABS):
            self.page.keyboard.press("Tab")
            on = self.page.evaluate(FOCUSED)
            if on["text"].startswith(words) and self.page.evaluate(
                "(selector) => document.activeElement.matches(selector)", selector
            ):
                assert on["ring"] != "none", words
                self.page.keyboard.press("Enter")
                return
        raise AssertionError(f"{words!r} cannot be reached by keyboard")

    def tick(self, selector: str) -> None:
        self.to(selector)
        self.page.keyboard.press("Space")

    def sees(self, message: str) -> None:
        expect(self.page.get_by_text(self.speaker.meets(message)).first).to_be_visible(timeout=20_000)


def somebody(
    live: servers.Web,
    browser: Browser,
    closing: contextlib.ExitStack,
    agency: str,
    role: viewers.Role = viewers.Role.COORDINATOR,
) -> Hands:
    return Hands(speaker(live, browser, closing, SPANISH, agency, role))


@pytest.fixture
def ada(live: servers.Web, browser: Browser, closing: contextlib.ExitStack) -> Hands:
    """An advocate at the hotline, at the page of a call."""
    stories.staff()
    found = somebody(live, browser, closing, "HOTLINE", viewers.Role.ADVOCATE)
    found.page.goto("/signals/new")
    return found


def facts() -> dict[str, str]:
    found = dict(Signal.objects.get().facts)
    connection.close()
    return found


def save(hands: Hands) -> None:
    hands.page.keyboard.press("Control+Enter")
    expect(hands.page.get_by_role("heading", name=hands.speaker.meets("The signal is saved"))).to_be_visible()


def test_services_only_with_the_teller_unknown(ada: Hands) -> None:
    ada.choose("channel", "call")
    ada.choose("source", "unknown")
    ada.choose("wishes", "services_only")
    ada.choose("labor", "yes")
    save(ada)
    ada.speaker.look("keys-services-only")
    assert facts()["wishes"] == "services_only"
    told = set(Duty.notices().values_list("desk", flat=True))
    connection.close()
    assert told & {"FBI", "HSI", "LOCAL_POLICE", "STATE_POLICE"} == set()


def test_a_proxy_whose_person_does_not_know(ada: Hands) -> None:
    ada.choose("channel", "call")
    ada.choose("source", "proxy")
    expect(ada.page.locator("[name=proxy_knows]").first).to_be_visible()  # it opens by itself
    ada.choose("proxy_knows", "no")
    ada.choose("proxy_police", "no")
    ada.choose("labor", "yes")
    save(ada)
    ada.sees("Does the person know that you’re being told?")
    ada.speaker.look("keys-proxy")
    assert (facts()["wish_police"], "wishes" in facts()) == ("no", False)


def test_danger_now_with_somebody_listening(ada: Hands) -> None:
    ada.press("Somebody is listening: ask yes-or-no questions")
    ada.sees("Somebody is listening. Say: “Answer only yes or no.”")
    ada.page.keyboard.press("Enter")  # yes, in danger: the answer has the focus
    ada.sees("In danger: do this now")
    ada.speaker.look("keys-listening")
    ada.press("They can talk again: go on with the whole page")
    expect(ada.page.locator("[name=channel]").first).to_be_visible()
    ada.choose("channel", "call")
    ada.page.keyboard.press("Control+Enter")
    expect(ada.page.get_by_role("heading", level=1)).to_have_text(
        ada.speaker.meets("Somebody is in danger: do this now")
    )
    assert facts()["urgency"] == "immediate_danger"


def test_somebody_of_sixteen(ada: Hands) -> None:
    ada.sees("If you think they may be under 18, say this first")
    ada.choose("channel", "text")
    ada.choose("source", "survivor")
    ada.choose("age", "under_18")
    ada.choose("labor", "yes")
    save(ada)
    ada.speaker.look("keys-sixteen")
    assert facts()["age"] == "under_18"
    assert Duty.notices().filter(case__signals__signal=Signal.objects.get()).count() > 0
    connection.close()


def accept(page: Page) -> None:
    """Go to the first entry of the worklist and accept it, which asks once; wait for the page that comes then."""
    page.keyboard.press("j")
    page.keyboard.press("a")
    with page.expect_navigation():
        page.keyboard.press("a")


def test_accepted_by_mistake_undone_and_given_back(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack
) -> None:
    sam = somebody(live, browser, closing, "HSI")
    hope = somebody(live, browser, closing, "HOTLINE")
    case = stories.case(at=timezone.now())
    connection.close()
    page = sam.page
    page.goto("/worklist")
    accept(page)
    expect(page.locator("form[action$='/undo']").first).to_be_visible()
    sam.speaker.look("keys-undo")
    sam.press("Undo")
    expect(page.get_by_text(re.compile("Deshecho")).first).to_be_visible()
    assert stories.lead_of(case) == "HOTLINE"
    connection.close()
    accept(page)
    expect(page.locator("form[action$='/undo']").first).to_be_visible()
    page.goto(f"/cases/{case.reference}")
    with page.expect_navigation():
        sam.press("Give back or pass on")
    sam.choose("agency", str(stories.agency("HOTLINE").id))
    connection.close()
    sam.type("reason", "Es de su condado.")
    sam.press("Offer the lead", "button")
    expect(page.locator(".usa-alert--success")).to_be_visible()
    hope.page.goto("/worklist")
    accept(hope.page)
    expect(hope.page.locator(".usa-alert--success").first).to_contain_text(case.reference)
    assert stories.lead_of(case) == "HOTLINE"
    connection.close()


def test_an_urgent_offer_to_whoever_is_on_call(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack
) -> None:
    sam = somebody(live, browser, closing, "HSI")
    page, now = sam.page, timezone.localtime()
    page.goto("/on-call")
    with page.expect_navigation():
        sam.press("Start an on-call list", "button")
    sam.choose("person", str(sam.speaker.somebody.viewer.user_id))
    sam.choose("step", "1")
    sam.moment("from_at", now - datetime.timedelta(hours=1))
    sam.moment("to_at", now + datetime.timedelta(hours=12))
    sam.press("Add to the list", "button")
    expect(page.locator(".usa-alert--success")).to_be_visible()
    sam.speaker.look("keys-on-call")
    case = stories.case({**stories.FORCED_LABOR, "urgency": "immediate_danger"}, at=timezone.now())
    connection.close()
    page.goto("/notifications")
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    sam.speaker.look("keys-notified")
    sam.to(f"main a[href$='/cases/{case.reference}']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(case.reference)
    page.goto("/worklist")
    accept(page)
    expect(page.locator(".usa-alert--success").first).to_contain_text(case.reference)
    assert stories.lead_of(case) == "HSI"
    connection.close()
    page.goto("/notifications")
    expect(page).not_to_have_title(re.compile(r"^\(\d"))


def test_a_release_asked_for_signed_and_withdrawn_by_telephone(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack
) -> None:
    sam = somebody(live, browser, closing, "HSI")
    ada = somebody(live, browser, closing, "HOTLINE")
    case = stories.case(at=timezone.now())
    known = {"name": "Zuzana (fictional)", "phone": "+1 555 0100 200"}
    person = people.add(case.id, known, by=ada.speaker.somebody.viewer, at=timezone.now())
    answering.accept(stories.offer_of(case).id, by=sam.speaker.somebody.viewer, at=timezone.now())
    connection.close()
    sam.page.goto(f"/cases/{case.reference}/between")
    sam.press("Ask an agency that this case came from")
    sam.to("select[name=to]")
    sam.page.keyboard.press("ArrowDown")
    sam.choose("what", "release")
    sam.to("select[name=person]")
    sam.page.keyboard.press("ArrowDown")
    sam.type("because", "La vemos el jueves.")
    sam.page.keyboard.press("Tab")
    sam.page.keyboard.press("Enter")
    expect(sam.page.locator(".usa-alert--success")).to_be_visible()
    sam.speaker.look("keys-asked")

    there = f"/cases/{case.reference}/people/{person}"
    ada.page.goto(there)
    ada.press("Prepare a release to sign")
    ada.choose("recipient", "HSI")
    ada.tick("[name=part][value=location]")
    ada.type("purpose", "Para que me puedan llamar.")
    ada.choose("language", "es-us")
    ada.press("Show the paper to sign", "button")
    paper = ada.page.locator(".paper[lang=es-us]")
    expect(paper).to_contain_text("Permiso para compartir información sobre mí")
    ada.speaker.look("keys-paper")
    ada.type("code", paper.locator(".mono").inner_text())
    ada.moment("signed_at", timezone.localtime())
    ada.type("witness", "La defensora")
    ada.press("Save signed release", "button")
    expect(ada.page.locator(".usa-alert--success")).to_be_visible()
    ada.page.goto(f"/cases/{case.reference}/between")
    ada.tick("input[name=release]")
    ada.press("Answer with this release", "button")
    expect(ada.page.locator("form[action$='/answer']")).to_have_count(0)
    sam.page.goto(there)
    expect(sam.page.get_by_text("+1 555 0100 200")).to_be_visible()

    ada.page.goto(there)
    ada.press("Revoke this release", "summary")
    ada.choose("way", "phone")
    ada.press("Revoke this release", "button")
    expect(ada.page.get_by_text(re.compile("revocada por teléfono"))).to_be_visible()
    sam.page.reload()
    expect(sam.page.locator("h1")).to_be_visible()
    expect(sam.page.get_by_text("+1 555 0100 200")).to_have_count(0)
    sam.speaker.look("keys-revoked")
