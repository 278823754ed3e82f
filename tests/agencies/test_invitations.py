"""Invitations that wait: sent again or revoked by an administrator of the same agency, never used once they ended."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import row_security, viewers
from nowrongdoor.agencies import actions, inviting
from nowrongdoor.agencies.models import Invitation, User
from nowrongdoor.audit.models import Event
from tests import signing_in
from tests.leads import stories

pytestmark = pytest.mark.django_db
WORDS = "four-words-put-together"


@pytest.fixture
def administrator() -> viewers.Viewer:
    return stories.person("HOTLINE", viewers.Role.ADMINISTRATOR)


@pytest.fixture
def invited(administrator: viewers.Viewer) -> inviting.Invited:
    return inviting.invite("nina", "Nina New", "advocate", by=administrator, at=timezone.now())


def link_on(page: str) -> str:
    """The code of the link that a page shows once."""
    return page.partition("/join#")[2].partition("<")[0]


def test_a_link_that_is_sent_again_works_and_the_one_before_does_not(
    client: Client, administrator: viewers.Viewer, invited: inviting.Invited
) -> None:
    signing_in.sign_in(client, administrator)
    page = client.post(f"/staff/invitations/{invited.row.id}/resend", follow=True).content.decode()
    fresh = link_on(page)
    assert fresh not in ("", invited.secret)
    assert fresh not in client.get("/staff").content.decode()  # shown once
    now = timezone.now()
    with pytest.raises(inviting.NoSuchInvitation):
        inviting.accept(invited.secret, password=WORDS, at=now)
    person = inviting.accept(fresh, password=WORDS, at=now)
    assert (person.name, person.role) == ("nina", "advocate")
    event = Event.objects.get(verb="invitation.resent")
    assert (event.by_id, event.details) == (administrator.user_id, {"before": str(invited.row.id)})


def test_a_revoked_invitation_is_gone_from_the_list_and_opens_nothing(
    client: Client, administrator: viewers.Viewer, invited: inviting.Invited
) -> None:
    signing_in.sign_in(client, administrator)
    assert "Nina New" in client.get("/staff").content.decode()
    page = client.post(f"/staff/invitations/{invited.row.id}/revoke", follow=True).content.decode()
    assert "The invitation of Nina New is revoked." in page
    assert "No invitations are waiting." in page
    with pytest.raises(inviting.NoSuchInvitation):
        inviting.accept(invited.secret, password=WORDS, at=timezone.now())
    assert Event.objects.get(verb="invitation.revoked").subject_id == invited.row.id
    again = client.post(f"/staff/invitations/{invited.row.id}/resend")
    assert again.status_code == 404  # what ended is not taken up again


def test_a_used_invitation_is_neither_sent_again_nor_revoked(
    administrator: viewers.Viewer, invited: inviting.Invited
) -> None:
    now = timezone.now()
    inviting.accept(invited.secret, password=WORDS, at=now)
    for act in (inviting.resend, inviting.revoke):
        with pytest.raises(inviting.NotWaiting):
            act(invited.row.id, by=administrator, at=now)


@pytest.mark.parametrize("act", ["resend", "revoke"])
def test_an_invitation_is_kept_by_its_own_agencys_administrator_alone(invited: inviting.Invited, act: str) -> None:
    address = f"/staff/invitations/{invited.row.id}/{act}"
    for code, role in (("HSI", viewers.Role.ADMINISTRATOR), ("HOTLINE", viewers.Role.COORDINATOR)):
        assert signing_in.sign_in(Client(), stories.person(code, role)).post(address).status_code == 404
    assert Invitation.objects.get(id=invited.row.id).withdrawn_at is None
    own = signing_in.sign_in(Client(), stories.person("HOTLINE", viewers.Role.ADMINISTRATOR))
    assert own.post(address).status_code == 302
    assert Invitation.objects.get(id=invited.row.id).withdrawn_at is not None


def test_the_list_says_who_invited_whom_until_when_and_what_expired(
    client: Client, administrator: viewers.Viewer, invited: inviting.Invited
) -> None:
    long_ago = timezone.now() - inviting.LASTS - datetime.timedelta(hours=1)
    inviting.invite("olga", "Olga Old", "analyst", by=administrator, at=long_ago)
    rows = {row.name: row for row in inviting.waiting(administrator, at=timezone.now())}
    assert {name: (row.by, row.is_over) for name, row in rows.items()} == {
        "nina": ("Pat of HOTLINE", False),
        "olga": ("Pat of HOTLINE", True),
    }
    signing_in.sign_in(client, administrator)
    page = client.get("/staff").content.decode()
    assert page.count("expired") == 1
    assert "the invitation of Olga Old" in page
    fresh = inviting.resend(rows["olga"].id, by=administrator, at=timezone.now())  # what expired can be sent again
    assert fresh.row.expires_at > timezone.now()


def test_a_sign_in_is_shown_as_the_day_that_is_kept_wherever_somebody_reads(
    client: Client, administrator: viewers.Viewer
) -> None:
    person = stories.person("HOTLINE")
    assert person.user_id
    with row_security.entry():
        actions.note_sign_in([person.user_id], at=datetime.datetime(2026, 7, 4, 1, tzinfo=datetime.UTC))
    signing_in.sign_in(client, administrator)
    for zone in ("America/New_York", "Asia/Tokyo"):
        actions.choose_language("", zone, by=administrator)
        page = " ".join(client.get("/staff").content.decode().split())
        assert "July 4, 2026 (UTC)" in page
    assert User.objects.get(id=person.user_id).last_login == datetime.datetime(2026, 7, 4, tzinfo=datetime.UTC)


@pytest.mark.parametrize("how", ["switched off", "another role"])
def test_an_invitation_ends_with_the_administrator_who_made_it(
    client: Client, administrator: viewers.Viewer, invited: inviting.Invited, how: str
) -> None:
    """Whoever is shown the door leaves no key of their own making behind."""
    other, now = stories.person("HOTLINE", viewers.Role.ADMINISTRATOR), timezone.now()
    assert administrator.user_id
    if how == "switched off":
        inviting.switch(administrator.user_id, on="no", by=other)
    else:
        inviting.set_role(administrator.user_id, "analyst", by=other)
    with pytest.raises(inviting.NoSuchInvitation):
        inviting.accept(invited.secret, password=WORDS, at=now)
    (row,) = inviting.waiting(other, at=now)
    assert (row.is_over, row.is_stopped) == (False, True)
    page = signing_in.sign_in(client, other).get("/staff").content.decode()
    assert page.count("stopped: whoever sent it is no longer an administrator") == 1
    fresh = inviting.resend(invited.row.id, by=other, at=now)
    assert inviting.accept(fresh.secret, password=WORDS, at=now).name == "nina"


def test_inviting_again_under_one_name_says_which_invitation_that_ended(
    administrator: viewers.Viewer, invited: inviting.Invited
) -> None:
    inviting.invite("nina", "Nina New", "analyst", by=administrator, at=timezone.now())
    event = Event.objects.get(verb="invitation.revoked")
    assert (event.subject_id, event.by_id) == (invited.row.id, administrator.user_id)
