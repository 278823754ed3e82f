"""Holding records, and disposing of them: by destroying their keys.

The promise: what is on hold is not disposed of, and nobody disposes of anything alone. The database says both: a key is
deleted only under a disposal that a second person approved, and never while a hold is on (promises.sql); a hold covers
all cases that were merged with the one it names (migration 0029). The row that asked for it stays as the tombstone:
which case, when, by whom, under which schedule, and not a word of what was in it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.cases.models import Case
from nowrongdoor.core.language import gettext_lazy


class Hold(models.Model):
    """Nothing of this case may be disposed of, whatever the schedule says: a charge, a subpoena, an audit."""

    class Kind(models.TextChoices):
        """What makes it necessary."""

        CHARGE = "charge", gettext_lazy("Somebody was charged")
        LITIGATION = "litigation", gettext_lazy("Litigation is pending or expected")
        SUBPOENA = "subpoena", gettext_lazy("A subpoena, a warrant, or another court order")
        OTHER = "other", gettext_lazy("Another reason, such as an inquiry or an audit")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="holds")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.OTHER, db_default=Kind.OTHER.value)
    because = models.BinaryField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_hold_is_of_a_known_kind",
                condition=Q(kind__in=["charge", "litigation", "subpoena", "other"]),
            ),
            models.CheckConstraint(
                name="a_hold_is_lifted_by_somebody",
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
        ]


class Disposal(models.Model):
    """That the words of a case are to be destroyed, were, or (`stopped_at`) after all were not."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="disposals")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    schedule = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    stopped_at = models.DateTimeField(null=True)
    destroyed = models.PositiveIntegerField(default=0)  # keys

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="nobody_disposes_alone",
                condition=Q(approved_at=None, approved_by=None)
                | (Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(approved_by=F("asked_by"))),
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(stopped_at=None), name="one_disposal_of_a_case"),
        ]
