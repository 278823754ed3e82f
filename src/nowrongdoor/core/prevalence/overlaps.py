"""Who is on which lists together: what every estimate of the unseen is made of."""

from __future__ import annotations

import dataclasses
import itertools

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.prevalence import existence, models, tables


@dataclasses.dataclass(frozen=True)
class Overlaps:
    """`both`: how many are on each pair of lists; `triangles`: threes of lists that overlap pairwise. Without one the
    model of all pairs cannot be told from others (Chan, Silverman and Vincent 2021, section 3.1)."""

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    only: tuple[int, ...]
    both: tuple[tuple[int, ...], ...]
    empty_pairs: tuple[int, ...]
    triangles: int


@dataclasses.dataclass(frozen=True)
class Verdicts:
    """On independent lists, on each single pair beside them, and on all pairs at once."""

    main_effects: existence.Verdict
    single_pairs: dict[int, existence.Verdict]
    all_pairs: existence.Verdict


@dataclasses.dataclass(frozen=True)
class Inside:
    """A list whose people are all, or nearly all, on another list. `both`: how many of its `size` are."""

    name: str
    other: str
    both: int
    size: int

    @property
    def words(self) -> str:
        """Return what was found and what to do."""
        held = (
            "Everyone"
            if self.both == self.size
            else (_("%(both)s of the %(size)s people") % {"both": f"{self.both:,}", "size": f"{self.size:,}"})
        )
        return (
            (
                _(
                    "%(held)s on the list %(name)s is also on the list %(other)s. A list inside "
                    "another is not a second look at the same people. Merge the two, or find out why "
                    "one feeds the other, before you use an estimate."
                )
                % {"held": held, "name": self.name, "other": self.other}
            )
            if self.both == self.size
            else (
                _(
                    "%(held)s on the list %(name)s are also on the list %(other)s. A list "
                    "inside another is not a second look at the same people. Find out whether "
                    "one feeds the other; if it does, merge the two."
                )
                % {"held": held, "name": self.name, "other": self.other}
            )
        )


def inside(table: tables.Table, *, share: float) -> tuple[Inside, ...]:
    """Return the lists of which at least this share of the people is on another list that is larger."""
    totals = table.on_all()
    pairs = []
    for one, other in itertools.permutations(range(table.lists), 2):
        both, size, larger = totals[1 << one | 1 << other], totals[1 << one], totals[1 << other]
        if size < larger and both >= share * size:
            pairs.append(Inside(table.names[one], table.names[other], int(both), int(size)))
    return tuple(pairs)


def overlaps(table: tables.Table) -> Overlaps:
    """Count who is on which lists together (Chan, Silverman and Vincent 2021, section 3.1)."""
    totals = table.on_all()
    lists = range(table.lists)
    both = tuple(tuple(int(totals[1 << a | 1 << b]) for b in lists) for a in lists)
    triangles = sum(1 for a, b, c in itertools.combinations(lists, 3) if both[a][b] and both[a][c] and both[b][c])
    empty = tuple(each for each in models.pairs(table.lists) if totals[each] == 0)
    only = tuple(int(table.counts[1 << each]) for each in lists)
    return Overlaps(table.names, tuple(both[each][each] for each in lists), only, both, empty, triangles)


def verdicts(table: tables.Table) -> Verdicts:
    """Say which models have one maximum (Fienberg and Rinaldo 2012): a converged fit shows that there is one,
    the linear program decides the rest."""
    totals, lists = table.on_all(), table.lists
    main = models.main_effects(lists)
    pairs = models.pairs(lists)
    return Verdicts(
        existence.quick(totals, main, lists=lists),
        {each: existence.quick(totals, models.with_terms(lists, [each]), lists=lists) for each in pairs},
        existence.quick(totals, models.with_terms(lists, pairs), lists=lists),
    )
