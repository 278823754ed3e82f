"""A keyed seal over what somebody signs in with, and may do: the key is outside of the database.

Expand only: nobody is sealed before `nwd database seal` ran (it needs the key, which no migration has), and until then
processes of the release before work beside this schema. Whatever changes a way in takes the seal away and says for
which event the next one is; who changes it seals again (agencies/seals.py), and forgetting it fails when the transaction
commits. Going back takes the seals away: coming up again, `nwd database seal --anew` seals everybody.
"""

from __future__ import annotations

from django.db import migrations, models

GUARDS = """
CREATE FUNCTION nowrongdoor_unseal() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  kept jsonb := to_jsonb(coalesce(NEW, OLD));
  person uuid := coalesce(kept ->> 'user_id', kept ->> 'id');
BEGIN
  UPDATE nowrongdoor_user SET sealed = NULL, sealed_for = coalesce((
    SELECT max(id) FROM nowrongdoor_auditevent WHERE subject_id = person AND verb IN (
      'person.password_set', 'person.role_set', 'person.disabled', 'person.enabled', 'factor.added', 'factor.changed',
      'factor.removed', 'identity.added', 'identity.removed')), 0) WHERE id = person;
  RETURN NULL;
END $$;
-- These come after the triggers that write the event: PostgreSQL runs them by their names.
CREATE TRIGGER whoever_is_changed_is_not_sealed AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN ((NEW.agency_id, NEW.role, NEW.is_active, NEW.password)
        IS DISTINCT FROM (OLD.agency_id, OLD.role, OLD.is_active, OLD.password))
  EXECUTE FUNCTION nowrongdoor_unseal();
CREATE TRIGGER a_factor_that_changes_is_in_the_trail AFTER UPDATE ON mfa_authenticator FOR EACH ROW
  WHEN ((NEW.user_id, NEW.type, NEW.data) IS DISTINCT FROM (OLD.user_id, OLD.type, OLD.data))
  EXECUTE FUNCTION nowrongdoor_tell_factor('factor.changed', '', 'type');
CREATE TRIGGER whose_factors_are_others_is_not_sealed AFTER INSERT OR DELETE ON mfa_authenticator FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_unseal();
CREATE TRIGGER whose_factor_changes_is_not_sealed AFTER UPDATE ON mfa_authenticator FOR EACH ROW
  WHEN ((NEW.user_id, NEW.type, NEW.data) IS DISTINCT FROM (OLD.user_id, OLD.type, OLD.data))
  EXECUTE FUNCTION nowrongdoor_unseal();
CREATE TRIGGER whose_identities_are_others_is_not_sealed AFTER INSERT OR DELETE ON socialaccount_socialaccount
  FOR EACH ROW EXECUTE FUNCTION nowrongdoor_unseal();
CREATE TRIGGER whose_identity_changes_is_not_sealed AFTER UPDATE ON socialaccount_socialaccount FOR EACH ROW
  WHEN ((NEW.user_id, NEW.provider, NEW.uid) IS DISTINCT FROM (OLD.user_id, OLD.provider, OLD.uid))
  EXECUTE FUNCTION nowrongdoor_unseal();
-- A mistake of ours, and no attack: whoever changes a person where others are sealed, seals them.
CREATE FUNCTION nowrongdoor_refuse_unsealed() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT pg_has_role(session_user, current_user, 'MEMBER')
     AND EXISTS (SELECT FROM nowrongdoor_user WHERE id = NEW.id AND sealed IS NULL)
     AND (TG_OP = 'UPDATE' AND OLD.sealed IS NOT NULL
          OR EXISTS (SELECT FROM nowrongdoor_user WHERE sealed IS NOT NULL)) THEN
    RAISE EXCEPTION 'who changes what somebody signs in with, or may do, seals it again'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER whoever_is_changed_is_sealed_again AFTER INSERT OR UPDATE OF sealed ON nowrongdoor_user
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.sealed IS NULL)
  EXECUTE FUNCTION nowrongdoor_refuse_unsealed();
"""
UNGUARD = """
DROP TRIGGER a_factor_that_changes_is_in_the_trail ON mfa_authenticator;
DROP FUNCTION nowrongdoor_unseal() CASCADE; DROP FUNCTION nowrongdoor_refuse_unsealed() CASCADE;
"""
WAYS_IN = (
    *("person.password_set", "person.role_set", "person.disabled", "person.enabled"),
    *("factor.added", "factor.changed", "factor.removed", "identity.added", "identity.removed"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("nowrongdoor", "0045_at_the_entry"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]
    operations = [
        migrations.AddField("user", "sealed", models.BinaryField(null=True)),
        migrations.AddField("user", "sealed_for", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddIndex(
            "event",
            models.Index(
                condition=models.Q(("verb__in", WAYS_IN)), fields=["subject_id", "id"], name="audit_event_of_ways_in"
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
