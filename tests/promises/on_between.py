"""Attacks on what crosses an agency's border: who signs a release, requests between agencies, messages."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import SEALED, Attack, Copy, Hidden, Maker, copy

OURS = "ours"  # a case that the hotline received and HSI leads


def released(**otherwise: str) -> Copy:
    """A release like the one that a mother signed with her child."""
    return copy("release", "child_release", **otherwise)


def asked_for(**otherwise: str) -> Copy:
    """What the lead asks: the words of the person, unless said otherwise."""
    return copy("case_request", "asked_of", **{"what": "'words'", "person_id": "NULL", **otherwise})


def ended(state: str, by: str, **more: str) -> str:
    """Ends the open request."""
    values = {"state": f"'{state}'", "over_at": "now()", "over_by_id": by, **more}
    put = ", ".join(f"{name} = {value}" for name, value in values.items())
    return f"UPDATE nowrongdoor_case_request SET {put} WHERE id = %(asked_of)s"


def written(**otherwise: str) -> Copy:
    return copy("case_message", "message", **otherwise)


RELEASES = (
    Attack(
        "a release signed by nobody knows whom",
        "a_release_is_signed_in_a_known_capacity",
        released(signer="'friend'"),
        by="hotline",
        case=OURS,
        behind=("who_signs_with_or_for_somebody_is_named_and_no_abuser",),
    ),
    Attack(
        "a release signed by a guardian of whom nobody said that they are no abuser",
        "who_signs_with_or_for_somebody_is_named_and_no_abuser",
        released(signer="'guardian'", is_no_abuser="false"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a release signed by a parent without a name",
        "who_signs_with_or_for_somebody_is_named_and_no_abuser",
        released(co_signer_name="''"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a release that the person signs as their own parent",
        "nobody_signs_for_themselves_as_another",
        released(co_signer_id="person_id"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a release that is signed after it was kept",
        "a_release_is_kept_once_it_is_signed",
        released(signed_at="given_at + interval '1 day'"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a release revoked in a way that nobody knows",
        "a_release_is_revoked_in_a_known_way",
        "UPDATE nowrongdoor_release SET revoked_at = now(), revoked_by_id = %(hotline_p)s, revoked_how = 'rumor' "
        "WHERE id = %(child_release)s",
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a release signed by somebody of another case",
        "who_signs_with_somebody_is_of_the_same_case",
        released(co_signer_id="%(person)s"),
        by="hotline",
        case=OURS,
        behind=("a_release_is_signed_by_no_suspect",),
    ),
    Attack(
        "a release signed by somebody on record as a suspect",
        "a_release_is_signed_by_no_suspect",
        released(co_signer_id="%(suspect)s"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a release for half a year without a reason",
        "a_release_of_more_than_ninety_days_says_why",
        released(longer_because="''"),
        by="hotline",
        case=OURS,
    ),
)
REQUESTS = (
    Attack(
        "a request for anything",
        "a_request_asks_for_something_known",
        asked_for(what="'money'"),
        by="hsi",
        case=OURS,
        behind=("a_way_to_somebody_is_asked_for_by_person",),
    ),
    Attack(
        "a request in a state that nobody knows",
        "a_request_has_a_known_state",
        ended("lost", "%(hotline_p)s"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a request refused by nobody",
        "a_request_is_over_once_somebody_ended_it",
        f"UPDATE nowrongdoor_case_request SET state = 'refused', reason = {SEALED} WHERE id = %(asked_of)s",
        by="hotline",
        case=OURS,
        behind=("a_request_is_answered_by_who_was_asked",),
    ),
    Attack("a request that says no reason", "a_request_says_why", asked_for(because="''"), by="hsi", case=OURS),
    Attack(
        "a request refused without a reason",
        "a_refused_request_says_why",
        ended("refused", "%(hotline_p)s"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a request to oneself",
        "a_request_is_to_another_agency",
        asked_for(to_agency_id="agency_id"),
        by="hsi",
        case=OURS,
    ),
    Attack(
        "a way to somebody asked for, whoever they are",
        "a_way_to_somebody_is_asked_for_by_person",
        asked_for(what="'contact'"),
        by="hsi",
        case=OURS,
    ),
    Attack(
        "a way to somebody given in words that no release ends",
        "a_way_to_somebody_is_given_by_release_or_call",
        ended("answered", "%(hotline_p)s", answer=SEALED),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "the same asked twice",
        "a_request_is_open_once",
        copy("case_request", "asked_of"),
        by="hsi",
        case=OURS,
    ),
    Attack(
        "a request about somebody of another case",
        "a_request_is_about_a_person_of_whom_it_asks",
        asked_for(what="'contact'", person_id="%(person)s"),
        by="hsi",
        case=OURS,
    ),
    Attack(
        "a request answered by a release of somebody else",
        "a_request_is_answered_by_a_release_for_who_asked",
        ended("answered", "%(hotline_p)s", release_id="%(release)s"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a request answered by a release that was revoked",
        "a_request_is_answered_by_a_release_in_force",
        ended("answered", "%(hotline_p)s", release_id="%(child_revoked)s"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a request of an agency that does not lead",
        "a_request_is_made_by_the_lead",
        asked_for(agency_id="%(hotline)s", by_id="%(hotline_p)s", to_agency_id="%(hsi)s"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a request in a colleague's name",
        "policy: add of case_request",
        asked_for(),
        by="hsi_2",
        case=OURS,
        behind=("a_request_is_made_by_the_lead",),
    ),
    Attack(
        "a request to an agency that never steered the case",
        "a_request_is_to_who_steered_the_case",
        asked_for(to_agency_id="%(whd)s"),
        by="hsi",
        case=OURS,
    ),
    Attack(
        "a request that is over as it begins",
        "a_request_starts_open",
        asked_for(state="'withdrawn'", over_at="now()", over_by_id="%(hsi_p)s"),
        by="hsi",
        case=OURS,
    ),
    Attack(
        "a request refused by whoever asked",
        "a_request_is_answered_by_who_was_asked",
        ended("refused", "%(hsi_p)s", reason=SEALED),
        by="hsi",
        case=OURS,
        behind=("a_duty_is_done_in_ones_own_name",),
    ),
    Attack(
        "a request withdrawn by whoever was asked",
        "a_request_is_withdrawn_by_who_made_it",
        ended("withdrawn", "%(hotline_p)s"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a request withdrawn by the system",
        "policy: change of case_request",
        ended("withdrawn", "%(hsi_p)s"),
        case=OURS,
        behind=("a_request_is_withdrawn_by_who_made_it",),
    ),
    Attack(
        "the reason of a refusal rewritten",
        "a_request_that_is_over_stays_over",
        f"UPDATE nowrongdoor_case_request SET reason = {SEALED} WHERE id = %(refused_of)s",
        by="hotline",
        case=OURS,
    ),
)
MESSAGES = (
    Attack("a message that says nothing", "a_message_says_something", written(text="''"), by="hotline", case=OURS),
    Attack(
        "a message to oneself",
        "a_message_is_to_another_agency",
        written(to_agency_id="agency_id"),
        by="hotline",
        case=OURS,
    ),
    Attack("a message in a colleague's name", "policy: add of case_message", written(), by="hotline_3", case=OURS),
    Attack(
        "a message to an agency that takes no part",
        "a_message_is_to_who_takes_part",
        written(to_agency_id="%(eeoc)s"),
        by="hotline",
        case=OURS,
    ),
    Attack(
        "a message past a gate",
        "a_message_passes_no_gate",
        written(to_agency_id="%(whd)s"),
        first="UPDATE nowrongdoor_ruling SET body = jsonb_set(body, '{gates}', jsonb_build_array(jsonb_build_object("
        "'bars', jsonb_build_array((SELECT kind FROM nowrongdoor_agency WHERE id = %(whd)s))))) "
        "WHERE digest IN (SELECT ruling_id FROM nowrongdoor_decision WHERE case_id = %(ours)s)",
        by="hotline",
        case=OURS,
    ),
    Attack(
        "attorney work product of an agency that prosecutes nobody",
        "work_product_stays_between_prosecutors",
        written(for_prosecutors="true"),
        by="hotline",
        case=OURS,
    ),
)
BETWEEN = (*RELEASES, *REQUESTS, *MESSAGES)
BETWEEN_MAKERS = (
    Maker(
        "an_open_request_is_on_both_lists",
        asked_for(),
        "SELECT count(*) FROM nowrongdoor_duty WHERE thing = 'request'",
        by="hsi",
        case=OURS,
    ),
    Maker(
        "what_came_of_a_request_is_on_a_list",
        ended("refused", "%(hotline_p)s", reason=SEALED),
        "SELECT count(*) FROM nowrongdoor_duty WHERE thing = 'request'",
        by="hotline",
        case=OURS,
    ),
    Maker(
        "a_message_is_on_the_list_of_who_gets_it",
        written(),
        "SELECT count(*) FROM nowrongdoor_duty WHERE thing = 'message'",
        by="hotline",
        case=OURS,
    ),
    Maker(
        "message.the_writers_role_is_noted",
        written(written_as="''"),
        "SELECT count(*) FROM nowrongdoor_case_message WHERE written_as = 'coordinator'",
        by="hotline",
        case=OURS,
    ),
)
BETWEEN_HIDDEN = (
    Hidden("case_request", "id = %(asked_of)s", by="whd", case=OURS),
    Hidden("case_message", "id = %(message)s", by="whd", case=OURS),
    Hidden("case_message", "id = %(work_product)s", by="specialist", case=OURS),
    Hidden("case_message", "id = %(work_product)s", by="hsi", case=OURS),
)
