"""The pages of trust without a mouse: the inspector reads the trail, coordinators hold and dispose of a case."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import furnishing
from tests.journeys.test_every_page import Open, enter, house

pytestmark = pytest.mark.journey
__all__ = ["enter", "house"]  # fixtures that pytest looks for here
TABS = 60  # more than any page here has


def reach(page: Page, name: str, *, tabs: int = TABS) -> None:
    """Presses Tab until what is called so has the focus, as somebody without a mouse would, and sees that it shows."""
    for _ in range(tabs):
        page.keyboard.press("Tab")
        told = page.evaluate("""() => {
            const on = document.activeElement, told = document.getElementById(on.getAttribute("aria-labelledby"));
            const label = told ?? on.labels?.[0] ?? on;
            return {name: label.textContent.trim(), ring: getComputedStyle(on).outlineStyle};
        }""")
        if told["name"].startswith(name):
            assert told["ring"] != "none", name
            return
    raise AssertionError(f"{name!r} cannot be reached by keyboard")


def test_an_inspector_asks_the_trail_who_looked(enter: Open, house: furnishing.House) -> None:
    page = enter("ina")
    page.goto("/trail")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the navigation
    expect(page.locator("main")).to_be_focused()
    reach(page, "On which case?")
    page.keyboard.type(house.case)
    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name=house.case).first).to_be_visible()
    expect(page.get_by_role("cell", name="added a person").first).to_be_visible()
    assert page.get_by_role("cell", name=house.case).count() == page.locator("tbody tr").count()
    page.set_viewport_size({"width": 320, "height": 800})  # a wide table in a narrow window: each row is a block
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    labels = page.get_by_role("cell").evaluate_all(
        "(all) => all.map((each) => getComputedStyle(each, '::before').content)"
    )
    assert set(labels) == {'"When"', '"Who"', '"What"', '"Authority"', '"Case"'}
    page.goto("/trail")
    reach(page, "Download everything (CSV)")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert house.case not in download.value.path().read_text()  # ids alone: the file names no case by its reference


def test_coordinators_hold_a_case_lift_it_and_ask_for_a_disposal(enter: Open, house: furnishing.House) -> None:
    page = enter("hope")
    page.goto("/retention")
    held = page.get_by_role("button", name="Lift the hold").count()
    reach(page, "Hold a case")
    page.keyboard.press("Enter")
    reach(page, "Case reference")
    page.keyboard.type(house.case)
    reach(page, "What makes it necessary?")
    page.keyboard.type("Another")
    reach(page, "Why must it be kept?")
    page.keyboard.type("An audit.")
    page.keyboard.press("Enter")
    expect(
        page.get_by_text("Hold placed. Nothing in this case, or in cases merged with it, can be destroyed")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Lift the hold")).to_have_count(held + 1)
    reach(page, "Lift the hold")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The hold is lifted.")).to_be_visible()
    reach(page, "Request disposal")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Disposal requested. A second person at your agency must approve it.")).to_be_visible()
    reach(page, "Destroy permanently")  # the one that somebody else asked for
    page.keyboard.press("Space")
    expect(page.get_by_text("what they sealed can’t be read anymore")).to_be_visible()
