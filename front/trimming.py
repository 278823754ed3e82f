"""Only the styles used travel: a rule whose classes stand in no template, no script and no Python file is left out."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterable

SUFFIXES = (".html", ".py", ".js", ".txt")
_WORD = re.compile(r"[A-Za-z][\w-]*")
# The beginning of a class whose end a template fills in: `usa-alert--{{ kind }}`.
_BEGINNING = re.compile(r"([A-Za-z][\w-]*--)(?=\{\{|\{%)")
_CLASS = re.compile(r"\.([A-Za-z_][\w-]*)")


def words(folders: Iterable[pathlib.Path]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return every word of the files in some folders, and the beginnings of words that are filled in."""
    found: set[str] = set()
    beginnings: set[str] = set()
    for folder in folders:
        for file in folder.rglob("*"):
            if file.suffix in SUFFIXES and "static" not in file.parts and "node_modules" not in file.parts:
                text = file.read_text(encoding="utf-8")
                found.update(_WORD.findall(text))
                beginnings.update(_BEGINNING.findall(text))
    return frozenset(found), tuple(sorted(beginnings))


def classes(css: str) -> set[str]:
    """Return every class that styles speak of."""
    return {name for head in re.findall(r"[^{}]+(?=\{)", css) for name in _CLASS.findall(head)}


def is_known(name: str, known: frozenset[str], beginnings: tuple[str, ...]) -> bool:
    """Return whether a page may name this class."""
    return name in known or name.startswith(beginnings)


def used(css: str, known: frozenset[str], beginnings: tuple[str, ...]) -> str:
    """Return compressed styles without the rules of classes that nobody names."""

    def is_used(selector: str) -> bool:
        return all(is_known(name, known, beginnings) for name in _CLASS.findall(selector))

    kept: list[str] = []
    for head, body in _rules(css):
        if head.startswith("@media") or head.startswith("@supports"):
            inside = used(body, known, beginnings)
            if inside:
                kept.append(f"{head}{{{inside}}}")
        elif head.startswith("@"):
            kept.append(f"{head}{{{body}}}" if body else f"{head};")
        elif selectors := [each for each in _selectors(head) if is_used(each)]:
            kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def _rules(css: str) -> Iterable[tuple[str, str]]:
    """Take styles apart: what stands before each pair of braces, and what stands in it."""
    at = 0
    while at < len(css):
        opening = css.find("{", at)
        if opening < 0:
            return
        statement = css.find(";", at, opening)
        if statement >= 0 and css[at:statement].lstrip().startswith("@"):
            yield css[at:statement].strip(), ""
            at = statement + 1
            continue
        depth, end = 1, opening + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        yield css[at:opening].strip(), css[opening + 1 : end - 1]
        at = end


def _selectors(head: str) -> Iterable[str]:
    """Take a list of selectors apart at its commas, not at those inside of `:is(...)`."""
    depth, begun = 0, 0
    for at, letter in enumerate(head):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            yield head[begun:at]
            begun = at + 1
    yield head[begun:]
