"""Tokens of other systems: made and shown once, ended, revoked, and what they say of their use."""

from __future__ import annotations

import datetime
import re

import pytest
from click import testing
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions, keeping, queries
from nowrongdoor.agencies.models import Token
from nowrongdoor.audit.models import Event
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
A_DAY = datetime.timedelta(days=1)


def opens(key: str) -> bool:
    with row_security.entry():
        return queries.viewer_of_token(key) is not None


def administrator(code: str = "HOTLINE") -> Client:
    return signing_in.sign_in(Client(), stories.person(code, viewers.Role.ADMINISTRATOR))


def test_a_token_is_made_on_the_page_shown_once_and_revoked_there() -> None:
    client = administrator()
    page = client.post("/tokens", {"system": "Call center", "lasts": "30"}, follow=True).content.decode()
    (key,) = re.findall(r"nwd_[\w-]{43}", page)
    assert opens(key)
    row = Token.objects.get()
    assert row.ends_at is not None
    assert row.ends_at - row.made_at == 30 * A_DAY
    again = client.get("/tokens").content.decode()
    assert "Call center" in again
    assert key not in again
    assert bytes(row.digest).hex() not in again
    assert administrator("HSI").post(f"/tokens/{row.id}/revoke").status_code == 404
    assert opens(key)
    assert client.post(f"/tokens/{row.id}/revoke").status_code == 302
    assert not opens(key)
    assert client.post(f"/tokens/{row.id}/revoke").status_code == 404  # once
    verbs = list(Event.objects.filter(subject_id=row.id).order_by("id").values_list("verb", "details"))
    assert verbs == [("token.made", {"label": "Call center"}), ("token.revoked", {"label": "Call center"})]


def test_a_token_opens_nothing_after_its_end() -> None:
    now = timezone.now()
    hotline = stories.agency("HOTLINE")
    with row_security.system():
        over = actions.make_token(hotline, label="over", by=None, at=now - 2 * A_DAY, lasts=A_DAY)
        still = actions.make_token(hotline, label="still", by=None, at=now - 2 * A_DAY, lasts=3 * A_DAY)
        endless = actions.make_token(hotline, label="endless", by=None, at=now - 2 * A_DAY)
    assert [opens(key) for key in (over, still, endless)] == [False, True, True]
    page = administrator().get("/tokens").content.decode()
    assert page.count(">ended<") == 1
    assert page.count(">No end<") == 1


def test_the_day_on_which_a_token_was_used_is_kept() -> None:
    with row_security.system():
        key = actions.make_token(stories.agency("HOTLINE"), label="system", by=None, at=timezone.now())
    assert Token.objects.get().used_on is None
    assert "No use on record" in administrator().get("/tokens").content.decode()
    answer = Client().get("/api/v1/signals/AAAA-BBBB-CCCC", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 404
    assert Token.objects.get().used_on == timezone.now().astimezone(datetime.UTC).date()
    assert Client().get("/api/v1/signals/A", headers={"authorization": "Bearer nwd_no"}).status_code == 401


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"system": "", "lasts": "30"}, "Name of the system: This field is required."),
        ({"system": "x" * 101, "lasts": "30"}, "at most 100 characters"),
        ({"system": "x", "lasts": "9999"}, "How long should it work?"),
    ],
)
def test_what_is_no_token_is_refused_beside_its_field(sent: dict[str, str], words: str) -> None:
    answer = administrator().post("/tokens", sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Token.objects.count() == 0


def test_an_agency_that_receives_nothing_makes_no_token() -> None:
    actions.add_missing([actions.New("AIRLINE", "AIRLINE", "An airline", "", "carrier")])
    client = administrator("AIRLINE")
    assert "receive no signals" in client.get("/tokens").content.decode()
    answer = client.post("/tokens", {"system": "x", "lasts": "30"})
    assert answer.status_code == 422
    assert Token.objects.count() == 0


def test_the_command_ends_a_token_as_the_page_does() -> None:
    runner = testing.CliRunner()
    made = runner.invoke(keeping.token, ["make", "telephone", "--agency", "HOTLINE", "--days", "7"])
    assert made.exit_code == 0, made.output
    assert opens(made.output.strip())
    row = Token.objects.get()
    assert row.ends_at is not None
    assert row.ends_at - row.made_at == 7 * A_DAY
    assert runner.invoke(keeping.token, ["make", "x", "--agency", "HOTLINE", "--days", "0"]).exit_code == 2
    revoked = runner.invoke(keeping.token, ["revoke", "telephone", "--agency", "HOTLINE"])
    assert revoked.output == "Revoked 1.\n"
    assert not opens(made.output.strip())
