"""Who answers for a case: from the first instant, through offers, to somebody who said yes."""

from __future__ import annotations

import datetime

import pytest

from nowrongdoor.cases.models import Case, Tenure
from nowrongdoor.cases.queries import NoSuchCase
from nowrongdoor.core import handoff, places
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import routing
from nowrongdoor.leads import answering, changing
from nowrongdoor.leads.models import Handoff
from tests.leads import stories

pytestmark = pytest.mark.django_db


def test_the_receiving_agency_leads_from_the_first_instant_and_the_mandated_one_is_asked() -> None:
    case = stories.case()
    assert stories.lead_of(case) == "HOTLINE"
    assert stories.offer_of(case).to_agency.code == "HSI"


def test_a_signal_is_routed_once_however_often_it_is_tried() -> None:
    receipt = stories.signal(at=stories.NOON)
    assert len(routing.route([receipt.signal_id], at=stories.NOON)) == 1
    assert routing.route([receipt.signal_id], at=stories.NOON) == []
    assert Case.objects.count() == 1


def test_the_lead_moves_on_acceptance_and_the_history_says_so() -> None:
    case = stories.case()
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=stories.NOON)
    assert stories.lead_of(case) == "HSI"
    tenures = Tenure.objects.filter(case=case).order_by("id").values_list("agency__code", "to_at")
    assert [code for code, _ in tenures] == ["HOTLINE", "HSI"]
    assert [to_at is None for _, to_at in tenures] == [False, True]


def test_a_decline_needs_a_reason_and_asks_the_next_agency() -> None:
    case = stories.case()
    offer, hsi = stories.offer_of(case), stories.person("HSI")
    with pytest.raises(handoff.ReasonMissing):
        answering.decline(offer.id, reason="  ", by=hsi, at=stories.NOON)
    assert stories.offer_of(case).id == offer.id
    answering.decline(offer.id, reason="No agents in that district until May.", by=hsi, at=stories.NOON)
    assert stories.offer_of(case).to_agency.code == "FBI"
    assert stories.lead_of(case) == "HOTLINE"


def test_the_chain_ends_with_a_backstop_that_leads_at_once() -> None:
    case = stories.case()
    for code in ("HSI", "FBI", "WHD"):
        answering.decline(stories.offer_of(case).id, reason="No.", by=stories.person(code), at=stories.NOON)
    assert stories.lead_of(case) == "DOJ_COORDINATOR"
    assert not Handoff.objects.filter(case=case, state="offered").exists()


def test_an_offer_that_runs_out_goes_to_the_next_once() -> None:
    case = stories.case(at=stories.NOON)
    late = stories.NOON + datetime.timedelta(days=2)
    assert answering.due_offers(at=stories.NOON) == []
    (due,) = answering.due_offers(at=late)
    assert answering.expire(due, at=late)
    assert not answering.expire(due, at=late)
    assert answering.due_offers(at=late) == []
    assert stories.offer_of(case).to_agency.code == "FBI"


def test_only_the_agency_asked_can_accept() -> None:
    case = stories.case()
    with pytest.raises(answering.NoSuchOffer):
        answering.accept(stories.offer_of(case).id, by=stories.person("WHD"), at=stories.NOON)
    with pytest.raises(handoff.NotYours):
        answering.accept(stories.offer_of(case).id, by=stories.person("HOTLINE"), at=stories.NOON)
    assert stories.lead_of(case) == "HOTLINE"


def test_a_lead_can_take_its_offer_back_and_ask_again() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    answering.revoke(stories.offer_of(case).id, reason="The caller rang back.", by=hotline, at=stories.NOON)
    assert not Handoff.objects.filter(case=case, state="offered").exists()
    changing.ask_next(case.id, by=hotline, at=stories.NOON)
    assert stories.offer_of(case).to_agency.code == "HSI"


def test_an_agency_of_the_chain_can_step_forward_and_the_open_offer_ends() -> None:
    case, fbi = stories.case(), stories.person("FBI")
    with pytest.raises(NoSuchCase):  # it takes no part, so there is nothing for it to step forward to
        answering.step_forward(case.id, by=fbi, at=stories.NOON)
    answering.step_forward(stories.told(case, "FBI").id, by=fbi, at=stories.NOON)
    assert stories.lead_of(case) == "FBI"
    with pytest.raises(answering.CannotStepForward):
        answering.step_forward(stories.told(stories.case(), "EEOC").id, by=stories.person("EEOC"), at=stories.NOON)


def test_changed_facts_ask_the_agency_that_is_mandated_now_and_keep_history() -> None:
    case, hotline = stories.case(), stories.person("HOTLINE")
    changing.change_facts(
        case.id,
        facts={"source": "hotline", "commercial_sex": "yes", "age": "under_18", "nationality": "us_citizen"},
        place=places.Place(),
        seen_version=1,
        because="the caller told us her age",
        by=hotline,
        at=stories.NOON,
    )
    assert stories.offer_of(case).to_agency.code == "FBI_VCAC"
    states = Handoff.objects.filter(case=case).order_by("id").values_list("to_agency__code", "state")
    assert list(states) == [("HSI", "superseded"), ("FBI_VCAC", "offered")]
    assert case.facts_history.count() == 2


def test_a_child_of_another_country_starts_the_clocks_of_the_law() -> None:
    case = stories.case({**stories.FORCED_LABOR, "age": "under_18"}, at=stories.NOON)
    notice = Duty.notices().get(case=case, desk="HHS_OTIP", role="notify")
    assert notice.due_at - stories.NOON == datetime.timedelta(hours=24)
    assert notice.basis == "statute"
    assert Duty.deadlines().filter(case=case, clock="D03", agency__code="HHS_OTIP").exists()
