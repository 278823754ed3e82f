"""After a yes: an acceptance is undone at once or not at all; a lead is given back or passed on, to somebody who says
yes. Each refusal shares its set-up with the success beside it."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import viewers
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases.models import Case, Note, Participant
from nowrongdoor.core import handoff, places
from nowrongdoor.duties import actions as duties
from nowrongdoor.duties import worklist
from nowrongdoor.leads import answering, changing, passing, undoing
from nowrongdoor.leads.models import Handoff
from tests import signing_in
from tests.leads import checker, stories

pytestmark = pytest.mark.django_db
WHY = "It belongs to their unit."


def accepted(by: viewers.Viewer) -> tuple[Case, Handoff]:
    """A case whose lead somebody accepted just now."""
    case = stories.case(at=timezone.now())
    return case, answering.accept(stories.offer_of(case).id, by=by, at=timezone.now())


def test_whoever_accepted_by_mistake_undoes_it_and_the_offer_stands_again_with_the_time_it_had() -> None:
    hsi = stories.person("HSI")
    case, yes = accepted(hsi)
    assert [each.reference for each in undoing.undoable(hsi, at=timezone.now())] == [case.reference]
    undoing.undo(yes.id, by=hsi, at=timezone.now())
    assert stories.lead_of(case) == "HOTLINE"
    again = stories.offer_of(case)
    assert (again.to_agency.code, again.due_at) == ("HSI", yes.due_at)
    parts = Participant.objects.filter(case=case, agency__code="HSI", to_at=None)
    assert [each.relation for each in parts] == ["offered"]
    assert undoing.undoable(hsi, at=timezone.now()) == []
    with connection.cursor() as database:
        assert checker.offenders(database, among=[case.id]) == {}


def test_a_colleague_and_the_agency_that_offered_do_not_undo_it() -> None:
    case, yes = accepted(stories.person("HSI"))
    with pytest.raises(handoff.CannotUndo, match="Only the person who accepted"):
        undoing.undo(yes.id, by=stories.person("HSI"), at=timezone.now())
    with pytest.raises(answering.NoSuchOffer):
        undoing.undo(yes.id, by=stories.person("HOTLINE"), at=timezone.now())
    assert stories.lead_of(case) == "HSI"


def test_after_two_minutes_a_yes_stays() -> None:
    hsi, earlier = stories.person("HSI"), timezone.now() - datetime.timedelta(minutes=3)
    case = stories.case(at=earlier)
    yes = answering.accept(stories.offer_of(case).id, by=hsi, at=earlier)
    assert undoing.undoable(hsi, at=timezone.now()) == []
    with pytest.raises(handoff.CannotUndo, match="More than two minutes"):
        undoing.undo(yes.id, by=hsi, at=timezone.now())
    assert stories.lead_of(case) == "HSI"


def test_once_anything_else_was_done_a_yes_stays() -> None:
    hsi = stories.person("HSI")
    case, yes = accepted(hsi)
    cases.add_note(case.id, text="We begin.", audience=Note.Audience.AGENCY, by=hsi, at=timezone.now())
    assert undoing.undoable(hsi, at=timezone.now()) == []
    with pytest.raises(undoing.ActedOn):
        undoing.undo(yes.id, by=hsi, at=timezone.now())
    assert stories.lead_of(case) == "HSI"


def test_who_stepped_forward_undoes_it_and_another_may_step_forward_then() -> None:
    fbi, whd = stories.person("FBI"), stories.person("WHD")
    case = stories.told(stories.told(stories.case(at=timezone.now()), "FBI"), "WHD")
    yes = answering.step_forward(case.id, by=fbi, at=timezone.now())
    undoing.undo(yes.id, by=fbi, at=timezone.now())
    assert stories.lead_of(case) == "HOTLINE"
    assert stories.offer_of(case).to_agency.code == "HSI"
    answering.step_forward(case.id, by=whd, at=timezone.now())
    assert stories.lead_of(case) == "WHD"


def test_others_are_told_once_a_yes_can_no_longer_be_undone_and_in_danger_at_once() -> None:
    now = timezone.now()
    assert handoff.told_from(urgency="none", at=now) == now + handoff.UNDO_WITHIN
    assert handoff.told_from(urgency="immediate_danger", at=now) == now


def test_a_lead_is_given_back_and_stays_until_they_say_yes() -> None:
    hsi, hotline = stories.person("HSI"), stories.person("HOTLINE")
    case, _ = accepted(hsi)
    choices = passing.choices(Case.objects.get(id=case.id))
    assert [each.code for each in choices.back] == ["HOTLINE"]
    step = passing.offer(case.id, to_agency_id=hotline.agency_id, reason=WHY, by=hsi, at=timezone.now())
    assert stories.lead_of(case) == "HSI"
    answering.accept(step.id, by=hotline, at=timezone.now())
    assert stories.lead_of(case) == "HOTLINE"


@pytest.mark.usefixtures("clock_ahead")
@pytest.mark.parametrize("answer", ["declined", "expired"])
def test_a_lead_that_nobody_takes_stays_and_its_holder_finds_that_on_the_list(answer: str) -> None:
    hsi, eeoc = stories.person("HSI"), stories.person("EEOC")
    case, _ = accepted(hsi)
    step = passing.offer(case.id, to_agency_id=eeoc.agency_id, reason=WHY, by=hsi, at=timezone.now())
    later = timezone.now() + datetime.timedelta(days=30)
    if answer == "declined":
        answering.decline(step.id, reason="Not ours.", by=eeoc, at=timezone.now())
    else:
        answering.expire(step.id, at=later)
    assert stories.lead_of(case) == "HSI"
    assert not Handoff.objects.filter(case=case, state="offered").exists()
    (told,) = worklist.page(hsi, worklist.Wanted(kind=worklist.Kind.TASK)).entries
    assert told.rule == f"offer-{answer}"
    assert told.words.startswith(stories.agency("EEOC").name)
    duties.acknowledge(told.id, how="", by=hsi, at=later)
    assert worklist.page(hsi, worklist.Wanted(kind=worklist.Kind.TASK)).entries == ()


def test_an_offer_of_ones_own_is_withdrawn_and_asks_nobody_else() -> None:
    hsi, eeoc = stories.person("HSI"), stories.person("EEOC")
    case, _ = accepted(hsi)
    step = passing.offer(case.id, to_agency_id=eeoc.agency_id, reason=WHY, by=hsi, at=timezone.now())
    with pytest.raises(handoff.Over):
        passing.offer(case.id, to_agency_id=stories.agency("WHD").id, reason=WHY, by=hsi, at=timezone.now())
    answering.revoke(step.id, reason="We keep it.", by=hsi, at=timezone.now())
    assert stories.lead_of(case) == "HSI"
    assert not Handoff.objects.filter(case=case, state="offered").exists()
    with pytest.raises(handoff.Over):
        answering.accept(step.id, by=eeoc, at=timezone.now())


def test_a_lead_is_offered_with_a_reason_by_the_lead_to_somebody_who_can_lead() -> None:
    hsi, eeoc = stories.person("HSI"), stories.person("EEOC")
    case, _ = accepted(hsi)
    with pytest.raises(handoff.ReasonMissing):
        passing.offer(case.id, to_agency_id=eeoc.agency_id, reason="  ", by=hsi, at=timezone.now())
    with pytest.raises(changing.NotTheLead):
        passing.offer(case.id, to_agency_id=hsi.agency_id, reason=WHY, by=eeoc, at=timezone.now())
    with pytest.raises(passing.CannotAsk, match="Choose an agency"):
        passing.offer(case.id, to_agency_id=hsi.agency_id, reason=WHY, by=hsi, at=timezone.now())
    assert passing.offer(case.id, to_agency_id=eeoc.agency_id, reason=WHY, by=hsi, at=timezone.now())


def test_no_gate_is_passed_by_choosing_whom_to_ask() -> None:
    facts = {"source": "survivor", "wishes": "services_only", "labor": "yes", "age": "adult", "means": "yes"}
    hotline = stories.person("HOTLINE")
    case = stories.case(facts, at=timezone.now())
    assert stories.lead_of(case) == "HOTLINE"
    with pytest.raises(passing.CannotAsk):
        passing.offer(case.id, to_agency_id=stories.agency("HSI").id, reason=WHY, by=hotline, at=timezone.now())
    assert not Handoff.objects.filter(case=case, to_agency__code="HSI").exists()


def test_new_facts_leave_an_offer_of_the_leads_own_alone_unless_they_ask_somebody_else() -> None:
    hsi, eeoc = stories.person("HSI"), stories.person("EEOC")
    case, _ = accepted(hsi)
    step = passing.offer(case.id, to_agency_id=eeoc.agency_id, reason=WHY, by=hsi, at=timezone.now())
    changing.change_facts(
        case.id,
        facts={**stories.FORCED_LABOR, "urgency": "within_24h"},
        place=places.Place(),
        seen_version=1,
        because="she called again",
        by=hsi,
        at=timezone.now(),
    )
    assert Handoff.objects.get(id=step.id).state == "offered"


def test_the_worklist_offers_to_undo_right_after_accepting_and_says_until_when() -> None:
    hsi = stories.person("HSI")
    browser = signing_in.sign_in(Client(), hsi)
    case = stories.case(at=timezone.now())
    offer = stories.offer_of(case)
    page = browser.post(f"/offers/{offer.id}/accept", {"back": "/worklist"}, follow=True)
    assert f"/offers/{offer.id}/undo" in page.content.decode()
    assert re.search(r"1 min \d+ s left, until", page.content.decode())
    assert f"/offers/{offer.id}/undo" in browser.get(f"/cases/{case.reference}").content.decode()
    page = browser.post(f"/offers/{offer.id}/undo", {"back": "/worklist"}, follow=True)
    assert "Undone. Your agency no longer leads case" in page.content.decode()
    assert f"/offers/{offer.id}/undo" not in page.content.decode()
    page = browser.post(f"/offers/{offer.id}/undo", {"back": "/worklist"}, follow=True)
    assert "no longer leads this case by that acceptance" in page.content.decode()


def test_a_lead_is_passed_on_on_its_own_page_and_what_was_typed_is_kept() -> None:
    hsi = stories.person("HSI")
    browser = signing_in.sign_in(Client(), hsi)
    case, _ = accepted(hsi)
    there = f"/cases/{case.reference}/pass-on"
    assert "Give it back" in browser.get(there).content.decode()
    page = browser.post(there, {"agency": "", "reason": "Their county."})
    assert (page.status_code, "Their county." in page.content.decode()) == (422, True)
    hotline = str(stories.agency("HOTLINE").id)
    page = browser.post(there, {"agency": hotline, "reason": "Their county."}, follow=True)
    assert "was asked. Your agency leads until somebody there accepts." in page.content.decode()
    asked = signing_in.sign_in(Client(), stories.person("HOTLINE"))
    assert "Their county." in asked.get(f"/cases/{case.reference}").content.decode()
    assert asked.get(there).status_code == 404


def test_whoever_declines_what_the_lead_passed_on_is_not_told_that_somebody_else_was_asked(client: Client) -> None:
    hsi, hotline = stories.person("HSI"), stories.person("HOTLINE")
    case, _yes = accepted(hsi)
    step = passing.offer(case.id, to_agency_id=hotline.agency_id, reason=WHY, by=hsi, at=timezone.now())
    signing_in.sign_in(client, hotline)
    answer = client.post(f"/offers/{step.id}/decline", {"reason": "No.", "back": "/worklist"}, follow=True)
    page = answer.content.decode()
    assert "The agency that asked you still leads it, and your reason is on the record." in page
    assert "The next agency was asked" not in page
    assert stories.lead_of(case) == "HSI"
    assert not Handoff.objects.filter(case=case, state="offered").exists()
