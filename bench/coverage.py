"""`python -m bench coverage`: how often intervals that promise 95 % hold a known truth; writes docs/coverage.md and its
picture. Ten minutes on one core; the same seed gives the same document."""

from __future__ import annotations

import dataclasses
import pathlib
import sys
from collections.abc import Sequence

import altair
import vl_convert

from nowrongdoor.core.prevalence import simulation
from nowrongdoor.publishing import charts

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE, PICTURE = ROOT / "docs" / "coverage.md", ROOT / "docs" / "pictures" / "coverage.svg"
TABLES, REPLICATES, THRESHOLD, SEED = 500, 1_000, 0.02, 2026
KINDS = {"bca": "BCa", "percentile": "Percentile", "wald": "Wald"}


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A truth to draw from; `unlike` is what no model here can say."""

    words: str
    people: int = 5_000
    lists: int = 5
    reach: float = 0.08
    dependence: float = 0.8
    pairs: int = 2
    unlike: float = 0.0


SCENARIOS = (
    Scenario("lists independent", pairs=0),
    Scenario("two dependent pairs"),
    Scenario("four dependent pairs", pairs=4),
    Scenario("two strongly dependent pairs", dependence=1.5),
    Scenario("three lists, one dependent pair", lists=3, pairs=1),
    Scenario("six lists, four dependent pairs", lists=6, pairs=4),
    Scenario("sparse: 1,000 people, shorter lists", people=1_000, reach=0.05),
    Scenario("sparse and large: 12,000 people, shorter lists", people=12_000, reach=0.03, pairs=4),
    Scenario("people somewhat unlike, lists independent", pairs=0, unlike=1.0),
    Scenario("people very unlike, lists independent", pairs=0, unlike=2.0),
    Scenario("people somewhat unlike, two dependent pairs", unlike=1.0),
)


def study(scenario: Scenario) -> simulation.Study:
    """Draw and estimate the tables of one scenario."""
    truth = simulation.truth(
        people=scenario.people,
        lists=scenario.lists,
        reach=scenario.reach,
        dependence=scenario.dependence,
        dependent_pairs=scenario.pairs,
        unlike=scenario.unlike,
        seed=SEED,
    )
    return simulation.study(truth, tables_drawn=TABLES, replicates=REPLICATES, threshold=THRESHOLD, seed=SEED)


def line(scenario: Scenario, done: simulation.Study) -> str:
    """Write one line of the table."""
    plain = done.as_plain()
    seen, middle = plain["expected_seen"], plain["median_estimate"]
    assert isinstance(seen, float)
    assert isinstance(middle, float)
    shares = [f"{done.coverage(kind)[0]:.1%}" for kind in KINDS]
    refused = f"{done.refused.mean():.1%}"
    given = f"{done.honest_coverage[0]:.1%}"
    cells = [scenario.words, f"{scenario.people:,}", f"{seen:,.0f}", f"{middle:,.0f}", *shares, refused, given]
    return f"| {' | '.join(cells)} |"


def write() -> None:
    """Run every scenario and write the page and the picture."""
    lines: list[str] = []
    points: list[dict[str, str | float]] = []
    for scenario in SCENARIOS:
        print(f"... {scenario.words}", file=sys.stderr, flush=True)
        done = study(scenario)
        lines.append(line(scenario, done))
        print(lines[-1], flush=True)
        for kind, words in KINDS.items():
            share, error = done.coverage(kind)
            points.append({"scenario": scenario.words, "kind": words, "at": share, **_reach(share, error)})
        share, error = done.honest_coverage
        points.append({"scenario": scenario.words, "kind": "as given: BCa or set", "at": share, **_reach(share, error)})
    PICTURE.write_text(_drawn(points), encoding="utf-8")
    PAGE.write_text(_page(lines), encoding="utf-8")


def _reach(share: float, error: float) -> dict[str, float]:
    return {"low": max(0.0, share - 1.96 * error), "high": min(1.0, share + 1.96 * error)}


def _page(lines: Sequence[str]) -> str:
    return f"""\
# How often the intervals hold the truth

Made by `python -m bench coverage`: {TABLES} tables for each scenario, drawn from a truth that is known; stepwise at
p {THRESHOLD}; {REPLICATES:,} replicates; seed {SEED}. The standard error of a share near 95 % is about 1 %. Read with
[prevalence.md](prevalence.md), which says what the columns mean.

| scenario | truth | seen | middle answer | BCa | percentile | Wald | one number refused | held, as given |
|---|---|---|---|---|---|---|---|---|
{chr(10).join(lines)}

![Share of 95 % intervals that hold the truth, by scenario and kind](pictures/coverage.svg)

"As given" counts what a reader gets: the BCa interval where one number is given, the set where it is refused.

**What the study leaves out.** It refuses by the rules on models and on lists alone. The program also refuses where the
chosen model does not fit, and where the interval misses the best-fitting models; neither rule is in this table. So what
the program gives may be refused more often than the column says, and "held, as given" may differ.
"""


def _drawn(points: Sequence[dict[str, str | float]]) -> str:
    order = [each.words for each in SCENARIOS]
    scale = altair.Scale(domain=[min(0.0, *(float(each["low"]) for each in points)), 1.0])
    percent = altair.Axis(format="%", tickCount=6)
    y = altair.Y("scenario:N", sort=order, title=None)
    lane = altair.YOffset("kind:N")
    base = altair.Chart({"values": list(points)})
    chart = altair.layer(
        altair.Chart({"values": [{"at": 0.95}]}).mark_rule(strokeDash=[4, 3], color=charts.INK).encode(x="at:Q"),
        base.mark_rule(color=charts.PALE, strokeWidth=3).encode(
            x=altair.X("low:Q", scale=scale), x2="high:Q", y=y, yOffset=lane
        ),
        base.mark_point(filled=True, size=45, color=charts.BLUE, opacity=1).encode(
            x=altair.X("at:Q", scale=scale, axis=percent, title="share of 95 % intervals that hold the truth"),
            y=y,
            yOffset=lane,
            shape=altair.Shape("kind:N", title=None, legend=altair.Legend(orient="bottom")),
        ),
    ).properties(width=charts.WIDTH, height=44 * len(order))
    styled = chart.configure(font=charts.FONT, background="#ffffff").configure_axis(labelLimit=320, labelFontSize=12)
    svg: str = vl_convert.vegalite_to_svg(styled.configure_view(stroke=None).to_dict())
    return svg
