"""What the kind of an agency lets it do in a case: lead, be told, receive, or none of these.

The kind is for good, so that a guard that asks for it when a row is written is right ever after.
"""

from __future__ import annotations

from django.db import migrations, models

KINDS = (
    *("law_enforcement", "state_and_local", "immigration_enforcement", "prosecutor", "inspector_general", "regulator"),
    *("immigration", "services", "child_welfare"),
    *("coordination", "hotline", "other", "provider", "carrier", "grantee"),
)
TAKE_PART = KINDS[:-3]
LEAD = TAKE_PART[:-1]

GUARDS = """
CREATE FUNCTION nowrongdoor_may(agency uuid, what text) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN coalesce((SELECT CASE what WHEN 'lead' THEN may_lead WHEN 'be told' THEN may_be_told
                                    WHEN 'receive' THEN may_receive END
                     FROM public.nowrongdoor_agency WHERE id = agency), false);
END $$;

CREATE TRIGGER an_agency_keeps_its_kind AFTER UPDATE ON nowrongdoor_agency FOR EACH ROW
  WHEN (NEW.kind <> OLD.kind)
  EXECUTE FUNCTION nowrongdoor_refuse('what kind of body an agency is stays as it was: close it, and add another');
CREATE TRIGGER a_lead_is_of_a_kind_that_leads AFTER INSERT OR UPDATE OF lead_id ON nowrongdoor_case FOR EACH ROW
  WHEN (NOT nowrongdoor_may(NEW.lead_id, 'lead'))
  EXECUTE FUNCTION nowrongdoor_refuse('an agency of this kind leads no case');
CREATE TRIGGER an_offer_is_to_a_kind_that_leads AFTER INSERT ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NOT nowrongdoor_may(NEW.to_agency_id, 'lead'))
  EXECUTE FUNCTION nowrongdoor_refuse('an agency of this kind leads no case');
CREATE TRIGGER a_signal_is_received_by_a_kind_that_receives AFTER INSERT OR UPDATE OF receiver_id
  ON nowrongdoor_signal FOR EACH ROW WHEN (NOT nowrongdoor_may(NEW.receiver_id, 'receive'))
  EXECUTE FUNCTION nowrongdoor_refuse('an agency of this kind receives no signals');
CREATE TRIGGER a_system_hands_in_for_a_kind_that_receives AFTER INSERT OR UPDATE OF agency_id
  ON nowrongdoor_token FOR EACH ROW WHEN (NOT nowrongdoor_may(NEW.agency_id, 'receive'))
  EXECUTE FUNCTION nowrongdoor_refuse('an agency of this kind receives no signals');
CREATE TRIGGER who_takes_part_is_of_a_kind_that_is_told AFTER INSERT OR UPDATE OF agency_id
  ON nowrongdoor_participant FOR EACH ROW WHEN (NOT nowrongdoor_may(NEW.agency_id, 'be told'))
  EXECUTE FUNCTION nowrongdoor_refuse('an agency of this kind takes part in no case');
CREATE TRIGGER a_notice_is_to_a_kind_that_is_told AFTER INSERT OR UPDATE OF agency_id ON nowrongdoor_duty FOR EACH ROW
  WHEN (NEW.kind = 'notice' AND NOT nowrongdoor_may(NEW.agency_id, 'be told'))
  EXECUTE FUNCTION nowrongdoor_refuse('an agency of this kind is told of no case');
CREATE TRIGGER an_emergency_is_of_a_kind_that_is_told AFTER INSERT ON nowrongdoor_emergency FOR EACH ROW
  WHEN (NOT nowrongdoor_may(NEW.agency_id, 'be told'))
  EXECUTE FUNCTION nowrongdoor_refuse('an agency of this kind opens no case');
"""
UNGUARD = """
DROP TRIGGER an_emergency_is_of_a_kind_that_is_told ON nowrongdoor_emergency;
DROP TRIGGER a_notice_is_to_a_kind_that_is_told ON nowrongdoor_duty;
DROP TRIGGER who_takes_part_is_of_a_kind_that_is_told ON nowrongdoor_participant;
DROP TRIGGER a_system_hands_in_for_a_kind_that_receives ON nowrongdoor_token;
DROP TRIGGER a_signal_is_received_by_a_kind_that_receives ON nowrongdoor_signal;
DROP TRIGGER an_offer_is_to_a_kind_that_leads ON nowrongdoor_handoff;
DROP TRIGGER a_lead_is_of_a_kind_that_leads ON nowrongdoor_case;
DROP TRIGGER an_agency_keeps_its_kind ON nowrongdoor_agency;
DROP FUNCTION nowrongdoor_may(uuid, text);
"""


def may(kinds: tuple[str, ...]) -> models.GeneratedField:
    """Make the column that is true for some kinds."""
    return models.GeneratedField(
        db_persist=True,
        expression=models.Case(models.When(kind__in=list(kinds), then=models.Value(True)), default=models.Value(False)),
        output_field=models.BooleanField(),
    )


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0011_duties")]
    operations = [
        migrations.AddConstraint(
            "agency",
            models.CheckConstraint(name="an_agency_has_a_known_kind", condition=models.Q(kind__in=list(KINDS))),
        ),
        migrations.AddField("agency", "may_lead", may(LEAD)),
        migrations.AddField("agency", "may_be_told", may(TAKE_PART)),
        migrations.AddField("agency", "may_receive", may(LEAD)),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
