"""The line: a night of 1,000 calls, what a keystroke costs until it is kept, how long it takes from a provider's
webhook to the screen, and many chats.

What is on the screen is what the open page of somebody on shift asks for when its stream says that something changed.
Their client runs on the same cores as the server, so that a busy machine shows in the figures.
"""

from __future__ import annotations

import asyncio
import dataclasses
import pathlib
import random
import re
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator

import httpx

from bench import chat, result, system

BIN = pathlib.Path(sys.executable).parent
PAGES = 10  # of the floor, that are open at once
PAUSE = 1.0  # seconds between two webhooks on average
WAITING = 10  # callers at once, until the first of them hangs up


@dataclasses.dataclass(frozen=True)
class Size:
    """How much is measured: calls of a night, keystrokes, webhooks, and chats."""

    calls: int = 1_000
    keystrokes: int = 200
    webhooks: int = 60
    chats: chat.Size = chat.FULL


FULL = Size()
TINY = Size(calls=20, keystrokes=10, webhooks=4, chats=chat.TINY)


def run(size: Size) -> Iterator[result.Result]:
    """Measure. However it ends, nothing of it keeps running."""
    yield from nights(size)
    with chat.house() as folder:
        secret = system.people()
        yield from at_the_desk(folder, secret, size)
        yield from chat.measured(folder, size.chats)


def nights(size: Size) -> Iterator[result.Result]:
    """Play the same night twice."""
    asked = ["line", "simulate", "--calls", str(size.calls), "--staff", "0", "--seed", "1", "--json"]
    outcomes, seconds = set[str](), []
    for _ in range(2):
        begun = time.perf_counter()
        played = subprocess.run([str(BIN / "nwd"), *asked], check=True, capture_output=True, text=True)
        seconds.append(time.perf_counter() - begun)
        outcomes.add(played.stdout)
    assert len(outcomes) == 1, "the same seed was another night"
    note = f"nwd {' '.join(asked)}, the slower of two that said the same, {chat.load()}; at most 60"
    yield result.Result(f"a night of {size.calls:,} calls with nobody there", max(seconds), "s", 2, note)


def at_the_desk(folder: pathlib.Path, secret: str, size: Size) -> Iterator[result.Result]:
    """Measure what somebody on shift sees and does."""
    from tests import servers
    from tests.channels import peer
    from tests.line import floors

    from nowrongdoor.access import row_security
    from nowrongdoor.agencies.models import User
    from nowrongdoor.line import plan

    token = folder / "token"
    token.write_text(peer.TOKEN)
    token.chmod(0o600)
    provider = f'kind = "twilio"\naccount = "{peer.ACCOUNT}"\nnumber = "+12025550100"\ntoken_file = "{token}"\n'
    lines = floors.PLAN.replace('[provider.telephone]\nkind = "null"\n', f"[provider.telephone]\n{provider}")
    lines = lines.replace("token_file", f'address = "{peer.ADDRESS}"\ntoken_file')
    file = folder / "line.toml"
    file.write_text(lines, encoding="utf-8")
    plan.installed.cache_clear()
    with row_security.system():
        viewer = User.objects.get(name="bench").viewer()
    assert viewer
    with servers.Web() as web:
        web.wait_until_answering()
        browser = system.signed_in(web, secret)
        shift = {"groups": "night", "languages": "en", "telephone": "+1 555 010 0111", "texts": "1"}
        browser.get("/line")
        browser.post("/line/shift/begin", shift)
        yield from keystrokes(folder, web.url, browser, size)
        browser.get("/line")  # brings a pass for its stream
        yield from asyncio.run(_webhooks(web.url, dict(browser.cookies), size))
        browser.connection.close()  # the server ended it meanwhile; the next request opens another
        browser.post("/line/shift/pause", {})
    file.write_text(floors.PLAN, encoding="utf-8")
    plan.installed.cache_clear()


def keystrokes(folder: pathlib.Path, url: str, browser: system.Browser, size: Size) -> Iterator[result.Result]:
    """Somebody types beside a conversation; each letter is sent, though a page sends what was typed in two seconds."""
    from tests.line import floors, outside

    wrote = {"MessageSid": "SM1", "From": floors.CALLER, "To": floors.TEXTS, "Body": "Can you help?"}
    outside.say(url, {**wrote, "SmsStatus": "received"})
    contact = re.search(r'href="(/line/contacts/[^"]+)"', browser.get("/line"))
    assert contact
    form = browser.get(contact[1]).partition('id="contact"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'<input type="hidden" name="(key|contact|page)" value="([^"]*)"', form))
    assert len(hidden) == 3, hidden
    words, turn, waits, costs = "", 0, [], []
    for _ in range(5):
        before = system.cpu(folder)
        for _ in range(size.keystrokes // 5):
            words, turn, begun = words + random.choice("etaoin "), turn + 1, time.perf_counter()
            typed = {**hidden, "channel": "text", "source": "survivor", "labor": "yes", "narrative": words}
            browser.post("/signals/drafts", {**typed, "seen": str(turn - 1), "turn": str(turn)}, part=True)
            waits.append(time.perf_counter() - begun)
        costs.append((system.cpu(folder) - before) * 1_000 / (size.keystrokes // 5))
    note = f"at the console, with who would lead, {chat.load()}; at most 50"
    yield result.Result("a keystroke until it is kept", statistics.median(costs), "ms CPU", 5, note)
    yield from result.waited("a keystroke until it is kept", waits, note)


async def _webhooks(url: str, cookies: dict[str, str], size: Size) -> list[result.Result]:
    """Calls come in; several pages show them, as they do on a floor with as many people."""
    from tests.line import outside

    pages = [_Page(url, cookies) for _ in range(PAGES)]
    listening = [asyncio.create_task(each.listen()) for each in pages]
    await asyncio.sleep(3)
    dice = random.Random(16)
    waiting: list[dict[str, str]] = []
    for number in range(size.webhooks):
        fields = {"CallSid": f"CA{uuid.uuid4().hex}", "To": "+15550100", "From": f"+1202555{number:04}"}
        waiting.append(fields)
        if len(waiting) > WAITING:
            await asyncio.to_thread(outside.say, url, {**waiting.pop(0), "CallStatus": "completed"})
        begun = time.perf_counter()
        for each in pages:
            each.waits.append(begun)
        await asyncio.to_thread(outside.say, url, {**fields, "CallStatus": "ringing", "Direction": "inbound"})
        await asyncio.sleep(dice.expovariate(1 / PAUSE))
    await asyncio.sleep(5)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    for call in waiting:  # whoever is measured next finds nobody waiting
        await asyncio.to_thread(outside.say, url, {**call, "CallStatus": "completed"})
    assert not any(each.waits for each in pages), "a call never came to a page"
    seconds = [each for page in pages for each in page.seconds]
    note = f"{PAGES} pages open, a call every {PAUSE:.0f} s, {WAITING} waiting, {chat.load()}; under 1,000"
    return list(result.waited("a webhook until it is on the screen", seconds, note))


class _Page:
    """The open page of somebody on shift. `waits`: when each call that it doesn't show yet was said to have come."""

    def __init__(self, url: str, cookies: dict[str, str]) -> None:
        idle = httpx.Limits(keepalive_expiry=1)
        self.client = httpx.AsyncClient(base_url=url, cookies=cookies, timeout=30, limits=idle)
        self.waits: list[float] = []
        self.seconds: list[float] = []
        self.known: set[str] | None = None

    async def listen(self) -> None:
        """Read the floor whenever the stream says so."""
        await self._read()
        async with self.client.stream("GET", "/events?line", timeout=None) as stream:
            assert stream.status_code == 200
            async for line in stream.aiter_lines():
                if line == "event: changed":
                    await self._read()

    async def _read(self) -> None:
        page = (await self.client.get("/line", headers={"HX-Request": "true"})).text
        now, shown = time.perf_counter(), set(re.findall(r'href="(/line/contacts/[^"]+)"', page))
        for _ in range(len(shown - self.known) if self.known is not None else 0):
            self.seconds.append(now - self.waits.pop(0))
        self.known = (self.known or set()) | shown
