"""Everything leaves one way: claimed, sent, marked; kept and tried again; given up where it is seen; twice only so that
it shows."""

from __future__ import annotations

import datetime
import hashlib
import os
import pathlib
import signal
import subprocess
import sys

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from nowrongdoor.access import row_security, viewers
from nowrongdoor.notifications import actions, composing, planning
from nowrongdoor.notifications.models import Notification
from nowrongdoor.outbox import delivering
from nowrongdoor.outbox.kinds import Channel, Kind, Outcome, Problem
from nowrongdoor.outbox.models import Message
from tests import claims, servers
from tests.leads import stories
from tests.outbox import postbox, sending

NOON, MINUTE, DAY = stories.NOON, datetime.timedelta(minutes=1), datetime.timedelta(days=1)
NOBODY_LISTENS = {"NWD_SMTP_TLS": "off", "NWD_MAIL_FROM": postbox.SENDER, "NWD_SITE": postbox.SITE}
WORDS = ("character varying", "text", "bytea", "jsonb", "json", "ARRAY", "xml")


def offered(viewer: viewers.Viewer) -> Message:
    """A message to somebody of HSI that an offer waits, in the outbox."""
    sending.wants_mail(viewer, NOON)
    stories.case(at=NOON)
    planning.plan(at=NOON)
    return Message.objects.get(person=viewer.user_id, kind="news")


@pytest.mark.django_db
def test_a_message_is_handed_over_once_and_keeps_only_its_digest(post: postbox.Postbox) -> None:
    message = offered(stories.person("HSI"))
    assert sending.deliver(NOON) == 1
    assert sending.deliver(NOON + DAY) == 0
    (mail,) = post.came
    message.refresh_from_db()
    assert (message.outcome, message.tries, message.problem) == (Outcome.DELIVERED.value, 1, "")
    assert mail["Message-ID"] == f"<{message.id}@example.gov>"
    assert mail["To"] == sending.ADDRESS
    assert mail["Auto-Submitted"] == "auto-generated"
    assert bytes(message.digest) == hashlib.sha256(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))).digest()


@pytest.mark.django_db
def test_while_the_server_is_down_mail_is_kept_and_tried_again(settings: Settings) -> None:
    port = servers.free_port()
    sending.send_to(settings, {**NOBODY_LISTENS, "NWD_SMTP": f"localhost:{port}"})
    message = offered(stories.person("HSI"))
    assert sending.deliver(NOON) == 0
    message.refresh_from_db()
    assert (message.tries, message.problem, message.over_at) == (1, Problem.SERVER_DOWN.value, None)
    assert message.due_at == NOON + MINUTE
    assert sending.deliver(NOON + MINUTE / 2) == 0
    message.refresh_from_db()
    assert message.tries == 1
    assert sending.deliver(NOON + MINUTE) == 0
    message.refresh_from_db()
    assert (message.tries, message.due_at) == (2, NOON + 3 * MINUTE)
    with postbox.opened(port) as box:
        assert sending.deliver(NOON + 3 * MINUTE) == 1
        assert [mail["Message-ID"] for mail in box.came] == [f"<{message.id}@example.gov>"]
    message.refresh_from_db()
    assert (message.outcome, message.tries, message.problem) == (Outcome.DELIVERED.value, 3, "")


@pytest.mark.django_db
def test_a_server_that_is_down_is_asked_once_in_a_run(settings: Settings) -> None:
    sending.send_to(settings, {**NOBODY_LISTENS, "NWD_SMTP": f"localhost:{servers.free_port()}"})
    for viewer in (stories.person("HSI"), stories.person("HSI"), stories.person("HSI")):
        sending.wants_mail(viewer, NOON)
    stories.case(at=NOON)
    planning.plan(at=NOON)
    sending.deliver(NOON)
    assert sorted(Message.objects.filter(kind="news").values_list("tries", flat=True)) == [0, 0, 1]


@pytest.mark.django_db
def test_after_two_days_mail_is_given_up_where_its_person_and_an_administrator_see_it(
    settings: Settings,
) -> None:
    sending.send_to(settings, {**NOBODY_LISTENS, "NWD_SMTP": f"localhost:{servers.free_port()}"})
    viewer, admin = stories.person("HSI"), stories.person("HSI", viewers.Role.ADMINISTRATOR)
    message = offered(viewer)
    sending.deliver(NOON + 2 * DAY - MINUTE)
    message.refresh_from_db()
    assert message.outcome == ""
    sending.deliver(NOON + 2 * DAY + 2 * MINUTE)
    message.refresh_from_db()
    assert (message.outcome, message.problem) == (Outcome.GIVEN_UP.value, Problem.SERVER_DOWN.value)
    told = Notification.objects.filter(kind="mail_given_up").values_list("person_id", flat=True)
    assert set(told) == {viewer.user_id, admin.user_id}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("recipient", "message", "problem", "outcome"),
    [
        ("550 no such mailbox", "", Problem.RECIPIENT_REFUSED, Outcome.GIVEN_UP),
        ("450 mailbox busy", "", Problem.PUT_OFF, None),
        ("", "554 refused", Problem.MESSAGE_REFUSED, Outcome.GIVEN_UP),
        ("", "451 later", Problem.PUT_OFF, None),
    ],
)
def test_what_the_server_refuses_for_good_is_given_up_at_once(
    post: postbox.Postbox, recipient: str, message: str, problem: Problem, outcome: Outcome | None
) -> None:
    waiting = offered(stories.person("HSI"))
    post.refused_recipient, post.refused_message = recipient, message
    assert sending.deliver(NOON) == 0
    waiting.refresh_from_db()
    assert (waiting.problem, waiting.outcome) == (problem.value, outcome.value if outcome else "")
    assert Notification.objects.filter(kind="mail_given_up").exists() is (outcome is Outcome.GIVEN_UP)


@pytest.mark.django_db
def test_an_encrypted_line_and_a_password_are_used_and_a_wrong_one_is_said_so(
    settings: Settings, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = postbox.authority(tmp_path)
    secret = tmp_path / "password"
    secret.write_text(postbox.PASSWORD + "\n")
    with postbox.opened(encryption=context, with_password=True) as box:
        told = box.environment(NWD_SMTP_TLS="starttls", NWD_SMTP_USER=postbox.USER, NWD_SMTP_PASSWORD_FILE=str(secret))
        sending.send_to(settings, told)
        message = offered(stories.person("HSI"))
        assert sending.deliver(NOON) == 0
        message.refresh_from_db()
        assert message.problem == Problem.CERTIFICATE.value  # an authority that nobody here trusts
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        settings.EMAIL_HOST_PASSWORD = "wrong"
        assert sending.deliver(NOON + MINUTE) == 0
        message.refresh_from_db()
        assert message.problem == Problem.SIGN_IN_REFUSED.value
        sending.send_to(settings, told)
        assert sending.deliver(NOON + 3 * MINUTE) == 1
        assert len(box.came) == 1
        assert set(box.users) == {postbox.USER}


@pytest.mark.django_db
def test_nothing_is_sent_to_a_server_without_the_encryption_that_was_asked_for(
    settings: Settings, post: postbox.Postbox
) -> None:
    sending.send_to(settings, post.environment(NWD_SMTP_TLS="starttls"))
    message = offered(stories.person("HSI"))
    assert sending.deliver(NOON) == 0
    message.refresh_from_db()
    assert (message.problem, post.came) == (Problem.NOT_ENCRYPTED.value, [])


SEND_ONCE = """
import datetime
from nowrongdoor.notifications import actions, composing
from nowrongdoor.outbox import delivering
at = datetime.datetime.fromisoformat({at!r})
delivering.deliver(composing.COMPOSERS, given_up=actions.tell_of_given_up, at=at)
"""


def test_a_crash_between_sending_and_marking_sends_the_same_message_again(
    committed_db: None, settings: Settings, post: postbox.Postbox
) -> None:
    """The process is killed by the server itself, once it has the message and before it says so."""
    message = offered(stories.person("HSI"))
    connection.close()
    code = SEND_ONCE.format(at=NOON.isoformat())
    process = subprocess.Popen(
        [str(pathlib.Path(sys.executable).parent / "nwd"), "manage", "shell", "-v", "0", "-c", code],
        env=postbox.process_environment(post),
    )
    post.on_data = lambda: os.kill(process.pid, signal.SIGKILL)
    assert process.wait(300) == -signal.SIGKILL
    post.on_data = lambda: None
    message.refresh_from_db()
    assert (message.tries, message.outcome) == (1, "")  # claimed and not marked: nothing is lost
    assert sending.deliver(NOON + MINUTE) == 0  # the claim still holds
    assert sending.deliver(NOON + delivering.CLAIM) == 1
    message.refresh_from_db()
    assert (message.tries, message.outcome) == (2, Outcome.DELIVERED.value)
    assert [mail["Message-ID"] for mail in post.came] == [f"<{message.id}@example.gov>"] * 2


@pytest.mark.django_db
def test_what_was_seen_in_the_page_before_it_left_is_not_mailed(post: postbox.Postbox) -> None:
    viewer = stories.person("HSI")
    message = offered(viewer)
    of_offer = Notification.objects.get(message=message)
    assert of_offer.case_id
    with row_security.looking(viewer):
        actions.see_case(viewer, of_offer.case_id, at=NOON)
    assert sending.deliver(NOON) == 0
    message.refresh_from_db()
    assert (message.outcome, post.came) == (Outcome.NEEDLESS.value, [])


@pytest.mark.django_db
def test_no_column_of_a_message_can_hold_a_word() -> None:
    """Every column that could is bounded by a check that lists what may stand in it, or its length."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = 'nowrongdoor_message' AND data_type = ANY (%s)",
            [list(WORDS)],
        )
        wordy = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = 'nowrongdoor_message'::regclass AND contype = 'c'"
        )
        checks = [text for (text,) in cursor.fetchall()]
    assert wordy == {"channel", "kind", "problem", "outcome", "digest"}
    for column in sorted(wordy - {"digest"}):
        assert [each for each in checks if each.startswith(f"CHECK ((({column})::text = ")], column
    assert r"CHECK (((digest = '\x'::bytea) OR (length(digest) = 32)))" in checks


def test_a_wait_doubles_up_to_an_hour() -> None:
    waits = [delivering.wait_after(tries) / MINUTE for tries in (1, 2, 3, 6, 7, 50)]
    assert waits == [1, 2, 4, 32, 60, 60]


def test_every_kind_of_message_has_somebody_who_composes_it() -> None:
    assert set(composing.COMPOSERS) == set(Kind)
    assert claims.every(problem.words for problem in Problem)
    assert [channel.value for channel in Channel] == ["email"]
