"""What public pages say to somebody who needs help is strictly read, each number with its source."""

from __future__ import annotations

import pytest

from nowrongdoor.core import entries, public_help

TEXT = """
version = "1"
leave = "https://weather.rt/"
[before]
words = "You choose what to tell."
source = "hotline.rt"
evidence = "secondary"
[[line]]
id = "child"
who = "If a child is missing"
name = "Children’s line"
telephone = "116 000"
dial = "116000"
source = "116000.rt"
evidence = "unverified"
"""


FORM = """
[form]
number = "Form {number}, until {expires}"
burden = "{minutes} minutes. Write to {comments}, or {nobody}."
source = "Forms Act"
evidence = "unverified"
"""


def test_the_sentences_of_a_form_take_what_is_the_agencys_own_in_place_of_its_names() -> None:
    form = public_help.read(TEXT + FORM).form
    assert form
    values = {"minutes": "10", "comments": "{minutes}@example.org"}
    assert public_help.filled_in(form.burden, values) == "10 minutes. Write to {minutes}@example.org, or {nobody}."


@pytest.mark.parametrize("name", ["number", "expires", "minutes", "comments"])
def test_a_sentence_of_a_form_without_the_place_for_what_it_says_is_refused(name: str) -> None:
    with pytest.raises(entries.Unreadable, match=rf"\{{{name}\}}"):
        public_help.read((TEXT + FORM).replace(f"{{{name}}}", "…"))


def test_it_is_read_with_its_sources() -> None:
    read = public_help.read(TEXT)
    assert read.leave == "https://weather.rt/"
    assert read.before == public_help.Advice("You choose what to tell.", "hotline.rt", "secondary")
    (line,) = read.lines
    assert (line.id, line.telephone, line.text, line.source) == ("child", "116 000", "", "116000.rt")
    assert line.is_unverified


@pytest.mark.parametrize(
    ("wrong", "right", "named"),
    [
        ("https://weather.rt/", "http://weather.rt/", "https://"),
        ('source = "hotline.rt"', "", "source"),
        ('source = "116000.rt"', "", "source"),
        ('evidence = "unverified"', 'evidence = "sure"', "evidence"),
        ('dial = "116000"', 'dial = "116000"\ncolor = "red"', "color"),
        ('version = "1"', 'version = "1"\nflag = "x"', "flag"),
        ('dial = "116000"', 'dial = "116000"\nconnects = "no"', "connects"),
        ("[[line]]", '[[line]]\nid = "child"\nwho="x"\nname="x"\ntelephone="1"\ndial="1"\nsource="x"\n'
         'evidence="policy"\n[[line]]', "one line has it already"),
    ],
)  # fmt: skip
def test_what_does_not_belong_is_refused_by_name(wrong: str, right: str, named: str) -> None:
    assert wrong in TEXT
    with pytest.raises(entries.Unreadable, match=named):
        public_help.read(TEXT.replace(wrong, right, 1))


def test_a_country_without_the_file_says_nothing() -> None:
    assert public_help.NOTHING.lines == ()
    assert public_help.NOTHING.leave == ""


def test_the_shipped_country_says_where_to_leave_to_and_names_a_source_for_each_number() -> None:
    shipped = public_help.installed()
    assert shipped.leave
    assert {"relay", "child", "crisis", "violence", "poison", "wages"} == {each.id for each in shipped.lines}


def test_a_line_that_connects_takes_nobody_over_and_the_one_for_children_replaces_no_report() -> None:
    shipped = public_help.installed()
    assert list(shipped.connecting) == ["relay"]
    assert list(shipped.taking_over) == ["child", "crisis", "violence", "poison", "wages"]
    assert [line.id for line in shipped.lines if line.report] == ["child"]
