"""An undo that meets another act in the same moment: one of them is refused, and the lead is where the other says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from django.utils import timezone

from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Note
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties.models import Duty
from nowrongdoor.leads import answering, undoing
from tests import at_home
from tests.leads import checker, stories, verbs
from tests.leads.test_pairs import Actor, _is_blocked


@pytest.fixture
def actors(committed_db: None) -> Iterator[tuple[Actor, Actor]]:
    pair = Actor(), Actor()
    yield pair
    for each in pair:
        each.end()


# A duty moves with the lead, so the undo waits for whoever is doing it, and is refused. A note moves nowhere: what
# comes of both is what comes of the undo first and the note after it.
EXPECTED = {"note": ("done", "done", "HOTLINE"), "duty": ("done", "ActedOn", "HSI")}


@pytest.mark.parametrize("other", EXPECTED)
def test_an_undo_and_what_is_done_in_the_same_moment_come_to_what_they_come_to_in_some_order(
    other: str, actors: tuple[Actor, Actor]
) -> None:
    hsi = stories.person("HSI")
    case = stories.case(at=timezone.now())
    yes = answering.accept(stories.offer_of(case).id, by=hsi, at=timezone.now())
    by_hand = Duty.notices().filter(case=case, agency_id=hsi.agency_id, by_hand=True, done_at=None)[0]

    def act() -> object:
        if other == "note":
            return cases.add_note(case.id, text="We begin.", audience=Note.Audience.AGENCY, by=hsi, at=timezone.now())
        return duties.acknowledge(by_hand.id, how="By phone.", by=hsi, at=timezone.now())

    def undo() -> object:
        return undoing.undo(yes.id, by=hsi, at=timezone.now())

    done, commit = threading.Event(), threading.Event()
    held = actors[0].hold(act, done, commit)
    assert done.wait(60)
    waiting = actors[1].run(undo, threading.Barrier(1))
    with at_home.seeing_all() as eyes:
        try:
            deadline = time.monotonic() + 60
            while not waiting.done() and not _is_blocked(actors[1], eyes):
                assert time.monotonic() < deadline
                time.sleep(0.01)
        finally:
            commit.set()
        assert (held.result(60), waiting.result(60), stories.lead_of(case)) == EXPECTED[other]
        assert checker.offenders(eyes, among=[case.id]) == {}


def test_of_two_undos_at_once_one_is_refused(actors: tuple[Actor, Actor]) -> None:
    hsi = stories.person("HSI")
    case = stories.case(at=timezone.now())
    yes = answering.accept(stories.offer_of(case).id, by=hsi, at=timezone.now())

    def undo() -> object:
        return undoing.undo(yes.id, by=hsi, at=timezone.now())

    gate = threading.Barrier(2, timeout=60)
    came = sorted(each.result(60) for each in [actor.run(undo, gate) for actor in actors])
    assert came == ["CannotUndo", "done"]
    assert stories.lead_of(case) == "HOTLINE"
    assert verbs.outcome(undo) == "CannotUndo"
