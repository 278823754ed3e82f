"""What says on a page that it is the government's: the banner at its top and the identifier at its foot (official.toml,
which a country may leave out).

The promise: no page claims to be official by accident. Both are shown only where the installation is reached by a name
under one of the domains that the country's folder lists; a country without the file shows neither.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import TypeVar

from nowrongdoor import jurisdictions
from nowrongdoor.core import entries

FILE = "official.toml"
T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Banner:
    """The banner in one language. `proof`: how to tell an official site, each point with its heading."""

    label: str
    sentence: str
    question: str
    proof: Sequence[tuple[str, str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Identifier:
    """Who answers for the site, in one language, and the links that law asks for, each with its address."""

    owner: str
    sentence: str
    links: Sequence[tuple[str, str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Official:
    """Both, by language. `domains`: where they are true, each with its dot, like ".gov"."""

    version: str
    domains: tuple[str, ...]
    banners: Mapping[str, Banner]
    identifiers: Mapping[str, Identifier]

    def is_shown_at(self, host: str) -> bool:
        """Return whether a page that is reached by this name is the government's."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        return name.lower().rstrip(".").endswith(self.domains)

    def banner(self, language: str) -> Banner | None:
        """Return the banner in a language, else in the first one."""
        return _in(self.banners, language)

    def identifier(self, language: str) -> Identifier | None:
        """Return the identifier in a language, else in the first one."""
        return _in(self.identifiers, language)


NOTHING = Official("", (), {}, {})


def _in(by_language: Mapping[str, T], language: str) -> T | None:
    return by_language.get(language.partition("-")[0].lower()) or next(iter(by_language.values()), None)


def read(text: str) -> Official:
    """Read a country's official.toml. entries.Unreadable."""
    content = entries.read(text, FILE)
    domains = content.texts("domains")
    if not all(each.startswith(".") and len(each) > 1 and each == each.lower() for each in domains) or not domains:
        raise content.wrong(
            "domains", 'write the ends of the names that only the government has, like [".gov", ".mil"]'
        )
    banners: dict[str, Banner] = {}
    for line in content.each("banner"):
        banners[line.text("language")] = Banner(
            line.text("label"), line.text("sentence"), line.text("question"), _pairs(line, "proof", "heading", "words")
        )
        line.end()
    identifiers: dict[str, Identifier] = {}
    for line in content.each("identifier"):
        links = _pairs(line, "links", "words", "address")
        if wrong := [address for _, address in links if not address.startswith("https://")]:
            raise line.wrong("links", f"write whole addresses that begin with https://, not {wrong[0]}")
        identifiers[line.text("language")] = Identifier(line.text("owner"), line.text("sentence"), links)
        line.end()
    official = Official(content.text("version"), domains, banners, identifiers)
    content.end()
    return official


def _pairs(line: entries.Entry, key: str, first: str, second: str) -> Sequence[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for each in line.each(key):
        pairs.append((each.text(first), each.text(second)))
        each.end()
    return pairs


@functools.cache
def installed() -> Official:
    """Return what the installed country says, which is nothing where it has no such file."""
    return read(jurisdictions.text(FILE)) if jurisdictions.has(FILE) else NOTHING
