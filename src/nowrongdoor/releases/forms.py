"""The forms about a person: finding them, their consent, and what a law asks to be told."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils import text, timezone

from nowrongdoor.core import country_words, disclosure_grounds, parts
from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.releases import actions
from nowrongdoor.ui import rendering

Choices = Sequence[tuple[str, str]]


class FindForm(forms.Form):
    """What to look for; it stands in no address."""

    q = forms.CharField(
        label=_("Name, number, or email"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class _TellingForm(forms.Form):
    """To which agency, and which parts."""

    recipient = forms.ChoiceField(error_messages={"required": _("Choose an agency.")})
    part = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose at least one part.")}
    )

    def __init__(self, recipients: Choices, sent: QueryDict | None = None) -> None:
        super().__init__(sent, auto_id=f"{self.short}-%s")
        recipient, part = self.fields["recipient"], self.fields["part"]
        assert isinstance(recipient, forms.ChoiceField)
        assert isinstance(part, forms.MultipleChoiceField)
        recipient.choices = [("", _("Choose")), *recipients]
        part.choices = [(each.value, text.capfirst(str(each.words))) for each in parts.Part]

    short = "t"


class ReleaseForm(_TellingForm):
    """A person's written consent."""

    short = "r"
    purpose = forms.CharField(
        label=_("What is it for, in the person’s words?"), max_length=actions.LIMIT, widget=forms.Textarea
    )
    until = rendering.DayField(
        label=_("When does it end?"),
        help_text=_("Any day within a year."),
        error_messages=dict.fromkeys(("required", "invalid"), _("Consent ends: choose a day within a year.")),
    )
    witness = forms.CharField(label=_("Who was there when it was signed?"), max_length=actions.LIMIT)

    def __init__(self, recipients: Choices, sent: QueryDict | None = None) -> None:
        super().__init__(recipients, sent)
        self.fields["recipient"].label = _("Which agency may see it?")
        self.fields["part"].label = _("What may the agency see?")
        self.order_fields(("recipient", "part", "purpose", "until", "witness"))
        today = timezone.localdate()
        self.fields["until"].widget.attrs |= {
            "min": (today + datetime.timedelta(days=1)).isoformat(),
            "max": (today + disclosure_grounds.LONGEST_CONSENT).isoformat(),
        }

    def clean_until(self) -> datetime.datetime:
        """Return the last moment of the day."""
        try:
            ends = datetime.datetime.combine(self.cleaned_data["until"], datetime.time.max)
            return timezone.make_aware(ends)
        except OverflowError:
            raise forms.ValidationError(str(self.fields["until"].error_messages["invalid"])) from None


class DisclosureForm(_TellingForm):
    """What is told without consent, and the duty to tell it."""

    short = "d"
    ground = forms.ChoiceField(
        label=_("Which duty?"), widget=forms.RadioSelect, error_messages={"required": _("Choose the legal duty.")}
    )
    because = forms.CharField(label=_("Why?"), max_length=actions.LIMIT, widget=forms.Textarea)

    def __init__(self, recipients: Choices, sent: QueryDict | None = None) -> None:
        super().__init__(recipients, sent)
        self.fields["recipient"].label = _("Which agency?")
        self.fields["part"].label = _("What do you disclose?")
        ground = self.fields["ground"]
        assert isinstance(ground, forms.ChoiceField)
        ground.choices = [
            (
                each.value,
                rendering.Described(country_words.worded(law.words), citation=law.citation, evidence=law.evidence),
            )
            for each, law in disclosure_grounds.installed().law.items()
        ]
        self.order_fields(("ground", "recipient", "part", "because"))
