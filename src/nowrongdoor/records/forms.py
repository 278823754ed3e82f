"""The forms of the two desks."""

from __future__ import annotations

from django import forms

from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.records import breaches, demands, models
from nowrongdoor.ui import rendering

_QUIET = {"autocomplete": "off", "spellcheck": "false"}


def _moment(label: str, missing: str) -> forms.DateTimeField:
    return forms.DateTimeField(label=label, widget=rendering.Moment, error_messages={"required": missing})


class DatesForm(forms.Form):
    """By when something has to be done about a demand."""

    return_at = forms.DateTimeField(label=_("When is the answer due?"), widget=rendering.Moment, required=False)
    motion_at = forms.DateTimeField(
        label=_("Until when can counsel move to quash or limit it?"), widget=rendering.Moment, required=False
    )


class DemandForm(DatesForm):
    """A demand as it came in."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[("", _("Choose")), *models.Demand.Kind.choices],
        error_messages={"required": _("Choose what it is.")},
    )
    received_at = _moment(_("When was it received?"), _("Enter the day and time when it was received."))
    receiver = forms.CharField(
        label=_("Who took it?"),
        max_length=demands.SHORT,
        error_messages={"required": _("Enter the name of whoever took it.")},
    )
    party = forms.CharField(
        label=_("Which court or party is it from?"),
        max_length=demands.SHORT,
        error_messages={"required": _("Enter the court or the party.")},
    )
    docket = forms.CharField(
        label=_("Docket number"), max_length=demands.SHORT, required=False, widget=forms.TextInput(_QUIET)
    )
    asks = forms.CharField(
        label=_("What does it ask for?"),
        help_text=_("This is sealed. Write nothing that a grand jury has before it."),
        max_length=demands.LIMIT,
        widget=forms.Textarea,
        error_messages={"required": _("Enter what it asks for, in a few words.")},
    )
    field_order = ("kind", "received_at", "receiver", "party", "docket", "asks")


class StandingForm(DatesForm):
    """How a demand stands."""

    counsel_at = forms.DateTimeField(label=_("When was counsel told?"), widget=rendering.Moment, required=False)
    notice = forms.ChoiceField(
        label=_("Was the person notified?"),
        choices=[("", _("Not yet")), *models.Demand.Notice.choices],
        required=False,
    )
    notice_at = forms.DateTimeField(
        label=_("When was that, or when did the order come?"), widget=rendering.Moment, required=False
    )
    forbidden_by = forms.CharField(
        label=_("Which order forbids notifying the person?"),
        help_text=_("Name the court, the date, and until when it forbids it."),
        max_length=demands.SHORT,
        required=False,
    )


class LeftForm(forms.Form):
    """A record that left."""

    digest = forms.CharField(
        label=_("SHA-256 of what left"),
        help_text=_("“Collect records for discovery,” on a case, shows it for each record and for the whole list."),
        max_length=80,
        widget=forms.TextInput({**_QUIET, "class": "mono"}),
        error_messages={"required": _("Copy the SHA-256 of what left.")},
    )
    reference = forms.CharField(
        label=_("Case reference"),
        help_text=_("If it’s a record of a case that you can open: we check the digest and name the record."),
        max_length=20,
        required=False,
        widget=forms.TextInput({**_QUIET, "class": "mono"}),
    )
    record = forms.CharField(label=_("Otherwise: which record is it?"), max_length=demands.SHORT, required=False)


class CloseDemandForm(forms.Form):
    """How a demand ended."""

    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        widget=forms.RadioSelect,
        choices=models.Demand.Outcome.choices,
        error_messages={"required": _("Say how it ended.")},
    )
    how = forms.CharField(label=_("In a few words"), max_length=demands.SHORT, required=False)


class KnownForm(forms.Form):
    """What is known of a breach now."""

    kind = forms.ChoiceField(
        label=_("Did it happen?"),
        widget=forms.RadioSelect,
        choices=models.Breach.Kind.choices,
        error_messages={"required": _("Say whether it happened.")},
    )
    happened_at = forms.DateTimeField(
        label=_("When did it happen, if you know?"), widget=rendering.Moment, required=False
    )
    people = forms.IntegerField(
        label=_("How many people is it about?"),
        help_text=_("A number alone, as far as you know now. Never a name."),
        min_value=0,
        max_value=breaches.MOST,
        error_messages={"required": _("Enter a number, as far as you know now.")},
    )


class BreachForm(KnownForm):
    """A breach as it is logged."""

    noticed_at = _moment(
        _("When was it noticed?"), _("Enter the day and time when it was noticed: the clock starts then.")
    )
    what = forms.MultipleChoiceField(
        label=_("What sort of information is it about?"),
        widget=forms.CheckboxSelectMultiple,
        choices=models.Breach.What.choices,
        error_messages={"required": _("Choose at least one sort of information.")},
    )
    field_order = ("kind", "noticed_at", "happened_at", "what", "people")


class TellForm(forms.Form):
    """Who was told of a breach."""

    recipient = forms.ChoiceField(
        label=_("Who was told?"),
        choices=[("", _("Choose")), *models.BreachNotice.Recipient.choices],
        error_messages={"required": _("Choose who was told.")},
    )
    told_at = _moment(_("When were they told?"), _("Enter the day and time when they were told."))
    confirmation = forms.CharField(
        label=_("Confirmation number that they gave"),
        help_text=_("If they gave none yet, leave this empty, and add the notice again once they have."),
        max_length=40,
        required=False,
        widget=forms.TextInput({**_QUIET, "class": "mono"}),
    )
