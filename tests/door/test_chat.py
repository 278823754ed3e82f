"""The web chat's addresses: the cookie, the frame, other sites, and what each answer lets a browser do."""

from __future__ import annotations

import dataclasses
import datetime
import pathlib
import re
import uuid

import pytest
from django import http
from django.core import signing
from django.test import Client, override_settings
from django.utils import timezone

from nowrongdoor.access import chats, headers
from nowrongdoor.line import plan, writing
from nowrongdoor.line.models import State
from tests.line import conftest as of_line
from tests.line import floors

OURS, THEIRS = {"origin": "http://testserver"}, {"origin": "https://elsewhere.example"}
pytestmark = pytest.mark.django_db


lines = of_line.lines


def form(client: Client) -> dict[str, str]:
    """What the button of the page before a chat sends."""
    field = re.search(r'name="chat" value="([^"]+)"', client.get("/chat").content.decode())
    assert field
    return {"do": "begin", "chat": field[1]}


def begun() -> Client:
    client = Client(headers=OURS)
    assert client.post("/chat", form(client)).status_code == 303
    return client


def carried(client: Client) -> chats.Carried:
    read = chats.read(client.cookies[chats.COOKIE].value, at=timezone.now())
    assert read
    return read


def aged(client: Client, field: str, instant: datetime.datetime) -> None:
    """Let the browser have a cookie that was given earlier."""
    answer, now = http.HttpResponse(), carried(client)
    instants = {"begun_at": now.begun_at, "seen_at": now.seen_at, field: instant}
    chats.give(answer, dataclasses.replace(now, begun_at=instants["begun_at"], seen_at=instants["seen_at"]))
    client.cookies[chats.COOKIE] = answer.cookies[chats.COOKIE].value


def test_a_visit_sets_no_cookie_and_the_button_sets_one_without_an_expiry() -> None:
    client = Client(headers=OURS)
    assert client.get("/chat").cookies == {}
    cookie = client.post("/chat", form(client)).cookies[chats.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/chat")
    assert (cookie["max-age"], cookie["expires"]) == ("", "")


def test_the_page_frames_our_own_origin_alone_and_the_inner_page_alone_is_framed() -> None:
    client = begun()
    page, inner = client.get("/chat"), client.get("/chat/lines")
    assert page[headers.CSP] == headers.FRAMES
    assert page[headers.FRAME] == "DENY"
    assert inner[headers.CSP] == headers.FRAMED
    assert inner[headers.FRAME] == "SAMEORIGIN"
    assert "frame-ancestors 'none'" in headers.FRAMES
    assert "frame-ancestors 'self'" in headers.FRAMED
    assert client.get("/tell")[headers.CSP] == headers.POLICY


def test_a_form_of_another_site_does_nothing() -> None:
    client = begun()
    for sent in ({"do": "write", "words": "not theirs", "key": str(uuid.uuid4())}, {"do": "end"}):
        answer = client.post("/chat", sent, headers=THEIRS)
        assert answer.status_code == 200
        assert b"not theirs" not in answer.content
    assert chats.COOKIE in client.cookies
    assert b"not theirs" not in client.get("/chat/lines").content
    assert Client().post("/chat", form(Client()), headers=THEIRS).cookies == {}
    assert len(floors.contacts()) == 1


def test_pressing_the_button_twice_is_one_chat_also_before_the_first_answer_is_there() -> None:
    one, other = Client(headers=OURS), Client(headers=OURS)  # neither has a cookie yet
    sent = form(one)
    for client in (one, other, one):
        assert client.post("/chat", sent).status_code == 303
    assert len(floors.contacts()) == 1
    assert carried(one).secret == carried(other).secret


def test_begin_with_a_secret_of_ones_own_begins_nothing() -> None:
    for text in ("", "mine", signing.dumps("mine")):
        client = Client(headers=OURS)
        assert client.post("/chat", {"do": "begin", "chat": text}).cookies == {}
    assert floors.contacts() == []


def test_the_page_before_a_chat_that_was_ended_begins_it_no_more() -> None:
    client = Client(headers=OURS)
    sent = form(client)
    client.post("/chat", sent)
    client.post("/chat", {"do": "end"})
    assert client.post("/chat", sent).cookies == {}
    assert len(floors.contacts()) == 1


@pytest.mark.parametrize(("field", "limit"), [("seen_at", chats.IDLE), ("begun_at", chats.LASTS)])
def test_a_chat_that_nobody_looked_at_for_two_hours_or_that_began_twelve_hours_ago_opens_no_more(
    field: str, limit: datetime.timedelta
) -> None:
    client = begun()
    client.post("/chat", {"do": "write", "words": "mine alone", "key": str(uuid.uuid4())})
    aged(client, field, timezone.now() - limit + datetime.timedelta(minutes=1))
    assert b"mine alone" in client.get("/chat/lines").content
    aged(client, field, timezone.now() - limit)
    assert b"mine alone" not in client.get("/chat/lines").content
    assert b"mine alone" not in client.get("/chat").content
    answer = client.post("/chat", {"do": "write", "words": "too late", "key": str(uuid.uuid4())})
    assert answer.status_code == 410
    assert b"too late" in answer.content


@pytest.mark.parametrize("address", ["/chat", "/chat/lines"])
def test_a_look_keeps_a_chat_open_and_does_not_make_it_younger(address: str) -> None:
    client = begun()
    begun_at, hour_ago = carried(client).begun_at, timezone.now() - datetime.timedelta(hours=1)
    assert client.get(address).cookies == {}, "just noted"
    aged(client, "seen_at", hour_ago)
    assert chats.COOKIE in client.get(address).cookies
    assert carried(client).seen_at > hour_ago + datetime.timedelta(minutes=59)
    assert carried(client).begun_at == begun_at


def test_what_waited_on_a_page_is_kept_once_for_its_key_and_what_is_typed_comes_back() -> None:
    client = begun()
    keys = [str(uuid.uuid4()) for _ in range(2)]
    sent = {"do": "show", "words": "still typing", "waits": ["one", "two"], "waits_key": keys}
    for _ in range(2):
        assert b"still typing" in client.post("/chat", sent).content
    lines = client.get("/chat/lines").content
    assert [lines.count(each) for each in (b">one<", b">two<")] == [1, 1]
    assert b"still typing" not in lines


def test_what_waited_on_a_page_is_kept_before_the_chat_ends() -> None:
    client = begun()
    client.post("/chat", {"do": "end", "waits": ["one"], "waits_key": [str(uuid.uuid4())]})
    (contact,) = floors.contacts()
    assert contact.state == State.VOICEMAIL, "somebody reads it"


def test_what_waited_on_a_page_of_another_site_is_not_kept() -> None:
    client = begun()
    sent = {"do": "show", "waits": ["not theirs"], "waits_key": [str(uuid.uuid4())]}
    assert b"not theirs" not in client.post("/chat", sent, headers=THEIRS).content
    assert b"not theirs" not in client.get("/chat/lines").content


def test_a_cookie_that_was_not_made_here_opens_nothing() -> None:
    client = begun()
    sent = {"do": "write", "words": "mine alone", "key": str(uuid.uuid4())}
    assert client.post("/chat", sent).status_code == 303
    whole = client.cookies[chats.COOKIE].value
    assert b"mine alone" in client.get("/chat/lines").content
    for text in ("", "nothing", whole[:-1], f"x{whole}"):
        other = Client()
        other.cookies[chats.COOKIE] = text
        assert b"mine alone" not in other.get("/chat/lines").content


def test_an_ended_chat_opens_no_more_even_with_its_cookie_put_back_and_what_was_typed_stays_on_the_page() -> None:
    client = begun()
    whole = client.cookies[chats.COOKIE].value
    assert client.post("/chat", {"do": "end"}).cookies[chats.COOKIE]["max-age"] == 0
    client.cookies[chats.COOKIE] = whole
    answer = client.post("/chat", {"do": "write", "words": "too late", "key": str(uuid.uuid4())})
    assert answer.status_code == 410
    assert b"too late" in answer.content
    assert len(floors.contacts()) == 1


def test_no_address_holds_anything_of_a_visitor() -> None:
    client = begun()
    answer = client.post("/chat", {"do": "write", "words": "hello", "key": str(uuid.uuid4())})
    assert answer["Location"] == "/chat"
    for page in (client.get("/chat"), client.get("/chat/lines")):
        assert carried(client).secret.encode() not in page.content
        assert b'name="chat"' not in page.content


def test_a_chat_whose_line_was_renamed_is_ended_all_the_same(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = begun()
    floors.install(tmp_path, monkeypatch, floors.PLAN.replace('code = "chat"', 'code = "web-chat"'))
    whole = client.cookies[chats.COOKIE].value
    answer = client.post("/chat", {"do": "end"})
    assert (answer.status_code, answer.cookies[chats.COOKIE]["max-age"]) == (200, 0)
    client.cookies[chats.COOKIE] = whole
    assert client.post("/chat", {"do": "write", "words": "late", "key": str(uuid.uuid4())}).status_code == 410
    (contact,) = floors.contacts()
    assert contact.left_at is not None


def test_without_a_line_there_is_no_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(plan.VARIABLE)
    plan.installed.cache_clear()
    assert [Client().get(each).status_code for each in ("/chat", "/chat/lines")] == [404, 404]
    assert "Chat with us now" not in Client().get("/").content.decode()


ANSWER = re.compile(r'name="words" value="([^"]+)">\s*<input type="hidden" name="key" value="([^"]+)"')


def asked_shortly(client: Client) -> list[tuple[str, str]]:
    """Let somebody ask this visitor only yes or no, and return what one press would send, each with its key."""
    person = floors.on_shift()
    contact = floors.contacts()[-1]
    words = "Answer only yes or no."
    writing.write(contact.id, words, message_id=uuid.uuid4(), by=person, at=timezone.now())
    return ANSWER.findall(client.get("/chat/lines").content.decode())


def test_one_press_answers_yes_or_no_and_another_press_after_it_is_kept_too() -> None:
    client = begun()
    assert ANSWER.findall(client.get("/chat/lines").content.decode()) == []
    (yes, one), (no, other), (stop, last) = asked_shortly(client)
    assert (yes, no, stop) == ("Yes", "No", "Stop")
    for words, key in ((yes, one), (yes, one), (no, other)):
        assert client.post("/chat", {"do": "write", "words": words, "key": key}).status_code == 303
    inner = client.get("/chat/lines").content.decode()
    assert re.findall(r'dir="auto">(\w+)</p>', inner) == ["No", "Yes"]  # the newest first, there
    assert len(ANSWER.findall(inner)) == 3
    client.post("/chat", {"do": "write", "words": stop, "key": last})
    assert ANSWER.findall(client.get("/chat/lines").content.decode()) == []


def test_an_answer_leaves_the_frame_and_keeps_the_language_and_a_script_gets_it_without() -> None:
    client = begun()
    asked_shortly(client)
    inner = client.get("/chat/lines?in=vi").content.decode()
    assert inner.count('action="/chat?in=vi" target="_top"') == 3
    part = client.get("/chat/lines?in=vi", headers={"Nwd-Chat": "yes"}).content.decode()
    assert part.count('action="/chat?in=vi"') == 3
    assert "_top" not in part


def test_an_answer_is_said_in_a_language_only_as_somebody_reviewed_it() -> None:
    client = begun()
    asked_shortly(client)
    with override_settings(DEMONSTRATION=False):
        said = client.get("/chat/lines?in=vi").content.decode()
    with override_settings(DEMONSTRATION=True):
        shown = client.get("/chat/lines?in=vi").content.decode()
    assert [words for words, _ in ANSWER.findall(said)] == ["Yes", "No", "Stop"]
    assert [words for words, _ in ANSWER.findall(shown)] == ["Có", "Không", "Dừng"]
