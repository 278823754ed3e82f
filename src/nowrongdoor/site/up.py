"""`nwd up` and the verbs that keep the system: start everything, stop everything, keep the data.

The promise: one command, on a machine that has Python only; Ctrl-C stops all of it and nothing is lost; whatever takes
longer than two seconds says what it is doing.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import click
import psycopg

from nowrongdoor.site import addresses, cluster, migrating, running

FIRST, LAST = 8000, 8099  # the ports that are tried where none is named


@click.command()
@click.option("--port", type=int, help=f"Where to listen. Default: {FIRST}, or the next free one.")
@click.option("--empty", is_flag=True, help="Without the demonstration.")
def up(port: int | None, empty: bool) -> None:  # noqa: FBT001  click calls it by name
    """Start the whole system on this machine; Ctrl-C stops it and keeps the data."""
    demonstration = cluster.is_embedded() and not empty
    os.environ["NWD_DEMONSTRATION"] = "1" if demonstration else "0"
    try:
        with _stopping_on_signals(), running.alone(cluster.var()) as lock:
            try:
                _start_database()
                _fill(demonstration=demonstration)
                _serve(port, lock=lock, demonstration=demonstration)
            except KeyboardInterrupt:
                click.echo("\nStopping.")
            finally:
                if cluster.is_embedded():
                    cluster.stop(cluster.var() / "postgres")
            click.echo("Stopped. The data is kept in " + str(cluster.var()))
    except (running.AlreadyRunning, running.DoesNotAnswer) as error:
        raise click.ClickException(str(error)) from None


@click.group(name="database")
def database() -> None:
    """The database that comes along: migrate it, see how it is, stop it."""


@database.command("migrate")
def migrate() -> None:
    """Bring the schema up to date, as the owner."""
    if not cluster.is_embedded() and "DATABASE_OWNER_URL" not in os.environ:
        raise click.UsageError("Set DATABASE_OWNER_URL: the schema belongs to another role than the one that serves.")
    prepare()
    migrating.run()
    click.echo("The schema is up to date.")


@database.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:  # noqa: FBT001
    """Say where the database is and whether its schema is up to date."""
    prepare()
    if as_json:
        click.echo(json.dumps({"embedded": cluster.is_embedded(), "schema_is_behind": migrating.is_needed()}))
        return
    click.echo(f"Embedded: {'yes' if cluster.is_embedded() else 'no'}")
    click.echo(f"Schema: {'behind; run `nwd database migrate`' if migrating.is_needed() else 'up to date'}")


@database.command("stop")
def stop() -> None:
    """Stop the embedded database."""
    if not cluster.is_embedded():
        raise click.UsageError("DATABASE_URL names a database that this command did not start.")
    if running.is_held(cluster.var()):
        raise click.UsageError("`nwd up` is running and would start the database again. Stop that instead: Ctrl-C.")
    cluster.stop(cluster.var() / "postgres")
    click.echo("Stopped.")


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.pass_context
def manage(context: click.Context) -> None:
    """Django's own commands, for those who keep the system: nwd manage check --deploy."""
    from django.core import management

    if context.args[:1] == ["dbshell"]:  # Django's own hands on only a few of an address's keywords
        arguments, environment = addresses.for_programs(cluster.address(cluster.APP))
        command = [cluster.tool("psql"), *arguments, *context.args[1:]]
        raise SystemExit(subprocess.run(command, env=environment, check=False).returncode)
    management.execute_from_command_line(["nwd manage", *context.args])


def prepare() -> None:
    """Start the embedded database, where that is used, and make Django ready in this process."""
    start_database()
    refuse_a_powerful_role()
    ready()


def start_database() -> None:
    """Start the embedded database, where that is used."""
    if cluster.is_embedded():
        cluster.start(cluster.var() / "postgres")


def prepare_and_fill() -> None:
    """Prepare, and migrate and load the reference rows if nothing was there: for verbs that need them."""
    prepare()
    if migrating.is_needed():
        migrating.run()
    _fill(demonstration=False)


def ready() -> None:
    """Make Django ready without touching a database."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nowrongdoor.site.settings")
    django.setup()


def refuse_a_powerful_role() -> None:
    """Refuse a superuser or an owner: row policies and privileges mean nothing to them, so neither may serve."""
    with psycopg.connect(cluster.conninfo(cluster.APP)) as connection:
        row = connection.execute(
            "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid) "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        tables = connection.execute(
            "SELECT current_database(), has_database_privilege(current_database(), 'TEMPORARY')"
        ).fetchone()
    if row != (False,):
        raise click.ClickException(
            "DATABASE_URL connects as a role that may do anything. Name the run-time role (docs/running.md)."
        )
    if tables and tables[1]:
        raise click.ClickException(
            "The run-time role may make temporary tables, which could stand in for real ones. As the owner of the "
            f'database, run: REVOKE TEMPORARY ON DATABASE "{tables[0]}" FROM PUBLIC, nwd_app;'
        )


def _start_database() -> None:
    begun = time.monotonic()
    first = cluster.is_embedded() and not (cluster.var() / "postgres" / "PG_VERSION").exists()
    click.echo("Starting the database" + (" (the first time makes it)" if first else ""))
    prepare()
    if migrating.is_needed():
        click.echo("Bringing the schema up to date")
        migrating.run()
    click.echo(f"Database ready ({time.monotonic() - begun:.1f} s)")


def _fill(*, demonstration: bool) -> None:
    from nowrongdoor.site import reference

    now = datetime.datetime.now(tz=datetime.UTC)
    reference.load(at=now)
    if demonstration:
        from nowrongdoor.site import demonstration as story

        if story.is_missing():
            click.echo("Filling the demonstration (fictional people and cases)")
            story.fill(at=now)


def _serve(port: int | None, *, lock: int, demonstration: bool) -> None:
    chosen = port or _free_port()
    commands = {"web": web_command(chosen), "worker": worker_command()}
    with running.System(commands, lock=lock, say=click.echo) as system:
        system.wait_until_listening("web", chosen)
        _greet(chosen, demonstration=demonstration)
        system.watch()


def web_command(port: int) -> list[str]:
    """Return the command of the web server."""
    return [sys.executable, "-m", "nowrongdoor.site.command", "web", "--port", str(port)]


def worker_command() -> list[str]:
    """Return the command of the worker."""
    return [sys.executable, "-m", "nowrongdoor.site.command", "worker"]


def _greet(port: int, *, demonstration: bool) -> None:
    click.echo(f"\nNo Wrong Door is at http://127.0.0.1:{port}/   (Ctrl-C stops it)")
    if not demonstration:
        return
    from nowrongdoor.site import demonstration as story

    click.echo("\nThis is a demonstration: people and cases are fictional. Sign in as")
    for person in story.PEOPLE:
        click.echo(f"  {person.name:<22} {story.PASSWORD:<22} {person.what}")
    click.echo("The second step shows the code of each, because this is a demonstration.")
    click.echo("\nTry first: " + story.TRY_FIRST)


def _free_port() -> int:
    """Finds a port on which nobody answers; the web server says so if somebody takes it before it does."""
    for port in range(FIRST, LAST + 1):
        with contextlib.closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise click.ClickException(f"The ports {FIRST} to {LAST} are all taken; name a free one with --port.")


@contextlib.contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Takes a closed terminal and a polite request to end as Ctrl-C; asking again does not leave half of it."""
    asked = False

    def stop(*_: object) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise KeyboardInterrupt

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    earlier = {each: signal.signal(each, stop) for each in signals}
    try:
        yield
    finally:
        for each, handler in earlier.items():
            signal.signal(each, handler)
