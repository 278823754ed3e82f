"""The desk for subpoenas and warrants, and the breach desk.

Expand only: the release before knows none of these tables, and makes no key of a demand. The way back is closed while
anything is in them: the older schema has no place for it.
"""

from __future__ import annotations

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import nowrongdoor.agencies.models

CONFIRMATION = r"^[A-Z]{0,5}-?[0-9][0-9/.-]{2,30}$"
GUARDS = """
ALTER TABLE nowrongdoor_demand
  ADD CONSTRAINT demand_receiver_is_sealed
  CHECK (length(receiver) = 0 OR (get_byte(receiver, 0) = 1 AND length(receiver) > 29)),
  ADD CONSTRAINT demand_party_is_sealed
  CHECK (length(party) = 0 OR (get_byte(party, 0) = 1 AND length(party) > 29)),
  ADD CONSTRAINT demand_docket_is_sealed
  CHECK (length(docket) = 0 OR (get_byte(docket, 0) = 1 AND length(docket) > 29)),
  ADD CONSTRAINT demand_asks_is_sealed
  CHECK (length(asks) = 0 OR (get_byte(asks, 0) = 1 AND length(asks) > 29)),
  ADD CONSTRAINT demand_forbidden_by_is_sealed
  CHECK (length(forbidden_by) = 0 OR (get_byte(forbidden_by, 0) = 1 AND length(forbidden_by) > 29)),
  ADD CONSTRAINT demand_how_is_sealed
  CHECK (length(how) = 0 OR (get_byte(how, 0) = 1 AND length(how) > 29));
ALTER TABLE nowrongdoor_demand_record
  ADD CONSTRAINT demand_record_name_is_sealed
  CHECK (length(name) = 0 OR (get_byte(name, 0) = 1 AND length(name) > 29));

-- Demands: closed once, in one's own name; nothing leaves for one before notice to the person is settled.
CREATE TRIGGER a_closed_demand_stays_closed AFTER UPDATE ON nowrongdoor_demand FOR EACH ROW
  WHEN (OLD.closed_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a demand that was closed stays as it is');
CREATE TRIGGER a_demand_is_closed_in_ones_own_name AFTER INSERT OR UPDATE OF closed_by_id ON nowrongdoor_demand
  FOR EACH ROW WHEN (NEW.closed_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.closed_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a demand is closed by somebody of its agency, who looks');
CREATE TRIGGER a_notice_to_the_person_is_not_taken_back AFTER UPDATE OF notice ON nowrongdoor_demand FOR EACH ROW
  WHEN (OLD.notice <> '' AND NEW.notice = '')
  EXECUTE FUNCTION nowrongdoor_refuse('what was said of notifying the person is changed, and not taken back');
CREATE FUNCTION nowrongdoor_lets_leave(of_demand uuid, leaves timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_demand
                  WHERE id = of_demand AND notice <> '' AND notice_at <= leaves AND closed_at IS NULL);
END $$;
CREATE TRIGGER a_record_leaves_once_notice_is_settled AFTER INSERT ON nowrongdoor_demand_record FOR EACH ROW
  WHEN (NOT nowrongdoor_lets_leave(NEW.demand_id, NEW.at))
  EXECUTE FUNCTION nowrongdoor_refuse('a record leaves for an open demand, once notice to the person is settled');
CREATE FUNCTION nowrongdoor_has_left(of_demand uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_demand_record WHERE demand_id = of_demand);
END $$;
CREATE TRIGGER a_notice_before_a_record_left_stays_given AFTER UPDATE OF notice ON nowrongdoor_demand FOR EACH ROW
  WHEN (OLD.notice = 'given' AND NEW.notice <> 'given' AND nowrongdoor_has_left(NEW.id))
  EXECUTE FUNCTION nowrongdoor_refuse('that the person was notified stays, once a record left');
CREATE TRIGGER a_demand_ends_as_its_records_say AFTER INSERT OR UPDATE OF closed_at, outcome ON nowrongdoor_demand
  FOR EACH ROW
  WHEN (NEW.closed_at IS NOT NULL AND (NEW.outcome IN ('complied', 'partly')) <> nowrongdoor_has_left(NEW.id))
  EXECUTE FUNCTION nowrongdoor_refuse('a demand ends with a handover if a record left for it, and only then');

-- Breaches: closed once, in one's own name, with the confirmation of whoever had to be told within the day.
CREATE TRIGGER a_closed_breach_stays_closed AFTER UPDATE ON nowrongdoor_breach FOR EACH ROW
  WHEN (OLD.closed_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a breach that was closed stays as it is');
CREATE TRIGGER a_breach_is_closed_in_ones_own_name AFTER INSERT OR UPDATE OF closed_by_id ON nowrongdoor_breach
  FOR EACH ROW WHEN (NEW.closed_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.closed_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a breach is closed by somebody of its agency, who looks');
CREATE FUNCTION nowrongdoor_is_confirmed(of_breach uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_breach_notice
                  WHERE breach_id = of_breach AND recipient = 'award' AND confirmation <> '');
END $$;
CREATE TRIGGER a_breach_closes_with_its_confirmation AFTER INSERT OR UPDATE OF closed_at ON nowrongdoor_breach
  FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL AND NOT nowrongdoor_is_confirmed(NEW.id))
  EXECUTE FUNCTION nowrongdoor_refuse('a breach is closed with the confirmation of whoever had to be told');
CREATE FUNCTION nowrongdoor_is_closed_breach(which uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_breach WHERE id = which AND closed_at IS NOT NULL);
END $$;
CREATE TRIGGER a_closed_breach_keeps_its_notices AFTER INSERT ON nowrongdoor_breach_notice FOR EACH ROW
  WHEN (nowrongdoor_is_closed_breach(NEW.breach_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a breach that was closed takes no more notices');
"""
UNGUARD = """
DROP TRIGGER a_closed_breach_keeps_its_notices ON nowrongdoor_breach_notice;
DROP FUNCTION nowrongdoor_is_closed_breach;
DROP TRIGGER a_demand_ends_as_its_records_say ON nowrongdoor_demand;
DROP TRIGGER a_notice_before_a_record_left_stays_given ON nowrongdoor_demand;
DROP FUNCTION nowrongdoor_has_left;
DROP TRIGGER a_breach_closes_with_its_confirmation ON nowrongdoor_breach;
DROP TRIGGER a_breach_is_closed_in_ones_own_name ON nowrongdoor_breach;
DROP TRIGGER a_closed_breach_stays_closed ON nowrongdoor_breach;
DROP TRIGGER a_record_leaves_once_notice_is_settled ON nowrongdoor_demand_record;
DROP TRIGGER a_notice_to_the_person_is_not_taken_back ON nowrongdoor_demand;
DROP TRIGGER a_demand_is_closed_in_ones_own_name ON nowrongdoor_demand;
DROP TRIGGER a_closed_demand_stays_closed ON nowrongdoor_demand;
DROP FUNCTION nowrongdoor_is_confirmed;
DROP FUNCTION nowrongdoor_lets_leave;
"""
STAYS = """
DO $$
DECLARE
  demands bigint := (SELECT count(*) FROM nowrongdoor_demand);
  breaches bigint := (SELECT count(*) FROM nowrongdoor_breach);
BEGIN
  IF demands + breaches > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % subpoenas and other demands and % breaches. Stay, or '
      'restore a backup of that release.', demands, breaches;
  END IF;
END $$;
"""


def identity() -> models.UUIDField:
    """Return the primary key of a row."""
    return models.UUIDField(
        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
    )


def to(model: str, *, is_optional: bool = False, has_index: bool = True) -> models.ForeignKey:
    """Return a foreign key to a row that stays."""
    return models.ForeignKey(
        db_index=has_index,
        null=is_optional,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=model,
    )


def check(name: str, condition: Q) -> models.CheckConstraint:
    """Name a condition."""
    return models.CheckConstraint(name=name, condition=condition)


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0031_reopening")]
    operations = [
        migrations.CreateModel(
            name="Demand",
            fields=[
                ("id", identity()),
                ("kind", models.CharField(max_length=12)),
                ("received_at", models.DateTimeField()),
                ("receiver", models.BinaryField()),
                ("party", models.BinaryField()),
                ("docket", models.BinaryField(default=bytes)),
                ("asks", models.BinaryField()),
                ("return_at", models.DateTimeField(null=True)),
                ("motion_at", models.DateTimeField(null=True)),
                ("counsel_at", models.DateTimeField(null=True)),
                ("notice", models.CharField(blank=True, default="", max_length=12)),
                ("notice_at", models.DateTimeField(null=True)),
                ("forbidden_by", models.BinaryField(default=bytes)),
                ("at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, default="", max_length=12)),
                ("how", models.BinaryField(default=bytes)),
                ("agency", to("nowrongdoor.agency")),
                ("by", to(settings.AUTH_USER_MODEL)),
                ("closed_by", to(settings.AUTH_USER_MODEL, is_optional=True)),
            ],
            options={
                "indexes": [models.Index(fields=["agency", "-received_at", "id"], name="demand_of_agency")],
                "constraints": [
                    check(
                        "a_demand_is_of_a_known_kind",
                        Q(kind__in=["subpoena", "warrant", "order", "civil", "public", "other"]),
                    ),
                    check("a_demand_is_received_before_it_is_entered", Q(received_at__lte=F("at"))),
                    check("a_demand_is_closed_after_it_is_entered", Q(closed_at=None) | Q(closed_at__gte=F("at"))),
                    check("a_demand_says_who_asks_for_what", ~Q(receiver=b"") & ~Q(party=b"") & ~Q(asks=b"")),
                    check(
                        "a_notice_is_given_or_an_order_forbids_it",
                        Q(notice="", notice_at=None, forbidden_by=b"")
                        | Q(notice__in=["given", "tried"], notice_at__isnull=False, forbidden_by=b"")
                        | (Q(notice="withheld", notice_at__isnull=False) & ~Q(forbidden_by=b"")),
                    ),
                    check(
                        "a_demand_is_closed_by_somebody_somehow",
                        Q(closed_at=None, closed_by=None, outcome="", how=b"")
                        | Q(
                            closed_at__isnull=False,
                            closed_by__isnull=False,
                            outcome__in=["complied", "partly", "quashed", "withdrawn", "nothing"],
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DemandRecord",
            fields=[
                ("id", identity()),
                ("name", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("agency", to("nowrongdoor.agency", has_index=False)),
                ("by", to(settings.AUTH_USER_MODEL, has_index=False)),
                ("demand", to("nowrongdoor.demand")),
            ],
            options={
                "db_table": "nowrongdoor_demand_record",
                "constraints": [
                    check("a_record_that_left_has_a_name", ~Q(name=b"")),
                    check("a_record_that_left_has_its_digest", Q(digest__regex=r"^[0-9a-f]{64}$")),
                    models.UniqueConstraint(fields=["demand", "digest"], name="a_record_leaves_once_for_a_demand"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Breach",
            fields=[
                ("id", identity()),
                ("kind", models.CharField(max_length=12)),
                ("happened_at", models.DateTimeField(null=True)),
                ("noticed_at", models.DateTimeField()),
                ("what", django.contrib.postgres.fields.ArrayField(models.CharField(max_length=12), size=None)),
                ("people", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("agency", to("nowrongdoor.agency")),
                ("by", to(settings.AUTH_USER_MODEL)),
                ("closed_by", to(settings.AUTH_USER_MODEL, is_optional=True)),
            ],
            options={
                "indexes": [models.Index(fields=["agency", "-noticed_at", "id"], name="breach_of_agency")],
                "constraints": [
                    check("a_breach_is_imminent_or_actual", Q(kind__in=["imminent", "actual"])),
                    check(
                        "a_breach_says_what_it_is_about",
                        Q(what__len__gt=0)
                        & Q(
                            what__contained_by=[
                                *("identity", "contact", "location", "immigration", "health"),
                                *("money", "case", "credentials", "other"),
                            ]
                        ),
                    ),
                    check("a_breach_is_noticed_before_it_is_entered", Q(noticed_at__lte=F("at"))),
                    check("a_breach_is_closed_after_it_is_entered", Q(closed_at=None) | Q(closed_at__gte=F("at"))),
                    check(
                        "a_breach_is_closed_by_somebody",
                        Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BreachNotice",
            fields=[
                ("id", identity()),
                ("recipient", models.CharField(max_length=12)),
                ("told_at", models.DateTimeField()),
                ("confirmation", models.CharField(blank=True, default="", max_length=40)),
                ("at", models.DateTimeField()),
                ("agency", to("nowrongdoor.agency", has_index=False)),
                ("breach", to("nowrongdoor.breach")),
                ("by", to(settings.AUTH_USER_MODEL, has_index=False)),
            ],
            options={
                "db_table": "nowrongdoor_breach_notice",
                "constraints": [
                    check(
                        "a_breach_is_told_to_a_known_recipient",
                        Q(recipient__in=["award", "state", "police", "security", "people", "insurer"]),
                    ),
                    check("a_confirmation_is_a_number", Q(confirmation="") | Q(confirmation__regex=CONFIRMATION)),
                    check("a_breach_is_told_before_that_is_entered", Q(told_at__lte=F("at"))),
                    models.UniqueConstraint(
                        fields=["breach", "recipient", "told_at", "confirmation"],
                        name="a_notice_of_a_breach_is_entered_once",
                    ),
                ],
            },
        ),
        migrations.AlterField(
            "datakey",
            "of",
            models.CharField(
                choices=[("case", "a case"), ("signal", "a signal"), ("draft", "a draft"), ("demand", "a demand")],
                max_length=10,
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
