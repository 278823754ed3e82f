"""Forward choice of pairs by Poisson p-values, as SparseMSE does it (Chan, Silverman and Vincent 2021, section 3.2).

Start from lists that know nothing of each other. For each pair outside the model compare how many are on both lists
with how many the model expects; take in the pair whose one-sided p-value is smallest, if it is below the threshold and
the larger model has a maximum; go on until none is left. All tables go through it together: those that reach a step
are fitted as one batch.

Where p-values tie to the last digits, R is decided by rounding. Here the tie is broken by what does not depend on the
order of the lists. Only p-values too small for a number, below 1e-308, go by SparseMSE's order of pairs, as in R.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import special

from nowrongdoor.core.prevalence import batches, fitting, models

TIE = 1e-9
SAME_SCORE = 1e-9
SKEW = 0.6180339887  # any number that makes no two sums of whole numbers alike by accident


@dataclasses.dataclass(frozen=True)
class Chosen:
    """What came of each table. `estimate`: seen and unseen, infinite where the likelihood has no maximum.
    `order`: which pair came in at each step, -1 for none; `p`: its p-value; `after`: the estimate then."""

    estimate: fitting.Floats
    order: fitting.Masks
    p: fitting.Floats
    after: fitting.Floats

    def share_with(self, pair: int) -> float:
        """Say in what share of the tables a pair was chosen."""
        return float((self.order == pair).any(axis=0).mean())


def select(counts: fitting.Floats, *, lists: int, threshold: float) -> Chosen:
    """Choose and fit a model for each column of counts (Chan, Silverman and Vincent 2021, section 3.2)."""
    columns = counts.shape[1]
    pairs = np.array(models.pairs(lists), dtype=np.int64)
    chosen = Chosen(
        np.empty(columns),
        np.full((len(pairs), columns), -1, dtype=np.int64),
        np.ones((len(pairs), columns)),
        np.full((len(pairs), columns), np.nan),
    )
    width = 4 * fitting.together(1 << lists)
    for left in range(0, columns, width):
        _select_some(counts[:, left : left + width], chosen, left, pairs, lists, threshold)
    return chosen


def _select_some(
    counts: fitting.Floats, chosen: Chosen, left: int, pairs: fitting.Masks, lists: int, threshold: float
) -> None:
    batch, begun = batches.start(fitting.on_all(counts, lists), pairs, lists=lists)
    own = np.arange(left, left + begun.unseen.size)
    chosen.estimate[own] = batch.totals[0] + begun.unseen
    own, batch = own[begun.converged], batch.keep(begun.converged)
    for step in range(len(pairs)):
        if not own.size:
            return
        own, batch = _one_more(own, batch, chosen, step, threshold)


def _one_more(
    own: fitting.Masks, batch: batches.Batch, chosen: Chosen, step: int, threshold: float
) -> tuple[fitting.Masks, batches.Batch]:
    """Gives each table its next pair, and keeps those that took one."""
    pairs = batch.candidates
    seen, awaited = batch.totals[pairs], batch.expected[pairs]
    barred = batch.within.copy()
    undecided = np.ones(own.size, dtype=np.bool_)
    took = np.zeros(own.size, dtype=np.bool_)
    batch.grow()
    while undecided.any():
        look = np.flatnonzero(undecided)
        best, p, tied = smallest(seen[:, look], awaited[:, look], barred[:, look], threshold)
        many = np.flatnonzero((tied.sum(axis=0) > 1) & (best >= 0) & (p > 0))
        if many.size:
            best[many] = _settle(batch, look[many], tied[:, many])
        undecided[look[best < 0]] = False
        look, best, p = look[best >= 0], best[best >= 0], p[best >= 0]
        if not look.size:
            break
        held = batch.extend(look, best)
        won = look[held]
        took[won] = True
        undecided[won] = False
        chosen.order[step, own[won]] = pairs[best[held]]
        chosen.p[step, own[won]] = p[held]
        barred[best[~held], look[~held]] = True
    own, batch = own[took], batch.keep(took)
    chosen.estimate[own] = chosen.after[step, own] = batch.totals[0] + np.exp(batch.beta[0])
    return own, batch


def smallest(
    seen: fitting.Floats, awaited: fitting.Floats, barred: fitting.Flags, threshold: float
) -> tuple[fitting.Masks, fitting.Floats, fitting.Flags]:
    """Find the pair with the smallest one-sided Poisson p-value below the threshold in each column, -1 for
    none, that p-value, and which pairs share it. Exact tails are taken only where a bound by the ratio of their terms
    leaves doubt (Klar 2000, Bounds on tail probabilities of discrete distributions)."""
    with np.errstate(all="ignore"):
        log_term = special.xlogy(seen, awaited) - awaited - special.gammaln(seen + 1.0)
        ratio = np.where(seen > awaited, awaited / (seen + 1.0), seen / awaited)
        at_least = np.where(barred, np.inf, log_term)
        at_most = np.where(barred, np.inf, log_term - np.log1p(-np.minimum(ratio, 1.0)))
    limit = np.minimum(at_most.min(axis=0), np.log(threshold)) + 1e-6
    rows, columns = np.nonzero(at_least <= np.where(np.isneginf(limit), -700.0, np.maximum(limit, -740.0)))
    p = np.ones_like(seen)
    if rows.size:
        n, mean = seen[rows, columns], awaited[rows, columns]
        upper = np.where(n > 0, special.pdtrc(np.maximum(n - 1.0, 0.0), mean), 1.0)
        p[rows, columns] = np.minimum(special.pdtr(n, mean), upper)
    least = p.min(axis=0)
    tied = p <= least * (1.0 + TIE)
    return np.where(least < threshold, tied.argmax(axis=0), -1), least, tied


def _settle(batch: batches.Batch, columns: fitting.Masks, tied: fitting.Flags) -> fitting.Masks:
    """Among pairs with the same p-value, the one that stands out by what it and its neighbours count and expect: a sum
    over the other lists, the same however lists are named and ordered."""
    scores = np.full(tied.shape, -np.inf)
    for row, pair in enumerate(batch.candidates):
        own = columns[tied[row]]
        if not own.size:
            continue
        score = np.zeros(own.size)
        first, second = (1 << each for each in models.members(int(pair)))
        for other in (1 << each for each in range(batch.lists) if not int(pair) >> each & 1):
            one, two, three = (
                batch.totals[each, own] + SKEW * batch.expected[each, own]
                for each in (first | other, second | other, int(pair) | other)
            )
            score += np.log1p(one) * np.log1p(two) + SKEW * np.log1p(one + two) + np.sqrt(1.0 + three)
        scores[row, tied[row]] = score
    return np.asarray((scores >= scores.max(axis=0) * (1.0 - SAME_SCORE)).argmax(axis=0))
