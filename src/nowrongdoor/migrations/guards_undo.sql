-- The way back: what guards.sql made, in the opposite order. Nothing is lost: a key goes back to its row as it is wrapped
-- now. A closing that is under way has no place in the older schema, so it stops the way back.
DO $$
DECLARE
  waiting bigint := (SELECT count(*) FROM nowrongdoor_closing c JOIN nowrongdoor_agency a ON a.id = c.agency_id
                      WHERE a.active AND c.given_up_at IS NULL);
BEGIN
  IF waiting > 0 THEN
    RAISE EXCEPTION 'Agencies that are being closed: %. Finish each with `nwd agency close`, then go back.', waiting;
  END IF;
END $$;
DROP TRIGGER a_new_version_of_a_key_is_in_the_trail ON nowrongdoor_datakey_version;
DROP TRIGGER a_new_root_key_is_in_the_trail ON nowrongdoor_rootkey;
DROP TRIGGER there_is_always_a_root_key_in_use ON nowrongdoor_rootkey;
DROP TRIGGER an_index_key_keeps_its_secret ON nowrongdoor_rootkey;
DROP TRIGGER a_retired_root_key_stays_retired ON nowrongdoor_rootkey;
DROP TRIGGER a_version_keeps_the_secret ON nowrongdoor_datakey_version;
DROP TRIGGER what_was_erased_stays_erased ON nowrongdoor_datakey;
DROP TRIGGER a_version_is_wrapped_by_the_root_key_in_use ON nowrongdoor_datakey_version;
DROP TRIGGER a_key_is_wrapped_by_the_root_key_in_use ON nowrongdoor_datakey;
DROP TRIGGER what_is_approved_is_destroyed ON nowrongdoor_disposal;
DROP TRIGGER a_disposal_that_is_over_stays_over ON nowrongdoor_disposal;
DROP TRIGGER a_disposal_is_stopped_by_a_hold ON nowrongdoor_disposal;
DROP TRIGGER a_disposal_is_approved_in_ones_own_name ON nowrongdoor_disposal;
DROP TRIGGER a_disposal_starts_unapproved ON nowrongdoor_disposal;
DROP TRIGGER a_disposal_is_asked_by_who_led_a_closed_case ON nowrongdoor_disposal;
DROP TRIGGER a_lifted_hold_stays_lifted ON nowrongdoor_hold;
DROP TRIGGER a_hold_is_lifted_by_its_agency ON nowrongdoor_hold;
DROP TRIGGER a_hold_is_signed_in_ones_own_name ON nowrongdoor_hold;
DROP TRIGGER a_disclosure_is_signed_in_ones_own_name ON nowrongdoor_disclosure;
DROP TRIGGER a_revoked_release_stays_revoked ON nowrongdoor_release;
DROP TRIGGER a_release_is_revoked_by_its_agency ON nowrongdoor_release;
DROP TRIGGER a_release_is_signed_in_ones_own_name ON nowrongdoor_release;
DROP TRIGGER a_review_stays_as_it_was_written ON nowrongdoor_emergency;
DROP TRIGGER emergency_access_is_reviewed_by_the_agency ON nowrongdoor_emergency;
DROP TRIGGER emergency_access_is_opened_in_ones_own_name ON nowrongdoor_emergency;
DROP TRIGGER a_lifted_exclusion_stays_lifted ON nowrongdoor_exclusion;
DROP TRIGGER an_exclusion_is_lifted_by_another_of_the_agency ON nowrongdoor_exclusion;
DROP TRIGGER an_exclusion_is_signed_in_ones_own_name ON nowrongdoor_exclusion;
DROP TRIGGER an_administrator_invites ON nowrongdoor_invitation;
DROP TRIGGER nobody_joins_uninvited ON nowrongdoor_user;
DROP TRIGGER nobody_gives_themselves_a_role ON nowrongdoor_user;
DROP TRIGGER an_event_names_whoever_looks ON nowrongdoor_auditevent;
DROP TRIGGER a_routed_signal_stays_routed ON nowrongdoor_signal;
DROP TRIGGER a_signal_is_taken_in_ones_own_name ON nowrongdoor_signal;
DROP TRIGGER facts_are_changed_in_ones_own_name ON nowrongdoor_case_facts;
DROP TRIGGER a_clock_that_is_over_stays_over ON nowrongdoor_clock;
DROP TRIGGER a_clock_is_met_in_ones_own_name ON nowrongdoor_clock;
DROP TRIGGER a_clock_starts_unmet ON nowrongdoor_clock;
DROP TRIGGER a_clock_stays_with_whoever_owes_it ON nowrongdoor_clock;
DROP TRIGGER a_notice_stays_with_whom_it_is_for ON nowrongdoor_notice;
DROP TRIGGER a_notice_that_is_over_stays_over ON nowrongdoor_notice;
DROP TRIGGER a_notice_is_acknowledged_in_ones_own_name ON nowrongdoor_notice;
DROP TRIGGER a_notice_starts_unanswered ON nowrongdoor_notice;
DROP TRIGGER a_case_is_decided_by_who_takes_part ON nowrongdoor_decision;
DROP TRIGGER a_version_of_facts_is_that_of_its_case ON nowrongdoor_case_facts;
DROP TRIGGER the_facts_of_a_case_are_on_record ON nowrongdoor_case;
DROP TRIGGER a_closed_case_stays_as_it_was_closed ON nowrongdoor_case;
DROP TRIGGER a_case_is_closed_by_its_lead ON nowrongdoor_case;
DROP TRIGGER a_case_is_born_open ON nowrongdoor_case;
DROP TRIGGER an_agency_that_closed_stays_closed ON nowrongdoor_agency;
DROP TRIGGER an_agency_closes_as_it_is_on_record ON nowrongdoor_agency;
DROP TRIGGER a_closing_that_was_given_up_stays_so ON nowrongdoor_closing;
DROP TRIGGER an_administrator_closes_an_agency ON nowrongdoor_closing;
DROP TRIGGER a_lead_is_succeeded_when_its_agency_closes ON nowrongdoor_handoff;
DROP TRIGGER nobody_steps_forward_after_a_yes ON nowrongdoor_handoff;
DROP TRIGGER only_the_lead_asks_whom_no_rule_names ON nowrongdoor_handoff;
DROP TRIGGER an_offer_is_made_by_who_steers_or_said_no ON nowrongdoor_handoff;
DROP TRIGGER an_offer_follows_the_ruling ON nowrongdoor_handoff;
DROP TRIGGER an_offer_comes_from_the_lead ON nowrongdoor_handoff;
DROP TRIGGER an_offer_is_overtaken_for_a_reason ON nowrongdoor_handoff;
DROP TRIGGER only_the_clock_lets_an_offer_run_out ON nowrongdoor_handoff;
DROP TRIGGER an_offer_is_taken_back_by_the_lead ON nowrongdoor_handoff;
DROP TRIGGER an_answer_is_given_in_ones_own_name ON nowrongdoor_handoff;
UPDATE nowrongdoor_datakey d SET root_id = v.root_id, wrapped = v.wrapped, commitment = v.commitment FROM (
  SELECT DISTINCT ON (subject_id) * FROM nowrongdoor_datakey_version ORDER BY subject_id, version DESC
) AS v WHERE v.subject_id = d.subject_id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE nowrongdoor_case_signal DROP CONSTRAINT a_signal_is_held_for_who_took_it;
ALTER TABLE nowrongdoor_signal DROP CONSTRAINT signal_id_receiver;
ALTER TABLE nowrongdoor_signal DROP COLUMN routed_id;
ALTER TABLE nowrongdoor_person_part DROP CONSTRAINT a_part_is_of_ones_own_person;
ALTER TABLE nowrongdoor_datakey_version DROP CONSTRAINT a_version_is_of_a_key;
ALTER TABLE nowrongdoor_rootkey DROP CONSTRAINT a_new_root_key_is_committed;
ALTER TABLE nowrongdoor_datakey DROP CONSTRAINT a_new_key_is_committed;
ALTER TABLE nowrongdoor_disclosure DROP CONSTRAINT a_disclosure_is_of_ones_own_person;
ALTER TABLE nowrongdoor_release DROP CONSTRAINT a_release_is_of_ones_own_person;
ALTER TABLE nowrongdoor_person DROP CONSTRAINT person_id_case_owner;
ALTER TABLE nowrongdoor_exclusion DROP CONSTRAINT somebody_is_excluded_by_their_own_agency;
ALTER TABLE nowrongdoor_handoff DROP CONSTRAINT what_carries_its_yes_is_accepted;
ALTER TABLE nowrongdoor_handoff DROP CONSTRAINT nobody_signs_what_overtook_an_offer;
ALTER TABLE nowrongdoor_handoff DROP CONSTRAINT an_offer_runs_out_after_its_time;
DROP FUNCTION nowrongdoor_tell_version, nowrongdoor_tell_root_key, nowrongdoor_keep_root, nowrongdoor_is_index_secret, nowrongdoor_version_follows, nowrongdoor_keep_erased, nowrongdoor_keep_wrapping, nowrongdoor_keep_disposal, nowrongdoor_is_held, nowrongdoor_led_last, nowrongdoor_is_owner, nowrongdoor_closes_into, nowrongdoor_keep_version, nowrongdoor_keep_facts, nowrongdoor_said_no, nowrongdoor_steers, nowrongdoor_is_accepted, nowrongdoor_is_in_chain, nowrongdoor_keep_overtaken, nowrongdoor_is_invited, nowrongdoor_keep_with_lead, nowrongdoor_takes_part, nowrongdoor_receiver_of, nowrongdoor_lead_of, nowrongdoor_administers, nowrongdoor_signs, nowrongdoor_is_me, nowrongdoor_for_me, nowrongdoor_in_house, nowrongdoor_refuse;
-- The functions as they were released.
CREATE OR REPLACE FUNCTION nowrongdoor_keep_key() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  of_case uuid;
BEGIN
  IF TG_TABLE_NAME = 'nowrongdoor_person_token' THEN
    SELECT case_id INTO of_case FROM nowrongdoor_person WHERE id = OLD.person_id;
  ELSIF OLD."of" = 'case' THEN
    of_case := OLD.subject_id;
  ELSE
    SELECT case_id INTO of_case FROM nowrongdoor_case_signal WHERE signal_id = OLD.subject_id;
  END IF;
  IF NOT EXISTS (SELECT FROM nowrongdoor_disposal WHERE case_id = of_case AND approved_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a key is destroyed only by a disposal that a second person approved' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT FROM nowrongdoor_hold WHERE case_id = of_case AND lifted_at IS NULL) THEN
    RAISE EXCEPTION 'a case on hold keeps its keys' USING ERRCODE = 'check_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_keep_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
    RAISE EXCEPTION 'only the owner says who stands by as a backstop' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_keep_handoff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'offered' AND NEW.kind IN ('mandate', 'request') THEN
      RAISE EXCEPTION 'a hand-off of kind % starts as an offer', NEW.kind USING ERRCODE = 'check_violation';
    END IF;
  ELSIF OLD.state <> 'offered' THEN
    RAISE EXCEPTION 'hand-off % is % and stays so', OLD.id, OLD.state USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_keep_receiver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'case % keeps the agency that received it, and the yes of its lead', OLD.id USING ERRCODE = 'check_violation';
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_begin_seal() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM nowrongdoor_auditseal s JOIN fresh USING (agency_id, tx) WHERE s.hash IS NOT NULL) THEN
    RAISE EXCEPTION 'a sealed transaction takes no more events' USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO nowrongdoor_auditseal (agency_id, tx, is_ready) SELECT DISTINCT agency_id, tx, false FROM fresh
    ON CONFLICT (agency_id, tx) DO NOTHING;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_keep_immigration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT department FROM nowrongdoor_agency WHERE id = NEW.agency_id)
     IS DISTINCT FROM (SELECT department FROM nowrongdoor_agency WHERE id = NEW.recipient_id) THEN
    RAISE EXCEPTION 'immigration matters stay inside one department (8 USC 1367(a)(2))' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_keep_prevalence_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL THEN
    RAISE EXCEPTION 'a run that ended is not changed' USING ERRCODE = 'check_violation';
  END IF;
  IF (NEW.id, NEW.agency_id, NEW.at, NEW.by_id, NEW.lists, NEW.people, NEW."table", NEW.digest, NEW.method, NEW."order",
      NEW.threshold, NEW.replicates, NEW.seed, NEW.overrides_id)
     IS DISTINCT FROM
     (OLD.id, OLD.agency_id, OLD.at, OLD.by_id, OLD.lists, OLD.people, OLD."table", OLD.digest, OLD.method, OLD."order",
      OLD.threshold, OLD.replicates, OLD.seed, OLD.overrides_id) THEN
    RAISE EXCEPTION 'what a run rests on is not changed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
