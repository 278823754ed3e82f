"""Memberships of a case are periods: who could see it on a given day is a query, and nothing of it is rewritten."""

from __future__ import annotations

import datetime
import importlib

import psycopg
import pytest
from django.db import IntegrityError, transaction
from psycopg import errors, sql

from nowrongdoor.access import row_security
from nowrongdoor.cases import actions, queries
from nowrongdoor.cases.models import Case, EarlierPart, Participant
from nowrongdoor.leads import answering
from tests.leads import stories

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def came_back(committed_db: None) -> Case:
    """A case in which the FBI takes part for an hour, and again two hours later."""
    case = stories.case(at=stories.NOON)
    fbi = actions.Joining(case.id, stories.agency("FBI").id, Participant.Relation.TOLD)
    with row_security.system():
        actions.join([fbi], at=stories.NOON)
        actions.join([fbi], at=stories.NOON + HOUR / 2)  # takes part already: nothing begins anew
        actions.leave(fbi, at=stories.NOON + HOUR)
        actions.join([fbi], at=stories.NOON + 3 * HOUR)
    return case


def test_who_could_see_a_case_on_a_given_day_is_a_query(came_back: Case) -> None:
    def took_part(hours: float) -> bool:
        return "FBI" in queries.taking_part(came_back.id, at=stories.NOON + hours * HOUR)

    assert [took_part(hours) for hours in (-1, 0, 0.9, 1, 2.9, 3, 99)] == [False, True, True, False, False, True, True]
    assert "HOTLINE" in queries.taking_part(came_back.id, at=stories.NOON + 2 * HOUR)


def test_an_agency_that_comes_back_keeps_its_earlier_period_and_has_one_open_one(came_back: Case) -> None:
    of_fbi = {"case": came_back, "agency__code": "FBI"}
    (earlier,) = EarlierPart.objects.filter(**of_fbi)
    assert (earlier.from_at, earlier.to_at) == (stories.NOON, stories.NOON + HOUR)
    (newest,) = Participant.objects.filter(**of_fbi)
    assert (newest.from_at, newest.to_at) == (stories.NOON + 3 * HOUR, None)


def test_the_release_before_does_not_say_when_a_period_begins_and_loses_none(came_back: Case) -> None:
    """It joins an agency again by emptying `to_at`, as its web processes do while an upgrade runs."""
    of_fbi = Participant.objects.filter(case=came_back, agency__code="FBI")
    of_fbi.update(to_at=stories.NOON + 4 * HOUR)
    of_fbi.update(to_at=None)
    assert EarlierPart.objects.filter(case=came_back, agency__code="FBI").count() == 2
    assert of_fbi.get().from_at >= stories.NOON + 4 * HOUR


def test_a_clock_that_was_set_back_refuses_nobody_and_loses_no_period(came_back: Case) -> None:
    fbi = actions.Joining(came_back.id, stories.agency("FBI").id, Participant.Relation.TOLD)
    with row_security.system():
        actions.leave(fbi, at=stories.NOON + 2 * HOUR)  # an hour before it began
        actions.join([fbi], at=stories.NOON)
    of_fbi = {"case": came_back, "agency__code": "FBI"}
    periods = list(EarlierPart.objects.filter(**of_fbi).order_by("id").values_list("from_at", "to_at"))
    began = stories.NOON + 3 * HOUR
    assert periods == [(stories.NOON, stories.NOON + HOUR), (began, began)]
    assert Participant.objects.get(**of_fbi).from_at == began


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"from_at": stories.NOON - HOUR}, "when an agency began to take part is not rewritten"),
        ({"from_at": stories.NOON + 9 * HOUR}, "when an agency began to take part is not rewritten"),
    ],
)
def test_when_a_period_began_is_not_rewritten(
    came_back: Case, change: dict[str, datetime.datetime], guard: str
) -> None:
    with pytest.raises(IntegrityError, match=guard), transaction.atomic():
        Participant.objects.filter(case=came_back, agency__code="FBI").update(**change)


def test_whoever_said_no_asks_the_next_agency_and_then_takes_part_no_longer(committed_db: None) -> None:
    """The next offer is made while the agency still takes part: whoever left lets nobody in."""
    case = stories.case(at=stories.NOON)
    hsi = stories.person(stories.offer_of(case).to_agency.code)
    answering.decline(stories.offer_of(case).id, reason="No agents.", by=hsi, at=stories.NOON + HOUR)
    offered = Participant.objects.filter(case=case, relation="offered", to_at=None)
    assert [each.agency_id for each in offered] == [stories.offer_of(case).to_agency_id]
    assert stories.offer_of(case).to_agency_id != hsi.agency_id


def test_the_way_back_to_the_release_before_is_refused_while_it_has_no_place_for_a_period(
    came_back: Case, owner: str
) -> None:
    back = importlib.import_module("nowrongdoor.migrations.0010_memberships").UNGUARD
    with (
        psycopg.connect(owner) as database,
        pytest.raises(errors.RaiseException, match="has no place for 1 earlier periods"),
    ):
        database.execute(sql.SQL(back))
