"""How a case ends: with an outcome of a published vocabulary, in view of what is still owed; or merged into another."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.cases import people
from nowrongdoor.cases.models import Case, CaseLink, CaseSignal
from nowrongdoor.leads import changing
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
NAMES = {"name": "Zuzana Novak", "phone": "+1 555 010 0777"}


def test_closing_shows_what_is_still_owed_and_asks_how_the_case_ended(client: Client) -> None:
    case = stories.case(at=timezone.now())
    signing_in.sign_in(client, stories.person("HOTLINE"))
    there = f"/cases/{case.reference}/close"
    page = client.get(there).content.decode()
    assert "Closing ends none of this" in page
    refused = client.post(there, {"because": "She is home."})
    assert (refused.status_code, "She is home." in refused.content.decode()) == (422, True)
    assert Case.objects.get(id=case.id).closed_at is None
    sent = {"because": "She is home.", "closed_as": "ClosedReferred", "found": "ActualVictimOfTrafficking"}
    page = client.post(there, sent, follow=True).content.decode()
    assert "Closed, referred. Actual victim of trafficking." in page
    with pytest.raises(IntegrityError, match="a closed case keeps its outcome"), transaction.atomic():
        Case.objects.filter(id=case.id).update(closed_as="Closed")
    assert client.get(there).status_code == 404


def test_a_case_is_merged_into_one_that_the_same_agency_leads_and_nothing_moves(client: Client) -> None:
    one, other, theirs = (stories.case(at=timezone.now()) for _ in range(3))
    hotline = stories.person("HOTLINE")
    signal = CaseSignal.objects.get(case=one).signal_id
    elsewhere = stories.case(receiver="WHD", at=timezone.now())
    with pytest.raises(changing.NotTheLead):
        changing.merge(one.id, into_id=elsewhere.id, because="The same farm.", by=hotline, at=timezone.now())
    with pytest.raises(changing.NotTheLead):
        changing.merge(one.id, into_id=one.id, because="The same farm.", by=hotline, at=timezone.now())
    changing.merge(one.id, into_id=other.id, because="The same farm.", by=hotline, at=timezone.now())
    merged = Case.objects.get(id=one.id)
    assert (merged.merged_into_id, merged.closed_at is None) == (other.id, False)
    assert CaseSignal.objects.get(signal_id=signal).case_id == one.id
    assert Case.objects.get(id=other.id).closed_at is None
    with pytest.raises(changing.NotTheLead):
        changing.merge(theirs.id, into_id=one.id, because="It is closed.", by=hotline, at=timezone.now())
    signing_in.sign_in(client, hotline)
    assert "This case was merged into case" in client.get(f"/cases/{one.reference}/together").content.decode()
    assert one.reference in client.get(f"/cases/{other.reference}/together").content.decode()


def test_cases_are_proposed_by_what_ones_own_agency_wrote_down_alone() -> None:
    case, same, others = (stories.case(at=timezone.now()) for _ in range(3))
    hotline, hsi = stories.person("HOTLINE"), stories.person("HSI")
    for each in (case, same):
        people.add(each.id, NAMES, by=hotline, at=timezone.now())
    people.add(others.id, NAMES, by=hsi, at=timezone.now())
    with row_security.looking(hotline):
        found = people.alike(hotline, case.id)
    assert [each.reference for each in found] == [same.reference]
    assert found[0].shared == 3
    with row_security.looking(hsi):
        assert people.alike(hsi, others.id) == []


def test_a_link_is_seen_by_the_agency_that_made_it_alone(client: Client) -> None:
    case, other = stories.case(at=timezone.now()), stories.case(at=timezone.now())
    signing_in.sign_in(client, stories.person("HOTLINE"))
    there = f"/cases/{case.reference}/together"
    assert client.post(there, {"other": case.reference}).status_code == 422
    assert "linked" in client.post(there, {"other": other.reference}, follow=True).content.decode()
    assert other.reference in client.get(there).content.decode()
    assert client.post(there, {"other": other.reference}).status_code == 422
    assert CaseLink.objects.count() == 1
    signing_in.sign_in(client, stories.person("HSI"))
    assert other.reference not in client.get(there).content.decode()
