"""T36: forty files that never finish hold a bounded memory, end by themselves, and keep no page and no form out."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import http.client
import itertools
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import asgiref.sync
import pytest
from django.test import Client

from nowrongdoor.access import edge
from nowrongdoor.agencies.models import User
from tests import claims, servers, signing_in
from tests.agencies import crowds
from tests.leads import stories

MANY = 40
LENGTH = 24_000_000
FORM = b"Content-Type: multipart/form-data; boundary=x\r\nAccept: text/html\r\n"


def cookies(count: int) -> list[str]:
    """Sessions of people who are signed in, as their browsers send them."""
    found = []
    for _ in range(count):
        stories.person("HOTLINE")
        client = Client()
        signing_in.passed(client, User.objects.filter(agency__code="HOTLINE").latest("id"))
        found.append(client.cookies["sessionid"].value)
    return found


def begin(web: servers.Web, cookie: str, *, send: int, length: int = LENGTH) -> socket.socket:
    """An upload of which some came, and no more comes."""
    wire = socket.create_connection(("127.0.0.1", web.port), timeout=120)
    head = b"POST /cases/AAAA-BBBB-CCCC/files HTTP/1.1\r\nHost: 127.0.0.1\r\n" + FORM
    wire.sendall(head + f"Cookie: sessionid={cookie}\r\nContent-Length: {length}\r\n\r\n".encode())
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for _ in range(send // 1_000_000):
            wire.sendall(b"x" * 1_000_000)
    return wire


def told(wire: socket.socket) -> tuple[int, dict[str, str], bytes]:
    answer = http.client.HTTPResponse(wire)
    answer.begin()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def has_answered(wire: socket.socket) -> bool:
    wire.setblocking(False)
    try:
        return bool(wire.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        wire.settimeout(120)


@pytest.mark.storm
def test_forty_uploads_that_never_finish_hold_little_and_keep_nobody_out(committed_db: None) -> None:
    sessions, (person,) = cookies(MANY), crowds.people(1)
    with servers.Web() as web, contextlib.ExitStack() as wires:
        web.wait_until_answering()
        with crowds.Memory(web) as memory, crowds.Browser(web) as browser:
            with concurrent.futures.ThreadPoolExecutor(MANY) as threads:
                sent = threads.map(lambda cookie: begin(web, cookie, send=LENGTH - 1_000_000), sessions)
                held = [wires.enter_context(contextlib.closing(wire)) for wire in sent]
            assert browser.sign_in(person)  # pages and small forms go on
            full = [wire for wire in held if has_answered(wire)]
            refused = [told(wire) for wire in full]
        print(f"{MANY} unfinished: {len(refused)} refused at once, memory {memory.at_first / 1e6:.0f} MB, ")
        print(f"at most {memory.most / 1e6:.0f} MB, one process {memory.most_of_one / 1e6:.0f} MB")
        assert {status for status, _, _ in refused} == {503}
        assert MANY - 4 <= len(refused) <= MANY - 2  # from one address two of the largest in each of two processes
        assert {given["retry-after"] for _, given, _ in refused} == {"60"}
        assert claims.every(b"Nothing was saved. Try again in a minute." in page for _, _, page in refused)
        # What is read into memory may be there twice while its place grows.
        assert memory.most - memory.at_first < 2 * 2 * edge.FILES.size
        stopped = [told(wire) for wire in held if wire not in full]
        assert {(status, given["connection"]) for status, given, _ in stopped} == {(408, "close")}
        assert claims.every(b"nothing was saved" in page for _, _, page in stopped)
        with contextlib.closing(begin(web, sessions[0], send=3_000_000, length=3_000_000)) as wire:
            assert told(wire)[0] == 403  # there is room again: Django reads it, and misses its own token


@pytest.mark.storm
def test_whoever_is_not_signed_in_is_told_so_before_anything_is_read(committed_db: None) -> None:
    (mine,) = cookies(1)
    with servers.Web() as web:
        web.wait_until_answering()
        for cookie in ("", "nonsense", mine[:-1]):
            with contextlib.closing(begin(web, cookie, send=0)) as wire:
                status, _, page = told(wire)
                assert (status, b"Sign in again" in page) == (403, True)
        with contextlib.closing(begin(web, mine, send=0)) as wire:
            assert not has_answered(wire)  # it is waited for


Piece = tuple[float, bytes]
FILE = "/cases/AAAA-BBBB-CCCC/files"
MULTIPART = [(b"content-type", b"multipart/form-data; boundary=x")]
PLAIN = [(b"content-type", b"application/x-www-form-urlencoded")]
TOKEN = [(b"authorization", b"Bearer nwd_x")]


async def _reads_all(scope: dict[str, Any], receive: edge.Receive, send: edge.Send) -> None:
    """An application that reads a body as Django does, and says how long it was."""
    read, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        read, more = read + len(message["body"]), message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(read).encode()})


def answer(
    path: str, given: list[tuple[bytes, bytes]], *pieces: Piece, client: tuple[str, int] | None = None
) -> tuple[int, bytes]:
    """What the guard answers to a body that comes in pieces, each after so many seconds."""
    coming = iter(pieces)
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        pause, body = next(coming, (3600.0, b""))
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": body, "more_body": body != b""}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "headers": given, "client": client}
    asgiref.sync.async_to_sync(edge.guard(_reads_all))(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


END: Piece = (0, b"")


@pytest.fixture
def full_of_files() -> Iterator[None]:
    """A process in which no file has room any more."""
    edge.FILES.taken += edge.FILES.size
    yield
    edge.FILES.taken -= edge.FILES.size


def rooms() -> list[int]:
    return [room.taken for room in (edge.SMALL_FORMS, edge.FORMS, edge.CALLS, edge.FILES)]


def test_a_form_is_taken_while_files_fill_their_room(full_of_files: None) -> None:
    before = rooms()
    assert answer("/sign-in", PLAIN, (0, b"x" * 200_000), END) == (200, b"200000")
    assert answer("/api/v1/signals", TOKEN, (0, b"x" * 1_500_000), END) == (200, b"1500000")
    assert rooms() == before  # the room is given back


def test_a_call_that_does_not_say_how_long_it_is_takes_room_for_the_longest() -> None:
    edge.CALLS.taken = edge.CALLS.size - edge.BODY_LIMIT + 1
    try:
        assert answer("/api/v1/signals", TOKEN, (0, b"x" * 200_000), END) == (200, b"200000")
        status, said = answer("/api/v1/signals", TOKEN, (0, b"x" * 200_000), (0, b"x" * 200_000), END)
        assert (status, b"Nothing was stored. Try again in a minute." in said) == (503, True)
    finally:
        edge.CALLS.taken = 0
    assert answer("/api/v1/signals", TOKEN, (0, b"x" * 200_000), (0, b"x" * 200_000), END) == (200, b"400000")
    assert rooms() == [0, 0, 0, 0]


@pytest.mark.django_db
@pytest.mark.parametrize("declared", [[], [(b"content-length", b"300000")]], ids=["in pieces", "said"])
def test_whoever_is_not_known_sends_small_forms_only(declared: list[tuple[bytes, bytes]]) -> None:
    long = [(0.0, b"x" * 150_000), (0.0, b"x" * 150_000), END]
    status, said = answer("/signals/new", [*PLAIN, *declared], *long)
    assert (status, f"{edge.SMALL_LIMIT:,}".encode() in said) == (413, True)
    status, said = answer(FILE, [*MULTIPART, *declared], *long)
    assert (status, b"Sign in before you send this" in said) == (403, True)
    assert answer("/api/v1/signals", [*TOKEN, *declared], *long) == (200, b"300000")


def test_what_stops_ends_and_what_comes_too_slowly_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "IDLE", 0.3)
    assert answer("/sign-in", PLAIN, (0, b"x"))[0] == 408
    slow = itertools.repeat((0.1, b"x" * 100), 20)
    status, said = answer("/sign-in", PLAIN, *slow, END)
    assert (status, b"Nothing was stored" in said) == (408, True)
    fair = itertools.repeat((0.1, b"x" * 5_000), 20)  # as long, and fast enough
    assert answer("/sign-in", PLAIN, *fair, END) == (200, b"100000")
    assert rooms() == [0, 0, 0, 0]


async def _stall(body: bytes, count: int, host: Callable[[int], str]) -> tuple[int, list[int]]:
    """Say how many of so many small forms are held that say they are longer and then fall silent, and what the others
    were answered. All of them end together."""
    answers: list[int] = []
    silent = 0
    length = str(len(body) + 1_000).encode()

    async def one(at: int) -> None:
        coming = iter([{"type": "http.request", "body": body, "more_body": True}])

        async def receive() -> Mapping[str, Any]:
            nonlocal silent
            for message in coming:
                return message
            silent += 1
            await asyncio.sleep(3600)
            return {"type": "http.disconnect"}

        async def send(message: Mapping[str, Any]) -> None:
            if "status" in message:
                answers.append(message["status"])

        given = [*PLAIN, (b"content-length", length)]
        scope = {"type": "http", "method": "POST", "path": "/sign-in", "headers": given, "client": (host(at), at)}
        await edge.guard(_reads_all)(scope, receive, send)

    tasks = [asyncio.create_task(one(at)) for at in range(count)]
    while silent + sum(task.done() for task in tasks) < count:
        await asyncio.sleep(0.05)
    held = sum(not task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return held, answers


@pytest.mark.parametrize(
    "host", [lambda _: "203.0.113.7", lambda at: f"2001:db8::{at:x}", lambda _: "::ffff:203.0.113.7"]
)
def test_one_address_that_stalls_many_forms_leaves_room_for_others(host: Callable[[int], str]) -> None:
    """Five hundred and sixty of 250,000 bytes are more than twice the room; its own further ones are refused."""
    held, answers = asyncio.run(_stall(b"x" * 250_000, 560, host))
    assert (held, answers) == (edge.SMALL_FORMS.size // 8 // 250_000, [503] * (560 - held))
    assert rooms() == [0, 0, 0, 0]
    assert edge.SMALL_FORMS.by_sender == {}


def test_many_addresses_share_the_whole_room() -> None:
    held, answers = asyncio.run(_stall(b"x" * 250_000, 300, lambda at: f"203.0.113.{at % 100}"))
    assert (held, set(answers)) == (edge.SMALL_FORMS.size // 250_000, {503})
    assert rooms() == [0, 0, 0, 0]


def test_a_sender_has_an_eighth_of_a_room_and_a_file_of_the_largest_kind_fits() -> None:
    for room in (edge.SMALL_FORMS, edge.FORMS, edge.CALLS):
        assert room.share * 8 == room.size
        assert room.take(room.share, "a")
        try:
            assert not room.take(1, "a")
            assert room.take(1, "b")
            room.give_back(1, "b")
        finally:
            room.give_back(room.share, "a")
    assert edge.UPLOAD_LIMIT < edge.FILES.share < edge.FILES.size
    assert edge.SMALL_FORMS is not edge.FORMS is not edge.CALLS
    assert rooms() == [0, 0, 0, 0]
