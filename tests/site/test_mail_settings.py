"""How mail is set up: what cannot be meant is refused when a process starts, with a sentence that says what to do."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping

import pytest
from django.core import exceptions

from nowrongdoor.operating import mail

WHOLE = {"NWD_SMTP": "mail.example.gov", "NWD_MAIL_FROM": "nwd@example.gov", "NWD_SITE": "https://nwd.example.gov/"}


def test_without_a_server_no_mail_is_sent() -> None:
    assert mail.read({"NWD_MAIL_FROM": "nwd@example.gov"}) == mail.Mail()


@pytest.mark.parametrize(
    ("told", "host", "port", "security"),
    [
        ({}, "mail.example.gov", 587, "starttls"),
        ({"NWD_SMTP_TLS": "tls"}, "mail.example.gov", 465, "tls"),
        ({"NWD_SMTP_TLS": "off"}, "mail.example.gov", 25, "off"),
        ({"NWD_SMTP": "mail.example.gov:2525"}, "mail.example.gov", 2525, "starttls"),
        ({"NWD_SMTP": "[2001:db8::1]:2525"}, "[2001:db8::1]", 2525, "starttls"),
        ({"NWD_SMTP": "[2001:db8::1]"}, "[2001:db8::1]", 587, "starttls"),
    ],
)
def test_a_server_is_read(told: Mapping[str, str], host: str, port: int, security: str) -> None:
    read = mail.read({**WHOLE, **told})
    assert (read.host, read.port, read.security) == (host, port, security)
    assert (read.domain, read.site) == ("example.gov", "https://nwd.example.gov")


def test_a_password_is_read_from_its_file(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "password"
    file.write_text("secret\n")
    read = mail.read({**WHOLE, "NWD_SMTP_USER": "nwd", "NWD_SMTP_PASSWORD_FILE": str(file)})
    assert (read.user, read.password) == ("nwd", "secret")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"NWD_SMTP": "mail.example.gov:mail"}, "NWD_SMTP cannot be 'mail.example.gov:mail'"),
        ({"NWD_SMTP": "mail.example.gov:99999"}, "NWD_SMTP cannot be"),
        ({"NWD_SMTP": ":587"}, "NWD_SMTP cannot be"),
        ({"NWD_SMTP_TLS": "yes"}, "write 'starttls', 'tls' or 'off'"),
        ({"NWD_SMTP_USER": "nwd"}, "NWD_SMTP_USER and NWD_SMTP_PASSWORD_FILE together"),
        ({"NWD_SMTP_USER": "nwd", "NWD_SMTP_PASSWORD_FILE": "/nowhere"}, "cannot be read: FileNotFoundError"),
        (
            {"NWD_SMTP_USER": "nwd", "NWD_SMTP_PASSWORD_FILE": "/nowhere", "NWD_SMTP_TLS": "off"},
            "over an encrypted line only",
        ),
        ({"NWD_MAIL_FROM": ""}, "NWD_MAIL_FROM cannot be ''"),
        ({"NWD_MAIL_FROM": "No Wrong Door"}, "NWD_MAIL_FROM cannot be"),
        ({"NWD_SITE": ""}, "NWD_SITE cannot be ''"),
        ({"NWD_SITE": "http://nwd.example.gov"}, "NWD_SITE cannot be"),
    ],
)
def test_what_cannot_be_meant_is_refused(told: Mapping[str, str], sentence: str) -> None:
    with pytest.raises(exceptions.ImproperlyConfigured) as refusal:
        mail.read({**WHOLE, **told})
    assert sentence in str(refusal.value)
