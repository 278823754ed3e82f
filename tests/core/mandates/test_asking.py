"""The question to ask next is the one whose answer could change the lead, and none where no answer could."""

from __future__ import annotations

import collections
import datetime
import json
import pathlib
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.mandates import asking, decide, facts, table
from tests import claims
from tests.core.mandates import tables

SHIPPED = table.shipped()
DECIDER = decide.Decider(SHIPPED)
TODAY = datetime.date(2026, 11, 24)
NWD = pathlib.Path(sys.executable).parent / "nwd"


def lead(content: table.Table, point: facts.Facts) -> str | None:
    try:
        return decide.decide(content, point, tables.START).lead.agency
    except decide.NobodyLeads:
        return None


def changing(content: table.Table, point: facts.Facts) -> dict[str, dict[str, str | None]]:
    """The questions that could change the lead, with the lead of each possible answer, by plain counting."""
    found = {}
    for attribute in content.vocabulary.attributes:
        if point[attribute.name] != facts.UNKNOWN:
            continue
        varied = {code: point.changed({attribute.name: code}) for code in attribute.codes[:-1]}
        leads = {code: lead(content, each) for code, each in varied.items() if tables.is_possible(each)}
        if set(leads.values()) - {lead(content, point)}:
            found[attribute.name] = leads
    return found


@pytest.mark.parametrize("seed", range(60))
def test_the_question_is_what_plain_counting_says(seed: int) -> None:
    content = tables.with_impossible(tables.at_random(seed), seed)
    decider, dice = decide.Decider(content), random.Random(seed)
    points = list(tables.possible_points(content.vocabulary))
    for point in [content.vocabulary.nothing_known, *dice.sample(points, min(20, len(points)))]:
        expected = changing(content, point)
        question = asking.next_question(decider, point, tables.START)
        if question is None:
            assert expected == {}
            continue
        assert {each.value.code: each.lead for each in question.answers} == expected[question.attribute.name]
        most = max(len(set(leads.values())) for leads in expected.values())
        assert len({each.lead for each in question.answers}) == most


def test_some_cases_have_a_question_and_some_have_none() -> None:
    came = collections.Counter(
        asking.next_question(
            decide.Decider(tables.at_random(seed)), tables.at_random(seed).vocabulary.nothing_known, tables.START
        )
        is None
        for seed in range(60)
    )
    assert min(came[True], came[False]) >= 5


def test_a_question_that_the_form_asks_first_comes_before_one_that_splits_more() -> None:
    known = tables.vocabulary(3, 4)
    leads = [
        tables.rule(1, (("a0", ("v0",)),), precedence=1),
        *(tables.rule(n, (("a1", (f"v{n - 2}",)),), precedence=n) for n in (2, 3, 4)),
        tables.rule(9, (), precedence=9),
    ]
    content = tables.of(known, leads)

    def asked(content: table.Table) -> str:
        point = content.vocabulary.nothing_known
        question = asking.next_question(decide.Decider(content), point, tables.START)
        assert question is not None
        return question.attribute.name

    assert asked(content) == "a1"
    first = facts.Vocabulary(known.attributes, first=("a0",))
    assert asked(tables.of(first, leads)) == "a0"


points = st.tuples(*(st.integers(0, len(a.values) - 1) for a in SHIPPED.vocabulary.attributes))
UNKNOWN_AT = tuple(len(a.values) - 1 for a in SHIPPED.vocabulary.attributes)


@settings(max_examples=150, deadline=None)
@given(points, st.sets(st.integers(0, len(UNKNOWN_AT) - 1), min_size=8))
def test_an_answer_to_the_question_changes_the_lead_of_the_shipped_table(
    point: tuple[int, ...], unknown: set[int]
) -> None:
    choices = tuple(UNKNOWN_AT[at] if at in unknown else choice for at, choice in enumerate(point))
    told = facts.Facts(choices, SHIPPED.vocabulary).settled
    question = asking.next_question(DECIDER, told, TODAY)
    now = DECIDER.decide(told, TODAY).lead.agency
    if question is not None:
        leads = {
            each.value.code: DECIDER.decide(told.changed({question.attribute.name: each.value.code}), TODAY).lead.agency
            for each in question.answers
        }
        assert leads == {each.value.code: each.lead for each in question.answers}
        assert set(leads.values()) - {now}
        return
    for attribute in SHIPPED.vocabulary.attributes:
        if told[attribute.name] == facts.UNKNOWN:
            varied = [told.changed({attribute.name: code}) for code in attribute.codes[:-1]]
            assert {DECIDER.decide(each, TODAY).lead.agency for each in varied if not each.conflicts} <= {now}


def test_no_impossible_answer_is_offered() -> None:
    leads = [tables.rule(1, (("a1", ("v0", "v1")),), precedence=1), tables.rule(2, (), precedence=2)]
    content = tables.of(tables.vocabulary(2, 3), leads)

    def offered(content: table.Table) -> list[str]:
        told = facts.parse({"a0": "v0"}, content.vocabulary)
        question = asking.next_question(decide.Decider(content), told, tables.START)
        return [each.value.code for each in question.answers] if question else []

    entry = tables.impossible(0, ("a0", ("v0",)), ("a1", ("v0",)))
    assert offered(content) == ["v0", "v1"]
    assert offered(tables.declaring(content, entry)) == ["v1"]


def test_what_conflicts_is_asked_about_as_not_known() -> None:
    told = facts.parse({"age": "adult", "unaccompanied_child": "yes", "labor": "yes"}, SHIPPED.vocabulary)
    assert asking.next_question(DECIDER, told, TODAY) == asking.next_question(DECIDER, told.settled, TODAY)


def nwd(given_facts: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(NWD), "mandates", "decide", "--facts", "-", "--on", "2026-01-15", *arguments]
    return subprocess.run(command, input=given_facts, capture_output=True, text=True)


def test_decide_names_the_next_question() -> None:
    answer = json.loads(nwd('{"labor": "yes", "nationality": "foreign"}', "--json").stdout)
    question = answer["next_question"]
    attribute = SHIPPED.vocabulary.attribute(question["name"])
    assert question["words"] == attribute.question
    assert {each["lead"] for each in question["answers"]} - {answer["lead"]["agency"]}
    assert claims.every(attribute.words(each["code"]) == each["words"] for each in question["answers"])
    words = nwd('{"labor": "yes", "nationality": "foreign"}').stdout
    assert f"Ask next, because the answer could change the lead: {attribute.question}" in words


def test_decide_says_null_where_no_answer_changes_the_lead() -> None:
    told = '{"source": "survivor", "wishes": "services_only", "age": "adult"}'
    assert json.loads(nwd(told, "--json").stdout)["next_question"] is None
    assert "Ask next" not in nwd(told).stdout


# A case that people brought: an adult who is an unaccompanied child, and a citizen on an H-2A visa.
CONTRADICTION = '{"age": "adult", "unaccompanied_child": "yes", "nationality": "us_citizen", "visa": "h2a"}'


def test_decide_refuses_what_is_impossible_in_a_sentence_each() -> None:
    done = nwd(CONTRADICTION, "--json")
    assert done.returncode == 2
    sentences = [each.sentence for each in facts.parse(json.loads(CONTRADICTION), SHIPPED.vocabulary).conflicts]
    assert len(sentences) >= 2
    assert json.loads(done.stdout) == {"refused": sentences}
    in_words = nwd(CONTRADICTION)
    assert (in_words.returncode, in_words.stdout) == (2, "")
    assert claims.every(each in in_words.stderr for each in sentences)


def test_half_of_the_contradiction_is_refused_and_a_quarter_is_not() -> None:
    told = json.loads(CONTRADICTION)
    child, worker = ("age", "unaccompanied_child"), ("nationality", "visa")
    for pair in (child, worker):
        done = nwd(json.dumps({name: told[name] for name in pair}), "--json")
        assert (done.returncode, len(json.loads(done.stdout)["refused"])) == (2, 1)
    for pair in (("age", "visa"), ("age", "nationality"), ("unaccompanied_child", "visa")):
        assert nwd(json.dumps({name: told[name] for name in pair}), "--json").returncode == 0
