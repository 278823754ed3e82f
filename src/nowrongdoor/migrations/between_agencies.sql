-- What crosses an agency's border by consent, on request, or in a message.

-- Releases: who signed, and what. A release of before was signed by the person themselves, as its form asked.
ALTER TABLE nowrongdoor_release
  ADD CONSTRAINT release_co_signer_name_is_sealed
  CHECK (length(co_signer_name) = 0 OR (get_byte(co_signer_name, 0) = 1 AND length(co_signer_name) > 29)),
  ADD CONSTRAINT release_excluded_is_sealed
  CHECK (length(excluded) = 0 OR (get_byte(excluded, 0) = 1 AND length(excluded) > 29)),
  ADD CONSTRAINT release_longer_because_is_sealed
  CHECK (length(longer_because) = 0 OR (get_byte(longer_because, 0) = 1 AND length(longer_because) > 29)),
  ADD CONSTRAINT release_signed_text_is_sealed
  CHECK (length(signed_text) = 0 OR (get_byte(signed_text, 0) = 1 AND length(signed_text) > 29)),
  ADD CONSTRAINT who_signs_with_somebody_is_of_the_same_case
  FOREIGN KEY (co_signer_id, case_id, agency_id) REFERENCES nowrongdoor_person (id, case_id, owner_id);
CREATE FUNCTION nowrongdoor_is_suspect(person uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM public.nowrongdoor_person_role
                  WHERE person_id = person AND role = 'offender' AND to_at IS NULL);
END $$;
CREATE TRIGGER a_release_is_signed_by_no_suspect AFTER INSERT ON nowrongdoor_release FOR EACH ROW
  WHEN (nowrongdoor_is_suspect(NEW.co_signer_id))
  EXECUTE FUNCTION nowrongdoor_refuse('somebody on record as a suspect signs no release with a person, or for them');
-- Of a release that is there already, its end is not asked again. The release before has no paper and no place for the
-- reason; it may still run beside this schema.
CREATE TRIGGER a_release_of_more_than_ninety_days_says_why AFTER INSERT ON nowrongdoor_release FOR EACH ROW
  WHEN (NEW.expires_at > NEW.given_at + interval '91 days' AND NEW.longer_because = '' AND NEW.signed_text <> '')
  EXECUTE FUNCTION nowrongdoor_refuse('a release for more than 90 days says why it is that long');

-- Requests: made by the lead, to an agency that steered the case before; answered or refused by that agency, withdrawn by
-- the one that asked; once.
ALTER TABLE nowrongdoor_case_request
  ADD CONSTRAINT case_request_because_is_sealed
  CHECK (length(because) = 0 OR (get_byte(because, 0) = 1 AND length(because) > 29)),
  ADD CONSTRAINT case_request_reason_is_sealed
  CHECK (length(reason) = 0 OR (get_byte(reason, 0) = 1 AND length(reason) > 29)),
  ADD CONSTRAINT case_request_answer_is_sealed
  CHECK (length(answer) = 0 OR (get_byte(answer, 0) = 1 AND length(answer) > 29)),
  ADD CONSTRAINT a_request_is_about_a_person_of_whom_it_asks
  FOREIGN KEY (person_id, case_id, to_agency_id) REFERENCES nowrongdoor_person (id, case_id, owner_id),
  ADD CONSTRAINT a_request_is_answered_by_a_release_for_who_asked
  FOREIGN KEY (release_id, person_id, to_agency_id, agency_id)
  REFERENCES nowrongdoor_release (id, person_id, agency_id, recipient_id);
CREATE FUNCTION nowrongdoor_steered(of_case uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_case WHERE id = of_case AND received_by_id = agency)
    OR EXISTS (SELECT FROM nowrongdoor_case_signal WHERE case_id = of_case AND receiver_id = agency)
    OR EXISTS (SELECT FROM nowrongdoor_tenure WHERE case_id = of_case AND agency_id = agency);
END $$;
CREATE TRIGGER a_request_is_made_by_the_lead AFTER INSERT ON nowrongdoor_case_request FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id) OR NEW.agency_id IS DISTINCT FROM nowrongdoor_lead_of(NEW.case_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a request is made by somebody of the agency that leads the case, who looks');
CREATE TRIGGER a_request_is_to_who_steered_the_case AFTER INSERT ON nowrongdoor_case_request FOR EACH ROW
  WHEN (NOT nowrongdoor_steered(NEW.case_id, NEW.to_agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a request is to an agency that took the case or a signal of it, or led it');
CREATE TRIGGER a_request_starts_open AFTER INSERT ON nowrongdoor_case_request FOR EACH ROW
  WHEN (NEW.state <> 'asked') EXECUTE FUNCTION nowrongdoor_refuse('a request starts open');
CREATE TRIGGER a_request_is_answered_by_who_was_asked AFTER UPDATE ON nowrongdoor_case_request FOR EACH ROW
  WHEN (OLD.state = 'asked' AND NEW.state IN ('answered', 'refused')
        AND NOT nowrongdoor_signs(NEW.over_by_id, NEW.to_agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a request is answered by somebody of the agency that was asked, who looks');
CREATE TRIGGER a_request_is_withdrawn_by_who_made_it AFTER UPDATE ON nowrongdoor_case_request FOR EACH ROW
  WHEN (OLD.state = 'asked' AND NEW.state = 'withdrawn' AND NOT nowrongdoor_signs(NEW.over_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a request is withdrawn by somebody of the agency that made it, who looks');
CREATE TRIGGER a_request_that_is_over_stays_over AFTER UPDATE ON nowrongdoor_case_request FOR EACH ROW
  WHEN (OLD.state <> 'asked') EXECUTE FUNCTION nowrongdoor_refuse('this request is over');
CREATE FUNCTION nowrongdoor_holds(which uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_release WHERE id = which AND revoked_at IS NULL
                  AND expires_at > statement_timestamp() AND NOT nowrongdoor_is_suspect(co_signer_id));
END $$;
CREATE TRIGGER a_request_is_answered_by_a_release_in_force AFTER UPDATE ON nowrongdoor_case_request FOR EACH ROW
  WHEN (OLD.state = 'asked' AND NEW.release_id IS NOT NULL AND NOT nowrongdoor_holds(NEW.release_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a request is answered by a release that is in force');

-- An open request is on both lists; what came of it is news for the other side.
CREATE FUNCTION nowrongdoor_list_request() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  since timestamptz := coalesce(NEW.over_at, NEW.at);
BEGIN
  IF TG_OP = 'UPDATE' THEN
    UPDATE nowrongdoor_duty SET done_at = NEW.over_at, done_by_id = NEW.over_by_id
     WHERE thing = 'request' AND thing_id = NEW.id AND kind = 'request' AND needs_open
       AND NEW.state IN ('answered', 'refused') AND agency_id = NEW.to_agency_id;
    UPDATE nowrongdoor_duty SET withdrawn_at = NEW.over_at
     WHERE thing = 'request' AND thing_id = NEW.id AND needs_open;
  END IF;
  INSERT INTO nowrongdoor_duty (id, kind, case_id, thing, thing_id, source, agency_id, from_agency_id, desk, by_hand,
                                follows_lead, role, rule, clock, why, "limit", citation, evidence, basis, since, due_at, how)
    SELECT gen_random_uuid(), told.kind, NEW.case_id, 'request', NEW.id, 'person', told.agency, other.id, other.name,
           false, false, '', told.rule, '', '', '', '', '', 'policy', since, told.due_at, ''
      FROM (VALUES ('request', NEW.to_agency_id, NEW.agency_id, 'request', NEW.due_at, TG_OP = 'INSERT'),
                   ('task', NEW.agency_id, NEW.to_agency_id, 'request-asked', NEW.due_at, TG_OP = 'INSERT'),
                   ('task', NEW.agency_id, NEW.to_agency_id, 'request-' || NEW.state, since + interval '1 day',
                    NEW.state IN ('answered', 'refused')),
                   ('task', NEW.to_agency_id, NEW.agency_id, 'request-' || NEW.state, since + interval '1 day',
                    NEW.state = 'withdrawn')) AS told(kind, agency, other_id, rule, due_at, is_so)
      JOIN nowrongdoor_agency other ON other.id = told.other_id
      JOIN nowrongdoor_agency whose ON whose.id = told.agency AND whose.active
     WHERE told.is_so;
  RETURN NULL;
END $$;
CREATE TRIGGER an_open_request_is_on_both_lists AFTER INSERT ON nowrongdoor_case_request
  FOR EACH ROW EXECUTE FUNCTION nowrongdoor_list_request();
CREATE TRIGGER what_came_of_a_request_is_on_a_list AFTER UPDATE ON nowrongdoor_case_request FOR EACH ROW
  WHEN (OLD.state = 'asked' AND NEW.state <> 'asked') EXECUTE FUNCTION nowrongdoor_list_request();

-- Messages: to an agency that takes part; past no gate, but for the lead, who has to be reached; what is for prosecutors goes
-- between prosecutors.
ALTER TABLE nowrongdoor_case_message
  ADD CONSTRAINT case_message_text_is_sealed CHECK (length(text) = 0 OR (get_byte(text, 0) = 1 AND length(text) > 29));
CREATE TRIGGER the_writers_role_is_noted BEFORE INSERT ON nowrongdoor_case_message FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_note_writer();
CREATE FUNCTION nowrongdoor_is_in(of_case uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_case WHERE id = of_case AND lead_id = agency)
    OR EXISTS (SELECT FROM nowrongdoor_participant WHERE case_id = of_case AND agency_id = agency AND to_at IS NULL);
END $$;
CREATE TRIGGER a_message_is_to_who_takes_part AFTER INSERT ON nowrongdoor_case_message FOR EACH ROW
  WHEN (NOT nowrongdoor_is_in(NEW.case_id, NEW.to_agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a message is to an agency that takes part in the case now');
CREATE TRIGGER a_message_passes_no_gate AFTER INSERT ON nowrongdoor_case_message FOR EACH ROW
  WHEN (NEW.to_agency_id IS DISTINCT FROM nowrongdoor_lead_of(NEW.case_id)
        AND nowrongdoor_is_barred(NEW.case_id, NEW.to_agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a gate of the newest ruling keeps the case from this kind of agency');
CREATE FUNCTION nowrongdoor_are_prosecutors(agency uuid, other uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN NOT EXISTS (SELECT FROM nowrongdoor_agency WHERE id IN (agency, other) AND kind <> 'prosecutor');
END $$;
CREATE TRIGGER work_product_stays_between_prosecutors AFTER INSERT ON nowrongdoor_case_message FOR EACH ROW
  WHEN (NEW.for_prosecutors AND NOT nowrongdoor_are_prosecutors(NEW.agency_id, NEW.to_agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('attorney work product goes from prosecutors to prosecutors');
CREATE FUNCTION nowrongdoor_list_message() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO nowrongdoor_duty (id, kind, case_id, thing, thing_id, source, agency_id, from_agency_id, desk, by_hand,
                                follows_lead, role, rule, clock, why, "limit", citation, evidence, basis, since, due_at, how)
    SELECT gen_random_uuid(), 'task', NEW.case_id, 'message', NEW.id, 'person', NEW.to_agency_id, a.id, a.name, false,
           false, '', 'message', '', '', '', '', '', 'policy', NEW.at, NEW.at + interval '1 day', ''
      FROM nowrongdoor_agency a WHERE a.id = NEW.agency_id;
  RETURN NULL;
END $$;
CREATE TRIGGER a_message_is_on_the_list_of_who_gets_it AFTER INSERT ON nowrongdoor_case_message
  FOR EACH ROW EXECUTE FUNCTION nowrongdoor_list_message();

-- Whoever was only told of a case burdens nobody with it, but for having them read a message.
CREATE FUNCTION nowrongdoor_wrote_to(message uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_case_message
                  WHERE id = message AND to_agency_id = agency AND nowrongdoor_for_me(agency_id));
END $$;
DROP TRIGGER a_duty_is_owed_by_the_word_of_who_steers ON nowrongdoor_duty;
CREATE TRIGGER a_duty_is_owed_by_the_word_of_who_steers AFTER INSERT ON nowrongdoor_duty FOR EACH ROW
  WHEN (NOT nowrongdoor_in_house() AND NEW.case_id IS NOT NULL AND NEW.kind <> 'answer'
        AND NOT nowrongdoor_for_me(NEW.agency_id)
        AND NOT nowrongdoor_steers(NEW.case_id) AND NOT nowrongdoor_said_no(NEW.case_id)
        AND NOT (NEW.kind = 'task' AND NEW.thing = 'message' AND nowrongdoor_wrote_to(NEW.thing_id, NEW.agency_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever was only asked or told about a case burdens no other agency with it');
