"""Attacks on the worklist: who has what on it, what is on it, and whose searches are whose."""

# ruff: noqa: S608  these statements are ours, and attacks are what they are for
from __future__ import annotations

from tests.promises.attacking import Attack, Maker, copy, end, row
from tests.promises.on_endings import OPENS, reopened

_GIVE = "UPDATE nowrongdoor_entry SET person_id = {to}, given_by_id = {by}, given_at = now() WHERE id = %({of})s"


def give(of: str, to: str, by: str) -> str:
    return _GIVE.format(of=of, to=to, by=by)


LISTS = (
    Attack(
        "an entry given to somebody of another agency",
        "an_entry_is_given_to_somebody_of_its_agency",
        give("offer", "%(fbi_p)s", "%(hsi_p)s"),
        by="hsi",
    ),
    Attack(
        "an entry given in a colleague's name",
        "an_entry_is_given_in_ones_own_name",
        give("offer", "%(hsi_p)s", "%(hsi_2_p)s"),
        by="hsi",
    ),
    Attack(
        "an entry given by the system, which signs for somebody",
        "policy: change of entry",
        give("offer", "%(hsi_p)s", "%(hsi_p)s"),
        behind=("an_entry_is_given_in_ones_own_name",),
    ),
    Attack(
        "who gave an entry changed afterwards",
        "an_entry_is_given_in_ones_own_name",
        "UPDATE nowrongdoor_entry SET given_by_id = %(hsi_2_p)s WHERE id = %(offer)s",
        first=give("offer", "%(hsi_p)s", "%(hsi_p)s"),
        by="hsi",
    ),
    Attack(
        "an entry given to somebody who was switched off",
        "an_entry_is_given_to_somebody_who_has_a_list",
        give("offer", "%(hsi_2_p)s", "%(hsi_p)s"),
        first="UPDATE nowrongdoor_user SET is_active = false WHERE id = %(hsi_2_p)s",
        by="hsi",
    ),
    Attack(
        "an entry given to somebody who has no worklist",
        "an_entry_is_given_to_somebody_who_has_a_list",
        give("offer", "%(hsi_2_p)s", "%(hsi_p)s"),
        first="UPDATE nowrongdoor_user SET role = 'inspector' WHERE id = %(hsi_2_p)s",
        by="hsi",
    ),
    Attack(
        "an entry given to somebody who is kept away from its case",
        "an_entry_is_given_to_somebody_who_has_a_list",
        give("clock", "%(hotline_2)s", "%(hotline_p)s"),
        by="hotline",
    ),
    Attack(
        "an entry that somebody has and nobody gave",
        "an_entry_is_given_by_somebody",
        "UPDATE nowrongdoor_entry SET given_by_id = %(hsi_p)s WHERE id = %(offer)s",
        by="hsi",
    ),
    Attack(
        "what one person owes alone given to a colleague",
        "what_a_person_owes_is_given_to_nobody_else",
        give("offer", "%(hsi_2_p)s", "%(hsi_p)s"),
        first="UPDATE nowrongdoor_entry SET only_for_id = %(hsi_p)s WHERE id = %(offer)s",
        by="hsi",
    ),
    Attack(
        "an entry of a kind that nobody knows",
        "an_entry_is_a_duty_or_a_lead",
        "UPDATE nowrongdoor_entry SET kind = 'rumor' WHERE id = %(offer)s",
        by="owner",
    ),
    Attack(
        "the entry of a lead that is another case's",
        "the_entry_of_a_lead_is_its_case",
        "UPDATE nowrongdoor_entry SET case_id = %(accepted)s WHERE id = %(case)s",
        by="owner",
    ),
    Attack(
        "an entry put on a list by hand",
        "privilege: INSERT of entry",
        copy("entry", "offer"),
        behind=("policy: entry",),
    ),
    Attack(
        "an entry taken off a list by hand",
        "privilege: DELETE of entry",
        "DELETE FROM nowrongdoor_entry WHERE id = %(offer)s",
        by="hsi",
        behind=("nothing was there",),
    ),
    Attack(
        "an entry moved to another agency's list",
        "privilege: UPDATE of entry",
        "UPDATE nowrongdoor_entry SET agency_id = %(fbi)s WHERE id = %(offer)s",
        by="hsi",
        behind=("policy: entry",),
    ),
    Attack("the same search saved twice", "a_search_is_saved_once", copy("saved_search", "search"), by="hotline"),
    Attack(
        "a search for nothing",
        "a_saved_search_looks_for_something",
        copy("saved_search", "search", query="''"),
        by="hotline",
    ),
    Attack(
        "a search saved in a colleague's name",
        "policy: add of saved_search",
        "INSERT INTO nowrongdoor_saved_search (id, agency_id, by_id, at, query) "
        "VALUES (gen_random_uuid(), %(hotline)s, %(hotline_3_p)s, now(), 'due=late')",
        by="hotline",
    ),
    Attack(
        "a colleague's search removed",
        "policy: remove of saved_search",
        f"DELETE FROM nowrongdoor_saved_search WHERE {row('search')}",
        by="hotline_3",
        behind=("nothing was there",),
    ),
)
_ENTRIES = "SELECT count(*) FROM nowrongdoor_entry"
_TAKEN = f"{_ENTRIES} WHERE id = %(given)s AND person_id IS NULL"
LIST_MAKERS = (
    Maker("what_is_owed_is_on_a_list", copy("duty", "notice", desk="'X'"), _ENTRIES),
    Maker(
        "what_an_agency_leads_is_on_its_list",
        copy("case", "case", reference="'ZZZZ-ZZZZ-ZZZZ'"),
        f"{_ENTRIES} WHERE kind = 'lead'",
    ),
    Maker(
        "what_is_led_again_is_on_its_list",
        f"{reopened('held')}; {OPENS}",
        f"{_ENTRIES} WHERE kind = 'lead' AND id = %(held)s",
        by="hotline",
        case="held",
    ),
    Maker(
        "a_reopening_is_told",
        "UPDATE nowrongdoor_case SET closed_at = now(), closed_by_id = %(hsi_p)s, "
        "closed_because = decode(repeat('01', 40), 'hex') WHERE id = %(accepted)s; "
        f"{reopened('accepted', by='hsi')}; {OPENS.replace('held', 'accepted')}",
        "SELECT count(*) FROM nowrongdoor_notification WHERE kind = 'case_reopened'",
        by="hsi",
        seen_by="system",
        case="accepted",
    ),
    Maker(
        "a_list_follows_what_is_owed",
        "UPDATE nowrongdoor_duty SET withdrawn_at = now() WHERE id = %(clock)s",
        "SELECT -count(*) FROM nowrongdoor_entry",
    ),
    Maker(
        "a_list_follows_the_lead",
        end("offer", "accepted", "%(hsi_p)s", "''")
        + "; UPDATE nowrongdoor_case SET lead_id = %(hsi)s, lead_handoff_id = %(offer)s, lead_since = now() "
        "WHERE id = %(case)s",
        f"{_ENTRIES} WHERE id = %(case)s AND agency_id = %(hsi)s",
        by="hsi",
    ),
    Maker(
        "a_list_follows_the_facts",
        "INSERT INTO nowrongdoor_case_facts (id, case_id, version, facts, state, district, at, by_id, why) "
        'SELECT gen_random_uuid(), id, facts_version + 1, facts || \'{"urgency": "immediate_danger"}\', state, '
        "district, now(), %(hotline_p)s, '' FROM nowrongdoor_case WHERE id = %(case)s; "
        "UPDATE nowrongdoor_case SET facts_version = facts_version + 1, "
        'facts = facts || \'{"urgency": "immediate_danger"}\' WHERE id = %(case)s',
        f"{_ENTRIES} WHERE case_id = %(case)s AND rank = 0",
        by="hotline",
    ),
    Maker(
        "whoever_leaves_has_nothing_on_a_list",
        "UPDATE nowrongdoor_user SET is_active = false WHERE id = %(whd_2_p)s",
        _TAKEN,
    ),
    Maker(
        "whoever_is_kept_away_has_it_no_longer",
        "INSERT INTO nowrongdoor_exclusion (id, case_id, agency_id, person_id, because, at, by_id) "
        "SELECT gen_random_uuid(), case_id, agency_id, person_id, decode(repeat('01', 40), 'hex'), now(), %(whd_p)s "
        "FROM nowrongdoor_entry WHERE id = %(given)s",
        _TAKEN,
        by="whd",
        case="given_case",
    ),
    Maker("who_has_it_is_heard", "UPDATE nowrongdoor_entry SET person_id = person_id WHERE id = %(offer)s", by="hsi"),
    Maker(
        "what_left_a_list_is_heard",
        "UPDATE nowrongdoor_case SET closed_at = now(), closed_by_id = %(whd_p)s, "
        "closed_because = decode(repeat('01', 40), 'hex') WHERE id = %(given_case)s",
        by="whd",
        case="given_case",
    ),
)
