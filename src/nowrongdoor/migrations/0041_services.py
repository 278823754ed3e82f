"""The directory of services: its rows, each service as it is matched, and who vouches for whom.

Expand only: the release before knows none of these tables. The way back is closed while rows are in the directory: the
older schema has no place for them.
"""

from __future__ import annotations

import datetime

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.fields.json
import django.db.models.functions
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

GUARDS = """
ALTER TABLE nowrongdoor_directory_row
  ADD CONSTRAINT a_row_of_the_directory_holds_its_own_id
  CHECK (content ->> 'id' IS NOT NULL AND content ->> 'id' = listed::text);

-- Of a hidden service staff alone see when somebody is there, whether there is room, who works there and what stood
-- there before; and how it is joined to a place is not kept. Looked at when the transaction ends: a package
-- changes both.
CREATE FUNCTION nowrongdoor_hides(of_service uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN NOT EXISTS (SELECT FROM nowrongdoor_directory_row
                      WHERE "table" = 'services' AND listed = of_service AND is_hidden)
    OR NOT EXISTS (SELECT FROM nowrongdoor_directory_row
                    WHERE root = of_service
                      AND ("table" IN ('service_at_location', 'addresses', 'locations')
                        OR "table" IN ('schedules', 'service_capacity', 'contacts', 'metadata') AND NOT is_for_staff))
       AND NOT EXISTS (SELECT FROM nowrongdoor_listing_opening WHERE listing_id = of_service AND NOT is_for_staff);
END $$;
CREATE FUNCTION nowrongdoor_keep_hidden() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT nowrongdoor_hides(CASE TG_TABLE_NAME WHEN 'nowrongdoor_directory_row'
                           THEN (to_jsonb(NEW) ->> 'root')::uuid ELSE (to_jsonb(NEW) ->> 'listing_id')::uuid END) THEN
    RAISE EXCEPTION 'of a hidden service, staff alone see hours and room, and no place is kept'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER a_row_of_a_hidden_service_says_no_more AFTER INSERT OR UPDATE ON nowrongdoor_directory_row
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW."table" IN ('service_at_location', 'addresses', 'locations', 'schedules', 'service_capacity', 'contacts',
                        'metadata') OR NEW.is_hidden)
  EXECUTE FUNCTION nowrongdoor_keep_hidden();
CREATE CONSTRAINT TRIGGER the_hours_of_a_hidden_service_are_for_staff AFTER INSERT OR UPDATE
  ON nowrongdoor_listing_opening DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT NEW.is_for_staff)
  EXECUTE FUNCTION nowrongdoor_keep_hidden();

CREATE TRIGGER a_vetting_is_ones_own AFTER INSERT ON nowrongdoor_vetting FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id) OR NOT nowrongdoor_coordinates(NEW.by_id)
        OR NEW.ended_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a coordinator vets an organization in their own name');
CREATE TRIGGER a_vetting_ends_once_and_in_ones_own_name AFTER UPDATE ON nowrongdoor_vetting FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL OR NOT nowrongdoor_signs(NEW.ended_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a vetting is ended once, by somebody of its agency, who looks');
"""
UNGUARD = """
DROP TRIGGER a_vetting_ends_once_and_in_ones_own_name ON nowrongdoor_vetting;
DROP TRIGGER a_vetting_is_ones_own ON nowrongdoor_vetting;
DROP TRIGGER the_hours_of_a_hidden_service_are_for_staff ON nowrongdoor_listing_opening;
DROP TRIGGER a_row_of_a_hidden_service_says_no_more ON nowrongdoor_directory_row;
DROP FUNCTION nowrongdoor_keep_hidden;
DROP FUNCTION nowrongdoor_hides;
ALTER TABLE nowrongdoor_directory_row DROP CONSTRAINT a_row_of_the_directory_holds_its_own_id;
"""
STAYS = """
DO $$
DECLARE
  rows bigint := (SELECT count(*) FROM nowrongdoor_directory_row);
BEGIN
  IF rows > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % rows of the directory. Export them, '
      'or stay, or restore a backup of that release.', rows;
  END IF;
END $$;
"""


def _named(field: str) -> models.GeneratedField:
    return models.GeneratedField(
        db_persist=True,
        expression=django.db.models.functions.Cast(
            django.db.models.fields.json.KT(f"content__{field}"), models.UUIDField()
        ),
        output_field=models.UUIDField(null=True),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("nowrongdoor", "0040_checks"),
    ]

    operations = [
        migrations.CreateModel(
            name="Listing",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("organization", models.UUIDField(null=True)),
                ("name", models.TextField()),
                ("kinds", models.JSONField()),
                ("states", models.JSONField()),
                ("reads", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Vetting",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organization", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DirectoryRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("table", models.CharField(max_length=40)),
                ("listed", models.UUIDField()),
                ("root", models.UUIDField()),
                ("content", models.JSONField()),
                ("is_for_staff", models.BooleanField()),
                ("is_hidden", models.BooleanField()),
                ("at", models.DateTimeField()),
                ("hundred", models.PositiveIntegerField(null=True)),
                ("organization", _named("organization_id")),
                ("location", _named("location_id")),
            ],
            options={
                "db_table": "nowrongdoor_directory_row",
                "indexes": [
                    models.Index(fields=["root", "table"], name="directory_rows_of_a_root"),
                    models.Index(
                        condition=models.Q(("organization__isnull", False)),
                        fields=["organization", "table"],
                        name="directory_rows_by_organization",
                    ),
                    models.Index(
                        condition=models.Q(("location__isnull", False)),
                        fields=["location", "table"],
                        name="directory_rows_by_location",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("table", "listed"), name="a_row_of_the_directory_is_there_once"),
                    models.CheckConstraint(
                        condition=models.Q(("table__regex", "^[a-z][a-z_]{0,39}$")),
                        name="a_row_of_the_directory_is_of_a_table_by_name",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("hundred__isnull", False)),
                        fields=("table", "hundred"),
                        name="a_hundred_of_a_list_begins_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                (
                    "listing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="opening",
                        serialize=False,
                        to="nowrongdoor.listing",
                    ),
                ),
                ("is_for_staff", models.BooleanField()),
                ("schedules", models.JSONField()),
                ("room", models.JSONField(null=True)),
            ],
            options={
                "db_table": "nowrongdoor_listing_opening",
            },
        ),
        migrations.AddIndex(
            model_name="listing",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["kinds", "states"], name="listing_by_kind_and_state"
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["organization"], name="listings_of_an_organization"),
        ),
        migrations.AddConstraint(
            model_name="listing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kinds", []), _negated=True),
                    models.Q(("states", []), _negated=True),
                    models.Q(("name", ""), _negated=True),
                ),
                name="a_listing_can_be_found",
            ),
        ),
        migrations.AddField(
            model_name="vetting",
            name="agency",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.agency"
            ),
        ),
        migrations.AddField(
            model_name="vetting",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="vetting",
            name="ended_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="vetting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__gt", models.F("at")),
                    (
                        "until__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("at"), "+", models.Value(datetime.timedelta(days=366))
                        ),
                    ),
                ),
                name="a_vetting_ends_within_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="vetting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", None)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="a_vetting_is_ended_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="vetting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("organization", "agency"),
                name="an_agency_vets_once_at_a_time",
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
