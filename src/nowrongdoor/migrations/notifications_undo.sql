-- What people set, and the release before has no place for, stops the way back. Notifications and messages follow from
-- the rest.
DO $$
DECLARE
  preferences bigint := (SELECT count(*) FROM nowrongdoor_preference);
  rotas bigint := (SELECT count(*) FROM nowrongdoor_rota WHERE ended_at IS NULL);
  shifts bigint := (SELECT count(*) FROM nowrongdoor_shift WHERE ended_at IS NULL AND to_at > now());
  passwords bigint := (SELECT count(*) FROM nowrongdoor_app_password WHERE revoked_at IS NULL);
BEGIN
  IF preferences + rotas + shifts + passwords > 0 THEN
    RAISE EXCEPTION 'The release before has no place for how % people want to be notified, % rotas, % shifts on call and '
      '% passwords for calendars. Stay, or restore a backup of that release.', preferences, rotas, shifts, passwords;
  END IF;
END $$;
ALTER TABLE nowrongdoor_shift DROP CONSTRAINT a_shift_is_on_its_agencys_rota;
ALTER TABLE nowrongdoor_notification DROP CONSTRAINT a_message_carries_what_its_person_is_told;
DROP TRIGGER somebody_knows_of_an_open_offer ON nowrongdoor_handoff;
DROP FUNCTION nowrongdoor_keep_told();
DROP TRIGGER a_reminder_ends_with_its_duty ON nowrongdoor_duty;
DROP FUNCTION nowrongdoor_end_reminders();
DROP TRIGGER a_closing_is_told ON nowrongdoor_case;
DROP FUNCTION nowrongdoor_tell_of_closings();
DROP TRIGGER an_answer_is_told ON nowrongdoor_handoff;
DROP FUNCTION nowrongdoor_tell_of_answers();
DROP TRIGGER an_offer_is_told ON nowrongdoor_handoff;
DROP FUNCTION nowrongdoor_tell_of_offers();
DROP TRIGGER a_yes_is_told_once_it_stands ON nowrongdoor_notification;
DROP FUNCTION nowrongdoor_keep_untold();
DROP FUNCTION nowrongdoor_told_from(uuid, text, timestamptz);
DROP FUNCTION nowrongdoor_told_of(uuid, uuid, boolean);
DROP TRIGGER whoever_leaves_is_not_on_call ON nowrongdoor_user;
DROP FUNCTION nowrongdoor_end_shifts();
