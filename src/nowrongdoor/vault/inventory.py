"""How a room says of every column that can hold a word how it is kept: sealed, as a search token, or plain for a
written reason.

The promise (5 of the design) is only as good as what rooms declare is complete: a test compares it with the catalogue,
so that a new column that nobody declares fails the build, and the database refuses anything in a sealed column that was
not sealed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from django.db import models

# Why a column may be plain, where more than one room says it.
CODES = "a code from a fixed list"
RULE = "words of the mandate table, which is public"
FACTS = "codes of the vocabulary that rules ask about; no free text and no name"
PLACE = "a state or a judicial district, on which responsibility turns; no finer place"
REFERENCE = "made by the system; says nothing of anybody"


@dataclasses.dataclass(frozen=True)
class Columns:
    """The columns of one table that can hold a word. `sealed`: with the key of its case or signal; empty when nothing
    was written. `tokens`: of a keyed index (HMAC), equal for equal values of one agency and nothing without its key.
    `plain`: with the reason."""

    model: type[models.Model]
    sealed: Sequence[str] = ()
    tokens: Sequence[str] = ()
    plain: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def table(self) -> str:
        """Name the table."""
        return self.model._meta.db_table

    @property
    def all(self) -> Sequence[str]:
        """List every column that is declared."""
        return [*self.sealed, *self.tokens, *self.plain]


def checks(tables: Iterable[Columns]) -> list[str]:
    """Write, in SQL, that a sealed column holds nothing but what was sealed (or nothing)."""
    return [
        f'ALTER TABLE "{each.table}" ADD CONSTRAINT {each.table.removeprefix("nowrongdoor_")}_{column}_is_sealed CHECK '
        f"(length({column}) = 0 OR (get_byte({column}, 0) = 1 AND length({column}) > 29))"
        for each in tables
        for column in each.sealed
    ]
