"""Which question comes next: every way ends at the check, and nobody is asked what their way does not need."""

from __future__ import annotations

import itertools

import pytest

from nowrongdoor.core import doors
from nowrongdoor.door import flow, forms, telling

FACTS = ("wish_police", "wish_federal", "wish_immigration")
STANCES = tuple(flow.Stance)
WISHES, REACHED = ("", "help", flow.REPORT), ("", "no", "yes")
WAYS = list(itertools.product(STANCES, WISHES, REACHED))


def names(**answers: str) -> list[str]:
    return [step.name for step in flow.way(answers, FACTS)]


def test_every_stance_has_a_way_and_every_screen_its_form_and_heading() -> None:
    assert set(flow.WAYS) == set(flow.Stance)
    on_the_way = {screen for screens in flow.WAYS.values() for screen in screens} | {flow.Screen.WHO, flow.Screen.CHECK}
    assert on_the_way == set(flow.Screen) == set(forms.FORMS)
    assert set(telling.HEADINGS) == set(flow.Screen) - {flow.Screen.AGENCY}  # the country asks about its agencies


@pytest.mark.parametrize(("stance", "wish", "reach"), WAYS)
def test_whoever_goes_on_comes_to_the_check_and_back_to_the_start(stance: flow.Stance, wish: str, reach: str) -> None:
    steps = flow.way({"stance": stance.value, "wish": wish, "reach_safe": reach}, FACTS)
    assert len(set(steps)) == len(steps)
    walked = [flow.FIRST]
    while walked[-1] != flow.LAST:
        assert len(walked) < len(steps)
        walked.append(flow.after(walked[-1], steps, (), is_change=False))
    assert walked == list(steps)
    back = [flow.LAST]
    while back[-1] != flow.FIRST:
        assert len(back) < len(steps)
        back.append(flow.before(back[-1], steps))
    assert back == walked[::-1]


def test_only_whoever_wants_a_report_is_asked_which_agencies_may_know_and_of_each_by_itself() -> None:
    asked = [f"agency-{fact}" for fact in FACTS]
    for stance in ("person", "proxy"):
        way = names(stance=stance, wish="report")
        start = way.index("wish") + 1
        assert way[start : start + len(FACTS)] == asked
        for wish in ("", "help"):
            assert not set(asked) & set(names(stance=stance, wish=wish))
    for stance in ("bystander", "official"):
        assert not {*asked, "wish"} & set(names(stance=stance, wish="report"))


def test_a_door_asks_its_own_questions_of_whoever_saw_something_and_of_nobody_who_needs_help() -> None:
    ways = {stance: [step.name for step in flow.way({"stance": stance.value}, FACTS, "HWT543")] for stance in STANCES}
    assert ways[flow.Stance.BYSTANDER][:3] == ["who", "details-HWT543", "what"]
    assert ways[flow.Stance.OFFICIAL][:4] == ["who", "job", "details-HWT543", "what"]
    for stance in (flow.Stance.PERSON, flow.Stance.PROXY):
        assert ways[stance] == names(stance=stance.value)


def test_who_speaks_for_a_person_is_asked_of_them_and_the_person_alone_sets_a_safety_question() -> None:
    assert names(stance="proxy")[1:4] == ["knows", "visit", "children"]
    assert [each.value for each in STANCES if "safety" in names(stance=each.value)] == ["person"]
    assert [each.value for each in STANCES if "job" in names(stance=each.value)] == ["official"]


def test_how_to_reach_somebody_is_asked_only_where_they_said_that_it_is_safe() -> None:
    assert "how" in names(stance="bystander", reach_safe="yes")
    assert "how" not in names(stance="bystander", reach_safe="no")
    assert "how" not in names(stance="bystander")


def test_before_anybody_said_who_they_are_there_is_the_first_question_alone() -> None:
    assert names() == names(stance="somebody") == ["who"]


def test_whoever_changes_an_answer_comes_back_to_the_check_by_what_the_change_asks_besides() -> None:
    before = {"stance": "person", "wish": "help"}
    seen = [step.name for step in flow.way(before, FACTS)[:-1]]
    wish = flow.Step(flow.Screen.WISH)
    assert flow.after(wish, flow.way(before, FACTS), seen, is_change=True) == flow.LAST
    report = flow.way({**before, "wish": "report"}, FACTS)
    assert flow.after(wish, report, seen, is_change=True).name == "agency-wish_police"
    assert flow.resumed(report, seen).name == "agency-wish_police"


def test_a_step_that_is_not_on_the_way_is_the_first() -> None:
    steps = flow.way({"stance": "bystander"}, FACTS)
    assert flow.read("safety", steps) == flow.FIRST
    assert flow.read("urgency", steps) == flow.Step(flow.Screen.URGENCY)


@pytest.mark.parametrize("place", ["", "Elko, NV", "Fresno", "NV", "89801", "Nowhere"])
def test_each_screen_names_the_fields_that_its_form_has(place: str) -> None:
    door = next(each.code for each in doors.installed().each if each.asks)
    about = {flow.Screen.AGENCY: "wish_police", flow.Screen.DETAILS: door}
    for screen, kind in forms.FORMS.items():
        answers = {"place": place}
        form = kind(None, answers, about.get(screen, ""))
        assert tuple(form.fields) == tuple(kind.names(answers, about.get(screen, "")))
