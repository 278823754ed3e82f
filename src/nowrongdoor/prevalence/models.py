"""Estimates that were asked for, with everything they rest on.

The promise (8 of the design): a figure that was given can be found again and worked out again, bit for bit. So a run
keeps its table, its settings and the program's version; what came of it is written once, and a trigger refuses any
second answer (promises of 0004).
"""

from __future__ import annotations

from django.contrib.postgres import fields
from django.db import models
from django.db.models import Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.core.prevalence import estimating

# A JSON column that is empty is asked for by `isnull`: "= None" would ask for the null of JSON.
_NOTHING_FOUND = Q(refused=None, figures__isnull=True, report__isnull=True, pictures__isnull=True)


class Run(models.Model):
    """One estimate from one table of counts. `table`: as CSV, a row for each history; `digest` names its content.
    `report` and `pictures`: the document and its SVG as they were told then; `figures`: every figure by name.
    `estimate`, `low`, `high` are null where they are infinite."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    lists = fields.ArrayField(models.CharField(max_length=100))
    people = models.BigIntegerField()
    table = models.TextField()
    digest = models.CharField(max_length=64)
    method = models.CharField(max_length=20, choices=[(each.value, each.value) for each in estimating.Method])
    order = models.PositiveSmallIntegerField()
    threshold = models.FloatField()
    replicates = models.PositiveIntegerField()
    seed = models.BigIntegerField()
    overrides = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    version = models.CharField(max_length=40, default="")
    ended_at = models.DateTimeField(null=True)
    failed = models.TextField(default="")
    cpu_seconds = models.FloatField(null=True)
    estimate = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    refused = models.BooleanField(null=True)
    headline = models.TextField(default="")
    figures = models.JSONField(null=True)
    report = models.JSONField(null=True)
    pictures = models.JSONField(null=True)

    class Meta:
        db_table = "nowrongdoor_prevalence_run"
        indexes = [models.Index(fields=["agency", "-at", "-id"], name="prevalence_runs_of_an_agency")]
        constraints = [
            models.CheckConstraint(
                name="a_prevalence_run_ends_in_one_way",
                condition=(_NOTHING_FOUND & Q(ended_at=None, failed=""))
                | (_NOTHING_FOUND & Q(ended_at__isnull=False) & ~Q(failed=""))
                | (
                    Q(ended_at__isnull=False, refused__isnull=False, failed="")
                    & Q(figures__isnull=False, report__isnull=False, pictures__isnull=False)
                    & ~Q(version="")
                    & ~Q(headline="")
                ),
            ),
            models.CheckConstraint(
                name="a_prevalence_table_has_a_digest", condition=Q(digest__regex=r"^[0-9a-f]{64}$")
            ),
            models.CheckConstraint(
                name="a_prevalence_run_has_two_lists_and_people", condition=Q(lists__len__gte=2, people__gte=1)
            ),
        ]
