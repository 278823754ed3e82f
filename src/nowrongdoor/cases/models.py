"""Cases: one situation of exploitation, its facts, its people and who takes part.

The promise (2 of the design): an open case has exactly one lead at every commit, and the lead moves only to an agency
that accepted. It is declared, not programmed: see the constraints of migration 0002, which say that
  - `lead` is never null, and the lead of an open case is an open agency (a foreign key on `(lead, is_open)`);
  - the lead is the agency that received the case, or the case names an *accepted* hand-off of this case to this lead
    (a foreign key on `(lead_handoff, case, lead, 'accepted')`).
Who led from when to when is written by a trigger into `Tenure`, which the run-time role can only read.
"""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import Case as When
from django.db.models import F, Q, Value
from django.db.models import When as Then

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.core import outcomes
from nowrongdoor.core.language import gettext_lazy
from nowrongdoor.signals.models import Signal
from nowrongdoor.uploads import checking, kinds

# The roles that open cases (access/viewers.py), as the database knows them.
OPEN_CASES = ("advocate", "coordinator", "investigator", "provider", "victim_specialist")


class Case(models.Model):
    """One situation, and the one agency answerable for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=14, unique=True)
    received_by = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    lead = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    lead_since = models.DateTimeField()
    lead_handoff_id = models.UUIDField(null=True)
    lead_accepted = models.GeneratedField(
        expression=When(Then(lead_handoff_id__isnull=False, then=Value("accepted"))),
        output_field=models.CharField(max_length=12, null=True),
        db_persist=True,
    )
    facts = models.JSONField(default=dict)
    facts_version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=40, blank=True, default="")
    district = models.CharField(max_length=40, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_because = models.BinaryField(default=bytes)
    closed_as = models.CharField(max_length=20, default="", db_default="", blank=True)  # core/outcomes.py, ClosedAs
    found = models.CharField(max_length=40, default="", db_default="", blank=True)  # core/outcomes.py, Found
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    is_open = models.GeneratedField(
        expression=When(Then(closed_at__isnull=True, then=Value(True))),
        output_field=models.BooleanField(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "is_open"], name="case_id_is_open"),
            models.CheckConstraint(
                name="a_lead_was_received_or_accepted",
                condition=Q(lead_handoff_id__isnull=False) | Q(lead=models.F("received_by")),
            ),
            models.CheckConstraint(
                name="a_case_ends_in_a_published_way",
                condition=Q(closed_as="", found="")
                | Q(
                    closed_at__isnull=False,
                    closed_as__in=[each.value for each in outcomes.ClosedAs],
                    found__in=[each.value for each in outcomes.Found],
                ),
            ),
            models.CheckConstraint(
                name="a_case_that_is_merged_is_closed",
                condition=Q(merged_into=None) | (Q(closed_at__isnull=False) & ~Q(merged_into=models.F("id"))),
            ),
            models.CheckConstraint(
                name="a_case_is_closed_by_somebody_for_a_reason",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, closed_because=b"")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(closed_because=b"")),
            ),
        ]
        indexes = [
            models.Index(fields=["lead", "-id"], condition=Q(closed_at=None), name="case_open_of_lead"),
        ]


class CaseLink(models.Model):
    """That an agency sees two cases as belonging together. Each stays what it is, with its own lead; only that agency
    reads the link."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    other = models.ForeignKey(Case, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "nowrongdoor_case_link"
        constraints = [
            models.UniqueConstraint(fields=["agency", "case", "other"], name="two_cases_are_linked_once"),
            models.CheckConstraint(
                name="a_case_is_linked_to_another_in_one_order", condition=Q(case__lt=models.F("other"))
            ),
        ]


class Reopening(models.Model):
    """That a closed case was opened again, why, and how it had been closed; rows are only added. The words of the
    closing stay sealed as they were, to their place in the case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    because = models.BinaryField()
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    closed_because = models.BinaryField()
    closed_as = models.CharField(max_length=20, default="", blank=True)
    found = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "closed_at"], name="a_closing_is_undone_once"),
            models.CheckConstraint(name="a_case_is_reopened_after_it_was_closed", condition=Q(at__gte=F("closed_at"))),
        ]


class CaseSignal(models.Model):
    """Which signals a case holds, one case at most each; and all that the other agencies of the case learn of it."""

    signal = models.OneToOneField(Signal, models.PROTECT, primary_key=True, related_name="in_case")
    case = models.ForeignKey(Case, models.PROTECT, related_name="signals")
    reference = models.CharField(max_length=14)
    channel = models.CharField(db_column="door", max_length=20)
    receiver = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)  # None in rows of 0.2.0: as it was received

    class Meta:
        db_table = "nowrongdoor_case_signal"


class CaseFacts(models.Model):
    """What the facts of a case were at each version; rows are only added."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="facts_history")
    version = models.PositiveIntegerField()
    facts = models.JSONField()
    state = models.CharField(max_length=40, blank=True, default="")
    district = models.CharField(max_length=40, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    why = models.BinaryField(default=bytes)

    class Meta:
        db_table = "nowrongdoor_case_facts"
        constraints = [models.UniqueConstraint(fields=["case", "version"], name="one_set_of_facts_per_version")]


class Tenure(models.Model):
    """Who led a case from when to when. A trigger writes it; the run-time role reads it."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.DO_NOTHING, related_name="tenures")
    agency = models.ForeignKey(Agency, models.DO_NOTHING, related_name="+")
    handoff_id = models.UUIDField(null=True)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(to_at=None), name="one_tenure_runs"),
            models.UniqueConstraint(fields=["handoff_id"], name="a_handoff_is_used_once"),
        ]


class Participant(models.Model):
    """An agency that takes part in a case, and why: this is what `queries.find` asks. It ends, it is not deleted; when
    the agency takes part again, the period that ended goes into `EarlierPart`."""

    class Relation(models.TextChoices):
        RECEIVED = "received", gettext_lazy("received the signal")
        LED = "led", gettext_lazy("accepted the lead")
        OFFERED = "offered", gettext_lazy("was offered the lead")
        TOLD = "told", gettext_lazy("was told")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="participants")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    relation = models.CharField(max_length=10, choices=Relation.choices)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "agency", "relation"], name="one_relation_of_a_kind"),
            models.CheckConstraint(
                name="a_part_has_a_known_relation",
                condition=Q(relation__in=["received", "led", "offered", "told"]),
            ),
        ]
        indexes = [models.Index(fields=["agency", "-case"], name="participant_of_agency")]


class EarlierPart(models.Model):
    """A period in which an agency took part, before it took part again. A trigger writes it; the run-time role can only
    read it. With `Participant`, which holds the newest period, it says who could see a case on a given day."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.DO_NOTHING, related_name="earlier_parts")
    agency = models.ForeignKey(Agency, models.DO_NOTHING, related_name="+")
    relation = models.CharField(max_length=10)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()

    class Meta:
        db_table = "nowrongdoor_earlier_part"
        constraints = [
            models.CheckConstraint(name="a_part_ends_after_it_began", condition=Q(to_at__gte=models.F("from_at")))
        ]


class Note(models.Model):
    """What an agency wrote about a case: for itself, for everybody who works on it, or for one role of the agency.
    It's never rewritten: a correction is a row of its own. `for_role`: whom it's addressed to; others read it too."""

    class Audience(models.TextChoices):
        AGENCY = "agency", gettext_lazy("my agency only")
        TEAM = "team", gettext_lazy("everybody on this case")
        ROLE = "role", gettext_lazy("people in my role at my agency")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="notes")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    audience = models.CharField(max_length=10, choices=Audience.choices)
    scope = models.UUIDField(null=True)  # one team of the case; None: everybody on it. No room has teams yet
    text = models.BinaryField()
    written_as = models.CharField(max_length=20, db_default="")  # the role of whoever wrote it, which a trigger writes
    for_role = models.CharField(max_length=20, db_default="", default="", blank=True)
    pinned_at = models.DateTimeField(null=True)
    pinned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "case", "agency"], name="note_id_case_agency"),
            models.CheckConstraint(name="a_note_says_something", condition=~Q(text=b"")),
            models.CheckConstraint(
                name="a_note_with_a_scope_is_for_a_team", condition=Q(scope=None) | Q(audience="team")
            ),
            models.CheckConstraint(
                name="a_note_is_addressed_to_a_role_that_opens_cases", condition=Q(for_role__in=["", *OPEN_CASES])
            ),
            models.CheckConstraint(
                name="a_note_is_pinned_by_somebody",
                condition=Q(pinned_at=None, pinned_by=None) | Q(pinned_at__isnull=False, pinned_by__isnull=False),
            ),
        ]


class NoteCorrection(models.Model):
    """What a note says from then on, and why it had to be corrected; rows are only added, so that every earlier text
    stays for whoever could read it. `number`: 1 for the first correction of a note."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    note = models.ForeignKey(Note, models.PROTECT, related_name="corrections")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    text = models.BinaryField()
    because = models.BinaryField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        db_table = "nowrongdoor_note_correction"
        constraints = [
            models.UniqueConstraint(fields=["note", "number"], name="a_correction_of_a_note_has_its_number"),
            models.CheckConstraint(name="a_correction_says_what_and_why", condition=~Q(text=b"") & ~Q(because=b"")),
        ]


class CaseFile(models.Model):
    """What an agency attached to a case: for itself, or for everybody who works on it. Sealed whole, in its own row, so
    that it is kept, backed up and erased with the words of the case. The name that its sender gave it is not kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="files")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    audience = models.CharField(max_length=10, choices=Note.Audience.choices)
    scope = models.UUIDField(null=True)  # as of a note
    kind = models.CharField(max_length=10, choices=[(kind.code, kind.words) for kind in kinds.Kind])
    size = models.PositiveIntegerField()  # bytes of the content before it was sealed
    label = models.BinaryField()
    content = models.BinaryField()
    written_as = models.CharField(max_length=20, db_default="")  # as of a note
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_because = models.BinaryField(default=bytes, db_default=b"")

    class Meta:
        db_table = "nowrongdoor_case_file"
        constraints = [
            models.CheckConstraint(
                name="a_file_is_withdrawn_by_somebody_for_a_reason",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because=b"")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_because=b"")),
            ),
            models.CheckConstraint(
                name="a_withdrawn_file_opens_no_more", condition=Q(withdrawn_at=None) | Q(content=b"")
            ),
            models.CheckConstraint(name="a_file_says_what_it_is", condition=~Q(label=b"")),
            models.CheckConstraint(
                name="a_file_with_a_scope_is_for_a_team", condition=Q(scope=None) | Q(audience="team")
            ),
            models.CheckConstraint(name="a_file_is_of_a_kind_that_comes_in", condition=Q(kind__in=list(kinds.BY_CODE))),
            models.CheckConstraint(
                name="a_file_is_within_the_limit", condition=Q(size__gt=0, size__lte=checking.LIMIT)
            ),
        ]


class WithdrawnContent(models.Model):
    """The sealed content of a file that was withdrawn, as it was. A trigger puts it here, and the run-time role can't
    read it: it opens for nobody, and is still there for a hold until a disposal destroys its key."""

    file = models.OneToOneField(CaseFile, models.DO_NOTHING, primary_key=True, related_name="+")
    content = models.BinaryField()

    class Meta:
        db_table = "nowrongdoor_withdrawn_content"


class Exclusion(models.Model):
    """A person who may not see a case that their agency works on, because they have a stake in it. It is lifted, not
    deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="exclusions")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    because = models.BinaryField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person"], condition=Q(lifted_at=None), name="a_person_is_excluded_once"
            ),
            models.CheckConstraint(
                name="an_exclusion_is_lifted_by_somebody",
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
        ]


class Emergency(models.Model):
    """Emergency access ("break-glass"): one person sees a case for a short while, says why, and somebody else looks at
    it afterwards."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="emergencies")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()
    because = models.BinaryField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    justified = models.BooleanField(null=True)
    review = models.BinaryField(default=bytes)

    class Meta:
        constraints = [
            models.CheckConstraint(name="emergency_access_has_a_reason", condition=~Q(because=b"")),
            models.CheckConstraint(
                name="emergency_access_ends_soon",
                condition=Q(until__gt=models.F("at"), until__lte=models.F("at") + datetime.timedelta(hours=4)),
            ),
            models.CheckConstraint(
                name="nobody_reviews_their_own_emergency",
                condition=Q(reviewed_at=None, reviewed_by=None, justified=None)
                | (Q(reviewed_at__isnull=False, justified__isnull=False) & ~Q(reviewed_by=models.F("by"))),
            ),
        ]
        indexes = [models.Index(fields=["case", "by"], name="emergency_of_case")]
