"""People are told of what is overdue on the line and of reports; and are told no more once it is done.

Expand only. Which of it is overdue the worker says (`notifications/clock.py`); the triggers below end what it told. The
way back drops these notifications, which follow from the rest.
"""

from __future__ import annotations

from django.db import migrations, models

# A contact: somebody has it, it is on a list, or it is over; of one that is over no message is missed any more. A report
# that leaves again is confirmed within its time anew. A library is told of until nothing in it waits to be proved.
GUARDS = """
CREATE FUNCTION nowrongdoor_tell_no_more() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  things uuid[];
  kinds text[];
  done timestamptz;
BEGIN
  IF TG_TABLE_NAME = 'nowrongdoor_contact' THEN
    things := ARRAY[NEW.id];
    kinds := ARRAY['list_overdue', 'nobody_on_shift'];
    done := coalesce(NEW.over_at, NEW.since);
    IF NEW.over_at IS NOT NULL THEN
      things := things || ARRAY(SELECT id FROM nowrongdoor_contact_message WHERE contact_id = NEW.id AND way = 'voicemail');
      kinds := kinds || ARRAY['recording_missing'];
    END IF;
  ELSIF TG_TABLE_NAME = 'nowrongdoor_contact_message' THEN
    things := ARRAY[NEW.id];
    kinds := ARRAY['recording_missing'];
    done := NEW.fetched_at;
  ELSIF TG_TABLE_NAME = 'nowrongdoor_call_back' THEN
    things := ARRAY[NEW.id];
    kinds := ARRAY['call_back_near'];
    done := NEW.over_at;
  ELSIF TG_TABLE_NAME = 'nowrongdoor_report' THEN
    things := ARRAY[NEW.id];
    kinds := ARRAY['review_overdue'];
    done := coalesce(NEW.reviewed_at, NEW.words_at);
  ELSIF TG_TABLE_NAME = 'nowrongdoor_report_sending' THEN
    things := ARRAY[NEW.report_id];
    kinds := ARRAY['report_unconfirmed'];
    done := coalesce(NEW.confirmed_at, NEW.at);
  ELSIF TG_TABLE_NAME = 'nowrongdoor_emergency_money' THEN
    things := ARRAY[NEW.id];
    kinds := ARRAY['money_waits'];
    done := NEW.decided_at;
  ELSE
    done := greatest(NEW.proved_at, NEW.retired_at);
    IF EXISTS (SELECT FROM nowrongdoor_protocol WHERE agency_id = NEW.agency_id AND retired_at IS NULL
                AND (prove_again_at IS NULL OR prove_again_at <= done)) THEN
      RETURN NULL;
    END IF;
    things := ARRAY[NEW.agency_id];
    kinds := ARRAY['proof_overdue'];
  END IF;
  UPDATE nowrongdoor_notification SET over_at = done
   WHERE thing_id = ANY (things) AND kind = ANY (kinds) AND over_at IS NULL;
  RETURN NULL;
END $$;
-- What was done while it was being told is over: whoever does it now waits until it is told, and then ends it.
CREATE FUNCTION nowrongdoor_end_what_was_done() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.kind = 'list_overdue' THEN
    PERFORM FROM nowrongdoor_contact
      WHERE id = NEW.thing_id AND state = 'voicemail' AND due_at = NEW.about_at FOR SHARE;
  ELSIF NEW.kind = 'nobody_on_shift' THEN
    PERFORM FROM nowrongdoor_contact
      WHERE id = NEW.thing_id AND state = 'ringing' AND since = NEW.about_at FOR SHARE;
  ELSIF NEW.kind = 'call_back_near' THEN
    PERFORM FROM nowrongdoor_call_back WHERE id = NEW.thing_id AND over_at IS NULL FOR SHARE;
  ELSIF NEW.kind = 'recording_missing' THEN
    PERFORM FROM nowrongdoor_contact c JOIN nowrongdoor_contact_message m ON m.contact_id = c.id
      WHERE m.id = NEW.thing_id AND m.fetched_at IS NULL AND c.over_at IS NULL FOR SHARE;
  ELSIF NEW.kind = 'review_overdue' THEN
    PERFORM FROM nowrongdoor_report
      WHERE id = NEW.thing_id AND reviewed_at IS NULL AND review_due_at = NEW.about_at FOR SHARE;
  ELSIF NEW.kind = 'money_waits' THEN
    PERFORM FROM nowrongdoor_emergency_money WHERE id = NEW.thing_id AND decided_at IS NULL FOR SHARE;
  ELSIF NEW.kind = 'report_unconfirmed' THEN
    PERFORM FROM nowrongdoor_report_sending WHERE report_id = NEW.thing_id ORDER BY id FOR SHARE;
    PERFORM FROM nowrongdoor_report r WHERE id = NEW.thing_id AND NOT EXISTS (
      SELECT FROM nowrongdoor_report_sending WHERE report_id = r.id AND confirmed_at IS NOT NULL);
  ELSE
    PERFORM FROM nowrongdoor_protocol WHERE agency_id = NEW.thing_id AND retired_at IS NULL
      AND (prove_again_at IS NULL OR prove_again_at <= NEW.at) LIMIT 1;
  END IF;
  IF NOT FOUND THEN
    UPDATE nowrongdoor_notification SET over_at = NEW.at WHERE id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER what_was_done_meanwhile_is_over AFTER INSERT ON nowrongdoor_notification FOR EACH ROW
  WHEN (NEW.kind IN ('list_overdue', 'nobody_on_shift', 'call_back_near', 'recording_missing', 'review_overdue',
                     'report_unconfirmed', 'proof_overdue', 'money_waits'))
  EXECUTE FUNCTION nowrongdoor_end_what_was_done();
CREATE TRIGGER a_contact_that_moved_is_told_no_more AFTER UPDATE ON nowrongdoor_contact FOR EACH ROW
  WHEN (NEW.state <> OLD.state OR NEW.due_at IS DISTINCT FROM OLD.due_at)
  EXECUTE FUNCTION nowrongdoor_tell_no_more();
CREATE TRIGGER a_sound_that_came_is_told_no_more AFTER UPDATE ON nowrongdoor_contact_message FOR EACH ROW
  WHEN (OLD.fetched_at IS NULL AND NEW.fetched_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_tell_no_more();
CREATE TRIGGER a_call_back_that_is_over_is_told_no_more AFTER UPDATE ON nowrongdoor_call_back FOR EACH ROW
  WHEN (OLD.over_at IS NULL AND NEW.over_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_tell_no_more();
CREATE TRIGGER a_review_that_was_done_is_told_no_more AFTER UPDATE ON nowrongdoor_report FOR EACH ROW
  WHEN ((NEW.review_due_at, NEW.reviewed_at) IS DISTINCT FROM (OLD.review_due_at, OLD.reviewed_at))
  EXECUTE FUNCTION nowrongdoor_tell_no_more();
CREATE TRIGGER a_report_that_leaves_again_has_its_time_anew AFTER INSERT ON nowrongdoor_report_sending FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_tell_no_more();
CREATE TRIGGER a_report_that_arrived_is_told_no_more AFTER UPDATE ON nowrongdoor_report_sending FOR EACH ROW
  WHEN (OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_tell_no_more();
CREATE TRIGGER money_that_was_decided_is_told_no_more AFTER UPDATE ON nowrongdoor_emergency_money FOR EACH ROW
  WHEN (OLD.decided_at IS NULL AND NEW.decided_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_tell_no_more();
CREATE TRIGGER a_library_that_was_proved_is_told_no_more AFTER UPDATE ON nowrongdoor_protocol FOR EACH ROW
  WHEN ((NEW.proved_at, NEW.retired_at) IS DISTINCT FROM (OLD.proved_at, OLD.retired_at)
        AND coalesce(NEW.proved_at, NEW.retired_at) IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_tell_no_more();
"""
UNGUARD = """
DROP TRIGGER money_that_was_decided_is_told_no_more ON nowrongdoor_emergency_money;
DROP TRIGGER a_library_that_was_proved_is_told_no_more ON nowrongdoor_protocol;
DROP TRIGGER a_report_that_arrived_is_told_no_more ON nowrongdoor_report_sending;
DROP TRIGGER a_report_that_leaves_again_has_its_time_anew ON nowrongdoor_report_sending;
DROP TRIGGER a_review_that_was_done_is_told_no_more ON nowrongdoor_report;
DROP TRIGGER a_call_back_that_is_over_is_told_no_more ON nowrongdoor_call_back;
DROP TRIGGER a_sound_that_came_is_told_no_more ON nowrongdoor_contact_message;
DROP TRIGGER a_contact_that_moved_is_told_no_more ON nowrongdoor_contact;
DROP TRIGGER what_was_done_meanwhile_is_over ON nowrongdoor_notification;
DROP FUNCTION nowrongdoor_end_what_was_done;
DROP FUNCTION nowrongdoor_tell_no_more;
"""
_CASELESS = ["deadline_near", "nobody_on_call", "mail_given_up", "sender_wrote", "sender_waits"]
_KINDS = [
    *("offer_waits", "lead_came", "offer_accepted", "offer_declined", "offer_expired", "offer_to_backstop"),
    *("offer_undone", "case_closed", "case_reopened", "offer_unopened", *_CASELESS),
]
OVERDUE = [
    *("list_overdue", "call_back_near", "nobody_on_shift", "recording_missing"),
    *("review_overdue", "report_unconfirmed", "proof_overdue", "money_waits"),
]
GOES = """
DELETE FROM nowrongdoor_notification WHERE kind IN ('list_overdue', 'nobody_on_shift', 'call_back_near',
  'recording_missing', 'review_overdue', 'report_unconfirmed', 'proof_overdue', 'money_waits');
"""


class Migration(migrations.Migration):
    dependencies = [("nowrongdoor", "0038_wrapup")]
    operations = [
        migrations.RemoveConstraint("notification", "a_notification_has_a_known_kind"),
        migrations.AddConstraint(
            "notification",
            models.CheckConstraint(
                name="a_notification_has_a_known_kind", condition=models.Q(kind__in=[*_KINDS, *OVERDUE])
            ),
        ),
        migrations.RemoveConstraint("notification", "a_notification_of_a_case_names_it"),
        migrations.AddConstraint(
            "notification",
            models.CheckConstraint(
                name="a_notification_of_a_case_names_it",
                condition=models.Q(case__isnull=False) | models.Q(kind__in=[*_CASELESS, *OVERDUE]),
            ),
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(migrations.RunSQL.noop, GOES),
    ]
