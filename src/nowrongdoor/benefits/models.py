"""The benefits letters of a person, as the agency that helps them notes them: asked for, come, refused, ended.

The promise: no letter is made here and none opens or closes any help. That somebody has one says where they come from,
so only the agency that added the person reads it, in the roles that see immigration matters. What was noted stays; what
was wrong is struck, with who struck it.
"""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.cases.models import Case
from nowrongdoor.cases.person_models import Person
from nowrongdoor.core.language import pgettext_lazy
from nowrongdoor.vault import sealing


class State(models.TextChoices):
    """Where a letter stands."""

    REQUESTED = "requested", pgettext_lazy("a benefits letter", "Requested")
    RECEIVED = "received", pgettext_lazy("a benefits letter", "Received")
    REFUSED = "refused", pgettext_lazy("a benefits letter", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("a benefits letter", "Request withdrawn")


_OPEN = Q(answered_at=None, answered_by=None, received_on=None, ended_on=None)
_ANSWERED = Q(answered_at__isnull=False, answered_by__isnull=False)


class BenefitsLetter(models.Model):
    """One benefits letter of a person, from the day when it was asked for. `requested_on`: None where it came without
    anybody here asking. `ended_on`: when it was refused, or its request withdrawn. `extended_to`: the last day, once
    the letter was extended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)  # a code of the country's benefits.toml
    state = models.CharField(max_length=10, choices=State.choices)
    requested_on = models.DateField(null=True)
    received_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    extended_to = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    number = models.BinaryField(default=bytes, db_default=b"")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    written_as = models.CharField(max_length=20, db_default="")  # as of a note
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    extended_at = models.DateTimeField(null=True)
    extended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    struck_at = models.DateTimeField(null=True)
    struck_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        db_table = "nowrongdoor_benefits_letter"
        constraints = [
            models.CheckConstraint(
                name="a_benefits_letter_is_of_a_kind_by_name", condition=Q(kind__regex=r"^[a-z][a-z_]{0,39}$")
            ),
            models.CheckConstraint(
                name="a_benefits_letter_is_answered_by_somebody",
                condition=(Q(state="requested", requested_on__isnull=False) & _OPEN)
                | (Q(state="received", received_on__isnull=False, ended_on=None) & _ANSWERED)
                | (
                    Q(state__in=["refused", "withdrawn"], requested_on__isnull=False)
                    & Q(received_on=None, ended_on__isnull=False)
                    & _ANSWERED
                ),
            ),
            models.CheckConstraint(
                name="only_a_letter_that_came_has_a_number_and_an_end",
                condition=Q(number=b"", expires_on=None) | Q(state="received"),
            ),
            models.CheckConstraint(
                name="a_benefits_letter_is_answered_after_it_was_requested",
                condition=Q(requested_on=None)
                | (Q(received_on=None) & Q(ended_on=None))
                | Q(received_on__isnull=False, received_on__gte=F("requested_on"))
                | Q(ended_on__isnull=False, ended_on__gte=F("requested_on")),
            ),
            models.CheckConstraint(
                name="a_benefits_letter_ends_after_it_came",
                condition=Q(expires_on=None)
                | Q(expires_on__isnull=False, received_on__isnull=False, expires_on__gte=F("received_on")),
            ),
            models.CheckConstraint(
                name="a_benefits_letter_is_extended_to_a_later_day_by_somebody",
                condition=Q(extended_to=None, extended_at=None, extended_by=None)
                | Q(
                    extended_to__isnull=False,
                    extended_at__isnull=False,
                    extended_by__isnull=False,
                    expires_on__isnull=False,
                    extended_to__gt=F("expires_on"),
                ),
            ),
            models.CheckConstraint(
                name="a_benefits_letter_is_struck_by_somebody",
                condition=Q(struck_at=None, struck_by=None) | Q(struck_at__isnull=False, struck_by__isnull=False),
            ),
            # Once by whoever reads the other's: what is kept from somebody is not told by refusing theirs.
            models.UniqueConstraint(
                fields=["person", "kind", "written_as"],
                condition=Q(state="requested", struck_at=None),
                name="a_benefits_letter_is_requested_once_at_a_time",
            ),
        ]

    @property
    def last_on(self) -> datetime.date | None:
        """Return its last day, if it has one."""
        return self.extended_to or self.expires_on

    def place(self) -> sealing.Place:
        """Return where its number is sealed."""
        return sealing.Place("benefits_letter", self.id, "number", self.owner_id)
