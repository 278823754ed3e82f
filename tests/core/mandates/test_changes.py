"""What another table would change is listed whole: equal digests, nothing; other digests, something."""

from __future__ import annotations

import pytest

from nowrongdoor.core.mandates import changes, table
from tests.core.mandates import tables

FILES = table.shipped_files()
SHIPPED = table.shipped()
Kind, What = changes.Kind, changes.What


def after(**replaced: tuple[str, str]) -> table.Table:
    """The shipped table with one text in a file put for another."""
    files = dict(FILES)
    for name, (old, new) in replaced.items():
        file = f"{name}.toml"
        assert old in files[file]
        files[file] = files[file].replace(old, new, 1)
    return table.read(files)


def test_a_table_changes_nothing_of_itself() -> None:
    assert changes.between(SHIPPED, table.read(FILES)) == ()
    assert changes.counted(()) == ""


def test_a_question_more_is_new_and_its_going_is_gone() -> None:
    fact = '\n[[fact]]\nname = "debt"\nvalues = ["yes", "no"]\nlaw = "22 USC 7102(5)"\nevidence = "statute"\n'
    words = '\n[debt]\nquestion = "Is there a debt?"\nyes = "debt"\nno = "no debt"\nunknown = "debt unknown"\n'
    more = table.read(
        FILES | {"facts.toml": FILES["facts.toml"] + fact, "words/en.toml": FILES["words/en.toml"] + words}
    )
    assert changes.between(SHIPPED, more) == (changes.Change(Kind.QUESTION, What.NEW, "debt", "Is there a debt?"),)
    assert changes.between(more, SHIPPED) == (changes.Change(Kind.QUESTION, What.GONE, "debt", "Is there a debt?"),)
    assert changes.counted(changes.between(SHIPPED, more)) == "Questions: 1 new."


@pytest.mark.parametrize(
    ("file", "old", "new", "kind", "words"),
    [
        ("table", f'"{SHIPPED.version}"', '"next"', Kind.TABLE, f"{SHIPPED.version} → next"),
        ("table", "2023-01-01", "2024-01-01", Kind.TABLE, "2023-01-01 → 2024-01-01"),
        ("agencies", 'kind = "law_enforcement"', 'kind = "other"', Kind.AGENCY, "kind"),
        ("agencies", "valid_from = 2026-01-01", "valid_from = 2026-02-01", Kind.AGENCY, "days in force"),
        ("agencies", 'name = "Money Laundering and', 'name = "Money Washing and', Kind.AGENCY, "name"),
        ("leads", 'precedence = 52\nagency = "HSI"', 'precedence = 52\nagency = "FBI"', Kind.RULE, "who"),
        ("leads", "precedence = 52", "precedence = 59", Kind.RULE, "order"),
        ("clocks", "amount = 24", "amount = 48", Kind.CLOCK, "how long"),
        ("gates", 'evidence = "statute"', 'evidence = "unverified"', Kind.GATE, "law"),
        ("left_out", 'reason = "', 'reason = "No. ', Kind.LEFT_OUT, "reason"),
    ],
)
def test_what_is_otherwise_says_in_which_part(file: str, old: str, new: str, kind: changes.Kind, words: str) -> None:
    (change,) = changes.between(SHIPPED, after(**{file: (old, new)}))
    assert (change.kind, change.what, change.words) == (kind, What.OTHER, words)


def test_an_answer_more_is_told_in_the_words_of_the_form() -> None:
    name = 'name = "labor"\nvalues = ["yes", "no"]'
    facts = FILES["facts.toml"].replace(name, name.replace('"no"]', '"no", "offered"]'))
    words = FILES["words/en.toml"].replace("[labor]\n", '[labor]\noffered = "labor offered"\n')
    more = table.read(FILES | {"facts.toml": facts, "words/en.toml": words})
    (change,) = changes.between(SHIPPED, more)
    assert (change.id, change.words) == ("labor", "new answer: labor offered")
    (back,) = changes.between(more, SHIPPED)
    assert back.words == "no longer an answer: labor offered"


def test_tables_of_other_digests_differ_in_something_and_of_the_same_in_nothing() -> None:
    made = [tables.at_random(seed) for seed in range(40)]
    for one in made:
        for other in made:
            assert bool(changes.between(one, other)) is (one.digest != other.digest)
    assert len({each.digest for each in made}) > 30
