-- After a yes: undone by whoever gave it, at once; or given back and passed on, to somebody who says yes.

ALTER TABLE nowrongdoor_handoff
  ADD CONSTRAINT handoff_because_is_sealed
  CHECK (length(because) = 0 OR (get_byte(because, 0) = 1 AND length(because) > 29)),
  DROP CONSTRAINT a_yes_has_a_person,
  ADD CONSTRAINT a_yes_has_a_person CHECK (state <> 'accepted' OR kind IN ('backstop', 'undo') OR over_by_id IS NOT NULL);

-- Whoever offers signs; so only the lead asks whom no rule names.
DROP TRIGGER only_the_lead_asks_whom_no_rule_names ON nowrongdoor_handoff;
CREATE TRIGGER an_offer_is_made_in_ones_own_name AFTER INSERT ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NEW.offered_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.offered_by_id, NEW.from_agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a lead is offered by somebody of the agency that leads, who looks');

-- Who undoes an acceptance, when, and to whom it goes: the person who gave it, within two minutes by the clock of the
-- database, to the agency that offered, while the agency still leads by it.
CREATE FUNCTION nowrongdoor_undoes(of_case uuid, origin uuid, target uuid, person uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_case c JOIN nowrongdoor_handoff h ON h.id = c.lead_handoff_id
                  WHERE c.id = of_case AND c.lead_id = origin AND h.from_agency_id = target AND h.over_by_id = person
                    AND h.kind IN ('mandate', 'request', 'step_forward')
                    AND statement_timestamp() BETWEEN h.over_at - interval '1 minute' AND h.over_at + interval '2 minutes');
END $$;
CREATE TRIGGER an_acceptance_is_undone_at_once_by_whoever_gave_it AFTER INSERT ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NEW.kind = 'undo'
        AND NOT nowrongdoor_undoes(NEW.case_id, NEW.from_agency_id, NEW.to_agency_id, NEW.offered_by_id))
  EXECUTE FUNCTION nowrongdoor_refuse(
    'an acceptance is undone by the person who gave it, within two minutes, for the agency that offered');

-- Whether anything was written to a case since a yes, by anybody, as the trail has it: every verb writes one event. The
-- undo itself (`besides`) is none. Where no event tells of the yes, everything counts.
CREATE FUNCTION nowrongdoor_is_untouched(yes uuid, besides uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  of_case uuid := (SELECT case_id FROM nowrongdoor_handoff WHERE id = yes);
BEGIN
  RETURN NOT EXISTS (
    SELECT FROM nowrongdoor_auditevent e
     WHERE e.case_id = of_case AND e.kind = 'write' AND e.subject_id IS DISTINCT FROM besides
       AND e.id > coalesce((SELECT max(a.id) FROM nowrongdoor_auditevent a
                             WHERE a.case_id = of_case AND a.subject_id = yes
                               AND a.verb IN ('offer.accepted', 'lead.stepped_forward')), 0));
END $$;
CREATE FUNCTION nowrongdoor_keep_undo() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  yes uuid := (SELECT id FROM nowrongdoor_handoff
                WHERE case_id = NEW.case_id AND to_agency_id = NEW.from_agency_id AND from_agency_id = NEW.to_agency_id
                  AND state = 'accepted' AND over_by_id = NEW.offered_by_id AND over_at <= NEW.over_at
                ORDER BY over_at DESC, id DESC LIMIT 1);
BEGIN
  IF NOT nowrongdoor_is_untouched(yes, NEW.id) THEN
    RAISE EXCEPTION 'an acceptance is undone while nothing else was done'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER an_acceptance_is_undone_while_nothing_else_was_done AFTER INSERT ON nowrongdoor_handoff
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'undo') EXECUTE FUNCTION nowrongdoor_keep_undo();

-- A lead that came back to the agency that received the case by an undo was accepted by nobody: who is next may step
-- forward as before.
CREATE OR REPLACE FUNCTION nowrongdoor_is_accepted(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_case c JOIN nowrongdoor_handoff h ON h.id = c.lead_handoff_id
                  WHERE c.id = of_case AND NOT (h.kind = 'undo' AND c.lead_id = c.received_by_id));
END $$;

-- Whoever the lead chooses itself is nobody whom a gate of the newest ruling bars: by a request nothing gets past a gate.
CREATE FUNCTION nowrongdoor_is_barred(of_case uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM jsonb_array_elements((
      SELECT r.body -> 'gates' FROM nowrongdoor_decision d JOIN nowrongdoor_ruling r ON r.digest = d.ruling_id
       WHERE d.case_id = of_case ORDER BY d.at DESC, d.id DESC LIMIT 1)) AS g(gate)
     WHERE g.gate -> 'bars' ? (SELECT kind FROM nowrongdoor_agency WHERE id = agency));
END $$;
CREATE TRIGGER a_request_is_to_nobody_whom_a_gate_bars AFTER INSERT ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NEW.kind = 'request' AND nowrongdoor_is_barred(NEW.case_id, NEW.to_agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a gate of the newest ruling keeps the case from this kind of agency');

-- The lead that asked and got no, or no answer, is told: on its own list, because nobody else is asked in its place.
CREATE FUNCTION nowrongdoor_tell_lead() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO nowrongdoor_duty (id, kind, case_id, thing, thing_id, source, agency_id, from_agency_id, desk, by_hand,
                                follows_lead, role, rule, clock, why, "limit", citation, evidence, basis, since, due_at, how)
    SELECT gen_random_uuid(), 'task', NEW.case_id, 'handoff', NEW.id, 'offer', c.lead_id, NEW.to_agency_id, a.name, false,
           false, '', 'offer-' || NEW.state, '', '', '', '', '', 'policy', NEW.over_at,
           NEW.over_at + CASE coalesce(c.facts ->> 'urgency', '') WHEN 'immediate_danger' THEN interval '15 minutes'
                                                                  WHEN 'within_24h' THEN interval '2 hours'
                                                                  ELSE interval '1 day' END, ''
      FROM nowrongdoor_case c, nowrongdoor_agency a
     WHERE c.id = NEW.case_id AND c.closed_at IS NULL AND a.id = NEW.to_agency_id;
  RETURN NULL;
END $$;
CREATE TRIGGER a_request_that_came_to_nothing_is_told_to_the_lead AFTER UPDATE ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NEW.kind = 'request' AND OLD.state = 'offered' AND NEW.state IN ('declined', 'expired'))
  EXECUTE FUNCTION nowrongdoor_tell_lead();
