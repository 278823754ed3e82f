"""The worklist as a coordinator uses it all day: by keyboard, in several tabs, after lunch, and on a train."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from nowrongdoor.audit.models import Event
from nowrongdoor.cases.models import Case
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties.models import Duty, Entry
from nowrongdoor.leads import answering
from tests import servers
from tests.journeys.test_on_the_screen import Somebody
from tests.leads import stories

pytestmark = pytest.mark.journey
DANGER = {**stories.FORCED_LABOR, "urgency": "immediate_danger"}
CHILD = {**stories.FORCED_LABOR, "age": "under_18", "urgency": "within_24h"}
ANSWERS, KEYSTROKES, SECONDS = 40, 120, 1.0


@pytest.fixture
def closing() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def sam(live: servers.Web, browser: Browser, closing: contextlib.ExitStack) -> Somebody:
    """A coordinator of the agency that is asked first."""
    return somebody(live, browser, closing, "HSI")


def somebody(live: servers.Web, browser: Browser, closing: contextlib.ExitStack, code: str, **more: bool) -> Somebody:
    found = Somebody(browser, live, stories.person(code), **more)
    closing.callback(found.context.close)
    return found


def test_what_i_lead_is_on_my_list_and_a_button_only_where_somebody_is_next(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack, sam: Somebody
) -> None:
    case, hope = stories.case(), somebody(live, browser, closing, "HOTLINE")
    connection.close()
    page = hope.page
    page.goto("/worklist")
    entry = page.locator(".entry", has_text="Your agency leads case")
    expect(entry).to_contain_text(case.reference)
    expect(entry).to_contain_text("to answer")
    expect(entry.get_by_role("button", name=re.compile("Offer the lead"))).to_have_count(0)
    hope.look("worklist-leading-waiting")
    page.reload()
    answering.revoke(stories.offer_of(case).id, reason="A mistake.", by=hope.viewer, at=timezone.now())
    connection.close()
    button = entry.get_by_role("button", name=re.compile("Offer the lead to Homeland Security Investigations"))
    expect(button).to_be_visible(timeout=10_000)
    hope.look("worklist-leading-next")
    button.click()
    expect(page.get_by_text("was asked")).to_be_visible()
    page = sam.page
    page.goto("/worklist")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.keyboard.press("a")
    message = page.get_by_text(f"You now lead case {case.reference}.")
    expect(message).to_be_in_viewport()
    expect(message.get_by_role("link", name=case.reference)).to_be_visible()
    entry = page.locator(".entry", has_text="Your agency leads case")
    expect(entry).to_contain_text("No other agency is next in line.")
    expect(entry.get_by_role("button", name=re.compile("Offer the lead"))).to_have_count(0)
    sam.look("worklist-leading-nobody-next")


def test_my_session_ended_and_an_offer_came(sam: Somebody) -> None:
    first = stories.case()
    connection.close()
    page = sam.page
    page.goto("/worklist")
    page.keyboard.press("j")
    page.keyboard.press("d")
    page.keyboard.type("No agents in that district.")
    sam.sign_out_everywhere()
    expect(page.locator("#signed-out")).to_be_visible(timeout=15_000)
    other = stories.case(DANGER)
    connection.close()
    link = page.get_by_role("link", name=re.compile("Sign in again"))
    assert str(link.get_attribute("href")).endswith("/sign-in?next=%2Fworklist")
    expect(page.get_by_label(re.compile("Why are you declining"))).to_have_value("No agents in that district.")
    sam.look("worklist-signed-out-writing")
    sam.sign_in()  # in the other tab
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#signed-out")).to_be_hidden()
    expect(page.locator("#waiting")).to_be_visible(timeout=10_000)  # the list changed, and waits for the words
    expect(page.get_by_label(re.compile("Why are you declining"))).to_have_value("No agents in that district.")
    page.locator("details[open]").get_by_role("button", name="Decline").click()
    if page.get_by_role("button", name="Send it again").count():  # the token of this page was the old session's
        page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text(f"You declined case {first.reference}.")).to_be_visible()
    expect(page.locator(".entry", has_text=other.reference)).to_be_visible()


def answer(page: Page, count: int) -> tuple[int, float]:
    """Accept so many offers by keyboard; return the keys that it took, and the seconds within which nine pages of ten
    came: the tenth may have waited for whatever else the machine did."""
    pressed, took = 0, list[float]()

    def press(key: str) -> None:
        nonlocal pressed
        pressed += 1
        page.keyboard.press(key)

    page.goto("/worklist?kind=offer")
    press("j")
    for number in range(count):
        press("a")
        with page.expect_navigation():
            press("a")
        page.locator(".usa-alert--success").wait_for()
        took.append(page.evaluate("performance.getEntriesByType('navigation')[0].duration") / 1_000)
        if number + 1 < count:  # the next one is under the cursor
            expect(page.locator(".entry.is-here")).to_have_count(1)
    return pressed, sorted(took)[count * 9 // 10 - 1]


def test_forty_answers_take_at_most_120_keystrokes_and_hardly_a_page_above_a_second(sam: Somebody) -> None:
    made = [stories.case() for _ in range(ANSWERS)]
    connection.close()
    pressed, nearly_all = answer(sam.page, ANSWERS)
    assert sam.page.url.endswith("/worklist?kind=offer")
    assert pressed <= KEYSTROKES
    assert nearly_all < SECONDS
    assert {stories.lead_of(case) for case in made} == {"HSI"}
    connection.close()


def test_after_an_answer_the_next_entry_of_the_same_page_is_under_the_cursor(sam: Somebody) -> None:
    for _ in range(30):
        stories.case()
    connection.close()
    page = sam.page
    page.goto("/worklist?kind=offer&sort=oldest")
    page.get_by_role("link", name=re.compile("^Next")).click()
    names = page.locator(".entry").evaluate_all("all => all.map((each) => each.id)")
    assert len(names) == 5
    for expected in (names[1], names[2]):
        page.keyboard.press("j" if expected == names[1] else "Escape")
        page.keyboard.press("a")
        page.keyboard.press("a")
        expect(page.locator(".entry.is-here")).to_have_id(expected)
        assert "from=" in page.url
    for _ in range(3):
        page.keyboard.press("a")
        page.keyboard.press("a")
        expect(page.locator(".usa-alert--success")).to_be_visible()
    expect(page.locator(".entry")).to_have_count(25)  # the page is gone: the one before it is shown


def test_the_keys_are_in_view_and_can_be_turned_off(sam: Somebody) -> None:
    stories.case()
    connection.close()
    page = sam.page
    page.goto("/worklist")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_in_viewport()
    expect(dialog).to_contain_text("Next or previous entry")
    sam.look("worklist-keys")
    dialog.get_by_label("Use these shortcuts in this browser").click()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.locator(".entry.is-here")).to_have_count(0)
    expect(dialog).to_be_hidden()
    page.reload()
    page.keyboard.press("j")
    expect(page.locator(".entry.is-here")).to_have_count(0)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(dialog.get_by_role("checkbox")).not_to_be_checked()
    dialog.get_by_label("Use these shortcuts in this browser").click()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    expect(page.locator(".entry.is-here")).to_have_count(1)


@pytest.mark.parametrize("how", ["with scripts", "without"])
def test_several_notices_are_acknowledged_at_once_and_what_failed_is_named(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack, how: str
) -> None:
    made = [stories.case(CHILD) for _ in range(3)]
    otip = somebody(live, browser, closing, "HHS_OTIP", java_script_enabled=how == "with scripts")
    connection.close()
    page = otip.page
    page.goto("/worklist?kind=notice")
    for case in made:
        page.locator(".entry", has_text=case.reference).get_by_role("checkbox").first.check()
    if how == "with scripts":
        otip.look("worklist-selected")
    page.get_by_role("button", name="Acknowledge notices").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Acknowledge 3 notices?")
    if how == "with scripts":
        otip.look("worklist-several")
    first = Duty.notices().filter(case=made[0], agency__code="HHS_OTIP").order_by("due_at", "id")[0]
    duties.acknowledge(first.id, how="", by=stories.person("HHS_OTIP"), at=timezone.now())
    connection.close()
    page.get_by_role("button", name="Acknowledge 3 notices").click()
    expect(page.get_by_text("2 notices acknowledged.")).to_be_visible()
    expect(page.get_by_text("1 entry left the list before this was done.")).to_be_visible()
    assert "kind=notice" in page.url


def test_entries_are_assigned_taken_released_and_printed(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack, sam: Somebody
) -> None:
    made = [stories.case() for _ in range(2)]
    kim = somebody(live, browser, closing, "HSI")
    connection.close()
    page = sam.page
    page.goto("/worklist?kind=offer")
    page.keyboard.press("j")
    page.keyboard.press("t")
    expect(page.get_by_text(re.compile("You have case"))).to_be_visible()
    expect(page.locator(".entry.is-here")).to_contain_text("You have this")
    kim.page.goto("/worklist?has=nobody&kind=offer")
    expect(kim.page.locator(".entry")).to_have_count(1)
    kim.page.goto("/worklist")
    expect(kim.page.get_by_text(f"{sam.viewer.name} has this")).to_be_visible()
    kim.look("worklist-others")
    page.goto("/worklist?has=me")
    expect(page.locator(".entry")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("t")
    expect(page.get_by_text("You’re all caught up")).to_be_visible()
    sam.look("worklist-caught-up")
    page.goto("/worklist?has=me&due=late")
    expect(page.get_by_text("Nothing matches your filters")).to_be_visible()
    sam.look("worklist-nothing-matches")
    page.goto("/worklist?kind=offer")
    page.get_by_role("button", name="Select all on this page").click()
    page.get_by_label("Assign to").select_option(str(kim.viewer.user_id))
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("2 entries assigned.")).to_be_visible()
    assert Entry.objects.filter(person_id=kim.viewer.user_id).count() == len(made)
    connection.close()
    page.get_by_role("button", name="Select all on this page").click()
    page.get_by_role("button", name="Print").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 entries of the worklist")
    page.emulate_media(media="print")
    expect(page.get_by_text(re.compile(f"Printed by {sam.viewer.name}"))).to_be_visible()
    expect(page.locator(".print-header")).to_contain_text(
        "DEMONSTRATION: every person and every case here is fictional"
    )
    page.emulate_media(media="screen", reduced_motion="reduce")
    sam.look("worklist-print")
    assert Event.objects.filter(verb="worklist.printed").count() == 1
    connection.close()


def test_filters_and_saved_searches_work_without_scripts(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack
) -> None:
    urgent, calm = stories.case(DANGER), stories.case()
    plain = somebody(live, browser, closing, "HSI", java_script_enabled=False)
    connection.close()
    page = plain.page
    page.goto("/worklist")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Urgency").select_option("immediate_danger")
    page.get_by_label("Kind").select_option("offer")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator(".entry")).to_have_count(1)
    expect(page.locator(".entry")).to_contain_text(urgent.reference)
    expect(page.get_by_text(calm.reference)).to_have_count(0)
    page.get_by_role("button", name="Save this search").click()
    expect(page.get_by_text("Search saved.")).to_be_visible()
    page.get_by_role("link", name="Clear filters").click()
    page.get_by_role("link", name=re.compile(r"^Offers of the lead, In immediate danger \(?1")).click()
    expect(page.locator(".entry")).to_have_count(1)
    page.get_by_role("button", name=re.compile("^Remove")).click()
    expect(page.get_by_text("Saved search removed.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Offers of the lead, In"))).to_have_count(0)
    page.goto("/worklist?kind=offer&urgency=tomorrow")
    expect(page.get_by_role("link", name=re.compile("The list has no such filter"))).to_be_visible()
    expect(page.locator(".entry")).to_have_count(2)


def test_filters_and_saved_searches_are_whole_pages(sam: Somebody) -> None:
    stories.case(DANGER)
    connection.close()
    page = sam.page
    page.goto("/worklist?kind=offer&urgency=immediate_danger&sort=newest")
    page.get_by_role("button", name="Save this search").click()
    expect(page.get_by_text("Search saved.")).to_be_visible()
    sam.look("worklist-filtered")
    page.goto("/worklist?urgency=tomorrow")
    sam.look("worklist-wrong-filter")


def test_a_mistyped_reference_is_told_what_is_wrong_and_what_is_near(sam: Somebody) -> None:
    case = stories.case()
    stories.case(receiver="WHD", facts={"labor": "yes", "source": "survivor"})  # which HSI may not see
    connection.close()
    page = sam.page
    page.goto("/worklist")
    page.keyboard.press("/")
    page.keyboard.type(case.reference.lower().replace("-", ""))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(case.reference)
    swapped = case.reference[:2] + case.reference[3] + case.reference[2] + case.reference[4:]
    if swapped == case.reference:
        swapped = ("A" if case.reference[0] != "A" else "B") + case.reference[1:]
    for typed, wrong in ((swapped, "letter by letter"), (case.reference[:-1], "This has 11 letters and digits")):
        page.goto("/worklist/find")
        page.get_by_label("Find by reference or sender’s ID").fill(typed)
        page.get_by_role("main").get_by_role("button", name="Find").click()
        expect(page.get_by_text(re.compile(wrong)).first).to_be_visible()
        expect(page.get_by_role("link", name=case.reference)).to_be_visible()
    sam.look("find-near")


def test_a_quick_look_opens_in_the_row_and_is_in_the_trail(
    live: servers.Web, browser: Browser, closing: contextlib.ExitStack, sam: Somebody
) -> None:
    case = stories.case(CHILD)
    plain = somebody(live, browser, closing, "HSI", java_script_enabled=False)
    connection.close()
    page = sam.page
    page.goto("/worklist")
    page.keyboard.press("j")
    page.keyboard.press("l")
    expect(page.get_by_text("Known so far")).to_be_visible()
    assert page.url.endswith("/worklist")
    sam.look("worklist-look")
    assert Event.objects.filter(verb="case.read", case_id=case.id, by_id=sam.viewer.user_id).count() == 1
    connection.close()
    page.get_by_role("link", name=re.compile("Quick look")).click()
    expect(page.get_by_text("Known so far")).to_have_count(0)
    plain.page.goto("/worklist")
    plain.page.get_by_role("link", name=re.compile("Quick look")).click()
    expect(plain.page.get_by_role("heading", level=1)).to_have_text(f"Quick look at case {case.reference}")
    plain.page.get_by_role("link", name="Back to the worklist").click()
    expect(plain.page.get_by_role("heading", level=1)).to_have_text("Worklist")


def test_what_somebody_reads_stays_where_it_is_when_more_urgent_entries_come(sam: Somebody) -> None:
    for _ in range(8):
        stories.case()
    connection.close()
    page = sam.page
    page.goto("/worklist?kind=offer")
    for _ in range(6):
        page.keyboard.press("j")
    page.locator(".entry.is-here").get_by_role("checkbox").check()
    before = page.locator(".entry.is-here").bounding_box()
    reference = page.locator(".entry.is-here h2").inner_text()
    urgent = stories.case(DANGER)
    connection.close()
    expect(page.locator(".entry").first).to_contain_text(urgent.reference, timeout=10_000)
    after = page.locator(".entry.is-here").bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 2
    expect(page.locator(".entry.is-here h2")).to_have_text(reference)
    expect(page.locator(".entry.is-here input[name=entry]")).to_be_checked()
    expect(page.locator(".entry.is-danger")).to_have_count(1)
    sam.look("worklist-urgent")


def test_a_laptop_that_slept_asks_again_and_due_times_go_on(sam: Somebody) -> None:
    stories.case()
    connection.close()
    page = sam.page
    page.clock.install()
    page.goto("/worklist?kind=offer")
    left = page.locator("time[data-due]").inner_text()
    page.locator(".entry").wait_for()
    with page.expect_request(lambda sent: sent.url.endswith("/worklist?kind=offer")):
        page.clock.fast_forward("03:00:00")  # the lid was closed: no timer ran, and then the clock had jumped
    expect(page.locator("time[data-due]")).not_to_have_text(left)
    assert Case.objects.count() == 1
    connection.close()
