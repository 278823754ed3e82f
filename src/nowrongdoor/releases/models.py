"""What a person allowed to be told, and what was told without their leave because a law said so.

The promise (7 of the design): no part of a person crosses an agency border without a row here. The policy of
`person_part` asks these tables on every read, so that a release that ran out or was revoked shows nothing from that
instant; and immigration matters never leave their department (a trigger, promises.sql).
"""

from __future__ import annotations

import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.cases.models import Case
from nowrongdoor.cases.person_models import Person
from nowrongdoor.core import disclosure_grounds, parts

_PARTS = [part.value for part in parts.Part]


class Release(models.Model):
    """A person's written consent: to whom, which parts, for what, until when, before which witness."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="releases")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    parts = ArrayField(models.CharField(max_length=20))
    purpose = models.BinaryField()
    witness = models.BinaryField()
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_release_names_its_parts", condition=Q(parts__contained_by=_PARTS, parts__len__gt=0)
            ),
            models.CheckConstraint(
                name="a_release_has_an_end",
                condition=Q(
                    expires_at__gt=F("given_at"), expires_at__lte=F("given_at") + disclosure_grounds.LONGEST_CONSENT
                ),
            ),
            models.CheckConstraint(
                name="a_release_has_a_purpose_and_a_witness", condition=~Q(purpose=b"") & ~Q(witness=b"")
            ),
            models.CheckConstraint(name="a_release_is_to_another_agency", condition=~Q(agency=F("recipient"))),
            models.CheckConstraint(
                name="a_release_is_revoked_by_somebody",
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["person", "recipient"], name="release_of_person")]


class Disclosure(models.Model):
    """What was told under a legal duty, without consent. It is an act of its own and never undone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="disclosures")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    parts = ArrayField(models.CharField(max_length=20))
    ground = models.CharField(max_length=20)
    citation = models.CharField(max_length=200)
    evidence = models.CharField(max_length=20)
    because = models.BinaryField()
    at = models.DateTimeField()
    until = models.DateTimeField()  # how long the recipient may look here; what it wrote down is its own
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_disclosure_names_its_parts", condition=Q(parts__contained_by=_PARTS, parts__len__gt=0)
            ),
            models.CheckConstraint(
                name="a_disclosure_names_its_law",
                condition=Q(ground__in=[ground.value for ground in disclosure_grounds.Ground])
                & ~Q(citation="")
                & ~Q(because=b""),
            ),
            models.CheckConstraint(
                name="a_disclosure_ends",
                condition=Q(until__gt=F("at"), until__lte=F("at") + datetime.timedelta(days=30)),
            ),
            models.CheckConstraint(name="a_disclosure_is_to_another_agency", condition=~Q(agency=F("recipient"))),
        ]
        indexes = [models.Index(fields=["person", "recipient"], name="disclosure_of_person")]
