"""The pictures of a report as SVG, drawn by Vega-Lite without a browser. Everything that a picture says stands in its
`alt` too; nothing is said by color alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair
import vl_convert

from nowrongdoor.core.language import gettext as _
from nowrongdoor.publishing import documents

WIDTH = 520
ROW = 22
INK, BLUE, PALE = "#1b1b1b", "#1a4480", "#73b3e7"
# The first of these that is there: on a device, in a browser, among the faces that a PDF brings.
FONT = "Source Sans Pro, Helvetica Neue, Arial, Liberation Sans, Libertinus Serif, sans-serif"
Drawn = altair.Chart | altair.LayerChart | altair.FacetChart
PEOPLE = altair.Axis(format=",.0f", tickCount=6, labelOverlap=True, labelSeparation=10, grid=True, gridColor="#dfe1e2")


def draw(picture: documents.Picture) -> str:
    """Draw one picture as SVG."""
    styled = _chart(picture).properties(width=WIDTH).configure(font=FONT, background="#ffffff", aria=False)
    styled = styled.configure_axis(labelColor=INK, titleColor=INK, labelFontSize=12, titleFontSize=12, labelLimit=260)
    styled = styled.configure_view(stroke=None)
    svg: str = vl_convert.vegalite_to_svg(styled.to_dict())
    return svg


def _chart(picture: documents.Picture) -> Drawn:
    match picture:
        case documents.Spread():
            return _spread(picture)
        case documents.Columns():
            return _columns(picture)
        case documents.Cloud():
            return _cloud(picture)


def _of(rows: Sequence[Mapping[str, object]]) -> altair.Chart:
    return altair.Chart({"values": rows})


def _across(field: str, ends: list[float], unit: str) -> altair.X:
    scale = altair.Scale(type="log", domain=[min(ends) / 1.04, max(ends) * 1.04], nice=False)
    return altair.X(f"{field}:Q", scale=scale, axis=PEOPLE, title=_("%(unit)s, logarithmic scale") % {"unit": unit})


def _spread(picture: documents.Spread) -> Drawn:
    spans = picture.spans
    rows = [{"label": each.label, "low": each.low or each.middle, "high": each.high or each.middle} for each in spans]
    dots = [{"label": each.label, "at": each.middle} for each in spans if each.middle]
    against = [{"at": picture.against}] if picture.against else []
    ends = [end for each in picture.spans for end in (each.middle, each.low, each.high) if end]
    ends += [picture.against] if picture.against else []
    x = _across("at", ends, picture.unit)
    order = [each.label for each in picture.spans]
    y = altair.Y("label:N", sort=order, title=None, axis=altair.Axis(ticks=False, domain=False))
    base = _of(rows)
    return altair.layer(
        _of(against).mark_rule(color=INK, strokeDash=[4, 3]).encode(x=x),
        base.mark_rule(color=PALE, strokeWidth=6).encode(x=_across("low", ends, picture.unit), x2="high:Q", y=y),
        _of(dots).mark_point(color=BLUE, filled=True, size=60, opacity=1).encode(x=x, y=y),
    ).properties(height=ROW * max(len(rows), 1))


def _columns(picture: documents.Columns) -> Drawn:
    rows = [{"low": each.low, "high": each.high, "height": each.height, "ground": 0} for each in picture.columns]
    marks = [{"at": each.at, "label": each.label, "lane": at % 3} for at, each in enumerate(picture.marks)]
    ends = [end for each in picture.columns for end in (each.low, each.high)] + [each.at for each in picture.marks]
    top = 1.3 * max((each.height for each in picture.columns), default=1.0)  # room for the marks' names
    x = _across("at", ends, "people")
    bars = _of(rows).mark_bar(color=PALE, stroke=BLUE, strokeWidth=0.4)
    lines = _of(marks)
    layers = altair.layer(
        bars.encode(
            x=_across("low", ends, "people"),
            x2="high:Q",
            y=altair.Y(
                "height:Q",
                title="replicates",
                scale=altair.Scale(domain=[0, top]),
                axis=altair.Axis(grid=False, tickCount=4, format=",.0f"),
            ),
            y2="ground:Q",
        ),
        lines.mark_rule(color=INK, strokeDash=[4, 3]).encode(x=x),
        lines.mark_text(color=INK, align="left", dx=4, fontSize=12).encode(
            x=x, y=altair.Y("lane:Q", axis=None, scale=altair.Scale(domain=[-0.5, 9], reverse=True)), text="label:N"
        ),
    )
    drawn: Drawn = layers.resolve_scale(y="independent").properties(height=180)
    return drawn


def _cloud(picture: documents.Cloud) -> Drawn:
    rows = [{"at": each.at, "worse": each.worse, "weight": each.weight} for each in picture.dots]
    points = _of(rows).mark_point(color=BLUE, filled=True, opacity=0.7)
    drawn: Drawn = points.encode(
        x=_across("at", [each.at for each in picture.dots], "people"),
        y=altair.Y(
            "worse:Q", scale=altair.Scale(reverse=True), title=_("BIC above the best"), axis=altair.Axis(tickCount=5)
        ),
        size=altair.Size("weight:Q", scale=altair.Scale(range=[20, 320]), legend=None),
    ).properties(height=200)
    return drawn
