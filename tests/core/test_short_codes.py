"""A code that somebody types from a card is that code, or is known to be mistyped."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor.core import short_codes
from tests import claims

FIRST = st.text(short_codes.ALPHABET, min_size=short_codes.LENGTH - 1, max_size=short_codes.LENGTH - 1)
LOOKALIKES = ("0O", "1IL", "2Z", "5S", "6G", "8B", "UV")
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def test_the_alphabet_has_no_lookalikes_and_spells_no_word() -> None:
    alphabet = short_codes.ALPHABET
    assert len(set(alphabet)) == len(alphabet) == 23  # a prime, on which the proof rests
    assert claims.every(len(set(alphabet) & set(each)) <= 1 for each in LOOKALIKES)
    assert set(alphabet) & set("AEIOUY") == set()


def test_each_sign_in_each_place_moves_the_sum_by_its_own_amount() -> None:
    """Exhaustive over what any single error and any swap of neighbors can do, whatever the rest of the code is: the sum
    is linear, so a code with an error in a place is off by the same amount whichever code it was."""
    size = len(short_codes.ALPHABET)
    off = [
        place * (wrong - right) % size
        for place in range(1, short_codes.LENGTH + 1)
        for right, wrong in itertools.permutations(range(size), 2)
    ]
    swapped = [(left - right) % size for left, right in itertools.permutations(range(size), 2)]
    assert claims.every(each != 0 for each in [*off, *swapped])


@given(FIRST)
def test_every_single_wrong_sign_and_every_swap_of_neighbors_is_noticed(first: str) -> None:
    code = short_codes.complete(first)
    assert short_codes.read(code) == code
    typed = [
        code[:place] + wrong + code[place + 1 :]
        for place in range(short_codes.LENGTH)
        for wrong in SIGNS
        if wrong != code[place]
    ]
    typed += [
        code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        for place in range(short_codes.LENGTH - 1)
        if code[place] != code[place + 1]
    ]
    for each in typed:
        with pytest.raises(short_codes.Mistyped):
            short_codes.read(each)


@given(FIRST)
def test_one_sign_too_many_or_too_few_is_noticed(first: str) -> None:
    code = short_codes.complete(first)
    for each in (code[1:], code[:-1], code + code[0], ""):
        with pytest.raises(short_codes.Mistyped, match="letters and digits; this one has"):
            short_codes.read(each)


@pytest.mark.parametrize("typed", ["k7qm2d", "K7Q-M2D", " k7q m2d ", "K7Q\u2011M2D", "K-7-Q-M-2-D"])
def test_case_spaces_and_hyphens_are_forgiven(typed: str) -> None:
    assert short_codes.read(typed) == "K7QM2D" == short_codes.complete("K7QM2")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("K7QM2", "A code has 6 letters and digits; this one has 5. Check it against the card."),
        ("K7QM2O", "“O” is in no code. Check that letter or digit against the card."),
        ("K7QM28", "At least one letter or digit of this code is wrong, or two are swapped."),
        ("7KQM2D", "At least one letter or digit of this code is wrong, or two are swapped."),
        ("К7QM2D", "“К” is in no code."),  # a Cyrillic letter
    ],
)
def test_what_is_mistyped_is_said_in_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(short_codes.Mistyped) as refused:
        short_codes.read(typed)
    assert str(refused.value).startswith(said)
