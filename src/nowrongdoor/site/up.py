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

from nowrongdoor.site import cluster, migrating

PATIENCE = 60  # seconds for the web server to answer
STOPPING = 10  # seconds for a process to end by itself


@click.command()
@click.option("--port", type=int, help="Where to listen. Default: 8000, or the next free one.")
@click.option("--empty", is_flag=True, help="Without the demonstration.")
def up(port: int | None, empty: bool) -> None:  # noqa: FBT001  click calls it by name
    """Start the whole system on this machine; Ctrl-C stops it and keeps the data."""
    demonstration = cluster.is_embedded() and not empty
    os.environ["NWD_DEMONSTRATION"] = "1" if demonstration else "0"
    with _stopping_on_signals():
        try:
            _start_database()
            _fill(demonstration=demonstration)
            _serve(_free_port(port, port) if port else _free_port(8000, 8099), demonstration=demonstration)
        except KeyboardInterrupt:
            click.echo("\nStopping.")
        finally:
            if cluster.is_embedded():
                cluster.stop(cluster.var() / "postgres")
            click.echo("Stopped. The data is kept in " + str(cluster.var()))


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
    if cluster.is_embedded():
        cluster.stop(cluster.var() / "postgres")
        click.echo("Stopped.")
    else:
        raise click.UsageError("DATABASE_URL names a database that this command did not start.")


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.pass_context
def manage(context: click.Context) -> None:
    """Django's own commands, for those who keep the system: nwd manage check --deploy."""
    from django.core import management

    management.execute_from_command_line(["nwd manage", *context.args])


def prepare() -> None:
    """This will start the embedded database, where that is used, and make Django ready in this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nowrongdoor.site.settings")
    if cluster.is_embedded():
        _make_folder()
        try:
            cluster.start(cluster.var() / "postgres")
        except cluster.PathTooLong as error:
            raise click.ClickException(str(error)) from None
    ready()
    _refuse_a_powerful_role()


def prepare_and_fill() -> None:
    """This will also migrate and load the reference rows when nothing was there: for verbs that need them."""
    prepare()
    if migrating.is_needed():
        migrating.run()
    _fill(demonstration=False)


def ready() -> None:
    """This will make Django ready without touching a database."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nowrongdoor.site.settings")
    django.setup()


def _refuse_a_powerful_role() -> None:
    """Row policies and privileges mean nothing to a superuser or an owner, so neither may serve."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        is_powerful = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        owns = cursor.fetchone()[0]
    if is_powerful or owns:
        raise click.ClickException(
            "DATABASE_URL connects as a role that may do anything. Name the run-time role (docs/running.md)."
        )


def _make_folder() -> None:
    cluster.var().mkdir(parents=True, exist_ok=True)


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


def _serve(port: int, *, demonstration: bool) -> None:
    environment = {**os.environ, "NWD_POOL": "1"}
    commands = {
        "web": web_command(port),
        "worker": [sys.executable, "-m", "nowrongdoor.site.working"],
    }
    running = {name: _run(command, environment, name) for name, command in commands.items()}
    try:
        _wait_until_answering(port, running["web"])
        _greet(port, demonstration=demonstration)
        _watch(running, commands, environment)
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOPPING)
            process.kill()


def web_command(port: int) -> list[str]:
    """This will say how the web server is started. It does not name itself in its answers."""
    return [
        *(sys.executable, "-m", "uvicorn", "nowrongdoor.site.asgi:application"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "2", "--log-level", "warning"),
        *("--no-server-header", "--lifespan", "off", "--timeout-graceful-shutdown", "3"),
        *("--timeout-worker-healthcheck", "60"),  # a worker that is busy for more than 5 seconds is not dead
    ]


def _run(command: list[str], environment: dict[str, str], name: str) -> subprocess.Popen[bytes]:
    own = {key: value for key, value in environment.items() if name == "web" or key != "NWD_POOL"}
    # A session of its own: Ctrl-C reaches this process alone, which then stops the others in order.
    return subprocess.Popen(command, env=own, start_new_session=True)


def _watch(
    running: dict[str, subprocess.Popen[bytes]],
    commands: dict[str, list[str]],
    environment: dict[str, str],
) -> None:
    """Starts again whatever ends, waiting longer each time it ends soon."""
    pause = 1.0
    while True:
        time.sleep(1)
        if cluster.is_embedded() and not cluster.is_running(cluster.var() / "postgres"):
            click.echo("The database ended; starting it again")
            cluster.start(cluster.var() / "postgres")
        for name, process in list(running.items()):
            if process.poll() is not None:
                click.echo(f"The {name} process ended ({process.returncode}); starting it again in {pause:.0f} s")
                time.sleep(pause)
                pause = min(pause * 2, 30)
                running[name] = _run(commands[name], environment, name)
            elif pause > 1:
                pause = max(1.0, pause * 0.99)


def _wait_until_answering(port: int, web: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and web.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise click.ClickException("The web server does not answer; its message is above.")


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


def _free_port(first: int, last: int) -> int:
    for port in range(first, last + 1):
        with contextlib.closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise click.ClickException(f"Port {first} is taken; name a free one with --port.")


@contextlib.contextmanager
def _stopping_on_signals() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    earlier = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, earlier)
