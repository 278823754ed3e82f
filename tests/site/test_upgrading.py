"""T18: from every released schema, filled, to this one, back and up again: nothing is lost.

A release is a folder of `released`; the next one needs no change here (CONTRIBUTING.md, Releasing). Rows and schemas
are compared from the catalogue, so that no table and no column is forgotten. Row policies are not part of the schema:
the code that one goes up or back to puts up its own (`access/policies.py`).
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import gzip
import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

import psycopg
import pytest
from psycopg import conninfo, sql

from nowrongdoor.operating import cluster
from tests.duties import alike
from tests.site import release

NWD = pathlib.Path(sys.executable).parent / "nwd"
RELEASES = release.everything()
# What newer code brings by itself stays when one goes back: the framework's lists of tables, and the reference rows.
BROUGHT = {"django_content_type", "auth_permission", "nowrongdoor_agency", "nowrongdoor_mandate_table"}
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


# What moved since a release, and where to: it is compared value by value. Whatever is gone and not named here is lost.
MOVED: Sequence[Moved] = ()


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
        done = self._ran(*command, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _ran(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env={**self.environment, **more}, cwd=release.ROOT, capture_output=True, text=True, check=False
        )

    def up(self) -> None:
        """Up to this code's schema, as `nwd database migrate` does it."""
        self.run(sys.executable, "-m", "nowrongdoor.site.migrating", NWD_ROLE="owner")

    def down(self) -> None:
        """Back to the schema of the release."""
        self.run(sys.executable, "-c", DOWN, json.dumps(self.release.migrations), NWD_ROLE="owner")

    def refused_down(self) -> str:
        """What is said when the way back is refused."""
        done = self._ran(sys.executable, "-c", DOWN, json.dumps(self.release.migrations), NWD_ROLE="owner")
        assert done.returncode != 0, done.stdout
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
    key_file = tmp_path / "root.json"
    shutil.copyfile(request.param.folder / release.KEY, key_file)
    with empty("released") as address:
        load(address, gzip.decompress((request.param.folder / release.DUMP).read_bytes()))
        yield Database("released", request.param, key_file)


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
        new = after.tables.get(name, Table((), (), {}))
        for column in old.columns:
            if column in new.columns:
                yield from _changed(name, column, old, new, dict(zip(old.key, old.key, strict=True)), column)
            elif move := followed.get(f"{name}.{column}"):
                table, _, to = move.to.partition(".")
                yield from _changed(name, column, old, after.tables.get(table), move.key, to)
            else:
                yield f"column {name}.{column} is gone"
    for sequence, last in before.sequences.items():
        if after.sequences.get(sequence, 0) < last:
            yield f"sequence {sequence} went back from {last} to {after.sequences.get(sequence)}"


def _changed(name: str, column: str, old: Table, new: Table | None, key: Mapping[str, str], to: str) -> Iterator[str]:
    """Compare one column of every row with the column `to` of the row of `new` that has the same key."""
    if new is None or not {to, *key.values()} <= set(new.columns) or key.keys() != set(old.key):
        yield f"column {name}.{column} is gone"
        return
    now: dict[tuple[str | None, ...], list[str | None]] = collections.defaultdict(list)
    for row in new.rows.values():
        now[tuple(row[key[each]] for each in old.key)].append(row[to])
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
    assert {place: words.get(place) for place in database.release.words} == database.release.words
    verdict = json.loads(database.run(str(NWD), "audit", "verify", "--json"))
    assert verdict["holds"], verdict
    assert verdict["events"] >= 100
    assert verdict["anchors"] >= 1


def asks_what_it_asked(database: Database) -> None:
    """The table that was in force still is, asks what the release asked, and the newer one is said to wait."""
    with database.connect() as owner:
        kept = owner.execute(
            "SELECT in_force, facts_digest, encode(sha256(convert_to((facts -> 'asked')::text, 'UTF8')), 'hex') "
            "FROM nowrongdoor_mandate_table WHERE added_at < (SELECT max(added_at) FROM nowrongdoor_mandate_table)"
        ).fetchall()
        everything = owner.execute("SELECT count(*) FROM nowrongdoor_mandate_table WHERE facts -> 'files' IS NULL")
        assert everything.fetchone() == (0,)
    assert [asked for in_force, *asked in kept if in_force] == [[ASKED_BY_RELEASES, ASKED_BY_RELEASES]]
    facts = json.loads(database.run(str(NWD), "table", "facts", "--json"))
    assert [each["name"] for each in facts][:3] == ["urgency", "age", "commercial_sex"]
    said = database.run(str(NWD), "table", "changes")
    assert "United States 2026.4 is not in force. " in said
    assert "Rules: " in said


def duties_are_alike(database: Database) -> None:
    """Every notice, clock and open offer of the release is a duty, and no duty is anything else."""
    with database.connect() as owner:
        assert min(alike.counts(owner)) > 0
        assert alike.unlike(owner) == []
        (kinds,) = owner.execute("SELECT array_agg(DISTINCT kind ORDER BY kind) FROM nowrongdoor_duty").fetchall()
        assert kinds == (["answer", "deadline", "notice"],)


@pytest.mark.storm
def test_a_release_goes_up_and_down_and_up_again_and_nothing_is_lost(restored: Database) -> None:
    before, its_schema = kept_in(restored), schema(restored)
    assert {app: max(name or "" for of, name in applied(before) if of == app) for app, _ in applied(before)} == (
        restored.release.migrations
    )
    restored.up()
    up = kept_in(restored)
    assert list(lost(before, up)) == []
    asks_what_it_asked(restored)
    assert {name for name, _ in added(before, up)} <= {*BROUGHT, APPLIED}
    duties_are_alike(restored)
    looks_whole(restored)
    with restored.connect() as owner:
        owner.execute(TASK)
        assert "The older schema has no place for 1 duties" in restored.refused_down()
        assert kept_in(restored).tables.keys() == up.tables.keys()
        owner.execute("DELETE FROM nowrongdoor_duty WHERE kind = 'task'")
    restored.down()
    down = kept_in(restored)
    assert list(lost(without_bookkeeping(before), down)) == []
    assert {name for name, _ in added(before, down)} <= {*BROUGHT, APPLIED}
    assert applied(down) == applied(before)
    assert unlike(its_schema, schema(restored)) == {}
    restored.up()
    assert list(lost(without_bookkeeping(before), kept_in(restored))) == []
    duties_are_alike(restored)
    looks_whole(restored)
    answers = restored.run(sys.executable, "-c", PAGES, "hope").splitlines()
    assert len(answers) > 20
    assert [answer for answer in answers if not answer.startswith("200 ")] == []


def test_no_table_and_no_sealed_column_of_a_release_is_empty(restored: Database) -> None:
    with restored.connect() as owner:
        there = {name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        sealed = owner.execute("SELECT conname FROM pg_constraint WHERE conname LIKE '%\\_is\\_sealed'").fetchall()
        assert release.empty_tables(owner) == release.UNUSED.keys() & there
    places = [place.split("/") for place in restored.release.words]
    assert {f"{table}_{column}_is_sealed" for table, _, column in places} == {name for (name,) in sealed}


@pytest.mark.parametrize("of", RELEASES, ids=lambda each: each.folder.name)
def test_a_released_migration_is_never_edited(of: release.Release) -> None:
    """Whoever has the release has run it: what must change is a migration more."""
    now = release.digests()
    assert {file: now.get(file) for file in of.frozen} == of.frozen
    assert f"{of.migrations['nowrongdoor']}.py" in of.frozen


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
    ],
    ids=["same", "gone", "a row gone", "changed", "moved", "emptied", "not all moved", "doubled", "moved to nowhere"],
)
def test_what_moved_is_compared_value_by_value_and_what_is_not_named_is_lost(
    after: Kept, moved: Sequence[Moved], expected: Sequence[str]
) -> None:
    assert list(lost(OLD, after, moved)) == expected
