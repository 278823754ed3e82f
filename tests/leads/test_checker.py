"""The checker of promise 2 is seen to find each thing that it looks for, and to refuse to look blind."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
import pytest

from nowrongdoor.access import row_security
from nowrongdoor.operating import cluster
from tests import at_home, claims, contexts
from tests.leads import checker, stories, verbs

# What no role may do, done by the superuser with triggers and keys switched off, and what is seen then.
NO_OTHER_RUNS = "UPDATE nowrongdoor_tenure SET to_at = now() WHERE case_id = %(case)s AND to_at IS NULL"
CLOSED = "UPDATE nowrongdoor_case SET closed_at = now(), closed_by_id = %(person)s WHERE id = %(case)s"
UNLISTED = "something owed, or led, that is not on the list of its agency alone"
STRAY = "something on a list that is neither owed nor led, or told otherwise than its case"
PLANTS: Mapping[str, tuple[tuple[str, ...], set[str]]] = {
    "nobody's tenure runs": ((NO_OTHER_RUNS,), {"an open case without exactly one running tenure of its lead"}),
    "a stranger's tenure runs": (
        (
            "INSERT INTO nowrongdoor_tenure (case_id, agency_id, from_at) VALUES (%(case)s, %(whd)s, now())",
            "UPDATE nowrongdoor_tenure SET to_at = (SELECT max(from_at) FROM nowrongdoor_tenure "
            "WHERE case_id = %(case)s) WHERE case_id = %(case)s AND agency_id <> %(whd)s AND to_at IS NULL",
        ),
        {
            "an open case without exactly one running tenure of its lead",
            "a running tenure of an agency that does not lead",
        },
    ),
    "a closed case is led on": ((CLOSED,), {"a running tenure of a closed case", STRAY}),
    "the lead's agency is closed": (
        ("UPDATE nowrongdoor_agency SET active = false, closed_at = now() WHERE id = %(hsi)s",),
        {"an open case led by a closed agency"},
    ),
    "a lead that nobody asked": (
        (
            "UPDATE nowrongdoor_case SET lead_id = %(whd)s, lead_handoff_id = NULL WHERE id = %(case)s",
            "UPDATE nowrongdoor_tenure SET agency_id = %(whd)s WHERE case_id = %(case)s AND to_at IS NULL",
        ),
        {"a lead that neither received the case nor accepted it", UNLISTED, STRAY},
    ),
    "a lead by another case's yes": (
        ("UPDATE nowrongdoor_case SET lead_handoff_id = %(elsewhere)s WHERE id = %(case)s",),
        {"a lead that neither received the case nor accepted it"},
    ),
    "a closed case is offered": (
        (CLOSED, NO_OTHER_RUNS, "UPDATE nowrongdoor_handoff SET state = 'offered' WHERE id = %(declined)s"),
        {"an open offer of a closed case", "an open offer without its open answer", STRAY},
    ),
    "an offer to a closed agency": (
        (
            "UPDATE nowrongdoor_handoff SET state = 'offered', to_agency_id = %(whd)s WHERE id = %(declined)s",
            "UPDATE nowrongdoor_agency SET active = false, closed_at = now() WHERE id = %(whd)s",
        ),
        {"an open offer to a closed agency", "an open offer without its open answer"},
    ),
    "two open offers": (
        ("UPDATE nowrongdoor_handoff SET state = 'offered' WHERE id IN (%(declined)s, %(revoked)s)",),
        {"two open offers of one case", "an open offer without its open answer"},
    ),
    "an offer that nobody owes an answer": (
        ("UPDATE nowrongdoor_handoff SET state = 'offered' WHERE id = %(declined)s",),
        {"an open offer without its open answer"},
    ),
    "an answer that outlives its offer": (
        ("UPDATE nowrongdoor_duty SET done_at = NULL, done_by_id = NULL WHERE id = %(declined)s",),
        {"an open answer without its open offer", UNLISTED},
    ),
    "a lead that is on nobody's list": (
        ("DELETE FROM nowrongdoor_entry WHERE id = %(case)s",),
        {UNLISTED},
    ),
    "an answer given that stays on a list": (
        (
            "INSERT INTO nowrongdoor_entry (id, kind, agency_id, case_id, since, state, district, urgency, matters) "
            "SELECT %(declined)s, 'answer', %(whd)s, id, now(), state, district, '', '{}' FROM nowrongdoor_case "
            "WHERE id = %(case)s",
        ),
        {STRAY},
    ),
    "an hour that nobody led": (
        (
            "UPDATE nowrongdoor_tenure SET to_at = to_at - interval '1 hour' "
            "WHERE case_id = %(case)s AND to_at IS NOT NULL",
        ),
        {"a moment between two leads that nobody led, or that two did"},
    ),
}
# The superuser lifts what would refuse a plant even so; all of it is rolled back.
LIFT = """
DO $$ DECLARE each record; BEGIN
  FOR each IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
      WHERE contype = 'c' AND conrelid IN ('nowrongdoor_case'::regclass, 'nowrongdoor_handoff'::regclass,
                                           'nowrongdoor_tenure'::regclass) LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.place, each.conname);
  END LOOP;
  FOR each IN SELECT indexrelid::regclass AS name FROM pg_index
      WHERE indisunique AND indpred IS NOT NULL
        AND indrelid IN ('nowrongdoor_handoff'::regclass, 'nowrongdoor_tenure'::regclass) LOOP
    EXECUTE format('DROP INDEX %s', each.name);
  END LOOP;
END $$;
SET LOCAL session_replication_role = replica;
"""


def look_as_the_run_time_role(database: psycopg.Connection) -> dict[str, list[object]]:
    """What the checker finds with the role, and the sight, with which it looks in the storm."""
    database.execute(f"SET LOCAL ROLE {cluster.APP}")
    contexts.say(database, {row_security.SYSTEM: "all"})
    return {name: list(found) for name, found in checker.offenders(database).items()}


@pytest.fixture
def case(committed_db: None) -> dict[str, object]:
    """A case that HSI leads after FBI was asked twice, in vain; and another one."""
    cast = verbs.Cast()
    stage = verbs.opened(cast)
    assert verbs.attempt("decline", stage) == "done"
    declined = stage.newest  # FBI is asked now
    assert verbs.attempt("revoke", stage) == "done"
    assert verbs.attempt("ask_next", stage) == "done"
    revoked, last = declined, stage.newest
    first = stage.case.handoffs.order_by("id")[0]
    assert verbs.attempt("accept", stage) == "done"
    other = verbs.opened(cast)
    assert verbs.attempt("accept", other) == "done"
    return {
        "case": stage.case_id,
        "declined": first.id,
        "revoked": revoked.id,
        "elsewhere": other.newest.id,
        "hsi": last.to_agency_id,
        "whd": stories.agency("WHD").id,
        "person": cast.admin.user_id,
    }


@pytest.mark.parametrize("plant", PLANTS)
def test_each_offender_is_seen_and_named(case: dict[str, object], plant: str) -> None:
    statements, names = PLANTS[plant]
    with at_home.breaking_in() as database:
        assert look_as_the_run_time_role(database) == {}
        database.execute("RESET ROLE")
        database.execute(LIFT)
        for statement in statements:
            assert database.execute(statement, case).rowcount > 0
        found = look_as_the_run_time_role(database)
    assert set(found) == names
    assert claims.every(case["case"] in offenders for offenders in found.values())


def test_every_invariant_has_an_offender_that_is_planted() -> None:
    assert set().union(*(names for _, names in PLANTS.values())) == set(checker.INVARIANTS)


def test_a_checker_without_sight_refuses_to_say_that_nothing_is_wrong(case: dict[str, object]) -> None:
    """What the checker was before: on a connection that looks for nobody it sees no row, and so no offender."""
    with at_home.seeing_nothing() as database:
        with pytest.raises(checker.Blind):
            checker.offenders(database)
        contexts.say(database, {row_security.SYSTEM: "all"})
        assert checker.offenders(database) == {}


def test_what_changed_is_looked_at_and_what_did_not_is_not(committed_db: None) -> None:
    cast = verbs.Cast()
    one, _, _ = (verbs.opened(cast) for _ in range(3))
    with checker.watching() as watch:
        assert watch.changed() == {}
        assert watch.cases == 3
        assert watch.changed() == {}
        assert watch.cases == 3
        assert verbs.attempt("accept", one) == "done"
        assert watch.changed() == {}
        assert watch.cases == 4
        assert verbs.attempt("close_lead", one) == "done"  # HSI leads one, and is asked for the lead of two
        assert watch.changed() == {}
        assert watch.cases == 7
        assert watch.everything() == {}
