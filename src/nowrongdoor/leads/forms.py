"""The forms in which somebody says why a lead is declined, an offer withdrawn, or a case closed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy


class DeclineForm(forms.Form):
    """Why the lead is declined."""

    reason = forms.CharField(
        label=gettext_lazy("Why are you declining?"),
        help_text=gettext_lazy("Your reason stays on the record, and the next agency is asked right away."),
        max_length=2_000,
        widget=forms.Textarea,
    )


class RevokeForm(forms.Form):
    """Why an offer is withdrawn."""

    reason = forms.CharField(
        label=gettext_lazy("Why are you withdrawing it?"),
        help_text=gettext_lazy("Your reason stays on the record."),
        max_length=2_000,
        widget=forms.Textarea,
    )


class CloseForm(forms.Form):
    """Why the case is closed."""

    because = forms.CharField(
        label=gettext_lazy("Why are you closing the case?"),
        help_text=gettext_lazy("Deadlines set by law stay on the worklists."),
        widget=forms.Textarea,
    )


class ChangeForm(forms.Form):
    """What changed about the facts."""

    because = forms.CharField(label=gettext_lazy("What changed?"), max_length=300, required=False)

    says_optional = False
