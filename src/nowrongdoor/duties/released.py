"""The tables `notice` and `clock`, as the release before reads and writes them while an upgrade runs.

The promise: they say what `duty` says. Triggers of migration 0011 keep both alike, nothing of this release reads them,
and the next release takes them away (docs/adr/0010).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Case as When
from django.db.models import Q, Value
from django.db.models import When as Then

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.cases.models import Case


class Notice(models.Model):
    """Somebody who must be told of a case. `agency` is who has to act: the body itself, which acknowledges; or, when it
    is not on the system or the case's place is not known, the lead, which tells it `by_hand` and says how."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    desk = models.CharField(max_length=40)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    by_hand = models.BooleanField(default=False)
    role = models.CharField(max_length=20)
    rule = models.CharField(max_length=60)
    why = models.TextField()
    citation = models.TextField()
    evidence = models.CharField(max_length=60)
    basis = models.CharField(max_length=12)  # of the due time: statute or policy
    clock = models.CharField(max_length=20, blank=True, default="")
    sent_at = models.DateTimeField()
    due_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    how = models.BinaryField(default=bytes)
    withdrawn_at = models.DateTimeField(null=True)

    needs_open = models.GeneratedField(
        expression=When(Then(acknowledged_at__isnull=True, withdrawn_at__isnull=True, then=Value(True))),
        output_field=models.BooleanField(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "desk", "role"],
                condition=Q(withdrawn_at=None),
                name="one_notice_per_desk_and_role",
            ),
            models.CheckConstraint(
                name="a_notice_is_acknowledged_by_somebody",
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
            models.CheckConstraint(
                name="who_told_by_hand_says_how",
                condition=Q(by_hand=False) | Q(acknowledged_at=None) | ~Q(how=b""),
            ),
            models.CheckConstraint(
                name="a_notice_says_what_set_its_limit",
                condition=Q(basis__in=["statute", "policy"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency", "due_at", "id"],
                condition=Q(acknowledged_at=None, withdrawn_at=None),
                name="notice_of_agency",
            ),
        ]


class Clock(models.Model):
    """A deadline that a case started. `agency` is who owes it; if it `follows_lead`, that is whoever leads. It is None
    when a body outside the system owes it: then it is shown on the case, and nobody's worklist counts it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    clock = models.CharField(max_length=20)
    desk = models.CharField(max_length=200)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")
    follows_lead = models.BooleanField(default=False)
    duty = models.TextField()
    limit = models.CharField(max_length=60)
    citation = models.TextField()
    evidence = models.CharField(max_length=60)
    basis = models.CharField(max_length=12)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)
    met_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    how = models.BinaryField(default=bytes)
    withdrawn_at = models.DateTimeField(null=True)

    needs_open = models.GeneratedField(
        expression=When(Then(met_at__isnull=True, withdrawn_at__isnull=True, then=Value(True))),
        output_field=models.BooleanField(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "clock"],
                condition=Q(withdrawn_at=None),
                name="a_clock_runs_once_per_case",
            ),
            models.CheckConstraint(
                name="a_clock_is_met_by_somebody_somehow",
                condition=Q(met_at=None, met_by=None, how=b"")
                | (Q(met_at__isnull=False, met_by__isnull=False) & ~Q(how=b"")),
            ),
            models.CheckConstraint(
                name="a_clock_says_whether_law_or_policy",
                condition=Q(basis__in=["statute", "policy"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency", "due_at", "id"],
                condition=Q(met_at=None, withdrawn_at=None),
                name="clock_of_agency",
            ),
        ]
