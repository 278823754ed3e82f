"""What keeps a system from starting is told in a sentence that says what to mend, and in no traceback (T32)."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence

import psycopg
import pytest

from nowrongdoor.operating import cluster, database
from tests import servers
from tests.site.test_running import short as short

NWD = str(pathlib.Path(sys.executable).parent / "nwd")
WEB = ("web", "--port", "0")
# What is set, which verb is called, and what it says. FOLDER is one of the test's own; the database is the suite's.
SETTINGS: Mapping[str, tuple[Mapping[str, str], Sequence[str], str]] = {
    "a port that is none": ({}, WEB, "'--port': 0 is not in the range 1<=x<=65535"),
    "an address of another machine": (
        {},
        ("web", "--host", "203.0.113.1"),
        "203.0.113.1 port 8000 cannot be used: Cannot assign requested address. Name a free --port.",
    ),
    "no such country": ({"NWD_COUNTRY": "FOLDER/nope"}, ("up",), "NWD_COUNTRY names no country: FOLDER/nope."),
    "a folder that is a file": ({"NWD_VAR": "FOLDER/file"}, ("up",), "FOLDER/file"),
    "a folder in a file": ({"NWD_VAR": "FOLDER/file/v"}, ("up",), "Not a directory: FOLDER/file/v"),
    "a path too long": ({"NWD_VAR": "FOLDER/" + "x" * 100}, ("up",), "Set NWD_VAR to a shorter folder."),
    "a time zone that is none": (
        {"NWD_TIME_ZONE": "Mars/Olympus"},
        ("web",),
        "NWD_TIME_ZONE cannot be 'Mars/Olympus': write it like 'America/New_York'.",
    ),
    "a word that is none": ({"NWD_SCAN": "maybe"}, ("web",), "NWD_SCAN cannot be 'maybe': write 'required' or 'off'."),
    "hours that are none": ({"NWD_DRAFT_HOURS": "x"}, ("worker",), "NWD_DRAFT_HOURS cannot be 'x': write how many"),
    "a mail server that is none": ({"NWD_SMTP": "a:b:c"}, ("web",), "NWD_SMTP cannot be 'a:b:c': write"),
    "lines that are not there": ({"NWD_LINE": "FOLDER/nope"}, ("web",), "NWD_LINE names nope, which can’t be read"),
    "lines that are none": ({"NWD_LINE": "FOLDER/file"}, ("worker",), "file"),
    "no word about itself": ({"NWD_ABOUT": "FOLDER/nope"}, ("web",), "NWD_ABOUT names nope, which can’t be read"),
    "providers that are not there": ({"NWD_OIDC_FILE": "FOLDER/nope"}, ("web",), "NWD_OIDC_FILE names nope"),
    "providers that are none": ({"NWD_OIDC_FILE": "FOLDER/file"}, ("worker",), "NWD_OIDC_FILE, file: it is no JSON"),
    "a provider without a name": (
        {"NWD_OIDC_FILE": "FOLDER/list.json"},
        ("web",),
        "NWD_OIDC_FILE, list.json: a provider has no 'name'.",
    ),
    "a provider of keys that is none": (
        {"NWD_KMS": "vaulty"},
        ("vault", "renew"),
        "NWD_KMS cannot be 'vaulty': write 'file' or 'pkcs11'.",
    ),
    "a security module without a word": ({"NWD_KMS": "pkcs11"}, ("vault", "renew"), "set NWD_PKCS11_MODULE"),
    "a security module that is not there": (
        {
            "NWD_KMS": "pkcs11",
            "NWD_PKCS11_MODULE": "FOLDER/no.so",
            "NWD_PKCS11_TOKEN": "t",
            "NWD_PKCS11_PIN_FILE": "FOLDER/file",
        },
        ("vault", "renew"),
        "The security module FOLDER/no.so cannot be asked for the token 't'",
    ),
    "a PIN that is not there": (
        {
            "NWD_KMS": "pkcs11",
            "NWD_PKCS11_MODULE": "FOLDER/no.so",
            "NWD_PKCS11_TOKEN": "t",
            "NWD_PKCS11_PIN_FILE": "FOLDER/nope",
        },
        ("vault", "renew"),
        "No such file or directory: FOLDER/nope",
    ),
    "a file of keys that is none": ({"NWD_KEY_FILE": "FOLDER/file"}, ("vault", "renew"), "FOLDER/file holds no keys"),
    "a file of keys that is gone": ({"NWD_KEY_FILE": "FOLDER/nope"}, ("vault", "renew"), "has no key"),
    "a proxy that is none": (
        {"FORWARDED_ALLOW_IPS": "127.0.0.1, 10.1.0.0/8"},
        ("web", "--port", "1"),
        "FORWARDED_ALLOW_IPS names '10.1.0.0/8', which is no address and no network",
    ),
    "a clock ahead of the database's": (
        {"PYTHONPATH": "FOLDER"},
        ("worker",),
        "The clock of this machine is 10 minutes ahead of the database’s",
    ),
    "another signing key than the database knows": (
        {"NWD_SECRET_KEY": __name__},
        ("worker",),
        "signs with another NWD_SECRET_KEY",
    ),
    "no database there": (
        {"DATABASE_URL": "postgresql://nwd_app:x@127.0.0.1:1/x?sslmode=disable"},
        ("up",),
        "The database refuses: connection failed",
    ),
    "an address that is none": ({"DATABASE_URL": "mysql://x"}, ("up",), "DATABASE_URL cannot be read"),
}


def refused(folder: pathlib.Path, settings: Mapping[str, str], verb: Sequence[str], *, status: int = 1) -> str:
    """Call a verb that must end by itself, and return the last thing it says."""
    own = {name: value.replace("FOLDER", str(folder)) for name, value in settings.items()}
    done = subprocess.run(
        [NWD, *verb], env={**os.environ, **own}, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    (sentence,) = re.findall("^Error: (.+)$", done.stderr, re.MULTILINE)
    return str(sentence)


@pytest.mark.storm
@pytest.mark.parametrize("case", SETTINGS)
def test_what_is_set_wrong_is_told_in_a_sentence(case: str, tmp_path: pathlib.Path, committed_db: None) -> None:
    (tmp_path / "file").write_text("nonsense {")
    (tmp_path / "sitecustomize.py").write_text("import time\nright = time.time\ntime.time = lambda: right() + 600\n")
    (tmp_path / "list.json").write_text('[{"agency": "FBI"}]')
    settings, verb, sentence = SETTINGS[case]
    status = 2 if verb == WEB else 1  # what is wrong with the call itself
    assert sentence.replace("FOLDER", str(tmp_path)) in refused(tmp_path, settings, verb, status=status)


def copied(folder: pathlib.Path) -> pathlib.Path:
    """A folder of data whose cluster is there, as far as is looked at before it starts."""
    data = folder / "v" / "postgres"
    data.mkdir(parents=True)
    for name in ("PG_VERSION", "pg_hba.conf", "postgresql.conf"):
        shutil.copy(cluster.var() / "postgres" / name, data / name)
    return data


@pytest.mark.storm
def test_files_of_another_postgresql_are_told_and_left_alone(short: pathlib.Path, committed_db: None) -> None:
    data = copied(short)
    (data / "PG_VERSION").write_text("14\n")
    told = refused(short, {"NWD_VAR": "FOLDER/v"}, ("up",))
    assert "its files were made by PostgreSQL 14, and this is" in told
    assert "restore to an empty folder with this one" in told
    assert (data / "PG_VERSION").read_text() == "14\n"


@pytest.mark.storm
def test_why_the_database_does_not_start_is_told_and_not_why_it_did_not_before(
    short: pathlib.Path, committed_db: None
) -> None:
    data = copied(short)  # most of it is missing
    (data / "log").write_text("FATAL:  something that was mended long ago\n")
    for path in (data.parent, data, *data.iterdir()):
        shutil.chown(path, *((data.parent.stat().st_uid,) * 2))
    told = refused(short, {"NWD_VAR": "FOLDER/v"}, ("up",))
    assert told.startswith("The database does not start: ")
    assert "long ago" not in told


@pytest.mark.storm
@pytest.mark.parametrize("name", ["secret_key", "nwd_app"])
def test_a_secret_that_is_empty_is_no_secret(name: str, short: pathlib.Path, committed_db: None) -> None:
    (short / "v" / "credentials").mkdir(parents=True)
    (short / "v" / "credentials" / name).touch()
    settings = {"NWD_VAR": "FOLDER/v", "DATABASE_URL": ""}
    if name == "secret_key":  # the suite's database, with a folder of its own
        settings["DATABASE_URL"] = cluster.conninfo(cluster.APP)
    else:
        del settings["DATABASE_URL"]
    told = refused(short, settings, ("worker",))
    assert told.startswith(f"{short}/v/credentials/{name} is empty. Bring it back")


@pytest.mark.storm
def test_a_language_that_nobody_knows_keeps_nothing_from_working(committed_db: None) -> None:
    for settings in ({"LC_ALL": "xx_YY.nonsense"}, {"NWD_LANGUAGE": "zz"}, {"LANG": ""}):
        done = subprocess.run(
            [NWD, "database", "status"], env={**os.environ, **settings}, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.storm
def test_a_database_in_which_nothing_was_migrated_says_so(committed_db: None) -> None:
    with cluster.as_superuser(cluster.var() / "postgres", "postgres") as superuser:
        superuser.execute("CREATE DATABASE empty_yet OWNER nwd_owner")
        try:
            address = psycopg.conninfo.make_conninfo(**{**cluster.address(cluster.APP), "dbname": "empty_yet"})
            done = subprocess.run(
                [NWD, "database", "status"],
                env={**os.environ, "DATABASE_URL": address},
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            superuser.execute("DROP DATABASE empty_yet WITH (FORCE)")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Schema: behind; run `nwd database migrate`" in done.stdout
    assert "Signatures" not in done.stdout


class Forwarder(socketserver.ThreadingTCPServer):
    """A database that comes late: hands what comes to the suite's own on, once it listens."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, port: int) -> None:
        self.count = 0
        super().__init__(("127.0.0.1", port), Handler)


class Handler(socketserver.BaseRequestHandler):
    server: Forwarder

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as behind:
            behind.connect(f"{cluster.socket_folder(cluster.var() / 'postgres')}/.s.PGSQL.5432")
            self.server.count += 1
            back = threading.Thread(target=pour, args=(behind, self.request), daemon=True)
            back.start()
            pour(self.request, behind)


def pour(out_of: socket.socket, into: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := out_of.recv(65_536):
            into.sendall(piece)
    with contextlib.suppress(OSError):
        into.shutdown(socket.SHUT_RDWR)


@pytest.mark.storm
def test_a_worker_that_nobody_starts_again_waits_for_a_database_that_comes_late(
    tmp_path: pathlib.Path, committed_db: None
) -> None:
    port = servers.free_port()
    own = cluster.address(cluster.APP)
    address = f"host=127.0.0.1 port={port} sslmode=disable dbname={own['dbname']} user={own['user']} "
    worker = servers.Worker(DATABASE_URL=address + f"password={own['password']}")
    worker.log = tmp_path / "said"
    with worker:
        time.sleep(3)
        with Forwarder(port) as late:
            threading.Thread(target=late.serve_forever, daemon=True).start()
            deadline = time.monotonic() + 30
            while late.count < 5 and time.monotonic() < deadline:  # four looks, then the worker's own
                time.sleep(0.1)
            assert late.count >= 5
            time.sleep(2)
            assert worker._running
            assert worker._running.poll() is None
            late.shutdown()
    said = worker.log.read_text()
    assert said.count("The database refuses, and is asked again: connection failed") == 1
    assert "Traceback" not in said


@pytest.mark.storm
def test_one_that_never_comes_is_told_and_not_waited_for_without_end(committed_db: None) -> None:
    address = f"postgresql://nwd_app:x@127.0.0.1:{servers.free_port()}/x?sslmode=disable"
    begun = time.monotonic()
    told = refused(pathlib.Path(), {"DATABASE_URL": address}, ("worker",))
    assert told.startswith("The database refuses: connection failed")
    assert time.monotonic() - begun > database.PATIENCE
