"""What the database refuses at the end of a transaction, and what it kept of another day."""

from __future__ import annotations

import psycopg
import pytest
from django.db import utils
from django.test import Client

from nowrongdoor.cases.models import Case
from nowrongdoor.notifications import actions, planning
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
