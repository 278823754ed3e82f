"""The page on which somebody looks for help: what it shows, asks and keeps to itself; and who may open it."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import viewers
from nowrongdoor.services import commands, models, vetting
from nowrongdoor.site import demonstration_services
from tests import at_home, signing_in
from tests.leads import stories

HIDDEN = "Lantern House: shelter"
SHELTER = {"kind": "shelter", "place": "Erie County, NY", "language": "es", "is_now": "on"}


@pytest.fixture
def chief(committed_db: None) -> viewers.Viewer:
    chief = stories.person("HOTLINE", viewers.Role.COORDINATOR)
    demonstration_services.fill(by=chief, at=timezone.now())
    return chief


@pytest.fixture
def page(chief: viewers.Viewer, client: Client) -> Client:
    return signing_in.sign_in(client, stories.person("HOTLINE", viewers.Role.ADVOCATE))


def looked(page: Client, status: int = 200, **more: str) -> str:
    answer = page.post("/find-help", {**SHELTER, **more})
    assert answer.status_code == status
    return answer.content.decode()


def test_whom_to_call_comes_in_order_with_what_they_will_ask_and_why_not_the_others(page: Client) -> None:
    text = looked(page)
    offers, _heading, rest = text.partition('id="misses"')
    assert offers.index(HIDDEN) < offers.index("Youth Harbor: home")
    for words in (
        "+1 555 0100 301",
        "Somebody is there now",
        "2 free at last count",
        "In their county",
        "Hidden place",
    ):
        assert words in offers
    assert "Speaks Spanish" in offers
    assert offers.count("How old are you?") == 3  # both will ask it, and so does the form
    assert "Four Winds: shelter" in rest
    assert "It doesn’t speak Spanish, and has no interpreter." in rest
    assert "No agency vouches for it now." in rest
    assert "Harvest Table" not in text  # it does something else


def test_a_law_stands_beside_the_service_that_it_limits_and_several_answers_may_hold(page: Client) -> None:
    text = looked(page, kind="legal_immigration", is_now="")
    assert "Paid by the Legal Services Corporation" in text
    assert "45 CFR 1626.4" in text
    both = page.post("/find-help", {**SHELTER, "fact_victimization": ["labor", "sex"]}).content.decode()
    assert len(re.findall(r'<input[^>]*name="fact_victimization"[^>]* checked', both)) == 2


def test_what_nobody_said_of_their_language_is_asked(page: Client) -> None:
    text = looked(page, language="")
    assert "Four Winds: shelter" in text.partition('id="misses"')[0].partition("Why not the others")[0]
    assert text.count("Which language do they speak?") > 3
    assert "Speaks" not in text


def test_what_somebody_said_narrows_the_list_and_what_they_did_not_say_is_never_a_no(page: Client) -> None:
    text = looked(page, fact_age="24", fact_gender="woman", fact_oldest_son="none", fact_animal="no")
    offers, _heading, rest = text.partition('id="misses"')
    assert HIDDEN in offers
    assert "It will ask" not in offers
    assert "Youth Harbor: home" not in offers
    assert "It can’t take them because of the answer to: “How old are you?”" in rest
    assert 'value="24" selected' in text


def test_nothing_is_an_answer_too_and_is_counted(page: Client) -> None:
    text = looked(page, place="Nevada")
    assert "No service here can take them now" in text
    assert "4 services do this for other States." in text
    with at_home.seeing_all() as database:
        details = database.execute(
            "SELECT details FROM nowrongdoor_auditevent WHERE verb = 'services.searched' ORDER BY id DESC LIMIT 1"
        ).fetchone()
    assert details == ({"kind": "shelter", "state": "NV", "offered": 0},)
    looked(page)
    month = f"{timezone.localtime():%Y-%m}"
    counted = json.loads(CliRunner().invoke(commands.services, ["unmet", "--month", month, "--json"]).stdout)
    assert counted == [
        {"kind": "shelter", "state": "NV", "looked": 1, "nothing": 1},
        {"kind": "shelter", "state": "NY", "looked": 1, "nothing": 0},
    ]
    shown = CliRunner().invoke(commands.services, ["unmet", "--month", month]).stdout.splitlines()
    assert shown[0] == "shelter, NV: searches 1, nothing found 1"
    none = CliRunner().invoke(commands.services, ["unmet", "--month", "2020-01"]).stdout
    assert "Nobody looked for help in this month." in none


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("Nowhere, ZZ", "No place fits."),
        ("Springfield", "Several places fit:"),
    ],
)
def test_a_place_that_does_not_fit_is_said(page: Client, place: str, why: str) -> None:
    assert why in looked(page, 422, place=place)


@pytest.mark.parametrize("place", ["", "14201", "Buffalo, NY", "new york", "NY"])
def test_a_place_may_be_a_zip_code_a_town_a_state_or_nothing(page: Client, place: str) -> None:
    assert HIDDEN in looked(page, place=place)


def test_a_service_whose_vetting_ended_is_gone_with_the_next_look(page: Client, chief: viewers.Viewer) -> None:
    organization = models.Listing.objects.get(name=HIDDEN).organization
    assert organization is not None
    vetting.end(organization, by=chief, at=timezone.now())
    offers = looked(page).partition('id="misses"')[0]
    assert HIDDEN not in offers


def test_only_those_who_help_people_open_it(chief: viewers.Viewer, client: Client) -> None:
    assert client.get("/find-help").status_code == 302
    for role in (viewers.Role.ANALYST, viewers.Role.ADMINISTRATOR):
        assert signing_in.sign_in(Client(), stories.person("HOTLINE", role)).get("/find-help").status_code == 404
    opened = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.VICTIM_SPECIALIST)).get("/find-help")
    assert opened.status_code == 200


def test_a_coordinator_vouches_for_an_organization_and_stops_and_an_advocate_only_looks(
    chief: viewers.Viewer, page: Client
) -> None:
    def found() -> str:
        return looked(page, language="en").partition("Why not the others")[0].partition('id="misses"')[0]

    organization = models.Listing.objects.get(name="Samaritan Rest: shelter").organization
    vouch = {"do": "vouch", "which": str(organization), "days": "90"}
    office = signing_in.sign_in(Client(), chief)
    text = office.get("/directory").content.decode()
    assert "Samaritan Rest: shelter" in text
    assert text.count("Nobody vouches for it.") == 1
    assert "National Human Trafficking Hotline vouches for it until" in text
    assert "Vouch for it" not in page.get("/directory").content.decode()
    refused = page.post("/directory", vouch, follow=True).content.decode()
    assert "A coordinator decides on this." in refused
    unsaid = office.post("/directory", {"do": "vouch", "which": vouch["which"]})
    assert unsaid.status_code == 422
    assert "Choose for how long." in unsaid.content.decode()
    assert office.post("/directory", {"which": "x"}).status_code == 404
    assert "No agency vouches for it" in looked(page, language="en")
    office.post("/directory", vouch)
    assert "No agency vouches for it" not in looked(page, language="en")
    assert "Its services are found" in office.post("/directory", vouch, follow=True).content.decode()
    office.post("/directory", {**vouch, "do": "end"})
    assert "No agency vouches for it" in looked(page, language="en")
    assert "Samaritan" not in found()
    assert "doesn’t vouch for it" in office.post("/directory", {**vouch, "do": "end"}, follow=True).content.decode()


def test_the_directory_has_pages(chief: viewers.Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vetting, "PAGE", 5)
    office = signing_in.sign_in(Client(), chief)
    first, second, beyond = (
        office.get("/directory", {"page": number}).content.decode() for number in ("x", "2", "99999")
    )
    assert 'href="?page=2"' in first
    assert 'href="?page=1"' in second
    assert "Words Across" in second
    assert "Words Across" not in first
    assert "No organizations here" in beyond
