"""What a provider has of ours: a recording that it does not give out, and a text whose answer was lost."""

from __future__ import annotations

import datetime
import pathlib
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.channels.protocol import Kind
from nowrongdoor.core.line import Medium
from nowrongdoor.line import clock, models, moving, writing
from nowrongdoor.line.models import State
from tests import signing_in
from tests.channels import conftest as of_channels
from tests.channels import peer
from tests.line import floors

pytestmark = pytest.mark.django_db
running_provider, provider = of_channels.running_provider, of_channels.provider


@pytest.fixture(autouse=True)
def _telephone(provider: peer.Peer, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    floors.install(tmp_path, monkeypatch, provider.plan(tmp_path))


def fetched(at: datetime.datetime) -> datetime.datetime:
    """Do what the clock does at an instant, and return when there is something to do again."""
    for message_id in writing.to_fetch(at=at):
        writing.fetch(message_id, at=at)
    with row_security.system():
        return models.ContactMessage.objects.get(way="voicemail").try_at or at


@pytest.mark.usefixtures("clock_ahead")
def test_a_recording_that_is_sent_elsewhere_is_asked_for_less_and_less_and_then_said_to_be_where_it_is(
    client: Client, provider: peer.Peer
) -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at, ready=False)
    provider.recording("RE1", "CA1", at)
    contact = floors.take(floors.event(Kind.RECORDED, "RE1", call="CA1", media="RE1", seconds=9, at=at), at=at)
    pauses = []
    moving.answer(contact.id, by=desk, at=at)
    moving.end(contact.id, by=desk, at=at)
    for _ in range(writing.MOST_FETCHES):
        assert clock.to_erase(at=at + clock.KEPT) == [], "it is still asked for"
        provider.faults.extend(["", "redirect"])
        again = fetched(at)
        pauses.append(again - at)
        assert writing.to_fetch(at=again - datetime.timedelta(seconds=1)) == []
        at = again
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (datetime.timedelta(minutes=1), writing.LONGEST_PAUSE)
    asked = len(provider.asked)
    fetched(at + clock.KEPT)
    assert len(provider.asked) == asked
    now = floors.now(contact)
    assert now.state == State.VOICEMAIL, "nobody heard it, so it is on a list again"
    signing_in.sign_in(client, desk)
    assert "recording not fetched" in client.get("/line").content.decode()
    page = client.get(f"/line/contacts/{contact.id}").content.decode()
    assert "It’s still at the provider “telephone”, under the name <bdi>RE1</bdi>." in page
    moving.answer(contact.id, by=desk, at=at)
    moving.end(contact.id, by=desk, at=at)
    assert clock.to_erase(at=at + clock.KEPT) == [contact.id]


def test_a_copy_that_is_not_deleted_is_said_and_one_that_is_gone_at_last_is_not(
    client: Client, provider: peer.Peer
) -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at, ready=False)
    signing_in.sign_in(client, desk)
    for number, faults in enumerate(([], [403] * (writing.MOST_FETCHES + 1))):
        name = f"RE{number}"
        provider.recording(name, name, at)
        contact = floors.take(floors.event(Kind.RECORDED, name, call=name, media=name, seconds=9, at=at), at=at)
        provider.faults.extend(["", "", *faults])
        for _ in range(writing.MOST_FETCHES + 1):  # to get it, and to have the copy deleted
            for message_id in writing.to_fetch(at=at):
                writing.fetch(message_id, at=at)
            at += writing.LONGEST_PAUSE
        page = client.get(f"/line/contacts/{contact.id}").content.decode()
        assert "<audio" in page
        assert ("didn’t delete its copy, <bdi>RE1</bdi>" in page) == (number == 1)
        assert "recording not fetched" not in client.get("/line").content.decode()
    assert [*provider.files] == ["RE1"]


def test_a_text_whose_answer_was_lost_is_found_and_the_same_words_twice_on_purpose_are_two(
    provider: peer.Peer,
) -> None:
    at = timezone.now()
    desk = floors.on_shift(at=at)
    contact = floors.take(floors.event(Kind.WROTE, "a", medium=Medium.TEXT, call="pair", words=floors.WORDS), at=at)
    first, second, third = (uuid.uuid4() for _ in range(3))
    for message_id in (first, second):
        writing.write(contact.id, "OK.", message_id=message_id, by=desk, at=at)
    provider.faults.append("taken")
    writing.send(first, at=at)
    assert len(provider.rows["Messages"]) == 1
    writing.send(first, at=at)
    assert len(provider.rows["Messages"]) == 1, "it is there already"
    writing.send(second, at=at)
    assert len(provider.rows["Messages"]) == 2
    provider.faults.append(503)
    writing.write(contact.id, "Are you there?", message_id=third, by=desk, at=at)
    for _ in range(2):
        writing.send(third, at=at)
    bodies = sorted(str(each["body"]) for each in provider.rows["Messages"].values())
    assert bodies == ["Are you there?", "OK.", "OK."]
    with row_security.system():
        sent = models.ContactMessage.objects.filter(way="out", outcome="sent")
        assert sent.values("sent_as").distinct().count() == sent.count() == 3
