"""The sources that a mandate table cites by number: who must do what, on which citation, and how well it is founded.

The promise: a number that stands in a rule, a clock, a gate or a comment is here (a test reads all of them), with its
citation and a link to the law.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Mapping, Sequence

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy

FILE = "sources.toml"
NUMBER = re.compile(r"\b[MRDG]\d{2}\b")
KINDS = {
    "mandate": gettext_lazy("Mandates: who answers for what"),
    "route": gettext_lazy("Routes: which facts call for whom"),
    "deadline": gettext_lazy("Deadlines"),
    "gate": gettext_lazy("Gates on sharing"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """One source. `evidence`: statute, secondary, unverified; a route has none, and is as good as what it rests on."""

    id: str
    kind: str
    who: str = ""
    about: str = ""
    says: str = ""
    citation: str = ""
    evidence: Sequence[str] = ()
    rests_on: Sequence[str] = ()
    links: Sequence[str] = ()

    @property
    def words(self) -> str:
        """Return what it says, in one line."""
        return " · ".join(part for part in (self.who, self.about, self.says) if part)

    @property
    def founded_on(self) -> str:
        """Return the citation with its evidence, or the numbers that it rests on."""
        if self.citation:
            return f"{self.citation} ({', '.join(self.evidence)})"
        return (
            (_("rests on %(names)s") % {"names": ", ".join(self.rests_on)})
            if self.rests_on
            else _("no source named (unverified)")
        )


def read(text: str) -> Mapping[str, Source]:
    """Read a country's sources.toml, by number. entries.Unreadable."""
    content = entries.read(text, FILE)
    sources: dict[str, Source] = {}
    content.text("version")
    for each in content.each("source"):
        one = Source(
            each.text("id"),
            each.text("kind"),
            each.text("who", ""),
            each.text("about", ""),
            each.text("says", ""),
            each.text("citation", ""),
            each.texts("evidence", ()),
            each.texts("rests_on", ()),
            each.texts("links", ()),
        )
        if one.kind not in KINDS:
            raise each.wrong("kind", _("write one of %(names)s") % {"names": ", ".join(KINDS)})
        if one.id in sources:
            raise each.wrong("id", _("give one of the two another"))
        each.end()
        sources[one.id] = one
    content.end()
    return sources


@functools.cache
def shipped() -> Mapping[str, Source]:
    """Read the sources of the country that is installed, by number."""
    return read(jurisdictions.text(FILE))


def document() -> str:
    """Write the sources as a Markdown document, for docs/sources.md."""
    lines = [
        "# The sources",
        "",
        "What the numbers in the mandate table and in the code stand for. The law was read in a snapshot of April",
        "2023; a link leads to the text as it is now. `nwd explain M03` shows one. This page is made by",
        "`python -m tests.documents` from `src/nowrongdoor/jurisdictions/us/sources.toml`.",
    ]
    for kind, title in KINDS.items():
        lines += ["", f"## {title}", "", "| number | what it says | founded on | the law |", "|---|---|---|---|"]
        for source in shipped().values():
            if source.kind == kind:
                links = " ".join(f"[{at}]({link})" for at, link in enumerate(source.links, start=1))
                lines.append(f"| {source.id} | {source.words} | {source.founded_on} | {links} |")
    return "\n".join(lines) + "\n"
