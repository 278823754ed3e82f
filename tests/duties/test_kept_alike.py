"""C28: code of the release before writes notices, clocks and offers, this code writes duties, and each finds what the
other wrote. The SQL here is what 0.2.0 sends."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.db import connection

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies.models import new_id
from nowrongdoor.cases import people
from nowrongdoor.cases.models import Case
from nowrongdoor.core import disclosure_grounds
from nowrongdoor.duties import actions, worklist
from nowrongdoor.duties.models import Duty
from nowrongdoor.intake import closing
from nowrongdoor.leads import answering, changing
from nowrongdoor.releases import actions as releases
from tests.duties import alike
from tests.leads import stories
from tests.leads.test_changing import change

pytestmark = pytest.mark.django_db
AT_THE_END = (
    "an_open_offer_has_an_open_answer",
    "an_open_answer_has_an_open_offer",
    "a_duty_stays_with_whoever_owes_it",
    "a_notice_stays_with_whom_it_is_for",
    "a_clock_stays_with_whoever_owes_it",
)
Value = str | bool | bytes | uuid.UUID | datetime.datetime | None
SEALED = b"\x01" * 40
INSERT_NOTICE = """
INSERT INTO nowrongdoor_notice (id, case_id, desk, agency_id, by_hand, role, rule, why, citation, evidence, basis,
  clock, sent_at, due_at, how) VALUES (%(id)s, %(case)s, %(desk)s, %(agency)s, %(by_hand)s, 'notify', 'N07', 'Because.',
  '', 'policy', 'policy', 'D01', %(at)s, %(due)s, '')
"""
INSERT_CLOCK = """
INSERT INTO nowrongdoor_clock (id, case_id, clock, desk, agency_id, follows_lead, duty, "limit", citation, evidence,
  basis, started_at, due_at, how) VALUES (%(id)s, %(case)s, %(clock)s, 'LEAD', %(agency)s, %(follows)s, 'Report.',
  '24 hours', '', 'policy', 'policy', %(at)s, %(due)s, '')
"""


def sql(statement: str, **values: Value) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0


def are_alike() -> bool:
    with connection.cursor() as cursor:
        for when in ("IMMEDIATE", "DEFERRED"):  # by name: if all were, the trail would be sealed
            cursor.execute(f"SET CONSTRAINTS {', '.join(AT_THE_END)} {when}")
        assert alike.counts(cursor) != [0, 0, 0]
        assert alike.unlike(cursor) == []
    return True


def notice(case: Case, code: str, *, by_hand: bool = False) -> uuid.UUID:
    notice_id = new_id()
    due = stories.NOON + datetime.timedelta(hours=1)
    values: dict[str, Value] = {
        "case": case.id,
        "desk": "NEW",
        "agency": stories.agency(code).id,
        "at": stories.NOON,
        "due": due,
    }
    sql(INSERT_NOTICE, id=notice_id, by_hand=by_hand, **values)
    return notice_id


def clock(case: Case, code: str, *, name: str = "D99", follows_lead: bool = False) -> uuid.UUID:
    clock_id = new_id()
    due = stories.NOON + datetime.timedelta(hours=1)
    values: dict[str, Value] = {
        "case": case.id,
        "clock": name,
        "agency": stories.agency(code).id,
        "at": stories.NOON,
        "due": due,
    }
    sql(INSERT_CLOCK, id=clock_id, follows=follows_lead, **values)
    return clock_id


def test_what_the_release_before_owes_is_a_duty() -> None:
    case = stories.case()
    owed = notice(case, "WHD")
    shown = {entry.id: entry for entry in worklist.page(stories.person("WHD")).entries}[owed]
    assert (shown.kind, shown.rule, shown.why, shown.role) == (worklist.Kind.NOTICE, "N07", "Because.", "notify")
    running = clock(case, "WHD")
    shown = {entry.id: entry for entry in worklist.page(stories.person("WHD")).entries}[running]
    assert (shown.kind, shown.rule, shown.why) == (worklist.Kind.CLOCK, "D99", "Report.")
    assert are_alike()


def test_what_the_release_before_acknowledges_and_meets_is_done() -> None:
    case = stories.case()
    owed, running = notice(case, "WHD"), clock(case, "WHD")
    whd = stories.person("WHD")
    with row_security.looking(whd):
        sql(
            "UPDATE nowrongdoor_notice SET acknowledged_at = %(at)s, acknowledged_by_id = %(by)s, how = %(how)s "
            "WHERE id = %(id)s",
            id=owed,
            at=stories.NOON,
            by=whd.user_id,
            how=SEALED,
        )
        sql(
            "UPDATE nowrongdoor_clock SET met_at = %(at)s, met_by_id = %(by)s, how = %(how)s WHERE id = %(id)s",
            id=running,
            at=stories.NOON,
            by=whd.user_id,
            how=SEALED,
        )
    for each in (owed, running):
        duty = Duty.objects.get(id=each)
        assert (duty.done_at, duty.done_by_id, bytes(duty.how)) == (stories.NOON, whd.user_id, SEALED)
    with pytest.raises(actions.AlreadyDone):
        actions.meet(running, how="Again.", by=whd, at=stories.NOON)
    assert are_alike()


def test_what_the_release_before_withdraws_or_moves_is_withdrawn_or_moved() -> None:
    case = stories.case()
    owed, running = notice(case, "HOTLINE", by_hand=True), clock(case, "HOTLINE", follows_lead=True)
    with row_security.system():
        for table, column in (("notice", "by_hand"), ("clock", "follows_lead")):
            sql(
                f"UPDATE nowrongdoor_{table} SET agency_id = %(to)s WHERE case_id = %(case)s AND {column}",  # noqa: S608
                to=stories.agency("FBI").id,
                case=case.id,
            )
    assert {Duty.objects.get(id=each).agency_id for each in (owed, running)} == {stories.agency("FBI").id}
    assert are_alike()
    sql("UPDATE nowrongdoor_notice SET withdrawn_at = %(at)s WHERE id = %(id)s", id=owed, at=stories.NOON)
    sql("UPDATE nowrongdoor_clock SET withdrawn_at = %(at)s WHERE id = %(id)s", id=running, at=stories.NOON)
    assert are_alike()


def test_a_deadline_that_the_release_before_starts_for_a_disclosure_is_not_the_mandate_tables() -> None:
    case = stories.case()
    hotline = stories.person("HOTLINE")
    disclosed(case, hotline)
    old = Duty.deadlines().get(case=case, source="disclosure")
    sql("UPDATE nowrongdoor_clock SET withdrawn_at = %(at)s WHERE id = %(id)s", id=old.id, at=stories.NOON)
    assert old.thing_id
    running = clock(case, "HOTLINE", name=f"told-{old.thing_id.hex[-12:]}")
    duty = Duty.objects.get(id=running)
    assert (duty.source, duty.thing, duty.thing_id, duty.clock) == ("disclosure", "disclosure", old.thing_id, "")
    unknown = Duty.objects.get(id=clock(case, "HOTLINE", name="told-000000000000"))
    assert (unknown.source, unknown.thing, unknown.clock) == ("disclosure", "", "told-000000000000")
    change(case, {**stories.FORCED_LABOR, "urgency": "within_24h"})
    assert Duty.objects.get(id=running).withdrawn_at is None
    assert are_alike()


def disclosed(case: Case, by: viewers.Viewer) -> None:
    person = people.add(case.id, {"name": "Zuzana"}, by=by, at=stories.NOON)
    ground = next(iter(disclosure_grounds.Ground)).value
    releases.disclose(
        person,
        recipient_code="HSI",
        which=["identity"],
        ground=ground,
        because="Somebody may come to harm.",
        by=by,
        at=stories.NOON,
    )


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
    assert are_alike()


def test_the_release_before_finds_what_this_code_writes() -> None:
    """Through every verb that touches what is owed."""
    case = stories.case({**stories.FORCED_LABOR, "age": "under_18", "urgency": "immediate_danger"})
    hotline, hsi = stories.person("HOTLINE"), stories.person("HSI")
    assert are_alike()
    for each in Duty.notices().filter(case=case, agency_id=hotline.agency_id, by_hand=True)[:1]:
        actions.acknowledge(each.id, how="By telephone.", by=hotline, at=stories.NOON)
    disclosed(case, hotline)
    for each in Duty.deadlines().filter(case=case, agency_id=hotline.agency_id, source="disclosure"):
        actions.meet(each.id, how="By letter.", by=hotline, at=stories.NOON)
    assert are_alike()
    change(case, {**stories.FORCED_LABOR, "age": "adult"})
    assert Duty.objects.filter(case=case, withdrawn_at__isnull=False).exists()
    assert are_alike()
    answering.accept(stories.offer_of(case).id, by=hsi, at=stories.NOON)
    assert are_alike()
    admin = stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    closing.close_agency("HSI", into="FBI", by=admin, at=stories.NOON)
    assert are_alike()
    changing.close(case.id, because="Safe.", by=stories.person(stories.lead_of(case)), at=stories.NOON)
    assert are_alike()


def test_what_a_trigger_of_a_callers_own_writes_is_kept_alike_too(with_temporary_tables: None) -> None:
    """A trigger's depth alone does not tell our copies from somebody's writing: who writes does."""
    case = stories.case()
    told = Duty.notices().filter(case=case, by_hand=False)[0]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE mine (id uuid)")
        cursor.execute(
            "CREATE FUNCTION pg_temp.write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "UPDATE public.nowrongdoor_notice SET withdrawn_at = now() WHERE id = NEW.id; RETURN NULL; END $$"
        )
        cursor.execute("CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION pg_temp.write()")
        cursor.execute("INSERT INTO mine VALUES (%s)", [told.id])
    told.refresh_from_db()
    assert told.withdrawn_at is not None
    assert are_alike()
