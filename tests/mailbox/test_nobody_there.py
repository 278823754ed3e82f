"""T12: what somebody sends is never lost because an agency has nobody: it is kept, and ends where it is seen."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from nowrongdoor.agencies.models import Agency, User
from nowrongdoor.cases.models import Case
from nowrongdoor.duties.models import Entry
from nowrongdoor.intake import routing
from nowrongdoor.mailbox import visiting
from nowrongdoor.mandates import queries as tables
from nowrongdoor.mandates.models import MandateTable
from tests.leads import stories
from tests.mailbox import senders

SEEN = {"source": "bystander", "labor": "yes", "means": "yes", "nationality": "foreign"}
pytestmark = pytest.mark.django_db


def routed(sent: senders.Sent) -> Case:
    """Route what waits, as the worker does, and return the case."""
    routing.route(routing.waiting(at=timezone.now() + routing.PATIENCE), at=timezone.now())
    return Case.objects.get(signals__signal=sent.signal.id)


def nobody_anywhere() -> None:
    """Leave every agency without anybody who can sign in."""
    User.objects.update(is_active=False)
    assert not User.objects.filter(is_active=True).exists()


def test_what_a_stranger_saw_ends_with_the_backstop_where_no_agency_has_anybody() -> None:
    nobody_anywhere()
    sent = senders.send("bystander", facts=SEEN)
    assert visiting.visit(sent.opener, at=timezone.now()).received_at  # acknowledged, before anybody was asked
    case = routed(sent)
    assert (stories.lead_of(case), case.closed_at) == ("DOJ_COORDINATOR", None)
    passed_over = case.handoffs.filter(state="superseded").values_list("to_agency__code", flat=True)
    assert {"HSI", "FBI"} <= set(passed_over)


def test_who_asks_for_help_stays_with_the_desk_that_received_it_although_nobody_is_there() -> None:
    nobody_anywhere()
    case = routed(senders.send("person"))
    assert (stories.lead_of(case), case.closed_at) == ("HOTLINE", None)
    on_lists = Entry.objects.filter(kind="lead", case=case).values_list("agency__code", flat=True)
    assert list(on_lists) == ["HOTLINE"]  # whoever comes first finds it there


def test_without_a_table_that_can_decide_it_waits_and_is_routed_once_there_is_one() -> None:
    stories.staff()
    sent = senders.send("bystander", facts=SEEN)
    in_force = MandateTable.objects.get(in_force=True)
    MandateTable.objects.update(in_force=False)
    with pytest.raises(tables.CannotDecide):
        routed(sent)
    assert routing.count_waiting() == 1
    assert visiting.visit(sent.opener, at=timezone.now()).received_at
    MandateTable.objects.filter(id=in_force.id).update(in_force=True)
    assert routed(sent).closed_at is None
    assert routing.count_waiting() == 0


def test_the_desk_that_received_it_cannot_be_closed_while_it_waits() -> None:
    stories.staff()
    senders.send("bystander", facts=SEEN)
    desk = Agency.objects.filter(code="HOTLINE")
    with pytest.raises(IntegrityError, match="a_waiting_signal_has_an_open_receiver"), transaction.atomic():
        desk.update(active=False, closed_at=timezone.now())
