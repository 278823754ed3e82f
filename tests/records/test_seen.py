"""Who has seen what is known of a person: told to an advocate of the agency that wrote them down, after a safety
question at each opening, and without a trace of what is left out."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.audit import record
from nowrongdoor.audit.models import Event
from nowrongdoor.cases import people
from nowrongdoor.cases.models import Case
from nowrongdoor.cases.person_models import Person
from nowrongdoor.leads import changing
from nowrongdoor.releases import actions as releases
from nowrongdoor.retention import actions as retention
from nowrongdoor.retention.models import Hold
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
NOBODY_NEAR = {"asked": "on", "watched": "no", "form": "screen", "language": "en-us"}
LATER = datetime.timedelta(days=2)


@pytest.fixture
def case() -> Case:
    """A case of HOTLINE with one person, who signed a release for HSI; WHD takes part and was told nothing."""
    now = timezone.now()
    case = stories.case()
    for code in ("HSI", "WHD"):
        stories.told(case, code)
    people.add(case.id, {"name": "Zuzana (fictional)"}, by=stories.person("HOTLINE"), at=now)
    releases.keep(
        Person.objects.get(case=case).id,
        recipient_code="HSI",
        which=["identity"],
        purpose="So that the agent knows whom to ask for.",
        witness="The advocate on the telephone",
        expires_at=now + datetime.timedelta(days=7),
        by=stories.person("HOTLINE"),
        at=now,
    )
    return case


def address(case: Case) -> str:
    return f"/cases/{case.reference}/people/{Person.objects.get(case=case).id}/seen"


def advocate(client: Client) -> viewers.Viewer:
    viewer = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    signing_in.sign_in(client, viewer)
    return viewer


def opened(code: str, case: Case, *, at: datetime.datetime | None = None) -> None:
    """Note, as its pages do, that somebody of an agency opened the case."""
    by = stories.person(code)
    with row_security.looking(by):
        record.looked("case.read", case.id, by=by, at=at or timezone.now(), case_id=case.id)


def listed(client: Client, case: Case) -> str:
    """The list, as the person gets it."""
    answer = client.post(address(case), NOBODY_NEAR)
    assert answer.status_code == 200
    found = re.search(r'<section class="note paper.*?</section>', answer.content.decode(), re.DOTALL)
    assert found
    return found.group()


def test_an_advocate_shows_agencies_days_and_reasons_and_no_agency_that_saw_nothing(client: Client, case: Case) -> None:
    opened("HSI", case)
    opened("WHD", case)
    opened("HOTLINE", case)
    advocate(client)
    page = listed(client, case)
    assert stories.agency("HSI").name in page
    assert "You signed a release for them." in page
    assert "They looked at what you signed a release for." in page
    assert "They wrote it down, and looked at it to work on your case." in page
    assert stories.agency("WHD").name not in page
    assert stories.person("HSI").name not in page


def test_several_openings_of_one_day_are_one_line(client: Client, case: Case) -> None:
    advocate(client)
    opened("HSI", case)
    once = listed(client, case)
    opened("HSI", case)
    assert listed(client, case) == once


def test_nothing_is_opened_until_the_safety_question_is_answered_and_each_opening_asks_it(
    client: Client, case: Case
) -> None:
    advocate(client)
    there = address(case)
    for answers, status in (
        ({}, 422),
        ({**NOBODY_NEAR, "watched": ""}, 422),
        ({**NOBODY_NEAR, "form": ""}, 422),
        ({**NOBODY_NEAR, "watched": "yes"}, 200),
        ({**NOBODY_NEAR, "watched": "unsure"}, 200),
    ):
        answer = client.post(there, answers)
        assert answer.status_code == status, answers
        assert "You signed a release" not in answer.content.decode(), answers
    with row_security.system():
        assert not Event.objects.filter(verb="person.seen_read").exists()
    listed(client, case)
    assert "You signed a release" not in client.get(there).content.decode()  # asked again


def test_each_opening_is_on_record_with_the_form_and_the_language(client: Client, case: Case) -> None:
    viewer = advocate(client)
    listed(client, case)
    with row_security.system():
        event = Event.objects.get(verb="person.seen_read")
    assert (event.by_id, event.agency_id, event.case_id) == (viewer.user_id, viewer.agency_id, case.id)
    assert event.details == {"form": "screen", "language": "en-us"}


def test_the_list_is_in_the_persons_language_and_on_paper_only_where_that_is_safe(client: Client, case: Case) -> None:
    advocate(client)
    on_screen = client.post(address(case), NOBODY_NEAR).content.decode()
    on_paper = client.post(address(case), {**NOBODY_NEAR, "form": "paper", "language": "es-us"}).content.decode()
    assert "data-print" not in on_screen
    assert '<section class="note paper screen-only"' in on_screen
    assert "data-print" in on_paper
    assert '<section class="note paper" lang="es-us">' in on_paper
    assert "Quién ha visto mi información" in on_paper


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("HOTLINE", viewers.Role.COORDINATOR),
        ("HOTLINE", viewers.Role.VICTIM_SPECIALIST),  # part of the prosecution team in a government agency
        ("HSI", viewers.Role.ADVOCATE),  # takes part, and did not write the person down
        ("EEOC", viewers.Role.ADVOCATE),
    ],
)
def test_only_an_advocate_of_the_agency_that_wrote_the_person_down_opens_it(
    client: Client, case: Case, code: str, role: viewers.Role
) -> None:
    there = address(case)
    signing_in.sign_in(client, stories.person(code, role))
    assert client.post(there, NOBODY_NEAR).status_code == 404
    advocate(client)
    assert client.post(there, NOBODY_NEAR).status_code == 200


@pytest.mark.usefixtures("clock_ahead")
def test_what_a_hold_covers_is_left_out_without_a_trace(client: Client, case: Case) -> None:
    """The list of a case on hold is, letter for letter, that of one in which law enforcement did nothing new."""
    advocate(client)
    before = listed(client, case)
    coordinator = stories.person("HOTLINE")
    hold = retention.hold(case.id, because="Charged.", kind=Hold.Kind.CHARGE, by=coordinator, at=timezone.now())
    opened("HSI", case, at=timezone.now() + LATER)
    assert listed(client, case) == before  # what the person saw stays, so that no line vanishes
    retention.lift(hold.id, by=coordinator, at=timezone.now())
    assert listed(client, case) != before


def test_under_a_hold_a_first_opening_shows_only_who_helps(client: Client, case: Case) -> None:
    opened("HSI", case)
    opened("HOTLINE", case)
    retention.hold(case.id, because="Charged.", kind=Hold.Kind.CHARGE, by=stories.person("HOTLINE"), at=timezone.now())
    advocate(client)
    for _ in range(2):  # an opening under a hold makes nothing known
        page = listed(client, case)
        assert "They looked at what you signed a release for." not in page
        assert "They wrote it down" in page
        assert "The law can keep some things off a list like this one." in page


def test_a_release_signed_under_a_hold_is_listed_so_that_its_absence_tells_of_no_hold(
    client: Client, case: Case
) -> None:
    """Whoever signs a release and looks for its line would learn of a hold by not finding it."""
    hope = stories.person("HOTLINE")
    retention.hold(case.id, because="Charged.", kind=Hold.Kind.CHARGE, by=hope, at=timezone.now())
    releases.keep(
        Person.objects.get(case=case).id,
        recipient_code="WHD",
        which=["identity"],
        purpose="So that the investigator knows whom to ask for.",
        witness="The advocate on the telephone",
        expires_at=timezone.now() + datetime.timedelta(days=7),
        by=hope,
        at=timezone.now(),
    )
    opened("WHD", case)
    advocate(client)
    page = listed(client, case)
    assert stories.agency("WHD").name in page
    assert "They looked at what you signed a release for." not in page


@pytest.mark.usefixtures("clock_ahead")
def test_no_line_vanishes_when_a_case_on_hold_is_merged_into_this_one(client: Client, case: Case) -> None:
    hope = stories.person("HOTLINE")
    other = stories.case()
    retention.hold(other.id, because="Charged.", kind=Hold.Kind.CHARGE, by=hope, at=timezone.now())
    opened("HSI", case)
    advocate(client)
    before = listed(client, case)
    assert "They looked at what you signed a release for." in before
    changing.merge(other.id, into_id=case.id, because="The same farm.", by=hope, at=timezone.now())
    opened("HSI", case, at=timezone.now() + LATER)
    assert listed(client, case) == before


@pytest.mark.usefixtures("clock_ahead")
def test_a_merger_before_makes_no_hold_of_a_later_one_older(client: Client, case: Case) -> None:
    """Each hold covers this case from when the two cases became one, whatever was merged before."""
    hope = stories.person("HOTLINE")
    earlier, later = stories.case(), stories.case()
    retention.hold(later.id, because="Charged.", kind=Hold.Kind.CHARGE, by=hope, at=timezone.now())
    changing.merge(earlier.id, into_id=case.id, because="The same farm.", by=hope, at=timezone.now())
    opened("HSI", case)
    advocate(client)
    before = listed(client, case)
    assert "They looked at what you signed a release for." in before
    changing.merge(later.id, into_id=case.id, because="The same van.", by=hope, at=timezone.now())
    opened("HSI", case, at=timezone.now() + LATER)
    assert listed(client, case) == before


def test_an_entry_of_a_kind_that_the_list_does_not_know_is_left_out(client: Client, case: Case) -> None:
    """Whatever is silent, or new, or made for a court."""
    advocate(client)
    before = listed(client, case)
    by = stories.person("HSI")
    with row_security.looking(by):
        for verb in ("discovery.collected", "case.read_silently"):
            record.looked(verb, case.id, by=by, at=timezone.now(), case_id=case.id)
    assert listed(client, case) == before


def told(viewer: viewers.Viewer, person: Person, case: Case) -> list[tuple[object, ...]]:
    """What the function itself tells somebody who runs SQL as the run-time role."""
    with row_security.looking(viewer), connection.cursor() as database:
        row_security.act_on(case.id)
        database.execute("SELECT * FROM nwd_who_saw(%s)", [person.id])
        assert [column.name for column in database.description] == ["agency", "day", "reason"]
        return list(database.fetchall())


def test_the_function_asks_again_who_is_looking(case: Case) -> None:
    person = Person.objects.get(case=case)
    assert told(stories.person("HOTLINE", viewers.Role.ADVOCATE), person, case) != []
    assert told(stories.person("HOTLINE"), person, case) == []
    assert told(stories.person("HSI", viewers.Role.ADVOCATE), person, case) == []
    another = stories.case()
    assert told(stories.person("HOTLINE", viewers.Role.ADVOCATE), person, another) == []
