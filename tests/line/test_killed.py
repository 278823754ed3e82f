"""The line while its processes are killed: each conversation is one contact, what was acknowledged is there once, what
we write leaves once, and a left message is fetched."""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import dataclasses
import itertools
import pathlib
import random
import re
import threading
import time
import uuid
from collections.abc import Iterator

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate import exceptions

from nowrongdoor.access import row_security, viewers
from nowrongdoor.line import models, plan, shifts, writing
from nowrongdoor.line.models import State
from nowrongdoor.work import queue
from tests import claims, servers, signing_in, sizes
from tests.channels import conftest as of_channels
from tests.channels import peer
from tests.line import floors, outside

running_provider, provider = of_channels.running_provider, of_channels.provider


@dataclasses.dataclass
class Taken:
    """What was acknowledged, and what a lost answer may have left."""

    calls: set[str] = dataclasses.field(default_factory=set)
    written: list[str] = dataclasses.field(default_factory=list)  # by somebody who texts or chats
    answers: dict[uuid.UUID, str] = dataclasses.field(default_factory=dict)  # by an advocate
    recordings: set[str] = dataclasses.field(default_factory=set)


class House:
    """What is killed, and starts again."""

    def __init__(self, web: servers.Web, worker: servers.Worker) -> None:
        self.web, self.worker = web, worker

    def kill(self, which: str) -> None:
        if which == "database":
            servers.kill_database()
            servers.start_database()
        elif which == "worker":
            self.worker.kill9()
            self.worker.start()
        else:
            self.web.kill9()
            self.web.start()
            self.web.wait_until_answering(120)


class Caller:
    """Somebody who calls and leaves a message; now and then the provider says a thing twice, or never says the end."""

    def __init__(self, house: House, provider: peer.Peer, taken: Taken, number: int) -> None:
        self.house, self.provider, self.taken, self.number = house, provider, taken, number
        self.sid = f"CA{number:04}"

    def play(self, dice: random.Random) -> None:
        row = self.provider.call(self.sid, timezone.now(), status="in-progress", sender=f"+1202555{self.number:04}")
        row["to"] = floors.NUMBER
        fields = {"CallSid": self.sid, "To": floors.NUMBER, "From": str(row["from"]), "Direction": "inbound"}
        heard = outside.say(self.house.web.url, {**fields, "CallStatus": "ringing"})
        self.taken.calls.add(self.sid)
        ask = re.search("ask=[0-9a-f]+", heard)
        assert ask, heard
        for _ in range(dice.choice((1, 1, 3))):
            outside.say(self.house.web.url, {**fields, "CallStatus": "in-progress", "Digits": "1"}, ask[0])
        name = f"RE{self.number:04}"
        self.provider.recording(name, self.sid, timezone.now())
        row["status"] = "completed"
        recorded = {"RecordingSid": name, "CallSid": self.sid, "RecordingStatus": "completed"}
        self.taken.recordings.add(name)
        if dice.random() < 0.8:  # the others are found by looking again
            outside.say(self.house.web.url, {**recorded, "RecordingDuration": "9"})
            outside.say(self.house.web.url, {**fields, "CallStatus": "completed"})


class Writer:
    """Somebody who texts, several times, from one number."""

    def __init__(self, house: House, provider: peer.Peer, taken: Taken, number: int) -> None:
        self.house, self.provider, self.taken, self.number = house, provider, taken, number

    def play(self, dice: random.Random) -> None:
        sender = f"+1303555{self.number:04}"
        for each in range(3):
            words, sid = f"text {self.number} {each}", f"SMin{self.number:04}{each}"
            row = self.provider.text(sid, timezone.now(), words)
            row |= {"from": sender, "to": floors.TEXTS}
            fields = {"MessageSid": sid, "From": sender, "To": floors.TEXTS, "Body": words, "SmsStatus": "received"}
            self.taken.written.append(words)
            if dice.random() < 0.85:
                for _ in range(dice.choice((1, 1, 2))):
                    outside.say(self.house.web.url, fields)
            time.sleep(dice.uniform(0, 0.3))


class Visitor:
    """Somebody who chats, and sends everything until it is kept."""

    def __init__(self, house: House, _provider: peer.Peer, taken: Taken, number: int) -> None:
        self.house, self.taken, self.number = house, taken, number

    def play(self, dice: random.Random) -> None:
        chat = outside.Chat(self.house.web.url, self.number)
        for each in range(3):
            words = f"chat {self.number} {each}"
            chat.write(words, times=dice.choice((1, 1, 2)))
            self.taken.written.append(words)
            time.sleep(dice.uniform(0, 0.3))
        chat.client.close()


class Advocate:
    """Somebody on shift, who answers everybody once by the form of the contact's page."""

    def __init__(self, house: House, viewer: viewers.Viewer) -> None:
        self.house, self.viewer = house, viewer
        client = Client()
        signing_in.sign_in(client, viewer)
        cookies = {"sessionid": client.cookies["sessionid"].value}
        self.client = httpx.Client(base_url=house.web.url, cookies=cookies, timeout=30)

    def answer(self, taken: Taken, answered: set[str]) -> None:
        page = outside.ask(lambda: self.client.get("/line")).text
        mine = page.partition('id="mine"')[2].partition("</section>")[0]
        for address in re.findall(r'href="(/line/contacts/[^"]+)"', mine):
            if address in answered:
                continue
            shown = outside.ask(lambda: self.client.get(address)).text  # noqa: B023
            form = shown.partition(f'action="{address}/write"')[2].partition("</form>")[0]
            fields = dict(re.findall(r'name="(csrfmiddlewaretoken|key)" value="([^"]+)"', form))
            if "key" not in fields:  # a call, or it is somebody else's by now
                continue
            words = f"answer {fields['key']}"
            sent, headers = {**fields, "words": words}, {"Referer": self.house.web.url}
            for _ in range(2):  # once more, as whoever lost the answer does
                reply = outside.ask(lambda: self.client.post(f"{address}/write", data=sent, headers=headers))  # noqa: B023
                assert reply.status_code == 302, reply.status_code
            taken.answers[uuid.UUID(fields["key"])] = words
            answered.add(address)


@pytest.fixture
def telephone(
    committed_db: None, provider: peer.Peer, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[peer.Peer]:
    floors.install(tmp_path, monkeypatch, provider.plan(tmp_path))
    yield provider
    plan.installed.cache_clear()


@pytest.mark.storm
def test_whatever_is_killed_each_conversation_is_one_contact_and_what_was_acknowledged_is_there_once(
    telephone: peer.Peer,
) -> None:
    dice, taken, people = random.Random(20261129), Taken(), sizes.CALLERS.now
    telephone.thinks = 0.3  # so that it is killed between what the provider did and what we noted of it
    staff = [floors.on_shift(texts=9, telephone="") for _ in range(2)]
    connection.close()
    with servers.Web(FORWARDED_ALLOW_IPS="127.0.0.1") as web, servers.Worker() as worker:
        web.wait_until_answering(120)
        house = House(web, worker)
        numbers = itertools.count()
        kinds: Iterator[type[Caller | Writer | Visitor]] = itertools.cycle((Caller, Writer, Visitor))
        everybody = [
            kind(house, telephone, taken, next(numbers)) for kind, _ in zip(kinds, range(people), strict=False)
        ]
        is_over = threading.Event()

        def desk(viewer: viewers.Viewer) -> None:
            advocate, answered = Advocate(house, viewer), set[str]()
            connection.close()
            while not is_over.is_set():
                advocate.answer(taken, answered)
                time.sleep(0.2)
            advocate.answer(taken, answered)
            advocate.client.close()

        with concurrent.futures.ThreadPoolExecutor(8) as pool, concurrent.futures.ThreadPoolExecutor(2) as desks:
            seeds = [random.Random(dice.random()) for _ in everybody]
            running = [pool.submit(each.play, seed) for each, seed in zip(everybody, seeds, strict=True)]
            working = [desks.submit(desk, viewer) for viewer in staff]
            kills = itertools.cycle(("web", "worker", "database", "worker"))
            done = 0
            while done < sizes.LINE_KILLS.now or not all(each.done() for each in running):
                time.sleep(dice.uniform(0.2, 0.9))
                house.kill(next(kills))
                done += 1
            for each in running:
                each.result()
            is_over.set()
            for each in working:
                each.result()
            settle(house, telephone, taken)
    look(telephone, taken, people)


def settle(house: House, telephone: peer.Peer, taken: Taken) -> None:
    """Let the worker do what the clock asks it for each minute; here it is asked at once. One that started just while
    the database was down has ended with a sentence."""
    until = time.monotonic() + 240
    while time.monotonic() < until:
        house.worker.revive()
        for name in ("line.look_again", "line.move", "line.fetch"):
            with contextlib.suppress(exceptions.AlreadyEnqueued):  # one that waits is enough
                queue.defer(name, timestamp="0")
        connection.close()
        time.sleep(3)
        with row_security.system():
            messages = models.ContactMessage.objects
            waits = messages.filter(outcome="waiting").exists()
            heard = messages.filter(way="voicemail", gone_at__isnull=False).count()
            wrote = messages.filter(way="in").count()
        connection.close()
        if not waits and heard >= len(taken.recordings) and wrote >= len(taken.written):
            return


def look(telephone: peer.Peer, taken: Taken, people: int) -> None:
    """Look at what is there afterwards."""
    viewer = floors.on_shift(ready=False)
    contacts = floors.contacts()
    assert len(contacts) == people, "one contact for each conversation"
    written: collections.Counter[str] = collections.Counter()
    answers: dict[uuid.UUID, tuple[str, str]] = {}
    for row in contacts:
        for each in writing.of(row.id, by=viewer, at=timezone.now()):
            if each.way == "in":
                written[each.words] += 1
            elif each.way == "out":
                answers[each.id] = (each.words, each.outcome)
    assert written == collections.Counter(taken.written), "what they wrote is there, and once"
    assert {id_: words for id_, (words, _) in answers.items()} == taken.answers
    assert claims.every(outcome in ("sent", "delivered") for _, outcome in answers.values())
    ours = [str(each["body"]) for each in telephone.rows["Messages"].values() if each["direction"] != "inbound"]
    texts = {str(row.id) for row in contacts if row.medium == "text"}
    with row_security.system():
        out = models.ContactMessage.objects.filter(way="out", contact__medium="text")
        assert sorted(ours) == sorted(taken.answers[each.id] for each in out), "each leaves once"
        assert texts
        messages = models.ContactMessage.objects.filter(way="voicemail")
        assert messages.count() == messages.exclude(fetched_at=None).exclude(gone_at=None).count()
        assert messages.count() == len(taken.recordings) == len(taken.calls)
        assert telephone.files == {}, "the provider has none of them any more"
        sounds = [writing.recording(each.id, by=viewer, at=timezone.now()) for each in messages]
        assert sorted(sounds) == sorted(b"ID3" + name.encode() for name in taken.recordings)
        for row in models.Contact.objects.filter(over_at=None):
            held = list(row.legs.filter(kind="held", ended_at=None).values_list("person", flat=True))
            assert held == ([row.person_id] if row.state == State.ANSWERED else [])
            if row.state == State.ANSWERED:
                assert models.Seat.objects.filter(person=row.person_id, ended_at=None).count() == 1
            else:
                ends = row.ends_at if row.state == State.RINGING else row.due_at
                assert ends is not None
        assert {row.state for row in contacts if row.medium == "voice"} == {State.VOICEMAIL}
    connection.close()
    assert shifts.of(viewer) is not None
