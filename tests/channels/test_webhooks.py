"""What a provider sends comes in once, whatever it looks like by then; what is not signed comes in as nothing."""

from __future__ import annotations

import datetime
import random

import pytest
from defusedxml import ElementTree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from nowrongdoor.channels import twilio, twilio_events
from nowrongdoor.channels.protocol import Ask, Event, Forged, Incoming, Kind, Say, Unreadable
from nowrongdoor.core.line import Medium
from tests import claims
from tests.channels import peer

CALL = {"CallSid": "CA1", "From": peer.THEIRS, "To": peer.OURS, "CallStatus": "ringing", "Direction": "inbound"}
TEXT = {"MessageSid": "SM1", "SmsSid": "SM1", "From": peer.THEIRS, "To": peer.OURS, "SmsStatus": "received"}
AT = datetime.datetime(2026, 10, 3, 2, 0, tzinfo=datetime.UTC)


def test_a_call_rings_is_the_same_call_when_it_asks_again_and_ends(channel: twilio.Twilio) -> None:
    rang = channel.receive(peer.webhook(CALL))
    assert rang == [Event("CA1:rang", Kind.RANG, Medium.VOICE, "CA1", peer.OURS, peer.THEIRS, None)]
    assert channel.receive(peer.webhook({**CALL, "CallStatus": "in-progress"}, "again=1")) == rang
    ended = {**CALL, "CallStatus": "completed", "Timestamp": peer.stamp(AT)}
    assert channel.receive(peer.webhook(ended)) == [
        Event("CA1:left", Kind.LEFT, Medium.VOICE, "CA1", peer.OURS, peer.THEIRS, AT)
    ]


@pytest.mark.parametrize("status", ["busy", "failed", "no-answer", "canceled"])
def test_a_call_that_ended_in_another_way_is_left_too(channel: twilio.Twilio, status: str) -> None:
    (event,) = channel.receive(peer.webhook({**CALL, "CallStatus": status}))
    assert (event.id, event.kind) == ("CA1:left", Kind.LEFT)


def test_the_telephone_that_a_call_is_connected_with_is_no_call(channel: twilio.Twilio) -> None:
    assert channel.receive(peer.webhook({**CALL, "Direction": "outbound-dial"})) == []


def test_a_text_keeps_its_words_to_the_last_space(channel: twilio.Twilio) -> None:
    (event,) = channel.receive(peer.webhook({**TEXT, "Body": " ¿están ahí?  \r\n& = + "}))
    assert (event.id, event.kind, event.words) == ("SM1", Kind.WROTE, " ¿están ahí?  \r\n& = + ")
    assert event.conversation == f"{peer.OURS} {peer.THEIRS}"


def test_pictures_are_not_kept_and_that_is_said(channel: twilio.Twilio) -> None:
    (event,) = channel.receive(peer.webhook({**TEXT, "Body": "look", "NumMedia": "2"}))
    assert event.words == "look\n[2 pictures or files were not kept]"


def test_a_left_message_is_the_same_by_both_of_its_webhooks(channel: twilio.Twilio) -> None:
    fields = {"RecordingSid": "RE1", "RecordingDuration": "12"}
    at_once = channel.receive(peer.webhook({**CALL, **fields, "CallStatus": "in-progress"}, "recorded=1"))
    later = channel.receive(peer.webhook({**fields, "CallSid": "CA1", "RecordingStatus": "completed"}))
    assert at_once == later == [Event("RE1", Kind.RECORDED, Medium.VOICE, "CA1", "", "", None, media="RE1", seconds=12)]


def test_silence_is_no_message(channel: twilio.Twilio) -> None:
    fields = {"RecordingSid": "RE1", "CallSid": "CA1", "RecordingStatus": "absent"}
    assert channel.receive(peer.webhook(fields)) == []


def test_what_became_of_a_text_of_ours_comes_in(channel: twilio.Twilio) -> None:
    ours = {"MessageSid": "SM2", "From": peer.OURS, "To": peer.THEIRS}
    assert channel.receive(peer.webhook({**ours, "MessageStatus": "sent"})) == []
    (delivered,) = channel.receive(peer.webhook({**ours, "MessageStatus": "delivered"}))
    assert (delivered.id, delivered.kind, delivered.ref) == ("SM2:delivered", Kind.DELIVERED, "SM2")
    assert (delivered.address, delivered.sender) == (peer.OURS, peer.THEIRS)
    (failed,) = channel.receive(peer.webhook({**ours, "MessageStatus": "undelivered"}))
    assert failed.kind is Kind.FAILED


FORGED = {
    "another token": peer.webhook(CALL, token="b" * 32),
    "another number": peer.webhook(CALL, sent=b"CallSid=CA1&From=%2B12025550199&To=%2B12025550100"),
    "white space taken away": peer.webhook({**TEXT, "Body": "help "}, sent=b"MessageSid=SM1&Body=help"),
    "no form": peer.webhook(CALL, sent=b"\xff\xfe"),
    "wrong bytes": peer.webhook(TEXT, sent=b"Body=%ff"),
    "too many fields": peer.webhook({f"a{number}": "1" for number in range(500)}),
}


@pytest.mark.parametrize("how", FORGED)
def test_what_the_provider_did_not_sign_comes_in_as_nothing(channel: twilio.Twilio, how: str) -> None:
    assert len(channel.receive(peer.webhook(CALL))) == 1
    with pytest.raises(Forged):
        channel.receive(FORGED[how])


def test_a_signature_is_good_for_its_own_question_alone_and_none_is_none(channel: twilio.Twilio) -> None:
    pressed = {**CALL, "CallStatus": "in-progress", "Digits": "1"}
    signed = peer.webhook(pressed, "ask=aa")
    assert [each.kind for each in channel.receive(signed)] == [Kind.PRESSED]
    moved = Incoming(f"{peer.ADDRESS}?ask=bb", signed.headers, signed.body)
    with pytest.raises(Forged):
        channel.receive(moved)
    with pytest.raises(Forged):
        channel.receive(Incoming(signed.url, {}, signed.body))


def test_a_proxy_that_changes_the_address_changes_nothing(channel: twilio.Twilio) -> None:
    inside = peer.webhook(CALL, "again=1", url="http://10.0.0.7:8000/elsewhere")
    assert channel.receive(inside) == channel.receive(peer.webhook(CALL, "again=1"))


@pytest.mark.parametrize(("fields", "lacks"), [({"a": "b"}, "CallSid"), ({"CallSid": "CA1"}, "To")])
def test_what_is_signed_and_says_nothing_names_what_it_lacks(
    channel: twilio.Twilio, fields: dict[str, str], lacks: str
) -> None:
    with pytest.raises(Unreadable, match=f"^{lacks}$"):
        channel.receive(peer.webhook(fields))


def _question(channel: twilio.Twilio) -> str:
    """Ask for a key, and return the query of the address to which the answer comes."""
    gather = ElementTree.fromstring(channel.reply([Ask("1 or 2?", "en", 5)]).body).find("Gather")
    assert gather is not None
    return str(gather.get("action")).partition("?")[2]


def test_an_answer_that_is_sent_five_times_is_one_and_the_next_answer_another(channel: twilio.Twilio) -> None:
    pressed = {**CALL, "CallStatus": "in-progress", "Digits": "1"}
    first, second = _question(channel), _question(channel)
    ids = {each.id for _ in range(5) for each in channel.receive(peer.webhook(pressed, first))}
    assert len(ids) == 1
    (again,) = channel.receive(peer.webhook(pressed, second))
    assert again.id not in ids
    assert again.words == "1"
    (none,) = channel.receive(peer.webhook({**CALL, "Digits": ""}, second))
    assert none.kind is Kind.RANG


def test_a_night_sent_five_times_reversed_and_shuffled_is_the_same_night(channel: twilio.Twilio) -> None:
    question = _question(channel)
    night = [
        peer.webhook(CALL),
        peer.webhook({**CALL, "CallStatus": "in-progress", "Digits": "2"}, question),
        peer.webhook({"RecordingSid": "RE1", "CallSid": "CA1", "RecordingStatus": "completed"}),
        peer.webhook({**CALL, "CallStatus": "completed"}),
        peer.webhook({**TEXT, "Body": "hello"}),
        peer.webhook({"MessageSid": "SM2", "From": peer.OURS, "To": peer.THEIRS, "MessageStatus": "delivered"}),
    ]
    once = {each.id: each for webhook in night for each in channel.receive(webhook)}
    assert len(once) == 6
    often = [*night, *reversed(night), *random.Random(7).sample(night * 3, 18)]
    assert {each.id: each for webhook in often for each in channel.receive(webhook)} == once


@pytest.mark.parametrize("words", ["STOP", "stop.", " Stop! ", "STOP ALL", "unsubscribe", "Opt-out", "REVOKE", "Alto"])
def test_whoever_wants_no_more_messages_says_so_in_one_word(channel: twilio.Twilio, words: str) -> None:
    (event,) = channel.receive(peer.webhook({**TEXT, "Body": words}))
    assert (event.kind, event.words) == (Kind.STOPPED, words)


@pytest.mark.parametrize("words", ["HELP", "help me", "INFO", "YES", "please make him stop", "the end", "", "停"])
def test_a_cry_for_help_or_an_answer_goes_to_a_person(channel: twilio.Twilio, words: str) -> None:
    (event,) = channel.receive(peer.webhook({**TEXT, "Body": words}))
    assert event.kind is Kind.WROTE


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Body": "ARRÊT", "OptOutType": "STOP"}, Kind.STOPPED),
        ({"Body": "YES", "OptOutType": "START"}, Kind.STARTED),
        ({"Body": "UNSTOP"}, Kind.STARTED),
        ({"Body": "HELP", "OptOutType": "HELP"}, Kind.WROTE),
    ],
)
def test_the_provider_s_own_words_for_stop_and_start_count(
    channel: twilio.Twilio, fields: dict[str, str], kind: Kind
) -> None:
    (event,) = channel.receive(peer.webhook({**TEXT, **fields}))
    assert event.kind is kind


@pytest.mark.parametrize("sender", ["anonymous", "Restricted", "+266696687", "+7378742833", ""])
def test_a_hidden_number_is_no_number(channel: twilio.Twilio, sender: str) -> None:
    (event,) = channel.receive(peer.webhook({**CALL, "From": sender}))
    assert event.sender == ""


SIDS = some.text("0123456789abcdef", min_size=6, max_size=6)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sid=SIDS,
    words=some.text(max_size=20),
    status=some.sampled_from(sorted(twilio_events.OVER)),
    became=some.sampled_from(sorted(twilio_events.BECAME)),
    media=some.integers(0, 3),
)
def test_whatever_comes_by_webhook_has_the_same_id_and_words_in_the_list(
    provider: peer.Peer, channel: twilio.Twilio, sid: str, words: str, status: str, became: str, media: int
) -> None:
    for each in provider.rows.values():
        each.clear()
    call = provider.call(f"CA{sid}", AT, status=status)
    rows = [
        call,
        provider.text(f"SM{sid}", AT, words, media=media),
        provider.text(f"SM{sid}0", AT, "ours", status=became),
        provider.recording(f"RE{sid}", f"CA{sid}", AT),
    ]
    sent = [peer.webhook_of({**call, "status": "ringing"}), *(peer.webhook_of(row) for row in rows)]
    by_webhook = {each.id: each for webhook in sent for each in channel.receive(webhook)}
    listed = {each.id: each for each in channel.list(AT - datetime.timedelta(hours=1))}
    assert listed.keys() == by_webhook.keys()
    assert len(listed) == 5
    assert claims.every(
        (each.kind, each.conversation, each.words, each.sender, each.media, each.ref, each.seconds)
        == (other.kind, other.conversation, other.words, other.sender, other.media, other.ref, other.seconds)
        for each, other in ((listed[id_], by_webhook[id_]) for id_ in listed)
    )


def test_what_is_said_can_always_be_read(channel: twilio.Twilio) -> None:
    body = channel.reply([Say("a\x00b <Hangup/> & \ud800", "en")]).body
    assert [each.tag for each in ElementTree.fromstring(body)] == ["Say", "Redirect"]
