"""An open offer owes its answer until it ends, whoever writes the offer: this code, or that of the release before, with
the SQL here, while an upgrade runs."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.db import connection

from nowrongdoor.access import row_security
from nowrongdoor.agencies.models import new_id
from nowrongdoor.duties import worklist
from nowrongdoor.duties.models import Duty
from tests.duties import alike, owing
from tests.leads import stories

pytestmark = pytest.mark.django_db
AT_THE_END = "an_open_offer_has_an_open_answer", "an_open_answer_has_an_open_offer", "a_duty_stays_with_whoever_owes_it"
Value = str | bool | bytes | uuid.UUID | datetime.datetime | None
SEALED = b"\x01" * 40


def sql(statement: str, **values: Value) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0


def open_offers_with_answers() -> int:
    """Count open offers, and see that each owes its answer."""
    with connection.cursor() as cursor:
        for when in ("IMMEDIATE", "DEFERRED"):  # by name: if all were, the trail would be sealed
            cursor.execute(f"SET CONSTRAINTS {', '.join(AT_THE_END)} {when}")
        assert alike.unlike(cursor) == []
        (count,) = alike.counts(cursor)
    return count


def test_an_offer_of_the_release_before_owes_its_answer_until_it_ends() -> None:
    case = stories.case()
    offer = stories.offer_of(case)
    hsi = stories.person("HSI")
    with row_security.looking(hsi):
        row_security.act_on(case.id)
        sql(
            "UPDATE nowrongdoor_handoff SET state = 'declined', over_at = %(at)s, over_by_id = %(by)s, "
            "reason = %(why)s WHERE id = %(id)s",
            id=offer.id,
            at=stories.NOON,
            by=hsi.user_id,
            why=SEALED,
        )
    answer = Duty.objects.get(id=offer.id)
    assert (answer.kind, answer.done_at, answer.done_by_id) == ("answer", stories.NOON, hsi.user_id)
    with row_security.system():
        offer_id = new_id()
        sql(
            "INSERT INTO nowrongdoor_handoff (id, case_id, from_agency_id, to_agency_id, kind, state, position, rule, "
            "why, citation, evidence, facts_version, offered_at, due_at, reason) SELECT %(new)s, case_id, "
            "from_agency_id, %(fbi)s, kind, 'offered', position, rule, why, citation, evidence, facts_version, "
            "offered_at, due_at, '' FROM nowrongdoor_handoff WHERE id = %(id)s",
            new=offer_id,
            id=offer.id,
            fbi=stories.agency("FBI").id,
        )
    assert [entry.kind for entry in worklist.page(stories.person("FBI")).entries if entry.id == offer_id] == [
        worklist.Kind.OFFER
    ]
    assert open_offers_with_answers() == 1


def test_offers_and_their_answers_are_alike_after_every_verb_that_touches_what_is_owed() -> None:
    counts = [open_offers_with_answers() for _ in owing.every_verb(at=stories.NOON)]
    assert counts == [1, 1, 1, 0, 0, 0]
