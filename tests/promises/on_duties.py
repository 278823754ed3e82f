"""Attacks on notices and clocks."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import SEALED, Attack, copy

DUTIES = (
    Attack(
        "a notice acknowledged by nobody",
        "a_notice_is_acknowledged_by_somebody",
        "UPDATE nowrongdoor_notice SET acknowledged_at = now() WHERE id = %(notice)s",
        by="told",
        behind=("a_notice_is_acknowledged_in_ones_own_name",),
    ),
    Attack(
        "a notice acknowledged in another's name",
        "a_notice_is_acknowledged_in_ones_own_name",
        "UPDATE nowrongdoor_notice SET acknowledged_at = now(), acknowledged_by_id = %(told_p)s WHERE id = %(notice)s",
        by="hotline",
    ),
    Attack(
        "a notice acknowledged by another agency",
        "a_notice_is_acknowledged_in_ones_own_name",
        "UPDATE nowrongdoor_notice SET acknowledged_at = now(), acknowledged_by_id = %(hotline_p)s "
        "WHERE id = %(notice)s",
        by="hotline",
    ),
    Attack(
        "a notice told by hand acknowledged by an agency that neither leads nor received the case",
        "a_notice_is_acknowledged_in_ones_own_name",
        "UPDATE nowrongdoor_notice SET acknowledged_at = now(), acknowledged_by_id = %(told_p)s, "
        f"how = {SEALED} WHERE id = %(by_hand)s",
        by="told",
    ),
    Attack(
        "a notice told by hand acknowledged in the name of somebody of the agency that received the case",
        "a_notice_is_acknowledged_in_ones_own_name",
        "UPDATE nowrongdoor_notice SET acknowledged_at = now(), acknowledged_by_id = %(hotline_p)s, "
        f"how = {SEALED} WHERE id = %(by_hand)s",
        by="told",
    ),
    Attack(
        "a notice that somebody told by hand and does not say how",
        "who_told_by_hand_says_how",
        "UPDATE nowrongdoor_notice SET acknowledged_at = now(), acknowledged_by_id = %(told_p)s WHERE id = %(notice)s",
        first="UPDATE nowrongdoor_notice SET by_hand = true WHERE id = %(notice)s",
        by="told",
    ),
    Attack(
        "a notice under a rumor",
        "a_notice_says_what_set_its_limit",
        copy("notice", "notice", basis="'rumor'", desk="'X'"),
    ),
    Attack("the same notice twice", "one_notice_per_desk_and_role", copy("notice", "notice")),
    Attack(
        "a notice that was answered before it was sent",
        "a_notice_starts_unanswered",
        copy("notice", "acknowledged", desk="'X'"),
    ),
    Attack(
        "the words of an acknowledgement overwritten",
        "a_notice_that_is_over_stays_over",
        f"UPDATE nowrongdoor_notice SET how = {SEALED} WHERE id = %(acknowledged)s",
        by="hotline",
    ),
    Attack(
        "an acknowledged notice given to another agency, so that its words open no more",
        "a_notice_that_is_over_stays_over",
        "UPDATE nowrongdoor_notice SET agency_id = %(whd)s WHERE id = %(acknowledged)s",
    ),
    Attack(
        "a notice taken over from the agency that it is for",
        "a_notice_stays_with_whom_it_is_for",
        "UPDATE nowrongdoor_notice SET agency_id = %(hotline)s WHERE id = %(notice)s",
        by="hotline",
    ),
    Attack(
        "a notice taken over and acknowledged at once",
        "a_notice_is_acknowledged_in_ones_own_name",
        "UPDATE nowrongdoor_notice SET agency_id = %(hotline)s, acknowledged_at = now(), "
        "acknowledged_by_id = %(hotline_p)s WHERE id = %(notice)s",
        by="hotline",
        behind=("a_notice_stays_with_whom_it_is_for",),
    ),
    Attack(
        "a clock taken over from the agency that owes it",
        "a_clock_stays_with_whoever_owes_it",
        "UPDATE nowrongdoor_clock SET agency_id = %(hsi)s, follows_lead = false WHERE id = %(clock)s",
        by="hsi",
    ),
    Attack(
        "a clock taken over and met at once",
        "a_clock_is_met_in_ones_own_name",
        f"UPDATE nowrongdoor_clock SET agency_id = %(hsi)s, met_at = now(), met_by_id = %(hsi_p)s, how = {SEALED} "
        "WHERE id = %(clock)s",
        by="hsi",
        behind=("a_clock_stays_with_whoever_owes_it",),
    ),
    Attack(
        "a clock met by nobody",
        "a_clock_is_met_by_somebody_somehow",
        "UPDATE nowrongdoor_clock SET met_at = now() WHERE id = %(clock)s",
        by="hotline",
        behind=("a_clock_is_met_in_ones_own_name",),
    ),
    Attack(
        "a clock met in another's name",
        "a_clock_is_met_in_ones_own_name",
        f"UPDATE nowrongdoor_clock SET met_at = now(), met_by_id = %(hotline_p)s, how = {SEALED} WHERE id = %(clock)s",
        by="hsi",
    ),
    Attack(
        "a clock under a rumor",
        "a_clock_says_whether_law_or_policy",
        copy("clock", "clock", basis="'rumor'", clock="'X'"),
    ),
    Attack("the same clock twice", "a_clock_runs_once_per_case", copy("clock", "clock")),
    Attack("a clock met before it ran", "a_clock_starts_unmet", copy("clock", "met", clock="'X'")),
    Attack(
        "a clock that was met runs again",
        "a_clock_that_is_over_stays_over",
        "UPDATE nowrongdoor_clock SET met_at = NULL, met_by_id = NULL, how = '' WHERE id = %(met)s",
    ),
    Attack(
        "a clock that was withdrawn runs again",
        "a_clock_that_is_over_stays_over",
        "UPDATE nowrongdoor_clock SET withdrawn_at = NULL WHERE id = %(clock)s",
        first="UPDATE nowrongdoor_clock SET withdrawn_at = now() WHERE id = %(clock)s",
    ),
)
