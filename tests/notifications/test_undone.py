"""Notices of an acceptance wait until it can no longer be undone, except in danger; one undone before is told nobody.

All of it is by the clock of the database too, so these stories happen now.
"""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.cases.models import Case
from nowrongdoor.core import handoff
from nowrongdoor.leads import answering, changing, passing, undoing
from nowrongdoor.leads.models import Handoff
from nowrongdoor.notifications import actions, queries
from nowrongdoor.notifications.models import Notification
from nowrongdoor.outbox.models import Message
from tests import signing_in
from tests.leads import stories
from tests.outbox import postbox, sending

pytestmark = pytest.mark.django_db
DANGER = {**stories.FORCED_LABOR, "urgency": "immediate_danger"}
AFTER = handoff.UNDO_WITHIN + datetime.timedelta(seconds=1)


def seen_by(viewer: viewers.Viewer) -> list[str]:
    """What a person's page lists, oldest first."""
    with row_security.looking(viewer):
        return [line.kind.value for line in reversed(queries.page(viewer, 1).lines)]


def accepted(
    hsi: viewers.Viewer, facts: dict[str, str] = stories.FORCED_LABOR, *, ago: datetime.timedelta = datetime.timedelta()
) -> tuple[Case, Handoff]:
    at = timezone.now() - ago
    case = stories.case(facts, at=at)
    return case, answering.accept(stories.offer_of(case).id, by=hsi, at=at)


def test_the_giver_hears_of_a_yes_once_it_can_no_longer_be_undone(post: postbox.Postbox) -> None:
    hope, hsi = stories.person("HOTLINE"), stories.person("HSI")
    sending.wants_mail(hope, timezone.now())
    _case, yes = accepted(hsi)
    assert yes.over_at
    assert seen_by(hope) == []
    with row_security.looking(hope):
        assert queries.unseen(hope).count == 0
    assert sending.minute(yes.over_at + handoff.UNDO_WITHIN - datetime.timedelta(seconds=1)) == 0
    assert Message.objects.filter(kind="news").count() == 0
    assert sending.minute(yes.over_at + handoff.UNDO_WITHIN) == 1
    assert [came["Subject"] for came in post.came] == ["A case your agency offered was accepted"]
    earlier, _ = accepted(hsi, ago=AFTER)
    assert seen_by(hope) == ["offer_accepted"]
    assert Notification.objects.get(case=earlier, person=hope.user_id).about_at < timezone.now() - handoff.UNDO_WITHIN


def test_a_yes_that_was_undone_is_told_to_nobody(post: postbox.Postbox) -> None:
    hope, hsi = stories.person("HOTLINE"), stories.person("HSI")
    sending.wants_mail(hope, timezone.now())
    case, yes = accepted(hsi)
    undoing.undo(yes.id, by=hsi, at=timezone.now())
    assert stories.lead_of(case) == "HOTLINE"
    assert sending.minute(timezone.now() + AFTER) == 0
    assert Message.objects.filter(kind="news").count() == 0
    assert seen_by(hsi) == ["offer_waits", "offer_waits"]  # the offer stands again


def test_in_danger_the_giver_hears_at_once_of_the_yes_and_of_the_undo(post: postbox.Postbox) -> None:
    hope, hsi, fbi = stories.person("HOTLINE"), stories.person("HSI"), stories.person("FBI")
    sending.wants_mail(hope, timezone.now())
    case, yes = accepted(hsi, DANGER)
    stories.told(case, "FBI")
    assert seen_by(hope) == ["offer_accepted"]
    assert sending.minute(timezone.now()) == 1
    undoing.undo(yes.id, by=hsi, at=timezone.now())
    assert seen_by(hope) == ["offer_accepted", "offer_undone"]
    assert sending.minute(timezone.now()) == 1
    assert post.came[-1]["Subject"] == "An acceptance was undone, and your agency leads a case again"
    assert "offer_undone" not in seen_by(hsi)
    assert seen_by(fbi) == []


def test_a_yes_and_its_undo_before_the_mail_left_are_one_mail_of_the_undo(post: postbox.Postbox) -> None:
    hope, hsi = stories.person("HOTLINE"), stories.person("HSI")
    sending.wants_mail(hope, timezone.now())
    _case, yes = accepted(hsi, DANGER)
    undoing.undo(yes.id, by=hsi, at=timezone.now())
    assert sending.minute(timezone.now()) == 1
    assert [came["Subject"] for came in post.came] == ["An acceptance was undone, and your agency leads a case again"]


def test_an_agency_that_passed_a_case_on_hears_that_the_yes_was_undone_because_nobody_is_asked_now() -> None:
    hope, hsi, two = stories.person("HOTLINE"), stories.person("HSI"), stories.person("HSI")
    case, _ = accepted(hsi, ago=AFTER)
    back = passing.offer(case.id, to_agency_id=hope.agency_id, reason="It is theirs.", by=hsi, at=timezone.now())
    yes = answering.accept(back.id, by=hope, at=timezone.now())
    undoing.undo(yes.id, by=hope, at=timezone.now())
    assert stories.lead_of(case) == "HSI"
    assert Handoff.objects.filter(case=case, state="offered").count() == 0
    assert [kind for kind in seen_by(two) if kind != "offer_waits"] == ["offer_undone"]
    assert [kind for kind in seen_by(hope) if kind != "offer_waits"] == ["offer_accepted"]  # of HSI's, before


def test_who_stepped_forward_and_undid_it_told_nobody() -> None:
    hope, fbi = stories.person("HOTLINE"), stories.person("FBI")
    case = stories.told(stories.case(at=timezone.now()), "FBI")
    yes = answering.step_forward(case.id, by=fbi, at=timezone.now())
    undoing.undo(yes.id, by=fbi, at=timezone.now())
    assert seen_by(hope) == []
    assert Notification.objects.get(thing_id=yes.id, person=hope.user_id).over_at


def test_whoever_undid_a_yes_hears_nothing_of_the_closing() -> None:
    hope, fbi = stories.person("HOTLINE"), stories.person("FBI")
    case = stories.told(stories.case(at=timezone.now()), "FBI")
    yes = answering.step_forward(case.id, by=fbi, at=timezone.now())
    undoing.undo(yes.id, by=fbi, at=timezone.now())
    answering.accept(stories.offer_of(case).id, by=(hsi := stories.person("HSI")), at=timezone.now())
    changing.close(case.id, because="She is home.", by=hsi, at=timezone.now())
    assert "case_closed" in seen_by(hope)
    assert seen_by(fbi) == []


@pytest.mark.parametrize("urgency", sorted(handoff.WINDOWS))
def test_the_database_and_the_core_tell_from_the_same_instant(urgency: str) -> None:
    hope = stories.person("HOTLINE")
    _case, yes = accepted(stories.person("HSI"), {**stories.FORCED_LABOR, "urgency": urgency})
    row = Notification.objects.get(thing_id=yes.id, kind="offer_accepted", person=hope.user_id)
    assert yes.over_at
    assert row.at == handoff.told_from(urgency=urgency, at=yes.over_at)


def test_the_page_says_from_when_others_are_notified() -> None:
    stories.person("HOTLINE")
    hsi = stories.person("HSI")
    client = signing_in.sign_in(Client(), hsi)
    accepted(hsi)
    assert "Nobody is notified of it before then." in client.get("/worklist").content.decode()
    accepted(hsi, DANGER)
    page = client.get("/worklist").content.decode()
    assert page.count("Nobody is notified of it before then.") == 1
    assert page.count("Because somebody is in danger, the agency that offered it was notified at once.") == 1


def test_somebody_who_accepts_many_sees_their_list_under_the_newest_three() -> None:
    hsi = stories.person("HSI")
    client = signing_in.sign_in(Client(), hsi)
    cases = [accepted(hsi)[1] for _ in range(4)]
    page = client.get("/worklist").content.decode()
    assert [f"/offers/{yes.id}/undo" in page for yes in cases] == [False, True, True, True]
    assert f"/offers/{cases[0].id}/undo" in client.get(f"/cases/{cases[0].case.reference}").content.decode()


def test_opening_the_case_meanwhile_leaves_the_notice_for_later() -> None:
    hope, hsi = stories.person("HOTLINE"), stories.person("HSI")
    case, yes = accepted(hsi)
    with row_security.looking(hope):
        actions.see_case(hope, case.id, at=timezone.now())
    assert Notification.objects.get(thing_id=yes.id, person=hope.user_id, kind="offer_accepted").seen_at is None
