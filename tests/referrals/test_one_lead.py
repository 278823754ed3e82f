"""Promise 2: an open case has exactly one lead at every commit (T4, T5, T6, T22, T23)."""

from __future__ import annotations

import collections
import concurrent.futures
import datetime
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import queries as directory
from nowrongdoor.agencies.models import Agency, User
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Case, Note, Tenure
from nowrongdoor.core import handoff
from nowrongdoor.referrals import queries, tasks, worklist
from nowrongdoor.referrals.actions import answering, changing, closing
from nowrongdoor.referrals.models import Handoff
from tests import at_home, servers, sizes
from tests.referrals import checker, stories, verbs

PROCESSES = 4


@pytest.mark.storm
def test_random_steps_of_many_never_leave_a_case_without_its_one_lead(committed_db: None) -> None:
    """T4: processes offer, accept, decline, revoke, expire, step forward, change facts, disable people, merge and close
    agencies, all on the same cases, while another looks at every snapshot it can get: each time at the cases that
    changed, and at the end at all of them."""
    for code in ("HOTLINE", "HSI", "FBI", "WHD"):
        stories.person(code)
    stories.case()
    steps = sizes.STEPS.now
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.referrals.storm", str(seed), str(steps // PROCESSES)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # What is asked here is that no commit is wrong, not that it survives a power cut (T1 asks that).
            env={**os.environ, "PGOPTIONS": "-c synchronous_commit=off"},
        )
        for seed in range(PROCESSES)
    ]
    try:
        with checker.watching() as watch:
            while any(each.poll() is None for each in running):
                assert watch.changed() == {}
                time.sleep(0.1)
            came: collections.Counter[str] = collections.Counter()
            for each in running:
                out, error = each.communicate()
                assert each.returncode == 0, error.decode()[-3_000:]
                came.update(json.loads(out))
            assert watch.everything() == {}
    finally:
        for each in running:
            each.kill()
            each.communicate()
    assert sum(came.values()) == steps
    assert watch.looks > 50
    assert watch.cases > Case.objects.count(), "each case was looked at, and many more than once"
    for verb in ("open", "accept", "decline", "revoke", "expire", "step_forward", "disable", "close_agency", "close"):
        assert came[f"{verb}: done"] > 0, came


@pytest.mark.storm
def test_of_two_agencies_that_want_the_same_lead_one_wins_and_one_is_told(committed_db: None) -> None:
    """T5: 1,000 rounds; the agency asked accepts while another of the chain steps forward."""
    cast = verbs.Cast()
    gate = threading.Barrier(2, timeout=60)

    def run(verb: str, stage: verbs.Stage) -> str:
        gate.wait()
        return verbs.attempt(verb, stage)

    def leave() -> None:
        gate.wait()
        connection.close()

    winners: collections.Counter[str] = collections.Counter()
    with at_home.seeing_all() as eyes, concurrent.futures.ThreadPoolExecutor(2) as pool:
        for _ in range(sizes.ROUNDS.now):
            stage = verbs.opened(cast)
            asked, other = (pool.submit(run, verb, stage) for verb in ("accept", "step_forward"))
            came = {"HSI": asked.result(), "FBI": other.result()}
            assert sorted(came.values()) == ["Over", "done"], came
            (winner,) = (code for code, said in came.items() if said == "done")
            assert stories.lead_of(stage.case) == winner
            winners[winner] += 1
            assert checker.offenders(eyes, among=[stage.case_id]) == {}
            eyes.commit()
        assert checker.offenders(eyes) == {}
        for each in [pool.submit(leave) for _ in range(2)]:
            each.result()
    assert min(winners["HSI"], winners["FBI"]) > 0, winners


@pytest.mark.storm
def test_two_people_of_the_agency_asked_cannot_both_accept(committed_db: None) -> None:
    case = stories.case()
    offer = stories.offer_of(case)
    people = [stories.person("HSI"), stories.person("HSI")]

    def run(person: object) -> bool:
        try:
            answering.accept(offer.id, by=person, at=timezone.now())  # type: ignore[arg-type]
            return True
        except handoff.Over:
            return False
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, people)) == [False, True]


@pytest.mark.storm
def test_an_offer_that_ran_out_while_the_worker_was_down_escalates_once(committed_db: None) -> None:
    """T6: the offer is two hours overdue; two workers start at once."""
    long_ago = timezone.now() - datetime.timedelta(hours=26)  # a window of 24 hours ended two hours ago
    overdue = [stories.case(at=long_ago) for _ in range(20)]
    assert {stories.offer_of(case).to_agency.code for case in overdue} == {"HSI"}
    # What the worker puts into the queue by itself when the next minute begins; the test does not wait for it.
    tasks.expire.configure().defer(timestamp=0)
    with servers.Worker(), servers.Worker():
        tasks.expire(0)  # and a third, at the same time
        deadline = time.monotonic() + 120
        while ProcrastinateJob.objects.filter(task_name="referrals.expire", status="todo").exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        while ProcrastinateJob.objects.filter(task_name="referrals.expire", status="doing").exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
    for case in overdue:
        states = list(Handoff.objects.filter(case=case).order_by("offered_at").values_list("to_agency__code", "state"))
        assert states == [("HSI", "expired"), ("FBI", "offered")]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM nowrongdoor_auditevent WHERE case_id = %s AND verb = 'offer.expired'", [case.id]
            )
            assert cursor.fetchone()[0] == 1


ATTACKS = {
    "no lead at all": "UPDATE nowrongdoor_case SET lead_id = NULL WHERE id = %(case)s",
    "a lead that was never asked": "UPDATE nowrongdoor_case SET lead_id = %(whd)s WHERE id = %(case)s",
    "a lead whose offer is still open": (
        "UPDATE nowrongdoor_case SET lead_id = %(hsi)s, lead_handoff_id = %(offer)s WHERE id = %(case)s"
    ),
    "a hand-off that was never made": (
        "UPDATE nowrongdoor_case SET lead_id = %(hsi)s, lead_handoff_id = gen_random_uuid() WHERE id = %(case)s"
    ),
    "a receiver rewritten to excuse the lead": (
        "UPDATE nowrongdoor_case SET received_by_id = %(whd)s, lead_id = %(whd)s WHERE id = %(case)s"
    ),
    "an acceptance nobody gave": (
        "UPDATE nowrongdoor_handoff SET state = 'accepted', over_at = now() WHERE id = %(offer)s"
    ),
    "an acceptance by somebody of another agency": (
        "UPDATE nowrongdoor_handoff SET state = 'accepted', over_at = now(), over_by_id = %(stranger)s "
        "WHERE id = %(offer)s"
    ),
    "a decline without a reason": (
        "UPDATE nowrongdoor_handoff SET state = 'declined', over_at = now(), over_by_id = %(asked)s "
        "WHERE id = %(offer)s"
    ),
    "a second open offer": (
        "INSERT INTO nowrongdoor_handoff (id, case_id, from_agency_id, to_agency_id, kind, state, position, rule, why, "
        "citation, evidence, facts_version, offered_at, due_at, reason) VALUES (gen_random_uuid(), %(case)s, "
        "%(hotline)s, %(whd)s, 'mandate', 'offered', 1, '', 'x', '', '', 1, now(), now(), '')"
    ),
    "an acceptance out of nothing": (
        "INSERT INTO nowrongdoor_handoff (id, case_id, from_agency_id, to_agency_id, kind, state, position, rule, why, "
        "citation, evidence, facts_version, offered_at, over_at, over_by_id, reason) VALUES (gen_random_uuid(), "
        "%(case)s, %(hotline)s, %(whd)s, 'mandate', 'accepted', 1, '', 'x', '', '', 1, now(), now(), %(stranger)s, '')"
    ),
    "the lead's agency closed": (
        "UPDATE nowrongdoor_agency SET active = false, closed_at = now() WHERE id = %(hotline)s"
    ),
    "the agency asked closed": "UPDATE nowrongdoor_agency SET active = false, closed_at = now() WHERE id = %(hsi)s",
    "the case closed under its open offer": (
        "UPDATE nowrongdoor_case SET closed_at = now(), closed_by_id = %(asked)s, closed_because = 'x' "
        "WHERE id = %(case)s"
    ),
    "a case closed by nobody": "UPDATE nowrongdoor_case SET closed_at = now() WHERE id = %(case)s",
    "the case deleted": "DELETE FROM nowrongdoor_case WHERE id = %(case)s",
    "the agency deleted": "DELETE FROM nowrongdoor_agency WHERE id = %(hsi)s",
    "the person deleted": "DELETE FROM nowrongdoor_user WHERE id = %(asked)s",
    "history rewritten": "UPDATE nowrongdoor_tenure SET agency_id = %(whd)s WHERE case_id = %(case)s",
    "history made up": (
        "INSERT INTO nowrongdoor_tenure (case_id, agency_id, from_at) VALUES (%(case)s, %(whd)s, now())"
    ),
    "the trail rewritten": "UPDATE nowrongdoor_auditevent SET verb = 'x' WHERE case_id = %(case)s",
    "the trail deleted": "DELETE FROM nowrongdoor_auditevent WHERE case_id = %(case)s",
    "the promise itself dropped": "ALTER TABLE nowrongdoor_case DROP CONSTRAINT a_lead_was_accepted",
    "a lead fallen back to the receiver after somebody accepted": (
        "UPDATE nowrongdoor_case SET lead_id = received_by_id, lead_handoff_id = NULL WHERE id = %(accepted)s"
    ),
    "a backstop that never agreed to stand by": (
        "INSERT INTO nowrongdoor_handoff (id, case_id, from_agency_id, to_agency_id, kind, state, position, rule, why, "
        "citation, evidence, facts_version, offered_at, over_at, reason) VALUES (gen_random_uuid(), %(case)s, "
        "%(hotline)s, %(whd)s, 'backstop', 'accepted', 1, '', 'x', '', '', 1, now(), now(), '')"
    ),
    "an agency made to stand by": "UPDATE nowrongdoor_agency SET stands_by = true WHERE id = %(whd)s",
    "a new agency that stands by": (
        "INSERT INTO nowrongdoor_agency (id, code, desk, place, name, department, kind, active, stands_by) "
        "VALUES (gen_random_uuid(), 'X', 'X', '', 'X', '', 'other', true, true)"
    ),
    "an agency closed under its notice": "UPDATE nowrongdoor_agency SET active = false, closed_at = now() "
    "WHERE code = 'HTPU'",
    "the triggers switched off": "SET session_replication_role = replica",
    "the owner's coat": "SET ROLE nwd_owner",
}


@pytest.mark.django_db
@pytest.mark.parametrize("attack", ATTACKS)
def test_raw_sql_that_breaks_the_promise_is_refused(attack: str) -> None:
    case = stories.case()
    values = {
        "case": case.id,
        "offer": stories.offer_of(case).id,
        "asked": stories.person("HSI").user_id,
        "stranger": stories.person("WHD").user_id,
        "accepted": _accepted().id,
        **{name: stories.agency(name.upper()).id for name in ("hsi", "whd", "hotline")},
    }
    with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
        _execute(ATTACKS[attack], values)
    assert stories.lead_of(case) == "HOTLINE"


def _accepted() -> Case:
    case = stories.case()
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=stories.NOON)
    return case


@pytest.mark.django_db
def test_an_agency_that_only_leads_cannot_be_closed_by_raw_sql() -> None:
    """Nothing but the lead stands in the way here, so that it is this constraint that holds."""
    case = stories.case({})
    assert stories.lead_of(case) == "HOTLINE"
    with pytest.raises(IntegrityError, match="the_lead_of_an_open_case_is_open"), transaction.atomic():
        Agency.objects.filter(code="HOTLINE").update(active=False, closed_at=stories.NOON)


@pytest.mark.django_db
def test_an_old_yes_does_not_bring_a_lead_back() -> None:
    case = _accepted()
    old = Case.objects.get(id=case.id).lead_handoff_id
    changing.succeed(
        Case.objects.get(id=case.id),
        to_agency_id=stories.agency("FBI").id,
        by=stories.person("DOJ_COORDINATOR"),
        at=stories.NOON,
    )
    with pytest.raises(IntegrityError, match="a_handoff_is_used_once"), transaction.atomic():
        Case.objects.filter(id=case.id).update(lead=stories.agency("HSI"), lead_handoff_id=old)
    assert stories.lead_of(case) == "FBI"


def _execute(statement: str, values: Mapping[str, uuid.UUID | None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    connection.check_constraints()


@pytest.mark.django_db
def test_a_handoff_that_is_over_stays_over() -> None:
    case = stories.case()
    offer = stories.offer_of(case)
    answering.decline(offer.id, reason="no", by=stories.person("HSI"), at=stories.NOON)
    with pytest.raises(handoff.Over, match="already declined"):
        answering.accept(offer.id, by=stories.person("HSI"), at=stories.NOON)
    with pytest.raises(IntegrityError, match="stays so"), transaction.atomic():
        Handoff.objects.filter(id=offer.id).update(state="offered", over_at=None, over_by=None, reason=b"")


@pytest.mark.django_db
def test_the_sender_sees_what_became_of_a_case_and_keeps_its_notes() -> None:
    """T22: a new lead takes nothing from whoever passed the case on; a decline leaves the decliner its own words."""
    case = stories.case(at=stories.NOON - datetime.timedelta(hours=1))
    hotline, hsi, fbi = stories.person("HOTLINE"), stories.person("HSI"), stories.person("FBI")
    cases.add_note(case.id, text="She has a safe place.", audience=Note.Audience.AGENCY, by=hotline, at=stories.NOON)
    cases.add_note(case.id, text="We know this crew.", audience=Note.Audience.AGENCY, by=hsi, at=stories.NOON)
    answering.decline(stories.offer_of(case).id, reason="No agents.", by=hsi, at=stories.NOON)
    answering.accept(stories.offer_of(case).id, by=fbi, at=stories.NOON)

    found = case_queries.find(hotline, case.reference)
    page = queries.case_page(hotline, found)
    assert found.sight is case_queries.Sight.CASE
    assert [step.state for step in page.steps] == ["declined", "accepted"]
    assert [note.text for note in case_queries.notes(hotline, found)] == ["She has a safe place."]

    left = case_queries.find(hsi, case.reference)
    assert left.sight is case_queries.Sight.HISTORY
    assert [note.text for note in case_queries.notes(hsi, left)] == ["We know this crew."]
    assert [step.reason for step in queries.case_page(hsi, left).steps] == ["No agents."]
    assert queries.list_cases(hsi).rows[0].lead == stories.agency("FBI").name


@pytest.mark.django_db
def test_disabling_people_and_closing_an_agency_takes_no_case_and_no_note_along() -> None:
    """T23: what they wrote stays, signed; what the agency led has a lead that took it over."""
    case = stories.case()
    hsi, admin = stories.person("HSI"), stories.person("DOJ_COORDINATOR")
    answering.accept(stories.offer_of(case).id, by=hsi, at=stories.NOON)
    cases.add_note(case.id, text="Found the crew.", audience=Note.Audience.TEAM, by=hsi, at=stories.NOON)
    agencies.disable(User.objects.get(full_name=hsi.name), by=admin, at=stories.NOON)
    with pytest.raises(closing.StillNeeded):
        closing.close_agency("HSI", into=None, by=admin, at=stories.NOON)
    assert Agency.objects.get(code="HSI").active
    closing.close_agency("HSI", into="FBI", by=admin, at=stories.NOON)
    assert stories.lead_of(case) == "FBI"
    assert Note.objects.get(case=case).by_id == hsi.user_id
    assert list(Tenure.objects.filter(case=case).order_by("id").values_list("agency__code", flat=True)) == [
        "HOTLINE",
        "HSI",
        "FBI",
    ]
    with pytest.raises(directory.NoSuchAgency):
        directory.by_code("HSI")


@pytest.mark.django_db
def test_an_agency_that_closes_hands_its_open_offers_to_the_next_in_the_chain() -> None:
    case = stories.case()
    closing.close_agency("HSI", into=None, by=stories.person("DOJ_COORDINATOR"), at=stories.NOON)
    assert stories.offer_of(case).to_agency.code == "FBI"


@pytest.mark.django_db
def test_a_closed_case_ends_its_offer_and_keeps_its_story() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    with pytest.raises(handoff.ReasonMissing):
        changing.close(case.id, because=" ", by=hotline, at=stories.NOON)
    changing.close(case.id, because="She is home.", by=hotline, at=stories.NOON)
    assert Handoff.objects.get(case=case).state == "superseded"
    assert Case.objects.get(id=case.id).is_open is None
    assert worklist.counts(stories.person("HSI")).offers == 0
