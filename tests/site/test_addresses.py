"""T34: every keyword of an outside PostgreSQL's address is honored by everybody who connects, or refused in words."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import ipaddress
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import httpx
import psutil
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nowrongdoor.operating import addresses, cluster
from nowrongdoor.site import events
from tests import servers

NWD = str(pathlib.Path(sys.executable).parent / "nwd")
SECRET = "s3cret&word"  # of both roles; in a URL it must be encoded
ENCODED = "s3cret%26word"


# Reading an address.


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (
            "postgresql://nwd_app:s%40f%2Fe@db.example:5433/cases?sslmode=verify-full&sslrootcert=%2Fca.pem",
            {
                "user": "nwd_app",
                "password": "s@f/e",
                "host": "db.example",
                "port": "5433",
                "dbname": "cases",
                "sslmode": "verify-full",
                "sslrootcert": "/ca.pem",
            },
        ),
        (
            "host=a,b hostaddr=10.0.0.1,10.0.0.2 port=5432,5433 sslmode=require target_session_attrs=read-write "
            "options='-c statement_timeout=5s' connect_timeout=3 channel_binding=require gssencmode=disable "
            "application_name=nwd sslcert=c sslkey=k passfile=p",
            {
                "host": "a,b",
                "hostaddr": "10.0.0.1,10.0.0.2",
                "port": "5432,5433",
                "sslmode": "require",
                "target_session_attrs": "read-write",
                "options": "-c statement_timeout=5s",
                "connect_timeout": "3",
                "channel_binding": "require",
                "gssencmode": "disable",
                "application_name": "nwd",
                "sslcert": "c",
                "sslkey": "k",
                "passfile": "p",
                "dbname": "nowrongdoor",
            },
        ),
        ("service=cases", {"service": "cases"}),
        ("host=/run/postgresql", {"host": "/run/postgresql", "dbname": "nowrongdoor"}),
    ],
)
def test_an_address_is_read_whole_and_handed_on_whole(text: str, read: dict[str, str]) -> None:
    address = addresses.parse(text, variable="DATABASE_URL")
    assert address == read
    assert psycopg.conninfo.conninfo_to_dict(addresses.for_psycopg(address)) == read
    django = addresses.for_django(address, pool=True)
    options = django["OPTIONS"]
    assert isinstance(options, dict)
    handed = {ours: django[theirs] for ours, theirs in addresses.DJANGO.items() if django[theirs]}
    assert {**handed, **options} == {**read, "pool": True}
    arguments, environment = addresses.for_programs(address)
    shown = psycopg.conninfo.conninfo_to_dict(arguments[0].removeprefix("--dbname="))
    assert shown == {key: value for key, value in read.items() if key != "password"}
    assert environment.get("PGPASSWORD") == read.get("password")
    assert "--no-password" in arguments


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "DATABASE_URL is empty"),
        (
            "host=/x sslmod=require password=hush",
            "keyword that PostgreSQL's client library does not know. Did you mean ssl",
        ),
        ("postgresql://u:hush@localhost/db?conn_max_age=600", "keyword that PostgreSQL's client library does not know"),
        ("postgres//u:hush@localhost", "neither a URL"),
        ("postgresql://u:hu%zzsh@localhost/db", "percent-encode"),
        ("postgresql://u:hush/hush@localhost/db", "The port in DATABASE_URL is not a number"),
        ("postgresql://u:x@hush@localhost/db", "The host in DATABASE_URL has an @ in it"),
        ("postgresql://u:hush@db.example/x", "not that the connection must be encrypted"),
        ("postgresql://u:hush@db.example/x?sslmode=prefer", "not that the connection must be encrypted"),
        ("host=/run,db.example password=hush sslmode=allow", "not that the connection must be encrypted"),
        ("host=localhost hostaddr=10.0.0.1 password=hush", "not that the connection must be encrypted"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_no_secret_is_quoted(text: str, told: str) -> None:
    with pytest.raises(addresses.Unusable) as refused:
        addresses.parse(text, variable="DATABASE_URL")
    assert told in str(refused.value)
    assert "hush" not in str(refused.value)
    assert "hu%" not in str(refused.value)


def test_a_secret_that_programs_would_show_to_everybody_is_not_handed_to_them() -> None:
    with pytest.raises(addresses.Unusable, match=r"sslpassword cannot be handed"):
        addresses.for_programs({"host": "db", "sslpassword": "hush"})


# A real server with a certificate.


@dataclasses.dataclass(frozen=True)
class Server:
    """Another PostgreSQL than the one that comes along, with TLS by an authority made here."""

    folder: pathlib.Path
    port: int

    def environment(self, more: str, **others: str) -> dict[str, str]:
        """What tells our commands to work there; `more` are further keywords of the address."""
        own = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
        url = f"postgresql://{{}}:{ENCODED}@localhost:{self.port}/nowrongdoor?{more}"
        return {
            **own,
            "NWD_VAR": str(self.folder / "v"),
            "DATABASE_URL": url.format("nwd_app"),
            "DATABASE_OWNER_URL": url.format("nwd_owner"),
            **others,
        }

    def verified(self, authority: str) -> str:
        return f"sslmode=verify-full&sslrootcert={self.folder / authority}.pem&application_name=by_the_book"


def nwd(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([NWD, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """PostgreSQL as Debian packs it: the one that comes along has no TLS compiled in."""
    programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    named = os.environ.get("NWD_POSTGRES_PROGRAMS")
    found = pathlib.Path(named) if named else (programs[-1] if programs else None)
    assert found, "No PostgreSQL with TLS. On Debian: `apt-get install postgresql`, or set NWD_POSTGRES_PROGRAMS."
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nwd-t-"))
    folder.chmod(0o755)
    user = "postgres" if os.geteuid() == 0 else None
    port = servers.free_port()
    data = folder / "d"

    def run(*command: str | pathlib.Path) -> None:
        subprocess.run(command, user=user, cwd="/", check=True, stdout=subprocess.DEVNULL)

    issue(folder, "right", for_server=True)
    issue(folder, "wrong", for_server=False)
    if user:
        owner = pwd.getpwnam(user)
        for each in (folder, folder / "server.key"):
            os.chown(each, owner.pw_uid, owner.pw_gid)
    run(
        found / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "scram-sha-256",
        "--encoding=UTF8",
        f"--pwfile={_password(folder)}",
    )
    settings = f"-p {port} -k {folder} -c listen_addresses=localhost -c ssl=on"
    settings += f" -c ssl_cert_file={folder}/server.pem -c ssl_key_file={folder}/server.key -c fsync=off"
    run(found / "pg_ctl", "-w", "-D", data, "-l", folder / "log", "-o", settings, "start")
    try:
        superuser = f"host={folder} port={port} user=postgres password='{SECRET}' dbname=postgres"
        with psycopg.connect(superuser, autocommit=True) as database:
            database.execute(f"CREATE ROLE nwd_owner LOGIN PASSWORD '{SECRET}'")
            database.execute(f"CREATE ROLE nwd_app LOGIN PASSWORD '{SECRET}'")
            database.execute("CREATE DATABASE nowrongdoor OWNER nwd_owner")
        there = Server(folder, port)
        migrated = nwd("database", "migrate", environment=there.environment(there.verified("right")))
        assert migrated.returncode == 0, migrated.stderr
        yield there
    finally:
        run(found / "pg_ctl", "-w", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _password(folder: pathlib.Path) -> pathlib.Path:
    file = folder / "superuser"
    file.write_text(SECRET)
    return file


def issue(folder: pathlib.Path, name: str, *, for_server: bool) -> None:
    """Makes an authority, and the server's certificate by it."""
    now = datetime.datetime.now(tz=datetime.UTC)

    def certificate(
        subject: str,
        public: ec.EllipticCurvePublicKey,
        issuer: str,
        key: ec.EllipticCurvePrivateKey,
        *,
        authority: bool,
    ) -> bytes:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)

    root = ec.generate_private_key(ec.SECP256R1())
    (folder / f"{name}.pem").write_bytes(certificate(name, root.public_key(), name, root, authority=True))
    if for_server:
        own = ec.generate_private_key(ec.SECP256R1())
        (folder / "server.pem").write_bytes(certificate("localhost", own.public_key(), name, root, authority=False))
        private = own.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "server.key").write_bytes(private)
        (folder / "server.key").chmod(0o600)


def listen() -> bool:
    """The live worklist's own connection: says whether it is encrypted and carries the address's further keywords."""

    async def ask() -> bool:
        async with await psycopg.AsyncConnection.connect(events._address()) as listener:
            assert listener.info.get_parameters()["application_name"] == "by_the_book"
            return bool(listener.pgconn.ssl_in_use)

    return asyncio.run(ask())


def test_with_the_right_authority_pages_live_worklist_worker_and_backup_work(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = server.environment(server.verified("right"))
    web = servers.Web(**environment)
    with web, servers.Worker(**environment) as worker:
        web.wait_until_answering(60)
        superuser = f"host={server.folder} port={server.port} user=postgres password='{SECRET}' dbname=nowrongdoor"
        with psycopg.connect(superuser, autocommit=True) as database:
            encrypted: set[bool] = set()
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and len(encrypted) < 1:
                httpx.get(f"{web.url}/sign-in")
                rows = database.execute(
                    "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                    "WHERE usename = 'nwd_app' AND application_name = 'by_the_book'"
                ).fetchall()
                encrypted = {row[0] for row in rows}
            assert encrypted == {True}
            others = (
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'nwd_app' AND application_name <> 'by_the_book'"
            )
            assert database.execute(others).fetchone() == (0,)
        assert worker._running
        assert worker._running.poll() is None
        # Nobody else on the machine reads the password: not from what runs, not from what was said.
        commands = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
        assert not [each for each in commands if SECRET in each or ENCODED in each]
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.setenv(name, environment[name])
    assert listen()
    done = backup(server, "right")
    assert done.returncode == 0, done.stderr
    assert "Backed up" in done.stdout


def backup(server: Server, authority: str) -> subprocess.CompletedProcess[str]:
    data, keys, key = (str(server.folder / name) for name in ("data", "keys", "key"))
    environment = server.environment(server.verified(authority))
    # The run-time role's own connection is looked at elsewhere; this is about the owner's.
    environment["DATABASE_URL"] = server.environment(server.verified("right"))["DATABASE_URL"]
    return nwd("backup", data, "--keys", keys, "--key-file", key, environment=environment)


def test_with_a_wrong_authority_each_of_them_refuses_in_a_sentence(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = server.environment(server.verified("wrong"))
    for arguments in (
        ["web", "--port", str(servers.free_port())],
        ["worker"],
        ["up"],
        ["token", "revoke", "x", "--agency", "FBI"],
    ):
        refused = nwd(*arguments, environment=environment)
        assert refused.returncode == 1, arguments
        assert "Error: The database refuses: " in refused.stderr
        assert "certificate verify failed" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert SECRET not in refused.stderr + refused.stdout
    monkeypatch.setenv("DATABASE_URL", environment["DATABASE_URL"])
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        listen()
    for command in (backup(server, "wrong"), nwd("database", "migrate", environment=environment)):
        assert command.returncode == 1
        assert "certificate verify failed" in command.stderr
        assert "Traceback" not in command.stderr
        assert SECRET not in command.stderr + command.stdout


def test_the_programs_that_dump_are_told_every_keyword_too(server: Server) -> None:
    """The owner's own connection is right; what is handed to pg_dump is wrong: it alone must refuse."""
    wrong = addresses.parse(
        server.environment(server.verified("wrong"))["DATABASE_OWNER_URL"], variable="DATABASE_OWNER_URL"
    )
    arguments, environment = addresses.for_programs(wrong)
    done = subprocess.run(["pg_dump", *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "certificate verify failed" in done.stderr


def test_a_server_without_tls_is_refused_where_it_is_required(committed_db: None) -> None:
    """The embedded cluster has none; a plain relay puts it on the network."""
    with relay(cluster.socket_folder(cluster.var() / "postgres")) as port:
        url = f"postgresql://nwd_app:{cluster.password(cluster.APP)}@127.0.0.1:{port}/nowrongdoor"
        for more, told in (
            ("?sslmode=require", "server does not support SSL, but SSL was required"),
            ("?sslmode=disable", ""),
        ):
            done = nwd("agency", "list", environment={**os.environ, "DATABASE_URL": url + more})
            assert (done.returncode == 1) is bool(told), done.stderr
            assert told in done.stderr
            assert "Traceback" not in done.stderr


@contextlib.contextmanager
def relay(socket_folder: str) -> Iterator[int]:
    """Hands a TCP port's connections on to a Unix socket, in a process of its own."""
    port = servers.free_port()
    program = f"""
import asyncio
async def copy(a, b):
    while data := await a.read(65536):
        b.write(data); await b.drain()
    b.close()
async def on(reader, writer):
    r, w = await asyncio.open_unix_connection({socket_folder + "/.s.PGSQL.5432"!r})
    await asyncio.gather(copy(reader, w), copy(r, writer), return_exceptions=True)
async def main():
    async with await asyncio.start_server(on, "127.0.0.1", {port}) as server:
        await server.serve_forever()
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program]) as running:
        try:
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.1)
            yield port
        finally:
            running.kill()
