"""The forms in which somebody says why a lead is declined, offered or withdrawn, or a case closed."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from nowrongdoor.core import handoff, outcomes
from nowrongdoor.leads import passing


class DeclineForm(forms.Form):
    """Why the lead is declined."""

    reason = forms.CharField(
        label=gettext_lazy("Why are you declining?"),
        help_text=gettext_lazy(
            "Your reason stays on the record. The next agency is asked right away, unless the lead agency itself chose "
            "yours."
        ),
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


_NUL = gettext_lazy("The text has a character that can’t be saved (NUL). Remove it, and send it again.")


class CloseForm(forms.Form):
    """How a case ended, and why it is closed."""

    closed_as = forms.ChoiceField(
        label=gettext_lazy("How does the case end?"),
        widget=forms.RadioSelect,
        choices=[(each.value, each.words) for each in outcomes.ClosedAs],
        error_messages={"required": gettext_lazy("Say how the case ends.")},
    )
    found = forms.ChoiceField(
        label=gettext_lazy("What was found about the people in it?"),
        widget=forms.RadioSelect,
        choices=[(each.value, each.words) for each in outcomes.Found],
        error_messages={"required": gettext_lazy("Say what was found.")},
    )
    because = forms.CharField(
        label=gettext_lazy("Why are you closing the case?"),
        help_text=gettext_lazy("The other agencies on the case read it. Deadlines set by law stay on the worklists."),
        max_length=handoff.REASON_LIMIT,
        widget=forms.Textarea,
        error_messages={"null_characters_not_allowed": _NUL},
    )

    @property
    def outcome(self) -> outcomes.Outcome:
        """Return how the case ended, once the form was taken."""
        sent = self.cleaned_data
        return outcomes.Outcome(outcomes.ClosedAs(sent["closed_as"]), outcomes.Found(sent["found"]))


class ReopenForm(forms.Form):
    """Why a closed case is reopened."""

    because = forms.CharField(
        label=gettext_lazy("Why are you reopening the case?"),
        help_text=gettext_lazy("Your agency leads it again. The reason stays on the record."),
        max_length=handoff.REASON_LIMIT,
        widget=forms.Textarea,
        error_messages={"null_characters_not_allowed": _NUL},
    )


class MergeForm(forms.Form):
    """Into which case another is merged, and why."""

    into = forms.CharField(
        label=gettext_lazy("Reference of the case that goes on"),
        help_text=gettext_lazy("Your agency leads both. Signals and notes stay where they are."),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    because = forms.CharField(
        label=gettext_lazy("Why are they the same case?"),
        max_length=handoff.REASON_LIMIT,
        widget=forms.Textarea,
        error_messages={"null_characters_not_allowed": _NUL},
    )


class LinkForm(forms.Form):
    """Which case belongs to another."""

    other = forms.CharField(
        label=gettext_lazy("Reference of the other case"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class ChangeForm(forms.Form):
    """What changed about the facts."""

    because = forms.CharField(label=gettext_lazy("What changed?"), max_length=300, required=False)

    says_optional = False
