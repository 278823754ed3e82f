"""To whom a report goes, and whether it must, may, or may not: read from what the mandate table decided, and from
nothing else."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import hypothesis
import pytest
from hypothesis import strategies

from nowrongdoor import jurisdictions
from nowrongdoor.core import country_files, country_words, entries, protocols
from nowrongdoor.core.mandates import barring, decide, facts, rules, table
from nowrongdoor.core.protocols import Immigration, Verdict
from tests import claims

TEXT = jurisdictions.text(protocols.FILE)
LIBRARY = protocols.read(TEXT)
CONTENT = table.shipped()
DECIDER = decide.Decider(CONTENT)
DAY = datetime.date(2026, 11, 23)
AGREED = {"source": "survivor", "age": "adult", "wishes": "report_agreed"}


def ground(told: Mapping[str, str], *, is_withdrawn: bool = False) -> protocols.Ground:
    return protocols.Ground(
        DECIDER.decide(facts.read(told, CONTENT.vocabulary).facts.settled, DAY), CONTENT, (), is_withdrawn
    )


def weighed(
    code: str, told: Mapping[str, str], immigration: Immigration = Immigration.NO, *, is_withdrawn: bool = False
) -> protocols.Weighed:
    kind = LIBRARY.kind(code)
    assert kind
    return protocols.weigh(kind, immigration, ground(told, is_withdrawn=is_withdrawn), LIBRARY.enforces)


@pytest.mark.parametrize(
    ("code", "told", "verdict", "citation"),
    [
        ("police", AGREED, Verdict.MAY, ""),
        ("police", {**AGREED, "wishes": "services_only"}, Verdict.MAY_NOT, "hotline policy"),
        ("child_protection", {**AGREED, "wishes": "services_only"}, Verdict.MAY, ""),
        ("police", {**AGREED, "wish_police": "no"}, Verdict.MAY_NOT, "hotline policy"),
        ("federal", {**AGREED, "wish_federal": "no"}, Verdict.MAY_NOT, "hotline policy"),
        ("police", {**AGREED, "wish_federal": "no"}, Verdict.MAY, ""),
        ("homeland", {**AGREED, "wish_immigration": "no"}, Verdict.MAY_NOT, "hotline policy: immigration"),
        ("police", {**AGREED, "wishes": "services_only", "urgency": "immediate_danger"}, Verdict.MAY, "state law"),
        ("police", {"source": "provider", "age": "adult"}, Verdict.MAY_NOT, "34 USC 12291(b)(2)"),
        ("police", {"source": "survivor", "age": "adult"}, Verdict.MAY_NOT, "hotline policy"),
        (
            "police",
            {"source": "child_welfare", "age": "under_18", "child_in_care": "yes", "missing_child": "yes"},
            Verdict.MUST,
            "42 USC 671(a)(35)(B)",
        ),
        ("attorney_general", {"source": "bystander", "age": "adult"}, Verdict.MAY, ""),
    ],
)
def test_whether_a_recipient_is_told_is_what_the_table_says(
    code: str, told: Mapping[str, str], verdict: Verdict, citation: str
) -> None:
    answer = weighed(code, told)
    assert answer.verdict is verdict
    assert answer.reason.citation.startswith(citation)
    assert answer.reason.words
    assert answer.reason.evidence


def test_police_who_work_with_immigration_enforcement_count_as_such() -> None:
    no = {**AGREED, "wish_immigration": "no"}
    assert weighed("police", no, Immigration.NO).verdict is Verdict.MAY
    assert weighed("police", no, Immigration.YES).verdict is Verdict.MAY_NOT
    assert weighed("police", no, Immigration.UNKNOWN).verdict is Verdict.MAY_NOT, "nobody asked them"
    assert weighed("police", AGREED, Immigration.YES).verdict is Verdict.MAY
    danger = {**no, "urgency": "immediate_danger"}
    asked = {each: weighed("police", danger, each) for each in Immigration}
    assert {each: (answer.verdict, answer.is_risky) for each, answer in asked.items()} == {
        Immigration.YES: (Verdict.MAY, True),
        Immigration.NO: (Verdict.MAY, False),
        Immigration.UNKNOWN: (Verdict.MAY, True),
    }


def test_consent_that_was_taken_back_ends_what_no_law_commands_but_in_danger() -> None:
    commanded = {"source": "child_welfare", "age": "under_18", "child_in_care": "yes", "missing_child": "yes"}
    danger = {**AGREED, "urgency": "immediate_danger"}
    assert weighed("police", AGREED, is_withdrawn=True).verdict is Verdict.MAY_NOT
    assert weighed("police", commanded, is_withdrawn=True).verdict is Verdict.MUST
    assert weighed("police", commanded).holder, "the law names whom it binds"
    assert weighed("police", danger, is_withdrawn=True).is_danger


def test_nobody_who_enforces_is_told_while_nobody_has_said_who_is_telling() -> None:
    kind, helps = LIBRARY.kind("police"), LIBRARY.kind("child_protection")
    assert kind
    assert helps
    decision = DECIDER.decide(facts.read({}, CONTENT.vocabulary).facts.settled, DAY)
    held = protocols.Ground(decision, CONTENT, {"notify-local-danger"})
    free = protocols.Ground(decision, CONTENT, ())
    assert protocols.weigh(kind, Immigration.NO, held, LIBRARY.enforces).verdict is Verdict.MAY_NOT
    assert protocols.weigh(kind, Immigration.NO, free, LIBRARY.enforces).verdict is Verdict.MAY
    assert protocols.weigh(helps, Immigration.NO, held, LIBRARY.enforces).verdict is Verdict.MAY


def test_a_tip_about_an_adult_goes_to_the_state_first_and_one_about_a_child_to_child_protection() -> None:
    adult, child = {"source": "bystander", "age": "adult"}, {"source": "bystander", "age": "under_18"}
    assert LIBRARY.in_order(adult)[0].code == "attorney_general"
    assert LIBRARY.in_order(child)[0].code == "child_protection"
    assert LIBRARY.in_order({"source": "survivor", "age": "adult"})[0].code == "police"


@hypothesis.given(strategies.data())
@hypothesis.settings(max_examples=300, deadline=None)
def test_nobody_whom_a_gate_bars_is_told_but_by_law_or_in_danger(data: strategies.DataObject) -> None:
    """The property, over facts drawn from all that there are: no answer of this page goes past a gate of the table."""
    told = {
        each.name: data.draw(strategies.sampled_from(each.codes), label=each.name)
        for each in CONTENT.vocabulary.attributes
    }
    kind = data.draw(strategies.sampled_from(LIBRARY.kinds))
    immigration = data.draw(strategies.sampled_from(Immigration))
    decided = ground(told, is_withdrawn=data.draw(strategies.booleans()))
    answer = protocols.weigh(kind, immigration, decided, LIBRARY.enforces)
    barred = decided.is_withdrawn or barring.gate_against_kind(kind.body, decided.decision.gates)
    if immigration is not Immigration.NO and LIBRARY.enforces:
        against = barring.gate_against_kind(LIBRARY.enforces, decided.decision.gates)
        barred = barred or against
        assert answer.is_risky == (against is not None and answer.verdict is not Verdict.MAY_NOT)
    if barred and answer.verdict is Verdict.MAY:
        assert answer.is_danger
    if barred and answer.verdict is Verdict.MUST:
        assert rules.Evidence.STATUTE.value in answer.reason.evidence


def test_every_sentence_is_in_spanish_and_names_what_it_rests_on() -> None:
    assert country_words.missing("es-us") == []
    assert claims.every(kind.desks for kind in LIBRARY.kinds)
    assert LIBRARY.instead.evidence == "statute+unverified"
    assert country_files.problems(jurisdictions.text) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('is = "child_welfare"', 'is = "shelter"', "kind child_protection: 'is' cannot be 'shelter'; write one of"),
        ('id = "federal"', 'id = "police"', "'id' is missing; write each once"),
        ('desks = ["HSI"]', "", "kind homeland: 'desks' is missing"),
    ],
)
def test_what_is_wrong_is_refused_by_its_entry(old: str, new: str, problem: str) -> None:
    assert old in TEXT
    with pytest.raises(entries.Unreadable) as refused:
        protocols.read(TEXT.replace(old, new, 1))
    assert problem in str(refused.value)


@pytest.mark.parametrize(("old", "new"), [('desks = ["HSI"]', 'desks = ["HSX"]'), ('["under_18"]', '["a_child"]')])
def test_a_desk_and_a_fact_that_the_table_does_not_know_are_told(old: str, new: str) -> None:
    assert old in TEXT

    def text(name: str) -> str:
        return TEXT.replace(old, new, 1) if name == protocols.FILE else jurisdictions.text(name)

    assert [each for each in country_files.problems(text) if protocols.FILE in each]


def test_a_country_may_say_nothing_of_it() -> None:
    assert protocols.NOTHING.in_order({}) == []
