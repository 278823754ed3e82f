"""What the clock alone knows: an urgent offer that nobody opens, a deadline that is near, a list with nobody on it."""

from __future__ import annotations

import datetime

import pytest

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import inviting, rotas
from nowrongdoor.cases import need_to_know
from nowrongdoor.duties.models import Duty, Entry
from nowrongdoor.notifications import actions, clock
from nowrongdoor.notifications.models import Notification
from tests.leads import stories

pytestmark = pytest.mark.django_db
NOON, MINUTE, DAY = stories.NOON, datetime.timedelta(minutes=1), datetime.timedelta(days=1)
DANGER = {**stories.FORCED_LABOR, "urgency": "immediate_danger"}


def escalated_to(*people: viewers.Viewer) -> list[bool]:
    known = set(Notification.objects.filter(kind="offer_unopened").values_list("person_id", flat=True))
    return [person.user_id in known for person in people]


def on_call(person: viewers.Viewer, step: int, by: viewers.Viewer) -> None:
    assert person.user_id
    rotas.add(person.user_id, step, from_at=NOON - DAY, to_at=NOON + DAY, by=by, at=NOON - DAY)


def test_an_urgent_offer_that_nobody_opens_goes_to_the_second_on_call_and_then_to_all() -> None:
    first, second, third = (stories.person("HSI") for _ in range(3))
    rotas.begin(by=first, at=NOON - DAY)
    on_call(first, rotas.FIRST, first)
    on_call(second, rotas.SECOND, first)
    stories.case(DANGER, at=NOON)
    clock.escalate(at=NOON + 5 * MINUTE - datetime.timedelta(seconds=1))
    assert escalated_to(first, second, third) == [False, False, False]
    clock.escalate(at=NOON + 5 * MINUTE)
    assert escalated_to(first, second, third) == [False, True, False]
    clock.escalate(at=NOON + 10 * MINUTE)
    assert escalated_to(first, second, third) == [True, True, True]
    before = Notification.objects.count()
    clock.escalate(at=NOON + 11 * MINUTE)
    assert Notification.objects.count() == before


def test_without_a_list_or_a_second_everybody_hears_after_a_third() -> None:
    one, two = stories.person("HSI"), stories.person("HSI")
    stories.case(DANGER, at=NOON)
    clock.escalate(at=NOON + 5 * MINUTE)
    assert escalated_to(one, two) == [True, True]


def test_an_offer_that_somebody_opened_is_not_passed_on() -> None:
    one, two, case = stories.person("HSI"), stories.person("HSI"), stories.case(DANGER, at=NOON)
    with row_security.looking(one):
        actions.see_case(one, case.id, at=NOON + MINUTE)
    clock.escalate(at=NOON + 6 * MINUTE)
    assert escalated_to(one, two) == [False, False]


def test_an_offer_that_is_not_urgent_or_out_of_time_is_not_passed_on() -> None:
    one = stories.person("HSI")
    stories.case({**stories.FORCED_LABOR, "urgency": "none"}, at=NOON)
    clock.escalate(at=NOON + 2 * DAY)
    stories.case(DANGER, at=NOON)
    clock.escalate(at=NOON + 15 * MINUTE)
    assert escalated_to(one) == [False]


def test_whoever_is_kept_away_is_not_the_one_whom_it_goes_to() -> None:
    first, second, third = (stories.person("HSI") for _ in range(3))
    rotas.begin(by=first, at=NOON - DAY)
    on_call(first, rotas.FIRST, first)
    on_call(second, rotas.SECOND, first)
    case = stories.case(DANGER, at=NOON)
    assert second.user_id
    need_to_know.exclude(case.id, person_id=second.user_id, because="Knows the family well.", by=third, at=NOON)
    clock.escalate(at=NOON + 5 * MINUTE)
    assert escalated_to(first, second, third) == [True, False, True]


def test_a_list_with_nobody_on_it_is_told_to_the_administrator_once_and_everybody_counts_as_on_call() -> None:
    one, two = stories.person("HSI"), stories.person("HSI")
    admin = stories.person("HSI", viewers.Role.ADMINISTRATOR)
    rotas.begin(by=one, at=NOON - DAY)
    assert one.user_id
    rotas.add(one.user_id, rotas.FIRST, from_at=NOON, to_at=NOON + DAY, by=admin, at=NOON - DAY)
    clock.look_for_gaps(at=NOON + MINUTE)
    assert nobody_on_call() == set()
    ended = NOON + DAY
    for at in (ended, ended + MINUTE, ended + DAY):
        clock.look_for_gaps(at=at)
    rows = Notification.objects.filter(kind="nobody_on_call")
    assert [(row.person_id, row.about_at) for row in rows] == [(admin.user_id, ended)]
    with row_security.system():
        listed = rotas.on_call(at=ended)[one.agency_id]
    assert listed.first == frozenset()
    for step in (0, 1, 2):
        assert listed.to_tell(step) == {one.user_id, two.user_id}
    rotas.add(one.user_id, rotas.FIRST, from_at=ended, to_at=ended + 2 * DAY, by=admin, at=ended)
    with row_security.system():
        assert rotas.on_call(at=ended + MINUTE)[one.agency_id].to_tell(0) == {one.user_id}
    clock.look_for_gaps(at=ended + 3 * DAY)
    assert rows.all().count() == 2  # another gap is told of again


def nobody_on_call() -> set[object]:
    return set(Notification.objects.filter(kind="nobody_on_call").values_list("person_id", flat=True))


def test_where_an_agency_has_no_administrator_whoever_is_now_on_call_is_told() -> None:
    one, two = stories.person("HSI"), stories.person("HSI")
    rotas.begin(by=one, at=NOON)
    clock.look_for_gaps(at=NOON + MINUTE)
    assert nobody_on_call() == {one.user_id, two.user_id}


@pytest.mark.usefixtures("clock_ahead")
def test_whoever_leaves_is_not_on_call_any_more() -> None:
    one, two = stories.person("HSI"), stories.person("HSI")
    admin = stories.person("HSI", viewers.Role.ADMINISTRATOR)
    rotas.begin(by=one, at=NOON)
    assert two.user_id
    far = datetime.timedelta(days=3650)  # the shift is still to come on whatever day this runs
    rotas.add(two.user_id, rotas.FIRST, from_at=NOON + far, to_at=NOON + far + DAY, by=one, at=NOON)
    inviting.set_role(two.user_id, "analyst", by=admin)
    with row_security.system():
        assert rotas.on_call(at=NOON + far)[one.agency_id].to_tell(0) == {one.user_id}


def owed(at: datetime.datetime = NOON) -> tuple[Duty, viewers.Viewer, viewers.Viewer]:
    """Something that an agency owes, and two people who answer for it."""
    case = stories.case({**stories.FORCED_LABOR, "age": "under_18"}, at=at)
    duty = Duty.notices().filter(case=case, by_hand=False, done_at=None).order_by("due_at", "id")[0]
    return duty, *(stories.person(stories.owner_of(duty)) for _ in range(2))  # type: ignore[return-value]


def test_what_is_due_soon_is_told_once_to_everybody_who_answers_for_the_agency() -> None:
    duty, one, two = owed()
    for _ in range(2):
        clock.remind(at=duty.due_at - MINUTE)
    of_it = Notification.objects.filter(thing_id=duty.id)
    people = list(of_it.values_list("person_id", flat=True))
    assert len(people) == len(set(people))
    assert {one.user_id, two.user_id} <= set(people)
    assert set(of_it.values_list("kind", "about_at")) == {("deadline_near", duty.due_at)}


def test_what_somebody_has_is_told_to_them_alone() -> None:
    duty, one, two = owed()
    with row_security.looking(one):
        Entry.objects.filter(id=duty.id).update(person_id=two.user_id, given_by_id=one.user_id, given_at=NOON)
    clock.remind(at=duty.due_at - MINUTE)
    assert [row.person_id for row in Notification.objects.filter(thing_id=duty.id)] == [two.user_id]


def test_no_reminder_comes_early_or_after_the_end() -> None:
    duty, _one, _two = owed()
    clock.remind(at=duty.due_at)
    clock.remind(at=duty.due_at - 2 * DAY)
    assert not Notification.objects.filter(thing_id=duty.id).exists()


def test_more_reminders_than_one_batch_are_all_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "AT_ONCE", 2)
    duties = [owed()[0] for _ in range(3)]
    clock.remind(at=min(duty.due_at for duty in duties) - MINUTE)
    known = set(Notification.objects.filter(kind="deadline_near").values_list("thing_id", flat=True))
    assert {duty.id for duty in duties} <= known
