"""Mandate tables and what they decided.

The promise (3 of the design): a table that was not proved cannot be in force. The proof carries the digest of the
table that it proved and of the facts on which it did, and checks compare them: with what the row says (migration 0007),
and with what it keeps (migration 0009).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import User, new_id
from nowrongdoor.cases.models import Case


class Country(models.Model):
    """The country that this installation is for, one and for good, by its code of ISO 3166-1."""

    code = models.CharField(max_length=2, primary_key=True)
    alone = models.BooleanField(default=True)
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="the_country_is_the_only_one", condition=Q(alone=True)),
            models.UniqueConstraint(fields=["alone"], name="an_installation_has_one_country"),
        ]


class MandateTable(models.Model):
    """One version of the table: its files as they were read, the facts that it asks about, and the proof of exactly
    these. `facts`: what can be answered (`asked`), and the files that say it (`files`). `backstops`: the desks at the
    end of its chains, written when it is put in force; a trigger has their agencies stand by (migration 0015)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    version = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    files = models.JSONField()
    facts = models.JSONField()
    facts_digest = models.CharField(max_length=64, blank=True, default="", db_default="")  # empty: never proved
    backstops = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    added_at = models.DateTimeField()
    proved_digest = models.CharField(max_length=64, blank=True, default="")
    proved_at = models.DateTimeField(null=True)
    proof = models.JSONField(null=True)
    in_force = models.BooleanField(default=False)
    in_force_since = models.DateTimeField(null=True)
    in_force_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "nowrongdoor_mandate_table"
        constraints = [
            models.CheckConstraint(
                name="only_a_proved_table_is_in_force",
                condition=Q(in_force=False) | Q(proved_digest=F("digest"), in_force_since__isnull=False),
            ),
            models.UniqueConstraint(fields=["in_force"], condition=Q(in_force=True), name="one_table_in_force"),
        ]


class Ruling(models.Model):
    """What a table says about a set of facts on a day, stored once under the digest of what it says."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    table = models.ForeignKey(MandateTable, models.PROTECT, related_name="+")
    body = models.JSONField()


class Decision(models.Model):
    """The ruling on a version of a case's facts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="decisions")
    ruling = models.ForeignKey(Ruling, models.PROTECT, related_name="+")
    facts_version = models.PositiveIntegerField()
    at = models.DateTimeField()
