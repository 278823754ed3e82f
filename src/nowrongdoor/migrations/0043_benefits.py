"""The benefits letters of a person, as the agency that helps them notes them.

Expand only: the release before knows no such table. The way back is closed while there are letters: the older schema has
no place for them.
"""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

GUARDS = """
ALTER TABLE nowrongdoor_benefits_letter
  ADD CONSTRAINT benefits_letter_number_is_sealed
  CHECK (length(number) = 0 OR (get_byte(number, 0) = 1 AND length(number) > 29)),
  ADD CONSTRAINT a_benefits_letter_is_of_ones_own_person
  FOREIGN KEY (person_id, case_id, owner_id) REFERENCES nowrongdoor_person (id, case_id, owner_id);
CREATE TRIGGER the_writers_role_is_noted BEFORE INSERT ON nowrongdoor_benefits_letter FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_note_writer();
CREATE TRIGGER a_benefits_letter_is_answered_in_ones_own_name AFTER INSERT OR UPDATE OF answered_at, answered_by_id
  ON nowrongdoor_benefits_letter FOR EACH ROW
  WHEN (NEW.answered_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.answered_by_id, NEW.owner_id))
  EXECUTE FUNCTION nowrongdoor_refuse('what became of a benefits letter is noted in one''s own name');
CREATE TRIGGER a_benefits_letter_is_extended_in_ones_own_name AFTER INSERT OR UPDATE OF extended_at, extended_by_id
  ON nowrongdoor_benefits_letter FOR EACH ROW
  WHEN (NEW.extended_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.extended_by_id, NEW.owner_id))
  EXECUTE FUNCTION nowrongdoor_refuse('that a benefits letter was extended is noted in one''s own name');
CREATE TRIGGER a_benefits_letter_is_struck_in_ones_own_name AFTER INSERT OR UPDATE OF struck_at, struck_by_id
  ON nowrongdoor_benefits_letter FOR EACH ROW
  WHEN (NEW.struck_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.struck_by_id, NEW.owner_id))
  EXECUTE FUNCTION nowrongdoor_refuse('what was noted of a benefits letter is struck in one''s own name');
-- What came or was refused stays so, is extended once, and is struck for good.
CREATE TRIGGER what_was_noted_of_a_benefits_letter_stays AFTER UPDATE ON nowrongdoor_benefits_letter FOR EACH ROW
  WHEN (OLD.struck_at IS NOT NULL
        OR (OLD.state <> 'requested'
            AND (NEW.state, NEW.received_on, NEW.expires_on, NEW.number, NEW.ended_on, NEW.answered_at, NEW.answered_by_id)
                IS DISTINCT FROM (OLD.state, OLD.received_on, OLD.expires_on, OLD.number, OLD.ended_on, OLD.answered_at,
                                  OLD.answered_by_id))
        OR (OLD.extended_at IS NOT NULL
            AND (NEW.extended_to, NEW.extended_at, NEW.extended_by_id)
                IS DISTINCT FROM (OLD.extended_to, OLD.extended_at, OLD.extended_by_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('what was noted of a benefits letter stays; what is wrong is struck');
"""
UNGUARD = """
DROP TRIGGER what_was_noted_of_a_benefits_letter_stays ON nowrongdoor_benefits_letter;
DROP TRIGGER a_benefits_letter_is_struck_in_ones_own_name ON nowrongdoor_benefits_letter;
DROP TRIGGER a_benefits_letter_is_extended_in_ones_own_name ON nowrongdoor_benefits_letter;
DROP TRIGGER a_benefits_letter_is_answered_in_ones_own_name ON nowrongdoor_benefits_letter;
DROP TRIGGER the_writers_role_is_noted ON nowrongdoor_benefits_letter;
"""
STAYS = """
DO $$
DECLARE
  letters bigint := (SELECT count(*) FROM nowrongdoor_benefits_letter);
BEGIN
  IF letters > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % benefits letters. Stay, or restore a backup of that release.',
      letters;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("nowrongdoor", "0042_referrals"),
    ]

    operations = [
        migrations.CreateModel(
            name="BenefitsLetter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("received", "Received"),
                            ("refused", "Refused"),
                            ("withdrawn", "Request withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("requested_on", models.DateField(null=True)),
                ("received_on", models.DateField(null=True)),
                ("expires_on", models.DateField(null=True)),
                ("extended_to", models.DateField(null=True)),
                ("ended_on", models.DateField(null=True)),
                ("number", models.BinaryField(db_default=b"", default=bytes)),
                ("at", models.DateTimeField()),
                ("written_as", models.CharField(db_default="", max_length=20)),
                ("answered_at", models.DateTimeField(null=True)),
                ("extended_at", models.DateTimeField(null=True)),
                ("struck_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.case",
                    ),
                ),
                (
                    "extended_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="nowrongdoor.person"
                    ),
                ),
                (
                    "struck_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_benefits_letter",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__regex", "^[a-z][a-z_]{0,39}$")),
                        name="a_benefits_letter_is_of_a_kind_by_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("requested_on__isnull", False),
                                ("state", "requested"),
                                ("answered_at", None),
                                ("answered_by", None),
                                ("ended_on", None),
                                ("received_on", None),
                            ),
                            models.Q(
                                ("ended_on", None),
                                ("received_on__isnull", False),
                                ("state", "received"),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            models.Q(
                                ("requested_on__isnull", False),
                                ("state__in", ["refused", "withdrawn"]),
                                ("ended_on__isnull", False),
                                ("received_on", None),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_benefits_letter_is_answered_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("expires_on", None), ("number", b"")), ("state", "received"), _connector="OR"
                        ),
                        name="only_a_letter_that_came_has_a_number_and_an_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("requested_on", None),
                            models.Q(("received_on", None), ("ended_on", None)),
                            models.Q(("received_on__gte", models.F("requested_on")), ("received_on__isnull", False)),
                            models.Q(("ended_on__gte", models.F("requested_on")), ("ended_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_benefits_letter_is_answered_after_it_was_requested",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_on", None),
                            models.Q(
                                ("expires_on__gte", models.F("received_on")),
                                ("expires_on__isnull", False),
                                ("received_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_benefits_letter_ends_after_it_came",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("extended_at", None), ("extended_by", None), ("extended_to", None)),
                            models.Q(
                                ("expires_on__isnull", False),
                                ("extended_at__isnull", False),
                                ("extended_by__isnull", False),
                                ("extended_to__gt", models.F("expires_on")),
                                ("extended_to__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_benefits_letter_is_extended_to_a_later_day_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("struck_at", None), ("struck_by", None)),
                            models.Q(("struck_at__isnull", False), ("struck_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_benefits_letter_is_struck_by_somebody",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "requested"), ("struck_at", None)),
                        fields=("person", "kind", "written_as"),
                        name="a_benefits_letter_is_requested_once_at_a_time",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
