"""Hand-offs of the lead: every offer of a case to another agency, and what became of it.

The promise: a case has one open offer at most, only an open case and an open agency can have one, a hand-off that is
over never changes again, and a refusal has its reason. All of it is declared in the constraints below and in
migrations 0002 and 0023, which says besides who may undo an acceptance, and until when.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Case as When
from django.db.models import Q, Value
from django.db.models import When as Then

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.cases.models import Case
from nowrongdoor.core import handoff as rules

_OVER = [state.value for state in rules.State if state.is_over]
_REASONED = [t.to.value for t in rules.TRANSITIONS.values() if t.needs_reason]


class Handoff(models.Model):
    """An offer of the lead to one agency, and what became of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="handoffs")
    from_agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    to_agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=12)
    position = models.PositiveSmallIntegerField()  # in the chain of the decision, 0 first
    rule = models.CharField(max_length=60, blank=True, default="")
    why = models.TextField()
    citation = models.TextField(blank=True, default="")
    evidence = models.CharField(max_length=60, blank=True, default="")
    facts_version = models.PositiveIntegerField()
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField(null=True)  # policy: no statute sets one
    over_at = models.DateTimeField(null=True)
    over_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.BinaryField(default=bytes)
    because = models.BinaryField(default=bytes, db_default=b"")  # why the lead itself offers it, sealed
    needs_open = models.GeneratedField(
        expression=When(Then(state="offered", then=Value(True))),
        output_field=models.BooleanField(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "case", "to_agency", "state"], name="handoff_id_case_to_state"),
            models.UniqueConstraint(fields=["case"], condition=Q(state="offered"), name="one_open_offer_per_case"),
            models.CheckConstraint(
                name="a_handoff_has_a_known_state",
                condition=Q(state__in=[s.value for s in rules.State]),
            ),
            models.CheckConstraint(
                name="a_handoff_has_a_known_kind",
                condition=Q(kind__in=[k.value for k in rules.Kind]),
            ),
            models.CheckConstraint(
                name="an_open_offer_is_not_over",
                condition=Q(state="offered", over_at=None, over_by=None, due_at__isnull=False)
                | Q(state__in=_OVER, over_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_refusal_has_a_reason_and_a_person",
                condition=~Q(state="declined") | (~Q(reason=b"") & Q(over_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="what_others_must_understand_has_a_reason",
                condition=~Q(state__in=_REASONED) | ~Q(reason=b""),
            ),
            models.CheckConstraint(
                name="a_backstop_cannot_decline",
                condition=~Q(kind="backstop") | Q(state="accepted"),
            ),
            models.CheckConstraint(
                name="an_undo_or_a_request_is_made_by_somebody",
                condition=~Q(kind__in=["undo", "request"]) | Q(offered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="a_request_of_the_lead_says_why", condition=~Q(kind="request") | ~Q(because=b"")
            ),
            models.CheckConstraint(
                name="nobody_hands_a_lead_to_themselves",
                condition=~Q(from_agency=models.F("to_agency")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["to_agency", "due_at", "id"],
                condition=Q(state="offered"),
                name="offer_of_agency",
            ),
            models.Index(fields=["due_at", "id"], condition=Q(state="offered"), name="offer_due"),
            models.Index(fields=["case", "offered_at", "id"], name="handoff_of_case"),
            models.Index(fields=["over_by", "-over_at"], condition=Q(state="accepted"), name="yes_of_person"),
        ]

    @classmethod
    def is_accepted(cls, case: Case) -> bool:
        """Return whether somebody accepted the lead of a case, and did not undo it."""
        if case.lead_handoff_id is None:
            return False
        is_back = cls.objects.filter(id=case.lead_handoff_id, kind=rules.Kind.UNDO.value).exists()
        return not (is_back and case.lead_id == case.received_by_id)

    @classmethod
    def passed_over(cls) -> models.QuerySet[Handoff]:
        """Find agencies that were passed over because nobody there can answer: offers that ended as they were made, the
        only ones that never had any time to answer."""
        return cls.objects.filter(state=rules.State.SUPERSEDED.value, due_at=models.F("offered_at"))
