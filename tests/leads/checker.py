"""What must never be seen of a case, in any snapshot (promise 2), and who looks for it.

The promise: the checker cannot pass blind. It looks with the system's sight, counts the cases it looked at, and refuses
to say that nothing is wrong where it sees no case. test_checker.py plants each offender and sees it named.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import psycopg
from django.db.backends.utils import CursorWrapper

from tests import at_home

# Each finds offenders among the cases of `looked_at`, and names them by the case.
INVARIANTS: Mapping[str, str] = {
    "an open case without exactly one running tenure of its lead": """
        SELECT c.id FROM nowrongdoor_case c JOIN looked_at USING (id)
         WHERE c.closed_at IS NULL AND (SELECT count(*) FROM nowrongdoor_tenure t
           WHERE t.case_id = c.id AND t.to_at IS NULL AND t.agency_id = c.lead_id) <> 1""",
    "a running tenure of an agency that does not lead": """
        SELECT c.id FROM nowrongdoor_case c JOIN looked_at USING (id) JOIN nowrongdoor_tenure t ON t.case_id = c.id
         WHERE t.to_at IS NULL AND t.agency_id <> c.lead_id""",
    "a running tenure of a closed case": """
        SELECT c.id FROM nowrongdoor_case c JOIN looked_at USING (id) JOIN nowrongdoor_tenure t ON t.case_id = c.id
         WHERE t.to_at IS NULL AND c.closed_at IS NOT NULL""",
    "an open case led by a closed agency": """
        SELECT c.id FROM nowrongdoor_case c JOIN looked_at USING (id) JOIN nowrongdoor_agency a ON a.id = c.lead_id
         WHERE c.closed_at IS NULL AND NOT a.active""",
    "a lead that neither received the case nor accepted it": """
        SELECT c.id FROM nowrongdoor_case c JOIN looked_at USING (id) LEFT JOIN nowrongdoor_handoff h
            ON h.id = c.lead_handoff_id AND h.case_id = c.id AND h.to_agency_id = c.lead_id AND h.state = 'accepted'
         WHERE h.id IS NULL AND c.lead_id <> c.received_by_id""",
    "an open offer of a closed case": """
        SELECT c.id FROM nowrongdoor_case c JOIN looked_at USING (id) JOIN nowrongdoor_handoff h ON h.case_id = c.id
         WHERE h.state = 'offered' AND c.closed_at IS NOT NULL""",
    "an open offer to a closed agency": """
        SELECT h.case_id FROM nowrongdoor_handoff h JOIN looked_at ON looked_at.id = h.case_id
          JOIN nowrongdoor_agency a ON a.id = h.to_agency_id WHERE h.state = 'offered' AND NOT a.active""",
    "two open offers of one case": """
        SELECT h.case_id FROM nowrongdoor_handoff h JOIN looked_at ON looked_at.id = h.case_id
         WHERE h.state = 'offered' GROUP BY h.case_id HAVING count(*) > 1""",
    "an open offer without its open answer": """
        SELECT h.case_id FROM nowrongdoor_handoff h JOIN looked_at ON looked_at.id = h.case_id
         WHERE h.state = 'offered' AND NOT EXISTS (SELECT FROM nowrongdoor_duty d
           WHERE d.id = h.id AND d.kind = 'answer' AND d.case_id = h.case_id AND d.agency_id = h.to_agency_id
             AND d.from_agency_id = h.from_agency_id AND d.due_at = h.due_at
             AND d.done_at IS NULL AND d.withdrawn_at IS NULL)""",
    "an open answer without its open offer": """
        SELECT d.case_id FROM nowrongdoor_duty d JOIN looked_at ON looked_at.id = d.case_id
         WHERE d.kind = 'answer' AND d.done_at IS NULL AND d.withdrawn_at IS NULL AND NOT EXISTS (
           SELECT FROM nowrongdoor_handoff h WHERE h.id = d.id AND h.state = 'offered')""",
    "something owed, or led, that is not on the list of its agency alone": """
        SELECT l.case_id FROM (
          SELECT d.id, d.case_id, d.agency_id, d.kind, d.due_at, d.since FROM nowrongdoor_duty d
           WHERE d.done_at IS NULL AND d.withdrawn_at IS NULL AND d.agency_id IS NOT NULL
          UNION ALL
          SELECT c.id, c.id, c.lead_id, 'lead', NULL, c.lead_since FROM nowrongdoor_case c WHERE c.closed_at IS NULL
        ) AS l JOIN looked_at ON looked_at.id = l.case_id
          LEFT JOIN nowrongdoor_entry e ON (e.id, e.case_id, e.agency_id, e.kind, e.since)
            = (l.id, l.case_id, l.agency_id, l.kind, l.since) AND e.due_at IS NOT DISTINCT FROM l.due_at
         WHERE e.id IS NULL""",
    "something on a list that is neither owed nor led, or told otherwise than its case": """
        SELECT e.case_id FROM nowrongdoor_entry e JOIN looked_at ON looked_at.id = e.case_id
          JOIN nowrongdoor_case c ON c.id = e.case_id
         WHERE (e.kind <> 'lead' AND NOT EXISTS (SELECT FROM nowrongdoor_duty d WHERE d.id = e.id
                  AND d.done_at IS NULL AND d.withdrawn_at IS NULL AND d.agency_id = e.agency_id))
            OR (e.kind = 'lead' AND (c.closed_at IS NOT NULL OR c.lead_id <> e.agency_id))
            OR (e.state, e.district, e.urgency)
               IS DISTINCT FROM (c.state, c.district, coalesce(c.facts ->> 'urgency', ''))
            OR (e.person_id IS NOT NULL AND NOT EXISTS (SELECT FROM nowrongdoor_user u WHERE u.id = e.person_id
                  AND u.agency_id = e.agency_id AND u.is_active AND u.role = 'coordinator'))""",
    "a moment between two leads that nobody led, or that two did": """
        SELECT case_id FROM (
          SELECT t.case_id, t.to_at, lead(t.from_at) OVER (PARTITION BY t.case_id ORDER BY t.id) AS next_from
            FROM nowrongdoor_tenure t JOIN looked_at ON looked_at.id = t.case_id
        ) AS turns WHERE next_from IS NOT NULL AND to_at IS DISTINCT FROM next_from""",
}
EACH = " UNION ALL ".join(f"SELECT {at}, id FROM ({q}) AS f(id)" for at, q in enumerate(INVARIANTS.values()))  # noqa: S608
ALL_CASES = "SELECT id FROM nowrongdoor_case"
SOME_CASES = f"{ALL_CASES} WHERE id = ANY(%(ids)s)"
# Cases of which something was written by a transaction that the last look may not have seen. A row's xmin is who wrote
# it, so this trusts none of our code; a row that was deleted leaves none, so a look at everything comes last.
CHANGED = """
SELECT id FROM nowrongdoor_case WHERE xmin::text::bigint >= %(since)s
UNION SELECT case_id FROM nowrongdoor_handoff WHERE xmin::text::bigint >= %(since)s
UNION SELECT case_id FROM nowrongdoor_duty WHERE case_id IS NOT NULL AND xmin::text::bigint >= %(since)s
UNION SELECT case_id FROM nowrongdoor_entry WHERE xmin::text::bigint >= %(since)s AND case_id IS NOT NULL
UNION SELECT case_id FROM nowrongdoor_tenure WHERE xmin::text::bigint >= %(since)s
UNION SELECT c.id FROM nowrongdoor_case c JOIN nowrongdoor_agency a ON a.id = c.lead_id
  WHERE a.xmin::text::bigint >= %(since)s
UNION SELECT h.case_id FROM nowrongdoor_handoff h JOIN nowrongdoor_agency a ON a.id = h.to_agency_id
  WHERE h.state = 'offered' AND a.xmin::text::bigint >= %(since)s"""


class Blind(AssertionError):
    """There was no case to look at, so nothing can be said."""


def offenders(
    database: psycopg.Connection | CursorWrapper, *, among: Collection[uuid.UUID] | None = None
) -> dict[str, list[uuid.UUID]]:
    """Return the offenders by what is wrong with them, in one statement and so in one snapshot. Blind."""
    chosen = ALL_CASES if among is None else SOME_CASES
    query = f"WITH looked_at AS MATERIALIZED ({chosen}) {EACH} UNION ALL SELECT -1, id FROM looked_at"  # noqa: S608
    answer = database.execute(query, {"ids": list(among or ())})
    rows = (answer or database).fetchall()  # type: ignore[union-attr]  # Django's cursor answers itself
    looked_at = {case for what, case in rows if what == -1}
    if not looked_at or (among is not None and looked_at != set(among)):
        raise Blind(f"{len(looked_at)} of {'all' if among is None else len(among)} cases were seen.")
    names = list(INVARIANTS)
    found: dict[str, list[uuid.UUID]] = {}
    for what, case in sorted(rows):
        if what >= 0:
            found.setdefault(names[what], []).append(case)
    return found


class Watch:
    """Looks at one snapshot after another, each time at the cases that changed since."""

    def __init__(self, database: psycopg.Connection) -> None:
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        self._database = database
        self._since = 0
        self.looks = 0
        self.cases = 0

    def changed(self) -> dict[str, list[uuid.UUID]]:
        """Return the offenders among the cases that changed since the last look."""
        with self._database.transaction():
            seen = self._database.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetchone()
            rows = self._database.execute(CHANGED, {"since": self._since}).fetchall()
            ids = [case for (case,) in rows]
            found = offenders(self._database, among=ids) if ids else {}
        assert seen
        self._since = seen[0]
        self.looks += 1
        self.cases += len(ids)
        return found

    def everything(self) -> dict[str, list[uuid.UUID]]:
        """Return the offenders among all cases. Blind where there is none."""
        with self._database.transaction():
            return offenders(self._database)


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch from a connection of its own, as the run-time role with the system's sight."""
    with at_home.seeing_all() as database:
        yield Watch(database)
