"""The product knows no country: what belongs to one stands in its folder of `jurisdictions`, in files with versions."""

from __future__ import annotations

import pathlib
import re
import tomllib

import pytest

from nowrongdoor import jurisdictions
from nowrongdoor.core import country, country_files, country_words, holidays, places
from nowrongdoor.core.mandates import facts, reading, table, vocabulary

SOURCE = pathlib.Path(jurisdictions.__file__).parents[1]
COUNTRY = SOURCE / "jurisdictions" / jurisdictions.DEFAULT
# What names the United States, its law, its agencies or its telephone numbers.
NAMES = re.compile(
    r"U\.S\.|\bUSC?\b|\bUSA\b|us_citizen|\bCFR\b|United States|American\b|\b[Ff]ederal\b|Homeland|Attorney General|"
    r"\b(FBI|HSI|DOJ|HHS|NCMEC|USAO|OTIP|DOJ_COORDINATOR|VAWA)\b|\b911\b|\bNY\b|New York|Thanksgiving|\bH-2[AB]\b|"
    r"CyberTip|888-373|8883737888|233733"
)
# What names it all the same, with the reason.
STAYS = {
    "agencies/languages.py": "leaves out older names of time zones, which begin with a country",
    "channels/twilio_calls.py": "what a provider calls its voices, by kinds of English and Spanish",
    "core/handoff.py": "the precedent of the rule that a refusal is written down",
    "site/demonstration.py": "the demonstration tells of the United States alone",
    "site/demonstration_reports.py": "the same",
    "site/up.py": "says so",
    "ui/formats/es_US/__init__.py": "how days are written in the Spanish of one country, for every installation",
    "ui/formats/es_US/formats.py": "how days are written in the Spanish of one country, for every installation",
}
# What a person may read comes from these; the migrations are as they were released, and speak to nobody.
READ = (".py", ".html", ".txt", ".typ")


def naming() -> dict[str, set[str]]:
    """The files of every room that name the country, and the words in which they do."""
    named: dict[str, set[str]] = {}
    for file in sorted(SOURCE.rglob("*")):
        if file.suffix not in READ or {"migrations", "jurisdictions"} & set(file.parts):
            continue
        if words := {match.group() for match in NAMES.finditer(file.read_text(encoding="utf-8"))}:
            named[str(file.relative_to(SOURCE))] = words
    return named


def test_no_file_of_the_product_names_a_country_but_those_that_stay() -> None:
    assert naming().keys() == STAYS.keys()


def test_the_words_that_name_the_country_are_found_where_they_belong() -> None:
    """The test of the test: it would find them."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(COUNTRY.rglob("*.toml")))
    looked_for = {"USC", "CFR", "United States", "911", "NY", "us_citizen", "888-373", "VAWA"}
    assert looked_for <= {m.group() for m in NAMES.finditer(text)}


@pytest.mark.parametrize("name", ["table.toml", "words/en.toml", *reading.BESIDE])
def test_each_file_beside_the_facts_has_a_version_of_its_own(name: str) -> None:
    assert re.fullmatch(r"20\d\d\.\d+", tomllib.loads(jurisdictions.text(name))["version"])


def test_every_file_of_the_country_is_read() -> None:
    there = {str(file.relative_to(COUNTRY)) for file in COUNTRY.rglob("*") if file.is_file()}
    here = country.installed()
    worded = {country_words.file_of(code) for code in (*here.languages[1:], *here.public_languages)}
    assert there - {*vocabulary.OPTIONAL_FILES} == {*table.FILES, *reading.BESIDE, *worded}


def test_the_guide_lists_every_file_of_the_country() -> None:
    guide = (SOURCE.parents[1] / "docs" / "jurisdictions.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([\w/]+\.toml)`", guide[: guide.index("The first nine rows")]))
    assert listed == {*vocabulary.OPTIONAL_FILES} | {str(file.relative_to(COUNTRY)) for file in COUNTRY.rglob("*.toml")}


def test_what_the_files_of_the_shipped_country_name_is_there() -> None:
    assert country_files.problems(jurisdictions.text) == []
    assert places.read(places.installed().example).district == places.installed().example
    assert len(holidays.installed().fixed) + len(holidays.installed().moving) == 11


FACTS = """
safety = "urgency"
first = ["age"]
[[fact]]
name = "urgency"
values = ["immediate_danger", "within_24h", "none"]
law = "policy"
evidence = "policy"
[[fact]]
name = "age"
values = ["child", "adult"]
law = "a law"
evidence = "statute"
"""
WORDS = """
version = "1"
[urgency]
question = "How soon?"
immediate_danger = "now"
within_24h = "today"
none = "later"
unknown = "urgency unknown"
[age]
question = "How old?"
child = "a child"
adult = "an adult"
unknown = "age unknown"
"""
RULES = {
    "table.toml": 'name = "Elsewhere"\nversion = "1"\ncovers_from = 2024-01-01',
    "agencies.toml": '[[agency]]\ncode = "A"\nname = "A"\ndepartment = "D"\nkind = "other"\ncan_decline = false',
    "leads.toml": """
        [[rule]]
        id = "all"
        role = "lead"
        agency = "A"
        precedence = 1
        when = { age = ["child", "adult", "unknown"] }
        authority = "a law"
        evidence = "statute"
        sources = ["1"]
        why = "So."
        [[rule]]
        id = "end"
        role = "backstop"
        agency = "A"
        precedence = 1
        when = {}
        authority = "a law"
        evidence = "statute"
        sources = ["1"]
        why = "So."
    """,
}


def elsewhere(**changes: str) -> dict[str, str]:
    """The files of a small country."""
    return {"facts.toml": FACTS, "words/en.toml": WORDS, **RULES} | {
        {"facts": "facts.toml", "words": "words/en.toml"}[name]: text for name, text in changes.items()
    }


def test_a_table_asks_its_own_facts_whatever_country_is_installed() -> None:
    read = table.read(elsewhere())
    assert read.vocabulary.names == ("urgency", "age")
    assert read.vocabulary.attribute("age").codes == ("child", "adult", facts.UNKNOWN)
    assert (read.vocabulary.safety, read.vocabulary.first, read.vocabulary.words_version) == ("urgency", ("age",), "1")


@pytest.mark.parametrize(
    ("file", "right", "wrong", "said"),
    [
        ("facts", 'name = "age"', 'name = "Age"', "'name' is small letters, digits and underscores"),
        ("facts", 'name = "age"', 'name = "аge"', "'name' is small letters"),  # a Cyrillic letter
        ("facts", 'name = "age"', 'name = "urgency"', "there are two of this name"),
        ("facts", '["child", "adult"]', '["child", "child"]', "an answer is there twice"),
        ("facts", '["child", "adult"]', '["child", "unknown"]', "'unknown' is an answer to every question by itself"),
        ("facts", '["child", "adult"]', '["child", 18]', "'values' is a list of codes"),
        ("facts", '["child", "adult"]', "[]", "'values' is a list of codes"),
        ("facts", 'values = ["child"', 'valeus = ["child"', "'valeus' is no part of a fact"),
        ("facts", 'law = "a law"', 'law = " "', "'law' is missing"),
        ("facts", '"statute"', '"hearsay"', "'evidence' is one or more of"),
        ("facts", 'first = ["age"]', 'first = ["sex"]', "'safety' is the name of a fact, and 'first' a list"),
        ("facts", 'safety = "urgency"', "", "'safety' is the name of a fact"),
        ("facts", '"within_24h", ', "", "every table asks about 'urgency'"),
        ("facts", FACTS, "", "write each fact under"),
        ("facts", 'law = "policy"', "law = policy", "facts.toml: "),
        ("words", 'question = "How old?"', "", "words/en.toml, \\[age\\]: 'question' cannot be shown"),
        ("words", 'adult = "an adult"', "", "'adult' cannot be shown"),
        ("words", 'adult = "an adult"', 'adult = "an adult"\nold = "old"', "'old' cannot be shown"),
        ("words", 'version = "1"', "", "'version' is missing"),
        ("words", "[age]", "[aeg]", "\\[aeg\\] is no fact of facts.toml"),
    ],
)
def test_facts_that_cannot_be_asked_are_refused_with_the_file_and_the_entry(
    file: str, right: str, wrong: str, said: str
) -> None:
    good = {"facts": FACTS, "words": WORDS}[file]
    assert right in good
    with pytest.raises(table.TableError, match=said):
        table.read(elsewhere(**{file: good.replace(right, wrong, 1)}))


def test_a_folder_without_facts_asks_about_those_of_the_installed_country(tmp_path: pathlib.Path) -> None:
    for name in table.OTHER_FILES:
        (tmp_path / name).write_text(jurisdictions.text(name), encoding="utf-8")
    assert reading.folder(tmp_path).content.digest == table.shipped().digest
    (tmp_path / "facts.toml").write_text(FACTS, encoding="utf-8")
    with pytest.raises(reading.Refused, match=r"words/en\.toml, line 1: the file is missing"):
        reading.folder(tmp_path)
