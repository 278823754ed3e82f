"""The forms of a receipt: what came of a call back, and what a signal should say instead."""

from __future__ import annotations

from django import forms

from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.signals import correcting
from nowrongdoor.signals.models import ReturnedCall


class CallForm(forms.Form):
    """What came of calling somebody back."""

    result = forms.ChoiceField(
        label=_("What came of it?"), choices=ReturnedCall.Result.choices, widget=forms.RadioSelect
    )


class SignalCorrectionForm(forms.Form):
    """What a signal should say, and why. `seen`: how many corrections its writer has seen."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    narrative = forms.CharField(label=_("What should it say?"), strip=False, widget=forms.Textarea)
    because = forms.CharField(
        label=_("Why are you correcting it?"),
        help_text=_("The earlier text stays on record for everyone who could read it."),
        max_length=correcting.REASON_LIMIT,
    )


class ErrorForm(forms.Form):
    """Why a signal was entered in error."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    because = forms.CharField(
        label=_("Why was it entered in error?"),
        help_text=_("Its text is no longer shown first, and stays on record."),
        max_length=correcting.REASON_LIMIT,
    )
