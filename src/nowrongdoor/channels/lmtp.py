"""The server that a mail server on this machine brings mail to, by LMTP (RFC 2033).

The promise: "250" means that the mail was taken for good. Until then it is the other server's, which brings it again,
and it is the same event then. What is in progress when the server is ended is finished, or not answered at all.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import functools
import logging
import signal
from collections.abc import Callable, Iterable, Mapping
from multiprocessing import pool
from typing import AnyStr

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from nowrongdoor.channels import letters, mail
from nowrongdoor.channels.protocol import Event, Unreadable
from nowrongdoor.core.language import gettext

LARGEST = 5_000_000  # bytes of one mail
TOGETHER = 4  # mails that are read and taken at the same time
MOST_CONNECTIONS = 20  # as many as Postfix opens to one server
PATIENCE = 8  # seconds for what is in progress, once the server is to end
SILENCE = 300  # seconds without a command, after which a connection is closed

TAKEN, LATER = "250 2.0.0 Taken", "451 4.3.0 Not taken now, try again"
NO_SUCH, TOO_LARGE, TOO_MANY = "550 5.1.1 No such address", "552 5.3.4 Too large", "554 5.6.0 Too many parts"
BUSY, ENDING = "421 4.3.2 Too many connections", "421 4.3.2 Ending"

log = logging.getLogger(__name__)


class NotLocal(ValueError):
    """LMTP has no sign-in, so nobody on the network may reach it; the message says what to write."""


def serve(
    host: str,
    port: int,
    take: Callable[[Event], None],
    *,
    channels: Iterable[mail.Mail],
    dropped: Callable[[letters.Why], None] | None = None,
) -> None:
    """Take mail for the addresses of some channels until SIGTERM or SIGINT. `take` keeps an event for good, and may be
    called from several threads at once, also for an event that it has; whatever it raises has the mail brought again.
    `dropped` counts a mail that no person waits for an answer to. NotLocal, OSError."""
    asyncio.run(_until_a_signal(host, port, take, channels=channels, dropped=dropped))


async def _until_a_signal(
    host: str,
    port: int,
    take: Callable[[Event], None],
    *,
    channels: Iterable[mail.Mail],
    dropped: Callable[[letters.Why], None] | None,
) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    await run(host, port, take, channels=channels, dropped=dropped, stop=stop)


async def run(
    host: str,
    port: int,
    take: Callable[[Event], None],
    *,
    channels: Iterable[mail.Mail],
    dropped: Callable[[letters.Why], None] | None = None,
    stop: asyncio.Event,
) -> None:
    """Do the same until `stop` is set. NotLocal, OSError."""
    if not mail.is_here(host):
        raise NotLocal(
            gettext("Mail is taken from this machine alone: write 127.0.0.1 instead of %(host)s.") % {"host": host}
        )
    # The library logs addresses, and what it does not understand.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    house = _House({each.address: each for each in channels}, take, dropped)
    try:
        server = await asyncio.get_running_loop().create_server(functools.partial(_Connection, house), host, port)
        try:
            await stop.wait()
        finally:
            server.close()
    finally:
        await house.end()


class _House:
    """What all connections share."""

    def __init__(
        self,
        channels: Mapping[str, mail.Mail],
        take: Callable[[Event], None],
        dropped: Callable[[letters.Why], None] | None,
    ) -> None:
        self.channels, self.take, self.dropped = channels, take, dropped
        self.connections: set[_Connection] = set()
        self.counts: collections.Counter[letters.Why] = collections.Counter()
        self.is_ending = False
        # Its threads end with the process: one that hangs must not keep it.
        self._threads = pool.ThreadPool(TOGETHER)

    async def handle_RCPT(  # noqa: N802  the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept an address of ours."""
        if address.lower() not in self.channels:
            return NO_SUCH
        envelope.rcpt_tos.append(address.lower())
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail for each of its recipients, and answer once for each (RFC 2033, section 4.2)."""
        content = envelope.content
        assert isinstance(content, bytes)  # as it isn't decoded
        return "\r\n".join(
            [await self._answered(self.channels[each], content, envelope.mail_from or "") for each in envelope.rcpt_tos]
        )

    async def _answered(self, channel: mail.Mail, content: bytes, mail_from: str) -> str:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()

        def settle(text: str) -> None:
            if not answer.done():  # the connection may be gone
                answer.set_result(text)

        def tell(text: str) -> None:
            with contextlib.suppress(RuntimeError):  # the server has ended meanwhile, and nothing was answered
                loop.call_soon_threadsafe(settle, text)

        def refuse(error: BaseException) -> None:
            log.error("A mail was not taken and will be brought again: %s.", type(error).__name__)
            tell(LATER)

        self._threads.apply_async(self._taken, (channel, content, mail_from), callback=tell, error_callback=refuse)
        return await answer

    def _taken(self, channel: mail.Mail, content: bytes, mail_from: str) -> str:
        """Reads and takes a mail, in a thread of its own, and returns what is answered."""
        try:
            read = channel.read(content, mail_from=mail_from)
        except Unreadable:
            log.warning("A mail has too many parts, and was refused.")
            return TOO_MANY
        if isinstance(read, Event):
            self.take(read)
        else:
            self.counts[read] += 1
            log.info("A mail was dropped (%s); since the start: %d.", read.value, self.counts[read])
            if self.dropped:
                self.dropped(read)
        return TAKEN

    async def end(self) -> None:
        """Close each connection once it isn't in the middle of a mail, and all after a while."""
        self.is_ending = True
        for each in list(self.connections):
            each.leave()
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while self.connections and loop.time() < until:
            await asyncio.sleep(0.02)
        for each in list(self.connections):
            each.drop()
        self._threads.terminate()


class _Connection(LMTP):
    """One connection of the mail server's."""

    # A line of HTML may be as long as its writer liked. The standard's 998 characters are kept by no list or program.
    line_length_limit = 1_048_576

    def __init__(self, house: _House) -> None:
        # No name of this machine or its programs in the greeting, which ends up in headers and bounces.
        super().__init__(
            house,
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            hostname=mail.HERE,
            ident="LMTP",
            timeout=SILENCE,
            loop=asyncio.get_running_loop(),
        )
        self._house = house
        self._owed = 0  # answers to a mail that is under way
        house.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        self._house.connections.discard(self)
        super().connection_lost(error)

    def leave(self) -> None:
        """Close it, unless it is in the middle of a mail: then it is closed with the answer."""
        if self._owed == 0 and self.transport is not None:
            self._writer.write(f"{ENDING}\r\n".encode())
            self.transport.close()

    def drop(self) -> None:
        """Close it without an answer."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def _handle_client(self) -> None:
        if self._house.is_ending or len(self._house.connections) > MOST_CONNECTIONS:
            await self.push(BUSY)
            self._writer.close()
            return
        await super()._handle_client()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  the library's name
        """Take a mail."""
        self._owed = len(self.envelope.rcpt_tos) if self.envelope else 0
        await super().smtp_DATA(arg)
        self._settled()

    async def push(self, status: AnyStr) -> None:
        """Answer. What the library answers once to a mail that is too large is owed for each recipient."""
        if isinstance(status, str) and status.startswith(("500 Line too long", "552 Error: Too much")):
            await super().push("\r\n".join([TOO_LARGE] * self._owed))
        else:
            await super().push(status)

    async def handle_exception(self, error: Exception) -> str:
        """Answer what nobody foresaw so that the mail is brought again; the library would refuse it for good."""
        log.error("A connection had a problem: %s.", type(error).__name__)
        answer = "\r\n".join([LATER] * max(1, self._owed))
        self._settled()
        return answer

    def _settled(self) -> None:
        self._owed = 0
        if self._house.is_ending:
            asyncio.get_running_loop().call_soon(self.leave)
