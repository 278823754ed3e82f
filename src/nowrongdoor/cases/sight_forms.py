"""The forms of who may see a case: keeping a colleague away, and opening it in an emergency."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.http import QueryDict

from nowrongdoor.core.language import gettext_lazy as _


class ExcludeForm(forms.Form):
    """Who has a stake in a case, and which."""

    person = forms.ChoiceField(
        label=_("Who has a stake in this case?"), error_messages={"required": _("Choose someone in your agency.")}
    )
    because = forms.CharField(label=_("What is their stake in it?"), min_length=10, max_length=1000)

    def __init__(self, colleagues: Sequence[tuple[object, str]], sent: QueryDict | None = None) -> None:
        super().__init__(sent, auto_id="%s")
        person = self.fields["person"]
        assert isinstance(person, forms.ChoiceField)
        person.choices = [("", _("Choose")), *((str(code), name) for code, name in colleagues)]


class EmergencyForm(forms.Form):
    """Which case is opened, and what is happening."""

    reference = forms.CharField(
        label=_("Case reference"),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"}),
    )
    because = forms.CharField(label=_("What is the emergency?"), min_length=10, max_length=1000, widget=forms.Textarea)


class TrailForm(forms.Form):
    """What an inspector asks the trail; it stands in no address."""

    case = forms.CharField(
        label=_("Who viewed this case?"),
        help_text=_("Enter its reference."),
        required=False,
        widget=forms.TextInput(attrs={"class": "mono", "maxlength": 20, "autocomplete": "off"}),
    )
    person = forms.CharField(
        label=_("What did this person view?"),
        help_text=_("Enter their sign-in name."),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": 100, "autocomplete": "off"}),
    )


class ReviewForm(forms.Form):
    """What a second person thinks of an emergency access."""

    justified = forms.ChoiceField(
        label=_("Was it justified?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(label=_("Why do you think so?"), min_length=10, max_length=1_000, widget=forms.Textarea)
