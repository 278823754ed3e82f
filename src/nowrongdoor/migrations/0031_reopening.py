"""A closed case can be opened again by the agency that led it last; how it was closed before stays on record.

Expand only: the release before knows a reopened case as an open one. The way back is closed while a case was reopened,
because the older schema has no place for the closing before.
"""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

_TENURE = """
CREATE OR REPLACE FUNCTION nowrongdoor_turn_tenure() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_tenure t SET to_at = coalesce(fresh.closed_at, fresh.lead_since)
    FROM fresh JOIN stale USING (id)
    WHERE t.case_id = fresh.id AND t.to_at IS NULL
      AND (fresh.lead_id <> stale.lead_id OR fresh.closed_at IS NOT NULL);
  INSERT INTO nowrongdoor_tenure (case_id, agency_id, handoff_id, from_at, to_at)
    SELECT fresh.id, fresh.lead_id, HANDOFF,
           CASE WHEN fresh.lead_id <> stale.lead_id THEN fresh.lead_since ELSE now() END, NULL
    FROM fresh JOIN stale USING (id)
    WHERE fresh.closed_at IS NULL
      AND (fresh.lead_id <> stale.lead_id OR stale.closed_at IS NOT NULL);
  RETURN NULL;
END $$;
"""
_ONCE = "CASE WHEN fresh.lead_id <> stale.lead_id THEN fresh.lead_handoff_id END"
_STAYS = """
DROP TRIGGER a_closed_case_stays_as_it_was_closed ON nowrongdoor_case;
CREATE TRIGGER a_closed_case_stays_as_it_was_closed AFTER UPDATE ON nowrongdoor_case FOR EACH ROW
  WHEN (OLD.closed_at IS NOT NULL EXCEPT_REOPENED AND (NEW.closed_at IS NULL
        OR NEW.closed_by_id IS DISTINCT FROM OLD.closed_by_id
        OR NEW.closed_because IS DISTINCT FROM OLD.closed_because OR NEW.lead_id <> OLD.lead_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a closed case keeps its lead, its reason and who closed it');
DROP TRIGGER how_a_case_ended_stays ON nowrongdoor_case;
CREATE TRIGGER how_a_case_ended_stays AFTER UPDATE ON nowrongdoor_case FOR EACH ROW
  WHEN (OLD.closed_at IS NOT NULL EXCEPT_REOPENED AND (NEW.closed_as, NEW.found, NEW.merged_into_id)
                                      IS DISTINCT FROM (OLD.closed_as, OLD.found, OLD.merged_into_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a closed case keeps its outcome, and the case it was merged into');
"""
_EXCEPT = (
    "AND NOT (NEW.closed_at IS NULL AND NEW.lead_id = OLD.lead_id AND nowrongdoor_is_reopened(OLD.id, OLD.closed_at))"
)
GUARDS = """
ALTER TABLE nowrongdoor_reopening
  ADD CONSTRAINT reopening_because_is_sealed
  CHECK (get_byte(because, 0) = 1 AND length(because) > 29),
  ADD CONSTRAINT reopening_closed_because_is_sealed
  CHECK (get_byte(closed_because, 0) = 1 AND length(closed_because) > 29);
CREATE FUNCTION nowrongdoor_is_reopened(of_case uuid, closed timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_reopening WHERE case_id = of_case AND closed_at = closed);
END $$;
-- What is reopened is a closed case as it was closed: whoever reopens led it last; it was not merged into another, and
-- no disposal of it was asked for that a hold has not stopped.
CREATE FUNCTION nowrongdoor_may_reopen(made nowrongdoor_reopening) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_case c WHERE c.id = made.case_id AND c.lead_id = made.agency_id
      AND (c.closed_at, c.closed_by_id, c.closed_because, c.closed_as, c.found)
        = (made.closed_at, made.closed_by_id, made.closed_because, made.closed_as, made.found));
END $$;
CREATE FUNCTION nowrongdoor_is_being_disposed(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_disposal WHERE case_id = of_case AND stopped_at IS NULL);
END $$;
CREATE TRIGGER a_case_is_reopened_by_who_led_it_last AFTER INSERT ON nowrongdoor_reopening FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id) OR NOT nowrongdoor_may_reopen(NEW))
  EXECUTE FUNCTION nowrongdoor_refuse('a closed case is reopened, as it was closed, by somebody of its last lead, who looks');
CREATE TRIGGER what_is_to_be_destroyed_is_not_reopened AFTER INSERT ON nowrongdoor_reopening FOR EACH ROW
  WHEN (nowrongdoor_is_being_disposed(NEW.case_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a case whose disposal was asked for is not reopened');
CREATE TRIGGER a_case_that_was_merged_stays_closed AFTER UPDATE ON nowrongdoor_case FOR EACH ROW
  WHEN (OLD.merged_into_id IS NOT NULL AND NEW.closed_at IS NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a case that was merged into another is not reopened');
-- No reopening is kept in reserve: the case is open when it commits.
CREATE FUNCTION nowrongdoor_keep_reopened() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM nowrongdoor_case WHERE id = NEW.case_id AND closed_at = NEW.closed_at) THEN
    RAISE EXCEPTION 'a case that is reopened is open from then on'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER what_is_reopened_is_open AFTER INSERT ON nowrongdoor_reopening
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nowrongdoor_keep_reopened();
-- A case closed again at the very instant of an earlier closing could be opened without a new row.
CREATE TRIGGER a_case_is_not_closed_as_before AFTER UPDATE ON nowrongdoor_case FOR EACH ROW
  WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL AND nowrongdoor_is_reopened(NEW.id, NEW.closed_at))
  EXECUTE FUNCTION nowrongdoor_refuse('this case was closed at that instant before, and reopened');
-- What is led again is on its agency's list again.
CREATE FUNCTION nowrongdoor_list_again() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO nowrongdoor_entry (id, kind, agency_id, case_id, from_agency_id, since, state, district, urgency, matters)
    VALUES (NEW.id, 'lead', NEW.lead_id, NEW.id, NEW.received_by_id, NEW.lead_since, NEW.state, NEW.district,
            coalesce(NEW.facts ->> 'urgency', ''), nowrongdoor_matters(NEW.facts));
  RETURN NULL;
END $$;
CREATE TRIGGER what_is_led_again_is_on_its_list AFTER UPDATE ON nowrongdoor_case FOR EACH ROW
  WHEN (OLD.closed_at IS NOT NULL AND NEW.closed_at IS NULL) EXECUTE FUNCTION nowrongdoor_list_again();
"""
TOLD = """
-- Whoever is told that a case was closed is told that it is open again.
CREATE FUNCTION nowrongdoor_tell_of_reopening() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO nowrongdoor_notification (id, agency_id, person_id, kind, case_id, thing_id, about_at, at)
  SELECT gen_random_uuid(), f.agency_id, person, 'case_reopened', NEW.case_id, NEW.case_id, NEW.at, NEW.at FROM (
    SELECT h.from_agency_id AS agency_id FROM nowrongdoor_handoff h
     WHERE h.case_id = NEW.case_id AND h.state = 'accepted' AND h.kind <> 'undo' AND h.from_agency_id <> NEW.agency_id
    UNION
    SELECT c.received_by_id FROM nowrongdoor_case c WHERE c.id = NEW.case_id AND c.received_by_id <> NEW.agency_id
  ) f, nowrongdoor_told_of(NEW.case_id, f.agency_id, true) person
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER a_reopening_is_told AFTER INSERT ON nowrongdoor_reopening FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_tell_of_reopening();
"""
GUARDS += TOLD + _TENURE.replace("HANDOFF", _ONCE) + _STAYS.replace("EXCEPT_REOPENED", _EXCEPT)
UNGUARD = """
DO $$
DECLARE
  reopened bigint := (SELECT count(*) FROM nowrongdoor_reopening);
BEGIN
  IF reopened > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % cases that were reopened. Stay, or restore a backup of that '
      'release.', reopened;
  END IF;
END $$;
DROP TRIGGER a_reopening_is_told ON nowrongdoor_reopening;
DROP FUNCTION nowrongdoor_tell_of_reopening;
DROP TRIGGER what_is_led_again_is_on_its_list ON nowrongdoor_case;
DROP FUNCTION nowrongdoor_list_again;
DROP TRIGGER a_case_is_not_closed_as_before ON nowrongdoor_case;
DROP TRIGGER a_case_that_was_merged_stays_closed ON nowrongdoor_case;
DROP TRIGGER what_is_reopened_is_open ON nowrongdoor_reopening;
DROP FUNCTION nowrongdoor_keep_reopened;
DROP TRIGGER what_is_to_be_destroyed_is_not_reopened ON nowrongdoor_reopening;
DROP TRIGGER a_case_is_reopened_by_who_led_it_last ON nowrongdoor_reopening;
DROP FUNCTION nowrongdoor_is_being_disposed;
DROP FUNCTION nowrongdoor_may_reopen;
"""
UNGUARD += _STAYS.replace("EXCEPT_REOPENED ", "") + _TENURE.replace("HANDOFF", "fresh.lead_handoff_id")
UNGUARD += "DROP FUNCTION nowrongdoor_is_reopened;\n"


def to(model: str) -> models.ForeignKey:
    """Return a foreign key that nothing leads back from."""
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model)


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0030_confirmations")]
    operations = [
        migrations.CreateModel(
            name="Reopening",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("because", models.BinaryField()),
                ("closed_at", models.DateTimeField()),
                ("closed_because", models.BinaryField()),
                ("closed_as", models.CharField(blank=True, default="", max_length=20)),
                ("found", models.CharField(blank=True, default="", max_length=40)),
                ("agency", to("nowrongdoor.agency")),
                ("by", to(settings.AUTH_USER_MODEL)),
                ("case", to("nowrongdoor.case")),
                ("closed_by", to(settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["case", "closed_at"], name="a_closing_is_undone_once"),
                    models.CheckConstraint(
                        name="a_case_is_reopened_after_it_was_closed",
                        condition=models.Q(at__gte=models.F("closed_at")),
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
