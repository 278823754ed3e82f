"""Signing in for tests that are about something else."""

from __future__ import annotations

from django.test import Client

from nowrongdoor.access import doors, viewers
from nowrongdoor.agencies.models import User


def sign_in(client: Client, viewer: viewers.Viewer) -> Client:
    """The client, signed in as somebody who passed every step."""
    assert viewer.user_id
    passed(client, User.objects.get(id=viewer.user_id))
    return client


def passed(client: Client, person: User) -> None:
    """Signs in a person as both steps would have."""
    client.force_login(person)
    session = client.session
    session[doors.STEPS] = [{"method": "password", "at": 0}, {"method": "mfa", "at": 0}]
    session.save()
