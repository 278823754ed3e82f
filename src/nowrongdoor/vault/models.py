"""The keys of cases and signals, each wrapped by a root key, which the key provider wraps.

A key's row is all that stands between a sealed text and its erasure: delete it, and whatever it sealed is gone, in the
backups too, because they keep keys apart.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class RootKey(models.Model):
    """A key that wraps others (`wrap`), or from which each agency's search tokens come (`index`)."""

    class Use(models.TextChoices):
        WRAP = "wrap", "wraps the keys of cases and signals"
        INDEX = "index", "makes search tokens"

    id = models.UUIDField(primary_key=True)
    use = models.CharField(max_length=10, choices=Use.choices)
    provider = models.CharField(max_length=20)
    provider_key = models.CharField(max_length=100)
    wrapped = models.BinaryField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["use"], condition=Q(retired_at=None), name="one_root_key_per_use"),
        ]


class DataKey(models.Model):
    """The key of one case or one signal, under its id."""

    class Of(models.TextChoices):
        CASE = "case", "a case"
        SIGNAL = "signal", "a signal"

    subject_id = models.UUIDField(primary_key=True)
    of = models.CharField(max_length=10, choices=Of.choices)
    root = models.ForeignKey(RootKey, models.PROTECT, related_name="keys")
    wrapped = models.BinaryField()
