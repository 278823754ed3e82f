"""Signing in for tests that are about something else."""

from __future__ import annotations

from django.test import Client

from nowrongdoor.access import viewers
from nowrongdoor.agencies.models import User


def sign_in(client: Client, viewer: viewers.Viewer) -> Client:
    """The client, signed in as somebody who passed every step."""
    assert viewer.user_id
    client.force_login(User.objects.get(id=viewer.user_id))
    return client
