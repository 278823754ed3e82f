-- The way back: what promises.sql made, in the opposite order.
DROP TRIGGER a_met_clock_is_heard ON nowrongdoor_clock;
DROP TRIGGER a_clock_is_heard ON nowrongdoor_clock;
DROP TRIGGER an_acknowledgement_is_heard ON nowrongdoor_notice;
DROP TRIGGER a_notice_is_heard ON nowrongdoor_notice;
DROP TRIGGER an_answer_is_heard ON nowrongdoor_handoff;
DROP TRIGGER an_offer_is_heard ON nowrongdoor_handoff;
DROP TRIGGER a_change_of_lead_is_remembered ON nowrongdoor_case;
DROP TRIGGER a_lead_is_remembered ON nowrongdoor_case;
DROP TRIGGER a_case_keeps_its_receiver ON nowrongdoor_case;
DROP TRIGGER standing_by_is_agreed ON nowrongdoor_agency;
DROP TRIGGER a_handoff_that_is_over_stays_over ON nowrongdoor_handoff;
DROP FUNCTION nowrongdoor_tell_duty(), nowrongdoor_tell_handoff(), nowrongdoor_turn_tenure(),
  nowrongdoor_open_tenure(), nowrongdoor_keep_receiver(), nowrongdoor_keep_handoff(), nowrongdoor_keep_standing();
ALTER TABLE nowrongdoor_handoff DROP CONSTRAINT a_backstop_stands_by;
ALTER TABLE nowrongdoor_handoff DROP COLUMN needs_standing;
ALTER TABLE nowrongdoor_handoff DROP CONSTRAINT a_yes_has_a_person;
ALTER TABLE nowrongdoor_handoff DROP CONSTRAINT an_answer_comes_from_the_agency_asked;
ALTER TABLE nowrongdoor_handoff DROP COLUMN answered_for;
ALTER TABLE nowrongdoor_user DROP CONSTRAINT user_id_agency;
ALTER TABLE nowrongdoor_clock DROP CONSTRAINT a_clock_runs_at_an_open_agency;
ALTER TABLE nowrongdoor_notice DROP CONSTRAINT a_notice_waits_at_an_open_agency;
ALTER TABLE nowrongdoor_signal DROP CONSTRAINT a_waiting_signal_has_an_open_receiver;
ALTER TABLE nowrongdoor_handoff DROP CONSTRAINT an_offer_is_to_an_open_agency;
ALTER TABLE nowrongdoor_handoff DROP CONSTRAINT an_offer_is_of_an_open_case;
ALTER TABLE nowrongdoor_case DROP CONSTRAINT a_lead_was_accepted;
ALTER TABLE nowrongdoor_case DROP CONSTRAINT the_lead_of_an_open_case_is_open;
