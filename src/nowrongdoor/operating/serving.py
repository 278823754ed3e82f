"""`nwd web` and `nwd worker`: the two processes that serve, for `nwd up`, for a process manager, and for the tests.

The promise: what is documented, tested and started by `nwd up` is the same command. Neither serves as a role that row
security does not hold for, neither writes down what people asked for, and each ends with a sentence when it must.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import sys

import click

from nowrongdoor.core.language import gettext as _
from nowrongdoor.operating import database

GRACE = 3  # seconds that open streams have to end
HEALTHCHECK = 60  # seconds: a process that answers that late is dead; one that is busy or starting is not


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes that answer.")
def web(host: str, port: int, workers: int) -> None:
    """Serve the pages and the API; stops on Ctrl-C or SIGTERM."""
    import uvicorn

    from nowrongdoor.access import connections

    database.wait_and_look_over()
    database.ready()  # settings that cannot be are told here, and not by each process that answers
    _refuse_unreadable_proxies()
    _refuse_a_taken_port(host, port)
    connections.take_what_the_system_gives()
    os.environ["NWD_POOL"] = "1"  # read by the settings of the processes that answer
    uvicorn.run(
        "nowrongdoor.site.asgi:application",
        host=host,
        port=port,
        workers=workers,
        http=connections.Connection,
        proxy_headers=bool(connections.believed()),
        forwarded_allow_ips=connections.believed(),
        log_config=None,  # our own, from the settings
        log_level="warning",
        access_log=False,  # addresses hold what people looked for
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE,
        timeout_worker_healthcheck=HEALTHCHECK,
    )


def spare_what_is_loaded() -> None:
    """Look for garbage less often, and never in what a process that answers has loaded, which stays to the end: looking
    through that costs more than most pages do."""
    gc.freeze()
    gc.set_threshold(10_000)


@click.command()
def worker() -> None:
    """Route signals and keep the clocks; stops on Ctrl-C or SIGTERM. Any number of them may run."""
    database.wait_and_look_over()
    database.ready()
    from nowrongdoor.work import working

    asyncio.run(working.work())


def web_command(port: int) -> list[str]:
    """Return the command of the web server."""
    return [sys.executable, "-m", "nowrongdoor.site.command", "web", "--port", str(port)]


def worker_command() -> list[str]:
    """Return the command of the worker."""
    return [sys.executable, "-m", "nowrongdoor.site.command", "worker"]


def _refuse_unreadable_proxies() -> None:
    from nowrongdoor.access import connections

    if entry := connections.unreadable():
        raise click.ClickException(
            _(
                "%(name)s names '%(entry)s', which is no address and no network (10.0.0.0/8 is one). "
                "As it stands, everybody behind that proxy would count as one sender."
            )
            % {"name": connections.PROXIES, "entry": entry}
        )


def _refuse_a_taken_port(host: str, port: int) -> None:
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(kind)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                _("%(host)s port %(port)s cannot be used: %(strerror)s. Name a free --port.")
                % {"host": host, "port": port, "strerror": error.strerror}
            ) from None
