"""What a run says, in plain words and pictures: the answer, what speaks against it, and all that it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib import metadata

from nowrongdoor.core.prevalence import estimating, models, near, refusing, running, stability, tables, telling
from nowrongdoor.prevalence import documents
from nowrongdoor.prevalence.documents import Grid, Part, Points, Span, Spread, Words

SHOWN = 10
FEW = 11  # counts below it stay within the agency, as in CMS's cell size suppression policy
METHODS = {
    estimating.Method.STEPWISE: "pairs are taken in one by one, by p-value (stepwise)",
    estimating.Method.BIC: "the best of all models by BIC",
    estimating.Method.DGA: "averaged over all decomposable graphs (dga)",
    estimating.Method.INDEPENDENCE: "lists taken for independent, as the user stated",
}


def version() -> str:
    """This will name the version of the program, which a kept report bears."""
    return metadata.version("nowrongdoor")


def report(run: running.Run) -> documents.Document:
    """This will tell a run."""
    parts = [
        _caution(run),
        Part("The answer and its intervals", tuple(_intervals(run))),
        Part("Who is on which lists", tuple(_overlaps(run)), few=True),
        Part("Can it be estimated?", tuple(_verdicts(run))),
        Part("The model and how it fits", tuple(_model(run))),
        _path(run),
        _thresholds(run),
        *_near_models(run),
        *_lists(run),
        *_people(run),
        _replicates(run),
        Part("What has to be true", (Points(telling.ASSUMPTIONS),)),
        Part("How it was made", (_made(run),)),
        Part("The table", (_table(run.table),), few=True),
    ]
    refused = run.refusal is not None and not run.refusal.overridden_by
    return documents.Document(
        "How many people, seen and unseen",
        headline(run),
        not refused,
        tuple(each for each in parts if each and each.blocks),
    )


def headline(run: running.Run) -> str:
    """This will say the answer: a number, or why there is none and the set instead."""
    refusal, number = run.refusal, refusing.number
    if refusal and not refusal.overridden_by:
        return f"No single number can be given. {refusal.words}"
    said = f"About {number(run.answer.estimate)} people, of whom {run.table.people:,} were seen."
    limits = main_interval(run.answer)
    if limits:
        level, low, high, kind = limits
        said += f" {level} % interval: {number(low)} to {number(high)} ({kind})."
    if refusal:
        said += f" One number is shown because {refusal.overridden_by} asked for it; the checks advise against it."
    return said


def main_interval(answer: running.Answer) -> tuple[int, float, float, str] | None:
    """This will give the interval that leaves out least: level, limits, and what it is."""
    if answer.resampled:
        drawn = f"{answer.resampled.replicates:,} replicates"
        for limits, kind in ((answer.resampled.bca, "BCa"), (answer.resampled.percentile, "percentile")):
            if not math.isnan(limits[0].low):
                return limits[0].level, limits[0].low, limits[0].high, f"{kind}, {drawn}"
    for found, kind in (
        (answer.credible, "what is believed after the data"),
        (answer.profile, "takes the model for the truth"),
        (answer.wald, "takes the lists for independent"),
    ):
        if found:
            return found[0].level, found[0].low, found[0].high, kind
    return None


def _caution(run: running.Run) -> Part | None:
    reasons = run.refusal.reasons if run.refusal else ()
    if not reasons and not run.warnings:
        return None
    blocks: list[documents.Block] = []
    if reasons:
        why = "Why one number is advised against:" if run.refusal and run.refusal.overridden_by else "Why not:"
        blocks += [Words((why,)), Points(reasons)]
    if run.warnings:
        blocks += [Words(("Take care:",)), Points(run.warnings)]
    return Part("Before you use it", tuple(blocks))


def _intervals(run: running.Run) -> Iterator[documents.Block]:
    answer = run.answer
    rows = list(_each_interval(answer))
    spans = [
        Span(f"{kind.partition(':')[0]}, {level} %", answer.estimate, low, high) for kind, level, low, high in rows
    ]
    if run.refusal:
        for at, each in enumerate(run.refusal.ranges):
            label = (
                "with lists left out or merged" if each.source == "lists" else f"models near the best, group {at + 1}"
            )
            spans.append(Span(label, math.sqrt(each.low * each.high), each.low, each.high))
    yield from _spread(
        "intervals",
        "How far the answer may reach",
        "Intervals of each kind, one below the other",
        spans,
        against=answer.estimate,
    )
    if rows:
        yield Grid(
            "Intervals, each named for what it leaves out",
            ("Kind", "Level", "From", "To"),
            tuple((kind, f"{level} %", refusing.number(low), refusing.number(high)) for kind, level, low, high in rows),
        )
    if answer.two_lists:
        chapman, petersen = answer.two_lists
        yield Words(
            (
                f"Lincoln-Petersen: {refusing.number(petersen.estimate)}; Chapman: {chapman.estimate:,.0f}.",
                "You said that the two lists are independent. Nothing in the data can show it.",
            )
        )


def _each_interval(answer: running.Answer) -> Iterator[tuple[str, int, float, float]]:
    if answer.resampled:
        for limit in answer.resampled.bca:
            if math.isnan(limit.low):
                continue  # the warnings say why there is none
            yield "BCa: the choice of a model is repeated", limit.level, limit.low, limit.high
        for limit in answer.resampled.percentile[:1]:
            yield "Percentile: plain quantiles of the replicates", limit.level, limit.low, limit.high
    for interval in answer.credible:
        yield "Credible: averaged over graphs", interval.level, interval.low, interval.high
    for interval in answer.profile[:1]:
        yield "Profile: leaves out that the model was chosen", interval.level, interval.low, interval.high
    for interval in answer.wald[:1]:
        yield "Wald: leaves out that the model was chosen", interval.level, interval.low, interval.high


def _overlaps(run: running.Run) -> Iterator[documents.Block]:
    overlap, names = run.checks.overlap, run.table.names
    most = max((overlap.both[a][b] for a in range(len(names)) for b in range(a)), default=0)
    rows, shades = [], []
    for row, name in enumerate(names):
        cells = [f"{each:,}" if each or row == at else "none" for at, each in enumerate(overlap.both[row])]
        rows.append((name, *cells, f"{overlap.only[row]:,}"))
        dark = [0 if row == at else _shade(each, most) for at, each in enumerate(overlap.both[row])]
        shades.append((0, *dark, 0))
    yield Grid(
        "People on two lists together; on the diagonal, the list's size",
        ("List", *names, "Only here"),
        tuple(rows),
        shades=tuple(shades),
    )
    empty = ", ".join(models.name(each, names) for each in overlap.empty_pairs) or "none"
    few = ", ".join(models.name(each, names) for each in running.few_overlaps(run.table)) or "none"
    yield Words(
        (
            f"Pairs with nobody on both: {empty}. Pairs with fewer than {running.FEW_OVERLAPS}: {few}. "
            f"Threes of lists that overlap pairwise: {overlap.triangles:,}.",
        )
    )


def _shade(value: int, most: int) -> int:
    """Darkness by the square root, so that small overlaps are told apart; 0 for nobody."""
    return 0 if not value else 1 + min(4, int(4.999 * math.sqrt(value / most)))


def _verdicts(run: running.Run) -> Iterator[documents.Block]:
    verdicts, names = run.checks.verdicts, run.table.names
    bad = [models.name(each, names) for each, verdict in verdicts.single_pairs.items() if not verdict.estimable]
    yield Points(
        (
            f"Independent lists: {verdicts.main_effects.words}",
            f"Pairs that cannot be taken in alone: {', '.join(bad) or 'none'}.",
            f"All pairs at once: {verdicts.all_pairs.words}",
            *run.checks.left_out,
        )
    )


def _model(run: running.Run) -> Iterator[documents.Block]:
    answer, names = run.answer, run.table.names
    said = [f"Method: {METHODS[run.settings.method]}. Its own answer: {answer.estimate:,.0f}."]
    if answer.fitted:
        fitted = answer.fitted
        pairs = [models.name(each, names) for each in fitted.model if each.bit_count() > 1]
        said.append(f"Model: independent lists{', and ' + ', '.join(pairs) if pairs else ''}.")
        if fitted.at_minus_infinity:
            gone = ", ".join(models.name(each, names) for each in fitted.at_minus_infinity)
            said.append(f"At minus infinity, because nobody is on both: {gone}.")
        said.append(
            f"Fit: deviance {fitted.deviance:.2f} on {fitted.df} degrees of freedom (p {fitted.p_of_fit:.3g}), "
            f"AIC {fitted.aic:.2f}, BIC {fitted.bic:.2f}."
        )
    if answer.posterior:
        posterior = answer.posterior
        said.append(
            f"{len(posterior.graphs):,} graphs; the heaviest holds {posterior.weights.max():.0%} of the weight. "
            f"Median {refusing.number(posterior.quantile(0.5))}, mean {refusing.number(posterior.mean)}."
        )
    yield Words(tuple(said))


def _path(run: running.Run) -> Part | None:
    if not run.answer.path:
        return None
    steps = Grid(
        "Pairs taken in, one by one",
        ("Pair", "Seen on both", "Expected", "p", "Answer then"),
        tuple(
            (
                models.name(each.pair, run.table.names),
                f"{each.seen:,}",
                f"{each.expected:,.1f}",
                f"{each.p:.3g}",
                refusing.number(each.estimate),
            )
            for each in run.answer.path
        ),
    )
    return Part("The path to the model", (steps,), few=True)


def _thresholds(run: running.Run) -> Part | None:
    if not run.checks.thresholds:
        return None
    spans = [Span(f"p below {at:g}", each) for at, each in run.checks.thresholds]
    pictures = _spread(
        "thresholds",
        "The stepwise answer by the p-value that takes a pair in",
        "The answer at each threshold",
        spans,
        against=run.answer.estimate,
    )
    return Part("If the threshold were another", tuple(pictures))


def _near_models(run: running.Run) -> Iterator[Part]:
    for close, heading, name in (
        (run.checks.close, "Models that the data can hardly tell from the best", "near"),
        (run.checks.with_triples, "The same with three lists at once", "near-triples"),
    ):
        if close:
            yield Part(heading, tuple(_near(close, name)))


def _near(close: near.Near, name: str) -> Iterator[documents.Block]:
    low, high = refusing.number(close.low), refusing.number(close.high)
    gathered = " or ".join(
        f"{refusing.about(each.low, each.high)} ({each.weight:.0%} of the weight)" for each in close.groups
    )
    tried = f"{close.tried:,} models were fitted" + (
        f", of which {close.without_maximum:,} have no maximum" if close.without_maximum else ""
    )
    yield Words(
        (
            f"{tried}; {len(close.models):,} are within {near.UNITS:.0f} BIC units of the best. Their answers reach "
            f"from {low} to {high}, and gather at {gathered}.",
        )
    )
    which = ", three lists at once among their terms" if close.order == 3 else ""
    yield documents.Cloud(
        name,
        f"Models within {near.UNITS:.0f} BIC units{which}: the answer of each, the best at the top",
        f"{len(close.models):,} models between {low} and {high}; they gather at {gathered}.",
        tuple(documents.Dot(each.estimate, each.bic - close.models[0].bic, each.weight) for each in close.models),
    )
    yield Grid(
        f"The best {min(SHOWN, len(close.models))}{which}; lists by number",
        ("Model", "Answer", "BIC above the best", "Weight"),
        tuple(
            (
                models.bracket(each.model),
                refusing.number(each.estimate),
                f"{each.bic - close.models[0].bic:.2f}",
                f"{each.weight:.3f}",
            )
            for each in close.models[:SHOWN]
        ),
    )
    yield Grid(
        f"Answers by weight{which}",
        ("Share of the weight below", "Answer"),
        tuple((f"{share:.1%}", refusing.number(each)) for share, each in close.quantiles),
    )


def _lists(run: running.Run) -> Iterator[Part]:
    checks = run.checks
    if not checks.dropped:
        return
    changed = (*checks.dropped, *checks.merged)
    pictures = _spread(
        "lists",
        "The answer with a list left out, or with two taken for one",
        "The answer to each changed table",
        [Span(each.words, each.estimate) for each in changed],
        against=run.answer.estimate,
    )
    guesses = Grid(
        "Each list's size, and what the other lists would make one believe of it",
        ("List", "Known", "Guessed", "Guessed by known"),
        tuple(
            (
                each.name,
                f"{each.known:,}",
                refusing.number(each.guessed),
                f"{each.ratio:.2f}" if math.isfinite(each.ratio) else "",
            )
            for each in checks.guesses
        ),
    )
    yield Part("If a list were missing", tuple(pictures))
    yield Part("What the lists say of each other", (guesses,), few=any(each.known < FEW for each in checks.guesses))


def _people(run: running.Run) -> Iterator[Part]:
    checks = run.checks
    if not checks.one_person:
        return
    person = Grid(
        "One person more, less or linked otherwise: what moves the answer most",
        ("Change", "Answer"),
        tuple((each.words, refusing.number(each.estimate)) for each in checks.one_person[:SHOWN]),
    )
    yield Part("If one person were counted otherwise", (person,), few=True)
    pictures = _spread(
        "links",
        "The answer if a share of the links between records were missed, or false",
        "The middle answer for each share, and where 80 of 100 random draws lie",
        [Span(_link_words(each), each.middle, each.low, each.high) for each in checks.links],
        against=run.answer.estimate,
    )
    yield Part("If links were wrong", tuple(pictures))


def _link_words(link: stability.Links) -> str:
    return f"{link.share:.0%} of links {'missed' if link.missed else 'false'}"


def _replicates(run: running.Run) -> Part | None:
    resampled = run.answer.resampled
    if not resampled:
        return None
    edges = [at for at, _ in resampled.histogram]
    columns = []
    if edges:
        growth = edges[1] / edges[0]
        columns = [documents.Column(at, at * growth, float(count)) for at, count in resampled.histogram]
    blocks: list[documents.Block] = []
    limits = main_interval(run.answer)
    if columns and limits:
        level, low, high, kind = limits
        named = (("lower limit", low), ("answer", run.answer.estimate), ("upper limit", high))
        blocks.append(
            documents.Columns(
                "replicates",
                f"{resampled.replicates:,} replicates: where their answers fall",
                f"Middle {refusing.number(resampled.median)}; {level} % limits {refusing.number(low)} and "
                f"{refusing.number(high)} ({kind}).",
                tuple(columns),
                tuple(documents.Mark(words, at) for words, at in named if math.isfinite(at)),
            )
        )
    blocks.append(Words((f"Replicates without a finite answer: {resampled.share_infinite:.1%}.",)))
    if resampled.pair_shares:
        chosen = sorted(resampled.pair_shares.items(), key=lambda each: -each[1])
        blocks.append(
            Grid(
                "How often each pair was chosen",
                ("Pair", "Share of replicates"),
                tuple((models.name(each, run.table.names), f"{share:.1%}") for each, share in chosen),
            )
        )
    return Part("If the people were drawn again", tuple(blocks))


def _made(run: running.Run) -> Words:
    table, settings = run.table, run.settings
    said = [f"No Wrong Door {version()}. Table {table.digest}."]
    told = f"Method {settings.method.value}"
    if settings.method is estimating.Method.STEPWISE:
        told += f", threshold {settings.threshold:g}"
    if settings.method is estimating.Method.BIC:
        told += f", order {settings.order}"
    if run.answer.resampled:
        told += f"; {run.answer.resampled.replicates:,} replicates from seed {run.answer.resampled.seed}"
    said.append(f"{told}. The same table, settings and version give the same figures.")
    return Words(tuple(said))


def _table(table: tables.Table) -> Grid:
    return Grid(
        "How many people with each history",
        ("On these lists, and no other", "People"),
        tuple((models.name(each, table.names), f"{round(float(table.counts[each])):,}") for each in table.histories),
    )


def _spread(name: str, caption: str, alt: str, spans: Sequence[Span], *, against: float) -> Iterator[documents.Block]:
    """The picture, or a sentence where no answer is finite."""
    drawn = [each for each in spans if math.isfinite(each.middle)]
    gone = [each.label for each in spans if not math.isfinite(each.middle)]
    told = "; ".join(_span_words(each) for each in drawn)
    alt += f": {told}." + (f" Without a finite answer: {', '.join(gone)}." if gone else "")
    if not drawn:
        yield Words((f"{caption}: no answer is finite.",))
        return
    bounded = [
        Span(each.label, each.middle, _bounded(each.low, each.middle), _bounded(each.high, each.middle))
        for each in drawn
    ]
    yield Spread(name, caption, alt, tuple(bounded), against if math.isfinite(against) else None)


def _bounded(value: float | None, middle: float) -> float | None:
    """A limit without end is drawn to ten times the middle."""
    return value if value is None or math.isfinite(value) else middle * 10.0


def _span_words(span: Span) -> str:
    if span.low is None or span.high is None:
        return f"{span.label} {refusing.number(span.middle)}"
    return f"{span.label} {refusing.number(span.low)} to {refusing.number(span.high)}"
