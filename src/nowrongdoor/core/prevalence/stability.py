"""How the answer moves when the data are a little different: a list less, two lists taken for one, another threshold, a
person more or less, records linked wrongly. Every change repeats the whole choice of a model."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from nowrongdoor.core.language import gettext
from nowrongdoor.core.prevalence import estimating, fitting, models, resampling, tables

THRESHOLDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
LINK_SHARES = (0.01, 0.05, 0.1)
DRAWS = 40
MOST_HISTORIES = 300


@dataclasses.dataclass(frozen=True)
class Changed:
    """The answer to a changed table; infinite where it has none. `words` says what was changed."""

    words: str
    people: int
    estimate: float


@dataclasses.dataclass(frozen=True)
class Guess:
    """How many people a list has, and how many the other lists would make one believe."""

    name: str
    known: int
    guessed: float

    @property
    def ratio(self) -> float:
        return self.guessed / self.known


@dataclasses.dataclass(frozen=True)
class Links:
    """The answer if this share of the people on two or more lists were linked wrongly: middle, and where 80 of 100
    random draws lie. `missed`: links that were overlooked; otherwise links of people who are not the same."""

    missed: bool
    share: float
    middle: float
    low: float
    high: float


Repeat = Callable[[fitting.Floats, int], fitting.Floats]


def repeating(settings: estimating.Settings, known: Sequence[models.Model] = ()) -> Repeat:
    """Return the whole estimate as a function of counts and of the number of lists; `known` are models of the
    table itself, and serve only tables of as many lists."""
    lists_known = max((each.bit_length() for model in known for each in model), default=0)

    def repeat(counts: fitting.Floats, lists: int) -> fitting.Floats:
        usable = known if lists == lists_known else ()
        return estimating.estimates(counts, lists=lists, settings=settings, known=usable)

    return repeat


def without_each(table: tables.Table, repeat: Repeat) -> tuple[Changed, ...]:
    """Leave out each list in turn."""
    changed = [(f"without {table.names[each]}", table.without(each)) for each in range(table.lists)]
    return _answers(changed, repeat)


def merging_each(table: tables.Table, repeat: Repeat) -> tuple[Changed, ...]:
    """Take each two lists for one."""
    both = itertools.combinations(range(table.lists), 2)
    changed = [
        (
            gettext("%(names)s and %(names_2)s as one") % {"names": table.names[a], "names_2": table.names[b]},
            table.merged(a, b),
        )
        for a, b in both
    ]
    return _answers(changed, repeat)


def _answers(changed: Sequence[tuple[str, tables.Table]], repeat: Repeat) -> tuple[Changed, ...]:
    if not changed or changed[0][1].lists < 2:
        return ()
    counts = np.stack([each.counts for _, each in changed], axis=1)
    estimates = repeat(counts, changed[0][1].lists)
    return tuple(
        Changed(words, each.people, float(estimate)) for (words, each), estimate in zip(changed, estimates, strict=True)
    )


def by_threshold(table: tables.Table) -> tuple[tuple[float, float], ...]:
    """Return the stepwise answer at thresholds from 0.001 to 0.5 (Chan, Silverman and Vincent 2021, section 4):
    the path at a stricter threshold is the beginning of the path at a looser one."""
    steps = estimating.path(table, threshold=max(THRESHOLDS))
    main = estimating.fit(table, models.main_effects(table.lists)).estimate
    changes = []
    for threshold in THRESHOLDS:
        over = [step.p >= threshold for step in steps]
        taken = over.index(True) if True in over else len(steps)
        changes.append((threshold, steps[taken - 1].estimate if taken else main))
    return tuple(changes)


def guessing_each(table: tables.Table, repeat: Repeat) -> tuple[Guess, ...]:
    """Hide from each list whom only it knows, and estimate its size from what the others know of its people
    (Hook and Regal 1995, section on internal consistency)."""
    changes = []
    for each in range(table.lists):
        known = int(table.on_all()[1 << each])
        inside = table.within(each)
        guessed = float("inf")
        if inside.lists >= 2 and inside.people:
            guessed = float(repeat(inside.counts[:, None], inside.lists)[0])
        changes.append(Guess(table.names[each], known, guessed))
    return tuple(changes)


def by_one_person(table: tables.Table, repeat: Repeat) -> tuple[Changed, ...]:
    """Put one person more into each history, and take one out, and link or unlink one person: largest change
    first (Cook 1986 on local influence)."""
    changes: list[tuple[str, dict[int, int]]] = []
    for each in _tried(table)[:MOST_HISTORIES]:
        changes.append((gettext("one more on %(words)s") % {"words": _words(each, table)}, {each: 1}))
        if table.counts[each]:
            changes.append((gettext("one less on %(words)s") % {"words": _words(each, table)}, {each: -1}))
        for part in _splits(each):
            if table.counts[each]:
                words = gettext("one on %(words)s is two people") % {"words": _words(each, table)}
                changes.append((words, {each: -1, part: 1, each & ~part: 1}))
            if table.counts[part] and table.counts[each & ~part]:
                words = gettext("one on %(words)s and one on %(words_2)s are the same") % {
                    "words": _words(part, table),
                    "words_2": _words(each & ~part, table),
                }
                changes.append((words, {each: 1, part: -1, each & ~part: -1}))
    before = float(repeat(table.counts[:, None], table.lists)[0])
    outcomes, width = [], resampling.at_once(table.lists)
    for begun in range(0, len(changes), width):
        some = changes[begun : begun + width]
        counts = np.repeat(table.counts[:, None], len(some), axis=1)
        for column, (_, change) in enumerate(some):
            for history, by in change.items():
                counts[history, column] += by
        outcomes += [
            Changed(words, table.people + sum(change.values()), float(estimate))
            for (words, change), estimate in zip(some, repeat(counts, table.lists), strict=True)
        ]
    return tuple(sorted(outcomes, key=lambda each: (-_apart(each.estimate, before), each.words)))


def histories_tried(table: tables.Table) -> tuple[int, int]:
    """Say to how many histories one person more or less is tried, and of how many."""
    every = len(_tried(table))
    return min(every, MOST_HISTORIES), every


def _tried(table: tables.Table) -> list[int]:
    """What somebody has, and what could link two lists; few lists first, then few people, where one person counts."""
    histories = (each for each in range(1, 1 << table.lists) if table.counts[each] or each.bit_count() <= 2)
    return sorted(histories, key=lambda each: (each.bit_count(), table.counts[each]))


def _apart(estimate: float, before: float) -> float:
    """How far two answers lie apart on the log scale; two that have no end do not."""
    if estimate == before:
        return 0.0
    return abs(math.log(estimate / before)) if 0.0 < estimate < math.inf and 0.0 < before < math.inf else math.inf


def by_links(table: tables.Table, repeat: Repeat, dice: np.random.Generator) -> tuple[Links, ...]:
    """Draw tables in which a share of the links is wrong (Zult, de Wolf, Bakker and van der Heijden 2021 on
    linkage errors in multiple systems)."""
    changes = []
    for missed, share in itertools.product((True, False), LINK_SHARES):
        counts = _relinked(table, share, dice, missed=missed)
        low, middle, high = np.quantile(repeat(counts, table.lists), [0.1, 0.5, 0.9], method="nearest")
        changes.append(Links(missed, share, float(middle), float(low), float(high)))
    return tuple(changes)


def _relinked(table: tables.Table, share: float, dice: np.random.Generator, *, missed: bool) -> fitting.Floats:
    """Draws this share of the people on two or more lists, a column for each draw, and takes one list off them, each
    as likely: a link that was false; or takes others of both kinds for one, a link that was missed."""
    counts = np.repeat(table.counts[:, None], DRAWS, axis=1)
    for each in (each for each in table.histories_by_name if each.bit_count() > 1):
        parts = _splits(each)
        wrong = dice.binomial(int(table.counts[each]), share, DRAWS)
        for part, moved in zip(parts, dice.multinomial(wrong, [1.0 / len(parts)] * len(parts)).T, strict=True):
            rest = each & ~part
            joined = np.minimum(moved, np.minimum(counts[part], counts[rest])) if missed else -moved
            counts[each] += joined
            counts[part] -= joined
            counts[rest] -= joined
    return counts


def _splits(history: int) -> list[int]:
    """The ways to take one list off a history; of two lists only one, since the other is the same."""
    singles = [1 << each for each in models.members(history)]
    return [] if len(singles) < 2 else singles[:1] if len(singles) == 2 else singles


def _words(history: int, table: tables.Table) -> str:
    names = [table.names[each] for each in models.members(history)]
    return f"{names[0]} alone" if len(names) == 1 else " and ".join(names)
