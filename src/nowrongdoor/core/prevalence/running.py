"""Everything at once: the estimate, its intervals, the checks, and whether one number may be given."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from nowrongdoor.core.language import gettext
from nowrongdoor.core.prevalence import (
    estimating,
    exhaustive,
    existence,
    fitting,
    goodness,
    graphs,
    independence,
    intervals,
    models,
    near,
    overlaps,
    reading,
    refusing,
    resampling,
    stability,
    stepwise,
    tables,
)

REPLICATES = 20_000  # at 1,000 the United Kingdom's upper limit wanders by 2,000 people
REPLICATES_BY_BIC = 1_000  # each is fitted with the hundred best models
SEED = 1234
NEARLY_INSIDE = 0.95
FEW_OVERLAPS = 5
NEAR_INFINITE = 0.05
Progress = Callable[[int, int], None]


@dataclasses.dataclass(frozen=True)
class Checks:
    """What is looked at before a number is believed. `close` and `with_triples` are None where no model is chosen or
    there are too many; `left_out` says so. `fit`: of the chosen model, with dga of the heaviest graph; None for two
    lists. `fitting`: where that model is rejected, the models near the best that do fit. `inside`: lists within
    others."""

    overlap: overlaps.Overlaps
    verdicts: overlaps.Verdicts
    thresholds: tuple[tuple[float, float], ...]
    fit: goodness.Goodness | None
    fitting: near.Near | None
    inside: tuple[overlaps.Inside, ...]
    close: near.Near | None
    with_triples: near.Near | None
    dropped: tuple[stability.Changed, ...]
    merged: tuple[stability.Changed, ...]
    guesses: tuple[stability.Guess, ...]
    one_person: tuple[stability.Changed, ...]
    links: tuple[stability.Links, ...]
    left_out: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Resampled:
    """What the bootstrap showed."""

    replicates: int
    seed: int
    bca: tuple[resampling.Limit, ...]
    percentile: tuple[resampling.Limit, ...]
    jackknife: resampling.Jackknife
    median: float
    share_infinite: float
    pair_shares: dict[int, float]
    histogram: tuple[tuple[float, int], ...]


@dataclasses.dataclass(frozen=True)
class Answer:
    """One estimate with its intervals. `fitted` is None with dga, which averages, `posterior` with all else.
    `two_lists`: Chapman and Lincoln-Petersen, for two lists. `known`: with BIC, what replicates choose from."""

    estimate: float
    fitted: estimating.Fitted | None = None
    posterior: graphs.Posterior | None = None
    two_lists: tuple[independence.TwoLists, independence.TwoLists] | None = None
    path: tuple[estimating.Step, ...] = ()
    wald: tuple[intervals.Interval, ...] = ()
    profile: tuple[intervals.Interval, ...] = ()
    credible: tuple[intervals.Interval, ...] = ()
    resampled: Resampled | None = None
    known: tuple[models.Model, ...] = ()


@dataclasses.dataclass(frozen=True)
class Run:
    """An answer, what was looked at before it is believed, and whether one number may be given. `source`: what was
    read, and how; None where the table did not come from a file."""

    table: tables.Table
    settings: estimating.Settings
    answer: Answer
    checks: Checks
    refusal: refusing.Refusal | None
    warnings: tuple[str, ...]
    source: reading.Source | None = None

    @property
    def is_refused(self) -> bool:
        """Whether no single number may be shown."""
        return self.refusal is not None and not self.refusal.overridden_by


def replicates_for(method: estimating.Method) -> int:
    """Say how many replicates are drawn where nobody says how many."""
    return REPLICATES_BY_BIC if method is estimating.Method.BIC else REPLICATES


def run(
    table: tables.Table,
    settings: estimating.Settings,
    *,
    replicates: int,
    seed: int,
    overridden_by: str = "",
    source: reading.Source | None = None,
    on_progress: Progress | None = None,
) -> Run:
    """Estimate, check and decide.
    estimating.CannotEstimate, exhaustive.TooManyModels, existence.NoMaximum."""
    result = answer(table, settings, replicates=replicates, seed=seed, on_progress=on_progress)
    checks = look(table, settings, result, seed=seed)
    return conclude(table, settings, result, checks, overridden_by=overridden_by, source=source)


def answer(
    table: tables.Table,
    settings: estimating.Settings,
    *,
    replicates: int,
    seed: int,
    on_progress: Progress | None = None,
) -> Answer:
    """Choose, fit, and say how far the answer moves when the data are drawn again.
    estimating.CannotEstimate, exhaustive.TooManyModels, existence.NoMaximum."""
    estimating.check(table, settings)
    known = _known(table, settings)
    if settings.method is estimating.Method.DGA:
        posterior = graphs.average(table)
        credible = tuple(_credible(posterior, each) for each in resampling.LEVELS)
        return Answer(posterior.quantile(0.5), posterior=posterior, credible=credible)
    if table.lists == 2:
        first, second, both = (int(each) for each in table.on_all()[[1, 2, 3]])
        two = independence.chapman(first, second, both), independence.lincoln_petersen(first, second, both)
        wald = tuple(intervals.two_lists(table.people, two[0], each) for each in resampling.LEVELS)
        result = Answer(two[0].estimate, two_lists=two, wald=wald)
    else:
        fitted = estimating.fit(table, known[0] if known else estimating.choose(table, settings))
        is_stepwise = settings.method is estimating.Method.STEPWISE
        result = Answer(
            fitted.estimate,
            fitted=fitted,
            path=estimating.path(table, threshold=settings.threshold) if is_stepwise else (),
            wald=intervals.wald(fitted, *resampling.LEVELS),
            profile=tuple(intervals.profile(fitted, each) for each in resampling.LEVELS),
            known=known,
        )
    if not replicates:
        return result
    again = resample(table, settings, result.estimate, known, replicates=replicates, seed=seed, on_progress=on_progress)
    return dataclasses.replace(result, resampled=again)


def conclude(
    table: tables.Table,
    settings: estimating.Settings,
    result: Answer,
    checks: Checks,
    *,
    overridden_by: str = "",
    source: reading.Source | None = None,
) -> Run:
    """Decide whether one number may be given, and say what to take care of."""
    refusal = refusing.decide(
        result.estimate,
        checks.close,
        checks.dropped,
        checks.merged,
        seen=table.people,
        fit=checks.fit,
        fitting=checks.fitting,
        interval=_interval(result),
        overridden_by=overridden_by,
    )
    return Run(table, settings, result, checks, refusal, tuple(warnings_of(table, result, checks)), source)


def _interval(result: Answer) -> tuple[float, float] | None:
    """The 95 percent interval that leaves out least; None where there is none."""
    ends = [(each.low, each.high) for each in (result.resampled.bca[:1] if result.resampled else ())]
    ends += [(each.low, each.high) for each in (*result.profile[:1], *result.wald[:1])]
    return next((each for each in ends if not np.isnan(each).any()), None)


def look(table: tables.Table, settings: estimating.Settings, result: Answer, *, seed: int = SEED) -> Checks:
    """Do every check that needs no bootstrap of the choice: under a second for six lists."""
    repeat = stability.repeating(settings, result.known)
    left_out: list[str] = []
    close = triples = None
    if table.lists > 2:
        close = near.look(table, order=settings.order)
        if not close.every:
            left_out.append(
                gettext("Models near the best were searched for, not counted out: %(tried)s were tried.")
                % {"tried": f"{close.tried:,}"}
            )
        if settings.order == 2 and 3 < table.lists <= exhaustive.MOST_LISTS[3]:
            triples = near.look(table, order=3)
    else:
        left_out.append(gettext("With two lists nothing can be left out or compared: all rests on their independence."))
    if table.lists == 3:
        left_out.append(
            gettext(
                "With one of three lists left out, or two taken for one, the two that remain are "
                "taken for independent (Chapman 1951): they cannot show whether they are."
            )
        )
    fit, fits = _fit(table, result, (close, triples), seed)
    tried, every = stability.histories_tried(table)
    if tried < every:
        left_out.append(
            gettext("One person more or less was tried with %(tried)s of %(every)s histories.")
            % {"tried": f"{tried:,}", "every": f"{every:,}"}
        )
    slow = settings.method is estimating.Method.DGA and table.lists > 4
    if slow:
        left_out.append(
            gettext("With dga on five lists or more, one person more or less and wrong links are not tried.")
        )
    return Checks(
        overlaps.overlaps(table),
        overlaps.verdicts(table),
        stability.by_threshold(table) if table.lists > 2 else (),
        fit,
        fits,
        overlaps.inside(table, share=NEARLY_INSIDE),
        close,
        triples,
        stability.without_each(table, repeat) if table.lists > 2 else (),
        stability.merging_each(table, repeat) if table.lists > 2 else (),
        stability.guessing_each(table, repeat) if table.lists > 2 else (),
        () if slow else stability.by_one_person(table, repeat),
        () if slow else stability.by_links(table, repeat, np.random.default_rng(seed)),
        tuple(left_out),
    )


def _fit(
    table: tables.Table, result: Answer, nearest: Sequence[near.Near | None], seed: int
) -> tuple[goodness.Goodness | None, near.Near | None]:
    """Whether the chosen model fits and, where it does not, the first models near the best whose best does."""
    dice = np.random.default_rng([seed, 2])  # of its own: the replicates of the bootstrap stay what they were
    chosen = result.fitted
    if result.posterior:
        with contextlib.suppress(existence.NoMaximum):
            chosen = estimating.fit(table, graphs.heaviest(result.posterior, lists=table.lists))
    fit = goodness.test(chosen, dice) if chosen else None
    if fit and fit.is_rejected:
        for each in nearest:
            if each and not goodness.test(estimating.fit(table, each.models[0].model), dice).is_rejected:
                return fit, each
    return fit, None


def resample(
    table: tables.Table,
    settings: estimating.Settings,
    estimate: float,
    known: Sequence[models.Model],
    *,
    replicates: int,
    seed: int,
    on_progress: Progress | None = None,
) -> Resampled:
    """Bootstrap the whole choice and give BCa limits (Chan, Silverman and Vincent 2021, section 3.3)."""
    dice = np.random.default_rng(seed)
    pairs = models.pairs(table.lists)
    chosen = np.zeros(len(pairs))
    parts = []
    for counts in resampling.draws(table, replicates, dice):
        if settings.method is estimating.Method.STEPWISE:
            part = stepwise.select(counts, lists=table.lists, threshold=settings.threshold)
            chosen += [(part.order == each).any(axis=0).sum() for each in pairs]
            parts.append(part.estimate)
        else:
            parts.append(estimating.estimates(counts, lists=table.lists, settings=settings, known=known))
        if on_progress:
            on_progress(sum(len(each) for each in parts), replicates)
    estimates = np.concatenate(parts)

    def repeat(counts: fitting.Floats) -> fitting.Floats:
        return estimating.estimates(counts, lists=table.lists, settings=settings, known=known)

    knife = resampling.jackknife(table, repeat)
    finite = estimates[np.isfinite(estimates)]
    return Resampled(
        replicates,
        seed,
        tuple(resampling.bca(estimates, estimate, knife.acceleration, each) for each in resampling.LEVELS),
        tuple(resampling.percentile(estimates, each) for each in resampling.LEVELS),
        knife,
        resampling.quantile(np.sort(estimates), 0.5),
        float(1.0 - len(finite) / len(estimates)),
        dict(zip(pairs, (float(each) for each in chosen / replicates), strict=True))
        if settings.method is estimating.Method.STEPWISE
        else {},
        _histogram(finite),
    )


def warnings_of(table: tables.Table, result: Answer, checks: Checks) -> list[str]:
    """Say in words what is wrong with the estimate, worst first."""
    posterior, resampled = result.posterior, result.resampled
    warnings = []
    warnings += [each.words for each in checks.inside]
    if checks.close and checks.with_triples:
        better = checks.close.models[0].bic - checks.with_triples.models[0].bic
        if better > near.UNITS:
            best = checks.with_triples
            warnings.append(
                gettext(
                    "Models with three lists at once fit far better (%(better)s BIC units); "
                    "theirs say %(about)s. Look at the method bic with order 3."
                )
                % {"better": f"{better:.0f}", "about": refusing.about(best.low, best.high)}
            )
    if posterior and posterior.reaches_the_edge:
        warnings.append(
            gettext("The chance reaches the largest number that was considered, so the upper limits are too low.")
        )
    if posterior and posterior.is_coarse:
        warnings.append(
            gettext(
                "The numbers of people that were considered lie %(step)s apart, as in dga, and "
                "the chance lies on few of them: the limits are as coarse."
            )
            % {"step": f"{posterior.step:,.0f}"}
        )
    if sum(step.p == 0 for step in result.path) > 1:
        warnings.append(
            gettext(
                "The p-values of several pairs are too small for a number, so these pairs came "
                "in by the order of the lists, as in SparseMSE. In another order the path may "
                "differ."
            )
        )
    few = len(few_overlaps(table))
    if few:
        warnings.append(
            gettext(
                "Fewer than %(few_overlaps)s people are on both lists of %(few)s of %(count)s "
                "pairs: a few links decide."
            )
            % {"few_overlaps": FEW_OVERLAPS, "few": few, "count": len(models.pairs(table.lists))}
        )
    if resampled and not (checks.fit and checks.fit.is_rejected):
        if resampled.share_infinite > 0:
            warnings.append(
                gettext("%(share_infinite)s of the replicates have no finite answer.")
                % {"share_infinite": f"{resampled.share_infinite:.1%}"}
            )
        for limit in resampled.bca[:1]:
            if np.isnan(limit.low):
                warnings.append(
                    gettext(
                        "There are no BCa limits: no replicate lies on one side of the estimate, "
                        "or a few people decide it, so there is nothing to correct by."
                    )
                )
                continue
            ends = [words for words, bad in (("lower", limit.low_is_extreme), ("upper", limit.high_is_extreme)) if bad]
            if ends:
                warnings.append(
                    f"The {' and '.join(ends)} limit of the {limit.level} % interval is among the most extreme "
                    "replicates: it would move with more of them. Take it as a hint."
                )
    return warnings


def few_overlaps(table: tables.Table) -> tuple[int, ...]:
    """Name the pairs of lists on which somebody is, but hardly anybody."""
    totals = table.on_all()
    return tuple(each for each in models.pairs(table.lists) if 0 < totals[each] < FEW_OVERLAPS)


def _known(table: tables.Table, settings: estimating.Settings) -> tuple[models.Model, ...]:
    if settings.method is not estimating.Method.BIC:
        return ()
    ranking = exhaustive.rank(table.counts, lists=table.lists, order=settings.order)
    return tuple(ranking.model(each) for each in range(min(settings.top, len(ranking.codes))))


def _credible(posterior: graphs.Posterior, level: int) -> intervals.Interval:
    return intervals.Interval(level, posterior.quantile((100 - level) / 200), posterior.quantile((100 + level) / 200))


def _histogram(finite: fitting.Floats) -> tuple[tuple[float, int], ...]:
    """Sixty bins on the log scale between the 0.5 and the 99.5 percentile, each by its lower end."""
    if len(finite) < 2:
        return ()
    # Ends that were drawn, so that two replicates are seen as well as twenty thousand.
    low = np.log(np.quantile(finite, 0.005, method="lower"))
    high = np.log(np.quantile(finite, 0.995, method="higher"))
    edges = np.linspace(low, max(high, low + 1e-6), 61)
    counts, _ = np.histogram(np.log(finite), bins=edges)
    return tuple((float(np.exp(edge)), int(count)) for edge, count in zip(edges[:-1], counts, strict=True))
