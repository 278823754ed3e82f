"""The letters by which a country's office says that somebody may have benefits (benefits.toml, which a country may
leave out): whom each is for, whether and when it ends, and the law of it.

The promise: no letter is made here, none is a condition of help, and an end that no law and no letter names is never
worked out. What the law asks of an office binds that office alone: it names the deadlines of the mandate table, whose
holder owes them.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Sequence

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext as _

FILE = "benefits.toml"
LONGEST = 40  # of the code of a letter


@dataclasses.dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, what it rests on, and how well that is founded."""

    words: str
    citation: str
    evidence: str


@dataclasses.dataclass(frozen=True, slots=True)
class Letter:
    """A kind of letter. `whom`: whom it is for. `days` and `more_days`: how long it lasts at most, and by how much it
    may be extended, once; 0 for one that names no last day. `before`: the lasting letter that should come before it
    ends. `clocks`: deadlines of the mandate table that begin when it is given; `until_end`: those that are over with
    its last day."""

    code: str
    name: str
    whom: Statement
    days: int
    more_days: int
    before: str
    clocks: Sequence[str]
    until_end: Sequence[str]

    @property
    def ends(self) -> bool:
        """Return whether it has a last day."""
        return bool(self.days)


@dataclasses.dataclass(frozen=True, slots=True)
class Reminder:
    """What an agency is told before a letter ends, so many days before, and whose rule that is. Everybody of the agency
    who works on the case may read it: it names no letter and no law."""

    words: str
    days: int


@dataclasses.dataclass(frozen=True)
class Benefits:
    """All of it. `law`: what is said of every letter."""

    version: str
    letters: Sequence[Letter]
    law: Sequence[Statement]
    reminder: Reminder | None

    def letter(self, code: str) -> Letter | None:
        """Find a kind of letter by its code."""
        return next((each for each in self.letters if each.code == code), None)

    def remind_on(self, last_on: datetime.date, today: datetime.date) -> datetime.date:
        """Return by which day an agency has to see to a letter: so many days before its last one, or at once where so
        many are not left."""
        return max(last_on - datetime.timedelta(days=self.reminder.days if self.reminder else 0), today)


NOTHING = Benefits("", (), (), None)


def read(text: str) -> Benefits:
    """Read a country's benefits.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    version = content.text("version")
    letters = [_letter(each) for each in content.each("letter")]
    codes = [each.code for each in letters]
    for entry, letter in zip(content.each("letter"), letters, strict=True):
        if not letter.code.isidentifier() or letter.code != letter.code.lower() or len(letter.code) > LONGEST:
            raise entry.wrong("id", _("write small letters and underscores, at most 40"))
        if codes.count(letter.code) > 1:
            raise entry.wrong("id", _("write another: one letter has it already"))
        if letter.before and letter.before not in codes:
            raise entry.wrong("before", _("name another letter of this file"))
        if not letter.ends and (letter.more_days or letter.before or letter.until_end):
            raise entry.wrong("days", _("say how long it lasts, or leave out what follows from that"))
    law = [_statement(each) for each in content.each("law")]
    reminder = None
    if any(each.ends for each in letters):
        entry = content.one("reminder")
        reminder = Reminder(entry.text("words"), entry.number("days", 1, 90))
        entry.end()
    content.end()
    return Benefits(version, letters, law, reminder)


def _letter(entry: entries.Entry) -> Letter:
    letter = Letter(
        code=entry.text("id"),
        name=entry.text("name"),
        whom=Statement(entry.text("whom"), entry.text("citation"), entries.evidence(entry)),
        days=entry.number("days", 0, 3_660, 0),
        more_days=entry.number("more_days", 0, 3_660, 0),
        before=entry.text("before", ""),
        clocks=entry.texts("clocks", ()),
        until_end=entry.texts("until_end", ()),
    )
    entry.end()
    return letter


def _statement(entry: entries.Entry) -> Statement:
    statement = Statement(entry.text("words"), entry.text("citation"), entries.evidence(entry))
    entry.end()
    return statement


@functools.cache
def installed() -> Benefits:
    """Return what the installed country says, which is nothing where it has no such file."""
    return read(jurisdictions.text(FILE)) if jurisdictions.has(FILE) else NOTHING
