-- The way back. The older schema has no place for requests, messages, and who signed a release with somebody.
DO $$
DECLARE
  requests bigint := (SELECT count(*) FROM nowrongdoor_case_request);
  messages bigint := (SELECT count(*) FROM nowrongdoor_case_message);
  releases bigint := (SELECT count(*) FROM nowrongdoor_release
                       WHERE signed_text <> '' OR signer <> 'person' OR revoked_how <> '' OR longer_because <> '');
BEGIN
  IF requests + messages + releases > 0 THEN
    RAISE EXCEPTION 'The release before has no place for % requests and % messages between agencies, nor for who signed % '
      'releases. Stay, or restore a backup of that release.', requests, messages, releases;
  END IF;
END $$;
DROP TRIGGER a_duty_is_owed_by_the_word_of_who_steers ON nowrongdoor_duty;
CREATE TRIGGER a_duty_is_owed_by_the_word_of_who_steers AFTER INSERT ON nowrongdoor_duty FOR EACH ROW
  WHEN (NOT nowrongdoor_in_house() AND NEW.case_id IS NOT NULL AND NEW.kind <> 'answer'
        AND NOT nowrongdoor_for_me(NEW.agency_id)
        AND NOT nowrongdoor_steers(NEW.case_id) AND NOT nowrongdoor_said_no(NEW.case_id))
  EXECUTE FUNCTION nowrongdoor_refuse('whoever was only asked or told about a case burdens no other agency with it');
DROP FUNCTION nowrongdoor_wrote_to(uuid, uuid);
DROP TRIGGER a_message_is_on_the_list_of_who_gets_it ON nowrongdoor_case_message;
DROP FUNCTION nowrongdoor_list_message();
DROP TRIGGER work_product_stays_between_prosecutors ON nowrongdoor_case_message;
DROP FUNCTION nowrongdoor_are_prosecutors(uuid, uuid);
DROP TRIGGER a_message_passes_no_gate ON nowrongdoor_case_message;
DROP TRIGGER a_message_is_to_who_takes_part ON nowrongdoor_case_message;
DROP FUNCTION nowrongdoor_is_in(uuid, uuid);
DROP TRIGGER the_writers_role_is_noted ON nowrongdoor_case_message;
DROP TRIGGER what_came_of_a_request_is_on_a_list ON nowrongdoor_case_request;
DROP TRIGGER an_open_request_is_on_both_lists ON nowrongdoor_case_request;
DROP FUNCTION nowrongdoor_list_request();
DROP TRIGGER a_request_is_answered_by_a_release_in_force ON nowrongdoor_case_request;
DROP FUNCTION nowrongdoor_holds(uuid);
DROP TRIGGER a_request_that_is_over_stays_over ON nowrongdoor_case_request;
DROP TRIGGER a_request_is_withdrawn_by_who_made_it ON nowrongdoor_case_request;
DROP TRIGGER a_request_is_answered_by_who_was_asked ON nowrongdoor_case_request;
DROP TRIGGER a_request_starts_open ON nowrongdoor_case_request;
DROP TRIGGER a_request_is_to_who_steered_the_case ON nowrongdoor_case_request;
DROP TRIGGER a_request_is_made_by_the_lead ON nowrongdoor_case_request;
DROP FUNCTION nowrongdoor_steered(uuid, uuid);
ALTER TABLE nowrongdoor_case_request
  DROP CONSTRAINT a_request_is_answered_by_a_release_for_who_asked,
  DROP CONSTRAINT a_request_is_about_a_person_of_whom_it_asks;
DROP TRIGGER a_release_of_more_than_ninety_days_says_why ON nowrongdoor_release;
DROP TRIGGER a_release_is_signed_by_no_suspect ON nowrongdoor_release;
DROP FUNCTION nowrongdoor_is_suspect(uuid);
ALTER TABLE nowrongdoor_release
  DROP CONSTRAINT who_signs_with_somebody_is_of_the_same_case,
  DROP CONSTRAINT release_signed_text_is_sealed,
  DROP CONSTRAINT release_longer_because_is_sealed,
  DROP CONSTRAINT release_excluded_is_sealed,
  DROP CONSTRAINT release_co_signer_name_is_sealed;
