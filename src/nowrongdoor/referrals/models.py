"""Asking a service whether it takes somebody, what it answered, and whether it worked.

The promise: a referral says what is needed and names nobody, so that a provider keeps no client here; what a person
released to a service is read from the record of the agency that keeps it, and nowhere else; one service is asked at a
time; a bed is asked for by one referral at a time; and only whoever works there says yes.
"""

from __future__ import annotations

import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.cases.models import Case
from nowrongdoor.core import reference
from nowrongdoor.core.language import gettext_lazy, pgettext_lazy
from nowrongdoor.services.models import FreeRoom

LONGEST_ASK = datetime.timedelta(hours=2)
LAST_FOLLOW_UP = datetime.timedelta(days=366)
MOST_NEXT = 5  # services that are asked after the one that is asked now


class Outcome(models.TextChoices):
    """What became of a referral, as whoever made it learned."""

    HELPED = "helped", gettext_lazy("They got what they needed")
    PARTLY = "partly", gettext_lazy("They got a part of it")
    NOT_HELPED = "not_helped", gettext_lazy("They didn’t get it")
    DECLINED = "declined", gettext_lazy("They chose something else")
    UNKNOWN = "unknown", gettext_lazy("Nobody knows")


class State(models.TextChoices):
    """Where an ask stands."""

    ASKED = "asked", pgettext_lazy("an ask of a service", "Asked")
    ACCEPTED = "accepted", pgettext_lazy("an ask of a service", "Takes them")
    DECLINED = "declined", pgettext_lazy("an ask of a service", "Can’t take them")
    WAITLISTED = "waitlisted", pgettext_lazy("an ask of a service", "On the waiting list")
    WITHDRAWN = "withdrawn", pgettext_lazy("an ask of a service", "Withdrawn")
    LAPSED = "lapsed", pgettext_lazy("an ask of a service", "No answer in time")


class Reason(models.TextChoices):
    """Why a service can't take somebody. There is no box for words: none could name a person."""

    FULL = "full", gettext_lazy("No room")
    NOT_FOR_THEM = "not_for_them", gettext_lazy("Not the right service for them")
    AREA = "area", gettext_lazy("Outside the area served")
    LANGUAGE = "language", gettext_lazy("No one available in their language")
    UNSAFE = "unsafe", gettext_lazy("This place wouldn’t be safe for them")
    NOT_REACHED = "not_reached", gettext_lazy("No contact by phone")


class Came(models.TextChoices):
    """What a provider says of a referral it took."""

    CAME = "came", gettext_lazy("They came")
    DID_NOT_COME = "did_not_come", gettext_lazy("They didn’t come")


# The ask for which a referral waits, or the service that takes them.
BUSY = Q(state__in=["asked", "accepted"]) & ~Q(came="did_not_come")


class Referral(models.Model):
    """What somebody needs: one need, under a number that says nothing of them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_referral_is_for_a_need_by_name", condition=Q(kind__regex=r"^[a-z][a-z_]{0,39}$")
            ),
            models.CheckConstraint(
                name="a_referral_is_closed_with_what_became_of_it",
                condition=Q(closed_at=None, closed_by=None, outcome="")
                | Q(
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                    outcome__in=["helped", "partly", "not_helped", "declined", "unknown"],
                ),
            ),
        ]
        indexes = [models.Index(fields=["agency", "closed_at", "-at", "-id"], name="referral_of_agency")]

    @property
    def reference(self) -> str:
        """Spell the number by which both sides name it."""
        return reference.of(self.id)


class Plan(models.Model):
    """What the agency that refers keeps of a referral for itself, and no service reads: for whom of which case it is;
    the services to ask next, in order (`asked_next`); the referral that it goes with, as a ride goes with a bed
    (`along`); from when on the person wants to be asked how it went, only if they said so (`follow_up_at`). `by`: who
    changed it last."""

    referral = models.OneToOneField(Referral, models.PROTECT, primary_key=True, related_name="plan")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("Person", models.PROTECT, null=True, related_name="+")
    asked_next = ArrayField(models.UUIDField(), default=list, blank=True)
    along = models.ForeignKey(Referral, models.PROTECT, null=True, related_name="with_it")
    follow_up_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "nowrongdoor_referral_plan"
        constraints = [
            models.CheckConstraint(
                name="up_to_five_services_are_asked_next", condition=Q(asked_next__len__lte=MOST_NEXT)
            ),
            models.CheckConstraint(
                name="somebody_who_is_referred_is_of_a_case", condition=Q(person=None) | Q(case__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["follow_up_at"], condition=~Q(follow_up_at=None), name="plan_to_follow_up")]


class Ask(models.Model):
    """A referral, asked of one service until an instant; `kind`: its need; `closed_at`: its end. `provider`: the agency
    that signs in for the service; without one somebody calls it, and writes down what it said. `room` and `slot`: which
    bed is asked for, of so many as there were."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="asks")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    service = models.UUIDField()
    name = models.TextField()
    provider = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+", db_index=False)
    room = models.ForeignKey(FreeRoom, models.PROTECT, null=True, related_name="+", db_index=False)
    slot = models.PositiveSmallIntegerField(null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.ASKED)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=20, choices=Reason.choices, default="", blank=True)
    came = models.CharField(max_length=20, choices=Came.choices, default="", blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "nowrongdoor_referral_ask"
        constraints = [
            models.CheckConstraint(
                name="an_ask_is_answered_by_somebody",
                condition=Q(state="asked", answered_at=None, answered_by=None)
                | Q(state="lapsed", answered_at__isnull=False, answered_by=None)
                | Q(
                    state__in=["accepted", "declined", "waitlisted", "withdrawn"],
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="whoever_declines_says_why",
                condition=(Q(reason="") & ~Q(state="declined"))
                | Q(
                    state="declined",
                    reason__in=["full", "not_for_them", "area", "language", "unsafe", "not_reached"],
                ),
            ),
            models.CheckConstraint(
                name="an_ask_ends_within_two_hours",
                condition=Q(until__gt=F("at"), until__lte=F("at") + LONGEST_ASK),
            ),
            models.CheckConstraint(
                name="a_bed_is_asked_for_of_who_signs_in",
                condition=Q(room=None, slot=None)
                | Q(
                    room__isnull=False,
                    slot__gte=1,
                    slot__isnull=False,
                    provider__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="whoever_was_taken_came_or_did_not",
                condition=Q(came="") | Q(state="accepted", came__in=["came", "did_not_come"]),
            ),
            models.UniqueConstraint(
                fields=["referral"],
                condition=BUSY,
                name="one_service_is_asked_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["room", "slot"],
                condition=Q(state__in=["asked", "accepted"]),
                name="a_bed_is_asked_for_once",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "state", "until", "id"], name="ask_of_provider"),
            models.Index(fields=["until"], condition=Q(state="asked"), name="ask_that_waits"),
            models.Index(fields=["answered_at"], name="ask_by_answer"),
            models.Index(fields=["service", "state"], name="ask_of_service"),
        ]

    @property
    def may_be_taken_back(self) -> bool:
        """Return whether whoever said yes may still say that it can't be, after all."""
        return self.state == State.ACCEPTED and not self.came and self.closed_at is None

    @property
    def reference(self) -> str:
        """Spell the number of the referral, by which both sides name it."""
        return reference.of(self.referral_id)
