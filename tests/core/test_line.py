"""Contacts with the line: each is held by exactly one, and none waits forever, whoever is on shift."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor.core import line

NIGHT = datetime.datetime(2026, 11, 28, 3, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
ROOM = {line.Medium.VOICE: 1, line.Medium.TEXT: 3, line.Medium.CHAT: 2, line.Medium.MAIL: 2}
GROUPS = line.check(
    [
        line.Group("first", 5 * MINUTE, line.Overflow("second", MINUTE)),
        line.Group(
            "second", 8 * MINUTE, line.Overflow("first", 2 * MINUTE)
        ),  # around in a circle, which ends all the same
        line.Group("alone", 3 * MINUTE),
    ]
)


def waits(
    contact: str = "a",
    *,
    group: str = "first",
    medium: line.Medium = line.Medium.VOICE,
    language: str = "en",
    skill: str = "",
    is_danger: bool = False,
    at: datetime.datetime = NIGHT,
) -> line.Ringing:
    return line.rung(contact, medium, GROUPS[group], language=language, skill=skill, is_danger=is_danger, at=at)


def person(name: str = "Ada", *, since: datetime.datetime = NIGHT, **more: object) -> line.Free:
    known = {"groups": frozenset({"first"}), "languages": frozenset({"en"}), "room": ROOM, "since": since}
    return line.Free(name, **{**known, **more})  # type: ignore[arg-type]


# --- states ---


def test_each_state_has_one_holder_and_only_what_is_over_has_none() -> None:
    assert set(line.HOLDERS) == set(line.State)
    for state in line.State:
        assert state.is_over is (line.HOLDERS[state] is line.Holder.NOBODY)


def test_what_is_over_stays_over_but_for_a_late_message_and_all_else_can_end() -> None:
    ways = {state: {to for (before, _), to in line.TRANSITIONS.items() if before is state} for state in line.State}
    for state in line.State:
        reached = {state}
        while further := {to for each in reached for to in ways[each]} - reached:
            reached |= further
        assert any(each.is_over for each in reached)
        # What is over stays over, but for a message that came in after that whoever left it had left.
        if state.is_over:
            assert ways[state] == {line.State.VOICEMAIL}


@pytest.mark.parametrize("state", line.State)
@pytest.mark.parametrize("verb", line.Verb)
def test_a_contact_moves_as_the_table_says_and_in_no_other_way(state: line.State, verb: line.Verb) -> None:
    if (state, verb) in line.TRANSITIONS:
        assert line.after(state, verb) is line.TRANSITIONS[state, verb]
    else:
        with pytest.raises(line.Refused, match="is over" if state.is_over else "was first"):
            line.after(state, verb)


# --- who gets what ---


def decided(
    ringing: list[line.Ringing], free: list[line.Free], *, now: datetime.datetime = NIGHT
) -> Mapping[str, line.Move]:
    return {move.contact: move for move in line.decide(ringing, free, GROUPS, now=now)}


def test_danger_comes_first_then_whoever_waits_longest() -> None:
    ringing = [
        waits("new", at=NIGHT),
        waits("old", at=NIGHT - MINUTE),
        waits("danger", at=NIGHT, is_danger=True),
    ]
    people = [person("Ada", since=NIGHT - MINUTE), person("Bea", since=NIGHT)]
    assert {key: move.to for key, move in decided(ringing, people).items()} == {"danger": "Ada", "old": "Bea"}


def test_a_contact_goes_to_whoever_speaks_its_language_and_else_to_somebody_with_an_interpreter() -> None:
    spanish = frozenset({"es"})
    both = [person("Ada", since=NIGHT - MINUTE), person("Bea", languages=spanish)]
    assert decided([waits(language="es")], both)["a"] == line.Move("a", line.Verb.ANSWER, "Bea", group="first")
    alone = decided([waits(language="es")], both[:1])["a"]
    assert alone == line.Move("a", line.Verb.ANSWER, "Ada", needs_interpreter=True, group="first")


def test_only_whoever_knows_what_is_needed_is_asked() -> None:
    assert decided([waits(skill="minors")], [person()]) == {}
    assert decided([waits(skill="minors")], [person(skills=frozenset({"minors"}))])["a"].to == "Ada"


def test_whoever_is_on_the_telephone_gets_nothing_else_and_who_writes_is_not_called() -> None:
    call, text, chat = waits("call"), waits("text", medium=line.Medium.TEXT), waits("chat", medium=line.Medium.CHAT)
    assert set(decided([call, text], [person()])) == {"call"}
    earlier = waits("text", medium=line.Medium.TEXT, at=NIGHT - MINUTE)
    assert set(decided([call, earlier, chat], [person()])) == {"text", "chat"}
    texts = [waits(f"text {each}", medium=line.Medium.TEXT) for each in range(5)]
    assert len(decided(texts, [person()])) == ROOM[line.Medium.TEXT]


def test_a_mail_keeps_nobody_from_a_call_and_who_is_called_gets_no_mail() -> None:
    mail, call = waits("mail", medium=line.Medium.MAIL, at=NIGHT - MINUTE), waits("call")
    assert set(decided([mail, call], [person()])) == {"mail", "call"}
    mail, earlier = waits("mail", medium=line.Medium.MAIL), waits("call", at=NIGHT - MINUTE)
    assert set(decided([mail, earlier], [person()])) == {"call"}
    mails = [waits(f"mail {each}", medium=line.Medium.MAIL) for each in range(5)]
    assert len(decided(mails, [person()])) == ROOM[line.Medium.MAIL]


def test_another_group_is_asked_after_a_while_and_the_end_of_the_wait_stays() -> None:
    contact = waits()
    assert decided([contact], [], now=NIGHT + MINUTE - datetime.timedelta(seconds=1)) == {}
    move = decided([contact], [], now=NIGHT + MINUTE)["a"]
    assert (move.verb, move.to) == (line.Verb.OVERFLOW, "second")
    moved = line.overflowed(contact, move.to, at=NIGHT + MINUTE)
    assert (moved.group, moved.asked_at, moved.ends_at) == ("second", NIGHT + MINUTE, contact.ends_at)


def test_a_wait_that_is_over_ends_with_a_message_even_where_another_group_could_be_asked() -> None:
    assert decided([waits()], [], now=NIGHT + 5 * MINUTE)["a"] == line.Move("a", line.Verb.RECORD)


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (line.Group("x", datetime.timedelta(0)), "longer than nothing"),
        (line.Group("x", MINUTE, line.Overflow("x", datetime.timedelta(0))), "longer than nothing"),
        (line.Group("x", MINUTE, line.Overflow("y", MINUTE)), "y is no group"),
    ],
)
def test_groups_with_which_somebody_could_wait_forever_are_refused(group: line.Group, words: str) -> None:
    with pytest.raises(line.Unusable, match=words):
        line.check([group])


# --- whatever happens ---

contacts = st.lists(
    st.builds(
        lambda number, medium, group, late, language, is_danger: line.rung(
            f"c{number}", medium, GROUPS[group], at=NIGHT + late * MINUTE / 4, language=language, is_danger=is_danger
        ),
        st.integers(0, 10_000),
        st.sampled_from(line.Medium),
        st.sampled_from(sorted(GROUPS)),
        st.integers(0, 40),
        st.sampled_from(["en", "es", "vi"]),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda each: each.id,
)
staff = st.lists(
    st.builds(
        lambda number, groups, languages, room: person(
            f"p{number}", groups=frozenset(groups), languages=frozenset(languages), room=room
        ),
        st.integers(0, 100),
        st.sets(st.sampled_from(sorted(GROUPS)), min_size=1),
        st.sets(st.sampled_from(["en", "es"])),
        st.fixed_dictionaries({medium: st.integers(0, 3) for medium in line.Medium}),
    ),
    max_size=5,
    unique_by=lambda each: each.id,
)


@given(ringing=contacts, free=staff, later=st.integers(0, 60), seed=st.integers())
def test_a_contact_gets_one_move_a_person_what_they_can_have_and_the_order_given_changes_nothing(
    ringing: list[line.Ringing], free: list[line.Free], later: int, seed: int
) -> None:
    now = NIGHT + later * MINUTE / 4
    moves = line.decide(ringing, free, GROUPS, now=now)
    assert len({move.contact for move in moves}) == len(moves)
    by_id, people = {each.id: each for each in ringing}, {each.id: each for each in free}
    held: dict[str, list[line.Medium]] = {}
    for move in moves:
        if move.verb is line.Verb.ANSWER:
            assert by_id[move.contact].group in people[move.to].groups
            assert move.needs_interpreter is (by_id[move.contact].language not in people[move.to].languages)
            held.setdefault(move.to, []).append(by_id[move.contact].medium)
    for name, media in held.items():
        if line.Medium.VOICE in media:  # a call alone, but for mails that were there before it
            assert media.index(line.Medium.VOICE) == len(media) - 1
            assert set(media[:-1]) <= {line.Medium.MAIL}
        for medium in line.Medium:
            assert media.count(medium) <= people[name].room[medium]
    shuffled = random.Random(seed)
    others = (shuffled.sample(ringing, len(ringing)), shuffled.sample(free, len(free)))
    assert line.decide(*others, GROUPS, now=now) == moves


@given(ringing=contacts)
def test_with_nobody_on_shift_everybody_is_out_of_the_queue_when_their_wait_ends(ringing: list[line.Ringing]) -> None:
    waiting, out = {each.id: each for each in ringing}, dict[str, datetime.datetime]()
    while (now := line.next_at(waiting.values(), GROUPS)) is not None:
        moves = line.decide(waiting.values(), [], GROUPS, now=now)
        assert moves  # each instant that was named moves somebody, so this ends
        for move in moves:
            if move.verb is line.Verb.RECORD:
                out[move.contact] = now
                del waiting[move.contact]
            else:
                waiting[move.contact] = line.overflowed(waiting[move.contact], move.to, at=now)
    assert out == {each.id: each.ends_at for each in ringing}


def test_whoever_was_asked_first_may_still_answer_once_another_group_is_asked_too() -> None:
    groups = line.check([line.Group("a", MINUTE * 9, line.Overflow("b", MINUTE)), line.Group("b", MINUTE * 9)])
    contact = line.overflowed(
        line.rung("c", line.Medium.VOICE, groups["a"], language="en", at=NIGHT), "b", at=NIGHT + MINUTE
    )
    free = line.Free("p", frozenset({"a"}), frozenset({"en"}), NIGHT, ROOM)
    (move,) = line.decide([contact], [free], groups, now=NIGHT + MINUTE * 2)
    assert (move.verb, move.to, move.group) == (line.Verb.ANSWER, "p", "a")
