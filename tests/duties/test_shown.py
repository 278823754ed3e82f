"""Whatever an agency owes is on its worklist: what is counted is shown, whether or not it is about a case."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client

from nowrongdoor.access import row_security, viewers
from nowrongdoor.cases.models import Participant
from nowrongdoor.duties import actions, worklist
from nowrongdoor.duties.models import Duty
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
DEADLINE = """
INSERT INTO nowrongdoor_duty (id, kind, thing, thing_id, source, agency_id, desk, by_hand, follows_lead, role, rule,
  clock, why, "limit", citation, evidence, basis, since, due_at, how)
VALUES (%(id)s, 'deadline', 'award', gen_random_uuid(), 'person', %(agency)s, '', false, false, '', '', '',
  'Report on the award.', '30 days', '', 'policy', 'policy', now(), now(), '')
"""


def deadline_of_no_case(by: viewers.Viewer) -> uuid.UUID:
    duty_id = uuid.uuid4()
    with row_security.looking(by), connection.cursor() as cursor:
        cursor.execute(DEADLINE, {"id": duty_id, "agency": by.agency_id})
    return duty_id


def test_a_deadline_about_no_case_is_counted_and_shown_without_a_case_to_open() -> None:
    whd = stories.person("WHD")
    owed = deadline_of_no_case(whd)
    with row_security.looking(whd):
        page, counts = worklist.page(whd), worklist.counts(whd)
    assert [(entry.id, entry.case_reference, entry.facts) for entry in page.entries] == [(owed, "", {})]
    assert counts.clocks == 1
    text = signing_in.sign_in(Client(), whd).get("/worklist").content.decode()
    assert "Report on the award." in text
    assert "Mark complete" not in text


def test_a_deadline_about_no_case_is_not_met_as_one_of_a_case() -> None:
    whd = stories.person("WHD")
    owed = deadline_of_no_case(whd)
    with pytest.raises(actions.NoSuchDuty):
        actions.meet(owed, how="Sent.", by=whd, at=stories.NOON)


def test_what_an_agency_owes_on_a_case_that_it_cannot_open_is_shown_all_the_same() -> None:
    case = stories.case()
    told = Duty.notices().filter(case=case, by_hand=False)[0]
    assert told.agency
    viewer = stories.person(told.agency.code)
    Duty.objects.filter(id=told.id).update(agency=stories.agency("EEOC"))
    eeoc = stories.person("EEOC")
    assert not Participant.objects.filter(case=case, agency=eeoc.agency_id).exists()
    with row_security.looking(eeoc):
        page, counts = worklist.page(eeoc), worklist.counts(eeoc)
    assert [(entry.id, entry.case_reference) for entry in page.entries] == [(told.id, "")]
    assert counts.notices == 1
    with row_security.looking(viewer):
        assert told.id not in {entry.id for entry in worklist.page(viewer).entries}
