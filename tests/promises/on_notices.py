"""Attacks on who is told: what a message can hold, who says that something was seen, whose address is used, and who is
on call."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import ODD, Attack, Copy, Hidden, Maker, born, copy, end, row

_NOW = "now()"
_WORDS = "'Zuzana, 15'"


def told(**otherwise: str) -> Copy:
    """A notification like the one that HSI has of its offer, of another thing."""
    return copy("notification", "told", thing_id="gen_random_uuid()", **otherwise)


def message(**otherwise: str) -> Copy:
    return copy("message", "waits", **otherwise)


def shift(**otherwise: str) -> Copy:
    return copy("shift", "shift", **otherwise)


NOTICES = (
    # What a message can hold: codes, ids and instants
    Attack("a message by a way that nobody knows", "a_message_goes_a_known_way", message(channel=_WORDS)),
    Attack("a message with a name for its kind", "a_message_has_a_known_kind", message(kind=_WORDS)),
    Attack(
        "a message with a fact for its problem",
        "a_message_has_a_known_problem",
        f"UPDATE nowrongdoor_message SET problem = {_WORDS} WHERE {row('waits')}",
    ),
    Attack(
        "a message with a fact for its outcome",
        "a_message_has_a_known_outcome",
        f"UPDATE nowrongdoor_message SET outcome = {_WORDS}, over_at = now() WHERE {row('waits')}",
    ),
    Attack(
        "a message with words for its digest",
        "a_digest_has_32_bytes",
        f"UPDATE nowrongdoor_message SET digest = 'Zuzana'::bytea WHERE {row('waits')}",
    ),
    Attack(
        "a message that is over and nobody knows how",
        "a_message_is_over_somehow",
        f"UPDATE nowrongdoor_message SET over_at = now() WHERE {row('waits')}",
    ),
    Attack(
        "a message that was delivered without a try",
        "what_was_delivered_was_tried",
        f"UPDATE nowrongdoor_message SET outcome = 'delivered', over_at = now() WHERE {row('waits')}",
    ),
    Attack(
        "a message that was given up for no reason",
        "what_was_given_up_says_why",
        f"UPDATE nowrongdoor_message SET outcome = 'given_up', over_at = now() WHERE {row('waits')}",
    ),
    Attack("an email to nobody", "an_email_goes_to_a_person", message(person_id="NULL")),
    Attack(
        "an email to somebody of another agency",
        "whoever_is_written_to_is_of_the_agency",
        message(agency_id="%(fbi)s"),
    ),
    Attack("a message that was sent before it was queued", "a_message_starts_untried", message(tries="1")),
    Attack(
        "a delivered message sent again",
        "a_message_that_is_over_stays_over",
        f"UPDATE nowrongdoor_message SET outcome = '', over_at = NULL WHERE {row('sent')}",
    ),
    Attack(
        "a try taken back",
        "a_message_that_is_over_stays_over",
        f"UPDATE nowrongdoor_message SET tries = 0 WHERE {row('waits')}",
        first=f"UPDATE nowrongdoor_message SET tries = 3 WHERE {row('waits')}",
    ),
    Attack(
        "a code for an address to a colleague",
        "policy: add of message",
        message(person_id="%(hsi_2_p)s", kind="'address_check'"),
        by="hsi",
    ),
    Attack("a message to oneself that is no code for an address", "policy: add of message", message(), by="hsi"),
    Attack(
        "a message that its person says was delivered",
        "policy: change of message",
        f"UPDATE nowrongdoor_message SET due_at = now() WHERE {row('waits')}",
        by="hsi",
    ),
    # Who was told of what
    Attack("a notification of a kind that nobody knows", "a_notification_has_a_known_kind", told(kind=_WORDS)),
    Attack("a notification of an offer of no case", "a_notification_of_a_case_names_it", told(case_id="NULL")),
    Attack("the same told twice", "the_same_is_told_a_person_once", copy("notification", "told")),
    Attack(
        "a notification to somebody of another agency",
        "whoever_is_told_is_of_the_agency",
        told(agency_id="%(fbi)s"),
    ),
    Attack(
        "a notification that leaves in a colleague's message",
        "a_message_carries_what_its_person_is_told",
        told(person_id="%(hsi_2_p)s", planned_at=_NOW, message_id="%(waits)s"),
    ),
    Attack(
        "a notification that leaves and was not planned",
        "what_leaves_was_planned",
        f"UPDATE nowrongdoor_notification SET planned_at = NULL, message_id = %(waits)s WHERE {row('told')}",
    ),
    Attack(
        "a notification that leaves before it may be told",
        "nothing_is_planned_before_it_is_told",
        f"UPDATE nowrongdoor_notification SET planned_at = at - interval '1 second' WHERE {row('told')}",
    ),
    Attack(
        "a yes told while it can still be undone",
        "a_yes_is_told_once_it_stands",
        copy(
            "notification",
            "told",
            kind="'offer_accepted'",
            thing_id="%(yes)s",
            at="(SELECT over_at + interval '119 seconds' FROM nowrongdoor_handoff WHERE id = %(yes)s)",
            planned_at="NULL",
            message_id="NULL",
        ),
    ),
    Attack("a notification that was seen before it was told", "a_notification_starts_unseen", told(seen_at=_NOW)),
    Attack(
        "an offer said to be seen by the system",
        "a_notification_is_seen_by_its_person",
        f"UPDATE nowrongdoor_notification SET seen_at = now() WHERE {row('told')}",
    ),
    Attack(
        "an offer said to be seen by a colleague",
        "policy: change of notification",
        f"UPDATE nowrongdoor_notification SET seen_at = now() WHERE {row('told')}",
        by="hsi_2",
        behind=("nothing was there",),
    ),
    Attack(
        "what was seen made new again",
        "what_was_seen_stays_seen",
        f"UPDATE nowrongdoor_notification SET seen_at = NULL WHERE {row('told')}",
        first=f"UPDATE nowrongdoor_notification SET seen_at = now() WHERE {row('told')}",
        by="hsi",
    ),
    Attack(
        "a person who says that what they were told has left",
        "the_system_alone_plans_what_leaves",
        f"UPDATE nowrongdoor_notification SET planned_at = now() WHERE {row('told')}",
        first=f"UPDATE nowrongdoor_notification SET planned_at = NULL, message_id = NULL WHERE {row('told')}",
        by="hsi",
    ),
    Attack("a notification that somebody tells themselves", "policy: add of notification", told(), by="hsi"),
    Attack(
        "a notification taken away",
        "privilege: DELETE of notification",
        f"DELETE FROM nowrongdoor_notification WHERE {row('told')}",
        by="hsi",
        behind=("nothing was there",),
    ),
    Attack(
        "a notification that is said to be over",
        "privilege: UPDATE of notification",
        f"UPDATE nowrongdoor_notification SET over_at = now() WHERE {row('told')}",
        by="hsi",
    ),
    # An open offer of which nobody was told
    Attack(
        "an offer of which nobody is told",
        "somebody_knows_of_an_open_offer",
        born("mandate", "fbi", "NULL", origin="hsi", case="accepted", state="offered"),
        case="accepted",
        first="ALTER TABLE nowrongdoor_handoff DISABLE TRIGGER an_offer_is_told",
    ),
    # How somebody is told
    Attack(
        "preferences chosen twice",
        "a_person_says_once_how_they_are_told",
        copy("preference", "preference", email_checked_at="NULL"),
        by="hsi",
    ),
    Attack(
        "a way of being told that nobody knows",
        "a_person_is_told_in_a_known_way",
        f"UPDATE nowrongdoor_preference SET offers = 'shouting' WHERE {row('preference')}",
        by="hsi",
    ),
    Attack(
        "a digest at an hour that no clock shows",
        "a_digest_comes_at_an_hour",
        f"UPDATE nowrongdoor_preference SET digest_at = 24 WHERE {row('preference')}",
        by="hsi",
    ),
    Attack(
        "quiet hours that never end",
        "quiet_hours_begin_and_end",
        f"UPDATE nowrongdoor_preference SET quiet_from = 22, quiet_to = NULL WHERE {row('preference')}",
        by="hsi",
    ),
    Attack(
        "an address that is two",
        "an_address_is_one_mailbox",
        "UPDATE nowrongdoor_preference SET email = 'pat@example.gov, all@example.com', email_checked_at = NULL "
        f"WHERE {row('preference')}",
        by="hsi",
    ),
    Attack(
        "no address that is confirmed",
        "only_an_address_is_checked",
        f"UPDATE nowrongdoor_preference SET email = '' WHERE {row('preference')}",
        by="hsi",
        behind=("another_address_is_checked_anew",),
    ),
    Attack(
        "another address without a code",
        "another_address_is_checked_anew",
        f"UPDATE nowrongdoor_preference SET email = 'stranger@example.com' WHERE {row('preference')}",
        by="hsi",
    ),
    Attack(
        "an address that is confirmed as it is written down",
        "an_address_starts_unchecked",
        "INSERT INTO nowrongdoor_preference (id, agency_id, person_id, email, email_checked_at, offers, answers, "
        "closings, reminders, digest_at, at) "
        "SELECT gen_random_uuid(), agency_id, %(hsi_2_p)s, email, now(), offers, answers, "
        "closings, reminders, digest_at, at FROM nowrongdoor_preference",
        first="ALTER TABLE nowrongdoor_preference DISABLE ROW LEVEL SECURITY",
        by="hsi_2",
    ),
    Attack(
        "an address changed by the system",
        "policy: change of preference",
        "UPDATE nowrongdoor_preference SET email = 'stranger@example.com', email_checked_at = NULL "
        f"WHERE {row('preference')}",
        behind=("a_person_chooses_how_they_are_told",),
    ),
    Attack(
        "an address changed by a colleague who says to be its person",
        "a_person_chooses_how_they_are_told",
        "UPDATE nowrongdoor_preference SET email = 'stranger@example.com', email_checked_at = NULL "
        f"WHERE {row('preference')}",
        first="ALTER TABLE nowrongdoor_preference DISABLE ROW LEVEL SECURITY",
        by="hsi_2",
    ),
    Attack(
        "preferences in a colleague's name",
        "policy: add of preference",
        copy("preference", "preference", person_id="%(hsi_2_p)s", email_checked_at="NULL"),
        by="hsi",
        behind=("a_person_chooses_how_they_are_told",),
    ),
    Attack(
        "preferences for another agency",
        "whoever_chooses_is_of_the_agency",
        "UPDATE nowrongdoor_preference SET agency_id = %(fbi)s",
        by="owner",
        case="",
        first="ALTER TABLE nowrongdoor_preference DISABLE TRIGGER USER, DISABLE ROW LEVEL SECURITY",
    ),
    # Passwords of programs
    Attack(
        "an app password that opens something else",
        "an_app_password_opens_one_thing",
        copy("app_password", "app_password", scope="'everything'", digest=ODD, revoked_at="NULL"),
        by="hsi",
    ),
    Attack(
        "an app password that is kept as it is",
        "an_app_password_is_kept_as_a_digest",
        copy("app_password", "app_password", digest="'secret'::bytea", revoked_at="NULL"),
        by="hsi",
    ),
    Attack(
        "an app password made for a colleague",
        "policy: add of app_password",
        copy("app_password", "app_password", digest=ODD, person_id="%(hsi_2_p)s"),
        by="hsi",
        behind=("an_app_password_is_made_by_its_person",),
    ),
    Attack(
        "an app password made by a colleague who says to be its person",
        "an_app_password_is_made_by_its_person",
        copy("app_password", "app_password", digest=ODD),
        first="ALTER TABLE nowrongdoor_app_password DISABLE ROW LEVEL SECURITY",
        by="hsi_2",
    ),
    Attack(
        "an app password for another agency",
        "an_app_password_is_for_its_persons_agency",
        "UPDATE nowrongdoor_app_password SET agency_id = %(fbi)s",
        by="owner",
        case="",
        first="ALTER TABLE nowrongdoor_app_password DISABLE TRIGGER USER, DISABLE ROW LEVEL SECURITY",
    ),
    Attack(
        "a revoked app password used again",
        "a_revoked_app_password_stays_revoked",
        f"UPDATE nowrongdoor_app_password SET revoked_at = NULL WHERE {row('revoked_password')}",
        by="hsi",
    ),
    # Who is on call
    Attack("two lists of one agency", "an_agency_has_one_rota_at_a_time", copy("rota", "rota"), by="hsi"),
    Attack(
        "a list that ends by nobody",
        "a_rota_is_ended_by_somebody",
        f"UPDATE nowrongdoor_rota SET ended_at = now() WHERE {row('rota')}",
        by="hsi",
    ),
    Attack(
        "a list ended in a colleague's name",
        "a_rota_is_ended_in_ones_own_name",
        f"UPDATE nowrongdoor_rota SET ended_at = now(), ended_by_id = %(hsi_2_p)s WHERE {row('rota')}",
        by="hsi",
    ),
    Attack(
        "an ended list begun again",
        "a_rota_that_ended_stays_ended",
        f"UPDATE nowrongdoor_rota SET ended_at = NULL, ended_by_id = NULL WHERE {row('rota')}",
        first=f"UPDATE nowrongdoor_rota SET ended_at = now(), ended_by_id = %(hsi_p)s WHERE {row('rota')}",
        by="hsi",
    ),
    Attack(
        "a list begun in a colleague's name",
        "policy: add of rota",
        copy("rota", "rota", by_id="%(hsi_2_p)s", ended_at=_NOW, ended_by_id="%(hsi_p)s"),
        by="hsi",
        behind=("a_rota_is_begun_in_ones_own_name",),
    ),
    Attack(
        "a list begun by a stranger",
        "a_rota_is_begun_in_ones_own_name",
        copy("rota", "rota", ended_at="NULL", ended_by_id="NULL"),
        first="ALTER TABLE nowrongdoor_rota DISABLE ROW LEVEL SECURITY; "
        "UPDATE nowrongdoor_rota SET ended_at = now(), ended_by_id = %(hsi_p)s",
        by="fbi",
    ),
    Attack("somebody third on call", "somebody_is_first_or_second_on_call", shift(step="3"), by="hsi"),
    Attack(
        "somebody on call for a year",
        "a_shift_ends_after_it_begins_within_31_days",
        shift(to_at="from_at + interval '1 year'"),
        by="hsi",
    ),
    Attack(
        "somebody of another agency on call",
        "whoever_is_on_call_is_of_the_agency",
        shift(person_id="%(fbi_p)s"),
        by="hsi",
    ),
    Attack(
        "a shift on another agency's list",
        "a_shift_is_on_its_agencys_rota",
        shift(agency_id="%(fbi)s", person_id="%(fbi_p)s", by_id="%(fbi_p)s"),
        by="fbi",
        first="ALTER TABLE nowrongdoor_shift DISABLE ROW LEVEL SECURITY",
    ),
    Attack(
        "somebody on call who may not answer",
        "whoever_is_on_call_may_answer",
        shift(),
        first="UPDATE nowrongdoor_user SET is_active = false WHERE id = %(hsi_2_p)s",
        by="hsi",
    ),
    Attack(
        "somebody put on call in a colleague's name",
        "policy: add of shift",
        shift(by_id="%(hsi_2_p)s"),
        by="hsi",
        behind=("a_shift_is_given_in_ones_own_name",),
    ),
    Attack(
        "somebody put on call by a stranger",
        "a_shift_is_given_in_ones_own_name",
        shift(),
        by="fbi",
        first="ALTER TABLE nowrongdoor_shift DISABLE ROW LEVEL SECURITY",
    ),
    Attack(
        "a shift that was taken back goes on",
        "a_shift_that_ended_stays_ended",
        f"UPDATE nowrongdoor_shift SET ended_at = NULL WHERE {row('shift')}",
        first=f"UPDATE nowrongdoor_shift SET ended_at = now() WHERE {row('shift')}",
        by="hsi",
    ),
)
HIDDEN = (
    Hidden("notification", row("told"), by="hsi_2"),
    Hidden("notification", row("undone"), by="hotline"),
    Hidden("preference", row("preference"), by="hsi_2"),
    Hidden("message", row("waits"), by="hsi_2"),
    Hidden("app_password", row("app_password"), by="hsi_2"),
    Hidden("rota", row("rota"), by="fbi"),
    Hidden("shift", row("shift"), by="fbi"),
)
_TOLD = "SELECT count(*) FROM nowrongdoor_notification"


def _late(kind: str, thing: str, about: str, then: str = "") -> str:
    """Tells of something that is overdue; and then it is done."""
    return (
        "INSERT INTO nowrongdoor_notification (id, agency_id, person_id, kind, thing_id, about_at, at) "
        f"VALUES (gen_random_uuid(), %(hotline)s, %(hotline_p)s, '{kind}', {thing}, {about}, now()); {then}"
    )


def _done(kind: str) -> str:
    return f"{_TOLD} WHERE kind = '{kind}' AND over_at IS NOT NULL"


MAKERS = (
    Maker(
        "an_offer_is_told",
        born("mandate", "fbi", "NULL", origin="hsi", case="accepted", state="offered"),
        f"{_TOLD} WHERE kind = 'offer_waits'",
        case="accepted",
        behind="somebody_knows_of_an_open_offer",
    ),
    Maker(
        "an_answer_is_told",
        end("offer", "accepted", "%(hsi_p)s", "''"),
        f"{_TOLD} WHERE kind = 'offer_accepted'",
        by="hsi",
        seen_by="system",
    ),
    Maker(
        "a_closing_is_told",
        "UPDATE nowrongdoor_case SET closed_at = now(), closed_by_id = %(hsi_p)s, "
        "closed_because = decode(repeat('01', 40), 'hex') WHERE id = %(accepted)s",
        f"{_TOLD} WHERE kind = 'case_closed'",
        by="hsi",
        seen_by="system",
        case="accepted",
    ),
    Maker(
        "a_reminder_ends_with_its_duty",
        "UPDATE nowrongdoor_duty SET withdrawn_at = now() WHERE id = %(clock)s",
        f"{_TOLD} WHERE kind = 'deadline_near' AND over_at IS NOT NULL",
    ),
    Maker(
        "whoever_leaves_is_not_on_call",
        "UPDATE nowrongdoor_user SET is_active = false WHERE id = %(hsi_2_p)s",
        "SELECT count(*) FROM nowrongdoor_shift WHERE ended_at IS NOT NULL",
    ),
    # What is overdue, and then done
    Maker(
        "what_was_done_meanwhile_is_over",
        _late("call_back_near", "gen_random_uuid()", "now()"),
        _done("call_back_near"),
    ),
    Maker(
        "a_contact_that_moved_is_told_no_more",
        _late(
            "nobody_on_shift",
            "%(ringing)s",
            "(SELECT since FROM nowrongdoor_contact WHERE id = %(ringing)s)",
            "UPDATE nowrongdoor_contact SET state = 'voicemail', since = now(), asked_at = NULL, ends_at = NULL, "
            "due_at = now() + interval '1 hour' WHERE id = %(ringing)s",
        ),
        _done("nobody_on_shift"),
    ),
    Maker(
        "a_sound_that_came_is_told_no_more",
        "UPDATE nowrongdoor_contact_message SET fetched_at = NULL WHERE id = %(voicemail)s; "
        + _late(
            "recording_missing",
            "%(voicemail)s",
            "now()",
            "UPDATE nowrongdoor_contact_message SET fetched_at = now() WHERE id = %(voicemail)s",
        ),
        _done("recording_missing"),
    ),
    Maker(
        "a_call_back_that_is_over_is_told_no_more",
        _late(
            "call_back_near",
            "%(call_back)s",
            "now()",
            "UPDATE nowrongdoor_call_back SET number = '', over_at = now(), outcome = 'ran_out' "
            "WHERE id = %(call_back)s",
        ),
        _done("call_back_near"),
    ),
    Maker(
        "a_review_that_was_done_is_told_no_more",
        "UPDATE nowrongdoor_report SET reviewed_at = now(), reviewed_by_id = %(hotline_p)s, "
        "reviewed_version = version WHERE id = %(danger_report)s",
        _done("review_overdue"),
        by="hotline",
        seen_by="system",
    ),
    Maker(
        "a_report_that_leaves_again_has_its_time_anew",
        copy("report_sending", "danger_sending", number="9"),
        _done("report_unconfirmed"),
        by="advocate",
        seen_by="system",
    ),
    Maker(
        "a_report_that_arrived_is_told_no_more",
        "UPDATE nowrongdoor_report_sending SET confirmed_at = now(), confirmed_by_id = %(advocate_p)s, "
        "confirmation = decode(repeat('01', 40), 'hex') WHERE id = %(danger_sending)s",
        _done("report_unconfirmed"),
        by="advocate",
        seen_by="system",
    ),
    Maker(
        "money_that_was_decided_is_told_no_more",
        "UPDATE nowrongdoor_emergency_money SET decided_by_id = %(hotline_p)s, decided_at = now(), is_approved = true "
        "WHERE id = %(money)s",
        _done("money_waits"),
        by="hotline",
        seen_by="system",
    ),
    Maker(
        "a_library_that_was_proved_is_told_no_more",
        "UPDATE nowrongdoor_protocol SET retired_at = now(), retired_by_id = %(hotline_p)s "
        "WHERE agency_id = %(hotline)s AND retired_at IS NULL",
        _done("proof_overdue"),
        by="hotline",
        seen_by="system",
    ),
)
