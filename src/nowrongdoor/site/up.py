"""`nwd up`: start everything, with what an installation begins with; stop everything, keep the data.

The promise: one command, on a machine that has Python only; Ctrl-C stops all of it and nothing is lost; whatever takes
longer than two seconds says what it is doing.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import pathlib
import signal
import socket
import time
from collections.abc import Iterator

import click

from nowrongdoor.core import country as countries
from nowrongdoor.core.language import gettext
from nowrongdoor.operating import cluster, database, running, schema, serving

ITS_COUNTRY = "US"  # of the demonstration: its agencies, places and stories
FIRST, LAST = 8000, 8099  # the ports that are tried where none is named


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65_535), help=f"Where to listen. Default: {FIRST}, or the next free one."
)
@click.option("--empty", is_flag=True, help="Without the demonstration.")
def up(port: int | None, empty: bool) -> None:  # noqa: FBT001  click calls it by name
    """Start the whole system on this machine; Ctrl-C stops it and keeps the data."""
    demonstration = cluster.is_embedded() and not empty and countries.installed().code == ITS_COUNTRY
    if not demonstration and not empty and cluster.is_embedded():
        click.echo(gettext("The demonstration tells of the United States, so this installation starts without it."))
    os.environ["NWD_DEMONSTRATION"] = "1" if demonstration else "0"
    if demonstration:
        os.environ.setdefault("NWD_LINE", str(pathlib.Path(__file__).parent / "demonstration_line.toml"))
    try:
        with _stopping_on_signals(), running.alone(cluster.var()) as lock:
            try:
                _start_database()
                _fill(demonstration=demonstration)
                _serve(port, lock=lock, demonstration=demonstration)
            except KeyboardInterrupt:
                click.echo(gettext("\nStopping."))
            finally:
                if cluster.is_embedded():
                    cluster.stop(cluster.var() / "postgres")
            click.echo(gettext("Stopped. The data is kept in ") + str(cluster.var()))
    except (running.AlreadyRunning, running.DoesNotAnswer) as error:
        raise click.ClickException(str(error)) from None


def prepare_and_fill() -> None:
    """Prepare, and migrate and load the reference rows if nothing was there: for verbs that need them."""
    database.prepare()
    database.refuse_another_country()
    if schema.is_behind():
        schema.migrate()
    database.refuse_another_signing_key()
    if not database.is_standby():
        _fill(demonstration=False)


def _start_database() -> None:
    begun = time.monotonic()
    first = cluster.is_embedded() and not (cluster.var() / "postgres" / "PG_VERSION").exists()
    click.echo(gettext("Starting the database") + (gettext(" (the first time makes it)") if first else ""))
    database.prepare()
    database.refuse_another_country()
    if schema.is_behind():
        click.echo(gettext("Bringing the schema up to date"))
        schema.migrate(alone=cluster.is_embedded())
    elif cluster.is_embedded() and not database.are_signatures_demanded():
        schema.migrate(alone=True)  # whatever served meanwhile has ended: this holds the lock of the folder
    database.refuse_tables_of_its_own()
    database.refuse_another_signing_key()
    _refuse_keys_that_do_not_open()
    _seal_people()
    click.echo(gettext("Database ready (%(monotonic)s s)") % {"monotonic": f"{time.monotonic() - begun:.1f}"})


def _refuse_keys_that_do_not_open() -> None:
    from nowrongdoor.vault import keys

    keys.refuse_a_root_that_does_not_open()


def _seal_people() -> None:
    """Seal everybody where nobody ever was: here the key is at hand."""
    from nowrongdoor.agencies import seals

    if cluster.is_embedded():
        seals.begin(at=datetime.datetime.now(tz=datetime.UTC))
    if seals.is_from_before():
        click.echo(
            gettext("Nobody in this database has a seal, so nobody can sign in. Run `nwd database seal`."), err=True
        )


def _fill(*, demonstration: bool) -> None:
    from nowrongdoor.site import reference

    now = datetime.datetime.now(tz=datetime.UTC)
    reference.load(at=now)
    if demonstration:
        from nowrongdoor.site import demonstration as story

        if story.is_missing():
            click.echo(gettext("Filling the demonstration (fictional people and cases)"))
            story.fill(at=now)
        story.come_in(at=now)


def _serve(port: int | None, *, lock: int, demonstration: bool) -> None:
    chosen = port or _free_port()
    commands = {"web": serving.web_command(chosen), "worker": serving.worker_command()}
    with running.System(commands, lock=lock, say=click.echo) as system:
        system.wait_until_listening("web", chosen)
        _greet(chosen, demonstration=demonstration)
        system.watch()


def _greet(port: int, *, demonstration: bool) -> None:
    click.echo(gettext("\nNo Wrong Door is at http://127.0.0.1:%(port)s/   (Ctrl-C stops it)") % {"port": port})
    if not demonstration:
        return
    from nowrongdoor.site import demonstration as story

    click.echo(gettext("\nThis is a demonstration: people and cases are fictional. Sign in as"))
    for person in story.PEOPLE:
        click.echo(f"  {person.name:<22} {story.PASSWORD:<22} {person.what}")
    click.echo(gettext("“Verify it’s you” shows each person’s code, because this is a demonstration."))
    click.echo(gettext("\nTry first: ") + story.TRY_FIRST)


def _free_port() -> int:
    """Finds a port on which nobody answers; the web server says so if somebody takes it before it does."""
    for port in range(FIRST, LAST + 1):
        with contextlib.closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise click.ClickException(
        gettext("The ports %(first)s to %(last)s are all taken; name a free one with --port.")
        % {"first": FIRST, "last": LAST}
    )


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
