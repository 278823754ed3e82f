"""The forms of who may see a case: keeping a colleague away, and opening it in an emergency."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django import forms
from django.core import exceptions, validators
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import capfirst

from nowrongdoor.audit import words
from nowrongdoor.cases import trail
from nowrongdoor.core import reference
from nowrongdoor.core.language import gettext
from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.ui import narrowing, rendering

FIRST, LAST = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)  # days that a trail may be asked about


def _day(label: str) -> rendering.DayField:
    wrong = _("Enter a day between January 1, 2000, and January 1, 2100.")
    return rendering.DayField(
        label=label,
        required=False,
        error_messages={"invalid": wrong},
        validators=[validators.MinValueValidator(FIRST, wrong), validators.MaxValueValidator(LAST, wrong)],
    )


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


class TrailForm(narrowing.Narrowing):
    """What an inspector asks the trail. It is sent in a body; the address of the answer holds days, codes, ids and a
    reference, and names nobody."""

    from_on = _day(_("From"))
    to_on = _day(_("To"))
    person = forms.ChoiceField(label=_("Who did it?"), required=False)
    kind = forms.ChoiceField(label=_("What was done?"), required=False)
    case = forms.CharField(
        label=_("On which case?"),
        help_text=_("Enter its reference, like VG55-B9BF-34WZ."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off"}),
    )

    def __init__(self, people: Sequence[tuple[str, str]], sent: Mapping[str, str] | None = None) -> None:
        super().__init__(sent, auto_id="%s")
        zone = timezone.get_current_timezone_name()
        for name in ("from_on", "to_on"):
            self.fields[name].help_text = gettext("A day in your time zone, %(zone)s.") % {"zone": zone}
        looks = [(trail.LOOKED, gettext("Anything viewed")), (trail.CHANGED, gettext("Anything changed"))]
        verbs = [(code, capfirst(verb)) for code, verb in words.known().items()]
        self.offer("person", people, gettext("Choose someone in your agency."))
        self.offer("kind", [*looks, *verbs], gettext("The trail has no such kind of event. Choose one."))

    def clean_case(self) -> str:
        """Return the reference as it is spelled; empty where none was asked for."""
        typed: str = self.cleaned_data["case"]
        try:
            return reference.read(typed) if typed else ""
        except reference.UnreadableReference as error:
            raise exceptions.ValidationError(str(error)) from None

    def clean(self) -> dict[str, object]:
        """Refuse a stretch of days that ends before it begins."""
        sent = super().clean() or self.cleaned_data
        begins, ends = sent.get("from_on"), sent.get("to_on")
        if begins and ends and ends < begins:
            self.add_error("to_on", gettext("This day is before the first one. Enter the same day or a later one."))
        return sent

    @property
    def asked(self) -> trail.Asked:
        """Return what was asked, once it is valid."""
        sent = self.cleaned_data
        return trail.Asked(
            sent["from_on"],
            sent["to_on"],
            uuid.UUID(sent["person"]) if sent["person"] else None,
            sent["kind"],
            sent["case"],
        )

    @property
    def query(self) -> str:
        """Write what was asked for an address."""
        return urlencode({name: str(value) for name, value in self.cleaned_data.items() if value})


class ReviewForm(forms.Form):
    """What a second person thinks of an emergency access."""

    justified = forms.ChoiceField(
        label=_("Was it justified?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(label=_("Why do you think so?"), min_length=10, max_length=1_000, widget=forms.Textarea)
