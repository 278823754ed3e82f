"""A deadline is counted in the place of whoever owes it: the lead, an office, or a body outside the system."""

from __future__ import annotations

import datetime
import re
import uuid

import pytest
from django.utils import timezone

from nowrongdoor.agencies import actions as agencies
from nowrongdoor.cases.models import Case
from nowrongdoor.core.mandates import table
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import routing
from nowrongdoor.mandates import actions as mandates
from nowrongdoor.mandates import queries as tables
from nowrongdoor.signals import actions as signals
from tests.leads import stories

pytestmark = pytest.mark.django_db
FACTS = {
    "missing_child": "yes",
    "age": "under_18",
    "urgency": "within_24h",
    "online_child_content": "yes",
    "source": "online_provider",
}
TUESDAY = datetime.datetime(2026, 11, 24, 4, 30, tzinfo=datetime.UTC)  # still Monday night in the United States


@pytest.fixture(autouse=True)
def business_days() -> None:
    """The clocks of the lead (D18), of local police (D09) and of an online provider (D14) count one business day."""
    files = table.shipped_files()
    for clock in ("D18", "D09", "D14-report-act"):
        entry = re.search(rf'\[\[clock\]\]\nid = "{clock}"\n.*?(?=\n\[\[clock\]\]|\Z)', files["clocks.toml"], re.S)
        assert entry
        counted = re.sub(r'unit = "\w+"\namount = \d+', 'unit = "business_days"\namount = 1', entry.group())
        files["clocks.toml"] = files["clocks.toml"].replace(entry.group(), counted)
    kept = mandates.add(files, at=timezone.now())
    mandates.put_in_force(kept.id, agency_id=stories.agency("HOTLINE").id, by=None, at=timezone.now())


def due(clock: str, *, receiver: str = "HOTLINE", state: str = "", district: str = "") -> datetime.datetime:
    """Until when a clock runs in a case that just came in."""
    stories.staff()
    contact = signals.Contact(key=uuid.uuid4().hex, channel="call", facts=FACTS, state=state, district=district)
    office = stories.agency(receiver).id
    receipt = signals.take(contact, asked=tables.asked(), receiver_id=office, by=None, at=TUESDAY)
    routing.route([receipt.signal_id], at=TUESDAY)
    case = Case.objects.get(signals__signal_id=receipt.signal_id)
    return Duty.objects.get(case=case, clock=clock).due_at.astimezone(datetime.UTC)


def utc(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)


def office(code: str, desk: str, place: str, kind: str) -> str:
    agencies.add_missing([agencies.New(code, desk, code, "", kind, place)])
    return code


def test_what_the_lead_owes_is_counted_where_the_lead_is() -> None:
    assert due("D18", state="HI") == utc("2026-11-24T23:59:59-05:00")  # the hotline is a national body
    here = office("CHILD_WELFARE_HI", "CHILD_WELFARE", "HI", "child_welfare")
    assert due("D18", receiver=here, state="NY") == utc("2026-11-24T23:59:59-10:00")
    there = office("CHILD_WELFARE_GU", "CHILD_WELFARE", "GU", "child_welfare")
    assert due("D18", receiver=there) == utc("2026-11-25T23:59:59+10:00")  # there it is Tuesday already


def test_what_a_body_outside_owes_is_counted_where_the_case_is() -> None:
    assert due("D14-report-act", state="GU") == utc("2026-11-25T23:59:59+10:00")
    assert due("D14-report-act") == utc("2026-11-24T23:59:59-05:00")


def test_what_an_office_owes_is_counted_where_the_office_is() -> None:
    """Until the police have an office here, the hotline tells them by hand."""
    assert due("D09", state="TN", district="TN-E") == utc("2026-11-24T23:59:59-05:00")
    office("TENNESSEE_POLICE", "LOCAL_POLICE", "TN", "law_enforcement")
    assert due("D09", state="TN", district="TN-E") == utc("2026-11-24T23:59:59-06:00")
