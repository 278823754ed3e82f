"""Signing in for tests that are about something else."""

from __future__ import annotations

import time

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.utils import timezone

from nowrongdoor.access import guards, row_security, viewers
from nowrongdoor.agencies import setting_up
from nowrongdoor.agencies.models import User


def sign_in(client: Client, viewer: viewers.Viewer) -> Client:
    """The client, signed in as somebody who passed every step."""
    passed(client, person(viewer))
    return client


def person(viewer: viewers.Viewer) -> User:
    """The person who looks."""
    assert viewer.user_id
    return User.objects.get(id=viewer.user_id)


def passed(client: Client, person: User) -> None:
    """Signs in a person as both steps would have."""
    client.force_login(person)
    session = client.session
    session[guards.STEPS] = [{"method": "password", "at": 0}, {"method": "mfa", "at": 0}]
    session[f"{guards.STEPS}_user"] = str(person.id)
    session.save()


def enrol(person: User) -> str:
    """Gives a person an authenticator app, with a setup code of an operator's, and its secret."""
    secret = str(totp.generate_totp_secret())
    code = setup_code(person)
    with row_security.entry(), setting_up.showing(setting_up.read(code)):
        totp.TOTP.activate(person, secret)
    return secret


def setup_code(person: User) -> str:
    """A setup code for a person, as an operator makes one."""
    with row_security.system():
        return setting_up.make(person, by=None, at=timezone.now())


def secret_of(person: User) -> str:
    """Return the secret of the authenticator app that a person has."""
    with row_security.entry():
        row = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    return str(get_adapter().decrypt(row.data["secret"]))


def code(secret: str) -> str:
    """What the app shows now."""
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30)))
