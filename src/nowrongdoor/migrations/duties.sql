
-- What is owed is owed by an open agency: closing one moves its duties first. A person owes for their own agency.
ALTER TABLE nowrongdoor_duty
  ADD CONSTRAINT a_duty_is_owed_by_an_open_agency
  FOREIGN KEY (agency_id, needs_open) REFERENCES nowrongdoor_agency (id, active),
  ADD CONSTRAINT a_person_owes_for_their_agency
  FOREIGN KEY (person_id, agency_id) REFERENCES nowrongdoor_user (id, agency_id),
  ADD CONSTRAINT duty_how_is_sealed CHECK (length(how) = 0 OR (get_byte(how, 0) = 1 AND length(how) > 29)),
  ADD COLUMN moves_with_lead boolean GENERATED ALWAYS AS (by_hand OR follows_lead) STORED;

-- Done by whoever owes it, in their own name, once. What is told by hand may also be told by the agency that received
-- the case: whoever has the person on the line calls 911. An answer is given on the offer, whose own guards ask by whom.
CREATE TRIGGER a_duty_starts_undone AFTER INSERT ON nowrongdoor_duty FOR EACH ROW
  WHEN (NEW.done_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('a duty starts undone');
CREATE TRIGGER a_duty_is_done_in_ones_own_name AFTER UPDATE ON nowrongdoor_duty FOR EACH ROW
  WHEN (NEW.kind <> 'answer' AND OLD.done_at IS NULL AND NEW.done_at IS NOT NULL
        AND NOT nowrongdoor_signs(NEW.done_by_id, OLD.agency_id)
        AND NOT (OLD.by_hand AND nowrongdoor_signs(NEW.done_by_id, nowrongdoor_receiver_of(NEW.case_id))))
  EXECUTE FUNCTION nowrongdoor_refuse('a duty is done by somebody of the agency that owes it, who looks');
CREATE TRIGGER a_duty_that_is_over_stays_over AFTER UPDATE ON nowrongdoor_duty FOR EACH ROW
  WHEN ((OLD.done_at IS NOT NULL AND NEW.* IS DISTINCT FROM OLD.*)
        OR (OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at IS NULL OR NEW.done_at IS NOT NULL)))
  EXECUTE FUNCTION nowrongdoor_refuse('a duty that was done or withdrawn stays so');
CREATE TRIGGER a_duty_stays_what_it_is AFTER UPDATE ON nowrongdoor_duty FOR EACH ROW
  WHEN ((NEW.id, NEW.kind, NEW.case_id, NEW.thing, NEW.thing_id)
        IS DISTINCT FROM (OLD.id, OLD.kind, OLD.case_id, OLD.thing, OLD.thing_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a duty keeps its kind and what it is about');
-- Which duties move with the lead is not for whoever wants one to say: the system alone says it, when an agency closes.
CREATE TRIGGER only_the_system_says_what_moves_with_the_lead AFTER UPDATE ON nowrongdoor_duty FOR EACH ROW
  WHEN ((NEW.by_hand, NEW.follows_lead) IS DISTINCT FROM (OLD.by_hand, OLD.follows_lead)
        AND NOT nowrongdoor_in_house())
  EXECUTE FUNCTION nowrongdoor_refuse('the system alone says which duties move with the lead');
-- Nobody takes back what others count on: what a case calls for is owed, and withdrawn, by who steers it; whoever said no
-- tells the rest; and an agency writes what it owes itself. An answer goes with its offer.
CREATE TRIGGER a_duty_is_owed_by_the_word_of_who_steers AFTER INSERT ON nowrongdoor_duty FOR EACH ROW
  WHEN (NOT nowrongdoor_in_house() AND NEW.case_id IS NOT NULL AND NEW.kind <> 'answer'
        AND NOT nowrongdoor_for_me(NEW.agency_id)
        AND NOT nowrongdoor_steers(NEW.case_id) AND NOT nowrongdoor_said_no(NEW.case_id))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever was only asked or told about a case burdens no other agency with it');
CREATE TRIGGER a_duty_is_withdrawn_by_who_steers AFTER UPDATE ON nowrongdoor_duty FOR EACH ROW
  WHEN (OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL AND NOT nowrongdoor_in_house()
        AND NEW.kind <> 'answer' AND NOT nowrongdoor_steers(NEW.case_id)
        AND NOT (nowrongdoor_for_me(OLD.agency_id) AND (NEW.case_id IS NULL OR NEW.source = 'person')))
  EXECUTE FUNCTION nowrongdoor_refuse('a duty is withdrawn by the system, or by an agency that steers the case');
-- What is owed moves to nobody else, but for what the lead owes: that moves with the lead.
CREATE CONSTRAINT TRIGGER a_duty_stays_with_whoever_owes_it AFTER UPDATE ON nowrongdoor_duty
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.agency_id IS DISTINCT FROM NEW.agency_id AND NOT nowrongdoor_in_house())
  EXECUTE FUNCTION nowrongdoor_keep_with_lead('moves_with_lead');

-- An open offer and an open answer go together: the same row id, case, agencies and time.
CREATE FUNCTION nowrongdoor_keep_answer() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF (SELECT ROW (case_id, to_agency_id, from_agency_id, due_at) FROM nowrongdoor_handoff
       WHERE id = NEW.id AND state = 'offered')
     IS DISTINCT FROM
     (SELECT ROW (case_id, agency_id, from_agency_id, due_at) FROM nowrongdoor_duty
       WHERE id = NEW.id AND kind = 'answer' AND needs_open) THEN
    RAISE EXCEPTION 'an open offer and an open answer go together'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER an_open_offer_has_an_open_answer AFTER INSERT OR UPDATE ON nowrongdoor_handoff
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nowrongdoor_keep_answer();
CREATE CONSTRAINT TRIGGER an_open_answer_has_an_open_offer AFTER INSERT OR UPDATE ON nowrongdoor_duty
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'answer') EXECUTE FUNCTION nowrongdoor_keep_answer();

-- A worklist hears of a duty from this table alone, which has a row for each notice and clock as well.
DROP TRIGGER a_notice_is_heard ON nowrongdoor_notice;
DROP TRIGGER an_acknowledgement_is_heard ON nowrongdoor_notice;
DROP TRIGGER a_clock_is_heard ON nowrongdoor_clock;
DROP TRIGGER a_met_clock_is_heard ON nowrongdoor_clock;
CREATE TRIGGER a_duty_is_heard AFTER INSERT ON nowrongdoor_duty
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();
CREATE TRIGGER a_changed_duty_is_heard AFTER UPDATE ON nowrongdoor_duty
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();

-- Below: the triggers that keep `notice`, `clock` and `duty` alike, and an offer's answer with it (0011_duties.py).
