"""T36: a hundred and twenty people sign in at once from one address, while strangers try their names."""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime
import itertools
import threading
import time
from collections.abc import Sequence

import pytest
from argon2 import low_level
from django.contrib.auth import hashers
from django.utils import timezone

from nowrongdoor.access import browsers, limits
from nowrongdoor.access.limits import Budget
from nowrongdoor.access.models import RateLimit
from nowrongdoor.agencies import passwords
from tests import claims, servers
from tests.agencies import crowds

pytestmark = pytest.mark.storm
CROWD = 120


def all_at_once(browsers: Sequence[crowds.Browser], people: Sequence[crowds.Somebody]) -> tuple[int, set[int]]:
    """How many came in, and which statuses they met on the way."""
    start = threading.Barrier(len(people))

    def come_in(browser: crowds.Browser, person: crowds.Somebody) -> bool:
        browser.codes.clear()
        start.wait()
        return browser.sign_in(person)

    with concurrent.futures.ThreadPoolExecutor(len(people)) as threads:
        came_in = sum(threads.map(come_in, browsers, people))
    return came_in, {code for browser in browsers for code in browser.codes}


def test_a_whole_shift_signs_in_at_once_and_strangers_keep_nobody_out(committed_db: None) -> None:
    """Once with browsers that nobody knows, and once more with the same browsers while strangers, at the same address
    and at another one, have used up what they may try at each name."""
    people = crowds.people(CROWD)
    with servers.Web() as web, contextlib.ExitStack() as open_browsers:
        web.wait_until_answering()
        theirs = [open_browsers.enter_context(crowds.Browser(web)) for _ in people]
        with crowds.Memory(web) as memory, crowds.Clock() as clock:
            came_in, codes = all_at_once(theirs, people)
        print(f"{CROWD} at once: {came_in} in, {codes}, {clock.seconds:.1f} s; memory {memory.at_first / 1e6:.0f} MB, ")
        print(f"at most {memory.most / 1e6:.0f} MB, one process at most {memory.most_of_one / 1e6:.0f} MB")
        assert (came_in, codes) == (CROWD, {200, 302})
        # Each of two processes hashes two passwords at once, of 100 MiB each; the rest is what answering takes.
        assert memory.most - memory.at_first < 2 * passwords.TURNS.at_once * passwords.Argon2.memory_cost * 1024 * 1.5
        for browser in theirs:
            browser.leave()
        over = threading.Event()

        def guess(address: str) -> set[int]:
            said: set[int] = set()
            with crowds.Browser(web, address) as stranger:
                for person in itertools.cycle(people):
                    if over.is_set():
                        return said
                    said.add(stranger.password(person.name, "a wrong password").status_code)
            return said

        used_up(people)
        with concurrent.futures.ThreadPoolExecutor(4) as strangers:
            guesses = [strangers.submit(guess, address) for address in ("127.0.0.1", "127.0.0.2") * 2]
            try:
                came_in, codes = all_at_once(theirs, people)
            finally:
                over.set()
        assert (came_in, codes) == (CROWD, {200, 302})
        said = set.union(*(each.result() for each in guesses))
        assert said - {200} == {429}  # 200: a wrong password at a name whose owner has just come in, which forgives it


def used_up(people: Sequence[crowds.Somebody]) -> None:
    """What a night of guessing leaves behind: no stranger may try any of these names."""
    now = timezone.now()
    for person in people:
        for budget in (Budget.SIGN_IN_OF_STRANGERS, Budget.CODE_OF_STRANGERS):
            spent = datetime.timedelta(seconds=limits.EACH[budget] * limits.BURSTS[budget])
            key = limits._key(budget, browsers.tag(person.name), now)
            RateLimit.objects.update_or_create(key=key, defaults={"full_at": now + spent})


def test_no_process_hashes_more_than_two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: how many are inside of Argon2 at the same moment, new passwords and old ones."""
    inside, most, lock = 0, 0, threading.Lock()
    hash_secret = low_level.hash_secret

    def counting(*args: object, **kwargs: object) -> bytes:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.05)
        try:
            return hash_secret(*args, **kwargs)  # type: ignore[arg-type]
        finally:
            with lock:
                inside -= 1

    monkeypatch.setattr(low_level, "hash_secret", counting)
    monkeypatch.setattr(passwords.Argon2, "memory_cost", 64)
    with concurrent.futures.ThreadPoolExecutor(12) as threads:
        encoded = list(threads.map(hashers.make_password, ["a password"] * 12))
        assert claims.every(threads.map(hashers.check_password, ["a password"] * 12, encoded))
    assert most == passwords.TURNS.at_once == 2
