"""What the instruments said about a case.

A finding is stored once, under the digest of what it says, because the same answers give the same finding; a case
points at it. So 91,043 imported cases share a few hundred findings, and a finding never changes under a case.
"""

from __future__ import annotations

from django.db import models

from nowrongdoor.agencies.models import new_id
from nowrongdoor.cases.models import Case


class Finding(models.Model):
    """What the instruments conclude from one set of answers and facts: a list of results, each with its version."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    body = models.JSONField()


class Assessment(models.Model):
    """The finding on a version of a case's facts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="assessments")
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="+")
    facts_version = models.PositiveIntegerField()
    at = models.DateTimeField()
