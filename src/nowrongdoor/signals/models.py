"""Signals: one contact through one channel.

The promise: a signal that was acknowledged is never lost and never doubled. `(receiver, key)` is unique, where the
key is the sender's own, and the receipt is written in the transaction that stores the signal.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Case as When
from django.db.models import Q, Value
from django.db.models import When as Then

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.core.language import gettext_lazy


class Channel(models.TextChoices):
    """How the contact was made."""

    CALL = "call", gettext_lazy("Phone call")
    TEXT = "text", gettext_lazy("Text message")
    CHAT = "chat", gettext_lazy("Web chat")
    WEB = "web", gettext_lazy("Web form")
    EMAIL = "email", gettext_lazy("Email")
    LETTER = "letter", gettext_lazy("Letter")
    VISIT = "visit", gettext_lazy("In person")
    COMPLAINT = "complaint", gettext_lazy("Another agency's complaint")
    SYSTEM = "system", gettext_lazy("Another system")
    IMPORT = "import", gettext_lazy("Import")


class Signal(models.Model):
    """One contact. `narrative`, `people` and `raw` are sealed with the signal's key and stay with the receiving agency;
    `facts`, `answers` and the place are what the case is assessed and decided on. Three instants: `contacted_at`, when
    somebody made the contact, as they say (None: nobody said); `arrived_at`, when the agency got it; `received_at`,
    when it was typed or handed in here, by our own clock."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=14, unique=True)
    receiver = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    # Both are tokens that only the receiver's own index makes: nobody can try out what was sent.
    key = models.BinaryField(max_length=32)  # of the sender's key
    digest = models.BinaryField(max_length=32)  # of what was sent: the same key with other words is a mistake
    channel = models.CharField(db_column="door", max_length=20, choices=Channel.choices)
    received_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    contacted_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    answers = models.JSONField(default=dict)
    state = models.CharField(max_length=40, blank=True, default="")
    district = models.CharField(max_length=40, blank=True, default="")
    narrative = models.BinaryField(default=bytes)
    people = models.BinaryField(default=bytes)
    raw = models.BinaryField(default=bytes)
    routed_at = models.DateTimeField(null=True)
    waits = models.GeneratedField(  # true until a case holds it: so long its receiver cannot be closed (promises.sql)
        expression=When(Then(routed_at__isnull=True, then=Value(True))),
        output_field=models.BooleanField(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receiver", "key"], name="a_senders_key_is_taken_once"),
            models.CheckConstraint(
                name="a_signal_arrives_before_it_is_taken", condition=Q(arrived_at__lte=models.F("received_at"))
            ),
            models.CheckConstraint(
                name="a_contact_is_made_before_it_arrives",
                condition=Q(contacted_at=None) | Q(contacted_at__lte=models.F("arrived_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["received_at", "id"], condition=Q(routed_at=None), name="signal_waiting"),
            models.Index(fields=["receiver", "-received_at", "-id"], name="signal_of_receiver"),
        ]
