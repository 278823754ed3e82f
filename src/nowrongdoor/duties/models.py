"""What somebody owes: a notice, a deadline, a request, a task, an answer. One table, so that one list shows all of it.
And that list: `Entry`.

The promise: a duty is owed by an open agency (or, a deadline alone, by a body outside the system), has one limit that
says what set it, is about what its kind may be about, and is done by somebody, once. All of it is declared in the
constraints below and in migration 0011, which also keeps the answer that an open offer owes (docs/adr/0010).
"""

from __future__ import annotations

import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case as When
from django.db.models import F, Q, Value
from django.db.models import When as Then
from django.db.models.functions import Coalesce

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.cases.models import Case
from nowrongdoor.duties.kinds import Kind, Source
from nowrongdoor.vault import sealing

_DONE = Q(done_at__isnull=False)
_OF_CASE = Q(case__isnull=False)
_OF_THING = ~Q(thing="")


class Duty(models.Model):
    """Something that an agency owes, or a person of it. It is about a case; or about a thing of another room, which
    `thing` names and `thing_id` finds; or about nothing but its owner. Beside a case, a thing is what it came from.

    `agency` is who has to act. Of a notice that is the body itself, which acknowledges; or, when it is not on the
    system or the case's place is not known, the lead, which tells it `by_hand` and says how. A deadline that
    `follows_lead` is owed by whoever leads. `agency` is None when a body outside the system owes a deadline: then it is
    shown on the case, and nobody's worklist counts it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    thing = models.CharField(max_length=20, blank=True, default="")
    thing_id = models.UUIDField(null=True)
    source = models.CharField(max_length=12)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    from_agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+", db_index=False)
    desk = models.CharField(max_length=200, blank=True, default="")
    by_hand = models.BooleanField(default=False)
    follows_lead = models.BooleanField(default=False)
    role = models.CharField(max_length=20, blank=True, default="")
    rule = models.CharField(max_length=60, blank=True, default="")
    clock = models.CharField(max_length=20, blank=True, default="")  # of the mandate table, if it set the limit
    why = models.TextField()
    limit = models.CharField(max_length=60, blank=True, default="")
    citation = models.TextField(blank=True, default="")
    evidence = models.CharField(max_length=60, blank=True, default="")
    basis = models.CharField(max_length=12)  # of the due time: statute or policy
    since = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    how = models.BinaryField(default=bytes)
    confirmation = models.BinaryField(default=bytes, db_default=b"")  # of whoever got the report that a law requires
    withdrawn_at = models.DateTimeField(null=True)

    needs_open = models.GeneratedField(
        expression=When(Then(done_at__isnull=True, withdrawn_at__isnull=True, then=Value(True))),
        output_field=models.BooleanField(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_duty_has_a_known_kind", condition=Q(kind__in=[k.value for k in Kind])),
            models.CheckConstraint(
                name="a_duty_says_where_it_comes_from", condition=Q(source__in=[s.value for s in Source])
            ),
            models.CheckConstraint(
                name="a_thing_has_a_name_and_an_id",
                condition=Q(thing="", thing_id=None) | (_OF_THING & Q(thing_id__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_duty_is_about_what_its_kind_may_be_about",
                condition=~Q(kind__in=["notice", "deadline", "request", "answer"])
                | (Q(kind="notice", thing="") & _OF_CASE)
                | (Q(kind="answer", thing="handoff", thing_id__isnull=False, thing_id=models.F("id")) & _OF_CASE)
                | (Q(kind__in=["deadline", "request"]) & (_OF_CASE | _OF_THING)),
            ),
            models.CheckConstraint(
                name="only_a_deadline_is_owed_outside",
                condition=Q(agency__isnull=False) | Q(kind="deadline", person=None),
            ),
            models.CheckConstraint(
                name="only_a_notice_is_told_by_hand",
                condition=Q(by_hand=False) | Q(kind="notice"),
            ),
            models.CheckConstraint(
                name="only_a_deadline_follows_the_lead",
                condition=Q(follows_lead=False) | Q(kind="deadline"),
            ),
            models.CheckConstraint(
                name="an_answer_says_who_asks",
                condition=~Q(kind="answer") | Q(from_agency__isnull=False),
            ),
            models.CheckConstraint(
                name="a_duty_says_whether_law_or_policy",
                condition=Q(basis__in=["statute", "policy"]),
            ),
            models.CheckConstraint(
                name="a_duty_is_done_by_somebody",
                condition=Q(done_at=None, done_by=None) | (_DONE & Q(done_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="who_tells_by_hand_says_how",
                condition=Q(by_hand=False) | Q(done_at=None) | ~Q(how=b""),
            ),
            models.CheckConstraint(
                name="only_a_notice_told_by_hand_is_confirmed",
                condition=Q(confirmation=b"") | Q(by_hand=True, done_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_deadline_of_a_case_is_met_somehow",
                condition=~Q(kind="deadline") | Q(case=None) | Q(done_at=None, how=b"") | (_DONE & ~Q(how=b"")),
            ),
            models.CheckConstraint(  # there is no other key that could seal it
                name="words_of_a_duty_are_sealed_for_its_case",
                condition=Q(how=b"") | _OF_CASE,
            ),
            models.UniqueConstraint(
                fields=["case", "desk", "role"],
                condition=Q(kind="notice", withdrawn_at=None),
                name="one_notice_each_desk_and_role",
            ),
            models.UniqueConstraint(
                fields=["case", "clock", "thing_id"],
                condition=Q(kind="deadline", withdrawn_at=None, case__isnull=False),
                nulls_distinct=False,
                name="a_deadline_runs_once_per_case",
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency", "kind", "due_at", "id"],
                condition=Q(done_at=None, withdrawn_at=None),
                name="duty_of_agency",
            ),
        ]

    @property
    def is_report_by_law(self) -> bool:
        """Return whether a law wants a report from outside this system: complete with the receiver's confirmation."""
        return self.by_hand and self.basis == "statute"

    def place(self, column: str = "how") -> sealing.Place:
        """Return where the words of how it was done are sealed; those of notices and deadlines, where they were before
        one table held both."""
        assert self.agency_id is not None  # only an agency says how it did something
        table = {Kind.NOTICE.value: "notice", Kind.DEADLINE.value: "clock"}.get(self.kind, "duty")
        return sealing.Place(table, self.id, column, self.agency_id)

    @classmethod
    def notices(cls) -> models.QuerySet[Duty]:
        """Find notices."""
        return cls.objects.filter(kind=Kind.NOTICE.value)

    @classmethod
    def deadlines(cls) -> models.QuerySet[Duty]:
        """Find deadlines."""
        return cls.objects.filter(kind=Kind.DEADLINE.value)


LEAD = "lead"  # the entry of a case that an agency leads; every other entry has the kind of its duty
NO_DUE_TIME = datetime.datetime(9999, 12, 31, tzinfo=datetime.UTC)  # sorts after everything that is due


class Entry(models.Model):
    """One line of an agency's worklist: an open duty, or an open case that the agency leads; and who there has it.

    The promise: every open duty of an agency, and every open case, is on exactly one list, and nothing else is; one
    person at most has it, an active coordinator of that agency, who got it from somebody of that agency. Triggers
    write these rows (migration 0018); the run-time role says only who has them. The id is that of the duty or the case.
    `state` to `matters` are copied from the case, so that a list of a hundred thousand is filtered from an index. What
    is copied needs no foreign key of its own: the row that it comes from has one."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=12)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+", db_constraint=False)
    only_for = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    from_agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # None: a lead has no due time of its own
    state = models.CharField(max_length=40)
    district = models.CharField(max_length=40)
    urgency = models.CharField(max_length=40)
    matters = ArrayField(models.CharField(max_length=80))
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False)
    given_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    given_at = models.DateTimeField(null=True)
    comes_at = models.GeneratedField(
        expression=Coalesce(F("due_at"), Value(NO_DUE_TIME)), output_field=models.DateTimeField(), db_persist=True
    )
    rank = models.GeneratedField(
        expression=When(
            Then(urgency="immediate_danger", then=Value(0)),
            Then(urgency="within_24h", then=Value(1)),
            Then(urgency="none", then=Value(2)),
            default=Value(3),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_entry_is_a_duty_or_a_lead", condition=Q(kind__in=[*(k.value for k in Kind), LEAD])
            ),
            models.CheckConstraint(
                name="the_entry_of_a_lead_is_its_case",
                condition=~Q(kind=LEAD) | Q(case__isnull=False, case=F("id"), due_at=None),
            ),
            models.CheckConstraint(
                name="an_entry_is_given_by_somebody",
                condition=Q(person=None, given_by=None, given_at=None)
                | Q(person__isnull=False, given_by__isnull=False, given_at__isnull=False),
            ),
            models.CheckConstraint(
                name="what_a_person_owes_is_given_to_nobody_else",
                condition=Q(only_for=None) | Q(person=None) | Q(person=F("only_for")),
            ),
        ]
        indexes = [
            # The first answers any filter from the index alone; the others, those that leave little of a long list.
            models.Index(
                fields=["agency", "comes_at", "id"],
                include=[
                    *("kind", "rank", "state", "district", "matters", "since"),
                    *("from_agency", "person", "case", "only_for"),
                ],
                name="entry_due",
            ),
            models.Index(fields=["agency", "since", "id"], name="entry_since"),
            models.Index(fields=["agency", "rank", "comes_at", "id"], name="entry_urgent"),
            models.Index(fields=["agency", "kind", "comes_at", "id"], name="entry_kind"),
            models.Index(fields=["agency", "state", "comes_at", "id"], name="entry_place"),
            models.Index(
                fields=["person", "comes_at", "id"], condition=Q(person__isnull=False), name="entry_of_person"
            ),
        ]


class SavedSearch(models.Model):
    """A person's own way to look at the worklist: its filters and its order, as codes. It has no name that anybody
    types; a page calls it by its filters."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    query = models.CharField(max_length=500)

    class Meta:
        db_table = "nowrongdoor_saved_search"
        constraints = [
            models.UniqueConstraint(fields=["by", "query"], name="a_search_is_saved_once"),
            models.CheckConstraint(name="a_saved_search_looks_for_something", condition=~Q(query="")),
        ]
