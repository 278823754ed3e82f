"""The people of a case, as rows: that there is somebody, what is known of them, and how their own agency finds them.

The promise (7 of docs/promises.md): nobody is matched across agencies, hashed or not. So these rows stand in a module
of their own, which a contract lets only those rooms import that speak of a person by a release, a duty or a disposal
(pyproject.toml).
"""

from __future__ import annotations

from django.db import models

from nowrongdoor.agencies.models import Agency, new_id
from nowrongdoor.cases.models import Case


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
