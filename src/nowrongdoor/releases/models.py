"""What a person allowed to be told, what was told without their leave because a law said so, and what agencies ask of
each other and write to each other about a case.

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
from nowrongdoor.core.language import gettext_lazy

_PARTS = [part.value for part in parts.Part]
SIGNERS = [signer.value for signer in disclosure_grounds.Signer]
WAYS = ["phone", "in_person", "writing"]  # in which a person takes a release back


class Release(models.Model):
    """A person's written consent: to whom, which parts, for what, until when, signed by whom in what capacity, before
    which witness; and the words that were signed."""

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
    revoked_how = models.CharField(max_length=10, default="", db_default="", blank=True)
    signer = models.CharField(max_length=20, default=SIGNERS[0], db_default=SIGNERS[0])
    co_signer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")  # who is on record, that is
    co_signer_name = models.BinaryField(default=bytes, db_default=b"")
    is_no_abuser = models.BooleanField(default=False, db_default=False)  # whoever signed with or for the person
    excluded = models.BinaryField(default=bytes, db_default=b"")  # who may not sign, and why
    longer_because = models.BinaryField(default=bytes, db_default=b"")
    signed_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=10, default="", db_default="", blank=True)
    signed_text = models.BinaryField(default=bytes, db_default=b"")  # the very words that were signed

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["id", "person", "agency", "recipient"], name="release_id_person_agency_recipient"
            ),
            models.CheckConstraint(name="a_release_is_signed_in_a_known_capacity", condition=Q(signer__in=SIGNERS)),
            models.CheckConstraint(
                name="who_signs_with_or_for_somebody_is_named_and_no_abuser",
                condition=Q(signer__in=["person", "minor"], co_signer=None, co_signer_name=b"")
                | (Q(signer__in=["minor_and_parent", "guardian"], is_no_abuser=True) & ~Q(co_signer_name=b"")),
            ),
            models.CheckConstraint(name="nobody_signs_for_themselves_as_another", condition=~Q(co_signer=F("person"))),
            models.CheckConstraint(
                name="a_release_is_kept_once_it_is_signed",
                condition=Q(signed_at=None) | Q(signed_at__lte=F("given_at")),
            ),
            models.CheckConstraint(
                name="a_release_is_revoked_in_a_known_way",
                condition=Q(revoked_how="") | (Q(revoked_how__in=WAYS) & Q(revoked_at__isnull=False)),
            ),
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


class CaseRequest(models.Model):
    """What the agency that leads a case asks of one it came from: words, a way to reach a person, or a release; and
    what came of it. While it is open it is on both worklists; a trigger writes both."""

    class What(models.TextChoices):
        WORDS = "words", gettext_lazy("what the person said")
        CONTACT = "contact", gettext_lazy("a way to reach the person")
        RELEASE = "release", gettext_lazy("a release the person signs")

    class State(models.TextChoices):
        ASKED = "asked", gettext_lazy("waiting for an answer")
        ANSWERED = "answered", gettext_lazy("answered")
        REFUSED = "refused", gettext_lazy("refused")
        WITHDRAWN = "withdrawn", gettext_lazy("withdrawn")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    to_agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    what = models.CharField(max_length=10, choices=What.choices)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    because = models.BinaryField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices)
    over_at = models.DateTimeField(null=True)
    over_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.BinaryField(default=bytes)
    answer = models.BinaryField(default=bytes)
    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="+")
    called_at = models.DateTimeField(null=True)  # when the person spoke for themselves, in a call with both agencies

    class Meta:
        db_table = "nowrongdoor_case_request"
        constraints = [
            models.CheckConstraint(
                name="a_request_asks_for_something_known", condition=Q(what__in=["words", "contact", "release"])
            ),
            models.CheckConstraint(
                name="a_request_has_a_known_state",
                condition=Q(state__in=["asked", "answered", "refused", "withdrawn"]),
            ),
            models.CheckConstraint(
                name="a_request_is_over_once_somebody_ended_it",
                condition=Q(state="asked", over_at=None, over_by=None)
                | (~Q(state="asked") & Q(over_at__isnull=False, over_by__isnull=False)),
            ),
            models.CheckConstraint(name="a_request_says_why", condition=~Q(because=b"")),
            models.CheckConstraint(name="a_refused_request_says_why", condition=~Q(state="refused") | ~Q(reason=b"")),
            models.CheckConstraint(name="a_request_is_to_another_agency", condition=~Q(agency=F("to_agency"))),
            models.CheckConstraint(
                name="a_way_to_somebody_is_asked_for_by_person",
                condition=Q(what="words") | Q(person__isnull=False),
            ),
            # No details in the words of an answer: no release would end them.
            models.CheckConstraint(
                name="a_way_to_somebody_is_given_by_release_or_call",
                condition=~Q(state="answered")
                | Q(called_at__isnull=False)
                | Q(what="words", release=None) & ~Q(answer=b"")
                | Q(what__in=["contact", "release"], answer=b"", release__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["case", "agency", "to_agency", "what", "person"],
                condition=Q(state="asked"),
                nulls_distinct=False,
                name="a_request_is_open_once",
            ),
        ]
        indexes = [models.Index(fields=["case", "at", "id"], name="request_of_case")]


class CaseMessage(models.Model):
    """What one agency of a case wrote to another. What is `for_prosecutors` (attorney work product) goes between
    prosecutors, and nobody else reads it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    to_agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    text = models.BinaryField()
    for_prosecutors = models.BooleanField(default=False)
    written_as = models.CharField(max_length=20, db_default="")  # the role of whoever wrote it, which a trigger writes

    class Meta:
        db_table = "nowrongdoor_case_message"
        constraints = [
            models.CheckConstraint(name="a_message_says_something", condition=~Q(text=b"")),
            models.CheckConstraint(name="a_message_is_to_another_agency", condition=~Q(agency=F("to_agency"))),
        ]
        indexes = [models.Index(fields=["case", "at", "id"], name="case_message_of_case")]
