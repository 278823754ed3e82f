"""Whoever says for whom they look signs it (`access/signing.py`). What asks for the signature is put up after
migrations; here is the way back, after which processes of the release before, which sign nothing, are served again."""

from django.db import migrations

BACK = """
CREATE OR REPLACE FUNCTION nowrongdoor_in_house() RETURNS boolean LANGUAGE sql STABLE
  RETURN coalesce(current_setting('nwd.house', true), '') = 'all';
CREATE OR REPLACE FUNCTION nowrongdoor_for_me(agency uuid) RETURNS boolean LANGUAGE sql STABLE
  RETURN coalesce(agency::text = current_setting('nwd.agency', true), false);
CREATE OR REPLACE FUNCTION nowrongdoor_is_me(person uuid) RETURNS boolean LANGUAGE sql STABLE
  RETURN coalesce(person::text = current_setting('nwd.person', true), false);
CREATE OR REPLACE FUNCTION nowrongdoor_administers(person uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_user WHERE id = person AND role = 'administrator'
                  AND (agency IS NULL OR agency_id = agency));
END $$;
DO $$
BEGIN
  IF to_regclass('guards.signing') IS NOT NULL THEN
    UPDATE guards.signing SET is_demanded = false;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    """A way back."""

    dependencies = [("nowrongdoor", "0047_first_factor")]
    operations = [migrations.RunSQL(migrations.RunSQL.noop, BACK)]
