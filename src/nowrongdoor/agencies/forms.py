"""The forms of coming in, where django-allauth's own would count by themselves or hash inside of the transaction.

The promise: a one-time code that was taken is refused for as long as it would be right.
"""

from __future__ import annotations

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from nowrongdoor.agencies import guessing, steps

# A code is right from one step early to one step late; django-allauth remembers it for one step alone.
RIGHT_FOR = (2 * app_settings.TOTP_TOLERANCE + 1) * app_settings.TOTP_PERIOD  # seconds


class Code(mfa.AuthenticateForm):  # type: ignore[misc]
    """A code after the password."""

    def clean_code(self) -> str:
        """Count the try, look at the code, and remember that it was used."""
        try:
            with guessing.counted(context.request, self.user.get_username(), guessing.Secret.CODE):
                code = str(super().clean_code())
        except guessing.TooManyTries as refusal:
            raise steps.refused(context.request, refusal) from None
        if self.authenticator.type == Authenticator.Type.TOTP:
            cache.touch(self.authenticator.wrap()._get_used_cache_key(code), timeout=RIGHT_FOR)
        return code


class CodeAgain(Code, mfa.ReauthenticateForm):  # type: ignore[misc]
    """A code before something changes."""

    save = mfa.ReauthenticateForm.save


class ChangePassword(account.ChangePasswordForm):  # type: ignore[misc]
    """The old password and a new one."""

    def clean_oldpassword(self) -> str:
        """Return whether the old password is the right one."""
        old = str(self.cleaned_data["oldpassword"])
        if steps.looked_at(context.request, self.user.get_username(), old).person is None:
            raise get_adapter().validation_error("enter_current_password")
        return old
