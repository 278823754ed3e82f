"""An estimate as it may be published.

The promise: it is made from four figures at most, each rounded coarsely, and from nothing else: no counts by list or
history, no digest that could be tried, no seed to draw again from, no deviance, AIC or BIC, no model, no picture to
measure. Where fewer than 11 people were seen, or are on more than one list, or where there are two lists only, there is
no estimate in it. What is left out is said in the report.

What that is worth against somebody who runs this program on other tables is tested, not proved. With two lists, of all
tables of up to 70 people, each leaves ten of the values from 0 to 10, at least, for a count that is one of them. With
more lists, the tables of the tests leave each small count all of these values; other tables may leave fewer.
"""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Mapping

import pydantic

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.prevalence import estimating, goodness, near, reading, refusing, telling
from nowrongdoor.prevalence import reporting
from nowrongdoor.publishing import documents
from nowrongdoor.publishing.documents import Part, Points, Words

FEW = 11  # CMS's cell size suppression policy: counts of 1 to 10 are not published
GRID = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)  # and ten times these, and so on: about a fifth apart
LEVEL = "95"
KINDS = {
    "bca": gettext_lazy("the choice of a model is repeated"),
    "percentile": gettext_lazy("the choice of a model is repeated"),
    "credible": gettext_lazy("averaged over models"),
    "profile": gettext_lazy("does not count that the model was chosen"),
    "wald": gettext_lazy("does not count that the model was chosen"),
}
LEFT_OUT = (
    gettext_lazy(
        "Every number of people is rounded to the nearest of 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120 and so on. "
        "The ends of a range are rounded outward."
    ),
    f"Counts by list, overlap and history are left out, because counts below {FEW} could point to a person.",
    gettext_lazy(
        "Left out too, because small counts could be worked out from them: the model and its fit, information "
        "criteria, answers to changed tables, the seed and spread of the replicates, pictures, and any digest "
        "of the table."
    ),
    gettext_lazy("The agency that made the estimate keeps all of it."),
)


class Withheld(enum.Enum):
    """Why no estimate is published, not even that one number is refused."""

    SEEN = f"Fewer than {FEW} people were seen, too few to publish an estimate."
    TWO_LISTS = gettext_lazy(
        "No estimate from two lists is published, because even rounded it could tell how many people are on both."
    )
    OVERLAPS = f"Fewer than {FEW} of them are on more than one list, too few to publish an estimate."


class _Range(pydantic.BaseModel):
    source: str = pydantic.Field(alias="from")
    low: float | None
    high: float | None


class _Refused(pydantic.BaseModel):
    reasons: list[str]
    causes: list[str] | None = None  # 0.2.0 wrote none
    set: list[_Range]
    overridden_by: str | None = None


class _Overlaps(pydantic.BaseModel):
    on_this_list_only: dict[str, int]


class _Figures(pydantic.BaseModel):
    """What is taken from the figures of a run, of this version or an earlier one."""

    estimate: float | None
    seen: int
    lists: list[str]
    method: estimating.Method
    interval: dict[str, dict[str, tuple[float | None, float | None]]]
    overlaps: _Overlaps
    p_of_fit: float | None = None
    rows: str | None = None
    refused: _Refused | None = None

    @property
    def overlapping(self) -> int:
        """How many people are on two lists or more."""
        return self.seen - sum(self.overlaps.on_this_list_only.values())


@dataclasses.dataclass(frozen=True)
class Published:
    """Everything that is published of an estimate. Numbers are rounded; `estimate` and `interval` are None where one
    number is refused or `withheld`, and `seen` where fewer than `FEW` people were seen. `span`: where one number is
    refused, how far the answers that models and changed lists give lie apart."""

    estimate: float | None
    seen: float | None
    interval: tuple[float, float] | None
    kind: str
    causes: tuple[refusing.Cause, ...]
    span: tuple[float, float] | None
    is_overridden: bool
    withheld: Withheld | None
    lists: tuple[str, ...]
    method: estimating.Method
    form: reading.Form | None
    version: str
    name: str


def publish(figures: Mapping[str, telling.Plain], *, version: str, name: str = "") -> Published:
    """Return what may be published of a run. `figures`: from `telling.as_plain`. `name`: an id of the run that no table
    leads to; empty where the run is not kept."""
    given = _Figures.model_validate(figures)
    # Whoever asked 0.2.0 for one number was not told that it would be refused because of the fit.
    is_overridden = given.refused is not None and bool(given.refused.overridden_by) and not _added(given)
    causes = _causes(given)
    shared = (tuple(given.lists), given.method, _form(given.rows), version, name)
    withheld = _withheld(given)
    if withheld:
        seen = None if withheld is Withheld.SEEN else _people(given.seen)
        return Published(None, seen, None, "", (), None, False, withheld, *shared)
    if causes and not is_overridden:
        held = given.refused.set if given.refused and refusing.Cause.FIT not in _added(given) else []
        ends = [end for each in held if each.low is not None for end in (each.low, _end(each.high))]
        span = _outward(min(ends), max(ends)) if ends else None
        return Published(None, _people(given.seen), None, "", causes, span, False, None, *shared)
    limits, kind = _interval(given)
    answer = _people(_end(given.estimate))
    return Published(answer, _people(given.seen), limits, kind, causes, None, is_overridden, None, *shared)


def rounded(value: float) -> float:
    """Return the number of the grid that is nearest."""
    if not math.isfinite(value):
        return value
    return min(_around(value), key=lambda each: abs(each - value))


def report(published: Published) -> documents.Document:
    """Return the report that may be published."""
    why = Points(tuple(each.value for each in published.causes))
    lines = [reporting.METHODS[published.method], f"{len(published.lists)} lists: {', '.join(published.lists)}"]
    made = (_("No Wrong Door %(version)s.") % {"version": published.version}) + (
        f" Estimate {published.name}." if published.name else ""
    )
    parts = (
        Part(_("Before you use it"), (why,) if published.causes else ()),
        Part(_("What has to be true"), (Points(telling.ASSUMPTIONS),)),
        Part(
            _("How it was made"),
            (
                Words((f"Method: {lines[0]}.", f"{lines[1]}.")),
                Words((published.form.value,) if published.form else ()),
                Words((made,)),
            ),
        ),
        Part(_("What this report leaves out"), (Points(LEFT_OUT),)),
    )
    is_number = published.estimate is not None
    return documents.Document(
        reporting.TITLE, headline(published), is_number, tuple(each for each in parts if each.blocks)
    )


def headline(published: Published) -> str:
    """Return the answer in words: a number, or why there is none and the set instead."""
    if published.seen is None:
        return Withheld.SEEN.value
    seen = _("About %(said)s people were seen.") % {"said": _said(published.seen)}
    if published.withheld:
        return f"{seen} {published.withheld.value}"
    if published.estimate is None:
        sentences = [_("No single number can be given.")]
        if refusing.Cause.FIT in published.causes:
            sentences.append(_("The chosen model does not fit the data."))
        if published.span:
            low, high = published.span
            sentences.append(
                _("Answers reach from about %(said)s to %(said_2)s people.")
                % {"said": _said(low), "said_2": _said(high)}
            )
        return " ".join([*sentences, seen])
    answer = _("About %(said)s people, seen and unseen. %(seen)s") % {"said": _said(published.estimate), "seen": seen}
    if published.interval:
        low, high = published.interval
        answer += _(" %(level)s percent interval: %(said)s to %(said_2)s (%(kind)s).") % {
            "level": LEVEL,
            "said": _said(low),
            "said_2": _said(high),
            "kind": published.kind,
        }
    if published.is_overridden:
        answer += _(" One number is shown because somebody asked for it; the checks advise against it.")
    return answer


def as_plain(published: Published) -> dict[str, telling.Plain]:
    """Return what is published, by name."""
    is_refused = bool(published.causes) and not published.is_overridden
    return {
        "public": True,
        "estimate": None if published.estimate is None else telling.finite(published.estimate),
        "seen": published.seen,
        "read_as": published.form.value if published.form else None,
        "withheld": published.withheld.value if published.withheld else None,
        "interval": None if published.interval is None else [telling.finite(each) for each in published.interval],
        "refused": {
            "reason": " ".join(each.value for each in published.causes),
            "causes": [each.name.lower() for each in published.causes],
            "set": [{"low": telling.finite(published.span[0]), "high": telling.finite(published.span[1])}]
            if published.span
            else [],
        }
        if is_refused
        else None,
        "method": published.method.value,
        "lists": list(published.lists),
        "assumptions": list(telling.ASSUMPTIONS),
        "left_out": list(LEFT_OUT),
        "version": published.version,
    }


def _withheld(given: _Figures) -> Withheld | None:
    if given.seen < FEW:
        return Withheld.SEEN
    if len(given.lists) == 2:
        return Withheld.TWO_LISTS
    return Withheld.OVERLAPS if given.overlapping < FEW else None


def _added(given: _Figures) -> tuple[refusing.Cause, ...]:
    """Causes by today's rules that an earlier version did not know: it showed a number from a model that does not
    fit."""
    is_old = given.refused is None or given.refused.causes is None
    is_bad = given.p_of_fit is not None and given.p_of_fit < goodness.REJECTED
    return (refusing.Cause.FIT,) if is_old and is_bad else ()


def _causes(given: _Figures) -> tuple[refusing.Cause, ...]:
    if given.refused is None:
        return _added(given)
    if given.refused.causes is not None:
        return tuple(refusing.Cause[each.upper()] for each in given.refused.causes)
    marks = {
        f"within {near.UNITS:.0f} BIC units": refusing.Cause.MODELS,
        "The answer is": refusing.Cause.LISTS,
        "There is no finite answer": refusing.Cause.ENDLESS,
    }
    causes = [cause for mark, cause in marks.items() if any(mark in each for each in given.refused.reasons)]
    return (*_added(given), *causes)


def _form(name: str | None) -> reading.Form | None:
    return reading.Form[name.upper()] if name else None


def _interval(given: _Figures) -> tuple[tuple[float, float] | None, str]:
    ends = given.interval.get(LEVEL, {})
    for kind, words in KINDS.items():
        low, high = ends.get(kind, (None, None))
        if low is not None:
            return _outward(low, _end(high)), words
    return None, ""


def _people(value: float) -> float:
    """A number of the grid that is no small count, and that 11 people share with 12."""
    return rounded(max(value, FEW + 1))


def _outward(low: float, high: float) -> tuple[float, float]:
    down = max(each for each in _around(low) if each <= low)
    return down, min(each for each in _around(high) if each >= high) if math.isfinite(high) else high


def _around(value: float) -> list[float]:
    """The numbers of the grid about a value, from 0 on."""
    size = 10.0 ** max(0, len(str(int(value))) - 2)
    return [0.0, *(each * size * by for by in (0.1, 1.0, 10.0) for each in GRID if each * size * by >= GRID[0])]


def _end(value: float | None) -> float:
    return math.inf if value is None else value


def _said(value: float) -> str:
    if not math.isfinite(value):
        return _("no upper limit")
    return refusing.number(value) if value > refusing.MOST_ON_EARTH else f"{value:,.0f}"
