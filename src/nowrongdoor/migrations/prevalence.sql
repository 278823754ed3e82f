-- Promise 8: what a run rests on never changes, and what came of it is written once.
CREATE FUNCTION nowrongdoor_keep_prevalence_run() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER a_prevalence_run_is_kept BEFORE UPDATE ON nowrongdoor_prevalence_run FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_keep_prevalence_run();

-- Whoever asks belongs to the agency for which the run is kept, and one number is shown against advice only for a run
-- of the same agency.
ALTER TABLE nowrongdoor_prevalence_run ADD CONSTRAINT a_prevalence_run_is_asked_by_its_agency
  FOREIGN KEY (by_id, agency_id) REFERENCES nowrongdoor_user (id, agency_id);
ALTER TABLE nowrongdoor_prevalence_run ADD CONSTRAINT prevalence_run_id_agency UNIQUE (id, agency_id);
ALTER TABLE nowrongdoor_prevalence_run ADD CONSTRAINT a_prevalence_run_overrides_its_agency_s
  FOREIGN KEY (overrides_id, agency_id) REFERENCES nowrongdoor_prevalence_run (id, agency_id);
