"""Refitting another program's resampled counts, so that two programs can be compared draw by draw."""

from __future__ import annotations

import dataclasses

import numpy as np

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.prevalence import estimating, exhaustive, fitting, models, reading, resampling, telling

SAME = 1e-6


@dataclasses.dataclass(frozen=True)
class Refitted:
    """Our estimate of each replicate, and the other program's where it gave one."""

    estimate: float
    estimates: fitting.Floats
    theirs: fitting.Floats | None
    limits: tuple[resampling.Limit, ...]
    acceleration: float

    @property
    def differences(self) -> fitting.Floats | None:
        """How far each is from theirs, relative to theirs; infinite where only one of the two is."""
        if self.theirs is None:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.abs(self.estimates - self.theirs) / np.abs(self.theirs)
        return np.where(self.estimates == self.theirs, 0.0, np.where(np.isnan(apart), np.inf, apart))

    def as_plain(self) -> dict[str, telling.Plain]:
        """Return every figure by name."""
        differences = self.differences
        return {
            "estimate": telling.finite(self.estimate),
            "estimates": [telling.finite(each) for each in self.estimates],
            "share_infinite": float(np.isinf(self.estimates).mean()),
            "interval": {
                str(each.level): {"bca": [telling.finite(each.low), telling.finite(each.high)]} for each in self.limits
            },
            "acceleration": self.acceleration,
            "largest_difference": None if differences is None else telling.finite(float(np.max(differences))),
            "different": None if differences is None else int((~(differences <= SAME)).sum()),
        }

    @property
    def words(self) -> str:
        """Say the comparison in a few lines."""
        sentences = [
            _("%(count)s replicates refitted; the table itself: %(estimate)s")
            % {"count": f"{len(self.estimates):,}", "estimate": f"{self.estimate:,.3f}"}
        ]
        sentences += [
            f"{each.level} % BCa: " + (f"{each.low:,.3f} to {each.high:,.3f}" if each.low <= each.high else "none")
            for each in self.limits
        ]
        if self.differences is not None:
            far = int((~(self.differences <= SAME)).sum())
            sentences.append(
                _("Largest relative difference %(max)s; %(far)s beyond %(same)s")
                % {"max": f"{np.max(self.differences):.3g}", "far": f"{far:,}", "same": f"{SAME:g}"}
            )
        return "\n".join(sentences)


def refit(read: reading.Read, text: str, settings: estimating.Settings) -> Refitted:
    """Refit each line of counts with the whole choice of a model (Chan, Silverman and Vincent 2021, section
    3.3). tables.TableError; estimating.CannotEstimate, existence.NoMaximum."""
    table = read.table
    estimating.check(table, settings)
    counts, estimates = reading.read_replicates(text, read.rows)
    drawn = np.zeros((len(table.counts), len(counts)))
    # Rows may repeat a history, so counts are added up.
    np.add.at(drawn, np.array(read.rows), np.array(counts, dtype=np.float64).T)
    known: tuple[models.Model, ...] = ()
    if settings.method is estimating.Method.BIC:
        ranking = exhaustive.rank(table.counts, lists=table.lists, order=settings.order)
        known = tuple(ranking.model(each) for each in range(min(settings.top, len(ranking.codes))))

    def repeat(columns: fitting.Floats) -> fitting.Floats:
        return estimating.estimates(columns, lists=table.lists, settings=settings, known=known)

    ours = repeat(drawn)
    estimate = float(repeat(table.counts[:, None])[0])
    knife = resampling.jackknife(table, repeat)
    limits = tuple(resampling.bca(ours, estimate, knife.acceleration, each) for each in resampling.LEVELS)
    return Refitted(estimate, ours, None if estimates is None else np.array(estimates), limits, knife.acceleration)
