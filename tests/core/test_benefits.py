"""The letters of a country, read from its file: whom each is for, when it ends, and what is refused."""

from __future__ import annotations

import datetime

import pytest

from nowrongdoor import jurisdictions
from nowrongdoor.core import benefits, country_files, entries
from nowrongdoor.core.mandates import table
from tests import claims

TEXT = jurisdictions.text(benefits.FILE)
READ = benefits.read(TEXT)
TODAY = datetime.date(2026, 11, 23)


def test_the_interim_letter_alone_ends_and_after_ninety_and_thirty_days_at_most() -> None:
    assert {each.code: (each.days, each.more_days) for each in READ.letters} == {
        "interim": (90, 30),
        "child_eligibility": (0, 0),
        "certification": (0, 0),
    }


def test_every_statement_says_its_law_and_how_well_it_is_founded() -> None:
    statements = [*READ.law, *(each.whom for each in READ.letters)]
    assert claims.every(bool(each.citation and each.evidence) for each in statements)


def test_no_child_has_to_cooperate_for_a_letter() -> None:
    (said,) = [each for each in READ.law if "cooperate" in each.words]
    assert (said.citation, said.evidence) == ("22 USC 7105(b)(1)(G)(iv)(III)", "statute")


def test_what_the_worklist_says_names_no_letter_and_no_law() -> None:
    assert READ.reminder
    names = [word for each in READ.letters for word in each.name.lower().split() if word not in ("letter", "for")]
    words = READ.reminder.words.lower()
    assert claims.every(word not in words for word in names)
    assert "usc" not in words


def test_the_deadlines_that_a_letter_starts_bind_the_office_that_decides() -> None:
    known = table.shipped().clocks_by_id
    codes = [code for each in READ.letters for code in (*each.clocks, *each.until_end)]
    assert {code: known[code].holder for code in codes} == {"D02": "HHS_OTIP", "D04": "HHS_OTIP"}


@pytest.mark.parametrize(
    ("last_on", "expected"),
    [
        (TODAY + datetime.timedelta(days=80), TODAY + datetime.timedelta(days=59)),
        (TODAY + datetime.timedelta(days=22), TODAY + datetime.timedelta(days=1)),
        (TODAY + datetime.timedelta(days=21), TODAY),
        (TODAY + datetime.timedelta(days=5), TODAY),
        (TODAY, TODAY),
    ],
)
def test_a_letter_is_seen_to_so_many_days_before_it_ends_and_at_once_where_fewer_are_left(
    last_on: datetime.date, expected: datetime.date
) -> None:
    assert READ.remind_on(last_on, TODAY) == expected


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('id = "interim"', 'id = "Interim"', "write small letters and underscores"),
        ('id = "interim"', 'id = "certification"', "one letter has it already"),
        ('before = "child_eligibility"', 'before = "nothing"', "name another letter"),
        ("days = 90\n", "", "say how long it lasts"),
        ("days = 90", 'days = "90"', "write a whole number"),
        ('evidence = "secondary"', 'evidence = "hearsay"', "write one of"),
        ("[reminder]", "[remainder]", "write it under"),
        ("days = 21", "days = 0", "write a whole number"),
        ('whom = "A foreign adult', 'whose = "A foreign adult', "write it as text"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_write(right: str, wrong: str, said: str) -> None:
    assert right in TEXT
    with pytest.raises(entries.Unreadable, match=said):
        benefits.read(TEXT.replace(right, wrong, 1))


def test_a_deadline_that_the_table_does_not_have_is_told_with_the_letter() -> None:
    def text(name: str) -> str:
        found = jurisdictions.text(name)
        return found.replace('clocks = ["D02"]', 'clocks = ["D99"]') if name == benefits.FILE else found

    assert country_files.problems(text) == ["benefits.toml, letter interim: clocks.toml has no such deadline: D99."]
    assert country_files.problems(jurisdictions.text) == []
