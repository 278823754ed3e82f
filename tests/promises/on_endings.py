"""Attacks on how a case ends, and on which cases belong together."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import SEALED, Attack, Copy, Hidden


def ended(more: str, of: str = "ours", by: str = "hsi_p") -> str:
    """Closes a case as the run-time role may write it."""
    return (
        f"UPDATE nowrongdoor_case SET closed_at = now(), closed_by_id = %({by})s, closed_because = {SEALED}, {more} "
        f"WHERE id = %({of})s"
    )


def linked(case: str, other: str, by: str = "hotline", agency: str = "hotline") -> str:
    return (
        "INSERT INTO nowrongdoor_case_link (id, case_id, other_id, agency_id, by_id, at) VALUES (gen_random_uuid(), "
        f"least(%({case})s, %({other})s), greatest(%({case})s, %({other})s), %({agency})s, %({by}_p)s, now())"
    )


def reopened(of: str, by: str = "hotline", because: str = SEALED, closed_because: str = "closed_because") -> str:
    """Writes a reopening of a closed case, as it was closed, as the run-time role may write it."""
    return (
        "INSERT INTO nowrongdoor_reopening (id, case_id, agency_id, by_id, at, because, closed_at, closed_by_id, "
        f"closed_because, closed_as, found) SELECT gen_random_uuid(), id, %({by})s, %({by}_p)s, now(), {because}, "
        f"coalesce(closed_at, now()), coalesce(closed_by_id, %({by}_p)s), {closed_because}, closed_as, found "
        f"FROM nowrongdoor_case WHERE id = %({of})s"
    )


OPENS = (
    "UPDATE nowrongdoor_case SET closed_at = NULL, closed_by_id = NULL, closed_because = '', closed_as = '', "
    "found = '' WHERE id = %(held)s"
)
REOPENINGS = (
    Attack(
        "a case reopened by somebody who does not lead it, or that is open",
        "a_case_is_reopened_by_who_led_it_last",
        reopened("ours", closed_because=SEALED),
        by="hotline",
        case="ours",
    ),
    Attack(
        "a case reopened whose disposal was asked for",
        "what_is_to_be_destroyed_is_not_reopened",
        reopened("closed"),
        by="hotline",
        case="closed",
        behind=("what_is_reopened_is_open",),
    ),
    Attack(
        "a reopening dated before the closing that it undoes",
        "a_case_is_reopened_after_it_was_closed",
        reopened("held").replace("now(), decode", "closed_at - interval '1 hour', decode"),
        by="hotline",
        case="held",
        behind=("what_is_reopened_is_open",),
    ),
    Attack(
        "a reopening kept in reserve",
        "what_is_reopened_is_open",
        reopened("held"),
        by="hotline",
        case="held",
    ),
    Attack(
        "a closing reopened twice",
        "a_closing_is_undone_once",
        reopened("held"),
        by="hotline",
        case="held",
        first=reopened("held"),
        behind=("what_is_reopened_is_open",),
    ),
    Attack(
        "a reason to reopen in the clear",
        "reopening_because_is_sealed",
        reopened("held", because="'She called.'::bytea"),
        by="hotline",
        case="held",
        behind=("what_is_reopened_is_open",),
    ),
    Attack(
        "the reason of a closing in the clear",
        "reopening_closed_because_is_sealed",
        reopened("held", closed_because="'She is home.'::bytea"),
        by="hotline",
        case="held",
        behind=("a_case_is_reopened_by_who_led_it_last",),
    ),
    Attack(
        "a case that was merged opened again",
        "a_case_that_was_merged_stays_closed",
        OPENS.replace("found = ''", "found = '', merged_into_id = NULL"),
        by="hotline",
        case="held",
        first=f"{reopened('held')}; UPDATE nowrongdoor_case SET merged_into_id = %(case)s WHERE id = %(held)s",
    ),
    Attack(
        "a case closed again at the instant of an earlier closing",
        "a_case_is_not_closed_as_before",
        f"UPDATE nowrongdoor_case SET closed_at = (SELECT closed_at FROM nowrongdoor_reopening "
        f"WHERE case_id = %(held)s), closed_by_id = %(hotline_p)s, closed_because = {SEALED} WHERE id = %(held)s",
        by="hotline",
        case="held",
        first=f"{reopened('held')}; {OPENS}",
    ),
)
ENDINGS = (
    *REOPENINGS,
    Attack(
        "a case that ends in words of one's own",
        "a_case_ends_in_a_published_way",
        ended("closed_as = 'Done', found = 'NotAVictimOfTrafficking'"),
        by="hsi",
        case="ours",
    ),
    Attack(
        "a case merged into itself",
        "a_case_that_is_merged_is_closed",
        ended("merged_into_id = id"),
        by="hsi",
        case="ours",
        behind=("a_case_is_merged_by_who_leads_both",),
    ),
    Attack(
        "a case merged into one that another agency leads",
        "a_case_is_merged_by_who_leads_both",
        ended("merged_into_id = %(case)s"),
        by="hsi",
        case="ours",
    ),
    Attack(
        "the outcome of a closed case changed",
        "how_a_case_ended_stays",
        "UPDATE nowrongdoor_case SET closed_as = 'Closed', found = 'NotAVictimOfTrafficking' WHERE id = %(held)s",
        by="hotline",
        case="held",
    ),
    Attack(
        "the same link twice",
        "two_cases_are_linked_once",
        Copy("case_link", "id = %(link)s", {"id": "gen_random_uuid()"}),
        by="hotline",
        case="ours",
    ),
    Attack(
        "a link the other way round",
        "a_case_is_linked_to_another_in_one_order",
        Copy("case_link", "id = %(link)s", {"id": "gen_random_uuid()", "case_id": "other_id", "other_id": "case_id"}),
        by="hotline",
        case="ours",
    ),
    Attack(
        "a link in a colleague's name",
        "policy: add of case_link",
        linked("ours", "held", by="hotline_3"),
        by="hotline",
        case="ours",
    ),
    Attack(
        "a link between cases in which one takes no part",
        "policy: add of case_link",
        linked("ours", "held", by="stranger", agency="idle"),
        by="stranger",
        case="ours",
    ),
)
ENDINGS_HIDDEN = (Hidden("case_link", "id = %(link)s", by="hsi", case="ours"),)
