"""What a country's law says of records: what the desks for demands and for breaches rest on, and by what a request for
public records is refused (records.toml, which a country may leave out).

The promise: each sentence names its source and how well that is founded. None of it decides anything: whether something
must be handed over, counsel says.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
from collections.abc import Mapping, Sequence
from typing import TypeVar

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext as _

FILE = "records.toml"
Kind = TypeVar("Kind", bound=enum.Enum)


class Desk(enum.Enum):
    """Where a sentence is shown."""

    DEMANDS = "demands"
    BREACHES = "breaches"


class Exemption(enum.Enum):
    """Why a record, or a part of one, may be kept from whoever asks for public records."""

    STATUTE = "statute"
    DELIBERATION = "deliberation"
    PRIVACY = "privacy"
    PROCEEDING = "proceeding"
    PRIVACY_IN_ENFORCEMENT = "privacy_in_enforcement"
    SOURCE = "source"
    SAFETY = "safety"


@dataclasses.dataclass(frozen=True, slots=True)
class Statement:
    """One sentence about the law, its citation and its evidence."""

    id: str
    desk: Desk
    words: str
    citation: str
    evidence: str


@dataclasses.dataclass(frozen=True, slots=True)
class RecordsLaw:
    """All of it. `disclosure`: the name of the law under which anybody asks for public records, empty for none;
    `writers`: the kinds of agency that own what they wrote, none where they differ in nothing."""

    version: str
    disclosure: str
    writers: Sequence[str]
    statements: Sequence[Statement]
    exemptions: Mapping[Exemption, str]

    def of(self, desk: Desk) -> Sequence[Statement]:
        """List what a desk rests on."""
        return [each for each in self.statements if each.desk is desk]


NOTHING = RecordsLaw("", "", (), (), {})


def read(text: str) -> RecordsLaw:
    """Read a country's records.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    statements: list[Statement] = []
    for line in content.each("statement"):
        statement = Statement(
            line.text("id"),
            _one_of(line, "desk", Desk),
            line.text("words"),
            line.text("citation"),
            entries.evidence(line),
        )
        if statement.id in [each.id for each in statements]:
            raise line.wrong("id", _("write another: one statement has it already"))
        line.end()
        statements.append(statement)
    exemptions: dict[Exemption, str] = {}
    for line in content.each("exemption"):
        exemptions[_one_of(line, "why", Exemption)] = line.text("citation")
        line.end()
    law = RecordsLaw(
        content.text("version"), content.text("disclosure", ""), content.texts("writers", ()), statements, exemptions
    )
    content.end()
    return law


def _one_of(line: entries.Entry, key: str, kinds: type[Kind]) -> Kind:
    """Return the kind that an entry names. entries.Unreadable."""
    try:
        return kinds(line.text(key))
    except ValueError:
        names = ", ".join(str(each.value) for each in kinds)
        raise line.wrong(key, _("write one of %(names)s") % {"names": names}) from None


@functools.cache
def installed() -> RecordsLaw:
    """Return what the installed country says, which is nothing where it has no such file."""
    return read(jurisdictions.text(FILE)) if jurisdictions.has(FILE) else NOTHING
