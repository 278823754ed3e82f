"""Makes the folder by which a release is remembered: `python -m tests.site.release 0.1.0`, at the release's commit.

The folder holds a dump of a database at exactly the schema of the release, filled by `full_story`; what its sealed
words say; the key that opens them, which is a test's and opens nothing else; which migrations there were, with the
SHA-256 of each file; and, from 0.3.0 on, the release's own code with the story that fills an installation.
`test_upgrading.py` goes up from every such folder, and down again, and runs the code of the newest beside this schema.
"""

from __future__ import annotations

import dataclasses
import datetime
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql

from nowrongdoor.operating import cluster
from nowrongdoor.vault import sealing

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASED = pathlib.Path(__file__).resolve().parent / "released"
MIGRATIONS = ROOT / "src" / "nowrongdoor" / "migrations"
DUMP, KEY, WORDS, ABOUT = "database.sql.gz", "fictional_test_key.json", "words.json", "release.json"
CODE = "code.tar.xz"
# What `full_story` needs to run by itself, beside another version.
TOLD_BY = (
    *("src", "tests/__init__.py", "tests/at_home.py", "tests/clocks.py", "tests/servers.py"),
    *("tests/signing_in.py", "tests/line/__init__.py", "tests/line/floors.py"),
    *("tests/data/ctdc_sample.csv", "tests/leads/__init__.py", "tests/leads/stories.py"),
    *("tests/site/__init__.py", "tests/site/full_story.py"),
)
# Nothing of ours writes to these: table, and why it is there at all.
UNUSED: Mapping[str, str] = {
    "account_emailaddress": "django-allauth's; nobody is asked for an address",
    "account_emailconfirmation": "the same",
    "auth_group": "Django's; roles are ours",
    "auth_group_permissions": "the same",
    "socialaccount_socialapp": "an agency's provider is in a file",
    "socialaccount_socialtoken": "tokens of providers are not kept",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Release:
    """A folder of `released`. `migrations`: the last one of each app; `frozen`: SHA-256 by file, of ours."""

    folder: pathlib.Path
    migrations: Mapping[str, str]
    frozen: Mapping[str, str]

    @property
    def words(self) -> Mapping[str, str]:
        """Read what the sealed columns say, by table, row and column."""
        return dict(json.loads((self.folder / WORDS).read_text()))


def read(folder: pathlib.Path) -> Release:
    """Read what a release says of itself."""
    about = json.loads((folder / ABOUT).read_text())
    return Release(folder, about["migrations"], about["frozen"])


def everything() -> list[Release]:
    """Read every release, oldest first."""
    folders = [folder for folder in RELEASED.iterdir() if folder.is_dir()]
    return [read(folder) for folder in sorted(folders, key=lambda each: [int(n) for n in each.name.split(".")])]


def pack(into: pathlib.Path, *, root: pathlib.Path = ROOT) -> None:
    """Pack the code of a release and its story, as git knows them."""
    listed = subprocess.run(["git", "ls-files", "-z", *TOLD_BY], cwd=root, capture_output=True, text=True, check=True)
    with tarfile.open(into, "w:xz", preset=9) as packed:
        for name in sorted(filter(None, listed.stdout.split("\0"))):
            packed.add(root / name, name, filter=_alike_everywhere)


def _alike_everywhere(file: tarfile.TarInfo) -> tarfile.TarInfo:
    file.mtime, file.uid, file.gid, file.uname, file.gname = 0, 0, 0, "", ""
    return file


def unpack(of: Release, into: pathlib.Path) -> None:
    """Unpack the code of a release, with the style sheets and scripts of this one, which are built and not kept."""
    with tarfile.open(of.folder / CODE) as packed:
        packed.extractall(into, filter="data")
    static = pathlib.Path("src/nowrongdoor/ui/static")
    (into / static).symlink_to(ROOT / static)


def digests() -> dict[str, str]:
    """Return the SHA-256 of every file that migrations are made of."""
    files = [file for file in sorted(MIGRATIONS.iterdir()) if file.suffix in (".py", ".sql", ".toml")]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.stat().st_size}


# Words of a duty are sealed where they were when notices and clocks had tables of their own.
# What was withdrawn lies apart, sealed as the file that it was.
# How a case was closed stays sealed where it was, in the row that remembers it after the case was opened again.
OF_CASE = {("reopening", "closed_because"): ("case", "case_id")}
SEALED_AS: Mapping[str, Sequence[str]] = {"duty": ("notice", "clock", "duty"), "withdrawn_content": ("case_file",)}


def sealed_words() -> dict[str, str]:
    """Open every sealed text of the database that Django is connected to, by table, row and column. A text
    is bound to a row, an agency and a key, and does not say to which: whatever fits is found by trying. What opens
    nowhere, because its key was destroyed, is not among them."""
    from django.apps import apps
    from django.db import connection

    from nowrongdoor.access import row_security
    from nowrongdoor.site import declared
    from nowrongdoor.vault import keys, models

    found: dict[str, str] = {}
    with row_security.system(), connection.cursor() as cursor:
        subjects = list(models.DataKey.objects.order_by("subject_id").values_list("subject_id", flat=True))
        kept = keys.open_all(subjects)
        cursor.execute("SELECT id FROM nowrongdoor_agency ORDER BY id")
        agencies = [agency for (agency,) in cursor.fetchall()]
        names = {model._meta.db_table: str(model._meta.pk.column) for model in apps.get_models()}
        for each in declared.COLUMNS:
            table = each.table.removeprefix("nowrongdoor_")
            for column in each.sealed:
                place_of, its_row = OF_CASE.get((table, column), ("", names[each.table]))
                cursor.execute(
                    sql.SQL("SELECT {2}, {1}, {3} FROM {0} WHERE length({1}) > 0 ORDER BY 1").format(
                        sql.Identifier(f"nowrongdoor_{table}"),
                        sql.Identifier(column),
                        sql.Identifier(names[each.table]),
                        sql.Identifier(its_row),
                    )
                )
                for row, sealed, sealed_at in cursor.fetchall():
                    places = [
                        sealing.Place(name, sealed_at, column, agency)
                        for name in ((place_of,) if place_of else SEALED_AS.get(table, (table,)))
                        for agency in agencies
                    ]
                    text = _opened(bytes(sealed), [kept[each] for each in subjects], places)
                    if text is not None:
                        found[f"{table}/{row}/{column}"] = text
    return found


def _opened(sealed: bytes, kept: Sequence[sealing.Key], places: Sequence[sealing.Place]) -> str | None:
    for key in kept:
        for place in places:
            try:
                return key.open(sealed, place)
            except sealing.DoesNotOpen:
                continue
    return None


def make(version: str) -> pathlib.Path:
    """Make the folder of a release, from a cluster of its own."""
    folder = RELEASED / version
    if folder.exists():
        raise SystemExit(f"{folder} is there already, and a release is never made anew.")
    var = pathlib.Path(tempfile.mkdtemp(prefix="nwd-release-"))
    var.chmod(0o755)
    os.environ["NWD_VAR"] = str(var)
    os.environ["NWD_SCAN"] = "off"  # its files are the story's own
    from nowrongdoor.site import up

    try:
        up.prepare_and_fill()
        from tests.site import full_story

        full_story.fill(at=datetime.datetime.now(tz=datetime.UTC))
        with psycopg.connect(**cluster.address(cluster.OWNER)) as owner:  # type: ignore[arg-type]
            if empty := empty_tables(owner) - UNUSED.keys():
                raise SystemExit(f"Nothing is in {', '.join(sorted(empty))}: let tests/site/full_story.py fill it.")
            last = owner.execute("SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app").fetchall()
        folder.mkdir(parents=True)
        with gzip.GzipFile(folder / DUMP, "wb", mtime=0) as out:
            out.write(dumped(cluster.address(cluster.OWNER)))
        shutil.copyfile(cluster.key_file(), folder / KEY)
        pack(folder / CODE)
        about = {"version": version, "migrations": dict(last), "frozen": digests()}
        for name, content in ((ABOUT, about), (WORDS, sealed_words())):
            (folder / name).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    finally:
        cluster.stop(var / "postgres")
        shutil.rmtree(var, ignore_errors=True)
    return folder


def dumped(address: Mapping[str, str], *more: str) -> bytes:
    """Dump a database as SQL that any psql reads: newer ones begin and end it with a word of their own."""
    command = [cluster.tool("pg_dump"), "--no-owner", "--no-acl", *more]
    text = subprocess.run(command, env=environment(address), check=True, capture_output=True).stdout
    return re.sub(rb"(?m)^\\(un)?restrict .*\n", b"", text)


def environment(address: Mapping[str, str]) -> dict[str, str]:
    """Return an address as PostgreSQL's own programs take it."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    return {**os.environ, **{names[key]: value for key, value in address.items() if key in names}}


def empty_tables(database: psycopg.Connection) -> set[str]:
    """Name the tables that hold no row."""
    tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    asked = [(table, sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(table))) for (table,) in tables]
    return {table for table, question in asked if database.execute(question).fetchone() is None}


def main(arguments: list[str]) -> None:
    """Make a release's folder, or print what sealed words say (for the test, which asks about a database
    that is not its own)."""
    if arguments == ["words"]:
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nowrongdoor.site.settings")
        django.setup()
        print(json.dumps(sealed_words()))
    elif len(arguments) == 1 and re.fullmatch(r"\d+\.\d+\.\d+", arguments[0]):
        print(f"Made {make(arguments[0])}. Let tests/secret_scan.py know its key, and commit it (CONTRIBUTING.md).")
    else:
        raise SystemExit("Usage: python -m tests.site.release VERSION")


if __name__ == "__main__":
    main(sys.argv[1:])
