"""The forms of referrals: what is asked, answered, and noted afterwards. None has a box for words, so that nobody is
named by mistake."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy

from nowrongdoor.referrals import models
from nowrongdoor.services.forms import OneForm
from nowrongdoor.services.models import MOST_ROOM

Sent = Mapping[str, object] | None


class AcceptForm(OneForm):
    """A service takes them."""

    DO = "accept"


class WaitForm(OneForm):
    """A service puts them on its waiting list."""

    DO = "wait"


class WithdrawForm(OneForm):
    """What a service was asked is taken back."""

    DO = "withdraw"


class DeclineForm(OneForm):
    """A service can't take them."""

    DO = "decline"
    reason = forms.ChoiceField(
        label=gettext_lazy("Why not?"),
        choices=models.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose why not.")},
    )


class CameForm(OneForm):
    """Whether somebody came whom a service took."""

    DO = "came"
    came = forms.ChoiceField(
        label=gettext_lazy("Did they come?"),
        choices=models.Came.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose an answer.")},
    )


class CloseForm(OneForm):
    """What became of a referral."""

    DO = "close"
    outcome = forms.ChoiceField(
        label=gettext_lazy("How did it end?"),
        choices=models.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how it ended.")},
    )


class OffForm(OneForm):
    """A service that was next in line isn't any more."""

    DO = "off"
    service = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, which: uuid.UUID, data: Sent = None, *, service: uuid.UUID | None = None) -> None:
        super().__init__(which, data)
        self.auto_id = f"{self.DO}-{service}-%s"
        self.initial["service"] = service


class NextForm(OffForm):
    """The service that is next in line is asked."""

    DO = "next"
    holds = forms.BooleanField(label=gettext_lazy("Ask for a bed to be held while you call"), required=False)


class CaseForm(OneForm):
    """For which case a referral is, and for which person of it."""

    DO = "case"
    reference = forms.CharField(
        label=gettext_lazy("Case reference"),
        max_length=40,
        error_messages={"required": gettext_lazy("Enter the case’s reference.")},
    )
    number = forms.IntegerField(
        label=gettext_lazy("Person’s number in the case, if they want a service to read something"),
        min_value=1,
        max_value=999,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class FollowUpForm(OneForm):
    """When somebody wants to be asked how it went."""

    DO = "follow_up"
    day = forms.DateField(
        label=gettext_lazy("On or after which day?"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": gettext_lazy("Choose a day after today, within a year."),
            "invalid": gettext_lazy("Choose a day after today, within a year."),
        },
    )


class DoneForm(OneForm):
    """Somebody was asked how it went, or wants that no more."""

    DO = "followed_up"


class RoomForm(OneForm):
    """How many more a service can take."""

    DO = "room"
    free = forms.IntegerField(
        label=gettext_lazy(
            "How many more can you take? Leave out those you’ve said yes to. A bed on hold counts as free."
        ),
        min_value=0,
        max_value=MOST_ROOM,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": gettext_lazy("Write a number from 0 to 999."),
            "invalid": gettext_lazy("Write a number from 0 to 999."),
            "min_value": gettext_lazy("Write a number from 0 to 999."),
            "max_value": gettext_lazy("Write a number from 0 to 999."),
        },
    )

    def __init__(self, which: uuid.UUID, data: Sent = None, free: int | None = None) -> None:
        super().__init__(which, data)
        self.initial["free"] = free


class SameForm(RoomForm):
    """That as much is free as was said last: one tap."""

    DO = "same"

    def __init__(self, which: uuid.UUID, free: int) -> None:
        super().__init__(which, free=free)
        self.fields["free"].widget = forms.HiddenInput()
