"""The facts that a table asks about, read from two of its files: facts.toml, the names, codes and law, of which the
table is proved; and words/en.toml, how a person reads them, which no proof rests on.

The promise: what is read can be asked, answered and decided on as it stands. A name that two facts share, an answer
without words or words without a fact is refused with the file, the entry and what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from nowrongdoor.core.mandates import facts, rules

FACTS = "facts.toml"
WORDS = "words/en.toml"
FILES = (FACTS, WORDS)
# What the product itself turns on, whatever the country: how soon somebody must be told, and whom to call first.
NEEDED: Mapping[str, Sequence[str]] = {"urgency": ("immediate_danger", "within_24h", "none")}
_KEYS = frozenset({"name", "values", "law", "evidence"})
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")

Entry = Mapping[str, object]


def read(given: Entry, words: Entry, problems: list[str]) -> facts.Vocabulary:
    """Make the vocabulary of a parsed facts.toml and words/en.toml; what is wrong is added to `problems`."""
    entries = given.get("fact")
    if not isinstance(entries, list) or not entries:
        problems.append(f"{FACTS}: write each fact under [[fact]]; a table asks about one at least.")
        return facts.Vocabulary(())
    attributes = tuple(_attributes(entries, words, problems))
    names = {each.name for each in attributes}
    first = given.get("first", [])
    safety = given.get("safety", "")
    if not isinstance(first, list) or not set(first) <= names or safety not in names:
        problems.append(f"{FACTS}: 'safety' is the name of a fact, and 'first' a list of names of facts.")
        first, safety = [], ""
    for name in words:
        if name not in names and name not in ("version", "impossible"):
            problems.append(f"{WORDS}: [{name}] is no fact of {FACTS}: correct its name, or take it out.")
    if not isinstance(words.get("version"), str):
        problems.append(f"{WORDS}: 'version' is missing; write it as text.")
    known = facts.Vocabulary(attributes, str(safety), tuple(first), str(words.get("version", "")))
    problems += _not_asked(known)
    return known


def _attributes(entries: Sequence[object], words: Entry, problems: list[str]) -> Iterator[facts.Attribute]:
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            problems.append(f"{FACTS}: write each fact under [[fact]], not as a list.")
            continue
        where = f"{FACTS}, fact {entry.get('name', number)}"
        wrong = list(_faults(entry, seen))
        problems += [f"{where}: {each}" for each in wrong]
        if wrong:
            continue
        name, codes = str(entry["name"]), tuple(map(str, entry["values"]))
        seen.add(name)
        section = words.get(name)
        texts = section if isinstance(section, dict) else {}
        needed = ("question", *codes, facts.UNKNOWN)
        missing = [key for key in needed if not isinstance(texts.get(key), str) or not texts[key].strip()]
        missing += [key for key in texts if key not in needed]
        if missing:
            problems.append(
                f"{WORDS}, [{name}]: {', '.join(map(repr, missing))} cannot be shown: write the question, and the "
                f"words of each of {', '.join(needed[1:])}, and no more."
            )
        values = tuple(facts.Value(code, str(texts.get(code, code))) for code in (*codes, facts.UNKNOWN))
        question = str(texts.get("question", name))
        yield facts.Attribute(name, question, str(entry["law"]), str(entry["evidence"]), values)


def _faults(entry: Entry, seen: set[str]) -> Iterator[str]:
    """Say what is wrong with a fact, its words aside."""
    strange = sorted(set(entry) - _KEYS)
    if strange:
        yield f"'{strange[0]}' is no part of a fact: write {', '.join(sorted(_KEYS))}."
    name, codes = entry.get("name"), entry.get("values")
    if not isinstance(name, str) or not _CODE.fullmatch(name):
        yield "'name' is small letters, digits and underscores, like federal_award."
    elif name in seen:
        yield "there are two of this name: give one of them another."
    is_list = isinstance(codes, list) and bool(codes)
    if not isinstance(codes, list) or not is_list or not all(isinstance(c, str) and _CODE.fullmatch(c) for c in codes):
        yield "'values' is a list of codes of small letters, digits and underscores, like under_18."
    elif facts.UNKNOWN in codes:
        yield "'unknown' is an answer to every question by itself: leave it out."
    elif len(set(codes)) != len(codes):
        yield "an answer is there twice: take one of them out."
    evidence = entry.get("evidence")
    known = {each.value for each in rules.Evidence}
    if not isinstance(entry.get("law"), str) or not str(entry["law"]).strip():
        yield "'law' is missing; write which law asks about it."
    if not isinstance(evidence, str) or not set(evidence.split("+")) <= known:
        yield f"'evidence' is one or more of {', '.join(sorted(known))}, joined by +."


def _not_asked(known: facts.Vocabulary) -> Iterator[str]:
    """Say which facts the product needs and the table does not ask about."""
    for name, codes in NEEDED.items():
        if name not in known.positions or known.attribute(name).codes[:-1] != tuple(codes):
            yield f"{FACTS}: every table asks about '{name}', with the values {', '.join(codes)}, in this order."
