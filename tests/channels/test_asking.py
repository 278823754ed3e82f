"""We ask the provider over HTTPS: what goes out, what is still there, what is fetched and deleted, what goes wrong."""

from __future__ import annotations

import datetime
import logging
import pathlib
import time

import pytest

from nowrongdoor.channels import twilio, twilio_http
from nowrongdoor.channels.protocol import HangUp, Kind, NotSent, Say
from tests import claims
from tests.channels import peer

AT = datetime.datetime(2026, 10, 3, 2, 0, tzinfo=datetime.UTC)


def _sent(channel: twilio.Twilio) -> str:
    return channel.send(peer.THEIRS, "Somebody can talk now.", address=peer.OURS, key="k1")


def test_a_text_is_sent_and_what_became_of_it_is_asked(provider: peer.Peer, channel: twilio.Twilio) -> None:
    ref = _sent(channel)
    row = provider.rows["Messages"][ref]
    assert (row["to"], row["from"], row["body"]) == (peer.THEIRS, peer.OURS, "Somebody can talk now.")
    assert row["callback"] == peer.ADDRESS
    assert channel.status(ref) is None
    row["status"] = "delivered"
    assert channel.status(ref) is Kind.DELIVERED
    row["status"] = "undelivered"
    assert channel.status(ref) is Kind.FAILED


def test_a_call_is_turned_while_it_lasts(provider: peer.Peer, channel: twilio.Twilio) -> None:
    row = provider.call("CA1", AT, status="in-progress")
    channel.turn("CA1", [Say("One moment.", "en"), HangUp()])
    assert "One moment." in str(row["twiml"])
    row["status"] = "completed"
    with pytest.raises(NotSent) as refusal:
        channel.turn("CA1", [HangUp()])
    assert (refusal.value.code, refusal.value.is_final) == ("over", True)


def test_everything_since_then_is_listed_over_all_pages(provider: peer.Peer, channel: twilio.Twilio) -> None:
    for number in range(5):
        provider.call(f"CA{number}", AT + datetime.timedelta(minutes=number))
        provider.text(f"SM{number}", AT + datetime.timedelta(minutes=number), "hello")
        provider.recording(f"RE{number}", f"CA{number}", AT)
    events = channel.list(AT)
    kinds = [each.kind for each in events]
    assert [kinds.count(kind) for kind in (Kind.RANG, Kind.LEFT, Kind.WROTE, Kind.RECORDED)] == [5, 5, 5, 5]
    assert [each.at for each in events] == sorted(each.at for each in events if each.at)
    assert len([each for each in provider.asked if "/Calls.json" in each]) == 3


def test_a_call_that_began_before_and_ended_since_is_listed_by_its_end(
    provider: peer.Peer, channel: twilio.Twilio
) -> None:
    provider.call("CA1", AT - datetime.timedelta(minutes=1))  # it lasts 90 seconds
    assert [(each.id, each.at) for each in channel.list(AT)] == [("CA1:left", AT + datetime.timedelta(seconds=30))]


def test_since_is_an_instant_whatever_its_zone(provider: peer.Peer, channel: twilio.Twilio) -> None:
    provider.text("SM1", AT - datetime.timedelta(minutes=1), "before")
    provider.text("SM2", AT, "since")
    zone = datetime.timezone(datetime.timedelta(hours=-7))
    assert [each.id for each in channel.list(AT.astimezone(zone))] == ["SM2"]


def test_a_text_that_was_sent_yesterday_and_delivered_since_is_listed_in_every_zone(
    provider: peer.Peer, channel: twilio.Twilio
) -> None:
    row = provider.text("SM1", AT - datetime.timedelta(hours=23), "ours", status="delivered")
    row["date_updated"] = peer.stamp(AT)
    for hours in (-11, 0, 14):
        since = AT.astimezone(datetime.timezone(datetime.timedelta(hours=hours)))
        assert [each.id for each in channel.list(since)] == ["SM1:delivered"]


def test_what_is_no_contact_is_not_listed(provider: peer.Peer, channel: twilio.Twilio) -> None:
    provider.call("CA1", AT)["direction"] = "outbound-dial"
    provider.text("SM1", AT, "ours", status="sent")
    provider.recording("RE1", "CA2", AT, status="processing")
    provider.call("CA2", AT, status="in-progress")
    assert [each.id for each in channel.list(AT)] == ["CA2:rang"]


def test_a_recording_is_fetched_once_it_is_ready_and_then_deleted(provider: peer.Peer, channel: twilio.Twilio) -> None:
    row = provider.recording("RE1", "CA1", AT, status="processing")
    with pytest.raises(NotSent) as refusal:
        channel.fetch("RE1")
    assert (refusal.value.code, refusal.value.is_final) == ("not_ready", False)
    row["status"] = "completed"
    assert channel.fetch("RE1") == provider.files["RE1"]
    channel.delete("RE1")
    assert (provider.rows["Recordings"], provider.files) == ({}, {})
    channel.delete("RE1")  # gone is deleted
    with pytest.raises(NotSent) as gone:
        channel.fetch("RE1")
    assert (gone.value.code, gone.value.is_final) == ("gone", True)


def test_the_provider_deletes_its_copy_of_a_text_and_of_a_call(provider: peer.Peer, channel: twilio.Twilio) -> None:
    provider.text("SM1", AT, "hello")
    provider.call("CA1", AT)
    channel.delete("SM1")
    channel.delete("CA1")
    assert (provider.rows["Messages"], provider.rows["Calls"]) == ({}, {})


def test_a_recording_that_is_too_large_is_left_there(
    provider: peer.Peer, channel: twilio.Twilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.recording("RE1", "CA1", AT)
    monkeypatch.setattr(twilio_http, "LARGEST", len(provider.files["RE1"]))
    assert channel.fetch("RE1") == provider.files["RE1"]
    monkeypatch.setattr(twilio_http, "LARGEST", len(provider.files["RE1"]) - 1)
    with pytest.raises(NotSent, match=r"^too_large$"):
        channel.fetch("RE1")


FAULTS: dict[str, tuple[int | tuple[int, int] | str, str, bool]] = {
    "too many requests": (429, "busy", False),
    "it is broken": (500, "down", False),
    "it is being mended": (503, "down", False),
    "the token was changed": (401, "sign_in", False),
    "it says nothing": ("silent", "no_answer", False),
    "something else answers": ("nonsense", "unreadable", False),
    "whoever it is for said stop": ((400, 21610), "stopped", True),
    "no such telephone": ((400, 21211), "no_telephone", True),
    "the text is too long": ((400, 21617), "too_long", True),
    "any other refusal": ((400, 21620), "refused", True),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_goes_wrong_has_a_code_and_no_words_of_the_provider(
    provider: peer.Peer, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = twilio.Twilio(provider.account(seconds=0.4))
    fault, code, is_final = FAULTS[what]
    provider.faults.append(fault)
    with pytest.raises(NotSent) as refusal:
        _sent(channel)
    assert (refusal.value.code, refusal.value.is_final) == (code, is_final)
    assert str(refusal.value) == code
    assert refusal.value.__suppress_context__
    assert _sent(channel) in provider.rows["Messages"]  # and afterwards all is well
    assert peer.THEIRS not in caplog.text
    assert [each.getMessage() for each in caplog.records if each.name.startswith("twilio")] == []


@pytest.mark.parametrize("fault", [429, 500, "nonsense"])
def test_a_list_that_breaks_off_in_the_middle_is_no_list(
    provider: peer.Peer, channel: twilio.Twilio, fault: int | str
) -> None:
    for number in range(5):
        provider.call(f"CA{number}", AT)
    assert len(channel.list(AT)) == 10
    provider.faults.extend(["", fault])
    with pytest.raises(NotSent):
        channel.list(AT)


def test_a_provider_that_says_nothing_is_not_waited_for(provider: peer.Peer) -> None:
    channel = twilio.Twilio(provider.account(seconds=0.2))
    provider.faults.append("silent")
    began = time.monotonic()
    with pytest.raises(NotSent, match=r"^no_answer$"):
        channel.status("SM1")
    assert time.monotonic() - began < 2.5


def test_nothing_leaves_but_by_https_to_somebody_known(provider: peer.Peer, channel: twilio.Twilio) -> None:
    stranger = twilio.Twilio(provider.account(ca_file=""))
    with pytest.raises(NotSent, match=r"^certificate$"):
        _sent(stranger)
    assert provider.asked == []
    provider.recording("RE1", "CA1", AT)
    provider.faults.extend(["", "redirect"])
    with pytest.raises(NotSent, match=r"^redirected$"):
        channel.fetch("RE1")


@pytest.mark.parametrize(
    ("api", "asked", "right"),
    [
        ("https://api.twilio.com", "https://api.twilio.com/a?b=1", "https://api.twilio.com/a?b=1"),
        ("https://like.example", "https://api.twilio.com/a", "https://like.example/a"),
        ("https://like.example", "http://elsewhere.example/a?Page=1", "https://like.example/a?Page=1"),
        ("https://like.example/api/laml", "https://api.twilio.com/a", "https://like.example/api/laml/a"),
        ("https://like.example/api/laml/", "https://x.example/api/laml/a", "https://like.example/api/laml/a"),
    ],
)
def test_every_request_goes_to_the_host_of_the_settings(api: str, asked: str, right: str) -> None:
    assert twilio_http.Http(api, "", 5).at_home(asked) == right


def test_variables_of_the_machine_send_nothing_through_a_stranger(
    provider: peer.Peer, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("TWILIO_REGION", "elsewhere")
    monkeypatch.setenv("TWILIO_EDGE", "elsewhere")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    assert _sent(twilio.Twilio(provider.account())) in provider.rows["Messages"]


def test_an_account_that_is_printed_keeps_its_token(provider: peer.Peer) -> None:
    assert claims.no(peer.TOKEN in each for each in (repr(provider.account()), str(provider.account())))
