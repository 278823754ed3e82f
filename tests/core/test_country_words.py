"""The country's own words in its other languages: each by the id of what it says, read strictly, put in where read."""

from __future__ import annotations

import pytest

from nowrongdoor import jurisdictions
from nowrongdoor.core import country_files, country_words, entries, language
from nowrongdoor.core.mandates import facts, rules, table
from tests import claims

SPANISH = "es-us"
FILE = country_words.file_of(SPANISH)


def read(text: str) -> None:
    country_words.read(f'version = "2026.1"\n{text}', FILE, country_words.originals())


def test_every_sentence_of_the_shipped_country_is_in_spanish() -> None:
    assert country_words.missing(SPANISH) == []


def test_one_sentence_is_said_one_way() -> None:
    said: dict[str, set[str]] = {}
    for key, words in country_words.by_id(SPANISH).items():
        said.setdefault(country_words.originals()[key], set()).add(words)
    assert claims.every(len(ways) == 1 for ways in said.values())


def test_words_are_put_in_for_whoever_reads_and_for_nobody_else() -> None:
    rule = next(each for each in table.shipped().rules if each.id == "lead-organ-removal")
    with language.speaking(SPANISH):
        assert country_words.worded(rule.why) == "Se extrae o se vende un órgano: queda a cargo el FBI."
    with language.speaking("en-us"):
        assert country_words.worded(rule.why) == rule.why
    with language.speaking(SPANISH):
        assert country_words.worded("of another table") == "of another table"
        assert not country_words.is_translated("of another table")


def test_the_digest_of_the_table_does_not_know_the_translation() -> None:
    with language.speaking(SPANISH):
        assert table.read(table.shipped_files()).digest == table.shipped().digest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[rules]\nlead-of-nobody = "Nadie"', "'rules.lead-of-nobody' is no id"),
        ('[rules]\nlead-organ-removal = ""', "'rules.lead-organ-removal' says nothing"),
        ("[rules]\nlead-organ-removal = 3", "'rules.lead-organ-removal' says nothing"),
        ("[rules", "words/es.toml: "),
    ],
)
def test_what_is_wrong_in_the_file_is_refused_by_its_id(text: str, said: str) -> None:
    with pytest.raises(entries.Unreadable, match=said):
        read(text)
    read('[rules]\nlead-organ-removal = "El FBI"')


def test_a_check_of_the_country_reads_its_words() -> None:
    def text(name: str) -> str:
        return '[rules]\nnobody = "x"\n' if name == FILE else jurisdictions.text(name)

    assert country_files.problems(text) == [f"{FILE}: 'version' is missing; write it as text."]


def test_a_kind_or_answer_without_words_is_not_dropped() -> None:
    """Whoever reads Spanish reads the English of an older table rather than nothing."""
    assert facts.UNKNOWN == "unknown"
    assert rules.Evidence.POLICY.value == "policy"
    with language.speaking(SPANISH):
        assert country_words.worded("words of 2024") == "words of 2024"
