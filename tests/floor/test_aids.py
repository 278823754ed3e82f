"""What stands beside a conversation, through its addresses."""

from __future__ import annotations

import datetime
import re
import uuid

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from nowrongdoor.access import viewers
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core import public_help
from nowrongdoor.core.line import Medium
from nowrongdoor.line import chatting, joining, models, queries, writing
from tests import signing_in
from tests.line import floors

pytestmark = pytest.mark.django_db
ONLY = "Answer only yes or no."


def text() -> models.Contact:
    return floors.take(floors.event(Kind.WROTE, "a", medium=Medium.TEXT, call="pair", words=floors.WORDS))


@pytest.fixture
def person(client: Client) -> viewers.Viewer:
    """Somebody on shift, signed in."""
    found = floors.on_shift()
    signing_in.sign_in(client, found)
    return found


def page(client: Client, contact: models.Contact) -> str:
    return client.get(f"/line/contacts/{contact.id}").content.decode()


def act(client: Client, contact: models.Contact, what: str, **given: str) -> tuple[int, str]:
    answer = client.post(f"/line/contacts/{contact.id}/{what}", given)
    return answer.status_code, answer.content.decode()


def written(contact: models.Contact, person: viewers.Viewer) -> list[str]:
    return [each.words for each in writing.of(contact.id, by=person, at=timezone.now()) if each.way == "out"]


def key() -> str:
    return str(uuid.uuid4())


def in_box(content: str) -> str:
    (found,) = re.findall(r"<textarea[^>]*name=\"words\"[^>]*>\s*(.*?)</textarea>", content, re.DOTALL)
    return str(found)


def test_a_reply_goes_into_the_message_after_what_is_typed(client: Client, person: viewers.Viewer) -> None:
    contact = text()
    status, content = act(client, contact, "write", key=key(), words="Good evening.", reply="safe", do="fill")
    assert status == 200
    assert in_box(content) == "Good evening.\nAre you safe to write now?"
    assert written(contact, person) == []


def test_a_reply_is_sent_as_it_is_once_and_what_is_typed_stays(client: Client, person: viewers.Viewer) -> None:
    contact, once = text(), key()
    for _ in range(2):
        status, content = act(client, contact, "write", key=once, words="half a", reply="back", do="reply")
        assert (status, in_box(content)) == (200, "half a")
    assert written(contact, person) == ["I’ll be right back."]
    assert act(client, contact, "write", key=key(), words="", reply="back", do="reply")[0] == 302
    assert len(written(contact, person)) == 2


@pytest.mark.parametrize("reply", ["", "nothing", "leave"])  # the last is of a chat
def test_no_reply_or_one_that_there_is_not_is_refused_and_what_is_typed_stays(
    client: Client, person: viewers.Viewer, reply: str
) -> None:
    contact = text()
    for do in ("fill", "reply"):
        status, content = act(client, contact, "write", key=key(), words="half a", reply=reply, do=do)
        assert (status, in_box(content)) == (422, "half a")
        assert "Choose a reply." in content
    assert act(client, contact, "reply", key=key(), reply=reply)[0] == 404
    assert written(contact, person) == []


def test_a_reply_to_a_contact_of_somebody_else_is_refused(client: Client, person: viewers.Viewer) -> None:
    contact = text()
    other = Client()
    signing_in.sign_in(other, floors.on_shift(ready=False))
    status, content = act(other, contact, "write", key=key(), words="half a", reply="safe", do="reply")
    assert status == 422
    assert "Somebody else has this contact" in content
    assert act(other, contact, "reply", key=key(), reply="safe")[0] == 302
    assert written(contact, person) == []


def test_without_a_review_replies_are_in_english_with_a_word_of_why(client: Client, person: viewers.Viewer) -> None:
    visitor = chatting.begin("chat", "one", language="vi", at=timezone.now())
    (contact,) = floors.contacts()
    content = page(client, contact)
    assert "Nobody has reviewed these in their language (Tiếng Việt)" in content
    assert f'<bdi lang="en-us">{ONLY}</bdi>' in content
    assert "Chỉ cần trả lời" not in content
    act(client, contact, "reply", key=key(), reply="only")
    assert [each.words for each in chatting.read(visitor, at=timezone.now()).written] == [ONLY]


@override_settings(DEMONSTRATION=True)
def test_a_demonstration_shows_them_in_their_language_with_ours_beneath(client: Client, person: viewers.Viewer) -> None:
    chatting.begin("chat", "one", language="ar", at=timezone.now())
    (contact,) = floors.contacts()
    content = page(client, contact)
    assert "Nobody has reviewed these yet" in content
    assert re.search(rf'<bdi lang="ar">أجب[^<]*</bdi><span[^>]*>{ONLY}</span>', content)
    act(client, contact, "reply", key=key(), reply="only")
    content = page(client, contact)
    assert re.search(rf"أجب[^<]*</bdi></p>\s*<p class=\"quiet\">{ONLY}</p>", content)


def test_one_press_asks_only_yes_or_no_and_one_ends_it(client: Client, person: viewers.Viewer) -> None:
    chatting.begin("chat", "one", language="en", at=timezone.now())
    (contact,) = floors.contacts()
    begin = re.compile(r'name="reply" value="only">')
    assert begin.search(page(client, contact))
    act(client, contact, "reply", key=key(), reply="only")
    content = page(client, contact)
    assert "Only yes or no is asked" in content
    assert not begin.search(content)
    act(client, contact, "reply", key=key(), reply="freely")
    assert "Only yes or no is asked" not in page(client, contact)


def test_a_call_and_a_mail_have_no_saved_replies(client: Client, person: viewers.Viewer) -> None:
    mail = floors.take(floors.event(Kind.WROTE, "m", medium=Medium.MAIL, call="m", address=floors.MAIL, words="x"))
    call = floors.take(floors.event(Kind.RANG, "v"))
    client.post(f"/line/contacts/{mail.id}/answer")
    for contact in (mail, call):
        content = page(client, contact)
        assert "What to say" in content
        assert "Saved replies" not in content
        assert "Answer only yes or no" not in content
        assert act(client, contact, "reply", key=key(), reply="safe")[0] == 404


def test_the_wait_for_a_relay_is_shown_and_ends_when_they_come_or_do_not(
    client: Client, person: viewers.Viewer
) -> None:
    contact = floors.take(floors.event(Kind.RANG, "v"))
    joining.interpreter(contact.id, "relay", by=person, at=timezone.now() - datetime.timedelta(minutes=7))
    content = page(client, contact)
    assert re.search(r"waiting 7\s+minutes for an interpreter or relay: relay operator", content.replace("\xa0", " "))
    assert act(client, contact, "interpreter", to="video")[0] == 302
    assert act(client, contact, "interpreter", to="nothing")[0] == 404
    for part in [each for each in queries.parts(contact.id, person) if each.is_awaited]:
        act(client, contact, "part", part=str(part.id), did="came" if part.to == "relay" else "left")
    content = page(client, contact).replace("\xa0", " ")
    assert "waiting 7 minutes" not in content
    assert "after 7 minutes" in content
    assert "didn’t come in 0 minutes" in content


def test_every_line_that_takes_somebody_over_is_there_to_dial_with_its_source(
    client: Client, person: viewers.Viewer
) -> None:
    content = page(client, floors.take(floors.event(Kind.RANG, "v")))
    helping = public_help.installed()
    for line in helping.lines:
        assert f'href="tel:{line.dial}"' in content
        assert line.source.split(" (")[0] in content
    assert 'href="tel:911"' in content
    for code in helping.taking_over:
        assert f'<option value="{code}"' in content
    assert '<option value="relay"' in content, "one waits for it"
    assert content.count("This doesn’t replace your report") == 1


def test_who_took_them_over_is_shown_and_a_name_is_needed(client: Client, person: viewers.Viewer) -> None:
    contact = floors.take(floors.event(Kind.RANG, "v"))
    for given in ({"to": "crisis", "taken_by": ""}, {"to": "", "taken_by": "Rosa"}, {"to": "x", "taken_by": "Rosa"}):
        status, content = act(client, contact, "hand-on", **given)
        assert status == 422
        assert '<details id="hand-on" open>' in content
    assert act(client, contact, "hand-on", to="elsewhere", taken_by="Rosa, a shelter")[0] == 302
    parts = [each for each in queries.parts(contact.id, person) if each.kind == "outside"]
    assert [(each.to, each.name) for each in parts] == [("elsewhere", "Rosa, a shelter")]
    assert re.search(r"Somebody else:\s*<bdi>Rosa, a shelter</bdi>", page(client, contact))


def test_what_to_say_opens_by_itself_in_danger_and_by_medium(client: Client, person: viewers.Viewer) -> None:
    contact = text()
    closed = page(client, contact)
    assert '<details id="scripts">' in closed
    assert "Does anybody else see this device?" in closed
    assert "This call isn’t recorded" not in closed
    act(client, contact, "danger")
    assert '<details id="scripts" open>' in page(client, contact)
