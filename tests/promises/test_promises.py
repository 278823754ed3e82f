"""T28: every named constraint, trigger, privilege and policy that is a promise is attacked, by name; and taking any of
them out is seen. T29: in another's name, past another search path, by self-promotion, nothing goes through."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator, Mapping

import psycopg
import pytest
from psycopg import errors, sql

from nowrongdoor.access import row_security, viewers
from nowrongdoor.operating import cluster
from tests import contexts
from tests.promises import attacks, world
from tests.promises.attacking import Attack, Copy, Hidden, Maker

NAMED = """
SELECT substr(conrelid::regclass::text, 13), conname, 'constraint' FROM pg_constraint
 WHERE conrelid::regclass::text LIKE 'nowrongdoor\\_%' AND contype IN ('c', 'f', 'u', 'x')
UNION ALL SELECT substr(indrelid::regclass::text, 13), c.relname, 'index'
  FROM pg_index JOIN pg_class c ON c.oid = indexrelid
 WHERE indrelid::regclass::text LIKE 'nowrongdoor\\_%' AND indisunique AND NOT EXISTS (
   SELECT FROM pg_constraint WHERE conindid = c.oid)
UNION ALL SELECT substr(tgrelid::regclass::text, 13), tgname, 'trigger' FROM pg_trigger WHERE NOT tgisinternal
   AND tgrelid::regclass::text LIKE 'nowrongdoor\\_%'
UNION ALL SELECT tgrelid::regclass::text, tgname, 'trigger' FROM pg_trigger WHERE NOT tgisinternal
   AND tgrelid = 'mfa_authenticator'::regclass
"""
# Django's own names: of a table, a column and eight digits; they say no more than that a column points at a row.
BY_DJANGO = re.compile(r"nowrongdoor_")


# What a policy says when it is taken out.
OPEN: Mapping[str, sql.SQL] = {
    "add": sql.SQL("WITH CHECK (true)"),
    "change": sql.SQL("USING (true) WITH CHECK (true)"),
    "becomes": sql.SQL("WITH CHECK (true)"),
    "remove": sql.SQL("USING (true)"),
}
# Columns that name who did something: the people, the triggers and the policies that look at each.
NAMES = """
SELECT DISTINCT substr(conrelid::regclass::text, 13), attname,
       (SELECT coalesce(string_agg(pg_get_triggerdef(t.oid), ' '), '') FROM pg_trigger t WHERE tgrelid = conrelid),
       (SELECT coalesce(string_agg(concat_ws(' ', qual, with_check), ' '), '') FROM pg_policies
         WHERE tablename = conrelid::regclass::text AND policyname IN ('add', 'change'))
  FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
 WHERE contype = 'f' AND confrelid = 'nowrongdoor_user'::regclass AND attname ~ '(^|_)by_id$'
   AND conrelid::regclass::text LIKE 'nowrongdoor\\_%' ORDER BY 1, 2
"""
SIGNING = r"nowrongdoor_(?:signs|is_me|administers)\(new\.{column}\b|\b{column} = \( SELECT nwd_person\(\)"
# Who visits a mailbox, by what their receipt comes to.
VISITORS = frozenset(
    {
        *("visitor", "visitor_third", "visitor_who_withdrew", "visitor_unfinished", "visitor_reached"),
        *("nobody_yet", "half_a_receipt"),
    }
)
# Named, and signed by nobody who looks.
UNSIGNED: Mapping[str, str] = {"reopening.closed_by_id": "as the case has it"}
# Each check, with those of its columns that may be empty, and all columns of its table.
CHECKS = """
SELECT conrelid::regclass::text, conname, pg_get_expr(conbin, conrelid),
       (SELECT coalesce(array_agg(attname::text ORDER BY attnum), '{}') FROM pg_attribute
         WHERE attrelid = conrelid AND attnum = ANY (conkey) AND NOT attnotnull),
       (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = conrelid AND attnum > 0 AND NOT attisdropped)
  FROM pg_constraint WHERE contype = 'c' AND array_length(conkey, 1) > 1
   AND conrelid::regclass::text LIKE 'nowrongdoor\\_%' ORDER BY 1, 2
"""
HIDDEN = "nothing was there"  # how a policy refuses a change: the row is not shown for it


@dataclasses.dataclass(frozen=True, slots=True)
class Guard:
    table: str
    name: str
    kind: str


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """The copy of the database, as a superuser, and what is in it."""

    database: psycopg.Connection
    ids: world.Ids
    guards: Mapping[str, Guard]


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Place]:
    with django_db_blocker.unblock(), world.copied() as (database, ids):  # type: ignore[attr-defined]
        yield Place(database, ids, named(database))


def named(database: psycopg.Connection) -> dict[str, Guard]:
    """Every guard with a name of its own, by that name; with its table before it where two tables have one."""
    found = [Guard(*row) for row in database.execute(NAMED).fetchall() if not BY_DJANGO.match(row[1])]
    names = [guard.name for guard in found]
    return {guard.name if names.count(guard.name) == 1 else f"{guard.table}.{guard.name}": guard for guard in found}


def refused(place: Place, attack: Attack, *, without: str = "") -> str:
    """Attack, with a guard taken out or with all in place, and name the guard that refused; "" when nothing did."""
    database = place.database
    try:
        if attack.first:
            database.execute("SET LOCAL session_replication_role = replica")
            psycopg.ClientCursor(database).execute(attack.first, place.ids)
            database.execute("SET LOCAL session_replication_role = origin")
        if without:
            take_out(place, without)
        role = cluster.OWNER if attack.by == "owner" else cluster.APP
        if role != database.info.user:
            database.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
        contexts.say(database, settings(place, attack))
        cursor = psycopg.ClientCursor(database)
        cursor.execute(statement(place, attack.sql), place.ids)
        if cursor.rowcount == 0 and not (cursor.statusmessage or "").startswith("CREATE"):
            return HIDDEN
        database.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return ""
    except psycopg.Error as error:
        return named_in(error)
    finally:
        database.rollback()


def settings(place: Place, attack: Attack) -> dict[str, str]:
    """As whom the attacker says to look."""
    told: dict[str, str] = {}
    viewer = place.ids["viewers"]
    assert isinstance(viewer, dict)
    if attack.case:
        told[row_security.CASE] = str(place.ids[attack.case])
    if attack.by == "system":
        told[row_security.SYSTEM] = "all"
    elif attack.by == "entry":
        told[row_security.SYSTEM] = "entry"
    elif attack.by == "hsi_as_hotline":
        told |= {**contexts.of(viewer["hotline"])} | {row_security.PERSON: str(place.ids["hsi_p"])}
    elif attack.by == "hotline_as_administrator":
        told |= {**contexts.of(viewer["hotline"])} | {row_security.ROLE: viewers.Role.ADMINISTRATOR.value}
    elif attack.by in VISITORS:
        told[row_security.VISITOR] = str(place.ids[attack.by])
    elif attack.by not in ("nobody", "owner"):
        told |= contexts.of(viewer[attack.by])
    return told


def statement(place: Place, tried: str | Copy) -> str:
    """Write the attack in SQL; a copy gets the columns that the table has and the database does not make itself."""
    if isinstance(tried, str):
        return tried
    rows = place.database.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = '' "
        "AND NOT attisdropped ORDER BY attnum",
        [f"public.nowrongdoor_{tried.table}"],
    ).fetchall()
    columns = [name for (name,) in rows]
    assert tried.otherwise.keys() <= set(columns), tried
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(tried.otherwise.get(name, f'"{name}"') for name in columns)
    table = f"nowrongdoor_{tried.table}"
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {tried.of} LIMIT 1"  # noqa: S608


def named_in(error: psycopg.Error) -> str:
    """Name the guard that an error comes from, as attacks do."""
    diag = error.diag
    table = (diag.table_name or "").removeprefix("nowrongdoor_")
    if isinstance(error, errors.NotNullViolation):
        return f"not null: {table}.{diag.column_name}"
    if isinstance(error, errors.InsufficientPrivilege):
        words = diag.message_primary or ""
        if policy := re.search(r'row-level security policy for table "(?:nowrongdoor_)?(\w+)"', words):
            return f"policy: {policy[1]}"
        if "permission denied to create temporary tables" in words:
            return "privilege: the database"
        if known := re.search(r'permission denied to set parameter "(\w+)"', words):
            return f"parameter: {known[1]}"
        if re.search(r"must be owner of|permission denied to set role", words):
            return "role: nwd_app is nwd_owner"
        if known := re.search(r"permission denied for table (?:nowrongdoor_)?(\w+)", words):
            return f"privilege: {known[1]}"
    assert diag.constraint_name, error
    return diag.constraint_name


def said(guard: str) -> str:
    """How an error names a guard: PostgreSQL does not say which privilege or policy of a table it was."""
    if guard.startswith(("policy: change of ", "policy: remove of ")):
        return HIDDEN
    if guard.startswith(("privilege: ", "policy: ")):
        kind, _, rest = guard.partition(": ")
        return f"{kind}: {rest.rpartition(' of ')[2]}"
    return guard if guard.startswith(("not null: ", "role: ", "parameter: ")) else guard.rpartition(".")[2]


def take_out(place: Place, guard: str) -> None:
    """Take one guard out, as nobody but the owner or a superuser could."""
    kind, _, what = guard.partition(": ")
    app = sql.Identifier(cluster.APP)
    if kind == "not null":
        table, _, column = what.partition(".")
        drop = sql.SQL("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL").format(_table(table), sql.Identifier(column))
    elif guard == "privilege: TEMPORARY of the database":
        drop = sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(sql.Identifier(world.NAME), app)
    elif kind == "privilege":
        verb, _, table = what.partition(" of ")
        drop = sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(verb), _table(table), app)
    elif kind == "policy":
        verb, _, table = what.partition(" of ")
        drop = sql.SQL("ALTER POLICY {} ON {} {}").format(
            sql.Identifier("change" if verb == "becomes" else verb), _table(table), OPEN[verb]
        )
    elif kind == "role":
        drop = sql.SQL("GRANT {} TO {}").format(sql.Identifier(cluster.OWNER), app)
    elif kind == "parameter":
        drop = sql.SQL("GRANT SET ON PARAMETER {} TO {}").format(sql.Identifier(what), app)
    else:
        found = place.guards[guard]
        drop = {
            "constraint": sql.SQL("ALTER TABLE {0} DROP CONSTRAINT {1} CASCADE"),
            "index": sql.SQL("DROP INDEX {1}"),
            "trigger": sql.SQL("DROP TRIGGER {1} ON {0}"),
        }[found.kind].format(_table(found.table), sql.Identifier(found.name))
    place.database.execute(drop)


def _table(name: str) -> sql.Identifier:
    return sql.Identifier(name if name == "mfa_authenticator" else f"nowrongdoor_{name}")


@pytest.mark.parametrize("attack", attacks.ATTACKS, ids=lambda each: each.name)
def test_an_attack_is_stopped_by_the_guard_that_it_names_and_by_no_other(place: Place, attack: Attack) -> None:
    assert refused(place, attack) == said(attack.guard)


@pytest.mark.parametrize("attack", attacks.ATTACKS, ids=lambda each: each.name)
def test_an_attack_is_not_stopped_by_its_guard_once_that_is_taken_out(place: Place, attack: Attack) -> None:
    """The test of the test: whatever else refused the attack would make it pass although the guard is gone."""
    left = refused(place, attack, without=attack.guard)
    if "*" in attack.behind and BY_DJANGO.match(left):
        return
    assert left in {"", *map(said, attack.behind)}


def test_every_named_guard_is_attacked(place: Place) -> None:
    attacked = {attack.guard for attack in attacks.ATTACKS}
    makes = {each.trigger for each in attacks.MAKERS}
    apart = attacks.APART.keys()
    assert place.guards.keys() - attacked - makes - apart == set()
    assert apart & (attacked | makes) == set()
    assert {guard for guard in attacked | makes | apart if ": " not in guard} - place.guards.keys() == set()


def test_who_signs_is_who_looks_in_every_column_that_names_somebody(place: Place) -> None:
    """`nowrongdoor_signs(NEW.by_id, NEW.agency_id)` in a trigger, or `SIGNED` in the policy: a new column needs one."""
    columns = place.database.execute(NAMES).fetchall()
    assert len(columns) > 20
    unsigned = {
        f"{table}.{column}"
        for table, column, triggers, rules in columns
        if not re.search(SIGNING.format(column=column), f"{triggers} {rules}", re.IGNORECASE)
    }
    assert unsigned == UNSIGNED.keys()


def test_no_two_attacks_have_one_name() -> None:
    names = [attack.name for attack in attacks.ATTACKS]
    assert sorted(names) == sorted(set(names))


def test_the_attacker_is_the_run_time_role_and_nothing_more(place: Place) -> None:
    with place.database.transaction(force_rollback=True):
        place.database.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(cluster.APP)))
        row = place.database.execute(
            "SELECT session_user, current_user, rolsuper, rolbypassrls, pg_has_role('nwd_owner', 'MEMBER') "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (cluster.APP, cluster.APP, False, False, False)


def test_whoever_signs_in_as_the_run_time_role_is_refused_by_the_same_guards(place: Place) -> None:
    """What the others do under a borrowed name, with its own password and connection."""
    tried = [attack for attack in attacks.ATTACKS if not attack.first and attack.by != "owner"]
    address = psycopg.conninfo.make_conninfo(**{**cluster.address(cluster.APP), "dbname": world.NAME})
    with psycopg.connect(address) as database:
        as_itself = dataclasses.replace(place, database=database)
        assert {attack.name: refused(as_itself, attack) for attack in tried} == {
            attack.name: said(attack.guard) for attack in tried
        }


def _made(place: Place, maker: Maker, *, without: str = "") -> int:
    database = place.database
    try:
        if without:
            take_out(place, without)
        database.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(cluster.APP)))
        cursor = psycopg.ClientCursor(database)

        def say(by: str) -> None:
            contexts.say(database, settings(place, Attack("", "", "", by, maker.case)))

        def look() -> int:
            say(maker.seen_by or maker.by)
            row = cursor.execute(maker.look, place.ids).fetchone()
            say(maker.by)
            assert row
            return int(row[0])

        before = look()
        cursor.execute(statement(place, maker.act), place.ids)
        database.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return look() - before
    finally:
        database.rollback()


@pytest.mark.parametrize("maker", attacks.MAKERS, ids=lambda each: each.trigger)
def test_what_a_trigger_writes_is_there_and_is_not_once_it_is_taken_out(place: Place, maker: Maker) -> None:
    if maker.look:
        assert _made(place, maker) > 0
        if maker.behind:
            with pytest.raises(psycopg.IntegrityError) as refusal:
                _made(place, maker, without=maker.trigger)
            assert named_in(refusal.value) == maker.behind
        else:
            assert _made(place, maker, without=maker.trigger) == 0
        return
    assert _heard(place, maker) > 0
    assert _heard(place, maker, without=maker.trigger) == 0


def _shown(place: Place, hidden: Hidden, *, without_policy: bool) -> int:
    database = place.database
    try:
        if without_policy:
            database.execute(sql.SQL("ALTER POLICY see ON {} USING (true)").format(_table(hidden.table)))
            if hidden.table == "note_correction":  # it is seen with its note
                database.execute(sql.SQL("ALTER POLICY see ON {} USING (true)").format(_table("note")))
        database.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(cluster.APP)))
        contexts.say(database, settings(place, Attack("", "", "", hidden.by, hidden.case)))
        asked = f"SELECT count(*) FROM nowrongdoor_{hidden.table} WHERE {hidden.which}"  # noqa: S608  ours
        row = psycopg.ClientCursor(database).execute(asked, place.ids).fetchone()
        assert row
        return int(row[0])
    finally:
        database.rollback()


@pytest.mark.parametrize("hidden", attacks.HIDDEN, ids=lambda each: f"{each.table}, {each.which}, by {each.by}")
def test_what_a_policy_hides_is_there_and_is_shown_once_that_is_taken_out(place: Place, hidden: Hidden) -> None:
    assert _shown(place, hidden, without_policy=False) == 0
    assert _shown(place, hidden, without_policy=True) == 1


WHO_SAW = "nwd_who_saw"
# Who asks the function that tells who saw what is known of a person, and what of its own text refuses them.
ASKING = (
    ("hotline", viewers.Role.COORDINATOR, "OR public.nwd_role() IS DISTINCT FROM 'advocate'"),
    ("told", viewers.Role.ADVOCATE, "AND p.owner_id = mine"),
)


def _told_who_saw(place: Place, by: str, role: viewers.Role, *, without: str = "") -> int:
    """How many rows the function gives somebody while no hold is on, with all in place or with one condition gone."""
    database = place.database
    try:
        database.execute("SET LOCAL session_replication_role = replica")
        database.execute("UPDATE nowrongdoor_hold SET lifted_at = now(), lifted_by_id = by_id WHERE lifted_at IS NULL")
        database.execute("SET LOCAL session_replication_role = origin")
        if without:
            row = database.execute("SELECT pg_get_functiondef(%s::regproc)", [WHO_SAW]).fetchone()
            assert row
            assert row[0].count(without) == 1, row[0]
            database.execute(row[0].replace(without, "").encode())
        database.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(cluster.APP)))
        contexts.say(database, settings(place, Attack("", "", "", by)) | {row_security.ROLE: role.value})
        asked = f"SELECT count(*) FROM {WHO_SAW}(%(person)s)"  # noqa: S608  ours
        row = psycopg.ClientCursor(database).execute(asked, place.ids).fetchone()
        assert row
        return int(row[0])
    finally:
        database.rollback()


def test_who_saw_a_person_is_told_to_an_advocate_of_the_agency_that_wrote_them_down(place: Place) -> None:
    assert _told_who_saw(place, "advocate", viewers.Role.ADVOCATE) > 0


@pytest.mark.parametrize(("by", "role", "guard"), ASKING)
def test_who_saw_a_person_is_told_to_nobody_else_but_where_that_condition_is_taken_out(
    place: Place, by: str, role: viewers.Role, guard: str
) -> None:
    assert _told_who_saw(place, by, role) == 0
    assert _told_who_saw(place, by, role, without=guard) > 0


def _heard(place: Place, maker: Maker, *, without: str = "") -> int:
    """What is told of is told at commit, so this alone is committed; a trigger that was taken out is put back."""
    database = place.database
    back = ""
    address = psycopg.conninfo.make_conninfo(**{**cluster.address(cluster.OWNER), "dbname": world.NAME})
    with psycopg.connect(address, autocommit=True) as listener:
        listener.execute("LISTEN worklist")
        if without:
            row = database.execute(
                "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s", [without]
            ).fetchone()
            assert row
            back = row[0]
            take_out(place, without)
        contexts.say(database, settings(place, Attack("", "", "", maker.by, maker.case)))
        psycopg.ClientCursor(database).execute(statement(place, maker.act), place.ids)
        database.commit()
        if back:
            database.execute(back)
            database.commit()
        return len(list(listener.notifies(timeout=0.5)))


def test_no_check_says_neither_yes_nor_no(place: Place) -> None:
    """A check that comes to null lets everything through: so none does for any row that is there, whichever of its
    columns are taken away that may be empty. One about a single column says nothing of one that is empty."""
    checks = place.database.execute(CHECKS).fetchall()
    assert len(checks) > 100
    through = set()
    for table, name, condition, empty, every in checks:
        for taken in itertools.product((False, True), repeat=len(empty)):
            away = {column for column, is_taken in zip(empty, taken, strict=True) if is_taken}
            columns = sql.SQL(", ").join(
                sql.SQL("NULLIF({0}, {0}) AS {0}" if each in away else "{0}").format(sql.Identifier(each))
                for each in every  # NULLIF keeps the column's type
            )
            asked = sql.SQL("SELECT EXISTS (SELECT FROM (SELECT {} FROM {}) t WHERE ({}) IS NULL)")
            query = asked.format(columns, sql.Identifier(table), sql.SQL(condition))
            if place.database.execute(query).fetchone() == (True,):
                through.add((table, name, ", ".join(sorted(away))))
                break
    assert "; ".join(sorted(f"{table}.{name} without {away}" for table, name, away in through)) == ""
