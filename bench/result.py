"""One measured figure, and how it was measured."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable, Iterator, Sequence


@dataclasses.dataclass(frozen=True)
class Result:
    """A median over `runs`, in the unit that `unit` names."""

    name: str
    median: float
    unit: str
    runs: int
    note: str = ""


def timed(name: str, act: Callable[[], object], *, runs: int = 5, per: int = 1, note: str = "") -> Result:
    """Measure CPU seconds of this process, in milliseconds for each of `per` operations."""
    seconds = []
    for _ in range(runs):
        begun = time.process_time()
        act()
        seconds.append(time.process_time() - begun)
    return Result(name, statistics.median(seconds) * 1_000 / per, "ms CPU", runs, note)


def waited(name: str, seconds: Sequence[float], note: str = "") -> Iterator[Result]:
    """Say how long half of those who waited had to wait, and all but one in a hundred, in milliseconds."""
    ordered = sorted(seconds)
    yield Result(f"{name}, p50", statistics.median(ordered) * 1_000, "ms", len(ordered), note)
    yield Result(f"{name}, p99", ordered[max(0, int(len(ordered) * 0.99) - 1)] * 1_000, "ms", len(ordered), note)


def rate(name: str, act: Callable[[], object], *, count: int, runs: int = 5, note: str = "") -> Result:
    """Measure how many of `count` operations are done in a second."""
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - begun)
    return Result(name, count / statistics.median(seconds), "a second", runs, note)
