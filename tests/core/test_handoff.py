"""The hand-off's rules: what may move, who may move it, and who is asked next."""

from __future__ import annotations

import datetime
import itertools
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowrongdoor.core import deadlines, handoff, holidays, reference
from nowrongdoor.core.mandates import rules, table
from tests import claims

ET = datetime.timezone(datetime.timedelta(hours=-5))
US = holidays.installed()


def test_every_verb_has_a_transition_and_every_end_is_reached_by_one() -> None:
    assert set(handoff.TRANSITIONS) == set(handoff.Verb)
    assert {each.to for each in handoff.TRANSITIONS.values()} == {s for s in handoff.State if s.is_over}


def test_every_urgency_has_a_window_and_a_notice_target() -> None:
    codes = set(table.shipped().vocabulary.attribute("urgency").codes)
    assert codes == set(handoff.WINDOWS) == set(handoff.NOTICE_TARGETS)


@pytest.mark.parametrize(
    ("state", "verb", "actor"), list(itertools.product(handoff.State, handoff.Verb, handoff.Actor)), ids=str
)
def test_only_what_the_table_allows_moves(state: handoff.State, verb: handoff.Verb, actor: handoff.Actor) -> None:
    transition = handoff.TRANSITIONS[verb]
    if state.is_over:
        with pytest.raises(handoff.Over):
            handoff.move(state=state, verb=verb, actor=actor, reason="why")
    elif actor not in transition.actors:
        with pytest.raises(handoff.NotYours):
            handoff.move(state=state, verb=verb, actor=actor, reason="why")
    else:
        assert handoff.move(state=state, verb=verb, actor=actor, reason="why") is transition.to
        if transition.needs_reason:
            with pytest.raises(handoff.ReasonMissing):
                handoff.move(state=state, verb=verb, actor=actor, reason=" ")


chains = st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=6, unique=True)


@given(chains, st.sampled_from("ABCDEFXY"), st.sets(st.sampled_from("ABCDEF")), st.sets(st.sampled_from("ABCDEF")))
def test_the_chain_always_ends_at_somebody(chain: list[str], lead: str, gone: set[str], reachable: set[str]) -> None:
    reachable = reachable | {chain[-1]}
    ask = handoff.next_in_chain([(code, code) for code in chain], lead=lead, gone_past=gone, reachable=reachable)
    if ask is None:
        assert lead in chain
        return
    assert ask.stop == chain[ask.position] != lead
    assert ask.stop in reachable
    assert ask.is_backstop == (ask.position == len(chain) - 1)
    if ask.stop in gone:  # whoever said no is asked again only as the backstop
        assert ask.is_backstop
    assert {code for code in chain[: ask.position] if code in reachable} <= gone


def test_a_backstop_that_is_not_there_is_a_fault_and_not_a_gap() -> None:
    with pytest.raises(LookupError, match="backstop B"):
        handoff.next_in_chain([("A", 1), ("B", 2)], lead="X", gone_past={"A"}, reachable={"A"})


@pytest.mark.parametrize(
    ("unit", "amount", "start", "due"),
    [
        (rules.Unit.HOURS, 24, "2026-11-25T12:00-05:00", "2026-11-26T12:00-05:00"),
        (rules.Unit.BUSINESS_DAYS, 1, "2026-11-24T12:00-05:00", "2026-11-25T23:59:59-05:00"),
        (rules.Unit.BUSINESS_DAYS, 1, "2026-11-25T12:00-05:00", "2026-11-27T23:59:59-05:00"),  # over Thanksgiving
        (rules.Unit.BUSINESS_DAYS, 1, "2027-12-30T12:00-05:00", "2028-01-03T23:59:59-05:00"),  # New Year on Saturday
        (rules.Unit.YEARS, 10, "2024-02-29T12:00-05:00", "2034-02-28T12:00-05:00"),
        (rules.Unit.WEEKS, 6, "2026-01-01T00:00-05:00", "2026-02-12T23:59:59-05:00"),
    ],
)
def test_a_limit_runs_out_when_the_law_says(unit: rules.Unit, amount: int, start: str, due: str) -> None:
    limit = rules.Limit(unit, amount)
    begun = datetime.datetime.fromisoformat(start)
    deadline = deadlines.after(limit, begun, basis=rules.Evidence.STATUTE, zone=ET, calendar=US)
    assert deadline.due_at == datetime.datetime.fromisoformat(due)
    assert deadline.basis is rules.Evidence.STATUTE


@pytest.mark.parametrize("unit", [rules.Unit.PROMPTLY, rules.Unit.IMMEDIATELY])
def test_where_the_law_gives_no_number_the_time_is_policy_and_says_so(unit: rules.Unit) -> None:
    begun = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)
    deadline = deadlines.after(rules.Limit(unit, None), begun, basis=rules.Evidence.STATUTE, zone=ET, calendar=US)
    assert deadline.basis is rules.Evidence.POLICY
    assert deadline.due_at > begun


def test_a_year_has_its_eleven_holidays() -> None:
    assert claims.every(len(US.of(year)) == 11 for year in range(2023, 2040))
    assert datetime.date(2026, 7, 3) in US.of(2026)  # 4 July 2026 is a Saturday
    assert datetime.date(2026, 5, 25) in US.of(2026)
    assert datetime.date(2027, 12, 31) in US.of(2028)


@given(st.uuids())
def test_a_reference_is_read_as_people_write_it(row_id: object) -> None:
    code = reference.of(row_id)  # type: ignore[arg-type]
    assert reference.read(code) == code
    assert reference.read(code.lower().replace("-", " ")) == code
    assert reference.read(code.replace("0", "o").replace("1", "l")) == code


@pytest.mark.parametrize("typed", ["", "AAAA-BBBB", "AAAA-BBBB-CCC!", "AAAA-BBBB-CCCC-D"])
def test_what_is_no_reference_is_refused(typed: str) -> None:
    with pytest.raises(reference.UnreadableReference, match="12 letters"):
        reference.read(typed)


def test_the_state_diagram_in_the_docs_is_what_the_table_says() -> None:
    text = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "architecture.md").read_text()
    for verb, transition in handoff.TRANSITIONS.items():
        assert f"offered --> {transition.to.value}: {verb.value}" in text
