"""What somebody who has only a published estimate can find out: other tables that publish the very same.

The attacker knows the program, its version and its default seed, and may run it on any table. A count is safe as far as
tables that differ in it publish the same: no replay can tell them apart.
"""

from __future__ import annotations

import collections
import itertools
import json
from collections.abc import Callable, Hashable, Iterator, Mapping

import numpy as np

from nowrongdoor.core.prevalence import (
    estimating,
    existence,
    fitting,
    independence,
    running,
    tables,
    telling,
)
from nowrongdoor.prevalence import publishing
from nowrongdoor.publishing import documents

RANGE = range(publishing.FEW)
TRIES = 40
Told = Callable[[running.Run], str]


def published(run: running.Run) -> str:
    """Everything that is published of a run: the report and the figures."""
    made = publishing.publish(json.loads(json.dumps(telling.as_plain(run))), version="x")
    return documents.write(publishing.report(made)) + json.dumps(publishing.as_plain(made))


def small(table: tables.Table) -> list[int]:
    """The histories with a count that must not be found out; zeros are among them."""
    return [each for each in range(1, len(table.counts)) if table.counts[each] < publishing.FEW]


def possible(table: tables.Table, told: Told, *, replicates: int, tries: int = TRIES) -> dict[int, set[int]]:
    """For each small count, the values that some table with the same publication has. Each is a table that was run
    through the whole program: what is not found may be possible all the same."""
    target = _told(table.counts, table.names, told, replicates)
    cells = small(table)
    found: dict[int, set[int]] = {each: {int(table.counts[each])} for each in cells}
    for cell in cells:
        for value in RANGE:
            if value in found[cell]:
                continue
            for counts in _candidates(table, cell, value, tries):
                if _told(counts, table.names, told, replicates) == target:
                    for each in cells:
                        if counts[each] in RANGE:
                            found[each].add(int(counts[each]))
                    break
    return found


def of_two_lists(only_first: int, only_second: int, both: int) -> dict[str, telling.Plain]:
    """The figures of two lists that a publication is made of, the answer by Chapman as in the program."""
    return {
        "estimate": independence.chapman(only_first + both, only_second + both, both).estimate,
        "seen": only_first + only_second + both,
        "lists": ["A", "B"],
        "method": "independence",
        "interval": {},
        "overlaps": {"on_this_list_only": {"A": only_first, "B": only_second}},
    }


def left_of_two_lists(told: Callable[[Mapping[str, telling.Plain]], Hashable], most: int) -> Iterator[int]:
    """For each small count of each table of two lists and so many people at most, how many values from 0 to 10 it has
    in the tables that are told the same. Every table is looked at."""
    possible: dict[Hashable, tuple[set[int], ...]] = collections.defaultdict(lambda: (set(), set(), set()))
    by_table = {}
    for counts in itertools.product(range(most + 1), repeat=3):
        if not counts[2] or not publishing.FEW <= sum(counts) <= most:
            continue
        by_table[counts] = told(of_two_lists(*counts))
        for cell, count in zip(possible[by_table[counts]], counts, strict=True):
            if count in RANGE:
                cell.add(count)
    for counts, same in by_table.items():
        yield from (len(cell) for cell, count in zip(possible[same], counts, strict=True) if count in RANGE)


def _candidates(table: tables.Table, cell: int, value: int, tries: int) -> Iterator[fitting.Floats]:
    """Tables with this many people in this history: the true one else, then ever further from it."""
    dice = np.random.default_rng([cell, value])
    for tried in range(tries):
        noise = dice.normal(size=len(table.counts)) * (table.counts**0.5 + 1.0) * 0.2 * tried**0.5
        counts = np.maximum(np.rint(table.counts + noise), 0.0)
        counts[0], counts[cell] = 0.0, value
        yield counts


def _told(counts: fitting.Floats, names: tuple[str, ...], told: Told, replicates: int) -> str | None:
    try:
        people = {history: int(count) for history, count in enumerate(counts) if count and history}
        table = tables.of_histories(names, people)
        return told(running.run(table, estimating.Settings(), replicates=replicates, seed=running.SEED))
    except (estimating.CannotEstimate, existence.NoMaximum, tables.TableError):
        return None
