"""The forms of joining an agency, and of keeping its people."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from nowrongdoor.agencies import inviting, models
from nowrongdoor.core.language import gettext_lazy as _

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def _roles() -> list[tuple[str, str]]:
    return [(str(role.value), role.words) for role in inviting.GIVEN]


class LinkForm(forms.Form):
    """The link of an invitation, as somebody pastes it."""

    code = forms.CharField(
        label=_("Paste your invitation link"),
        help_text=_("Your agency’s administrator gave it to you. It works once, for three days."),
        max_length=500,
        widget=forms.TextInput(attrs={"class": "mono", **_PLAIN}),
    )


class PasswordForm(forms.Form):
    """The password of somebody who joins. Whether it will do is said by `inviting.look_over`."""

    code = forms.CharField(widget=forms.HiddenInput, required=False)
    password = forms.CharField(
        label=_("Choose a password of at least 12 characters"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": 12}),
        strip=False,
    )
    again = forms.CharField(
        label=_("Enter the password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": 12}),
        strip=False,
    )


class InviteForm(forms.Form):
    """Whom to invite."""

    name = forms.CharField(label=_("Sign-in name"), max_length=100, widget=forms.TextInput(attrs=_PLAIN))
    full_name = forms.CharField(
        label=_("Full name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=lambda: [("", _("Choose")), *_roles()],
        error_messages={"required": _("Choose a role.")},
    )


class RoleForm(forms.Form):
    """Another role for somebody."""

    role = forms.ChoiceField(label=_("Role"), choices=_roles)


class DaysForm(forms.Form):
    """How often somebody of the agency signs in. What is no number of days is refused by `actions.set_sign_in_days`."""

    days = forms.CharField(
        label=_("Days without a sign-in before offers pass your agency over"),
        max_length=3,
        widget=forms.TextInput(attrs={"class": "usa-input--small", "inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, sent: QueryDict | None = None, *, days: int | None = None) -> None:
        super().__init__(sent, auto_id="%s-field", initial={"days": days})
        self.fields["days"].help_text = _("From %(least)s to %(most)s. A new agency starts with %(first)s.") % {
            "least": 1,
            "most": models.MOST_SIGN_IN_DAYS,
            "first": models.SIGN_IN_DAYS,
        }


class TokenForm(forms.Form):
    """For which system a token is, and for how long."""

    system = forms.CharField(
        label=_("Name of the system"),
        help_text=_("So that your agency can tell its tokens apart. Don’t name a person."),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    lasts = forms.TypedChoiceField(
        label=_("How long should it work?"),
        choices=[("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year"))],
        initial="90",
        coerce=int,
    )
