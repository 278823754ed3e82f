"""The form that holds a case."""

from __future__ import annotations

from django import forms

from nowrongdoor.core.language import gettext_lazy as _


class HoldForm(forms.Form):
    """Which case is held, and why."""

    reference = forms.CharField(
        label=_("Case reference"),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"}),
    )
    because = forms.CharField(
        label=_("Why must it be kept?"),
        help_text=_("For example: a court order, an inquiry, or an audit."),
        max_length=1000,
    )
