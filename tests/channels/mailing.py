"""Mails as people and programs write them, and a server of ours that takes them over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import pathlib
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

from nowrongdoor.channels import letters, lmtp, mail
from nowrongdoor.channels.protocol import Event
from tests import servers

HELP, AYUDA, ANN = "help@example.org", "ayuda@example.org", "ann@example.com"
HOP = "Received: from mx.example.com by mail.example.org; Sat, 28 Nov 2026 04:05:06 -0500"
HEAD = (
    HOP,
    f"From: Ann <{ANN}>",
    f"To: {HELP}",
    "Subject: a question",
    "Message-ID: <one@example.com>",
    "Date: Sat, 28 Nov 2026 09:00:00 +0000",
)


def written(body: str | bytes = "Can you call me?", *headers: str, head: tuple[str, ...] = HEAD) -> bytes:
    """A mail. A header that is given takes the place of the one with its name."""
    names = {each.partition(":")[0] for each in headers}
    kept = [each for each in head if each.partition(":")[0] not in names]
    lines = "\r\n".join([*kept, *headers]).encode("utf-8", "surrogateescape")
    return lines + b"\r\n\r\n" + (body if isinstance(body, bytes) else body.encode()) + b"\r\n"


def channel(address: str = HELP) -> mail.Mail:
    return mail.opened("mail", {"kind": "mail", "address": address, "smtp": "localhost", "smtp_tls": "off"})


def read(content: bytes, *, mail_from: str = ANN) -> Event:
    """What a mail is, which a person wrote."""
    event = channel().read(content, mail_from=mail_from)
    assert isinstance(event, Event), event
    return event


@dataclasses.dataclass
class Desk:
    """What a server took, in order, and what it dropped. `before` is called in front of each."""

    port: int
    events: list[Event] = dataclasses.field(default_factory=list)
    dropped: list[letters.Why] = dataclasses.field(default_factory=list)
    before: Callable[[Event], None] = lambda event: None

    def take(self, event: Event) -> None:
        self.before(event)
        self.events.append(event)

    def client(self) -> smtplib.LMTP:
        client = smtplib.LMTP("127.0.0.1", self.port)
        assert client.sock is not None
        client.sock.settimeout(20)  # an answer that never comes fails the test
        return client

    def bring(self, content: bytes, *to: str, mail_from: str = ANN) -> int:
        """Hand over one mail as a mail server does, and return the code of the last answer."""
        with contextlib.closing(self.client()) as client:
            client.ehlo_or_helo_if_needed()
            client.mail(mail_from)
            for each in to or (HELP,):
                code, _ = client.rcpt(each)
                if code != 250:
                    return code
            codes = [client.data(content)[0], *(client.getreply()[0] for _ in to[1:])]
            return codes[-1]


@contextlib.contextmanager
def listening(port: int = 0) -> Iterator[Desk]:
    """Run a server while the block runs, for two addresses of ours."""
    desk = Desk(port or servers.free_port())
    ready = threading.Event()
    handles: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        stop = asyncio.Event()
        handles.append((asyncio.get_running_loop(), stop))
        ready.set()
        await lmtp.run(
            "127.0.0.1",
            desk.port,
            desk.take,
            channels=[channel(), channel(AYUDA)],
            dropped=desk.dropped.append,
            stop=stop,
        )

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    wait_for(desk.port)
    try:
        yield desk
    finally:
        loop, stop = handles[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join(15)
        assert not thread.is_alive()


SERVER = """
import sys, time
from nowrongdoor.channels import lmtp, mail

def take(event):
    with open(sys.argv[2], "a") as file:
        file.write(f"begun {event.id}\\n")
    time.sleep(float(sys.argv[3]))
    with open(sys.argv[2], "a") as file:
        file.write(f"taken {event.id}\\n")

keys = {"address": "help@example.org", "smtp": "localhost", "smtp_tls": "off"}
lmtp.serve("127.0.0.1", int(sys.argv[1]), take, channels=[mail.opened("mail", keys)])
"""


@contextlib.contextmanager
def process(port: int, file: pathlib.Path, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server as a process of its own, which writes into a file what it begins to take, and so much later what it
    took."""
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    command = [sys.executable, "-c", SERVER, str(port), str(file), str(seconds)]
    with subprocess.Popen(command, env=own) as running:
        try:
            wait_for(port)
            yield running
        finally:
            running.kill()


def begun(file: pathlib.Path) -> None:
    """Wait until such a process began to take something."""
    until = time.monotonic() + 20
    while not file.exists() or "begun" not in file.read_text():
        assert time.monotonic() < until
        time.sleep(0.02)


def taken(file: pathlib.Path) -> list[str]:
    """The ids of what such a process took."""
    return [line.removeprefix("taken ") for line in file.read_text().splitlines() if line.startswith("taken ")]


def wait_for(port: int) -> None:
    """Wait until something listens."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on {port}")
