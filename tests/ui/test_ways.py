"""The way back after an act leads to a page of ours, whichever room the form belongs to."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import viewers
from nowrongdoor.cases import need_to_know, people
from nowrongdoor.releases import actions as releases
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
ELSEWHERE = ("//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example/", "", "cases")


@pytest.mark.parametrize("back", ELSEWHERE)
def test_whoever_revokes_a_release_is_led_to_a_page_of_ours(back: str) -> None:
    case, vera = stories.case(), stories.person("HOTLINE", viewers.Role.VICTIM_SPECIALIST)
    person = people.add(case.id, {"name": "Zuzana"}, by=vera, at=timezone.now())
    kept = releases.keep(
        person,
        recipient_code="HSI",
        which=["identity"],
        purpose="To look for a flat.",
        witness="Pat",
        expires_at=timezone.now() + datetime.timedelta(days=9),
        by=vera,
        at=timezone.now(),
    )
    answer = signing_in.sign_in(Client(), vera).post(f"/releases/{kept.id}/revoke", {"back": back})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/cases")


@pytest.mark.parametrize("back", ELSEWHERE)
def test_whoever_lifts_an_exclusion_is_led_to_a_page_of_ours(back: str) -> None:
    case, hope, layla = stories.case(), stories.person("HOTLINE"), stories.person("HOTLINE", viewers.Role.ADVOCATE)
    assert layla.user_id
    row = need_to_know.exclude(
        case.id, person_id=layla.user_id, because="They know the family.", by=hope, at=timezone.now()
    )
    answer = signing_in.sign_in(Client(), hope).post(f"/exclusions/{row.id}/lift", {"back": back})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/cases")
