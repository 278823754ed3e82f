"""The forms of the library and of reports."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import pgettext, pgettext_lazy

from nowrongdoor.core import country_words, places, protocols
from nowrongdoor.core.protocols import Immigration
from nowrongdoor.protocols import library, models, reporting
from nowrongdoor.ui import rendering

_QUIET = {"autocomplete": "off", "spellcheck": "false"}
PART = "part_"  # how the fields of a report's parts begin


def _states(empty: str) -> list[tuple[str, str]]:
    return [("", empty), *((code, country_words.worded(name)) for code, name in places.installed().states.items())]


def _kinds(empty: str) -> list[tuple[str, str]]:
    return [("", empty), *((kind.code, country_words.worded(kind.name)) for kind in protocols.installed().kinds)]


class NarrowForm(forms.Form):
    """What of the library is listed."""

    says_optional = False
    state = forms.ChoiceField(label=pgettext_lazy("a recipient of reports", "State"), required=False)
    kind = forms.ChoiceField(label=pgettext_lazy("a recipient of reports", "Kind"), required=False)
    to_prove = forms.BooleanField(
        label=pgettext_lazy("a recipient of reports", "Only those to confirm again"), required=False
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = {"state": _states(pgettext("states of recipients", "All")), "kind": _kinds(pgettext("kinds", "All"))}
        for name, listed in choices.items():
            self.fields[name].choices = listed  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    """Who a recipient is, and how they are reached."""

    choice = forms.IntegerField(
        label=pgettext_lazy("a recipient of reports", "Which choice is it?"),
        help_text=pgettext_lazy("a recipient of reports", "1 is asked first, 2 is the second choice."),
        min_value=1,
        max_value=9,
        initial=1,
    )
    body = forms.CharField(
        label=pgettext_lazy("a recipient of reports", "Agency"),
        max_length=library.SHORT,
        error_messages={"required": pgettext_lazy("a recipient of reports", "Enter the agency’s name.")},
    )
    unit = forms.CharField(
        label=pgettext_lazy("a recipient of reports", "Unit"), max_length=library.SHORT, required=False
    )
    officer = forms.CharField(
        label=pgettext_lazy("a recipient of reports", "Who there takes reports?"),
        max_length=library.SHORT,
        required=False,
        widget=forms.TextInput(_QUIET),
    )
    telephone = forms.CharField(
        label=pgettext_lazy("a recipient of reports", "Phone"),
        max_length=library.SHORT,
        required=False,
        widget=forms.TextInput({**_QUIET, "inputmode": "tel"}),
    )
    email = forms.EmailField(
        label=pgettext_lazy("a recipient of reports", "Email"),
        max_length=library.SHORT,
        required=False,
        widget=forms.EmailInput(_QUIET),
    )
    hours = forms.CharField(
        label=pgettext_lazy("a recipient of reports", "Hours"), max_length=library.LIMIT, required=False
    )
    wants = forms.CharField(
        label=pgettext_lazy("a recipient of reports", "What do they want in a report?"),
        help_text=pgettext_lazy("a recipient of reports", "Write nothing about anybody’s case here."),
        max_length=library.LIMIT,
        required=False,
        widget=forms.Textarea,
    )
    immigration = forms.ChoiceField(
        widget=forms.RadioSelect, choices=models.Protocol.Immigration.choices, initial=Immigration.UNKNOWN.value
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["immigration"].label = country_words.worded(protocols.installed().immigration)

    def recipient(self, kind: str, state: str, county: str) -> library.Recipient:
        """Return what was sent, for a place in the library."""
        sent = self.cleaned_data
        names = ("body", "unit", "telephone", "email", "hours", "wants")
        return library.Recipient(
            kind=kind,
            state=state,
            county=county,
            choice=sent["choice"],
            immigration=Immigration(sent["immigration"]),
            contact=library.Contact(person=sent["officer"].strip(), **{name: sent[name].strip() for name in names}),
        )


class RecipientForm(ContactForm):
    """A recipient as it is added."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("a recipient of reports", "What sort of recipient is it?"),
        error_messages={"required": pgettext_lazy("a recipient of reports", "Choose what sort of recipient it is.")},
    )
    state = forms.ChoiceField(
        label=pgettext_lazy("a recipient of reports", "State"),
        error_messages={"required": pgettext_lazy("a recipient of reports", "Choose the state.")},
    )
    county = forms.CharField(
        label=pgettext_lazy("a recipient of reports", "County"),
        help_text=pgettext_lazy("a recipient of reports", "Leave it empty if they serve the whole state."),
        max_length=60,
        required=False,
    )
    field_order = ("kind", "state", "county", "choice", "body")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choose = pgettext("a recipient of reports", "Choose")
        self.fields["kind"].choices = _kinds(choose)  # type: ignore[attr-defined]
        self.fields["state"].choices = _states(choose)  # type: ignore[attr-defined]


class FileForm(forms.Form):
    """A file for the library."""

    file = forms.FileField(
        label=pgettext_lazy("importing recipients", "CSV file"),
        help_text=pgettext_lazy("importing recipients", "Nothing is saved before you see what it changes."),
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
        error_messages={"required": pgettext_lazy("importing recipients", "Choose a file.")},
    )


class PlanForm(forms.Form):
    """A file that was looked at, to be imported as it was shown."""

    text = forms.CharField(widget=forms.HiddenInput, strip=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ReportForm(forms.Form):
    """A report about a case or a signal: a field for each part of the template."""

    recipient = forms.ChoiceField(
        label=pgettext_lazy("a report", "To whom?"),
        widget=forms.RadioSelect,
        error_messages={"required": pgettext_lazy("a report", "Choose who gets it.")},
    )
    in_danger = forms.BooleanField(
        label=pgettext_lazy("a report", "Somebody is in danger now: send this before a review"),
        help_text=pgettext_lazy("a report", "A coordinator reviews it within a day."),
        required=False,
    )
    danger_because = forms.CharField(
        label=pgettext_lazy("a report", "Who is in danger now, and of what?"),
        help_text=pgettext_lazy("a report", "Only if it can’t wait for a review."),
        max_length=reporting.SHORT,
        required=False,
    )

    def __init__(self, recipients: Sequence[tuple[str, rendering.Described]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["recipient"].choices = recipients  # type: ignore[attr-defined]
        for part in protocols.installed().parts:
            self.fields[f"{PART}{part.code}"] = forms.CharField(
                label=country_words.worded(part.words),
                max_length=reporting.LIMIT,
                required=False,
                widget=forms.Textarea,
            )
        parts = [name for name in self.fields if name.startswith(PART)]
        self.order_fields(["recipient", *parts, "in_danger", "danger_because"])

    def clean(self) -> None:
        """Have why it can't wait said exactly where somebody says that it can't."""
        because, is_urgent = self.cleaned_data.get("danger_because"), self.cleaned_data.get("in_danger")
        if is_urgent and not because and "danger_because" not in self.errors:
            self.add_error("danger_because", pgettext("a report", "Write who is in danger now, and of what."))
        if because and not is_urgent:
            words = pgettext("a report", "Check this if it can’t wait for a review. If it can, empty the field below.")
            self.add_error("in_danger", words)

    @property
    def parts(self) -> dict[str, str]:
        """Return what was written, by the codes of the parts."""
        return {name.removeprefix(PART): words for name, words in self.cleaned_data.items() if name.startswith(PART)}


class CommentForm(forms.Form):
    """What a reviewer says."""

    comment = forms.CharField(
        label=pgettext_lazy("a report", "What should change, or what did you note?"),
        max_length=reporting.SHORT,
        required=False,
    )


class SendForm(forms.Form):
    """To whom a report leaves, and how."""

    recipient = forms.ChoiceField(label=pgettext_lazy("a report", "Who got it?"), widget=forms.RadioSelect)
    how = forms.ChoiceField(
        label=pgettext_lazy("a report", "How was it sent?"),
        choices=models.Sending.How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": pgettext_lazy("a report", "Choose how it was sent.")},
    )

    def __init__(self, recipients: Sequence[tuple[str, rendering.Described]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["recipient"].choices = recipients  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    """That a report arrived."""

    confirmation = forms.CharField(
        label=pgettext_lazy("a report", "Their report number"),
        max_length=reporting.SHORT,
        required=False,
        widget=forms.TextInput({**_QUIET, "class": "mono"}),
    )
    confirmed_name = forms.CharField(
        label=pgettext_lazy("a report", "Or the name of whoever has it there"),
        max_length=reporting.SHORT,
        required=False,
    )


class OutcomeForm(forms.Form):
    """What came of a report."""

    result = forms.ChoiceField(
        label=pgettext_lazy("a report", "What do they say came of it?"),
        choices=models.Outcome.Result.choices,
        widget=forms.RadioSelect,
        error_messages={"required": pgettext_lazy("a report", "Choose what came of it.")},
    )
