"""The calls that must not go wrong: taken by keyboard or without a script, and whatever breaks meanwhile."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from nowrongdoor.access import viewers
from nowrongdoor.cases.models import Case
from nowrongdoor.duties.models import Duty
from nowrongdoor.signals.models import Signal
from tests import servers
from tests.journeys.test_on_the_screen import Somebody
from tests.leads import stories

pytestmark = pytest.mark.journey


@pytest.fixture
def closing() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def ada(live: servers.Web, browser: Browser, closing: contextlib.ExitStack) -> Somebody:
    """An advocate at the hotline."""
    stories.staff()
    found = Somebody(browser, live, stories.person("HOTLINE", viewers.Role.ADVOCATE))
    closing.callback(found.context.close)
    return found


def choose(page: Page, name: str, code: str) -> None:
    """Answers a question by keyboard: moves to it, and along its answers with the arrow keys."""
    page.locator(f"[name={name}]").first.focus()
    if page.evaluate("document.activeElement.tagName") == "SELECT":
        page.locator(f"select[name={name}]").select_option(code)
        return
    for _ in range(20):
        if page.evaluate(f"document.activeElement.value === '{code}'"):
            page.keyboard.press("Space")
            return
        page.keyboard.press("ArrowRight")
    raise AssertionError(f"{name}={code} cannot be reached by keyboard")


def type_into(page: Page, name: str, words: str) -> None:
    page.locator(f"[name={name}]").focus()
    page.keyboard.type(words)


def kept(page: Page) -> None:
    expect(page.locator("#draft")).to_contain_text("Draft saved", timeout=20_000)


def facts() -> dict[str, str]:
    found = dict(Signal.objects.get().facts)
    connection.close()
    return found


def notified() -> set[str]:
    found = set(Duty.notices().values_list("desk", flat=True))
    connection.close()
    return found


def test_services_only_with_the_teller_unknown_tells_no_enforcement_agency(ada: Somebody) -> None:
    page = ada.page
    page.goto("/signals/new")
    choose(page, "channel", "call")
    choose(page, "source", "unknown")
    choose(page, "wishes", "services_only")
    choose(page, "labor", "yes")
    expect(page.locator("#routing")).to_contain_text("wants services only", timeout=20_000)
    ada.look("call-services-only")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="The signal is saved")).to_be_visible()
    expect(page.get_by_text("wants services only", exact=True)).to_be_visible()
    ada.look("receipt-services-only")
    assert facts()["wishes"] == "services_only"
    assert not notified() & {"FBI", "HSI", "LOCAL_POLICE", "STATE_POLICE"}


def test_a_proxy_whose_person_does_not_know_agrees_to_nothing_for_them(ada: Somebody) -> None:
    page = ada.page
    page.goto("/signals/new")
    choose(page, "channel", "call")
    choose(page, "source", "proxy")
    expect(page.get_by_text("What the person wants counts")).to_be_visible()  # it opens by itself
    choose(page, "proxy_knows", "no")
    choose(page, "proxy_police", "no")
    choose(page, "labor", "yes")
    choose(page, "wishes", "report_agreed")
    expect(page.locator("#routing")).to_contain_text("wouldn’t be safe if police came", timeout=20_000)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("they can’t have agreed").first).to_be_visible()
    ada.look("call-proxy-refused")
    choose(page, "wishes", "unknown")
    page.get_by_text("How to reach them safely").click()
    choose(page, "reach_safe", "yes")
    type_into(page, "reach_number", "+1 555 0100 200")
    choose(page, "reach_until", "7")
    type_into(page, "reach_answer", "Wrong number.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="The signal is saved")).to_be_visible()
    expect(page.get_by_text("+1 555 0100 200")).to_be_visible()
    expect(page.get_by_text("Does the person know that you’re being told?")).to_be_visible()
    ada.look("receipt-proxy")
    assert (facts()["wish_police"], "wishes" in facts()) == ("no", False)
    page.get_by_text("I called back").click()
    page.get_by_label("Nobody answered").check()
    page.get_by_role("button", name="Save the call").click()
    page.goto("/signals/mine")
    expect(page.get_by_text("Nobody answered").first).to_be_visible()
    ada.look("my-contacts")


def test_in_danger_what_to_do_comes_first_and_yes_or_no_is_enough_when_somebody_listens(ada: Somebody) -> None:
    page = ada.page
    page.goto("/signals/new")
    page.get_by_role("button", name="Somebody is listening").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Are you in danger right now?")).to_be_visible()
    expect(page.get_by_role("button", name="Yes", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("In danger: do this now")).to_be_visible()
    expect(page.get_by_text("Call 911 now.")).to_be_visible()
    ada.look("listening-in-danger")
    expect(page.get_by_text("Is this happening to you?")).to_be_visible()
    page.get_by_role("button", name="Yes", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Do you want help, and nobody told?")).to_be_visible()
    page.get_by_role("button", name="No", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="They can talk again").click()
    choose(page, "channel", "call")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1, name="Somebody is in danger: do this now")).to_be_visible()
    ada.look("receipt-danger")
    assert facts()["urgency"] == "immediate_danger"
    assert facts()["source"] == "survivor"


def test_somebody_of_sixteen_hears_first_what_telling_means_and_a_brother_of_nine_is_a_person(ada: Somebody) -> None:
    page = ada.page
    page.goto("/signals/new")
    warning = page.get_by_text("If you tell us you’re under 18")
    safety = page.locator("input[name=urgency]").first
    assert warning.bounding_box()["y"] < safety.bounding_box()["y"]  # type: ignore[index]
    choose(page, "channel", "text")
    choose(page, "source", "survivor")
    choose(page, "age", "under_18")
    choose(page, "labor", "yes")
    page.locator("#people summary").click()
    type_into(page, "person-1-age", "16")
    choose(page, "person-1-role", "victim")
    page.get_by_role("button", name="Add another person").click()
    type_into(page, "person-2-age", "9")
    choose(page, "person-2-kind", "sibling")
    choose(page, "person-2-of", "1")
    kept(page)
    ada.look("call-sixteen")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="The signal is saved")).to_be_visible()
    case = Case.objects.get().reference
    connection.close()
    page.goto(f"/cases/{case}?tab=people")
    expect(page.get_by_text("Sibling").first).to_be_visible()


def test_the_browser_dies_in_the_middle_and_nothing_is_lost(
    ada: Somebody, live: servers.Web, browser: Browser, closing: contextlib.ExitStack, owner: str
) -> None:
    page = ada.page
    page.goto("/signals/new")
    choose(page, "channel", "call")
    type_into(page, "narrative", "The foreman keeps their passports.")
    kept(page)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    ada.context.close()
    again = Somebody(browser, live, ada.viewer)
    closing.callback(again.context.close)
    page = again.page
    page.goto("/signals/new")
    page.get_by_role("link", name=re.compile("Continue the draft")).click()
    expect(page.get_by_label("What happened, in their words?")).to_have_value("The foreman keeps their passports.")
    expect(page.get_by_label("Phone call")).to_be_checked()
    again.look("draft-again")
    page.get_by_text("Don’t write that: erase everything").click()
    page.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_text("Nothing was kept.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Continue the draft"))).to_have_count(0)
    with psycopg.connect(owner) as database:
        for table in ("draft", "datakey WHERE of = 'draft'"):
            row = database.execute(f"SELECT count(*) FROM nowrongdoor_{table}").fetchone()  # noqa: S608  ours
            assert row == (0,), table


def test_the_session_ends_in_the_middle_and_the_draft_is_there_after_signing_in(ada: Somebody) -> None:
    page = ada.page
    page.goto("/signals/new")
    choose(page, "channel", "call")
    type_into(page, "narrative", "First words.")
    kept(page)
    ada.sign_out_everywhere()
    type_into(page, "narrative", " Second words.")
    expect(page.locator("#signed-out")).to_be_visible(timeout=20_000)
    ada.sign_in()
    page.goto("/signals/new")
    page.get_by_role("link", name=re.compile("Continue the draft")).click()
    expect(page.get_by_label("What happened, in their words?")).to_have_value("First words.")


def test_the_same_call_in_spanish_and_without_a_script(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack
) -> None:
    stories.staff()
    viewer = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    ines = Somebody(browser, live, viewer, java_script_enabled=False, locale="es")
    closing.callback(ines.context.close)
    page = ines.page
    page.goto("/signals/new")
    expect(page.get_by_role("heading", level=2, name="Primero, la seguridad")).to_be_visible()
    page.locator("input[name=channel][value=call]").check()
    page.locator("select[name=source]").select_option("survivor")
    page.locator("input[name=labor][value=yes]").check()
    page.get_by_role("button", name="Guardar borrador").click()
    expect(page.get_by_text("Borrador guardado")).to_be_visible()
    expect(page.get_by_text("Solo usted puede abrirlo")).to_be_visible()
    page.get_by_role("button", name="Guardar y ver").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("señal")
    assert facts()["source"] == "survivor"


def test_nothing_entered_is_asked_about_and_not_saved_in_silence(ada: Somebody) -> None:
    page = ada.page
    page.goto("/signals/new")
    choose(page, "channel", "call")
    choose(page, "source", "unknown")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("a silent call can be a sign too").first).to_be_visible()
    ada.look("call-empty")
    page.get_by_label("Save it without anything else").check()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="The signal is saved")).to_be_visible()
