"""The facts that a table asks about, read from its files: facts.toml, the names, codes and law, of which the table is
proved, and which answers cannot be true together; words/en.toml, how a person reads them, which no proof rests on; and
read_as.toml, which a table may have, how answers to older tables are read.

The promise: what is read can be asked, answered and decided on as it stands. A name that two facts share, an answer
without words or words without a fact is refused with the file, the entry and what to write instead.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import facts, rules

FACTS = "facts.toml"
WORDS = "words/en.toml"
READ_AS = "read_as.toml"
FILES = (FACTS, WORDS)
OPTIONAL_FILES = (READ_AS,)
# What the product itself turns on, whatever the country: how soon somebody must be told, and whom to call first.
NEEDED: Mapping[str, Sequence[str]] = {"urgency": ("immediate_danger", "within_24h", "none")}
_KEYS = frozenset({"name", "values", "law", "evidence"})
_IMPOSSIBLE = ("id", "when", "authority", "evidence", "sources")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")

Entry = Mapping[str, object]


def read(given: Entry, words: Entry, older: Entry, problems: list[str]) -> facts.Vocabulary:
    """Make the vocabulary of a parsed facts.toml, words/en.toml and read_as.toml (empty where a table has none); what
    is wrong is added to `problems`."""
    entries = given.get("fact")
    if not isinstance(entries, list) or not entries:
        problems.append(
            _("%(facts)s: write each fact under [[fact]]; a table asks about one at least.") % {"facts": FACTS}
        )
        return facts.Vocabulary(())
    attributes = tuple(_attributes(entries, words, problems))
    names = {each.name for each in attributes}
    first = given.get("first", [])
    safety = given.get("safety", "")
    if not isinstance(first, list) or not set(first) <= names or safety not in names:
        problems.append(
            _("%(facts)s: 'safety' is the name of a fact, and 'first' a list of names of facts.") % {"facts": FACTS}
        )
        first, safety = [], ""
    for name in words:
        if name not in names and name not in ("version", "impossible"):
            problems.append(
                _("%(words)s: [%(name)s] is no fact of %(facts)s: correct its name, or take it out.")
                % {"words": WORDS, "name": name, "facts": FACTS}
            )
    if not isinstance(words.get("version"), str):
        problems.append(_("%(words)s: 'version' is missing; write it as text.") % {"words": WORDS})
    known = facts.Vocabulary(attributes, str(safety), tuple(first), str(words.get("version", "")))
    problems += _not_asked(known)
    return dataclasses.replace(
        known,
        impossible=tuple(_impossible(given, words, known, problems)),
        read_as=tuple(_read_as(older, known, problems)),
    )


def _impossible(given: Entry, words: Entry, known: facts.Vocabulary, problems: list[str]) -> Iterator[facts.Impossible]:
    entries, texts = given.get("impossible", []), words.get("impossible", {})
    if not isinstance(entries, list) or not isinstance(texts, dict):
        problems.append(
            _("%(facts)s: write what is impossible under [[impossible]], and its words under [impossible.<id>].")
            % {"facts": FACTS}
        )
        return
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            problems.append(
                _("%(facts)s: write what is impossible under [[impossible]], not as a list.") % {"facts": FACTS}
            )
            continue
        where = f"{FACTS}, impossible {entry.get('id', number)}"
        text = texts.get(entry.get("id"))
        sentence = text.get("sentence") if isinstance(text, dict) else None
        wrong = list(_faults_of_impossible(entry, known))
        if entry.get("id") in seen:
            wrong.append(_("there are two of this id: give one of them another."))
        if not isinstance(sentence, str) or not sentence.strip():
            wrong.append(f'{WORDS} needs its sentence: write [impossible.{entry.get("id")}] and sentence = "…".')
        problems += [f"{where}: {each}" for each in wrong]
        if wrong:
            continue
        seen.add(str(entry["id"]))
        law = rules.Law(
            str(entry["authority"]),
            tuple(rules.Evidence(part) for part in str(entry["evidence"]).split("+")),
            tuple(map(str, entry["sources"])),
        )
        when = tuple((name, tuple(values)) for name, values in entry["when"].items())
        yield facts.Impossible(str(entry["id"]), when, str(sentence), law)
    for name in set(texts) - {entry.get("id") for entry in entries if isinstance(entry, dict)}:
        problems.append(
            _("%(words)s: [impossible.%(name)s] is no impossible entry of %(facts)s: correct it, or take it out.")
            % {"words": WORDS, "name": name, "facts": FACTS}
        )


def _faults_of_impossible(entry: Entry, known: facts.Vocabulary) -> Iterator[str]:
    """Say what is wrong with the form of an entry; what it means, the proof asks."""
    strange = sorted(set(entry) - set(_IMPOSSIBLE))
    if strange:
        yield _("'%(strange)s' is no part of it: write %(names)s.") % {
            "strange": strange[0],
            "names": ", ".join(_IMPOSSIBLE),
        }
    for key in ("id", "authority"):
        if not isinstance(entry.get(key), str) or not str(entry[key]).strip():
            yield _("'%(key)s' is missing; write it as text.") % {"key": key}
    evidence, sources, when = entry.get("evidence"), entry.get("sources"), entry.get("when")
    if not isinstance(evidence, str) or not set(evidence.split("+")) <= {each.value for each in rules.Evidence}:
        yield _("'evidence' is one or more of %(names)s, joined by +.") % {
            "names": ", ".join(sorted(each.value for each in rules.Evidence))
        }
    if not isinstance(sources, list) or not all(isinstance(each, str) for each in sources):
        yield _("'sources' is a list of the numbers of its sources.")
    if not isinstance(when, dict):
        yield _("write 'when' as { fact = [values], fact = [values] }.")
        return
    for name, values in when.items():
        problem = known.problem_with_name(name)
        if problem is None and not (isinstance(values, list) and values):
            problem = _("'%(name)s' needs a list of values.") % {"name": name}
        if problem is None:
            problem = next(filter(None, (known.problem_with_value(name, value) for value in values)), None)
        if problem:
            yield problem


def _read_as(older: Entry, known: facts.Vocabulary, problems: list[str]) -> Iterator[facts.ReadAs]:
    entries = older.get("read_as", [])
    strange = sorted(set(older) - {"read_as"})
    if strange or not isinstance(entries, list):
        problems.append(
            _("%(read_as)s: write how older answers are read under [[read_as]], and nothing else.")
            % {"read_as": READ_AS}
        )
        return
    seen = set()
    for number, entry in enumerate(entries, start=1):
        where = f"{READ_AS}, entry {number}"
        if not isinstance(entry, dict) or set(entry) != {"was", "is"}:
            problems.append(
                _('%(where)s: write was = { fact = "value" } and is = { fact = "value" }, and nothing else.')
                % {"where": where}
            )
            continue
        was, means = entry["was"], entry["is"]
        if not _is_answers(was) or not _is_answers(means) or not was:
            problems.append(
                _("%(where)s: 'was' and 'is' are answers, like { labor = \"yes\" }; 'was' names one at least.")
                % {"where": where}
            )
            continue
        wrong = [known.problem_with_name(n) or known.problem_with_value(n, code) for n, code in means.items()]
        if all(known.asks(name, code) for name, code in was.items()):
            wrong.append(
                _(
                    "every answer of 'was' is still one of this table, which would change what "
                    "people answer now: name an answer that it does not ask for any more."
                )
            )
        if facts.UNKNOWN in (*was.values(), *means.values()):
            wrong.append(_("'unknown' is read as unknown by itself: leave it out."))
        answers = frozenset(was.items())
        if answers in seen:
            wrong.append(_("these answers are read twice: put both entries into one."))
        seen.add(answers)
        problems += [f"{where}: {each}" for each in wrong if each]
        yield facts.ReadAs(tuple(was.items()), tuple(means.items()))


def _is_answers(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(code, str) for code in value.values())


def _attributes(entries: Sequence[object], words: Entry, problems: list[str]) -> Iterator[facts.Attribute]:
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            problems.append(_("%(facts)s: write each fact under [[fact]], not as a list.") % {"facts": FACTS})
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
                _(
                    "%(words)s, [%(name)s]: %(names)s cannot be shown: write the question, and "
                    "the words of each of %(names_2)s, and no more."
                )
                % {
                    "words": WORDS,
                    "name": name,
                    "names": ", ".join(map(repr, missing)),
                    "names_2": ", ".join(needed[1:]),
                }
            )
        values = tuple(facts.Value(code, str(texts.get(code, code))) for code in (*codes, facts.UNKNOWN))
        question = str(texts.get("question", name))
        yield facts.Attribute(name, question, str(entry["law"]), str(entry["evidence"]), values)


def _faults(entry: Entry, seen: set[str]) -> Iterator[str]:
    """Say what is wrong with a fact, its words aside."""
    strange = sorted(set(entry) - _KEYS)
    if strange:
        yield _("'%(strange)s' is no part of a fact: write %(names)s.") % {
            "strange": strange[0],
            "names": ", ".join(sorted(_KEYS)),
        }
    name, codes = entry.get("name"), entry.get("values")
    if not isinstance(name, str) or not _CODE.fullmatch(name):
        yield _("'name' is small letters, digits and underscores, like federal_award.")
    elif name in ("version", "impossible"):
        yield _("'%(name)s' has another meaning in %(words)s: choose another name.") % {"name": name, "words": WORDS}
    elif name in seen:
        yield _("there are two of this name: give one of them another.")
    is_list = isinstance(codes, list) and bool(codes)
    if not isinstance(codes, list) or not is_list or not all(isinstance(c, str) and _CODE.fullmatch(c) for c in codes):
        yield _("'values' is a list of codes of small letters, digits and underscores, like under_18.")
    elif facts.UNKNOWN in codes:
        yield _("'unknown' is an answer to every question by itself: leave it out.")
    elif len(set(codes)) != len(codes):
        yield _("an answer is there twice: take one of them out.")
    evidence = entry.get("evidence")
    known = {each.value for each in rules.Evidence}
    if not isinstance(entry.get("law"), str) or not str(entry["law"]).strip():
        yield _("'law' is missing; write which law asks about it.")
    if not isinstance(evidence, str) or not set(evidence.split("+")) <= known:
        yield _("'evidence' is one or more of %(names)s, joined by +.") % {"names": ", ".join(sorted(known))}


def _not_asked(known: facts.Vocabulary) -> Iterator[str]:
    """Say which facts the product needs and the table does not ask about."""
    for name, codes in NEEDED.items():
        if name not in known.positions or known.attribute(name).codes[:-1] != tuple(codes):
            yield _("%(facts)s: every table asks about '%(name)s', with the values %(names)s, in this order.") % {
                "facts": FACTS,
                "name": name,
                "names": ", ".join(codes),
            }
