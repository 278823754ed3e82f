"""The JSON API: what it answers, and that its document is the committed one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies.models import Token
from nowrongdoor.intake import routing
from tests.leads import stories

pytestmark = pytest.mark.django_db


def send(token: str, body: object, *, key: str = "k") -> object:
    return Client().post(
        "/api/v1/signals",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
    )


@pytest.fixture
def token() -> str:
    stories.staff()
    return agencies.make_token(stories.agency("HOTLINE"), label="test", by=None, at=timezone.now())


def test_a_signal_is_taken_and_told_about(token: str) -> None:
    answer = send(token, {"facts": {"source": "law_enforcement", "labor": "yes", "nationality": "foreign"}})
    assert answer.status_code == 201  # type: ignore[attr-defined]
    receipt = answer.json()  # type: ignore[attr-defined]
    again = send(token, {"facts": {"source": "law_enforcement", "labor": "yes", "nationality": "foreign"}})
    assert (again.status_code, again.json()) == (200, receipt)  # type: ignore[attr-defined]
    routing.route([receipt["id"]], at=timezone.now())
    url = f"/api/v1/signals/{receipt['reference']}"
    now = Client().get(url, headers={"Authorization": f"Bearer {token}"}).json()
    assert (now["lead"], now["asked"], now["closed"]) == ("HOTLINE", "HSI", False)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"facts": {"labour": "yes"}}, 422, "did you mean 'labor'"),
        ({"answers": {"99.9": "yes"}}, 422, "No instrument asks '99.9'"),
        ({"door": "pigeon"}, 422, "door"),
        ({"color": "red"}, 422, "color"),
        ("{", 400, "Cannot parse"),
    ],
)
def test_what_cannot_be_taken_says_what_to_write(token: str, body: object, status: int, said: str) -> None:
    answer = send(token, body)
    assert answer.status_code == status  # type: ignore[attr-defined]
    assert said in " ".join(answer.json()["problems"])  # type: ignore[attr-defined]


def test_a_key_belongs_to_one_signal(token: str) -> None:
    assert send(token, {"facts": {"labor": "yes"}}).status_code == 201  # type: ignore[attr-defined]
    assert send(token, {"facts": {"labor": "no"}}).status_code == 409  # type: ignore[attr-defined]


def test_a_token_sees_only_what_its_agency_handed_in(token: str) -> None:
    receipt = send(token, {}).json()  # type: ignore[attr-defined]
    other = agencies.make_token(stories.agency("FBI"), label="other", by=None, at=timezone.now())
    for reference in (receipt["reference"], "AAAA-BBBB-CCCC", "nonsense"):
        answer = Client().get(f"/api/v1/signals/{reference}", headers={"Authorization": f"Bearer {other}"})
        assert answer.status_code == 404


@pytest.mark.parametrize("wrong", ["", "nwd_guess"])
def test_without_a_known_token_nothing_is_taken(wrong: str) -> None:
    assert send(wrong, {}).status_code == 401  # type: ignore[attr-defined]


def test_a_revoked_token_is_unknown(token: str) -> None:
    assert send(token, {}).status_code == 201  # type: ignore[attr-defined]
    Token.objects.update(revoked_at=timezone.now())
    assert send(token, {}, key="other").status_code == 401  # type: ignore[attr-defined]
