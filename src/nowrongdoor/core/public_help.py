"""What a country's public pages say to somebody who needs help, besides the emergency number and the hotline: where
"Leave this page" leads, what to know before calling, other lines, and, where the public may write to somebody, whose
desk gets it and which agencies a person is asked about (public.toml, which a country may leave out).

The promise: each number and each sentence of it names its source and how well that is founded.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Mapping, Sequence

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext as _

FILE = "public.toml"


@dataclasses.dataclass(frozen=True, slots=True)
class Advice:
    """What somebody should know before they call or send a text."""

    words: str
    source: str
    evidence: str


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """Whom else to call. `who`: for whom it is; `connects`: it puts callers through to other numbers, and takes nobody
    over (yes, or nothing); `report`: what is still to be reported by whoever hands somebody on there, empty for
    nothing; the rest is as of the hotline (country.toml)."""

    id: str
    who: str
    name: str
    hours: str
    telephone: str
    dial: str
    text: str
    source: str
    evidence: str
    connects: str = ""
    report: str = ""

    @property
    def is_unverified(self) -> bool:
        """Return whether nobody has checked the number yet."""
        return self.evidence == "unverified"


@dataclasses.dataclass(frozen=True, slots=True)
class Pictures:
    """Whom to tell of a sexual picture of somebody under age. `words`: what whoever saw one must do, and must not;
    `site`: where it is reported."""

    words: str
    name: str
    site: str
    telephone: str
    dial: str
    law: str
    source: str
    evidence: str


@dataclasses.dataclass(frozen=True, slots=True)
class Wish:
    """One kind of agency about which a person is asked by itself. `fact`: the fact of the table that the answer is, yes
    or no; `ask`: the question to the person, `ask_for` to whoever speaks for them; `hint`: who these agencies are."""

    fact: str
    ask: str
    ask_for: str
    hint: str


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """What this country wants an agency to say on a form for the public, as sentences with names in braces for what is
    the agency's own (operating/about.py)."""

    number: str
    burden: str
    source: str
    evidence: str


FILLED_IN = {"number": ("number", "expires"), "burden": ("minutes", "comments")}


def filled_in(words: str, values: Mapping[str, str]) -> str:
    """Put values in place of their names in braces. What else stands in braces stays."""
    return re.sub(r"\{(\w+)\}", lambda name: values.get(name[1], name[0]), words)


@dataclasses.dataclass(frozen=True, slots=True)
class PublicHelp:
    """All of it. `leave`: the address of a page that anybody may have open, empty for none; `receiver`: the desk that
    gets what the public writes, empty where nobody does; `texting`: whether a text message to the emergency number
    arrives; `form`: what an agency has to say on a form for the public."""

    version: str
    leave: str
    before: Advice | None
    lines: Sequence[Line]
    pictures: Pictures | None = None
    receiver: str = ""
    texting: Advice | None = None
    wishes: Sequence[Wish] = ()
    form: Form | None = None

    @property
    def taking_over(self) -> Mapping[str, Line]:
        """Return the lines that somebody can be handed on to, by id."""
        return {line.id: line for line in self.lines if not line.connects}

    @property
    def connecting(self) -> Mapping[str, Line]:
        """Return the lines by which somebody talks with any other number, by id."""
        return {line.id: line for line in self.lines if line.connects}


NOTHING = PublicHelp("", "", None, ())


def read(text: str) -> PublicHelp:
    """Read a country's public.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    leave = content.text("leave", "")
    if leave and not leave.startswith("https://"):
        raise content.wrong("leave", _("write a whole address that begins with https://"))
    content.texts("reviewed", ())  # of 0.4.0: a review has a file with its reader's name now (core/reviews.py)
    pictures = None
    if content.has("pictures"):
        line = content.one("pictures")
        pictures = Pictures(
            line.text("words"),
            line.text("name"),
            line.text("site"),
            line.text("telephone"),
            line.text("dial"),
            line.text("law"),
            line.text("source"),
            entries.evidence(line),
        )
        line.end()
    lines: list[Line] = []
    for line in content.each("line"):
        read = Line(
            line.text("id"),
            line.text("who"),
            line.text("name"),
            line.text("hours", ""),
            line.text("telephone"),
            line.text("dial"),
            line.text("text", ""),
            line.text("source"),
            entries.evidence(line),
            line.text("connects", ""),
            line.text("report", ""),
        )
        if read.connects not in ("", "yes"):
            raise line.wrong("connects", _("write “yes”, or leave it out"))
        if read.id in [each.id for each in lines]:
            raise line.wrong("id", _("write another: one line has it already"))
        line.end()
        lines.append(read)
    wishes: list[Wish] = []
    for line in content.each("wish"):
        wish = Wish(line.text("fact"), line.text("ask"), line.text("ask_for"), line.text("hint", ""))
        if wish.fact in [each.fact for each in wishes]:
            raise line.wrong("fact", _("write another: one question has it already"))
        line.end()
        wishes.append(wish)
    helping = PublicHelp(
        content.text("version"),
        leave,
        _advice(content, "before"),
        lines,
        pictures,
        content.text("receiver", ""),
        _advice(content, "texting"),
        wishes,
        _form(content.one("form")) if content.has("form") else None,
    )
    content.end()
    return helping


def _form(entry: entries.Entry) -> Form:
    form = Form(entry.text("number"), entry.text("burden"), entry.text("source"), entries.evidence(entry))
    for key, names in FILLED_IN.items():
        marked = [f"{{{name}}}" for name in names]
        if not all(each in getattr(form, key) for each in marked):
            raise entry.wrong(key, _("write it with %(names)s where these belong") % {"names": ", ".join(marked)})
    entry.end()
    return form


def _advice(content: entries.Entry, key: str) -> Advice | None:
    if not content.has(key):
        return None
    line = content.one(key)
    advice = Advice(line.text("words"), line.text("source"), entries.evidence(line))
    line.end()
    return advice


@functools.cache
def installed() -> PublicHelp:
    """Return what the installed country says, which is nothing where it has no such file."""
    return read(jurisdictions.text(FILE)) if jurisdictions.has(FILE) else NOTHING
