"""The form that holds a case."""

from __future__ import annotations

from django import forms

from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.retention import models


class HoldForm(forms.Form):
    """Which case is held, for what, and why."""

    reference = forms.CharField(
        label=_("Case reference"),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=_("What makes it necessary?"), choices=[("", _("Choose")), *models.Hold.Kind.choices]
    )
    because = forms.CharField(
        label=_("Why must it be kept?"),
        help_text=_("Name the docket, or cite the law or the order. For example: 4:26-cr-00118, S.D. Tex."),
        max_length=1000,
    )
