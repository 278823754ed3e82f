"""Whether a fitted model is one that the table could have come from.

The promise: a model is rejected only by a p-value that holds for this table. The statistic is the deviance, which
compares the model with the saturated one. Where at least four in five expected counts are 5 or more and none is below
1 (Cochran 1954), the chi-square distribution gives the p-value; its degrees of freedom leave out the histories that a
term at minus infinity rules out (Fienberg and Rinaldo 2012). In a sparser table the chi-square distribution misleads,
so tables are drawn from the model itself, fitted again and compared (the parametric bootstrap; Davison and Hinkley
1997). Drawing stops early once the model is plainly not rejected (Besag and Clifford 1991).
"""

from __future__ import annotations

import dataclasses
import enum

import numpy as np
from scipy import special

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.prevalence import estimating, fitting, resampling

REJECTED = 0.001
DRAWS = 1_999  # the smallest p-value is 1 in 2,000, half of what rejects
FIRST = 199
ENOUGH = 20  # so many worse fits among the first draws put p near 0.1: there is no need to go on
MOST_CLIMBS = 25  # a chunk; a draw left out of them counts as fitting worse, which never rejects a model
SMALL, TINY, SMALL_SHARE = 5.0, 1.0, 0.2


class Reference(enum.Enum):
    """What a deviance was compared with."""

    CHI_SQUARE = "chi-square"
    BOOTSTRAP = gettext_lazy("parametric bootstrap")
    NOTHING = gettext_lazy("nothing left over")


@dataclasses.dataclass(frozen=True)
class Goodness:
    """A deviance, and how often a table from the model itself has a larger one. `draws`: how many tables were drawn;
    0 with chi-square."""

    deviance: float
    df: int
    p: float
    reference: Reference
    draws: int = 0

    @property
    def is_rejected(self) -> bool:
        return self.p < REJECTED

    @property
    def words(self) -> str:
        """Return the test in one phrase."""
        if self.reference is Reference.NOTHING:
            return _("the model has as many terms as the table has counts, so its fit cannot be tested")
        how = "chi-square"
        if self.reference is Reference.BOOTSTRAP:
            how = _("parametric bootstrap with %(draws)s tables, because some expected counts are small") % {
                "draws": f"{self.draws:,}"
            }
        return _("deviance %(deviance)s on %(df)s degrees of freedom, p %(p)s (%(how)s)") % {
            "deviance": f"{self.deviance:.1f}",
            "df": self.df,
            "p": f"{self.p:.2g}",
            "how": how,
        }


def test(fitted: estimating.Fitted, dice: np.random.Generator) -> Goodness:
    """Return how well a model fits its table. `dice` draws the tables where chi-square would mislead."""
    if fitted.df <= 0:
        return Goodness(fitted.deviance, 0, 1.0, Reference.NOTHING)
    if not is_sparse(fitted):
        return Goodness(fitted.deviance, fitted.df, fitted.p_of_fit, Reference.CHI_SQUARE)
    worse = drawn = 0
    while drawn < DRAWS and (drawn < FIRST or worse < ENOUGH):
        draws = min(resampling.at_once(fitted.table.lists), (FIRST if drawn < FIRST else DRAWS) - drawn)
        worse += _worse(fitted, draws, dice)
        drawn += draws
    return Goodness(fitted.deviance, fitted.df, (worse + 1) / (drawn + 1), Reference.BOOTSTRAP, drawn)


def is_sparse(fitted: estimating.Fitted) -> bool:
    """Return whether expected counts are too small for the chi-square distribution (Cochran 1954)."""
    expected = fitted.expected[1:]
    possible = expected[expected > 0]
    return bool((possible < TINY).any() or (possible < SMALL).mean() > SMALL_SHARE)


def _worse(fitted: estimating.Fitted, draws: int, dice: np.random.Generator) -> int:
    """How many of so many tables drawn from the model, with as many people as were seen, it fits worse than its own."""
    table = fitted.table
    lists, size = table.lists, len(table.counts)
    expected = fitted.expected.copy()
    expected[0] = 0.0
    counts = np.asarray(dice.multinomial(table.people, expected / expected.sum(), draws).T, dtype=np.float64)
    totals = fitting.on_all(counts, lists)
    finite = np.array([each for each in fitted.model if np.isfinite(fitted.coefficients[each])], dtype=np.int64)
    terms = np.repeat(finite[:, None], draws, axis=1)
    alive = np.repeat((fitted.expected > 0)[:, None], draws, axis=1)
    # A term that nobody has in a draw is at minus infinity there, as in the table itself.
    histories = np.arange(size)[:, None]
    for row in range(1, len(finite)):
        gone = totals[finite[row]] == 0
        alive[:, gone] &= (histories & finite[row]) != finite[row]
        terms[row, gone] = 1 << lists
    alive[0] = True
    start = np.repeat(np.array([[fitted.coefficients[int(each)]] for each in finite]), draws, axis=1)
    start[terms == 1 << lists] = 0.0
    fits = fitting.fit(totals, terms, alive, start, lists=lists)
    height = (np.take_along_axis(totals, terms, axis=0) * fits.coefficients).sum(axis=0) - fits.expected[0]
    saturated = special.xlogy(counts, counts).sum(axis=0) - counts.sum(axis=0)
    # Rounding must not make a draw that is the table itself look better than it.
    enough = fitted.deviance * (1.0 - 1e-9)
    worse = ~(2.0 * (saturated - height) < enough)
    # Short of its maximum, a draw only seems to fit worse: those that seem so are fitted slowly and surely.
    for column in np.flatnonzero(worse & ~fits.converged)[:MOST_CLIMBS]:
        one = slice(column, column + 1)
        with np.errstate(all="ignore"):
            better = fitting.climb(totals[:, one], terms[:, one], alive[:, one], lists=lists)
        wanted = np.take_along_axis(totals[:, one], terms[:, one], axis=0)
        climbed = float((wanted * better.coefficients).sum() - better.expected[0, 0])
        worse[column] = not 2.0 * (saturated[column] - climbed) < enough
    return int(worse.sum())
