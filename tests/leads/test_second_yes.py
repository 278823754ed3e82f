"""Two people of the agency asked say yes in the same second: one leads, the other is told, all of it happens once."""

from __future__ import annotations

import concurrent.futures
import threading

from django.db import connection
from django.utils import timezone

from nowrongdoor.access import viewers
from nowrongdoor.audit.models import Event
from nowrongdoor.core import handoff
from nowrongdoor.leads import answering, undoing
from nowrongdoor.leads.models import Handoff
from nowrongdoor.notifications.models import Notification
from tests.leads import stories

ROUNDS = 10


def test_of_two_people_who_say_yes_in_the_same_second_one_leads_and_the_other_is_told(committed_db: None) -> None:
    """The lock of the case makes the second wait; `a_handoff_that_is_over_stays_over` is what stands behind it."""
    hope, one, two = stories.person("HOTLINE"), stories.person("HSI"), stories.person("HSI")
    gate = threading.Barrier(2, timeout=60)

    def say_yes(offer: Handoff, person: viewers.Viewer) -> str:
        gate.wait()
        try:
            answering.accept(offer.id, by=person, at=timezone.now())
            return "done"
        except handoff.Over as refusal:
            return str(refusal)
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            case = stories.case(at=timezone.now())
            offer = stories.offer_of(case)
            first, second = (pool.submit(say_yes, offer, person) for person in (one, two))
            answers = {one.user_id: first.result(), two.user_id: second.result()}
            assert sorted(answers.values()) == ["This offer was already accepted. Nothing was changed.", "done"]
            winner, loser = (one, two) if answers[one.user_id] == "done" else (two, one)
            offer.refresh_from_db()
            assert (stories.lead_of(case), offer.over_by_id) == ("HSI", winner.user_id)
            assert Event.objects.filter(case_id=case.id, verb="offer.accepted").count() == 1
            told = Notification.objects.filter(case=case, kind="offer_accepted", person=hope.user_id)
            assert told.count() == 1
            assert [each.id for each in undoing.undoable(loser, at=timezone.now(), case_id=case.id)] == []
            assert [each.id for each in undoing.undoable(winner, at=timezone.now(), case_id=case.id)] == [offer.id]
