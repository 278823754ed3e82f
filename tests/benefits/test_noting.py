"""What is noted of a person's benefits letters, who reads it, and what follows from it."""

from __future__ import annotations

import dataclasses
import datetime
import uuid

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.benefits import actions, queries
from nowrongdoor.benefits.actions import NoSuchLetter, Refused
from nowrongdoor.benefits.models import BenefitsLetter, State
from nowrongdoor.cases import people
from nowrongdoor.cases import queries as cases
from nowrongdoor.cases.models import Case
from nowrongdoor.core import places
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import queries as duty_queries
from nowrongdoor.duties import worklist
from nowrongdoor.duties.kinds import Kind
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import closing
from tests.leads import stories

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
NUMBER = "HHS-2026-0417"
CHILD = {**stories.FORCED_LABOR, "age": "under_18", "nationality": "foreign"}


@dataclasses.dataclass(frozen=True)
class There:
    """A child of a case, whom an advocate of an agency helps; her colleagues, and another agency of the case."""

    case: Case
    person: uuid.UUID
    ada: viewers.Viewer
    chief: viewers.Viewer
    agent: viewers.Viewer
    vera: viewers.Viewer
    other: viewers.Viewer
    now: datetime.datetime

    @property
    def today(self) -> datetime.date:
        return self.now.astimezone(places.zone("")).date()

    def shown(self, viewer: viewers.Viewer) -> list[queries.LetterShown]:
        with row_security.looking(viewer):
            found = cases.find(viewer, self.case.reference)
            return list(queries.of_person(viewer, found, self.person, today=self.today))

    def came(self, kind: str = "interim", *, on: int = 0, lasts: int | None = 90) -> uuid.UUID:
        """Note a letter that came so many days ago."""
        day = self.today - on * DAY
        last_on = None if lasts is None else day + lasts * DAY
        return actions.receive_unasked(
            self.person, kind, on=day, number=NUMBER, last_on=last_on, by=self.ada, at=self.now
        )


def there_of(code: str = "HOTLINE") -> There:
    now = timezone.now()
    case = stories.case(CHILD, at=now)
    if code != "HOTLINE":
        stories.told(case, code)
    ada = stories.person(code, viewers.Role.ADVOCATE)
    return There(
        case=case,
        person=people.add(case.id, {"name": "Zuzana"}, by=ada, at=now),
        ada=ada,
        chief=stories.person(code),
        agent=stories.person(code, viewers.Role.INVESTIGATOR),
        vera=stories.person(code, viewers.Role.VICTIM_SPECIALIST),
        other=stories.person("HSI", viewers.Role.VICTIM_SPECIALIST),
        now=now,
    )


@pytest.fixture
def there() -> There:
    return there_of()


def open_deadlines(viewer: viewers.Viewer, case: Case) -> list[duty_queries.Duty]:
    """The deadlines about letters that somebody of an agency reads on a case, and that are not met."""
    with row_security.looking(viewer):
        known = duty_queries.of_case(case.id, Kind.DEADLINE)
        return [
            each
            for each in known
            if each.done_at is None and (each.clock.startswith("letter") or each.clock in ("D02", "D04"))
        ]


def day_of(at: datetime.datetime) -> datetime.date:
    return at.astimezone(places.zone("")).date()


def test_a_letter_goes_from_its_request_to_its_last_day(there: There) -> None:
    letter = actions.request(there.person, "interim", on=there.today - 5 * DAY, by=there.ada, at=there.now)
    actions.receive(
        letter, on=there.today, number=f" {NUMBER} ", last_on=there.today + 90 * DAY, by=there.ada, at=there.now
    )
    (shown,) = there.shown(there.ada)
    assert (shown.state, shown.number, shown.days_left) == (State.RECEIVED, NUMBER, 90)
    assert (shown.requested_on, shown.received_on) == (there.today - 5 * DAY, there.today)
    actions.extend(letter, last_on=there.today + 120 * DAY, by=there.ada, at=there.now)
    (shown,) = there.shown(there.ada)
    assert (shown.days_left, shown.is_extended, shown.may_be_extended) == (120, True, False)


def test_the_number_stands_nowhere_as_it_is(there: There) -> None:
    there.came()
    with row_security.system():
        kept = bytes(BenefitsLetter.objects.values_list("number", flat=True).get())
    assert NUMBER.encode() not in kept


@pytest.mark.parametrize("state", [State.REFUSED, State.WITHDRAWN])
def test_a_letter_that_was_refused_or_taken_back_can_be_requested_again(there: There, state: State) -> None:
    first = actions.request(there.person, "interim", on=there.today, by=there.ada, at=there.now)
    with pytest.raises(Refused, match="requested already"):
        actions.request(there.person, "interim", on=there.today, by=there.ada, at=there.now)
    actions.end(first, state, on=there.today, by=there.ada, at=there.now)
    actions.request(there.person, "interim", on=there.today, by=there.ada, at=there.now)
    assert {each.state for each in there.shown(there.ada)} == {state, State.REQUESTED}
    with pytest.raises(Refused, match="on record already"):
        actions.end(first, state, on=there.today, by=there.ada, at=there.now)


def test_what_is_noted_by_mistake_stays_and_is_noted_anew(there: There) -> None:
    wrong = there.came()
    actions.strike(wrong, by=there.ada, at=there.now)
    there.came(lasts=80)
    right, struck = there.shown(there.ada)
    assert (right.days_left, right.struck_at) == (80, None)
    assert (struck.id, struck.struck_by) == (wrong, there.ada.name)
    with pytest.raises(Refused, match="marked as a mistake"):
        actions.extend(wrong, last_on=there.today + 100 * DAY, by=there.ada, at=there.now)


@pytest.mark.parametrize(
    ("kind", "on", "lasts", "said"),
    [
        ("interim", 0, None, "90 days after it came at most"),
        ("interim", 0, 91, "90 days after it came at most"),
        ("interim", 0, -1, "90 days after it came at most"),
        ("certification", 0, 365, "names no last day"),
        ("child_eligibility", 0, 365, "names no last day"),
        ("interim", -1, 90, "isn’t in the future"),
        ("interim", 300_000, 90, "four digits"),
        ("visa", 0, 90, "Choose which letter"),
    ],
)
def test_an_end_that_no_law_names_is_not_kept(there: There, kind: str, on: int, lasts: int | None, said: str) -> None:
    with pytest.raises(Refused, match=said):
        there.came(kind, on=on, lasts=lasts)
    there.came()
    there.came("certification", lasts=None)
    assert [each.kind for each in there.shown(there.ada)] == ["certification", "interim"]


def test_a_letter_is_extended_once_and_by_thirty_days_at_most(there: There) -> None:
    letter, lasting = there.came(lasts=60), there.came("child_eligibility", lasts=None)
    for days in (60, 91):
        with pytest.raises(Refused, match="at most 30 days later"):
            actions.extend(letter, last_on=there.today + days * DAY, by=there.ada, at=there.now)
    with pytest.raises(Refused, match="Only a letter with a last day"):
        actions.extend(lasting, last_on=there.today + 61 * DAY, by=there.ada, at=there.now)
    actions.extend(letter, last_on=there.today + 90 * DAY, by=there.ada, at=there.now)
    with pytest.raises(Refused, match="extended already"):
        actions.extend(letter, last_on=there.today + 91 * DAY, by=there.ada, at=there.now)


def test_a_letter_is_answered_after_it_was_requested(there: There) -> None:
    letter = actions.request(there.person, "interim", on=there.today, by=there.ada, at=there.now)
    with pytest.raises(Refused, match="before the letter was requested"):
        actions.end(letter, State.REFUSED, on=there.today - DAY, by=there.ada, at=there.now)
    actions.end(letter, State.REFUSED, on=there.today, by=there.ada, at=there.now)


def test_only_the_roles_that_see_immigration_matters_at_the_same_agency_read_of_a_letter(there: There) -> None:
    by_ada = actions.request(there.person, "certification", on=there.today, by=there.ada, at=there.now)
    by_vera = actions.request(there.person, "certification", on=there.today, by=there.vera, at=there.now)
    assert {each.id for each in there.shown(there.ada)} == {by_vera, by_ada}
    assert [each.id for each in there.shown(there.vera)] == [by_vera]  # an advocate's words reach no prosecution team
    for somebody in (there.chief, there.agent, there.other):
        assert there.shown(somebody) == []


def test_nobody_else_notes_a_letter(there: There) -> None:
    letter = actions.request(there.person, "interim", on=there.today, by=there.ada, at=there.now)
    with pytest.raises(NoSuchLetter):
        actions.request(there.person, "interim", on=there.today, by=there.other, at=there.now)
    for somebody in (there.other, there.chief, there.vera):
        with pytest.raises(NoSuchLetter):
            actions.end(letter, State.REFUSED, on=there.today, by=somebody, at=there.now)
    actions.end(letter, State.REFUSED, on=there.today, by=there.ada, at=there.now)


def test_the_agency_is_told_three_weeks_before_a_letter_ends_and_no_lasting_one_came(there: There) -> None:
    there.came(on=10)
    entries = worklist.page(there.chief, worklist.Wanted(kind=worklist.Kind.CLOCK)).entries
    (entry,) = [each for each in entries if each.rule == actions.SOON]
    assert entry.due_at
    assert day_of(entry.due_at) == there.today + (80 - 21) * DAY
    assert entry.basis == "policy"
    assert entry.why.startswith("Person 1: Ask the advocate or victim specialist")
    assert entry.citation == ""


def test_what_an_agency_owes_about_a_letter_no_other_agency_of_the_case_reads(there: There) -> None:
    there.came()
    assert [each.clock for each in open_deadlines(there.chief, there.case)] == [actions.SOON]
    hsi = stories.person("HSI")
    assert open_deadlines(hsi, there.case) == []
    with row_security.looking(hsi):
        row_security.act_on(there.case.id)
        assert not Duty.objects.filter(thing=actions.THING).exists()


def test_a_lasting_letter_ends_what_was_owed_before_and_striking_it_starts_it_again(there: There) -> None:
    there.came()
    lasting = there.came("child_eligibility", lasts=None)
    assert open_deadlines(there.chief, there.case) == []
    actions.strike(lasting, by=there.ada, at=there.now)
    assert [each.clock for each in open_deadlines(there.chief, there.case)] == [actions.SOON]


def test_a_letter_that_comes_after_the_lasting_one_owes_nothing(there: There) -> None:
    there.came("child_eligibility", lasts=None)
    there.came()
    assert open_deadlines(there.chief, there.case) == []


def test_an_extended_letter_is_owed_for_its_new_end_even_where_the_first_was_seen_to(there: There) -> None:
    letter = there.came()
    (first,) = open_deadlines(there.chief, there.case)
    duties.meet(first.id, how="Asked for the extension.", by=there.chief, at=there.now)
    actions.extend(letter, last_on=there.today + 110 * DAY, by=there.ada, at=there.now)
    (again,) = open_deadlines(there.chief, there.case)
    assert (again.clock, day_of(again.due_at)) == (actions.SOON_AGAIN, there.today + 89 * DAY)


def test_what_is_struck_owes_nothing(there: There) -> None:
    actions.strike(there.came(), by=there.ada, at=there.now)
    assert open_deadlines(there.chief, there.case) == []


def test_a_letter_noted_late_is_due_at_once(there: There) -> None:
    there.came(on=80)
    (owed,) = open_deadlines(there.chief, there.case)
    assert day_of(owed.due_at) == there.today


def test_a_letter_that_ended_long_ago_owes_nothing(there: There) -> None:
    there.came(on=200)
    assert open_deadlines(there.chief, there.case) == []


def test_roles_of_the_same_agency_that_see_no_immigration_matters_learn_of_nothing(there: There) -> None:
    there.came()
    assert open_deadlines(there.agent, there.case) == []
    assert [each.clock for each in open_deadlines(there.chief, there.case)] == [actions.SOON]


@pytest.mark.parametrize("into", ["FBI", ""])
def test_what_an_agency_owes_about_a_letter_ends_with_the_agency(into: str) -> None:
    """Whoever takes over, or leads, hears nothing of it."""
    there = there_of("HSI")
    there.came()
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    closing.close_agency("HSI", into=into or None, by=admin, at=there.now)
    with row_security.system():
        (owed,) = Duty.objects.filter(thing=actions.THING)
    assert (owed.agency_id, owed.withdrawn_at is not None) == (there.ada.agency_id, True)


def test_a_refusal_begins_the_clocks_of_the_office_that_decides() -> None:
    office = there_of("HHS_OTIP")
    letter = actions.request(office.person, "interim", on=office.today, by=office.ada, at=office.now)
    actions.end(letter, State.REFUSED, on=office.today, by=office.ada, at=office.now)
    assert [each.clock for each in open_deadlines(office.chief, office.case)] == ["D02"]


def test_the_clocks_of_the_office_that_decides_run_for_that_office_alone() -> None:
    helper, office = there_of("HOTLINE"), there_of("HHS_OTIP")
    helper.came()
    letter = office.came(on=1)
    assert {each.clock for each in open_deadlines(helper.chief, helper.case)} == {actions.SOON}
    owed = {each.clock: each for each in open_deadlines(office.chief, office.case)}
    assert owed.keys() == {actions.SOON, "D02", "D04"}
    assert (owed["D02"].citation, owed["D02"].basis) == ("22 USC 7105(b)(1)(G)(ii)", "statute")
    assert day_of(owed["D02"].due_at) == office.today  # from the first moment of the day before: late is no more time
    assert day_of(owed["D04"].due_at) == office.today + 89 * DAY
    duties.meet(owed["D02"].id, how="Told both.", by=office.chief, at=office.now)
    actions.extend(letter, last_on=office.today + 119 * DAY, by=office.ada, at=office.now)
    owed = {each.clock: each for each in open_deadlines(office.chief, office.case)}
    assert owed.keys() == {actions.SOON_AGAIN, "D04"}
    assert day_of(owed["D04"].due_at) == office.today + 119 * DAY


def test_no_fact_of_the_case_hangs_on_a_letter(there: There) -> None:
    before = Case.objects.get(id=there.case.id)
    there.came("certification", lasts=None)
    after = Case.objects.get(id=there.case.id)
    assert (after.facts, after.facts_version, after.lead_id) == (before.facts, before.facts_version, before.lead_id)
