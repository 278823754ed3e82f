"""What `nwd worker` does: take tasks from the queue until it is asked to stop.

The promise: a database that goes away ends no worker. It says so and connects again; what it had begun is done anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal

import click
from procrastinate import exceptions
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

GRACE = 3  # seconds that running tasks have to end
PAUSE = 2  # seconds before the worker connects again


async def work() -> None:
    """Work until asked to stop, and connect again whenever the database was lost."""
    assert isinstance(app.connector, DjangoConnector)
    asked = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, asked.set)
    stop = asyncio.create_task(asked.wait())
    while not asked.is_set():
        with app.replace_connector(app.connector.get_worker_connector()) as connected:
            try:
                async with connected.open_async():
                    working = asyncio.create_task(
                        connected.run_worker_async(
                            concurrency=2,
                            delete_jobs="successful",
                            fetch_job_polling_interval=2,
                            install_signal_handlers=False,
                            shutdown_graceful_timeout=GRACE,
                        )
                    )
                    await asyncio.wait({working, stop}, return_when=asyncio.FIRST_COMPLETED)
                    working.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await working
            except exceptions.ConnectorException as error:
                click.echo(f"The worker cannot reach the database: {error.__cause__ or error}", err=True)
        if not asked.is_set():
            click.echo(f"The worker lost the database; it connects again in {PAUSE} s.", err=True)
            await asyncio.wait({stop}, timeout=PAUSE)
