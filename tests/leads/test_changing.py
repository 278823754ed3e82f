"""When facts, rules and agencies change under a case: who is asked, who is told, who sees it no more."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import pytest
from django.test import Client

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.agencies.models import User
from nowrongdoor.cases import queries as case_queries
from nowrongdoor.cases.models import Case, Note
from nowrongdoor.core import handoff, places
from nowrongdoor.core.mandates import table
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import closing, joining
from nowrongdoor.leads import answering, changing
from nowrongdoor.leads.models import Handoff
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates.models import Decision
from nowrongdoor.signals import actions as signals
from nowrongdoor.signals.models import Signal
from tests import claims, signing_in
from tests.leads import stories, verbs

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
SERVICES_ONLY = {"age": "adult", "source": "survivor", "wishes": "services_only"}


def change(case: Case, facts: Mapping[str, str], place: places.Place = places.Place()) -> None:  # noqa: B008
    case = Case.objects.get(id=case.id)
    changing.change_facts(
        case.id,
        facts=facts,
        place=place,
        seen_version=case.facts_version,
        because="more was said",
        by=stories.person(stories.lead_of(case)),
        at=stories.NOON + HOUR,
    )


def test_danger_shortens_what_was_asked_and_told_before_it() -> None:
    case = stories.case({**stories.FORCED_LABOR, "urgency": "none"}, at=stories.NOON)
    change(case, {**stories.FORCED_LABOR, "urgency": "immediate_danger"})
    offer = stories.offer_of(case)
    assert offer.due_at == stories.NOON + HOUR + handoff.WINDOWS["immediate_danger"]
    running = Duty.notices().filter(case=case, withdrawn_at=None, clock="")
    assert claims.every(notice.due_at <= stories.NOON + 2 * HOUR for notice in running)


def test_an_offer_that_still_stands_keeps_its_own_clock() -> None:
    case = stories.case(at=stories.NOON)
    before = stories.offer_of(case)
    change(case, {**stories.FORCED_LABOR, "hazardous_work": "yes"})
    after = stories.offer_of(case)
    assert (after.id, after.due_at) == (before.id, before.due_at)
    answering.decline(after.id, reason="no", by=stories.person("HSI"), at=stories.NOON + 2 * HOUR)
    assert stories.offer_of(case).to_agency.code == "FBI"  # and its no counts, although the facts changed in between


def test_services_only_ends_the_sight_of_those_whom_the_gate_bars() -> None:
    case = stories.case(at=stories.NOON)
    prosecutors = stories.person("HTPU")
    assert case_queries.find(prosecutors, case.reference).sight is case_queries.Sight.CASE
    change(case, {**stories.FORCED_LABOR, **SERVICES_ONLY})
    assert case_queries.find(prosecutors, case.reference).sight is case_queries.Sight.HISTORY
    assert case_queries.find(stories.person("HSI"), case.reference).sight is case_queries.Sight.HISTORY
    assert stories.lead_of(case) == "HOTLINE"


def test_a_place_that_becomes_known_tells_its_own_office() -> None:
    agencies.add_missing(
        [agencies.New(f"USAO_{p}", "USAO", f"U.S. Attorney {p}", "Justice", "prosecutor", p) for p in ("NY-S", "FL-M")]
    )
    case = stories.case(at=stories.NOON)
    assert Duty.notices().get(case=case, desk="USAO").by_hand
    for code in ("NY-S", "FL-M"):
        change(case, stories.FORCED_LABOR, places.read(code))
        running = Duty.notices().get(case=case, desk="USAO", withdrawn_at=None)
        assert (stories.owner_of(running), running.by_hand) == (f"USAO_{code}", False)
    left = stories.person("USAO_NY-S")
    assert case_queries.find(left, case.reference).sight is case_queries.Sight.HISTORY


def test_whoever_declines_the_lead_keeps_its_other_duties() -> None:
    case = stories.case({"source": "law_enforcement", "labor": "yes", "means": "no", "age": "adult"}, at=stories.NOON)
    whd = stories.person("WHD")
    assert not Duty.notices().filter(case=case, agency_id=whd.agency_id).exists()
    answering.decline(stories.offer_of(case).id, reason="criminal", by=whd, at=stories.NOON)
    assert Duty.notices().get(case=case, agency_id=whd.agency_id).role == "civil"
    assert case_queries.find(whd, case.reference).sight is case_queries.Sight.CASE


def test_deadlines_that_start_later_do_not_run_yet() -> None:
    case = stories.case({**stories.FORCED_LABOR, "age": "under_18"}, at=stories.NOON)
    assert set(Duty.deadlines().filter(case=case).values_list("clock", flat=True)) == {"D03"}


def test_what_a_closed_agency_owed_is_owed_by_somebody_who_is_there() -> None:
    case = stories.case(at=stories.NOON)
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    closing.close_agency("HTPU", into=None, by=admin, at=stories.NOON)
    notice = Duty.notices().get(case=case, desk="HTPU")
    assert (stories.owner_of(notice), notice.by_hand) == ("HOTLINE", True)
    closing.close_agency("WHD", into="DOL_OIG", by=admin, at=stories.NOON)
    assert stories.owner_of(Duty.notices().get(case=case, desk="WHD")) == "DOL_OIG"
    for code, into in (("FBI", "FBI"), ("FBI", "NCMEC"), ("DOJ_COORDINATOR", "FBI")):
        with pytest.raises(closing.StillNeeded):
            closing.close_agency(code, into=into, by=admin, at=stories.NOON)


def test_a_new_table_decides_open_cases_again_even_when_the_clock_was_set_back() -> None:
    case = stories.case(at=stories.NOON)
    files = table.shipped_files()
    ours, theirs = ('precedence = 52\nagency = "HSI"', 'precedence = 52\nagency = "FBI"')
    changed = files | {"leads.toml": files["leads.toml"].replace(ours, theirs)}
    kept = mandates.add(changed, at=stories.NOON)
    earlier = stories.NOON - HOUR
    mandates.put_in_force(kept.id, agency_id=stories.agency("DOJ_COORDINATOR").id, by=None, at=earlier)
    assert changing.follow_table(limit=10, at=earlier) == 1
    assert changing.follow_table(limit=10, at=earlier) == 0
    assert stories.offer_of(case).to_agency.code == "FBI"
    assert Decision.objects.filter(case=case).count() == 2


@pytest.mark.parametrize("what", ["decline", "close", "facts", "note"])
def test_text_that_no_table_can_hold_is_refused_in_words(what: str) -> None:
    case = stories.case()
    stories.person("HSI")
    hsi = Client()
    signing_in.passed(hsi, User.objects.get(full_name="Pat of HSI", role=viewers.Role.COORDINATOR.value))
    offer = stories.offer_of(case)
    if what != "decline":
        answering.accept(offer.id, by=stories.person("HSI"), at=stories.NOON)
    path, field = {
        "decline": (f"/offers/{offer.id}/decline", "reason"),
        "close": (f"/cases/{case.reference}/close", "because"),
        "facts": (f"/cases/{case.reference}/facts", "because"),
        "note": (f"/cases/{case.reference}/notes", "text"),
    }[what]
    before = verbs.content(case.id)
    given = {"seen_version": "1", "closed_as": "Closed", "found": "PossibleVictimOfTrafficking"}
    answer = hsi.post(path, {**given, field: "a\x00b"})
    assert answer.status_code == 422
    assert "has a character that can’t be saved (NUL)" in answer.content.decode()
    assert verbs.content(case.id) == before
    assert not Note.objects.filter(case=case).exists()
    hsi.post(path, {**given, field: "a b"})  # without it, the same is kept
    assert (verbs.content(case.id) != before) is (what != "note")
    assert Note.objects.filter(case=case).exists() is (what == "note")


def test_an_indicator_that_nobody_asks_keeps_nothing_and_loses_no_word() -> None:
    stories.person("HOTLINE", viewers.Role.ADVOCATE)
    ada = Client()
    signing_in.passed(ada, User.objects.get(full_name="Pat of HOTLINE"))
    form = {"key": "k", "channel": "call", "source": "unknown", "indicator": "bogus", "narrative": "her words"}
    answer = ada.post("/signals/new", form)
    assert answer.status_code == 422
    assert b"her words" in answer.content
    assert not Signal.objects.exists()
    good = ada.post("/signals/new", {**form, "indicator": "ilo.5.debt"})
    assert good.status_code == 302
    assert Signal.objects.count() == Case.objects.count() == 1
    again = ada.post("/signals/new", {**form, "indicator": "ilo.5.debt"})
    assert again["Location"] == good["Location"]


def test_a_form_sent_after_the_session_ended_gives_the_words_back() -> None:
    answer = Client().post("/signals/new", {"narrative": "her words"})
    assert answer.status_code == 403
    assert b"her words" in answer.content


def test_every_handoff_of_a_case_is_over_or_open_once() -> None:
    case = stories.case(at=stories.NOON)
    change(case, {"commercial_sex": "yes", "age": "under_18"})
    change(case, stories.FORCED_LABOR)
    assert Handoff.objects.filter(case=case, state="offered").count() == 1


def test_a_further_signal_joins_its_case_and_fills_only_what_was_not_known() -> None:
    told = {"source": "law_enforcement", "labor": "yes"}
    case = stories.case(told, at=stories.NOON)
    assert stories.offer_of(case).to_agency.code == "FBI"
    hotline = stories.person("HOTLINE")
    contact = signals.Contact(key="second", channel="text", facts={"labor": "no", "nationality": "foreign"})
    receipt = joining.take_into_case(contact, case.id, by=hotline, at=stories.NOON + HOUR)
    again = joining.take_into_case(contact, case.id, by=hotline, at=stories.NOON + HOUR)
    assert again.signal_id == receipt.signal_id
    assert Case.objects.get().facts == {**told, "nationality": "foreign"}
    assert case.signals.count() == 2
    assert stories.offer_of(case).to_agency.code == "HSI"
    changing.close(case.id, because="done", by=hotline, at=stories.NOON + HOUR)
    late = signals.Contact(key="third", channel="text", facts={})
    with pytest.raises(handoff.Over):
        joining.take_into_case(late, case.id, by=hotline, at=stories.NOON + HOUR)
    assert Signal.objects.count() == 2


def test_a_signal_cannot_join_a_case_that_its_agency_does_not_see() -> None:
    case = stories.case()
    stories.person("EEOC")
    stranger = Client()
    signing_in.passed(stranger, User.objects.get(full_name="Pat of EEOC"))
    form = {"key": "k", "channel": "call", "source": "unknown", "narrative": "her words", "case": case.reference}
    answer = stranger.post("/signals/new", form)
    assert answer.status_code == 422
    assert b"not shared with your agency" in answer.content
    assert b"her words" in answer.content
    assert case.signals.count() == Signal.objects.count() == 1
