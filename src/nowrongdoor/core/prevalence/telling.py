"""A run as plain values, for JSON: every figure that the report shows, by name. What is infinite is null."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.prevalence import existence, intervals, models, near, refusing, resampling, running, stability

Plain = None | bool | int | float | str | Sequence["Plain"] | Mapping[str, "Plain"]
SHOWN_MODELS = 200
SHOWN_CHANGES = 20

ASSUMPTIONS = (
    gettext_lazy("The lists are of the same people: same place, same months, same meaning of being trafficked."),
    gettext_lazy("Nobody comes or goes meanwhile: who could be on one list could be on each."),
    gettext_lazy("Two records are linked if, and only if, they are of the same person."),
    gettext_lazy(
        "Everybody has some chance of being seen. People whom no list could ever reach are not in the answer."
    ),
    gettext_lazy(
        "Where being on one list changes the chance of being on another, it does so as the chosen terms say. That no "
        "such change concerns all lists at once can never be seen in the data."
    ),
    gettext_lazy(
        "People differ in how easily they are seen. What the model does not catch of that makes the answer too small, "
        "most often. In tables with a known truth the test of fit did not see it, and no interval allows for it."
    ),
)


def as_plain(run: running.Run) -> dict[str, Plain]:
    """Return every figure of a run by name."""
    table, fitted, checks = run.table, run.answer.fitted, run.checks
    names = table.names
    result: dict[str, Plain] = {
        "estimate": finite(run.answer.estimate),
        "seen": table.people,
        "read_as": run.source.words if run.source else None,
        "rows": run.source.form.name.lower() if run.source else None,
        "unseen": finite(run.answer.estimate - table.people),
        "method": run.settings.method.value,
        "order": run.settings.order,
        "threshold": run.settings.threshold,
        "lists": list(names),
        "table": table.digest,
        "interval": _intervals(run),
        "model": None,
        "deviance": None,
        "df": None,
        "p_of_fit": checks.fit.p if checks.fit else None,
        "fit": None
        if checks.fit is None
        else {
            "deviance": checks.fit.deviance,
            "df": checks.fit.df,
            "p": checks.fit.p,
            "compared_with": checks.fit.reference.value,
            "draws": checks.fit.draws,
            "rejected": checks.fit.is_rejected,
        },
        "aic": None,
        "bic": None,
        "refused": refused(run.refusal),
        "warnings": list(run.warnings),
        "assumptions": list(ASSUMPTIONS),
    }
    if fitted:
        result |= {
            "model": {
                "terms": [models.name(each, names) for each in fitted.model],
                "minus_infinity": [models.name(each, names) for each in fitted.at_minus_infinity],
                "coefficients": {models.name(each, names): finite(fitted.coefficients[each]) for each in fitted.model},
                "by_number": models.bracket(fitted.model),
            },
            "deviance": fitted.deviance,
            "df": fitted.df,
            "aic": fitted.aic,
            "bic": fitted.bic,
        }
    result["path"] = [
        {
            "pair": models.name(each.pair, names),
            "seen": each.seen,
            "expected": each.expected,
            "p": each.p,
            "estimate": finite(each.estimate),
        }
        for each in run.answer.path
    ]
    result["verdicts"] = {
        "main_effects": _verdict(checks.verdicts.main_effects),
        "chosen": _verdict(existence.Verdict(exists=True, identifiable=True)) if fitted else None,
        "all_pairs": _verdict(checks.verdicts.all_pairs),
        "single_pairs": {
            models.name(each, names): _verdict(verdict) for each, verdict in checks.verdicts.single_pairs.items()
        },
        "models_tried": checks.close.tried if checks.close else 0,
        "models_without_maximum": checks.close.without_maximum if checks.close else 0,
    }
    result["overlaps"] = {
        "on_both": {a: {b: checks.overlap.both[i][j] for j, b in enumerate(names)} for i, a in enumerate(names)},
        "on_this_list_only": dict(zip(names, checks.overlap.only, strict=True)),
        "empty_pairs": [models.name(each, names) for each in checks.overlap.empty_pairs],
        "triangles": checks.overlap.triangles,
        "lists_inside_others": [
            {"list": each.name, "other": each.other, "on_both": each.both, "size": each.size} for each in checks.inside
        ],
    }
    result |= {
        "by_threshold": [{"threshold": at, "estimate": finite(each)} for at, each in checks.thresholds],
        "near": _near(checks.close, names),
        "near_with_triples": _near(checks.with_triples, names),
        "lists_left_out": _changes(checks.dropped),
        "lists_merged": _changes(checks.merged),
        "guessed_from_others": [
            {"list": each.name, "known": each.known, "guessed": finite(each.guessed)} for each in checks.guesses
        ],
        "one_person": _changes(checks.one_person[:SHOWN_CHANGES]),
        "wrong_links": [
            {
                "kind": "missed" if each.missed else "false",
                "share": each.share,
                "estimate": finite(each.middle),
                "low": finite(each.low),
                "high": finite(each.high),
            }
            for each in checks.links
        ],
        "left_out": list(checks.left_out),
        "bootstrap": _resampled(run.answer.resampled, names),
    }
    if run.answer.two_lists:
        chapman, petersen = run.answer.two_lists
        result["two_lists"] = {
            "chapman": {"estimate": chapman.estimate, "standard_error": chapman.error},
            "lincoln_petersen": {"estimate": finite(petersen.estimate), "standard_error": finite(petersen.error)},
        }
    if run.answer.posterior:
        result["posterior"] = {
            "mean": run.answer.posterior.mean,
            "median": run.answer.posterior.quantile(0.5),
            "delta": run.answer.posterior.delta,
            "graphs": len(run.answer.posterior.graphs),
            "heaviest_graph": float(run.answer.posterior.weights.max()),
        }
    return result


def finite(value: float) -> float | None:
    """Return a number that JSON can hold: null for what is infinite or not a number."""
    return float(value) if math.isfinite(value) else None


def refused(refusal: refusing.Refusal | None) -> Plain:
    """Say why no single number is given, and the set; null where one is."""
    if not refusal:
        return None
    return {
        "causes": [each.name.lower() for each in refusal.causes],
        "reason": " ".join(refusal.reasons),
        "reasons": list(refusal.reasons),
        "words": refusal.words,
        "set": [
            {"from": each.source, "low": finite(each.low), "high": finite(each.high), "weight": each.weight}
            for each in refusal.ranges
        ],
        "overridden_by": refusal.overridden_by or None,
    }


def _intervals(run: running.Run) -> dict[str, Plain]:
    by_level: dict[str, dict[str, Plain]] = {str(each): {} for each in resampling.LEVELS}
    if run.answer.resampled:
        for limit in run.answer.resampled.bca:
            by_level[str(limit.level)]["bca"] = [finite(limit.low), finite(limit.high)]
        for limit in run.answer.resampled.percentile:
            by_level[str(limit.level)]["percentile"] = [finite(limit.low), finite(limit.high)]
    for kind, each in (("wald", run.answer.wald), ("profile", run.answer.profile), ("credible", run.answer.credible)):
        for interval in each:
            by_level[str(interval.level)][kind] = _limits(interval)
    return dict(by_level)


def _limits(interval: intervals.Interval) -> Plain:
    return [finite(interval.low), finite(interval.high)]


def _verdict(verdict: existence.Verdict) -> Plain:
    return {"exists": verdict.exists, "identifiable": verdict.identifiable, "words": verdict.words}


def _near(close: near.Near | None, names: Sequence[str]) -> Plain:
    if not close:
        return None
    return {
        "order": close.order,
        "tried": close.tried,
        "every_model_tried": close.every,
        "within_units": near.UNITS,
        "count": len(close.models),
        "low": close.low,
        "high": close.high,
        "quantiles": {f"{share:g}": each for share, each in close.quantiles},
        "groups": [{"low": each.low, "high": each.high, "weight": each.weight} for each in close.groups],
        "models": [
            {
                "model": models.bracket(each.model),
                "terms": [models.name(term, names) for term in each.model if term.bit_count() > 1],
                "estimate": each.estimate,
                "bic": each.bic,
                "deviance": each.deviance,
                "weight": each.weight,
            }
            for each in close.models[:SHOWN_MODELS]
        ],
    }


def _changes(changes: Sequence[stability.Changed]) -> Plain:
    return [{"change": each.words, "seen": each.people, "estimate": finite(each.estimate)} for each in changes]


def _resampled(resampled: running.Resampled | None, names: Sequence[str]) -> Plain:
    if not resampled:
        return None
    return {
        "replicates": resampled.replicates,
        "seed": resampled.seed,
        "median": finite(resampled.median),
        "share_infinite": resampled.share_infinite,
        "acceleration": resampled.jackknife.acceleration,
        "jackknife": [finite(each) for each in resampled.jackknife.estimates],
        "pairs_chosen": {models.name(each, names): share for each, share in resampled.pair_shares.items()},
        "limits_at_the_edge": [
            f"{each.level} {end}"
            for each in resampled.bca
            for end, bad in (("low", each.low_is_extreme), ("high", each.high_is_extreme))
            if bad
        ],
        "histogram": [{"from": edge, "replicates": count} for edge, count in resampled.histogram],
    }
