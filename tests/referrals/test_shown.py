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
def guest(place: Place) -> Told:
    now = timezone.now()
    case = stories.case()
    person = people.add(case.id, {"name": CANARY, "phone": NUMBER}, by=place.ada, at=now)
    place.count(2)
    referral, ask = place.asks()
    actions.say_case(referral, case.id, by=place.ada, at=now)
    return Told(place, case.id, person, referral, ask)


def test_a_service_reads_nothing_without_a_release(guest: Told) -> None:
    assert guest.read() == ""


def test_a_service_reads_what_was_released_to_it_and_no_more(guest: Told) -> None:
    guest.allows("identity")
    read = guest.read()
    assert CANARY in read
    assert NUMBER not in read


def test_a_service_reads_nothing_more_once_the_release_is_taken_back(guest: Told) -> None:
    release = guest.allows("identity")
    assert CANARY in guest.read()
    releases.revoke(release, by=guest.place.ada, at=timezone.now(), way=releases.Way.PHONE)
    assert guest.read() == ""


@pytest.mark.parametrize("end", ["declined", "withdrawn", "closed"])
def test_a_service_reads_nothing_more_once_it_is_not_asked_any_more(guest: Told, end: str) -> None:
    guest.allows("identity")
    now, ada = timezone.now(), guest.place.ada
    if end == "declined":
        guest.place.answers(guest.ask, State.DECLINED, "full")
    else:
        guest.place.answers(guest.ask)
        assert CANARY in guest.read()
    if end == "withdrawn":
        actions.withdraw(guest.ask, by=ada, at=now)
    elif end == "closed":
        actions.close(guest.referral, "helped", by=ada, at=now)
    assert guest.read() == ""


def test_a_service_reads_nothing_of_a_case_that_the_referral_is_not_for(guest: Told) -> None:
    guest.allows("identity")
    other = stories.case()
    actions.say_case(guest.referral, other.id, by=guest.place.ada, at=timezone.now())
    assert guest.read() == ""


def test_another_role_of_the_service_and_another_service_read_nothing(guest: Told) -> None:
    guest.allows("identity")
    shelter = demonstration_referrals.SHELTER.code
    for who in (stories.person(shelter, viewers.Role.ADMINISTRATOR), stories.person(shelter, viewers.Role.INSPECTOR)):
        with row_security.looking(who):
            assert not PersonPart.objects.exists()
    with row_security.system():
        Agency.objects.create(code="OTHER_HOUSE", name="Other House (fictional)", kind="provider", department="X")
    with row_security.looking(stories.person("OTHER_HOUSE", viewers.Role.PROVIDER)):
        assert not PersonPart.objects.exists()
        assert not CaseReferral.objects.exists()


def test_a_service_sees_of_the_case_nothing_but_the_parts(guest: Told) -> None:
    """Row security alone: what the database shows to whoever works there, whatever the code asks for."""
    guest.allows("identity")
    with row_security.looking(guest.place.luz):
        assert [part.part for part in PersonPart.objects.all()] == ["identity"]
        assert [key.subject_id for key in DataKey.objects.filter(of="case")] == [guest.case_id]
        assert not Person.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM nowrongdoor_case")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT count(*) FROM nowrongdoor_release WHERE recipient_id <> nwd_agency()")
            assert cursor.fetchone() == (0,)


def test_whoever_was_read_can_be_told_who_looked(guest: Told) -> None:
    guest.allows("identity")
    guest.read()
    with row_security.system():
        looks = Event.objects.filter(verb="person.read", agency_id=guest.place.luz.agency_id)
        assert [(each.subject_id, each.case_id) for each in looks] == [(guest.person_id, guest.case_id)]


def test_a_release_goes_to_a_service_only_while_it_is_asked(guest: Told) -> None:
    actions.withdraw(guest.ask, by=guest.place.ada, at=timezone.now())
    with pytest.raises(releases.Refused, match="another agency that works on this case"):
        guest.allows("identity")


def test_no_duty_is_a_reason_to_tell_a_service(guest: Told) -> None:
    with pytest.raises(releases.Refused, match="another agency that works on this case"):
        releases.disclose(
            guest.person_id,
            recipient_code=demonstration_referrals.SHELTER.code,
            which=["identity"],
            ground="danger",
            because="She may be in danger.",
            by=guest.place.ada,
            at=timezone.now(),
        )


def test_a_case_that_one_may_not_see_is_no_case_of_a_referral(guest: Told) -> None:
    theirs = stories.case()
    guest = stories.person("EEOC")
    referral = actions.begin(NEED, by=guest, at=timezone.now())
    with pytest.raises(ProgrammingError, match="row-level security policy"):
        actions.say_case(referral, theirs.id, by=guest, at=timezone.now())
