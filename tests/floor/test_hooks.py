"""What a provider says over HTTP: signed by its own package, answered with what the call does next."""

from __future__ import annotations

import pathlib
import re
import urllib.parse

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from twilio.request_validator import RequestValidator

from nowrongdoor.access import row_security, viewers
from nowrongdoor.line import channels, models, moving, speaking
from nowrongdoor.line.models import State
from tests.channels import peer
from tests.line import floors

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-a-fictional-account-1"
ADDRESS = "https://line.example/line/providers/telephone"
CALL = {"CallSid": "CA1", "To": floors.NUMBER, "From": floors.CALLER, "CallStatus": "ringing", "Direction": "inbound"}


@pytest.fixture(autouse=True)
def _telephone(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o600)
    provider = f"""[provider.telephone]
kind = "twilio"
account = "AC-fictional"
number = "{floors.NUMBER}"
address = "{ADDRESS}"
token_file = "{tmp_path / "token"}"
"""
    floors.install(tmp_path, monkeypatch, floors.PLAN.replace('[provider.telephone]\nkind = "null"\n', provider))
    channels.of_provider.cache_clear()


def say(client: Client, fields: dict[str, str], query: str = "", *, token: str = TOKEN) -> tuple[int, str]:
    """Send what the provider says, signed as it signs."""
    address = f"{ADDRESS}?{query}" if query else ADDRESS
    signature = RequestValidator(token).compute_signature(address, fields)
    answer = client.post(
        f"/line/providers/telephone?{query}",
        urllib.parse.urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )
    return answer.status_code, answer.content.decode()


def test_a_call_with_nobody_there_hears_the_menu_leaves_a_message_and_is_on_the_list(client: Client) -> None:
    status, first = say(client, CALL)
    assert status == 200
    assert "press 1" in first
    query = next(iter(re.findall(r"ask=[0-9a-f]+", first)))
    _, second = say(client, {**CALL, "CallStatus": "in-progress", "Digits": "1"}, query)
    assert "<Record" in second
    recording = {"RecordingSid": "RE1", "CallSid": "CA1", "RecordingStatus": "completed", "RecordingDuration": "9"}
    for _ in range(5):
        assert say(client, recording)[0] == 200
    say(client, {**CALL, "CallStatus": "completed"})
    (contact,) = floors.contacts()
    assert contact.state == State.VOICEMAIL
    with row_security.system():
        assert contact.messages.filter(way="voicemail", seconds=9).count() == 1


def test_a_call_is_connected_with_the_desk_of_whoever_is_ready(client: Client) -> None:
    floors.on_shift()
    _, answer = say(client, CALL)
    assert "<Dial" in answer
    assert "+15550111" in answer


def test_a_desk_at_which_nobody_picks_up_gets_no_more_and_the_call_waits_on(client: Client) -> None:
    floors.on_shift()
    say(client, CALL)
    status, answer = say(client, {**CALL, "CallStatus": "in-progress", "DialCallStatus": "no-answer"}, "again=1")
    assert status == 200
    assert "press 1" in answer
    (contact,) = floors.contacts()
    assert contact.state == State.RINGING
    with row_security.system():
        assert models.Seat.objects.get().ready_since is None


def test_whoever_talked_and_whose_advocate_hung_up_is_not_connected_again(client: Client) -> None:
    floors.on_shift()
    say(client, CALL)
    _, answer = say(client, {**CALL, "CallStatus": "in-progress", "DialCallStatus": "completed"}, "again=1")
    assert "<Hangup" in answer
    (contact,) = floors.contacts()
    assert contact.state == State.ANSWERED, "it is still to be written down"
    assert contact.left_at is not None


@pytest.mark.parametrize("token", ["another-token-of-somebody-else-00", ""])
def test_what_is_not_signed_by_the_provider_leaves_nothing(client: Client, token: str) -> None:
    assert say(client, CALL, token=token)[0] == 403
    assert floors.contacts() == []


def test_a_text_whose_white_space_a_proxy_took_is_refused_and_leaves_nothing(client: Client) -> None:
    text = {
        "MessageSid": "SM1",
        "From": floors.CALLER,
        "To": floors.TEXTS,
        "Body": " help me ",
        "SmsStatus": "received",
    }
    signature = RequestValidator(TOKEN).compute_signature(ADDRESS, text)
    answer = client.post(
        "/line/providers/telephone",
        urllib.parse.urlencode({**text, "Body": "help me"}),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )
    assert answer.status_code == 403
    assert floors.contacts() == []


def test_a_provider_that_nobody_named_is_not_there(client: Client) -> None:
    assert client.post("/line/providers/nobody", {}).status_code == 404
    assert client.get("/line/providers/telephone").status_code == 405


def test_a_call_that_is_taken_over_is_connected_with_whoever_took_it(
    client: Client, provider: peer.Peer, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.call("CA1", timezone.now(), status="in-progress")
    at_peer = f'''account = "{peer.ACCOUNT}"
api = "{provider.api}"
ca_file = "{provider.certificate}"'''
    plan = (tmp_path / "line.toml").read_text().replace('account = "AC-fictional"', at_peer)
    (tmp_path / "token").write_text(peer.TOKEN)
    floors.install(tmp_path, monkeypatch, plan)
    floors.on_shift()
    say(client, CALL, token=peer.TOKEN)
    (contact,) = floors.contacts()
    chief = floors.on_shift(viewers.Role.COORDINATOR, ready=False, telephone="+15550122")
    moving.take_over(contact.id, by=chief, at=timezone.now())
    with row_security.system(), connection.cursor() as cursor:
        cursor.execute("SELECT args->>'contact_id' FROM procrastinate_jobs WHERE task_name = 'line.turn'")
        assert cursor.fetchall() == [(str(contact.id),)]
    speaking.turn(contact.id, at=timezone.now())
    assert "+15550122" in str(provider.rows["Calls"]["CA1"]["twiml"])
