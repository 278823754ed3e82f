"""A person's wish outlives what happens to their case: a further signal, an agency that closes into another (F11)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import pytest

from nowrongdoor.access import viewers
from nowrongdoor.agencies.models import Agency
from nowrongdoor.cases.models import Case, Participant
from nowrongdoor.core.mandates import rules
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import closing, joining
from nowrongdoor.leads.models import Handoff
from nowrongdoor.signals import actions as signals
from tests.leads import stories

pytestmark = pytest.mark.django_db
HELPS = {rules.Kind.SERVICES.value, rules.Kind.HOTLINE.value, rules.Kind.CHILD_WELFARE.value}
THEMSELVES = {"source": "survivor"}
SOMEBODY = {"source": "third_party"}


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
        ("survivor", "third_party", "law_enforcement")[source],
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
