"""The banner and the identifier: strictly read, and shown only where they are true."""

from __future__ import annotations

import pytest

from nowrongdoor.core import entries, official

TEXT = """
version = "1"
domains = [".gob.rt"]
[[banner]]
language = "en"
label = "Official"
sentence = "An official website"
question = "How do you know?"
[[banner.proof]]
heading = "Names"
words = "They end in .gob.rt."
[[banner]]
language = "fr"
label = "Officiel"
sentence = "Un site officiel"
question = "Comment le savoir ?"
[[identifier]]
language = "en"
owner = "Ministry of Labor"
sentence = "An official website of the ministry"
[[identifier.links]]
words = "Privacy"
address = "https://labor.gob.rt/privacy"
"""


def test_it_is_read_in_each_language() -> None:
    read = official.read(TEXT)
    english, french = read.banner("en-us"), read.banner("fr")
    assert english is not None
    assert french is not None
    assert (english.sentence, english.proof) == ("An official website", [("Names", "They end in .gob.rt.")])
    assert french.sentence == "Un site officiel"
    identifier = read.identifier("fr")
    assert identifier is not None
    assert identifier.links == [("Privacy", "https://labor.gob.rt/privacy")]  # the first language, where there is none


@pytest.mark.parametrize(
    ("wrong", "right", "named"),
    [
        ('sentence = "An official website"', "", "sentence"),
        ('question = "How do you know?"', 'question = "How do you know?"\ncolor = "red"', "color"),
        ('domains = [".gob.rt"]', "domains = []", "domains"),
        ('domains = [".gob.rt"]', 'domains = ["gob.rt"]', "domains"),
        ('domains = [".gob.rt"]', 'domains = ["."]', "domains"),
        ("https://labor", "http://labor", "https://"),
        ('heading = "Names"', "heading = 3", "heading"),
        ('version = "1"', 'version = "1"\nflag = "x"', "flag"),
    ],
)
def test_what_does_not_belong_is_refused_by_name(wrong: str, right: str, named: str) -> None:
    assert wrong in TEXT
    with pytest.raises(entries.Unreadable, match=named):
        official.read(TEXT.replace(wrong, right, 1))


@pytest.mark.parametrize(
    ("host", "is_shown"),
    [
        ("nwd.gob.rt", True),
        ("NWD.GOB.RT.", True),
        ("nwd.gob.rt:8443", True),
        ("gob.rt.evil.test", False),
        ("nwdgob.rt", False),
        ("localhost:8000", False),
        ("[::1]:8000", False),
        ("127.0.0.1", False),
    ],
)
def test_only_a_name_of_the_government_is_official(host: str, is_shown: bool) -> None:  # noqa: FBT001
    assert official.read(TEXT).is_shown_at(host) is is_shown


def test_a_country_without_the_file_shows_neither() -> None:
    assert official.NOTHING.banner("en") is None
    assert official.NOTHING.identifier("en") is None
    assert not official.NOTHING.is_shown_at("nwd.gov")


def test_the_shipped_one_reads() -> None:
    shipped = official.installed()
    assert shipped.is_shown_at("nwd.state.gov")
    assert set(shipped.banners) == {"en", "es"}
