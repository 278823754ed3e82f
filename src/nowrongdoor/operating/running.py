"""What `nwd up` keeps running: the web server, the worker, the embedded database, and the one who ends them.

The promise: whichever of them ends, however it ends, is started again, and the system serves again within half a
minute; one folder of data has one `nwd up`; and nothing outlives it (`ending.py`).
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import IO

import psutil

from nowrongdoor.core.language import gettext
from nowrongdoor.operating import cluster, ending

LOCK = "up.lock"
PATIENCE = 120  # seconds for the web server to answer
LONGEST_PAUSE = 8  # seconds between two tries to start something
CLEANING = 20  # seconds that whoever ends a killed `nwd up` may take


class AlreadyRunning(RuntimeError):
    """Somebody else's `nwd up` works on this folder."""

    def __init__(self, folder: pathlib.Path, holder: int | None) -> None:
        who = f" (process {holder})" if holder else ""
        super().__init__(
            gettext(
                "`nwd up` is already running on %(folder)s%(who)s. Stop that one, or set NWD_VAR to another folder."
            )
            % {"folder": folder, "who": who}
        )


class DoesNotAnswer(RuntimeError):
    """The web server ended, or did not answer in time."""


@contextlib.contextmanager
def alone(folder: pathlib.Path) -> Iterator[int]:
    """Hold the folder's lock, and give its number. The operating system takes it back from whoever dies."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + CLEANING
        while not _locks(lock):
            holder = _holder(folder)
            if (holder and psutil.pid_exists(holder)) or time.monotonic() > deadline:
                raise AlreadyRunning(folder, holder)
            time.sleep(0.2)  # it was killed; what it started is just being ended
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield lock
    finally:
        os.close(lock)


def is_held(folder: pathlib.Path) -> bool:
    """Return whether `nwd up` works on this folder now."""
    try:
        with (folder / LOCK).open("r+") as lock:
            return not _locks(lock.fileno())
    except FileNotFoundError:
        return False


class System:
    """The running processes; leaving its context ends them all."""

    def __init__(self, commands: Mapping[str, list[str]], *, lock: int, say: Callable[[str], None]) -> None:
        self._commands = dict(commands)
        self._lock = lock
        self._say = say
        self._data = cluster.var() / "postgres" if cluster.is_embedded() else None
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._pauses: dict[str, float] = {}
        self._not_before: dict[str, float] = {}
        self._began: dict[str, float] = {}
        self._ender: subprocess.Popen[str] | None = None

    def __enter__(self) -> System:
        self._start_ender()
        for name in self._commands:
            self._start(name)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the pipe, and wait until all is over."""
        assert self._ender
        assert self._ender.stdin
        self._ender.stdin.close()
        while self._ender.poll() is None:
            self._reap()
            time.sleep(0.05)
        if self._ender.returncode:  # it was killed too
            ending.end(process.pid for process in self._running.values())
            if self._data:
                cluster.stop(self._data)
        self._reap()

    def wait_until_listening(self, name: str, port: int) -> None:
        """Wait until this very process listens on a port, and not a stranger."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self._running[name].poll() is not None:
                raise DoesNotAnswer(gettext("The %(name)s process ended; its message is above.") % {"name": name})
            with contextlib.suppress(psutil.Error):
                if _listens(self._running[name].pid, port):
                    return
            time.sleep(0.1)
        raise DoesNotAnswer(
            gettext("The %(name)s process does not answer on port %(port)s.") % {"name": name, "port": port}
        )

    def watch(self) -> None:
        """Start again whatever ends, for as long as this runs."""
        while True:
            time.sleep(0.5)
            if self._ender is None or self._ender.poll() is not None:
                self._start_ender()
            if self._data and not cluster.is_running(self._data):
                self._again("database", gettext("The database ended"), self._start_database)
            for name, process in list(self._running.items()):
                if process.poll() is not None:
                    self._again(
                        name,
                        gettext("The %(name)s process ended (%(returncode)s)")
                        % {"name": name, "returncode": process.returncode},
                        functools.partial(self._start, name),
                    )

    def _again(self, name: str, what: str, start: Callable[[], None]) -> None:
        """Starts it at once if it ran for a while, and waits longer each time it ends soon."""
        now = time.monotonic()
        if name not in self._not_before:
            ran_well = now - self._began.get(name, -60) > 30
            self._pauses[name] = 0.0 if ran_well else min(max(1.0, self._pauses.get(name, 0) * 2), LONGEST_PAUSE)
            self._not_before[name] = now + self._pauses[name]
            self._say(
                (gettext("%(what)s; starting it again") % {"what": what})
                + (f" in {self._pauses[name]:.0f} s" if self._pauses[name] else "")
            )
        if now >= self._not_before[name]:
            del self._not_before[name]
            start()

    def _start_database(self) -> None:
        assert self._data
        self._began["database"] = time.monotonic()
        try:
            cluster.start(self._data)
        except (cluster.DoesNotStart, OSError) as error:
            self._say(str(error))

    def _start(self, name: str) -> None:
        if name in self._running:  # its children may have outlived it, and would keep the port
            ending.end([self._running[name].pid])
        # A session of its own: Ctrl-C reaches this process alone, which then has the others ended in order.
        self._running[name] = subprocess.Popen(self._commands[name], stdin=subprocess.DEVNULL, start_new_session=True)
        self._began[name] = time.monotonic()
        self._tell_ender()

    def _start_ender(self) -> None:
        command = [sys.executable, "-m", "nowrongdoor.operating.ending", str(self._data or "")]
        self._ender = subprocess.Popen(
            command, stdin=subprocess.PIPE, text=True, start_new_session=True, pass_fds=[self._lock]
        )
        self._tell_ender()

    def _tell_ender(self) -> None:
        assert self._ender
        pipe: IO[str] | None = self._ender.stdin
        assert pipe
        with contextlib.suppress(BrokenPipeError):  # it was killed, and is started again soon
            pipe.write(" ".join(str(process.pid) for process in self._running.values()) + "\n")
            pipe.flush()

    def _reap(self) -> None:
        for process in self._running.values():
            process.poll()


def _locks(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(folder: pathlib.Path) -> int | None:
    text = (folder / LOCK).read_text().strip()
    return int(text) if text.isdigit() else None


def _listens(pid: int, port: int) -> bool:
    connections = psutil.Process(pid).net_connections(kind="tcp")
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)
