"""The forms of notifications: how somebody wants to be told, and the code that came to their address."""

from __future__ import annotations

import datetime

from django import forms, http
from django.conf import settings
from django.utils import formats, translation

from nowrongdoor.agencies import languages
from nowrongdoor.agencies.models import User
from nowrongdoor.core.language import gettext as _
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.core.notices import How
from nowrongdoor.notifications import actions, models

HOWS = {
    How.AT_ONCE: gettext_lazy("Email right away"),
    How.DIGEST: gettext_lazy("Daily email"),
    How.PAGE: gettext_lazy("No email"),
}


def _hows() -> list[tuple[str, str]]:
    return [(how.value, str(words)) for how, words in HOWS.items()]


def _hours() -> list[tuple[str, str]]:
    return [(str(hour), formats.time_format(datetime.time(hour), "TIME_FORMAT")) for hour in range(24)]


def _hours_or_none() -> list[tuple[str, str]]:
    return [("", _("No quiet hours")), *_hours()]


class _How(forms.ChoiceField):
    def __init__(self, label: str, help_text: str = "") -> None:
        super().__init__(label=label, help_text=help_text, choices=_hows)


class PreferenceForm(forms.Form):
    """How somebody wants to be told."""

    email = forms.EmailField(
        label=gettext_lazy("Email address"),
        help_text=gettext_lazy("Emails say only that something waits, with a link. They have no names and no details."),
        max_length=254,
        required=False,
        error_messages={"invalid": gettext_lazy("Enter an email address like name@example.gov.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    offers = _How(gettext_lazy("Offers that wait for your agency, and leads that come to it"))
    answers = _How(
        gettext_lazy("Answers to your agency’s offers"),
        gettext_lazy("Accepted, declined, or passed to another agency."),
    )
    closings = _How(gettext_lazy("Closed cases that your agency handed over"))
    reminders = _How(gettext_lazy("Deadlines that are near"))
    digest_at = forms.TypedChoiceField(label=gettext_lazy("Daily email at"), choices=_hours, coerce=int)
    quiet_from = forms.TypedChoiceField(
        label=gettext_lazy("Quiet hours from"),
        help_text=gettext_lazy(
            "No email comes during quiet hours, unless you’re on call or nobody has opened an urgent offer."
        ),
        choices=_hours_or_none,
        coerce=int,
        empty_value=None,
        required=False,
    )
    quiet_to = forms.TypedChoiceField(
        label=gettext_lazy("Quiet hours until"), choices=_hours_or_none, coerce=int, empty_value=None, required=False
    )
    time_zone = languages.ZoneField(
        help_text=gettext_lazy("Your quiet hours and the daily email follow this zone. So do the times on pages.")
    )

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("Your email comes in this language. So do the pages."),
        choices=lambda: settings.LANGUAGES,
        required=False,
    )

    says_optional = False

    @classmethod
    def of(cls, kept: models.Preference, person: User) -> PreferenceForm:
        """Show what is kept."""
        return cls(
            auto_id="%s",
            initial={
                "email": kept.email,
                "offers": kept.offers,
                "answers": kept.answers,
                "closings": kept.closings,
                "reminders": kept.reminders,
                "digest_at": kept.digest_at,
                "quiet_from": "" if kept.quiet_from is None else kept.quiet_from,
                "quiet_to": "" if kept.quiet_to is None else kept.quiet_to,
                "time_zone": person.time_zone if languages.is_known(languages.Choice("", person.time_zone)) else "",
                "language": translation.get_language(),  # what they chose, or what their browser asks for
            },
        )

    def clean(self) -> dict[str, object]:
        """Refuse quiet hours of which only one end was chosen, or that last no time."""
        sent: dict[str, object] = super().clean() or {}
        start, end = sent.get("quiet_from"), sent.get("quiet_to")
        if (start is None) != (end is None):
            field = "quiet_to" if end is None else "quiet_from"
            self.add_error(field, _("Choose both when quiet hours begin and when they end, or neither."))
        elif start is not None and start == end:
            self.add_error("quiet_to", _("Quiet hours have to end at another hour than they begin."))
        return sent

    @property
    def choice(self) -> actions.Choice:
        """Return what was chosen."""
        sent = self.cleaned_data
        quiet = None if sent["quiet_from"] is None else (sent["quiet_from"], sent["quiet_to"])
        hows = {name: How(sent[name]) for name in ("offers", "answers", "closings", "reminders")}
        return actions.Choice(email=sent["email"], digest_at=sent["digest_at"], quiet=quiet, **hows)


class CodeForm(forms.Form):
    """The code that came to an address."""

    code = forms.CharField(
        label=gettext_lazy("Code from the email"),
        max_length=20,
        error_messages={"required": gettext_lazy("Enter the eight digits of the email.")},
        widget=forms.TextInput(
            attrs={"class": "mono usa-input--small", "inputmode": "numeric", "autocomplete": "one-time-code"}
        ),
    )

    def __init__(self, sent: http.QueryDict | None = None) -> None:
        super().__init__(sent, auto_id="%s")
