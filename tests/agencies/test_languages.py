"""A page is shown in the language that its reader chose, else in the browser's, else in the country's first."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.agencies.models import User
from nowrongdoor.ui import tags
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2026, 11, 30, 17, 0, tzinfo=datetime.UTC)


def language_of(answer: object) -> str:
    """The language that a page says it is in."""
    content = getattr(answer, "content").decode()  # noqa: B009
    return str(content.partition('<html lang="')[2].partition('"')[0])


@pytest.fixture
def pat() -> Client:
    """Somebody signed in."""
    stories.person("HOTLINE")
    client = Client()
    signing_in.passed(client, User.objects.get(full_name="Pat of HOTLINE", role="coordinator"))
    return client


def test_a_visitor_gets_the_language_of_the_browser_else_the_countrys_first() -> None:
    assert language_of(Client().get("/sign-in", headers={"accept-language": "es-MX,es;q=0.9"})) == "es-us"
    assert language_of(Client().get("/sign-in", headers={"accept-language": "ko"})) == "en-us"
    assert language_of(Client().get("/sign-in")) == "en-us"


def test_a_visitors_choice_comes_before_the_browsers_and_stands_in_no_address() -> None:
    client = Client(headers={"accept-language": "en"})
    answer = client.post("/language", {"language": "es-us", "back": "/sign-in"})
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in")
    assert client.cookies["django_language"]["httponly"]
    assert language_of(client.get("/sign-in")) == "es-us"


def test_a_choice_leads_back_to_a_page_of_ours_alone() -> None:
    answer = Client().post("/language", {"language": "es-us", "back": "https://example.org/"})
    assert answer["Location"] == "/"


def test_a_language_that_is_not_offered_is_refused() -> None:
    client = Client()
    assert client.post("/language", {"language": "tlh"}).status_code == 422
    assert client.cookies.get("django_language") is None


def test_a_persons_choice_is_kept_with_the_account_and_comes_before_the_browsers(pat: Client) -> None:
    pat.post("/language", {"language": "es-us", "time_zone": "Pacific/Honolulu"})
    del pat.cookies["django_language"]
    answer = pat.get("/mandates", headers={"accept-language": "en"})
    assert (language_of(answer), answer["Content-Language"]) == ("es-us", "es-us")


def test_times_are_shown_in_the_persons_zone_and_name_it(pat: Client) -> None:
    with timezone.override("America/New_York"):
        assert tags.moment(NOON).endswith("12:00 PM EST")
    with timezone.override("Pacific/Honolulu"):
        assert tags.moment(NOON).endswith("7:00 AM HST")


def test_an_unknown_time_zone_is_refused_at_the_field(pat: Client) -> None:
    answer = pat.post("/language", {"language": "es-us", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert b"Mars/Olympus" in answer.content
