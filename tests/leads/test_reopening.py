"""A closed case is opened again by the agency that led it last, once; and what was closed stays on record."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.cases.models import Case, Reopening, Tenure
from nowrongdoor.core import handoff, outcomes
from nowrongdoor.duties.models import Entry
from nowrongdoor.leads import answering, changing, models, reopening
from nowrongdoor.notifications.models import Notification
from nowrongdoor.retention.models import Disposal
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
OUTCOME = outcomes.Outcome(outcomes.ClosedAs.CLOSED, outcomes.Found.POSSIBLE)
LATER = stories.NOON + datetime.timedelta(days=2)


def accepted_and_closed() -> Case:
    """Return a case that FBI accepted and closed."""
    case = stories.case(at=stories.NOON)
    with row_security.system():
        offer = models.Handoff.objects.get(case=case, state="offered")
        lead = stories.person(offer.to_agency.code)
    answering.accept(offer.id, by=lead, at=stories.NOON)
    at = stories.NOON + datetime.timedelta(hours=1)
    return changing.close(case.id, because="She is home.", outcome=OUTCOME, by=lead, at=at)


def test_a_case_is_led_again_by_who_led_it_last_and_its_closing_stays_on_record() -> None:
    closed = accepted_and_closed()
    lead = stories.person(stories.lead_of(closed))
    case = reopening.reopen(closed.id, because="She called again.", by=lead, at=LATER)
    with row_security.system():
        row = Reopening.objects.get(case=case)
        runs = Tenure.objects.get(case=case, to_at=None)
        listed = Entry.objects.get(id=case.id, kind="lead")
    assert (case.closed_at, case.closed_as, case.lead_id) == (None, "", lead.agency_id)
    assert (row.closed_at, row.closed_as, row.found) == (closed.closed_at, "Closed", "PossibleVictimOfTrafficking")
    assert b"She called again." not in bytes(row.because)
    assert (runs.agency_id, listed.agency_id) == (lead.agency_id, lead.agency_id)
    again = changing.close(case.id, because="Home again.", by=lead, at=LATER)
    reopening.reopen(again.id, because="And again.", by=lead, at=LATER + datetime.timedelta(days=1))
    assert Reopening.objects.filter(case=case).count() == 2


def test_whoever_handed_the_case_over_is_told_each_time_it_is_closed_or_reopened() -> None:
    hope = stories.person("HOTLINE")
    closed = accepted_and_closed()
    lead = stories.person(stories.lead_of(closed))
    reopening.reopen(closed.id, because="She called again.", by=lead, at=LATER)
    changing.close(closed.id, because="Home again.", by=lead, at=LATER + datetime.timedelta(hours=1))
    with row_security.system():
        kinds = (
            Notification.objects.filter(person=hope.user_id, case=closed.id)
            .order_by("at")
            .values_list("kind", flat=True)
        )
        ours = Notification.objects.filter(agency=lead.agency_id, kind__in=["case_closed", "case_reopened"])
        assert not ours.exists()
    assert [kind for kind in kinds if kind.startswith("case_")] == ["case_closed", "case_reopened", "case_closed"]


def test_its_story_says_how_it_was_closed_before_and_why_it_was_reopened(client: Client) -> None:
    case = stories.case(at=timezone.now())
    hotline = stories.person("HOTLINE")
    changing.close(case.id, because="She is home.", outcome=OUTCOME, by=hotline, at=timezone.now())
    reopening.reopen(case.id, because="She called again.", by=hotline, at=timezone.now())
    signing_in.sign_in(client, hotline)
    page = client.get(f"/cases/{case.reference}").content.decode()
    assert page.index("reopened the case: She called again.") < page.index("Closed: She is home.")  # newest first


def test_whoever_comes_second_is_told_that_the_case_is_open() -> None:
    closed = accepted_and_closed()
    lead = stories.person(stories.lead_of(closed))
    reopening.reopen(closed.id, because="She called again.", by=lead, at=LATER)
    with pytest.raises(reopening.CannotReopen, match="This case is open"):
        reopening.reopen(closed.id, because="She called again.", by=lead, at=LATER)


def test_nobody_else_reopens_a_case_and_nobody_without_a_reason() -> None:
    closed = accepted_and_closed()
    with pytest.raises(changing.NotTheLead):
        reopening.reopen(closed.id, because="Mine.", by=stories.person("HOTLINE"), at=LATER)
    with pytest.raises(handoff.ReasonMissing):
        reopening.reopen(closed.id, because=" ", by=stories.person(stories.lead_of(closed)), at=LATER)


def test_a_case_that_was_merged_stays_closed() -> None:
    one, other = (stories.case(at=stories.NOON) for _ in range(2))
    hotline = stories.person("HOTLINE")
    changing.merge(one.id, into_id=other.id, because="The same farm.", by=hotline, at=stories.NOON)
    with pytest.raises(reopening.CannotReopen, match="merged"):
        reopening.reopen(one.id, because="No, another.", by=hotline, at=LATER)


def test_a_case_whose_disposal_was_requested_stays_closed() -> None:
    closed = accepted_and_closed()
    lead = stories.person(stories.lead_of(closed))
    with row_security.looking(lead):
        assert lead.user_id is not None
        Disposal.objects.create(
            case_id=closed.id,
            agency_id=lead.agency_id,
            schedule="closed",
            asked_by_id=lead.user_id,
            asked_at=LATER,
        )
    with pytest.raises(reopening.CannotReopen, match="disposal"):
        reopening.reopen(closed.id, because="She called again.", by=lead, at=LATER)


def test_the_database_opens_no_closed_case_without_its_reopening() -> None:
    closed = accepted_and_closed()
    nothing = {"closed_at": None, "closed_by": None, "closed_because": b"", "closed_as": "", "found": ""}
    with pytest.raises(IntegrityError, match="a closed case keeps"), transaction.atomic():
        Case.objects.filter(id=closed.id).update(**nothing)


def test_the_page_of_a_closed_case_leads_to_reopening_it(client: Client) -> None:
    case = stories.case(at=timezone.now())
    hotline = stories.person("HOTLINE")
    changing.close(case.id, because="She is home.", outcome=OUTCOME, by=hotline, at=timezone.now())
    signing_in.sign_in(client, hotline)
    there = f"/cases/{case.reference}/reopen"
    assert there in client.get(f"/cases/{case.reference}").content.decode()
    assert client.post(there, {"because": ""}).status_code == 422
    page = client.post(there, {"because": "She called again."}, follow=True).content.decode()
    assert "is open again" in page
    assert client.get(there).status_code == 404


def test_whoever_sends_the_form_after_a_colleague_is_told_and_keeps_what_they_wrote(client: Client) -> None:
    case = stories.case(at=timezone.now())
    hotline = stories.person("HOTLINE")
    changing.close(case.id, because="She is home.", outcome=OUTCOME, by=hotline, at=timezone.now())
    signing_in.sign_in(client, hotline)
    there = f"/cases/{case.reference}/reopen"
    assert client.get(there).status_code == 200
    reopening.reopen(case.id, because="She called again.", by=stories.person("HOTLINE"), at=timezone.now())
    answer = client.post(there, {"because": "Her sister called."})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "This case is open." in page
    assert "Her sister called." in page


@pytest.mark.parametrize(
    ("page", "answers", "reason"),
    [
        (
            "close",
            {"because": "They are home.", "closed_as": "Closed", "found": "PossibleVictimOfTrafficking"},
            "This case was closed, maybe just now by a colleague.",
        ),
        ("pass-on", {"reason": "They are home."}, "This case was closed, maybe just now by a colleague."),
        ("together", {"because": "They are home."}, "Your agency has to lead both cases, and both have to be open."),
    ],
)
def test_whoever_sends_another_form_after_a_colleague_closed_the_case_is_told_too(
    client: Client, page: str, answers: dict[str, str], reason: str
) -> None:
    case, other = stories.case(at=timezone.now()), stories.case(at=timezone.now())
    hotline = stories.person("HOTLINE")
    answering.revoke(stories.offer_of(case).id, reason="Ask another one.", by=hotline, at=timezone.now())
    signing_in.sign_in(client, hotline)
    there = f"/cases/{case.reference}/{page}"
    shown = client.get(there)
    assert shown.status_code == 200
    agencies = re.findall(r'<option value="([0-9a-f-]{36})"', shown.content.decode())
    sent = {**answers, "into": other.reference, "agency": agencies[0] if agencies else ""}
    changing.close(case.id, because="She is home.", outcome=OUTCOME, by=hotline, at=timezone.now())
    answer = client.post(there, sent)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert reason in text
    assert "They are home." in text
    assert client.get(there).status_code == (200 if page == "together" else 404)
