DO $$
DECLARE
  given bigint := (SELECT count(*) FROM nowrongdoor_entry WHERE person_id IS NOT NULL);
  saved bigint := (SELECT count(*) FROM nowrongdoor_saved_search);
BEGIN
  IF given + saved > 0 THEN
    RAISE EXCEPTION 'The older schema has no place for who has what on a worklist (%), nor for saved searches (%): '
      'this version stays until they are gone.', given, saved;
  END IF;
END $$;
DROP TRIGGER what_left_a_list_is_heard ON nowrongdoor_entry;
DROP TRIGGER who_has_it_is_heard ON nowrongdoor_entry;
DROP TRIGGER whoever_is_kept_away_has_it_no_longer ON nowrongdoor_exclusion;
DROP TRIGGER whoever_leaves_has_nothing_on_a_list ON nowrongdoor_user;
DROP FUNCTION nowrongdoor_take_back();
DROP TRIGGER an_entry_is_given_to_somebody_who_has_a_list ON nowrongdoor_entry;
DROP TRIGGER an_entry_is_given_in_ones_own_name ON nowrongdoor_entry;
DROP FUNCTION nowrongdoor_has_a_list(uuid, uuid);
DROP TRIGGER a_list_follows_the_facts ON nowrongdoor_case;
DROP FUNCTION nowrongdoor_list_facts();
DROP TRIGGER a_list_follows_the_lead ON nowrongdoor_case;
DROP TRIGGER a_list_follows_what_is_owed ON nowrongdoor_duty;
DROP TRIGGER what_an_agency_leads_is_on_its_list ON nowrongdoor_case;
DROP TRIGGER what_is_owed_is_on_a_list ON nowrongdoor_duty;
DROP FUNCTION nowrongdoor_list_duties();
DROP FUNCTION nowrongdoor_list_leads();
DROP FUNCTION nowrongdoor_matters(jsonb);
