"""The channel `email`: a letter handed to the mail server of this installation, through Django's own backend.

The promise: a message has the same Message-ID however often it is sent; what a server answers is kept as a code,
because its own words may repeat an address.
"""

from __future__ import annotations

import contextlib
import dataclasses
import email.utils
import hashlib
import smtplib
import ssl
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core import mail
from django.core.mail import SafeMIMEText
from django.core.mail.backends.base import BaseEmailBackend

from nowrongdoor.outbox import models
from nowrongdoor.outbox.kinds import Problem


@dataclasses.dataclass(frozen=True, slots=True)
class Letter:
    """What a message says, in the language of whoever reads it, and where it goes."""

    to: str
    subject: str
    text: str


class NotTaken(Exception):
    """The server did not take a message."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class Server:
    """The mail server, to which one connection is opened with the first letter, and again after a problem."""

    def __init__(self) -> None:
        self._open: BaseEmailBackend | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, message: models.Message, letter: Letter) -> bytes:
        """Hand a letter over, and return the SHA-256 of what was sent. NotTaken."""
        written = _written(message, letter)
        try:
            if self._open is None:
                self._open = mail.get_connection()
                self._open.open()
            self._open.send_messages([written])
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            raise NotTaken(_problem(error)) from None
        return hashlib.sha256(_as_sent(written)).digest()

    def _close(self) -> None:
        if self._open is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):  # it may be gone, or refuse to say goodbye
                self._open.close()
            self._open = None


def id_of(message: models.Message) -> str:
    """Return the Message-ID: by it a mail that came twice is recognized."""
    return f"<{message.id}@{settings.MAIL.domain}>"


def _written(message: models.Message, letter: Letter) -> mail.EmailMessage:
    assert message.tried_at is not None  # it was claimed
    return mail.EmailMessage(
        letter.subject,
        letter.text,
        settings.MAIL.sender,
        [letter.to],
        headers={
            "Message-ID": id_of(message),
            "Date": email.utils.format_datetime(message.tried_at),
            "Auto-Submitted": "auto-generated",
        },
    )


def _as_sent(written: mail.EmailMessage) -> bytes:
    """Writes a letter as the backend puts it on the line."""
    message = written.message()
    assert isinstance(message, SafeMIMEText)  # a text without attachments
    return message.as_bytes(linesep="\r\n")


def _problem(error: Exception) -> Problem:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, _words = next(iter(error.recipients.values()))
        return Problem.PUT_OFF if code < 500 else Problem.RECIPIENT_REFUSED
    if isinstance(error, smtplib.SMTPDataError):
        return Problem.PUT_OFF if error.smtp_code < 500 else Problem.MESSAGE_REFUSED
    return next((problem for kind, problem in _PROBLEMS if isinstance(error, kind)), Problem.SERVER_ERROR)


# From the special to the general.
_PROBLEMS: tuple[tuple[type[Exception], Problem], ...] = (
    (smtplib.SMTPSenderRefused, Problem.SENDER_REFUSED),
    (smtplib.SMTPAuthenticationError, Problem.SIGN_IN_REFUSED),
    (smtplib.SMTPNotSupportedError, Problem.NOT_ENCRYPTED),
    (smtplib.SMTPServerDisconnected, Problem.SERVER_DOWN),
    (smtplib.SMTPConnectError, Problem.SERVER_DOWN),
    (smtplib.SMTPException, Problem.SERVER_ERROR),
    (ssl.SSLError, Problem.CERTIFICATE),
    (OSError, Problem.SERVER_DOWN),
)
