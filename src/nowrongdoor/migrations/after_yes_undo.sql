-- The way back. The older schema has no place for acceptances that were undone, and for requests with their reasons.
DO $$
DECLARE
  undone bigint := (SELECT count(*) FROM nowrongdoor_handoff WHERE kind = 'undo');
  requests bigint := (SELECT count(*) FROM nowrongdoor_handoff WHERE because <> '');
BEGIN
  IF undone + requests > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % acceptances that were undone and % leads that were given back '
      'or passed on. Stay, or restore a backup of that release.', undone, requests;
  END IF;
END $$;
DROP TRIGGER a_request_that_came_to_nothing_is_told_to_the_lead ON nowrongdoor_handoff;
DROP FUNCTION nowrongdoor_tell_lead();
DROP TRIGGER a_request_is_to_nobody_whom_a_gate_bars ON nowrongdoor_handoff;
DROP FUNCTION nowrongdoor_is_barred(uuid, uuid);
CREATE OR REPLACE FUNCTION nowrongdoor_is_accepted(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_case WHERE id = of_case AND lead_handoff_id IS NOT NULL);
END $$;
DROP TRIGGER an_acceptance_is_undone_while_nothing_else_was_done ON nowrongdoor_handoff;
DROP FUNCTION nowrongdoor_keep_undo();
DROP FUNCTION nowrongdoor_is_untouched(uuid, uuid);
DROP TRIGGER an_acceptance_is_undone_at_once_by_whoever_gave_it ON nowrongdoor_handoff;
DROP FUNCTION nowrongdoor_undoes(uuid, uuid, uuid, uuid);
DROP TRIGGER an_offer_is_made_in_ones_own_name ON nowrongdoor_handoff;
CREATE TRIGGER only_the_lead_asks_whom_no_rule_names AFTER INSERT ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NEW.kind = 'request' AND NOT nowrongdoor_for_me(NEW.from_agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('only the agency that leads asks one that no rule names');
ALTER TABLE nowrongdoor_handoff
  DROP CONSTRAINT handoff_because_is_sealed,
  DROP CONSTRAINT a_yes_has_a_person,
  ADD CONSTRAINT a_yes_has_a_person CHECK (state <> 'accepted' OR kind = 'backstop' OR over_by_id IS NOT NULL);
