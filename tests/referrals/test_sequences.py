"""Promise 2 under every order of verbs: each sequence of four on one case, and thirty by chance on several (T4)."""

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
from tests.referrals import checker, stories, verbs

LENGTH = 4
HOUR = datetime.timedelta(hours=1)


class Undone(Exception):
    """Raised to roll a step back."""


@pytest.mark.storm
@pytest.mark.django_db
@pytest.mark.parametrize("first", verbs.VERBS)
def test_after_every_sequence_of_four_verbs_the_case_has_its_one_lead(first: str) -> None:
    """A tree is walked: each step is rolled back to try the next verb in its place. A verb that is refused changes
    nothing, which is looked at, so that what follows it is a sequence that was walked already."""
    walked = collections.Counter[str]()
    stage = verbs.opened(verbs.Cast())
    _step(stage, (first,), walked)
    assert walked["sequences"] == len(verbs.VERBS) ** (LENGTH - 1)
    assert walked["done"] > 0


def _step(stage: verbs.Stage, path: tuple[str, ...], walked: collections.Counter[str]) -> None:
    before = verbs.content(stage.case_id)
    left = len(verbs.VERBS) ** (LENGTH - len(path))
    try:
        with transaction.atomic():
            came = verbs.attempt(path[-1], stage)
            walked[came] += 1
            with connection.cursor() as cursor:
                assert checker.offenders(cursor, among=[stage.case_id]) == {}, path
            if came != "done":
                assert verbs.content(stage.case_id) == before, (path, came)
                walked["sequences"] += left
            elif len(path) == LENGTH:
                walked["sequences"] += 1
            else:
                later = dataclasses.replace(stage, at=stage.at + HOUR)
                for verb in verbs.VERBS:
                    _step(later, (*path, verb), walked)
            raise Undone
    except Undone:
        pass
    if len(path) <= 2:
        assert verbs.content(stage.case_id) == before, "a step is undone before the next is tried"


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
