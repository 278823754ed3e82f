"""The protocol library: to whom an agency reports, as somebody there confirmed it; and the reports that left.

The promise (F16 of the field's rules): a report leaves only after another person reviewed these very words, and where
somebody is in danger at once, with a time by which it is reviewed after; what was sent is never changed; a report says
of its recipient whether it was proved; and "confirmed" stands only with a number or a name from the other side. The
constraints below and migration 0037 declare it.
"""

from __future__ import annotations

import datetime
import uuid

from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.cases.models import Case
from nowrongdoor.core.language import pgettext_lazy
from nowrongdoor.signals.models import Signal
from nowrongdoor.vault import sealing

LONGEST_PROOF = datetime.timedelta(days=366)
REVIEW_WITHIN = datetime.timedelta(hours=24)  # of a report that left at once; our policy
CODE = r"^[a-z][a-z_]{0,19}$"


class Protocol(models.Model):
    """A recipient of reports that an agency keeps, for a State or a county: `contact` (who, how, when, what they want,
    as JSON) is sealed with a key of its own. `choice`: 1 is asked first. Proved: somebody of the agency asked there and
    it holds, until `prove_again_at`; then it is shown as not proved, and stays."""

    class Immigration(models.TextChoices):
        """Whether they work with whoever enforces immigration law; the country says the question."""

        YES = "yes", pgettext_lazy("whether they cooperate with immigration enforcement", "Yes")
        NO = "no", pgettext_lazy("whether they cooperate with immigration enforcement", "No")
        UNKNOWN = "unknown", pgettext_lazy("whether they cooperate with immigration enforcement", "Not known")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)  # a code of the country's protocols.toml
    state = models.CharField(max_length=40)
    county = models.CharField(max_length=60, blank=True, default="")  # empty: the whole State
    choice = models.PositiveSmallIntegerField(default=1)
    immigration = models.CharField(max_length=10, choices=Immigration.choices)
    contact = models.BinaryField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proved_at = models.DateTimeField(null=True)
    proved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    prove_again_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_recipient_is_of_a_kind_by_code", condition=Q(kind__regex=CODE)),
            models.CheckConstraint(name="a_recipient_has_its_place", condition=~Q(state="")),
            models.CheckConstraint(name="a_recipient_has_a_contact", condition=~Q(contact=b"")),
            models.CheckConstraint(name="a_recipient_is_asked_in_order", condition=Q(choice__gte=1, choice__lte=9)),
            models.CheckConstraint(
                name="whether_a_recipient_cooperates_is_yes_no_or_unknown",
                condition=Q(immigration__in=["yes", "no", "unknown"]),
            ),
            models.CheckConstraint(
                name="a_recipient_is_proved_by_somebody_for_a_time",
                condition=Q(proved_at=None, proved_by=None, prove_again_at=None)
                | Q(
                    proved_at__isnull=False,
                    proved_by__isnull=False,
                    prove_again_at__isnull=False,  # else what is compared with it would be neither true nor false
                    prove_again_at__gt=F("proved_at"),
                    prove_again_at__lte=F("proved_at") + LONGEST_PROOF,
                ),
            ),
            models.CheckConstraint(
                name="a_recipient_is_retired_by_somebody",
                condition=Q(retired_at=None, retired_by=None) | Q(retired_at__isnull=False, retired_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["agency", "state", "county", "kind", "choice"],
                condition=Q(retired_at=None),
                name="a_choice_is_of_one_recipient",
            ),
        ]

    @property
    def place_and_kind(self) -> tuple[str, str, str]:
        """Return what its other choices have in common with it."""
        return (self.state, self.county.lower(), self.kind)

    def place(self) -> sealing.Place:
        """Return where its contact is sealed."""
        return sealing.Place("protocol", self.id, "contact", self.agency_id)


class Report(models.Model):
    """What an agency reports of a case or of a signal, and how far it is: written, reviewed, left. Its words are sealed
    with the key of the case, or of the signal. `version` counts every change of the words; `reviewed_version` is the
    one that somebody else read. `since`: when the contact came, from which the minutes count."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    signal = models.ForeignKey(Signal, models.PROTECT, null=True, related_name="+")
    protocol = models.ForeignKey(Protocol, models.PROTECT, related_name="+")
    edition = models.CharField(max_length=20)  # of the template
    words = models.BinaryField()
    version = models.PositiveIntegerField(default=1)
    since = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    words_at = models.DateTimeField()
    words_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    in_danger = models.BooleanField(default=False)
    danger_because = models.BinaryField(default=bytes)
    review_due_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reviewed_version = models.PositiveIntegerField(null=True)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    comment = models.BinaryField(default=bytes)  # what a reviewer asks for, or notes

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_report_is_about_a_case_or_a_signal",
                condition=Q(case__isnull=False, signal=None) | Q(case=None, signal__isnull=False),
            ),
            models.CheckConstraint(name="a_report_says_something", condition=~Q(words=b"") & ~Q(edition="")),
            models.CheckConstraint(name="a_report_is_written_after_the_contact", condition=Q(since__lte=F("at"))),
            models.CheckConstraint(
                name="a_report_in_danger_says_why_and_is_reviewed_within_a_day",
                condition=Q(in_danger=False, danger_because=b"", review_due_at=None)
                | (
                    Q(in_danger=True, review_due_at__isnull=False, review_due_at__gt=F("words_at"))
                    & Q(review_due_at__lte=F("words_at") + REVIEW_WITHIN)
                    & ~Q(danger_because=b"")
                ),
            ),
            models.CheckConstraint(
                name="a_report_is_reviewed_by_somebody",
                condition=Q(reviewed_at=None, reviewed_by=None, reviewed_version=None)
                | Q(
                    reviewed_at__isnull=False,
                    reviewed_at__gte=F("words_at"),
                    reviewed_by__isnull=False,
                    reviewed_version__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="a_report_is_reviewed_as_it_reads",
                condition=Q(reviewed_version=None) | Q(reviewed_version=F("version")),
            ),
            models.CheckConstraint(
                name="a_report_that_was_returned_waits_for_other_words",
                condition=Q(returned_at=None, returned_by=None)
                | Q(
                    returned_at__isnull=False,
                    returned_at__gte=F("words_at"),
                    returned_by__isnull=False,
                    reviewed_at=None,
                    in_danger=False,
                ),
            ),
            models.CheckConstraint(
                name="nobody_reviews_their_own_report",
                condition=Q(reviewed_by=None) | (~Q(reviewed_by=F("by")) & ~Q(reviewed_by=F("words_by"))),
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-at", "id"], name="report_of_agency"),
            models.Index(fields=["agency", "review_due_at"], condition=Q(reviewed_at=None), name="report_unreviewed"),
        ]

    @property
    def key_id(self) -> uuid.UUID:
        """Return whose key seals its words."""
        key_id = self.case_id or self.signal_id
        assert key_id is not None  # a_report_is_about_a_case_or_a_signal
        return key_id

    def place(self, column: str) -> sealing.Place:
        """Return where its words are sealed."""
        return sealing.Place("report", self.id, column, self.agency_id)


class Sending(models.Model):
    """That a report left: to whom, as the library had them (`recipient`, sealed), whether they were proved, and how. It
    may leave again. Never changed, but for the confirmation that comes back."""

    class How(models.TextChoices):
        """How it left."""

        PHONE = "phone", pgettext_lazy("how a report left", "By phone")
        EMAIL = "email", pgettext_lazy("how a report left", "By email")
        PORTAL = "portal", pgettext_lazy("how a report left", "On their website")
        FAX = "fax", pgettext_lazy("how a report left", "By fax")
        PERSON = "person", pgettext_lazy("how a report left", "In person")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, models.PROTECT, related_name="sendings", db_index=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    protocol = models.ForeignKey(Protocol, models.PROTECT, related_name="+", db_index=False)
    recipient = models.BinaryField()
    was_proved = models.BooleanField()
    how = models.CharField(max_length=10, choices=How.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    confirmation = models.BinaryField(default=bytes)  # the recipient's own number
    confirmed_name = models.BinaryField(default=bytes)  # or who there said that they have it

    class Meta:
        db_table = "nowrongdoor_report_sending"
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="a_sending_has_its_number"),
            models.CheckConstraint(
                name="a_report_leaves_in_a_known_way",
                condition=Q(how__in=["phone", "email", "portal", "fax", "person"]),
            ),
            models.CheckConstraint(name="a_sending_names_its_recipient", condition=~Q(recipient=b"")),
            models.CheckConstraint(
                name="a_report_is_confirmed_by_number_or_name",
                condition=Q(confirmed_at=None, confirmed_by=None, confirmation=b"", confirmed_name=b"")
                | (
                    Q(confirmed_at__isnull=False, confirmed_at__gte=F("at"), confirmed_by__isnull=False)
                    & (~Q(confirmation=b"") | ~Q(confirmed_name=b""))
                ),
            ),
        ]

    def place(self, column: str) -> sealing.Place:
        """Return where its words are sealed: with the key of its report."""
        return sealing.Place("report_sending", self.id, column, self.agency_id)


class Outcome(models.Model):
    """What came of a report, as its recipient said it: a code, for every agency that works on the case. Never changed;
    the newest counts."""

    class Result(models.TextChoices):
        """What came of it."""

        RECEIVED = "received", pgettext_lazy("what came of a report", "They’re looking at it")
        OPENED = "opened", pgettext_lazy("what came of a report", "They opened an investigation")
        PASSED = "passed", pgettext_lazy("what came of a report", "They passed it to another agency")
        REACHED = "reached", pgettext_lazy("what came of a report", "They met the person")
        SAFE = "safe", pgettext_lazy("what came of a report", "The person is safe")
        NOTHING = "nothing", pgettext_lazy("what came of a report", "They closed it without further steps")
        SILENT = "silent", pgettext_lazy("what came of a report", "They didn’t answer")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    report = models.ForeignKey(Report, models.PROTECT, related_name="outcomes")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=20)  # of the recipient: other agencies of the case see no more of it
    result = models.CharField(max_length=10, choices=Result.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "nowrongdoor_report_outcome"
        constraints = [
            models.CheckConstraint(
                name="a_report_came_to_something_known",
                condition=Q(result__in=["received", "opened", "passed", "reached", "safe", "nothing", "silent"]),
            ),
            models.CheckConstraint(name="an_outcome_names_the_kind_of_recipient", condition=Q(kind__regex=CODE)),
        ]
