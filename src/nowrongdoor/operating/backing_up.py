"""`nwd backup` and `nwd restore`: the data in one place, the keys in another, both sealed with a key kept in a third.

The promise: what the backup holds is one moment of the database; without the folder of keys it opens no word of
anybody; and a key that was destroyed here is gone from the next copy of the keys, which takes the place of the one
before. The data is dumped by pg_dump, whole each time: PostgreSQL's own increments are of whole clusters, and would
take the keys along (docs/adr/0006).
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile
from typing import IO

import click
import psycopg

from nowrongdoor.access import signing
from nowrongdoor.core.language import gettext as _
from nowrongdoor.operating import addresses, cluster, schema, stream

KEY_TABLES = ("nowrongdoor_rootkey", "nowrongdoor_datakey", "nowrongdoor_datakey_version")
DATA, KEYS, ABOUT = "data.nwd", "keys.nwd", "about.json"
FOLDER = click.Path(file_okay=False, path_type=pathlib.Path)
KEY_FILE = click.option(
    "--key-file",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    required=True,
    help="The key of the backup; made when it is not there. Keep it apart from both folders.",
)
KEYS_TO = click.option("--keys", "keys_folder", type=FOLDER, required=True, help="Another folder, for the keys alone.")


@click.command()
@click.argument("folder", type=FOLDER)
@KEYS_TO
@KEY_FILE
def backup(folder: pathlib.Path, keys_folder: pathlib.Path, key_file: pathlib.Path) -> None:
    """Back up to FOLDER, and the keys to another one, each sealed."""
    if folder.resolve() == keys_folder.resolve():
        raise click.UsageError(_("Name another folder for the keys: beside the data they would undo every erasure."))
    provider = cluster.key_file()
    if os.environ.get("NWD_KMS", "file") == "file" and not provider.exists():
        raise click.ClickException(
            _("%(file)s is not here: without it nothing that is backed up opens. Set NWD_KEY_FILE.")
            % {"file": provider}
        )
    key = _key(key_file, make=True)
    at = datetime.datetime.now(tz=datetime.UTC)
    with psycopg.connect(cluster.conninfo(cluster.OWNER)) as database:
        database.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = database.execute("SELECT pg_export_snapshot()").fetchone()
        assert row
        excluded = [f"--exclude-table-data={table}" for table in (*KEY_TABLES, signing.TABLE)]
        dump = [
            cluster.tool("pg_dump"),
            "--format=custom",
            "--compress=6",
            f"--snapshot={row[0]}",
            "--no-owner",
            "--no-acl",
        ]
        _write(folder / DATA, [*dump, *excluded], key)
        only = [f"--table={table}" for table in KEY_TABLES]
        _write(keys_folder / KEYS, [*dump, "--data-only", *only], key)
    _seal_text(keys_folder / "provider.nwd", cluster.key_file(), key)
    _seal_text(keys_folder / "signing.nwd", cluster.var() / "credentials" / "secret_key", key)
    (folder / ABOUT).write_text(json.dumps({"at": at.isoformat(), "format": 1}))
    size = (folder / DATA).stat().st_size
    click.echo(
        _("Backed up as of %(at)s UTC: %(size)s bytes in %(folder)s, the keys in %(keys_folder)s.")
        % {"at": f"{at:%Y-%m-%d %H:%M}", "size": f"{size:,}", "folder": folder, "keys_folder": keys_folder}
    )


@click.command()
@click.argument("folder", type=FOLDER)
@KEYS_TO
@KEY_FILE
def restore(folder: pathlib.Path, keys_folder: pathlib.Path, key_file: pathlib.Path) -> None:
    """Restore a backup to an empty place (NWD_VAR names it), and start its database."""
    if not cluster.is_embedded():
        raise click.UsageError(_("Restore to another PostgreSQL with pg_restore; docs/running.md says how."))
    if (cluster.var() / "postgres").exists():
        raise click.UsageError(
            _("There is data in %(var)s already. Restore to an empty place: set NWD_VAR.") % {"var": cluster.var()}
        )
    key = _key(key_file, make=False)
    for file in (folder / DATA, keys_folder / KEYS):
        if not file.exists():
            raise click.UsageError(_("%(file)s is missing: it is part of a backup.") % {"file": file})
    try:
        with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as undoing:
            data, keys = pathlib.Path(scratch) / "data", pathlib.Path(scratch) / "keys"
            _open(folder / DATA, data, key)
            _open(keys_folder / KEYS, keys, key)
            _open(keys_folder / "provider.nwd", cluster.key_file(), key)
            _open(keys_folder / "signing.nwd", cluster.var() / "credentials" / "secret_key", key)
            undoing.callback(_take_away, cluster.var() / "postgres")  # half a restore is none
            cluster.start(cluster.var() / "postgres")
            load = [cluster.tool("pg_restore"), "--exit-on-error", "--no-owner", "--no-acl", "--single-transaction"]
            _load([*load, "--section=pre-data", "--section=data", str(data)])
            _load([*load, "--data-only", str(keys)])
            _load([*load, "--section=post-data", str(data)])
            undoing.pop_all()
    except stream.Damaged as error:
        raise click.ClickException(str(error)) from None
    schema.migrate(alone=True)
    click.echo(_("Restored to %(var)s. Look at it: `nwd audit verify`, then `nwd up`.") % {"var": cluster.var()})


def _take_away(data: pathlib.Path) -> None:
    cluster.stop(data)
    shutil.rmtree(data, ignore_errors=True)


def _write(target: pathlib.Path, command: list[str], key: bytes) -> None:
    """Puts a new file in the place of the one before only when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    arguments, environment = addresses.for_programs(cluster.address(cluster.OWNER))
    try:
        with (
            _private(fresh) as out,
            subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, env=environment) as running,
        ):
            assert running.stdout
            stream.seal(running.stdout, out, key)
        if running.returncode:
            name = pathlib.Path(command[0]).name
            raise click.ClickException(
                _("%(name)s failed; its message is above. The backup before this one is unchanged.") % {"name": name}
            )
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def _seal_text(target: pathlib.Path, source: pathlib.Path, key: bytes) -> None:
    if source.exists():
        with source.open("rb") as plain, _private(target) as out:
            stream.seal(plain, out, key)


def _open(source: pathlib.Path, target: pathlib.Path, key: bytes) -> None:
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as sealed, _private(target) as out:
        for chunk in stream.opened(sealed, key, source.name):
            out.write(chunk)


def _private(path: pathlib.Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _load(command: list[str]) -> None:
    arguments, environment = addresses.for_programs(cluster.address(cluster.OWNER))
    if subprocess.run([*command, *arguments], env=environment, check=False).returncode:
        raise click.ClickException(_("pg_restore failed; its message is above."))


def _key(file: pathlib.Path, *, make: bool) -> bytes:
    if not file.exists():
        if not make:
            raise click.UsageError(_("%(file)s is missing: without the key a backup does not open.") % {"file": file})
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_hex(32))
    try:
        key = bytes.fromhex(file.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise click.UsageError(_("%(file)s holds no backup key: 64 hexadecimal digits.") % {"file": file})
    return key
