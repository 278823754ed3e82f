"""Real processes for tests: a web server with two workers, the queue's worker, and ways to kill them."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
from types import TracebackType
from typing import Self

import httpx
import psutil
from django.db import connection

from nowrongdoor.operating import cluster, serving

# Below the ports that the system gives out by itself, so that no stranger is given one between two tries.
PORTS = range(20_000, 30_000)
_kept = contextlib.ExitStack()  # the locks of this process's ports
atexit.register(_kept.close)


def free_port() -> int:
    """Return a port that nobody listens on and that no other suite on this machine is given while this process lives.

    A port that is found free and then let go may be somebody else's by the time a server starts on it, so each is
    locked by a file. Starts at a place of this process's own, so that suites do not try the same ones.
    """
    folder = pathlib.Path(tempfile.gettempdir()) / f"nwd-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for step in range(len(PORTS)):
        port = PORTS[(os.getpid() * 97 + step) % len(PORTS)]
        lock = (folder / str(port)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with contextlib.closing(socket.socket()) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        _kept.enter_context(lock)
        return port
    raise RuntimeError(f"No port is free from {PORTS.start} to {PORTS.stop - 1}.")


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

    def revive(self) -> None:
        """Start it again where it ended by itself, as `nwd up` and any process manager do."""
        if self._running is not None and self._running.poll() is not None:
            self.start()

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


def kill_database() -> None:
    """Kill the suite's PostgreSQL and every backend, as a power cut would; `cluster.start` starts it again."""
    pid = int((cluster.var() / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    family = psutil.Process(pid)
    for each in [family, *family.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs([family], timeout=10)
    connection.close()


def start_database() -> None:
    """Start it again, which is when it makes good what the crash left undone."""
    cluster.start(cluster.var() / "postgres")


class Web(Process):
    """The web server, as `nwd up` starts it."""

    def __init__(self, **environment: str) -> None:
        self.port = free_port()
        super().__init__(serving.web_command(self.port), **environment)

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
        super().__init__(serving.worker_command(), **environment)
