"""A session's row gives nobody a way in, and says nothing: what reads the table is tried as a thief would."""

from __future__ import annotations

import base64
import hashlib
import time

import pytest
from asgiref import sync
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nowrongdoor.access import idle, sessions
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
CANARY = "canary-in-a-session"


@pytest.fixture
def client() -> Client:
    """Somebody who is signed in, and whose session remembers something."""
    client = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    session = client.session
    session["link"] = CANARY
    session.save()
    assert client.get("/cases").status_code == 200
    return client


def with_cookie(value: str) -> Client:
    thief = Client()
    thief.cookies["sessionid"] = value
    return thief


def test_what_the_table_holds_is_no_cookie(client: Client) -> None:
    cookie = client.cookies["sessionid"].value
    assert len(base64.urlsafe_b64decode(cookie + "=")) == 32  # 256 bits
    assert with_cookie(cookie).get("/cases").status_code == 200  # the cookie itself is one
    row = Session.objects.get()
    assert cookie not in f"{row.session_key} {row.session_data}"
    digest = base64.b85decode(row.session_key)
    assert digest == hashlib.sha256(cookie.encode()).digest()  # and nothing else of the key
    for taken in (row.session_key, digest.hex(), base64.urlsafe_b64encode(digest).decode().rstrip("="), cookie[:-1]):
        assert with_cookie(taken).get("/cases")["Location"].startswith(reverse("sign_in"))
    assert client.get("/cases").status_code == 200


def test_what_a_session_remembers_is_not_read_from_the_table(client: Client) -> None:
    row = Session.objects.get()
    assert client.session["link"] == CANARY
    assert db.SessionStore().decode(row.session_data) == {}  # as anybody with the signing key would read it
    for reader in (sessions.SessionStore(row.session_key), sessions.SessionStore("x" * 43)):
        assert reader.decode(row.session_data) == {}
    assert sessions.SessionStore(client.cookies["sessionid"].value).decode(row.session_data)["link"] == CANARY


def test_a_session_copied_into_anothers_row_signs_nobody_in(client: Client) -> None:
    theirs = Session.objects.get()
    other = signing_in.sign_in(Client(), stories.person("FBI"))
    Session.objects.exclude(session_key=theirs.session_key).update(session_data=theirs.session_data)
    assert other.get("/cases")["Location"].startswith(reverse("sign_in"))
    assert client.get("/cases").status_code == 200


def test_signing_out_takes_the_row_away(client: Client) -> None:
    cookie = client.cookies["sessionid"].value
    client.post(reverse("sign_out"))
    assert not Session.objects.exists()
    assert with_cookie(cookie).get("/cases")["Location"].startswith(reverse("sign_in"))


def test_a_new_key_takes_the_place_of_the_old_one(client: Client) -> None:
    session = client.session
    before = session.session_key
    assert before
    session.cycle_key()
    assert session.session_key != before
    assert not session.exists(before)
    assert sessions.SessionStore(session.session_key)["link"] == CANARY
    assert Session.objects.count() == 1


@pytest.mark.parametrize("cookie", ["", "short", "\x00" * 20, "é" * 43, "x" * 5_000])
def test_a_cookie_that_is_none_of_ours_is_nobodys(cookie: str) -> None:
    assert with_cookie(cookie).get("/cases")["Location"].startswith(reverse("sign_in"))


def test_asynchronous_code_meets_the_same_sessions() -> None:
    async def walk() -> tuple[str, object]:
        session = sessions.SessionStore()
        await session.aset("link", CANARY)
        await session.asave()
        assert session.session_key
        assert await session.aexists(session.session_key)
        remembered = await sessions.SessionStore(session.session_key).aget("link")
        await session.adelete()
        return session.session_key, remembered

    key, remembered = sync.async_to_sync(walk)()
    assert remembered == CANARY
    assert not sessions.SessionStore().exists(key)


def test_sessions_that_ended_are_taken_away(client: Client) -> None:
    signing_in.sign_in(Client(), stories.person("FBI"))
    kept = sessions.kept_as(client.cookies["sessionid"].value)
    Session.objects.exclude(session_key=kept).update(expire_date=timezone.now())
    sessions.SessionStore.clear_expired()  # as the worker does, each hour
    assert [row.session_key for row in Session.objects.all()] == [kept]


def began(client: Client, ago: float) -> None:
    """Let somebody have signed in so many seconds ago."""
    session = client.session
    session[idle.BEGAN] = int(time.time() - ago)
    session.save()


def test_a_session_ends_twelve_hours_after_signing_in_whatever_is_clicked(client: Client) -> None:
    began(client, idle.LONGEST - 60)
    assert client.get("/cases").status_code == 200
    assert client.get("/session", headers={"HX-Request": "true"}).json()["is_last"]
    began(client, idle.LONGEST + 1)
    cookie = client.cookies["sessionid"].value
    assert client.get("/cases")["Location"].startswith(reverse("sign_in"))
    assert with_cookie(cookie).get("/cases")["Location"].startswith(reverse("sign_in"))
    assert not Session.objects.exists()


def test_a_page_that_only_brings_itself_up_to_date_ends_with_its_session(client: Client) -> None:
    began(client, idle.LONGEST + 1)
    assert client.get("/cases", headers={"HX-Request": "true"}).status_code == 401


def test_what_was_sent_after_twelve_hours_is_shown_and_sent_again(client: Client) -> None:
    began(client, idle.LONGEST + 1)
    answer = client.post("/signals/new", {"key": "0" * 32, "narrative": CANARY})
    assert answer.status_code == 403
    assert CANARY in answer.content.decode()


def test_whoever_signs_in_again_has_twelve_hours_more(client: Client) -> None:
    began(client, idle.LONGEST - 5)
    before = idle.over_at(client.session)
    signing_in.sign_in(client, stories.person("HOTLINE"))
    assert idle.over_at(client.session) - before > idle.LONGEST - 10


def test_a_session_from_before_there_was_an_end_gets_one(client: Client) -> None:
    session = client.session
    del session[idle.BEGAN]
    session.save()
    assert client.get("/cases").status_code == 200
    assert idle.over_at(client.session) - time.time() <= idle.LONGEST
    assert idle.BEGAN in client.session
