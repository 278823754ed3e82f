"""Referring somebody: one service at a time, a bed once, a yes only of whoever works there, and nobody's name."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime
import threading
import uuid

import pytest
from django.db import connection, models
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import inviting
from nowrongdoor.agencies import models as of_agencies
from nowrongdoor.core.services import matching, service
from nowrongdoor.notifications import clock
from nowrongdoor.notifications.models import Notification
from nowrongdoor.referrals import actions, queries
from nowrongdoor.referrals.models import Ask, Plan, Referral, State
from nowrongdoor.services import finding, room, vetting
from nowrongdoor.services.models import DirectoryRow, FreeRoom, Listing, Provider
from nowrongdoor.site import demonstration_referrals, demonstration_services
from tests import at_home
from tests.leads import stories

NEED = "shelter"
HOUR = datetime.timedelta(hours=1)
OPEN = "Four Winds: shelter"  # nobody of which signs in


@dataclasses.dataclass(frozen=True)
class Place:
    """A hotline with two advocates, and a shelter whose worker signs in."""

    chief: viewers.Viewer
    ada: viewers.Viewer
    bea: viewers.Viewer
    luz: viewers.Viewer
    shelter: uuid.UUID
    organization: uuid.UUID
    elsewhere: uuid.UUID

    def count(self, free: int) -> None:
        room.say(self.shelter, free, by=self.luz, at=timezone.now())

    def asks(self, *, holds: bool = True, by: viewers.Viewer | None = None) -> tuple[uuid.UUID, uuid.UUID]:
        who, now = by or self.ada, timezone.now()
        referral = actions.begin(NEED, by=who, at=now)
        return referral, actions.ask(referral, self.shelter, holds=holds, by=who, at=now)

    def answers(self, ask: uuid.UUID, state: str = State.ACCEPTED, reason: str = "") -> None:
        actions.answer(ask, state, reason=reason, by=self.luz, at=timezone.now())


def state_of(ask: uuid.UUID) -> str:
    with row_security.system():
        return Ask.objects.get(id=ask).state


@pytest.fixture
def place(committed_db: None) -> Place:
    chief, now = stories.person("HOTLINE", viewers.Role.COORDINATOR), timezone.now()
    demonstration_services.fill(by=chief, at=now)
    agencies.add_missing([demonstration_referrals.SHELTER])
    with row_security.system():
        organization = DirectoryRow.objects.get(table="organizations", content__name__startswith="Lantern House").listed
        elsewhere = Listing.objects.get(name=OPEN).id
    room.join(organization, demonstration_referrals.SHELTER.code, at=now)
    luz = stories.person(demonstration_referrals.SHELTER.code, viewers.Role.PROVIDER)
    shelter = next(each.id for each in room.served(luz) if each.name == "Lantern House: shelter")
    ada, bea = (stories.person("HOTLINE", viewers.Role.ADVOCATE) for _ in range(2))
    return Place(chief, ada, bea, luz, shelter, organization, elsewhere)


@pytest.mark.usefixtures("clock_ahead")
def test_a_service_takes_somebody_and_both_sides_see_it(place: Place) -> None:
    place.count(2)
    referral, ask = place.asks()
    now = timezone.now()
    seen = queries.asked(place.luz, at=now)
    assert [each.id for each in seen] == [ask]
    assert seen[0].reference == queries.one(referral, place.ada).reference
    assert (seen[0].agency.code, seen[0].kind) == ("HOTLINE", NEED)
    place.answers(ask)
    assert state_of(ask) == State.ACCEPTED
    actions.note_came(ask, "came", by=place.luz, at=now)
    assert [each.came for each in queries.asked(place.luz, at=now)] == ["came"]
    actions.close(referral, "helped", by=place.bea, at=now)
    assert queries.ours(place.ada) == ([], [queries.one(referral, place.ada)])
    (row,) = queries.totals(place.luz, since=now - HOUR, until=now + HOUR)
    assert (row.asked, row.accepted, row.came, row.declined) == (1, 1, 1, 0)


def test_nothing_that_is_kept_could_hold_a_name() -> None:
    """F1: a provider keeps no named client. The one text is what the directory calls a service."""
    texts = {
        f"{model.__name__}.{field.name}": field.max_length
        for model in (Referral, Plan, Ask, FreeRoom, Provider)
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.BinaryField | models.JSONField)
    }
    assert texts == {
        **{"Referral.kind": 40, "Referral.outcome": 20, "Ask.name": None, "Ask.kind": 40},
        **dict.fromkeys(("Ask.state", "Ask.reason", "Ask.came"), 20),
    }


def test_two_who_want_the_last_bed_at_the_same_instant_do_not_both_get_it(place: Place) -> None:
    for _round in range(10):
        place.count(1)
        gate = threading.Barrier(2)
        now = timezone.now()
        referrals = {who: actions.begin(NEED, by=who, at=now) for who in (place.ada, place.bea)}

        def ask(who: viewers.Viewer, gate: threading.Barrier = gate) -> uuid.UUID | None:
            try:
                gate.wait()
                return actions.ask(referrals[who], place.shelter, holds=True, by=who, at=timezone.now())  # noqa: B023
            except actions.Refused as error:
                assert "No bed is left" in str(error)  # noqa: PT017
                return None
            finally:
                connection.close()

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(ask, (place.ada, place.bea)))
        (won,) = [each for each in outcomes if each]
        place.answers(won)


def lets_the_time_pass() -> None:
    """Let every ask be three hours old."""
    with at_home.breaking_in() as database:
        database.execute("SET LOCAL session_replication_role = replica")
        database.execute(
            "UPDATE nowrongdoor_referral_ask SET at = at - interval '3 hours', until = until - interval '3 hours'"
        )
        database.commit()


def test_a_bed_that_nobody_promised_in_time_is_free_for_others(place: Place) -> None:
    place.count(1)
    _referral, late = place.asks()
    with pytest.raises(actions.Refused, match="No bed is left"):
        place.asks(by=place.bea)
    lets_the_time_pass()
    assert actions.lapse(at=timezone.now()) == 1
    assert state_of(late) == State.LAPSED
    with pytest.raises(actions.Refused, match="already answered, or has ended"):
        place.answers(late)
    _referral, taken = place.asks(by=place.bea)
    place.answers(taken)
    with pytest.raises(actions.Refused, match="No bed is left"):
        place.asks()


def test_a_count_leaves_beds_to_those_who_were_asked_before_it(place: Place) -> None:
    place.count(1)
    place.asks()
    place.count(1)
    with pytest.raises(actions.Refused, match="No bed is left"):
        place.asks(by=place.bea)
    place.count(2)
    place.asks(by=place.bea)


def test_only_whoever_works_there_says_yes_and_others_learn_of_nothing(place: Place) -> None:
    place.count(1)
    referral, ask = place.asks()
    now = timezone.now()
    with pytest.raises(actions.Refused, match="Only people who work there can answer"):
        actions.answer(ask, State.ACCEPTED, by=place.ada, at=now)
    with pytest.raises(actions.Refused, match="Only people who work there can say"):
        actions.note_came(ask, "came", by=place.ada, at=now)
    agencies.add_missing([agencies.New("OTHER_HOUSE", "OTHER_HOUSE", "Another", "", "provider", "NY")])
    other = stories.person("OTHER_HOUSE", viewers.Role.PROVIDER)
    away = stories.person("HSI", viewers.Role.ADVOCATE)
    for who in (other, away):
        assert queries.asked(who, at=now) == []
        for act in (
            lambda who=who: actions.answer(ask, State.ACCEPTED, by=who, at=now),
            lambda who=who: actions.withdraw(ask, by=who, at=now),
            lambda who=who: queries.one(referral, who),
            lambda who=who: actions.close(referral, "helped", by=who, at=now),
        ):
            with pytest.raises(actions.NoSuchReferral):
                act()
    with pytest.raises(vetting.Refused, match="doesn’t offer this service"):
        room.say(place.shelter, 9, by=other, at=now)


def test_who_waits_may_be_asked_for_elsewhere_and_is_taken_once(place: Place) -> None:
    referral, waits = place.asks(holds=False)
    place.answers(waits, State.WAITLISTED)
    now = timezone.now()
    called = actions.ask(referral, place.elsewhere, holds=False, by=place.ada, at=now)
    with pytest.raises(actions.Refused, match="can’t be accepted here now"):
        place.answers(waits)
    actions.answer(called, State.DECLINED, reason="full", by=place.ada, at=now)  # by telephone: nobody there signs in
    place.answers(waits)
    assert [state_of(each) for each in (waits, called)] == [State.ACCEPTED, State.DECLINED]
    with pytest.raises(actions.Refused, match="Another service is asked already"):
        actions.ask(referral, place.elsewhere, holds=False, by=place.ada, at=now)


def test_what_is_refused_says_why(place: Place) -> None:
    now = timezone.now()
    referral = actions.begin(NEED, by=place.ada, at=now)
    with pytest.raises(actions.Refused, match="how many beds it has"):
        actions.ask(referral, place.elsewhere, holds=True, by=place.ada, at=now)
    with pytest.raises(actions.Refused, match="doesn’t do that"):
        actions.ask(referral, uuid.uuid4(), holds=False, by=place.ada, at=now)
    with pytest.raises(actions.Refused, match="Choose what they need"):
        actions.begin("a castle", by=place.ada, at=now)
    ask = actions.ask(referral, place.shelter, holds=False, by=place.ada, at=now)
    with pytest.raises(actions.Refused, match="Choose why not"):
        place.answers(ask, State.DECLINED)
    with pytest.raises(actions.Refused, match="still asked, or has them"):
        actions.close(referral, "helped", by=place.ada, at=now)
    actions.withdraw(ask, by=place.ada, at=now)
    actions.close(referral, "declined", by=place.ada, at=now)
    with pytest.raises(actions.Refused, match="is closed"):
        actions.ask(referral, place.shelter, holds=False, by=place.ada, at=now)


def test_a_vetting_that_ends_ends_asking_in_the_same_instant(place: Place) -> None:
    referral = actions.begin(NEED, by=place.ada, at=timezone.now())
    vetting.end(place.organization, by=place.chief, at=timezone.now())
    with pytest.raises(actions.Refused, match="No agency vouches"):
        actions.ask(referral, place.shelter, holds=False, by=place.ada, at=timezone.now())


def test_what_a_worker_counts_is_what_is_found_and_is_for_staff_alone(place: Place) -> None:
    place.count(7)
    needs = matching.Needs(kind=NEED, language="es", state="NY", county="Erie County", facts=service.Facts())

    def left(who: viewers.Viewer) -> int | None:
        with row_security.looking(who):
            answer = finding.match(needs, at=timezone.now())
        shelter = next(each.service for each in answer.found.offered if each.service.id == str(place.shelter))
        return shelter.room.left if shelter.room else None

    assert left(place.ada) == 7
    with row_security.looking(stories.person("HSI", viewers.Role.INVESTIGATOR)):
        assert not FreeRoom.objects.exists()


def test_a_worker_who_leaves_and_an_organization_that_does_are_out_at_once(place: Place) -> None:
    place.count(1)
    _referral, ask = place.asks(holds=False)
    admin = stories.person(demonstration_referrals.SHELTER.code, viewers.Role.ADMINISTRATOR)
    assert place.luz.user_id
    agencies.disable(of_agencies.User.objects.get(id=place.luz.user_id), by=admin)
    assert of_agencies.User.objects.get(id=place.luz.user_id).is_active is False
    assert room.leave(place.organization, at=timezone.now())
    assert room.leave(place.organization, at=timezone.now()) is False
    later = stories.person(demonstration_referrals.SHELTER.code, viewers.Role.PROVIDER)
    assert room.served(later) == []
    with pytest.raises(vetting.Refused):
        room.say(place.shelter, 1, by=later, at=timezone.now())
    actions.withdraw(ask, by=place.ada, at=timezone.now())


@pytest.mark.parametrize("code", ["HOTLINE", "NOBODY"])
def test_only_a_provider_answers_for_an_organization(place: Place, code: str) -> None:
    with pytest.raises(vetting.Refused, match=code):
        room.join(place.organization, code, at=timezone.now())


def news_of(who: viewers.Viewer) -> list[str]:
    """Return the kinds of what somebody is told and that still stands."""
    with row_security.system():
        rows = Notification.objects.filter(person=who.user_id, over_at=None, kind__startswith="referral")
        return sorted(rows.values_list("kind", flat=True))


def test_whoever_works_there_is_told_until_they_answer_and_whoever_asked_of_the_answer(place: Place) -> None:
    _referral, ask = place.asks(holds=False)
    clock.tell_of_referrals(at=timezone.now())
    clock.tell_of_referrals(at=timezone.now())
    assert (news_of(place.luz), news_of(place.ada), news_of(place.bea)) == (["referral_waits"], [], [])
    place.answers(ask)
    clock.tell_of_referrals(at=timezone.now())
    clock.tell_of_referrals(at=timezone.now())
    assert (news_of(place.luz), news_of(place.ada), news_of(place.bea)) == ([], ["referral_answered"], [])


def test_a_bed_that_was_promised_after_the_count_is_not_given_again(place: Place) -> None:
    place.count(1)
    _referral, ask = place.asks()
    place.count(1)  # as they said before: the bed on hold counts as free
    place.answers(ask)
    with pytest.raises(actions.Refused, match="No bed is left"):
        place.asks(by=place.bea)


def test_a_waiting_list_keeps_no_bed(place: Place) -> None:
    place.count(1)
    _referral, waits = place.asks()
    place.answers(waits, State.WAITLISTED)
    _referral, other = place.asks(by=place.bea)
    place.answers(other)
    place.answers(waits)
    assert [state_of(each) for each in (waits, other)] == [State.ACCEPTED, State.ACCEPTED]


def test_where_somebody_else_answers_since_the_ask_is_over_and_whoever_asked_is_told(place: Place) -> None:
    place.count(1)
    asks = [place.asks()[1], place.asks(holds=False)[1]]
    place.answers(asks[1], State.WAITLISTED)
    agencies.add_missing([agencies.New("OTHER_HOUSE", "OTHER_HOUSE", "Another", "", "provider")])
    room.join(place.organization, "OTHER_HOUSE", at=timezone.now())
    with pytest.raises(actions.Refused, match="can’t be accepted here now"):
        place.answers(asks[0])
    assert actions.lapse(at=timezone.now()) == 2
    assert {state_of(each) for each in asks} == {State.LAPSED}
    clock.tell_of_referrals(at=timezone.now())
    assert news_of(place.ada) == ["referral_answered", "referral_answered"]
    with pytest.raises(actions.Refused, match="how many beds it has"):  # what the one before counted counts no more
        place.asks()


def test_a_closed_agency_is_asked_for_nothing_and_vouches_for_nothing(place: Place) -> None:
    place.count(1)
    with at_home.breaking_in() as database:
        database.execute("SET LOCAL session_replication_role = replica")
        database.execute(
            "UPDATE nowrongdoor_agency SET active = false, closed_at = now() WHERE code = %s",
            [demonstration_referrals.SHELTER.code],
        )
        database.commit()
    _referral, ask = place.asks(holds=False)
    actions.answer(ask, State.ACCEPTED, by=place.ada, at=timezone.now())  # nobody signs in there: by telephone
    assert state_of(ask) == State.ACCEPTED


def test_nobody_at_a_provider_has_a_role_that_finds_help_or_vouches(place: Place) -> None:
    admin = stories.person(demonstration_referrals.SHELTER.code, viewers.Role.ADMINISTRATOR)
    assert place.luz.user_id
    for role in ("coordinator", "advocate", "victim_specialist"):
        with pytest.raises(inviting.Refused, match="People of a provider"):
            inviting.invite("new", "New", role, by=admin, at=timezone.now())
        with pytest.raises(inviting.Refused, match="People of a provider"):
            inviting.set_role(place.luz.user_id, role, by=admin)
    inviting.invite("new", "New", "provider", by=admin, at=timezone.now())
