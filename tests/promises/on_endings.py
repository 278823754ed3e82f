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


ENDINGS = (
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
