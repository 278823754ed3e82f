"""What a call does next is written as the provider reads it."""

from __future__ import annotations

from xml.etree.ElementTree import Element  # noqa: S405  # its type alone

import pytest
from defusedxml import ElementTree

from nowrongdoor.channels import twilio, twilio_calls
from nowrongdoor.channels.protocol import Ask, Connect, HangUp, Hold, Record, Say, Step
from tests import claims
from tests.channels import peer


def _written(channel: twilio.Twilio, *steps: Step) -> list[Element]:
    reply = channel.reply(steps)
    assert reply.type == "text/xml; charset=utf-8"
    return list(ElementTree.fromstring(reply.body))


def test_a_text_is_answered_with_nothing(channel: twilio.Twilio) -> None:
    assert _written(channel) == []


def test_words_are_read_in_the_language_of_whoever_calls(channel: twilio.Twilio) -> None:
    words, end = _written(channel, Say("Espere, por favor.", "es"), HangUp())
    assert (words.text, words.attrib) == ("Espere, por favor.", {"language": "es-US", "voice": "Polly.Lupe"})
    assert end.tag == "Hangup"


@pytest.mark.parametrize("language", ["en", "es", "zh-hans", "vi", "tl", "ko", "ar", "ht", "ru", "pt"])
def test_every_language_of_public_pages_has_a_voice(channel: twilio.Twilio, language: str) -> None:
    (spoken, _redirect) = _written(channel, Say("a", language))
    assert spoken.get("voice") == twilio_calls.VOICES[language.partition("-")[0]][1]


@pytest.mark.parametrize("steps", [(Say("a", "en"),), (Hold(20),), (Say("a", "en"), Record(120))])
def test_a_call_ends_by_hanging_up_alone_and_else_asks_what_is_next(
    channel: twilio.Twilio, steps: tuple[Step, ...]
) -> None:
    last = _written(channel, *steps)[-1]
    assert (last.tag, last.text, last.get("method")) == ("Redirect", f"{peer.ADDRESS}?again=1", "POST")


def test_whoever_holds_is_asked_about_again_after_so_many_seconds(channel: twilio.Twilio) -> None:
    pause, _redirect = _written(channel, Hold(20))
    assert (pause.tag, pause.get("length")) == ("Pause", "20")


def test_a_question_waits_for_one_key_and_says_when_none_was_pressed(channel: twilio.Twilio) -> None:
    (gather,) = _written(channel, Ask("1 or 2?", "en", 5))
    expected = {"numDigits": "1", "timeout": "5", "input": "dtmf", "actionOnEmptyResult": "true", "finishOnKey": ""}
    assert {name: gather.get(name) for name in expected} == expected
    assert [each.text for each in gather] == ["1 or 2?"]
    (number,) = _written(channel, Ask("Which?", "en", 5, is_number=True))
    assert (number.get("numDigits"), number.get("finishOnKey")) == (None, "#")
    (other,) = _written(channel, Ask("1 or 2?", "en", 5))
    assert other.get("action") != gather.get("action")


def test_a_message_is_taken_without_anybody_writing_it_down_at_the_provider(channel: twilio.Twilio) -> None:
    record, _redirect = _written(channel, Record(120))
    expected = {"maxLength": "120", "transcribe": "false", "playBeep": "true", "recordingStatusCallback": peer.ADDRESS}
    assert {name: record.get(name) for name in expected} == expected


def test_a_talk_is_never_recorded_and_shows_the_number_of_the_line(channel: twilio.Twilio) -> None:
    (dial,) = _written(channel, Connect("+12025550177", 25))
    assert (dial.get("record"), dial.get("callerId"), dial.get("timeout")) == ("do-not-record", peer.OURS, "25")
    assert [(each.tag, each.text) for each in dial] == [("Number", "+12025550177")]


def test_every_address_that_the_provider_is_given_is_the_one_of_the_settings(channel: twilio.Twilio) -> None:
    steps = (Ask("a", "en", 5), Record(9), Connect("+12025550177", 5), Hold(5))
    body = channel.reply(steps).body.decode()
    addresses = [each.partition("?")[0].partition("<")[0] for each in body.split("https://")[1:]]
    assert len(addresses) >= 5
    assert claims.every(each.split('"')[0] == peer.ADDRESS.removeprefix("https://") for each in addresses)
