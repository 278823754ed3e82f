"""Every verb that touches what is owed, one after the other."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from nowrongdoor.access import viewers
from nowrongdoor.cases import people
from nowrongdoor.cases.models import Case
from nowrongdoor.core import disclosure_grounds, places
from nowrongdoor.duties import actions
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import closing
from nowrongdoor.leads import answering, changing
from nowrongdoor.releases import actions as releases
from tests.leads import stories

CHILD = {**stories.FORCED_LABOR, "age": "under_18", "urgency": "immediate_danger"}


def every_verb(*, at: datetime.datetime) -> Iterator[Case]:
    """Do one thing after the other to a case, with a look at it between each two."""
    case = stories.case(CHILD, at=at)
    hotline, hsi = stories.person("HOTLINE"), stories.person("HSI")
    yield case
    by_hand = Duty.notices().filter(case=case, agency_id=hotline.agency_id, by_hand=True).order_by("id")[:1]
    assert by_hand
    for each in by_hand:
        actions.acknowledge(each.id, how="By telephone.", by=hotline, at=at)
    _disclosed(case, hotline, at=at)
    owed = Duty.deadlines().filter(case=case, agency_id=hotline.agency_id, source="disclosure")
    assert owed
    for each in owed:
        actions.meet(each.id, how="By letter.", by=hotline, at=at)
    yield case
    changing.change_facts(
        case.id,
        facts={**stories.FORCED_LABOR, "age": "adult"},
        place=places.Place(),
        seen_version=1,
        because="More was said.",
        by=hotline,
        at=at,
    )
    assert Duty.objects.filter(case=case, withdrawn_at__isnull=False).exclude(kind="answer").exists()
    yield case
    answering.accept(stories.offer_of(case).id, by=hsi, at=at)
    yield case
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    closing.close_agency("HSI", into="FBI", by=admin, at=at)
    yield case
    changing.close(case.id, because="Safe.", by=stories.person(stories.lead_of(case)), at=at)
    yield case


def _disclosed(case: Case, by: viewers.Viewer, *, at: datetime.datetime) -> None:
    person = people.add(case.id, {"name": "Zuzana"}, by=by, at=at)
    releases.disclose(
        person,
        recipient_code="HSI",
        which=["identity"],
        ground=next(iter(disclosure_grounds.Ground)).value,
        because="Somebody may come to harm.",
        by=by,
        at=at,
    )
