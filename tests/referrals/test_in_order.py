"""Several services in an order, what goes along with a referral, whom to ask how it went, and a yes taken back."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.notifications import clock
from nowrongdoor.notifications.models import Notification
from nowrongdoor.referrals import actions, queries
from nowrongdoor.referrals.models import Ask, State
from nowrongdoor.services.models import Listing
from tests.leads import stories
from tests.referrals.test_referring import NEED, Place, news_of, place, state_of

__all__ = ["place"]
DAY = datetime.timedelta(days=1)


def plans(place: Place, referral: uuid.UUID, service: uuid.UUID) -> bool:
    return actions.ask_or_plan(referral, service, holds=False, by=place.ada, at=timezone.now())


def next_of(place: Place, referral: uuid.UUID) -> list[uuid.UUID]:
    return [service for service, _name in queries.around(queries.one(referral, place.ada), place.ada).then]


def test_a_service_is_asked_next_once_the_one_before_said_no(place: Place) -> None:
    referral, ask = place.asks(holds=False)
    assert not plans(place, referral, place.elsewhere)
    assert next_of(place, referral) == [place.elsewhere]
    assert [each.service for each in queries.one(referral, place.ada).asks.all()] == [place.shelter]
    place.answers(ask, State.DECLINED, "full")
    actions.ask(referral, place.elsewhere, holds=False, by=place.ada, at=timezone.now())
    assert next_of(place, referral) == []
    with row_security.system():
        assert Ask.objects.get(referral=referral, state=State.ASKED).service == place.elsewhere


def test_a_service_stands_on_the_list_once_and_can_be_taken_off(place: Place) -> None:
    referral, _ask = place.asks(holds=False)
    plans(place, referral, place.elsewhere)
    with pytest.raises(actions.Refused, match="on the list to ask next already"):
        plans(place, referral, place.elsewhere)
    with pytest.raises(actions.Refused, match="asked already"):
        plans(place, referral, place.shelter)
    actions.take_off(referral, place.elsewhere, by=place.ada, at=timezone.now())
    assert next_of(place, referral) == []


def test_a_service_that_does_something_else_is_not_asked_next(place: Place) -> None:
    referral, _ask = place.asks(holds=False)
    with row_security.system():
        other = Listing.objects.exclude(kinds__contains=[NEED]).values_list("id", flat=True)[0]
    with pytest.raises(actions.Refused, match="doesn’t do that"):
        plans(place, referral, other)


def test_a_ride_goes_along_with_a_referral_of_the_same_agency(place: Place) -> None:
    referral, _ask = place.asks(holds=False)
    ride = actions.begin("transport", along=referral, by=place.ada, at=timezone.now())
    assert [each.id for each in queries.around(queries.one(referral, place.ada), place.ada).with_it] == [ride]
    along = queries.around(queries.one(ride, place.bea), place.bea).along
    assert along is not None
    assert along.id == referral
    with pytest.raises(actions.NoSuchReferral):
        actions.begin("transport", along=referral, by=stories.person("EEOC"), at=timezone.now())


def test_nothing_goes_along_with_a_referral_that_is_closed(place: Place) -> None:
    referral = actions.begin(NEED, by=place.ada, at=timezone.now())
    actions.close(referral, "unknown", by=place.ada, at=timezone.now())
    with pytest.raises(actions.Refused, match="closed"):
        actions.begin("transport", along=referral, by=place.ada, at=timezone.now())


@pytest.mark.usefixtures("clock_ahead")
def test_whoever_referred_is_told_on_the_day_for_which_somebody_asked(place: Place) -> None:
    now = timezone.now()
    referral, _ask = place.asks(holds=False)
    actions.follow_up(referral, now + 2 * DAY, by=place.ada, at=now)
    clock.tell_of_referrals(at=now + DAY)
    assert "referral_follow_up" not in news_of(place.ada)
    clock.tell_of_referrals(at=now + 3 * DAY)
    assert told_of(place.ada) == [False]
    actions.follow_up(referral, None, by=place.ada, at=now + 3 * DAY)
    assert told_of(place.ada) == [True]


def told_of(viewer: viewers.Viewer) -> list[bool]:
    """Whether what somebody was told of a follow-up is over."""
    with row_security.system():
        rows = Notification.objects.filter(person=viewer.user_id, kind="referral_follow_up")
        return [row.over_at is not None for row in rows]


@pytest.mark.parametrize("days", [-1, 400])
def test_a_follow_up_is_on_a_day_to_come_within_a_year(place: Place, days: int) -> None:
    now = timezone.now()
    referral = actions.begin(NEED, by=place.ada, at=now)
    with pytest.raises(actions.Refused, match="within a year"):
        actions.follow_up(referral, now + days * DAY, by=place.ada, at=now)


@pytest.mark.usefixtures("clock_ahead")
def test_a_follow_up_outlives_the_end_of_its_referral(place: Place) -> None:
    now = timezone.now()
    referral, ask = place.asks(holds=False)
    actions.follow_up(referral, now + DAY, by=place.ada, at=now)
    place.answers(ask)
    actions.close(referral, "helped", by=place.ada, at=timezone.now())
    assert [each.id for each in queries.to_follow_up(place.ada, at=now + 2 * DAY)] == [referral]
    actions.follow_up(referral, None, by=place.ada, at=now + 2 * DAY)
    assert queries.to_follow_up(place.ada, at=now + 2 * DAY) == []


def test_a_service_sees_for_a_day_what_was_withdrawn_or_closed(place: Place) -> None:
    referral, ask = place.asks(holds=False)
    place.answers(ask)
    other, withdrawn = place.asks(holds=False)
    actions.withdraw(withdrawn, by=place.ada, at=timezone.now())
    actions.close(referral, "helped", by=place.ada, at=timezone.now())
    now = timezone.now()
    ended = {each.id: each.closed_at is not None for each in queries.asked(place.luz, at=now)}
    assert ended == {ask: True, withdrawn: False}
    assert [each.id for each in queries.asked(place.luz, at=now + 2 * DAY)] == [ask]  # until it says whether they came
    actions.note_came(ask, "came", by=place.luz, at=now)
    assert queries.asked(place.luz, at=now + 2 * DAY) == []
    assert other


def test_whoever_said_yes_can_take_it_back_until_somebody_came(place: Place) -> None:
    place.count(1)
    referral, ask = place.asks()
    place.answers(ask)
    place.answers(ask, State.DECLINED, "full")
    assert state_of(ask) == State.DECLINED
    clock.tell_of_referrals(at=timezone.now())
    assert "referral_answered" in news_of(place.ada)
    again = actions.ask(referral, place.shelter, holds=False, by=place.ada, at=timezone.now())
    place.answers(again)
    actions.note_came(again, "came", by=place.luz, at=timezone.now())
    with pytest.raises(actions.Refused, match="already answered"):
        place.answers(again, State.DECLINED, "full")


def test_a_yes_is_not_taken_back_once_the_referral_is_closed(place: Place) -> None:
    referral, ask = place.asks(holds=False)
    place.answers(ask)
    actions.close(referral, "helped", by=place.ada, at=timezone.now())
    with pytest.raises(actions.Refused, match="already answered"):
        place.answers(ask, State.DECLINED, "full")


def test_whoever_works_there_is_told_that_what_was_asked_was_withdrawn(place: Place) -> None:
    _referral, ask = place.asks(holds=False)
    actions.withdraw(ask, by=place.ada, at=timezone.now())
    clock.tell_of_referrals(at=timezone.now())
    assert "referral_withdrawn" in news_of(place.luz)
