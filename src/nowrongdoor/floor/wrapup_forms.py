"""The forms of what is done beside a contact and after it."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping

from django import forms

from nowrongdoor.core.language import gettext_lazy as _
from nowrongdoor.wrapup import flags, models, money, reviewing

DAYS = [(7, _("for a week")), (30, _("for 30 days")), (90, _("for 90 days"))]
_QUIET = {"rows": 3, "autocomplete": "off"}


class DoForm(forms.Form):
    """One of the things that are done on the page of a contact: `do` says which, `WHAT` in this form; `which`, of
    several things, it is about; `kind`: what was chosen before."""

    WHAT = ""
    do = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, object] | None = None, *, which: str = "", kind: str = "") -> None:
        given = {"do": self.WHAT, "which": which, "kind": kind}
        super().__init__(data, initial=given, auto_id=f"{self.WHAT}{which}-%s")


class WhichForm(DoForm):
    """Which of several on the page is meant."""

    which = forms.UUIDField(widget=forms.HiddenInput)


class TypeForm(DoForm):
    """What a contact was about."""

    WHAT = "type"
    kind = forms.ChoiceField(
        label=_("What was it about?"),
        help_text=_(
            "A hang-up after “help,” or a child’s voice, is a signal: write it down before you choose “Silent.” "
            "You can change this later; what was said before stays beside it."
        ),
        choices=models.ContactType.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the contact was about.")},
    )


class FlagForm(DoForm):
    """What whoever answers next has to know."""

    WHAT = "flag"
    flag = forms.ChoiceField(
        label=_("Kind of flag"),
        choices=models.CallerFlag.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a kind of flag.")},
    )
    knows = forms.CharField(
        label=_("What helps whoever answers next?"),
        help_text=_("Say how to talk with them. Leave out names, places, and what happened to them."),
        max_length=flags.LONGEST,
        widget=forms.Textarea(_QUIET),
        error_messages={"required": _("Say what helps whoever answers.")},
    )
    days = forms.TypedChoiceField(
        label=_("How long?"),
        choices=[("", _("Choose")), *DAYS],
        coerce=int,
        error_messages={"required": _("Choose how long.")},
    )

    def until(self, at: datetime.datetime) -> datetime.datetime:
        """Return when it expires."""
        return at + datetime.timedelta(days=self.cleaned_data["days"])


class TakeOffForm(WhichForm):
    """Which flag comes off."""

    WHAT = "take-off"


class MoneyForm(DoForm):
    """What somebody in contact needs tonight."""

    WHAT = "ask"
    need = forms.ChoiceField(
        label=_("What is the money for?"),
        choices=models.Money.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the money is for.")},
    )
    amount = forms.DecimalField(
        label=_("Up to how much?"),
        help_text=_("In dollars, taxes and fees included."),
        min_value=decimal.Decimal(1),
        max_value=decimal.Decimal(models.MOST_MONEY),
        decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"required": _("Enter an amount."), "invalid": _("Enter an amount, like 120 or 84.50.")},
    )
    what_for = forms.CharField(
        label=_("What does whoever decides need to know?"),
        help_text=_("How many people, how many nights. Leave out names, and where a ride begins or ends."),
        max_length=money.LONGEST,
        widget=forms.Textarea(_QUIET),
        error_messages={"required": _("Say what it is for.")},
    )


class DecideForm(WhichForm):
    """Whether money is approved."""

    WHAT = "decide"
    answer = forms.ChoiceField(choices=[("approve", ""), ("decline", "")], widget=forms.HiddenInput)


class SpentForm(WhichForm):
    """What it cost in the end."""

    WHAT = "spend"
    spent = forms.DecimalField(
        label=_("What did it cost?"),
        help_text=_("0 if it wasn’t used."),
        min_value=decimal.Decimal(0),
        decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"required": _("Enter an amount."), "invalid": _("Enter an amount, like 120 or 84.50.")},
    )


class ReviewForm(DoForm):
    """What a supervisor found."""

    WHAT = "review"
    comment = forms.CharField(
        label=_("What do you want to tell whoever had it?"),
        help_text=_("What went well, and what would have helped. They read this with your name."),
        max_length=reviewing.LONGEST,
        widget=forms.Textarea(_QUIET),
        required=False,
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, which: str = "", kind: str = "") -> None:
        super().__init__(data, which=which, kind=kind)
        for code, question in reviewing.QUESTIONS.items():
            self.fields[code] = forms.ChoiceField(
                label=question,
                choices=list(reviewing.ANSWERS.items()),
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose an answer, if only that it didn’t come up.")},
            )
        self.order_fields([*reviewing.QUESTIONS, "comment"])

    @property
    def answers(self) -> Mapping[str, str]:
        """Return the answers by question."""
        return {code: self.cleaned_data[code] for code in reviewing.QUESTIONS}


class DrawForm(forms.Form):
    """How many contacts to draw."""

    count = forms.IntegerField(
        label=_("How many contacts?"),
        help_text=_("Of the last two weeks, by lot."),
        min_value=1,
        max_value=reviewing.MOST,
        initial=5,
        error_messages={"required": _("Enter how many.")},
    )


class NarrowForm(forms.Form):
    """Which contacts that are over are listed."""

    says_optional = False
    kind = forms.ChoiceField(
        label=_("What it was about"),
        choices=[("", _("All")), ("none", _("Not said yet")), *models.ContactType.Kind.choices],
        required=False,
    )
    mine = forms.BooleanField(label=_("Only contacts that I had"), required=False)
