"""Mail as a channel of a line: out by SMTP to a mail server of the operator's, in by that server's LMTP (`lmtp.py`).

The promise: what leaves tells nobody what it is about. The subject is neutral, no header names a machine or a program,
and it goes to the address that the mail it answers named as its writer, never to another one that the mail asks for.
"""

from __future__ import annotations

import contextlib
import datetime
import email.policy
import email.utils
import ipaddress
import pathlib
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.message import EmailMessage

from nowrongdoor.channels import letters
from nowrongdoor.channels.protocol import Event, Forged, Incoming, Kind, NotSent, Reply, Step
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext, pgettext
from nowrongdoor.core.line import Medium

STARTTLS, TLS, OFF = "starttls", "tls", "off"
PORTS = {STARTTLS: 587, TLS: 465, OFF: 25}
TIMEOUT = 20  # seconds that the server may take for an answer
HERE = "localhost"
# The longest line of RFC 5322. At the usual 78 a long Message-ID would be written as an encoded word, and name no mail.
_POLICY = email.policy.SMTP.clone(max_line_length=998)


class Mail:
    """One address of ours, and the server that takes what leaves from it."""

    media = frozenset({Medium.MAIL})

    def __init__(
        self, name: str, address: str, server: tuple[str, int], *, security: str, user: str = "", password: str = ""
    ) -> None:
        self.address = address
        self._name, self._server, self._security = name, server, security
        self._user, self._password = user, password

    def read(self, content: bytes, *, mail_from: str) -> Event | letters.Why:
        """Read a mail that a server delivered, or say why it is dropped. Unreadable."""
        return letters.read(content, mail_from=mail_from, address=self.address)

    def receive(self, incoming: Incoming) -> Sequence[Event]:
        """Refuse it: no mail comes over HTTP. Forged."""
        raise Forged(incoming.url)

    def reply(self, steps: Sequence[Step]) -> Reply:
        """Answer nothing: a mail is no call."""
        return Reply("text/plain", b"")

    def turn(self, conversation: str, steps: Sequence[Step]) -> None:
        """Refuse it: a mail is no call. NotSent."""
        raise NotSent("no_call", is_final=True)

    def send(self, to: str, words: str, *, address: str, key: str, thread: str = "") -> str:
        """Hand a mail to the server and return its Message-ID, which is the same for the same key: a server cannot tell
        that it had a mail before, a mailbox can. `address`: there is one, our own. `thread`: of the event that it
        answers. NotSent."""
        if not letters.ADDRESS.fullmatch(to) or to.lower() == self.address:
            raise NotSent("address", is_final=True)
        ref = letters.ref_of(self._name, self.address, key)
        letter = EmailMessage(policy=_POLICY)
        letter["From"], letter["To"] = self.address, to
        letter["Subject"] = pgettext("subject of every mail to somebody who wrote to us; says nothing", "Your message")
        letter["Date"] = email.utils.format_datetime(datetime.datetime.now(datetime.UTC))
        letter["Message-ID"] = ref
        if thread:
            letter["In-Reply-To"], letter["References"] = thread, thread
        letter.set_content(words)
        try:
            server = self._connected()
            try:
                server.send_message(letter, self.address, [to])
            finally:
                with contextlib.suppress(smtplib.SMTPException, OSError):  # it was taken, whatever comes of the goodbye
                    server.quit()
        except (smtplib.SMTPException, OSError) as error:
            raise _not_sent(error) from None
        return ref

    def sent(self, to: str, words: str, *, address: str, since: datetime.datetime) -> Sequence[str]:
        """Name none: a server doesn't tell. The same key has the same Message-ID, by which a mailbox can tell."""
        return ()

    def status(self, ref: str) -> Kind | None:
        """Say that nothing is known: a server that fails says so by a mail, which comes in as `Kind.FAILED`."""
        return None

    def list(self, since: datetime.datetime) -> Sequence[Event]:
        """List nothing: what was not taken stands in the server's queue, which brings it again by itself."""
        return ()

    def fetch(self, media: str) -> bytes:
        """Refuse it: no mail is a recording. NotSent."""
        raise NotSent("no_recording", is_final=True)

    def delete(self, media: str) -> None:
        """Do nothing: there is no recording."""

    def _connected(self) -> smtplib.SMTP:
        """Opens a connection, encrypted and signed in as the settings say."""
        host, port = self._server
        # What a server is greeted with may stand in the header of what it passes on: no name of this machine.
        domain = self.address.rpartition("@")[2]
        if self._security == TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, local_hostname=domain, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port, local_hostname=domain, timeout=TIMEOUT)
        try:
            if self._security == STARTTLS:
                server.starttls(context=ssl.create_default_context())
            if self._user:
                server.login(self._user, self._password)
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server


def opened(name: str, keys: Mapping[str, str]) -> Mail:
    """Open the channel of a provider's entries. entries.Unreadable, which names the entry and the key."""
    entry = entries.Entry(keys, f"[provider.{name}]")
    entry.leave("kind")
    address = entry.text("address").lower()
    if not letters.ADDRESS.fullmatch(address):
        raise entry.wrong("address", gettext("write the mail address of the line, like help@example.org"))
    security = entry.text("smtp_tls", STARTTLS)
    if security not in PORTS:
        raise entry.wrong("smtp_tls", gettext("write 'starttls', 'tls' or 'off'"))
    host, port = _server(entry, security)
    if security == OFF and not is_here(host):
        words = gettext("write 'starttls' or 'tls': only a mail server on this machine is spoken to without encryption")
        raise entry.wrong("smtp_tls", words)
    user, file = entry.text("smtp_user", ""), entry.text("smtp_password_file", "")
    if bool(user) != bool(file):
        missing = "smtp_password_file" if user else "smtp_user"
        raise entry.wrong(missing, gettext("write smtp_user and smtp_password_file, or neither"))
    if user and security == OFF:
        raise entry.wrong("smtp_tls", gettext("write 'starttls' or 'tls': a password is never sent in the open"))
    password = _password(entry, file) if file else ""
    entry.end()
    return Mail(name, address, (host, port), security=security, user=user, password=password)


def is_here(host: str) -> bool:
    """Return whether a host is this machine, which nobody else can listen to."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == HERE


def _server(entry: entries.Entry, security: str) -> tuple[str, int]:
    where = entry.text("smtp")
    host, _, port = where.rpartition(":") if ":" in where.rpartition("]")[2] else (where, "", str(PORTS[security]))
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65_536:
        raise entry.wrong("smtp", gettext("write the mail server as 'host' or 'host:587'"))
    return host.strip("[]"), int(port)


def _password(entry: entries.Entry, file: str) -> str:
    try:
        return pathlib.Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise entry.wrong("smtp_password_file", gettext("name a file of text that this program may read")) from None


def _not_sent(error: Exception) -> NotSent:
    """A server's own words may repeat an address, so only a code of ours is kept of them."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, _words = next(iter(error.recipients.values()))
        return NotSent("put_off" if code < 500 else "recipient_refused", is_final=code >= 500)
    if isinstance(error, smtplib.SMTPDataError):
        return NotSent("put_off" if error.smtp_code < 500 else "message_refused", is_final=error.smtp_code >= 500)
    problem = next((problem for kind, problem in _PROBLEMS if isinstance(error, kind)), "server_error")
    return NotSent(problem, is_final=False)


# From the special to the general. Somebody can mend each of these, so trying again is of use.
_PROBLEMS: Sequence[tuple[type[Exception], str]] = (
    (smtplib.SMTPSenderRefused, "sender_refused"),
    (smtplib.SMTPAuthenticationError, "sign_in_refused"),
    (smtplib.SMTPNotSupportedError, "not_supported"),
    (smtplib.SMTPServerDisconnected, "server_down"),
    (smtplib.SMTPConnectError, "server_down"),
    (smtplib.SMTPException, "server_error"),
    (ssl.SSLError, "certificate"),
    (OSError, "server_down"),
)
