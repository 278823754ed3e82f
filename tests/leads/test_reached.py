"""An agency is reached when somebody who may answer signed in lately; else offers pass it over. It is told before."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import formats, timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions, inviting
from nowrongdoor.agencies import queries as agencies
from nowrongdoor.agencies.models import Agency, User
from nowrongdoor.audit.models import Event
from nowrongdoor.cases.models import Case
from nowrongdoor.intake import routing
from nowrongdoor.site import demonstration
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
HSI = "Homeland Security Investigations"
DAY = datetime.timedelta(days=1)


def signed_in(code: str, *, days_ago: int) -> None:
    """Everybody of an agency who may answer signed in for the last time so many days ago."""
    people = User.objects.filter(agency__code=code)
    actions.note_sign_in(people.values_list("id", flat=True), at=timezone.now() - days_ago * DAY)


def office(code: str) -> agencies.Office:
    return agencies.directory()[stories.agency(code).id]


def page(path: str, code: str, role: viewers.Role) -> str:
    return signing_in.sign_in(Client(), stories.person(code, role)).get(path).content.decode()


@pytest.mark.parametrize(
    ("limit", "days_ago", "is_answered", "why"),
    [
        (14, 0, True, ""),
        (14, 14, True, ""),
        (14, 15, False, "nobody signed in for 14 days"),
        (30, 15, True, ""),
        (1, 1, True, ""),
        (1, 2, False, "nobody signed in for 1 day"),
        (90, 91, False, "nobody signed in for 90 days"),
    ],
)
def test_an_agency_is_reached_within_its_own_limit(*, limit: int, days_ago: int, is_answered: bool, why: str) -> None:
    stories.staff()
    actions.set_sign_in_days(limit, by=stories.person("HSI", viewers.Role.ADMINISTRATOR), at=timezone.now())
    signed_in("HSI", days_ago=days_ago)
    assert (office("HSI").is_answered, office("HSI").why_not) == (is_answered, why)
    assert office("FBI").is_answered


def test_one_who_signed_in_is_enough_and_only_one_who_may_answer_counts() -> None:
    stories.staff()
    signed_in("HSI", days_ago=15)
    stories.person("HSI", viewers.Role.ADVOCATE)
    assert not office("HSI").is_answered
    desk = User.objects.get(agency__code="HSI", name__startswith="desk-")
    actions.note_sign_in([desk.id], at=timezone.now())
    assert office("HSI").is_answered


def test_whoever_was_invited_and_never_signed_in_is_nobody() -> None:
    administrator = stories.person("HSI", viewers.Role.ADMINISTRATOR)
    at = timezone.now()
    invited = inviting.invite("new", "New Coordinator", "coordinator", by=administrator, at=at)
    assert office("HSI").why_not == "nobody there can sign in"
    with row_security.entry():
        person = inviting.accept(invited.secret, password=demonstration.PASSWORD, at=at)
    assert person.last_login is None
    assert (office("HSI").is_answered, office("HSI").why_not) == (False, "nobody there has signed in yet")
    signing_in.passed(Client(), person)
    assert office("HSI").is_answered


def test_a_sign_in_leaves_the_day_and_no_more() -> None:
    viewer = stories.person("HSI")
    assert viewer.user_id
    User.objects.filter(id=viewer.user_id).update(last_login=None)
    signing_in.sign_in(Client(), viewer)
    kept = User.objects.get(id=viewer.user_id).last_login
    assert kept == datetime.datetime.combine(timezone.now().astimezone(datetime.UTC), datetime.time(), datetime.UTC)
    shown = page("/staff", "HSI", viewers.Role.ADMINISTRATOR)
    assert f'data-label="Last sign-in">{formats.date_format(kept.date())} (UTC)' in shown


def test_offers_pass_over_whoever_is_not_reached_and_every_page_says_why() -> None:
    case = routed_while_away("HSI")
    reference = case.signals.get().signal.reference
    assert stories.offer_of(case).to_agency.code == "FBI"
    said = f"{HSI} was passed over: nobody signed in for 14 days."
    assert said in page(f"/cases/{case.reference}", "HOTLINE", viewers.Role.COORDINATOR)
    assert said in page(f"/signals/{reference}", "HOTLINE", viewers.Role.COORDINATOR)
    assert f'<strong>{HSI}</strong> <span class="mono">HSI</span>: nobody signed in for 14 days' in page(
        "/routing", "DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR
    )
    assert "Offers pass your agency over: nobody signed in for 14 days" in page(
        "/staff", "HSI", viewers.Role.ADMINISTRATOR
    )
    assert Event.objects.get(verb="case.routed", case_id=case.id).details["passed_over"] == "HSI"


def routed_while_away(code: str) -> Case:
    """A case that was routed while nobody of an agency had signed in for 20 days."""
    receipt = stories.signal()
    signed_in(code, days_ago=20)
    routing.route([receipt.signal_id], at=timezone.now())
    return Case.objects.get(signals__signal_id=receipt.signal_id)


def test_why_it_was_passed_over_stays_as_it_was() -> None:
    case = routed_while_away("HSI")
    signed_in("HSI", days_ago=0)
    assert f"{HSI} was passed over: nobody signed in for 14 days." in page(
        f"/cases/{case.reference}", "HOTLINE", viewers.Role.COORDINATOR
    )


@pytest.mark.parametrize(
    ("limit", "days_ago", "is_told"),
    [(14, 10, False), (14, 11, True), (14, 14, True), (14, 15, False), (1, 0, False), (1, 1, True), (4, 1, False)],
)
def test_an_agency_is_told_before_it_is_out_of_reach_and_so_is_whoever_stands_by(
    *, limit: int, days_ago: int, is_told: bool
) -> None:
    stories.staff()
    actions.set_sign_in_days(limit, by=stories.person("HSI", viewers.Role.ADMINISTRATOR), at=timezone.now())
    signed_in("HSI", days_ago=days_ago)
    assert ("Offers will soon pass your agency over" in page("/staff", "HSI", viewers.Role.ADMINISTRATOR)) is is_told
    backstop = page("/worklist", "DOJ_COORDINATOR", viewers.Role.COORDINATOR)
    assert (f"<li>{HSI}, after " in backstop) is is_told
    assert "offers will soon pass over" not in page("/worklist", "FBI", viewers.Role.COORDINATOR)
    assert "Offers will soon pass" not in page("/staff", "FBI", viewers.Role.ADMINISTRATOR)


@pytest.mark.parametrize(("sent", "status"), [("30", 302), ("1", 302), ("90", 302)])
def test_an_administrator_says_how_often_their_agency_signs_in(sent: str, status: int) -> None:
    client = signing_in.sign_in(Client(), stories.person("HSI", viewers.Role.ADMINISTRATOR))
    assert client.post("/staff/sign-in-days", {"days": sent}).status_code == status
    assert Agency.objects.get(code="HSI").sign_in_days == int(sent)
    assert Agency.objects.get(code="FBI").sign_in_days == 14
    assert Event.objects.get(verb="agency.sign_in_days_set").details == {"days": int(sent)}


@pytest.mark.parametrize("sent", ["0", "91", "-3", "", "two", "1.5", "9999", "٣"])
def test_a_limit_that_is_none_is_refused_with_what_was_typed(sent: str) -> None:
    client = signing_in.sign_in(Client(), stories.person("HSI", viewers.Role.ADMINISTRATOR))
    answer = client.post("/staff/sign-in-days", {"days": sent})
    assert answer.status_code == 422
    assert "Enter a whole number of days from 1 to 90." in answer.content.decode()
    assert Agency.objects.get(code="HSI").sign_in_days == 14


@pytest.mark.parametrize("role", [viewers.Role.COORDINATOR, viewers.Role.ADVOCATE])
def test_nobody_but_an_administrator_says_it(role: viewers.Role) -> None:
    by = stories.person("HSI", role)
    client = signing_in.sign_in(Client(), by)
    assert client.post("/staff/sign-in-days", {"days": "30"}).status_code == 404
    with pytest.raises(actions.NotYours):
        actions.set_sign_in_days(30, by=by, at=timezone.now())
    assert Agency.objects.get(code="HSI").sign_in_days == 14


def test_the_system_does_not_say_it_for_an_agency() -> None:
    with pytest.raises(IntegrityError, match="said by its own administrator"), transaction.atomic():
        Agency.objects.filter(code="HSI").update(sign_in_days=30)


def test_everybody_of_the_demonstration_signed_in_by_the_same_way_and_does_so_at_each_start() -> None:
    now = timezone.now()
    demonstration.fill(at=now)
    signed_in("HSI", days_ago=15)
    assert not office("HSI").is_answered
    demonstration.come_in(at=now)
    assert all_answered(["HSI", "FBI", "DOJ_COORDINATOR", "HOTLINE"])


def all_answered(codes: list[str]) -> bool:
    return {office(code).is_answered for code in codes} == {True}
