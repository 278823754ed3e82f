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
from django import forms, http
from django.core import exceptions
from django.core.cache import cache
from django.utils import timezone

from nowrongdoor.agencies import guessing, models, setting_up, steps
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


class SetupCode(forms.Form):
    """The setup code of somebody who is signed in, and has no second factor yet."""

    code = forms.CharField(
        label=_("Setup code"),
        help_text=_("16 letters and digits, like 7KQ2-M9TX-4HJD-W8RB. Dashes and capitals don’t matter."),
        max_length=100,
        widget=forms.TextInput(
            attrs={"class": "mono", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    focus_on = "code"

    def __init__(self, request: http.HttpRequest, person: models.User) -> None:
        super().__init__(request.POST or None, auto_id="%s")
        self._request, self._person = request, person

    def clean_code(self) -> str:
        """Count the try, and look whether the code lets this person add their first factor."""
        letters = setting_up.read(self.cleaned_data["code"])
        try:
            with guessing.counted(self._request, self._person.get_username(), guessing.Secret.SETUP_CODE):
                if not setting_up.opens(self._person, letters, at=timezone.now()):
                    raise exceptions.ValidationError(
                        _(
                            "This setup code doesn’t work: it was mistyped, used, replaced, or has expired. Check it "
                            "letter by letter, or ask your administrator for a new one."
                        )
                    )
        except guessing.TooManyTries as refusal:
            raise steps.refused(self._request, refusal) from None
        return letters


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
