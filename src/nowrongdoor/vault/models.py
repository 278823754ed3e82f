"""The keys of cases, signals, drafts, demands, contacts with the line and protocols, each wrapped by a root key, which
the key provider wraps.

A key's row is all that stands between a sealed text and its erasure: delete it, and whatever it sealed is gone, in the
backups too, because they keep keys apart.
"""

from __future__ import annotations

import dataclasses
import uuid

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from nowrongdoor.core.language import gettext_lazy


class RootKey(models.Model):
    """A key that wraps others (`wrap`), or from which each agency's search tokens come (`index`)."""

    class Use(models.TextChoices):
        WRAP = "wrap", gettext_lazy("wraps the keys of cases and signals")
        INDEX = "index", gettext_lazy("makes search tokens")

    id = models.UUIDField(primary_key=True)
    use = models.CharField(max_length=10, choices=Use.choices)
    provider = models.CharField(max_length=20)
    provider_key = models.CharField(max_length=100)
    wrapped = models.BinaryField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    # SHA-256 over a label and the secret; null in rows of 0.2.0 and before. An index key that is renewed is a new row
    # with the same secret, so it carries the same commitment (an_index_key_keeps_its_secret).
    commitment = models.BinaryField(max_length=32, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["use"], condition=Q(retired_at=None), name="one_root_key_per_use"),
        ]


class DataKey(models.Model):
    """The key of one case, signal, draft, demand, contact with the line or protocol, under its id, as it was first
    wrapped: this row is never changed. What ends it is its kind's: of a case and its signals, a disposal; of a draft,
    the end of the draft itself; of a demand or a protocol, nothing; of a contact, what ends its signal, or a clock
    where it became none."""

    class Of(models.TextChoices):
        CASE = "case", "a case"
        SIGNAL = "signal", "a signal"
        DRAFT = "draft", "a draft"
        DEMAND = "demand", "a demand"
        CONTACT = "contact", "a contact with the line"
        PROTOCOL = "protocol", "a protocol"

    subject_id = models.UUIDField(primary_key=True)
    of = models.CharField(max_length=10, choices=Of.choices)
    root = models.ForeignKey(RootKey, models.PROTECT, related_name="keys")
    wrapped = models.BinaryField()
    # SHA-256 over the subject and the secret; null in rows of 0.2.0 and before. Whoever unwraps a version can tell by
    # it whether the secret is the same; the database, which cannot unwrap, sees only that all versions claim the same.
    commitment = models.BinaryField(max_length=32, null=True)


class KeyVersion(models.Model):
    """The same key wrapped anew, under another root key. Versions are only added, numbered from 2 (the key's own row is
    the first); they go with their key when it is destroyed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The foreign key is a_version_is_of_a_key (guards.sql), so that the database removes versions with their key.
    subject = models.ForeignKey(
        DataKey, models.DO_NOTHING, related_name="versions", db_constraint=False, db_index=False
    )
    version = models.PositiveIntegerField()
    root = models.ForeignKey(RootKey, models.PROTECT, related_name="versions")
    wrapped = models.BinaryField()
    commitment = models.BinaryField(max_length=32)

    class Meta:
        db_table = "nowrongdoor_datakey_version"
        constraints = [
            models.UniqueConstraint(fields=["subject", "version"], name="a_version_of_a_key_comes_once"),
        ]


@dataclasses.dataclass(frozen=True, slots=True)
class Now:
    """A key as it is wrapped now, as expressions of a query about its subject; null when it was destroyed."""

    root: Coalesce
    wrapped: Coalesce
    commitment: Coalesce


def now(subject: OuterRef) -> Now:
    """Return how the key of a subject is wrapped now: by its newest version, or as it was when there is no other."""
    first = DataKey.objects.filter(subject_id=subject)
    newest = KeyVersion.objects.filter(subject=subject).order_by("-version")
    return Now(
        Coalesce(Subquery(newest.values("root")[:1]), Subquery(first.values("root")), output_field=models.UUIDField()),
        Coalesce(Subquery(newest.values("wrapped")[:1]), Subquery(first.values("wrapped"))),
        Coalesce(Subquery(first.values("commitment")), Subquery(newest.values("commitment")[:1])),
    )
