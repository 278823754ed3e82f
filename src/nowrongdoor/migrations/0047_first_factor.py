"""Setup codes, and a guard: nobody adds the first second factor of a person by their password alone.

Expand only. Processes of the release before go on inviting, joining, signing in and resetting; what they are refused is
adding a first factor, which asked for nothing but the password there. Whoever meets that signs in again once the new
release serves. Who has a factor already, and adds another one, is refused nothing.
"""

import datetime
import importlib

import django.db.models.deletion
from django.db import migrations, models

import nowrongdoor.agencies.models

_noting = importlib.import_module("nowrongdoor.migrations.0044_noted_rows")
KEPT = _noting.Kept(
    "setup_code",
    "nowrongdoor_setup_code",
    "id agency_id person_id digest at by_id expires_at used_at revoked_at",
)
GUARDS = """
-- Codes: an administrator makes one for somebody else of the agency, in their own name, and none that ended comes back.
ALTER TABLE nowrongdoor_setup_code ADD CONSTRAINT a_setup_code_is_for_somebody_of_the_agency
  FOREIGN KEY (person_id, agency_id) REFERENCES nowrongdoor_user (id, agency_id);
CREATE TRIGGER another_administrator_makes_a_setup_code AFTER INSERT ON nowrongdoor_setup_code FOR EACH ROW
  WHEN (NOT nowrongdoor_in_house() AND (NEW.used_at IS NOT NULL OR NEW.revoked_at IS NOT NULL
        OR NEW.by_id = NEW.person_id OR NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id)
        OR NOT nowrongdoor_administers(NEW.by_id, NEW.agency_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('another administrator of the agency makes a setup code, in their own name');
CREATE TRIGGER a_setup_code_that_ended_stays_ended AFTER UPDATE ON nowrongdoor_setup_code FOR EACH ROW
  WHEN (OLD.used_at IS NOT NULL OR OLD.revoked_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('this setup code was used or revoked');
CREATE FUNCTION nowrongdoor_end_setup_codes() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_setup_code SET revoked_at = now()
   WHERE person_id = NEW.id AND used_at IS NULL AND revoked_at IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER a_setup_code_ends_with_a_role AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN ((NEW.role, NEW.is_active) IS DISTINCT FROM (OLD.role, OLD.is_active))
  EXECUTE FUNCTION nowrongdoor_end_setup_codes();
CREATE FUNCTION nowrongdoor_tell_setup_code() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  who uuid := nowrongdoor_who_acts(NEW.person_id);
BEGIN
  INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, subject_id, details)
    SELECT now(), 'write', CASE WHEN NEW.used_at IS NOT NULL THEN 'setup_code.used'
                                WHEN NEW.revoked_at IS NOT NULL THEN 'setup_code.revoked' ELSE 'setup_code.made' END,
           CASE WHEN who IS NULL THEN 'rule' ELSE 'office' END, NEW.agency_id, who, NEW.person_id, '{}';
  RETURN NULL;
END $$;
CREATE TRIGGER a_setup_code_is_in_the_trail AFTER INSERT OR UPDATE ON nowrongdoor_setup_code FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_tell_setup_code();

-- The first factor of somebody: the transaction shows (nwd.setup) a setup code of theirs, which is used up, or the link
-- of the invitation by which they joined within half an hour. Whose row it is is locked, so that a reset and a factor
-- that is added meanwhile come one after the other. The owner, who migrates, is not asked.
CREATE FUNCTION nowrongdoor_let_in_factor() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  shown bytea := sha256(convert_to(coalesce(current_setting('nwd.setup', true), ''), 'UTF8'));
BEGIN
  PERFORM FROM nowrongdoor_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
  IF session_user = current_user
     OR EXISTS (SELECT FROM mfa_authenticator WHERE user_id = NEW.user_id AND type <> 'recovery_codes') THEN
    RETURN NEW;
  END IF;
  IF NEW.type <> 'recovery_codes' THEN
    UPDATE nowrongdoor_setup_code SET used_at = now()
     WHERE person_id = NEW.user_id AND digest = shown AND used_at IS NULL AND revoked_at IS NULL
       AND expires_at > now() AND nowrongdoor_still_invites(by_id, agency_id);
    IF FOUND THEN
      RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM nowrongdoor_invitation i
                 JOIN nowrongdoor_user u ON (u.name, u.agency_id) = (i.name, i.agency_id)
                WHERE u.id = NEW.user_id AND i.digest = shown AND i.used_at > now() - interval '30 minutes') THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the first factor of somebody is added with a setup code, or in the sitting in which they joined'
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER a_first_factor_needs_more_than_a_password BEFORE INSERT ON mfa_authenticator FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_let_in_factor();
CREATE TRIGGER a_factor_stays_whose_it_is AFTER UPDATE ON mfa_authenticator FOR EACH ROW
  WHEN ((NEW.user_id, NEW.type) IS DISTINCT FROM (OLD.user_id, OLD.type))
  EXECUTE FUNCTION nowrongdoor_refuse('a factor stays the person''s, and of its kind');
"""
NOTED = (
    _noting.function(KEPT)
    + """
CREATE TRIGGER setup_code_written_is_noted AFTER INSERT ON nowrongdoor_setup_code
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_setup_code();
CREATE TRIGGER setup_code_changed_is_noted AFTER UPDATE ON nowrongdoor_setup_code
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_setup_code();
"""
)
# The way back takes the codes along, and notes that they are gone.
_GONE = "SELECT w.id::text AS line, w.agency_id AS agency, '' AS digest FROM nowrongdoor_setup_code w"
UNGUARD = (
    _noting.noted(KEPT, _GONE, by="NULL::uuid", to="NULL::uuid")
    + """
DROP FUNCTION nowrongdoor_note_setup_code() CASCADE;
DROP TRIGGER a_factor_stays_whose_it_is ON mfa_authenticator;
DROP FUNCTION nowrongdoor_let_in_factor() CASCADE;
DROP FUNCTION nowrongdoor_tell_setup_code() CASCADE;
DROP FUNCTION nowrongdoor_end_setup_codes() CASCADE;
DROP TRIGGER a_setup_code_that_ended_stays_ended ON nowrongdoor_setup_code;
DROP TRIGGER another_administrator_makes_a_setup_code ON nowrongdoor_setup_code;
ALTER TABLE nowrongdoor_setup_code DROP CONSTRAINT a_setup_code_is_for_somebody_of_the_agency;
"""
)


class Migration(migrations.Migration):
    """A table, and its triggers."""

    dependencies = [("nowrongdoor", "0046_sealed_people")]
    operations = [
        migrations.CreateModel(
            name="SetupCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
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
                        to="nowrongdoor.user",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.user",
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_setup_code",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None), ("used_at", None)),
                        fields=("person",),
                        name="a_person_has_one_setup_code_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__length", 32)), name="a_setup_code_is_kept_as_a_digest"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__gt", models.F("at")),
                            ("expires_at__lte", models.F("at") + datetime.timedelta(hours=24)),
                        ),
                        name="a_setup_code_lasts_a_day_at_most",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("used_at", None), ("revoked_at", None), _connector="OR"),
                        name="a_setup_code_ends_one_way",
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARDS + NOTED, UNGUARD),
    ]
