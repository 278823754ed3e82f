"""What a service reads of somebody: what they released to it, from the record of whoever keeps it, while it is asked
for them or takes them; and nothing after that.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid

import pytest
from django.db import ProgrammingError, connection
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import Agency
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import people
from nowrongdoor.cases.person_models import Person, PersonPart
from nowrongdoor.referrals import actions, queries
from nowrongdoor.referrals.models import CaseReferral, State
from nowrongdoor.releases import actions as releases
from nowrongdoor.site import demonstration_referrals
from nowrongdoor.vault.models import DataKey
from tests.leads import stories
from tests.referrals.test_referring import NEED, Place, place

__all__ = ["place"]
CANARY = "Zuzana Kanarikova"
NUMBER = "+1 555 0100 199"
DAY = datetime.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Told:
    """Somebody of a case of the hotline, for whom the shelter is asked."""

    place: Place
    case_id: uuid.UUID
    person_id: uuid.UUID
    referral: uuid.UUID
    ask: uuid.UUID

    def allows(self, *which: str) -> uuid.UUID:
        return releases.keep(
            self.person_id,
            recipient_code=demonstration_referrals.SHELTER.code,
            which=which,
            purpose="So that she need not say it again.",
            witness="Pat",
            expires_at=timezone.now() + 3 * DAY,
            by=self.place.ada,
            at=timezone.now(),
        ).id

    def read(self) -> str:
        _ask, shown = queries.shown_of(self.ask, self.place.luz, at=timezone.now())
        return "; ".join(value for parts in shown for part in parts for _label, value in part.details or ())


@pytest.fixture
def told(place: Place) -> Told:
    now = timezone.now()
    case = stories.case()
    person = people.add(case.id, {"name": CANARY, "phone": NUMBER}, by=place.ada, at=now)
    place.count(2)
    referral, ask = place.asks()
    actions.say_case(referral, case.id, by=place.ada, at=now)
    return Told(place, case.id, person, referral, ask)


def test_a_service_reads_nothing_without_a_release(told: Told) -> None:
    assert told.read() == ""


def test_a_service_reads_what_was_released_to_it_and_no_more(told: Told) -> None:
    told.allows("identity")
    read = told.read()
    assert CANARY in read
    assert NUMBER not in read


def test_a_service_reads_nothing_more_once_the_release_is_taken_back(told: Told) -> None:
    release = told.allows("identity")
    assert CANARY in told.read()
    releases.revoke(release, by=told.place.ada, at=timezone.now(), way=releases.Way.PHONE)
    assert told.read() == ""


@pytest.mark.parametrize("end", ["declined", "withdrawn", "closed"])
def test_a_service_reads_nothing_more_once_it_is_not_asked_any_more(told: Told, end: str) -> None:
    told.allows("identity")
    now, ada = timezone.now(), told.place.ada
    if end == "declined":
        told.place.answers(told.ask, State.DECLINED, "full")
    else:
        told.place.answers(told.ask)
        assert CANARY in told.read()
    if end == "withdrawn":
        actions.withdraw(told.ask, by=ada, at=now)
    elif end == "closed":
        actions.close(told.referral, "helped", by=ada, at=now)
    assert told.read() == ""


def test_a_service_reads_nothing_of_a_case_that_the_referral_is_not_for(told: Told) -> None:
    told.allows("identity")
    other = stories.case()
    actions.say_case(told.referral, other.id, by=told.place.ada, at=timezone.now())
    assert told.read() == ""


def test_another_role_of_the_service_and_another_service_read_nothing(told: Told) -> None:
    told.allows("identity")
    shelter = demonstration_referrals.SHELTER.code
    for who in (stories.person(shelter, viewers.Role.ADMINISTRATOR), stories.person(shelter, viewers.Role.INSPECTOR)):
        with row_security.looking(who):
            assert not PersonPart.objects.exists()
    with row_security.system():
        Agency.objects.create(code="OTHER_HOUSE", name="Other House (fictional)", kind="provider", department="X")
    with row_security.looking(stories.person("OTHER_HOUSE", viewers.Role.PROVIDER)):
        assert not PersonPart.objects.exists()
        assert not CaseReferral.objects.exists()


def test_a_service_sees_of_the_case_nothing_but_the_parts(told: Told) -> None:
    """Row security alone: what the database shows to whoever works there, whatever the code asks for."""
    told.allows("identity")
    with row_security.looking(told.place.luz):
        assert [part.part for part in PersonPart.objects.all()] == ["identity"]
        assert [key.subject_id for key in DataKey.objects.filter(of="case")] == [told.case_id]
        assert not Person.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM nowrongdoor_case")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT count(*) FROM nowrongdoor_release WHERE recipient_id <> nwd_agency()")
            assert cursor.fetchone() == (0,)


def test_whoever_was_read_can_be_told_who_looked(told: Told) -> None:
    told.allows("identity")
    told.read()
    with row_security.system():
        looks = Event.objects.filter(verb="person.read", agency_id=told.place.luz.agency_id)
        assert [(each.subject_id, each.case_id) for each in looks] == [(told.person_id, told.case_id)]


def test_a_release_goes_to_a_service_only_while_it_is_asked(told: Told) -> None:
    actions.withdraw(told.ask, by=told.place.ada, at=timezone.now())
    with pytest.raises(releases.Refused, match="another agency that works on this case"):
        told.allows("identity")


def test_no_duty_is_a_reason_to_tell_a_service(told: Told) -> None:
    with pytest.raises(releases.Refused, match="another agency that works on this case"):
        releases.disclose(
            told.person_id,
            recipient_code=demonstration_referrals.SHELTER.code,
            which=["identity"],
            ground="danger",
            because="She may be in danger.",
            by=told.place.ada,
            at=timezone.now(),
        )


def test_a_case_that_one_may_not_see_is_no_case_of_a_referral(told: Told) -> None:
    theirs = stories.case()
    guest = stories.person("EEOC")
    referral = actions.begin(NEED, by=guest, at=timezone.now())
    with pytest.raises(ProgrammingError, match="row-level security policy"):
        actions.say_case(referral, theirs.id, by=guest, at=timezone.now())
