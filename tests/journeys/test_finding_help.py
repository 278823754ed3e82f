"""An advocate with somebody on the line finds who can take them tonight, by keyboard, in English and in Spanish."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, expect

from nowrongdoor.access import viewers
from nowrongdoor.site import demonstration_services
from tests import servers
from tests.journeys import looking
from tests.journeys.test_on_the_screen import Somebody
from tests.leads import stories

pytestmark = pytest.mark.journey


@pytest.fixture
def advocate(committed_db: None, browser: Browser) -> Iterator[Somebody]:
    chief = stories.person("HOTLINE", viewers.Role.COORDINATOR)
    demonstration_services.fill(by=chief, at=timezone.now())
    viewer = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    connection.close()
    with servers.Web(NWD_DEMONSTRATION="1") as web:
        web.wait_until_answering(120)
        somebody = Somebody(browser, web, viewer)
        yield somebody
        somebody.context.close()


def test_who_can_take_somebody_tonight_is_found_by_keyboard(advocate: Somebody) -> None:
    page = advocate.page
    page.goto("/find-help")
    advocate.look("find-help-empty")
    page.get_by_label("A safe place to sleep tonight").press("Space")
    page.get_by_label("Where are they?").fill("Buffalo, NY")
    page.get_by_label("Which language do they speak?").select_option("es")
    page.get_by_label("Where are they?").press("Enter")
    expect(page.get_by_role("heading", name="Lantern House: shelter")).to_be_visible()
    advocate.look("find-help")
    page.get_by_label("Are any sons coming with you? How old is the oldest?").select_option("no sons")
    page.get_by_label("How old are you?").select_option("24")
    page.get_by_label("Some places are for women").select_option("woman")
    page.get_by_label("Are you bringing an animal?").select_option("no animal")
    page.get_by_role("button", name="Look again").press("Enter")
    offers = page.get_by_role("region", name="Call in this order")
    expect(offers.get_by_role("listitem")).to_have_count(1)
    expect(offers.get_by_role("link", name="+1 555 0100 301")).to_be_visible()
    page.goto("/find-help")
    page.get_by_role("button", name="Español").click()
    page.get_by_label("Un lugar seguro donde dormir esta noche").check()
    page.get_by_label("¿Dónde está la persona?").fill("Nevada")
    page.get_by_role("button", name="Buscar ayuda").click()
    expect(page.get_by_text("Ningún servicio de aquí puede recibir a la persona ahora")).to_be_visible()
    looking._picture(page, "find-help-nothing", "es")


def test_a_coordinator_sees_for_whom_somebody_vouches_and_changes_it(advocate: Somebody, browser: Browser) -> None:
    chief = Somebody(browser, advocate.web, stories.person("HOTLINE", viewers.Role.COORDINATOR))
    page = chief.page
    page.goto("/directory")
    chief.look("directory")
    shelter = page.get_by_role("listitem").filter(has_text="Samaritan Rest: shelter")
    expect(shelter.get_by_text("Nobody vouches for it.")).to_be_visible()
    shelter.locator("summary").press("Enter")
    shelter.get_by_label("For how long?").select_option("90 days")
    shelter.get_by_role("button", name="Vouch for it").press("Enter")
    expect(shelter.get_by_text("vouches for it until")).to_be_visible()
    chief.context.close()
