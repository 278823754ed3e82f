"""What the database refuses at the end of a transaction, and what it kept of another day."""

from __future__ import annotations

import psycopg
import pytest
from django.db import utils
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.cases.models import Case
from nowrongdoor.leads import answering, undoing
from nowrongdoor.notifications import actions, planning, queries
from nowrongdoor.notifications.models import Notification
from tests import signing_in
from tests.leads import stories


def test_an_offer_of_which_nobody_was_told_does_not_commit(committed_db: None, owner: str) -> None:
    """The trigger that tells is taken out, so that this guard speaks alone."""
    stories.person("HSI")
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute("ALTER TABLE nowrongdoor_handoff DISABLE TRIGGER an_offer_is_told")
        try:
            with pytest.raises(utils.IntegrityError, match="an open offer is told to somebody who may answer it"):
                stories.case(at=stories.NOON)
        finally:
            database.execute("ALTER TABLE nowrongdoor_handoff ENABLE TRIGGER an_offer_is_told")
    assert Case.objects.count() == 0
    stories.case(at=stories.NOON)
    assert Notification.objects.filter(kind="offer_waits").exists()


def test_a_time_zone_that_is_known_no_longer_is_named_and_the_countrys_is_used(committed_db: None, owner: str) -> None:
    """The database refuses one that it does not know; this one it knew when it was chosen."""
    hsi = stories.person("HSI")
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute("ALTER TABLE nowrongdoor_user DISABLE TRIGGER USER")
        try:
            database.execute("UPDATE nowrongdoor_user SET time_zone = 'Mars/Olympus' WHERE id = %s", [hsi.user_id])
        finally:
            database.execute("ALTER TABLE nowrongdoor_user ENABLE TRIGGER USER")
    page = signing_in.sign_in(Client(), hsi).get("/notifications/preferences").content.decode()
    assert "doesn’t know your time zone “Mars/Olympus”. Until you choose another, it uses “America/New_York”." in page
    assert planning.hours_of(actions.preference_of(hsi), "Mars/Olympus").zone.key == "America/New_York"


def test_a_yes_that_was_undone_stays_untold_when_its_time_comes(committed_db: None, owner: str) -> None:
    hope, hsi = stories.person("HOTLINE"), stories.person("HSI")
    kept, undone = (
        answering.accept(stories.offer_of(stories.case(at=timezone.now())).id, by=hsi, at=timezone.now()) for _ in "ab"
    )
    undoing.undo(undone.id, by=hsi, at=timezone.now())
    with row_security.looking(hope):
        assert queries.page(hope, 1).lines == []
    with psycopg.connect(owner, autocommit=True) as database:  # ten minutes pass
        database.execute(
            "UPDATE nowrongdoor_notification "
            "SET at = at - interval '10 minutes', over_at = over_at - interval '10 minutes'"
        )
    with row_security.looking(hope):
        assert queries.unseen(hope).count == 1
        assert [row.thing_id for row in Notification.objects.filter(person=hope.user_id)] == [kept.id]
