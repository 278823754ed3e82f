"""Services read by the profile of a country: what each row says, and what is said of a row that says nothing."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import pytest

from nowrongdoor import jurisdictions
from nowrongdoor.core import country_words, entries
from nowrongdoor.core.services import matching, profile, service
from nowrongdoor.core.services.hsds import Row
from nowrongdoor.core.services.profile import Tag
from nowrongdoor.core.services.service import Accepts, Area, Asks, Between, Hours, Room

NOW = datetime.datetime(2026, 11, 29, 3, tzinfo=datetime.UTC)
ROW: Row = {"id": "b", "name": "Beds", "status": "active"}
BED = Tag("kind", "shelter")
NEVADA: Row = {"id": "n", "extent_type": "state", "extent": "NV"}
CLARK: Row = {"id": "c", "extent_type": "county", "extent": "Clark, NV"}
WASHOE: Row = {"id": "w", "extent_type": "county", "extent": "Washoe, NV"}
PLACES = {"NV": ("NV", ""), "Clark, NV": ("NV", "Clark"), "Washoe, NV": ("NV", "Washoe")}
WHERE = profile.Where(zone=datetime.UTC, place=PLACES.get, is_closed_on=lambda day: day.day == 25)


def understood(
    tags: Sequence[Tag] = (BED,),
    row: Row = ROW,
    areas: Sequence[Row] = (NEVADA,),
    *,
    is_hidden: bool = False,
    languages: Sequence[Row] = (),
    schedules: Sequence[tuple[Row, Sequence[str]]] = (),
    capacities: Sequence[tuple[Row, str]] = (),
) -> profile.Understood:
    listed = profile.Listed(
        row=row,
        tags=tags,
        is_hidden=is_hidden,
        areas=areas,
        languages=languages,
        schedules=schedules,
        capacities=capacities,
    )
    return profile.understand(listed, profile.installed(), WHERE)


def found(read: profile.Understood) -> service.Service:
    assert read.found is not None
    assert read.problems == []
    return read.found


def test_the_profile_of_the_country_is_read_and_said_in_spanish() -> None:
    asked = profile.installed()
    assert asked.kinds["shelter"].unit == "bed"
    assert asked.facts["oldest_son"].none
    known = country_words.originals()
    spanish = country_words.read(jurisdictions.text("words/es.toml"), "words/es.toml", known)
    ours = {key for key, words in known.items() if key.startswith("services.") and words}
    assert len(ours) > 30
    assert ours - spanish.keys() == set()


def test_what_a_service_says_of_itself_is_read() -> None:
    read = found(
        understood(
            [BED, Tag("limit", "lsc"), Tag("takes:gender", "woman|other"), Tag("takes:oldest_son", "-12")],
            {**ROW, "minimum_age": 18, "interpretation_services": "By telephone"},
            [CLARK, WASHOE],
            is_hidden=True,
            languages=[{"id": "l", "code": "es-MX"}, {"id": "k", "name": "Mam"}],
            capacities=[
                ({"id": "1", "available": 2, "updated": "2026-11-29T01:00:00+00:00"}, "bed"),
                ({"id": "2", "available": 1, "updated": "2026-11-29T02:00:00+00:00"}, "bed"),
                ({"id": "3", "available": 9, "updated": "2026-11-28T02:00:00+00:00"}, "meal"),
            ],
        )
    )
    assert read.kinds == {"shelter"}
    assert read.areas == [Area("NV", frozenset({"Clark", "Washoe"}))]
    assert (read.languages, read.interprets, read.is_hidden) == (frozenset({"es"}), True, True)
    assert read.conditions == [
        Between("age", 18),
        Accepts("gender", frozenset({"woman", "other"})),
        Between("oldest_son", None, 12),
    ]
    assert read.limits == {"lsc"}
    assert read.room == Room(3, datetime.datetime(2026, 11, 29, 1, tzinfo=datetime.UTC))


def test_a_whole_state_and_a_country_hold_their_counties() -> None:
    assert found(understood(areas=[CLARK, NEVADA])).areas == [Area("NV")]
    assert found(understood(areas=[CLARK, {"id": "u", "extent_type": "country"}])).areas == [Area()]


def test_a_single_county_of_a_hidden_place_is_shown_as_its_state() -> None:
    read = found(understood(is_hidden=True, areas=[CLARK]))
    assert read.shown_areas() == [Area("NV")]


@pytest.mark.parametrize(
    ("tag", "condition", "why"),
    [
        (Tag("takes:gender", "woman|girl"), Asks("gender"), "and not girl"),
        (Tag("takes:age", "adults"), Asks("age"), "two whole numbers"),
        (Tag("takes:age", "24-18"), Asks("age"), "Write the lower number first"),
    ],
)
def test_what_cannot_be_read_of_whom_it_takes_is_asked_and_said(
    tag: Tag, condition: service.Condition, why: str
) -> None:
    read = understood([BED, tag])
    assert read.found is not None
    assert read.found.conditions == [condition]
    (problem,) = read.problems
    assert why in problem
    needs = matching.Needs(
        kind="shelter",
        facts=service.Facts({"gender": frozenset({"woman"})}, {"age": 20}),
        language="en",
        state="NV",
    )
    (only,) = matching.match(
        needs,
        [
            service.Service(
                id="b",
                name="Beds",
                kinds=frozenset({"shelter"}),
                areas=[Area("NV")],
                languages=frozenset({"en"}),
                interprets=True,
                hours=Hours.OPEN,
                conditions=read.found.conditions,
                vetted_until=NOW.replace(year=2027),
            )
        ],
        now=NOW,
    ).offered
    assert only.ask == [condition.fact]


@pytest.mark.parametrize(
    ("read", "problems"),
    [
        (understood([Tag("kind", "hotel")]), ["no kind of service “hotel”", "no tag says what it does"]),
        (understood([]), ["no tag says what it does"]),
        (understood(areas=[]), ["no service area says where"]),
        (understood(areas=[{"id": "x", "name": "MyCity"}]), ["“MyCity” can’t be read", "no service area says where"]),
        (understood(areas=[{**NEVADA, "extent": "Clark, NV"}]), ["“Clark, NV” can’t be read", "no service area"]),
        (understood(row={**ROW, "status": "defunct"}), ["its status is “defunct”"]),
    ],
    ids=["unknown kind", "no kind", "no area", "area in words", "county as state", "defunct"],
)
def test_one_that_nobody_can_find_says_why(read: profile.Understood, problems: list[str]) -> None:
    assert read.found is None
    assert len(read.problems) == len(problems)
    for problem, why in zip(read.problems, problems, strict=True):
        assert why in problem


def test_a_tag_that_nobody_knows_is_said_and_changes_nothing() -> None:
    assert understood([BED, Tag("limit", "none")]).problems == ["There is no limit “none”."]
    read = understood([BED, Tag("takes:shoes", "yes"), Tag("color", "red")])
    assert read.found is not None
    assert read.found.conditions == []
    assert read.problems == ["No service asks for “shoes”."]


def test_schedules_with_their_tags_say_whether_somebody_is_there() -> None:
    days: Row = {
        "id": "s",
        "freq": "WEEKLY",
        "byday": "MO,TU,WE,TH,FR,SA,SU",
        "opens_at": "00:00",
        "closes_at": "23:59",
    }
    for codes, day, hours in (
        ([], 29, Hours.OPEN),
        (["on-call"], 29, Hours.ON_CALL),
        (["not-on-holidays"], 25, Hours.LATER),
    ):
        assert profile.hours([(days, codes)], WHERE, at=NOW.replace(day=day)) is hours
    unread: Row = {"id": "s"}
    assert profile.hours([(unread, [])], WHERE, at=NOW) is Hours.UNKNOWN
    assert understood(schedules=[(unread, [])]).problems == ["This schedule doesn’t say from when to when."]


def test_no_room_is_less_than_none() -> None:
    over: Row = {"id": "1", "available": -2, "updated": "2026-11-29T01:00:00+00:00"}
    room = found(understood(capacities=[(over, "bed")])).room
    assert room is not None
    assert room.left == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('version = "1"\n[[kind]]\nid = "x"\n', "words"),
        ('version = "1"\n[[fact]]\nid = "x"\nquestion = "y"\nnone = "no"\n[fact.values]\na = "b"\n', "only a number"),
        ('version = "1"\n[[limit]]\nid = "x"\nwords = "y"\ncitation = "z"\nevidence = "sure"\n', "evidence"),
        ('version = "1"\ncolor = "red"\n', "color"),
        ('version = "1"\n[[fact]]\nid = "x"\nquestion = "y"\nseveral = "no"\n', "several"),
    ],
)
def test_a_file_that_does_not_read_is_refused(text: str, why: str) -> None:
    with pytest.raises(entries.Unreadable, match=why):
        profile.read(text)
