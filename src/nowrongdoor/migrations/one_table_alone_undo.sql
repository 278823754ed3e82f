-- The guards of `notice` and `clock` as 0.3.0 has them (promises.sql, guards.sql).
ALTER TABLE nowrongdoor_notice ADD CONSTRAINT a_notice_waits_at_an_open_agency
  FOREIGN KEY (agency_id, needs_open) REFERENCES nowrongdoor_agency (id, active);
ALTER TABLE nowrongdoor_clock ADD CONSTRAINT a_clock_runs_at_an_open_agency
  FOREIGN KEY (agency_id, needs_open) REFERENCES nowrongdoor_agency (id, active);
ALTER TABLE "nowrongdoor_notice"
  ADD CONSTRAINT notice_how_is_sealed
  CHECK (length(how) = 0 OR (get_byte(how, 0) = 1 AND length(how) > 29));
ALTER TABLE "nowrongdoor_clock"
  ADD CONSTRAINT clock_how_is_sealed
  CHECK (length(how) = 0 OR (get_byte(how, 0) = 1 AND length(how) > 29));
CREATE TRIGGER a_notice_starts_unanswered AFTER INSERT ON nowrongdoor_notice FOR EACH ROW
  WHEN (NEW.acknowledged_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('a notice starts unanswered');
CREATE TRIGGER a_notice_is_acknowledged_in_ones_own_name AFTER UPDATE ON nowrongdoor_notice FOR EACH ROW
  WHEN (OLD.acknowledged_at IS NULL AND NEW.acknowledged_at IS NOT NULL
        AND NOT nowrongdoor_signs(NEW.acknowledged_by_id, OLD.agency_id)
        AND NOT (OLD.by_hand AND nowrongdoor_signs(NEW.acknowledged_by_id, nowrongdoor_receiver_of(NEW.case_id))))
  EXECUTE FUNCTION nowrongdoor_refuse('a notice is acknowledged by somebody of the agency that it is for, who looks');
CREATE TRIGGER a_notice_that_is_over_stays_over AFTER UPDATE ON nowrongdoor_notice FOR EACH ROW
  WHEN ((OLD.acknowledged_at IS NOT NULL AND NEW.* IS DISTINCT FROM OLD.*)
        OR (OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at IS NULL OR NEW.acknowledged_at IS NOT NULL)))
  EXECUTE FUNCTION nowrongdoor_refuse('a notice that was acknowledged or withdrawn stays so');
CREATE CONSTRAINT TRIGGER a_notice_stays_with_whom_it_is_for AFTER UPDATE ON nowrongdoor_notice
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.agency_id <> NEW.agency_id AND NOT nowrongdoor_in_house())
  EXECUTE FUNCTION nowrongdoor_keep_with_lead('by_hand');
CREATE CONSTRAINT TRIGGER a_clock_stays_with_whoever_owes_it AFTER UPDATE ON nowrongdoor_clock
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.agency_id IS DISTINCT FROM NEW.agency_id AND NOT nowrongdoor_in_house())
  EXECUTE FUNCTION nowrongdoor_keep_with_lead('follows_lead');
CREATE TRIGGER a_clock_starts_unmet AFTER INSERT ON nowrongdoor_clock FOR EACH ROW
  WHEN (NEW.met_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('a clock starts unmet');
CREATE TRIGGER a_clock_is_met_in_ones_own_name AFTER UPDATE ON nowrongdoor_clock FOR EACH ROW
  WHEN (OLD.met_at IS NULL AND NEW.met_at IS NOT NULL AND NOT nowrongdoor_signs(NEW.met_by_id, OLD.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a clock is met by somebody of the agency that owes it, who looks');
CREATE TRIGGER a_clock_that_is_over_stays_over AFTER UPDATE ON nowrongdoor_clock FOR EACH ROW
  WHEN ((OLD.met_at IS NOT NULL AND NEW.* IS DISTINCT FROM OLD.*)
        OR (OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at IS NULL OR NEW.met_at IS NOT NULL)))
  EXECUTE FUNCTION nowrongdoor_refuse('a clock that was met or withdrawn stays so');
