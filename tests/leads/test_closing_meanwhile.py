"""A signal that is handed in at the moment in which its agency closes: refused in words, and nothing is kept."""

from __future__ import annotations

import concurrent.futures
import time
from collections.abc import Callable

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.leads import retrying
from nowrongdoor.signals.models import Signal
from tests import at_home, signing_in
from tests.leads import stories

FORM = {"key": "k", "channel": "call", "wishes": "services_only", "labor": "yes", "narrative": "her words"}
SAID = "The agency was closed while you did this. Nothing was changed; load the page again."
Send = Callable[[], tuple[int, str]]


def form() -> Send:
    client = signing_in.sign_in(Client(), stories.person("FBI", viewers.Role.ADVOCATE))

    def send() -> tuple[int, str]:
        answer = client.post("/signals/new", FORM)
        return answer.status_code, answer.content.decode()

    return send


def call() -> Send:
    token = agencies.make_token(stories.agency("FBI"), label="test", by=None, at=timezone.now())

    def send() -> tuple[int, str]:
        answer = Client().post(
            "/api/v1/signals",
            {"door": "call"},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"},
        )
        return answer.status_code, answer.content.decode()

    return send


@pytest.mark.parametrize("prepare", [form, call])
def test_a_signal_is_refused_in_words_when_its_agency_closes_under_it(
    prepare: Callable[[], Send], committed_db: None, owner: str
) -> None:
    stories.staff()
    send = prepare()
    with at_home.seeing_all() as closing, psycopg.connect(owner) as eyes:
        agency = stories.agency("FBI")
        administrator = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
        closing.execute(
            "INSERT INTO nowrongdoor_closing (id, agency_id, by_id, at) VALUES (gen_random_uuid(), %s, %s, now())",
            [agency.id, administrator.user_id],
        )
        closing.execute("UPDATE nowrongdoor_agency SET active = false, closed_at = now() WHERE id = %s", [agency.id])
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            sent = thread.submit(send)
            deadline = time.monotonic() + 60
            while not _is_waited_for(closing.info.backend_pid, eyes):
                assert not sent.done(), sent.result()
                assert time.monotonic() < deadline
                time.sleep(0.01)
            closing.commit()
            status, page = sent.result(60)
            thread.submit(lambda: connection.close()).result()  # that thread’s own
    assert (status, SAID in page) == (409, True)
    assert not Signal.objects.exists()


def _is_waited_for(pid: int, eyes: psycopg.Connection) -> bool:
    waiting = eyes.execute("SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))", [pid])
    (count,) = waiting.fetchone() or (0,)
    eyes.commit()
    return bool(count)


@pytest.mark.django_db
def test_every_refusal_of_a_closed_agency_is_tried_again() -> None:
    """A key that points at an open agency refuses when it closes meanwhile: whoever is refused looks again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT k.conname FROM pg_constraint k
              JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)
             WHERE k.contype = 'f' AND k.confrelid = 'nowrongdoor_agency'::regclass AND a.attname = 'active'
            """
        )
        assert {name for (name,) in cursor.fetchall()} == retrying.CLOSED_MEANWHILE
