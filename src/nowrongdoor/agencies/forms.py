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
from nowrongdoor.core.language import gettext_lazy as _

# A code is right from one step early to one step late; django-allauth remembers it for one step alone.
RIGHT_FOR = (2 * app_settings.TOTP_TOLERANCE + 1) * app_settings.TOTP_PERIOD  # seconds


class SignIn(account.LoginForm):  # type: ignore[misc]
    """Who somebody is, and their password."""

    focus_on = "login"

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Sign-in name")
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}


class Code(mfa.AuthenticateForm):  # type: ignore[misc]
    """A code after the password."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        kinds = set(Authenticator.objects.filter(user=self.user).values_list("type", flat=True))
        self.has_app = Authenticator.Type.TOTP in kinds
        self.has_passkey = Authenticator.Type.WEBAUTHN in kinds
        code.label = (
            _("Enter the code your authenticator app shows, or a recovery code")
            if self.has_app
            else _("Or enter a recovery code")
        )
        code.widget.attrs["class"] = "mono"
        if self.has_app:
            code.widget.attrs["inputmode"] = "numeric"
            self.focus_on = "code"

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

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = _("At least 12 characters. A few words only you would combine work well.")
        self.fields["password2"].label = _("Enter the new password again")

    def clean_oldpassword(self) -> str:
        """Return whether the old password is the right one."""
        old = str(self.cleaned_data["oldpassword"])
        if steps.looked_at(context.request, self.user.get_username(), old).person is None:
            raise get_adapter().validation_error("enter_current_password")
        return old
