"""A real mail server, and what came to it: with or without encryption and a password, as unwilling as a test needs."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import email
import email.policy
import ipaddress
import os
import pathlib
import ssl
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import servers

USER, PASSWORD = "nwd", "correct-horse-battery"
SENDER, SITE = "nwd@example.gov", "https://nwd.example.gov"


@dataclasses.dataclass
class Postbox:
    """What came, oldest first. `answer` says what the server answers to a recipient or a message (None: it takes it),
    and `on_data` is called when a message came whole, before the server says so."""

    port: int
    came: list[EmailMessage] = dataclasses.field(default_factory=list)
    users: list[str] = dataclasses.field(default_factory=list)
    greeted: list[str] = dataclasses.field(default_factory=list)  # by these names, once for each recipient
    refused_recipient: str = ""
    refused_message: str = ""
    on_data: Callable[[], None] = lambda: None

    async def handle_RCPT(  # noqa: N802  the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.greeted.append(str(session.host_name))
        if self.refused_recipient:
            return self.refused_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refused_message:
            return self.refused_message
        content = envelope.content
        assert isinstance(content, bytes)
        self.came.append(email.message_from_bytes(content, policy=email.policy.default))
        self.on_data()
        return "250 OK"

    def check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.users.append(data.login.decode())
        is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_right, handled=False)  # the server answers

    def environment(self, **more: str) -> Mapping[str, str]:
        """What an installation that sends to it is told."""
        return {
            "NWD_SMTP": f"localhost:{self.port}",
            "NWD_SMTP_TLS": "off",
            "NWD_MAIL_FROM": SENDER,
            "NWD_SITE": SITE,
            **more,
        }


@contextlib.contextmanager
def opened(
    port: int = 0, *, encryption: ssl.SSLContext | None = None, with_password: bool = False
) -> Iterator[Postbox]:
    """Run a server while the block runs."""
    box = Postbox(port or servers.free_port())
    controller = Controller(
        box,
        hostname="localhost",
        port=box.port,
        tls_context=encryption,
        require_starttls=encryption is not None,
        authenticator=box.check if with_password else None,
        auth_required=with_password,
        auth_require_tls=encryption is not None,
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def authority(folder: pathlib.Path) -> tuple[pathlib.Path, ssl.SSLContext]:
    """Make an authority that signs itself, for localhost: the file by which it is trusted, and what a server shows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / "authority.pem", folder / "key.pem"
    trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    return trusted, context


def process_environment(box: Postbox, **more: str) -> dict[str, str]:
    """The environment of a process of ours that sends to it."""
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return {**own, **box.environment(**more)}
