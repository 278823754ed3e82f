"""Whether the answers of open offers say what `duty` says, column by column; and, in the schema of 0.3.0, which keeps
them beside it, whether `notice` and `clock` do."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from django.db.backends.utils import CursorWrapper

NOTICES = (
    "SELECT 'notice', id, case_id, desk, agency_id, by_hand, role, rule, why, citation, evidence, basis, clock, "
    "sent_at, due_at, acknowledged_at, acknowledged_by_id, how, withdrawn_at FROM nowrongdoor_notice"
)
AS_NOTICES = (
    "SELECT kind, id, case_id, desk, agency_id, by_hand, role, rule, why, citation, evidence, basis, clock, since, "
    "due_at, done_at, done_by_id, how, withdrawn_at FROM nowrongdoor_duty WHERE kind = 'notice'"
)
CLOCKS = (
    "SELECT 'deadline', id, case_id, clock, desk, agency_id, follows_lead, duty, \"limit\", citation, evidence, basis, "
    "started_at, due_at, met_at, met_by_id, how, withdrawn_at FROM nowrongdoor_clock"
)
AS_CLOCKS = (
    "SELECT kind, id, case_id, CASE WHEN thing = 'disclosure' THEN 'told-' || right(thing_id::text, 12) ELSE clock "
    "END, "
    'desk, agency_id, follows_lead, why, "limit", citation, evidence, basis, since, due_at, done_at, done_by_id, how, '
    "withdrawn_at FROM nowrongdoor_duty WHERE kind = 'deadline' AND case_id IS NOT NULL"
)
OFFERS = (
    "SELECT 'answer', id, case_id, to_agency_id, from_agency_id, rule, why, citation, evidence, offered_at, due_at "
    "FROM nowrongdoor_handoff WHERE state = 'offered'"
)
ANSWERS = (
    "SELECT kind, id, case_id, agency_id, from_agency_id, rule, why, citation, evidence, since, due_at "
    "FROM nowrongdoor_duty WHERE kind = 'answer' AND done_at IS NULL AND withdrawn_at IS NULL"
)
Pairs = Sequence[tuple[str, str]]
OWED: Pairs = ((OFFERS, ANSWERS),)
OLDER: Pairs = ((NOTICES, AS_NOTICES), (CLOCKS, AS_CLOCKS))


def unlike(database: psycopg.Connection | CursorWrapper, pairs: Pairs = OWED) -> list[tuple[object, ...]]:
    """Return the rows of either side that the other has not, as it has them."""
    found: list[tuple[object, ...]] = []
    for one, other in pairs:
        answer = database.execute(f"(({one}) EXCEPT ({other})) UNION ALL (({other}) EXCEPT ({one}))")
        found += (answer or database).fetchall()  # type: ignore[union-attr]  # Django's cursor answers itself
    return found


def counts(database: psycopg.Connection | CursorWrapper, pairs: Pairs = OWED) -> list[int]:
    """Count what was compared, pair by pair."""
    found = []
    for one, _ in pairs:
        answer = database.execute(f"SELECT count(*) FROM ({one}) AS r")  # noqa: S608
        found.append((answer or database).fetchall()[0][0])  # type: ignore[union-attr]
    return found
