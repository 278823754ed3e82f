"""What was written, noted in the trail as digests, so that rows can be compared with it; and every change of what
somebody signs in with, or may do, as an event.

Expand only: the triggers work beside processes of the release before, which write some events of people themselves.
What there is already is noted once, here, while the tables take no other writes. Going back takes the triggers away and
leaves the events; coming up again notes everything anew.
"""

from __future__ import annotations

import dataclasses

from django.db import migrations

BATCH = 1_000  # rows to an event
LOOKING = {"by": "nwd_person()", "to": "nwd_agency()"}  # put up after migrations, and asked when rows are written
PLAINLY = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL bytea_output = 'hex';"


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """Rows that are noted: under which name, which of their columns (for good: another list is another name), and in
    whose chain where nobody looks. An agency that looks has it in its own."""

    name: str
    table: str
    columns: str
    agency: str = "w.agency_id"

    @property
    def text(self) -> str:
        """Write, in SQL, the text whose digest is noted of a row `w`: one column as it is, more as a row."""
        names = [f"w.{column}" for column in self.columns.split()]
        return f"ROW({', '.join(names)})::text" if len(names) > 1 else names[0]

    @property
    def digest(self) -> str:
        """128 bits of SHA-256: nobody finds a second row with the same."""
        return f"left(encode(sha256(convert_to({self.text}, 'UTF8')), 'hex'), 32)"


_OF_CASE = "(SELECT received_by_id FROM nowrongdoor_case WHERE id = w.case_id)"
_OF_PERSON = "(SELECT agency_id FROM nowrongdoor_user WHERE id = w.user_id)"
KEPT = (
    Kept("user", "nowrongdoor_user", "id agency_id name role is_active"),
    Kept("password", "nowrongdoor_user", "password"),
    Kept("factor", "mfa_authenticator", "id user_id type data", _OF_PERSON),
    Kept("identity", "socialaccount_socialaccount", "id user_id provider uid", _OF_PERSON),
    Kept(
        "invitation",
        "nowrongdoor_invitation",
        "id agency_id name role digest at by_id expires_at used_at withdrawn_at",
    ),
    Kept("token", "nowrongdoor_token", "id agency_id digest made_at revoked_at ends_at"),
    Kept(
        "app_password",
        "nowrongdoor_app_password",
        "id agency_id person_id scope digest made_at revoked_at",
    ),
    Kept(
        "signal",
        "nowrongdoor_signal",
        "id reference receiver_id key digest door received_at arrived_at contacted_at taken_by_id facts answers state "
        "district narrative people raw",
        "w.receiver_id",
    ),
    Kept(
        "case",
        "nowrongdoor_case",
        "id reference received_by_id opened_at lead_id lead_since lead_handoff_id facts facts_version state district "
        "closed_at closed_by_id closed_because closed_as found merged_into_id",
        "w.received_by_id",
    ),
    Kept(
        "handoff",
        "nowrongdoor_handoff",
        "id case_id from_agency_id to_agency_id kind state offered_at offered_by_id due_at over_at over_by_id reason "
        "because",
        _OF_CASE,
    ),
    Kept("facts", "nowrongdoor_case_facts", "id case_id version facts state district at by_id why", _OF_CASE),
    Kept("note", "nowrongdoor_note", "id case_id agency_id by_id at audience scope text written_as for_role"),
    Kept("tenure", "nowrongdoor_tenure", "id case_id agency_id handoff_id from_at to_at", _OF_CASE),
    Kept("part", "nowrongdoor_participant", "id case_id agency_id relation from_at to_at", _OF_CASE),
    Kept("earlier_part", "nowrongdoor_earlier_part", "id case_id agency_id relation from_at to_at", _OF_CASE),
)


def noted(kept: Kept, rows: str, *, by: str, to: str, more: str = "", was: str = "") -> str:
    """Write the statement that notes rows: `rows` gives line, digest and agency of each; `by` and `to`, in SQL: who
    looks, and whose chain that is; `was`: its column with the digest of what was there before, so that what was changed
    unseen is not made right by the next change."""
    before = f" || jsonb_build_object('was', jsonb_object_agg(line, {was}))" if was else ""
    was = f", {was}" if was else ""
    return f"""
    INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, subject_id, details)
    SELECT now(), 'write', 'rows.noted', 'rule', agency, {by}, agency,
           jsonb_build_object('of', '{kept.name}', 'rows', jsonb_object_agg(line, digest)){before}{more}
           || CASE WHEN session_user = 'nwd_app' THEN '{{}}' ELSE jsonb_build_object('as', session_user) END
      FROM (SELECT line, digest, agency{was},
                   (row_number() OVER (PARTITION BY agency ORDER BY line) - 1) / {BATCH} AS part
              FROM (SELECT line, digest{was}, coalesce({to}, agency) AS agency FROM ({rows}) AS every) AS placed)
           AS parted
     GROUP BY agency, part ORDER BY agency, part;
"""  # noqa: S608  our own names


def function(kept: Kept) -> str:
    """Write the function that the triggers of one kind of rows run. A statement notes what it wrote in one event, or
    more where that is many rows."""
    now, before = kept.digest, kept.digest.replace("w.", "o.")
    row = f"SELECT w.id::text AS line, {kept.agency} AS agency"
    fresh = f"{row}, {now} AS digest FROM fresh w"
    is_changed = f"{kept.text} IS DISTINCT FROM {kept.text.replace('w.', 'o.')}"
    changed = f"{row}, {now} AS digest, {before} AS prior FROM fresh w JOIN stale o USING (id) WHERE {is_changed}"
    gone = f"{row}, '' AS digest, {now} AS prior FROM stale w"
    return f"""
CREATE FUNCTION nowrongdoor_note_{kept.name}() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
  SET TimeZone = 'UTC' SET DateStyle = 'ISO, MDY' SET bytea_output = 'hex' AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN {noted(kept, fresh, **LOOKING)}
  ELSIF TG_OP = 'UPDATE' THEN {noted(kept, changed, was="prior", **LOOKING)}
  ELSE {noted(kept, gone, was="prior", **LOOKING)}
  END IF;
  RETURN NULL;
END $$;
"""


def begin(kept: Kept) -> str:
    """Write what notes the rows that are there, in a transaction; as triggers write values, however a server does."""
    row = f"SELECT w.id::text AS line, {kept.agency} AS agency, {kept.digest} AS digest"
    rows, more = f"{row} FROM {kept.table} w", " || jsonb_build_object('begun', true)"
    return PLAINLY + noted(kept, rows, by="NULL::uuid", to="NULL::uuid", more=more)


TRIGGERS = """
-- What decides something is noted in the trail as it is written, by its digest: `nwd audit verify` compares.
CREATE TRIGGER user_written_is_noted AFTER INSERT ON nowrongdoor_user
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_user();
CREATE TRIGGER user_changed_is_noted AFTER UPDATE ON nowrongdoor_user
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_user();
CREATE TRIGGER password_written_is_noted AFTER INSERT ON nowrongdoor_user
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_password();
CREATE TRIGGER password_changed_is_noted AFTER UPDATE ON nowrongdoor_user
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_password();
CREATE TRIGGER factor_written_is_noted AFTER INSERT ON mfa_authenticator
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_factor();
CREATE TRIGGER factor_changed_is_noted AFTER UPDATE ON mfa_authenticator
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_factor();
CREATE TRIGGER factor_gone_is_noted AFTER DELETE ON mfa_authenticator
  REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_factor();
CREATE TRIGGER identity_written_is_noted AFTER INSERT ON socialaccount_socialaccount
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_identity();
CREATE TRIGGER identity_gone_is_noted AFTER DELETE ON socialaccount_socialaccount
  REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_identity();
CREATE TRIGGER invitation_written_is_noted AFTER INSERT ON nowrongdoor_invitation
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_invitation();
CREATE TRIGGER invitation_changed_is_noted AFTER UPDATE ON nowrongdoor_invitation
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_invitation();
CREATE TRIGGER token_written_is_noted AFTER INSERT ON nowrongdoor_token
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_token();
CREATE TRIGGER token_changed_is_noted AFTER UPDATE ON nowrongdoor_token
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_token();
CREATE TRIGGER app_password_written_is_noted AFTER INSERT ON nowrongdoor_app_password
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_app_password();
CREATE TRIGGER app_password_changed_is_noted AFTER UPDATE ON nowrongdoor_app_password
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_app_password();
CREATE TRIGGER signal_written_is_noted AFTER INSERT ON nowrongdoor_signal
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_signal();
CREATE TRIGGER case_written_is_noted AFTER INSERT ON nowrongdoor_case
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_case();
CREATE TRIGGER case_changed_is_noted AFTER UPDATE ON nowrongdoor_case
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_case();
CREATE TRIGGER handoff_written_is_noted AFTER INSERT ON nowrongdoor_handoff
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_handoff();
CREATE TRIGGER handoff_changed_is_noted AFTER UPDATE ON nowrongdoor_handoff
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_handoff();
CREATE TRIGGER facts_written_is_noted AFTER INSERT ON nowrongdoor_case_facts
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_facts();
CREATE TRIGGER note_written_is_noted AFTER INSERT ON nowrongdoor_note
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_note();
CREATE TRIGGER tenure_written_is_noted AFTER INSERT ON nowrongdoor_tenure
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_tenure();
CREATE TRIGGER tenure_changed_is_noted AFTER UPDATE ON nowrongdoor_tenure
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_tenure();
CREATE TRIGGER part_written_is_noted AFTER INSERT ON nowrongdoor_participant
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_part();
CREATE TRIGGER part_changed_is_noted AFTER UPDATE ON nowrongdoor_participant
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_part();
CREATE TRIGGER earlier_part_written_is_noted AFTER INSERT ON nowrongdoor_earlier_part
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_note_earlier_part();
"""
PEOPLE = """
-- Who gave somebody another role, switched them off or on, chose a password, added or took away a factor: written where
-- the row changes, whichever way it came. At the sign-in a person acts for themselves, where nobody else is named.
CREATE FUNCTION nowrongdoor_who_acts(person uuid) RETURNS uuid LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN coalesce(nwd_person(), CASE WHEN nwd_entry() AND NOT nwd_house() THEN person END);
END $$;
CREATE FUNCTION nowrongdoor_tell_person() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  who uuid := nowrongdoor_who_acts(NEW.id);
BEGIN
  INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, subject_id, details)
    SELECT now(), 'write', told.verb, CASE WHEN who IS NULL THEN 'rule' ELSE 'office' END, NEW.agency_id, who, NEW.id,
           told.details
      FROM (VALUES ('person.password_set', NEW.password <> OLD.password, '{}'::jsonb),
                   ('person.role_set', NEW.role <> OLD.role, jsonb_build_object('role', NEW.role)),
                   ('person.disabled', OLD.is_active AND NOT NEW.is_active, '{}'),
                   ('person.enabled', NEW.is_active AND NOT OLD.is_active, '{}')) AS told (verb, is_so, details)
     WHERE told.is_so;
  RETURN NULL;
END $$;
CREATE TRIGGER what_somebody_may_do_is_in_the_trail AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN ((NEW.password, NEW.role, NEW.is_active) IS DISTINCT FROM (OLD.password, OLD.role, OLD.is_active))
  EXECUTE FUNCTION nowrongdoor_tell_person();
CREATE FUNCTION nowrongdoor_tell_factor() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  kept jsonb := to_jsonb(coalesce(NEW, OLD));
  person uuid := kept ->> 'user_id';
  who uuid := nowrongdoor_who_acts(person);
BEGIN
  INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, subject_id, details)
    SELECT now(), 'write', TG_ARGV[(TG_OP = 'DELETE')::int], CASE WHEN who IS NULL THEN 'rule' ELSE 'office' END,
           u.agency_id, who, person, jsonb_build_object('type', kept ->> TG_ARGV[2])
      FROM nowrongdoor_user u WHERE u.id = person;
  RETURN NULL;
END $$;
CREATE TRIGGER a_factor_is_in_the_trail AFTER INSERT OR DELETE ON mfa_authenticator FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_tell_factor('factor.added', 'factor.removed', 'type');
CREATE TRIGGER an_identity_is_in_the_trail AFTER INSERT OR DELETE ON socialaccount_socialaccount FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_tell_factor('identity.added', 'identity.removed', 'provider');
"""


def up() -> str:
    """Write everything that is put up."""
    return "".join((*map(function, KEPT), TRIGGERS, *map(begin, KEPT), PEOPLE))


def down() -> str:
    """Write how it is taken away; triggers go with their functions."""
    return "".join(
        (
            *(f"DROP FUNCTION nowrongdoor_note_{kept.name}() CASCADE;\n" for kept in KEPT),
            "DROP FUNCTION nowrongdoor_tell_person() CASCADE; DROP FUNCTION nowrongdoor_tell_factor() CASCADE;\n"
            "DROP FUNCTION nowrongdoor_who_acts(uuid);",
        )
    )


class Migration(migrations.Migration):
    dependencies = [
        ("nowrongdoor", "0043_benefits"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]
    operations = [migrations.RunSQL(up(), down())]
