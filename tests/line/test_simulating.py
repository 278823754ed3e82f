"""A night on the line: nobody holds forever, and nobody is forgotten, whoever is on shift and whatever breaks."""

from __future__ import annotations

import dataclasses
import pathlib

import pytest
from django.db import transaction

from nowrongdoor.line import simulating
from tests.line import floors

pytestmark = pytest.mark.django_db


def played(folder: pathlib.Path, patch: pytest.MonkeyPatch, **more: int | bool) -> simulating.Outcome:
    """Play a night and take it back, so that another begins with nothing."""
    floors.install(folder, patch, simulating.PLAN.replace("AGENCY", "LINE"))
    night = simulating.Night(**{"calls": 40, "staff": 0, "seed": 1, "has_faults": False, **more})  # type: ignore[arg-type]
    outcome = None
    with transaction.atomic():
        outcome = simulating.Game(night, simulating.agency()).play()
        transaction.set_rollback(True)
    return outcome


@pytest.mark.parametrize(
    "how", [{"staff": 0}, {"staff": 1}, {"staff": 4, "has_faults": True}, {"staff": 0, "has_faults": True}]
)
def test_nobody_holds_forever_and_nobody_is_forgotten(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, how: dict[str, int | bool]
) -> None:
    outcome = played(tmp_path, monkeypatch, **how)
    assert outcome.contacts == 40
    assert outcome.endless_holds == 0
    assert outcome.unowned == 0
    assert outcome.longest_wait_s <= 10 * 60 + 5 * 60 + 10, "ten minutes, and five until what was not told is found"
    assert outcome.abandoned + outcome.voicemails + outcome.call_backs > 0


def test_the_same_seed_is_the_same_night_and_another_is_another(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, again, other = (played(tmp_path, monkeypatch, seed=seed) for seed in (7, 7, 8))
    assert dataclasses.asdict(first) == dataclasses.asdict(again)
    assert dataclasses.asdict(first) != dataclasses.asdict(other)
