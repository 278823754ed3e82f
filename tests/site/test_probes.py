"""Whether a process answers, and can serve, as a load balancer asks: a real server, a real database, and its end."""

from __future__ import annotations

import concurrent.futures
import pathlib
import signal
import time
from collections.abc import Iterator

import httpx
import psutil
import psycopg
import pytest

from nowrongdoor.operating import cluster, schema
from nowrongdoor.site import probes
from tests import servers

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.storm]
OK = (200, {"status": "ok"})


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[servers.Web]:
    with servers.Web() as web:
        web.wait_until_answering()
        yield web


def asked(web: servers.Web, path: str, **more: str) -> tuple[int, dict[str, object]]:
    answer = httpx.get(f"{web.url}{path}", timeout=10, headers=more)
    assert "set-cookie" not in answer.headers
    return answer.status_code, answer.json()


def in_time(web: servers.Web, status: int) -> dict[str, object]:
    """Return what is said once what was kept is over."""
    deadline = time.monotonic() + 10
    while True:
        answered, words = asked(web, probes.READY)
        if answered == status:
            return words
        assert time.monotonic() < deadline, words
        time.sleep(0.1)


def test_both_are_answered_to_whoever_asks_by_whatever_name(web: servers.Web) -> None:
    assert asked(web, probes.ALIVE) == asked(web, probes.READY) == OK
    assert asked(web, probes.ALIVE, host="10.0.0.7") == asked(web, probes.READY, host="10.0.0.7") == OK
    for path in (probes.ALIVE, probes.READY):
        assert httpx.head(f"{web.url}{path}").status_code == 200
        assert httpx.post(f"{web.url}{path}").status_code == 404


def postmaster() -> psutil.Process:
    return psutil.Process(int(pathlib.Path(cluster.var() / "postgres" / "postmaster.pid").read_text().split()[0]))


def test_a_database_that_says_nothing_is_told_within_a_second_or_two(web: servers.Web) -> None:
    assert asked(web, probes.READY) == OK
    process = postmaster()
    process.send_signal(signal.SIGSTOP)
    try:
        time.sleep(probes.KEPT)
        begun = time.monotonic()
        assert asked(web, probes.READY) == (503, {"status": "not ready", "because": [probes.NO_ANSWER]})
        assert time.monotonic() - begun < 2 * probes.LIMIT
        assert asked(web, probes.ALIVE) == OK
    finally:
        process.send_signal(signal.SIGCONT)
    in_time(web, 200)


def test_a_database_that_is_gone_is_told_and_that_it_is_back(web: servers.Web) -> None:
    servers.kill_database()
    try:
        assert in_time(web, 503) == {"status": "not ready", "because": [probes.NO_ANSWER]}
        assert asked(web, probes.ALIVE) == OK
    finally:
        servers.start_database()
    in_time(web, 200)


def test_a_schema_that_is_behind_is_told(web: servers.Web, owner: str) -> None:
    app, name = max(each for each in schema.newest() if each[0] == "nowrongdoor")
    with psycopg.connect(owner, autocommit=True) as database:
        applied = database.execute(
            "DELETE FROM django_migrations WHERE app = %s AND name = %s RETURNING applied", [app, name]
        ).fetchone()
        assert applied
        try:
            assert in_time(web, 503) == {"status": "not ready", "because": [probes.BEHIND]}
        finally:
            database.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", [app, name, *applied]
            )
    in_time(web, 200)


def sessions(owner: str) -> int:
    with psycopg.connect(owner) as database:
        row = database.execute("SELECT sessions FROM pg_stat_database WHERE datname = current_database()").fetchone()
    assert row
    return int(row[0])


def test_the_database_is_asked_once_a_second_however_often_somebody_asks(web: servers.Web, owner: str) -> None:
    before, begun = sessions(owner), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: asked(web, probes.READY), range(200)))
    assert {status for status, _ in answers} <= {200, 503}  # a machine that is busy may take longer than a second
    assert len(answers) == 200
    seconds = time.monotonic() - begun
    time.sleep(1.5)  # counts come late
    processes, own = 2, 3
    assert sessions(owner) - before <= processes * (seconds / probes.KEPT + 1) + own
