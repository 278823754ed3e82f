"""The main job as people walk it: one journey per promise to a person, in a real browser, with accessibility checks."""

from __future__ import annotations

import io
import pathlib
import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nowrongdoor.access import viewers
from nowrongdoor.agencies.models import User
from nowrongdoor.cases.models import Case
from tests import servers, signing_in
from tests.leads import stories
from tests.uploads import files

pytestmark = pytest.mark.journey
PASSWORD = "journey-password"
Join = Callable[[str, viewers.Role], Page]


@pytest.fixture
def join(live: servers.Web, browser: Browser) -> Iterator[Join]:
    """Opens a browser in which somebody of an agency has signed in by keyboard."""
    contexts: list[BrowserContext] = []
    stories.staff()  # an agency that nobody can answer for would be passed over

    def sign_in(code: str, role: viewers.Role = viewers.Role.COORDINATOR) -> Page:
        name = f"{code.lower()}-{role.value}"
        person = User.objects.add(
            name=name, full_name=f"Pat of {code}", agency=stories.agency(code), role=role, password=PASSWORD
        )
        secret = signing_in.enrol(person)
        connection.close()
        contexts.append(browser.new_context(base_url=live.url))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        page.goto("/sign-in")
        expect(page.get_by_label("Sign-in name")).to_be_focused()
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Verify it’s you")).to_be_visible()
        page.keyboard.type(signing_in.code(secret))
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"Pat of {code}")).to_be_visible()
        return page

    yield sign_in
    for context in contexts:
        context.close()


def check(page: Page) -> None:
    """Axe finds nothing serious, and nothing is wider than a narrow telephone."""
    found = Axe().run(page)
    serious = [v for v in found.response["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == [], [(v["id"], v["nodes"][0]["html"]) for v in serious]
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    if size:
        page.set_viewport_size(size)


def test_a_call_at_night_is_owned_before_it_ends_and_accepted_live_by_keyboard(join: Join) -> None:
    """The advocate and the coordinator, by keyboard alone; the coordinator's page changes without being loaded."""
    ada, sam = join("HOTLINE", viewers.Role.ADVOCATE), join("HSI", viewers.Role.COORDINATOR)
    sam.goto("/worklist")
    expect(sam.get_by_text("all caught up")).to_be_visible()
    check(sam)

    ada.goto("/signals/new")
    check(ada)
    expect(ada.get_by_label("Not known").first).to_be_focused()  # safety is asked first, and the page is ready
    ada.keyboard.press("ArrowRight")
    ada.keyboard.press("ArrowRight")  # a response within 24 hours
    ada.keyboard.press("Tab")
    ada.keyboard.press("Space")  # a phone call: the first answer, and not one that is given for her
    ada.get_by_label("Who is telling us?").select_option("bystander")
    _choose(ada, "labor", "yes")
    _choose(ada, "means", "yes")
    _choose(ada, "nationality", "foreign")
    ada.get_by_label("What happened, in their words?").focus()
    ada.keyboard.type("The foreman keeps their passports.")
    ada.get_by_role("button", name="Save and see who leads").focus()
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", name="The signal is saved")).to_be_visible()
    expect(ada.get_by_text("National Human Trafficking Hotline is the lead agency now.")).to_be_visible()
    expect(ada.get_by_text("The lead was offered to Homeland Security Investigations")).to_be_visible()
    check(ada)

    expect(sam.get_by_role("heading", name=re.compile("Offer of the lead"))).to_be_visible(timeout=10_000)  # live
    expect(sam.get_by_text("HSI investigates forced labor of foreign nationals.")).to_be_visible()
    expect(sam.get_by_text("18 USC ch 77").first).to_be_visible()
    expect(sam.get_by_text("The foreman keeps")).to_have_count(0)
    check(sam)
    sam.keyboard.press("j")
    sam.keyboard.press("a")
    sam.keyboard.press("a")
    expect(sam.get_by_text("You now lead case")).to_be_visible()

    ada.get_by_role("link", name=re.compile(r"^\w{4}-\w{4}-\w{4}$")).click()
    expect(ada.get_by_text("Homeland Security Investigations is the lead agency.")).to_be_visible()
    expect(ada.get_by_text("The foreman keeps their passports.")).to_be_visible()
    check(ada)


def test_in_danger_the_receipt_says_whom_to_call_and_each_call_is_marked_by_keyboard(join: Join) -> None:
    """The advocate at night: somebody is in danger and wants no report. Nothing but the keyboard."""
    ada = join("HOTLINE", viewers.Role.ADVOCATE)
    ada.goto("/signals/new")
    expect(ada.locator("input[name=urgency]").first).to_be_focused()
    ada.keyboard.press("ArrowRight")  # immediate danger
    expect(ada.locator("input[name=urgency][value=immediate_danger]")).to_be_checked()
    _choose(ada, "channel", "call")
    _choose(ada, "wishes", "services_only")
    _choose(ada, "labor", "yes")
    ada.get_by_role("button", name="Save and see who leads").focus()
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("heading", level=1, name="Somebody is in danger: do this now")).to_be_visible()
    check(ada)
    calls = ("Call 911 now.", "Call the local police dispatcher only if 911 didn’t already reach them.")
    for number, call in enumerate(calls, start=1):
        step = ada.get_by_role("listitem").filter(has=ada.get_by_role("heading", name=call))
        expect(step.get_by_text("Say nothing that identifies the person")).to_be_visible()
        step.get_by_label("How did you do it?").focus()
        ada.keyboard.type("By telephone, dispatcher 12.")
        ada.keyboard.press("Enter")
        expect(ada.get_by_text("Marked as notified: case")).to_be_visible()
        expect(ada.get_by_text("by Pat of HOTLINE")).to_have_count(number)
        check(ada)
    expect(ada.get_by_role("heading", level=1, name="The calls are made")).to_be_visible()
    expect(ada.get_by_text("Not asked or notified:")).to_be_visible()


def test_a_decline_needs_a_reason_and_goes_to_the_next_agency_at_once(join: Join) -> None:
    case = stories.case()
    sam, fay = join("HSI", viewers.Role.COORDINATOR), join("FBI", viewers.Role.COORDINATOR)
    fay.goto("/worklist")
    sam.goto("/worklist")
    sam.keyboard.press("j")
    sam.keyboard.press("d")
    sam.keyboard.press("Tab")
    sam.keyboard.press("Enter")  # without a reason the browser itself keeps it back
    expect(sam.get_by_label(re.compile("Why are you declining"))).to_be_visible()
    sam.get_by_label(re.compile("Why are you declining")).focus()
    sam.keyboard.type("No agents in that district.")
    sam.keyboard.press("Tab")
    sam.keyboard.press("Enter")
    expect(sam.get_by_text("The next agency was asked")).to_be_visible()
    expect(fay.get_by_role("heading", name=re.compile(case.reference))).to_be_visible(timeout=10_000)
    fay.get_by_role("link", name=re.compile(case.reference)).first.click()
    expect(fay.get_by_text("“No agents in that district.”")).to_be_visible()
    check(fay)


def test_the_key_acts_on_the_entry_that_was_chosen_when_a_more_urgent_one_comes_before_it(join: Join) -> None:
    first = stories.case()
    sam = join("HSI", viewers.Role.COORDINATOR)
    sam.goto("/worklist")
    sam.keyboard.press("j")
    expect(sam.locator(".entry.is-here")).to_contain_text(first.reference)
    urgent = stories.case({**stories.FORCED_LABOR, "urgency": "within_24h"})
    expect(sam.locator(".entry").first).to_contain_text(urgent.reference, timeout=10_000)
    expect(sam.locator(".entry.is-here")).to_contain_text(first.reference)
    sam.keyboard.press("a")
    expect(sam.get_by_text(f"Accept lead for case {first.reference}?")).to_be_visible()
    sam.keyboard.press("Enter")
    expect(sam.get_by_text(f"You now lead case {first.reference}.")).to_be_visible()
    connection.close()
    assert (stories.lead_of(first), stories.lead_of(urgent)) == ("HSI", "HOTLINE")


def test_whoever_comes_second_is_told_kindly_and_nothing_changes(join: Join) -> None:
    stories.case()
    first = join("HSI", viewers.Role.COORDINATOR)
    first.goto("/worklist")
    second = first.context.new_page()
    second.goto("/worklist")
    first.locator("details.confirm > summary").click()
    first.get_by_role("button", name="Accept lead").click()
    expect(first.get_by_text("You now lead case")).to_be_visible()
    token = first.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    offer = str(Case.objects.get().lead_handoff_id)
    connection.close()
    answer = second.request.post(
        f"/offers/{offer}/accept",
        form={"csrfmiddlewaretoken": token, "back": "/worklist"},
        headers={"Referer": first.url},
    )
    assert "was already accepted. Nothing was changed." in answer.text()


def test_without_scripts_everything_still_works(live: servers.Web, browser: Browser) -> None:
    case = stories.case()
    plain = User.objects.add(
        name="plain",
        full_name="Pat Plain",
        agency=stories.agency("HSI"),
        role=viewers.Role.COORDINATOR,
        password=PASSWORD,
    )
    secret = signing_in.enrol(plain)
    connection.close()
    context = browser.new_context(base_url=live.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/worklist")
    page.get_by_label("Sign-in name").fill("plain")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label(re.compile("authenticator app shows")).fill(signing_in.code(secret))
    page.get_by_role("button", name="Continue").click()
    page.locator("details.confirm > summary").click()
    page.get_by_role("button", name="Accept lead").click()
    expect(page.get_by_text(f"You now lead case {case.reference}.")).to_be_visible()
    page.goto(f"/cases/{case.reference}")
    page.get_by_text("Change the facts").click()
    page.get_by_label("Is the person under 18?").select_option("under_18")
    page.get_by_role("button", name="Save and update routing").click()
    expect(page.get_by_text("routing is updated")).to_be_visible()
    page.goto("/mandates/what-if?labor=yes&nationality=foreign")
    expect(page.get_by_text("Homeland Security Investigations would be asked to lead.")).to_be_visible()
    context.close()


def test_a_picture_is_attached_by_keyboard_and_comes_out_without_what_it_told(
    join: Join, tmp_path: pathlib.Path
) -> None:
    case = stories.case()
    ada = join("HOTLINE", viewers.Role.ADVOCATE)
    ada.goto(f"/cases/{case.reference}")
    expect(ada.get_by_text("No files yet.")).to_be_visible()
    told = tmp_path / f"{files.TOLD}.jpg"
    told.write_bytes(files.jpeg())
    program = tmp_path / "holiday.jpg"
    program.write_bytes(b"MZ\x90\x00\x03")

    ada.get_by_text("Attach a file").focus()
    ada.keyboard.press("Enter")
    check(ada)
    ada.keyboard.press("Tab")
    expect(ada.get_by_label("What is it?")).to_be_focused()
    ada.keyboard.type("Photograph of the letter")
    ada.keyboard.press("Tab")
    expect(ada.get_by_label("File", exact=True)).to_be_focused()
    ada.get_by_label("File", exact=True).set_input_files(program)
    ada.keyboard.press("Tab")
    ada.keyboard.press("ArrowRight")
    ada.keyboard.press("ArrowRight")  # everybody on this case
    ada.keyboard.press("Tab")
    ada.keyboard.press("Enter")
    expect(ada.get_by_role("alert")).to_contain_text("This kind of file cannot be taken in")
    check(ada)
    ada.get_by_role("alert").get_by_role("link").focus()
    ada.keyboard.press("Enter")
    expect(ada.get_by_label("File", exact=True)).to_be_focused()
    expect(ada.get_by_label("File", exact=True)).to_have_accessible_description(re.compile("This kind of file cannot"))
    expect(ada.get_by_label("What is it?")).to_have_value("Photograph of the letter")
    expect(ada.get_by_label(re.compile("names and shows no one"))).to_be_checked()
    ada.get_by_label("File", exact=True).set_input_files(told)
    ada.get_by_role("button", name="Attach the file").focus()
    ada.keyboard.press("Enter")
    expect(ada.get_by_text("The file is attached.")).to_be_visible()
    check(ada)

    sam = join("HSI", viewers.Role.COORDINATOR)
    for page in (ada, sam):
        page.goto(f"/cases/{case.reference}")
        with page.expect_download() as kept:
            page.get_by_role("link", name="Photograph of the letter", exact=True).press("Enter")
        assert re.fullmatch(rf"case-{case.reference}-[0-9a-f]{{8}}\.jpg", kept.value.suggested_filename)
        content = pathlib.Path(kept.value.path()).read_bytes()
        assert files.TOLD.encode() not in content
        with Image.open(io.BytesIO(content)) as shown:
            assert (shown.size, dict(shown.getexif())) == ((48, 64), {})
        expect(page.get_by_text(files.TOLD)).to_have_count(0)


def test_without_scripts_a_file_is_attached_too(live: servers.Web, browser: Browser, tmp_path: pathlib.Path) -> None:
    case, hope = stories.case(), stories.person("HOTLINE")
    letter = tmp_path / "letter.txt"
    letter.write_text("Fictional.")
    client = Client()
    signing_in.sign_in(client, hope)
    connection.close()
    context = browser.new_context(base_url=live.url, java_script_enabled=False)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live.url}])
    page = context.new_page()
    page.goto(f"/cases/{case.reference}")
    page.get_by_text("Attach a file").click()
    page.get_by_label("What is it?").fill("A letter")
    page.get_by_label("File", exact=True).set_input_files(letter)
    page.get_by_role("button", name="Attach the file").click()
    expect(page.get_by_text("The file is attached.")).to_be_visible()
    with page.expect_download() as kept:
        page.get_by_role("link", name="A letter", exact=True).click()
    assert pathlib.Path(kept.value.path()).read_text() == "Fictional."
    context.close()


def test_anybody_signed_in_can_ask_who_would_answer(join: Join) -> None:
    page = join("WHD", viewers.Role.COORDINATOR)
    page.goto("/mandates/what-if")
    expect(page.get_by_text("National Human Trafficking Hotline would be asked to lead.")).to_be_visible()
    page.get_by_label("Is someone making the person engage in commercial sex?").select_option("yes")
    page.get_by_label("Is the person under 18?").select_option("under_18")
    expect(page.get_by_text("FBI Violent Crimes Against Children would be asked to lead.")).to_be_visible()
    check(page)
    page.goto("/mandates/what-if?labour=yes&labor=maybe&on=1999-01-01")
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    page.goto("/mandates")
    expect(page.get_by_text("Proved: every possible case has exactly one lead")).to_be_visible()
    check(page)
    page.goto("/cases")
    expect(page.get_by_text("No cases here yet")).to_be_visible()
    check(page)
    page.goto("/cases/AAAA-BBBB-CCCC")
    expect(page.get_by_role("heading", name="There’s nothing here")).to_be_visible()
    check(page)


def test_a_wrong_password_is_told_and_the_page_is_accessible(live: servers.Web, page: Page) -> None:
    page.goto(f"{live.url}/sign-in")
    check(page)
    page.get_by_label("Sign-in name").fill("nobody")
    page.get_by_label("Password").fill("nothing")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    check(page)


def test_pages_hold_together_from_right_to_left(join: Join) -> None:
    stories.case()
    page = join("HSI", viewers.Role.COORDINATOR)
    for path in ("/worklist", "/cases", "/signals/new", "/mandates/what-if"):
        page.goto(path)
        page.evaluate("document.documentElement.dir = 'rtl'")
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def _choose(page: Page, name: str, code: str) -> None:
    """Moves to a question's radio buttons and chooses one with the arrow keys."""
    page.locator(f"input[name={name}]").first.focus()
    for _ in range(20):
        if page.evaluate(f"document.activeElement.name === '{name}' && document.activeElement.value === '{code}'"):
            page.keyboard.press("Space")
            return
        page.keyboard.press("ArrowRight")
    raise AssertionError(f"{name}={code} cannot be reached by keyboard")
