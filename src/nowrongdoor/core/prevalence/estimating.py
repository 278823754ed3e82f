"""One table, one method, one estimate: what the commands and the checks are made of."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import special

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.prevalence import (
    exhaustive,
    existence,
    fitting,
    graphs,
    independence,
    models,
    near,
    stepwise,
    tables,
)

THRESHOLD = 0.02
TOP_MODELS = 100


class Method(enum.Enum):
    """How a model is chosen."""

    STEPWISE = "stepwise"
    BIC = "bic"
    DGA = "dga"
    INDEPENDENCE = "independence"


class CannotEstimate(ValueError):
    """This method has no answer for this table; the message says why and what can be done."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the user chose. `top`: with BIC, how many of the best models are tried again on each replicate."""

    method: Method = Method.STEPWISE
    threshold: float = THRESHOLD
    order: int = 2
    top: int = TOP_MODELS


@dataclasses.dataclass(frozen=True)
class Step:
    """A pair that was taken in: how many were on both lists, how many the model so far expected, and what followed."""

    pair: int
    seen: int
    expected: float
    p: float
    estimate: float


@dataclasses.dataclass(frozen=True)
class Fitted:
    """A model fitted to a table. Coefficients at minus infinity are in it as such."""

    table: tables.Table
    model: models.Model
    coefficients: Mapping[int, float]
    expected: fitting.Floats  # of each history; place 0 holds the unseen
    deviance: float
    df: int
    aic: float
    bic: float

    @property
    def unseen(self) -> float:
        return float(self.expected[0])

    @property
    def estimate(self) -> float:
        return self.table.people + self.unseen

    @property
    def p_of_fit(self) -> float:
        """How often a true model would fit worse, by the chi-square approximation; 1 where nothing is left over."""
        return float(special.chdtrc(self.df, self.deviance)) if self.df > 0 else 1.0

    @property
    def at_minus_infinity(self) -> tuple[int, ...]:
        return tuple(each for each in self.model if np.isneginf(self.coefficients[each]))


def fit(table: tables.Table, model: models.Model) -> Fitted:
    """Fit one model (Chan, Silverman and Vincent 2021, section 2; AIC and BIC count every term).
    existence.NoMaximum."""
    totals = table.on_all()
    if table.lists == 2 and 3 in model:
        raise existence.NoMaximum(_("Two lists cannot show whether they depend on each other."))
    verdict = existence.quick(totals, model, lists=table.lists)
    if not verdict.estimable:
        raise existence.NoMaximum(verdict.words)
    finite, cells = existence.split(totals, model, lists=table.lists)
    alive = np.zeros((len(table.counts), 1), dtype=np.bool_)
    alive[cells] = alive[0] = True
    column = finite[:, None]
    start = independence.begin(independence.fit(totals[:, None], lists=table.lists), finite)
    fits = fitting.fit(totals[:, None], column, alive, start, lists=table.lists)
    if not fits.converged[0]:
        fits = fitting.climb(totals[:, None], column, alive, lists=table.lists)
    coefficients = dict.fromkeys(model, float("-inf")) | {
        int(term): float(value) for term, value in zip(finite, fits.coefficients[:, 0], strict=True)
    }
    design = (np.arange(len(table.counts))[:, None] & finite) == finite
    expected = np.exp(design @ fits.coefficients[:, 0]) * alive[:, 0]
    # History by history, since little would be left of the difference of two large sums.
    counts, means = table.counts[cells], expected[cells]
    apart = special.xlogy(counts, counts / means) - (counts - means)
    saturated = special.xlogy(counts, counts) - counts - special.gammaln(counts + 1.0)
    deviance = max(2.0 * float(apart.sum()), 0.0)
    minus_two = deviance - 2.0 * float(saturated.sum())
    df = len(cells) - len(finite)
    return Fitted(
        table,
        model,
        coefficients,
        expected,
        deviance,
        df,
        minus_two + 2.0 * len(model),
        minus_two + len(model) * float(np.log(table.people)),
    )


def path(table: tables.Table, *, threshold: float) -> tuple[Step, ...]:
    """Return the steps of the forward choice (Chan, Silverman and Vincent 2021, section 3.2). A choice with a
    stricter threshold is the beginning of this one."""
    chosen = stepwise.select(table.counts[:, None], lists=table.lists, threshold=threshold)
    totals = table.on_all()
    steps: list[Step] = []
    for pair, p, after in zip(chosen.order[:, 0], chosen.p[:, 0], chosen.after[:, 0], strict=True):
        if pair < 0:
            break
        before = fit(table, models.with_terms(table.lists, (each.pair for each in steps)))
        histories = np.arange(1, len(table.counts))
        expected = float(before.expected[histories[(histories & pair) == pair]].sum())
        steps.append(Step(int(pair), int(totals[pair]), expected, float(p), float(after)))
    return tuple(steps)


def choose(table: tables.Table, settings: Settings) -> models.Model:
    """Choose a model by a method. CannotEstimate, exhaustive.TooManyModels, existence.NoMaximum."""
    check(table, settings)
    main = models.main_effects(table.lists)
    if settings.method is Method.INDEPENDENCE:
        return main
    if settings.method is Method.BIC:
        return exhaustive.rank(table.counts, lists=table.lists, order=settings.order).model(0)
    chosen = stepwise.select(table.counts[:, None], lists=table.lists, threshold=settings.threshold)
    return models.with_terms(table.lists, (int(each) for each in chosen.order[:, 0] if each >= 0))


def check(table: tables.Table, settings: Settings) -> None:
    """Refuse what cannot be estimated at all. CannotEstimate, existence.NoMaximum."""
    if table.lists == 2 and settings.method is not Method.INDEPENDENCE:
        raise CannotEstimate(
            _(
                "Two lists cannot show whether they depend on each other. If you know that being "
                "on one makes nobody more or less likely to be on the other, say so by the "
                "method independence; otherwise find a third list."
            )
        )
    if table.lists == 2 and not table.counts[3]:
        raise existence.NoMaximum(existence.why_not(table.on_all(), lists=2))
    main = existence.quick(table.on_all(), models.main_effects(table.lists), lists=table.lists)
    if not main.estimable and not (table.lists == 2 and settings.method is Method.INDEPENDENCE):
        raise existence.NoMaximum(existence.why_not(table.on_all(), lists=table.lists))


def estimates(
    counts: fitting.Floats, *, lists: int, settings: Settings, known: Sequence[models.Model] = ()
) -> fitting.Floats:
    """Repeat the whole estimate on each column of counts; infinite where there is no maximum. Two lists are
    taken for independent, with Chapman's correction.
    `known`: with BIC, the models to choose among (Silverman, Chan and Vincent 2024, section 3); none means all."""
    if settings.method is Method.STEPWISE:
        return stepwise.select(counts, lists=lists, threshold=settings.threshold).estimate
    if settings.method is Method.INDEPENDENCE or lists == 2:
        totals = fitting.on_all(counts, lists)
        if lists == 2:
            chapman = (totals[1] + 1.0) * (totals[2] + 1.0) / (totals[3] + 1.0) - 1.0
            return np.where(totals[3] > 0, chapman, np.inf)
        return independence.estimates(counts, lists=lists)
    if settings.method is Method.BIC and known:
        return near.best_of(counts, known, lists=lists)
    return np.array([_alone(counts[:, each], lists, settings) for each in range(counts.shape[1])])


def _alone(counts: fitting.Floats, lists: int, settings: Settings) -> float:
    table = tables.of_counts([str(each) for each in range(lists)], counts)
    try:
        if settings.method is Method.DGA:
            return graphs.average(table).quantile(0.5)
        return float(exhaustive.rank(table.counts, lists=lists, order=settings.order).estimate[0])
    except existence.NoMaximum:
        # A list that nobody is on leaves the others: as in stepwise choice, they are taken for independent.
        return float(independence.estimates(counts[:, None], lists=lists)[0])
