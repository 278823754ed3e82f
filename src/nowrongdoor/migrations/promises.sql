-- Promise 2: an open case has exactly one lead at every commit, and a lead moves only to somebody who accepted.

-- The lead of an open case is an open agency. `is_open` is true or null, so that a closed case points at nothing.
ALTER TABLE nowrongdoor_case ADD CONSTRAINT the_lead_of_an_open_case_is_open
  FOREIGN KEY (lead_id, is_open) REFERENCES nowrongdoor_agency (id, active);

-- A lead that did not receive the case accepted it: the hand-off is of this case, to this agency, and accepted.
ALTER TABLE nowrongdoor_case ADD CONSTRAINT a_lead_was_accepted
  FOREIGN KEY (lead_handoff_id, id, lead_id, lead_accepted)
  REFERENCES nowrongdoor_handoff (id, case_id, to_agency_id, state);

-- Only an open case is offered, and only to an open agency. `needs_open` is true while the offer is open, else null.
ALTER TABLE nowrongdoor_handoff ADD CONSTRAINT an_offer_is_of_an_open_case
  FOREIGN KEY (case_id, needs_open) REFERENCES nowrongdoor_case (id, is_open);
ALTER TABLE nowrongdoor_handoff ADD CONSTRAINT an_offer_is_to_an_open_agency
  FOREIGN KEY (to_agency_id, needs_open) REFERENCES nowrongdoor_agency (id, active);

-- What is owed is owed by an open agency: closing one moves its notices and clocks first.
ALTER TABLE nowrongdoor_notice ADD CONSTRAINT a_notice_waits_at_an_open_agency
  FOREIGN KEY (agency_id, needs_open) REFERENCES nowrongdoor_agency (id, active);
ALTER TABLE nowrongdoor_clock ADD CONSTRAINT a_clock_runs_at_an_open_agency
  FOREIGN KEY (agency_id, needs_open) REFERENCES nowrongdoor_agency (id, active);

-- A signal that no case holds yet keeps its receiver open.
ALTER TABLE nowrongdoor_signal ADD CONSTRAINT a_waiting_signal_has_an_open_receiver
  FOREIGN KEY (receiver_id, waits) REFERENCES nowrongdoor_agency (id, active);

-- Whoever says yes or no belongs to the agency that was asked. (A succession is decided by an administrator.)
ALTER TABLE nowrongdoor_user ADD CONSTRAINT user_id_agency UNIQUE (id, agency_id);
ALTER TABLE nowrongdoor_handoff
  ADD COLUMN answered_for uuid GENERATED ALWAYS AS (
    CASE WHEN state IN ('accepted', 'declined') AND kind <> 'succession' THEN to_agency_id END
  ) STORED;
ALTER TABLE nowrongdoor_handoff ADD CONSTRAINT an_answer_comes_from_the_agency_asked
  FOREIGN KEY (over_by_id, answered_for) REFERENCES nowrongdoor_user (id, agency_id);
ALTER TABLE nowrongdoor_handoff ADD CONSTRAINT a_yes_has_a_person
  CHECK (state <> 'accepted' OR kind = 'backstop' OR over_by_id IS NOT NULL);

-- Only an agency that stands by leads without being asked, and the run-time role cannot make one stand by.
ALTER TABLE nowrongdoor_handoff
  ADD COLUMN needs_standing boolean GENERATED ALWAYS AS (CASE WHEN kind = 'backstop' THEN true END) STORED;
ALTER TABLE nowrongdoor_handoff ADD CONSTRAINT a_backstop_stands_by
  FOREIGN KEY (to_agency_id, needs_standing) REFERENCES nowrongdoor_agency (id, stands_by);

CREATE FUNCTION nowrongdoor_keep_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
    RAISE EXCEPTION 'only the owner says who stands by as a backstop' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER standing_by_is_agreed BEFORE INSERT OR UPDATE OF stands_by ON nowrongdoor_agency FOR EACH ROW
  WHEN (NEW.stands_by) EXECUTE FUNCTION nowrongdoor_keep_standing();

-- A hand-off is born as an offer, unless its kind carries the yes with it; and once it is over it never changes.
CREATE FUNCTION nowrongdoor_keep_handoff() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER a_handoff_that_is_over_stays_over BEFORE INSERT OR UPDATE ON nowrongdoor_handoff
  FOR EACH ROW EXECUTE FUNCTION nowrongdoor_keep_handoff();

-- Who received a case, and when, is never rewritten: it is what excuses a lead from having accepted. And once somebody
-- accepted, the lead never falls back to the receiver without a new yes.
CREATE FUNCTION nowrongdoor_keep_receiver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'case % keeps the agency that received it, and the yes of its lead', OLD.id USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER a_case_keeps_its_receiver BEFORE UPDATE ON nowrongdoor_case FOR EACH ROW
  WHEN (OLD.received_by_id <> NEW.received_by_id OR OLD.opened_at <> NEW.opened_at OR OLD.id <> NEW.id
        OR (OLD.lead_handoff_id IS NOT NULL AND NEW.lead_handoff_id IS NULL))
  EXECUTE FUNCTION nowrongdoor_keep_receiver();

-- Who led from when to when. Written here only; the run-time role cannot.
CREATE FUNCTION nowrongdoor_open_tenure() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO nowrongdoor_tenure (case_id, agency_id, handoff_id, from_at, to_at)
    SELECT id, lead_id, lead_handoff_id, lead_since, closed_at FROM fresh;
  RETURN NULL;
END $$;
CREATE TRIGGER a_lead_is_remembered AFTER INSERT ON nowrongdoor_case
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_open_tenure();

CREATE FUNCTION nowrongdoor_turn_tenure() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_tenure t SET to_at = coalesce(fresh.closed_at, fresh.lead_since)
    FROM fresh JOIN stale USING (id)
    WHERE t.case_id = fresh.id AND t.to_at IS NULL
      AND (fresh.lead_id <> stale.lead_id OR fresh.closed_at IS NOT NULL);
  INSERT INTO nowrongdoor_tenure (case_id, agency_id, handoff_id, from_at, to_at)
    SELECT fresh.id, fresh.lead_id, fresh.lead_handoff_id,
           CASE WHEN fresh.lead_id <> stale.lead_id THEN fresh.lead_since ELSE now() END, NULL
    FROM fresh JOIN stale USING (id)
    WHERE fresh.closed_at IS NULL
      AND (fresh.lead_id <> stale.lead_id OR stale.closed_at IS NOT NULL);
  RETURN NULL;
END $$;
CREATE TRIGGER a_change_of_lead_is_remembered AFTER UPDATE ON nowrongdoor_case
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_turn_tenure();

-- A worklist hears that something of its agency changed; what changed it then reads through its own door.
CREATE FUNCTION nowrongdoor_tell_handoff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('worklist', agency::text) FROM (
    SELECT to_agency_id AS agency FROM fresh UNION SELECT from_agency_id FROM fresh
  ) AS told;
  RETURN NULL;
END $$;
CREATE TRIGGER an_offer_is_heard AFTER INSERT ON nowrongdoor_handoff
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_handoff();
CREATE TRIGGER an_answer_is_heard AFTER UPDATE ON nowrongdoor_handoff
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_handoff();

CREATE FUNCTION nowrongdoor_tell_duty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('worklist', agency_id::text) FROM (
    SELECT DISTINCT agency_id FROM fresh WHERE agency_id IS NOT NULL
  ) AS told;
  RETURN NULL;
END $$;
CREATE TRIGGER a_notice_is_heard AFTER INSERT ON nowrongdoor_notice
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();
CREATE TRIGGER an_acknowledgement_is_heard AFTER UPDATE ON nowrongdoor_notice
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();
CREATE TRIGGER a_clock_is_heard AFTER INSERT ON nowrongdoor_clock
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();
CREATE TRIGGER a_met_clock_is_heard AFTER UPDATE ON nowrongdoor_clock
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();

-- Promise 5: a column that is sealed holds a sealed text or nothing (vault/inventory.py lists them; a test compares).
-- A sealed text is 29 bytes longer than its plain one: version, nonce, tag.
ALTER TABLE "nowrongdoor_signal"
  ADD CONSTRAINT signal_narrative_is_sealed
  CHECK (length(narrative) = 0 OR (get_byte(narrative, 0) = 1 AND length(narrative) > 29));
ALTER TABLE "nowrongdoor_signal"
  ADD CONSTRAINT signal_people_is_sealed
  CHECK (length(people) = 0 OR (get_byte(people, 0) = 1 AND length(people) > 29));
ALTER TABLE "nowrongdoor_signal"
  ADD CONSTRAINT signal_raw_is_sealed
  CHECK (length(raw) = 0 OR (get_byte(raw, 0) = 1 AND length(raw) > 29));
ALTER TABLE "nowrongdoor_case"
  ADD CONSTRAINT case_closed_because_is_sealed
  CHECK (length(closed_because) = 0 OR (get_byte(closed_because, 0) = 1 AND length(closed_because) > 29));
ALTER TABLE "nowrongdoor_case_facts"
  ADD CONSTRAINT case_facts_why_is_sealed
  CHECK (length(why) = 0 OR (get_byte(why, 0) = 1 AND length(why) > 29));
ALTER TABLE "nowrongdoor_person_part"
  ADD CONSTRAINT person_part_details_is_sealed
  CHECK (length(details) = 0 OR (get_byte(details, 0) = 1 AND length(details) > 29));
ALTER TABLE "nowrongdoor_note"
  ADD CONSTRAINT note_text_is_sealed
  CHECK (length(text) = 0 OR (get_byte(text, 0) = 1 AND length(text) > 29));
ALTER TABLE "nowrongdoor_handoff"
  ADD CONSTRAINT handoff_reason_is_sealed
  CHECK (length(reason) = 0 OR (get_byte(reason, 0) = 1 AND length(reason) > 29));
ALTER TABLE "nowrongdoor_notice"
  ADD CONSTRAINT notice_how_is_sealed
  CHECK (length(how) = 0 OR (get_byte(how, 0) = 1 AND length(how) > 29));
ALTER TABLE "nowrongdoor_clock"
  ADD CONSTRAINT clock_how_is_sealed
  CHECK (length(how) = 0 OR (get_byte(how, 0) = 1 AND length(how) > 29));
ALTER TABLE "nowrongdoor_exclusion"
  ADD CONSTRAINT exclusion_because_is_sealed
  CHECK (length(because) = 0 OR (get_byte(because, 0) = 1 AND length(because) > 29));
ALTER TABLE "nowrongdoor_emergency"
  ADD CONSTRAINT emergency_because_is_sealed
  CHECK (length(because) = 0 OR (get_byte(because, 0) = 1 AND length(because) > 29));
ALTER TABLE "nowrongdoor_emergency"
  ADD CONSTRAINT emergency_review_is_sealed
  CHECK (length(review) = 0 OR (get_byte(review, 0) = 1 AND length(review) > 29));
ALTER TABLE "nowrongdoor_release"
  ADD CONSTRAINT release_purpose_is_sealed
  CHECK (length(purpose) = 0 OR (get_byte(purpose, 0) = 1 AND length(purpose) > 29));
ALTER TABLE "nowrongdoor_release"
  ADD CONSTRAINT release_witness_is_sealed
  CHECK (length(witness) = 0 OR (get_byte(witness, 0) = 1 AND length(witness) > 29));
ALTER TABLE "nowrongdoor_disclosure"
  ADD CONSTRAINT disclosure_because_is_sealed
  CHECK (length(because) = 0 OR (get_byte(because, 0) = 1 AND length(because) > 29));
ALTER TABLE nowrongdoor_signal ADD CONSTRAINT a_signal_has_a_key CHECK (length(key) = 32 AND length(digest) = 32);

-- Promise 6: when a transaction commits, its events are sealed into the chain of each agency. Two steps, both deferred:
-- the first makes the second wait until every other check of the transaction is through, so that whoever holds an
-- agency's chain waits for nothing but the disk.
CREATE FUNCTION nowrongdoor_transaction() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  token text := current_setting('nwd.tx', true);
BEGIN
  IF coalesce(token, '') = '' THEN
    token := gen_random_uuid()::text;
    PERFORM set_config('nwd.tx', token, true);
  END IF;
  RETURN token::uuid;
END $$;
ALTER TABLE nowrongdoor_auditevent ALTER COLUMN tx SET DEFAULT nowrongdoor_transaction();

-- An event as one line of text: what its digest is made of. Whoever verifies makes the same line.
CREATE FUNCTION nowrongdoor_event_line(e nowrongdoor_auditevent) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN concat_ws('|', e.id, round(date_part('epoch', e.at) * 1000000)::bigint, e.kind, e.verb, e.authority,
    e.agency_id, coalesce(e.by_id::text, ''), coalesce(e.case_id::text, ''), e.subject_id, e.details);

CREATE FUNCTION nowrongdoor_begin_seal() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM nowrongdoor_auditseal s JOIN fresh USING (agency_id, tx) WHERE s.hash IS NOT NULL) THEN
    RAISE EXCEPTION 'a sealed transaction takes no more events' USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO nowrongdoor_auditseal (agency_id, tx, is_ready) SELECT DISTINCT agency_id, tx, false FROM fresh
    ON CONFLICT (agency_id, tx) DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER an_event_will_be_sealed AFTER INSERT ON nowrongdoor_auditevent
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_begin_seal();

CREATE FUNCTION nowrongdoor_ready_seal() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_auditseal SET is_ready = true WHERE id = NEW.id;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER a_link_is_closed_last AFTER INSERT ON nowrongdoor_auditseal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nowrongdoor_ready_seal();

CREATE FUNCTION nowrongdoor_close_seal() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  mine record;
  last record;
  ids bigint[];
  sums bytea;
BEGIN
  -- All agencies of the transaction at once, in order, so that two transactions never wait for each other in a circle.
  FOR mine IN SELECT id, agency_id, tx FROM nowrongdoor_auditseal
      WHERE tx = NEW.tx AND hash IS NULL ORDER BY agency_id LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended('nowrongdoor chain ' || mine.agency_id, 0));
    SELECT number, hash INTO last FROM nowrongdoor_auditseal
      WHERE agency_id = mine.agency_id AND number IS NOT NULL ORDER BY number DESC LIMIT 1;
    SELECT array_agg(e.id ORDER BY e.id), string_agg(sha256(convert_to(nowrongdoor_event_line(e), 'UTF8')), '' ORDER BY e.id)
      INTO ids, sums FROM nowrongdoor_auditevent e WHERE e.agency_id = mine.agency_id AND e.tx = mine.tx;
    UPDATE nowrongdoor_auditseal SET number = coalesce(last.number, 0) + 1, events = ids, digests = sums,
      hash = sha256(coalesce(last.hash, ''::bytea) || uuid_send(mine.agency_id)
                    || int8send(coalesce(last.number, 0) + 1) || sums)
      WHERE id = mine.id;
  END LOOP;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER a_link_joins_its_chain AFTER UPDATE OF is_ready ON nowrongdoor_auditseal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.hash IS NULL) EXECUTE FUNCTION nowrongdoor_close_seal();

-- Promise 7: immigration matters stay inside one department, whoever agreed and whatever compels (8 USC 1367(a)(2)).
CREATE FUNCTION nowrongdoor_keep_immigration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT department FROM nowrongdoor_agency WHERE id = NEW.agency_id)
     IS DISTINCT FROM (SELECT department FROM nowrongdoor_agency WHERE id = NEW.recipient_id) THEN
    RAISE EXCEPTION 'immigration matters stay inside one department (8 USC 1367(a)(2))' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER immigration_stays_inside BEFORE INSERT OR UPDATE ON nowrongdoor_release FOR EACH ROW
  WHEN ('immigration' = ANY (NEW.parts)) EXECUTE FUNCTION nowrongdoor_keep_immigration();
CREATE TRIGGER immigration_stays_inside BEFORE INSERT OR UPDATE ON nowrongdoor_disclosure FOR EACH ROW
  WHEN ('immigration' = ANY (NEW.parts)) EXECUTE FUNCTION nowrongdoor_keep_immigration();

-- Promise 5 and the schedules: a key is destroyed only under a disposal that a second person approved, and never while
-- a hold is on its case.
CREATE FUNCTION nowrongdoor_keep_key() RETURNS trigger LANGUAGE plpgsql
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
CREATE TRIGGER a_key_is_kept BEFORE DELETE ON nowrongdoor_datakey
  FOR EACH ROW EXECUTE FUNCTION nowrongdoor_keep_key();
CREATE TRIGGER a_token_is_kept BEFORE DELETE ON nowrongdoor_person_token
  FOR EACH ROW EXECUTE FUNCTION nowrongdoor_keep_key();
ALTER TABLE nowrongdoor_hold
  ADD CONSTRAINT hold_because_is_sealed
  CHECK (length(because) = 0 OR (get_byte(because, 0) = 1 AND length(because) > 29));

-- What is counted of callers need not outlive a crash.
ALTER TABLE rate_limit SET UNLOGGED;
