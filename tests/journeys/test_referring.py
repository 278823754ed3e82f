"""An advocate refers somebody whom they found a place for, and somebody who works there says yes on a telephone."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, expect

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.cases import people
from nowrongdoor.site import demonstration_referrals, demonstration_services
from tests import servers
from tests.journeys import looking
from tests.journeys.test_on_the_screen import Somebody
from tests.leads import stories

pytestmark = pytest.mark.journey
NAME = "Zuzana Kanarikova"


@pytest.fixture
def both(committed_db: None, browser: Browser) -> Iterator[tuple[Somebody, Somebody]]:
    chief = stories.person("HOTLINE", viewers.Role.COORDINATOR)
    demonstration_services.fill(by=chief, at=timezone.now())
    agencies.add_missing([demonstration_referrals.SHELTER])
    advocate = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    worker = stories.person(demonstration_referrals.SHELTER.code, viewers.Role.PROVIDER)
    case = stories.case()
    person = people.add(case.id, {"name": NAME}, by=advocate, at=timezone.now())
    somebody = demonstration_referrals.Somebody(case.id, person)
    demonstration_referrals.fill(somebody, advocate=advocate, worker=worker, at=timezone.now())
    connection.close()
    with servers.Web(NWD_DEMONSTRATION="1") as web:
        web.wait_until_answering(120)
        who = Somebody(browser, web, advocate), Somebody(browser, web, worker)
        yield who
        for each in who:
            each.context.close()


def test_somebody_is_found_a_bed_referred_and_taken_on_a_telephone(both: tuple[Somebody, Somebody]) -> None:
    advocate, worker = both
    page, telephone = advocate.page, worker.page
    telephone.set_viewport_size({"width": 390, "height": 844})
    telephone.goto("/asked")
    worker.look("asked")
    telephone.get_by_role("button", name="Still 3 free").first.press("Enter")
    expect(telephone.get_by_text("Advocates see this number now")).to_be_visible()
    page.goto("/find-help")
    page.get_by_label("A safe place to sleep tonight").check()
    page.get_by_label("Where are they?").fill("Buffalo, NY")
    page.get_by_role("button", name="Find help").press("Enter")
    offer = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Lantern House: shelter"))
    offer.get_by_label("Ask for a bed to be held").press("Space")
    offer.get_by_role("button", name="Start a referral").press("Enter")
    expect(page.get_by_text("No other referral here can ask for this bed")).to_be_visible()
    advocate.look("referral")
    number = page.get_by_role("heading", level=1).inner_text().split()[-1]
    telephone.reload()
    ask = telephone.locator(".note").filter(has_text=number)
    ask.get_by_text("We take them", exact=True).click()
    ask.get_by_role("button", name="Yes, we take them").press("Enter")
    expect(telephone.get_by_text("Saved: you take them")).to_be_visible()
    worker.look("asked-answered")
    telephone.get_by_role("link", name="Totals by month").click()
    worker.look("asked-totals")
    page.reload()
    expect(page.get_by_text("Takes them", exact=True)).to_be_visible()
    page.get_by_label("They got what they needed").check()
    page.get_by_role("button", name="Close the referral").press("Enter")
    expect(page.get_by_text("The referral is closed.")).to_be_visible()
    page.goto("/referrals")
    advocate.look("referrals")
    looking._picture(page, "referrals-done", "en")


def test_a_service_sees_who_comes_until_they_take_it_back(both: tuple[Somebody, Somebody]) -> None:
    advocate, worker = both
    page, telephone = advocate.page, worker.page
    telephone.set_viewport_size({"width": 390, "height": 844})
    telephone.goto("/asked")
    expect(telephone.get_by_text(NAME)).to_have_count(0)
    telephone.get_by_role("link", name="See what they allowed you to see").press("Enter")
    expect(telephone.get_by_text(NAME)).to_be_visible()
    worker.look("asked-for")
    page.goto("/referrals")
    page.locator(".note").filter(has_text="Takes them").get_by_role("link").press("Enter")
    advocate.look("referral-of-a-case")
    page.get_by_role("region", name="Case").get_by_role("link").press("Enter")
    page.get_by_role("link", name="Person 1").first.press("Enter")
    page.get_by_text("Revoke this release").first.click()
    page.get_by_label("By phone").check()
    page.get_by_role("button", name="Revoke this release").press("Enter")
    expect(page.get_by_text("revoked by phone")).to_be_visible()
    telephone.reload()
    expect(telephone.get_by_text("Nothing is shared with you")).to_be_visible()
    expect(telephone.get_by_text(NAME)).to_have_count(0)
    looking._picture(telephone, "asked-for-ended", "en")


def test_others_are_put_in_line_and_a_ride_goes_along(both: tuple[Somebody, Somebody]) -> None:
    advocate, _worker = both
    page = advocate.page
    page.goto("/referrals")
    page.locator(".note").filter(has=page.get_by_text("Asked", exact=True)).get_by_role("link").press("Enter")
    page.get_by_role("button", name="Find another service to ask next").press("Enter")
    offer = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Four Winds: shelter"))
    offer.get_by_role("button", name="Ask this service, or add it to your list").press("Enter")
    expect(page.get_by_text("Added to your list to ask next.")).to_be_visible()
    advocate.look("referral-next")
    page.get_by_text("They asked for a follow-up").click()
    page.get_by_label("On or after which day?").fill((timezone.localdate() + datetime.timedelta(days=7)).isoformat())
    page.get_by_role("region", name="Follow-up").get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("You’ll be reminded on that day.")).to_be_visible()
    page.get_by_role("button", name="A ride").press("Enter")
    expect(page.get_by_role("heading", name="Find help")).to_be_visible()
    advocate.look("find-help-ride")
