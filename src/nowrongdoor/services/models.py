"""The directory of services: the rows of HSDS 3.1 as they were given, and each service as it is matched.

The promise (F1, F12 of the field's rules): where a hidden place is is kept nowhere here, so that nothing can tell it;
when somebody is there and whether it has room only staff of agencies see. A service is offered only while somebody
vetted its organization within a year. The constraints below and migration 0041 declare it.
"""

from __future__ import annotations

import datetime

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from nowrongdoor.agencies.models import Agency, User, new_id

MOST_ROOM = 999
LONGEST_VETTING = datetime.timedelta(days=366)
CODE = r"^[a-z][a-z_]{0,39}$"
HUNDRED = 100


def _named(field: str) -> models.GeneratedField:
    """Make the column of the id that a field names: row policies let no index be used on what stands in JSON."""
    return models.GeneratedField(
        expression=Cast(KT(f"content__{field}"), models.UUIDField()),
        output_field=models.UUIDField(null=True),
        db_persist=True,
    )


class DirectoryRow(models.Model):
    """A row of a table of HSDS. `listed`: its id there; `root`: that of the service, the place or the organization to
    which it belongs; `content`: its fields, of which `organization` and `location` are two; `is_hidden`: of a service
    or organization: nobody is told where it is; `hundred`: of the first row of every hundred of a list that everybody
    reads: how many hundreds are before it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    table = models.CharField(max_length=40)
    listed = models.UUIDField()
    root = models.UUIDField()
    content = models.JSONField()
    is_for_staff = models.BooleanField()
    is_hidden = models.BooleanField()
    at = models.DateTimeField()
    hundred = models.PositiveIntegerField(null=True)
    organization = _named("organization_id")
    location = _named("location_id")

    class Meta:
        db_table = "nowrongdoor_directory_row"
        constraints = [
            models.UniqueConstraint(fields=["table", "listed"], name="a_row_of_the_directory_is_there_once"),
            models.CheckConstraint(name="a_row_of_the_directory_is_of_a_table_by_name", condition=Q(table__regex=CODE)),
            models.UniqueConstraint(
                fields=["table", "hundred"], condition=Q(hundred__isnull=False), name="a_hundred_of_a_list_begins_once"
            ),
        ]
        indexes = [
            models.Index(fields=["root", "table"], name="directory_rows_of_a_root"),
            models.Index(fields=["listed"], name="directory_row_by_its_id"),
            models.Index(
                fields=["organization", "table"],
                condition=Q(organization__isnull=False),
                name="directory_rows_by_organization",
            ),
            models.Index(
                fields=["location", "table"], condition=Q(location__isnull=False), name="directory_rows_by_location"
            ),
        ]


class Listing(models.Model):
    """A service as it is matched. `id`: its id in HSDS; `states`: for which it is, empty text for the whole country;
    `reads`: kinds, areas, conditions and languages, as the core reads them."""

    id = models.UUIDField(primary_key=True, editable=False)
    organization = models.UUIDField(null=True)
    name = models.TextField()
    kinds = models.JSONField()
    states = models.JSONField()
    reads = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_listing_can_be_found", condition=~Q(kinds=[]) & ~Q(states=[]) & ~Q(name="")),
        ]
        indexes = [
            GinIndex(fields=["kinds", "states"], name="listing_by_kind_and_state"),
            models.Index(fields=["organization"], name="listings_of_an_organization"),
        ]


class Opening(models.Model):
    """When somebody is there, and how much room there was when somebody of the service said so: rows of HSDS."""

    listing = models.OneToOneField(Listing, models.CASCADE, primary_key=True, related_name="opening")
    is_for_staff = models.BooleanField()
    schedules = models.JSONField()
    room = models.JSONField(null=True)

    class Meta:
        db_table = "nowrongdoor_listing_opening"


class Vetting(models.Model):
    """Somebody of an agency looked at an organization and vouches for it, for a year at most."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.UUIDField()
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_vetting_ends_within_a_year",
                condition=Q(until__gt=F("at"), until__lte=F("at") + LONGEST_VETTING),
            ),
            models.CheckConstraint(
                name="a_vetting_is_ended_by_somebody",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["organization", "agency"], condition=Q(ended_at=None), name="an_agency_vets_once_at_a_time"
            ),
        ]


class Provider(models.Model):
    """An agency that signs in for an organization of the directory: its own people say how much room there is, and
    answer when they are asked to take somebody."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.UUIDField()
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(ended_at=None), name="one_provider_answers_for_an_organization"
            ),
        ]


class FreeRoom(models.Model):
    """How much room a service has, as somebody who works there says. Rows are only added: the latest one counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.UUIDField()
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False)
    free = models.PositiveSmallIntegerField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        db_table = "nowrongdoor_free_room"
        constraints = [
            models.CheckConstraint(name="room_is_counted_to_999", condition=Q(free__lte=MOST_ROOM)),
        ]
        indexes = [models.Index(fields=["service", "-at", "-id"], name="room_of_service")]
