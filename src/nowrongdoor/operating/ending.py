"""`python -m nowrongdoor.operating.ending`: ends what `nwd up` started, also if `nwd up` itself was killed.

The promise: whichever way the one who started them ends, the web server and the worker end too, then the database, all
within ten seconds. It reads from a pipe which process groups there are; the pipe closes with whoever holds
its other end. Until all is over it holds the lock of the folder.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import sys
import time
from collections.abc import Iterable

import psutil

from nowrongdoor.operating import cluster

PATIENCE = 5  # seconds for a group to end by itself: open streams are cut off after three


def main(data: str) -> None:
    """Wait for the end of the pipe, then end the groups named last, and the embedded database if there is one."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)  # the pipe alone says when
    groups: list[int] = []
    for line in sys.stdin:
        groups = [int(word) for word in line.split()]
    end(groups)
    if data:
        cluster.stop(pathlib.Path(data))


def end(groups: Iterable[int]) -> None:
    """End process groups: ask, wait, then by force."""
    groups = list(groups)
    for each in (signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, each)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not _members(groups):
                return
            time.sleep(0.1)


def _members(groups: list[int]) -> list[int]:
    """Lists who still runs in them. Whoever ended, but was not waited for by its parent, does not."""
    members = []
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            if os.getpgid(pid) in groups and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                members.append(pid)
    return members


if __name__ == "__main__":
    main(sys.argv[1])
