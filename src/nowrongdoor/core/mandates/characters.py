"""What may stand in the text of a mandate table, and which codes look alike to a person.

The promise: nothing that a reader cannot see, or sees as something else, gets into a table. Codes and ids are plain
letters, digits, hyphens and underscores, so no alphabet but one can imitate them; what is left to confuse (capitals,
0 and o, 1 and l and i) is told apart by `looks`. Names are free text: of those, invisible characters, words that mix
alphabets, and names that differ only in letters that look the same are refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from nowrongdoor.core.language import gettext as _

_JOINERS = frozenset("\u200c\u200d")  # several languages cannot be written without them, so words may hold them
_NOT_PLAIN = re.compile(r"[^\t\n\x20-\x7e]")
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# Fillers that are letters or marks by category and yet show nothing.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f]")
_SPOILED = re.compile("\ufffd|\u00c3[\u0080-\u00bf]|\u00e2\u20ac")
_WORD = re.compile(r"[^\W\d_]+")
_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})
_DISGUISED = frozenset({"FULLWIDTH", "MATHEMATICAL", "DOUBLE-STRUCK", "SCRIPT", "BLACK-LETTER", "CIRCLED"})
# Letters of other alphabets that a person reads as Latin ones, after capitals are taken away.
_TWINS = str.maketrans("аеорсухіјѕԁһӏвкмнтαοενρτυικχ", "aeopcyxijsdhlbkmhtaoevptuikx")


def faults(text: str, *, are_joiners_allowed: bool = False) -> Iterator[tuple[int, str]]:
    """Say what in a text cannot be seen, or is seen as something else, each with its position."""
    for match in _NOT_PLAIN.finditer(text):
        at, character = match.start(), match.group()
        if are_joiners_allowed and character in _JOINERS:
            continue
        if unicodedata.category(character) in _UNSEEN or _BLANK.match(character):
            yield (
                at,
                _("the character %(named)s cannot be seen on a page. Delete it and type the word again.")
                % {"named": _named(character)},
            )
    for match in _SPOILED.finditer(text):
        yield (
            match.start(),
            _("a character was spoiled when the file was saved. Save it as UTF-8 and type the word again."),
        )
    for match in _WORD.finditer(text) if not text.isascii() else ():
        if match.group().isascii():
            continue
        starts = {unicodedata.name(each, "").partition(" ")[0] for each in match.group()}
        if len(starts & _ALPHABETS) > 1:
            yield (
                match.start(),
                (
                    _("the word '%(group)s' mixes letters of two alphabets that look the same. Type it again.")
                    % {"group": match.group()}
                ),
            )
        elif starts & _DISGUISED:
            yield (
                match.start(),
                _("the word '%(group)s' is not made of plain letters. Type it again.") % {"group": match.group()},
            )


def looks(code: str) -> str:
    """Return what a code looks like at a glance: codes with the same look are taken for one another."""
    plain = unicodedata.normalize("NFKC", code).casefold().translate(_TWINS)
    plain = re.sub(r"[-_.\s]+", "-", plain)
    return plain.replace("0", "o").replace("1", "l").replace("i", "l").replace("rn", "m").replace("vv", "w")


def name_looks(name: str) -> str:
    """Return what a name looks like at a glance: capitals, spaces and alphabets aside."""
    plain = unicodedata.normalize("NFKC", name).casefold().translate(_TWINS)
    return " ".join(plain.split())


def _named(character: str) -> str:
    name = unicodedata.name(character, "").capitalize()
    return f"U+{ord(character):04X}{f' ({name})' if name else ''}"
