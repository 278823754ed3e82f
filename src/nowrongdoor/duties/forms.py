"""The forms in which somebody says how a duty was done."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from nowrongdoor.duties import actions


class HowForm(forms.Form):
    """How a deadline was met."""

    how = forms.CharField(
        label=gettext_lazy("How was it done, and by whom?"), max_length=actions.HOW_LIMIT, widget=forms.Textarea
    )


class ToldForm(forms.Form):
    """How a body that isn't on this system was told."""

    how = forms.CharField(
        label=gettext_lazy("How did you notify them, and whom did you reach?"),
        max_length=actions.HOW_LIMIT,
        widget=forms.Textarea,
    )
