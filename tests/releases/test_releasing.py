"""Promise 7: nothing of a person crosses an agency border without a release or a named duty; and who watches."""

from __future__ import annotations

import datetime
import re
import uuid

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import need_to_know, people
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Case, Emergency
from nowrongdoor.cases.person_models import Person
from nowrongdoor.core import places
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties.models import Duty
from nowrongdoor.leads import answering, changing
from nowrongdoor.releases import actions, models
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
NOW = datetime.datetime.now(tz=datetime.UTC)
WEEK = datetime.timedelta(days=7)
DETAILS = {"name": "Zuzana", "address": "Elm Street 1", "immigration": "asked for a T visa"}


@pytest.fixture
def case() -> Case:
    """A case of HOTLINE that HSI leads, with one person whom HOTLINE wrote down."""
    case = stories.case()
    people.add(case.id, DETAILS, by=stories.person("HOTLINE"), at=NOW)
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=NOW)
    return case


def seen(case: Case, code: str, role: viewers.Role = viewers.Role.VICTIM_SPECIALIST) -> set[str]:
    """Which parts of the person somebody of an agency sees now."""
    viewer = stories.person(code, role)
    with row_security.looking(viewer):
        found = cases.find(viewer, case.reference)
        return {part.part.value for person in people.shown(viewer, case.id, found.key) for part in person.parts}


def release(case: Case, **changes: object) -> models.Release:
    given: dict[str, object] = {
        "recipient_code": "HSI",
        "which": ["identity"],
        "purpose": "So that the agent knows whom to ask for.",
        "witness": "The advocate on the telephone",
        "expires_at": NOW + WEEK,
        "by": stories.person("HOTLINE"),
        "at": NOW,
        **changes,
    }
    return actions.keep(Person.objects.get(case=case).id, **given)  # type: ignore[arg-type]


def test_without_a_release_the_lead_does_not_see_who_it_is(case: Case) -> None:
    assert seen(case, "HOTLINE") == {"identity", "location", "immigration"}
    assert seen(case, "HSI") == set()


def test_a_release_shows_its_parts_to_its_recipient_and_to_nobody_else(case: Case) -> None:
    stories.told(case, "WHD")
    release(case, which=["identity", "location"])
    assert seen(case, "HSI") == {"identity", "location"}
    assert seen(case, "HSI", viewers.Role.PROVIDER) == {"location"}  # the role's own limit stays
    assert seen(case, "WHD") == set()


def test_a_release_that_was_revoked_shows_nothing_from_that_instant(case: Case) -> None:
    kept = release(case)
    assert seen(case, "HSI") == {"identity"}
    actions.revoke(kept.id, by=stories.person("HOTLINE"), at=NOW)
    assert seen(case, "HSI") == set()
    with pytest.raises(actions.Refused):
        actions.revoke(kept.id, by=stories.person("HOTLINE"), at=NOW)


def test_a_release_that_ran_out_is_checked_when_it_is_read(case: Case) -> None:
    long_ago = NOW - datetime.timedelta(days=30)
    release(case, at=long_ago, expires_at=NOW - datetime.timedelta(seconds=1))
    assert seen(case, "HSI") == set()


def test_an_agency_that_left_the_case_sees_nothing_of_a_release(case: Case) -> None:
    stories.told(case, "WHD")
    release(case, recipient_code="WHD")
    assert seen(case, "WHD") == {"identity"}
    from nowrongdoor.cases import actions as case_actions
    from nowrongdoor.cases.models import Participant

    whd = case_actions.Joining(case.id, stories.agency("WHD").id, Participant.Relation.TOLD)
    case_actions.leave(whd, at=NOW)
    assert seen(case, "WHD") == set()


@pytest.mark.parametrize(
    "changes",
    [
        {"which": []},
        {"which": ["everything"]},
        {"recipient_code": "HOTLINE"},
        {"recipient_code": "EEOC"},
        {"recipient_code": "NOBODY"},
        {"purpose": " "},
        {"witness": ""},
        {"purpose": "x" * 1001},
        {"expires_at": NOW - WEEK},
        {"expires_at": NOW + 60 * WEEK},
    ],
)
def test_a_release_that_is_not_whole_is_refused_in_words(case: Case, changes: dict[str, object]) -> None:
    with pytest.raises(actions.Refused) as refusal:
        release(case, **changes)
    assert len(str(refusal.value)) > 20
    assert not models.Release.objects.exists()


def test_only_the_agency_that_wrote_a_person_down_keeps_their_release(case: Case) -> None:
    with pytest.raises(actions.Refused):
        release(case, by=stories.person("HSI"), recipient_code="HOTLINE")


def test_immigration_matters_stay_in_their_department_and_the_gate_names_the_law(case: Case) -> None:
    with pytest.raises(actions.Gate, match=r"8 USC 1367\(a\)\(2\)"):
        release(case, which=["identity", "immigration"])
    hotline = stories.person("HOTLINE")
    row = release(case)
    copy = models.Release.objects.get(id=row.id)
    copy.id, copy.parts = uuid.uuid4(), ["immigration"]
    with (
        row_security.looking(hotline),
        pytest.raises(IntegrityError, match="immigration matters stay inside one department"),
        transaction.atomic(),
    ):
        copy.save(force_insert=True)


def test_help_does_not_depend_on_signing() -> None:
    """Two cases that differ in nothing but a release are offered, told and clocked alike."""
    plain, signed = stories.case(at=stories.NOON), stories.case(at=stories.NOON)
    people.add(signed.id, DETAILS, by=stories.person("HOTLINE"), at=NOW)
    for each in (plain, signed):
        answering.accept(stories.offer_of(each).id, by=stories.person("HSI"), at=stories.NOON)
    release(signed)
    told = [sorted(Duty.notices().filter(case=each).values_list("desk", "role", "due_at")) for each in (plain, signed)]
    clocks = [sorted(Duty.deadlines().filter(case=each).values_list("clock", "due_at")) for each in (plain, signed)]
    assert told[0] == told[1]
    assert clocks[0] == clocks[1]


def test_telling_under_a_duty_names_its_law_and_owes_the_person_notice(case: Case) -> None:
    hotline = stories.person("HOTLINE")
    person = Person.objects.get(case=case)
    told = actions.disclose(
        person.id,
        recipient_code="HSI",
        which=["location"],
        ground="mandate",
        because="The court of the district ordered it.",
        by=hotline,
        at=NOW,
    )
    assert seen(case, "HSI") == {"location"}
    assert told.citation == "34 USC 12291(b)(2)"
    clock = Duty.deadlines().get(case=case, source="disclosure")
    assert (clock.agency_id, clock.basis, clock.due_at - NOW) == (
        hotline.agency_id,
        "policy",
        datetime.timedelta(hours=72),
    )
    changing.change_facts(
        case.id,
        facts={**case.facts, "urgency": "within_24h"},
        place=places.Place(),
        seen_version=1,
        because="new",
        by=stories.person("HSI"),
        at=NOW,
    )
    clock.refresh_from_db()
    assert clock.withdrawn_at is None  # the mandate table does not know it, and does not take it back
    duties.meet(clock.id, how="Told on the telephone.", by=hotline, at=NOW)
    assert Event.objects.filter(verb="person.disclosed", authority="duty").count() == 1
    with pytest.raises(actions.Refused, match="duty"):
        actions.disclose(
            person.id, recipient_code="HSI", which=["location"], ground="curiosity", because="x", by=hotline, at=NOW
        )


def test_what_another_agency_reads_under_a_release_is_on_the_trail_as_such(case: Case, client: Client) -> None:
    release(case)
    person = Person.objects.get(case=case)
    viewer = stories.person("HSI", viewers.Role.VICTIM_SPECIALIST)
    signing_in.sign_in(client, viewer)
    page = client.get(f"/cases/{case.reference}/people/{person.id}")
    assert b"Zuzana" in page.content
    event = Event.objects.get(verb="person.read")
    assert (event.by_id, event.authority, event.kind, event.subject_id) == (
        viewer.user_id,
        "release",
        "read",
        person.id,
    )


@pytest.mark.usefixtures("clock_ahead")
def test_emergency_access_is_short_loud_and_reviewed_by_a_second_person(case: Case, client: Client) -> None:
    stranger, second = stories.person("EEOC"), stories.person("EEOC")
    assert stranger.user_id
    with row_security.looking(stranger), pytest.raises(cases.NoSuchCase):
        cases.find(stranger, case.reference)
    opened = need_to_know.open_in_emergency(
        case.reference, because="He is on his way to her house.", by=stranger, at=NOW
    )
    with row_security.looking(stranger):
        assert cases.find(stranger, case.reference).sight is cases.Sight.CASE
        assert [part for person in people.shown(stranger, case.id, None) for part in person.parts] == []
    with row_security.looking(second), pytest.raises(cases.NoSuchCase):
        cases.find(second, case.reference)  # it is for one person, not for their agency
    hotline = stories.person("HOTLINE")
    signing_in.sign_in(client, hotline)
    assert b"Emergency access" in client.get(f"/cases/{case.reference}").content
    assert b"on his way" in client.get(f"/cases/{case.reference}/who").content
    with pytest.raises(need_to_know.Refused, match="second person"):
        need_to_know.review(opened.id, justified="yes", words="I was right.", by=stranger, at=NOW)
    need_to_know.review(opened.id, justified="yes", words="It was needed.", by=second, at=NOW)
    with pytest.raises(IntegrityError, match="nobody_reviews_their_own"), transaction.atomic():
        Emergency.objects.filter(id=opened.id).update(reviewed_by=stranger.user_id)
    with row_security.looking(stranger):
        row_security.act_on(case.id)
        with pytest.raises(IntegrityError, match="ends_soon"), transaction.atomic():
            Emergency.objects.create(
                case=case,
                agency_id=stranger.agency_id,
                by_id=stranger.user_id,
                at=NOW,
                until=NOW + WEEK,
                because=opened.because,
            )


def test_an_excluded_person_cannot_break_in_either(case: Case) -> None:
    one, other = stories.person("HOTLINE"), stories.person("HOTLINE")
    assert one.user_id
    need_to_know.exclude(case.id, person_id=one.user_id, because="He is her brother.", by=other, at=NOW)
    with row_security.looking(one), pytest.raises(cases.NoSuchCase):
        cases.find(one, case.reference)
    with pytest.raises(cases.NoSuchCase):
        need_to_know.open_in_emergency(case.reference, because="I want to see it.", by=one, at=NOW)


def test_an_inspector_sees_who_looked_and_opens_no_case(case: Case, client: Client) -> None:
    advocate = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    signing_in.sign_in(client, advocate)
    client.get(f"/cases/{case.reference}")
    inspector = stories.person("HOTLINE", viewers.Role.INSPECTOR)
    signing_in.sign_in(client, inspector)
    page = client.get("/trail", {"case": case.reference})
    assert b"viewed the case" in page.content
    assert b"Pat of HOTLINE" in page.content
    assert client.get(f"/cases/{case.reference}").status_code == 404
    assert b"case.read" in client.get("/trail.csv").content
    elsewhere = stories.person("EEOC", viewers.Role.INSPECTOR)
    signing_in.sign_in(client, elsewhere)
    assert b"viewed the case" not in client.get("/trail", {"case": case.reference}).content


def test_pages_of_people_and_of_need_to_know_open_and_say_what_they_do(case: Case, client: Client) -> None:
    hotline = stories.person("HOTLINE")
    signing_in.sign_in(client, hotline)
    person = Person.objects.get(case=case)
    here = f"/cases/{case.reference}"
    answer = client.post(f"{here}/people", {"person_called": "Ana", "person_phone": "+1 555 0100 777"})
    assert answer.status_code == 302
    assert case.reference.encode() in client.post("/people", {"q": "ana"}, follow=True).content
    assert b"No one found" in client.post("/people", {"q": "nobody"}, follow=True).content
    sent = {
        "recipient": "HSI",
        "part": ["identity"],
        "purpose": "To be called by name",
        "witness": "Her lawyer",
        "until": (NOW + WEEK).date().isoformat(),
        "signer": "person",
        "language": "en-us",
    }
    paper = client.post(f"{here}/people/{person.id}/releases", sent).content.decode()
    (code,) = re.findall(r'nowrap">([0-9A-F]{4}-[0-9A-F]{4})<', paper)
    signed_at = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    client.post(f"{here}/people/{person.id}/releases", {**sent, "code": code, "signed_at": signed_at})
    kept = models.Release.objects.get()
    assert b"To be called by name" in client.get(f"{here}/people/{person.id}").content
    client.post(f"/releases/{kept.id}/revoke")
    assert models.Release.objects.get().revoked_at
    assert client.post(f"/releases/{uuid.uuid4()}/revoke").status_code == 404
    client.post(f"{here}/people/{person.id}/releases", {**sent, "part": ["immigration"]})
    assert b"8 USC 1367" in client.get(here).content
    colleague = stories.person("HOTLINE")
    client.post(f"{here}/exclude", {"person": str(colleague.user_id), "because": "She is his aunt."})
    assert b"She is his aunt." in client.get(f"{here}/who").content
    assert client.get("/emergency").status_code == 200
    assert client.post("/emergency", {"reference": "nothing", "because": "x" * 20}).status_code == 422
    assert client.get("/emergencies").status_code == 200
