-- The way back. Notices and clocks have every row already; what they have no place for stops the way back.
DO $$
DECLARE
  homeless bigint := (SELECT count(*) FROM nowrongdoor_duty WHERE kind IN ('request', 'task') OR case_id IS NULL
                       OR person_id IS NOT NULL OR thing NOT IN ('', 'disclosure', 'handoff'));
BEGIN
  IF homeless > 0 THEN
    RAISE EXCEPTION 'The older schema has no place for % duties that are requests or tasks, are about no case, belong to one person, or come from something newer: this version stays until they are gone.', homeless;
  END IF;
END $$;
DROP TRIGGER an_answer_ends_with_its_offer ON nowrongdoor_handoff;
DROP TRIGGER an_offer_owes_its_answer ON nowrongdoor_handoff;
DROP TRIGGER a_changed_duty_is_kept_as_released ON nowrongdoor_duty;
DROP TRIGGER a_duty_is_kept_as_released ON nowrongdoor_duty;
DROP TRIGGER a_changed_clock_is_a_changed_duty ON nowrongdoor_clock;
DROP TRIGGER a_clock_is_a_duty ON nowrongdoor_clock;
DROP TRIGGER a_changed_notice_is_a_changed_duty ON nowrongdoor_notice;
DROP TRIGGER a_notice_is_a_duty ON nowrongdoor_notice;
DROP FUNCTION nowrongdoor_answer_of_offer_update();
DROP FUNCTION nowrongdoor_answer_of_offer_insert();
DROP FUNCTION nowrongdoor_as_released_update();
DROP FUNCTION nowrongdoor_as_released_insert();
DROP FUNCTION nowrongdoor_duty_of_clock_update();
DROP FUNCTION nowrongdoor_duty_of_clock_insert();
DROP FUNCTION nowrongdoor_duty_of_notice_update();
DROP FUNCTION nowrongdoor_duty_of_notice_insert();
DROP TRIGGER a_changed_duty_is_heard ON nowrongdoor_duty;
DROP TRIGGER a_duty_is_heard ON nowrongdoor_duty;
CREATE TRIGGER a_notice_is_heard AFTER INSERT ON nowrongdoor_notice
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();
CREATE TRIGGER an_acknowledgement_is_heard AFTER UPDATE ON nowrongdoor_notice
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();
CREATE TRIGGER a_clock_is_heard AFTER INSERT ON nowrongdoor_clock
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();
CREATE TRIGGER a_met_clock_is_heard AFTER UPDATE ON nowrongdoor_clock
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();
DROP TRIGGER an_open_answer_has_an_open_offer ON nowrongdoor_duty;
DROP TRIGGER an_open_offer_has_an_open_answer ON nowrongdoor_handoff;
DROP FUNCTION nowrongdoor_keep_answer();
DROP TRIGGER a_duty_stays_with_whoever_owes_it ON nowrongdoor_duty;
DROP TRIGGER a_duty_is_withdrawn_by_who_steers ON nowrongdoor_duty;
DROP TRIGGER a_duty_is_owed_by_the_word_of_who_steers ON nowrongdoor_duty;
DROP TRIGGER only_the_system_says_what_moves_with_the_lead ON nowrongdoor_duty;
DROP TRIGGER a_duty_stays_what_it_is ON nowrongdoor_duty;
DROP TRIGGER a_duty_that_is_over_stays_over ON nowrongdoor_duty;
DROP TRIGGER a_duty_is_done_in_ones_own_name ON nowrongdoor_duty;
DROP TRIGGER a_duty_starts_undone ON nowrongdoor_duty;
