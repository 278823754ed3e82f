-- Who is told. Triggers write what follows from a hand-off or a closing, one row for each person, for whole statements at
-- once: an import makes a hundred thousand offers with one. They look rows up by an index, however many there are.

-- Somebody of an agency: a person is told for their own agency, and a message goes to whoever is told.
ALTER TABLE nowrongdoor_message ADD CONSTRAINT whoever_is_written_to_is_of_the_agency
  FOREIGN KEY (person_id, agency_id) REFERENCES nowrongdoor_user (id, agency_id);
ALTER TABLE nowrongdoor_notification
  ADD CONSTRAINT whoever_is_told_is_of_the_agency
  FOREIGN KEY (person_id, agency_id) REFERENCES nowrongdoor_user (id, agency_id),
  ADD CONSTRAINT a_message_carries_what_its_person_is_told
  FOREIGN KEY (message_id, person_id) REFERENCES nowrongdoor_message (id, person_id);
ALTER TABLE nowrongdoor_preference ADD CONSTRAINT whoever_chooses_is_of_the_agency
  FOREIGN KEY (person_id, agency_id) REFERENCES nowrongdoor_user (id, agency_id);
ALTER TABLE nowrongdoor_app_password ADD CONSTRAINT an_app_password_is_for_its_persons_agency
  FOREIGN KEY (person_id, agency_id) REFERENCES nowrongdoor_user (id, agency_id);
ALTER TABLE nowrongdoor_shift
  ADD CONSTRAINT whoever_is_on_call_is_of_the_agency
  FOREIGN KEY (person_id, agency_id) REFERENCES nowrongdoor_user (id, agency_id),
  ADD CONSTRAINT a_shift_is_on_its_agencys_rota
  FOREIGN KEY (rota_id, agency_id) REFERENCES nowrongdoor_rota (id, agency_id);

-- Messages: each starts untried, is tried more and more often, and is over once.
CREATE TRIGGER a_message_starts_untried AFTER INSERT ON nowrongdoor_message FOR EACH ROW
  WHEN (NEW.tries > 0 OR NEW.outcome <> '')
  EXECUTE FUNCTION nowrongdoor_refuse('a message starts untried');
CREATE TRIGGER a_message_that_is_over_stays_over AFTER UPDATE ON nowrongdoor_message FOR EACH ROW
  WHEN (OLD.over_at IS NOT NULL OR NEW.tries < OLD.tries)
  EXECUTE FUNCTION nowrongdoor_refuse('what was tried was tried, and a message that is over stays over');

-- Seen is said by the person, once: what nobody of an agency opened is passed on to others.
CREATE TRIGGER a_notification_is_seen_by_its_person AFTER UPDATE ON nowrongdoor_notification FOR EACH ROW
  WHEN (NEW.seen_at IS DISTINCT FROM OLD.seen_at AND NOT nowrongdoor_is_me(NEW.person_id))
  EXECUTE FUNCTION nowrongdoor_refuse('only the person who was told says that they have seen it');
CREATE TRIGGER what_was_seen_stays_seen AFTER UPDATE ON nowrongdoor_notification FOR EACH ROW
  WHEN (OLD.seen_at IS NOT NULL AND NEW.seen_at IS DISTINCT FROM OLD.seen_at)
  EXECUTE FUNCTION nowrongdoor_refuse('what was seen stays seen');
CREATE TRIGGER a_notification_starts_unseen AFTER INSERT ON nowrongdoor_notification FOR EACH ROW
  WHEN (NEW.seen_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('nobody has seen what they are only told of now');
CREATE TRIGGER the_system_alone_plans_what_leaves AFTER UPDATE ON nowrongdoor_notification FOR EACH ROW
  WHEN ((NEW.planned_at, NEW.message_id) IS DISTINCT FROM (OLD.planned_at, OLD.message_id)
        AND NOT nowrongdoor_in_house())
  EXECUTE FUNCTION nowrongdoor_refuse('the system alone says with which message something leaves');

-- A yes is told to nobody before it stands: the triggers below say from when, and so does whatever else writes of it.
CREATE FUNCTION nowrongdoor_keep_untold() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.at < (SELECT nowrongdoor_told_from(case_id, kind, over_at) FROM nowrongdoor_handoff WHERE id = NEW.thing_id) THEN
    RAISE EXCEPTION 'a yes is told once it can no longer be undone, and in danger at once'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER a_yes_is_told_once_it_stands AFTER INSERT ON nowrongdoor_notification FOR EACH ROW
  WHEN (NEW.kind = 'offer_accepted') EXECUTE FUNCTION nowrongdoor_keep_untold();

-- How somebody is told they choose alone; another address is checked anew.
CREATE TRIGGER a_person_chooses_how_they_are_told AFTER INSERT OR UPDATE ON nowrongdoor_preference FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.person_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('people choose themselves how they are told');
CREATE TRIGGER an_address_starts_unchecked AFTER INSERT ON nowrongdoor_preference FOR EACH ROW
  WHEN (NEW.email_checked_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('an address is checked before it is used');
CREATE TRIGGER another_address_is_checked_anew AFTER UPDATE ON nowrongdoor_preference FOR EACH ROW
  WHEN (NEW.email <> OLD.email AND NEW.email_checked_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('another address is checked before it is used');

-- A password for a program is made by its person, and ends for good.
CREATE TRIGGER an_app_password_is_made_by_its_person AFTER INSERT ON nowrongdoor_app_password FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.person_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a password for a program is made by the person whose it is');
CREATE TRIGGER a_revoked_app_password_stays_revoked AFTER UPDATE ON nowrongdoor_app_password FOR EACH ROW
  WHEN (OLD.revoked_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a password for a program that was revoked stays so');

-- Who is on call is said by somebody of the agency, of somebody who may answer, and ends when they may no longer.
CREATE TRIGGER a_rota_is_begun_in_ones_own_name AFTER INSERT ON nowrongdoor_rota FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a rota is begun by somebody of the agency, who looks');
CREATE TRIGGER a_rota_is_ended_in_ones_own_name AFTER INSERT OR UPDATE OF ended_by_id ON nowrongdoor_rota FOR EACH ROW
  WHEN (NEW.ended_by_id IS NOT NULL AND NOT nowrongdoor_signs(NEW.ended_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a rota is ended by somebody of the agency, who looks');
CREATE TRIGGER a_rota_that_ended_stays_ended AFTER UPDATE ON nowrongdoor_rota FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a rota that ended stays so; begin another');
CREATE TRIGGER a_shift_is_given_in_ones_own_name AFTER INSERT ON nowrongdoor_shift FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('who is on call is said by somebody of the agency, who looks');
CREATE TRIGGER whoever_is_on_call_may_answer AFTER INSERT ON nowrongdoor_shift FOR EACH ROW
  WHEN (NOT nowrongdoor_has_a_list(NEW.person_id, NULL))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever is on call is an active coordinator, who may answer an offer');
CREATE TRIGGER a_shift_that_ended_stays_ended AFTER UPDATE ON nowrongdoor_shift FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('a shift that was taken back stays so; add another');
CREATE FUNCTION nowrongdoor_end_shifts() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_shift SET ended_at = now() WHERE person_id = NEW.id AND ended_at IS NULL AND to_at > now();
  RETURN NULL;
END $$;
CREATE TRIGGER whoever_leaves_is_not_on_call AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN ((NEW.role, NEW.is_active) IS DISTINCT FROM (OLD.role, OLD.is_active)
        AND NOT (NEW.is_active AND NEW.role = 'coordinator'))
  EXECUTE FUNCTION nowrongdoor_end_shifts();

-- Whom an agency has for this: those who may answer; and, of what it gave away, whoever took a signal of the case besides.
-- Triggers alone ask: to whoever calls it by hand it names nobody.
CREATE FUNCTION nowrongdoor_told_of(of_case uuid, agency uuid, gave boolean) RETURNS SETOF uuid LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT u.id FROM nowrongdoor_user u
   WHERE pg_trigger_depth() > 0 AND u.agency_id = agency AND u.is_active
     AND (u.role = 'coordinator' OR (gave AND u.role IN ('advocate', 'victim_specialist') AND u.id IN (
          SELECT s.taken_by_id FROM nowrongdoor_case_signal cs JOIN nowrongdoor_signal s ON s.id = cs.signal_id
           WHERE cs.case_id = of_case)))
     AND NOT EXISTS (SELECT FROM nowrongdoor_exclusion e
                      WHERE e.person_id = u.id AND e.case_id = of_case AND e.lifted_at IS NULL);
END $$;

-- From when a yes is told to others: once it can no longer be undone (0023), and in danger at once. As in core/handoff.py.
-- Triggers alone ask: whoever calls it by hand learns of no danger.
CREATE FUNCTION nowrongdoor_told_from(of_case uuid, kind text, at timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF pg_trigger_depth() > 0 AND kind IN ('mandate', 'request', 'step_forward') AND NOT EXISTS (
     SELECT FROM nowrongdoor_case c WHERE c.id = of_case AND c.facts ->> 'urgency' = 'immediate_danger') THEN
    RETURN at + interval '2 minutes';
  END IF;
  RETURN at;
END $$;

-- Who undoes a yes takes the notices of it back. Whoever had heard of it hears of the undo; and an agency that had chosen
-- itself whom to ask hears of it in any case, because nobody is asked in its place.
CREATE FUNCTION nowrongdoor_tell_of_offers() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO nowrongdoor_notification (id, agency_id, person_id, kind, case_id, thing_id, about_at, at)
  SELECT gen_random_uuid(), f.agency_id, person, f.kind, f.case_id, f.id, f.offered_at, f.told_from FROM (
    SELECT to_agency_id AS agency_id, 'offer_waits' AS kind, case_id, id, offered_at, offered_at AS told_from,
           false AS gave
      FROM fresh WHERE state = 'offered'
    UNION ALL
    SELECT to_agency_id, 'lead_came', case_id, id, offered_at, offered_at, false
      FROM fresh WHERE state = 'accepted' AND kind IN ('backstop', 'succession')
    UNION ALL
    SELECT from_agency_id, CASE kind WHEN 'backstop' THEN 'offer_to_backstop' ELSE 'offer_accepted' END, case_id, id,
           offered_at, nowrongdoor_told_from(case_id, kind, over_at), true
      FROM fresh WHERE state = 'accepted' AND kind IN ('backstop', 'step_forward')
  ) f, nowrongdoor_told_of(f.case_id, f.agency_id, f.gave) person
  ON CONFLICT DO NOTHING;
  WITH undone AS (
    UPDATE nowrongdoor_notification n SET over_at = f.over_at
      FROM fresh f JOIN nowrongdoor_case c ON c.id = f.case_id JOIN nowrongdoor_handoff yes ON yes.id = c.lead_handoff_id
     WHERE f.kind = 'undo' AND n.thing_id = yes.id AND n.kind = 'offer_accepted' AND n.over_at IS NULL
    RETURNING n.agency_id, n.person_id, n.case_id, f.id, f.over_at,
              (n.at <= clock_timestamp() OR n.planned_at IS NOT NULL OR yes.kind = 'request') AS must_know)
  INSERT INTO nowrongdoor_notification (id, agency_id, person_id, kind, case_id, thing_id, about_at, at)
  SELECT gen_random_uuid(), agency_id, person_id, 'offer_undone', case_id, id, over_at, over_at
    FROM undone WHERE must_know
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER an_offer_is_told AFTER INSERT ON nowrongdoor_handoff
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_of_offers();

CREATE FUNCTION nowrongdoor_tell_of_answers() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_notification n SET over_at = f.over_at FROM fresh f JOIN stale USING (id)
   WHERE n.thing_id = f.id AND n.kind IN ('offer_waits', 'offer_unopened') AND n.over_at IS NULL
     AND stale.state = 'offered' AND f.state <> 'offered';
  INSERT INTO nowrongdoor_notification (id, agency_id, person_id, kind, case_id, thing_id, about_at, at)
  SELECT gen_random_uuid(), f.from_agency_id, person, 'offer_' || f.state, f.case_id, f.id, f.over_at,
         CASE f.state WHEN 'accepted' THEN nowrongdoor_told_from(f.case_id, f.kind, f.over_at) ELSE f.over_at END
    FROM fresh f JOIN stale USING (id), nowrongdoor_told_of(f.case_id, f.from_agency_id, true) person
   WHERE stale.state = 'offered' AND f.state IN ('accepted', 'declined', 'expired')
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER an_answer_is_told AFTER UPDATE ON nowrongdoor_handoff
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_of_answers();

CREATE FUNCTION nowrongdoor_tell_of_closings() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO nowrongdoor_notification (id, agency_id, person_id, kind, case_id, thing_id, about_at, at)
  SELECT gen_random_uuid(), f.agency_id, person, 'case_closed', f.id, f.id, f.closed_at, f.closed_at FROM (
    SELECT c.id, c.closed_at, h.from_agency_id AS agency_id FROM fresh c JOIN stale USING (id)
      JOIN nowrongdoor_handoff h ON h.case_id = c.id AND h.state = 'accepted' AND h.kind <> 'undo'
     WHERE stale.closed_at IS NULL AND c.closed_at IS NOT NULL AND h.from_agency_id <> c.lead_id
    UNION
    SELECT c.id, c.closed_at, c.received_by_id FROM fresh c JOIN stale USING (id)
     WHERE stale.closed_at IS NULL AND c.closed_at IS NOT NULL AND c.received_by_id <> c.lead_id
  ) f, nowrongdoor_told_of(f.id, f.agency_id, true) person
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER a_closing_is_told AFTER UPDATE ON nowrongdoor_case
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_of_closings();

CREATE FUNCTION nowrongdoor_end_reminders() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  UPDATE nowrongdoor_notification n SET over_at = coalesce(f.done_at, f.withdrawn_at) FROM fresh f
   WHERE n.thing_id = f.id AND n.kind = 'deadline_near' AND n.over_at IS NULL
     AND (f.done_at IS NOT NULL OR f.withdrawn_at IS NOT NULL);
  RETURN NULL;
END $$;
CREATE TRIGGER a_reminder_ends_with_its_duty AFTER UPDATE ON nowrongdoor_duty
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_end_reminders();

-- Offers that wait already, when this release comes.
INSERT INTO nowrongdoor_notification (id, agency_id, person_id, kind, case_id, thing_id, about_at, at)
SELECT gen_random_uuid(), h.to_agency_id, u.id, 'offer_waits', h.case_id, h.id, h.offered_at, h.offered_at
  FROM nowrongdoor_handoff h JOIN nowrongdoor_user u ON u.agency_id = h.to_agency_id
 WHERE h.state = 'offered' AND u.is_active AND u.role = 'coordinator' AND NOT EXISTS (
       SELECT FROM nowrongdoor_exclusion e WHERE e.person_id = u.id AND e.case_id = h.case_id AND e.lifted_at IS NULL);

-- And whatever writes offers, one of which nobody was told does not commit, as long as there is anybody to tell.
CREATE FUNCTION nowrongdoor_keep_told() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM nowrongdoor_notification WHERE thing_id = NEW.id AND kind = 'offer_waits')
     AND EXISTS (SELECT FROM nowrongdoor_told_of(NEW.case_id, NEW.to_agency_id, false)) THEN
    RAISE EXCEPTION 'an open offer is told to somebody who may answer it'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER somebody_knows_of_an_open_offer AFTER INSERT ON nowrongdoor_handoff
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'offered') EXECUTE FUNCTION nowrongdoor_keep_told();
