"""What is done beside a contact with the line and after it: its type, flags on who calls, reviews, and money.

Expand only: the release before knows none of these tables. The way back is closed while anything is in them: the older
schema has no place for it.
"""

from __future__ import annotations

import datetime

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

GUARDS = """
ALTER TABLE nowrongdoor_caller_flag
  ADD CONSTRAINT a_flag_is_of_a_token CHECK (length(caller) = 32),
  ADD CONSTRAINT caller_flag_words_is_sealed CHECK (get_byte(words, 0) = 1 AND length(words) > 29);
ALTER TABLE nowrongdoor_contact_review
  ADD CONSTRAINT contact_review_words_is_sealed
  CHECK (length(words) = 0 OR (get_byte(words, 0) = 1 AND length(words) > 29));
ALTER TABLE nowrongdoor_emergency_money
  ADD CONSTRAINT emergency_money_words_is_sealed CHECK (get_byte(words, 0) = 1 AND length(words) > 29);
-- What a contact was about: one after another, and who said so.
CREATE FUNCTION nowrongdoor_types_of(of_contact uuid) RETURNS integer LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (SELECT count(*) FROM nowrongdoor_contact_type WHERE contact_id = of_contact);
END $$;
CREATE TRIGGER a_type_follows_the_one_before AFTER INSERT ON nowrongdoor_contact_type FOR EACH ROW
  WHEN (NEW.number <> 1 + nowrongdoor_types_of(NEW.contact_id))
  EXECUTE FUNCTION nowrongdoor_refuse('what a contact was about is said once more, after what was said before');
CREATE TRIGGER a_type_is_said_in_ones_own_name AFTER INSERT ON nowrongdoor_contact_type FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('somebody of the agency says in their own name what a contact was about');
-- Flags
CREATE FUNCTION nowrongdoor_has_called(who bytea, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_contact WHERE caller = who AND agency_id = agency);
END $$;
CREATE TRIGGER a_flag_is_of_somebody_who_called AFTER INSERT ON nowrongdoor_caller_flag FOR EACH ROW
  WHEN (NOT nowrongdoor_has_called(NEW.caller, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a flag is of somebody who called or wrote to the same agency');
CREATE TRIGGER a_flag_is_put_on_in_ones_own_name AFTER INSERT ON nowrongdoor_caller_flag FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id) OR NEW.ended_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('somebody of the agency puts a flag on in their own name');
CREATE TRIGGER a_flag_is_taken_off_once_and_in_ones_own_name AFTER UPDATE ON nowrongdoor_caller_flag FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL OR (NEW.ended_by_id IS NOT NULL
        AND NOT nowrongdoor_signs(NEW.ended_by_id, NEW.agency_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('a flag is taken off once, by somebody of the agency in their own name');
-- Reviews
CREATE FUNCTION nowrongdoor_was_drawable(of_contact uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_contact
                  WHERE id = of_contact AND over_at IS NOT NULL AND answered_at IS NOT NULL AND use = 'live');
END $$;
CREATE TRIGGER a_review_is_of_a_contact_that_somebody_answered AFTER INSERT ON nowrongdoor_contact_review FOR EACH ROW
  WHEN (NOT nowrongdoor_was_drawable(NEW.contact_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a contact that is reviewed was answered, is over, and was no practice');
CREATE TRIGGER a_contact_is_drawn_in_ones_own_name AFTER INSERT ON nowrongdoor_contact_review FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.drawn_by_id, NEW.agency_id) OR NOT nowrongdoor_coordinates(NEW.drawn_by_id)
        OR NEW.at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a coordinator draws contacts in their own name, and reviews them afterwards');
CREATE FUNCTION nowrongdoor_had_contact(of_contact uuid, who uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_contact_leg WHERE contact_id = of_contact AND kind = 'held' AND person_id = who);
END $$;
CREATE TRIGGER nobody_reviews_their_own_contact AFTER UPDATE ON nowrongdoor_contact_review FOR EACH ROW
  WHEN (NEW.by_id IS NOT NULL AND nowrongdoor_had_contact(NEW.contact_id, NEW.by_id))
  EXECUTE FUNCTION nowrongdoor_refuse('nobody reviews a contact that they had');
CREATE TRIGGER a_review_is_written_once_and_in_ones_own_name AFTER UPDATE ON nowrongdoor_contact_review FOR EACH ROW
  WHEN (OLD.at IS NOT NULL OR (NEW.by_id IS NOT NULL
        AND NOT (nowrongdoor_signs(NEW.by_id, NEW.agency_id) AND nowrongdoor_coordinates(NEW.by_id))))
  EXECUTE FUNCTION nowrongdoor_refuse('a coordinator writes a review once, in their own name');
-- Money
CREATE FUNCTION nowrongdoor_is_live(of_contact uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_contact WHERE id = of_contact AND use = 'live' AND answered_at IS NOT NULL
                    AND (over_at IS NULL OR over_at > statement_timestamp() - interval '1 day'));
END $$;
CREATE TRIGGER money_is_for_somebody_in_contact AFTER INSERT ON nowrongdoor_emergency_money FOR EACH ROW
  WHEN (NOT nowrongdoor_is_live(NEW.contact_id))
  EXECUTE FUNCTION nowrongdoor_refuse('money is for somebody whom somebody talks with, or did within a day');
CREATE TRIGGER money_is_asked_for_in_ones_own_name AFTER INSERT ON nowrongdoor_emergency_money FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id) OR NEW.decided_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('somebody of the agency asks for money in their own name, before it is decided');
CREATE TRIGGER a_coordinator_decides_on_money_once AFTER UPDATE ON nowrongdoor_emergency_money FOR EACH ROW
  WHEN ((NEW.decided_by_id, NEW.decided_at, NEW.is_approved)
        IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_at, OLD.is_approved)
        AND (OLD.decided_at IS NOT NULL OR NOT nowrongdoor_signs(NEW.decided_by_id, NEW.agency_id)
             OR NOT nowrongdoor_coordinates(NEW.decided_by_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('a coordinator decides on money once, in their own name');
CREATE TRIGGER what_was_spent_is_noted_once AFTER UPDATE ON nowrongdoor_emergency_money FOR EACH ROW
  WHEN ((NEW.spent, NEW.spent_by_id, NEW.spent_at) IS DISTINCT FROM (OLD.spent, OLD.spent_by_id, OLD.spent_at)
        AND (OLD.spent_at IS NOT NULL OR NOT nowrongdoor_signs(NEW.spent_by_id, NEW.agency_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('what was spent is noted once, by somebody of the agency in their own name');
-- What a flag says ends when it is over, and not before.
CREATE FUNCTION nowrongdoor_keep_key_of_flag() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM nowrongdoor_caller_flag
              WHERE id = OLD.subject_id AND ended_at IS NULL AND until > statement_timestamp()) THEN
    RAISE EXCEPTION 'the key of a flag is destroyed once it is over'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER a_key_of_a_flag_is_kept BEFORE DELETE ON nowrongdoor_datakey FOR EACH ROW
  WHEN (OLD."of" = 'contact') EXECUTE FUNCTION nowrongdoor_keep_key_of_flag();
-- Open pages of the line hear of it.
CREATE TRIGGER a_new_type_is_told AFTER INSERT ON nowrongdoor_contact_type REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_line();
CREATE TRIGGER that_money_is_asked_for_is_told AFTER INSERT ON nowrongdoor_emergency_money
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_line();
CREATE TRIGGER what_became_of_money_is_told AFTER UPDATE ON nowrongdoor_emergency_money
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_line();
"""
UNGUARD = """
DROP TRIGGER a_key_of_a_flag_is_kept ON nowrongdoor_datakey;
DROP FUNCTION nowrongdoor_keep_key_of_flag;
DROP TRIGGER what_became_of_money_is_told ON nowrongdoor_emergency_money;
DROP TRIGGER that_money_is_asked_for_is_told ON nowrongdoor_emergency_money;
DROP TRIGGER what_was_spent_is_noted_once ON nowrongdoor_emergency_money;
DROP TRIGGER a_coordinator_decides_on_money_once ON nowrongdoor_emergency_money;
DROP TRIGGER money_is_asked_for_in_ones_own_name ON nowrongdoor_emergency_money;
DROP TRIGGER money_is_for_somebody_in_contact ON nowrongdoor_emergency_money;
DROP TRIGGER a_review_is_written_once_and_in_ones_own_name ON nowrongdoor_contact_review;
DROP TRIGGER nobody_reviews_their_own_contact ON nowrongdoor_contact_review;
DROP TRIGGER a_contact_is_drawn_in_ones_own_name ON nowrongdoor_contact_review;
DROP TRIGGER a_review_is_of_a_contact_that_somebody_answered ON nowrongdoor_contact_review;
DROP TRIGGER a_flag_is_taken_off_once_and_in_ones_own_name ON nowrongdoor_caller_flag;
DROP TRIGGER a_flag_is_put_on_in_ones_own_name ON nowrongdoor_caller_flag;
DROP TRIGGER a_flag_is_of_somebody_who_called ON nowrongdoor_caller_flag;
DROP TRIGGER a_new_type_is_told ON nowrongdoor_contact_type;
DROP TRIGGER a_type_is_said_in_ones_own_name ON nowrongdoor_contact_type;
DROP TRIGGER a_type_follows_the_one_before ON nowrongdoor_contact_type;
DROP FUNCTION nowrongdoor_is_live;
DROP FUNCTION nowrongdoor_had_contact;
DROP FUNCTION nowrongdoor_was_drawable;
DROP FUNCTION nowrongdoor_has_called;
DROP FUNCTION nowrongdoor_types_of;
"""
STAYS = """
DO $$
DECLARE
  noted bigint := (SELECT count(*) FROM nowrongdoor_contact_type) + (SELECT count(*) FROM nowrongdoor_caller_flag)
    + (SELECT count(*) FROM nowrongdoor_contact_review);
  money bigint := (SELECT count(*) FROM nowrongdoor_emergency_money);
BEGIN
  IF noted + money > 0 THEN
    RAISE EXCEPTION 'The release before has no place for what was noted of % contacts, and for money asked for % times. '
      'Stay, or restore a backup of that release.', noted, money;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("nowrongdoor", "0037_protocols"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallerFlag",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("caller", models.BinaryField(max_length=32)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("familiar", "Somebody at this number or address has been in contact before"),
                            ("abusive", "Somebody at this number or address was abusive"),
                        ],
                        max_length=20,
                    ),
                ),
                ("words", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
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
                    "ended_by",
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
                "db_table": "nowrongdoor_caller_flag",
                "indexes": [models.Index(fields=["agency", "caller", "until"], name="flag_of_caller")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["familiar", "abusive"])), name="a_flag_is_of_a_known_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__gt", models.F("at")),
                            (
                                "until__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("at"), "+", models.Value(datetime.timedelta(days=90))
                                ),
                            ),
                        ),
                        name="a_flag_expires_within_ninety_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_by", None)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_flag_is_taken_off_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactType",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("crisis", "Needs help right now"),
                            ("help", "Asks for help or services"),
                            ("tip", "Tells of possible trafficking"),
                            ("other_need", "Needs help with something else"),
                            ("information", "Asks for information"),
                            ("training", "Asks for training or advice for their work"),
                            ("no_words", "Silent, hung up, or wrong number"),
                            ("unrelated", "Not about what this line is for"),
                            ("misuse", "Misuse of the line"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
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
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="types",
                        to="nowrongdoor.contact",
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_contact_type",
                "constraints": [
                    models.UniqueConstraint(fields=("contact", "number"), name="a_contact_has_one_type_at_a_time"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "crisis",
                                    "help",
                                    "tip",
                                    "other_need",
                                    "information",
                                    "training",
                                    "no_words",
                                    "unrelated",
                                    "misuse",
                                ],
                            )
                        ),
                        name="a_type_of_contact_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Money",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(choices=[("hotel", "Hotel"), ("ride", "Ride")], max_length=10)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=8)),
                ("words", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("is_approved", models.BooleanField(null=True)),
                ("spent", models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ("spent_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
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
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="money",
                        to="nowrongdoor.contact",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "spent_by",
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
                "db_table": "nowrongdoor_emergency_money",
                "indexes": [
                    models.Index(fields=["contact", "at"], name="money_of_contact"),
                    models.Index(
                        condition=models.Q(("decided_at", None)), fields=["agency", "at"], name="money_to_decide"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["hotel", "ride"])), name="money_is_for_a_known_need"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("amount__lte", 5000)),
                        name="money_is_asked_for_within_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("is_approved", None)),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("is_approved__isnull", False),
                                models.Q(("decided_by", models.F("by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="nobody_approves_their_own_money",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("spent", None), ("spent_at", None), ("spent_by", None)),
                            models.Q(
                                ("is_approved", True),
                                ("is_approved__isnull", False),
                                ("spent__gte", 0),
                                ("spent__isnull", False),
                                ("spent__lte", models.F("amount")),
                                ("spent_at__isnull", False),
                                ("spent_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="money_is_spent_as_it_was_approved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("drawn_at", models.DateTimeField()),
                ("answers", models.JSONField(default=dict)),
                ("words", models.BinaryField(default=bytes)),
                ("at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="review", to="nowrongdoor.contact"
                    ),
                ),
                (
                    "drawn_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_contact_review",
                "indexes": [models.Index(fields=["agency", "drawn_at", "id"], name="review_of_agency")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answers", {}), ("at", None), ("by", None), ("words", b"")),
                            models.Q(
                                ("at__isnull", False), ("by__isnull", False), models.Q(("answers", {}), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="a_review_is_written_by_somebody",
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
