"""T29: each verb on each table, reading too, as nobody, a stranger, or another role of one agency; with tables of a
caller's own and other search paths. Written from the catalogue: a new table, function or policy is asked too."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import psycopg
import pytest
from psycopg import errors, sql

from nowrongdoor.access import grants, policies, row_security, signing, viewers
from nowrongdoor.audit import noted
from nowrongdoor.operating import cluster
from nowrongdoor.services import tables as services
from nowrongdoor.site import declared
from tests import check, contexts
from tests.promises import world as promised

PATHS = {True: f"search_path={grants.GUARDS_PATH}", False: f"search_path={grants.PATH}"}  # of the owner's, and others


TRIED = 5  # rows of each table
# Triggers note rows by themselves, whoever writes; that nobody else may is tried in tests/audit/test_noted.py.
WHICH = {"nowrongdoor_auditevent": sql.SQL("WHERE verb <> {}").format(noted.NOTED)}
MADE_UP = {
    "uuid": "gen_random_uuid()",
    "boolean": "false",
    "jsonb": "'{}'",
    "bytea": "'x'",
    "timestamp with time zone": "now()",
    **dict.fromkeys(("integer", "bigint", "smallint"), "1"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """A column and its type."""

    name: str
    kind: str


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """The copy of the database, as a superuser; what is in it; and people who look."""

    database: psycopg.Connection
    ids: promised.Ids
    viewers: Mapping[str, viewers.Viewer]


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Place]:
    """A copy of the database with a row in every table, as a superuser; what only a privilege refuses is granted, so
    that nothing but row security is left."""
    with django_db_blocker.unblock(), promised.copied() as (database, ids):  # type: ignore[attr-defined]
        fill(database)
        viewer = ids["viewers"]
        assert isinstance(viewer, dict)
        yield Place(database, ids, viewer)


def tables(database: psycopg.Connection) -> list[str]:
    rows = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return [name for (name,) in rows if not name.startswith(policies.APART)]


def looks(database: psycopg.Connection, settings: Mapping[str, str]) -> None:
    """Become the run-time role, and say for whom it looks; a rollback ends it."""
    database.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(cluster.APP)))
    contexts.say(database, settings)


def fill(database: psycopg.Connection) -> None:
    """Put a row into every table that the story leaves empty, and keep some of each table to be tried."""
    database.execute("SET LOCAL session_replication_role = replica")
    database.execute("CREATE SCHEMA tried")
    for table in tables(database):
        name = sql.Identifier(table)
        if not database.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(name)).fetchone():
            values = [MADE_UP.get(column.kind, "'x'") for column in columns_of(database, table)]
            statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})")
            names = [sql.Identifier(column.name) for column in columns_of(database, table)]
            made_up = [sql.SQL(value) for value in values]
            try:
                database.execute(statement.format(name, sql.SQL(", ").join(names), sql.SQL(", ").join(made_up)))
            except psycopg.Error as error:
                error.add_note(f"No row of {table} can be made up: make one in tests/promises/world.py.")
                raise
        kept = sql.SQL("CREATE TABLE tried.{} AS SELECT * FROM public.{} {} LIMIT {}")
        database.execute(kept.format(name, name, WHICH.get(table, sql.SQL("")), sql.Literal(TRIED)))
    app = sql.Identifier(cluster.APP)
    database.execute(sql.SQL("GRANT USAGE ON SCHEMA tried TO {}").format(app))
    for schema in ("tried", "public"):
        grant = sql.SQL("GRANT ALL ON ALL TABLES IN SCHEMA {} TO {}")
        database.execute(grant.format(sql.Identifier(schema), app))
    database.commit()


def columns_of(database: psycopg.Connection, table: str) -> list[Column]:
    """List the columns that a statement may write."""
    rows = database.execute(
        "SELECT attname, atttypid::regtype::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
        "AND attgenerated = '' AND NOT attisdropped ORDER BY attnum",
        [f"public.{table}"],
    ).fetchall()
    return [Column(*row) for row in rows]


def written(place: Place, table: str, verb: str, settings: Mapping[str, str]) -> int:
    """Count the rows that raw SQL writes in a table while every trigger and foreign key is silent: rows like those that
    are there are added, every row is changed to itself, every row is taken away."""
    database, name, columns = place.database, sql.Identifier(table), columns_of(place.database, table)
    try:
        database.execute("SET LOCAL session_replication_role = replica")
        looks(database, settings)
        if verb == "UPDATE":
            first = sql.Identifier(columns[0].name)
            return database.execute(sql.SQL("UPDATE {} SET {} = {}").format(name, first, first)).rowcount
        if verb == "DELETE":
            return database.execute(sql.SQL("DELETE FROM {}").format(name)).rowcount
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
        add = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM tried.{} OFFSET {} LIMIT 1")
        return sum(
            _adds(database, add.format(name, names, names, name, sql.Literal(number))) for number in range(TRIED)
        )
    finally:
        database.rollback()


def _adds(database: psycopg.Connection, statement: sql.Composed) -> int:
    try:
        with database.transaction():
            return database.execute(statement).rowcount
    except errors.InsufficientPrivilege as error:
        if "row-level security" not in str(error):
            raise
        return 0
    except errors.IntegrityError:
        return 1  # row security let it through, and only then does a key or a check speak


def as_viewer(viewer: viewers.Viewer, role: viewers.Role) -> dict[str, str]:
    return {
        row_security.AGENCY: str(viewer.agency_id),
        row_security.ROLE: role.value,
        row_security.PERSON: str(viewer.user_id),
    }


VERBS = ("INSERT", "UPDATE", "DELETE")


def all_written(place: Place, settings: Mapping[str, str]) -> dict[str, int]:
    """Count what each verb writes in each table; what writes nothing is left out."""
    counts = {
        f"{verb} {table}": written(place, table, verb, settings) for table in tables(place.database) for verb in VERBS
    }
    assert len(counts) > 100
    return {what: count for what, count in counts.items() if count}


def test_nobody_writes_a_row(place: Place) -> None:
    assert all_written(place, {}) == {}


@pytest.mark.parametrize("role", viewers.Role)
def test_a_stranger_writes_no_row_in_any_role_and_whatever_case_they_name(place: Place, role: viewers.Role) -> None:
    settings = as_viewer(place.viewers["stranger"], role)
    for case in ("", str(place.ids["case"])):
        assert all_written(place, {**settings, row_security.CASE: case}) == {"UPDATE nowrongdoor_user": 1}  # their own


@pytest.mark.parametrize("role", [role for role in viewers.Role if not role.sees_cases])
def test_a_role_that_opens_no_case_writes_in_none(place: Place, role: viewers.Role) -> None:
    """Whoever only says that they are an administrator writes no more than that, and the logs of their two desks."""
    settings = as_viewer(place.viewers["hotline"], role)
    everybody = {
        "INSERT nowrongdoor_auditevent",
        "UPDATE nowrongdoor_user",
        "UPDATE nowrongdoor_notification",
    }  # their own
    more = {
        viewers.Role.ANALYST: {"INSERT nowrongdoor_prevalence_run", "UPDATE nowrongdoor_prevalence_run"},
        viewers.Role.MACHINE: {"INSERT nowrongdoor_signal", "UPDATE nowrongdoor_signal", "INSERT nowrongdoor_datakey"},
        viewers.Role.ADMINISTRATOR: {
            *("INSERT nowrongdoor_demand", "UPDATE nowrongdoor_demand", "INSERT nowrongdoor_demand_record"),
            *("INSERT nowrongdoor_breach", "UPDATE nowrongdoor_breach", "INSERT nowrongdoor_breach_notice"),
        },
    }
    counts = all_written(place, {**settings, row_security.CASE: str(place.ids["case"])})
    assert set(counts) == everybody | more.get(role, set())
    assert counts["UPDATE nowrongdoor_user"] == 1  # their own


def test_a_stranger_writes_every_row_once_row_security_is_taken_out(place: Place) -> None:
    """The test of the tests above: what they count as refused is refused by row security, and by nothing else."""
    settings = as_viewer(place.viewers["stranger"], viewers.Role.COORDINATOR)
    for table in tables(place.database):
        for verb in VERBS:
            place.database.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(sql.Identifier(table)))
            count = written(place, table, verb, settings)
            assert (table, verb, count > 0) == (table, verb, True)


def readable(place: Place, settings: Mapping[str, str], *, opened: str = "") -> dict[str, int]:
    """Count the rows that are shown of each table that not everybody reads; what shows nothing is left out. `opened`: a
    table whose policy of reading is taken out first."""
    database, counts = place.database, {}
    everybody = {rows.table for rows in declared.ROWS if rows.see == policies.EVERYBODY}
    try:
        if opened:
            database.execute(sql.SQL("ALTER POLICY see ON {} USING (true)").format(sql.Identifier(opened)))
        looks(database, settings)
        for table in [opened] if opened else tables(database):
            if table not in everybody:
                found = database.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
                assert found
                counts[table] = found[0]
    finally:
        database.rollback()
    return {table: count for table, count in counts.items() if count}


def of_the_directory(place: Place, role: viewers.Role | None = None) -> dict[str, int]:
    """Count what is shown of the directory of services: to everybody what is not for staff, to those who find help
    all of it."""
    is_staff = role in services.FINDERS
    counts = {}
    for table in ("nowrongdoor_directory_row", "nowrongdoor_listing_opening"):
        query = sql.SQL("SELECT count(*), count(*) FILTER (WHERE NOT is_for_staff) FROM {}")
        held = place.database.execute(query.format(sql.Identifier(table))).fetchone()
        assert held
        assert held[0] > held[1] > 0
        counts[table] = held[0] if is_staff else held[1]
    for table in ("nowrongdoor_vetting", "nowrongdoor_provider", "nowrongdoor_free_room") if is_staff else ():
        held = place.database.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        assert held
        assert held[0] > 0
        counts[table] = held[0]
    return counts


def test_nobody_reads_a_row_of_any_table_but_of_the_directory_what_is_not_for_staff(place: Place) -> None:
    """Every table has a row to be shown, those that no other story fills as well."""
    assert readable(place, {}) == of_the_directory(place)


@pytest.mark.parametrize("role", viewers.Role)
def test_a_stranger_reads_no_row_in_any_role_but_who_works_at_their_agency(place: Place, role: viewers.Role) -> None:
    stranger = place.viewers["stranger"]
    own = ["nowrongdoor_user"]
    if role is viewers.Role.INSPECTOR:  # the trail of their own agency, in which its people are
        own += ["nowrongdoor_auditevent", "nowrongdoor_auditseal"]
    counted = sql.SQL("SELECT count(*) FROM {} WHERE agency_id = %s")
    shown = of_the_directory(place, role)
    for table in own:
        row = place.database.execute(counted.format(sql.Identifier(table)), [stranger.agency_id]).fetchone()
        assert row
        shown[table] = row[0]
    assert readable(place, as_viewer(stranger, role)) == shown


def test_a_stranger_reads_every_table_whose_policy_of_reading_is_taken_out(place: Place) -> None:
    """The test of the test: there is something to be shown, and nothing but that policy hides it."""
    settings = as_viewer(place.viewers["stranger"], viewers.Role.COORDINATOR)
    for rows in declared.ROWS:
        if rows.see != policies.EVERYBODY:
            assert readable(place, settings, opened=rows.table)[rows.table] > 0, rows.table


# What the framework and the queue bring; ours ask none of it.
OF_OTHERS = "procrastinate_"
FUNCTIONS = """
SELECT p.proname, p.prosqlbody IS NOT NULL, p.prosecdef, coalesce(p.proconfig, '{}'), p.prorettype = 'trigger'::regtype,
       has_function_privilege('nwd_app', p.oid, 'EXECUTE'), p.proacl IS NULL OR EXISTS (
         SELECT FROM aclexplode(p.proacl) WHERE grantee = 0)
  FROM pg_proc p WHERE p.pronamespace IN ('public'::regnamespace, 'guards'::regnamespace)
   AND NOT starts_with(p.proname, %s) ORDER BY 1
"""


def test_every_function_of_ours_looks_things_up_by_a_path_of_its_own(owner: str) -> None:
    """One whose body is bound when it is made looks nothing up; every other says by which path it does."""
    with psycopg.connect(owner) as database:
        functions = database.execute(FUNCTIONS, [OF_OTHERS]).fetchall()
    assert len(functions) > 40
    for name, is_bound, is_the_owners, settings, _, _, _ in functions:
        if is_the_owners or not is_bound:
            paths = [each for each in settings if each.startswith("search_path=")]  # where it looks, and not how
            assert (name, paths) == (name, [PATHS[is_the_owners]])


def test_what_triggers_and_policies_alone_ask_no_statement_of_the_run_time_role_calls(owner: str) -> None:
    """Not by its name, and not by any path; and no body of a function looks for one where it is not any more."""
    with psycopg.connect(owner) as database:
        there = database.execute(
            "SELECT p.proname, p.pronargs, p.pronamespace::regnamespace::text, p.prosrc FROM pg_proc p "
            "WHERE p.pronamespace IN ('public'::regnamespace, 'guards'::regnamespace) "
            "AND p.prorettype <> 'trigger'::regtype AND NOT starts_with(p.proname, %s)",
            [OF_OTHERS],
        ).fetchall()
        row = database.execute("SELECT has_schema_privilege('nwd_app', 'guards', 'USAGE')").fetchone()
        triggers = database.execute("SELECT prosrc FROM pg_proc WHERE prorettype = 'trigger'::regtype").fetchall()
    assert row == (False,)
    guards = {name: count for name, count, schema, _ in there if schema == signing.GUARDS}
    assert len(guards) > 60
    assert {"nowrongdoor_is_suspect", "nowrongdoor_has_a_list", "nwd_is_suspect"} <= set(guards)
    named = {name for name, _, schema, _ in there if schema == "public" and not name.startswith("nwd_")}
    assert named == {*grants.BY_NAME, "to_jsonb"}  # of an agency, which is public
    bodies = [body for _, _, _, body in there] + [body for (body,) in triggers]
    assert [body for body in bodies for name in guards if f"public.{name}(" in body] == []


@pytest.mark.parametrize(
    ("path", "call", "refusal"),
    [
        ("public", "SELECT guards.nowrongdoor_is_suspect(gen_random_uuid())", errors.InsufficientPrivilege),
        ("public", "SELECT nowrongdoor_is_suspect(gen_random_uuid())", errors.UndefinedFunction),
        ("guards, public", "SELECT nwd_is_suspect(gen_random_uuid())", errors.UndefinedFunction),
    ],
)
def test_a_guard_that_is_called_by_name_is_refused(
    place: Place, path: str, call: str, refusal: type[psycopg.Error]
) -> None:
    """As the run-time role, for a person of the story: by its full name, by its own, and by a path of the caller's."""
    with place.database.transaction(force_rollback=True):
        looks(place.database, as_viewer(place.viewers["stranger"], viewers.Role.COORDINATOR))
        place.database.execute("SELECT set_config('search_path', %s, true)", [path])
        with pytest.raises(refusal):
            place.database.execute(call.encode())


def test_who_signs_in_is_told_of_nobody_but_themselves(place: Place) -> None:
    """`nwd_who` gives the row of one person to that person, and to whoever signed the question."""
    people = place.database.execute("SELECT id, agency_id FROM nowrongdoor_user ORDER BY id LIMIT 40").fetchall()
    stranger = place.viewers["stranger"]
    shown = []
    with place.database.transaction(force_rollback=True):
        looks(place.database, as_viewer(stranger, viewers.Role.ADMINISTRATOR))
        for person, _agency in [*people, (stranger.user_id, None)]:
            shown += place.database.execute("SELECT id FROM nwd_who(%s) WHERE id IS NOT NULL", [person]).fetchall()
    assert shown == [(stranger.user_id,)]
    with place.database.transaction(force_rollback=True):
        looks(place.database, {})
        (one, _), (other, _) = people[:2]
        asked = "SELECT id FROM nwd_who(%s, %s) WHERE id IS NOT NULL"
        for signed in (
            "",
            signing.signature_for("who", str(other)),
            signing.signature({row_security.PERSON: str(one)}),
        ):
            assert place.database.execute(asked, [one, signed]).fetchall() == []
        assert place.database.execute(asked, [one, signing.signature_for("who", str(one))]).fetchall() == [(one,)]


def test_nobody_writes_their_own_factors_but_where_one_signs_in(place: Place) -> None:
    """They read them; the sign-in writes them, after it asked again who it is."""
    person = place.viewers["hotline"]
    verbs = {"UPDATE": "UPDATE mfa_authenticator SET type = type", "DELETE": "DELETE FROM mfa_authenticator"}
    written = {}
    for where, settings in {"own": as_viewer(person, person.role), "entry": {row_security.SYSTEM: "entry"}}.items():
        for verb, statement in verbs.items():
            with place.database.transaction(force_rollback=True):
                place.database.execute("SET LOCAL session_replication_role = replica")  # a factor stays whose it is
                place.database.execute("UPDATE mfa_authenticator SET user_id = %s", [person.user_id])
                place.database.execute("SET LOCAL session_replication_role = origin")
                place.database.execute("GRANT UPDATE, DELETE ON mfa_authenticator TO nwd_app")
                looks(place.database, settings)
                written[where, verb] = place.database.execute(statement.encode()).rowcount
    assert written["own", "UPDATE"] == written["own", "DELETE"] == 0
    assert written["entry", "UPDATE"] > 0
    assert written["entry", "DELETE"] > 0


def test_nobody_draws_a_number_of_a_table_of_ours(owner: str) -> None:
    """An identity needs no privilege; what it has counted to tells how much others write."""
    with psycopg.connect(owner) as database:
        usable = database.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace AND "
            "(has_sequence_privilege('nwd_app', oid, 'USAGE') OR has_sequence_privilege('nwd_app', oid, 'SELECT') "
            "OR has_sequence_privilege('nwd_app', oid, 'UPDATE')) AND NOT starts_with(relname, %s)",
            [OF_OTHERS],
        ).fetchall()
    assert usable == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT count(*) FROM pg_stat_activity",
        "SELECT pg_stat_get_activity(NULL)",
        "SELECT n_tup_ins FROM pg_stat_all_tables",
        "SELECT n_live_tup FROM pg_stat_user_tables",
        "SELECT pg_stat_get_tuples_inserted('nowrongdoor_case'::regclass)",
        "SELECT pg_stat_get_live_tuples('nowrongdoor_case'::regclass)",
        "SELECT pg_stat_get_ins_since_vacuum('nowrongdoor_case'::regclass)",
        "SELECT pg_stat_get_db_tuples_inserted(1)",
        "SELECT count(*) FROM pg_locks",
        "SELECT last_value FROM nowrongdoor_auditevent_id_seq",
    ],
)
def test_the_catalogue_counts_nothing_for_the_run_time_role(django_db_setup: None, statement: str) -> None:
    """By the embedded cluster's own superuser, as `nwd up` puts it up; docs/running.md has the same for another one."""
    app = psycopg.conninfo.make_conninfo(**cluster.address(cluster.APP))
    with psycopg.connect(app) as database, pytest.raises(errors.InsufficientPrivilege):
        database.execute(statement.encode())


def test_the_documents_tell_a_superuser_what_the_embedded_cluster_does_by_itself() -> None:
    assert f"```sql{cluster.WALLS}```" in (check.ROOT / "docs/running.md").read_text()


def test_no_statement_of_the_run_time_role_is_shown_to_others(owner: str) -> None:
    with psycopg.connect(psycopg.conninfo.make_conninfo(**cluster.address(cluster.APP))) as database:
        database.execute("SELECT 'what somebody looks for'")
        with psycopg.connect(owner) as eyes:
            shown = eyes.execute(
                "SELECT query FROM pg_stat_activity WHERE pid = %s", [database.info.backend_pid]
            ).fetchall()
    assert [query for (query,) in shown if query and "looks for" in query] == []
    assert len(shown) == 1


def test_nobody_calls_a_function_but_the_run_time_role_and_that_none_of_a_trigger(owner: str) -> None:
    with psycopg.connect(owner) as database:
        functions = database.execute(FUNCTIONS, [OF_OTHERS]).fetchall()
    for name, _, _, _, is_of_a_trigger, may_call, may_everybody in functions:
        assert (name, may_call, may_everybody) == (name, not is_of_a_trigger, False)


def test_the_run_time_role_makes_no_table_schema_or_function(owner: str) -> None:
    with psycopg.connect(owner) as database:
        rights = database.execute(
            "SELECT has_database_privilege('nwd_app', current_database(), 'TEMPORARY'), "
            "has_database_privilege('nwd_app', current_database(), 'CREATE'), "
            "has_schema_privilege('nwd_app', 'public', 'CREATE')"
        ).fetchone()
    assert rights == (False, False, False)
