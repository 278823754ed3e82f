"""Promise 2 when two act on one case at the same moment: every ordered pair of verbs (T4, T5).

Each pair is done twice. First one by one: the first verb is done and not committed, the second begins and waits or
ends, then the first commits. It must come to what the two come to one after the other. Then both at once, behind a
barrier: it must come to what one of the two orders comes to.
"""

from __future__ import annotations

import collections
import concurrent.futures
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from nowrongdoor.access import row_security
from tests import at_home
from tests.leads import checker, verbs

Acts = tuple[verbs.Act, verbs.Act]
# An offer that somebody is answering is left for the next minute: the clock does not wait for a lock.
DOES_NOT_WAIT = "expire"
# Of two who close one agency, the slower is told that it closed, or that somebody else began.
TOO_LATE = {"NoSuchAgency": "Overtaken"}


class Undone(Exception):
    """Raised to roll back what was only tried."""


class Actor:
    """A thread with a connection of its own, kept for all rounds."""

    def __init__(self) -> None:
        self._pool = concurrent.futures.ThreadPoolExecutor(1)
        self.pid: int = self._pool.submit(self._connect).result()

    def _connect(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off; SELECT pg_backend_pid()")
            while cursor.description is None:
                cursor.nextset()
            return int(cursor.fetchone()[0])

    def run(self, act: verbs.Act, gate: threading.Barrier) -> concurrent.futures.Future[str]:
        """Do it once the gate opens."""

        def through() -> str:
            gate.wait()
            return verbs.outcome(act)

        return self._pool.submit(through)

    def hold(self, act: verbs.Act, done: threading.Event, commit: threading.Event) -> concurrent.futures.Future[str]:
        """Do it and keep its transaction open until it is told to commit."""

        def held() -> str:
            try:
                with row_security.system():
                    came = verbs.outcome(act)
                    done.set()
                    assert commit.wait(60)
            finally:
                done.set()
            return came

        return self._pool.submit(held)

    def end(self) -> None:
        self._pool.submit(lambda: connection.close()).result()  # this thread's own
        self._pool.shutdown()


@pytest.fixture
def actors(committed_db: None) -> Iterator[tuple[Actor, Actor]]:
    pair = Actor(), Actor()
    yield pair
    for each in pair:
        each.end()


@pytest.mark.usefixtures("clock_ahead")
@pytest.mark.storm
@pytest.mark.parametrize("first", verbs.VERBS)
def test_two_verbs_at_once_come_to_what_they_come_to_one_after_the_other(
    first: str, actors: tuple[Actor, Actor], owner: str
) -> None:
    came = collections.Counter[str]()
    cast = verbs.Cast()
    with psycopg.connect(owner, autocommit=True) as database, at_home.seeing_all() as eyes:
        database.execute(at_home.sight())  # which switches people on again
        for second in verbs.VERBS:
            for way in (_one_holds, _both_at_once):
                stage = verbs.opened(cast)
                acts = verbs.VERBS[first](stage), verbs.VERBS[second](stage)
                in_order = _one_after_the_other(*acts)
                the_other_way = _one_after_the_other(*acts[::-1])[::-1]
                said = way(acts, actors, eyes)
                expected = _expected(way.__name__, first, second, in_order, the_other_way)
                assert said in expected, (way.__name__, first, second)
                closing = bool({first, second} & verbs.OF_AGENCIES)  # which touches every case, and then they go
                looked_at = None if closing else [stage.case_id]
                assert checker.offenders(eyes, among=looked_at) == {}, (way.__name__, first, second)
                eyes.commit()
                came.update(said)
                _tidy(database, agencies_closed=closing)
    assert came["done"] > 0


def _expected(
    way: str, first: str, second: str, in_order: tuple[str, ...], the_other_way: tuple[str, ...]
) -> set[tuple[str, ...]]:
    """What may come of a pair."""
    expected = {in_order} if way == "_one_holds" else {in_order, the_other_way}
    if first == second and first in verbs.OF_AGENCIES:  # whoever was slower began while the agency was still open
        expected |= {tuple(TOO_LATE.get(each, each) for each in pair) for pair in expected}
    if second == DOES_NOT_WAIT:
        expected |= {(one, "nothing") for one, _ in expected}
    if first == DOES_NOT_WAIT and way == "_both_at_once":
        expected |= {("nothing", other) for _, other in expected}
    return expected


def _one_after_the_other(first: verbs.Act, second: verbs.Act) -> tuple[str, ...]:
    """What the two come to in this order, tried and rolled back."""
    came: list[str] = []
    try:
        with row_security.system():
            came += [verbs.outcome(first), verbs.outcome(second)]
            raise Undone
    except Undone:
        return tuple(came)


def _one_holds(acts: Acts, actors: tuple[Actor, Actor], eyes: psycopg.Connection) -> tuple[str, ...]:
    one, other = actors
    first, second = acts
    done, commit = threading.Event(), threading.Event()
    held = one.hold(first, done, commit)
    assert done.wait(60)
    waiting = other.run(second, threading.Barrier(1))
    try:
        deadline = time.monotonic() + 60
        while not waiting.done() and not _is_blocked(other, eyes):
            assert time.monotonic() < deadline
            time.sleep(0.002)
    finally:
        commit.set()
    return held.result(60), waiting.result(60)


def _is_blocked(actor: Actor, eyes: psycopg.Connection) -> bool:
    blocked = eyes.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [actor.pid]).fetchone()
    eyes.commit()
    assert blocked
    return bool(blocked[0])


def _both_at_once(acts: Acts, actors: tuple[Actor, Actor], eyes: psycopg.Connection) -> tuple[str, ...]:
    gate = threading.Barrier(2, timeout=60)
    one, other = (actor.run(act, gate) for actor, act in zip(actors, acts, strict=True))
    return one.result(60), other.result(60)


def _tidy(database: psycopg.Connection, *, agencies_closed: bool) -> None:
    """Open what was closed. Where agencies close, no case of an earlier pair is left to be handed over."""
    database.execute("UPDATE nowrongdoor_user SET is_active = true WHERE NOT is_active")
    if agencies_closed:
        at_home.empty_cases(database)
        database.execute(
            "UPDATE nowrongdoor_agency SET active = true, closed_at = NULL, succeeded_by_id = NULL WHERE NOT active"
        )
