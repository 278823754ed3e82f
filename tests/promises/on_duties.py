"""Attacks on duties."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import SEALED, Attack, copy, end, shut

# Of a task neither what holds of a notice alone is asked, nor what holds of a deadline.
_TASK = {"kind": "'task'", "desk": "'X'"}
_OWED = (
    Attack(
        "a duty of no kind",
        "a_duty_has_a_known_kind",
        copy("duty", "notice", kind="'wish'"),
        behind=("an_entry_is_a_duty_or_a_lead",),
    ),
    Attack(
        "a duty out of nowhere",
        "a_duty_says_where_it_comes_from",
        copy("duty", "notice", **_TASK, source="'rumor'"),
    ),
    Attack(
        "a duty about a thing that nobody finds",
        "a_thing_has_a_name_and_an_id",
        copy("duty", "notice", **_TASK, thing="'letter'"),
    ),
    Attack(
        "a request about nothing",
        "a_duty_is_about_what_its_kind_may_be_about",
        copy("duty", "notice", kind="'request'", case_id="NULL"),
    ),
    Attack(
        "a notice of no case",
        "a_duty_is_about_what_its_kind_may_be_about",
        copy("duty", "notice", case_id="NULL"),
    ),
    Attack(
        "a task that nobody owes", "only_a_deadline_is_owed_outside", copy("duty", "notice", **_TASK, agency_id="NULL")
    ),
    Attack("a task told by hand", "only_a_notice_is_told_by_hand", copy("duty", "notice", **_TASK, by_hand="true")),
    Attack(
        "a task that follows the lead",
        "only_a_deadline_follows_the_lead",
        copy("duty", "notice", **_TASK, follows_lead="true"),
    ),
    Attack(
        "a duty under a rumor",
        "a_duty_says_whether_law_or_policy",
        copy("duty", "notice", **_TASK, basis="'rumor'"),
    ),
    Attack(
        "words of a task that no key seals",
        "words_of_a_duty_are_sealed_for_its_case",
        copy("duty", "notice", **_TASK, case_id="NULL", how=SEALED),
    ),
    Attack(
        "a task given to somebody of another agency",
        "a_person_owes_for_their_agency",
        copy("duty", "notice", **_TASK, person_id="%(fbi_p)s"),
    ),
    Attack(
        "an agency closed under its task",
        "a_duty_is_owed_by_an_open_agency",
        shut("idle"),
        first="INSERT INTO nowrongdoor_duty (id, kind, thing, source, agency_id, desk, by_hand, follows_lead, role, "
        'rule, clock, why, "limit", citation, evidence, basis, since, due_at, how) VALUES (gen_random_uuid(), '
        "'task', '', 'person', %(idle)s, '', false, false, '', '', '', 'X', '', '', '', 'policy', now(), now(), '')",
        behind=("an_agency_closes_as_it_is_on_record",),
    ),
    Attack(
        "a duty that was done before it was owed",
        "a_duty_starts_undone",
        copy("duty", "acknowledged", **_TASK),
    ),
    Attack(
        "a duty done by nobody",
        "a_duty_is_done_by_somebody",
        "UPDATE nowrongdoor_duty SET done_at = now() WHERE id = %(notice)s",
        by="told",
        behind=("a_duty_is_done_in_ones_own_name",),
    ),
    Attack(
        "a duty done in another's name",
        "a_duty_is_done_in_ones_own_name",
        "UPDATE nowrongdoor_duty SET done_at = now(), done_by_id = %(told_p)s WHERE id = %(notice)s",
        by="hotline",
    ),
    Attack(
        "a report by law done without a confirmation",
        "a_report_by_law_is_confirmed_outside",
        "UPDATE nowrongdoor_duty SET done_at = now(), done_by_id = %(hotline_p)s, "
        f"how = {SEALED} WHERE id = %(by_hand)s",
        by="hotline",
        first="UPDATE nowrongdoor_duty SET basis = 'statute' WHERE id = %(by_hand)s",
    ),
    Attack(
        "a report by law called an acknowledgement, so that it needs no confirmation",
        "only_the_system_says_what_moves_with_the_lead",
        "UPDATE nowrongdoor_duty SET by_hand = false, done_at = now(), done_by_id = %(hotline_p)s, "
        f"how = {SEALED} WHERE id = %(by_hand)s",
        by="hotline",
        first="UPDATE nowrongdoor_duty SET basis = 'statute' WHERE id = %(by_hand)s",
    ),
    Attack(
        "a confirmation of what nobody reported",
        "only_a_notice_told_by_hand_is_confirmed",
        f"UPDATE nowrongdoor_duty SET confirmation = {SEALED} WHERE id = %(by_hand)s",
        by="hotline",
    ),
    Attack(
        "a duty done by another agency",
        "a_duty_is_done_in_ones_own_name",
        "UPDATE nowrongdoor_duty SET done_at = now(), done_by_id = %(hotline_p)s WHERE id = %(notice)s",
        by="hotline",
    ),
    Attack(
        "somebody told by hand by an agency that neither leads nor received the case",
        "a_duty_is_done_in_ones_own_name",
        f"UPDATE nowrongdoor_duty SET done_at = now(), done_by_id = %(told_p)s, how = {SEALED} WHERE id = %(by_hand)s",
        by="told",
    ),
    Attack(
        "somebody told by hand, in the name of somebody of the agency that received the case",
        "a_duty_is_done_in_ones_own_name",
        "UPDATE nowrongdoor_duty SET done_at = now(), done_by_id = %(hotline_p)s, "
        f"how = {SEALED} WHERE id = %(by_hand)s",
        by="told",
    ),
    Attack(
        "a deadline met in another's name",
        "a_duty_is_done_in_ones_own_name",
        f"UPDATE nowrongdoor_duty SET done_at = now(), done_by_id = %(hotline_p)s, how = {SEALED} WHERE id = %(clock)s",
        by="hsi",
    ),
    Attack(
        "a deadline taken over and met at once",
        "a_duty_is_done_in_ones_own_name",
        f"UPDATE nowrongdoor_duty SET agency_id = %(hsi)s, done_at = now(), done_by_id = %(hsi_p)s, how = {SEALED} "
        "WHERE id = %(clock)s",
        by="hsi",
        behind=("a_duty_stays_with_whoever_owes_it",),
    ),
    Attack(
        "a duty taken over and done at once",
        "a_duty_is_done_in_ones_own_name",
        "UPDATE nowrongdoor_duty SET agency_id = %(hotline)s, done_at = now(), done_by_id = %(hotline_p)s "
        "WHERE id = %(notice)s",
        by="hotline",
        behind=("a_duty_stays_with_whoever_owes_it",),
    ),
    Attack(
        "a duty taken over from the agency that owes it",
        "a_duty_stays_with_whoever_owes_it",
        "UPDATE nowrongdoor_duty SET agency_id = %(hotline)s WHERE id = %(notice)s",
        by="hotline",
    ),
    Attack(
        "a deadline taken over from the agency that owes it",
        "a_duty_stays_with_whoever_owes_it",
        "UPDATE nowrongdoor_duty SET agency_id = %(hsi)s WHERE id = %(clock)s",
        by="hsi",
    ),
    Attack(
        "somebody told by hand, and nobody says how",
        "who_tells_by_hand_says_how",
        "UPDATE nowrongdoor_duty SET done_at = now(), done_by_id = %(told_p)s WHERE id = %(notice)s",
        first="UPDATE nowrongdoor_duty SET by_hand = true, basis = 'policy' WHERE id = %(notice)s",
        by="told",
    ),
    Attack(
        "a deadline met, and nobody says how",
        "a_deadline_of_a_case_is_met_somehow",
        "UPDATE nowrongdoor_duty SET done_at = now(), done_by_id = %(hotline_p)s WHERE id = %(clock)s",
        by="hotline",
    ),
    Attack("a second notice to one desk", "one_notice_each_desk_and_role", copy("duty", "notice")),
    Attack("a deadline that runs twice", "a_deadline_runs_once_per_case", copy("duty", "clock")),
    Attack(
        "the words of a duty overwritten",
        "a_duty_that_is_over_stays_over",
        f"UPDATE nowrongdoor_duty SET how = {SEALED} WHERE id = %(acknowledged)s",
        by="hotline",
    ),
    Attack(
        "a deadline that was met runs again",
        "a_duty_that_is_over_stays_over",
        "UPDATE nowrongdoor_duty SET done_at = NULL, done_by_id = NULL, how = '' WHERE id = %(met)s",
    ),
    Attack(
        "a deadline that was withdrawn runs again",
        "a_duty_that_is_over_stays_over",
        "UPDATE nowrongdoor_duty SET withdrawn_at = NULL WHERE id = %(clock)s",
        first="UPDATE nowrongdoor_duty SET withdrawn_at = now() WHERE id = %(clock)s",
    ),
    Attack(
        "an acknowledged notice given to another agency, so that its words open no more",
        "a_duty_that_is_over_stays_over",
        "UPDATE nowrongdoor_duty SET agency_id = %(whd)s WHERE id = %(acknowledged)s",
    ),
    Attack(
        "a notice to another agency made into a telephone call, and made by whoever received the case",
        "only_the_system_says_what_moves_with_the_lead",
        "UPDATE nowrongdoor_duty SET by_hand = true WHERE id = %(notice)s; "
        "UPDATE nowrongdoor_duty SET done_at = now(), "
        f"done_by_id = %(hotline_p)s, how = {SEALED} WHERE id = %(notice)s",
        by="hotline",
        first="UPDATE nowrongdoor_duty SET basis = 'policy' WHERE id = %(notice)s",
    ),
    Attack(
        "a deadline that an agency makes follow the lead, so that it goes",
        "only_the_system_says_what_moves_with_the_lead",
        "UPDATE nowrongdoor_duty SET follows_lead = true WHERE id = %(disclosed)s",
        by="hotline",
    ),
    Attack(
        "a deadline of another agency withdrawn by one that was only told",
        "a_duty_is_withdrawn_by_who_steers",
        "UPDATE nowrongdoor_duty SET withdrawn_at = now() WHERE id = %(clock)s",
        by="told",
    ),
    Attack(
        "a notice withdrawn by the agency that does not want to acknowledge it",
        "a_duty_is_withdrawn_by_who_steers",
        "UPDATE nowrongdoor_duty SET withdrawn_at = now() WHERE id = %(notice)s",
        by="told",
    ),
    Attack(
        "a duty that an agency that was only told gives to another",
        "a_duty_is_owed_by_the_word_of_who_steers",
        copy("duty", "notice", desk="'X'", agency_id="%(hsi)s"),
        by="told",
    ),
    Attack(
        "a duty that becomes another",
        "a_duty_stays_what_it_is",
        "UPDATE nowrongdoor_duty SET kind = 'task' WHERE id = %(notice)s",
        by="owner",
    ),
    Attack(
        "a duty that becomes another by the run-time role",
        "privilege: UPDATE of duty",
        "UPDATE nowrongdoor_duty SET kind = 'task' WHERE id = %(notice)s",
        behind=("a_duty_stays_what_it_is",),
    ),
    Attack(
        "a duty deleted",
        "privilege: DELETE of duty",
        "DELETE FROM nowrongdoor_duty WHERE id = %(notice)s",
        behind=("policy: remove of duty",),
    ),
)
_ASKED = "UPDATE nowrongdoor_duty SET withdrawn_at = now() WHERE id = %(offer)s"
_ANSWERS = (
    Attack(
        "an answer that nobody is asked for",
        "policy: add of duty",
        copy("duty", "offer", id="%(signal)s", thing_id="%(signal)s"),
        behind=("an_open_answer_has_an_open_offer",),
    ),
    Attack(
        "an answer withdrawn by the agency that owes it",
        "policy: change of duty",
        _ASKED,
        by="hsi",
        behind=("an_open_answer_has_an_open_offer",),
    ),
    Attack("an open offer whose answer is withdrawn", "an_open_answer_has_an_open_offer", _ASKED, by="owner"),
    Attack(
        "an answer owed by another agency than was asked",
        "a_duty_stays_with_whoever_owes_it",
        "UPDATE nowrongdoor_duty SET agency_id = %(whd)s WHERE id = %(offer)s",
        by="owner",
        behind=("an_open_answer_has_an_open_offer",),
    ),
    Attack(
        "an answer that is done while the offer is open",
        "an_open_answer_has_an_open_offer",
        "UPDATE nowrongdoor_duty SET done_at = now(), done_by_id = %(hsi_p)s WHERE id = %(offer)s",
        by="owner",
    ),
    Attack(
        "an answer to nobody",
        "an_answer_says_who_asks",
        "UPDATE nowrongdoor_duty SET from_agency_id = NULL WHERE id = %(offer)s",
        by="owner",
        behind=("an_open_answer_has_an_open_offer",),
    ),
    Attack(
        "an open offer that nobody owes an answer",
        "an_open_offer_has_an_open_answer",
        "UPDATE nowrongdoor_handoff SET reason = reason WHERE id = %(offer)s",
        first="DELETE FROM nowrongdoor_duty WHERE id = %(offer)s",
    ),
    Attack(
        "an offer that ended and still owes its answer",
        "an_open_offer_has_an_open_answer",
        end("offer", "accepted", "%(hsi_p)s", "''"),
        first="DROP TRIGGER an_answer_ends_with_its_offer ON nowrongdoor_handoff",
        by="hsi",
    ),
)

DUTIES = (*_OWED, *_ANSWERS)
