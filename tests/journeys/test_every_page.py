"""Every page that the URLconf has, opened by whoever may, wide and narrow: it is whole, and everybody can use it.

The addresses come from the URLconf, so that a new page is looked at on the day it is added. With NWD_PICTURES=<folder>
there are pictures afterwards.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from nowrongdoor.access import guards, limits
from nowrongdoor.agencies import entrance, setting_up
from nowrongdoor.agencies.models import User
from tests import servers, signing_in
from tests.access.test_doors import ENTRANCE, ROUTES
from tests.journeys import furnishing, keys, looking

pytestmark = pytest.mark.journey
# As whom each page is opened; "" is a visitor. `ina` has no second factor of her own yet.
PEOPLE = ("", "ada", "hope", "ina", "adam", "vera", "mia", "luz")
# The pages of coming in are the same for everybody: seen by a visitor, with a second factor, and without.
COMING_IN = ("", "ada", "ina")
# What is no page of its own: files, the stream, and what needs an identity provider or half a sign-in.
ELSEWHERE = {
    "export_trail": "a file",
    **dict.fromkeys(("file", "run_html", "run_pdf", "run_figures", "run_table"), "a file"),
    **dict.fromkeys(("sent_file", "sent_original", "case_sent_file", "case_sent_original"), "a file"),
    **dict.fromkeys(("chat", "chat_lines"), "walked in test_chat"),
    "line_provider": "signed by a provider: tests/floor/test_hooks",
    **dict.fromkeys(("hsds", "hsds_profile", "hsds_list", "hsds_row"), "for programs: tests/services/test_hsds_api"),
    "compare_runs": "walked in test_estimating",
    "report_signal": "leads to the report on its case; of a signal without one, walked in test_reports",
    "attach": "leads back to the case",
    "mfa_download_recovery_codes": "a file",
    "mfa_authenticate": "walked in test_signing_in",
    "mfa_login_webauthn": "a script asks it; a person is sent to the sign-in",
    "openid_connect_login": "needs a provider: tests/agencies/test_identity_provider",
    "openid_connect_callback": "needs a provider",
    "account_signup": "nobody signs up",
    "socialaccount_signup": "nobody signs up",
    "account_set_password": "nobody signs up",
}
Open = Callable[[str], Page]


@pytest.fixture
def house(live: servers.Web) -> furnishing.House:
    made = furnishing.furnish()
    connection.close()
    return made


@pytest.fixture
def enter(live: servers.Web, browser: Browser, house: furnishing.House) -> Iterator[Open]:
    """Opens a browser as somebody who passed both steps, and said again who they are a moment ago."""
    with contextlib.ExitStack() as stack:

        def somebody(name: str) -> Page:
            context = browser.new_context(base_url=f"http://localhost:{live.port}")
            stack.callback(context.close)
            if name:
                client = Client()
                person = User.objects.get(name=name)
                client.force_login(person)
                session = client.session
                said = {"method": "password", "at": time.time(), "reauthenticated": True}
                session[guards.STEPS] = [said, {"method": "mfa", "at": time.time()}]
                session[f"{guards.STEPS}_user"] = str(person.id)  # whose steps they were
                if name == "ina":  # who has entered her setup code
                    session[entrance.SETUP] = setting_up.read(signing_in.setup_code(person))
                session.save()
                connection.close()
                cookie = {"name": "sessionid", "value": session.session_key, "url": f"http://localhost:{live.port}"}
                context.add_cookies([cookie])  # type: ignore[list-item]
            return context.new_page()

        yield somebody


def test_every_page_is_whole_for_everybody_who_may_open_it(enter: Open, house: furnishing.House) -> None:
    wrong: list[str] = []
    answered: dict[str, set[int]] = {name: set() for names in _paths().values() for name in names}
    for name in PEOPLE:
        page = enter(name)
        watched = looking.Watched(page)
        passkey = _passkey(page) if name == "ada" else "0"
        titles: dict[str, str] = {}
        for path, routes in _paths().items():
            if set(routes) & set(ELSEWHERE) or (name not in COMING_IN and _is_entrance(routes)):
                continue
            address = house.address(path, passkey=passkey)
            answer = page.request.get(address, max_redirects=0)
            for route in routes:
                answered[route].add(answer.status)
            if "text/html" not in answer.headers["content-type"] or answer.status not in (200, 401):
                continue
            page.goto(address)
            if answer.status != 200:
                watched.forget_answers()
            title = page.title()
            if title in titles:
                wrong.append(f"{address} has the title of {titles[title]}: {title}")
            titles[title] = address
            wrong += looking.look(page, watched, name=f"{name or 'visitor'} {path}")
        page.close()
    assert not wrong, "\n".join(wrong)
    unseen = {route for route, seen in answered.items() if not seen & {200, 401, 405}} - set(ELSEWHERE)
    assert unseen == set(), "nobody could open these: furnish the house for them"


def test_what_goes_wrong_is_a_whole_page_too(enter: Open, house: furnishing.House) -> None:
    page = enter("hope")
    watched = looking.Watched(page)
    wrong: list[str] = []

    def look(name: str, heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(heading))
        watched.forget_answers()
        wrong.extend(looking.look(page, watched, name=name))

    page.goto("/cases/AAAA-BBBB-CCCC")
    look("404", "There’s nothing here")
    for name, words in (("nobody", "nobody"), ("somebody", furnishing.ARABIC)):
        page.goto("/people")
        page.get_by_label("Name, number, or email").fill(words)
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_role("heading", level=2)).to_have_count(1)
        look(f"people-{name}", "Find a person")
    page.goto("/people?search=99")
    expect(page.get_by_text("no longer available")).to_be_visible()
    look("people-forgotten", "Find a person")
    for kind in ("clock", "notice", "offer"):  # of which one has nothing in it
        page.goto(f"/worklist?kind={kind}")
        look(f"worklist-{kind}", "Worklist")
    page.goto("/mandates/what-if?labour=yes&labor=maybe&on=1999-01-01")
    look("what-if-wrong", "Who would answer")
    page.goto("/emergency")
    page.get_by_label("Case reference").fill("AAAA-BBBB-CCCC")
    page.get_by_label("What is the emergency?").fill(furnishing.UNBROKEN)
    page.get_by_role("button", name="Open it for an hour").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("What is the emergency?")).to_have_value(furnishing.UNBROKEN)
    look("emergency-wrong", "Open a case in an emergency")
    page.goto("/signals/new")
    page.get_by_label("Phone call").check()
    page.get_by_label("Who is telling us?").select_option("unknown")
    page.get_by_label("Is this about a case you already have?").fill("AAAA-BBBB-CCCC")
    page.get_by_role("button", name="Save and see who leads").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("new-signal-wrong", "New signal")
    page.goto("/retention")
    page.get_by_text("Hold a case").click()
    page.get_by_label("Case reference").fill("AAAA-BBBB-CCCC")
    page.get_by_label("What makes it necessary?").select_option("charge")
    page.get_by_label(re.compile("Why")).fill(furnishing.UNBROKEN)
    page.get_by_role("button", name="Place hold").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label(re.compile("Why"))).to_have_value(furnishing.UNBROKEN)
    look("retention-wrong", "Records retention")
    page.goto(f"/cases/{house.case}/people/{house.person}")
    page.get_by_text("Prepare a release to sign").click()
    release = page.locator("details", has_text="Prepare a release to sign")
    release.get_by_label("Which agency may see it?").select_option("LONG")
    release.get_by_label("Immigration matters").check()  # which no release opens to another department
    release.get_by_label(re.compile("What is it for")).fill(furnishing.ARABIC)
    release.get_by_label(re.compile("When does it end")).fill(
        (timezone.localdate() + datetime.timedelta(days=9)).isoformat()
    )
    release.get_by_role("button", name="Show the paper to sign").click()
    expect(page.get_by_role("alert")).to_contain_text("8 USC 1367")
    expect(release.get_by_label(re.compile("What is it for"))).to_have_value(furnishing.ARABIC)
    expect(release.get_by_label("Immigration matters")).to_be_checked()
    look("release-refused", "Person 1")
    page.goto("/emergency")
    page.get_by_label("Case reference").fill(house.case)
    page.get_by_label("What is the emergency?").fill("Nobody answers, and she is in danger.")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Open it for an hour").click()
    look("signed-out", "You’re signed out")
    page.goto("/sign-in")
    page.context.clear_cookies()
    page.get_by_label("Sign-in name").fill("hope")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    look("403-csrf", "This page was open too long")
    page.goto(f"/join#{house.invitation}")
    page.get_by_label(re.compile("Choose a password")).fill("four-words-put-together")
    page.get_by_label("Enter the password again").fill("four-words-put-apart")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("join-wrong", "Welcome")
    page.goto("/sign-in")  # from a page with another path, so that the browser loads this one
    page.goto("/join#nothing")
    expect(page.get_by_role("alert")).to_be_visible()
    look("join-over", "This invitation doesn’t work")
    page.goto("/sign-in")
    with contextlib.suppress(limits.TooMany):
        while True:
            later = timezone.now() + datetime.timedelta(seconds=30)  # there is room again every half second
            limits.spend(limits.Budget.ENTRANCE, "sign_in 127.0.0.1", at=later)
    connection.close()
    page.get_by_label("Sign-in name").fill("hope")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    look("429", "Please wait a moment")
    page = enter("ina")
    watched = looking.Watched(page)
    page.context.request.post("/sign-out")  # without its token: nothing happens
    page.goto("/trail")
    page.get_by_label("On which case?").fill("AAAA-BBBB-CCCC")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("No events match.")).to_be_visible()
    look("trail-nothing", "Audit trail of")
    page.get_by_label("On which case?").fill("AAAA")
    page.get_by_label("From").fill("2026-11-02")
    page.get_by_label("To", exact=True).fill("2026-11-01")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This day is before the first one")
    look("trail-wrong", "Audit trail of")
    page = enter("adam")
    watched = looking.Watched(page)
    page.goto("/administration/agencies?place=AK")
    look("agencies-nothing", "Agencies")
    page.goto("/administration/agencies?kind=everything")
    look("agencies-wrong", "Agencies")
    page.goto("/tokens")
    page.get_by_label("Name of the system").fill("  ")
    page.get_by_role("button", name="Make token").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("tokens-wrong", "Tokens of")
    page.get_by_label("Name of the system").fill(furnishing.ARABIC)
    page.get_by_role("button", name="Make token").click()
    expect(page.get_by_text("New token (shown only once)")).to_be_visible()
    look("tokens-new", "Tokens of")
    page.goto("/staff")
    page.get_by_text("New link").first.click()
    page.get_by_role("button", name="Make a new link").first.click()
    expect(page.get_by_text("Invitation link (shown only once)")).to_be_visible()
    look("staff-resent", "staff")
    assert not wrong, "\n".join(wrong)


def test_who_has_seen_a_persons_information_is_a_whole_page_refused_and_shown(
    enter: Open, house: furnishing.House
) -> None:
    page = enter("ada")
    watched = looking.Watched(page)
    page.goto(f"/cases/{house.case}/people/{house.person}/seen")
    page.get_by_role("button", name="Show the list").click()
    expect(page.get_by_role("alert")).to_contain_text("Ask the person, then choose an answer.")
    watched.forget_answers()
    wrong = looking.look(page, watched, name="seen-refused")
    page.get_by_label(re.compile("The person asked to see this")).check()
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("Yes, a paper is safe").check()
    page.get_by_role("button", name="Show the list").click()
    expect(page.get_by_text("Not now. Nothing was opened.")).to_be_visible()
    wrong += looking.look(page, watched, name="seen-not-now")
    page.get_by_label("No, nobody").check()
    page.get_by_role("button", name="Show the list").click()
    expect(page.get_by_role("heading", name="Who has seen my information")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    wrong += looking.look(page, watched, name="seen-shown")
    assert wrong == []


def test_a_very_long_agency_finds_room(enter: Open) -> None:
    page = enter("lena")
    watched = looking.Watched(page)
    for where in ("/worklist", "/cases", "/emergencies", "/retention", "/security"):
        page.goto(where)
        expect(page.get_by_text(furnishing.LONG).first).to_be_visible()
        assert looking.look(page, watched, name=f"long {where}") == []


def _paths() -> dict[str, list[str]]:
    """The addresses that are not the API's, each with the names that it goes by."""
    found: dict[str, list[str]] = {}
    for path, route in ROUTES:
        if guards.guard_of(route.callback) != guards.TOKEN:
            found.setdefault(path, []).append(str(route.name))
    return found


def _is_entrance(routes: list[str]) -> bool:
    """Whether these are names of a page of coming in; everybody's own page of how they sign in is for all."""
    return not {"security", "join"} & set(routes) and set(routes) <= ENTRANCE


def _passkey(page: Page) -> str:
    """Adds one, as its owner would, and says under which number it is kept."""
    keys.Keys(page).plug()
    page.goto("/security/passkeys/add")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_text("Passkey added.")).to_be_visible()
    page.goto("/security/passkeys")
    link = page.get_by_role("link", name=re.compile("Rename")).get_attribute("href")
    assert link
    return link.split("/")[-2]
