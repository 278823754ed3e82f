"""Invitations and tokens that end for good, and indexes by which an inspector reads days, or one kind of event, of
the trail.

Expand only. Processes of the release before go on inviting, joining and handing in: a token of theirs has no end and
says nothing of when it was used. The way back is refused while tokens have an end, because the release before would let
them in for ever.
"""

from __future__ import annotations

from django.db import migrations, models

GUARDS = """
CREATE FUNCTION nowrongdoor_still_invites(person uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN  -- an operator's invitation has nobody's name
  RETURN person IS NULL OR EXISTS (SELECT FROM nowrongdoor_user WHERE id = person AND agency_id = agency
                                     AND role = 'administrator' AND is_active);
END $$;
CREATE TRIGGER an_invitation_ends_with_whoever_made_it AFTER UPDATE ON nowrongdoor_invitation FOR EACH ROW
  WHEN (OLD.used_at IS NULL AND NEW.used_at IS NOT NULL AND NOT nowrongdoor_still_invites(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever made this invitation is no longer an administrator of its agency');
CREATE TRIGGER an_invitation_is_used_by_whoever_joins AFTER UPDATE ON nowrongdoor_invitation FOR EACH ROW
  WHEN (OLD.used_at IS NULL AND NEW.used_at IS NOT NULL
    AND coalesce(current_setting('nwd.house', true), '') NOT IN ('entry', 'all'))
  EXECUTE FUNCTION nowrongdoor_refuse('that an invitation was used is noted by the sign-in alone');
CREATE TRIGGER an_invitation_that_ended_stays_ended AFTER UPDATE ON nowrongdoor_invitation FOR EACH ROW
  WHEN (OLD.used_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('this invitation was used or revoked');
CREATE TRIGGER an_invitation_is_used_before_it_ends AFTER UPDATE ON nowrongdoor_invitation FOR EACH ROW
  WHEN (OLD.used_at IS NULL AND NEW.used_at IS NOT NULL AND now() >= NEW.expires_at)
  EXECUTE FUNCTION nowrongdoor_refuse('this invitation has expired');
CREATE TRIGGER an_administrator_revokes_an_invitation AFTER UPDATE ON nowrongdoor_invitation FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL AND NOT (nowrongdoor_in_house()
    OR nowrongdoor_administers(nullif(current_setting('nwd.person', true), '')::uuid, NEW.agency_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('an invitation is revoked by an administrator of its agency, who looks');
CREATE TRIGGER a_revoked_token_stays_revoked AFTER UPDATE ON nowrongdoor_token FOR EACH ROW
  WHEN (OLD.revoked_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('this token was revoked');
CREATE TRIGGER an_administrator_revokes_a_token AFTER UPDATE ON nowrongdoor_token FOR EACH ROW
  WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL AND NOT (nowrongdoor_in_house()
    OR nowrongdoor_administers(nullif(current_setting('nwd.person', true), '')::uuid, NEW.agency_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('a token is revoked by an administrator of its agency, who looks');
CREATE TRIGGER only_its_system_says_that_a_token_was_used AFTER UPDATE ON nowrongdoor_token FOR EACH ROW
  WHEN (NEW.used_on IS DISTINCT FROM OLD.used_on
    AND coalesce(current_setting('nwd.house', true), '') NOT IN ('entry', 'all'))
  EXECUTE FUNCTION nowrongdoor_refuse('that a token was used is noted by the API alone');
"""
UNGUARD = """
DROP TRIGGER only_its_system_says_that_a_token_was_used ON nowrongdoor_token;
DROP TRIGGER an_administrator_revokes_a_token ON nowrongdoor_token;
DROP TRIGGER a_revoked_token_stays_revoked ON nowrongdoor_token;
DROP TRIGGER an_administrator_revokes_an_invitation ON nowrongdoor_invitation;
DROP TRIGGER an_invitation_is_used_before_it_ends ON nowrongdoor_invitation;
DROP TRIGGER an_invitation_that_ended_stays_ended ON nowrongdoor_invitation;
DROP TRIGGER an_invitation_is_used_by_whoever_joins ON nowrongdoor_invitation;
DROP TRIGGER an_invitation_ends_with_whoever_made_it ON nowrongdoor_invitation;
DROP FUNCTION nowrongdoor_still_invites(uuid, uuid);
"""
# The release before does not know that a token ends, and would let it in for ever.
STAYS = """
DO $$
DECLARE
  ending bigint := (SELECT count(*) FROM nowrongdoor_token WHERE ends_at IS NOT NULL AND revoked_at IS NULL);
BEGIN
  IF ending > 0 THEN
    RAISE EXCEPTION 'The release before has no place for the end of % tokens, and would never refuse them. Revoke them '
      'first.', ending;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0019_case")]
    operations = [
        migrations.AddField("token", "ends_at", models.DateTimeField(null=True)),
        migrations.AddField("token", "used_on", models.DateField(null=True)),
        migrations.AddConstraint(
            "token",
            models.CheckConstraint(
                name="a_token_ends_after_it_was_made",
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=models.F("made_at")),
            ),
        ),
        migrations.AddIndex(
            "event", models.Index(fields=["agency_id", "at", "id"], name="audit_event_of_agency_by_day")
        ),
        migrations.AddIndex(
            "event", models.Index(fields=["agency_id", "verb", "at", "id"], name="audit_event_of_agency_by_verb")
        ),
        migrations.RunSQL(GUARDS, STAYS + UNGUARD),
    ]
