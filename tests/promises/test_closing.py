"""A lead is succeeded only along a closing that an administrator put on record."""

from __future__ import annotations

import pytest

from nowrongdoor.access import viewers
from nowrongdoor.agencies.models import Agency, Closing
from nowrongdoor.audit.models import Event
from nowrongdoor.intake import closing
from nowrongdoor.leads import answering
from tests.leads import stories

pytestmark = pytest.mark.django_db


def _administrator() -> viewers.Viewer:
    return stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)


def test_only_an_administrator_closes_an_agency() -> None:
    with pytest.raises(closing.NotAnAdministrator, match="Only an administrator"):
        closing.close_agency("HSI", into="FBI", by=stories.person("DOJ_COORDINATOR"), at=stories.NOON)
    assert not Closing.objects.exists()
    closing.close_agency("HSI", into="FBI", by=_administrator(), at=stories.NOON)
    assert not Agency.objects.get(code="HSI").active


def test_a_closing_that_fails_is_given_up_on_record() -> None:
    case = stories.case()
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=stories.NOON)
    with pytest.raises(closing.StillNeeded, match="Name an agency that takes them over"):
        closing.close_agency("HSI", into=None, by=_administrator(), at=stories.NOON)
    (row,) = Closing.objects.all()
    assert row.given_up_at == stories.NOON
    told = (
        Event.objects.filter(agency_id=row.agency_id, subject_id=row.id).order_by("id").values_list("verb", flat=True)
    )
    assert list(told) == ["agency.closing", "agency.kept"]
    assert stories.lead_of(case) == "HSI"


def test_a_closing_that_was_left_halfway_is_taken_over() -> None:
    case = stories.case()
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=stories.NOON)
    crashed, by = stories.agency("HSI"), _administrator()
    assert by.user_id
    Closing.objects.create(agency=crashed, into=stories.agency("WHD"), by_id=by.user_id, at=stories.NOON)
    closing.close_agency("HSI", into="FBI", by=_administrator(), at=stories.NOON)
    assert stories.lead_of(case) == "FBI"
    assert Closing.objects.get(given_up_at=None).into == stories.agency("FBI")


def test_whoever_began_to_close_an_agency_and_was_overtaken_is_told() -> None:
    case, by = stories.case(), _administrator()
    answering.accept(stories.offer_of(case).id, by=stories.person("HSI"), at=stories.NOON)
    hsi, fbi = stories.agency("HSI"), stories.agency("FBI")
    assert by.user_id
    row = Closing.objects.create(agency=hsi, into=fbi, by_id=by.user_id, at=stories.NOON, given_up_at=stories.NOON)
    with pytest.raises(closing.Overtaken, match="Somebody else began to close"):
        closing._move(row, case.id, hsi, fbi, by=by, at=stories.NOON)
    assert stories.lead_of(case) == "HSI"
