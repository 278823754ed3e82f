"""What a country's law says of records: read strictly, each sentence with its source."""

from __future__ import annotations

import pytest

from nowrongdoor import jurisdictions
from nowrongdoor.core import country_words, entries, records_law

TEXT = jurisdictions.text(records_law.FILE)


def test_each_desk_rests_on_something_and_each_reason_is_cited() -> None:
    law = records_law.read(TEXT)
    assert {each.desk for each in law.statements} == set(records_law.Desk)
    assert set(law.exemptions) == set(records_law.Exemption)
    assert country_words.missing("es-us") == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('desk = "breaches"', 'desk = "courts"', "statement award: 'desk' cannot be 'courts'; write one of demands,"),
        ('why = "safety"', 'why = "comfort"', "'why' cannot be 'comfort'; write one of statute,"),
        ('id = "further"', 'id = "award"', "'id' cannot be 'award'; write another"),
        ('evidence = "policy+unverified"', 'evidence = "policy+hearsay"', "'evidence' cannot be 'policy+hearsay'"),
        ('citation = "8 USC 1367(a)(2)"\n', "", "statement relief: 'citation' is missing"),
    ],
)
def test_what_is_wrong_is_refused_by_its_entry(old: str, new: str, problem: str) -> None:
    assert old in TEXT
    with pytest.raises(entries.Unreadable) as refused:
        records_law.read(TEXT.replace(old, new, 1))
    assert problem in str(refused.value)


def test_a_country_may_say_nothing_of_it() -> None:
    assert records_law.NOTHING.of(records_law.Desk.DEMANDS) == []
