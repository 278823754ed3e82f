"""A sender's words stay when the agency that answers them closes: whoever succeeds it answers from then on."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import viewers
from nowrongdoor.agencies import actions as agencies
from nowrongdoor.intake import closing
from nowrongdoor.mailbox import desk, visiting
from nowrongdoor.mailbox.models import Post
from tests import signing_in
from tests.leads import stories
from tests.mailbox import senders

NOW = timezone.now


def office() -> viewers.Viewer:
    """An agency that takes contacts, and that no table needs."""
    agencies.add_missing([agencies.New("SMALL", "SMALL", "A small hotline", "", "hotline")])
    return stories.person("SMALL", viewers.Role.ADVOCATE)


@pytest.mark.django_db
def test_an_agency_that_senders_can_still_write_to_is_closed_into_another_which_answers_them(client: Client) -> None:
    small, admin = office(), stories.person("DOJ_COORDINATOR", viewers.Role.ADMINISTRATOR)
    sent = senders.send(to="SMALL")
    visiting.write(sent.opener, "Are you there?", at=NOW())
    desk.write(sent.signal.id, Post.Kind.MESSAGE, "We are.", by=small, at=NOW())
    with pytest.raises(closing.StillNeeded):
        closing.close_agency("SMALL", into=None, by=admin, at=NOW())
    closing.close_agency("SMALL", into="HOTLINE", by=admin, at=NOW())
    heir = stories.person("HOTLINE", viewers.Role.ADVOCATE)
    page = signing_in.sign_in(client, heir).get(f"/senders/{sent.signal.reference}").content.decode()
    assert "Are you there?" in page
    assert "We are." in page
    visiting.write(sent.opener, "Good.", at=NOW())
    desk.write(sent.signal.id, Post.Kind.MESSAGE, "We took over.", by=heir, at=NOW())
    assert [post.words for post in visiting.visit(sent.opener, at=NOW()).posts] == [
        "Are you there?",
        "We are.",
        "Good.",
        "We took over.",
    ]
    assert desk.lines(small) == []
