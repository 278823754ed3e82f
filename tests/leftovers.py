"""What the suite started and did not end: looked for by the suite's folder, which all of it inherits.

A process of PostgreSQL writes its own name over what it inherited, so it is known by the folder it works in.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os

import psutil


@dataclasses.dataclass(frozen=True, slots=True)
class Left:
    """A process that is still there."""

    process: psutil.Process
    words: str


def find(folder: str) -> list[Left]:
    """Return the running processes that belong to the suite of a folder, without this one and those that started it."""
    me = psutil.Process()
    mine = {me.pid, *(each.pid for each in me.parents())}
    found = []
    for each in psutil.process_iter():
        if each.pid not in mine and _belongs(each, folder):
            with contextlib.suppress(psutil.Error):
                found.append(Left(each, f"{each.pid} {' '.join(each.cmdline())[:200]}"))
    return found


def end(left: Left) -> None:
    """End one process that was left."""
    with contextlib.suppress(psutil.Error):
        left.process.kill()


def _belongs(process: psutil.Process, folder: str) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if folder in " ".join(process.cmdline()):
            return True
        if str(process.cwd()).startswith(folder + os.sep):
            return True
        return bool(process.environ().get("NWD_SUITE") == folder)
    return False
