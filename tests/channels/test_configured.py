"""A provider of the settings is opened, or refused with the key and what to write instead; and what null does."""

from __future__ import annotations

import datetime
import logging
import pathlib
from collections.abc import Callable

import pytest

from nowrongdoor.channels import configured, null, twilio
from nowrongdoor.channels.protocol import Forged, HangUp, NotSent
from nowrongdoor.core import entries
from tests.channels import peer


@pytest.fixture
def keys(tmp_path: pathlib.Path) -> dict[str, str]:
    token = tmp_path / "voice.token"
    token.write_text(f"{peer.TOKEN}\n")
    return {
        "kind": "twilio",
        "account": peer.ACCOUNT,
        "token_file": str(token),
        "number": peer.OURS,
        "address": peer.ADDRESS,
    }


def test_a_provider_is_opened_with_the_token_of_its_file(keys: dict[str, str]) -> None:
    channel = configured.open_("voice", keys)
    assert isinstance(channel, twilio.Twilio)
    fields = {"CallSid": "CA1", "From": peer.THEIRS, "To": peer.OURS, "CallStatus": "ringing"}
    assert len(channel.receive(peer.webhook(fields))) == 1
    with pytest.raises(Forged):
        channel.receive(peer.webhook(fields, token=f"{peer.TOKEN}\n"))


def test_a_voice_can_be_another(keys: dict[str, str]) -> None:
    channel = configured.open_("voice", {**keys, "voice_es": "es-MX Polly.Mia"})
    assert isinstance(channel, twilio.Twilio)
    assert channel._account.voices["es"] == ("es-MX", "Polly.Mia")
    assert channel._account.voices["en"] == ("en-US", "Polly.Joanna")


WRONG = {
    "kind": ("sms", "'kind' cannot be 'sms'; write one of twilio, mail, null."),
    "account": ("AC 1", "'account' cannot be 'AC 1'"),
    "token_file": ("/nowhere/token", "'token_file' cannot be '/nowhere/token'; name a file that can be read"),
    "number": ("202-555-0100", "write it with the country and no spaces"),
    "address": ("http://line.example/in", "begins with https://"),
    "api": ("http://localhost:1", "begins with https://"),
    "ca_file": ("/nowhere/ca.pem", "name a file that is there"),
    "voice_es": ("Mia", "like es-MX Polly.Mia"),
    "adress": ("https://line.example/in", "'adress' is no part of this"),
}


@pytest.mark.parametrize("key", WRONG)
def test_a_key_that_is_wrong_is_refused_by_its_name(keys: dict[str, str], key: str) -> None:
    assert configured.open_("voice", keys).media
    value, words = WRONG[key]
    with pytest.raises(entries.Unreadable) as refusal:
        configured.open_("voice", {**keys, key: value})
    assert str(refusal.value).startswith("[provider.voice]: ")
    assert words in str(refusal.value)


@pytest.mark.parametrize("key", ["kind", "account", "token_file", "number", "address"])
def test_a_key_that_is_missing_is_named(keys: dict[str, str], key: str) -> None:
    del keys[key]
    with pytest.raises(entries.Unreadable, match=f"^\\[provider.voice\\]: '{key}' is missing; "):
        configured.open_("voice", keys)


@pytest.mark.parametrize("address", ["https://a.example/in?x=1", "https://a.example/#b", "https://me@a.example/", "x"])
def test_an_address_is_whole_and_nothing_more(keys: dict[str, str], address: str) -> None:
    with pytest.raises(entries.Unreadable, match="has no \\? or #"):
        configured.open_("voice", {**keys, "address": address})


@pytest.mark.parametrize("content", ["", "\n", "short", "two words that are long enough", "é" * 32])
def test_a_file_that_holds_no_token_is_refused_without_what_it_holds(keys: dict[str, str], content: str) -> None:
    pathlib.Path(keys["token_file"]).write_text(content)
    with pytest.raises(entries.Unreadable) as refusal:
        configured.open_("voice", keys)
    file = keys["token_file"]
    assert str(refusal.value) == (
        f"[provider.voice]: 'token_file' cannot be {file!r}; "
        "name a file that can be read and holds the token and nothing else."
    )


REFUSED: dict[str, Callable[[null.Null], object]] = {
    "turn": lambda channel: channel.turn("CA1", [HangUp()]),
    "send": lambda channel: channel.send(peer.THEIRS, "hello", address=peer.OURS, key="k"),
    "status": lambda channel: channel.status("SM1"),
    "fetch": lambda channel: channel.fetch("RE1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_null_warns_once_and_refuses_for_good(what: str, caplog: pytest.LogCaptureFixture) -> None:
    channel = configured.open_("none", {"kind": "null"})
    assert isinstance(channel, null.Null)
    for _ in range(3):
        with pytest.raises(NotSent) as refusal:
            REFUSED[what](channel)
        assert (refusal.value.code, refusal.value.is_final) == ("null", True)
    assert [(each.levelno, each.getMessage()) for each in caplog.records] == [
        (logging.WARNING, "Provider none is of kind null: nothing is sent.")
    ]


def test_null_receives_nothing_and_has_nothing() -> None:
    channel = configured.open_("none", {"kind": "null"})
    with pytest.raises(Forged):
        channel.receive(peer.webhook({"CallSid": "CA1"}))
    assert list(channel.list(datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC))) == []
    assert channel.reply([HangUp()]).body == b""
    channel.delete("RE1")
    with pytest.raises(entries.Unreadable, match="is no part of this"):
        configured.open_("none", {"kind": "null", "account": "a"})
