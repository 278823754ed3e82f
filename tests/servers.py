"""Real processes for tests: a web server with two workers, the queue's worker, and ways to kill them."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time
from types import TracebackType
from typing import Self

import httpx
import psutil

from nowrongdoor.site import up


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A process of ours that can be started, ended and killed with all its children."""

    def __init__(self, command: list[str], **environment: str) -> None:
        self.command = command
        own = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
        self.environment = {**own, **environment}
        self.log: pathlib.Path | None = None  # where it writes what it would say to whoever started it
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(self.log.open("ab")) if self.log else None
            self._running = subprocess.Popen(
                self.command,
                env=self.environment,
                start_new_session=True,
                stdout=log or subprocess.DEVNULL,
                stderr=log,
            )

    def kill9(self) -> None:
        """Kills it and its children at once, as a crash would."""
        if self._running is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self._running.pid)
            for each in [*family.children(recursive=True), family]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.send_signal(signal.SIGKILL)
        self._running.wait()
        self._running = None

    def stop(self) -> None:
        if self._running is None:
            return
        self._running.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._running.wait(10)
        self.kill9()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Web(Process):
    """The web server, as `nwd up` starts it."""

    def __init__(self, **environment: str) -> None:
        self.port = free_port()
        super().__init__(up.web_command(self.port), **environment)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_answering(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/sign-in", timeout=2).status_code == 200:
                    return
            time.sleep(0.05)
        raise TimeoutError("The web server does not answer.")


class Worker(Process):
    """The queue's worker, as `nwd up` starts it."""

    def __init__(self, **environment: str) -> None:
        super().__init__(up.worker_command(), **environment)
