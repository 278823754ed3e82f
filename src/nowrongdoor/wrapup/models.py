"""What is noted beside a contact with the line and after it.

The promise: what a contact was about is kept with each change of it; a flag expires and keeps nobody out; nobody
reviews their own contact, or approves money that they asked for themselves.
"""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.line.models import Contact

LONGEST_FLAG = datetime.timedelta(days=90)
MOST_MONEY = 5_000  # in the country's currency, for one need


class ContactType(models.Model):
    """What a contact was about. Rows are only added, `number` one after another: the last one counts."""

    class Kind(models.TextChoices):
        CRISIS = "crisis", gettext_lazy("Needs help right now")
        HELP = "help", gettext_lazy("Asks for help or services")
        TIP = "tip", gettext_lazy("Tells of possible trafficking")
        OTHER_NEED = "other_need", gettext_lazy("Needs help with something else")
        INFORMATION = "information", gettext_lazy("Asks for information")
        TRAINING = "training", gettext_lazy("Asks for training or advice for their work")
        NO_WORDS = "no_words", gettext_lazy("Silent, hung up, or wrong number")
        UNRELATED = "unrelated", gettext_lazy("Not about what this line is for")
        MISUSE = "misuse", gettext_lazy("Misuse of the line")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="types", db_index=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        db_table = "nowrongdoor_contact_type"
        constraints = [
            models.UniqueConstraint(fields=["contact", "number"], name="a_contact_has_one_type_at_a_time"),
            models.CheckConstraint(
                name="a_type_of_contact_is_known",
                condition=Q(
                    kind__in=[
                        *("crisis", "help", "tip", "other_need", "information", "training", "no_words", "unrelated"),
                        "misuse",
                    ]
                ),
            ),
        ]


class CallerFlag(models.Model):
    """What whoever answers has to know of somebody who calls or writes again. `caller`: a token of the agency's own
    index; `words` are sealed, and erased once the flag has expired or was taken off. It keeps nobody out."""

    class Kind(models.TextChoices):
        FAMILIAR = "familiar", gettext_lazy("Somebody at this number or address has been in contact before")
        ABUSIVE = "abusive", gettext_lazy("Somebody at this number or address was abusive")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    caller = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    words = models.BinaryField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        db_table = "nowrongdoor_caller_flag"
        constraints = [
            models.CheckConstraint(name="a_flag_is_of_a_known_kind", condition=Q(kind__in=["familiar", "abusive"])),
            models.CheckConstraint(
                name="a_flag_expires_within_ninety_days",
                condition=Q(until__gt=F("at"), until__lte=F("at") + LONGEST_FLAG),
            ),
            models.CheckConstraint(
                name="a_flag_is_taken_off_by_somebody",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["agency", "caller", "until"], name="flag_of_caller")]


class Review(models.Model):
    """That a contact was drawn by lot to be looked at, and what a supervisor who had no part in it found. `answers`: to
    each question of the form yes, no, or that it did not come up; `words`: to whoever had the contact, sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.OneToOneField(Contact, models.PROTECT, related_name="review")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    drawn_at = models.DateTimeField()
    answers = models.JSONField(default=dict)
    words = models.BinaryField(default=bytes)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(null=True)

    class Meta:
        db_table = "nowrongdoor_contact_review"
        constraints = [
            models.CheckConstraint(
                name="a_review_is_written_by_somebody",
                condition=Q(by=None, at=None, answers={}, words=b"")
                | (Q(by__isnull=False, at__isnull=False) & ~Q(answers={})),
            ),
        ]
        indexes = [models.Index(fields=["agency", "drawn_at", "id"], name="review_of_agency")]


class Money(models.Model):
    """Money for a night or a ride that somebody in contact needs now. `words`: what for, sealed; `spent`: what it cost
    in the end, never more than was approved."""

    class Kind(models.TextChoices):
        HOTEL = "hotel", gettext_lazy("Hotel")
        RIDE = "ride", gettext_lazy("Ride")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="money", db_index=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    words = models.BinaryField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    is_approved = models.BooleanField(null=True)
    spent = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    spent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    spent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "nowrongdoor_emergency_money"
        constraints = [
            models.CheckConstraint(name="money_is_for_a_known_need", condition=Q(kind__in=["hotel", "ride"])),
            models.CheckConstraint(
                name="money_is_asked_for_within_bounds", condition=Q(amount__gt=0, amount__lte=MOST_MONEY)
            ),
            models.CheckConstraint(
                name="nobody_approves_their_own_money",
                condition=Q(decided_by=None, decided_at=None, is_approved=None)
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False, is_approved__isnull=False)
                    & ~Q(decided_by=F("by"))
                ),
            ),
            models.CheckConstraint(
                name="money_is_spent_as_it_was_approved",
                condition=Q(spent=None, spent_by=None, spent_at=None)
                | Q(
                    is_approved__isnull=False,  # else what nobody decided on would be neither true nor false
                    is_approved=True,
                    spent__isnull=False,
                    spent__gte=0,
                    spent__lte=F("amount"),
                    spent_by__isnull=False,
                    spent_at__isnull=False,
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["contact", "at"], name="money_of_contact"),
            models.Index(fields=["agency", "at"], condition=Q(decided_at=None), name="money_to_decide"),
        ]
