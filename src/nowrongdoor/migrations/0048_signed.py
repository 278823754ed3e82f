"""Whoever says for whom they look signs it (`access/signing.py`), and triggers ask what is signed.

What asks for the signature is put up after migrations; until then these functions say what triggers asked before. On
the way back they say it again, so that processes of the release before, which sign nothing, are served.
"""

from django.db import migrations

PLAIN = """
CREATE OR REPLACE FUNCTION nowrongdoor_at_entry() RETURNS boolean LANGUAGE sql STABLE
  RETURN coalesce(current_setting('nwd.house', true), '') IN ('entry', 'all');
CREATE OR REPLACE FUNCTION nowrongdoor_looks() RETURNS uuid LANGUAGE sql STABLE
  RETURN nullif(current_setting('nwd.person', true), '')::uuid;
"""
DROPPED = """
DROP TRIGGER a_password_is_chosen_by_its_person ON nowrongdoor_user;
DROP TRIGGER only_the_sign_in_says_who_signed_in ON nowrongdoor_user;
DROP TRIGGER an_invitation_is_used_by_whoever_joins ON nowrongdoor_invitation;
DROP TRIGGER only_its_system_says_that_a_token_was_used ON nowrongdoor_token;
DROP TRIGGER an_event_names_whoever_looks ON nowrongdoor_auditevent;
"""
TRIGGERS = """
CREATE TRIGGER a_password_is_chosen_by_its_person AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN (NEW.password <> OLD.password AND {no_house} AND NOT nowrongdoor_is_me(NEW.id))
  EXECUTE FUNCTION nowrongdoor_refuse('a password is chosen by the person who signs in with it');
CREATE TRIGGER only_the_sign_in_says_who_signed_in AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN (NEW.last_login IS DISTINCT FROM OLD.last_login AND NOT nowrongdoor_is_owner() AND {no_entry})
  EXECUTE FUNCTION nowrongdoor_refuse('that somebody signed in is noted by the sign-in alone');
CREATE TRIGGER an_invitation_is_used_by_whoever_joins AFTER UPDATE ON nowrongdoor_invitation FOR EACH ROW
  WHEN (OLD.used_at IS NULL AND NEW.used_at IS NOT NULL AND {no_entry})
  EXECUTE FUNCTION nowrongdoor_refuse('that an invitation was used is noted by the sign-in alone');
CREATE TRIGGER only_its_system_says_that_a_token_was_used AFTER UPDATE ON nowrongdoor_token FOR EACH ROW
  WHEN (NEW.used_on IS DISTINCT FROM OLD.used_on AND {no_entry})
  EXECUTE FUNCTION nowrongdoor_refuse('that a token was used is noted by the API alone');
CREATE TRIGGER an_event_names_whoever_looks AFTER INSERT ON nowrongdoor_auditevent FOR EACH ROW
  WHEN ({no_house} AND {is_another}
        AND (NEW.by_id IS NOT NULL OR NEW.kind <> 'write' OR NEW.authority <> 'rule'))
  EXECUTE FUNCTION nowrongdoor_refuse('an event of the trail names whoever looks');
"""
SEALED = """
-- A seal is made where one signs in, or by the system; whoever looks takes it away at most, by changing something.
CREATE TRIGGER a_seal_is_made_at_the_entry AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN (NEW.sealed IS DISTINCT FROM OLD.sealed AND NEW.sealed IS NOT NULL
        AND NOT nowrongdoor_is_owner() AND NOT nowrongdoor_at_entry())
  EXECUTE FUNCTION nowrongdoor_refuse('a seal is made where somebody signs in, or by the system');
"""
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
CREATE OR REPLACE FUNCTION nowrongdoor_is_invited(sign_in_name text, agency uuid, as_role text) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN coalesce(current_setting('nwd.house', true), '') = 'entry'
    AND EXISTS (SELECT FROM nowrongdoor_invitation WHERE name = sign_in_name AND agency_id = agency AND role = as_role
                 AND used_at IS NOT NULL AND withdrawn_at IS NULL);
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_note_writer() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.written_as := coalesce(current_setting('nwd.role', true), '');
  RETURN NEW;
END $$;
DROP FUNCTION nowrongdoor_at_entry(); DROP FUNCTION nowrongdoor_looks();
DO $$
BEGIN
  IF to_regclass('guards.signing') IS NOT NULL THEN
    UPDATE guards.signing SET is_demanded = false;
  END IF;
END $$;
"""
_SIGNED = {
    **dict.fromkeys(("no_house", "no_entry"), "NOT nowrongdoor_at_entry()"),
    "is_another": "NEW.by_id IS DISTINCT FROM nowrongdoor_looks()",
}
_PLAIN = {
    "no_house": "coalesce(current_setting('nwd.house', true), '') = ''",
    "no_entry": "coalesce(current_setting('nwd.house', true), '') NOT IN ('entry', 'all')",
    "is_another": "NEW.by_id::text IS DISTINCT FROM nullif(current_setting('nwd.person', true), '')",
}


class Migration(migrations.Migration):
    """Functions and triggers."""

    dependencies = [("nowrongdoor", "0047_first_factor")]
    operations = [
        migrations.RunSQL(
            PLAIN + DROPPED + TRIGGERS.format(**_SIGNED) + SEALED,
            "DROP TRIGGER a_seal_is_made_at_the_entry ON nowrongdoor_user;"
            + DROPPED
            + TRIGGERS.format(**_PLAIN)
            + BACK,
        )
    ]
