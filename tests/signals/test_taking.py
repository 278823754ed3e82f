"""Promise 1: a signal that was acknowledged is never lost and never doubled (T1, T2)."""

from __future__ import annotations

import concurrent.futures
import itertools
import json
import random
import threading
import time

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import edge
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.core import mistakes
from nowrongdoor.core.mandates import table
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Signal
from nowrongdoor.vault import keys
from tests import claims, servers, sizes
from tests.leads import stories

CLIENTS = 16


@pytest.mark.django_db
def test_the_same_key_gives_the_same_receipt() -> None:
    first = stories.signal(key="k")
    again = stories.signal(key="k")
    assert (again.signal_id, again.outcome) == (first.signal_id, signals.Outcome.AGAIN)
    assert Signal.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_with_other_words_is_refused_and_changes_nothing() -> None:
    stories.signal(key="k")
    with pytest.raises(signals.KeyReused):
        stories.signal({"labor": "no"}, key="k")
    assert Signal.objects.get().facts["labor"] == "yes"


@pytest.mark.django_db
def test_two_agencies_may_choose_the_same_key() -> None:
    stories.signal(key="k", receiver="HOTLINE")
    stories.signal(key="k", receiver="FBI")
    assert Signal.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"facts": {"labour": "yes"}}, "did you mean 'labor'"),
        ({"facts": {"age": "twelve"}}, "write one of under_18, adult, unknown"),
        ({"channel": "pigeon"}, "write one of call"),
        ({"key": ""}, "needs a key"),
        ({"narrative": "a\x00b"}, "NUL"),
    ],
)
def test_what_cannot_be_decided_on_is_refused_with_what_to_write(wrong: dict[str, object], said: str) -> None:
    good = {"key": "k", "channel": "call", "facts": {"labor": "yes"}}
    asked = table.shipped().vocabulary
    signals.check(signals.Contact(**good), asked, at=timezone.now())  # type: ignore[arg-type]
    with pytest.raises(signals.Unreadable, match=said):
        signals.check(signals.Contact(**{**good, **wrong}), asked, at=timezone.now())  # type: ignore[arg-type]


MANY = 100_000
TOO_MANY = {
    "unknown facts": {"facts": {f"n{number}": "" for number in range(MANY)}},
    "unknown questions": {"answers": dict.fromkeys((f"n{number}" for number in range(MANY)), "no")},
    "impossible answers": {"answers": {f"n{number}": "" for number in range(MANY)}},
    "unknown fields": {f"n{number}": "" for number in range(MANY)},
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", TOO_MANY)
def test_a_hundred_thousand_mistakes_in_one_call_stop_at_twenty(kind: str) -> None:
    """Bounded by work of this process and not by the clock: to look for a name that is nearly right is what takes
    long."""
    token = agencies.make_token(stories.agency("HOTLINE"), label="t", by=None, at=timezone.now())
    body = json.dumps(TOO_MANY[kind])
    assert len(body) < edge.BODY_LIMIT
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    begun = time.process_time()
    answer = Client().post("/api/v1/signals", body, content_type="application/json", headers=headers)
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) == mistakes.MOST + 1 == 21
    assert "There are more mistakes: these are the first 20." in answer.json()["problems"]
    assert time.process_time() - begun < 5  # a machine that is busy; it takes under one


def test_a_job_to_route_commits_with_its_signal(committed_db: None) -> None:
    receipt = stories.signal()
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'signal_id' FROM procrastinate_jobs WHERE task_name = 'intake.route'")
        assert cursor.fetchall() == [(str(receipt.signal_id),)]


@pytest.mark.storm
def test_nothing_acknowledged_is_lost_or_doubled_while_everything_is_killed(committed_db: None) -> None:
    """T1 and T2: 2,000 submissions from 16 clients, each retried until it is acknowledged, while web workers and
    PostgreSQL are killed at least 50 times. Every fifth is sent once more after its receipt."""
    submissions = sizes.SUBMISSIONS.now
    token = agencies.make_token(stories.agency("HOTLINE"), label="storm", by=None, at=timezone.now())
    connection.close()
    receipts: dict[str, str] = {}
    twice: dict[str, str] = {}
    numbers = itertools.count()
    lock = threading.Lock()
    kills = 0
    dice = random.Random(20261124)

    with servers.Web() as web:
        web.wait_until_answering()

        def submit(client: httpx.Client, key: str) -> str:
            body = {"facts": {"labor": "yes", "nationality": "foreign"}, "narrative": f"storm {key}"}
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
            while True:
                try:
                    answer = client.post(f"{web.url}/api/v1/signals", json=body, headers=headers)
                except httpx.TransportError:
                    time.sleep(0.05)
                    continue
                if answer.status_code in (200, 201):
                    return str(answer.json()["reference"])
                assert answer.status_code >= 500, answer.text
                time.sleep(0.05)

        def run() -> None:
            with httpx.Client(timeout=10) as client:
                while (number := next(numbers)) < submissions or kills < sizes.KILLS.now:
                    key = f"storm-{number}"
                    reference = submit(client, key)
                    with lock:
                        receipts[key] = reference
                    if number % 5 == 0:
                        twice[key] = submit(client, key)
                    if number >= submissions:
                        time.sleep(0.05)

        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            running = [pool.submit(run) for _ in range(CLIENTS)]
            while not all(each.done() for each in running):
                time.sleep(dice.uniform(0.1, 0.4))
                if kills % 5 == 4:
                    servers.kill_database()
                    servers.start_database()
                else:
                    web.kill9()
                    web.start()
                    web.wait_until_answering()
                kills += 1
            for each in running:
                each.result()
        assert kills >= sizes.KILLS.now
        index = keys.index(stories.agency("HOTLINE").id)
        mine = {index.token("signal key", key): key for key in receipts}
        rows = list(Signal.objects.filter(channel="system"))
        stored = {mine[bytes(each.key)]: each.reference for each in rows}
        assert len(receipts) >= submissions
        assert stored == receipts
        assert claims.every(receipts[key] == reference for key, reference in twice.items())
        opened = keys.open_all(each.id for each in rows)
        for row in rows:
            place = signals.place_of(row.id, "narrative", row.receiver_id)
            assert opened[row.id].open(row.narrative, place).startswith("storm storm-")
        headers = {"Authorization": f"Bearer {token}"}
        # As long as a request waits for a connection: a process whose connections were cut looks for new ones first.
        with httpx.Client(timeout=60, headers=headers) as client:
            web.wait_until_answering()
            for reference in receipts.values():
                assert client.get(f"{web.url}/api/v1/signals/{reference}").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT args->>'signal_id') FROM procrastinate_jobs "
            "WHERE task_name = 'intake.route'"
        )
        jobs, distinct = cursor.fetchone()
    assert jobs == distinct == len(receipts)
