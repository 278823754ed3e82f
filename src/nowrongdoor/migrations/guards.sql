-- Whose name stands on what: the database lets nobody sign for somebody else, and keeps every key.
--
-- A guard here is a trigger that refuses when its WHEN is true, so that the condition stands beside the name, and the
-- error carries the name as its constraint. These triggers run AFTER, so that the checks and foreign keys speak first.
CREATE FUNCTION nowrongdoor_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;

-- Who looks, as the transaction was told (access/row_security.py). These are functions of the schema, not of the row
-- policies, which are put up after it; and no table that a caller makes for itself stands in for ours (search_path).
CREATE FUNCTION nowrongdoor_in_house() RETURNS boolean LANGUAGE sql STABLE
  RETURN coalesce(current_setting('nwd.house', true), '') = 'all';
CREATE FUNCTION nowrongdoor_for_me(agency uuid) RETURNS boolean LANGUAGE sql STABLE
  RETURN coalesce(agency::text = current_setting('nwd.agency', true), false);
CREATE FUNCTION nowrongdoor_is_me(person uuid) RETURNS boolean LANGUAGE sql STABLE
  RETURN coalesce(person::text = current_setting('nwd.person', true), false);

-- Whether a person of this agency signs: it is whoever looks, for the agency they belong to. The system's own context
-- signs nothing.
CREATE FUNCTION nowrongdoor_signs(person uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN coalesce(current_setting('nwd.house', true), '') = ''
    AND nowrongdoor_is_me(person) AND nowrongdoor_for_me(agency)
    AND EXISTS (SELECT FROM nowrongdoor_user WHERE id = person AND agency_id = agency);
END $$;
CREATE FUNCTION nowrongdoor_administers(person uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_user WHERE id = person AND role = 'administrator'
                  AND (agency IS NULL OR agency_id = agency));
END $$;
-- The lead of an open case; null when it is closed.
CREATE FUNCTION nowrongdoor_lead_of(of_case uuid) RETURNS uuid LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (SELECT lead_id FROM nowrongdoor_case WHERE id = of_case AND closed_at IS NULL);
END $$;

-- Promise 2, hand-offs. Yes and no are given by whoever looks, who belongs to the agency that was asked.
CREATE TRIGGER an_answer_is_given_in_ones_own_name AFTER INSERT OR UPDATE ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NEW.state IN ('accepted', 'declined') AND NEW.kind IN ('mandate', 'request', 'step_forward')
        AND NOT nowrongdoor_signs(NEW.over_by_id, NEW.to_agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever answers an offer looks, and belongs to the agency that was asked');
CREATE TRIGGER an_offer_is_taken_back_by_the_lead AFTER INSERT OR UPDATE ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NEW.state = 'revoked' AND NOT nowrongdoor_signs(NEW.over_by_id, nowrongdoor_lead_of(NEW.case_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('an offer is taken back by somebody of the agency that leads, who looks');
CREATE TRIGGER only_the_clock_lets_an_offer_run_out AFTER INSERT OR UPDATE ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NEW.state = 'expired' AND (NEW.over_by_id IS NOT NULL OR NOT nowrongdoor_in_house()))
  EXECUTE FUNCTION nowrongdoor_refuse('an offer runs out by itself: the system says so, and nobody signs it');
ALTER TABLE nowrongdoor_handoff
  ADD CONSTRAINT an_offer_runs_out_after_its_time CHECK (state <> 'expired' OR over_at >= due_at),
  ADD CONSTRAINT nobody_signs_what_overtook_an_offer CHECK (state <> 'superseded' OR over_by_id IS NULL),
  ADD CONSTRAINT what_carries_its_yes_is_accepted CHECK (kind IN ('mandate', 'request') OR state = 'accepted');

-- An offer is overtaken by a rule, by the lead (who led when it was made, or leads now), or by new facts.
CREATE FUNCTION nowrongdoor_keep_overtaken() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT (nowrongdoor_in_house() OR nowrongdoor_for_me(NEW.from_agency_id)
          OR EXISTS (SELECT FROM nowrongdoor_case WHERE id = NEW.case_id
                      AND (nowrongdoor_for_me(lead_id) OR facts_version > NEW.facts_version))) THEN
    RAISE EXCEPTION 'an offer is overtaken by a rule, by the lead, or by new facts'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER an_offer_is_overtaken_for_a_reason AFTER UPDATE ON nowrongdoor_handoff
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'superseded')
  EXECUTE FUNCTION nowrongdoor_keep_overtaken();

-- Outside of the system's own context, an offer comes from the lead of an open case and goes to an agency of the chain
-- that the newest ruling names, whatever yes it carries.
CREATE FUNCTION nowrongdoor_is_in_chain(of_case uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN coalesce((
    SELECT r.body -> 'chain' @> (SELECT jsonb_build_array(jsonb_build_object('agency', desk))
                                   FROM nowrongdoor_agency WHERE id = agency)
      FROM nowrongdoor_decision d JOIN nowrongdoor_ruling r ON r.digest = d.ruling_id
     WHERE d.case_id = of_case ORDER BY d.at DESC, d.id DESC LIMIT 1), false);
END $$;
CREATE FUNCTION nowrongdoor_is_accepted(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_case WHERE id = of_case AND lead_handoff_id IS NOT NULL);
END $$;
CREATE TRIGGER an_offer_comes_from_the_lead AFTER INSERT ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NOT nowrongdoor_in_house() AND NEW.from_agency_id IS DISTINCT FROM nowrongdoor_lead_of(NEW.case_id))
  EXECUTE FUNCTION nowrongdoor_refuse('the lead of an open case is offered by the agency that leads it');
CREATE TRIGGER an_offer_follows_the_ruling AFTER INSERT ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NOT nowrongdoor_in_house() AND NEW.kind IN ('mandate', 'backstop', 'step_forward')
        AND NOT nowrongdoor_is_in_chain(NEW.case_id, NEW.to_agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('the newest ruling on the case does not name this agency in its chain');
-- Who steers a case: the system, and an agency that leads it or led it, or that took it or a signal of it. Whoever was only
-- asked or told says their own yes or no, and takes nothing from anybody else.
CREATE FUNCTION nowrongdoor_steers(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN nowrongdoor_in_house()
    OR EXISTS (SELECT FROM nowrongdoor_case WHERE id = of_case
                AND (nowrongdoor_for_me(lead_id) OR nowrongdoor_for_me(received_by_id)))
    OR EXISTS (SELECT FROM nowrongdoor_case_signal WHERE case_id = of_case AND nowrongdoor_for_me(receiver_id))
    OR EXISTS (SELECT FROM nowrongdoor_tenure WHERE case_id = of_case AND nowrongdoor_for_me(agency_id));
END $$;
-- And whoever said no asks the next one, and tells the rest.
CREATE FUNCTION nowrongdoor_said_no(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_handoff WHERE case_id = of_case AND state = 'declined'
                  AND nowrongdoor_for_me(to_agency_id));
END $$;
CREATE TRIGGER an_offer_is_made_by_who_steers_or_said_no AFTER INSERT ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NOT nowrongdoor_in_house() AND NEW.kind IN ('mandate', 'backstop')
        AND NOT nowrongdoor_steers(NEW.case_id) AND NOT nowrongdoor_said_no(NEW.case_id))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever was only asked or told about a case offers its lead to nobody');
CREATE TRIGGER only_the_lead_asks_whom_no_rule_names AFTER INSERT ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NEW.kind = 'request' AND NOT nowrongdoor_for_me(NEW.from_agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('only the agency that leads asks one that no rule names');
CREATE TRIGGER nobody_steps_forward_after_a_yes AFTER INSERT ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NEW.kind = 'step_forward' AND nowrongdoor_is_accepted(NEW.case_id))
  EXECUTE FUNCTION nowrongdoor_refuse('the lead of this case was accepted already');

-- A lead is succeeded only along a closing that an administrator put on record (agencies/models.py, Closing).
CREATE FUNCTION nowrongdoor_closes_into(agency uuid, other uuid, person uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_closing WHERE agency_id = agency AND into_id IS NOT DISTINCT FROM other
                  AND (person IS NULL OR by_id = person) AND given_up_at IS NULL);
END $$;
CREATE TRIGGER a_lead_is_succeeded_when_its_agency_closes AFTER INSERT ON nowrongdoor_handoff FOR EACH ROW
  WHEN (NEW.kind = 'succession' AND NOT (
    nowrongdoor_in_house() AND NEW.over_by_id IS NOT NULL
    AND NEW.from_agency_id IS NOT DISTINCT FROM nowrongdoor_lead_of(NEW.case_id)
    AND nowrongdoor_closes_into(NEW.from_agency_id, NEW.to_agency_id, NEW.over_by_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('the agency that leads is not on record as closing into this one');
CREATE TRIGGER an_administrator_closes_an_agency AFTER INSERT ON nowrongdoor_closing FOR EACH ROW
  WHEN (NOT (nowrongdoor_in_house() AND nowrongdoor_administers(NEW.by_id, NULL)))
  EXECUTE FUNCTION nowrongdoor_refuse('an administrator closes an agency');
CREATE TRIGGER a_closing_that_was_given_up_stays_so AFTER UPDATE ON nowrongdoor_closing FOR EACH ROW
  WHEN (OLD.given_up_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('this closing was given up');
CREATE TRIGGER an_agency_closes_as_it_is_on_record AFTER UPDATE ON nowrongdoor_agency FOR EACH ROW
  WHEN (OLD.active AND NOT NEW.active AND NOT nowrongdoor_closes_into(NEW.id, NEW.succeeded_by_id, NULL))
  EXECUTE FUNCTION nowrongdoor_refuse('this agency is not on record as closing into the one that is named');
CREATE FUNCTION nowrongdoor_is_owner() RETURNS boolean LANGUAGE sql STABLE
  RETURN pg_catalog.pg_has_role((SELECT relowner FROM pg_catalog.pg_class
                                  WHERE oid = 'public.nowrongdoor_agency'::pg_catalog.regclass), 'MEMBER');
CREATE TRIGGER an_agency_that_closed_stays_closed AFTER UPDATE ON nowrongdoor_agency FOR EACH ROW
  WHEN (NOT OLD.active AND NOT nowrongdoor_is_owner()
        AND (NEW.active OR NEW.closed_at IS DISTINCT FROM OLD.closed_at
             OR NEW.succeeded_by_id IS DISTINCT FROM OLD.succeeded_by_id))
  EXECUTE FUNCTION nowrongdoor_refuse('this agency is closed');

-- A case is opened open, closed by its lead, and what is closed stays as it was closed.
CREATE TRIGGER a_case_is_born_open AFTER INSERT ON nowrongdoor_case FOR EACH ROW
  WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('a case is open when it is opened');
CREATE TRIGGER a_case_is_closed_by_its_lead AFTER UPDATE ON nowrongdoor_case FOR EACH ROW
  WHEN (OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL AND NOT nowrongdoor_signs(NEW.closed_by_id, NEW.lead_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a case is closed by somebody of the agency that leads it, who looks');
CREATE TRIGGER a_closed_case_stays_as_it_was_closed AFTER UPDATE ON nowrongdoor_case FOR EACH ROW
  WHEN (OLD.closed_at IS NOT NULL AND (NEW.closed_at IS NULL OR NEW.closed_by_id IS DISTINCT FROM OLD.closed_by_id
        OR NEW.closed_because IS DISTINCT FROM OLD.closed_because OR NEW.lead_id <> OLD.lead_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a closed case keeps its lead, its reason and who closed it');

-- The facts of a case are those of its newest version, which whoever may change them put on record (`case_facts`).
CREATE FUNCTION nowrongdoor_keep_facts() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.facts_version <= OLD.facts_version OR NOT EXISTS (
      SELECT FROM nowrongdoor_case c JOIN nowrongdoor_case_facts f ON f.case_id = c.id AND f.version = c.facts_version
       WHERE c.id = NEW.id AND (f.facts, f.state, f.district) IS NOT DISTINCT FROM (c.facts, c.state, c.district)) THEN
    RAISE EXCEPTION 'the facts of a case change only with a new version of them on record'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER the_facts_of_a_case_are_on_record AFTER UPDATE ON nowrongdoor_case
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((NEW.facts, NEW.facts_version, NEW.state, NEW.district)
        IS DISTINCT FROM (OLD.facts, OLD.facts_version, OLD.state, OLD.district))
  EXECUTE FUNCTION nowrongdoor_keep_facts();

CREATE FUNCTION nowrongdoor_keep_version() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM nowrongdoor_case WHERE id = NEW.case_id AND facts_version >= NEW.version) THEN
    RAISE EXCEPTION 'a version of facts is put on record when the case takes it over'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER a_version_of_facts_is_that_of_its_case AFTER INSERT ON nowrongdoor_case_facts
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.version > 1) EXECUTE FUNCTION nowrongdoor_keep_version();

-- A case is decided by the system, or by an agency that takes part in it: so that nobody else can bring a ruling by which
-- they would come into its chain.
CREATE FUNCTION nowrongdoor_takes_part(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_case WHERE id = of_case
                  AND (nowrongdoor_for_me(lead_id) OR nowrongdoor_for_me(received_by_id)))
    OR EXISTS (SELECT FROM nowrongdoor_participant WHERE case_id = of_case AND to_at IS NULL
                AND nowrongdoor_for_me(agency_id));
END $$;
CREATE TRIGGER a_case_is_decided_by_who_takes_part AFTER INSERT ON nowrongdoor_decision FOR EACH ROW
  WHEN (NOT nowrongdoor_in_house() AND NOT nowrongdoor_takes_part(NEW.case_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a case is decided by the system, or by an agency that takes part in it');

-- Notices and clocks: done by whoever owes them, in their own name, once. What is told by hand may also be told by the
-- agency that received the case: whoever has the person on the line calls 911.
CREATE FUNCTION nowrongdoor_receiver_of(of_case uuid) RETURNS uuid LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN (SELECT received_by_id FROM nowrongdoor_case WHERE id = of_case);
END $$;
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
-- What is owed moves to nobody else, but for what the lead owes by hand: that moves with the lead.
CREATE FUNCTION nowrongdoor_keep_with_lead() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  is_with_lead boolean;  -- at the end of the transaction, in which the lead may have moved more than once
BEGIN
  EXECUTE format('SELECT d.%I AND d.agency_id = c.lead_id FROM public.%I d JOIN public.nowrongdoor_case c ON c.id = d.case_id
                   WHERE d.id = $1', TG_ARGV[0], TG_TABLE_NAME) INTO is_with_lead USING NEW.id;
  IF NOT coalesce(is_with_lead, false) THEN
    RAISE EXCEPTION 'what an agency owes moves only with the lead, or by the system'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
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

-- Facts and signals name nobody but whoever looks; signals are imported by the system's own context.
CREATE TRIGGER facts_are_changed_in_ones_own_name AFTER INSERT ON nowrongdoor_case_facts FOR EACH ROW
  WHEN (NEW.by_id IS NOT NULL AND NOT nowrongdoor_is_me(NEW.by_id))
  EXECUTE FUNCTION nowrongdoor_refuse('facts are changed by whoever looks');
CREATE TRIGGER a_signal_is_taken_in_ones_own_name AFTER INSERT ON nowrongdoor_signal FOR EACH ROW
  WHEN (NEW.taken_by_id IS NOT NULL AND NOT nowrongdoor_in_house()
        AND NOT nowrongdoor_signs(NEW.taken_by_id, NEW.receiver_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a signal is taken by whoever looks, for their own agency');
-- No signal is lost: one that is routed is in a case, and stays so.
ALTER TABLE nowrongdoor_signal
  ADD COLUMN routed_id uuid GENERATED ALWAYS AS (CASE WHEN routed_at IS NOT NULL THEN id END) STORED;
ALTER TABLE nowrongdoor_signal ADD CONSTRAINT a_routed_signal_is_in_a_case
  FOREIGN KEY (routed_id) REFERENCES nowrongdoor_case_signal (signal_id) DEFERRABLE INITIALLY DEFERRED;
-- And a case holds a signal for whoever took it: nobody looks into a signal of another agency by putting it into a case.
ALTER TABLE nowrongdoor_signal ADD CONSTRAINT signal_id_receiver UNIQUE (id, receiver_id);
ALTER TABLE nowrongdoor_case_signal ADD CONSTRAINT a_signal_is_held_for_who_took_it
  FOREIGN KEY (signal_id, receiver_id) REFERENCES nowrongdoor_signal (id, receiver_id);
CREATE TRIGGER a_routed_signal_stays_routed AFTER UPDATE ON nowrongdoor_signal FOR EACH ROW
  WHEN (OLD.routed_at IS NOT NULL AND NEW.routed_at IS DISTINCT FROM OLD.routed_at)
  EXECUTE FUNCTION nowrongdoor_refuse('this signal was routed');
-- An event names whoever looks, or nobody where a rule did it: nobody looks at a case without a name. What the system's own
-- context does for somebody it may sign with their name.
CREATE TRIGGER an_event_names_whoever_looks AFTER INSERT ON nowrongdoor_auditevent FOR EACH ROW
  WHEN (coalesce(current_setting('nwd.house', true), '') = ''
        AND NEW.by_id::text IS DISTINCT FROM nullif(current_setting('nwd.person', true), '')
        AND (NEW.by_id IS NOT NULL OR NEW.kind <> 'write' OR NEW.authority <> 'rule'))
  EXECUTE FUNCTION nowrongdoor_refuse('an event of the trail names whoever looks');

-- Nobody promotes themselves: roles are given, and people switched off and on, by another administrator of the agency.
CREATE TRIGGER nobody_gives_themselves_a_role AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN ((NEW.role <> OLD.role OR NEW.is_active <> OLD.is_active) AND NOT (nowrongdoor_in_house() OR (
    NOT nowrongdoor_is_me(NEW.id)
    AND nowrongdoor_administers(nullif(current_setting('nwd.person', true), '')::uuid, NEW.agency_id))))
  EXECUTE FUNCTION nowrongdoor_refuse('a role is given by another administrator of the agency');

-- Nobody joins uninvited, and only an administrator invites, in their own name and to their own agency.
CREATE FUNCTION nowrongdoor_is_invited(sign_in_name text, agency uuid, as_role text) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN coalesce(current_setting('nwd.house', true), '') = 'entry'
    AND EXISTS (SELECT FROM nowrongdoor_invitation WHERE name = sign_in_name AND agency_id = agency AND role = as_role
                 AND used_at IS NOT NULL AND withdrawn_at IS NULL);
END $$;
CREATE TRIGGER nobody_joins_uninvited AFTER INSERT ON nowrongdoor_user FOR EACH ROW
  WHEN (NOT nowrongdoor_in_house() AND NOT nowrongdoor_is_invited(NEW.name, NEW.agency_id, NEW.role))
  EXECUTE FUNCTION nowrongdoor_refuse('somebody joins by an invitation to this agency, under this name and role');
CREATE TRIGGER an_administrator_invites AFTER INSERT ON nowrongdoor_invitation FOR EACH ROW
  WHEN (NOT nowrongdoor_in_house() AND (NEW.used_at IS NOT NULL OR NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id)
        OR NOT nowrongdoor_administers(NEW.by_id, NEW.agency_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('an administrator of the agency invites, in their own name');

-- Exclusions and emergency access.
ALTER TABLE nowrongdoor_exclusion ADD CONSTRAINT somebody_is_excluded_by_their_own_agency
  FOREIGN KEY (person_id, agency_id) REFERENCES nowrongdoor_user (id, agency_id);
CREATE TRIGGER an_exclusion_is_signed_in_ones_own_name AFTER INSERT ON nowrongdoor_exclusion FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('an exclusion is signed by whoever looks, for their own agency');
CREATE TRIGGER an_exclusion_is_lifted_by_another_of_the_agency AFTER UPDATE ON nowrongdoor_exclusion FOR EACH ROW
  WHEN (OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL
        AND (NEW.lifted_by_id = NEW.person_id OR NOT nowrongdoor_signs(NEW.lifted_by_id, NEW.agency_id)))
  EXECUTE FUNCTION nowrongdoor_refuse('an exclusion is lifted by another person of the agency, who looks');
CREATE TRIGGER a_lifted_exclusion_stays_lifted AFTER UPDATE ON nowrongdoor_exclusion FOR EACH ROW
  WHEN (OLD.lifted_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('this exclusion was lifted');
CREATE TRIGGER emergency_access_is_opened_in_ones_own_name AFTER INSERT ON nowrongdoor_emergency FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id) OR NEW.reviewed_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_refuse('emergency access is opened by whoever looks, and reviewed afterwards');
CREATE TRIGGER emergency_access_is_reviewed_by_the_agency AFTER UPDATE ON nowrongdoor_emergency FOR EACH ROW
  WHEN (OLD.reviewed_at IS NULL AND NEW.reviewed_at IS NOT NULL
        AND NOT nowrongdoor_signs(NEW.reviewed_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('emergency access is reviewed by somebody of the agency, who looks');
CREATE TRIGGER a_review_stays_as_it_was_written AFTER UPDATE ON nowrongdoor_emergency FOR EACH ROW
  WHEN (OLD.reviewed_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('this emergency access was reviewed');

-- Promise 7: a release or a disclosure is of a person whom the agency itself wrote down, and is signed for it.
ALTER TABLE nowrongdoor_person ADD CONSTRAINT person_id_case_owner UNIQUE (id, case_id, owner_id);
ALTER TABLE nowrongdoor_person_part ADD CONSTRAINT a_part_is_of_ones_own_person
  FOREIGN KEY (person_id, case_id, owner_id) REFERENCES nowrongdoor_person (id, case_id, owner_id);
ALTER TABLE nowrongdoor_release ADD CONSTRAINT a_release_is_of_ones_own_person
  FOREIGN KEY (person_id, case_id, agency_id) REFERENCES nowrongdoor_person (id, case_id, owner_id);
ALTER TABLE nowrongdoor_disclosure ADD CONSTRAINT a_disclosure_is_of_ones_own_person
  FOREIGN KEY (person_id, case_id, agency_id) REFERENCES nowrongdoor_person (id, case_id, owner_id);
CREATE TRIGGER a_release_is_signed_in_ones_own_name AFTER INSERT ON nowrongdoor_release FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a release is kept by whoever looks, for their own agency');
CREATE TRIGGER a_release_is_revoked_by_its_agency AFTER UPDATE ON nowrongdoor_release FOR EACH ROW
  WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL AND NOT nowrongdoor_signs(NEW.revoked_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a release is revoked by somebody of the agency that keeps it, who looks');
CREATE TRIGGER a_revoked_release_stays_revoked AFTER UPDATE ON nowrongdoor_release FOR EACH ROW
  WHEN (OLD.revoked_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('this release was revoked');
CREATE TRIGGER a_disclosure_is_signed_in_ones_own_name AFTER INSERT ON nowrongdoor_disclosure FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a disclosure is signed by whoever looks, for their own agency');

-- Holds and disposals.
CREATE TRIGGER a_hold_is_signed_in_ones_own_name AFTER INSERT ON nowrongdoor_hold FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a case is held by whoever looks, for their own agency');
CREATE TRIGGER a_hold_is_lifted_by_its_agency AFTER UPDATE ON nowrongdoor_hold FOR EACH ROW
  WHEN (OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL AND NOT nowrongdoor_signs(NEW.lifted_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a hold is lifted by somebody of the agency that put it on, who looks');
CREATE TRIGGER a_lifted_hold_stays_lifted AFTER UPDATE ON nowrongdoor_hold FOR EACH ROW
  WHEN (OLD.lifted_at IS NOT NULL) EXECUTE FUNCTION nowrongdoor_refuse('this hold was lifted; put another one on');

CREATE FUNCTION nowrongdoor_led_last(of_case uuid, agency uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_case WHERE id = of_case AND lead_id = agency AND closed_at IS NOT NULL);
END $$;
CREATE FUNCTION nowrongdoor_is_held(of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_hold WHERE case_id = of_case AND lifted_at IS NULL);
END $$;
CREATE TRIGGER a_disposal_is_asked_by_who_led_a_closed_case AFTER INSERT ON nowrongdoor_disposal FOR EACH ROW
  WHEN (NOT nowrongdoor_signs(NEW.asked_by_id, NEW.agency_id) OR NOT nowrongdoor_led_last(NEW.case_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('the disposal of a closed case is asked for by somebody of its lead, who looks');
CREATE TRIGGER a_disposal_starts_unapproved AFTER INSERT ON nowrongdoor_disposal FOR EACH ROW
  WHEN (NEW.approved_at IS NOT NULL OR NEW.stopped_at IS NOT NULL OR NEW.destroyed <> 0)
  EXECUTE FUNCTION nowrongdoor_refuse('a disposal is asked for before anybody approves it');
CREATE TRIGGER a_disposal_is_approved_in_ones_own_name AFTER UPDATE ON nowrongdoor_disposal FOR EACH ROW
  WHEN (OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL
        AND NOT nowrongdoor_signs(NEW.approved_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a disposal is approved by somebody of the agency that asked for it, who looks');
CREATE TRIGGER a_disposal_is_stopped_by_a_hold AFTER UPDATE ON nowrongdoor_disposal FOR EACH ROW
  WHEN (OLD.stopped_at IS NULL AND NEW.stopped_at IS NOT NULL AND NOT nowrongdoor_is_held(NEW.case_id))
  EXECUTE FUNCTION nowrongdoor_refuse('a disposal is stopped by a hold on its case');
CREATE TRIGGER a_disposal_that_is_over_stays_over AFTER UPDATE ON nowrongdoor_disposal FOR EACH ROW
  WHEN ((OLD.stopped_at IS NOT NULL OR OLD.destroyed <> 0) OR (OLD.approved_at IS NOT NULL AND (
    NEW.approved_at IS DISTINCT FROM OLD.approved_at OR NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id
    OR NEW.stopped_at IS NOT NULL)))
  EXECUTE FUNCTION nowrongdoor_refuse('a disposal that was approved or stopped stays so');

-- What is approved is destroyed in the same transaction, with its event: an approval is never kept in reserve.
CREATE FUNCTION nowrongdoor_keep_disposal() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM nowrongdoor_datakey WHERE subject_id = NEW.case_id OR subject_id IN (
               SELECT signal_id FROM nowrongdoor_case_signal WHERE case_id = NEW.case_id))
     OR EXISTS (SELECT FROM nowrongdoor_disposal WHERE id = NEW.id AND destroyed = 0)
     OR NOT EXISTS (SELECT FROM nowrongdoor_auditevent WHERE case_id = NEW.case_id AND subject_id = NEW.id
                     AND verb = 'case.disposed' AND by_id = NEW.approved_by_id) THEN
    RAISE EXCEPTION 'what is approved is destroyed in the same transaction, with its event'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER what_is_approved_is_destroyed AFTER INSERT OR UPDATE ON nowrongdoor_disposal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.approved_at IS NOT NULL)
  EXECUTE FUNCTION nowrongdoor_keep_disposal();

-- A key goes only under a disposal that was approved and has destroyed nothing yet, and never while its case is held.
-- The case is locked first, so that a hold that comes at the same time is either seen or comes after.
CREATE OR REPLACE FUNCTION nowrongdoor_keep_key() RETURNS trigger LANGUAGE plpgsql
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
  PERFORM FROM nowrongdoor_case WHERE id = of_case FOR UPDATE;
  IF NOT EXISTS (SELECT FROM nowrongdoor_disposal WHERE case_id = of_case AND approved_at IS NOT NULL
                  AND stopped_at IS NULL AND destroyed = 0) THEN
    RAISE EXCEPTION 'a key is destroyed only by a disposal that a second person approved'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  IF EXISTS (SELECT FROM nowrongdoor_hold WHERE case_id = of_case AND lifted_at IS NULL) THEN
    RAISE EXCEPTION 'a case on hold keeps its keys'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN OLD;
END $$;

-- Keys: rows are only added. Of a key that was born before, no commitment is known until it is wrapped anew.
ALTER TABLE nowrongdoor_datakey ADD CONSTRAINT a_new_key_is_committed
  CHECK (commitment IS NOT NULL AND length(commitment) = 32) NOT VALID;
ALTER TABLE nowrongdoor_rootkey ADD CONSTRAINT a_new_root_key_is_committed
  CHECK (commitment IS NOT NULL AND length(commitment) = 32) NOT VALID;
ALTER TABLE nowrongdoor_datakey_version ADD CONSTRAINT a_version_is_of_a_key
  FOREIGN KEY (subject_id) REFERENCES nowrongdoor_datakey (subject_id) ON DELETE CASCADE;

-- A key is wrapped by the root key in use, which stays so until the transaction ends: one that was retired meanwhile is
-- about to lose the provider's key that opens it.
CREATE FUNCTION nowrongdoor_keep_wrapping() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM FROM nowrongdoor_rootkey WHERE "use" = 'wrap' AND retired_at IS NULL FOR SHARE;
  IF EXISTS (SELECT FROM fresh JOIN nowrongdoor_rootkey r ON r.id = fresh.root_id
              WHERE r."use" <> 'wrap' OR r.retired_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a key is wrapped by the root key in use'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER a_key_is_wrapped_by_the_root_key_in_use AFTER INSERT ON nowrongdoor_datakey
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_keep_wrapping();
CREATE TRIGGER a_version_is_wrapped_by_the_root_key_in_use AFTER INSERT ON nowrongdoor_datakey_version
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_keep_wrapping();

-- What was erased gets no key again, under which something could be made to look as if it had never been.
CREATE FUNCTION nowrongdoor_keep_erased() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM fresh JOIN nowrongdoor_disposal d ON d.case_id = fresh.subject_id AND d.destroyed > 0)
     OR EXISTS (SELECT FROM fresh JOIN nowrongdoor_case_signal s ON s.signal_id = fresh.subject_id
                  JOIN nowrongdoor_disposal d ON d.case_id = s.case_id AND d.destroyed > 0) THEN
    RAISE EXCEPTION 'what was erased gets no key again'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER what_was_erased_stays_erased AFTER INSERT ON nowrongdoor_datakey
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_keep_erased();

-- Versions of one key follow each other and claim the same secret.
CREATE FUNCTION nowrongdoor_version_follows(subject uuid, number integer, proof bytea) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN number = 1 + greatest(1, (SELECT max(version) FROM nowrongdoor_datakey_version
                                    WHERE subject_id = subject AND version <> number))
    AND proof IS NOT DISTINCT FROM coalesce(
      (SELECT commitment FROM nowrongdoor_datakey WHERE subject_id = subject),
      (SELECT commitment FROM nowrongdoor_datakey_version WHERE subject_id = subject ORDER BY version LIMIT 1));
END $$;
CREATE TRIGGER a_version_keeps_the_secret AFTER INSERT ON nowrongdoor_datakey_version FOR EACH ROW
  WHEN (NOT nowrongdoor_version_follows(NEW.subject_id, NEW.version, NEW.commitment))
  EXECUTE FUNCTION nowrongdoor_refuse('a version of a key comes after the last one and holds the same secret');

-- Root keys: retiring is one way, there is always exactly one in use for each use, and the index key stays itself.
CREATE TRIGGER a_retired_root_key_stays_retired AFTER UPDATE ON nowrongdoor_rootkey FOR EACH ROW
  WHEN (OLD.retired_at IS NOT NULL AND NEW.retired_at IS DISTINCT FROM OLD.retired_at)
  EXECUTE FUNCTION nowrongdoor_refuse('a root key that was retired stays so');
CREATE FUNCTION nowrongdoor_is_index_secret(proof bytea) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN NOT EXISTS (SELECT FROM nowrongdoor_rootkey WHERE "use" = 'index' AND commitment <> proof);
END $$;
CREATE TRIGGER an_index_key_keeps_its_secret AFTER INSERT ON nowrongdoor_rootkey FOR EACH ROW
  WHEN (NEW."use" = 'index' AND NOT nowrongdoor_is_index_secret(NEW.commitment))
  EXECUTE FUNCTION nowrongdoor_refuse('an index key that is wrapped anew holds the same secret');
CREATE FUNCTION nowrongdoor_keep_root() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM nowrongdoor_rootkey WHERE "use" = OLD."use" AND retired_at IS NULL) THEN
    RAISE EXCEPTION 'there is always a root key in use'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER there_is_always_a_root_key_in_use AFTER UPDATE OR DELETE ON nowrongdoor_rootkey
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nowrongdoor_keep_root();

-- Every change of keys is in the trail: a new root key in the chain of every open agency, a new version in the chain of
-- the agency whose words it opens. What is destroyed has its own event (what_is_approved_is_destroyed).
CREATE FUNCTION nowrongdoor_tell_root_key() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, subject_id, details)
    SELECT now(), 'write', 'keys.renewed', 'rule', a.id, nullif(current_setting('nwd.person', true), '')::uuid,
           fresh.id, jsonb_build_object('use', fresh."use")
      FROM fresh CROSS JOIN nowrongdoor_agency a WHERE a.active ORDER BY a.id, fresh."use";
  RETURN NULL;
END $$;
CREATE TRIGGER a_new_root_key_is_in_the_trail AFTER INSERT ON nowrongdoor_rootkey
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_root_key();
CREATE FUNCTION nowrongdoor_tell_version() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO nowrongdoor_auditevent (at, kind, verb, authority, agency_id, by_id, subject_id, details)
    SELECT now(), 'write', 'keys.rewrapped', 'rule', coalesce(c.received_by_id, s.receiver_id),
           nullif(current_setting('nwd.person', true), '')::uuid, fresh.root_id, jsonb_build_object('keys', count(*))
      FROM fresh LEFT JOIN nowrongdoor_case c ON c.id = fresh.subject_id
      LEFT JOIN nowrongdoor_signal s ON s.id = fresh.subject_id
     WHERE coalesce(c.received_by_id, s.receiver_id) IS NOT NULL
     GROUP BY coalesce(c.received_by_id, s.receiver_id), fresh.root_id ORDER BY 5, 7;
  RETURN NULL;
END $$;
CREATE TRIGGER a_new_version_of_a_key_is_in_the_trail AFTER INSERT ON nowrongdoor_datakey_version
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_version();

-- What was released, with the guard's name in its error; and, where it reads a table, past any that a caller made.
CREATE OR REPLACE FUNCTION nowrongdoor_keep_standing() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT pg_has_role((SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
    RAISE EXCEPTION 'only the owner says who stands by as a backstop'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_keep_handoff() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'offered' AND NEW.kind IN ('mandate', 'request') THEN
      RAISE EXCEPTION 'a hand-off of kind % starts as an offer', NEW.kind
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
  ELSIF OLD.state <> 'offered' THEN
    RAISE EXCEPTION 'hand-off % is % and stays so', OLD.id, OLD.state
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_keep_receiver() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'case % keeps the agency that received it, and the yes of its lead', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_begin_seal() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM nowrongdoor_auditseal s JOIN fresh USING (agency_id, tx) WHERE s.hash IS NOT NULL) THEN
    RAISE EXCEPTION 'a sealed transaction takes no more events'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  INSERT INTO nowrongdoor_auditseal (agency_id, tx, is_ready) SELECT DISTINCT agency_id, tx, false FROM fresh
    ON CONFLICT (agency_id, tx) DO NOTHING;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_keep_immigration() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF (SELECT department FROM nowrongdoor_agency WHERE id = NEW.agency_id)
     IS DISTINCT FROM (SELECT department FROM nowrongdoor_agency WHERE id = NEW.recipient_id) THEN
    RAISE EXCEPTION 'immigration matters stay inside one department (8 USC 1367(a)(2))'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION nowrongdoor_keep_prevalence_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL THEN
    RAISE EXCEPTION 'a run that ended is not changed'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  IF (NEW.id, NEW.agency_id, NEW.at, NEW.by_id, NEW.lists, NEW.people, NEW."table", NEW.digest, NEW.method, NEW."order",
      NEW.threshold, NEW.replicates, NEW.seed, NEW.overrides_id)
     IS DISTINCT FROM
     (OLD.id, OLD.agency_id, OLD.at, OLD.by_id, OLD.lists, OLD.people, OLD."table", OLD.digest, OLD.method, OLD."order",
      OLD.threshold, OLD.replicates, OLD.seed, OLD.overrides_id) THEN
    RAISE EXCEPTION 'what a run rests on is not changed'
      USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
