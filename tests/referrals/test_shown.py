"""What a service reads of somebody: what they released to it, from the record of whoever keeps it, while it is asked
for them or takes them; and nothing after that.
"""

from __future__ import annotations

import dataclasses
import datetime
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import Agency
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import need_to_know, people
from nowrongdoor.cases.models import Case
from nowrongdoor.cases.person_models import Person, PersonPart
from nowrongdoor.referrals import actions, queries
from nowrongdoor.referrals.models import Plan, Referral, State
from nowrongdoor.releases import actions as releases
from nowrongdoor.releases import queries as of_releases
from nowrongdoor.releases.models import Release
from nowrongdoor.services import room, vetting
from nowrongdoor.site import demonstration_referrals
from nowrongdoor.vault.models import DataKey
from tests import at_home
from tests.leads import stories
from tests.referrals.test_referring import NEED, Place, lets_the_time_pass, place

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
        return "; ".join(value for part in shown.parts for _label, value in part.details or ())


@pytest.fixture
def guest(place: Place) -> Told:
    now = timezone.now()
    case = stories.case()
    person = people.add(case.id, {"name": CANARY, "phone": NUMBER}, by=place.ada, at=now)
    place.count(2)
    referral, ask = place.asks()
    actions.say_whom(referral, case.id, 1, by=place.ada, at=now)
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


def test_a_service_reads_nothing_more_once_the_release_has_run_out(guest: Told) -> None:
    guest.allows("identity")
    assert CANARY in guest.read()
    with at_home.breaking_in() as database:
        database.execute("SET LOCAL session_replication_role = replica")
        database.execute(
            "UPDATE nowrongdoor_release SET given_at = given_at - interval '4 days', "
            "expires_at = expires_at - interval '4 days'"
        )
        database.commit()
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
    actions.say_whom(guest.referral, other.id, None, by=guest.place.ada, at=timezone.now())
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
        assert not Plan.objects.exists()


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
            for model in (Release, Referral, Plan):
                assert not model.objects.exists()


def test_whoever_was_read_can_be_told_who_looked(guest: Told) -> None:
    guest.allows("identity")
    guest.read()
    with row_security.system():
        looks = Event.objects.filter(verb="person.read", agency_id=guest.place.luz.agency_id)
        assert [(each.subject_id, each.case_id) for each in looks] == [(guest.person_id, guest.case_id)]


def test_a_release_goes_to_a_service_only_while_a_referral_to_it_is_open(guest: Told) -> None:
    actions.withdraw(guest.ask, by=guest.place.ada, at=timezone.now())
    with pytest.raises(releases.Refused, match="another agency that works on this case"):
        guest.allows("identity")


def test_a_release_that_was_signed_too_late_is_kept_and_shows_nothing_until_the_service_is_asked_again(
    guest: Told,
) -> None:
    """Printing, reading aloud and signing may take longer than an answer."""
    lets_the_time_pass()
    guest.allows("identity")
    assert guest.read() == ""  # though nobody ended it yet
    actions.lapse(at=timezone.now())
    assert guest.read() == ""
    again = actions.ask(guest.referral, guest.place.shelter, holds=False, by=guest.place.ada, at=timezone.now())
    assert CANARY in dataclasses.replace(guest, ask=again).read()


def test_somebody_else_of_the_case_who_released_something_is_not_shown(guest: Told) -> None:
    now, ada = timezone.now(), guest.place.ada
    other = people.add(guest.case_id, {"name": "Another Canary"}, by=ada, at=now)
    dataclasses.replace(guest, person_id=other).allows("identity")
    assert guest.read() == ""
    guest.allows("identity")
    assert "Another" not in guest.read()


def test_immigration_matters_are_released_to_no_service(guest: Told) -> None:
    """Not even to one of the same department, as agencies are that name none."""
    in_one_department()
    with pytest.raises(releases.Gate):
        guest.allows("immigration")


def test_immigration_matters_are_shown_to_no_service_whatever_a_release_says(guest: Told) -> None:
    in_one_department()
    matter = {"immigration": "Sent in an application."}
    person = people.add(guest.case_id, {"name": CANARY, **matter}, by=guest.place.ada, at=timezone.now())
    actions.say_whom(guest.referral, guest.case_id, 2, by=guest.place.ada, at=timezone.now())
    dataclasses.replace(guest, person_id=person).allows("identity")
    with at_home.breaking_in() as database:
        database.execute("UPDATE nowrongdoor_release SET parts = '{identity,immigration}'")
        database.commit()
    assert guest.read() == CANARY


def in_one_department() -> None:
    """Let the shelter be of the hotline's department."""
    with at_home.breaking_in() as database:
        database.execute(
            "UPDATE nowrongdoor_agency SET department = "
            "(SELECT department FROM nowrongdoor_agency WHERE code = 'HOTLINE') WHERE code = %s",
            [demonstration_referrals.SHELTER.code],
        )
        database.commit()


@pytest.mark.parametrize("end", ["no vouching", "left", "did not come"])
def test_a_service_that_is_no_longer_trusted_reads_nothing_more(guest: Told, end: str) -> None:
    guest.allows("identity")
    guest.place.answers(guest.ask)
    assert CANARY in guest.read()
    now = timezone.now()
    if end == "no vouching":
        vetting.end(guest.place.organization, by=guest.place.chief, at=now)
    elif end == "left":
        room.leave(guest.place.organization, at=now)
    else:
        actions.note_came(guest.ask, "did_not_come", by=guest.place.luz, at=now)
    assert guest.read() == ""


def test_after_somebody_did_not_come_another_service_can_be_asked(guest: Told) -> None:
    guest.place.answers(guest.ask)
    actions.note_came(guest.ask, "did_not_come", by=guest.place.luz, at=timezone.now())
    actions.ask(guest.referral, guest.place.elsewhere, holds=False, by=guest.place.ada, at=timezone.now())


def test_which_service_is_asked_is_told_to_nobody_but_those_who_refer(guest: Told) -> None:
    for role in (viewers.Role.INVESTIGATOR, viewers.Role.PROVIDER):
        with row_security.looking(stories.person("HOTLINE", role)):
            row_security.act_on(guest.case_id)
            assert of_releases.asked_about(guest.case_id) == []
    with row_security.looking(guest.place.ada):
        row_security.act_on(guest.case_id)
        assert of_releases.asked_about(guest.case_id) == [guest.place.luz.agency_id]


def test_another_agency_of_the_case_does_not_learn_to_which_service_a_release_is(guest: Told) -> None:
    guest.allows("identity")
    hsi = stories.person("HSI")
    with row_security.looking(hsi), connection.cursor() as cursor:
        row_security.act_on(guest.case_id)
        cursor.execute("SELECT count(*) FROM nowrongdoor_release")
        assert cursor.fetchone() == (0,)


def test_whoever_is_kept_away_from_the_case_sees_no_referral_of_it(guest: Told) -> None:
    now, bea = timezone.now(), guest.place.bea
    assert queries.one(guest.referral, bea)
    assert bea.user_id
    need_to_know.exclude(guest.case_id, person_id=bea.user_id, because="Her cousin.", by=guest.place.chief, at=now)
    with pytest.raises(actions.NoSuchReferral):
        queries.one(guest.referral, bea)
    with pytest.raises(actions.NoSuchReferral):
        actions.close(guest.referral, "helped", by=bea, at=now)


def test_nobody_at_a_service_opens_a_case_in_an_emergency(guest: Told) -> None:
    reference = Case.objects.values_list("reference", flat=True).get(id=guest.case_id)
    with pytest.raises(need_to_know.Refused, match="Your agency opens no case"):
        need_to_know.open_in_emergency(reference, because="Somebody said so.", by=guest.place.luz, at=timezone.now())


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
    eeoc = stories.person("EEOC")
    referral = actions.begin(NEED, by=eeoc, at=timezone.now())
    with pytest.raises(actions.Refused, match="can’t find a case"):
        actions.say_whom(referral, theirs.id, None, by=eeoc, at=timezone.now())
