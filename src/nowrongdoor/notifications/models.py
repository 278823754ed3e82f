"""What each person is told, and how they want to be told it.

The promise: an open offer was told to somebody who may answer it; the same is told to a person once; seen is said by
that person alone. All of it is declared in the constraints below and in migration 0021, whose triggers write most rows.
"""

from __future__ import annotations

from django.core import validators
from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.cases.models import Case
from nowrongdoor.core.notices import How
from nowrongdoor.notifications.kinds import Kind
from nowrongdoor.outbox.models import Message

DIGEST_AT = 8  # o'clock, where a person chose nothing else (policy)
_WITHOUT_CASE = [
    kind.value
    for kind in (
        *(Kind.DEADLINE_NEAR, Kind.NOBODY_ON_CALL, Kind.MAIL_GIVEN_UP, Kind.SENDER_WROTE, Kind.SENDER_WAITS),
        *(Kind.LIST_OVERDUE, Kind.CALL_BACK_NEAR, Kind.NOBODY_ON_SHIFT, Kind.RECORDING_MISSING),
        *(Kind.REVIEW_OVERDUE, Kind.REPORT_UNCONFIRMED, Kind.PROOF_OVERDUE, Kind.MONEY_WAITS),
        *(Kind.REFERRAL_WAITS, Kind.REFERRAL_ANSWERED, Kind.REFERRAL_WITHDRAWN, Kind.REFERRAL_FOLLOW_UP),
    )
]
_HOWS = [how.value for how in How]


class Notification(models.Model):
    """That one person is told of one thing, by `kind`: an offer, a case, a duty, a rota, a message, a contact with the
    line, a call back, a voicemail, a report, what a service was asked, or (as the agency) its library. `about_at`: the
    instant that it is about, so that the same thing can be told of again when its time moves. `at`: from when on the
    person is told. `planned_at`: when the worker looked how it is to leave; `message`: with what it leaves, if it does.
    `over_at`: it is no longer so; before `at`, it was taken back and is never told."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+", db_constraint=False)
    thing_id = models.UUIDField()
    about_at = models.DateTimeField()
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(null=True)
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_notification_has_a_known_kind", condition=Q(kind__in=[k.value for k in Kind])
            ),
            models.CheckConstraint(
                name="a_notification_of_a_case_names_it",
                condition=Q(case__isnull=False) | Q(kind__in=_WITHOUT_CASE),
            ),
            models.UniqueConstraint(
                fields=["thing_id", "person", "kind", "about_at"], name="the_same_is_told_a_person_once"
            ),
            models.CheckConstraint(
                name="what_leaves_was_planned", condition=Q(message=None) | Q(planned_at__isnull=False)
            ),
            models.CheckConstraint(
                name="nothing_is_planned_before_it_is_told",
                condition=Q(planned_at=None) | Q(planned_at__gte=F("at")),
            ),
        ]
        indexes = [
            models.Index(fields=["person", "at", "id"], name="notification_of_person"),
            models.Index(
                fields=["person", "case"], condition=Q(seen_at=None, over_at=None), name="notification_unseen"
            ),
            models.Index(fields=["id"], condition=Q(planned_at=None), name="notification_unplanned"),
        ]


class Preference(models.Model):
    """How one person wants to be told. Without a row: in the page alone. `quiet_from` to `quiet_to`: o'clock in the
    person's own time zone, in which no email comes but for what an on-call person must hear."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    email = models.CharField(max_length=254, blank=True, default="", validators=[validators.validate_email])
    email_checked_at = models.DateTimeField(null=True)
    offers = models.CharField(max_length=10, default=How.AT_ONCE.value)
    answers = models.CharField(max_length=10, default=How.DIGEST.value)
    closings = models.CharField(max_length=10, default=How.DIGEST.value)
    reminders = models.CharField(max_length=10, default=How.AT_ONCE.value)
    digest_at = models.PositiveSmallIntegerField(default=DIGEST_AT)
    quiet_from = models.PositiveSmallIntegerField(null=True)
    quiet_to = models.PositiveSmallIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], name="a_person_says_once_how_they_are_told"),
            models.CheckConstraint(
                name="a_person_is_told_in_a_known_way",
                condition=Q(offers__in=_HOWS, answers__in=_HOWS, closings__in=_HOWS, reminders__in=_HOWS),
            ),
            models.CheckConstraint(name="a_digest_comes_at_an_hour", condition=Q(digest_at__lt=24)),
            models.CheckConstraint(
                name="quiet_hours_begin_and_end",
                condition=Q(quiet_from=None, quiet_to=None)
                | (
                    Q(quiet_from__isnull=False, quiet_to__isnull=False, quiet_from__lt=24, quiet_to__lt=24)
                    & ~Q(quiet_from=F("quiet_to"))
                ),
            ),
            models.CheckConstraint(
                name="an_address_is_one_mailbox", condition=Q(email="") | Q(email__regex=r"^[^\s@,;<>]+@[^\s@,;<>]+$")
            ),
            models.CheckConstraint(
                name="only_an_address_is_checked", condition=Q(email_checked_at=None) | ~Q(email="")
            ),
        ]
