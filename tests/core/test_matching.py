"""Which services can take somebody now: a table of one thing at a time, then any services in any order."""

from __future__ import annotations

import dataclasses
import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nowrongdoor.core.services import matching, service
from nowrongdoor.core.services.matching import Why
from nowrongdoor.core.services.service import Accepts, Area, Between, Hours, Room

NOW = datetime.datetime(2026, 11, 29, 3, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
CLARK, WASHOE = "32003", "32031"
WOMAN = service.Facts(values={"gender": frozenset({"woman"})}, numbers={"age": 24}, without=frozenset({"oldest_son"}))
HOPE = service.Service(
    id="1",
    name="Hope",
    kinds=frozenset({"shelter"}),
    areas=[Area("NV")],
    languages=frozenset({"en"}),
    interprets=True,
    hours=Hours.OPEN,
    conditions=[
        Between("age", least=18),
        Accepts("gender", frozenset({"woman", "other"})),
        Between("oldest_son", most=12),
    ],
    room=Room(2, NOW - HOUR),
    vetted_until=NOW + 100 * HOUR,
)
NEEDS = matching.Needs(kind="shelter", facts=WOMAN, language="en", state="NV", county=CLARK)


def like(**otherwise: object) -> service.Service:
    return dataclasses.replace(HOPE, **otherwise)  # type: ignore[arg-type]


def knowing(**otherwise: object) -> matching.Needs:
    return dataclasses.replace(NEEDS, **otherwise)  # type: ignore[arg-type]


def test_one_that_fits_is_offered_without_a_question() -> None:
    found = matching.match(NEEDS, [HOPE], now=NOW)
    (only,) = found.offered
    assert (only.ask, only.has_room, only.speaks, only.is_near) == ([], True, True, False)
    assert found.left_out == []


@pytest.mark.parametrize(
    ("needs", "one", "reason"),
    [
        (knowing(kind="legal"), HOPE, matching.Reason(Why.KIND)),
        (knowing(state="CA"), HOPE, matching.Reason(Why.AREA)),
        (NEEDS, like(areas=[Area("NV", frozenset({WASHOE, "32001"}))]), matching.Reason(Why.AREA)),
        (knowing(language="es"), like(interprets=False), matching.Reason(Why.LANGUAGE)),
        (NEEDS, like(hours=Hours.LATER), matching.Reason(Why.CLOSED)),
        (NEEDS, like(room=Room(0, NOW - HOUR)), matching.Reason(Why.FULL)),
        (NEEDS, like(vetted_until=NOW), matching.Reason(Why.NOT_VETTED)),
        (NEEDS, like(vetted_until=None), matching.Reason(Why.NOT_VETTED)),
        (NEEDS, like(conditions=[Between("age", most=17)]), matching.Reason(Why.CONDITION, "age")),
        (
            NEEDS,
            like(conditions=[Accepts("gender", frozenset({"man"}))]),
            matching.Reason(Why.CONDITION, "gender"),
        ),
    ],
    ids=lambda value: value.why.value + value.fact if isinstance(value, matching.Reason) else "",
)
def test_one_that_does_not_is_left_out_and_says_why(
    needs: matching.Needs, one: service.Service, reason: matching.Reason
) -> None:
    found = matching.match(needs, [one], now=NOW)
    (only,) = found.left_out
    assert only.reasons == [reason]
    assert found.offered == []
    assert bool(found.misses) is (reason.why is not Why.KIND)


@pytest.mark.parametrize(
    ("needs", "one", "ask"),
    [
        (knowing(facts=service.Facts()), HOPE, ["age", "gender", "oldest_son"]),
        (knowing(state="", county=""), HOPE, ["place"]),
        (knowing(county=""), like(areas=[Area("NV", frozenset({CLARK, WASHOE}))]), ["place"]),
    ],
)
def test_what_is_not_known_is_asked_and_is_never_a_no(
    needs: matching.Needs, one: service.Service, ask: list[str]
) -> None:
    found = matching.match(needs, [one], now=NOW)
    assert [each.ask for each in found.offered] == [ask]
    assert found.questions == sorted(ask)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (HOPE, like(id="2", name="A", conditions=[*HOPE.conditions, Accepts("pet", frozenset({"none"}))])),
        (HOPE, like(id="2", name="A", hours=Hours.ON_CALL)),
        (like(hours=Hours.ON_CALL), like(id="2", name="A", hours=Hours.UNKNOWN)),
        (HOPE, like(id="2", name="A", room=None)),
        (HOPE, like(id="2", name="A", room=Room(9, NOW - matching.FRESH))),
        (HOPE, like(id="2", name="A", languages=frozenset({"es"}))),
        (like(areas=[Area("NV", frozenset({CLARK, WASHOE}))]), like(id="2", name="A")),
        (HOPE, like(id="2", name="Mercy")),
        (HOPE, like(id="2")),
    ],
)
def test_each_step_of_the_rule_decides_where_the_ones_before_do_not(
    first: service.Service, then: service.Service
) -> None:
    found = matching.match(NEEDS, [then, first], now=NOW)
    assert [each.service for each in found.offered] == [first, then]


def test_an_old_number_of_beds_says_nothing_in_either_way() -> None:
    (only,) = matching.match(NEEDS, [like(room=Room(0, NOW - matching.FRESH))], now=NOW).offered
    assert only.has_room is None


def test_a_hidden_place_is_found_nowhere_nearer_than_in_its_state() -> None:
    """Whoever asks for one county after another learns nothing."""
    hidden = like(is_hidden=True, areas=[Area("NV", frozenset({WASHOE}))])
    everywhere = [matching.match(knowing(county=each), [hidden], now=NOW) for each in (CLARK, WASHOE, "")]
    assert [[(each.ask, each.is_near) for each in found.offered] for found in everywhere] == [[([], False)]] * 3
    assert hidden.shown_areas() == [Area("NV")]
    assert matching.match(knowing(state="CA"), [hidden], now=NOW).offered == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Between("age", least=18, most=17),
        lambda: Area(counties=frozenset({CLARK})),
        lambda: like(areas=[]),
    ],
)
def test_what_contradicts_itself_is_refused(wrong: object) -> None:
    with pytest.raises(service.Unusable, match=r"Write|say for which area"):
        wrong()  # type: ignore[operator]


AREAS = st.builds(
    Area,
    st.sampled_from(["NV", "CA"]),
    st.sampled_from([frozenset[str](), frozenset({CLARK}), frozenset({CLARK, WASHOE})]),
) | st.just(Area())
CONDITIONS = (
    st.builds(Between, st.sampled_from(["age", "oldest_son"]), st.none() | st.integers(0, 17), st.none() | st.just(30))
    | st.builds(Accepts, st.just("gender"), st.frozensets(st.sampled_from(["woman", "man", "other"]), min_size=1))
    | st.builds(Accepts, st.just("pet"), st.just(frozenset({"none"})))
)
SERVICES = st.lists(
    st.builds(
        like,
        id=st.uuids().map(str),
        name=st.sampled_from(["A", "B"]),
        kinds=st.sampled_from([frozenset({"shelter"}), frozenset({"legal"})]),
        areas=st.lists(AREAS, min_size=1, max_size=3),
        languages=st.frozensets(st.sampled_from(["en", "es"])),
        interprets=st.booleans(),
        hours=st.sampled_from(Hours),
        conditions=st.lists(CONDITIONS, max_size=3),
        room=st.none() | st.builds(Room, st.integers(0, 2), st.sampled_from([NOW - HOUR, NOW - 2 * matching.FRESH])),
        vetted_until=st.none() | st.sampled_from([NOW - HOUR, NOW + HOUR]),
        is_hidden=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)
FACTS = st.builds(
    service.Facts,
    st.dictionaries(st.just("gender"), st.sampled_from([frozenset({"woman"}), frozenset({"man", "other"})])),
    st.dictionaries(st.sampled_from(["age", "oldest_son"]), st.integers(0, 40)),
)
ANY = st.builds(
    knowing,
    kind=st.sampled_from(["shelter", "legal"]),
    facts=FACTS,
    language=st.sampled_from(["en", "es", "mam"]),
    state=st.sampled_from(["", "NV"]),
    county=st.sampled_from(["", CLARK]),
    is_now=st.booleans(),
)


@settings(max_examples=200)
@given(ANY, SERVICES, st.randoms(use_true_random=False))
def test_each_is_in_one_list_with_its_reasons_and_the_order_given_changes_nothing(
    needs: matching.Needs, services: list[service.Service], dice: object
) -> None:
    found = matching.match(needs, services, now=NOW)
    listed = [each.service.id for each in found.offered] + [each.service.id for each in found.left_out]
    assert sorted(listed) == sorted(each.id for each in services)
    assert [each.service.id for each in found.left_out if not each.reasons] == []
    shuffled = list(services)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert matching.match(needs, shuffled, now=NOW) == found


@settings(max_examples=200)
@given(ANY, SERVICES, st.integers(0, 40))
def test_who_says_more_is_asked_less_and_nobody_comes_in_by_it(
    needs: matching.Needs, services: list[service.Service], age: int
) -> None:
    """An answer ends a question or leaves a service out; it brings none in that was left out before."""
    if "age" in needs.facts.numbers:
        return
    before = matching.match(needs, services, now=NOW)
    facts = dataclasses.replace(needs.facts, numbers={**needs.facts.numbers, "age": age})
    after = matching.match(dataclasses.replace(needs, facts=facts), services, now=NOW)
    assert {each.service.id for each in after.offered} <= {each.service.id for each in before.offered}
    assert "age" not in after.questions


def test_a_language_that_nobody_said_is_a_question_and_keeps_nobody_out() -> None:
    (only,) = matching.match(knowing(language=""), [like(interprets=False)], now=NOW).offered
    assert only.ask == ["language"]
    assert not only.speaks


def test_a_number_of_a_time_that_is_still_to_come_says_nothing() -> None:
    (only,) = matching.match(NEEDS, [like(room=Room(0, NOW + HOUR))], now=NOW).offered
    assert only.has_room is None
