"""The forms in which somebody says why a lead is declined, offered or withdrawn, or a case closed."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from nowrongdoor.leads import passing


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


class PassOnForm(forms.Form):
    """To whom the lead is given back or passed on, and why."""

    agency = forms.ChoiceField(
        label=gettext_lazy("Which agency should lead this case?"),
        help_text=gettext_lazy("Your agency leads until somebody there accepts."),
        error_messages={"required": gettext_lazy("Choose an agency.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why are you offering it to them?"),
        help_text=gettext_lazy("They read this before they answer. It stays on the record."),
        max_length=2_000,
        widget=forms.Textarea,
    )

    def __init__(self, choices: passing.Choices, sent: QueryDict | None = None) -> None:
        super().__init__(sent, auto_id="pass-%s")
        back, others = ([(str(each.id), each.name) for each in group] for group in (choices.back, choices.others))
        groups = [(gettext("Give it back"), back), (gettext("Pass it on"), others)]
        agency = self.fields["agency"]
        assert isinstance(agency, forms.ChoiceField)
        agency.choices = [("", gettext("Choose")), *((words, group) for words, group in groups if group)]


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
