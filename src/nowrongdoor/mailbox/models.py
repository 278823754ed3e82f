"""Mailboxes of senders, what is written in them, and what a sender has not finished yet.

The promise: a mailbox opens by its receipt alone, which is kept only as a memory-hard hash (`opener`). What is written
is sealed with the key of the signal, so it ends with the signal; what is unfinished is sealed with a key made from the
receipt itself, so nobody but its writer ever opens it.
"""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.signals.models import Signal

LASTS = datetime.timedelta(days=365)
UNFINISHED_LASTS = datetime.timedelta(days=7)


class Mailbox(models.Model):
    """A sender's way back to their signal. `opener`: the hash of the receipt; `stance`: how the sender stands to
    the person; `question` and `answer`: what is asked before a person learns more, sealed with a key made from the
    receipt, so that the agency never reads them; `heard`: the short code of the page where they heard of us."""

    class Stance(models.TextChoices):
        PERSON = "person", gettext_lazy("asks for help for themselves")
        PROXY = "proxy", gettext_lazy("asks for help for somebody else")
        BYSTANDER = "bystander", gettext_lazy("saw something")
        OFFICIAL = "official", gettext_lazy("writes in an official role")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    signal = models.OneToOneField(Signal, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=14, unique=True)  # of the signal
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")  # that answers it: the signal's receiver
    opener = models.BinaryField(max_length=32)
    stance = models.CharField(max_length=10, choices=Stance.choices)
    language = models.CharField(max_length=10)
    heard = models.CharField(max_length=10, blank=True, default="")
    question = models.BinaryField(default=bytes)
    answer = models.BinaryField(default=bytes)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    erasure_asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opener"], name="a_receipt_opens_one_mailbox"),
            models.CheckConstraint(
                name="a_mailbox_is_of_a_known_kind",
                condition=Q(stance__in=["person", "proxy", "bystander", "official"]),
            ),
            models.CheckConstraint(
                name="a_mailbox_ends_within_a_year",
                condition=Q(ends_at__gt=F("opened_at"), ends_at__lte=F("opened_at") + LASTS),
            ),
            models.CheckConstraint(
                name="a_safety_question_has_its_answer",
                condition=Q(question=b"", answer=b"") | (~Q(question=b"") & ~Q(answer=b"")),
            ),
            models.CheckConstraint(name="only_a_person_learns_more", condition=Q(question=b"") | Q(stance="person")),
        ]


class Post(models.Model):
    """One thing written in a mailbox, by its sender (`by` is null) or by somebody of the agency. A third party is
    thanked or asked, and is told nothing else."""

    class Kind(models.TextChoices):
        MESSAGE = "message", gettext_lazy("Message")
        QUESTION = "question", gettext_lazy("Question")
        THANKS = "thanks", gettext_lazy("Thanks")
        ANSWER = "answer", gettext_lazy("Answer")
        CORRECTION = "correction", gettext_lazy("Correction")
        WITHDRAWAL = "withdrawal", gettext_lazy("Consent withdrawn")
        ERASURE = "erasure", gettext_lazy("Request to erase")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="posts")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    to = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_column="to_id")
    words = models.BinaryField(default=bytes)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)  # by the other side
    read_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "nowrongdoor_mailbox_post"
        constraints = [
            models.CheckConstraint(
                name="each_side_writes_its_kinds",
                condition=Q(by=None, kind__in=["message", "answer", "correction", "withdrawal", "erasure"])
                | Q(by__isnull=False, kind__in=["message", "question", "thanks"]),
            ),
            models.CheckConstraint(
                name="what_is_written_has_words",
                condition=(Q(kind__in=["thanks", "withdrawal", "erasure"]) & Q(words=b""))
                | (Q(kind__in=["message", "question", "answer", "correction"]) & ~Q(words=b"")),
            ),
            models.CheckConstraint(
                name="an_answer_is_to_a_question",
                condition=Q(kind="answer", to__isnull=False) | (~Q(kind="answer") & Q(to=None)),
            ),
            models.CheckConstraint(
                name="what_is_read_is_read_later", condition=Q(read_at=None) | Q(read_at__gte=F("at"))
            ),
            models.CheckConstraint(
                name="a_senders_words_are_read_by_somebody",
                condition=Q(by=None, read_at=None, read_by=None)
                | Q(by=None, read_at__isnull=False, read_by__isnull=False)
                | Q(by__isnull=False, read_by=None),
            ),
        ]
        indexes = [
            models.Index(fields=["mailbox", "at", "id"], name="post_of_mailbox"),
            models.Index(fields=["mailbox", "at"], condition=Q(by=None, read_at=None), name="post_unread"),
        ]


class Unfinished(models.Model):
    """What somebody has not finished telling: every answer so far, sealed with a key made from their receipt. It is
    nobody's but theirs, and ends after a week."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    opener = models.BinaryField(max_length=32)
    words = models.BinaryField()
    kept_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opener"], name="a_receipt_keeps_one_unfinished"),
            models.CheckConstraint(name="what_is_unfinished_has_words", condition=~Q(words=b"")),
            models.CheckConstraint(
                name="what_is_unfinished_ends_within_a_week",
                condition=Q(ends_at__gt=F("kept_at"), ends_at__lte=F("kept_at") + UNFINISHED_LASTS),
            ),
        ]
        indexes = [models.Index(fields=["ends_at", "id"], name="unfinished_ends")]
