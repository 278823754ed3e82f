"""The inspector's page of the trail with 100,000 events: every question is answered from an index."""

from __future__ import annotations

import datetime
import json
import uuid

import psycopg
from django.db import connection
from django.test import utils as test_utils
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.cases import trail
from tests.leads import stories

MANY = """
INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, case_id, subject_id, details)
SELECT now() - n * interval '5 minutes', CASE WHEN n %% 3 = 0 THEN 'write' ELSE 'read' END,
       CASE WHEN n %% 1000 = 7 THEN 'note.added' ELSE 'case.read' END, 'mandate', %(agency)s,
       (%(people)s::uuid[])[n %% 50 + 1],
       CASE WHEN n %% 400 = 9 THEN %(case)s ELSE gen_random_uuid() END, %(agency)s, '{}'
  FROM generate_series(1, 100000) AS n
"""
MOST_PAGES = 1_500  # of 8 kB that one question may touch; the table has over 4,000, and reading it all touches each


def test_the_page_stays_small_with_100_000_events(committed_db: None, owner: str) -> None:
    case, viewer = stories.case(), stories.person("HOTLINE", viewers.Role.INSPECTOR)
    people = [uuid.uuid4() for _ in range(49)] + [stories.person("HOTLINE").user_id]
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute("ALTER TABLE nowrongdoor_auditevent DISABLE TRIGGER USER")
        for agency in (viewer.agency_id, stories.agency("HSI").id):
            database.execute(MANY, {"agency": agency, "people": people, "case": case.id})
        database.execute("ALTER TABLE nowrongdoor_auditevent ENABLE TRIGGER USER")
        database.execute("VACUUM ANALYZE nowrongdoor_auditevent")
    old = timezone.localdate() - datetime.timedelta(days=300)
    questions = {
        "everything": trail.Asked(),
        "an old day": trail.Asked(from_on=old, to_on=old),
        "a person": trail.Asked(person=people[-1]),
        "somebody who did nothing": trail.Asked(person=viewer.user_id),
        "a rare kind": trail.Asked(kind="note.added"),
        "anything changed": trail.Asked(kind=trail.CHANGED),
        "a case": trail.Asked(case=case.reference),
        "a kind on an old day": trail.Asked(from_on=old, to_on=old, kind="case.read"),
        "a person on an old day": trail.Asked(from_on=old, to_on=old, person=people[-1]),
    }
    for name, asked in questions.items():
        with row_security.looking(viewer), test_utils.CaptureQueriesContext(connection) as captured:
            trail.page(viewer, asked)
        events = [each["sql"] for each in captured if "auditevent" in each["sql"]]
        assert len(events) == 2, name  # the count and the page
        for sql in events:
            with row_security.looking(viewer), connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")
                (row,) = cursor.fetchall()
            (told,) = row[0] if isinstance(row[0], list) else json.loads(row[0])
            pages = told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"]
            assert pages <= MOST_PAGES, f"{name}: {pages} pages\n{told}"
