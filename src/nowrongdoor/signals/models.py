"""Signals: one contact through one channel.

The promise: a signal that was acknowledged is never lost and never doubled. `(receiver, key)` is unique, where the
key is the sender's own, and the receipt is written in the transaction that stores the signal.
"""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import Case as When
from django.db.models import F, Q, Value
from django.db.models import When as Then

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.uploads import checking, kinds

LONGEST_DRAFT = datetime.timedelta(days=7)
LONGEST_WAY_BACK = datetime.timedelta(days=90)
MOST_FILES = 10  # that a sender may add to one contact


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
    # Of the words that came through the public form, where they say enough: equal for likely copies (core/likeness.py).
    likeness = models.BinaryField(max_length=32, default=bytes, db_default=Value(b""))
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
            models.Index(
                fields=["receiver", "likeness", "-received_at", "-id"],
                condition=~Q(likeness=b""),
                name="signal_likeness",
            ),
        ]


class Telling(models.Model):
    """What was said of whoever made a contact, where anything was: whether the person they speak for knows, and how to
    reach them safely, sealed with the signal's key. `way_back`: only what they said is safe, until `way_back_until`;
    then, or sooner if they say so, it is dropped and never written again."""

    signal = models.OneToOneField(Signal, models.PROTECT, primary_key=True, related_name="+")
    receiver = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    answers = models.BinaryField()
    way_back = models.BinaryField()
    way_back_until = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_way_back_has_its_end",
                condition=Q(way_back=b"", way_back_until=None) | (~Q(way_back=b"") & Q(way_back_until__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_way_back_ends_within_90_days",
                condition=Q(way_back_until=None) | Q(way_back_until__lte=F("at") + LONGEST_WAY_BACK),
            ),
        ]
        indexes = [
            models.Index(fields=["way_back_until"], condition=Q(way_back_until__isnull=False), name="way_back_ends")
        ]


class SignalCorrection(models.Model):
    """What a signal says from now on, and why, by whoever took it; the words before stay, sealed. `is_error`: it was
    entered in error, so it says nothing any more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    signal = models.ForeignKey(Signal, models.PROTECT, related_name="corrections")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    narrative = models.BinaryField()
    because = models.BinaryField()
    is_error = models.BooleanField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "nowrongdoor_signal_correction"
        constraints = [
            models.UniqueConstraint(fields=["signal", "number"], name="a_correction_of_a_signal_has_its_number"),
            models.CheckConstraint(name="a_correction_of_a_signal_says_why", condition=~Q(because=b"")),
            models.CheckConstraint(
                name="a_signal_entered_in_error_says_nothing", condition=Q(is_error=False) | Q(narrative=b"")
            ),
        ]


class ReturnedCall(models.Model):
    """Somebody called back whoever made a contact, and what came of it: a code, never a word of what was said."""

    class Result(models.TextChoices):
        REACHED = "reached", gettext_lazy("Talked with them")
        NOBODY = "nobody", gettext_lazy("Nobody answered")
        SOMEBODY_ELSE = "other", gettext_lazy("Somebody else answered")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    signal = models.ForeignKey(Signal, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    result = models.CharField(max_length=10, choices=Result.choices)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "nowrongdoor_returned_call"
        constraints = [
            models.CheckConstraint(
                name="a_returned_call_came_to_something", condition=Q(result__in=["reached", "nobody", "other"])
            )
        ]


class Draft(models.Model):
    """A signal that somebody is still writing: every field of its page, sealed with a key of its own. Only they see it,
    until `ends_at`, which moves with every change. When the row goes, its key goes with it."""

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    words = models.BinaryField()
    version = models.PositiveIntegerField()
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_draft_holds_words", condition=~Q(words=b"")),
            models.CheckConstraint(
                name="a_draft_ends_within_a_week",
                condition=Q(ends_at__gt=F("saved_at"), ends_at__lte=F("saved_at") + LONGEST_DRAFT),
            ),
        ]
        indexes = [models.Index(fields=["ends_at", "id"], name="draft_ends")]


class SignalFile(models.Model):
    """A picture or document that somebody added to a contact; `by` is None where its sender did. Its content is in
    `signal_file_content`, and opens for nobody until a scanner looked and found nothing. `no_copy`: why there is no
    copy without hidden details. `size`: of the copy, or of the original where there is none. Whoever isolates it
    closes it to everybody but investigators of law enforcement, for good. The name that its sender gave it is not
    kept."""

    class NoCopy(models.TextChoices):
        ACTIVE = "active", gettext_lazy("It holds something that would run or call out.")
        DAMAGED = "damaged", gettext_lazy("It cannot be read as what it says it is.")
        NAMES = "names", gettext_lazy("It is a message or a page that carries names and addresses.")
        LARGE = "large", gettext_lazy("It is too large to be copied.")

    class Verdict(models.TextChoices):
        CLEAN = "clean", gettext_lazy("The virus scanner found nothing.")
        INFECTED = "infected", gettext_lazy("The virus scanner says that it is harmful.")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    signal = models.ForeignKey(Signal, models.PROTECT, related_name="+", db_index=False)
    receiver = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, choices=[(kind.code, kind.words) for kind in kinds.Kind])
    size = models.PositiveIntegerField()
    keeps_original = models.BooleanField()
    no_copy = models.CharField(max_length=10, choices=NoCopy.choices, blank=True, default="")
    scanned_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True, default="")
    isolated_at = models.DateTimeField(null=True)
    isolated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    isolated_for = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "nowrongdoor_signal_file"
        constraints = [
            models.UniqueConstraint(fields=["signal", "number"], name="a_file_of_a_signal_has_its_number"),
            models.CheckConstraint(
                name="a_signal_holds_at_most_10_files", condition=Q(number__gte=1, number__lte=MOST_FILES)
            ),
            models.CheckConstraint(
                name="a_file_of_a_signal_is_of_a_kind_that_comes_in", condition=Q(kind__in=list(kinds.BY_CODE))
            ),
            models.CheckConstraint(
                name="a_file_without_a_copy_says_why_and_has_its_original",
                condition=Q(no_copy="") | Q(no_copy__in=["active", "damaged", "names", "large"], keeps_original=True),
            ),
            models.CheckConstraint(
                name="a_file_is_scanned_with_a_verdict",
                condition=Q(scanned_at=None, verdict="")
                | Q(scanned_at__isnull=False, verdict__in=["clean", "infected"]),
            ),
            models.CheckConstraint(
                name="a_file_is_isolated_by_somebody",
                condition=Q(isolated_at=None, isolated_by=None, isolated_for=None)
                | Q(isolated_at__isnull=False, isolated_by__isnull=False, isolated_for__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["at", "id"], condition=Q(scanned_at=None), name="signal_file_unscanned")]


class SignalFileContent(models.Model):
    """The content of a file of a contact, sealed with the signal's key: as it was sent, where its sender lets that be
    kept, or the copy without hidden details. `digest`: SHA-256 of the bytes before they were sealed, in hex, sealed
    too, because a digest tells whoever has the same file that this is it."""

    class Form(models.TextChoices):
        ORIGINAL = "original", gettext_lazy("as it was sent")
        COPY = "copy", gettext_lazy("without hidden details")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file = models.ForeignKey(SignalFile, models.PROTECT, related_name="contents", db_index=False)
    form = models.CharField(max_length=10, choices=Form.choices)
    size = models.PositiveIntegerField()
    digest = models.BinaryField()
    content = models.BinaryField()

    class Meta:
        db_table = "nowrongdoor_signal_file_content"
        constraints = [
            models.UniqueConstraint(fields=["file", "form"], name="a_file_of_a_signal_has_one_of_each_form"),
            models.CheckConstraint(
                name="a_content_is_an_original_or_a_copy", condition=Q(form__in=["original", "copy"])
            ),
            models.CheckConstraint(
                name="a_content_is_within_the_limit", condition=Q(size__gt=0, size__lte=checking.LIMIT)
            ),
        ]
