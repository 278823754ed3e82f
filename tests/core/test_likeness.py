"""Copied text is recognized however it is laid out, and a short text says nothing."""

from __future__ import annotations

import pytest

from nowrongdoor.core import likeness

LONG = "The man at the car wash on Elm Street keeps the passports of his workers in a locked drawer."


@pytest.mark.parametrize(
    "copied",
    [
        LONG.upper(),
        LONG.replace(" ", "\n\n"),
        f"  {LONG.replace('.', ' !!!')}",
        LONG.replace("car wash", "cár-wash"),
        LONG.replace("passports", "passports"),  # letters of another width
    ],
)
def test_copies_are_alike_however_they_are_laid_out(copied: str) -> None:
    assert likeness.folded(copied) == likeness.folded(LONG) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LONG, LONG.replace("Elm", "Oak")),
        (LONG, f"{LONG} Please hurry."),
        (
            "他把我们的护照锁在抽屉里不让我们走我们每天工作十六个小时",
            "他把我们的护照锁在抽屉里不让我们走我们每天工作十二个小时",
        ),
    ],
)
def test_what_says_something_else_is_no_copy(one: str, other: str) -> None:
    assert likeness.folded(one) != likeness.folded(other)
    assert likeness.folded(other) != ""


@pytest.mark.parametrize("short", ["", "help", "Please help me, I am scared", "请帮帮我", "??? !!! " * 100, "\ud800"])
def test_what_many_write_by_themselves_is_never_a_copy(short: str) -> None:
    assert likeness.folded(short) == ""
