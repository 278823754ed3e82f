"""Who can be reached, when a contact was made and arrived, and which agencies a table in force has stand by.

Expand only. A signal of before arrived when it was taken: nobody was asked otherwise. Code of the release before goes on
beside this one and says nothing of an arrival, so a trigger fills it in.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

ARRIVALS = """
ALTER TABLE nowrongdoor_signal ADD COLUMN arrived_at timestamptz, ADD COLUMN contacted_at timestamptz;
UPDATE nowrongdoor_signal SET arrived_at = received_at;
CREATE FUNCTION nowrongdoor_arrive() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.arrived_at := NEW.received_at;
  RETURN NEW;
END $$;
CREATE TRIGGER a_signal_arrives_as_it_is_taken BEFORE INSERT ON nowrongdoor_signal FOR EACH ROW
  WHEN (NEW.arrived_at IS NULL) EXECUTE FUNCTION nowrongdoor_arrive();
ALTER TABLE nowrongdoor_signal ALTER COLUMN arrived_at SET NOT NULL;
"""
# What people said of times, and what agencies chose, would be lost: such rows are counted, and nothing is taken back.
BACK = """
DO $$
DECLARE
  timed bigint := (SELECT count(*) FROM nowrongdoor_signal WHERE arrived_at <> received_at OR contacted_at IS NOT NULL);
  limits bigint := (SELECT count(*) FROM nowrongdoor_agency WHERE sign_in_days <> 14);
BEGIN
  IF timed + limits > 0 THEN
    RAISE EXCEPTION 'The older schema has no place for the times of % signals, nor for how often % agencies sign in: '
      'this version stays until they are gone.', timed, limits;
  END IF;
END $$;
"""
GONE = """
DROP TRIGGER a_signal_arrives_as_it_is_taken ON nowrongdoor_signal;
DROP FUNCTION nowrongdoor_arrive();
ALTER TABLE nowrongdoor_signal DROP COLUMN arrived_at, DROP COLUMN contacted_at;
"""
GUARDS = """
-- How often an agency signs in, its own administrator says; and whoever looks changes nothing else of an agency.
CREATE TRIGGER an_agency_says_itself_how_often_it_signs_in AFTER UPDATE ON nowrongdoor_agency FOR EACH ROW
  WHEN (NEW.sign_in_days <> OLD.sign_in_days AND NOT (nowrongdoor_for_me(NEW.id)
    AND nowrongdoor_administers(nullif(current_setting('nwd.person', true), '')::uuid, NEW.id)))
  EXECUTE FUNCTION nowrongdoor_refuse('how often an agency signs in is said by its own administrator, who looks');
CREATE TRIGGER whoever_looks_changes_no_more_of_an_agency AFTER UPDATE ON nowrongdoor_agency FOR EACH ROW
  WHEN (coalesce(current_setting('nwd.agency', true), '') <> ''
    AND to_jsonb(NEW) - '{sign_in_days,stands_by}'::text[] <> to_jsonb(OLD) - '{sign_in_days,stands_by}'::text[])
  EXECUTE FUNCTION nowrongdoor_refuse('of an agency, whoever looks changes how often it signs in, and nothing else');

-- That somebody signed in, only the sign-in says: else an administrator could make an agency look as if it answered.
CREATE TRIGGER only_the_sign_in_says_who_signed_in AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN (NEW.last_login IS DISTINCT FROM OLD.last_login AND NOT nowrongdoor_is_owner()
    AND coalesce(current_setting('nwd.house', true), '') NOT IN ('entry', 'all'))
  EXECUTE FUNCTION nowrongdoor_refuse('that somebody signed in is noted by the sign-in alone');

-- A table is put in force by an administrator, and from then on the agencies at the end of its chains stand by. Nobody
-- at run time makes one stand by in any other way (standing_by_is_agreed).
CREATE TRIGGER a_table_is_put_in_force_by_an_administrator AFTER INSERT OR UPDATE ON nowrongdoor_mandate_table
  FOR EACH ROW WHEN (NEW.in_force AND NEW.in_force_by_id IS NOT NULL
    AND NOT nowrongdoor_administers(NEW.in_force_by_id, NULL))
  EXECUTE FUNCTION nowrongdoor_refuse('an administrator puts a mandate table in force');
CREATE FUNCTION nowrongdoor_have_stand_by() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE public.nowrongdoor_agency SET stands_by = true
   WHERE active AND may_lead AND NOT stands_by AND desk = ANY (NEW.backstops);
  RETURN NULL;
END $$;
CREATE TRIGGER the_backstops_of_a_table_in_force_stand_by AFTER UPDATE ON nowrongdoor_mandate_table FOR EACH ROW
  WHEN (NEW.in_force AND NEW.in_force_by_id IS NOT NULL) EXECUTE FUNCTION nowrongdoor_have_stand_by();
"""
UNGUARD = """
DROP TRIGGER the_backstops_of_a_table_in_force_stand_by ON nowrongdoor_mandate_table;
DROP FUNCTION nowrongdoor_have_stand_by();
DROP TRIGGER a_table_is_put_in_force_by_an_administrator ON nowrongdoor_mandate_table;
DROP TRIGGER only_the_sign_in_says_who_signed_in ON nowrongdoor_user;
DROP TRIGGER whoever_looks_changes_no_more_of_an_agency ON nowrongdoor_agency;
DROP TRIGGER an_agency_says_itself_how_often_it_signs_in ON nowrongdoor_agency;
"""
# For every page, code of 0.3.0 reads an agency as a whole row and refuses a column that it does not know; it is given the
# row without. This code names the columns that it reads; the first migration of the next release drops the function.
AS_RELEASED = """
CREATE FUNCTION public.to_jsonb(nowrongdoor_agency) RETURNS jsonb LANGUAGE sql STABLE
  RETURN pg_catalog.to_jsonb($1) - 'sign_in_days';
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0014_country")]
    operations = [
        migrations.AddField("agency", "sign_in_days", models.PositiveSmallIntegerField(default=14, db_default=14)),
        migrations.AddConstraint(
            "agency",
            models.CheckConstraint(
                name="an_agency_signs_in_every_1_to_90_days",
                condition=models.Q(sign_in_days__gte=1, sign_in_days__lte=90),
            ),
        ),
        migrations.AddField("casesignal", "arrived_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "mandatetable", "backstops", ArrayField(models.CharField(max_length=40), default=list, db_default=[])
        ),
        migrations.RunSQL(
            ARRIVALS,
            GONE,
            state_operations=[
                migrations.AddField("signal", "arrived_at", models.DateTimeField(), preserve_default=False),
                migrations.AddField("signal", "contacted_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddConstraint(
            "signal",
            models.CheckConstraint(
                name="a_signal_arrives_before_it_is_taken",
                condition=models.Q(arrived_at__lte=models.F("received_at")),
            ),
        ),
        migrations.AddConstraint(
            "signal",
            models.CheckConstraint(
                name="a_contact_is_made_before_it_arrives",
                condition=models.Q(contacted_at=None) | models.Q(contacted_at__lte=models.F("arrived_at")),
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(AS_RELEASED, "DROP FUNCTION public.to_jsonb(nowrongdoor_agency);"),
        migrations.RunSQL(migrations.RunSQL.noop, BACK),
    ]
