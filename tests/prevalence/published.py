"""The published tables, and what R makes of them. Their source is in data/README.md."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np

from nowrongdoor.core.prevalence import fitting, reading, tables

DATA = pathlib.Path(__file__).parent / "data"
NAMES = ("Kosovo", "NewOrl_5", "NewOrl", "UKdat_5", "UKdat")
WITH_REPLICATES = ("Kosovo", "NewOrl_5", "UKdat_5")
WITH_RANKING = ("Kosovo", "NewOrl_5", "UKdat_5")
R: dict[str, Any] = json.loads((DATA / "r_results.json").read_text(encoding="utf-8"))


def text(name: str) -> str:
    return (DATA / f"{name}.csv").read_text(encoding="utf-8")


def table(name: str) -> tables.Table:
    return reading.read(text(name)).table


def replicates(name: str) -> tuple[fitting.Floats, fitting.Floats]:
    """R's draws, a column each, and R's estimate of each."""
    rows = reading.read(text(name)).rows
    counts, estimates = reading.read_replicates(text(f"replicates_{name}"), rows)
    assert estimates is not None
    drawn = np.zeros((len(table(name).counts), len(counts)))
    drawn[list(rows)] = np.array(counts).T
    return drawn, np.array(estimates)


def made(lists: int, people: dict[int, int]) -> tables.Table:
    """A table without the checks that a file has to pass."""
    counts = np.zeros(1 << lists)
    for history, count in people.items():
        counts[history] = count
    return tables.of_counts([chr(ord("A") + each) for each in range(lists)], counts)
