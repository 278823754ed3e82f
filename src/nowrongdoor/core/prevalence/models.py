"""Models: which lists go together. A model is a sorted tuple of terms, each a set of lists; the empty set comes first.

Only hierarchical models are meant: a term brings all its parts along.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

Model = tuple[int, ...]


def size(term: int) -> int:
    """Count the lists of a term."""
    return term.bit_count()


def main_effects(lists: int) -> Model:
    """Return the model in which lists know nothing of each other."""
    return (0, *(1 << each for each in range(lists)))


def pairs(lists: int) -> tuple[int, ...]:
    """Return every pair in the order of Chan, Silverman and Vincent's program: AB, AC, AD, …, BC, BD, …"""
    return tuple(1 << first | 1 << second for first, second in itertools.combinations(range(lists), 2))


def triples(lists: int) -> tuple[int, ...]:
    """Return every three lists."""
    return tuple(1 << a | 1 << b | 1 << c for a, b, c in itertools.combinations(range(lists), 3))


def with_terms(lists: int, terms: Iterable[int]) -> Model:
    """Return the model of these terms and all their parts, simple ones first."""
    terms_of_model = set(main_effects(lists))
    for term in terms:
        part = term
        while part:
            terms_of_model.add(part)
            part = (part - 1) & term
    return tuple(sorted(terms_of_model, key=lambda each: (each.bit_count(), members(each))))


def members(term: int) -> tuple[int, ...]:
    """Return the numbers of the lists in a term."""
    return tuple(each for each in range(term.bit_length()) if term >> each & 1)


def name(term: int, names: Sequence[str]) -> str:
    """Write a term as SparseMSE does: `LA:NG`; the empty one is `(Intercept)`."""
    return ":".join(names[each] for each in members(term)) or "(Intercept)"


def generators(model: Model) -> tuple[int, ...]:
    """Return the terms that no other term contains: they say the whole model."""
    terms = [each for each in model if each]
    return tuple(each for each in terms if not any(each != other and each & other == each for other in terms))


def bracket(model: Model) -> str:
    """Write a model by numbers as MultipleSystemsEstimation does: `[12,13,5]`, longest parts first."""
    parts = sorted(generators(model), key=lambda each: (-size(each), members(each)))
    return "[" + ",".join("".join(str(one + 1) for one in members(each)) for each in parts) + "]"
