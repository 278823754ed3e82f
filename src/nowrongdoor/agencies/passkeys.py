"""Passkeys and security keys: how one is asked for, and what is said when one is refused.

The promise: a key alone is two factors. Whoever signs, the key asked for their fingerprint, face or PIN first
(`MFA_WEBAUTHN_USER_VERIFICATION`), so that a stolen key opens nothing by itself, on whichever page it is tried.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from allauth.account import views as account
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as allauth_forms
from allauth.mfa.webauthn import views as allauth_views
from django import http
from django.core import exceptions

from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy

REFUSED = gettext_lazy(
    "This passkey was not accepted. It is not one that you added here, it did not ask for your PIN, fingerprint or "
    "face, or this page was open too long. Try again, or go on another way."
)
NOT_KEPT = gettext_lazy(
    "This passkey was not added: it did not ask for your PIN, fingerprint or face, or this page was open too long. "
    "Try again."
)
ALONE = gettext_lazy("Sign me in with this passkey alone, without my password")


class SecondStep(allauth_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after the password."""

    def clean_credential(self) -> Authenticator:
        """Find whose key signed."""
        with _refusing(REFUSED):
            return super().clean_credential()


class Alone(SecondStep, allauth_forms.LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey without a password."""


class Again(SecondStep, allauth_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey before something changes."""


class Add(allauth_forms.AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey. It signs in alone unless its owner says otherwise: it is two factors either way."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Passkey name")
        self.fields["name"].help_text = _("For example, the device it’s on.")
        self.says_optional = False
        self.fields["name"].max_length = 100
        self.fields["passwordless"].label = ALONE
        self.fields["passwordless"].help_text = ""
        self.fields["passwordless"].initial = True

    def clean(self) -> dict[str, object]:
        """Check what the new key signed."""
        with _refusing(NOT_KEPT):
            return dict(super().clean())


class AgainView(allauth_views.ReauthenticateWebAuthnView):  # type: ignore[misc]
    """Asks for a passkey before something changes, and says on the same page when it was refused."""

    def form_invalid(self, form: Again) -> http.HttpResponse:
        """Show the page again."""
        return account.BaseReauthenticateView.form_invalid(self, form)  # type: ignore[no-any-return]


@contextlib.contextmanager
def _refusing(words: str) -> Iterator[None]:
    """Says a refusal in our words."""
    try:
        yield
    except exceptions.ValidationError:
        raise exceptions.ValidationError(words, code="refused") from None
