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


class ReportedForm(ToldForm):
    """How a report that a law requires was made, and what its receiver gave for it."""

    confirmation = forms.CharField(
        label=gettext_lazy("What confirmation number did they give you?"),
        help_text=gettext_lazy("If they give none, write the name and badge of whoever took the report."),
        max_length=actions.CONFIRMATION_LIMIT,
        error_messages={"required": gettext_lazy("Write the confirmation number that they gave you.")},
    )
