"""How people come in: what django-allauth asks of us.

The promise: nobody signs up, nobody is made by an identity provider; a person comes in as the one who was invited, and
the secrets of their second factor are sealed like everything else that is secret.
"""

from __future__ import annotations

import uuid

from allauth.account import adapter as account
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal import stagekit
from allauth.account.internal.flows import login as flows
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa import adapter as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django import http, shortcuts
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils import timezone

from nowrongdoor.access import row_security
from nowrongdoor.agencies import actions, guessing, models, seals, steps, ways_in
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.vault import keys, sealing

NAME = "No Wrong Door"
REFUSED = gettext_lazy("You couldn’t be signed in. Try again, or ask whoever operates the system.")
SHOWN = "shown"  # in a session, until it is noted: whose password was right, with the digest of what is kept
SETUP = "setup"  # in a session: the setup code or the invitation's secret, until a first factor is added
_STAFF = uuid.UUID(int=0)  # a second factor belongs to a person, not to an agency


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Finds people before anybody looks."""

    def get_user(self, user_id: uuid.UUID) -> models.User | None:
        """Find a person who is signed in, if they still may be."""
        person = models.User.objects.signed_in(user_id)
        return person if person and self.user_can_authenticate(person) and seals.fits_as_read(person) else None


class Account(account.DefaultAccountAdapter):  # type: ignore[misc]
    """People are invited by their agency."""

    def is_open_for_signup(self, request: http.HttpRequest) -> bool:
        """Say no."""
        return False

    def authenticate(self, request: http.HttpRequest, **credentials: str) -> models.User | None:
        """Say whose password it was that was looked at before the transaction, and remember what it was compared with
        until they are in."""
        person = steps.looked_at(request, credentials["username"], credentials["password"]).person
        if person is not None:
            request.session[SHOWN] = dict(ways_in.password_of(person))
        return person

    def reauthenticate(self, user: models.User, password: str) -> bool:
        """Say whether it is the password of whoever is signed in, and note that they showed it again."""
        is_right = bool(super().reauthenticate(user, password))
        if is_right:
            ways_in.proved(user, self.request.session.pop(SHOWN, {}), at=timezone.now())
        return is_right

    def login(self, request: http.HttpRequest, user: AbstractBaseUser) -> None:
        """Let somebody in who passed every step, if they are as they were sealed; else it was a wrong sign-in."""
        if not seals.still_holds(user.pk):
            stagekit.clear_login(request)
            messages.error(request, REFUSED)
            raise ImmediateHttpResponse(shortcuts.redirect("sign_in"))
        super().login(request, user)

    def set_password(self, user: models.User, password: str) -> None:
        """Keep a new password that was hashed before the transaction, and nothing else of the person."""
        chosen, encoded = getattr(self.request, "new_password", ("", ""))
        if chosen != password:
            raise RuntimeError("A password is hashed before the transaction: name the page in site/entrance.py.")
        user.password = encoded
        user.save(update_fields=["password"])

    def is_reauthentication_required(self, *, app: str, **_: object) -> bool:
        """Ask again who it is before a factor changes; not before the first one, minutes after signing in."""
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        return bool(is_mfa_enabled(self.request.user, kinds))


class SecondFactor(mfa.DefaultMFAAdapter):  # type: ignore[misc]
    """Seals what a second factor rests on, and speaks our words."""

    error_messages = {
        **mfa.DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not right, or it was used before. The app shows a new one every half minute.",
        "cannot_generate_recovery_codes": "Recovery codes stand in for a second factor. Add one of those first.",
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret of a second factor."""
        return keys.for_staff().seal(text, _place()).hex()

    def decrypt(self, encrypted_text: str) -> str:
        """Open it again."""
        return keys.for_staff().open(bytes.fromhex(encrypted_text), _place())

    def get_totp_issuer(self) -> str:
        """Name the system in an authenticator app."""
        return NAME

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the system on the device that keeps a passkey."""
        return {**super().get_public_key_credential_rp_entity(), "name": NAME}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """Propose a name for one more passkey."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"


def _place() -> sealing.Place:
    return sealing.Place("mfa_authenticator", _STAFF, "data", _STAFF)


def note_sign_in(request: http.HttpRequest, user: AbstractBaseUser, **_: object) -> None:
    """Note who came in, with what and on which day, so that their agency is reached and the browser is known from now
    on, and forget what strangers tried at the name."""
    assert isinstance(user, models.User)
    shown = request.session.pop(SHOWN, {})
    with row_security.entry():
        actions.note_sign_in([user.pk], at=timezone.now())
        ways_in.came_in(user, shown, at=timezone.now())
    setattr(request, "signed_in_as", user.get_username())  # noqa: B010  access/browsers.py reads it
    guessing.forgive_strangers(user.get_username())


def note_sign_out(request: http.HttpRequest, user: AbstractBaseUser | None, **_: object) -> None:
    """Note who signed out, or whose session was ended because it was long."""
    if isinstance(user, models.User):
        with row_security.entry():
            ways_in.left(user, at=timezone.now())


def note_proof(request: http.HttpRequest, user: AbstractBaseUser, *, reauthenticated: bool, **_: object) -> None:
    """Note that somebody who is signed in showed a second factor again."""
    if reauthenticated and isinstance(user, models.User):
        with row_security.entry():
            ways_in.proved(user, {}, at=timezone.now())


def note_new_factor(
    request: http.HttpRequest, user: AbstractBaseUser, authenticator: Authenticator, **_: object
) -> None:
    """Count a factor that somebody has just shown to have as shown, in the session in which they enrolled, and forget
    what let them in to add it."""
    request.session.pop(SETUP, None)
    if authenticator.type in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN):
        flows.record_authentication(request, user, method="mfa", type=authenticator.type)
