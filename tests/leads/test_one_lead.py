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

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies import queries as directory
from nowrongdoor.agencies.models import Agency, Closing, User
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Case, Note, Tenure
from nowrongdoor.casework import queries
from nowrongdoor.core import handoff
from nowrongdoor.duties import worklist
from nowrongdoor.intake import closing
from nowrongdoor.leads import answering, changing, tasks
from nowrongdoor.leads.models import Handoff
from tests import at_home, servers, sizes
from tests.leads import checker, stories, verbs

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
            [sys.executable, "-m", "tests.leads.storm", str(seed), str(steps // PROCESSES)],
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
        assert came[f"{verb}: done"] > 0, (verb, sorted(came.items()))


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
        while ProcrastinateJob.objects.filter(task_name="leads.expire", status="todo").exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        while ProcrastinateJob.objects.filter(task_name="leads.expire", status="doing").exists():
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
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    assert admin.user_id
    Closing.objects.create(
        agency=stories.agency("HSI"), into=stories.agency("FBI"), by_id=admin.user_id, at=stories.NOON
    )
    changing.succeed(Case.objects.get(id=case.id), to_agency_id=stories.agency("FBI").id, by=admin, at=stories.NOON)
    with pytest.raises(IntegrityError, match="a_handoff_is_used_once"), transaction.atomic():
        Case.objects.filter(id=case.id).update(lead=stories.agency("HSI"), lead_handoff_id=old)
    assert stories.lead_of(case) == "FBI"


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
    hsi = stories.person("HSI")
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    answering.accept(stories.offer_of(case).id, by=hsi, at=stories.NOON)
    cases.add_note(case.id, text="Found the crew.", audience=Note.Audience.TEAM, by=hsi, at=stories.NOON)
    agencies.disable(User.objects.get(full_name=hsi.name), by=admin)
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
    closing.close_agency(
        "HSI", into=None, by=stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR), at=stories.NOON
    )
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
