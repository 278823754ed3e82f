"""The table that everything starts from: how many people were seen with each history. A history is a set of lists."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.prevalence import fitting

MOST_LISTS = 15  # 32,767 histories; what a laptop holds in memory for a thousand replicates at once
MOST_PEOPLE = 2**53  # beyond it a count is no longer exact


class TableError(ValueError):
    """The table cannot be used; `problems` says why, a sentence each, and what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """Lists by name, and how many people were seen with each history. `counts` has 2^k places; place 0, the people on
    no list, is what is to be found out and holds zero."""

    names: tuple[str, ...]
    counts: fitting.Floats

    @property
    def lists(self) -> int:
        return len(self.names)

    @property
    def people(self) -> int:
        """How many were seen at all."""
        return round(float(self.counts.sum()))

    @property
    def histories(self) -> tuple[int, ...]:
        """The histories that somebody has: those on one list first, then in the order of the lists."""
        cells = (int(each) for each in np.flatnonzero(self.counts))
        return tuple(sorted(cells, key=lambda each: (each.bit_count(), _reading_order(each, self.lists))))

    @property
    def histories_by_name(self) -> tuple[int, ...]:
        """The histories that somebody has, in an order that hangs on the lists' names and not on their order: what is
        drawn along it is the same in whichever order a file has its columns."""
        by_name = sorted(range(self.lists), key=lambda each: self.names[each])
        cells = (int(each) for each in np.flatnonzero(self.counts))
        return tuple(sorted(cells, key=lambda each: sum(1 << at for at, old in enumerate(by_name) if each >> old & 1)))

    @property
    def digest(self) -> str:
        """Name the content, whatever the order of its rows: SHA-256 over names and nonzero histories."""
        lines = [",".join(self.names)]
        lines += [f"{int(each)},{round(float(self.counts[each]))}" for each in np.flatnonzero(self.counts)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def on_all(self) -> fitting.Floats:
        """Say how many are on all lists of each set, whatever else they are on."""
        totals: fitting.Floats = fitting.on_all(self.counts[:, None], self.lists)[:, 0]
        return totals

    def without(self, dropped: int) -> Table:
        """Leave a list out; those who were on no other are no longer seen."""
        return self.mapped([None if each == dropped else each for each in range(self.lists)])

    def merged(self, first: int, second: int) -> Table:
        """Take two lists for one."""
        return self.mapped([first if each == second else each for each in range(self.lists)])

    def mapped(self, onto: Sequence[int | None]) -> Table:
        """Send each list onto another, or to nowhere; names of those that meet are joined by a plus."""
        kept = sorted({each for each in onto if each is not None})
        names = ["+".join(self.names[old] for old in range(self.lists) if onto[old] == new) for new in kept]
        counts = np.zeros(1 << len(kept))
        for history in np.flatnonzero(self.counts):
            target = 0
            for old in range(self.lists):
                place = onto[old]
                if history >> old & 1 and place is not None:
                    target |= 1 << kept.index(place)
            counts[target] += self.counts[history]
        counts[0] = 0.0
        return of_counts(names, counts)

    def within(self, chosen: int) -> Table:
        """Take only the people of one list, by what the other lists know of them."""
        others = [each for each in range(self.lists) if each != chosen]
        counts = np.zeros(1 << len(others))
        for history in np.flatnonzero(self.counts):
            if history >> chosen & 1:
                counts[sum(1 << new for new, old in enumerate(others) if history >> old & 1)] += self.counts[history]
        counts[0] = 0.0
        return of_counts([self.names[each] for each in others], counts)


def of_counts(names: Sequence[str], counts: fitting.Floats) -> Table:
    """Make a table of counts that are known to be sound."""
    held = np.array(counts, dtype=np.float64)
    held[0] = 0.0
    held.flags.writeable = False
    return Table(tuple(names), held)


def of_histories(names: Sequence[str], people: Mapping[int, int]) -> Table:
    """Make a table and check it as a whole. TableError."""
    problems = list(wrong_names(names))
    if problems:
        raise TableError(problems)
    counts = np.zeros(1 << len(names))
    for history, count in people.items():
        counts[history] += count
    table = of_counts(names, counts)
    problems = list(_wrong_content(table))
    if problems:
        raise TableError(problems)
    return table


def wrong_names(names: Sequence[str]) -> list[str]:
    """Say what is wrong with the lists by their names alone."""
    problems = []
    if len(names) < 2:
        amount = _("is one list") if len(names) == 1 else _("are no lists")
        problems.append(
            _("There %(amount)s; at least two are needed, since only people on two lists show how many are on none.")
            % {"amount": amount}
        )
    if len(names) > MOST_LISTS:
        problems.append(
            _("There are %(count)s lists; up to %(most_lists)s can be used. Merge lists that work alike into one.")
            % {"count": len(names), "most_lists": MOST_LISTS}
        )
    for name in sorted({each for each in names if names.count(each) > 1}):
        problems.append(
            _("Two columns are named %(name)s. Give each list a name of its own, or delete the copy.")
            % {"name": f"{name!r}"}
        )
    if any(not each.strip() for each in names):
        problems.append(_("A column has no name. Give every list a name in the first row."))
    if any(not each.isprintable() for each in names):
        problems.append(_("The name of a list has a line break or another sign that cannot be shown. Take it out."))
    return problems


def _wrong_content(table: Table) -> list[str]:
    people = table.counts.sum()
    if not people:
        return [_("Nobody is in the table: every count is zero.")]
    if people > MOST_PEOPLE:
        return [_("There are more people in the table than on earth. Check the counts.")]
    totals = table.on_all()
    problems = []
    for each, name in enumerate(table.names):
        if totals[1 << each] == 0:
            problems.append(_("Nobody is on the list %(name)s. Delete its column.") % {"name": f"{name!r}"})
        elif totals[1 << each] == people:
            problems.append(
                _(
                    "Everybody is on the list %(name)s, so nothing shows whom it misses. Delete "
                    "its column, or add the people that only other lists know."
                )
                % {"name": f"{name!r}"}
            )
    for first in range(table.lists):
        for second in range(first + 1, table.lists):
            both = totals[1 << first | 1 << second]
            if both and both == totals[1 << first] == totals[1 << second] and both < people:
                problems.append(
                    _(
                        "The lists %(names)s and %(names_2)s contain the same people. If one is "
                        "a copy of the other, delete it."
                    )
                    % {"names": f"{table.names[first]!r}", "names_2": f"{table.names[second]!r}"}
                )
    return problems


def _reading_order(history: int, lists: int) -> tuple[int, ...]:
    return tuple(0 if history >> each & 1 else 1 for each in range(lists))
