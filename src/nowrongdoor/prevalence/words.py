"""The report for a terminal: what a number rests on comes before and after the number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nowrongdoor.core.prevalence import models, near, refusing, running, stability, telling

SHOWN = 10


def report(run: running.Run) -> str:
    """This will tell a run in plain words."""
    return "\n".join(_report(run)) + "\n"


def diagnosis(run: running.Run) -> str:
    """This will tell the checks alone."""
    return "\n".join(_checks(run)) + "\n"


def headline(run: running.Run) -> str:
    """This will say the answer: a number, or why there is none and the set instead."""
    refusal = run.refusal
    if refusal and not refusal.overridden_by:
        return f"No single number can be given. {refusal.words}"
    number = refusing.number(run.estimate)
    said = f"About {number} people, of whom {run.table.people:,} were seen."
    limits = main_interval(run)
    if limits:
        said += f" {limits[0]} % interval: {refusing.number(limits[1])} to {refusing.number(limits[2])} ({limits[3]})."
    if refusal:
        said += f" One number is shown because {refusal.overridden_by} asked for it; the checks advise against it."
    return said


def main_interval(run: running.Run) -> tuple[int, float, float, str] | None:
    """This will give the interval that leaves out least."""
    if run.resampled:
        limit = run.resampled.bca[0]
        return limit.level, limit.low, limit.high, f"BCa, {run.resampled.replicates:,} replicates"
    if run.credible:
        return run.credible[0].level, run.credible[0].low, run.credible[0].high, "what is believed after the data"
    if run.profile:
        return run.profile[0].level, run.profile[0].low, run.profile[0].high, "takes the model for the truth"
    return None


def intervals(run: running.Run) -> Iterator[tuple[str, int, float, float]]:
    """This will name each interval for what it leaves out."""
    if run.resampled:
        for limit in run.resampled.bca:
            yield "BCa: the choice of a model is repeated", limit.level, limit.low, limit.high
        for limit in run.resampled.percentile[:1]:
            yield "plain quantiles of the replicates", limit.level, limit.low, limit.high
    for interval in run.credible:
        yield "averaged over graphs", interval.level, interval.low, interval.high
    for interval in run.profile[:1]:
        yield "profile: leaves out that the model was chosen", interval.level, interval.low, interval.high
    for interval in run.wald[:1]:
        yield "Wald: leaves out that the model was chosen", interval.level, interval.low, interval.high


def _report(run: running.Run) -> Iterator[str]:
    names = run.table.names
    yield headline(run)
    if run.refusal:
        yield ""
        yield "Why:"
        yield from (f"  - {each}" for each in run.refusal.reasons)
    if run.warnings:
        yield ""
        yield "Take care:"
        yield from (f"  - {each}" for each in run.warnings)
    yield ""
    yield f"Method {run.settings.method.value}; its own answer {run.estimate:,.0f}."
    if run.fitted:
        fitted = run.fitted
        pairs = [models.name(each, names) for each in fitted.model if each.bit_count() > 1]
        yield f"Model: independent lists{', and ' + ', '.join(pairs) if pairs else ''}"
        if fitted.at_minus_infinity:
            gone = ", ".join(models.name(each, names) for each in fitted.at_minus_infinity)
            yield f"At minus infinity (nobody is on both): {gone}"
        yield f"Fit: deviance {fitted.deviance:.2f} on {fitted.df} df (p {fitted.p_of_fit:.3g}), BIC {fitted.bic:.2f}"
    for kind, level, low, high in intervals(run):
        yield f"  {level} %  {refusing.number(low):>14} to {refusing.number(high):<14} {kind}"
    if run.two_lists:
        yield f"Lincoln-Petersen: {refusing.number(run.two_lists[1].estimate)}; Chapman: {run.estimate:,.0f}"
        yield "You said that the two lists are independent. Nothing in the data can show it."
    yield ""
    yield from _checks(run)
    yield ""
    yield "What has to be true:"
    yield from (f"  - {each}" for each in telling.ASSUMPTIONS)


def _checks(run: running.Run) -> Iterator[str]:
    checks, names = run.checks, run.table.names
    yield "Who is on two lists together (on the diagonal: the list's size)"
    width = max(9, *(len(each) + 2 for each in names))
    yield " " * width + "".join(f"{each:>{width}}" for each in names) + f"{'only here':>{width + 2}}"
    for row, name in enumerate(names):
        cells = "".join(f"{each:>{width},}" for each in checks.overlap.both[row])
        yield f"{name:<{width}}{cells}{checks.overlap.only[row]:>{width + 2},}"
    empty = ", ".join(models.name(each, names) for each in checks.overlap.empty_pairs) or "none"
    yield f"Pairs with nobody on both: {empty}. Threes of lists that overlap pairwise: {checks.overlap.triangles}."
    verdicts = checks.verdicts
    yield f"Independent lists: {verdicts.main_effects.words}"
    bad = [models.name(each, names) for each, verdict in verdicts.single_pairs.items() if not verdict.estimable]
    yield f"Pairs that cannot be taken in alone: {', '.join(bad) or 'none'}."
    yield f"All pairs at once: {verdicts.all_pairs.words}"
    if run.path:
        yield ""
        yield "The path: pairs taken in, one by one"
        for step in run.path:
            pair = models.name(step.pair, names)
            estimate = refusing.number(step.estimate)
            yield f"  {pair:<16} {step.seen:>6,} seen {step.expected:>10,.1f} expected  p {step.p:<9.3g} {estimate:>12}"
    if checks.thresholds:
        yield ""
        yield "By threshold: " + ", ".join(f"{at:g} → {refusing.number(each)}" for at, each in checks.thresholds)
    for close, title in (
        (checks.close, "Models near the best"),
        (checks.with_triples, "The same with three lists at once"),
    ):
        if close:
            yield ""
            yield from _near(title, close)
    if checks.dropped:
        yield ""
        yield "A list left out: " + _changes(checks.dropped)
        yield "Two lists as one: " + _changes(checks.merged)
        yield ""
        yield "Each list's size, known and guessed from the others"
        for guess in checks.guesses:
            yield f"  {guess.name:<16}{guess.known:>9,}{refusing.number(guess.guessed):>14}"
    if checks.one_person:
        yield ""
        yield "One person more or less, or linked otherwise; what moves the answer most"
        for change in checks.one_person[:5]:
            yield f"  {refusing.number(change.estimate):>12}  {change.words}"
    for link in checks.links:
        kind = "links missed" if link.missed else "links false"
        low, high = refusing.number(link.low), refusing.number(link.high)
        yield f"  {link.share:>4.0%} of {kind}: {refusing.number(link.middle)} ({low} to {high})"
    if run.resampled and run.resampled.pair_shares:
        chosen = sorted(run.resampled.pair_shares.items(), key=lambda each: -each[1])
        yield ""
        yield "How often each pair was chosen: " + ", ".join(
            f"{models.name(each, names)} {share:.0%}" for each, share in chosen
        )
        yield f"Replicates without a finite answer: {run.resampled.share_infinite:.1%}"
    yield from checks.left_out


def _near(title: str, close: near.Near) -> Iterator[str]:
    low, high = refusing.number(close.low), refusing.number(close.high)
    yield f"{title}: {len(close.models):,} of {close.tried:,} within {near.UNITS:.0f} BIC units, {low} to {high}"
    if close.without_maximum:
        yield f"  {close.without_maximum:,} models have no maximum"
    yield "  gather at " + " or ".join(
        f"{refusing.number(each.low)} to {refusing.number(each.high)} ({each.weight:.0%} of the weight)"
        for each in close.groups
    )
    for each in close.models[:SHOWN]:
        worse = each.bic - close.models[0].bic
        estimate = refusing.number(each.estimate)
        yield f"  {models.bracket(each.model):<32}{estimate:>12}  +{worse:5.2f}  weight {each.weight:.3f}"


def _changes(changes: Sequence[stability.Changed]) -> str:
    return ", ".join(f"{each.words} {refusing.number(each.estimate)}" for each in changes)
