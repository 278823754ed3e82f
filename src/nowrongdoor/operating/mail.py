"""How this installation sends mail: read from the environment, and refused with a sentence where it cannot be meant.

The promise: a password is sent over an encrypted line only, and mail to a server on the network is encrypted unless
somebody said otherwise. Without `NWD_SMTP` no mail is sent, and pages say so.
"""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Mapping

from django.core import exceptions, validators

STARTTLS, TLS, OFF = "starttls", "tls", "off"
PORTS = {STARTTLS: 587, TLS: 465, OFF: 25}
TIMEOUT = 20  # seconds that a server may take


@dataclasses.dataclass(frozen=True, slots=True)
class Mail:
    """The server, how the line to it is encrypted, as whom, from whom; and where people reach this installation."""

    host: str = ""
    port: int = 0
    security: str = STARTTLS
    user: str = ""
    password: str = ""
    sender: str = ""
    site: str = ""

    @property
    def domain(self) -> str:
        """Return the domain of the sender, which ends each Message-ID."""
        return self.sender.rpartition("@")[2]


def read(environment: Mapping[str, str]) -> Mail:
    """Read it. ImproperlyConfigured."""
    where = environment.get("NWD_SMTP", "")
    if not where:
        return Mail()
    security = environment.get("NWD_SMTP_TLS", STARTTLS)
    if security not in PORTS:
        raise _refused(f"NWD_SMTP_TLS cannot be {security!r}: write 'starttls', 'tls' or 'off'.")
    host, _, port = where.rpartition(":") if _has_port(where) else (where, "", str(PORTS[security]))
    if not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise _refused(f"NWD_SMTP cannot be {where!r}: write the mail server as 'host' or 'host:587'.")
    user, file = environment.get("NWD_SMTP_USER", ""), environment.get("NWD_SMTP_PASSWORD_FILE", "")
    if bool(user) != bool(file):
        raise _refused("Set NWD_SMTP_USER and NWD_SMTP_PASSWORD_FILE together, or neither.")
    if user and security == OFF:
        raise _refused("A password is sent over an encrypted line only: set NWD_SMTP_TLS to 'starttls' or 'tls'.")
    sender, site = environment.get("NWD_MAIL_FROM", ""), environment.get("NWD_SITE", "").rstrip("/")
    try:
        validators.validate_email(sender)
    except exceptions.ValidationError:
        raise _refused(
            f"NWD_MAIL_FROM cannot be {sender!r}: write the address that mail comes from, like 'nwd@example.gov'."
        ) from None
    if not site.startswith(("https://", "http://localhost", "http://127.0.0.1")):
        raise _refused(
            f"NWD_SITE cannot be {site!r}: write the address at which people open the pages, like "
            "'https://nwd.example.gov'. Mail links to it."
        )
    return Mail(host, int(port), security, user, _secret(file) if file else "", sender, site)


def _has_port(where: str) -> bool:
    return ":" in where.rpartition("]")[2]  # an IPv6 address stands in brackets


def _secret(file: str) -> str:
    try:
        return pathlib.Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(f"NWD_SMTP_PASSWORD_FILE {file!r} cannot be read: {type(error).__name__}.") from None


def _refused(words: str) -> exceptions.ImproperlyConfigured:
    return exceptions.ImproperlyConfigured(words)
