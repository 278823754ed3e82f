"""Attacks on what is noted beside a contact and after it: its type, flags, reviews, and money."""

from __future__ import annotations

from tests.promises.attacking import ODD, SEALED, Attack, Copy, Hidden, Maker, copy

_FLAG = "UPDATE nowrongdoor_caller_flag SET"
_REVIEW = "UPDATE nowrongdoor_contact_review SET"
_MONEY = "UPDATE nowrongdoor_emergency_money SET"
_YES = 'answers = \'{"safe": "yes"}\', at = now()'


def _type(number: int, **otherwise: str) -> Copy:
    return copy("contact_type", "contact_type", number=str(number), **otherwise)


def _drawn(contact: str, **otherwise: str) -> Copy:
    return copy("contact_review", "drawn", contact_id=f"%({contact})s", **otherwise)


def _decided(which: str, by: str, more: str = "") -> str:
    return f"{_MONEY} decided_by_id = %({by})s, decided_at = now(), is_approved = true{more} WHERE id = %({which})s"


def _spent(which: str, amount: str, by: str = "desk_p") -> str:
    return f"{_MONEY} spent = {amount}, spent_by_id = %({by})s, spent_at = now() WHERE id = %({which})s"


TYPES = (
    Attack(
        "two types of one contact at a time",
        "a_contact_has_one_type_at_a_time",
        _type(1),
        by="desk",
        behind=("a_type_follows_the_one_before",),
    ),
    Attack("a type that is not known", "a_type_of_contact_is_known", _type(2, kind="'rescue'"), by="desk"),
    Attack("a type after one that nobody said", "a_type_follows_the_one_before", _type(3), by="desk"),
    Attack("a type said by nobody who looks", "a_type_is_said_in_ones_own_name", _type(2), by="owner"),
    Attack(
        "a type said in a colleague's name",
        "policy: add of contact_type",
        _type(2),
        by="desk_2",
        behind=("a_type_is_said_in_ones_own_name",),
    ),
    Attack(
        "what a contact was about, rewritten",
        "privilege: UPDATE of contact_type",
        "UPDATE nowrongdoor_contact_type SET kind = 'tip'",
        by="desk",
        behind=("policy: change of contact_type",),
    ),
)
FLAGS = (
    Attack(
        "a flag of another kind", "a_flag_is_of_a_known_kind", copy("caller_flag", "flag", kind="'blocked'"), by="desk"
    ),
    Attack(
        "a flag for half a year",
        "a_flag_expires_within_ninety_days",
        copy("caller_flag", "flag", until="at + interval '91 days'"),
        by="desk",
    ),
    Attack(
        "a flag that ended before it began",
        "a_flag_expires_within_ninety_days",
        copy("caller_flag", "flag", until="at"),
        by="desk",
    ),
    Attack(
        "a flag taken off by nobody",
        "a_flag_is_taken_off_by_somebody",
        f"{_FLAG} ended_at = now() WHERE id = %(flag)s",
        by="desk",
    ),
    Attack(
        "a flag on a number",
        "a_flag_is_of_a_token",
        copy("caller_flag", "flag", caller="'+15550199'"),
        by="desk",
        behind=("a_flag_is_of_somebody_who_called",),
    ),
    Attack(
        "a flag on somebody who never called",
        "a_flag_is_of_somebody_who_called",
        copy("caller_flag", "flag", caller=ODD),
        by="desk",
    ),
    Attack(
        "a flag put on by nobody who looks",
        "a_flag_is_put_on_in_ones_own_name",
        copy("caller_flag", "flag"),
        by="owner",
    ),
    Attack(
        "a flag put on in a colleague's name",
        "policy: add of caller_flag",
        copy("caller_flag", "flag"),
        by="desk_2",
        behind=("a_flag_is_put_on_in_ones_own_name",),
    ),
    Attack(
        "a flag taken off in a colleague's name",
        "a_flag_is_taken_off_once_and_in_ones_own_name",
        f"{_FLAG} ended_at = now(), ended_by_id = %(desk_2_p)s WHERE id = %(flag)s",
        by="desk",
    ),
    Attack(
        "a flag that was off, on again",
        "a_flag_is_taken_off_once_and_in_ones_own_name",
        f"{_FLAG} ended_at = NULL, ended_by_id = NULL WHERE id = %(flag_off)s",
        by="desk",
    ),
    Attack(
        "a flag taken off by another agency",
        "policy: change of caller_flag",
        f"{_FLAG} ended_at = now(), ended_by_id = %(hsi_p)s",
        by="hsi",
        behind=("a_flag_is_taken_off_once_and_in_ones_own_name",),
    ),
    Attack(
        "a flag made longer",
        "privilege: UPDATE of caller_flag",
        f"{_FLAG} until = until + interval '1 day' WHERE id = %(flag)s",
        by="desk",
    ),
    Attack(
        "what a flag says, destroyed while it is on",
        "a_key_of_a_flag_is_kept",
        "DELETE FROM nowrongdoor_datakey WHERE subject_id = %(flag)s",
    ),
)
REVIEWS = (
    Attack(
        "a review without a reviewer",
        "a_review_is_written_by_somebody",
        f"{_REVIEW} {_YES} WHERE id = %(drawn)s",
        by="hotline",
    ),
    Attack(
        "a review that says nothing",
        "a_review_is_written_by_somebody",
        f"{_REVIEW} at = now(), by_id = %(hotline_p)s WHERE id = %(drawn)s",
        by="hotline",
    ),
    Attack(
        "a contact drawn that is not over",
        "a_review_is_of_a_contact_that_somebody_answered",
        _drawn("ringing"),
        by="hotline",
    ),
    Attack(
        "a contact drawn by nobody who looks",
        "a_contact_is_drawn_in_ones_own_name",
        _drawn("over_3"),
        by="owner",
    ),
    Attack(
        "a contact drawn in a colleague's name",
        "policy: add of contact_review",
        _drawn("over_3"),
        by="hotline_2",
        behind=("a_contact_is_drawn_in_ones_own_name",),
    ),
    Attack(
        "a contact reviewed by whoever had it",
        "nobody_reviews_their_own_contact",
        f"{_REVIEW} {_YES}, by_id = %(hotline_p)s WHERE id = %(drawn)s",
        by="hotline",
        first="INSERT INTO nowrongdoor_contact_leg (id, contact_id, agency_id, kind, person_id, to_whom, words, "
        "began_at, ended_at) "
        "SELECT gen_random_uuid(), contact_id, agency_id, 'held', %(hotline_p)s, '', '', now(), now() "
        "FROM nowrongdoor_contact_review WHERE id = %(drawn)s",
    ),
    Attack(
        "a review in a colleague's name",
        "a_review_is_written_once_and_in_ones_own_name",
        f"{_REVIEW} {_YES}, by_id = %(hotline_2_p)s WHERE id = %(drawn)s",
        by="hotline",
    ),
    Attack(
        "a review written over",
        "a_review_is_written_once_and_in_ones_own_name",
        f'{_REVIEW} answers = \'{{"safe": "no"}}\' WHERE id = %(written_review)s',
        by="hotline",
    ),
    Attack(
        "a review by an advocate",
        "policy: change of contact_review",
        f"{_REVIEW} {_YES}, by_id = %(desk_2_p)s",
        by="desk_2",
        behind=("a_review_is_written_once_and_in_ones_own_name",),
    ),
    Attack(
        "another contact reviewed than was drawn",
        "privilege: UPDATE of contact_review",
        f"{_REVIEW} contact_id = %(over_3)s WHERE id = %(drawn)s",
        by="hotline",
    ),
)
MONEY = (
    Attack(
        "money for a lawyer", "money_is_for_a_known_need", copy("emergency_money", "money", kind="'lawyer'"), by="desk"
    ),
    Attack(
        "money without end",
        "money_is_asked_for_within_bounds",
        copy("emergency_money", "money", amount="5001"),
        by="desk",
    ),
    Attack(
        "less than no money",
        "money_is_asked_for_within_bounds",
        copy("emergency_money", "money", amount="0"),
        by="desk",
    ),
    Attack(
        "money approved by whoever asked for it",
        "nobody_approves_their_own_money",
        _decided("own_money", "hotline_p"),
        by="hotline",
    ),
    Attack(
        "money approved by nobody",
        "nobody_approves_their_own_money",
        f"{_MONEY} is_approved = true WHERE id = %(money)s",
        by="owner",
        behind=("a_coordinator_decides_on_money_once",),
    ),
    Attack(
        "more spent than was approved", "money_is_spent_as_it_was_approved", _spent("approved_money", "101"), by="desk"
    ),
    Attack("money spent that nobody approved", "money_is_spent_as_it_was_approved", _spent("money", "1"), by="desk"),
    Attack(
        "money for practice",
        "money_is_for_somebody_in_contact",
        copy("emergency_money", "money", contact_id="%(practice)s"),
        by="desk",
    ),
    Attack(
        "money asked for by nobody who looks",
        "money_is_asked_for_in_ones_own_name",
        copy("emergency_money", "money"),
        by="owner",
    ),
    Attack(
        "money that begins approved",
        "money_is_asked_for_in_ones_own_name",
        copy("emergency_money", "money", decided_by_id="%(hotline_p)s", decided_at="now()", is_approved="true"),
        by="desk",
    ),
    Attack(
        "money asked for in a colleague's name",
        "policy: add of emergency_money",
        copy("emergency_money", "money"),
        by="desk_2",
        behind=("money_is_asked_for_in_ones_own_name",),
    ),
    Attack(
        "money approved by an advocate",
        "a_coordinator_decides_on_money_once",
        _decided("money", "desk_2_p"),
        by="desk_2",
    ),
    Attack(
        "money approved in a coordinator's name",
        "a_coordinator_decides_on_money_once",
        _decided("money", "hotline_p"),
        by="desk_2",
    ),
    Attack(
        "a decision on money undone",
        "a_coordinator_decides_on_money_once",
        f"{_MONEY} decided_by_id = NULL, decided_at = NULL, is_approved = NULL WHERE id = %(approved_money)s",
        by="hotline",
    ),
    Attack(
        "money spent in a colleague's name",
        "what_was_spent_is_noted_once",
        _spent("approved_money", "1", "desk_2_p"),
        by="desk",
    ),
    Attack("what was spent, rewritten", "what_was_spent_is_noted_once", _spent("spent_money", "2"), by="desk"),
    Attack(
        "money decided on by another agency",
        "policy: change of emergency_money",
        f"{_MONEY} decided_by_id = %(hsi_p)s, decided_at = now(), is_approved = true",
        by="hsi",
        behind=("a_coordinator_decides_on_money_once",),
    ),
    Attack(
        "more money than was asked for",
        "privilege: UPDATE of emergency_money",
        f"{_MONEY} amount = 5000 WHERE id = %(money)s",
        by="desk",
    ),
    Attack(
        "other words of what money is for",
        "privilege: UPDATE of emergency_money",
        f"{_MONEY} words = {SEALED} WHERE id = %(money)s",
        by="desk",
    ),
)
WRAPPING_UP = (*TYPES, *FLAGS, *REVIEWS, *MONEY)
HIDDEN = (
    Hidden("contact_type", "id = %(contact_type)s", "hsi"),
    Hidden("caller_flag", "id = %(flag)s", "hsi"),
    Hidden("contact_review", "id = %(written_review)s", "desk_2"),
    Hidden("contact_review", "id = %(drawn)s", "desk"),
    Hidden("emergency_money", "id = %(money)s", "hsi"),
)
MAKERS = (
    Maker(
        "a_new_type_is_told",
        copy("contact_type", "contact_type", number="(SELECT count(*) + 1 FROM nowrongdoor_contact_type)"),
        by="desk",
    ),
    Maker("that_money_is_asked_for_is_told", copy("emergency_money", "money"), by="desk"),
    Maker("what_became_of_money_is_told", f"{_MONEY} spent = spent WHERE id = %(money)s", by="hotline"),
)
