"""Somebody who helps a person notes a benefits letter step by step, on a telephone too; a colleague's worklist says in
time that it ends, and not which letter it is."""

from __future__ import annotations

import datetime
import pathlib
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, expect

from nowrongdoor.access import viewers
from nowrongdoor.cases import people
from nowrongdoor.cases.models import Case
from tests import servers
from tests.journeys import looking
from tests.journeys.test_on_the_screen import Somebody
from tests.leads import stories

pytestmark = pytest.mark.journey
DAY = datetime.timedelta(days=1)
CHILD = {**stories.FORCED_LABOR, "age": "under_18", "nationality": "foreign"}


@pytest.fixture
def helping(committed_db: None, browser: Browser) -> Iterator[tuple[Somebody, Somebody, Case]]:
    case = stories.case(CHILD)
    advocate, chief = (stories.person("HOTLINE", role) for role in (viewers.Role.ADVOCATE, viewers.Role.COORDINATOR))
    people.add(case.id, {"called": "Zuzana (fictional)"}, by=advocate, at=timezone.now())
    connection.close()
    with servers.Web(NWD_DEMONSTRATION="1") as web:
        web.wait_until_answering(120)
        both = Somebody(browser, web, advocate), Somebody(browser, web, chief)
        yield (*both, case)
        for each in both:
            each.context.close()


def pictured(somebody: Somebody, name: str) -> None:
    """Keep pictures of the page on a screen and on a telephone, where somebody asks for them."""
    if not looking.PICTURES:
        return
    for width in (1280, 390):
        somebody.page.set_viewport_size({"width": width, "height": 900})
        somebody.page.screenshot(path=pathlib.Path(looking.PICTURES) / f"{name}-{width}.png", full_page=True)


def test_a_letter_is_noted_and_its_end_is_on_the_worklist_without_its_name(
    helping: tuple[Somebody, Somebody, Case],
) -> None:
    advocate, chief, case = helping
    page, today = advocate.page, timezone.localdate()
    page.goto(f"/cases/{case.reference}")
    page.get_by_role("link", name="Person 1").first.click()
    page.get_by_role("link", name="Benefits letters").click()
    advocate.look("benefits-empty")
    page.get_by_text("A letter was requested", exact=True).click()
    asking = page.locator("details", has_text="A letter was requested")
    asking.get_by_label("Interim assistance letter").check()
    page.get_by_label("When was it requested?").fill((today + 2 * DAY).isoformat())
    page.get_by_role("button", name="Save the request").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose a day that isn’t in the future.")
    expect(asking.get_by_label("Interim assistance letter")).to_be_checked()
    advocate.look("benefits-refused")
    pictured(advocate, "benefits-refused")
    page.get_by_label("When was it requested?").fill((today - 2 * DAY).isoformat())
    page.get_by_role("button", name="Save the request").press("Enter")
    expect(page.get_by_text("Nothing was sent")).to_be_visible()
    letter = page.locator(".note").filter(has=page.get_by_role("heading", name="Interim assistance letter"))
    letter.get_by_text("It came").click()
    letter.get_by_label("When did it come?").fill(today.isoformat())
    letter.get_by_label("Number on the letter").fill("HHS-2026-0417")
    letter.get_by_label("Last day that the letter names").fill((today + 15 * DAY).isoformat())
    letter.get_by_role("button", name="Save the letter").press("Enter")
    expect(page.get_by_text("15 days left")).to_be_visible()
    advocate.look("benefits")
    pictured(advocate, "benefits")
    letter.get_by_text("It was extended").click()
    pictured(advocate, "benefits-open")
    chief.page.goto("/worklist?kind=clock")
    expect(chief.page.get_by_text("Ask the advocate or victim specialist who helps this person")).to_be_visible()
    expect(chief.page.get_by_text("Interim")).to_have_count(0)
    pictured(chief, "benefits-worklist")
    chief.page.goto(f"/cases/{case.reference}")
    pictured(chief, "benefits-case")
