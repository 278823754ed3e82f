"""What a run says, in plain words and pictures: the answer, what speaks against it, and all that it rests on.

The promise: where one number is refused, the number that was refused is nowhere in the report, in words or in a
picture. Ranges stay, and an end of one may be that of any model.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib import metadata

from nowrongdoor.core import language
from nowrongdoor.core.language import gettext, gettext_lazy
from nowrongdoor.core.prevalence import estimating, models, near, refusing, running, stability, tables, telling
from nowrongdoor.publishing import documents
from nowrongdoor.publishing.documents import Grid, Part, Points, Span, Spread, Words

SHOWN = 10
TITLE = gettext_lazy("Estimate of people seen and unseen")
METHODS = {
    estimating.Method.STEPWISE: gettext_lazy("pairs of lists are added one by one, by p-value (stepwise)"),
    estimating.Method.BIC: gettext_lazy("the best of all models by BIC"),
    estimating.Method.DGA: gettext_lazy("averaged over all decomposable graphs (dga)"),
    estimating.Method.INDEPENDENCE: gettext_lazy("lists taken for independent, as the user stated"),
}


def version() -> str:
    """Return the version of the program, which a kept report bears."""
    return metadata.version("nowrongdoor")


def report(run: running.Run) -> documents.Document:
    """Return the whole report of a run, for the agency that keeps the lists."""
    parts = [
        _caution(run),
        _read(run),
        Part(gettext("The answer and its intervals"), tuple(_intervals(run))),
        Part(gettext("Who is on which lists"), tuple(_overlaps(run))),
        Part(gettext("Can it be estimated?"), tuple(_verdicts(run))),
        Part(gettext("The model and how it fits"), tuple(_model(run))),
        _path(run),
        _thresholds(run),
        *_near_models(run),
        *_lists(run),
        *_people(run),
        _replicates(run),
        Part(gettext("What has to be true"), (Points(tuple(map(str, telling.ASSUMPTIONS))),)),
        Part(gettext("How it was made"), (_made(run),)),
        Part(gettext("The table"), (_table(run.table),)),
    ]
    return documents.Document(
        str(TITLE),
        headline(run),
        not run.is_refused,
        tuple(each for each in parts if each and each.blocks),
        language.current(),
    )


def headline(run: running.Run) -> str:
    """Return the answer in words: a number, or why there is none and the set instead."""
    refusal, number = run.refusal, refusing.number
    if refusal and run.is_refused:
        return gettext("No single number can be given. %(words)s") % {"words": refusal.words}
    sentence = gettext("About %(number)s people, of whom %(people)s were seen.") % {
        "number": number(run.answer.estimate),
        "people": f"{run.table.people:,}",
    }
    limits = main_interval(run.answer)
    if limits:
        level, low, high, kind = limits
        sentence += gettext(" %(level)s%% interval: %(low)s to %(high)s (%(kind)s).") % {
            "level": level,
            "low": number(low),
            "high": number(high),
            "kind": kind,
        }
    if refusal:
        sentence += gettext(
            " One number is shown because %(overridden_by)s asked for it; the checks advise against it."
        ) % {"overridden_by": refusal.overridden_by}
    return sentence


def _contradicted(run: running.Run) -> bool:
    """Whether the answer is refused because its model does not fit: its intervals then say nothing either."""
    return run.is_refused and run.checks.fit is not None and run.checks.fit.is_rejected


def _against(run: running.Run) -> float:
    """The answer that pictures compare others to; without number where it is refused."""
    return math.nan if run.is_refused else run.answer.estimate


def _read(run: running.Run) -> Part | None:
    return (
        Part(gettext("What was read"), (Words((str(run.source.form.value), run.source.words)),)) if run.source else None
    )


def main_interval(answer: running.Answer) -> tuple[int, float, float, str] | None:
    """Return the interval that leaves out least: level, limits, and what it is."""
    if answer.resampled:
        drawn = f"{answer.resampled.replicates:,} replicates"
        for limits, kind in ((answer.resampled.bca, "BCa"), (answer.resampled.percentile, "percentile")):
            if not math.isnan(limits[0].low):
                return limits[0].level, limits[0].low, limits[0].high, f"{kind}, {drawn}"
    for intervals, kind in (
        (answer.credible, gettext("what is believed after the data")),
        (answer.profile, gettext("takes the model for the truth")),
        (answer.wald, gettext("takes the lists for independent")),
    ):
        if intervals:
            return intervals[0].level, intervals[0].low, intervals[0].high, kind
    return None


def _caution(run: running.Run) -> Part | None:
    reasons = run.refusal.reasons if run.refusal else ()
    if not reasons and not run.warnings:
        return None
    blocks: list[documents.Block] = []
    if reasons:
        why = (
            gettext("Why one number is advised against:")
            if run.refusal and run.refusal.overridden_by
            else gettext("Why not:")
        )
        blocks += [Words((why,)), Points(reasons)]
    if run.warnings:
        blocks += [Words((gettext("Take care:"),)), Points(run.warnings)]
    return Part(gettext("Before you use it"), tuple(blocks))


def _intervals(run: running.Run) -> Iterator[documents.Block]:
    answer = run.answer
    if _contradicted(run):
        yield Words((gettext("No interval is shown: each comes from the model that does not fit."),))
    rows = [] if _contradicted(run) else list(_each_interval(answer))
    middle = None if run.is_refused else answer.estimate
    spans = [Span(f"{kind.partition(':')[0]}, {level} %", middle, low, high) for kind, level, low, high in rows]
    if run.refusal:
        for at, each in enumerate(run.refusal.ranges):
            label = (
                gettext("with lists left out or merged")
                if each.source == "lists"
                else (gettext("models near the best, group %(at)s") % {"at": at + 1})
            )
            spans.append(Span(label, None, each.low, each.high))
    if spans:
        yield from _spread(
            "intervals",
            gettext("How far the answer may reach"),
            gettext("Intervals of each kind, one below the other"),
            spans,
            against=_against(run),
        )
    if rows:
        yield Grid(
            gettext("Intervals, each named for what it leaves out"),
            ("Kind", "Level", "From", "To"),
            tuple((kind, f"{level} %", refusing.number(low), refusing.number(high)) for kind, level, low, high in rows),
        )
    if answer.two_lists:
        chapman, petersen = answer.two_lists
        yield Words(
            (
                f"Lincoln-Petersen: {refusing.number(petersen.estimate)}; Chapman: {chapman.estimate:,.0f}.",
                gettext("You said that the two lists are independent. Nothing in the data can show it."),
            )
        )


def _each_interval(answer: running.Answer) -> Iterator[tuple[str, int, float, float]]:
    if answer.resampled:
        for limit in answer.resampled.bca:
            if math.isnan(limit.low):
                continue  # the warnings say why there is none
            yield gettext("BCa: the choice of a model is repeated"), limit.level, limit.low, limit.high
        for limit in answer.resampled.percentile[:1]:
            yield gettext("Percentile: plain quantiles of the replicates"), limit.level, limit.low, limit.high
    for interval in answer.credible:
        yield gettext("Credible: averaged over graphs"), interval.level, interval.low, interval.high
    for interval in answer.profile[:1]:
        yield gettext("Profile: leaves out that the model was chosen"), interval.level, interval.low, interval.high
    for interval in answer.wald[:1]:
        yield gettext("Wald: leaves out that the model was chosen"), interval.level, interval.low, interval.high


def _overlaps(run: running.Run) -> Iterator[documents.Block]:
    overlap, names = run.checks.overlap, run.table.names
    most = max((overlap.both[a][b] for a in range(len(names)) for b in range(a)), default=0)
    rows, shades = [], []
    for row, name in enumerate(names):
        cells = [f"{each:,}" if each or row == at else gettext("none") for at, each in enumerate(overlap.both[row])]
        rows.append((name, *cells, f"{overlap.only[row]:,}"))
        dark = [0 if row == at else _shade(each, most) for at, each in enumerate(overlap.both[row])]
        shades.append((0, *dark, 0))
    yield Grid(
        gettext("People on two lists together; on the diagonal, the list's size"),
        ("List", *names, gettext("Only here")),
        tuple(rows),
        shades=tuple(shades),
    )
    empty = ", ".join(models.name(each, names) for each in overlap.empty_pairs) or "none"
    few = ", ".join(models.name(each, names) for each in running.few_overlaps(run.table)) or "none"
    yield Words(
        (
            gettext(
                "Pairs with nobody on both: %(empty)s. Pairs with fewer than %(few_overlaps)s: "
                "%(few)s. Threes of lists that overlap pairwise: %(triangles)s."
            )
            % {"empty": empty, "few_overlaps": running.FEW_OVERLAPS, "few": few, "triangles": f"{overlap.triangles:,}"},
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
            gettext("Independent lists: %(words)s") % {"words": verdicts.main_effects.words},
            gettext("Pairs that cannot be taken in alone: %(pairs)s.") % {"pairs": ", ".join(bad) or gettext("none")},
            gettext("All pairs at once: %(words)s") % {"words": verdicts.all_pairs.words},
            *run.checks.left_out,
        )
    )


def _model(run: running.Run) -> Iterator[documents.Block]:
    answer, names = run.answer, run.table.names
    sentences = [gettext("Method: %(method)s.") % {"method": METHODS[run.settings.method]}]
    if not run.is_refused:
        sentences.append(gettext("Its own answer: %(estimate)s.") % {"estimate": f"{answer.estimate:,.0f}"})
    if answer.fitted:
        fitted = answer.fitted
        pairs = [models.name(each, names) for each in fitted.model if each.bit_count() > 1]
        model = gettext("Model: independent lists, and %(pairs)s.") if pairs else gettext("Model: independent lists.")
        sentences.append(model % {"pairs": ", ".join(pairs)})
        if fitted.at_minus_infinity:
            gone = ", ".join(models.name(each, names) for each in fitted.at_minus_infinity)
            sentences.append(gettext("At minus infinity, because nobody is on both: %(gone)s.") % {"gone": gone})
        sentences.append(f"AIC {fitted.aic:.2f}, BIC {fitted.bic:.2f}.")
    if answer.posterior:
        posterior = answer.posterior
        sentences.append(
            gettext("%(count)s graphs; the heaviest holds %(max)s of the weight.")
            % {"count": f"{len(posterior.graphs):,}", "max": f"{posterior.weights.max():.0%}"}
        )
        if not run.is_refused:
            median, mean = refusing.number(posterior.quantile(0.5)), refusing.number(posterior.mean)
            sentences.append(gettext("Median %(median)s, mean %(mean)s.") % {"median": median, "mean": mean})
    if run.checks.fit:
        which = gettext(" of the heaviest graph") if answer.posterior else ""
        sentences.append(gettext("Fit%(which)s: %(words)s.") % {"which": which, "words": run.checks.fit.words})
    yield Words(tuple(sentences))


def _path(run: running.Run) -> Part | None:
    if not run.answer.path:
        return None
    names = run.table.names
    columns = ("Pair", gettext("Seen on both"), "Expected", "p", gettext("Answer then"))
    rows = [
        (
            models.name(each.pair, names),
            f"{each.seen:,}",
            f"{each.expected:,.1f}",
            f"{each.p:.3g}",
            refusing.number(each.estimate),
        )
        for each in run.answer.path
    ]
    kept = len(columns) - run.is_refused  # the last answer of the path is the one that is refused
    steps = Grid(gettext("Pairs added, one by one"), columns[:kept], tuple(row[:kept] for row in rows))
    return Part(gettext("The path to the model"), (steps,))


def _thresholds(run: running.Run) -> Part | None:
    if not run.checks.thresholds or _contradicted(run):
        return None
    if run.is_refused:
        return _thresholds_in_words(run)
    spans = [Span(gettext("p below %(at)s") % {"at": f"{at:g}"}, each) for at, each in run.checks.thresholds]
    pictures = _spread(
        "thresholds",
        gettext("The stepwise answer by the p-value that takes a pair in"),
        gettext("The answer at each threshold"),
        spans,
        against=run.answer.estimate,
    )
    return Part(gettext("If the threshold were another"), tuple(pictures))


def _thresholds_in_words(run: running.Run) -> Part:
    """The same without the answer at the chosen threshold, which is refused."""
    low, high = (refusing.number(end([each for _, each in run.checks.thresholds])) for end in (min, max))
    first, last = (run.checks.thresholds[at][0] for at in (0, -1))
    movement = (
        gettext("stays the same")
        if low == high
        else (gettext("moves between %(low)s and %(high)s") % {"low": low, "high": high})
    )
    return Part(
        gettext("If the threshold were another"),
        (
            Words(
                (
                    gettext("From p %(first)s to %(last)s the answer %(movement)s.")
                    % {"first": f"{first:g}", "last": f"{last:g}", "movement": movement},
                )
            ),
        ),
    )


def _near_models(run: running.Run) -> Iterator[Part]:
    for close, heading, name in (
        (run.checks.close, gettext("Models that the data can hardly tell from the best"), "near"),
        (run.checks.with_triples, gettext("The same with three lists at once"), "near-triples"),
    ):
        if not close or (_contradicted(run) and close is not run.checks.fitting):
            continue
        if run.is_refused and refusing.number(close.low) == refusing.number(close.high):
            yield Part(
                heading, (Words((gettext("All of them give the same answer, which the checks advise against."),)),)
            )
            continue
        yield Part(heading, tuple(_near(close, name, is_refused=run.is_refused)))


def _near(close: near.Near, name: str, *, is_refused: bool) -> Iterator[documents.Block]:
    low, high = refusing.number(close.low), refusing.number(close.high)
    gathered = " or ".join(
        (
            gettext("%(about)s (%(weight)s of the weight)")
            % {"about": refusing.about(each.low, each.high), "weight": f"{each.weight:.0%}"}
        )
        for each in close.groups
    )
    tried = (gettext("%(tried)s models were fitted") % {"tried": f"{close.tried:,}"}) + (
        (gettext(", of which %(without_maximum)s have no maximum") % {"without_maximum": f"{close.without_maximum:,}"})
        if close.without_maximum
        else ""
    )
    yield Words(
        (
            gettext(
                "%(tried)s; %(count)s are within %(units)s BIC units of the best. Their answers "
                "reach from %(low)s to %(high)s, and gather at %(gathered)s."
            )
            % {
                "tried": tried,
                "count": f"{len(close.models):,}",
                "units": f"{near.UNITS:.0f}",
                "low": low,
                "high": high,
                "gathered": gathered,
            },
        )
    )
    which = gettext(", three lists at once among their terms") if close.order == 3 else ""
    yield documents.Cloud(
        name,
        gettext("Models within %(units)s BIC units%(which)s: the answer of each, the best at the top")
        % {"units": f"{near.UNITS:.0f}", "which": which},
        gettext("%(count)s models between %(low)s and %(high)s; they gather at %(gathered)s.")
        % {"count": f"{len(close.models):,}", "low": low, "high": high, "gathered": gathered},
        tuple(
            documents.Dot(_three_digits(each.estimate), each.bic - close.models[0].bic, each.weight)
            for each in close.models
        ),
    )
    columns = ("Model", gettext("BIC above the best"), "Weight", "Answer")
    kept = len(columns) - is_refused
    rows = [
        (
            models.bracket(each.model),
            f"{each.bic - close.models[0].bic:.2f}",
            f"{each.weight:.3f}",
            refusing.number(each.estimate),
        )
        for each in close.models[:SHOWN]
    ]
    caption = gettext("The best %(shown)s%(which)s; lists by number") % {
        "shown": min(SHOWN, len(close.models)),
        "which": which,
    }
    yield Grid(caption, columns[:kept], tuple(row[:kept] for row in rows))
    if not is_refused:
        yield Grid(
            gettext("Answers by weight%(which)s") % {"which": which},
            (gettext("Share of the weight below"), "Answer"),
            tuple((f"{share:.1%}", refusing.number(each)) for share, each in close.quantiles),
        )


def _three_digits(value: float) -> float:
    """What `refusing.number` writes, as a number to draw: a picture tells no more than its words."""
    return round(value, 3 - len(str(int(value)))) if value >= 1_000 else float(round(value))


def _lists(run: running.Run) -> Iterator[Part]:
    checks = run.checks
    if not checks.dropped or _contradicted(run):
        return
    changed = (*checks.dropped, *checks.merged)
    pictures = _spread(
        "lists",
        gettext("The answer with a list left out, or with two taken for one"),
        gettext("The answer to each changed table"),
        [Span(each.words, each.estimate) for each in changed],
        against=_against(run),
    )
    guesses = Grid(
        gettext("Each list's size, and what the other lists would make one believe of it"),
        ("List", "Known", "Guessed", gettext("Guessed by known")),
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
    yield Part(gettext("If a list were missing"), tuple(pictures))
    yield Part(gettext("What the lists say of each other"), (guesses,))


def _people(run: running.Run) -> Iterator[Part]:
    checks = run.checks
    if not checks.one_person or _contradicted(run):
        return
    person = Grid(
        gettext("One person more, less or linked otherwise: what moves the answer most"),
        ("Change", gettext("Moves the answer by")),
        tuple((each.words, _moved(each.estimate, run.answer.estimate)) for each in checks.one_person[:SHOWN]),
    )
    yield Part(gettext("If one person were counted otherwise"), (person,))
    pictures = _spread(
        "links",
        gettext("The answer if a share of the links between records were missed, or false"),
        gettext("The middle answer for each share, and where 80 of 100 random draws lie"),
        [
            Span(_link_words(each), None if run.is_refused else each.middle, each.low, each.high)
            for each in checks.links
        ],
        against=_against(run),
    )
    yield Part(gettext("If links were wrong"), tuple(pictures))


def _moved(after: float, before: float) -> str:
    return f"{after / before - 1.0:+.1%}" if math.isfinite(after) else gettext("without end")


def _link_words(link: stability.Links) -> str:
    sentence = gettext("%(share)s of links missed") if link.missed else gettext("%(share)s of links false")
    return sentence % {"share": f"{link.share:.0%}"}


def _replicates(run: running.Run) -> Part | None:
    resampled = run.answer.resampled
    if not resampled or _contradicted(run):
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
        named = ((gettext("lower limit"), low), ("answer", _against(run)), (gettext("upper limit"), high))
        middle = (
            "" if run.is_refused else gettext("Middle %(number)s; ") % {"number": refusing.number(resampled.median)}
        )
        blocks.append(
            documents.Columns(
                "replicates",
                gettext("%(count)s replicates: where their answers fall") % {"count": f"{resampled.replicates:,}"},
                gettext("%(middle)s%(level)s %% limits %(low)s and %(high)s (%(kind)s).")
                % {
                    "middle": middle,
                    "level": level,
                    "low": refusing.number(low),
                    "high": refusing.number(high),
                    "kind": kind,
                },
                tuple(columns),
                tuple(documents.Mark(words, at) for words, at in named if math.isfinite(at)),
            )
        )
    blocks.append(
        Words(
            (
                gettext("Replicates without a finite answer: %(share_infinite)s.")
                % {"share_infinite": f"{resampled.share_infinite:.1%}"},
            )
        )
    )
    if resampled.pair_shares:
        chosen = sorted(resampled.pair_shares.items(), key=lambda each: -each[1])
        blocks.append(
            Grid(
                gettext("How often each pair was chosen"),
                ("Pair", gettext("Share of replicates")),
                tuple((models.name(each, run.table.names), f"{share:.1%}") for each, share in chosen),
            )
        )
    return Part(gettext("If the people were drawn again"), tuple(blocks))


def _made(run: running.Run) -> Words:
    table, settings = run.table, run.settings
    sentences = [
        gettext("No Wrong Door %(version)s. Table %(digest)s.") % {"version": version(), "digest": table.digest}
    ]
    settings_words = gettext("Method %(method)s") % {"method": settings.method.value}
    if settings.method is estimating.Method.STEPWISE:
        settings_words += gettext(", threshold %(threshold)s") % {"threshold": f"{settings.threshold:g}"}
    if settings.method is estimating.Method.BIC:
        settings_words += gettext(", order %(order)s") % {"order": settings.order}
    if run.answer.resampled:
        settings_words += gettext("; %(replicates)s replicates from seed %(seed)s") % {
            "replicates": f"{run.answer.resampled.replicates:,}",
            "seed": run.answer.resampled.seed,
        }
    sentences.append(
        gettext("%(settings_words)s. The same table, settings and version give the same figures.")
        % {"settings_words": settings_words}
    )
    return Words(tuple(sentences))


def _table(table: tables.Table) -> Grid:
    return Grid(
        gettext("How many people with each history"),
        (gettext("On these lists, and no other"), "People"),
        tuple((models.name(each, table.names), f"{round(float(table.counts[each])):,}") for each in table.histories),
    )


def _spread(name: str, caption: str, alt: str, spans: Sequence[Span], *, against: float) -> Iterator[documents.Block]:
    """The picture, or a sentence where no answer is finite."""
    drawn = [each for each in spans if math.isfinite(_place(each))]
    gone = [each.label for each in spans if not math.isfinite(_place(each))]
    ranges = "; ".join(_span_words(each) for each in drawn)
    alt += f": {ranges}." + (
        (gettext(" Without a finite answer: %(names)s.") % {"names": ", ".join(gone)}) if gone else ""
    )
    if not drawn:
        yield Words((gettext("%(caption)s: no answer is finite.") % {"caption": caption},))
        return
    bounded = [
        Span(
            each.label,
            None if each.middle is None else _three_digits(each.middle),
            _bounded(each.low, _place(each)),
            _bounded(each.high, _place(each)),
        )
        for each in drawn
    ]
    yield Spread(name, caption, alt, tuple(bounded), against if math.isfinite(against) else None)


def _place(span: Span) -> float:
    """Where a span lies: its middle, or where that is not shown its lower end."""
    if span.middle is not None:
        return span.middle
    return math.nan if span.low is None else span.low


def _bounded(value: float | None, middle: float) -> float | None:
    """A limit without end is drawn to ten times the middle."""
    return value if value is None else _three_digits(value if math.isfinite(value) else middle * 10.0)


def _span_words(span: Span) -> str:
    if span.low is None or span.high is None:
        return f"{span.label} {refusing.number(_place(span))}"
    return f"{span.label} {refusing.number(span.low)} to {refusing.number(span.high)}"
