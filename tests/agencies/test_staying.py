"""How long a session still lasts: a script may ask without making it longer."""

from __future__ import annotations

import time

import pytest
from django.conf import settings
from django.test import Client, override_settings

from nowrongdoor.access import idle
from tests import signing_in
from tests.leads import stories


def idle_for(client: Client, seconds: int) -> None:
    session = client.session
    session[idle.SEEN] = int(time.time()) - seconds
    session.save()


@pytest.mark.django_db
def test_a_script_that_asks_is_no_click_and_a_person_who_stays_is_one() -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    idle_for(client, 1_500)
    asked = client.get("/session", headers={"HX-Request": "true"})
    assert 200 <= asked.json()["seconds"] <= 300
    again = client.get("/session", headers={"HX-Request": "true"})
    assert again.json()["seconds"] <= 300
    stayed = client.get("/session")
    assert stayed.json()["seconds"] >= settings.SESSION_COOKIE_AGE - 100


@pytest.mark.django_db
def test_a_session_that_is_over_is_answered_as_one() -> None:
    assert Client().get("/session", headers={"HX-Request": "true"}).status_code == 401
    assert Client().get("/session").status_code == 302


@pytest.mark.django_db
def test_every_page_of_somebody_signed_in_can_warn_and_no_other() -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    page = client.get("/roles").content.decode()
    assert f'data-age="{settings.SESSION_COOKIE_AGE}"' in page
    assert "nwd/stay.js" in page
    assert "nwd/stay.js" not in Client().get("/sign-in").content.decode()


@pytest.mark.django_db
def test_the_living_page_is_there_on_a_demonstration_alone() -> None:
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    with override_settings(DEMONSTRATION=True):
        assert client.get("/components").status_code == 200
        assert Client().get("/components").status_code == 302
    assert client.get("/components").status_code == 404


@pytest.mark.django_db
def test_the_banner_is_shown_only_under_a_name_of_the_government() -> None:
    words = "An official website of the United States government"
    with override_settings(ALLOWED_HOSTS=["nwd.state.gov", "nwd.example"]):
        assert words in Client().get("/sign-in", headers={"Host": "nwd.state.gov"}).content.decode()
        assert words not in Client().get("/sign-in", headers={"Host": "nwd.example"}).content.decode()
        with override_settings(DEMONSTRATION=True):
            assert words not in Client().get("/sign-in", headers={"Host": "nwd.state.gov"}).content.decode()
