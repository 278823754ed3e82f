"""Holds a table's facts against the words that people read: facts.toml against words/en.toml.

The promise: every fact, every answer and every combination called impossible has its words, and no word is about
something that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.mandates import characters, entries, keys, layout, vocabulary

Problem = entries.Problem


def is_unread(files: entries.Files, asked: Sequence[entries.Statement]) -> bool:
    """Return whether some fact could not be read, so that what names it is no fault of its own."""
    file = files.get(vocabulary.FACTS)
    return file is None or file.has_lost or any(not each.text("name") for each in asked)


def faults(
    files: entries.Files, codes: Mapping[str, Sequence[str]], impossible: Sequence[entries.Statement]
) -> Iterator[Problem]:
    """Tell of everything in which the two files do not fit together. `codes`: the answers to each fact, all of which
    were read."""
    yield from _top(files[vocabulary.FACTS], codes)
    if vocabulary.WORDS in files:
        yield from _words(files[vocabulary.WORDS], codes, [each.text("id") for each in impossible])


def _top(file: layout.File, codes: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Tell what the product needs of the facts, and what names none of them."""
    if not codes:
        yield Problem(vocabulary.FACTS, 1, "", _("write each fact under [[fact]]; a table asks about one at least."))
        return
    first = file.content.get("first")
    named = [("safety", file.content.get("safety"))]
    named += [("first", each) for each in first] if isinstance(first, list) else []
    for key, name in named:
        if isinstance(name, str) and name not in codes:
            sentence = _("'%(key)s' names '%(name)s', which is no fact of this file.%(near)s") % {
                "key": key,
                "name": name,
                "near": keys.near(name, codes),
            }
            yield Problem(vocabulary.FACTS, file.line(key), "", sentence)
    if isinstance(first, list) and file.content.get("safety") in first:
        sentence = _("'first' names the fact of 'safety', which is asked before all others anyway: take it out.")
        yield Problem(vocabulary.FACTS, file.line("first"), "", sentence)
    for name, needed in vocabulary.NEEDED.items():
        if list(codes.get(name, ()))[:-1] != list(needed):
            sentence = _("every table asks about '%(name)s', with the values %(names)s, in this order.") % {
                "name": name,
                "names": ", ".join(needed),
            }
            line = file.line("fact", list(codes).index(name), "values") if name in codes else 1
            yield Problem(vocabulary.FACTS, line, "", sentence)


def _words(file: layout.File, codes: Mapping[str, Sequence[str]], ids: Sequence[str]) -> Iterator[Problem]:
    """Tell of sections that are about nothing, of those that are missing, and of words too many or too few."""
    sentences = file.content.get("impossible")
    asked: dict[str, str] = {}
    for name, section in file.content.items():
        question = section.get("question") if isinstance(section, dict) else None
        if name in codes and isinstance(question, str) and question:
            twin = asked.setdefault(characters.name_looks(question), name)
            if twin != name:
                sentence = _("'question' is that of [%(twin)s] too: nobody could tell the questions apart.") % {
                    "twin": twin
                }
                yield Problem(vocabulary.WORDS, file.line(name, "question"), f"[{name}]", sentence)
        if name == "version":
            if problem := keys.version(section):
                yield Problem(vocabulary.WORDS, file.line(name), "", f"'version' {problem}.")
        elif name == "impossible" and isinstance(section, dict):
            for each, texts in section.items():
                if each in ids:
                    yield from _section(file, (name, each), texts, ("sentence",))
                else:
                    sentence = _("[impossible.%(each)s] is no entry of %(facts)s.%(near)s") % {
                        "each": each,
                        "facts": vocabulary.FACTS,
                        "near": keys.near(each, ids),
                    }
                    yield Problem(vocabulary.WORDS, file.line(name, each), "", sentence)
        elif name in codes:
            yield from _section(file, (name,), section, ("question", *codes[name]))
        else:
            near = keys.near(name, (*codes, "version"))
            sentence = _("[%(name)s] is no fact of %(facts)s.%(near)s Correct its name, or take it out.") % {
                "name": name,
                "facts": vocabulary.FACTS,
                "near": near,
            }
            yield Problem(vocabulary.WORDS, file.line(name), "", sentence)
    if file.has_lost:
        return
    if "version" not in file.content:
        yield Problem(vocabulary.WORDS, 1, "", _("'version' is missing. Write it like version = \"2026.1\"."))
    for name in codes:
        if name not in file.content:
            words = ", ".join(("question", *codes[name]))
            yield Problem(
                vocabulary.WORDS,
                1,
                "",
                _("[%(name)s] is missing. Write it, with %(words)s.") % {"name": name, "words": words},
            )
    for each in ids:
        if each and not (isinstance(sentences, dict) and each in sentences):
            sentence = _("[impossible.%(each)s] is missing. Write it, with a sentence that says why it cannot be.") % {
                "each": each
            }
            yield Problem(vocabulary.WORDS, 1, "", sentence)


def _section(file: layout.File, path: layout.Path, section: object, needed: Sequence[str]) -> Iterator[Problem]:
    """Tell of words that are missing, too many or no words."""
    header = f"[{'.'.join(map(str, path))}]"
    if not isinstance(section, dict):
        yield Problem(
            vocabulary.WORDS,
            file.line(*path),
            "",
            _("write %(header)s as a header, and its words below it.") % {"header": header},
        )
        return
    for key, value in section.items():
        if key not in needed:
            near = keys.near(key, needed)
            sentence = _("'%(key)s' cannot be shown.%(near)s %(header)s may have %(names)s.") % {
                "key": key,
                "near": near,
                "header": header,
                "names": ", ".join(needed),
            }
            yield Problem(vocabulary.WORDS, file.line(*path, key), header, sentence)
        elif problem := keys.text()(value):
            yield Problem(vocabulary.WORDS, file.line(*path, key), header, f"'{key}' {problem}.")
    shown: dict[str, str] = {}
    for key, value in section.items():
        twin = shown.setdefault(characters.name_looks(value), key) if isinstance(value, str) else key
        if twin != key:
            sentence = _("'%(key)s' and '%(twin)s' have the same words: nobody could tell the answers apart.") % {
                "key": key,
                "twin": twin,
            }
            yield Problem(vocabulary.WORDS, file.line(*path, key), header, sentence)
    for key in needed:
        if key not in section and file.is_whole(*path):
            yield Problem(
                vocabulary.WORDS,
                file.line(*path),
                header,
                _("'%(key)s' is missing. Write what people read.") % {"key": key},
            )
