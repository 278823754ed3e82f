"""Attacks on referrals: whom a service is asked for and by whom, who answers, and how much room there is."""

from __future__ import annotations

from tests.promises.attacking import Attack, Copy, Hidden, Maker, copy

_ASK = "UPDATE nowrongdoor_referral_ask SET"
_REFERRAL = "UPDATE nowrongdoor_referral SET"
_FRESH = {"state": "'asked'", "answered_at": "NULL", "answered_by_id": "NULL", "came": "''", "reason": "''"}


def _another(of: str = "ask", **otherwise: str) -> Copy:
    """Another ask like one that is there, without a bed, for a referral of which nothing is asked now."""
    free = {"referral_id": "%(waiting_referral)s", "room_id": "NULL", "slot": "NULL", "at": "now()"}
    return copy("referral_ask", of, **{**_FRESH, **free, "until": "now() + interval '1 hour'", **otherwise})


def _bed(**otherwise: str) -> Copy:
    return _another(**{"room_id": "%(free_room)s", "slot": "3", **otherwise})


def _answer(state: str, by: str, which: str = "ask", more: str = "") -> str:
    return f"{_ASK} state = '{state}', answered_at = now(), answered_by_id = {by}{more} WHERE id = %({which})s"


def _count(**otherwise: str) -> Copy:
    return copy("free_room", "free_room", **{"at": "now()", **otherwise})


ROOM = (
    Attack(
        "two agencies that answer for an organization",
        "one_provider_answers_for_an_organization",
        copy("provider", "provider"),
    ),
    Attack(
        "a hotline that answers for an organization",
        "a_provider_is_an_agency_of_that_kind",
        copy("provider", "provider", agency_id="%(hotline)s", organization="gen_random_uuid()"),
    ),
    Attack(
        "an agency that says itself for whom it answers",
        "policy: add of provider",
        copy("provider", "provider", organization="gen_random_uuid()"),
        by="worker",
    ),
    Attack(
        "an agency that ends itself that another answers",
        "policy: change of provider",
        "UPDATE nowrongdoor_provider SET ended_at = now() WHERE id = %(provider)s",
        by="worker",
    ),
    Attack(
        "an agency that answers for another organization from now on",
        "privilege: UPDATE of provider",
        "UPDATE nowrongdoor_provider SET organization = gen_random_uuid() WHERE id = %(provider)s",
    ),
    Attack("room for a thousand", "room_is_counted_to_999", _count(free="1000"), by="worker"),
    Attack(
        "the room of a service of others",
        "room_is_counted_by_who_works_there",
        _count(service="gen_random_uuid()"),
        by="worker",
    ),
    Attack(
        "room counted by somebody who is no provider",
        "policy: add of free_room",
        _count(by_id="%(guest_p)s"),
        by="guest",
    ),
    Attack(
        "room counted for a time to come",
        "policy: add of free_room",
        _count(at="now() + interval '1 day'"),
        by="worker",
    ),
    Attack(
        "a count that says something else afterwards",
        "privilege: UPDATE of free_room",
        "UPDATE nowrongdoor_free_room SET free = 9 WHERE id = %(free_room)s",
        by="worker",
        behind=("policy: change of free_room",),
    ),
    Attack(
        "a coordinator of a provider",
        "people_of_a_provider_have_roles_of_one",
        "UPDATE nowrongdoor_user SET role = 'coordinator' WHERE id = %(worker_2_p)s",
        by="guest",
    ),
)
REFERRED = (
    Attack(
        "a referral for a need without a name",
        "a_referral_is_for_a_need_by_name",
        copy("referral", "asking", kind="'A need'"),
        by="advocate",
    ),
    Attack(
        "a referral closed without what became of it",
        "a_referral_is_closed_with_what_became_of_it",
        f"{_REFERRAL} closed_at = now(), closed_by_id = %(advocate_p)s WHERE id = %(asking)s",
        by="advocate",
        behind=("a_referral_is_closed_once_in_ones_own_name",),
    ),
    Attack(
        "a referral begun in a colleague's name",
        "policy: add of referral",
        copy("referral", "asking", by_id="%(hotline_p)s"),
        by="advocate",
        behind=("a_referral_is_begun_in_ones_own_name",),
    ),
    Attack(
        "a referral begun by nobody",
        "a_referral_is_begun_in_ones_own_name",
        copy("referral", "asking"),
        by="owner",
    ),
    Attack(
        "a referral closed while a service is asked",
        "a_referral_is_closed_once_in_ones_own_name",
        f"{_REFERRAL} closed_at = now(), closed_by_id = %(advocate_p)s, outcome = 'helped' WHERE id = %(asking)s",
        by="advocate",
    ),
    Attack(
        "a referral that is opened again",
        "a_referral_is_closed_once_in_ones_own_name",
        f"{_REFERRAL} closed_at = NULL, closed_by_id = NULL, outcome = '' WHERE id = %(closed_referral)s",
        by="advocate",
    ),
    Attack(
        "a referral closed by the service that is asked",
        "policy: change of referral",
        f"{_REFERRAL} closed_at = now(), closed_by_id = %(worker_p)s, outcome = 'helped' WHERE id = %(asking)s",
        by="worker",
        behind=("nothing was there", "a_referral_is_closed_once_in_ones_own_name"),
    ),
    Attack(
        "a referral for another need from now on",
        "privilege: UPDATE of referral",
        f"{_REFERRAL} kind = 'other' WHERE id = %(asking)s",
        by="advocate",
    ),
)
_PLAN = "UPDATE nowrongdoor_referral_plan SET"
_BY = "by_id = %(advocate_p)s"
AROUND = (
    Attack(
        "six services to ask next",
        "up_to_five_services_are_asked_next",
        f"{_PLAN} {_BY}, asked_next = ARRAY[{', '.join(['gen_random_uuid()'] * 6)}] WHERE referral_id = %(asking)s",
        by="advocate",
    ),
    Attack(
        "a follow-up in two years",
        "a_follow_up_is_within_a_year",
        f"{_PLAN} {_BY}, follow_up_at = now() + interval '2 years' WHERE referral_id = %(asking)s",
        by="advocate",
    ),
    Attack(
        "a ride that goes along with a referral that is closed",
        "what_goes_along_goes_with_an_open_referral_of_ones_own",
        "INSERT INTO nowrongdoor_referral_plan (referral_id, agency_id, by_id, asked_next, along_id) "
        "VALUES (%(planless)s, %(hotline)s, %(advocate_p)s, '{}', %(closed_referral)s)",
        by="advocate",
        first="DELETE FROM nowrongdoor_referral_plan WHERE referral_id = %(planless)s",
    ),
    Attack(
        "a plan for a referral that is closed",
        "a_plan_is_of_an_open_referral_of_ones_own",
        "INSERT INTO nowrongdoor_referral_plan (referral_id, agency_id, by_id, asked_next) "
        "VALUES (%(closed_referral)s, %(hotline)s, %(advocate_p)s, '{}')",
        by="advocate",
        first="DELETE FROM nowrongdoor_referral_plan WHERE referral_id = %(closed_referral)s",
    ),
    Attack(
        "a plan for another agency's referral",
        "a_plan_is_of_an_open_referral_of_ones_own",
        "INSERT INTO nowrongdoor_referral_plan (referral_id, agency_id, by_id, asked_next) "
        "VALUES (%(planless)s, %(hsi)s, %(hsi_p)s, '{}')",
        by="hsi",
        first="DELETE FROM nowrongdoor_referral_plan WHERE referral_id = %(planless)s",
    ),
    Attack(
        "whom a referral is for, said in a colleague's name",
        "policy: becomes of referral_plan",
        f"{_PLAN} by_id = %(hotline_p)s, case_id = %(case)s WHERE referral_id = %(asking)s",
        by="advocate",
        behind=("a_plan_is_written_in_ones_own_name",),
    ),
    Attack(
        "whom a referral is for, said by nobody",
        "a_plan_is_written_in_ones_own_name",
        f"{_PLAN} case_id = %(case)s WHERE referral_id = %(asking)s",
        by="owner",
    ),
    Attack(
        "whom a referral is for, said once it is closed",
        "whom_a_referral_is_for_is_said_while_it_is_open",
        f"{_PLAN} {_BY}, case_id = %(case)s WHERE referral_id = %(closed_referral)s",
        by="advocate",
    ),
    Attack(
        "somebody without their case",
        "somebody_who_is_referred_is_of_a_case",
        f"{_PLAN} {_BY}, case_id = NULL WHERE referral_id = %(taken_referral)s",
        by="advocate",
        behind=("a_referral_is_for_somebody_of_its_case",),
    ),
    Attack(
        "somebody of another case",
        "a_referral_is_for_somebody_of_its_case",
        f"{_PLAN} {_BY}, case_id = %(case)s, person_id = %(person_elsewhere)s WHERE referral_id = %(asking)s",
        by="advocate",
    ),
    Attack(
        "a case that nobody opened",
        "policy: becomes of referral_plan",
        f"{_PLAN} {_BY}, case_id = %(case)s WHERE referral_id = %(asking)s",
        by="advocate",
        case="",
    ),
    Attack(
        "a plan changed by the service that is asked",
        "policy: change of referral_plan",
        f"{_PLAN} by_id = %(worker_p)s WHERE referral_id = %(taken_referral)s",
        by="worker",
        behind=("nothing was there", "a_plan_is_written_in_ones_own_name"),
    ),
    Attack(
        "a plan that is another referral's from now on",
        "privilege: UPDATE of referral_plan",
        f"{_PLAN} referral_id = %(planless)s WHERE referral_id = %(taken_referral)s",
        by="advocate",
        behind=("nowrongdoor_referral_plan_pkey",),
    ),
)
ASKED = (
    Attack(
        "an ask answered by nobody",
        "an_ask_is_answered_by_somebody",
        f"{_ASK} state = 'accepted', answered_at = now() WHERE id = %(ask)s",
        by="worker",
        behind=("an_ask_moves_as_whoever_answers_says",),
    ),
    Attack(
        "an ask declined without a reason",
        "whoever_declines_says_why",
        _answer("declined", "%(worker_p)s"),
        by="worker",
    ),
    Attack(
        "an ask that waits for two days",
        "an_ask_ends_within_two_hours",
        _another(until="now() + interval '3 hours'"),
        by="advocate",
    ),
    Attack(
        "a bed without a number",
        "a_bed_is_asked_for_of_who_signs_in",
        _bed(slot="NULL"),
        by="advocate",
        behind=("a_bed_is_one_of_those_there_are",),
    ),
    Attack(
        "somebody came who was not taken",
        "whoever_was_taken_came_or_did_not",
        f"{_ASK} came = 'came' WHERE id = %(waitlisted)s",
        by="worker",
    ),
    Attack(
        "two services asked at a time",
        "one_service_is_asked_at_a_time",
        _another(referral_id="%(asking)s"),
        by="advocate",
    ),
    Attack("the same bed asked for twice", "a_bed_is_asked_for_once", _bed(slot="1"), by="advocate"),
    Attack("a bed more than there are", "a_bed_is_one_of_those_there_are", _bed(slot="4"), by="advocate"),
    Attack(
        "an ask in a colleague's name",
        "policy: add of referral_ask",
        _another(by_id="%(hotline_p)s"),
        by="advocate",
        behind=("an_ask_is_of_ones_own_referral",),
    ),
    Attack(
        "an ask for a referral that is closed",
        "an_ask_is_of_ones_own_referral",
        _another(referral_id="%(closed_referral)s"),
        by="advocate",
    ),
    Attack(
        "an ask of a service for which nobody vouches",
        "an_ask_is_of_a_vetted_service",
        _another(),
        by="advocate",
        first="UPDATE nowrongdoor_vetting SET ended_at = now(), ended_by_id = by_id WHERE ended_at IS NULL",
    ),
    Attack(
        "somebody's name in the place of a service's",
        "an_ask_has_the_name_of_its_service",
        _another(name="'Zenobia Quillfeather'"),
        by="advocate",
    ),
    Attack(
        "an ask that begins tomorrow",
        "policy: add of referral_ask",
        _another(at="now() + interval '1 day'", until="now() + interval '25 hours'"),
        by="advocate",
    ),
    Attack(
        "an ask that another agency would answer",
        "an_ask_names_who_signs_in_for_the_service",
        _another(provider_id="%(airline)s"),
        by="advocate",
    ),
    Attack(
        "a yes of whoever asks",
        "an_ask_is_answered_in_ones_own_name",
        _answer("accepted", "%(advocate_p)s"),
        by="advocate",
    ),
    Attack(
        "a yes in a colleague's name",
        "an_ask_is_answered_in_ones_own_name",
        _answer("accepted", "%(guest_p)s"),
        by="worker",
    ),
    Attack(
        "somebody taken from the waiting list in the name of whoever put them there",
        "an_ask_is_answered_in_ones_own_name",
        f"{_ASK} state = 'accepted', answered_at = now() WHERE id = %(waitlisted)s",
        by="worker_2",
    ),
    Attack(
        "a yes when time is over",
        "an_ask_moves_as_whoever_answers_says",
        _answer("accepted", "%(worker_p)s"),
        by="worker",
        first=f"{_ASK} at = now() - interval '3 hours', until = now() - interval '1 hour' WHERE id = %(ask)s",
    ),
    Attack(
        "a no after somebody came",
        "an_ask_moves_as_whoever_answers_says",
        _answer("declined", "%(worker_p)s", "ask_taken", ", reason = 'full', came = ''"),
        by="worker",
        first=f"{_ASK} came = 'came' WHERE id = %(ask_taken)s",
    ),
    Attack(
        "a no after the referral was closed",
        "an_ask_moves_as_whoever_answers_says",
        _answer("declined", "%(worker_p)s", "ask_taken", ", reason = 'full'"),
        by="worker",
        first=f"{_ASK} closed_at = now() WHERE id = %(ask_taken)s",
    ),
    Attack(
        "a yes for a service for which nobody vouches any more",
        "an_ask_moves_as_whoever_answers_says",
        _answer("accepted", "%(worker_p)s"),
        by="worker",
        first="UPDATE nowrongdoor_vetting SET ended_at = now(), ended_by_id = by_id WHERE ended_at IS NULL",
    ),
    Attack(
        "a yes of whoever answered before",
        "an_ask_moves_as_whoever_answers_says",
        _answer("accepted", "%(worker_p)s", "waitlisted"),
        by="worker",
        first="UPDATE nowrongdoor_provider SET ended_at = now()",
    ),
    Attack(
        "another bed after the answer",
        "an_ask_moves_as_whoever_answers_says",
        f"{_ASK} slot = 9 WHERE id = %(ask_taken)s",
        by="worker",
    ),
    Attack(
        "an ask that is over before its time",
        "an_ask_moves_as_whoever_answers_says",
        f"{_ASK} state = 'lapsed', answered_at = now() WHERE id = %(ask)s",
    ),
    Attack(
        "somebody came, as whoever asked says",
        "an_ask_moves_as_whoever_answers_says",
        f"{_ASK} came = 'came' WHERE id = %(ask_taken)s",
        by="advocate",
    ),
    Attack(
        "a yes of another agency",
        "policy: change of referral_ask",
        _answer("accepted", "%(hsi_p)s"),
        by="hsi",
        behind=("nothing was there",),
    ),
    Attack(
        "an ask that is another's from now on",
        "privilege: UPDATE of referral_ask",
        f"{_ASK} provider_id = %(airline)s WHERE id = %(ask)s",
        by="advocate",
        behind=("an_ask_moves_as_whoever_answers_says",),
    ),
)
REFERRALS = (*ROOM, *REFERRED, *AROUND, *ASKED)
HIDDEN = (
    Hidden("provider", "id = %(provider)s", "admin"),
    Hidden("free_room", "id = %(free_room)s", "admin"),
    Hidden("referral", "id = %(asking)s", "guest"),
    Hidden("referral_ask", "id = %(ask)s", "guest"),
    Hidden("referral_plan", "referral_id = %(taken_referral)s", "guest", case=""),
    Hidden("referral_plan", "referral_id = %(taken_referral)s", "worker", case=""),
    Hidden("referral", "id = %(taken_referral)s", "worker", case=""),
    Hidden("person_part", "person_id = %(person)s AND part <> 'identity'", "worker", case=""),
)
MAKERS = (
    Maker(
        "an_ask_that_was_answered_is_told_no_more",
        _answer("accepted", "%(worker_p)s"),
        "SELECT count(*) FROM nowrongdoor_notification WHERE thing_id = %(ask)s AND over_at IS NOT NULL",
        by="worker",
        seen_by="system",
    ),
    Maker(
        "a_follow_up_that_is_done_is_told_no_more",
        f"{_PLAN} {_BY}, follow_up_at = NULL WHERE referral_id = %(taken_referral)s",
        "SELECT count(*) FROM nowrongdoor_notification WHERE thing_id = %(taken_referral)s AND over_at IS NOT NULL",
        by="advocate",
        seen_by="system",
    ),
    Maker(
        "asks_end_with_their_referral",
        f"{_REFERRAL} closed_at = now(), closed_by_id = %(advocate_p)s, outcome = 'helped' "
        "WHERE id = %(taken_referral)s",
        "SELECT count(*) FROM nowrongdoor_referral_ask WHERE id = %(ask_taken)s AND closed_at IS NOT NULL",
        by="advocate",
    ),
)
