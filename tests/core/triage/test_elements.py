"""The elements of 22 USC 7102, in all combinations, and the two instruments together."""

from __future__ import annotations

import itertools

import pytest

from nowrongdoor.core.triage import answers, assessment, elements, ilo, instruments
from tests import claims

YES, NO, UNKNOWN = answers.Answer.YES, answers.Answer.NO, answers.Answer.UNKNOWN
Conclusion, State = assessment.Conclusion, assessment.State
THREE = ("yes", "no", "unknown")


def said(**told: str) -> answers.Answers:
    return answers.answers_of({f"tvpa.{n}": answers.Answer(v) for n, v in told.items()})


SEX, LABOR = elements.installed().each


def assessed(instrument: elements.Instrument, given: answers.Answers, **facts: str) -> assessment.Assessment:
    return elements.assess(instrument, given, tuple(facts.get(name, "unknown") for name in instrument.facts))


@pytest.mark.parametrize("age", ["under_18", "adult", "unknown"])
@pytest.mark.parametrize(("act", "sex", "means"), list(itertools.product(THREE, repeat=3)))
def test_sex_trafficking_is_what_every_completion_of_the_unknown_says(age: str, act: str, sex: str, means: str) -> None:
    result = assessed(SEX, said(act=act), age=age, commercial_sex=sex, means=means)
    outcomes = {
        a == "yes" and s == "yes" and (m == "yes" or g == "under_18")
        for a in ([act] if act != "unknown" else ["yes", "no"])
        for s in ([sex] if sex != "unknown" else ["yes", "no"])
        for m in ([means] if means != "unknown" else ["yes", "no"])
        for g in ([age] if age != "unknown" else ["under_18", "adult"])
    }
    expected = {
        (True,): Conclusion.ELEMENTS_SHOWN,
        (False,): Conclusion.ELEMENTS_NOT_SHOWN,
        (False, True): Conclusion.CANNOT_SAY_YET,
    }[tuple(sorted(outcomes))]
    assert result.conclusion is expected
    assert bool(result.missing) is (expected is Conclusion.CANNOT_SAY_YET)


@pytest.mark.parametrize(("act", "labor", "means", "servitude"), list(itertools.product(THREE, repeat=4)))
def test_labor_trafficking_needs_all_four_elements_at_any_age(act: str, labor: str, means: str, servitude: str) -> None:
    for age in ("under_18", "adult", "unknown"):
        result = assessed(
            LABOR,
            said(act=act, servitude=servitude),
            age=age,
            labor=labor,
            means=means,
        )
        told = {act, labor, means, servitude}
        if "no" in told:
            assert result.conclusion is Conclusion.ELEMENTS_NOT_SHOWN
        elif "unknown" in told:
            assert result.conclusion is Conclusion.CANNOT_SAY_YET
        else:
            assert result.conclusion is Conclusion.ELEMENTS_SHOWN


def test_under_18_needs_no_means_for_a_commercial_sex_act_and_an_adult_does() -> None:
    act = said(act="yes", force="no", fraud="no", coercion="no")
    child = assessed(SEX, act, age="under_18", commercial_sex="yes")
    adult = assessed(SEX, act, age="adult", commercial_sex="yes")
    assert child.conclusion is Conclusion.ELEMENTS_SHOWN
    assert child.findings[2].rests_on == ("age=under_18",)
    assert adult.conclusion is Conclusion.ELEMENTS_NOT_SHOWN


def test_one_means_is_enough_and_only_no_to_all_three_denies_them() -> None:
    for name in ("force", "fraud", "coercion"):
        shown = assessed(LABOR, said(**{name: "yes"}))
        assert shown.findings[2].rests_on == (f"tvpa.{name}",)
    partly = assessed(LABOR, said(force="no", fraud="no"))
    assert partly.findings[2].state is State.UNDECIDED
    assert partly.findings[2].could_change == ("tvpa.coercion",)


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        ({}, ["ilo-labour-adult", "ilo-labour-child"]),
        ({"age": "adult"}, ["ilo-labour-adult"]),
        ({"age": "under_18", "labor": "yes"}, ["ilo-labour-child"]),
        ({"age": "adult", "commercial_sex": "yes"}, ["ilo-sexual-context"]),
        (
            {"age": "adult", "commercial_sex": "yes", "labor": "yes"},
            ["ilo-labour-adult", "ilo-sexual-context"],
        ),
        ({"labor": "no"}, []),
    ],
)
def test_each_case_gets_the_instruments_that_fit_it(facts: dict[str, str], names: list[str]) -> None:
    results = instruments.assess(answers.Answers(), facts)
    elements = ["tvpa-sex-trafficking", "tvpa-labor-trafficking"]
    assert [result.instrument for result in results] == elements + names
    assert claims.every(result.version and result.caveat and result.source for result in results)


def test_a_remembered_result_equals_a_fresh_one_and_glosses_are_part_of_the_question() -> None:
    given = answers.answers_of({"ilo.5.debt": YES, "ilo.4.hours": YES})
    facts = {"labor": "yes", "age": "adult"}
    first = instruments.assess(given, facts)
    assert instruments.assess(given, facts) is first
    instruments.forget()
    assert instruments.assess(given, facts) == first
    assert instruments.assess(given, facts, frozenset(ilo.Gloss)) != first
