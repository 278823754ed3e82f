"""Doors by occupation: for people who may see somebody in trouble at their work, what to look for, whom to call now,
and which report of their own a message to this system does not replace (doors.toml, which a country may leave out).

The promise: each sign, number and duty names its source and how well that is founded. A door has a short code that is
typed from a card; it says where somebody heard of us, and nothing else: no agency, and nothing about anybody.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import re
from collections.abc import Sequence

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries, short_codes
from nowrongdoor.core.language import gettext as _

FILE = "doors.toml"
FEWEST, MOST = 2, 6  # signs of a door: two minutes of reading
_ID = re.compile(r"[a-z][a-z0-9_]{0,29}")
_DIAL = re.compile(r"\+?[0-9]{2,15}")


class Stance(enum.StrEnum):
    """As who somebody writes who came through a door."""

    BYSTANDER = "bystander"
    OFFICIAL = "official"


@dataclasses.dataclass(frozen=True, slots=True)
class Statement:
    """A sentence with what it rests on: a sign of trouble and who describes it, or a duty and its law."""

    words: str
    source: str
    evidence: str


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """Whom to call or tell now. `when`: in what case; `telephone` as it is read and `dial` as it is dialed are empty
    for somebody who is told in person; `text`: where to send a text message, if that works."""

    when: str
    name: str
    telephone: str
    dial: str
    text: str
    source: str
    evidence: str

    @property
    def is_unverified(self) -> bool:
        """Return whether nobody has checked the number yet."""
        return self.evidence == "unverified"


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """A report that somebody of this occupation may owe elsewhere, and that nothing written here replaces. `to`: whom;
    `words`: who owes it, of what, by when; `telephone`: empty where it differs from place to place."""

    to: str
    words: str
    telephone: str
    dial: str
    source: str
    evidence: str

    @property
    def is_unverified(self) -> bool:
        """Return whether nobody has checked yet that the report is owed so."""
        return self.evidence == "unverified"


@dataclasses.dataclass(frozen=True, slots=True)
class Ask:
    """A short field of the form behind a door. What is written there becomes part of what happened, in the writer's
    words: nothing is looked up or matched by it."""

    id: str
    words: str


@dataclasses.dataclass(frozen=True, slots=True)
class Door:
    """A door. `name`: for whom it is, after "For": "flight and gate crews"."""

    id: str
    code: str
    name: str
    stance: Stance
    signs: Sequence[Statement]
    calls: Sequence[Call]
    reports: Sequence[Report]
    duties: Sequence[Statement]
    asks: Sequence[Ask]


@dataclasses.dataclass(frozen=True, slots=True)
class Doors:
    """The doors of a country, in the order of its file."""

    version: str
    each: Sequence[Door]

    def by_code(self, code: str) -> Door | None:
        """Return the door with a code, as codes are written, or None."""
        return next((door for door in self.each if door.code == code), None)


NONE = Doors("", ())


def read(text: str) -> Doors:
    """Read a country's doors.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    version = content.text("version")
    read: list[Door] = []
    for entry in content.each("door"):
        door = _door(entry)
        for key, value in (("id", door.id), ("code", door.code), ("name", door.name)):
            if value in [getattr(each, key) for each in read]:
                raise entry.wrong(key, _("write another: one door has it already"))
        read.append(door)
    content.end()
    return Doors(version, read)


def _door(entry: entries.Entry) -> Door:
    code = entry.text("code")
    if not short_codes.is_code(code):
        raise entry.wrong("code", _("write a short code; the last of its six signs is worked out from the others"))
    stance = entry.text("stance")
    if stance not in list(Stance):
        raise entry.wrong("stance", _("write one of %(names)s") % {"names": ", ".join(Stance)})
    signs = [_statement(each) for each in entry.each("sign")]
    if not FEWEST <= len(signs) <= MOST:
        raise entry.wrong("sign", _("write %(low)d to %(high)d of them") % {"low": FEWEST, "high": MOST})
    asks: list[Ask] = []
    for each in entry.each("ask"):
        ask = Ask(_id(each), each.text("words"))
        if ask.id in [before.id for before in asks]:
            raise each.wrong("id", _("write another: one field has it already"))
        each.end()
        asks.append(ask)
    calls = [_call(each) for each in entry.each("call")]
    reports = [_report(each) for each in entry.each("report")]
    if not reports:
        raise entry.wrong("report", _("say which report of theirs this does not replace"))
    duties = [_statement(each) for each in entry.each("duty")]
    door = Door(_id(entry), code, entry.text("name"), Stance(stance), signs, calls, reports, duties, asks)
    entry.end()
    return door


def _id(entry: entries.Entry) -> str:
    value = entry.text("id")
    if not _ID.fullmatch(value):
        raise entry.wrong("id", _("write small letters, digits and underscores"))
    return value


def _statement(entry: entries.Entry) -> Statement:
    read = Statement(entry.text("words"), entry.text("source"), entries.evidence(entry))
    entry.end()
    return read


def _call(entry: entries.Entry) -> Call:
    read = Call(
        entry.text("when"),
        entry.text("name"),
        *_number(entry),
        entry.text("text", ""),
        entry.text("source"),
        entries.evidence(entry),
    )
    entry.end()
    return read


def _report(entry: entries.Entry) -> Report:
    read = Report(entry.text("to"), entry.text("words"), *_number(entry), entry.text("source"), entries.evidence(entry))
    entry.end()
    return read


def _number(entry: entries.Entry) -> tuple[str, str]:
    """Return a telephone number as it is read and as it is dialed, both or neither. Unreadable."""
    telephone, dial = entry.text("telephone", ""), entry.text("dial", "")
    if bool(telephone) != bool(dial):
        raise entry.wrong("dial" if telephone else "telephone", _("write 'telephone' and 'dial', or neither"))
    if dial and not _DIAL.fullmatch(dial):
        raise entry.wrong("dial", _("write the number in digits alone, with + in front if it begins with a country"))
    return telephone, dial


@functools.cache
def installed() -> Doors:
    """Return the doors of the installed country, none where it has no such file."""
    return read(jurisdictions.text(FILE)) if jurisdictions.has(FILE) else NONE
