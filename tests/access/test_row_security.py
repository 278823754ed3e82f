"""What row security show by raw SQL, as the run-time role: T8, generated from the catalogue."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import click
import psycopg
import pytest
from psycopg import errors, rows, sql, types

from nowrongdoor.access import policies, row_security, viewers
from nowrongdoor.agencies import actions as agency_actions
from nowrongdoor.agencies.models import User
from nowrongdoor.audit.models import Event, Seal
from nowrongdoor.cases import actions as cases
from nowrongdoor.cases import need_to_know, people
from nowrongdoor.cases.models import Case, Note
from nowrongdoor.intake import routing
from nowrongdoor.leads import answering
from nowrongdoor.operating import database as database_verbs
from nowrongdoor.site import declared
from tests import at_home, contexts
from tests.leads import stories

# How many rows of a case the agency that wrote them sees, and the lead.
OURS_AND_THEIRS = (("signal", 1, 0), ("note", 3, 1), ("case_file", 3, 1), ("case", 1, 1), ("case_signal", 1, 1))
OPEN = {rows.table.removeprefix("nowrongdoor_") for rows in declared.ROWS if rows.why}


def tables() -> list[str]:
    """Every table of ours, from the catalogue: a new one is asked too."""
    with at_home.seeing_nothing() as database:
        rows = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return [name for (name,) in rows if not name.startswith(policies.APART)]


def shown(database: psycopg.Connection, table: str, viewer: viewers.Viewer | None) -> int:
    """How many rows raw SQL finds under a viewer's settings, or under none."""
    with database.transaction(force_rollback=True):
        contexts.say(database, contexts.of(viewer))
        found = database.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert found
    return int(found[0])


@pytest.fixture
def raw() -> Iterator[psycopg.Connection]:
    with at_home.seeing_nothing() as database:
        yield database


@pytest.fixture
def world(committed_db: None) -> Case:
    """A case of HOTLINE that HSI leads, with something in every table that a case fills."""
    receipt = stories.signal(
        {**stories.FORCED_LABOR, "age": "under_18"}, narrative="She is called Zuzana.", people=({"name": "Zuzana"},)
    )
    (routed,) = routing.route([receipt.signal_id], at=stories.NOON)
    case = Case.objects.get(id=routed.case_id)
    hotline = stories.person("HOTLINE")
    agency_actions.make_token(stories.agency("HOTLINE"), label="switchboard", by=None, at=stories.NOON)
    lead = stories.person(stories.offer_of(case).to_agency.code)
    answering.accept(stories.offer_of(case).id, by=lead, at=stories.NOON)
    for audience in Note.Audience:
        cases.add_note(case.id, text="Zuzana is safe.", audience=audience, by=hotline, at=stories.NOON)
        stories.attach(case.id, b"Zuzana is safe.", audience=audience, by=hotline)
    return case


def test_every_table_has_row_security_and_a_wall(owner: str) -> None:
    with at_home.seeing_nothing() as database:
        rows = database.execute(
            "SELECT c.relname, c.relrowsecurity, (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) "
            "FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        ).fetchall()
    for name, has_security, count in rows:
        if not name.startswith(policies.APART):
            assert (name, has_security, count) == (name, True, 4)
            assert name in {rows.table for rows in declared.ROWS}


def test_the_run_time_role_owns_nothing_and_passes_no_wall(owner: str) -> None:
    with at_home.seeing_nothing() as database:
        role = database.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, (SELECT count(*) FROM pg_class WHERE relowner = r.oid) "
            "FROM pg_roles r WHERE rolname = current_user"
        ).fetchone()
    assert role == (False, False, False, 0)


def test_nobody_sees_no_row(world: Case, raw: psycopg.Connection) -> None:
    for table in tables():
        if table.removeprefix("nowrongdoor_") not in OPEN:
            assert (table, shown(raw, table, None)) == (table, 0)


@pytest.mark.parametrize("role", viewers.Role)
def test_an_agency_that_takes_no_part_sees_no_foreign_row(
    world: Case, raw: psycopg.Connection, role: viewers.Role
) -> None:
    stranger = stories.person("EEOC", viewers.Role.COORDINATOR)
    viewer = viewers.Viewer(stranger.user_id, "", role, stranger.agency_id, "EEOC", "EEOC")
    own = {"nowrongdoor_user": User.objects.filter(agency_id=stranger.agency_id).count()}
    if role is viewers.Role.INSPECTOR:  # the trail of their own agency, in which its people are
        own["nowrongdoor_auditevent"] = Event.objects.filter(agency_id=stranger.agency_id).count()
        own["nowrongdoor_auditseal"] = Seal.objects.filter(agency_id=stranger.agency_id).count()
    for table in tables():
        if table.removeprefix("nowrongdoor_") not in OPEN:
            assert (table, shown(raw, table, viewer)) == (table, own.get(table, 0))


@pytest.mark.parametrize("role", [role for role in viewers.Role if not role.sees_cases])
def test_a_role_that_opens_no_case_sees_none_in_an_agency_that_does(
    world: Case, raw: psycopg.Connection, role: viewers.Role
) -> None:
    hotline = stories.agency("HOTLINE")
    viewer = viewers.Viewer(uuid.uuid4(), "", role, hotline.id, "HOTLINE", "HOTLINE")
    own = {
        # What became of what it handed in.
        viewers.Role.MACHINE: {
            "signal",
            "case",
            "case_signal",
            "handoff",
            "datakey",
        },
        viewers.Role.INSPECTOR: {"auditevent", "auditseal"},
        viewers.Role.ADMINISTRATOR: {"token"},
    }
    for table in tables():
        name = table.removeprefix("nowrongdoor_")
        if name not in {*OPEN, "user", "participant", *own.get(role, ())}:
            assert (name, shown(raw, table, viewer)) == (name, 0)


def test_what_an_agency_keeps_to_itself_is_not_shown_to_the_lead(world: Case, raw: psycopg.Connection) -> None:
    hotline, lead = stories.person("HOTLINE"), stories.person(stories.lead_of(world))
    assert hotline.agency_id != lead.agency_id
    for table, ours, theirs in OURS_AND_THEIRS:
        assert shown(raw, f"nowrongdoor_{table}", hotline) == ours
        assert shown(raw, f"nowrongdoor_{table}", lead) == theirs


@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_raw_sql_changes_no_foreign_row(world: Case, raw: psycopg.Connection, verb: str) -> None:
    """As a stranger, every column of every table: either the privilege is missing or no row is there."""
    stranger = stories.person("EEOC")
    for table in tables():
        with raw.transaction(force_rollback=True):
            contexts.say(raw, contexts.of(stranger))
            columns = raw.execute("SELECT * FROM " + table + " LIMIT 0").description or []  # noqa: S608
            for column in columns if "SET" in verb else columns[:1]:
                name = sql.Identifier(column.name)
                statement = sql.SQL(verb).format(sql.Identifier(table), name, name)
                try:
                    with raw.transaction():
                        count = raw.execute(statement).rowcount
                except (errors.InsufficientPrivilege, errors.GeneratedAlways):
                    continue
                own = 1 if table == "nowrongdoor_user" else 0  # a person may change what is theirs
                assert count <= own, (table, column.name)


# Where a trigger looks at the row before its policy does.
SAID_FIRST: dict[str, type[psycopg.Error]] = {"handoff": errors.CheckViolation}


def test_raw_sql_of_a_stranger_adds_no_row_to_what_is_not_theirs(
    world: Case, raw: psycopg.Connection, owner: str
) -> None:
    """Every table that a case fills: a row like one that is there, under a new id, as a stranger."""
    stranger = stories.person("EEOC")
    tried = set()
    for table in tables():
        with psycopg.connect(owner, row_factory=rows.dict_row) as database:
            found = database.execute(
                "SELECT array_agg(attname::text) AS made FROM pg_attribute WHERE attrelid = %s::regclass "
                "AND attnum > 0 AND attgenerated = '' AND NOT attisdropped",
                [table],
            ).fetchone()
            assert found
            columns = [sql.Identifier(name) for name in found["made"]]
            ask = sql.SQL("SELECT {} FROM {} ORDER BY 1 LIMIT 1").format(
                sql.SQL(", ").join(columns), sql.Identifier(table)
            )
            row = database.execute(ask).fetchone()
        if row is None:
            continue
        tried.add(table.removeprefix("nowrongdoor_"))
        values = [types.json.Jsonb(value) if _is_json(value) else value for value in row.values()]
        with raw.transaction(force_rollback=True):
            contexts.say(raw, contexts.of(stranger))
            with pytest.raises(SAID_FIRST.get(table.removeprefix("nowrongdoor_"), errors.InsufficientPrivilege)):
                raw.execute(
                    sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                        sql.Identifier(table),
                        sql.SQL(", ").join(columns),
                        sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
                    ),
                    values,
                )
    assert {
        "case",
        "participant",
        "signal",
        "note",
        "datakey",
        "rootkey",
        "handoff",
        "duty",
        "person",
    } <= tried


def test_the_run_time_role_makes_no_table_of_its_own(raw: psycopg.Connection, committed_db: None) -> None:
    with pytest.raises(errors.InsufficientPrivilege, match="temporary tables"):
        raw.execute("CREATE TEMP TABLE nowrongdoor_participant (LIKE public.nowrongdoor_participant)")


def test_who_serves_refuses_a_role_that_makes_tables_of_its_own_and_says_what_to_run(
    with_temporary_tables: None, committed_db: None
) -> None:
    with pytest.raises(click.ClickException, match=r"REVOKE TEMPORARY ON DATABASE .* FROM PUBLIC, nwd_app"):
        database_verbs.refuse_tables_of_its_own()


def test_who_serves_takes_the_run_time_role_as_the_migration_leaves_it(committed_db: None) -> None:
    database_verbs.refuse_tables_of_its_own()


@pytest.mark.parametrize("path", ["", "pg_temp, public", "pg_temp, pg_catalog, public"])
def test_a_table_of_the_callers_own_stands_in_for_none_of_ours(
    world: Case, raw: psycopg.Connection, with_temporary_tables: None, path: str
) -> None:
    """Policies and guards read our tables, whatever a caller puts before them and by whatever path it looks."""
    stranger = stories.person("EEOC")
    with raw.transaction(force_rollback=True):
        contexts.say(raw, contexts.of(stranger))
        if path:
            raw.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.SQL(path)))
        for name in ("case", "signal", "case_signal", "participant", "emergency", "user"):
            table = sql.Identifier(f"nowrongdoor_{name}")
            raw.execute(sql.SQL("CREATE TEMP TABLE {0} (LIKE public.{0})").format(table))
        columns = raw.execute("SELECT * FROM pg_temp.nowrongdoor_case").description or []
        for column in columns[1:]:
            drop = sql.SQL("ALTER TABLE pg_temp.nowrongdoor_case ALTER {} DROP NOT NULL")
            raw.execute(drop.format(sql.Identifier(column.name)))
        raw.execute("INSERT INTO pg_temp.nowrongdoor_case (id) VALUES (%s)", [world.id])
        for name in ("datakey", "datakey_version", "case", "note", "person_part"):
            found = raw.execute(
                sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(f"nowrongdoor_{name}"))
            ).fetchone()
            assert (name, found) == (name, (0,))


def _is_json(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(each, dict) for each in value))


def test_a_conflict_of_interest_closes_the_case_to_one_person(world: Case, raw: psycopg.Connection) -> None:
    one, other = stories.person("HOTLINE"), stories.person("HOTLINE")
    supervisor = stories.person("HOTLINE")
    assert one.user_id
    people.add(world.id, {"name": "Zuzana"}, by=supervisor, at=stories.NOON)
    need_to_know.exclude(world.id, person_id=one.user_id, because="She is his sister.", by=supervisor, at=stories.NOON)
    for table in ("case", "case_signal", "case_facts", "note", "case_file", "handoff", "duty", "person"):
        assert shown(raw, f"nowrongdoor_{table}", one) == 0
        assert shown(raw, f"nowrongdoor_{table}", other) > 0


TASK = """
INSERT INTO nowrongdoor_duty (id, kind, case_id, thing, thing_id, source, agency_id, person_id, desk, by_hand,
  follows_lead, role, rule, clock, why, "limit", citation, evidence, basis, since, due_at, how)
VALUES (gen_random_uuid(), 'task', %(case)s, %(thing)s, %(thing_id)s, 'person', %(agency)s, %(person)s, '', false,
  false, '', '', '', 'Call back.', '', '', '', 'policy', now(), now(), '')
"""
Subject = dict[str, uuid.UUID | str | None]


def tasks(case: Case, agency: uuid.UUID, person: uuid.UUID | None) -> dict[str, Subject]:
    """A task about each of the three subjects, and one that a person owes; all of one agency."""
    of_agency: Subject = {"case": None, "thing": "", "thing_id": None, "agency": agency, "person": None}
    return {
        "case": of_agency | {"case": case.id},
        "thing": of_agency | {"thing": "award", "thing_id": uuid.uuid4()},
        "owner": of_agency,
        "person": of_agency | {"person": person},
    }


def test_a_duty_is_shown_and_changed_by_what_it_is_about(world: Case, raw: psycopg.Connection, owner: str) -> None:
    one, colleague, lead = stories.person("HOTLINE"), stories.person("HOTLINE"), stories.person(stories.lead_of(world))
    machine = viewers.Viewer(None, "", viewers.Role.MACHINE, one.agency_id, "HOTLINE", "HOTLINE")
    with psycopg.connect(owner) as database:
        contexts.say(database, {row_security.SYSTEM: "all"})
        for subject in tasks(world, one.agency_id, one.user_id).values():
            database.execute(TASK, subject)
    for viewer, count in ((one, 4), (colleague, 3), (lead, 1), (stories.person("EEOC"), 0), (machine, 0)):
        with raw.transaction(force_rollback=True):
            contexts.say(raw, contexts.of(viewer))
            seen = raw.execute("SELECT FROM nowrongdoor_duty WHERE kind = 'task'").rowcount
            changed = raw.execute("UPDATE nowrongdoor_duty SET withdrawn_at = now() WHERE kind = 'task'").rowcount
        assert (viewer.agency_code, viewer.role, seen, changed) == (viewer.agency_code, viewer.role, count, count)


@pytest.mark.parametrize("about", ["case", "thing", "owner", "person"])
def test_a_duty_is_added_by_who_may_see_it_and_on_a_case_by_who_opened_it(
    world: Case, raw: psycopg.Connection, about: str
) -> None:
    one, colleague = stories.person("HOTLINE"), stories.person("HOTLINE")
    machine = viewers.Viewer(None, "", viewers.Role.MACHINE, one.agency_id, "HOTLINE", "HOTLINE")
    task = tasks(world, one.agency_id, one.user_id)[about]
    refused = [stories.person("EEOC"), machine, *([colleague] if about == "person" else [])]
    for viewer in refused:
        with raw.transaction(force_rollback=True):
            contexts.say(raw, {**contexts.of(viewer), row_security.CASE: str(world.id)})
            with pytest.raises(errors.InsufficientPrivilege):
                raw.execute(TASK, task)
    with raw.transaction(force_rollback=True):
        contexts.say(raw, {**contexts.of(one), row_security.CASE: str(world.id) if about == "case" else ""})
        assert raw.execute(TASK, task).rowcount == 1


def test_the_answer_to_an_offer_is_shown_to_who_owes_it_and_written_by_nobody(
    world: Case, raw: psycopg.Connection
) -> None:
    case = stories.case()
    asked = stories.person(stories.offer_of(case).to_agency.code)
    for viewer, count in ((asked, 1), (stories.person("HOTLINE"), 1), (stories.person("EEOC"), 0)):
        with raw.transaction(force_rollback=True):
            contexts.say(raw, contexts.of(viewer))
            rows = raw.execute("SELECT FROM nowrongdoor_duty WHERE kind = 'answer' AND case_id = %s", [case.id])
            assert rows.rowcount == count
            change = "UPDATE nowrongdoor_duty SET withdrawn_at = now() WHERE kind = 'answer'"
            assert raw.execute(change).rowcount == 0
