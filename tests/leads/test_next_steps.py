"""The receipt is one list of next steps, and a report that a law requires is complete with an outside confirmation."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from nowrongdoor.duties import actions as duties
from nowrongdoor.duties.models import Duty
from tests.leads import stories, test_in_danger

pytestmark = pytest.mark.django_db
IN_CARE = {"age": "under_18", "child_in_care": "yes", "commercial_sex": "yes", "source": "clinician"}
CHILD = {**stories.FORCED_LABOR, **IN_CARE}


def headings(page: str) -> list[str]:
    return re.findall(r'<h2 class="usa-process-list__heading">\s*(.*?)\s*</h2>', page)


def receipt_of_a_child() -> tuple[Client, str, Duty]:
    """Saves a signal about a child in care, whom a law wants told to the local police, who aren't on the system."""
    client = test_in_danger.advocate()
    receipt = test_in_danger.send(client, CHILD)
    return client, receipt, Duty.notices().get(by_hand=True, basis="statute", clock="D07")


def test_danger_comes_first_then_the_law_then_the_lead_then_the_person() -> None:
    client = test_in_danger.advocate()
    receipt = test_in_danger.send(client, {**CHILD, "urgency": "immediate_danger"})
    listed = headings(client.get(receipt).content.decode())
    assert listed[0] == test_in_danger.CALLS[0]
    law = [number for number, heading in enumerate(listed) if heading.startswith("By law: ")]
    lead = listed.index("National Human Trafficking Hotline is the lead agency now.")
    assert law
    assert max(law) < lead
    assert listed[lead + 1 :] == [
        "Check what they want.",
        "Ask for a release before you share who they are.",
        "Tell them what happens next.",
    ]


def test_a_report_by_law_is_complete_with_the_confirmation_of_whoever_got_it() -> None:
    client, receipt, notice = receipt_of_a_child()
    door = f"/notices/{notice.id}/acknowledge"
    sent = {"how": "By telephone.", "back": receipt, "signal": receipt.rsplit("/", 1)[-1]}
    refused = client.post(door, sent)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Write the confirmation number that they gave you" in page
    assert "This record doesn’t replace the report" in page
    notice.refresh_from_db()
    assert notice.done_at is None
    client.post(door, {**sent, "confirmation": "CAD-20417"})
    notice.refresh_from_db()
    assert notice.done_at is not None
    assert b"CAD-20417" not in bytes(notice.confirmation)
    assert "Handed over" in client.get(receipt).content.decode()


def test_a_confirmation_is_read_on_the_case() -> None:
    client, receipt, notice = receipt_of_a_child()
    client.post(
        f"/notices/{notice.id}/acknowledge", {"how": "By telephone.", "confirmation": "CAD-20417", "back": receipt}
    )
    hotline = stories.person("HOTLINE")
    with pytest.raises(duties.AlreadyDone):
        duties.acknowledge(notice.id, how="Again.", confirmation="2", by=hotline, at=stories.NOON)
    case = re.search(r'href="(/cases/[^"#]+)"', client.get(receipt).content.decode())
    assert case is not None
    assert "Confirmation <bdi>CAD-20417</bdi>" in client.get(case[1]).content.decode()
