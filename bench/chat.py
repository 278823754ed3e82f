"""Chats with the line, many at once, on a cluster of its own: how long until what a visitor wrote is kept, and until
what an advocate wrote is on the visitor's page.

Each visitor holds a stream open, writes once in a while, and reads when the stream says that there is something; each
gets an answer to everything. The clients run on the same cores as the server, so that a busy machine shows in the
figure.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import pathlib
import random
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx

from bench import result

if TYPE_CHECKING:
    from nowrongdoor.access import viewers

PART = {"Nwd-Chat": "yes"}
AT_ONCE = 9  # chats of one advocate


@dataclasses.dataclass(frozen=True)
class Size:
    """How many chats, for how many seconds; each visitor writes every `pause` seconds on average."""

    chats: int = 200
    seconds: int = 60
    pause: float = 20.0


FULL = Size()
TINY = Size(chats=6, seconds=6, pause=2.0)


def run(size: Size) -> Iterator[result.Result]:
    """Measure on a cluster of its own. However it ends, nothing of it keeps running."""
    with house() as folder:
        yield from measured(folder, size)


@contextlib.contextmanager
def house() -> Iterator[pathlib.Path]:
    """Make an installation with lines, and take it away again."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nwd-bench-"))
    folder.chmod(0o755)
    plan = folder / "line.toml"
    os.environ.update(NWD_VAR=str(folder), NWD_LINE=str(plan), DJANGO_ALLOW_ASYNC_UNSAFE="yes")
    os.environ.pop("DATABASE_URL", None)
    from nowrongdoor.operating import cluster
    from nowrongdoor.site import up

    try:
        up.prepare_and_fill()
        from tests.line import floors

        plan.write_text(floors.PLAN, encoding="utf-8")
        yield folder
    finally:
        with contextlib.suppress(ImportError):
            from django.db import connections

            connections.close_all()
        cluster.stop(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def measured(folder: pathlib.Path, size: Size) -> Iterator[result.Result]:
    """Let all of them write for a while, and say how long each waited."""
    from tests import servers
    from tests.line import floors

    from bench import system
    from nowrongdoor.access import row_security

    with row_security.system():
        advocates = [floors.on_shift(texts=AT_ONCE) for _ in range(size.chats // AT_ONCE + 1)]
    with servers.Web(FORWARDED_ALLOW_IPS="127.0.0.1") as web:
        web.wait_until_answering()
        before = system.cpu(folder)
        kept, shown = asyncio.run(_Hall(web.url, size, advocates).measure())
        spent = (system.cpu(folder) - before) * 1_000 / len(kept)
    note = f"{size.chats} chats for {size.seconds} s, 2 web workers, {len(kept)} messages, {load()}"
    for name, seconds in (("a visitor’s message is kept", kept), ("an answer is on their page", shown)):
        yield from result.waited(name, seconds, note)
    yield result.Result("a message, its answer, and reading both", spent, "ms CPU", 1, note)


def load() -> str:
    """Say how busy the machine is, which these figures turn on."""
    return f"load {os.getloadavg()[0]:.1f}"


class _Hall:
    """All the chats of one run."""

    def __init__(self, url: str, size: Size, advocates: list[viewers.Viewer]) -> None:
        self.url, self.size, self.advocates = url, size, advocates
        self.kept: list[float] = []
        self.shown: list[float] = []
        self.ends_at = 0.0

    async def measure(self) -> tuple[list[float], list[float]]:
        """Let every visitor begin, then write until the time is over."""
        people = [_Visitor(self, number) for number in range(self.size.chats)]
        for each in people:
            await each.begin()
        self.ends_at = time.monotonic() + self.size.seconds
        await asyncio.gather(*(each.stay() for each in people), self._shifts())
        return self.kept, self.shown

    async def _shifts(self) -> None:
        """Keep everybody on shift, as their open pages do."""
        from django.utils import timezone

        from nowrongdoor.line import shifts

        while time.monotonic() < self.ends_at:
            for each in self.advocates:
                await asyncio.to_thread(shifts.heard, by=each, at=timezone.now())
            await asyncio.sleep(20)


class _Visitor:
    """One visitor, and the answers that they get."""

    def __init__(self, hall: _Hall, number: int) -> None:
        self.hall = hall
        headers = {"X-Forwarded-For": f"10.7.{number // 250}.{number % 250}", "Origin": hall.url}
        # The server ends a connection that idles; a browser then asks again by itself, which this client doesn't.
        idle = httpx.Limits(keepalive_expiry=1)
        self.client = httpx.AsyncClient(base_url=hall.url, headers=headers, timeout=30, limits=idle)
        self.dice = random.Random(number)
        self.waits: dict[str, float] = {}
        self.listening: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Press the button, and listen, as the page does that opens then."""
        field = re.search(r'name="chat" value="([^"]+)"', (await self.client.get("/chat")).text)
        assert field
        answer = await self.client.post("/chat", data={"do": "begin", "chat": field[1]})
        assert answer.status_code == 303, answer.status_code
        self.listening = asyncio.create_task(self._listen())

    async def stay(self) -> None:
        """Write until the time is over, and listen a moment longer for the last answer."""
        assert self.listening
        await asyncio.sleep(self.dice.uniform(0, self.hall.size.pause))
        while time.monotonic() < self.hall.ends_at:
            await self._write()
            await asyncio.sleep(self.dice.expovariate(1 / self.hall.size.pause))
        await asyncio.sleep(3)
        self.listening.cancel()
        await asyncio.gather(self.listening, return_exceptions=True)
        await self.client.aclose()
        assert not self.waits, f"{len(self.waits)} answers never came"

    async def _write(self) -> None:
        key = str(uuid.uuid4())
        sent = {"do": "write", "words": f"What if {key}?", "key": key}
        begun = time.perf_counter()
        answer = await self.client.post("/chat", data=sent, headers=PART)
        assert answer.headers.get("Nwd-Chat") == "kept", answer.status_code
        self.hall.kept.append(time.perf_counter() - begun)
        await asyncio.to_thread(self._answer, f"Then {uuid.uuid4()}.")

    def _answer(self, words: str) -> None:
        """Answer in the name of whoever has this chat. What it costs to write it counts as time until it is shown."""
        from django.utils import timezone

        from nowrongdoor.access import chats, row_security
        from nowrongdoor.line import chatting, models, writing

        carried = chats.read(self.client.cookies[chats.COOKIE], at=timezone.now())
        assert carried
        visitor = chatting.Visitor(carried.line, carried.agency_id, carried.secret)
        with row_security.system():
            row = models.Contact.objects.get(conversation=visitor.token)
        by = next((each for each in self.hall.advocates if each.user_id == row.person_id), None)
        assert by, f"nobody has this chat: it is {row.state}"
        self.waits[words] = time.perf_counter()
        writing.write(row.id, words, message_id=uuid.uuid4(), by=by, at=timezone.now())

    async def _listen(self) -> None:
        async with self.client.stream("GET", "/chat/events", timeout=None) as stream:
            async for line in stream.aiter_lines():
                if line == "event: changed":
                    page = await self.client.get("/chat/lines", headers=PART)
                    self._see(page.text)

    def _see(self, page: str) -> None:
        now = time.perf_counter()
        for words in re.findall(r"Then [0-9a-f-]+\.", page):
            if (written := self.waits.pop(words, 0)) > 0:
                self.hall.shown.append(now - written)
