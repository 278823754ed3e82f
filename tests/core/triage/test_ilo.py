"""The ILO rule, case by case as published, and against a second, independent formulation."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.triage import answers, assessment, ilo
from tests import claims

YES, NO, UNKNOWN = answers.Answer.YES, answers.Answer.NO, answers.Answer.UNKNOWN
State, Conclusion = assessment.State, assessment.Conclusion
LABOUR_IDS = [indicator.id for indicator in answers.indicators()]
ANSWER_SETS = st.dictionaries(st.sampled_from(LABOUR_IDS), st.sampled_from(answers.Answer))

# Two indicators of each dimension that make it positive on both scales.
POSITIVE = {
    1: ("ilo.1.job", "ilo.1.wages"),
    2: ("ilo.2.violence", "ilo.2.documents"),
    3: ("ilo.3.illegal_status", "ilo.3.economic_reasons", "ilo.3.personal_situation"),
    4: ("ilo.4.hours", "ilo.4.salary"),
    5: ("ilo.5.documents", "ilo.5.debt"),
    6: ("ilo.6.economic_reasons", "ilo.6.family_situation", "ilo.6.dependency_on_exploiters"),
}


def answered(*dimensions: int, rest: answers.Answer = NO) -> answers.Answers:
    yes = {question for dimension in dimensions for question in POSITIVE[dimension]}
    return answers.answers_of({i: YES if i in yes else rest for i in LABOUR_IDS})


def test_the_list_holds_67_indicators_each_named_once() -> None:
    assert len(LABOUR_IDS) == len(set(LABOUR_IDS)) == 67
    assert {i.dimension for i in answers.indicators()} == set(ilo.DIMENSIONS)
    assert {i.evidence for i in answers.indicators()} == {"secondary"}


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (ilo.Scale.ADULT, {"strong": 7, "medium": 53, "weak": 7, "": 0}),
        (ilo.Scale.CHILD, {"strong": 15, "medium": 50, "weak": 0, "": 2}),
    ],
)
def test_the_grades_are_those_of_the_published_list(scale: ilo.Scale, expected: dict[str, int]) -> None:
    counted = dict.fromkeys(expected, 0)
    for indicator in answers.indicators():
        counted[ilo.grade_of(indicator, scale).value] += 1
    assert counted == expected


def published_positive(strong: int, medium: int, weak: int) -> bool:
    """The rule as a search: some set of at most three indicators is one of the listed patterns."""
    held = ["S"] * min(strong, 3) + ["M"] * min(medium, 3) + ["W"] * min(weak, 3)
    patterns = {"SS", "MS", "SW", "MMM", "MMW"}
    return any("".join(sorted(chosen)) in patterns for size in (2, 3) for chosen in itertools.combinations(held, size))


@pytest.mark.parametrize("counts", list(itertools.product(range(5), repeat=3)))
def test_a_dimension_is_positive_exactly_by_the_published_patterns(
    counts: tuple[int, int, int],
) -> None:
    assert ilo.is_positive(ilo.Counts(*counts)) is published_positive(*counts)


@pytest.mark.parametrize("question", LABOUR_IDS)
@pytest.mark.parametrize("scale", list(ilo.Scale))
def test_a_single_indicator_never_decides(question: str, scale: ilo.Scale) -> None:
    result = ilo.assess(answers.answers_of({question: YES}), scale)
    assert claims.every(finding.state is not State.SHOWN for finding in result.findings)
    assert result.conclusion is Conclusion.CANNOT_SAY_YET
    assert "not a legal finding" in result.caveat


@pytest.mark.parametrize(
    ("dimensions", "conclusion"),
    [
        ((), Conclusion.EXPLOITATION_NOT_SHOWN),
        ((1, 2, 5), Conclusion.EXPLOITATION_NOT_SHOWN),
        ((4,), Conclusion.LABOUR_RIGHTS_CASE),
        ((1, 4), Conclusion.DECEPTION_AND_EXPLOITATION),
        ((1, 2, 4), Conclusion.DECEPTION_AND_EXPLOITATION),
        ((1, 4, 5), Conclusion.TRAFFICKED_FOR_FORCED_LABOUR),
        ((2, 4, 5), Conclusion.TRAFFICKED_FOR_FORCED_LABOUR),
        ((1, 2, 3, 4, 5, 6), Conclusion.TRAFFICKED_FOR_FORCED_LABOUR),
        ((2, 4), Conclusion.EXPLOITATION_UNNAMED),
        ((4, 5), Conclusion.EXPLOITATION_UNNAMED),
        ((3, 4, 6), Conclusion.LABOUR_RIGHTS_CASE),
    ],
)
@pytest.mark.parametrize("scale", list(ilo.Scale))
def test_each_published_combination_has_its_conclusion(
    dimensions: tuple[int, ...], conclusion: assessment.Conclusion, scale: ilo.Scale
) -> None:
    result = ilo.assess(answered(*dimensions), scale)
    assert result.conclusion is conclusion
    assert result.could_become == ()
    assert result.missing == ()


def test_the_vulnerability_gloss_is_off_until_asked_for_and_named_when_on() -> None:
    gloss = ilo.Gloss.VULNERABILITY_STANDS_FOR_MEANS
    given_ = answered(3, 4, 6)
    bare = ilo.assess(given_, ilo.Scale.ADULT)
    glossed = ilo.assess(given_, ilo.Scale.ADULT, frozenset({gloss}))
    assert bare.conclusion is Conclusion.LABOUR_RIGHTS_CASE
    assert gloss.value in bare.glosses_off
    assert glossed.conclusion is Conclusion.TRAFFICKED_FOR_FORCED_LABOUR
    assert glossed.glosses_on == (gloss.value,)


def test_the_child_gloss_needs_an_act_and_a_child() -> None:
    on = frozenset({ilo.Gloss.CHILD_NEEDS_NO_MEANS})
    exploited = answered(4)
    acted = answers.Answers(yes=exploited.yes | answers.bits()["tvpa.act"], no=exploited.no)
    not_acted = answers.Answers(yes=exploited.yes, no=exploited.no | answers.bits()["tvpa.act"])
    assert ilo.assess(acted, ilo.Scale.CHILD, on).conclusion is Conclusion.TRAFFICKED_FOR_FORCED_LABOUR
    assert ilo.assess(acted, ilo.Scale.ADULT, on).conclusion is Conclusion.LABOUR_RIGHTS_CASE
    assert ilo.assess(not_acted, ilo.Scale.CHILD, on).conclusion is Conclusion.LABOUR_RIGHTS_CASE
    unsaid = ilo.assess(exploited, ilo.Scale.CHILD, on)
    assert unsaid.missing == ("tvpa.act",)
    assert unsaid.could_become == (Conclusion.TRAFFICKED_FOR_FORCED_LABOUR,)


def test_blank_grades_carry_no_weight() -> None:
    blank = answers.answers_of({"ilo.4.protection": YES, "ilo.4.salary": YES, "ilo.4.living": YES})
    adult, child = (ilo.assess(blank, scale).findings[3] for scale in ilo.Scale)
    assert (adult.state, adult.medium) == (State.SHOWN, 3)
    assert (child.state, child.medium) == (State.UNDECIDED, 2)


def test_sexual_exploitation_gets_context_and_no_verdict() -> None:
    result = ilo.context(answered(1, 2, 4, 5), instead="Look there.")
    assert result.conclusion is Conclusion.CONTEXT_ONLY
    assert claims.every(finding.state is State.UNDECIDED for finding in result.findings)
    assert "ilo.5.debt" in result.findings[4].rests_on


RANK = {State.NOT_SHOWN: 0, State.UNDECIDED: 1, State.SHOWN: 2}


@given(ANSWER_SETS, st.sampled_from(LABOUR_IDS), st.sampled_from(ilo.Scale))
@settings(deadline=None)
def test_another_yes_never_weakens_a_dimension(
    told: dict[str, answers.Answer], question: str, scale: ilo.Scale
) -> None:
    before = ilo.assess(answers.answers_of(told), scale)
    after = ilo.assess(answers.answers_of(told | {question: YES}), scale)
    for old, new in zip(before.findings, after.findings, strict=True):
        assert RANK[new.state] >= RANK[old.state]


@given(ANSWER_SETS, st.data(), st.sampled_from(ilo.Scale))
@settings(deadline=None)
def test_a_decided_dimension_stays_and_every_outcome_was_foretold(
    told: dict[str, answers.Answer], data: st.DataObject, scale: ilo.Scale
) -> None:
    open_ = [i for i in LABOUR_IDS if told.get(i, UNKNOWN) is UNKNOWN]
    filled = told | {i: data.draw(st.sampled_from((YES, NO)), i) for i in open_}
    before = ilo.assess(answers.answers_of(told), scale)
    after = ilo.assess(answers.answers_of(filled), scale)
    for old, new in zip(before.findings, after.findings, strict=True):
        if old.state is not State.UNDECIDED:
            assert new.state is old.state
    assert after.conclusion in (before.conclusion, *before.could_become)


DECISIVE = [i.id for i in answers.indicators() if i.dimension in (1, 4, 5)]


@given(
    st.sets(st.sampled_from(DECISIVE), max_size=7),
    st.lists(st.sampled_from(DECISIVE), unique=True, min_size=1, max_size=6),
    st.sampled_from(ilo.Scale),
)
@settings(deadline=None, max_examples=60)
def test_missing_names_exactly_the_answers_that_could_change_the_conclusion(
    told: set[str], open_: list[str], scale: ilo.Scale
) -> None:
    yes = told - set(open_)
    closed = {i: YES if i in yes else NO for i in LABOUR_IDS if i not in open_}
    final = {}
    for chosen in itertools.product((YES, NO), repeat=len(open_)):
        filled = closed | dict(zip(open_, chosen, strict=True))
        final[chosen] = ilo.assess(answers.answers_of(filled), scale).conclusion
    pivotal = {
        question
        for place, question in enumerate(open_)
        for chosen in final
        if final[chosen] is not final[(*chosen[:place], YES, *chosen[place + 1 :])]
    }
    result = ilo.assess(answers.answers_of(closed), scale)
    assert set(result.missing) == pivotal
    assert {result.conclusion, *result.could_become} >= set(final.values())


def test_an_open_answer_that_can_no_longer_tip_its_dimension_is_not_asked_for() -> None:
    medium = ["ilo.6.economic_reasons", "ilo.6.family_situation"]
    open_ = [*medium, "ilo.6.personal_characteristics"]
    told = {i: NO for i in LABOUR_IDS if i not in open_} | {"ilo.6.difficulties_in_the_past": YES}
    finding = ilo.assess(answers.answers_of(told), ilo.Scale.ADULT).findings[5]
    assert finding.state is State.UNDECIDED
    assert list(finding.could_change) == medium


@given(st.permutations(sorted(POSITIVE[4] + POSITIVE[5] + POSITIVE[1])))
def test_the_order_of_answers_is_irrelevant(order: list[str]) -> None:
    given_ = answers.answers_of(dict.fromkeys(order, YES))
    assert given_ == answers.answers_of(dict.fromkeys(sorted(order), YES))
    assert ilo.assess(given_, ilo.Scale.ADULT).conclusion is Conclusion.TRAFFICKED_FOR_FORCED_LABOUR


def test_only_questions_that_exist_can_be_answered() -> None:
    assert answers.answers_of({"ilo.5.debt": YES}).yes
    with pytest.raises(answers.UnknownQuestionError, match=r"ilo\.9\.debt"):
        answers.answers_of({"ilo.9.debt": YES})
    with pytest.raises(answers.ContradictoryAnswersError, match=r"ilo\.1\.job"):
        answers.Answers(yes=1, no=1)
    with pytest.raises(answers.UnknownQuestionError):
        answers.Answers(yes=1 << len(answers.questions()))
