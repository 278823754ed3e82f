"""Opening a channel by what the settings of lines say of one provider (`[provider.NAME]`, docs/providers.md).

The promise: a provider that could not work, or that could be forged, is refused before anything comes in, with the key
and what to write instead; a secret stands in a file of its own, never in the settings.
"""

from __future__ import annotations

import importlib
import pathlib
import re
import urllib.parse
from collections.abc import Callable, Mapping
from typing import cast

from nowrongdoor.channels import null, twilio, twilio_calls
from nowrongdoor.channels.protocol import Channel
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext as _

SHORTEST_TOKEN = 20  # an empty one would let anybody sign

Opening = Callable[[str, Mapping[str, str]], Channel]


def open_(name: str, keys: Mapping[str, str]) -> Channel:
    """Open the channel of a provider. entries.Unreadable."""
    entry = _entry(name, keys)
    kind = entry.text("kind")
    if kind not in KINDS:
        raise entry.wrong("kind", _("write one of %(names)s") % {"names": ", ".join(KINDS)})
    return KINDS[kind](name, keys)


def _null(name: str, keys: Mapping[str, str]) -> Channel:
    entry = _entry(name, keys)
    entry.leave("kind")
    entry.end()
    return null.Null(name)


def _mail(name: str, keys: Mapping[str, str]) -> Channel:
    """Mail is opened by its own module, which is read where somebody has mail."""
    opened = cast("Opening", importlib.import_module("nowrongdoor.channels.mail").opened)
    return opened(name, keys)


def _twilio(name: str, keys: Mapping[str, str]) -> Channel:
    entry = _entry(name, keys)
    entry.leave("kind")
    account, number = entry.text("account"), entry.text("number")
    if not re.fullmatch(r"[A-Za-z0-9-]{8,64}", account):
        raise entry.wrong("account", _("write the account’s name at the provider, like AC and 32 more signs"))
    if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
        raise entry.wrong("number", _("write it with the country and no spaces, like +12025550123"))
    opened = twilio.Account(
        account,
        _secret(entry, "token_file"),
        number,
        _https(entry, "address", None),
        _https(entry, "api", twilio.API),
        _file(entry, "ca_file"),
        voices={**twilio_calls.VOICES, **_voices(entry)},
    )
    entry.end()
    return twilio.Twilio(opened)


KINDS: Mapping[str, Opening] = {"twilio": _twilio, "mail": _mail, "null": _null}


def _entry(name: str, keys: Mapping[str, str]) -> entries.Entry:
    return entries.Entry(keys, f"[provider.{name}]")


def _https(entry: entries.Entry, key: str, otherwise: str | None) -> str:
    address = entry.text(key, otherwise)
    try:
        parts = urllib.parse.urlsplit(address)
        is_right = parts.scheme == "https" and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        is_right = False
    if not is_right or "@" in address or any(each.isspace() for each in address):
        raise entry.wrong(key, _("write a whole address that begins with https:// and has no ? or #"))
    return address


def _secret(entry: entries.Entry, key: str) -> str:
    """Read a secret from the file that a key names; refusals name the file and never what is in it."""
    file = pathlib.Path(entry.text(key))
    try:
        secret = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if len(secret) < SHORTEST_TOKEN or any(each.isspace() for each in secret):
        raise entry.wrong(key, _("name a file that can be read and holds the token and nothing else"))
    return secret


def _file(entry: entries.Entry, key: str) -> str:
    file = entry.text(key, "")
    if file and not pathlib.Path(file).is_file():
        raise entry.wrong(key, _("name a file that is there, or leave it out"))
    return file


def _voices(entry: entries.Entry) -> Mapping[str, tuple[str, str]]:
    voices: dict[str, tuple[str, str]] = {}
    for key in entry.left():
        if key.startswith("voice_"):
            language, _space, voice = entry.text(key).partition(" ")
            if not language or not voice:
                raise entry.wrong(key, _("write the provider’s language and voice, like es-MX Polly.Mia"))
            voices[key.removeprefix("voice_")] = (language, voice)
    return voices
