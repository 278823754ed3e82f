"""Whoever takes their consent back is asked for no more, and nobody else is told on their word."""

from __future__ import annotations

import pytest
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.cases.models import Case, CaseSignal
from nowrongdoor.intake import routing, withdrawing
from nowrongdoor.leads.models import Handoff
from nowrongdoor.leads.tasks import waiting_for_a_table
from nowrongdoor.mailbox import visiting
from nowrongdoor.mandates.models import MandateTable
from tests.leads import stories
from tests.mailbox import senders

NOW = timezone.now
YES = {
    "source": "survivor",
    "labor": "yes",
    "age": "adult",
    "means": "yes",
    "nationality": "foreign",
    "wishes": "report_agreed",
    "wish_federal": "yes",
}


def case_of(sent: senders.Sent) -> Case:
    with row_security.system():
        return Case.objects.get(id=CaseSignal.objects.get(signal=sent.signal.id).case_id)


@pytest.mark.django_db
@pytest.mark.parametrize("stance", ["person", "proxy"])
def test_an_open_offer_that_rested_on_a_yes_is_overtaken_when_it_is_taken_back(stance: str) -> None:
    stories.staff()
    sent = senders.send(stance, facts=YES)
    routing.route([sent.signal.id], at=NOW())
    case = case_of(sent)
    with row_security.system():
        assert Handoff.objects.filter(case=case, state="offered", to_agency__code="HSI").count() == 1
    visiting.withdraw(sent.opener, at=NOW())
    assert withdrawing.withdraw(sent.signal.id, at=NOW())
    after = case_of(sent)
    assert after.facts["wishes"] == "services_only"
    assert {after.facts[name] for name in ("wish_police", "wish_federal", "wish_immigration")} == {"no"}
    with row_security.system():
        assert Handoff.objects.filter(case=case, state="offered").count() == 0
        assert case.facts_history.count() == 2
    assert not withdrawing.withdraw(sent.signal.id, at=NOW())
    assert case_of(sent).facts_version == after.facts_version


@pytest.mark.django_db
def test_a_contact_that_was_not_routed_yet_becomes_a_case_that_asks_nobody() -> None:
    stories.staff()
    sent = senders.send(facts=YES)
    visiting.withdraw(sent.opener, at=NOW())
    assert withdrawing.withdraw(sent.signal.id, at=NOW())
    with row_security.system():
        assert Handoff.objects.filter(case=case_of(sent), state="offered").count() == 0
        assert Handoff.objects.filter(case=case_of(sent)).count() == 0, "nobody was asked, not even for a moment"
    assert case_of(sent).facts["wishes"] == "services_only"


@pytest.mark.django_db
def test_while_no_table_can_decide_what_was_taken_back_is_not_forgotten() -> None:
    stories.staff()
    sent, held = senders.send(facts=YES), senders.send(facts=YES)
    routing.route([held.signal.id], at=NOW())
    in_force = MandateTable.objects.get(in_force=True)
    MandateTable.objects.update(in_force=False)
    for each in (sent, held):
        visiting.withdraw(each.opener, at=NOW())
        with waiting_for_a_table():  # as the worker's task does
            withdrawing.withdraw(each.signal.id, at=NOW())
    assert case_of(held).facts["wishes"] == "services_only"
    MandateTable.objects.filter(id=in_force.id).update(in_force=True)
    routing.route([sent.signal.id], at=NOW())  # as the sweep does
    with row_security.system():
        assert Handoff.objects.filter(case=case_of(sent)).count() == 0
    assert case_of(sent).facts["wishes"] == "services_only"


@pytest.mark.django_db
def test_a_bystander_takes_back_how_to_reach_them_and_no_wish_of_the_person() -> None:
    stories.staff()
    facts = {**YES, "source": "bystander"}
    del facts["wishes"], facts["wish_federal"]
    sent = senders.send("bystander", facts=facts)
    visiting.withdraw(sent.opener, at=NOW())
    assert not withdrawing.withdraw(sent.signal.id, at=NOW())
    assert "wishes" not in case_of(sent).facts


@pytest.mark.django_db
def test_what_nobody_took_back_is_left_alone() -> None:
    stories.staff()
    sent = senders.send(facts=YES)
    assert not withdrawing.withdraw(sent.signal.id, at=NOW())
    assert case_of(sent).facts["wishes"] == "report_agreed"
