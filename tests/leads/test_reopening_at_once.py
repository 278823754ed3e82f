"""Two people of the last lead reopen a case in the same moment: it is reopened once, and the other is told."""

from __future__ import annotations

import concurrent.futures
import threading
import uuid

from django.db import connection
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.cases.models import Reopening
from nowrongdoor.core import outcomes
from nowrongdoor.leads import changing, reopening
from tests.leads import stories

ROUNDS = 10
OUTCOME = outcomes.Outcome(outcomes.ClosedAs.CLOSED, outcomes.Found.POSSIBLE)


def test_of_two_who_reopen_a_case_in_the_same_moment_one_is_told(committed_db: None) -> None:
    """The lock of the case makes the second wait; `a_closing_is_undone_once` is what stands behind it."""
    one, two = stories.person("HOTLINE"), stories.person("HOTLINE")
    gate = threading.Barrier(2, timeout=60)

    def reopen(case_id: uuid.UUID, person: viewers.Viewer) -> str:
        gate.wait()
        try:
            reopening.reopen(case_id, because="She called again.", by=person, at=timezone.now())
            return "done"
        except reopening.CannotReopen as refusal:
            return str(refusal)
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            case = stories.case(at=timezone.now())
            changing.close(case.id, because="She is home.", outcome=OUTCOME, by=one, at=timezone.now())
            answers = sorted(pool.map(reopen, (case.id, case.id), (one, two)))
            assert answers == [
                "This case is open. Somebody may have reopened it just now; nothing was changed.",
                "done",
            ]
            with row_security.system():
                assert Reopening.objects.filter(case=case).count() == 1
