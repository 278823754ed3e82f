"""T18: from every released schema, filled, to this one, back and up again: nothing is lost. And while one goes up, the
code of the release before works beside this schema.

A release is a folder of `released`; the next one needs no change here (CONTRIBUTING.md, Releasing). Rows and schemas
are compared from the catalogue, so that no table and no column is forgotten. Row policies are not part of the schema:
the code that one goes up or back to puts up its own (`access/policies.py`).
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import gzip
import hashlib
import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent import futures

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import conninfo, sql

from nowrongdoor.core.mandates import table as mandate_table
from nowrongdoor.operating import cluster
from nowrongdoor.operating import schema as operating
from tests import at_home, clocks
from tests.duties import alike
from tests.site import release

NWD = pathlib.Path(sys.executable).parent / "nwd"
ROOT = release.ROOT
RELEASES = release.everything()
BEFORE = RELEASES[-1]  # the release before
# What nobody but its writer opens, or nobody at all: so neither does whoever remembers a release.
SECRET = {"draft_words_is_sealed", "withdrawn_content_content_is_sealed"}
# The last one that keeps notices and deadlines in tables of their own, beside the one that holds both.
DOUBLED = next(each for each in RELEASES if each.folder.name == "0.3.0")
# What newer code brings by itself stays when one goes back: the framework's lists of tables, the reference rows, and
# the events that note what there was.
BROUGHT = {"django_content_type", "auth_permission", "nowrongdoor_agency", "nowrongdoor_mandate_table"} | {
    "nowrongdoor_auditevent",
    "nowrongdoor_auditseal",
}
APPLIED = "django_migrations"
ASKED_BY_RELEASES = importlib.import_module("nowrongdoor.migrations.0007_facts_digest").RELEASED
CATALOGUE = """
SELECT 'table ' || relname, concat_ws(' ', relkind, relpersistence) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
UNION ALL SELECT format('column %s.%s', c.relname, a.attname), concat_ws(' ', format_type(a.atttypid, a.atttypmod),
       CASE WHEN a.attnotnull THEN 'not null' END, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
       a.attcollation::regcollation)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON (adrelid, adnum) = (c.oid, attnum)
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT format('constraint %s.%s', conrelid::regclass, conname), pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT format('trigger %s.%s', tgrelid::regclass, tgname), concat(pg_get_triggerdef(oid), tgenabled)
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function ' || oid::regprocedure, pg_get_functiondef(oid) FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace AND prokind IN ('f', 'p') AND proname NOT LIKE 'nwd\\_%'
UNION ALL SELECT 'type ' || enumtypid::regtype, string_agg(enumlabel, ' ' ORDER BY enumsortorder) FROM pg_enum
 GROUP BY enumtypid
"""
KEYS = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attnum = ANY (i.indkey)),
       array_agg(a.attname ORDER BY a.attnum)
  FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' GROUP BY c.relname ORDER BY c.relname
"""
DOWN = """
import django, json, sys
django.setup()
from django.core import management
from django.db.migrations.loader import MigrationLoader
there = json.loads(sys.argv[1])
ours_first = sorted({app for app, _ in MigrationLoader(None).graph.leaf_nodes()}, key=lambda app: app != "nowrongdoor")
for app in ours_first:
    management.call_command("migrate", app, there.get(app, "zero"), verbosity=0, interactive=False)
"""
TASK = """
INSERT INTO nowrongdoor_duty (id, kind, thing, source, agency_id, desk, by_hand, follows_lead, role, rule, clock, why,
  "limit", citation, evidence, basis, since, due_at, how)
SELECT gen_random_uuid(), 'task', '', 'person', id, '', false, false, '', '', '', 'Call back.', '', '', '', 'policy',
       now(), now(), '' FROM nowrongdoor_agency WHERE code = 'HSI'
"""
PAGES = """
import django, sys
django.setup()
from django.test import Client
from nowrongdoor.access import row_security
from nowrongdoor.agencies.models import User
from nowrongdoor.cases.models import Case, Participant
from tests import signing_in
with row_security.system():
    viewer = User.objects.get(name=sys.argv[1]).viewer()
    theirs = Participant.objects.filter(agency_id=viewer.agency_id).values("case_id")
    references = list(Case.objects.filter(id__in=theirs).values_list("reference", flat=True))
    client = signing_in.sign_in(Client(SERVER_NAME="localhost"), viewer)
for path in ["/worklist", "/cases", "/retention", *(f"/cases/{each}" for each in references)]:
    print(client.get(path).status_code, path)
"""
# Whoever is added has signed in today: what this release asks of an agency before it is asked for anything.
SIGNED_IN = """
CREATE FUNCTION signed_in() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.last_login := now(); RETURN NEW; END $$;
CREATE TRIGGER signed_in BEFORE INSERT ON nowrongdoor_user FOR EACH ROW EXECUTE FUNCTION signed_in();
"""
# A first factor that is added by a password alone, as the release before does, is what this schema refuses.
ENROLLED = "ALTER TABLE mfa_authenticator DISABLE TRIGGER a_first_factor_needs_more_than_a_password"
TABLES = (
    "import django; django.setup(); from django.apps import apps; print(*(m._meta.db_table for m in apps.get_models()))"
)
STORY = """
import datetime, django
django.setup()
import nowrongdoor
from tests.site import full_story
full_story.fill(at=datetime.datetime.now(tz=datetime.UTC))
print(nowrongdoor.__file__)
print("told")
"""
OWING = """
import datetime, django
django.setup()
from tests import at_home
from tests.duties import owing
at_home.stay()
for case in owing.every_verb(at=datetime.datetime.now(tz=datetime.UTC)):
    print(case)
"""
# What is withdrawn in one table is withdrawn in the other: the table, and which of its rows are open.
WITHDRAW = (
    "UPDATE nowrongdoor_{table} SET withdrawn_at = now() WHERE id = "
    "(SELECT id FROM nowrongdoor_{table} WHERE withdrawn_at IS NULL AND {is_open} ORDER BY id LIMIT 1) RETURNING id"
)
BOTH_WAYS = (
    ("notice", "acknowledged_at IS NULL"),
    ("clock", "met_at IS NULL"),
    ("duty", "done_at IS NULL AND kind = 'notice'"),
    ("duty", "done_at IS NULL AND kind = 'deadline'"),
)

Row = Mapping[str, str | None]


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """A table's rows by their primary key, each column as PostgreSQL writes it."""

    key: Sequence[str]
    columns: Sequence[str]
    rows: Mapping[tuple[str | None, ...], Row]


@dataclasses.dataclass(frozen=True, slots=True)
class Moved:
    """Where the values of a released column stand now. `key` names, for each column of the old table's primary key, the
    column of the new table that holds the same value."""

    column: str  # table.column, as released
    to: str  # table.column, now
    key: Mapping[str, str]
    among: Mapping[str, str] = dataclasses.field(default_factory=dict)  # what else the rows of the new table say
    reads: Callable[[Row], str | None] | None = None  # the value, where the new table says it in more than one column


def _moved(table: str, kind: str, columns: str, **others: str) -> Iterator[Moved]:
    for column, to in {**{name: name for name in columns.split()}, **others}.items():
        reads = _clock if (kind, column) == ("deadline", "clock") else None
        yield Moved(
            f"nowrongdoor_{table}.{column}", f"nowrongdoor_duty.{to}", {"id": "id"}, among={"kind": kind}, reads=reads
        )


def _clock(duty: Row) -> str | None:
    """Return what a clock was called: one that a disclosure started bore the end of its id."""
    return f"told-{(duty['thing_id'] or '')[-12:]}" if duty["thing"] else duty["clock"]


BOTH = "id case_id desk agency_id citation evidence basis clock due_at how withdrawn_at needs_open"
# What moved since a release, and where to: it is compared value by value. Whatever is gone and not named here is lost.
MOVED: Sequence[Moved] = (
    *_moved(
        *("notice", "notice"),
        f"{BOTH} by_hand role rule why",
        sent_at="since",
        acknowledged_at="done_at",
        acknowledged_by_id="done_by_id",
    ),
    *_moved(
        *("clock", "deadline"),
        f"{BOTH} follows_lead limit",
        duty="why",
        started_at="since",
        met_at="done_at",
        met_by_id="done_by_id",
    ),
)
# What held nothing to keep, and who makes it again for the older code.
DROPPED: Mapping[str, str] = {"django_cache": "the cache of 0.2.0, whose own `nwd database migrate` makes it"}


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """Everything that a database holds: its tables, and where its sequences have come to."""

    tables: Mapping[str, Table]
    sequences: Mapping[str, int]


@dataclasses.dataclass(frozen=True, slots=True)
class Database:
    """A database of the suite's cluster that is not the suite's own, with a release in it."""

    name: str
    release: release.Release
    key_file: pathlib.Path

    def address(self, role: str) -> dict[str, str]:
        return {**cluster.address(role), "dbname": self.name}

    @property
    def environment(self) -> dict[str, str]:
        """What tells our programs to work here."""
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "nowrongdoor.site.settings",
            "DATABASE_URL": conninfo.make_conninfo(**self.address(cluster.APP)),
            "DATABASE_OWNER_URL": conninfo.make_conninfo(**self.address(cluster.OWNER)),
            "NWD_KEY_FILE": str(self.key_file),
        }

    def run(self, *command: str, **more: str) -> str:
        return self.run_in(ROOT, *command, **more)

    def run_in(self, folder: pathlib.Path, /, *command: str, **more: str) -> str:
        done = self._ran(folder, *command, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _ran(self, folder: pathlib.Path, /, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, **more}
        return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)

    def up(self) -> None:
        """Up to this code's schema, as `nwd database migrate` does it."""
        self.run(sys.executable, "-m", "nowrongdoor.site.migrating", NWD_ROLE="owner")

    def down(self) -> None:
        """Back to the schema of the release."""
        self.run(sys.executable, "-c", DOWN, json.dumps(self.release.migrations), NWD_ROLE="owner")

    def refused_down(self) -> str:
        """What is said when the way back is refused."""
        done = self._ran(ROOT, sys.executable, "-c", DOWN, json.dumps(self.release.migrations), NWD_ROLE="owner")
        assert done.returncode != 0, done.stdout
        return done.stderr

    def refused_up(self, **more: str) -> str:
        """What is said when the way up is refused."""
        done = self._ran(ROOT, sys.executable, "-m", "nowrongdoor.site.migrating", NWD_ROLE="owner", **more)
        assert done.returncode == 1, done.stdout
        return done.stderr

    def connect(self) -> psycopg.Connection:
        address = conninfo.make_conninfo(**self.address(cluster.OWNER), options="-c TimeZone=UTC")
        return psycopg.connect(address, autocommit=True)


@contextlib.contextmanager
def empty(name: str) -> Iterator[dict[str, str]]:
    """An empty database with the two roles; gives the owner's address."""
    data = cluster.var() / "postgres"
    with cluster.as_superuser(data, "postgres") as superuser:
        cluster.prepare(superuser, name)
        try:
            yield {**cluster.address(cluster.OWNER), "dbname": name}
        finally:
            superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def load(address: Mapping[str, str], dump: bytes) -> None:
    command = [cluster.tool("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    subprocess.run(command, env=release.environment(address), input=dump, stdout=subprocess.DEVNULL, check=True)


@pytest.fixture(params=RELEASES, ids=lambda each: each.folder.name)
def restored(request: pytest.FixtureRequest, django_db_setup: None, tmp_path: pathlib.Path) -> Iterator[Database]:
    with restoring(request.param, tmp_path) as database:
        yield database


@pytest.fixture
def newest(django_db_setup: None, tmp_path: pathlib.Path) -> Iterator[Database]:
    """The release before."""
    with restoring(BEFORE, tmp_path) as database:
        yield database


@pytest.fixture
def doubled(django_db_setup: None, tmp_path: pathlib.Path) -> Iterator[Database]:
    """The release that keeps twice what is owed."""
    with restoring(DOUBLED, tmp_path) as database:
        yield database


@contextlib.contextmanager
def restoring(of: release.Release, folder: pathlib.Path) -> Iterator[Database]:
    with empty("released") as address:
        load(address, gzip.decompress((of.folder / release.DUMP).read_bytes()))
        yield Database("released", of, key_of(of, folder))


def key_of(of: release.Release, folder: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(shutil.copyfile(of.folder / release.KEY, folder / "root.json"))


def kept_in(database: Database) -> Kept:
    """Reads every column of every row."""
    tables = {}
    with database.connect() as owner:
        for name, key, columns in owner.execute(KEYS).fetchall():
            texts = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(column)) for column in columns)
            rows = owner.execute(sql.SQL("SELECT {} FROM {}").format(texts, sql.Identifier(name))).fetchall()
            read = [dict(zip(columns, row, strict=True)) for row in rows]
            tables[name] = Table(key, columns, {tuple(row[column] for column in key): row for row in read})
        every = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert tables.keys() == {name for (name,) in every}  # a table without a key would not be compared
        told = owner.execute("SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences").fetchall()
    return Kept(tables, dict(told))


def lost(before: Kept, after: Kept, moved: Sequence[Moved] = MOVED) -> Iterator[str]:
    """Name what was there before, and is now neither where it was nor where `moved` says, with the same value."""
    followed = {each.column: each for each in moved}
    for name, old in before.tables.items():
        if name in DROPPED and name not in after.tables:
            continue
        new = after.tables.get(name, Table((), (), {}))
        for column in old.columns:
            if column in new.columns:
                stays = Moved(f"{name}.{column}", f"{name}.{column}", dict(zip(old.key, old.key, strict=True)))
                yield from _changed(stays, old, new)
            elif move := followed.get(f"{name}.{column}"):
                yield from _changed(move, old, after.tables.get(move.to.partition(".")[0]))
            else:
                yield f"column {name}.{column} is gone"
    for sequence, last in before.sequences.items():
        if after.sequences.get(sequence, 0) < last:
            yield f"sequence {sequence} went back from {last} to {after.sequences.get(sequence)}"


def _changed(move: Moved, old: Table, new: Table | None) -> Iterator[str]:
    """Compare one column of every row with what the row of `new` that has the same key says."""
    (name, _, column), (_, _, to), key = move.column.partition("."), move.to.partition("."), move.key
    if new is None or not {to, *key.values(), *move.among} <= set(new.columns) or key.keys() != set(old.key):
        yield f"column {name}.{column} is gone"
        return
    now: dict[tuple[str | None, ...], list[str | None]] = collections.defaultdict(list)
    for row in new.rows.values():
        if all(row[each] == value for each, value in move.among.items()):
            now[tuple(row[key[each]] for each in old.key)].append(move.reads(row) if move.reads else row[to])
    for its_key, row in old.rows.items():
        found = now.get(its_key, [])
        if not found:
            yield f"row {its_key} of {name} is gone"
        elif found != [row[column]]:
            yield f"{name}.{column} of row {its_key} was {row[column]} and is {', '.join(map(str, found))}"


def added(before: Kept, after: Kept) -> set[tuple[str, tuple[str | None, ...]]]:
    """Names the rows of the tables there were before that were not there."""
    return {
        (name, key)
        for name, old in before.tables.items()
        if name in after.tables
        for key in after.tables[name].rows.keys() - old.rows.keys()
    }


def applied(kept: Kept) -> set[tuple[str | None, str | None]]:
    return {(row["app"], row["name"]) for row in kept.tables[APPLIED].rows.values()}


def without_bookkeeping(kept: Kept) -> Kept:
    """What migrations were applied is compared by name: going up again writes it down anew, with another number."""
    return Kept({name: table for name, table in kept.tables.items() if name != APPLIED}, kept.sequences)


def schema(database: Database) -> Mapping[str, str]:
    """The catalogue of a copy: PostgreSQL writes the same condition in another way once it has read its own words."""
    with empty("schema_alone") as address:
        load(address, release.dumped(database.address(cluster.OWNER), "--schema-only"))
        with psycopg.connect(conninfo.make_conninfo(**address)) as copy:
            return dict(copy.execute(CATALOGUE).fetchall())


def unlike(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    names = sorted(before.keys() | after.keys())
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


def looks_whole(database: Database) -> None:
    """Sealed words open and say what they said, and the trail verifies."""
    words = json.loads(database.run(sys.executable, "-m", "tests.site.release", "words"))
    assert {place: words.get(_moved_to(place, words)) for place in database.release.words} == database.release.words
    verdict = json.loads(database.run(str(NWD), "audit", "verify", "--json"))
    assert verdict["holds"], verdict
    assert verdict["events"] >= 100
    assert verdict["anchors"] >= 1


def _moved_to(place: str, words: Mapping[str, str]) -> str:
    """Name the place of a sealed text as it is now: table, row and column."""
    table, row, column = place.split("/")
    for move in MOVED:
        if move.column == f"nowrongdoor_{table}.{column}" and place not in words:
            return move.to.removeprefix("nowrongdoor_").replace(".", f"/{row}/")
    return place


def knows_the_shipped_table(database: Database) -> bool:
    """Whether the table that this code ships is the one that the release shipped."""
    with database.connect() as owner:
        known = owner.execute(
            "SELECT count(*) FROM nowrongdoor_mandate_table WHERE digest = %s", [mandate_table.shipped().digest]
        )
        return known.fetchone() != (0,)


def asked_in(kept: Kept) -> list[list[str | None]]:
    """What the table in force asks, by its digest, as a release of 0.4.0 or later keeps it; what those before asked."""
    tables = kept.tables["nowrongdoor_mandate_table"].rows.values()
    digests = [row.get("facts_digest", ASKED_BY_RELEASES) for row in tables if row["in_force"] in ("t", "true")]
    return [[each, each] for each in digests]


def asks_what_it_asked(database: Database, asked_before: list[list[str | None]], *, waits: bool) -> None:
    """The table that was in force still is, and asks what the release asked; a newer one is said to wait."""
    with database.connect() as owner:
        kept = owner.execute(
            "SELECT in_force, facts_digest, encode(sha256(convert_to((facts -> 'asked')::text, 'UTF8')), 'hex') "
            "FROM nowrongdoor_mandate_table"
        ).fetchall()
        everything = owner.execute("SELECT count(*) FROM nowrongdoor_mandate_table WHERE facts -> 'files' IS NULL")
        assert everything.fetchone() == (0,)
    assert [asked for in_force, *asked in kept if in_force] == asked_before
    facts = json.loads(database.run(str(NWD), "table", "facts", "--json"))
    assert [each["name"] for each in facts][:3] == ["urgency", "age", "commercial_sex"]
    changes = database.run(str(NWD), "table", "changes")
    if waits:
        assert f"United States {mandate_table.shipped().version} is not in force. " in changes
        assert "Rules: " in changes


def owed_in(kept: Kept) -> set[tuple[str | None, str | None]]:
    """Everything that is owed, by kind and id."""
    if duty := kept.tables.get("nowrongdoor_duty"):
        return {(row["kind"], row["id"]) for row in duty.rows.values()}
    return {
        *(("notice", row["id"]) for row in kept.tables["nowrongdoor_notice"].rows.values()),
        *(("deadline", row["id"]) for row in kept.tables["nowrongdoor_clock"].rows.values()),
        *(
            ("answer", row["id"])
            for row in kept.tables["nowrongdoor_handoff"].rows.values()
            if row["state"] == "offered"
        ),
    }


def owes_what_it_owed(database: Database, before: Kept, now: Kept) -> None:
    """Every notice, clock and open offer of the release, and whatever else it kept as a duty, is one; no more are."""
    assert owed_in(now) == owed_in(before)
    assert {kind for kind, _ in owed_in(now)} >= {"answer", "deadline", "notice"}
    assert now.tables.keys() & {"nowrongdoor_notice", "nowrongdoor_clock", *DROPPED} == set()
    with database.connect() as owner:
        assert min(alike.counts(owner)) > 0
        assert alike.unlike(owner) == []


def without_dropped(schema: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in schema.items() if not any(table in name for table in DROPPED)}


@pytest.mark.storm
def test_a_release_goes_up_and_down_and_up_again_and_nothing_is_lost(restored: Database) -> None:
    before, its_schema = kept_in(restored), schema(restored)
    assert {app: max(name or "" for of, name in applied(before) if of == app) for app, _ in applied(before)} == (
        restored.release.migrations
    )
    waits = not knows_the_shipped_table(restored)
    restored.up()
    up = kept_in(restored)
    assert list(lost(before, up)) == []
    asks_what_it_asked(restored, asked_in(before), waits=waits)
    assert {name for name, _ in added(before, up)} <= {*BROUGHT, APPLIED}
    owes_what_it_owed(restored, before, up)
    looks_whole(restored)
    if "nowrongdoor_duty" not in before.tables:
        with restored.connect() as owner:
            owner.execute(TASK)
            assert "The older schema has no place for 1 duties" in restored.refused_down()
            restored.up()  # the way back ended at the schema of 0.3.0, which has a place for it
            stays = kept_in(restored)
            assert stays.tables.keys() == up.tables.keys()
            assert list(lost(without_bookkeeping(before), stays)) == []
            assert {kind for kind, _ in owed_in(stays) - owed_in(up)} == {"task"}
            owner.execute("DELETE FROM nowrongdoor_duty WHERE kind = 'task'")
    restored.down()
    down = kept_in(restored)
    assert list(lost(without_bookkeeping(before), down)) == []
    assert {name for name, _ in added(before, down)} <= {*BROUGHT, APPLIED}
    assert applied(down) == applied(before)
    assert unlike(without_dropped(its_schema), schema(restored)) == {}
    restored.up()
    again = kept_in(restored)
    assert list(lost(without_bookkeeping(before), again)) == []
    owes_what_it_owed(restored, before, again)
    looks_whole(restored)
    opens_every_page(restored)


def opens_every_page(database: Database, folder: pathlib.Path = ROOT, /, **more: str) -> None:
    answers = database.run_in(folder, sys.executable, "-c", PAGES, "hope", **more).splitlines()
    assert len(answers) > 20
    assert [answer for answer in answers if not answer.startswith("200 ")] == []


def test_no_table_and_no_sealed_column_of_a_release_is_empty(restored: Database) -> None:
    with restored.connect() as owner:
        there = {name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        sealed = owner.execute("SELECT conname FROM pg_constraint WHERE conname LIKE '%\\_is\\_sealed'").fetchall()
        assert release.empty_tables(owner) == release.UNUSED.keys() & there
    places = [place.split("/") for place in restored.release.words]
    assert {f"{table}_{column}_is_sealed" for table, _, column in places} == {name for (name,) in sealed} - SECRET


@pytest.mark.parametrize("of", RELEASES, ids=lambda each: each.folder.name)
def test_a_released_migration_is_never_edited(of: release.Release) -> None:
    """Whoever has the release has run it: what must change is a migration more."""
    now = release.digests()
    assert {file: now.get(file) for file in of.frozen} == of.frozen
    assert f"{of.migrations['nowrongdoor']}.py" in of.frozen


@pytest.mark.storm
def test_the_code_of_the_release_before_tells_its_whole_story_beside_this_schema(
    django_db_setup: None, tmp_path: pathlib.Path
) -> None:
    """Web processes and workers of the release before go on while this schema, its policies and its privileges are
    put up. Its own code fills an installation that this code migrated, and finds a row in every table at the end."""
    code = tmp_path / "code"
    release.unpack(BEFORE, code)
    older = {"PYTHONPATH": f"{code / 'src'}:{code}", "NWD_SCAN": "off"}
    with empty("beside") as address:
        database = Database("beside", BEFORE, key_of(BEFORE, tmp_path))
        database.run(sys.executable, "-m", "nowrongdoor.site.migrating", NWD_ROLE="owner", **older)
        database.up()
        with database.connect() as owner:
            owner.execute(SIGNED_IN)
            owner.execute(ENROLLED)
        clocks.set_ahead(conninfo.make_conninfo(**address))  # its cases are old enough to be disposed of
        said = database.run_in(code, sys.executable, "-c", STORY, **older)
        assert said.splitlines()[-2:] == [str(code / "src" / "nowrongdoor" / "__init__.py"), "told"]
        with psycopg.connect(conninfo.make_conninfo(**address)) as owner:
            there = {name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
            new = there - set(database.run_in(code, sys.executable, "-c", TABLES, **older).split())
            assert release.empty_tables(owner) - new == release.UNUSED.keys() & there - new
            assert min(alike.counts(owner)) > 0
            assert alike.unlike(owner) == []
        verdict = json.loads(database.run(str(NWD), "audit", "verify", "--json"))
        assert verdict["holds"], verdict
        opens_every_page(database)


@pytest.mark.storm
def test_what_is_owed_since_goes_back_into_the_older_tables_and_works_there(
    doubled: Database, tmp_path: pathlib.Path
) -> None:
    """Whatever this code owes, tells, meets, withdraws and moves, the release before finds."""
    doubled.up()
    with doubled.connect() as owner:
        owner.execute("UPDATE nowrongdoor_user SET last_login = now()")
    first = kept_in(doubled)
    doubled.run(
        sys.executable, "-m", operating.MIGRATE, operating.ALONE, NWD_ROLE="owner"
    )  # sealed: the way back undoes it
    doubled.run(sys.executable, "-c", OWING)
    up = kept_in(doubled)
    assert len(owed_in(up) - owed_in(first)) > 5
    doubled.down()
    with doubled.connect() as owner:
        assert owed_in(kept_in(doubled)) == owed_in(up)
        assert min(alike.counts(owner, alike.OLDER)) > 0
        assert alike.unlike(owner, alike.OLDER) == []
        owner.execute(at_home.sight())
        for table, is_open in BOTH_WAYS:
            assert owner.execute(WITHDRAW.format(table=table, is_open=is_open)).fetchone()
            assert alike.unlike(owner, alike.OLDER) == []
    release.unpack(DOUBLED, tmp_path / "code")
    older = {"PYTHONPATH": f"{tmp_path / 'code' / 'src'}:{tmp_path / 'code'}"}
    doubled.run(sys.executable, "-m", "nowrongdoor.site.migrating", NWD_ROLE="owner", **older)
    opens_every_page(doubled, tmp_path / "code", **older)
    doubled.up()
    assert owed_in(kept_in(doubled)) == owed_in(up)
    opens_every_page(doubled)


def test_nothing_is_dropped_while_a_notice_or_deadline_has_no_duty_that_says_it(doubled: Database) -> None:
    """The triggers of 0.3.0 keep both alike; if something wrote past them, that is said and counted."""
    with doubled.connect() as owner, cluster.as_superuser(cluster.var() / "postgres", doubled.name) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(
            "UPDATE nowrongdoor_notice SET due_at = now() WHERE ctid = (SELECT min(ctid) FROM nowrongdoor_notice)"
        )
        superuser.execute("DELETE FROM nowrongdoor_duty WHERE id = (SELECT id FROM nowrongdoor_clock LIMIT 1)")
        before = owner.execute("SELECT count(*) FROM nowrongdoor_notice").fetchone()
        assert (
            "The older tables hold 2 notices or deadlines that nowrongdoor_duty does not have" in doubled.refused_up()
        )
        assert owner.execute("SELECT count(*) FROM nowrongdoor_notice").fetchone() == before


def test_an_upgrade_holds_nobody_up(doubled: Database) -> None:
    """While a transaction is long, others work on the same tables, and the upgrade comes through in the end."""
    with doubled.connect() as busy, doubled.connect() as other, futures.ThreadPoolExecutor() as pool:
        other.execute("SET lock_timeout = '2s'")
        with busy.transaction():
            busy.execute("UPDATE nowrongdoor_agency SET name = name")
            busy.execute("UPDATE nowrongdoor_case SET lead_since = lead_since")
            upgrade = pool.submit(doubled.up)
            while not _waits_for_a_table(other):
                assert not upgrade.done(), upgrade.result()
            for _ in range(20):
                other.execute("SELECT count(*) FROM nowrongdoor_agency, nowrongdoor_case")
                time.sleep(0.1)
        upgrade.result()
        assert other.execute("SELECT to_regclass('nowrongdoor_notice')").fetchone() == (None,)


def _waits_for_a_table(database: psycopg.Connection) -> bool:
    """Whether somebody has asked for a table and has not got it."""
    asked = database.execute(
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'relation'"
    )
    return asked.fetchone() == (True,)


def test_an_upgrade_that_finds_no_moment_says_so(committed_db: None, owner: str) -> None:
    asked = []

    def ask() -> None:
        asked.append("")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE rate_limit IN ACCESS EXCLUSIVE MODE")

    with psycopg.connect(owner) as busy:
        busy.execute("LOCK TABLE rate_limit IN ACCESS SHARE MODE")
        with pytest.raises(operating.Busy, match="run this again when there is less to do"):
            operating.between_others(ask, tries=2)
        assert len(asked) == 2
    operating.between_others(ask, tries=2)
    assert len(asked) == 3


@pytest.mark.storm
def test_a_column_that_the_next_release_adds_disturbs_no_page(newest: Database) -> None:
    """Code reads the columns that it knows: so the next release can add one to any table while this one runs."""
    newest.up()
    with newest.connect() as owner:
        for (table,) in owner.execute(
            "SELECT tablename FROM pg_tables WHERE tablename LIKE 'nowrongdoor\\_%'"
        ).fetchall():
            owner.execute(
                sql.SQL("ALTER TABLE {} ADD COLUMN of_the_next_release text DEFAULT 'new'").format(
                    sql.Identifier(table)
                )
            )
    opens_every_page(newest)


@pytest.mark.parametrize("of", [each for each in RELEASES if (each.folder / release.CODE).exists()])
def test_the_code_that_is_kept_is_the_release_s_own(of: release.Release, tmp_path: pathlib.Path) -> None:
    release.unpack(of, tmp_path)
    migrations = tmp_path / "src" / "nowrongdoor" / "migrations"
    kept = {file: hashlib.sha256((migrations / file).read_bytes()).hexdigest() for file in of.frozen}
    assert kept == of.frozen
    assert BEFORE.folder / release.CODE in of.folder.parent.glob(f"*/{release.CODE}")


def _kept(**tables: Table) -> Kept:
    return Kept(tables, {})


def _table(key: str, *rows: Mapping[str, str | None]) -> Table:
    return Table((key,), tuple(rows[0]), {(row[key],): row for row in rows})


OLD = _kept(notice=_table("id", {"id": "1", "due": "noon"}, {"id": "2", "due": "dusk"}))
FOLLOWED = (Moved("notice.id", "duty.notice", {"id": "notice"}), Moved("notice.due", "duty.until", {"id": "notice"}))


@pytest.mark.parametrize(
    ("after", "moved", "expected"),
    [
        (OLD, (), []),
        (_kept(), (), ["column notice.id is gone", "column notice.due is gone"]),
        (
            _kept(notice=_table("id", {"id": "1", "due": "noon"})),
            (),
            ["row ('2',) of notice is gone", "row ('2',) of notice is gone"],
        ),
        (
            _kept(notice=_table("id", {"id": "1", "due": "noon"}, {"id": "2", "due": "dawn"})),
            (),
            ["notice.due of row ('2',) was dusk and is dawn"],
        ),
        (
            _kept(
                duty=_table(
                    "id", *({"id": f"d{n}", "notice": n, "until": t} for n, t in (("1", "noon"), ("2", "dusk")))
                )
            ),
            FOLLOWED,
            [],
        ),
        (
            _kept(
                duty=_table("id", *({"id": f"d{n}", "notice": n, "until": t} for n, t in (("1", "noon"), ("2", None))))
            ),
            FOLLOWED,
            ["notice.due of row ('2',) was dusk and is None"],
        ),
        (
            _kept(duty=_table("id", {"id": "d1", "notice": "1", "until": "noon"})),
            FOLLOWED,
            ["row ('2',) of notice is gone", "row ('2',) of notice is gone"],
        ),
        (
            _kept(duty=_table("id", *({"id": n, "notice": "1", "until": "noon"} for n in ("d1", "d2")))),
            FOLLOWED[1:],
            [
                "column notice.id is gone",
                "notice.due of row ('1',) was noon and is noon, noon",
                "row ('2',) of notice is gone",
            ],
        ),
        (
            _kept(duty=_table("id", {"id": "d1"})),
            FOLLOWED[1:],
            ["column notice.id is gone", "column notice.due is gone"],
        ),
        (
            _kept(
                duty=_table(
                    "id",
                    {"id": "d1", "notice": "1", "until": "noon", "kind": "notice"},
                    {"id": "d2", "notice": "2", "until": "dusk", "kind": "deadline"},
                )
            ),
            [dataclasses.replace(each, among={"kind": "notice"}) for each in FOLLOWED],
            ["row ('2',) of notice is gone", "row ('2',) of notice is gone"],
        ),
        (
            _kept(
                duty=_table(
                    "id", *({"id": f"d{n}", "notice": n, "until": t} for n, t in (("1", "noon"), ("2", "dusk")))
                )
            ),
            [dataclasses.replace(each, among={"kind": "notice"}) for each in FOLLOWED],
            ["column notice.id is gone", "column notice.due is gone"],
        ),
        (
            _kept(
                duty=_table(
                    "id",
                    *(
                        {"id": f"d{n}", "notice": n, "until": u, "of_day": t}
                        for n, u, t in (("1", "no", "on"), ("2", "du", "sty"))
                    ),
                )
            ),
            (FOLLOWED[0], dataclasses.replace(FOLLOWED[1], reads=lambda row: f"{row['until']}{row['of_day']}")),
            ["notice.due of row ('2',) was dusk and is dusty"],
        ),
    ],
    ids=[
        *("same", "gone", "a row gone", "changed", "moved", "emptied", "not all moved", "doubled", "moved to nowhere"),
        *("moved, and of another kind", "moved, and of a kind that nobody says", "said in two columns"),
    ],
)
def test_what_moved_is_compared_value_by_value_and_what_is_not_named_is_lost(
    after: Kept, moved: Sequence[Moved], expected: Sequence[str]
) -> None:
    assert list(lost(OLD, after, moved)) == expected


def test_only_what_is_said_to_hold_nothing_may_be_gone() -> None:
    row = {"key": "1", "value": "noon"}
    before = _kept(django_cache=_table("key", row), django_other=_table("key", row))
    assert list(lost(before, _kept())) == ["column django_other.key is gone", "column django_other.value is gone"]
    changed = _kept(django_cache=_table("key", {"key": "1", "value": "dusk"}), django_other=_table("key", row))
    assert list(lost(before, changed)) == ["django_cache.value of row ('1',) was noon and is dusk"]
