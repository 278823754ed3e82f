"""Receipts: the one thing that opens somebody's mailbox, as eight words in English or Spanish, or as 25 digits.

The promise: nobody guesses one, because each is drawn from more than 2**80; either form opens in any language; a word
that no list has is named, with the nearest one, and nothing is taken for it. No receipt holds a word that hurts.

The words are those of BIP 39 (package mnemonic). A receipt is a number below 2**82. Eight words hold 88 bits, so six
are left to catch a wrong word or a wrong order (63 times in 64); 25 digits hold 83, so one is left (every second time).
What a draw loses because of words that hurt is less than two bits (`share_drawn`).
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import mnemonic

from nowrongdoor.core.language import gettext as _

BITS = 82
LANGUAGES: Mapping[str, str] = {"en": "english", "es": "spanish"}  # whose words a receipt can be written in
WORDS, BITS_OF_WORD = 8, 11
DIGITS, GROUP = 25, 5
_MORE_IN_WORDS = WORDS * BITS_OF_WORD - BITS
_MORE_IN_DIGITS = 1
BEGINS = 4  # letters by which every word of a list is known
# Words that somebody who was trafficked, beaten or hunted should not be shown as theirs.
_UNKIND = {
    "en": """
        abandon abuse accuse addict alien anger angry anxiety arrest assault attack betray bind bleak blind blood body
        bullet burden buyer cage captain crazy crime cruel crush cry damage danger despair destroy disease disorder
        dumb enemy enforce escape evil execute expose fatal fat flee girl grab grief guard guilt gun hunt hurt ill
        illegal inflict inject injury inmate insane jealous knife lawsuit liar lonely master mercy misery monster
        naive nasty neglect obey owner pact panic penalty pistol police prison private punch rescue resist risk sad
        sadness scare scorpion secret sell shove siege skull slab spy squeeze struggle suffer suspect swallow sword
        tattoo tragic trap trash trigger trouble ugly unable unfair unhappy upset useless vanish vicious virus visa
        wage warfare warrior weapon wife worry wrong young
    """,
    "es": """
        aborto abuso acoso acusar adicto agonía ahogo aislar amargo asalto ataque atroz azote batalla bestia bomba
        bruja cadáver cadena cáncer cárcel carga cerdo combate crimen culpa delito derrota desnudo deuda dolor droga
        duelo encargo enemigo enfado enfermo engaño espada espía esposa evadir exigir exilio feo feroz fiera fobia
        forzar fosa fracaso fraude fuga fusil golpe guerra hembra herir hostil huida huir hundir hurto ilegal incapaz
        infiel inútil ira ladrón lágrima lesión letal llaga llanto llorar locura lucha luto macho mafia malo maldad
        manco matar miedo miseria morir mortal muerte mugre mujer necio obeso odiar odio ofensa orgía pago parir
        pecado pelea peligro perder perro pobre policía preso prisión pudor puñal rabia rapto rehén rencor rigor ruina
        sangre satán secta sexo sufrir sujeto temor terror trato trauma tumba tumor veneno víctima vicio virgo vulgar
    """,
}


class Mistyped(ValueError):
    """What was typed is no receipt; the message says what to look at."""


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt; `value` is below 2**BITS."""

    value: int

    @property
    def secret(self) -> bytes:
        """Return it as bytes, for hashing and for carrying."""
        return self.value.to_bytes(-(-BITS // 8))

    def words(self, language: str) -> str:
        """Write it as eight words of a language of LANGUAGES, with a space between. KeyError for another."""
        known = _list(language)
        return " ".join(known[index] for index in _indexes(self.value))

    @property
    def digits(self) -> str:
        """Write it as 25 digits in groups of five."""
        text = str((self.value << _MORE_IN_DIGITS) + _check(self.value, _MORE_IN_DIGITS)).zfill(DIGITS)
        return " ".join(text[start : start + GROUP] for start in range(0, DIGITS, GROUP))


def of(secret: bytes) -> Receipt:
    """Return the receipt that `secret` was taken from. ValueError."""
    value = int.from_bytes(secret)
    if len(secret) != -(-BITS // 8) or value >> BITS:
        raise ValueError("no receipt has these bytes")
    return Receipt(value)


def draw(random_bits: Callable[[int], int]) -> Receipt:
    """Draw a receipt. `random_bits`: gives as many random bits as it is asked for, from a source that nobody predicts
    (secrets.randbits)."""
    while True:
        drawn = Receipt(random_bits(BITS))
        words = [(language, _list(language)[index]) for language in LANGUAGES for index in _indexes(drawn.value)]
        if not any(word in unkind(language) for language, word in words):
            return drawn


def read(text: str) -> Receipt:
    """Read a receipt as somebody typed it: words in any language of LANGUAGES, or digits; case, accents, hyphens and
    line ends don't matter, and the first four letters of a word are enough. Mistyped."""
    plain = _plain(text)
    if any(each.isdigit() for each in plain) and not any(each.isalpha() for each in plain):
        return _of_digits("".join(each for each in plain if each.isdigit()))
    typed = re.findall(r"[a-z]+", plain)
    if not typed:
        raise Mistyped(_("Enter your receipt: eight words, or 25 digits."))
    language = max(LANGUAGES, key=lambda each: sum(word[:BEGINS] in _places(each) for word in typed))
    known = _places(language)
    for word in typed:
        if _place(word, language) is None:
            near = difflib.get_close_matches(word, [_plain(each) for each in _list(language)], n=1, cutoff=0.6)
            if near and near[0][:BEGINS] in known:
                meant = _list(language)[known[near[0][:BEGINS]]]
                raise Mistyped(
                    _("“%(word)s” isn’t a word of a receipt. Did you mean “%(meant)s”?")
                    % {"word": word, "meant": meant}
                )
            raise Mistyped(_("“%(word)s” isn’t a word of a receipt. Check how it’s spelled.") % {"word": word})
    if len(typed) != WORDS:
        raise Mistyped(_("A receipt has eight words. You entered %(count)d.") % {"count": len(typed)})
    value = 0
    for word in typed:
        value = (value << BITS_OF_WORD) + (_place(word, language) or 0)
    receipt = Receipt(value >> _MORE_IN_WORDS)
    if value & ((1 << _MORE_IN_WORDS) - 1) != _check(receipt.value, _MORE_IN_WORDS):
        raise Mistyped(_("One of the words is wrong, or they are in another order. Check each of them."))
    return receipt


@functools.cache
def unkind(language: str) -> frozenset[str]:
    """Return the words of a language's list that no receipt holds."""
    return frozenset(unicodedata.normalize("NFC", _UNKIND[language]).split()) & frozenset(_list(language))


def share_drawn() -> float:
    """Return which share of all receipts can be drawn: the others hold a word that hurts."""
    share = 1.0
    for language in LANGUAGES:
        share *= (1 - len(unkind(language)) / len(_list(language))) ** WORDS
    return share


def _of_digits(digits: str) -> Receipt:
    if len(digits) != DIGITS:
        raise Mistyped(_("A receipt has 25 digits. You entered %(count)d.") % {"count": len(digits)})
    value = int(digits)
    receipt = Receipt(value >> _MORE_IN_DIGITS)
    if receipt.value >> BITS or value & ((1 << _MORE_IN_DIGITS) - 1) != _check(receipt.value, _MORE_IN_DIGITS):
        raise Mistyped(_("One of the digits is wrong. Check each group of five."))
    return receipt


def _indexes(value: int) -> Sequence[int]:
    whole = (value << _MORE_IN_WORDS) + _check(value, _MORE_IN_WORDS)
    mask = (1 << BITS_OF_WORD) - 1
    return [whole >> (BITS_OF_WORD * (WORDS - 1 - place)) & mask for place in range(WORDS)]


def _check(value: int, bits: int) -> int:
    digest = hashlib.sha256(Receipt(value).secret).digest()
    return digest[0] >> (8 - bits)


def _plain(text: str) -> str:
    """Take accents and case away, and the tricks of telephones: typographic spaces, digits of other scripts, and
    the marks that a page from right to left puts around them."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(each for each in folded if not unicodedata.combining(each) and unicodedata.category(each) != "Cf")
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in bare)


@functools.cache
def _list(language: str) -> Sequence[str]:
    return [unicodedata.normalize("NFC", word) for word in mnemonic.Mnemonic(LANGUAGES[language]).wordlist]


@functools.cache
def _places(language: str) -> Mapping[str, int]:
    return {_plain(word)[:BEGINS]: index for index, word in enumerate(_list(language))}


def _place(word: str, language: str) -> int | None:
    """Return the place of a word in its list: the whole word, or what it begins with. Anything else is no such word."""
    index = _places(language).get(word[:BEGINS])
    if index is None or not _plain(_list(language)[index]).startswith(word):
        return None
    return index
