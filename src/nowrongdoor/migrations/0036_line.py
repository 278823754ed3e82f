"""The line: contacts, who has each and until when it waits, shifts, what is said, what providers say, and calls back.

Expand only: the release before takes no calls, and knows none of these tables. The way back is closed while there is
any contact or shift: the older schema has no place for them.
"""

from __future__ import annotations

import datetime

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import nowrongdoor.agencies.models

GUARDS = """
ALTER TABLE nowrongdoor_contact
  ADD CONSTRAINT a_conversation_and_a_caller_are_tokens
  CHECK (length(conversation) = 32 AND length(caller) IN (0, 32)),
  ADD CONSTRAINT contact_reach_is_sealed
  CHECK (length(reach) = 0 OR (get_byte(reach, 0) = 1 AND length(reach) > 29));
ALTER TABLE nowrongdoor_seat
  ADD CONSTRAINT seat_words_is_sealed
  CHECK (length(words) = 0 OR (get_byte(words, 0) = 1 AND length(words) > 29));
ALTER TABLE nowrongdoor_contact_leg
  ADD CONSTRAINT contact_leg_words_is_sealed
  CHECK (length(words) = 0 OR (get_byte(words, 0) = 1 AND length(words) > 29));
ALTER TABLE nowrongdoor_contact_message
  ADD CONSTRAINT contact_message_words_is_sealed
  CHECK (length(words) = 0 OR (get_byte(words, 0) = 1 AND length(words) > 29)),
  ADD CONSTRAINT contact_message_ref_is_sealed
  CHECK (length(ref) = 0 OR (get_byte(ref, 0) = 1 AND length(ref) > 29)),
  ADD CONSTRAINT what_a_message_was_sent_as_is_a_token CHECK (length(sent_as) IN (0, 32)),
  ADD CONSTRAINT contact_message_recording_is_sealed
  CHECK (length(recording) = 0 OR (get_byte(recording, 0) = 1 AND length(recording) > 29));
ALTER TABLE nowrongdoor_call_back
  ADD CONSTRAINT call_back_number_is_sealed
  CHECK (length(number) = 0 OR (get_byte(number, 0) = 1 AND length(number) > 29));
ALTER TABLE nowrongdoor_line_event ADD CONSTRAINT an_event_of_a_provider_is_a_token CHECK (length(event) = 32);
ALTER TABLE nowrongdoor_line_stop ADD CONSTRAINT whoever_stops_messages_is_a_token CHECK (length(caller) = 32);
-- A contact begins in a queue, on a list, or with whoever writes it down.
CREATE TRIGGER a_contact_begins_open AFTER INSERT ON nowrongdoor_contact FOR EACH ROW
  WHEN (NEW.over_at IS NOT NULL OR NEW.signal_id IS NOT NULL OR NEW.asked_id IS NOT NULL OR NEW.left_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a contact begins in a queue, on a list, or with whoever took it');
-- A chat that its visitor left is over for its secret, whoever has that.
CREATE FUNCTION nowrongdoor_was_left(of_conversation bytea, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_contact
                  WHERE conversation = of_conversation AND agency_id = agency AND left_at IS NOT NULL);
END $$;
CREATE TRIGGER a_chat_that_was_left_begins_no_more AFTER INSERT ON nowrongdoor_contact FOR EACH ROW
  WHEN (NEW.medium = 'chat' AND nowrongdoor_was_left(NEW.conversation, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a chat that its visitor left begins no more');
CREATE TRIGGER a_contact_moves_as_the_line_lets_it AFTER UPDATE OF state ON nowrongdoor_contact FOR EACH ROW
  WHEN (NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
    ('ringing', 'answered'), ('ringing', 'voicemail'), ('ringing', 'abandoned'), ('answered', 'ringing'),
    ('answered', 'voicemail'), ('answered', 'ended'), ('voicemail', 'answered'), ('voicemail', 'ringing'),
    ('voicemail', 'ended'), ('abandoned', 'voicemail'), ('ended', 'voicemail')))
  EXECUTE FUNCTION nowrongdoor_refuse('a contact moves as the line lets it, and what is over stays over');
CREATE FUNCTION nowrongdoor_has_voicemail(of_contact uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_contact_message WHERE contact_id = of_contact AND way = 'voicemail');
END $$;
CREATE TRIGGER what_is_over_comes_back_with_a_message AFTER UPDATE OF state ON nowrongdoor_contact FOR EACH ROW
  WHEN (OLD.over_at IS NOT NULL AND NEW.over_at IS NULL
        AND NOT (nowrongdoor_in_house() AND nowrongdoor_has_voicemail(NEW.id)))
  EXECUTE FUNCTION nowrongdoor_refuse('a contact that was over is on a list again for a message that came late');
CREATE TRIGGER a_wait_is_not_made_longer AFTER UPDATE ON nowrongdoor_contact FOR EACH ROW
  WHEN (NEW.state = OLD.state AND (NEW.ends_at > OLD.ends_at OR NEW.due_at > OLD.due_at
        OR (NEW.person_id IS NOT DISTINCT FROM OLD.person_id AND NEW.since <> OLD.since)))
  EXECUTE FUNCTION nowrongdoor_refuse('when a wait ends is not put off, nor is it said to have begun later');
CREATE TRIGGER what_is_over_keeps_its_end AFTER UPDATE ON nowrongdoor_contact FOR EACH ROW
  WHEN (OLD.over_at IS NOT NULL AND NEW.state = OLD.state
    AND ((NEW.over_at, NEW.at_group, NEW.is_danger, NEW.answered_at)
        IS DISTINCT FROM (OLD.over_at, OLD.at_group, OLD.is_danger, OLD.answered_at)
    -- but that whoever chats left it, which they may do afterwards
    OR (NEW.left_at IS DISTINCT FROM OLD.left_at AND (OLD.left_at IS NOT NULL OR NOT nowrongdoor_in_house()))))
  EXECUTE FUNCTION nowrongdoor_refuse('a contact that is over stays as it is');
CREATE TRIGGER that_a_contact_was_answered_stays AFTER UPDATE ON nowrongdoor_contact FOR EACH ROW
  WHEN ((OLD.answered_at IS NOT NULL AND NEW.answered_at IS DISTINCT FROM OLD.answered_at)
     OR (OLD.left_at IS NOT NULL AND NEW.left_at IS NULL))
  EXECUTE FUNCTION nowrongdoor_refuse('that a contact was answered, and that somebody left, stays on record');
-- Whoever has a contact said yes: they took it, were asked and agreed, or wait on their shift for what the group gets.
-- The shift is locked, so that it cannot end at the same instant.
CREATE FUNCTION nowrongdoor_takes_contact(who uuid, agency uuid, of_group text, was text, had uuid, asked uuid)
  RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  seat nowrongdoor_seat;
BEGIN
  SELECT * INTO seat FROM nowrongdoor_seat
   WHERE person_id = who AND agency_id = agency AND ended_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF nowrongdoor_in_house() THEN
    RETURN was = 'ringing' AND seat.ready_since IS NOT NULL AND seat.groups ? of_group;
  END IF;
  RETURN nowrongdoor_signs(who, agency) AND (had IS NULL OR asked IS NOT DISTINCT FROM who
    OR EXISTS (SELECT FROM nowrongdoor_user WHERE id = who AND role = 'coordinator'));
END $$;
CREATE TRIGGER a_contact_is_held_by_who_said_yes AFTER UPDATE OF person_id ON nowrongdoor_contact FOR EACH ROW
  WHEN (NEW.person_id IS NOT NULL AND NEW.person_id IS DISTINCT FROM OLD.person_id AND NOT nowrongdoor_takes_contact(
    NEW.person_id, NEW.agency_id, NEW.at_group, OLD.state, OLD.person_id, OLD.asked_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a contact is held by somebody on shift who said yes to it');
-- Nobody takes a contact from a colleague by putting it on a list first, or ends it in their place.
CREATE FUNCTION nowrongdoor_lets_go(had uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN nowrongdoor_in_house() OR nowrongdoor_signs(had, agency) OR EXISTS (
    SELECT FROM nowrongdoor_user
      WHERE nowrongdoor_is_me(id) AND nowrongdoor_signs(id, agency) AND role = 'coordinator');
END $$;
CREATE TRIGGER a_contact_is_let_go_by_who_has_it AFTER UPDATE OF person_id ON nowrongdoor_contact FOR EACH ROW
  WHEN (OLD.person_id IS NOT NULL AND NEW.person_id IS NULL AND NOT nowrongdoor_lets_go(OLD.person_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever has a contact, or coordinates, ends it or puts it on a list');
CREATE TRIGGER how_to_answer_is_what_the_provider_said AFTER UPDATE OF reach ON nowrongdoor_contact FOR EACH ROW
  WHEN (NEW.reach <> OLD.reach AND NEW.reach <> '' AND NOT nowrongdoor_in_house())
  EXECUTE FUNCTION nowrongdoor_refuse('nobody sends what is written in a contact elsewhere');
CREATE TRIGGER a_contact_begins_with_who_took_it AFTER INSERT ON nowrongdoor_contact FOR EACH ROW
  WHEN (NEW.person_id IS NOT NULL
        AND NOT nowrongdoor_takes_contact(NEW.person_id, NEW.agency_id, NEW.at_group, '', NULL, NULL))
  EXECUTE FUNCTION nowrongdoor_refuse('a contact begins with somebody on shift, who took it');
CREATE FUNCTION nowrongdoor_asks_over(had uuid, who uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_seat WHERE person_id = who AND agency_id = agency AND ended_at IS NULL)
    AND (nowrongdoor_signs(had, agency) OR EXISTS (
      SELECT FROM nowrongdoor_user
        WHERE nowrongdoor_is_me(id) AND nowrongdoor_signs(id, agency) AND role = 'coordinator'));
END $$;
CREATE TRIGGER a_colleague_on_shift_is_asked_by_who_has_the_contact AFTER UPDATE OF asked_id ON nowrongdoor_contact
  FOR EACH ROW WHEN (NEW.asked_id IS NOT NULL AND NEW.asked_id IS DISTINCT FROM OLD.asked_id
        AND NOT nowrongdoor_asks_over(OLD.person_id, NEW.asked_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever has a contact, or coordinates, asks a colleague on shift to take it over');
CREATE FUNCTION nowrongdoor_keep_legs() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    UPDATE nowrongdoor_contact_leg SET ended_at = greatest(began_at, coalesce(NEW.over_at, NEW.since))
     WHERE contact_id = NEW.id AND kind = 'held' AND ended_at IS NULL;
  END IF;
  IF NEW.person_id IS NOT NULL THEN
    INSERT INTO nowrongdoor_contact_leg (id, contact_id, agency_id, kind, person_id, to_whom, words, began_at)
    VALUES (gen_random_uuid(), NEW.id, NEW.agency_id, 'held', NEW.person_id, '', '', NEW.since);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER who_had_a_contact_is_written_down AFTER UPDATE OF person_id ON nowrongdoor_contact FOR EACH ROW
  WHEN (NEW.person_id IS DISTINCT FROM OLD.person_id) EXECUTE FUNCTION nowrongdoor_keep_legs();
CREATE TRIGGER who_began_a_contact_is_written_down AFTER INSERT ON nowrongdoor_contact FOR EACH ROW
  WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION nowrongdoor_keep_legs();
CREATE TRIGGER a_leg_that_ended_stays AFTER UPDATE ON nowrongdoor_contact_leg FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL OR (OLD.began_at IS NOT NULL AND NEW.began_at IS DISTINCT FROM OLD.began_at))
  EXECUTE FUNCTION nowrongdoor_refuse('when a part of a contact began, and one that ended, stay as they are');
CREATE TRIGGER who_joined_a_contact_is_noted_by_who_looks AFTER INSERT ON nowrongdoor_contact_leg FOR EACH ROW
  WHEN (NEW.kind <> 'held' AND NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('who joined a contact is noted by whoever looks, in their own name');
-- What it became
CREATE FUNCTION nowrongdoor_is_received(signal uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_signal WHERE id = signal AND receiver_id = agency);
END $$;
CREATE TRIGGER a_contact_becomes_a_signal_of_its_agency AFTER UPDATE OF signal_id ON nowrongdoor_contact FOR EACH ROW
  WHEN (NEW.signal_id IS DISTINCT FROM OLD.signal_id
        AND (OLD.signal_id IS NOT NULL OR NOT nowrongdoor_is_received(NEW.signal_id, NEW.agency_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('a contact becomes one signal that its agency received, and stays it');
-- Shifts
CREATE TRIGGER a_shift_is_ones_own AFTER INSERT ON nowrongdoor_seat FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.person_id, NEW.agency_id) OR NEW.ended_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('people begin their own shift');
CREATE TRIGGER only_they_say_that_they_are_ready AFTER UPDATE OF ready_since ON nowrongdoor_seat FOR EACH ROW
  WHEN (NEW.ready_since IS NOT NULL AND NEW.ready_since IS DISTINCT FROM OLD.ready_since
        AND NOT nowrongdoor_signs(NEW.person_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever takes contacts says so themselves');
CREATE TRIGGER a_shift_that_ended_stays AFTER UPDATE ON nowrongdoor_seat FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('a shift that ended stays as it is');
CREATE FUNCTION nowrongdoor_has_contacts(who uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_contact WHERE person_id = who AND state = 'answered');
END $$;
CREATE TRIGGER a_shift_ends_with_every_contact_owned AFTER UPDATE OF ended_at ON nowrongdoor_seat FOR EACH ROW
  WHEN (NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL AND nowrongdoor_has_contacts(NEW.person_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a shift ends once somebody else has each contact of it');
-- What is said
CREATE FUNCTION nowrongdoor_has_contact(of_contact uuid, who uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_contact WHERE id = of_contact AND person_id = who);
END $$;
CREATE TRIGGER only_who_has_a_contact_writes_in_it AFTER INSERT ON nowrongdoor_contact_message FOR EACH ROW
  WHEN (NEW.way = 'out' AND NEW.by_id IS NOT NULL AND NOT (nowrongdoor_signs(NEW.by_id, NEW.agency_id)
        AND nowrongdoor_has_contact(NEW.contact_id, NEW.by_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('only whoever has a contact writes in it, in their own name');
CREATE TRIGGER a_whisper_is_in_ones_own_name AFTER INSERT ON nowrongdoor_contact_message FOR EACH ROW
  WHEN (NEW.way = 'whisper' AND NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('somebody of the agency whispers in their own name');
CREATE FUNCTION nowrongdoor_is_stopped(of_contact uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_contact c JOIN nowrongdoor_line_stop s
                   ON s.agency_id = c.agency_id AND s.line = c.line AND s.caller = c.caller AND s.ended_at IS NULL
                  WHERE c.id = of_contact);
END $$;
CREATE TRIGGER nobody_is_written_to_after_a_stop AFTER INSERT ON nowrongdoor_contact_message FOR EACH ROW
  WHEN (NEW.way = 'out' AND nowrongdoor_is_stopped(NEW.contact_id))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever wanted no more messages gets none');
CREATE FUNCTION nowrongdoor_is_over(of_contact uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_contact WHERE id = of_contact AND over_at IS NOT NULL);
END $$;
CREATE TRIGGER nothing_is_said_in_what_is_over AFTER INSERT ON nowrongdoor_contact_message FOR EACH ROW
  WHEN (NEW.way <> 'voicemail' AND nowrongdoor_is_over(NEW.contact_id))
  EXECUTE FUNCTION nowrongdoor_refuse('nothing is said in a contact that is over');
CREATE TRIGGER what_became_of_a_message_stays AFTER UPDATE ON nowrongdoor_contact_message FOR EACH ROW
  WHEN ((OLD.outcome IN ('delivered', 'failed') AND NEW.outcome <> OLD.outcome)
     OR (OLD.outcome = 'sent' AND NEW.outcome = 'waiting')
     OR (OLD.recording <> '' AND NEW.recording <> OLD.recording) OR (OLD.gone_at IS NOT NULL AND NEW.gone_at IS NULL))
  EXECUTE FUNCTION nowrongdoor_refuse('what became of a message, and what was recorded, stays');
-- Calling back
CREATE TRIGGER a_call_back_is_asked_for_while_in_contact AFTER INSERT ON nowrongdoor_call_back FOR EACH ROW
  WHEN (nowrongdoor_is_over(NEW.contact_id) OR NEW.over_at IS NOT NULL OR NEW.taken_at IS NOT NULL OR NOT (
    CASE WHEN NEW.by_id IS NULL THEN nowrongdoor_in_house()
    ELSE nowrongdoor_signs(NEW.by_id, NEW.agency_id) AND nowrongdoor_has_contact(NEW.contact_id, NEW.by_id) END))
  EXECUTE FUNCTION nowrongdoor_refuse('a call back is asked for by whoever is in contact, and noted while they are');
CREATE TRIGGER nobody_is_called_back_elsewhere AFTER UPDATE ON nowrongdoor_call_back FOR EACH ROW
  WHEN (NEW.number NOT IN (OLD.number, '') OR (OLD.over_at IS NOT NULL AND (NEW.over_at, NEW.outcome)
        IS DISTINCT FROM (OLD.over_at, OLD.outcome)))
  EXECUTE FUNCTION nowrongdoor_refuse('a call back goes to the number that was given, and what is over stays over');
CREATE TRIGGER whoever_calls_back_says_so AFTER UPDATE OF taken_by_id ON nowrongdoor_call_back FOR EACH ROW
  WHEN (NEW.taken_by_id IS NOT NULL AND NEW.taken_by_id IS DISTINCT FROM OLD.taken_by_id
        AND NOT nowrongdoor_signs(NEW.taken_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever calls back says so themselves');
CREATE TRIGGER a_stop_that_ended_stays AFTER UPDATE ON nowrongdoor_line_stop FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('a stop that ended stays as it is');
-- What ends the key of a contact: that the contact is over and its signal's key is gone, or that it became no signal and
-- nobody is to be called back; of what a shift wrote, that the shift is over.
CREATE FUNCTION nowrongdoor_keep_key_of_contact() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM nowrongdoor_contact c WHERE c.id = OLD.subject_id AND (c.over_at IS NULL
               OR EXISTS (SELECT FROM nowrongdoor_datakey d WHERE d.subject_id = c.signal_id)
               OR (c.signal_id IS NULL AND EXISTS (
                 SELECT FROM nowrongdoor_call_back b WHERE b.contact_id = c.id AND b.over_at IS NULL))))
     OR EXISTS (SELECT FROM nowrongdoor_seat WHERE id = OLD.subject_id AND ended_at IS NULL) THEN
    RAISE EXCEPTION 'the key of a contact is destroyed once it is over, and with the key of its signal'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN OLD;
END $$;
DROP TRIGGER a_key_is_kept ON nowrongdoor_datakey;
CREATE TRIGGER a_key_is_kept BEFORE DELETE ON nowrongdoor_datakey FOR EACH ROW
  WHEN (OLD."of" <> 'contact') EXECUTE FUNCTION nowrongdoor_keep_key();
CREATE TRIGGER a_key_of_a_contact_is_kept BEFORE DELETE ON nowrongdoor_datakey FOR EACH ROW
  WHEN (OLD."of" = 'contact') EXECUTE FUNCTION nowrongdoor_keep_key_of_contact();
-- What was said ends with the signal that it became, whichever agency led the case of that last.
CREATE FUNCTION nowrongdoor_forget_contacts() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM nowrongdoor_datakey WHERE "of" = 'contact' AND subject_id IN (
    SELECT id FROM nowrongdoor_contact WHERE signal_id = OLD.subject_id);
  RETURN NULL;
END $$;
CREATE TRIGGER the_key_of_a_contact_goes_with_that_of_its_signal AFTER DELETE ON nowrongdoor_datakey FOR EACH ROW
  WHEN (OLD."of" = 'signal') EXECUTE FUNCTION nowrongdoor_forget_contacts();
-- Nobody closes an agency while somebody waits there.
CREATE FUNCTION nowrongdoor_has_people_waiting(agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_contact WHERE agency_id = agency AND over_at IS NULL)
      OR EXISTS (SELECT FROM nowrongdoor_call_back WHERE agency_id = agency AND over_at IS NULL);
END $$;
CREATE TRIGGER an_agency_that_somebody_waits_for_is_not_closed AFTER UPDATE ON nowrongdoor_agency FOR EACH ROW
  WHEN (OLD.active AND NOT coalesce(NEW.active, false) AND nowrongdoor_has_people_waiting(NEW.id))
  EXECUTE FUNCTION nowrongdoor_refuse('an agency is closed once every contact with its line is over');
"""
UNGUARD = """
DROP TRIGGER an_agency_that_somebody_waits_for_is_not_closed ON nowrongdoor_agency;
DROP TRIGGER a_key_of_a_contact_is_kept ON nowrongdoor_datakey;
DROP TRIGGER a_key_is_kept ON nowrongdoor_datakey;
CREATE TRIGGER a_key_is_kept BEFORE DELETE ON nowrongdoor_datakey
  FOR EACH ROW EXECUTE FUNCTION nowrongdoor_keep_key();
DROP TRIGGER the_key_of_a_contact_goes_with_that_of_its_signal ON nowrongdoor_datakey;
DROP TRIGGER a_stop_that_ended_stays ON nowrongdoor_line_stop;
DROP TRIGGER whoever_calls_back_says_so ON nowrongdoor_call_back;
DROP TRIGGER nobody_is_called_back_elsewhere ON nowrongdoor_call_back;
DROP TRIGGER a_call_back_is_asked_for_while_in_contact ON nowrongdoor_call_back;
DROP TRIGGER what_became_of_a_message_stays ON nowrongdoor_contact_message;
DROP TRIGGER nothing_is_said_in_what_is_over ON nowrongdoor_contact_message;
DROP TRIGGER nobody_is_written_to_after_a_stop ON nowrongdoor_contact_message;
DROP TRIGGER a_whisper_is_in_ones_own_name ON nowrongdoor_contact_message;
DROP TRIGGER only_who_has_a_contact_writes_in_it ON nowrongdoor_contact_message;
DROP TRIGGER a_shift_ends_with_every_contact_owned ON nowrongdoor_seat;
DROP TRIGGER a_shift_that_ended_stays ON nowrongdoor_seat;
DROP TRIGGER only_they_say_that_they_are_ready ON nowrongdoor_seat;
DROP TRIGGER a_shift_is_ones_own ON nowrongdoor_seat;
DROP TRIGGER a_contact_becomes_a_signal_of_its_agency ON nowrongdoor_contact;
DROP TRIGGER who_joined_a_contact_is_noted_by_who_looks ON nowrongdoor_contact_leg;
DROP TRIGGER a_leg_that_ended_stays ON nowrongdoor_contact_leg;
DROP TRIGGER who_began_a_contact_is_written_down ON nowrongdoor_contact;
DROP TRIGGER who_had_a_contact_is_written_down ON nowrongdoor_contact;
DROP TRIGGER a_colleague_on_shift_is_asked_by_who_has_the_contact ON nowrongdoor_contact;
DROP TRIGGER how_to_answer_is_what_the_provider_said ON nowrongdoor_contact;
DROP TRIGGER a_contact_is_let_go_by_who_has_it ON nowrongdoor_contact;
DROP TRIGGER a_contact_begins_with_who_took_it ON nowrongdoor_contact;
DROP TRIGGER a_contact_is_held_by_who_said_yes ON nowrongdoor_contact;
DROP TRIGGER that_a_contact_was_answered_stays ON nowrongdoor_contact;
DROP TRIGGER what_is_over_keeps_its_end ON nowrongdoor_contact;
DROP TRIGGER what_is_over_comes_back_with_a_message ON nowrongdoor_contact;
DROP TRIGGER a_wait_is_not_made_longer ON nowrongdoor_contact;
DROP TRIGGER a_contact_moves_as_the_line_lets_it ON nowrongdoor_contact;
DROP TRIGGER a_chat_that_was_left_begins_no_more ON nowrongdoor_contact;
DROP TRIGGER a_contact_begins_open ON nowrongdoor_contact;
DROP FUNCTION nowrongdoor_has_voicemail;
DROP FUNCTION nowrongdoor_was_left;
DROP FUNCTION nowrongdoor_has_people_waiting;
DROP FUNCTION nowrongdoor_keep_key_of_contact;
DROP FUNCTION nowrongdoor_forget_contacts;
DROP FUNCTION nowrongdoor_is_over;
DROP FUNCTION nowrongdoor_is_stopped;
DROP FUNCTION nowrongdoor_has_contact;
DROP FUNCTION nowrongdoor_has_contacts;
DROP FUNCTION nowrongdoor_is_received;
DROP FUNCTION nowrongdoor_keep_legs;
DROP FUNCTION nowrongdoor_asks_over;
DROP FUNCTION nowrongdoor_lets_go;
DROP FUNCTION nowrongdoor_takes_contact;
"""
# Pages of the line are told that something changed there; the topic is the agency itself (site/events.py).
TOLD = """
CREATE FUNCTION nowrongdoor_tell_line() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM pg_notify('worklist', agency_id::text || ' ' || agency_id::text) FROM (SELECT DISTINCT agency_id FROM changed) c;
  RETURN NULL;
END $$;
CREATE FUNCTION nowrongdoor_tell_of_shift() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM pg_notify('worklist', NEW.agency_id::text || ' ' || NEW.agency_id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER a_new_contact_is_told AFTER INSERT ON nowrongdoor_contact REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_line();
CREATE TRIGGER a_contact_that_changed_is_told AFTER UPDATE ON nowrongdoor_contact REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_line();
CREATE TRIGGER what_was_written_is_told AFTER INSERT ON nowrongdoor_contact_message REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_line();
CREATE TRIGGER what_became_of_it_is_told AFTER UPDATE ON nowrongdoor_contact_message REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_line();
CREATE TRIGGER a_call_back_is_told AFTER INSERT ON nowrongdoor_call_back REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_line();
CREATE TRIGGER what_became_of_a_call_back_is_told AFTER UPDATE ON nowrongdoor_call_back REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_line();
-- Whoever begins a shift says that they are ready; not each time that a page is heard of.
CREATE TRIGGER a_shift_that_changed_is_told AFTER UPDATE ON nowrongdoor_seat FOR EACH ROW
  WHEN (NEW.ready_since IS DISTINCT FROM OLD.ready_since OR NEW.ended_at IS DISTINCT FROM OLD.ended_at)
  EXECUTE FUNCTION nowrongdoor_tell_of_shift();
"""
UNTOLD = """
DROP TRIGGER a_shift_that_changed_is_told ON nowrongdoor_seat;
DROP TRIGGER what_became_of_a_call_back_is_told ON nowrongdoor_call_back;
DROP TRIGGER a_call_back_is_told ON nowrongdoor_call_back;
DROP TRIGGER what_became_of_it_is_told ON nowrongdoor_contact_message;
DROP TRIGGER what_was_written_is_told ON nowrongdoor_contact_message;
DROP TRIGGER a_contact_that_changed_is_told ON nowrongdoor_contact;
DROP TRIGGER a_new_contact_is_told ON nowrongdoor_contact;
DROP FUNCTION nowrongdoor_tell_of_shift;
DROP FUNCTION nowrongdoor_tell_line;
"""
STAYS = """
DO $$
DECLARE
  contacts bigint := (SELECT count(*) FROM nowrongdoor_contact);
  shifts bigint := (SELECT count(*) FROM nowrongdoor_seat);
BEGIN
  IF contacts + shifts > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % contacts with the line and % shifts. Stay, or restore a backup '
      'of that release.', contacts, shifts;
  END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("nowrongdoor", "0035_likeness"),
    ]

    operations = [
        migrations.AlterField(
            model_name="datakey",
            name="of",
            field=models.CharField(
                choices=[
                    ("case", "a case"),
                    ("signal", "a signal"),
                    ("draft", "a draft"),
                    ("demand", "a demand"),
                    ("contact", "a contact with the line"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="signal",
            name="channel",
            field=models.CharField(
                choices=[
                    ("call", "Phone call"),
                    ("text", "Text message"),
                    ("chat", "Web chat"),
                    ("web", "Web form"),
                    ("email", "Email"),
                    ("letter", "Letter"),
                    ("visit", "In person"),
                    ("complaint", "Another agency's complaint"),
                    ("system", "Another system"),
                    ("import", "Import"),
                ],
                db_column="door",
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line", models.CharField(max_length=40)),
                (
                    "medium",
                    models.CharField(
                        choices=[
                            ("voice", "Phone call"),
                            ("text", "Text message"),
                            ("chat", "Web chat"),
                            ("mail", "Email"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "use",
                    models.CharField(
                        choices=[("live", "Live"), ("test", "Test"), ("trainee", "Practice")], max_length=10
                    ),
                ),
                ("conversation", models.BinaryField(max_length=32)),
                ("caller", models.BinaryField(default=bytes, max_length=32)),
                ("reach", models.BinaryField(default=bytes)),
                ("language", models.CharField(max_length=10)),
                ("skill", models.CharField(blank=True, default="", max_length=40)),
                ("is_danger", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ringing", "Waiting"),
                            ("answered", "In progress"),
                            ("voicemail", "On the list"),
                            ("ended", "Over"),
                            ("abandoned", "Left before anybody answered"),
                        ],
                        max_length=10,
                    ),
                ),
                ("group", models.CharField(db_column="at_group", max_length=40)),
                ("rang_at", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("asked_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("left_at", models.DateTimeField(null=True)),
                ("over_at", models.DateTimeField(null=True)),
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
                    "asked",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signal",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.signal",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("over_at", None)),
                        fields=["agency", "state", "since"],
                        name="contact_on_the_floor",
                    ),
                    models.Index(fields=["agency", "rang_at", "id"], name="contact_of_agency"),
                    models.Index(fields=["agency", "conversation", "rang_at"], name="contact_of_conversation"),
                    models.Index(
                        condition=models.Q(("caller", b""), _negated=True),
                        fields=["agency", "caller", "rang_at"],
                        name="contact_of_caller",
                    ),
                    models.Index(
                        condition=models.Q(("state", "answered")), fields=["person"], name="contact_of_person"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("asked_at__isnull", False),
                                ("due_at", None),
                                ("ends_at__isnull", False),
                                ("over_at", None),
                                ("person", None),
                                ("state", "ringing"),
                            ),
                            models.Q(
                                ("asked_at", None),
                                ("due_at", None),
                                ("ends_at", None),
                                ("over_at", None),
                                ("person__isnull", False),
                                ("state", "answered"),
                            ),
                            models.Q(
                                ("asked_at", None),
                                ("due_at__isnull", False),
                                ("ends_at", None),
                                ("over_at", None),
                                ("person", None),
                                ("state", "voicemail"),
                            ),
                            models.Q(
                                ("asked_at", None),
                                ("due_at", None),
                                ("ends_at", None),
                                ("over_at__isnull", False),
                                ("person", None),
                                ("state__in", ["ended", "abandoned"]),
                            ),
                            _connector="OR",
                        ),
                        name="a_contact_has_exactly_one_holder",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at", None),
                            models.Q(
                                ("ends_at__gt", models.F("since")),
                                (
                                    "ends_at__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("since"), "+", models.Value(datetime.timedelta(seconds=3600))
                                    ),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="a_wait_ends_within_an_hour",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("due_at", None),
                            models.Q(
                                ("due_at__gt", models.F("since")),
                                (
                                    "due_at__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("since"), "+", models.Value(datetime.timedelta(days=3))
                                    ),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="what_is_on_a_list_is_due_within_three_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("asked", None),
                            models.Q(("state", "answered"), models.Q(("asked", models.F("person")), _negated=True)),
                            _connector="OR",
                        ),
                        name="somebody_is_asked_for_what_is_in_progress",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("over_at", None), ("reach", b""), _connector="OR"),
                        name="how_to_answer_ends_with_the_contact",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("signal", None), ("use", "live"), _connector="OR"),
                        name="a_test_becomes_no_signal",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "abandoned"), _negated=True), ("answered_at", None), _connector="OR"
                        ),
                        name="what_was_answered_was_not_abandoned",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "answered"), _negated=True),
                            ("answered_at__isnull", False),
                            _connector="OR",
                        ),
                        name="what_is_in_progress_was_answered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("medium__in", ["voice", "text", "chat", "mail"]),
                            ("state__in", ["ringing", "answered", "voicemail", "ended", "abandoned"]),
                            ("use__in", ["live", "test", "trainee"]),
                        ),
                        name="a_contact_is_of_a_known_kind",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("over_at", None)),
                        fields=("agency", "conversation"),
                        name="a_conversation_is_one_contact",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallBack",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("group", models.CharField(db_column="at_group", max_length=40)),
                ("number", models.BinaryField(default=bytes)),
                (
                    "otherwise",
                    models.CharField(
                        choices=[
                            ("hang_up", "Hang up without a word"),
                            ("wrong_number", "Say that it was a wrong number"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("taken_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("over_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("reached", "Talked with them"),
                            ("dropped", "Dropped: they asked for that, or it isn’t safe any more"),
                            ("ran_out", "Its time ran out before anybody was reached"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
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
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="call_back", to="nowrongdoor.contact"
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_call_back",
                "indexes": [
                    models.Index(
                        condition=models.Q(("over_at", None)), fields=["agency", "until"], name="call_back_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__gt", models.F("at")),
                            (
                                "until__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("at"), "+", models.Value(datetime.timedelta(days=7))
                                ),
                            ),
                        ),
                        name="a_call_back_ends_within_a_week",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("over_at", None), models.Q(("number", b""), _negated=True)),
                            models.Q(
                                ("number", b""), ("over_at__isnull", False), models.Q(("outcome", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="a_number_to_call_back_goes_when_it_is_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("otherwise__in", ["hang_up", "wrong_number"])),
                        name="what_to_say_to_somebody_else_is_said",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("taken_at", None), ("taken_by", None)),
                            models.Q(("taken_at__isnull", False), ("taken_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="whoever_calls_back_is_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactMessage",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("in", "from them"),
                            ("out", "to them"),
                            ("whisper", "whispered"),
                            ("voicemail", "voicemail"),
                        ],
                        max_length=10,
                    ),
                ),
                ("words", models.BinaryField(default=bytes)),
                ("at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("waiting", "Waiting to be sent"),
                            ("sent", "Sent"),
                            ("delivered", "Delivered"),
                            ("failed", "Not delivered"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("ref", models.BinaryField(default=bytes)),
                ("sent_as", models.BinaryField(default=bytes, max_length=32)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("try_at", models.DateTimeField(null=True)),
                ("recording", models.BinaryField(default=bytes)),
                ("seconds", models.PositiveIntegerField(default=0)),
                ("fetched_at", models.DateTimeField(null=True)),
                ("gone_at", models.DateTimeField(null=True)),
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
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="nowrongdoor.contact",
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_contact_message",
                "indexes": [
                    models.Index(fields=["contact", "at", "id"], name="message_of_contact"),
                    models.Index(
                        condition=models.Q(("outcome", "waiting")), fields=["at", "id"], name="message_to_send"
                    ),
                    models.Index(
                        condition=models.Q(("sent_as", b""), _negated=True),
                        fields=["agency", "sent_as"],
                        name="message_sent_as",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("gone_at", None), ("way", "voicemail"), models.Q(("ref", b""), _negated=True)
                        ),
                        fields=["at", "id"],
                        name="recording_to_fetch",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("by", None), ("outcome", ""), ("way__in", ["in", "voicemail"])),
                            models.Q(("outcome__in", ["waiting", "sent", "delivered", "failed"]), ("way", "out")),
                            models.Q(("by__isnull", False), ("outcome", ""), ("way", "whisper")),
                            _connector="OR",
                        ),
                        name="each_side_of_a_contact_writes_its_kinds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("way", "voicemail"), models.Q(("words", b""), _negated=True), _connector="OR"
                        ),
                        name="what_is_said_in_a_contact_has_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("way", "voicemail"), models.Q(("fetched_at", None), ("recording", b"")), _connector="OR"
                        ),
                        name="a_recording_is_of_a_voicemail",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("gone_at", None), ("fetched_at__isnull", False), _connector="OR"),
                        name="a_providers_copy_goes_once_ours_is_kept",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Leg",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("held", "had the contact"),
                            ("interpreter", "interpreter"),
                            ("outside", "handed on to"),
                        ],
                        max_length=20,
                    ),
                ),
                ("to", models.CharField(blank=True, db_column="to_whom", default="", max_length=40)),
                ("words", models.BinaryField(default=bytes)),
                ("asked_at", models.DateTimeField(null=True)),
                ("began_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
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
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="legs", to="nowrongdoor.contact"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_contact_leg",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("began_at__isnull", False), ("kind", "held"), ("person__isnull", False), ("to", "")
                            ),
                            models.Q(("by__isnull", False), ("kind", "interpreter"), ("person", None)),
                            models.Q(
                                ("by__isnull", False),
                                ("kind", "outside"),
                                ("person", None),
                                models.Q(("to", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_leg_is_of_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None),
                            models.Q(("began_at__isnull", False), ("ended_at__gte", models.F("began_at"))),
                            models.Q(
                                ("asked_at__isnull", False), ("began_at", None), ("ended_at__gte", models.F("asked_at"))
                            ),
                            _connector="OR",
                        ),
                        name="a_leg_ends_after_it_begins",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None), ("kind", "held")),
                        fields=("contact",),
                        name="one_person_has_a_contact",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("provider", models.CharField(max_length=40)),
                ("event", models.BinaryField(max_length=32)),
                ("kind", models.CharField(max_length=10)),
                (
                    "how",
                    models.CharField(
                        choices=[("webhook", "the provider told us"), ("list", "found by looking again")], max_length=10
                    ),
                ),
                ("at", models.DateTimeField()),
                ("taken_at", models.DateTimeField()),
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
                    "contact",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.contact",
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_line_event",
                "indexes": [models.Index(fields=["contact", "at"], name="line_event_of_contact")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agency", "provider", "event"), name="what_a_provider_says_is_taken_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["webhook", "list"])), name="an_event_comes_in_a_known_way"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("groups", models.JSONField()),
                ("languages", models.JSONField()),
                ("skills", models.JSONField()),
                ("telephone", models.CharField(blank=True, max_length=40)),
                ("texts", models.PositiveSmallIntegerField()),
                ("is_trainee", models.BooleanField()),
                ("began_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("ready_since", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("words", models.BinaryField(default=bytes)),
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
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("ended_at", None)), fields=["agency"], name="seat_of_agency"),
                    models.Index(
                        condition=models.Q(("ended_at__isnull", False)),
                        fields=["agency", "-ended_at"],
                        name="seat_that_ended",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("person",),
                        name="a_person_is_on_one_shift_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_at", None), ("ready_since", None), _connector="OR"),
                        name="whoever_is_off_shift_takes_nothing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("texts__lte", 9)), name="a_person_has_up_to_nine_texts_at_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stop",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=nowrongdoor.agencies.models.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line", models.CharField(max_length=40)),
                ("caller", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="nowrongdoor.agency",
                    ),
                ),
            ],
            options={
                "db_table": "nowrongdoor_line_stop",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("agency", "line", "caller"),
                        name="a_sender_stops_messages_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
        migrations.RunSQL(TOLD, UNTOLD),
        migrations.RunSQL(migrations.RunSQL.noop, STAYS),
    ]
