"""A person's wish outlives what happens to their case: a further signal, an agency that closes into another (F11)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import pytest
from django.test import Client

from nowrongdoor.access import viewers
from nowrongdoor.agencies.models import Agency
from nowrongdoor.cases.models import Case, Participant
from nowrongdoor.core.mandates import rules
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import closing, joining
from nowrongdoor.leads.models import Handoff
from nowrongdoor.signals import actions as signals
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
HELPS = {rules.Kind.SERVICES.value, rules.Kind.HOTLINE.value, rules.Kind.CHILD_WELFARE.value}
THEMSELVES = {"source": "survivor"}
SOMEBODY = {"source": "bystander"}


def say_more(case: Case, facts: Mapping[str, str]) -> Case:
    more = signals.Contact(key=uuid.uuid4().hex, channel="call", facts=facts)
    joining.take_into_case(more, case.id, by=stories.person("HOTLINE"), at=stories.NOON)
    return Case.objects.get(id=case.id)


def who_enforces(case: Case) -> set[str]:
    """Agencies that enforce and are asked, told or take part in a case now."""
    asked = Handoff.objects.filter(case=case, state="offered").values_list("to_agency_id", flat=True)
    told = Duty.notices().filter(case=case, withdrawn_at=None, by_hand=False).values_list("agency_id", flat=True)
    part = Participant.objects.filter(case=case, to_at=None).values_list("agency_id", flat=True)
    there = Agency.objects.filter(id__in=[*asked, *told, *part, Case.objects.get(id=case.id).lead_id])
    return set(there.exclude(kind__in=HELPS).values_list("code", flat=True))


@pytest.mark.parametrize(
    ("first", "then", "source", "wishes", "is_open_to_those_who_enforce"),
    [
        ({**SOMEBODY, "wishes": "report_agreed"}, {**THEMSELVES, "wishes": "services_only"}, 0, "services_only", False),
        ({**SOMEBODY, "wishes": "report_agreed"}, THEMSELVES, 0, None, False),  # nobody agrees for them
        (SOMEBODY, THEMSELVES, 0, None, False),
        ({}, {**SOMEBODY, "wishes": "services_only"}, 2, "services_only", False),
        ({**SOMEBODY, "wishes": "services_only"}, THEMSELVES, 0, "services_only", False),
        ({**THEMSELVES, "wishes": "services_only"}, {**SOMEBODY, "wishes": "report_agreed"}, 0, "services_only", False),
        (
            {**THEMSELVES, "wishes": "services_only"},
            {**THEMSELVES, "wishes": "report_agreed"},
            0,
            "report_agreed",
            True,
        ),
        ({**THEMSELVES, "wishes": "report_agreed"}, {**THEMSELVES, "labor": "yes"}, 0, "report_agreed", True),
        ({**THEMSELVES, "wishes": "report_agreed"}, SOMEBODY, 0, "report_agreed", True),
    ],
)
def test_of_two_signals_the_person_s_own_newest_word_decides_who_is_asked_and_told(
    first: dict[str, str],
    then: dict[str, str],
    source: int,
    wishes: str | None,
    is_open_to_those_who_enforce: bool,  # noqa: FBT001
) -> None:
    case = say_more(stories.case({**stories.FORCED_LABOR, **first}), then)
    assert (case.facts["source"], case.facts.get("wishes")) == (
        ("survivor", "bystander", "law_enforcement")[source],
        wishes,
    )
    assert bool(who_enforces(case)) is is_open_to_those_who_enforce


def test_an_agency_that_a_gate_bars_takes_over_neither_the_case_nor_what_is_owed_in_it() -> None:
    case = stories.case({**stories.FORCED_LABOR, **THEMSELVES})
    assert stories.lead_of(case) == "HOTLINE"
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    with pytest.raises(closing.StillNeeded, match=f"cannot take over case {case.reference}"):
        closing.close_agency("HOTLINE", into="FBI", by=admin, at=stories.NOON)
    assert Agency.objects.get(code="HOTLINE").active
    assert stories.lead_of(case) == "HOTLINE"
    told = Duty.notices().filter(case=case, withdrawn_at=None, by_hand=False).exclude(agency__code="HHS_OTIP")
    helper = stories.owner_of(told.order_by("id")[0])
    closing.close_agency(helper, into="HSI", by=admin, at=stories.NOON)
    assert not Agency.objects.get(code=helper).active
    assert who_enforces(case) == set()
    open_case = stories.case({**stories.FORCED_LABOR, **THEMSELVES, "wishes": "report_agreed"})
    closing.close_agency("EEOC", into="WHD", by=admin, at=stories.NOON)  # nothing is in the way of others
    assert stories.lead_of(open_case) == "HOTLINE"


NOBODY_SAID = {"labor": "yes", "age": "adult", "means": "yes", "nationality": "foreign"}


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({}, None),
        ({"age": "under_18", "commercial_sex": "yes"}, None),
        ({"source": "law_enforcement"}, "HSI"),
        ({"wishes": "report_agreed"}, "HSI"),
        ({"urgency": "immediate_danger"}, "HSI"),
    ],
)
def test_nobody_who_enforces_is_asked_until_somebody_says_who_is_telling(
    more: Mapping[str, str], asked: str | None
) -> None:
    case = stories.case({**NOBODY_SAID, **more})
    offered = Handoff.objects.filter(case=case).values_list("to_agency__code", flat=True)
    assert list(offered) == ([asked] if asked else [])
    assert bool(who_enforces(case)) is bool(asked)


def test_once_somebody_says_who_is_telling_the_chain_is_asked() -> None:
    case = stories.case(NOBODY_SAID)
    hotline = stories.person("HOTLINE")
    said = "No enforcement agency is asked or notified until somebody says who is telling us"
    client = signing_in.sign_in(Client(), hotline)
    receipt = f"/signals/{case.signals.get().signal.reference}"
    for address in (receipt, f"/cases/{case.reference}"):
        assert said in client.get(address).content.decode()
    case = say_more(case, SOMEBODY)
    assert stories.offer_of(case).to_agency.code == "HSI"
    for address in (receipt, f"/cases/{case.reference}"):
        assert said not in client.get(address).content.decode()


def test_without_a_tie_to_the_country_whoever_received_the_case_keeps_it() -> None:
    abroad = {**NOBODY_SAID, **SOMEBODY, "territory": "abroad", "us_person_abroad": "no"}
    for receiver in ("HOTLINE", "FBI"):
        case = stories.case(abroad, receiver=receiver)
        assert stories.lead_of(case) == receiver
        assert not Handoff.objects.filter(case=case).exists()
        told = Duty.notices().filter(case=case).values_list("desk", "role")
        assert ("STATE_AID_ABROAD", "support") in told
    assert not Agency.objects.filter(code="RECEIVER").exists()


def test_somebody_close_to_the_person_counts_for_more_than_a_bystander() -> None:
    case = say_more(stories.case({**stories.FORCED_LABOR, **SOMEBODY}), {"source": "proxy"})
    assert case.facts["source"] == "proxy"
    assert who_enforces(case) == set()
    officer = say_more(stories.case(), {"source": "clinician"})
    assert officer.facts["source"] == "law_enforcement"


def test_a_no_to_one_kind_of_agency_counts_whoever_passes_it_on() -> None:
    agreed = {**stories.FORCED_LABOR, **THEMSELVES, "wishes": "report_agreed", "wish_immigration": "yes"}
    case = stories.case(agreed)
    assert stories.offer_of(case).to_agency.code == "HSI"
    case = say_more(case, {**SOMEBODY, "wish_immigration": "no"})
    assert stories.offer_of(case).to_agency.code == "FBI"
    assert {"HSI", "CCHT", "USCIS"} & who_enforces(case) == set()
    case = say_more(case, {**SOMEBODY, "wish_immigration": "yes"})
    assert stories.offer_of(case).to_agency.code == "FBI"  # nobody takes a no back for them
    case = say_more(case, {**THEMSELVES, "wish_immigration": "yes"})
    assert stories.offer_of(case).to_agency.code == "HSI"
