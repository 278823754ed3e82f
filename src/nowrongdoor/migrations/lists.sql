-- The worklist: one row for each open duty of an agency, and for each open case that an agency leads. Triggers write it.
-- They run for each statement, because an import makes a hundred thousand rows with one.

-- What a case is about, as far as lists are filtered by it: a country that asks no such fact has none of them.
CREATE FUNCTION nowrongdoor_matters(facts jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE
  RETURN ARRAY(SELECT key || '=' || value FROM jsonb_each_text(coalesce(facts, '{}'::jsonb))
                WHERE key IN ('age', 'commercial_sex', 'labor') ORDER BY key);

INSERT INTO nowrongdoor_entry (id, kind, agency_id, case_id, only_for_id, from_agency_id, since, due_at, state, district,
                               urgency, matters)
SELECT d.id, d.kind, d.agency_id, d.case_id, d.person_id, coalesce(d.from_agency_id, c.received_by_id), d.since, d.due_at,
       coalesce(c.state, ''), coalesce(c.district, ''), coalesce(c.facts ->> 'urgency', ''), nowrongdoor_matters(c.facts)
  FROM nowrongdoor_duty d LEFT JOIN nowrongdoor_case c ON c.id = d.case_id
 WHERE d.done_at IS NULL AND d.withdrawn_at IS NULL AND d.agency_id IS NOT NULL
UNION ALL
SELECT c.id, 'lead', c.lead_id, c.id, NULL, c.received_by_id, c.lead_since, NULL, c.state, c.district,
       coalesce(c.facts ->> 'urgency', ''), nowrongdoor_matters(c.facts)
  FROM nowrongdoor_case c WHERE c.closed_at IS NULL;

-- Their plans are kept for as long as a connection lives, and one that was made for an import must not read whole tables
-- for a single row: so each looks rows up by an index, however many there are.
CREATE FUNCTION nowrongdoor_list_duties() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN  -- what is over leaves the list; what another agency owes now, nobody there has yet
    DELETE FROM nowrongdoor_entry e USING fresh d
     WHERE e.id = d.id AND (d.done_at IS NOT NULL OR d.withdrawn_at IS NOT NULL OR d.agency_id IS NULL);
    UPDATE nowrongdoor_entry e
       SET agency_id = d.agency_id, since = d.since, due_at = d.due_at,
           person_id = CASE WHEN e.agency_id = d.agency_id THEN e.person_id END,
           given_by_id = CASE WHEN e.agency_id = d.agency_id THEN e.given_by_id END,
           given_at = CASE WHEN e.agency_id = d.agency_id THEN e.given_at END
      FROM fresh d
     WHERE e.id = d.id AND (e.agency_id, e.since, e.due_at) IS DISTINCT FROM (d.agency_id, d.since, d.due_at);
  END IF;
  INSERT INTO nowrongdoor_entry (id, kind, agency_id, case_id, only_for_id, from_agency_id, since, due_at, state,
                                 district, urgency, matters)
    SELECT d.id, d.kind, d.agency_id, d.case_id, d.person_id, coalesce(d.from_agency_id, c.received_by_id), d.since,
           d.due_at, coalesce(c.state, ''), coalesce(c.district, ''), coalesce(c.facts ->> 'urgency', ''),
           nowrongdoor_matters(c.facts)
      FROM fresh d LEFT JOIN nowrongdoor_case c ON c.id = d.case_id
     WHERE d.done_at IS NULL AND d.withdrawn_at IS NULL AND d.agency_id IS NOT NULL
       AND (TG_OP = 'INSERT' OR NOT EXISTS (SELECT FROM nowrongdoor_entry e WHERE e.id = d.id));
  RETURN NULL;
END $$;
CREATE TRIGGER what_is_owed_is_on_a_list AFTER INSERT ON nowrongdoor_duty
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_list_duties();
CREATE TRIGGER a_list_follows_what_is_owed AFTER UPDATE ON nowrongdoor_duty
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_list_duties();

CREATE FUNCTION nowrongdoor_list_leads() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO nowrongdoor_entry (id, kind, agency_id, case_id, from_agency_id, since, state, district, urgency, matters)
      SELECT c.id, 'lead', c.lead_id, c.id, c.received_by_id, c.lead_since, c.state, c.district,
             coalesce(c.facts ->> 'urgency', ''), nowrongdoor_matters(c.facts)
        FROM fresh c WHERE c.closed_at IS NULL;
    RETURN NULL;
  END IF;
  DELETE FROM nowrongdoor_entry e USING fresh c WHERE e.id = c.id AND c.closed_at IS NOT NULL;
  UPDATE nowrongdoor_entry e
     SET agency_id = c.lead_id, since = c.lead_since,
         person_id = CASE WHEN e.agency_id = c.lead_id THEN e.person_id END,
         given_by_id = CASE WHEN e.agency_id = c.lead_id THEN e.given_by_id END,
         given_at = CASE WHEN e.agency_id = c.lead_id THEN e.given_at END
    FROM fresh c WHERE e.id = c.id AND (e.agency_id, e.since) IS DISTINCT FROM (c.lead_id, c.lead_since);
  RETURN NULL;
END $$;
CREATE TRIGGER what_an_agency_leads_is_on_its_list AFTER INSERT ON nowrongdoor_case
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_list_leads();
CREATE TRIGGER a_list_follows_the_lead AFTER UPDATE ON nowrongdoor_case
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_list_leads();

CREATE FUNCTION nowrongdoor_list_facts() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  UPDATE nowrongdoor_entry e
     SET state = c.state, district = c.district, urgency = coalesce(c.facts ->> 'urgency', ''),
         matters = nowrongdoor_matters(c.facts)
    FROM fresh c JOIN stale USING (id)
   WHERE e.case_id = c.id AND (c.facts, c.state, c.district) IS DISTINCT FROM (stale.facts, stale.state, stale.district);
  RETURN NULL;
END $$;
CREATE TRIGGER a_list_follows_the_facts AFTER UPDATE ON nowrongdoor_case
  REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_list_facts();

-- Who has it: one person of the agency whose list it is, who works from that list, by the word of somebody there who looks.
ALTER TABLE nowrongdoor_entry ADD CONSTRAINT an_entry_is_given_to_somebody_of_its_agency
  FOREIGN KEY (person_id, agency_id) REFERENCES nowrongdoor_user (id, agency_id);
CREATE FUNCTION nowrongdoor_has_a_list(person uuid, of_case uuid) RETURNS boolean LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM nowrongdoor_user WHERE id = person AND is_active AND role = 'coordinator')
    AND NOT EXISTS (SELECT FROM nowrongdoor_exclusion
                     WHERE person_id = person AND case_id = of_case AND lifted_at IS NULL);
END $$;
CREATE TRIGGER an_entry_is_given_in_ones_own_name AFTER UPDATE ON nowrongdoor_entry FOR EACH ROW
  WHEN (NEW.person_id IS NOT NULL
        AND (NEW.person_id, NEW.given_by_id, NEW.given_at) IS DISTINCT FROM (OLD.person_id, OLD.given_by_id, OLD.given_at)
        AND NOT nowrongdoor_signs(NEW.given_by_id, NEW.agency_id))
  EXECUTE FUNCTION nowrongdoor_refuse('what is on a list is given to somebody by a colleague, who looks');
CREATE TRIGGER an_entry_is_given_to_somebody_who_has_a_list AFTER UPDATE ON nowrongdoor_entry FOR EACH ROW
  WHEN (NEW.person_id IS NOT NULL AND NEW.person_id IS DISTINCT FROM OLD.person_id
        AND NOT nowrongdoor_has_a_list(NEW.person_id, NEW.case_id))
  EXECUTE FUNCTION nowrongdoor_refuse('what is on a list is given to an active coordinator who may see the case');

-- It ends with the person: who leaves, changes roles or is kept away from the case has it no longer.
CREATE FUNCTION nowrongdoor_take_back() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'nowrongdoor_user' THEN
    UPDATE nowrongdoor_entry SET person_id = NULL, given_by_id = NULL, given_at = NULL WHERE person_id = NEW.id;
  ELSE
    UPDATE nowrongdoor_entry SET person_id = NULL, given_by_id = NULL, given_at = NULL
     WHERE person_id = NEW.person_id AND case_id = NEW.case_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER whoever_leaves_has_nothing_on_a_list AFTER UPDATE ON nowrongdoor_user FOR EACH ROW
  WHEN ((NEW.role, NEW.is_active) IS DISTINCT FROM (OLD.role, OLD.is_active)
        AND NOT (NEW.is_active AND NEW.role = 'coordinator'))
  EXECUTE FUNCTION nowrongdoor_take_back();
CREATE TRIGGER whoever_is_kept_away_has_it_no_longer AFTER INSERT ON nowrongdoor_exclusion FOR EACH ROW
  EXECUTE FUNCTION nowrongdoor_take_back();

-- A worklist hears who has what, and that a case left it.
CREATE TRIGGER who_has_it_is_heard AFTER UPDATE ON nowrongdoor_entry
  REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();
CREATE TRIGGER what_left_a_list_is_heard AFTER DELETE ON nowrongdoor_entry
  REFERENCING OLD TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION nowrongdoor_tell_duty();
