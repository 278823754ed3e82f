"""The outbox: every message that leaves the installation, how often it was tried, and what became of it.

The promise: a row holds codes, ids and instants, and nothing that anybody wrote. What it says is made when it leaves.
All of it is declared in the constraints below and in migration 0021.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.outbox.kinds import Channel, Kind, Outcome, Problem

_DIGEST = 32  # bytes of a SHA-256


class Message(models.Model):
    """One message to somebody of an agency. `due_at`: before then it is not tried (again). `digest`: SHA-256 of what
    the server took, so that whoever has a copy can show that it is this one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=20, blank=True, default="")
    over_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True, default="")
    digest = models.BinaryField(max_length=_DIGEST, default=bytes)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_message_goes_a_known_way", condition=Q(channel__in=[each.value for each in Channel])
            ),
            models.CheckConstraint(name="a_message_has_a_known_kind", condition=Q(kind__in=[k.value for k in Kind])),
            models.CheckConstraint(
                name="a_message_has_a_known_problem", condition=Q(problem__in=["", *(each.value for each in Problem)])
            ),
            models.CheckConstraint(
                name="a_message_has_a_known_outcome", condition=Q(outcome__in=["", *(each.value for each in Outcome)])
            ),
            models.CheckConstraint(name="a_digest_has_32_bytes", condition=Q(digest=b"") | Q(digest__length=_DIGEST)),
            models.CheckConstraint(
                name="a_message_is_over_somehow",
                condition=Q(over_at=None, outcome="") | (Q(over_at__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="what_was_delivered_was_tried",
                condition=~Q(outcome=Outcome.DELIVERED.value) | (Q(tries__gt=0) & ~Q(digest=b"")),
            ),
            models.CheckConstraint(
                name="what_was_given_up_says_why", condition=~Q(outcome=Outcome.GIVEN_UP.value) | ~Q(problem="")
            ),
            models.CheckConstraint(
                name="an_email_goes_to_a_person",
                condition=~Q(channel=Channel.EMAIL.value) | Q(person__isnull=False),
            ),
            models.UniqueConstraint(fields=["id", "person"], name="message_id_person"),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(over_at=None), name="message_due"),
            models.Index(fields=["person", "at", "id"], name="message_of_person"),
        ]
