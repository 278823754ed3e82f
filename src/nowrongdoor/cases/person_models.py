"""The people of a case, as rows: that there is somebody, what is known of them, and how their own agency finds them.

The promise (7 of docs/promises.md): nobody is matched across agencies, hashed or not. So these rows stand in a module
of their own, which a contract lets only those rooms import that speak of a person by a release, a duty or a disposal
(pyproject.toml).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from nowrongdoor.agencies.models import Agency, User, new_id
from nowrongdoor.cases.models import Case
from nowrongdoor.core import instants


class Person(models.Model):
    """Somebody in a case. The others of the case know that there is somebody; what is known of them is in the parts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    owner = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "owner", "number"], name="a_person_has_one_number")]


class PersonPart(models.Model):
    """One part of what an agency knows of a person, sealed: only to the roles and releases that the part is for
    (promise 7; `parts` says which)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="parts")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    owner = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    part = models.CharField(max_length=20)
    details = models.BinaryField()

    class Meta:
        db_table = "nowrongdoor_person_part"
        constraints = [models.UniqueConstraint(fields=["person", "part"], name="a_part_of_a_person_is_kept_once")]


class PersonToken(models.Model):
    """By which an agency finds its own people again: a search token of a name or a number, never the thing itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="tokens")
    owner = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    token = models.BinaryField(max_length=32)

    class Meta:
        db_table = "nowrongdoor_person_token"
        indexes = [models.Index(fields=["owner", "token"], name="person_token_of_owner")]


# Nothing is dated so early that a page could not show it in every time zone.
_OF_OUR_TIME = (Q(from_at=None) | Q(from_at__gte=instants.EARLIEST)) & (Q(to_at=None) | Q(to_at__gte=instants.EARLIEST))


class PersonRole(models.Model):
    """What somebody is in a case, and from when to when: one person may have several, at once or one after the other.
    Only the agency that wrote it down reads it. `from_at`: None where nobody knows."""

    class Role(models.TextChoices):
        VICTIM = "victim", "victim"
        OFFENDER = "offender", "offender"
        WITNESS = "witness", "witness"
        FAMILY = "family", "family"
        OTHER = "other", "other"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="roles")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    owner = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    from_at = models.DateTimeField(null=True)
    to_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_as = models.CharField(max_length=20, db_default="")  # as of a note

    class Meta:
        db_table = "nowrongdoor_person_role"
        constraints = [
            # Once by whoever reads the other's: what is kept from somebody is not told by refusing theirs.
            models.UniqueConstraint(
                fields=["person", "role", "written_as"],
                condition=Q(to_at=None),
                name="a_person_has_a_role_once_at_a_time",
            ),
            models.CheckConstraint(
                name="a_role_in_a_case_is_known",
                condition=Q(role__in=["victim", "offender", "witness", "family", "other"]),
            ),
            models.CheckConstraint(
                name="a_role_ends_after_it_began",
                condition=Q(from_at=None) | Q(to_at=None) | Q(to_at__gte=F("from_at")),
            ),
            models.CheckConstraint(name="a_role_is_of_our_time", condition=_OF_OUR_TIME),
        ]


class PersonRelation(models.Model):
    """How one person of a case stands to another: `person` is the parent, partner or employer of `other`. Both were
    written down by the same agency, which alone reads it."""

    class Kind(models.TextChoices):
        PARENT = "parent", "parent"
        PARTNER = "partner", "partner"
        SIBLING = "sibling", "sibling"
        RELATIVE = "relative", "relative"
        FRIEND = "friend", "friend"
        EMPLOYER = "employer", "employer"
        RECRUITER = "recruiter", "recruiter"
        INTERPRETER = "interpreter", "interpreter"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="relations")
    other = models.ForeignKey(Person, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    owner = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    from_at = models.DateTimeField(null=True)
    to_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_as = models.CharField(max_length=20, db_default="")  # as of a note

    class Meta:
        db_table = "nowrongdoor_person_relation"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "other", "kind", "written_as"],
                condition=Q(to_at=None),
                name="two_people_are_related_once_in_a_way",
            ),
            models.CheckConstraint(name="nobody_is_related_to_themselves", condition=~Q(person=F("other"))),
            models.CheckConstraint(
                name="people_are_related_in_a_known_way",
                condition=Q(
                    kind__in=[
                        *("parent", "partner", "sibling", "relative"),
                        *("friend", "employer", "recruiter", "interpreter"),
                    ]
                ),
            ),
            models.CheckConstraint(
                name="a_relation_ends_after_it_began",
                condition=Q(from_at=None) | Q(to_at=None) | Q(to_at__gte=F("from_at")),
            ),
            models.CheckConstraint(name="a_relation_is_of_our_time", condition=_OF_OUR_TIME),
        ]
