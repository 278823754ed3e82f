"""Promise 2 under every order of verbs: each sequence of three on one case (before a release: of four), and thirty by
chance on several (T4)."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import itertools

import hypothesis
import pytest
from django.db import connection, transaction
from hypothesis import stateful
from hypothesis import strategies as st

from nowrongdoor.agencies.models import Agency
from tests import sizes
from tests.leads import checker, stories, verbs

LENGTH = sizes.SEQUENCE.now
HOUR = datetime.timedelta(hours=1)


class Undone(Exception):
    """Raised to roll a step back."""


@dataclasses.dataclass(slots=True)
class Walk:
    """What was walked, and how many sequences that stands for."""

    sequences: int = 0
    known: set[tuple[int, str]] = dataclasses.field(default_factory=set)
    came: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)


@pytest.mark.usefixtures("clock_ahead")
@pytest.mark.storm
@pytest.mark.django_db
def test_after_every_sequence_of_verbs_the_case_has_its_one_lead() -> None:
    """A tree is walked: each step is rolled back to try the next verb in its place. Two things spare steps. A verb that
    is refused changes nothing, which is looked at, so what follows it was walked already. And where two ways come to
    the same state with as many steps left, in everything but ids and times, what follows is walked once."""
    walk = Walk()
    stage = verbs.opened(verbs.Cast())
    before = verbs.content(stage.case_id)
    for verb in verbs.VERBS:
        _step(stage, (verb,), walk)
    assert walk.sequences == len(verbs.VERBS) ** LENGTH
    assert verbs.content(stage.case_id) == before, "all of it was undone"
    assert walk.came["done"] > 100
    later = ("CannotStepForward", "NotYours") if sizes.IS_FULL else ()  # three steps do not come so far
    for refusal in ("Over", "NotTheLead", "StillNeeded", "NoSuchAgency", "AgencyClosed", *later):
        assert walk.came[refusal] > 0, walk.came


def _step(stage: verbs.Stage, path: tuple[str, ...], walk: Walk) -> None:
    before = verbs.content(stage.case_id)
    left = LENGTH - len(path)
    try:
        with transaction.atomic():
            came = verbs.attempt(path[-1], stage)
            walk.came[came] += 1
            with connection.cursor() as cursor:
                assert checker.offenders(cursor, among=[stage.case_id]) == {}, path
            if came != "done":
                assert verbs.content(stage.case_id) == before, (path, came)
            state = left, verbs.state(stage)
            if left == 0 or came != "done" or state in walk.known:
                walk.sequences += len(verbs.VERBS) ** left
            else:
                later = dataclasses.replace(stage, at=stage.at + HOUR)
                for verb in verbs.VERBS:
                    _step(later, (*path, verb), walk)
                walk.known.add(state)
            raise Undone
    except Undone:
        return


class Cases(stateful.RuleBasedStateMachine):
    """Some cases, to which anything is done in any order, and a small model of who leads each."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.cast = verbs.Cast()
        self.stages: list[verbs.Stage] = []
        self.leads: dict[int, str] = {}
        self.hours = itertools.count(1)

    @stateful.initialize()
    def begin(self) -> None:
        self.open()

    @stateful.precondition(lambda self: len(self.stages) < 4)
    @stateful.rule()
    def open(self) -> None:
        for code in ("HOTLINE", "FBI"):  # a closed agency receives nothing and is told nothing
            if not Agency.objects.get(code=code).active:
                return
        self.stages.append(verbs.opened(self.cast))
        self.leads[len(self.stages) - 1] = "HOTLINE"

    @stateful.rule(verb=st.sampled_from(list(verbs.VERBS)), which=st.integers(0, 3))
    def do(self, verb: str, which: int) -> None:
        at = which % len(self.stages)
        stage = dataclasses.replace(self.stages[at], at=stories.NOON + next(self.hours) * HOUR)
        before = verbs.content(stage.case_id)
        came = verbs.attempt(verb, stage)
        if came != "done":
            assert verbs.content(stage.case_id) == before, (verb, came)
        for number, other in enumerate(self.stages):
            lead = stories.lead_of(other.case)
            if lead != self.leads[number] and verb not in verbs.SAY_YES:
                assert Agency.objects.get(code=lead).stands_by, "a lead moves only to somebody who says yes"
            if number != at and verb not in verbs.OF_AGENCIES:
                assert lead == self.leads[number], "what is done to one case moves no other"
            self.leads[number] = lead

    @stateful.invariant()
    def every_case_has_its_one_lead(self) -> None:
        if self.stages:
            with connection.cursor() as cursor:
                assert checker.offenders(cursor, among=[each.case_id for each in self.stages]) == {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)


@pytest.mark.usefixtures("clock_ahead")
@pytest.mark.storm
@pytest.mark.django_db
def test_thirty_verbs_by_chance_leave_every_case_its_one_lead() -> None:
    stateful.run_state_machine_as_test(
        Cases,
        settings=hypothesis.settings(
            max_examples=sizes.MACHINES.now,
            stateful_step_count=30,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],  # a run that failed is told as it was
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
