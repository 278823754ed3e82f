"""Doing several things at the same instant, each on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connections


def do(refused: type[Exception] | tuple[type[Exception], ...], *acts: Callable[[], object]) -> list[object]:
    """Do these at the same instant, and return what each was refused with, or None. `refused`: what is no surprise."""
    gate = threading.Barrier(len(acts))
    came: list[object] = [None] * len(acts)

    def run(number: int) -> None:
        gate.wait()
        try:
            acts[number]()
        except refused as error:
            came[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came
