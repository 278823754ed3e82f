"""Contacts with a line, and who has each.

The promise: a contact that is not over has exactly one holder, a queue, a person or a list, and a wait has its end;
what a provider says is taken once; how to answer somebody ends with the contact.
"""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.core import line, line_plan
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.signals.models import Signal

LONGEST_WAIT = datetime.timedelta(minutes=line_plan.LONGEST_WAIT)
LONGEST_LIST = datetime.timedelta(hours=line_plan.LONGEST_LIST)
LONGEST_CALL_BACK = datetime.timedelta(days=7)


class Medium(models.TextChoices):
    """How somebody is in contact."""

    VOICE = line.Medium.VOICE.value, gettext_lazy("Phone call")
    TEXT = line.Medium.TEXT.value, gettext_lazy("Text message")
    CHAT = line.Medium.CHAT.value, gettext_lazy("Web chat")
    MAIL = line.Medium.MAIL.value, gettext_lazy("Email")


class Use(models.TextChoices):
    """What a contact is for."""

    LIVE = "live", gettext_lazy("Live")
    TEST = "test", gettext_lazy("Test")
    TRAINEE = "trainee", gettext_lazy("Practice")


class State(models.TextChoices):
    """Where a contact stands."""

    RINGING = line.State.RINGING.value, gettext_lazy("Waiting")
    ANSWERED = line.State.ANSWERED.value, gettext_lazy("In progress")
    VOICEMAIL = line.State.VOICEMAIL.value, gettext_lazy("On the list")
    ENDED = line.State.ENDED.value, gettext_lazy("Over")
    ABANDONED = line.State.ABANDONED.value, gettext_lazy("Left before anybody answered")


class Contact(models.Model):
    """One call, exchange of texts, chat or mail. `conversation` and `caller` are tokens of the agency's own index:
    equal for the same, and nothing without its key. `reach`: how to answer, sealed, and gone when the contact is over.
    `asked`: whom the person who has it asked to take it over. `since`: since when its holder has it; `asked_at`: since
    when this group is asked; `ends_at`: when its wait is over; `due_at`: until when somebody has looked at it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    line = models.CharField(max_length=40)
    medium = models.CharField(max_length=10, choices=Medium.choices)
    use = models.CharField(max_length=10, choices=Use.choices)
    conversation = models.BinaryField(max_length=32)
    caller = models.BinaryField(max_length=32, default=bytes)
    reach = models.BinaryField(default=bytes)
    language = models.CharField(max_length=10)
    skill = models.CharField(max_length=40, blank=True, default="")
    is_danger = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices)
    group = models.CharField(max_length=40, db_column="at_group")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    asked = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    rang_at = models.DateTimeField()
    since = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    signal = models.OneToOneField(Signal, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_contact_has_exactly_one_holder",
                condition=Q(
                    state="ringing",
                    person=None,
                    asked_at__isnull=False,
                    ends_at__isnull=False,
                    due_at=None,
                    over_at=None,
                )
                | Q(state="answered", person__isnull=False, asked_at=None, ends_at=None, due_at=None, over_at=None)
                | Q(state="voicemail", person=None, asked_at=None, ends_at=None, due_at__isnull=False, over_at=None)
                | Q(
                    state__in=["ended", "abandoned"],
                    person=None,
                    asked_at=None,
                    ends_at=None,
                    due_at=None,
                    over_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="a_wait_ends_within_an_hour",
                condition=Q(ends_at=None) | Q(ends_at__gt=F("since"), ends_at__lte=F("since") + LONGEST_WAIT),
            ),
            models.CheckConstraint(
                name="what_is_on_a_list_is_due_within_three_days",
                condition=Q(due_at=None) | Q(due_at__gt=F("since"), due_at__lte=F("since") + LONGEST_LIST),
            ),
            models.CheckConstraint(
                name="somebody_is_asked_for_what_is_in_progress",
                condition=Q(asked=None) | Q(state="answered") & ~Q(asked=F("person")),
            ),
            models.CheckConstraint(
                name="how_to_answer_ends_with_the_contact", condition=Q(over_at=None) | Q(reach=b"")
            ),
            models.CheckConstraint(name="a_test_becomes_no_signal", condition=Q(signal=None) | Q(use="live")),
            models.CheckConstraint(
                name="what_was_answered_was_not_abandoned", condition=~Q(state="abandoned") | Q(answered_at=None)
            ),
            models.CheckConstraint(
                name="what_is_in_progress_was_answered",
                condition=~Q(state="answered") | Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_contact_is_of_a_known_kind",
                condition=Q(medium__in=Medium.values, use__in=Use.values, state__in=State.values),
            ),
            models.UniqueConstraint(
                fields=["agency", "conversation"], condition=Q(over_at=None), name="a_conversation_is_one_contact"
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "state", "since"], condition=Q(over_at=None), name="contact_on_the_floor"),
            models.Index(fields=["agency", "rang_at", "id"], name="contact_of_agency"),
            models.Index(fields=["agency", "conversation", "rang_at"], name="contact_of_conversation"),
            models.Index(fields=["agency", "caller", "rang_at"], condition=~Q(caller=b""), name="contact_of_caller"),
            models.Index(fields=["person"], condition=Q(state="answered"), name="contact_of_person"),
        ]


class Seat(models.Model):
    """That somebody is on shift. `ready_since`: since when they wait for a contact, None while they take none; `texts`:
    how many written contacts they have at once; `telephone`: of their desk, which calls are connected to; `seen_at`:
    when their page last said that it is open; `words`: what the next shift has to know, sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    groups = models.JSONField()
    languages = models.JSONField()
    skills = models.JSONField()
    telephone = models.CharField(max_length=40, blank=True)
    texts = models.PositiveSmallIntegerField()
    is_trainee = models.BooleanField()
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ready_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    words = models.BinaryField(default=bytes)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at=None), name="a_person_is_on_one_shift_at_a_time"
            ),
            models.CheckConstraint(
                name="whoever_is_off_shift_takes_nothing", condition=Q(ended_at=None) | Q(ready_since=None)
            ),
            models.CheckConstraint(name="a_person_has_up_to_nine_texts_at_once", condition=Q(texts__lte=9)),
        ]
        indexes = [
            models.Index(fields=["agency"], condition=Q(ended_at=None), name="seat_of_agency"),
            models.Index(fields=["agency", "-ended_at"], condition=Q(ended_at__isnull=False), name="seat_that_ended"),
        ]

    def takes(self, medium: line.Medium) -> bool:
        """Return whether contacts by a medium come here by themselves: calls with a telephone, mail never."""
        if medium is line.Medium.VOICE:
            return bool(self.telephone)
        return medium is not line.Medium.MAIL and self.texts > 0


class Leg(models.Model):
    """Who was part of a contact, and from when to when: whoever had it (written by the database whenever that changes),
    an interpreter, or somebody outside to whom the person was handed on; `words`: their name, sealed."""

    class Kind(models.TextChoices):
        HELD = "held", gettext_lazy("had the contact")
        INTERPRETER = "interpreter", gettext_lazy("interpreter")
        OUTSIDE = "outside", gettext_lazy("handed on to")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="legs")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    to = models.CharField(max_length=40, blank=True, default="", db_column="to_whom")
    words = models.BinaryField(default=bytes)
    asked_at = models.DateTimeField(null=True)  # since when one waits for them
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        db_table = "nowrongdoor_contact_leg"
        constraints = [
            models.CheckConstraint(
                name="a_leg_is_of_somebody",
                condition=Q(kind="held", person__isnull=False, to="", began_at__isnull=False)
                | Q(kind="interpreter", person=None, by__isnull=False)
                | (Q(kind="outside", person=None, by__isnull=False) & ~Q(to="")),
            ),
            models.CheckConstraint(
                name="a_leg_ends_after_it_begins",
                condition=Q(ended_at=None)
                | Q(began_at__isnull=False, ended_at__gte=F("began_at"))
                | Q(began_at=None, asked_at__isnull=False, ended_at__gte=F("asked_at")),  # nobody came
            ),
            models.UniqueConstraint(
                fields=["contact"], condition=Q(kind="held", ended_at=None), name="one_person_has_a_contact"
            ),
        ]


class ContactMessage(models.Model):
    """One thing that was written or recorded. `by` is null for whoever called, and for what the line says by itself;
    a `whisper` is a supervisor's, for the person who has the contact. `ref`: the provider's name for what was sent, or
    for a recording, sealed, `sent_as` a token of it; `gone_at`: when the provider deleted its own copy of that;
    `tries`: how often sending, or fetching, was tried, and `try_at` when it is again."""

    class Way(models.TextChoices):
        IN = "in", gettext_lazy("from them")
        OUT = "out", gettext_lazy("to them")
        WHISPER = "whisper", gettext_lazy("whispered")
        VOICEMAIL = "voicemail", gettext_lazy("voicemail")

    class Outcome(models.TextChoices):
        WAITING = "waiting", gettext_lazy("Waiting to be sent")
        SENT = "sent", gettext_lazy("Sent")
        DELIVERED = "delivered", gettext_lazy("Delivered")
        FAILED = "failed", gettext_lazy("Not delivered")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="messages", db_index=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    way = models.CharField(max_length=10, choices=Way.choices)
    words = models.BinaryField(default=bytes)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    ref = models.BinaryField(default=bytes)
    sent_as = models.BinaryField(max_length=32, default=bytes)
    tries = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField(null=True)
    recording = models.BinaryField(default=bytes)
    seconds = models.PositiveIntegerField(default=0)
    fetched_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "nowrongdoor_contact_message"
        constraints = [
            models.CheckConstraint(
                name="each_side_of_a_contact_writes_its_kinds",
                condition=Q(way__in=["in", "voicemail"], by=None, outcome="")
                | Q(way="out", outcome__in=["waiting", "sent", "delivered", "failed"])
                | Q(way="whisper", by__isnull=False, outcome=""),
            ),
            models.CheckConstraint(
                name="what_is_said_in_a_contact_has_words", condition=Q(way="voicemail") | ~Q(words=b"")
            ),
            models.CheckConstraint(
                name="a_recording_is_of_a_voicemail", condition=Q(way="voicemail") | Q(recording=b"", fetched_at=None)
            ),
            models.CheckConstraint(
                name="a_providers_copy_goes_once_ours_is_kept", condition=Q(gone_at=None) | Q(fetched_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["contact", "at", "id"], name="message_of_contact"),
            models.Index(fields=["at", "id"], condition=Q(outcome="waiting"), name="message_to_send"),
            models.Index(fields=["agency", "sent_as"], condition=~Q(sent_as=b""), name="message_sent_as"),
            models.Index(
                fields=["at", "id"], condition=Q(way="voicemail", gone_at=None) & ~Q(ref=b""), name="recording_to_fetch"
            ),
        ]


class LineEvent(models.Model):
    """One thing that a provider said, taken once: `event` is a token of its id. `how`: it came by itself, or was found
    by looking again."""

    class How(models.TextChoices):
        TOLD = "webhook", gettext_lazy("the provider told us")
        FOUND = "list", gettext_lazy("found by looking again")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    provider = models.CharField(max_length=40)
    event = models.BinaryField(max_length=32)
    kind = models.CharField(max_length=10)
    how = models.CharField(max_length=10, choices=How.choices)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "nowrongdoor_line_event"
        constraints = [
            models.UniqueConstraint(fields=["agency", "provider", "event"], name="what_a_provider_says_is_taken_once"),
            models.CheckConstraint(name="an_event_comes_in_a_known_way", condition=Q(how__in=["webhook", "list"])),
        ]
        indexes = [models.Index(fields=["contact", "at"], name="line_event_of_contact")]


class CallBack(models.Model):
    """That whoever called asked to be called back: at a number that they say is safe, until when, and what to say if
    somebody else answers. The number is sealed, and gone when this is over."""

    class Otherwise(models.TextChoices):
        HANG_UP = "hang_up", gettext_lazy("Hang up without a word")
        WRONG_NUMBER = "wrong_number", gettext_lazy("Say that it was a wrong number")

    class Outcome(models.TextChoices):
        REACHED = "reached", gettext_lazy("Talked with them")
        DROPPED = "dropped", gettext_lazy("Dropped: they asked for that, or it isn’t safe any more")
        RAN_OUT = "ran_out", gettext_lazy("Its time ran out before anybody was reached")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contact = models.OneToOneField(Contact, models.PROTECT, related_name="call_back")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    group = models.CharField(max_length=40, db_column="at_group")
    number = models.BinaryField(default=bytes)
    otherwise = models.CharField(max_length=20, choices=Otherwise.choices)
    at = models.DateTimeField()
    until = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    taken_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    over_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")

    class Meta:
        db_table = "nowrongdoor_call_back"
        constraints = [
            models.CheckConstraint(
                name="a_call_back_ends_within_a_week",
                condition=Q(until__gt=F("at"), until__lte=F("at") + LONGEST_CALL_BACK),
            ),
            models.CheckConstraint(
                name="a_number_to_call_back_goes_when_it_is_over",
                condition=(Q(over_at=None, outcome="") & ~Q(number=b""))
                | (Q(over_at__isnull=False, number=b"") & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="what_to_say_to_somebody_else_is_said",
                condition=Q(otherwise__in=["hang_up", "wrong_number"]),
            ),
            models.CheckConstraint(
                name="whoever_calls_back_is_somebody",
                condition=Q(taken_by=None, taken_at=None) | Q(taken_by__isnull=False, taken_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["agency", "until"], condition=Q(over_at=None), name="call_back_open")]


class Stop(models.Model):
    """That a sender wrote that they want no message any more, until they write that they do. `caller`: a token of the
    agency's own index."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    line = models.CharField(max_length=40)
    caller = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "nowrongdoor_line_stop"
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "line", "caller"], condition=Q(ended_at=None), name="a_sender_stops_messages_once"
            ),
        ]
