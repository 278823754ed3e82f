"""A report that leaves while its words change: whatever left was reviewed, in whichever order the two come."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.protocols.models import Report, Sending
from nowrongdoor.vault import keys
from tests import at_home
from tests.leads import stories
from tests.leads.test_pairs import Actor, _is_blocked
from tests.protocols import test_reporting

GUARDS = {"send": "a_report_leaves_once_it_was_reviewed", "change": "what_was_sent_is_not_changed"}


@pytest.fixture
def actors(committed_db: None) -> Iterator[tuple[Actor, Actor]]:
    pair = Actor(), Actor()
    yield pair
    for each in pair:
        each.end()


@pytest.mark.parametrize("first", ["send", "change"])
def test_words_that_change_while_a_report_leaves_do_not_leave_unreviewed(
    first: str, actors: tuple[Actor, Actor]
) -> None:
    writer, supervisor = stories.person("HOTLINE", viewers.Role.ADVOCATE), stories.person("HOTLINE")
    sheriff = test_reporting.kept(supervisor)
    report = test_reporting.reviewed(test_reporting.written(writer, sheriff), supervisor)
    words = keys.of(report.case_id or test_reporting.NOBODY).seal("{}", report.place("words"))

    def send() -> object:
        """Past the lock of the action, which would make them wait for each other: what the database does alone."""
        with row_security.looking(writer):
            one = Sending.objects.filter(report=sent_before).get()
            one.id, one.report_id, one.number, one.at = new_id(), report.id, 1, timezone.now()
            one.save(force_insert=True)
            return one.id

    def change() -> object:
        with row_security.looking(writer):
            return Report.objects.filter(id=report.id).update(
                words=words,
                version=F("version") + 1,
                words_at=timezone.now(),
                reviewed_at=None,
                reviewed_by=None,
                reviewed_version=None,
            )

    sent_before = test_reporting.written(writer, sheriff, danger="Tonight.")
    test_reporting.sent(sent_before, sheriff, writer)
    acts = {"send": send, "change": change}
    (second,) = acts.keys() - {first}
    done, commit = threading.Event(), threading.Event()
    held = actors[0].hold(acts[first], done, commit)
    assert done.wait(60)
    waiting = actors[1].run(acts[second], threading.Barrier(1))
    with at_home.seeing_all() as eyes:
        try:
            deadline = time.monotonic() + 60
            while not waiting.done() and not _is_blocked(actors[1], eyes):
                assert time.monotonic() < deadline
                time.sleep(0.01)
        finally:
            commit.set()
        assert held.result(60) == "done"
        with pytest.raises(IntegrityError) as refused:
            waiting.result(60)
        assert GUARDS[second] in repr(refused.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]
        left = eyes.execute(
            "SELECT r.version, r.reviewed_version FROM nowrongdoor_report r "
            "JOIN nowrongdoor_report_sending s ON s.report_id = r.id WHERE r.id = %s",
            [report.id],
        ).fetchall()
        assert left == ([(1, 1)] if first == "send" else [])
