"""Receipts: either form opens, in any language, however it is typed; a wrong one says what is wrong."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core import receipts
from tests import claims

ANY = st.integers(0, 2**receipts.BITS - 1).map(receipts.Receipt)
KEPT = receipts.Receipt(2**80 + 12345678901234567)


@given(ANY)
def test_either_form_opens_in_any_language(receipt: receipts.Receipt) -> None:
    written = [*(receipt.words(language) for language in receipts.LANGUAGES), receipt.digits]
    assert [receipts.read(text) for text in written] == [receipt] * 3
    assert receipts.of(receipt.secret) == receipt


@given(ANY, st.sampled_from(["upper", "hyphens", "lines", "short", "bare"]))
def test_case_accents_hyphens_line_ends_and_the_rest_of_a_word_do_not_matter(
    receipt: receipts.Receipt, how: str
) -> None:
    words = receipt.words("es")
    typed = {
        "upper": words.upper(),
        "hyphens": "-".join(words.split()),
        "lines": "  \r\n".join(words.split()),
        "short": " ".join(word[:4] for word in words.split()),
        "bare": words.translate(str.maketrans("áéíóúñü", "aeiounu")),
    }[how]
    assert receipts.read(typed) == receipt


def test_digits_of_another_script_are_digits() -> None:
    assert receipts.read(KEPT.digits.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))) == KEPT
    assert receipts.read(KEPT.digits.replace(" ", "")) == KEPT


def test_a_draw_is_from_more_than_2_to_the_80() -> None:
    assert receipts.BITS + math.log2(receipts.share_drawn()) > 80


def test_no_receipt_that_is_drawn_holds_a_word_that_hurts_in_either_language() -> None:
    dice = random.Random(15)
    drawn = [receipts.draw(dice.getrandbits) for _ in range(300)]
    for language in receipts.LANGUAGES:
        shown = {word for each in drawn for word in each.words(language).split()}
        assert len(shown) > 1_000
        assert not shown & receipts.unkind(language)
    assert "abuse" in receipts.unkind("en")
    assert "víctima" in receipts.unkind("es")


@settings(max_examples=300)
@given(ANY, st.integers(0, 7), st.integers(0, 2047))
def test_a_wrong_word_is_caught_nearly_always(receipt: receipts.Receipt, place: int, other: int) -> None:
    words = receipt.words("en").split()
    words[place] = sorted(set(receipts.Receipt(2**receipts.BITS - 1 - other).words("en").split()))[0]
    try:
        read = receipts.read(" ".join(words))
    except receipts.Mistyped:
        return
    assert (read == receipt) == (" ".join(words) == receipt.words("en"))


def test_a_wrong_order_is_caught_63_times_in_64() -> None:
    dice, caught, tries = random.Random(4), 0, 2_000
    for _ in range(tries):
        words = receipts.draw(dice.getrandbits).words("en").split()
        words[2], words[3] = words[3], words[2]
        try:
            receipts.read(" ".join(words))
        except receipts.Mistyped:
            caught += 1
    assert caught / tries > 0.97


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter your receipt: eight words, or 25 digits."),
        ("?!", "Enter your receipt: eight words, or 25 digits."),
        ("12345 67890", "A receipt has 25 digits. You entered 10."),
        ("balcony apple", "A receipt has eight words. You entered 2."),
        ("balconny apple", "“balconny” isn’t a word of a receipt. Did you mean “balcony”?"),
        ("camino ábaco abejja", "“abejja” isn’t a word of a receipt. Did you mean “abeja”?"),
        ("xqzzw apple", "“xqzzw” isn’t a word of a receipt. Check how it’s spelled."),
        ("9" * 25, "One of the digits is wrong. Check each group of five."),
    ],
)
def test_what_is_wrong_is_said(typed: str, sentence: str) -> None:
    with pytest.raises(receipts.Mistyped) as refused:
        receipts.read(typed)
    assert str(refused.value) == sentence


def test_a_secret_that_is_none_is_refused() -> None:
    for secret in (b"", b"\x00" * 10, b"\xff" * 11):
        with pytest.raises(ValueError, match="no receipt has these bytes"):
            receipts.of(secret)
    assert claims.every(receipts.read(KEPT.words(each)) == KEPT for each in receipts.LANGUAGES)
