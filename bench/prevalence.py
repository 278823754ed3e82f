"""Prevalence estimation on one core, after import: beside it, what R's programs needed for the same on such a machine
(SparseMSE 2.0.1; one core, the same tables, 1,000 replicates with selection, jackknife and BCa)."""

from __future__ import annotations

import functools
import resource
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
from tests.prevalence import published

from bench import result
from nowrongdoor.core.prevalence import estimating, exhaustive, graphs, running, tables

R_SECONDS = {"UKdat_5": 102.8, "UKdat": 236.3, "NewOrl": 599.5}
SETTINGS = estimating.Settings()


def run() -> Iterator[result.Result]:
    """Measure each demand of the design, and the growth with replicates and lists."""
    yield result.Result("prevalence: import of NumPy, SciPy and the core", _import_ms(), "ms CPU", 3)
    for name, seconds in R_SECONDS.items():
        yield _replicates(name, 1_000, runs=9, seconds_in_r=seconds)
    for name in ("UKdat_5", "UKdat"):
        yield _replicates(name, 20_000, runs=3)
    for name, models in (("UKdat_5", "1,024"), ("UKdat", "32,768")):
        table = published.table(name)
        note = f"{table.lists} lists, pairs"
        yield result.timed(f"prevalence: rank {models} models", functools.partial(_rank, table, 2), runs=5, note=note)
    five = published.table("UKdat_5")
    yield result.timed(
        "prevalence: rank 6,212 models", functools.partial(_rank, five, 3), runs=5, note="5 lists, threes too"
    )
    yield result.timed(
        "prevalence: average over 822 graphs", functools.partial(graphs.average, five), runs=5, note="5 lists"
    )
    for name in ("UKdat_5", "UKdat"):
        table = published.table(name)
        yield result.timed(f"prevalence: every check, {name}", functools.partial(_look, table), runs=5)
    yield from _ten_lists()


def _replicates(name: str, replicates: int, *, runs: int, seconds_in_r: float | None = None) -> result.Result:
    table = published.table(name)
    found = result.timed(
        f"prevalence: {replicates:,} replicates, {name}",
        functools.partial(running.answer, table, SETTINGS, replicates=replicates, seed=1),
        runs=runs,
    )
    ratio = f"; R {seconds_in_r:,.1f} s, {seconds_in_r / found.median * 1_000:,.0f} times" if seconds_in_r else ""
    return result.Result(found.name, found.median, found.unit, found.runs, f"{table.lists} lists{ratio}")


def _look(table: tables.Table) -> None:
    running.look(table, SETTINGS, running.answer(table, SETTINGS, replicates=0, seed=1))


def _rank(table: tables.Table, order: int) -> None:
    exhaustive.rank(table.counts, lists=table.lists, order=order)


def _ten_lists() -> Iterator[result.Result]:
    dice = np.random.default_rng(1)
    reach = dice.uniform(0.02, 0.12, 10)
    histories = (dice.random((8_000, 10)) < reach) @ (1 << np.arange(10))
    counts = np.bincount(histories, minlength=1 << 10).astype(np.float64)
    table = tables.of_counts([chr(ord("A") + at) for at in range(10)], counts)
    yield result.timed(
        "prevalence: 1,000 replicates, ten lists",
        functools.partial(running.answer, table, SETTINGS, replicates=1_000, seed=1),
        runs=3,
        note=f"{table.people:,} people seen",
    )
    yield result.timed("prevalence: every check, ten lists", functools.partial(_look, table), runs=1)
    yield result.Result("prevalence: most memory so far", _most_memory(), "MB", 1, "this whole process")


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _import_ms() -> float:
    code = "import time; import nowrongdoor.core.prevalence.running; print(time.process_time())"
    shown = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    return sorted(shown)[1] * 1_000
