"""Every hierarchical model, ranked by the Bayesian information criterion, as MultipleSystemsEstimation does it
(Silverman 2020, section 3; Silverman, Chan and Vincent 2024, section 2).

Models are fitted level by level, each from the one with its last term left out: a step away from its own maximum.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import special

from nowrongdoor.core.prevalence import batches, existence, fitting, models

MOST_LISTS = {2: 6, 3: 5}  # 2^21 pair models of seven lists, and 3.7 million of order 3 with six, are out of reach


class TooManyModels(ValueError):
    """There are more models than can be looked at one by one."""


@dataclasses.dataclass(frozen=True)
class Ranking:
    """Every model that has one maximum, smallest BIC first, and those that have none.

    `codes`: bit i says that candidate i is in the model. BIC counts every term, those at minus infinity included, and
    takes the number of people seen as the sample size."""

    lists: int
    candidates: tuple[int, ...]
    codes: fitting.Masks
    estimate: fitting.Floats
    bic: fitting.Floats
    deviance: fitting.Floats
    without_maximum: fitting.Masks

    def model(self, rank: int) -> models.Model:
        """This will give the model at a rank, 0 the best."""
        return decode(int(self.codes[rank]), self.candidates, lists=self.lists)

    def near(self, units: float) -> fitting.Masks:
        """This will give the ranks of the models within so many units of the best."""
        return np.flatnonzero(self.bic <= self.bic[0] + units) if self.bic.size else np.zeros(0, dtype=np.int64)


@dataclasses.dataclass(frozen=True)
class Offset:
    """What to add to -2 log likelihood without factorials, for the whole of it and for the deviance."""

    likelihood: float
    saturated: float


def offset(counts: fitting.Floats) -> Offset:
    """This will give what all models of a table have in common (McCullagh and Nelder 1989, section 2.3)."""
    return Offset(
        2.0 * float(special.gammaln(counts + 1.0).sum()),
        2.0 * float(special.xlogy(counts, counts).sum() - counts.sum()),
    )


def decode(code: int, candidates: tuple[int, ...], *, lists: int) -> models.Model:
    """This will turn a code into the model it stands for."""
    return models.with_terms(lists, (term for each, term in enumerate(candidates) if code >> each & 1))


def candidates_of(lists: int, order: int) -> tuple[int, ...]:
    """This will give the terms beyond single lists, up to so many lists at once. TooManyModels, ValueError."""
    if order not in MOST_LISTS:
        raise ValueError("The order is 2 (pairs) or 3 (pairs and triples).")
    if lists > MOST_LISTS[order]:
        raise TooManyModels(
            f"With {lists} lists there are too many models of order {order} to fit every one: up to "
            f"{MOST_LISTS[order]} lists can be done. Use the method stepwise, or merge lists that work alike."
        )
    # The highest of all would use up what there is to see: with it the unseen could be any number.
    return (models.pairs(lists) if lists > 2 else ()) + (models.triples(lists) if order == 3 and lists > 3 else ())


def rank(counts: fitting.Floats, *, lists: int, order: int = 2) -> Ranking:
    """This will fit every hierarchical model to one table of 2^k counts (Silverman, Chan and Vincent 2024, section 2).
    existence.NoMaximum when not even independent lists have one; TooManyModels."""
    candidates = candidates_of(lists, order)
    totals = fitting.on_all(counts[:, None], lists)
    level, begun = batches.start(totals, np.array(candidates, dtype=np.int64), lists=lists)
    if not begun.converged[0]:
        raise existence.NoMaximum(existence.why_not(totals[:, 0], lists=lists))
    proofs: list[existence.Proof] = []
    level.proofs = proofs
    codes = np.zeros(1, dtype=np.int64)
    alive = np.ones(1, dtype=np.bool_)
    empty = totals[list(candidates), 0] == 0
    without = np.zeros(1 << len(candidates), dtype=np.bool_)
    found, lost = [_measured(codes, level)], []
    while codes.size:
        parents, which = _children(codes, candidates)
        if not parents.size:
            break
        codes, level, inherited = codes[parents] | (1 << which), level.keep(parents), alive[parents]
        # What has no maximum gains none by a further coefficient; only one that rules histories out can change that
        # (Chan, Silverman and Vincent 2021, section 2.7). So the linear program is asked about few models.
        hopeless = _disproved(codes, candidates, empty, proofs, lists)
        for each in np.flatnonzero(~empty):
            hopeless |= (codes >> each & 1 == 1) & without[codes & ~(1 << each)]
        ask = (inherited | level.rules_out(which)) & ~hopeless
        held = np.zeros(codes.size, dtype=np.bool_)
        level.grow()
        _begin_anew(level, ask & ~inherited, begun)
        held[ask] = level.extend(np.flatnonzero(ask), which[ask])
        failed = np.flatnonzero(~held)
        level.note(failed, which[failed])
        alive = held
        without[codes[~held]] = True
        found.append(_measured(codes[held], level.keep(held)))
        lost.append(codes[~held])
    return _ranking(counts, found, lost, candidates, lists)


def _children(codes: fitting.Masks, candidates: tuple[int, ...]) -> tuple[fitting.Masks, fitting.Masks]:
    """Each model once: its parent lacks its last term. Triples come after pairs, so parents are hierarchical too."""
    parents, which = [], []
    bit_of = {term: each for each, term in enumerate(candidates)}
    for each, term in enumerate(candidates):
        needs = 0
        for part in bit_of:
            if part != term and part & term == part:
                needs |= 1 << bit_of[part]
        fit = np.flatnonzero((codes >> each == 0) & (codes & needs == needs))
        parents.append(fit)
        which.append(np.full(fit.size, each))
    return np.concatenate(parents), np.concatenate(which)


def _disproved(
    codes: fitting.Masks,
    candidates: tuple[int, ...],
    empty: fitting.Flags,
    proofs: list[existence.Proof],
    lists: int,
) -> fitting.Flags:
    """Which models have no maximum for a reason found with another: they have its terms, and no history rises."""
    gone = np.zeros(codes.size, dtype=np.bool_)
    if not proofs:
        return gone
    ruling = [each for each, nobody in enumerate(empty) if nobody]
    kinds, kind = np.unique(codes & sum(1 << each for each in ruling), return_inverse=True)
    histories = np.arange(1 << lists)
    possible = np.repeat(histories[None, :] > 0, kinds.size, axis=0)
    for each in ruling:
        possible[kinds >> each & 1 == 1] &= (histories & candidates[each]) != candidates[each]
    for proof in proofs:
        needs = sum(1 << each for each, term in enumerate(candidates) if term in proof.terms)
        rises: fitting.Flags = np.any(possible & (proof.heights > existence.STILL), axis=1)
        gone |= (codes & needs == needs) & ~rises[kind]
    return gone


def _begin_anew(level: batches.Batch, columns: fitting.Flags, begun: fitting.Fits) -> None:
    """Their parents have no maximum to start from."""
    if columns.any():
        level.beta[:, columns] = 0.0
        level.beta[: level.lists + 1, columns] = begun.coefficients
        level.expected[:, columns] = begun.expected


_Measured = tuple[fitting.Masks, fitting.Floats, fitting.Floats]


def _measured(codes: fitting.Masks, level: batches.Batch) -> _Measured:
    return codes, np.exp(level.beta[0]), level.log_likelihood()


def _ranking(
    counts: fitting.Floats,
    found: list[_Measured],
    lost: list[fitting.Masks],
    candidates: tuple[int, ...],
    lists: int,
) -> Ranking:
    codes, unseen, height = (np.concatenate(each) for each in zip(*found, strict=True))
    n = counts.sum()
    constant = offset(counts)
    bic = constant.likelihood - 2.0 * height + (1 + lists + np.bitwise_count(codes)) * np.log(n)
    deviance = constant.saturated - 2.0 * height
    ranked = np.lexsort((codes, np.round(bic, 9)))
    gone = np.concatenate(lost) if lost else np.zeros(0, dtype=np.int64)
    return Ranking(
        lists, candidates, codes[ranked], n + unseen[ranked], bic[ranked], np.maximum(deviance[ranked], 0.0), gone
    )
