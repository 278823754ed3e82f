"""What was done and what was looked at: one event for every verb, written in the verb's own transaction.

The promise (6 of the design): the trail only grows, and whoever changes it is found out. The run-time role may insert
and read, nothing else; no foreign key ties an event to a row that might go. When a transaction commits, a trigger seals
the events of each agency in it into that agency's chain (promises.sql): each link holds the digests of its events and
the hash of the link before. An anchor puts the ends of all chains under one digest, writes it into every chain, and is
printed, so that not even the superuser of this database can rewrite what was anchored.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

# Events of a person that change what they sign in with, or may do: each makes their seal another (agencies/seals.py).
WAYS_IN = (
    *("person.password_set", "person.role_set", "person.disabled", "person.enabled"),
    *("factor.added", "factor.changed", "factor.removed", "identity.added", "identity.removed"),
)


class Event(models.Model):
    """One verb: by whom, for which agency, by which authority, on which row, when."""

    class Kind(models.TextChoices):
        READ = "read", "looked at"
        WRITE = "write", "changed"

    at = models.DateTimeField()
    kind = models.CharField(max_length=5, choices=Kind.choices)
    verb = models.CharField(max_length=40)
    authority = models.CharField(max_length=40)
    agency_id = models.UUIDField()
    by_id = models.UUIDField(null=True)  # None: a rule or a clock did it
    case_id = models.UUIDField(null=True)
    subject_id = models.UUIDField()
    details = models.JSONField(default=dict)
    tx = models.UUIDField(editable=False)  # the database fills it: which transaction wrote the event

    class Meta:
        db_table = "nowrongdoor_auditevent"
        indexes = [
            models.Index(fields=["agency_id", "tx"], name="audit_event_of_seal"),
            models.Index(fields=["agency_id", "-id"], name="audit_event_of_agency"),
            models.Index(fields=["agency_id", "at", "id"], name="audit_event_of_agency_by_day"),
            models.Index(fields=["agency_id", "verb", "at", "id"], name="audit_event_of_agency_by_verb"),
            models.Index(fields=["case_id", "id"], name="audit_event_of_case"),
            models.Index(fields=["by_id", "id"], name="audit_event_of_person"),
            models.Index(fields=["subject_id", "id"], condition=Q(verb__in=WAYS_IN), name="audit_event_of_ways_in"),
        ]


class Seal(models.Model):
    """A link of one agency's chain: the events of one transaction, and the link before."""

    id = models.BigAutoField(primary_key=True)
    agency_id = models.UUIDField()
    tx = models.UUIDField()
    number = models.BigIntegerField(null=True)  # null until the transaction commits
    events = ArrayField(models.BigIntegerField(), null=True)
    digests = models.BinaryField(null=True)  # 32 bytes for each event, in the order of `events`
    hash = models.BinaryField(max_length=32, null=True)
    is_ready = models.BooleanField(default=False)

    class Meta:
        db_table = "nowrongdoor_auditseal"
        constraints = [
            models.UniqueConstraint(fields=["tx", "agency_id"], name="a_transaction_is_sealed_once"),
            models.UniqueConstraint(fields=["agency_id", "number"], name="a_link_has_its_own_number"),
        ]


class Anchor(models.Model):
    """The ends of all chains at one moment, under one digest, with the anchor before."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    heads = models.JSONField()  # agency id: [number, hash in hex]
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "nowrongdoor_auditanchor"
