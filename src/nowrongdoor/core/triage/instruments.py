"""Which instruments apply to a case, and all of their results at once.

Promise: the same answers and facts give the same results, whatever their order. Results are frozen,
so those of equal cases are computed once and shared.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from nowrongdoor.core.triage import answers, assessment, elements, ilo

NO_GLOSSES: frozenset[ilo.Gloss] = frozenset()


def assess(
    given: answers.Answers,
    facts: Mapping[str, str],
    glosses: frozenset[ilo.Gloss] = NO_GLOSSES,
) -> tuple[assessment.Assessment, ...]:
    """Assess a case: the elements of the country's law first, then the ILO indicators.

    `facts` maps an attribute to its value; a missing attribute is unknown. Of the facts only `age`, `commercial_sex`
    and `labor` are read, and those that the country's instruments name.
    """
    return _assess(given.yes, given.no, glosses, *map(facts.get, *_read()))


@functools.cache
def _read() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """List the facts that any instrument reads, and what each is where nobody said."""
    names = tuple(dict.fromkeys(("age", "commercial_sex", "labor", *elements.installed().facts)))
    return names, ("unknown",) * len(names)


@functools.lru_cache(maxsize=65_536)
def _assess(yes: int, no: int, glosses: frozenset[ilo.Gloss], *values: str) -> tuple[assessment.Assessment, ...]:
    given = answers.Answers(yes=yes, no=no)
    facts = dict(zip(_read()[0], values, strict=True))
    age, commercial_sex, labor = values[:3]
    country = elements.installed()
    results = [elements.assess(each, given, tuple(facts[name] for name in each.facts)) for each in country.each]
    # The published grades are for labour. They are applied unless labour is excluded, or only
    # sexual exploitation is recorded: then the indicators are context.
    if labor == "yes" or (labor != "no" and commercial_sex != "yes"):
        # Age unknown: neither column is guessed; both are shown, each under its own name.
        if age != "under_18":
            results.append(ilo.assess(given, ilo.Scale.ADULT, glosses))
        if age != "adult":
            results.append(ilo.assess(given, ilo.Scale.CHILD, glosses))
    if commercial_sex == "yes":
        results.append(ilo.context(given, instead=country.instead))
    return tuple(results)


def forget() -> None:
    """Drop every remembered result, so that a benchmark can measure distinct cases."""
    _assess.cache_clear()
    elements.assess.cache_clear()
    ilo.dimension_finding.cache_clear()
